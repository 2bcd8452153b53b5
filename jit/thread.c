/* thread.c -- the compile thread: takes jobs, joins them into batches, publishes code.
 *
 * It owns the compiler and everything LLVM.  What it shares with the VM's thread are the list of pushed jobs (an atomic
 * exchange), entries (stored with release) and the epoch; what it shares with waiting callers is under jit->mutex. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "jit/graph/plan.h"
#include "jit/internal.h"

enum { BATCH_ITEMS = 16, BATCH_CODE_WORDS = 4000, LINE_BYTES = 256 };

/* ---- between the threads ---- */

void jr_jit_push(struct jr_jit *jit, struct jr_job *job)
{
    atomic_fetch_add_explicit(&jit->pushed_count, 1, memory_order_relaxed);
    job->next = atomic_load_explicit(&jit->pushed, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&jit->pushed, &job->next, job, memory_order_release,
                                                  memory_order_relaxed))
        ;
    sem_post(&jit->wake);
}

void jr_jit_push_all(struct jr_jit *jit, struct jr_job *jobs, uint32_t count)
{
    struct jr_job *last = &jobs[0]; /* the list has the newest first */
    atomic_fetch_add_explicit(&jit->pushed_count, count, memory_order_relaxed);
    for (uint32_t i = 1; i < count; i++)
        jobs[i].next = &jobs[i - 1];
    last->next = atomic_load_explicit(&jit->pushed, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&jit->pushed, &last->next, &jobs[count - 1], memory_order_release,
                                                  memory_order_relaxed))
        ;
    sem_post(&jit->wake);
}

void jr_jit_wait_for(struct jr_jit *jit, struct jr_job *job)
{
    pthread_mutex_lock(&jit->mutex);
    while (!job->done)
        pthread_cond_wait(&jit->progress, &jit->mutex);
    pthread_mutex_unlock(&jit->mutex);
}

/* The jobs that have been pushed come behind those in the list, oldest first; a block, which is what the program spends its time in, before all. */
static void take_pushed(struct jr_jit *jit, struct jr_job **list)
{
    struct jr_job *job = atomic_exchange_explicit(&jit->pushed, NULL, memory_order_acquire), *oldest = NULL;
    while (job != NULL) {
        struct jr_job *next = job->next;
        if (job->kind == JR_JOB_BLOCK) {
            job->next = *list;
            *list = job;
        } else {
            job->next = oldest;
            oldest = job;
        }
        job = next;
    }
    while (*list != NULL)
        list = &(*list)->next;
    *list = oldest;
}

/* Marks `count` jobs of the list from `first` on; they may be gone when this returns. */
static void finish_jobs(struct jr_jit *jit, struct jr_job *first, uint32_t count)
{
    pthread_mutex_lock(&jit->mutex);
    for (uint32_t i = 0; i < count; i++) {
        struct jr_job *next = first->next;
        first->done = true;
        first = next;
    }
    jit->done_count += count;
    pthread_cond_broadcast(&jit->progress);
    pthread_mutex_unlock(&jit->mutex);
}

void jr_jit_note_first(_Atomic uint64_t *first)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (atomic_load_explicit(first, memory_order_relaxed) == 0)
        atomic_store_explicit(first, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, memory_order_relaxed);
}

/* ---- compiling ---- */

static const char *function_name(const struct jr_jit *jit, uint32_t function)
{
    return jit->module->functions[function].name;
}

static void trace_item(struct jr_jit *jit, const struct jr_batch *batch, const struct jr_compile_item *item)
{
    char line[2 * LINE_BYTES], loop[32] = "";
    if (jit->config.trace == NULL)
        return;
    if (item->loop_pc != JR_NONE)
        snprintf(loop, sizeof loop, " loop at %u", item->loop_pc);
    const char *tier = batch->tier == JR_TIER_QUICK ? "quick" : "optimised";
    if (item->entry != NULL)
        snprintf(line, sizeof line, "%s: %s%s: %u code words", tier, function_name(jit, item->function), loop,
                 jit->module->functions[item->function].code_count);
    else
        snprintf(line, sizeof line, "%s: %s%s: refused: %s", tier, function_name(jit, item->function), loop, item->refusal);
    jit->config.trace(jit->config.user, line);
}

static void remember_refusal(struct jr_jit *jit, const struct jr_compile_item *item)
{
    struct jr_tier_state *state = &jit->tiers[item->function];
    atomic_fetch_add(&jit->counters.refused, 1);
    if (item->loop_pc != JR_NONE)
        for (uint32_t i = 0; i < state->loop_count; i++)
            if (state->loops[i].pc == item->loop_pc)
                atomic_store(&state->loops[i].refused, true);
    if (atomic_load(&state->refusal) != NULL)
        return;
    size_t size = strlen(item->refusal) + 1;
    char *text = jr_alloc_new(jit->alloc, size);
    if (text == NULL)
        return; /* refused without a reason */
    memcpy(text, item->refusal, size);
    atomic_store(&state->refusal, text);
}

/* From here on the VM runs the new code.  An older compilation that comes late changes nothing. */
static void publish(struct jr_jit *jit, const struct jr_batch *batch, const struct jr_compile_item *item,
                    struct jr_unit *unit)
{
    struct jr_tier_state *state = &jit->tiers[item->function];
    if (item->loop_pc != JR_NONE) {
        for (uint32_t i = 0; i < state->loop_count; i++)
            if (state->loops[i].pc == item->loop_pc)
                atomic_store_explicit(&state->loops[i].entry, item->entry, memory_order_release);
        unit->reference_count++;
        atomic_fetch_add(&jit->counters.osr, 1);
        return;
    }
    if (batch->tier < state->tier)
        return;
    struct jr_unit *before = state->unit;
    if (before == NULL)
        atomic_fetch_add(&jit->counters.compiled, 1);
    atomic_fetch_add(batch->tier == JR_TIER_QUICK ? &jit->counters.quick : &jit->counters.optimised, 1);
    if (batch->tier == JR_TIER_OPTIMISED)
        jr_jit_note_first(&jit->counters.first_optimised);
    state->unit = unit;
    state->tier = batch->tier;
    unit->reference_count++;
    atomic_store_explicit(&jit->task->functions[item->function].entry, item->entry, memory_order_release);
    if (before != NULL)
        jr_jit_unit_release(jit, before);
}

static void run_batch(struct jr_jit *jit, struct jr_batch *batch)
{
    struct jr_unit *unit = jr_jit_compile(jit, batch->tier == JR_TIER_QUICK ? "quick" : "optimised", batch);
    for (uint32_t i = 0; i < batch->item_count; i++) {
        if (batch->items[i].entry != NULL)
            publish(jit, batch, &batch->items[i], unit);
        else
            remember_refusal(jit, &batch->items[i]);
        trace_item(jit, batch, &batch->items[i]);
    }
    if (unit != NULL) {
        atomic_fetch_add(&jit->counters.code_bytes, batch->code_bytes);
        jr_jit_unit_release(jit, unit); /* ours: a unit that nothing leads into is retired at once */
    }
}

static void run_emit(struct jr_jit *jit, struct jr_job *job)
{
    struct jr_compile_item item = { .function = job->function, .loop_pc = JR_NONE };
    const struct jr_module *module = job->residual != NULL ? job->residual->module : jit->module;
    char no_plan[JR_PLAN_REASON_BYTES];
    struct jr_plan *plan = job->residual != NULL ? jr_jit_plan(jit, job, no_plan) : NULL;
    item.block = job->residual;
    item.plan = plan;
    job->text = NULL;
    if (jr_jit_open_compiler(jit))
        job->text = jit->provider->emit(jit->compiler, module, &item, job->what);
    else
        snprintf(item.refusal, sizeof item.refusal, "there is no compiler");
    if (job->text == NULL && job->refusal != NULL)
        jr_sb_text(job->refusal, item.refusal);
    jr_plan_destroy(plan);
}

/* A quick compilation is pointless when the optimised one has been asked for in the meantime. */
static bool is_overtaken(struct jr_jit *jit, const struct jr_job *job)
{
    return job->tier == JR_TIER_QUICK && job->loop_pc == JR_NONE && !jit->config.synchronous &&
           atomic_load_explicit(&jit->tiers[job->function].asked, memory_order_relaxed) == JR_TIER_OPTIMISED;
}

/* Compiles a run of jobs of one tier from the front of the list; returns how many it took. */
static uint32_t run_compile_jobs(struct jr_jit *jit, struct jr_job *job)
{
    struct jr_compile_item items[BATCH_ITEMS];
    struct jr_batch batch = { .module = jit->module, .tier = job->tier, .items = items };
    uint32_t taken = 0, code_words = 0;
    memset(items, 0, sizeof items);
    for (; job != NULL && job->kind == JR_JOB_COMPILE && job->tier == batch.tier; job = job->next) {
        uint32_t words = jit->module->functions[job->function].code_count;
        if (batch.item_count == BATCH_ITEMS || (batch.item_count > 0 && code_words + words > BATCH_CODE_WORDS))
            break;
        taken++;
        if (is_overtaken(jit, job))
            continue;
        code_words += words;
        items[batch.item_count].function = job->function;
        items[batch.item_count++].loop_pc = job->loop_pc;
    }
    if (batch.item_count > 0)
        run_batch(jit, &batch);
    return taken;
}

static uint64_t thread_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void run_jobs(struct jr_jit *jit)
{
    struct jr_job *job = NULL;
    for (take_pushed(jit, &job); job != NULL && !atomic_load_explicit(&jit->stopping, memory_order_relaxed); take_pushed(jit, &job)) {
        uint64_t began = thread_nanoseconds();
        uint32_t taken = 1;
        if (!jit->tried_to_open && jit->config.cache_folder == NULL) { /* takes so long that something more urgent may come meanwhile */
            jr_jit_open_compiler(jit);
            take_pushed(jit, &job);
        }
        if (job->kind == JR_JOB_EMIT)
            run_emit(jit, job);
        else if (job->kind == JR_JOB_BLOCK)
            jr_jit_run_block_job(jit, job);
        else
            taken = run_compile_jobs(jit, job);
        struct jr_job *rest = job;
        for (uint32_t i = 0; i < taken; i++)
            rest = rest->next;
        atomic_fetch_add(&jit->counters.nanoseconds, thread_nanoseconds() - began);
        finish_jobs(jit, job, taken);
        job = rest;
    }
}

/* ---- the thread ---- */

/* Waits for work; while there is retired code, looks after it from time to time. */
static void wait_for_work(struct jr_jit *jit)
{
    while (jit->retired_count > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (sem_timedwait(&jit->wake, &until) == 0)
            return;
        jr_jit_free_retired(jit);
    }
    while (sem_wait(&jit->wake) != 0 && errno == EINTR)
        ;
}

static void *thread_main(void *argument)
{
    struct jr_jit *jit = argument;
    while (!atomic_load_explicit(&jit->stopping, memory_order_acquire)) {
        run_jobs(jit);
        if (jit->retired_count > 0)
            jr_jit_free_retired(jit);
        wait_for_work(jit);
    }
    jr_jit_free_units(jit);
    if (jit->compiler != NULL)
        jit->provider->destroy(jit->compiler);
    return NULL;
}

enum jr_status jr_jit_thread_start(struct jr_jit *jit)
{
    sem_init(&jit->wake, 0, 0);
    pthread_mutex_init(&jit->mutex, NULL);
    pthread_cond_init(&jit->progress, NULL);
    if (pthread_create(&jit->thread, NULL, thread_main, jit) != 0)
        return JR_ERR_LIMIT;
    jit->thread_runs = true;
    return JR_OK;
}

void jr_jit_thread_stop(struct jr_jit *jit)
{
    if (jit->thread_runs) {
        atomic_store_explicit(&jit->stopping, true, memory_order_release);
        sem_post(&jit->wake);
        pthread_join(jit->thread, NULL);
        pthread_cond_destroy(&jit->progress);
        pthread_mutex_destroy(&jit->mutex);
        sem_destroy(&jit->wake);
    }
}
