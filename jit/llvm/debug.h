/* debug.h -- debug locations on the instructions of a module, so that what looks at machine code finds the script in it.
 *
 *   JR_DEBUG_PLACES   DWARF for debuggers and profilers: files, lines and columns of the script, functions named "script.mmm:voice",
 *                     and what was inlined by specialisation as calls that were inlined
 *   JR_DEBUG_CODE     a line table only, whose "file" is a function's number and whose "line" is an instruction's code word + 1: what
 *                     listings and the profiler look up places and callers with; line 0 belongs to no instruction
 *
 * Locations change no instruction: the code is the same bytes with and without (tests/unit/jit/test_jit_debug.c). */
#ifndef JR_JIT_LLVM_DEBUG_H
#define JR_JIT_LLVM_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include <llvm-c/Types.h>

#include "jit/provider.h"

struct jr_lower;

/* Of one LLVM module; all zero: no locations, and everything below does nothing. */
struct jr_debug {
    enum jr_debug_kind kind;
    const struct jr_module *module;
    LLVMContextRef context;
    LLVMDIBuilderRef builder;
    LLVMMetadataRef *files;   /* PLACES: per file of the module, then one for "no file"; made at first need */
    LLVMMetadataRef *scopes;  /* PLACES: per function, as the scope of what was inlined from it */
    LLVMMetadataRef *callers; /* PLACES: per caller of the residual function, the location of the call */
    uint32_t file_count, scope_count, caller_count;
    bool unwinding; /* unwind tables for all functions; set after init */
};

void jr_debug_init(struct jr_debug *debug, enum jr_debug_kind kind, LLVMContextRef context, LLVMModuleRef llvm,
                   const struct jr_module *module);
void jr_debug_finish(struct jr_debug *debug); /* when all is lowered, before the module is verified */
void jr_debug_fini(struct jr_debug *debug);

/* `code` of `function` has just been made: its scope, or NULL without locations.  The builder's location is that of the function. */
LLVMMetadataRef jr_debug_scope(struct jr_debug *debug, LLVMBuilderRef builder, LLVMValueRef code, uint32_t function);
/* What is built from here on comes from the instruction at `pc` of `function`; with JR_NONE from the function, but from no instruction. */
void jr_debug_set(struct jr_debug *debug, LLVMBuilderRef builder, LLVMMetadataRef scope, uint32_t function, uint32_t pc);

/* The same for functions that are lowered instruction by instruction: lw->code has just been made: gives it a scope.  The builder's location is that of the function. */
void jr_debug_begin(struct jr_lower *lw);
/* What is built from here on comes from the instruction at `pc`; with JR_NONE from the function, but from no instruction. */
void jr_debug_at(struct jr_lower *lw, uint32_t pc);

#endif
