/* builder_internal.h -- what the files of the builder share.
 *
 *   builder.c         life, failures, functions, state sites, finishing
 *   builder_code.c    instructions, constants, labels
 *   builder_tables.c  files, strings, layouts, sums, signatures, globals, imports */
#ifndef JR_IR_BUILDER_INTERNAL_H
#define JR_IR_BUILDER_INTERNAL_H

#include "ir/builder.h"
#include "ir/draft.h"

/* A jump whose offset awaits its label. */
struct jr_patch {
    uint32_t pc;
    uint32_t label;
};

/* Beside each jr_draft_body; the targets of its jump tables are labels until the end. */
struct jr_builder_body {
    JR_VEC(uint32_t) labels; /* pc, or JR_NONE while unbound */
    JR_VEC(struct jr_patch) patches;
    struct jr_place place; /* of the next instruction */
};

struct jr_builder {
    const struct jr_alloc *alloc;
    struct jr_draft draft;
    JR_VEC(struct jr_builder_body) bodies; /* as many as draft.functions */
    JR_VEC(bool) layout_defined, sum_defined;
    struct jr_index_map layout_map, signature_map, string_map, file_map, import_map;
    enum jr_status status; /* the first failure */
    char message[256];
};

/* Remembers a failure, if it is the first.  `function` may be JR_NONE; the place is that of its next instruction unless given. */
void jr_builder_fail(struct jr_builder *b, enum jr_status status, uint32_t function, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void jr_builder_fail_at(struct jr_builder *b, enum jr_status status, const struct jr_module *module,
                        const char *function, struct jr_place place, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* No failure so far, and the function exists (that it does not is a failure too). */
bool jr_builder_ready(struct jr_builder *b, uint32_t function);

/* What a failed table operation means: remembers no-memory, or the limit with the sentence given. */
void jr_builder_note(struct jr_builder *b, enum jr_status status, uint32_t function, const char *limit);

/* Gives every jump and jump table of the function its targets. */
void jr_builder_patch(struct jr_builder *b, uint32_t function);

#endif
