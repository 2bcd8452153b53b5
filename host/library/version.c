/* version.c -- what an instance runs: a session of its program, linked to the host's functions. */
#include <sched.h>
#include <stdio.h>

#include "host/library/internal.h"
#include "runtime/fp.h"
#include "runtime/ops.h"
#include "runtime/rt.h"
#include "runtime/vm_state.h"

/* ---- host functions ---- */

struct jitrun_call {
    struct jr_task *task;
    struct jitrun_instance *instance;
    const struct jr_library_function *function;
};

/* The host's code runs in the floating-point environment of its thread. */
static int call_host(struct jr_task *task, void *user, uint64_t *words)
{
    const struct jr_library_link *link = user;
    struct jitrun_call call = { task, link->instance, link->function };
    uint64_t mode = jr_fp_enter();
    enum jitrun_status status;
    jr_fp_leave(task->vm->fp_before);
    status = link->function->call(&call, link->function->user, words);
    jr_fp_leave(mode);
    if (status == JITRUN_OK)
        return JR_RUN_OK;
    if (task->error == NULL && status == JITRUN_ERR_NO_MEMORY)
        return jr_rt_fail(task, JR_ERR_NO_MEMORY);
    return JR_RUN_ERROR; /* the caller makes an error if there is none */
}

enum jitrun_status jitrun_call_fail(struct jitrun_call *call, const char *message)
{
    if (call == NULL)
        return JITRUN_ERR_INVALID;
    jr_error_raise(call->task, JR_ERR_HOST, "%s: %.200s", call->function->type.name,
                   message != NULL ? message : "failed");
    return JITRUN_ERR_HOST;
}

struct jitrun_instance *jitrun_call_instance(const struct jitrun_call *call)
{
    return call != NULL ? call->instance : NULL;
}

uint64_t jitrun_call_frame(const struct jitrun_call *call)
{
    return call != NULL ? call->task->vm->clock : 0;
}

const char *jitrun_string(uint64_t word, size_t *length)
{
    const struct jr_string *string = (const struct jr_string *)(uintptr_t)word;
    if (length != NULL)
        *length = string != NULL ? (size_t)string->size : 0;
    return string != NULL ? string->bytes : "";
}

enum jitrun_status jitrun_call_string(struct jitrun_call *call, const char *text, size_t length, uint64_t *word)
{
    if (word != NULL)
        *word = 0;
    if (call == NULL || word == NULL || (text == NULL && length > 0))
        return JITRUN_ERR_INVALID;
    if (jr_rt_string_new(call->task, word, text, length) == JR_RUN_OK)
        return JITRUN_OK;
    *word = 0;
    return jr_library_status(call->task->vm->error.code);
}

/* The closure of a function value that the host may call; NULL if the word is none. */
static struct jr_closure *callable(uint64_t word)
{
    struct jr_closure *closure = (struct jr_closure *)(uintptr_t)word;
    if (closure == NULL || closure->head.kind != JR_OBJECT_CLOSURE || closure->function->code->param_words > 1 ||
        closure->function->code->result_words != 1)
        return NULL;
    return closure;
}

enum jitrun_status jitrun_call_function(struct jitrun_call *call, uint64_t function, double argument, double *result)
{
    struct jr_closure *closure = callable(function);
    uint64_t words[1] = { jitrun_word(argument) }, mode;
    enum jr_status status;
    if (result != NULL)
        *result = 0.0;
    if (call == NULL || closure == NULL || result == NULL)
        return JITRUN_ERR_INVALID;
    mode = jr_fp_enter();
    status = jr_vm_call_closure(call->task->vm, closure, words, words);
    jr_fp_leave(mode);
    if (status == JR_OK)
        *result = jitrun_number(words[0]);
    return jr_library_status(status);
}

void jitrun_value_retain(uint64_t word)
{
    jr_retain(word);
}

void jitrun_call_release(struct jitrun_call *call, uint64_t word)
{
    if (call != NULL)
        jr_release(call->task, word);
}

enum jitrun_status jitrun_value_release(struct jitrun_instance *instance, uint64_t word)
{
    if (instance == NULL || instance->running)
        return JITRUN_ERR_INVALID;
    jr_release(jr_vm_task(jr_version_of(instance)->session->vm), word);
    return JITRUN_OK;
}

/* ---- making and ending ---- */

static void print(void *user, const char *text, size_t length)
{
    const struct jr_version *version = user;
    const struct jitrun_instance *instance = version->instance;
    const struct jitrun_config *config = &version->program->engine->config;
    if (instance->config.print != NULL)
        instance->config.print(instance->config.user, text, length);
    else if (config->print != NULL)
        config->print(config->user, text, length);
    else
        fwrite(text, 1, length, stdout);
}

static void line(void *user, const char *text)
{
    const struct jr_version *version = user;
    const struct jitrun_config *config = &version->program->engine->config;
    if (config->log != NULL)
        config->log(config->user, text);
}

static enum jr_status link_functions(struct jr_version *version, struct jitrun_instance *instance)
{
    const struct jitrun_program *program = version->program;
    const struct jr_alloc *alloc = &instance->counted.alloc;
    size_t count = program->function_count;
    if (count == 0)
        return JR_OK;
    version->links = jr_alloc_array(alloc, count, sizeof version->links[0]);
    version->functions = jr_alloc_array(alloc, count, sizeof version->functions[0]);
    if (version->links == NULL || version->functions == NULL)
        return JR_ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct jr_library_function *function = program->functions[i];
        version->links[i] = (struct jr_library_link){ function, instance };
        version->functions[i] = (struct jr_host_function){ function->type.name, function->words[0], function->words[1],
                                                           call_host, &version->links[i], false };
    }
    return JR_OK;
}

enum jr_status jr_version_create(struct jitrun_instance *instance, struct jitrun_program *program, struct jr_version **out,
                                 char message[JR_LIBRARY_MESSAGE_BYTES])
{
    const struct jitrun_instance_config *config = &instance->config;
    const struct jitrun_config *engine = &program->engine->config;
    struct jr_version *version = jr_alloc_new(&instance->counted.alloc, sizeof *version);
    struct jr_session_config session = { 0 };
    enum jr_status status;
    message[0] = '\0';
    *out = NULL;
    if (version == NULL)
        return JR_ERR_NO_MEMORY;
    jr_program_hold(program);
    version->program = program;
    version->instance = instance;
    JR_TRY(link_functions(version, instance));
    session.alloc = &instance->counted.alloc;
    session.sample_rate = config->sample_rate;
    session.hosts = program->types;
    session.host_functions = version->functions;
    session.host_count = (uint32_t)program->function_count;
    session.probe_values = engine->probe_values > 0 ? engine->probe_values : 1;
    session.fuel = config->limits.fuel;
    session.time_limit = config->limits.seconds;
    session.memory_limit = config->limits.heap_bytes;
    session.max_depth = config->limits.depth;
    session.jit.mode = jr_library_jit(config->jit);
    session.jit.object_path = engine->compiler_path;
    session.jit.synchronous = config->synchronous;
    session.no_specialise = config->no_specialise;
    session.print = print;
    session.line = line;
    session.user = version;
    JR_TRY(jr_session_create_instance(program->session, &session, &version->session));
    status = jr_session_prepare(version->session);
    if (status == JR_ERR_DIAGNOSED) {
        const struct jr_diags *diags = version->session->run_diags;
        status = JR_ERR_UNKNOWN_HOST;
        snprintf(message, JR_LIBRARY_MESSAGE_BYTES, "%s", jr_diags_count(diags) > 0 ? jr_diags_at(diags, 0)->message : "");
    } else if (status != JR_OK) {
        snprintf(message, JR_LIBRARY_MESSAGE_BYTES, "%s", jr_session_failure(version->session));
    }
done:
    if (status == JR_OK)
        *out = version;
    else
        jr_version_destroy(instance, version);
    return status;
}

void jr_version_destroy(struct jitrun_instance *instance, struct jr_version *version)
{
    struct jitrun_program *program;
    size_t count;
    if (version == NULL)
        return;
    program = version->program;
    count = program->function_count;
    jr_session_destroy(version->session);
    jr_alloc_free(&instance->counted.alloc, version->links, count * sizeof version->links[0]);
    jr_alloc_free(&instance->counted.alloc, version->functions, count * sizeof version->functions[0]);
    jr_alloc_free(&instance->counted.alloc, version, sizeof *version);
    jitrun_program_destroy(program);
}

enum jr_status jr_version_start(struct jr_version *version)
{
    enum jr_status status = jr_session_start(version->session);
    if (status == JR_OK)
        status = jr_session_find_spots(version->session);
    version->started = status == JR_OK;
    return status;
}

/* ---- changing over ---- */

struct jr_version *jr_version_exchange(struct jitrun_instance *instance, struct jr_version *version)
{
    atomic_fetch_add(&instance->generation, 1);
    return atomic_exchange(&instance->version, version);
}

void jr_version_wait(struct jitrun_instance *instance)
{
    while (atomic_load(&instance->readers) > 0) /* some instructions each */
        sched_yield();
}

double jr_control_carried(const struct jr_control *control, const struct jr_controls *from)
{
    struct jr_control *old = jr_controls_find(from, control->name);
    double value = old != NULL ? atomic_load(&old->value) : 0.0;
    return old != NULL && jitrun_word(value) != jitrun_word(old->initial) ? value : control->initial;
}

void jr_controls_carry(struct jr_controls *to, const struct jr_controls *from)
{
    for (size_t i = 0; i < to->count; i++)
        atomic_store(&to->items[i].value, jr_control_carried(&to->items[i], from));
}
