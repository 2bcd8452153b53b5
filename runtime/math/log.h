/* log.h -- the natural logarithm.
 *
 * Method: x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); with s = f / (2 + f), log(1 + f) = log((1 + s) / (1 - s)) =
 * 2 s + s R(s^2).  As 2 s = f - s f, that is f - (f^2/2 - s (f^2/2 + R)), whose large term f is exact (the arrangement is
 * that of P. T. P. Tang's and W. Kahan's logarithms of the 1980s).  Coefficients: tools/minimax.py. */
#ifndef JR_RUNTIME_MATH_LOG_H
#define JR_RUNTIME_MATH_LOG_H

#include "runtime/math/basic.h"
#include "runtime/math/exp.h" /* ln 2 */

#define JR_SQRT_HALF_BITS 0x3fe6a09e667f3bcd

/* x = 2^k (1 + f) for a positive normal number; both are exact. */
struct jr_split_log {
    double k, f;
};
JR_MATH struct jr_split_log jr_log_split(double x)
{
    uint64_t above = jr_bits_of(x) - JR_SQRT_HALF_BITS + ((uint64_t)1024 << 52); /* the upper bits: k + 1024, not negative */
    uint64_t mantissa = jr_bits_of(x) - (above & ~(JR_ONE_EXPONENT - 1)) + ((uint64_t)1024 << 52);
    double k = jr_from_bits(above >> 52 | 0x4330000000000000) - (0x1p52 + 1024.0);
    return (struct jr_split_log){ k, jr_from_bits(mantissa) - 1.0 };
}

/* Whether `x` is not a positive, finite, normal number. */
JR_MATH unsigned jr_log_is_rare(double x)
{
    return jr_bits_of(x) - JR_ONE_EXPONENT >= (uint64_t)0x7fe << 52;
}

JR_MATH double jr_log_of(struct jr_split_log split)
{
    double f = split.f, s = f / (2.0 + f);
    /* log((1+s)/(1-s)) = 2 s + s R, R = z p(z), relative error 2^-59.4 */
    double z = s * s, z2 = z * z;
    double p01 = 0x1.5555555555592p-1 + z * 0x1.999999997ff19p-2;
    double p23 = 0x1.24924941e155cp-2 + z * 0x1.c71c521450f4bp-3;
    double p46 = (0x1.74663ced7397cp-3 + z * 0x1.39a1e8c7200b5p-3) + z2 * 0x1.2f03ba53492f4p-3;
    double remainder = z * ((p01 + z2 * p23) + (z2 * z2) * p46);
    double half_square = 0.5 * f * f;
    double correction = half_square - (s * (half_square + remainder) + split.k * JR_LN2_LO);
    return split.k * JR_LN2_HI - (correction - f);
}

JR_MATH double jr_lane_log(double x, unsigned *rare)
{
    *rare += jr_log_is_rare(x);
    return jr_log_of(jr_log_split(x));
}
JR_MATH_WHOLE(log)

#endif
