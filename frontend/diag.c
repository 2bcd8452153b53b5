/* diag.c -- collecting diagnostics.  Rendering is in diag_render.c. */
#include "frontend/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/assert.h"
#include "ir/base/vec.h"

struct jr_diags {
    const struct jr_alloc *alloc;
    struct jr_arena arena; /* diagnostics and their texts */
    JR_VEC(struct jr_diag *) kept;
    size_t error_count;
    bool failed;
    struct jr_label origin;  /* of the errors that come now; span.file JR_FILE_NONE: none */
    struct jr_diag *unlabelled; /* the last error, which gets the origin when its own labels are complete */
};

enum jr_status jr_diags_create(const struct jr_alloc *alloc, struct jr_diags **out)
{
    struct jr_diags *diags = jr_alloc_new(alloc, sizeof *diags);
    *out = diags;
    if (diags == NULL)
        return JR_ERR_NO_MEMORY;
    diags->alloc = alloc;
    jr_arena_init(&diags->arena, alloc);
    return JR_OK;
}

void jr_diags_destroy(struct jr_diags *diags)
{
    if (diags == NULL)
        return;
    JR_VEC_FREE(diags->alloc, &diags->kept);
    jr_arena_fini(&diags->arena);
    jr_alloc_free(diags->alloc, diags, sizeof *diags);
}

struct jr_diags_mark jr_diags_mark(const struct jr_diags *diags)
{
    return (struct jr_diags_mark){ diags->kept.count, diags->error_count };
}

void jr_diags_rewind(struct jr_diags *diags, struct jr_diags_mark mark)
{
    diags->kept.count = mark.kept;
    diags->error_count = mark.errors;
}

/* The formatted text in the arena; NULL, and the set failed, if there is no memory. */
__attribute__((format(printf, 2, 0))) static const char *text_of(struct jr_diags *diags, const char *format,
                                                                 va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : jr_arena_alloc(&diags->arena, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    else
        diags->failed = true;
    va_end(again);
    return text;
}

/* The last error has all its labels: its origin comes behind them. */
static void label_origin(struct jr_diags *diags)
{
    struct jr_diag *diag = diags->unlabelled;
    diags->unlabelled = NULL;
    if (diag != NULL && diags->origin.span.file != JR_FILE_NONE)
        jr_diag_label(diags, diag, diags->origin.span, "%s", diags->origin.text);
}

void jr_diags_set_origin(struct jr_diags *diags, struct jr_span span, const char *text)
{
    label_origin(diags);
    diags->origin = (struct jr_label){ span, text };
}

struct jr_label jr_diags_origin(const struct jr_diags *diags)
{
    return diags->origin;
}

__attribute__((format(printf, 5, 0))) static struct jr_diag *
add(struct jr_diags *diags, enum jr_severity severity, enum jr_category category, struct jr_span span,
    const char *format, va_list arguments)
{
    if (severity == JR_SEVERITY_ERROR)
        diags->error_count++;
    if (diags->kept.count >= JR_DIAGS_KEPT)
        return NULL;
    struct jr_diag *diag = JR_ARENA_NEW(&diags->arena, struct jr_diag);
    const char *message = text_of(diags, format, arguments);
    if (diag == NULL || message == NULL || JR_VEC_PUSH(diags->alloc, &diags->kept, diag) != JR_OK) {
        diags->failed = true;
        return NULL;
    }
    diag->category = category;
    diag->severity = severity;
    diag->message = message;
    diag->span = span;
    diag->label = "";
    label_origin(diags);
    if (severity == JR_SEVERITY_ERROR && diags->origin.span.file != JR_FILE_NONE)
        diags->unlabelled = diag;
    return diag;
}

struct jr_diag *jr_diags_error(struct jr_diags *diags, enum jr_category category, struct jr_span span,
                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct jr_diag *diag = add(diags, JR_SEVERITY_ERROR, category, span, format, arguments);
    va_end(arguments);
    return diag;
}

struct jr_diag *jr_diags_warn(struct jr_diags *diags, enum jr_category category, struct jr_span span,
                              const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct jr_diag *diag = add(diags, JR_SEVERITY_WARNING, category, span, format, arguments);
    va_end(arguments);
    return diag;
}

void jr_diag_set_label(struct jr_diags *diags, struct jr_diag *diag, const char *format, ...)
{
    if (diag == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    const char *text = text_of(diags, format, arguments);
    va_end(arguments);
    if (text != NULL)
        diag->label = text;
}

/* A list one longer, in the arena: lists are short, so the old one is left behind.  NULL if there is no memory. */
static void *longer(struct jr_diags *diags, const void *items, uint32_t count, size_t item_size)
{
    char *copy = jr_arena_alloc(&diags->arena, (count + 1) * item_size);
    if (copy == NULL)
        diags->failed = true;
    else if (count != 0)
        memcpy(copy, items, count * item_size);
    return copy;
}

void jr_diag_label(struct jr_diags *diags, struct jr_diag *diag, struct jr_span span, const char *format, ...)
{
    if (diag == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    const char *text = text_of(diags, format, arguments);
    va_end(arguments);
    struct jr_label *labels = longer(diags, diag->labels, diag->label_count, sizeof *labels);
    if (text == NULL || labels == NULL)
        return;
    labels[diag->label_count].span = span;
    labels[diag->label_count].text = text;
    diag->labels = labels;
    diag->label_count++;
}

void jr_diag_note(struct jr_diags *diags, struct jr_diag *diag, const char *format, ...)
{
    if (diag == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    const char *text = text_of(diags, format, arguments);
    va_end(arguments);
    const char **notes = longer(diags, diag->notes, diag->note_count, sizeof *notes);
    if (text == NULL || notes == NULL)
        return;
    notes[diag->note_count++] = text;
    diag->notes = notes;
}

/* A copy in the arena; NULL for NULL, or if there is no memory. */
static const char *copy_of(struct jr_diags *diags, const char *text)
{
    const char *copy = text == NULL ? NULL : jr_arena_text(&diags->arena, text, strlen(text));
    if (text != NULL && copy == NULL)
        diags->failed = true;
    return copy;
}

void jr_diag_suggest(struct jr_diags *diags, struct jr_diag *diag, const char *replacement)
{
    if (diag != NULL)
        diag->replacement = copy_of(diags, replacement);
}

void jr_diag_add_frame(struct jr_diags *diags, struct jr_diag *diag, struct jr_diag_frame frame)
{
    if (diag == NULL)
        return;
    struct jr_diag_frame *frames = longer(diags, diag->frames, diag->frame_count, sizeof *frames);
    if (frames == NULL)
        return;
    frame.function = copy_of(diags, frame.function);
    frame.path = copy_of(diags, frame.path);
    frames[diag->frame_count++] = frame;
    diag->frames = frames;
}

size_t jr_diags_count(const struct jr_diags *diags)
{
    return diags->kept.count;
}

const struct jr_diag *jr_diags_at(const struct jr_diags *diags, size_t index)
{
    JR_ASSERT(index < diags->kept.count, "the index is below jr_diags_count");
    return diags->kept.items[index];
}

size_t jr_diags_error_count(const struct jr_diags *diags)
{
    return diags->error_count;
}

enum jr_status jr_diags_status(const struct jr_diags *diags)
{
    return diags->failed ? JR_ERR_NO_MEMORY : JR_OK;
}

const char *jr_category_code(enum jr_category category)
{
    switch (category) {
#define JR_CATEGORY(name, code, when) \
    case JR_CATEGORY_##name:          \
        return code;
#include "frontend/categories.def"
    }
    return "E-UNKNOWN";
}

const char *jr_category_meaning(enum jr_category category)
{
    switch (category) {
#define JR_CATEGORY(name, code, when) \
    case JR_CATEGORY_##name:          \
        return when;
#include "frontend/categories.def"
    }
    return "";
}
