/* C twin of core_fib.mmm. */
#include "bench/c/twin.h"

static size_t now;

static double fib(double n)
{
    return n < 2.0 ? n : fib(n - 1.0) + fib(n - 2.0);
}

void twin_run(double *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++, now++)
        out[i] = fib(22.0 + (double)(now % 3));
}
