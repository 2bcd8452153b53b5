/* C twin of fm_adsr.mmm. */
#include "bench/c/twin.h"

struct envelope {
    double level;
    int falling;
};

static struct state {
    double gate, top_phase, middle_phase, bottom_phase, top;
    struct envelope e1, e2, e3;
} state;

static inline double adsr(struct envelope *e, int gate, double attack, double decay, double sustain,
                          double release)
{
    if (gate) {
        if (e->falling) {
            double level = e->level - decay;
            e->level = sustain > level ? sustain : level;
        } else {
            double risen = e->level + attack;
            e->falling = risen >= 1.0;
            e->level = e->falling ? 1.0 : risen;
        }
    } else {
        double level = e->level - release;
        e->level = 0.0 > level ? 0.0 : level;
        e->falling = 0;
    }
    return e->level;
}

void twin_run(double *out, size_t frames)
{
    struct state s = state;
    for (size_t i = 0; i < frames; i++) {
        int gate = advance(&s.gate, 20.0) < 0.6;
        double e1 = adsr(&s.e1, gate, 0.01, 0.002, 0.5, 0.004);
        double e2 = adsr(&s.e2, gate, 0.05, 0.001, 0.3, 0.002);
        double e3 = adsr(&s.e3, gate, 0.002, 0.003, 0.7, 0.01);
        double top, middle;
        s.top = sin(advance(&s.top_phase, 880.0) * TWIN_TAU + 0.7 * s.top);
        top = e3 * s.top;
        middle = e2 * sin(advance(&s.middle_phase, 440.0) * TWIN_TAU + 2.5 * top);
        out[i] = 0.8 * e1 * sin(advance(&s.bottom_phase, 220.0) * TWIN_TAU + 3.0 * middle);
    }
    state = s;
}
