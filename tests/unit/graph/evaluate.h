/* evaluate.h -- renders blocks by running a plan in C, stage by stage, as plan.h says: the test engine for jit/graph. */
#ifndef JR_TESTS_UNIT_GRAPH_EVALUATE_H
#define JR_TESTS_UNIT_GRAPH_EVALUATE_H

#include "jit/graph/plan.h"
#include "runtime/residual.h"

/* The plan that evaluate_block runs; one at a time. */
void evaluate_begin(const struct jr_plan *plan);
void evaluate_end(void);

/* A jr_block_entry.  Aborts where the plan breaks its own rules: a value outside its range, a sample outside its line. */
int evaluate_block(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure, struct jr_block *block);

/* How many chunks it has rendered since evaluate_begin, so that a test can see that it was used. */
uint64_t evaluate_chunks(void);

#endif
