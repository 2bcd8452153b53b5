/* C twin of core_mandel.mmm. */
#include "bench/c/twin.h"

static size_t now;

static double escape(double cr, double ci)
{
    double zr = 0.0, zi = 0.0, n = 0.0;
    while (n < 50.0) {
        double rr = zr * zr, ii = zi * zi;
        if (rr + ii > 4.0)
            break;
        zi = 2.0 * zr * zi + ci;
        zr = rr - ii + cr;
        n = n + 1.0;
    }
    return n;
}

void twin_run(double *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++, now++) {
        double ci = -1.0 + (double)(now % 100) * 0.02, sum = 0.0;
        for (double x = 0.0; x < 152.0; x = x + 1.0)
            sum = sum + escape(-2.0 + x * 0.02, ci);
        out[i] = sum;
    }
}
