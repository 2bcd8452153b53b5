/* pipeline.c -- chains of recurrences of one shape, each fed by the one before: filters in series.
 *
 * One after the other they would wait for each other; as lanes of vectors, each lane a frame behind the lane before, they all work at once. Between two
 * recurrences there may be nodes that wait for no frame before (the products of a filter's input): they belong to the row of the second one.  The
 * rows are found by matching: the second recurrence with what lies between it and the first is the pattern. */
#include <stdlib.h>
#include <string.h>

#include "jit/graph/internal.h"

enum { LEAST_LANES = 4, MOST_ROW = 128, MOST_BETWEEN = 64 };

struct search {
    struct jr_planner *p;
    uint32_t *fed_by;   /* per unit: the unit of the same shape that feeds it; JR_NONE */
    uint32_t *seen;     /* per node: stamp */
    uint32_t stamp;
    uint32_t between[MOST_BETWEEN + 1];
    uint32_t between_count;
    uint32_t pattern[MOST_ROW]; /* nodes of lane 1, ascending */
    uint32_t width;
};

static bool is_pattern_kind(const struct jr_node *node)
{
    return node->kind != JR_NODE_READ && node->kind != JR_NODE_ELEMENT && node->kind != JR_NODE_INPUT && node->kind != JR_NODE_BEFORE;
}

/* Goes up from the operands of `node` to units, by way of at most MOST_BETWEEN nodes, which are noted.  The one unit of the same shape: JR_NONE if there
 * is none or more than one. */
static bool look_up(struct search *s, uint32_t unit, uint32_t node, uint32_t *found)
{
    struct jr_planner *p = s->p;
    uint32_t other;
    for (uint32_t k = 0; (other = jr_planner_dependency(p, node, k)) != JR_NONE; k++) {
        uint32_t owner = p->unit[other];
        if (s->seen[other] == s->stamp || jr_planner_is_leaf(p, other) || owner == unit)
            continue;
        s->seen[other] = s->stamp;
        if (owner == JR_NONE) {
            if (s->between_count == MOST_BETWEEN)
                return false;
            s->between[s->between_count++] = other;
            if (!look_up(s, unit, other, found))
                return false;
        } else if (owner != *found && p->units[owner].kind == JR_STAGE_SEQUENCE &&
                   jr_unit_same_shape(p, &p->units[owner], &p->units[unit])) {
            if (*found != JR_NONE)
                return false;
            *found = owner;
        }
    }
    return true;
}

static uint32_t find_feeder(struct search *s, uint32_t unit)
{
    const struct jr_unit *at = &s->p->units[unit];
    uint32_t found = JR_NONE;
    s->stamp++;
    s->between_count = 0;
    for (uint32_t i = 0; i < at->count; i++)
        if (!look_up(s, unit, s->p->order[at->first + i], &found))
            return JR_NONE;
    return found;
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* The pattern: the unit with those of the nodes between that wait for its feeder. */
static bool make_pattern(struct search *s, uint32_t unit, uint32_t feeder)
{
    const struct jr_planner *p = s->p;
    const struct jr_unit *at = &p->units[unit];
    if (find_feeder(s, unit) != feeder || at->count + s->between_count > MOST_ROW)
        return false;
    qsort(s->between, s->between_count, sizeof s->between[0], by_number);
    s->stamp++;
    s->width = 0;
    for (uint32_t i = 0; i < s->between_count; i++) {
        const struct jr_node *node = &p->graph->nodes[s->between[i]];
        bool waits = false;
        for (uint32_t k = 0; k < jr_node_operand_count(node); k++)
            waits = waits || p->unit[node->operands[k]] == feeder || s->seen[node->operands[k]] == s->stamp;
        if (!waits)
            continue;
        if (!is_pattern_kind(node))
            return false;
        s->seen[s->between[i]] = s->stamp;
        s->pattern[s->width++] = s->between[i];
    }
    for (uint32_t i = 0; i < at->count; i++)
        s->pattern[s->width++] = p->order[at->first + i];
    qsort(s->pattern, s->width, sizeof s->pattern[0], by_number);
    return true;
}

static uint32_t position_of(const struct search *s, uint32_t node)
{
    const uint32_t *at = bsearch(&node, s->pattern, s->width, sizeof s->pattern[0], by_number);
    return at != NULL ? (uint32_t)(at - s->pattern) : JR_NONE;
}

/* The row of a unit that matches the pattern, which belongs to `model`; users come before their operands. */
static bool match_row(const struct search *s, uint32_t model, uint32_t unit, uint32_t *row)
{
    const struct jr_planner *p = s->p;
    const struct jr_unit *from = &p->units[model], *to = &p->units[unit];
    memset(row, 0xff, s->width * sizeof row[0]);
    for (uint32_t i = 0; i < from->count; i++)
        row[position_of(s, p->order[from->first + i])] = p->order[to->first + i];
    for (uint32_t i = s->width; i-- > 0;) {
        const struct jr_node *pattern = &p->graph->nodes[s->pattern[i]], *node;
        if (row[i] == JR_NONE)
            return false;
        node = &p->graph->nodes[row[i]];
        if (node->kind != pattern->kind || node->op != pattern->op)
            return false;
        if (p->unit[s->pattern[i]] == JR_NONE && p->unit[row[i]] != JR_NONE) /* what is between belongs to no unit */
            return false;
        for (uint32_t k = 0; k < jr_node_operand_count(pattern); k++) {
            uint32_t position = position_of(s, pattern->operands[k]);
            if (position == JR_NONE)
                continue;
            if (row[position] != JR_NONE && row[position] != node->operands[k])
                return false;
            row[position] = node->operands[k];
        }
    }
    return true;
}

/* What the pattern takes from lane 0, every lane takes from the one before; and nothing else from another lane. */
static bool is_fed(const struct search *s, const uint32_t *first, const uint32_t *second, const uint32_t *before, const uint32_t *row)
{
    const struct jr_node *nodes = s->p->graph->nodes;
    for (uint32_t i = 0; i < s->width; i++)
        for (uint32_t k = 0; k < jr_node_operand_count(&nodes[row[i]]); k++) {
            uint32_t operand = nodes[second[i]].operands[k], q = 0;
            if (position_of(s, operand) != JR_NONE)
                continue;
            while (q < s->width && first[q] != operand)
                q++;
            uint32_t mine = nodes[row[i]].operands[k];
            if (q < s->width && before[q] != mine)
                return false;
        }
    return true;
}

/* What a node is computed together with, as a number: its unit, or itself. */
static uint32_t *owner_of(const struct jr_planner *p, uint32_t *waits, uint32_t node)
{
    return waits + (p->unit[node] != JR_NONE ? p->unit[node] : p->unit_count + node);
}

enum jr_status jr_planner_is_convex(struct jr_planner *p, const bool *chosen, bool *convex)
{
    uint32_t *waits = JR_ARENA_ARRAY(&p->scratch, uint32_t, (size_t)p->unit_count + p->graph->node_count);
    if (waits == NULL)
        return JR_ERR_NO_MEMORY;
    *convex = true;
    for (bool changed = true; changed && *convex;) { /* units may come out in any order */
        changed = false;
        for (uint32_t i = 0; i < p->graph->node_count && *convex; i++) {
            uint32_t node = p->order[i], other;
            for (uint32_t k = 0; (other = jr_planner_dependency(p, node, k)) != JR_NONE; k++) {
                bool late = !chosen[other] && *owner_of(p, waits, other) != 0;
                if (chosen[node]) {
                    *convex = *convex && !late;
                } else if ((late || chosen[other]) && *owner_of(p, waits, node) == 0) {
                    *owner_of(p, waits, node) = 1;
                    changed = true;
                }
            }
        }
    }
    return JR_OK;
}

/* Rows of lanes, the last `count` units of `chain`; fewer if some do not match.  0: no pipeline. */
static uint32_t match_chain(struct search *s, const uint32_t *chain, uint32_t count, uint32_t *rows)
{
    uint32_t lanes = 0;
    if (count < LEAST_LANES || !make_pattern(s, chain[1], chain[0]))
        return 0;
    for (; lanes < count; lanes++) {
        uint32_t *row = rows + (size_t)lanes * s->width;
        if (!match_row(s, chain[1], chain[lanes], row))
            break;
        if (lanes >= 1 && !is_fed(s, rows, rows + s->width, row - s->width, row))
            break;
    }
    return lanes >= LEAST_LANES ? lanes : 0;
}

static bool is_in(const uint32_t *row, uint32_t width, uint32_t node)
{
    for (uint32_t i = 0; i < width; i++)
        if (row[i] == node)
            return true;
    return false;
}

/* No lane takes anything from the others but what each takes from the one before. */
static bool is_apart(const struct search *s, const uint32_t *rows, uint32_t lanes, const bool *chosen)
{
    const struct jr_node *nodes = s->p->graph->nodes;
    for (uint32_t i = 0; i < lanes * s->width; i++)
        for (uint32_t k = 0; k < jr_node_operand_count(&nodes[rows[i]]); k++) {
            const uint32_t *row = rows + i / s->width * s->width;
            uint32_t operand = nodes[rows[i]].operands[k], like = nodes[rows[s->width + i % s->width]].operands[k];
            bool fed = is_in(rows, s->width, like);
            if (!chosen[operand] ? fed && i >= s->width : i < s->width || !fed ? !is_in(row, s->width, operand) : false)
                return false;
        }
    return true;
}

static enum jr_status make_pipeline(struct search *s, const uint32_t *chain, uint32_t count, bool *found)
{
    struct jr_planner *p = s->p;
    uint32_t node_count = p->graph->node_count;
    uint32_t *rows = JR_ARENA_ARRAY(p->arena, uint32_t, (size_t)count * MOST_ROW);
    bool *chosen = JR_ARENA_ARRAY(&p->scratch, bool, node_count), convex;
    if (rows == NULL || chosen == NULL)
        return JR_ERR_NO_MEMORY;
    uint32_t lanes = match_chain(s, chain, count, rows);
    for (uint32_t i = 0; i < lanes * s->width; i++) {
        if (chosen[rows[i]]) /* a node between that two lanes share */
            return JR_OK;
        chosen[rows[i]] = true;
    }
    enum jr_status status = jr_planner_is_convex(p, chosen, &convex);
    if (status != JR_OK || lanes == 0 || !convex || !is_apart(s, rows, lanes, chosen))
        return status;
    struct jr_unit *unit = &p->units[p->unit_count];
    *unit = (struct jr_unit){ .kind = JR_STAGE_PIPELINE };
    unit->lanes = (struct jr_lanes){ .lane_count = lanes, .position_count = s->width, .nodes = rows };
    for (uint32_t i = 0; i < lanes; i++)
        p->units[chain[i]].merged = true;
    for (uint32_t i = 0; i < lanes * s->width; i++) {
        p->unit[rows[i]] = p->unit_count;
        unit->work += jr_cost_vector(&p->graph->nodes[rows[i]]);
    }
    p->unit_count++;
    *found = true;
    return jr_lanes_describe(p, &unit->lanes);
}

enum jr_status jr_planner_find_pipelines(struct jr_planner *p, bool *found)
{
    uint32_t count = p->unit_count;
    struct search s = { .p = p,
                        .fed_by = JR_ARENA_ARRAY(&p->scratch, uint32_t, count),
                        .seen = JR_ARENA_ARRAY(&p->scratch, uint32_t, p->graph->node_count) };
    uint32_t *chain = JR_ARENA_ARRAY(&p->scratch, uint32_t, count);
    bool *feeds = JR_ARENA_ARRAY(&p->scratch, bool, count);
    enum jr_status status = s.fed_by && s.seen && chain && feeds ? JR_OK : JR_ERR_NO_MEMORY;
    *found = false;
    for (uint32_t u = 0; u < count && status == JR_OK; u++) {
        const struct jr_unit *unit = &p->units[u];
        bool usable = !unit->merged && unit->kind == JR_STAGE_SEQUENCE && unit->count <= MOST_ROW;
        for (uint32_t i = 0; usable && i < unit->count; i++) {
            const struct jr_node *node = &p->graph->nodes[p->order[unit->first + i]];
            usable = node->kind == JR_NODE_BEFORE || is_pattern_kind(node);
        }
        s.fed_by[u] = usable ? find_feeder(&s, u) : JR_NONE;
        if (s.fed_by[u] != JR_NONE)
            feeds[s.fed_by[u]] = true;
    }
    for (uint32_t u = 0; u < count && status == JR_OK; u++) { /* each chain from its end */
        uint32_t length = 0;
        if (feeds[u] || s.fed_by[u] == JR_NONE)
            continue;
        for (uint32_t at = u; at != JR_NONE && !p->units[at].merged && length < count; at = s.fed_by[at])
            length++;
        uint32_t at = u;
        for (uint32_t i = length; i-- > 0; at = s.fed_by[at])
            chain[i] = at;
        if (length >= LEAST_LANES)
            status = make_pipeline(&s, chain, length, found);
    }
    return status;
}
