/* print.h -- what the two parts of the printer share: print.c, and print_plain.c, which writes macros as what they stand for. */
#ifndef JR_TESTS_DIFFERENTIAL_PRINT_H
#define JR_TESTS_DIFFERENTIAL_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/differential/tree.h"

enum { PRINT_NAMES_MAX = 32 };

/* Programs without macros: what parameters of macro functions stand for, innermost last, and counters. */
struct print_plain {
    struct {
        const char *name; /* of the parameter */
        const char *text; /* borrowed */
    } names[PRINT_NAMES_MAX];
    size_t name_count;
    size_t ticks;     /* of MACRO_NEXT */
    size_t variables; /* for fresh names */
};

struct printer {
    struct jr_sb *out;
    size_t indent;
    struct print_plain *plain; /* or NULL */
};

void print_expression(struct printer *p, const struct node *node);
/* In brackets, unless it is atomic. */
void print_operand(struct printer *p, const struct node *node);
/* `body`: the block is the body of a function, a lambda or a branch. */
void print_block(struct printer *p, const struct node *block, bool body);

/* ---- print_plain.c ---- */

/* A name, or what it stands for. */
const char *print_plain_name(const struct printer *p, const char *name);
void print_plain_macro(struct printer *p, const struct node *macro);

#endif
