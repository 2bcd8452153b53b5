/* sample.h -- a handful of measured times and their middle. */
#ifndef JR_BENCH_SAMPLE_H
#define JR_BENCH_SAMPLE_H

#include <stddef.h>

enum { SAMPLE_MAX = 64 };

struct sample {
    size_t count;
    double value[SAMPLE_MAX];
};

struct spread {
    double best, low, median, high; /* the least value and the quartiles; NaN when there are no values */
};

/* Values beyond SAMPLE_MAX are dropped. */
void sample_add(struct sample *sample, double value);
struct spread sample_spread(const struct sample *sample);

#endif
