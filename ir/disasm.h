/* disasm.h -- a module as text.
 *
 * The text is complete and stable: assembling it (ir/asm.h) gives the same module again, table by table, and disassembling that
 * gives the same text.  The form is described in docs/internals/jas.md. */
#ifndef JR_IR_DISASM_H
#define JR_IR_DISASM_H

#include "ir/base/sb.h"
#include "ir/module.h"

/* Appends the whole module, or with a function's index only that function.  The module need not be verified; its pointers and
 * counts must be true, its indices and code may be anything.  JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_disassemble(const struct jr_module *module, uint32_t function, struct jr_sb *out);

/* Appends one instruction as it stands in the listing, without indentation and line end: for traces and messages.
 * `pc` < function->code_count. */
enum jr_status jr_disassemble_at(const struct jr_module *module, const struct jr_function *function,
                                 uint32_t pc, struct jr_sb *out);

#endif
