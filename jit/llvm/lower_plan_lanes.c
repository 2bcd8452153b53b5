/* lower_plan_lanes.c -- a chain of recurrences as lanes of vectors: PIPELINE.
 *
 * Round t does frame t - j in lane j, so that what lane j - 1 made of that frame in the round before is there.  In the first rounds the last lanes
 * have no frame yet, in the last rounds the first lanes have none left: they compute something, and keep their state.
 *
 * A column of nodes is computed as its node in lane 0 is, on vectors instead of words. */
#include "jit/llvm/lower_plan.h"

#include <string.h>

#include <llvm-c/Core.h>

enum { MOST_POSITIONS = 256 };

struct pipeline {
    struct jr_plan_lowering *lp;
    const struct jr_stage *stage;
    unsigned width;                       /* lanes, made up to a power of two */
    LLVMValueRef state[MOST_POSITIONS];   /* per BEFORE: of all lanes */
    LLVMValueRef before[MOST_POSITIONS];  /* per position that the next lane reads: of the round before */
    LLVMValueRef last[MOST_POSITIONS];    /* per position whose last value is a variable's */
    bool is_read[MOST_POSITIONS], is_last[MOST_POSITIONS];
};

static uint32_t node_at(const struct pipeline *p, uint32_t lane, uint32_t position)
{
    return p->stage->lanes.nodes[lane * p->stage->lanes.position_count + position];
}

static uint32_t operand_at(const struct pipeline *p, uint32_t lane, uint32_t position, unsigned operand)
{
    return p->lp->graph->nodes[node_at(p, lane, position)].operands[operand];
}

static bool is_leaf(const struct pipeline *p, uint32_t node)
{
    const struct jr_node *at = &p->lp->graph->nodes[node];
    bool constant = at->kind == JR_NODE_BEFORE && p->lp->plan->variable_form[at->index] == JR_FORM_CONSTANT;
    return at->kind == JR_NODE_CONST || constant;
}

/* Whether rows have nothing that is not done here. */
static bool is_plain(struct pipeline *p)
{
    const struct jr_lanes *lanes = &p->stage->lanes;
    struct jr_plan_lowering *lp = p->lp;
    if (lanes->lane_count > lp->lanes || lanes->lane_count < 2 || lanes->position_count > MOST_POSITIONS)
        return false;
    for (uint32_t l = 0; l < lp->graph->line_count; l++)
        if (lp->plan->line_direct[l] && lp->line_stage[l] == lp->stage)
            return false;
    for (uint32_t position = 0; position < lanes->position_count; position++) {
        const struct jr_node *node = &lp->graph->nodes[node_at(p, 0, position)];
        if (node->kind == JR_NODE_READ || node->kind == JR_NODE_ELEMENT || node->kind == JR_NODE_INPUT || node->kind == JR_NODE_NOW)
            return false;
        if (node->kind == JR_NODE_BEFORE && lanes->afters[position] == JR_NONE)
            return false;
        for (unsigned k = 0; k < 3; k++) {
            const struct jr_source *source = &lanes->sources[position][k];
            if (node->kind == JR_NODE_BEFORE || node->operands[k] == JR_NONE)
                continue;
            if (source->kind == JR_SOURCE_PREVIOUS)
                p->is_read[source->position] = true;
            uint32_t outside = operand_at(p, 0, position, k);
            bool truth = jr_node_is_truth(&lp->graph->nodes[outside]);
            if (truth && source->kind != JR_SOURCE_INSIDE)
                return false;
        }
    }
    for (uint32_t s = 0; s < p->stage->store_count; s++)
        if (jr_node_is_truth(&lp->graph->nodes[p->stage->stores[s].node]))
            return false;
    return true;
}

/* ---- operands ---- */

static LLVMValueRef lane_constant(const struct pipeline *p, unsigned lane)
{
    return LLVMConstInt(p->lp->shared->i32, lane, 0);
}

/* A word from outside for the frame at `frame`, as binary64. */
static LLVMValueRef scalar_at(struct pipeline *p, uint32_t node, LLVMValueRef frame)
{
    struct jr_plan_lowering *lp = p->lp;
    LLVMValueRef outer = lp->frame;
    lp->widener->width = 1;
    lp->frame = frame;
    LLVMValueRef value = jr_plan_number(lp, node);
    lp->frame = outer;
    lp->widener->width = p->width;
    return value;
}

/* Lane j's own node, of frame t - j. */
static LLVMValueRef from_outside(struct pipeline *p, uint32_t position, unsigned operand, LLVMValueRef t)
{
    struct jr_plan_lowering *lp = p->lp;
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef vector = LLVMConstNull(jr_widen_type(lp->widener, lp->shared->f64));
    for (uint32_t lane = 0; lane < p->stage->lanes.lane_count; lane++) {
        LLVMValueRef frame = LLVMBuildSub(builder, t, jr_plan_i64(lp, lane), "");
        LLVMValueRef value = scalar_at(p, operand_at(p, lane, position, operand), frame);
        vector = LLVMBuildInsertElement(builder, vector, value, lane_constant(p, lane), "");
    }
    return vector;
}

static LLVMValueRef constants(struct pipeline *p, uint32_t position, unsigned operand)
{
    LLVMValueRef lanes[JR_WIDEST];
    for (uint32_t lane = 0; lane < p->width; lane++) {
        uint32_t row = lane < p->stage->lanes.lane_count ? lane : 0;
        lanes[lane] = jr_plan_i64(p->lp, p->lp->graph->nodes[operand_at(p, row, position, operand)].word);
    }
    return LLVMConstVector(lanes, p->width);
}

/* What the lane before made in the round before; lane 0 has its own. */
static LLVMValueRef from_lane_before(struct pipeline *p, uint32_t position, unsigned operand, uint32_t source, LLVMValueRef t)
{
    LLVMBuilderRef builder = p->lp->shared->builder;
    LLVMValueRef lanes[JR_WIDEST];
    LLVMValueRef first = scalar_at(p, operand_at(p, 0, position, operand), t);
    LLVMValueRef zero = LLVMGetPoison(LLVMTypeOf(p->before[source]));
    LLVMValueRef entry = LLVMBuildInsertElement(builder, zero, first, lane_constant(p, 0), "");
    for (unsigned lane = 0; lane < p->width; lane++)
        lanes[lane] = lane_constant(p, lane == 0 ? p->width : lane - 1);
    return LLVMBuildShuffleVector(builder, p->before[source], entry, LLVMConstVector(lanes, p->width), "");
}

static LLVMValueRef operand_value(struct pipeline *p, uint32_t position, unsigned operand, LLVMValueRef t)
{
    const struct jr_source *source = &p->stage->lanes.sources[position][operand];
    switch (source->kind) {
    case JR_SOURCE_INSIDE:
        return p->lp->values[node_at(p, 0, source->position)];
    case JR_SOURCE_PREVIOUS:
        return from_lane_before(p, position, operand, source->position, t);
    case JR_SOURCE_CONSTANT:
        return constants(p, position, operand);
    case JR_SOURCE_UNIFORM:
        if (is_leaf(p, operand_at(p, 0, position, operand)))
            return jr_plan_value(p->lp, operand_at(p, 0, position, operand));
        break;
    default:
        break;
    }
    return from_outside(p, position, operand, t);
}

/* ---- a round ---- */

static void compute_column(struct pipeline *p, uint32_t position, LLVMValueRef t)
{
    struct jr_plan_lowering *lp = p->lp;
    uint32_t index = node_at(p, 0, position);
    const struct jr_node *node = &lp->graph->nodes[index];
    LLVMValueRef values[3], kept[3];
    if (node->kind == JR_NODE_BEFORE) {
        lp->values[index] = p->state[position];
        return;
    }
    for (unsigned k = 0; k < 3; k++)
        if (node->operands[k] != JR_NONE)
            values[k] = operand_value(p, position, k, t);
    for (unsigned k = 0; k < 3; k++) /* in the place of lane 0's operands, which may be the same node twice */
        if (node->operands[k] != JR_NONE) {
            kept[k] = lp->values[node->operands[k]];
            lp->values[node->operands[k]] = values[k];
        }
    jr_plan_compute(lp, index);
    for (unsigned k = 3; k-- > 0;)
        if (node->operands[k] != JR_NONE)
            lp->values[node->operands[k]] = kept[k];
}

/* Two operands of a node that are one node in lane 0 but not of one kind could not both be in its place. */
static bool operands_agree(const struct pipeline *p)
{
    const struct jr_lanes *lanes = &p->stage->lanes;
    for (uint32_t position = 0; position < lanes->position_count; position++)
        for (unsigned a = 0; a < 3; a++)
            for (unsigned b = 0; b < a; b++) {
                const struct jr_source *x = &lanes->sources[position][a], *y = &lanes->sources[position][b];
                if (p->lp->graph->nodes[node_at(p, 0, position)].kind == JR_NODE_BEFORE || operand_at(p, 0, position, a) == JR_NONE)
                    continue;
                bool same_node = operand_at(p, 0, position, a) == operand_at(p, 0, position, b);
                if (same_node && (x->kind != y->kind || x->kind == JR_SOURCE_OUTSIDE || x->kind == JR_SOURCE_CONSTANT ||
                                  x->position != y->position))
                    return false;
            }
    return true;
}

/* Lane of a node, and its position. */
static bool find_node(const struct pipeline *p, uint32_t node, uint32_t *lane, uint32_t *position)
{
    const struct jr_lanes *lanes = &p->stage->lanes;
    for (uint32_t i = 0; i < lanes->lane_count * lanes->position_count; i++)
        if (lanes->nodes[i] == node) {
            *lane = i / lanes->position_count;
            *position = i % lanes->position_count;
            return true;
        }
    return false;
}

static LLVMValueRef made_canonical(struct jr_plan_lowering *lp, LLVMValueRef value)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef nan = LLVMConstBitCast(jr_plan_i64(lp, 0x7ff8000000000000), lp->shared->f64);
    return LLVMBuildSelect(builder, LLVMBuildFCmp(builder, LLVMRealUNO, value, value, ""), nan, value, "out");
}

/* A lane without a frame writes where the frame after the last would be: nobody reads that before it is filled up. */
static void store_lanes(struct pipeline *p, LLVMValueRef t)
{
    struct jr_plan_lowering *lp = p->lp;
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t s = 0; s < p->stage->store_count; s++) {
        const struct jr_store *store = &p->stage->stores[s];
        uint32_t lane = 0, position = 0;
        find_node(p, store->node, &lane, &position);
        LLVMValueRef vector = jr_widen_cast(lp->widener, lp->values[node_at(p, 0, position)], lp->shared->f64);
        LLVMValueRef value = LLVMBuildExtractElement(builder, vector, lane_constant(p, lane), "");
        LLVMValueRef frame = LLVMBuildSub(builder, t, jr_plan_i64(lp, lane), "");
        LLVMValueRef there = LLVMBuildICmp(builder, LLVMIntULT, frame, lp->frames, "");
        frame = LLVMBuildSelect(builder, there, frame, lp->frames, "");
        if (store->is_output)
            value = made_canonical(lp, value);
        jr_plan_store(lp, value, jr_plan_element(lp, store->is_output ? lp->outputs + store->index : store->index, frame));
    }
}

/* Rounds from .. to - 1; *phis go in and come out as what p->state, before, last are.  `masked`: some lanes have no frame. */
static void rounds(struct pipeline *p, LLVMValueRef from, LLVMValueRef to, bool masked)
{
    struct jr_plan_lowering *lp = p->lp;
    LLVMBuilderRef builder = lp->shared->builder;
    const struct jr_lanes *lanes = &p->stage->lanes;
    LLVMValueRef phis[3][MOST_POSITIONS] = { { NULL } }, *sets[] = { p->state, p->before, p->last };
    LLVMValueRef outs[3][MOST_POSITIONS] = { { NULL } };
    LLVMBasicBlockRef before = LLVMGetInsertBlock(builder), exit;
    struct jr_plan_loop loop;
    LLVMBasicBlockRef body = jr_plan_block(lp, masked ? "pipeline.ends" : "pipeline"), end = jr_plan_block(lp, "");
    LLVMMoveBasicBlockAfter(end, body);
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntSLT, from, to, ""), body, end);
    jr_plan_enter(lp, body);
    jr_plan_loop_begin(lp, &loop, from, "round");
    for (unsigned set = 0; set < 3; set++)
        for (uint32_t i = 0; i < lanes->position_count; i++)
            if (sets[set][i] != NULL)
                phis[set][i] = LLVMBuildPhi(builder, LLVMTypeOf(sets[set][i]), "");
    LLVMValueRef starts[3][MOST_POSITIONS];
    for (unsigned set = 0; set < 3; set++)
        for (uint32_t i = 0; i < lanes->position_count; i++) {
            starts[set][i] = sets[set][i];
            sets[set][i] = phis[set][i];
        }
    for (uint32_t i = 0; i < lanes->position_count; i++)
        compute_column(p, i, loop.index);
    store_lanes(p, loop.index);
    LLVMValueRef active = NULL;
    if (masked) {
        LLVMValueRef numbers[JR_WIDEST];
        for (unsigned lane = 0; lane < p->width; lane++)
            numbers[lane] = jr_plan_i64(lp, lane);
        LLVMValueRef frames = LLVMBuildSub(builder, jr_widen_splat(lp->widener, loop.index), LLVMConstVector(numbers, p->width), "");
        active = LLVMBuildICmp(builder, LLVMIntULT, frames, jr_widen_splat(lp->widener, lp->frames), "");
    }
    for (uint32_t i = 0; i < lanes->position_count; i++) {
        if (starts[0][i] != NULL)
            outs[0][i] = jr_plan_number(lp, node_at(p, 0, lanes->afters[i]));
        if (starts[1][i] != NULL)
            outs[1][i] = jr_plan_number(lp, node_at(p, 0, i));
        if (starts[2][i] != NULL)
            outs[2][i] = jr_plan_number(lp, node_at(p, 0, i));
        for (unsigned set = 0; set < 3; set += 2)
            if (masked && outs[set][i] != NULL)
                outs[set][i] = LLVMBuildSelect(builder, active, outs[set][i], phis[set][i], "");
    }
    LLVMBasicBlockRef last = LLVMGetInsertBlock(builder);
    jr_plan_loop_end(lp, &loop, 1, to);
    exit = loop.exit;
    LLVMBuildBr(builder, end);
    LLVMMoveBasicBlockAfter(end, exit);
    jr_plan_enter(lp, end);
    for (unsigned set = 0; set < 3; set++)
        for (uint32_t i = 0; i < lanes->position_count; i++) {
            if (phis[set][i] == NULL)
                continue;
            LLVMValueRef values[] = { starts[set][i], outs[set][i] };
            LLVMBasicBlockRef edges[] = { body, last }, ends[] = { before, exit };
            LLVMAddIncoming(phis[set][i], values, edges, 2);
            sets[set][i] = LLVMBuildPhi(builder, LLVMTypeOf(phis[set][i]), "");
            LLVMAddIncoming(sets[set][i], values, ends, 2);
        }
}

/* ---- the stage ---- */

/* Variables whose last value the stage has, but that none of its rounds reads. */
static bool find_last(struct pipeline *p)
{
    struct jr_plan_lowering *lp = p->lp;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) {
        uint32_t lane, position;
        if (lp->plan->variable_form[v] != JR_FORM_LAST || lp->plan->variable_array[v] != JR_NONE ||
            lp->plan->variable_stage[v] != lp->stage)
            continue;
        if (!find_node(p, lp->graph->variables[v].after, &lane, &position) ||
            jr_node_is_truth(&lp->graph->nodes[node_at(p, 0, position)]))
            return false;
        p->is_last[position] = true;
    }
    for (uint32_t v = 0; v < lp->graph->variable_count; v++)
        if (lp->plan->variable_form[v] == JR_FORM_CARRIED && lp->plan->variable_stage[v] == lp->stage) {
            uint32_t lane, position;
            if (!find_node(p, lp->graph->variables[v].before, &lane, &position))
                return false;
        }
    for (uint32_t s = 0; s < p->stage->store_count; s++) {
        uint32_t lane, position;
        if (!find_node(p, p->stage->stores[s].node, &lane, &position))
            return false;
    }
    return true;
}

static void begin_state(struct pipeline *p)
{
    struct jr_plan_lowering *lp = p->lp;
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef zero = LLVMConstNull(jr_widen_type(lp->widener, lp->shared->f64));
    for (uint32_t position = 0; position < p->stage->lanes.position_count; position++) {
        p->before[position] = p->is_read[position] ? zero : NULL;
        p->last[position] = p->is_last[position] ? zero : NULL;
        p->state[position] = NULL;
        if (lp->graph->nodes[node_at(p, 0, position)].kind != JR_NODE_BEFORE)
            continue;
        p->state[position] = zero;
        for (uint32_t lane = 0; lane < p->stage->lanes.lane_count; lane++) {
            LLVMValueRef slot = lp->variables[lp->graph->nodes[node_at(p, lane, position)].index];
            LLVMValueRef number = LLVMBuildLoad2(builder, lp->shared->f64, slot, "");
            p->state[position] = LLVMBuildInsertElement(builder, p->state[position], number, lane_constant(p, lane), "");
        }
    }
}

static void end_state(struct pipeline *p)
{
    struct jr_plan_lowering *lp = p->lp;
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) {
        bool is_carried = lp->plan->variable_form[v] == JR_FORM_CARRIED;
        bool is_last = lp->plan->variable_form[v] == JR_FORM_LAST && lp->plan->variable_array[v] == JR_NONE;
        uint32_t lane = 0, position = 0;
        if (!(is_carried || is_last) || lp->plan->variable_stage[v] != lp->stage)
            continue;
        find_node(p, is_carried ? lp->graph->variables[v].before : lp->graph->variables[v].after, &lane, &position);
        LLVMValueRef vector = is_carried ? p->state[position] : p->last[position];
        LLVMBuildStore(builder, LLVMBuildExtractElement(builder, vector, lane_constant(p, lane), ""), lp->variables[v]);
    }
}

bool jr_plan_pipeline_stage(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    struct pipeline p = { .lp = lp, .stage = stage, .width = 2 };
    if (!is_plain(&p) || !operands_agree(&p) || !find_last(&p))
        return false;
    while (p.width < stage->lanes.lane_count)
        p.width *= 2;
    lp->widener->width = p.width;
    begin_state(&p);
    LLVMValueRef fill = jr_plan_i64(lp, stage->lanes.lane_count - 1), end = LLVMBuildAdd(builder, lp->frames, fill, "");
    LLVMValueRef is_short = LLVMBuildICmp(builder, LLVMIntULT, lp->frames, fill, "");
    rounds(&p, jr_plan_i64(lp, 0), fill, true);
    rounds(&p, fill, lp->frames, false);
    rounds(&p, LLVMBuildSelect(builder, is_short, fill, lp->frames, ""), end, true);
    end_state(&p);
    if (stage->store_count > 0)
        jr_plan_fill_up(lp, stage);
    return true;
}
