/* reduce.c -- reduction of any angle by pi/2, in integers.
 *
 * Method (M. Payne and R. Hanek 1983): of the product with 2/pi only the bits between the quarter turn and the precision wanted are
 * computed.  No number lies nearer to a multiple of pi/2 than about 2^-61 (W. Kahan's search by continued fractions), so
 * 137 bits behind the point leave 76 that count. */
#include "runtime/math/reduce.h"

/* 64 zeros, then the bits of 2/pi behind the point (tools/minimax.py --pi). */
static const uint64_t two_over_pi[] = {
    0x0000000000000000,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
};

/* 64 bits of 2/pi from bit `at` on. */
static uint64_t window(uint64_t at)
{
    uint64_t word = at / 64, shift = at % 64;
    return shift == 0 ? two_over_pi[word] : two_over_pi[word] << shift | two_over_pi[word + 1] >> (64 - shift);
}

/* value * 2^-shift for a value below 2^53 */
static double scaled(uint64_t value, uint64_t shift)
{
    return (double)value * jr_from_bits((1023 - shift) << 52);
}

struct jr_angle jr_reduce_exactly(double size)
{
    uint64_t bits = jr_bits_of(size);
    uint64_t mantissa = (bits & (JR_ONE_EXPONENT - 1)) | JR_ONE_EXPONENT;
    /* size = mantissa * 2^e.  Bits of 2/pi above 2^(2-e) make whole turns and are left out. */
    uint64_t e_plus_62 = (bits >> 52) - 1075 + 62;
    __uint128_t low = (__uint128_t)mantissa * window(e_plus_62 + 128);
    __uint128_t middle = (__uint128_t)mantissa * window(e_plus_62 + 64) + (low >> 64);
    uint64_t high = mantissa * window(e_plus_62) + (uint64_t)(middle >> 64);
    /* high:middle:low = quarter turns (2 bits), fraction of a quarter (190 bits).  More than half a quarter counts down from the next. */
    uint64_t fraction[3] = { high << 2 | (uint64_t)middle >> 62, (uint64_t)middle << 2 | (uint64_t)low >> 62,
                             (uint64_t)low << 2 };
    uint64_t negative = fraction[0] >> 63;
    if (negative) {
        for (int i = 0; i < 3; i++)
            fraction[i] = ~fraction[i]; /* one unit of 2^-192 short of the negative */
    }
    uint64_t zeros = 0;
    if (fraction[0] == 0) {
        zeros = 64;
        fraction[0] = fraction[1];
        fraction[1] = fraction[2];
        fraction[2] = 0;
    }
    uint64_t shift = (uint64_t)__builtin_clzll(fraction[0]);
    zeros += shift;
    if (shift != 0) {
        fraction[0] = fraction[0] << shift | fraction[1] >> (64 - shift);
        fraction[1] = fraction[1] << shift | fraction[2] >> (64 - shift);
    }
    double head = scaled(fraction[0] >> 11, 53 + zeros);
    double tail = scaled((fraction[0] & 0x7ff) << 42 | fraction[1] >> 22, 106 + zeros);
    /* times pi/2 */
    struct jr_pair r = jr_product(head, 0x1.921fb54442d18p+0);
    r = jr_sum_ordered(r.hi, r.lo + (head * 0x1.1a62633145c07p-54 + tail * 0x1.921fb54442d18p+0));
    double sign = negative ? -1.0 : 1.0;
    return (struct jr_angle){ sign * r.hi, sign * r.lo, (high >> 62) + negative };
}
