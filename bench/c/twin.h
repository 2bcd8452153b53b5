/* twin.h -- what a C twin of a kernel gives to the common main program (twin.c), and the arithmetic they share.
 *
 * A twin computes what the .mmm file of the same name computes: the same operations on doubles in the same order,
 * with nothing reassociated or contracted.  It is otherwise written as one would write it in C: state in a struct that
 * is copied to locals for a block, loops instead of recursion, rings that wrap by comparison. */
#ifndef JR_BENCH_TWIN_H
#define JR_BENCH_TWIN_H

#include <math.h>
#include <stddef.h>

#define TWIN_SAMPLE_RATE 48000.0
#define TWIN_TAU 6.283185307179586

/* Computes the next `frames` frames (one channel) into out.  State stays between calls. */
void twin_run(double *out, size_t frames);

/* x % 1 for any x: exact, and equal to fmod(x, 1.0) but for the sign of a zero. */
static inline double wrap_one(double x)
{
    return x - trunc(x);
}

/* x % 2^32 for 0 <= x < 2^53: exact, as scaling by a power of two loses nothing. */
static inline double wrap_32(double x)
{
    return x - trunc(x * (1.0 / 4294967296.0)) * 4294967296.0;
}

/* Advances a phase that runs from 0 to 1. */
static inline double advance(double *phase, double freq)
{
    *phase = wrap_one(*phase + freq / TWIN_SAMPLE_RATE);
    return *phase;
}

static inline double osc(double *phase, double freq)
{
    return sin(advance(phase, freq) * TWIN_TAU);
}

/* The noise generator of the kernels: the next value, from 0 to 2^32 - 1. */
static inline double lcg(double *state)
{
    *state = wrap_32(*state * 1664525.0 + 1013904223.0);
    return *state;
}

/* One step of a ring of `length` cells: gives the value written `time` steps ago (1 <= time < length) and writes x. */
static inline double ring_step(double *cells, size_t length, size_t *write, size_t time, double x)
{
    size_t at = *write;
    size_t read = at >= time ? at - time : at + length - time;
    double y = cells[read];
    cells[at] = x;
    *write = at + 1 == length ? 0 : at + 1;
    return y;
}

#endif
