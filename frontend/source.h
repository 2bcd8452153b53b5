/* source.h -- the source files of one compilation, and places in them.
 *
 * A file gets a small id and keeps its text until the set ends, so a span of twelve bytes is enough for every token,
 * node and diagnostic.  Offsets are bytes from the start of the file. */
#ifndef JR_FRONTEND_SOURCE_H
#define JR_FRONTEND_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_named_text;
struct jr_sources; /* opaque; used by one thread at a time */

enum {
    JR_FILE_NONE = 0,               /* no file; the first file is 1 */
    JR_FILE_BYTES_MAX = 0x40000000, /* a longer file is JR_ERR_LIMIT */
};

/* The bytes [start, end) of a file.  An empty span is a place between two bytes. */
struct jr_span {
    uint32_t file;
    uint32_t start, end;
};

/* Both counted from 1.  Lines end with LF, CR LF or CR; columns count Unicode code points. */
struct jr_position {
    uint32_t line, column;
};

enum jr_status jr_sources_create(const struct jr_alloc *alloc, struct jr_sources **out);
void jr_sources_destroy(struct jr_sources *sources); /* NULL is allowed */

/* Adds a file under the name that diagnostics show; both texts are copied.  The text may be anything, the parser
 * checks it.  Fails with JR_ERR_NO_MEMORY or JR_ERR_LIMIT; *out is then JR_FILE_NONE. */
enum jr_status jr_sources_add(struct jr_sources *sources, const char *path, const char *text, size_t length,
                              uint32_t *out);
/* The same with the content of the file at `path`; JR_ERR_NOT_FOUND if there is none, JR_ERR_IO if it cannot be
 * read (a directory, for instance). */
enum jr_status jr_sources_load(struct jr_sources *sources, const char *path, uint32_t *out);

/* Texts that jr_sources_load takes in place of the files of their paths.  Borrowed, must outlive the set. */
void jr_sources_stand_in(struct jr_sources *sources, const struct jr_named_text *texts, size_t count);

/* The first file of this name, or JR_FILE_NONE. */
uint32_t jr_sources_find(const struct jr_sources *sources, const char *path);

/* How many files there are: their ids are 1 .. count. */
uint32_t jr_sources_count(const struct jr_sources *sources);
/* Borrowed, NUL-terminated, valid until jr_sources_destroy. */
const char *jr_sources_path(const struct jr_sources *sources, uint32_t file);
const char *jr_sources_text(const struct jr_sources *sources, uint32_t file, size_t *length);

/* Where the byte at `offset` stands; an offset past the end counts as the end. */
struct jr_position jr_sources_position(const struct jr_sources *sources, uint32_t file, uint32_t offset);
/* How many lines, and the bytes [start, end) of line `line` (1 .. count) without its terminator. */
uint32_t jr_sources_line_count(const struct jr_sources *sources, uint32_t file);
struct jr_span jr_sources_line(const struct jr_sources *sources, uint32_t file, uint32_t line);

/* From the start of the first to the end of the second; both in one file. */
static inline struct jr_span jr_span_join(struct jr_span first, struct jr_span last)
{
    struct jr_span span = { first.file, first.start, last.end };
    return span;
}

#endif
