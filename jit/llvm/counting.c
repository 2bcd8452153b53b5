/* counting.c -- finds copies and releases that cancel out. */
#include "jit/llvm/counting.h"

#include <stdlib.h>

enum { MOST_STEPS = 400 }; /* instructions looked at for one copy: large blocks take linear time */

struct search {
    struct jr_counting *counting;
    const struct jr_flow *flow;
    bool boxes_are_constant;
    bool *written; /* per register: some instruction of the function writes it */
};

static bool overlaps(const struct jr_reg_range *range, uint32_t first, uint32_t count)
{
    return range->first < first + count && first < range->first + range->count;
}

static bool owns(const struct jr_flow *flow, uint32_t pc, uint32_t reg)
{
    uint32_t count;
    const struct jr_owned *owned = jr_function_owned(flow->function, pc, &count);
    for (uint32_t i = 0; i < count; i++)
        if (reg >= owned[i].reg && reg < owned[i].reg + jr_flow_owned_words(flow->module, &owned[i]))
            return true;
    return false;
}

static const struct jr_borrowed *pair_around(const struct jr_counting *counting, uint32_t pc, uint32_t reg)
{
    for (uint32_t i = counting->count; i-- > 0;) {
        const struct jr_borrowed *pair = &counting->pairs[i];
        if (pair->from < pc && pc < pair->to && reg >= pair->reg && reg < pair->reg + pair->words)
            return pair;
    }
    return NULL;
}

/* What a copying instruction copies: registers it writes, and the register that keeps the original. */
struct copy {
    uint32_t reg, words, layout, source, source_words;
};

static bool is_copy(const struct search *search, const struct jr_instr *in, struct copy *out)
{
    const struct jr_module *module = search->flow->module;
    *out = (struct copy){ .reg = in->a, .source = in->b, .source_words = 1 };
    switch (in->op) {
    case JR_OP_COPY:
        out->words = 1, out->layout = JR_NONE;
        return true;
    case JR_OP_COPY_N:
        out->layout = in->x;
        out->words = out->source_words = module->layouts[in->x].word_count;
        break;
    case JR_OP_BOX_GET:
        out->layout = in->x;
        out->words = module->layouts[in->x].word_count;
        if (!search->boxes_are_constant)
            return false;
        break;
    case JR_OP_SUM_GET:
        out->layout = module->sums[in->x].variant_layouts[in->y];
        out->words = module->layouts[out->layout].word_count;
        out->source_words = module->sums[in->x].word_count;
        break;
    default:
        return false;
    }
    /* Results may lie where the operand was. */
    bool apart = in->a + out->words <= in->b || in->b + out->source_words <= in->a;
    return apart && module->layouts[out->layout].has_refs;
}

static bool is_release(const struct jr_instr *in, const struct copy *copy)
{
    if (in->a != copy->reg)
        return false;
    return copy->layout == JR_NONE ? in->op == JR_OP_RELEASE : in->op == JR_OP_RELEASE_N && in->x == copy->layout;
}

/* Whether the instruction takes the value in [reg, reg + words) away or writes over it. */
static bool disturbs(const struct search *search, const struct jr_instr *in, uint32_t reg, uint32_t words)
{
    struct jr_instr_regs regs;
    jr_instr_registers(search->flow->module, search->flow->function, in, &regs);
    for (uint32_t i = 0; i < regs.write_count; i++)
        if (overlaps(&regs.writes[i], reg, words))
            return true;
    for (uint32_t i = 0; i < regs.read_count; i++)
        if (regs.reads[i].consumes && overlaps(&regs.reads[i], reg, words))
            return true;
    return false;
}

/* The release that ends the copy made at `pc`, with nothing in between that takes the copy or its original away; JR_NONE if there is none. */
static uint32_t find_release(const struct search *search, const struct jr_flow_block *block, uint32_t pc,
                             const struct copy *copy, uint32_t latest)
{
    const struct jr_function *function = search->flow->function;
    struct jr_instr in = jr_decode(&function->code[pc]);
    uint32_t steps = 0;
    for (pc += in.length; pc < block->end && pc < latest && steps < MOST_STEPS; pc += in.length, steps++) {
        in = jr_decode(&function->code[pc]);
        if (is_release(&in, copy))
            return pc;
        if (disturbs(search, &in, copy->reg, copy->words) || disturbs(search, &in, copy->source, copy->source_words))
            return JR_NONE;
    }
    return JR_NONE;
}

/* Until where the source keeps its value alive, as far as this block knows; 0: not at all. */
static uint32_t kept_until(const struct search *search, const struct jr_flow_block *block, uint32_t pc,
                           const struct copy *copy)
{
    const struct jr_borrowed *outer = pair_around(search->counting, pc, copy->source);
    if (outer != NULL)
        return outer->to;
    if (owns(search->flow, pc, copy->source))
        return block->end;
    bool parameter = copy->source < search->flow->function->param_words;
    for (uint32_t i = 0; parameter && i < copy->source_words; i++)
        parameter = !search->written[copy->source + i];
    return parameter ? block->end : 0;
}

static void set_bit(struct jr_counting *counting, uint32_t pc)
{
    counting->ends[pc / 64] |= (uint64_t)1 << (pc % 64);
}

static void add_pair(struct search *search, struct jr_borrowed pair)
{
    struct jr_counting *counting = search->counting;
    if (counting->count == counting->capacity) {
        counting->capacity = counting->capacity == 0 ? 8 : counting->capacity * 2;
        counting->pairs = realloc(counting->pairs, counting->capacity * sizeof counting->pairs[0]);
        if (counting->pairs == NULL)
            abort();
    }
    if (counting->ends == NULL)
        counting->ends = calloc(search->flow->function->code_count / 64 + 1, sizeof counting->ends[0]);
    if (counting->ends == NULL)
        abort();
    counting->pairs[counting->count++] = pair;
    set_bit(counting, pair.from);
    set_bit(counting, pair.to);
}

static void search_block(struct search *search, const struct jr_flow_block *block)
{
    const struct jr_function *function = search->flow->function;
    struct copy copy;
    for (uint32_t pc = block->start; pc < block->end;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        uint32_t latest = is_copy(search, &in, &copy) ? kept_until(search, block, pc, &copy) : 0;
        uint32_t to = latest > pc ? find_release(search, block, pc, &copy, latest) : JR_NONE;
        if (to != JR_NONE)
            add_pair(search, (struct jr_borrowed){ .from = pc, .to = to, .reg = copy.reg, .words = copy.words,
                                                   .layout = copy.layout });
        pc += in.length;
    }
}

static void find_written(struct search *search)
{
    const struct jr_function *function = search->flow->function;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        struct jr_instr_regs regs;
        jr_instr_registers(search->flow->module, function, &in, &regs);
        for (uint32_t i = 0; i < regs.write_count; i++)
            for (uint32_t k = 0; k < regs.writes[i].count; k++)
                search->written[regs.writes[i].first + k] = true;
        pc += in.length;
    }
}

bool jr_counting_has_box_set(const struct jr_module *module)
{
    for (uint32_t f = 0; f < module->function_count; f++) {
        const struct jr_function *function = &module->functions[f];
        for (uint32_t pc = 0; pc < function->code_count; pc += jr_op_length((enum jr_op)function->code[pc].i.op))
            if (function->code[pc].i.op == JR_OP_BOX_SET)
                return true;
    }
    return false;
}

void jr_counting_init(struct jr_counting *counting, const struct jr_flow *flow, bool boxes_are_constant)
{
    struct search search = { .counting = counting, .flow = flow, .boxes_are_constant = boxes_are_constant };
    *counting = (struct jr_counting){ .pairs = NULL };
    search.written = calloc((size_t)flow->function->reg_count + 1, sizeof search.written[0]);
    if (search.written == NULL)
        abort();
    find_written(&search);
    for (uint32_t b = 0; b < flow->block_count; b++)
        if (flow->blocks[b].reached)
            search_block(&search, &flow->blocks[b]);
    free(search.written);
}

void jr_counting_fini(struct jr_counting *counting)
{
    free(counting->pairs);
    free(counting->ends);
    *counting = (struct jr_counting){ .pairs = NULL };
}

bool jr_counting_is_borrowed(const struct jr_counting *counting, uint32_t pc)
{
    return counting->ends != NULL && (counting->ends[pc / 64] >> (pc % 64) & 1) != 0;
}

const struct jr_borrowed *jr_counting_at(const struct jr_counting *counting, uint32_t pc, uint32_t reg)
{
    return pair_around(counting, pc, reg);
}
