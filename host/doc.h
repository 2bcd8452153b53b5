/* doc.h -- what a module or a script offers, as text for people. */
#ifndef JR_HOST_DOC_H
#define JR_HOST_DOC_H

#include <stdbool.h>

#include "ir/base/status.h"

struct jr_sb;
struct jr_session;

/* Appends the documentation of `what`, a module (`osc`, found as scripts find it) or a script (a path with a slash or ending in
 * .mmm), or only that of the name `name` in it (NULL: of all).  The session is a fresh one, and is used up.
 *
 * JR_ERR_DIAGNOSED: it has errors, which are the session's problems; what could be understood is appended.
 * JR_ERR_NOT_FOUND: there is no such module or name; jr_session_failure says so, with what may have been meant.  JR_ERR_IO: the file
 * cannot be read. */
enum jr_status jr_session_document(struct jr_session *session, const char *what, const char *name, bool colour,
                                   struct jr_sb *out);

/* Appends the modules that scripts can use, one a line with the first line of its head. */
enum jr_status jr_session_list_modules(struct jr_session *session, struct jr_sb *out);

#endif
