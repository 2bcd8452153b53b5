/* lanes_bitcode.h -- every pure operation on words once more, for the widener (widen.h): straight-line code on values instead of registers.
 *
 * Included by ops_bitcode.c.  jr_lanes_NAME(x, y) is what jr_stencil_NAME makes of its operands, without any branch, so that each of its
 * instructions can be done on all lanes of a vector.  An operation that has rare cases gives { value, rare }; where `rare` is not 0 the value
 * means nothing, and jr_rt_NAME has to be asked.  Comparisons and logic give 1.0 or 0.0 as ever.
 *
 * The bits are those of runtime/ops.h: the expressions are the same, or a note says why they may differ. */
#ifndef JR_JIT_LLVM_LANES_BITCODE_H
#define JR_JIT_LLVM_LANES_BITCODE_H

#include "runtime/math/atan.h"
#include "runtime/math/exp.h"
#include "runtime/math/log.h"
#include "runtime/math/pow.h"
#include "runtime/math/tanh.h"
#include "runtime/math/trig.h"
#include "runtime/ops.h"

struct jr_lanes_result {
    double value;
    uint64_t rare;
};

#define LANES_F1(name, ...)          \
    double jr_lanes_##name(double x); \
    double jr_lanes_##name(double x) \
    {                                \
        return __VA_ARGS__;          \
    }
#define LANES_F2(name, ...)                     \
    double jr_lanes_##name(double x, double y); \
    double jr_lanes_##name(double x, double y)  \
    {                                           \
        return __VA_ARGS__;                     \
    }
#define LANES_I1(name, ...)                \
    uint64_t jr_lanes_##name(uint64_t x);  \
    uint64_t jr_lanes_##name(uint64_t x)   \
    {                                      \
        return __VA_ARGS__;                \
    }
#define LANES_I2(name, ...)                           \
    uint64_t jr_lanes_##name(uint64_t x, uint64_t y); \
    uint64_t jr_lanes_##name(uint64_t x, uint64_t y)  \
    {                                                 \
        return __VA_ARGS__;                           \
    }
#define LANES_RARE1(name, lane)                          \
    struct jr_lanes_result jr_lanes_##name(double x);    \
    struct jr_lanes_result jr_lanes_##name(double x)     \
    {                                                    \
        unsigned rare = 0;                               \
        double value = lane(x, &rare);                   \
        return (struct jr_lanes_result){ value, rare };  \
    }
#define LANES_RARE2(name, lane)                                \
    struct jr_lanes_result jr_lanes_##name(double x, double y); \
    struct jr_lanes_result jr_lanes_##name(double x, double y) \
    {                                                          \
        unsigned rare = 0;                                     \
        double value = lane(x, y, &rare);                      \
        return (struct jr_lanes_result){ value, rare };        \
    }

LANES_F2(ADD_F64, x + y)
LANES_F2(SUB_F64, x - y)
LANES_F2(MUL_F64, x * y)
LANES_F2(DIV_F64, x / y)

/* The third operand is the processor's minimum or maximum (jr_smaller, jr_larger), whose instruction has a name for each width. */
#define LANES_EXTREME(name)                                     \
    double jr_lanes_##name(double x, double y, double extreme); \
    double jr_lanes_##name(double x, double y, double extreme)  \
    {                                                           \
        return y != y ? x : extreme;                            \
    }
LANES_EXTREME(MIN_F64)
LANES_EXTREME(MAX_F64)

LANES_I1(NEG_F64, x ^ (uint64_t)1 << 63)
LANES_I1(ABS_F64, x & ~((uint64_t)1 << 63))
LANES_F1(SQRT_F64, __builtin_sqrt(x))
LANES_F1(FLOOR_F64, __builtin_floor(x))
LANES_F1(CEIL_F64, __builtin_ceil(x))
LANES_F1(ROUND_F64, __builtin_round(x))
LANES_F1(TRUNC_F64, __builtin_trunc(x))
LANES_F1(TANH_F64, jr_math_tanh(x))
LANES_RARE1(SIN_F64, jr_lane_sin)
LANES_RARE1(COS_F64, jr_lane_cos)
LANES_RARE1(TAN_F64, jr_lane_tan)
LANES_RARE1(ASIN_F64, jr_lane_asin)
LANES_RARE1(ACOS_F64, jr_lane_acos)
LANES_RARE1(ATAN_F64, jr_lane_atan)
LANES_RARE1(SINH_F64, jr_lane_sinh)
LANES_RARE1(COSH_F64, jr_lane_cosh)
LANES_RARE1(EXP_F64, jr_lane_exp)
LANES_RARE1(LOG_F64, jr_lane_log)
LANES_RARE2(POW_F64, jr_lane_pow)
LANES_RARE2(ATAN2_F64, jr_lane_atan2)

/* The remainder, three times.  jr_mod has the cases; each result is exact, so the way to it does not matter, but for denormal numbers: a
 * dividend below the divisor comes out as it is, not flushed, unless the divisor is 1. */
LANES_F1(MOD_BY_ONE, __builtin_copysign(x - __builtin_trunc(x), x))

/* By a power of two other than 1, normal: the quotient is the dividend with another exponent. */
JR_MATH double jr_lane_mod_by_power(double x, double y, unsigned *rare)
{
    double quotient = x / y;
    *rare += !(__builtin_fabs(quotient) < 9007199254740992.0);
    double rest = __builtin_copysign(x - __builtin_trunc(quotient) * y, x);
    return __builtin_fabs(x) < __builtin_fabs(y) ? x : rest;
}
LANES_RARE2(MOD_BY_POWER, jr_lane_mod_by_power)

/* By anything, for quotients below 2^26.  Rounding the quotient can only take it up to the next integer.  Its product with the divisor's
 * head of 26 bits and with the rest of 27 are exact, and so are both differences (the first by Sterbenz' lemma, the second because it is a
 * multiple of the divisor's last place and smaller than the divisor), and adding the divisor if the quotient was one too many. */
JR_MATH double jr_lane_mod(double x, double y, unsigned *rare)
{
    double size = __builtin_fabs(x), wrap = __builtin_fabs(y);
    double quotient = size / wrap;
    /* An infinite or zero divisor and NaNs are none of this lane's business, nor are divisors whose last places are denormal. */
    *rare += !(quotient < 0x1p26) | !(wrap > 0x1p-900) | !(wrap < 0x1p1000);
    double whole = __builtin_trunc(quotient), head = jr_head(wrap);
    double rest = (size - whole * head) - whole * (wrap - head);
    rest = rest < 0.0 ? rest + wrap : rest;
    double flushed = __builtin_copysign(x - __builtin_trunc(x), x);
    double kept = y == 1.0 ? flushed : x;
    return size < wrap ? kept : __builtin_copysign(rest, x);
}
LANES_RARE2(MOD_F64, jr_lane_mod)

LANES_F2(EQ_F64, x == y ? 1.0 : 0.0)
LANES_F2(NE_F64, x != y ? 1.0 : 0.0)
LANES_F2(LT_F64, x < y ? 1.0 : 0.0)
LANES_F2(LE_F64, x <= y ? 1.0 : 0.0)
LANES_F2(GT_F64, x > y ? 1.0 : 0.0)
LANES_F2(GE_F64, x >= y ? 1.0 : 0.0)
LANES_F2(AND_F64, ((x > 0.0) & (y > 0.0)) ? 1.0 : 0.0)
LANES_F2(OR_F64, ((x > 0.0) | (y > 0.0)) ? 1.0 : 0.0)
LANES_F1(NOT_F64, x == 0.0 ? 1.0 : 0.0)
LANES_F1(BOOL_F64, x > 0.0 ? 1.0 : 0.0)

LANES_I2(ADD_I64, x + y)
LANES_I2(SUB_I64, x - y)
LANES_I2(MUL_I64, x *y)
LANES_I1(NEG_I64, 0 - x)
LANES_I1(ABS_I64, (int64_t)x < 0 ? 0 - x : x)
LANES_I2(EQ_I64, jr_truth(x == y))
LANES_I2(NE_I64, jr_truth(x != y))
LANES_I2(LT_I64, jr_truth((int64_t)x < (int64_t)y))
LANES_I2(LE_I64, jr_truth((int64_t)x <= (int64_t)y))
LANES_I2(GT_I64, jr_truth((int64_t)x > (int64_t)y))
LANES_I2(GE_I64, jr_truth((int64_t)x >= (int64_t)y))
LANES_I1(BOOL_I64, jr_truth(x != 0))
LANES_I1(I64_TO_F64, jr_word((double)(int64_t)x))

/* jr_trunc_i64: only what fits is converted. */
uint64_t jr_lanes_F64_TO_I64(double x);
uint64_t jr_lanes_F64_TO_I64(double x)
{
    int fits = (x >= -9223372036854775808.0) & (x < 9223372036854775808.0);
    int64_t whole = (int64_t)(fits ? x : 0.0);
    int64_t beyond = x > 0.0 ? INT64_MAX : INT64_MIN;
    beyond = x != x ? 0 : beyond;
    return (uint64_t)(fits ? whole : beyond);
}

/* Where an array of `length` elements is read: jr_array_index of a length that is above 0. */
uint64_t jr_lanes_index(double index, uint64_t length);
uint64_t jr_lanes_index(double index, uint64_t length)
{
    return jr_array_index(index, length);
}

/* The remainder as the interpreter computes it, for one frame after the other: its branches are foreseen, and the usual ones take no time. */
double jr_stencil_mod(double x, double y);
double jr_stencil_mod(double x, double y)
{
    return jr_mod(x, y);
}

#endif
