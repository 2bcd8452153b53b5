/* vec.c -- growth of vec.h's arrays: by half, at least eight items. */
#include "ir/base/vec.h"

#include <stdint.h>

bool jr_vec_reserve(const struct jr_alloc *alloc, void **items, size_t *capacity, size_t count, size_t extra,
                    size_t item_size)
{
    if (extra <= *capacity - count)
        return true;
    if (extra > SIZE_MAX / 2 - count)
        return false;
    size_t wanted = *capacity + *capacity / 2;
    if (wanted < count + extra)
        wanted = count + extra;
    if (wanted < 8)
        wanted = 8;
    if (wanted > SIZE_MAX / 2 / item_size)
        return false;
    void *grown = jr_alloc_resize(alloc, *items, *capacity * item_size, wanted * item_size);
    if (grown == NULL)
        return false;
    *items = grown;
    *capacity = wanted;
    return true;
}
