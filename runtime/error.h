/* error.h -- what went wrong in a running program, where, and on whose behalf.
 *
 * Each VM has room for one error, so reporting one never allocates.  Both engines give the same error for the same program: code,
 * message, place and trace, whose lines are added by jr_rt_unwind_frame while the frames are left, innermost first. */
#ifndef JR_RUNTIME_ERROR_H
#define JR_RUNTIME_ERROR_H

#include <stddef.h>
#include <stdint.h>
#include "ir/base/status.h"
#include "ir/module.h"

struct jr_sb;
struct jr_task;

enum { JR_TRACE_INNER = 16, JR_TRACE_OUTER = 4, JR_ERROR_MESSAGE_BYTES = 256 };

struct jr_trace_line {
    const struct jr_function *function;
    uint32_t pc; /* of the instruction that failed or called */
};

/* trace: frames 0 (innermost) .. depth-1; the first JR_TRACE_INNER and the last JR_TRACE_OUTER are kept. */
struct jr_error {
    enum jr_status code;
    char message[JR_ERROR_MESSAGE_BYTES];
    const struct jr_function *function; /* where it happened: NULL outside of script code */
    uint32_t pc;
    struct jr_place place;
    struct jr_trace_line inner[JR_TRACE_INNER];
    struct jr_trace_line outer[JR_TRACE_OUTER]; /* a ring: frame i is at i % JR_TRACE_OUTER */
    uint64_t depth;                             /* frames unwound */
};

/* The lines that are kept, in order from the innermost; `left_out` frames are missing after the first JR_TRACE_INNER. */
size_t jr_error_trace_count(const struct jr_error *error);
struct jr_trace_line jr_error_trace_line(const struct jr_error *error, size_t index);
uint64_t jr_error_left_out(const struct jr_error *error);

/* "echo.mmm:3:14: error: integer division by zero (divide-by-zero)" and a line per frame of the trace. */
void jr_error_format(const struct jr_error *error, const struct jr_module *module, struct jr_sb *out);

/* For runtime and host functions: sets task->error with a message of its own and gives JR_RUN_ERROR. */
__attribute__((format(printf, 3, 4))) int jr_error_raise(struct jr_task *task, enum jr_status code,
                                                         const char *format, ...);

#endif
