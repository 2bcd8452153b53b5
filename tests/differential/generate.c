/* generate.c -- the program as a whole; see generate.h. */
#include "tests/differential/generate.h"

#include <string.h>

#include "tests/differential/gen.h"

static const double function_cost_limit = 1500.0, dsp_cost_limit = 6000.0;

static void open_place(struct gen *g, const struct type *self_type, double cost_limit)
{
    g->place =
        (struct place){ .self_type = self_type, .state = true, .functions = true, .cost_limit = cost_limit };
}

static void add_global(struct gen *g, const struct type *type, int depth)
{
    struct node *let = node_new(g->tree, NODE_LET, g->tree->unit);
    const char *name = gen_fresh(g, "g");
    open_place(g, NULL, function_cost_limit);
    let->flag = type->kind == TYPE_ARRAY || type->kind == TYPE_UNION || gen_chance(g, 20);
    node_add(g->tree, let, node_text(g->tree, NODE_PATTERN, type, name));
    node_add(g->tree, let, gen_expression(g, type, depth));
    node_add(g->tree, g->tree->program, let);
    gen_bind(g, VARIABLE_GLOBAL, name, type);
}

/* let (a, b) = value, or the record form of it, at the top level. */
static void add_global_pattern(struct gen *g)
{
    const struct stock *s = &g->stock;
    const struct type *type = s->any[gen_below(g, (uint32_t)s->any_count)];
    if (type->kind != TYPE_TUPLE && type->kind != TYPE_RECORD)
        type = gen_chance(g, 50) ? s->plain_record : s->call_pair;
    struct node *let = node_new(g->tree, NODE_LET, g->tree->unit),
                *pattern = node_new(g->tree, NODE_PATTERN, type), *value;
    open_place(g, NULL, function_cost_limit);
    value = gen_expression(g, type, 2);
    for (size_t i = 0; i < type->count; i++) {
        const char *name = gen_fresh(g, "g");
        node_add(g->tree, pattern, node_text(g->tree, NODE_PATTERN, type->part[i], name));
        gen_bind(g, VARIABLE_GLOBAL, name, type->part[i]);
    }
    node_add(g->tree, let, pattern);
    node_add(g->tree, let, value);
    node_add(g->tree, g->tree->program, let);
}

static void add_global_statement(struct gen *g)
{
    const struct variable *global = gen_find(g, VARIABLE_GLOBAL, g->tree->number);
    struct node *assign;
    if (!global)
        return;
    open_place(g, NULL, function_cost_limit);
    assign = node_new(g->tree, NODE_ASSIGN, g->tree->unit);
    node_add(g->tree, assign, gen_name(g, global->name, global->type));
    node_add(g->tree, assign, gen_expression(g, g->tree->number, 2));
    node_add(g->tree, g->tree->program, assign);
}

/* A default may use globals, but no parameter: it is written while none is bound. */
static struct node *default_value(struct gen *g, const struct type *type)
{
    struct node *value;
    if (gen_chance(g, 70))
        return gen_leaf(g, type);
    value = node_text(g->tree, NODE_BINARY, type, "*");
    if (type != g->tree->number)
        return gen_leaf(g, type);
    node_add(g->tree, value, gen_leaf(g, type));
    node_add(g->tree, value, gen_number(g));
    return value;
}

static const struct type *parameter_type(struct gen *g)
{
    const struct stock *s = &g->stock;
    if (gen_chance(g, 65))
        return g->tree->number;
    if (gen_chance(g, 40))
        return s->any[gen_below(g, (uint32_t)s->function_count)];
    return gen_chance(g, 6) ? g->tree->either : gen_value_type(g);
}

static void add_function(struct gen *g, const struct type *result, int depth)
{
    const struct type *parameters[4];
    struct node *defaults[4] = { NULL }, *function;
    size_t count = gen_below(g, 4), variables = g->variable_count;
    struct variable *bound;
    open_place(g, NULL, function_cost_limit);
    g->place.functions = false; /* for the defaults */
    for (size_t i = 0; i < count; i++) {
        parameters[i] = parameter_type(g);
        if (count >= 2 && gen_chance(g, 40) &&
            (parameters[i] == g->tree->number || parameters[i] == g->stock.pair)) {
            defaults[i] = default_value(g, parameters[i]);
        }
    }
    function = node_text(g->tree, NODE_FUNCTION, type_function(g->tree, count, parameters, result),
                         gen_fresh(g, "f"));
    for (size_t i = 0; i < count; i++) {
        struct node *parameter = gen_parameter(g, function, gen_fresh(g, "p"), parameters[i]);
        if (defaults[i])
            node_add(g->tree, parameter, defaults[i]);
    }
    open_place(g, gen_fits_self(g, result) ? result : NULL, function_cost_limit);
    function->flag = result->kind == TYPE_TUPLE || result->kind == TYPE_RECORD || result->kind == TYPE_SUM ||
                     gen_chance(g, 40);
    node_add(g->tree, function, gen_block(g, result, (int)gen_below(g, 4), depth));
    node_add(g->tree, g->tree->program, function);
    g->variable_count = variables;
    bound = gen_bind(g, VARIABLE_FUNCTION, function->text, function->type);
    bound->stateful = g->place.stateful;
    bound->cost = g->place.cost + 5.0;
    bound->definition = function;
}

/* now + k, or a plain number for global code, where now is 0. */
static struct node *later(struct gen *g, bool from_now)
{
    static const char *const times[] = { "1", "2", "3", "5", "7", "1.5", "11", "4" };
    const struct type *f = g->tree->number;
    struct node *time = node_text(g->tree, NODE_NUMBER, f, gen_chance(g, 2) ? "0.5" : times[gen_below(g, 8)]),
                *sum;
    if (!from_now)
        return time;
    sum = node_text(g->tree, NODE_BINARY, f, "+");
    node_add(g->tree, sum, node_new(g->tree, NODE_NOW, f));
    node_add(g->tree, sum, time);
    return sum;
}

struct node *gen_schedule(struct gen *g, struct node *task, bool from_now)
{
    struct node *node = node_new(g->tree, NODE_SCHEDULE, g->tree->unit);
    node_add(g->tree, node, task);
    node_add(g->tree, node, later(g, from_now));
    return node;
}

/* A function without parameters that changes something, and perhaps calls for itself again.  It is only scheduled, never
 * called, so the number of waiting tasks stays small.  Returns its name. */
static const char *add_task(struct gen *g, bool recurring)
{
    struct node *task = node_text(g->tree, NODE_FUNCTION, g->stock.action, gen_fresh(g, "task"));
    struct node *body;
    open_place(g, NULL, function_cost_limit);
    body = gen_block(g, g->tree->unit, (int)gen_below(g, 2), 2);
    if (recurring)
        node_add(g->tree, body, gen_schedule(g, gen_name(g, task->text, task->type), true));
    node_add(g->tree, task, body);
    node_add(g->tree, g->tree->program, task);
    return task->text;
}

static void add_tasks(struct gen *g)
{
    for (uint32_t i = gen_below(g, 3); i > 0; i--) {
        const char *name = add_task(g, gen_chance(g, 70));
        node_add(g->tree, g->tree->program, gen_schedule(g, gen_name(g, name, g->stock.action), false));
    }
    if (gen_chance(g, 15)) {
        open_place(g, NULL, function_cost_limit);
        node_add(g->tree, g->tree->program, gen_schedule(g, gen_lambda(g, g->stock.action, 2), false));
    }
}

/* A number that depends on a variable, or NULL for types that do not lend themselves to it. */
static struct node *sign_of(struct gen *g, const struct variable *variable)
{
    const char *text = gen_sign_text(g, variable->type, variable->name);
    return text ? node_text(g->tree, NODE_NAME, g->tree->number, tree_format(g->tree, "(%s)", text)) : NULL;
}

/* A sum over what is in scope, so that a wrong value has a way to the output. */
static struct node *digest(struct gen *g)
{
    const struct type *f = g->tree->number;
    struct node *sum = node_text(g->tree, NODE_NUMBER, f, "0");
    for (size_t i = 0; i < g->variable_count; i++) {
        struct variable variable = g->variables[i];
        struct node *sign, *product, *next;
        if ((variable.kind != VARIABLE_LOCAL && variable.kind != VARIABLE_GLOBAL) ||
            !gen_is_visible(g, &g->variables[i]) || gen_chance(g, 35))
            continue;
        sign = sign_of(g, &variable);
        if (!sign)
            continue;
        product = node_text(g->tree, NODE_BINARY, f, "*");
        node_add(g->tree, product,
                 node_text(g->tree, NODE_NUMBER, f, tree_format(g->tree, "%zu", i % 5 + 1)));
        node_add(g->tree, product, sign);
        next = node_text(g->tree, NODE_BINARY, f, "+");
        node_add(g->tree, next, sum);
        node_add(g->tree, next, product);
        sum = next;
    }
    return sum;
}

/* if (clock < 100) { clock = clock + 0.37 } else { clock = 0 }: something that moves, whatever the program does to it. */
static struct node *move_clock(struct gen *g, const char *clock)
{
    const struct type *f = g->tree->number;
    struct node *node = node_new(g->tree, NODE_IF, g->tree->unit),
                *test = node_text(g->tree, NODE_BINARY, f, "<");
    node_add(g->tree, test, gen_name(g, clock, f));
    node_add(g->tree, test, node_text(g->tree, NODE_NUMBER, f, "100"));
    node_add(g->tree, node, test);
    for (int way = 0; way < 2; way++) {
        struct node *block = node_new(g->tree, NODE_BLOCK, g->tree->unit),
                    *assign = node_new(g->tree, NODE_ASSIGN, g->tree->unit);
        struct node *value = node_text(g->tree, NODE_NUMBER, f, way == 0 ? "0.37" : "0");
        if (way == 0) {
            struct node *sum = node_text(g->tree, NODE_BINARY, f, "+");
            node_add(g->tree, sum, gen_name(g, clock, f));
            node_add(g->tree, sum, value);
            value = sum;
        }
        node_add(g->tree, assign, gen_name(g, clock, f));
        node_add(g->tree, assign, value);
        node_add(g->tree, block, assign);
        node_add(g->tree, node, block);
    }
    return node;
}

/* if (now % 7 == 3) { task@(now + k) } */
static struct node *now_and_then(struct gen *g, const char *task)
{
    const struct type *f = g->tree->number;
    struct node *node = node_new(g->tree, NODE_IF, g->tree->unit),
                *block = node_new(g->tree, NODE_BLOCK, g->tree->unit);
    struct node *rest = node_text(g->tree, NODE_BINARY, f, "%"),
                *test = node_text(g->tree, NODE_BINARY, f, "==");
    node_add(g->tree, rest, node_new(g->tree, NODE_NOW, f));
    node_add(g->tree, rest, node_text(g->tree, NODE_NUMBER, f, "7"));
    node_add(g->tree, test, rest);
    node_add(g->tree, test, node_text(g->tree, NODE_NUMBER, f, "3"));
    node_add(g->tree, block, gen_schedule(g, gen_name(g, task, g->stock.action), true));
    node_add(g->tree, node, test);
    node_add(g->tree, node, block);
    return node;
}

/* One or two channels are any expression; the last one is the digest. */
static void add_dsp(struct gen *g, const char *clock, const char *task)
{
    const struct type *results[] = { g->stock.pair, g->stock.triple, g->stock.plain_record };
    const struct type *result = results[gen_below(g, 3)], *f = g->tree->number;
    struct node *dsp = node_text(g->tree, NODE_FUNCTION, type_function(g->tree, 0, NULL, result), "dsp");
    struct node *body = node_new(g->tree, NODE_BLOCK, result), *last, *field;
    open_place(g, result, dsp_cost_limit);
    dsp->flag = true;
    node_add(g->tree, body, move_clock(g, clock));
    if (task)
        node_add(g->tree, body, now_and_then(g, task));
    for (uint32_t i = 1 + gen_below(g, 3); i > 0; i--)
        gen_statement(g, body, gen_chance(g, 30) ? 3 : 2);
    last = node_new(g->tree, result->kind == TYPE_TUPLE ? NODE_TUPLE : NODE_RECORD, result);
    for (size_t i = 0; i < result->count; i++) {
        struct node *value = i + 1 < result->count ? gen_expression(g, f, 2) : digest(g);
        if (result->kind == TYPE_RECORD) {
            field = node_text(g->tree, NODE_FIELD, f, result->key[i]);
            node_add(g->tree, field, value);
            value = field;
        }
        node_add(g->tree, last, value);
    }
    node_add(g->tree, body, last);
    node_add(g->tree, dsp, body);
    node_add(g->tree, g->tree->program, dsp);
}

void generate_program(struct tree *tree, uint64_t seed)
{
    struct gen g;
    const char *task = NULL, *clock;
    memset(&g, 0, sizeof g);
    g.tree = tree;
    g.random = seed;
    gen_make_stock(&g);
    gen_add_macros(&g);
    gen_add_helpers(&g);
    gen_add_sums(&g);
    gen_choose_types(&g);
    add_global(&g, tree->number, 1);
    clock = g.variables[0].name;
    for (uint32_t i = gen_below(&g, 3); i > 0; i--)
        add_global(&g, gen_value_type(&g), 1);
    for (uint32_t i = 1 + gen_below(&g, 4); i > 0; i--) {
        switch (gen_below(&g, 10)) {
        case 0:
        case 1:
        case 2:
        case 3:
            add_function(&g, gen_chance(&g, 12) ? tree->unit : gen_value_type(&g),
                         gen_chance(&g, 20) ? 3 : 2);
            break;
        case 4:
        case 5: /* a factory */
            add_function(&g, g.stock.any[gen_below(&g, (uint32_t)g.stock.function_count)], 2);
            break;
        case 6:
            open_place(&g, NULL, function_cost_limit);
            if (g.sum_count > 0 && gen_chance(&g, 60)) {
                struct node *fold = gen_fold(&g, 2);
                if (fold)
                    node_add(tree, tree->program, fold);
            } else {
                node_add(tree, tree->program, gen_loop(&g, false, 3));
            }
            break;
        case 7:
        case 8:
            open_place(&g, NULL, function_cost_limit);
            add_global(&g, gen_any_type(&g), 2);
            break;
        default:
            if (gen_chance(&g, 50)) {
                add_global_statement(&g);
            } else {
                add_global_pattern(&g);
            }
            break;
        }
    }
    add_tasks(&g);
    if (gen_chance(&g, 15))
        task = add_task(&g, false);
    add_dsp(&g, clock, task);
    gen_finish_sums(&g);
}
