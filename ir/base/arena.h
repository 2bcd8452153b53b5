/* arena.h -- memory that is dropped as a whole.
 *
 * For what lives as long as one compilation: syntax trees, types, names.  Pieces are never freed one by one. */
#ifndef JR_IR_BASE_ARENA_H
#define JR_IR_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct jr_alloc;
struct jr_arena_chunk;

struct jr_arena {
    const struct jr_alloc *alloc;
    struct jr_arena_chunk *chunks; /* newest first */
    char *next, *end;              /* free bytes of the newest chunk */
    size_t total_bytes;            /* taken from alloc so far */
    bool
        exact; /* false after init, but true with -DJR_ARENA_EXACT; true: each piece is an allocation of its own, so that a sanitizer sees what runs
                   over it and a test can fail any single one */
};

/* Allocates nothing; `alloc` must outlive the arena. */
void jr_arena_init(struct jr_arena *arena, const struct jr_alloc *alloc);
/* Ends every piece.  The arena may be used again afterwards. */
void jr_arena_fini(struct jr_arena *arena);

/* `size` zeroed bytes, aligned to 8; size 0 gives a valid pointer.  NULL if there is no memory: what was handed out
 * before stays valid.  Valid until jr_arena_fini. */
void *jr_arena_alloc(struct jr_arena *arena, size_t size);
/* The same for `count` items; a product that overflows counts as no memory. */
void *jr_arena_array(struct jr_arena *arena, size_t count, size_t size);
/* A copy of `size` bytes / of `length` characters with a NUL added. */
void *jr_arena_copy(struct jr_arena *arena, const void *bytes, size_t size);
char *jr_arena_text(struct jr_arena *arena, const char *text, size_t length);

#define JR_ARENA_NEW(arena, type) ((type *)jr_arena_alloc((arena), sizeof(type)))
#define JR_ARENA_ARRAY(arena, type, count) ((type *)jr_arena_array((arena), (count), sizeof(type)))

#endif
