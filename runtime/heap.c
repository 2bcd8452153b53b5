/* heap.c -- blocks, counts and release; heap_stress.c has the checks. */
#include "runtime/heap.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/assert.h"
#include "runtime/error.h"
#include "runtime/heap_stress.h"
#include "runtime/task.h"
#include "runtime/value.h"
#include "runtime/vm_state.h"

enum {
    CLASS_LARGE = 0xfffe,
    CLASS_STRESSED = 0xffff,
    FIRST_CHUNK_BYTES = 16384,
    LAST_CHUNK_BYTES = 1 << 20,
    CENSUS_INTERVAL = 64, /* allocations of a stressed heap from one census to the next */
};

/* Chunks and large blocks: 32 bytes, so that what follows is aligned for any type. */
struct jr_heap_chunk {
    struct jr_heap_chunk *prev, *next;
    size_t bytes; /* asked of the allocator, this header included */
    size_t unused;
};
_Static_assert(sizeof(struct jr_heap_chunk) % 16 == 0 && sizeof(struct jr_heap_note) % 16 == 0,
               "bodies stay aligned");

static uint32_t class_of(size_t bytes)
{
    uint32_t log, step;
    if (bytes <= 16 * JR_HEAP_SMALL_CLASSES)
        return jr_heap_small_class(bytes);
    /* 2^log < bytes <= 2^(log+1), cut into quarters */
    log = 63 - (uint32_t)__builtin_clzll(bytes - 1);
    step = (uint32_t)((bytes - 1 - ((size_t)1 << log)) >> (log - 2));
    return JR_HEAP_SMALL_CLASSES + (log - 9) * 4 + step;
}

static size_t class_bytes(uint32_t class)
{
    uint32_t log, step;
    if (class < JR_HEAP_SMALL_CLASSES)
        return ((size_t)class + 1) * 16;
    log = (class - JR_HEAP_SMALL_CLASSES) / 4 + 9, step = (class - JR_HEAP_SMALL_CLASSES) % 4 + 1;
    return ((size_t)1 << log) + ((size_t)step << (log - 2));
}

const char *jr_object_kind_name(enum jr_object_kind kind)
{
    static const char *const names[JR_OBJECT_KIND_COUNT] = {
        [JR_OBJECT_CLOSURE] = "closure", [JR_OBJECT_ARRAY] = "array",   [JR_OBJECT_CELL] = "cell",
        [JR_OBJECT_BOX] = "box",         [JR_OBJECT_STRING] = "string",
    };
    return (uint32_t)kind < JR_OBJECT_KIND_COUNT ? names[kind] : "unknown";
}

size_t jr_object_size(const struct jr_heap *heap, const struct jr_object *object)
{
    size_t words = 0;
    switch ((enum jr_object_kind)object->kind) {
    case JR_OBJECT_CLOSURE: {
        const struct jr_function *code = ((const struct jr_closure *)object)->function->code;
        return sizeof(struct jr_closure) +
               ((size_t)code->capture_words + code->state_words) * sizeof(uint64_t);
    }
    case JR_OBJECT_ARRAY: {
        const struct jr_array *array = (const struct jr_array *)object;
        return sizeof *array + array->length * array->elem_words * sizeof(uint64_t);
    }
    case JR_OBJECT_CELL:
        words = heap->module->layouts[object->layout].word_count;
        return sizeof(struct jr_cell) + words * sizeof(uint64_t);
    case JR_OBJECT_BOX:
        words = heap->module->layouts[object->layout].word_count;
        return sizeof(struct jr_box) + words * sizeof(uint64_t);
    case JR_OBJECT_STRING:
        return sizeof(struct jr_string) + ((const struct jr_string *)object)->size + 1;
    case JR_OBJECT_KIND_COUNT:
        break;
    }
    return 0;
}

void jr_heap_init(struct jr_heap *heap, const struct jr_alloc *alloc, const struct jr_module *module,
                  const struct jr_state_refs *state_refs)
{
    memset(heap, 0, sizeof *heap);
    heap->alloc = alloc;
    heap->module = module;
    heap->state_refs = state_refs;
    heap->limit_bytes = UINT64_MAX;
    heap->chunk_bytes = FIRST_CHUNK_BYTES;
}

static void free_chunks(struct jr_heap *heap, struct jr_heap_chunk *chunk)
{
    while (chunk) {
        struct jr_heap_chunk *next = chunk->next;
        jr_alloc_free(heap->alloc, chunk, chunk->bytes);
        chunk = next;
    }
}

void jr_heap_fini(struct jr_heap *heap)
{
    if (heap->alloc == NULL)
        return;
    jr_heap_stress_fini(heap);
    jr_shapes_fini(&heap->shapes, heap->alloc);
    free_chunks(heap, heap->chunks);
    free_chunks(heap, heap->large);
    heap->chunks = heap->large = NULL;
}

/* blocks */

static void *new_large(struct jr_heap *heap, size_t bytes)
{
    struct jr_heap_chunk *block = heap->alloc->realloc(heap->alloc->user, NULL, 0, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->bytes = sizeof *block + bytes;
    block->prev = NULL, block->next = heap->large;
    if (block->next)
        block->next->prev = block;
    heap->large = block;
    return block + 1;
}

static void free_large(struct jr_heap *heap, void *body)
{
    struct jr_heap_chunk *block = (struct jr_heap_chunk *)body - 1;
    if (block->next)
        block->next->prev = block->prev;
    if (block->prev)
        block->prev->next = block->next;
    else
        heap->large = block->next;
    jr_alloc_free(heap->alloc, block, block->bytes);
}

/* What is left of the chunk before is given up: at most one block's worth in a chunk of many. */
static void *new_from_chunk(struct jr_heap *heap, size_t bytes)
{
    struct jr_heap_chunk *chunk;
    size_t size = heap->chunk_bytes;
    while (size < 4 * bytes)
        size *= 2;
    chunk = heap->alloc->realloc(heap->alloc->user, NULL, 0, sizeof *chunk + size);
    if (chunk == NULL)
        return NULL;
    chunk->prev = NULL, chunk->next = heap->chunks, chunk->bytes = sizeof *chunk + size;
    heap->chunks = chunk;
    heap->bump = (char *)(chunk + 1) + bytes;
    heap->bump_end = (char *)(chunk + 1) + size;
    if (heap->chunk_bytes < LAST_CHUNK_BYTES)
        heap->chunk_bytes *= 2;
    return chunk + 1;
}

static inline void *new_small(struct jr_heap *heap, uint32_t class, size_t bytes)
{
    void *block = heap->free_lists[class];
    if (block) {
        memcpy(&heap->free_lists[class], block, sizeof(void *));
        return block;
    }
    if ((size_t)(heap->bump_end - heap->bump) >= bytes) {
        block = heap->bump;
        heap->bump += bytes;
        return block;
    }
    return new_from_chunk(heap, bytes);
}

/* accounting */

static inline void add_bytes(struct jr_heap *heap, size_t bytes)
{
    if (bytes <= heap->room_bytes) {
        heap->room_bytes -= bytes;
    } else {
        heap->peak_bytes += bytes - heap->room_bytes;
        heap->room_bytes = 0;
    }
}

static inline bool fits(const struct jr_heap *heap, size_t bytes)
{
    const uint64_t live = jr_heap_live_bytes(heap);
    return live <= heap->limit_bytes && bytes <= heap->limit_bytes - live;
}

static int over_limit(struct jr_task *task, size_t bytes)
{
    return jr_error_raise(
        task, JR_ERR_MEMORY_LIMIT,
        "the memory given to the program is used up: %llu of %llu bytes are in use, %zu more are wanted",
        (unsigned long long)jr_heap_live_bytes(task->heap), (unsigned long long)task->heap->limit_bytes, bytes);
}

int jr_heap_charge(struct jr_task *task, size_t bytes)
{
    if (!fits(task->heap, bytes))
        return over_limit(task, bytes);
    add_bytes(task->heap, bytes);
    return JR_RUN_OK;
}

void jr_heap_discharge(struct jr_heap *heap, size_t bytes)
{
    heap->room_bytes += bytes;
}

void *jr_heap_new(struct jr_task *task, enum jr_object_kind kind, size_t size, uint32_t layout)
{
    struct jr_heap *heap = task->heap;
    struct jr_object *object;
    uint32_t class;
    size_t bytes = size;
    if (size <= 16 * JR_HEAP_SMALL_CLASSES) {
        class = jr_heap_small_class(size);
        object = jr_heap_take(heap, class, jr_heap_head(kind, class), layout);
        if (object)
            return object;
    }
    if (heap->stress) {
        class = CLASS_STRESSED;
        if (heap->allocations % CENSUS_INTERVAL == 0)
            jr_vm_census(task->vm);
    } else if (size <= JR_HEAP_LARGE_BYTES) {
        class = class_of(size);
        bytes = class_bytes(class);
    } else {
        class = CLASS_LARGE;
    }
    if (!fits(heap, bytes)) {
        over_limit(task, bytes);
        return NULL;
    }
    if (class < JR_HEAP_CLASSES)
        object = new_small(heap, class, bytes);
    else if (class == CLASS_LARGE)
        object = new_large(heap, bytes);
    else
        object = jr_heap_stress_new(heap, size, task->place);
    if (object == NULL) {
        jr_rt_fail(task, JR_ERR_NO_MEMORY);
        return NULL;
    }
    task->budget -= (int64_t)(bytes / 1024 * heap->fuel_per_kib);
    object->count = 1;
    object->kind = (uint8_t)kind;
    object->flags = 0;
    object->size_class = (uint16_t)class;
    object->layout = layout;
    object->serial = (uint32_t)++heap->allocations;
    add_bytes(heap, bytes);
    if (heap->stress)
        jr_heap_stress_made(heap, object);
    return object;
}

static inline void free_object(struct jr_heap *heap, struct jr_object *object)
{
    uint32_t class = object->size_class;
    heap->freed++;
    if (class < JR_HEAP_CLASSES) {
        heap->room_bytes += class_bytes(class);
        memcpy(object, &heap->free_lists[class], sizeof(void *));
        heap->free_lists[class] = object;
        return;
    }
    heap->room_bytes += jr_object_size(heap, object);
    if (class == CLASS_LARGE)
        free_large(heap, object);
    else
        jr_heap_stress_free(heap, object);
}

/* release: `count` and `serial` of a dead object hold the two halves of the link to the next dead one */

static void queue_dead(struct jr_heap *heap, struct jr_object *object)
{
    uint64_t link = (uint64_t)(uintptr_t)heap->dead;
    JR_ASSERT(!(object->flags & JR_OBJECT_STATIC), "a static object keeps the program's own count");
    object->count = (uint32_t)link;
    object->serial = (uint32_t)(link >> 32);
    heap->dead = object;
}

static struct jr_object *next_dead(struct jr_heap *heap)
{
    struct jr_object *object = heap->dead;
    if (object)
        heap->dead = (struct jr_object *)(uintptr_t)((uint64_t)object->serial << 32 | object->count);
    return object;
}

static inline void drop(struct jr_heap *heap, uint64_t word)
{
    struct jr_object *object = (struct jr_object *)(uintptr_t)word;
    if (object && --object->count == 0)
        queue_dead(heap, object);
}

void jr_heap_drop(struct jr_heap *heap, uint64_t word)
{
    drop(heap, word);
}

static void drop_word(void *heap, uint64_t word)
{
    drop(heap, word);
}

/* The references in a value as a mask of its words; false if it has another shape. */
static inline bool references_of(const struct jr_heap *heap, const uint64_t *words, uint32_t layout, uint64_t *mask)
{
    const struct jr_shape shape = heap->shapes.items[layout];
    if (shape.kind == JR_SHAPE_SUM)
        *mask = heap->shapes.masks[shape.first + words[0]];
    else
        *mask = shape.kind == JR_SHAPE_PLAIN ? heap->shapes.masks[shape.first] : 0;
    return shape.kind != JR_SHAPE_OTHER;
}

/* While the dead are released, a box without references goes at once: the leaves of a tree are half of it. */
static inline void drop_in_release(struct jr_heap *heap, uint64_t word)
{
    struct jr_object *object = (struct jr_object *)(uintptr_t)word;
    uint64_t mask;
    if (object == NULL || --object->count != 0)
        return;
    if (object->kind == JR_OBJECT_BOX &&
        references_of(heap, ((struct jr_box *)object)->words, object->layout, &mask) && mask == 0)
        free_object(heap, object);
    else
        queue_dead(heap, object);
}

static void drop_word_in_release(void *heap, uint64_t word)
{
    drop_in_release(heap, word);
}

static inline void drop_value(struct jr_heap *heap, const uint64_t *words, uint32_t layout)
{
    uint64_t mask;
    if (!references_of(heap, words, layout, &mask))
        jr_value_each(heap->module, &heap->module->layouts[layout], words, drop_word_in_release, heap);
    else
        for (; mask; mask &= mask - 1)
            drop_in_release(heap, words[__builtin_ctzll(mask)]);
}

void jr_heap_drop_value(struct jr_heap *heap, const uint64_t *words, uint32_t layout)
{
    uint64_t mask;
    if (!references_of(heap, words, layout, &mask))
        jr_value_each(heap->module, &heap->module->layouts[layout], words, drop_word, heap);
    else
        for (; mask; mask &= mask - 1)
            drop(heap, words[__builtin_ctzll(mask)]);
}

void jr_heap_drop_state(struct jr_heap *heap, const uint64_t *state, uint32_t function)
{
    const struct jr_state_refs *refs = &heap->state_refs[function];
    for (uint32_t i = 0; i < refs->count; i++)
        jr_heap_drop_value(heap, state + refs->items[i].offset, refs->items[i].layout);
}

static void unlink_cell(struct jr_heap *heap, struct jr_cell *cell)
{
    if (cell->next)
        cell->next->prev = cell->prev;
    if (cell->prev)
        cell->prev->next = cell->next;
    else
        heap->cells = cell->next;
}

static inline void drop_content(struct jr_heap *heap, struct jr_object *object)
{
    const struct jr_layout *layout = &heap->module->layouts[object->layout];
    switch ((enum jr_object_kind)object->kind) {
    case JR_OBJECT_CLOSURE: {
        struct jr_closure *closure = (struct jr_closure *)object;
        drop_value(heap, closure->words, object->layout);
        jr_heap_drop_state(heap, closure->state, closure->function->index);
        break;
    }
    case JR_OBJECT_ARRAY: {
        struct jr_array *array = (struct jr_array *)object;
        if (layout->has_refs)
            for (uint64_t i = 0; i < array->length; i++)
                drop_value(heap, array->words + i * array->elem_words, object->layout);
        break;
    }
    case JR_OBJECT_CELL: {
        struct jr_cell *cell = (struct jr_cell *)object;
        if (layout->has_refs) {
            unlink_cell(heap, cell);
            drop_value(heap, cell->words, object->layout);
        }
        break;
    }
    case JR_OBJECT_BOX:
        drop_value(heap, ((struct jr_box *)object)->words, object->layout);
        break;
    case JR_OBJECT_STRING:
    case JR_OBJECT_KIND_COUNT:
        break;
    }
}

void jr_heap_release_dead(struct jr_heap *heap)
{
    struct jr_object *object;
    while ((object = next_dead(heap)) != NULL) {
        drop_content(heap, object);
        free_object(heap, object);
    }
}

void jr_rt_object_dead(struct jr_task *task, struct jr_object *object)
{
    queue_dead(task->heap, object);
    jr_heap_release_dead(task->heap);
}

void jr_heap_break_cycles(struct jr_heap *heap)
{
    struct jr_cell *cell, *next;
    /* All are held first, so that the list does not change while they are emptied. */
    for (cell = heap->cells; cell; cell = cell->next)
        cell->head.count++;
    for (cell = heap->cells; cell; cell = cell->next) {
        jr_heap_drop_value(heap, cell->words, cell->head.layout);
        memset(cell->words, 0, heap->module->layouts[cell->head.layout].word_count * sizeof cell->words[0]);
    }
    jr_heap_release_dead(heap);
    for (cell = heap->cells; cell; cell = next) {
        next = cell->next;
        jr_heap_drop(heap, (uint64_t)(uintptr_t)cell);
    }
    jr_heap_release_dead(heap);
}
