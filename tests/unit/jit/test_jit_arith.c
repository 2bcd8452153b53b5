/* test_jit_arith.c -- arithmetic, comparisons and conversions give the interpreter's bits in every tier. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "engines.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

static const uint64_t edge_words[] = {
    0x0000000000000000, 0x8000000000000000, /* 0.0 -0.0 */
    0x3ff0000000000000, 0xbff0000000000000, /* 1 -1 */
    0x3fe0000000000000, 0x4008000000000000, /* 0.5 3 */
    0xc01c000000000000, 0x3fb999999999999a, /* -7 0.1 */
    0x0000000000000001, 0x800fffffffffffff, /* denormals */
    0x0010000000000000, 0x7fefffffffffffff, /* smallest normal, largest */
    0x7ff0000000000000, 0xfff0000000000000, /* infinities */
    0x7ff8000000000000, 0x43e0000000000000, /* NaN, 2^63 */
    0x0000000000000007, 0xfffffffffffffffb, /* as integers: 7 -5 */
    0x7fffffffffffffff, 0xffffffffffffffff, /* largest, -1 */
    0x0000000000000040, 0x4059000000000000, /* 64; 100 */
};
enum { EDGE_COUNT = sizeof edge_words / sizeof edge_words[0] };

/* Instructions that take numbers or integers in registers and give one. */
static bool is_plain(enum jr_op op)
{
    const struct jr_op_info *info = &jr_op_infos[op];
    return info->format == JR_FORMAT_ABC && info->a == JR_OPERAND_D && info->b == JR_OPERAND_S &&
           (info->c == JR_OPERAND_S || info->c == JR_OPERAND__) && (info->effects & ~JR_EFFECT_FAILS) == 0;
}

static bool gives_number(enum jr_op op)
{
    const char *mnemonic = jr_op_infos[op].mnemonic;
    return strstr(mnemonic, "f64") != NULL;
}

START_TEST(every_pair_of_edges)
{
    uint32_t functions[JR_OP_COUNT];
    fx_begin();
    engines_reset();
    for (int op = 0; op < JR_OP_COUNT; op++) {
        if (!is_plain((enum jr_op)op))
            continue;
        uint32_t f = functions[op] = fx_function(jr_op_infos[op].name, 2, 1);
        fx_abc(f, (enum jr_op)op, 2, 0, jr_op_infos[op].c == JR_OPERAND_S ? 1 : 0);
        fx_return(f, 2);
    }
    fx_build();
    engines_start();
    for (int op = 0; op < JR_OP_COUNT; op++) {
        if (!is_plain((enum jr_op)op))
            continue;
        int second_count = jr_op_infos[op].c == JR_OPERAND_S ? EDGE_COUNT : 1;
        for (int i = 0; i < EDGE_COUNT; i++)
            for (int k = 0; k < second_count; k++) {
                uint64_t args[2] = { edge_words[i], edge_words[k] };
                engines_agree(functions[op], args, gives_number((enum jr_op)op), NULL);
            }
    }
    engines_end();
}
END_TEST

/* Flushing denormals to zero makes x * 1 and x - 0 something else than x; optimisers do not know. */
START_TEST(constants_that_optimisers_fold_away)
{
    static const enum jr_op ops[] = { JR_OP_ADD_F64, JR_OP_SUB_F64, JR_OP_MUL_F64, JR_OP_DIV_F64,
                                      JR_OP_MIN_F64, JR_OP_MAX_F64, JR_OP_MOD_F64, JR_OP_POW_F64,
                                      JR_OP_EQ_F64,  JR_OP_NE_F64,  JR_OP_LT_F64,  JR_OP_GE_F64 };
    static const double constants[] = { 0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 4e-320, INFINITY, NAN };
    enum { OPS = sizeof ops / sizeof ops[0], CONSTANTS = sizeof constants / sizeof constants[0] };
    uint32_t left[OPS][CONSTANTS], right[OPS][CONSTANTS];
    fx_begin();
    engines_reset();
    for (int o = 0; o < OPS; o++)
        for (int c = 0; c < CONSTANTS; c++) {
            uint32_t f = left[o][c] = fx_function(jr_op_infos[ops[o]].name, 2, 1);
            fx_number(f, 2, constants[c]);
            fx_abc(f, ops[o], 3, 2, 0);
            fx_return(f, 3);
            f = right[o][c] = fx_function(jr_op_infos[ops[o]].name, 2, 1);
            fx_number(f, 2, constants[c]);
            fx_abc(f, ops[o], 3, 0, 2);
            fx_return(f, 3);
        }
    fx_build();
    engines_start();
    for (int o = 0; o < OPS; o++)
        for (int c = 0; c < CONSTANTS; c++)
            for (int i = 0; i < EDGE_COUNT; i++) {
                uint64_t args[2] = { edge_words[i], 0 };
                engines_agree(left[o][c], args, true, NULL);
                engines_agree(right[o][c], args, true, NULL);
            }
    engines_end();
}
END_TEST

/* The identity may come by detours: a sum of constants, a truth value, a word of state, two ways that meet. */
START_TEST(identities_by_detours)
{
    uint32_t f[5];
    fx_begin();
    engines_reset();
    f[0] = fx_function("sum of constants", 2, 1);
    fx_number(f[0], 2, 3);
    fx_number(f[0], 3, 2);
    fx_abc(f[0], JR_OP_SUB_F64, 4, 2, 3);
    fx_abc(f[0], JR_OP_MUL_F64, 5, 4, 0);
    fx_return(f[0], 5);

    f[1] = fx_function("truth", 2, 1);
    fx_number(f[1], 2, 5);
    fx_number(f[1], 3, 4);
    fx_abc(f[1], JR_OP_GT_F64, 4, 2, 3);
    fx_abc(f[1], JR_OP_MUL_F64, 5, 0, 4);
    fx_return(f[1], 5);

    f[2] = fx_function("meeting", 2, 1);
    uint32_t other = jr_builder_label(fx.b, f[2]), both = jr_builder_label(fx.b, f[2]);
    jr_builder_jump(fx.b, f[2], JR_OP_JUMP_IF, 1, other);
    fx_number(f[2], 2, 1);
    jr_builder_jump(fx.b, f[2], JR_OP_JUMP, 0, both);
    jr_builder_bind(fx.b, f[2], other);
    fx_number(f[2], 2, -1);
    jr_builder_bind(fx.b, f[2], both);
    fx_abc(f[2], JR_OP_MUL_F64, 3, 0, 2);
    fx_return(f[2], 3);

    f[3] = fx_function("state", 2, 1);
    uint32_t site = jr_builder_site(fx.b, f[3], JR_SITE_SELF, "self", 1, fx_raw(1), JR_NONE, 0, fx_place(1));
    fx_number(f[3], 2, 0);
    fx_ax(f[3], JR_OP_STATE_SET, 2, site);
    fx_ax(f[3], JR_OP_STATE_GET, 3, site);
    fx_abc(f[3], JR_OP_SUB_F64, 4, 0, 3);
    fx_return(f[3], 4);

    f[4] = fx_function("integer", 2, 1);
    fx_ax(f[4], JR_OP_CONST_I32, 2, 1);
    fx_abc(f[4], JR_OP_I64_TO_F64, 3, 2, 0);
    fx_abc(f[4], JR_OP_DIV_F64, 4, 0, 3);
    fx_return(f[4], 4);
    fx_build();
    engines_start();
    for (int k = 0; k < 5; k++)
        for (int i = 0; i < EDGE_COUNT; i++)
            for (int j = 0; j < 2; j++) {
                uint64_t args[2] = { edge_words[i], fx_bits(j) };
                engines_agree(f[k], args, true, NULL);
            }
    engines_end();
}
END_TEST

/* A callee that is compiled in place sees its caller's constants, and the caller its results. */
START_TEST(identities_through_calls)
{
    fx_begin();
    engines_reset();
    uint32_t scale = fx_function("scale", 2, 1);
    fx_abc(scale, JR_OP_MUL_F64, 0, 0, 1);
    fx_return(scale, 0);
    uint32_t one = fx_function("one", 0, 1);
    fx_number(one, 0, 1);
    fx_return(one, 0);
    uint32_t f = fx_function("scaled", 2, 2);
    fx_abc(f, JR_OP_MOVE, 2, 0, 0);
    fx_number(f, 3, 1);
    fx_abcxy(f, JR_OP_CALL, 2, 0, 0, scale, 0);
    fx_abcxy(f, JR_OP_CALL, 3, 0, 0, one, 0);
    fx_abc(f, JR_OP_DIV_F64, 3, 0, 3);
    fx_return(f, 2);
    fx_build();
    engines_start();
    for (int i = 0; i < EDGE_COUNT; i++) {
        uint64_t args[2] = { edge_words[i], 0 };
        engines_agree(f, args, true, NULL);
    }
    engines_end();
}
END_TEST

/* Long expressions: what passes do across instructions must not change bits either. */
START_TEST(chains_of_arithmetic)
{
    fx_begin();
    engines_reset();
    uint32_t f = fx_function("chain", 2, 3);
    fx_number(f, 2, 0.3);
    fx_number(f, 3, 1.7);
    fx_abc(f, JR_OP_MUL_F64, 4, 0, 2);  /* x * 0.3 + y: must not contract */
    fx_abc(f, JR_OP_ADD_F64, 5, 4, 1);
    fx_abc(f, JR_OP_DIV_F64, 6, 5, 3);  /* / 1.7: must not become a product */
    fx_abc(f, JR_OP_SUB_F64, 7, 6, 0);
    fx_abc(f, JR_OP_ADD_F64, 7, 7, 0);  /* (a - x) + x: must not cancel */
    fx_abc(f, JR_OP_SQRT_F64, 8, 7, 0);
    fx_abc(f, JR_OP_SIN_F64, 9, 8, 0);
    fx_abc(f, JR_OP_POW_F64, 9, 9, 2);
    fx_abc(f, JR_OP_TRUNC_F64, 8, 8, 0);
    fx_abc(f, JR_OP_MOD_F64, 7, 7, 3);
    fx_abc(f, JR_OP_RETURN, 7, 0, 0);
    fx_build();
    engines_start();
    for (int i = 0; i < EDGE_COUNT; i++)
        for (int k = 0; k < EDGE_COUNT; k++) {
            uint64_t args[2] = { edge_words[i], edge_words[k] };
            engines_agree(f, args, true, NULL);
        }
    for (int i = 0; i < 2000; i++) {
        uint64_t args[2] = { fx_bits(sin(i) * 100), fx_bits(cos(i * 0.7) * 3) };
        engines_agree(f, args, true, NULL);
    }
    engines_end();
}
END_TEST

static const enum jr_op math_ops[] = { JR_OP_SIN_F64,  JR_OP_COS_F64,  JR_OP_EXP_F64,  JR_OP_LOG_F64,  JR_OP_TAN_F64,
                                       JR_OP_ASIN_F64, JR_OP_ACOS_F64, JR_OP_ATAN_F64, JR_OP_SINH_F64, JR_OP_COSH_F64,
                                       JR_OP_TANH_F64, JR_OP_POW_F64,  JR_OP_ATAN2_F64, JR_OP_MOD_F64 };
enum { MATH_OPS = sizeof math_ops / sizeof math_ops[0] };

/* A number of any size, its neighbourhood of 1 and of multiples of pi more often. */
static double any_number(int i)
{
    double sign = drand48() < 0.5 ? -1 : 1;
    switch (i % 4) {
    case 0:
        return sign * ldexp(drand48(), (int)(drand48() * 2097) - 1073);
    case 1:
        return sign * ldexp(drand48(), (int)(drand48() * 40) - 20);
    case 2:
        return sign * (1 + ldexp(drand48() - 0.5, -(int)(drand48() * 52)));
    default:
        return sign * M_PI / 4 * floor(drand48() * 10000);
    }
}

/* In optimised code the first four are in place of calls, and folded if the argument is known. */
START_TEST(mathematics)
{
    enum { IN_PLACE = 4, CONSTANTS = EDGE_COUNT + 8 };
    uint32_t f[MATH_OPS], known[IN_PLACE][CONSTANTS];
    srand48(11);
    fx_begin();
    engines_reset();
    for (int o = 0; o < MATH_OPS; o++) {
        f[o] = fx_function(jr_op_infos[math_ops[o]].name, 2, 1);
        fx_abc(f[o], math_ops[o], 2, 0, jr_op_infos[math_ops[o]].c == JR_OPERAND_S ? 1 : 0);
        fx_return(f[o], 2);
    }
    for (int o = 0; o < IN_PLACE; o++)
        for (int c = 0; c < CONSTANTS; c++) {
            double constant = any_number(c);
            if (c < EDGE_COUNT)
                memcpy(&constant, &edge_words[c], sizeof constant);
            known[o][c] = fx_function("known", 0, 1);
            fx_number(known[o][c], 0, constant);
            fx_abc(known[o][c], math_ops[o], 1, 0, 0);
            fx_return(known[o][c], 1);
        }
    fx_build();
    engines_start();
    for (int o = 0; o < MATH_OPS; o++)
        for (int i = 0; i < 1500; i++) {
            uint64_t args[2] = { fx_bits(any_number(i)), fx_bits(any_number(i / 4)) };
            engines_agree(f[o], args, true, NULL);
        }
    for (int o = 0; o < IN_PLACE; o++)
        for (int c = 0; c < CONSTANTS; c++)
            engines_agree(known[o][c], NULL, true, NULL);
    engines_end();
}
END_TEST

START_TEST(mathematics_is_in_place_where_it_is_used_often)
{
    struct jr_sb text;
    fx_begin();
    engines_reset();
    uint32_t f = fx_function("in place", 1, 1);
    fx_abc(f, JR_OP_SIN_F64, 1, 0, 0);
    fx_return(f, 1);
    uint32_t g = fx_function("called", 1, 1);
    fx_abc(g, JR_OP_ATAN_F64, 1, 0, 0);
    fx_return(g, 1);
    fx_build();
    struct engine engine;
    engine_start(&engine, ENGINE_OPTIMISED);
    jr_sb_init(&text, jr_alloc_default());
    ck_assert_int_eq(jr_jit_emit(engine.jit, f, 0, &text), JR_OK);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&text), "jr_rt_sin_rare"));
    ck_assert_ptr_null(strstr(jr_sb_view(&text), "@jr_rt_sin("));
    jr_sb_fini(&text);
    jr_sb_init(&text, jr_alloc_default());
    ck_assert_int_eq(jr_jit_emit(engine.jit, g, 0, &text), JR_OK);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&text), "@jr_rt_atan("));
    jr_sb_fini(&text);
    engine_end(&engine);
    jr_module_destroy(fx.module);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jit: arithmetic");
    TCase *tc = tcase_create("arithmetic");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, every_pair_of_edges);
    tcase_add_test(tc, constants_that_optimisers_fold_away);
    tcase_add_test(tc, identities_by_detours);
    tcase_add_test(tc, identities_through_calls);
    tcase_add_test(tc, chains_of_arithmetic);
    tcase_add_test(tc, mathematics);
    tcase_add_test(tc, mathematics_is_in_place_where_it_is_used_often);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
