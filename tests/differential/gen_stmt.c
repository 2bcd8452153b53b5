/* gen_stmt.c -- statements, blocks, lambdas, loops. */
#include "tests/differential/gen.h"

/* Bounds on the work of one call. */
static const double lambda_cost_limit = 150.0, loop_cost_limit = 100.0, task_cost = 200.0;

struct node *gen_parameter(struct gen *g, struct node *owner, const char *name, const struct type *type)
{
    struct node *parameter = node_text(g->tree, NODE_PARAM, type, name);
    /* Projections and fields need a known type; numbers may do without. */
    parameter->flag = type->kind == TYPE_TUPLE || type->kind == TYPE_RECORD || type->kind == TYPE_UNION ||
                      type->has_function || gen_chance(g, type->kind == TYPE_FLOAT ? 40 : 80);
    node_add(g->tree, owner, parameter);
    gen_bind(g, VARIABLE_LOCAL, name, type);
    return parameter;
}

static struct node *let(struct gen *g, struct node *pattern, struct node *value, bool annotated)
{
    struct node *node = node_new(g->tree, NODE_LET, g->tree->unit);
    node->flag = annotated;
    node_add(g->tree, node, pattern);
    node_add(g->tree, node, value);
    return node;
}

static struct node *assign(struct gen *g, struct node *target, struct node *value)
{
    struct node *node = node_new(g->tree, NODE_ASSIGN, g->tree->unit);
    node_add(g->tree, node, target);
    node_add(g->tree, node, value);
    return node;
}

/* let name = value; the name is bound afterwards, so the value may still mention what it hides. */
static void add_let(struct gen *g, struct node *block, int depth)
{
    const struct type *type = gen_chance(g, 2) ? g->tree->either : gen_any_type(g);
    struct node *value = gen_expression(g, type, depth);
    const char *name = gen_local_name(g);
    /* An empty array does not say what it holds. */
    node_add(g->tree, block,
             let(g, node_text(g->tree, NODE_PATTERN, type, name), value,
                 type->kind == TYPE_ARRAY || type->kind == TYPE_UNION || gen_chance(g, 15)));
    gen_bind(g, VARIABLE_LOCAL, name, type);
}

static struct node *pattern_for(struct gen *g, const struct type *type, int depth)
{
    struct node *pattern = node_new(g->tree, NODE_PATTERN, type);
    if (depth > 0 && (type->kind == TYPE_TUPLE || type->kind == TYPE_RECORD)) {
        for (size_t i = 0; i < type->count; i++)
            node_add(g->tree, pattern, pattern_for(g, type->part[i], depth - 1));
    } else if (depth == 2 || !gen_chance(g, 15)) {
        pattern->text = gen_fresh(g, "v");
        gen_bind(g, VARIABLE_LOCAL, pattern->text, type);
    }
    return pattern;
}

static void add_pattern(struct gen *g, struct node *block, int depth)
{
    const struct stock *s = &g->stock;
    const struct type *type = s->any[gen_below(g, (uint32_t)s->any_count)];
    if ((type->kind != TYPE_TUPLE && type->kind != TYPE_RECORD) ||
        (type->has_function && !g->place.functions))
        type = gen_chance(g, 50) ? s->pair : s->deep_record;
    struct node *value = gen_expression(g, type, depth);
    node_add(g->tree, block, let(g, pattern_for(g, type, 2), value, false));
}

/* An assignment to some variable, or NULL where there is none.  Variables that hold functions get a lambda that can see
 * no function: so no chain of calls can come back to the variable, and no closure can hold itself. */
static struct node *assignment(struct gen *g, int depth)
{
    enum variable_kind kind = gen_chance(g, 60) ? VARIABLE_LOCAL : VARIABLE_GLOBAL;
    const struct variable *found = gen_find(g, kind, gen_chance(g, 70) ? g->tree->number : NULL);
    struct variable target;
    struct node *left;
    if (!found)
        found = gen_find(g, VARIABLE_GLOBAL, g->tree->number);
    if (!found)
        return NULL;
    target = *found;
    left = gen_name(g, target.name, target.type);
    if (target.type->kind == TYPE_FUNCTION) {
        struct place outer = g->place;
        struct node *value;
        g->place.functions = false;
        value = gen_lambda(g, target.type, depth - 1);
        outer.cost = g->place.cost;
        g->place = outer;
        return assign(g, left, value);
    }
    if (target.type->has_function)
        return NULL;
    while (left->type->kind == TYPE_RECORD && gen_chance(g, 60)) {
        const struct type *record = left->type;
        size_t at = gen_below(g, (uint32_t)record->count);
        struct node *member = node_new(g->tree, NODE_MEMBER, record->part[at]);
        node_add(g->tree, member, left);
        member->text = record->key[at];
        left = member;
    }
    return assign(g, left, gen_expression(g, left->type, depth));
}

static struct node *unit_statement(struct gen *g, int depth)
{
    struct node *node = NULL;
    if (gen_chance(g, 25))
        node = gen_unit_call(g, depth);
    if (!node && depth > 1 && gen_chance(g, 15))
        node = gen_macro_statement(g, depth);
    if (!node && depth > 1 && gen_chance(g, 10))
        node = gen_match(g, g->tree->unit, depth);
    if (!node && g->place.functions && g->place.cost + task_cost < g->place.cost_limit && gen_chance(g, 3)) {
        g->place.cost += task_cost;
        node = gen_schedule(g, gen_lambda(g, g->stock.action, depth - 1), true);
    }
    if (!node && depth > 1 && gen_chance(g, 25)) {
        node = node_new(g->tree, NODE_IF, g->tree->unit);
        node_add(g->tree, node, gen_expression(g, g->tree->number, depth - 1));
        node_add(g->tree, node, gen_block(g, g->tree->unit, 1, depth - 1));
        if (gen_chance(g, 50))
            node_add(g->tree, node, gen_block(g, g->tree->unit, 1, depth - 1));
    }
    return node ? node : assignment(g, depth);
}

void gen_statement(struct gen *g, struct node *block, int depth)
{
    struct node *node = NULL;
    switch (gen_below(g, 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        break;
    case 4:
        add_pattern(g, block, depth);
        return;
    case 5:
        if (depth > 1 && g->place.functions && g->place.cost + 16 * loop_cost_limit < g->place.cost_limit) {
            node_add(g->tree, block, gen_loop(g, true, depth - 1));
            return;
        }
        break;
    default:
        node = unit_statement(g, depth);
        break;
    }
    if (node) {
        node_add(g->tree, block, node);
    } else {
        add_let(g, block, depth);
    }
}

struct node *gen_block(struct gen *g, const struct type *type, int statements, int depth)
{
    struct node *block = node_new(g->tree, NODE_BLOCK, type);
    size_t outer = g->variable_count;
    for (int i = 0; i < statements && g->place.cost < g->place.cost_limit; i++)
        gen_statement(g, block, depth);
    if (type == g->tree->unit) {
        struct node *last = unit_statement(g, depth);
        if (last) {
            node_add(g->tree, block, last);
        } else {
            add_let(g, block, depth);
        }
    } else {
        node_add(g->tree, block, gen_expression(g, type, depth));
    }
    g->variable_count = outer;
    return block;
}

bool gen_fits_self(const struct gen *g, const struct type *type)
{
    return !type->has_function && !type->has_string && type != g->tree->unit;
}

struct node *gen_lambda(struct gen *g, const struct type *type, int depth)
{
    struct node *lambda = node_new(g->tree, NODE_LAMBDA, type);
    struct place outer = g->place;
    size_t variables = g->variable_count;
    g->place.self_type = gen_fits_self(g, type->result) ? type->result : NULL;
    g->place.state = true;
    g->place.cost = 0.0;
    g->place.cost_limit = lambda_cost_limit;
    lambda->flag = gen_chance(g, 60);
    /* self is only known to be a tuple or a record if the result says so. */
    lambda->index =
        type->result->kind == TYPE_TUPLE || type->result->kind == TYPE_RECORD || gen_chance(g, 10);
    for (size_t i = 0; i < type->count; i++)
        gen_parameter(g, lambda, gen_fresh(g, "p"), type->part[i]);
    node_add(g->tree, lambda, gen_block(g, type->result, depth > 0 ? (int)gen_below(g, 3) : 0, depth));
    outer.cost += g->place.cost; /* it will probably be called about once */
    g->place = outer;
    g->variable_count = variables;
    return lambda;
}

/* name(n - 1, expressions for the other parameters) */
static struct node *recursive_call(struct gen *g, const char *name, const char *counter,
                                   const struct type *type, int depth)
{
    const struct type *f = g->tree->number;
    struct node *call = node_new(g->tree, NODE_CALL, type->result),
                *less = node_text(g->tree, NODE_BINARY, f, "-");
    node_add(g->tree, less, gen_name(g, counter, f));
    node_add(g->tree, less, node_text(g->tree, NODE_NUMBER, f, "1"));
    node_add(g->tree, call, gen_name(g, name, type));
    node_add(g->tree, call, less);
    for (size_t i = 1; i < type->count; i++)
        node_add(g->tree, call, gen_expression(g, type->part[i], depth));
    return call;
}

static struct node *loop_step(struct gen *g, const char *name, const char *counter, const struct type *type,
                              int depth)
{
    const struct type *f = g->tree->number;
    struct node *block = node_new(g->tree, NODE_BLOCK, type->result), *last;
    size_t variables = g->variable_count;
    if (gen_chance(g, 40))
        gen_statement(g, block, depth);
    if (type->result == f && gen_chance(g, 30)) { /* not a tail call */
        last = node_text(g->tree, NODE_BINARY, f, gen_chance(g, 70) ? "+" : "-");
        node_add(g->tree, last, gen_expression(g, f, depth));
        node_add(g->tree, last, recursive_call(g, name, counter, type, depth));
    } else if (gen_chance(g, 20)) {
        last = node_new(g->tree, NODE_IF, type->result);
        node_add(g->tree, last, gen_expression(g, f, depth));
        for (int branch = 0; branch < 2; branch++) {
            struct node *way = node_new(g->tree, NODE_BLOCK, type->result);
            node_add(g->tree, way, recursive_call(g, name, counter, type, depth));
            node_add(g->tree, last, way);
        }
    } else {
        last = recursive_call(g, name, counter, type, depth);
    }
    node_add(g->tree, block, last);
    g->variable_count = variables;
    return block;
}

struct node *gen_loop(struct gen *g, bool local, int depth)
{
    const struct type *f = g->tree->number, *carried = gen_value_type(g), *type;
    const char *name = gen_fresh(g, local ? "go" : "loop"), *counter = gen_fresh(g, "n"),
               *sum = gen_fresh(g, "a");
    struct node *owner, *body, *test, *choice, *end;
    struct place outer = g->place;
    struct variable *bound;
    size_t variables = g->variable_count;
    bool extra = gen_chance(g, 40);

    type = type_function(g->tree, extra ? 3 : 2, (const struct type *[]){ f, carried, f }, carried);
    owner = node_new(g->tree, local ? NODE_LAMBDA : NODE_FUNCTION, type);
    owner->text = name;
    gen_parameter(g, owner, counter, f);
    g->variables[g->variable_count - 1].constant = true;
    gen_parameter(g, owner, sum, carried);
    if (extra)
        gen_parameter(g, owner, gen_fresh(g, "x"), f);

    /* What state in a recursive function means is not defined, so there is none. */
    g->place.self_type = NULL;
    g->place.state = false;
    g->place.cost = 0.0;
    g->place.cost_limit = loop_cost_limit;
    test = node_text(g->tree, NODE_BINARY, f, ">");
    node_add(g->tree, test, gen_name(g, counter, f));
    node_add(g->tree, test, node_text(g->tree, NODE_NUMBER, f, "0"));
    choice = node_new(g->tree, NODE_IF, carried);
    node_add(g->tree, choice, test);
    node_add(g->tree, choice, loop_step(g, name, counter, type, depth > 2 ? 2 : depth));
    end = node_new(g->tree, NODE_BLOCK, carried);
    node_add(g->tree, end, gen_chance(g, 80) ? gen_name(g, sum, carried) : gen_leaf(g, carried));
    node_add(g->tree, choice, end);
    body = node_new(g->tree, NODE_BLOCK, carried);
    node_add(g->tree, body, choice);
    node_add(g->tree, owner, body);

    outer.cost += local ? 8.0 * g->place.cost : 0.0;
    g->variable_count = variables;
    bound = gen_bind(g, VARIABLE_LOOP, name, type);
    bound->cost = 8.0 * g->place.cost + 10.0;
    bound->definition = owner;
    g->place = outer;
    if (local) {
        struct node *letrec = node_text(g->tree, NODE_LETREC, g->tree->unit, name);
        node_add(g->tree, letrec, owner);
        return letrec;
    }
    return owner;
}
