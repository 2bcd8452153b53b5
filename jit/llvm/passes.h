/* passes.h -- what the two tiers do to IR; measurements in docs/internals/jit.md.
 *
 * Nothing here reassociates, contracts or vectorises: results must be the interpreter's bits. */
#ifndef JR_JIT_LLVM_PASSES_H
#define JR_JIT_LLVM_PASSES_H

/* Registers become SSA values; the rest is what makes less work for code generation. */
#define JR_QUICK_PASSES "function(sroa,early-cse,simplifycfg)"

/* Callees that were lowered for it are inlined first, before registers are taken apart. */
#define JR_OPTIMISED_PASSES                                                          \
    "always-inline,function(sroa,early-cse<memssa>,simplifycfg,jump-threading,instcombine<no-verify-fixpoint>,"   \
    "loop-mssa(loop-rotate,licm),gvn,instcombine<no-verify-fixpoint>,dse,simplifycfg)"

#endif
