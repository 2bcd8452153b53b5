/* cycles.c -- recurrences: what waits for itself, one frame or a few later.
 *
 * Tarjan's strongly connected components over everything a node waits for.  They come out dependencies first.  A line whose sample comes back
 * after fewer frames than a chunk has would tie its loop into a recurrence; if it takes 16 or more, shorter chunks are the better way. */
#include <string.h>

#include "jit/graph/internal.h"

enum { LEAST_CHUNK = 16 };

struct tarjan {
    struct jr_planner *p;
    uint32_t *number, *low, *stack, *path, *step;
    bool *open; /* on the stack */
    uint32_t depth, stacked, next;
};

static void close_component(struct tarjan *t, uint32_t root)
{
    struct jr_planner *p = t->p;
    uint32_t size = 0, node;
    do {
        node = t->stack[--t->stacked];
        t->open[node] = false;
        p->component[node] = p->component_count;
        size++;
    } while (node != root);
    p->recurrent[p->component_count] = size > 1; /* no node waits for itself alone: between frames there is always a BEFORE or a READ */
    p->component_count++;
}

static void enter(struct tarjan *t, uint32_t node)
{
    t->number[node] = t->low[node] = ++t->next;
    t->stack[t->stacked++] = node;
    t->open[node] = true;
    t->step[t->depth] = 0;
    t->path[t->depth++] = node;
}

static void visit(struct tarjan *t, uint32_t first)
{
    enter(t, first);
    while (t->depth > 0) {
        uint32_t node = t->path[t->depth - 1], other = jr_planner_dependency(t->p, node, t->step[t->depth - 1]);
        if (other == JR_NONE) {
            if (t->low[node] == t->number[node])
                close_component(t, node);
            if (--t->depth > 0) {
                uint32_t user = t->path[t->depth - 1];
                t->low[user] = t->low[node] < t->low[user] ? t->low[node] : t->low[user];
            }
            continue;
        }
        t->step[t->depth - 1]++;
        if (t->number[other] == 0)
            enter(t, other);
        else if (t->open[other] && t->number[other] < t->low[node])
            t->low[node] = t->number[other];
    }
}

static enum jr_status find_components(struct jr_planner *p)
{
    size_t count = p->graph->node_count;
    struct tarjan t = { .p = p,
                        .number = JR_ARENA_ARRAY(&p->scratch, uint32_t, count),
                        .low = JR_ARENA_ARRAY(&p->scratch, uint32_t, count),
                        .stack = JR_ARENA_ARRAY(&p->scratch, uint32_t, count),
                        .path = JR_ARENA_ARRAY(&p->scratch, uint32_t, count),
                        .step = JR_ARENA_ARRAY(&p->scratch, uint32_t, count),
                        .open = JR_ARENA_ARRAY(&p->scratch, bool, count) };
    if (!t.number || !t.low || !t.stack || !t.path || !t.step || !t.open)
        return JR_ERR_NO_MEMORY;
    p->component_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (t.number[i] == 0)
            visit(&t, i);
    return JR_OK;
}

/* Whether a loop goes through a line that could be longer than a chunk; the chunk is then made that short. */
static bool shorten(struct jr_planner *p)
{
    uint32_t chunk = p->plan->chunk;
    for (uint32_t i = 0; i < p->graph->line_count; i++) {
        const struct jr_line *line = &p->graph->lines[i];
        bool in_loop = line->read != JR_NONE && p->component[line->read] == p->component[line->input];
        uint32_t frames = line->least - line->least % JR_PLAN_VECTOR_FRAMES;
        if (in_loop && line->least >= LEAST_CHUNK && frames < chunk)
            chunk = frames;
    }
    bool shorter = chunk < p->plan->chunk;
    p->plan->chunk = chunk;
    return shorter;
}

/* Nodes by component, within one by index: a counting sort. */
static enum jr_status sort_nodes(struct jr_planner *p)
{
    uint32_t count = p->graph->node_count;
    uint32_t *first = JR_ARENA_ARRAY(&p->scratch, uint32_t, (size_t)p->component_count + 1);
    p->order = JR_ARENA_ARRAY(&p->scratch, uint32_t, count);
    if (first == NULL || p->order == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        first[p->component[i] + 1]++;
    for (uint32_t c = 0; c < p->component_count; c++)
        first[c + 1] += first[c];
    for (uint32_t i = 0; i < count; i++)
        p->order[first[p->component[i]]++] = i;
    return JR_OK;
}

enum jr_status jr_planner_find_cycles(struct jr_planner *p)
{
    p->component = JR_ARENA_ARRAY(&p->scratch, uint32_t, p->graph->node_count);
    p->recurrent = JR_ARENA_ARRAY(&p->scratch, bool, p->graph->node_count);
    if (p->component == NULL || p->recurrent == NULL)
        return JR_ERR_NO_MEMORY;
    p->plan->chunk = JR_PLAN_MOST_FRAMES;
    enum jr_status status = find_components(p);
    if (status == JR_OK && shorten(p)) {
        memset(p->recurrent, 0, p->graph->node_count * sizeof p->recurrent[0]);
        status = find_components(p);
    }
    return status == JR_OK ? sort_nodes(p) : status;
}
