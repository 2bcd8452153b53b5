/* lower_plan_node.c -- one node of the graph, for as many frames as the widener is wide. */
#include "jit/llvm/lower_plan.h"

#include <llvm-c/Core.h>

#include "ir/base/assert.h"

/* Mathematics in place of calls where frames go one by one: 200 to 800 bytes and about 2 ms each. */
enum { MOST_IN_PLACE = 8 };

static const struct jr_node *node_at(const struct jr_plan_lowering *lp, uint32_t node)
{
    return &lp->graph->nodes[node];
}

/* ---- where values come from ---- */

LLVMValueRef jr_plan_uniform(struct jr_plan_lowering *lp, uint32_t variable)
{
    LLVMValueRef word = lp->variables[variable];
    bool constant = lp->plan->variable_form[variable] == JR_FORM_CONSTANT;
    return constant ? word : LLVMBuildLoad2(lp->shared->builder, lp->shared->i64, word, "");
}

/* Numbers of frames as binary64: the first one's, and exact sums with 0, 1, 2 ... */
static LLVMValueRef frame_numbers(struct jr_plan_lowering *lp)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef lanes[JR_WIDEST];
    LLVMValueRef number = LLVMBuildAdd(builder, lp->first, lp->frame, "");
    if (lp->widener->width == 1)
        return LLVMBuildUIToFP(builder, number, lp->shared->f64, "now");
    for (unsigned i = 0; i < lp->widener->width; i++)
        lanes[i] = jr_plan_i64(lp, i);
    LLVMValueRef numbers = LLVMBuildAdd(builder, jr_widen_splat(lp->widener, number), LLVMConstVector(lanes, lp->widener->width), "");
    return LLVMBuildUIToFP(builder, numbers, jr_widen_type(lp->widener, lp->shared->f64), "now");
}

/* The last lane of one vector and all but the last of the next. */
static LLVMValueRef one_later(struct jr_plan_lowering *lp, LLVMValueRef previous, LLVMValueRef current)
{
    LLVMValueRef lanes[JR_WIDEST];
    unsigned width = lp->widener->width;
    for (unsigned i = 0; i < width; i++)
        lanes[i] = LLVMConstInt(lp->shared->i32, width - 1 + i, 0);
    return LLVMBuildShuffleVector(lp->shared->builder, previous, current, LLVMConstVector(lanes, width), "before");
}

/* What the variable had in the frame before. */
static LLVMValueRef before(struct jr_plan_lowering *lp, uint32_t variable)
{
    if (lp->plan->variable_form[variable] == JR_FORM_CONSTANT)
        return jr_widen_splat(lp->widener, lp->variables[variable]);
    if (lp->plan->variable_form[variable] == JR_FORM_CARRIED) {
        JR_ASSERT(lp->widener->width == 1, "a variable is carried from frame to frame by stages that go so");
        return jr_plan_uniform(lp, variable);
    }
    JR_ASSERT(lp->plan->variable_form[variable] == JR_FORM_DELAYED, "a variable that is read has a place");
    if (lp->previous[variable] != NULL)
        return one_later(lp, lp->previous[variable], jr_plan_number(lp, lp->graph->variables[variable].after));
    LLVMValueRef at = LLVMBuildSub(lp->shared->builder, lp->frame, jr_plan_i64(lp, 1), "");
    return jr_plan_load(lp, lp->shared->i64, jr_plan_element(lp, lp->plan->variable_array[variable], at));
}

LLVMValueRef jr_plan_value(struct jr_plan_lowering *lp, uint32_t index)
{
    const struct jr_node *node = node_at(lp, index);
    if (lp->values[index] != NULL)
        return lp->values[index];
    switch ((enum jr_node_kind)node->kind) {
    case JR_NODE_CONST:
        return jr_widen_constant(lp->widener, jr_plan_i64(lp, node->word));
    case JR_NODE_NOW:
        return frame_numbers(lp);
    case JR_NODE_INPUT:
        return jr_plan_load(lp, lp->shared->i64, jr_plan_element(lp, lp->inputs + node->index, lp->frame));
    case JR_NODE_BEFORE:
        if (lp->plan->node_array[index] == JR_NONE || lp->plan->node_stage[index] == lp->stage ||
            lp->plan->variable_form[node->index] == JR_FORM_CONSTANT)
            return before(lp, node->index);
        break;
    default:
        break;
    }
    JR_ASSERT(lp->plan->node_array[index] != JR_NONE, "what another stage computes is in an array");
    LLVMValueRef word = jr_plan_load(lp, lp->shared->i64, jr_plan_element(lp, lp->plan->node_array[index], lp->frame));
    if (!jr_node_is_truth(node))
        return word;
    return LLVMBuildICmp(lp->shared->builder, LLVMIntNE, word, LLVMConstNull(LLVMTypeOf(word)), "");
}

/* As binary64. */
LLVMValueRef jr_plan_number(struct jr_plan_lowering *lp, uint32_t index)
{
    return jr_widen_cast(lp->widener, jr_plan_value(lp, index), lp->shared->f64);
}

/* ---- what must be hidden from the optimiser (jit/folding.h) ---- */

/* Whether the optimiser may find out that the value is 1, -1 or 0 in some case: it would fold arithmetic into the selection. */
static bool is_selected(const struct jr_plan_lowering *lp, uint32_t index)
{
    const struct jr_node *node = node_at(lp, index);
    if (node->kind == JR_NODE_TRUTH || node->kind == JR_NODE_SELECT)
        return true;
    if (node->kind != JR_NODE_OP)
        return false;
    return (node->op >= JR_OP_EQ_F64 && node->op <= JR_OP_BOOL_F64) || (node->op >= JR_OP_EQ_I64 && node->op <= JR_OP_GE_I64) ||
           node->op == JR_OP_BOOL_I64;
}

static bool is_arithmetic(uint16_t op)
{
    return op == JR_OP_ADD_F64 || op == JR_OP_SUB_F64 || op == JR_OP_MUL_F64 || op == JR_OP_DIV_F64;
}

/* ---- kinds of nodes ---- */

static LLVMValueRef operation(struct jr_plan_lowering *lp, const struct jr_node *node)
{
    LLVMValueRef operands[2];
    unsigned count = node->operands[1] == JR_NONE ? 1 : 2;
    for (unsigned i = 0; i < count; i++) {
        operands[i] = jr_plan_value(lp, node->operands[i]);
        if (is_arithmetic(node->op) && is_selected(lp, node->operands[i]))
            operands[i] = jr_widen_fence(lp->widener, operands[i]);
    }
    lp->widener->in_place = lp->in_place < MOST_IN_PLACE;
    bool copies = lp->widener->width == 1 && lp->widener->in_place && jr_widen_is_called((enum jr_op)node->op);
    lp->in_place += copies;
    return jr_widen_op(lp->widener, (enum jr_op)node->op, operands, count);
}

static LLVMValueRef compare(struct jr_plan_lowering *lp, const struct jr_node *node)
{
    LLVMBuilderRef builder = lp->shared->builder;
    static const LLVMRealPredicate numbers[] = { LLVMRealOEQ, LLVMRealUNE, LLVMRealOLT, LLVMRealOLE, LLVMRealOGT, LLVMRealOGE };
    static const LLVMIntPredicate integers[] = { LLVMIntEQ, LLVMIntNE, LLVMIntSLT, LLVMIntSLE, LLVMIntSGT, LLVMIntSGE };
    if (node->op >= JR_OP_EQ_I64 && node->op <= JR_OP_GE_I64) {
        LLVMValueRef a = jr_widen_cast(lp->widener, jr_plan_value(lp, node->operands[0]), lp->shared->i64);
        LLVMValueRef b = jr_widen_cast(lp->widener, jr_plan_value(lp, node->operands[1]), lp->shared->i64);
        return LLVMBuildICmp(builder, integers[node->op - JR_OP_EQ_I64], a, b, "");
    }
    LLVMValueRef a = jr_plan_number(lp, node->operands[0]), b = jr_plan_number(lp, node->operands[1]);
    if (node->op == JR_OP_EQ_F64 || node->op == JR_OP_NE_F64) { /* else a test of the bits, for which a denormal is not zero */
        a = jr_widen_fence(lp->widener, a);
        b = jr_widen_fence(lp->widener, b);
    }
    return LLVMBuildFCmp(builder, numbers[node->op - JR_OP_EQ_F64], a, b, "");
}

static bool is_compared(const struct jr_plan_lowering *lp, uint32_t truth, uint32_t value)
{
    const struct jr_node *node = node_at(lp, truth);
    while (node->kind == JR_NODE_NOT)
        node = node_at(lp, node->operands[0]);
    return node->kind != JR_NODE_COMPARE || node->operands[0] == value || node->operands[1] == value;
}

/* Choosing one of two numbers that were compared is a minimum to code generators, and that flushes denormal numbers. */
static LLVMValueRef selection(struct jr_plan_lowering *lp, const struct jr_node *node)
{
    LLVMBuilderRef builder = lp->shared->builder;
    LLVMValueRef arms[2];
    for (unsigned i = 0; i < 2; i++) {
        arms[i] = jr_plan_value(lp, node->operands[1 + i]);
        if (is_compared(lp, node->operands[0], node->operands[1 + i]))
            arms[i] = jr_widen_fence(lp->widener, arms[i]);
    }
    for (unsigned i = 0; i < 2; i++)
        arms[i] = jr_widen_cast(lp->widener, arms[i], lp->shared->f64);
    return LLVMBuildSelect(builder, jr_plan_value(lp, node->operands[0]), arms[0], arms[1], "");
}

/* jr_array_index, without the ends that the index cannot be beyond. */
static LLVMValueRef element(struct jr_plan_lowering *lp, const struct jr_node *node)
{
    LLVMBuilderRef builder = lp->shared->builder;
    const struct jr_graph_array *array = &lp->graph->arrays[node->index];
    LLVMValueRef args[] = { jr_plan_number(lp, node->operands[0]),
                            jr_widen_constant(lp->widener, jr_plan_i64(lp, array->length)) };
    LLVMValueRef rare, index = jr_widen_body(lp->widener, lp->shared->library.lane_index, args, 2, &rare);
    LLVMValueRef words = jr_lower_known_address(lp->shared, lp->target->llvm, lp->residual, (uint64_t)(uintptr_t)array->words);
    return jr_widen_gather(lp->widener, lp->shared->i64, LLVMBuildIntToPtr(builder, words, lp->shared->ptr, "words"), index);
}

static LLVMValueRef compute(struct jr_plan_lowering *lp, uint32_t index)
{
    LLVMBuilderRef builder = lp->shared->builder;
    const struct jr_node *node = node_at(lp, index);
    switch ((enum jr_node_kind)node->kind) {
    case JR_NODE_OP:
        return operation(lp, node);
    case JR_NODE_COMPARE:
        return compare(lp, node);
    case JR_NODE_NOT:
        return LLVMBuildNot(builder, jr_plan_value(lp, node->operands[0]), "");
    case JR_NODE_AND:
        return LLVMBuildAnd(builder, jr_plan_value(lp, node->operands[0]), jr_plan_value(lp, node->operands[1]), "");
    case JR_NODE_OR:
        return LLVMBuildOr(builder, jr_plan_value(lp, node->operands[0]), jr_plan_value(lp, node->operands[1]), "");
    case JR_NODE_TRUTH: {
        LLVMValueRef one = jr_widen_constant(lp->widener, LLVMConstReal(lp->shared->f64, 1.0));
        LLVMValueRef zero = jr_widen_constant(lp->widener, LLVMConstReal(lp->shared->f64, 0.0));
        return LLVMBuildSelect(builder, jr_plan_value(lp, node->operands[0]), one, zero, "");
    }
    case JR_NODE_SELECT:
        return selection(lp, node);
    case JR_NODE_ELEMENT:
        return element(lp, node);
    case JR_NODE_READ:
        return jr_plan_read(lp, node);
    default:
        return jr_plan_value(lp, index);
    }
}

void jr_plan_compute(struct jr_plan_lowering *lp, uint32_t index)
{
    jr_plan_at(lp, index);
    lp->values[index] = compute(lp, index);
}
