/* inlining.h -- which direct calls of a batch are compiled in place, and what a function needs together with them.
 *
 * Limits, errors and traces stay those of calls.  The function that all is inlined into looks at the depth and at the VM stack once
 * for the whole tree of calls in it; where the tree has neither loops nor calls that leave it, at the budget too.  Near a limit
 * the interpreter runs the tree, which finds the exact place. */
#ifndef JR_JIT_LLVM_INLINING_H
#define JR_JIT_LLVM_INLINING_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/module.h"

/* A function together with the tree of calls that are inlined into it. */
struct jr_inline_tree {
    uint32_t cost;   /* code words; 0: not known yet, UINT32_MAX: comes back to itself, never inlined */
    uint32_t height; /* calls nested in it: 0 if nothing is inlined */
    uint32_t extent; /* words of VM stack from its frame on */
    uint32_t fuel;   /* charged at most, if it is simple */
    bool simple;     /* no loops, no calls but those inlined, and fuel within JR_BUDGET_RESERVE (jit/provider.h) */
};

struct jr_inlining {
    const struct jr_module *module;
    struct jr_inline_tree *trees; /* per function */
    uint32_t *sites;              /* per function: direct calls of it in the functions of the batch */
    uint32_t recursive_count;     /* functions of the batch that call themselves */
    uint32_t threshold;  /* largest cost of a callee that is inlined */
    uint32_t *path;      /* functions whose tree is being found */
    uint32_t path_length;
};

/* For the functions of one batch, which are about to be compiled.  Large ones inline less. */
void jr_inlining_init(struct jr_inlining *inlining, const struct jr_module *module, const uint32_t *functions,
                      uint32_t count);
void jr_inlining_fini(struct jr_inlining *inlining);

/* Whether direct calls of `function` are compiled in place.  Never for one that can come back to itself. */
bool jr_inlining_wants(struct jr_inlining *inlining, uint32_t function);

/* The tree of a function, for its prologue.  Valid until fini. */
const struct jr_inline_tree *jr_inlining_tree(struct jr_inlining *inlining, uint32_t function);

#endif
