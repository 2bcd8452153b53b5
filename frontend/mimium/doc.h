/* doc.h -- what a file offers, for people: names, signatures with inferred types, and the comments above them.
 *
 * A comment of lines that begin with three slashes belongs to the definition below it; where a file has none of those, plain
 * line comments do.  The head of a file are its lines with two slashes and an exclamation mark, or a plain comment at its
 * beginning with an empty line behind it. */
#ifndef JR_FRONTEND_MIMIUM_DOC_H
#define JR_FRONTEND_MIMIUM_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/arena.h"
#include "ir/base/status.h"

struct jr_diags;
struct jr_mimium_options;
struct jr_sources;

struct jr_mimium_doc_entry {
    const char *name;      /* inside the file: "phasor", "jcrev::jcrev_wet"; of a re-export its last name, or "*" */
    const char *signature; /* one line, as in the source, with types: "fn phasor(freq: float) -> float" */
    const char *comment;   /* lines that end with LF, without slashes; "" if there is none */
    bool is_module;        /* what it contains follows */
    bool is_use;           /* a name of another module; the statement is the signature of each name in it */
};

struct jr_mimium_doc {
    struct jr_arena arena; /* holds the rest */
    const char *head;      /* as a comment */
    const struct jr_mimium_doc_entry *entries; /* in the order of the source */
    uint32_t count;
};

/* Documents file `documented` of `sources`, which is the program `file` or was loaded by it (jr_mimium_compile): its public names, or,
 * if it says nowhere what is public, all of its top level.
 *
 * documented  0: the first file that the program loads
 * diags       the errors of the program; what could be understood is documented all the same
 * out         ended with jr_mimium_doc_free in any case
 * errors      JR_ERR_DIAGNOSED, JR_ERR_NOT_FOUND (there is no such file: nothing was loaded), JR_ERR_NO_MEMORY */
enum jr_status jr_mimium_document(struct jr_sources *sources, uint32_t file, uint32_t documented,
                                  const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                  struct jr_diags *diags, struct jr_mimium_doc *out);
void jr_mimium_doc_free(struct jr_mimium_doc *doc);

#endif
