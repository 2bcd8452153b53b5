/* main.c -- jitrun-accuracy: how far the runtime's mathematics is from the truth.
 *
 *   jitrun-accuracy [arguments per line] [seed]
 *
 * Prints for each function and each range of arguments the largest and the mean error in units of the last place (ulp), and where
 * the largest is; exits with 1 if one is above 1 ulp.  The truth is the C library's long double function, which must have at
 * least 11 more bits (x87, or binary128); without such a type there is nothing to compare with (exit 77).  An ulp of a denormal
 * result is 2^-1074.  Every argument is tried with denormal numbers and without, as programs run. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/fp.h"
#include "runtime/math.h"

typedef double unary(double);
typedef long double unary_truth(long double);
typedef double binary(double, double);
typedef long double binary_truth(long double, long double);

enum spread {
    EVEN,   /* every number of a range equally often */
    SCALES, /* every exponent of a range equally often, both signs */
    RIGHT,  /* the same, positive */
    TURNS,  /* the doubles around multiples of pi/4: `low` and `high` count them */
};

struct range {
    enum spread spread;
    double low, high;
};

struct line {
    const char *name;
    unary *one;
    unary_truth *one_truth;
    binary *two;
    binary_truth *two_truth;
    struct range x, y;
};

#define ONE(name, ...) { #name, jr_rt_##name, name##l, NULL, NULL, { __VA_ARGS__ }, { EVEN, 0, 0 } }
#define TWO(name, x, y) { #name, NULL, NULL, jr_rt_##name, name##l, x, y }
#define RANGE(...) { __VA_ARGS__ }

static const struct line lines[] = {
    ONE(sin, EVEN, -4, 4),
    ONE(sin, EVEN, -1e5, 1e5),
    ONE(sin, SCALES, 1e-300, 6.5e6),
    ONE(sin, SCALES, 6.5e6, DBL_MAX),
    ONE(sin, TURNS, -4000, 4000),
    ONE(sin, TURNS, -1e15, 1e15),
    ONE(cos, EVEN, -4, 4),
    ONE(cos, EVEN, -1e5, 1e5),
    ONE(cos, SCALES, 1e-300, 6.5e6),
    ONE(cos, SCALES, 6.5e6, DBL_MAX),
    ONE(cos, TURNS, -4000, 4000),
    ONE(cos, TURNS, -1e15, 1e15),
    ONE(tan, EVEN, -4, 4),
    ONE(tan, EVEN, -1e5, 1e5),
    ONE(tan, SCALES, 1e-300, 6.5e6),
    ONE(tan, SCALES, 6.5e6, DBL_MAX),
    ONE(tan, TURNS, -4000, 4000),
    ONE(tan, TURNS, -1e15, 1e15),
    ONE(asin, EVEN, -1, 1),
    ONE(asin, SCALES, DBL_TRUE_MIN, 1),
    ONE(asin, EVEN, 0.9999, 1),
    ONE(acos, EVEN, -1, 1),
    ONE(acos, SCALES, DBL_TRUE_MIN, 1),
    ONE(acos, EVEN, 0.9999, 1),
    ONE(acos, EVEN, -1, -0.9999),
    ONE(atan, EVEN, -3, 3),
    ONE(atan, SCALES, 1e-5, 1e5),
    ONE(atan, SCALES, DBL_TRUE_MIN, DBL_MAX),
    TWO(atan2, RANGE(EVEN, -1, 1), RANGE(EVEN, -1, 1)),
    TWO(atan2, RANGE(SCALES, 1e-20, 1e20), RANGE(SCALES, 1e-20, 1e20)),
    TWO(atan2, RANGE(SCALES, DBL_TRUE_MIN, DBL_MAX), RANGE(SCALES, DBL_TRUE_MIN, DBL_MAX)),
    TWO(atan2, RANGE(SCALES, DBL_TRUE_MIN, 1e-290), RANGE(SCALES, DBL_TRUE_MIN, 1e-290)),
    TWO(atan2, RANGE(SCALES, 1e290, DBL_MAX), RANGE(SCALES, 1e290, DBL_MAX)),
    ONE(sinh, EVEN, -2, 2),
    ONE(sinh, EVEN, -711, 711),
    ONE(sinh, SCALES, DBL_TRUE_MIN, 1),
    ONE(cosh, EVEN, -2, 2),
    ONE(cosh, EVEN, -711, 711),
    ONE(cosh, SCALES, DBL_TRUE_MIN, 1),
    ONE(tanh, EVEN, -2, 2),
    ONE(tanh, EVEN, -22, 22),
    ONE(tanh, SCALES, DBL_TRUE_MIN, 1),
    ONE(exp, EVEN, -1, 1),
    ONE(exp, EVEN, -746, 710),
    ONE(exp, SCALES, DBL_TRUE_MIN, 1),
    ONE(log, EVEN, 0, 3),
    ONE(log, EVEN, 0.99, 1.01),
    ONE(log, RIGHT, DBL_TRUE_MIN, DBL_MAX),
    TWO(pow, RANGE(EVEN, 0, 3), RANGE(EVEN, -20, 20)),
    TWO(pow, RANGE(EVEN, 0.5, 2), RANGE(EVEN, -1080, 1080)),
    TWO(pow, RANGE(EVEN, 0.99, 1.01), RANGE(EVEN, -74000, 74000)),
    TWO(pow, RANGE(EVEN, 0.9999999, 1.0000001), RANGE(EVEN, -7e9, 7e9)),
    TWO(pow, RANGE(RIGHT, DBL_TRUE_MIN, DBL_MAX), RANGE(SCALES, 1e-3, 3)),
    TWO(pow, RANGE(RIGHT, DBL_TRUE_MIN, DBL_MAX), RANGE(SCALES, DBL_TRUE_MIN, DBL_MAX)),
};
enum { LINE_COUNT = sizeof lines / sizeof lines[0] };

static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift (G. Marsaglia 2003), the product as its last step. */
static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545f4914f6cdd1d;
}

static double pick_even(double low, double high)
{
    return low + (high - low) * ((double)(next_random() >> 11) * 0x1p-53);
}

static double pick_scale(double low, double high)
{
    uint64_t first, last;
    memcpy(&first, &low, sizeof first);
    memcpy(&last, &high, sizeof last);
    first += next_random() % (last - first + 1);
    memcpy(&low, &first, sizeof low);
    return low;
}

static double pick(const struct range *range)
{
    switch (range->spread) {
    case EVEN:
        return pick_even(range->low, range->high);
    case SCALES: {
        double x = pick_scale(range->low, range->high);
        return next_random() & 1 ? x : -x;
    }
    case RIGHT:
        return pick_scale(range->low, range->high);
    case TURNS: {
        double x = (double)(roundl((long double)pick_even(range->low, range->high)) * 0.785398163397448309615660845819875721L);
        for (uint64_t i = next_random() % 4; i > 0; i--)
            x = nextafter(x, INFINITY);
        return x;
    }
    }
    return 0;
}

/* Distance in ulp of the truth, infinite where the kinds differ.  With `flushed` a denormal may be a zero. */
static double error_of(double got, long double truth, bool flushed)
{
    double nearest = (double)truth;
    if (isnan(got) || isnan(nearest))
        return isnan(got) && isnan(nearest) ? 0 : INFINITY;
    if (signbit(got) != signbit(nearest))
        return INFINITY;
    if (isinf(got) || isinf(nearest)) /* one of them may have rounded the other way */
        return isinf(got) == isinf(nearest) ? 0 : fabsl(truth) > (long double)DBL_MAX ? 0.5 : INFINITY;
    if (flushed && got == 0 && fabsl(truth) < (long double)DBL_MIN)
        return 0;
    int exponent = DBL_MIN_EXP;
    if (truth != 0)
        frexpl(truth, &exponent);
    if (exponent < DBL_MIN_EXP)
        exponent = DBL_MIN_EXP;
    return (double)ldexpl(fabsl((long double)got - truth), DBL_MANT_DIG - exponent);
}

struct errors {
    double largest, sum;
    double x, y;
};

static void note(struct errors *errors, double error, double x, double y)
{
    errors->sum += error;
    if (error > errors->largest || (isinf(error) && !isinf(errors->largest))) {
        errors->largest = error;
        errors->x = x;
        errors->y = y;
    }
}

static bool is_denormal(double x)
{
    return fpclassify(x) == FP_SUBNORMAL;
}

/* Tries one argument (or two), in both modes. */
static void try_at(const struct line *line, double x, double y, struct errors *errors)
{
    long double truth = line->one ? line->one_truth((long double)x) : line->two_truth((long double)x, (long double)y);
    double got = line->one ? line->one(x) : line->two(x, y);
    note(errors, error_of(got, truth, false), x, y);
    bool denormal = is_denormal(x) || is_denormal(y); /* then it is a zero, and the truth another one */
    uint64_t mode = jr_fp_enter();
    got = line->one ? line->one(x) : line->two(x, y);
    jr_fp_leave(mode);
    if (!denormal)
        note(errors, error_of(got, truth, true), x, y);
}

static void print_range(const struct range *range, char *text, size_t size)
{
    static const char *const kinds[] = { "", "+-", "", "pi/4 " };
    snprintf(text, size, "%s[%.8g, %.8g]", kinds[range->spread], range->low, range->high);
}

static bool measure(const struct line *line, uint64_t count)
{
    struct errors errors = { 0 };
    char x[40], y[40] = "";
    for (uint64_t i = 0; i < count; i++)
        try_at(line, pick(&line->x), line->two ? pick(&line->y) : 0, &errors);
    print_range(&line->x, x, sizeof x);
    if (line->two)
        print_range(&line->y, y, sizeof y);
    printf("%-6s %-30s %-30s %7.4f %7.4f  %.17g", line->name, x, y, errors.largest, errors.sum / (2 * (double)count), errors.x);
    if (line->two)
        printf(", %.17g", errors.y);
    putchar('\n');
    return errors.largest <= 1.0;
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    bool good = true;
    if (LDBL_MANT_DIG < DBL_MANT_DIG + 11) {
        fputs("jitrun-accuracy: long double is no more exact than double here\n", stderr);
        return 77;
    }
    if (argc > 2)
        random_state ^= strtoull(argv[2], NULL, 10) * 0xd1342543de82ef95;
    printf("%-6s %-30s %-30s %7s %7s  %s\n", "", "arguments", "", "max ulp", "mean", "where the largest is");
    for (int i = 0; i < LINE_COUNT; i++)
        good &= measure(&lines[i], count);
    return good ? 0 : 1;
}
