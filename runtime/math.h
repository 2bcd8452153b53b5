/* math.h -- the mathematics of the instruction set: one routine for both engines.
 *
 * The functions are jitrun's own (runtime/math/): the same operations wherever they run, in the interpreter, called by compiled code
 * or copied into it, so the bits are the same too.  Within 1 ulp; special values as in C's Annex F, except that denormal numbers
 * count as zero where the processor is set so.  Methods and accuracy: docs/internals/math.md.
 *
 * Operations that are exact by definition (floor, ceil, trunc, round, sqrt, fabs) are not here: every correct way of computing
 * them gives the same bits, so compilers may do them in place. */
#ifndef JR_RUNTIME_MATH_H
#define JR_RUNTIME_MATH_H

#include <stdint.h>

/* The result depends on the arguments alone, so optimisers of both engines may keep or move a call. */
#define JR_PURE __attribute__((const))
#define JR_COLD __attribute__((cold))

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

/* The same functions where the usual case does not apply (math/rare.c). */
JR_PURE JR_COLD double jr_rt_sin_rare(double x);
JR_PURE JR_COLD double jr_rt_cos_rare(double x);
JR_PURE JR_COLD double jr_rt_tan_rare(double x);
JR_PURE JR_COLD double jr_rt_asin_rare(double x);
JR_PURE JR_COLD double jr_rt_acos_rare(double x);
JR_PURE JR_COLD double jr_rt_atan_rare(double x);
JR_PURE JR_COLD double jr_rt_sinh_rare(double x);
JR_PURE JR_COLD double jr_rt_cosh_rare(double x);
JR_PURE JR_COLD double jr_rt_exp_rare(double x);
JR_PURE JR_COLD double jr_rt_log_rare(double x);
JR_PURE JR_COLD double jr_rt_pow_rare(double x, double y);
JR_PURE JR_COLD double jr_rt_atan2_rare(double y, double x);

/* C's fmod, exact; the cheap cases are dealt with in ops.h before this is called. */
JR_PURE double jr_rt_fmod(double x, double y);
/* `base` to the power of `exponent` (>= 0), modulo 2^64. */
JR_PURE uint64_t jr_rt_pow_i64(uint64_t base, uint64_t exponent);

#endif
