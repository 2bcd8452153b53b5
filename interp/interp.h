/* interp.h -- the reference engine: runs bytecode in a threaded loop, counts what gets hot, and goes on where compiled
 * code stops.
 *
 * Script calls do not use the C stack.  When a function's entry is compiled code the loop calls it; when it answers
 * JR_RUN_DEOPT the loop goes on in its place.  Where the engines differ, this one defines the answer. */
#ifndef JR_INTERP_INTERP_H
#define JR_INTERP_INTERP_H

#include "runtime/task.h"

/* Runs closure->function (jr_entry). */
int jr_interp_entry(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                    uint32_t depth_left);

/* Goes on at `pc` in a frame that compiled code has left (jr_resume): entering is not charged again. */
int jr_interp_resume(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                     uint32_t depth_left, uint32_t pc);

/* Where the loop's machine code begins: by that a profiler knows its frames on the C stack. */
const void *jr_interp_loop(void);

#endif
