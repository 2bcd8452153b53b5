/* asm.h -- text to a module: the `.jas` form, which the disassembler prints and people write by hand.
 *
 * The form is described in docs/internals/jas.md.  Any bytes may be given: what is no program is an error with its line. */
#ifndef JR_IR_ASM_H
#define JR_IR_ASM_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "ir/base/vec.h"

struct jr_module;

/* Line and column count from 1, columns in characters. */
struct jr_asm_error {
    uint32_t line, column;
    char message[160];
};
JR_VEC_OF(jr_asm_errors, struct jr_asm_error);

enum { JR_ASM_MOST_ERRORS = 20 }; /* of one run; what follows is not reported */

/* Makes a module of `text` (`size` bytes, borrowed; no NUL needed).  `name` is the path that places in the text itself get.
 *
 * *out   the module, not verified, owned by the caller; NULL on failure
 * errors is emptied first and filled with what is wrong, in the order found; the caller ends it with JR_VEC_FREE(alloc, errors)
 * gives  JR_OK; JR_ERR_DIAGNOSED: see errors; JR_ERR_NO_MEMORY; JR_ERR_LIMIT: a table of the module grew too large */
enum jr_status jr_assemble(const struct jr_alloc *alloc, const char *name, const char *text, size_t size,
                           struct jr_module **out, struct jr_asm_errors *errors);

#endif
