/* object.h -- counted, non-moving heap objects.
 *
 *   header | body
 *   closure: function, state pointer, captured words, then its state words
 *   array:   element count, elements      cell, box: words of one layout      string: size, bytes, NUL
 *
 * One thread at a time runs a VM and its heap, so counts are plain integers.  An object whose count reaches zero is
 * released together with what it holds by a work list, never by C recursion.  Objects with JR_OBJECT_STATIC (the program's
 * strings, the one closure of a plain function) are never counted down to zero and are not "live" in the statistics.
 *
 * Retain and release take NULL, which is a valid array or string (the empty one). */
#ifndef JR_RUNTIME_OBJECT_H
#define JR_RUNTIME_OBJECT_H

#include <stddef.h>
#include <stdint.h>
#include "ir/layout.h"

struct jr_task;
struct jr_function_entry;

enum jr_object_kind {
    JR_OBJECT_CLOSURE,
    JR_OBJECT_ARRAY,
    JR_OBJECT_CELL,
    JR_OBJECT_BOX,
    JR_OBJECT_STRING,
    JR_OBJECT_KIND_COUNT
};
enum { JR_OBJECT_STATIC = 1, JR_OBJECT_MARKED = 2 /* for the moment, by whoever looks for doubles */ };

struct jr_object {
    uint32_t count;
    uint8_t kind; /* enum jr_object_kind */
    uint8_t flags;
    uint16_t size_class; /* allocator's own */
    uint32_t
        layout; /* array: of an element; cell, box: of the content; closure: of the captures; string: 0 */
    uint32_t serial; /* allocation number, for leak reports; 0 for static objects */
};

/* Captures are words[0 .. capture_words), the closure's own state vector follows and `state` points at it. */
struct jr_closure {
    struct jr_object head;
    struct jr_function_entry *function;
    uint64_t *state;
    uint64_t words[];
};

struct jr_array {
    struct jr_object head;
    uint64_t length;     /* elements */
    uint32_t elem_words; /* words of one element; >= 0 */
    uint32_t reserved;
    uint64_t words[];
};

/* Cells that may take part in a cycle (layouts with references) are linked into the heap's list, so that the end of a program can
 * break every cycle; prev and next are NULL for the others. */
struct jr_cell {
    struct jr_object head;
    struct jr_cell *prev, *next;
    uint64_t words[];
};

struct jr_box {
    struct jr_object head;
    uint64_t words[];
};

struct jr_string {
    struct jr_object head;
    uint64_t size; /* bytes without the NUL */
    char bytes[];
};

/* Frees the object and everything that dies with it; called when a count reaches zero. */
void jr_rt_object_dead(struct jr_task *task, struct jr_object *object);

static inline void jr_retain(uint64_t word)
{
    struct jr_object *object = (struct jr_object *)(uintptr_t)word;
    if (object)
        object->count++;
}
static inline void jr_release(struct jr_task *task, uint64_t word)
{
    struct jr_object *object = (struct jr_object *)(uintptr_t)word;
    if (object && --object->count == 0)
        jr_rt_object_dead(task, object);
}

#endif
