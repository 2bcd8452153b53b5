/* gen_tuple.c -- operators on tuples of numbers, and functions of one number applied to each leaf of a tuple. */
#include <string.h>

#include "tests/differential/gen.h"

static bool is_numeric(const struct type *type)
{
    if (type->kind == TYPE_FLOAT)
        return true;
    if (type->kind != TYPE_TUPLE)
        return false;
    for (size_t i = 0; i < type->count; i++) {
        if (!is_numeric(type->part[i]))
            return false;
    }
    return true;
}

static size_t leaf_count(const struct type *type)
{
    size_t sum = 0;
    if (type->kind == TYPE_FLOAT)
        return 1;
    for (size_t i = 0; i < type->count; i++)
        sum += leaf_count(type->part[i]);
    return sum;
}

static struct node *tuple_operation(struct gen *g, const struct type *type, int depth)
{
    static const char *const symbols[] = { "+", "-", "*", "/" };
    static const char *const names[] = { "add", "sub", "mult", "div" };
    uint32_t which = gen_below(g, 4), shape = gen_below(g, 4);
    const struct type *f = g->tree->number;
    struct node *node, *a, *b;
    if (shape == 3 && gen_chance(g, 40)) {
        node = node_new(g->tree, NODE_NEGATE, type);
        node_add(g->tree, node, gen_expression(g, type, depth - 1));
        return node;
    }
    a = gen_expression(g, shape == 1 ? f : type, depth - 1);
    b = gen_expression(g, shape == 2 ? f : type, depth - 1);
    if (gen_chance(g, 15)) {
        node = node_new(g->tree, NODE_CALL, type);
        node_add(g->tree, node, gen_name(g, names[which], NULL));
    } else {
        node = node_text(g->tree, NODE_BINARY, type, symbols[which]);
    }
    node_add(g->tree, node, a);
    node_add(g->tree, node, b);
    return node;
}

/* A function from number to number that says so itself: a generic one would take the tuple as a whole. */
static struct node *leaf_function(struct gen *g, const struct type *type, int depth)
{
    static const char *const builtins[] = { "sin", "tanh", "abs", "sqrt", "floor", "cos", "round" };
    const struct type *map = g->stock.map1;
    const struct variable *function = gen_find_callable(g, VARIABLE_FUNCTION, g->tree->number);
    struct node *lambda;
    if (function && function->type == map && function->definition->flag &&
        function->definition->child[0]->flag && gen_chance(g, 70)) {
        g->place.cost += function->cost * (double)leaf_count(type);
        g->place.stateful = g->place.stateful || function->stateful;
        return gen_name(g, function->name, map);
    }
    if (g->place.state && gen_chance(g, 20)) {
        g->place.stateful = true;
        return gen_name(g, "mem", NULL);
    }
    /* The state of a lambda that is called where it stands belongs to the function around it. */
    if (!g->place.functions || !g->place.state || gen_chance(g, 50))
        return gen_name(g, builtins[gen_below(g, 7)], NULL);
    lambda = gen_lambda(g, map, depth - 1);
    lambda->child[0]->flag = true;
    g->place.stateful = true; /* perhaps */
    lambda->index = 1;
    return lambda;
}

static struct node *spread(struct gen *g, const struct type *type, int depth)
{
    bool pipe = gen_chance(g, 35);
    struct node *function = leaf_function(g, type, depth),
                *node = node_new(g->tree, pipe ? NODE_PIPE : NODE_CALL, type);
    struct node *value = gen_expression(g, type, depth - 1);
    node_add(g->tree, node, pipe ? value : function);
    node_add(g->tree, node, pipe ? function : value);
    return node;
}

struct node *gen_tuple_operation(struct gen *g, const struct type *type, int depth)
{
    if (type->kind != TYPE_TUPLE || !is_numeric(type))
        return NULL;
    return gen_chance(g, 60) ? tuple_operation(g, type, depth) : spread(g, type, depth);
}
