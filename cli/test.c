/* test.c -- jitrun test: scripts that say what they compute, run in every engine.
 *
 * The interpreter's answer is compared with what the script expects, the other engines' with both that and, bit for bit, the
 * interpreter's.  Besides, nothing may live at the end of a run, and nothing may be left uncompiled when everything was
 * asked to be. */
#include "cli/commands.h"
#include "cli/expect_table.h"
#include "cli/expectation.h"
#include "cli/junit.h"
#include "cli/options.h"
#include "cli/script_list.h"
#include "cli/setup.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/file.h"
#include "ir/base/alloc.h"
#include "ir/base/number.h"

static const struct engine {
    const char *name;
    struct jr_jit_config jit;
    bool original; /* dsp is not specialised */
} engines[] = {
    { "off", { .mode = JR_JIT_OFF }, true },
    { "specialised", { .mode = JR_JIT_OFF }, false },
    { "eager", { .mode = JR_JIT_EAGER }, true },
    { "block", { .mode = JR_JIT_EAGER }, false },
    { "auto", { .mode = JR_JIT_AUTO }, false },
    /* So early, and waiting for each compilation, that functions and loops change engine in the middle of the run. */
    { "promote",
      { .mode = JR_JIT_AUTO, .quick_calls = 2, .optimised_calls = 5, .loop_count = 4, .synchronous = true },
      false },
};
enum { INTERPRETED_COUNT = 2 }; /* of engines[] that need no compiler */
enum { ENGINE_COUNT = sizeof engines / sizeof engines[0] };

struct testing {
    const struct jr_cli_options *options;
    struct jr_junit junit;
    struct jr_expect_table table;
    int engine_count; /* of engines[] that are there: without a compiler only the first INTERPRETED_COUNT */
    unsigned programs, passed_programs, runs, failed, skipped;
};

struct script {
    const char *path;
    const char *text;
    size_t length;
    struct jr_expectation expectation;
    double *reference; /* what the interpreter computed; NULL before */
    size_t reference_count;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void discard_text(void *user, const char *text, size_t length)
{
    (void)user, (void)text, (void)length;
}

static void discard_line(void *user, const char *line)
{
    (void)user, (void)line;
}

/* Counts and prints one result; `failure` is empty if it passed. */
static void record(struct testing *testing, const char *path, const char *engine, double started,
                   const struct jr_sb *failure)
{
    testing->runs++;
    if (failure->length > 0) {
        testing->failed++;
        printf("FAIL %s [%s]: %s\n", path, engine, jr_sb_view(failure));
    }
    jr_junit_add(&testing->junit, path, engine, seconds() - started,
                 failure->length > 0 ? jr_sb_view(failure) : NULL);
}

/* ---- what may be wrong ---- */

static void list_problems(const struct jr_session *session, struct jr_sb *failure)
{
    for (size_t i = 0; i < jr_session_problem_count(session); i++) {
        struct jr_session_problem problem;
        jr_session_get_problem(session, i, &problem);
        jr_sb_format(failure, "\n    %s:%u:%u: %s: %s", problem.file ? problem.file : "?", problem.line,
                     problem.column, problem.code, problem.message);
    }
}

static void put_texts(struct jr_sb *out, char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        jr_sb_format(out, "%s %s", i ? "," : "", texts[i]);
}

/* All errors against those that were announced, in order: with their places, or only by category. */
static bool has_errors(const struct jr_session *session, char *const *expected, size_t count, bool places)
{
    size_t found = 0;
    bool equal = true;
    for (size_t i = 0; i < jr_session_problem_count(session); i++) {
        struct jr_session_problem problem;
        char text[128];
        jr_session_get_problem(session, i, &problem);
        if (problem.warning)
            continue;
        snprintf(text, sizeof text, places ? "%s %u:%u" : "%s", problem.code, problem.line, problem.column);
        equal = equal && found < count && strcmp(text, expected[found]) == 0;
        found++;
    }
    return equal && found == count;
}

static size_t count_category(const struct jr_session *session, const char *category)
{
    size_t count = 0;
    for (size_t i = 0; i < jr_session_problem_count(session); i++) {
        struct jr_session_problem problem;
        jr_session_get_problem(session, i, &problem);
        count += !problem.warning && strcmp(problem.code, category) == 0;
    }
    return count;
}

static bool has_each(const struct jr_session *session, char *const *categories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t wanted = 0;
        for (size_t k = 0; k < count; k++)
            wanted += strcmp(categories[i], categories[k]) == 0;
        if (count_category(session, categories[i]) < wanted)
            return false;
    }
    return true;
}

static bool has_mention(const struct jr_session *session, const char *part)
{
    for (size_t i = 0; i < jr_session_problem_count(session); i++) {
        struct jr_session_problem problem;
        jr_session_get_problem(session, i, &problem);
        if (strstr(problem.message, part))
            return true;
    }
    return false;
}

/* The errors of compiling against what the script says about them. */
static void check_errors(const struct jr_session *session, const struct jr_expectation *expectation,
                         struct jr_sb *failure)
{
    const struct jr_expectation *e = expectation;
    struct jr_session_problem first = { .code = "" };
    size_t count = jr_session_problem_count(session);
    if (count > 0)
        jr_session_get_problem(session, 0, &first);
    if (e->errors && !has_errors(session, e->errors, e->error_count, true)) {
        jr_sb_text(failure, "expected");
        put_texts(failure, e->errors, e->error_count);
    } else if (e->categories && !has_errors(session, e->categories, e->category_count, false)) {
        jr_sb_text(failure, "expected");
        put_texts(failure, e->categories, e->category_count);
    } else if (e->among_categories && !has_each(session, e->among_categories, e->among_category_count)) {
        jr_sb_text(failure, "expected at least");
        put_texts(failure, e->among_categories, e->among_category_count);
    } else if (e->first_category && strcmp(e->first_category, first.code) != 0) {
        jr_sb_format(failure, "expected first %s", e->first_category);
    } else if (e->mentions && !has_mention(session, e->mentions)) {
        jr_sb_format(failure, "expected a message with \"%s\"", e->mentions);
    } else {
        return;
    }
    jr_sb_text(failure, count > 0 ? ", got" : ", got no error");
    list_problems(session, failure);
}

static bool near(double got, double expected, double tolerance)
{
    return got == expected || (isnan(got) && isnan(expected)) || fabs(got - expected) <= tolerance;
}

/* The bits of a word, with one NaN: which NaN an operation gives is not part of the language. */
static uint64_t bits_of(double value)
{
    uint64_t bits;
    if (isnan(value))
        value = (double)NAN;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void put_difference(struct jr_sb *failure, size_t index, size_t channels, double expected, double got,
                           const char *what)
{
    char expected_text[JR_NUMBER_TEXT_BYTES], got_text[JR_NUMBER_TEXT_BYTES];
    jr_number_debug(expected, expected_text);
    jr_number_debug(got, got_text);
    jr_sb_format(failure, "frame %zu channel %zu: %s %s, got %s", index / channels, index % channels, what,
                 expected_text, got_text);
}

static bool is_falling(const double *values, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (!(values[i] < values[i - 1]))
            return false;
    return count > 1;
}

/* `count` values of whole frames. */
static void check_values(struct script *script, size_t channels, const double *values, size_t count,
                         struct jr_sb *failure)
{
    const struct jr_expectation *expectation = &script->expectation;
    if (expectation->expected && channels != (expectation->stereo ? 2 : 1)) {
        jr_sb_format(failure, "dsp gives %zu channels, the header says %d", channels,
                     expectation->stereo ? 2 : 1);
        return;
    }
    if (expectation->expected && expectation->expected_count != count) {
        jr_sb_format(failure, "%zu values expected, %zu computed", expectation->expected_count, count);
        return;
    }
    for (size_t i = 0; expectation->expected && i < count; i++) {
        if (!near(values[i], expectation->expected[i], expectation->tolerance)) {
            put_difference(failure, i, channels, expectation->expected[i], values[i], "expected");
            return;
        }
    }
    if (script->reference && script->reference_count != count) {
        jr_sb_format(failure, "%zu values computed, %zu in the interpreter", count, script->reference_count);
        return;
    }
    if (expectation->falling && !is_falling(values, count)) {
        jr_sb_text(failure, "the values do not fall, or are all 0");
        return;
    }
    for (size_t i = 0; script->reference && i < count; i++) {
        if (bits_of(values[i]) != bits_of(script->reference[i])) {
            put_difference(failure, i, channels, script->reference[i], values[i], "the interpreter computed");
            return;
        }
    }
}

/* How the run ended, against what was announced. */
static void check_end(struct jr_session *session, const struct jr_expectation *expectation,
                      enum jr_status status, size_t done, struct jr_sb *failure)
{
    size_t count = jr_session_problem_count(session);
    struct jr_session_problem problem = { 0 };
    if (status != JR_OK && status != JR_ERR_DIAGNOSED) {
        jr_sb_text(failure, jr_session_failure(session));
        return;
    }
    if (count > 0)
        jr_session_get_problem(session, count - 1, &problem);
    if (status == JR_OK && expectation->runtime_error)
        jr_sb_format(failure, "expected the run-time error \"%s\", got none", expectation->runtime_error);
    else if (status == JR_ERR_DIAGNOSED && !expectation->runtime_error) {
        jr_sb_text(failure, "unexpected run-time error");
        list_problems(session, failure);
    } else if (expectation->runtime_error && !strstr(problem.message, expectation->runtime_error))
        jr_sb_format(failure, "expected the run-time error \"%s\", got \"%s\"", expectation->runtime_error,
                     problem.message);
    else if (expectation->has_frames_before_error && done != expectation->frames_before_error)
        jr_sb_format(failure, "the error came after %zu frames, not %llu", done,
                     (unsigned long long)expectation->frames_before_error);
    else if (expectation->nothing_to_run && jr_session_get_shape(session).has_dsp)
        jr_sb_text(failure, "it has a dsp");
}

/* What must hold after every run. */
static void check_leftovers(const struct jr_session *session, const struct engine *engine,
                            const struct jr_expectation *expectation, struct jr_sb *failure)
{
    struct jr_session_stats stats;
    const char *function, *reason;
    jr_session_get_stats(session, &stats);
    if (stats.heap_live_objects > 0)
        jr_sb_format(failure, "%llu objects live at the end", (unsigned long long)stats.heap_live_objects);
    else if (engine->jit.mode == JR_JIT_EAGER && (reason = jr_session_refusal(session, &function)))
        jr_sb_format(failure, "function %s was not compiled: %s", function, reason);
    else if (engine->jit.mode == JR_JIT_EAGER && stats.specialised &&
             stats.jit.blocks_compiled + stats.jit.blocks_refused == 0)
        jr_sb_text(failure, "dsp was specialised, but not compiled");
    else if (engine->jit.mode == JR_JIT_EAGER && stats.jit.functions_compiled == 0 &&
             !expectation->nothing_to_run)
        jr_sb_text(failure, "nothing was compiled");
}

/* ---- running ---- */

/* Runs the compiled session and checks everything; keeps the values as reference if there is none yet. */
static void run_frames(struct jr_session *session, struct script *script, const struct engine *engine,
                       struct jr_sb *failure)
{
    size_t channels = jr_session_get_shape(session).output_channels;
    size_t times = (size_t)script->expectation.times, done = 0;
    double *values = calloc(times * channels + 1, sizeof *values);
    enum jr_status status = values ? jr_session_start(session) : JR_ERR_NO_MEMORY;
    if (status == JR_OK && times > 0)
        status = jr_session_process(session, values, times, &done);
    jr_session_finish(session);
    check_end(session, &script->expectation, status, done, failure);
    if (failure->length == 0 && values)
        check_values(script, channels, values, done * channels, failure);
    if (failure->length == 0)
        check_leftovers(session, engine, &script->expectation, failure);
    if (!script->reference) {
        script->reference = values;
        script->reference_count = done * channels;
    } else {
        free(values);
    }
}

/* Whether scripts can be compiled here: by compiling one. */
static bool has_compiler(void)
{
    static const char text[] = "fn dsp(){ 0 }";
    struct jr_session_config config = { .line = discard_line, .jit = { .mode = JR_JIT_EAGER } };
    struct jr_session *session = NULL;
    struct jr_session_stats stats = { 0 };
    if (jr_session_create(&config, &session) == JR_OK &&
        jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "probe", text, sizeof text - 1) == JR_OK &&
        jr_session_prepare(session) == JR_OK)
        jr_session_get_stats(session, &stats);
    jr_session_destroy(session);
    return stats.jit.available;
}

/* One script in one engine.  Returns false when no further engine makes sense. */
static bool test_in_engine(struct testing *testing, struct script *script, const struct engine *engine)
{
    struct jr_session_config config = jr_cli_session_config(testing->options);
    struct jr_session *session = NULL;
    struct jr_sb failure;
    double started = seconds();
    enum jr_status status;
    const char *name = engine->name;
    bool go_on = true;

    config.no_specialise = engine->original;
    config.jit.mode = engine->jit.mode;
    config.jit.quick_calls = engine->jit.quick_calls;
    config.jit.optimised_calls = engine->jit.optimised_calls;
    config.jit.loop_count = engine->jit.loop_count;
    config.jit.synchronous = engine->jit.synchronous;
    config.print = discard_text;
    config.line = discard_line;
    jr_sb_init(&failure, jr_alloc_default());
    status = jr_session_create(&config, &session);
    if (status == JR_OK)
        status = jr_session_compile_text(session, jr_session_language(script->path), script->path,
                                         script->text, script->length);
    if (session && jr_expectation_wants_errors(&script->expectation)) {
        check_errors(session, &script->expectation, &failure);
        name = "check";
        go_on = false; /* an error of the front end has nothing to do with engines */
    } else if (status == JR_OK) {
        run_frames(session, script, engine, &failure);
    } else {
        jr_sb_text(&failure, status == JR_ERR_DIAGNOSED ? "does not compile" : jr_status_text(status));
        if (session)
            list_problems(session, &failure);
        go_on = false;
    }
    record(testing, script->path, name, started, &failure);
    if (session && failure.length > 0 && testing->options->diagnostics == JR_DIAGNOSTICS_JSON)
        jr_cli_report(testing->options, session);
    jr_session_destroy(session);
    jr_sb_fini(&failure);
    return go_on;
}

/* Runs the script in every engine.  With a table each program is named, also those that pass. */
static void test_everywhere(struct testing *testing, struct script *script)
{
    unsigned failed = testing->failed;
    testing->programs++;
    for (int i = 0; i < testing->engine_count; i++) {
        if (!test_in_engine(testing, script, &engines[i]))
            break;
    }
    if (testing->failed == failed) {
        testing->passed_programs++;
        if (testing->table.root)
            printf("pass %s\n", script->path);
    }
}

/* Returns false if the file cannot be read. */
static bool test_script(struct testing *testing, const char *path)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    struct script script = { .path = path };
    enum jr_expectation_result result;
    struct jr_sb failure;
    char message[256];
    char *text;
    if (jr_file_read(alloc, path, &text, &script.length) != JR_OK) {
        fprintf(stderr, "jitrun: %s: %s\n", path, strerror(errno));
        return false;
    }
    script.text = text;
    jr_expect_table_meet(&testing->table, path);
    result = jr_expectation_read(text, script.length, &script.expectation, message, sizeof message);
    if (result == JR_EXPECTATION_NONE)
        result =
            jr_expect_table_find(&testing->table, path, &script.expectation, message, sizeof message);
    switch (result) {
    case JR_EXPECTATION_NONE:
        testing->skipped++;
        if (testing->table.root)
            printf("skip %s: no header, and not in the table\n", path);
        break;
    case JR_EXPECTATION_BAD:
        testing->programs++;
        jr_sb_init(&failure, alloc);
        jr_sb_text(&failure, message);
        record(testing, path, "header", seconds(), &failure);
        jr_sb_fini(&failure);
        break;
    case JR_EXPECTATION_FOUND:
        test_everywhere(testing, &script);
        free(script.reference);
        jr_expectation_fini(&script.expectation);
        break;
    }
    jr_alloc_free(alloc, text, script.length + 1);
    return true;
}

/* A program of the table that is nowhere counts as one that failed. */
static void report_missing(void *user, const char *name)
{
    struct testing *testing = user;
    struct jr_sb failure;
    testing->programs++;
    jr_sb_init(&failure, jr_alloc_default());
    jr_sb_text(&failure, "it is in the table, but was not found");
    record(testing, name, "table", seconds(), &failure);
    jr_sb_fini(&failure);
}

static void print_summary(const struct testing *testing)
{
    if (testing->engine_count == INTERPRETED_COUNT)
        printf("no compiler in this build or beside this program: interpreter only\n");
    printf("%u programs, %u runs in %d engines: %u passed, %u failed", testing->programs, testing->runs,
           testing->engine_count, testing->runs - testing->failed, testing->failed);
    if (testing->skipped > 0)
        printf(", %u files without a header skipped", testing->skipped);
    if (testing->table.root)
        printf("; %u of %u programs pass everywhere", testing->passed_programs, testing->programs);
    putchar('\n');
}

int jr_command_test(const struct jr_cli_options *options)
{
    struct testing testing = { .options = options };
    struct jr_script_list scripts = { 0 };
    bool readable = true;
    if (options->expect && !jr_expect_table_open(&testing.table, options->expect))
        return JR_EXIT_ENVIRONMENT;
    testing.engine_count = has_compiler() ? ENGINE_COUNT : INTERPRETED_COUNT;
    jr_junit_init(&testing.junit);
    for (int i = 0; i < options->script_count; i++)
        readable = jr_script_list_add(&scripts, options->scripts[i]) && readable;
    for (size_t i = 0; i < scripts.count; i++)
        readable = test_script(&testing, scripts.items[i]) && readable;
    if (testing.table.root)
        jr_expect_table_missing(&testing.table, report_missing, &testing);
    print_summary(&testing);
    if (!jr_cli_flushed())
        readable = false;
    if (options->junit && !jr_junit_write(&testing.junit, options->junit)) {
        fprintf(stderr, "jitrun: %s: %s\n", options->junit, strerror(errno));
        readable = false;
    }
    jr_junit_fini(&testing.junit);
    jr_expect_table_close(&testing.table);
    jr_script_list_fini(&scripts);
    return !readable ? JR_EXIT_ENVIRONMENT : testing.failed > 0 ? JR_EXIT_SCRIPT : JR_EXIT_OK;
}
