/* run.c -- running a VM from outside: global code, frames, tasks, single calls; and the glue between the engines. */
#include <string.h>

#include "ir/base/assert.h"
#include "runtime/fp.h"
#include "runtime/ops.h"
#include "runtime/vm_state.h"

/* the glue between the engines */

int jr_rt_interpret(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                    uint32_t depth_left)
{
    return task->vm->config.entry(task, frame, state, closure, depth_left);
}

int jr_rt_after_call(struct jr_task *task, struct jr_function_entry *callee, int run, uint64_t *frame,
                     uint64_t *state, struct jr_closure *closure, uint32_t depth_left)
{
    if (run == JR_RUN_ENTER)
        return jr_rt_interpret(task, frame, state, closure, depth_left);
    if (run == JR_RUN_DEOPT) {
        uint32_t pc = task->exit_pc;
        task->exit_pc = JR_NONE;
        run = task->vm->config.resume(task, frame, state, closure, depth_left, pc);
    }
    if (run == JR_RUN_ERROR && task->exit_pc != JR_NONE) {
        jr_rt_unwind_frame(task, callee->code, task->exit_pc, frame);
        task->exit_pc = JR_NONE;
    }
    return run;
}

/* One call through the entry, whatever the engine. */
int jr_vm_run_entry(struct jr_task *task, struct jr_closure *closure, uint64_t *frame, uint32_t depth_left)
{
    struct jr_function_entry *function = closure->function;
    jr_entry *entry = atomic_load_explicit(&function->entry, memory_order_acquire);
    int run;
    task->exit_pc = JR_NONE;
    run = entry(task, frame, closure->state, closure, depth_left);
    if (run == JR_RUN_OK)
        return run;
    return jr_rt_after_call(task, function, run, frame, closure->state, closure, depth_left);
}

int jr_vm_run_frame(struct jr_vm *vm, struct jr_closure *dsp, const double *in, double *out)
{
    uint32_t inputs = vm->module->input_channels, outputs = vm->module->output_channels;
    uint64_t *frame = vm->task.stack;
    int run;
    if (in)
        memcpy(frame, in, inputs * sizeof frame[0]);
    else
        memset(frame, 0, inputs * sizeof frame[0]);
    run = jr_vm_run_entry(&vm->task, dsp, frame, vm->config.limits.depth);
    for (uint32_t c = 0; out && run == JR_RUN_OK && c < outputs; c++) {
        double value = jr_f64(frame[c]);
        out[c] = value != value ? __builtin_nan("") : value;
    }
    return run;
}

/* runs */

/* Sets up what holds for an outermost run; nested ones (a host function calls back) find it as it is. */
static enum jr_status begin_run(struct jr_vm *vm)
{
    enum jr_status status;
    JR_ASSERT(!vm->finished, "a finished VM does not run");
    JR_ASSERT(vm->imports || vm->module->import_count == 0, "imports are linked before a run");
    if (vm->nesting++)
        return JR_OK;
    vm->failed = false;
    vm->task.error = NULL;
    vm->task.place = UINT64_MAX;
    vm->task.c_stack_limit = (char *)__builtin_frame_address(0) - vm->config.limits.c_stack_bytes;
    vm->fp_before = jr_fp_enter();
    status = jr_limits_begin(vm);
    return status;
}

static enum jr_status end_run(struct jr_vm *vm, enum jr_status status)
{
    if (--vm->nesting)
        return status;
    vm->failed = status != JR_OK;
    vm->task.place = UINT64_MAX;
    if (vm->hooks.quiescent)
        vm->hooks.quiescent(vm->hooks.user);
    jr_fp_leave(vm->fp_before);
    if (vm->heap.stress) {
        jr_heap_check(&vm->heap);
        jr_vm_census(vm);
    }
    return status;
}

static enum jr_status status_of(const struct jr_vm *vm, int run)
{
    return run == JR_RUN_OK ? JR_OK : vm->error.code;
}

enum jr_status jr_vm_run_init(struct jr_vm *vm)
{
    uint32_t init = vm->module->init;
    struct jr_closure *instance;
    enum jr_status status;
    if (vm->nesting)
        return JR_ERR_INVALID;
    status = begin_run(vm);
    if (status == JR_OK && init != JR_NONE) {
        int run = jr_vm_instance(vm, init, &instance);
        vm->clock = 0;
        vm->task.now = 0;
        if (run == JR_RUN_OK) {
            run = jr_vm_run_entry(&vm->task, instance, vm->task.stack, vm->config.limits.depth);
            jr_vm_drop_instance(vm, init); /* global code runs once: its state is not looked at again */
        }
        status = status_of(vm, run);
    }
    return end_run(vm, status);
}

/* Runs what is due at `time`, oldest request first.  A task may schedule others, but only for later frames. */
static int run_due_tasks(struct jr_vm *vm, uint64_t time)
{
    while (jr_schedule_due(&vm->schedule, time)) {
        struct jr_closure *closure = jr_schedule_take(&vm->schedule);
        int run = jr_vm_run_entry(&vm->task, closure, vm->task.stack, vm->config.limits.depth);
        jr_release(&vm->task, (uint64_t)(uintptr_t)closure);
        if (run != JR_RUN_OK)
            return run;
    }
    return JR_RUN_OK;
}

static void set_clock(struct jr_vm *vm, uint64_t time)
{
    vm->clock = time;
    vm->task.now = (double)time;
}

/* How many of the next `count` frames can be rendered before a task is due. */
static size_t frames_before_task(const struct jr_vm *vm, size_t count)
{
    uint64_t left = vm->schedule.count ? vm->schedule.items[0].time - vm->frames : UINT64_MAX;
    return left < count ? (size_t)left : count;
}

enum jr_status jr_vm_process(struct jr_vm *vm, const double *in, double *out, size_t frame_count)
{
    const struct jr_module *module = vm->module;
    uint32_t inputs = module->input_channels, outputs = module->output_channels;
    struct jr_closure *dsp;
    enum jr_status status;
    int run;
    if (vm->nesting)
        return JR_ERR_INVALID;
    status = begin_run(vm);
    if (status == JR_OK && module->dsp == JR_NONE) {
        jr_error_raise(&vm->task, JR_ERR_NOT_FOUND, "the program has no dsp function");
        status = JR_ERR_NOT_FOUND;
    }
    if (status != JR_OK)
        return end_run(vm, status);
    run = jr_vm_instance(vm, module->dsp, &dsp);
    for (size_t f = 0; f < frame_count && run == JR_RUN_OK;) {
        const double *frame_in = in ? in + f * inputs : NULL;
        double *frame_out = out ? out + f * outputs : NULL;
        size_t done = 0;
        set_clock(vm, vm->frames);
        if (jr_schedule_due(&vm->schedule, vm->frames)) {
            run = run_due_tasks(vm, vm->frames);
            if (run != JR_RUN_OK)
                break;
        }
        if (vm->installed)
            run = jr_vm_run_installed(vm, frame_in, frame_out, frames_before_task(vm, frame_count - f), &done);
        if (run == JR_RUN_OK && done == 0) {
            run = jr_vm_run_frame(vm, dsp, frame_in, frame_out);
            done = run == JR_RUN_OK;
        }
        vm->frames += done;
        f += done;
    }
    return end_run(vm, status_of(vm, run));
}

bool jr_vm_next_task(const struct jr_vm *vm, uint64_t *time)
{
    *time = vm->schedule.count ? vm->schedule.items[0].time : 0;
    return vm->schedule.count != 0;
}

enum jr_status jr_vm_run_tasks_until(struct jr_vm *vm, uint64_t time)
{
    enum jr_status status;
    int run = JR_RUN_OK;
    if (vm->nesting)
        return JR_ERR_INVALID;
    status = begin_run(vm);
    if (status != JR_OK)
        return end_run(vm, status);
    while (run == JR_RUN_OK && jr_schedule_due(&vm->schedule, time)) {
        uint64_t next = vm->schedule.items[0].time;
        set_clock(vm, next);
        run = run_due_tasks(vm, next);
    }
    return end_run(vm, status_of(vm, run));
}

static enum jr_status call(struct jr_vm *vm, struct jr_closure *closure, const uint64_t *args,
                           uint64_t *results)
{
    struct jr_task *task = &vm->task;
    const struct jr_function *code = closure->function->code;
    bool nested = vm->nesting > 1; /* begin_run has counted this one */
    uint64_t *frame = nested ? task->host_frame : task->stack;
    uint32_t depth_left = nested ? task->call_depth_left - 1 : vm->config.limits.depth;
    uint32_t exit_pc = task->exit_pc;
    int run;
    if ((size_t)(task->stack_end - frame) < code->reg_count)
        return status_of(vm, jr_rt_stack_overflow(task));
    if (code->param_words)
        memcpy(frame, args, code->param_words * sizeof frame[0]);
    run = jr_vm_run_entry(task, closure, frame, depth_left);
    task->exit_pc = exit_pc;
    if (run == JR_RUN_OK && code->result_words)
        memcpy(results, frame, code->result_words * sizeof frame[0]);
    return status_of(vm, run);
}

enum jr_status jr_vm_call_closure(struct jr_vm *vm, struct jr_closure *closure, const uint64_t *args,
                                  uint64_t *results)
{
    enum jr_status status = begin_run(vm);
    if (status == JR_OK)
        status = call(vm, closure, args, results);
    return end_run(vm, status);
}

enum jr_status jr_vm_call(struct jr_vm *vm, uint32_t function, const uint64_t *args, uint64_t *results)
{
    enum jr_status status = begin_run(vm);
    struct jr_closure *instance;
    if (function >= vm->module->function_count || vm->module->functions[function].capture_words) {
        jr_error_raise(&vm->task, JR_ERR_INVALID, "function %u cannot be called from outside", function);
        status = JR_ERR_INVALID;
    }
    if (function == vm->module->init)
        jr_vm_uninstall(vm); /* what was constant is made again */
    if (status == JR_OK)
        status = status_of(vm, jr_vm_instance(vm, function, &instance));
    if (status == JR_OK)
        status = call(vm, instance, args, results);
    return end_run(vm, status);
}
