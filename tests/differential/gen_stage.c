/* gen_stage.c -- macros, and calls of them at whatever type is wanted.
 *
 * The macros are text at the start of the program.  Their arguments are quoted expressions of any kind, numbers of the macro stage, and
 * functions of the macro stage whose body is a quote.  What such a function is given is code; in its quote it is written ($c), or
 * ($(lift(k))) for a number, and is a variable like any other there, but for assignments.
 *
 * print_plain.c knows what each macro stands for, so that the program can also be written without any. */
#include "tests/differential/gen.h"

static const char *const texts[MACRO_COUNT] = {
    [MACRO_SAME] = "fn same(c){ c }",
    [MACRO_PICK] = "fn pick(n, a, b){ if (n > 0) { a } else { b } }",
    [MACRO_BOUND] = "fn bound(x){ `{ let y = $x\n    y } }",
    [MACRO_BOTH] = "fn both(x){ `{ let y = $x\n    let r = ($x, y)\n    r } }",
    [MACRO_CHAIN] = "fn chain(n, x){ if (n > 0) { chain(n - 1, `($x * 0.5 + 0.25)) } else { x } }",
    [MACRO_WITH] = "fn with(x, f){ `{ let v = $x\n    v = $(f(`v))\n    v } }",
    [MACRO_UNROLL] = "fn unroll(n, f){ if (n > 0) { `($(f(n)) + $(unroll(n - 1, f))) } else { `0.5 } }",
    [MACRO_GROW] =
        "fn grow(n, x, f){ if (n > 0) { `{ let y = $(f(n, x))\n    $(grow(n - 1, `y, f)) } } else { x } }",
    [MACRO_BANK] = "fn collect(n, f){ if (n > 0) { prepend(f(n), collect(n - 1, f)) } else { [] } }\n"
                   "fn bank(n, f){ lift_array_code(collect(n, f)) }",
    [MACRO_SCALER] = "fn scaler(k){ `(|x:float| x * $(lift(k)) + self * 0.25) }",
    [MACRO_NEXT] = "let ticks = 0\nfn next(){\n    ticks = ticks + 1\n    lift(ticks)\n}",
    [MACRO_AGAIN] = "fn again(s){ `{ $s\n    $s } }",
};
static const char *const names[MACRO_COUNT] = {
    [MACRO_SAME] = "same",   [MACRO_PICK] = "pick",     [MACRO_BOUND] = "bound",   [MACRO_BOTH] = "both",
    [MACRO_CHAIN] = "chain", [MACRO_WITH] = "with",     [MACRO_UNROLL] = "unroll", [MACRO_GROW] = "grow",
    [MACRO_BANK] = "bank",   [MACRO_SCALER] = "scaler", [MACRO_NEXT] = "next",     [MACRO_AGAIN] = "again",
};

void gen_add_macros(struct gen *g)
{
    struct tree *t = g->tree;
    if (!gen_chance(g, 40))
        return;
    g->staged = true;
    node_add(t, t->program, node_text(t, NODE_STAGE, t->unit, "macro"));
    for (int i = 0; i < MACRO_COUNT; i++) {
        if ((g->have_macro[i] = gen_chance(g, 60)))
            node_add(t, t->program, node_text(t, NODE_STAGED, t->unit, texts[i]));
    }
    node_add(t, t->program, node_text(t, NODE_STAGE, t->unit, "main"));
}

/* ---- arguments ---- */

static struct node *quote(struct gen *g, struct node *inside)
{
    struct node *node = node_new(g->tree, NODE_QUOTE, NULL);
    node_add(g->tree, node, inside);
    return node;
}

static struct node *number(struct gen *g, uint32_t value)
{
    return node_text(g->tree, NODE_NUMBER, g->tree->number, tree_format(g->tree, "%u", value));
}

static struct node *macro(struct gen *g, enum macro which, const struct type *type)
{
    struct node *node = node_text(g->tree, NODE_MACRO, type, names[which]);
    node->index = which;
    return node;
}

/* |k, c| `(an expression of the type that may use both).  The parameters that are not wanted are NULL. */
static struct node *quoting_function(struct gen *g, const struct type *type, const struct type *count,
                                     const struct type *code, double times, int depth)
{
    struct tree *t = g->tree;
    struct node *lambda = node_new(t, NODE_MAKER, NULL), *inside;
    const struct type *types[] = { count, code };
    size_t outer = g->variable_count;
    double before = g->place.cost;
    const struct type *self_type = g->place.self_type;
    g->place.self_type = NULL; /* self would be that of the macro's function */
    for (int i = 0; i < 2; i++) {
        const char *name;
        struct variable *bound;
        if (!types[i])
            continue;
        name = gen_fresh(g, i == 0 ? "k" : "c");
        node_add(t, lambda, node_text(t, NODE_PARAM, types[i], name));
        bound =
            gen_bind(g, VARIABLE_LOCAL, tree_format(t, i == 0 ? "($(lift(%s)))" : "($%s)", name), types[i]);
        bound->constant = true;
    }
    g->makers++;
    inside = gen_expression(g, type, depth - 1);
    g->makers--;
    node_add(t, lambda, quote(g, inside));
    g->variable_count = outer;
    g->place.self_type = self_type;
    g->place.cost += (times - 1.0) * (g->place.cost - before);
    return lambda;
}

/* ---- values of the macro stage ---- */

/* An expression of literals alone; NULL for what cannot be lifted. */
static struct node *constant(struct gen *g, const struct type *type, int depth)
{
    static const char *const operators[] = { "+", "-", "*", "/", "%", "^", "<", "&&" };
    static const char *const functions[] = { "sin", "sqrt", "floor", "log", "neg", "tanh" };
    struct tree *t = g->tree;
    struct node *node = NULL, *part;
    size_t count = type->count;
    if (type->has_function)
        return NULL;
    switch (type->kind) {
    case TYPE_FLOAT:
        if (depth <= 0 || gen_chance(g, 40))
            return gen_number(g);
        if (gen_chance(g, 25)) {
            node = node_new(t, NODE_CALL, type);
            node_add(t, node, gen_name(g, functions[gen_below(g, 6)], NULL));
            node_add(t, node, constant(g, type, depth - 1));
            return node;
        }
        node = node_text(t, NODE_BINARY, type, operators[gen_below(g, 8)]);
        node_add(t, node, constant(g, type, depth - 1));
        node_add(t, node, constant(g, type, depth - 1));
        return node;
    case TYPE_STRING:
        return gen_leaf(g, type)->kind == NODE_NUMBER ? node_text(t, NODE_NUMBER, type, "\"lifted\"") : NULL;
    case TYPE_TUPLE:
    case TYPE_RECORD:
        node = node_new(t, type->kind == TYPE_TUPLE ? NODE_TUPLE : NODE_RECORD, type);
        for (size_t i = 0; i < count; i++) {
            part = constant(g, type->part[i], depth - 1);
            if (!part)
                return NULL;
            if (type->kind == TYPE_RECORD) {
                struct node *field = node_text(t, NODE_FIELD, type->part[i], type->key[i]);
                node_add(t, field, part);
                part = field;
            }
            node_add(t, node, part);
        }
        return node;
    case TYPE_ARRAY:
        node = node_new(t, NODE_ARRAY, type);
        for (uint32_t i = 1 + gen_below(g, 3); i > 0; i--) {
            part = constant(g, type->result, depth - 1);
            if (!part)
                return NULL;
            node_add(t, node, part);
        }
        return node;
    case TYPE_SUM: {
        const struct variant *variant = &type->sum->variants[gen_below(g, (uint32_t)type->sum->count)];
        if (depth <= 0)
            variant = &type->sum->variants[0];
        if (variant->count == 0)
            return gen_name(g, variant->name, type);
        node = node_new(t, NODE_CALL, type);
        node_add(t, node, gen_name(g, variant->name, NULL));
        for (size_t k = 0; k < variant->count; k++) {
            part = constant(g, variant->payload[k], depth - 1);
            if (!part)
                return NULL;
            node_add(t, node, part);
        }
        return node;
    }
    case TYPE_FUNCTION:
    case TYPE_UNION:
    case TYPE_UNIT:
        break;
    }
    return NULL;
}

static struct node *lifted(struct gen *g, const struct type *type)
{
    struct node *value = constant(g, type, 3), *node;
    if (!value)
        return NULL;
    node = node_new(g->tree, NODE_LIFT, type);
    node_add(g->tree, node, value);
    return node;
}

/* ---- calls ---- */

static struct node *scaler_call(struct gen *g, const struct type *type, int depth)
{
    struct node *node = macro(g, MACRO_SCALER, g->stock.map1), *call, *argument;
    bool pipe = gen_chance(g, 40);
    node_add(g->tree, node, gen_number(g));
    if (type == g->stock.map1)
        return node;
    if (type != g->tree->number || !g->place.state)
        return NULL;
    g->place.stateful = true;
    argument = gen_expression(g, type, depth - 1);
    call = node_new(g->tree, pipe ? NODE_PIPE : NODE_CALL, type);
    node_add(g->tree, call, pipe ? argument : node);
    node_add(g->tree, call, pipe ? node : argument);
    return call;
}

struct node *gen_macro(struct gen *g, const struct type *type, int depth)
{
    enum macro which = (enum macro)gen_below(g, MACRO_COUNT + 2);
    const struct type *f = g->tree->number;
    uint32_t count = 1 + gen_below(g, 3);
    struct node *node, *whole;
    if (!g->staged || g->place.cost > g->place.cost_limit / 2)
        return NULL;
    if (which >= MACRO_COUNT)
        return lifted(g, type);
    if (!g->have_macro[which])
        return NULL;
    node = macro(g, which, type);
    switch (which) {
    case MACRO_SAME:
    case MACRO_BOUND:
        node_add(g->tree, node, quote(g, gen_expression(g, type, depth - 1)));
        return node;
    case MACRO_PICK:
        node_add(g->tree, node, number(g, gen_below(g, 2)));
        node_add(g->tree, node, quote(g, gen_expression(g, type, depth - 1)));
        node_add(g->tree, node, quote(g, gen_expression(g, type, depth - 1)));
        return node;
    case MACRO_BOTH: {
        double before = g->place.cost;
        node->type = NULL;
        node_add(g->tree, node, quote(g, gen_expression(g, type, depth - 1)));
        g->place.cost += g->place.cost - before;
        whole = node_new(g->tree, NODE_PROJECT, type);
        whole->index = gen_below(g, 2);
        node_add(g->tree, whole, node);
        return whole;
    }
    case MACRO_CHAIN:
        if (type != f)
            return NULL;
        node_add(g->tree, node, number(g, count));
        node_add(g->tree, node, quote(g, gen_expression(g, f, depth - 1)));
        return node;
    case MACRO_WITH:
        if (type->has_function) /* the variable would be assigned what can see functions */
            return NULL;
        node_add(g->tree, node, quote(g, gen_expression(g, type, depth - 1)));
        node_add(g->tree, node, quoting_function(g, type, NULL, type, 1, depth));
        return node;
    case MACRO_UNROLL:
        if (type != f)
            return NULL;
        node_add(g->tree, node, number(g, count));
        node_add(g->tree, node, quoting_function(g, f, f, NULL, count, depth));
        return node;
    case MACRO_GROW:
        node_add(g->tree, node, number(g, count));
        node_add(g->tree, node, quote(g, gen_expression(g, type, depth - 1)));
        node_add(g->tree, node, quoting_function(g, type, f, type, count, depth));
        return node;
    case MACRO_BANK:
        if (type->kind != TYPE_ARRAY)
            return NULL;
        node_add(g->tree, node, number(g, count));
        node_add(g->tree, node, quoting_function(g, type->result, f, NULL, count, depth));
        return node;
    case MACRO_SCALER:
        return scaler_call(g, type, depth);
    case MACRO_NEXT:
        return type == f ? node : NULL;
    case MACRO_AGAIN:
    case MACRO_COUNT:
        break;
    }
    return NULL;
}

struct node *gen_macro_statement(struct gen *g, int depth)
{
    struct node *node;
    double before = g->place.cost;
    if (!g->staged || !g->have_macro[MACRO_AGAIN])
        return NULL;
    node = macro(g, MACRO_AGAIN, g->tree->unit);
    node_add(g->tree, node, quote(g, gen_block(g, g->tree->unit, 0, depth - 1)));
    g->place.cost += g->place.cost - before;
    return node;
}
