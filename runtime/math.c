/* math.c -- the C library's routines behind names that no optimiser knows.
 *
 * This file is compiled with -fno-builtin: gcc would otherwise be free to simplify the calls as LLVM would be, and each in its own way. */
#include "runtime/math.h"

#include <math.h>

double jr_rt_sin(double x)
{
    return sin(x);
}
double jr_rt_cos(double x)
{
    return cos(x);
}
double jr_rt_tan(double x)
{
    return tan(x);
}
double jr_rt_asin(double x)
{
    return asin(x);
}
double jr_rt_acos(double x)
{
    return acos(x);
}
double jr_rt_atan(double x)
{
    return atan(x);
}
double jr_rt_sinh(double x)
{
    return sinh(x);
}
double jr_rt_cosh(double x)
{
    return cosh(x);
}
double jr_rt_tanh(double x)
{
    return tanh(x);
}
double jr_rt_exp(double x)
{
    return exp(x);
}
double jr_rt_log(double x)
{
    return log(x);
}
double jr_rt_pow(double x, double y)
{
    return pow(x, y);
}
double jr_rt_atan2(double y, double x)
{
    return atan2(y, x);
}

double jr_rt_fmod(double x, double y)
{
    double ax = fabs(x), ay = fabs(y);
    /* Within one subtraction of the result, which is then exact: the library takes up to a hundred times longer. */
    if (ax >= ay && ax < 2 * ay)
        return copysign(ax - ay, x);
    return fmod(x, y);
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
