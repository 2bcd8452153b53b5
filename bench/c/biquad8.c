/* C twin of biquad8.mmm. */
#include "bench/c/twin.h"

enum { SECTIONS = 8 };

struct section {
    double b0, b1, b2, a1, a2;
};

static struct section sections[SECTIONS];
static struct {
    double phase, s1[SECTIONS], s2[SECTIONS];
    int ready;
} state;

static struct section peak(double freq, double q, double gain)
{
    double w = TWIN_TAU * freq / TWIN_SAMPLE_RATE;
    double alpha = sin(w) / (2.0 * q);
    double a = pow(10.0, gain / 40.0);
    double a0 = 1.0 + alpha / a;
    double mid = -2.0 * cos(w) / a0;
    return (struct section){ (1.0 + alpha * a) / a0, mid, (1.0 - alpha * a) / a0, mid,
                             (1.0 - alpha / a) / a0 };
}

static void prepare(void)
{
    sections[0] = peak(80.0, 0.7, 6.0);
    sections[1] = peak(160.0, 1.0, -4.0);
    sections[2] = peak(320.0, 2.0, 5.0);
    sections[3] = peak(640.0, 1.5, -6.0);
    sections[4] = peak(1280.0, 3.0, 4.0);
    sections[5] = peak(2560.0, 0.9, -3.0);
    sections[6] = peak(5120.0, 2.5, 7.0);
    sections[7] = peak(10240.0, 0.6, -8.0);
    state.ready = 1;
}

void twin_run(double *out, size_t frames)
{
    if (!state.ready)
        prepare();
    double phase = state.phase, s1[SECTIONS], s2[SECTIONS];
    for (int k = 0; k < SECTIONS; k++) {
        s1[k] = state.s1[k];
        s2[k] = state.s2[k];
    }
    for (size_t i = 0; i < frames; i++) {
        double x = 0.25 * (2.0 * advance(&phase, 110.0) - 1.0);
        for (int k = 0; k < SECTIONS; k++) {
            const struct section *c = &sections[k];
            double y = c->b0 * x + s1[k];
            s1[k] = c->b1 * x - c->a1 * y + s2[k];
            s2[k] = c->b2 * x - c->a2 * y;
            x = y;
        }
        out[i] = x;
    }
    state.phase = phase;
    for (int k = 0; k < SECTIONS; k++) {
        state.s1[k] = s1[k];
        state.s2[k] = s2[k];
    }
}
