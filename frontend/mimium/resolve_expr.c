/* resolve_expr.c -- names inside statements: expressions, patterns, types. */
#include "frontend/mimium/resolve_internal.h"

/* ---- binders ---- */

jr_symbol jr_mm_bind(struct jr_mm_resolver *r, enum jr_mm_def_kind kind, struct jr_mm_name name)
{
    struct jr_mm_def def = { .kind = kind,
                             .span = name.span,
                             .stage = r->stage,
                             .path = jr_unit_text(r->unit, name.symbol),
                             .quote = r->quote };
    return jr_mm_define(r->unit, r->names, name.symbol, NULL, def);
}

void jr_mm_show(struct jr_mm_resolver *r, jr_symbol base, jr_symbol symbol)
{
    struct jr_mm_local *local = JR_UNIT_NEW(r->unit, struct jr_mm_local);
    *local = (struct jr_mm_local){ base, symbol, r->locals[base] };
    r->locals[base] = local;
    JR_UNIT_PUSH(r->unit, &r->visible, local);
}

void jr_mm_hide_from(struct jr_mm_resolver *r, uint32_t visible_count)
{
    while (r->visible.count > visible_count) {
        const struct jr_mm_local *local = r->visible.items[--r->visible.count];
        r->locals[local->base] = local->shadowed;
    }
}

static jr_symbol bind_local(struct jr_mm_resolver *r, enum jr_mm_def_kind kind, struct jr_mm_name name)
{
    if (name.symbol == JR_SYMBOL_NONE)
        return JR_SYMBOL_NONE;
    jr_symbol symbol = jr_mm_bind(r, kind, name);
    jr_mm_show(r, name.symbol, symbol);
    return symbol;
}

/* ---- uses ---- */

static struct jr_mm_path one_name(struct jr_mm_resolver *r, jr_symbol symbol, struct jr_span span)
{
    struct jr_mm_name *name = JR_UNIT_NEW(r->unit, struct jr_mm_name);
    *name = (struct jr_mm_name){ symbol, span };
    return (struct jr_mm_path){ name, 1, span };
}

static jr_symbol refuse_stage(struct jr_mm_resolver *r, jr_symbol symbol, struct jr_span span)
{
    bool called =
        r->called != NULL && r->called->span.start == span.start && r->called->span.file == span.file;
    r->misstaged |= called;
    jr_mm_report_stage(r, symbol, span, called);
    return JR_SYMBOL_NONE;
}

/* The symbol of a value, checked for being usable here. */
static jr_symbol use_symbol(struct jr_mm_resolver *r, jr_symbol symbol, struct jr_span span)
{
    return jr_mm_def_of(r->names, symbol)->stage == r->stage ? symbol : refuse_stage(r, symbol, span);
}

static jr_symbol use_item(struct jr_mm_resolver *r, const struct jr_mm_item *item, enum jr_mm_space space,
                          struct jr_span span)
{
    if (!jr_mm_can_see(r, item, space))
        jr_mm_report_private(r, space, item, span);
    return space == JR_MM_SPACE_VALUE ? use_symbol(r, item->symbol, span) : item->symbol;
}

/* What a path finds in a space; after the path's own scopes those that lend their names. */
static jr_symbol use_found(struct jr_mm_resolver *r, const struct jr_mm_found *found, enum jr_mm_space space,
                           const struct jr_mm_path *path)
{
    if (found->item == NULL)
        return JR_SYMBOL_NONE;
    if (found->lent != NULL && jr_mm_can_see(r, found->item, space) &&
        jr_mm_scope_note_lent(r, r->scope, path->names[0].symbol))
        jr_mm_warn_lent(r, found, path);
    return use_item(r, found->item, space, path->span);
}

static jr_symbol use_builtin(struct jr_mm_resolver *r, jr_symbol name, struct jr_span span)
{
    bool here = r->stage == JR_MM_STAGE_MACRO || !r->macro_builtins[name];
    return here ? name : refuse_stage(r, name, span);
}

/* A constructor of this name that is declared or imported here goes before everything else; any other one of the program
 * behind what is in scope. */
static const struct jr_mm_item *find_constructor(struct jr_mm_resolver *r, jr_symbol name,
                                                 enum jr_mm_reach reach)
{
    if (r->constructors[name] == NULL || reach == JR_MM_FAR)
        return r->constructors[name];
    return jr_mm_find(r, JR_MM_SPACE_CONSTRUCTOR, name, JR_MM_NEAR).item;
}

/* The symbol that a path of values stands for; JR_SYMBOL_NONE after reporting. */
static jr_symbol use_value(struct jr_mm_resolver *r, const struct jr_mm_path *path)
{
    jr_symbol name = path->names[0].symbol;
    struct jr_mm_found found;
    if (name == JR_SYMBOL_NONE)
        return JR_SYMBOL_NONE;
    if (path->count > 1) {
        found = jr_mm_find_path(r, JR_MM_SPACE_CONSTRUCTOR, path);
        if (found.item != NULL)
            return found.item->symbol;
        if (!found.is_broken)
            found = jr_mm_find_path(r, JR_MM_SPACE_VALUE, path);
    } else {
        const struct jr_mm_item *constructor = find_constructor(r, name, JR_MM_NEAR);
        if (constructor != NULL)
            return constructor->symbol;
        if (r->locals[name] != NULL)
            return use_symbol(r, r->locals[name]->symbol, path->span);
        found = jr_mm_find(r, JR_MM_SPACE_VALUE, name, JR_MM_NEAR);
        if (found.item == NULL && !found.is_broken) {
            constructor = find_constructor(r, name, JR_MM_FAR);
            if (constructor != NULL)
                return constructor->symbol;
            if (r->builtins[name])
                return use_builtin(r, name, path->span);
            found = jr_mm_find(r, JR_MM_SPACE_VALUE, name, JR_MM_FAR);
        }
    }
    if (found.item == NULL && !found.is_broken)
        jr_mm_report_unknown(r, JR_MM_SPACE_VALUE, path);
    return use_found(r, &found, JR_MM_SPACE_VALUE, path);
}

/* ---- types ---- */

static bool is_letter(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && name[1] == '\0';
}

static void resolve_named_type(struct jr_mm_resolver *r, struct jr_mm_type *type)
{
    const struct jr_mm_path *path = &type->as.named;
    jr_symbol name = path->names[0].symbol;
    if (path->count == 1 && is_letter(jr_unit_text(r->unit, name)))
        return;
    struct jr_mm_found found = { 0 };
    if (path->count > 1) {
        found = jr_mm_find_path(r, JR_MM_SPACE_TYPE, path);
    } else if (name != JR_SYMBOL_NONE) {
        found = jr_mm_find(r, JR_MM_SPACE_TYPE, name, JR_MM_NEAR);
        if (found.item == NULL && !found.is_broken)
            found = jr_mm_find(r, JR_MM_SPACE_TYPE, name, JR_MM_FAR);
    }
    if (found.item == NULL && !found.is_broken && name != JR_SYMBOL_NONE)
        jr_mm_report_unknown(r, JR_MM_SPACE_TYPE, path);
    jr_symbol symbol = use_found(r, &found, JR_MM_SPACE_TYPE, path);
    if (symbol == JR_SYMBOL_NONE)
        type->kind = JR_MM_TYPE_ERROR;
    else
        type->as.named = one_name(r, symbol, path->span);
}

static void resolve_types(struct jr_mm_resolver *r, const struct jr_mm_types *types)
{
    for (uint32_t i = 0; i < types->count; i++)
        jr_mm_resolve_type(r, types->items[i]);
}

void jr_mm_resolve_type(struct jr_mm_resolver *r, struct jr_mm_type *type)
{
    if (type == NULL)
        return;
    switch (type->kind) {
    case JR_MM_TYPE_ERROR:
    case JR_MM_TYPE_PRIMITIVE:
    case JR_MM_TYPE_UNIT:
        break;
    case JR_MM_TYPE_NAMED:
        resolve_named_type(r, type);
        break;
    case JR_MM_TYPE_TUPLE:
        resolve_types(r, &type->as.tuple);
        break;
    case JR_MM_TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++)
            jr_mm_resolve_type(r, type->as.record.items[i].type);
        break;
    case JR_MM_TYPE_ARRAY:
        jr_mm_resolve_type(r, type->as.array);
        break;
    case JR_MM_TYPE_CODE:
        jr_mm_resolve_type(r, type->as.code);
        break;
    case JR_MM_TYPE_FUNCTION:
        resolve_types(r, &type->as.function.params);
        jr_mm_resolve_type(r, type->as.function.result);
        break;
    case JR_MM_TYPE_UNION:
        resolve_types(r, &type->as.variants);
        break;
    }
}

/* ---- patterns ---- */

static void bind_pattern(struct jr_mm_resolver *r, struct jr_mm_pattern *pattern, bool global)
{
    switch (pattern->kind) {
    case JR_MM_PATTERN_NAME: {
        struct jr_mm_name name = { pattern->as.name, pattern->node.span };
        if (name.symbol != JR_SYMBOL_NONE)
            pattern->as.name = global ? jr_mm_bind_variable(r, name) : bind_local(r, JR_MM_DEF_LOCAL, name);
        break;
    }
    case JR_MM_PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++)
            bind_pattern(r, pattern->as.tuple.items[i], global);
        break;
    case JR_MM_PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record.count; i++)
            bind_pattern(r, pattern->as.record.items[i].pattern, global);
        break;
    case JR_MM_PATTERN_ERROR:
    case JR_MM_PATTERN_WILDCARD:
    case JR_MM_PATTERN_NUMBER: /* these three stand in match arms only */
    case JR_MM_PATTERN_CONSTRUCTOR:
    case JR_MM_PATTERN_PRIMITIVE:
        break;
    }
}

void jr_mm_resolve_let(struct jr_mm_resolver *r, struct jr_mm_stmt *stmt, bool global)
{
    struct jr_mm_letting letting = { stmt->as.let.pattern, r->letting };
    jr_mm_resolve_type(r, stmt->as.let.type);
    r->letting = &letting;
    jr_mm_resolve_expr(r, stmt->as.let.value);
    r->letting = letting.outer;
    bind_pattern(r, stmt->as.let.pattern, global);
}

static const struct jr_mm_item *pattern_constructor(struct jr_mm_resolver *r, const struct jr_mm_path *path,
                                                    bool *is_broken)
{
    const struct jr_mm_item *item;
    *is_broken = path->names[0].symbol == JR_SYMBOL_NONE;
    if (*is_broken)
        return NULL;
    if (path->count > 1) {
        struct jr_mm_found found = jr_mm_find_path(r, JR_MM_SPACE_CONSTRUCTOR, path);
        *is_broken = found.is_broken;
        return found.item;
    }
    item = find_constructor(r, path->names[0].symbol, JR_MM_NEAR);
    return item != NULL ? item : find_constructor(r, path->names[0].symbol, JR_MM_FAR);
}

static void resolve_arm_pattern(struct jr_mm_resolver *r, struct jr_mm_pattern *pattern);

static void resolve_constructor_pattern(struct jr_mm_resolver *r, struct jr_mm_pattern *pattern)
{
    const struct jr_mm_path path = pattern->as.constructor.path;
    struct jr_mm_pattern *payload = pattern->as.constructor.payload;
    bool is_broken;
    const struct jr_mm_item *item = pattern_constructor(r, &path, &is_broken);
    const char *text = jr_unit_text(r->unit, path.names[0].symbol);
    if (payload != NULL)
        resolve_arm_pattern(r, payload);
    if (item != NULL) {
        pattern->as.constructor.path = one_name(r, item->symbol, path.span);
    } else if (is_broken) {
        pattern->as.constructor.path = one_name(r, JR_SYMBOL_NONE, path.span);
    } else if (path.count > 1) {
        jr_mm_report_unknown(r, JR_MM_SPACE_CONSTRUCTOR, &path);
        pattern->as.constructor.path = one_name(r, JR_SYMBOL_NONE, path.span);
    } else if (payload == NULL && (text[0] < 'A' || text[0] > 'Z')) {
        pattern->kind = JR_MM_PATTERN_NAME;
        pattern->as.name = bind_local(r, JR_MM_DEF_LOCAL, path.names[0]);
    }
}

/* A pattern of an arm.  A constructor whose name is JR_SYMBOL_NONE has been reported; its payload still binds. */
static void resolve_arm_pattern(struct jr_mm_resolver *r, struct jr_mm_pattern *pattern)
{
    switch (pattern->kind) {
    case JR_MM_PATTERN_NAME: {
        struct jr_mm_name name = { pattern->as.name, pattern->node.span };
        struct jr_mm_path path = { &name, 1, name.span };
        bool is_broken;
        const struct jr_mm_item *item = pattern_constructor(r, &path, &is_broken);
        if (item == NULL) {
            pattern->as.name = bind_local(r, JR_MM_DEF_LOCAL, name);
            break;
        }
        pattern->kind = JR_MM_PATTERN_CONSTRUCTOR;
        pattern->as.constructor.path = one_name(r, item->symbol, name.span);
        pattern->as.constructor.payload = NULL;
        break;
    }
    case JR_MM_PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++)
            resolve_arm_pattern(r, pattern->as.tuple.items[i]);
        break;
    case JR_MM_PATTERN_CONSTRUCTOR:
        resolve_constructor_pattern(r, pattern);
        break;
    case JR_MM_PATTERN_PRIMITIVE:
        if (pattern->as.primitive.payload != NULL)
            resolve_arm_pattern(r, pattern->as.primitive.payload);
        break;
    case JR_MM_PATTERN_ERROR:
    case JR_MM_PATTERN_WILDCARD:
    case JR_MM_PATTERN_NUMBER:
    case JR_MM_PATTERN_RECORD: /* of let only */
        break;
    }
}

/* ---- stages ---- */

static void make_error(struct jr_mm_expr *expr)
{
    expr->kind = JR_MM_EXPR_ERROR;
}

static void resolve_quote(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    const struct jr_mm_expr *outer = r->quote;
    r->names->staged = true;
    if (r->stage == JR_MM_STAGE_MAIN) {
        struct jr_diag *diag =
            jr_diags_error(r->unit->diags, JR_CATEGORY_STAGE, expr->node.span,
                           "a quote stands in stage 1, where there is no later stage to write code for");
        jr_diag_note(r->unit->diags, diag,
                     "quotes belong into the macro stage: behind #stage(macro), in $ or in "
                     "the arguments of a macro call");
        make_error(expr);
        return;
    }
    r->stage = JR_MM_STAGE_MAIN;
    r->quote = expr;
    jr_mm_resolve_expr(r, expr->as.quote);
    r->quote = outer;
    r->stage = JR_MM_STAGE_MACRO;
}

/* Whether a splice or macro call may stand here; it is the macro stage then. */
static bool enter_splice(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    r->names->staged = true;
    if (r->stage == JR_MM_STAGE_MAIN) {
        r->names->spliced |= r->quote == NULL;
        r->stage = JR_MM_STAGE_MACRO;
        return true;
    }
    bool call = expr->kind == JR_MM_EXPR_MACRO_CALL;
    struct jr_diag *diag = jr_diags_error(r->unit->diags, JR_CATEGORY_STAGE, expr->node.span,
                                          "%s stands in stage 0, where there is no earlier stage to run it",
                                          call ? "a macro call" : "a splice");
    jr_diag_note(r->unit->diags, diag,
                 call ? "in the macro stage a macro is called like any function, without `!`"
                      : "in the macro stage code is a value: leave `$` out, or put this into a quote");
    make_error(expr);
    return false;
}

static void resolve_exprs(struct jr_mm_resolver *r, const struct jr_mm_exprs *exprs)
{
    for (uint32_t i = 0; i < exprs->count; i++)
        jr_mm_resolve_expr(r, exprs->items[i]);
}

static void resolve_call(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    struct jr_mm_expr *callee = expr->as.call.callee;
    r->called = callee->kind == JR_MM_EXPR_NAME ? &callee->as.name : NULL;
    r->misstaged = false;
    jr_mm_resolve_expr(r, callee);
    r->called = NULL;
    bool misstaged = r->misstaged;
    r->misstaged = false;
    if (misstaged && r->stage == JR_MM_STAGE_MAIN)
        make_error(expr); /* the arguments are written for the other stage, too */
    else
        resolve_exprs(r, &expr->as.call.args);
}

static void resolve_macro_call(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    if (!enter_splice(r, expr))
        return;
    r->called = &expr->as.macro_call.path;
    r->calls_macro = true;
    r->misstaged = false;
    jr_symbol symbol = use_value(r, &expr->as.macro_call.path);
    bool misstaged = r->misstaged;
    r->called = NULL;
    r->calls_macro = r->misstaged = false;
    if (!misstaged) /* else they are written for the other stage, too */
        resolve_exprs(r, &expr->as.macro_call.args);
    r->stage = JR_MM_STAGE_MAIN;
    if (symbol == JR_SYMBOL_NONE)
        make_error(expr);
    else
        expr->as.macro_call.path = one_name(r, symbol, expr->as.macro_call.path.span);
}

/* `self`, `now`, `samplerate`, `@`: what belongs to the running program or to one function. */
static void report_main_only(struct jr_mm_resolver *r, struct jr_mm_expr *expr, struct jr_span span,
                             const char *what)
{
    jr_diags_error(r->unit->diags, JR_CATEGORY_STAGE, span,
                   "`%s` is used in stage 0, but time exists only in stage 1, when the program runs", what);
    make_error(expr);
}

static void resolve_self(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    if (r->self_stage < 0 || r->self_stage == r->stage)
        return;
    jr_diags_error(r->unit->diags, JR_CATEGORY_STAGE, expr->node.span,
                   "`self` belongs to the function around it, which is in stage %d, but is used in stage %d",
                   r->self_stage, (int)r->stage);
    make_error(expr);
}

/* ---- functions, blocks ---- */

void jr_mm_resolve_function(struct jr_mm_resolver *r, const struct jr_mm_params *params,
                            struct jr_mm_type *result, struct jr_mm_expr *body)
{
    uint32_t visible = r->visible.count;
    int self_stage = r->self_stage;
    for (uint32_t i = 0; i < params->count; i++) {
        jr_mm_resolve_type(r, params->items[i]->type);
        if (params->items[i]->default_value != NULL)
            jr_mm_resolve_expr(r, params->items[i]->default_value);
    }
    jr_mm_resolve_type(r, result);
    for (uint32_t i = 0; i < params->count; i++) {
        struct jr_mm_param *param = params->items[i];
        if (!param->unnamed)
            param->name.symbol = bind_local(r, JR_MM_DEF_PARAM, param->name);
    }
    r->self_stage = r->stage;
    jr_mm_resolve_expr(r, body);
    r->self_stage = self_stage;
    jr_mm_hide_from(r, visible);
}

/* Inside a block there are no other statements than these. */
static void resolve_block_stmt(struct jr_mm_resolver *r, struct jr_mm_stmt *stmt)
{
    switch (stmt->kind) {
    case JR_MM_STMT_LET:
        jr_mm_resolve_let(r, stmt, false);
        break;
    case JR_MM_STMT_LETREC:
        stmt->as.letrec.name.symbol = bind_local(r, JR_MM_DEF_LOCAL, stmt->as.letrec.name);
        jr_mm_resolve_expr(r, stmt->as.letrec.value);
        break;
    case JR_MM_STMT_EXPR:
        jr_mm_resolve_expr(r, stmt->as.expr);
        break;
    case JR_MM_STMT_FUNCTION:
    case JR_MM_STMT_INCLUDE:
    case JR_MM_STMT_STAGE:
    case JR_MM_STMT_MODULE:
    case JR_MM_STMT_USE:
    case JR_MM_STMT_SUM:
    case JR_MM_STMT_ALIAS:
        break;
    }
}

static void resolve_match(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    jr_mm_resolve_expr(r, expr->as.match.subject);
    for (uint32_t i = 0; i < expr->as.match.arm_count; i++) {
        uint32_t visible = r->visible.count;
        resolve_arm_pattern(r, expr->as.match.arms[i].pattern);
        jr_mm_resolve_expr(r, expr->as.match.arms[i].body);
        jr_mm_hide_from(r, visible);
    }
}

static void resolve_fields(struct jr_mm_resolver *r, const struct jr_mm_fields *fields)
{
    for (uint32_t i = 0; i < fields->count; i++)
        jr_mm_resolve_expr(r, fields->items[i].value);
}

static void resolve_binary(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    jr_mm_resolve_expr(r, expr->as.binary.left);
    jr_mm_resolve_expr(r, expr->as.binary.right);
    if (expr->as.binary.op == JR_MM_OP_AT && r->stage == JR_MM_STAGE_MACRO)
        report_main_only(r, expr, expr->as.binary.op_span, "@");
}

void jr_mm_resolve_expr(struct jr_mm_resolver *r, struct jr_mm_expr *expr)
{
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
    case JR_MM_EXPR_NUMBER:
    case JR_MM_EXPR_STRING:
    case JR_MM_EXPR_PLACEHOLDER:
    case JR_MM_EXPR_EXPANSION: /* made later */
        break;
    case JR_MM_EXPR_SELF:
        resolve_self(r, expr);
        break;
    case JR_MM_EXPR_NOW:
    case JR_MM_EXPR_SAMPLERATE:
        if (r->stage == JR_MM_STAGE_MACRO)
            report_main_only(r, expr, expr->node.span, expr->kind == JR_MM_EXPR_NOW ? "now" : "samplerate");
        break;
    case JR_MM_EXPR_NAME: {
        jr_symbol symbol = use_value(r, &expr->as.name);
        if (symbol == JR_SYMBOL_NONE)
            make_error(expr);
        else
            expr->as.name = one_name(r, symbol, expr->as.name.span);
        break;
    }
    case JR_MM_EXPR_UNARY:
        jr_mm_resolve_expr(r, expr->as.unary.operand);
        break;
    case JR_MM_EXPR_BINARY:
        resolve_binary(r, expr);
        break;
    case JR_MM_EXPR_PIPE:
    case JR_MM_EXPR_MACRO_PIPE:
        jr_mm_resolve_expr(r, expr->as.pipe.value);
        jr_mm_resolve_expr(r, expr->as.pipe.function);
        break;
    case JR_MM_EXPR_ASSIGN:
        jr_mm_resolve_expr(r, expr->as.assign.target);
        jr_mm_resolve_expr(r, expr->as.assign.value);
        break;
    case JR_MM_EXPR_QUOTE:
        resolve_quote(r, expr);
        break;
    case JR_MM_EXPR_SPLICE:
        if (enter_splice(r, expr)) {
            jr_mm_resolve_expr(r, expr->as.splice);
            r->stage = JR_MM_STAGE_MAIN;
        }
        break;
    case JR_MM_EXPR_CALL:
        resolve_call(r, expr);
        break;
    case JR_MM_EXPR_MACRO_CALL:
        resolve_macro_call(r, expr);
        break;
    case JR_MM_EXPR_FIELD:
        jr_mm_resolve_expr(r, expr->as.field.object);
        break;
    case JR_MM_EXPR_PROJECT:
        jr_mm_resolve_expr(r, expr->as.project.tuple);
        break;
    case JR_MM_EXPR_INDEX:
        jr_mm_resolve_expr(r, expr->as.index.array);
        jr_mm_resolve_expr(r, expr->as.index.index);
        break;
    case JR_MM_EXPR_LAMBDA:
        jr_mm_resolve_function(r, &expr->as.lambda.params, expr->as.lambda.result, expr->as.lambda.body);
        break;
    case JR_MM_EXPR_ARRAY:
        resolve_exprs(r, &expr->as.array);
        break;
    case JR_MM_EXPR_TUPLE:
        resolve_exprs(r, &expr->as.tuple);
        break;
    case JR_MM_EXPR_RECORD:
        resolve_fields(r, &expr->as.record.fields);
        break;
    case JR_MM_EXPR_UPDATE:
        jr_mm_resolve_expr(r, expr->as.update.base);
        resolve_fields(r, &expr->as.update.fields);
        break;
    case JR_MM_EXPR_BLOCK: {
        uint32_t visible = r->visible.count;
        for (uint32_t i = 0; i < expr->as.block.count; i++)
            resolve_block_stmt(r, expr->as.block.items[i]);
        jr_mm_hide_from(r, visible);
        break;
    }
    case JR_MM_EXPR_IF:
        jr_mm_resolve_expr(r, expr->as.if_.condition);
        jr_mm_resolve_expr(r, expr->as.if_.then_branch);
        if (expr->as.if_.else_branch != NULL)
            jr_mm_resolve_expr(r, expr->as.if_.else_branch);
        break;
    case JR_MM_EXPR_MATCH:
        resolve_match(r, expr);
        break;
    }
}
