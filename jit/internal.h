/* internal.h -- what the files of jit/ share: policy on the VM's thread, the compile thread, and what passes between them.
 *
 *   VM's thread      hooks (policy.c) -> jr_jit_push: one atomic exchange and a semaphore, no memory, no lock
 *   compile thread   thread.c takes all pushed jobs, joins them into batches, compiles, publishes entries (release)
 *
 * Every job that a hook can push exists from the start: two per function and one per loop header.  Jobs of other
 * callers (jr_jit_compile_all, jr_jit_emit) are theirs, and they wait for them. */
#ifndef JR_JIT_INTERNAL_H
#define JR_JIT_INTERNAL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "jit/describe.h"
#include "jit/jit.h"
#include "jit/link.h"
#include "jit/provider.h"
#include "runtime/task.h"

struct jr_alloc;
struct jr_module;

enum jr_job_kind { JR_JOB_COMPILE, JR_JOB_EMIT, JR_JOB_BLOCK };

struct jr_job {
    struct jr_job *next;
    enum jr_job_kind kind;
    enum jr_tier tier;      /* COMPILE */
    uint32_t function;
    uint32_t loop_pc;       /* COMPILE: JR_NONE for the whole function */
    const struct jr_residual *residual; /* BLOCK; EMIT of the block: else NULL */
    enum jr_emit what;      /* EMIT */
    char *text;             /* EMIT: out, malloc'ed; NULL if refused */
    struct jr_sb *refusal;  /* EMIT: out, may be NULL */
    bool done;              /* under jit->mutex */
};

/* Machine code of one batch.  Freed when no entry leads into it and no frame can be inside. */
struct jr_unit {
    struct jr_unit *next;
    struct jr_machine_code *code;
    struct jr_gdb_object *described; /* describe.h; may be NULL */
    uint32_t reference_count; /* entries and loops that lead into it; 0: retired */
    uint64_t epoch;           /* when it was retired */
};

/* One loop header. */
struct jr_loop {
    uint32_t pc;
    uint32_t rounds;            /* VM's thread */
    bool asked;                 /* VM's thread */
    _Atomic(jr_entry *) entry;  /* published by the compile thread */
    _Atomic bool refused;
    struct jr_job job;
};

/* What the policy knows about a function; jr_function_entry.tier_data points here. */
struct jr_tier_state {
    struct jr_jit *jit;
    struct jr_loop *loops; /* by pc */
    uint32_t loop_count;
    struct jr_job quick, optimised;
    _Atomic uint32_t asked; /* enum jr_tier: the best that was asked for */
    /* the compile thread's */
    struct jr_unit *unit;   /* holds the code that the entry leads to */
    enum jr_tier tier;      /* of that code */
    _Atomic(char *) refusal; /* set once, then constant; owned */
};

struct jr_jit {
    const struct jr_alloc *alloc;
    struct jr_vm *vm;
    struct jr_jit_config config;
    const struct jr_module *module;
    struct jr_task *task;
    struct jr_tier_state *tiers; /* one per function */
    uint32_t function_count;
    struct jr_loop *loops;       /* of all functions */
    uint32_t loop_count;
    jr_entry **interpreted;      /* entries before we came */
    struct jr_job block;         /* block.c: the residual program that is installed */
    uint32_t block_frames;       /* after so many of its frames it is compiled */
    bool block_asked;            /* VM's thread */
    _Atomic bool block_cancelled;

    pthread_t thread;
    bool thread_runs;
    sem_t wake;
    _Atomic(struct jr_job *) pushed; /* newest first */
    _Atomic bool stopping;
    _Atomic uint64_t epoch;          /* counts the moments at which the VM ran no code */
    _Atomic uint64_t pushed_count;
    pthread_mutex_t mutex;           /* of done_count, and of `done` in jobs */
    pthread_cond_t progress;
    uint64_t done_count;

    /* the compile thread's */
    struct jr_link_table symbols; /* the program's, for linking */
    void *object;
    const struct jr_provider *provider;
    struct jr_compiler *compiler;
    bool tried_to_open;
    struct jr_unit *units;
    struct jr_unit *block_unit; /* the newest block's */
    uint32_t retired_count;
    bool cache_damaged;         /* the user knows that an entry was */
    bool cache_closed;          /* nothing can be written */

    struct {
        _Atomic uint32_t compiled, quick, optimised, osr, blocks, blocks_refused, refused;
        _Atomic uint64_t code_bytes, block_bytes, nanoseconds;
        _Atomic uint32_t cache_hits, cache_misses, cache_left_out;
        _Atomic(const char *) not_cached; /* why the last one was left out */
        _Atomic uint64_t first_block, first_optimised; /* nanoseconds of CLOCK_MONOTONIC; 0: not yet */
        _Atomic bool unavailable;
    } counters;
};

/* thread.c */
enum jr_status jr_jit_thread_start(struct jr_jit *jit);
void jr_jit_thread_stop(struct jr_jit *jit); /* drops what is queued, frees all code, joins */
void jr_jit_push(struct jr_jit *jit, struct jr_job *job);
/* Jobs that are seen together, so that batches, and with them what the cache keeps, are the same in each run.  At least one. */
void jr_jit_push_all(struct jr_jit *jit, struct jr_job *jobs, uint32_t count);
void jr_jit_wait_for(struct jr_jit *jit, struct jr_job *job);
void jr_jit_note_first(_Atomic uint64_t *first); /* the time, if none stands there; the compile thread's */

/* compile.c: the compile thread's */
struct jr_compiler_config jr_jit_compiler_config(const struct jr_jit *jit); /* bytes between its fields are zero */
bool jr_jit_list_symbols(struct jr_jit *jit);  /* fills jit->symbols; false without memory; any thread, before the first job */
bool jr_jit_open_compiler(struct jr_jit *jit); /* at the first call; false if there is none, which has been told */
/* Compiles and links the items.  One reference to the unit is the caller's; NULL if there is no code, and every item has a refusal. */
struct jr_unit *jr_jit_compile(struct jr_jit *jit, const char *kind, struct jr_batch *batch);

/* object.c: the path of the shared object; false if there is none.  Any thread. */
bool jr_jit_object_path(const char *object_path, char *out, size_t size);
/* Opens the shared object; on failure says why in `message`. */
bool jr_jit_open_object(struct jr_jit *jit, char *message, size_t message_size);

/* policy.c */
enum jr_status jr_jit_policy_init(struct jr_jit *jit); /* tables, thresholds, hooks */
void jr_jit_policy_fini(struct jr_jit *jit);
enum jr_tier jr_jit_best_tier(const struct jr_jit *jit, uint32_t function);

/* Called by quick code (jit/provider.h). */
void jr_jit_call_hot(struct jr_function_entry *entry);
jr_entry *jr_jit_loop_hot(struct jr_function_entry *entry, uint32_t pc);
int jr_jit_stress_poll(void);
int jr_jit_poll_entry(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                      uint32_t depth_left);

/* block.c */
void jr_jit_block_hot(void *user);
void jr_jit_block_gone(void *user);
/* How to render the job's residual program in stages.  NULL: there is no plan, `reason` (JR_PLAN_REASON_BYTES of jit/graph/graph.h) tells why.  Ended
 * with jr_plan_destroy. */
struct jr_plan *jr_jit_plan(struct jr_jit *jit, const struct jr_job *job, char *reason);
void jr_jit_run_block_job(struct jr_jit *jit, struct jr_job *job); /* the compile thread's */

/* code.c: the compile thread's account of code */
/* Describes the batch's code (describe.h).  One reference is the caller's.  NULL if there is no memory: the code is then still the caller's.  `kind`: "quick" and so on, static. */
struct jr_unit *jr_jit_unit_create(struct jr_jit *jit, const char *kind, struct jr_batch *batch);
void jr_jit_unit_release(struct jr_jit *jit, struct jr_unit *unit); /* one reference less; retired at none */
void jr_jit_free_retired(struct jr_jit *jit);                       /* those that no frame can be inside */
void jr_jit_free_units(struct jr_jit *jit);                         /* all: the VM runs nothing any more */

#endif
