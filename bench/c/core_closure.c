/* C twin of core_closure.mmm: a closure is a function pointer and its variable. */
#include "bench/c/twin.h"

struct closure {
    double (*call)(struct closure *);
    double n;
};

static double count(struct closure *self)
{
    self->n = self->n + 1.0;
    return self->n;
}

/* Volatile, so that the pointer is read and called each time, as a closure call does it. */
static double (*volatile how)(struct closure *) = count;
static struct closure counter;

void twin_run(double *out, size_t frames)
{
    counter.call = how;
    for (size_t i = 0; i < frames; i++) {
        double sum = 0.0;
        for (double k = 20000.0; k > 0.0; k = k - 1.0)
            sum = sum + counter.call(&counter);
        out[i] = sum;
    }
}
