/* rolled.c -- many equal pieces of a vector stage become one ROLLED stage: the voices of a bank, the partials of a sound.
 *
 *   chain     c1 = x + v1, c2 = c1 + v2 ... with terms of one shape: a lane is a term with its sum, fed by the sum of the lane before
 *   family    results of one shape that the stage only hands on: a lane is a result
 *
 * A lane owns what nobody else in the stage uses; what lanes share is computed before.  Pieces are found by the shape of their expressions and checked
 * node by node.  What depends on a rolled piece comes after it, so a vector stage may become several:
 *
 *   vector 0, rolled ..., vector 1, rolled ..., vector 2 */
#include <stdlib.h>
#include <string.h>

#include "ir/base/hash.h"
#include "jit/graph/internal.h"

enum { LEAST_LANES = 8, LEAST_NODES = 96, SHARED = JR_NONE - 1 };

struct family {
    struct jr_lanes lanes;
    uint32_t first_root, root_count; /* in roots */
    uint32_t level;
    bool dropped;
};

struct roller {
    struct jr_planner *p;
    const uint32_t *nodes; /* of the stage, what is waited for first */
    uint32_t count;
    struct jr_rolled_node *at; /* per node of the graph */
    uint32_t stamp;
    uint32_t *roots;
    uint32_t root_count;
    struct family *families;
    uint32_t family_count;
};

struct jr_rolled_node {
    uint32_t stamp; /* of the stage at hand */
    uint32_t users; /* in the stage */
    uint64_t shape;
    uint32_t root;     /* lane: index in roots; JR_NONE: none; SHARED: users in several */
    uint32_t position; /* in its lane */
    uint32_t level;
    bool is_root, is_link;
};

static struct jr_rolled_node *here(const struct roller *r, uint32_t node)
{
    return node != JR_NONE && r->at[node].stamp == r->stamp ? &r->at[node] : NULL;
}

static const struct jr_node *node_of(const struct roller *r, uint32_t node)
{
    return &r->p->graph->nodes[node];
}

/* Shapes are of expressions down to where the stage begins. */
static void find_shapes(struct roller *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        r->at[r->nodes[i]] = (struct jr_rolled_node){ .stamp = r->stamp, .root = JR_NONE };
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t index = r->nodes[i], other;
        const struct jr_node *node = node_of(r, index);
        uint64_t shape = jr_hash_word((uint64_t)node->kind << 32 | node->op, node->kind == JR_NODE_INPUT ? node->index : 0);
        for (uint32_t k = 0; (other = jr_planner_dependency(r->p, index, k)) != JR_NONE; k++) {
            struct jr_rolled_node *operand = here(r, other);
            shape = jr_hash_word(shape, operand ? operand->shape : node_of(r, other)->kind == JR_NODE_CONST);
            if (operand)
                operand->users++;
        }
        r->at[index].shape = shape;
    }
}

/* ---- chains and families ---- */

static uint64_t shape_of(const struct roller *r, uint32_t node)
{
    const struct jr_rolled_node *at = here(r, node);
    return at ? at->shape : 0;
}

/* The next link down: the operand `side` of `node`, if that is a link like it; the term is the other operand. */
static uint32_t next_link(const struct roller *r, uint32_t node, uint32_t side)
{
    const struct jr_node *link = node_of(r, node);
    uint32_t next = link->operands[side];
    const struct jr_rolled_node *at = here(r, next);
    if (at == NULL || at->users != 1 || at->is_link || node_of(r, next)->kind != JR_NODE_OP || node_of(r, next)->op != link->op)
        return JR_NONE;
    if (shape_of(r, node_of(r, next)->operands[1 - side]) != shape_of(r, link->operands[1 - side]))
        return JR_NONE;
    return next;
}

static void begin_family(struct roller *r)
{
    r->families[r->family_count++] = (struct family){ .first_root = r->root_count };
}

static void add_root(struct roller *r, uint32_t node)
{
    struct family *family = &r->families[r->family_count - 1];
    r->at[node].is_root = true;
    r->roots[r->root_count++] = node;
    family->root_count++;
}

static void find_chain(struct roller *r, uint32_t head)
{
    const struct jr_node *node = node_of(r, head);
    uint32_t best = 0, side = 0;
    if (r->at[head].is_link || node->kind != JR_NODE_OP || jr_node_operand_count(node) != 2)
        return;
    for (uint32_t s = 0; s < 2; s++) {
        uint32_t length = 0;
        if (shape_of(r, node->operands[1 - s]) == 0)
            continue;
        for (uint32_t at = head; at != JR_NONE; at = next_link(r, at, s))
            length++;
        side = length > best ? s : side;
        best = length > best ? length : best;
    }
    if (best < LEAST_LANES)
        return;
    begin_family(r);
    struct family *family = &r->families[r->family_count - 1];
    for (uint32_t at = head, next; at != JR_NONE; at = next) {
        next = next_link(r, at, side);
        add_root(r, at);
    }
    for (uint32_t i = 0; i < family->root_count; i++)
        r->at[r->roots[family->first_root + i]].is_link = true;
    for (uint32_t i = 0; i < family->root_count / 2; i++) { /* the innermost first */
        uint32_t *left = &r->roots[family->first_root + i];
        uint32_t *right = &r->roots[family->first_root + family->root_count - 1 - i];
        uint32_t other = *left;
        *left = *right;
        *right = other;
    }
}

struct result {
    uint64_t shape;
    uint32_t node;
};

static int by_shape(const void *left, const void *right)
{
    const struct result *a = left, *b = right;
    if (a->shape != b->shape)
        return a->shape < b->shape ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static enum jr_status find_families(struct roller *r)
{
    struct result *results = JR_ARENA_ARRAY(&r->p->scratch, struct result, r->count);
    uint32_t count = 0;
    if (results == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = r->count; i-- > 0;)
        find_chain(r, r->nodes[i]);
    for (uint32_t i = 0; i < r->count; i++)
        if (r->at[r->nodes[i]].users == 0 && !r->at[r->nodes[i]].is_root)
            results[count++] = (struct result){ r->at[r->nodes[i]].shape, r->nodes[i] };
    if (count > 1)
        qsort(results, count, sizeof results[0], by_shape);
    for (uint32_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && results[end].shape == results[first].shape;)
            end++;
        if (end - first < LEAST_LANES)
            continue;
        begin_family(r);
        for (uint32_t i = first; i < end; i++)
            add_root(r, results[i].node);
    }
    return JR_OK;
}

/* ---- lanes ---- */

/* A node belongs to the lane that alone uses it. */
static void find_owners(struct roller *r)
{
    for (uint32_t i = 0; i < r->root_count; i++)
        r->at[r->roots[i]].root = i;
    for (uint32_t i = r->count; i-- > 0;) {
        uint32_t index = r->nodes[i], other;
        struct jr_rolled_node *at = &r->at[index];
        uint32_t lane = at->root == JR_NONE || node_of(r, index)->kind == JR_NODE_INPUT ? SHARED : at->root;
        at->root = lane;
        for (uint32_t k = 0; (other = jr_planner_dependency(r->p, index, k)) != JR_NONE; k++) {
            struct jr_rolled_node *operand = here(r, other);
            if (operand != NULL && !operand->is_root)
                operand->root = operand->root == JR_NONE || operand->root == lane ? lane : SHARED;
        }
    }
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* A dependency of a node of lane `lane`, as something that lanes can be compared by. */
static uint64_t source_of(const struct roller *r, const struct family *family, uint32_t lane, uint32_t other)
{
    const struct jr_rolled_node *at = here(r, other);
    enum { INSIDE = 1, BEFORE, OUTSIDE, WRONG };
    if (at == NULL || at->root == SHARED || at->root < family->first_root ||
        at->root >= family->first_root + family->root_count)
        return (uint64_t)OUTSIDE << 32;
    uint32_t from = at->root - family->first_root;
    if (from == lane)
        return (uint64_t)INSIDE << 32 | at->position;
    return from + 1 == lane ? (uint64_t)BEFORE << 32 | at->position : (uint64_t)WRONG << 32 | lane;
}

/* Lane 0 has no lane before. */
static bool is_alike(const struct roller *r, const struct family *family, const uint32_t *model, uint32_t model_lane,
                     const uint32_t *row, uint32_t lane)
{
    for (uint32_t i = 0; i < family->lanes.position_count; i++) {
        const struct jr_node *left = node_of(r, model[i]), *right = node_of(r, row[i]);
        if (left->kind != right->kind || left->op != right->op)
            return false;
        for (uint32_t k = 0;; k++) {
            uint32_t a = jr_planner_dependency(r->p, model[i], k), b = jr_planner_dependency(r->p, row[i], k);
            if ((a == JR_NONE) != (b == JR_NONE))
                return false;
            if (a == JR_NONE)
                break;
            uint64_t from_a = source_of(r, family, model_lane, a), from_b = source_of(r, family, lane, b);
            bool inside = from_a >> 32 == 1 || from_b >> 32 == 1;
            if (from_a >> 32 == 4 || from_b >> 32 == 4 || (inside && from_a != from_b) ||
                (inside && (uint32_t)from_a >= i) || (lane > 0 && model_lane > 0 && from_a != from_b))
                return false;
        }
    }
    return true;
}

static void drop_from(struct roller *r, struct family *family, uint32_t lane)
{
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t *root = &r->at[r->nodes[i]].root;
        if (*root != SHARED && *root >= family->first_root + lane && *root < family->first_root + family->root_count)
            *root = SHARED;
    }
    family->root_count = lane;
    family->dropped = lane == 0;
}

/* rows: node numbers of each lane, as many as lane 1 has. */
static enum jr_status make_rows(struct roller *r, struct family *family, uint32_t *fill)
{
    uint32_t width = 0, lanes = family->root_count, alike = 0;
    memset(fill, 0, (size_t)lanes * sizeof fill[0]);
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t root = r->at[r->nodes[i]].root;
        if (root != SHARED && root >= family->first_root && root < family->first_root + lanes)
            fill[root - family->first_root]++;
    }
    width = fill[1];
    for (uint32_t lane = 0; lane < lanes; lane++) {
        if (fill[lane] != width)
            lanes = lane;
        fill[lane] = 0;
    }
    drop_from(r, family, lanes >= LEAST_LANES && lanes * width >= LEAST_NODES ? lanes : 0);
    if (family->dropped)
        return JR_OK;
    uint32_t *rows = JR_ARENA_ARRAY(r->p->arena, uint32_t, (size_t)lanes * width);
    if (rows == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t root = r->at[r->nodes[i]].root;
        if (root != SHARED && root >= family->first_root && root < family->first_root + lanes) {
            uint32_t lane = root - family->first_root;
            rows[lane * width + fill[lane]++] = r->nodes[i];
        }
    }
    for (uint32_t lane = 0; lane < lanes; lane++) {
        qsort(rows + (size_t)lane * width, width, sizeof rows[0], by_number);
        for (uint32_t i = 0; i < width; i++)
            r->at[rows[lane * width + i]].position = i;
    }
    family->lanes = (struct jr_lanes){ .position_count = width, .nodes = rows };
    while (alike < lanes && is_alike(r, family, rows + width, 1, rows + (size_t)alike * width, alike))
        alike++;
    drop_from(r, family, alike >= LEAST_LANES && alike * width >= LEAST_NODES ? alike : 0);
    family->lanes.lane_count = family->root_count;
    return JR_OK;
}

/* ---- what comes after what ---- */

static struct family *family_of(const struct roller *r, const struct jr_rolled_node *at)
{
    uint32_t low = 0, high = r->family_count;
    if (at->root == SHARED)
        return NULL;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (r->families[middle].first_root <= at->root)
            low = middle;
        else
            high = middle;
    }
    return &r->families[low];
}

/* False: pieces wait for each other. */
static bool find_levels(struct roller *r)
{
    uint32_t most = r->family_count + 1;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < r->count; i++) {
            uint32_t index = r->nodes[i], level = 0, other;
            struct family *family = family_of(r, &r->at[index]);
            for (uint32_t k = 0; (other = jr_planner_dependency(r->p, index, k)) != JR_NONE; k++) {
                const struct jr_rolled_node *at = here(r, other);
                struct family *from = at ? family_of(r, at) : NULL;
                uint32_t after = !at || (from && from == family) ? 0 : from ? from->level + 1 : at->level;
                level = after > level ? after : level;
            }
            uint32_t *known = family ? &family->level : &r->at[index].level;
            changed |= level > *known;
            *known = level > *known ? level : *known;
            if (level > most)
                return false;
        }
    }
    return true;
}

/* Nodes of no piece: as late as who waits for them allows. */
static void move_late(struct roller *r, uint32_t last)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (family_of(r, &r->at[r->nodes[i]]) == NULL && node_of(r, r->nodes[i])->kind != JR_NODE_INPUT)
            r->at[r->nodes[i]].level = last;
    for (uint32_t i = r->count; i-- > 0;) {
        uint32_t index = r->nodes[i], other;
        struct family *family = family_of(r, &r->at[index]);
        uint32_t level = family ? family->level : r->at[index].level;
        for (uint32_t k = 0; (other = jr_planner_dependency(r->p, index, k)) != JR_NONE; k++) {
            struct jr_rolled_node *at = here(r, other);
            if (at != NULL && family_of(r, at) == NULL && at->level > level)
                at->level = level;
        }
    }
}

static enum jr_status add_stages(struct roller *r, bool needs_first)
{
    uint32_t *some = JR_ARENA_ARRAY(&r->p->scratch, uint32_t, r->count);
    uint32_t last = 0;
    enum jr_status status = some != NULL ? JR_OK : JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct jr_rolled_node *at = &r->at[r->nodes[i]];
        struct family *family = family_of(r, at);
        uint32_t level = family ? family->level : at->level;
        last = level > last ? level : last;
    }
    move_late(r, last);
    for (uint32_t level = 0; level <= last && status == JR_OK; level++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < r->count; i++)
            if (family_of(r, &r->at[r->nodes[i]]) == NULL && r->at[r->nodes[i]].level == level)
                some[count++] = r->nodes[i];
        if (count > 0 || (level == 0 && needs_first))
            status = jr_planner_add_stage(r->p, (struct jr_stage){ .kind = JR_STAGE_VECTOR, .node_count = count }, some);
        for (uint32_t f = 0; f < r->family_count && status == JR_OK; f++) {
            struct family *family = &r->families[f];
            if (family->dropped || family->level != level)
                continue;
            status = jr_lanes_describe(r->p, &family->lanes);
            if (status == JR_OK)
                status = jr_planner_add_stage(r->p, (struct jr_stage){ .kind = JR_STAGE_ROLLED, .lanes = family->lanes }, some);
        }
    }
    return status;
}

enum jr_status jr_planner_add_vector(struct jr_planner *p, const uint32_t *nodes, uint32_t count, bool needs_first)
{
    struct roller r = { .p = p, .nodes = nodes, .count = count };
    enum jr_status status = JR_ERR_NO_MEMORY;
    if (p->rolled == NULL)
        p->rolled = JR_ARENA_ARRAY(&p->scratch, struct jr_rolled_node, p->graph->node_count);
    r.at = p->rolled;
    r.stamp = ++p->rolled_stamp;
    r.roots = JR_ARENA_ARRAY(&p->scratch, uint32_t, (size_t)count + 1);
    r.families = JR_ARENA_ARRAY(&p->scratch, struct family, (size_t)count / LEAST_LANES + 1);
    uint32_t *fill = JR_ARENA_ARRAY(&p->scratch, uint32_t, (size_t)count + 1);
    if (r.at == NULL || r.roots == NULL || r.families == NULL || fill == NULL)
        return status;
    find_shapes(&r);
    JR_TRY(find_families(&r));
    find_owners(&r);
    for (uint32_t f = 0; f < r.family_count; f++)
        JR_TRY(make_rows(&r, &r.families[f], fill));
    if (!find_levels(&r)) { /* rolled up they would wait for each other */
        for (uint32_t f = 0; f < r.family_count; f++)
            drop_from(&r, &r.families[f], 0);
        for (uint32_t i = 0; i < count; i++)
            r.at[nodes[i]].level = 0;
    }
    status = add_stages(&r, needs_first);
done:
    return status;
}
