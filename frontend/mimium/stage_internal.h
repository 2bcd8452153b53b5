/* stage_internal.h -- the tables of the macro stage, filled by inference and emission, then by the running module, and read
 * by expansion. */
#ifndef JR_FRONTEND_MIMIUM_STAGE_INTERNAL_H
#define JR_FRONTEND_MIMIUM_STAGE_INTERNAL_H

#include "frontend/mimium/ast.h"
#include "frontend/mimium/layout.h"
#include "frontend/mimium/stage.h"

/* More pieces of code (and codes in them) than this come from a macro that has lost its way. */
enum { JR_MM_STAGE_PIECES_MAX = 2000000 };

/* A quote of the source. */
struct jr_mm_quote {
    const struct jr_mm_expr *expr;
    const struct jr_mm_expr **outer; /* the quotes around it, innermost first */
    uint32_t outer_count;
    const struct jr_mm_expr **holes; /* the splices directly in it, in textual order */
    uint32_t hole_count;
    /* The function that `self` means directly in the quote: its syntax, and the quote in which that stands, NULL for none. */
    const void *self_of;
    const struct jr_mm_expr *self_quote;
};

/* A place where a value is lifted. */
struct jr_mm_lift {
    const struct jr_mono *mono;
    struct jr_span span;
    bool of_numbers; /* a probe through which numbers go, whatever else its program is used with */
};

/* A splice of the main program. */
struct jr_mm_result {
    const struct jr_mm_expr *expr;
    uint32_t code; /* what it gave; 0: nothing yet, or unit */
};

enum jr_mm_code_kind { JR_MM_CODE_QUOTE, JR_MM_CODE_LITERAL, JR_MM_CODE_ARRAY };

/* A piece of code. */
struct jr_mm_code {
    enum jr_mm_code_kind kind;
    const struct jr_mm_quote *quote;
    uint64_t mark;
    const uint64_t *outer_marks; /* QUOTE: as many as quote->outer_count */
    const uint32_t *codes;       /* QUOTE: per hole; ARRAY: the elements */
    uint32_t code_count;
    struct jr_mm_expr *literal;
};

/* What inference has found out about a splice: which of its quote's holes, or of the program's splices, it is. */
struct jr_mm_hole {
    uint32_t index;
    bool is_unit; /* run for its effect, stands for nothing */
};

struct jr_mm_stage {
    const struct jr_mm_stage_host *host;
    struct jr_unit *unit;
    struct jr_mm_ast *ast;
    JR_UNIT_LIST(struct jr_mm_quote *) quotes;
    JR_UNIT_LIST(struct jr_mm_lift) lifts;
    JR_UNIT_LIST(struct jr_mm_result) results;
    struct jr_mm_hole *holes; /* per node of the syntax tree */
    bool *selves;             /* per node: a `self` that stands directly in a quote */
    uint32_t node_count;      /* of the tree before anything was lifted */
    /* The rest is filled by the running module. */
    struct jr_mm_code **codes; /* from 1 */
    uint32_t code_count, code_capacity;
    uint64_t pieces;
    uint64_t marks;
};

/* `host` is borrowed for the life of the stage. */
struct jr_mm_stage *jr_mm_stage_new(struct jr_unit *unit, struct jr_mm_ast *ast,
                                    const struct jr_mm_stage_host *host);

#endif
