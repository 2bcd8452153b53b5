/* types.c -- building, unifying, generalising and instantiating types. */
#include "frontend/mimium/types.h"

#include <string.h>

/* A type this deep or a compilation this long comes from a program made to hurt; both end with E-LIMIT. */
enum { DEPTH_MAX = 1000, STEPS_MAX = 20000000 };

static void enter(struct jr_types *types)
{
    if (++types->depth > DEPTH_MAX)
        jr_unit_leave_limit(types->unit, types->place, "the type here is nested more than %d levels deep",
                            DEPTH_MAX);
    if (++types->steps > STEPS_MAX)
        jr_unit_leave_limit(types->unit, types->place, "the types of this program are too large");
}

static void leave(struct jr_types *types)
{
    types->depth--;
}

void jr_types_init(struct jr_types *types, struct jr_unit *unit)
{
    memset(types, 0, sizeof *types);
    types->unit = unit;
    types->error.kind = JR_TY_ERROR;
    types->float_.kind = JR_TY_FLOAT;
    types->int_.kind = JR_TY_INT;
    types->string.kind = JR_TY_STRING;
    types->unit_type.kind = JR_TY_UNIT;
}

/* ---- building ---- */

static struct jr_ty *new_type(struct jr_types *types, enum jr_ty_kind kind)
{
    struct jr_ty *ty = JR_UNIT_NEW(types->unit, struct jr_ty);
    ty->kind = kind;
    return ty;
}

struct jr_ty *jr_ty_variable(struct jr_types *types)
{
    struct jr_ty *ty = new_type(types, JR_TY_VARIABLE);
    ty->level = types->level;
    return ty;
}

struct jr_ty *jr_ty_rigid(struct jr_types *types, jr_symbol letter)
{
    struct jr_ty *ty = jr_ty_variable(types);
    ty->rigid = true;
    ty->letter = letter;
    return ty;
}

struct jr_ty *jr_ty_tuple(struct jr_types *types, struct jr_ty **items, uint32_t count)
{
    if (count == 0)
        return &types->unit_type;
    if (count == 1)
        return items[0];
    struct jr_ty *ty = new_type(types, JR_TY_TUPLE);
    ty->items = items;
    ty->count = count;
    return ty;
}

int jr_ty_compare_keys(const struct jr_types *types, jr_symbol a, jr_symbol b)
{
    return a == b ? 0 : strcmp(jr_unit_text(types->unit, a), jr_unit_text(types->unit, b));
}

static void sort_fields(struct jr_types *types, jr_symbol *keys, struct jr_ty **items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        jr_symbol key = keys[i];
        struct jr_ty *item = items[i];
        uint32_t at = i;
        for (; at > 0 && jr_ty_compare_keys(types, keys[at - 1], key) > 0; at--)
            keys[at] = keys[at - 1], items[at] = items[at - 1];
        keys[at] = key, items[at] = item;
    }
}

struct jr_ty *jr_ty_record(struct jr_types *types, jr_symbol *keys, struct jr_ty **items, uint32_t count)
{
    struct jr_ty *ty = new_type(types, JR_TY_RECORD);
    sort_fields(types, keys, items, count);
    ty->keys = keys;
    ty->items = items;
    ty->count = count;
    return ty;
}

struct jr_ty *jr_ty_array(struct jr_types *types, struct jr_ty *element)
{
    struct jr_ty *ty = new_type(types, JR_TY_ARRAY);
    ty->result = element;
    return ty;
}

struct jr_ty *jr_ty_function(struct jr_types *types, struct jr_ty *param, struct jr_ty *result)
{
    struct jr_ty *ty = new_type(types, JR_TY_FUNCTION);
    ty->param = param;
    ty->result = result;
    return ty;
}

struct jr_ty *jr_ty_code(struct jr_types *types, struct jr_ty *content)
{
    struct jr_ty *ty = new_type(types, JR_TY_CODE);
    ty->result = content;
    return ty;
}

struct jr_ty *jr_ty_sum(struct jr_types *types, struct jr_ty_sum *sum)
{
    struct jr_ty *ty = new_type(types, JR_TY_SUM);
    ty->sum = sum;
    sum->ty = ty;
    return ty;
}

struct jr_ty *jr_ty_resolve(struct jr_ty *ty)
{
    while (ty->kind == JR_TY_VARIABLE && ty->link != NULL)
        ty = ty->link;
    return ty;
}

uint32_t jr_ty_find_field(const struct jr_ty *ty, jr_symbol key)
{
    uint32_t i = 0;
    if (ty->keys == NULL) /* a tuple has items, but no keys */
        return ty->count;
    while (i < ty->count && ty->keys[i] != key)
        i++;
    return i;
}

static void add_known_field(struct jr_types *types, struct jr_ty *variable, jr_symbol key, struct jr_ty *item)
{
    uint32_t count = variable->count;
    jr_symbol *keys = JR_UNIT_ARRAY(types->unit, jr_symbol, count + 1);
    struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        keys[i] = variable->keys[i], items[i] = variable->items[i];
    keys[count] = key, items[count] = item;
    sort_fields(types, keys, items, count + 1);
    variable->keys = keys;
    variable->items = items;
    variable->count = count + 1;
}

struct jr_ty *jr_ty_add_field(struct jr_types *types, struct jr_ty *variable, jr_symbol key)
{
    struct jr_ty *item = jr_ty_variable(types);
    item->level = variable->level;
    add_known_field(types, variable, key, item);
    return item;
}

/* ---- unification ---- */

static struct jr_ty_clash agree(void)
{
    return (struct jr_ty_clash){ .kind = JR_TY_AGREE };
}

static struct jr_ty_clash clash(enum jr_ty_clash_kind kind, struct jr_ty *left, struct jr_ty *right)
{
    return (struct jr_ty_clash){ .kind = kind, .left = left, .right = right };
}

/* Whether `variable` occurs in `ty`; all other variables in it come down to the level of `variable`. */
static bool occurs(struct jr_types *types, struct jr_ty *variable, struct jr_ty *ty)
{
    bool found = false;
    ty = jr_ty_resolve(ty);
    if (ty == variable)
        return true;
    enter(types);
    if (ty->kind == JR_TY_VARIABLE && ty->level > variable->level && ty->level != JR_TY_GENERIC_LEVEL)
        ty->level = variable->level;
    if (ty->kind == JR_TY_FUNCTION)
        found = occurs(types, variable, ty->param);
    if (!found && ty->result != NULL)
        found = occurs(types, variable, ty->result);
    for (uint32_t i = 0; !found && i < ty->count; i++)
        found = occurs(types, variable, ty->items[i]);
    leave(types);
    return found;
}

static struct jr_ty_clash unify(struct jr_types *types, struct jr_ty *left, struct jr_ty *right);

/* The fields that a variable knew must agree with those of what it is bound to. */
static struct jr_ty_clash unify_known_fields(struct jr_types *types, struct jr_ty *variable,
                                             struct jr_ty *target)
{
    for (uint32_t i = 0; i < variable->count; i++) {
        uint32_t at = jr_ty_find_field(target, variable->keys[i]);
        if (at == target->count) {
            if (target->kind == JR_TY_VARIABLE) {
                add_known_field(types, target, variable->keys[i], variable->items[i]);
                continue;
            }
            struct jr_ty_clash missing = clash(JR_TY_MISSING_FIELD, variable, target);
            missing.key = variable->keys[i];
            return missing;
        }
        struct jr_ty_clash inner = unify(types, variable->items[i], target->items[at]);
        if (inner.kind != JR_TY_AGREE)
            return inner;
    }
    return agree();
}

static struct jr_ty_clash bind(struct jr_types *types, struct jr_ty *variable, struct jr_ty *target)
{
    if (target->kind == JR_TY_ERROR) {
        variable->link = target;
        return agree();
    }
    if (variable->count > 0 && target->kind != JR_TY_RECORD &&
        (target->kind != JR_TY_VARIABLE || target->rigid))
        return clash(JR_TY_DIFFERENT, variable, target);
    if (occurs(types, variable, target))
        return clash(JR_TY_CIRCULAR, variable, target);
    for (uint32_t i = 0; i < variable->count; i++) {
        if (occurs(types, variable, variable->items[i]))
            return clash(JR_TY_CIRCULAR, variable, target);
        if (target->kind == JR_TY_VARIABLE && occurs(types, target, variable->items[i]))
            return clash(JR_TY_CIRCULAR, variable, target);
    }
    variable->link = target;
    return unify_known_fields(types, variable, target);
}

static struct jr_ty_clash unify_items(struct jr_types *types, struct jr_ty *left, struct jr_ty *right)
{
    for (uint32_t i = 0; i < left->count; i++) {
        struct jr_ty_clash inner = unify(types, left->items[i], right->items[i]);
        if (inner.kind != JR_TY_AGREE)
            return inner;
    }
    return agree();
}

static struct jr_ty_clash unify_records(struct jr_types *types, struct jr_ty *left, struct jr_ty *right)
{
    jr_symbol left_only = JR_SYMBOL_NONE, right_only = JR_SYMBOL_NONE;
    for (uint32_t i = 0; i < left->count; i++)
        if (jr_ty_find_field(right, left->keys[i]) == right->count)
            left_only = left->keys[i];
    for (uint32_t i = 0; i < right->count; i++)
        if (jr_ty_find_field(left, right->keys[i]) == left->count)
            right_only = right->keys[i];
    if (left_only != JR_SYMBOL_NONE && right_only != JR_SYMBOL_NONE)
        return clash(JR_TY_KEYS, left, right);
    if (left_only != JR_SYMBOL_NONE || right_only != JR_SYMBOL_NONE) {
        struct jr_ty_clash missing = clash(JR_TY_MISSING_FIELD, left, right);
        missing.key = left_only != JR_SYMBOL_NONE ? left_only : right_only;
        return missing;
    }
    return unify_items(types, left, right);
}

static struct jr_ty_clash unify_kinds(struct jr_types *types, struct jr_ty *left, struct jr_ty *right)
{
    if (left->kind == JR_TY_VARIABLE && !left->rigid)
        return bind(types, left, right);
    if (right->kind == JR_TY_VARIABLE && !right->rigid) {
        struct jr_ty_clash swapped = bind(types, right, left);
        struct jr_ty *keep = swapped.left;
        swapped.left = swapped.right;
        swapped.right = keep;
        return swapped;
    }
    if (left->kind != right->kind || left->kind == JR_TY_VARIABLE)
        return clash(JR_TY_DIFFERENT, left, right);
    switch (left->kind) {
    case JR_TY_ERROR:
    case JR_TY_FLOAT:
    case JR_TY_INT:
    case JR_TY_STRING:
    case JR_TY_UNIT:
    case JR_TY_VARIABLE:
    case JR_TY_BOX:
        return agree();
    case JR_TY_SUM: /* two objects are two types */
        return clash(JR_TY_DIFFERENT, left, right);
    case JR_TY_TUPLE:
        return left->count == right->count ? unify_items(types, left, right)
                                           : clash(JR_TY_LENGTHS, left, right);
    case JR_TY_RECORD:
        return unify_records(types, left, right);
    case JR_TY_ARRAY:
    case JR_TY_CODE:
        return unify(types, left->result, right->result);
    case JR_TY_FUNCTION: {
        struct jr_ty_clash inner = unify(types, left->param, right->param);
        return inner.kind != JR_TY_AGREE ? inner : unify(types, left->result, right->result);
    }
    }
    return agree();
}

static struct jr_ty_clash unify(struct jr_types *types, struct jr_ty *left, struct jr_ty *right)
{
    left = jr_ty_resolve(left);
    right = jr_ty_resolve(right);
    if (left == right)
        return agree();
    if (left->kind == JR_TY_ERROR || right->kind == JR_TY_ERROR) {
        struct jr_ty *other = left->kind == JR_TY_ERROR ? right : left;
        if (other->kind == JR_TY_VARIABLE && !other->rigid)
            other->link = &types->error;
        return agree();
    }
    enter(types);
    struct jr_ty_clash result = unify_kinds(types, left, right);
    leave(types);
    return result;
}

struct jr_ty_clash jr_ty_unify(struct jr_types *types, struct jr_ty *left, struct jr_ty *right)
{
    return unify(types, left, right);
}

/* ---- schemes ---- */

struct variable_list {
    struct jr_ty **items;
    uint32_t count, capacity;
};

static void quantify(struct jr_types *types, struct jr_ty *ty, struct variable_list *variables)
{
    ty = jr_ty_resolve(ty);
    enter(types);
    if (ty->kind == JR_TY_VARIABLE && ty->level > types->level && ty->level != JR_TY_GENERIC_LEVEL) {
        ty->level = JR_TY_GENERIC_LEVEL;
        JR_UNIT_PUSH(types->unit, variables, ty);
    }
    if (ty->kind == JR_TY_FUNCTION)
        quantify(types, ty->param, variables);
    if (ty->result != NULL)
        quantify(types, ty->result, variables);
    for (uint32_t i = 0; i < ty->count; i++)
        quantify(types, ty->items[i], variables);
    leave(types);
}

struct jr_ty_scheme jr_ty_generalise(struct jr_types *types, struct jr_ty *ty)
{
    struct variable_list variables = { 0 };
    quantify(types, ty, &variables);
    return (struct jr_ty_scheme){ ty, variables.items, variables.count };
}

struct jr_ty_scheme jr_ty_monomorphic(struct jr_ty *ty)
{
    return (struct jr_ty_scheme){ ty, NULL, 0 };
}

/* Replaces the scheme's variables in `ty`; a part without any is shared. */
static struct jr_ty *substitute(struct jr_types *types, struct jr_ty *ty, const struct jr_ty_scheme *scheme,
                                struct jr_ty **arguments)
{
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_VARIABLE) {
        for (uint32_t i = 0; ty->level == JR_TY_GENERIC_LEVEL && i < scheme->variable_count; i++)
            if (scheme->variables[i] == ty)
                return arguments[i];
        return ty;
    }
    if (ty->param == NULL && ty->result == NULL && ty->count == 0)
        return ty;
    enter(types);
    struct jr_ty copy = *ty;
    bool changed = false;
    if (ty->param != NULL) {
        copy.param = substitute(types, ty->param, scheme, arguments);
        changed |= copy.param != jr_ty_resolve(ty->param);
    }
    if (ty->result != NULL) {
        copy.result = substitute(types, ty->result, scheme, arguments);
        changed |= copy.result != jr_ty_resolve(ty->result);
    }
    for (uint32_t i = 0; i < ty->count; i++) {
        struct jr_ty *item = substitute(types, ty->items[i], scheme, arguments);
        if (item == jr_ty_resolve(ty->items[i]))
            continue;
        if (copy.items == ty->items) {
            copy.items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, ty->count);
            memcpy(copy.items, ty->items, ty->count * sizeof *copy.items);
        }
        copy.items[i] = item;
        changed = true;
    }
    leave(types);
    if (!changed)
        return ty;
    struct jr_ty *fresh = new_type(types, ty->kind);
    *fresh = copy;
    return fresh;
}

struct jr_ty *jr_ty_instantiate(struct jr_types *types, const struct jr_ty_scheme *scheme,
                                struct jr_ty **arguments)
{
    if (scheme->variable_count == 0)
        return scheme->ty;
    if (arguments == NULL)
        arguments = JR_UNIT_ARRAY(types->unit, struct jr_ty *, scheme->variable_count);
    for (uint32_t i = 0; i < scheme->variable_count; i++)
        arguments[i] = jr_ty_variable(types);
    for (uint32_t i = 0; i < scheme->variable_count; i++) {
        const struct jr_ty *from = scheme->variables[i];
        for (uint32_t k = 0; k < from->count; k++)
            add_known_field(types, arguments[i], from->keys[k],
                            substitute(types, from->items[k], scheme, arguments));
    }
    return substitute(types, scheme->ty, scheme, arguments);
}

static bool has_kind(struct jr_types *types, struct jr_ty *ty, enum jr_ty_kind kind)
{
    ty = jr_ty_resolve(ty);
    if (ty->kind == kind)
        return true;
    bool found = false;
    enter(types);
    if (ty->kind == JR_TY_ARRAY)
        found = has_kind(types, ty->result, kind);
    for (uint32_t i = 0; !found && ty->kind != JR_TY_VARIABLE && i < ty->count; i++)
        found = has_kind(types, ty->items[i], kind);
    if (ty->kind == JR_TY_SUM && !ty->sum->visiting) {
        ty->sum->visiting = true;
        for (uint32_t i = 0; !found && i < ty->sum->count; i++)
            found = has_kind(types, ty->sum->variants[i].payload, kind);
        ty->sum->visiting = false;
    }
    leave(types);
    return found;
}

bool jr_ty_has_function(struct jr_types *types, struct jr_ty *ty)
{
    return has_kind(types, ty, JR_TY_FUNCTION);
}

bool jr_ty_has_code(struct jr_types *types, struct jr_ty *ty)
{
    return has_kind(types, ty, JR_TY_CODE);
}

bool jr_ty_zero_has_string(struct jr_types *types, struct jr_ty *ty)
{
    bool found = false;
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_STRING)
        return true;
    enter(types);
    if (ty->kind == JR_TY_ARRAY)
        found = jr_ty_zero_has_string(types, ty->result);
    for (uint32_t i = 0; !found && ty->kind != JR_TY_VARIABLE && i < ty->count; i++)
        found = jr_ty_zero_has_string(types, ty->items[i]);
    if (ty->kind == JR_TY_SUM && ty->sum->count > 0 && !ty->sum->visiting) {
        ty->sum->visiting = true;
        found = jr_ty_zero_has_string(types, ty->sum->variants[0].payload);
        ty->sum->visiting = false;
    }
    leave(types);
    return found;
}

bool jr_ty_is_open(struct jr_types *types, struct jr_ty *ty)
{
    bool found = false;
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_VARIABLE)
        return true;
    enter(types);
    if (ty->param != NULL)
        found = jr_ty_is_open(types, ty->param);
    if (!found && ty->result != NULL)
        found = jr_ty_is_open(types, ty->result);
    for (uint32_t i = 0; !found && i < ty->count; i++)
        found = jr_ty_is_open(types, ty->items[i]);
    leave(types);
    return found;
}
