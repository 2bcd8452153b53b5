/* gen_scope.c -- random choice, the stock of types, names in scope. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differential/gen.h"

/* splitmix64: any seed is a good seed. */
static uint64_t next_random(struct gen *g)
{
    uint64_t z = g->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t gen_below(struct gen *g, uint32_t bound)
{
    return (uint32_t)((next_random(g) >> 32) * bound >> 32);
}

bool gen_chance(struct gen *g, uint32_t percent)
{
    return gen_below(g, 100) < percent;
}

void gen_make_stock(struct gen *g)
{
    struct tree *t = g->tree;
    struct stock *s = &g->stock;
    const struct type *f = t->number;
    s->pair = type_tuple(t, 2, (const struct type *[]){ f, f });
    s->triple = type_tuple(t, 3, (const struct type *[]){ f, f, f });
    s->nested = type_tuple(t, 2, (const struct type *[]){ s->pair, f });
    s->plain_record = type_record(t, 2, (const char *[]){ "amp", "freq" }, (const struct type *[]){ f, f });
    s->mixed_record =
        type_record(t, 2, (const char *[]){ "at", "gain" }, (const struct type *[]){ s->pair, f });
    s->numbers = type_array(t, f);
    s->pairs = type_array(t, s->pair);
    s->rows = type_array(t, s->numbers);
    s->notes = type_array(t, s->plain_record);
    s->bag = type_tuple(t, 2, (const struct type *[]){ s->numbers, f });
    s->row_record =
        type_record(t, 2, (const char *[]){ "level", "row" }, (const struct type *[]){ f, s->numbers });
    s->map1 = type_function(t, 1, &f, f);
    s->map2 = type_function(t, 2, (const struct type *[]){ f, f }, f);
    s->thunk = type_function(t, 0, NULL, f);
    s->action = type_function(t, 0, NULL, t->unit);
    s->setter = type_function(t, 1, &f, t->unit);
    s->splitter = type_function(t, 1, &f, s->pair);
    s->maker = type_function(t, 1, &f, s->map1);
    s->reducer = type_function(t, 1, &s->numbers, f);
    s->call_pair = type_tuple(t, 2, (const struct type *[]){ f, s->map1 });
    s->call_record =
        type_record(t, 2, (const char *[]){ "call", "level" }, (const struct type *[]){ s->map1, f });
    s->maps = type_array(t, s->map1);
    s->deep_record = type_record(t, 2, (const char *[]){ "inner", "level" },
                                 (const struct type *[]){ s->plain_record, f });
    s->over = type_function(t, 2, (const struct type *[]){ s->map1, f }, f);
    s->curried = type_function(t, 1, &f, s->maker);
    s->twins = type_tuple(t, 2, (const struct type *[]){ s->action, s->thunk });
}

static void add_value(struct stock *s, const struct type *type)
{
    if (s->value_count < TYPES_MAX / 2)
        s->values[s->value_count++] = type;
}

static void add_call(struct stock *s, const struct type *type)
{
    if (s->call_count < TYPES_MAX)
        s->calls[s->call_count++] = type;
}

/* What can be made of a sum type. */
static void add_sum_types(struct gen *g, const struct type *sum)
{
    struct tree *t = g->tree;
    struct stock *s = &g->stock;
    const struct type *f = t->number;
    const struct type *made[] = {
        sum,
        sum,
        type_tuple(t, 2, (const struct type *[]){ sum, f }),
        type_record(t, 2, (const char *[]){ "level", "mode" }, (const struct type *[]){ f, sum }),
        type_array(t, sum),
        type_tuple(t, 2, (const struct type *[]){ s->pair, sum }),
    };
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        if (i == 0 || gen_chance(g, 40)) {
            if (sum->has_function) {
                s->any[s->any_count++] = made[i];
            } else {
                add_value(s, made[i]);
            }
        }
    }
    add_call(s, type_function(t, 1, &sum, f));
    add_call(s, type_function(t, 1, &f, sum));
}

/* A program uses some of the types often rather than all of them once. */
void gen_choose_types(struct gen *g)
{
    struct stock *s = &g->stock;
    const struct type *values[] = { s->triple,      s->nested,  s->plain_record, s->mixed_record,
                                    s->deep_record, s->numbers, s->pairs,        s->rows,
                                    s->notes,       s->bag,     s->row_record,   g->tree->string };
    const struct type *functions[] = { s->map1,      s->map2,        s->thunk,   s->action, s->setter,
                                       s->splitter,  s->maker,       s->reducer, s->over,   s->curried,
                                       s->call_pair, s->call_record, s->maps,    s->twins };
    const struct type *calls[] = { s->map1,    s->map2,   s->thunk,  s->splitter, s->maker,
                                   s->reducer, s->action, s->setter, s->over,     s->curried };
    add_value(s, s->pair);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (gen_chance(g, 40))
            add_value(s, values[i]);
    }
    for (size_t i = 0; i < g->sum_count; i++)
        add_sum_types(g, g->sums[i]);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (gen_chance(g, 45))
            s->any[s->any_count++] = functions[i];
    }
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        add_call(s, calls[i]);
    s->any[s->any_count++] = s->map1;
    s->function_count = s->any_count;
    for (size_t i = 0; i < s->value_count; i++)
        s->any[s->any_count++] = s->values[i];
}

const struct type *gen_value_type(struct gen *g)
{
    if (gen_chance(g, 50))
        return g->tree->number;
    return g->stock.values[gen_below(g, (uint32_t)g->stock.value_count)];
}

const struct type *gen_any_type(struct gen *g)
{
    if (!g->place.functions)
        return gen_value_type(g);
    if (gen_chance(g, 30))
        return g->tree->number;
    return g->stock.any[gen_below(g, (uint32_t)g->stock.any_count)];
}

const char *gen_fresh(struct gen *g, const char *prefix)
{
    return tree_format(g->tree, "%s%zu", prefix, ++g->names);
}

const char *gen_local_name(struct gen *g)
{
    if (g->makers == 0 && gen_chance(g, 8)) {
        const struct variable *older = gen_find(g, VARIABLE_LOCAL, NULL);
        if (older)
            return older->name;
    }
    return gen_fresh(g, "v");
}

struct variable *gen_bind(struct gen *g, enum variable_kind kind, const char *name, const struct type *type)
{
    struct variable *variable;
    if (g->variable_count == VARIABLES_MAX) {
        fputs("differential: too many names in one program\n", stderr);
        exit(3);
    }
    variable = &g->variables[g->variable_count++];
    *variable = (struct variable){ .name = name, .type = type, .kind = kind };
    return variable;
}

bool gen_is_visible(const struct gen *g, const struct variable *variable)
{
    for (const struct variable *later = variable + 1; later < g->variables + g->variable_count; later++) {
        if (strcmp(later->name, variable->name) == 0)
            return false;
    }
    return true;
}

/* Whether the rules of the place let the value of this variable be mentioned. */
static bool may_mention(const struct gen *g, const struct variable *variable)
{
    return g->place.functions || !variable->type->has_function;
}

static const struct variable *pick(struct gen *g, const struct variable **found, size_t count)
{
    return count > 0 ? found[gen_below(g, (uint32_t)count)] : NULL;
}

const struct variable *gen_find(struct gen *g, enum variable_kind kind, const struct type *type)
{
    const struct variable *found[VARIABLES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < g->variable_count; i++) {
        const struct variable *v = &g->variables[i];
        if (v->kind == kind && !v->constant && (!type || v->type == type) && may_mention(g, v) &&
            gen_is_visible(g, v)) {
            found[count++] = v;
        }
    }
    return pick(g, found, count);
}

const struct variable *gen_find_value(struct gen *g, const struct type *type)
{
    const struct variable *found[VARIABLES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < g->variable_count; i++) {
        const struct variable *v = &g->variables[i];
        if ((v->kind == VARIABLE_LOCAL || v->kind == VARIABLE_GLOBAL) && v->type == type &&
            may_mention(g, v) && gen_is_visible(g, v)) {
            found[count++] = v;
        }
    }
    return pick(g, found, count);
}

const struct variable *gen_find_callable(struct gen *g, enum variable_kind kind, const struct type *result)
{
    const struct variable *found[VARIABLES_MAX];
    size_t count = 0;
    if (!g->place.functions)
        return NULL;
    for (size_t i = 0; i < g->variable_count; i++) {
        const struct variable *v = &g->variables[i];
        if (v->kind == kind && v->type->result == result && (!v->stateful || g->place.state) &&
            g->place.cost + v->cost <= g->place.cost_limit && gen_is_visible(g, v)) {
            found[count++] = v;
        }
    }
    return pick(g, found, count);
}
