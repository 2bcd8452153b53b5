/* folding.h -- which registers may hold a constant that an optimiser folds away.
 *
 * The processor runs with denormals flushed to zero, where x * 1.0, x + -0.0, x - 0.0 and x / 1.0 are not x: a denormal x gives zero.
 * Optimisers fold them to x all the same, and x == 0.0 to a test of the bits.  So that compiled code gives the interpreter's bits, the
 * lowering hides an operand of arithmetic or of a comparison for equality that may be one of 1.0, -1.0, 0.0, -0.0 behind a fence.
 * This analysis says which may: registers that hold such a constant, results of operations on constants only (the optimiser computes them), and truth values.
 *
 * Forward, per block, union where paths meet.  Memory is one place: if such a constant is stored in a word of state, a cell
 * or a global, then what is read from there may be it. */
#ifndef JR_JIT_FOLDING_H
#define JR_JIT_FOLDING_H

#include <stdbool.h>
#include <stdint.h>

#include "jit/flow.h"

struct jr_folding {
    const struct jr_flow *flow;
    uint64_t *at_start; /* per block: set of registers known, set of registers that may be an identity */
    uint64_t *now;      /* the same two sets at the instruction reached by jr_folding_step */
    bool memory;
    bool open;
};

/* `open`: the function is compiled together with callers or callees, so that parameters, results of calls and memory may be
 * known constants, too; all of them are then taken for identities.
 * Fails with JR_ERR_NO_MEMORY or, for functions that are too large for it, JR_ERR_LIMIT.  Borrows `flow`. */
enum jr_status jr_folding_init(struct jr_folding *folding, const struct jr_flow *flow, bool open);
void jr_folding_fini(struct jr_folding *folding); /* zeroed is allowed */

/* Goes to the beginning of a block, then from instruction to instruction. */
void jr_folding_enter(struct jr_folding *folding, uint32_t block);
void jr_folding_step(struct jr_folding *folding, const struct jr_instr *in);

/* Whether `reg` may hold an identity of binary64 arithmetic where jr_folding_step has got to. */
bool jr_folding_is_identity(const struct jr_folding *folding, uint32_t reg);

#endif
