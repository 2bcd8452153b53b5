/* shape.c -- masks of references, layout by layout. */
#include "runtime/shape.h"

#include <stdbool.h>

#include "ir/base/alloc.h"

enum { MASK_WORDS = 64 };

static bool is_plain(const struct jr_layout *layout, uint32_t most_words)
{
    if (layout->word_count > most_words)
        return false;
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind == JR_WORD_SUM)
            return false;
    return true;
}

static uint64_t mask_of(const struct jr_layout *layout)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind != JR_WORD_RAW)
            mask |= (uint64_t)1 << i;
    return mask;
}

/* The sum that a layout is, if it is one and nothing else; else NULL. */
static const struct jr_sum *only_sum(const struct jr_module *module, const struct jr_layout *layout)
{
    if (layout->word_count == 0 || layout->words[0].kind != JR_WORD_SUM)
        return NULL;
    const struct jr_sum *sum = &module->sums[layout->words[0].arg];
    if (sum->word_count != layout->word_count)
        return NULL;
    for (uint32_t v = 0; v < sum->variant_count; v++)
        if (!is_plain(&module->layouts[sum->variant_layouts[v]], MASK_WORDS - 1))
            return NULL;
    return sum;
}

static struct jr_shape shape_of(const struct jr_module *module, const struct jr_layout *layout, uint32_t first,
                                uint32_t *mask_count)
{
    const struct jr_sum *sum = only_sum(module, layout);
    *mask_count = 0;
    if (!layout->has_refs)
        return (struct jr_shape){ .kind = JR_SHAPE_RAW };
    if (is_plain(layout, MASK_WORDS))
        *mask_count = 1;
    else if (sum != NULL)
        *mask_count = sum->variant_count;
    return (struct jr_shape){ .kind = sum != NULL ? JR_SHAPE_SUM : *mask_count ? JR_SHAPE_PLAIN : JR_SHAPE_OTHER, .first = first };
}

static void fill_masks(const struct jr_module *module, const struct jr_layout *layout, const struct jr_shape *shape,
                       uint64_t *masks)
{
    if (shape->kind == JR_SHAPE_PLAIN)
        masks[shape->first] = mask_of(layout);
    if (shape->kind != JR_SHAPE_SUM)
        return;
    const struct jr_sum *sum = &module->sums[layout->words[0].arg];
    for (uint32_t v = 0; v < sum->variant_count; v++)
        masks[shape->first + v] = mask_of(&module->layouts[sum->variant_layouts[v]]) << 1; /* behind the tag */
}

enum jr_status jr_shapes_init(struct jr_shapes *shapes, const struct jr_alloc *alloc, const struct jr_module *module)
{
    *shapes = (struct jr_shapes){ .count = module->layout_count };
    if (shapes->count == 0)
        return JR_OK;
    shapes->items = jr_alloc_array(alloc, shapes->count, sizeof shapes->items[0]);
    if (shapes->items == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t l = 0; l < shapes->count; l++) {
        uint32_t more;
        shapes->items[l] = shape_of(module, &module->layouts[l], shapes->mask_count, &more);
        shapes->mask_count += more;
    }
    if (shapes->mask_count == 0)
        return JR_OK;
    shapes->masks = jr_alloc_array(alloc, shapes->mask_count, sizeof shapes->masks[0]);
    if (shapes->masks == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t l = 0; l < shapes->count; l++)
        fill_masks(module, &module->layouts[l], &shapes->items[l], shapes->masks);
    return JR_OK;
}

void jr_shapes_fini(struct jr_shapes *shapes, const struct jr_alloc *alloc)
{
    jr_alloc_free(alloc, shapes->items, shapes->count * sizeof shapes->items[0]);
    jr_alloc_free(alloc, shapes->masks, shapes->mask_count * sizeof shapes->masks[0]);
    *shapes = (struct jr_shapes){ .items = NULL };
}
