/* policy.c -- which function is compiled when, and how well.
 *
 *   interpreted --quick_calls--> quick code asked for --optimised_calls--> optimised code asked for
 *   a loop header --loop_count rounds--> optimised code that begins there
 *
 * Hooks run on the VM's thread, from the interpreter and from quick code, which goes on counting.  They neither allocate
 * nor lock, unless the configuration asks them to wait (synchronous). */
#include <string.h>

#include "ir/base/alloc.h"
#include "jit/flow.h"
#include "jit/internal.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

enum {
    QUICK_CALLS = 100,
    OPTIMISED_CALLS = 2000,
    LOOP_COUNT = 2000,
    /* dsp is the hottest there is, so it is compiled at once, but not for the few frames of a trial. */
    BLOCK_FRAMES = 16,
    /* Beyond this many code words only the quick tier is worth its time (docs/internals/jit.md). */
    MOST_OPTIMISED_CODE = 12000,
    STRESS_PRIME = 7,
};

static const struct jr_function *code_of(const struct jr_jit *jit, uint32_t function)
{
    return &jit->module->functions[function];
}

enum jr_tier jr_jit_best_tier(const struct jr_jit *jit, uint32_t function)
{
    if (jit->config.mode == JR_JIT_QUICK || code_of(jit, function)->code_count > MOST_OPTIMISED_CODE)
        return JR_TIER_QUICK;
    return JR_TIER_OPTIMISED;
}

/* ---- hooks ---- */

static void ask(struct jr_jit *jit, struct jr_job *job)
{
    jr_jit_push(jit, job);
    if (jit->config.synchronous)
        jr_jit_wait_for(jit, job);
}

void jr_jit_call_hot(struct jr_function_entry *entry)
{
    struct jr_tier_state *state = entry->tier_data;
    struct jr_jit *jit = state->jit;
    bool never = entry->call_threshold == UINT32_MAX; /* quick code has counted that far */
    entry->call_threshold = UINT32_MAX;
    if (never || entry->tier == JR_TIER_OPTIMISED) {
        entry->call_count = 0;
        return;
    }
    if (entry->tier == JR_TIER_NONE) {
        if (jr_jit_best_tier(jit, entry->index) == JR_TIER_OPTIMISED)
            entry->call_threshold = jit->config.optimised_calls;
        entry->tier = JR_TIER_QUICK;
        atomic_store_explicit(&state->asked, JR_TIER_QUICK, memory_order_relaxed);
        ask(jit, &state->quick);
    } else {
        entry->tier = JR_TIER_OPTIMISED;
        atomic_store_explicit(&state->asked, JR_TIER_OPTIMISED, memory_order_relaxed);
        ask(jit, &state->optimised);
    }
}

static struct jr_loop *find_loop(const struct jr_tier_state *state, uint32_t pc)
{
    uint32_t low = 0, high = state->loop_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (state->loops[middle].pc < pc)
            low = middle + 1;
        else
            high = middle;
    }
    return &state->loops[low]; /* every target of a backward jump is in the list */
}

jr_entry *jr_jit_loop_hot(struct jr_function_entry *entry, uint32_t pc)
{
    struct jr_tier_state *state = entry->tier_data;
    struct jr_jit *jit = state->jit;
    struct jr_loop *loop = find_loop(state, pc);
    if (entry->loop_threshold == UINT32_MAX) { /* quick code has counted that far */
        entry->loop_count = 0;
        return NULL;
    }
    if (entry->loop_threshold != 0)
        loop->rounds = entry->loop_count; /* the first loop to report: taken for the one that did the counting */
    entry->loop_threshold = 0; /* from now on each loop is counted by itself, and entered as soon as it can be */
    if (!loop->asked && ++loop->rounds >= jit->config.loop_count) {
        loop->asked = true;
        ask(jit, &loop->job);
    }
    if (atomic_load_explicit(&loop->refused, memory_order_relaxed))
        entry->loop_threshold = UINT32_MAX;
    return atomic_load_explicit(&loop->entry, memory_order_acquire);
}

/* One counter for all VMs of a thread: what matters is that exits happen in all places, not when. */
int jr_jit_stress_poll(void)
{
    static _Thread_local unsigned polls;
    return ++polls % STRESS_PRIME == 0;
}

/* The callee has charged nothing yet.  The charge is taken back after the poll, because entering makes it again. */
int jr_jit_poll_entry(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                      uint32_t depth_left)
{
    struct jr_function_entry *function = closure->function;
    task->budget -= function->fuel_cost;
    if (jr_rt_poll(task) != JR_RUN_OK) {
        task->exit_pc = 0;
        return JR_RUN_ERROR;
    }
    task->budget += function->fuel_cost;
    if (task->budget < JR_BUDGET_RESERVE) /* the fuel is nearly used up: the interpreter looks at each charge */
        return jr_rt_interpret(task, frame, state, closure, depth_left);
    jr_entry *entry = atomic_load_explicit(&function->entry, memory_order_acquire);
    return entry(task, frame, state, closure, depth_left);
}

static void call_hot(void *user, struct jr_function_entry *function)
{
    (void)user;
    jr_jit_call_hot(function);
}

static jr_entry *loop_hot(void *user, struct jr_function_entry *function, uint32_t pc)
{
    (void)user;
    return jr_jit_loop_hot(function, pc);
}

/* The VM runs no code: whatever was retired before cannot be on a stack any more. */
static void quiescent(void *user)
{
    struct jr_jit *jit = user;
    atomic_fetch_add_explicit(&jit->epoch, 1, memory_order_acq_rel);
}

/* ---- tables ---- */

/* Calls `visit` for every target of a jump that is not behind the jump. */
static void each_backward_target(const struct jr_function *function, void (*visit)(void *user, uint32_t pc), void *user)
{
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (in.op == JR_OP_JUMP || in.op == JR_OP_JUMP_IF || in.op == JR_OP_JUMP_UNLESS) {
            if (jr_flow_target(pc, &in) <= pc)
                visit(user, jr_flow_target(pc, &in));
        } else if (in.op == JR_OP_SWITCH_I64) {
            const struct jr_jump_table *table = &function->tables[in.x];
            for (uint32_t i = 0; i < table->target_count; i++)
                if (table->targets[i] <= pc)
                    visit(user, table->targets[i]);
            if (table->fallback <= pc)
                visit(user, table->fallback);
        }
        pc += in.length;
    }
}

static void count_target(void *user, uint32_t pc)
{
    (void)pc;
    ++*(uint32_t *)user;
}

/* Keeps the loops sorted and each one single. */
static void add_target(void *user, uint32_t pc)
{
    struct jr_tier_state *state = user;
    uint32_t at = state->loop_count;
    while (at > 0 && state->loops[at - 1].pc > pc)
        at--;
    if (at > 0 && state->loops[at - 1].pc == pc)
        return;
    for (uint32_t i = state->loop_count; i > at; i--)
        state->loops[i].pc = state->loops[i - 1].pc;
    state->loops[at].pc = pc;
    state->loop_count++;
}

static void fill_state(struct jr_jit *jit, uint32_t function)
{
    struct jr_tier_state *state = &jit->tiers[function];
    state->jit = jit;
    state->quick = (struct jr_job){ .tier = JR_TIER_QUICK, .function = function, .loop_pc = JR_NONE };
    state->optimised = (struct jr_job){ .tier = JR_TIER_OPTIMISED, .function = function, .loop_pc = JR_NONE };
    each_backward_target(code_of(jit, function), add_target, state);
    for (uint32_t i = 0; i < state->loop_count; i++)
        state->loops[i].job = (struct jr_job){ .tier = jr_jit_best_tier(jit, function),
                                               .function = function,
                                               .loop_pc = state->loops[i].pc };
}

static void apply_defaults(struct jr_jit_config *config)
{
    if (config->quick_calls == 0)
        config->quick_calls = QUICK_CALLS;
    if (config->optimised_calls == 0)
        config->optimised_calls = OPTIMISED_CALLS;
    if (config->loop_count == 0)
        config->loop_count = LOOP_COUNT;
}

enum jr_status jr_jit_policy_init(struct jr_jit *jit)
{
    jit->block_frames = jit->config.quick_calls != 0 ? jit->config.quick_calls : BLOCK_FRAMES;
    apply_defaults(&jit->config);
    if (jit->function_count == 0)
        return JR_OK;
    for (uint32_t i = 0; i < jit->function_count; i++)
        each_backward_target(code_of(jit, i), count_target, &jit->loop_count);
    jit->tiers = jr_alloc_array(jit->alloc, jit->function_count, sizeof jit->tiers[0]);
    jit->interpreted = jr_alloc_array(jit->alloc, jit->function_count, sizeof jit->interpreted[0]);
    if (jit->loop_count > 0)
        jit->loops = jr_alloc_array(jit->alloc, jit->loop_count, sizeof jit->loops[0]);
    if (jit->tiers == NULL || jit->interpreted == NULL || (jit->loop_count > 0 && jit->loops == NULL))
        return JR_ERR_NO_MEMORY;
    uint32_t first_loop = 0;
    for (uint32_t i = 0; i < jit->function_count; i++) {
        struct jr_function_entry *entry = &jit->task->functions[i];
        jit->tiers[i].loops = jit->loops + first_loop;
        fill_state(jit, i);
        first_loop += jit->tiers[i].loop_count;
        jit->interpreted[i] = atomic_load_explicit(&entry->entry, memory_order_relaxed);
        entry->tier = JR_TIER_NONE;
        entry->tier_data = &jit->tiers[i];
        entry->call_threshold = jit->config.mode == JR_JIT_AUTO ? jit->config.quick_calls : UINT32_MAX;
        entry->loop_threshold = jit->config.loop_count;
    }
    struct jr_vm_hooks hooks = { .user = jit, .call_hot = call_hot, .loop_hot = loop_hot, .quiescent = quiescent,
                                 .block_hot = jr_jit_block_hot, .block_gone = jr_jit_block_gone };
    jr_vm_set_hooks(jit->vm, &hooks);
    return JR_OK;
}

void jr_jit_policy_fini(struct jr_jit *jit)
{
    if (jit->interpreted != NULL && jit->tiers != NULL) {
        jr_vm_set_hooks(jit->vm, NULL);
        jr_vm_set_block_entry(jit->vm, NULL);
        for (uint32_t i = 0; i < jit->function_count; i++) {
            struct jr_function_entry *entry = &jit->task->functions[i];
            char *refusal = atomic_load(&jit->tiers[i].refusal);
            if (refusal != NULL)
                jr_alloc_free(jit->alloc, refusal, strlen(refusal) + 1);
            if (entry->tier_data == NULL) /* not reached when creation failed */
                continue;
            atomic_store_explicit(&entry->entry, jit->interpreted[i], memory_order_relaxed);
            entry->call_threshold = entry->loop_threshold = UINT32_MAX;
            entry->tier = JR_TIER_NONE;
            entry->tier_data = NULL;
        }
    }
    jr_alloc_free(jit->alloc, jit->tiers, jit->function_count * sizeof jit->tiers[0]);
    jr_alloc_free(jit->alloc, jit->interpreted, jit->function_count * sizeof jit->interpreted[0]);
    jr_alloc_free(jit->alloc, jit->loops, jit->loop_count * sizeof jit->loops[0]);
}
