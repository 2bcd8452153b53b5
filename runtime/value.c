/* value.c -- values of a layout: copy, move, release, and sums. */
#include "runtime/value.h"

#include <stdbool.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "runtime/heap.h"
#include "runtime/rt.h"
#include "runtime/task.h"

static void retain_word(void *context, uint64_t word)
{
    (void)context;
    jr_retain(word);
}

/* Most values are one word; a sum with references has at least two, so that word is a reference itself if there are any. */
static bool is_one_reference(const struct jr_layout *layout)
{
    return layout->word_count == 1 && layout->has_refs;
}

void jr_rt_value_copy(struct jr_task *task, uint64_t *to, const uint64_t *from, uint32_t layout)
{
    const struct jr_module *module = task->heap->module;
    const struct jr_layout *shape = &module->layouts[layout];
    if (is_one_reference(shape)) {
        uint64_t word = from[0];
        jr_retain(word);
        to[0] = word;
        return;
    }
    jr_value_each(module, shape, from, retain_word, NULL);
    memmove(to, from, shape->word_count * sizeof to[0]);
}

void jr_rt_value_move(struct jr_task *task, uint64_t *to, const uint64_t *from, uint32_t layout)
{
    const struct jr_layout *shape = &task->heap->module->layouts[layout];
    if (is_one_reference(shape)) {
        uint64_t old = to[0];
        to[0] = from[0];
        jr_release(task, old);
        return;
    }
    /* What dies is only queued here: the old value may be the last that keeps `to` itself alive. */
    jr_heap_drop_value(task->heap, to, layout);
    memmove(to, from, shape->word_count * sizeof to[0]);
    jr_heap_release_dead(task->heap);
}

void jr_rt_value_release(struct jr_task *task, const uint64_t *words, uint32_t layout)
{
    if (is_one_reference(&task->heap->module->layouts[layout])) {
        jr_release(task, words[0]);
        return;
    }
    jr_heap_drop_value(task->heap, words, layout);
    jr_heap_release_dead(task->heap);
}

void jr_rt_sum_new(struct jr_task *task, uint64_t *result, const uint64_t *payload, uint32_t sum,
                   uint32_t variant)
{
    const struct jr_module *module = task->heap->module;
    const struct jr_sum *type = &module->sums[sum];
    uint32_t used = module->layouts[type->variant_layouts[variant]].word_count;
    memmove(result + 1, payload, used * sizeof result[0]);
    memset(result + 1 + used, 0, (type->word_count - 1 - used) * sizeof result[0]);
    result[0] = variant;
}

int jr_rt_sum_get(struct jr_task *task, uint64_t *result, const uint64_t *value, uint32_t sum,
                  uint32_t variant)
{
    if (value[0] != variant)
        return jr_rt_fail(task, JR_ERR_BAD_TAG);
    jr_rt_value_copy(task, result, value + 1, task->heap->module->sums[sum].variant_layouts[variant]);
    return JR_RUN_OK;
}

/* Sums refer to layouts and layouts to sums.  Each round lets a layout see how deep its payloads were in the round before, so after
 * JR_SUM_NEST_MAX rounds without rest every depth is known, and a circle would still be growing. */
enum jr_status jr_value_check_nesting(const struct jr_module *module, const struct jr_alloc *alloc)
{
    uint32_t *depths;
    bool grown = true;
    if (module->layout_count == 0)
        return JR_OK;
    depths = jr_alloc_array(alloc, module->layout_count, sizeof depths[0]);
    if (depths == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t round = 0; grown && round <= JR_SUM_NEST_MAX; round++) {
        grown = false;
        for (uint32_t l = 0; l < module->layout_count; l++) {
            const struct jr_layout *layout = &module->layouts[l];
            for (uint32_t w = 0; w < layout->word_count; w++) {
                const struct jr_sum *sum;
                if (layout->words[w].kind != JR_WORD_SUM)
                    continue;
                sum = &module->sums[layout->words[w].arg];
                for (uint32_t v = 0; v < sum->variant_count; v++)
                    if (depths[l] <= depths[sum->variant_layouts[v]])
                        depths[l] = depths[sum->variant_layouts[v]] + 1, grown = true;
            }
        }
    }
    for (uint32_t l = 0; l < module->layout_count; l++)
        grown |= depths[l] > JR_SUM_NEST_MAX;
    jr_alloc_free(alloc, depths, module->layout_count * sizeof depths[0]);
    return grown ? JR_ERR_LIMIT : JR_OK;
}
