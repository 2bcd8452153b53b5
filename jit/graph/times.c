/* times.c -- when each node is computed.
 *
 * Each unit is computed frame by frame at an odd time; the other nodes belong to vector stages at even times:
 *
 *   unit        as early as what it waits for allows, so that those that may run side by side do
 *   other node  as late as its users allow: the last vector stages are the largest, and the recurrences' inputs are few */
#include <string.h>

#include "jit/graph/internal.h"

bool jr_planner_is_leaf(const struct jr_planner *p, uint32_t index)
{
    const struct jr_node *node = &p->graph->nodes[index];
    return node->kind == JR_NODE_CONST || node->kind == JR_NODE_NOW ||
           (node->kind == JR_NODE_BEFORE && p->graph->variables[node->index].after == JR_NONE);
}

/* The least time that what `node` waits for allows. */
static uint32_t earliest(const struct jr_planner *p, uint32_t node)
{
    uint32_t least = p->unit[node] != JR_NONE ? 1 : 0, other;
    for (uint32_t k = 0; (other = jr_planner_dependency(p, node, k)) != JR_NONE; k++) {
        if (jr_planner_is_leaf(p, other) || (p->unit[node] != JR_NONE && p->unit[other] == p->unit[node]))
            continue;
        uint32_t time = p->time[other];
        if (p->unit[other] != JR_NONE)
            time += p->unit[node] != JR_NONE ? 2 : 1;
        else
            time += p->unit[node] != JR_NONE ? 1 : 0;
        least = time > least ? time : least;
    }
    return least;
}

/* All nodes of a unit have one time; where units are larger than components one pass does not find it. */
enum jr_status jr_planner_find_earliest(struct jr_planner *p)
{
    uint32_t count = p->graph->node_count;
    uint32_t *unit_time = JR_ARENA_ARRAY(&p->scratch, uint32_t, (size_t)p->unit_count + 1);
    if (unit_time == NULL)
        return JR_ERR_NO_MEMORY;
    memset(p->time, 0, count * sizeof p->time[0]);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t node = p->order[i], unit = p->unit[node], time = earliest(p, node);
            if (unit == JR_NONE) {
                changed |= time != p->time[node];
                p->time[node] = time;
                continue;
            }
            changed |= time > unit_time[unit];
            if (time > 2 * p->unit_count + 2)
                return jr_graph_refuse(p->reason, "stages would wait for each other");
            unit_time[unit] = time > unit_time[unit] ? time : unit_time[unit];
        }
        for (uint32_t node = 0; node < count; node++)
            if (p->unit[node] != JR_NONE) {
                changed |= p->time[node] != unit_time[p->unit[node]];
                p->time[node] = unit_time[p->unit[node]];
            }
    }
    return JR_OK;
}

/* Nodes of no unit move to the latest time.  What the frame brings in is taken first. */
enum jr_status jr_planner_move_late(struct jr_planner *p)
{
    uint32_t count = p->graph->node_count, last = 0;
    uint32_t *latest = JR_ARENA_ARRAY(&p->scratch, uint32_t, count);
    if (latest == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t node = 0; node < count; node++)
        if (p->unit[node] == JR_NONE && p->time[node] > last)
            last = p->time[node];
    for (uint32_t node = 0; node < count; node++)
        latest[node] = p->graph->nodes[node].kind == JR_NODE_INPUT ? 0 : last;
    for (uint32_t i = count; i-- > 0;) {
        uint32_t node = p->order[i], other;
        if (p->unit[node] == JR_NONE && !jr_planner_is_leaf(p, node))
            p->time[node] = latest[node];
        uint32_t before = p->unit[node] == JR_NONE ? p->time[node] : p->time[node] - 1;
        for (uint32_t k = 0; (other = jr_planner_dependency(p, node, k)) != JR_NONE; k++)
            latest[other] = before < latest[other] ? before : latest[other];
    }
    return JR_OK;
}
