/* heap.h -- memory for counted objects.
 *
 * Small blocks come from chunks and go back to a free list of their size class, so a program in its steady state makes and
 * drops objects without asking the embedder's allocator; blocks above JR_HEAP_LARGE_BYTES come from it one by one.  Nothing moves.
 * Objects whose count reached zero are chained through their own headers and released one after the other: release needs no memory
 * and no C stack.
 *
 * With `stress` every block comes from the embedder's allocator alone, carries a note about who made it, is filled with a pattern and
 * kept back for a while when it dies, and the whole heap is checked at every allocation. */
#ifndef JR_RUNTIME_HEAP_H
#define JR_RUNTIME_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "ir/module.h"
#include "runtime/object.h"
#include "runtime/shape.h"

struct jr_alloc;
struct jr_task;

enum {
    JR_HEAP_SMALL_CLASSES = 32, /* every 16 bytes up to 512 */
    JR_HEAP_CLASSES = 56,       /* then four for each doubling up to 32 KiB */
    JR_HEAP_LARGE_BYTES = 32768,
    JR_HEAP_QUARANTINE = 64,
};

/* Counted words inside the state of a function: a value of `layout` at `offset`. */
struct jr_state_ref {
    uint32_t offset, layout;
};
struct jr_state_refs {
    uint32_t count;
    struct jr_state_ref *items;
};

/* In front of every object of a stressed heap. */
struct jr_heap_note {
    struct jr_heap_note *prev, *next; /* all live objects */
    size_t size;                      /* of the object */
    uint64_t place;                   /* function index << 32 | pc: task->place when it was made */
    uint32_t seen;                    /* references found by the census */
    uint32_t magic;
    uint32_t serial;   /* the object's, whose own field a dead object needs for other things */
    uint32_t reserved; /* makes it a multiple of 16 bytes */
};

struct jr_heap {
    const struct jr_alloc *alloc;
    const struct jr_module *module;
    const struct jr_state_refs *state_refs; /* by function; the VM's */
    struct jr_shapes shapes;                /* by layout; the VM's work too */
    bool stress;
    uint64_t limit_bytes; /* UINT64_MAX: none */
    uint32_t fuel_per_kib; /* charged for each new object */
    void *free_lists[JR_HEAP_CLASSES];
    char *bump, *bump_end; /* the rest of the newest chunk */
    struct jr_heap_chunk *chunks, *large;
    size_t chunk_bytes;     /* of the next chunk */
    struct jr_object *dead; /* waiting to be released */
    struct jr_cell *cells;  /* that hold references */
    uint64_t allocations, freed; /* objects; the low half of `allocations` is the newest one's serial number */
    uint64_t peak_bytes, room_bytes; /* live bytes at most, and how many fewer there are now: while they fit in there nothing grows, so no
                                        limit has to be looked at */
    /* stress only */
    struct jr_heap_note *notes;
    struct jr_heap_note *quarantine[JR_HEAP_QUARANTINE];
    uint32_t quarantine_next;
    bool trace; /* report every object that is made or freed */
    void (*report)(void *user, const char *line);
    void *user;
};

/* Allocates nothing.  `alloc`, `module` and `state_refs` must outlive the heap. */
void jr_heap_init(struct jr_heap *heap, const struct jr_alloc *alloc, const struct jr_module *module,
                  const struct jr_state_refs *state_refs);
/* Gives all memory back, live objects included. */
void jr_heap_fini(struct jr_heap *heap);

static inline uint64_t jr_heap_live_bytes(const struct jr_heap *heap)
{
    return heap->peak_bytes - heap->room_bytes;
}
static inline uint64_t jr_heap_live_objects(const struct jr_heap *heap)
{
    return heap->allocations - heap->freed;
}

/* Of an object of `bytes` up to 16 * JR_HEAP_SMALL_CLASSES, header included. */
static inline uint32_t jr_heap_small_class(size_t bytes)
{
    return (uint32_t)((bytes + 15) / 16) - 1;
}

/* The first eight bytes of an object with count 1. */
static inline uint64_t jr_heap_head(enum jr_object_kind kind, uint32_t size_class)
{
    return 1 | (uint64_t)kind << 32 | (uint64_t)size_class << 48;
}

/* A new object from the free list of a small class, with its header, if there is one and the heap does not grow by it; else NULL, and
 * jr_heap_new is asked.  Always NULL in a stressed heap, whose lists are empty.  Both engines come here first, so they have the same
 * blocks, numbers and counts. */
static inline void *jr_heap_take(struct jr_heap *heap, uint32_t class, uint64_t head, uint32_t layout)
{
    const uint64_t bytes = (uint64_t)(class + 1) * 16;
    void *block = heap->free_lists[class];
    struct jr_object *object = block;
    if (block == NULL || heap->room_bytes < bytes)
        return NULL;
    memcpy(&heap->free_lists[class], block, sizeof(void *));
    heap->room_bytes -= bytes;
    memcpy(object, &head, sizeof head);
    object->layout = layout;
    object->serial = (uint32_t)++heap->allocations;
    return object;
}

/* A new object of `size` bytes, header included, with count 1; the body is not initialised.  NULL with task->error set when the
 * allocator or the limit says no. */
void *jr_heap_new(struct jr_task *task, enum jr_object_kind kind, size_t size, uint32_t layout);

/* Accounts for memory that is not an object (state vectors, scheduled tasks).  Fails, with task->error set, beyond the limit. */
int jr_heap_charge(struct jr_task *task, size_t bytes);
void jr_heap_discharge(struct jr_heap *heap, size_t bytes);

/* Takes one count away; an object that dies is queued.  Nothing is freed before jr_heap_release_dead. */
void jr_heap_drop(struct jr_heap *heap, uint64_t word);
void jr_heap_drop_value(struct jr_heap *heap, const uint64_t *words, uint32_t layout);
void jr_heap_drop_state(struct jr_heap *heap, const uint64_t *state, uint32_t function);
void jr_heap_release_dead(struct jr_heap *heap);

/* Empties every cell that holds references: what keeps itself alive dies. */
void jr_heap_break_cycles(struct jr_heap *heap);

/* Stress: looks at every live object; a damaged one is reported and ends the process, as an assertion would. */
void jr_heap_check(struct jr_heap *heap);
/* Stress: counts the references that objects hold to each other, on top of those that jr_heap_census_value was told of between begin
 * and end, and checks that no object has fewer counts than references. */
void jr_heap_census_begin(struct jr_heap *heap);
void jr_heap_census_value(struct jr_heap *heap, const uint64_t *words, uint32_t layout);
void jr_heap_census_state(struct jr_heap *heap, const uint64_t *state, uint32_t function);
void jr_heap_census_object(struct jr_heap *heap, const struct jr_object *object);
void jr_heap_census_end(struct jr_heap *heap);
/* Stress: a line for each live object: kind, serial number, who made it. */
void jr_heap_report_live(struct jr_heap *heap);

const char *jr_object_kind_name(enum jr_object_kind kind);
/* Bytes of an object, header included. */
size_t jr_object_size(const struct jr_heap *heap, const struct jr_object *object);

#endif
