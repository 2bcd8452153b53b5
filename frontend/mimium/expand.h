/* expand.h -- puts the code that the macro stage has made into the program.
 *
 * Quoted trees are copied, the splices in them replaced by their codes.  Every variable that a quote binds gets a fresh symbol
 * in each copy, and the uses that belong to it are found by the marks of the code (stage.h), not by name: code that a macro
 * is given keeps its own variables, and a macro's variables are its own (hygiene).  Code whose variables are not in scope where it is
 * spliced is reported. */
#ifndef JR_FRONTEND_MIMIUM_EXPAND_H
#define JR_FRONTEND_MIMIUM_EXPAND_H

#include "frontend/mimium/ast.h"

struct jr_mm_names;
struct jr_mm_stage;
struct jr_unit;

/* A tree with more nodes than this comes from a macro that has lost its way: E-LIMIT at the splice. */
enum { JR_MM_EXPANSION_NODES_MAX = 1000000 };

/* The program without quotes, splices and the statements of the macro stage.  `stage` is NULL if the program has no splice; else
 * the table after its module has run.  A splice at program level whose code is a block gives the block's statements.
 * names->dsp becomes the symbol of the `dsp` that such a block defines.
 * The result shares what it can with `program`; errors go to the unit's diagnostics.  Leaves the unit when there is no memory. */
struct jr_mm_program *jr_mm_expand(struct jr_unit *unit, struct jr_mm_ast *ast, struct jr_mm_names *names,
                                   const struct jr_mm_program *program, const struct jr_mm_stage *stage);

#endif
