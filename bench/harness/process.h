/* process.h -- runs a program and gives back what it printed. */
#ifndef JR_BENCH_PROCESS_H
#define JR_BENCH_PROCESS_H

#include <stddef.h>

struct process_result {
    int exit_code; /* of the program; 128 + signal when a signal ended it, 127 when it could not be started */
    char *out;     /* standard output, ends with a zero byte; owned by the result */
    char *err;     /* standard error, likewise */
    int timed_out; /* the program was killed after the time limit */
    double started; /* by CLOCK_MONOTONIC, just before the process was made */
    double seconds; /* from then to its end */
};

/* Runs argv (argv[0] is looked up in PATH) and waits, at most limit_seconds.
 * Owner: the caller, who ends *result with process_result_fini.  Returns 0, or -1 with errno when the files for the
 * output or the process could not be made; *result is then empty and needs no end. */
int process_run(char *const argv[], double limit_seconds, struct process_result *result);
void process_result_fini(struct process_result *result);

/* Reads the number after "key": in a line of JSON.  Returns 1 when it is there. */
int json_number(const char *text, const char *key, double *value);

#endif
