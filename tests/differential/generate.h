/* generate.h -- makes well-typed mimium programs that always end.
 *
 * The same seed always gives the same program.  What keeps programs finite: recursion happens only in functions whose
 * first parameter counts down from at most eight, their own name is unknown inside except for that one call, closures
 * that are assigned to a variable see no function values, and the estimated work of each function is bounded. */
#ifndef JR_TESTS_DIFFERENTIAL_GENERATE_H
#define JR_TESTS_DIFFERENTIAL_GENERATE_H

#include <stdint.h>

#include "tests/differential/tree.h"

/* Fills tree->program.  `tree` is freshly initialised; the caller ends it. */
void generate_program(struct tree *tree, uint64_t seed);

#endif
