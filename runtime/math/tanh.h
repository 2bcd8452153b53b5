/* tanh.h -- the hyperbolic tangent, from a table of polynomials.
 *
 * Saturating filters have it in the loop that goes round every frame, so what counts is how long one takes, not how many fit side by
 * side: by exponentials it would be a polynomial and a division one after the other, a hundred cycles.  Here |x| below 20 lies
 * in one of 149 intervals, 16 to each power of two, and the interval has a polynomial of degree 8 around its centre (the idea
 * of J. M. Muller, "Elementary Functions", chapter 6, and of Tang's table methods).  The table is 12 KiB; tools/minimax.py --tanh
 * prints it.  It is read by gathers where lanes are vectors. */
#ifndef JR_RUNTIME_MATH_TANH_H
#define JR_RUNTIME_MATH_TANH_H

#include "runtime/math/basic.h"

enum { JR_TANH_ROWS = 149, JR_TANH_ROW = 10 };

/* Per interval: value at the centre, what that lacks, then the factors of h, h^2 ... h^8, h being the distance from the centre. */
extern const double jr_rt_tanh_table[JR_TANH_ROWS][JR_TANH_ROW];

JR_MATH double jr_math_tanh(double x)
{
    double size = __builtin_fabs(x);
    uint64_t bits = jr_bits_of(size);
    /* Sixteen intervals to a power of two: exponent and four bits of the mantissa number them, from 2^-5 on; 0 is all below. */
    int64_t row = (int64_t)(bits >> 48) - (0x3fa0 - 1);
    row = row < 0 ? 0 : row;
    row = row > JR_TANH_ROWS - 1 ? JR_TANH_ROWS - 1 : row;
    const double *c = jr_rt_tanh_table[row];
    double centre = jr_from_bits((bits & ~(uint64_t)0xffffffffffff) | 0x800000000000);
    /* In the lowest interval, around 0, the number itself is the leading term. */
    int small = size < 0x1p-5;
    double h = small ? size : size - centre;
    double lead = small ? size : c[0];
    double h2 = h * h;
    double p = ((c[2] + h * c[3]) + h2 * (c[4] + h * c[5])) + (h2 * h2) * ((c[6] + h * c[7]) + h2 * (c[8] + h * c[9]));
    double y = lead + (c[1] + h * p);
    double beyond = size >= 20.0 ? 1.0 : size; /* a NaN stays one */
    return jr_signed_by(size < 20.0 ? y : beyond, x);
}

#endif
