/* file.h -- whole files in memory. */
#ifndef JR_HOST_FILE_H
#define JR_HOST_FILE_H

#include <stddef.h>

#include "ir/base/status.h"

struct jr_alloc;

/* The bytes of a file, "-" being standard input, with a NUL after them that *length does not count.
 * Owner: the caller, who frees *length + 1 bytes with jr_alloc_free.
 * Fails with JR_ERR_NOT_FOUND, JR_ERR_IO (errno says why: a folder is EISDIR), JR_ERR_NO_MEMORY, or JR_ERR_LIMIT above 1 GiB. */
enum jr_status jr_file_read(const struct jr_alloc *alloc, const char *path, char **text, size_t *length);

/* Puts `text` in the place of the file at `path`, whole or not at all: what reads the file meanwhile sees the old content or the
 * new one, and an error leaves the old one.  Its permissions stay; of a link the file that it leads to is replaced.
 * Fails with JR_ERR_IO (errno says why) or JR_ERR_NO_MEMORY. */
enum jr_status jr_file_replace(const char *path, const char *text, size_t length);

#endif
