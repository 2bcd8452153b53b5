/* C twin of sine.mmm. */
#include "bench/c/twin.h"

static double state;

void twin_run(double *out, size_t frames)
{
    double phase = state;
    for (size_t i = 0; i < frames; i++)
        out[i] = 0.5 * osc(&phase, 440.0);
    state = phase;
}
