/* parse_text.h -- for tests: text in, the tree and the errors as text out. */
#ifndef JR_TESTS_PARSE_TEXT_H
#define JR_TESTS_PARSE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/base/status.h"

struct parse_text {
    enum jr_status status;
    struct jr_sb tree;   /* jr_mimium_dump_ast */
    struct jr_sb errors; /* line:column-line:column category message; "  note" behind it; one each line */
    size_t error_count;
    uint32_t node_count;
    uint32_t height; /* of the highest statement */
};

/* Parses `length` bytes with this allocator, which then holds nothing but the texts. */
void parse_text(struct parse_text *parsed, const struct jr_alloc *alloc, const char *text, size_t length);
/* The same with every node of the tree in an allocation of its own. */
void parse_text_exact(struct parse_text *parsed, const struct jr_alloc *alloc, const char *text,
                      size_t length);
void parse_text_fini(struct parse_text *parsed);

/* An allocator that counts; call number fail_at and all later ones fail (0: none does). */
struct counting_heap {
    size_t live_bytes;
    size_t calls, fail_at;
};
struct jr_alloc counting_alloc(struct counting_heap *heap);

#endif
