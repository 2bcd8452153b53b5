/* lower_plan_phase.c -- recurrences whose way is known in advance.
 *
 * PHASE  x' = (x + step) mod m.  With x in [0, m) and step in [0, m] the sum is below 2 m, and its remainder is itself or, exactly, m less.
 *        Many of them are lanes of vectors: compare and subtract, results transposed to lie by frames.  Few go one by one: some additions
 *        in a row without looking, and if the last sum is below m then all are, since they only grow; else once more with looking.
 * RANDOM x' = (x a + c) mod 2^k over integers: frames side by side, each the same multiple and addend away from the one some frames before.
 *
 * What does not keep within these bounds goes frame by frame like any sequence; whether it does is asked once a chunk. */
#include "jit/llvm/lower_plan.h"

#include <math.h>
#include <string.h>

#include <llvm-c/Core.h>

enum { BEFORE_COLUMN, SUM_COLUMN, RESULT_COLUMN, FEW_LANES = 4, MOST_LANES = 512 };

static uint32_t column(const struct jr_stage *stage, uint32_t lane, uint32_t position)
{
    return stage->lanes.nodes[lane * stage->lanes.position_count + position];
}

static const struct jr_node *node_of(const struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t lane,
                                     uint32_t position)
{
    return &lp->graph->nodes[column(stage, lane, position)];
}

static bool constant_number(const struct jr_plan_lowering *lp, uint32_t node, double *number)
{
    if (lp->graph->nodes[node].kind != JR_NODE_CONST)
        return false;
    memcpy(number, &lp->graph->nodes[node].word, sizeof *number);
    return true;
}

static uint32_t step_of(const struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t lane)
{
    return node_of(lp, stage, lane, SUM_COLUMN)->operands[stage->step_operand];
}

/* The result of a lane goes into an array, nothing else of it leaves, and nothing is written to an output or a line. */
static bool only_results_leave(const struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    uint32_t last = stage->lanes.position_count - 1;
    for (uint32_t lane = 0; lane < stage->lanes.lane_count; lane++) {
        if (lp->plan->node_array[column(stage, lane, last)] == JR_NONE)
            return false;
        for (uint32_t s = 0; s < stage->store_count; s++)
            for (uint32_t position = 0; position < last; position++)
                if (stage->stores[s].node == column(stage, lane, position))
                    return false;
        for (uint32_t l = 0; l < lp->graph->line_count; l++)
            if (lp->plan->line_direct[l] && lp->line_stage[l] == lp->stage)
                return false;
    }
    for (uint32_t s = 0; s < stage->store_count; s++)
        if (stage->stores[s].is_output)
            return false;
    return true;
}

/* ---- small things ---- */

static LLVMValueRef number_constant(const struct jr_plan_lowering *lp, double number)
{
    return LLVMConstReal(lp->shared->f64, number);
}

static LLVMValueRef carried(struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t lane)
{
    LLVMValueRef slot = lp->variables[node_of(lp, stage, lane, BEFORE_COLUMN)->index];
    return LLVMBuildLoad2(lp->shared->builder, lp->shared->f64, slot, "carried");
}

/* Where arrays hold the words of a result: there may be several. */
static void store_result(struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t lane, LLVMValueRef value,
                         LLVMValueRef frame)
{
    uint32_t node = column(stage, lane, stage->lanes.position_count - 1);
    for (uint32_t s = 0; s < stage->store_count; s++)
        if (stage->stores[s].node == node)
            jr_plan_store(lp, value, jr_plan_element(lp, stage->stores[s].index, frame));
}

/* Each variable's value is that of the chunk's last frame. */
static void carry_on(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef last = LLVMBuildSub(builder, lp->frames, jr_plan_i64(lp, 1), "");
    for (uint32_t lane = 0; lane < stage->lanes.lane_count; lane++) {
        uint32_t array = lp->plan->node_array[column(stage, lane, stage->lanes.position_count - 1)];
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, jr_plan_element(lp, array, last), "");
        LLVMBuildStore(builder, word, lp->variables[node_of(lp, stage, lane, BEFORE_COLUMN)->index]);
    }
}

/* ---- phases ---- */

/* Whether the stage has constant divisors and steps that can be in bounds. */
static bool phases_are_plain(const struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    for (uint32_t lane = 0; lane < stage->lanes.lane_count; lane++) {
        double m, step;
        if (!constant_number(lp, node_of(lp, stage, lane, RESULT_COLUMN)->operands[1], &m) || !(m > 0x1p-500 && m < 0x1p500))
            return false;
        if (constant_number(lp, step_of(lp, stage, lane), &step) && !(step >= 0.0 && step <= m))
            return false;
    }
    return stage->lanes.position_count == RESULT_COLUMN + 1;
}

/* Row i, column j becomes row j, column i; as many rows as lanes. */
static void transpose(const struct jr_plan_lowering *lp, LLVMValueRef *rows)
{
    LLVMBuilderRef builder = lp->shared->builder;
    unsigned width = lp->widener->width;
    for (unsigned d = 1; d < width; d *= 2)
        for (unsigned i = 0; i < width; i++) {
            LLVMValueRef low[JR_WIDEST], high[JR_WIDEST];
            if (i & d)
                continue;
            for (unsigned j = 0; j < width; j++) {
                low[j] = LLVMConstInt(lp->shared->i32, j & d ? width + j - d : j, 0);
                high[j] = LLVMConstInt(lp->shared->i32, j & d ? width + j : j + d, 0);
            }
            LLVMValueRef a = rows[i], b = rows[i + d];
            rows[i] = LLVMBuildShuffleVector(builder, a, b, LLVMConstVector(low, width), "");
            rows[i + d] = LLVMBuildShuffleVector(builder, a, b, LLVMConstVector(high, width), "");
        }
}

/* One group: lanes first .. first + count - 1, count at most a vector. */
struct group {
    uint32_t first, count;
    LLVMValueRef moduli, steps; /* steps NULL: they vary */
    LLVMValueRef start, state;  /* state: phi */
};

static LLVMValueRef vector_of(const struct jr_plan_lowering *lp, const LLVMValueRef *lanes, bool constant)
{
    if (constant)
        return LLVMConstVector((LLVMValueRef *)lanes, lp->widener->width);
    LLVMValueRef vector = LLVMGetPoison(jr_widen_type(lp->widener, lp->shared->f64));
    for (unsigned i = 0; i < lp->widener->width; i++)
        vector = LLVMBuildInsertElement(lp->shared->builder, vector, lanes[i], LLVMConstInt(lp->shared->i32, i, 0), "");
    return vector;
}

/* Lanes that are not there stand still at 0. */
static void begin_group(struct jr_plan_lowering *lp, const struct jr_stage *stage, struct group *group)
{
    LLVMValueRef moduli[JR_WIDEST], steps[JR_WIDEST], start[JR_WIDEST];
    bool constant = true;
    for (uint32_t i = 0; i < lp->widener->width; i++) {
        double m = 1.0, step = 0.0;
        start[i] = number_constant(lp, 0.0);
        if (i < group->count) {
            constant_number(lp, node_of(lp, stage, group->first + i, RESULT_COLUMN)->operands[1], &m);
            constant &= constant_number(lp, step_of(lp, stage, group->first + i), &step);
            start[i] = carried(lp, stage, group->first + i);
        }
        moduli[i] = number_constant(lp, m);
        steps[i] = number_constant(lp, step);
    }
    group->moduli = vector_of(lp, moduli, true);
    group->steps = constant ? vector_of(lp, steps, true) : NULL;
    group->start = vector_of(lp, start, false);
}

/* !(low <= value && value < high), or with `closed` value <= high */
static LLVMValueRef is_outside(struct jr_plan_lowering *lp, LLVMValueRef value, LLVMValueRef high, bool closed)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(value));
    LLVMValueRef below = LLVMBuildFCmp(builder, LLVMRealULT, value, zero, "");
    LLVMValueRef above = LLVMBuildFCmp(builder, closed ? LLVMRealUGT : LLVMRealUGE, value, high, "");
    return LLVMBuildOr(builder, below, above, "");
}

/* The steps of `width` frames from lp->frame on, as a vector of lanes each. */
static void load_steps(struct jr_plan_lowering *lp, const struct jr_stage *stage, const struct group *group, LLVMValueRef *rows)
{
    for (uint32_t i = 0; i < lp->widener->width; i++)
        rows[i] = i < group->count ? jr_plan_number(lp, step_of(lp, stage, group->first + i))
                                   : LLVMConstNull(jr_widen_type(lp->widener, lp->shared->f64));
    transpose(lp, rows);
}

/* x + step, less m if that is not below m */
static LLVMValueRef advance(struct jr_plan_lowering *lp, LLVMValueRef x, LLVMValueRef step, LLVMValueRef m, bool step_first)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef sum = step_first ? LLVMBuildFAdd(builder, step, x, "") : LLVMBuildFAdd(builder, x, step, "");
    LLVMValueRef less = LLVMBuildFSub(builder, sum, m, "");
    return LLVMBuildSelect(builder, LLVMBuildFCmp(builder, LLVMRealOGE, sum, m, ""), less, sum, "");
}

/* Gives a wide i1 of what kept out of bounds; the results are in arrays. */
static LLVMValueRef phases_in_lanes(struct jr_plan_lowering *lp, const struct jr_stage *stage, struct group *group)
{
    LLVMBuilderRef builder = lp->shared->builder;
    unsigned width = lp->widener->width;
    struct jr_plan_loop loop;
    begin_group(lp, stage, group);
    LLVMValueRef outside = is_outside(lp, group->start, group->moduli, false);
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "phase");
    lp->frame = loop.index;
    LLVMValueRef state = LLVMBuildPhi(builder, LLVMTypeOf(group->start), "phase");
    LLVMValueRef so_far = LLVMBuildPhi(builder, LLVMTypeOf(outside), "outside");
    LLVMValueRef steps[JR_WIDEST], rows[JR_WIDEST], x = state, bad = so_far;
    if (group->steps == NULL)
        load_steps(lp, stage, group, steps);
    for (unsigned i = 0; i < width; i++) {
        LLVMValueRef step = group->steps != NULL ? group->steps : steps[i];
        if (group->steps == NULL)
            bad = LLVMBuildOr(builder, bad, is_outside(lp, step, group->moduli, true), "");
        rows[i] = x = advance(lp, x, step, group->moduli, stage->step_operand == 0);
    }
    transpose(lp, rows);
    for (uint32_t i = 0; i < group->count; i++)
        store_result(lp, stage, group->first + i, rows[i], loop.index);
    LLVMBasicBlockRef last = LLVMGetInsertBlock(builder);
    jr_plan_loop_end(lp, &loop, width, lp->frames);
    LLVMValueRef states[] = { group->start, x }, outsides[] = { outside, bad };
    LLVMBasicBlockRef blocks[] = { loop.before, last };
    LLVMAddIncoming(state, states, blocks, 2);
    LLVMAddIncoming(so_far, outsides, blocks, 2);
    return bad;
}

/* Eight frames of one phase, without and with looking. */
static LLVMValueRef phase_alone(struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t lane)
{
    enum { FRAMES = JR_PLAN_VECTOR_FRAMES };
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMTypeRef f64 = lp->shared->f64;
    LLVMValueRef steps[FRAMES], start = carried(lp, stage, lane), values[2], x;
    LLVMBasicBlockRef blocks[2];
    double m, constant;
    bool first = stage->step_operand == 0;
    constant_number(lp, node_of(lp, stage, lane, RESULT_COLUMN)->operands[1], &m);
    bool is_constant = constant_number(lp, step_of(lp, stage, lane), &constant);
    LLVMValueRef modulus = number_constant(lp, m), outside = is_outside(lp, start, modulus, false);
    struct jr_plan_loop loop;
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "phase");
    LLVMValueRef state = LLVMBuildPhi(builder, f64, "phase"), so_far = LLVMBuildPhi(builder, lp->shared->i1, "outside");
    LLVMValueRef bad = so_far;
    for (unsigned i = 0; i < FRAMES; i++) {
        lp->frame = LLVMBuildAdd(builder, loop.index, jr_plan_i64(lp, i), "");
        steps[i] = is_constant ? number_constant(lp, constant) : jr_plan_number(lp, step_of(lp, stage, lane));
        if (!is_constant)
            bad = LLVMBuildOr(builder, bad, is_outside(lp, steps[i], modulus, true), "");
    }
    LLVMBasicBlockRef next = jr_plan_block(lp, ""), wraps = jr_plan_block(lp, "phase.wraps"), plain = jr_plan_block(lp, "phase.plain");
    LLVMValueRef sums[FRAMES];
    x = state;
    for (unsigned i = 0; i < FRAMES; i++)
        sums[i] = x = first ? LLVMBuildFAdd(builder, steps[i], x, "") : LLVMBuildFAdd(builder, x, steps[i], "");
    LLVMBuildCondBr(builder, LLVMBuildFCmp(builder, LLVMRealOLT, x, modulus, ""), plain, wraps);
    jr_plan_enter(lp, plain);
    for (unsigned i = 0; i < FRAMES; i++)
        store_result(lp, stage, lane, sums[i], LLVMBuildAdd(builder, loop.index, jr_plan_i64(lp, i), ""));
    values[0] = x;
    blocks[0] = plain;
    LLVMBuildBr(builder, next);
    jr_plan_enter(lp, wraps);
    x = state;
    for (unsigned i = 0; i < FRAMES; i++) {
        x = advance(lp, x, steps[i], modulus, first);
        store_result(lp, stage, lane, x, LLVMBuildAdd(builder, loop.index, jr_plan_i64(lp, i), ""));
    }
    values[1] = x;
    blocks[1] = wraps;
    LLVMBuildBr(builder, next);
    jr_plan_enter(lp, next);
    LLVMValueRef end = LLVMBuildPhi(builder, f64, "");
    LLVMAddIncoming(end, values, blocks, 2);
    jr_plan_loop_end(lp, &loop, FRAMES, lp->frames);
    LLVMValueRef states[] = { start, end }, outsides[] = { outside, bad };
    LLVMBasicBlockRef edges[] = { loop.before, next };
    LLVMAddIncoming(state, states, edges, 2);
    LLVMAddIncoming(so_far, outsides, edges, 2);
    return bad;
}

static LLVMValueRef phases(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    uint32_t count = stage->lanes.lane_count;
    LLVMValueRef outside = LLVMConstNull(lp->shared->i1);
    if (count < FEW_LANES) {
        lp->widener->width = 1;
        for (uint32_t lane = 0; lane < count; lane++)
            outside = LLVMBuildOr(builder, outside, phase_alone(lp, stage, lane), "");
        return outside;
    }
    lp->widener->width = lp->lanes;
    for (uint32_t first = 0; first < count; first += lp->lanes) {
        struct group group = { .first = first, .count = count - first < lp->lanes ? count - first : lp->lanes };
        outside = LLVMBuildOr(builder, outside, jr_widen_any(lp->widener, phases_in_lanes(lp, stage, &group)), "");
    }
    return outside;
}

/* ---- random numbers ---- */

static bool is_power_of_two(double m)
{
    int exponent;
    return m >= 2.0 && m <= 0x1p53 && frexp(m, &exponent) == 0.5;
}

/* factor^n and the addend that n steps make, modulo 2^64, of which 2^k is a divisor. */
static void after_steps(const struct jr_stage *stage, unsigned n, uint64_t *factor, uint64_t *addend)
{
    *factor = 1;
    *addend = 0;
    for (unsigned i = 0; i < n; i++) {
        *factor *= (uint64_t)(int64_t)stage->factor;
        *addend = *addend * (uint64_t)(int64_t)stage->factor + (uint64_t)(int64_t)stage->addend;
    }
}

static LLVMValueRef random_lane(struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t lane)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMTypeRef i64 = lp->shared->i64;
    unsigned width = lp->widener->width;
    LLVMValueRef factors[JR_WIDEST], addends[JR_WIDEST];
    uint64_t factor = 1, addend = 0;
    for (unsigned i = 0; i < width; i++) {
        after_steps(stage, i + 1, &factor, &addend);
        factors[i] = jr_plan_i64(lp, factor);
        addends[i] = jr_plan_i64(lp, addend);
    }
    LLVMValueRef mask = jr_widen_constant(lp->widener, jr_plan_i64(lp, (uint64_t)stage->modulus - 1));
    LLVMValueRef far = jr_widen_constant(lp->widener, jr_plan_i64(lp, factor));
    LLVMValueRef more = jr_widen_constant(lp->widener, jr_plan_i64(lp, addend));
    LLVMValueRef start = carried(lp, stage, lane);
    LLVMValueRef outside = is_outside(lp, start, number_constant(lp, stage->modulus), false);
    LLVMValueRef whole = LLVMBuildFPToSI(builder, LLVMBuildSelect(builder, outside, number_constant(lp, 0.0), start, ""), i64, "");
    LLVMValueRef back = LLVMBuildBitCast(builder, LLVMBuildSIToFP(builder, whole, lp->shared->f64, ""), i64, "");
    LLVMValueRef differs = LLVMBuildICmp(builder, LLVMIntNE, back, LLVMBuildBitCast(builder, start, i64, ""), "");
    outside = LLVMBuildOr(builder, outside, differs, "");
    LLVMValueRef first = LLVMBuildMul(builder, jr_widen_splat(lp->widener, whole), LLVMConstVector(factors, width), "");
    first = LLVMBuildAnd(builder, LLVMBuildAdd(builder, first, LLVMConstVector(addends, width), ""), mask, "");
    struct jr_plan_loop loop;
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "random");
    LLVMValueRef state = LLVMBuildPhi(builder, LLVMTypeOf(first), "random");
    LLVMValueRef numbers = LLVMBuildSIToFP(builder, state, jr_widen_type(lp->widener, lp->shared->f64), "");
    store_result(lp, stage, lane, numbers, loop.index);
    LLVMValueRef next = LLVMBuildAdd(builder, LLVMBuildMul(builder, state, far, ""), more, "");
    next = LLVMBuildAnd(builder, next, mask, "");
    LLVMBasicBlockRef last = LLVMGetInsertBlock(builder);
    jr_plan_loop_end(lp, &loop, width, lp->frames);
    LLVMValueRef states[] = { first, next };
    LLVMBasicBlockRef blocks[] = { loop.before, last };
    LLVMAddIncoming(state, states, blocks, 2);
    return outside;
}

static LLVMValueRef random_numbers(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMValueRef outside = LLVMConstNull(lp->shared->i1);
    lp->widener->width = lp->lanes;
    for (uint32_t lane = 0; lane < stage->lanes.lane_count; lane++)
        outside = LLVMBuildOr(lp->shared->builder, outside, random_lane(lp, stage, lane), "");
    return outside;
}

/* ---- the stage ---- */

bool jr_plan_phase_stage(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    bool random = stage->kind == JR_STAGE_RANDOM;
    if (stage->lanes.lane_count > MOST_LANES || !only_results_leave(lp, stage) ||
        !(random ? is_power_of_two(stage->modulus) : phases_are_plain(lp, stage)))
        return false;
    LLVMValueRef outside = random ? random_numbers(lp, stage) : phases(lp, stage);
    LLVMBasicBlockRef general = LLVMAppendBasicBlockInContext(lp->shared->context, lp->code, "general");
    LLVMBasicBlockRef end = jr_plan_block(lp, ""), usual = jr_plan_block(lp, "");
    jr_plan_branch_rare(lp, outside, general, usual);
    jr_plan_enter(lp, usual);
    carry_on(lp, stage);
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, general);
    jr_plan_sequence(lp, stage);
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, end);
    return true;
}
