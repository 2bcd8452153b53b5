/* shapes.c -- recurrences of one shape, and those with a form of their own.
 *
 * Copies of a function come from the same instructions, so their nodes are in the same order: comparing position by position is enough. */
#include <math.h>
#include <string.h>

#include "jit/graph/internal.h"

static const struct jr_node *node_at(const struct jr_planner *p, const struct jr_unit *unit, uint32_t position)
{
    return &p->graph->nodes[p->order[unit->first + position]];
}

/* The position of a node in the recurrence, whose nodes ascend; JR_NONE: outside. */
static uint32_t position_in(const struct jr_planner *p, const struct jr_unit *unit, uint32_t node)
{
    uint32_t low = 0, high = unit->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, at = p->order[unit->first + middle];
        if (at == node)
            return middle;
        if (at < node)
            low = middle + 1;
        else
            high = middle;
    }
    return JR_NONE;
}

static uint32_t after_position(const struct jr_planner *p, const struct jr_unit *unit, const struct jr_node *node)
{
    return node->kind == JR_NODE_BEFORE ? position_in(p, unit, p->graph->variables[node->index].after) : JR_NONE;
}

bool jr_unit_same_shape(const struct jr_planner *p, const struct jr_unit *a, const struct jr_unit *b)
{
    if (a->count != b->count || a->shape != b->shape)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct jr_node *left = node_at(p, a, i), *right = node_at(p, b, i);
        if (left->kind != right->kind || left->op != right->op || after_position(p, a, left) != after_position(p, b, right))
            return false;
        for (uint32_t k = 0; k < jr_node_operand_count(left); k++)
            if (position_in(p, a, left->operands[k]) != position_in(p, b, right->operands[k]))
                return false;
    }
    return true;
}

static double constant(const struct jr_planner *p, uint32_t node, bool *is)
{
    double value;
    memcpy(&value, &p->graph->nodes[node].word, sizeof value);
    *is = *is && p->graph->nodes[node].kind == JR_NODE_CONST;
    return value;
}

/* The node has the operands `one` and another, which is the result; JR_NONE: it has not, or is something else. */
static uint32_t other_operand(const struct jr_node *node, enum jr_op op, uint32_t one)
{
    if (node->kind != JR_NODE_OP || node->op != op || node->operands[0] == node->operands[1])
        return JR_NONE;
    return node->operands[0] == one ? node->operands[1] : node->operands[1] == one ? node->operands[0] : JR_NONE;
}

/* The last node is one mod a constant, and what the variable becomes. */
static bool ends_in_mod(const struct jr_planner *p, const struct jr_unit *unit, double *modulus)
{
    const struct jr_node *first = node_at(p, unit, 0), *last = node_at(p, unit, unit->count - 1);
    bool is = true;
    if (first->kind != JR_NODE_BEFORE || last->kind != JR_NODE_OP || last->op != JR_OP_MOD_F64 ||
        last->operands[0] != p->order[unit->first + unit->count - 2] ||
        p->graph->variables[first->index].after != p->order[unit->first + unit->count - 1])
        return false;
    *modulus = constant(p, last->operands[1], &is);
    return is && *modulus > 0.0 && *modulus < INFINITY;
}

bool jr_unit_is_phase(const struct jr_planner *p, const struct jr_unit *unit)
{
    double modulus;
    if (unit->count != 3 || !ends_in_mod(p, unit, &modulus))
        return false;
    return other_operand(node_at(p, unit, 1), JR_OP_ADD_F64, p->order[unit->first]) != JR_NONE;
}

static bool is_integer(double value)
{
    return value >= 0.0 && value < 0x1p53 && value == trunc(value);
}

bool jr_unit_is_random(const struct jr_planner *p, const struct jr_unit *unit, double *factor, double *addend, double *modulus)
{
    bool is = true;
    int exponent;
    *addend = 0.0;
    if ((unit->count != 3 && unit->count != 4) || !ends_in_mod(p, unit, modulus))
        return false;
    uint32_t other = other_operand(node_at(p, unit, 1), JR_OP_MUL_F64, p->order[unit->first]);
    if (other == JR_NONE)
        return false;
    *factor = constant(p, other, &is);
    if (unit->count == 4) {
        other = other_operand(node_at(p, unit, 2), JR_OP_ADD_F64, p->order[unit->first + 1]);
        if (other == JR_NONE)
            return false;
        *addend = constant(p, other, &is);
    }
    return is && is_integer(*factor) && is_integer(*addend) && frexp(*modulus, &exponent) == 0.5 && *modulus >= 1.0 &&
           *modulus <= 0x1p52 && (*modulus - 1.0) * *factor + *addend < 0x1p53;
}

void jr_lanes_random(const struct jr_planner *p, const struct jr_lanes *lanes, double *factor, double *addend, double *modulus)
{
    struct jr_unit unit = { .count = lanes->position_count };
    struct jr_planner row = *p; /* whose order is the first row */
    row.order = lanes->nodes;
    jr_unit_is_random(&row, &unit, factor, addend, modulus);
}

/* ---- lanes ---- */

static uint32_t find_in_row(const uint32_t *row, uint32_t count, uint32_t node)
{
    for (uint32_t i = 0; i < count; i++)
        if (row[i] == node)
            return i;
    return JR_NONE;
}

/* Where the operand comes from, the same for all lanes; what lane 1 takes from lane 0 is a feed. */
static struct jr_source find_source(const struct jr_planner *p, const struct jr_lanes *lanes, uint32_t position, uint32_t k)
{
    const struct jr_node *nodes = p->graph->nodes;
    uint32_t width = lanes->position_count, model = nodes[lanes->nodes[position]].operands[k];
    struct jr_source source = { JR_SOURCE_NONE, JR_NONE };
    bool uniform = true, constants = true;
    if (model == JR_NONE)
        return source;
    source.position = find_in_row(lanes->nodes, width, model);
    if (source.position != JR_NONE) {
        source.kind = JR_SOURCE_INSIDE;
        return source;
    }
    if (lanes->lane_count > 1) {
        source.position = find_in_row(lanes->nodes, width, nodes[lanes->nodes[width + position]].operands[k]);
        source.kind = JR_SOURCE_PREVIOUS;
        if (source.position != JR_NONE)
            return source;
    }
    for (uint32_t lane = 0; lane < lanes->lane_count; lane++) {
        uint32_t operand = nodes[lanes->nodes[lane * width + position]].operands[k];
        uniform = uniform && operand == model;
        constants = constants && nodes[operand].kind == JR_NODE_CONST;
    }
    source.kind = constants ? JR_SOURCE_CONSTANT : uniform ? JR_SOURCE_UNIFORM : JR_SOURCE_OUTSIDE;
    return source;
}

enum jr_status jr_lanes_describe(struct jr_planner *p, struct jr_lanes *lanes)
{
    uint32_t width = lanes->position_count;
    lanes->sources = jr_arena_array(p->arena, width, sizeof *lanes->sources);
    lanes->afters = JR_ARENA_ARRAY(p->arena, uint32_t, width);
    if (lanes->sources == NULL || lanes->afters == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < width; i++) {
        const struct jr_node *node = &p->graph->nodes[lanes->nodes[i]];
        for (uint32_t k = 0; k < 3; k++)
            lanes->sources[i][k] = find_source(p, lanes, i, k);
        lanes->afters[i] = JR_NONE;
        if (node->kind == JR_NODE_BEFORE && p->graph->variables[node->index].after != JR_NONE)
            lanes->afters[i] = find_in_row(lanes->nodes, width, p->graph->variables[node->index].after);
    }
    return JR_OK;
}
