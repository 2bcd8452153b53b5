/* isolate.c -- see isolate.h. */
#include "tests/differential/isolate.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ir/base/alloc.h"
#include "tests/differential/generate.h"

/* No program may take longer, all engines and compilations and sanitizers included. */
static const double patience_seconds = 120.0;

/* Shared with the child. */
struct shared {
    volatile uint64_t progress; /* changes with every program */
    struct isolate_result result;
};

struct work {
    const struct compare_config *config;
    const char *source; /* or NULL: generate from the seeds */
    const char *plain;
    size_t length;
    uint64_t first;
    size_t count;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Writes straight into the shared result, so that a crash later on loses nothing. */
static void look_at(const struct work *work, uint64_t seed, struct shared *shared)
{
    struct isolate_result *result = &shared->result;
    struct compare_config config = *work->config;
    result->seed = seed;
    result->verdict = COMPARE_CRASHED;
    shared->progress++;
    config.variation = work->source ? config.variation : seed;
    if (work->source) {
        result->verdict = compare_program(&config, work->source, work->length, work->plain, result->message,
                                          ISOLATE_MESSAGE);
    } else {
        struct tree tree;
        struct jr_sb text, plain;
        bool staged;
        tree_init(&tree);
        jr_sb_init(&text, jr_alloc_default());
        jr_sb_init(&plain, jr_alloc_default());
        generate_program(&tree, seed);
        tree_print(tree.program, &text);
        staged = tree_print_plain(tree.program, &plain);
        result->verdict =
            compare_program(&config, jr_sb_view(&text), text.length, staged ? jr_sb_view(&plain) : NULL,
                            result->message, ISOLATE_MESSAGE);
        jr_sb_fini(&plain);
        jr_sb_fini(&text);
        tree_fini(&tree);
    }
    result->tally[result->verdict]++;
}

static void child(const struct work *work, struct shared *shared)
{
    for (size_t i = 0; i < work->count; i++) {
        look_at(work, work->first + i, shared);
        if (shared->result.verdict > COMPARE_LIMIT)
            break;
    }
    exit(0); /* not _exit: a leak checker may want to speak */
}

static int run_child(const struct work *work, struct isolate_result *result)
{
    const struct timespec pause = { 0, 2000000 };
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t progress = 0;
    double since = seconds();
    int status = 0, hung = 0;
    pid_t pid;
    memset(result, 0, sizeof *result);
    if (shared == MAP_FAILED)
        return -1;
    fflush(NULL);
    pid = fork();
    if (pid < 0) {
        munmap(shared, sizeof *shared);
        return -1;
    }
    if (pid == 0)
        child(work, shared);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (shared->progress != progress) {
            progress = shared->progress;
            since = seconds();
        } else if (!hung && seconds() - since > patience_seconds) {
            hung = 1;
            kill(pid, SIGKILL);
        }
        nanosleep(&pause, NULL);
    }
    *result = shared->result;
    munmap(shared, sizeof *shared);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        if (result->verdict != COMPARE_CRASHED && result->tally[result->verdict] > 0)
            result->tally[result->verdict]--;
        result->verdict = hung ? COMPARE_HUNG : COMPARE_CRASHED;
        result->tally[result->verdict]++;
        snprintf(result->message, ISOLATE_MESSAGE,
                 hung ? "no end after %d s" : "the process ended with wait status %d",
                 hung ? (int)patience_seconds : status);
    }
    return 0;
}

int isolate_seeds(const struct compare_config *config, uint64_t first, size_t count,
                  struct isolate_result *result)
{
    struct work work = { .config = config, .first = first, .count = count };
    return run_child(&work, result);
}

int isolate_source(const struct compare_config *config, const char *source, size_t length, const char *plain,
                   struct isolate_result *result)
{
    struct work work = { .config = config, .source = source, .plain = plain, .length = length, .count = 1 };
    return run_child(&work, result);
}
