/* exp.h -- e^x and what is made of it: sinh, cosh.
 *
 * Method: x = k ln 2 + r with |r| <= ln(2)/2, ln 2 in two parts (W. J. Cody and W. Waite, "Software Manual for the Elementary
 * Functions"); e^r by a polynomial in Estrin's order; 2^k goes into the exponent.  The sum 1 + r is taken exactly, so that only the
 * last rounding counts.  Coefficients: tools/minimax.py; accuracy as measured: docs/internals/math.md. */
#ifndef JR_RUNTIME_MATH_EXP_H
#define JR_RUNTIME_MATH_EXP_H

#include "runtime/math/basic.h"

#define JR_LN2_HI 0x1.62e42fefa38p-1 /* 42 bits: its product with an exponent is exact */
#define JR_LN2_LO 0x1.ef35793c7673p-45
#define JR_INVERSE_LN2 0x1.71547652b82fep+0
#define JR_EXP_LIMIT 708.0 /* up to here, in both directions, results are normal numbers */

/* 2^k (hi + lo); k is in the low bits of `exponent`. */
struct jr_scaled {
    double hi, lo;
    uint64_t exponent;
};

/* e^(x + tail), |x| < 1000, |tail| far below a unit in the last place of 1; hi + lo within 2^-58 or so of e^r. */
JR_MATH struct jr_scaled jr_exp_scaled(double x, double tail)
{
    double rounded = x * JR_INVERSE_LN2 + JR_ROUNDER;
    double k = rounded - JR_ROUNDER;
    double first = x - k * JR_LN2_HI, second = k * JR_LN2_LO - tail;
    double r = first - second;
    double rest = (first - r) - second;
    /* e^r - 1 - r = r^2 p(r), relative to e^r within 2^-59.8 for |r| <= ln(2)/2 */
    double r2 = r * r, r4 = r2 * r2;
    double p01 = 0x1p-1 + r * 0x1.555555555555dp-3;
    double p23 = 0x1.555555555556cp-5 + r * 0x1.111111110e54bp-7;
    double p45 = 0x1.6c16c16c0a423p-10 + r * 0x1.a01a01b5f2435p-13;
    double p67 = 0x1.a01a01e874aaep-16 + r * 0x1.71ddeab973eeep-19;
    double p8a = (0x1.27e44c5f64e4fp-22 + r * 0x1.af748c73b0017p-26) + r2 * 0x1.205295d9024c7p-29;
    double p = (p01 + r2 * p23) + r4 * ((p45 + r2 * p67) + r4 * p8a);
    struct jr_pair sum = jr_sum_ordered(1.0, r);
    return (struct jr_scaled){ sum.hi, sum.lo + (r2 * p + rest), jr_bits_of(rounded) };
}

/* Its value, if that is a normal number. */
JR_MATH double jr_scaled_value(struct jr_scaled e)
{
    return jr_from_bits(jr_bits_of(e.hi + e.lo) + (e.exponent << 52));
}

JR_MATH double jr_lane_exp(double x, unsigned *rare)
{
    *rare += !(__builtin_fabs(x) < JR_EXP_LIMIT);
    return jr_scaled_value(jr_exp_scaled(x, 0.0));
}

/* e^size / 2 as the sum of `rising` and `rising_lo`, and e^-size / 2, for 0 <= size < JR_EXP_LIMIT. */
struct jr_half_exps {
    double rising, rising_lo, falling;
};
JR_MATH struct jr_half_exps jr_half_exps(double size)
{
    struct jr_scaled e = jr_exp_scaled(size, 0.0);
    double scale = jr_from_bits((e.exponent << 52) + ((uint64_t)1022 << 52));
    double rising = e.hi * scale, rising_lo = e.lo * scale;
    return (struct jr_half_exps){ rising, rising_lo, 0.25 / (rising + rising_lo) };
}

/* Up to 1 a polynomial, since the difference would cancel. */
JR_MATH double jr_lane_sinh(double x, unsigned *rare)
{
    double size = __builtin_fabs(x);
    *rare += !(size < JR_EXP_LIMIT);
    struct jr_half_exps e = jr_half_exps(size);
    double difference = e.rising + (e.rising_lo - e.falling);
    /* sinh x = x + x^3 p(x^2), relative error 2^-61.7 for |x| <= 1 */
    double u = size * size, u2 = u * u;
    double p01 = 0x1.5555555555556p-3 + u * 0x1.111111111101ep-7;
    double p23 = 0x1.a01a01a037269p-13 + u * 0x1.71de3a3b06be7p-19;
    double p46 = (0x1.ae646ff50a9e7p-26 + u * 0x1.6116f4a053b3cp-33) + u2 * 0x1.b5c8976752302p-41;
    double small = size + size * (u * ((p01 + u2 * p23) + (u2 * u2) * p46));
    return jr_signed_by(size < 1.0 ? small : difference, x);
}

JR_MATH double jr_lane_cosh(double x, unsigned *rare)
{
    double size = __builtin_fabs(x);
    *rare += !(size < JR_EXP_LIMIT);
    struct jr_half_exps e = jr_half_exps(size);
    return e.rising + (e.rising_lo + e.falling);
}

JR_MATH_WHOLE(exp)
JR_MATH_WHOLE(sinh)
JR_MATH_WHOLE(cosh)

#endif
