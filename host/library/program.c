/* program.c -- compiled scripts: making them, and what they tell of themselves. */
#include <errno.h>
#include <stdio.h>

#include "host/file.h"
#include "host/library/internal.h"
#include "ir/base/sb.h"

/* ---- life ---- */

static void print(void *user, const char *text, size_t length)
{
    const struct jitrun_config *config = &((const struct jitrun_engine *)user)->config;
    if (config->print != NULL)
        config->print(config->user, text, length);
    else
        fwrite(text, 1, length, stdout);
}

static void line(void *user, const char *text)
{
    const struct jitrun_config *config = &((const struct jitrun_engine *)user)->config;
    if (config->log != NULL)
        config->log(config->user, text);
}

/* Both tables of the functions that the program may call. */
static enum jr_status take_functions(struct jitrun_program *program)
{
    const struct jitrun_engine *engine = program->engine;
    const struct jr_alloc *alloc = &program->counted.alloc;
    size_t count = engine->functions.count;
    if (count == 0)
        return JR_OK;
    program->functions = jr_alloc_array(alloc, count, sizeof program->functions[0]);
    if (program->functions == NULL)
        return JR_ERR_NO_MEMORY;
    program->function_count = count;
    program->types = jr_alloc_array(alloc, count, sizeof program->types[0]);
    if (program->types == NULL)
        return JR_ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        program->functions[i] = engine->functions.items[i];
        program->types[i] = engine->functions.items[i]->type;
    }
    return JR_OK;
}

static enum jr_status create(struct jitrun_engine *engine, struct jitrun_program **out)
{
    const struct jitrun_config *config = &engine->config;
    struct jitrun_program *program = jr_alloc_new(&engine->alloc, sizeof *program);
    struct jr_session_config session = { 0 };
    enum jr_status status;
    *out = NULL;
    if (program == NULL)
        return JR_ERR_NO_MEMORY;
    atomic_init(&program->holds, 1);
    jr_engine_hold(engine);
    program->engine = engine;
    jr_counted_init(&program->counted, &engine->alloc);
    JR_TRY(take_functions(program));
    session.alloc = &program->counted.alloc;
    session.sample_rate = config->sample_rate;
    session.self_init_zero = config->self_init_zero;
    session.resample = config->resample;
    session.folders = config->folders;
    session.folder_count = (uint32_t)config->folder_count;
    session.hosts = program->types;
    session.host_count = (uint32_t)program->function_count;
    session.files = config->load != NULL || config->no_file_system ? &engine->files : NULL;
    session.probe_values = config->probe_values;
    session.macro_fuel = config->macro_fuel;
    session.max_depth = config->limits.depth;
    session.jit.mode = JR_JIT_OFF;
    session.print = print;
    session.line = line;
    session.user = engine;
    JR_TRY(jr_session_create(&session, &program->session));
    program->diagnostics = (struct jitrun_diagnostics){ program->session->compile_diags, program->session->sources,
                                                        &program->counted.alloc };
    *out = program;
    program = NULL;
done:
    jitrun_program_destroy(program);
    return status;
}

void jr_program_hold(struct jitrun_program *program)
{
    atomic_fetch_add_explicit(&program->holds, 1, memory_order_relaxed);
}

void jitrun_program_destroy(struct jitrun_program *program)
{
    struct jitrun_engine *engine;
    if (program == NULL || atomic_fetch_sub_explicit(&program->holds, 1, memory_order_acq_rel) > 1)
        return;
    engine = program->engine;
    jr_session_destroy(program->session);
    jr_alloc_free(&program->counted.alloc, program->types, program->function_count * sizeof program->types[0]);
    jr_alloc_free(&program->counted.alloc, program->functions, program->function_count * sizeof program->functions[0]);
    jr_alloc_free(&engine->alloc, program, sizeof *program);
    jr_engine_release(engine);
}

/* ---- compiling ---- */

static enum jitrun_status compile(struct jitrun_engine *engine, enum jr_language language, const char *name, const char *text,
                                  size_t length, struct jitrun_program **out)
{
    struct jitrun_program *program;
    enum jr_status status = create(engine, &program);
    *out = NULL;
    if (status != JR_OK)
        return jr_engine_fail(engine, status, NULL);
    status = jr_session_compile_text(program->session, language, name, text, length);
    program->whole = status == JR_OK;
    if (status != JR_OK && status != JR_ERR_DIAGNOSED) {
        jr_engine_fail(engine, status, jr_session_failure(program->session));
        jitrun_program_destroy(program);
        return jr_library_status(status);
    }
    jr_library_announce(engine, &program->diagnostics);
    jr_engine_fail(engine, status, NULL);
    for (size_t i = 0; status != JR_OK && i < jr_diags_count(program->diagnostics.diags); i++) {
        const struct jr_diag *diag = jr_diags_at(program->diagnostics.diags, i);
        if (diag->severity == JR_SEVERITY_ERROR) {
            jr_engine_fail(engine, status, diag->message);
            break;
        }
    }
    *out = program;
    return jr_library_status(status);
}

enum jitrun_status jitrun_compile_text(struct jitrun_engine *engine, enum jitrun_language language, const char *name,
                                       const char *text, size_t length, struct jitrun_program **out)
{
    static const enum jr_language languages[] = { JR_LANGUAGE_MIMIUM, JR_LANGUAGE_ASSEMBLY, JR_LANGUAGE_IMAGE };
    if (out != NULL)
        *out = NULL;
    if (engine == NULL)
        return JITRUN_ERR_INVALID;
    if (out == NULL || (text == NULL && length > 0) || language > JITRUN_IMAGE)
        return jr_engine_fail(engine, JR_ERR_INVALID, "there is no such language, no text or no place for the program");
    return compile(engine, languages[language], name != NULL ? name : "script", text != NULL ? text : "", length, out);
}

enum jitrun_status jitrun_compile_file(struct jitrun_engine *engine, const char *path, struct jitrun_program **out)
{
    const struct jitrun_config *config;
    const char *given = NULL;
    char *text, message[JR_LIBRARY_MESSAGE_BYTES];
    size_t length = 0;
    enum jitrun_status result = JITRUN_ERR_NOT_FOUND;
    enum jr_status status;
    if (out != NULL)
        *out = NULL;
    if (engine == NULL)
        return JITRUN_ERR_INVALID;
    if (path == NULL || out == NULL)
        return jr_engine_fail(engine, JR_ERR_INVALID, "there is no path or no place for the program");
    config = &engine->config;
    if (config->load != NULL)
        result = config->load(config->user, path, &given, &length);
    if (result == JITRUN_OK) {
        result = compile(engine, jr_session_language(path), path, given, length, out);
        if (config->loaded != NULL)
            config->loaded(config->user, given, length);
        return result;
    }
    if (result != JITRUN_ERR_NOT_FOUND || config->no_file_system) {
        snprintf(message, sizeof message, "%s: %s", path, jitrun_status_text(result));
        jr_engine_fail(engine, JR_ERR_IO, message);
        return result;
    }
    status = jr_file_read(&engine->alloc, path, &text, &length);
    if (status != JR_OK) {
        bool system = status == JR_ERR_NOT_FOUND || status == JR_ERR_IO;
        snprintf(message, sizeof message, "%s: %s", path, system ? strerror(errno) : jr_status_text(status));
        return jr_engine_fail(engine, status, message);
    }
    result = compile(engine, jr_session_language(path), path, text, length, out);
    jr_alloc_free(&engine->alloc, text, length + 1);
    return result;
}

/* ---- what it tells ---- */

const struct jitrun_diagnostics *jitrun_program_diagnostics(const struct jitrun_program *program)
{
    return program != NULL ? &program->diagnostics : NULL;
}

enum jitrun_status jitrun_program_get_shape(const struct jitrun_program *program, struct jitrun_shape *out)
{
    struct jitrun_shape result = { .size = sizeof result };
    struct jr_session_shape shape;
    if (program == NULL)
        return JITRUN_ERR_INVALID;
    shape = jr_session_get_shape(program->session);
    result.has_dsp = shape.has_dsp;
    result.input_channels = shape.input_channels;
    result.output_channels = shape.output_channels;
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

const char *jitrun_program_file(const struct jitrun_program *program, size_t index)
{
    if (program == NULL || index >= jr_session_file_count(program->session))
        return NULL;
    return jr_session_file(program->session, (uint32_t)index);
}

size_t jitrun_program_size(const struct jitrun_program *program)
{
    struct jitrun_program *own = (struct jitrun_program *)(uintptr_t)program;
    return program != NULL ? atomic_load(&own->counted.bytes) + sizeof *program : 0;
}

enum jitrun_status jitrun_program_emit(struct jitrun_program *program, enum jitrun_stage stage, jitrun_sink *sink, void *user)
{
    static const enum jr_session_emit stages[] = { JR_SESSION_EMIT_AST, JR_SESSION_EMIT_EXPANDED, JR_SESSION_EMIT_TYPES,
                                                   JR_SESSION_EMIT_STATE, JR_SESSION_EMIT_BYTECODE };
    struct jr_sb text;
    enum jr_status status;
    enum jitrun_status result;
    if (program == NULL || sink == NULL || stage > JITRUN_STAGE_ASSEMBLY || !program->whole)
        return JITRUN_ERR_INVALID;
    if (stage > JITRUN_STAGE_BYTECODE)
        return JITRUN_ERR_UNSUPPORTED;
    jr_sb_init(&text, &program->counted.alloc);
    status = jr_session_emit(program->session, stages[stage], &text);
    result = jr_library_pour(&text, status, sink, user);
    jr_sb_fini(&text);
    return result;
}

enum jitrun_status jitrun_program_save(struct jitrun_program *program, jitrun_sink *sink, void *user)
{
    struct jr_sb text;
    enum jr_status status;
    enum jitrun_status result;
    if (program == NULL || sink == NULL || !program->whole)
        return JITRUN_ERR_INVALID;
    jr_sb_init(&text, &program->counted.alloc);
    status = jr_session_save(program->session, &text);
    result = jr_library_pour(&text, status, sink, user);
    jr_sb_fini(&text);
    return result;
}

size_t jitrun_program_control_count(const struct jitrun_program *program)
{
    return program != NULL ? program->session->controls.count : 0;
}

const char *jitrun_program_control(const struct jitrun_program *program, size_t index, double *initial)
{
    if (initial != NULL)
        *initial = 0.0;
    if (index >= jitrun_program_control_count(program))
        return NULL;
    if (initial != NULL)
        *initial = program->session->controls.items[index].initial;
    return program->session->controls.items[index].name;
}

size_t jitrun_program_probe_count(const struct jitrun_program *program)
{
    return program != NULL ? program->session->probes.count : 0;
}

const char *jitrun_program_probe(const struct jitrun_program *program, size_t index)
{
    return index < jitrun_program_probe_count(program) ? program->session->probes.items[index]->name : NULL;
}

/* ---- functions ---- */

static bool is_raw(const struct jr_layout *layout)
{
    return !layout->has_refs;
}

enum jitrun_status jitrun_program_find_function(const struct jitrun_program *program, const char *name,
                                                struct jitrun_function *out)
{
    const struct jr_module *module = program != NULL ? program->session->module : NULL;
    struct jitrun_function result = { .size = sizeof result, .program = program };
    if (module == NULL || name == NULL)
        return JITRUN_ERR_INVALID;
    for (uint32_t i = 0; i < module->function_count; i++) {
        const struct jr_function *function = &module->functions[i];
        const struct jr_signature *signature = &module->signatures[function->signature];
        if (i == module->init || function->capture_words > 0 || strcmp(function->name, name) != 0)
            continue;
        result.index = i;
        result.name = function->name;
        result.param_words = function->param_words;
        result.result_words = function->result_words;
        result.numbers = is_raw(&module->layouts[signature->param_layout]) && is_raw(&module->layouts[signature->result_layout]);
        return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
    }
    return JITRUN_ERR_NOT_FOUND;
}
