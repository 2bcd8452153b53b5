/* report.c -- see report.h. */
#include "bench/harness/report.h"

#include <math.h>
#include <string.h>

/* The time that stands for an engine: the median, or the best round where that was asked for. */
static double time_of(const struct conditions *conditions, const struct outcome *outcome)
{
    struct spread s;
    if (!outcome->used || outcome->failed)
        return NAN;
    s = sample_spread(&outcome->frame_ns);
    return conditions->best ? s.best : s.median;
}

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
    if (!outcome->used) {
        fprintf(out, " %10s %5s", "-", "");
        return;
    }
    if (outcome->failed) {
        fprintf(out, " %10s %5s", "FAILED", "");
        return;
    }
    s = sample_spread(&outcome->frame_ns);
    number_cell(out, time_of(conditions, outcome), 10);
    fprintf(out, " %4.0f%%", 100.0 * (s.high - s.low) / s.median);
}

void report_table(FILE *out, const struct conditions *conditions, const struct kernel *kernels, size_t count,
                  struct outcome (*outcomes)[ENGINE_COUNT])
{
    fprintf(out, "%s; %d rounds of about %g s; C twins: %s\n", conditions->processor, conditions->rounds,
            conditions->target_seconds, conditions->twin_flags);
    fprintf(out, "Nanoseconds a frame: %s, distance of the quartiles in %% of the median.\n\n",
            conditions->best ? "best round" : "median");
    fprintf(out, "%-13s %10s %5s %10s %5s %10s %5s %10s %5s %8s %9s %10s %9s %8s\n", "kernel", "interp", "+-",
            "compiled", "+-", "C", "+-", "Lua", "+-", "code ms", "code B", "int/comp", "comp/C", "int/Lua");
    for (size_t i = 0; i < count; i++) {
        struct outcome *row = outcomes[i];
        double off = time_of(conditions, &row[ENGINE_OFF]), eager = time_of(conditions, &row[ENGINE_EAGER]);
        double c = time_of(conditions, &row[ENGINE_C]), lua = time_of(conditions, &row[ENGINE_LUA]);
        fprintf(out, "%-13s", kernels[i].name);
        for (int e = 0; e < ENGINE_COUNT; e++)
            time_cell(out, conditions, &row[e]);
        number_cell(out, row[ENGINE_EAGER].failed ? NAN : sample_spread(&row[ENGINE_EAGER].compile_ms).median,
                    8);
        number_cell(out, row[ENGINE_EAGER].failed ? NAN : row[ENGINE_EAGER].code_bytes, 9);
        number_cell(out, off / eager, 10);
        number_cell(out, eager / c, 9);
        number_cell(out, off / lua, 8);
        fputc('\n', out);
    }
}

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

static void json_outcome(FILE *out, enum engine engine, const struct outcome *outcome)
{
    struct spread s = sample_spread(&outcome->frame_ns);
    fprintf(out, "\"%s\":{\"frames\":%zu", engine_names[engine], outcome->frames);
    if (outcome->failed) {
        fprintf(out, ",\"error\":");
        json_string(out, outcome->message);
    }
    json_value(out, "best_ns", s.best);
    json_value(out, "median_ns", s.median);
    json_value(out, "low_quartile_ns", s.low);
    json_value(out, "high_quartile_ns", s.high);
    fprintf(out, ",\"samples_ns\":[");
    for (size_t i = 0; i < outcome->frame_ns.count; i++) {
        fprintf(out, "%s%.6g", i ? "," : "", outcome->frame_ns.value[i]);
    }
    fputc(']', out);
    if (engine == ENGINE_EAGER) {
        json_value(out, "compile_ms", sample_spread(&outcome->compile_ms).median);
        json_value(out, "functions_compiled", outcome->functions_compiled);
        json_value(out, "code_bytes", outcome->code_bytes);
    }
    fputc('}', out);
}

void report_json(FILE *out, const struct conditions *conditions, const struct kernel *kernels, size_t count,
                 struct outcome (*outcomes)[ENGINE_COUNT])
{
    fprintf(out, "{\"processor\":");
    json_string(out, conditions->processor);
    fprintf(out, ",\"twin_flags\":");
    json_string(out, conditions->twin_flags);
    fprintf(out, ",\"rounds\":%d,\"target_seconds\":%g,\"tolerance\":%g,\"kernels\":[", conditions->rounds,
            conditions->target_seconds, ANSWER_TOLERANCE);
    for (size_t i = 0; i < count; i++) {
        struct outcome *row = outcomes[i];
        fprintf(out, "%s\n{\"name\":\"%s\"", i ? "," : "", kernels[i].name);
        for (int e = 0; e < ENGINE_COUNT; e++) {
            if (!row[e].used)
                continue;
            fputc(',', out);
            json_outcome(out, (enum engine)e, &row[e]);
        }
        json_value(out, "interpreter_over_compiled",
                   time_of(conditions, &row[ENGINE_OFF]) / time_of(conditions, &row[ENGINE_EAGER]));
        json_value(out, "compiled_over_c",
                   time_of(conditions, &row[ENGINE_EAGER]) / time_of(conditions, &row[ENGINE_C]));
        json_value(out, "interpreter_over_lua",
                   time_of(conditions, &row[ENGINE_OFF]) / time_of(conditions, &row[ENGINE_LUA]));
        fputc('}', out);
    }
    fprintf(out, "\n]}\n");
}
