/* report.c -- see report.h.  The table has two parts, both of the same rounds: times, and what follows from them. */
#include "bench/harness/report.h"

#include <math.h>
#include <string.h>

/* ---- what follows ---- */

enum derived {
    OPTIMISED_OVER_C,
    OPTIMISED_OVER_FAUST,
    FAST_OVER_C,
    OPTIMISED_OVER_LUAJIT,
    INTERPRETER_OVER_C,
    INTERPRETER_OVER_LUA,
    CODE_BYTES,
    COMPILE_MS,
    FIRST_MS,
    CACHED_MS,
    AUTO_MS,
    AUTO_OVER_EAGER,
    DERIVED_COUNT
};

static const struct {
    const char *key;        /* in JSON */
    const char *heading;
    int is_ratio;           /* gets a geometric mean */
} derived_infos[DERIVED_COUNT] = {
    [OPTIMISED_OVER_C] = { "optimised_over_best_c", "opt/C", 1 },
    [OPTIMISED_OVER_FAUST] = { "optimised_over_best_faust", "opt/Faust", 1 },
    [FAST_OVER_C] = { "fast_over_best_c", "fast/C", 1 },
    [OPTIMISED_OVER_LUAJIT] = { "optimised_over_luajit", "opt/LuaJIT", 1 },
    [INTERPRETER_OVER_C] = { "interpreter_over_best_c", "int/C", 1 },
    [INTERPRETER_OVER_LUA] = { "interpreter_over_lua", "int/Lua", 1 },
    [CODE_BYTES] = { "code_bytes", "code B", 0 },
    [COMPILE_MS] = { "compile_ms", "compile ms", 0 },
    [FIRST_MS] = { "first_block_ms", "first ms", 0 },
    [CACHED_MS] = { "first_cached_block_ms", "cached ms", 0 },
    [AUTO_MS] = { "auto_run_ms", "auto run", 0 },
    [AUTO_OVER_EAGER] = { "auto_over_eager", "auto/eager", 1 },
};

static double middle_of(const struct conditions *conditions, const struct sample *sample)
{
    struct spread s = sample_spread(sample);
    return conditions->best ? s.best : s.median;
}

/* The time that stands for an engine: the median, or the best round where that was asked for. */
static double time_of(const struct conditions *conditions, const struct outcome *outcome)
{
    return !outcome->used || outcome->failed ? NAN : middle_of(conditions, &outcome->frame_ns);
}

/* The least time of engines first to last; fmin ignores those that have none. */
static double best_of(const struct conditions *conditions, const struct outcome *row, int first, int last)
{
    double best = NAN;
    for (int e = first; e <= last; e++)
        best = fmin(best, time_of(conditions, &row[e]));
    return best;
}

static void derive(const struct conditions *conditions, const struct outcome *row, double values[DERIVED_COUNT])
{
    double off = time_of(conditions, &row[ENGINE_OFF]), eager = time_of(conditions, &row[ENGINE_EAGER]);
    double c = best_of(conditions, row, ENGINE_GCC, ENGINE_CLANG);
    const struct outcome *compiled = &row[ENGINE_EAGER], *start = &row[ENGINE_AUTO];
    int has_block = compiled->block_bytes > 0.0;
    values[OPTIMISED_OVER_C] = eager / c;
    values[OPTIMISED_OVER_FAUST] = eager / best_of(conditions, row, ENGINE_FAUST, ENGINE_FAUST_INTERP);
    values[FAST_OVER_C] = time_of(conditions, &row[ENGINE_FAST]) / c;
    values[OPTIMISED_OVER_LUAJIT] = eager / time_of(conditions, &row[ENGINE_LUAJIT]);
    values[INTERPRETER_OVER_C] = off / c;
    values[INTERPRETER_OVER_LUA] = off / time_of(conditions, &row[ENGINE_LUA]);
    values[CODE_BYTES] = isnan(eager) ? NAN : has_block ? compiled->block_bytes : compiled->code_bytes;
    values[COMPILE_MS] = isnan(eager) ? NAN : middle_of(conditions, &compiled->compile_ms);
    values[FIRST_MS] = middle_of(conditions, &start->first_ms);
    values[CACHED_MS] = middle_of(conditions, &row[ENGINE_CACHED].first_ms);
    values[AUTO_MS] = middle_of(conditions, &start->total_ms);
    values[AUTO_OVER_EAGER] = values[AUTO_MS] / middle_of(conditions, &start->eager_ms);
}

/* Geometric means over the kernels of one kind (audio, or core); NaN where none has a value. */
static void means_of(const struct conditions *conditions, const struct kernel *kernels, size_t count,
                     struct outcome (*outcomes)[ENGINE_COUNT], int core, double means[DERIVED_COUNT])
{
    double logs[DERIVED_COUNT] = { 0 }, values[DERIVED_COUNT];
    int terms[DERIVED_COUNT] = { 0 };
    for (size_t i = 0; i < count; i++) {
        if (kernels[i].has_lua != core)
            continue;
        derive(conditions, outcomes[i], values);
        for (int d = 0; d < DERIVED_COUNT; d++) {
            if (!derived_infos[d].is_ratio || isnan(values[d]))
                continue;
            logs[d] += log(values[d]);
            terms[d]++;
        }
    }
    for (int d = 0; d < DERIVED_COUNT; d++)
        means[d] = terms[d] ? exp(logs[d] / terms[d]) : NAN;
}

/* ---- as a table ---- */

enum { NAME_WIDTH = 13, TIME_WIDTH = 9, DERIVED_WIDTH = 10 };

/* Four significant digits without an exponent. */
static void number_cell(FILE *out, double value, int width)
{
    char text[32];
    if (isnan(value)) {
        snprintf(text, sizeof text, "-");
    } else if (value >= 1000.0) {
        snprintf(text, sizeof text, "%.0f", value);
    } else {
        snprintf(text, sizeof text, "%.*f", value >= 100.0 ? 1 : value >= 10.0 ? 2 : 3, value);
    }
    fprintf(out, " %*s", width, text);
}

/* The time and, behind it, the distance of the quartiles in per cent of the median. */
static void time_cell(FILE *out, const struct conditions *conditions, const struct outcome *outcome)
{
    struct spread s;
    if (!outcome->used || outcome->failed) {
        fprintf(out, " %*s %4s", TIME_WIDTH, outcome->used ? "FAILED" : "-", "");
        return;
    }
    s = sample_spread(&outcome->frame_ns);
    number_cell(out, time_of(conditions, outcome), TIME_WIDTH);
    fprintf(out, " %3.0f%%", 100.0 * (s.high - s.low) / s.median);
}

/* START has no time of its own in the first part: what it measures stands in the second. */
static int has_column(const struct conditions *conditions, int engine)
{
    return conditions->shown[engine] && engine_infos[engine].kind != KIND_START;
}

static void derived_row(FILE *out, const char *name, const double values[DERIVED_COUNT])
{
    fprintf(out, "%-*s", NAME_WIDTH, name);
    for (int d = 0; d < DERIVED_COUNT; d++)
        number_cell(out, values[d], DERIVED_WIDTH);
    fputc('\n', out);
}

void report_table(FILE *out, const struct conditions *conditions, const struct kernel *kernels, size_t count,
                  struct outcome (*outcomes)[ENGINE_COUNT])
{
    double values[DERIVED_COUNT];
    fprintf(out, "%s; %d rounds of about %g s\nC twins: %s\nFaust: %s\n", conditions->processor, conditions->rounds,
            conditions->target_seconds, conditions->twin_flags, conditions->faust_flags);
    fprintf(out, "Nanoseconds a frame: %s, distance of the quartiles in %% of the median.\n\n",
            conditions->best ? "best round" : "median");
    fprintf(out, "%-*s", NAME_WIDTH, "kernel");
    for (int e = 0; e < ENGINE_COUNT; e++) {
        if (has_column(conditions, e))
            fprintf(out, " %*s %4s", TIME_WIDTH, engine_infos[e].heading, "+-");
    }
    fputc('\n', out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%-*s", NAME_WIDTH, kernels[i].name);
        for (int e = 0; e < ENGINE_COUNT; e++) {
            if (has_column(conditions, e))
                time_cell(out, conditions, &outcomes[i][e]);
        }
        fputc('\n', out);
    }

    fprintf(out, "\n%-*s", NAME_WIDTH, "kernel");
    for (int d = 0; d < DERIVED_COUNT; d++)
        fprintf(out, " %*s", DERIVED_WIDTH, derived_infos[d].heading);
    fputc('\n', out);
    for (size_t i = 0; i < count; i++) {
        derive(conditions, outcomes[i], values);
        derived_row(out, kernels[i].name, values);
    }
    means_of(conditions, kernels, count, outcomes, 0, values);
    derived_row(out, "mean, audio", values);
    means_of(conditions, kernels, count, outcomes, 1, values);
    derived_row(out, "mean, core", values);
}

/* ---- as JSON ---- */

static void json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\') {
            fprintf(out, "\\%c", *at);
        } else if (*at < 0x20) {
            fprintf(out, "\\u%04x", *at);
        } else {
            fputc(*at, out);
        }
    }
    fputc('"', out);
}

static void json_value(FILE *out, const char *key, double value)
{
    if (isfinite(value)) {
        fprintf(out, ",\"%s\":%.6g", key, value);
    } else {
        fprintf(out, ",\"%s\":null", key);
    }
}

static void json_samples(FILE *out, const char *key, const struct sample *sample)
{
    fprintf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < sample->count; i++)
        fprintf(out, "%s%.6g", i ? "," : "", sample->value[i]);
    fputc(']', out);
}

static void json_outcome(FILE *out, int engine, const struct outcome *outcome)
{
    struct spread s = sample_spread(&outcome->frame_ns);
    enum engine_kind kind = engine_infos[engine].kind;
    fprintf(out, "\"%s\":{\"frames\":%zu", engine_infos[engine].name, outcome->frames);
    if (outcome->failed) {
        fprintf(out, ",\"error\":");
        json_string(out, outcome->message);
    }
    json_value(out, "best_ns", s.best);
    json_value(out, "median_ns", s.median);
    json_value(out, "low_quartile_ns", s.low);
    json_value(out, "high_quartile_ns", s.high);
    json_samples(out, "samples_ns", &outcome->frame_ns);
    if (kind == KIND_JITRUN || kind == KIND_START) {
        json_samples(out, "compile_ms", &outcome->compile_ms);
        json_value(out, "functions_compiled", outcome->functions_compiled);
        json_value(out, "code_bytes", outcome->code_bytes);
        json_value(out, "block_bytes", outcome->block_bytes);
    }
    if (kind == KIND_START) {
        json_samples(out, "first_block_ms", &outcome->first_ms);
        json_samples(out, "run_ms", &outcome->total_ms);
        json_samples(out, "eager_run_ms", &outcome->eager_ms);
    }
    fputc('}', out);
}

static void json_derived(FILE *out, const double values[DERIVED_COUNT], int ratios_only)
{
    for (int d = 0; d < DERIVED_COUNT; d++) {
        if (!ratios_only || derived_infos[d].is_ratio)
            json_value(out, derived_infos[d].key, values[d]);
    }
    fputc('}', out);
}

void report_json(FILE *out, const struct conditions *conditions, const struct kernel *kernels, size_t count,
                 struct outcome (*outcomes)[ENGINE_COUNT])
{
    double values[DERIVED_COUNT];
    fprintf(out, "{\"processor\":");
    json_string(out, conditions->processor);
    fprintf(out, ",\"twin_flags\":");
    json_string(out, conditions->twin_flags);
    fprintf(out, ",\"faust_flags\":");
    json_string(out, conditions->faust_flags);
    fprintf(out, ",\"rounds\":%d,\"target_seconds\":%g,\"tolerance\":%g,\"ratios_of\":\"%s\",\"kernels\":[",
            conditions->rounds, conditions->target_seconds, ANSWER_TOLERANCE, conditions->best ? "best" : "median");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s\n{\"name\":\"%s\"", i ? "," : "", kernels[i].name);
        for (int e = 0; e < ENGINE_COUNT; e++) {
            if (!outcomes[i][e].used)
                continue;
            fputc(',', out);
            json_outcome(out, e, &outcomes[i][e]);
        }
        derive(conditions, outcomes[i], values);
        json_derived(out, values, 0);
    }
    for (int core = 0; core < 2; core++) {
        means_of(conditions, kernels, count, outcomes, core, values);
        fprintf(out, core ? ",\n\"mean_core\":{\"of\":\"core kernels\"" : "\n],\n\"mean_audio\":{\"of\":\"audio kernels\"");
        json_derived(out, values, 1);
    }
    fprintf(out, "}\n");
}
