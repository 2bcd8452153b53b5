/* shrink.c -- see shrink.h. */
#include "tests/differential/shrink.h"

#include <string.h>

#include "ir/base/alloc.h"

struct shrinker {
    struct tree *tree;
    shrink_fails_fn *fails;
    void *user;
    size_t checks, checks_max;
    bool changed; /* in this pass */
};

static bool still_fails(struct shrinker *s)
{
    struct jr_sb text, plain;
    bool fails, staged;
    if (s->checks >= s->checks_max)
        return false;
    s->checks++;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_init(&plain, jr_alloc_default());
    tree_print(s->tree->program, &text);
    staged = tree_print_plain(s->tree->program, &plain);
    fails = jr_sb_status(&text) == JR_OK &&
            s->fails(s->user, jr_sb_view(&text), text.length, staged ? jr_sb_view(&plain) : NULL);
    jr_sb_fini(&plain);
    jr_sb_fini(&text);
    return fails;
}

/* Takes children [from, from + count) away, if the program still fails without them. */
static bool delete_children(struct shrinker *s, struct node *node, size_t from, size_t count)
{
    struct node **old = node->child;
    size_t old_count = node->count;
    struct node **kept = JR_ARENA_ARRAY(&s->tree->arena, struct node *, old_count);
    if (!kept)
        return false;
    memcpy(kept, old, from * sizeof *kept);
    memcpy(kept + from, old + from + count, (old_count - from - count) * sizeof *kept);
    node->child = kept;
    node->count = old_count - count;
    if (still_fails(s)) {
        node->capacity = old_count;
        s->changed = true;
        return true;
    }
    node->child = old;
    node->count = old_count;
    return false;
}

/* Deletes runs of statements, long runs first.  The last statement of a block is its value and stays. */
static void thin_out(struct shrinker *s, struct node *node)
{
    size_t tail = node->kind == NODE_PROGRAM || node->type->kind == TYPE_UNIT ? 0 : 1;
    for (size_t run = node->count; run > 0; run /= 2) {
        for (size_t at = 0; at + run + tail <= node->count;) {
            if (!delete_children(s, node, at, run))
                at++;
        }
    }
}

static bool is_expression(const struct node *node)
{
    return node->kind < NODE_FIELD && node->type;
}

/* The shortest expression of a type; NULL for unit. */
static struct node *shortest(struct shrinker *s, const struct type *type)
{
    struct tree *tree = s->tree;
    struct node *node = NULL, *block;
    switch (type->kind) {
    case TYPE_UNIT:
        break;
    case TYPE_FLOAT:
    case TYPE_UNION:
        node = node_text(tree, NODE_NUMBER, type, "1");
        break;
    case TYPE_STRING:
        node = node_text(tree, NODE_NUMBER, type, "\"\"");
        break;
    case TYPE_SUM: { /* the first variant contains no value of the type itself */
        const struct variant *variant = &type->sum->variants[0];
        node = node_text(tree, NODE_NAME, type, variant->name);
        if (variant->count > 0) {
            struct node *call = node_new(tree, NODE_CALL, type);
            node->type = NULL;
            node_add(tree, call, node);
            for (size_t i = 0; i < variant->count; i++) {
                struct node *payload = shortest(s, variant->payload[i]);
                if (!payload)
                    return NULL;
                node_add(tree, call, payload);
            }
            node = call;
        }
        break;
    }
    case TYPE_TUPLE:
        node = node_new(tree, NODE_TUPLE, type);
        for (size_t i = 0; i < type->count; i++) {
            struct node *part = shortest(s, type->part[i]);
            if (!part)
                return NULL;
            node_add(tree, node, part);
        }
        break;
    case TYPE_RECORD:
        node = node_new(tree, NODE_RECORD, type);
        for (size_t i = 0; i < type->count; i++) {
            struct node *field = node_text(tree, NODE_FIELD, type->part[i], type->key[i]), *part;
            part = shortest(s, type->part[i]);
            if (!part)
                return NULL;
            node_add(tree, field, part);
            node_add(tree, node, field);
        }
        break;
    case TYPE_ARRAY:
        node = node_new(tree, NODE_ARRAY, type);
        node_add(tree, node, shortest(s, type->result));
        break;
    case TYPE_FUNCTION:
        if (type->result->kind == TYPE_UNIT)
            break;
        node = node_new(tree, NODE_LAMBDA, type);
        node->flag = true;
        for (size_t i = 0; i < type->count; i++) {
            struct node *parameter = node_text(tree, NODE_PARAM, type->part[i], tree_format(tree, "q%zu", i));
            parameter->flag = type->part[i]->kind != TYPE_FLOAT;
            node_add(tree, node, parameter);
        }
        block = node_new(tree, NODE_BLOCK, type->result);
        node_add(tree, block, shortest(s, type->result));
        node_add(tree, node, block);
        break;
    }
    return node;
}

static size_t weight(const struct node *node)
{
    size_t sum = 1;
    for (size_t i = 0; i < node->count; i++)
        sum += weight(node->child[i]);
    return sum;
}

/* Tries to put `other` in the place of child `at`. */
static bool replace(struct shrinker *s, struct node *parent, size_t at, struct node *other)
{
    struct node *old = parent->child[at];
    parent->child[at] = other;
    if (still_fails(s)) {
        s->changed = true;
        return true;
    }
    parent->child[at] = old;
    return false;
}

/* Tries the expressions inside `node`, outermost first, in the place of child `at` of the parent. */
static bool replace_by_part(struct shrinker *s, struct node *parent, size_t at, const struct node *node,
                            const struct type *type, int depth)
{
    for (size_t i = 0; i < node->count; i++) {
        struct node *part = node->child[i];
        if (is_expression(part) && part->type == type && replace(s, parent, at, part))
            return true;
    }
    for (size_t i = 0; depth > 0 && i < node->count; i++) {
        if (replace_by_part(s, parent, at, node->child[i], type, depth - 1))
            return true;
    }
    return false;
}

static void cut_expression(struct shrinker *s, struct node *parent, size_t at)
{
    struct node *node = parent->child[at], *least;
    bool callee =
        at == 0 && (parent->kind == NODE_CALL || parent->kind == NODE_PACK) && node->kind == NODE_NAME;
    bool body = node->kind == NODE_BLOCK && (parent->kind == NODE_LAMBDA || parent->kind == NODE_FUNCTION ||
                                             parent->kind == NODE_ARM || (parent->kind == NODE_IF && at > 0));
    bool base = parent->kind == NODE_UPDATE && at == 0;
    if (!is_expression(node) || callee || body || base || node->kind == NODE_HOLE)
        return;
    least = shortest(s, node->type);
    if (least && (weight(least) < weight(node) || (node->kind == NODE_NUMBER && strlen(node->text) > 1)) &&
        replace(s, parent, at, least)) {
        return;
    }
    while (replace_by_part(s, parent, at, parent->child[at], node->type, 4)) {
    }
}

/* Fewer arms; arms that look at less. */
static void cut_match(struct shrinker *s, struct node *match)
{
    for (size_t i = match->count; i-- > 1;) {
        struct node *arm = match->child[i], *wild;
        if (match->count > 2 && delete_children(s, match, i, 1))
            continue;
        wild = node_new(s->tree, NODE_CASE, NULL);
        if (arm->child[0]->text || arm->child[0]->count > 0)
            (void)replace(s, arm, 0, wild);
    }
}

/* Fewer variants.  The types of a tree belong to it alone, so they may be changed. */
static void cut_sum(struct shrinker *s, struct node *declaration)
{
    struct sum *sum = (struct sum *)declaration->type->sum;
    for (size_t i = sum->count; i-- > 1;) {
        struct sum whole = *sum;
        memmove(&sum->variants[i], &sum->variants[i + 1], (sum->count - i - 1) * sizeof sum->variants[0]);
        sum->count--;
        if (still_fails(s)) {
            s->changed = true;
        } else {
            *sum = whole;
        }
    }
}

static void cut_all(struct shrinker *s, struct node *node)
{
    for (size_t i = 0; i < node->count; i++)
        cut_expression(s, node, i);
    if (node->kind == NODE_BLOCK || node->kind == NODE_PROGRAM)
        thin_out(s, node);
    if (node->kind == NODE_ARRAY)
        thin_out(s, node);
    if (node->kind == NODE_MATCH)
        cut_match(s, node);
    if (node->kind == NODE_SUM)
        cut_sum(s, node);
    if (node->kind == NODE_UPDATE && node->count > 2) {
        for (size_t i = node->count; i-- > 1 && node->count > 2;)
            (void)delete_children(s, node, i, 1);
    }
    if (node->kind == NODE_PARAM && node->count > 0)
        (void)delete_children(s, node, 0, node->count);
    for (size_t i = 0; i < node->count; i++)
        cut_all(s, node->child[i]);
}

size_t shrink_program(struct tree *tree, shrink_fails_fn *fails, void *user, size_t checks_max)
{
    struct shrinker s = { tree, fails, user, 0, checks_max, true };
    thin_out(&s, tree->program);
    while (s.changed && s.checks < checks_max) {
        s.changed = false;
        cut_all(&s, tree->program);
    }
    return s.checks;
}
