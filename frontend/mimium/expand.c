/* expand.c -- copying quoted trees into the program. */
#include "frontend/mimium/expand.h"

#include "frontend/mimium/resolve.h"
#include "frontend/mimium/stage_internal.h"

/* A variable in scope: a binder of the source, in one copy. */
struct variable {
    uint64_t mark;   /* of the code that binds it; 0: the main program */
    jr_symbol fresh; /* its symbol in this copy */
    struct variable *shadowed;
};

/* A function around, for `self`. */
struct function {
    const void *syntax;
    uint64_t mark;
    const struct function *outer;
};

struct expander {
    struct jr_unit *unit;
    struct jr_mm_ast *ast;
    struct jr_mm_names *names;
    const struct jr_mm_stage *stage;
    struct variable **scope; /* per symbol of the source: innermost first */
    uint32_t symbol_count;
    JR_UNIT_LIST(jr_symbol) bound;   /* symbols in scope, innermost last */
    const struct jr_mm_code *code;   /* being copied; NULL: the main program */
    const struct function *function; /* innermost around */
    struct jr_span splice;           /* of the main program, being replaced */
    uint32_t depth, nodes;
    bool reported; /* an error about this splice */
};

static struct jr_mm_expr *copy_expr(struct expander *x, const struct jr_mm_expr *expr);
static struct jr_mm_stmt *copy_stmt(struct expander *x, const struct jr_mm_stmt *stmt);

/* ---- nodes ---- */

/* Each copied node comes here. */
static void count_node(struct expander *x, struct jr_mm_node *node)
{
    if (x->code != NULL && ++x->nodes > JR_MM_EXPANSION_NODES_MAX)
        jr_unit_leave_limit(x->unit, x->splice, "the code that is made here is too large: more than %d nodes",
                            JR_MM_EXPANSION_NODES_MAX);
    node->id = x->ast->node_count++;
    node->height = 1;
}

static void enter(struct expander *x)
{
    if (++x->depth > JR_MM_DEPTH_MAX)
        jr_unit_leave_limit(x->unit, x->splice,
                            "the code that is made here is nested more than %d levels deep", JR_MM_DEPTH_MAX);
}

static struct jr_mm_expr *new_expr(struct expander *x, enum jr_mm_expr_kind kind, struct jr_span span)
{
    struct jr_mm_expr *expr = JR_UNIT_NEW(x->unit, struct jr_mm_expr);
    expr->kind = kind;
    expr->node.span = span;
    count_node(x, &expr->node);
    return expr;
}

static struct jr_mm_expr *copy_child(struct expander *x, struct jr_mm_node *parent,
                                     const struct jr_mm_expr *child)
{
    if (child == NULL)
        return NULL;
    struct jr_mm_expr *copy = copy_expr(x, child);
    jr_mm_raise(parent, &copy->node);
    return copy;
}

static struct jr_mm_exprs copy_list(struct expander *x, struct jr_mm_node *parent,
                                    const struct jr_mm_exprs *list)
{
    struct jr_mm_exprs copy = { JR_UNIT_ARRAY(x->unit, struct jr_mm_expr *, list->count), list->count };
    for (uint32_t i = 0; i < list->count; i++)
        copy.items[i] = copy_child(x, parent, list->items[i]);
    return copy;
}

static struct jr_mm_fields copy_fields(struct expander *x, struct jr_mm_node *parent,
                                       const struct jr_mm_fields *fields)
{
    struct jr_mm_fields copy = { JR_UNIT_ARRAY(x->unit, struct jr_mm_field, fields->count), fields->count };
    for (uint32_t i = 0; i < fields->count; i++) {
        copy.items[i].name = fields->items[i].name;
        copy.items[i].value = copy_child(x, parent, fields->items[i].value);
    }
    return copy;
}

/* ---- names ---- */

/* The symbol of a binder in this copy, in scope from here on. */
static jr_symbol bind(struct expander *x, jr_symbol symbol)
{
    if (symbol == JR_SYMBOL_NONE || symbol >= x->symbol_count)
        return symbol;
    struct variable *variable = JR_UNIT_NEW(x->unit, struct variable);
    variable->fresh = symbol;
    if (x->code != NULL) {
        variable->mark = x->code->mark;
        variable->fresh = jr_mm_define(x->unit, x->names, symbol, NULL, *jr_mm_def_of(x->names, symbol));
    }
    variable->shadowed = x->scope[symbol];
    x->scope[symbol] = variable;
    JR_UNIT_PUSH(x->unit, &x->bound, symbol);
    return variable->fresh;
}

static void leave_scope(struct expander *x, uint32_t bound_count)
{
    while (x->bound.count > bound_count) {
        jr_symbol symbol = x->bound.items[--x->bound.count];
        x->scope[symbol] = x->scope[symbol]->shadowed;
    }
}

/* The mark that code carries for what `quote` (NULL: the main program) binds; UINT64_MAX if it has none. */
static uint64_t mark_of(const struct jr_mm_code *code, const struct jr_mm_expr *quote)
{
    if (quote == NULL)
        return 0;
    if (code == NULL || code->quote == NULL)
        return UINT64_MAX;
    if (code->quote->expr == quote)
        return code->mark;
    for (uint32_t i = 0; i < code->quote->outer_count; i++)
        if (code->quote->outer[i] == quote)
            return code->outer_marks[i];
    return UINT64_MAX;
}

static void report_escape(struct expander *x, jr_symbol symbol, const struct jr_mm_def *def,
                          struct jr_span use)
{
    if (x->reported)
        return;
    x->reported = true;
    struct jr_diag *diag = jr_diags_error(x->unit->diags, JR_CATEGORY_NAME, x->splice,
                                          "the code that is made here uses `%s` outside of its scope",
                                          jr_unit_text(x->unit, symbol));
    jr_diag_label(x->unit->diags, diag, use, "used here");
    jr_diag_label(x->unit->diags, diag, def->span, "defined here");
    jr_diag_note(x->unit->diags, diag,
                 "a macro kept this code and spliced it where the variable does not exist");
}

/* What a use of a binder's symbol is in this copy; JR_SYMBOL_NONE after reporting that it is not in scope. */
static jr_symbol use_of(struct expander *x, jr_symbol symbol, struct jr_span span)
{
    const struct jr_mm_def *def = jr_mm_def_of(x->names, symbol);
    if (x->code != NULL && x->code->kind == JR_MM_CODE_LITERAL && symbol < x->symbol_count &&
        x->scope[symbol] != NULL) /* what a literal binds, nobody else names */
        return x->scope[symbol]->fresh;
    if ((def->kind != JR_MM_DEF_LOCAL && def->kind != JR_MM_DEF_PARAM) || symbol >= x->symbol_count)
        return symbol;
    uint64_t mark = mark_of(x->code, def->quote);
    for (const struct variable *variable = x->scope[symbol]; variable != NULL; variable = variable->shadowed)
        if (variable->mark == mark)
            return variable->fresh;
    report_escape(x, symbol, def, span);
    return JR_SYMBOL_NONE;
}

/* ---- patterns and parameters ---- */

static struct jr_mm_pattern *copy_pattern(struct expander *x, const struct jr_mm_pattern *pattern)
{
    if (pattern == NULL)
        return NULL;
    struct jr_mm_pattern *copy = JR_UNIT_NEW(x->unit, struct jr_mm_pattern);
    *copy = *pattern;
    count_node(x, &copy->node);
    enter(x);
    switch (pattern->kind) {
    case JR_MM_PATTERN_ERROR:
    case JR_MM_PATTERN_WILDCARD:
    case JR_MM_PATTERN_NUMBER:
        break;
    case JR_MM_PATTERN_NAME:
        copy->as.name = bind(x, pattern->as.name);
        break;
    case JR_MM_PATTERN_TUPLE:
        copy->as.tuple.items = JR_UNIT_ARRAY(x->unit, struct jr_mm_pattern *, pattern->as.tuple.count);
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            copy->as.tuple.items[i] = copy_pattern(x, pattern->as.tuple.items[i]);
            jr_mm_raise(&copy->node, &copy->as.tuple.items[i]->node);
        }
        break;
    case JR_MM_PATTERN_RECORD:
        copy->as.record.items = JR_UNIT_ARRAY(x->unit, struct jr_mm_pattern_field, pattern->as.record.count);
        for (uint32_t i = 0; i < pattern->as.record.count; i++) {
            copy->as.record.items[i].name = pattern->as.record.items[i].name;
            copy->as.record.items[i].pattern = copy_pattern(x, pattern->as.record.items[i].pattern);
            jr_mm_raise(&copy->node, &copy->as.record.items[i].pattern->node);
        }
        break;
    case JR_MM_PATTERN_CONSTRUCTOR:
        copy->as.constructor.payload = copy_pattern(x, pattern->as.constructor.payload);
        if (copy->as.constructor.payload != NULL)
            jr_mm_raise(&copy->node, &copy->as.constructor.payload->node);
        break;
    case JR_MM_PATTERN_PRIMITIVE:
        copy->as.primitive.payload = copy_pattern(x, pattern->as.primitive.payload);
        if (copy->as.primitive.payload != NULL)
            jr_mm_raise(&copy->node, &copy->as.primitive.payload->node);
        break;
    }
    x->depth--;
    return copy;
}

/* The defaults see what stands around, so they are copied before the parameters come into scope. */
static struct jr_mm_params copy_params(struct expander *x, struct jr_mm_node *parent,
                                       const struct jr_mm_params *params)
{
    struct jr_mm_params copy = { JR_UNIT_ARRAY(x->unit, struct jr_mm_param *, params->count), params->count };
    for (uint32_t i = 0; i < params->count; i++) {
        struct jr_mm_param *param = copy.items[i] = JR_UNIT_NEW(x->unit, struct jr_mm_param);
        *param = *params->items[i];
        count_node(x, &param->node);
        param->default_value = copy_child(x, &param->node, param->default_value);
        jr_mm_raise(parent, &param->node);
    }
    for (uint32_t i = 0; i < params->count; i++)
        copy.items[i]->name.symbol = bind(x, params->items[i]->name.symbol);
    return copy;
}

/* The body of a function whose parameters are in scope; closes their scope. */
static struct jr_mm_expr *copy_body(struct expander *x, struct jr_mm_node *parent, const void *syntax,
                                    const struct jr_mm_expr *body, uint32_t bound_count)
{
    struct function function = { syntax, x->code != NULL ? x->code->mark : 0, x->function };
    x->function = &function;
    struct jr_mm_expr *copy = copy_child(x, parent, body);
    x->function = function.outer;
    leave_scope(x, bound_count);
    return copy;
}

/* ---- splices ---- */

static const struct jr_mm_hole *hole_of(const struct expander *x, const struct jr_mm_expr *expr)
{
    static const struct jr_mm_hole none = { UINT32_MAX, false };
    return expr->node.id < x->stage->node_count ? &x->stage->holes[expr->node.id] : &none;
}

/* The piece that a splice gave; NULL if it was run for its effect, or (after reporting) gave none. */
static const struct jr_mm_code *spliced(struct expander *x, const struct jr_mm_expr *expr)
{
    const struct jr_mm_hole *hole = hole_of(x, expr);
    uint32_t number = 0;
    if (x->code == NULL)
        number = hole->index < x->stage->results.count ? x->stage->results.items[hole->index].code : 0;
    else if (hole->index < x->code->code_count)
        number = x->code->codes[hole->index];
    if (number > 0)
        return x->stage->codes[number];
    if (!hole->is_unit && !x->reported) {
        struct jr_diag *diag = jr_diags_error(x->unit->diags, JR_CATEGORY_MACRO, x->splice,
                                              "the macro stage made no code for this splice");
        jr_diag_label(x->unit->diags, diag, expr->node.span, "the value spliced is code that began as zero");
        x->reported = true;
    }
    return NULL;
}

static struct jr_mm_expr *copy_code(struct expander *x, const struct jr_mm_code *code);

static struct jr_mm_expr *copy_codes(struct expander *x, const struct jr_mm_code *code)
{
    struct jr_mm_expr *array = new_expr(x, JR_MM_EXPR_ARRAY, x->splice);
    array->as.array.items = JR_UNIT_ARRAY(x->unit, struct jr_mm_expr *, code->code_count);
    array->as.array.count = code->code_count;
    for (uint32_t i = 0; i < code->code_count; i++) {
        struct jr_mm_expr *item = code->codes[i] > 0 ? copy_code(x, x->stage->codes[code->codes[i]])
                                                     : new_expr(x, JR_MM_EXPR_BLOCK, x->splice);
        array->as.array.items[i] = item;
        jr_mm_raise(&array->node, &item->node);
    }
    return array;
}

static struct jr_mm_expr *copy_code(struct expander *x, const struct jr_mm_code *code)
{
    const struct jr_mm_code *outer = x->code;
    struct jr_mm_expr *copy = NULL;
    enter(x);
    x->code = code;
    switch (code->kind) {
    case JR_MM_CODE_QUOTE:
        copy = copy_expr(x, code->quote->expr->as.quote);
        break;
    case JR_MM_CODE_LITERAL:
        copy = copy_expr(x, code->literal);
        break;
    case JR_MM_CODE_ARRAY:
        copy = copy_codes(x, code);
        break;
    }
    x->code = outer;
    x->depth--;
    return copy;
}

static struct jr_mm_expr *copy_splice(struct expander *x, const struct jr_mm_expr *expr)
{
    bool outermost = x->code == NULL;
    if (outermost) {
        x->splice = expr->node.span;
        x->nodes = 0;
        x->reported = false;
    }
    const struct jr_mm_code *code = spliced(x, expr);
    struct jr_mm_expr *copy =
        code != NULL ? copy_code(x, code) : new_expr(x, JR_MM_EXPR_BLOCK, expr->node.span);
    if (!outermost)
        return copy;
    struct jr_mm_expr *expansion = new_expr(x, JR_MM_EXPR_EXPANSION, expr->node.span);
    expansion->as.expansion = copy;
    jr_mm_raise(&expansion->node, &copy->node);
    return expansion;
}

/* `self` belongs to a function; written directly in a quote, it must end up in that function. */
static void check_self(struct expander *x, const struct jr_mm_expr *expr)
{
    if (x->code == NULL || x->code->quote == NULL || expr->node.id >= x->stage->node_count ||
        !x->stage->selves[expr->node.id])
        return;
    uint64_t mark = mark_of(x->code, x->code->quote->self_quote);
    if (x->function != NULL && x->function->syntax == x->code->quote->self_of && x->function->mark == mark)
        return;
    struct jr_diag *diag = jr_diags_error(x->unit->diags, JR_CATEGORY_STAGE, expr->node.span,
                                          "the macro puts this `self` into another function than its own");
    jr_diag_label(x->unit->diags, diag, x->splice, "in the code that was made here");
    jr_diag_note(x->unit->diags, diag, "bind it first (`let s = self`) and quote the variable");
}

/* ---- expressions ---- */

static void copy_name(struct expander *x, struct jr_mm_expr *copy, const struct jr_mm_path *path)
{
    jr_symbol symbol = use_of(x, path->names[0].symbol, path->span);
    if (symbol == path->names[0].symbol)
        return;
    if (symbol == JR_SYMBOL_NONE) {
        copy->kind = JR_MM_EXPR_ERROR;
        return;
    }
    struct jr_mm_name *name = JR_UNIT_NEW(x->unit, struct jr_mm_name);
    *name = path->names[0];
    name->symbol = symbol;
    copy->as.name.names = name;
}

static void copy_block(struct expander *x, struct jr_mm_expr *copy, const struct jr_mm_stmts *stmts)
{
    uint32_t bound = x->bound.count;
    copy->as.block.items = JR_UNIT_ARRAY(x->unit, struct jr_mm_stmt *, stmts->count);
    for (uint32_t i = 0; i < stmts->count; i++) {
        copy->as.block.items[i] = copy_stmt(x, stmts->items[i]);
        jr_mm_raise(&copy->node, &copy->as.block.items[i]->node);
    }
    leave_scope(x, bound);
}

static void copy_match(struct expander *x, struct jr_mm_expr *copy, const struct jr_mm_expr *expr)
{
    uint32_t count = expr->as.match.arm_count;
    copy->as.match.subject = copy_child(x, &copy->node, expr->as.match.subject);
    copy->as.match.arms = JR_UNIT_ARRAY(x->unit, struct jr_mm_arm, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_mm_arm *arm = &expr->as.match.arms[i];
        uint32_t bound = x->bound.count;
        struct jr_mm_pattern *pattern = copy_pattern(x, arm->pattern);
        jr_mm_raise(&copy->node, &pattern->node);
        copy->as.match.arms[i] =
            (struct jr_mm_arm){ pattern, copy_child(x, &copy->node, arm->body), arm->span };
        leave_scope(x, bound);
    }
}

static void copy_parts(struct expander *x, struct jr_mm_expr *copy, const struct jr_mm_expr *expr)
{
    struct jr_mm_node *node = &copy->node;
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
    case JR_MM_EXPR_NUMBER:
    case JR_MM_EXPR_STRING:
    case JR_MM_EXPR_NOW:
    case JR_MM_EXPR_SAMPLERATE:
    case JR_MM_EXPR_PLACEHOLDER:
    case JR_MM_EXPR_QUOTE: /* these three stand at the macro stage, or are gone already */
    case JR_MM_EXPR_SPLICE:
    case JR_MM_EXPR_MACRO_CALL:
        break;
    case JR_MM_EXPR_SELF:
        check_self(x, expr);
        break;
    case JR_MM_EXPR_NAME:
        copy_name(x, copy, &expr->as.name);
        break;
    case JR_MM_EXPR_UNARY:
        copy->as.unary.operand = copy_child(x, node, expr->as.unary.operand);
        break;
    case JR_MM_EXPR_BINARY:
        copy->as.binary.left = copy_child(x, node, expr->as.binary.left);
        copy->as.binary.right = copy_child(x, node, expr->as.binary.right);
        break;
    case JR_MM_EXPR_PIPE:
    case JR_MM_EXPR_MACRO_PIPE:
        copy->as.pipe.value = copy_child(x, node, expr->as.pipe.value);
        copy->as.pipe.function = copy_child(x, node, expr->as.pipe.function);
        break;
    case JR_MM_EXPR_ASSIGN:
        copy->as.assign.target = copy_child(x, node, expr->as.assign.target);
        copy->as.assign.value = copy_child(x, node, expr->as.assign.value);
        break;
    case JR_MM_EXPR_EXPANSION:
        copy->as.expansion = copy_child(x, node, expr->as.expansion);
        break;
    case JR_MM_EXPR_CALL:
        copy->as.call.callee = copy_child(x, node, expr->as.call.callee);
        copy->as.call.args = copy_list(x, node, &expr->as.call.args);
        break;
    case JR_MM_EXPR_FIELD:
        copy->as.field.object = copy_child(x, node, expr->as.field.object);
        break;
    case JR_MM_EXPR_PROJECT:
        copy->as.project.tuple = copy_child(x, node, expr->as.project.tuple);
        break;
    case JR_MM_EXPR_INDEX:
        copy->as.index.array = copy_child(x, node, expr->as.index.array);
        copy->as.index.index = copy_child(x, node, expr->as.index.index);
        break;
    case JR_MM_EXPR_LAMBDA: {
        uint32_t bound = x->bound.count;
        copy->as.lambda.params = copy_params(x, node, &expr->as.lambda.params);
        copy->as.lambda.body = copy_body(x, node, expr, expr->as.lambda.body, bound);
        break;
    }
    case JR_MM_EXPR_ARRAY:
        copy->as.array = copy_list(x, node, &expr->as.array);
        break;
    case JR_MM_EXPR_TUPLE:
        copy->as.tuple = copy_list(x, node, &expr->as.tuple);
        break;
    case JR_MM_EXPR_RECORD:
        copy->as.record.fields = copy_fields(x, node, &expr->as.record.fields);
        break;
    case JR_MM_EXPR_UPDATE:
        copy->as.update.base = copy_child(x, node, expr->as.update.base);
        copy->as.update.fields = copy_fields(x, node, &expr->as.update.fields);
        break;
    case JR_MM_EXPR_BLOCK:
        copy_block(x, copy, &expr->as.block);
        break;
    case JR_MM_EXPR_IF:
        copy->as.if_.condition = copy_child(x, node, expr->as.if_.condition);
        copy->as.if_.then_branch = copy_child(x, node, expr->as.if_.then_branch);
        copy->as.if_.else_branch = copy_child(x, node, expr->as.if_.else_branch);
        break;
    case JR_MM_EXPR_MATCH:
        copy_match(x, copy, expr);
        break;
    }
}

static struct jr_mm_expr *copy_expr(struct expander *x, const struct jr_mm_expr *expr)
{
    if (expr->kind == JR_MM_EXPR_SPLICE || expr->kind == JR_MM_EXPR_MACRO_CALL)
        return copy_splice(x, expr);
    struct jr_mm_expr *copy = JR_UNIT_NEW(x->unit, struct jr_mm_expr);
    *copy = *expr;
    count_node(x, &copy->node);
    enter(x);
    copy_parts(x, copy, expr);
    x->depth--;
    return copy;
}

/* ---- statements ---- */

static struct jr_mm_stmt *copy_stmt(struct expander *x, const struct jr_mm_stmt *stmt)
{
    struct jr_mm_stmt *copy = JR_UNIT_NEW(x->unit, struct jr_mm_stmt);
    struct jr_mm_node *node = &copy->node;
    *copy = *stmt;
    count_node(x, node);
    enter(x);
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION: {
        uint32_t bound = x->bound.count;
        copy->as.function.params = copy_params(x, node, &stmt->as.function.params);
        copy->as.function.body = copy_body(x, node, stmt, stmt->as.function.body, bound);
        break;
    }
    case JR_MM_STMT_LET:
        copy->as.let.value = copy_child(x, node, stmt->as.let.value);
        copy->as.let.pattern = copy_pattern(x, stmt->as.let.pattern);
        jr_mm_raise(node, &copy->as.let.pattern->node);
        break;
    case JR_MM_STMT_LETREC:
        copy->as.letrec.name.symbol = bind(x, stmt->as.letrec.name.symbol);
        copy->as.letrec.value = copy_child(x, node, stmt->as.letrec.value);
        break;
    case JR_MM_STMT_EXPR:
        copy->as.expr = copy_child(x, node, stmt->as.expr);
        break;
    case JR_MM_STMT_INCLUDE: /* none of these is left */
    case JR_MM_STMT_STAGE:
    case JR_MM_STMT_MODULE:
    case JR_MM_STMT_USE:
    case JR_MM_STMT_SUM: /* these two stand at program level only */
    case JR_MM_STMT_ALIAS:
        break;
    }
    x->depth--;
    return copy;
}

/* ---- the program ---- */

struct output {
    JR_UNIT_LIST(struct jr_mm_stmt *) stmts;
    jr_symbol dsp_name; /* interned */
    jr_symbol dsp;      /* the last one so far */
};

/* The name that a statement at program level defines, or JR_SYMBOL_NONE. */
static jr_symbol defined_name(const struct jr_mm_stmt *stmt)
{
    if (stmt->kind == JR_MM_STMT_FUNCTION)
        return stmt->as.function.name.symbol;
    if (stmt->kind == JR_MM_STMT_LETREC)
        return stmt->as.letrec.name.symbol;
    if (stmt->kind == JR_MM_STMT_LET && stmt->as.let.pattern->kind == JR_MM_PATTERN_NAME)
        return stmt->as.let.pattern->as.name;
    return JR_SYMBOL_NONE;
}

/* The block that a piece of code is, and the piece whose tree that is; NULL if it is something else. */
static const struct jr_mm_expr *block_of(struct expander *x, const struct jr_mm_code **code)
{
    const struct jr_mm_code *outer = x->code;
    const struct jr_mm_expr *block = NULL;
    while (*code != NULL && (*code)->kind == JR_MM_CODE_QUOTE) {
        const struct jr_mm_expr *quoted = (*code)->quote->expr->as.quote;
        block = quoted->kind == JR_MM_EXPR_BLOCK ? quoted : NULL;
        if (quoted->kind != JR_MM_EXPR_SPLICE && quoted->kind != JR_MM_EXPR_MACRO_CALL)
            break;
        x->code = *code;
        *code = spliced(x, quoted);
    }
    x->code = outer;
    return block;
}

/* A splice at program level: statements, if its code is a block. */
static void expand_statement(struct expander *x, const struct jr_mm_stmt *stmt, struct output *out,
                             uint32_t main_file)
{
    const struct jr_mm_expr *expr = stmt->kind == JR_MM_STMT_EXPR ? stmt->as.expr : NULL;
    bool whole = expr != NULL && (expr->kind == JR_MM_EXPR_SPLICE || expr->kind == JR_MM_EXPR_MACRO_CALL);
    const struct jr_mm_code *code = NULL;
    const struct jr_mm_expr *block = NULL;
    if (whole) {
        x->splice = expr->node.span;
        x->nodes = 0;
        x->reported = false;
        code = spliced(x, expr);
        block = block_of(x, &code);
    }
    if (block == NULL) {
        struct jr_mm_stmt *copy = copy_stmt(x, stmt);
        if (defined_name(copy) == x->names->dsp)
            out->dsp = x->names->dsp;
        JR_UNIT_PUSH(x->unit, &out->stmts, copy);
        return;
    }
    x->code = code;
    for (uint32_t i = 0; i < block->as.block.count; i++) {
        struct jr_mm_stmt *copy = copy_stmt(x, block->as.block.items[i]);
        jr_symbol name = defined_name(copy);
        copy->stage = JR_MM_STAGE_MAIN;
        copy->expansion = x->splice;
        if (name != JR_SYMBOL_NONE && jr_symbols_base(x->unit->symbols, name) == out->dsp_name &&
            x->splice.file == main_file)
            out->dsp = name;
        JR_UNIT_PUSH(x->unit, &out->stmts, copy);
    }
    x->code = NULL;
}

/* Whether the next of the program's splices, which come in the order of the statements, stands in the statement. */
static bool has_splice(const struct expander *x, const struct jr_mm_stmt *stmt, uint32_t *next)
{
    bool found = false;
    while (x->stage != NULL && *next < x->stage->results.count) {
        struct jr_span span = x->stage->results.items[*next].expr->node.span;
        if (span.file != stmt->node.span.file || span.start < stmt->node.span.start ||
            span.end > stmt->node.span.end)
            break;
        found = true;
        ++*next;
    }
    return found;
}

struct jr_mm_program *jr_mm_expand(struct jr_unit *unit, struct jr_mm_ast *ast, struct jr_mm_names *names,
                                   const struct jr_mm_program *program, const struct jr_mm_stage *stage)
{
    struct expander x = { .unit = unit, .ast = ast, .names = names, .stage = stage };
    struct output out = { .dsp_name = jr_symbols_find(unit->symbols, "dsp", 3) };
    uint32_t next = 0;
    x.symbol_count = jr_symbols_end(unit->symbols);
    x.scope = JR_UNIT_ARRAY(unit, struct variable *, x.symbol_count);
    for (uint32_t i = 0; i < program->stmts.count; i++) {
        struct jr_mm_stmt *stmt = program->stmts.items[i];
        bool type = stmt->kind == JR_MM_STMT_SUM || stmt->kind == JR_MM_STMT_ALIAS;
        if (stmt->stage == JR_MM_STAGE_MACRO && !type)
            continue;
        if (!type && has_splice(&x, stmt, &next)) {
            expand_statement(&x, stmt, &out, program->file);
            continue;
        }
        if (defined_name(stmt) != JR_SYMBOL_NONE && defined_name(stmt) == names->dsp)
            out.dsp = names->dsp;
        JR_UNIT_PUSH(unit, &out.stmts, stmt);
    }
    if (out.dsp != JR_SYMBOL_NONE)
        names->dsp = out.dsp;
    struct jr_mm_program *result = JR_UNIT_NEW(unit, struct jr_mm_program);
    *result = *program;
    result->stmts = (struct jr_mm_stmts){ out.stmts.items, out.stmts.count };
    return result;
}
