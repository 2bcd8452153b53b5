/* wrong_ops.c -- the instruction bodies for the compiler, with one mistake: ceil.f64 gives one more.  --verify must find it. */
#include "runtime/ops.h"

static inline int wrong_ceil(JR_OP_ARGS)
{
    r[a] = jr_word(__builtin_ceil(jr_f64(r[b])) + 1.0);
    return JR_RUN_OK;
}
#define jr_op_CEIL_F64 wrong_ceil
#include "jit/llvm/ops_bitcode.c"
