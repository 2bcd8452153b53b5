/* ops_bitcode.c -- the bodies of all instructions as bitcode, from which compiled functions are put together.
 *
 * clang compiles this file to LLVM bitcode when jitrun is built, and jit/llvm/library.c reads it at run time.  One
 * function jr_stencil_NAME per instruction that has a body in runtime/ops.h; jr_lanes_NAME for those that work on vectors (lanes_bitcode.h). */
#include "jit/llvm/lanes_bitcode.h"
#include "runtime/heap.h"
#include "runtime/math/exp.h"
#include "runtime/math/log.h"
#include "runtime/math/trig.h"
#include "runtime/ops.h"

#define JR_JOIN(left, right) JR_JOIN_(left, right)
#define JR_JOIN_(left, right) left##right

#define STENCIL_0(name)
#define STENCIL_1(name)                                         \
    int jr_stencil_##name(JR_OP_ARGS);                          \
    int jr_stencil_##name(JR_OP_ARGS)                           \
    {                                                           \
        return jr_op_##name(task, r, state, closure, a, b, c, x, y); \
    }

#define JR_OP(name, ...) JR_JOIN(STENCIL_, JR_HAS_BODY(name))(name)
#include "ir/opcodes.def"

/* Mathematics once more, as the operations themselves instead of a call: what jr_rt_NAME does is jr_math_NAME, so the bits
 * are the same.  Only what audio code calls often; code grows by 200 to 800 bytes each time. */
#define IN_PLACE(op, ...)                      \
    int jr_in_place_##op(JR_OP_ARGS);          \
    int jr_in_place_##op(JR_OP_ARGS)           \
    {                                          \
        r[a] = jr_word(__VA_ARGS__);           \
        return JR_RUN_OK;                      \
    }
IN_PLACE(SIN_F64, jr_math_sin(jr_f64(r[b])))
IN_PLACE(COS_F64, jr_math_cos(jr_f64(r[b])))
IN_PLACE(EXP_F64, jr_math_exp(jr_f64(r[b])))
IN_PLACE(LOG_F64, jr_math_log(jr_f64(r[b])))

/* Feedback of a closure call: who was called first, how often again, how often somebody else. */
int jr_stencil_record_callee(struct jr_feedback *site, const struct jr_function_entry *entry);
int jr_stencil_record_callee(struct jr_feedback *site, const struct jr_function_entry *entry)
{
    if (site->callee == NULL)
        site->callee = entry;
    if (site->callee == entry)
        site->hits += site->hits != UINT32_MAX;
    else
        site->misses += site->misses != UINT32_MAX;
    return JR_RUN_OK;
}

/* The body of DELAY, for a write index that lies apart from the samples. */
double jr_stencil_delay(uint64_t *write_index, uint64_t *samples, uint64_t length, uint64_t input, double time);
double jr_stencil_delay(uint64_t *write_index, uint64_t *samples, uint64_t length, uint64_t input, double time)
{
    return jr_delay(write_index, samples, length, input, time);
}

/* ARRAY_GET of an array that is known, with its length. */
uint64_t jr_stencil_element(const uint64_t *words, uint64_t length, double index);
uint64_t jr_stencil_element(const uint64_t *words, uint64_t length, double index)
{
    return jr_element(words, length, index);
}

void *jr_stencil_take(struct jr_heap *heap, uint32_t class, uint64_t head, uint32_t layout);
void *jr_stencil_take(struct jr_heap *heap, uint32_t class, uint64_t head, uint32_t layout)
{
    return jr_heap_take(heap, class, head, layout);
}
