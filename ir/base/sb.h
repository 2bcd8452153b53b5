/* sb.h -- a string builder.
 *
 * Appending never fails visibly: after the first failed allocation the builder stays as it was and says so at the end
 * with jr_sb_status, so that printers need no check per line. */
#ifndef JR_IR_BASE_SB_H
#define JR_IR_BASE_SB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "ir/base/status.h"

struct jr_alloc;

struct jr_sb {
    const struct jr_alloc *alloc;
    char *text; /* `length` bytes and a NUL, or NULL while nothing was appended */
    size_t length;
    size_t capacity;
    bool failed;
};

/* Allocates nothing; `alloc` must outlive the builder. */
void jr_sb_init(struct jr_sb *sb, const struct jr_alloc *alloc);
void jr_sb_fini(struct jr_sb *sb);
void jr_sb_clear(struct jr_sb *sb); /* empty again, keeps the memory, forgets a failure */

void jr_sb_char(struct jr_sb *sb, char c);
void jr_sb_text(struct jr_sb *sb, const char *text);
void jr_sb_bytes(struct jr_sb *sb, const char *bytes, size_t length);
void jr_sb_repeat(struct jr_sb *sb, char c, size_t count);
__attribute__((format(printf, 2, 3))) void jr_sb_format(struct jr_sb *sb, const char *format, ...);
__attribute__((format(printf, 2, 0))) void jr_sb_vformat(struct jr_sb *sb, const char *format,
                                                         va_list arguments);
/* As a JSON string with its quotes.  The bytes must be UTF-8. */
void jr_sb_json(struct jr_sb *sb, const char *bytes, size_t length);

/* JR_OK, or JR_ERR_NO_MEMORY if something is missing. */
enum jr_status jr_sb_status(const struct jr_sb *sb);
/* The text so far, NUL-terminated, never NULL.  Borrowed: valid until the next append, clear or fini. */
const char *jr_sb_view(const struct jr_sb *sb);

#endif
