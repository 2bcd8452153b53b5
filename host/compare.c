#include "host/compare.h"

#include <stdio.h>
#include <string.h>

#include "host/compare_internal.h"
#include "ir/base/alloc.h"
#include "ir/base/number.h"
#include "ir/state_tree.h"
#include "runtime/vm.h"

enum { BLOCK_FRAMES = 256 };

/* ---- the pair ---- */

enum jr_status jr_pair_open(struct jr_pair *pair, const struct jr_session_config *config, const char *path)
{
    static const enum jr_jit_mode modes[2] = { JR_JIT_OFF, JR_JIT_EAGER };
    enum jr_status status = JR_OK;
    *pair = (struct jr_pair){ 0 };
    for (int i = 0; i < 2; i++) {
        struct jr_session_config own = *config;
        struct jr_session_stats stats;
        own.jit.mode = modes[i];
        own.no_specialise |= i == 0; /* the reference is the program as it was written */
        JR_TRY(jr_session_create(&own, &pair->sessions[i]));
        JR_TRY(jr_session_compile_file(pair->sessions[i], path));
        JR_TRY(jr_session_prepare(pair->sessions[i]));
        jr_session_get_stats(pair->sessions[i], &stats);
        if (i == 1 && !stats.jit.available) {
            status = jr_session_fail(
                pair->sessions[0], JR_ERR_UNSUPPORTED,
                "there is no compiler in this build or beside this program, so nothing to compare");
            goto done;
        }
        pair->status[i] = jr_session_start(pair->sessions[i]);
    }
done:
    return status;
}

void jr_pair_close(struct jr_pair *pair)
{
    jr_session_destroy(pair->sessions[0]);
    jr_session_destroy(pair->sessions[1]);
    *pair = (struct jr_pair){ 0 };
}

/* ---- what the programs hold ---- */

void jr_compare_put_word(uint64_t word, char text[400])
{
    char number[JR_NUMBER_TEXT_BYTES];
    double value;
    memcpy(&value, &word, sizeof value);
    jr_number_debug(value, number);
    snprintf(text, 400, "%s (%016llx)", number, (unsigned long long)word);
}

/* Words of one region of memory, and who they belong to. */
struct region {
    const struct jr_module *module;
    const uint64_t *words[2];
    struct jr_memory_difference *out;
};

/* Compares the raw words of a value at `first`.  True if one differs; then the difference is noted. */
static bool value_differs(const struct region *region, uint32_t first, uint32_t count, uint32_t layout)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t a = region->words[0][first + i], b = region->words[1][first + i];
        if (a == b || (layout != JR_NONE && region->module->layouts[layout].words[i].kind != JR_WORD_RAW))
            continue;
        region->out->found = true;
        region->out->words[0] = a;
        region->out->words[1] = b;
        return true;
    }
    return false;
}

/* The state of dsp, expression by expression. */
static enum jr_status compare_state(const struct region *region, const struct jr_alloc *alloc)
{
    struct jr_state_walk walk;
    struct jr_state_node node;
    bool more;
    enum jr_status status;
    JR_TRY(jr_state_walk_init(&walk, alloc, region->module, region->module->dsp));
    for (;;) {
        JR_TRY(jr_state_walk_leaf(&walk, &node, &more));
        if (!more)
            break;
        if (value_differs(region, node.offset, node.site->word_count, node.site->layout)) {
            snprintf(region->out->name, sizeof region->out->name, "state of %s in %.90s",
                     jr_site_kind_name(node.site->kind), node.owner->name);
            region->out->place = node.site->place;
            break;
        }
    }
done:
    jr_state_walk_fini(&walk);
    return status;
}

enum jr_status jr_pair_compare_memory(const struct jr_pair *pair, struct jr_memory_difference *out)
{
    const struct jr_module *module = pair->sessions[0]->module;
    struct region region = { .module = module, .out = out };
    *out = (struct jr_memory_difference){ 0 };
    for (int i = 0; i < 2; i++)
        region.words[i] = jr_vm_globals(pair->sessions[i]->vm);
    for (uint32_t i = 0; i < module->global_count; i++) {
        const struct jr_global *global = &module->globals[i];
        if (value_differs(&region, global->offset, module->layouts[global->layout].word_count,
                          global->layout)) {
            snprintf(out->name, sizeof out->name, "global %.100s", global->name);
            out->place = global->place;
            return JR_OK;
        }
    }
    for (int i = 0; i < 2; i++)
        region.words[i] = jr_vm_dsp_state(pair->sessions[i]->vm);
    if (!region.words[0] || !region.words[1])
        return JR_OK;
    return compare_state(&region, pair->sessions[0]->alloc);
}

/* ---- side by side ---- */

static const char *ending(const struct jr_session *session, enum jr_status status)
{
    const struct jr_error *error = session->vm ? jr_vm_error(session->vm) : NULL;
    return status == JR_OK ? "runs on" : error ? error->message : jr_status_text(status);
}

/* Both must have ended alike: fine, or with one and the same error. */
static bool ended_alike(struct jr_pair *pair, uint64_t frame, struct jr_compare_result *result)
{
    const char *ends[2];
    for (int i = 0; i < 2; i++)
        ends[i] = ending(pair->sessions[i], pair->status[i]);
    if (pair->status[0] == pair->status[1] && strcmp(ends[0], ends[1]) == 0)
        return true;
    result->differs = true;
    snprintf(result->what, sizeof result->what, "frame %llu: interpreted, \"%.80s\"; compiled, \"%.80s\"",
             (unsigned long long)frame, ends[0], ends[1]);
    return false;
}

/* One block in both; `values` has room for two.  False at a difference or at an end. */
static bool compare_block(struct jr_pair *pair, double *values[2], size_t count, uint32_t channels,
                          struct jr_compare_result *result)
{
    size_t done[2];
    for (int i = 0; i < 2; i++)
        pair->status[i] = jr_session_process(pair->sessions[i], values[i], count, &done[i]);
    count = done[0] < done[1] ? done[0] : done[1];
    for (size_t i = 0; i < count * channels; i++) {
        uint64_t words[2];
        char texts[2][400];
        memcpy(&words[0], &values[0][i], sizeof words[0]);
        memcpy(&words[1], &values[1][i], sizeof words[1]);
        if (words[0] == words[1])
            continue;
        jr_compare_put_word(words[0], texts[0]);
        jr_compare_put_word(words[1], texts[1]);
        result->differs = true;
        result->frame_count += i / channels;
        snprintf(result->what, sizeof result->what,
                 "frame %llu channel %zu: %.80s interpreted, %.80s compiled",
                 (unsigned long long)result->frame_count, i % channels, texts[0], texts[1]);
        return false;
    }
    result->frame_count += count;
    return ended_alike(pair, result->frame_count, result) && pair->status[0] == JR_OK;
}

static enum jr_status compare_frames(struct jr_pair *pair, uint64_t frame_count,
                                     struct jr_compare_result *result)
{
    uint32_t channels = pair->sessions[0]->module->output_channels;
    const struct jr_alloc *alloc = pair->sessions[0]->alloc;
    size_t size = (size_t)BLOCK_FRAMES * (channels + 1);
    double *block = jr_alloc_array(alloc, 2 * size, sizeof *block);
    double *values[2] = { block, block ? block + size : NULL };
    if (!block)
        return JR_ERR_NO_MEMORY;
    while (result->frame_count < frame_count) {
        uint64_t left = frame_count - result->frame_count;
        if (!compare_block(pair, values, left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES, channels, result))
            break;
    }
    jr_alloc_free(alloc, block, 2 * size * sizeof *block);
    return JR_OK;
}

/* Scripts without dsp: task by task. */
static void compare_tasks(struct jr_pair *pair, uint64_t frame_count, struct jr_compare_result *result)
{
    uint64_t next[2] = { 0, 0 };
    while (pair->status[0] == JR_OK && !result->differs) {
        bool waits[2];
        for (int i = 0; i < 2; i++)
            waits[i] = jr_session_next_task(pair->sessions[i], &next[i]);
        if (waits[0] != waits[1] || next[0] != next[1]) {
            result->differs = true;
            snprintf(result->what, sizeof result->what, "frame %llu: other tasks wait",
                     (unsigned long long)next[0]);
            return;
        }
        if (!waits[0] || next[0] >= frame_count)
            return;
        for (int i = 0; i < 2; i++)
            pair->status[i] = jr_session_run_tasks(pair->sessions[i], next[i]);
        result->frame_count = next[0];
        ended_alike(pair, next[0], result);
    }
}

static enum jr_status compare_pair(struct jr_pair *pair, uint64_t frame_count,
                                   struct jr_compare_result *result)
{
    struct jr_memory_difference memory;
    enum jr_status status = JR_OK;
    if (ended_alike(pair, 0, result) && pair->status[0] == JR_OK) {
        if (pair->sessions[0]->module->dsp != JR_NONE)
            JR_TRY(compare_frames(pair, frame_count, result));
        else
            compare_tasks(pair, frame_count, result);
    }
    if (result->differs)
        return JR_OK;
    JR_TRY(jr_pair_compare_memory(pair, &memory));
    if (memory.found) {
        char texts[2][400];
        jr_compare_put_word(memory.words[0], texts[0]);
        jr_compare_put_word(memory.words[1], texts[1]);
        result->differs = true;
        snprintf(result->what, sizeof result->what,
                 "after %llu frames, %.60s: %.60s interpreted, %.60s compiled",
                 (unsigned long long)result->frame_count, memory.name, texts[0], texts[1]);
    }
    status = pair->status[0]; /* an error that both ended in */
done:
    return status;
}

enum jr_status jr_compare_file(const struct jr_session_config *config, const char *path, uint64_t frame_count,
                               struct jr_compare_result *result, struct jr_session **session)
{
    struct jr_pair pair;
    enum jr_status status = jr_pair_open(&pair, config, path);
    *result = (struct jr_compare_result){ 0 };
    if (status == JR_OK)
        status = compare_pair(&pair, frame_count, result);
    if (status == JR_OK && result->differs)
        status = jr_locate(config, path, result->frame_count, result);
    *session = pair.sessions[0];
    pair.sessions[0] = NULL;
    jr_pair_close(&pair);
    return status;
}
