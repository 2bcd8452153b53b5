/* listing.h -- LLVM's text with the script's places in it.
 *
 * The text is that of a module with JR_DEBUG_CODE locations (debug.h).  Its debug information is taken out, and where the location changes stands
 * a line JR_EMIT_MARK "function code-word" (jit/provider.h). */
#ifndef JR_JIT_LLVM_LISTING_H
#define JR_JIT_LLVM_LISTING_H

#include <stddef.h>

/* Both give a malloc'ed text. */
char *jr_listing_of_assembly(const char *text, size_t length);
char *jr_listing_of_ir(const char *text);

#endif
