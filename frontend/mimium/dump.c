/* dump.c -- the syntax tree as text: (operator operand ...), blocks, arms and module bodies on lines of their own. */
#include <string.h>

#include "frontend/mimium/deep.h"
#include "frontend/mimium/parse.h"
#include "ir/base/number.h"
#include "ir/base/sb.h"

struct dump {
    const struct jr_symbols *symbols;
    struct jr_sb *out;
    uint32_t indent;
};

static void put_expr(struct dump *d, const struct jr_mm_expr *expr);
static void put_type(struct dump *d, const struct jr_mm_type *type);
static void put_stmts(struct dump *d, struct jr_mm_stmts stmts);

static void put(struct dump *d, const char *text)
{
    jr_sb_text(d->out, text);
}

static void put_line(struct dump *d)
{
    jr_sb_char(d->out, '\n');
    jr_sb_repeat(d->out, ' ', (size_t)d->indent * 2);
}

static void put_symbol(struct dump *d, jr_symbol symbol)
{
    put(d, symbol == JR_SYMBOL_NONE ? "<missing>" : jr_symbols_text(d->symbols, symbol));
}

static void put_path(struct dump *d, const struct jr_mm_path *path)
{
    for (uint32_t i = 0; i < path->count; i++) {
        if (i > 0)
            put(d, "::");
        put_symbol(d, path->names[i].symbol);
    }
}

static void put_number(struct dump *d, struct jr_mm_number number)
{
    char text[JR_NUMBER_TEXT_BYTES];
    jr_number_display(number.value, text);
    put(d, text);
    if (!number.integer_form && strchr(text, '.') == NULL)
        put(d, ".0");
}

static const char *primitive_text(enum jr_mm_primitive primitive)
{
    switch (primitive) {
    case JR_MM_FLOAT:
        return "float";
    case JR_MM_INT:
        return "int";
    case JR_MM_STRING:
        return "string";
    }
    return "?";
}

/* ---- types ---- */

static void put_types(struct dump *d, struct jr_mm_types types)
{
    for (uint32_t i = 0; i < types.count; i++) {
        put(d, " ");
        put_type(d, types.items[i]);
    }
}

static void put_type(struct dump *d, const struct jr_mm_type *type)
{
    switch (type->kind) {
    case JR_MM_TYPE_ERROR:
        put(d, "<error>");
        break;
    case JR_MM_TYPE_PRIMITIVE:
        put(d, primitive_text(type->as.primitive));
        break;
    case JR_MM_TYPE_NAMED:
        put_path(d, &type->as.named);
        break;
    case JR_MM_TYPE_UNIT:
        put(d, "()");
        break;
    case JR_MM_TYPE_TUPLE:
        put(d, "(tuple");
        put_types(d, type->as.tuple);
        put(d, ")");
        break;
    case JR_MM_TYPE_RECORD:
        put(d, "(record");
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            put(d, " (");
            put_symbol(d, type->as.record.items[i].name.symbol);
            put(d, " ");
            put_type(d, type->as.record.items[i].type);
            put(d, ")");
        }
        put(d, ")");
        break;
    case JR_MM_TYPE_ARRAY:
        put(d, "(array ");
        put_type(d, type->as.array);
        put(d, ")");
        break;
    case JR_MM_TYPE_CODE:
        put(d, "(code ");
        put_type(d, type->as.code);
        put(d, ")");
        break;
    case JR_MM_TYPE_FUNCTION:
        put(d, "(->");
        put_types(d, type->as.function.params);
        put(d, " ");
        put_type(d, type->as.function.result);
        put(d, ")");
        break;
    case JR_MM_TYPE_UNION:
        put(d, "(union");
        put_types(d, type->as.variants);
        put(d, ")");
        break;
    }
}

static void put_annotation(struct dump *d, const struct jr_mm_type *type)
{
    if (type != NULL) {
        put(d, " : ");
        put_type(d, type);
    }
}

/* ---- patterns ---- */

static void put_pattern(struct dump *d, const struct jr_mm_pattern *pattern)
{
    const struct jr_mm_pattern *payload = NULL;
    switch (pattern->kind) {
    case JR_MM_PATTERN_ERROR:
        put(d, "<error>");
        break;
    case JR_MM_PATTERN_WILDCARD:
        put(d, "_");
        break;
    case JR_MM_PATTERN_NAME:
        put_symbol(d, pattern->as.name);
        break;
    case JR_MM_PATTERN_TUPLE:
        put(d, "(tuple");
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            put(d, " ");
            put_pattern(d, pattern->as.tuple.items[i]);
        }
        put(d, ")");
        break;
    case JR_MM_PATTERN_RECORD:
        put(d, "(record");
        for (uint32_t i = 0; i < pattern->as.record.count; i++) {
            put(d, " (");
            put_symbol(d, pattern->as.record.items[i].name.symbol);
            put(d, " ");
            put_pattern(d, pattern->as.record.items[i].pattern);
            put(d, ")");
        }
        put(d, ")");
        break;
    case JR_MM_PATTERN_NUMBER:
        put_number(d, pattern->as.number);
        break;
    case JR_MM_PATTERN_CONSTRUCTOR:
        put(d, "(is ");
        put_path(d, &pattern->as.constructor.path);
        payload = pattern->as.constructor.payload;
        break;
    case JR_MM_PATTERN_PRIMITIVE:
        put(d, "(is ");
        put(d, primitive_text(pattern->as.primitive.primitive));
        payload = pattern->as.primitive.payload;
        break;
    }
    if (payload != NULL) {
        put(d, " ");
        put_pattern(d, payload);
    }
    if (pattern->kind == JR_MM_PATTERN_CONSTRUCTOR || pattern->kind == JR_MM_PATTERN_PRIMITIVE)
        put(d, ")");
}

/* ---- expressions ---- */

/* (head a b ...) */
static void put_form(struct dump *d, const char *head, const struct jr_mm_expr *a, const struct jr_mm_expr *b)
{
    put(d, "(");
    put(d, head);
    put(d, " ");
    put_expr(d, a);
    if (b != NULL) {
        put(d, " ");
        put_expr(d, b);
    }
    put(d, ")");
}

static void put_exprs(struct dump *d, struct jr_mm_exprs exprs)
{
    for (uint32_t i = 0; i < exprs.count; i++) {
        put(d, " ");
        put_expr(d, exprs.items[i]);
    }
    put(d, ")");
}

static void put_fields(struct dump *d, struct jr_mm_fields fields)
{
    for (uint32_t i = 0; i < fields.count; i++) {
        put(d, " (");
        put_symbol(d, fields.items[i].name.symbol);
        put(d, " ");
        put_expr(d, fields.items[i].value);
        put(d, ")");
    }
}

static void put_params(struct dump *d, struct jr_mm_params params)
{
    put(d, "(");
    for (uint32_t i = 0; i < params.count; i++) {
        const struct jr_mm_param *param = params.items[i];
        put(d, i == 0 ? "(" : " (");
        if (param->unnamed)
            put(d, "_");
        else
            put_symbol(d, param->name.symbol);
        put_annotation(d, param->type);
        if (param->default_value != NULL) {
            put(d, " = ");
            put_expr(d, param->default_value);
        }
        put(d, ")");
    }
    put(d, ")");
}

static void put_match(struct dump *d, const struct jr_mm_expr *match)
{
    put(d, "(match ");
    put_expr(d, match->as.match.subject);
    d->indent++;
    for (uint32_t i = 0; i < match->as.match.arm_count; i++) {
        put_line(d);
        put(d, "(=> ");
        put_pattern(d, match->as.match.arms[i].pattern);
        put(d, " ");
        put_expr(d, match->as.match.arms[i].body);
        put(d, ")");
    }
    d->indent--;
    put(d, ")");
}

static void put_expr(struct dump *d, const struct jr_mm_expr *expr)
{
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
        put(d, "<error>");
        break;
    case JR_MM_EXPR_NUMBER:
        put_number(d, expr->as.number);
        break;
    case JR_MM_EXPR_STRING:
        jr_sb_json(d->out, expr->as.string.text, expr->as.string.length);
        break;
    case JR_MM_EXPR_SELF:
        put(d, "self");
        break;
    case JR_MM_EXPR_NOW:
        put(d, "now");
        break;
    case JR_MM_EXPR_SAMPLERATE:
        put(d, "samplerate");
        break;
    case JR_MM_EXPR_PLACEHOLDER:
        put(d, "_");
        break;
    case JR_MM_EXPR_NAME:
        put_path(d, &expr->as.name);
        break;
    case JR_MM_EXPR_UNARY:
        put_form(d, expr->as.unary.negative ? "neg" : "pos", expr->as.unary.operand, NULL);
        break;
    case JR_MM_EXPR_BINARY:
        put_form(d, jr_mm_binary_op_text(expr->as.binary.op), expr->as.binary.left, expr->as.binary.right);
        break;
    case JR_MM_EXPR_PIPE:
        put_form(d, "|>", expr->as.pipe.value, expr->as.pipe.function);
        break;
    case JR_MM_EXPR_MACRO_PIPE:
        put_form(d, "||>", expr->as.pipe.value, expr->as.pipe.function);
        break;
    case JR_MM_EXPR_ASSIGN:
        put_form(d, "=", expr->as.assign.target, expr->as.assign.value);
        break;
    case JR_MM_EXPR_QUOTE:
        put_form(d, "quote", expr->as.quote, NULL);
        break;
    case JR_MM_EXPR_SPLICE:
        put_form(d, "splice", expr->as.splice, NULL);
        break;
    case JR_MM_EXPR_EXPANSION:
        put_form(d, "expansion", expr->as.expansion, NULL);
        break;
    case JR_MM_EXPR_CALL:
        put(d, "(call ");
        put_expr(d, expr->as.call.callee);
        put_exprs(d, expr->as.call.args);
        break;
    case JR_MM_EXPR_MACRO_CALL:
        put(d, "(call! ");
        put_path(d, &expr->as.macro_call.path);
        put_exprs(d, expr->as.macro_call.args);
        break;
    case JR_MM_EXPR_FIELD:
        put(d, "(field ");
        put_expr(d, expr->as.field.object);
        put(d, " ");
        put_symbol(d, expr->as.field.name.symbol);
        put(d, ")");
        break;
    case JR_MM_EXPR_PROJECT:
        put(d, "(project ");
        put_expr(d, expr->as.project.tuple);
        jr_sb_format(d->out, " %u)", expr->as.project.index);
        break;
    case JR_MM_EXPR_INDEX:
        put_form(d, "index", expr->as.index.array, expr->as.index.index);
        break;
    case JR_MM_EXPR_LAMBDA:
        put(d, "(lambda ");
        put_params(d, expr->as.lambda.params);
        put_annotation(d, expr->as.lambda.result);
        put(d, " ");
        put_expr(d, expr->as.lambda.body);
        put(d, ")");
        break;
    case JR_MM_EXPR_ARRAY:
        put(d, "(array");
        put_exprs(d, expr->as.array);
        break;
    case JR_MM_EXPR_TUPLE:
        put(d, "(tuple");
        put_exprs(d, expr->as.tuple);
        break;
    case JR_MM_EXPR_RECORD:
        put(d, "(record");
        put_fields(d, expr->as.record.fields);
        put(d, expr->as.record.incomplete ? " ..)" : ")");
        break;
    case JR_MM_EXPR_UPDATE:
        put(d, "(update ");
        put_expr(d, expr->as.update.base);
        put_fields(d, expr->as.update.fields);
        put(d, ")");
        break;
    case JR_MM_EXPR_BLOCK:
        put(d, "(block");
        put_stmts(d, expr->as.block);
        put(d, ")");
        break;
    case JR_MM_EXPR_IF:
        put(d, "(if ");
        put_expr(d, expr->as.if_.condition);
        put(d, " ");
        put_expr(d, expr->as.if_.then_branch);
        if (expr->as.if_.else_branch != NULL) {
            put(d, " ");
            put_expr(d, expr->as.if_.else_branch);
        }
        put(d, ")");
        break;
    case JR_MM_EXPR_MATCH:
        put_match(d, expr);
        break;
    }
}

/* ---- statements ---- */

static void put_use(struct dump *d, const struct jr_mm_stmt *stmt)
{
    put(d, "(use ");
    put_path(d, &stmt->as.use.path);
    switch (stmt->as.use.form) {
    case JR_MM_USE_PATH:
        break;
    case JR_MM_USE_WILDCARD:
        put(d, " *");
        break;
    case JR_MM_USE_LIST:
        put(d, " (");
        for (uint32_t i = 0; i < stmt->as.use.name_count; i++) {
            if (i > 0)
                put(d, " ");
            put_symbol(d, stmt->as.use.names[i].symbol);
        }
        put(d, ")");
        break;
    }
    put(d, ")");
}

static void put_sum(struct dump *d, const struct jr_mm_stmt *stmt)
{
    put(d, stmt->as.sum.is_rec ? "(type rec " : "(type ");
    put_symbol(d, stmt->as.sum.name.symbol);
    for (uint32_t i = 0; i < stmt->as.sum.variant_count; i++) {
        const struct jr_mm_variant *variant = &stmt->as.sum.variants[i];
        put(d, " (");
        put_symbol(d, variant->name.symbol);
        if (variant->payload != NULL) {
            put(d, " ");
            put_type(d, variant->payload);
        }
        put(d, ")");
    }
    put(d, ")");
}

static void put_stmt(struct dump *d, const struct jr_mm_stmt *stmt)
{
    if (stmt->is_public)
        put(d, "pub ");
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION:
        put(d, stmt->as.function.is_macro ? "(macro " : "(fn ");
        put_symbol(d, stmt->as.function.name.symbol);
        put(d, " ");
        put_params(d, stmt->as.function.params);
        put_annotation(d, stmt->as.function.result);
        put(d, " ");
        put_expr(d, stmt->as.function.body);
        put(d, ")");
        break;
    case JR_MM_STMT_LET:
        put(d, "(let ");
        put_pattern(d, stmt->as.let.pattern);
        put_annotation(d, stmt->as.let.type);
        put(d, " ");
        put_expr(d, stmt->as.let.value);
        put(d, ")");
        break;
    case JR_MM_STMT_LETREC:
        put(d, "(letrec ");
        put_symbol(d, stmt->as.letrec.name.symbol);
        put(d, " ");
        put_expr(d, stmt->as.letrec.value);
        put(d, ")");
        break;
    case JR_MM_STMT_EXPR:
        put_expr(d, stmt->as.expr);
        break;
    case JR_MM_STMT_INCLUDE:
        put(d, "(include ");
        jr_sb_json(d->out, stmt->as.include.path, strlen(stmt->as.include.path));
        put(d, ")");
        break;
    case JR_MM_STMT_STAGE:
        put(d, stmt->as.stage.is_main ? "(stage main)" : "(stage macro)");
        break;
    case JR_MM_STMT_MODULE:
        put(d, "(mod ");
        put_symbol(d, stmt->as.module.name.symbol);
        if (stmt->as.module.external)
            put(d, " external");
        put_stmts(d, stmt->as.module.body);
        put(d, ")");
        break;
    case JR_MM_STMT_USE:
        put_use(d, stmt);
        break;
    case JR_MM_STMT_SUM:
        put_sum(d, stmt);
        break;
    case JR_MM_STMT_ALIAS:
        put(d, "(alias ");
        put_symbol(d, stmt->as.alias.name.symbol);
        put(d, " ");
        put_type(d, stmt->as.alias.type);
        put(d, ")");
        break;
    }
}

/* Each on a line of its own, one step further in. */
static void put_stmts(struct dump *d, struct jr_mm_stmts stmts)
{
    d->indent++;
    for (uint32_t i = 0; i < stmts.count; i++) {
        put_line(d);
        put_stmt(d, stmts.items[i]);
    }
    d->indent--;
}

struct dump_job {
    struct dump dump;
    const struct jr_mm_program *program;
};

static void put_program(void *context)
{
    struct dump_job *job = context;
    for (uint32_t i = 0; i < job->program->stmts.count; i++) {
        put_stmt(&job->dump, job->program->stmts.items[i]);
        jr_sb_char(job->dump.out, '\n');
    }
}

enum jr_status jr_mimium_dump_ast(const struct jr_mm_ast *ast, const struct jr_mm_program *program,
                                  struct jr_sb *out)
{
    struct dump_job job = { { ast->symbols, out, 0 }, program };
    enum jr_status status = jr_mm_run_deep(program->height, put_program, &job);
    return status == JR_OK ? jr_sb_status(out) : status;
}
