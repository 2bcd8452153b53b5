/* compile.c -- a batch of functions becomes code that can be called: opened compiler, object, image in memory.  On the compile thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "jit/cache.h"
#include "jit/internal.h"
#include "runtime/rt.h"

enum { LINE_BYTES = 256 };

/* ---- opening ---- */

bool jr_jit_list_symbols(struct jr_jit *jit)
{
    size_t runtime_count;
    const struct jr_rt_symbol *runtime = jr_rt_symbols(&runtime_count);
    const struct jr_compiler_symbol own[] = {
        { "jr_jit_call_hot", (const void *)(uintptr_t)jr_jit_call_hot },
        { "jr_jit_loop_hot", (const void *)(uintptr_t)jr_jit_loop_hot },
        { "jr_jit_poll_entry", (const void *)(uintptr_t)jr_jit_poll_entry },
        { "jr_jit_stress_poll", (const void *)(uintptr_t)jr_jit_stress_poll },
    };
    const size_t own_count = sizeof own / sizeof own[0];
    struct jr_compiler_symbol *symbols = jr_alloc_array(jit->alloc, runtime_count + own_count, sizeof symbols[0]);
    if (symbols == NULL)
        return false;
    for (size_t i = 0; i < runtime_count; i++)
        symbols[i] = (struct jr_compiler_symbol){ runtime[i].name, runtime[i].address };
    memcpy(symbols + runtime_count, own, sizeof own);
    bool listed = jr_link_table_init(&jit->symbols, jit->alloc, symbols, runtime_count + own_count);
    jr_alloc_free(jit->alloc, symbols, (runtime_count + own_count) * sizeof symbols[0]);
    return listed;
}

struct jr_compiler_config jr_jit_compiler_config(const struct jr_jit *jit)
{
    struct jr_compiler_config config;
    memset(&config, 0, sizeof config); /* also what lies between the fields: it is part of a key */
    config.stress = jit->config.stress;
    config.debug = jr_describe_debug(&jit->config);
#ifndef NDEBUG
    config.verify = true;
#endif
    return config;
}

bool jr_jit_open_compiler(struct jr_jit *jit)
{
    char message[LINE_BYTES] = "no memory", line[2 * LINE_BYTES];
    if (jit->tried_to_open)
        return jit->compiler != NULL;
    jit->tried_to_open = true;
    if (jr_jit_open_object(jit, message, sizeof message)) {
        struct jr_compiler_config config = jr_jit_compiler_config(jit);
        jit->compiler = jit->provider->create(&config, message, sizeof message);
    }
    if (jit->compiler != NULL)
        return true;
    atomic_store(&jit->counters.unavailable, true);
    snprintf(line, sizeof line, "no compiled code, everything is interpreted: %s", message);
    if (jit->config.notice != NULL)
        jit->config.notice(jit->config.user, line);
    return false;
}

/* ---- compiling ---- */

static void refuse_all(struct jr_batch *batch, const char *reason)
{
    for (uint32_t i = 0; i < batch->item_count; i++) {
        struct jr_compile_item *item = &batch->items[i];
        item->entry = NULL;
        if (item->refusal[0] == '\0')
            snprintf(item->refusal, sizeof item->refusal, "%s", reason);
    }
}

/* Everything that has an address gets it. */
static bool link_batch(struct jr_jit *jit, struct jr_batch *batch, char *message, size_t message_size)
{
    const struct jr_residual *residual = batch->items[0].block;
    struct jr_link_input input = { .object = batch->object, .object_bytes = (size_t)batch->object_bytes, .table = &jit->symbols,
                                   .unwinding = jr_describe_debug(&jit->config) == JR_DEBUG_CODE };
    if (residual != NULL) {
        input.known = residual->known;
        input.known_count = residual->module->functions[residual->function].capture_words;
    }
    batch->code = jr_link(&input, message, message_size);
    if (batch->code == NULL)
        return false;
    batch->text = jr_link_text(batch->code);
    for (uint32_t i = 0; i < batch->item_count; i++)
        if (batch->items[i].symbol[0] != '\0')
            batch->items[i].entry = (jr_entry *)(uintptr_t)jr_link_address(batch->code, &input, batch->items[i].symbol);
    for (uint32_t i = 0; i < batch->line_count; i++)
        batch->lines[i].address += batch->text;
    return true;
}

static bool compile_object(struct jr_jit *jit, struct jr_batch *batch)
{
    if (!jr_jit_open_compiler(jit)) {
        refuse_all(batch, "there is no compiler");
        return false;
    }
    jit->provider->compile(jit->compiler, batch);
    return batch->object != NULL;
}

static void leave_out(struct jr_jit *jit, const char *why)
{
    atomic_fetch_add(&jit->counters.cache_left_out, 1);
    atomic_store(&jit->counters.not_cached, why);
}

/* From the cache or from the compiler; code that carries places is for looking at, and not kept. */
static bool make_object(struct jr_jit *jit, struct jr_batch *batch)
{
    struct jr_cache_key key;
    const char *objection;
    if (jit->config.cache_folder == NULL || jr_describe_debug(&jit->config) != JR_DEBUG_NONE)
        return compile_object(jit, batch);
    objection = jr_cache_key(jit, batch, &key);
    if (objection == NULL && jr_cache_find(jit, &key, batch)) {
        atomic_fetch_add(&jit->counters.cache_hits, 1);
        return true;
    }
    atomic_fetch_add(&jit->counters.cache_misses, 1);
    if (!compile_object(jit, batch))
        return false;
    if (objection == NULL)
        objection = jr_cache_objection(batch);
    if (objection == NULL)
        jr_cache_store(jit, &key, batch);
    else
        leave_out(jit, objection);
    return true;
}

struct jr_unit *jr_jit_compile(struct jr_jit *jit, const char *kind, struct jr_batch *batch)
{
    char message[JR_REFUSAL_BYTES] = "out of memory";
    struct jr_unit *unit = NULL;
    batch->code = NULL;
    batch->object = NULL;
    batch->lines = NULL;
    batch->line_count = 0;
    for (uint32_t i = 0; i < batch->item_count; i++)
        batch->items[i].refusal[0] = batch->items[i].symbol[0] = '\0';
    if (!make_object(jit, batch))
        return NULL;
    if (link_batch(jit, batch, message, sizeof message)) {
        if (jr_describe_debug(&jit->config) != JR_DEBUG_PLACES) { /* nobody wants to read it any more */
            free(batch->object);
            batch->object = NULL;
        }
        unit = jr_jit_unit_create(jit, kind, batch);
        if (unit == NULL)
            jr_link_release(batch->code);
    } else {
        jr_describe_nothing(batch);
    }
    if (unit == NULL)
        refuse_all(batch, message);
    return unit;
}
