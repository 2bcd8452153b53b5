/* session.c -- the life of a session: from a file to frames. */
#include "host/session_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/file.h"
#include "interp/interp.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/disasm.h"
#include "ir/module.h"
#include "runtime/migrate/spots.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

double jr_session_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

enum jr_status jr_session_fail(struct jr_session *session, enum jr_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(session->failure, sizeof session->failure, format, arguments);
    va_end(arguments);
    return status;
}

const char *jr_session_failure(const struct jr_session *session)
{
    return session->failure;
}

static void line_to_stderr(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "jitrun: %s\n", line);
}

enum jr_status jr_session_create(const struct jr_session_config *config, struct jr_session **out)
{
    const struct jr_alloc *alloc = config->alloc ? config->alloc : jr_alloc_default();
    struct jr_session *session = jr_alloc_new(alloc, sizeof *session);
    enum jr_status status;
    *out = NULL;
    if (!session)
        return JR_ERR_NO_MEMORY;
    session->config = *config;
    session->alloc = alloc;
    if (!config->line)
        session->config.line = line_to_stderr;
    if (config->sample_rate == 0)
        session->config.sample_rate = 48000;
    JR_TRY(jr_search_open(alloc, config->folders, config->folder_count, &session->search));
    JR_TRY(jr_sources_create(alloc, &session->sources));
    jr_sources_stand_in(session->sources, config->texts, config->text_count);
    JR_TRY(jr_diags_create(alloc, &session->compile_diags));
    JR_TRY(jr_diags_create(alloc, &session->run_diags));
    *out = session;
    session = NULL;
done:
    jr_session_destroy(session);
    return status;
}

enum jr_status jr_session_create_instance(const struct jr_session *program, const struct jr_session_config *config,
                                          struct jr_session **out)
{
    const struct jr_alloc *alloc = config->alloc ? config->alloc : jr_alloc_default();
    struct jr_session *session = jr_alloc_new(alloc, sizeof *session);
    enum jr_status status;
    *out = NULL;
    if (!session)
        return JR_ERR_NO_MEMORY;
    session->config = *config;
    session->alloc = alloc;
    session->borrows = true;
    if (!config->line)
        session->config.line = line_to_stderr;
    if (config->sample_rate == 0)
        session->config.sample_rate = 48000;
    session->sources = program->sources;
    session->module = program->module;
    session->samples = program->samples;
    session->language = program->language;
    session->source_seconds = program->source_seconds;
    JR_TRY(jr_controls_copy(&session->controls, &program->controls, alloc));
    JR_TRY(jr_probes_copy(&session->probes, &program->probes, alloc, config->probe_values));
    JR_TRY(jr_diags_create(alloc, &session->compile_diags));
    JR_TRY(jr_diags_create(alloc, &session->run_diags));
    *out = session;
    session = NULL;
done:
    jr_session_destroy(session);
    return status;
}

void jr_session_destroy(struct jr_session *session)
{
    if (!session)
        return;
    atomic_store(&session->interruptible, NULL);
    jr_jit_destroy(session->jit);
    jr_spots_destroy(session->spots);
    jr_vm_destroy(session->vm);
    jr_controls_fini(&session->controls, session->alloc);
    jr_probes_fini(&session->probes, session->alloc);
    jr_diags_destroy(session->run_diags);
    jr_diags_destroy(session->compile_diags);
    if (!session->borrows) {
        jr_module_destroy(session->module);
        jr_samples_fini(&session->samples, session->alloc);
        jr_sources_destroy(session->sources);
        jr_search_close(&session->search);
    }
    jr_alloc_free(session->alloc, session, sizeof *session);
}

/* ---- compiling ---- */

enum jr_language jr_session_language(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot && strcmp(dot, ".jas") == 0)
        return JR_LANGUAGE_ASSEMBLY;
    if (dot && strcmp(dot, ".jri") == 0)
        return JR_LANGUAGE_IMAGE;
    return JR_LANGUAGE_MIMIUM;
}

enum jr_status jr_session_compile_file(struct jr_session *session, const char *path)
{
    char *text;
    size_t length;
    enum jr_status status = jr_file_read(session->alloc, path, &text, &length);
    if (status == JR_ERR_NO_MEMORY || status == JR_ERR_LIMIT)
        return jr_session_fail(session, status, "%s: %s", path, jr_status_text(status));
    if (status != JR_OK)
        return jr_session_fail(session, status, "%s: %s", path, strerror(errno));
    status = jr_session_compile_text(session, jr_session_language(path),
                                     strcmp(path, "-") == 0 ? "<stdin>" : path, text, length);
    jr_alloc_free(session->alloc, text, length + 1);
    return status;
}

enum jr_status jr_session_compile_text(struct jr_session *session, enum jr_language language,
                                       const char *name, const char *text, size_t length)
{
    double started = jr_session_clock();
    enum jr_status status = jr_session_load(session, language, name, text, length);
    session->source_seconds = jr_session_clock() - started;
    if (status != JR_OK && status != JR_ERR_DIAGNOSED)
        jr_session_fail(session, status, "%s: %s", name, jr_status_text(status));
    return status;
}

uint32_t jr_session_file_count(const struct jr_session *session)
{
    return jr_sources_count(session->sources);
}

const char *jr_session_file(const struct jr_session *session, uint32_t index)
{
    return jr_sources_path(session->sources, index + 1);
}

const char *jr_session_file_text(const struct jr_session *session, uint32_t index, size_t *length)
{
    return jr_sources_text(session->sources, index + 1, length);
}

const struct jr_module *jr_session_module(const struct jr_session *session)
{
    return session->module;
}

struct jr_session_shape jr_session_get_shape(const struct jr_session *session)
{
    const struct jr_module *module = session->module;
    if (!module || module->dsp == JR_NONE)
        return (struct jr_session_shape){ 0 };
    return (struct jr_session_shape){ true, module->input_channels, module->output_channels };
}

/* ---- controls ---- */

size_t jr_session_control_count(const struct jr_session *session)
{
    return session->controls.count;
}

void jr_session_get_control(const struct jr_session *session, size_t index, struct jr_session_control *out)
{
    const struct jr_control *control = &session->controls.items[index];
    *out = (struct jr_session_control){ control->name, control->initial, control->value };
}

enum jr_status jr_session_set_control(struct jr_session *session, const char *name, double value)
{
    struct jr_control *control = jr_controls_find(&session->controls, name);
    if (control == NULL)
        return JR_ERR_NOT_FOUND;
    control->value = value;
    return JR_OK;
}

/* ---- running ---- */

static void trace_instruction(void *user, const struct jr_function *function, uint32_t pc,
                              const uint64_t *frame)
{
    struct jr_session *session = user;
    struct jr_sb line;
    (void)frame;
    if (session->config.step) {
        session->config.step(session->config.user, function, pc);
        return;
    }
    jr_sb_init(&line, session->alloc);
    jr_sb_format(&line, "exec %s line %u: %u ", function->name, jr_function_place(function, pc).line, pc);
    if (jr_disassemble_at(session->module, function, pc, &line) == JR_OK)
        session->config.line(session->config.user, jr_sb_view(&line));
    jr_sb_fini(&line);
}

void jr_session_print(void *user, const char *bytes, size_t size)
{
    struct jr_session *session = user;
    session->config.print(session->config.user, bytes, size);
}

void jr_session_put_line(void *user, const char *line)
{
    struct jr_session *session = user;
    session->config.line(session->config.user, line);
}

static void put_code(void *user, const struct jr_jit_code *code)
{
    struct jr_session *session = user;
    session->config.code(session->config.user, code);
}

enum jr_status jr_session_link(struct jr_session *session, struct jr_vm *vm, char *message,
                               size_t message_size)
{
    const struct jr_session_config *config = &session->config;
    const struct jr_host_function own[] = { jr_control_function(&session->controls), jr_probe_function(&session->probes),
                                            jr_sample_function(&session->samples) };
    enum { OWN_COUNT = sizeof own / sizeof own[0] };
    struct jr_host_function *functions =
        jr_alloc_array(session->alloc, config->host_count + OWN_COUNT, sizeof functions[0]);
    enum jr_status status;
    if (!functions)
        return JR_ERR_NO_MEMORY;
    if (config->host_count > 0)
        memcpy(functions, config->host_functions, config->host_count * sizeof functions[0]);
    memcpy(functions + config->host_count, own, sizeof own);
    status = jr_vm_link(vm, functions, config->host_count + OWN_COUNT, message, message_size);
    jr_alloc_free(session->alloc, functions, (config->host_count + OWN_COUNT) * sizeof functions[0]);
    return status;
}

/* Makes the compiler, if one is wanted, and with it in JR_JIT_EAGER the code of all functions. */
static enum jr_status start_jit(struct jr_session *session)
{
    struct jr_jit_config config = session->config.jit;
    enum jr_status status;
    if (config.mode == JR_JIT_OFF)
        return JR_OK;
    config.notice = jr_session_put_line;
    config.code = session->config.code ? put_code : NULL;
    config.trace = session->config.trace_jit ? jr_session_put_line : NULL;
    config.user = session;
    status = jr_jit_create(session->alloc, session->vm, &config, &session->jit);
    if (status == JR_OK && config.mode != JR_JIT_AUTO)
        status = jr_jit_compile_all(session->jit);
    if (status != JR_OK)
        return jr_session_fail(session, status, "cannot compile to machine code: %s", jr_status_text(status));
    return JR_OK;
}

enum jr_status jr_session_prepare(struct jr_session *session)
{
    const struct jr_session_config *config = &session->config;
    struct jr_vm_config vm_config = {
        .alloc = session->alloc,
        .sample_rate = config->sample_rate,
        .limits = { .fuel = config->fuel,
                    .seconds = config->time_limit,
                    .heap_bytes = config->memory_limit,
                    .depth = config->max_depth },
        .entry = jr_interp_entry,
        .resume = jr_interp_resume,
        .stress_heap = config->stress_heap,
        .trace_heap = config->trace_heap,
        .print = config->print ? jr_session_print : NULL,
        .report = jr_session_put_line,
        .trace = config->trace_exec || config->step ? trace_instruction : NULL,
        .user = session,
    };
    enum jr_status status;
    char message[256] = "";

    if (session->vm)
        return JR_OK;
    status = jr_vm_create(&vm_config, session->module, &session->vm);
    if (status != JR_OK)
        return jr_session_fail(session, status, "cannot make the machine: %s", jr_status_text(status));
    atomic_store(&session->interruptible, session->vm);
    if (atomic_load(&session->interrupted))
        jr_vm_interrupt(session->vm);
    status = jr_session_link(session, session->vm, message, sizeof message);
    if (status == JR_ERR_UNKNOWN_HOST || status == JR_ERR_HOST_SIGNATURE) {
        struct jr_span nowhere = { JR_FILE_NONE, 0, 0 };
        jr_diags_error(session->run_diags, JR_CATEGORY_RUN, nowhere, "%s (%s)", message,
                       jr_status_name(status));
        return JR_ERR_DIAGNOSED;
    }
    if (status != JR_OK)
        return jr_session_fail(session, status, "cannot link: %s", jr_status_text(status));
    return start_jit(session);
}

/* What a run of the VM answered, for our caller. */
static enum jr_status after_run(struct jr_session *session, enum jr_status status)
{
    return status == JR_OK ? JR_OK : jr_session_diagnose_run(session);
}

enum jr_status jr_session_specialise(struct jr_session *session)
{
    struct jr_residual *residual;
    enum jr_status status;
    if (session->module->dsp == JR_NONE || session->config.no_specialise)
        return JR_OK;
    status = jr_specialise(session->vm, &residual, session->not_specialised);
    if (status == JR_OK)
        status = jr_vm_install(session->vm, residual);
    if (status == JR_ERR_UNSUPPORTED) {
        if (session->not_specialised[0] == '\0')
            snprintf(session->not_specialised, sizeof session->not_specialised, "a limit is too near");
        return JR_OK;
    }
    session->specialised = status == JR_OK;
    if (status == JR_OK && session->jit)
        status = jr_jit_block(session->jit);
    if (status != JR_OK)
        return jr_session_fail(session, status, "cannot specialise dsp: %s", jr_status_text(status));
    return JR_OK;
}

enum jr_status jr_session_start(struct jr_session *session)
{
    enum jr_status status = jr_session_prepare(session);
    double started = jr_session_clock();
    if (status != JR_OK)
        return status;
    status = jr_vm_run_init(session->vm);
    session->init_seconds = jr_session_clock() - started;
    return status == JR_OK ? jr_session_specialise(session) : after_run(session, status);
}

enum jr_status jr_session_set_jit(struct jr_session *session, enum jr_jit_mode mode)
{
    enum jr_status status;
    jr_jit_destroy(session->jit);
    session->jit = NULL;
    session->config.jit.mode = mode;
    status = start_jit(session);
    if (status == JR_OK && session->jit && jr_vm_residual(session->vm))
        status = jr_jit_block(session->jit);
    if (status == JR_OK)
        return JR_OK;
    jr_jit_destroy(session->jit);
    session->jit = NULL;
    session->config.jit.mode = JR_JIT_OFF;
    return status;
}

/* The text of a place in a file of the program. */
static const char *place_text(void *user, struct jr_place place, size_t *length)
{
    const struct jr_session *session = user;
    struct jr_span span = jr_session_span(session, session->module, place);
    size_t file_length = 0;
    const char *text =
        span.file == JR_FILE_NONE ? NULL : jr_sources_text(session->sources, span.file, &file_length);
    if (text == NULL || span.start > span.end || span.end > file_length)
        return NULL;
    *length = span.end - span.start;
    return text + span.start;
}

enum jr_status jr_session_find_spots(struct jr_session *session)
{
    return jr_spots_create(session->vm, place_text, session, &session->spots);
}

const struct jr_spots *jr_session_spots(const struct jr_session *session)
{
    return session->spots;
}

enum jr_status jr_session_process(struct jr_session *session, double *out, size_t frame_count, size_t *done)
{
    return jr_session_process_input(session, NULL, out, frame_count, done);
}

enum jr_status jr_session_process_input(struct jr_session *session, const double *in, double *out, size_t frame_count,
                                        size_t *done)
{
    double started = jr_session_clock();
    uint64_t first = jr_vm_frame(session->vm), until = session->config.specialised_frames;
    size_t inputs = session->module->input_channels, channels = session->module->output_channels;
    size_t specialised = until > first && until - first < frame_count ? (size_t)(until - first) : 0;
    enum jr_status status = JR_OK;
    if (specialised > 0)
        status = jr_vm_process(session->vm, in, out, specialised);
    if (status == JR_OK && until > 0 && jr_vm_frame(session->vm) >= until)
        jr_vm_uninstall(session->vm);
    if (status == JR_OK)
        status = jr_vm_process(session->vm, in ? in + specialised * inputs : NULL,
                               out ? out + specialised * channels : NULL, frame_count - specialised);
    *done = (size_t)(jr_vm_frame(session->vm) - first);
    session->dsp_seconds += jr_session_clock() - started;
    if (status == JR_ERR_NOT_FOUND)
        return jr_session_fail(session, status, "the script has no dsp");
    return after_run(session, status);
}

bool jr_session_next_task(const struct jr_session *session, uint64_t *frame)
{
    return jr_vm_next_task(session->vm, frame);
}

enum jr_status jr_session_run_tasks(struct jr_session *session, uint64_t frame)
{
    double started = jr_session_clock();
    enum jr_status status = jr_vm_run_tasks_until(session->vm, frame);
    session->dsp_seconds += jr_session_clock() - started;
    return after_run(session, status);
}

void jr_session_finish(struct jr_session *session)
{
    if (!session->vm || session->finished)
        return;
    session->finished = true;
    jr_spots_destroy(session->spots);
    session->spots = NULL;
    session->live_objects = jr_vm_finish(session->vm);
}

void jr_session_interrupt(struct jr_session *session)
{
    struct jr_vm *vm;
    atomic_store(&session->interrupted, true);
    vm = atomic_load(&session->interruptible);
    if (vm)
        jr_vm_interrupt(vm);
}

/* ---- looking at it ---- */

static const char *tier_of(const struct jr_session *session)
{
    const struct jr_module *module = session->module;
    uint32_t function = !module ? JR_NONE : module->dsp != JR_NONE ? module->dsp : module->init;
    if (!session->vm || function == JR_NONE)
        return "interpreter";
    return atomic_load(&jr_vm_task(session->vm)->functions[function].entry) == jr_interp_entry ? "interpreter"
                                                                                               : "compiled";
}

void jr_session_get_stats(const struct jr_session *session, struct jr_session_stats *out)
{
    *out = (struct jr_session_stats){ .source_seconds = session->source_seconds,
                                      .init_seconds = session->init_seconds,
                                      .dsp_seconds = session->dsp_seconds,
                                      .specialised = session->specialised,
                                      .not_specialised = session->not_specialised,
                                      .tier = tier_of(session) };
    if (session->vm) {
        struct jr_vm_stats vm;
        jr_vm_get_stats(session->vm, &vm);
        out->frames = vm.frames;
        out->heap_live_objects = session->finished ? session->live_objects : vm.live_objects;
        out->heap_live_bytes = vm.live_bytes;
        out->heap_peak_bytes = vm.peak_bytes;
        out->heap_allocations = vm.allocations;
        out->fuel_used = vm.fuel_used;
    }
    if (session->jit)
        jr_jit_get_stats(session->jit, &out->jit);
    if (out->jit.blocks_compiled > 0)
        out->tier = "compiled";
}

const char *jr_session_refusal(const struct jr_session *session, const char **function)
{
    for (uint32_t i = 0; session->jit && i < session->module->function_count; i++) {
        const char *reason = jr_jit_refusal(session->jit, i);
        if (reason) {
            *function = session->module->functions[i].name;
            return reason;
        }
    }
    return NULL;
}

struct jr_vm *jr_session_vm(struct jr_session *session)
{
    return session->vm;
}

struct jr_jit *jr_session_jit(struct jr_session *session)
{
    return session->jit;
}
