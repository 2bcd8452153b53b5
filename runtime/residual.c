/* residual.c -- installing a specialised dsp, and rendering with it. */
#include "runtime/residual.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/assert.h"
#include "runtime/ops.h"
#include "runtime/vm_state.h"

/* State that was moved lives as long as the program: what is installed next moves it again, but old blocks are few. */
struct jr_state_block {
    struct jr_state_block *next;
    size_t bytes; /* of all of this */
    uint64_t words[];
};

struct jr_installed {
    struct jr_residual *residual;
    struct jr_function_entry entry;
    struct jr_closure *closure;
    uint64_t frames, threshold; /* interpreted so far; when block_hot is called */
};

static size_t closure_bytes(const struct jr_residual *residual)
{
    const struct jr_function *code = &residual->module->functions[residual->function];
    return sizeof(struct jr_closure) + code->capture_words * sizeof(uint64_t);
}

void jr_residual_destroy(struct jr_residual *residual)
{
    if (residual != NULL)
        jr_module_destroy(residual->module); /* all of it lies in the module's arena */
}

static enum jr_status move_state(struct jr_vm *vm, const struct jr_residual *residual, uint64_t **out)
{
    size_t words = residual->module->functions[residual->function].state_words;
    size_t bytes = sizeof(struct jr_state_block) + words * sizeof(uint64_t);
    struct jr_state_block *block = jr_alloc_new(vm->alloc, bytes);
    if (block == NULL)
        return JR_ERR_NO_MEMORY;
    block->next = vm->state_blocks;
    block->bytes = bytes;
    vm->state_blocks = block;
    for (uint32_t i = 0; i < residual->region_count; i++) {
        const struct jr_region *region = &residual->regions[i];
        memcpy(block->words + region->offset, region->closure->state, region->words * sizeof(uint64_t));
        region->closure->state = block->words + region->offset;
    }
    *out = block->words;
    return JR_OK;
}

void jr_vm_free_state_blocks(struct jr_vm *vm)
{
    while (vm->state_blocks) {
        struct jr_state_block *block = vm->state_blocks;
        vm->state_blocks = block->next;
        jr_alloc_free(vm->alloc, block, block->bytes);
    }
}

static void describe_entry(struct jr_vm *vm, struct jr_installed *installed)
{
    const struct jr_residual *residual = installed->residual;
    const struct jr_function *code = &residual->module->functions[residual->function];
    struct jr_function_entry *entry = &installed->entry;
    atomic_init(&entry->entry, vm->config.entry);
    entry->code = code;
    entry->code_start = code->code;
    entry->constants = code->constants;
    entry->closure = installed->closure;
    entry->index = residual->function;
    entry->reg_count = code->reg_count;
    entry->fuel_cost = 0; /* it has CHARGE where the original charges */
    entry->result_words = code->result_words;
    entry->call_threshold = entry->loop_threshold = UINT32_MAX;
}

enum jr_status jr_vm_install(struct jr_vm *vm, struct jr_residual *residual)
{
    const struct jr_function *code = &residual->module->functions[residual->function];
    const struct jr_limits *limits = &vm->config.limits;
    struct jr_installed *installed = NULL;
    uint64_t *state;
    enum jr_status status;
    JR_ASSERT(vm->nesting == 0, "residual programs are installed between runs");
    uint64_t needed = residual->stack_words > code->reg_count ? residual->stack_words : code->reg_count;
    /* at the end of the stack blocks find silence and leave what nobody wants */
    needed += vm->module->input_channels + vm->module->output_channels;
    if (residual->depth >= limits->depth || needed > limits->stack_words) {
        status = JR_ERR_UNSUPPORTED;
        goto done;
    }
    jr_vm_uninstall(vm);
    status = JR_ERR_NO_MEMORY;
    installed = jr_alloc_new(vm->alloc, sizeof *installed);
    if (installed == NULL)
        goto done;
    installed->closure = jr_alloc_new(vm->alloc, closure_bytes(residual));
    if (installed->closure == NULL)
        goto done;
    JR_TRY(move_state(vm, residual, &state));
    installed->residual = residual;
    installed->threshold = UINT64_MAX;
    installed->closure->head =
        (struct jr_object){ .count = 1, .kind = JR_OBJECT_CLOSURE, .flags = JR_OBJECT_STATIC };
    installed->closure->function = &installed->entry;
    installed->closure->state = state;
    if (code->capture_words)
        memcpy(installed->closure->words, residual->known, code->capture_words * sizeof(uint64_t));
    describe_entry(vm, installed);
    vm->installed = installed;
    return JR_OK;
done:
    if (installed)
        jr_alloc_free(vm->alloc, installed->closure, closure_bytes(residual));
    jr_alloc_free(vm->alloc, installed, sizeof *installed);
    jr_residual_destroy(residual);
    return status;
}

void jr_vm_uninstall(struct jr_vm *vm)
{
    struct jr_installed *installed = vm->installed;
    if (installed == NULL)
        return;
    vm->installed = NULL;
    if (vm->hooks.block_gone)
        vm->hooks.block_gone(vm->hooks.user);
    atomic_store_explicit(&vm->block_entry, NULL, memory_order_relaxed);
    atomic_store_explicit(&vm->block_refused, false, memory_order_relaxed);
    jr_alloc_free(vm->alloc, installed->closure, closure_bytes(installed->residual));
    jr_residual_destroy(installed->residual);
    jr_alloc_free(vm->alloc, installed, sizeof *installed);
}

const struct jr_residual *jr_vm_residual(const struct jr_vm *vm)
{
    return vm->installed ? vm->installed->residual : NULL;
}

void jr_vm_set_block_entry(struct jr_vm *vm, jr_block_entry *entry)
{
    atomic_store_explicit(&vm->block_entry, entry, memory_order_release);
}

void jr_vm_refuse_block(struct jr_vm *vm)
{
    atomic_store_explicit(&vm->block_refused, true, memory_order_relaxed);
}

void jr_vm_set_block_threshold(struct jr_vm *vm, uint64_t frames)
{
    if (vm->installed)
        vm->installed->threshold = frames;
}

/* ---- rendering ---- */

/* Sees to it that the budget covers a frame.  *covered is false if the fuel may end in it.  An error is one of dsp's first instruction, where the
 * original would have met it. */
static int refill(struct jr_vm *vm, uint64_t fuel, bool *covered)
{
    struct jr_task *task = &vm->task;
    if (task->budget < (int64_t)fuel && jr_rt_poll(task) != JR_RUN_OK) {
        jr_rt_unwind_frame(task, &vm->module->functions[vm->module->dsp], 0, task->stack);
        return JR_RUN_ERROR;
    }
    *covered = task->budget >= (int64_t)fuel;
    return JR_RUN_OK;
}

static int run_block(struct jr_vm *vm, jr_block_entry *entry, const double *in, double *out, size_t count,
                     size_t *done)
{
    struct jr_installed *installed = vm->installed;
    uint32_t inputs = vm->module->input_channels, outputs = vm->module->output_channels;
    struct jr_task *task = &vm->task;
    struct jr_block block = { .first = vm->frames, .frame_count = count };
    double *silence = (double *)task->stack_end - inputs, *discarded = silence - outputs;
    int run;
    if (in == NULL)
        memset(silence, 0, inputs * sizeof silence[0]);
    block.in = in ? in : silence;
    block.in_step = in ? inputs : 0;
    block.out = out ? out : discarded;
    block.out_step = out ? outputs : 0;
    task->exit_pc = JR_NONE;
    run = entry(task, task->stack, installed->closure->state, installed->closure, &block);
    *done = (size_t)block.done;
    vm->clock = vm->frames + block.done;
    if (run == JR_RUN_OK)
        return run;
    return jr_rt_after_call(task, &installed->entry, run, task->stack, installed->closure->state, installed->closure,
                            vm->config.limits.depth);
}

int jr_vm_run_installed(struct jr_vm *vm, const double *in, double *out, size_t count, size_t *done)
{
    struct jr_installed *installed = vm->installed;
    jr_block_entry *entry;
    bool covered = false;
    int run;
    *done = 0;
    if (atomic_load_explicit(&vm->block_refused, memory_order_relaxed))
        return JR_RUN_OK;
    run = refill(vm, installed->residual->fuel_at_most, &covered);
    if (run != JR_RUN_OK || !covered)
        return run;
    if (++installed->frames >= installed->threshold) {
        installed->threshold = UINT64_MAX;
        if (vm->hooks.block_hot)
            vm->hooks.block_hot(vm->hooks.user);
    }
    entry = atomic_load_explicit(&vm->block_entry, memory_order_acquire);
    if (entry)
        return run_block(vm, entry, in, out, installed->residual->schedules ? 1 : count, done);
    run = jr_vm_run_frame(vm, installed->closure, in, out);
    *done = run == JR_RUN_OK;
    return run;
}
