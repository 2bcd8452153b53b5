/* measure.c -- see measure.h. */
#include "bench/harness/measure.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/harness/process.h"

const struct engine_info engine_infos[ENGINE_COUNT] = {
#define ENGINE(name, word, heading, kind, argument, packages) { word, heading, KIND_##kind, argument, packages },
#include "bench/harness/engines.def"
};

enum { ARGUMENTS_MAX = 12, TIMED_FRAMES_MAX = 20000000, START_FRAMES = 480000 };
static const double limit_seconds = 300.0;
/* A kernel with long frames is not given ten seconds of audio, but what takes about this long when interpreted at first. */
#define START_SECONDS_MOST 2.0

struct command {
    char text[4][4500];
    char *argv[ARGUMENTS_MAX];
};

static void fail(struct outcome *outcome, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct outcome *outcome, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(outcome->message, sizeof outcome->message, format, arguments);
    va_end(arguments);
    outcome->failed = 1;
}

/* Fills the command that computes `frames` frames and either prints them (csv) or reports its times. */
static void command_for(struct command *command, const struct places *places, const struct kernel *kernel,
                        enum engine engine, size_t frames, int csv)
{
    const struct engine_info *info = &engine_infos[engine];
    char **argv = command->argv;
    memset(argv, 0, sizeof command->argv);
    snprintf(command->text[0], sizeof command->text[0], "%s", info->argument);
    snprintf(command->text[1], sizeof command->text[1], "%zu", frames);
    if (engine == ENGINE_CACHED)
        snprintf(command->text[3], sizeof command->text[3], "--cache=%.4000s/cache", places->twins);
    else
        snprintf(command->text[3], sizeof command->text[3], "--cache=off");
    switch (info->kind) {
    case KIND_JITRUN:
    case KIND_START:
        snprintf(command->text[2], sizeof command->text[2], "%s/kernels/%s.mmm", places->sources,
                 kernel->name);
        *argv++ = (char *)places->jitrun;
        *argv++ = command->text[0];
        if (engine == ENGINE_FAST)
            *argv++ = "--fast-math";
        *argv++ = command->text[3];
        *argv++ = "-n";
        *argv++ = command->text[1];
        *argv++ = "-o";
        *argv++ = csv ? "-" : "null";
        if (!csv)
            *argv++ = "--stats=json";
        *argv = command->text[2];
        break;
    case KIND_TWIN:
        snprintf(command->text[2], sizeof command->text[2], "%.4000s/%s/%s", places->twins, info->argument,
                 kernel->name);
        *argv++ = command->text[2];
        *argv++ = "-n";
        *argv++ = command->text[1];
        if (csv)
            *argv = "--csv";
        break;
    case KIND_LUA:
        snprintf(command->text[2], sizeof command->text[2], "%s/lua/%s.lua", places->sources, kernel->name);
        *argv++ = command->text[0];
        *argv++ = command->text[2];
        *argv++ = command->text[1];
        if (csv)
            *argv = "--csv";
        break;
    }
}

/* Runs and judges the exit status.  Returns 1 if *result holds the output of a good run. */
static int run(const struct places *places, const struct kernel *kernel, enum engine engine, size_t frames,
               int csv, struct outcome *outcome, struct process_result *result)
{
    struct command command;
    command_for(&command, places, kernel, engine, frames, csv);
    if (process_run(command.argv, limit_seconds, result) != 0) {
        fail(outcome, "%s cannot be run: %s", command.argv[0], strerror(errno));
        return 0;
    }
    if (result->timed_out) {
        fail(outcome, "no end after %g seconds", limit_seconds);
    } else if (result->exit_code != 0) {
        fail(outcome, "%s exits with %d: %.300s", command.argv[0], result->exit_code, result->err);
    } else {
        return 1;
    }
    process_result_fini(result);
    return 0;
}

/* What one run tells. */
struct timing {
    double frame_ns, compile_ms;
    double first_ms, total_ms; /* since the process was made; first_ms is NaN if no code was made */
};

/* One run that reports times; jitrun does so on standard error, the twins on standard output. */
static int timed_run(const struct places *places, const struct kernel *kernel, enum engine engine,
                     size_t frames, struct outcome *outcome, struct timing *timing)
{
    struct process_result result;
    double count, spent, compile = 0.0, live = 0.0, first = 0.0;
    const char *report;
    enum engine_kind kind = engine_infos[engine].kind;
    int jitrun = kind == KIND_JITRUN || kind == KIND_START, good = 0;
    if (!run(places, kernel, engine, frames, 0, outcome, &result))
        return 0;
    report = jitrun ? result.err : result.out;
    if (!json_number(report, "frames", &count) || !json_number(report, "dsp_seconds", &spent) ||
        count < 1.0) {
        fail(outcome, "no times in the report: %.300s", report);
    } else if (jitrun && (!json_number(report, "compile_seconds", &compile) ||
                          !json_number(report, "functions_compiled", &outcome->functions_compiled) ||
                          !json_number(report, "code_bytes", &outcome->code_bytes) ||
                          !json_number(report, "block_bytes", &outcome->block_bytes) ||
                          !json_number(report, "first_optimised_clock", &first) ||
                          !json_number(report, "heap_live_objects", &live))) {
        fail(outcome, "the report lacks a field: %.300s", report);
    } else if (live != 0.0) {
        fail(outcome, "%g objects are alive at the end", live);
    } else if ((engine == ENGINE_EAGER || engine == ENGINE_QUICK) && outcome->functions_compiled < 1.0) {
        fail(outcome, "nothing was compiled");
    } else {
        timing->frame_ns = 1e9 * spent / count;
        timing->compile_ms = 1e3 * compile;
        timing->first_ms = first > 0.0 ? 1e3 * (first - result.started) : NAN;
        timing->total_ms = 1e3 * result.seconds;
        good = 1;
    }
    process_result_fini(&result);
    return good;
}

static int promises_same_bits(enum engine engine)
{
    enum engine_kind kind = engine_infos[engine].kind;
    return (kind == KIND_JITRUN || kind == KIND_START) && engine != ENGINE_FAST;
}

void measure_check(const struct places *places, const struct kernel *kernel, enum engine engine,
                   const struct answer *answer, double target_seconds, char **frames_text,
                   struct outcome *outcome)
{
    struct process_result result;
    struct timing timing;
    double *values, frames;
    size_t count;
    char difference[256];
    if (!run(places, kernel, engine, kernel->checked_frames, 1, outcome, &result))
        return;
    values = values_from_csv(result.out, &count);
    if (promises_same_bits(engine) && *frames_text && strcmp(*frames_text, result.out) != 0) {
        fail(outcome, "the frames are not those of the interpreter, bit for bit");
    }
    if (engine == ENGINE_OFF) {
        *frames_text = result.out;
        result.out = NULL;
    }
    process_result_fini(&result);
    if (!values) {
        fail(outcome, "out of memory");
        return;
    }
    if (answer_compare(answer, values, count, difference, sizeof difference) != 0) {
        fail(outcome, "wrong answer: %s", difference);
    }
    free(values);
    if (outcome->failed)
        return;
    if (!timed_run(places, kernel, engine, kernel->checked_frames, outcome, &timing))
        return;
    frames = (engine_infos[engine].kind == KIND_START ? START_SECONDS_MOST : target_seconds) * 1e9 /
             (timing.frame_ns > 0.1 ? timing.frame_ns : 0.1);
    if (frames < 4.0)
        frames = 4.0;
    if (frames > TIMED_FRAMES_MAX)
        frames = TIMED_FRAMES_MAX;
    if (engine_infos[engine].kind == KIND_START && frames > START_FRAMES)
        frames = START_FRAMES;
    outcome->frames = (size_t)frames;
}

void measure_round(const struct places *places, const struct kernel *kernel, enum engine engine,
                   struct outcome *outcome)
{
    struct timing timing;
    if (outcome->failed || !outcome->used)
        return;
    if (!timed_run(places, kernel, engine, outcome->frames, outcome, &timing))
        return;
    sample_add(&outcome->frame_ns, timing.frame_ns);
    sample_add(&outcome->compile_ms, timing.compile_ms);
    if (engine_infos[engine].kind != KIND_START)
        return;
    if (!isnan(timing.first_ms))
        sample_add(&outcome->first_ms, timing.first_ms);
    sample_add(&outcome->total_ms, timing.total_ms);
    if (engine == ENGINE_AUTO && timed_run(places, kernel, ENGINE_EAGER, outcome->frames, outcome, &timing))
        sample_add(&outcome->eager_ms, timing.total_ms);
}

int measure_has_option(const struct places *places, const char *option)
{
    char *argv[] = { (char *)places->jitrun, "--help", NULL };
    struct process_result result;
    int found;
    if (process_run(argv, limit_seconds, &result) != 0)
        return 0;
    found = strstr(result.out, option) != NULL;
    process_result_fini(&result);
    return found;
}

int measure_write_answer(const struct places *places, const struct kernel *kernel)
{
    struct outcome outcome = { 0 };
    struct process_result result;
    struct answer answer;
    double *values;
    size_t count;
    char path[5000];
    if (!run(places, kernel, ENGINE_GCC, kernel->checked_frames, 1, &outcome, &result)) {
        fprintf(stderr, "%s: %s\n", kernel->name, outcome.message);
        return -1;
    }
    values = values_from_csv(result.out, &count);
    process_result_fini(&result);
    if (!values || count != kernel->checked_frames) {
        fprintf(stderr, "%s: the twin gave no frames\n", kernel->name);
        free(values);
        return -1;
    }
    answer_from_values(values, count, &answer);
    free(values);
    snprintf(path, sizeof path, "%s/answers/%s.csv", places->sources, kernel->name);
    if (answer_save(path, &answer) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    return 0;
}
