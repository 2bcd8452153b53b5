/* rt.h -- what the instructions of runtime/ops.h call when they are more than a few lines.
 *
 * Values are passed as pointers to their first word, layouts, sums, functions and imports as indices into the running module's tables.
 * Functions that return int give JR_RUN_OK, or set task->error and give JR_RUN_ERROR having consumed and written nothing.
 * A `result` may overlap the operands: it is written last, after they have been read or moved out.
 * Every function named in ops.h stands in runtime.def, from which the compiler gets its addresses. */
#ifndef JR_RUNTIME_RT_H
#define JR_RUNTIME_RT_H

#include <stddef.h>
#include <stdint.h>
#include "runtime/task.h"

/* values of a layout: a private copy with every reference retained; a move over a value that is released; a release */
void jr_rt_value_copy(struct jr_task *task, uint64_t *to, const uint64_t *from, uint32_t layout);
void jr_rt_value_move(struct jr_task *task, uint64_t *to, const uint64_t *from, uint32_t layout);
void jr_rt_value_release(struct jr_task *task, const uint64_t *words, uint32_t layout);

/* closures, cells, boxes; the content moves out of `captures` or `content` */
int jr_rt_closure_new(struct jr_task *task, uint64_t *result, const uint64_t *captures, uint32_t function);
int jr_rt_cell_new(struct jr_task *task, uint64_t *result, const uint64_t *content, uint32_t layout);
int jr_rt_box_new(struct jr_task *task, uint64_t *result, const uint64_t *content, uint32_t layout);
int jr_rt_box_get(struct jr_task *task, uint64_t *result, uint64_t box, uint32_t layout);
int jr_rt_box_set(struct jr_task *task, uint64_t box, const uint64_t *content, uint32_t layout);

/* sums */
void jr_rt_sum_new(struct jr_task *task, uint64_t *result, const uint64_t *payload, uint32_t sum,
                   uint32_t variant);
int jr_rt_sum_get(struct jr_task *task, uint64_t *result, const uint64_t *value, uint32_t sum,
                  uint32_t variant);

/* arrays; `array` is a word that may be null, `index` is converted as ARRAY_GET does */
int jr_rt_array_new(struct jr_task *task, uint64_t *result, const uint64_t *elements, uint64_t count,
                    uint32_t layout);
int jr_rt_array_zeros(struct jr_task *task, uint64_t *result, uint32_t layout, uint64_t count);
int jr_rt_array_init(struct jr_task *task, uint64_t array, const uint64_t *element, uint32_t layout,
                     uint64_t index);
void jr_rt_array_get(struct jr_task *task, uint64_t *result, uint64_t array, double index, uint32_t layout);
void jr_rt_array_set(struct jr_task *task, uint64_t array, double index, const uint64_t *element,
                     uint32_t layout);
int jr_rt_array_append(struct jr_task *task, uint64_t *result, uint64_t array, const uint64_t *element,
                       uint32_t layout);
int jr_rt_array_prepend(struct jr_task *task, uint64_t *result, const uint64_t *element, uint64_t array,
                        uint32_t layout);
int jr_rt_array_split_head(struct jr_task *task, uint64_t *result, uint64_t array, uint32_t layout);
int jr_rt_array_split_tail(struct jr_task *task, uint64_t *result, uint64_t array, uint32_t layout);

/* A string of `size` bytes, which are copied (NULL: the caller fills them in); for host functions that give strings. */
int jr_rt_string_new(struct jr_task *task, uint64_t *result, const char *bytes, size_t size);

/* time and host */
int jr_rt_schedule(struct jr_task *task, double time, uint64_t closure);
/* Arguments and results at `window`.  The engine has set task->call_depth_left, so that the host may call back. */
int jr_rt_call_host(struct jr_task *task, uint64_t *window, uint32_t import);
/* Ends in the error `code` (TRAP): a number of enum jr_status, anything else counts as JR_ERR_TRAP. */
int jr_rt_trap(struct jr_task *task, uint32_t code);

/* The symbols of runtime.def, for the compiler's linker.  Static; `symbols[i]` for i < count. */
struct jr_rt_symbol {
    const char *name;
    void *address;
};
const struct jr_rt_symbol *jr_rt_symbols(size_t *count);

#endif
