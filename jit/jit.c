/* jit.c -- the interface: creation and end, compilation on request, statistics. */
#include "jit/jit.h"

#include <stdlib.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "jit/internal.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

enum jr_status jr_jit_create(const struct jr_alloc *alloc, struct jr_vm *vm, const struct jr_jit_config *config,
                             struct jr_jit **out)
{
    enum jr_status status;
    *out = NULL;
    struct jr_jit *jit = jr_alloc_new(alloc, sizeof *jit);
    if (jit == NULL)
        return JR_ERR_NO_MEMORY;
    jit->alloc = alloc;
    jit->vm = vm;
    jit->config = *config;
    jit->module = jr_vm_module(vm);
    jit->task = jr_vm_task(vm);
    jit->function_count = jit->module->function_count;
    if (config->mode != JR_JIT_OFF) {
        JR_TRY(jr_jit_policy_init(jit));
        JR_TRY(jr_jit_list_symbols(jit) ? JR_OK : JR_ERR_NO_MEMORY);
        JR_TRY(jr_jit_thread_start(jit));
    }
    *out = jit;
    jit = NULL;
    status = JR_OK;
done:
    jr_jit_destroy(jit);
    return status;
}

void jr_jit_destroy(struct jr_jit *jit)
{
    if (jit == NULL)
        return;
    jr_jit_thread_stop(jit);
    jr_jit_policy_fini(jit);
    jr_link_table_fini(&jit->symbols, jit->alloc);
    jr_alloc_free(jit->alloc, jit, sizeof *jit);
}

enum jr_status jr_jit_compile_all(struct jr_jit *jit)
{
    if (jit->config.mode == JR_JIT_OFF || jit->function_count == 0)
        return JR_OK;
    struct jr_job *jobs = jr_alloc_array(jit->alloc, jit->function_count, sizeof jobs[0]);
    if (jobs == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < jit->function_count; i++) {
        jobs[i] = (struct jr_job){ .tier = jr_jit_best_tier(jit, i), .function = i, .loop_pc = JR_NONE };
    }
    jr_jit_push_all(jit, jobs, jit->function_count);
    for (uint32_t i = 0; i < jit->function_count; i++)
        jr_jit_wait_for(jit, &jobs[i]);
    jr_alloc_free(jit->alloc, jobs, jit->function_count * sizeof jobs[0]);
    return JR_OK;
}

void jr_jit_drain(struct jr_jit *jit)
{
    if (!jit->thread_runs)
        return;
    pthread_mutex_lock(&jit->mutex);
    while (jit->done_count < atomic_load_explicit(&jit->pushed_count, memory_order_relaxed))
        pthread_cond_wait(&jit->progress, &jit->mutex);
    pthread_mutex_unlock(&jit->mutex);
}

void jr_jit_get_stats(struct jr_jit *jit, struct jr_jit_stats *out)
{
    uint64_t first = atomic_load(&jit->counters.first_block);
    if (first == 0)
        first = atomic_load(&jit->counters.first_optimised);
    *out = (struct jr_jit_stats){
        .functions_compiled = atomic_load(&jit->counters.compiled),
        .functions_quick = atomic_load(&jit->counters.quick),
        .functions_optimised = atomic_load(&jit->counters.optimised),
        .blocks_refused = atomic_load(&jit->counters.blocks_refused),
        .blocks_compiled = atomic_load(&jit->counters.blocks),
        .osr_compiled = atomic_load(&jit->counters.osr),
        .functions_refused = atomic_load(&jit->counters.refused),
        .code_bytes = atomic_load(&jit->counters.code_bytes),
        .cache_hits = atomic_load(&jit->counters.cache_hits),
        .cache_misses = atomic_load(&jit->counters.cache_misses),
        .cache_left_out = atomic_load(&jit->counters.cache_left_out),
        .not_cached = atomic_load(&jit->counters.not_cached),
        .block_bytes = atomic_load(&jit->counters.block_bytes),
        .first_optimised_clock = (double)first * 1e-9,
        .compile_seconds = (double)atomic_load(&jit->counters.nanoseconds) * 1e-9,
        .available = !atomic_load(&jit->counters.unavailable),
    };
}

const char *jr_jit_refusal(struct jr_jit *jit, uint32_t index)
{
    if (jit->tiers == NULL || index >= jit->function_count)
        return NULL;
    jr_entry *entry = atomic_load_explicit(&jit->task->functions[index].entry, memory_order_acquire);
    return entry != jit->interpreted[index] ? NULL : atomic_load(&jit->tiers[index].refusal);
}

enum jr_status jr_jit_emit(struct jr_jit *jit, uint32_t function, int what, struct jr_sb *out)
{
    const struct jr_residual *residual = function == jit->function_count ? jr_vm_residual(jit->vm) : NULL;
    if (!jit->thread_runs || (function >= jit->function_count && residual == NULL) || what < JR_EMIT_LLVM || what > JR_EMIT_ASSEMBLY)
        return JR_ERR_INVALID;
    struct jr_job job = { .kind = JR_JOB_EMIT, .function = function, .what = (enum jr_emit)what, .refusal = out,
                          .residual = residual };
    jr_jit_push(jit, &job);
    jr_jit_wait_for(jit, &job);
    if (job.text == NULL)
        return JR_ERR_UNSUPPORTED;
    jr_sb_text(out, job.text);
    free(job.text);
    return jr_sb_status(out);
}
