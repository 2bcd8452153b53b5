/* atan.h -- atan, atan2, asin, acos.
 *
 * All four are the angle of a point (d, n): atan x that of (1, x), asin x that of (sqrt(1 - x^2), x), acos x that of
 * (x, sqrt(1 - x^2)), coordinates being pairs.  Method: the point is turned by 0, pi/4 or pi/2 until the angle is at most
 * pi/8; its tangent t is a quotient to 70 bits; atan t = t + t^3 p(t^2).  Coefficients: tools/minimax.py. */
#ifndef JR_RUNTIME_MATH_ATAN_H
#define JR_RUNTIME_MATH_ATAN_H

#include "runtime/math/basic.h"

/* Between these sizes nothing overflows or loses bits to underflow on the way. */
#define JR_ATAN_LOW 0x1p-400
#define JR_ATAN_HIGH 0x1p400

#define JR_PI_HI 0x1.921fb54442d18p+1
#define JR_PI_LO 0x1.1a62633145c07p-53
#define JR_THREE_QUARTER_PI_HI 0x1.2d97c7f3321d2p+1
#define JR_THREE_QUARTER_PI_LO 0x1.a79394c9e8a0ap-54

/* The angle, 0 to pi, of the point (d, n), n >= 0 and d >= 0 not both 0; of (-d, n) if `mirrored`. */
JR_MATH double jr_angle_of(struct jr_pair d, struct jr_pair n, int mirrored)
{
    int steep = n.hi > 0x1.3504f333f9de6p+1 * d.hi;  /* 1 + sqrt(2) */
    int oblique = n.hi > 0x1.a827999fcef34p-2 * d.hi; /* sqrt(2) - 1 */
    struct jr_pair sum = jr_sum(d.hi, n.hi), difference = jr_sum(n.hi, -d.hi);
    sum.lo += d.lo + n.lo;
    difference.lo += n.lo - d.lo;
    struct jr_pair over = oblique ? difference : n, under = oblique ? sum : d;
    struct jr_pair minus_d = { -d.hi, -d.lo };
    over = steep ? minus_d : over;
    under = steep ? n : under;
    double turned_hi = mirrored ? JR_PI_HI : 0.0, turned_lo = mirrored ? JR_PI_LO : 0.0;
    double oblique_hi = mirrored ? JR_THREE_QUARTER_PI_HI : 0.25 * JR_PI_HI;
    double oblique_lo = mirrored ? JR_THREE_QUARTER_PI_LO : 0.25 * JR_PI_LO;
    turned_hi = oblique ? oblique_hi : turned_hi;
    turned_lo = oblique ? oblique_lo : turned_lo;
    turned_hi = steep ? 0.5 * JR_PI_HI : turned_hi;
    turned_lo = steep ? 0.5 * JR_PI_LO : turned_lo;

    struct jr_pair t = jr_quotient(over, under);
    t.hi = mirrored ? -t.hi : t.hi;
    t.lo = mirrored ? -t.lo : t.lo;
    /* atan t = t + t^3 p(t^2), relative error 2^-59.4 */
    double v = t.hi + t.lo, z = v * v, z2 = z * z, z4 = z2 * z2;
    double p01 = -0x1.555555555553dp-2 + z * 0x1.9999999995869p-3;
    double p23 = -0x1.24924922ad515p-3 + z * 0x1.c71c70e6085fep-4;
    double p45 = -0x1.745cf8db9b36p-4 + z * 0x1.3b11190f87cecp-4;
    double p67 = -0x1.10ebb7d804b4bp-4 + z * 0x1.df0f474d86959p-5;
    double p8a = (-0x1.9cd2b6d80f485p-5 + z * 0x1.37d5b2927199ap-5) - z2 * 0x1.256ab6d53a996p-6;
    double p = (p01 + z2 * p23) + z4 * ((p45 + z2 * p67) + z4 * p8a);
    struct jr_pair angle = jr_sum_ordered(turned_hi, t.hi);
    return angle.hi + (angle.lo + (t.lo + (turned_lo + (v * z) * p)));
}

/* sqrt(1 - size^2) as a pair, 0 <= size < 1 */
JR_MATH struct jr_pair jr_other_leg(double size)
{
    struct jr_pair minus = jr_sum_ordered(1.0, -size), plus = jr_sum_ordered(1.0, size);
    struct jr_pair square = jr_product(minus.hi, plus.hi);
    square.lo += minus.hi * plus.lo + minus.lo * plus.hi;
    double root = __builtin_sqrt(square.hi), head = jr_head(root), tail = root - head;
    double missing = (((square.hi - head * head) - 2.0 * (head * tail)) - tail * tail) + square.lo;
    return (struct jr_pair){ root, missing / (root + root) };
}

JR_MATH double jr_lane_atan(double x, unsigned *rare)
{
    double size = __builtin_fabs(x);
    *rare += !(size > JR_ATAN_LOW) | !(size < JR_ATAN_HIGH);
    return jr_signed_by(jr_angle_of((struct jr_pair){ 1.0, 0.0 }, (struct jr_pair){ size, 0.0 }, 0), x);
}

JR_MATH double jr_lane_asin(double x, unsigned *rare)
{
    double size = __builtin_fabs(x);
    *rare += !(size > JR_ATAN_LOW) | !(size < 1.0);
    return jr_signed_by(jr_angle_of(jr_other_leg(size), (struct jr_pair){ size, 0.0 }, 0), x);
}

JR_MATH double jr_lane_acos(double x, unsigned *rare)
{
    double size = __builtin_fabs(x);
    *rare += !(size < 1.0);
    return jr_angle_of((struct jr_pair){ size, 0.0 }, jr_other_leg(size), x < 0.0);
}

JR_MATH double jr_lane_atan2(double y, double x, unsigned *rare)
{
    double height = __builtin_fabs(y), width = __builtin_fabs(x);
    *rare += !(height > JR_ATAN_LOW) | !(height < JR_ATAN_HIGH) | !(width > JR_ATAN_LOW) | !(width < JR_ATAN_HIGH);
    return jr_signed_by(jr_angle_of((struct jr_pair){ width, 0.0 }, (struct jr_pair){ height, 0.0 }, x < 0.0), y);
}

JR_MATH_WHOLE(atan)
JR_MATH_WHOLE(asin)
JR_MATH_WHOLE(acos)
JR_MATH double jr_math_atan2(double y, double x)
{
    unsigned rare = 0;
    double angle = jr_lane_atan2(y, x, &rare);
    return __builtin_expect(rare != 0, 0) ? jr_rt_atan2_rare(y, x) : angle;
}

#endif
