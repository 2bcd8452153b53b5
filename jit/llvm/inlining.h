/* inlining.h -- which direct calls of a batch are compiled in place.
 *
 * A callee that is inlined keeps its prologue (depth, stack, fuel) and its exits, so limits, errors and traces are those of
 * a call; what goes is the transfer of arguments and results through the frame, and the call itself. */
#ifndef JR_JIT_LLVM_INLINING_H
#define JR_JIT_LLVM_INLINING_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/module.h"

struct jr_inlining {
    const struct jr_module *module;
    uint32_t *costs;     /* per function: code words with everything that is inlined into it; 0: not known yet */
    uint32_t threshold;  /* largest cost of a callee that is inlined */
    uint32_t *path;      /* functions whose cost is being found */
    uint32_t path_length;
};

/* For the functions of one batch, which are about to be compiled.  Large ones inline less. */
void jr_inlining_init(struct jr_inlining *inlining, const struct jr_module *module, const uint32_t *functions,
                      uint32_t count);
void jr_inlining_fini(struct jr_inlining *inlining);

/* Whether direct calls of `function` are compiled in place.  Never for one that can come back to itself. */
bool jr_inlining_wants(struct jr_inlining *inlining, uint32_t function);

#endif
