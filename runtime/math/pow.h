/* pow.h -- powers.
 *
 * Method: e^(y log x) with the logarithm to 65 bits or better, as a pair of numbers.  The logarithm is that of log.h, with s, s^2 and
 * s^3 as pairs of a head of 26 bits and the rest, so that the products of heads are exact; from the power s^5 on one
 * number is enough.  The accuracy of the logarithm is an error of 2^-55 in the exponent of the largest results. */
#ifndef JR_RUNTIME_MATH_POW_H
#define JR_RUNTIME_MATH_POW_H

#include "runtime/math/basic.h"
#include "runtime/math/exp.h"
#include "runtime/math/log.h"

#define JR_POW_LN2_HI 0x1.62e42fefa4p-1 /* 40 bits */
#define JR_POW_LN2_LO (-0x1.8432a1b0e2634p-43)

/* a + b with a head of 26 bits; a is far larger. */
JR_MATH struct jr_pair jr_cut(double a, double b)
{
    double head = jr_head(a + b);
    return (struct jr_pair){ head, (a - head) + b };
}

/* log x to 65 bits */
JR_MATH struct jr_pair jr_log_pair(struct jr_split_log split)
{
    struct jr_pair f = { split.f, 0.0 };
    struct jr_pair s = jr_quotient(f, jr_sum_ordered(2.0, split.f));
    double square = s.hi * s.hi; /* exact */
    struct jr_pair z = jr_cut(square, s.lo * (s.hi + s.hi) + s.lo * s.lo);
    /* log((1+s)/(1-s)) = 2 s + s^3 (2/3 + z p(z)), relative error 2^-73.4 */
    double v = z.hi + z.lo, v2 = v * v;
    double p01 = 0x1.9999999999996p-2 + v * 0x1.2492492492f51p-2;
    double p23 = 0x1.c71c71c5968f9p-3 + v * 0x1.745d182956719p-3;
    double p45 = 0x1.3b1364c957bd5p-3 + v * 0x1.11206f2a22736p-3;
    double p67 = 0x1.de3d718296d39p-4 + v * 0x1.eac5b3e6c7a7p-4;
    double p = v * ((p01 + v2 * p23) + (v2 * v2) * (p45 + v2 * p67));
    struct jr_pair factor = jr_cut(0x1.5555558p-1, p - 0x1.5555555555555p-28);
    struct jr_pair cubic = jr_cut(z.hi * factor.hi, z.hi * factor.lo + z.lo * (factor.hi + factor.lo));
    double product = s.hi * cubic.hi; /* exact */
    double product_lo = s.hi * cubic.lo + s.lo * (cubic.hi + cubic.lo);
    struct jr_pair first = jr_sum_ordered(split.k * JR_POW_LN2_HI, s.hi + s.hi);
    struct jr_pair second = jr_sum_ordered(first.hi, product);
    double rest = (first.lo + second.lo) + ((s.lo + s.lo) + product_lo + split.k * JR_POW_LN2_LO);
    return jr_sum_ordered(second.hi, rest);
}

/* y log x; no number if that is far out of range */
JR_MATH struct jr_pair jr_pow_exponent(struct jr_split_log x, double y)
{
    struct jr_pair log = jr_log_pair(x);
    struct jr_pair l = jr_cut(log.hi, log.lo);
    double head = jr_head(y), tail = y - head;
    return jr_sum_ordered(head * l.hi, head * l.lo + tail * (l.hi + l.lo));
}

JR_MATH double jr_lane_pow(double x, double y, unsigned *rare)
{
    struct jr_pair exponent = jr_pow_exponent(jr_log_split(x), y);
    *rare += jr_log_is_rare(x) | !(__builtin_fabs(exponent.hi) < JR_EXP_LIMIT);
    return jr_scaled_value(jr_exp_scaled(exponent.hi, exponent.lo));
}

JR_MATH double jr_math_pow(double x, double y)
{
    unsigned rare = 0;
    double power = jr_lane_pow(x, y, &rare);
    return __builtin_expect(rare != 0, 0) ? jr_rt_pow_rare(x, y) : power;
}

#endif
