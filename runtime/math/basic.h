/* basic.h -- what jitrun's own mathematics is made of: bits of numbers, exact sums and products.
 *
 * The functions of this folder are compiled twice, by the C compiler for the interpreter and by clang for compiled code, and must
 * give the same bits.  So they consist of IEEE additions, multiplications, divisions and square roots in binary64 and of integer
 * operations, in the order written (-ffp-contract=off): no fused multiply-add, no library, no rounding mode but to nearest.
 *
 * Form: jr_lane_NAME(x, &rare) is the usual case without any branch, so that loops over it vectorise; it adds 1 to `rare` if the
 * argument is none of its business, and its result then means nothing.  jr_math_NAME(x) is the whole function: the lane, and
 * a call of jr_rt_NAME_rare for the rest.
 *
 * Programs run with denormal numbers flushed to zero (fp.h).  Usual cases neither take nor make any; multiplying by 1
 * and adding 0, which optimisers drop and the processor would flush, are not relied upon. */
#ifndef JR_RUNTIME_MATH_BASIC_H
#define JR_RUNTIME_MATH_BASIC_H

#include <stdint.h>
#include <string.h>

#include "runtime/math.h" /* the rare cases */

#define JR_MATH static inline __attribute__((always_inline))

/* Adding and subtracting it rounds a number below 2^51 to the nearest integer; in between, the low bits are that integer. */
#define JR_ROUNDER 0x1.8p52

#define JR_SIGN_BIT ((uint64_t)1 << 63)
#define JR_ONE_EXPONENT ((uint64_t)1 << 52)

JR_MATH uint64_t jr_bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
JR_MATH double jr_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* `x` with the sign of `y` put on top of its own: negated if y is negative. */
JR_MATH double jr_signed_by(double x, double y)
{
    return jr_from_bits(jr_bits_of(x) ^ (jr_bits_of(y) & JR_SIGN_BIT));
}

/* The first 26 bits of a number's 53: products of two such are exact.  What is cut off has at most 27 bits. */
JR_MATH double jr_head(double x)
{
    return jr_from_bits(jr_bits_of(x) & ~(uint64_t)0x7ffffff);
}

/* A number as the sum of two, the second below half a unit in the last place of the first unless stated otherwise. */
struct jr_pair {
    double hi, lo;
};

/* The exact sum, if |a| >= |b| or a is 0 (T. J. Dekker 1971). */
JR_MATH struct jr_pair jr_sum_ordered(double a, double b)
{
    double sum = a + b;
    return (struct jr_pair){ sum, (a - sum) + b };
}

/* The exact sum (D. E. Knuth, "Seminumerical Algorithms", 4.2.2). */
JR_MATH struct jr_pair jr_sum(double a, double b)
{
    double sum = a + b, part = sum - a;
    return (struct jr_pair){ sum, (a - (sum - part)) + (b - part) };
}

/* The square, exact but for a last bit of `lo` (Dekker). */
JR_MATH struct jr_pair jr_square(double a)
{
    double square = a * a, head = jr_head(a), tail = a - head;
    return (struct jr_pair){ square, ((head * head - square) + 2.0 * (head * tail)) + tail * tail };
}

/* The product, exact but for a last bit of `lo` (Dekker). */
JR_MATH struct jr_pair jr_product(double a, double b)
{
    double product = a * b, a1 = jr_head(a), a2 = a - a1, b1 = jr_head(b), b2 = b - b1;
    return (struct jr_pair){ product, ((a1 * b1 - product) + (a1 * b2 + a2 * b1)) + a2 * b2 };
}

/* n / d to about 70 bits: hi has 26 bits and is within 2^-25 of the quotient, lo is the rest.  One division: the first estimate
 * is cut to 26 bits, so that its product with the head of the denominator is exact and the remainder is known. */
JR_MATH struct jr_pair jr_quotient(struct jr_pair n, struct jr_pair d)
{
    double reciprocal = 1.0 / d.hi;
    double head = jr_head(d.hi), tail = (d.hi - head) + d.lo;
    double quotient = jr_head(n.hi * reciprocal);
    double remainder = ((n.hi - quotient * head) - quotient * tail) + n.lo;
    return (struct jr_pair){ quotient, remainder * reciprocal };
}

/* The whole function from its lane. */
#define JR_MATH_WHOLE(name)                                               \
    JR_MATH double jr_math_##name(double x)                               \
    {                                                                     \
        unsigned rare = 0;                                                \
        double y = jr_lane_##name(x, &rare);                              \
        return __builtin_expect(rare != 0, 0) ? jr_rt_##name##_rare(x) : y; \
    }

#endif
