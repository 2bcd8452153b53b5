/* C twin of pluck6.mmm. */
#include "bench/c/twin.h"

enum { STRINGS = 6, RING = 1024, STRIDE = RING + 8 /* one cache line more, against set conflicts */ };

static const size_t string_time[STRINGS] = { 581, 435, 326, 244, 193, 145 };
static const double damping[STRINGS] = { 0.498, 0.498, 0.4975, 0.4975, 0.497, 0.497 };
static const double start[STRINGS] = { 0.00, 0.12, 0.24, 0.36, 0.48, 0.60 };
static const double width[STRINGS] = { 0.10, 0.10, 0.09, 0.08, 0.06, 0.05 };

static struct {
    double random, phase, last[STRINGS], before[STRINGS], cells[STRINGS][STRIDE];
    size_t write;
} state;

void twin_run(double *out, size_t frames)
{
    double random = state.random, phase = state.phase, last[STRINGS], before[STRINGS];
    size_t write = state.write;
    for (int k = 0; k < STRINGS; k++) {
        last[k] = state.last[k];
        before[k] = state.before[k];
    }
    for (size_t i = 0; i < frames; i++) {
        double noise = lcg(&random) / 2147483648.0 - 1.0;
        double at = advance(&phase, 16.0), sum = 0.0;
        for (int k = 0; k < STRINGS; k++) {
            double x = at >= start[k] && at < start[k] + width[k] ? noise : 0.0;
            double in = x + damping[k] * (last[k] + before[k]);
            before[k] = last[k];
            last[k] = state.cells[k][(write - string_time[k]) & (RING - 1)];
            state.cells[k][write] = in;
            sum = k == 0 ? last[k] : sum + last[k];
        }
        write = (write + 1) & (RING - 1);
        out[i] = 0.15 * sum;
    }
    state.random = random;
    state.phase = phase;
    state.write = write;
    for (int k = 0; k < STRINGS; k++) {
        state.last[k] = last[k];
        state.before[k] = before[k];
    }
}
