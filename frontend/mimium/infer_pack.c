/* infer_pack.c -- one record as all the arguments of a function, by key, with defaults for what it lacks. */
#include "frontend/mimium/infer_internal.h"
#include "frontend/mimium/similar.h"

bool jr_infer_is_pack(struct jr_infer *in, const struct jr_core_fn *fn, const struct jr_mm_expr *arg,
                      struct jr_ty *ty)
{
    if (fn->param_count == 0)
        return false;
    if (arg != NULL && arg->as.record.incomplete)
        return true;
    if (fn->param_count > 1)
        return arg != NULL || ty->kind == JR_TY_RECORD || (ty->kind == JR_TY_VARIABLE && ty->count > 0);
    /* a single parameter takes the record itself, unless it has a default and the record names just it */
    if (fn->defaults == NULL || fn->defaults[0] == NULL)
        return false;
    if (arg != NULL)
        return arg->as.record.fields.count == 1 &&
               arg->as.record.fields.items[0].name.symbol == jr_infer_key(in, fn->params[0]);
    return ty->kind == JR_TY_RECORD && ty->count == 1 && ty->keys[0] == jr_infer_key(in, fn->params[0]);
}

struct jr_core *jr_infer_default(struct jr_infer *in, const struct jr_core_fn *fn, uint32_t index,
                                 struct jr_span span)
{
    const struct jr_core_fn *value = fn->defaults[index];
    if (value->body->kind == JR_CORE_NUMBER)
        return jr_infer_number(in, span, value->body->as.number);
    struct jr_core *node = jr_infer_node(in, JR_CORE_CALL, span, value->result);
    node->as.call.callee = jr_infer_variable(in, value->binding, span);
    node->as.call.callee->as.variable->called = true;
    node->calls = true;
    return node;
}

struct jr_binding *jr_infer_prelude_let(struct jr_infer *in, struct jr_core_prelude *prelude,
                                        struct jr_core *value)
{
    struct jr_binding *binding =
        jr_infer_binding(in, JR_BINDING_LOCAL, JR_SYMBOL_NONE, value->span, value->ty);
    struct jr_core_pattern *pattern = JR_UNIT_NEW(in->unit, struct jr_core_pattern);
    pattern->kind = JR_CORE_PATTERN_NAME;
    pattern->ty = value->ty;
    pattern->binding = binding;
    struct jr_core *let = jr_infer_node(in, JR_CORE_LET, value->span, &in->types->unit_type);
    let->as.let.pattern = pattern;
    let->as.let.value = value;
    jr_infer_absorb(let, value);
    JR_UNIT_PUSH(in->unit, &prelude->items, let);
    return binding;
}

struct jr_core *jr_infer_with_prelude(struct jr_infer *in, struct jr_core_prelude *prelude,
                                      struct jr_core *body)
{
    if (prelude->items.count == 0)
        return body;
    struct jr_core *block = jr_infer_node(in, JR_CORE_BLOCK, body->span, body->ty);
    JR_UNIT_PUSH(in->unit, &prelude->items, body);
    for (uint32_t i = 0; i < prelude->items.count; i++)
        jr_infer_absorb(block, prelude->items.items[i]);
    block->as.block.items = (struct jr_core_list){ prelude->items.items, prelude->items.count };
    block->as.block.has_value = true;
    return block;
}

static uint32_t find_param(const struct jr_infer *in, const struct jr_core_fn *fn, jr_symbol name)
{
    uint32_t i = 0;
    while (i < fn->param_count && jr_infer_key(in, fn->params[i]) != name)
        i++;
    return i;
}

static struct jr_ty *param_type(const struct jr_core_fn *fn, struct jr_ty *param, uint32_t index)
{
    return fn->param_count == 1 ? param : jr_ty_resolve(param)->items[index];
}

static struct jr_reason reason_of(struct jr_infer *in, const struct jr_core_fn *fn, uint32_t index)
{
    struct jr_reason reason =
        jr_reason(fn->params[index]->span, jr_unit_format(in->unit, "for the parameter `%s`",
                                                          jr_unit_text(in->unit, fn->params[index]->name)));
    reason.missing_field = JR_CATEGORY_ARGS;
    return reason;
}

/* Keys of a pack that name no parameter. */
struct unknown_keys {
    struct jr_mm_name *items;
    uint32_t count, capacity;
};

/* A parameter without a value yet that `name` may have meant, or NULL. */
static const char *similar_param(struct jr_infer *in, const struct jr_core_fn *fn, jr_symbol name,
                                 struct jr_core *const *args)
{
    struct jr_similar similar = jr_similar_start(jr_unit_text(in->unit, name));
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (args[i] == NULL && fn->params[i]->name != JR_SYMBOL_NONE)
            jr_similar_consider(&similar, jr_unit_text(in->unit, fn->params[i]->name));
    return similar.best;
}

static void report_unknown_keys(struct jr_infer *in, const struct jr_core_fn *fn,
                                const struct unknown_keys *unknown, struct jr_core *const *given)
{
    for (uint32_t i = 0; i < unknown->count; i++) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_RECORD_KEYS,
                                              unknown->items[i].span, "the function has no parameter `%s`",
                                              jr_unit_text(in->unit, unknown->items[i].symbol));
        jr_diag_label(in->unit->diags, diag, fn->span, "it is defined here");
        jr_infer_suggest(in, diag, similar_param(in, fn, unknown->items[i].symbol, given));
    }
}

/* The values of a record literal, in parameter order; those out of order are evaluated in the prelude. */
static void take_literal(struct jr_infer *in, const struct jr_core_fn *fn, struct jr_ty *param,
                         const struct jr_mm_expr *arg, struct jr_core **args, struct jr_core_prelude *prelude,
                         struct unknown_keys *unknown)
{
    const struct jr_mm_fields *fields = &arg->as.record.fields;
    uint32_t *order = JR_UNIT_ARRAY(in->unit, uint32_t, fields->count), count = 0;
    bool in_order = true, plain = true;
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct jr_mm_field *field = &fields->items[i];
        uint32_t at = find_param(in, fn, field->name.symbol);
        struct jr_ty *want = at < fn->param_count ? param_type(fn, param, at) : NULL;
        struct jr_core *value = jr_infer_expr(in, field->value, want);
        if (field->name.symbol == JR_SYMBOL_NONE) /* reported */
            continue;
        if (at == fn->param_count) {
            JR_UNIT_PUSH(in->unit, unknown, field->name);
            continue;
        }
        if (args[at] != NULL) {
            jr_diags_error(in->unit->diags, JR_CATEGORY_DUP_KEY, field->name.span,
                           "the field `%s` is given twice", jr_unit_text(in->unit, field->name.symbol));
            continue;
        }
        args[at] = jr_infer_coerce(in, value, want, reason_of(in, fn, at));
        in_order &= count == 0 || order[count - 1] < at;
        plain &= !value->calls && !value->assigns;
        order[count++] = at;
    }
    if (in_order || plain)
        return;
    for (uint32_t i = 0; i < count; i++) {
        struct jr_core *value = args[order[i]];
        args[order[i]] = jr_infer_variable(in, jr_infer_prelude_let(in, prelude, value), value->span);
    }
}

/* The fields of any other record. */
static void take_fields(struct jr_infer *in, const struct jr_core_fn *fn, struct jr_ty *param,
                        struct jr_core *value, struct jr_core **args, struct jr_core_prelude *prelude,
                        struct unknown_keys *unknown)
{
    struct jr_ty *ty = jr_ty_resolve(value->ty);
    for (uint32_t i = 0; ty->kind == JR_TY_RECORD && i < ty->count; i++)
        if (find_param(in, fn, ty->keys[i]) == fn->param_count)
            JR_UNIT_PUSH(in->unit, unknown, (struct jr_mm_name){ ty->keys[i], value->span });
    struct jr_binding *binding = jr_infer_prelude_let(in, prelude, value);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        jr_symbol key = jr_infer_key(in, fn->params[i]);
        uint32_t at = jr_ty_find_field(ty, key);
        struct jr_ty *item;
        if (at < ty->count)
            item = ty->items[at];
        else if (ty->kind == JR_TY_VARIABLE && key != JR_SYMBOL_NONE &&
                 (fn->defaults == NULL || fn->defaults[i] == NULL))
            item = jr_ty_add_field(in->types, ty, key);
        else
            continue;
        struct jr_core *field = jr_infer_node(in, JR_CORE_FIELD, value->span, item);
        field->as.field.object = jr_infer_variable(in, binding, value->span);
        field->as.field.key = key;
        args[i] = jr_infer_coerce(in, field, param_type(fn, param, i), reason_of(in, fn, i));
        ty = jr_ty_resolve(value->ty);
    }
}

bool jr_infer_pack(struct jr_infer *in, const struct jr_core_fn *fn, struct jr_ty *param,
                   const struct jr_mm_expr *arg, struct jr_core *value, struct jr_span callee,
                   struct jr_core **args, struct jr_core_prelude *prelude)
{
    const char *missing = NULL;
    struct unknown_keys unknown = { 0 };
    if (arg != NULL)
        take_literal(in, fn, param, arg, args, prelude, &unknown);
    else
        take_fields(in, fn, param, value, args, prelude, &unknown);
    struct jr_span span = arg != NULL ? arg->node.span : value->span;
    struct jr_core **given = JR_UNIT_ARRAY(in->unit, struct jr_core *, fn->param_count);
    for (uint32_t i = 0; i < fn->param_count; i++)
        given[i] = args[i];
    for (uint32_t i = 0; i < fn->param_count; i++) {
        if (args[i] != NULL)
            continue;
        if (fn->defaults != NULL && fn->defaults[i] != NULL) {
            args[i] = jr_infer_default(in, fn, i, span);
            continue;
        }
        const char *name = jr_unit_text(in->unit, fn->params[i]->name);
        missing = missing == NULL ? jr_unit_format(in->unit, "`%s`", name)
                                  : jr_unit_format(in->unit, "%s, `%s`", missing, name);
    }
    if (missing == NULL) {
        report_unknown_keys(in, fn, &unknown, given);
        return unknown.count == 0;
    }
    struct jr_diag *diag =
        jr_diags_error(in->unit->diags, JR_CATEGORY_ARGS, span, "the arguments lack %s", missing);
    jr_diag_label(in->unit->diags, diag, callee, "the call is of type %s", jr_ty_text(in->types, fn->ty));
    jr_diag_label(in->unit->diags, diag, fn->span, "the function is defined here");
    for (uint32_t i = 0; i < unknown.count; i++) {
        const char *similar = similar_param(in, fn, unknown.items[i].symbol, given);
        jr_diag_note(in->unit->diags, diag, "there is no parameter `%s`", jr_unit_text(in->unit, unknown.items[i].symbol));
        if (similar != NULL)
            jr_diag_note(in->unit->diags, diag, "did you mean `%s`?", similar);
    }
    return false;
}
