/* math.c -- the mathematics of runtime/math/ as functions to call; the exact remainder. */
#include "runtime/math.h"

#include "runtime/math/atan.h"
#include "runtime/math/exp.h"
#include "runtime/math/log.h"
#include "runtime/math/pow.h"
#include "runtime/math/tanh.h"
#include "runtime/math/trig.h"

double jr_rt_sin(double x)
{
    return jr_math_sin(x);
}
double jr_rt_cos(double x)
{
    return jr_math_cos(x);
}
double jr_rt_tan(double x)
{
    return jr_math_tan(x);
}
double jr_rt_asin(double x)
{
    return jr_math_asin(x);
}
double jr_rt_acos(double x)
{
    return jr_math_acos(x);
}
double jr_rt_atan(double x)
{
    return jr_math_atan(x);
}
double jr_rt_sinh(double x)
{
    return jr_math_sinh(x);
}
double jr_rt_cosh(double x)
{
    return jr_math_cosh(x);
}
double jr_rt_tanh(double x)
{
    return jr_math_tanh(x);
}
double jr_rt_exp(double x)
{
    return jr_math_exp(x);
}
double jr_rt_log(double x)
{
    return jr_math_log(x);
}
double jr_rt_pow(double x, double y)
{
    return jr_math_pow(x, y);
}
double jr_rt_atan2(double y, double x)
{
    return jr_math_atan2(y, x);
}

/* A number is mantissa * 2^(exponent - 1075); the remainder of two is that of integers.  One division takes care of 63 bits of the
 * quotient. */
double jr_rt_fmod(double x, double y)
{
    double ax = __builtin_fabs(x), ay = __builtin_fabs(y);
    if (!(ax < __builtin_inf()) || !(ay > 0.0))
        return x != x || y != y ? x + y : __builtin_nan("");
    if (ax < ay)
        return x;
    if (ax < 2.0 * ay) /* the difference is exact (Sterbenz) */
        return __builtin_copysign(ax - ay, x);
    uint64_t x_bits = jr_bits_of(ax), y_bits = jr_bits_of(ay);
    uint64_t x_exponent = x_bits >> 52, y_exponent = y_bits >> 52;
    const uint64_t hidden = JR_ONE_EXPONENT;
    uint64_t rest = x_exponent ? (x_bits & (hidden - 1)) | hidden : x_bits;
    uint64_t divisor = y_exponent ? (y_bits & (hidden - 1)) | hidden : y_bits;
    x_exponent += !x_exponent;
    y_exponent += !y_exponent;
    for (uint64_t left = x_exponent - y_exponent;;) {
        uint64_t step = left < 63 ? left : 63;
        rest = (uint64_t)(((unsigned __int128)rest << step) % divisor);
        left -= step;
        if (left == 0)
            break;
    }
    /* In two steps, since the factor may be denormal; the result may be too, and is flushed if that is the mode. */
    return __builtin_copysign((double)rest * 0x1p-52 * jr_from_bits(y_exponent << 52), x);
}

uint64_t jr_rt_pow_i64(uint64_t base, uint64_t exponent)
{
    uint64_t power = 1;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            power *= base;
        base *= base;
    }
    return power;
}
