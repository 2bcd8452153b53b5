/* vm_state.h -- what a VM consists of; for the files of runtime/, the interpreter and their tests only. */
#ifndef JR_RUNTIME_VM_STATE_H
#define JR_RUNTIME_VM_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include "runtime/heap.h"
#include "runtime/residual.h"
#include "runtime/schedule.h"
#include "runtime/vm.h"

/* Budget handed out at a time, in code words: how often the deadline and the interrupt flag are looked at. */
enum { JR_BUDGET_SLICE = 1 << 16 };

/* An import after linking. */
struct jr_linked {
    int (*call)(struct jr_task *task, void *user, uint64_t *words);
    void *user;
    uint32_t window_words; /* the larger of parameters and results */
    bool leaf;
};

struct jr_vm {
    struct jr_task task;
    struct jr_heap heap;
    const struct jr_alloc *alloc;
    const struct jr_module *module;
    struct jr_vm_config config;
    struct jr_vm_hooks hooks;

    /* tables by function index */
    struct jr_function_entry *functions;
    struct jr_state_refs *state_refs;
    struct jr_closure *
        *instances;              /* what calls from outside run with: NULL before the first, state included */
    struct jr_closure *closures; /* the static ones, side by side */
    struct jr_feedback *feedback; /* of all functions together */
    uint64_t feedback_count;
    uint64_t globals_count;

    struct jr_string **strings;
    void *string_block;
    size_t string_bytes;
    struct jr_linked *imports; /* NULL before jr_vm_link */

    struct jr_schedule schedule;
    uint64_t clock;  /* the frame that runs */
    uint64_t frames; /* rendered */

    uint64_t fuel_granted; /* handed to task.budget so far */
    bool clock_started;
    double deadline; /* on the monotonic clock, seconds; meaningful when limits.seconds is set */

    struct jr_installed *installed; /* residual.c; NULL: dsp itself renders */
    struct jr_state_block *state_blocks; /* where moved state lives, newest first */
    _Atomic(jr_block_entry *) block_entry;
    atomic_bool block_refused;

    uint32_t nesting; /* runs under way: above 1 inside host functions that call back */
    uint64_t fp_before;
    struct jr_error error;
    bool failed; /* the last run ended in `error` */
    bool finished;
};

/* limits.c */
enum jr_status jr_limits_begin(struct jr_vm *vm); /* at the start of an outermost run */
uint64_t jr_limits_fuel_used(const struct jr_vm *vm);

/* host.c */
extern const struct jr_host_function jr_builtin_functions[];
extern const size_t jr_builtin_function_count;

/* vm.c: the closure that calls from outside run a function with: the static one, or for a stateful function an instance made at
 * the first call.  Fails with task->error set.  Dropping it releases what its state holds and clears it. */
int jr_vm_instance(struct jr_vm *vm, uint32_t function, struct jr_closure **out);
void jr_vm_drop_instance(struct jr_vm *vm, uint32_t function);

/* run.c: one call through the entry, whatever the engine. */
int jr_vm_run_entry(struct jr_task *task, struct jr_closure *closure, uint64_t *frame, uint32_t depth_left);

/* run.c: one frame by `dsp`, the original's instance or the residual closure; its numbers come from `in` and go to `out`, if not NULL. */
int jr_vm_run_frame(struct jr_vm *vm, struct jr_closure *dsp, const double *in, double *out);

/* residual.c: renders up to `count` frames from vm->frames on, for which no task is due, and says in *done how many; 0 with JR_RUN_OK if the
 * original has to render the next one.  `in` and `out` may be NULL. */
int jr_vm_run_installed(struct jr_vm *vm, const double *in, double *out, size_t count, size_t *done);
void jr_vm_free_state_blocks(struct jr_vm *vm);

/* Stress: the census with all roots. */
void jr_vm_census(struct jr_vm *vm);

#endif
