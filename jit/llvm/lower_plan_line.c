/* lower_plan_line.c -- delay lines: samples of earlier chunks lie in the ring, those of this chunk in an array until it ends.
 *
 * A constant distance reads and writes vectors that lie side by side; where one goes over the ring's end, or is not whole, a rare block
 * takes its elements one by one. */
#include "jit/llvm/lower_plan.h"

#include <string.h>

#include <llvm-c/Core.h>

enum { PRESERVE_ALL = 15 };

static LLVMValueRef ring_of(const struct jr_plan_lowering *lp, const struct jr_line *line)
{
    return jr_plan_word_at(lp, lp->state, jr_plan_i64(lp, (uint64_t)line->offset + 2));
}

static LLVMValueRef write_index(const struct jr_plan_lowering *lp, const struct jr_line *line)
{
    return LLVMBuildLoad2(lp->shared->builder, lp->shared->i64, lp->groups[line->group], "write.index");
}

static LLVMValueRef scalar_or_splat(struct jr_plan_lowering *lp, LLVMValueRef scalar)
{
    return jr_widen_splat(lp->widener, scalar);
}

static LLVMValueRef wide_i64(struct jr_plan_lowering *lp, uint64_t value)
{
    return jr_widen_constant(lp->widener, jr_plan_i64(lp, value));
}

/* 0, 1, 2 ... */
static LLVMValueRef lane_numbers(struct jr_plan_lowering *lp)
{
    LLVMValueRef lanes[JR_WIDEST];
    for (unsigned i = 0; i < lp->widener->width; i++)
        lanes[i] = jr_plan_i64(lp, i);
    return lp->widener->width == 1 ? lanes[0] : LLVMConstVector(lanes, lp->widener->width);
}

/* `index` + length if it is below 0. */
static LLVMValueRef wrapped(struct jr_plan_lowering *lp, LLVMValueRef index, LLVMValueRef length)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef below = LLVMBuildICmp(builder, LLVMIntSLT, index, LLVMConstNull(LLVMTypeOf(index)), "");
    return LLVMBuildSelect(builder, below, LLVMBuildAdd(builder, index, length, ""), index, "");
}

/* (w + frame) mod length, where the sample of this frame goes. */
static LLVMValueRef write_place(struct jr_plan_lowering *lp, const struct jr_line *line, LLVMValueRef frame)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef place = LLVMBuildAdd(builder, write_index(lp, line), frame, ""), length = jr_plan_i64(lp, line->length);
    if (line->length < lp->plan->chunk)
        return LLVMBuildURem(builder, place, length, "");
    LLVMValueRef beyond = LLVMBuildICmp(builder, LLVMIntUGE, place, length, "");
    return LLVMBuildSelect(builder, beyond, LLVMBuildSub(builder, place, length, ""), place, "");
}

/* ---- reading ---- */

/* Frames from feeding to reading, per lane. */
static LLVMValueRef distance(struct jr_plan_lowering *lp, const struct jr_line *line, const struct jr_node *read)
{
    LLVMBuilderRef builder = lp->shared->builder;
    if (line->least == line->most)
        return wide_i64(lp, line->least);
    LLVMValueRef rare, args[] = { jr_plan_number(lp, read->operands[0]), wide_i64(lp, line->length) };
    LLVMValueRef back = jr_widen_body(lp->widener, lp->shared->library.lane_index, args, 2, &rare);
    LLVMValueRef is_zero = LLVMBuildICmp(builder, LLVMIntEQ, back, LLVMConstNull(LLVMTypeOf(back)), "");
    return LLVMBuildSelect(builder, is_zero, wide_i64(lp, line->length), back, "distance");
}

/* One by one from the ring, or where the sample is of this chunk from the line's array. */
static LLVMValueRef read_lanes(struct jr_plan_lowering *lp, uint32_t index, LLVMValueRef far)
{
    LLVMBuilderRef builder = lp->shared->builder;
    const struct jr_line *line = &lp->graph->lines[index];
    LLVMValueRef frame = LLVMBuildAdd(builder, scalar_or_splat(lp, lp->frame), lane_numbers(lp), "");
    LLVMValueRef from_start = LLVMBuildSub(builder, frame, far, "");
    LLVMValueRef w = lp->plan->line_direct[index] && lp->widener->width == 1
                         ? LLVMBuildSub(builder, write_place(lp, line, lp->frame), lp->frame, "")
                         : write_index(lp, line);
    LLVMValueRef place = LLVMBuildAdd(builder, scalar_or_splat(lp, w), from_start, "");
    place = wrapped(lp, place, wide_i64(lp, line->length));
    LLVMValueRef ring = ring_of(lp, line);
    if (!lp->plan->line_fresh[index])
        return jr_widen_gather(lp->widener, lp->shared->i64, ring, place);
    LLVMValueRef array = jr_plan_element(lp, lp->plan->line_array[index], from_start), old = jr_plan_word_at(lp, ring, place);
    LLVMValueRef here = LLVMBuildICmp(builder, LLVMIntSGE, from_start, LLVMConstNull(LLVMTypeOf(from_start)), "");
    return jr_widen_load(lp->widener, lp->shared->i64, LLVMBuildSelect(builder, here, array, old, ""));
}

/* The same distance in all lanes and frames. */
static LLVMValueRef read_side_by_side(struct jr_plan_lowering *lp, uint32_t index)
{
    LLVMBuilderRef builder = lp->shared->builder;
    const struct jr_line *line = &lp->graph->lines[index];
    LLVMValueRef length = jr_plan_i64(lp, line->length), from_start = LLVMBuildSub(builder, lp->frame, jr_plan_i64(lp, line->least), "");
    LLVMBasicBlockRef end = jr_plan_block(lp, ""), usual = jr_plan_block(lp, "line.whole");
    LLVMBasicBlockRef apart = LLVMAppendBasicBlockInContext(lp->shared->context, lp->code, "line.apart"), blocks[2];
    LLVMValueRef values[2], address;
    if (lp->plan->line_fresh[index]) {
        LLVMValueRef is_older = LLVMBuildICmp(builder, LLVMIntSLT, from_start, jr_plan_i64(lp, 0), "");
        LLVMBuildCondBr(builder, is_older, apart, usual);
        jr_plan_enter(lp, usual);
        address = jr_plan_element(lp, lp->plan->line_array[index], from_start);
    } else {
        LLVMValueRef place = wrapped(lp, LLVMBuildAdd(builder, write_index(lp, line), from_start, ""), length);
        LLVMValueRef last = LLVMBuildAdd(builder, place, jr_plan_i64(lp, lp->widener->width), "");
        jr_plan_branch_rare(lp, LLVMBuildICmp(builder, LLVMIntUGT, last, length, ""), apart, usual);
        jr_plan_enter(lp, usual);
        address = jr_plan_word_at(lp, ring_of(lp, line), place);
    }
    values[0] = jr_plan_load(lp, lp->shared->i64, address);
    blocks[0] = LLVMGetInsertBlock(builder);
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, apart);
    values[1] = read_lanes(lp, index, wide_i64(lp, line->least));
    blocks[1] = LLVMGetInsertBlock(builder);
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, end);
    LLVMValueRef phi = LLVMBuildPhi(builder, LLVMTypeOf(values[0]), "sample");
    LLVMAddIncoming(phi, values, blocks, 2);
    return phi;
}

LLVMValueRef jr_plan_read(struct jr_plan_lowering *lp, const struct jr_node *node)
{
    const struct jr_line *line = &lp->graph->lines[node->index];
    if (line->least == line->most && lp->widener->width > 1)
        return read_side_by_side(lp, node->index);
    return read_lanes(lp, node->index, distance(lp, line, node));
}

/* ---- writing ---- */

/* for (; count > 0; count--, words++) { ring[place] = *words; if (++place == length) place = 0; } */
static LLVMValueRef find_helper(struct jr_plan_lowering *lp, LLVMTypeRef *type)
{
    struct jr_lower_context *shared = lp->shared;
    LLVMBuilderRef builder = shared->builder;
    static const char *const attributes[] = { "cold", "noinline", "nounwind" };
    LLVMTypeRef types[] = { shared->ptr, shared->i64, shared->i64, shared->ptr, shared->i64 };
    *type = LLVMFunctionType(shared->none, types, 5, 0);
    LLVMValueRef helper = LLVMGetNamedFunction(lp->target->llvm, "jr.feed");
    if (helper != NULL)
        return helper;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(builder);
    helper = LLVMAddFunction(lp->target->llvm, "jr.feed", *type);
    LLVMSetLinkage(helper, LLVMInternalLinkage);
    LLVMSetFunctionCallConv(helper, PRESERVE_ALL);
    LLVMAddAttributeAtIndex(helper, JR_FUNCTION_ATTRIBUTES, lp->widener->no_clearing);
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        unsigned kind = LLVMGetEnumAttributeKindForName(attributes[i], strlen(attributes[i]));
        LLVMAddAttributeAtIndex(helper, JR_FUNCTION_ATTRIBUTES, LLVMCreateEnumAttribute(shared->context, kind, 0));
    }
    LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(builder);
    LLVMSetCurrentDebugLocation2(builder, NULL); /* it belongs to all who call it */
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(shared->context, helper, "");
    LLVMBasicBlockRef loop = LLVMAppendBasicBlockInContext(shared->context, helper, "loop");
    LLVMBasicBlockRef end = LLVMAppendBasicBlockInContext(shared->context, helper, "end");
    jr_plan_enter(lp, entry);
    LLVMBuildBr(builder, loop);
    jr_plan_enter(lp, loop);
    LLVMValueRef i = LLVMBuildPhi(builder, shared->i64, ""), place = LLVMBuildPhi(builder, shared->i64, "");
    LLVMValueRef word = LLVMBuildLoad2(builder, shared->i64, jr_plan_word_at(lp, LLVMGetParam(helper, 3), i), "");
    LLVMBuildStore(builder, word, jr_plan_word_at(lp, LLVMGetParam(helper, 0), place));
    LLVMValueRef next = LLVMBuildAdd(builder, i, jr_plan_i64(lp, 1), "");
    LLVMValueRef following = LLVMBuildAdd(builder, place, jr_plan_i64(lp, 1), "");
    LLVMValueRef ends = LLVMBuildICmp(builder, LLVMIntUGE, following, LLVMGetParam(helper, 1), "");
    following = LLVMBuildSelect(builder, ends, jr_plan_i64(lp, 0), following, "");
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntULT, next, LLVMGetParam(helper, 4), ""), loop, end);
    LLVMBasicBlockRef blocks[] = { entry, loop };
    LLVMValueRef counts[] = { jr_plan_i64(lp, 0), next }, places[] = { LLVMGetParam(helper, 2), following };
    LLVMAddIncoming(i, counts, blocks, 2);
    LLVMAddIncoming(place, places, blocks, 2);
    jr_plan_enter(lp, end);
    LLVMBuildRetVoid(builder);
    jr_plan_enter(lp, here);
    LLVMSetCurrentDebugLocation2(builder, location);
    return helper;
}

static void call_helper(struct jr_plan_lowering *lp, const struct jr_line *line, LLVMValueRef place, LLVMValueRef words,
                        LLVMValueRef count)
{
    LLVMTypeRef type;
    LLVMValueRef helper = find_helper(lp, &type);
    LLVMValueRef args[] = { ring_of(lp, line), jr_plan_i64(lp, line->length), place, words, count };
    LLVMSetInstructionCallConv(LLVMBuildCall2(lp->shared->builder, type, helper, args, 5, ""), PRESERVE_ALL);
}

void jr_plan_feed_direct(struct jr_plan_lowering *lp, uint32_t index, LLVMValueRef value)
{
    LLVMBuilderRef builder = lp->shared->builder;
    const struct jr_line *line = &lp->graph->lines[index];
    LLVMValueRef place = write_place(lp, line, lp->frame), width = jr_plan_i64(lp, lp->widener->width);
    LLVMValueRef address = jr_plan_word_at(lp, ring_of(lp, line), place);
    if (lp->widener->width == 1) {
        jr_plan_store(lp, value, address);
        return;
    }
    LLVMValueRef last = LLVMBuildAdd(builder, place, width, ""), left = LLVMBuildSub(builder, lp->frames, lp->frame, "");
    LLVMValueRef over = LLVMBuildICmp(builder, LLVMIntUGT, last, jr_plan_i64(lp, line->length), "");
    LLVMValueRef part = LLVMBuildICmp(builder, LLVMIntULT, left, width, "");
    LLVMBasicBlockRef apart = LLVMAppendBasicBlockInContext(lp->shared->context, lp->code, "line.apart");
    LLVMBasicBlockRef end = jr_plan_block(lp, ""), usual = jr_plan_block(lp, "line.whole");
    jr_plan_branch_rare(lp, LLVMBuildOr(builder, over, part, ""), apart, usual);
    jr_plan_enter(lp, usual);
    jr_plan_store(lp, value, address);
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, apart);
    LLVMValueRef words = jr_plan_array(lp, lp->outputs + lp->graph->output_count); /* the array after all others */
    jr_plan_store(lp, value, words);
    call_helper(lp, line, place, words, LLVMBuildSelect(builder, part, left, width, ""));
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, end);
}

/* The chunk's samples, side by side if they are as many as can be. */
static void feed_ring(struct jr_plan_lowering *lp, const struct jr_line *line, uint32_t array)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef w = write_index(lp, line), chunk = jr_plan_i64(lp, lp->plan->chunk);
    LLVMBasicBlockRef apart = LLVMAppendBasicBlockInContext(lp->shared->context, lp->code, "ring.apart");
    LLVMBasicBlockRef end = jr_plan_block(lp, ""), usual = jr_plan_block(lp, "ring.whole");
    LLVMValueRef over = LLVMBuildICmp(builder, LLVMIntUGT, LLVMBuildAdd(builder, w, chunk, ""), jr_plan_i64(lp, line->length), "");
    LLVMValueRef part = LLVMBuildICmp(builder, LLVMIntNE, lp->frames, chunk, "");
    jr_plan_branch_rare(lp, LLVMBuildOr(builder, over, part, ""), apart, usual);
    jr_plan_enter(lp, usual);
    lp->widener->width = lp->lanes;
    LLVMValueRef place = jr_plan_word_at(lp, ring_of(lp, line), w);
    for (uint32_t i = 0; i < lp->plan->chunk; i += lp->lanes) {
        LLVMValueRef at = jr_plan_i64(lp, i);
        jr_plan_store(lp, jr_plan_load(lp, lp->shared->i64, jr_plan_element(lp, array, at)), jr_plan_word_at(lp, place, at));
    }
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, apart);
    call_helper(lp, line, w, jr_plan_array(lp, array), lp->frames);
    LLVMBuildBr(builder, end);
    jr_plan_enter(lp, end);
}

void jr_plan_feed_rings(struct jr_plan_lowering *lp)
{
    for (uint32_t l = 0; l < lp->graph->line_count; l++)
        if (!lp->plan->line_direct[l])
            feed_ring(lp, &lp->graph->lines[l], lp->plan->line_array[l]);
    for (uint32_t g = 0; g < lp->graph->group_count; g++) {
        const struct jr_line *line = &lp->graph->lines[lp->graph->groups[g].first];
        /* Not by write_place: a chunk may be as long as the line. */
        LLVMValueRef sum = LLVMBuildAdd(lp->shared->builder, write_index(lp, line), lp->frames, "");
        LLVMValueRef length = jr_plan_i64(lp, line->length);
        LLVMValueRef less = LLVMBuildSub(lp->shared->builder, sum, length, "");
        LLVMValueRef beyond = LLVMBuildICmp(lp->shared->builder, LLVMIntUGE, sum, length, "");
        LLVMValueRef next = line->length < lp->plan->chunk ? LLVMBuildURem(lp->shared->builder, sum, length, "")
                                                           : LLVMBuildSelect(lp->shared->builder, beyond, less, sum, "");
        LLVMBuildStore(lp->shared->builder, next, lp->groups[g]);
    }
}
