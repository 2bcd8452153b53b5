/* stages.c -- the stages, and what passes between them. */
#include <string.h>

#include "jit/graph/internal.h"

enum { CACHE_BYTES = 40 << 10, SHORT_CHUNK = 32 };

/* ---- the stages ---- */

static bool is_by_frame(const struct jr_stage *stage)
{
    return stage->kind != JR_STAGE_VECTOR && stage->kind != JR_STAGE_ROLLED;
}

enum jr_status jr_planner_add_stage(struct jr_planner *p, struct jr_stage stage, const uint32_t *nodes)
{
    stage.nodes = jr_arena_copy(p->arena, nodes, stage.node_count * sizeof nodes[0]);
    if (stage.nodes == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < jr_stage_node_count(&stage); i++)
        p->plan->node_stage[jr_stage_node(&stage, i)] = p->plan->stage_count;
    p->plan->stages[p->plan->stage_count++] = stage;
    return JR_OK;
}

static enum jr_status add_unit(struct jr_planner *p, const struct jr_unit *unit, const uint32_t *nodes, uint32_t count)
{
    struct jr_stage stage = { .kind = unit->kind, .lanes = unit->lanes };
    if (unit->kind == JR_STAGE_SEQUENCE)
        stage.node_count = count;
    if (unit->kind == JR_STAGE_PHASE)
        stage.step_operand = unit->lanes.sources[1][0].kind == JR_SOURCE_INSIDE;
    if (unit->kind == JR_STAGE_RANDOM)
        jr_lanes_random(p, &unit->lanes, &stage.factor, &stage.addend, &stage.modulus);
    return jr_planner_add_stage(p, stage, nodes);
}

/* The units of an odd time, each a stage.  There is at most one SEQUENCE among them, and `nodes` are those of all. */
static enum jr_status add_units(struct jr_planner *p, uint32_t *nodes, uint32_t count, bool *done)
{
    enum jr_status status = JR_OK;
    uint32_t kept = 0, sequence = JR_NONE;
    for (uint32_t i = 0; i < count && status == JR_OK; i++) {
        uint32_t unit = p->unit[nodes[i]];
        if (p->units[unit].kind == JR_STAGE_SEQUENCE) {
            sequence = unit;
            nodes[kept++] = nodes[i];
        } else if (!done[unit]) {
            done[unit] = true;
            status = add_unit(p, &p->units[unit], nodes, 0);
        }
    }
    if (status == JR_OK && sequence != JR_NONE)
        status = add_unit(p, &p->units[sequence], nodes, kept);
    return status;
}

/* Whether some leaf has to be in an array or output, which the first stage does. */
static bool stores_leaf(const struct jr_planner *p)
{
    const struct jr_graph *graph = p->graph;
    for (uint32_t i = 0; i < graph->output_count; i++)
        if (jr_planner_is_leaf(p, graph->outputs[i]))
            return true;
    for (uint32_t i = 0; i < graph->variable_count; i++)
        if (graph->variables[i].after != JR_NONE && jr_planner_is_leaf(p, graph->variables[i].after))
            return true;
    for (uint32_t i = 0; i < graph->line_count; i++)
        if (jr_planner_is_leaf(p, graph->lines[i].input))
            return true;
    return false;
}

static enum jr_status make_all(struct jr_planner *p)
{
    uint32_t count = p->graph->node_count, last = 0, done = 0;
    for (uint32_t node = 0; node < count; node++)
        last = p->time[node] > last ? p->time[node] : last;
    uint32_t *first = JR_ARENA_ARRAY(&p->scratch, uint32_t, (size_t)last + 2);
    uint32_t *sorted = JR_ARENA_ARRAY(&p->scratch, uint32_t, count);
    bool *done_units = JR_ARENA_ARRAY(&p->scratch, bool, p->unit_count);
    p->plan->stages = JR_ARENA_ARRAY(p->arena, struct jr_stage, (size_t)last + 1 + p->unit_count + count / 4);
    if (first == NULL || sorted == NULL || done_units == NULL || p->plan->stages == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t node = 0; node < count; node++)
        first[p->time[node] + 1] += !jr_planner_is_leaf(p, node);
    for (uint32_t t = 0; t <= last; t++)
        first[t + 1] += first[t];
    for (uint32_t i = 0; i < count; i++) { /* vector stages: by component */
        uint32_t node = p->order[i];
        if (!jr_planner_is_leaf(p, node) && p->time[node] % 2 == 0)
            sorted[first[p->time[node]]++] = node;
    }
    for (uint32_t node = 0; node < count; node++) /* frame by frame: operands first */
        if (!jr_planner_is_leaf(p, node) && p->time[node] % 2 == 1)
            sorted[first[p->time[node]]++] = node;
    enum jr_status status = JR_OK;
    for (uint32_t t = 0; t <= last && status == JR_OK; t++) {
        uint32_t here = first[t] - done;
        if (t % 2 == 1)
            status = add_units(p, sorted + done, here, done_units);
        else if (here > 0 || (t == 0 && stores_leaf(p)))
            status = jr_planner_add_vector(p, sorted + done, here, t == 0 && stores_leaf(p));
        done = first[t];
    }
    return status;
}

/* ---- arrays ---- */

struct layout {
    struct jr_planner *p;
    uint32_t *last_reader; /* per node: the last stage that takes it from an array; JR_NONE: none */
    bool *kept;            /* per node: its array is needed until the chunk ends */
    bool *taken;           /* per node: element -1 of that array is a variable's */
    uint32_t *store_count; /* per stage */
    struct jr_store *stores;
    uint32_t total;
};

/* The stage that stores the node. */
static uint32_t storing_stage(const struct jr_planner *p, uint32_t node)
{
    return p->plan->node_stage[node] == JR_NONE ? 0 : p->plan->node_stage[node];
}

/* BEFORE of a variable that does not stay inside its stage reads the variable's array, not the node's. */
static void find_readers(struct layout *l)
{
    struct jr_planner *p = l->p;
    const struct jr_graph *graph = p->graph;
    for (uint32_t node = 0; node < graph->node_count; node++) {
        uint32_t stage = p->plan->node_stage[node];
        if (stage == JR_NONE)
            continue;
        for (uint32_t k = 0; k < jr_node_operand_count(&graph->nodes[node]); k++) {
            uint32_t other = graph->nodes[node].operands[k];
            if (jr_planner_is_leaf(p, other) || p->plan->node_stage[other] == stage)
                continue;
            if (l->last_reader[other] == JR_NONE || l->last_reader[other] < stage)
                l->last_reader[other] = stage;
        }
    }
}

static void find_forms(struct jr_planner *p)
{
    struct jr_plan *plan = p->plan;
    for (uint32_t v = 0; v < p->graph->variable_count; v++) {
        const struct jr_variable *variable = &p->graph->variables[v];
        plan->variable_array[v] = plan->variable_stage[v] = JR_NONE;
        plan->variable_form[v] = JR_FORM_CONSTANT;
        if (variable->after == JR_NONE)
            continue;
        uint32_t stage = plan->node_stage[variable->after];
        bool by_frame = stage != JR_NONE && is_by_frame(&plan->stages[stage]);
        if (variable->before == JR_NONE)
            plan->variable_form[v] = JR_FORM_LAST;
        else
            plan->variable_form[v] = by_frame && plan->node_stage[variable->before] == stage ? JR_FORM_CARRIED : JR_FORM_DELAYED;
        if (by_frame && plan->variable_form[v] != JR_FORM_DELAYED)
            plan->variable_stage[v] = stage;
    }
}

static void find_lines(struct jr_planner *p)
{
    struct jr_plan *plan = p->plan;
    for (uint32_t i = 0; i < p->graph->line_count; i++) {
        const struct jr_line *line = &p->graph->lines[i];
        uint32_t input = plan->node_stage[line->input], read = line->read != JR_NONE ? plan->node_stage[line->read] : 0;
        plan->line_array[i] = JR_NONE;
        plan->line_fresh[i] = line->read != JR_NONE && line->least < plan->chunk;
        bool one_by_one = input != JR_NONE && plan->stages[input].lanes.lane_count == 0;
        plan->line_direct[i] = one_by_one && read <= input && !plan->line_fresh[i] && line->length >= plan->chunk;
    }
}

static void add_store(struct layout *l, struct jr_store store)
{
    l->store_count[storing_stage(l->p, store.node)]++;
    l->stores[l->total++] = store;
}

static void keep(struct layout *l, uint32_t node)
{
    struct jr_plan *plan = l->p->plan;
    if (!l->kept[node]) {
        l->kept[node] = true;
        plan->node_array[node] = plan->array_count++;
        add_store(l, (struct jr_store){ .node = node, .index = plan->node_array[node] });
    }
}

/* Arrays that live as long as the chunk: element -1 of them is there from its beginning. */
static void place_kept(struct layout *l)
{
    struct jr_planner *p = l->p;
    struct jr_plan *plan = p->plan;
    const struct jr_graph *graph = p->graph;
    for (uint32_t v = 0; v < graph->variable_count; v++) {
        uint32_t after = graph->variables[v].after;
        bool delayed = plan->variable_form[v] == JR_FORM_DELAYED;
        if (!delayed && (plan->variable_form[v] != JR_FORM_LAST || plan->variable_stage[v] != JR_NONE))
            continue;
        if (delayed && l->taken[after]) {
            plan->variable_array[v] = plan->array_count++;
            add_store(l, (struct jr_store){ .node = after, .index = plan->variable_array[v] });
            continue;
        }
        keep(l, after);
        l->taken[after] |= delayed;
        plan->variable_array[v] = plan->node_array[after];
    }
    for (uint32_t i = 0; i < graph->line_count; i++)
        if (!plan->line_direct[i]) {
            keep(l, graph->lines[i].input);
            plan->line_array[i] = plan->node_array[graph->lines[i].input];
        }
    if (graph->charge != JR_NONE)
        keep(l, graph->charge);
    for (uint32_t c = 0; c < graph->output_count; c++)
        add_store(l, (struct jr_store){ .node = graph->outputs[c], .is_output = true, .index = c });
}

/* The other nodes that leave their stage: an array is free again after the stage that reads it last. */
static enum jr_status place_passing(struct layout *l)
{
    struct jr_planner *p = l->p;
    struct jr_plan *plan = p->plan;
    uint32_t node_count = p->graph->node_count, free_count = 0;
    uint32_t *first_due = JR_ARENA_ARRAY(&p->scratch, uint32_t, plan->stage_count);
    uint32_t *next_due = JR_ARENA_ARRAY(&p->scratch, uint32_t, node_count);
    uint32_t *unused = JR_ARENA_ARRAY(&p->scratch, uint32_t, node_count);
    if (first_due == NULL || next_due == NULL || unused == NULL)
        return JR_ERR_NO_MEMORY;
    memset(first_due, 0xff, plan->stage_count * sizeof first_due[0]);
    for (uint32_t s = 0; s < plan->stage_count; s++) {
        const struct jr_stage *stage = &plan->stages[s];
        for (uint32_t i = 0; i < jr_stage_node_count(stage); i++) {
            uint32_t node = jr_stage_node(stage, i), reader = l->last_reader[node];
            if (reader == JR_NONE || l->kept[node])
                continue;
            plan->node_array[node] = free_count > 0 ? unused[--free_count] : plan->array_count++;
            add_store(l, (struct jr_store){ .node = node, .index = plan->node_array[node] });
            next_due[node] = first_due[reader];
            first_due[reader] = node;
        }
        for (uint32_t node = first_due[s]; node != JR_NONE; node = next_due[node])
            unused[free_count++] = plan->node_array[node];
    }
    return JR_OK;
}

/* The stores of each stage together. */
static enum jr_status distribute(struct layout *l)
{
    struct jr_plan *plan = l->p->plan;
    struct jr_store *all = JR_ARENA_ARRAY(l->p->arena, struct jr_store, l->total);
    if (all == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t s = 0; s < plan->stage_count; s++) {
        plan->stages[s].stores = all;
        all += l->store_count[s];
    }
    for (uint32_t i = 0; i < l->total; i++) {
        struct jr_stage *stage = &plan->stages[storing_stage(l->p, l->stores[i].node)];
        stage->stores[stage->store_count++] = l->stores[i];
    }
    return JR_OK;
}

static enum jr_status place_arrays(struct jr_planner *p)
{
    struct jr_plan *plan = p->plan;
    const struct jr_graph *graph = p->graph;
    size_t nodes = graph->node_count, most = nodes + graph->variable_count + graph->output_count;
    struct layout l = { .p = p,
                        .last_reader = JR_ARENA_ARRAY(&p->scratch, uint32_t, nodes),
                        .kept = JR_ARENA_ARRAY(&p->scratch, bool, nodes),
                        .taken = JR_ARENA_ARRAY(&p->scratch, bool, nodes),
                        .store_count = JR_ARENA_ARRAY(&p->scratch, uint32_t, plan->stage_count),
                        .stores = JR_ARENA_ARRAY(&p->scratch, struct jr_store, most) };
    if (!l.last_reader || !l.kept || !l.taken || !l.store_count || !l.stores)
        return JR_ERR_NO_MEMORY;
    memset(l.last_reader, 0xff, nodes * sizeof l.last_reader[0]);
    find_forms(p);
    find_lines(p);
    find_readers(&l);
    place_kept(&l);
    enum jr_status status = place_passing(&l);
    return status == JR_OK ? distribute(&l) : status;
}

static enum jr_status make_tables(struct jr_planner *p)
{
    struct jr_plan *plan = p->plan;
    const struct jr_graph *graph = p->graph;
    p->unit = JR_ARENA_ARRAY(&p->scratch, uint32_t, graph->node_count);
    p->time = JR_ARENA_ARRAY(&p->scratch, uint32_t, graph->node_count);
    plan->node_stage = JR_ARENA_ARRAY(p->arena, uint32_t, graph->node_count);
    plan->node_array = JR_ARENA_ARRAY(p->arena, uint32_t, graph->node_count);
    plan->variable_form = JR_ARENA_ARRAY(p->arena, enum jr_variable_form, graph->variable_count);
    plan->variable_array = JR_ARENA_ARRAY(p->arena, uint32_t, graph->variable_count);
    plan->variable_stage = JR_ARENA_ARRAY(p->arena, uint32_t, graph->variable_count);
    plan->line_array = JR_ARENA_ARRAY(p->arena, uint32_t, graph->line_count);
    plan->line_fresh = JR_ARENA_ARRAY(p->arena, bool, graph->line_count);
    plan->line_direct = JR_ARENA_ARRAY(p->arena, bool, graph->line_count);
    if (!p->unit || !p->time || !plan->node_stage || !plan->node_array || !plan->variable_form || !plan->variable_array ||
        !plan->variable_stage || !plan->line_array || !plan->line_fresh || !plan->line_direct)
        return JR_ERR_NO_MEMORY;
    memset(plan->node_stage, 0xff, graph->node_count * sizeof plan->node_stage[0]);
    memset(plan->node_array, 0xff, graph->node_count * sizeof plan->node_array[0]);
    return JR_OK;
}

/* Shorter chunks where that keeps the arrays in the first-level cache.  What was found out for longer ones holds for them. */
static void fit_chunk(struct jr_plan *plan)
{
    uint64_t bytes = (uint64_t)plan->array_count * (plan->chunk + JR_PLAN_MARGIN) * sizeof(uint64_t);
    if (plan->chunk > SHORT_CHUNK && bytes > CACHE_BYTES && bytes / plan->chunk * SHORT_CHUNK <= CACHE_BYTES)
        plan->chunk = SHORT_CHUNK;
}

enum jr_status jr_planner_make_stages(struct jr_planner *p)
{
    enum jr_status status = make_tables(p);
    if (status != JR_OK)
        return status;
    JR_TRY(jr_planner_make_units(p));
    JR_TRY(jr_planner_move_late(p));
    JR_TRY(make_all(p));
    JR_TRY(place_arrays(p));
    fit_chunk(p->plan);
done:
    return status;
}
