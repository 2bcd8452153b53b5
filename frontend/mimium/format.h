/* format.h -- mimium source in the one layout: what `jitrun fmt` prints.
 *
 * Tokens are never added, removed or changed; only what lies between them is.  Comments stay where they are.  The programmer's
 * line breaks stay where the layout leaves a choice (in lists, around operators, in one-line blocks); the rest is decided here:
 * four blanks a level, one statement a line in a block of several lines, at most JR_MM_FORMAT_WIDTH columns where that can be
 * had.  Formatting what was formatted changes nothing. */
#ifndef JR_FRONTEND_MIMIUM_FORMAT_H
#define JR_FRONTEND_MIMIUM_FORMAT_H

#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_diags;
struct jr_sb;
struct jr_sources;

enum { JR_MM_FORMAT_WIDTH = 100 /* code points */, JR_MM_FORMAT_INDENT = 4 };

/* Appends the formatted text of a file to `out`: lines that end with LF, none with blanks at its end.
 * JR_ERR_DIAGNOSED: the file does not parse, `diags` says why, and nothing is appended.  JR_ERR_VERIFY: the result, parsed
 * again, would be another program; that is a defect of the formatter, and nothing is appended.  JR_ERR_NO_MEMORY. */
enum jr_status jr_mimium_format(const struct jr_sources *sources, uint32_t file, const struct jr_alloc *alloc,
                                struct jr_diags *diags, struct jr_sb *out);

#endif
