/* report.c -- diagnostics of a session: making them from run-time errors, and showing them. */
#include <stdio.h>
#include <string.h>

#include "host/session_internal.h"
#include "ir/base/sb.h"
#include "ir/module.h"
#include "runtime/error.h"
#include "runtime/vm.h"

struct jr_span jr_session_span(const struct jr_session *session, const struct jr_module *module,
                               struct jr_place place)
{
    struct jr_span none = { JR_FILE_NONE, 0, 0 };
    if (place.file == JR_NONE || place.line == 0)
        return none;
    for (uint32_t file = 1; file <= jr_sources_count(session->sources); file++) {
        if (strcmp(jr_sources_path(session->sources, file), module->files[place.file]) == 0)
            return (struct jr_span){ file, place.start, place.end };
    }
    return none;
}

/* "path:line:column", or "" if the place is unknown. */
static void put_place(const struct jr_module *module, struct jr_place place, char *text, size_t size)
{
    if (place.file == JR_NONE || place.line == 0)
        text[0] = '\0';
    else
        snprintf(text, size, "%s:%u:%u", module->files[place.file], place.line, place.column);
}

struct jr_diag *jr_session_describe(const struct jr_session *session, const struct jr_module *module,
                                    const struct jr_error *error, enum jr_category category,
                                    struct jr_diags *diags)
{
    struct jr_span span = jr_session_span(session, module, error->place);
    size_t count = jr_error_trace_count(error);
    struct jr_diag *diag;
    char place[300];

    put_place(module, error->place, place, sizeof place);
    if (span.file == JR_FILE_NONE && place[0])
        diag = jr_diags_error(diags, category, span, "%s: %s (%s)", place, error->message,
                              jr_status_name(error->code));
    else
        diag = jr_diags_error(diags, category, span, "%s (%s)", error->message, jr_status_name(error->code));
    for (size_t i = 0; i < count; i++) {
        struct jr_trace_line line = jr_error_trace_line(error, i);
        struct jr_place at = jr_function_place(line.function, line.pc);
        struct jr_diag_frame frame = { .function = line.function->name };
        if (at.file != JR_NONE && at.line != 0) {
            frame.path = module->files[at.file];
            frame.line = at.line;
            frame.column = at.column;
        }
        jr_diag_add_frame(diags, diag, frame);
        if (i + 1 == JR_TRACE_INNER && jr_error_left_out(error) > 0)
            jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ .left_out = jr_error_left_out(error) });
    }
    return diag;
}

enum jr_status jr_session_diagnose_run(struct jr_session *session)
{
    const struct jr_error *error = jr_vm_error(session->vm);
    jr_session_describe(session, session->module, error, JR_CATEGORY_RUN, session->run_diags);
    if (jr_diags_status(session->run_diags) != JR_OK)
        return jr_session_fail(session, JR_ERR_NO_MEMORY, "no memory to say that %s", error->message);
    return JR_ERR_DIAGNOSED;
}

static void render(const struct jr_session *session, const struct jr_diags *diags, bool json, bool colour,
                   struct jr_sb *out)
{
    if (json)
        jr_diags_render_json(diags, session->sources, out);
    else
        jr_diags_render_text(diags, session->sources, colour, out);
}

void jr_session_report(struct jr_session *session, bool json, bool colour, struct jr_sb *out)
{
    if (!session->compile_reported)
        render(session, session->compile_diags, json, colour, out);
    if (!session->run_reported)
        render(session, session->run_diags, json, colour, out);
    session->compile_reported = session->compile_reported || jr_diags_count(session->compile_diags) > 0;
    session->run_reported = session->run_reported || jr_diags_count(session->run_diags) > 0;
}

size_t jr_session_problem_count(const struct jr_session *session)
{
    return jr_diags_count(session->compile_diags) + jr_diags_count(session->run_diags);
}

void jr_session_get_problem(const struct jr_session *session, size_t index, struct jr_session_problem *out)
{
    size_t first = jr_diags_count(session->compile_diags);
    const struct jr_diag *diag = index < first ? jr_diags_at(session->compile_diags, index)
                                               : jr_diags_at(session->run_diags, index - first);
    *out = (struct jr_session_problem){ .code = jr_category_code(diag->category),
                                        .message = diag->message,
                                        .warning = diag->severity == JR_SEVERITY_WARNING };
    if (diag->span.file != JR_FILE_NONE) {
        struct jr_position at = jr_sources_position(session->sources, diag->span.file, diag->span.start);
        out->file = jr_sources_path(session->sources, diag->span.file);
        out->line = at.line;
        out->column = at.column;
    }
}
