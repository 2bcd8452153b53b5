/* sources.h -- programs of any size, one kind of construct each. */
#ifndef JR_BENCH_FRONTEND_SOURCES_H
#define JR_BENCH_FRONTEND_SOURCES_H

#include <stdint.h>
#include <stdio.h>

/* Writes a program of about `lines` lines; gives how many there are. */
struct bench_source {
    const char *name;
    uint32_t (*write)(FILE *out, uint32_t lines);
};

/* Ends with a source without a name. */
extern const struct bench_source bench_sources[];

#endif
