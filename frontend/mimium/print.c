/* print.c -- the tree as source text. */
#include "frontend/mimium/print.h"

#include <math.h>
#include <string.h>

#include "frontend/mimium/builtins.h"
#include "frontend/mimium/resolve.h"
#include "ir/base/number.h"
#include "ir/base/sb.h"

struct printer {
    struct jr_unit *unit;
    const struct jr_mm_names *names;
    struct jr_sb *out;
    uint32_t file;      /* the program's own */
    const char **shown; /* per symbol: how it is written, or NULL */
    uint32_t symbol_count;
    bool *taken; /* per symbol that is interned: some variable is written so */
    uint32_t taken_count;
    uint32_t indent;
    bool first; /* in a block: `{ x = 1` would be a record */
};

static void put_expr(struct printer *p, const struct jr_mm_expr *expr);
static void put_type(struct printer *p, const struct jr_mm_type *type);
static void put_stmt(struct printer *p, const struct jr_mm_stmt *stmt);

static void put(struct printer *p, const char *text)
{
    jr_sb_text(p->out, text);
}

static void put_line(struct printer *p)
{
    jr_sb_char(p->out, '\n');
    for (uint32_t i = 0; i < p->indent; i++)
        put(p, "    ");
}

/* ---- names ---- */

/* Whether no variable is written like this yet; from now on one is. */
static bool take(struct printer *p, const char *text)
{
    jr_symbol symbol = jr_unit_symbol(p->unit, text);
    if (symbol >= p->taken_count) {
        uint32_t count = jr_symbols_end(p->unit->symbols) * 2;
        bool *taken = JR_UNIT_ARRAY(p->unit, bool, count);
        if (p->taken_count > 0)
            memcpy(taken, p->taken, p->taken_count * sizeof *taken);
        p->taken = taken;
        p->taken_count = count;
    }
    if (p->taken[symbol])
        return false;
    p->taken[symbol] = true;
    return true;
}

/* "a::b" as one word. */
static const char *joined(struct printer *p, const char *path)
{
    size_t length = strlen(path), at = 0;
    char *text = JR_UNIT_ARRAY(p->unit, char, length + 1);
    for (size_t i = 0; i < length; i++) {
        bool separator = path[i] == ':' && path[i + 1] == ':';
        text[at++] = separator ? '_' : path[i];
        i += separator;
    }
    return text;
}

static void put_symbol(struct printer *p, jr_symbol symbol)
{
    const struct jr_mm_def *def = jr_mm_def_of(p->names, symbol);
    const char *text = jr_unit_text(p->unit, symbol);
    if (symbol == JR_SYMBOL_NONE)
        text = "_";
    else if (symbol < p->symbol_count && jr_symbols_base(p->unit->symbols, symbol) != symbol &&
             (def->span.file == p->file || def->kind == JR_MM_DEF_LOCAL || def->kind == JR_MM_DEF_PARAM ||
              def->kind == JR_MM_DEF_NONE)) {
        if (p->shown[symbol] == NULL) {
            const char *plain = joined(p, text), *candidate = plain;
            for (uint32_t number = 2; !take(p, candidate); number++)
                candidate = jr_unit_format(p->unit, "%s_%u", plain, number);
            p->shown[symbol] = candidate;
        }
        text = p->shown[symbol];
    }
    put(p, text);
}

/* The key of a field. */
static void put_key(struct printer *p, jr_symbol symbol)
{
    put(p, jr_unit_text(p->unit, jr_symbols_base(p->unit->symbols, symbol)));
}

static void put_path(struct printer *p, const struct jr_mm_path *path)
{
    for (uint32_t i = 0; i < path->count; i++) {
        put(p, i > 0 ? "::" : "");
        put_symbol(p, path->names[i].symbol);
    }
}

/* ---- types and patterns ---- */

static void put_types(struct printer *p, const struct jr_mm_types *types, const char *separator)
{
    for (uint32_t i = 0; i < types->count; i++) {
        put(p, i > 0 ? separator : "");
        put_type(p, types->items[i]);
    }
}

static void put_type(struct printer *p, const struct jr_mm_type *type)
{
    static const char *const primitives[] = { "float", "int", "string" };
    switch (type->kind) {
    case JR_MM_TYPE_ERROR:
        put(p, "?");
        break;
    case JR_MM_TYPE_PRIMITIVE:
        put(p, primitives[type->as.primitive]);
        break;
    case JR_MM_TYPE_NAMED:
        put_path(p, &type->as.named);
        break;
    case JR_MM_TYPE_UNIT:
        put(p, "()");
        break;
    case JR_MM_TYPE_TUPLE:
        put(p, "(");
        put_types(p, &type->as.tuple, ", ");
        put(p, type->as.tuple.count == 1 ? ",)" : ")");
        break;
    case JR_MM_TYPE_RECORD:
        put(p, "{");
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            put(p, i > 0 ? ", " : "");
            put_key(p, type->as.record.items[i].name.symbol);
            put(p, ":");
            put_type(p, type->as.record.items[i].type);
        }
        put(p, "}");
        break;
    case JR_MM_TYPE_ARRAY:
        put(p, "[");
        put_type(p, type->as.array);
        put(p, "]");
        break;
    case JR_MM_TYPE_CODE:
        put(p, "`");
        put_type(p, type->as.code);
        break;
    case JR_MM_TYPE_FUNCTION:
        put(p, "(");
        put_types(p, &type->as.function.params, ", ");
        put(p, ")->");
        put_type(p, type->as.function.result);
        break;
    case JR_MM_TYPE_UNION:
        put_types(p, &type->as.variants, "|");
        break;
    }
}

static void put_number(struct printer *p, double value)
{
    char text[JR_NUMBER_TEXT_BYTES];
    jr_number_display(fabs(value), text);
    if (isnan(value))
        put(p, "(0 / 0)");
    else if (isinf(value))
        put(p, value > 0 ? "(1 / 0)" : "(0 - 1 / 0)");
    else if (signbit(value) && value == 0.0)
        put(p, "(0 * (0 - 1))");
    else
        jr_sb_format(p->out, signbit(value) ? "(-%s)" : "%s", text);
}

static void put_pattern(struct printer *p, const struct jr_mm_pattern *pattern)
{
    static const char *const primitives[] = { "float", "int", "string" };
    const struct jr_mm_pattern *payload = NULL;
    switch (pattern->kind) {
    case JR_MM_PATTERN_ERROR:
    case JR_MM_PATTERN_WILDCARD:
        put(p, "_");
        break;
    case JR_MM_PATTERN_NAME:
        put_symbol(p, pattern->as.name);
        break;
    case JR_MM_PATTERN_TUPLE:
        put(p, "(");
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            put(p, i > 0 ? ", " : "");
            put_pattern(p, pattern->as.tuple.items[i]);
        }
        put(p, ")");
        break;
    case JR_MM_PATTERN_RECORD:
        put(p, "{");
        for (uint32_t i = 0; i < pattern->as.record.count; i++) {
            put(p, i > 0 ? ", " : "");
            put_key(p, pattern->as.record.items[i].name.symbol);
            put(p, " = ");
            put_pattern(p, pattern->as.record.items[i].pattern);
        }
        put(p, "}");
        break;
    case JR_MM_PATTERN_NUMBER:
        put_number(p, pattern->as.number.value);
        break;
    case JR_MM_PATTERN_CONSTRUCTOR:
        put_path(p, &pattern->as.constructor.path);
        payload = pattern->as.constructor.payload;
        break;
    case JR_MM_PATTERN_PRIMITIVE:
        put(p, primitives[pattern->as.primitive.primitive]);
        payload = pattern->as.primitive.payload;
        break;
    }
    if (payload == NULL)
        return;
    bool listed = payload->kind == JR_MM_PATTERN_TUPLE; /* brings its own parentheses */
    put(p, listed ? "" : "(");
    put_pattern(p, payload);
    put(p, listed ? "" : ")");
}

/* ---- expressions ---- */

enum { LEVEL_PIPE = 2, LEVEL_PREFIX = 11, LEVEL_POSTFIX = 12 };

static int level_of(const struct jr_mm_expr *expr)
{
    static const int levels[] = {
#define JR_MM_X(name, token, level) [JR_MM_OP_##name] = level,
        JR_MM_BINARY_OPS(JR_MM_X)
#undef JR_MM_X
    };
    switch (expr->kind) {
    case JR_MM_EXPR_BINARY:
        return levels[expr->as.binary.op];
    case JR_MM_EXPR_PIPE:
    case JR_MM_EXPR_MACRO_PIPE:
        return LEVEL_PIPE;
    case JR_MM_EXPR_UNARY:
    case JR_MM_EXPR_QUOTE:
    case JR_MM_EXPR_SPLICE:
        return LEVEL_PREFIX;
    case JR_MM_EXPR_LAMBDA:
    case JR_MM_EXPR_IF:
    case JR_MM_EXPR_MATCH:
    case JR_MM_EXPR_ASSIGN:
        return 0;
    case JR_MM_EXPR_EXPANSION:
        return level_of(expr->as.expansion);
    case JR_MM_EXPR_ERROR:
    case JR_MM_EXPR_NUMBER:
    case JR_MM_EXPR_STRING:
    case JR_MM_EXPR_SELF:
    case JR_MM_EXPR_NOW:
    case JR_MM_EXPR_SAMPLERATE:
    case JR_MM_EXPR_PLACEHOLDER:
    case JR_MM_EXPR_NAME:
    case JR_MM_EXPR_CALL:
    case JR_MM_EXPR_MACRO_CALL:
    case JR_MM_EXPR_FIELD:
    case JR_MM_EXPR_PROJECT:
    case JR_MM_EXPR_INDEX:
    case JR_MM_EXPR_ARRAY:
    case JR_MM_EXPR_TUPLE:
    case JR_MM_EXPR_RECORD:
    case JR_MM_EXPR_UPDATE:
    case JR_MM_EXPR_BLOCK:
        break;
    }
    return LEVEL_POSTFIX;
}

/* In parentheses unless it binds at least as tight as `level`. */
static void put_operand(struct printer *p, const struct jr_mm_expr *expr, int level)
{
    bool grouped = level_of(expr) < level;
    put(p, grouped ? "(" : "");
    put_expr(p, expr);
    put(p, grouped ? ")" : "");
}

static void put_list(struct printer *p, const struct jr_mm_exprs *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        put(p, i > 0 ? ", " : "");
        put_expr(p, list->items[i]);
    }
}

static void put_fields(struct printer *p, const struct jr_mm_fields *fields)
{
    for (uint32_t i = 0; i < fields->count; i++) {
        put(p, i > 0 ? ", " : "");
        put_key(p, fields->items[i].name.symbol);
        put(p, " = ");
        put_expr(p, fields->items[i].value);
    }
}

static void put_params(struct printer *p, const struct jr_mm_params *params)
{
    for (uint32_t i = 0; i < params->count; i++) {
        const struct jr_mm_param *param = params->items[i];
        put(p, i > 0 ? ", " : "");
        put_symbol(p, param->name.symbol);
        if (param->type != NULL) {
            put(p, ":");
            put_type(p, param->type);
        }
        if (param->default_value != NULL) {
            put(p, " = ");
            put_operand(p, param->default_value, LEVEL_PIPE);
        }
    }
}

static void put_block(struct printer *p, const struct jr_mm_stmts *stmts)
{
    put(p, "{");
    p->indent++;
    for (uint32_t i = 0; i < stmts->count; i++) {
        put_line(p);
        p->first = i == 0;
        put_stmt(p, stmts->items[i]);
    }
    p->indent--;
    if (stmts->count > 0)
        put_line(p);
    put(p, "}");
}

/* Where a block stands, and `{` would begin one anyway. */
static void put_body(struct printer *p, const struct jr_mm_expr *body)
{
    while (body->kind == JR_MM_EXPR_EXPANSION)
        body = body->as.expansion;
    if (body->kind == JR_MM_EXPR_BLOCK) {
        put_block(p, &body->as.block);
        return;
    }
    put(p, "{ ");
    put_expr(p, body);
    put(p, " }");
}

static void put_lambda(struct printer *p, const struct jr_mm_expr *expr)
{
    put(p, expr->as.lambda.params.count == 0 ? "| " : "|");
    put_params(p, &expr->as.lambda.params);
    put(p, "| ");
    if (expr->as.lambda.result != NULL) {
        put(p, "-> ");
        put_type(p, expr->as.lambda.result);
        put(p, " ");
    }
    put_body(p, expr->as.lambda.body);
}

static void put_match(struct printer *p, const struct jr_mm_expr *expr)
{
    put(p, "match ");
    put_expr(p, expr->as.match.subject);
    put(p, " {");
    p->indent++;
    for (uint32_t i = 0; i < expr->as.match.arm_count; i++) {
        put_line(p);
        put_pattern(p, expr->as.match.arms[i].pattern);
        put(p, " => ");
        put_body(p, expr->as.match.arms[i].body);
        put(p, ",");
    }
    p->indent--;
    put_line(p);
    put(p, "}");
}

static void put_if(struct printer *p, const struct jr_mm_expr *expr)
{
    put(p, "if (");
    put_expr(p, expr->as.if_.condition);
    put(p, ") ");
    put_body(p, expr->as.if_.then_branch);
    if (expr->as.if_.else_branch == NULL)
        return;
    put(p, " else ");
    if (expr->as.if_.else_branch->kind == JR_MM_EXPR_IF)
        put_if(p, expr->as.if_.else_branch);
    else
        put_body(p, expr->as.if_.else_branch);
}

static void put_expr(struct printer *p, const struct jr_mm_expr *expr)
{
    int level = level_of(expr);
    bool first = p->first;
    p->first = false;
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
        put(p, "?");
        break;
    case JR_MM_EXPR_NUMBER:
        put_number(p, expr->as.number.value);
        break;
    case JR_MM_EXPR_STRING:
        put(p, "\"");
        jr_sb_bytes(p->out, expr->as.string.text, expr->as.string.length);
        put(p, "\"");
        break;
    case JR_MM_EXPR_SELF:
        put(p, "self");
        break;
    case JR_MM_EXPR_NOW:
        put(p, "now");
        break;
    case JR_MM_EXPR_SAMPLERATE:
        put(p, "samplerate");
        break;
    case JR_MM_EXPR_PLACEHOLDER:
        put(p, "_");
        break;
    case JR_MM_EXPR_NAME:
        put_path(p, &expr->as.name);
        break;
    case JR_MM_EXPR_UNARY:
        put(p, expr->as.unary.negative ? "-" : "+");
        put_operand(p, expr->as.unary.operand, LEVEL_POSTFIX);
        break;
    case JR_MM_EXPR_BINARY:
        put_operand(p, expr->as.binary.left, level);
        jr_sb_format(p->out, " %s ", jr_mm_binary_op_text(expr->as.binary.op));
        put_operand(p, expr->as.binary.right, level + 1);
        break;
    case JR_MM_EXPR_PIPE:
    case JR_MM_EXPR_MACRO_PIPE:
        put_operand(p, expr->as.pipe.value, level);
        put(p, expr->kind == JR_MM_EXPR_PIPE ? " |> " : " ||> ");
        put_operand(p, expr->as.pipe.function, level + 1);
        break;
    case JR_MM_EXPR_ASSIGN:
        put_operand(p, expr->as.assign.target, first ? LEVEL_POSTFIX + 1 : LEVEL_POSTFIX);
        put(p, " = ");
        put_expr(p, expr->as.assign.value);
        break;
    case JR_MM_EXPR_QUOTE:
        put(p, "`");
        put_operand(p, expr->as.quote, LEVEL_POSTFIX);
        break;
    case JR_MM_EXPR_SPLICE:
        put(p, "$");
        put_operand(p, expr->as.splice, LEVEL_POSTFIX);
        break;
    case JR_MM_EXPR_EXPANSION:
        put_expr(p, expr->as.expansion);
        break;
    case JR_MM_EXPR_CALL:
        put_operand(p, expr->as.call.callee, LEVEL_POSTFIX);
        put(p, "(");
        put_list(p, &expr->as.call.args);
        put(p, ")");
        break;
    case JR_MM_EXPR_MACRO_CALL:
        put_path(p, &expr->as.macro_call.path);
        put(p, "!(");
        put_list(p, &expr->as.macro_call.args);
        put(p, ")");
        break;
    case JR_MM_EXPR_FIELD:
        put_operand(p, expr->as.field.object, LEVEL_POSTFIX);
        put(p, ".");
        put_key(p, expr->as.field.name.symbol);
        break;
    case JR_MM_EXPR_PROJECT:
        put_operand(p, expr->as.project.tuple, LEVEL_POSTFIX);
        jr_sb_format(p->out, ".%u", expr->as.project.index);
        break;
    case JR_MM_EXPR_INDEX:
        put_operand(p, expr->as.index.array, LEVEL_POSTFIX);
        put(p, "[");
        put_expr(p, expr->as.index.index);
        put(p, "]");
        break;
    case JR_MM_EXPR_LAMBDA:
        put_lambda(p, expr);
        break;
    case JR_MM_EXPR_ARRAY:
        put(p, "[");
        put_list(p, &expr->as.array);
        put(p, "]");
        break;
    case JR_MM_EXPR_TUPLE:
        put(p, "(");
        put_list(p, &expr->as.tuple);
        put(p, expr->as.tuple.count == 1 ? ",)" : ")");
        break;
    case JR_MM_EXPR_RECORD:
        put(p, "{");
        put_fields(p, &expr->as.record.fields);
        if (expr->as.record.incomplete)
            put(p, expr->as.record.fields.count > 0 ? ", .." : "..");
        put(p, "}");
        break;
    case JR_MM_EXPR_UPDATE:
        put(p, "{");
        put_expr(p, expr->as.update.base);
        put(p, " <- ");
        put_fields(p, &expr->as.update.fields);
        put(p, "}");
        break;
    case JR_MM_EXPR_BLOCK:
        put_block(p, &expr->as.block);
        break;
    case JR_MM_EXPR_IF:
        put_if(p, expr);
        break;
    case JR_MM_EXPR_MATCH:
        put_match(p, expr);
        break;
    }
}

/* ---- statements ---- */

static void put_sum(struct printer *p, const struct jr_mm_stmt *stmt)
{
    put(p, stmt->as.sum.is_rec ? "type rec " : "type ");
    put_symbol(p, stmt->as.sum.name.symbol);
    for (uint32_t i = 0; i < stmt->as.sum.variant_count; i++) {
        const struct jr_mm_variant *variant = &stmt->as.sum.variants[i];
        put(p, i > 0 ? " | " : " = ");
        put_symbol(p, variant->name.symbol);
        if (variant->payload == NULL)
            continue;
        bool listed = variant->payload->kind == JR_MM_TYPE_TUPLE; /* brings its own parentheses */
        put(p, listed ? "" : "(");
        put_type(p, variant->payload);
        put(p, listed ? "" : ")");
    }
}

/* Whether its text begins with a sign, and so would go on with the line before it. */
static bool begins_with_sign(const struct jr_mm_expr *expr)
{
    for (;;) {
        switch (expr->kind) {
        case JR_MM_EXPR_BINARY:
            expr = expr->as.binary.left;
            break;
        case JR_MM_EXPR_PIPE:
        case JR_MM_EXPR_MACRO_PIPE:
            expr = expr->as.pipe.value;
            break;
        case JR_MM_EXPR_EXPANSION:
            expr = expr->as.expansion;
            break;
        default:
            return expr->kind == JR_MM_EXPR_UNARY;
        }
    }
}

static void put_stmt(struct printer *p, const struct jr_mm_stmt *stmt)
{
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION:
        put(p, "fn ");
        put_symbol(p, stmt->as.function.name.symbol);
        put(p, "(");
        put_params(p, &stmt->as.function.params);
        put(p, ")");
        if (stmt->as.function.result != NULL) {
            put(p, "->");
            put_type(p, stmt->as.function.result);
        }
        put(p, " ");
        put_body(p, stmt->as.function.body);
        break;
    case JR_MM_STMT_LET:
        put(p, "let ");
        put_pattern(p, stmt->as.let.pattern);
        if (stmt->as.let.type != NULL) {
            put(p, ":");
            put_type(p, stmt->as.let.type);
        }
        put(p, " = ");
        put_expr(p, stmt->as.let.value);
        break;
    case JR_MM_STMT_LETREC:
        put(p, "letrec ");
        put_symbol(p, stmt->as.letrec.name.symbol);
        put(p, " = ");
        put_expr(p, stmt->as.letrec.value);
        break;
    case JR_MM_STMT_EXPR:
        put(p, begins_with_sign(stmt->as.expr) ? ";" : "");
        put_expr(p, stmt->as.expr);
        break;
    case JR_MM_STMT_SUM:
        put_sum(p, stmt);
        break;
    case JR_MM_STMT_ALIAS:
        put(p, "type alias ");
        put_symbol(p, stmt->as.alias.name.symbol);
        put(p, " = ");
        put_type(p, stmt->as.alias.type);
        break;
    case JR_MM_STMT_INCLUDE: /* gone after resolve */
    case JR_MM_STMT_STAGE:
    case JR_MM_STMT_MODULE:
    case JR_MM_STMT_USE:
        return;
    }
}

void jr_mm_print(struct jr_unit *unit, const struct jr_mm_names *names, const struct jr_mm_program *program,
                 struct jr_sb *out)
{
    struct printer p = { .unit = unit, .names = names, .out = out, .file = program->file };
    p.symbol_count = jr_symbols_end(unit->symbols);
    p.shown = JR_UNIT_ARRAY(unit, const char *, p.symbol_count);
    for (uint32_t i = 0; i < JR_BUILTIN_COUNT; i++)
        take(&p, jr_builtin_at((enum jr_builtin_index)i)->name);
    for (uint32_t i = 0; i < unit->host_count; i++)
        take(&p, unit->hosts[i].name);
    if (names->dsp != JR_SYMBOL_NONE && take(&p, "dsp"))
        p.shown[names->dsp] = "dsp";
    for (uint32_t i = 0; i < program->stmts.count; i++) {
        const struct jr_mm_stmt *stmt = program->stmts.items[i];
        bool type = stmt->kind == JR_MM_STMT_SUM || stmt->kind == JR_MM_STMT_ALIAS;
        if (stmt->node.span.file != program->file && stmt->expansion.file != program->file)
            continue;
        if (stmt->stage == JR_MM_STAGE_MACRO && !type)
            continue;
        put_stmt(&p, stmt);
        jr_sb_char(out, '\n');
    }
}
