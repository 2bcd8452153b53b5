/* infer.h -- types: from the syntax tree to the core tree. */
#ifndef JR_FRONTEND_MIMIUM_INFER_H
#define JR_FRONTEND_MIMIUM_INFER_H

#include "frontend/mimium/core.h"

struct jr_mm_names;
struct jr_mm_program;
struct jr_mm_stage;

/* Types a resolved program (resolve.h); errors go to the unit's diagnostics, several per run, each once.  The result is complete
 * only if none came.
 *
 * stage  NULL: the result is the main program, which has no splices (any more).  Otherwise it is what runs at the macro stage, and
 *        the table is filled; main code is checked as far as it can be before its splices are replaced
 * types  initialised here; it and every type of the result live in the unit's arena
 *
 * Leaves the unit on failure. */
struct jr_core_program *jr_infer(struct jr_unit *unit, const struct jr_mm_program *program,
                                 const struct jr_mm_names *names, struct jr_mm_stage *stage,
                                 struct jr_types *types);

#endif
