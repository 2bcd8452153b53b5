/* emit.h -- from the core tree to bytecode. */
#ifndef JR_FRONTEND_MIMIUM_EMIT_H
#define JR_FRONTEND_MIMIUM_EMIT_H

#include "frontend/mimium/core.h"

struct jr_builder;

/* Emits a program that inference found no error in.  What overflows is remembered by the builder or reported as E-LIMIT.
 * Leaves the unit on failure. */
void jr_emit(struct jr_unit *unit, struct jr_types *types, const struct jr_core_program *program,
             struct jr_builder *builder);

#endif
