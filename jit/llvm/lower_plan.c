/* lower_plan.c -- the function around the stages of a plan.
 *
 *   entry        variables and write indices from state
 *   chunk        n = min(chunk, frames left, what the budget covers); 0 -> finish
 *   ...          inputs into arrays, the stages, outputs from arrays, rings, fuel
 *   finish       variables and write indices back
 *
 * Nobody else looks at state while a block runs, and nothing in it can fail, so all of this is stored once, at the end. */
#include "jit/llvm/lower_plan.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>

#include "ir/base/assert.h"
#include "runtime/task.h"

/* A vector that begins at the last element of an array may be stored whole. */
enum { SLACK = JR_PLAN_VECTOR_FRAMES };

/* ---- small things ---- */

LLVMValueRef jr_plan_i64(const struct jr_plan_lowering *lp, uint64_t value)
{
    return LLVMConstInt(lp->shared->i64, value, 0);
}

LLVMValueRef jr_plan_word_at(const struct jr_plan_lowering *lp, LLVMValueRef base, LLVMValueRef index)
{
    return LLVMBuildGEP2(lp->shared->builder, lp->shared->i64, base, &index, 1, ""); /* also where an address is made and not used */
}

LLVMValueRef jr_plan_bytes_at(const struct jr_plan_lowering *lp, LLVMValueRef base, uint64_t offset)
{
    LLVMValueRef at = jr_plan_i64(lp, offset);
    return LLVMBuildInBoundsGEP2(lp->shared->builder, LLVMInt8TypeInContext(lp->shared->context), base, &at, 1, "");
}

LLVMValueRef jr_plan_array(const struct jr_plan_lowering *lp, uint32_t array)
{
    return jr_plan_word_at(lp, lp->arrays, jr_plan_i64(lp, (uint64_t)array * lp->stride + JR_PLAN_MARGIN));
}

LLVMValueRef jr_plan_element(const struct jr_plan_lowering *lp, uint32_t array, LLVMValueRef index)
{
    return jr_plan_word_at(lp, jr_plan_array(lp, array), index);
}

LLVMValueRef jr_plan_load(const struct jr_plan_lowering *lp, LLVMTypeRef type, LLVMValueRef address)
{
    LLVMValueRef load = LLVMBuildLoad2(lp->shared->builder, jr_widen_type(lp->widener, type), address, "");
    LLVMSetAlignment(load, 8);
    return load;
}

void jr_plan_store(const struct jr_plan_lowering *lp, LLVMValueRef value, LLVMValueRef address)
{
    LLVMSetAlignment(LLVMBuildStore(lp->shared->builder, value, address), 8);
}

LLVMBasicBlockRef jr_plan_block(const struct jr_plan_lowering *lp, const char *name)
{
    LLVMBasicBlockRef block = LLVMAppendBasicBlockInContext(lp->shared->context, lp->code, name);
    LLVMMoveBasicBlockAfter(block, LLVMGetInsertBlock(lp->shared->builder));
    return block;
}

void jr_plan_enter(const struct jr_plan_lowering *lp, LLVMBasicBlockRef block)
{
    LLVMPositionBuilderAtEnd(lp->shared->builder, block);
}

void jr_plan_branch_rare(const struct jr_plan_lowering *lp, LLVMValueRef condition, LLVMBasicBlockRef rare,
                         LLVMBasicBlockRef usual)
{
    LLVMValueRef branch = LLVMBuildCondBr(lp->shared->builder, condition, rare, usual);
    LLVMSetMetadata(branch, lp->shared->weights_kind, lp->shared->unlikely);
}

void jr_plan_loop_begin(const struct jr_plan_lowering *lp, struct jr_plan_loop *loop, LLVMValueRef from, const char *name)
{
    LLVMBuilderRef builder = lp->shared->builder;
    loop->before = LLVMGetInsertBlock(builder);
    loop->head = jr_plan_block(lp, name);
    LLVMBuildBr(builder, loop->head);
    jr_plan_enter(lp, loop->head);
    loop->index = LLVMBuildPhi(builder, lp->shared->i64, "i");
    LLVMAddIncoming(loop->index, &from, &loop->before, 1);
}

void jr_plan_loop_end(const struct jr_plan_lowering *lp, struct jr_plan_loop *loop, uint64_t step, LLVMValueRef end)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef next = LLVMBuildAdd(builder, loop->index, jr_plan_i64(lp, step), "");
    LLVMBasicBlockRef last = LLVMGetInsertBlock(builder);
    loop->exit = jr_plan_block(lp, "");
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntULT, next, end, ""), loop->head, loop->exit);
    LLVMAddIncoming(loop->index, &next, &last, 1);
    jr_plan_enter(lp, loop->exit);
}

static LLVMValueRef load_field(const struct jr_plan_lowering *lp, LLVMTypeRef type, LLVMValueRef base, size_t offset,
                               const char *name)
{
    return LLVMBuildLoad2(lp->shared->builder, type, jr_plan_bytes_at(lp, base, offset), name);
}

static void store_field(const struct jr_plan_lowering *lp, LLVMValueRef value, LLVMValueRef base, size_t offset)
{
    LLVMBuildStore(lp->shared->builder, value, jr_plan_bytes_at(lp, base, offset));
}

/* ---- what lives from block to block ---- */

static LLVMValueRef variable_address(const struct jr_plan_lowering *lp, const struct jr_variable *variable)
{
    LLVMBuilderRef builder = lp->shared->builder;
    switch (variable->place) {
    case JR_VARIABLE_GLOBAL: {
        LLVMValueRef globals = load_field(lp, lp->shared->ptr, lp->task, offsetof(struct jr_task, globals), "globals");
        return jr_plan_word_at(lp, globals, jr_plan_i64(lp, variable->offset));
    }
    case JR_VARIABLE_CELL:
        return LLVMBuildIntToPtr(builder, jr_lower_known_address(lp->shared, lp->target->llvm, lp->residual,
                                                                (uint64_t)(uintptr_t)variable->address), lp->shared->ptr, "");
    case JR_VARIABLE_STATE:
        break;
    }
    return jr_plan_word_at(lp, lp->state, jr_plan_i64(lp, variable->offset));
}

static void load_variables(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++) {
        LLVMValueRef address = variable_address(lp, &lp->graph->variables[v]);
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, address, "variable");
        lp->variables[v] = word;
        if (lp->plan->variable_form[v] == JR_FORM_CONSTANT)
            continue;
        lp->variables[v] = LLVMBuildAlloca(builder, lp->shared->i64, "variable.slot");
        LLVMBuildStore(builder, word, lp->variables[v]);
    }
}

static void store_variables(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++)
        if (lp->plan->variable_form[v] != JR_FORM_CONSTANT) {
            LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, lp->variables[v], "");
            LLVMBuildStore(builder, word, variable_address(lp, &lp->graph->variables[v]));
        }
}

static LLVMValueRef write_index_of(const struct jr_plan_lowering *lp, const struct jr_line *line)
{
    return jr_plan_word_at(lp, lp->state, jr_plan_i64(lp, (uint64_t)line->offset + 1));
}

/* Gives whether any line is out of step with its group; NULL if none can be. */
static LLVMValueRef load_groups(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef out_of_step = NULL;
    for (uint32_t g = 0; g < lp->graph->group_count; g++) {
        lp->groups[g] = LLVMBuildAlloca(builder, lp->shared->i64, "write.index");
        LLVMValueRef first = LLVMBuildLoad2(builder, lp->shared->i64,
                                            write_index_of(lp, &lp->graph->lines[lp->graph->groups[g].first]), "");
        LLVMBuildStore(builder, first, lp->groups[g]);
        for (uint32_t l = 0; l < lp->graph->line_count; l++) {
            const struct jr_line *line = &lp->graph->lines[l];
            if (line->group != g || l == lp->graph->groups[g].first)
                continue;
            LLVMValueRef index = LLVMBuildLoad2(builder, lp->shared->i64, write_index_of(lp, line), "");
            LLVMValueRef differs = LLVMBuildICmp(builder, LLVMIntNE, first, index, "");
            out_of_step = out_of_step != NULL ? LLVMBuildOr(builder, out_of_step, differs, "") : differs;
        }
    }
    return out_of_step;
}

static void store_groups(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t l = 0; l < lp->graph->line_count; l++) {
        const struct jr_line *line = &lp->graph->lines[l];
        LLVMBuildStore(builder, LLVMBuildLoad2(builder, lp->shared->i64, lp->groups[line->group], ""), write_index_of(lp, line));
    }
}

/* ---- inputs and outputs ---- */

/* The caller's buffers, as of one block. */
struct buffers {
    LLVMValueRef in, out, in_step, out_step;
};

static LLVMValueRef sample_at(const struct jr_plan_lowering *lp, LLVMValueRef base, LLVMValueRef step, LLVMValueRef number,
                              uint32_t channel)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef at = LLVMBuildAdd(builder, LLVMBuildMul(builder, number, step, ""), jr_plan_i64(lp, channel), "");
    return jr_plan_word_at(lp, base, at);
}

static bool is_used(const struct jr_plan_lowering *lp, uint32_t channel)
{
    for (uint32_t i = 0; i < lp->graph->node_count; i++)
        if (lp->graph->nodes[i].kind == JR_NODE_INPUT && lp->graph->nodes[i].index == channel)
            return true;
    return false;
}

/* Every channel into its array, with frames beyond the chunk like its last one. */
static void load_inputs(struct jr_plan_lowering *lp, const struct buffers *buffers, LLVMValueRef done)
{
    LLVMBuilderRef builder = lp->shared->builder;
    bool any = false;
    for (uint32_t c = 0; c < lp->graph->input_count; c++)
        any |= is_used(lp, c);
    if (!any)
        return;
    struct jr_plan_loop loop;
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "inputs");
    LLVMValueRef number = LLVMBuildAdd(builder, done, loop.index, "");
    for (uint32_t c = 0; c < lp->graph->input_count; c++) {
        if (!is_used(lp, c))
            continue;
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, sample_at(lp, buffers->in, buffers->in_step, number, c), "");
        LLVMBuildStore(builder, word, jr_plan_element(lp, lp->inputs + c, loop.index));
    }
    jr_plan_loop_end(lp, &loop, 1, lp->frames);
    lp->widener->width = lp->lanes;
    for (uint32_t c = 0; c < lp->graph->input_count; c++) {
        if (!is_used(lp, c))
            continue;
        LLVMValueRef last = LLVMBuildSub(builder, lp->frames, jr_plan_i64(lp, 1), "");
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, jr_plan_element(lp, lp->inputs + c, last), "");
        LLVMValueRef wide = jr_widen_splat(lp->widener, word);
        for (uint32_t i = 0; i < JR_PLAN_VECTOR_FRAMES; i += lp->lanes) {
            LLVMValueRef at = LLVMBuildAdd(builder, lp->frames, jr_plan_i64(lp, i), "");
            jr_plan_store(lp, wide, jr_plan_element(lp, lp->inputs + c, at));
        }
    }
}

static void store_outputs(struct jr_plan_lowering *lp, const struct buffers *buffers, LLVMValueRef done)
{
    LLVMBuilderRef builder = lp->shared->builder;
    struct jr_plan_loop loop;
    if (lp->graph->output_count == 0)
        return;
    if (lp->graph->output_count == 1) { /* whole vectors, if frames lie side by side */
        LLVMBasicBlockRef apart = jr_plan_block(lp, "outputs.apart"), end = jr_plan_block(lp, "outputs.end");
        LLVMBasicBlockRef beside = jr_plan_block(lp, "outputs.beside");
        LLVMValueRef is_one = LLVMBuildICmp(builder, LLVMIntEQ, buffers->out_step, jr_plan_i64(lp, 1), "");
        LLVMValueRef part = LLVMBuildAnd(builder, lp->frames, jr_plan_i64(lp, lp->lanes - 1), "");
        LLVMValueRef whole = LLVMBuildICmp(builder, LLVMIntEQ, part, jr_plan_i64(lp, 0), "");
        LLVMBuildCondBr(builder, LLVMBuildAnd(builder, is_one, whole, ""), beside, apart);
        jr_plan_enter(lp, beside);
        lp->widener->width = lp->lanes;
        jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "outputs");
        LLVMValueRef words = jr_plan_load(lp, lp->shared->i64, jr_plan_element(lp, lp->outputs, loop.index));
        jr_plan_store(lp, words, jr_plan_word_at(lp, buffers->out, LLVMBuildAdd(builder, done, loop.index, "")));
        jr_plan_loop_end(lp, &loop, lp->lanes, lp->frames);
        LLVMBuildBr(builder, end);
        jr_plan_enter(lp, apart);
        jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "outputs");
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, jr_plan_element(lp, lp->outputs, loop.index), "");
        LLVMValueRef number = LLVMBuildAdd(builder, done, loop.index, "");
        LLVMBuildStore(builder, word, sample_at(lp, buffers->out, buffers->out_step, number, 0));
        jr_plan_loop_end(lp, &loop, 1, lp->frames);
        LLVMBuildBr(builder, end);
        jr_plan_enter(lp, end);
        return;
    }
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "outputs");
    LLVMValueRef number = LLVMBuildAdd(builder, done, loop.index, "");
    for (uint32_t c = 0; c < lp->graph->output_count; c++) {
        LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, jr_plan_element(lp, lp->outputs + c, loop.index), "");
        LLVMBuildStore(builder, word, sample_at(lp, buffers->out, buffers->out_step, number, c));
    }
    jr_plan_loop_end(lp, &loop, 1, lp->frames);
}

/* ---- chunks ---- */

/* Element -1 of what the frame before has left. */
static void begin_variables(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    for (uint32_t v = 0; v < lp->graph->variable_count; v++)
        if (lp->plan->variable_form[v] == JR_FORM_DELAYED) {
            LLVMValueRef word = LLVMBuildLoad2(builder, lp->shared->i64, lp->variables[v], "");
            LLVMBuildStore(builder, word,
                           jr_plan_element(lp, lp->plan->variable_array[v], jr_plan_i64(lp, (uint64_t)-1)));
        }
}

static void end_variables(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef last = LLVMBuildSub(builder, lp->frames, jr_plan_i64(lp, 1), "");
    for (uint32_t v = 0; v < lp->graph->variable_count; v++)
        if (lp->plan->variable_array[v] != JR_NONE && lp->plan->variable_form[v] != JR_FORM_CONSTANT &&
            lp->plan->variable_form[v] != JR_FORM_CARRIED) {
            LLVMValueRef at = jr_plan_element(lp, lp->plan->variable_array[v], last);
            LLVMBuildStore(builder, LLVMBuildLoad2(builder, lp->shared->i64, at, ""), lp->variables[v]);
        }
}

/* The fuel of the chunk's frames. */
static LLVMValueRef charged(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef sum = LLVMBuildMul(builder, lp->frames, jr_plan_i64(lp, lp->graph->charge_constant), "");
    uint32_t charge = lp->graph->charge;
    if (charge == JR_NONE)
        return sum;
    if (lp->plan->node_array[charge] == JR_NONE) { /* a leaf */
        lp->widener->width = 1;
        return LLVMBuildAdd(builder, sum, LLVMBuildMul(builder, lp->frames, jr_plan_value(lp, charge), ""), "");
    }
    struct jr_plan_loop loop;
    jr_plan_loop_begin(lp, &loop, jr_plan_i64(lp, 0), "charge");
    LLVMValueRef so_far = LLVMBuildPhi(builder, lp->shared->i64, "charged");
    LLVMValueRef at = jr_plan_element(lp, lp->plan->node_array[charge], loop.index);
    LLVMValueRef more = LLVMBuildAdd(builder, so_far, LLVMBuildLoad2(builder, lp->shared->i64, at, ""), "");
    jr_plan_loop_end(lp, &loop, 1, lp->frames);
    LLVMValueRef values[] = { sum, more };
    LLVMBasicBlockRef blocks[] = { loop.before, loop.head };
    LLVMAddIncoming(so_far, values, blocks, 2);
    return more;
}

static LLVMValueRef smaller(const struct jr_plan_lowering *lp, LLVMValueRef a, LLVMValueRef b)
{
    LLVMBuilderRef builder = lp->shared->builder;
    return LLVMBuildSelect(builder, LLVMBuildICmp(builder, LLVMIntULT, a, b, ""), a, b, "");
}

/* Answers that no frame was rendered. */
static void refuse(struct jr_plan_lowering *lp, LLVMBasicBlockRef block)
{
    jr_plan_enter(lp, block);
    store_field(lp, jr_plan_i64(lp, 0), lp->block, offsetof(struct jr_block, done));
    LLVMBuildRet(lp->shared->builder, LLVMConstInt(lp->shared->i32, JR_RUN_OK, 0));
}

static void fill_function(struct jr_plan_lowering *lp)
{
    struct jr_lower_context *shared = lp->shared;
    LLVMBuilderRef builder = shared->builder;
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(shared->context, lp->code, "entry");
    jr_plan_enter(lp, entry);
    uint32_t array_count = lp->plan->array_count + lp->graph->input_count + lp->graph->output_count;
    LLVMTypeRef words = LLVMArrayType2(shared->i64, (uint64_t)(array_count + 1) * lp->stride);
    lp->arrays = LLVMBuildAlloca(builder, words, "arrays");
    LLVMSetAlignment(lp->arrays, 64);
    load_variables(lp);
    LLVMValueRef out_of_step = load_groups(lp);
    struct buffers buffers = {
        .in = load_field(lp, shared->ptr, lp->block, offsetof(struct jr_block, in), "in"),
        .out = load_field(lp, shared->ptr, lp->block, offsetof(struct jr_block, out), "out"),
        .in_step = load_field(lp, shared->i64, lp->block, offsetof(struct jr_block, in_step), "in.step"),
        .out_step = load_field(lp, shared->i64, lp->block, offsetof(struct jr_block, out_step), "out.step"),
    };
    LLVMValueRef first = load_field(lp, shared->i64, lp->block, offsetof(struct jr_block, first), "first");
    LLVMValueRef frame_count = load_field(lp, shared->i64, lp->block, offsetof(struct jr_block, frame_count), "frame.count");
    LLVMValueRef budget_before = load_field(lp, shared->i64, lp->task, offsetof(struct jr_task, budget), "budget");
    LLVMBasicBlockRef out = LLVMAppendBasicBlockInContext(shared->context, lp->code, "out.of.step");
    LLVMBasicBlockRef finish = LLVMAppendBasicBlockInContext(shared->context, lp->code, "finish");
    LLVMBasicBlockRef chunk = jr_plan_block(lp, "chunk");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(builder);
    if (out_of_step != NULL)
        jr_plan_branch_rare(lp, out_of_step, out, chunk);
    else
        LLVMBuildBr(builder, chunk);

    jr_plan_enter(lp, chunk);
    LLVMValueRef done = LLVMBuildPhi(builder, shared->i64, "done");
    LLVMValueRef budget = LLVMBuildPhi(builder, shared->i64, "budget.left");
    LLVMValueRef left = LLVMBuildSub(builder, frame_count, done, "left");
    LLVMValueRef covered = left;
    if (lp->residual->fuel_at_most > 0) { /* the budget may be below zero */
        LLVMValueRef is_negative = LLVMBuildICmp(builder, LLVMIntSLT, budget, jr_plan_i64(lp, 0), "");
        LLVMValueRef whole = LLVMBuildUDiv(builder, budget, jr_plan_i64(lp, lp->residual->fuel_at_most), "");
        covered = smaller(lp, left, LLVMBuildSelect(builder, is_negative, jr_plan_i64(lp, 0), whole, ""));
    }
    lp->frames = smaller(lp, covered, jr_plan_i64(lp, lp->plan->chunk));
    lp->first = LLVMBuildAdd(builder, first, done, "frame.first");
    LLVMBasicBlockRef work = jr_plan_block(lp, "chunk.begins");
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntEQ, lp->frames, jr_plan_i64(lp, 0), ""), finish, work);
    jr_plan_enter(lp, work);
    load_inputs(lp, &buffers, done);
    begin_variables(lp);
    for (uint32_t s = 0; s < lp->plan->stage_count; s++)
        jr_plan_stage(lp, s);
    memset(lp->values, 0, lp->graph->node_count * sizeof lp->values[0]);
    store_outputs(lp, &buffers, done);
    LLVMValueRef charge = charged(lp);
    end_variables(lp);
    jr_plan_feed_rings(lp);
    LLVMValueRef values[] = { jr_plan_i64(lp, 0), LLVMBuildAdd(builder, done, lp->frames, "") };
    LLVMValueRef budgets[] = { budget_before, LLVMBuildSub(builder, budget, charge, "") };
    LLVMBasicBlockRef blocks[] = { before, LLVMGetInsertBlock(builder) };
    LLVMAddIncoming(done, values, blocks, 2);
    LLVMAddIncoming(budget, budgets, blocks, 2);
    LLVMBuildBr(builder, chunk);

    refuse(lp, out);
    jr_plan_enter(lp, finish);
    store_variables(lp);
    store_groups(lp);
    store_field(lp, done, lp->block, offsetof(struct jr_block, done));
    store_field(lp, budget, lp->task, offsetof(struct jr_task, budget));
    LLVMBuildRet(builder, LLVMConstInt(shared->i32, JR_RUN_OK, 0));
}

static void add_text_attribute(const struct jr_plan_lowering *lp, const char *key, const char *value)
{
    LLVMAttributeRef attribute = LLVMCreateStringAttribute(lp->shared->context, key, (unsigned)strlen(key), value,
                                                           (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(lp->code, JR_FUNCTION_ATTRIBUTES, attribute);
}

void jr_plan_at(struct jr_plan_lowering *lp, uint32_t node)
{
    uint32_t pc = node == JR_NONE ? JR_NONE : lp->graph->nodes[node].pc;
    jr_debug_set(&lp->target->debug, lp->shared->builder, lp->scope, lp->residual->function, pc);
}

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        abort(); /* as LLVM itself does without memory */
    return memory;
}

void jr_lower_plan(struct jr_lower_context *shared, struct jr_lower_target *target, const struct jr_residual *residual,
                   const struct jr_plan *plan, const char *name)
{
    const struct jr_graph *graph = &plan->graph;
    struct jr_plan_lowering lp = { .shared = shared,
                                   .target = target,
                                   .residual = residual,
                                   .plan = plan,
                                   .graph = graph,
                                   .widener = &shared->widener,
                                   .lanes = shared->widener.widest,
                                   .stride = JR_PLAN_MARGIN + plan->chunk + SLACK,
                                   .inputs = plan->array_count,
                                   .outputs = plan->array_count + graph->input_count };
    JR_ASSERT(lp.lanes <= JR_PLAN_VECTOR_FRAMES && JR_PLAN_VECTOR_FRAMES % lp.lanes == 0, "vectors fill what a plan promises");
    shared->copier.target = target->llvm;
    lp.variables = zeroed(graph->variable_count, sizeof lp.variables[0]);
    lp.previous = zeroed(graph->variable_count, sizeof lp.previous[0]);
    lp.words = zeroed(graph->variable_count, sizeof lp.words[0]);
    lp.line_stage = zeroed(graph->line_count, sizeof lp.line_stage[0]);
    for (uint32_t l = 0; l < graph->line_count; l++)
        lp.line_stage[l] = plan->node_stage[graph->lines[l].input];
    lp.groups = zeroed(graph->group_count, sizeof lp.groups[0]);
    lp.values = zeroed(graph->node_count, sizeof lp.values[0]);
    lp.code = LLVMAddFunction(target->llvm, name, shared->block_type);
    LLVMSetVisibility(lp.code, LLVMProtectedVisibility);
    add_text_attribute(&lp, "denormal-fp-math", "preserve-sign,preserve-sign");
    if (lp.lanes == 8) { /* LLVM would rather take 256 bits */
        add_text_attribute(&lp, "prefer-vector-width", "512");
        add_text_attribute(&lp, "min-legal-vector-width", "512");
    }
    unsigned kind = LLVMGetEnumAttributeKindForName("nounwind", strlen("nounwind"));
    LLVMAddAttributeAtIndex(lp.code, JR_FUNCTION_ATTRIBUTES, LLVMCreateEnumAttribute(shared->context, kind, 0));
    LLVMSetCurrentDebugLocation2(shared->builder, NULL);
    lp.scope = jr_debug_scope(&target->debug, shared->builder, lp.code, residual->function);
    lp.task = LLVMGetParam(lp.code, 0);
    lp.state = LLVMGetParam(lp.code, 2);
    lp.block = LLVMGetParam(lp.code, 4);
    fill_function(&lp);
    free(lp.variables);
    free(lp.previous);
    free(lp.words);
    free(lp.line_stage);
    free(lp.groups);
    free(lp.values);
}
