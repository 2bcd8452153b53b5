/* C twin of additive64.mmm. */
#include "bench/c/twin.h"

enum { PARTIALS = 64, TABLE = 1024 };

static double sine[TABLE + 1], ratios[PARTIALS], levels[PARTIALS];
static double state;
static int ready;

static void prepare(void)
{
    for (int i = 0; i <= TABLE; i++)
        sine[i] = sin(TWIN_TAU * (double)i / 1024.0);
    for (int k = 0; k < PARTIALS; k++) {
        ratios[k] = (double)k + 1.0 + (double)(k % 7) / 64.0;
        levels[k] = 1.0 / (1.0 + (double)k);
    }
    ready = 1;
}

void twin_run(double *out, size_t frames)
{
    if (!ready)
        prepare();
    double phase = state;
    for (size_t i = 0; i < frames; i++) {
        double sum = 0.0;
        phase = phase + 55.0 / TWIN_SAMPLE_RATE;
        phase = phase - trunc(phase * (1.0 / 64.0)) * 64.0;
        for (int k = 0; k < PARTIALS; k++) {
            double at = wrap_one(phase * ratios[k]) * 1024.0;
            int cell = (int)at;
            double low = sine[cell], part = at - (double)cell;
            sum = sum + levels[k] * (low + part * (sine[cell + 1] - low));
        }
        out[i] = 0.2 * sum;
    }
    state = phase;
}
