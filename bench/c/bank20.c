/* C twin of bank20.mmm: voices in arrays, summed in the order in which the closures nest. */
#include "bench/c/twin.h"

enum { VOICES = 20 };

static struct {
    double base[VOICES], vibrato[VOICES], tremolo[VOICES];
    double vibrato_phase[VOICES], tremolo_phase[VOICES], phase[VOICES];
    int ready;
} bank;

static void prepare(void)
{
    for (int v = 0; v < VOICES; v++) {
        double index = (double)(v + 1);
        bank.base[v] = 110.0 * (1.0 + 0.37 * index);
        bank.vibrato[v] = 4.0 + 0.13 * index;
        bank.tremolo[v] = 0.5 + 0.21 * index;
    }
    bank.ready = 1;
}

void twin_run(double *out, size_t frames)
{
    if (!bank.ready)
        prepare();
    for (size_t i = 0; i < frames; i++) {
        double sum = 0.0;
        for (int v = 0; v < VOICES; v++) {
            double freq = bank.base[v] * (1.0 + 0.01 * osc(&bank.vibrato_phase[v], bank.vibrato[v]));
            double swell = fabs(2.0 * advance(&bank.tremolo_phase[v], bank.tremolo[v]) - 1.0);
            sum = osc(&bank.phase[v], freq) * (0.6 + 0.4 * swell) + sum;
        }
        out[i] = 0.05 * sum;
    }
}
