/* infer_call.c -- calls: matching arguments with parameters. */
#include "frontend/mimium/infer_internal.h"

/* One call being inferred. */
struct call {
    struct jr_span span, callee_span;
    const struct jr_core_fn *fn; /* whose parameter names and defaults are known, or NULL */
    struct jr_ty *param, *result;
    struct jr_mm_expr *const *exprs;
    uint32_t count;
    struct jr_core **given; /* per argument: its node if it is inferred already */
    const struct jr_mm_expr *placeholder;
    const struct jr_mm_expr *callee; /* as it was written, or made by a splice */
    JR_UNIT_LIST(struct jr_core *) args; /* the result: their words in a row are the parameter's */
    struct jr_core_prelude prelude;
    struct jr_core *spread; /* the tuple whose numbers are the arguments of calls of their own, or NULL */
};

static struct jr_core *argument(struct jr_infer *in, struct call *call, uint32_t index,
                                struct jr_ty *expected)
{
    if (call->given[index] == NULL) {
        const struct jr_mm_expr *expr = call->exprs[index];
        if (expr->kind == JR_MM_EXPR_PLACEHOLDER && call->placeholder != NULL)
            expr = call->placeholder;
        call->given[index] = jr_infer_expr(in, expr, expected);
    }
    return call->given[index];
}

static void infer_rest(struct jr_infer *in, struct call *call)
{
    for (uint32_t i = 0; i < call->count; i++)
        argument(in, call, i, NULL);
}

static struct jr_reason param_reason(struct jr_infer *in, const struct call *call, uint32_t index)
{
    struct jr_reason reason = jr_reason_none();
    if (call->fn != NULL && index < call->fn->param_count) {
        const struct jr_binding *param = call->fn->params[index];
        reason = jr_reason(param->span, param->name == JR_SYMBOL_NONE
                                            ? "for this parameter"
                                            : jr_unit_format(in->unit, "for the parameter `%s`",
                                                             jr_unit_text(in->unit, param->name)));
    }
    reason.missing_field = JR_CATEGORY_ARGS;
    return reason;
}

static void add_argument(struct jr_infer *in, struct call *call, uint32_t index, struct jr_ty *want,
                         struct jr_reason reason)
{
    struct jr_core *arg = jr_infer_coerce(in, argument(in, call, index, want), want, reason);
    JR_UNIT_PUSH(in->unit, &call->args, arg);
}

static uint32_t words_like_count(const struct jr_ty *param)
{
    return param->kind == JR_TY_UNIT ? 0 : param->kind == JR_TY_TUPLE ? param->count : 1;
}

/* Whether the parameters from the `first` on all have defaults. */
static bool has_defaults_from(const struct jr_core_fn *fn, uint32_t first)
{
    if (fn == NULL || fn->defaults == NULL)
        return false;
    for (uint32_t i = first; i < fn->param_count; i++)
        if (fn->defaults[i] == NULL)
            return false;
    return true;
}

static void report_count(struct jr_infer *in, struct call *call, enum jr_category category, uint32_t found)
{
    uint32_t expected = call->fn != NULL ? call->fn->param_count : words_like_count(call->param);
    infer_rest(in, call);
    struct jr_diag *diag =
        jr_diags_error(in->unit->diags, category, call->span, "the function takes %u argument%s, found %u",
                       expected, expected == 1 ? "" : "s", found);
    jr_diag_set_label(in->unit->diags, diag, "its parameter type is %s", jr_ty_text(in->types, call->param));
    if (call->fn != NULL && !call->fn->is_inline)
        jr_diag_label(in->unit->diags, diag, call->fn->span, "the function is defined here");
    if (found < expected && has_defaults_from(call->fn, found))
        jr_diag_note(in->unit->diags, diag,
                     "defaults are taken by calls with a record of the other arguments: f({x = 1})");
}

static bool flexible(const struct jr_ty *ty)
{
    return ty->kind == JR_TY_VARIABLE && !ty->rigid;
}

static void fit_none(struct jr_infer *in, struct call *call)
{
    if (call->param->kind == JR_TY_UNIT || call->param->kind == JR_TY_ERROR)
        return;
    bool known = call->fn != NULL && call->fn->param_count == 1; /* it takes something, whatever that is */
    if (flexible(call->param) && call->param->count == 0 && !known) {
        jr_ty_unify(in->types, call->param, &in->types->unit_type);
        return;
    }
    if (call->fn != NULL && call->fn->param_count == 1 && call->fn->defaults != NULL &&
        call->fn->defaults[0] != NULL) {
        struct jr_core *value = jr_infer_default(in, call->fn, 0, call->span);
        JR_UNIT_PUSH(in->unit, &call->args, value);
        return;
    }
    report_count(in, call, JR_CATEGORY_MISMATCH, 0);
}

/* A tuple given where a record of as many fields is the one parameter: by position. */
static bool fit_positional_record(struct jr_infer *in, struct call *call, struct jr_ty *have)
{
    struct jr_ty *param = call->param;
    if (param->kind != JR_TY_RECORD)
        return false;
    if (param->count == 1 && have->kind != JR_TY_RECORD && have->kind != JR_TY_VARIABLE &&
        have->kind != JR_TY_ERROR) {
        add_argument(in, call, 0, param->items[0], param_reason(in, call, 0));
        return true;
    }
    if (have->kind != JR_TY_TUPLE || have->count != param->count)
        return false;
    add_argument(in, call, 0, jr_ty_tuple(in->types, param->items, param->count), param_reason(in, call, 0));
    return true;
}

static void fit_one(struct jr_infer *in, struct call *call)
{
    struct jr_ty *param = call->param;
    const struct jr_mm_expr *expr = call->exprs[0];
    bool literal_pack = expr->kind == JR_MM_EXPR_RECORD && call->given[0] == NULL && call->fn != NULL &&
                        jr_infer_is_pack(in, call->fn, expr, NULL);
    struct jr_ty *have = NULL;
    if (!literal_pack)
        have = jr_ty_resolve(argument(in, call, 0, param)->ty);
    if (literal_pack || (call->fn != NULL && jr_infer_is_pack(in, call->fn, NULL, have))) {
        struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, call->fn->param_count);
        if (jr_infer_pack(in, call->fn, param, literal_pack ? expr : NULL, call->given[0], call->callee_span,
                          args, &call->prelude))
            for (uint32_t i = 0; i < call->fn->param_count; i++)
                JR_UNIT_PUSH(in->unit, &call->args, args[i]);
        return;
    }
    if (have->kind == JR_TY_TUPLE && param->kind == JR_TY_FLOAT &&
        jr_ty_resolve(call->result)->kind == JR_TY_FLOAT) {
        call->spread = call->given[0];
        return;
    }
    if (fit_positional_record(in, call, have))
        return;
    bool several = param->kind == JR_TY_TUPLE && (call->fn == NULL || call->fn->param_count != 1);
    if (several && have->kind != JR_TY_TUPLE && have->kind != JR_TY_VARIABLE && have->kind != JR_TY_ERROR) {
        report_count(in, call, JR_CATEGORY_MISMATCH, 1);
        return;
    }
    if (param->kind == JR_TY_UNIT && have->kind != JR_TY_UNIT && have->kind != JR_TY_VARIABLE &&
        have->kind != JR_TY_ERROR) {
        report_count(in, call, JR_CATEGORY_MISMATCH, 1);
        return;
    }
    struct jr_reason reason = param_reason(in, call, 0);
    if (several && call->fn != NULL)
        reason = jr_reason(call->fn->span, "the function is defined here");
    add_argument(in, call, 0, param, reason);
}

static void fit_several(struct jr_infer *in, struct call *call)
{
    struct jr_ty *param = call->param;
    bool by_item = (param->kind == JR_TY_TUPLE || param->kind == JR_TY_RECORD) && param->count == call->count;
    if (by_item) {
        bool named = call->fn != NULL && call->fn->param_count == call->count;
        for (uint32_t i = 0; i < call->count; i++)
            add_argument(in, call, i, param->items[i], named ? param_reason(in, call, i) : jr_reason_none());
        return;
    }
    if (flexible(param) || param->kind == JR_TY_ERROR) {
        struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, call->count);
        for (uint32_t i = 0; i < call->count; i++) {
            struct jr_core *arg = argument(in, call, i, NULL);
            JR_UNIT_PUSH(in->unit, &call->args, arg);
            items[i] = arg->ty;
        }
        struct jr_ty *tuple = jr_ty_tuple(in->types, items, call->count);
        struct jr_ty_clash clash = jr_ty_unify(in->types, tuple, param);
        jr_infer_report_clash(in, &clash, call->span, tuple, param, jr_reason_none());
        return;
    }
    bool several = param->kind == JR_TY_TUPLE;
    report_count(in, call, several ? JR_CATEGORY_LENGTH : JR_CATEGORY_MISMATCH, call->count);
}

static void fit_arguments(struct jr_infer *in, struct call *call)
{
    call->param = jr_ty_resolve(call->param);
    if (call->count == 0)
        fit_none(in, call);
    else if (call->count == 1)
        fit_one(in, call);
    else
        fit_several(in, call);
}

/* ---- built-ins ---- */

struct jr_core *jr_infer_op(struct jr_infer *in, struct jr_span span, const struct jr_builtin *builtin,
                            struct jr_core **args, uint32_t arg_count, struct jr_ty *result)
{
    struct jr_core *node = jr_infer_node(in, JR_CORE_OP, span, result);
    node->as.op.builtin = builtin;
    node->as.op.args = (struct jr_core_list){ args, arg_count };
    for (uint32_t i = 0; i < arg_count; i++) {
        jr_infer_absorb(node, args[i]);
        if (jr_infer_is_error(args[i]->ty))
            node->ty = &in->types->error;
    }
    switch (builtin->form) {
    case JR_BUILTIN_UNARY:
    case JR_BUILTIN_BINARY:
    case JR_BUILTIN_LEN:
    case JR_BUILTIN_TIME:
        break;
    case JR_BUILTIN_MEM:
    case JR_BUILTIN_DELAY:
        in->fn->frame->has_sites = true;
        node->calls = true;
        break;
    case JR_BUILTIN_APPEND:
    case JR_BUILTIN_PREPEND:
    case JR_BUILTIN_SPLIT:
    case JR_BUILTIN_HOST:
    case JR_BUILTIN_SCHEDULE:
    case JR_BUILTIN_TEXT:
    case JR_BUILTIN_STAGE:
        node->calls = true;
        break;
    case JR_BUILTIN_LIFT:
        node->calls = true;
        JR_UNIT_PUSH(in->unit, &in->lifts, node);
        break;
    }
    return node;
}

/* The capacity of a delay line in samples: 64 Mi of them are half a GiB. */
enum { DELAY_SAMPLES_MAX = 1 << 26 };

static void check_delay(struct jr_infer *in, struct jr_core *node)
{
    const struct jr_core *capacity = node->as.op.args.items[0];
    if (capacity->kind == JR_CORE_ERROR)
        return;
    if (capacity->kind != JR_CORE_NUMBER) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_DELAY, capacity->span,
                                              "the capacity of `delay` must be a number literal");
        jr_diag_note(in->unit->diags, diag,
                     "the line is laid out when the program is compiled; the time may vary");
        return;
    }
    if (!(capacity->as.number >= 0.0 && capacity->as.number <= (double)DELAY_SAMPLES_MAX)) {
        jr_diags_error(in->unit->diags, JR_CATEGORY_DELAY, capacity->span,
                       "the capacity of `delay` must be from 0 to %d samples", DELAY_SAMPLES_MAX);
        return;
    }
    node->as.op.length = (uint32_t)capacity->as.number;
}

/* A tuple given to a built-in of several parameters, taken apart. */
static void split_argument(struct jr_infer *in, struct call *call)
{
    struct jr_core *tuple = call->args.items[0];
    call->args.count = 0;
    if (tuple->kind == JR_CORE_TUPLE) {
        for (uint32_t i = 0; i < tuple->as.list.count; i++)
            JR_UNIT_PUSH(in->unit, &call->args, tuple->as.list.items[i]);
        return;
    }
    struct jr_ty *ty = jr_ty_resolve(tuple->ty);
    struct jr_binding *binding = jr_infer_prelude_let(in, &call->prelude, tuple);
    for (uint32_t i = 0; i < ty->count; i++) {
        struct jr_core *item = jr_infer_node(in, JR_CORE_PROJECT, tuple->span, ty->items[i]);
        item->as.project.object = jr_infer_variable(in, binding, tuple->span);
        item->as.project.index = i;
        JR_UNIT_PUSH(in->unit, &call->args, item);
    }
}

static struct jr_core *builtin_leaf(struct jr_infer *in, struct jr_core *number, void *context)
{
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 1);
    args[0] = number;
    return jr_infer_op(in, number->span, context, args, 1, &in->types->float_);
}

/* `add` and its like applied to tuples; NULL if no operand is one. */
static struct jr_core *arithmetic_call(struct jr_infer *in, struct call *call,
                                       const struct jr_builtin *builtin)
{
    for (uint32_t i = 0; i < call->count; i++)
        argument(in, call, i, NULL);
    struct jr_core *const *operands = call->given;
    struct jr_ty *ty = call->count > 0 ? jr_ty_resolve(operands[0]->ty) : NULL;
    bool one_pair = call->count == 1 && ty->kind == JR_TY_TUPLE && ty->count == 2 &&
                    (jr_ty_resolve(ty->items[0])->kind == JR_TY_TUPLE ||
                     jr_ty_resolve(ty->items[1])->kind == JR_TY_TUPLE);
    if (one_pair) {
        JR_UNIT_PUSH(in->unit, &call->args, operands[0]);
        split_argument(in, call);
        operands = call->args.items;
    } else if (call->count != 2 ||
               (ty->kind != JR_TY_TUPLE && jr_ty_resolve(operands[1]->ty)->kind != JR_TY_TUPLE)) {
        return NULL;
    }
    struct jr_reason reason =
        jr_reason(call->callee_span, jr_unit_format(in->unit, "`%s` takes numbers", builtin->name));
    struct jr_core *node =
        jr_infer_arithmetic(in, call->span, call->span, builtin, operands[0], operands[1], reason);
    return jr_infer_with_prelude(in, &call->prelude, node);
}

static struct jr_core *apply_builtin(struct jr_infer *in, struct call *call, const struct jr_builtin *builtin)
{
    jr_infer_check_stage(in, builtin, call->span);
    struct jr_core *node = jr_infer_is_arithmetic(builtin) ? arithmetic_call(in, call, builtin) : NULL;
    if (node != NULL)
        return node;
    struct jr_ty *ty = jr_builtin_ty(in->types, builtin, NULL);
    call->param = ty->param;
    call->result = ty->result;
    fit_arguments(in, call);
    if (call->spread != NULL) {
        struct jr_infer_leaf leaf = { builtin_leaf, (void *)builtin };
        node = jr_infer_map(in, call->span, call->spread, &call->prelude, leaf);
        return jr_infer_with_prelude(in, &call->prelude, node);
    }
    uint32_t count = jr_builtin_param_count(builtin);
    bool whole = true;
    for (uint32_t i = 0; i < call->args.count; i++)
        whole &= !jr_infer_is_error(call->args.items[i]->ty);
    if (whole && call->args.count == 1 && count > 1)
        split_argument(in, call);
    if (!whole || call->args.count != count) { /* reported */
        node = jr_infer_error_node(in, call->span);
        node->ty = ty->result;
        return node;
    }
    node = jr_infer_op(in, call->span, builtin, call->args.items, count, ty->result);
    if (builtin->form == JR_BUILTIN_DELAY)
        check_delay(in, node);
    return jr_infer_with_prelude(in, &call->prelude, node);
}

static const struct jr_builtin *called_builtin(struct jr_infer *in, const struct jr_mm_expr *callee)
{
    if (callee->kind != JR_MM_EXPR_NAME)
        return NULL;
    jr_symbol symbol = callee->as.name.names[0].symbol;
    if (jr_mm_def_of(in->names, symbol)->kind != JR_MM_DEF_NONE)
        return NULL;
    return jr_builtin_find(in->unit, jr_unit_text(in->unit, symbol));
}

/* ---- lambdas applied where they stand ---- */

/* More than these, nested in each other, would take long to infer. */
enum { LAMBDA_COPIES_MAX = 4096 };

struct lambda_leaf {
    const struct jr_mm_expr *lambda;
    struct jr_core_fn *fn; /* inferred, not used yet */
    struct jr_span span;
};

/* Each number gets a lambda of its own, which has state of its own. */
static struct jr_core *lambda_leaf(struct jr_infer *in, struct jr_core *number, void *context)
{
    struct lambda_leaf *leaf = context;
    if (leaf->fn == NULL) {
        if (++in->lambda_copies > LAMBDA_COPIES_MAX)
            jr_unit_leave_limit(in->unit, leaf->span,
                                "lambdas are applied to more than %d elements of tuples", LAMBDA_COPIES_MAX);
        leaf->fn = jr_infer_lambda(in, leaf->lambda, NULL, NULL, true);
    }
    struct jr_core *node = jr_infer_node(in, JR_CORE_INLINE, leaf->span, &in->types->float_);
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 1);
    args[0] = number;
    node->as.inline_.fn = leaf->fn;
    node->as.inline_.args = (struct jr_core_list){ args, 1 };
    node->calls = true;
    node->assigns = leaf->fn->body->assigns;
    jr_infer_absorb(node, number);
    leaf->fn = NULL;
    return node;
}

static struct jr_core *apply_lambda(struct jr_infer *in, struct call *call, const struct jr_mm_expr *callee)
{
    /* The arguments first, so that their types are known inside.  Nothing but the types notices. */
    bool by_key =
        call->count == 1 && call->exprs[0]->kind == JR_MM_EXPR_RECORD && callee->as.lambda.params.count > 1;
    struct jr_ty *expected = NULL;
    if (!by_key) {
        infer_rest(in, call);
        struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, call->count);
        for (uint32_t i = 0; i < call->count; i++)
            items[i] = call->given[i]->ty;
        expected =
            jr_ty_function(in->types, jr_ty_tuple(in->types, items, call->count), jr_ty_variable(in->types));
    }
    size_t errors = jr_diags_error_count(in->unit->diags);
    struct jr_label origin = jr_infer_enter_expansion(in, call->callee);
    struct jr_core_fn *fn = jr_infer_lambda(in, callee, NULL, expected, true);
    jr_infer_leave_expansion(in, origin);
    call->fn = fn;
    call->param = fn->ty->param;
    call->result = fn->result;
    fit_arguments(in, call);
    if (call->spread != NULL) {
        if (jr_diags_error_count(in->unit->diags) > errors) /* each copy would report them again */
            return jr_infer_error_node(in, call->span);
        struct lambda_leaf context = { callee, fn, call->span };
        struct jr_infer_leaf leaf = { lambda_leaf, &context };
        struct jr_core *mapped = jr_infer_map(in, call->span, call->spread, &call->prelude, leaf);
        return jr_infer_with_prelude(in, &call->prelude, mapped);
    }
    struct jr_core *node = jr_infer_node(in, JR_CORE_INLINE, call->span, fn->result);
    node->as.inline_.fn = fn;
    node->as.inline_.args = (struct jr_core_list){ call->args.items, call->args.count };
    node->calls = true;
    node->assigns = fn->body->assigns;
    for (uint32_t i = 0; i < call->args.count; i++)
        jr_infer_absorb(node, call->args.items[i]);
    return jr_infer_with_prelude(in, &call->prelude, node);
}

/* ---- constructors ---- */

static struct jr_core *apply_constructor(struct jr_infer *in, struct call *call,
                                         const struct jr_constructor *constructor)
{
    const struct jr_ty_variant *variant = &constructor->sum->variants[constructor->variant];
    call->param = variant->payload;
    call->result = constructor->sum->ty;
    if (jr_ty_resolve(call->param)->kind == JR_TY_UNIT) {
        infer_rest(in, call);
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, call->span,
                                              "`%s` has no payload", variant->name);
        jr_diag_label(in->unit->diags, diag, variant->span, "it is declared here");
        struct jr_core *node = jr_infer_error_node(in, call->span);
        node->ty = constructor->sum->ty;
        return node;
    }
    fit_arguments(in, call);
    struct jr_core *node = jr_infer_construct(in, call->span, constructor,
                                              (struct jr_core_list){ call->args.items, call->args.count });
    return jr_infer_with_prelude(in, &call->prelude, node);
}

/* ---- all calls ---- */

struct callee_leaf {
    struct jr_binding *binding;
    struct jr_span callee, span;
};

static struct jr_core *call_leaf(struct jr_infer *in, struct jr_core *number, void *context)
{
    const struct callee_leaf *leaf = context;
    struct jr_core *node = jr_infer_node(in, JR_CORE_CALL, leaf->span, &in->types->float_);
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 1);
    args[0] = number;
    node->as.call.callee = jr_infer_variable(in, leaf->binding, leaf->callee);
    node->as.call.callee->as.variable->called = true;
    node->as.call.args = (struct jr_core_list){ args, 1 };
    node->calls = true;
    jr_infer_absorb(node, number);
    return node;
}

/* A call for each number of the tuple. */
static struct jr_core *apply_to_each(struct jr_infer *in, struct call *call, struct jr_core *callee)
{
    struct callee_leaf context = { NULL, callee->span, call->span };
    struct jr_binding *binding = callee->kind == JR_CORE_VARIABLE ? callee->as.variable->binding : NULL;
    bool stays = binding != NULL &&
                 (binding->is_fn || binding->name == JR_SYMBOL_NONE || !in->assigned_names[binding->name] ||
                  (binding->fn != NULL && !call->spread->calls));
    /* else it is evaluated once, before its argument */
    context.binding = stays ? binding : jr_infer_prelude_let(in, &call->prelude, callee);
    struct jr_infer_leaf leaf = { call_leaf, &context };
    struct jr_core *node = jr_infer_map(in, call->span, call->spread, &call->prelude, leaf);
    return jr_infer_with_prelude(in, &call->prelude, node);
}

static struct jr_core *apply_unknown(struct jr_infer *in, struct call *call, struct jr_core *callee)
{
    struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, call->count);
    infer_rest(in, call);
    for (uint32_t i = 0; i < call->count; i++) {
        items[i] = call->given[i]->ty;
        JR_UNIT_PUSH(in->unit, &call->args, call->given[i]);
    }
    struct jr_ty *result = jr_ty_variable(in->types);
    struct jr_ty *ty = jr_ty_function(in->types, jr_ty_tuple(in->types, items, call->count), result);
    struct jr_ty_clash clash = jr_ty_unify(in->types, callee->ty, ty);
    if (clash.kind != JR_TY_AGREE) {
        jr_infer_report_clash(in, &clash, callee->span, callee->ty, ty,
                              jr_reason(call->span, "it is called here"));
        return NULL;
    }
    return callee;
}

struct jr_core *jr_infer_apply(struct jr_infer *in, struct jr_span span, const struct jr_mm_expr *callee_expr,
                               struct jr_mm_expr *const *args, uint32_t arg_count,
                               const struct jr_mm_expr *placeholder)
{
    struct call *call = JR_UNIT_NEW(in->unit, struct call);
    const struct jr_mm_expr *lambda = jr_mm_lambda_of(callee_expr);
    call->span = span;
    call->callee_span = callee_expr->node.span;
    call->exprs = args;
    call->count = arg_count;
    call->given = JR_UNIT_ARRAY(in->unit, struct jr_core *, arg_count);
    call->placeholder = placeholder;
    call->callee = callee_expr;
    if (lambda != NULL)
        return apply_lambda(in, call, lambda);
    const struct jr_constructor *constructor =
        callee_expr->kind == JR_MM_EXPR_NAME ? jr_infer_find_constructor(in, &callee_expr->as.name) : NULL;
    if (constructor != NULL)
        return apply_constructor(in, call, constructor);
    const struct jr_builtin *builtin = called_builtin(in, callee_expr);
    if (builtin != NULL)
        return apply_builtin(in, call, builtin);

    struct jr_core *callee = jr_infer_expr(in, callee_expr, NULL);
    struct jr_ty *ty = jr_ty_resolve(callee->ty);
    if (callee->kind == JR_CORE_VARIABLE) {
        callee->as.variable->called = true;
        call->fn = callee->as.variable->binding->params_of;
    }
    if (flexible(ty)) {
        if (apply_unknown(in, call, callee) == NULL)
            return jr_infer_error_node(in, span);
        ty = jr_ty_resolve(callee->ty);
        if (ty->kind == JR_TY_ERROR) /* by an error among the arguments, which was reported there */
            return jr_infer_error_node(in, span);
    } else if (ty->kind == JR_TY_FUNCTION) {
        call->param = ty->param;
        call->result = ty->result;
        fit_arguments(in, call);
        if (call->spread != NULL)
            return apply_to_each(in, call, callee);
    } else {
        infer_rest(in, call);
        if (ty->kind != JR_TY_ERROR) {
            struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, callee->span,
                                                  "expected a function, found %s", jr_ty_text(in->types, ty));
            bool applied = callee->kind == JR_CORE_CALL || callee->kind == JR_CORE_OP;
            if (span.start < callee->span.start && applied) /* x |> f(1) */
                jr_diag_note(in->unit->diags, diag,
                             "`x |> f(1)` applies the result of f(1) to x; `x ||> f(_, 1)` calls f with x and 1");
        }
        return jr_infer_error_node(in, span);
    }
    struct jr_core *node = jr_infer_node(in, JR_CORE_CALL, span, ty->result);
    node->as.call.callee = callee;
    node->as.call.args = (struct jr_core_list){ call->args.items, call->args.count };
    node->calls = true;
    jr_infer_absorb(node, callee);
    for (uint32_t i = 0; i < call->args.count; i++)
        jr_infer_absorb(node, call->args.items[i]);
    return jr_infer_with_prelude(in, &call->prelude, node);
}
