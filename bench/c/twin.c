/* twin.c -- main program of every C twin.
 *
 *   twin -n FRAMES          times the run and prints {"frames":..,"dsp_seconds":..,"sink":..}
 *   twin -n FRAMES --csv    prints the frames, one a line, with 17 digits */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/c/twin.h"

enum { BLOCK_FRAMES = 512 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    static double block[BLOCK_FRAMES];
    size_t frames = 4800, left;
    int csv = 0;
    double sink = 0.0, spent = 0.0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) {
            frames = strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--csv") == 0) {
            csv = 1;
        } else {
            fprintf(stderr, "usage: %s [-n FRAMES] [--csv]\n", argv[0]);
            return 2;
        }
    }
    for (left = frames; left > 0;) {
        size_t now = left < BLOCK_FRAMES ? left : BLOCK_FRAMES;
        double start = seconds();
        twin_run(block, now);
        spent += seconds() - start;
        sink += block[now - 1]; /* so that no compiler may think the result unused */
        if (csv) {
            for (size_t i = 0; i < now; i++)
                printf("%.17g\n", block[i]);
        }
        left -= now;
    }
    if (!csv)
        printf("{\"frames\":%zu,\"dsp_seconds\":%.9f,\"sink\":%.17g}\n", frames, spent, sink);
    return 0;
}
