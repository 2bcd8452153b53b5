/* gen_poly.c -- generic helper functions, and calls of them at whatever type is wanted.
 *
 * The typed tree cannot say what a generic function is, so they are plain text. */
#include "tests/differential/gen.h"

/* What a call through a function value is taken to cost; see gen_expr.c. */
static const double call_cost = 150.0;

static const char *const texts[HELPER_COUNT] = {
    [HELPER_IDENTITY] = "fn identity(x){ x }",
    [HELPER_CHOOSE] = "fn choose(c, a, b){ if (c) { a } else { b } }",
    [HELPER_COMPOSE] = "fn compose(f, g){ |x| f(g(x)) }",
    [HELPER_MAP] = "fn map_into(f, a, i, out){\n"
                   "    if (i < len(a)) { map_into(f, a, i + 1, append(out, f(a[i]))) } else { out }\n"
                   "}",
    [HELPER_FOLD] =
        "fn fold(f, a, i, acc){ if (i < len(a)) { fold(f, a, i + 1, f(acc, a[i])) } else { acc } }",
    [HELPER_SWAP] = "fn swap(x:a, y:b)->(b, a){ (y, x) }",
    [HELPER_APPLY] = "fn apply(f, x){ f(x) }",
    [HELPER_TWICE] = "fn twice(f, x){ f(f(x)) }",
    [HELPER_KEEPER] = "fn keeper(x){ | | x }",
    [HELPER_CELL] = "fn cell(x){\n"
                    "    let v = x\n"
                    "    (|y| { v = y }, | | v)\n"
                    "}",
    [HELPER_NEST] = "fn nest(x){\n"
                    "    let v = x\n"
                    "    let deep = |y| { | | { v = y } }\n"
                    "    (deep, | | v)\n"
                    "}",
    [HELPER_LATCH] = "fn latch(c, x){ if (c) { x } else { self } }",
    [HELPER_RING] = "fn ring(x){\n"
                    "    let (_, old) = self\n"
                    "    (old, x)\n"
                    "}",
};

void gen_add_helpers(struct gen *g)
{
    struct tree *t = g->tree;
    node_add(t, t->program,
             node_text(t, NODE_NAME, t->unit, "fn clean(x){ if (x * 0 == 0) { x % 1000 } else { 0.125 } }"));
    for (int i = 0; i < HELPER_COUNT; i++) {
        if ((g->have[i] = gen_chance(g, 35)))
            node_add(t, t->program, node_text(t, NODE_NAME, t->unit, texts[i]));
    }
}

static struct node *call(struct gen *g, const char *name, const struct type *type, struct node *a,
                         struct node *b)
{
    struct node *node = node_new(g->tree, NODE_CALL, type);
    node_add(g->tree, node, gen_name(g, name, NULL));
    node_add(g->tree, node, a);
    if (b)
        node_add(g->tree, node, b);
    return node;
}

static struct node *project(struct gen *g, struct node *tuple, size_t index, const struct type *type)
{
    struct node *node = node_new(g->tree, NODE_PROJECT, type);
    node->index = index;
    node_add(g->tree, node, tuple);
    return node;
}

/* fold over some numbers into a value of the type */
static struct node *fold_call(struct gen *g, const struct type *type, int depth)
{
    const struct type *folder =
        type_function(g->tree, 2, (const struct type *[]){ type, g->tree->number }, type);
    struct node *array, *node;
    if (type->has_function || g->place.cost + 8 * call_cost >= g->place.cost_limit)
        return NULL;
    array = node_new(g->tree, NODE_ARRAY, type_array(g->tree, g->tree->number));
    g->place.cost += 8 * call_cost;
    for (uint32_t i = gen_below(g, 5); i > 0; i--)
        node_add(g->tree, array, gen_expression(g, g->tree->number, depth - 2));
    node = call(g, "fold", type, gen_lambda(g, folder, depth - 1), array);
    node_add(g->tree, node, node_text(g->tree, NODE_NUMBER, g->tree->number, "0"));
    node_add(g->tree, node, gen_expression(g, type, depth - 1));
    return node;
}

/* apply(|p| ..., argument) and twice(|p| ..., argument) */
static struct node *apply_call(struct gen *g, const struct type *type, enum gen_helper helper, int depth)
{
    const struct type *argument = helper == HELPER_TWICE ? type : gen_any_type(g);
    const struct type *function = type_function(g->tree, 1, &argument, type);
    struct node *lambda;
    if (g->place.cost + 2 * call_cost >= g->place.cost_limit || argument == g->tree->either)
        return NULL;
    g->place.cost += 2 * call_cost;
    lambda = gen_lambda(g, function, depth - 1);
    return call(g, helper == HELPER_TWICE ? "twice" : "apply", type, lambda,
                gen_expression(g, argument, depth - 1));
}

/* { let (set, get) = cell(value)  set(value)  get() }; `nest` sets in two steps.  Values with functions could make a ring. */
static struct node *cell_call(struct gen *g, const struct type *type, enum gen_helper helper, int depth)
{
    struct tree *t = g->tree;
    const char *set = gen_fresh(g, "set"), *get = gen_fresh(g, "get");
    struct node *block, *let, *pattern, *setting;
    if (type->has_function)
        return NULL;
    g->place.cost += call_cost;
    pattern = node_new(t, NODE_PATTERN, type_tuple(t, 2, (const struct type *[]){ t->unit, t->unit }));
    node_add(t, pattern, node_text(t, NODE_PATTERN, NULL, set));
    node_add(t, pattern, node_text(t, NODE_PATTERN, NULL, get));
    let = node_new(t, NODE_LET, t->unit);
    node_add(t, let, pattern);
    node_add(
        t, let,
        call(g, helper == HELPER_CELL ? "cell" : "nest", NULL, gen_expression(g, type, depth - 1), NULL));
    setting = call(g, set, t->unit, gen_expression(g, type, depth - 1), NULL);
    if (helper == HELPER_NEST) {
        struct node *outer = node_new(t, NODE_CALL, t->unit);
        node_add(t, outer, setting);
        setting = outer;
    }
    block = node_new(t, NODE_BLOCK, type);
    node_add(t, block, let);
    node_add(t, block, setting);
    let = node_new(t, NODE_CALL, type);
    node_add(t, let, gen_name(g, get, NULL));
    node_add(t, block, let);
    return block;
}

struct node *gen_polymorphic(struct gen *g, const struct type *type, int depth)
{
    enum gen_helper helper = (enum gen_helper)gen_below(g, HELPER_COUNT);
    const struct type *f = g->tree->number;
    struct node *node, *first;
    if (!g->place.functions || !g->have[helper])
        return NULL;
    switch (helper) {
    case HELPER_IDENTITY:
        return call(g, "identity", type, gen_expression(g, type, depth - 1), NULL);
    case HELPER_CHOOSE:
        first = gen_expression(g, f, depth - 1);
        node = call(g, "choose", type, first, gen_expression(g, type, depth - 1));
        node_add(g->tree, node, gen_expression(g, type, depth - 1));
        return node;
    case HELPER_FOLD:
        return fold_call(g, type, depth);
    case HELPER_SWAP: {
        bool second = gen_chance(g, 50);
        const struct type *other = gen_value_type(g);
        first = gen_expression(g, second ? type : other, depth - 1);
        node = call(g, "swap", NULL, first, gen_expression(g, second ? other : type, depth - 1));
        return project(g, node, second ? 1 : 0, type);
    }
    case HELPER_APPLY:
    case HELPER_TWICE:
        return apply_call(g, type, helper, depth);
    case HELPER_KEEPER:
        g->place.cost += call_cost;
        node = node_new(g->tree, NODE_CALL, type);
        node_add(g->tree, node, call(g, "keeper", NULL, gen_expression(g, type, depth - 1), NULL));
        return node;
    case HELPER_CELL:
    case HELPER_NEST:
        return cell_call(g, type, helper, depth);
    case HELPER_LATCH:
    case HELPER_RING:
        if (!g->place.state || !gen_fits_self(g, type))
            return NULL;
        g->place.stateful = true;
        if (helper == HELPER_RING)
            return project(g, call(g, "ring", NULL, gen_expression(g, type, depth - 1), NULL),
                           gen_below(g, 2), type);
        first = gen_expression(g, f, depth - 1);
        return call(g, "latch", type, first, gen_expression(g, type, depth - 1));
    case HELPER_COMPOSE: /* where a function is wanted: gen_expr.c */
    case HELPER_MAP:     /* where an array is wanted */
    case HELPER_COUNT:
        break;
    }
    return NULL;
}
