/* test_math.c -- special values, exact cases, lanes and remainders; tests/accuracy has the errors. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "runtime/fp.h"
#include "runtime/math.h"
#include "runtime/math/atan.h"
#include "runtime/math/exp.h"
#include "runtime/math/log.h"
#include "runtime/math/pow.h"
#include "runtime/math/tanh.h"
#include "runtime/math/trig.h"

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

typedef double unary(double);
typedef double binary(double, double);

static const struct unary_case {
    const char *name;
    unary *function;
    double x, y;
} unary_cases[] = {
#define CASE(name, x, y) { #name, jr_rt_##name, x, y }
    CASE(sin, 0.0, 0.0), CASE(sin, -0.0, -0.0), CASE(sin, INFINITY, NAN), CASE(sin, -INFINITY, NAN), CASE(sin, NAN, NAN),
    CASE(cos, 0.0, 1.0), CASE(cos, -0.0, 1.0), CASE(cos, INFINITY, NAN), CASE(cos, NAN, NAN),
    CASE(tan, 0.0, 0.0), CASE(tan, -0.0, -0.0), CASE(tan, -INFINITY, NAN), CASE(tan, NAN, NAN),
    CASE(asin, 0.0, 0.0), CASE(asin, -0.0, -0.0), CASE(asin, 1.0, M_PI_2), CASE(asin, -1.0, -M_PI_2),
    CASE(asin, 1.0 + DBL_EPSILON, NAN), CASE(asin, -INFINITY, NAN), CASE(asin, NAN, NAN),
    CASE(acos, 1.0, 0.0), CASE(acos, -1.0, M_PI), CASE(acos, 0.0, M_PI_2), CASE(acos, -0.0, M_PI_2),
    CASE(acos, -2.0, NAN), CASE(acos, INFINITY, NAN), CASE(acos, NAN, NAN),
    CASE(atan, 0.0, 0.0), CASE(atan, -0.0, -0.0), CASE(atan, INFINITY, M_PI_2), CASE(atan, -INFINITY, -M_PI_2),
    CASE(atan, 1e300, M_PI_2), CASE(atan, 1.0, M_PI_4), CASE(atan, NAN, NAN),
    CASE(sinh, 0.0, 0.0), CASE(sinh, -0.0, -0.0), CASE(sinh, INFINITY, INFINITY), CASE(sinh, -INFINITY, -INFINITY),
    CASE(sinh, 712.0, INFINITY), CASE(sinh, -1e300, -INFINITY), CASE(sinh, NAN, NAN),
    CASE(cosh, 0.0, 1.0), CASE(cosh, -0.0, 1.0), CASE(cosh, INFINITY, INFINITY), CASE(cosh, -INFINITY, INFINITY),
    CASE(cosh, -712.0, INFINITY), CASE(cosh, NAN, NAN),
    CASE(tanh, 0.0, 0.0), CASE(tanh, -0.0, -0.0), CASE(tanh, INFINITY, 1.0), CASE(tanh, -INFINITY, -1.0),
    CASE(tanh, 19.5, 1.0), CASE(tanh, -20.0, -1.0), CASE(tanh, 1e308, 1.0), CASE(tanh, NAN, NAN),
    CASE(exp, 0.0, 1.0), CASE(exp, -0.0, 1.0), CASE(exp, INFINITY, INFINITY), CASE(exp, -INFINITY, 0.0),
    CASE(exp, 710.0, INFINITY), CASE(exp, -746.0, 0.0), CASE(exp, 1e-300, 1.0), CASE(exp, NAN, NAN),
    CASE(log, 1.0, 0.0), CASE(log, 0.0, -INFINITY), CASE(log, -0.0, -INFINITY), CASE(log, INFINITY, INFINITY),
    CASE(log, -1.0, NAN), CASE(log, -INFINITY, NAN), CASE(log, NAN, NAN),
#undef CASE
};

static const struct binary_case {
    const char *name;
    binary *function;
    double x, y, z;
} binary_cases[] = {
#define POW(x, y, z) { "pow", jr_rt_pow, x, y, z }
#define ATAN2(y, x, z) { "atan2", jr_rt_atan2, y, x, z }
    POW(0.0, -3.0, INFINITY), POW(-0.0, -3.0, -INFINITY), POW(0.0, -2.5, INFINITY), POW(-0.0, -2.0, INFINITY),
    POW(0.0, -INFINITY, INFINITY), POW(-0.0, -INFINITY, INFINITY), POW(0.0, 3.0, 0.0), POW(-0.0, 3.0, -0.0),
    POW(-0.0, 2.0, 0.0), POW(-0.0, 0.5, 0.0), POW(0.0, INFINITY, 0.0), POW(-1.0, INFINITY, 1.0), POW(-1.0, -INFINITY, 1.0),
    POW(1.0, NAN, 1.0), POW(1.0, INFINITY, 1.0), POW(NAN, 0.0, 1.0), POW(NAN, -0.0, 1.0), POW(INFINITY, 0.0, 1.0),
    POW(-8.0, 1.0 / 3.0, NAN), POW(-8.0, 3.0, -512.0), POW(-8.0, 2.0, 64.0), POW(-8.0, -1.0, -0.125), POW(-2.0, 0.0, 1.0),
    POW(0.5, -INFINITY, INFINITY), POW(2.0, -INFINITY, 0.0), POW(0.5, INFINITY, 0.0), POW(2.0, INFINITY, INFINITY),
    POW(-0.5, INFINITY, 0.0), POW(-2.0, INFINITY, INFINITY), POW(-INFINITY, -3.0, -0.0), POW(-INFINITY, -2.0, 0.0),
    POW(-INFINITY, 3.0, -INFINITY), POW(-INFINITY, 2.5, INFINITY), POW(INFINITY, -1e-300, 0.0), POW(INFINITY, 0.1, INFINITY),
    POW(NAN, 1.0, NAN), POW(2.0, NAN, NAN), POW(1e200, 2.0, INFINITY), POW(-1e200, 3.0, -INFINITY), POW(1e-200, 2.0, 0.0),
    POW(-1e-200, 3.0, -0.0), POW(1.5, 1e300, INFINITY), POW(0.999, 1e300, 0.0), POW(-1.0, 1e300, 1.0), POW(-1.0, 3.0, -1.0),
    POW(1.0 + DBL_EPSILON, 1e300, INFINITY), POW(2.0, 1023.0, 0x1p1023), POW(2.0, 1024.0, INFINITY), POW(2.0, -1022.0, DBL_MIN),
    ATAN2(0.0, -0.0, M_PI), ATAN2(-0.0, -0.0, -M_PI), ATAN2(0.0, 0.0, 0.0), ATAN2(-0.0, 0.0, -0.0), ATAN2(0.0, -1.0, M_PI),
    ATAN2(-0.0, -1.0, -M_PI), ATAN2(0.0, 1.0, 0.0), ATAN2(-0.0, 1.0, -0.0), ATAN2(-1.0, 0.0, -M_PI_2), ATAN2(1.0, -0.0, M_PI_2),
    ATAN2(1.0, -INFINITY, M_PI), ATAN2(-1.0, -INFINITY, -M_PI), ATAN2(1.0, INFINITY, 0.0), ATAN2(-1.0, INFINITY, -0.0),
    ATAN2(INFINITY, 1.0, M_PI_2), ATAN2(-INFINITY, -1.0, -M_PI_2), ATAN2(INFINITY, -INFINITY, 3 * M_PI_4),
    ATAN2(-INFINITY, -INFINITY, -3 * M_PI_4), ATAN2(INFINITY, INFINITY, M_PI_4), ATAN2(-INFINITY, INFINITY, -M_PI_4),
    ATAN2(NAN, 1.0, NAN), ATAN2(1.0, NAN, NAN), ATAN2(1e-300, -1e300, M_PI), ATAN2(1e300, 1e-300, M_PI_2), ATAN2(1.0, 1.0, M_PI_4),
#undef POW
#undef ATAN2
};

static void check_special_values(void)
{
    for (size_t i = 0; i < sizeof unary_cases / sizeof unary_cases[0]; i++) {
        const struct unary_case *c = &unary_cases[i];
        double y = c->function(c->x);
        ck_assert_msg(same(y, c->y), "%s(%.17g) = %.17g, not %.17g", c->name, c->x, y, c->y);
    }
    for (size_t i = 0; i < sizeof binary_cases / sizeof binary_cases[0]; i++) {
        const struct binary_case *c = &binary_cases[i];
        double z = c->function(c->x, c->y);
        ck_assert_msg(same(z, c->z), "%s(%.17g, %.17g) = %.17g, not %.17g", c->name, c->x, c->y, z, c->z);
    }
}

/* As in Annex F, whether denormal numbers count or not. */
START_TEST(special_values)
{
    check_special_values();
    uint64_t mode = jr_fp_enter();
    check_special_values();
    jr_fp_leave(mode);
}
END_TEST

/* As programs run, a denormal argument is a zero and a denormal result becomes one.  Called through volatile pointers, since
 * compilers may move calls of pure functions across a change of the mode. */
START_TEST(denormal_numbers_count_as_zero)
{
    static const struct unary_case flushed[] = {
        { "exp", jr_rt_exp, -710.0, 0.0 },          { "sin", jr_rt_sin, 0x1p-1060, 0.0 },
        { "tanh", jr_rt_tanh, -0x1p-1060, -0.0 },   { "log", jr_rt_log, 0x1p-1060, -INFINITY },
        { "cos", jr_rt_cos, 0x1p-1060, 1.0 },       { "cosh", jr_rt_cosh, 0x1p-1060, 1.0 },
    };
    static const struct binary_case flushed_pairs[] = {
        { "pow", jr_rt_pow, 0x1p-1060, -1.0, INFINITY },     { "pow", jr_rt_pow, 10.0, -310.0, 0.0 },
        { "atan2", jr_rt_atan2, 0x1p-1022, 4.0, 0.0 },       { "fmod", jr_rt_fmod, 0x1.4p-1021, 0x1p-1021, 0.0 },
        { "fmod", jr_rt_fmod, 0x1.4p-1018, 0x1p-1021, 0.0 }, { "fmod", jr_rt_fmod, 1.0, 0x1p-1060, NAN },
    };
    for (size_t i = 0; i < sizeof flushed / sizeof flushed[0]; i++) {
        unary *volatile function = flushed[i].function;
        uint64_t mode = jr_fp_enter();
        double y = function(flushed[i].x);
        jr_fp_leave(mode);
        ck_assert_msg(same(y, flushed[i].y), "%s: %a", flushed[i].name, y);
    }
    for (size_t i = 0; i < sizeof flushed_pairs / sizeof flushed_pairs[0]; i++) {
        binary *volatile function = flushed_pairs[i].function;
        uint64_t mode = jr_fp_enter();
        double z = function(flushed_pairs[i].x, flushed_pairs[i].y);
        jr_fp_leave(mode);
        ck_assert_msg(same(z, flushed_pairs[i].z), "%s, pair %zu: %a", flushed_pairs[i].name, i, z);
    }
    unary *volatile function = jr_rt_log;
    ck_assert_double_eq(function(0x1p-1060), log(0x1p-1060)); /* but not elsewhere */
}
END_TEST

/* Powers that are numbers come out as these numbers: the exponent's error is far below half a unit. */
START_TEST(exact_powers)
{
    for (int x = 1; x <= 64; x++) {
        double power = 1;
        for (int n = 0; power < 0x1p53; n++, power *= x) {
            ck_assert_double_eq(jr_rt_pow(x, n), power);
            ck_assert_double_eq(jr_rt_pow(-x, n), n % 2 ? -power : power);
            if (x == 1 && n == 20)
                break;
        }
        ck_assert_double_eq(jr_rt_pow((double)x * x, 0.5), x);
        ck_assert_double_eq(jr_rt_pow((double)x * x * x * x, 0.25), x);
    }
    for (int n = -1022; n < 1024; n++)
        ck_assert_double_eq(jr_rt_pow(2.0, n), ldexp(1.0, n));
    ck_assert_double_eq(jr_rt_pow(1000.0, 1.0), 1000.0);
}
END_TEST

START_TEST(even_and_odd_functions_are_so)
{
    static unary *const odd[] = { jr_rt_sin, jr_rt_tan, jr_rt_asin, jr_rt_atan, jr_rt_sinh, jr_rt_tanh };
    static unary *const even[] = { jr_rt_cos, jr_rt_cosh };
    srand48(5);
    for (int i = 0; i < 20000; i++) {
        double x = ldexp(drand48(), (int)(drand48() * 40) - 20);
        for (size_t f = 0; f < sizeof odd / sizeof odd[0]; f++)
            ck_assert(same(odd[f](-x), -odd[f](x)));
        for (size_t f = 0; f < sizeof even / sizeof even[0]; f++)
            ck_assert(same(even[f](-x), even[f](x)));
    }
}
END_TEST

/* The double nearest to a multiple of pi/2 of all, 4.7e-19 from it; computed with mpmath at 400 bits. */
START_TEST(next_to_a_multiple_of_pi)
{
    double x = 6381956970095103.0 * 0x1p797;
    ck_assert_double_eq(jr_rt_cos(x), -4.6871659242546277e-19);
    ck_assert_double_eq(jr_rt_sin(x), 1.0);
    ck_assert_double_eq(jr_rt_tan(x), -2133485385753703843.7);
    ck_assert_double_eq(jr_rt_sin(M_PI), 1.2246467991473532e-16);
    ck_assert_double_eq(jr_rt_cos(M_PI_2), 6.123233995736766e-17);
}
END_TEST

/* A loop over the lane, which compilers make vectors of, gives the bits of the function. */
enum { LANE_COUNT = 4096 };
static double lane_x[LANE_COUNT], lane_y[LANE_COUNT], lane_result[LANE_COUNT];
static unsigned lane_rare;

#define LANE_LOOP(name)                                               \
    static void __attribute__((noinline)) loop_##name(void)           \
    {                                                                 \
        unsigned rare = 0;                                            \
        for (int i = 0; i < LANE_COUNT; i++)                          \
            lane_result[i] = jr_lane_##name(lane_x[i], &rare);        \
        lane_rare = rare;                                             \
    }
LANE_LOOP(sin)
LANE_LOOP(cos)
LANE_LOOP(tan)
LANE_LOOP(asin)
LANE_LOOP(acos)
LANE_LOOP(atan)
LANE_LOOP(sinh)
LANE_LOOP(cosh)
LANE_LOOP(exp)
LANE_LOOP(log)

static void __attribute__((noinline)) loop_tanh(void)
{
    lane_rare = 0;
    for (int i = 0; i < LANE_COUNT; i++)
        lane_result[i] = jr_math_tanh(lane_x[i]);
}
static void __attribute__((noinline)) loop_pow(void)
{
    unsigned rare = 0;
    for (int i = 0; i < LANE_COUNT; i++)
        lane_result[i] = jr_lane_pow(lane_x[i], lane_y[i], &rare);
    lane_rare = rare;
}
static void __attribute__((noinline)) loop_atan2(void)
{
    unsigned rare = 0;
    for (int i = 0; i < LANE_COUNT; i++)
        lane_result[i] = jr_lane_atan2(lane_y[i], lane_x[i], &rare);
    lane_rare = rare;
}

START_TEST(lanes_are_the_functions)
{
    static const struct {
        void (*loop)(void);
        unary *function;
        double low, high;
    } loops[] = {
        { loop_sin, jr_rt_sin, -1e6, 1e6 }, { loop_cos, jr_rt_cos, -10, 10 },   { loop_tan, jr_rt_tan, -10, 10 },
        { loop_asin, jr_rt_asin, -1, 1 },   { loop_acos, jr_rt_acos, -1, 1 },   { loop_atan, jr_rt_atan, -10, 10 },
        { loop_sinh, jr_rt_sinh, -9, 9 },   { loop_cosh, jr_rt_cosh, -90, 90 }, { loop_tanh, jr_rt_tanh, -30, 30 },
        { loop_exp, jr_rt_exp, -700, 700 }, { loop_log, jr_rt_log, 0, 100 },
    };
    srand48(3);
    for (size_t f = 0; f < sizeof loops / sizeof loops[0]; f++) {
        for (int i = 0; i < LANE_COUNT; i++)
            lane_x[i] = loops[f].low + (loops[f].high - loops[f].low) * drand48();
        loops[f].loop();
        ck_assert_uint_eq(lane_rare, 0);
        for (int i = 0; i < LANE_COUNT; i++)
            ck_assert_msg(same(lane_result[i], loops[f].function(lane_x[i])), "function %zu at %.17g", f, lane_x[i]);
    }
    for (int i = 0; i < LANE_COUNT; i++) {
        lane_x[i] = drand48() * 4;
        lane_y[i] = drand48() * 40 - 20;
    }
    loop_pow();
    ck_assert_uint_eq(lane_rare, 0);
    for (int i = 0; i < LANE_COUNT; i++)
        ck_assert(same(lane_result[i], jr_rt_pow(lane_x[i], lane_y[i])));
    loop_atan2();
    ck_assert_uint_eq(lane_rare, 0);
    for (int i = 0; i < LANE_COUNT; i++)
        ck_assert(same(lane_result[i], jr_rt_atan2(lane_y[i], lane_x[i])));
}
END_TEST

START_TEST(remainders_are_exact)
{
    static const double edges[] = { 0.0, -0.0, DBL_TRUE_MIN, DBL_MIN, 0.1, 1.0, 1.5, 3.0, 4294967296.0, 1e300, DBL_MAX, INFINITY, NAN };
    enum { EDGES = sizeof edges / sizeof edges[0] };
    for (int i = 0; i < EDGES; i++)
        for (int k = 0; k < EDGES; k++) {
            ck_assert(same(jr_rt_fmod(edges[i], edges[k]), fmod(edges[i], edges[k])));
            ck_assert(same(jr_rt_fmod(-edges[i], -edges[k]), fmod(-edges[i], -edges[k])));
        }
    srand48(7);
    for (int i = 0; i < 200000; i++) {
        double x = ldexp(drand48() - 0.5, (int)(drand48() * 200) - 100), y = ldexp(drand48() - 0.5, (int)(drand48() * 100) - 50);
        ck_assert(same(jr_rt_fmod(x, y), fmod(x, y)));
        x = ldexp(drand48(), (int)(drand48() * 2096) - 1073);
        y = ldexp(drand48(), (int)(drand48() * 2096) - 1073);
        ck_assert(same(jr_rt_fmod(x, y), fmod(x, y)));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runtime: mathematics");
    TCase *tc = tcase_create("mathematics");
    tcase_add_test(tc, special_values);
    tcase_add_test(tc, denormal_numbers_count_as_zero);
    tcase_add_test(tc, exact_powers);
    tcase_add_test(tc, even_and_odd_functions_are_so);
    tcase_add_test(tc, next_to_a_multiple_of_pi);
    tcase_add_test(tc, lanes_are_the_functions);
    tcase_add_test(tc, remainders_are_exact);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
