/* library.h -- the bodies of the instructions as LLVM functions, read once per context.
 *
 * The bitcode lies in the shared object (ops_bitcode.c, embedded by ops_data.c). */
#ifndef JR_JIT_LLVM_LIBRARY_H
#define JR_JIT_LLVM_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include <llvm-c/Types.h>

#include "ir/opcodes.h"

/* ops_data.c */
extern const char jr_ops_bitcode[];
extern const char jr_ops_bitcode_end[];

struct jr_library {
    LLVMModuleRef module;                /* owned; lives in the context it was read into */
    LLVMValueRef stencils[JR_OP_COUNT];  /* NULL: the instruction has no body; parameters as JR_OP_ARGS */
    LLVMValueRef delay;                  /* jr_delay of runtime/ops.h */
    LLVMValueRef element;                /* jr_element */
    LLVMValueRef in_place[JR_OP_COUNT];  /* mathematics without the call; NULL: there is no such body */
    LLVMValueRef take;                   /* jr_heap_take of runtime/heap.h */
    LLVMValueRef lanes[JR_OP_COUNT];     /* bodies on values, for the widener; NULL: there is none */
    LLVMValueRef mod_by_one, mod_by_power, lane_index; /* bodies on values: remainders, jr_array_index */
    LLVMValueRef mod;                    /* jr_mod */
    LLVMValueRef record_callee;          /* (site, entry): feedback of a closure call */
};

/* Reads the library into `context`, which must outlive it.  On failure gives false and a sentence in `message`. */
bool jr_library_init(struct jr_library *library, LLVMContextRef context, char *message, size_t message_size);
void jr_library_fini(struct jr_library *library);

#endif
