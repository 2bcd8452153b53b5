/* print.h -- a resolved program as source text, for --emit=expanded.
 *
 * Names are written so that no two variables of the program share one (`t`, `t_2`); the members of modules of the same file get
 * their path with underscores, those of other files keep their path.  A program of one file without imports compiles again from
 * its text and computes the same. */
#ifndef JR_FRONTEND_MIMIUM_PRINT_H
#define JR_FRONTEND_MIMIUM_PRINT_H

#include "frontend/mimium/ast.h"

struct jr_mm_names;
struct jr_sb;
struct jr_unit;

/* Appends the statements of the main stage that stand in the program's own file, or were made there.  Recurses along the tree.
 * Leaves the unit when there is no memory. */
void jr_mm_print(struct jr_unit *unit, const struct jr_mm_names *names, const struct jr_mm_program *program,
                 struct jr_sb *out);

#endif
