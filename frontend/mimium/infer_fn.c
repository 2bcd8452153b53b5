/* infer_fn.c -- functions and lambdas. */
#include "frontend/mimium/infer_internal.h"

/* How a function is written. */
struct written {
    const char *name;
    struct jr_span span;
    const struct jr_mm_params *params;
    const struct jr_mm_type *result;
    const struct jr_mm_expr *body;
    const void *syntax;
};

bool jr_infer_may_have_state(const struct jr_core_fn *fn)
{
    if (fn->has_sites)
        return true;
    for (uint32_t i = 0; i < fn->uses.count; i++) {
        const struct jr_core_use *use = fn->uses.items[i];
        const struct jr_core_fn *callee = use->binding->fn;
        if (use->called && use->binding->kind == JR_BINDING_GLOBAL && callee != NULL && callee != fn &&
            (callee->in_progress || callee->has_state))
            return true;
    }
    return false;
}

void jr_infer_add_child(struct jr_infer *in, struct jr_core_fn *outer, struct jr_core_fn *fn)
{
    if (!jr_infer_keeps(in))
        return;
    JR_UNIT_PUSH(in->unit, &outer->frame->children, fn);
    JR_UNIT_PUSH(in->unit, &in->program->fns, fn);
}

/* What a lambda's parameter `index` of `count` is expected to be, or NULL. */
static struct jr_ty *expected_param(struct jr_ty *expected, uint32_t index, uint32_t count)
{
    if (expected == NULL)
        return NULL;
    expected = jr_ty_resolve(expected);
    if (expected->kind != JR_TY_FUNCTION)
        return NULL;
    struct jr_ty *param = jr_ty_resolve(expected->param);
    if (count == 1)
        return param->kind == JR_TY_UNIT ? NULL : param;
    return param->kind == JR_TY_TUPLE && param->count == count ? param->items[index] : NULL;
}

static struct jr_binding *infer_param(struct jr_infer *in, const struct jr_mm_param *param,
                                      struct jr_ty *expected)
{
    struct jr_ty *ty = param->type != NULL ? jr_infer_type(in, param->type) : NULL;
    if (ty == NULL)
        ty = expected != NULL ? expected : jr_ty_variable(in->types);
    jr_symbol name = param->unnamed ? JR_SYMBOL_NONE : param->name.symbol;
    return jr_infer_binding(in, JR_BINDING_PARAM, name, param->unnamed ? param->node.span : param->name.span,
                            ty);
}

static void report_duplicates(struct jr_infer *in, const struct jr_core_fn *fn)
{
    for (uint32_t i = 1; i < fn->param_count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (fn->params[i]->name != JR_SYMBOL_NONE &&
                jr_infer_key(in, fn->params[i]) == jr_infer_key(in, fn->params[k])) {
                struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_DUP_PARAM,
                                                      fn->params[i]->span, "there is another parameter `%s`",
                                                      jr_unit_text(in->unit, fn->params[i]->name));
                jr_diag_label(in->unit->diags, diag, fn->params[k]->span, "the other one");
                break;
            }
}

/* The default of a parameter: a function without parameters of its own. */
static struct jr_core_fn *infer_default(struct jr_infer *in, const struct jr_mm_param *param,
                                        struct jr_ty *ty, const char *owner)
{
    struct jr_core_fn *fn = JR_UNIT_NEW(in->unit, struct jr_core_fn), *outer = in->fn;
    fn->name = jr_unit_format(in->unit, "%s.%s", owner, jr_unit_text(in->unit, param->name.symbol));
    fn->span = param->default_value->node.span;
    fn->outer = outer;
    fn->frame = fn;
    fn->is_default = true;
    fn->result = ty;
    fn->ty = jr_ty_function(in->types, &in->types->unit_type, ty);
    in->fn = fn;
    fn->body = jr_infer_coerce(in, jr_infer_expr(in, param->default_value, ty), ty,
                               jr_reason(param->name.span, "the default of this parameter"));
    in->fn = outer;
    fn->has_state = jr_infer_may_have_state(fn);
    fn->binding = jr_infer_binding(in, JR_BINDING_GLOBAL, JR_SYMBOL_NONE, fn->span, fn->ty);
    fn->binding->fn = fn;
    fn->binding->is_fn = true;
    if (jr_infer_keeps(in))
        JR_UNIT_PUSH(in->unit, &in->program->fns, fn);
    return fn;
}

static void infer_params(struct jr_infer *in, struct jr_core_fn *fn, const struct written *as,
                         struct jr_ty *expected)
{
    uint32_t count = as->params->count;
    if (count > JR_INFER_LIST_MAX)
        jr_unit_leave_limit(in->unit, fn->span, "a function has more than %d parameters", JR_INFER_LIST_MAX);
    struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, count);
    fn->param_count = count;
    fn->params = JR_UNIT_ARRAY(in->unit, struct jr_binding *, count);
    in->fn = fn;
    for (uint32_t i = 0; i < count; i++) {
        fn->params[i] = infer_param(in, as->params->items[i], expected_param(expected, i, count));
        items[i] = fn->params[i]->scheme.ty;
    }
    in->fn = fn->outer;
    report_duplicates(in, fn);
    for (uint32_t i = 0; i < count; i++) {
        if (as->params->items[i]->default_value == NULL)
            continue;
        if (fn->defaults == NULL)
            fn->defaults = JR_UNIT_ARRAY(in->unit, struct jr_core_fn *, count);
        fn->defaults[i] = infer_default(in, as->params->items[i], items[i], as->name);
    }
    struct jr_ty *wanted = expected != NULL ? jr_ty_resolve(expected) : NULL;
    if (as->result != NULL)
        fn->result = jr_infer_type(in, as->result);
    else if (wanted != NULL && wanted->kind == JR_TY_FUNCTION && jr_infer_is_union(wanted->result))
        fn->result = wanted->result; /* what it gives is converted inside */
    else
        fn->result = jr_ty_variable(in->types);
    fn->ty = jr_ty_function(in->types, jr_ty_tuple(in->types, items, count), fn->result);
}

static struct jr_core_fn *infer_fn(struct jr_infer *in, const struct written *as, struct jr_binding *binding,
                                   struct jr_ty *expected, bool is_inline)
{
    struct jr_core_fn *fn = JR_UNIT_NEW(in->unit, struct jr_core_fn), *outer = in->fn;
    uint32_t letters = in->letters.count;
    fn->name = as->name;
    fn->span = as->span;
    fn->syntax = as->syntax;
    fn->origin = jr_diags_origin(in->unit->diags);
    fn->outer = outer;
    fn->is_inline = is_inline;
    fn->frame = is_inline ? outer->frame : fn;
    fn->binding = binding;
    fn->in_progress = true;
    infer_params(in, fn, as, expected);
    if (binding != NULL) { /* it may call itself, with one type */
        binding->fn = fn;
        binding->params_of = fn;
        binding->scheme = jr_ty_monomorphic(fn->ty);
    }

    in->fn = fn;
    for (uint32_t i = 0; i < fn->param_count; i++)
        jr_infer_show(in, fn->params[i]);
    struct jr_reason reason = as->result != NULL
                                  ? jr_reason(as->result->node.span, "the result is declared here")
                                  : jr_reason_none();
    fn->body = jr_infer_coerce(in, jr_infer_expr(in, as->body, fn->result), fn->result, reason);
    in->fn = outer;

    in->letters.count = letters;
    fn->in_progress = false;
    if (!is_inline) {
        fn->has_state = jr_infer_may_have_state(fn);
        jr_infer_add_child(in, outer, fn);
    }
    return fn;
}

struct jr_core_fn *jr_infer_lambda(struct jr_infer *in, const struct jr_mm_expr *expr,
                                   struct jr_binding *binding, struct jr_ty *expected, bool is_inline)
{
    struct written as = { .span = expr->node.span,
                          .params = &expr->as.lambda.params,
                          .result = expr->as.lambda.result,
                          .body = expr->as.lambda.body,
                          .syntax = expr };
    if (in->let_name != JR_SYMBOL_NONE) {
        as.name = jr_unit_text(in->unit, in->let_name);
        in->let_name = JR_SYMBOL_NONE;
    } else {
        struct jr_position at =
            jr_sources_position(in->unit->sources, expr->node.span.file, expr->node.span.start);
        as.name = jr_unit_format(in->unit, "lambda at %u:%u", at.line, at.column);
    }
    return infer_fn(in, &as, binding, expected, is_inline);
}

struct jr_core_fn *jr_infer_definition(struct jr_infer *in, const struct jr_mm_stmt *stmt,
                                       struct jr_binding *binding)
{
    struct written as = { .name = jr_unit_text(in->unit, stmt->as.function.name.symbol),
                          .span = stmt->as.function.name.span,
                          .params = &stmt->as.function.params,
                          .result = stmt->as.function.result,
                          .body = stmt->as.function.body,
                          .syntax = stmt };
    return infer_fn(in, &as, binding, NULL, false);
}

struct jr_core *jr_infer_builtin_value(struct jr_infer *in, struct jr_span span,
                                       const struct jr_builtin *builtin)
{
    struct jr_core_fn *fn = JR_UNIT_NEW(in->unit, struct jr_core_fn), *outer = in->fn;
    uint32_t count = jr_builtin_param_count(builtin);
    fn->name = builtin->name;
    fn->span = span;
    fn->outer = outer;
    fn->frame = fn;
    fn->ty = jr_builtin_ty(in->types, builtin, NULL);
    fn->result = fn->ty->result;
    fn->param_count = count;
    fn->params = JR_UNIT_ARRAY(in->unit, struct jr_binding *, count);
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, count);
    in->fn = fn;
    for (uint32_t i = 0; i < count; i++) {
        struct jr_ty *ty = count == 1 ? fn->ty->param : fn->ty->param->items[i];
        fn->params[i] = jr_infer_binding(in, JR_BINDING_PARAM, JR_SYMBOL_NONE, span, ty);
        args[i] = jr_infer_variable(in, fn->params[i], span);
    }
    fn->body = jr_infer_op(in, span, builtin, args, count, fn->result);
    in->fn = outer;
    fn->has_state = fn->has_sites;
    jr_infer_add_child(in, outer, fn);
    struct jr_core *node = jr_infer_node(in, JR_CORE_LAMBDA, span, fn->ty);
    node->as.lambda = fn;
    return node;
}
