/* C twin of fdn16.mmm. */
#include "bench/c/twin.h"

enum { LINES = 16, RING = 2048, STRIDE = RING + 8 /* one cache line more, against set conflicts */ };

static const size_t line_time[LINES] = { 1021, 1087, 1151, 1213, 1277, 1319, 1381, 1447,
                                         1499, 1559, 1613, 1669, 1733, 1789, 1867, 1931 };

static struct {
    double random, gate, lines[LINES], cells[LINES][STRIDE];
    size_t write;
} state;

void twin_run(double *out, size_t frames)
{
    double random = state.random, gate = state.gate, lines[LINES];
    size_t write = state.write;
    for (int k = 0; k < LINES; k++)
        lines[k] = state.lines[k];
    for (size_t i = 0; i < frames; i++) {
        double noise = lcg(&random) / 2147483648.0 - 1.0;
        double x = advance(&gate, 15.0) < 0.1 ? 0.1 * noise : 0.0;
        double sum = lines[0], mean, mix;
        for (int k = 1; k < LINES; k++)
            sum = sum + lines[k];
        mean = 0.125 * sum;
        for (int k = 0; k < LINES; k++) {
            double in = x + 0.97 * (lines[k] - mean);
            lines[k] = state.cells[k][(write - line_time[k]) & (RING - 1)];
            state.cells[k][write] = in;
        }
        write = (write + 1) & (RING - 1);
        mix = lines[0];
        for (int k = 1; k < LINES; k++)
            mix = k % 2 == 1 ? mix - lines[k] : mix + lines[k];
        out[i] = x + 0.2 * mix;
    }
    state.random = random;
    state.gate = gate;
    state.write = write;
    for (int k = 0; k < LINES; k++)
        state.lines[k] = lines[k];
}
