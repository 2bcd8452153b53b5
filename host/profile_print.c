/* profile_print.c -- a profile as a table, as JSON and as folded stacks. */
#include <stdlib.h>
#include <string.h>

#include "host/profile_internal.h"
#include "host/session_internal.h"
#include "ir/base/sb.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

enum { TITLE_BYTES = 256 };

static int by_time(const void *a, const void *b, void *user)
{
    const struct jr_profile *profile = user;
    const struct jr_profile_function *left = &profile->functions[*(const uint32_t *)a];
    const struct jr_profile_function *right = &profile->functions[*(const uint32_t *)b];
    if (left->self != right->self)
        return left->self < right->self ? 1 : -1;
    if (left->total != right->total)
        return left->total < right->total ? 1 : -1;
    if (left->instructions != right->instructions)
        return left->instructions < right->instructions ? 1 : -1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

uint32_t *jr_profile_order(const struct jr_profile *profile, uint32_t *count)
{
    uint32_t *order = jr_alloc_array(profile->alloc, profile->module->function_count, sizeof *order);
    *count = 0;
    for (uint32_t i = 0; order != NULL && i < profile->module->function_count; i++) {
        const struct jr_profile_function *function = &profile->functions[i];
        if (function->total > 0 || function->calls > 0 || function->bytes > 0.0)
            order[(*count)++] = i;
    }
    if (order != NULL)
        qsort_r(order, *count, sizeof *order, by_time, (void *)(uintptr_t)profile);
    return order;
}

static void free_order(const struct jr_profile *profile, uint32_t *order)
{
    jr_alloc_free(profile->alloc, order, profile->module->function_count * sizeof *order);
}

const char *jr_profile_tier(const struct jr_profile *profile, uint32_t index)
{
    static const char *const names[JR_PROFILE_ENGINES] = { "interpreted", "quick", "optimised", "loop", "block" };
    const struct jr_profile_function *function = &profile->functions[index];
    int most = 0;
    for (int i = 1; i < JR_PROFILE_ENGINES; i++)
        most = function->engines[i] > function->engines[most] ? i : most;
    if (function->engines[most] > 0)
        return names[most];
    return function->in_block ? "block" : function->bytes > 0.0 ? "compiled" : function->calls > 0 ? "interpreted" : "-";
}

static double percent(const struct jr_profile *profile, uint32_t samples)
{
    return profile->sample_count > 0 ? 100.0 * samples / profile->sample_count : 0.0;
}

static double a_frame(const struct jr_profile *profile, uint64_t count)
{
    return profile->counted_frames > 0 ? (double)count / (double)profile->counted_frames : 0.0;
}

static const char *script_path(const struct jr_profile *profile)
{
    return jr_session_file_count(profile->session) > 0 ? jr_session_file(profile->session, 0) : "the program";
}

/* One sentence on what renders. */
static void put_how(const struct jr_profile *profile, struct jr_sb *out)
{
    const struct jr_session *session = profile->session;
    struct jr_session_stats stats;
    jr_session_get_stats(session, &stats);
    if (profile->module->dsp == JR_NONE)
        jr_sb_text(out, "There is no dsp; global code and tasks ran.");
    else if (!stats.specialised)
        jr_sb_format(out, "dsp is not specialised%s%s.", stats.not_specialised[0] ? ": " : "", stats.not_specialised);
    else if (stats.jit.blocks_compiled > 0)
        jr_sb_text(out, "dsp is specialised and compiled as one block.");
    else if (stats.jit.blocks_refused > 0 && stats.jit.available)
        jr_sb_text(out, "dsp is specialised, but too large to be compiled as one block.");
    else
        jr_sb_text(out, "dsp is specialised, and interpreted.");
}

/* ---- text ---- */

static void put_bytes(double bytes, struct jr_sb *out)
{
    if (bytes == 0.0)
        jr_sb_text(out, "        -");
    else if (bytes < 9999.5)
        jr_sb_format(out, " %6.0f B", bytes);
    else
        jr_sb_format(out, " %5.1f kB", bytes / 1000.0);
}

static void put_row(const struct jr_profile *profile, uint32_t index, struct jr_sb *out)
{
    const struct jr_profile_function *function = &profile->functions[index];
    char title[TITLE_BYTES];
    jr_function_title(profile->module, index, title, sizeof title);
    jr_sb_format(out, "%6.1f %6.1f", percent(profile, function->self), percent(profile, function->total));
    if (function->instructions > 0)
        jr_sb_format(out, " %9.2f %11.1f", a_frame(profile, function->calls), a_frame(profile, function->instructions));
    else
        jr_sb_format(out, " %9s %11s", "-", "-");
    jr_sb_format(out, "  %-11s", jr_profile_tier(profile, index));
    if (function->seconds > 0.0)
        jr_sb_format(out, " %8.2f", function->seconds * 1e3);
    else
        jr_sb_format(out, " %8s", "-");
    put_bytes(function->bytes, out);
    jr_sb_format(out, "  %s", title);
    if (function->why[0] != '\0')
        jr_sb_format(out, "  (%s)", function->why);
    jr_sb_char(out, '\n');
}

static enum jr_status put_text(const struct jr_profile *profile, struct jr_sb *out)
{
    uint32_t count, *order = jr_profile_order(profile, &count);
    double rate = profile->session->config.sample_rate;
    if (order == NULL)
        return JR_ERR_NO_MEMORY;
    jr_sb_format(out, "%s: ", script_path(profile));
    if (profile->frames > 0)
        jr_sb_format(out, "%llu frames in %.3f s, %.1f ns a frame, %.2f %% of real time at %.0f Hz\n",
                     (unsigned long long)profile->frames, profile->seconds, profile->seconds / (double)profile->frames * 1e9,
                     100.0 * profile->seconds * rate / (double)profile->frames, rate);
    else
        jr_sb_format(out, "%.3f s\n", profile->seconds);
    put_how(profile, out);
    jr_sb_format(out, "\n%u samples, %.1f %% of them outside of the script", profile->sample_count,
                 percent(profile, profile->outside));
    if (profile->counted_frames > 0)
        jr_sb_format(out, "; calls and instructions counted over %llu frames", (unsigned long long)profile->counted_frames);
    jr_sb_text(out, "\n\n  self  total     calls/ instructions/              compile\n"
                    "     %      %     frame       frame  tier              ms     code  function\n");
    for (uint32_t i = 0; i < count; i++)
        put_row(profile, order[i], out);
    free_order(profile, order);
    return jr_sb_status(out);
}

/* ---- JSON ---- */

static void put_string(const char *text, struct jr_sb *out)
{
    jr_sb_json(out, text, strlen(text));
}

static void put_function(const struct jr_profile *profile, uint32_t index, struct jr_sb *out)
{
    const struct jr_profile_function *function = &profile->functions[index];
    const struct jr_place *place = &profile->module->functions[index].place;
    char title[TITLE_BYTES];
    jr_function_title(profile->module, index, title, sizeof title);
    jr_sb_format(out, "{\"index\":%u,\"title\":", index);
    put_string(title, out);
    jr_sb_text(out, ",\"name\":");
    put_string(profile->module->functions[index].name, out);
    jr_sb_text(out, ",\"file\":");
    if (place->file != JR_NONE)
        put_string(profile->module->files[place->file], out);
    else
        jr_sb_text(out, "null");
    jr_sb_format(out, ",\"source\":%d,\"line\":%u,\"self\":%u,\"total\":%u,\"calls\":%llu,\"instructions\":%llu,\"tier\":\"%s\",",
                 place->file != JR_NONE ? (int)place->file : -1, place->line,
                 function->self, function->total, (unsigned long long)function->calls,
                 (unsigned long long)function->instructions, jr_profile_tier(profile, index));
    jr_sb_format(out, "\"compile_ms\":%.3f,\"code_bytes\":%.0f,\"why_not_compiled\":", function->seconds * 1e3, function->bytes);
    if (function->why[0] != '\0')
        put_string(function->why, out);
    else
        jr_sb_text(out, "null");
    jr_sb_char(out, '}');
}

/* Samples of each line that has any: [file, line, samples]. */
static void put_lines(const struct jr_profile *profile, struct jr_sb *out)
{
    const struct jr_module *module = profile->module;
    bool first = true;
    for (uint32_t file = 0; file < module->file_count; file++) {
        JR_VEC(uint32_t) lines = { NULL, 0, 0 };
        for (uint32_t f = 0; f < module->function_count; f++)
            for (uint32_t at = 0; at < module->functions[f].code_count; at++) {
                struct jr_place place = jr_function_place(&module->functions[f], at);
                if (profile->functions[f].heat[at] == 0 || place.file != file)
                    continue;
                while (lines.count <= place.line && JR_VEC_PUSH(profile->alloc, &lines, 0) == JR_OK)
                    continue;
                if (place.line < lines.count)
                    lines.items[place.line] += profile->functions[f].heat[at];
            }
        for (uint32_t line = 1; line < lines.count; line++)
            if (lines.items[line] > 0) {
                jr_sb_text(out, first ? "[" : ",[");
                put_string(module->files[file], out);
                jr_sb_format(out, ",%u,%u]", line, lines.items[line]);
                first = false;
            }
        JR_VEC_FREE(profile->alloc, &lines);
    }
}

void jr_profile_put_members(struct jr_profile *profile, struct jr_sb *out)
{
    uint32_t count, *order = jr_profile_order(profile, &count);
    struct jr_sb how;
    jr_sb_init(&how, profile->alloc);
    put_how(profile, &how);
    jr_sb_text(out, "\"script\":");
    put_string(script_path(profile), out);
    jr_sb_format(out, ",\"frames\":%llu,\"seconds\":%.6f,\"sample_rate\":%u,\"how\":", (unsigned long long)profile->frames,
                 profile->seconds, profile->session->config.sample_rate);
    put_string(jr_sb_view(&how), out);
    jr_sb_format(out, ",\"samples\":%u,\"outside\":%u,\"counted_frames\":%llu,\"functions\":[", profile->sample_count,
                 profile->outside, (unsigned long long)profile->counted_frames);
    for (uint32_t i = 0; order != NULL && i < count; i++) {
        if (i > 0)
            jr_sb_char(out, ',');
        put_function(profile, order[i], out);
    }
    jr_sb_text(out, "],\"lines\":[");
    put_lines(profile, out);
    jr_sb_char(out, ']');
    jr_sb_fini(&how);
    free_order(profile, order);
}

/* ---- folded stacks ---- */

static void put_folded(const struct jr_profile *profile, struct jr_sb *out)
{
    for (size_t i = 0; i < profile->stacks.count; i++) {
        const struct jr_profile_stack *stack = &profile->stacks.items[i];
        if (stack->count == 0)
            jr_sb_text(out, "(outside of the script)");
        for (uint32_t k = stack->count; k-- > 0;) {
            char title[TITLE_BYTES];
            jr_function_title(profile->module, profile->steps.items[stack->first + k].function, title, sizeof title);
            for (char *c = title; *c; c++) /* separates functions */
                *c = *c == ';' ? ',' : *c;
            jr_sb_format(out, "%s%s", title, k > 0 ? ";" : "");
        }
        jr_sb_format(out, " %u\n", stack->samples);
    }
}

enum jr_status jr_profile_print(struct jr_profile *profile, enum jr_profile_format format, struct jr_sb *out)
{
    switch (format) {
    case JR_PROFILE_TEXT:
        return put_text(profile, out);
    case JR_PROFILE_JSON:
        jr_sb_char(out, '{');
        jr_profile_put_members(profile, out);
        jr_sb_text(out, "}\n");
        break;
    case JR_PROFILE_FOLDED:
        put_folded(profile, out);
        break;
    case JR_PROFILE_HTML:
        return jr_profile_page(profile, out);
    }
    return jr_sb_status(out);
}
