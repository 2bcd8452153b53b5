/* lower_plan_stage.c -- the loop of a stage.
 *
 * VECTOR and ROLLED go over the chunk vector by vector, the others frame by frame, each row of lanes after the other within a frame. */
#include "jit/llvm/lower_plan.h"

#include <string.h>

#include <llvm-c/Core.h>

#include "ir/base/assert.h"

/* ---- what leaves ---- */

/* Values are words in arrays, truths 0 or 1; outputs have their NaNs made C's. */
static LLVMValueRef outgoing(struct jr_plan_lowering *lp, const struct jr_store *store)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef value = jr_plan_value(lp, store->node);
    if (jr_node_is_truth(&lp->graph->nodes[store->node]))
        return LLVMBuildZExt(builder, value, jr_widen_type(lp->widener, lp->shared->i64), "");
    if (!store->is_output)
        return jr_widen_cast(lp->widener, value, lp->shared->i64);
    LLVMValueRef bits = jr_plan_i64(lp, 0x7ff8000000000000);
    LLVMValueRef nan = jr_widen_constant(lp->widener, LLVMConstBitCast(bits, lp->shared->f64));
    value = jr_widen_cast(lp->widener, value, lp->shared->f64);
    return LLVMBuildSelect(builder, LLVMBuildFCmp(builder, LLVMRealUNO, value, value, ""), nan, value, "out");
}

static uint32_t array_of(const struct jr_plan_lowering *lp, const struct jr_store *store)
{
    return store->is_output ? lp->outputs + store->index : store->index;
}

static void store(struct jr_plan_lowering *lp, const struct jr_store *store)
{
    jr_plan_store(lp, outgoing(lp, store), jr_plan_element(lp, array_of(lp, store), lp->frame));
}

/* Into arrays: what is known without computing anything, before BEFORE of it is read. */
static void store_leaves(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    for (uint32_t s = 0; s < stage->store_count; s++)
        if (!stage->stores[s].is_output && lp->plan->node_stage[stage->stores[s].node] == JR_NONE)
            store(lp, &stage->stores[s]);
}

static void store_node(struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t node)
{
    for (uint32_t s = 0; s < stage->store_count; s++)
        if (stage->stores[s].node == node && !stage->stores[s].is_output)
            store(lp, &stage->stores[s]);
}

static void store_outputs(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    for (uint32_t s = 0; s < stage->store_count; s++)
        if (stage->stores[s].is_output)
            store(lp, &stage->stores[s]);
}

/* Lines whose input the stage computes and that need no array. */
static void feed_lines(struct jr_plan_lowering *lp, uint32_t stage)
{
    for (uint32_t l = 0; l < lp->graph->line_count; l++)
        if (lp->plan->line_direct[l] && lp->line_stage[l] == stage)
            jr_plan_feed_direct(lp, l, jr_plan_value(lp, lp->graph->lines[l].input));
}

/* ---- frame by frame ---- */

static void carry_variables(struct jr_plan_lowering *lp, uint32_t stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) {
        enum jr_variable_form form = lp->plan->variable_form[v];
        bool here = form == JR_FORM_CARRIED || (form == JR_FORM_LAST && lp->plan->variable_array[v] == JR_NONE);
        if (here && lp->plan->variable_stage[v] == stage) {
            lp->words[v] = jr_widen_cast(lp->widener, jr_plan_value(lp, lp->graph->variables[v].after), lp->shared->i64);
            continue;
        }
        lp->words[v] = NULL;
    }
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) /* AFTER of one may be BEFORE of another */
        if (lp->words[v] != NULL)
            LLVMBuildStore(builder, lp->words[v], lp->variables[v]);
}

/* Frames up to the next whole vector are like the last one. */
void jr_plan_fill_up(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef last = LLVMBuildSub(builder, lp->frames, jr_plan_i64(lp, 1), "");
    LLVMValueRef part = LLVMBuildAnd(builder, lp->frames, jr_plan_i64(lp, JR_PLAN_VECTOR_FRAMES - 1), "");
    LLVMBasicBlockRef fill = jr_plan_block(lp, "fill.up"), end = jr_plan_block(lp, "");
    LLVMMoveBasicBlockAfter(end, fill);
    jr_plan_branch_rare(lp, LLVMBuildICmp(builder, LLVMIntNE, part, jr_plan_i64(lp, 0), ""), fill, end);
    jr_plan_enter(lp, fill);
    for (uint32_t s = 0; s < stage->store_count; s++) {
        if (stage->stores[s].is_output)
            continue;
        uint32_t array = array_of(lp, &stage->stores[s]);
        lp->widener->width = lp->lanes;
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, jr_plan_element(lp, array, last), "");
        LLVMValueRef wide = jr_widen_splat(lp->widener, word);
        for (uint32_t i = 0; i < JR_PLAN_VECTOR_FRAMES; i += lp->lanes) {
            LLVMValueRef at = LLVMBuildAdd(builder, lp->frames, jr_plan_i64(lp, i), "");
            jr_plan_store(lp, wide, jr_plan_element(lp, array, at));
        }
    }
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, end);
}

static void begin(struct jr_plan_lowering *lp, unsigned width)
{
    lp->widener->width = width;
    memset(lp->values, 0, lp->graph->node_count * sizeof lp->values[0]);
}

void jr_plan_sequence(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    struct jr_plan_loop loop;
    begin(lp, 1);
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "sequence");
    lp->frame = loop.index;
    store_leaves(lp, stage);
    for (uint32_t i = 0; i < jr_stage_node_count(stage); i++) {
        jr_plan_compute(lp, jr_stage_node(stage, i));
        store_node(lp, stage, jr_stage_node(stage, i));
    }
    store_outputs(lp, stage);
    feed_lines(lp, lp->stage);
    carry_variables(lp, lp->stage);
    jr_plan_loop_end(lp, &loop, 1, lp->frames);
    if (stage->store_count > 0)
        jr_plan_fill_up(lp, stage);
}

/* ---- vectors of frames ---- */

/* Whether the stage gives the variable the value that frames after read as BEFORE.  Reading that from the array that has just been written would wait
 * for the store, as a vector that begins one element earlier is in no single one. */
static bool is_delayed_here(const struct jr_plan_lowering *lp, const struct jr_stage *stage, uint32_t variable)
{
    uint32_t after = lp->graph->variables[variable].after;
    if (lp->plan->variable_form[variable] != JR_FORM_DELAYED || lp->lanes == 1)
        return false;
    if (lp->plan->node_stage[after] != JR_NONE)
        return lp->plan->node_stage[after] == lp->stage;
    for (uint32_t s = 0; s < stage->store_count; s++)
        if (stage->stores[s].node == after && !stage->stores[s].is_output)
            return true;
    return false;
}

static void begin_previous(struct jr_plan_lowering *lp, const struct jr_stage *stage, LLVMValueRef *first)
{
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) {
        first[v] = NULL;
        if (!is_delayed_here(lp, stage, v))
            continue;
        LLVMValueRef number = LLVMBuildLoad2(builder, lp->shared->f64, lp->variables[v], "");
        first[v] = jr_widen_splat(lp->widener, number);
    }
}

static void vectors(struct jr_plan_lowering *lp, const struct jr_stage *stage)
{
    LLVMBuilderRef builder = lp->shared->builder;
    struct jr_plan_loop loop;
    begin(lp, lp->lanes);
    begin_previous(lp, stage, lp->words);
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "vector");
    lp->frame = loop.index;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++)
        lp->previous[v] = lp->words[v] != NULL ? LLVMBuildPhi(builder, LLVMTypeOf(lp->words[v]), "previous") : NULL;
    store_leaves(lp, stage);
    for (uint32_t i = 0; i < jr_stage_node_count(stage); i++) {
        jr_plan_compute(lp, jr_stage_node(stage, i));
        store_node(lp, stage, jr_stage_node(stage, i));
    }
    store_outputs(lp, stage);
    feed_lines(lp, lp->stage);
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) {
        if (lp->previous[v] == NULL)
            continue;
        LLVMValueRef values[] = { lp->words[v], jr_plan_number(lp, lp->graph->variables[v].after) };
        LLVMBasicBlockRef blocks[] = { loop.before, LLVMGetInsertBlock(builder) };
        LLVMAddIncoming(lp->previous[v], values, blocks, 2);
        lp->previous[v] = NULL;
    }
    jr_plan_loop_end(lp, &loop, lp->lanes, lp->frames);
}

void jr_plan_stage(struct jr_plan_lowering *lp, uint32_t index)
{
    const struct jr_stage *stage = &lp->plan->stages[index];
    lp->stage = index;
    begin(lp, 1);
    if (jr_stage_node_count(stage) > 0)
        jr_plan_at(lp, jr_stage_node(stage, 0));
    if (stage->kind == JR_STAGE_VECTOR || stage->kind == JR_STAGE_ROLLED)
        vectors(lp, stage);
    else if (stage->kind == JR_STAGE_PIPELINE && jr_plan_pipeline_stage(lp, stage))
        return;
    else if ((stage->kind != JR_STAGE_PHASE && stage->kind != JR_STAGE_RANDOM) || !jr_plan_phase_stage(lp, stage))
        jr_plan_sequence(lp, stage);
    jr_plan_at(lp, JR_NONE);
}
