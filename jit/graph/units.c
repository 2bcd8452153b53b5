/* units.c -- which recurrences are computed together.
 *
 *   1  each recurrence is a unit
 *   2  those of one time and shape become lanes: PHASE, RANDOM, PACK
 *   3  chains become a PIPELINE (pipeline.c)
 *   4  what is left of one time becomes one SEQUENCE, whose recurrences overlap each other
 *   5  sequences of neighbouring times become one with what lies between them where waiting for each of them costs more than doing the work between
 *      frame by frame */
#include <stdlib.h>
#include <string.h>

#include "ir/base/hash.h"
#include "jit/graph/internal.h"

enum { LEAST_PACK = 4, STAGE_COST = 12 /* quarters of a cycle a frame, for a loop of its own */ };

/* ---- 1 ---- */

static void describe(struct jr_planner *p, struct jr_unit *unit)
{
    uint32_t *until = p->time; /* not used yet: latency so far */
    for (uint32_t i = 0; i < unit->count; i++) {
        uint32_t index = p->order[unit->first + i], longest = 0;
        const struct jr_node *node = &p->graph->nodes[index];
        unit->shape = jr_hash_word(unit->shape, (uint64_t)node->kind << 32 | node->op);
        for (uint32_t k = 0; k < jr_node_operand_count(node); k++)
            if (p->component[node->operands[k]] == p->component[index] && until[node->operands[k]] > longest)
                longest = until[node->operands[k]];
        until[index] = longest + jr_cost_latency(node);
        unit->latency = until[index] > unit->latency ? until[index] : unit->latency;
        unit->work += jr_cost_scalar(node);
    }
}

static enum jr_status begin(struct jr_planner *p)
{
    uint32_t count = p->graph->node_count, recurrences = 0;
    for (uint32_t c = 0; c < p->component_count; c++)
        recurrences += p->recurrent[c];
    /* each step combines some units into a new one; the levels of step 4 are at most as many as the units */
    p->units = JR_ARENA_ARRAY(&p->scratch, struct jr_unit, 4 * (size_t)recurrences + 4);
    if (p->units == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = p->order[i], component = p->component[node];
        p->unit[node] = JR_NONE;
        if (!p->recurrent[component])
            continue;
        if (i == 0 || p->component[p->order[i - 1]] != component)
            p->units[p->unit_count++] = (struct jr_unit){ .kind = JR_STAGE_SEQUENCE, .first = i };
        p->unit[node] = p->unit_count - 1;
        p->units[p->unit_count - 1].count++;
    }
    for (uint32_t u = 0; u < p->unit_count; u++)
        describe(p, &p->units[u]);
    return JR_OK;
}

/* ---- 2 ---- */

/* Units that become one stage have equal keys. */
struct key {
    uint32_t time, unit;
    enum jr_stage_kind kind;
    uint64_t detail[4];
};

static int by_key(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    for (int i = 0; i < 4; i++)
        if (a->detail[i] != b->detail[i])
            return a->detail[i] < b->detail[i] ? -1 : 1;
    return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static uint64_t word_of(double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    return word;
}

static bool can_be_packed(const struct jr_planner *p, const struct jr_unit *unit)
{
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct jr_node *node = &p->graph->nodes[p->order[unit->first + i]];
        if (node->kind == JR_NODE_READ || node->kind == JR_NODE_ELEMENT)
            return false;
    }
    return true;
}

static uint32_t phase_operand(const struct jr_planner *p, const struct jr_unit *unit)
{
    return p->graph->nodes[p->order[unit->first + 1]].operands[0] == p->order[unit->first];
}

static struct key make_key(const struct jr_planner *p, uint32_t index)
{
    const struct jr_unit *unit = &p->units[index];
    struct key key = { .time = p->time[p->order[unit->first]], .unit = index, .kind = JR_STAGE_SEQUENCE };
    double factor, addend, modulus;
    if (jr_unit_is_random(p, unit, &factor, &addend, &modulus)) {
        key.kind = JR_STAGE_RANDOM;
        key.detail[0] = unit->shape;
        key.detail[1] = word_of(factor), key.detail[2] = word_of(addend), key.detail[3] = word_of(modulus);
        /* which operand of product and sum is which does not matter to anybody: the constants are told apart */
    } else if (jr_unit_is_phase(p, unit)) {
        uint32_t operand = phase_operand(p, unit);
        uint32_t step = p->graph->nodes[p->order[unit->first + 1]].operands[operand];
        key.kind = JR_STAGE_PHASE;
        key.detail[0] = operand;
        key.detail[1] = p->graph->nodes[step].kind == JR_NODE_CONST;
    } else if (can_be_packed(p, unit)) {
        key.kind = JR_STAGE_PACK;
        key.detail[0] = unit->shape;
        key.detail[1] = unit->count;
    }
    return key;
}

/* Lanes pay if the recurrences side by side are bound by their work, not by waiting. */
static bool is_pack_better(const struct jr_planner *p, const struct jr_unit *unit, uint32_t lanes)
{
    uint32_t vectors = (lanes + 7) / 8, alone = (unit->work + 3) * lanes, packed = 0; /* each with a load and a store */
    for (uint32_t i = 0; i < unit->count; i++)
        packed += 4 * vectors * jr_cost_vector(&p->graph->nodes[p->order[unit->first + i]]);
    packed += 4 * lanes; /* turning inputs and outputs */
    alone = alone > unit->latency ? alone : unit->latency;
    packed = packed > unit->latency ? packed : unit->latency;
    return lanes >= LEAST_PACK && packed + packed / 4 < alone;
}

static enum jr_status combine(struct jr_planner *p, const struct key *keys, uint32_t count)
{
    const struct jr_unit *model = &p->units[keys[0].unit];
    struct jr_unit *unit = &p->units[p->unit_count];
    uint32_t *nodes = JR_ARENA_ARRAY(p->arena, uint32_t, (size_t)count * model->count);
    if (nodes == NULL)
        return JR_ERR_NO_MEMORY;
    *unit = (struct jr_unit){ .kind = keys[0].kind };
    unit->lanes = (struct jr_lanes){ .lane_count = count, .position_count = model->count, .nodes = nodes };
    for (uint32_t lane = 0; lane < count; lane++) {
        struct jr_unit *from = &p->units[keys[lane].unit];
        from->merged = true;
        unit->latency = from->latency > unit->latency ? from->latency : unit->latency;
        for (uint32_t i = 0; i < model->count; i++) {
            uint32_t node = p->order[from->first + i];
            nodes[lane * model->count + i] = node;
            p->unit[node] = p->unit_count;
            unit->work += jr_cost_vector(&p->graph->nodes[node]);
        }
    }
    p->unit_count++;
    return jr_lanes_describe(p, &unit->lanes);
}

static enum jr_status make_lanes(struct jr_planner *p)
{
    uint32_t count = p->unit_count;
    struct key *keys = JR_ARENA_ARRAY(&p->scratch, struct key, count);
    enum jr_status status = keys != NULL ? JR_OK : JR_ERR_NO_MEMORY;
    for (uint32_t u = 0; u < count && status == JR_OK; u++)
        keys[u] = make_key(p, u);
    if (status == JR_OK && count > 1)
        qsort(keys, count, sizeof keys[0], by_key);
    for (uint32_t first = 0, end; first < count && status == JR_OK; first = end) {
        const struct jr_unit *model = &p->units[keys[first].unit];
        for (end = first + 1; end < count; end++) {
            struct key same = keys[end];
            same.unit = keys[first].unit;
            if (by_key(&same, &keys[first]) != 0 ||
                (same.kind == JR_STAGE_PACK && !jr_unit_same_shape(p, model, &p->units[keys[end].unit])))
                break;
        }
        if (keys[first].kind == JR_STAGE_PHASE || keys[first].kind == JR_STAGE_RANDOM ||
            (keys[first].kind == JR_STAGE_PACK && is_pack_better(p, model, end - first)))
            status = combine(p, &keys[first], end - first);
    }
    return status;
}

/* ---- 4 and 5 ---- */

/* The SEQUENCE of one time. */
struct level {
    uint32_t unit; /* JR_NONE: there is none */
    uint32_t latency, work;
};

static struct level *find_levels(struct jr_planner *p, uint32_t *count)
{
    uint32_t last = 0, units = p->unit_count;
    for (uint32_t node = 0; node < p->graph->node_count; node++)
        last = p->time[node] > last ? p->time[node] : last;
    struct level *levels = JR_ARENA_ARRAY(&p->scratch, struct level, (size_t)last + 3);
    if (levels == NULL)
        return NULL;
    *count = last + 1;
    for (uint32_t t = 0; t <= last; t++)
        levels[t].unit = JR_NONE;
    for (uint32_t node = 0; node < p->graph->node_count; node++) {
        uint32_t u = p->unit[node];
        if (u == JR_NONE || u >= units || p->units[u].kind != JR_STAGE_SEQUENCE)
            continue;
        struct level *level = &levels[p->time[node]];
        if (level->unit == JR_NONE) {
            level->unit = p->unit_count++;
            p->units[level->unit] = (struct jr_unit){ .kind = JR_STAGE_SEQUENCE };
        }
        if (!p->units[u].merged) {
            p->units[u].merged = true;
            level->latency = p->units[u].latency > level->latency ? p->units[u].latency : level->latency;
            level->work += p->units[u].work;
        }
        p->unit[node] = level->unit;
    }
    return levels;
}

/* Marks `early`, `late` and what waits for the one and is waited for by the other.  Gives what the marked nodes between cost. */
static enum jr_status mark_between(struct jr_planner *p, uint32_t early, uint32_t late, bool *chosen, uint32_t *scalar,
                                   uint32_t *vector)
{
    uint32_t count = p->graph->node_count, other;
    bool *needed = JR_ARENA_ARRAY(&p->scratch, bool, count);
    if (needed == NULL)
        return JR_ERR_NO_MEMORY;
    *scalar = *vector = 0;
    memset(chosen, 0, count * sizeof chosen[0]);
    for (uint32_t i = count; i-- > 0;) {
        uint32_t node = p->order[i];
        needed[node] |= p->unit[node] == late;
        for (uint32_t k = 0; needed[node] && (other = jr_planner_dependency(p, node, k)) != JR_NONE; k++)
            needed[other] |= p->unit[other] == JR_NONE && !jr_planner_is_leaf(p, other);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = p->order[i];
        if (p->unit[node] == early || p->unit[node] == late) {
            chosen[node] = true;
            continue;
        }
        bool waits = false;
        for (uint32_t k = 0; needed[node] && (other = jr_planner_dependency(p, node, k)) != JR_NONE; k++)
            waits = waits || (p->unit[other] == early || (p->unit[other] == JR_NONE && chosen[other]));
        if (!waits)
            continue;
        chosen[node] = true;
        *scalar += jr_cost_scalar(&p->graph->nodes[node]);
        *vector += jr_cost_vector(&p->graph->nodes[node]);
    }
    return JR_OK;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static enum jr_status join_levels(struct jr_planner *p, bool *joined)
{
    uint32_t count = 0, node_count = p->graph->node_count, scalar, vector;
    struct level *levels = find_levels(p, &count), *early = NULL;
    bool *chosen = JR_ARENA_ARRAY(&p->scratch, bool, node_count), convex = false;
    enum jr_status status = levels != NULL && chosen != NULL ? JR_OK : JR_ERR_NO_MEMORY;
    *joined = false;
    for (uint32_t t = 1; t < count && status == JR_OK; t += 2) {
        struct level *late = &levels[t];
        if (late->unit == JR_NONE)
            continue;
        if (early == NULL) {
            early = late;
            continue;
        }
        JR_TRY(mark_between(p, early->unit, late->unit, chosen, &scalar, &vector));
        uint32_t apart = larger(early->latency, early->work) + larger(late->latency, late->work) + vector + STAGE_COST;
        uint32_t work = early->work + late->work + scalar, together = larger(larger(early->latency, late->latency), work);
        if (together < apart)
            JR_TRY(jr_planner_is_convex(p, chosen, &convex));
        if (together >= apart || !convex) {
            early = late;
            continue;
        }
        for (uint32_t node = 0; node < node_count; node++)
            if (chosen[node])
                p->unit[node] = early->unit;
        early->latency = larger(early->latency, late->latency);
        early->work = work;
        *joined = true;
    }
done:
    return status;
}

enum jr_status jr_planner_make_units(struct jr_planner *p)
{
    enum jr_status status = begin(p);
    bool changed = false;
    if (status == JR_OK)
        status = jr_planner_find_earliest(p);
    if (status == JR_OK)
        status = make_lanes(p);
    if (status == JR_OK)
        status = jr_planner_find_pipelines(p, &changed);
    if (status == JR_OK && changed)
        status = jr_planner_find_earliest(p);
    if (status == JR_OK)
        status = join_levels(p, &changed);
    if (status == JR_OK && changed)
        status = jr_planner_find_earliest(p);
    return status;
}
