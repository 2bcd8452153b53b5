/* vm.h -- a running program: a verified module with its heap, globals, state, tasks and limits.
 *
 *   jr_vm_create -> jr_vm_link -> [jr_jit_create] -> jr_vm_run_init -> jr_vm_process ... -> jr_vm_finish -> jr_vm_destroy
 *
 * One thread at a time uses a VM, except jr_vm_interrupt.  Any number of VMs may run one module.  A run ends with JR_OK or with a
 * status whose details are in jr_vm_error; after an error the VM may run again (its state is what the failed run left), and
 * ending it releases everything. */
#ifndef JR_RUNTIME_VM_H
#define JR_RUNTIME_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ir/base/status.h"
#include "ir/module.h"
#include "runtime/error.h"
#include "runtime/task.h"

struct jr_alloc;
struct jr_vm;

/* Bounds of a program, the same in every tier.  Zero means the default. */
struct jr_limits {
    uint64_t fuel;        /* units as in task.h, over the VM's life; default: unlimited */
    double seconds;       /* wall clock from the first run on; default: unlimited */
    uint32_t fuel_per_kib; /* what a KiB of a new object costs, which may be copied; default 0.  Interpreter only: compiled code keeps its budget
                            * to itself while it runs */
    uint64_t heap_bytes;  /* of live objects; default: unlimited */
    uint32_t depth;       /* of nested calls; default 100 000 */
    uint32_t stack_words; /* of the VM stack, one block that never moves; default 2^21 */
    size_t c_stack_bytes; /* that compiled code may use below a run's first C frame; default 256 KiB */
};

/* Called on the VM's thread by the interpreter when a counter reaches its threshold; each raises the threshold in the entry, to
 * UINT32_MAX for never.  NULL members: no hook. */
struct jr_vm_hooks {
    void *user;
    void (*call_hot)(void *user, struct jr_function_entry *function);
    /* Compiled code that goes on at `pc` with the same frame, or NULL. */
    jr_entry *(*loop_hot)(void *user, struct jr_function_entry *function, uint32_t pc);
    /* The installed residual program (runtime/residual.h) has rendered as many frames as its threshold says. */
    void (*block_hot)(void *user);
    /* The residual program is about to be freed; nobody may read it when this returns. */
    void (*block_gone)(void *user);
    /* At the end of every outermost run: no script code is on any stack, so compiled code that was replaced may go. */
    void (*quiescent)(void *user);
};

struct jr_vm_config {
    const struct jr_alloc *alloc; /* must outlive the VM; NULL: the C library's */
    double sample_rate;           /* 0: 48000 */
    struct jr_limits limits;
    jr_entry *entry;   /* the interpreter: jr_interp_entry ... */
    jr_resume *resume; /* ... and jr_interp_resume */
    bool stress_heap;  /* check the heap at every allocation, remember who made each object */
    bool trace_heap;   /* the same, and report each object that is made or freed */
    /* What probe and probeln print; NULL: the C library's stdout. */
    void (*print)(void *user, const char *bytes, size_t size);
    /* Lines about leaked, damaged and traced objects; NULL: stderr. */
    void (*report)(void *user, const char *line);
    /* Called before every instruction that the interpreter runs; NULL: no tracing, and then it costs nothing. */
    void (*trace)(void *user, const struct jr_function *function, uint32_t pc, const uint64_t *frame);
    void *user; /* of print, report and trace */
};

/* `module` must be verified and outlive the VM.  Fails with JR_ERR_NO_MEMORY, JR_ERR_LIMIT (a module that needs more than
 * this runtime offers) or JR_ERR_INVALID (dsp or init of a shape that cannot be run); *out is then NULL. */
enum jr_status jr_vm_create(const struct jr_vm_config *config, const struct jr_module *module,
                            struct jr_vm **out);

/* A function of the host.  `params` and `results` have one letter for each word: w raw, s string, c closure, a array, b box;
 * "" for none; NULL: whatever the program's import declares, also sum values, for a function that knows the program.  `call` finds its arguments in words[0 ..) (references borrowed) and leaves its results there (references owned); it
 * gives JR_RUN_OK, or JR_RUN_ERROR after jr_error_raise.  It may call back with jr_vm_call, unless it is a leaf.
 * A leaf takes and gives raw words and strings, and asks the VM neither for the depth of calls nor for the clock or state: a specialised dsp may call it. */
struct jr_host_function {
    const char *name;
    const char *params, *results;
    int (*call)(struct jr_task *task, void *user, uint64_t *words);
    void *user;
    bool leaf;
};

/* Resolves every import of the module by name: first in `functions` (later entries win), then among the built-in ones (probe,
 * probeln).  `functions` is copied; names and users must outlive the VM.  Ends a specialised dsp (runtime/residual.h).  On JR_ERR_UNKNOWN_HOST and JR_ERR_HOST_SIGNATURE `message`
 * (may be NULL) names the import and what is wrong with it. */
enum jr_status jr_vm_link(struct jr_vm *vm, const struct jr_host_function *functions, size_t count,
                          char *message, size_t message_size);

void jr_vm_set_hooks(struct jr_vm *vm, const struct jr_vm_hooks *hooks); /* copied; NULL: none */

/* Runs the module's global code, at frame 0.  Nothing to do is JR_OK. */
enum jr_status jr_vm_run_init(struct jr_vm *vm);

/* Renders `frame_count` frames: for each the clock is set, tasks that are due run in order of time and of scheduling, then dsp.
 *
 * in    frame_count x input_channels, interleaved; borrowed; NULL: silence
 * out   frame_count x output_channels, interleaved; NULL discards them; NaNs are the one NaN of C.  After an error the frames before the failed one are
 *       valid; jr_vm_frame tells how many have been rendered.
 * A program without dsp gives JR_ERR_NOT_FOUND.  From inside a host function init, process and tasks give JR_ERR_INVALID: only
 * jr_vm_call may be nested. */
enum jr_status jr_vm_process(struct jr_vm *vm, const double *in, double *out, size_t frame_count);

/* Runs scheduled tasks in order up to and including frame `time`, setting the clock for each: for programs without dsp. */
enum jr_status jr_vm_run_tasks_until(struct jr_vm *vm, uint64_t time);
/* The time of the next task; false if there is none. */
bool jr_vm_next_task(const struct jr_vm *vm, uint64_t *time);

/* Calls function `index` with words of its signature.  Arguments are borrowed; references in the results are owned by the caller, who ends
 * them with jr_vm_release.  A stateful function called this way has an instance of its own, which lives as long as the VM (that of
 * dsp is the one jr_vm_process uses). */
enum jr_status jr_vm_call(struct jr_vm *vm, uint32_t function, const uint64_t *args, uint64_t *results);
/* Calls a closure that the caller keeps alive; otherwise the same. */
enum jr_status jr_vm_call_closure(struct jr_vm *vm, struct jr_closure *closure, const uint64_t *args,
                                  uint64_t *results);
void jr_vm_release(struct jr_vm *vm, const uint64_t *words, uint32_t layout);

/* Makes the run that is under way, or the next one, end with JR_ERR_INTERRUPTED.  Any thread, also a signal handler. */
void jr_vm_interrupt(struct jr_vm *vm);

/* Other fuel, seconds and heap_bytes from the next run on; fuel and time count from where they are.  0: none.  The rest of `limits` is not looked
 * at.  Between runs. */
void jr_vm_set_limits(struct jr_vm *vm, const struct jr_limits *limits);

/* The last run's error; NULL if it ended with JR_OK.  Valid until the next run. */
const struct jr_error *jr_vm_error(const struct jr_vm *vm);

struct jr_vm_stats {
    uint64_t live_objects, live_bytes, peak_bytes, allocations;
    uint64_t frames;
    uint64_t fuel_used;
};
void jr_vm_get_stats(const struct jr_vm *vm, struct jr_vm_stats *out);

uint64_t jr_vm_frame(const struct jr_vm *vm); /* frames rendered so far: the number of the next one */
void jr_vm_set_frame(struct jr_vm *vm, uint64_t frame); /* the number of the next one, between runs; tasks of frames left out run with it */
struct jr_task *jr_vm_task(struct jr_vm *vm);
const struct jr_limits *jr_vm_limits(const struct jr_vm *vm); /* with defaults in place of zeros */
const struct jr_module *jr_vm_module(const struct jr_vm *vm);
const struct jr_alloc *jr_vm_alloc(const struct jr_vm *vm);
/* The state words of dsp, for engines that render whole blocks; NULL if it has none. */
uint64_t *jr_vm_dsp_state(struct jr_vm *vm);
/* Words of the global vector and of dsp's state: what a comparison of two VMs looks at. */
const uint64_t *jr_vm_globals(const struct jr_vm *vm);

/* Releases globals, state, tasks and every cycle.  What is live then has leaked: with stress_heap each is reported with its kind, serial number
 * and the place that made it.  Returns the number of live objects.  Afterwards only statistics and destroy are allowed. */
uint64_t jr_vm_finish(struct jr_vm *vm);
void jr_vm_destroy(struct jr_vm *vm); /* finishes if need be; NULL is allowed */

#endif
