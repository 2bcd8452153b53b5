/* cost.c -- what nodes cost, in quarters of a cycle, roughly: enough to choose between ways of rendering them.  Measured on an x86 server core
 * with 512-bit vectors. */
#include "jit/graph/internal.h"

struct cost {
    uint16_t latency, scalar, vector;
};

static struct cost of_op(enum jr_op op)
{
    switch (op) {
    case JR_OP_ADD_F64:
    case JR_OP_SUB_F64:
        return (struct cost){ 10, 2, 1 };
    case JR_OP_MUL_F64:
        return (struct cost){ 16, 2, 1 };
    case JR_OP_DIV_F64:
        return (struct cost){ 56, 16, 8 };
    case JR_OP_SQRT_F64:
        return (struct cost){ 72, 20, 10 };
    case JR_OP_MOD_F64:
        return (struct cost){ 44, 24, 6 };
    case JR_OP_SIN_F64:
    case JR_OP_COS_F64:
        return (struct cost){ 200, 90, 14 };
    case JR_OP_TANH_F64:
    case JR_OP_EXP_F64:
    case JR_OP_LOG_F64:
        return (struct cost){ 160, 90, 16 };
    case JR_OP_TAN_F64:
    case JR_OP_ASIN_F64:
    case JR_OP_ACOS_F64:
    case JR_OP_ATAN_F64:
    case JR_OP_SINH_F64:
    case JR_OP_COSH_F64:
        return (struct cost){ 220, 110, 24 };
    case JR_OP_POW_F64:
    case JR_OP_ATAN2_F64:
        return (struct cost){ 320, 170, 40 };
    case JR_OP_FLOOR_F64:
    case JR_OP_CEIL_F64:
    case JR_OP_TRUNC_F64:
        return (struct cost){ 32, 4, 1 };
    case JR_OP_ROUND_F64:
        return (struct cost){ 48, 12, 3 };
    case JR_OP_MIN_F64:
    case JR_OP_MAX_F64:
        return (struct cost){ 24, 6, 1 };
    default:
        return (struct cost){ 8, 3, 1 };
    }
}

static struct cost of_node(const struct jr_node *node)
{
    switch ((enum jr_node_kind)node->kind) {
    case JR_NODE_CONST:
    case JR_NODE_NOW:
    case JR_NODE_BEFORE:
        return (struct cost){ 0, 0, 0 };
    case JR_NODE_INPUT:
        return (struct cost){ 20, 2, 1 };
    case JR_NODE_OP:
        return of_op((enum jr_op)node->op);
    case JR_NODE_COMPARE:
    case JR_NODE_TRUTH:
    case JR_NODE_SELECT:
        return (struct cost){ 12, 3, 1 };
    case JR_NODE_NOT:
    case JR_NODE_AND:
    case JR_NODE_OR:
        return (struct cost){ 4, 1, 1 };
    case JR_NODE_ELEMENT:
        return (struct cost){ 60, 12, 6 };
    case JR_NODE_READ:
        return (struct cost){ 72, 20, 7 };
    case JR_NODE_KIND_COUNT:
        break;
    }
    return (struct cost){ 0, 0, 0 };
}

uint32_t jr_cost_latency(const struct jr_node *node)
{
    return of_node(node).latency;
}

uint32_t jr_cost_scalar(const struct jr_node *node)
{
    return of_node(node).scalar;
}

uint32_t jr_cost_vector(const struct jr_node *node)
{
    return of_node(node).vector;
}
