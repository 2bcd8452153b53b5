/* arena.c -- a bump arena over chunks of growing size. */
#include "ir/base/arena.h"

#include <stdint.h>
#include <string.h>

#include "ir/base/alloc.h"

enum { ALIGNMENT = 8, FIRST_CHUNK_BYTES = 4096, LARGEST_CHUNK_BYTES = 1 << 20 };

struct jr_arena_chunk {
    struct jr_arena_chunk *older;
    size_t size_bytes; /* with this header */
};

void jr_arena_init(struct jr_arena *arena, const struct jr_alloc *alloc)
{
    memset(arena, 0, sizeof *arena);
    arena->alloc = alloc;
#ifdef JR_ARENA_EXACT
    arena->exact = true;
#endif
}

void jr_arena_fini(struct jr_arena *arena)
{
    struct jr_arena_chunk *chunk = arena->chunks;
    while (chunk != NULL) {
        struct jr_arena_chunk *older = chunk->older;
        jr_alloc_free(arena->alloc, chunk, chunk->size_bytes);
        chunk = older;
    }
    bool exact = arena->exact;
    jr_arena_init(arena, arena->alloc);
    arena->exact = exact;
}

/* Makes a chunk with room for `size` bytes the current one.  The rest of the old one is given up. */
static int add_chunk(struct jr_arena *arena, size_t size)
{
    size_t bytes = arena->chunks == NULL ? FIRST_CHUNK_BYTES : arena->chunks->size_bytes * 2;
    if (bytes > LARGEST_CHUNK_BYTES)
        bytes = LARGEST_CHUNK_BYTES;
    if (arena->exact || bytes - sizeof(struct jr_arena_chunk) < size)
        bytes = sizeof(struct jr_arena_chunk) + size;
    struct jr_arena_chunk *chunk = jr_alloc_resize(arena->alloc, NULL, 0, bytes);
    if (chunk == NULL)
        return 0;
    chunk->older = arena->chunks;
    chunk->size_bytes = bytes;
    arena->chunks = chunk;
    arena->next = (char *)(chunk + 1);
    arena->end = (char *)chunk + bytes;
    arena->total_bytes += bytes;
    return 1;
}

void *jr_arena_alloc(struct jr_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = size == 0 ? ALIGNMENT : (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
    if ((size_t)(arena->end - arena->next) < size && !add_chunk(arena, size))
        return NULL;
    void *piece = arena->next;
    arena->next += size;
    return memset(piece, 0, size);
}

void *jr_arena_array(struct jr_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return jr_arena_alloc(arena, count * size);
}

void *jr_arena_copy(struct jr_arena *arena, const void *bytes, size_t size)
{
    void *piece = jr_arena_alloc(arena, size);
    if (piece != NULL && size != 0)
        memcpy(piece, bytes, size);
    return piece;
}

char *jr_arena_text(struct jr_arena *arena, const char *text, size_t length)
{
    char *piece = length == SIZE_MAX ? NULL : jr_arena_alloc(arena, length + 1);
    if (piece != NULL && length != 0)
        memcpy(piece, text, length); /* the NUL is there: pieces are zeroed */
    return piece;
}
