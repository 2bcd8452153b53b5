/* limits.c -- fuel, wall clock and interrupt.
 *
 * The budget that engines count down is a slice of the fuel, small enough that the clock and the flag are looked at some thousand times
 * a second and large enough that looking costs nothing. */
#include <time.h>

#include "runtime/vm_state.h"

static double monotonic_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The budget may be below zero: what was charged beyond the slice. */
uint64_t jr_limits_fuel_used(const struct jr_vm *vm)
{
    return vm->fuel_granted - (uint64_t)vm->task.budget;
}

static int poll_interrupt(struct jr_vm *vm)
{
    if (atomic_load_explicit(&vm->task.interrupted, memory_order_relaxed)) {
        atomic_store_explicit(&vm->task.interrupted, 0, memory_order_relaxed);
        return jr_rt_fail(&vm->task, JR_ERR_INTERRUPTED);
    }
    return JR_RUN_OK;
}

static int poll_deadline(struct jr_vm *vm)
{
    if (vm->config.limits.seconds > 0 && monotonic_seconds() >= vm->deadline)
        return jr_error_raise(&vm->task, JR_ERR_DEADLINE, "the time given to the program (%g s) is over",
                              vm->config.limits.seconds);
    return JR_RUN_OK;
}

int jr_rt_poll(struct jr_task *task)
{
    struct jr_vm *vm = task->vm;
    uint64_t limit = vm->config.limits.fuel, used = jr_limits_fuel_used(vm), slice = JR_BUDGET_SLICE;
    if (used > limit)
        return jr_error_raise(task, JR_ERR_FUEL, "the fuel given to the program (%llu) is used up",
                              (unsigned long long)limit);
    if (poll_interrupt(vm) != JR_RUN_OK || poll_deadline(vm) != JR_RUN_OK)
        return JR_RUN_ERROR;
    if (slice > limit - used)
        slice = limit - used;
    vm->fuel_granted = used + slice;
    task->budget = (int64_t)slice;
    return JR_RUN_OK;
}

void jr_vm_set_limits(struct jr_vm *vm, const struct jr_limits *limits)
{
    struct jr_limits *own = &vm->config.limits;
    vm->deadline += limits->seconds - own->seconds;
    own->seconds = limits->seconds;
    own->fuel = limits->fuel ? limits->fuel : UINT64_MAX;
    own->heap_bytes = limits->heap_bytes ? limits->heap_bytes : UINT64_MAX;
    vm->heap.limit_bytes = own->heap_bytes;
    vm->fuel_granted = jr_limits_fuel_used(vm); /* the rest of the slice is of the old limit */
    vm->task.budget = 0;
}

enum jr_status jr_limits_begin(struct jr_vm *vm)
{
    if (!vm->clock_started) {
        vm->clock_started = true;
        vm->deadline = monotonic_seconds() + vm->config.limits.seconds;
    }
    if (poll_interrupt(vm) != JR_RUN_OK || poll_deadline(vm) != JR_RUN_OK)
        return vm->error.code;
    return JR_OK;
}

int jr_rt_stack_overflow(struct jr_task *task)
{
    return jr_error_raise(task, JR_ERR_DEPTH, "calls nest too deep: the stack of %u words is full",
                          task->vm->config.limits.stack_words);
}
