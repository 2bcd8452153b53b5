/* counting.h -- references that are copied and given back again within a basic block, while their owner keeps them all the time.
 *
 *   sum.get  r3, r0, Tree, Node      r0 is a parameter: the caller keeps the tree
 *   box.get  r5, r3, tree            ... and so what is in it
 *   borrow   r8, r5, 3
 *   call     r8, sum
 *   release.n r5, tree
 *   release.n r3, pair               nothing of this has to be counted
 *
 * Neither the copy nor the release of such a pair counts.  Where the function is left in between, unwinding releases what the verifier's table calls
 * owned; so the exit counts it first (lower.c).  Boxes are read this way only in modules that never assign to one. */
#ifndef JR_JIT_LLVM_COUNTING_H
#define JR_JIT_LLVM_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/module.h"
#include "jit/flow.h"

/* A value of `layout` in r[reg ..), copied by the instruction at `from` and released by that at `to`. */
struct jr_borrowed {
    uint32_t from, to;
    uint32_t reg, words, layout; /* layout: JR_NONE for one reference */
};

struct jr_counting {
    struct jr_borrowed *pairs; /* by `from` */
    uint32_t count, capacity;
    uint64_t *ends; /* one bit per code word: a pair begins or ends here; NULL: there are none */
};

/* Whether any function of the module assigns to boxes. */
bool jr_counting_has_box_set(const struct jr_module *module);

/* Finds the pairs of a verified function.  Ends the process if there is no memory, as LLVM does. */
void jr_counting_init(struct jr_counting *counting, const struct jr_flow *flow, bool boxes_are_constant);
void jr_counting_fini(struct jr_counting *counting);

/* Whether the copy or release at `pc` needs not count. */
bool jr_counting_is_borrowed(const struct jr_counting *counting, uint32_t pc);

/* The pair that r[reg] belongs to while the instruction at `pc` runs, or NULL. */
const struct jr_borrowed *jr_counting_at(const struct jr_counting *counting, uint32_t pc, uint32_t reg);

#endif
