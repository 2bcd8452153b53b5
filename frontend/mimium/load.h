/* load.h -- a program and the files it is made of. */
#ifndef JR_FRONTEND_MIMIUM_LOAD_H
#define JR_FRONTEND_MIMIUM_LOAD_H

#include "frontend/mimium/ast.h"
#include "frontend/mimium/mimium.h"
#include "frontend/mimium/unit.h"

struct jr_mm_library;

/* Parses the file `file` of `sources`, which are the unit's, and all that it includes or imports, each module once, and fills in the fields of
 * the tree that are said to be filled in by load (ast.h).  The height of the result is that of the whole tree, files inside
 * files included.
 *
 * library  for suggestions
 * errors  E-PARSE and E-LIMIT of every file, E-FILE, E-FILE-SELF, in the order of loading; what could not be loaded is left
 *         out.  Leaves the unit when there is no memory */
struct jr_mm_program *jr_mm_load(struct jr_unit *unit, struct jr_mm_ast *ast, struct jr_sources *sources,
                                 const struct jr_mimium_options *options, struct jr_mm_library *library,
                                 uint32_t file);

#endif
