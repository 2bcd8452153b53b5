/* instance.c -- running programs: life, frames, calls, and what other threads may ask of them. */
#include <stdio.h>

#include "host/library/internal.h"
#include "interp/interp.h"
#include "ir/base/sb.h"
#include "runtime/object.h"
#include "runtime/vm.h"

/* ---- how calls end ---- */

enum jitrun_status jr_instance_fail(struct jitrun_instance *instance, enum jr_status status, const char *text)
{
    if (status == JR_OK)
        instance->message[0] = '\0';
    else
        snprintf(instance->message, sizeof instance->message, "%s", text != NULL ? text : jr_status_text(status));
    return jr_library_status(status);
}

static enum jitrun_status misuse(struct jitrun_instance *instance, const char *text)
{
    return instance != NULL ? jr_instance_fail(instance, JR_ERR_INVALID, text) : JITRUN_ERR_INVALID;
}

static void show_diagnostics(struct jitrun_instance *instance)
{
    const struct jr_session *session = jr_version_of(instance)->session;
    instance->diagnostics = (struct jitrun_diagnostics){ session->run_diags, session->sources, &instance->counted.alloc };
}

/* Before the script runs: what went wrong in the last run is forgotten. */
static enum jr_status begin(struct jitrun_instance *instance)
{
    struct jr_session *session = jr_version_of(instance)->session;
    if (jr_diags_count(session->run_diags) > 0) {
        struct jr_diags *fresh;
        enum jr_status status = jr_diags_create(session->alloc, &fresh);
        if (status != JR_OK)
            return status;
        jr_diags_destroy(session->run_diags);
        session->run_diags = fresh;
        show_diagnostics(instance);
    }
    instance->running = true;
    return JR_OK;
}

/* What a run of the session answered, for the caller: errors of the script under their own names. */
static enum jitrun_status end(struct jitrun_instance *instance, enum jr_status status)
{
    const struct jr_version *version = jr_version_of(instance);
    const struct jr_error *error = jr_vm_error(version->session->vm);
    instance->running = false;
    if (status == JR_OK)
        return jr_instance_fail(instance, JR_OK, NULL);
    show_diagnostics(instance);
    if (status != JR_ERR_DIAGNOSED || error == NULL)
        return jr_instance_fail(instance, status, jr_session_failure(version->session));
    jr_library_announce(version->program->engine, &instance->diagnostics);
    return jr_instance_fail(instance, error->code, error->message);
}

#define CHECK_AT_REST(instance)                                                       \
    do {                                                                              \
        if ((instance) == NULL)                                                       \
            return JITRUN_ERR_INVALID;                                                \
        if ((instance)->running)                                                      \
            return JITRUN_ERR_INVALID; /* the message belongs to the call under way */ \
    } while (0)

#define CHECK_STARTED(instance)                                                      \
    do {                                                                             \
        CHECK_AT_REST(instance);                                                     \
        if (!jr_version_of(instance)->started)                                       \
            return jr_instance_fail((instance), JR_ERR_INVALID, "it was not started"); \
    } while (0)

/* ---- life ---- */

static struct jitrun_instance_config complete(const struct jitrun_config *engine,
                                              const struct jitrun_instance_config *given)
{
    struct jitrun_instance_config config = { .size = sizeof config };
    if (given != NULL)
        memcpy(&config, given, given->size < sizeof config ? given->size : sizeof config);
    if (!config.has_jit)
        config.jit = engine->jit;
    config.has_jit = true;
    if (config.sample_rate == 0)
        config.sample_rate = engine->sample_rate;
    if (config.limits.fuel == 0)
        config.limits.fuel = engine->limits.fuel;
    if (!(config.limits.seconds > 0.0))
        config.limits.seconds = engine->limits.seconds;
    if (config.limits.heap_bytes == 0)
        config.limits.heap_bytes = engine->limits.heap_bytes;
    if (config.limits.depth == 0)
        config.limits.depth = engine->limits.depth;
    return config;
}

enum jr_status jr_instance_fit_planar(struct jitrun_instance *instance, const struct jr_module *module)
{
    const struct jr_alloc *alloc = &instance->counted.alloc;
    size_t channels = module->dsp != JR_NONE ? (size_t)module->input_channels + module->output_channels : 0;
    double *block;
    if (channels <= instance->planar_channels)
        return JR_OK;
    block = jr_alloc_array(alloc, channels * JR_PLANAR_FRAMES, sizeof block[0]);
    if (block == NULL)
        return JR_ERR_NO_MEMORY;
    jr_alloc_free(alloc, instance->planar, instance->planar_channels * JR_PLANAR_FRAMES * sizeof block[0]);
    instance->planar = block;
    instance->planar_channels = channels;
    return JR_OK;
}

enum jitrun_status jitrun_instance_create(struct jitrun_program *program, const struct jitrun_instance_config *config,
                                          struct jitrun_instance **out)
{
    struct jitrun_engine *engine = program != NULL ? program->engine : NULL;
    char message[JR_LIBRARY_MESSAGE_BYTES] = "";
    struct jitrun_instance *instance;
    struct jr_version *version;
    enum jr_status status;
    if (out != NULL)
        *out = NULL;
    if (engine == NULL)
        return JITRUN_ERR_INVALID;
    if (out == NULL || !program->whole)
        return jr_engine_fail(engine, JR_ERR_INVALID, out == NULL ? "there is no place for the instance" : "the program has errors");
    if (config != NULL && (config->size < 2 * sizeof(size_t) || config->jit > JITRUN_JIT_EAGER || !(config->limits.seconds >= 0.0)))
        return jr_engine_fail(engine, JR_ERR_INVALID, "the configuration is malformed");
    instance = jr_alloc_new(&engine->alloc, sizeof *instance);
    if (instance == NULL)
        return jr_engine_fail(engine, JR_ERR_NO_MEMORY, NULL);
    jr_counted_init(&instance->counted, &engine->alloc);
    instance->config = complete(&engine->config, config);
    atomic_init(&instance->version, NULL);
    status = jr_version_create(instance, program, &version, message);
    if (status == JR_OK) {
        atomic_store(&instance->version, version);
        status = jr_instance_fit_planar(instance, version->session->module);
    }
    if (status != JR_OK) {
        jr_engine_fail(engine, status, message[0] != '\0' ? message : NULL);
        if (jr_version_of(instance) != NULL)
            jr_version_destroy(instance, version);
        jr_alloc_free(&engine->alloc, instance, sizeof *instance);
        return jr_library_status(status);
    }
    show_diagnostics(instance);
    *out = instance;
    return jr_engine_fail(engine, JR_OK, NULL);
}

void jitrun_instance_destroy(struct jitrun_instance *instance)
{
    struct jitrun_engine *engine;
    if (instance == NULL)
        return;
    engine = jr_version_of(instance)->program->engine;
    jr_engine_hold(engine);
    jr_version_destroy(instance, jr_version_of(instance));
    jr_alloc_free(&instance->counted.alloc, instance->planar,
                  instance->planar_channels * JR_PLANAR_FRAMES * sizeof instance->planar[0]);
    jr_alloc_free(&engine->alloc, instance, sizeof *instance);
    jr_engine_release(engine);
}

enum jitrun_status jitrun_instance_start(struct jitrun_instance *instance)
{
    enum jr_status status;
    CHECK_AT_REST(instance);
    if (jr_version_of(instance)->started)
        return misuse(instance, "it was started before");
    status = begin(instance);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, NULL);
    status = jr_version_start(jr_version_of(instance));
    return end(instance, status);
}

/* ---- frames ---- */

enum jitrun_status jitrun_process(struct jitrun_instance *instance, const double *in, double *out, size_t frame_count)
{
    enum jr_status status;
    size_t done;
    CHECK_STARTED(instance);
    status = begin(instance);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, NULL);
    status = jr_session_process_input(jr_version_of(instance)->session, in, out, frame_count, &done);
    return end(instance, status);
}

static void interleave(const double *const *in, size_t channels, size_t first, size_t count, double *to)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t f = 0; f < count; f++)
            to[f * channels + c] = in[c] != NULL ? in[c][first + f] : 0.0;
}

static void separate(const double *from, size_t channels, size_t first, size_t count, double *const *out)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t f = 0; out[c] != NULL && f < count; f++)
            out[c][first + f] = from[f * channels + c];
}

enum jitrun_status jitrun_process_planar(struct jitrun_instance *instance, const double *const *in, double *const *out,
                                         size_t frame_count)
{
    enum jr_status status;
    CHECK_STARTED(instance);
    status = begin(instance);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, NULL);
    struct jr_session *session = jr_version_of(instance)->session;
    size_t inputs = session->module->input_channels, outputs = session->module->output_channels;
    double *from = instance->planar, *to = instance->planar + inputs * JR_PLANAR_FRAMES;
    size_t first = 0;
    do { /* once also for no frames: a program without dsp is told */
        size_t count = frame_count - first < JR_PLANAR_FRAMES ? frame_count - first : JR_PLANAR_FRAMES, done = 0;
        if (in != NULL)
            interleave(in, inputs, first, count, from);
        status = jr_session_process_input(session, in != NULL && inputs > 0 ? from : NULL,
                                          out != NULL && outputs > 0 ? to : NULL, count, &done);
        if (out != NULL)
            separate(to, outputs, first, done, out);
        first += count;
    } while (status == JR_OK && first < frame_count);
    return end(instance, status);
}

uint64_t jitrun_instance_frame(const struct jitrun_instance *instance)
{
    return instance != NULL ? jr_vm_frame(jr_version_of(instance)->session->vm) : 0;
}

bool jitrun_instance_next_task(const struct jitrun_instance *instance, uint64_t *frame)
{
    uint64_t next = 0;
    bool there = instance != NULL && jr_session_next_task(jr_version_of(instance)->session, &next);
    if (frame != NULL)
        *frame = next;
    return there;
}

enum jitrun_status jitrun_instance_run_tasks(struct jitrun_instance *instance, uint64_t frame)
{
    enum jr_status status;
    CHECK_STARTED(instance);
    status = begin(instance);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, NULL);
    status = jr_session_run_tasks(jr_version_of(instance)->session, frame);
    return end(instance, status);
}

/* ---- calls ---- */

/* Words that a host can hold: numbers, strings and functions. */
static bool can_hold(const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind != JR_WORD_RAW && layout->words[i].kind != JR_WORD_STRING &&
            layout->words[i].kind != JR_WORD_CLOSURE)
            return false;
    return true;
}

enum jitrun_status jitrun_call_words(struct jitrun_instance *instance, const struct jitrun_function *function,
                                     const uint64_t *args, uint64_t *results)
{
    enum jr_status status;
    CHECK_STARTED(instance);
    const struct jr_version *version = jr_version_of(instance);
    const struct jr_module *module = version->session->module;
    if (function == NULL || function->program != version->program || function->index >= module->function_count)
        return misuse(instance, "the function is not one of the program that runs");
    const struct jr_function *code = &module->functions[function->index];
    const struct jr_signature *signature = &module->signatures[code->signature];
    if ((args == NULL && code->param_words > 0) || (results == NULL && code->result_words > 0))
        return misuse(instance, "arguments or results are missing");
    if (!can_hold(&module->layouts[signature->param_layout]) || !can_hold(&module->layouts[signature->result_layout]))
        return jr_instance_fail(instance, JR_ERR_UNSUPPORTED, "a host cannot hold values of the function's type");
    status = begin(instance);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, NULL);
    status = jr_vm_call(version->session->vm, function->index, args, results);
    if (status != JR_OK)
        status = jr_session_diagnose_run(version->session);
    return end(instance, status);
}

enum jitrun_status jitrun_call_numbers(struct jitrun_instance *instance, const struct jitrun_function *function,
                                       const double *args, double *results)
{
    if (function == NULL || !function->numbers)
        return misuse(instance, "the function does not only take and give numbers");
    _Static_assert(sizeof(double) == sizeof(uint64_t), "a number is one word");
    return jitrun_call_words(instance, function, (const uint64_t *)args, (uint64_t *)results);
}

enum jitrun_status jitrun_instance_call_value(struct jitrun_instance *instance, uint64_t function, double argument,
                                              double *result)
{
    struct jr_closure *closure = (struct jr_closure *)(uintptr_t)function;
    uint64_t words[1] = { jitrun_word(argument) };
    enum jr_status status;
    if (result != NULL)
        *result = 0.0;
    CHECK_STARTED(instance);
    if (result == NULL || closure == NULL || closure->head.kind != JR_OBJECT_CLOSURE ||
        closure->function->code->param_words > 1 || closure->function->code->result_words != 1)
        return misuse(instance, "this is no function of one number or of nothing that gives a number");
    status = begin(instance);
    if (status != JR_OK)
        return jr_instance_fail(instance, status, NULL);
    struct jr_session *session = jr_version_of(instance)->session;
    status = jr_vm_call_closure(session->vm, closure, words, words);
    if (status == JR_OK)
        *result = jitrun_number(words[0]);
    else
        status = jr_session_diagnose_run(session);
    return end(instance, status);
}

/* ---- looking at it ---- */

const char *jitrun_instance_message(const struct jitrun_instance *instance)
{
    return instance != NULL ? instance->message : "";
}

const struct jitrun_diagnostics *jitrun_instance_diagnostics(const struct jitrun_instance *instance)
{
    return instance != NULL ? &instance->diagnostics : NULL;
}

void *jitrun_instance_user(const struct jitrun_instance *instance)
{
    return instance != NULL ? instance->config.user : NULL;
}

struct jitrun_program *jitrun_instance_program(const struct jitrun_instance *instance)
{
    return instance != NULL ? jr_version_of(instance)->program : NULL;
}

size_t jitrun_instance_size(const struct jitrun_instance *instance)
{
    struct jitrun_instance *own = (struct jitrun_instance *)(uintptr_t)instance;
    return instance != NULL ? atomic_load(&own->counted.bytes) + sizeof *instance : 0;
}

enum jitrun_status jitrun_instance_get_statistics(struct jitrun_instance *instance, struct jitrun_statistics *out)
{
    struct jitrun_statistics result = { .size = sizeof result };
    struct jr_session_stats stats;
    if (instance == NULL)
        return JITRUN_ERR_INVALID;
    const struct jr_session *session = jr_version_of(instance)->session;
    jr_session_get_stats(session, &stats);
    result.frames = stats.frames;
    result.compile_source_seconds = stats.source_seconds;
    result.start_seconds = stats.init_seconds;
    result.process_seconds = stats.dsp_seconds;
    result.jit_seconds = stats.jit.compile_seconds;
    result.code_bytes = stats.jit.code_bytes;
    result.functions_compiled = stats.jit.functions_compiled;
    result.functions_refused = stats.jit.functions_refused;
    result.dsp_compiled = strcmp(stats.tier, "compiled") == 0;
    result.dsp_specialised = stats.specialised;
    result.not_specialised = stats.not_specialised;
    result.heap_objects = stats.heap_live_objects;
    result.heap_bytes = stats.heap_live_bytes;
    result.heap_peak_bytes = stats.heap_peak_bytes;
    result.heap_allocations = stats.heap_allocations;
    result.fuel_used = stats.fuel_used;
    result.compiler_available = session->jit != NULL
                                    ? stats.jit.available
                                    : jitrun_engine_has_compiler(jr_version_of(instance)->program->engine);
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

enum jitrun_status jitrun_instance_get_tier(struct jitrun_instance *instance, size_t index, struct jitrun_tier *out)
{
    struct jitrun_tier result = { .size = sizeof result };
    if (instance == NULL)
        return JITRUN_ERR_INVALID;
    const struct jr_session *session = jr_version_of(instance)->session;
    if (index >= session->module->function_count)
        return JITRUN_ERR_NOT_FOUND;
    struct jr_function_entry *entry = &jr_vm_task(session->vm)->functions[index];
    result.function = session->module->functions[index].name;
    result.compiled = atomic_load_explicit(&entry->entry, memory_order_acquire) != jr_interp_entry;
    result.refusal = session->jit != NULL ? jr_jit_refusal(session->jit, (uint32_t)index) : NULL;
    result.calls = entry->call_count;
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

enum jitrun_status jitrun_instance_emit(struct jitrun_instance *instance, enum jitrun_stage stage, jitrun_sink *sink, void *user)
{
    static const enum jr_session_emit stages[] = { JR_SESSION_EMIT_SPECIALISED, JR_SESSION_EMIT_LLVM, JR_SESSION_EMIT_LLVM_OPT,
                                                   JR_SESSION_EMIT_ASM };
    struct jr_sb text;
    enum jitrun_status result;
    CHECK_AT_REST(instance);
    if (sink == NULL || stage > JITRUN_STAGE_ASSEMBLY)
        return misuse(instance, "there is no such stage, or no sink");
    if (stage < JITRUN_STAGE_SPECIALISED)
        return jitrun_program_emit(jr_version_of(instance)->program, stage, sink, user);
    struct jr_session *session = jr_version_of(instance)->session;
    jr_sb_init(&text, &instance->counted.alloc);
    enum jr_status status = jr_session_emit(session, stages[stage - JITRUN_STAGE_SPECIALISED], &text);
    jr_instance_fail(instance, status, status != JR_OK ? jr_session_failure(session) : NULL);
    result = jr_library_pour(&text, status, sink, user);
    jr_sb_fini(&text);
    return result;
}

/* ---- the compiler ---- */

enum jitrun_status jitrun_instance_set_jit(struct jitrun_instance *instance, enum jitrun_jit mode)
{
    CHECK_AT_REST(instance);
    if (mode > JITRUN_JIT_EAGER)
        return misuse(instance, "there is no such mode of the compiler");
    if (mode == instance->config.jit)
        return jr_instance_fail(instance, JR_OK, NULL);
    struct jr_session *session = jr_version_of(instance)->session;
    enum jr_status status = jr_session_set_jit(session, jr_library_jit(mode));
    instance->config.jit = status == JR_OK ? mode : JITRUN_JIT_OFF;
    return jr_instance_fail(instance, status, status != JR_OK ? jr_session_failure(session) : NULL);
}

enum jitrun_jit jitrun_instance_get_jit(const struct jitrun_instance *instance)
{
    return instance != NULL ? instance->config.jit : JITRUN_JIT_OFF;
}

void jitrun_instance_wait_compiled(struct jitrun_instance *instance)
{
    if (instance != NULL && !instance->running && jr_version_of(instance)->session->jit != NULL)
        jr_jit_drain(jr_version_of(instance)->session->jit);
}

/* ---- bounds ---- */

enum jitrun_status jitrun_instance_set_limits(struct jitrun_instance *instance, const struct jitrun_limits *limits)
{
    CHECK_AT_REST(instance);
    if (limits == NULL || !(limits->seconds >= 0.0))
        return misuse(instance, "there are no limits, or a time that is none");
    if (limits->depth != 0 && limits->depth != instance->config.limits.depth)
        return jr_instance_fail(instance, JR_ERR_UNSUPPORTED, "the depth of calls is settled when an instance is made");
    uint32_t depth = instance->config.limits.depth;
    instance->config.limits = *limits;
    instance->config.limits.depth = depth;
    struct jr_limits own = { .fuel = limits->fuel, .seconds = limits->seconds, .heap_bytes = limits->heap_bytes };
    jr_vm_set_limits(jr_version_of(instance)->session->vm, &own);
    return jr_instance_fail(instance, JR_OK, NULL);
}

/* ---- from other threads ---- */

/* The version, which is not freed before the matching leave. */
static struct jr_version *enter(struct jitrun_instance *instance)
{
    atomic_fetch_add(&instance->readers, 1);
    return atomic_load(&instance->version);
}

static void leave(struct jitrun_instance *instance)
{
    atomic_fetch_sub(&instance->readers, 1);
}

void jitrun_instance_interrupt(struct jitrun_instance *instance)
{
    if (instance == NULL)
        return;
    jr_vm_interrupt(enter(instance)->session->vm);
    leave(instance);
}

enum jitrun_status jitrun_set_control(struct jitrun_instance *instance, const char *name, double value)
{
    struct jr_version *version, *before;
    struct jr_control *control;
    if (instance == NULL || name == NULL)
        return JITRUN_ERR_INVALID;
    version = enter(instance);
    do { /* again in the new version, if there is one by then */
        before = version;
        control = jr_controls_find(&version->session->controls, name);
        if (control != NULL)
            atomic_store(&control->value, value);
        version = atomic_load(&instance->version);
    } while (version != before);
    leave(instance);
    return control != NULL ? JITRUN_OK : JITRUN_ERR_NOT_FOUND;
}

enum jitrun_status jitrun_get_control(struct jitrun_instance *instance, const char *name, double *value)
{
    const struct jr_control *control;
    if (value != NULL)
        *value = 0.0;
    if (instance == NULL || name == NULL || value == NULL)
        return JITRUN_ERR_INVALID;
    control = jr_controls_find(&enter(instance)->session->controls, name);
    if (control != NULL)
        *value = atomic_load(&((struct jr_control *)(uintptr_t)control)->value);
    leave(instance);
    return control != NULL ? JITRUN_OK : JITRUN_ERR_NOT_FOUND;
}

size_t jitrun_read_probe(struct jitrun_instance *instance, const char *name, double *values, size_t capacity, uint64_t *total)
{
    struct jr_probe *probe;
    uint64_t written = 0;
    size_t count = 0;
    if (instance != NULL && name != NULL && (values != NULL || capacity == 0)) {
        probe = jr_probes_find(&enter(instance)->session->probes, name);
        if (probe != NULL)
            count = jr_probe_read(probe, values, capacity, &written);
        leave(instance);
    }
    if (total != NULL)
        *total = written;
    return count;
}
