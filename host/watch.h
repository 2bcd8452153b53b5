/* watch.h -- which files have changed, and what was typed meanwhile.
 *
 * Folders are watched, not files: editors write a new file and give it the old name.  Several changes within a moment are one. */
#ifndef JR_HOST_WATCH_H
#define JR_HOST_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_watch;

/* `line` is called in jr_watch_wait for each line that comes in on standard input, without its end; NULL: standard input is left alone.
 * JR_OK, JR_ERR_NO_MEMORY, JR_ERR_IO (the system refuses), JR_ERR_UNSUPPORTED (this build cannot watch). */
enum jr_status jr_watch_create(const struct jr_alloc *alloc, void (*line)(void *user, const char *line),
                               void *user, struct jr_watch **out);
void jr_watch_destroy(struct jr_watch *watch); /* NULL is allowed */

/* Watches these files from now on and no others; one that does not exist is noticed when it comes.  Paths are copied.  Fails as above; whatever could be
 * watched is watched then. */
enum jr_status jr_watch_files(struct jr_watch *watch, const char *const *paths, size_t count);

/* Waits at most `seconds` and calls `line` as lines come; true if a file was changed since the last call. */
bool jr_watch_wait(struct jr_watch *watch, double seconds);

#endif
