/* report.h -- prints what was measured, as a table or as JSON. */
#ifndef JR_BENCH_REPORT_H
#define JR_BENCH_REPORT_H

#include <stdio.h>

#include "bench/harness/measure.h"

struct conditions {
    const char *processor;  /* name of the CPU */
    const char *twin_flags; /* how the C twins were compiled */
    const char *faust_flags; /* how the Faust twins were compiled */
    int rounds;
    double target_seconds;
    int best; /* the table and the ratios take the best round instead of the median */
    int shown[ENGINE_COUNT]; /* engines that get a column */
};

/* outcomes[i][e] is kernel i in engine e. */
void report_table(FILE *out, const struct conditions *conditions, const struct kernel *kernels, size_t count,
                  struct outcome (*outcomes)[ENGINE_COUNT]);
void report_json(FILE *out, const struct conditions *conditions, const struct kernel *kernels, size_t count,
                 struct outcome (*outcomes)[ENGINE_COUNT]);

#endif
