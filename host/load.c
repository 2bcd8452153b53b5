/* load.c -- languages to modules: mimium source, assembly text, saved programs.  All end in the verifier. */
#include <stdio.h>

#include "frontend/mimium/mimium.h"
#include "host/session_internal.h"
#include "ir/asm.h"
#include "ir/image.h"
#include "ir/module.h"
#include "ir/verify.h"

/* The span of a place in the file that is being compiled. */
static struct jr_span span_at(const struct jr_session *session, uint32_t file, uint32_t line, uint32_t column)
{
    struct jr_span span = { file, 0, 0 };
    if (line >= 1 && line <= jr_sources_line_count(session->sources, file)) {
        struct jr_span whole = jr_sources_line(session->sources, file, line);
        uint32_t length = whole.end - whole.start, at = column - 1;
        span.start = whole.start + (at < length ? at : length);
        span.end = span.start + (at < length);
    }
    return span;
}

static enum jr_status load_assembly(struct jr_session *session, uint32_t file, const char *name,
                                    const char *text, size_t length)
{
    struct jr_asm_errors errors = { 0 };
    enum jr_status status = jr_assemble(session->alloc, name, text, length, &session->module, &errors);
    for (size_t i = 0; i < errors.count; i++)
        jr_diags_error(session->compile_diags, JR_CATEGORY_BYTECODE,
                       span_at(session, file, errors.items[i].line, errors.items[i].column), "%s",
                       errors.items[i].message);
    JR_VEC_FREE(session->alloc, &errors);
    return status;
}

/* What the verifier says about a module that no front end vouches for is the author's error; about our own, a defect of ours, but
 * reported in the same way. */
static enum jr_status verify(struct jr_session *session, const char *name)
{
    struct jr_verify_report report;
    struct jr_span nowhere = { JR_FILE_NONE, 0, 0 };
    enum jr_status status = jr_verify(session->module, session->alloc, &report);
    if (status != JR_ERR_VERIFY)
        return status;
    jr_diags_error(session->compile_diags, JR_CATEGORY_BYTECODE, nowhere, "%s: %s", name, report.message);
    return JR_ERR_DIAGNOSED;
}

struct jr_mimium_options jr_session_mimium_options(struct jr_session *session)
{
    return (struct jr_mimium_options){
        .stage_host = jr_session_stage_host(session),
        .files = session->config.files,
        .hosts = session->config.hosts,
        .host_count = session->config.host_count,
        .self_init_0 = session->config.self_init_zero,
        .search_first = session->search.first,
        .search_first_count = session->search.first_count,
        .user_library = session->search.user_library,
        .libraries = &session->search.library,
        .library_count = session->search.library != NULL,
    };
}

enum jr_status jr_session_load(struct jr_session *session, enum jr_language language, const char *name,
                               const char *text, size_t length)
{
    struct jr_mimium_options options = jr_session_mimium_options(session);
    struct jr_span nowhere = { JR_FILE_NONE, 0, 0 };
    uint32_t file = JR_FILE_NONE;
    char message[256] = "";
    enum jr_status status;

    session->language = language;
    if (language != JR_LANGUAGE_IMAGE)
        JR_TRY(jr_sources_add(session->sources, name, text, length, &file));
    switch (language) {
    case JR_LANGUAGE_MIMIUM:
        status = jr_mimium_compile(session->sources, file, &options, session->alloc, session->compile_diags,
                                   &session->module);
        break;
    case JR_LANGUAGE_ASSEMBLY:
        status = load_assembly(session, file, name, text, length);
        break;
    case JR_LANGUAGE_IMAGE:
        status = jr_image_load(session->alloc, text, length, &session->module, NULL, message, sizeof message);
        if (status != JR_OK && status != JR_ERR_NO_MEMORY) {
            jr_diags_error(session->compile_diags, JR_CATEGORY_BYTECODE, nowhere, "%s: %s", name, message);
            status = JR_ERR_DIAGNOSED;
        }
        break;
    }
    if (status == JR_OK && !session->module->verified)
        status = verify(session, name);
    if (status == JR_OK)
        status = jr_diags_status(session->compile_diags);
done:
    if (status != JR_OK) {
        jr_module_destroy(session->module);
        session->module = NULL;
    }
    return status;
}
