/* block.c -- the residual program becomes a loop over frames (runtime/residual.h).
 *
 * The job belongs to the residual program that is installed.  When that goes, whoever takes it away waits until the compile thread no
 * longer reads it; its code is retired when the next one comes, or lives as long as the JIT. */
#include <stdio.h>
#include <string.h>

#include "jit/graph/plan.h"
#include "jit/internal.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

/* Beyond this many code words compiling takes longer than a second, and the original, compiled function by function, is the better choice. */
enum { MOST_CODE_WORDS = 12000 };
/* Stages of much more than this take LLVM longer than in proportion: 100 voices of bench/compile, 5105 code words, 3.5 s, 150 more than a minute. */
enum { MOST_STAGED_WORDS = 5500 };

static void ask(struct jr_jit *jit)
{
    jit->block_asked = true;
    jr_jit_push(jit, &jit->block);
}

enum jr_status jr_jit_block(struct jr_jit *jit)
{
    const struct jr_residual *residual = jr_vm_residual(jit->vm);
    if (!jit->thread_runs || residual == NULL)
        return JR_OK;
    jit->block = (struct jr_job){ .kind = JR_JOB_BLOCK, .function = residual->function, .loop_pc = JR_NONE,
                                  .tier = jit->config.mode == JR_JIT_QUICK ? JR_TIER_QUICK : JR_TIER_OPTIMISED,
                                  .residual = residual };
    atomic_store(&jit->block_cancelled, false);
    if (jit->config.mode != JR_JIT_AUTO) {
        ask(jit);
        jr_jit_wait_for(jit, &jit->block);
    } else {
        jr_vm_set_block_threshold(jit->vm, jit->block_frames);
    }
    return JR_OK;
}

void jr_jit_block_hot(void *user)
{
    struct jr_jit *jit = user;
    ask(jit);
    if (jit->config.synchronous)
        jr_jit_wait_for(jit, &jit->block);
}

void jr_jit_block_gone(void *user)
{
    struct jr_jit *jit = user;
    if (!jit->block_asked)
        return;
    atomic_store(&jit->block_cancelled, true);
    jr_jit_wait_for(jit, &jit->block);
    jit->block_asked = false;
}

/* ---- the compile thread ---- */

static void publish(struct jr_jit *jit, const struct jr_batch *batch, struct jr_unit *unit)
{
    union {
        jr_entry *entry;
        jr_block_entry *block;
    } code = { .entry = batch->items[0].entry };
    jr_vm_set_block_entry(jit->vm, code.block);
    if (jit->block_unit != NULL)
        jr_jit_unit_release(jit, jit->block_unit);
    jit->block_unit = unit;
    atomic_fetch_add(&jit->counters.blocks, 1);
    atomic_fetch_add(&jit->counters.code_bytes, batch->code_bytes);
    atomic_store(&jit->counters.block_bytes, batch->code_bytes);
    jr_jit_note_first(&jit->counters.first_block);
}

static void trace(struct jr_jit *jit, const struct jr_job *job, const struct jr_compile_item *item, const char *no_plan)
{
    char line[2 * JR_REFUSAL_BYTES + JR_PLAN_REASON_BYTES];
    const struct jr_function *function = &job->residual->module->functions[job->function];
    if (jit->config.trace == NULL)
        return;
    if (item->entry != NULL && item->plan != NULL)
        snprintf(line, sizeof line, "block: %s: %u code words, %u stages", function->name, function->code_count,
                 item->plan->stage_count);
    else if (item->entry != NULL)
        snprintf(line, sizeof line, "block: %s: %u code words, frame by frame: %s", function->name, function->code_count,
                 no_plan);
    else
        snprintf(line, sizeof line, "block: %s: refused: %s", function->name, item->refusal);
    jit->config.trace(jit->config.user, line);
}

struct jr_plan *jr_jit_plan(struct jr_jit *jit, const struct jr_job *job, char *reason)
{
    struct jr_plan *plan = NULL;
    if (job->tier == JR_TIER_QUICK)
        snprintf(reason, JR_PLAN_REASON_BYTES, "compiled quickly");
    else if (job->residual->module->functions[job->function].code_count > MOST_STAGED_WORDS)
        snprintf(reason, JR_PLAN_REASON_BYTES, "more than %d code words", MOST_STAGED_WORDS);
    else if (jr_plan_make(job->residual, jit->alloc, &plan, reason) == JR_ERR_NO_MEMORY)
        snprintf(reason, JR_PLAN_REASON_BYTES, "out of memory");
    return plan;
}

void jr_jit_run_block_job(struct jr_jit *jit, struct jr_job *job)
{
    char no_plan[JR_PLAN_REASON_BYTES] = "";
    struct jr_plan *plan = NULL;
    struct jr_compile_item item = { .function = job->function, .loop_pc = JR_NONE, .block = job->residual };
    struct jr_batch batch = { .module = job->residual->module, .tier = job->tier, .items = &item, .item_count = 1 };
    struct jr_unit *unit = NULL;
    if (atomic_load(&jit->block_cancelled))
        return;
    if (job->residual->module->functions[job->function].code_count > MOST_CODE_WORDS) {
        snprintf(item.refusal, sizeof item.refusal, "too large: %u code words, at most %d are compiled as a block",
                 job->residual->module->functions[job->function].code_count, MOST_CODE_WORDS);
    } else {
        item.plan = plan = jr_jit_plan(jit, job, no_plan);
        unit = jr_jit_compile(jit, "block", &batch);
    }
    if (item.entry != NULL)
        publish(jit, &batch, unit);
    else if (jit->compiler != NULL) /* else nothing is compiled, and the residual program is the better one to interpret */
        jr_vm_refuse_block(jit->vm);
    if (item.entry == NULL)
        atomic_fetch_add(&jit->counters.blocks_refused, 1);
    trace(jit, job, &item, no_plan);
    jr_plan_destroy(plan);
}
