/* test_jit_flow.c -- loops, calls, limits and the ways between the engines. */
#include <pthread.h>
#include <time.h>

#include <check.h>

#include "engines.h"

static void setup(void)
{
    fx_begin();
    engines_reset();
}

static enum jr_status agree1(uint32_t function, double x, double *result)
{
    uint64_t args[2] = { fx_bits(x), 0 }, results[64];
    enum jr_status status = engines_agree(function, args, true, results);
    if (result != NULL)
        *result = fx_number_of(results[0]);
    return status;
}

/* sum of i * j over two nested loops up to r0 */
static uint32_t make_nested_loops(void)
{
    uint32_t f = fx_function("nested", 1, 1);
    uint32_t outer = jr_builder_label(fx.b, f), inner = jr_builder_label(fx.b, f);
    fx_number(f, 1, 0); /* sum */
    fx_number(f, 2, 0); /* i */
    fx_number(f, 5, 1);
    jr_builder_bind(fx.b, f, outer);
    fx_number(f, 3, 0); /* j */
    jr_builder_bind(fx.b, f, inner);
    fx_abc(f, JR_OP_MUL_F64, 4, 2, 3);
    fx_abc(f, JR_OP_ADD_F64, 1, 1, 4);
    fx_abc(f, JR_OP_ADD_F64, 3, 3, 5);
    fx_abc(f, JR_OP_LT_F64, 4, 3, 0);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 4, inner);
    fx_abc(f, JR_OP_ADD_F64, 2, 2, 5);
    fx_abc(f, JR_OP_GE_F64, 4, 2, 0);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 4, outer);
    fx_return(f, 1);
    return f;
}

START_TEST(loops_are_entered_at_their_headers)
{
    double result;
    struct jr_jit_stats stats;
    setup();
    uint32_t f = make_nested_loops();
    fx_build();
    engines_start();
    ck_assert_int_eq(agree1(f, 30, &result), JR_OK);
    ck_assert_double_eq(result, 435.0 * 435.0);
    jr_jit_get_stats(engines[ENGINE_PROMOTED].jit, &stats);
    ck_assert_uint_eq(stats.osr_compiled, 1); /* from the inner header on, the outer loop is in the same code */
    ck_assert_uint_eq(stats.functions_compiled, 0);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(agree1(f, i, NULL), JR_OK);
    jr_jit_get_stats(engines[ENGINE_PROMOTED].jit, &stats);
    ck_assert_uint_eq(stats.functions_quick, 1);
    ck_assert_uint_eq(stats.functions_optimised, 1);
    engines_end();
}
END_TEST

/* A loop whose quick code runs long: it moves to the loop's own code without going back to the interpreter. */
START_TEST(quick_code_moves_to_the_code_of_its_loop)
{
    struct jr_jit_config config = { .mode = JR_JIT_AUTO, .synchronous = true, .quick_calls = 1, .loop_count = 100 };
    struct engine engine;
    struct jr_jit_stats stats;
    uint64_t arg = fx_bits(200), result;
    setup();
    uint32_t f = make_nested_loops();
    fx_build();
    engine_start_with(&engine, &config);
    ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_OK);
    ck_assert_double_eq(fx_number_of(result), 19900.0 * 19900.0);
    jr_jit_get_stats(engine.jit, &stats);
    ck_assert_uint_eq(stats.functions_quick, 1);
    ck_assert_uint_ge(stats.osr_compiled, 1);
    engine_end(&engine);
    jr_module_destroy(fx.module);
}
END_TEST

static uint32_t make_switch_loop(void)
{
    uint32_t f = fx_function("switch", 1, 1), labels[4];
    uint32_t top = jr_builder_label(fx.b, f), end = jr_builder_label(fx.b, f);
    for (int i = 0; i < 3; i++)
        labels[i] = jr_builder_label(fx.b, f);
    labels[3] = top; /* backwards, straight from the table */
    fx_ax(f, JR_OP_CONST_I32, 1, 0);
    fx_ax(f, JR_OP_CONST_I32, 2, 0);
    fx_ax(f, JR_OP_CONST_I32, 3, 1);
    fx_ax(f, JR_OP_CONST_I32, 4, 40);
    fx_ax(f, JR_OP_CONST_I32, 5, 7);
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_ADD_I64, 1, 1, 3);
    fx_abc(f, JR_OP_GT_I64, 6, 1, 4);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 6, end);
    fx_abc(f, JR_OP_MOD_I64, 6, 1, 5);
    jr_builder_switch(fx.b, f, 6, -1, labels, 4, top);
    for (int i = 0; i < 3; i++) {
        jr_builder_bind(fx.b, f, labels[i]);
        fx_ax(f, JR_OP_CONST_I32, 6, (uint32_t)(10 + i));
        fx_abc(f, JR_OP_MUL_I64, 2, 2, 6);
        fx_abc(f, JR_OP_ADD_I64, 2, 2, 1);
        jr_builder_jump(fx.b, f, JR_OP_JUMP, 0, top);
    }
    jr_builder_bind(fx.b, f, end);
    fx_return(f, 2);
    return f;
}

START_TEST(switches_jump_forwards_and_backwards)
{
    setup();
    uint32_t f = make_switch_loop();
    fx_build();
    engines_start();
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(agree1(f, i, NULL), JR_OK);
    engines_end();
}
END_TEST

/* depth(n) = n > 0 ? 1 + depth(n - 1) : 0 */
static uint32_t make_recursion(void)
{
    uint32_t f = fx_function("depth", 1, 1);
    uint32_t more = jr_builder_label(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, more);
    fx_number(f, 1, 0);
    fx_return(f, 1);
    jr_builder_bind(fx.b, f, more);
    fx_number(f, 1, 1);
    fx_abc(f, JR_OP_SUB_F64, 2, 0, 1);
    fx_abcxy(f, JR_OP_CALL, 2, 0, 0, f, 0);
    fx_abc(f, JR_OP_ADD_F64, 2, 2, 1);
    fx_return(f, 2);
    return f;
}

START_TEST(recursion_deeper_than_the_c_stack)
{
    double result;
    setup();
    engines_limits.depth = 60000;
    engines_limits.c_stack_bytes = 64 * 1024;
    uint32_t f = make_recursion();
    fx_build();
    engines_start();
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(agree1(f, 50000, &result), JR_OK);
        ck_assert_double_eq(result, 50000);
    }
    ck_assert_int_eq(agree1(f, 60001, NULL), JR_ERR_DEPTH);
    ck_assert_int_eq(agree1(f, 59999, &result), JR_OK);
    engines_end();
}
END_TEST

START_TEST(vm_stack_bounds_recursion_too)
{
    setup();
    engines_limits.stack_words = 20000;
    uint32_t f = make_recursion();
    fx_build();
    engines_start();
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(agree1(f, 1e6, NULL), JR_ERR_DEPTH);
    ck_assert_int_eq(agree1(f, 1000, NULL), JR_OK);
    engines_end();
}
END_TEST

/* endless(n): loops for ever, calling something on the way */
static uint32_t make_endless(void)
{
    uint32_t g = fx_function("step", 1, 1);
    fx_abc(g, JR_OP_ADD_F64, 1, 0, 0);
    fx_return(g, 1);
    uint32_t f = fx_function("endless", 1, 1);
    uint32_t top = jr_builder_label(fx.b, f);
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_ADD_F64, 1, 0, 0);
    fx_abcxy(f, JR_OP_CALL, 1, 0, 0, g, 0);
    jr_builder_jump(fx.b, f, JR_OP_JUMP, 0, top);
    return f;
}

START_TEST(fuel_ends_at_the_same_instruction)
{
    setup();
    for (uint64_t fuel = 1000; fuel < 1020; fuel++) {
        if (fx.b == NULL)
            setup();
        engines_limits.fuel = fuel;
        uint32_t f = make_endless();
        fx_build();
        engines_start();
        struct jr_vm_stats wanted, got;
        ck_assert_int_eq(agree1(f, 1, NULL), JR_ERR_FUEL);
        jr_vm_get_stats(engines[ENGINE_INTERPRETED].vm, &wanted);
        for (int kind = 1; kind < ENGINE_COUNT; kind++) {
            jr_vm_get_stats(engines[kind].vm, &got);
            ck_assert_uint_eq(got.fuel_used, wanted.fuel_used);
        }
        engines_end();
    }
}
END_TEST

/* twice(n, at) = n > 0 ? twice(n - 1, at) + twice(n - 2, at) : 1, failing where n becomes `at`: it calls itself at two places, so that
 * copies of it are inlined into it some levels deep. */
static uint32_t make_twice(void)
{
    uint32_t f = fx_function("twice", 2, 1);
    uint32_t more = jr_builder_label(fx.b, f), good = jr_builder_label(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, more);
    fx_abc(f, JR_OP_EQ_F64, 2, 0, 1);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 2, good);
    fx_ax(f, JR_OP_CONST_I32, 3, 0);
    fx_abc(f, JR_OP_DIV_I64, 3, 3, 3);
    fx_return(f, 3);
    jr_builder_bind(fx.b, f, good);
    fx_number(f, 2, 1);
    fx_return(f, 2);
    jr_builder_bind(fx.b, f, more);
    fx_number(f, 2, 1);
    fx_abc(f, JR_OP_SUB_F64, 3, 0, 2);
    fx_abc(f, JR_OP_MOVE, 4, 1, 0);
    fx_abcxy(f, JR_OP_CALL, 3, 0, 0, f, 0);
    fx_number(f, 2, 2);
    fx_abc(f, JR_OP_SUB_F64, 4, 0, 2);
    fx_abc(f, JR_OP_MOVE, 5, 1, 0);
    fx_abcxy(f, JR_OP_CALL, 4, 0, 0, f, 0);
    fx_abc(f, JR_OP_ADD_F64, 3, 3, 4);
    fx_return(f, 3);
    return f;
}

static enum jr_status twice_agrees(uint32_t f, double n, double at)
{
    uint64_t args[2] = { fx_bits(n), fx_bits(at) };
    return engines_agree(f, args, true, NULL);
}

START_TEST(recursion_inlined_into_itself_meets_limits_exactly)
{
    for (uint32_t depth = 1; depth < 12; depth++) {
        setup();
        engines_limits.depth = depth;
        uint32_t f = make_twice();
        fx_build();
        engines_start();
        for (int round = 0; round < 3; round++) {
            ck_assert_int_eq(twice_agrees(f, 8, 9), depth < 9 ? JR_ERR_DEPTH : JR_OK);
            ck_assert_int_eq(twice_agrees(f, 8, -1), depth < 9 ? JR_ERR_DEPTH : JR_ERR_DIVIDE_BY_ZERO);
            ck_assert_int_eq(twice_agrees(f, 3, 0), depth < 4 ? JR_ERR_DEPTH : JR_ERR_DIVIDE_BY_ZERO);
        }
        engines_end();
    }
    for (uint32_t words = 10; words < 50; words += 7) {
        setup();
        engines_limits.stack_words = words;
        uint32_t f = make_twice();
        fx_build();
        engines_start();
        twice_agrees(f, 8, 9);
        twice_agrees(f, 8, -1);
        engines_end();
    }
}
END_TEST

START_TEST(fuel_ends_anywhere_in_inlined_recursion)
{
    for (uint64_t fuel = 1; fuel < 260; fuel += 11) {
        setup();
        engines_limits.fuel = fuel;
        uint32_t f = make_twice();
        fx_build();
        engines_start();
        enum jr_status status = twice_agrees(f, 7, 9);
        struct jr_vm_stats wanted, got;
        jr_vm_get_stats(engines[ENGINE_INTERPRETED].vm, &wanted);
        ck_assert_int_eq(status, wanted.fuel_used > fuel ? JR_ERR_FUEL : JR_OK);
        for (int kind = 1; kind < ENGINE_COUNT; kind++) {
            jr_vm_get_stats(engines[kind].vm, &got);
            ck_assert_uint_eq(got.fuel_used, wanted.fuel_used);
        }
        engines_end();
    }
}
END_TEST

static void *interrupt_soon(void *vm)
{
    struct timespec soon = { .tv_nsec = 50000000 };
    nanosleep(&soon, NULL);
    jr_vm_interrupt(vm);
    return NULL;
}

START_TEST(compiled_loops_can_be_stopped)
{
    uint64_t arg = fx_bits(1), result;
    struct engine engine;
    pthread_t thread;
    setup();
    uint32_t f = make_endless();
    fx_build();
    engine_start(&engine, ENGINE_OPTIMISED);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, engine.vm), 0);
    ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_ERR_INTERRUPTED);
    pthread_join(thread, NULL);
    engine_end(&engine);
    engines_limits.seconds = 0.1;
    engine_start(&engine, ENGINE_OPTIMISED);
    ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_ERR_DEADLINE);
    engine_end(&engine);
    jr_module_destroy(fx.module);
}
END_TEST

/* even(n) and odd(n) call each other through closures; with different thresholds they are in different tiers most of the time. */
START_TEST(calls_between_tiers)
{
    setup();
    uint32_t number = fx_raw(1), signature = jr_builder_signature(fx.b, number, number);
    uint32_t even = fx_function("even", 1, 1), odd = fx_function("odd", 1, 1);
    uint32_t pair[2] = { even, odd };
    for (int i = 0; i < 2; i++) {
        uint32_t f = pair[i], more = jr_builder_label(fx.b, f);
        jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, more);
        fx_number(f, 0, i == 0 ? 1 : 0);
        fx_return(f, 0);
        jr_builder_bind(fx.b, f, more);
        fx_number(f, 1, 1);
        fx_abc(f, JR_OP_SUB_F64, 3, 0, 1);
        fx_ax(f, JR_OP_FUNCTION, 2, pair[1 - i]);
        fx_abcxy(f, JR_OP_CALL_CLOSURE, 3, 2, 0, signature, jr_builder_feedback_site(fx.b, f));
        fx_return(f, 3);
    }
    uint32_t third = fx_function("third", 1, 1); /* fails in the depth: division by zero after n calls */
    uint32_t last = jr_builder_label(fx.b, third);
    fx_number(third, 1, 1);
    fx_abc(third, JR_OP_SUB_F64, 2, 0, 1);
    jr_builder_jump(fx.b, third, JR_OP_JUMP_UNLESS, 0, last);
    fx_abcxy(third, JR_OP_CALL, 2, 0, 0, third, 0);
    fx_return(third, 2);
    jr_builder_bind(fx.b, third, last);
    fx_ax(third, JR_OP_CONST_I32, 3, 0);
    fx_abc(third, JR_OP_DIV_I64, 3, 3, 3);
    fx_return(third, 3);
    fx_build();
    engines_start();
    for (int i = 0; i < 12; i++) {
        ck_assert_int_eq(agree1(even, i, NULL), JR_OK);
        ck_assert_int_eq(agree1(third, i, NULL), JR_ERR_DIVIDE_BY_ZERO);
    }
    engines_end();
}
END_TEST

/* Nobody waits: the compile thread publishes while the program runs. */
START_TEST(promotion_in_the_background)
{
    struct jr_jit_config config = { .mode = JR_JIT_AUTO, .quick_calls = 10, .optimised_calls = 100, .loop_count = 50 };
    struct engine engine;
    struct jr_jit_stats stats;
    setup();
    uint32_t f = make_nested_loops(), g = make_switch_loop();
    fx_build();
    for (int round = 0; round < 3; round++) {
        engine_start_with(&engine, &config);
        for (int i = 0; i < 3000; i++) {
            uint64_t arg = fx_bits(i % 20), result;
            double n = i % 20 == 0 ? 1 : i % 20, sum = n * (n - 1) / 2;
            ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_OK);
            ck_assert_double_eq(fx_number_of(result), i % 20 == 0 ? 0 : sum * sum);
            ck_assert_int_eq(jr_vm_call(engine.vm, g, &arg, &result), JR_OK);
        }
        jr_jit_drain(engine.jit);
        jr_jit_get_stats(engine.jit, &stats);
        ck_assert_uint_eq(stats.functions_compiled, 2);
        engine_end(&engine);
    }
    jr_module_destroy(fx.module);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jit: control flow");
    TCase *tc = tcase_create("flow");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, loops_are_entered_at_their_headers);
    tcase_add_test(tc, quick_code_moves_to_the_code_of_its_loop);
    tcase_add_test(tc, switches_jump_forwards_and_backwards);
    tcase_add_test(tc, recursion_deeper_than_the_c_stack);
    tcase_add_test(tc, vm_stack_bounds_recursion_too);
    tcase_add_test(tc, fuel_ends_at_the_same_instruction);
    tcase_add_test(tc, recursion_inlined_into_itself_meets_limits_exactly);
    tcase_add_test(tc, fuel_ends_anywhere_in_inlined_recursion);
    tcase_add_test(tc, compiled_loops_can_be_stopped);
    tcase_add_test(tc, calls_between_tiers);
    tcase_add_test(tc, promotion_in_the_background);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
