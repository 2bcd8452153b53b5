/* array.c -- arrays: values of one layout side by side.  Null is the empty array of zeros that zeroed state holds. */
#include <string.h>

#include "runtime/heap.h"
#include "runtime/ops.h"
#include "runtime/rt.h"
#include "runtime/task.h"
#include "runtime/value.h"

static struct jr_array *array_of(uint64_t word)
{
    return (struct jr_array *)(uintptr_t)word;
}

static uint64_t length_of(const struct jr_array *array)
{
    return array ? array->length : 0;
}

/* An array with room for `length` elements, content not initialised; NULL with task->error set. */
static struct jr_array *array_new(struct jr_task *task, uint64_t length, uint32_t layout)
{
    uint32_t elem_words = task->heap->module->layouts[layout].word_count;
    struct jr_array *array;
    size_t bytes;
    if (__builtin_mul_overflow(length, elem_words * sizeof array->words[0], &bytes) ||
        bytes > PTRDIFF_MAX - sizeof *array) {
        jr_rt_fail(task, JR_ERR_NO_MEMORY);
        return NULL;
    }
    array = jr_heap_new(task, JR_OBJECT_ARRAY, sizeof *array + bytes, layout);
    if (array == NULL)
        return NULL;
    array->length = length;
    array->elem_words = elem_words;
    array->reserved = 0;
    return array;
}

static void copy_words(struct jr_array *to, uint64_t at, const uint64_t *from, uint64_t count)
{
    if (count && to->elem_words)
        memcpy(to->words + at * to->elem_words, from, count * to->elem_words * sizeof to->words[0]);
}

/* Counts what the elements refer to once more: they have been copied from somewhere that keeps its own. */
static void retain_word(void *context, uint64_t word)
{
    (void)context;
    jr_retain(word);
}

static void retain_elements(struct jr_task *task, const struct jr_array *array)
{
    const struct jr_module *module = task->heap->module;
    const struct jr_layout *layout = &module->layouts[array->head.layout];
    if (layout->has_refs)
        for (uint64_t i = 0; i < array->length; i++)
            jr_value_each(module, layout, array->words + i * array->elem_words, retain_word, NULL);
}

int jr_rt_array_new(struct jr_task *task, uint64_t *result, const uint64_t *elements, uint64_t count,
                    uint32_t layout)
{
    struct jr_array *array = array_new(task, count, layout);
    if (array == NULL)
        return JR_RUN_ERROR;
    copy_words(array, 0, elements, count);
    result[0] = (uint64_t)(uintptr_t)array;
    return JR_RUN_OK;
}

int jr_rt_array_zeros(struct jr_task *task, uint64_t *result, uint32_t layout, uint64_t count)
{
    struct jr_array *array = array_new(task, count, layout);
    if (array == NULL)
        return JR_RUN_ERROR;
    memset(array->words, 0, count * array->elem_words * sizeof array->words[0]);
    result[0] = (uint64_t)(uintptr_t)array;
    return JR_RUN_OK;
}

int jr_rt_array_init(struct jr_task *task, uint64_t array, const uint64_t *element, uint32_t layout,
                     uint64_t index)
{
    struct jr_array *object = array_of(array);
    if (index >= length_of(object))
        return jr_rt_fail(task, JR_ERR_NO_ELEMENT);
    jr_rt_value_move(task, object->words + index * object->elem_words, element, layout);
    return JR_RUN_OK;
}

void jr_rt_array_get(struct jr_task *task, uint64_t *result, uint64_t array, double index, uint32_t layout)
{
    const struct jr_array *object = array_of(array);
    if (length_of(object) == 0)
        memset(result, 0, task->heap->module->layouts[layout].word_count * sizeof result[0]);
    else
        jr_rt_value_copy(task, result,
                         object->words + jr_array_index(index, object->length) * object->elem_words, layout);
}

void jr_rt_array_set(struct jr_task *task, uint64_t array, double index, const uint64_t *element,
                     uint32_t layout)
{
    struct jr_array *object = array_of(array);
    if (length_of(object) == 0)
        jr_rt_value_release(task, element, layout);
    else
        jr_rt_value_move(task, object->words + jr_array_index(index, object->length) * object->elem_words,
                         element, layout);
}

int jr_rt_array_append(struct jr_task *task, uint64_t *result, uint64_t array, const uint64_t *element,
                       uint32_t layout)
{
    const struct jr_array *from = array_of(array);
    uint64_t length = length_of(from);
    struct jr_array *to = array_new(task, length + 1, layout);
    if (to == NULL)
        return JR_RUN_ERROR;
    if (length)
        copy_words(to, 0, from->words, length);
    copy_words(to, length, element, 1);
    retain_elements(task, to);
    result[0] = (uint64_t)(uintptr_t)to;
    return JR_RUN_OK;
}

int jr_rt_array_prepend(struct jr_task *task, uint64_t *result, const uint64_t *element, uint64_t array,
                        uint32_t layout)
{
    const struct jr_array *from = array_of(array);
    uint64_t length = length_of(from);
    struct jr_array *to = array_new(task, length + 1, layout);
    if (to == NULL)
        return JR_RUN_ERROR;
    copy_words(to, 0, element, 1);
    if (length)
        copy_words(to, 1, from->words, length);
    retain_elements(task, to);
    result[0] = (uint64_t)(uintptr_t)to;
    return JR_RUN_OK;
}

/* All elements of `from` but one, retained. */
static struct jr_array *array_without(struct jr_task *task, const struct jr_array *from, uint64_t first,
                                      uint32_t layout)
{
    struct jr_array *rest = array_new(task, from->length - 1, layout);
    if (rest == NULL)
        return NULL;
    copy_words(rest, 0, from->words + first * from->elem_words, from->length - 1);
    retain_elements(task, rest);
    return rest;
}

int jr_rt_array_split_head(struct jr_task *task, uint64_t *result, uint64_t array, uint32_t layout)
{
    const struct jr_array *from = array_of(array);
    uint32_t elem_words = task->heap->module->layouts[layout].word_count;
    struct jr_array *rest = NULL;
    if (from == NULL) {
        memset(result, 0, (elem_words + 1) * sizeof result[0]);
        return JR_RUN_OK;
    }
    if (from->length == 0)
        return jr_rt_fail(task, JR_ERR_EMPTY_ARRAY);
    rest = array_without(task, from, 1, layout);
    if (rest == NULL)
        return JR_RUN_ERROR;
    jr_rt_value_copy(task, result, from->words, layout);
    result[elem_words] = (uint64_t)(uintptr_t)rest;
    return JR_RUN_OK;
}

int jr_rt_array_split_tail(struct jr_task *task, uint64_t *result, uint64_t array, uint32_t layout)
{
    const struct jr_array *from = array_of(array);
    uint32_t elem_words = task->heap->module->layouts[layout].word_count;
    struct jr_array *rest = NULL;
    if (from == NULL) {
        memset(result, 0, (elem_words + 1) * sizeof result[0]);
        return JR_RUN_OK;
    }
    if (from->length == 0)
        return jr_rt_fail(task, JR_ERR_EMPTY_ARRAY);
    rest = array_without(task, from, 0, layout);
    if (rest == NULL)
        return JR_RUN_ERROR;
    jr_rt_value_copy(task, result + 1, from->words + (from->length - 1) * from->elem_words, layout);
    result[0] = (uint64_t)(uintptr_t)rest;
    return JR_RUN_OK;
}
