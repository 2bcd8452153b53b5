/* ops_closed.c -- links if and only if every function that ops.h refers to is listed in runtime.def.
 *
 * Every instruction becomes a function here, and every listed name a symbol that nothing else defines; the C library is there, the
 * runtime is not. */
#include "runtime/ops.h"

#define CAT(a, b) CAT_(a, b)
#define CAT_(a, b) a##b
#define EXPORT_0(name)
#define EXPORT_1(name)                                               \
    int export_##name(JR_OP_ARGS);                                   \
    int export_##name(JR_OP_ARGS)                                    \
    {                                                                \
        return jr_op_##name(task, r, state, closure, a, b, c, x, y); \
    }
#define JR_OP(name, ...) CAT(EXPORT_, JR_HAS_BODY(name))(name)
#include "ir/opcodes.def"

#define JR_RT(name) __asm__(".weak " #name "\n" #name ":\n");
#include "runtime/runtime.def"

int main(void)
{
    return 0;
}
