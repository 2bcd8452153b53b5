/* value.h -- walking the references of a value.
 *
 * Works by an explicit stack: sums nest at most JR_SUM_NEST_MAX deep (jr_vm_create checks it), everything else about a layout is
 * flat, and boxes, arrays and closures are references of their own. */
#ifndef JR_RUNTIME_VALUE_H
#define JR_RUNTIME_VALUE_H

#include <stdint.h>
#include "ir/base/status.h"
#include "ir/module.h"

enum { JR_SUM_NEST_MAX = 64 };

/* Calls visit(context, word, type) for each reference (also null ones) of the value of `layout` at `words`.  Inlined with a constant
 * `visit`, so each use is a loop of its own. */
static inline __attribute__((always_inline)) void
jr_value_each(const struct jr_module *module, const struct jr_layout *layout, const uint64_t *words,
              void (*visit)(void *context, uint64_t word), void *context)
{
    struct {
        const struct jr_layout *layout;
        const uint64_t *words;
        uint32_t index;
    } outer[JR_SUM_NEST_MAX];
    uint32_t depth = 0, i = 0;
    if (!layout->has_refs)
        return;
    for (;;) {
        while (i < layout->word_count) {
            switch (layout->words[i].kind) {
            case JR_WORD_RAW:
            case JR_WORD_SUM_TAIL:
                i++;
                break;
            case JR_WORD_SUM: {
                const struct jr_sum *sum = &module->sums[layout->words[i].arg];
                const struct jr_layout *payload = &module->layouts[sum->variant_layouts[words[i]]];
                if (!payload->has_refs) {
                    i += sum->word_count;
                    break;
                }
                outer[depth].layout = layout, outer[depth].words = words,
                outer[depth].index = i + sum->word_count;
                depth++;
                words += i + 1, layout = payload, i = 0;
                break;
            }
            case JR_WORD_CLOSURE:
            case JR_WORD_ARRAY:
            case JR_WORD_STRING:
            case JR_WORD_BOX:
            case JR_WORD_CELL:
                visit(context, words[i++]);
                break;
            }
        }
        if (depth == 0)
            return;
        depth--;
        layout = outer[depth].layout, words = outer[depth].words, i = outer[depth].index;
    }
}

/* JR_ERR_LIMIT if sums nest deeper than JR_SUM_NEST_MAX in a value of any layout of the module; JR_ERR_NO_MEMORY. */
enum jr_status jr_value_check_nesting(const struct jr_module *module, const struct jr_alloc *alloc);

#endif
