/* ops.h -- what each instruction does, written once for both engines.
 *
 * The interpreter includes this file, and clang compiles it to the bitcode from which the JIT copies bodies, so the two cannot
 * differ.  One function per instruction of opcodes.def, all with the parameters JR_OP_ARGS; it returns JR_RUN_OK, or
 * for instructions that FAIL JR_RUN_ERROR with task->error set.  Jumps with a condition are here as predicates (1: taken).
 * Pure control flow belongs to the engines: JR_HAS_BODY(NAME) is 0 for those.
 *
 * Operands arrive as numbers, with three exceptions that engines resolve beforehand:
 *   K    the constant itself      I32  sign-extended to 64 bits      F32  the 32 bits, zero-extended
 *
 * Rules, so that copied bodies can live in registers:
 *   - an instruction without the FRAME effect touches single registers r[a], r[b] ... by index: no address of one is
 *     taken, and no loop runs over them.  (MOVE_N, BORROW and CAPTURE_GET with several words are memmoves here, for the
 *     interpreter; the JIT expands them into single moves.)
 *   - with FRAME, r is the frame in memory, and its words may be passed to jr_rt_ functions by address.
 *   - operands are read before the first result is written: registers may coincide.
 *   - what takes more than a few lines is a function of rt.h.
 * The verifier has proved indices, classes and initialisation, so nothing is checked here but what the language checks.
 *
 * Before an instruction with the ALLOC effect an engine stores its place in task->place; before CALL_HOST also
 * task->call_depth_left. */
#ifndef JR_RUNTIME_OPS_H
#define JR_RUNTIME_OPS_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "runtime/math.h"
#include "runtime/object.h"
#include "runtime/rt.h"
#include "runtime/task.h"

#define JR_OP_UNUSED __attribute__((unused))
#define JR_OP_ARGS                                                                                 \
    JR_OP_UNUSED struct jr_task *task, JR_OP_UNUSED uint64_t *r, JR_OP_UNUSED uint64_t *state,     \
        JR_OP_UNUSED struct jr_closure *closure, JR_OP_UNUSED uint64_t a, JR_OP_UNUSED uint64_t b, \
        JR_OP_UNUSED uint64_t c, JR_OP_UNUSED uint64_t x, JR_OP_UNUSED uint64_t y
#define JR_OP_BODY(name) static inline int jr_op_##name(JR_OP_ARGS)

/* JR_HAS_BODY(NAME) expands to 0 for the instructions that each engine does its own way, else to 1. */
#define JR_NO_BODY_JUMP ~, 0
#define JR_NO_BODY_AGAIN ~, 0
#define JR_NO_BODY_SWITCH_I64 ~, 0
#define JR_NO_BODY_CALL ~, 0
#define JR_NO_BODY_CALL_CLOSURE ~, 0
#define JR_NO_BODY_RETURN ~, 0
#define JR_SECOND_OF(...) JR_SECOND_OF_(__VA_ARGS__)
#define JR_SECOND_OF_(first, second, ...) second
#define JR_HAS_BODY(name) JR_SECOND_OF(JR_NO_BODY_##name, 1, ~)

/* words as numbers */
static inline double jr_f64(uint64_t word)
{
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}
static inline uint64_t jr_word(double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    return word;
}
static inline uint64_t jr_truth(int condition)
{
    return jr_word(condition ? 1.0 : 0.0);
}
static inline void *jr_pointer(uint64_t word)
{
    return (void *)(uintptr_t)word;
}

/* The remainder with the sign of the dividend, exact.  The C library takes up to 290 cycles for it, so the shapes that programs
 * have come first, each of them exact: phases wrap by 1; x below twice y is wrapped by one subtraction (Sterbenz' lemma);
 * dividing by a power of two and multiplying by it only move the exponent, which random number generators need. */
static inline double jr_mod(double x, double y)
{
    const double size = __builtin_fabs(x), wrap = __builtin_fabs(y);
    if (y == 1.0)
        return __builtin_copysign(x - __builtin_trunc(x), x);
    if (size < wrap)
        return x;
    if (size < 2.0 * wrap)
        return __builtin_copysign(size - wrap, x);
    if ((jr_word(y) & 0xfffffffffffff) == 0) {
        const double quotient = x / y;
        if (__builtin_fabs(quotient) < 9007199254740992.0) /* 2^53; neither infinite nor NaN */
            return __builtin_copysign(x - __builtin_trunc(quotient) * y, x);
    }
    return jr_rt_fmod(x, y);
}

/* The smaller or larger, of two equal operands (+0 and -0 are) the second.  On x86 the instruction itself: compilers use it for
 * the comparison when they can prove that no NaN is there, and it flushes a denormal operand to zero where a comparison and a
 * selection would not. */
static inline double jr_smaller(double x, double y)
{
#ifdef __SSE2__
    return _mm_cvtsd_f64(_mm_min_sd(_mm_set_sd(x), _mm_set_sd(y)));
#else
    return x < y ? x : y;
#endif
}
static inline double jr_larger(double x, double y)
{
#ifdef __SSE2__
    return _mm_cvtsd_f64(_mm_max_sd(_mm_set_sd(x), _mm_set_sd(y)));
#else
    return x > y ? x : y;
#endif
}

/* A NaN operand is ignored. */
static inline double jr_min(double x, double y)
{
    return y != y ? x : jr_smaller(x, y);
}
static inline double jr_max(double x, double y)
{
    return y != y ? x : jr_larger(x, y);
}

/* Toward zero, saturating, NaN is 0: defined for every input, unlike the C conversion. */
static inline int64_t jr_trunc_i64(double x)
{
    if (x >= 9223372036854775808.0)
        return INT64_MAX;
    if (x >= -9223372036854775808.0)
        return (int64_t)x;
    return x != x ? 0 : INT64_MIN;
}

/* Truncated and clamped into 0 .. length-1, NaN is 0; `length` is above 0 and, being of memory, below 2^53.  Without branches: clamped as numbers,
 * which takes one instruction for each end. */
static inline uint64_t jr_array_index(double index, uint64_t length)
{
    const double last = (double)(int64_t)(length - 1);
    const double from_zero = index > 0.0 ? index : 0.0;
    return (uint64_t)(int64_t)(from_zero < last ? from_zero : last);
}

/* An element of an array of one-word elements. */
static inline uint64_t jr_element(const uint64_t *words, uint64_t length, double index)
{
    return length ? words[jr_array_index(index, length)] : 0;
}

/* A delay line of `length` samples, with its write index (always < length).  The sample is read before the new one is written, so a time
 * below 1 gives the oldest sample, `length` samples ago. */
static inline double jr_delay(uint64_t *write_index, uint64_t *samples, uint64_t length, uint64_t input, double time)
{
    uint64_t back, write, read, out;
    if (length == 0)
        return 0.0;
    back = jr_array_index(time, length);
    write = *write_index;
    read = write >= back ? write - back : write + length - back;
    out = samples[read];
    samples[write] = input;
    *write_index = write + 1 < length ? write + 1 : 0;
    return jr_f64(out);
}

/* moves and constants */
JR_OP_BODY(NOP)
{
    return JR_RUN_OK;
}
JR_OP_BODY(MOVE)
{
    r[a] = r[b];
    return JR_RUN_OK;
}
JR_OP_BODY(MOVE_N)
{
    memmove(&r[a], &r[b], c * sizeof r[0]);
    return JR_RUN_OK;
}
JR_OP_BODY(BORROW)
{
    if (c == 1)
        r[a] = r[b];
    else
        memmove(&r[a], &r[b], c * sizeof r[0]);
    return JR_RUN_OK;
}
JR_OP_BODY(COPY)
{
    uint64_t word = r[b];
    jr_retain(word);
    r[a] = word;
    return JR_RUN_OK;
}
JR_OP_BODY(COPY_N)
{
    jr_rt_value_copy(task, &r[a], &r[b], (uint32_t)x);
    return JR_RUN_OK;
}
JR_OP_BODY(RELEASE)
{
    jr_release(task, r[a]);
    return JR_RUN_OK;
}
JR_OP_BODY(RELEASE_N)
{
    jr_rt_value_release(task, &r[a], (uint32_t)x);
    return JR_RUN_OK;
}
JR_OP_BODY(CONST)
{
    r[a] = x;
    return JR_RUN_OK;
}
JR_OP_BODY(CONST_I32)
{
    r[a] = x;
    return JR_RUN_OK;
}
JR_OP_BODY(CONST_F32)
{
    uint32_t bits = (uint32_t)x;
    float value;
    memcpy(&value, &bits, sizeof value);
    r[a] = jr_word((double)value);
    return JR_RUN_OK;
}
JR_OP_BODY(STRING)
{
    r[a] = (uint64_t)(uintptr_t)task->strings[x];
    return JR_RUN_OK;
}

/* binary64 arithmetic */
JR_OP_BODY(ADD_F64)
{
    r[a] = jr_word(jr_f64(r[b]) + jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(SUB_F64)
{
    r[a] = jr_word(jr_f64(r[b]) - jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(MUL_F64)
{
    r[a] = jr_word(jr_f64(r[b]) * jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(DIV_F64)
{
    r[a] = jr_word(jr_f64(r[b]) / jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(MOD_F64)
{
    r[a] = jr_word(jr_mod(jr_f64(r[b]), jr_f64(r[c])));
    return JR_RUN_OK;
}
JR_OP_BODY(POW_F64)
{
    r[a] = jr_word(jr_rt_pow(jr_f64(r[b]), jr_f64(r[c])));
    return JR_RUN_OK;
}
JR_OP_BODY(ATAN2_F64)
{
    r[a] = jr_word(jr_rt_atan2(jr_f64(r[b]), jr_f64(r[c])));
    return JR_RUN_OK;
}
JR_OP_BODY(MIN_F64)
{
    r[a] = jr_word(jr_min(jr_f64(r[b]), jr_f64(r[c])));
    return JR_RUN_OK;
}
JR_OP_BODY(MAX_F64)
{
    r[a] = jr_word(jr_max(jr_f64(r[b]), jr_f64(r[c])));
    return JR_RUN_OK;
}
JR_OP_BODY(NEG_F64)
{
    r[a] = r[b] ^ (uint64_t)1 << 63;
    return JR_RUN_OK;
}
JR_OP_BODY(ABS_F64)
{
    r[a] = r[b] & ~((uint64_t)1 << 63);
    return JR_RUN_OK;
}
JR_OP_BODY(SQRT_F64)
{
    r[a] = jr_word(__builtin_sqrt(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(FLOOR_F64)
{
    r[a] = jr_word(__builtin_floor(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(CEIL_F64)
{
    r[a] = jr_word(__builtin_ceil(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(ROUND_F64)
{
    r[a] = jr_word(__builtin_round(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(TRUNC_F64)
{
    r[a] = jr_word(__builtin_trunc(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(SIN_F64)
{
    r[a] = jr_word(jr_rt_sin(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(COS_F64)
{
    r[a] = jr_word(jr_rt_cos(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(TAN_F64)
{
    r[a] = jr_word(jr_rt_tan(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(ASIN_F64)
{
    r[a] = jr_word(jr_rt_asin(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(ACOS_F64)
{
    r[a] = jr_word(jr_rt_acos(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(ATAN_F64)
{
    r[a] = jr_word(jr_rt_atan(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(SINH_F64)
{
    r[a] = jr_word(jr_rt_sinh(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(COSH_F64)
{
    r[a] = jr_word(jr_rt_cosh(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(TANH_F64)
{
    r[a] = jr_word(jr_rt_tanh(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(EXP_F64)
{
    r[a] = jr_word(jr_rt_exp(jr_f64(r[b])));
    return JR_RUN_OK;
}
JR_OP_BODY(LOG_F64)
{
    r[a] = jr_word(jr_rt_log(jr_f64(r[b])));
    return JR_RUN_OK;
}

/* comparisons and logic on binary64 */
JR_OP_BODY(EQ_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) == jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(NE_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) != jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(LT_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) < jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(LE_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) <= jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(GT_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) > jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(GE_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) >= jr_f64(r[c]));
    return JR_RUN_OK;
}
JR_OP_BODY(AND_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) > 0.0 && jr_f64(r[c]) > 0.0);
    return JR_RUN_OK;
}
JR_OP_BODY(OR_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) > 0.0 || jr_f64(r[c]) > 0.0);
    return JR_RUN_OK;
}
JR_OP_BODY(NOT_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) == 0.0);
    return JR_RUN_OK;
}
JR_OP_BODY(BOOL_F64)
{
    r[a] = jr_truth(jr_f64(r[b]) > 0.0);
    return JR_RUN_OK;
}

/* 64-bit integers */
JR_OP_BODY(ADD_I64)
{
    r[a] = r[b] + r[c];
    return JR_RUN_OK;
}
JR_OP_BODY(SUB_I64)
{
    r[a] = r[b] - r[c];
    return JR_RUN_OK;
}
JR_OP_BODY(MUL_I64)
{
    r[a] = r[b] * r[c];
    return JR_RUN_OK;
}
JR_OP_BODY(DIV_I64)
{
    int64_t divisor = (int64_t)r[c];
    if (divisor == 0)
        return jr_rt_fail(task, JR_ERR_DIVIDE_BY_ZERO);
    /* minimum / -1 overflows, and its wrapped value is minimum again */
    r[a] = divisor == -1 ? 0 - r[b] : (uint64_t)((int64_t)r[b] / divisor);
    return JR_RUN_OK;
}
JR_OP_BODY(MOD_I64)
{
    int64_t divisor = (int64_t)r[c];
    if (divisor == 0)
        return jr_rt_fail(task, JR_ERR_DIVIDE_BY_ZERO);
    r[a] = divisor == -1 ? 0 : (uint64_t)((int64_t)r[b] % divisor);
    return JR_RUN_OK;
}
JR_OP_BODY(POW_I64)
{
    if ((int64_t)r[c] < 0)
        return jr_rt_fail(task, JR_ERR_NEGATIVE_EXPONENT);
    r[a] = jr_rt_pow_i64(r[b], r[c]);
    return JR_RUN_OK;
}
JR_OP_BODY(LOG2_I64)
{
    if ((int64_t)r[b] <= 0)
        return jr_rt_fail(task, JR_ERR_LOG_OF_NONPOSITIVE);
    r[a] = 63 - (uint64_t)__builtin_clzll(r[b]);
    return JR_RUN_OK;
}
JR_OP_BODY(NEG_I64)
{
    r[a] = 0 - r[b];
    return JR_RUN_OK;
}
JR_OP_BODY(ABS_I64)
{
    r[a] = (int64_t)r[b] < 0 ? 0 - r[b] : r[b];
    return JR_RUN_OK;
}
JR_OP_BODY(EQ_I64)
{
    r[a] = jr_truth(r[b] == r[c]);
    return JR_RUN_OK;
}
JR_OP_BODY(NE_I64)
{
    r[a] = jr_truth(r[b] != r[c]);
    return JR_RUN_OK;
}
JR_OP_BODY(LT_I64)
{
    r[a] = jr_truth((int64_t)r[b] < (int64_t)r[c]);
    return JR_RUN_OK;
}
JR_OP_BODY(LE_I64)
{
    r[a] = jr_truth((int64_t)r[b] <= (int64_t)r[c]);
    return JR_RUN_OK;
}
JR_OP_BODY(GT_I64)
{
    r[a] = jr_truth((int64_t)r[b] > (int64_t)r[c]);
    return JR_RUN_OK;
}
JR_OP_BODY(GE_I64)
{
    r[a] = jr_truth((int64_t)r[b] >= (int64_t)r[c]);
    return JR_RUN_OK;
}

/* conversions */
JR_OP_BODY(F64_TO_I64)
{
    r[a] = (uint64_t)jr_trunc_i64(jr_f64(r[b]));
    return JR_RUN_OK;
}
JR_OP_BODY(I64_TO_F64)
{
    r[a] = jr_word((double)(int64_t)r[b]);
    return JR_RUN_OK;
}
JR_OP_BODY(BOOL_I64)
{
    r[a] = jr_truth(r[b] != 0);
    return JR_RUN_OK;
}

/* control flow: whether the jump is taken */
JR_OP_BODY(JUMP_IF)
{
    return jr_f64(r[a]) > 0.0;
}
JR_OP_BODY(JUMP_UNLESS)
{
    return !(jr_f64(r[a]) > 0.0);
}
JR_OP_BODY(TRAP)
{
    return jr_rt_trap(task, (uint32_t)x);
}

JR_OP_BODY(POLL)
{
    task->budget -= (int64_t)x;
    return task->budget < 0 ? jr_rt_poll(task) : JR_RUN_OK;
}

JR_OP_BODY(CHARGE)
{
    task->budget -= (int64_t)x;
    return JR_RUN_OK;
}

/* globals */
JR_OP_BODY(GLOBAL_GET)
{
    r[a] = task->globals[x];
    return JR_RUN_OK;
}
JR_OP_BODY(GLOBAL_SET)
{
    task->globals[x] = r[a];
    return JR_RUN_OK;
}
JR_OP_BODY(GLOBAL_GET_N)
{
    jr_rt_value_copy(task, &r[a], &task->globals[x], (uint32_t)y);
    return JR_RUN_OK;
}
JR_OP_BODY(GLOBAL_SET_N)
{
    jr_rt_value_move(task, &task->globals[x], &r[a], (uint32_t)y);
    return JR_RUN_OK;
}

/* state */
JR_OP_BODY(STATE_GET)
{
    r[a] = state[x];
    return JR_RUN_OK;
}
JR_OP_BODY(STATE_SET)
{
    state[x] = r[a];
    return JR_RUN_OK;
}
JR_OP_BODY(STATE_GET_N)
{
    jr_rt_value_copy(task, &r[a], &state[x], (uint32_t)y);
    return JR_RUN_OK;
}
JR_OP_BODY(STATE_SET_N)
{
    jr_rt_value_move(task, &state[x], &r[a], (uint32_t)y);
    return JR_RUN_OK;
}
JR_OP_BODY(MEM)
{
    uint64_t before = state[x];
    state[x] = r[b];
    r[a] = before;
    return JR_RUN_OK;
}
JR_OP_BODY(DELAY)
{
    /* one word reserved, the write index, the samples */
    r[a] = jr_word(jr_delay(&state[x + 1], &state[x + 2], y, r[b], jr_f64(r[c])));
    return JR_RUN_OK;
}

/* functions and closures */
JR_OP_BODY(CALL_HOST)
{
    return jr_rt_call_host(task, &r[a], (uint32_t)x);
}
JR_OP_BODY(FUNCTION)
{
    r[a] = (uint64_t)(uintptr_t)task->functions[x].closure;
    return JR_RUN_OK;
}
JR_OP_BODY(CLOSURE_SELF)
{
    r[a] = (uint64_t)(uintptr_t)closure;
    return JR_RUN_OK;
}
JR_OP_BODY(CLOSURE_NEW)
{
    return jr_rt_closure_new(task, &r[a], &r[b], (uint32_t)x);
}
JR_OP_BODY(CAPTURE_GET)
{
    if (c == 1)
        r[a] = closure->words[x];
    else
        memmove(&r[a], &closure->words[x], c * sizeof r[0]);
    return JR_RUN_OK;
}

/* cells */
JR_OP_BODY(CELL_NEW)
{
    return jr_rt_cell_new(task, &r[a], &r[b], (uint32_t)x);
}
JR_OP_BODY(CELL_GET)
{
    const struct jr_cell *cell = jr_pointer(r[b]);
    r[a] = cell->words[c];
    return JR_RUN_OK;
}
JR_OP_BODY(CELL_SET)
{
    struct jr_cell *cell = jr_pointer(r[a]);
    cell->words[c] = r[b];
    return JR_RUN_OK;
}
JR_OP_BODY(CELL_GET_N)
{
    const struct jr_cell *cell = jr_pointer(r[b]);
    jr_rt_value_copy(task, &r[a], cell->words, (uint32_t)x);
    return JR_RUN_OK;
}
JR_OP_BODY(CELL_SET_N)
{
    struct jr_cell *cell = jr_pointer(r[a]);
    jr_rt_value_move(task, cell->words, &r[b], (uint32_t)x);
    return JR_RUN_OK;
}

/* boxes and sum values */
JR_OP_BODY(BOX_NEW)
{
    return jr_rt_box_new(task, &r[a], &r[b], (uint32_t)x);
}
JR_OP_BODY(BOX_GET)
{
    return jr_rt_box_get(task, &r[a], r[b], (uint32_t)x);
}
JR_OP_BODY(BOX_SET)
{
    return jr_rt_box_set(task, r[a], &r[b], (uint32_t)x);
}
JR_OP_BODY(SUM_NEW)
{
    jr_rt_sum_new(task, &r[a], &r[b], (uint32_t)x, (uint32_t)y);
    return JR_RUN_OK;
}
JR_OP_BODY(SUM_TAG)
{
    r[a] = r[b];
    return JR_RUN_OK;
}
JR_OP_BODY(SUM_GET)
{
    return jr_rt_sum_get(task, &r[a], &r[b], (uint32_t)x, (uint32_t)y);
}

/* arrays */
JR_OP_BODY(ARRAY_NEW)
{
    return jr_rt_array_new(task, &r[a], &r[b], c, (uint32_t)x);
}
JR_OP_BODY(ARRAY_ZEROS)
{
    return jr_rt_array_zeros(task, &r[a], (uint32_t)x, y);
}
JR_OP_BODY(ARRAY_INIT)
{
    return jr_rt_array_init(task, r[a], &r[b], (uint32_t)x, y);
}
JR_OP_BODY(ARRAY_LEN)
{
    const struct jr_array *array = jr_pointer(r[b]);
    r[a] = jr_word(array ? (double)array->length : 0.0);
    return JR_RUN_OK;
}
JR_OP_BODY(ARRAY_GET)
{
    const struct jr_array *array = jr_pointer(r[b]);
    r[a] = array ? jr_element(array->words, array->length, jr_f64(r[c])) : 0;
    return JR_RUN_OK;
}
JR_OP_BODY(ARRAY_GET_N)
{
    jr_rt_array_get(task, &r[a], r[b], jr_f64(r[c]), (uint32_t)x);
    return JR_RUN_OK;
}
JR_OP_BODY(ARRAY_SET)
{
    jr_rt_array_set(task, r[a], jr_f64(r[b]), &r[c], (uint32_t)x);
    return JR_RUN_OK;
}
JR_OP_BODY(ARRAY_APPEND)
{
    return jr_rt_array_append(task, &r[a], r[b], &r[c], (uint32_t)x);
}
JR_OP_BODY(ARRAY_PREPEND)
{
    return jr_rt_array_prepend(task, &r[a], &r[b], r[c], (uint32_t)x);
}
JR_OP_BODY(ARRAY_SPLIT_HEAD)
{
    return jr_rt_array_split_head(task, &r[a], r[b], (uint32_t)x);
}
JR_OP_BODY(ARRAY_SPLIT_TAIL)
{
    return jr_rt_array_split_tail(task, &r[a], r[b], (uint32_t)x);
}

/* time */
JR_OP_BODY(NOW)
{
    r[a] = jr_word(task->now);
    return JR_RUN_OK;
}
JR_OP_BODY(SAMPLE_RATE)
{
    r[a] = jr_word(task->sample_rate);
    return JR_RUN_OK;
}
JR_OP_BODY(SCHEDULE)
{
    return jr_rt_schedule(task, jr_f64(r[a]), r[b]);
}

#endif
