/* stack.h -- recursion that may be deep, on a stack that is large enough. */
#ifndef JR_IR_BASE_STACK_H
#define JR_IR_BASE_STACK_H

#include <stddef.h>

#include "ir/base/status.h"

/* Calls run(context) on a thread of its own that has `bytes` of stack, and waits for it.  Only what is touched of the stack takes memory.
 * The caller's signal mask does not matter: signals stay with other threads.
 *
 * errors   JR_ERR_NO_MEMORY if there is no such thread to be had; `run` has not been called then */
enum jr_status jr_stack_run(size_t bytes, void (*run)(void *context), void *context);

#endif
