/* mimium.h -- mimium source to a module of bytecode. */
#ifndef JR_FRONTEND_MIMIUM_MIMIUM_H
#define JR_FRONTEND_MIMIUM_MIMIUM_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_diags;
struct jr_module;
struct jr_sb;
struct jr_sources;

struct jr_mimium_options {
    bool self_init_0; /* a function that uses `self` gives its previous value instead of its new one */
};

/* Compiles the file `file` of `sources`.
 *
 * options  NULL for the usual
 * diags    every error of the program is added, in the order parse, types, the rest
 * out      a module that jr_verify has not seen yet, owned by the caller; NULL unless JR_OK
 * errors   JR_ERR_DIAGNOSED if the program is wrong, JR_ERR_NO_MEMORY */
enum jr_status jr_mimium_compile(const struct jr_sources *sources, uint32_t file,
                                 const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                 struct jr_diags *diags, struct jr_module **out);

/* Checks a program and writes the type of each name defined at its top level, one a line, in source syntax:
 * `name: type`.  Type variables that stand for any type are 'a, 'b ...  Returns as jr_mimium_compile does; what could be typed is
 * written for a wrong program too. */
enum jr_status jr_mimium_dump_types(const struct jr_sources *sources, uint32_t file,
                                    const struct jr_alloc *alloc, struct jr_diags *diags, struct jr_sb *out);

#endif
