/* C twin of ladder.mmm. */
#include "bench/c/twin.h"

static struct {
    double saw, sweep, s1, s2, s3, s4;
} state;

void twin_run(double *out, size_t frames)
{
    double saw_phase = state.saw, sweep_phase = state.sweep;
    double s1 = state.s1, s2 = state.s2, s3 = state.s3, s4 = state.s4;
    for (size_t i = 0; i < frames; i++) {
        double saw = 2.0 * advance(&saw_phase, 82.0) - 1.0;
        double sweep = fabs(2.0 * advance(&sweep_phase, 8.0) - 1.0);
        double g = 0.05 + 0.3 * sweep;
        s1 = s1 + g * (tanh(saw - 3.2 * s4) - s1);
        s2 = s2 + g * (tanh(s1) - s2);
        s3 = s3 + g * (tanh(s2) - s3);
        s4 = s4 + g * (tanh(s3) - s4);
        out[i] = s4;
    }
    state.saw = saw_phase;
    state.sweep = sweep_phase;
    state.s1 = s1;
    state.s2 = s2;
    state.s3 = s3;
    state.s4 = s4;
}
