/* stage.c -- runs the macro stage of a program: its module on a machine of its own, in the interpreter, with limits. */
#include "frontend/mimium/stage.h"

#include <string.h>

#include "host/session_internal.h"
#include "host/text.h"
#include "interp/interp.h"
#include "ir/base/alloc.h"
#include "ir/verify.h"
#include "runtime/object.h"
#include "runtime/vm.h"

/* Copying a KiB takes about as long as 16 instructions: macros that double or extend something for ever end soon. */
enum { HEAP_BYTES_MAX = 1 << 28, STACK_WORDS = 1 << 23, FUEL_PER_KIB = 16 };

/* An import that the front end answers. */
struct import {
    struct jr_mm_stage *stage;
    struct jr_mm_stage_import what;
};

/* ---- reading values ---- */

static const char *read_string(uint64_t word, size_t *length)
{
    const struct jr_string *string = (const struct jr_string *)(uintptr_t)word;
    *length = string != NULL ? (size_t)string->size : 0;
    return string != NULL ? string->bytes : "";
}

static uint64_t read_array(uint64_t word, const uint64_t **words)
{
    const struct jr_array *array = (const struct jr_array *)(uintptr_t)word;
    *words = array != NULL ? array->words : NULL;
    return array != NULL ? array->length : 0;
}

static const uint64_t *read_box(uint64_t word)
{
    const struct jr_box *box = (const struct jr_box *)(uintptr_t)word;
    return box != NULL ? box->words : NULL;
}

static int call(struct jr_task *task, void *user, uint64_t *words)
{
    static const struct jr_mm_stage_reader reader = { read_string, read_array, read_box };
    const struct import *import = user;
    char message[JR_MM_STAGE_MESSAGE_BYTES] = "";
    uint64_t result = 0;
    enum jr_status status = jr_mm_stage_call(import->stage, import->what, &reader, words, &result, message);
    if (status != JR_OK)
        return jr_error_raise(task, status, "%s", message);
    words[0] = result;
    return JR_RUN_OK;
}

/* ---- the machine ---- */

struct machine {
    struct jr_session *session;
    const struct jr_alloc *alloc;
    struct jr_module *module;
    struct jr_mm_stage *stage;
    struct jr_vm *vm;
    struct import *imports;             /* per import of the module */
    struct jr_host_function *functions; /* the string functions, and those */
};

static size_t table_size(const struct machine *m)
{
    return jr_text_function_count + m->module->import_count;
}

static enum jr_status create_machine(struct machine *m)
{
    const struct jr_session_config *config = &m->session->config;
    struct jr_vm_config vm_config = {
        .alloc = m->alloc,
        .sample_rate = config->sample_rate,
        .limits = { .fuel = config->macro_fuel ? config->macro_fuel : JR_SESSION_MACRO_FUEL,
                    .heap_bytes = HEAP_BYTES_MAX,
                    .fuel_per_kib = FUEL_PER_KIB,
                    .depth = config->max_depth,
                    .stack_words = STACK_WORDS },
        .entry = jr_interp_entry,
        .resume = jr_interp_resume,
        .stress_heap = config->stress_heap,
        .print = config->print ? jr_session_print : NULL,
        .report = jr_session_put_line,
        .user = m->session,
    };
    enum jr_status status;
    char message[256] = "";
    size_t count = jr_text_function_count;

    JR_TRY(jr_vm_create(&vm_config, m->module, &m->vm));
    m->imports = jr_alloc_array(m->alloc, m->module->import_count + 1, sizeof m->imports[0]);
    m->functions = jr_alloc_array(m->alloc, table_size(m), sizeof m->functions[0]);
    if (m->imports == NULL || m->functions == NULL)
        return JR_ERR_NO_MEMORY;
    memcpy(m->functions, jr_text_functions, count * sizeof m->functions[0]);
    for (uint32_t i = 0; i < m->module->import_count; i++) {
        const char *name = m->module->imports[i].name;
        m->imports[i].stage = m->stage;
        if (jr_mm_stage_find(m->stage, name, &m->imports[i].what))
            m->functions[count++] = (struct jr_host_function){ name, NULL, NULL, call, &m->imports[i], false };
    }
    JR_TRY(jr_vm_link(m->vm, m->functions, count, message, sizeof message));
done:
    if (message[0])
        jr_session_fail(m->session, status, "the macro stage cannot be linked: %s", message);
    return status;
}

static void destroy_machine(struct machine *m)
{
    jr_vm_destroy(m->vm);
    jr_alloc_free(m->alloc, m->functions, table_size(m) * sizeof m->functions[0]);
    jr_alloc_free(m->alloc, m->imports, (m->module->import_count + 1) * sizeof m->imports[0]);
    jr_module_destroy(m->module);
}

/* ---- errors ---- */

static enum jr_status diagnose(const struct machine *m, struct jr_diags *diags)
{
    const struct jr_error *error = jr_vm_error(m->vm);
    struct jr_diag *diag = jr_session_describe(m->session, m->module, error, JR_CATEGORY_MACRO, diags);
    size_t count = jr_error_trace_count(error);
    struct jr_span failed = jr_session_span(m->session, m->module, error->place), splice;
    if (count > 0) {
        struct jr_trace_line outermost = jr_error_trace_line(error, count - 1);
        struct jr_span from =
            jr_session_span(m->session, m->module, jr_function_place(outermost.function, outermost.pc));
        bool inside = jr_mm_stage_splice_at(m->stage, from, &splice) && failed.file == splice.file &&
                      failed.start >= splice.start && failed.end <= splice.end;
        if (!inside && jr_mm_stage_splice_at(m->stage, from, &splice))
            jr_diag_label(diags, diag, splice, "while this is expanded");
    }
    if (error->code == JR_ERR_FUEL)
        jr_diag_note(diags, diag,
                     "the macros of a program have so many steps in all; --macro-fuel gives them more");
    return jr_diags_status(diags) != JR_OK ? JR_ERR_NO_MEMORY : JR_ERR_DIAGNOSED;
}

/* ---- running ---- */

static enum jr_status run(void *user, struct jr_module *module, struct jr_mm_stage *stage,
                          struct jr_diags *diags)
{
    struct jr_session *session = user;
    struct machine m = { .session = session, .alloc = session->alloc, .module = module, .stage = stage };
    struct jr_verify_report report;
    enum jr_status status = jr_verify(module, m.alloc, &report);
    if (status == JR_ERR_VERIFY) {
        struct jr_span nowhere = { JR_FILE_NONE, 0, 0 };
        jr_diags_error(diags, JR_CATEGORY_BYTECODE, nowhere, "the macro stage: %s", report.message);
        status = JR_ERR_DIAGNOSED;
    }
    if (status == JR_OK)
        status = create_machine(&m);
    if (status == JR_OK) {
        atomic_store(&session->interruptible, m.vm);
        if (atomic_load(&session->interrupted))
            jr_vm_interrupt(m.vm);
        status = jr_vm_run_init(m.vm);
        atomic_store(&session->interruptible, NULL);
        if (status != JR_ERR_NO_MEMORY && jr_vm_error(m.vm) != NULL) /* no memory is nothing that is wrong with the script */
            status = diagnose(&m, diags);
    }
    destroy_machine(&m);
    return status;
}

static enum jr_status control(void *user, const char *name, double initial, uint32_t *index)
{
    struct jr_session *session = user;
    return jr_controls_add(&session->controls, session->alloc, name, initial, index);
}

static enum jr_status probe(void *user, const char *name, uint32_t *index)
{
    struct jr_session *session = user;
    return jr_probes_add(&session->probes, session->alloc, name, session->config.probe_values, index);
}

static enum jr_status sample(void *user, const char *path, uint32_t *index, uint64_t *length,
                             char message[JR_MM_STAGE_MESSAGE_BYTES])
{
    struct jr_session *session = user;
    const char *script = jr_sources_count(session->sources) > 0 ? jr_sources_path(session->sources, 1) : "";
    uint32_t rate = session->config.resample ? session->config.sample_rate : 0;
    enum jr_status status = jr_samples_load(&session->samples, session->alloc, script, path, rate, index,
                                            message, JR_MM_STAGE_MESSAGE_BYTES);
    if (status == JR_OK)
        *length = session->samples.items[*index].count;
    return status;
}

struct jr_mm_stage_host jr_session_stage_host(struct jr_session *session)
{
    return (struct jr_mm_stage_host){ .user = session,
                                      .run = run,
                                      .control = control,
                                      .probe = session->config.probe_values > 0 ? probe : NULL,
                                      .sample = sample };
}
