/* parser.c -- the ground under the grammar: tokens, errors, recovery, memory; and the entry. */
#include "frontend/mimium/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "frontend/mimium/deep.h"
#include "frontend/mimium/parse.h"
#include "frontend/utf8.h"
#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/number.h"

/* ---- tokens ---- */

static size_t end_index(const struct jr_mm_parser *p)
{
    return p->tokens.count - 1;
}

const struct jr_mm_token *jr_mm_peek(const struct jr_mm_parser *p, size_t ahead)
{
    size_t end = end_index(p);
    return &p->tokens.items[ahead < end - p->at ? p->at + ahead : end];
}

bool jr_mm_after_line_break(const struct jr_mm_parser *p)
{
    return (jr_mm_token(p)->flags & JR_MM_LINE_BREAK) != 0;
}

bool jr_mm_after_separator(const struct jr_mm_parser *p)
{
    return (jr_mm_token(p)->flags & JR_MM_SEPARATOR) != 0;
}

/* Says why a token is unreadable. */
static void report_unreadable(struct jr_mm_parser *p, const struct jr_mm_token *token)
{
    struct jr_span span = { p->file, token->start, token->end };
    const char *text = p->text + token->start;
    uint32_t code;
    jr_utf8_decode(text, token->end - token->start, &code);
    struct jr_diag *diag;
    switch ((enum jr_mm_lex_error)token->error) {
    case JR_MM_LEX_OK:
        break;
    case JR_MM_LEX_OPEN_STRING:
        diag = jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "this string does not end");
        jr_mm_note(p, diag, "a string goes from one \" to the next; there are no escapes in it");
        break;
    case JR_MM_LEX_APOSTROPHES:
        diag = jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "a string is written between two \", not '");
        break;
    case JR_MM_LEX_OPEN_COMMENT:
        diag = jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "this comment does not end");
        jr_mm_note(p, diag, "a comment goes from /* to the first */; comments do not nest");
        break;
    case JR_MM_LEX_BLANK:
        diag =
            jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "U+%04X is not a blank here", (unsigned)code);
        jr_mm_note(p, diag,
                   "between words only spaces, tabs and line breaks may stand; write a space instead");
        break;
    case JR_MM_LEX_CHARACTER:
        if (code < 0x20 || code == 0x7f)
            diag = jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "unexpected control character U+%04X",
                                  (unsigned)code);
        else
            diag = jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "unexpected character `%.*s`",
                                  (int)(span.end - span.start > 40 ? 0 : span.end - span.start), text);
        if (code == '&')
            jr_mm_note(p, diag, "\"and\" is written &&");
        else if (code == '\'' || (code >= 0x2018 && code <= 0x201f))
            jr_mm_note(p, diag, "a string is written between two \"");
        else if (code == 0x2212 || code == 0x2013)
            jr_mm_note(p, diag, "minus is written -");
        break;
    }
}

/* Reports the current token if it is unreadable, and steps over those that only stand for a blank. */
static void meet_token(struct jr_mm_parser *p)
{
    for (; jr_mm_at(p, JR_MM_TOKEN_ERROR) && !p->stopped; p->at++) {
        report_unreadable(p, jr_mm_token(p));
        if (jr_mm_token(p)->error != JR_MM_LEX_BLANK)
            break;
        p->tokens.items[p->at + 1].flags |= jr_mm_token(p)->flags & (JR_MM_LINE_BREAK | JR_MM_SEPARATOR);
        p->tokens.items[p->at + 1].flags &= (uint8_t)~JR_MM_ADJACENT;
    }
}

void jr_mm_advance(struct jr_mm_parser *p)
{
    if (p->at < end_index(p)) {
        p->at++;
        meet_token(p);
    }
}

bool jr_mm_take(struct jr_mm_parser *p, enum jr_mm_token_kind kind)
{
    if (!jr_mm_at(p, kind))
        return false;
    jr_mm_advance(p);
    return true;
}

static bool opens(enum jr_mm_token_kind kind)
{
    return kind == JR_MM_TOKEN_LEFT_PAREN || kind == JR_MM_TOKEN_LEFT_BRACKET ||
           kind == JR_MM_TOKEN_LEFT_BRACE;
}

static bool closes(enum jr_mm_token_kind kind)
{
    return kind == JR_MM_TOKEN_RIGHT_PAREN || kind == JR_MM_TOKEN_RIGHT_BRACKET ||
           kind == JR_MM_TOKEN_RIGHT_BRACE;
}

/* Pairs the brackets of the whole file in one pass, whatever their kinds, so that looking ahead costs nothing.  While a
 * bracket is open its entry holds the one that was open before: the stack is in the table. */
static enum jr_status pair_brackets(struct jr_mm_parser *p)
{
    uint32_t end = (uint32_t)end_index(p), top = end;
    p->behind = jr_alloc_array(p->alloc, p->tokens.count, sizeof *p->behind);
    if (p->behind == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < end; i++) {
        enum jr_mm_token_kind kind = (enum jr_mm_token_kind)p->tokens.items[i].kind;
        if (opens(kind)) {
            p->behind[i] = top;
            top = i;
        } else if (closes(kind) && top != end) {
            uint32_t before = p->behind[top];
            p->behind[top] = i + 1;
            top = before;
        }
    }
    while (top != end) {
        uint32_t before = p->behind[top];
        p->behind[top] = end;
        top = before;
    }
    return JR_OK;
}

size_t jr_mm_behind_bracket(const struct jr_mm_parser *p, size_t open)
{
    return p->behind[open];
}

/* ---- places ---- */

/* The end of the last token before the current one that is no blank. */
static uint32_t last_end(const struct jr_mm_parser *p)
{
    size_t i = p->at;
    while (i > 0 && p->tokens.items[i - 1].error == JR_MM_LEX_BLANK)
        i--;
    return i == 0 ? 0 : p->tokens.items[i - 1].end;
}

struct jr_span jr_mm_here(const struct jr_mm_parser *p)
{
    const struct jr_mm_token *token = jr_mm_token(p);
    struct jr_span span = { p->file, token->start, token->end };
    if (token->kind ==
        JR_MM_TOKEN_END) /* behind the last word rather than behind the blank lines at the end */
        span.start = span.end = last_end(p);
    return span;
}

uint32_t jr_mm_start(const struct jr_mm_parser *p)
{
    return jr_mm_here(p).start;
}

struct jr_span jr_mm_since(const struct jr_mm_parser *p, uint32_t start)
{
    uint32_t end = last_end(p);
    struct jr_span span = { p->file, start, end < start ? start : end };
    return span;
}

/* ---- errors ---- */

__attribute__((format(printf, 3, 0))) static struct jr_diag *
report(struct jr_mm_parser *p, struct jr_span span, const char *format, va_list arguments)
{
    char message[256];
    vsnprintf(message, sizeof message, format, arguments);
    /* A cut inside a character would not be UTF-8. */
    message[jr_utf8_valid_prefix(message, strlen(message))] = '\0';
    return jr_diags_error(p->diags, JR_CATEGORY_PARSE, span, "%s", message);
}

struct jr_diag *jr_mm_fail(struct jr_mm_parser *p, struct jr_span span, const char *format, ...)
{
    struct jr_diag *diag = NULL;
    if (!p->confused && !p->stopped && !jr_mm_at(p, JR_MM_TOKEN_ERROR) && p->failed_at != p->at) {
        va_list arguments;
        va_start(arguments, format);
        diag = report(p, span, format, arguments);
        va_end(arguments);
        p->failed_at = p->at;
    }
    p->confused = true;
    return diag;
}

struct jr_diag *jr_mm_complain(struct jr_mm_parser *p, struct jr_span span, const char *format, ...)
{
    if (p->confused || p->stopped)
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    struct jr_diag *diag = report(p, span, format, arguments);
    va_end(arguments);
    return diag;
}

struct jr_diag *jr_mm_expected(struct jr_mm_parser *p, const char *what)
{
    const struct jr_mm_token *token = jr_mm_token(p);
    struct jr_span here = jr_mm_here(p);
    int length = (int)(token->end - token->start);
    if (token->kind == JR_MM_TOKEN_END)
        return jr_mm_fail(p, here, "expected %s, found the end of the file", what);
    if (token->kind == JR_MM_TOKEN_TEXT)
        return jr_mm_fail(p, here, "expected %s, found a string", what);
    if (length > 60)
        return jr_mm_fail(p, here, "expected %s, found a %s", what,
                          jr_mm_token_text((enum jr_mm_token_kind)token->kind));
    return jr_mm_fail(p, here, "expected %s, found `%.*s`", what, length, p->text + token->start);
}

void jr_mm_note(struct jr_mm_parser *p, struct jr_diag *diag, const char *note)
{
    jr_diag_note(p->diags, diag, "%s", note);
}

bool jr_mm_expect(struct jr_mm_parser *p, enum jr_mm_token_kind kind)
{
    if (jr_mm_take(p, kind))
        return true;
    char what[32];
    snprintf(what, sizeof what, "`%s`", jr_mm_token_text(kind));
    jr_mm_expected(p, what);
    return false;
}

/* Nothing more is read. */
static void stop(struct jr_mm_parser *p)
{
    p->stopped = true;
    p->at = end_index(p);
}

static void report_depth(struct jr_mm_parser *p, struct jr_span span)
{
    if (p->stopped)
        return;
    struct jr_diag *diag = jr_diags_error(p->diags, JR_CATEGORY_LIMIT, span,
                                          "this is nested more than %d levels deep", JR_MM_DEPTH_MAX);
    jr_mm_note(p, diag,
               "brackets, operators and long chains of operators or calls count; name parts of it with let");
    jr_mm_note(p, diag, "the rest of the file was not read");
    stop(p);
}

bool jr_mm_enter(struct jr_mm_parser *p)
{
    p->depth++;
    if (p->depth > JR_MM_DEPTH_MAX) {
        report_depth(p, jr_mm_here(p));
    } else if (p->depth > p->depth_max) {
        p->too_deep = true;
        stop(p);
    }
    return !p->stopped;
}

void jr_mm_leave(struct jr_mm_parser *p)
{
    p->depth--;
}

void jr_mm_settle(struct jr_mm_parser *p, const struct jr_mm_node *node)
{
    if (node->height > JR_MM_DEPTH_MAX)
        report_depth(p, jr_mm_here(p));
}

/* ---- recovery ---- */

/* Words that begin a statement and nothing else. */
static bool begins_stmt(enum jr_mm_token_kind kind)
{
    return kind == JR_MM_TOKEN_LET || kind == JR_MM_TOKEN_LETREC || kind == JR_MM_TOKEN_FN ||
           kind == JR_MM_TOKEN_MACRO || kind == JR_MM_TOKEN_MOD || kind == JR_MM_TOKEN_USE ||
           kind == JR_MM_TOKEN_TYPE || kind == JR_MM_TOKEN_INCLUDE || kind == JR_MM_TOKEN_PUB ||
           kind == JR_MM_TOKEN_HASH;
}

/* A closing bracket is missing and a brace follows.  It belongs to the list if the list goes on behind it (a comma is
 * missing); otherwise it is the block behind the list. */
static bool brace_is_item(const struct jr_mm_parser *p)
{
    enum jr_mm_token_kind next = (enum jr_mm_token_kind)p->tokens.items[jr_mm_behind_bracket(p, p->at)].kind;
    return next == JR_MM_TOKEN_RIGHT_PAREN || next == JR_MM_TOKEN_RIGHT_BRACKET || next == JR_MM_TOKEN_COMMA;
}

/* Skips to `close` or a comma of this list, or to where the list cannot go on. */
static void skip_in_list(struct jr_mm_parser *p, enum jr_mm_token_kind close)
{
    size_t braces = 0, others = 0;
    for (;; jr_mm_advance(p)) {
        enum jr_mm_token_kind kind = jr_mm_kind(p);
        if (kind == JR_MM_TOKEN_END)
            return;
        if (braces == 0 && begins_stmt(kind) && jr_mm_after_line_break(p))
            return;
        if (braces == 0 && others == 0) {
            if (kind == close || kind == JR_MM_TOKEN_COMMA || closes(kind))
                return;
            if (kind == JR_MM_TOKEN_LEFT_BRACE && !brace_is_item(p))
                return;
        }
        if (kind == JR_MM_TOKEN_LEFT_BRACE)
            braces++;
        else if (opens(kind))
            others++;
        else if (kind == JR_MM_TOKEN_RIGHT_BRACE) {
            if (braces == 0)
                return;
            braces--;
        } else if (closes(kind) && others > 0)
            others--;
    }
}

bool jr_mm_in_list(const struct jr_mm_parser *p, enum jr_mm_token_kind close)
{
    return !jr_mm_at(p, close) && !jr_mm_at(p, JR_MM_TOKEN_END);
}

bool jr_mm_next_item(struct jr_mm_parser *p, enum jr_mm_token_kind close, struct jr_span open)
{
    if (!jr_mm_at(p, JR_MM_TOKEN_COMMA) && !jr_mm_at(p, close)) {
        char what[32];
        snprintf(what, sizeof what, "`,` or `%s`", jr_mm_token_text(close));
        struct jr_diag *diag = jr_mm_expected(p, what);
        if (jr_mm_after_line_break(p) || jr_mm_at(p, JR_MM_TOKEN_END) || closes(jr_mm_kind(p)))
            jr_diag_label(p->diags, diag, open, "to go on with this or to close it");
        if (jr_mm_at(p, JR_MM_TOKEN_EQUAL) && close == JR_MM_TOKEN_RIGHT_PAREN)
            jr_mm_note(p, diag, "arguments are passed by name as a record: f({a = 1})");
        skip_in_list(p, close);
    }
    if (!jr_mm_at(p, JR_MM_TOKEN_COMMA))
        return false;
    jr_mm_advance(p);
    p->confused = false;
    return true;
}

void jr_mm_close(struct jr_mm_parser *p, enum jr_mm_token_kind close, struct jr_span open)
{
    if (!jr_mm_at(p, close)) {
        char what[32];
        snprintf(what, sizeof what, "`%s`", jr_mm_token_text(close));
        struct jr_diag *diag = jr_mm_expected(p, what);
        jr_diag_label(p->diags, diag, open, "to close this");
        do
            skip_in_list(p, close);
        while (jr_mm_take(p, JR_MM_TOKEN_COMMA));
    }
    if (jr_mm_take(p, close))
        p->confused = false;
}

void jr_mm_sync_stmt(struct jr_mm_parser *p)
{
    size_t depth = 0;
    for (; !jr_mm_at(p, JR_MM_TOKEN_END); jr_mm_advance(p)) {
        enum jr_mm_token_kind kind = jr_mm_kind(p);
        if (depth == 0 && (kind == JR_MM_TOKEN_RIGHT_BRACE || begins_stmt(kind)))
            break;
        if (depth == 0 && jr_mm_after_line_break(p) && jr_mm_starts_expr(kind))
            break;
        if (opens(kind))
            depth++;
        else if (closes(kind) && depth > 0)
            depth--;
    }
    p->confused = false;
}

/* Whether what follows, up to the end of the line, looks like a pattern and an arrow. */
static bool arm_follows(const struct jr_mm_parser *p)
{
    for (size_t i = p->at; i < end_index(p); i++) {
        const struct jr_mm_token *token = &p->tokens.items[i];
        if (i > p->at && (token->flags & JR_MM_LINE_BREAK) != 0)
            return false;
        if (token->kind == JR_MM_TOKEN_FAT_ARROW)
            return true;
    }
    return false;
}

void jr_mm_sync_arm(struct jr_mm_parser *p)
{
    size_t depth = 0;
    for (; !jr_mm_at(p, JR_MM_TOKEN_END); jr_mm_advance(p)) {
        enum jr_mm_token_kind kind = jr_mm_kind(p);
        if (depth == 0 && (kind == JR_MM_TOKEN_RIGHT_BRACE || kind == JR_MM_TOKEN_COMMA))
            break;
        if (depth == 0 && jr_mm_after_line_break(p) && arm_follows(p))
            break;
        if (opens(kind))
            depth++;
        else if (closes(kind) && depth > 0)
            depth--;
    }
    p->confused = false;
}

/* ---- memory ---- */

void jr_mm_no_memory(struct jr_mm_parser *p)
{
    p->status = JR_ERR_NO_MEMORY;
    stop(p);
}

/* Gives out the spare node, emptied. */
#define OR_SPARE(node, spare)                          \
    do {                                               \
        if (node == NULL) {                            \
            jr_mm_no_memory(p);                        \
            node = memset(&(spare), 0, sizeof(spare)); \
        }                                              \
    } while (0)

struct jr_mm_type *jr_mm_make_type(struct jr_mm_parser *p, enum jr_mm_type_kind kind, struct jr_span span)
{
    struct jr_mm_type *type = jr_mm_type_new(p->ast, kind, span);
    OR_SPARE(type, p->spare_type);
    return type;
}

struct jr_mm_pattern *jr_mm_make_pattern(struct jr_mm_parser *p, enum jr_mm_pattern_kind kind,
                                         struct jr_span span)
{
    struct jr_mm_pattern *pattern = jr_mm_pattern_new(p->ast, kind, span);
    OR_SPARE(pattern, p->spare_pattern);
    return pattern;
}

struct jr_mm_expr *jr_mm_make_expr(struct jr_mm_parser *p, enum jr_mm_expr_kind kind, struct jr_span span)
{
    struct jr_mm_expr *expr = jr_mm_expr_new(p->ast, kind, span);
    OR_SPARE(expr, p->spare_expr);
    return expr;
}

struct jr_mm_param *jr_mm_make_param(struct jr_mm_parser *p, struct jr_mm_name name, struct jr_span span)
{
    struct jr_mm_param *param = jr_mm_param_new(p->ast, name, span);
    OR_SPARE(param, p->spare_param);
    return param;
}

struct jr_mm_stmt *jr_mm_make_stmt(struct jr_mm_parser *p, enum jr_mm_stmt_kind kind, struct jr_span span)
{
    struct jr_mm_stmt *stmt = jr_mm_stmt_new(p->ast, kind, span);
    OR_SPARE(stmt, p->spare_stmt);
    return stmt;
}

#undef OR_SPARE

size_t jr_mm_list_begin(const struct jr_mm_parser *p)
{
    return p->scratch.count;
}

void jr_mm_list_add(struct jr_mm_parser *p, const void *item, size_t item_size)
{
    if (JR_VEC_RESERVE(p->alloc, &p->scratch, item_size) != JR_OK) {
        jr_mm_no_memory(p);
        return;
    }
    memcpy(p->scratch.items + p->scratch.count, item, item_size);
    p->scratch.count += item_size;
}

void *jr_mm_list_end(struct jr_mm_parser *p, size_t base, size_t item_size, uint32_t *count)
{
    size_t bytes = p->scratch.count - base;
    *count = (uint32_t)(bytes / item_size);
    if (bytes == 0)
        return NULL;
    void *items = jr_arena_copy(p->ast->arena, p->scratch.items + base, bytes);
    p->scratch.count = base;
    if (items == NULL) {
        jr_mm_no_memory(p);
        *count = 0;
    }
    return items;
}

/* ---- names and literals ---- */

static struct jr_mm_name name_of(struct jr_mm_parser *p, const struct jr_mm_token *token)
{
    struct jr_mm_name name = { JR_SYMBOL_NONE, { p->file, token->start, token->end } };
    if (jr_symbols_intern(p->ast->symbols, p->text + token->start, token->end - token->start, &name.symbol) !=
        JR_OK)
        jr_mm_no_memory(p);
    return name;
}

static bool is_word(enum jr_mm_token_kind kind)
{
#define JR_MM_WORD(enumerator, spelling) || kind == JR_MM_TOKEN_##enumerator
    return false
#include "frontend/mimium/tokens.def"
        ;
}

struct jr_mm_name jr_mm_expect_name(struct jr_mm_parser *p, const char *what)
{
    struct jr_mm_name none = { JR_SYMBOL_NONE, jr_mm_here(p) };
    enum jr_mm_token_kind kind = jr_mm_kind(p);
    if (kind == JR_MM_TOKEN_IDENTIFIER) {
        struct jr_mm_name name = name_of(p, jr_mm_token(p));
        jr_mm_advance(p);
        return name;
    }
    /* A word in the place of a name is wrong, but the place is clear, unless the word begins the next statement. */
    if (is_word(kind) && !(begins_stmt(kind) && jr_mm_after_line_break(p))) {
        jr_mm_complain(p, none.span,
                       kind == JR_MM_TOKEN_UNDERSCORE ? "expected %s, but `%s` is none"
                                                      : "expected %s, but `%s` is a reserved word",
                       what, jr_mm_token_text(kind));
        jr_mm_advance(p);
    } else {
        jr_mm_expected(p, what);
    }
    return none;
}

struct jr_mm_path jr_mm_parse_path(struct jr_mm_parser *p)
{
    struct jr_mm_path path = { NULL, 0, { 0, 0, 0 } };
    uint32_t start = jr_mm_start(p);
    size_t base = jr_mm_list_begin(p);
    for (;;) {
        struct jr_mm_name name = jr_mm_expect_name(p, "a name");
        jr_mm_list_add(p, &name, sizeof name);
        if (!jr_mm_at(p, JR_MM_TOKEN_COLON_COLON) || jr_mm_peek(p, 1)->kind != JR_MM_TOKEN_IDENTIFIER)
            break;
        jr_mm_advance(p);
    }
    path.names = jr_mm_list_end(p, base, sizeof *path.names, &path.count);
    path.span = jr_mm_since(p, start);
    return path;
}

const char *jr_mm_string_text(struct jr_mm_parser *p, const struct jr_mm_token *token, size_t *length)
{
    *length = token->end - token->start - 2;
    const char *text = jr_arena_text(p->ast->arena, p->text + token->start + 1, *length);
    if (text == NULL) {
        jr_mm_no_memory(p);
        *length = 0;
        text = "";
    }
    return text;
}

struct jr_mm_number jr_mm_number_of(const struct jr_mm_parser *p, const struct jr_mm_token *token)
{
    struct jr_mm_number number = { jr_number_parse(p->text + token->start, token->end - token->start),
                                   token->kind == JR_MM_TOKEN_INTEGER };
    return number;
}

/* ---- the entry ---- */

/* Text that is not UTF-8 is not looked into any further. */
static bool is_text(struct jr_mm_parser *p, size_t length)
{
    size_t valid = jr_utf8_valid_prefix(p->text, length);
    if (valid == length)
        return true;
    struct jr_span span = { p->file, (uint32_t)valid, (uint32_t)valid + 1 };
    struct jr_diag *diag =
        jr_diags_error(p->diags, JR_CATEGORY_FILE, span, "this file is not UTF-8 text: byte 0x%02X",
                       (unsigned)(unsigned char)p->text[valid]);
    jr_mm_note(p, diag, "a script is a text file in UTF-8");
    return false;
}

/* One attempt to parse a file. */
struct attempt {
    const struct jr_sources *sources;
    uint32_t file;
    struct jr_mm_ast *ast;
    struct jr_diags *diags;
    uint32_t depth_max;
    struct jr_mm_program *program; /* NULL on failure */
    bool too_deep;                 /* the caller tries again with more depth */
    enum jr_status status;
};

static void parse_file(void *context)
{
    struct attempt *attempt = context;
    size_t length;
    struct jr_mm_parser p = { .alloc = attempt->ast->arena->alloc,
                              .sources = attempt->sources,
                              .ast = attempt->ast,
                              .diags = attempt->diags,
                              .file = attempt->file,
                              .depth_max = attempt->depth_max,
                              .failed_at = SIZE_MAX };
    struct jr_span nothing = { p.file, 0, 0 };
    struct jr_mm_program *program;
    enum jr_status status = JR_OK;
    p.text = jr_sources_text(p.sources, p.file, &length);
    program = JR_ARENA_NEW(p.ast->arena, struct jr_mm_program);
    if (program == NULL)
        JR_TRY(JR_ERR_NO_MEMORY);
    program->file = p.file;
    program->height = 1;
    if (is_text(&p, length)) {
        struct jr_mm_node root = { 0, 1, nothing };
        JR_TRY(jr_mm_lex(p.text, length, p.alloc, &p.tokens));
        JR_TRY(pair_brackets(&p));
        meet_token(&p);
        program->stmts = jr_mm_parse_stmts(&p, JR_MM_IN_PROGRAM, nothing, &root);
        program->height = root.height;
        JR_TRY(p.status);
    }
    JR_TRY(jr_diags_status(p.diags));
    attempt->program = program;
    attempt->too_deep = p.too_deep;
done:
    JR_VEC_FREE(p.alloc, &p.scratch);
    jr_alloc_free(p.alloc, p.behind, p.tokens.count * sizeof *p.behind);
    jr_mm_tokens_free(p.alloc, &p.tokens);
    attempt->status = status;
}

enum jr_status jr_mimium_parse(const struct jr_sources *sources, uint32_t file, struct jr_mm_ast *ast,
                               struct jr_diags *diags, struct jr_mm_program **out)
{
    struct attempt attempt = {
        .sources = sources, .file = file, .ast = ast, .diags = diags, .depth_max = JR_MM_DEPTH_SHALLOW
    };
    struct jr_diags_mark before = jr_diags_mark(diags);
    uint32_t first_id = ast->node_count;
    *out = NULL;
    parse_file(&attempt);
    if (attempt.status == JR_OK && attempt.too_deep) {
        jr_diags_rewind(diags, before);
        ast->node_count = first_id;
        attempt.program = NULL;
        attempt.depth_max = JR_MM_DEPTH_MAX;
        enum jr_status status = jr_mm_run_deep(JR_MM_DEPTH_MAX, parse_file, &attempt);
        if (status != JR_OK)
            return status;
    }
    *out = attempt.program;
    return attempt.status;
}
