/* gen_expr.c -- expressions of a wanted type.
 *
 * Each `try_` function writes one kind of expression or gives NULL where that kind does not fit; gen_expression draws
 * kinds until one fits, and a leaf ends the search. */
#include <string.h>

#include "tests/differential/gen.h"

static const char *const literals[] = { "0",   "1",   "2",    "3",        "0.5",         "0.25",
                                        "0.1", "7",   "1.75", "10",       "100",         "440",
                                        "2.5", "0.9", "16",   "3.141592", "0.333333333", "12345.678" };
static const char *const odd_literals[] = { "100000000000000000000000000000",
                                            "0.0000000000000000000000000000001",
                                            "9007199254740993",
                                            "4294967296",
                                            "2147483647.5",
                                            "0.49999999999999994",
                                            "0."
                                            "0000000000000000000000000000000000000000000000000000000000000000"
                                            "0000000000000000000000000000000000000000000000"
                                            "0000000000000000000000000000000000000000000000000000000000000000"
                                            "000000000000000000000000000000000000000000000000"
                                            "0000000000000000000000000000000000000000000000000000000000000000"
                                            "000000000000000000000000000000000000000017" };
static const char *const unary_functions[] = { "sin",   "cos",  "tan",  "asin", "acos", "atan",
                                               "sinh",  "cosh", "tanh", "sqrt", "abs",  "round",
                                               "floor", "ceil", "log",  "neg",  "not" };
static const char *const binary_functions[] = { "atan2", "min",    "max", "add", "sub", "mult",
                                                "div",   "modulo", "pow", "eq",  "ne",  "lt",
                                                "le",    "gt",     "ge",  "and", "or" };
static const char *const operators[] = { "+", "-", "*", "/", "+", "-",  "*", "%",  "^",  "+",  "-",  "*",
                                         "/", "+", "-", "*", "<", "<=", ">", ">=", "==", "!=", "&&", "||" };

#define COUNT_OF(list) (uint32_t)(sizeof(list) / sizeof(list)[0])

/* What a call through a function value is taken to cost. */
static const double value_call_cost = 150.0;

struct node *gen_name(struct gen *g, const char *name, const struct type *type)
{
    return node_text(g->tree, NODE_NAME, type, name);
}

static struct node *make2(struct gen *g, enum node_kind kind, const struct type *type, struct node *a,
                          struct node *b)
{
    struct node *node = node_new(g->tree, kind, type);
    node_add(g->tree, node, a);
    if (b)
        node_add(g->tree, node, b);
    return node;
}

static struct node *make_binary(struct gen *g, const char *symbol, struct node *a, struct node *b)
{
    struct node *node = make2(g, NODE_BINARY, g->tree->number, a, b);
    node->text = symbol;
    return node;
}

static struct node *call_named(struct gen *g, const char *name, const struct type *result, struct node *a,
                               struct node *b)
{
    struct node *call = node_new(g->tree, NODE_CALL, result);
    node_add(g->tree, call, gen_name(g, name, NULL));
    if (a)
        node_add(g->tree, call, a);
    if (b)
        node_add(g->tree, call, b);
    return call;
}

struct node *gen_number(struct gen *g)
{
    const char *text = gen_chance(g, 6) ? odd_literals[gen_below(g, COUNT_OF(odd_literals))]
                       : gen_chance(g, 15)
                           ? tree_format(g->tree, "%u.%03u", gen_below(g, 50), gen_below(g, 1000))
                           : literals[gen_below(g, COUNT_OF(literals))];
    struct node *number = node_text(g->tree, NODE_NUMBER, g->tree->number, text);
    if (gen_chance(g, 12))
        return make2(g, NODE_NEGATE, g->tree->number, number, NULL);
    return number;
}

static struct node *text_literal(struct gen *g)
{
    static const char *const texts[] = { "\"\"", "\"a\"", "\"two words\"", "\"// no comment\"" };
    return node_text(g->tree, NODE_NUMBER, g->tree->string, texts[gen_below(g, 4)]);
}

struct node *gen_leaf(struct gen *g, const struct type *type)
{
    const struct variable *variable = gen_find_value(g, type);
    struct node *node;
    g->place.cost += 1.0;
    if (variable && gen_chance(g, 75))
        return gen_name(g, variable->name, type);
    switch (type->kind) {
    case TYPE_FLOAT:
        return gen_number(g);
    case TYPE_TUPLE:
        node = node_new(g->tree, NODE_TUPLE, type);
        for (size_t i = 0; i < type->count; i++)
            node_add(g->tree, node, gen_leaf(g, type->part[i]));
        return node;
    case TYPE_RECORD: {
        size_t first =
            gen_below(g, (uint32_t)type->count); /* literals need not be in the order of the keys */
        node = node_new(g->tree, NODE_RECORD, type);
        for (size_t i = 0; i < type->count; i++) {
            size_t at = (first + i) % type->count;
            struct node *field = node_text(g->tree, NODE_FIELD, type->part[at], type->key[at]);
            node_add(g->tree, field, gen_leaf(g, type->part[at]));
            node_add(g->tree, node, field);
        }
        return node;
    }
    case TYPE_ARRAY: {
        /* An empty array says nothing about its element, which a projection must know; and the zero element of an
         * empty array of functions is no function. */
        enum type_kind element = type->result->kind;
        size_t least = !type->has_function && (element == TYPE_FLOAT || element == TYPE_ARRAY) ? 0 : 1;
        size_t count = least + gen_below(g, 3);
        node = node_new(g->tree, NODE_ARRAY, type);
        for (size_t i = 0; i < count; i++)
            node_add(g->tree, node, gen_leaf(g, type->result));
        return node;
    }
    case TYPE_FUNCTION:
        return gen_lambda(g, type, 0);
    case TYPE_SUM:
        return gen_construct(g, type, 0);
    case TYPE_STRING:
        return text_literal(g);
    case TYPE_UNION:
        return gen_chance(g, 50) ? gen_number(g) : text_literal(g);
    case TYPE_UNIT:
        break;
    }
    return node_new(g->tree, NODE_BLOCK, type);
}

struct node *gen_count(struct gen *g, int depth)
{
    if (gen_chance(g, 60))
        return node_text(g->tree, NODE_NUMBER, g->tree->number, tree_format(g->tree, "%u", gen_below(g, 7)));
    /* NaN counts as 0, and so does the remainder of an infinity. */
    return make_binary(g, "%", gen_expression(g, g->tree->number, depth - 1),
                       node_text(g->tree, NODE_NUMBER, g->tree->number, "6"));
}

/* ---- kinds that fit any type ---- */

static struct node *try_if(struct gen *g, const struct type *type, int depth)
{
    struct node *node = make2(g, NODE_IF, type, gen_expression(g, g->tree->number, depth - 1), NULL);
    int statements = gen_chance(g, 30) ? 1 : 0;
    node_add(g->tree, node, gen_block(g, type, statements, depth - 1));
    node_add(g->tree, node, gen_block(g, type, statements, depth - 1));
    return node;
}

static struct node *argument_for(struct gen *g, const struct node *parameter, int depth)
{
    const struct type *type = parameter->type;
    if (type->kind == TYPE_RECORD && depth > 0 && gen_chance(g, 12)) { /* more fields than are wanted */
        struct node *record = node_new(g->tree, NODE_RECORD, type), *field;
        size_t extra = gen_below(g, (uint32_t)type->count + 1);
        for (size_t i = 0; i <= type->count; i++) {
            if (i == extra) {
                field =
                    node_text(g->tree, NODE_FIELD, g->tree->number, gen_chance(g, 50) ? "before" : "zero");
                node_add(g->tree, field, gen_expression(g, g->tree->number, depth - 1));
                node_add(g->tree, record, field);
            }
            if (i < type->count) {
                field = node_text(g->tree, NODE_FIELD, type->part[i], type->key[i]);
                node_add(g->tree, field, gen_expression(g, type->part[i], depth - 1));
                node_add(g->tree, record, field);
            }
        }
        return record;
    }
    return gen_expression(g, parameter->type, depth - 1);
}

/* A call by record: every parameter without a default, some of those with one, in any order. */
static struct node *pack_call(struct gen *g, const struct variable *function, int depth)
{
    const struct node *definition = function->definition;
    size_t count = definition->count - 1, first = gen_below(g, (uint32_t)count);
    struct node *call =
        make2(g, NODE_PACK, function->type->result, gen_name(g, function->name, function->type), NULL);
    bool left_out = false;
    for (size_t i = 0; i < count; i++) {
        const struct node *parameter = definition->child[(first + i) % count];
        struct node *field;
        if (parameter->count > 0 && gen_chance(g, 60)) {
            left_out = true;
            continue;
        }
        field = node_text(g->tree, NODE_FIELD, parameter->type, parameter->text);
        node_add(g->tree, field, argument_for(g, parameter, depth));
        node_add(g->tree, call, field);
    }
    call->flag = call->count == 1 || (left_out && gen_chance(g, 50));
    return call;
}

static struct node *pipe_or_call(struct gen *g, const struct type *type, struct node *function,
                                 struct node *argument)
{
    return gen_chance(g, 40) ? make2(g, NODE_PIPE, type, argument, function)
                             : make2(g, NODE_CALL, type, function, argument);
}

static struct node *call_function(struct gen *g, const struct variable *function, int depth)
{
    const struct node *definition = function->definition;
    size_t count = definition->count - 1;
    struct node *call;
    struct variable callee = *function; /* the table may grow while arguments are written */
    bool defaults = false;
    g->place.cost += callee.cost;
    if (callee.stateful)
        g->place.stateful = true;
    for (size_t i = 0; i < count; i++)
        defaults = defaults || definition->child[i]->count > 0;
    if (count >= 2 && gen_chance(g, defaults ? 60 : 10))
        return pack_call(g, &callee, depth);
    if (count >= 2 && gen_chance(g, 8)) { /* all arguments in one tuple */
        struct node *tuple = node_new(g->tree, NODE_TUPLE, type_tuple(g->tree, count, callee.type->part));
        for (size_t i = 0; i < count; i++)
            node_add(g->tree, tuple, argument_for(g, definition->child[i], depth));
        return pipe_or_call(g, callee.type->result, gen_name(g, callee.name, callee.type), tuple);
    }
    if (count == 1 && definition->child[0]->type->kind == TYPE_TUPLE && gen_chance(g, 25)) {
        const struct type *tuple = definition->child[0]->type; /* its elements one by one */
        call = make2(g, NODE_CALL, callee.type->result, gen_name(g, callee.name, callee.type), NULL);
        for (size_t i = 0; i < tuple->count; i++)
            node_add(g->tree, call, gen_expression(g, tuple->part[i], depth - 1));
        return call;
    }
    if (count == 1 && gen_chance(g, 20)) {
        return make2(g, NODE_PIPE, callee.type->result, argument_for(g, definition->child[0], depth),
                     gen_name(g, callee.name, callee.type));
    }
    call = make2(g, NODE_CALL, callee.type->result, gen_name(g, callee.name, callee.type), NULL);
    if (count >= 2 && definition->child[0]->type == g->tree->number && gen_chance(g, 10)) {
        /* value ||> f(_, rest) */
        struct node *value = argument_for(g, definition->child[0], depth);
        node_add(g->tree, call, node_new(g->tree, NODE_HOLE, g->tree->number));
        for (size_t i = 1; i < count; i++)
            node_add(g->tree, call, argument_for(g, definition->child[i], depth));
        return make2(g, NODE_PLACE, callee.type->result, value, call);
    }
    for (size_t i = 0; i < count; i++)
        node_add(g->tree, call, argument_for(g, definition->child[i], depth));
    return call;
}

static struct node *try_call(struct gen *g, const struct type *type, int depth)
{
    const struct variable *function = gen_find_callable(g, VARIABLE_FUNCTION, type);
    return function ? call_function(g, function, depth) : NULL;
}

static struct node *try_loop_call(struct gen *g, const struct type *type, int depth)
{
    const struct variable *found = gen_find_callable(g, VARIABLE_LOOP, type);
    struct variable loop;
    struct node *call;
    if (!found)
        return NULL;
    loop = *found;
    g->place.cost += loop.cost;
    call = make2(g, NODE_CALL, type, gen_name(g, loop.name, loop.type), gen_count(g, depth - 1));
    for (size_t i = 1; i < loop.type->count; i++)
        node_add(g->tree, call, gen_expression(g, loop.type->part[i], depth - 1));
    return call;
}

/* Calls a function value: a variable, an element, a field, or something made on the spot. */
static struct node *try_value_call(struct gen *g, const struct type *type, int depth)
{
    const struct stock *s = &g->stock;
    const struct type *function = s->calls[gen_below(g, (uint32_t)s->call_count)];
    struct node *callee, *call;
    if (!g->place.functions || function->result != type ||
        g->place.cost + value_call_cost > g->place.cost_limit)
        return NULL;
    g->place.cost += value_call_cost;
    callee = gen_expression(g, function, gen_chance(g, 70) ? 0 : depth - 1);
    if (function->count == 1 && gen_chance(g, 15)) {
        return make2(g, NODE_PIPE, type, gen_expression(g, function->part[0], depth - 1), callee);
    }
    call = make2(g, NODE_CALL, type, callee, NULL);
    for (size_t i = 0; i < function->count; i++)
        node_add(g->tree, call, gen_expression(g, function->part[i], depth - 1));
    return call;
}

struct node *gen_unit_call(struct gen *g, int depth)
{
    return gen_chance(g, 50) ? try_call(g, g->tree->unit, depth) : try_value_call(g, g->tree->unit, depth);
}

static struct node *try_self(struct gen *g, const struct type *type)
{
    if (g->place.self_type != type)
        return NULL;
    g->place.stateful = true;
    return node_new(g->tree, NODE_SELF, type);
}

/* A part of a variable, a call or a literal: projection, field or element. */
static struct node *try_part(struct gen *g, const struct type *type, int depth)
{
    const struct type *whole = g->stock.any[gen_below(g, (uint32_t)g->stock.any_count)];
    struct node *node, *value;
    if (whole->has_function && !g->place.functions)
        return NULL;
    if (whole->kind == TYPE_ARRAY) {
        if (whole->result != type)
            return NULL;
        value = gen_expression(g, whole, gen_chance(g, 60) ? 0 : depth - 1);
        return make2(g, NODE_INDEX, type, value, gen_expression(g, g->tree->number, depth - 1));
    }
    if (whole->kind != TYPE_TUPLE && whole->kind != TYPE_RECORD)
        return NULL;
    for (size_t i = 0; i < whole->count; i++) {
        if (whole->part[i] != type)
            continue;
        value = gen_find_value(g, whole) || whole->kind == TYPE_TUPLE
                    ? gen_expression(g, whole, gen_chance(g, 80) ? 0 : depth - 1)
                    : NULL;
        if (!value)
            return NULL;
        node = make2(g, whole->kind == TYPE_TUPLE ? NODE_PROJECT : NODE_MEMBER, type, value, NULL);
        node->index = i;
        node->text = whole->key[i];
        return node;
    }
    return NULL;
}

/* The element split off an array: { let (h, rest) = split_head(array)  h }, and likewise from the other end. */
static struct node *try_split(struct gen *g, const struct type *type, int depth)
{
    const struct type *array = type_array(g->tree, type), *both;
    bool head = gen_chance(g, 50);
    const char *one = gen_fresh(g, "e"), *rest = gen_fresh(g, "r");
    struct node *block, *let, *pattern, *source;
    if (type->has_function || type == g->tree->either)
        return NULL;
    both = type_tuple(g->tree, 2,
                      head ? (const struct type *[]){ type, array } : (const struct type *[]){ array, type });
    source = gen_expression(g, array, depth - 1);
    /* Mostly something is there to split off; now and then the run-time error is what is tested. */
    if (gen_chance(g, 97)) {
        source = call_named(g, head ? "prepend" : "append", array,
                            head ? gen_expression(g, type, depth - 1) : source,
                            head ? source : gen_expression(g, type, depth - 1));
    }
    pattern = node_new(g->tree, NODE_PATTERN, both);
    node_add(g->tree, pattern, node_text(g->tree, NODE_PATTERN, NULL, head ? one : rest));
    node_add(g->tree, pattern, node_text(g->tree, NODE_PATTERN, NULL, head ? rest : one));
    let = make2(g, NODE_LET, g->tree->unit, pattern,
                call_named(g, head ? "split_head" : "split_tail", both, source, NULL));
    block = make2(g, NODE_BLOCK, type, let, NULL);
    if (type == g->tree->number && gen_chance(g, 50)) {
        node_add(g->tree, block,
                 make_binary(g, "+", gen_name(g, one, type),
                             call_named(g, "len", type, gen_name(g, rest, array), NULL)));
    } else {
        node_add(g->tree, block, gen_name(g, one, type));
    }
    return block;
}

static struct node *try_any(struct gen *g, const struct type *type, int depth)
{
    switch (gen_below(g, g->staged ? 15 : 12)) {
    case 0:
        return try_if(g, type, depth);
    case 12:
    case 13:
    case 14:
        return gen_macro(g, type, depth);
    case 10:
        return gen_match(g, type, depth);
    case 1:
        return gen_chance(g, 50) ? gen_block(g, type, 1 + (int)gen_below(g, 2), depth - 1) : NULL;
    case 2:
    case 3:
    case 4:
        return try_call(g, type, depth);
    case 5:
        return try_value_call(g, type, depth);
    case 6:
        return gen_chance(g, 50) ? try_loop_call(g, type, depth) : try_split(g, type, depth);
    case 7:
        return try_self(g, type);
    case 8:
        return try_part(g, type, depth);
    default:
        return gen_polymorphic(g, type, depth);
    }
}

/* ---- kinds for one type ---- */

static struct node *try_float(struct gen *g, int depth)
{
    const struct type *f = g->tree->number;
    struct node *a;
    switch (gen_below(g, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        a = gen_expression(g, f, depth - 1);
        return make_binary(g, operators[gen_below(g, COUNT_OF(operators))], a,
                           gen_expression(g, f, depth - 1));
    case 5:
        return call_named(g, unary_functions[gen_below(g, COUNT_OF(unary_functions))], f,
                          gen_expression(g, f, depth - 1), NULL);
    case 6:
        a = gen_expression(g, f, depth - 1);
        return call_named(g, binary_functions[gen_below(g, COUNT_OF(binary_functions))], f, a,
                          gen_expression(g, f, depth - 1));
    case 7:
        return make2(g, NODE_NEGATE, f, gen_expression(g, f, depth - 1), NULL);
    case 8:
        if (!g->place.state)
            return NULL;
        g->place.stateful = true;
        return call_named(g, "mem", f, gen_expression(g, f, depth - 1), NULL);
    case 9: {
        static const char *const lengths[] = { "1", "2", "3", "5", "8", "13", "0", "4.9", "40" };
        struct node *call;
        if (!g->place.state)
            return NULL;
        g->place.stateful = true;
        call = call_named(g, "delay", f,
                          node_text(g->tree, NODE_NUMBER, f, lengths[gen_below(g, COUNT_OF(lengths))]),
                          gen_expression(g, f, depth - 1));
        node_add(g->tree, call, gen_expression(g, f, gen_chance(g, 50) ? 0 : depth - 1));
        return call;
    }
    case 10:
        return node_new(g->tree, gen_chance(g, 85) ? NODE_NOW : NODE_RATE, f);
    case 11: {
        const struct stock *s = &g->stock;
        const struct type *array = s->any[gen_below(g, (uint32_t)s->any_count)];
        if (array->kind != TYPE_ARRAY || (array->has_function && !g->place.functions))
            array = s->numbers;
        return call_named(g, "len", f, gen_expression(g, array, depth - 1), NULL);
    }
    case 12: { /* value ||> _ + e */
        struct node *hole = node_new(g->tree, NODE_HOLE, f), *value, *other;
        const char *symbol = operators[gen_below(g, 9)];
        value = gen_expression(g, f, depth - 1);
        other = gen_expression(g, f, depth - 1);
        return make2(g, NODE_PLACE, f, value,
                     gen_chance(g, 50) ? make_binary(g, symbol, hole, other)
                                       : make_binary(g, symbol, other, hole));
    }
    case 13:
        if (!gen_chance(g, 12))
            return NULL;
        return call_named(g, gen_chance(g, 50) ? "probe" : "probeln", f, gen_expression(g, f, depth - 1),
                          NULL);
    default:
        return try_any(g, f, depth);
    }
}

static struct node *try_array(struct gen *g, const struct type *type, int depth)
{
    struct node *node;
    switch (gen_below(g, 8)) {
    case 0:
    case 1:
        node = gen_expression(g, type, depth - 1);
        return call_named(g, "append", type, node, gen_expression(g, type->result, depth - 1));
    case 2:
    case 3:
        node = gen_expression(g, type->result, depth - 1);
        return call_named(g, "prepend", type, node, gen_expression(g, type, depth - 1));
    case 4:
        if (!g->have[HELPER_MAP] || !g->place.functions || type->has_function || type == g->stock.rows ||
            g->place.cost + 8 * value_call_cost > g->place.cost_limit) {
            return NULL;
        }
        g->place.cost += 8 * value_call_cost;
        node = call_named(g, "map_into", type,
                          gen_lambda(g, type_function(g->tree, 1, &g->tree->number, type->result), depth - 1),
                          gen_expression(g, g->stock.numbers, 0));
        node_add(g->tree, node, node_text(g->tree, NODE_NUMBER, g->tree->number, "0"));
        node_add(g->tree, node, node_new(g->tree, NODE_ARRAY, type));
        return node;
    case 5:
        node = node_new(g->tree, NODE_ARRAY, type);
        for (uint32_t i = 1 + gen_below(g, 4); i > 0; i--)
            node_add(g->tree, node, gen_expression(g, type->result, depth - 1));
        return node;
    default:
        return try_any(g, type, depth);
    }
}

static struct node *try_function(struct gen *g, const struct type *type, int depth)
{
    switch (gen_below(g, 6)) {
    case 0:
    case 1:
        return gen_lambda(g, type, depth - 1);
    case 2: { /* a named function as a value */
        const struct variable *function = gen_find(g, VARIABLE_FUNCTION, type);
        return function && function->cost <= value_call_cost ? gen_name(g, function->name, type) : NULL;
    }
    case 3:
        if (!g->have[HELPER_COMPOSE] || type != g->stock.map1)
            return NULL;
        return call_named(g, "compose", type, gen_expression(g, type, depth - 1),
                          gen_expression(g, type, depth - 1));
    default:
        return try_any(g, type, depth);
    }
}

/* { v <- key = value, ... } with some of the keys. */
static struct node *try_update(struct gen *g, const struct type *type, int depth)
{
    const struct variable *base = gen_find_value(g, type);
    struct node *node;
    size_t first = gen_below(g, (uint32_t)type->count), count = 1 + gen_below(g, (uint32_t)type->count);
    if (!base || base->constant)
        return NULL;
    node = make2(g, NODE_UPDATE, type, gen_name(g, base->name, type), NULL);
    for (size_t i = 0; i < count; i++) {
        size_t at = (first + i) % type->count;
        struct node *field = node_text(g->tree, NODE_FIELD, type->part[at], type->key[at]);
        node_add(g->tree, field, gen_expression(g, type->part[at], depth - 1));
        node_add(g->tree, node, field);
    }
    return node;
}

static struct node *try_aggregate(struct gen *g, const struct type *type, int depth)
{
    struct node *node;
    switch (gen_below(g, 5)) {
    case 0:
        if (type->kind == TYPE_RECORD)
            return try_update(g, type, depth);
        node = node_new(g->tree, NODE_TUPLE, type);
        for (size_t i = 0; i < type->count; i++)
            node_add(g->tree, node, gen_expression(g, type->part[i], depth - 1));
        return node;
    case 1:
        if (type->kind != TYPE_RECORD)
            return gen_tuple_operation(g, type, depth);
        node = node_new(g->tree, NODE_RECORD, type);
        for (size_t i = type->count; i-- > 0;) {
            struct node *field = node_text(g->tree, NODE_FIELD, type->part[i], type->key[i]);
            node_add(g->tree, field, gen_expression(g, type->part[i], depth - 1));
            node_add(g->tree, node, field);
        }
        return node;
    default:
        return try_any(g, type, depth);
    }
}

struct node *gen_expression(struct gen *g, const struct type *type, int depth)
{
    struct node *node = NULL;
    if (depth <= 0 || g->place.cost >= g->place.cost_limit || type == g->tree->either)
        return gen_leaf(g, type);
    g->place.cost += 1.0;
    for (int attempt = 0; attempt < 4 && !node; attempt++) {
        if (gen_chance(g, 12))
            break;
        if (g->staged && gen_chance(g, 18) && (node = gen_macro(g, type, depth)))
            break;
        switch (type->kind) {
        case TYPE_FLOAT:
            node = try_float(g, depth);
            break;
        case TYPE_ARRAY:
            node = type->has_function ? try_any(g, type, depth) : try_array(g, type, depth);
            break;
        case TYPE_FUNCTION:
            node = try_function(g, type, depth);
            break;
        case TYPE_TUPLE:
        case TYPE_RECORD:
            node = try_aggregate(g, type, depth);
            break;
        case TYPE_SUM:
            node = gen_chance(g, 40) ? gen_construct(g, type, depth) : try_any(g, type, depth);
            break;
        case TYPE_STRING:
            node = try_any(g, type, depth);
            break;
        case TYPE_UNION:
        case TYPE_UNIT:
            break;
        }
    }
    return node ? node : gen_leaf(g, type);
}
