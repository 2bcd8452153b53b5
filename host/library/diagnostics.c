/* diagnostics.c -- lists of diagnostics as the interface shows them. */
#include "host/library/internal.h"
#include "ir/base/sb.h"

static const struct jr_diag *diag_at(const struct jitrun_diagnostics *list, size_t index)
{
    return list != NULL && index < jitrun_diagnostics_count(list) ? jr_diags_at(list->diags, index) : NULL;
}

size_t jitrun_diagnostics_count(const struct jitrun_diagnostics *list)
{
    return list != NULL && list->diags != NULL ? jr_diags_count(list->diags) : 0;
}

enum jitrun_status jitrun_diagnostics_get(const struct jitrun_diagnostics *list, size_t index,
                                          struct jitrun_diagnostic *out)
{
    const struct jr_diag *diag = diag_at(list, index);
    struct jitrun_diagnostic result = { .size = sizeof result };
    if (diag == NULL)
        return JITRUN_ERR_INVALID;
    result.code = jr_category_code(diag->category);
    result.severity = diag->severity == JR_SEVERITY_WARNING ? JITRUN_WARNING : JITRUN_ERROR;
    result.message = diag->message;
    if (diag->span.file != JR_FILE_NONE) {
        struct jr_position begin = jr_sources_position(list->sources, diag->span.file, diag->span.start);
        struct jr_position end = jr_sources_position(list->sources, diag->span.file, diag->span.end);
        result.file = jr_sources_path(list->sources, diag->span.file);
        result.line = begin.line, result.column = begin.column;
        result.end_line = end.line, result.end_column = end.column;
        result.start = diag->span.start, result.end = diag->span.end;
    }
    result.label = diag->label;
    result.replacement = diag->replacement;
    result.notes = diag->notes;
    result.note_count = diag->note_count;
    result.place_count = diag->label_count;
    result.frame_count = diag->frame_count;
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

enum jitrun_status jitrun_diagnostic_place(const struct jitrun_diagnostics *list, size_t index, size_t place,
                                           struct jitrun_place *out)
{
    const struct jr_diag *diag = diag_at(list, index);
    struct jitrun_place result = { .size = sizeof result };
    if (diag == NULL || place >= diag->label_count)
        return JITRUN_ERR_INVALID;
    const struct jr_label *label = &diag->labels[place];
    result.text = label->text;
    if (label->span.file != JR_FILE_NONE) {
        struct jr_position at = jr_sources_position(list->sources, label->span.file, label->span.start);
        result.file = jr_sources_path(list->sources, label->span.file);
        result.line = at.line, result.column = at.column;
    }
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

enum jitrun_status jitrun_diagnostic_frame(const struct jitrun_diagnostics *list, size_t index, size_t frame,
                                           struct jitrun_place *out)
{
    const struct jr_diag *diag = diag_at(list, index);
    struct jitrun_place result = { .size = sizeof result };
    if (diag == NULL || frame >= diag->frame_count)
        return JITRUN_ERR_INVALID;
    result.text = diag->frames[frame].function != NULL ? diag->frames[frame].function : "";
    result.file = diag->frames[frame].path;
    result.line = diag->frames[frame].line, result.column = diag->frames[frame].column;
    result.left_out = diag->frames[frame].left_out;
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

enum jitrun_status jitrun_diagnostics_render(const struct jitrun_diagnostics *list, enum jitrun_rendering rendering,
                                             jitrun_sink *sink, void *user)
{
    struct jr_sb text;
    enum jitrun_status status;
    if (list == NULL || sink == NULL || rendering > JITRUN_JSON)
        return JITRUN_ERR_INVALID;
    if (list->diags == NULL)
        return JITRUN_OK;
    jr_sb_init(&text, list->alloc);
    if (rendering == JITRUN_JSON)
        jr_diags_render_json(list->diags, list->sources, &text);
    else
        jr_diags_render_text(list->diags, list->sources, rendering == JITRUN_TEXT_COLOUR, &text);
    status = jr_library_pour(&text, JR_OK, sink, user);
    jr_sb_fini(&text);
    return status;
}

static enum jitrun_status announce(void *user, const char *text, size_t length)
{
    const struct jitrun_config *config = user;
    config->diagnostic(config->user, text, length);
    return JITRUN_OK;
}

void jr_library_announce(const struct jitrun_engine *engine, const struct jitrun_diagnostics *list)
{
    if (engine->config.diagnostic != NULL && jitrun_diagnostics_count(list) > 0)
        (void)jitrun_diagnostics_render(list, JITRUN_TEXT, announce, (void *)(uintptr_t)&engine->config);
}
