/* widen.h -- the body of an operation on all lanes of a vector at once.
 *
 * The bodies are jr_lanes_NAME of the library (lanes_bitcode.h).  Each instruction is done on vectors of `width` values, table loads
 * become gathers, and where control flow was left in a body both ways are computed and one is selected; so an operation's
 * meaning stays written once, and a lane gets the bits that the scalar body gives.  With a width of 1 the same code works on plain values. */
#ifndef JR_JIT_LLVM_WIDEN_H
#define JR_JIT_LLVM_WIDEN_H

#include <stdbool.h>

#include <llvm-c/Types.h>

#include "ir/opcodes.h"
#include "jit/llvm/copier.h"
#include "jit/llvm/library.h"
#include "jit/llvm/value_map.h"

enum { JR_WIDEST = 8 };

struct jr_widener {
    LLVMContextRef context;
    LLVMBuilderRef builder;
    struct jr_copier *copier;         /* names things in the target module; borrowed */
    const struct jr_library *library; /* borrowed */
    struct jr_value_map map;
    struct jr_value_map predicates;   /* per block of a body: when it is run; NULL: always */
    unsigned width;                   /* lanes: 1, 2, 4 or 8 */
    LLVMValueRef unlikely;            /* branch weights; borrowed from the context */
    LLVMAttributeRef no_clearing;     /* the processor's features without vzeroupper */
    unsigned widest;                  /* lanes that the processor is good at */
    bool in_place;                    /* plain values: mathematics as operations, else as calls */
    LLVMValueRef slots_of, slots[3];  /* memory for rare lanes, in this function */
};

void jr_widener_init(struct jr_widener *widener, LLVMContextRef context, LLVMBuilderRef builder, struct jr_copier *copier,
                     const struct jr_library *library, LLVMValueRef unlikely);
void jr_widener_fini(struct jr_widener *widener);

/* `type`, or with more than one lane a vector of it. */
LLVMTypeRef jr_widen_type(const struct jr_widener *widener, LLVMTypeRef type);
/* A constant in all lanes. */
LLVMValueRef jr_widen_constant(const struct jr_widener *widener, LLVMValueRef scalar);
/* Any scalar in all lanes. */
LLVMValueRef jr_widen_splat(const struct jr_widener *widener, LLVMValueRef scalar);
/* The same bits as values of `type` (binary64 or i64). */
LLVMValueRef jr_widen_cast(const struct jr_widener *widener, LLVMValueRef value, LLVMTypeRef type);

/* The body on these arguments, which are wide words of either type; the builder goes on in the same basic block.  *rare, if the body has rare cases,
 * becomes a wide i1, else NULL. */
LLVMValueRef jr_widen_body(struct jr_widener *widener, LLVMValueRef body, const LLVMValueRef *arguments, unsigned argument_count,
                           LLVMValueRef *rare);

/* Operation `op` of instruction set on wide words, rare cases included; may go on in another basic block.  `op` has a body in library->lanes.
 * Operands that could be folded away with the wrong bits (jit/folding.h) are hidden from the optimiser. */
LLVMValueRef jr_widen_op(struct jr_widener *widener, enum jr_op op, const LLVMValueRef *operands, unsigned operand_count);

/* Whether it is a call where plain values go one by one. */
bool jr_widen_is_called(enum jr_op op);

/* Element `index` (wide i64, in range) of the words at `base`. */
LLVMValueRef jr_widen_gather(struct jr_widener *widener, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef index);

/* The same number, of which the optimiser knows nothing. */
LLVMValueRef jr_widen_fence(struct jr_widener *widener, LLVMValueRef value);

/* What lies at wide addresses. */
LLVMValueRef jr_widen_load(struct jr_widener *widener, LLVMTypeRef type, LLVMValueRef pointers);

/* Whether any lane of a wide i1 is set. */
LLVMValueRef jr_widen_any(struct jr_widener *widener, LLVMValueRef flags);

#endif
