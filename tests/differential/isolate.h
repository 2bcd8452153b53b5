/* isolate.h -- runs comparisons in child processes, so that a crash or an endless run is a verdict like any other.
 *
 * A child works through a row of seeds and notes in shared memory where it is; when it dies, the parent knows which seed
 * it was.  Parents must have no threads when they call these functions. */
#ifndef JR_TESTS_DIFFERENTIAL_ISOLATE_H
#define JR_TESTS_DIFFERENTIAL_ISOLATE_H

#include <stddef.h>
#include <stdint.h>

#include "tests/differential/compare.h"

enum { ISOLATE_MESSAGE = 8192 };

struct isolate_result {
    uint64_t seed;                       /* of the last program looked at */
    enum compare_verdict verdict;        /* of it */
    size_t tally[COMPARE_VERDICT_COUNT]; /* verdicts of all programs looked at */
    char message[ISOLATE_MESSAGE];
};

/* Compares the programs of seeds [first, first + count) until one is wrong (a verdict beyond COMPARE_LIMIT).
 * Returns 0, or -1 with errno if there is no process to be had. */
int isolate_seeds(const struct compare_config *config, uint64_t first, size_t count,
                  struct isolate_result *result);
/* Compares one source; `plain` is as in compare_program. */
int isolate_source(const struct compare_config *config, const char *source, size_t length, const char *plain,
                   struct isolate_result *result);

#endif
