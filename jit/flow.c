/* flow.c -- blocks, reachability and liveness of bytecode, by the usual backward fixpoint over register sets. */
#include "jit/flow.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/assert.h"

enum { SET_BUDGET_WORDS = 8u << 20 }; /* 64 MiB of register sets */

uint32_t jr_flow_target(uint32_t pc, const struct jr_instr *in)
{
    return pc + in->length + in->x; /* the offset is signed; unsigned arithmetic wraps as it should */
}

static bool is_jump(enum jr_op op)
{
    return jr_op_infos[op].x == JR_OPERAND_J;
}

static bool ends_block(enum jr_op op)
{
    return (jr_op_infos[op].effects & (JR_EFFECT_JUMPS | JR_EFFECT_EXITS)) != 0;
}

/* Marks in block_of each pc where a block begins (with 0, numbers come later). */
static void mark_leaders(struct jr_flow *flow)
{
    const struct jr_function *function = flow->function;
    memset(flow->block_of, 0xff, function->code_count * sizeof flow->block_of[0]);
    flow->block_of[0] = 0;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (is_jump(in.op)) {
            flow->block_of[jr_flow_target(pc, &in)] = 0;
        } else if (in.op == JR_OP_SWITCH_I64) {
            const struct jr_jump_table *table = &function->tables[in.x];
            for (uint32_t i = 0; i < table->target_count; i++)
                flow->block_of[table->targets[i]] = 0;
            flow->block_of[table->fallback] = 0;
        }
        pc += in.length;
        if (ends_block(in.op) && pc < function->code_count)
            flow->block_of[pc] = 0;
    }
}

static enum jr_status make_blocks(struct jr_flow *flow, uint32_t entry_pc)
{
    const struct jr_function *function = flow->function;
    flow->block_of = jr_alloc_array(flow->alloc, function->code_count, sizeof flow->block_of[0]);
    if (flow->block_of == NULL)
        return JR_ERR_NO_MEMORY;
    mark_leaders(flow);
    flow->block_of[entry_pc] = 0;
    for (uint32_t pc = 0; pc < function->code_count; pc++)
        if (flow->block_of[pc] != JR_NONE)
            flow->block_of[pc] = flow->block_count++;
    flow->blocks = jr_alloc_array(flow->alloc, flow->block_count, sizeof flow->blocks[0]);
    if (flow->blocks == NULL)
        return JR_ERR_NO_MEMORY;
    struct jr_flow_block *block = NULL;
    for (uint32_t pc = 0; pc < function->code_count;) {
        if (flow->block_of[pc] != JR_NONE) {
            if (block != NULL)
                block->end = pc;
            block = &flow->blocks[flow->block_of[pc]];
            block->start = pc;
        }
        block->last = pc;
        pc += jr_op_length((enum jr_op)function->code[pc].i.op);
    }
    block->end = function->code_count;
    return JR_OK;
}

static enum jr_status add_edge(struct jr_flow *flow, struct jr_flow_block *from, uint32_t target_pc)
{
    if (flow->edge_count == flow->edge_capacity) {
        size_t capacity = flow->edge_capacity == 0 ? 64 : flow->edge_capacity * 2;
        uint32_t *edges = jr_alloc_resize(flow->alloc, flow->edges, flow->edge_capacity * sizeof edges[0],
                                          capacity * sizeof edges[0]);
        if (edges == NULL)
            return JR_ERR_NO_MEMORY;
        flow->edges = edges;
        flow->edge_capacity = capacity;
    }
    flow->edges[flow->edge_count++] = jr_flow_block_at(flow, target_pc);
    from->edge_count++;
    return JR_OK;
}

static enum jr_status make_edges(struct jr_flow *flow)
{
    const struct jr_function *function = flow->function;
    enum jr_status status = JR_OK;
    for (uint32_t b = 0; b < flow->block_count; b++) {
        struct jr_flow_block *block = &flow->blocks[b];
        struct jr_instr in = jr_decode(&function->code[block->last]);
        block->first_edge = flow->edge_count;
        if (is_jump(in.op)) {
            JR_TRY(add_edge(flow, block, jr_flow_target(block->last, &in)));
        } else if (in.op == JR_OP_SWITCH_I64) {
            const struct jr_jump_table *table = &function->tables[in.x];
            for (uint32_t i = 0; i < table->target_count; i++)
                JR_TRY(add_edge(flow, block, table->targets[i]));
            JR_TRY(add_edge(flow, block, table->fallback));
        }
        if (!(jr_op_infos[in.op].effects & JR_EFFECT_EXITS))
            JR_TRY(add_edge(flow, block, block->end));
    }
done:
    return status;
}

/* Reachability by a work list that lies in `order`; loop headers on the way. */
static enum jr_status reach(struct jr_flow *flow, uint32_t entry_pc)
{
    uint32_t *work = jr_alloc_array(flow->alloc, flow->block_count, sizeof work[0]);
    if (work == NULL)
        return JR_ERR_NO_MEMORY;
    uint32_t count = 0;
    work[count++] = jr_flow_block_at(flow, entry_pc);
    flow->blocks[work[0]].reached = true;
    while (count > 0) {
        const struct jr_flow_block *block = &flow->blocks[work[--count]];
        for (uint32_t i = 0; i < block->edge_count; i++) {
            struct jr_flow_block *next = &flow->blocks[flow->edges[block->first_edge + i]];
            if (next->start <= block->last)
                next->loop_header = true;
            if (!next->reached) {
                next->reached = true;
                work[count++] = (uint32_t)(next - flow->blocks);
            }
        }
    }
    jr_alloc_free(flow->alloc, work, flow->block_count * sizeof work[0]);
    return JR_OK;
}

static void set_range(uint64_t *set, uint32_t first, uint32_t count, bool value)
{
    for (uint32_t reg = first; reg < first + count; reg++) {
        if (value)
            set[reg / 64] |= (uint64_t)1 << (reg % 64);
        else
            set[reg / 64] &= ~((uint64_t)1 << (reg % 64));
    }
}

/* `live` after the instruction becomes `live` before it. */
static void step_back(const struct jr_flow *flow, uint32_t pc, uint64_t *live)
{
    const struct jr_function *function = flow->function;
    struct jr_instr in = jr_decode(&function->code[pc]);
    struct jr_instr_regs regs;
    jr_instr_registers(flow->module, function, &in, &regs);
    for (uint32_t i = 0; i < regs.write_count; i++)
        set_range(live, regs.writes[i].first, regs.writes[i].count, false);
    for (uint32_t i = 0; i < regs.read_count; i++)
        set_range(live, regs.reads[i].first, regs.reads[i].count, true);
    uint32_t owned_count;
    const struct jr_owned *owned = jr_function_owned(function, pc, &owned_count);
    for (uint32_t i = 0; i < owned_count; i++)
        set_range(live, owned[i].reg, jr_flow_owned_words(flow->module, &owned[i]), true);
}

static void live_out(const struct jr_flow *flow, const struct jr_flow_block *block, uint64_t *set)
{
    memset(set, 0, flow->set_words * sizeof set[0]);
    for (uint32_t i = 0; i < block->edge_count; i++) {
        const uint64_t *next = jr_flow_live(flow, flow->edges[block->first_edge + i]);
        for (uint32_t w = 0; w < flow->set_words; w++)
            set[w] |= next[w];
    }
}

uint32_t jr_flow_owned_words(const struct jr_module *module, const struct jr_owned *owned)
{
    return owned->type.kind == JR_WORD_SUM ? module->sums[owned->type.arg].word_count : 1;
}

/* Instructions have one or two words, so going backwards needs their starts. */
static enum jr_status block_starts(const struct jr_flow *flow, uint32_t **out, size_t *capacity)
{
    uint32_t longest = 1;
    for (uint32_t b = 0; b < flow->block_count; b++) {
        uint32_t length = flow->blocks[b].end - flow->blocks[b].start;
        if (length > longest)
            longest = length;
    }
    *capacity = longest;
    *out = jr_alloc_array(flow->alloc, longest, sizeof **out);
    return *out == NULL ? JR_ERR_NO_MEMORY : JR_OK;
}

static uint32_t list_starts(const struct jr_flow *flow, const struct jr_flow_block *block, uint32_t *starts)
{
    uint32_t count = 0;
    for (uint32_t pc = block->start; pc < block->end;) {
        starts[count++] = pc;
        pc += jr_op_length((enum jr_op)flow->function->code[pc].i.op);
    }
    return count;
}

static enum jr_status solve(struct jr_flow *flow)
{
    enum jr_status status = JR_OK;
    uint32_t *starts = NULL;
    size_t starts_capacity = 0;
    uint64_t *set = jr_alloc_array(flow->alloc, flow->set_words, sizeof set[0]);
    JR_TRY(set == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(block_starts(flow, &starts, &starts_capacity));
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t b = flow->block_count; b-- > 0;) {
            const struct jr_flow_block *block = &flow->blocks[b];
            if (!block->reached)
                continue;
            live_out(flow, block, set);
            for (uint32_t i = list_starts(flow, block, starts); i-- > 0;)
                step_back(flow, starts[i], set);
            uint64_t *live = &flow->live[(size_t)b * flow->set_words];
            if (memcmp(live, set, flow->set_words * sizeof set[0]) != 0) {
                memcpy(live, set, flow->set_words * sizeof set[0]);
                changed = true;
            }
        }
    }
done:
    jr_alloc_free(flow->alloc, starts, starts_capacity * sizeof starts[0]);
    jr_alloc_free(flow->alloc, set, flow->set_words * sizeof set[0]);
    return status;
}

enum jr_status jr_flow_init(struct jr_flow *flow, const struct jr_alloc *alloc, const struct jr_module *module,
                            const struct jr_function *function, uint32_t entry_pc)
{
    enum jr_status status;
    *flow = (struct jr_flow){ .alloc = alloc, .module = module, .function = function };
    JR_TRY(make_blocks(flow, entry_pc));
    JR_TRY(make_edges(flow));
    JR_TRY(reach(flow, entry_pc));
    flow->set_words = function->reg_count / 64 + 1;
    JR_TRY((uint64_t)flow->set_words * flow->block_count > SET_BUDGET_WORDS ? JR_ERR_LIMIT : JR_OK);
    flow->live = jr_alloc_array(alloc, (size_t)flow->set_words * flow->block_count, sizeof flow->live[0]);
    JR_TRY(flow->live == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(solve(flow));
done:
    if (status != JR_OK)
        jr_flow_fini(flow);
    return status;
}

void jr_flow_fini(struct jr_flow *flow)
{
    const struct jr_alloc *alloc = flow->alloc;
    if (alloc == NULL)
        return;
    jr_alloc_free(alloc, flow->blocks, flow->block_count * sizeof flow->blocks[0]);
    jr_alloc_free(alloc, flow->edges, flow->edge_capacity * sizeof flow->edges[0]);
    if (flow->block_of != NULL)
        jr_alloc_free(alloc, flow->block_of, flow->function->code_count * sizeof flow->block_of[0]);
    jr_alloc_free(alloc, flow->live, (size_t)flow->set_words * flow->block_count * sizeof flow->live[0]);
    *flow = (struct jr_flow){ 0 };
}

uint32_t jr_flow_block_at(const struct jr_flow *flow, uint32_t pc)
{
    JR_ASSERT(pc < flow->function->code_count && flow->block_of[pc] != JR_NONE, "a block begins here");
    return flow->block_of[pc];
}

const uint64_t *jr_flow_live(const struct jr_flow *flow, uint32_t block)
{
    return &flow->live[(size_t)block * flow->set_words];
}

enum jr_status jr_flow_live_at(const struct jr_flow *flow, uint32_t block, uint32_t pc, uint64_t *set)
{
    uint32_t *starts;
    size_t starts_capacity;
    enum jr_status status = block_starts(flow, &starts, &starts_capacity);
    if (status != JR_OK)
        return status;
    live_out(flow, &flow->blocks[block], set);
    for (uint32_t i = list_starts(flow, &flow->blocks[block], starts); i-- > 0 && starts[i] >= pc;)
        step_back(flow, starts[i], set);
    jr_alloc_free(flow->alloc, starts, starts_capacity * sizeof starts[0]);
    return JR_OK;
}
