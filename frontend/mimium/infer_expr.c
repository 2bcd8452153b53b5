/* infer_expr.c -- expressions other than calls. */
#include "frontend/mimium/infer_internal.h"

#include <string.h>

/* ---- names ---- */

static struct jr_core *infer_name(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    jr_symbol symbol = expr->as.name.names[0].symbol;
    const struct jr_constructor *constructor = jr_infer_find_constructor(in, &expr->as.name);
    if (constructor != NULL)
        return jr_infer_constructor_value(in, expr->node.span, constructor);
    if (in->bindings[symbol] != NULL)
        return jr_infer_variable(in, in->bindings[symbol], expr->node.span);
    if (jr_mm_def_of(in->names, symbol)->kind != JR_MM_DEF_NONE) /* its definition is wrong */
        return jr_infer_error_node(in, expr->node.span);
    const char *name = jr_unit_text(in->unit, symbol);
    const struct jr_builtin *builtin = jr_builtin_find(in->unit, name);
    if (builtin != NULL && builtin->form == JR_BUILTIN_DELAY) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_DELAY, expr->node.span,
                                              "`delay` must be called by its name");
        jr_diag_note(in->unit->diags, diag,
                     "its capacity must be known where it stands; wrap it in a function");
        return jr_infer_error_node(in, expr->node.span);
    }
    jr_infer_check_stage(in, builtin, expr->node.span);
    return jr_infer_builtin_value(in, expr->node.span, builtin);
}

/* The function whose previous result `self` is here; NULL after reporting. */
static struct jr_core_fn *self_function(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_core_fn *fn = in->fn;
    if (fn->quote != NULL) { /* only its type matters here */
        if (in->stage_table != NULL)
            in->stage_table->selves[expr->node.id] = true;
        fn = fn->quote->self_fn;
        if (fn != NULL)
            return fn;
        struct jr_diag *diag =
            jr_diags_error(in->unit->diags, JR_CATEGORY_STAGE, expr->node.span,
                           "`self` stands in quoted code, but in no function of that code");
        jr_diag_note(in->unit->diags, diag, "put it into a lambda inside the quote, or give it as an argument");
        return NULL;
    }
    if (fn->outer == NULL || fn->is_default) {
        jr_diags_error(in->unit->diags, JR_CATEGORY_SELF_GLOBAL, expr->node.span,
                       "`self` stands outside every function");
        return NULL;
    }
    return fn;
}

static struct jr_core *infer_self(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_core_fn *fn = self_function(in, expr);
    if (fn == NULL)
        return jr_infer_error_node(in, expr->node.span);
    if (!fn->uses_self) {
        fn->self_span = expr->node.span;
        JR_UNIT_PUSH(in->unit, &in->self_fns, fn);
    }
    fn->uses_self = true;
    fn->frame->has_sites = true;
    struct jr_core *node = jr_infer_node(in, JR_CORE_SELF, expr->node.span, fn->result);
    node->as.self_of = fn;
    return node;
}

/* ---- operators ---- */

static enum jr_builtin_index operator_builtin(enum jr_mm_binary_op op)
{
    switch (op) {
    case JR_MM_OP_OR:
        return JR_BUILTIN_INDEX_OR;
    case JR_MM_OP_AND:
        return JR_BUILTIN_INDEX_AND;
    case JR_MM_OP_EQ:
        return JR_BUILTIN_INDEX_EQ;
    case JR_MM_OP_NE:
        return JR_BUILTIN_INDEX_NE;
    case JR_MM_OP_LT:
        return JR_BUILTIN_INDEX_LT;
    case JR_MM_OP_LE:
        return JR_BUILTIN_INDEX_LE;
    case JR_MM_OP_GT:
        return JR_BUILTIN_INDEX_GT;
    case JR_MM_OP_GE:
        return JR_BUILTIN_INDEX_GE;
    case JR_MM_OP_ADD:
        return JR_BUILTIN_INDEX_ADD;
    case JR_MM_OP_SUB:
        return JR_BUILTIN_INDEX_SUB;
    case JR_MM_OP_MUL:
        return JR_BUILTIN_INDEX_MULT;
    case JR_MM_OP_DIV:
        return JR_BUILTIN_INDEX_DIV;
    case JR_MM_OP_MOD:
        return JR_BUILTIN_INDEX_MODULO;
    case JR_MM_OP_POW:
        return JR_BUILTIN_INDEX_POW;
    case JR_MM_OP_AT:
        return JR_BUILTIN_INDEX_SCHEDULE;
    }
    return JR_BUILTIN_INDEX_ADD;
}

static struct jr_reason takes_numbers(struct jr_infer *in, struct jr_span op_span, const char *op_text)
{
    return jr_reason(op_span, jr_unit_format(in->unit, "`%s` takes numbers", op_text));
}

/* The operator applied; where it may, to tuples. */
static struct jr_core *apply_operator(struct jr_infer *in, struct jr_span span, struct jr_span op_span,
                                      const char *op_text, const struct jr_builtin *builtin,
                                      struct jr_core *left, struct jr_core *right)
{
    struct jr_reason reason = takes_numbers(in, op_span, op_text);
    if (jr_infer_is_arithmetic(builtin) && (jr_ty_resolve(left->ty)->kind == JR_TY_TUPLE ||
                                            jr_ty_resolve(right->ty)->kind == JR_TY_TUPLE))
        return jr_infer_arithmetic(in, span, op_span, builtin, left, right, reason);
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 2);
    args[0] = jr_infer_coerce(in, left, &in->types->float_, reason);
    args[1] = jr_infer_coerce(in, right, &in->types->float_, reason);
    return jr_infer_op(in, span, builtin, args, 2, &in->types->float_);
}

/* The operand; a direct `_` stands for `placeholder`. */
static struct jr_core *infer_operand(struct jr_infer *in, const struct jr_mm_expr *expr,
                                     const struct jr_mm_expr *placeholder)
{
    if (expr->kind == JR_MM_EXPR_PLACEHOLDER && placeholder != NULL)
        return jr_infer_expr(in, placeholder, NULL);
    return jr_infer_expr(in, expr, NULL);
}

static struct jr_core *infer_schedule(struct jr_infer *in, const struct jr_mm_expr *expr,
                                      struct jr_core *task, struct jr_core *time)
{
    struct jr_ty *task_ty = jr_ty_function(in->types, &in->types->unit_type, jr_ty_variable(in->types));
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 2);
    args[0] = jr_infer_coerce(in, time, &in->types->float_, takes_numbers(in, expr->as.binary.op_span, "@"));
    args[1] = jr_infer_coerce(in, task, task_ty,
                              jr_reason(expr->as.binary.op_span, "`@` takes a function without parameters"));
    return jr_infer_op(in, expr->node.span, jr_builtin_at(JR_BUILTIN_INDEX_SCHEDULE), args, 2,
                       &in->types->unit_type);
}

static struct jr_core *infer_binary(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    const struct jr_mm_expr *placeholder = in->placeholder;
    in->placeholder = NULL;
    struct jr_core *left = infer_operand(in, expr->as.binary.left, placeholder);
    struct jr_core *right = infer_operand(in, expr->as.binary.right, placeholder);
    if (expr->as.binary.op == JR_MM_OP_AT)
        return infer_schedule(in, expr, left, right);
    return apply_operator(in, expr->node.span, expr->as.binary.op_span,
                          jr_mm_binary_op_text(expr->as.binary.op),
                          jr_builtin_at(operator_builtin(expr->as.binary.op)), left, right);
}

static struct jr_core *infer_unary(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_span sign = { expr->node.span.file, expr->node.span.start, expr->node.span.start + 1 };
    struct jr_core *operand = jr_infer_expr(in, expr->as.unary.operand, NULL);
    if (!expr->as.unary.negative) {
        struct jr_diag *diag =
            jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, sign, "`+` takes two operands");
        jr_diag_note(in->unit->diags, diag, "a number needs no sign to be positive");
        return jr_infer_error_node(in, expr->node.span);
    }
    if (operand->kind == JR_CORE_NUMBER)
        return jr_infer_number(in, expr->node.span, 0.0 - operand->as.number);
    return apply_operator(in, expr->node.span, sign, "-", jr_builtin_at(JR_BUILTIN_INDEX_SUB),
                          jr_infer_number(in, sign, 0.0), operand);
}

/* ---- pipes ---- */

static uint32_t count_placeholders(const struct jr_mm_expr *expr)
{
    uint32_t count = 0;
    if (expr->kind == JR_MM_EXPR_BINARY)
        return (expr->as.binary.left->kind == JR_MM_EXPR_PLACEHOLDER) +
               (uint32_t)(expr->as.binary.right->kind == JR_MM_EXPR_PLACEHOLDER);
    if (expr->kind == JR_MM_EXPR_CALL)
        for (uint32_t i = 0; i < expr->as.call.args.count; i++)
            count += expr->as.call.args.items[i]->kind == JR_MM_EXPR_PLACEHOLDER;
    return count;
}

static struct jr_core *infer_macro_pipe(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    const struct jr_mm_expr *function = expr->as.pipe.function;
    uint32_t count = count_placeholders(function);
    if (count == 0)
        return jr_infer_apply(in, expr->node.span, function, (struct jr_mm_expr *const *)&expr->as.pipe.value,
                              1, NULL);
    if (count > 1) {
        jr_diags_error(in->unit->diags, JR_CATEGORY_PLACEHOLDER, function->node.span,
                       "`||>` can fill only one placeholder, here are %u", count);
        jr_infer_expr(in, expr->as.pipe.value, NULL);
        return jr_infer_error_node(in, expr->node.span);
    }
    in->placeholder = expr->as.pipe.value;
    struct jr_core *node = jr_infer_expr(in, function, NULL);
    in->placeholder = NULL;
    return node;
}

/* ---- aggregates ---- */

static struct jr_core *infer_tuple(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    uint32_t count = expr->as.tuple.count;
    if (expected != NULL)
        expected = jr_ty_resolve(expected);
    bool matches = expected != NULL && expected->kind == JR_TY_TUPLE && expected->count == count;
    if (count == 1)
        return jr_infer_expr(in, expr->as.tuple.items[0], expected);
    struct jr_core *node = jr_infer_node(in, JR_CORE_TUPLE, expr->node.span, NULL);
    struct jr_core **items = JR_UNIT_ARRAY(in->unit, struct jr_core *, count);
    struct jr_ty **types = JR_UNIT_ARRAY(in->unit, struct jr_ty *, count);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = jr_infer_expr(in, expr->as.tuple.items[i], matches ? expected->items[i] : NULL);
        types[i] = items[i]->ty;
        jr_infer_absorb(node, items[i]);
    }
    node->as.list = (struct jr_core_list){ items, count };
    node->ty = jr_ty_tuple(in->types, types, count);
    return node;
}

static struct jr_core *infer_array(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    uint32_t count = expr->as.array.count;
    struct jr_ty *element = jr_ty_variable(in->types), *hint = NULL;
    if (expected != NULL && jr_ty_resolve(expected)->kind == JR_TY_ARRAY)
        hint = jr_ty_resolve(expected)->result;
    bool converts = hint != NULL && (jr_infer_is_union(hint) || jr_ty_resolve(hint)->kind == JR_TY_RECORD);
    if (converts) /* each element by itself, not as the first one is */
        element = hint;
    struct jr_core *node = jr_infer_node(in, JR_CORE_ARRAY, expr->node.span, jr_ty_array(in->types, element));
    struct jr_core **items = JR_UNIT_ARRAY(in->unit, struct jr_core *, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_mm_expr *item = expr->as.array.items[i];
        struct jr_reason reason =
            i == 0 || converts ? jr_reason_none()
                               : jr_reason(items[0]->span, "the elements are like the first one");
        items[i] = jr_infer_coerce(in, jr_infer_expr(in, item, hint), element, reason);
        jr_infer_absorb(node, items[i]);
    }
    node->as.list = (struct jr_core_list){ items, count };
    return node;
}

static struct jr_core *infer_record(struct jr_infer *in, const struct jr_mm_expr *expr,
                                    struct jr_ty *expected)
{
    const struct jr_mm_fields *fields = &expr->as.record.fields;
    struct jr_core *node = jr_infer_node(in, JR_CORE_RECORD, expr->node.span, NULL);
    struct jr_core **values = JR_UNIT_ARRAY(in->unit, struct jr_core *, fields->count);
    jr_symbol *keys = JR_UNIT_ARRAY(in->unit, jr_symbol, fields->count);
    struct jr_ty **types = JR_UNIT_ARRAY(in->unit, struct jr_ty *, fields->count);
    jr_symbol *type_keys = JR_UNIT_ARRAY(in->unit, jr_symbol, fields->count);
    uint32_t count = 0;
    if (fields->count > JR_INFER_LIST_MAX)
        jr_unit_leave_limit(in->unit, expr->node.span, "a record has more than %d fields", JR_INFER_LIST_MAX);
    if (expr->as.record.incomplete) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_ARGS, expr->node.span,
                                              "an incomplete record can only be the one argument of a call");
        jr_diag_note(in->unit->diags, diag,
                     "the function called must be known by name, so that its defaults are known");
    }
    if (expected != NULL)
        expected = jr_ty_resolve(expected);
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct jr_mm_field *field = &fields->items[i];
        uint32_t at = expected != NULL ? jr_ty_find_field(expected, field->name.symbol) : 0;
        bool known = expected != NULL && expected->kind == JR_TY_RECORD && at < expected->count;
        struct jr_core *value = jr_infer_expr(in, field->value, known ? expected->items[at] : NULL);
        if (field->name.symbol == JR_SYMBOL_NONE) /* reported */
            continue;
        bool seen = false;
        for (uint32_t k = 0; k < count; k++)
            seen |= keys[k] == field->name.symbol;
        if (seen) {
            jr_diags_error(in->unit->diags, JR_CATEGORY_DUP_KEY, field->name.span,
                           "the field `%s` is given twice", jr_unit_text(in->unit, field->name.symbol));
            continue;
        }
        jr_infer_absorb(node, value);
        keys[count] = type_keys[count] = field->name.symbol;
        types[count] = value->ty;
        values[count++] = value;
    }
    node->as.record.values = (struct jr_core_list){ values, count };
    node->as.record.keys = keys;
    node->ty =
        expr->as.record.incomplete ? &in->types->error : jr_ty_record(in->types, type_keys, types, count);
    return node;
}

/* The type of the field `key` of something of type `ty`, or NULL after reporting. */
static struct jr_ty *field_type(struct jr_infer *in, struct jr_ty *ty, jr_symbol key, struct jr_span span,
                                struct jr_span object)
{
    struct jr_diags *diags = in->unit->diags;
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_ERROR || key == JR_SYMBOL_NONE)
        return NULL;
    if (ty->kind == JR_TY_RECORD || (ty->kind == JR_TY_VARIABLE && !ty->rigid)) {
        uint32_t at = jr_ty_find_field(ty, key);
        if (at < ty->count)
            return ty->items[at];
        if (ty->kind == JR_TY_VARIABLE)
            return jr_ty_add_field(in->types, ty, key);
        struct jr_diag *diag =
            jr_diags_error(diags, JR_CATEGORY_FIELD_MISSING, span, "there is no field `%s` in %s",
                           jr_unit_text(in->unit, key), jr_ty_text(in->types, ty));
        jr_infer_suggest_key(in, diag, ty, key);
        return NULL;
    }
    struct jr_diag *diag =
        jr_diags_error(diags, JR_CATEGORY_FIELD_NONRECORD, span, "`.%s` needs a record, found %s",
                       jr_unit_text(in->unit, key), jr_ty_text(in->types, ty));
    jr_diag_label(diags, diag, object, "this is %s", jr_ty_text(in->types, ty));
    return NULL;
}

static struct jr_core *infer_field(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_core *object = jr_infer_expr(in, expr->as.field.object, NULL);
    struct jr_ty *ty =
        field_type(in, object->ty, expr->as.field.name.symbol, expr->as.field.name.span, object->span);
    if (ty == NULL)
        return jr_infer_error_node(in, expr->node.span);
    struct jr_core *node = jr_infer_node(in, JR_CORE_FIELD, expr->node.span, ty);
    node->as.field.object = object;
    node->as.field.key = expr->as.field.name.symbol;
    jr_infer_absorb(node, object);
    return node;
}

static struct jr_core *infer_project(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_diags *diags = in->unit->diags;
    struct jr_core *object = jr_infer_expr(in, expr->as.project.tuple, NULL);
    struct jr_ty *ty = jr_ty_resolve(object->ty);
    uint32_t index = expr->as.project.index;
    if (ty->kind == JR_TY_ERROR)
        return jr_infer_error_node(in, expr->node.span);
    if (ty->kind != JR_TY_TUPLE) {
        struct jr_diag *diag;
        if (ty->kind == JR_TY_VARIABLE) {
            diag = jr_diags_error(diags, JR_CATEGORY_INDEX_NONTUPLE, expr->as.project.index_span,
                                  "the type of what is projected is not known here");
            jr_diag_note(diags, diag, "annotate it, or take it apart with `let (a, b) = ...`");
        } else {
            diag = jr_diags_error(diags, JR_CATEGORY_INDEX_NONTUPLE, expr->as.project.index_span,
                                  "`.%u` needs a tuple, found %s", index, jr_ty_text(in->types, ty));
        }
        jr_diag_label(diags, diag, object->span, "this is %s", jr_ty_text(in->types, ty));
        return jr_infer_error_node(in, expr->node.span);
    }
    if (index >= ty->count) {
        struct jr_diag *diag =
            jr_diags_error(diags, JR_CATEGORY_INDEX_RANGE, expr->as.project.index_span,
                           "the tuple has %u elements, so `.%u` is past its end", ty->count, index);
        jr_diag_label(diags, diag, object->span, "this is %s", jr_ty_text(in->types, ty));
        return jr_infer_error_node(in, expr->node.span);
    }
    struct jr_core *node = jr_infer_node(in, JR_CORE_PROJECT, expr->node.span, ty->items[index]);
    node->as.project.object = object;
    node->as.project.index = index;
    jr_infer_absorb(node, object);
    return node;
}

static struct jr_core *infer_index(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_core *array = jr_infer_expr(in, expr->as.index.array, NULL);
    struct jr_core *index = jr_infer_expr(in, expr->as.index.index, NULL);
    struct jr_ty *element = jr_ty_variable(in->types);
    array = jr_infer_coerce(in, array, jr_ty_array(in->types, element), jr_reason_none());
    index = jr_infer_coerce(in, index, &in->types->float_, jr_reason_none());
    if (jr_infer_is_error(array->ty))
        element = &in->types->error;
    struct jr_core *node = jr_infer_node(in, JR_CORE_INDEX, expr->node.span, element);
    node->as.index.array = array;
    node->as.index.index = index;
    jr_infer_absorb(node, array);
    jr_infer_absorb(node, index);
    return node;
}

static struct jr_core *infer_update(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    const struct jr_mm_fields *fields = &expr->as.update.fields;
    struct jr_core *base = jr_infer_expr(in, expr->as.update.base, NULL);
    struct jr_core *node = jr_infer_node(in, JR_CORE_UPDATE, expr->node.span, base->ty);
    struct jr_core **values = JR_UNIT_ARRAY(in->unit, struct jr_core *, fields->count);
    jr_symbol *keys = JR_UNIT_ARRAY(in->unit, jr_symbol, fields->count);
    uint32_t count = 0;
    jr_infer_absorb(node, base);
    for (uint32_t i = 0; i < fields->count; i++) {
        const struct jr_mm_field *field = &fields->items[i];
        struct jr_ty *ty = field_type(in, base->ty, field->name.symbol, field->name.span, base->span);
        struct jr_core *value = jr_infer_expr(in, field->value, ty);
        bool seen = false;
        for (uint32_t k = 0; k < count; k++)
            seen |= keys[k] == field->name.symbol;
        if (seen)
            jr_diags_error(in->unit->diags, JR_CATEGORY_DUP_KEY, field->name.span,
                           "the field `%s` is given twice", jr_unit_text(in->unit, field->name.symbol));
        if (ty == NULL || seen)
            continue;
        value = jr_infer_coerce(in, value, ty, jr_reason(base->span, "the record is declared here"));
        jr_infer_absorb(node, value);
        keys[count] = field->name.symbol;
        values[count++] = value;
    }
    node->as.update.base = base;
    node->as.update.values = (struct jr_core_list){ values, count };
    node->as.update.keys = keys;
    return node;
}

/* ---- assignment ---- */

static struct jr_core *bad_target(struct jr_infer *in, const struct jr_mm_expr *target, const char *text)
{
    jr_diags_error(in->unit->diags, JR_CATEGORY_ASSIGN_TARGET, target->node.span, "%s", text);
    return NULL;
}

/* Fills in the target of an assignment; NULL after reporting. */
static struct jr_core *assign_target(struct jr_infer *in, struct jr_core *node,
                                     const struct jr_mm_expr *target, struct jr_ty **ty)
{
    JR_UNIT_LIST(const struct jr_mm_expr *) path = { 0 };
    const struct jr_mm_expr *root = target;
    for (; root->kind == JR_MM_EXPR_FIELD || root->kind == JR_MM_EXPR_EXPANSION;
         root = root->kind == JR_MM_EXPR_FIELD ? root->as.field.object : root->as.expansion)
        if (root->kind == JR_MM_EXPR_FIELD)
            JR_UNIT_PUSH(in->unit, &path, root);
    if (root->kind == JR_MM_EXPR_ERROR)
        return NULL;
    if (root->kind == JR_MM_EXPR_SPLICE || root->kind == JR_MM_EXPR_MACRO_CALL) {
        *ty = jr_infer_expr(in, target, NULL)->ty; /* whether it is a variable shows when the code is there */
        return NULL;
    }
    if (root->kind == JR_MM_EXPR_INDEX)
        return bad_target(in, target, "an element of an array cannot be assigned: arrays do not change");
    if (root->kind == JR_MM_EXPR_PROJECT)
        return bad_target(in, target, "an element of a tuple cannot be assigned");
    if (root->kind != JR_MM_EXPR_NAME)
        return bad_target(in, target, "only a variable or a field of one can be assigned");
    jr_symbol symbol = root->as.name.names[0].symbol;
    const char *name = jr_unit_text(in->unit, symbol);
    if (jr_infer_find_constructor(in, &root->as.name) != NULL)
        return bad_target(in, target, jr_unit_format(in->unit, "`%s` is a constructor", name));
    struct jr_binding *binding = in->bindings[symbol];
    if (binding == NULL && jr_mm_def_of(in->names, symbol)->kind == JR_MM_DEF_NONE)
        return bad_target(in, target, jr_unit_format(in->unit, "`%s` is a built-in function", name));
    if (binding == NULL || binding->kind == JR_BINDING_ERROR)
        return NULL;
    if (binding->is_fn)
        return bad_target(in, target,
                          jr_unit_format(in->unit, "`%s` is a function definition, not a variable", name));
    binding->assigned = true;
    node->as.assign.target = jr_infer_use(in, binding, root->node.span);
    node->as.assign.keys = JR_UNIT_ARRAY(in->unit, jr_symbol, path.count);
    node->assigns = binding->kind != JR_BINDING_GLOBAL;
    *ty = binding->scheme.ty;
    struct jr_span object = root->node.span;
    for (uint32_t i = path.count; i-- > 0;) {
        const struct jr_mm_name *field = &path.items[i]->as.field.name;
        *ty = field_type(in, *ty, field->symbol, field->span, object);
        if (*ty == NULL)
            return NULL;
        node->as.assign.keys[node->as.assign.key_count++] = field->symbol;
        object = path.items[i]->node.span;
    }
    return node;
}

static struct jr_core *infer_assign(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_core *node = jr_infer_node(in, JR_CORE_ASSIGN, expr->node.span, &in->types->unit_type);
    struct jr_ty *ty = NULL;
    struct jr_core *target = assign_target(in, node, expr->as.assign.target, &ty);
    struct jr_core *value = jr_infer_expr(in, expr->as.assign.value, ty);
    if (target == NULL && ty != NULL)
        jr_infer_coerce(in, value, ty, jr_reason(expr->as.assign.target->node.span, "it is assigned to this"));
    if (target == NULL)
        return jr_infer_node(in, JR_CORE_ERROR, expr->node.span, &in->types->unit_type);
    value = jr_infer_coerce(in, value, ty,
                            jr_reason(node->as.assign.target->binding->span, "the variable is defined here"));
    node->as.assign.value = value;
    jr_infer_absorb(node, value);
    node->calls = true;
    return node;
}

/* ---- blocks and branches ---- */

struct jr_core *jr_infer_block(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    const struct jr_mm_stmts *stmts = &expr->as.block;
    struct jr_core *node = jr_infer_node(in, JR_CORE_BLOCK, expr->node.span, &in->types->unit_type);
    JR_UNIT_LIST(struct jr_core *) items = { 0 };
    in->block_depth++;
    for (uint32_t i = 0; i < stmts->count; i++) {
        bool is_value, last = i + 1 == stmts->count;
        struct jr_core *item = jr_infer_stmt(in, stmts->items[i], &is_value, last ? expected : NULL);
        if (item == NULL)
            continue;
        JR_UNIT_PUSH(in->unit, &items, item);
        jr_infer_absorb(node, item);
        node->as.block.has_value = last && is_value;
        if (node->as.block.has_value)
            node->ty = item->ty;
    }
    node->as.block.items = (struct jr_core_list){ items.items, items.count };
    in->block_depth--;
    return node;
}

static struct jr_core *infer_if(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    struct jr_core *condition = jr_infer_expr(in, expr->as.if_.condition, NULL);
    if (condition->kind == JR_CORE_ASSIGN) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, condition->span,
                                              "an assignment has no value, so it is no condition");
        jr_diag_note(in->unit->diags, diag, "equality is written ==");
        condition = jr_infer_error_node(in, condition->span);
    }
    condition = jr_infer_coerce(in, condition, &in->types->float_, jr_reason_none());
    struct jr_core *then_branch = jr_infer_expr(in, expr->as.if_.then_branch, expected), *else_branch = NULL;
    struct jr_core *node = jr_infer_node(in, JR_CORE_IF, expr->node.span, then_branch->ty);
    if (expr->as.if_.else_branch == NULL) {
        struct jr_span word = { expr->node.span.file, expr->node.span.start, expr->node.span.start + 2 };
        then_branch =
            jr_infer_coerce(in, then_branch, &in->types->unit_type,
                            jr_reason(word, "this `if` has no `else`, so its branch can give no value"));
        node->ty = &in->types->unit_type;
    } else {
        else_branch = jr_infer_expr(in, expr->as.if_.else_branch, expected);
        if (jr_infer_is_union(expected)) { /* each branch may give another member */
            then_branch = jr_infer_coerce(in, then_branch, expected, jr_reason_none());
            node->ty = expected;
        } else if (jr_infer_is_error(then_branch->ty)) {
            node->ty = else_branch->ty;
        }
        else_branch = jr_infer_coerce(in, else_branch, node->ty,
                                      jr_reason(then_branch->span, "the branches give the same type"));
        jr_infer_absorb(node, else_branch);
    }
    node->as.if_.condition = condition;
    node->as.if_.then_branch = then_branch;
    node->as.if_.else_branch = else_branch;
    jr_infer_absorb(node, condition);
    jr_infer_absorb(node, then_branch);
    return node;
}

static struct jr_core *infer_lambda_value(struct jr_infer *in, const struct jr_mm_expr *expr,
                                          struct jr_ty *expected)
{
    struct jr_core_fn *fn = jr_infer_lambda(in, expr, NULL, expected, false);
    struct jr_core *node = jr_infer_node(in, JR_CORE_LAMBDA, expr->node.span, fn->ty);
    node->as.lambda = fn;
    return node;
}

static struct jr_core *infer_time(struct jr_infer *in, const struct jr_mm_expr *expr,
                                  enum jr_builtin_index index)
{
    return jr_infer_op(in, expr->node.span, jr_builtin_at(index), NULL, 0, &in->types->float_);
}

struct jr_core *jr_infer_expr(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    const struct jr_mm_expr *placeholder = in->placeholder;
    if (expr->kind != JR_MM_EXPR_BINARY) /* which takes it itself */
        in->placeholder = NULL;
    in->types->place = expr->node.span;
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
        break;
    case JR_MM_EXPR_NUMBER:
        return jr_infer_number(in, expr->node.span, expr->as.number.value);
    case JR_MM_EXPR_STRING: {
        struct jr_core *node = jr_infer_node(in, JR_CORE_STRING, expr->node.span, &in->types->string);
        node->as.string.text = expr->as.string.text;
        node->as.string.length = expr->as.string.length;
        return node;
    }
    case JR_MM_EXPR_SELF:
        return infer_self(in, expr);
    case JR_MM_EXPR_NOW:
        return infer_time(in, expr, JR_BUILTIN_INDEX_NOW);
    case JR_MM_EXPR_SAMPLERATE:
        return infer_time(in, expr, JR_BUILTIN_INDEX_SAMPLE_RATE);
    case JR_MM_EXPR_PLACEHOLDER: {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_PLACEHOLDER, expr->node.span,
                                              "nothing fills this placeholder");
        jr_diag_note(in->unit->diags, diag,
                     "`a ||> f(_)` fills a `_` that is itself an argument or operand of what is piped into");
        break;
    }
    case JR_MM_EXPR_NAME:
        return infer_name(in, expr);
    case JR_MM_EXPR_UNARY:
        return infer_unary(in, expr);
    case JR_MM_EXPR_BINARY:
        return infer_binary(in, expr);
    case JR_MM_EXPR_PIPE:
        return jr_infer_apply(in, expr->node.span, expr->as.pipe.function,
                              (struct jr_mm_expr *const *)&expr->as.pipe.value, 1, NULL);
    case JR_MM_EXPR_MACRO_PIPE:
        return infer_macro_pipe(in, expr);
    case JR_MM_EXPR_ASSIGN:
        return infer_assign(in, expr);
    case JR_MM_EXPR_QUOTE:
        return jr_infer_quote(in, expr, expected);
    case JR_MM_EXPR_SPLICE:
    case JR_MM_EXPR_MACRO_CALL:
        return jr_infer_splice(in, expr, expected);
    case JR_MM_EXPR_EXPANSION: {
        struct jr_label before = jr_infer_enter_expansion(in, expr);
        struct jr_core *node = jr_infer_expr(in, expr->as.expansion, expected);
        jr_infer_leave_expansion(in, before);
        return node;
    }
    case JR_MM_EXPR_CALL:
        return jr_infer_apply(in, expr->node.span, expr->as.call.callee, expr->as.call.args.items,
                              expr->as.call.args.count, placeholder);
    case JR_MM_EXPR_FIELD:
        return infer_field(in, expr);
    case JR_MM_EXPR_PROJECT:
        return infer_project(in, expr);
    case JR_MM_EXPR_INDEX:
        return infer_index(in, expr);
    case JR_MM_EXPR_LAMBDA:
        return infer_lambda_value(in, expr, expected);
    case JR_MM_EXPR_ARRAY:
        return infer_array(in, expr, expected);
    case JR_MM_EXPR_TUPLE:
        return infer_tuple(in, expr, expected);
    case JR_MM_EXPR_RECORD:
        return infer_record(in, expr, expected);
    case JR_MM_EXPR_UPDATE:
        return infer_update(in, expr);
    case JR_MM_EXPR_BLOCK:
        return jr_infer_block(in, expr, expected);
    case JR_MM_EXPR_IF:
        return infer_if(in, expr, expected);
    case JR_MM_EXPR_MATCH:
        return jr_infer_match(in, expr, expected);
    }
    return jr_infer_error_node(in, expr->node.span);
}
