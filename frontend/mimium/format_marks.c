/* format_marks.c -- a walk over the tree that tells each gap what may stand there.
 *
 * Spans of the tree leave out the parentheses around an expression, so a place next to an expression is found from the token
 * that must be there: `=`, `else`, a bar, a bracket's partner. */
#include "frontend/mimium/format_internal.h"

static void mark_expr(struct jr_format *f, const struct jr_mm_expr *expr);
static void mark_stmts(struct jr_format *f, struct jr_mm_stmts stmts);

/* ---- tokens of places ---- */

static enum jr_mm_token_kind kind_of(const struct jr_format *f, uint32_t token)
{
    return (enum jr_mm_token_kind)f->tokens[token].kind;
}

/* The first token that starts at or behind `offset`. */
static uint32_t token_from(const struct jr_format *f, uint32_t offset)
{
    uint32_t low = 0, high = f->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (f->tokens[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t first_of(const struct jr_format *f, struct jr_span span)
{
    return token_from(f, span.start);
}

static uint32_t last_of(const struct jr_format *f, struct jr_span span)
{
    return token_from(f, span.end) - 1;
}

/* The first token of an expression with the parentheses around it. */
static uint32_t outer_first(const struct jr_format *f, const struct jr_mm_expr *expr)
{
    uint32_t token = first_of(f, expr->node.span);
    while (token > 0 && kind_of(f, token - 1) == JR_MM_TOKEN_LEFT_PAREN)
        token--;
    return token;
}

/* ---- marks ---- */

static void keep(struct jr_format *f, uint32_t token)
{
    f->gaps[token].rule = JR_GAP_KEEP;
}

/* No blank before the token, and never a line break. */
static void touch(struct jr_format *f, uint32_t token)
{
    f->gaps[token].space = 0;
    f->gaps[token].rule = JR_GAP_JOIN;
}

static void add_range(struct jr_format *f, uint32_t first, uint32_t last, enum jr_range_kind kind)
{
    struct jr_range range = { first, last, f->ranges.count, (uint8_t)kind };
    JR_UNIT_PUSH(f->unit, &f->ranges, range);
}

static void add_span(struct jr_format *f, struct jr_span span, enum jr_range_kind kind)
{
    add_range(f, first_of(f, span), last_of(f, span), kind);
}

uint32_t jr_format_add_group(struct jr_format *f, uint32_t first, uint32_t last, enum jr_group_style style)
{
    struct jr_group group = { .first = first, .last = last, .style = (uint8_t)style };
    JR_UNIT_PUSH(f->unit, &f->groups, group);
    return f->groups.count - 1;
}

/* What stands behind `=`, `=>` or the header of a lambda. */
static void mark_value(struct jr_format *f, const struct jr_mm_expr *value)
{
    uint32_t first = outer_first(f, value);
    if (value->kind != JR_MM_EXPR_BLOCK || first != first_of(f, value->node.span)) {
        keep(f, first);
        f->gaps[first].value = true;
    }
    mark_expr(f, value);
}

static void mark_exprs(struct jr_format *f, struct jr_mm_exprs exprs)
{
    for (uint32_t i = 0; i < exprs.count; i++)
        mark_expr(f, exprs.items[i]);
}

static void mark_fields(struct jr_format *f, struct jr_mm_fields fields)
{
    for (uint32_t i = 0; i < fields.count; i++)
        mark_value(f, fields.items[i].value);
}

/* The block whose brace is `open`. */
static void mark_block(struct jr_format *f, uint32_t open, struct jr_mm_stmts stmts)
{
    f->brackets[open].kind = JR_BRACKET_BLOCK;
    mark_stmts(f, stmts);
}

/* A body: if it is a block it belongs to what is around it. */
static void mark_body(struct jr_format *f, const struct jr_mm_expr *body)
{
    uint32_t first = first_of(f, body->node.span);
    if (body->kind == JR_MM_EXPR_BLOCK && outer_first(f, body) == first)
        f->brackets[first].owned = true;
    mark_value(f, body);
}

/* ---- patterns ---- */

static void mark_pattern(struct jr_format *f, const struct jr_mm_pattern *pattern)
{
    const struct jr_mm_pattern *payload = NULL;
    uint32_t name_end = 0;
    switch (pattern->kind) {
    case JR_MM_PATTERN_ERROR:
    case JR_MM_PATTERN_WILDCARD:
    case JR_MM_PATTERN_NAME:
    case JR_MM_PATTERN_NUMBER:
        return;
    case JR_MM_PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++)
            mark_pattern(f, pattern->as.tuple.items[i]);
        return;
    case JR_MM_PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record.count; i++)
            mark_pattern(f, pattern->as.record.items[i].pattern);
        return;
    case JR_MM_PATTERN_CONSTRUCTOR:
        payload = pattern->as.constructor.payload;
        name_end = last_of(f, pattern->as.constructor.path.span);
        break;
    case JR_MM_PATTERN_PRIMITIVE:
        payload = pattern->as.primitive.payload;
        name_end = first_of(f, pattern->node.span);
        break;
    }
    if (payload != NULL) {
        touch(f, name_end + 1);
        mark_pattern(f, payload);
    }
}

/* ---- expressions ---- */

/* A number, a name or the like, with or without a sign. */
static bool is_atom(const struct jr_mm_expr *expr)
{
    switch (expr->kind) {
    case JR_MM_EXPR_UNARY:
        return is_atom(expr->as.unary.operand);
    case JR_MM_EXPR_NUMBER:
    case JR_MM_EXPR_STRING:
    case JR_MM_EXPR_NAME:
    case JR_MM_EXPR_NOW:
    case JR_MM_EXPR_SAMPLERATE:
    case JR_MM_EXPR_SELF:
        return true;
    default:
        return false;
    }
}

static void mark_array(struct jr_format *f, const struct jr_mm_expr *expr)
{
    bool filled = true;
    for (uint32_t i = 0; i < expr->as.array.count; i++)
        filled = filled && is_atom(expr->as.array.items[i]);
    f->brackets[first_of(f, expr->node.span)].filled = filled;
    mark_exprs(f, expr->as.array);
}

/* 0 if it is no operation of two operands. */
static int level_of(const struct jr_mm_expr *expr)
{
    static const int levels[] = {
#define JR_MM_X(name, token, level) level,
        JR_MM_BINARY_OPS(JR_MM_X)
#undef JR_MM_X
    };
    if (expr->kind == JR_MM_EXPR_PIPE || expr->kind == JR_MM_EXPR_MACRO_PIPE)
        return 2;
    return expr->kind == JR_MM_EXPR_BINARY ? levels[expr->as.binary.op] : 0;
}

/* a + b - c: the operators of one level are one chain. */
static void mark_chain(struct jr_format *f, const struct jr_mm_expr *expr)
{
    int level = level_of(expr);
    uint32_t start = expr->node.span.start, first = first_of(f, expr->node.span);
    bool pipes = level == 2;
    add_span(f, expr->node.span, JR_RANGE_CHAIN);
    uint32_t group =
        jr_format_add_group(f, first, last_of(f, expr->node.span), pipes ? JR_GROUP_ALL : JR_GROUP_FILL);
    /* An operand in parentheses starts behind them, and is a chain of its own. */
    while (level_of(expr) == level && expr->node.span.start == start) {
        uint32_t op = first_of(f, pipes ? expr->as.pipe.op_span : expr->as.binary.op_span);
        keep(f, op);
        keep(f, op + 1);
        f->gaps[op].group = group;
        if (kind_of(f, op) == JR_MM_TOKEN_AT) /* play@next: nothing binds tighter */
            f->gaps[op].space = f->gaps[op + 1].space = 0;
        mark_expr(f, pipes ? expr->as.pipe.function : expr->as.binary.right);
        expr = pipes ? expr->as.pipe.value : expr->as.binary.left;
    }
    mark_expr(f, expr);
}

static void mark_params(struct jr_format *f, struct jr_mm_params params)
{
    for (uint32_t i = 0; i < params.count; i++)
        if (params.items[i]->default_value != NULL)
            mark_value(f, params.items[i]->default_value);
}

/* |a, b| -> type body */
static void mark_lambda(struct jr_format *f, const struct jr_mm_expr *expr)
{
    uint32_t bar = first_of(f, expr->node.span), close = bar;
    struct jr_mm_params params = expr->as.lambda.params;
    add_span(f, expr->node.span, JR_RANGE_PLAIN);
    if (kind_of(f, bar) == JR_MM_TOKEN_BAR) {
        close = params.count == 0 ? bar + 1 : last_of(f, params.items[params.count - 1]->node.span) + 1;
        if (kind_of(f, close) == JR_MM_TOKEN_COMMA)
            close++;
        for (uint32_t i = bar; i <= close; i++) {
            f->brackets[i].bars = true;
            if (jr_token_opens(&f->tokens[i]))
                i = f->brackets[i].partner; /* a type: its commas are its own */
        }
        if (params.count > 0) { /* two bars in a row would be an operator */
            touch(f, bar + 1);
            touch(f, close);
        }
    }
    mark_body(f, expr->as.lambda.body);
}

static bool is_block_at(const struct jr_format *f, const struct jr_mm_expr *expr, uint32_t token)
{
    return expr->kind == JR_MM_EXPR_BLOCK && first_of(f, expr->node.span) == token;
}

/* The branch of an if that begins at `token`, parentheses included. */
static void mark_branch(struct jr_format *f, const struct jr_mm_expr *branch, uint32_t token, uint32_t group)
{
    if (is_block_at(f, branch, token)) {
        f->brackets[token].owned = true;
        f->brackets[token].group = group;
        f->gaps[token].rule = JR_GAP_JOIN;
    } else {
        keep(f, token);
        f->gaps[token].value = true;
    }
    mark_expr(f, branch);
}

/* Whether a block among the branches from here on has several lines in the source. */
static bool has_block_lines(const struct jr_format *f, const struct jr_mm_expr *expr)
{
    for (;;) {
        const struct jr_mm_expr *branch = expr->as.if_.then_branch;
        uint32_t first = first_of(f, branch->node.span);
        if (branch->kind == JR_MM_EXPR_BLOCK && jr_format_has_lines(f, first, f->brackets[first].partner))
            return true;
        expr = expr->as.if_.else_branch;
        if (expr == NULL)
            return false;
        if (expr->kind == JR_MM_EXPR_BLOCK) {
            first = first_of(f, expr->node.span);
            return jr_format_has_lines(f, first, f->brackets[first].partner);
        }
        if (expr->kind != JR_MM_EXPR_IF)
            return false;
    }
}

/* The statements of a block are on lines of their own if there is a line break in the source; those of the blocks of an if
 * together. */
static void open_block(struct jr_format *f, uint32_t open)
{
    f->gaps[open + 1].rule = JR_GAP_FORCE;
}

/* A chain of else-ifs is one: one range, one group, and the same decision for all of its blocks. */
static void mark_if(struct jr_format *f, const struct jr_mm_expr *expr)
{
    uint32_t group =
        jr_format_add_group(f, first_of(f, expr->node.span), last_of(f, expr->node.span), JR_GROUP_ALL);
    bool lines = has_block_lines(f, expr);
    add_span(f, expr->node.span, JR_RANGE_IF);
    for (;;) {
        const struct jr_mm_expr *condition = expr->as.if_.condition, *then = expr->as.if_.then_branch;
        const struct jr_mm_expr *otherwise = expr->as.if_.else_branch;
        uint32_t if_token = first_of(f, expr->node.span);
        uint32_t token = last_of(f, condition->node.span) + 1;
        /* What the condition opened it closes. */
        while (kind_of(f, token) == JR_MM_TOKEN_RIGHT_PAREN && f->brackets[token].partner > if_token)
            token++;
        bool is_block = is_block_at(f, then, token);
        mark_expr(f, condition);
        mark_branch(f, then, token, group);
        if (is_block && lines)
            open_block(f, token);
        if (otherwise == NULL)
            return;
        uint32_t first = first_of(f, otherwise->node.span), else_token = first - 1;
        while (kind_of(f, else_token) != JR_MM_TOKEN_ELSE)
            else_token--;
        f->gaps[else_token].is_else = true;
        if (!is_block) {
            f->gaps[else_token].group = group;
            keep(f, else_token);
        } else if (!lines) {
            keep(f, else_token);
        }
        if (otherwise->kind != JR_MM_EXPR_IF || first != else_token + 1) {
            mark_branch(f, otherwise, else_token + 1, group);
            if (lines && is_block_at(f, otherwise, else_token + 1))
                open_block(f, else_token + 1);
            return;
        }
        expr = otherwise;
    }
}

static void mark_match(struct jr_format *f, const struct jr_mm_expr *expr)
{
    uint32_t open = f->brackets[last_of(f, expr->node.span)].partner;
    add_span(f, expr->node.span, JR_RANGE_PLAIN);
    f->brackets[open].kind = JR_BRACKET_ARMS;
    f->brackets[open].owned = true;
    mark_expr(f, expr->as.match.subject);
    for (uint32_t i = 0; i < expr->as.match.arm_count; i++) {
        const struct jr_mm_arm *arm = &expr->as.match.arms[i];
        add_span(f, arm->span, JR_RANGE_PLAIN);
        f->gaps[first_of(f, arm->span)].item = true;
        mark_pattern(f, arm->pattern);
        mark_body(f, arm->body);
    }
}

static void mark_expr(struct jr_format *f, const struct jr_mm_expr *expr)
{
    uint32_t first = first_of(f, expr->node.span), last = last_of(f, expr->node.span);
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
    case JR_MM_EXPR_NUMBER:
    case JR_MM_EXPR_STRING:
    case JR_MM_EXPR_SELF:
    case JR_MM_EXPR_NOW:
    case JR_MM_EXPR_SAMPLERATE:
    case JR_MM_EXPR_PLACEHOLDER:
    case JR_MM_EXPR_EXPANSION: /* never in a parsed program */
    case JR_MM_EXPR_NAME:
        break;
    case JR_MM_EXPR_UNARY: /* two signs may not touch */
        f->gaps[first + 1].space =
            kind_of(f, first + 1) == JR_MM_TOKEN_MINUS || kind_of(f, first + 1) == JR_MM_TOKEN_PLUS;
        mark_expr(f, expr->as.unary.operand);
        break;
    case JR_MM_EXPR_BINARY:
    case JR_MM_EXPR_PIPE:
    case JR_MM_EXPR_MACRO_PIPE:
        mark_chain(f, expr);
        break;
    case JR_MM_EXPR_ASSIGN:
        mark_expr(f, expr->as.assign.target);
        mark_value(f, expr->as.assign.value);
        break;
    case JR_MM_EXPR_QUOTE:
        mark_expr(f, expr->as.quote);
        break;
    case JR_MM_EXPR_SPLICE:
        mark_expr(f, expr->as.splice);
        break;
    case JR_MM_EXPR_CALL:
        touch(f, f->brackets[last].partner);
        mark_expr(f, expr->as.call.callee);
        mark_exprs(f, expr->as.call.args);
        break;
    case JR_MM_EXPR_MACRO_CALL:
        mark_exprs(f, expr->as.macro_call.args);
        break;
    case JR_MM_EXPR_FIELD:
        mark_expr(f, expr->as.field.object);
        break;
    case JR_MM_EXPR_PROJECT:
        mark_expr(f, expr->as.project.tuple);
        break;
    case JR_MM_EXPR_INDEX:
        touch(f, f->brackets[last].partner);
        f->brackets[f->brackets[last].partner].rigid = true;
        mark_expr(f, expr->as.index.array);
        mark_expr(f, expr->as.index.index);
        break;
    case JR_MM_EXPR_LAMBDA:
        mark_lambda(f, expr);
        break;
    case JR_MM_EXPR_ARRAY:
        mark_array(f, expr);
        break;
    case JR_MM_EXPR_TUPLE:
        mark_exprs(f, expr->as.tuple);
        break;
    case JR_MM_EXPR_RECORD:
        mark_fields(f, expr->as.record.fields);
        break;
    case JR_MM_EXPR_UPDATE:
        mark_expr(f, expr->as.update.base);
        mark_fields(f, expr->as.update.fields);
        break;
    case JR_MM_EXPR_BLOCK:
        mark_block(f, first, expr->as.block);
        break;
    case JR_MM_EXPR_IF:
        mark_if(f, expr);
        break;
    case JR_MM_EXPR_MATCH:
        mark_match(f, expr);
        break;
    }
}

/* ---- statements ---- */

static void mark_function(struct jr_format *f, const struct jr_mm_stmt *stmt)
{
    uint32_t name = first_of(f, stmt->as.function.name.span);
    uint32_t open = first_of(f, stmt->as.function.body->node.span);
    bool has_params = kind_of(f, name + 1) == JR_MM_TOKEN_LEFT_PAREN;
    if (has_params)
        touch(f, name + 1);
    mark_params(f, stmt->as.function.params);
    mark_body(f, stmt->as.function.body);
    if (has_params && stmt->as.function.result == NULL)
        touch(f, open);
}

/* Each constructor of a sum that is too long for a line gets one of its own. */
static void mark_sum(struct jr_format *f, const struct jr_mm_stmt *stmt)
{
    uint32_t first = first_of(f, stmt->node.span), last = last_of(f, stmt->node.span);
    uint32_t group = jr_format_add_group(f, first, last, JR_GROUP_ALL);
    for (uint32_t i = 0; i < stmt->as.sum.variant_count; i++) {
        uint32_t name = first_of(f, stmt->as.sum.variants[i].name.span);
        if (i == 0)
            keep(f, name);
        else
            f->gaps[name - 1].group = group;
        if (stmt->as.sum.variants[i].payload != NULL)
            touch(f, name + 1);
    }
}

static void mark_stmt(struct jr_format *f, const struct jr_mm_stmt *stmt)
{
    uint32_t first = first_of(f, stmt->node.span), last = last_of(f, stmt->node.span);
    f->gaps[first].item = true;
    add_range(f, first, last, JR_RANGE_PLAIN);
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION:
        mark_function(f, stmt);
        break;
    case JR_MM_STMT_LET:
        mark_pattern(f, stmt->as.let.pattern);
        mark_value(f, stmt->as.let.value);
        break;
    case JR_MM_STMT_LETREC:
        mark_value(f, stmt->as.letrec.value);
        break;
    case JR_MM_STMT_EXPR:
        mark_expr(f, stmt->as.expr);
        break;
    case JR_MM_STMT_INCLUDE:
        touch(f, first_of(f, stmt->as.include.path_span) - 1);
        break;
    case JR_MM_STMT_STAGE:
        touch(f, last - 2);
        break;
    case JR_MM_STMT_MODULE:
        if (!stmt->as.module.external) {
            f->brackets[f->brackets[last].partner].owned = true;
            mark_block(f, f->brackets[last].partner, stmt->as.module.body);
        }
        break;
    case JR_MM_STMT_SUM:
        mark_sum(f, stmt);
        break;
    case JR_MM_STMT_USE:
    case JR_MM_STMT_ALIAS:
        break;
    }
}

static void mark_stmts(struct jr_format *f, struct jr_mm_stmts stmts)
{
    for (uint32_t i = 0; i < stmts.count; i++)
        mark_stmt(f, stmts.items[i]);
}

/* ---- what tokens tell by themselves ---- */

static bool separates_nothing(enum jr_mm_token_kind kind)
{
    switch (kind) {
    case JR_MM_TOKEN_COMMA:
    case JR_MM_TOKEN_RIGHT_PAREN:
    case JR_MM_TOKEN_RIGHT_BRACKET:
    case JR_MM_TOKEN_DOT:
    case JR_MM_TOKEN_COLON_COLON:
    case JR_MM_TOKEN_COLON:
    case JR_MM_TOKEN_BANG:
        return true;
    default:
        return false;
    }
}

static bool clings_to_next(enum jr_mm_token_kind kind)
{
    switch (kind) {
    case JR_MM_TOKEN_LEFT_PAREN:
    case JR_MM_TOKEN_LEFT_BRACKET:
    case JR_MM_TOKEN_DOT:
    case JR_MM_TOKEN_COLON_COLON:
    case JR_MM_TOKEN_BACKQUOTE:
    case JR_MM_TOKEN_DOLLAR:
    case JR_MM_TOKEN_HASH:
    case JR_MM_TOKEN_BANG:
        return true;
    default:
        return false;
    }
}

/* Whether the `.` at token i stands behind a number that would take it for its own point: `1 . 2`.  The number of a projection does
 * not: x.0.1 is read as x.0 and .1. */
static bool is_behind_number(const struct jr_format *f, uint32_t i)
{
    enum jr_mm_token_kind before = kind_of(f, i - 1);
    return kind_of(f, i) == JR_MM_TOKEN_DOT &&
           (before == JR_MM_TOKEN_INTEGER || before == JR_MM_TOKEN_FLOATING) &&
           (i < 2 || kind_of(f, i - 2) != JR_MM_TOKEN_DOT);
}

static void mark_tokens(struct jr_format *f)
{
    for (uint32_t i = 1; i < f->count; i++) {
        enum jr_mm_token_kind before = kind_of(f, i - 1), here = kind_of(f, i);
        f->gaps[i].space = is_behind_number(f, i) || (!separates_nothing(here) && !clings_to_next(before));
        if (before == JR_MM_TOKEN_COMMA)
            keep(f, i);
    }
}

void jr_format_mark(struct jr_format *f, const struct jr_mm_program *program)
{
    mark_tokens(f);
    mark_stmts(f, program->stmts);
    for (uint32_t i = 0; i < program->stmts.count; i++)
        f->gaps[first_of(f, program->stmts.items[i]->node.span)].rule = JR_GAP_FORCE;
    f->gaps[f->count - 1].rule = JR_GAP_FORCE;
    for (uint32_t i = 1; i < f->count; i++) {
        if (kind_of(f, i) == JR_MM_TOKEN_BAR && !f->brackets[i].bars) { /* of a sum or a union */
            keep(f, i);
            keep(f, i + 1);
        }
    }
}
