/* heap_stress.c -- looking for damage: --stress=heap.
 *
 * A wrong count shows in one of three ways.  Too low: an object is used after it was freed, which poison and quarantine turn into a
 * report or a crash near the cause, and the census finds references that no count stands for.  Too high: the object is
 * alive at the end, and the report names who made it. */
#include "runtime/heap_stress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "runtime/heap.h"
#include "runtime/task.h"
#include "runtime/value.h"

enum { MAGIC_LIVE = 0x6a726f62, MAGIC_DEAD = 0x64656164, FRESH_BYTE = 0xa5, DEAD_BYTE = 0xdb };

__attribute__((format(printf, 2, 3))) static void report(struct jr_heap *heap, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    heap->report(heap->user, line);
}

static struct jr_object *object_of(struct jr_heap_note *note)
{
    return (struct jr_object *)(note + 1);
}

static struct jr_heap_note *note_of(const struct jr_object *object)
{
    return (struct jr_heap_note *)(uintptr_t)object - 1;
}

/* "closure 12 made by echo, echo.mmm:3" */
static void describe(const struct jr_heap *heap, struct jr_heap_note *note, char *text, size_t size)
{
    const struct jr_object *object = object_of(note);
    uint32_t function = (uint32_t)(note->place >> 32), pc = (uint32_t)note->place;
    const char *kind = jr_object_kind_name((enum jr_object_kind)object->kind);
    const struct jr_module *module = heap->module;
    struct jr_place place;
    if (function >= module->function_count) {
        snprintf(text, size, "%s %u made by the host", kind, note->serial);
        return;
    }
    place = jr_function_place(&module->functions[function], pc);
    if (place.file == JR_NONE || place.line == 0)
        snprintf(text, size, "%s %u made by %s, instruction %u", kind, note->serial,
                 module->functions[function].name, pc);
    else
        snprintf(text, size, "%s %u made by %s, %s:%u", kind, note->serial, module->functions[function].name,
                 module->files[place.file], place.line);
}

static _Noreturn void damaged(struct jr_heap *heap, struct jr_heap_note *note, const char *what)
{
    char text[384];
    if (note->magic == MAGIC_LIVE)
        describe(heap, note, text, sizeof text);
    else
        snprintf(text, sizeof text, "block %p", (void *)(note + 1));
    report(heap, "heap damaged: %s: %s", text, what);
    abort();
}

static void check_poison(struct jr_heap *heap, struct jr_heap_note *note)
{
    const unsigned char *bytes = (const unsigned char *)(note + 1);
    if (note->magic != MAGIC_DEAD)
        damaged(heap, note, "the note of a dead object was overwritten");
    for (size_t i = 0; i < note->size; i++)
        if (bytes[i] != DEAD_BYTE)
            damaged(heap, note, "a dead object was written to");
}

static void free_note(struct jr_heap *heap, struct jr_heap_note *note)
{
    jr_alloc_free(heap->alloc, note, sizeof *note + note->size);
}

void *jr_heap_stress_new(struct jr_heap *heap, size_t size, uint64_t place)
{
    struct jr_heap_note *note;
    jr_heap_check(heap);
    note = heap->alloc->realloc(heap->alloc->user, NULL, 0, sizeof *note + size);
    if (note == NULL)
        return NULL;
    note->prev = NULL, note->next = heap->notes;
    note->size = size, note->place = place, note->seen = 0, note->magic = MAGIC_LIVE, note->serial = 0;
    if (note->next)
        note->next->prev = note;
    heap->notes = note;
    memset(note + 1, FRESH_BYTE, size);
    return note + 1;
}

static void trace(struct jr_heap *heap, struct jr_heap_note *note, const char *what)
{
    char text[384];
    if (!heap->trace)
        return;
    describe(heap, note, text, sizeof text);
    report(heap, "heap %s: %s (%zu bytes)", what, text, note->size);
}

void jr_heap_stress_made(struct jr_heap *heap, struct jr_object *object)
{
    note_of(object)->serial = object->serial;
    trace(heap, note_of(object), "new");
}

void jr_heap_stress_free(struct jr_heap *heap, struct jr_object *object)
{
    struct jr_heap_note *note = note_of(object), **kept = &heap->quarantine[heap->quarantine_next];
    if (note->magic != MAGIC_LIVE)
        damaged(heap, note, "freed twice");
    trace(heap, note, "free");
    if (note->next)
        note->next->prev = note->prev;
    if (note->prev)
        note->prev->next = note->next;
    else
        heap->notes = note->next;
    memset(note + 1, DEAD_BYTE, note->size);
    note->magic = MAGIC_DEAD;
    if (*kept) {
        check_poison(heap, *kept);
        free_note(heap, *kept);
    }
    *kept = note;
    heap->quarantine_next = (heap->quarantine_next + 1) % JR_HEAP_QUARANTINE;
}

void jr_heap_stress_fini(struct jr_heap *heap)
{
    for (uint32_t i = 0; i < JR_HEAP_QUARANTINE; i++)
        if (heap->quarantine[i]) {
            check_poison(heap, heap->quarantine[i]);
            free_note(heap, heap->quarantine[i]);
            heap->quarantine[i] = NULL;
        }
    while (heap->notes) {
        struct jr_heap_note *next = heap->notes->next;
        free_note(heap, heap->notes);
        heap->notes = next;
    }
}

void jr_heap_check(struct jr_heap *heap)
{
    uint64_t live = 0;
    struct jr_heap_note *before = NULL;
    for (struct jr_heap_note *note = heap->notes; note; before = note, note = note->next) {
        const struct jr_object *object = object_of(note);
        if (note->magic != MAGIC_LIVE || note->prev != before)
            damaged(heap, note, "the list of live objects is broken");
        if (object->kind >= JR_OBJECT_KIND_COUNT || (object->flags & JR_OBJECT_STATIC))
            damaged(heap, note, "its header was overwritten");
        if (object->count == 0)
            damaged(heap, note, "it is alive with a count of zero");
        if (object->kind != JR_OBJECT_STRING && object->layout >= heap->module->layout_count)
            damaged(heap, note, "its layout does not exist");
        if (jr_object_size(heap, object) != note->size)
            damaged(heap, note, "its size has changed");
        live++;
    }
    if (live != jr_heap_live_objects(heap)) {
        report(heap, "heap damaged: %llu objects are listed, %llu are counted", (unsigned long long)live,
               (unsigned long long)jr_heap_live_objects(heap));
        abort();
    }
}

void jr_heap_census_begin(struct jr_heap *heap)
{
    for (struct jr_heap_note *note = heap->notes; note; note = note->next)
        note->seen = 0;
}

static void see(void *context, uint64_t word)
{
    struct jr_heap *heap = context;
    struct jr_object *object = (struct jr_object *)(uintptr_t)word;
    if (object == NULL || object->flags == JR_OBJECT_STATIC) /* all flags: poison has more */
        return;
    if (note_of(object)->magic != MAGIC_LIVE)
        damaged(heap, note_of(object), "a reference leads to a dead object");
    note_of(object)->seen++;
}

void jr_heap_census_object(struct jr_heap *heap, const struct jr_object *object)
{
    see(heap, (uint64_t)(uintptr_t)object);
}

void jr_heap_census_value(struct jr_heap *heap, const uint64_t *words, uint32_t layout)
{
    jr_value_each(heap->module, &heap->module->layouts[layout], words, see, heap);
}

void jr_heap_census_state(struct jr_heap *heap, const uint64_t *state, uint32_t function)
{
    const struct jr_state_refs *refs = &heap->state_refs[function];
    for (uint32_t i = 0; i < refs->count; i++)
        jr_heap_census_value(heap, state + refs->items[i].offset, refs->items[i].layout);
}

static void see_content(struct jr_heap *heap, const struct jr_object *object)
{
    switch ((enum jr_object_kind)object->kind) {
    case JR_OBJECT_CLOSURE: {
        const struct jr_closure *closure = (const struct jr_closure *)object;
        jr_heap_census_value(heap, closure->words, object->layout);
        jr_heap_census_state(heap, closure->state, closure->function->index);
        break;
    }
    case JR_OBJECT_ARRAY: {
        const struct jr_array *array = (const struct jr_array *)object;
        for (uint64_t i = 0; i < array->length; i++)
            jr_heap_census_value(heap, array->words + i * array->elem_words, object->layout);
        break;
    }
    case JR_OBJECT_CELL:
        jr_heap_census_value(heap, ((const struct jr_cell *)object)->words, object->layout);
        break;
    case JR_OBJECT_BOX:
        jr_heap_census_value(heap, ((const struct jr_box *)object)->words, object->layout);
        break;
    case JR_OBJECT_STRING:
    case JR_OBJECT_KIND_COUNT:
        break;
    }
}

void jr_heap_census_end(struct jr_heap *heap)
{
    for (struct jr_heap_note *note = heap->notes; note; note = note->next)
        see_content(heap, object_of(note));
    for (struct jr_heap_note *note = heap->notes; note; note = note->next)
        if (note->seen > object_of(note)->count)
            damaged(heap, note, "more references lead to it than it has counts");
}

void jr_heap_report_live(struct jr_heap *heap)
{
    char text[384];
    for (struct jr_heap_note *note = heap->notes; note; note = note->next) {
        describe(heap, note, text, sizeof text);
        report(heap, "leaked: %s (count %u)", text, object_of(note)->count);
    }
}
