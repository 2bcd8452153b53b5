/* parse.h -- the text of a mimium file to its syntax tree. */
#ifndef JR_FRONTEND_MIMIUM_PARSE_H
#define JR_FRONTEND_MIMIUM_PARSE_H

#include <stdint.h>

#include "frontend/mimium/ast.h"
#include "ir/base/status.h"

struct jr_diags;
struct jr_sb;
struct jr_sources;

/* Parses one file.  Adds nodes to `ast`, names to its symbols, and errors to `diags`, in source order; recovers from
 * each, so that *out is the tree of all that was understood.  Only nesting beyond JR_MM_DEPTH_MAX (E-LIMIT) ends the
 * reading: the statement it is in becomes an ERROR, those behind it are missing.
 *
 * sources, file   borrowed; the tree keeps no pointer into the text
 * out             in the arena of `ast`; NULL only on failure
 * errors          JR_OK also for a wrong program: look at jr_diags_error_count.  JR_ERR_NO_MEMORY */
enum jr_status jr_mimium_parse(const struct jr_sources *sources, uint32_t file, struct jr_mm_ast *ast,
                               struct jr_diags *diags, struct jr_mm_program **out);

/* The tree as text, one statement or block item per line, for people and tests.  Stable.  Fails with JR_ERR_NO_MEMORY. */
enum jr_status jr_mimium_dump_ast(const struct jr_mm_ast *ast, const struct jr_mm_program *program,
                                  struct jr_sb *out);

#endif
