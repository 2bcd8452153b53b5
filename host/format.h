/* format.h -- laying out the source of a script, as `jitrun fmt` does. */
#ifndef JR_HOST_FORMAT_H
#define JR_HOST_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_sb;

/* Appends the layout of a mimium text (borrowed) to `out`; `name` is for diagnostics.
 * JR_ERR_DIAGNOSED: it does not parse, and `report` has got why, as text for people or as JSON lines.  JR_ERR_VERIFY: the layout
 * would be another program, which is a defect of the formatter.  JR_ERR_NO_MEMORY, JR_ERR_LIMIT (the text is too long).  Nothing
 * is appended to `out` then. */
enum jr_status jr_format_text(const struct jr_alloc *alloc, const char *name, const char *text, size_t length,
                              bool json, bool colour, struct jr_sb *out, struct jr_sb *report);

#endif
