/* alloc.c -- the default allocator and the helpers over any allocator. */
#include "ir/base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

const struct jr_alloc *jr_alloc_default(void)
{
    static const struct jr_alloc libc_alloc = { libc_realloc, NULL };
    return &libc_alloc;
}

void *jr_alloc_new(const struct jr_alloc *alloc, size_t size)
{
    void *ptr = alloc->realloc(alloc->user, NULL, 0, size);
    if (ptr != NULL)
        memset(ptr, 0, size);
    return ptr;
}

void *jr_alloc_array(const struct jr_alloc *alloc, size_t count, size_t size)
{
    if (count > SIZE_MAX / size)
        return NULL;
    return jr_alloc_new(alloc, count * size);
}

void *jr_alloc_resize(const struct jr_alloc *alloc, void *ptr, size_t old_size, size_t new_size)
{
    return alloc->realloc(alloc->user, ptr, old_size, new_size);
}

void jr_alloc_free(const struct jr_alloc *alloc, void *ptr, size_t size)
{
    if (ptr != NULL)
        (void)alloc->realloc(alloc->user, ptr, size, 0);
}
