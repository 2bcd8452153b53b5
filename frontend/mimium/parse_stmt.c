/* parse_stmt.c -- statements and definitions. */
#include <string.h>

#include "frontend/mimium/parser.h"

/* ---- small parts ---- */

static struct jr_mm_expr *error_expr(struct jr_mm_parser *p)
{
    return jr_mm_make_expr(p, JR_MM_EXPR_ERROR, jr_mm_here(p));
}

/* A statement that is not understood well enough to be acted on. */
static struct jr_mm_stmt *make_error(struct jr_mm_parser *p, struct jr_mm_stmt *stmt)
{
    stmt->kind = JR_MM_STMT_EXPR;
    stmt->as.expr = error_expr(p);
    jr_mm_raise(&stmt->node, &stmt->as.expr->node);
    return stmt;
}

/* The `=` of a definition.  Having found it the parser knows where it is. */
static bool expect_equal(struct jr_mm_parser *p)
{
    if (jr_mm_at(p, JR_MM_TOKEN_EQUAL))
        p->confused = false;
    return jr_mm_expect(p, JR_MM_TOKEN_EQUAL);
}

/* = expr; an ERROR if the `=` is missing */
static struct jr_mm_expr *parse_value(struct jr_mm_parser *p)
{
    return expect_equal(p) ? jr_mm_parse_expr(p) : error_expr(p);
}

/* ---- let ---- */

static struct jr_mm_stmt *parse_let(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_LET, jr_mm_here(p));
    jr_mm_advance(p);
    stmt->as.let.pattern = jr_mm_parse_let_pattern(p);
    jr_mm_raise(&stmt->node, &stmt->as.let.pattern->node);
    if (jr_mm_take(p, JR_MM_TOKEN_COLON)) {
        stmt->as.let.type = jr_mm_parse_type(p, false);
        jr_mm_raise(&stmt->node, &stmt->as.let.type->node);
    }
    stmt->as.let.value = parse_value(p);
    jr_mm_raise(&stmt->node, &stmt->as.let.value->node);
    return stmt;
}

static struct jr_mm_stmt *parse_letrec(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_LETREC, jr_mm_here(p));
    jr_mm_advance(p);
    stmt->as.letrec.name = jr_mm_expect_name(p, "the name of a function");
    if (jr_mm_at(p, JR_MM_TOKEN_COLON)) {
        struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "unexpected `:`: letrec takes no type");
        jr_mm_note(p, diag, "write the types into the lambda: |x:float| -> float { ... }");
        jr_mm_advance(p);
        (void)jr_mm_parse_type(p, false);
    }
    stmt->as.letrec.value = parse_value(p);
    jr_mm_raise(&stmt->node, &stmt->as.letrec.value->node);
    return stmt;
}

static struct jr_mm_stmt *parse_expr_stmt(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_EXPR, jr_mm_here(p));
    stmt->as.expr = jr_mm_parse_expr(p);
    jr_mm_raise(&stmt->node, &stmt->as.expr->node);
    return stmt;
}

/* ---- fn ---- */

/* A body without braces is wrong, but is taken as the block it should be. */
static struct jr_mm_expr *parse_fn_body(struct jr_mm_parser *p)
{
    if (jr_mm_at(p, JR_MM_TOKEN_LEFT_BRACE)) {
        p->confused = false;
        return jr_mm_parse_block(p);
    }
    struct jr_diag *diag = jr_mm_expected(p, "`{`");
    jr_mm_note(p, diag, "the body of a function is a block: fn f(x) { x + 1 }");
    bool has_sign = jr_mm_at(p, JR_MM_TOKEN_EQUAL) || jr_mm_at(p, JR_MM_TOKEN_FAT_ARROW);
    if (diag == NULL || (!has_sign && (jr_mm_after_line_break(p) || !jr_mm_starts_expr(jr_mm_kind(p)))))
        return error_expr(p);
    if (has_sign)
        jr_mm_advance(p);
    p->confused = false;
    struct jr_mm_stmt *stmt = parse_expr_stmt(p);
    stmt->node.span = stmt->as.expr->node.span;
    struct jr_mm_expr *block = jr_mm_make_expr(p, JR_MM_EXPR_BLOCK, stmt->node.span);
    size_t base = jr_mm_list_begin(p);
    jr_mm_list_add(p, &stmt, sizeof stmt);
    block->as.block.items = jr_mm_list_end(p, base, sizeof stmt, &block->as.block.count);
    jr_mm_raise(&block->node, &stmt->node);
    return block;
}

static struct jr_mm_stmt *parse_fn(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_FUNCTION, jr_mm_here(p));
    stmt->as.function.is_macro = jr_mm_at(p, JR_MM_TOKEN_MACRO);
    jr_mm_advance(p);
    stmt->as.function.name = jr_mm_expect_name(p, "the name of a function");
    if (jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN))
        stmt->as.function.params = jr_mm_parse_fn_params(p, &stmt->node);
    if (jr_mm_take(p, JR_MM_TOKEN_ARROW)) {
        stmt->as.function.result = jr_mm_parse_type(p, false);
        jr_mm_raise(&stmt->node, &stmt->as.function.result->node);
    }
    stmt->as.function.body = parse_fn_body(p);
    jr_mm_raise(&stmt->node, &stmt->as.function.body->node);
    return stmt;
}

/* ---- type ---- */

static struct jr_mm_type *parse_payload(struct jr_mm_parser *p)
{
    struct jr_mm_types items;
    struct jr_span open = jr_mm_here(p);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    if (jr_mm_at(p, JR_MM_TOKEN_RIGHT_PAREN))
        jr_mm_complain(p, jr_mm_here(p),
                       "expected a type, found `)`: a constructor without payload has no parentheses");
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_PAREN)) {
        struct jr_mm_type *item = jr_mm_parse_type(p, false);
        jr_mm_list_add(p, &item, sizeof item);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_PAREN, open))
            break;
    }
    items.items = jr_mm_list_end(p, base, sizeof *items.items, &items.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    if (items.count == 0)
        return NULL;
    if (items.count == 1)
        return items.items[0];
    struct jr_mm_type *tuple = jr_mm_make_type(p, JR_MM_TYPE_TUPLE, jr_mm_since(p, open.start));
    tuple->as.tuple = items;
    for (uint32_t i = 0; i < items.count; i++)
        jr_mm_raise(&tuple->node, &items.items[i]->node);
    return tuple;
}

/* What is no constructor but could be the type in a forgotten `alias`. */
static bool starts_type_only(enum jr_mm_token_kind kind)
{
    return kind == JR_MM_TOKEN_FLOAT || kind == JR_MM_TOKEN_INT || kind == JR_MM_TOKEN_STRING ||
           kind == JR_MM_TOKEN_LEFT_PAREN || kind == JR_MM_TOKEN_LEFT_BRACE ||
           kind == JR_MM_TOKEN_LEFT_BRACKET || kind == JR_MM_TOKEN_BACKQUOTE;
}

/* Variants behind the `=`. */
static void parse_variants(struct jr_mm_parser *p, struct jr_mm_stmt *stmt)
{
    size_t base = jr_mm_list_begin(p);
    if (jr_mm_at(p, JR_MM_TOKEN_BAR)) {
        jr_mm_complain(p, jr_mm_here(p), "unexpected `|` before the first constructor");
        jr_mm_advance(p);
    }
    if (starts_type_only(jr_mm_kind(p))) {
        struct jr_diag *diag = jr_mm_expected(p, "the name of a constructor");
        jr_mm_note(p, diag, "a name for an existing type is declared with `type alias`");
        p->confused = false;
        (void)jr_mm_parse_type(p, false);
        return;
    }
    do {
        struct jr_mm_variant variant = { jr_mm_expect_name(p, "the name of a constructor"), NULL };
        if (jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN))
            variant.payload = parse_payload(p);
        if (variant.payload != NULL)
            jr_mm_raise(&stmt->node, &variant.payload->node);
        if (variant.name.symbol != JR_SYMBOL_NONE)
            jr_mm_list_add(p, &variant, sizeof variant);
    } while (jr_mm_take(p, JR_MM_TOKEN_BAR));
    stmt->as.sum.variants =
        jr_mm_list_end(p, base, sizeof *stmt->as.sum.variants, &stmt->as.sum.variant_count);
}

static struct jr_mm_stmt *parse_type_def(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_SUM, jr_mm_here(p));
    jr_mm_advance(p);
    if (jr_mm_take(p, JR_MM_TOKEN_ALIAS)) {
        stmt->kind = JR_MM_STMT_ALIAS;
        stmt->as.alias.name = jr_mm_expect_name(p, "the name of a type");
        if (expect_equal(p))
            stmt->as.alias.type = jr_mm_parse_type(p, false);
        else
            stmt->as.alias.type = jr_mm_make_type(p, JR_MM_TYPE_ERROR, jr_mm_here(p));
        jr_mm_raise(&stmt->node, &stmt->as.alias.type->node);
        return stmt;
    }
    stmt->as.sum.is_rec = jr_mm_take(p, JR_MM_TOKEN_REC);
    stmt->as.sum.name = jr_mm_expect_name(p, "the name of a type");
    if (expect_equal(p))
        parse_variants(p, stmt);
    return stmt;
}

/* ---- modules, files, stages ---- */

static struct jr_mm_stmt *parse_mod(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_MODULE, jr_mm_here(p));
    jr_mm_advance(p);
    stmt->as.module.name = jr_mm_expect_name(p, "the name of a module");
    stmt->as.module.external = !jr_mm_at(p, JR_MM_TOKEN_LEFT_BRACE);
    if (stmt->as.module.external)
        return stmt;
    struct jr_span open = jr_mm_here(p);
    if (jr_mm_enter(p)) {
        p->confused = false;
        jr_mm_advance(p);
        stmt->as.module.body = jr_mm_parse_stmts(p, JR_MM_IN_MODULE, open, &stmt->node);
    }
    jr_mm_leave(p);
    return stmt;
}

/* {a, b} behind the last `::` */
static void parse_use_list(struct jr_mm_parser *p, struct jr_mm_stmt *stmt)
{
    struct jr_span open = jr_mm_here(p);
    size_t base = jr_mm_list_begin(p);
    stmt->as.use.form = JR_MM_USE_LIST;
    jr_mm_advance(p);
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_BRACE)) {
        struct jr_mm_name name = jr_mm_expect_name(p, "a name");
        jr_mm_list_add(p, &name, sizeof name);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_BRACE, open))
            break;
    }
    stmt->as.use.names = jr_mm_list_end(p, base, sizeof *stmt->as.use.names, &stmt->as.use.name_count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
}

/* `use a::b as c` would be read as three statements. */
static void refuse_renaming(struct jr_mm_parser *p)
{
    const struct jr_mm_token *token = jr_mm_token(p);
    if (token->kind != JR_MM_TOKEN_IDENTIFIER || jr_mm_after_line_break(p) ||
        token->end - token->start != 2 || memcmp(p->text + token->start, "as", 2) != 0)
        return;
    struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "unexpected `as`: use cannot rename");
    jr_mm_note(p, diag, "bind another name with let");
    jr_mm_advance(p);
    if (!jr_mm_after_line_break(p))
        jr_mm_take(p, JR_MM_TOKEN_IDENTIFIER);
}

static struct jr_mm_stmt *parse_use(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_USE, jr_mm_here(p));
    jr_mm_advance(p);
    stmt->as.use.path = jr_mm_parse_path(p);
    stmt->as.use.form = JR_MM_USE_PATH;
    if (jr_mm_take(p, JR_MM_TOKEN_COLON_COLON)) {
        if (jr_mm_take(p, JR_MM_TOKEN_STAR))
            stmt->as.use.form = JR_MM_USE_WILDCARD;
        else if (jr_mm_at(p, JR_MM_TOKEN_LEFT_BRACE))
            parse_use_list(p, stmt);
        else
            jr_mm_expected(p, "a name, `*` or `{`");
    }
    refuse_renaming(p);
    bool complete = !p->confused;
    for (uint32_t i = 0; i < stmt->as.use.path.count; i++)
        complete = complete && stmt->as.use.path.names[i].symbol != JR_SYMBOL_NONE;
    return complete ? stmt : make_error(p, stmt);
}

static struct jr_mm_stmt *parse_include(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_INCLUDE, jr_mm_here(p));
    jr_mm_advance(p);
    struct jr_span open = jr_mm_here(p);
    if (!jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN)) {
        jr_mm_note(p, jr_mm_expected(p, "`(`"), "a file is included with include(\"path\")");
        return make_error(p, stmt);
    }
    jr_mm_advance(p);
    const char *path = NULL;
    struct jr_span path_span = jr_mm_here(p);
    if (jr_mm_at(p, JR_MM_TOKEN_TEXT)) {
        size_t length;
        path = jr_mm_string_text(p, jr_mm_token(p), &length);
        if (strlen(path) != length) {
            jr_mm_complain(p, path_span, "a path cannot contain U+0000");
            path = NULL;
        }
        jr_mm_advance(p);
    } else {
        jr_mm_expected(p, "the path of a file as a string");
    }
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    if (path == NULL)
        return make_error(p, stmt);
    stmt->as.include.path = path;
    stmt->as.include.path_span = path_span;
    return stmt;
}

static struct jr_mm_stmt *parse_stage(struct jr_mm_parser *p)
{
    struct jr_mm_stmt *stmt = jr_mm_make_stmt(p, JR_MM_STMT_STAGE, jr_mm_here(p));
    jr_mm_advance(p);
    if (!jr_mm_expect(p, JR_MM_TOKEN_STAGE))
        return make_error(p, stmt);
    struct jr_span open = jr_mm_here(p);
    if (!jr_mm_expect(p, JR_MM_TOKEN_LEFT_PAREN))
        return make_error(p, stmt);
    bool is_main = jr_mm_take(p, JR_MM_TOKEN_MAIN), is_macro = !is_main && jr_mm_take(p, JR_MM_TOKEN_MACRO);
    if (!is_main && !is_macro)
        jr_mm_expected(p, "`main` or `macro`");
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    stmt->as.stage.is_main = is_main;
    return is_main || is_macro ? stmt : make_error(p, stmt);
}

/* ---- statements ---- */

static struct jr_mm_stmt *parse_any(struct jr_mm_parser *p)
{
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_FN:
    case JR_MM_TOKEN_MACRO:
        return parse_fn(p);
    case JR_MM_TOKEN_LET:
        return parse_let(p);
    case JR_MM_TOKEN_LETREC:
        return parse_letrec(p);
    case JR_MM_TOKEN_INCLUDE:
        return parse_include(p);
    case JR_MM_TOKEN_HASH:
        return parse_stage(p);
    case JR_MM_TOKEN_MOD:
        return parse_mod(p);
    case JR_MM_TOKEN_USE:
        return parse_use(p);
    case JR_MM_TOKEN_TYPE:
        return parse_type_def(p);
    default:
        return parse_expr_stmt(p);
    }
}

/* A definition inside a block is read, so that the place is kept, but is none. */
static struct jr_mm_stmt *parse_stmt(struct jr_mm_parser *p, enum jr_mm_context context)
{
    uint32_t start = jr_mm_start(p);
    bool is_public = jr_mm_take(p, JR_MM_TOKEN_PUB);
    enum jr_mm_token_kind kind = jr_mm_kind(p);
    bool misplaced = context == JR_MM_IN_BLOCK &&
                     (kind == JR_MM_TOKEN_FN || kind == JR_MM_TOKEN_MACRO || kind == JR_MM_TOKEN_INCLUDE ||
                      kind == JR_MM_TOKEN_HASH || kind == JR_MM_TOKEN_MOD || kind == JR_MM_TOKEN_USE ||
                      kind == JR_MM_TOKEN_TYPE);
    if (misplaced) {
        struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "`%s` is not allowed inside a block",
                                              kind == JR_MM_TOKEN_HASH ? "#stage" : jr_mm_token_text(kind));
        if (kind == JR_MM_TOKEN_FN || kind == JR_MM_TOKEN_MACRO)
            jr_mm_note(p, diag, "bind a lambda: let f = |x| x + 1, or letrec if it calls itself");
        else
            jr_mm_note(p, diag, "it stands at the level of the program or of a module");
    }
    struct jr_mm_stmt *stmt = parse_any(p);
    stmt->is_public = is_public;
    stmt->node.span = jr_mm_since(p, start);
    if (misplaced) {
        stmt->kind = JR_MM_STMT_EXPR;
        stmt->as.expr = jr_mm_make_expr(p, JR_MM_EXPR_ERROR, stmt->node.span);
    }
    jr_mm_settle(p, &stmt->node);
    return stmt;
}

/* ---- lists of statements ---- */

/* How far the line that holds `offset` is indented, in bytes. */
static uint32_t indentation(const struct jr_mm_parser *p, uint32_t offset, bool *first_on_line)
{
    uint32_t line = offset, text;
    while (line > 0 && p->text[line - 1] != '\n' && p->text[line - 1] != '\r')
        line--;
    for (text = line; text < offset && (p->text[text] == ' ' || p->text[text] == '\t');)
        text++;
    *first_on_line = text == offset;
    return text - line;
}

/* A definition that is indented no further than the line on which this block was opened: more likely the end of the
 * block is missing than that somebody meant a definition inside it. */
static bool block_seems_unclosed(const struct jr_mm_parser *p, struct jr_span open)
{
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_FN:
    case JR_MM_TOKEN_MACRO:
    case JR_MM_TOKEN_INCLUDE:
    case JR_MM_TOKEN_HASH:
    case JR_MM_TOKEN_MOD:
    case JR_MM_TOKEN_USE:
    case JR_MM_TOKEN_TYPE:
    case JR_MM_TOKEN_PUB: {
        bool first_on_line, ignored;
        uint32_t indent = indentation(p, jr_mm_start(p), &first_on_line);
        return jr_mm_after_line_break(p) && first_on_line && indent <= indentation(p, open.start, &ignored);
    }
    default:
        return false;
    }
}

/* { a, b } where a block stands: a tuple was meant.  { a = 1, b = 2 }: a record was meant; the first field was read as an assignment, which is the
 * last statement; the current token is the comma. */
static void refuse_record_as_block(struct jr_mm_parser *p, struct jr_mm_stmt *last)
{
    if (last == NULL || last->kind != JR_MM_STMT_EXPR)
        return;
    if (last->as.expr->kind != JR_MM_EXPR_ASSIGN) {
        jr_mm_note(p, jr_mm_fail(p, jr_mm_here(p), "unexpected `,` behind an expression"),
                   "several values together are a tuple: (a, b)");
        p->confused = false;
        jr_mm_advance(p);
        return;
    }
    struct jr_diag *diag = jr_mm_fail(p, jr_mm_here(p), "unexpected `,`: this is a block, not a record");
    jr_mm_note(p, diag, "a record as a body or branch stands in a block of its own: { {a = 1, b = 2} }");
    p->confused = false;
    while (jr_mm_take(p, JR_MM_TOKEN_COMMA) && jr_mm_at(p, JR_MM_TOKEN_IDENTIFIER) &&
           jr_mm_peek(p, 1)->kind == JR_MM_TOKEN_EQUAL)
        (void)jr_mm_parse_expr(p);
    last->as.expr = jr_mm_make_expr(p, JR_MM_EXPR_ERROR, last->node.span);
}

struct jr_mm_stmts jr_mm_parse_stmts(struct jr_mm_parser *p, enum jr_mm_context context, struct jr_span open,
                                     struct jr_mm_node *parent)
{
    struct jr_mm_stmts stmts;
    struct jr_mm_stmt *last = NULL;
    size_t base = jr_mm_list_begin(p);
    while (!jr_mm_at(p, JR_MM_TOKEN_END)) {
        size_t first = p->at;
        if (context == JR_MM_IN_BLOCK && jr_mm_at(p, JR_MM_TOKEN_COMMA)) {
            refuse_record_as_block(p, last);
            if (p->at != first)
                continue;
        }
        if (jr_mm_at(p, JR_MM_TOKEN_RIGHT_BRACE)) {
            if (context != JR_MM_IN_PROGRAM)
                break;
            jr_mm_complain(p, jr_mm_here(p), "unexpected `}`: no block is open here");
            jr_mm_advance(p);
            continue;
        }
        if (context == JR_MM_IN_BLOCK && block_seems_unclosed(p, open))
            break;
        struct jr_mm_stmt *stmt = parse_stmt(p, context);
        if (context == JR_MM_IN_PROGRAM && p->stopped) { /* it is too deep, or only half read */
            stmt->node.height = 1;
            stmt = make_error(p, stmt);
        }
        jr_mm_raise(parent, &stmt->node);
        jr_mm_list_add(p, &stmt, sizeof stmt);
        last = stmt;
        if (p->confused)
            jr_mm_sync_stmt(p);
        if (p->at == first)
            jr_mm_advance(p);
    }
    stmts.items = jr_mm_list_end(p, base, sizeof *stmts.items, &stmts.count);
    if (context != JR_MM_IN_PROGRAM)
        jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
    return stmts;
}
