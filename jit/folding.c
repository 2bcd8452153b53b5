/* folding.c -- forward analysis of constants that could be folded away. */
#include "jit/folding.h"

#include <string.h>

#include "ir/base/alloc.h"

enum { SET_BUDGET_WORDS = 8u << 20 };

struct fact {
    bool known;    /* the optimiser may know the value */
    bool identity; /* and it may be 1.0, -1.0, 0.0 or -0.0 */
};

static uint64_t *identity_set(const struct jr_folding *folding, uint64_t *sets)
{
    return sets + folding->flow->set_words;
}

static struct fact get(const struct jr_folding *folding, uint32_t reg)
{
    return (struct fact){ jr_set_has(folding->now, reg), jr_set_has(identity_set(folding, folding->now), reg) };
}

static void put_bit(uint64_t *set, uint32_t reg, bool value)
{
    uint64_t bit = (uint64_t)1 << (reg % 64);
    set[reg / 64] = value ? set[reg / 64] | bit : set[reg / 64] & ~bit;
}

static void put(struct jr_folding *folding, uint32_t reg, struct fact fact)
{
    put_bit(folding->now, reg, fact.known);
    put_bit(identity_set(folding, folding->now), reg, fact.identity);
}

/* Constant words count by their pattern, whatever they are used for: 0 is 0.0. */
static bool is_identity(uint64_t word)
{
    const uint64_t sign = (uint64_t)1 << 63, one = (uint64_t)0x3ff << 52;
    return (word & ~sign) == 0 || (word & ~sign) == one;
}

static struct fact constant_fact(const struct jr_folding *folding, const struct jr_instr *in)
{
    bool identity;
    if (in->op == JR_OP_CONST)
        identity = is_identity(folding->flow->function->constants[in->x]);
    else if (in->op == JR_OP_CONST_I32)
        identity = in->x == 0;
    else
        identity = (in->x & 0x7fffffff) == 0 || (in->x & 0x7fffffff) == 0x3f800000;
    return (struct fact){ .known = true, .identity = identity };
}

/* `count` registers move from `from` to `to`; the ranges may overlap. */
static void move_facts(struct jr_folding *folding, uint32_t to, uint32_t from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t k = to <= from ? i : count - 1 - i;
        put(folding, to + k, get(folding, from + k));
    }
}

static bool is_truth(enum jr_op op)
{
    return (op >= JR_OP_EQ_F64 && op <= JR_OP_BOOL_F64) || (op >= JR_OP_EQ_I64 && op <= JR_OP_GE_I64) ||
           op == JR_OP_BOOL_I64;
}

/* Loads and stores that an optimiser sees through: everything else goes by way of runtime functions. */
static bool reads_memory(enum jr_op op)
{
    switch (op) {
    case JR_OP_STATE_GET:
    case JR_OP_STATE_GET_N:
    case JR_OP_GLOBAL_GET:
    case JR_OP_GLOBAL_GET_N:
    case JR_OP_CELL_GET:
    case JR_OP_CELL_GET_N:
    case JR_OP_MEM:
    case JR_OP_DELAY:
    case JR_OP_ARRAY_GET:
        return true;
    default:
        return false;
    }
}

static bool stores_identity(const struct jr_folding *folding, const struct jr_instr *in, const struct jr_instr_regs *regs)
{
    switch (in->op) {
    case JR_OP_STATE_SET:
    case JR_OP_STATE_SET_N:
    case JR_OP_GLOBAL_SET:
    case JR_OP_GLOBAL_SET_N:
    case JR_OP_CELL_SET:
    case JR_OP_CELL_SET_N:
    case JR_OP_MEM:
    case JR_OP_DELAY:
        for (uint32_t i = 0; i < regs->read_count; i++)
            for (uint32_t k = 0; k < regs->reads[i].count; k++)
                if (get(folding, regs->reads[i].first + k).identity)
                    return true;
        return false;
    default:
        return false;
    }
}

void jr_folding_step(struct jr_folding *folding, const struct jr_instr *in)
{
    const struct jr_flow *flow = folding->flow;
    if (in->op == JR_OP_CONST || in->op == JR_OP_CONST_I32 || in->op == JR_OP_CONST_F32) {
        put(folding, in->a, constant_fact(folding, in));
        return;
    }
    if (in->op == JR_OP_MOVE || in->op == JR_OP_MOVE_N || in->op == JR_OP_BORROW) {
        move_facts(folding, in->a, in->b, in->op == JR_OP_MOVE ? 1 : in->c);
        return;
    }
    struct jr_instr_regs regs;
    jr_instr_registers(flow->module, flow->function, in, &regs);
    if (in->op == JR_OP_COPY_N) {
        move_facts(folding, in->a, in->b, regs.reads[0].count);
        return;
    }
    folding->memory |= stores_identity(folding, in, &regs);
    struct fact fact = { false, false };
    if (folding->open && in->op == JR_OP_CALL) {
        fact = (struct fact){ true, true };
    } else if (reads_memory(in->op)) {
        fact = (struct fact){ folding->memory, folding->memory };
    } else if (jr_op_infos[in->op].effects == JR_EFFECT_NONE || jr_op_infos[in->op].effects == JR_EFFECT_FAILS) {
        fact.known = true;
        for (uint32_t i = 0; i < regs.read_count; i++)
            fact.known &= get(folding, regs.reads[i].first).known;
        fact.known &= regs.read_count > 0;
        fact.identity = fact.known || is_truth(in->op);
    }
    for (uint32_t i = 0; i < regs.write_count; i++)
        for (uint32_t k = 0; k < regs.writes[i].count; k++)
            put(folding, regs.writes[i].first + k, fact);
}

void jr_folding_enter(struct jr_folding *folding, uint32_t block)
{
    size_t words = 2 * (size_t)folding->flow->set_words;
    memcpy(folding->now, &folding->at_start[block * words], words * sizeof folding->now[0]);
}

bool jr_folding_is_identity(const struct jr_folding *folding, uint32_t reg)
{
    return get(folding, reg).identity;
}

static bool meet(uint64_t *into, const uint64_t *from, size_t words)
{
    uint64_t changed = 0;
    for (size_t w = 0; w < words; w++) {
        changed |= from[w] & ~into[w];
        into[w] |= from[w];
    }
    return changed != 0;
}

static void solve(struct jr_folding *folding)
{
    const struct jr_flow *flow = folding->flow;
    size_t words = 2 * (size_t)flow->set_words;
    for (bool changed = true; changed;) {
        bool memory = folding->memory;
        changed = false;
        for (uint32_t b = 0; b < flow->block_count; b++) {
            const struct jr_flow_block *block = &flow->blocks[b];
            if (!block->reached)
                continue;
            jr_folding_enter(folding, b);
            for (uint32_t pc = block->start; pc < block->end;) {
                struct jr_instr in = jr_decode(&flow->function->code[pc]);
                jr_folding_step(folding, &in);
                pc += in.length;
            }
            for (uint32_t i = 0; i < block->edge_count; i++)
                changed |= meet(&folding->at_start[flow->edges[block->first_edge + i] * words], folding->now, words);
        }
        changed |= memory != folding->memory;
    }
}

enum jr_status jr_folding_init(struct jr_folding *folding, const struct jr_flow *flow, bool open)
{
    size_t words = 2 * (size_t)flow->set_words;
    *folding = (struct jr_folding){ .flow = flow, .open = open, .memory = open };
    if (words * flow->block_count > SET_BUDGET_WORDS)
        return JR_ERR_LIMIT;
    folding->at_start = jr_alloc_array(flow->alloc, words * flow->block_count, sizeof folding->at_start[0]);
    folding->now = jr_alloc_array(flow->alloc, words, sizeof folding->now[0]);
    if (folding->at_start == NULL || folding->now == NULL) {
        jr_folding_fini(folding);
        return JR_ERR_NO_MEMORY;
    }
    for (uint32_t reg = 0; open && reg < flow->function->param_words; reg++) {
        put_bit(folding->at_start, reg, true); /* of block 0: code for a loop begins elsewhere and is never inlined */
        put_bit(identity_set(folding, folding->at_start), reg, true);
    }
    solve(folding);
    return JR_OK;
}

void jr_folding_fini(struct jr_folding *folding)
{
    if (folding->flow == NULL)
        return;
    size_t words = 2 * (size_t)folding->flow->set_words;
    const struct jr_alloc *alloc = folding->flow->alloc;
    jr_alloc_free(alloc, folding->at_start, words * folding->flow->block_count * sizeof folding->at_start[0]);
    jr_alloc_free(alloc, folding->now, words * sizeof folding->now[0]);
    *folding = (struct jr_folding){ 0 };
}
