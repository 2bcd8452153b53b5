/* math.h -- the mathematics of the instruction set: one routine for both engines.
 *
 * Each is a function behind a symbol that optimisers do not know, so none of them can turn pow(x, 2) into x * x in one engine
 * and not in the other.  Operations that are exact by definition (floor, ceil, trunc, round, sqrt, fabs) are not here: every
 * correct way of computing them gives the same bits, so compilers may do them in place. */
#ifndef JR_RUNTIME_MATH_H
#define JR_RUNTIME_MATH_H

#include <stdint.h>

/* The result depends on the arguments alone, so optimisers of both engines may keep or move a call. */
#define JR_PURE __attribute__((const))

JR_PURE double jr_rt_sin(double x);
JR_PURE double jr_rt_cos(double x);
JR_PURE double jr_rt_tan(double x);
JR_PURE double jr_rt_asin(double x);
JR_PURE double jr_rt_acos(double x);
JR_PURE double jr_rt_atan(double x);
JR_PURE double jr_rt_sinh(double x);
JR_PURE double jr_rt_cosh(double x);
JR_PURE double jr_rt_tanh(double x);
JR_PURE double jr_rt_exp(double x);
JR_PURE double jr_rt_log(double x);
JR_PURE double jr_rt_pow(double x, double y);
JR_PURE double jr_rt_atan2(double y, double x);
/* C's fmod, exact; the cheap cases are dealt with in ops.h before this is called. */
JR_PURE double jr_rt_fmod(double x, double y);
/* `base` to the power of `exponent` (>= 0), modulo 2^64. */
JR_PURE uint64_t jr_rt_pow_i64(uint64_t base, uint64_t exponent);

#endif
