/* range.c -- what a word may be as binary64.
 *
 * Intervals, forward in one pass, since operands come first.  Rounding to nearest is monotone, so the ends of a sum are the sums of ends.  Results too small to
 * be normal are flushed to zero, so an interval that begins or ends among such numbers is stretched to zero.  BEFORE and READ are not followed:
 * whoever runs the original in between may leave anything in state. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "jit/graph/internal.h"

struct range {
    double low, high;
    bool never_nan;
};

static const struct range UNKNOWN = { -INFINITY, INFINITY, false };

static struct range between(double low, double high, bool never_nan)
{
    return (struct range){ low, high, never_nan };
}

static bool is_finite(struct range a)
{
    return a.low > -INFINITY && a.high < INFINITY;
}

/* Neither operand is NaN, nor infinite. */
static bool plain(struct range a, struct range b)
{
    return a.never_nan && b.never_nan && is_finite(a) && is_finite(b);
}

static struct range add(struct range a, struct range b)
{
    double low = a.low + b.low, high = a.high + b.high;
    return between(low != low ? -INFINITY : low, high != high ? INFINITY : high, plain(a, b));
}

static struct range negate(struct range a)
{
    return between(-a.high, -a.low, a.never_nan);
}

/* From the four results for the ends. */
static struct range hull_of(const double ends[4], bool never_nan)
{
    struct range all = { ends[0], ends[0], never_nan };
    for (int i = 0; i < 4; i++) {
        if (ends[i] != ends[i])
            return UNKNOWN;
        all.low = ends[i] < all.low ? ends[i] : all.low;
        all.high = ends[i] > all.high ? ends[i] : all.high;
    }
    return all;
}

static struct range multiply(struct range a, struct range b)
{
    const double ends[4] = { a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high };
    return hull_of(ends, plain(a, b));
}

static struct range divide(struct range a, struct range b)
{
    const double ends[4] = { a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high };
    if (b.low <= 0.0 && b.high >= 0.0)
        return UNKNOWN;
    return hull_of(ends, plain(a, b));
}

/* The sign of the dividend, smaller than the divisor. */
static struct range modulo(struct range a, struct range b)
{
    double size = fabs(b.low) > fabs(b.high) ? fabs(b.low) : fabs(b.high);
    bool never_nan = plain(a, b) && (b.low > 0.0 || b.high < 0.0);
    return between(a.low >= 0.0 ? 0.0 : -size, a.high <= 0.0 ? 0.0 : size, never_nan);
}

/* A NaN operand is ignored, so then the other one decides. */
static struct range smaller(struct range a, struct range b)
{
    struct range all = { a.low < b.low ? a.low : b.low, INFINITY, a.never_nan || b.never_nan };
    if (a.never_nan && b.never_nan)
        all.high = a.high < b.high ? a.high : b.high;
    else if (a.never_nan || b.never_nan)
        all.high = a.never_nan ? a.high : b.high;
    else
        all.high = a.high > b.high ? a.high : b.high;
    return all;
}

static struct range absolute(struct range a)
{
    double left = fabs(a.low), right = fabs(a.high);
    bool crosses = a.low <= 0.0 && a.high >= 0.0;
    return between(crosses ? 0.0 : left < right ? left : right, left > right ? left : right, a.never_nan);
}

/* Results of mathematics are within an ulp, so they may go a little beyond. */
static struct range around(double low, double high, struct range a)
{
    const double more = 1.0 + 4.0 * DBL_EPSILON;
    return between(low * more, high * more, a.never_nan && is_finite(a));
}

static struct range of_op(enum jr_op op, struct range a, struct range b)
{
    switch (op) {
    case JR_OP_ADD_F64:
        return add(a, b);
    case JR_OP_SUB_F64:
        return add(a, negate(b));
    case JR_OP_MUL_F64:
        return multiply(a, b);
    case JR_OP_DIV_F64:
        return divide(a, b);
    case JR_OP_MOD_F64:
        return modulo(a, b);
    case JR_OP_MIN_F64:
        return smaller(a, b);
    case JR_OP_MAX_F64:
        return negate(smaller(negate(a), negate(b)));
    case JR_OP_NEG_F64:
        return negate(a);
    case JR_OP_ABS_F64:
        return absolute(a);
    case JR_OP_SQRT_F64:
        return between(0.0, a.high > 0.0 ? sqrt(a.high) : 0.0, a.never_nan && a.low >= 0.0);
    case JR_OP_FLOOR_F64:
        return between(floor(a.low), floor(a.high), a.never_nan);
    case JR_OP_CEIL_F64:
        return between(ceil(a.low), ceil(a.high), a.never_nan);
    case JR_OP_ROUND_F64:
        return between(round(a.low), round(a.high), a.never_nan);
    case JR_OP_TRUNC_F64:
        return between(trunc(a.low), trunc(a.high), a.never_nan);
    case JR_OP_SIN_F64:
    case JR_OP_COS_F64:
    case JR_OP_TANH_F64:
        return around(-1.0, 1.0, a);
    case JR_OP_ATAN_F64:
    case JR_OP_ASIN_F64:
        return around(-1.6, 1.6, op == JR_OP_ATAN_F64 ? a : UNKNOWN);
    case JR_OP_ACOS_F64:
        return around(0.0, 3.2, UNKNOWN);
    case JR_OP_EXP_F64:
        return between(0.0, INFINITY, a.never_nan);
    case JR_OP_I64_TO_F64:
        return between(-0x1p63, 0x1p63, true);
    default:
        return UNKNOWN;
    }
}

static struct range constant(uint64_t word)
{
    double value;
    memcpy(&value, &word, sizeof value);
    return value == value ? between(value, value, true) : UNKNOWN;
}

static struct range of_operand(const struct jr_graph *graph, const struct jr_node *node, uint32_t k)
{
    if (node->operands[k] == JR_NONE)
        return UNKNOWN;
    const struct jr_node *operand = &graph->nodes[node->operands[k]];
    return between(operand->low, operand->high, operand->never_nan);
}

static struct range of_node(const struct jr_graph *graph, const struct jr_node *node)
{
    struct range a = of_operand(graph, node, 0), b = of_operand(graph, node, 1);
    switch ((enum jr_node_kind)node->kind) {
    case JR_NODE_CONST:
        return constant(node->word);
    case JR_NODE_NOW:
        return between(0.0, 0x1p64, true);
    case JR_NODE_OP:
        return of_op((enum jr_op)node->op, a, b);
    case JR_NODE_TRUTH:
        return between(0.0, 1.0, true);
    case JR_NODE_SELECT:
        a = of_operand(graph, node, 2);
        return between(a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high, a.never_nan && b.never_nan);
    case JR_NODE_INPUT:
    case JR_NODE_BEFORE:
    case JR_NODE_COMPARE:
    case JR_NODE_NOT:
    case JR_NODE_AND:
    case JR_NODE_OR:
    case JR_NODE_ELEMENT:
    case JR_NODE_READ:
    case JR_NODE_KIND_COUNT:
        return UNKNOWN;
    }
    return UNKNOWN;
}

static uint32_t back(double time, uint32_t length)
{
    if (!(time >= 1.0))
        return 0;
    return time >= (double)(length - 1) ? length - 1 : (uint32_t)time;
}

static void find_distance(const struct jr_graph *graph, struct jr_line *line)
{
    line->least = line->most = line->length;
    if (line->read == JR_NONE)
        return;
    const struct jr_node *time = &graph->nodes[graph->nodes[line->read].operands[0]];
    uint32_t low = back(time->low, line->length), high = back(time->high, line->length);
    if (high >= 1)
        line->least = low >= 1 ? low : 1;
    if (low >= 1 && time->never_nan)
        line->most = high;
}

void jr_graph_find_ranges(struct jr_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i++) {
        struct jr_node *node = &graph->nodes[i];
        struct range range = of_node(graph, node);
        if (range.low > 0.0 && range.low < DBL_MIN)
            range.low = 0.0;
        if (range.high < 0.0 && range.high > -DBL_MIN)
            range.high = 0.0;
        node->low = range.low;
        node->high = range.high;
        node->never_nan = range.never_nan;
    }
    for (uint32_t i = 0; i < graph->line_count; i++)
        find_distance(graph, &graph->lines[i]);
}
