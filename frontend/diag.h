/* diag.h -- what is wrong with a guest program, collected.
 *
 * A front end reports and goes on; the caller looks at the count at the end and renders what was collected.  Reporting
 * never fails visibly: out of memory makes jr_diags_status say so, and the report is counted.
 *
 *   struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_MISMATCH, found_span, "expected %s, found %s", a, b);
 *   jr_diag_label(diags, diag, expected_span, "expected because of this");
 *   jr_diag_note(diags, diag, "a function's parameters are always in parentheses"); */
#ifndef JR_FRONTEND_DIAG_H
#define JR_FRONTEND_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/source.h"
#include "ir/base/status.h"

struct jr_alloc;
struct jr_sb;
struct jr_diags; /* opaque; used by one thread at a time */

enum jr_category {
#define JR_CATEGORY(name, code, when) JR_CATEGORY_##name,
#include "frontend/categories.def"
};

enum jr_severity { JR_SEVERITY_ERROR, JR_SEVERITY_WARNING };

/* More errors than this are counted but not kept. */
enum { JR_DIAGS_KEPT = 1000 };

struct jr_label {
    struct jr_span span;
    const char *text; /* "" if the place speaks for itself */
};

/* One call on the way to where a running program failed. */
struct jr_diag_frame {
    const char *function;
    const char *path;      /* NULL if the place is not known */
    uint32_t line, column; /* from 1 */
    uint64_t left_out;     /* not 0: stands for so many calls that are not listed, and nothing else is set */
};

struct jr_diag {
    enum jr_category category;
    enum jr_severity severity;
    const char *message;     /* one line, without a period */
    struct jr_span span;     /* the place; span.file may be JR_FILE_NONE */
    const char *label;       /* what to write under the place, "" for nothing */
    struct jr_label *labels; /* further places */
    uint32_t label_count;
    const char **notes; /* sentences that help */
    uint32_t note_count;
    const char *replacement; /* what was probably meant instead of the text at the place; NULL if nothing is known */
    struct jr_diag_frame *frames; /* of a run-time error, innermost first */
    uint32_t frame_count;
};

enum jr_status jr_diags_create(const struct jr_alloc *alloc, struct jr_diags **out);
void jr_diags_destroy(struct jr_diags *diags); /* NULL is allowed */

/* Adds an error or a warning.  The texts are copied.  Returns it for labels and notes, or NULL if it is not kept (no
 * memory, too many); the functions below take that NULL and do nothing.  Borrowed, valid until jr_diags_destroy. */
__attribute__((format(printf, 4, 5))) struct jr_diag *jr_diags_error(struct jr_diags *diags,
                                                                     enum jr_category category,
                                                                     struct jr_span span, const char *format,
                                                                     ...);
__attribute__((format(printf, 4, 5))) struct jr_diag *jr_diags_warn(struct jr_diags *diags,
                                                                    enum jr_category category,
                                                                    struct jr_span span, const char *format,
                                                                    ...);
/* Sets the text under the place itself; adds a further place; adds a sentence. */
__attribute__((format(printf, 3, 4))) void jr_diag_set_label(struct jr_diags *diags, struct jr_diag *diag,
                                                             const char *format, ...);
__attribute__((format(printf, 4, 5))) void jr_diag_label(struct jr_diags *diags, struct jr_diag *diag,
                                                         struct jr_span span, const char *format, ...);
__attribute__((format(printf, 3, 4))) void jr_diag_note(struct jr_diags *diags, struct jr_diag *diag,
                                                        const char *format, ...);

/* A point to which the set can be taken back, as if nothing had been added since. */
struct jr_diags_mark {
    size_t kept, errors;
};
struct jr_diags_mark jr_diags_mark(const struct jr_diags *diags);
void jr_diags_rewind(struct jr_diags *diags, struct jr_diags_mark mark);
/* Suggests to write `replacement` (copied) at the place itself: "did you mean `replacement`?" */
void jr_diag_suggest(struct jr_diags *diags, struct jr_diag *diag, const char *replacement);
/* Adds a frame; its texts are copied. */
void jr_diag_add_frame(struct jr_diags *diags, struct jr_diag *diag, struct jr_diag_frame frame);

/* Until the next call, errors are about code that was made because of `span`: each gets it as its last label.  A span
 * without a file: about no such code. */
void jr_diags_set_origin(struct jr_diags *diags, struct jr_span span, const char *text);
/* The origin set last. */
struct jr_label jr_diags_origin(const struct jr_diags *diags);

/* Kept diagnostics, in the order in which they came, and how many errors came in all. */
size_t jr_diags_count(const struct jr_diags *diags);
const struct jr_diag *jr_diags_at(const struct jr_diags *diags, size_t index);
size_t jr_diags_error_count(const struct jr_diags *diags);
/* JR_OK, or JR_ERR_NO_MEMORY if a diagnostic was lost. */
enum jr_status jr_diags_status(const struct jr_diags *diags);

/* "E-PARSE", and when it is raised.  Static. */
const char *jr_category_code(enum jr_category category);
const char *jr_category_meaning(enum jr_category category);

/* For people: path:line:col: error[E-XXX]: message, the line with the place underlined, further places (those on the same line
 * below it), notes, calls; a blank line between two.  `colour` adds ANSI escapes. */
void jr_diags_render_text(const struct jr_diags *diags, const struct jr_sources *sources, bool colour,
                          struct jr_sb *out);
/* For tools: a JSON object on a line of its own for each; docs/diagnostics.md describes its members. */
void jr_diags_render_json(const struct jr_diags *diags, const struct jr_sources *sources, struct jr_sb *out);

#endif
