/* rare.c -- arguments that the lanes leave out: special values as in C's Annex F, results that overflow or are denormal.
 *
 * Where denormal numbers count as zero, comparisons say so, and the functions follow: log of one is -inf. */
#include "runtime/math.h"
#include "runtime/math/atan.h"
#include "runtime/math/exp.h"
#include "runtime/math/log.h"
#include "runtime/math/pow.h"
#include "runtime/math/reduce.h"
#include "runtime/math/trig.h"

#define INFINITE __builtin_inf()
#define NOT_A_NUMBER __builtin_nan("")

static int is_nan(double x)
{
    return x != x;
}
static int is_negative(double x) /* also -0 */
{
    return (int)(jr_bits_of(x) >> 63);
}

/* ---- trigonometry ---- */

double jr_rt_sin_rare(double x)
{
    double size = __builtin_fabs(x);
    if (!(size < INFINITE))
        return x - x;
    return jr_sine_of(jr_reduce_exactly(size), 0, jr_bits_of(x) >> 63);
}
double jr_rt_cos_rare(double x)
{
    double size = __builtin_fabs(x);
    if (!(size < INFINITE))
        return x - x;
    return jr_sine_of(jr_reduce_exactly(size), 1, 0);
}
double jr_rt_tan_rare(double x)
{
    double size = __builtin_fabs(x);
    if (!(size < INFINITE))
        return x - x;
    return jr_signed_by(jr_tangent_of(jr_reduce_exactly(size)), x);
}

/* ---- exponentials ---- */

/* The value where 2^k alone may be out of range: overflows to infinity, is rounded to a denormal number or flushed. */
static double extreme_value(struct jr_scaled e, int rising)
{
    const uint64_t hundred = (uint64_t)100 << 52;
    uint64_t bits = jr_bits_of(e.hi + e.lo) + (e.exponent << 52);
    return rising ? jr_from_bits(bits - hundred) * 0x1p100 : jr_from_bits(bits + hundred) * 0x1p-100;
}

double jr_rt_exp_rare(double x)
{
    if (is_nan(x))
        return x + x;
    if (x > 709.79)
        return INFINITE;
    if (x < -745.2)
        return 0.0;
    return extreme_value(jr_exp_scaled(x, 0.0), x > 0.0);
}

/* e^size / 2 */
static double half_exp(double size)
{
    if (size > 711.0)
        return INFINITE;
    struct jr_scaled e = jr_exp_scaled(size, 0.0);
    e.exponent--;
    return extreme_value(e, 1);
}
double jr_rt_sinh_rare(double x)
{
    return is_nan(x) ? x + x : jr_signed_by(half_exp(__builtin_fabs(x)), x);
}
double jr_rt_cosh_rare(double x)
{
    return is_nan(x) ? x + x : half_exp(__builtin_fabs(x));
}

/* ---- logarithm and powers ---- */

/* As jr_log_split, for any positive finite number. */
static struct jr_split_log split_any(double x)
{
    if (!jr_log_is_rare(x))
        return jr_log_split(x);
    struct jr_split_log split = jr_log_split(x * 0x1p54);
    split.k -= 54.0;
    return split;
}

double jr_rt_log_rare(double x)
{
    if (is_nan(x))
        return x + x;
    if (x == 0.0)
        return -INFINITE;
    if (x < 0.0)
        return NOT_A_NUMBER;
    return x == INFINITE ? x : jr_log_of(split_any(x));
}

enum parity { NO_INTEGER, EVEN, ODD };
static enum parity parity_of(double y)
{
    double size = __builtin_fabs(y);
    if (size >= 0x1p53)
        return EVEN; /* infinity too */
    uint64_t whole = (uint64_t)size;
    if ((double)whole != size)
        return NO_INTEGER;
    return whole & 1 ? ODD : EVEN;
}

/* size^y for size > 0 finite and not 1, |y| > 0 finite */
static double power_of(double size, double y)
{
    int rising = (size > 1.0) == (y > 0.0);
    if (__builtin_fabs(y) > 0x1p64) /* the logarithm is at least 2^-54 */
        return rising ? INFINITE : 0.0;
    struct jr_pair exponent = jr_pow_exponent(split_any(size), y);
    if (exponent.hi > 709.79)
        return INFINITE;
    if (exponent.hi < -745.2)
        return 0.0;
    return extreme_value(jr_exp_scaled(exponent.hi, exponent.lo), rising);
}

double jr_rt_pow_rare(double x, double y)
{
    double size = __builtin_fabs(x);
    if (y == 0.0 || x == 1.0)
        return 1.0;
    if (is_nan(x) || is_nan(y))
        return x + y;
    enum parity parity = parity_of(y);
    double power;
    if (size == 1.0) {
        power = 1.0;
    } else if (size == 0.0 || size == INFINITE) {
        power = (size == 0.0) == (y > 0.0) ? 0.0 : INFINITE;
    } else if (__builtin_fabs(y) == INFINITE) {
        power = (size > 1.0) == (y > 0.0) ? INFINITE : 0.0;
    } else {
        if (is_negative(x) && parity == NO_INTEGER)
            return NOT_A_NUMBER;
        power = power_of(size, y);
    }
    return is_negative(x) && parity == ODD ? -power : power;
}

/* ---- angles ---- */

double jr_rt_atan_rare(double x)
{
    double size = __builtin_fabs(x);
    if (is_nan(x))
        return x + x;
    return size <= JR_ATAN_LOW ? x : jr_signed_by(0.5 * JR_PI_HI, x);
}
double jr_rt_asin_rare(double x)
{
    double size = __builtin_fabs(x);
    if (size <= JR_ATAN_LOW)
        return x;
    return size == 1.0 ? jr_signed_by(0.5 * JR_PI_HI, x) : is_nan(x) ? x + x : NOT_A_NUMBER;
}
double jr_rt_acos_rare(double x)
{
    if (x == 1.0)
        return 0.0;
    return x == -1.0 ? JR_PI_HI : is_nan(x) ? x + x : NOT_A_NUMBER;
}

/* The angle of (width, height), mirrored or not; both positive and finite. */
static double steep_or_flat(double height, double width, int mirrored)
{
    double scale = height > JR_ATAN_HIGH || width > JR_ATAN_HIGH   ? 0x1p-600
                   : height < JR_ATAN_LOW && width < JR_ATAN_LOW ? 0x1p600
                                                                 : 1.0;
    double h = height * scale, w = width * scale; /* what this flushes is far smaller than the other one */
    if (h > w * 0x1p200)
        return 0.5 * JR_PI_HI;
    if (w > h * 0x1p200)
        return mirrored ? JR_PI_HI : height / width;
    return jr_angle_of((struct jr_pair){ w, 0.0 }, (struct jr_pair){ h, 0.0 }, mirrored);
}

double jr_rt_atan2_rare(double y, double x)
{
    double height = __builtin_fabs(y), width = __builtin_fabs(x), angle;
    int mirrored = is_negative(x);
    if (is_nan(x) || is_nan(y))
        return x + y;
    if (height == INFINITE && width == INFINITE)
        angle = mirrored ? JR_THREE_QUARTER_PI_HI : 0.25 * JR_PI_HI;
    else if (height == 0.0 || width == INFINITE)
        angle = mirrored ? JR_PI_HI : 0.0;
    else if (width == 0.0 || height == INFINITE)
        angle = 0.5 * JR_PI_HI;
    else
        angle = steep_or_flat(height, width, mirrored);
    return jr_signed_by(angle, y);
}
