/* infer_stmt.c -- definitions and patterns. */
#include "frontend/mimium/infer_internal.h"

static bool at_program_level(const struct jr_infer *in)
{
    return in->fn->outer == NULL && in->block_depth == 0;
}

static enum jr_binding_kind local_or_global(const struct jr_infer *in)
{
    return at_program_level(in) ? JR_BINDING_GLOBAL : JR_BINDING_LOCAL;
}

static struct jr_binding *define(struct jr_infer *in, jr_symbol name, struct jr_span span, struct jr_ty *ty)
{
    enum jr_binding_kind kind = jr_infer_is_error(ty) ? JR_BINDING_ERROR : local_or_global(in);
    struct jr_binding *binding = jr_infer_binding(in, kind, name, span, ty);
    if (kind == JR_BINDING_GLOBAL && jr_infer_keeps(in))
        JR_UNIT_PUSH(in->unit, &in->program->globals, binding);
    if (kind == JR_BINDING_GLOBAL)
        JR_UNIT_PUSH(in->unit, &in->program->defined, binding);
    return binding;
}

/* ---- patterns ---- */

static struct jr_core_pattern *infer_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                             struct jr_ty *ty, struct jr_span value);

static struct jr_core_pattern *tuple_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                             struct jr_ty *ty, struct jr_span value)
{
    uint32_t count = pattern->as.tuple.count;
    if (count == 1)
        return infer_pattern(in, pattern->as.tuple.items[0], ty, value);
    struct jr_ty *found = jr_ty_resolve(ty);
    if (found->kind == JR_TY_VARIABLE) { /* taking it apart tells that it is a tuple */
        struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, count);
        for (uint32_t i = 0; i < count; i++)
            items[i] = jr_ty_variable(in->types);
        struct jr_ty *tuple = jr_ty_tuple(in->types, items, count);
        struct jr_ty_clash clash = jr_ty_unify(in->types, found, tuple);
        jr_infer_report_clash(in, &clash, value, found, tuple,
                              jr_reason(pattern->node.span, "it is taken apart here"));
        found = clash.kind == JR_TY_AGREE ? tuple : &in->types->error;
    }
    if (found->kind != JR_TY_ERROR && (found->kind != JR_TY_TUPLE || found->count != count)) {
        struct jr_diag *diag;
        if (found->kind == JR_TY_TUPLE)
            diag = jr_diags_error(in->unit->diags, JR_CATEGORY_LENGTH, pattern->node.span,
                                  "the pattern has %u elements, the tuple has %u", count, found->count);
        else
            diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, pattern->node.span,
                                  "the pattern needs a tuple, found %s", jr_ty_text(in->types, found));
        jr_diag_label(in->unit->diags, diag, value, "this is %s", jr_ty_text(in->types, found));
        found = &in->types->error;
    }
    struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_TUPLE, found, count);
    for (uint32_t i = 0; i < count; i++)
        node->items[i] =
            infer_pattern(in, pattern->as.tuple.items[i],
                          found->kind == JR_TY_TUPLE ? found->items[i] : &in->types->error, value);
    return node;
}

static void report_missing(struct jr_infer *in, const struct jr_mm_pattern_field *field, struct jr_ty *record,
                           struct jr_span value)
{
    struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_FIELD_MISSING, field->name.span,
                                          "there is no field `%s` in %s",
                                          jr_unit_text(in->unit, field->name.symbol), jr_ty_text(in->types, record));
    jr_diag_label(in->unit->diags, diag, value, "this is %s", jr_ty_text(in->types, record));
    jr_infer_suggest_key(in, diag, record, field->name.symbol);
}

static struct jr_core_pattern *record_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                              struct jr_ty *ty, struct jr_span value)
{
    uint32_t count = pattern->as.record.count;
    struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_RECORD, ty, count);
    node->keys = JR_UNIT_ARRAY(in->unit, jr_symbol, count);
    struct jr_ty *found = jr_ty_resolve(ty);
    if (found->kind != JR_TY_RECORD && found->kind != JR_TY_ERROR &&
        (found->kind != JR_TY_VARIABLE || found->rigid)) {
        struct jr_diag *diag =
            jr_diags_error(in->unit->diags, JR_CATEGORY_FIELD_NONRECORD, pattern->node.span,
                           "the pattern needs a record, found %s", jr_ty_text(in->types, found));
        jr_diag_label(in->unit->diags, diag, value, "this is %s", jr_ty_text(in->types, found));
        found = &in->types->error;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_mm_pattern_field *field = &pattern->as.record.items[i];
        struct jr_ty *item = &in->types->error;
        jr_symbol key = field->name.symbol;
        for (uint32_t k = 0; k < i; k++)
            if (key != JR_SYMBOL_NONE && node->keys[k] == key)
                jr_diags_error(in->unit->diags, JR_CATEGORY_DUP_KEY, field->name.span,
                               "the field `%s` is taken twice", jr_unit_text(in->unit, key));
        uint32_t at = found->kind == JR_TY_ERROR || key == JR_SYMBOL_NONE ? 0 : jr_ty_find_field(found, key);
        if (at < found->count)
            item = found->items[at];
        else if (found->kind == JR_TY_VARIABLE && key != JR_SYMBOL_NONE)
            item = jr_ty_add_field(in->types, found, key);
        else if (found->kind == JR_TY_RECORD && key != JR_SYMBOL_NONE)
            report_missing(in, field, found, value);
        node->keys[i] = key;
        node->items[i] = infer_pattern(in, field->pattern, item, value);
    }
    return node;
}

static struct jr_core_pattern *infer_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                             struct jr_ty *ty, struct jr_span value)
{
    switch (pattern->kind) {
    case JR_MM_PATTERN_NAME: {
        struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_NAME, ty, 0);
        node->binding = define(in, pattern->as.name, pattern->node.span, ty);
        jr_infer_show(in, node->binding);
        return node;
    }
    case JR_MM_PATTERN_TUPLE:
        return tuple_pattern(in, pattern, ty, value);
    case JR_MM_PATTERN_RECORD:
        return record_pattern(in, pattern, ty, value);
    case JR_MM_PATTERN_ERROR:
        break;
    case JR_MM_PATTERN_WILDCARD:
    case JR_MM_PATTERN_NUMBER: /* these three stand in match arms only */
    case JR_MM_PATTERN_CONSTRUCTOR:
    case JR_MM_PATTERN_PRIMITIVE:
        break;
    }
    return jr_infer_pattern_node(in, JR_CORE_PATTERN_NONE, ty, 0);
}

/* ---- let, letrec, fn ---- */

static struct jr_core *let_node(struct jr_infer *in, const struct jr_mm_stmt *stmt,
                                struct jr_core_pattern *pattern, struct jr_core *value)
{
    struct jr_core *node = jr_infer_node(in, JR_CORE_LET, stmt->node.span, &in->types->unit_type);
    node->as.let.pattern = pattern;
    node->as.let.value = value;
    jr_infer_absorb(node, value);
    return node;
}

/* A node for a lambda that is bound to a name. */
static struct jr_core *bound_lambda(struct jr_infer *in, const struct jr_mm_stmt *stmt,
                                    struct jr_binding *binding, struct jr_core_fn *fn)
{
    struct jr_core_pattern *pattern = jr_infer_pattern_node(in, JR_CORE_PATTERN_NAME, fn->ty, 0);
    pattern->binding = binding;
    binding->is_let = true;
    struct jr_core *value = jr_infer_node(in, JR_CORE_LAMBDA, fn->span, fn->ty);
    value->as.lambda = fn;
    return let_node(in, stmt, pattern, value);
}

/* Every use gets its own types, unless the variable may change or all uses share one state. */
static struct jr_ty_scheme scheme_of(struct jr_infer *in, jr_symbol name, bool can_change,
                                     const struct jr_core_fn *fn)
{
    bool shared_state = local_or_global(in) == JR_BINDING_LOCAL && jr_infer_may_have_state(fn);
    if (shared_state || (can_change && in->assigned_names[name])) {
        /* its variables stay open, but belong to the level around */
        struct jr_ty *outer = jr_ty_variable(in->types);
        jr_ty_unify(in->types, outer, fn->ty);
        return jr_ty_monomorphic(fn->ty);
    }
    return jr_ty_generalise(in->types, fn->ty);
}

static struct jr_core *infer_let_lambda(struct jr_infer *in, const struct jr_mm_stmt *stmt)
{
    jr_symbol name = stmt->as.let.pattern->as.name;
    uint32_t letters = in->letters.count;
    in->types->level++;
    struct jr_ty *expected = stmt->as.let.type != NULL ? jr_infer_type(in, stmt->as.let.type) : NULL;
    in->let_name = name;
    struct jr_label origin = jr_infer_enter_expansion(in, stmt->as.let.value);
    struct jr_core_fn *fn =
        jr_infer_lambda(in, jr_mm_lambda_of(stmt->as.let.value), NULL, expected, false);
    jr_infer_leave_expansion(in, origin);
    if (expected != NULL) {
        struct jr_core *probe = jr_infer_node(in, JR_CORE_LAMBDA, fn->span, fn->ty);
        jr_infer_coerce(in, probe, expected, jr_reason(stmt->as.let.type->node.span, "declared here"));
    }
    in->letters.count = letters;
    in->types->level--;
    struct jr_binding *binding = define(in, name, stmt->as.let.pattern->node.span, fn->ty);
    binding->fn = fn;
    binding->params_of = fn;
    binding->scheme = scheme_of(in, name, true, fn);
    fn->binding = binding;
    jr_infer_show(in, binding);
    return bound_lambda(in, stmt, binding, fn);
}

static struct jr_core *infer_let(struct jr_infer *in, const struct jr_mm_stmt *stmt)
{
    const struct jr_mm_pattern *pattern = stmt->as.let.pattern;
    if (pattern->kind == JR_MM_PATTERN_NAME && pattern->as.name != JR_SYMBOL_NONE &&
        jr_mm_lambda_of(stmt->as.let.value) != NULL)
        return infer_let_lambda(in, stmt);
    uint32_t letters = in->letters.count;
    struct jr_ty *expected = stmt->as.let.type != NULL ? jr_infer_type(in, stmt->as.let.type) : NULL;
    struct jr_core *value = jr_infer_expr(in, stmt->as.let.value, expected);
    struct jr_ty *ty = value->ty;
    if (expected != NULL) {
        value =
            jr_infer_coerce(in, value, expected, jr_reason(stmt->as.let.type->node.span, "declared here"));
        ty = expected; /* the declaration holds, also for a wrong value */
    }
    in->letters.count = letters;
    struct jr_core_pattern *node = infer_pattern(in, pattern, ty, stmt->as.let.value->node.span);
    if (node->binding != NULL && value->kind == JR_CORE_VARIABLE && !in->assigned_names[node->binding->name])
        node->binding->params_of = value->as.variable->binding->params_of;
    return let_node(in, stmt, node, value);
}

static struct jr_core *infer_letrec(struct jr_infer *in, const struct jr_mm_stmt *stmt)
{
    const struct jr_mm_name *name = &stmt->as.letrec.name;
    const struct jr_mm_expr *value = stmt->as.letrec.value;
    if (value->kind != JR_MM_EXPR_LAMBDA || name->symbol == JR_SYMBOL_NONE) {
        if (value->kind != JR_MM_EXPR_LAMBDA && value->kind != JR_MM_EXPR_ERROR)
            jr_diags_error(in->unit->diags, JR_CATEGORY_LETREC, value->node.span,
                           "the right side of `letrec` must be a function literal");
        jr_infer_expr(in, value, NULL);
        return NULL;
    }
    in->types->level++;
    struct jr_binding *binding = define(in, name->symbol, name->span, jr_ty_variable(in->types));
    binding->is_fn = true;
    jr_infer_show(in, binding);
    in->let_name = name->symbol;
    struct jr_core_fn *fn = jr_infer_lambda(in, value, binding, NULL, false);
    in->types->level--;
    binding->scheme = scheme_of(in, name->symbol, false, fn);
    return bound_lambda(in, stmt, binding, fn);
}

static void infer_function(struct jr_infer *in, const struct jr_mm_stmt *stmt)
{
    const struct jr_mm_name *name = &stmt->as.function.name;
    in->types->level++;
    struct jr_binding *binding = define(in, name->symbol, name->span, jr_ty_variable(in->types));
    binding->is_fn = true;
    jr_infer_show(in, binding);
    struct jr_core_fn *fn = jr_infer_definition(in, stmt, binding);
    in->types->level--;
    binding->scheme = jr_ty_generalise(in->types, fn->ty);
}

/* ---- all statements ---- */

struct jr_core *jr_infer_stmt(struct jr_infer *in, const struct jr_mm_stmt *stmt, bool *is_value,
                              struct jr_ty *expected)
{
    *is_value = false;
    in->types->place = stmt->node.span;
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION:
        infer_function(in, stmt);
        return NULL;
    case JR_MM_STMT_LET:
        return infer_let(in, stmt);
    case JR_MM_STMT_LETREC:
        return infer_letrec(in, stmt);
    case JR_MM_STMT_EXPR:
        *is_value = true;
        return jr_infer_expr(in, stmt->as.expr, expected);
    case JR_MM_STMT_INCLUDE: /* these four are gone after resolve */
    case JR_MM_STMT_STAGE:
    case JR_MM_STMT_MODULE:
    case JR_MM_STMT_USE:
        return NULL;
    case JR_MM_STMT_SUM: /* these two are resolved when the types are declared */
    case JR_MM_STMT_ALIAS:
        return NULL;
    }
    return NULL;
}
