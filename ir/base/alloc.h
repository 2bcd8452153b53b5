/* alloc.h -- where all memory comes from.
 *
 * The embedder gives one function with old and new size, as realloc does.  Everything of jitrun that allocates takes a
 * `const struct jr_alloc *`, which must outlive what was made with it. */
#ifndef JR_IR_BASE_ALLOC_H
#define JR_IR_BASE_ALLOC_H

#include <stddef.h>

struct jr_alloc {
    /* ptr == NULL (old_size 0): allocate.  new_size == 0: free, return NULL.  Otherwise resize, keeping the content.
     * Returns NULL on failure, and then the old block is as before.  Blocks are aligned for any C type.
     * old_size is always the size asked for.  Must be safe on every thread that uses it. */
    void *(*realloc)(void *user, void *ptr, size_t old_size, size_t new_size);
    void *user; /* handed to realloc */
};

/* The C library's allocator.  Static, any thread. */
const struct jr_alloc *jr_alloc_default(void);

/* `size` (> 0) zeroed bytes; NULL if there is no memory.  Owner: the caller, who ends it with jr_alloc_free. */
void *jr_alloc_new(const struct jr_alloc *alloc, size_t size);
/* The same for `count` items of `size` bytes (both > 0); a product that overflows counts as no memory. */
void *jr_alloc_array(const struct jr_alloc *alloc, size_t count, size_t size);
/* Changes the size of a block; new bytes are not zeroed.  NULL if there is no memory: the old block stays. */
void *jr_alloc_resize(const struct jr_alloc *alloc, void *ptr, size_t old_size, size_t new_size);
/* Ends a block of `size` bytes; NULL is allowed. */
void jr_alloc_free(const struct jr_alloc *alloc, void *ptr, size_t size);

#endif
