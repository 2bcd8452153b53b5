/* line_table.h -- which instruction each piece of machine code comes from, out of an object with JR_DEBUG_CODE locations (debug.h). */
#ifndef JR_JIT_LLVM_LINE_TABLE_H
#define JR_JIT_LLVM_LINE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "jit/provider.h"

/* Reads a .debug_line section of DWARF 4 with one sequence, as one text section has it, whose code begins at `text`.  Rows are sorted by address;
 * malloc'ed, NULL and none if the section is of another kind. */
struct jr_code_line *jr_line_table_read(const void *section, size_t size, uint64_t text, uint32_t *count);

#endif
