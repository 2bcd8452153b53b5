/* C twin of echo_mod.mmm.  Both taps read the same history, so one ring is enough here. */
#include "bench/c/twin.h"

enum { RING = 4096 };

static struct {
    double tone, gate, swing, echo, cells[RING];
    size_t write;
} state;

void twin_run(double *out, size_t frames)
{
    double tone_phase = state.tone, gate_phase = state.gate, swing_phase = state.swing, last = state.echo;
    size_t write = state.write;
    for (size_t i = 0; i < frames; i++) {
        double tone = osc(&tone_phase, 330.0);
        double gate = advance(&gate_phase, 30.0);
        double x = gate < 0.25 ? tone * (1.0 - 4.0 * gate) : 0.0;
        double time = 1000.0 + 150.0 * osc(&swing_phase, 5.0);
        double whole = floor(time), part = time - whole;
        size_t steps = (size_t)whole;
        size_t near_cell = (write - steps) & (RING - 1), far_cell = (write - steps - 1) & (RING - 1);
        double in = x + last * 0.6;
        last = state.cells[near_cell] * (1.0 - part) + state.cells[far_cell] * part;
        state.cells[write] = in;
        write = (write + 1) & (RING - 1);
        out[i] = 0.5 * (x + last);
    }
    state.tone = tone_phase;
    state.gate = gate_phase;
    state.swing = swing_phase;
    state.echo = last;
    state.write = write;
}
