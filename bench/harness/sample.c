/* sample.c -- see sample.h. */
#include "bench/harness/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void sample_add(struct sample *sample, double value)
{
    if (sample->count < SAMPLE_MAX)
        sample->value[sample->count++] = value;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value at `part` (0..1) of the sorted row, linear between neighbours. */
static double quantile(const double *sorted, size_t count, double part)
{
    double at = part * (double)(count - 1);
    size_t low = (size_t)at;
    size_t high = low + 1 < count ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

struct spread sample_spread(const struct sample *sample)
{
    double sorted[SAMPLE_MAX];
    if (sample->count == 0)
        return (struct spread){ NAN, NAN, NAN, NAN };
    memcpy(sorted, sample->value, sample->count * sizeof sorted[0]);
    qsort(sorted, sample->count, sizeof sorted[0], by_value);
    return (struct spread){ sorted[0], quantile(sorted, sample->count, 0.25),
                            quantile(sorted, sample->count, 0.5), quantile(sorted, sample->count, 0.75) };
}
