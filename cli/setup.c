#include "cli/setup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "ir/base/alloc.h"
#include "ir/base/number.h"
#include "ir/base/sb.h"

/* Half of the machine's memory: a script that runs away shall end in an error, not in a machine that swaps. */
static uint64_t default_memory_limit(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes / 2 : 0;
}

const char *jr_cli_cache_folder(const struct jr_cli_options *options, const char *script, char *room, size_t size)
{
    const char *home = getenv("XDG_CACHE_HOME");
    const char *below = "jitrun";
    struct stat status;
    if (options->cache)
        return strcmp(options->cache, "off") == 0 ? NULL : options->cache;
    if (stat(script, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    if (home == NULL || home[0] != '/') { /* as the convention for that variable has it */
        home = getenv("HOME");
        below = ".cache/jitrun";
    }
    if (home == NULL || home[0] != '/' || snprintf(room, size, "%s/%s", home, below) >= (int)size)
        return NULL;
    return room;
}

struct jr_session_config jr_cli_session_config(const struct jr_cli_options *options)
{
    struct jr_session_config config = {
        .sample_rate = options->sample_rate ? (uint32_t)options->sample_rate : JR_DEFAULT_SAMPLE_RATE,
        .self_init_zero = options->self_init_0,
        .resample = options->resample,
        .folders = options->folders.items,
        .folder_count = options->folders.count,
        .fuel = options->fuel,
        .macro_fuel = options->macro_fuel,
        .time_limit = options->time_limit,
        .memory_limit = options->memory_limit ? options->memory_limit : default_memory_limit(),
        .max_depth = options->max_depth > UINT32_MAX ? UINT32_MAX : (uint32_t)options->max_depth,
        .jit = { .mode = JR_JIT_AUTO, .stress = (options->stress & JR_STRESS_JIT) != 0 },
        .no_specialise = options->specialise == JR_CHOICE_SPECIALISE_OFF,
        .stress_heap = (options->stress & JR_STRESS_HEAP) != 0,
        .trace_exec = (options->trace & JR_TRACE_EXEC) != 0,
        .trace_heap = (options->trace & JR_TRACE_HEAP) != 0,
        .trace_jit = (options->trace & JR_TRACE_JIT) != 0,
    };
    if (options->jit == JR_CHOICE_JIT_OFF)
        config.jit.mode = JR_JIT_OFF;
    else if (options->jit == JR_CHOICE_JIT_EAGER)
        config.jit.mode = JR_JIT_EAGER;
    else if (options->jit == JR_CHOICE_JIT_QUICK)
        config.jit.mode = JR_JIT_QUICK;
    if (options->gdb)
        config.jit.describe = JR_DESCRIBE_TO_GDB;
    else if (options->perf)
        config.jit.describe = options->perf == JR_PERF_MAP ? JR_DESCRIBE_TO_PERF : JR_DESCRIBE_TO_JITDUMP;
    return config;
}

uint64_t jr_cli_frame_count(const struct jr_cli_options *options, uint32_t sample_rate, uint64_t otherwise)
{
    if (options->frames != JR_FRAMES_NOT_GIVEN)
        return options->frames;
    return options->duration > 0.0 ? (uint64_t)fmin(rint(options->duration * sample_rate), 9e18) : otherwise;
}

void jr_cli_report(const struct jr_cli_options *options, struct jr_session *session)
{
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    jr_session_report(session, options->diagnostics == JR_DIAGNOSTICS_JSON,
                      jr_options_colored(options, stderr), &text);
    fputs(jr_sb_view(&text), stderr);
    jr_sb_fini(&text);
}

int jr_cli_trouble(const struct jr_cli_options *options, const char *subject, const char *why)
{
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_format(&text, "%s%s%s", subject ? subject : "", subject ? ": " : "", why);
    if (options->diagnostics == JR_DIAGNOSTICS_JSON) {
        struct jr_sb object;
        jr_sb_init(&object, jr_alloc_default());
        jr_sb_text(&object, "{\"code\":null,\"severity\":\"error\",\"message\":");
        jr_sb_json(&object, jr_sb_view(&text), text.length);
        jr_sb_text(&object, ",\"labels\":[],\"notes\":[],\"suggestion\":null,\"trace\":[]}");
        fprintf(stderr, "%s\n", jr_sb_view(&object));
        jr_sb_fini(&object);
    } else {
        fprintf(stderr, "jitrun: %s\n", jr_sb_view(&text));
    }
    jr_sb_fini(&text);
    return JR_EXIT_ENVIRONMENT;
}

int jr_cli_failed(const struct jr_cli_options *options, struct jr_session *session, enum jr_status status)
{
    jr_cli_report(options, session);
    return status == JR_ERR_DIAGNOSED ? JR_EXIT_SCRIPT
                                      : jr_cli_trouble(options, NULL, jr_session_failure(session));
}

void jr_cli_put_control(const struct jr_session *session, size_t index, FILE *file)
{
    char text[JR_NUMBER_TEXT_BYTES];
    struct jr_session_control control;
    jr_session_get_control(session, index, &control);
    jr_number_display(control.initial, text);
    fprintf(file, "%s=%s\n", control.name, text);
}

int jr_cli_set_controls(const struct jr_cli_options *options, struct jr_session *session)
{
    for (size_t i = 0; i < options->sets.count; i++) {
        const char *text = options->sets.items[i], *equals = strrchr(text, '=');
        char name[256], *end = NULL;
        double value = equals != NULL ? strtod(equals + 1, &end) : 0.0;
        if (equals == NULL || equals == text || end == equals + 1 || *end != '\0' ||
            (size_t)(equals - text) >= sizeof name) {
            fprintf(stderr, "jitrun: --set wants NAME=VALUE with a number, not '%s'\n", text);
            return JR_EXIT_USAGE;
        }
        memcpy(name, text, (size_t)(equals - text));
        name[equals - text] = '\0';
        if (jr_session_set_control(session, name, value) == JR_OK)
            continue;
        fprintf(stderr, "jitrun: --set: the script has no control '%s'\n", name);
        fputs(jr_session_control_count(session) > 0 ? "these are its controls, with their initial values:\n"
                                                    : "it has none at all\n",
              stderr);
        for (size_t k = 0; k < jr_session_control_count(session); k++) {
            fputs("  ", stderr);
            jr_cli_put_control(session, k, stderr);
        }
        return JR_EXIT_USAGE;
    }
    return JR_EXIT_OK;
}

/* One line of text, or one member of the JSON object. */
static void put_label(bool json, const char *key, const char *label)
{
    if (json)
        fprintf(stderr, "\"%s\":", key);
    else
        fprintf(stderr, "%-20s ", label);
}

static void put_count(bool json, const char *key, const char *label, uint64_t value)
{
    put_label(json, key, label);
    fprintf(stderr, "%llu%c", (unsigned long long)value, json ? ',' : '\n');
}

static void put_seconds(bool json, const char *key, const char *label, double value)
{
    put_label(json, key, label);
    fprintf(stderr, "%.9f%c", value, json ? ',' : '\n');
}

bool jr_cli_flushed(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

void jr_cli_print_stats(const struct jr_cli_options *options, const struct jr_session *session)
{
    bool json = options->stats == JR_STATS_JSON;
    struct jr_session_stats stats;
    jr_session_get_stats(session, &stats);
    if (json)
        fputc('{', stderr);
    put_count(json, "frames", "frames", stats.frames);
    put_seconds(json, "dsp_seconds", "seconds in dsp", stats.dsp_seconds);
    put_seconds(json, "init_seconds", "seconds in globals", stats.init_seconds);
    put_seconds(json, "source_seconds", "seconds of front end", stats.source_seconds);
    put_seconds(json, "compile_seconds", "seconds compiling", stats.jit.compile_seconds);
    put_count(json, "functions_compiled", "functions compiled", stats.jit.functions_compiled);
    put_count(json, "functions_refused", "functions refused", stats.jit.functions_refused);
    put_count(json, "osr_compiled", "loops compiled", stats.jit.osr_compiled);
    put_count(json, "code_bytes", "bytes of code", stats.jit.code_bytes);
    put_count(json, "block_bytes", "of them the block", stats.jit.block_bytes);
    if (json) /* whoever started this process knows when */
        put_seconds(json, "first_optimised_clock", "", stats.jit.first_optimised_clock);
    put_count(json, "heap_live_objects", "live objects", stats.heap_live_objects);
    put_count(json, "heap_peak_bytes", "peak heap bytes", stats.heap_peak_bytes);
    put_count(json, "heap_allocations", "allocations", stats.heap_allocations);
    put_count(json, "blocks_compiled", "blocks compiled", stats.jit.blocks_compiled);
    put_count(json, "blocks_refused", "blocks refused", stats.jit.blocks_refused);
    put_count(json, "cache_hits", "found in the cache", stats.jit.cache_hits);
    put_count(json, "cache_misses", "not found there", stats.jit.cache_misses);
    put_label(json, "cache_left_out", "not kept there");
    if (json)
        fprintf(stderr, "%u,", stats.jit.cache_left_out);
    else
        fprintf(stderr, "%u%s%s\n", stats.jit.cache_left_out, stats.jit.not_cached ? ": " : "",
                stats.jit.not_cached ? stats.jit.not_cached : "");
    put_label(json, "specialised", "dsp specialised");
    if (json)
        fprintf(stderr, "%s,", stats.specialised ? "true" : "false");
    else if (stats.specialised)
        fprintf(stderr, "yes\n");
    else
        fprintf(stderr, "no%s%s\n", stats.not_specialised[0] ? ": " : "", stats.not_specialised);
    put_label(json, "tier", "tier");
    fprintf(stderr, json ? "\"%s\"}\n" : "%s\n", stats.tier);
}
