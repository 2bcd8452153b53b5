/* describe.c -- from a batch to what each listener wants to know of it. */
#include "jit/describe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum jr_debug_kind jr_describe_debug(const struct jr_jit_config *config)
{
    if (config->describe == JR_DESCRIBE_TO_GDB)
        return JR_DEBUG_PLACES;
    return config->describe == JR_DESCRIBE_TO_JITDUMP || config->code != NULL ? JR_DEBUG_CODE : JR_DEBUG_NONE;
}

bool jr_describe_keeps_code(const struct jr_jit_config *config)
{
    return config->code != NULL || config->describe == JR_DESCRIBE_TO_PERF || config->describe == JR_DESCRIBE_TO_JITDUMP;
}

static void describe_item(const struct jr_jit_config *config, const char *kind, const struct jr_batch *batch,
                          const struct jr_compile_item *item)
{
    uint64_t first = (uint64_t)(uintptr_t)item->entry;
    struct jr_jit_code code = { .module = batch->module,
                                .function = item->function,
                                .kind = item->loop_pc != JR_NONE ? "loop" : kind,
                                .address = first,
                                .bytes = item->code_bytes };
    char title[256], what[64], line[128];
    bool good = true;
    jr_function_title(batch->module, item->function, title, sizeof title - sizeof what);
    if (item->loop_pc != JR_NONE) {
        snprintf(what, sizeof what, " [loop at %u]", item->loop_pc);
        strcat(title, what);
    } else if (batch->tier == JR_TIER_QUICK) {
        strcat(title, " [quick]");
    }
    code.title = title;
    /* The batch's functions share its time as they share its code. */
    if (batch->code_bytes > 0)
        code.seconds = (double)batch->nanoseconds * 1e-9 * (double)item->code_bytes / (double)batch->code_bytes;
    while (code.line_count < batch->line_count && batch->lines[code.line_count].address < first)
        code.line_count++;
    code.lines = batch->lines != NULL ? batch->lines + code.line_count : NULL;
    code.line_count = 0;
    while (code.lines != NULL && code.lines + code.line_count < batch->lines + batch->line_count &&
           code.lines[code.line_count].address < first + item->code_bytes)
        code.line_count++;
    if (config->code != NULL)
        config->code(config->user, &code);
    if (config->describe == JR_DESCRIBE_TO_PERF)
        good = jr_perf_map_add(&code);
    else if (config->describe == JR_DESCRIBE_TO_JITDUMP)
        good = jr_jitdump_add(&code);
    if (!good && config->notice != NULL) {
        snprintf(line, sizeof line, "perf is not told about compiled code: %s", strerror(errno));
        config->notice(config->user, line);
    }
}

void jr_describe_batch(const struct jr_jit_config *config, const char *kind, struct jr_batch *batch,
                       struct jr_gdb_object **object)
{
    *object = NULL;
    if (batch->object != NULL)
        *object = jr_gdb_add(batch->object, batch->object_bytes, batch->text);
    batch->object = NULL;
    if (config->code != NULL || config->describe != JR_DESCRIBE_TO_NOBODY)
        for (uint32_t i = 0; i < batch->item_count; i++)
            if (batch->items[i].entry != NULL)
                describe_item(config, kind, batch, &batch->items[i]);
    free(batch->lines);
    batch->lines = NULL;
}

void jr_describe_nothing(struct jr_batch *batch)
{
    free(batch->lines);
    free(batch->object);
    batch->lines = NULL;
    batch->object = NULL;
}

void jr_describe_gone(struct jr_gdb_object *object)
{
    jr_gdb_remove(object);
}
