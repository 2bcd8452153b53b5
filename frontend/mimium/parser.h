/* parser.h -- what the files of the parser share: parser.c (tokens, errors, recovery), parse_stmt.c, parse_expr.c,
 * parse_compound.c, parse_pattern.c, parse_type.c.  Internal to the parser.
 *
 * Recursive descent with one token of lookahead; the places that need more say so.
 *
 * - No function returns NULL.  Where something was wrong it gives an ERROR node.  Out of memory sets `status`, jumps to
 *   the end of the tokens and gives spare nodes, so every loop ends and the result is thrown away.
 * - An error makes the parser `confused`: it stays silent until it has found its place again (the next item of a list,
 *   the bracket that closes it, the next arm, the next statement), so one mistake is reported once.
 * - Everything that recurses goes through jr_mm_enter, which ends the parse at JR_MM_DEPTH_MAX. */
#ifndef JR_FRONTEND_MIMIUM_PARSER_H
#define JR_FRONTEND_MIMIUM_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/diag.h"
#include "frontend/mimium/ast.h"
#include "frontend/mimium/lexer.h"
#include "ir/base/vec.h"

struct jr_mm_parser {
    const struct jr_alloc *alloc;
    const struct jr_sources *sources;
    struct jr_mm_ast *ast;
    struct jr_diags *diags;
    const char *text;
    uint32_t file;
    struct jr_mm_tokens tokens;
    uint32_t *behind; /* for each opening bracket: see jr_mm_behind_bracket */
    size_t at;        /* the current token */
    uint32_t depth;     /* of recursion */
    uint32_t depth_max; /* JR_MM_DEPTH_SHALLOW in the first attempt */
    bool too_deep;      /* that was not enough */
    size_t failed_at; /* the token at which the last error was reported, SIZE_MAX before the first */
    bool confused;    /* an error was reported and the place is not found again yet */
    bool stopped;     /* a limit was hit or memory ran out: `at` is the end, nothing is reported any more */
    enum jr_status status; /* JR_OK or JR_ERR_NO_MEMORY */
    JR_VEC(char) scratch;  /* the lists under construction, a stack */
    /* What is given out when there is no memory. */
    struct jr_mm_type spare_type;
    struct jr_mm_pattern spare_pattern;
    struct jr_mm_expr spare_expr;
    struct jr_mm_param spare_param;
    struct jr_mm_stmt spare_stmt;
};

/* ---- parser.c: tokens ---- */

static inline const struct jr_mm_token *jr_mm_token(const struct jr_mm_parser *p)
{
    return &p->tokens.items[p->at];
}

static inline enum jr_mm_token_kind jr_mm_kind(const struct jr_mm_parser *p)
{
    return (enum jr_mm_token_kind)jr_mm_token(p)->kind;
}

static inline bool jr_mm_at(const struct jr_mm_parser *p, enum jr_mm_token_kind kind)
{
    return jr_mm_kind(p) == kind;
}

/* The token `ahead` places further on; the END if there are fewer. */
const struct jr_mm_token *jr_mm_peek(const struct jr_mm_parser *p, size_t ahead);
/* Whether a line break (a `;` counts) / a `;` stands before the current token. */
bool jr_mm_after_line_break(const struct jr_mm_parser *p);
bool jr_mm_after_separator(const struct jr_mm_parser *p);
/* To the next token.  Reports unreadable text when it gets there. */
void jr_mm_advance(struct jr_mm_parser *p);
/* Takes the current token if it is of this kind. */
bool jr_mm_take(struct jr_mm_parser *p, enum jr_mm_token_kind kind);
/* The index behind the bracket that closes the one at tokens[open]; the END's index if none does. */
size_t jr_mm_behind_bracket(const struct jr_mm_parser *p, size_t open);

/* ---- parser.c: places ---- */

struct jr_span jr_mm_here(const struct jr_mm_parser *p); /* the current token */
uint32_t jr_mm_start(const struct jr_mm_parser *p);      /* where the current token starts */
struct jr_span jr_mm_since(const struct jr_mm_parser *p,
                           uint32_t start); /* from there to the last taken token */

/* ---- parser.c: errors and recovery ---- */

/* Reports an error and gets confused; NULL, and silent, if it is confused already, if the current token has had its
 * error, or if it is unreadable text, which has been reported. */
__attribute__((format(printf, 3, 4))) struct jr_diag *jr_mm_fail(struct jr_mm_parser *p, struct jr_span span,
                                                                 const char *format, ...);
/* "expected <what>, found <the current token>", there. */
struct jr_diag *jr_mm_expected(struct jr_mm_parser *p, const char *what);
/* Reports an error from which the parser goes on without loss of place. */
__attribute__((format(printf, 3, 4))) struct jr_diag *
jr_mm_complain(struct jr_mm_parser *p, struct jr_span span, const char *format, ...);
void jr_mm_note(struct jr_mm_parser *p, struct jr_diag *diag, const char *note);
/* Takes a token of this kind or reports that it is missing. */
bool jr_mm_expect(struct jr_mm_parser *p, enum jr_mm_token_kind kind);
/* One level deeper; false, after reporting E-LIMIT and ending the parse, if that is too deep.  Every enter has a leave. */
bool jr_mm_enter(struct jr_mm_parser *p);
void jr_mm_leave(struct jr_mm_parser *p);
/* Sees that a finished node is not too high. */
void jr_mm_settle(struct jr_mm_parser *p, const struct jr_mm_node *node);

/* Lists in brackets.
 *
 *   open = jr_mm_here(p), advance;
 *   while (jr_mm_in_list(p, close)) { one item; if (!jr_mm_next_item(p, close, open)) break; }
 *   jr_mm_close(p, close, open);                                                                                   */
bool jr_mm_in_list(const struct jr_mm_parser *p, enum jr_mm_token_kind close);
bool jr_mm_next_item(struct jr_mm_parser *p, enum jr_mm_token_kind close, struct jr_span open);
/* Takes the closing bracket; if it is missing reports that with the opening one, and looks for it further on. */
void jr_mm_close(struct jr_mm_parser *p, enum jr_mm_token_kind close, struct jr_span open);

/* Skips to the next statement, arm, or the brace that ends them all, and is not confused any more. */
void jr_mm_sync_stmt(struct jr_mm_parser *p);
void jr_mm_sync_arm(struct jr_mm_parser *p);

/* ---- parser.c: memory ---- */

void jr_mm_no_memory(struct jr_mm_parser *p);
struct jr_mm_type *jr_mm_make_type(struct jr_mm_parser *p, enum jr_mm_type_kind kind, struct jr_span span);
struct jr_mm_pattern *jr_mm_make_pattern(struct jr_mm_parser *p, enum jr_mm_pattern_kind kind,
                                         struct jr_span span);
struct jr_mm_expr *jr_mm_make_expr(struct jr_mm_parser *p, enum jr_mm_expr_kind kind, struct jr_span span);
struct jr_mm_param *jr_mm_make_param(struct jr_mm_parser *p, struct jr_mm_name name, struct jr_span span);
struct jr_mm_stmt *jr_mm_make_stmt(struct jr_mm_parser *p, enum jr_mm_stmt_kind kind, struct jr_span span);

/* A list grows on the scratch stack, lists inside it above, and goes to the arena when it is complete. */
size_t jr_mm_list_begin(const struct jr_mm_parser *p);
void jr_mm_list_add(struct jr_mm_parser *p, const void *item, size_t item_size);
void *jr_mm_list_end(struct jr_mm_parser *p, size_t base, size_t item_size, uint32_t *count);

/* ---- parser.c: names ---- */

/* Takes a name; reports "expected <what>" if there is none (a reserved word is taken, so that the place is kept) and
 * gives JR_SYMBOL_NONE. */
struct jr_mm_name jr_mm_expect_name(struct jr_mm_parser *p, const char *what);
/* name {:: name}, for which the current token is a name.  Stops before a `::` that no name follows. */
struct jr_mm_path jr_mm_parse_path(struct jr_mm_parser *p);
/* The text of a string token without its quotes, in the arena. */
const char *jr_mm_string_text(struct jr_mm_parser *p, const struct jr_mm_token *token, size_t *length);
struct jr_mm_number jr_mm_number_of(const struct jr_mm_parser *p, const struct jr_mm_token *token);

/* ---- the grammar ---- */

enum jr_mm_context { JR_MM_IN_PROGRAM, JR_MM_IN_MODULE, JR_MM_IN_BLOCK };

struct jr_mm_stmts jr_mm_parse_stmts(struct jr_mm_parser *p, enum jr_mm_context context, struct jr_span open,
                                     struct jr_mm_node *parent);
bool jr_mm_starts_expr(enum jr_mm_token_kind kind);
struct jr_mm_expr *jr_mm_parse_expr(struct jr_mm_parser *p);   /* with assignment */
struct jr_mm_expr *jr_mm_parse_binary(struct jr_mm_parser *p); /* without */
struct jr_mm_expr *
jr_mm_parse_postfix(struct jr_mm_parser *p); /* an operand with its calls, members, indices */
struct jr_mm_expr *jr_mm_parse_block(struct jr_mm_parser *p); /* the current token is `{` */
/* A block if the current token is `{`, else an expression: bodies, branches, quotes. */
struct jr_mm_expr *jr_mm_parse_body(struct jr_mm_parser *p);
/* parse_compound.c: primaries with an inside of their own; the current token is the one that begins them. */
struct jr_mm_expr *jr_mm_parse_brace(struct jr_mm_parser *p); /* record, update or block */
struct jr_mm_expr *jr_mm_parse_lambda(struct jr_mm_parser *p);
struct jr_mm_expr *jr_mm_parse_if(struct jr_mm_parser *p);
struct jr_mm_expr *jr_mm_parse_match(struct jr_mm_parser *p);
/* expr {, expr} from the opening bracket, the current token, to `close`.  with_assignment: each item may be one. */
struct jr_mm_exprs jr_mm_parse_items(struct jr_mm_parser *p, enum jr_mm_token_kind close,
                                     bool with_assignment, struct jr_mm_node *parent);
struct jr_mm_pattern *jr_mm_parse_let_pattern(struct jr_mm_parser *p);
struct jr_mm_pattern *jr_mm_parse_match_pattern(struct jr_mm_parser *p);
/* In the parameters of a lambda `|` ends the type, so a union needs parentheses there. */
struct jr_mm_type *jr_mm_parse_type(struct jr_mm_parser *p, bool bar_ends);
/* fn parameters in parentheses (the current token is `(`), lambda parameters up to and with the closing bar. */
struct jr_mm_params jr_mm_parse_fn_params(struct jr_mm_parser *p, struct jr_mm_node *parent);
struct jr_mm_params jr_mm_parse_lambda_params(struct jr_mm_parser *p, struct jr_mm_node *parent);

#endif
