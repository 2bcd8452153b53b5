/* test_ops.c -- what single instructions answer at the edges, called as both engines call them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <check.h>

#include "fixture.h"
#include "runtime/fp.h"
#include "runtime/ops.h"

#define UNARY(op, x) unary(jr_op_##op, (x))
#define BINARY(op, x, y) binary(jr_op_##op, (x), (y))

typedef int op_fn(JR_OP_ARGS);

static double unary(op_fn *op, double x)
{
    uint64_t r[2] = { 0, fx_bits(x) };
    ck_assert_int_eq(op(NULL, r, NULL, NULL, 0, 1, 0, 0, 0), JR_RUN_OK);
    return fx_number_of(r[0]);
}

static double binary(op_fn *op, double x, double y)
{
    uint64_t r[3] = { 0, fx_bits(x), fx_bits(y) };
    ck_assert_int_eq(op(NULL, r, NULL, NULL, 0, 1, 2, 0, 0), JR_RUN_OK);
    return fx_number_of(r[0]);
}

static int64_t integer(op_fn *op, int64_t x, int64_t y)
{
    uint64_t r[3] = { 0, (uint64_t)x, (uint64_t)y };
    ck_assert_int_eq(op(NULL, r, NULL, NULL, 0, 1, 2, 0, 0), JR_RUN_OK);
    return (int64_t)r[0];
}

static void same_bits(double got, double wanted)
{
    ck_assert_msg(fx_bits(got) == fx_bits(wanted) || (got != got && wanted != wanted), "%a is not %a", got,
                  wanted);
}

START_TEST(minimum_and_maximum_ignore_nan)
{
    same_bits(BINARY(MIN_F64, 1, 2), 1);
    same_bits(BINARY(MAX_F64, 1, 2), 2);
    same_bits(BINARY(MIN_F64, NAN, 2), 2);
    same_bits(BINARY(MIN_F64, 2, NAN), 2);
    same_bits(BINARY(MAX_F64, NAN, -2), -2);
    same_bits(BINARY(MAX_F64, -2, NAN), -2);
    same_bits(BINARY(MIN_F64, NAN, NAN), NAN);
    same_bits(BINARY(MIN_F64, 0.0, -0.0), -0.0); /* of equal operands the second */
    same_bits(BINARY(MAX_F64, -0.0, 0.0), 0.0);
    same_bits(BINARY(MAX_F64, 0.0, -0.0), -0.0);
}
END_TEST

START_TEST(modulo_is_fmod)
{
    static const double values[] = { 0.0,     -0.0,     0.25,      -0.25,  1.0,
                                     -1.0,    1.5,      -2.5,      3.0,    6.283185307179586,
                                     -7.0,    1e9,      1e17,      -1e300, DBL_MIN,
                                     DBL_MAX, INFINITY, -INFINITY, NAN };
    enum { COUNT = sizeof values / sizeof values[0] };
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < COUNT; k++)
            same_bits(BINARY(MOD_F64, values[i], values[k]), fmod(values[i], values[k]));
    srand48(7);
    for (int i = 0; i < 20000; i++) {
        double x = (drand48() - 0.5) * exp2((int)(drand48() * 40) - 10),
               y = (drand48() - 0.5) * exp2((int)(drand48() * 20) - 10);
        same_bits(BINARY(MOD_F64, x, y), fmod(x, y));
        same_bits(BINARY(MOD_F64, x, 1.0), fmod(x, 1.0));
        y = copysign(exp2((int)(drand48() * 80) - 40), y); /* powers of two, and dividends next to their multiples */
        same_bits(BINARY(MOD_F64, x, y), fmod(x, y));
        x = nextafter(y * floor(drand48() * 1000), x);
        same_bits(BINARY(MOD_F64, x, y), fmod(x, y));
    }
}
END_TEST

START_TEST(rounding_is_exact)
{
    same_bits(UNARY(ROUND_F64, 2.5), 3);
    same_bits(UNARY(ROUND_F64, -2.5), -3);
    same_bits(UNARY(ROUND_F64, 0.49999999999999994), 0);
    same_bits(UNARY(ROUND_F64, -0.2), -0.0);
    same_bits(UNARY(ROUND_F64, 4503599627370497.0), 4503599627370497.0);
    same_bits(UNARY(FLOOR_F64, -0.5), -1);
    same_bits(UNARY(CEIL_F64, -0.5), -0.0);
    same_bits(UNARY(TRUNC_F64, -1.9), -1);
    same_bits(UNARY(TRUNC_F64, -0.9), -0.0);
    same_bits(UNARY(SQRT_F64, -0.0), -0.0);
    same_bits(UNARY(SQRT_F64, -1), NAN);
    same_bits(UNARY(ABS_F64, -3), 3);
    same_bits(UNARY(NEG_F64, 0.0), -0.0);
}
END_TEST

START_TEST(comparisons_with_nan)
{
    same_bits(BINARY(EQ_F64, NAN, NAN), 0);
    same_bits(BINARY(NE_F64, NAN, 1), 1);
    same_bits(BINARY(LT_F64, NAN, 1), 0);
    same_bits(BINARY(GE_F64, 1, NAN), 0);
    same_bits(BINARY(AND_F64, NAN, 1), 0);
    same_bits(BINARY(OR_F64, NAN, 1), 1);
    same_bits(BINARY(OR_F64, -1, 0), 0);
    same_bits(UNARY(NOT_F64, NAN), 0);
    same_bits(UNARY(NOT_F64, -0.0), 1);
    same_bits(UNARY(BOOL_F64, -2), 0);
    uint64_t r[1] = { fx_bits(NAN) };
    ck_assert_int_eq(jr_op_JUMP_IF(NULL, r, NULL, NULL, 0, 0, 0, 0, 0), 0);
    ck_assert_int_eq(jr_op_JUMP_UNLESS(NULL, r, NULL, NULL, 0, 0, 0, 0, 0), 1);
}
END_TEST

START_TEST(integers_wrap)
{
    ck_assert_int_eq(integer(jr_op_ADD_I64, INT64_MAX, 1), INT64_MIN);
    ck_assert_int_eq(integer(jr_op_MUL_I64, INT64_MIN, -1), INT64_MIN);
    ck_assert_int_eq(integer(jr_op_DIV_I64, -7, 2), -3);
    ck_assert_int_eq(integer(jr_op_DIV_I64, INT64_MIN, -1), INT64_MIN);
    ck_assert_int_eq(integer(jr_op_MOD_I64, -7, 2), -1);
    ck_assert_int_eq(integer(jr_op_MOD_I64, INT64_MIN, -1), 0);
    ck_assert_int_eq(integer(jr_op_POW_I64, -3, 3), -27);
    ck_assert_int_eq(integer(jr_op_POW_I64, 0, 0), 1);
    ck_assert_int_eq(integer(jr_op_POW_I64, 2, 64), 0);
    ck_assert_int_eq(integer(jr_op_LOG2_I64, 1, 0), 0);
    ck_assert_int_eq(integer(jr_op_LOG2_I64, INT64_MAX, 0), 62);
    ck_assert_int_eq(integer(jr_op_ABS_I64, INT64_MIN, 0), INT64_MIN);
    ck_assert_int_eq(integer(jr_op_NEG_I64, INT64_MIN, 0), INT64_MIN);
}
END_TEST

static int64_t to_i64(double x)
{
    return (int64_t)fx_bits(UNARY(F64_TO_I64, x));
}

START_TEST(conversions_saturate)
{
    ck_assert_int_eq(to_i64(-1.9), -1);
    ck_assert_int_eq(to_i64(NAN), 0);
    ck_assert_int_eq(to_i64(1e300), INT64_MAX);
    ck_assert_int_eq(to_i64(9223372036854775808.0), INT64_MAX);
    ck_assert_int_eq(to_i64(-9223372036854775808.0), INT64_MIN);
    ck_assert_int_eq(to_i64(-INFINITY), INT64_MIN);
    ck_assert_int_eq(to_i64(9223372036854774784.0), 9223372036854774784);
}
END_TEST

START_TEST(array_index_is_truncated_and_clamped)
{
    ck_assert_uint_eq(jr_array_index(1.9, 3), 1);
    ck_assert_uint_eq(jr_array_index(-5, 3), 0);
    ck_assert_uint_eq(jr_array_index(NAN, 3), 0);
    ck_assert_uint_eq(jr_array_index(INFINITY, 3), 2);
    ck_assert_uint_eq(jr_array_index(1e300, 1), 0);
    ck_assert_uint_eq(jr_array_index(2, 3), 2);
}
END_TEST

/* Feeds 1, 2, 3 ... into a line of `length` samples and gives what call `n` (from 1) reads at `time`. */
static double delayed(uint32_t length, double time, int n)
{
    uint64_t state[16] = { 0 };
    double out = -1;
    for (int i = 1; i <= n; i++)
        out = jr_delay(state + 1, state + 2, length, fx_bits(i), time);
    return out;
}

START_TEST(delay_follows_the_table)
{
    /* 1 <= t <= L-1: floor(t) samples ago; beyond: L-1; below 1 and NaN: L, the slot about to be overwritten */
    for (int n = 1; n <= 20; n++) {
        ck_assert_double_eq(delayed(4, 1, n), n > 1 ? n - 1 : 0);
        ck_assert_double_eq(delayed(4, 2.9, n), n > 2 ? n - 2 : 0);
        ck_assert_double_eq(delayed(4, 3, n), n > 3 ? n - 3 : 0);
        ck_assert_double_eq(delayed(4, 100, n), n > 3 ? n - 3 : 0);
        ck_assert_double_eq(delayed(4, INFINITY, n), n > 3 ? n - 3 : 0);
        ck_assert_double_eq(delayed(4, 0, n), n > 4 ? n - 4 : 0);
        ck_assert_double_eq(delayed(4, 0.5, n), n > 4 ? n - 4 : 0);
        ck_assert_double_eq(delayed(4, -3, n), n > 4 ? n - 4 : 0);
        ck_assert_double_eq(delayed(4, NAN, n), n > 4 ? n - 4 : 0);
        ck_assert_double_eq(delayed(1, 0, n), n - 1);
        ck_assert_double_eq(delayed(1, 1, n), n - 1);
        ck_assert_double_eq(delayed(0, 1, n), 0);
    }
}
END_TEST

START_TEST(mem_reads_before_it_writes)
{
    uint64_t r[2] = { 7, 9 }, state[1] = { 5 };
    jr_op_MEM(NULL, r, state, NULL, 0, 0, 0, 0, 0); /* the same register twice */
    ck_assert_uint_eq(r[0], 5);
    ck_assert_uint_eq(state[0], 7);
}
END_TEST

/* Instructions that round have several correct implementations (a library call, a single instruction); with denormals counted as zero
 * they must still agree on the smallest numbers. */
START_TEST(denormals_count_as_zero)
{
    volatile double tiny = 4e-320;
    uint64_t before = jr_fp_enter();
    double sum = UNARY(ABS_F64, BINARY(ADD_F64, tiny, tiny));
    double floor_of = UNARY(FLOOR_F64, -tiny), ceiling = UNARY(CEIL_F64, tiny),
           rounded = UNARY(ROUND_F64, tiny);
    double truth = BINARY(EQ_F64, tiny, 0.0), remainder = BINARY(MOD_F64, tiny, 1.0);
    jr_fp_leave(before);
#if defined(__SSE2__) || defined(__aarch64__)
    same_bits(sum, 0);
    same_bits(truth, 1);
    same_bits(floor_of, -0.0);
    same_bits(ceiling, 0);
    same_bits(rounded, 0);
    same_bits(remainder, 0);
#endif
    ck_assert(tiny + tiny > 0); /* restored */
}
END_TEST

START_TEST(symbols_are_all_there)
{
    size_t count;
    const struct jr_rt_symbol *symbols = jr_rt_symbols(&count);
    ck_assert_uint_gt(count, 40);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(symbols[i].address);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(symbols[i].name, symbols[k].name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops");
    TCase *tc = tcase_create("ops");
    tcase_add_test(tc, minimum_and_maximum_ignore_nan);
    tcase_add_test(tc, modulo_is_fmod);
    tcase_add_test(tc, rounding_is_exact);
    tcase_add_test(tc, comparisons_with_nan);
    tcase_add_test(tc, integers_wrap);
    tcase_add_test(tc, conversions_saturate);
    tcase_add_test(tc, array_index_is_truncated_and_clamped);
    tcase_add_test(tc, delay_follows_the_table);
    tcase_add_test(tc, mem_reads_before_it_writes);
    tcase_add_test(tc, denormals_count_as_zero);
    tcase_add_test(tc, symbols_are_all_there);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
