/* counting.c -- the counting allocator; sizes are checked against what was asked for. */
#include "counting.h"

#include <stdlib.h>

#include <check.h>

struct counting counting;

/* The size stands before each block, so that a wrong old_size is noticed. */
enum { HEADER_BYTES = 16 };

static void *count_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    char *block = ptr == NULL ? NULL : (char *)ptr - HEADER_BYTES;
    if (block != NULL)
        ck_assert_uint_eq(*(size_t *)(void *)block, old_size);
    if (new_size != 0) {
        counting.calls++;
        if (counting.fail_at != 0 && counting.calls >= counting.fail_at)
            return NULL;
        char *grown = realloc(block, new_size + HEADER_BYTES);
        ck_assert_ptr_nonnull(grown);
        *(size_t *)(void *)grown = new_size;
        counting.live_blocks += block == NULL;
        counting.live_bytes += new_size - old_size;
        return grown + HEADER_BYTES;
    }
    counting.live_blocks -= block != NULL;
    counting.live_bytes -= old_size;
    free(block);
    return NULL;
}

const struct jr_alloc counting_alloc = { count_realloc, NULL };

void counting_reset(size_t fail_at)
{
    counting = (struct counting){ .fail_at = fail_at };
}
