/* test_instance.c -- running programs: frames, functions, controls, probes, the compiler, bounds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/fixture.h"

static const enum jitrun_jit modes[] = { JITRUN_JIT_OFF, JITRUN_JIT_AUTO, JITRUN_JIT_EAGER };
enum { MODE_COUNT = sizeof modes / sizeof modes[0] };

START_TEST(both_layouts_give_the_same_frames)
{
    struct jitrun_instance *one = run("fn acc(x){ self + x }\nfn dsp(a:float, b:float){ (a + b, acc(a), now) }", modes[_i]);
    struct jitrun_instance *other = run("fn acc(x){ self + x }\nfn dsp(a:float, b:float){ (a + b, acc(a), now) }", modes[_i]);
    enum { FRAMES = 200 };
    double in[FRAMES][2], out[FRAMES][3], left[FRAMES], right[FRAMES], sum[FRAMES], time[FRAMES];
    const double *ins[] = { left, right };
    double *outs[] = { sum, NULL, time };
    for (int f = 0; f < FRAMES; f++) {
        left[f] = in[f][0] = f * 0.5;
        right[f] = in[f][1] = 3.0 - f;
    }
    ck_assert_int_eq(jitrun_process(one, in[0], out[0], FRAMES), JITRUN_OK);
    ck_assert_int_eq(jitrun_process_planar(other, ins, outs, FRAMES), JITRUN_OK);
    for (int f = 0; f < FRAMES; f++) {
        ck_assert_double_eq(out[f][0], 3.0 - f * 0.5);
        ck_assert_double_eq(out[f][0], sum[f]);
        ck_assert_double_eq(out[f][2], time[f]);
    }
    ins[1] = NULL;
    ck_assert_int_eq(jitrun_process_planar(other, ins, outs, 1), JITRUN_OK);
    ck_assert_double_eq(sum[0], left[0]);
    ck_assert_int_eq(jitrun_process_planar(other, NULL, NULL, 100), JITRUN_OK);
    ck_assert_uint_eq(jitrun_instance_frame(other), FRAMES + 101);
    jitrun_instance_destroy(one);
    jitrun_instance_destroy(other);
}
END_TEST

START_TEST(wrong_use_of_an_instance_is_a_status)
{
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, "fn f(a){ [a] }\nfn g(a:float){ a }\nlet z = f(1.0)\nfn dsp(){ g(1) }\n");
    struct jitrun_instance_config config = { .size = 1 };
    struct jitrun_instance *instance = (void *)&config;
    struct jitrun_function function = { .size = sizeof function };
    struct jitrun_statistics statistics = { .size = 1 };
    double value;
    ck_assert_int_eq(jitrun_instance_create(NULL, NULL, &instance), JITRUN_ERR_INVALID);
    ck_assert_ptr_null(instance);
    ck_assert_int_eq(jitrun_instance_create(program, NULL, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_create(program, &config, &instance), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_create(program, NULL, &instance), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_ERR_INVALID);
    ck_assert_str_eq(jitrun_instance_message(instance), "it was not started");
    ck_assert_int_eq(jitrun_instance_start(instance), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_start(instance), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_program_find_function(program, "h", &function), JITRUN_ERR_NOT_FOUND);
    ck_assert_int_eq(jitrun_program_find_function(NULL, "g", &function), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_program_find_function(program, "f", &function), JITRUN_OK);
    ck_assert(!function.numbers);
    ck_assert_int_eq(jitrun_call_numbers(instance, &function, &value, &value), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_call_words(instance, &function, (uint64_t *)&value, (uint64_t *)&value),
                     JITRUN_ERR_UNSUPPORTED);
    ck_assert_int_eq(jitrun_program_find_function(program, "g", &function), JITRUN_OK);
    ck_assert_int_eq(jitrun_call_numbers(instance, &function, NULL, &value), JITRUN_ERR_INVALID);
    function.program = NULL;
    ck_assert_int_eq(jitrun_call_numbers(instance, &function, &value, &value), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_set_control(instance, "nothing", 1.0), JITRUN_ERR_NOT_FOUND);
    ck_assert_int_eq(jitrun_get_control(instance, NULL, &value), JITRUN_ERR_INVALID);
    ck_assert_uint_eq(jitrun_read_probe(instance, "nothing", &value, 1, NULL), 0);
    ck_assert_int_eq(jitrun_instance_set_jit(instance, (enum jitrun_jit)5), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_get_statistics(instance, &statistics), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_set_limits(instance, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_call_value(instance, 0, 1.0, &value), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_emit(instance, JITRUN_STAGE_AST, NULL, NULL), JITRUN_ERR_INVALID);
    jitrun_instance_destroy(instance);
    jitrun_instance_destroy(NULL);
    jitrun_instance_interrupt(NULL);
    ck_assert_int_eq(jitrun_process(NULL, NULL, NULL, 0), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_instance_start(NULL), JITRUN_ERR_INVALID);
    ck_assert_uint_eq(jitrun_instance_frame(NULL), 0);
    ck_assert_uint_eq(jitrun_instance_size(NULL), 0);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
}
END_TEST

START_TEST(functions_are_called_by_name)
{
    struct jitrun_instance *instance = run("let n = 0\nfn pair(a:float, b:float){ (a + b, a * b) }\nfn count(){ self + 1 }\n"
                                           "fn name(){ \"jitrun\" }\nfn dsp(){ count() + pair(1, 2).0 }\n", modes[_i]);
    const struct jitrun_program *program = jitrun_instance_program(instance);
    struct jitrun_function pair = { .size = sizeof pair }, count = { .size = sizeof count };
    double args[] = { 3.0, 4.0 }, results[2];
    ck_assert_int_eq(jitrun_program_find_function(program, "pair", &pair), JITRUN_OK);
    ck_assert_int_eq(jitrun_program_find_function(program, "count", &count), JITRUN_OK);
    ck_assert_uint_eq(pair.param_words, 2);
    ck_assert_uint_eq(pair.result_words, 2);
    for (int i = 0; i < 300; i++) {
        ck_assert_int_eq(jitrun_call_numbers(instance, &pair, args, results), JITRUN_OK);
        ck_assert_double_eq(results[0], 7.0);
        ck_assert_double_eq(results[1], 12.0);
        ck_assert_int_eq(jitrun_call_numbers(instance, &count, NULL, results), JITRUN_OK);
        ck_assert_double_eq(results[0], i + 1.0);
    }
    jitrun_instance_destroy(instance);
}
END_TEST

START_TEST(controls_are_read_and_set)
{
    struct jitrun_instance *instance = run("fn dsp(){ Control!(\"gain\", 0.5) * 4 }", modes[_i]);
    const struct jitrun_program *program = jitrun_instance_program(instance);
    double value, initial;
    ck_assert_uint_eq(jitrun_program_control_count(program), 1);
    ck_assert_str_eq(jitrun_program_control(program, 0, &initial), "gain");
    ck_assert_double_eq(initial, 0.5);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_OK);
    ck_assert_double_eq(value, 2.0);
    ck_assert_int_eq(jitrun_set_control(instance, "gain", 3.0), JITRUN_OK);
    ck_assert_int_eq(jitrun_get_control(instance, "gain", &value), JITRUN_OK);
    ck_assert_double_eq(value, 3.0);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_OK);
    ck_assert_double_eq(value, 12.0);
    jitrun_instance_destroy(instance);
}
END_TEST

START_TEST(probes_keep_the_newest_values)
{
    struct jitrun_instance *instance = run("fn dsp(){ Probe!(\"t\")(now) }", modes[_i]);
    double values[20];
    uint64_t total;
    ck_assert_str_eq(jitrun_program_probe(jitrun_instance_program(instance), 0), "t");
    ck_assert_uint_eq(jitrun_read_probe(instance, "t", values, 20, &total), 0);
    ck_assert_int_eq(jitrun_process(instance, NULL, NULL, 100), JITRUN_OK);
    ck_assert_uint_eq(jitrun_read_probe(instance, "t", values, 20, &total), 8);
    ck_assert_uint_eq(total, 100);
    for (int i = 0; i < 8; i++)
        ck_assert_double_eq(values[i], 92.0 + i);
    ck_assert_uint_eq(jitrun_read_probe(instance, "t", values, 3, NULL), 3);
    ck_assert_double_eq(values[2], 99.0);
    jitrun_instance_destroy(instance);
}
END_TEST

START_TEST(errors_while_running_say_where)
{
    struct jitrun_instance *instance = run("fn task(){ 0 }\nfn bad(a:float){ if (a > 2) { task@1\n 1 } else 1 }\nfn dsp(){ bad(now) }\n", modes[_i]);
    struct jitrun_diagnostic diagnostic = { .size = sizeof diagnostic };
    struct jitrun_place frame = { .size = sizeof frame };
    double values[8];
    ck_assert_int_eq(jitrun_process(instance, NULL, values, 8), JITRUN_ERR_SCRIPT);
    ck_assert_uint_eq(jitrun_instance_frame(instance), 3);
    ck_assert_double_eq(values[2], 1.0);
    const struct jitrun_diagnostics *list = jitrun_instance_diagnostics(instance);
    ck_assert_uint_eq(jitrun_diagnostics_count(list), 1);
    ck_assert_int_eq(jitrun_diagnostics_get(list, 0, &diagnostic), JITRUN_OK);
    ck_assert_str_eq(diagnostic.code, "E-RUN");
    ck_assert_uint_eq(diagnostic.line, 2);
    ck_assert_uint_eq(diagnostic.frame_count, 2);
    ck_assert_int_eq(jitrun_diagnostic_frame(list, 0, 1, &frame), JITRUN_OK);
    ck_assert_str_eq(frame.text, "dsp");
    ck_assert_uint_eq(frame.line, 4);
    ck_assert_int_eq(jitrun_process(instance, NULL, values, 8), JITRUN_ERR_SCRIPT);
    ck_assert_uint_eq(jitrun_diagnostics_count(jitrun_instance_diagnostics(instance)), 1);
    jitrun_instance_destroy(instance);
}
END_TEST

START_TEST(bounds_hold_and_can_be_moved)
{
    struct jitrun_instance *instance = run("fn loop(n){ if (n > 0) loop(n + 1) else 0 }\nfn dsp(){ loop(1) }\n", modes[_i]);
    struct jitrun_limits limits = { .fuel = 100000 };
    double value;
    ck_assert_int_eq(jitrun_instance_set_limits(instance, &limits), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_ERR_FUEL);
    limits = (struct jitrun_limits){ .seconds = 0.05 };
    ck_assert_int_eq(jitrun_instance_set_limits(instance, &limits), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_ERR_DEADLINE);
    limits.depth = 17;
    ck_assert_int_eq(jitrun_instance_set_limits(instance, &limits), JITRUN_ERR_UNSUPPORTED);
    jitrun_instance_destroy(instance);
}
END_TEST

START_TEST(the_compiler_is_switched_while_it_runs)
{
    const char *script = "fn osc(f){ let phase = (self + f / samplerate) % 1\n phase }\n"
                         "fn dsp(){ sin(osc(440) * 6.283185307179586) * 0.5 }\n";
    struct jitrun_instance *one = run(script, JITRUN_JIT_OFF), *other = run(script, JITRUN_JIT_AUTO);
    static const enum jitrun_jit order[] = { JITRUN_JIT_EAGER, JITRUN_JIT_OFF, JITRUN_JIT_AUTO, JITRUN_JIT_EAGER,
                                             JITRUN_JIT_AUTO, JITRUN_JIT_OFF };
    struct jitrun_statistics statistics = { .size = sizeof statistics };
    struct jitrun_tier tier = { .size = sizeof tier };
    double a[300], b[300];
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        ck_assert_int_eq(jitrun_instance_set_jit(other, order[i]), JITRUN_OK);
        ck_assert_int_eq(jitrun_instance_get_jit(other), order[i]);
        ck_assert_int_eq(jitrun_process(one, NULL, a, 300), JITRUN_OK);
        ck_assert_int_eq(jitrun_process(other, NULL, b, 300), JITRUN_OK);
        jitrun_instance_wait_compiled(other);
        ck_assert_mem_eq(a, b, sizeof a);
        ck_assert_int_eq(jitrun_instance_get_statistics(other, &statistics), JITRUN_OK);
        ck_assert_uint_eq(statistics.frames, (i + 1) * 300);
        if (order[i] == JITRUN_JIT_OFF)
            ck_assert(!statistics.dsp_compiled);
        if (order[i] == JITRUN_JIT_EAGER && statistics.compiler_available) {
            ck_assert(statistics.dsp_compiled);
            ck_assert_uint_gt(statistics.functions_compiled, 0);
            ck_assert_int_eq(jitrun_instance_get_tier(other, 0, &tier), JITRUN_OK);
        }
    }
    ck_assert_int_eq(jitrun_instance_get_tier(other, 10000, &tier), JITRUN_ERR_NOT_FOUND);
    jitrun_instance_destroy(one);
    jitrun_instance_destroy(other);
}
END_TEST

START_TEST(programs_without_dsp_run_their_tasks)
{
    struct jitrun_instance *instance = run("fn tick(){ probeln(now)\n tick@(now + 5) }\ntick@3\n", modes[_i]);
    uint64_t frame;
    double value;
    ck_assert(jitrun_instance_next_task(instance, &frame));
    ck_assert_uint_eq(frame, 3);
    ck_assert_int_eq(jitrun_instance_run_tasks(instance, 10), JITRUN_OK);
    ck_assert(jitrun_instance_next_task(instance, &frame));
    ck_assert_uint_eq(frame, 13);
    ck_assert_str_eq(printed, "3\n8\n");
    ck_assert_int_eq(jitrun_process(instance, NULL, &value, 1), JITRUN_ERR_NOT_FOUND);
    ck_assert_int_eq(jitrun_process_planar(instance, NULL, NULL, 0), JITRUN_ERR_NOT_FOUND);
    jitrun_instance_destroy(instance);
}
END_TEST

Suite *instance_suite(void)
{
    Suite *suite = suite_create("instance");
    TCase *tc = tcase_create("instance");
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_add_test(tc, wrong_use_of_an_instance_is_a_status);
    tcase_add_test(tc, the_compiler_is_switched_while_it_runs);
    tcase_add_loop_test(tc, both_layouts_give_the_same_frames, 0, MODE_COUNT);
    tcase_add_loop_test(tc, functions_are_called_by_name, 0, MODE_COUNT);
    tcase_add_loop_test(tc, controls_are_read_and_set, 0, MODE_COUNT);
    tcase_add_loop_test(tc, probes_keep_the_newest_values, 0, MODE_COUNT);
    tcase_add_loop_test(tc, errors_while_running_say_where, 0, MODE_COUNT);
    tcase_add_loop_test(tc, bounds_hold_and_can_be_moved, 0, MODE_COUNT);
    tcase_add_loop_test(tc, programs_without_dsp_run_their_tasks, 0, MODE_COUNT);
    suite_add_tcase(suite, tc);
    return suite;
}
