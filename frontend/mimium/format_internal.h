/* format_internal.h -- what the files of the formatter share.
 *
 *   format.c          the entry; the proof that the program is still the same
 *   format_trivia.c   what the source has between tokens: comments, line breaks, separators
 *   format_marks.c    the tree tells each gap between two tokens what may stand there
 *   format_groups.c   brackets, and what is broken together when a line is too long
 *   format_layout.c   gaps to lines
 *
 * Gap i lies before token i.  Everything is an array over tokens or a list in the unit's arena. */
#ifndef JR_FRONTEND_MIMIUM_FORMAT_INTERNAL_H
#define JR_FRONTEND_MIMIUM_FORMAT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/mimium/ast.h"
#include "frontend/mimium/lexer.h"
#include "frontend/mimium/unit.h"
#include "ir/base/sb.h"

enum jr_gap_rule {
    JR_GAP_JOIN,  /* the line goes on */
    JR_GAP_KEEP,  /* it breaks if the source does */
    JR_GAP_FORCE, /* it breaks */
};

struct jr_comment {
    uint32_t start, end; /* bytes, without blanks at the end */
    uint32_t newlines;   /* line breaks of the source before it, within the gap */
    uint32_t column;     /* of a line comment: code points before it in its line; of another: bytes of indentation */
    bool is_line;        /* // and not a block */
};

struct jr_gap {
    /* the source */
    uint32_t comment_first, comment_count; /* in jr_format.comments */
    uint32_t newlines_after;               /* line breaks behind the last comment */
    uint32_t newlines;                     /* in all */
    bool separator;                        /* a `;` */
    /* the layout */
    uint8_t space; /* blanks on one line: 0 or 1 */
    uint8_t rule;  /* enum jr_gap_rule */
    bool item;     /* a statement or arm begins: on one line it needs a `;` before it */
    bool value;    /* behind `=` or an arrow: operators there are not indented further */
    bool is_else;  /* token i is the `else` of the innermost open IF range */
    bool breaks;   /* decided */
    uint32_t group; /* of what breaks together when the line is too long; 0: none */
};

/* What braces hold. */
enum jr_bracket_kind { JR_BRACKET_PLAIN, JR_BRACKET_BLOCK, JR_BRACKET_ARMS };

struct jr_bracket {
    uint32_t partner; /* of a bracket: the token of the other end; else the token itself */
    uint8_t kind;     /* enum jr_bracket_kind, of the opening one */
    bool owned;       /* its content is indented from where the enclosing range began, not from the current line */
    bool rigid;       /* is not broken because of its length: an index */
    bool filled;      /* when broken, as many items on a line as fit */
    bool bars;        /* a comma here separates the parameters of a lambda */
    uint32_t group;   /* to which its gaps belong, 0: one of its own */
};

/* Tokens whose further lines are indented. */
enum jr_range_kind {
    JR_RANGE_PLAIN, /* a statement, a lambda, an arm */
    JR_RANGE_CHAIN, /* operators of one level */
    JR_RANGE_IF,
    JR_RANGE_BRACKET,
};

struct jr_range {
    uint32_t first, last;
    uint32_t order; /* outer ones first where first and last agree */
    uint8_t kind;
};

enum jr_group_style { JR_GROUP_ALL /* one item a line */, JR_GROUP_FILL };

struct jr_group {
    uint32_t first, last; /* tokens; its gaps are within */
    uint32_t close;       /* a token that begins a line exactly if the group's first gap breaks; 0: none */
    uint32_t depth;       /* groups around it */
    uint8_t style;
};

struct jr_format {
    struct jr_unit *unit;
    const char *text;
    uint32_t length;
    const struct jr_mm_token *tokens; /* the last one is END */
    uint32_t count;
    struct jr_gap *gaps;         /* count */
    struct jr_bracket *brackets; /* count */
    uint32_t *newline_sums;      /* count + 1: line breaks of the source in the gaps before token i */
    JR_UNIT_LIST(struct jr_comment) comments;
    JR_UNIT_LIST(struct jr_range) ranges;
    JR_UNIT_LIST(struct jr_group) groups; /* the first one is no group */
    struct jr_sb body;                    /* of the layout; here because passes may be left by jr_unit_leave */
};

void jr_format_read_trivia(struct jr_format *f);
void jr_format_pair_brackets(struct jr_format *f);
void jr_format_mark(struct jr_format *f, const struct jr_mm_program *program);
/* After marking: groups of brackets, the order of ranges and groups, and what the source decides. */
void jr_format_group(struct jr_format *f);
void jr_format_lay_out(struct jr_format *f, struct jr_sb *out);

/* A new group over tokens [first, last]; its number. */
uint32_t jr_format_add_group(struct jr_format *f, uint32_t first, uint32_t last, enum jr_group_style style);

static inline bool jr_token_opens(const struct jr_mm_token *token)
{
    return token->kind == JR_MM_TOKEN_LEFT_PAREN || token->kind == JR_MM_TOKEN_LEFT_BRACKET ||
           token->kind == JR_MM_TOKEN_LEFT_BRACE;
}

static inline bool jr_token_closes(const struct jr_mm_token *token)
{
    return token->kind == JR_MM_TOKEN_RIGHT_PAREN || token->kind == JR_MM_TOKEN_RIGHT_BRACKET ||
           token->kind == JR_MM_TOKEN_RIGHT_BRACE;
}

/* Whether the source has a line break between token `first` and token `last`, which comes later. */
static inline bool jr_format_has_lines(const struct jr_format *f, uint32_t first, uint32_t last)
{
    return f->newline_sums[last + 1] != f->newline_sums[first + 1];
}

#endif
