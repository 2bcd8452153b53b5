/* trig.h -- sin, cos, tan.
 *
 * Method: |x| = n pi/2 + r with |r| <= pi/4.  pi/2 is taken in three parts of 31, 30 and 53 bits (W. J. Cody and W. Waite), so
 * that n times the first two is exact below the limit; r is a pair.  Then sin r or cos r by one
 * polynomial in Estrin's order, whose factors are chosen by the parity of n.  Arguments beyond the limit, and the few so near to a multiple of pi/2 that 119 bits of it do not suffice,
 * are reduced by reduce.c.  Coefficients: tools/minimax.py. */
#ifndef JR_RUNTIME_MATH_TRIG_H
#define JR_RUNTIME_MATH_TRIG_H

#include "runtime/math/basic.h"

#define JR_TRIG_MOST 4000000 /* quarter turns; beyond 2^22 the products would not be exact */
#define JR_HALF_PI_1 0x1.921fb544p+0 /* 31 bits */
#define JR_HALF_PI_2 0x1.0b4611a8p-34 /* 30 bits */
#define JR_HALF_PI_3 (-0x1.d9cceba3f91f2p-66)
#define JR_INVERSE_HALF_PI 0x1.45f306dc9c883p-1

/* A number of quarter turns (its low bits in `quarters`) and the rest hi + lo, between -pi/4 and pi/4.  `lo` is below 2^-27 hi. */
struct jr_angle {
    double hi, lo;
    uint64_t quarters;
};

/* `size` >= 0; adds 1 to `rare` if the result is not good to 57 bits relative to itself. */
JR_MATH struct jr_angle jr_reduce(double size, unsigned *rare)
{
    double rounded = size * JR_INVERSE_HALF_PI + JR_ROUNDER;
    double n = rounded - JR_ROUNDER;
    double first = size - n * JR_HALF_PI_1, second = n * JR_HALF_PI_2, third = n * JR_HALF_PI_3; /* the first two exact */
    double lesser = second + third;
    double hi = first - lesser;
    double lo = ((first - hi) - second) - third; /* what rounding took from `lesser` and `hi` */
    /* The error is n 2^-118, all parts together. */
    *rare += (jr_bits_of(rounded) > jr_bits_of(JR_ROUNDER) + JR_TRIG_MOST) | (__builtin_fabs(hi) < n * 0x1p-60);
    return (struct jr_angle){ hi, lo, jr_bits_of(rounded) };
}

/* Factors of z^0, z^1 ... z^5 in  sin r = r + r z p(z)  and  cos r = 1 - z/2 + z^2 p(z),  z = r^2, |r| <= pi/4;
 * relative errors 2^-57.8 and 2^-63.9. */
static const double jr_sine_factors[2][6] = {
    { -0x1.5555555555548p-3, 0x1.111111110f73p-7, -0x1.a01a019be9216p-13, 0x1.71de35552b2e2p-19,
      -0x1.ae5e4b83b3c84p-26, 0x1.5d8b5580b93c5p-33 },
    { 0x1.555555555554bp-5, -0x1.6c16c16c15015p-10, 0x1.a01a019c8f254p-16, -0x1.27e4f7f191468p-22,
      0x1.1ee9dbcef7bdbp-29, -0x1.8fa684836d386p-37 },
};

/* Which of two constants: a load from a table, or where clang makes vectors of it a selection. */
#ifdef __clang__
#define JR_SINE_FACTOR(odd, i) ((odd) ? jr_sine_factors[1][i] : jr_sine_factors[0][i])
#else
#define JR_SINE_FACTOR(odd, i) (jr_sine_factors[odd][i])
#endif

JR_MATH double jr_sine_polynomial(double z, uint64_t odd)
{
    double z2 = z * z;
    double p01 = JR_SINE_FACTOR(odd, 0) + z * JR_SINE_FACTOR(odd, 1);
    double p23 = JR_SINE_FACTOR(odd, 2) + z * JR_SINE_FACTOR(odd, 3);
    double p45 = JR_SINE_FACTOR(odd, 4) + z * JR_SINE_FACTOR(odd, 5);
    return (p01 + z2 * p23) + (z2 * z2) * p45;
}

/* One of two numbers, without a branch. */
JR_MATH double jr_choose(uint64_t odd, double if_odd, double if_even)
{
#ifdef __clang__
    return odd ? if_odd : if_even;
#else
    uint64_t mask = (uint64_t)0 - odd;
    return jr_from_bits((jr_bits_of(if_even) & ~mask) | (jr_bits_of(if_odd) & mask));
#endif
}

JR_MATH double jr_negate_if(uint64_t flag, double x)
{
#ifdef __clang__ /* otherwise the number would pass through an integer register */
    return flag ? -x : x;
#else
    return jr_from_bits(jr_bits_of(x) ^ flag << 63);
#endif
}

/* The sine of the angle plus `turn` quarters, negated if `sign` is 1.  Odd quarters need the cosine of the rest. */
JR_MATH double jr_sine_of(struct jr_angle angle, uint64_t turn, uint64_t sign)
{
    double r = angle.hi, z = r * r, half = 0.5 * z, near_cosine = 1.0 - half;
    uint64_t quarters = angle.quarters + turn, odd = quarters & 1;
    double lead = jr_choose(odd, near_cosine, r);
    double factor = z * jr_choose(odd, z, r);
    double rest = jr_choose(odd, ((1.0 - near_cosine) - half) - r * angle.lo, angle.lo * near_cosine);
    double sine = lead + (factor * jr_sine_polynomial(z, odd) + rest);
    return jr_negate_if((quarters >> 1 & 1) ^ sign, sine);
}

/* The tangent of the angle.  Sine and cosine are pairs, good to about 58 bits, and so is their quotient. */
JR_MATH double jr_tangent_of(struct jr_angle angle)
{
    double r = angle.hi;
    struct jr_pair square = jr_square(r);
    double z = square.hi;
    struct jr_pair cosine = jr_sum_ordered(1.0, -0.5 * z);
    /* sin r = r + r^3 p; of the product of r^3 with p = -1/6 + ... the heads count most, and theirs is exact. */
    const double sixth = -0x1.5555558p-3;
    struct jr_pair cube = jr_product(r, z);
    double p = jr_sine_polynomial(z, 0), head = jr_head(cube.hi), tail = (cube.hi - head) + (cube.lo + r * square.lo);
    struct jr_pair sine = jr_sum_ordered(r, head * sixth);
    sine = jr_sum_ordered(sine.hi, sine.lo + ((head * (p - sixth) + tail * p) + angle.lo * cosine.hi));
    double rest = (z * z) * jr_sine_polynomial(z, 1) - r * angle.lo;
    cosine = jr_sum_ordered(cosine.hi, (cosine.lo - 0.5 * square.lo) + rest);
    int odd = (int)(angle.quarters & 1);
    struct jr_pair minus_cosine = { -cosine.hi, -cosine.lo };
    struct jr_pair tangent = jr_quotient(odd ? minus_cosine : sine, odd ? sine : cosine);
    return tangent.hi + tangent.lo;
}

/* Sine and tangent are odd: with the sign apart, zeros keep theirs. */
JR_MATH double jr_lane_sin(double x, unsigned *rare)
{
    return jr_sine_of(jr_reduce(__builtin_fabs(x), rare), 0, jr_bits_of(x) >> 63);
}
JR_MATH double jr_lane_cos(double x, unsigned *rare)
{
    return jr_sine_of(jr_reduce(__builtin_fabs(x), rare), 1, 0);
}
JR_MATH double jr_lane_tan(double x, unsigned *rare)
{
    double size = __builtin_fabs(x);
    double tangent = jr_tangent_of(jr_reduce(size, rare));
    /* Where x itself is exact enough, the remainders of the quotient may be denormal. */
    return jr_signed_by(size < 0x1p-28 ? size : tangent, x);
}
JR_MATH_WHOLE(sin)
JR_MATH_WHOLE(cos)
JR_MATH_WHOLE(tan)

#endif
