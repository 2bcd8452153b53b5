/* vm.c -- making and ending a VM. */
#include "runtime/vm.h"

#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/assert.h"
#include "runtime/rt.h"
#include "runtime/value.h"
#include "runtime/vm_state.h"

enum {
    DEFAULT_SAMPLE_RATE = 48000,
    DEFAULT_DEPTH = 100000,
    DEFAULT_STACK_WORDS = 1 << 21,
    DEFAULT_C_STACK_BYTES = 256 * 1024,
};

static void report_to_stderr(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "jitrun: %s\n", line);
}

static void apply_defaults(struct jr_vm_config *config)
{
    struct jr_limits *limits = &config->limits;
    if (config->alloc == NULL)
        config->alloc = jr_alloc_default();
    if (config->sample_rate == 0)
        config->sample_rate = DEFAULT_SAMPLE_RATE;
    if (config->report == NULL)
        config->report = report_to_stderr;
    if (limits->fuel == 0)
        limits->fuel = UINT64_MAX;
    if (limits->heap_bytes == 0)
        limits->heap_bytes = UINT64_MAX;
    if (limits->depth == 0)
        limits->depth = DEFAULT_DEPTH;
    if (limits->stack_words == 0)
        limits->stack_words = DEFAULT_STACK_WORDS;
    if (limits->c_stack_bytes == 0)
        limits->c_stack_bytes = DEFAULT_C_STACK_BYTES;
}

/* `count` may be 0: then nothing is allocated and that is no failure. */
static enum jr_status new_table(struct jr_vm *vm, size_t count, size_t size, void **out)
{
    *out = NULL;
    if (count == 0)
        return JR_OK;
    *out = jr_alloc_array(vm->alloc, count, size);
    return *out ? JR_OK : JR_ERR_NO_MEMORY;
}
#define NEW_TABLE(count, pointer) new_table(vm, (count), sizeof *(pointer), (void **)&(pointer))
#define FREE_TABLE(count, pointer) jr_alloc_free(vm->alloc, (pointer), (count) * sizeof *(pointer))

/* Committed by use: not cleared, so with a lazy allocator only pages that are touched cost anything. */
static void *new_untouched(struct jr_vm *vm, size_t bytes)
{
    return vm->alloc->realloc(vm->alloc->user, NULL, 0, bytes);
}

static enum jr_status make_stack(struct jr_vm *vm)
{
    const struct jr_limits *limits = &vm->config.limits;
    vm->task.stack = new_untouched(vm, limits->stack_words * sizeof vm->task.stack[0]);
    if (vm->task.stack == NULL)
        return JR_ERR_NO_MEMORY;
    vm->task.stack_end = vm->task.stack + limits->stack_words;
    vm->task.records = new_untouched(vm, ((size_t)limits->depth + 1) * sizeof vm->task.records[0]);
    return vm->task.records ? JR_OK : JR_ERR_NO_MEMORY;
}

static enum jr_status make_functions(struct jr_vm *vm)
{
    const struct jr_module *module = vm->module;
    struct jr_feedback *feedback;
    enum jr_status status;
    for (uint32_t i = 0; i < module->function_count; i++)
        vm->feedback_count += module->functions[i].feedback_count;
    JR_TRY(NEW_TABLE(module->function_count, vm->functions));
    JR_TRY(NEW_TABLE(module->function_count, vm->closures));
    JR_TRY(NEW_TABLE(module->function_count, vm->instances));
    JR_TRY(NEW_TABLE(vm->feedback_count, vm->feedback));
    feedback = vm->feedback;
    for (uint32_t i = 0; i < module->function_count; i++) {
        const struct jr_function *code = &module->functions[i];
        struct jr_function_entry *entry = &vm->functions[i];
        struct jr_closure *closure = &vm->closures[i];
        atomic_init(&entry->entry, vm->config.entry);
        entry->code = code;
        entry->code_start = code->code;
        entry->constants = code->constants;
        entry->closure = closure;
        entry->index = i;
        entry->reg_count = code->reg_count;
        entry->fuel_cost = code->fuel_cost;
        entry->result_words = code->result_words;
        entry->call_threshold = entry->loop_threshold = UINT32_MAX;
        entry->feedback = feedback;
        if (code->feedback_count)
            feedback += code->feedback_count;
        closure->head =
            (struct jr_object){ .count = 1, .kind = JR_OBJECT_CLOSURE, .flags = JR_OBJECT_STATIC };
        closure->head.layout = code->capture_layout;
        closure->function = entry;
        closure->state = closure->words;
    }
    vm->task.functions = vm->functions;
done:
    return status;
}

/* Where counted words lie in the state of each function, those of its callees included. */
static enum jr_status list_state_refs(struct jr_vm *vm, uint32_t function)
{
    const struct jr_function *code = &vm->module->functions[function];
    struct jr_state_refs *refs = &vm->state_refs[function];
    uint32_t count = 0;
    for (uint32_t s = 0; s < code->site_count; s++) {
        const struct jr_state_site *site = &code->sites[s];
        if (site->kind == JR_SITE_SELF && vm->module->layouts[site->layout].has_refs)
            count++;
        else if (site->kind == JR_SITE_CALL)
            count += vm->state_refs[site->function].count;
    }
    if (count == 0)
        return JR_OK;
    refs->items = jr_alloc_array(vm->alloc, count, sizeof refs->items[0]);
    if (refs->items == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t s = 0; s < code->site_count; s++) {
        const struct jr_state_site *site = &code->sites[s];
        if (site->kind == JR_SITE_SELF && vm->module->layouts[site->layout].has_refs)
            refs->items[refs->count++] = (struct jr_state_ref){ site->offset, site->layout };
        else if (site->kind == JR_SITE_CALL)
            for (uint32_t i = 0; i < vm->state_refs[site->function].count; i++) {
                struct jr_state_ref ref = vm->state_refs[site->function].items[i];
                refs->items[refs->count++] = (struct jr_state_ref){ site->offset + ref.offset, ref.layout };
            }
    }
    return JR_OK;
}

/* Callees before callers: the verifier has proved that CALL sites do not go round. */
static enum jr_status make_state_refs(struct jr_vm *vm)
{
    const struct jr_module *module = vm->module;
    uint32_t *waiting = NULL, *order = NULL, ready = 0, done_count = 0;
    enum jr_status status;
    JR_TRY(NEW_TABLE(module->function_count, vm->state_refs));
    vm->heap.state_refs = vm->state_refs;
    JR_TRY(NEW_TABLE(module->function_count, waiting));
    JR_TRY(NEW_TABLE(module->function_count, order));
    /* From the callers down, as the verifier goes; then backwards. */
    for (uint32_t i = 0; i < module->function_count; i++)
        for (uint32_t s = 0; s < module->functions[i].site_count; s++)
            if (module->functions[i].sites[s].kind == JR_SITE_CALL)
                waiting[module->functions[i].sites[s].function]++;
    for (uint32_t i = 0; i < module->function_count; i++)
        if (waiting[i] == 0)
            order[ready++] = i;
    for (; done_count < ready; done_count++) {
        const struct jr_function *code = &module->functions[order[done_count]];
        for (uint32_t s = 0; s < code->site_count; s++)
            if (code->sites[s].kind == JR_SITE_CALL && --waiting[code->sites[s].function] == 0)
                order[ready++] = code->sites[s].function;
    }
    JR_ASSERT(ready == module->function_count, "the verifier rejects circles of state");
    for (uint32_t i = ready; i-- > 0;)
        JR_TRY(list_state_refs(vm, order[i]));
done:
    FREE_TABLE(module->function_count, waiting);
    FREE_TABLE(module->function_count, order);
    return status;
}

/* All strings of the program in one block, as static objects. */
static enum jr_status make_strings(struct jr_vm *vm)
{
    const struct jr_module *module = vm->module;
    enum jr_status status;
    char *at;
    for (uint32_t i = 0; i < module->string_count; i++)
        vm->string_bytes += (sizeof(struct jr_string) + module->string_sizes[i] + 1 + 15) / 16 * 16;
    JR_TRY(NEW_TABLE(module->string_count, vm->strings));
    vm->task.strings = vm->strings;
    if (vm->string_bytes == 0)
        goto done;
    vm->string_block = at = jr_alloc_new(vm->alloc, vm->string_bytes);
    if (at == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < module->string_count; i++) {
        struct jr_string *string = (struct jr_string *)at;
        string->head = (struct jr_object){ .count = 1, .kind = JR_OBJECT_STRING, .flags = JR_OBJECT_STATIC };
        string->size = module->string_sizes[i];
        memcpy(string->bytes, module->strings[i], module->string_sizes[i]);
        vm->strings[i] = string;
        at += (sizeof *string + string->size + 1 + 15) / 16 * 16;
    }
done:
    return status;
}

static enum jr_status check_entries(const struct jr_vm *vm)
{
    const struct jr_module *module = vm->module;
    for (uint32_t i = 0; i < module->function_count; i++)
        if (module->functions[i].reg_count > vm->config.limits.stack_words)
            return JR_ERR_LIMIT;
    return jr_value_check_nesting(module, vm->alloc);
}

static size_t instance_bytes(const struct jr_vm *vm, uint32_t function)
{
    return sizeof(struct jr_closure) + (size_t)vm->module->functions[function].state_words * sizeof(uint64_t);
}

int jr_vm_instance(struct jr_vm *vm, uint32_t function, struct jr_closure **out)
{
    struct jr_closure *instance = vm->instances[function];
    size_t bytes = instance_bytes(vm, function);
    if (vm->module->functions[function].state_words == 0)
        instance = &vm->closures[function];
    if (instance == NULL) {
        if (jr_heap_charge(&vm->task, bytes) != JR_RUN_OK)
            return JR_RUN_ERROR;
        instance = jr_alloc_new(vm->alloc, bytes);
        if (instance == NULL) {
            jr_heap_discharge(&vm->heap, bytes);
            return jr_rt_fail(&vm->task, JR_ERR_NO_MEMORY);
        }
        *instance = vm->closures[function];
        instance->head.count = 1;
        instance->state = instance->words;
        vm->instances[function] = instance;
    }
    *out = instance;
    return JR_RUN_OK;
}

/* Made beforehand, so that the first frame need not allocate. */
static enum jr_status make_dsp_instance(struct jr_vm *vm)
{
    struct jr_closure *instance;
    if (vm->module->dsp == JR_NONE || jr_vm_instance(vm, vm->module->dsp, &instance) == JR_RUN_OK)
        return JR_OK;
    return vm->error.code;
}

enum jr_status jr_vm_create(const struct jr_vm_config *given, const struct jr_module *module,
                            struct jr_vm **out)
{
    struct jr_vm_config config = *given;
    struct jr_vm *vm;
    enum jr_status status;
    *out = NULL;
    apply_defaults(&config);
    JR_ASSERT(module->verified, "only verified modules run");
    JR_ASSERT(config.entry && config.resume, "a VM needs an interpreter");
    vm = jr_alloc_new(config.alloc, sizeof *vm);
    if (vm == NULL)
        return JR_ERR_NO_MEMORY;
    vm->alloc = config.alloc;
    vm->module = module;
    vm->config = config;
    vm->globals_count = module->global_words;
    jr_heap_init(&vm->heap, config.alloc, module, NULL);
    vm->heap.stress = config.stress_heap || config.trace_heap;
    vm->heap.trace = config.trace_heap;
    vm->heap.limit_bytes = config.limits.heap_bytes;
    vm->heap.fuel_per_kib = config.limits.fuel_per_kib;
    vm->heap.report = config.report;
    vm->heap.user = config.user;
    vm->task.vm = vm;
    vm->task.heap = &vm->heap;
    vm->task.sample_rate = config.sample_rate;
    vm->task.place = UINT64_MAX;
    vm->task.exit_pc = JR_NONE;
    atomic_init(&vm->task.interrupted, 0);
    JR_TRY(check_entries(vm));
    JR_TRY(make_state_refs(vm));
    JR_TRY(jr_shapes_init(&vm->heap.shapes, vm->alloc, module));
    JR_TRY(make_functions(vm));
    JR_TRY(make_strings(vm));
    JR_TRY(NEW_TABLE(vm->globals_count, vm->task.globals));
    JR_TRY(make_stack(vm));
    JR_TRY(make_dsp_instance(vm));
    *out = vm, vm = NULL;
done:
    jr_vm_destroy(vm);
    return status;
}

void jr_vm_set_hooks(struct jr_vm *vm, const struct jr_vm_hooks *hooks)
{
    vm->hooks = hooks ? *hooks : (struct jr_vm_hooks){ 0 };
}

void jr_vm_drop_instance(struct jr_vm *vm, uint32_t function)
{
    struct jr_closure *instance = vm->instances ? vm->instances[function] : NULL;
    if (instance == NULL)
        return;
    jr_heap_drop_state(&vm->heap, instance->state, function);
    jr_heap_release_dead(&vm->heap);
    memset(instance->state, 0, vm->module->functions[function].state_words * sizeof(uint64_t));
}

static void free_instance(struct jr_vm *vm, uint32_t function)
{
    if (vm->instances == NULL || vm->instances[function] == NULL)
        return;
    jr_heap_discharge(&vm->heap, instance_bytes(vm, function));
    jr_alloc_free(vm->alloc, vm->instances[function], instance_bytes(vm, function));
    vm->instances[function] = NULL;
}

void jr_vm_census(struct jr_vm *vm)
{
    const struct jr_module *module = vm->module;
    jr_heap_census_begin(&vm->heap);
    for (uint32_t i = 0; i < module->global_count; i++)
        jr_heap_census_value(&vm->heap, vm->task.globals + module->globals[i].offset,
                             module->globals[i].layout);
    for (uint32_t i = 0; i < module->function_count; i++)
        if (vm->instances[i])
            jr_heap_census_state(&vm->heap, vm->instances[i]->state, i);
    for (size_t i = 0; i < vm->schedule.count; i++)
        jr_heap_census_object(&vm->heap, &vm->schedule.items[i].closure->head);
    jr_heap_census_end(&vm->heap);
}

uint64_t jr_vm_finish(struct jr_vm *vm)
{
    const struct jr_module *module = vm->module;
    if (vm->finished)
        return jr_heap_live_objects(&vm->heap);
    vm->finished = true;
    jr_vm_uninstall(vm);
    if (vm->heap.stress) {
        jr_heap_check(&vm->heap);
        jr_vm_census(vm);
    }
    for (uint32_t i = 0; i < module->global_count; i++)
        jr_rt_value_release(&vm->task, vm->task.globals + module->globals[i].offset,
                            module->globals[i].layout);
    if (vm->globals_count)
        memset(vm->task.globals, 0, vm->globals_count * sizeof vm->task.globals[0]);
    for (uint32_t i = 0; i < module->function_count; i++)
        jr_vm_drop_instance(vm, i);
    jr_schedule_fini(&vm->task, &vm->schedule);
    jr_heap_break_cycles(&vm->heap);
    for (uint32_t i = 0; i < module->function_count; i++)
        free_instance(vm, i);
    jr_vm_free_state_blocks(vm);
    if (vm->heap.stress)
        jr_heap_report_live(&vm->heap);
    return jr_heap_live_objects(&vm->heap);
}

void jr_vm_destroy(struct jr_vm *vm)
{
    const struct jr_module *module;
    if (vm == NULL)
        return;
    module = vm->module;
    if (vm->task.records) /* made as the last thing: before that no program has run */
        jr_vm_finish(vm);
    jr_heap_fini(&vm->heap);
    if (vm->state_refs)
        for (uint32_t i = 0; i < module->function_count; i++)
            FREE_TABLE(vm->state_refs[i].count, vm->state_refs[i].items);
    FREE_TABLE(module->function_count, vm->state_refs);
    FREE_TABLE(module->function_count, vm->functions);
    FREE_TABLE(module->function_count, vm->closures);
    FREE_TABLE(module->function_count, vm->instances);
    FREE_TABLE(vm->feedback_count, vm->feedback);
    FREE_TABLE(module->string_count, vm->strings);
    jr_alloc_free(vm->alloc, vm->string_block, vm->string_bytes);
    FREE_TABLE(module->import_count, vm->imports);
    FREE_TABLE(vm->globals_count, vm->task.globals);
    FREE_TABLE(vm->config.limits.stack_words, vm->task.stack);
    FREE_TABLE((size_t)vm->config.limits.depth + 1, vm->task.records);
    jr_alloc_free(vm->alloc, vm, sizeof *vm);
}

const struct jr_error *jr_vm_error(const struct jr_vm *vm)
{
    return vm->failed ? &vm->error : NULL;
}

void jr_vm_get_stats(const struct jr_vm *vm, struct jr_vm_stats *out)
{
    out->live_objects = jr_heap_live_objects(&vm->heap);
    out->live_bytes = jr_heap_live_bytes(&vm->heap);
    out->peak_bytes = vm->heap.peak_bytes;
    out->allocations = vm->heap.allocations;
    out->frames = vm->frames;
    out->fuel_used = jr_limits_fuel_used(vm);
}

uint64_t jr_vm_frame(const struct jr_vm *vm)
{
    return vm->frames;
}

void jr_vm_set_frame(struct jr_vm *vm, uint64_t frame)
{
    JR_ASSERT(vm->nesting == 0, "the clock is set between runs");
    vm->frames = vm->clock = frame;
    vm->task.now = (double)frame;
}

struct jr_task *jr_vm_task(struct jr_vm *vm)
{
    return &vm->task;
}

const struct jr_limits *jr_vm_limits(const struct jr_vm *vm)
{
    return &vm->config.limits;
}

const struct jr_module *jr_vm_module(const struct jr_vm *vm)
{
    return vm->module;
}

const struct jr_alloc *jr_vm_alloc(const struct jr_vm *vm)
{
    return vm->alloc;
}

uint64_t *jr_vm_dsp_state(struct jr_vm *vm)
{
    uint32_t dsp = vm->module->dsp;
    return dsp != JR_NONE && vm->instances[dsp] ? vm->instances[dsp]->state : NULL;
}

const uint64_t *jr_vm_globals(const struct jr_vm *vm)
{
    return vm->task.globals;
}

void jr_vm_release(struct jr_vm *vm, const uint64_t *words, uint32_t layout)
{
    jr_rt_value_release(&vm->task, words, layout);
}

void jr_vm_interrupt(struct jr_vm *vm)
{
    atomic_store_explicit(&vm->task.interrupted, 1, memory_order_relaxed);
}
