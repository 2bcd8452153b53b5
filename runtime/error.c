/* error.c -- making errors, and telling them. */
#include "runtime/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/base/assert.h"
#include "ir/base/sb.h"
#include "runtime/rt.h"
#include "runtime/vm_state.h"

static struct jr_error *new_error(struct jr_task *task, enum jr_status code)
{
    struct jr_error *error = &task->vm->error;
    error->code = code;
    error->function = NULL;
    error->pc = JR_NONE;
    error->place = (struct jr_place){ .file = JR_NONE };
    error->depth = 0;
    task->error = error;
    return error;
}

int jr_rt_fail(struct jr_task *task, enum jr_status code)
{
    struct jr_error *error = new_error(task, code);
    snprintf(error->message, sizeof error->message, "%s", jr_status_text(code));
    return JR_RUN_ERROR;
}

int jr_rt_trap(struct jr_task *task, uint32_t code)
{
    return jr_rt_fail(task, code == JR_OK || code >= JR_STATUS_COUNT ? JR_ERR_TRAP : (enum jr_status)code);
}

int jr_error_raise(struct jr_task *task, enum jr_status code, const char *format, ...)
{
    struct jr_error *error = new_error(task, code);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return JR_RUN_ERROR;
}

static void add_trace_line(struct jr_error *error, const struct jr_function *function, uint32_t pc)
{
    struct jr_trace_line line = { function, pc };
    if (error->function == NULL) {
        error->function = function;
        error->pc = pc;
        error->place = jr_function_place(function, pc);
    }
    if (error->depth < JR_TRACE_INNER)
        error->inner[error->depth] = line;
    else
        error->outer[error->depth % JR_TRACE_OUTER] = line;
    error->depth++;
}

/* A specialised function stands for the one it was made from and all calls inlined in it. */
static void add_original_lines(struct jr_task *task, const struct jr_function *function, uint32_t pc)
{
    const struct jr_function *functions = task->heap->module->functions;
    const struct jr_origin *origin = jr_function_origin(function, pc);
    JR_ASSERT(origin != NULL, "what may fail has an origin");
    add_trace_line(task->error, &functions[origin->function], origin->at);
    for (uint32_t i = origin->caller; i != JR_NONE; i = function->callers[i].caller)
        add_trace_line(task->error, &functions[function->callers[i].function], function->callers[i].at);
}

void jr_rt_unwind_frame(struct jr_task *task, const struct jr_function *function, uint32_t pc,
                        uint64_t *frame)
{
    uint32_t count;
    const struct jr_owned *owned = jr_function_owned(function, pc, &count);
    const struct jr_module *module = task->heap->module;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *words = &frame[owned[i].reg];
        if (owned[i].type.kind == JR_WORD_SUM)
            jr_heap_drop_value(task->heap, words + 1,
                               module->sums[owned[i].type.arg].variant_layouts[words[0]]);
        else
            jr_heap_drop(task->heap, words[0]);
    }
    jr_heap_release_dead(task->heap);
    if (function->origin_count)
        add_original_lines(task, function, pc);
    else
        add_trace_line(task->error, function, pc);
}

size_t jr_error_trace_count(const struct jr_error *error)
{
    return error->depth < JR_TRACE_INNER + JR_TRACE_OUTER ? (size_t)error->depth
                                                          : JR_TRACE_INNER + JR_TRACE_OUTER;
}

uint64_t jr_error_left_out(const struct jr_error *error)
{
    return error->depth - jr_error_trace_count(error);
}

struct jr_trace_line jr_error_trace_line(const struct jr_error *error, size_t index)
{
    if (index < JR_TRACE_INNER)
        return error->inner[index];
    return error->outer[(jr_error_left_out(error) + index) % JR_TRACE_OUTER];
}

static void format_place(const struct jr_module *module, struct jr_place place, struct jr_sb *out)
{
    if (place.file == JR_NONE)
        return;
    jr_sb_text(out, module->files[place.file]);
    if (place.line)
        jr_sb_format(out, ":%u:%u", place.line, place.column);
    jr_sb_text(out, ": ");
}

void jr_error_format(const struct jr_error *error, const struct jr_module *module, struct jr_sb *out)
{
    size_t count = jr_error_trace_count(error);
    format_place(module, error->place, out);
    jr_sb_format(out, "error: %s (%s)\n", error->message, jr_status_name(error->code));
    for (size_t i = 0; i < count; i++) {
        struct jr_trace_line line = jr_error_trace_line(error, i);
        if (i == JR_TRACE_INNER && jr_error_left_out(error))
            jr_sb_format(out, "  ... %llu more\n", (unsigned long long)jr_error_left_out(error));
        jr_sb_text(out, "  ");
        format_place(module, jr_function_place(line.function, line.pc), out);
        jr_sb_format(out, "in %s\n", line.function->name);
    }
}
