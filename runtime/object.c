/* object.c -- making closures, cells, boxes and strings, and looking into boxes. */
#include "runtime/object.h"

#include <string.h>

#include "runtime/heap.h"
#include "runtime/rt.h"
#include "runtime/task.h"

int jr_rt_closure_new(struct jr_task *task, uint64_t *result, const uint64_t *captures, uint32_t function)
{
    struct jr_function_entry *entry = &task->functions[function];
    size_t capture_words = entry->code->capture_words, state_words = entry->code->state_words;
    struct jr_closure *closure = jr_heap_new(
        task, JR_OBJECT_CLOSURE, sizeof *closure + (capture_words + state_words) * sizeof closure->words[0],
        entry->code->capture_layout);
    if (closure == NULL)
        return JR_RUN_ERROR;
    closure->function = entry;
    closure->state = closure->words + capture_words;
    memcpy(closure->words, captures, capture_words * sizeof closure->words[0]);
    memset(closure->state, 0, state_words * sizeof closure->words[0]);
    result[0] = (uint64_t)(uintptr_t)closure;
    return JR_RUN_OK;
}

int jr_rt_cell_new(struct jr_task *task, uint64_t *result, const uint64_t *content, uint32_t layout)
{
    struct jr_heap *heap = task->heap;
    const struct jr_layout *shape = &heap->module->layouts[layout];
    struct jr_cell *cell =
        jr_heap_new(task, JR_OBJECT_CELL, sizeof *cell + shape->word_count * sizeof cell->words[0], layout);
    if (cell == NULL)
        return JR_RUN_ERROR;
    cell->prev = cell->next = NULL;
    memcpy(cell->words, content, shape->word_count * sizeof cell->words[0]);
    if (shape->has_refs) {
        cell->next = heap->cells;
        if (cell->next)
            cell->next->prev = cell;
        heap->cells = cell;
    }
    result[0] = (uint64_t)(uintptr_t)cell;
    return JR_RUN_OK;
}

int jr_rt_box_new(struct jr_task *task, uint64_t *result, const uint64_t *content, uint32_t layout)
{
    size_t bytes = task->heap->module->layouts[layout].word_count * sizeof(uint64_t);
    struct jr_box *box = jr_heap_new(task, JR_OBJECT_BOX, sizeof *box + bytes, layout);
    if (box == NULL)
        return JR_RUN_ERROR;
    memcpy(box->words, content, bytes);
    result[0] = (uint64_t)(uintptr_t)box;
    return JR_RUN_OK;
}

int jr_rt_box_get(struct jr_task *task, uint64_t *result, uint64_t box, uint32_t layout)
{
    const struct jr_box *object = (const struct jr_box *)(uintptr_t)box;
    if (object == NULL)
        return jr_rt_fail(task, JR_ERR_NULL_BOX);
    jr_rt_value_copy(task, result, object->words, layout);
    return JR_RUN_OK;
}

int jr_rt_box_set(struct jr_task *task, uint64_t box, const uint64_t *content, uint32_t layout)
{
    struct jr_box *object = (struct jr_box *)(uintptr_t)box;
    if (object == NULL)
        return jr_rt_fail(task, JR_ERR_NULL_BOX);
    jr_rt_value_move(task, object->words, content, layout);
    return JR_RUN_OK;
}

int jr_rt_string_new(struct jr_task *task, uint64_t *result, const char *bytes, size_t size)
{
    struct jr_string *string;
    if (size > PTRDIFF_MAX - sizeof *string - 1)
        return jr_rt_fail(task, JR_ERR_NO_MEMORY);
    string = jr_heap_new(task, JR_OBJECT_STRING, sizeof *string + size + 1, 0);
    if (string == NULL)
        return JR_RUN_ERROR;
    string->size = size;
    if (size > 0 && bytes != NULL)
        memcpy(string->bytes, bytes, size);
    string->bytes[size] = '\0';
    result[0] = (uint64_t)(uintptr_t)string;
    return JR_RUN_OK;
}
