/* copier.h -- copies the body of an instruction into the function being compiled.
 *
 * The body's parameters are replaced by the values given; what becomes constant by that (indices, immediate operands,
 * branches on them, registers that hold constants) is folded on the way, so that the register array is indexed by constants only and can be taken
 * apart into SSA values.  Nothing is linked and nothing inlined: a copy costs some ten C calls per instruction. */
#ifndef JR_JIT_LLVM_COPIER_H
#define JR_JIT_LLVM_COPIER_H

#include <llvm-c/Types.h>

#include "jit/llvm/value_map.h"

enum { JR_COPIER_BLOCKS = 64, JR_COPIER_VALUES = 512 }; /* largest body; jr_library_init checks */

struct jr_copier {
    LLVMContextRef context;
    LLVMModuleRef target;        /* module of the function being compiled */
    LLVMBuilderRef builder;
    LLVMValueRef registers;        /* the array; loads from it at a constant index ... */
    const LLVMValueRef *constants; /* ... give these words where they are not NULL; itself NULL: nothing is known */
    struct jr_value_map map;       /* from values of the body to copies */
    LLVMBasicBlockRef pending[JR_COPIER_BLOCKS]; /* blocks of the body in the order of their first mention */
    unsigned pending_count;
};

void jr_copier_init(struct jr_copier *copier, LLVMContextRef context, LLVMBuilderRef builder);
void jr_copier_fini(struct jr_copier *copier);

/* Copies `stencil` to where the builder stands, which must be the end of a block without terminator; afterwards the
 * builder stands behind the copy.  Returns what the body returns.  Allocas go to the function's entry block. */
LLVMValueRef jr_copier_copy(struct jr_copier *copier, LLVMValueRef stencil, const LLVMValueRef *arguments,
                            unsigned argument_count);

/* What a function or a table of constants of the library is called in the module being made. */
LLVMValueRef jr_copier_declare(struct jr_copier *copier, LLVMValueRef function);
LLVMValueRef jr_copier_global(struct jr_copier *copier, LLVMValueRef table);

/* LLVM's own constant is a negative number of a signed type. */
#define JR_FUNCTION_ATTRIBUTES ((LLVMAttributeIndex)LLVMAttributeFunctionIndex)

/* The declaration in `target` of a function of another module (or of none: give its type), made at first need. */
LLVMValueRef jr_declare(LLVMModuleRef target, const char *name, LLVMTypeRef type);

#endif
