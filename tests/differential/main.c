/* main.c -- jitrun-differential: generated programs in every engine.
 *
 *   jitrun-differential N [SEED]      N programs from seed SEED on (default 1)
 *
 * Exit status: 0, 1 when a program was wrong, 2 usage, 3 environment.  Failing programs are made small and written to
 * differential-SEED.mmm in the folder given with --keep (default: the current one). */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ir/base/alloc.h"
#include "tests/differential/generate.h"
#include "tests/differential/isolate.h"
#include "tests/differential/shrink.h"

/* Programs per child process: enough to make the start of the compiler cheap. */
enum { BATCH = 100, SHRINK_CHECKS_MAX = 3000 };

struct options {
    uint64_t seed;
    size_t count, failures_max;
    struct compare_config config;
    const char *keep, *file;
    bool print, plain, shrink;
};

static void usage(FILE *out)
{
    fputs("usage: jitrun-differential [OPTIONS] [N [SEED]]\n"
          "\n"
          "  --seed S --count N    programs of seeds S to S + N - 1 (default 1 and 2000)\n"
          "  --print               print the program of the seed and do nothing else\n"
          "  --plain               the same with macros written as what they stand for\n"
          "  --frames F            frames of each program (default 48)\n"
          "  --engines E           1: interpreter; 2: and specialised; 3: and compiled; 4: and promotion in "
          "the run; "
          "5: and the quick tier (every third program); 6: and stress (every third)\n"
          "  --in-turn             each program in only one of the engines that compile\n"
          "  --failures N          stop after so many failures (default 5)\n"
          "  --no-shrink           leave failing programs as they are\n"
          "  --keep FOLDER         where failing programs are written (default .)\n"
          "  --file PATH           compare this program instead of generated ones\n",
          out);
}

static bool number_after(const char *text, uint64_t *value)
{
    char *end;
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0;
}

/* Returns -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    int places = 0;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        uint64_t number;
        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
            usage(stdout);
            return 0;
        } else if (strcmp(name, "--print") == 0) {
            options->print = true;
        } else if (strcmp(name, "--plain") == 0) {
            options->print = options->plain = true;
        } else if (strcmp(name, "--in-turn") == 0) {
            options->config.in_turn = true;
        } else if (strcmp(name, "--no-shrink") == 0) {
            options->shrink = false;
        } else if (strcmp(name, "--keep") == 0 && value) {
            options->keep = argv[++i];
        } else if (strcmp(name, "--file") == 0 && value) {
            options->file = argv[++i];
        } else if (number_after(name, &number) && places < 2) {
            if (places++ == 0) {
                options->count = (size_t)number;
            } else {
                options->seed = number;
            }
        } else if (number_after(value, &number)) {
            i++;
            if (strcmp(name, "--seed") == 0) {
                options->seed = number;
            } else if (strcmp(name, "--count") == 0) {
                options->count = (size_t)number;
            } else if (strcmp(name, "--frames") == 0 && number > 0 && number < 1000000) {
                options->config.frames = (size_t)number;
            } else if (strcmp(name, "--engines") == 0 && number >= 1 && number <= COMPARE_ENGINE_COUNT) {
                options->config.engine_count = (unsigned)number;
            } else if (strcmp(name, "--failures") == 0 && number > 0) {
                options->failures_max = (size_t)number;
            } else {
                goto wrong;
            }
        } else {
        wrong:
            fprintf(stderr, "jitrun-differential: what is '%s'?\n", name);
            usage(stderr);
            return 2;
        }
    }
    return -1;
}

struct failure {
    const struct compare_config *config;
    enum compare_verdict verdict;
    char reason[256]; /* of a program that does not compile */
};

/* The first line of what is wrong, without its place. */
static void reason_of(const char *message, char *reason, size_t size)
{
    const char *start = strstr(message, ": ");
    start = start ? start + 2 : message;
    snprintf(reason, size, "%.*s", (int)strcspn(start, "\n"), start);
}

static bool fails_alike(void *user, const char *source, size_t length, const char *plain)
{
    const struct failure *failure = user;
    struct isolate_result result;
    char reason[sizeof failure->reason];
    if (isolate_source(failure->config, source, length, plain, &result) != 0 ||
        result.verdict != failure->verdict)
        return false;
    reason_of(result.message, reason, sizeof reason);
    return result.verdict != COMPARE_INVALID || strcmp(reason, failure->reason) == 0;
}

/* Prints, shrinks and writes the program of a seed that failed. */
static void handle_failure(const struct options *options, const struct isolate_result *result)
{
    struct compare_config config = options->config;
    struct failure failure = { &config, result->verdict, "" };
    struct tree tree;
    struct jr_sb text;
    char path[4096];
    FILE *file;
    printf("seed %" PRIu64 ": %s\n%s\n", result->seed, compare_verdict_name(result->verdict),
           result->message);
    fflush(stdout);
    reason_of(result->message, failure.reason, sizeof failure.reason);
    tree_init(&tree);
    jr_sb_init(&text, jr_alloc_default());
    generate_program(&tree, result->seed);
    config.variation = result->seed;
    if (options->shrink && result->verdict != COMPARE_HUNG) { /* each attempt would take minutes */
        size_t checks = shrink_program(&tree, fails_alike, &failure, SHRINK_CHECKS_MAX);
        printf("made smaller in %zu steps\n", checks);
    }
    tree_print(tree.program, &text);
    snprintf(path, sizeof path, "%s/differential-%" PRIu64 ".mmm", options->keep, result->seed);
    file = fopen(path, "w");
    if (file) {
        fprintf(file, "// seed %" PRIu64 ": %s\n%s", result->seed, compare_verdict_name(result->verdict),
                jr_sb_view(&text));
        fclose(file);
        printf("written to %s\n", path);
    } else {
        printf("%s: %s\n", path, strerror(errno));
    }
    if (text.length < 4000)
        printf("%s\n", jr_sb_view(&text));
    fflush(stdout);
    jr_sb_fini(&text);
    tree_fini(&tree);
}

static int print_program(uint64_t seed, bool plain)
{
    struct tree tree;
    struct jr_sb text;
    tree_init(&tree);
    jr_sb_init(&text, jr_alloc_default());
    generate_program(&tree, seed);
    if (!plain || !tree_print_plain(tree.program, &text))
        tree_print(tree.program, &text);
    fputs(jr_sb_view(&text), stdout);
    jr_sb_fini(&text);
    tree_fini(&tree);
    return 0;
}

static int compare_file(const struct options *options)
{
    struct isolate_result result;
    struct jr_sb text;
    char buffer[4096];
    size_t got;
    FILE *file = fopen(options->file, "r");
    if (!file) {
        fprintf(stderr, "jitrun-differential: %s: %s\n", options->file, strerror(errno));
        return 3;
    }
    jr_sb_init(&text, jr_alloc_default());
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        jr_sb_bytes(&text, buffer, got);
    fclose(file);
    if (isolate_source(&options->config, jr_sb_view(&text), text.length, NULL, &result) != 0) {
        fprintf(stderr, "jitrun-differential: %s\n", strerror(errno));
        jr_sb_fini(&text);
        return 3;
    }
    jr_sb_fini(&text);
    printf("%s\n%s\n", compare_verdict_name(result.verdict), result.message);
    return result.verdict > COMPARE_LIMIT ? 1 : 0;
}

static int compare_all(const struct options *options)
{
    size_t tally[COMPARE_VERDICT_COUNT] = { 0 }, done = 0, wrong = 0;
    while (done < options->count && wrong < options->failures_max) {
        struct isolate_result result;
        size_t left = options->count - done, batch = left < BATCH ? left : BATCH, looked_at = 0;
        if (isolate_seeds(&options->config, options->seed + done, batch, &result) != 0) {
            fprintf(stderr, "jitrun-differential: %s\n", strerror(errno));
            return 3;
        }
        for (int v = 0; v < COMPARE_VERDICT_COUNT; v++) {
            tally[v] += result.tally[v];
            looked_at += result.tally[v];
        }
        done += looked_at;
        if (result.verdict > COMPARE_LIMIT) {
            wrong++;
            handle_failure(options, &result);
        }
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r\033[K%zu of %zu programs, %zu wrong", done, options->count, wrong);
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    printf("seeds %" PRIu64 " to %" PRIu64 ": ", options->seed, options->seed + (done ? done - 1 : 0));
    printf("%zu same, %zu with the same error, %zu stopped by a limit", tally[COMPARE_SAME],
           tally[COMPARE_SAME_ERROR], tally[COMPARE_LIMIT]);
    for (int v = COMPARE_LIMIT + 1; v < COMPARE_VERDICT_COUNT; v++) {
        if (tally[v] > 0)
            printf(", %zu %s", tally[v], compare_verdict_name((enum compare_verdict)v));
    }
    printf("\n%zu programs, generated, in %u engines%s over %zu frames: %zu wrong\n", done,
           options->config.engine_count, options->config.in_turn ? " in turn" : "", options->config.frames,
           wrong);
    return wrong > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct options options = {
        .seed = 1,
        .count = 2000,
        .failures_max = 5,
        .keep = ".",
        .shrink = true,
        .config = { .frames = 48, .engine_count = JR_DIFFERENTIAL_ENGINES },
    };
    int status = read_options(argc, argv, &options);
    if (status >= 0)
        return status;
    if (options.print)
        return print_program(options.seed, options.plain);
    if (options.file)
        return compare_file(&options);
    return compare_all(&options);
}
