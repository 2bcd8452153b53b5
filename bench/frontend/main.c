/* main.c -- jitrun-bench-frontend: how long `jitrun check` takes and how much memory, on generated programs of n, 2n and 4n lines.
 *
 *   jitrun-bench-frontend [--lines N] [--rounds N] [--only NAME] [--jitrun PATH] [--keep DIR]
 *
 * For each kind of program and size: lines, milliseconds of processor time (the best round), peak memory, and both as multiples of those of half the
 * size, where 2 is linear.  What starting the process takes is measured with an empty program and subtracted.
 * Exits with 1 if a program is refused, 2 for wrong usage, 3 if something is missing. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/frontend/sources.h"

extern char **environ;

struct options {
    const char *jitrun, *only, *folder;
    uint32_t lines, rounds;
};

struct figures {
    double milliseconds, megabytes;
};

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* Runs `jitrun check path` once.  False, after saying so, if it cannot be run or refuses the program. */
static bool check_once(const char *jitrun, const char *path, struct figures *out)
{
    const char *arguments[] = { jitrun, "check", path, NULL };
    posix_spawn_file_actions_t actions;
    struct rusage used;
    int status;
    pid_t child;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(&child, jitrun, &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        fprintf(stderr, "jitrun-bench-frontend: %s: %s\n", jitrun, strerror(failed));
        return false;
    }
    while (wait4(child, &status, 0, &used) < 0)
        if (errno != EINTR)
            return false;
    out->milliseconds = milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
    out->megabytes = (double)used.ru_maxrss / 1024.0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    fprintf(stderr, "jitrun-bench-frontend: %s was refused\n", path);
    return false;
}

static bool check(const struct options *options, const char *path, struct figures *best)
{
    for (uint32_t i = 0; i < options->rounds; i++) {
        struct figures figures = { 0, 0 };
        if (!check_once(options->jitrun, path, &figures))
            return false;
        if (i == 0 || figures.milliseconds < best->milliseconds)
            *best = figures;
    }
    return true;
}

/* Writes one program; NULL, after saying so, if that does not work.  Owner of the path: the caller. */
static char *write_source(const struct options *options, const struct bench_source *source, uint32_t lines, uint32_t *written)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s-%u.mmm", options->folder, source->name, lines) < 0)
        return NULL;
    FILE *out = fopen(path, "w");
    if (out != NULL)
        *written = source->write(out, lines);
    if (out == NULL || fclose(out) != 0) {
        fprintf(stderr, "jitrun-bench-frontend: %s: %s\n", path, strerror(errno));
        free(path);
        return NULL;
    }
    return path;
}

static double ratio(double now, double before)
{
    return before > 0 ? now / before : 0;
}

static bool measure(const struct options *options, const struct bench_source *source, struct figures nothing)
{
    struct figures before = { 0, 0 };
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t written = 0;
        struct figures figures = { 0, 0 };
        char *path = write_source(options, source, options->lines << k, &written);
        bool done = path != NULL && check(options, path, &figures);
        free(path);
        if (!done)
            return false;
        figures.milliseconds -= nothing.milliseconds;
        figures.megabytes -= nothing.megabytes;
        printf("%-10s %8u %9.1f %9.1f", source->name, written, figures.milliseconds, figures.megabytes);
        if (k > 0)
            printf(" %7.2f %7.2f", ratio(figures.milliseconds, before.milliseconds),
                   ratio(figures.megabytes, before.megabytes));
        putchar('\n');
        fflush(stdout);
        before = figures;
    }
    return true;
}

static uint32_t empty_program(FILE *out, uint32_t lines)
{
    (void)lines;
    fputs("fn dsp(){ 0 }\n", out);
    return 1;
}

static int run(const struct options *options)
{
    static const struct bench_source empty = { "empty", empty_program };
    struct figures nothing = { 0, 0 };
    uint32_t lines;
    char *path = write_source(options, &empty, 1, &lines);
    bool done = path != NULL && check(options, path, &nothing);
    free(path);
    if (!done)
        return 3;
    printf("start-up: %.1f ms, %.1f MB (subtracted below)\n", nothing.milliseconds, nothing.megabytes);
    printf("%-10s %8s %9s %9s %7s %7s\n", "program", "lines", "ms", "MB", "ms x", "MB x");
    for (const struct bench_source *source = bench_sources; source->name != NULL; source++)
        if (options->only == NULL || strcmp(options->only, source->name) == 0)
            done &= measure(options, source, nothing);
    return done ? 0 : 1;
}

static bool read_number(const char *text, uint32_t *out)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return *end == '\0' && value > 0 && value <= 1000000;
}

int main(int argc, char **argv)
{
    struct options options = { JR_BENCH_JITRUN, NULL, JR_BENCH_FOLDER, 10000, 3 };
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        bool good = value != NULL;
        if (good && strcmp(argv[i], "--lines") == 0)
            good = read_number(value, &options.lines) && options.lines >= 100;
        else if (good && strcmp(argv[i], "--rounds") == 0)
            good = read_number(value, &options.rounds);
        else if (good && strcmp(argv[i], "--only") == 0)
            options.only = value;
        else if (good && strcmp(argv[i], "--jitrun") == 0)
            options.jitrun = value;
        else if (good && strcmp(argv[i], "--keep") == 0)
            options.folder = value;
        else
            good = false;
        if (!good) {
            fputs("usage: jitrun-bench-frontend [--lines N] [--rounds N] [--only NAME] [--jitrun PATH] [--keep DIR]\n",
                  stderr);
            return 2;
        }
        i++;
    }
    return run(&options);
}
