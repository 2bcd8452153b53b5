/* gen_sum.c -- sum types: declarations, values, match, and the functions that walk recursive ones.
 *
 * Values of recursive types stay small: where a constructor takes a part of its own type, that part is written out on the spot (down to
 * a depth) or goes through trim_R(part, n), which cuts everything below n levels off.  So nothing that grows from frame to frame can
 * get deeper than a few levels. */
#include "tests/differential/gen.h"

#include <string.h>

enum { WRITTEN_LEVELS = 2, TRIMMED_LEVELS = 3 };

/* ---- declarations ---- */

static const struct type *payload_type(struct gen *g)
{
    const struct stock *s = &g->stock;
    const struct type *types[] = { s->pair,         s->triple,      s->nested, s->plain_record,
                                   s->mixed_record, s->deep_record, s->map1,   g->tree->string,
                                   s->numbers,      s->pairs };
    if (gen_chance(g, 45))
        return g->tree->number;
    if (g->sum_count > 0 &&
        gen_chance(g, 25)) { /* one declared before; not a recursive one, whose values must be trimmed */
        const struct type *inner = g->sums[gen_below(g, (uint32_t)g->sum_count)];
        if (!inner->sum->recursive)
            return inner;
    }
    return types[gen_below(g, 10)];
}

static struct variant *add_variant(struct gen *g, struct sum *sum)
{
    struct variant *variant = &sum->variants[sum->count++];
    variant->name = tree_format(g->tree, "%s%c", sum->name + 1, (int)('A' + sum->count - 1));
    variant->name = tree_format(g->tree, "V%s", variant->name);
    return variant;
}

static void add_payload(struct variant *variant, const struct type *type)
{
    variant->payload[variant->count++] = type;
}

/* Variants that contain the type itself, in every shape of payload. */
static void add_recursive_variants(struct gen *g, struct sum *sum, const struct type *type)
{
    struct tree *t = g->tree;
    const struct type *f = t->number;
    for (uint32_t i = 1 + gen_below(g, 2); i > 0; i--) {
        struct variant *variant = add_variant(g, sum);
        switch (gen_below(g, 9)) {
        case 0:
        case 1:
            add_payload(variant, f);
            add_payload(variant, type);
            break;
        case 2:
            add_payload(variant, type);
            break;
        case 3:
            add_payload(variant, type);
            add_payload(variant, type);
            break;
        case 4:
            add_payload(variant, type_record(t, 2, (const char *[]){ "left", "right" },
                                             (const struct type *[]){ type, type }));
            break;
        case 5: {
            const struct type *inner = type_tuple(t, 2, (const struct type *[]){ type, f });
            add_payload(variant, type_tuple(t, 2, (const struct type *[]){ f, inner }));
            break;
        }
        case 6:
            add_payload(variant, type_array(t, type));
            break;
        case 7:
            add_payload(variant, g->stock.numbers);
            add_payload(variant, type);
            break;
        default:
            add_payload(variant, type);
            add_payload(variant, f);
            add_payload(variant, g->stock.pair);
            break;
        }
    }
}

static const struct type *declare(struct gen *g, bool recursive)
{
    struct sum *sum = tree_room(g->tree, sizeof *sum);
    const struct type *type;
    struct node *node;
    struct variant *variant;
    sum->name = tree_format(g->tree, "%c%zu", recursive ? 'R' : 'S', ++g->names);
    sum->recursive = recursive;
    variant = add_variant(g, sum);
    if (recursive) {
        if (gen_chance(g, 40))
            add_payload(variant, g->tree->number);
        if (gen_chance(g, 40)) {
            variant = add_variant(g, sum);
            add_payload(variant, gen_chance(g, 50) ? g->tree->number : g->stock.pair);
        }
        type = type_sum(g->tree, sum);
        add_recursive_variants(g, sum, type);
    } else {
        for (uint32_t i = gen_below(g, 4);; i--) {
            for (uint32_t k = gen_below(g, 3); k > 0; k--)
                add_payload(variant, payload_type(g));
            if (i == 0)
                break;
            variant = add_variant(g, sum);
        }
        type = type_sum(g->tree, sum);
    }
    g->sums[g->sum_count++] = type;
    node = node_new(g->tree, NODE_SUM, type);
    node_add(g->tree, g->tree->program, node);
    return type;
}

/* ---- functions over them, as text ---- */

static const char *trim_text(struct gen *g, const struct type *type, const struct type *whole,
                             const char *path)
{
    struct tree *t = g->tree;
    const char *text = "";
    if (type == whole)
        return tree_format(t, "trim_%s(%s, n - 1)", whole->sum->name, path);
    if (!type_contains(type, whole))
        return path;
    switch (type->kind) {
    case TYPE_ARRAY:
        return tree_format(t, "if (len(%s) > 0) { [trim_%s(%s[0], n - 1)] } else { %s }", path,
                           whole->sum->name, path, path);
    case TYPE_TUPLE:
        for (size_t i = 0; i < type->count; i++)
            text = tree_format(t, "%s%s%s", text, i > 0 ? ", " : "",
                               trim_text(g, type->part[i], whole, tree_format(t, "%s.%zu", path, i)));
        return tree_format(t, "(%s)", text);
    default:
        for (size_t i = 0; i < type->count; i++)
            text =
                tree_format(t, "%s%s%s = %s", text, i > 0 ? ", " : "", type->key[i],
                            trim_text(g, type->part[i], whole, tree_format(t, "%s.%s", path, type->key[i])));
        return tree_format(t, "{%s}", text);
    }
}

static size_t index_of(const struct gen *g, const struct type *type)
{
    size_t i = 0;
    while (g->sums[i] != type)
        i++;
    return i;
}

/* A number that depends on a value; NULL if nothing of it shows. */
const char *gen_sign_text(struct gen *g, const struct type *type, const char *path)
{
    struct tree *t = g->tree;
    const char *text = NULL;
    switch (type->kind) {
    case TYPE_FLOAT:
        return tree_format(t, "clean(%s)", path);
    case TYPE_SUM:
        g->sign_used[index_of(g, type)] = true;
        return tree_format(t, "sign_%s(%s)", type->sum->name, path);
    case TYPE_TUPLE:
    case TYPE_RECORD:
        for (size_t i = 0; i < type->count; i++) {
            const char *inner = type->kind == TYPE_TUPLE ? tree_format(t, "%s.%zu", path, i)
                                                         : tree_format(t, "%s.%s", path, type->key[i]);
            const char *part = gen_sign_text(g, type->part[i], inner);
            if (part)
                text = text ? tree_format(t, "%s + %s", text, part) : part;
        }
        return text;
    case TYPE_ARRAY:
        text = gen_sign_text(g, type->result, tree_format(t, "%s[1]", path));
        if (!text || type->has_function)
            return tree_format(t, "len(%s)", path);
        return tree_format(t, "len(%s) + %s", path, text);
    case TYPE_FUNCTION:
        if (type == g->stock.map1)
            return tree_format(t, "clean(%s(2))", path);
        return type == g->stock.thunk ? tree_format(t, "clean(%s())", path) : NULL;
    case TYPE_UNION:
        return tree_format(t, "clean(match %s { float(x) => x, string(_) => 3 })", path);
    case TYPE_STRING:
    case TYPE_UNIT:
        break;
    }
    return NULL;
}

static const char *pattern_text(struct gen *g, const struct variant *variant)
{
    const char *text = variant->name;
    for (size_t k = 0; k < variant->count; k++)
        text = tree_format(g->tree, "%s%sp%zu", text, k > 0 ? ", " : "(", k);
    return variant->count > 0 ? tree_format(g->tree, "%s)", text) : text;
}

static const char *sign_function(struct gen *g, const struct type *type)
{
    struct tree *t = g->tree;
    const struct sum *sum = type->sum;
    const char *text = tree_format(t, "fn sign_%s(v: %s)->float {\n    match v {\n", sum->name, sum->name);
    for (size_t i = 0; i < sum->count; i++) {
        const struct variant *variant = &sum->variants[i];
        text = tree_join(t, text, tree_format(t, "        %s => %zu", pattern_text(g, variant), i + 1));
        for (size_t k = 0; k < variant->count; k++) {
            const char *part = gen_sign_text(g, variant->payload[k], tree_format(t, "p%zu", k));
            if (part)
                text = tree_join(t, text, tree_format(t, " + %s", part));
        }
        text = tree_join(t, text, i + 1 < sum->count ? ",\n" : "\n");
    }
    return tree_join(t, text, "    }\n}");
}

static const char *trim_function(struct gen *g, const struct type *type)
{
    struct tree *t = g->tree;
    const struct sum *sum = type->sum;
    const char *text = tree_format(t, "fn trim_%s(v: %s, n)->%s {\n    if (n > 0) {\n        match v {\n",
                                   sum->name, sum->name, sum->name);
    for (size_t i = 0; i < sum->count; i++) {
        const struct variant *variant = &sum->variants[i];
        text = tree_join(t, text,
                         tree_format(t, "            %s => %s", pattern_text(g, variant), variant->name));
        for (size_t k = 0; k < variant->count; k++)
            text = tree_join(t, text,
                             tree_format(t, "%s%s", k > 0 ? ", " : "(",
                                         trim_text(g, variant->payload[k], type, tree_format(t, "p%zu", k))));
        text = tree_join(
            t, text, tree_format(t, "%s%s\n", variant->count > 0 ? ")" : "", i + 1 < sum->count ? "," : ""));
    }
    return tree_join(t, text,
                     tree_format(t, "        }\n    } else { %s%s }\n}", sum->variants[0].name,
                                 sum->variants[0].count > 0 ? "(0.5)" : ""));
}

void gen_add_sums(struct gen *g)
{
    uint32_t count = gen_chance(g, 35) ? 0 : 1 + gen_below(g, 2);
    for (uint32_t i = 0; i < count; i++) {
        (void)declare(g, gen_chance(g, 45));
        g->sign[i] = node_text(g->tree, NODE_NAME, g->tree->unit, NULL);
        node_add(g->tree, g->tree->program, g->sign[i]);
        g->trim[i] = node_text(g->tree, NODE_NAME, g->tree->unit, NULL);
        node_add(g->tree, g->tree->program, g->trim[i]);
    }
}

void gen_finish_sums(struct gen *g)
{
    struct node *program = g->tree->program;
    size_t kept = 0;
    for (size_t i = g->sum_count; i-- > 0;) { /* backwards: they use those of earlier types */
        if (g->sign_used[i])
            g->sign[i]->text = sign_function(g, g->sums[i]);
        if (g->trim_used[i])
            g->trim[i]->text = trim_function(g, g->sums[i]);
    }
    for (size_t i = 0; i < program->count; i++) {
        if (program->child[i]->kind != NODE_NAME || program->child[i]->text)
            program->child[kept++] = program->child[i];
    }
    program->count = kept;
}

/* ---- values ---- */

static struct node *construct(struct gen *g, const struct type *type, int depth, int levels);

/* A payload that contains the type `whole`. */
static struct node *inside(struct gen *g, const struct type *type, const struct type *whole, int depth,
                           int levels)
{
    struct tree *t = g->tree;
    struct node *node, *part;
    if (type == whole) {
        if (levels > 0 && gen_chance(g, 50))
            return construct(g, type, depth, levels - 1);
        node = node_new(t, NODE_CALL, type);
        node_add(t, node, gen_name(g, tree_format(t, "trim_%s", type->sum->name), NULL));
        node_add(t, node, gen_expression(g, type, depth - 1));
        node_add(
            t, node,
            node_text(t, NODE_NUMBER, t->number, tree_format(t, "%u", gen_below(g, TRIMMED_LEVELS + 1))));
        g->place.cost += 40.0;
        g->trim_used[index_of(g, whole)] = true;
        return node;
    }
    if (!type_contains(type, whole))
        return gen_expression(g, type, depth - 1);
    switch (type->kind) {
    case TYPE_ARRAY:
        node = node_new(t, NODE_ARRAY, type);
        for (uint32_t i = gen_below(g, 3); i > 0; i--)
            node_add(t, node, inside(g, type->result, whole, depth, levels));
        return node;
    case TYPE_TUPLE:
        node = node_new(t, NODE_TUPLE, type);
        for (size_t i = 0; i < type->count; i++)
            node_add(t, node, inside(g, type->part[i], whole, depth, levels));
        return node;
    default:
        node = node_new(t, NODE_RECORD, type);
        for (size_t i = 0; i < type->count; i++) {
            part = node_text(t, NODE_FIELD, type->part[i], type->key[i]);
            node_add(t, part, inside(g, type->part[i], whole, depth, levels));
            node_add(t, node, part);
        }
        return node;
    }
}

static struct node *construct(struct gen *g, const struct type *type, int depth, int levels)
{
    struct tree *t = g->tree;
    const struct sum *sum = type->sum;
    const struct variant *variant = &sum->variants[gen_below(g, (uint32_t)sum->count)];
    struct node *call, *arguments;
    if (levels <= 0 || depth <= 0 || g->place.cost >= g->place.cost_limit)
        variant = &sum->variants[0];
    g->place.cost += 2.0;
    if (variant->count == 0)
        return gen_name(g, variant->name, type);
    call = node_new(t, NODE_CALL, type);
    node_add(t, call, gen_name(g, variant->name, NULL));
    arguments = call;
    if (variant->count > 1 && gen_chance(g, 15)) { /* one tuple is as good as several payloads */
        arguments = node_new(t, NODE_TUPLE, type_tuple(t, variant->count, variant->payload));
        node_add(t, call, arguments);
    }
    for (size_t k = 0; k < variant->count; k++)
        node_add(t, arguments, inside(g, variant->payload[k], type, depth, levels - 1));
    return call;
}

struct node *gen_construct(struct gen *g, const struct type *type, int depth)
{
    return construct(g, type, depth, WRITTEN_LEVELS + 1);
}

/* ---- match ---- */

static struct node *case_text(struct gen *g, const struct type *type, const char *text)
{
    return node_text(g->tree, NODE_CASE, type, text);
}

/* A pattern that takes every value of the type; binds what it names. */
static struct node *taking_case(struct gen *g, const struct type *type)
{
    const char *name;
    if (type->kind == TYPE_TUPLE && gen_chance(g, 40)) {
        struct node *tuple = case_text(g, type, NULL);
        for (size_t i = 0; i < type->count; i++)
            node_add(g->tree, tuple, taking_case(g, type->part[i]));
        return tuple;
    }
    if (gen_chance(g, 20))
        return case_text(g, type, NULL);
    name = gen_fresh(g, "b");
    gen_bind(g, VARIABLE_LOCAL, name, type);
    return case_text(g, type, name);
}

static struct node *some_case(struct gen *g, const struct type *type, int depth);

/* A pattern of one variant.  `taking`: of all its values. */
static struct node *variant_case(struct gen *g, const struct type *type, const struct variant *variant,
                                 bool taking, int depth)
{
    struct node *pattern = case_text(g, type, variant->name);
    if (variant->count == 0 || gen_chance(g, 7))
        return pattern;                                      /* without a list it takes any payload */
    if (taking && variant->count > 1 && gen_chance(g, 12)) { /* the payload as one tuple */
        node_add(g->tree, pattern, taking_case(g, type_tuple(g->tree, variant->count, variant->payload)));
        return pattern;
    }
    for (size_t k = 0; k < variant->count; k++)
        node_add(g->tree, pattern,
                 taking ? taking_case(g, variant->payload[k]) : some_case(g, variant->payload[k], depth - 1));
    return pattern;
}

/* A pattern that takes some of the values. */
static struct node *some_case(struct gen *g, const struct type *type, int depth)
{
    static const char *const numbers[] = { "0", "1", "2", "3", "2.9", "7", "100", "0.5" };
    if (depth > 0 && type->kind == TYPE_FLOAT && gen_chance(g, 60))
        return case_text(g, type, numbers[gen_below(g, 8)]);
    if (depth > 0 && type->kind == TYPE_SUM && gen_chance(g, 70))
        return variant_case(g, type, &type->sum->variants[gen_below(g, (uint32_t)type->sum->count)], false,
                            depth);
    if (depth > 0 && type->kind == TYPE_TUPLE) {
        struct node *tuple = case_text(g, type, NULL);
        for (size_t i = 0; i < type->count; i++)
            node_add(g->tree, tuple, some_case(g, type->part[i], depth - 1));
        return tuple;
    }
    return taking_case(g, type);
}

static void add_arm(struct gen *g, struct node *match, struct node *pattern, int depth)
{
    struct node *arm = node_new(g->tree, NODE_ARM, match->type);
    node_add(g->tree, arm, pattern);
    node_add(g->tree, arm, gen_block(g, match->type, gen_chance(g, 30) ? 1 : 0, depth - 1));
    node_add(g->tree, match, arm);
}

/* Arms for some values, then arms that take everything. */
static void add_arms(struct gen *g, struct node *match, const struct type *type, int depth)
{
    size_t outer = g->variable_count;
    for (uint32_t i = gen_below(g, type->kind == TYPE_SUM ? 2 : 3) + (type->kind == TYPE_FLOAT); i > 0; i--) {
        add_arm(g, match, some_case(g, type, 3), depth);
        g->variable_count = outer;
    }
    if (type->kind == TYPE_UNION) {
        struct node *pattern = case_text(g, type, "float");
        node_add(g->tree, pattern, taking_case(g, g->tree->number));
        add_arm(g, match, pattern, depth);
        g->variable_count = outer;
        pattern = case_text(g, type, "string");
        node_add(g->tree, pattern, taking_case(g, g->tree->string));
        add_arm(g, match, pattern, depth);
    } else if (type->kind == TYPE_SUM && gen_chance(g, 75)) {
        size_t count = type->sum->count, first = gen_below(g, (uint32_t)count);
        for (size_t i = 0; i < count; i++) {
            add_arm(g, match, variant_case(g, type, &type->sum->variants[(first + i) % count], true, 1),
                    depth);
            g->variable_count = outer;
        }
    } else {
        add_arm(g, match, type->kind == TYPE_TUPLE ? taking_case(g, type) : case_text(g, type, NULL), depth);
    }
    g->variable_count = outer;
}

static const struct type *scrutinee_type(struct gen *g)
{
    const struct type *f = g->tree->number;
    if (gen_find_value(g, g->tree->either) && gen_chance(g, 50))
        return g->tree->either;
    if (g->sum_count > 0 && gen_chance(g, 60)) {
        const struct type *sum = g->sums[gen_below(g, (uint32_t)g->sum_count)];
        if (!sum->has_function || g->place.functions)
            return sum;
    }
    return f;
}

struct node *gen_match(struct gen *g, const struct type *type, int depth)
{
    const struct type *subject = scrutinee_type(g);
    struct node *match = node_new(g->tree, NODE_MATCH, type);
    if (subject != g->tree->either && gen_chance(g, 20)) {
        const struct type *other = scrutinee_type(g);
        if (other != g->tree->either)
            subject = type_tuple(g->tree, 2, (const struct type *[]){ subject, other });
    }
    if (subject == g->tree->either) {
        node_add(g->tree, match, gen_name(g, gen_find_value(g, subject)->name, subject));
    } else if (subject->kind == TYPE_TUPLE) {
        struct node *tuple = node_new(g->tree, NODE_TUPLE, subject);
        node_add(g->tree, tuple, gen_expression(g, subject->part[0], depth - 1));
        node_add(g->tree, tuple, gen_expression(g, subject->part[1], depth - 1));
        node_add(g->tree, match, tuple);
    } else {
        node_add(g->tree, match, gen_expression(g, subject, depth - 1));
    }
    add_arms(g, match, subject, depth);
    return match;
}

/* ---- recursive functions over recursive types ---- */

struct fold {
    const char *name;
    const struct type *type;  /* the function's: (R, extra...) -> result */
    const struct type *whole; /* R */
    struct node *block;       /* of the arm under construction */
};

/* let s = name(part, extra...), for each part of the type in a payload.  What it binds can be used by the rest of the arm. */
static void fold_parts(struct gen *g, struct fold *fold, const struct type *type, const char *path)
{
    struct tree *t = g->tree;
    if (!type_contains(type, fold->whole))
        return;
    if (type == fold->whole) {
        struct node *let = node_new(t, NODE_LET, t->unit), *call = node_new(t, NODE_CALL, fold->type->result);
        const char *name = gen_fresh(g, "s");
        node_add(t, call, gen_name(g, fold->name, NULL));
        node_add(t, call, gen_name(g, path, type));
        for (size_t i = 1; i < fold->type->count; i++)
            node_add(t, call, gen_expression(g, fold->type->part[i], 1));
        node_add(t, let, node_text(t, NODE_PATTERN, fold->type->result, name));
        node_add(t, let, call);
        node_add(t, fold->block, let);
        gen_bind(g, VARIABLE_LOCAL, name, fold->type->result);
    } else if (type->kind == TYPE_ARRAY) {
        fold_parts(g, fold, type->result, tree_format(t, "%s[%u]", path, gen_below(g, 2)));
    } else {
        for (size_t i = 0; i < type->count; i++)
            fold_parts(g, fold, type->part[i],
                       type->kind == TYPE_TUPLE ? tree_format(t, "%s.%zu", path, i)
                                                : tree_format(t, "%s.%s", path, type->key[i]));
    }
}

static struct node *fold_arm(struct gen *g, struct fold *fold, const struct variant *variant, int depth)
{
    struct tree *t = g->tree;
    const struct type *result = fold->type->result;
    struct node *arm = node_new(t, NODE_ARM, result), *pattern = case_text(g, fold->whole, variant->name);
    size_t outer = g->variable_count;
    const char *names[PAYLOAD_MAX];
    fold->block = node_new(t, NODE_BLOCK, result);
    for (size_t k = 0; k < variant->count; k++) {
        names[k] = gen_fresh(g, "b");
        gen_bind(g, VARIABLE_LOCAL, names[k], variant->payload[k]);
        node_add(t, pattern, case_text(g, variant->payload[k], names[k]));
    }
    for (size_t k = 0; k < variant->count; k++)
        fold_parts(g, fold, variant->payload[k], names[k]);
    if (gen_chance(g, 30))
        gen_statement(g, fold->block, depth - 1);
    node_add(t, fold->block, gen_expression(g, result, depth));
    node_add(t, arm, pattern);
    node_add(t, arm, fold->block);
    g->variable_count = outer;
    return arm;
}

struct node *gen_fold(struct gen *g, int depth)
{
    struct tree *t = g->tree;
    const struct type *whole = g->sums[gen_below(g, (uint32_t)g->sum_count)];
    const struct type *result = gen_chance(g, 40) ? t->number : gen_value_type(g);
    struct fold fold = { .name = gen_fresh(g, "walk"), .whole = whole };
    struct node *function, *match, *body;
    struct variable *bound;
    const char *value = gen_fresh(g, "t");
    size_t variables = g->variable_count;
    bool extra = gen_chance(g, 40);
    if (!whole->sum->recursive)
        return NULL;
    if (gen_chance(g, 25))
        result = whole;
    fold.type = type_function(t, extra ? 2 : 1, (const struct type *[]){ whole, t->number }, result);
    function = node_text(t, NODE_FUNCTION, fold.type, fold.name);
    function->flag = result->kind != TYPE_FLOAT || gen_chance(g, 50);
    gen_parameter(g, function, value, whole);
    g->variables[g->variable_count - 1].constant = true; /* what is walked over is what was given */
    if (extra)
        gen_parameter(g, function, gen_fresh(g, "x"), t->number);
    g->place.self_type = NULL;
    g->place.state = false;
    g->place.cost = 0.0;
    g->place.cost_limit = 60.0;
    match = node_new(t, NODE_MATCH, result);
    node_add(t, match, gen_name(g, value, whole));
    for (size_t i = whole->sum->count; i-- > 0;)
        node_add(t, match, fold_arm(g, &fold, &whole->sum->variants[i], depth));
    body = node_new(t, NODE_BLOCK, result);
    node_add(t, body, match);
    node_add(t, function, body);
    g->variable_count = variables;
    bound = gen_bind(g, VARIABLE_FUNCTION, fold.name, fold.type);
    bound->cost = 12.0 * g->place.cost + 30.0;
    bound->definition = function;
    return function;
}
