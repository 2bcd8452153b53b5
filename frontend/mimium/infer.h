/* infer.h -- types: from the syntax tree to the core tree. */
#ifndef JR_FRONTEND_MIMIUM_INFER_H
#define JR_FRONTEND_MIMIUM_INFER_H

#include "frontend/mimium/core.h"

struct jr_mm_names;
struct jr_mm_program;

/* Types a resolved program (resolve.h); errors go to the unit's diagnostics, several per run, each once.  The result is complete
 * only if none came.  `types` is initialised here and holds every type of the result; both live in the unit's arena.
 * Leaves the unit on failure. */
struct jr_core_program *jr_infer(struct jr_unit *unit, const struct jr_mm_program *program,
                                 const struct jr_mm_names *names, struct jr_types *types);

#endif
