/* test_state.c -- states as bytes, copies, beginning again, and new versions of a running program. */
#include <stdlib.h>
#include <string.h>

#include "tests/api/fixture.h"

static const enum jitrun_jit modes[] = { JITRUN_JIT_OFF, JITRUN_JIT_EAGER };
enum { MODE_COUNT = sizeof modes / sizeof modes[0], FRAMES = 50 };

/* Something of everything that a state can hold. */
static const char everything[] =
    "type rec List = Nil | Cons(float, List)\n"
    "fn sum(l){ match l { Nil => 0, Cons(x, rest) => x + sum(rest) } }\n"
    "fn counter(step){ let n = 0\n | | { n = n + step\n n } }\n"
    "let a = counter(1)\nlet b = counter(10)\n"
    "fn filter(g){ |x| self * g + x }\nlet f = filter(0.5)\n"
    "let list = Cons(1, Cons(2, Nil))\nlet array = [1, 2, 3]\n"
    "let name = \"state\"\nlet last = 0\n"
    "fn tick(){ last = last + now\n list = Cons(now, list)\n tick@(now + 3) }\ntick@2\n"
    "fn dsp(){ (a() + b(), f(1) + delay(7, now, 4) + mem(now), sum(list) + array[1] + last + Control!(\"c\", 1)) }\n";

START_TEST(a_clone_goes_on_by_itself)
{
    struct jitrun_instance *instance = run(everything, modes[_i]), *clone, *later;
    double expected[FRAMES][3], found[FRAMES][3];
    ck_assert_int_eq(jitrun_process(instance, NULL, NULL, 20), JITRUN_OK);
    ck_assert_int_eq(jitrun_set_control(instance, "c", 1000.0), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_clone(instance, &clone), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, expected[0], FRAMES), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(clone, NULL, found[0], FRAMES / 2), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_clone(clone, &later), JITRUN_OK);
    jitrun_instance_destroy(instance);
    jitrun_instance_destroy(clone);
    ck_assert_int_eq(jitrun_process(later, NULL, found[FRAMES / 2], FRAMES - FRAMES / 2), JITRUN_OK);
    ck_assert_mem_eq(expected, found, sizeof expected);
    jitrun_instance_destroy(later);
}
END_TEST

START_TEST(a_state_is_saved_and_loaded)
{
    struct jitrun_instance *instance = run(everything, modes[_i]), *other;
    struct jitrun_statistics statistics = { .size = sizeof statistics };
    struct bytes state = { 0 }, again = { 0 };
    double expected[FRAMES][3], found[FRAMES][3];
    ck_assert_int_eq(jitrun_process(instance, NULL, NULL, 33), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_save(instance, append, &state), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, expected[0], FRAMES), JITRUN_OK);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(jitrun_instance_load(instance, state.items, state.count), JITRUN_OK);
        ck_assert_uint_eq(jitrun_instance_frame(instance), 33);
        ck_assert_int_eq(jitrun_instance_save(instance, append, &again), JITRUN_OK);
        ck_assert_uint_eq(again.count, state.count * (size_t)(i + 1));
        ck_assert_int_eq(jitrun_process(instance, NULL, found[0], FRAMES), JITRUN_OK);
        ck_assert_mem_eq(expected, found, sizeof expected);
    }
    ck_assert_mem_eq(again.items, state.items, state.count);
    ck_assert_int_eq(jitrun_instance_create(jitrun_instance_program(instance), NULL, &other), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_load(other, state.items, state.count), JITRUN_OK); /* without a start */
    ck_assert_int_eq(jitrun_process(other, NULL, found[0], FRAMES), JITRUN_OK);
    ck_assert_mem_eq(expected, found, sizeof expected);
    ck_assert_int_eq(jitrun_instance_get_statistics(other, &statistics), JITRUN_OK);
    ck_assert_uint_gt(statistics.heap_objects, 0);
    jitrun_instance_destroy(instance);
    jitrun_instance_destroy(other);
    free(state.items);
    free(again.items);
}
END_TEST

/* jr_hash_bytes is not reachable from here, so damage below the checksum is the fuzzers' business; what a host can meet is this. */
START_TEST(damaged_states_are_refused)
{
    struct jitrun_instance *instance = run(everything, JITRUN_JIT_OFF);
    struct jitrun_instance *other = run("fn dsp(){ self + 1 }", JITRUN_JIT_OFF);
    struct bytes state = { 0 };
    double before[3], after[3];
    ck_assert_int_eq(jitrun_process(instance, NULL, NULL, 10), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_save(instance, append, &state), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_load(other, state.items, state.count), JITRUN_ERR_INVALID);
    for (size_t cut = 0; cut < state.count; cut += 8)
        ck_assert_int_eq(jitrun_instance_load(instance, state.items, cut), JITRUN_ERR_INVALID);
    for (size_t at = 0; at < state.count - 16; at += 13) {
        state.items[at] ^= 4;
        ck_assert_int_eq(jitrun_instance_load(instance, state.items, state.count), JITRUN_ERR_INVALID);
        state.items[at] ^= 4;
    }
    ck_assert_int_eq(jitrun_instance_load(instance, NULL, 8), JITRUN_ERR_INVALID);
    ck_assert_str_ne(jitrun_instance_message(instance), "");
    ck_assert_int_eq(jitrun_process(instance, NULL, before, 1), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_load(instance, state.items, state.count), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, after, 1), JITRUN_OK);
    ck_assert_mem_eq(before, after, sizeof before);
    jitrun_instance_destroy(instance);
    jitrun_instance_destroy(other);
    free(state.items);
}
END_TEST

START_TEST(reset_begins_again_and_keeps_controls)
{
    struct jitrun_instance *instance = run(everything, modes[_i]);
    double first[FRAMES][3], again[FRAMES][3];
    ck_assert_int_eq(jitrun_process(instance, NULL, first[0], FRAMES), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_reset(instance), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, again[0], FRAMES), JITRUN_OK);
    ck_assert_mem_eq(first, again, sizeof first);
    ck_assert_int_eq(jitrun_set_control(instance, "c", 5.0), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_reset(instance), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, again[0], 1), JITRUN_OK);
    ck_assert_double_eq(again[0][2], first[0][2] + 4.0);
    jitrun_instance_destroy(instance);
}
END_TEST

START_TEST(a_new_version_goes_on_with_the_state)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *old = compile(engine, "fn up(){ self + 1 }\nfn echo(x){ delay(5, x, 3) }\n"
                                                 "fn dsp(){ (up() * Control!(\"g\", 1), echo(now)) }\n");
    struct jitrun_program *fresh = compile(engine, "fn wave(x){ self + x }\nfn up(){ self + 1 }\nfn echo(x){ delay(5, x, 3) }\n"
                                                   "fn dsp(){ let w = wave(1)\n (up() * 10 * Control!(\"g\", 1), echo(now), w) }\n");
    struct jitrun_instance *instance = start(old, modes[_i]);
    struct jitrun_swap *swap, *late;
    struct jitrun_swap_report report = { .size = sizeof report };
    struct bytes text = { 0 };
    double before[4][2], after[4][3];
    ck_assert_int_eq(jitrun_set_control(instance, "g", 2.0), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, before[0], 4), JITRUN_OK);
    ck_assert_int_eq(jitrun_swap_prepare(instance, fresh, &swap), JITRUN_OK);
    ck_assert_int_eq(jitrun_swap_prepare(instance, fresh, &late), JITRUN_OK);
    ck_assert_int_eq(jitrun_swap_get_report(swap, &report), JITRUN_OK);
    ck_assert_uint_eq(report.kept, 2);
    ck_assert_uint_eq(report.fresh, 1);
    ck_assert_uint_eq(report.dropped + report.moved + report.reset, 0);
    ck_assert_int_eq(jitrun_swap_describe(swap, false, append, &text), JITRUN_OK);
    ck_assert_ptr_nonnull(strstr(text.items, "2 kept"));
    ck_assert_int_eq(jitrun_swap_get_report(NULL, &report), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_swap_describe(NULL, true, append, &text), JITRUN_ERR_INVALID);
    free(text.items);
    ck_assert_int_eq(jitrun_set_control(instance, "g", 3.0), JITRUN_OK);
    ck_assert_int_eq(jitrun_swap_commit(swap), JITRUN_OK);
    ck_assert_int_eq(jitrun_swap_commit(swap), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_swap_commit(late), JITRUN_ERR_INVALID); /* made for the version that is gone */
    jitrun_swap_collect(swap);
    jitrun_swap_collect(late);
    jitrun_swap_collect(NULL);
    ck_assert_ptr_eq(jitrun_instance_program(instance), fresh);
    ck_assert_int_eq(jitrun_process(instance, NULL, after[0], 4), JITRUN_OK);
    for (int f = 0; f < 4; f++) {
        ck_assert_double_eq(after[f][0], (f + 5) * 30.0);
        ck_assert_double_eq(after[f][1], f + 4 - 3.0); /* what went into the delay line before comes out */
        ck_assert_double_eq(after[f][2], f + 1.0);
    }
    ck_assert_uint_eq(jitrun_instance_frame(instance), 8);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(old);
    jitrun_program_destroy(fresh);
    jitrun_engine_destroy(engine);
}
END_TEST

START_TEST(a_broken_version_leaves_the_old_one)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *old = compile(engine, "fn dsp(){ self + 1 }\n");
    struct jitrun_program *broken = compile(engine, "fn task(){ 0 }\ntask@0\nlet a = 1\nfn dsp(){ a }\n");
    struct jitrun_instance *instance = start(old, JITRUN_JIT_OFF);
    struct jitrun_swap *swap;
    double value;
    ck_assert_int_eq(jitrun_swap_prepare(instance, broken, &swap), JITRUN_ERR_SCRIPT);
    ck_assert_ptr_nonnull(swap);
    ck_assert_uint_eq(jitrun_diagnostics_count(jitrun_swap_diagnostics(swap)), 1);
    ck_assert_int_eq(jitrun_swap_commit(swap), JITRUN_ERR_INVALID);
    jitrun_swap_collect(swap);
    ck_assert_int_eq(jitrun_swap_prepare(NULL, old, &swap), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_swap_prepare(instance, NULL, &swap), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_swap_commit(NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_OK);
    ck_assert_double_eq(value, 1.0);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(old);
    jitrun_program_destroy(broken);
    jitrun_engine_destroy(engine);
}
END_TEST

START_TEST(memory_is_flat_over_many_swaps)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, everything);
    struct jitrun_instance *instance = start(program, JITRUN_JIT_OFF);
    size_t size = 0;
    for (int i = 0; i < 100; i++) {
        struct jitrun_swap *swap;
        ck_assert_int_eq(jitrun_process(instance, NULL, NULL, 1), JITRUN_OK);
        ck_assert_int_eq(jitrun_swap_prepare(instance, program, &swap), JITRUN_OK);
        ck_assert_int_eq(jitrun_swap_commit(swap), JITRUN_OK);
        jitrun_swap_collect(swap);
        if (i == 2)
            size = jitrun_instance_size(instance);
        if (i > 2)
            ck_assert_uint_eq(jitrun_instance_size(instance), size);
    }
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
}
END_TEST

Suite *state_suite(void)
{
    Suite *suite = suite_create("state");
    TCase *tc = tcase_create("state");
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_add_test(tc, damaged_states_are_refused);
    tcase_add_test(tc, a_broken_version_leaves_the_old_one);
    tcase_add_test(tc, memory_is_flat_over_many_swaps);
    tcase_add_loop_test(tc, a_clone_goes_on_by_itself, 0, MODE_COUNT);
    tcase_add_loop_test(tc, a_state_is_saved_and_loaded, 0, MODE_COUNT);
    tcase_add_loop_test(tc, reset_begins_again_and_keeps_controls, 0, MODE_COUNT);
    tcase_add_loop_test(tc, a_new_version_goes_on_with_the_state, 0, MODE_COUNT);
    suite_add_tcase(suite, tc);
    return suite;
}
