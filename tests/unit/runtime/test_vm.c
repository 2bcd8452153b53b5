/* test_vm.c -- frames, tasks, host functions, limits, errors and how they unwind. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "fixture.h"
#include "ir/base/sb.h"

static struct jr_vm_config with_limits(struct jr_limits limits)
{
    return (struct jr_vm_config){ .limits = limits };
}

/* frames */

START_TEST(frames_are_interleaved_and_counted)
{
    uint32_t dsp;
    double in[6] = { 1, 10, 2, 20, 3, NAN }, out[6];
    fx_begin();
    dsp = fx_function("dsp", 2, 2);
    fx_abc(dsp, JR_OP_NOW, 2, 0, 0);
    fx_abc(dsp, JR_OP_ADD_F64, 0, 0, 2);
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, JR_NONE, dsp);
    fx_start(NULL);
    ck_assert_int_eq(jr_vm_process(fx.vm, in, out, 2), JR_OK);
    ck_assert_int_eq(jr_vm_process(fx.vm, in + 4, out + 4, 1), JR_OK);
    ck_assert_double_eq(out[0], 1);
    ck_assert_double_eq(out[2], 3);
    ck_assert_double_eq(out[3], 20);
    ck_assert_double_eq(out[4], 5);
    ck_assert(fx_bits(out[5]) == fx_bits(__builtin_nan("")));
    ck_assert_uint_eq(jr_vm_frame(fx.vm), 3);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 1), JR_OK); /* silence */
    ck_assert_double_eq(out[1], 0);
    fx_end();
}
END_TEST

START_TEST(nan_has_one_face_outside)
{
    uint32_t dsp;
    double out[1];
    fx_begin();
    dsp = fx_function("dsp", 0, 1);
    fx_number(dsp, 0, -1.0);
    fx_abc(dsp, JR_OP_SQRT_F64, 0, 0, 0); /* a negative NaN on x86 */
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, JR_NONE, dsp);
    fx_start(NULL);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 1), JR_OK);
    ck_assert(fx_bits(out[0]) == fx_bits(__builtin_nan("")));
    fx_end();
}
END_TEST

START_TEST(state_belongs_to_its_caller)
{
    /* counter adds 1 to its mem; dsp calls it twice at two offsets and has a delay of its own */
    uint32_t counter, dsp, mem_at, first, second, delay_at;
    double out[3];
    fx_begin();
    counter = fx_function("counter", 1, 1);
    mem_at = jr_builder_site(fx.b, counter, JR_SITE_SELF, "n", 1, fx_raw(1), JR_NONE, 0, fx_place(1));
    fx_ax(counter, JR_OP_STATE_GET, 1, mem_at);
    fx_abc(counter, JR_OP_ADD_F64, 0, 0, 1);
    fx_ax(counter, JR_OP_STATE_SET, 0, mem_at);
    fx_return(counter, 0);
    dsp = fx_function("dsp", 0, 1);
    first = jr_builder_site(fx.b, dsp, JR_SITE_CALL, "a", 1, JR_NONE, counter, 0, fx_place(1));
    second = jr_builder_site(fx.b, dsp, JR_SITE_CALL, "b", 1, JR_NONE, counter, 0, fx_place(1));
    delay_at = jr_builder_site(fx.b, dsp, JR_SITE_DELAY, "d", 5, JR_NONE, JR_NONE, 3, fx_place(1));
    fx_number(dsp, 0, 1);
    fx_abcxy(dsp, JR_OP_CALL, 0, 0, 0, counter, first);
    fx_number(dsp, 1, 10);
    fx_abcxy(dsp, JR_OP_CALL, 1, 0, 0, counter, second);
    fx_abc(dsp, JR_OP_ADD_F64, 0, 0, 1);
    fx_number(dsp, 1, 1);
    fx_abcxy(dsp, JR_OP_DELAY, 0, 0, 1, delay_at, 3);
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, JR_NONE, dsp);
    fx_start(NULL);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 3), JR_OK);
    ck_assert_double_eq(out[0], 0);
    ck_assert_double_eq(out[1], 11);
    ck_assert_double_eq(out[2], 22);
    ck_assert_double_eq(fx_number_of(jr_vm_dsp_state(fx.vm)[first]), 3);
    ck_assert_double_eq(fx_call(counter, 5), 5);  /* from outside: an instance of its own ... */
    ck_assert_double_eq(fx_call(counter, 5), 10); /* ... that lasts */
    fx_end();
}
END_TEST

/* tasks */

/* A closure function that prints its captured number. */
static uint32_t printing_function(void)
{
    uint32_t f = fx_closure_function("say", 0, 0, fx_raw(1));
    uint32_t probe = jr_builder_import(fx.b, "probe", fx_signature(1, 1));
    fx_abcxy(f, JR_OP_CAPTURE_GET, 0, 0, 1, 0, 0);
    fx_ax(f, JR_OP_CALL_HOST, 0, probe);
    fx_return(f, 0);
    return f;
}

/* Schedules a closure of `say` capturing `number` for frame `time`; uses registers 0 to 2. */
static void emit_schedule(uint32_t f, uint32_t say, double number, double time)
{
    fx_number(f, 0, number);
    fx_abcxy(f, JR_OP_CLOSURE_NEW, 1, 0, 0, say, 0);
    fx_number(f, 2, time);
    fx_abc(f, JR_OP_SCHEDULE, 2, 1, 0);
    fx_abc(f, JR_OP_RELEASE, 1, 0, 0);
}

START_TEST(tasks_of_one_time_run_in_order_of_asking)
{
    static const double times[] = { 3, 1, 3, 2, 3, 3, 1, 3.9, 2 };
    uint32_t init, dsp, say;
    double out[4];
    fx_begin();
    say = printing_function();
    init = fx_function("init", 0, 0);
    for (int i = 0; i < 9; i++)
        emit_schedule(init, say, i, times[i]);
    fx_return(init, 0);
    dsp = fx_function("dsp", 0, 1);
    fx_abc(dsp, JR_OP_NOW, 0, 0, 0);
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, init, dsp);
    fx_start(NULL);
    ck_assert_int_eq(jr_vm_run_init(fx.vm), JR_OK);
    ck_assert_uint_eq(fx_live_objects(), 9);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 1), JR_OK);
    ck_assert_str_eq(fx.printed, "");
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 2), JR_OK);
    ck_assert_str_eq(fx.printed, "1638");
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 1), JR_OK);
    ck_assert_str_eq(fx.printed, "163802457");
    ck_assert_uint_eq(fx_live_objects(), 0);
    fx_end();
}
END_TEST

START_TEST(tasks_run_without_dsp)
{
    uint32_t init, say;
    uint64_t time;
    fx_begin();
    say = printing_function();
    init = fx_function("init", 0, 0);
    emit_schedule(init, say, 1, 100000);
    emit_schedule(init, say, 2, 7);
    fx_return(init, 0);
    jr_builder_set_entry(fx.b, init, JR_NONE);
    fx_start(NULL);
    ck_assert(!jr_vm_next_task(fx.vm, &time));
    ck_assert_int_eq(jr_vm_run_init(fx.vm), JR_OK);
    ck_assert(jr_vm_next_task(fx.vm, &time));
    ck_assert_uint_eq(time, 7);
    ck_assert_int_eq(jr_vm_run_tasks_until(fx.vm, 99999), JR_OK);
    ck_assert_str_eq(fx.printed, "2");
    ck_assert_int_eq(jr_vm_run_tasks_until(fx.vm, UINT64_MAX), JR_OK);
    ck_assert_str_eq(fx.printed, "21");
    ck_assert(!jr_vm_next_task(fx.vm, &time));
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, NULL, 0), JR_ERR_NOT_FOUND);
    fx_end();
}
END_TEST

START_TEST(the_past_cannot_be_scheduled)
{
    static const double times[] = { 0, 0.5, -3, NAN };
    for (int i = 0; i < 4; i++) {
        uint32_t init, say;
        fx_begin();
        say = printing_function();
        init = fx_function("init", 0, 0);
        emit_schedule(init, say, 1, times[i]);
        fx_return(init, 0);
        jr_builder_set_entry(fx.b, init, JR_NONE);
        fx_start(NULL);
        ck_assert_int_eq(jr_vm_run_init(fx.vm), JR_ERR_SCHEDULE_PAST);
        ck_assert_str_eq(jr_vm_error(fx.vm)->message,
                         "a task is scheduled for frame 0, which is not after the current frame 0");
        ck_assert_uint_eq(fx_live_objects(), 0); /* the closure has been unwound */
        fx_end();
    }
}
END_TEST

START_TEST(tasks_waiting_at_the_end_are_released)
{
    uint32_t init, say;
    fx_begin();
    say = printing_function();
    init = fx_function("init", 0, 0);
    for (int i = 0; i < 40; i++)
        emit_schedule(init, say, 1, 1 + i);
    fx_return(init, 0);
    jr_builder_set_entry(fx.b, init, JR_NONE);
    fx_start(NULL);
    ck_assert_int_eq(jr_vm_run_init(fx.vm), JR_OK);
    ck_assert_uint_eq(fx_live_objects(), 40);
    fx_end();
}
END_TEST

START_TEST(a_task_that_fails_is_released)
{
    uint32_t init, dsp, say;
    double out[4];
    fx_begin();
    say = fx_closure_function("say", 0, 0, fx_raw(1));
    fx_ax(say, JR_OP_TRAP, 0, JR_ERR_TRAP);
    init = fx_function("init", 0, 0);
    emit_schedule(init, say, 1, 2);
    emit_schedule(init, say, 1, 2);
    fx_return(init, 0);
    dsp = fx_function("dsp", 0, 1);
    fx_abc(dsp, JR_OP_NOW, 0, 0, 0);
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, init, dsp);
    fx_start(NULL);
    ck_assert_int_eq(jr_vm_run_init(fx.vm), JR_OK);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 4), JR_ERR_TRAP);
    ck_assert_uint_eq(jr_vm_frame(fx.vm), 2); /* frames 0 and 1 are there */
    ck_assert_double_eq(out[1], 1);
    ck_assert_uint_eq(fx_live_objects(), 1); /* the other task */
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 1), JR_ERR_TRAP);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 1), JR_OK); /* and on it goes, with frame 2 */
    ck_assert_double_eq(out[0], 2);
    fx_end();
}
END_TEST

/* host functions */

static int host_sum(struct jr_task *task, void *user, uint64_t *words)
{
    (void)task;
    words[0] = fx_bits(fx_number_of(words[0]) + fx_number_of(words[1]) + *(double *)user);
    return JR_RUN_OK;
}

static int host_fail(struct jr_task *task, void *user, uint64_t *words)
{
    (void)task, (void)user, (void)words;
    return JR_RUN_ERROR;
}

static int host_raise(struct jr_task *task, void *user, uint64_t *words)
{
    (void)user, (void)words;
    return jr_error_raise(task, JR_ERR_IO, "the device has gone");
}

static uint32_t calling_host(const char *name, uint32_t params)
{
    uint32_t f = fx_function("f", 1, 1);
    fx_number(f, 1, 100);
    fx_ax(f, JR_OP_CALL_HOST, 0, jr_builder_import(fx.b, name, fx_signature(params, 1)));
    fx_return(f, 0);
    return f;
}

START_TEST(host_functions_are_linked_by_name_and_shape)
{
    double extra = 0.5;
    char message[256];
    uint32_t f;
    fx_begin();
    f = calling_host("sum", 2);
    ck_assert_int_eq(fx_try_start(NULL), JR_ERR_UNKNOWN_HOST);
    ck_assert_int_eq(jr_vm_link(fx.vm, NULL, 0, message, sizeof message), JR_ERR_UNKNOWN_HOST);
    ck_assert_str_eq(message, "the host has no function sum");
    struct jr_host_function functions[] = { { "sum", "w", "w", host_sum, &extra, false },
                                            { "sum", "ws", "w", host_sum, &extra, false } };
    ck_assert_int_eq(jr_vm_link(fx.vm, functions, 2, message, sizeof message), JR_ERR_HOST_SIGNATURE);
    ck_assert_str_eq(message, "the host's function sum is (ws)->(w), the program wants (ww)->(w)");
    functions[1].params = "ww";
    ck_assert_int_eq(jr_vm_link(fx.vm, functions, 2, message, sizeof message), JR_OK);
    ck_assert_double_eq(fx_call(f, 1), 101.5);
    fx_end();
}
END_TEST

START_TEST(host_failures_are_errors)
{
    struct jr_host_function functions[] = { { "h", "ww", "w", host_fail, NULL, false } };
    uint32_t f;
    fx_begin();
    f = calling_host("h", 2);
    ck_assert_int_eq(fx_try_start(NULL), JR_ERR_UNKNOWN_HOST);
    ck_assert_int_eq(jr_vm_link(fx.vm, functions, 1, NULL, 0), JR_OK);
    ck_assert_int_eq(fx_try(f, 1), JR_ERR_HOST);
    ck_assert_str_eq(jr_vm_error(fx.vm)->message, "the host function h failed");
    functions[0].call = host_raise;
    ck_assert_int_eq(jr_vm_link(fx.vm, functions, 1, NULL, 0), JR_OK);
    ck_assert_int_eq(fx_try(f, 1), JR_ERR_IO);
    ck_assert_str_eq(jr_vm_error(fx.vm)->message, "the device has gone");
    ck_assert_str_eq(jr_vm_error(fx.vm)->function->name, "f");
    fx_end();
}
END_TEST

/* Calls back: nested(n) calls the host with n-1 until 0, and adds 1 on the way out. */
static int host_again(struct jr_task *task, void *user, uint64_t *words)
{
    uint32_t function = *(uint32_t *)user;
    return jr_vm_call(task->vm, function, words, words) == JR_OK ? JR_RUN_OK : JR_RUN_ERROR;
}

static uint32_t nested_function(void)
{
    uint32_t f = fx_function("nested", 1, 1);
    uint32_t stop = jr_builder_label(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 0, stop);
    fx_number(f, 1, 1);
    fx_abc(f, JR_OP_SUB_F64, 2, 0, 1);
    fx_ax(f, JR_OP_CALL_HOST, 2, jr_builder_import(fx.b, "again", fx_signature(1, 1)));
    fx_abc(f, JR_OP_ADD_F64, 0, 2, 1);
    jr_builder_bind(fx.b, f, stop);
    fx_return(f, 0);
    return f;
}

START_TEST(host_functions_call_back)
{
    uint32_t f;
    struct jr_host_function again = { "again", "w", "w", host_again, &f, false };
    fx_begin();
    f = nested_function();
    ck_assert_int_eq(fx_try_start(NULL), JR_ERR_UNKNOWN_HOST);
    ck_assert_int_eq(jr_vm_link(fx.vm, &again, 1, NULL, 0), JR_OK);
    ck_assert_double_eq(fx_call(f, 50), 50);
    ck_assert_int_eq(fx_try(f, 2000), JR_ERR_DEPTH); /* depth counts through the host */
    ck_assert_uint_eq(jr_vm_error(fx.vm)->depth, 1001);
    ck_assert_double_eq(fx_call(f, 50), 50);
    fx_end();
}
END_TEST

static int host_process(struct jr_task *task, void *user, uint64_t *words)
{
    double out[1];
    (void)user, (void)words;
    ck_assert_int_eq(jr_vm_process(task->vm, NULL, out, 1), JR_ERR_INVALID);
    ck_assert_int_eq(jr_vm_run_init(task->vm), JR_ERR_INVALID);
    ck_assert_int_eq(jr_vm_run_tasks_until(task->vm, 5), JR_ERR_INVALID);
    return JR_RUN_OK;
}

START_TEST(only_calls_may_be_nested)
{
    struct jr_host_function functions[] = { { "process", "w", "w", host_process, NULL, false } };
    uint32_t f, captures;
    uint64_t word;
    fx_begin();
    f = calling_host("process", 1);
    captures = fx_closure_function("captures", 0, 1, fx_raw(1));
    fx_number(captures, 0, 1);
    fx_return(captures, 0);
    ck_assert_int_eq(fx_try_start(NULL), JR_ERR_UNKNOWN_HOST);
    ck_assert_int_eq(jr_vm_link(fx.vm, functions, 1, NULL, 0), JR_OK);
    ck_assert_double_eq(fx_call(f, 1), 1);
    ck_assert_int_eq(jr_vm_call(fx.vm, captures, NULL, &word), JR_ERR_INVALID);
    ck_assert_int_eq(jr_vm_call(fx.vm, 1000, NULL, &word), JR_ERR_INVALID);
    ck_assert_str_eq(jr_vm_error(fx.vm)->message, "function 1000 cannot be called from outside");
    fx_end();
}
END_TEST

START_TEST(probe_prints_without_exponent)
{
    uint32_t f;
    fx_begin();
    f = fx_function("f", 1, 1);
    fx_ax(f, JR_OP_CALL_HOST, 0, jr_builder_import(fx.b, "probeln", fx_signature(1, 1)));
    fx_return(f, 0);
    fx_start(NULL);
    ck_assert_double_eq(fx_call(f, 1e-7), 1e-7);
    fx_call(f, 3);
    fx_call(f, -NAN);
    ck_assert_str_eq(fx.printed, "0.0000001\n3\nNaN\n");
    fx_end();
}
END_TEST

/* limits */

static uint32_t endless_loop(void)
{
    uint32_t f = fx_function("endless", 1, 1), top = jr_builder_label(fx.b, f);
    fx_at(f, 7);
    fx_number(f, 1, 1);
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_ADD_F64, 0, 0, 1);
    jr_builder_jump(fx.b, f, JR_OP_JUMP, 0, top);
    return f;
}

static uint32_t endless_recursion(void)
{
    uint32_t f = fx_function("deeper", 1, 1);
    fx_at(f, 3);
    fx_abc(f, JR_OP_MOVE, 1, 0, 0);
    fx_abcxy(f, JR_OP_CALL, 1, 0, 0, f, 0);
    fx_return(f, 1);
    return f;
}

START_TEST(fuel_stops_loops_at_an_exact_place)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .fuel = 1000000 });
    struct jr_vm_stats stats;
    uint32_t f;
    fx_begin();
    f = endless_loop();
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_FUEL);
    jr_vm_get_stats(fx.vm, &stats);
    /* entering: 3 instructions; each round jumps back over 2 words */
    ck_assert_uint_eq(stats.fuel_used, 1000001);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->pc, 2);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->place.line, 7);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_FUEL); /* used up is used up */
    fx_end();
}
END_TEST

START_TEST(fuel_is_enough_when_it_is_exactly_enough)
{
    for (uint64_t fuel = 1; fuel <= 4; fuel++) {
        struct jr_vm_config config = with_limits((struct jr_limits){ .fuel = fuel });
        uint32_t f;
        fx_begin();
        f = fx_function("f", 1, 1);
        fx_abc(f, JR_OP_NEG_F64, 0, 0, 0);
        fx_abc(f, JR_OP_NEG_F64, 0, 0, 0);
        fx_return(f, 0);
        fx_start(&config);
        ck_assert_int_eq(fx_try(f, 0), fuel >= 3 ? JR_OK : JR_ERR_FUEL);
        fx_end();
    }
}
END_TEST

START_TEST(the_deadline_stops_loops)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .seconds = 0.02 });
    uint32_t f;
    fx_begin();
    f = endless_loop();
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_DEADLINE);
    ck_assert_str_eq(jr_vm_error(fx.vm)->message, "the time given to the program (0.02 s) is over");
    fx_end();
}
END_TEST

static void *interrupt_soon(void *vm)
{
    struct timespec wait = { .tv_nsec = 20 * 1000 * 1000 };
    nanosleep(&wait, NULL);
    jr_vm_interrupt(vm);
    return NULL;
}

START_TEST(another_thread_interrupts)
{
    pthread_t thread;
    uint32_t f;
    fx_begin();
    f = endless_loop();
    fx_start(NULL);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, fx.vm), 0);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_INTERRUPTED);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    jr_vm_interrupt(fx.vm); /* before a run: the next one ends at once */
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_INTERRUPTED);
    ck_assert_ptr_null(jr_vm_error(fx.vm)->function);
    fx_end();
}
END_TEST

START_TEST(depth_is_bounded)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .depth = 500 });
    const struct jr_error *error;
    uint32_t f;
    fx_begin();
    f = endless_recursion();
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_DEPTH);
    error = jr_vm_error(fx.vm);
    ck_assert_uint_eq(error->depth, 501); /* the one that did not fit is part of the trace */
    ck_assert_uint_eq(error->pc, 0);
    ck_assert_uint_eq(jr_error_trace_count(error), JR_TRACE_INNER + JR_TRACE_OUTER);
    ck_assert_uint_eq(jr_error_left_out(error), 501 - 20);
    ck_assert_uint_eq(jr_error_trace_line(error, 0).pc, 0);
    ck_assert_uint_eq(jr_error_trace_line(error, 1).pc, 1);
    ck_assert_uint_eq(jr_error_trace_line(error, 19).pc, 1);
    fx_end();
}
END_TEST

START_TEST(the_stack_is_bounded)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .stack_words = 64, .depth = 100000 });
    uint32_t f;
    fx_begin();
    f = endless_recursion();
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_DEPTH);
    ck_assert_str_eq(jr_vm_error(fx.vm)->message, "calls nest too deep: the stack of 64 words is full");
    fx_end();
    fx_begin();
    f = fx_function("wide", 1, 1);
    jr_builder_need_registers(fx.b, f, 100);
    fx_return(f, 0);
    ck_assert_int_eq(fx_try_start(&config), JR_ERR_LIMIT);
    fx_end();
}
END_TEST

START_TEST(depth_of_a_hundred_thousand_works)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .depth = 100000, .stack_words = 1 << 20 });
    uint32_t f, stop;
    fx_begin();
    f = fx_function("down", 1, 1);
    stop = jr_builder_label(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 0, stop);
    fx_number(f, 1, 1);
    fx_abc(f, JR_OP_SUB_F64, 2, 0, 1);
    fx_abcxy(f, JR_OP_CALL, 2, 0, 0, f, 0);
    fx_abc(f, JR_OP_ADD_F64, 0, 2, 1);
    jr_builder_bind(fx.b, f, stop);
    fx_return(f, 0);
    fx_start(&config);
    ck_assert_double_eq(fx_call(f, 99999), 99999);
    ck_assert_int_eq(fx_try(f, 100000), JR_ERR_DEPTH);
    fx_end();
}
END_TEST

/* Appends to an array for ever: arrays of 8, 16 ... bytes are alive two at a time. */
static uint32_t allocation_bomb(void)
{
    uint32_t f = fx_function("bomb", 1, 1), top = jr_builder_label(fx.b, f), one = fx_raw(1);
    fx_abcxy(f, JR_OP_ARRAY_ZEROS, 1, 0, 0, one, 1);
    jr_builder_bind(fx.b, f, top);
    fx_abcxy(f, JR_OP_ARRAY_APPEND, 2, 1, 0, one, 0);
    fx_abc(f, JR_OP_RELEASE, 1, 0, 0);
    fx_abc(f, JR_OP_MOVE, 1, 2, 0);
    jr_builder_jump(fx.b, f, JR_OP_JUMP, 0, top);
    return f;
}

START_TEST(memory_is_bounded)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .heap_bytes = 100000 });
    struct jr_vm_stats stats;
    uint32_t f;
    fx_begin();
    f = allocation_bomb();
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_MEMORY_LIMIT);
    ck_assert_ptr_nonnull(strstr(jr_vm_error(fx.vm)->message, "of 100000 bytes are in use"));
    jr_vm_get_stats(fx.vm, &stats);
    ck_assert_uint_eq(stats.live_objects, 0);
    ck_assert_uint_le(stats.peak_bytes, 100000);
    ck_assert_uint_gt(stats.peak_bytes, 80000);
    fx_end();
}
END_TEST

START_TEST(state_counts_as_memory)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .heap_bytes = 100000 });
    uint32_t dsp;
    fx_begin();
    dsp = fx_function("dsp", 0, 1);
    jr_builder_site(fx.b, dsp, JR_SITE_DELAY, "d", 1000002, JR_NONE, JR_NONE, 1000000, fx_place(1));
    fx_number(dsp, 0, 1);
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, JR_NONE, dsp);
    ck_assert_int_eq(fx_try_start(&config), JR_ERR_MEMORY_LIMIT);
    fx_end();
}
END_TEST

/* errors */

START_TEST(errors_have_place_and_trace)
{
    struct jr_sb text;
    uint32_t inner, outer;
    fx_begin();
    inner = fx_function("inner", 1, 1);
    fx_at(inner, 2);
    fx_abc(inner, JR_OP_F64_TO_I64, 0, 0, 0);
    fx_at(inner, 3);
    fx_abc(inner, JR_OP_DIV_I64, 0, 0, 0);
    fx_return(inner, 0);
    outer = fx_function("outer", 1, 1);
    fx_at(outer, 10);
    fx_abcxy(outer, JR_OP_CALL, 0, 0, 0, inner, 0);
    fx_return(outer, 0);
    fx_start(NULL);
    ck_assert_int_eq(fx_try(outer, 0), JR_ERR_DIVIDE_BY_ZERO);
    jr_sb_init(&text, &fx_alloc);
    jr_error_format(jr_vm_error(fx.vm), fx.module, &text);
    ck_assert_str_eq(jr_sb_view(&text), "test.jas:3:1: error: integer division by zero (divide-by-zero)\n"
                                        "  test.jas:3:1: in inner\n"
                                        "  test.jas:10:1: in outer\n");
    jr_sb_fini(&text);
    ck_assert_int_eq(fx_try(outer, 1), JR_OK);
    ck_assert_ptr_null(jr_vm_error(fx.vm));
    fx_end();
}
END_TEST

START_TEST(long_traces_say_what_is_left_out)
{
    struct jr_vm_config config = with_limits((struct jr_limits){ .depth = 30 });
    struct jr_sb text;
    uint32_t f;
    fx_begin();
    f = endless_recursion();
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_DEPTH);
    jr_sb_init(&text, &fx_alloc);
    jr_error_format(jr_vm_error(fx.vm), fx.module, &text);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&text), "  ... 11 more\n"));
    jr_sb_fini(&text);
    fx_end();
}
END_TEST

START_TEST(traps_have_their_code)
{
    uint32_t f;
    fx_begin();
    f = fx_function("f", 1, 1);
    fx_ax(f, JR_OP_TRAP, 0, JR_ERR_NO_MATCH);
    fx_start(NULL);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_NO_MATCH);
    ck_assert_str_eq(jr_vm_error(fx.vm)->message, "no arm of the match fits the value");
    fx_end();
}
END_TEST

START_TEST(null_closures_cannot_be_called)
{
    uint32_t f, sig, layout, global;
    fx_begin();
    sig = fx_signature(1, 1);
    layout = fx_layout1(JR_WORD_CLOSURE, sig);
    global = jr_builder_global(fx.b, "g", layout, fx_place(1));
    f = fx_function("f", 1, 1);
    fx_abcxy(f, JR_OP_GLOBAL_GET_N, 1, 0, 0, jr_builder_global_offset(fx.b, global), layout);
    fx_abc(f, JR_OP_MOVE, 2, 0, 0);
    fx_abcxy(f, JR_OP_CALL_CLOSURE, 2, 1, 0, sig, jr_builder_feedback_site(fx.b, f));
    fx_abc(f, JR_OP_RELEASE, 1, 0, 0);
    fx_return(f, 2);
    fx_start(NULL);
    ck_assert_int_eq(fx_try(f, 0), JR_ERR_NULL_CLOSURE);
    fx_end();
}
END_TEST

/* An error three calls down, with references owned in every frame on the way, a sum value among them. */
START_TEST(unwinding_releases_what_frames_own)
{
    struct jr_vm_config stressed = { .stress_heap = true };
    uint32_t inner, outer, sum, array, payload;
    struct jr_word_type words[2];
    fx_begin();
    array = fx_layout1(JR_WORD_ARRAY, fx_raw(1));
    sum = jr_builder_sum_declare(fx.b, "maybe");
    payload = array;
    {
        uint32_t variants[2] = { fx_raw(0), payload };
        const char *names[2] = { "none", "some" };
        jr_builder_sum_define(fx.b, sum, variants, names, 2);
    }
    words[0] = (struct jr_word_type){ JR_WORD_SUM, sum };
    words[1] = (struct jr_word_type){ JR_WORD_SUM_TAIL, sum };
    uint32_t sum_layout = jr_builder_layout(fx.b, words, 2);
    inner = fx_function("inner", 1, 1);
    fx_abcxy(inner, JR_OP_ARRAY_ZEROS, 1, 0, 0, fx_raw(1), 3);
    fx_ax(inner, JR_OP_TRAP, 0, JR_ERR_TRAP);
    outer = fx_function("outer", 1, 1);
    fx_abcxy(outer, JR_OP_ARRAY_ZEROS, 1, 0, 0, fx_raw(1), 3);
    fx_abcxy(outer, JR_OP_SUM_NEW, 2, 1, 0, sum, 1);
    fx_abcxy(outer, JR_OP_SUM_NEW, 4, 6, 0, sum, 0);
    fx_abcxy(outer, JR_OP_ARRAY_ZEROS, 6, 0, 0, fx_raw(1), 3);
    fx_number(outer, 7, 0);
    fx_abcxy(outer, JR_OP_CALL, 7, 0, 0, inner, 0);
    fx_ax(outer, JR_OP_RELEASE_N, 2, sum_layout);
    fx_ax(outer, JR_OP_RELEASE_N, 4, sum_layout);
    fx_abc(outer, JR_OP_RELEASE, 6, 0, 0);
    fx_return(outer, 7);
    fx_start(&stressed);
    ck_assert_int_eq(fx_try(outer, 0), JR_ERR_TRAP);
    ck_assert_uint_eq(fx_live_objects(), 0);
    fx_end();
}
END_TEST

START_TEST(a_run_leaves_the_floating_point_mode_as_it_was)
{
    volatile double tiny = 4e-320;
    uint32_t f;
    fx_begin();
    f = fx_function("f", 1, 1);
    fx_abc(f, JR_OP_ADD_F64, 0, 0, 0);
    fx_return(f, 0);
    fx_start(NULL);
#if defined(__SSE2__) || defined(__aarch64__)
    ck_assert_double_eq(fx_call(f, tiny), 0);
#endif
    ck_assert(tiny + tiny > 0);
    fx_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vm");
    TCase *tc = tcase_create("vm");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, frames_are_interleaved_and_counted);
    tcase_add_test(tc, nan_has_one_face_outside);
    tcase_add_test(tc, state_belongs_to_its_caller);
    tcase_add_test(tc, tasks_of_one_time_run_in_order_of_asking);
    tcase_add_test(tc, tasks_run_without_dsp);
    tcase_add_test(tc, the_past_cannot_be_scheduled);
    tcase_add_test(tc, tasks_waiting_at_the_end_are_released);
    tcase_add_test(tc, a_task_that_fails_is_released);
    tcase_add_test(tc, only_calls_may_be_nested);
    tcase_add_test(tc, host_functions_are_linked_by_name_and_shape);
    tcase_add_test(tc, host_failures_are_errors);
    tcase_add_test(tc, host_functions_call_back);
    tcase_add_test(tc, probe_prints_without_exponent);
    tcase_add_test(tc, fuel_stops_loops_at_an_exact_place);
    tcase_add_test(tc, fuel_is_enough_when_it_is_exactly_enough);
    tcase_add_test(tc, the_deadline_stops_loops);
    tcase_add_test(tc, another_thread_interrupts);
    tcase_add_test(tc, depth_is_bounded);
    tcase_add_test(tc, the_stack_is_bounded);
    tcase_add_test(tc, depth_of_a_hundred_thousand_works);
    tcase_add_test(tc, memory_is_bounded);
    tcase_add_test(tc, state_counts_as_memory);
    tcase_add_test(tc, errors_have_place_and_trace);
    tcase_add_test(tc, long_traces_say_what_is_left_out);
    tcase_add_test(tc, traps_have_their_code);
    tcase_add_test(tc, null_closures_cannot_be_called);
    tcase_add_test(tc, unwinding_releases_what_frames_own);
    tcase_add_test(tc, a_run_leaves_the_floating_point_mode_as_it_was);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
