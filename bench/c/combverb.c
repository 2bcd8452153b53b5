/* C twin of combverb.mmm.  Each ring is exactly as long as its loop needs, so that read and write cell coincide. */
#include "bench/c/twin.h"

enum { COMBS = 8, ALLPASSES = 4, RING = 1024 * 2 + 8 /* one cache line more, against set conflicts */ };

static const size_t comb_time[COMBS] = { 1115, 1187, 1276, 1355, 1421, 1490, 1556, 1616 };
static const size_t allpass_time[ALLPASSES] = { 555, 440, 340, 224 };

static struct {
    double random, gate;
    double comb_out[COMBS], comb_low[COMBS], held[ALLPASSES];
    double comb_cells[COMBS][RING], allpass_cells[ALLPASSES][RING];
    size_t comb_at[COMBS], allpass_at[ALLPASSES];
} state;

/* A ring that is as long as its delay: reads the oldest cell and writes over it. */
static inline double oldest(double *cells, size_t length, size_t *at, double x)
{
    double y = cells[*at];
    cells[*at] = x;
    *at = *at + 1 == length ? 0 : *at + 1;
    return y;
}

void twin_run(double *out, size_t frames)
{
    double random = state.random, gate = state.gate;
    for (size_t i = 0; i < frames; i++) {
        double noise = lcg(&random) / 2147483648.0 - 1.0;
        double x = advance(&gate, 15.0) < 0.1 ? 0.1 * noise : 0.0;
        double sum = 0.0, y;
        for (int k = 0; k < COMBS; k++) {
            double low = state.comb_out[k] * (1.0 - 0.2) + state.comb_low[k] * 0.2;
            state.comb_low[k] = low;
            state.comb_out[k] = oldest(state.comb_cells[k], comb_time[k], &state.comb_at[k], x + 0.84 * low);
            sum = k == 0 ? state.comb_out[k] : sum + state.comb_out[k];
        }
        y = sum;
        for (int k = 0; k < ALLPASSES; k++) {
            double held = state.held[k], v = y + 0.5 * held;
            state.held[k] = oldest(state.allpass_cells[k], allpass_time[k], &state.allpass_at[k], v);
            y = held - 0.5 * v;
        }
        out[i] = x + 0.3 * y;
    }
    state.random = random;
    state.gate = gate;
}
