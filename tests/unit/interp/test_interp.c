/* test_interp.c -- control flow, counting, and working together with compiled code, which C functions play here. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "fixture.h"
#include "interp/interp.h"
#include "runtime/ops.h"

static struct jr_function_entry *entry_of(uint32_t function)
{
    return &jr_vm_task(fx.vm)->functions[function];
}

static void compile(uint32_t function, jr_entry *entry)
{
    atomic_store_explicit(&entry_of(function)->entry, entry, memory_order_release);
}

/* What the prologue of compiled code does. */
static int enter(struct jr_task *task, uint64_t *frame, struct jr_closure *closure, uint32_t depth_left)
{
    const struct jr_function_entry *function = closure->function;
    task->exit_pc = 0;
    if (depth_left == 0)
        return jr_rt_fail(task, JR_ERR_DEPTH);
    if ((size_t)(task->stack_end - frame) < function->reg_count)
        return jr_rt_stack_overflow(task);
    task->budget -= function->fuel_cost;
    return task->budget < 0 ? jr_rt_poll(task) : JR_RUN_OK;
}

/* double(x) = x + x, as bytecode and as "compiled" code */
static uint32_t doubling(void)
{
    uint32_t f = fx_function("double", 1, 1);
    fx_abc(f, JR_OP_ADD_F64, 0, 0, 0);
    fx_return(f, 0);
    return f;
}

static uint32_t compiled_runs;

static int compiled_double(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                           uint32_t depth_left)
{
    (void)state;
    compiled_runs++;
    if (enter(task, frame, closure, depth_left) != JR_RUN_OK)
        return JR_RUN_ERROR;
    frame[0] = fx_bits(2 * fx_number_of(frame[0]));
    return JR_RUN_OK;
}

/* twice(x) = double(double(x)) */
static uint32_t calling_twice(uint32_t callee)
{
    uint32_t f = fx_function("twice", 1, 1);
    fx_abc(f, JR_OP_MOVE, 1, 0, 0);
    fx_abcxy(f, JR_OP_CALL, 1, 0, 0, callee, 0);
    fx_abcxy(f, JR_OP_CALL, 1, 0, 0, callee, 0);
    fx_return(f, 1);
    return f;
}

START_TEST(compiled_entries_are_called_and_cost_the_same)
{
    struct jr_vm_stats before, after;
    uint32_t callee, f;
    uint64_t interpreted;
    fx_begin();
    callee = doubling();
    f = calling_twice(callee);
    fx_start(NULL);
    ck_assert_double_eq(fx_call(f, 3), 12);
    jr_vm_get_stats(fx.vm, &before);
    interpreted = before.fuel_used;
    compile(callee, compiled_double);
    compiled_runs = 0;
    ck_assert_double_eq(fx_call(f, 3), 12);
    ck_assert_uint_eq(compiled_runs, 2);
    jr_vm_get_stats(fx.vm, &after);
    ck_assert_uint_eq(after.fuel_used, 2 * interpreted);
    ck_assert_double_eq(fx_call(callee, 3), 6); /* from outside as well */
    ck_assert_uint_eq(compiled_runs, 3);
    fx_end();
}
END_TEST

/* hooks */

static uint32_t hook_calls;

static void promote(void *user, struct jr_function_entry *function)
{
    hook_calls++;
    function->call_threshold = UINT32_MAX;
    atomic_store_explicit(&function->entry, *(jr_entry **)user, memory_order_release);
}

START_TEST(a_function_is_promoted_at_the_call_that_reaches_the_threshold)
{
    jr_entry *compiled = compiled_double;
    struct jr_vm_hooks hooks = { .user = &compiled, .call_hot = promote };
    uint32_t callee, f;
    fx_begin();
    callee = doubling();
    f = calling_twice(callee);
    fx_start(NULL);
    jr_vm_set_hooks(fx.vm, &hooks);
    entry_of(callee)->call_threshold = 4;
    compiled_runs = hook_calls = 0;
    ck_assert_double_eq(fx_call(f, 1), 4);
    ck_assert_uint_eq(compiled_runs, 0);
    ck_assert_double_eq(fx_call(f, 1), 4); /* its third and fourth call; the fourth already runs compiled */
    ck_assert_uint_eq(hook_calls, 1);
    ck_assert_uint_eq(compiled_runs, 1);
    ck_assert_uint_eq(entry_of(callee)->call_count, 4);
    ck_assert_double_eq(fx_call(f, 1), 4);
    ck_assert_uint_eq(compiled_runs, 3);
    fx_end();
}
END_TEST

START_TEST(counters_saturate)
{
    uint32_t f;
    fx_begin();
    f = doubling();
    fx_start(NULL);
    entry_of(f)->call_count = UINT32_MAX - 2;
    for (int i = 0; i < 5; i++)
        fx_call(f, 1);
    ck_assert_uint_eq(entry_of(f)->call_count, UINT32_MAX - 1);
    fx_end();
}
END_TEST

/* sum(n) = n + (n-1) + ... + 1 */
static uint32_t summing(uint32_t *loop_pc)
{
    uint32_t f = fx_function("sum", 1, 1), top = jr_builder_label(fx.b, f);
    fx_number(f, 1, 0);
    fx_number(f, 2, 1);
    *loop_pc = jr_builder_pc(fx.b, f);
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_ADD_F64, 1, 1, 0);
    fx_abc(f, JR_OP_SUB_F64, 0, 0, 2);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, top);
    fx_return(f, 1);
    return f;
}

static struct {
    uint32_t pc, asked, entered;
    int answer;
    double left; /* the loop variable when the loop was entered */
} osr;

/* Takes the loop over at its header: finishes it, or leaves it again at once. */
static int compiled_loop(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                         uint32_t depth_left)
{
    (void)state, (void)closure, (void)depth_left;
    osr.entered++;
    osr.left = fx_number_of(frame[0]);
    if (osr.answer == JR_RUN_OK) {
        double sum = fx_number_of(frame[1]);
        for (double n = osr.left; n > 0; n--)
            sum += n;
        frame[0] = fx_bits(sum);
    }
    if (osr.answer == JR_RUN_ERROR)
        jr_rt_fail(task, JR_ERR_FUEL);
    task->exit_pc = osr.pc;
    return osr.answer;
}

static jr_entry *enter_loop(void *user, struct jr_function_entry *function, uint32_t pc)
{
    (void)user;
    osr.asked++;
    ck_assert_uint_eq(pc, osr.pc);
    function->loop_threshold = function->loop_count + 10;
    return osr.entered ? NULL : compiled_loop;
}

START_TEST(a_hot_loop_is_entered_at_its_header)
{
    static const int answers[] = { JR_RUN_OK, JR_RUN_DEOPT, JR_RUN_ERROR };
    struct jr_vm_hooks hooks = { .loop_hot = enter_loop };
    uint32_t f;
    for (int i = 0; i < 3; i++) {
        memset(&osr, 0, sizeof osr);
        osr.answer = answers[i];
        fx_begin();
        f = summing(&osr.pc);
        uint32_t outer = calling_twice(f);
        fx_start(NULL);
        jr_vm_set_hooks(fx.vm, &hooks);
        entry_of(f)->loop_threshold = 5;
        if (osr.answer == JR_RUN_ERROR) {
            ck_assert_int_eq(fx_try(outer, 6), JR_ERR_FUEL);
            ck_assert_uint_eq(jr_vm_error(fx.vm)->depth, 2);
            ck_assert_uint_eq(jr_vm_error(fx.vm)->pc, osr.pc);
            ck_assert_str_eq(jr_vm_error(fx.vm)->function->name, "sum");
        } else {
            ck_assert_double_eq(fx_call(outer, 6), 231); /* sum(6) = 21, sum(21) = 231 */
            ck_assert_uint_eq(osr.asked, 3);             /* at the 5th, 15th and 25th jump back */
        }
        ck_assert_uint_eq(osr.entered, 1);
        ck_assert_double_eq(osr.left, 1);
        fx_end();
    }
}
END_TEST

/* leaving compiled code */

/* holder(x): makes an array of x's, then fails if x is not positive, else gives its length */
static uint32_t holding(uint32_t *trap_pc)
{
    uint32_t f = fx_function("holder", 1, 1), fine = jr_builder_label(fx.b, f);
    fx_at(f, 5);
    fx_abcxy(f, JR_OP_ARRAY_ZEROS, 1, 0, 0, fx_raw(1), 3);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, fine);
    fx_at(f, 6);
    *trap_pc = jr_builder_pc(fx.b, f);
    fx_ax(f, JR_OP_TRAP, 0, JR_ERR_TRAP);
    jr_builder_bind(fx.b, f, fine);
    fx_abc(f, JR_OP_ARRAY_LEN, 0, 1, 0);
    fx_abc(f, JR_OP_RELEASE, 1, 0, 0);
    fx_return(f, 0);
    return f;
}

static uint32_t trap_at;

/* Runs the first instruction and goes back to the interpreter for the rest, or fails like it. */
static int compiled_holder(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                           uint32_t depth_left)
{
    (void)state;
    if (enter(task, frame, closure, depth_left) != JR_RUN_OK)
        return JR_RUN_ERROR;
    ck_assert_int_eq(jr_rt_array_zeros(task, &frame[1], 0, 3), JR_RUN_OK);
    if (fx_number_of(frame[0]) > 1) {
        task->exit_pc = 2; /* after array.zeros */
        return JR_RUN_DEOPT;
    }
    task->exit_pc = trap_at;
    return jr_rt_fail(task, JR_ERR_TRAP);
}

START_TEST(leaving_compiled_code_goes_on_or_unwinds)
{
    struct jr_vm_config stressed = { .stress_heap = true };
    struct jr_error expected;
    uint32_t callee, f;
    fx_begin();
    ck_assert_uint_eq(fx_raw(1), 0); /* the layout that compiled_holder names */
    callee = holding(&trap_at);
    f = calling_twice(callee);
    fx_start(&stressed);
    ck_assert_int_eq(fx_try(f, -1), JR_ERR_TRAP);
    expected = *jr_vm_error(fx.vm);
    ck_assert_uint_eq(fx_live_objects(), 0);
    compile(callee, compiled_holder);
    ck_assert_double_eq(fx_call(f, 2), 3);
    ck_assert_double_eq(fx_call(callee, 2), 3);
    ck_assert_int_eq(fx_try(f, -1), JR_ERR_TRAP);
    ck_assert_uint_eq(fx_live_objects(), 0);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->place.line, 6);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->depth, expected.depth);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->pc, expected.pc);
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_eq(jr_vm_error(fx.vm)->inner[i].function, expected.inner[i].function);
        ck_assert_uint_eq(jr_vm_error(fx.vm)->inner[i].pc, expected.inner[i].pc);
    }
    ck_assert_int_eq(fx_try(callee, -1), JR_ERR_TRAP); /* nobody between it and the host */
    ck_assert_uint_eq(jr_vm_error(fx.vm)->depth, 1);
    fx_end();
}
END_TEST

/* down(n) calls down(n - 1) through compiled code that uses C stack each time */
static uint32_t down_interpreted;

static int compiled_down(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                         uint32_t depth_left)
{
    struct jr_function_entry *function = closure->function;
    int run;
    if ((char *)__builtin_frame_address(0) < task->c_stack_limit) {
        down_interpreted++;
        return jr_rt_interpret(task, frame, state, closure, depth_left);
    }
    if (enter(task, frame, closure, depth_left) != JR_RUN_OK)
        return JR_RUN_ERROR;
    compiled_runs++;
    if (!(fx_number_of(frame[0]) > 0))
        return JR_RUN_OK;
    frame[2] = fx_bits(fx_number_of(frame[0]) - 1);
    run = atomic_load(&function->entry)(task, frame + 2, state, closure, depth_left - 1);
    if (run != JR_RUN_OK &&
        jr_rt_after_call(task, function, run, frame + 2, state, closure, depth_left - 1) != JR_RUN_OK) {
        task->exit_pc = 3;
        return JR_RUN_ERROR;
    }
    frame[0] = fx_bits(fx_number_of(frame[2]) + 1);
    return JR_RUN_OK;
}

START_TEST(deep_compiled_recursion_goes_on_in_the_interpreter)
{
    struct jr_vm_config config = { .limits = { .depth = 5000, .c_stack_bytes = 64 * 1024 } };
    uint32_t f, stop;
    fx_begin();
    f = fx_function("down", 1, 1);
    stop = jr_builder_label(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 0, stop);
    fx_number(f, 1, 1);
    fx_abc(f, JR_OP_SUB_F64, 2, 0, 1);
    ck_assert_uint_eq(jr_builder_pc(fx.b, f), 3);
    fx_abcxy(f, JR_OP_CALL, 2, 0, 0, f, 0);
    fx_abc(f, JR_OP_ADD_F64, 0, 2, 1);
    jr_builder_bind(fx.b, f, stop);
    fx_return(f, 0);
    fx_start(&config);
    ck_assert_int_eq(fx_try(f, 5000), JR_ERR_DEPTH);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->depth, 5001);
    compile(f, compiled_down);
    compiled_runs = down_interpreted = 0;
    ck_assert_double_eq(fx_call(f, 4000), 4000);
    ck_assert_uint_eq(down_interpreted, 1); /* and below that nothing compiled is entered */
    ck_assert_uint_lt(compiled_runs, 1000);
    ck_assert_int_eq(fx_try(f, 5000), JR_ERR_DEPTH); /* the same bound, the same trace */
    ck_assert_uint_eq(jr_vm_error(fx.vm)->depth, 5001);
    ck_assert_uint_eq(jr_vm_error(fx.vm)->pc, 0);
    ck_assert_uint_eq(jr_error_trace_line(jr_vm_error(fx.vm), 19).pc, 3);
    fx_end();
}
END_TEST

/* closures */

START_TEST(closure_calls_record_the_callee)
{
    uint32_t one, other, f, sig, site;
    struct jr_feedback *feedback;
    fx_begin();
    sig = fx_signature(1, 1);
    one = doubling();
    other = fx_function("negate", 1, 1);
    fx_abc(other, JR_OP_NEG_F64, 0, 0, 0);
    fx_return(other, 0);
    f = fx_function("f", 1, 1);
    uint32_t second = jr_builder_label(fx.b, f), call = jr_builder_label(fx.b, f);
    site = jr_builder_feedback_site(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 0, second);
    fx_ax(f, JR_OP_FUNCTION, 1, one);
    jr_builder_jump(fx.b, f, JR_OP_JUMP, 0, call);
    jr_builder_bind(fx.b, f, second);
    fx_ax(f, JR_OP_FUNCTION, 1, other);
    jr_builder_bind(fx.b, f, call);
    fx_abc(f, JR_OP_MOVE, 2, 0, 0);
    fx_abcxy(f, JR_OP_CALL_CLOSURE, 2, 1, 0, sig, site);
    fx_return(f, 2);
    fx_start(NULL);
    feedback = &entry_of(f)->feedback[site];
    ck_assert_ptr_null(feedback->callee);
    ck_assert_double_eq(fx_call(f, 3), 6);
    ck_assert_double_eq(fx_call(f, 4), 8);
    ck_assert_double_eq(fx_call(f, -3), 3);
    ck_assert_ptr_eq(feedback->callee, entry_of(one));
    ck_assert_uint_eq(feedback->hits, 2);
    ck_assert_uint_eq(feedback->misses, 1);
    feedback->hits = UINT32_MAX;
    fx_call(f, 3);
    ck_assert_uint_eq(feedback->hits, UINT32_MAX);
    fx_end();
}
END_TEST

/* counter(step): a closure with its own state; two of them count apart, each from zero */
START_TEST(closures_have_state_of_their_own)
{
    struct jr_vm_config stressed = { .stress_heap = true };
    uint32_t counter, f, sig, at, site;
    fx_begin();
    sig = fx_signature(1, 1);
    counter = fx_closure_function("counter", 1, 1, fx_raw(1));
    at = jr_builder_site(fx.b, counter, JR_SITE_SELF, "n", 1, fx_raw(1), JR_NONE, 0, fx_place(1));
    fx_ax(counter, JR_OP_STATE_GET, 1, at);
    fx_abcxy(counter, JR_OP_CAPTURE_GET, 2, 0, 1, 0, 0);
    fx_abc(counter, JR_OP_ADD_F64, 1, 1, 2);
    fx_ax(counter, JR_OP_STATE_SET, 1, at);
    fx_return(counter, 1);
    f = fx_function("f", 1, 1);
    site = jr_builder_feedback_site(fx.b, f);
    fx_number(f, 1, 1);
    fx_abcxy(f, JR_OP_CLOSURE_NEW, 2, 1, 0, counter, 0);
    fx_number(f, 1, 10);
    fx_abcxy(f, JR_OP_CLOSURE_NEW, 3, 1, 0, counter, 0);
    for (int i = 0; i < 3; i++) { /* two calls of the first, one of the second */
        fx_number(f, 5, 0);
        fx_abcxy(f, JR_OP_CALL_CLOSURE, 5, i == 1 ? 3 : 2, 0, sig, site);
        fx_abc(f, i ? JR_OP_ADD_F64 : JR_OP_MOVE, 4, i ? 4 : 5, i ? 5 : 0);
    }
    fx_abc(f, JR_OP_RELEASE, 2, 0, 0);
    fx_abc(f, JR_OP_RELEASE, 3, 0, 0);
    fx_return(f, 4);
    fx_start(&stressed);
    ck_assert_double_eq(fx_call(f, 0), 1 + 10 + 2);
    fx_end();
}
END_TEST

START_TEST(a_closure_names_itself)
{
    /* fact(n) = n > 0 ? n * self(n - 1) : 1, as a closure that calls itself through closure.self */
    uint32_t fact, f, sig, stop;
    fx_begin();
    sig = fx_signature(1, 1);
    fact = fx_closure_function("fact", 1, 1, fx_raw(1));
    stop = jr_builder_label(fx.b, fact);
    jr_builder_jump(fx.b, fact, JR_OP_JUMP_UNLESS, 0, stop);
    fx_abcxy(fact, JR_OP_CAPTURE_GET, 1, 0, 1, 0, 0);
    fx_abc(fact, JR_OP_SUB_F64, 3, 0, 1);
    fx_abc(fact, JR_OP_CLOSURE_SELF, 2, 0, 0);
    fx_abcxy(fact, JR_OP_CALL_CLOSURE, 3, 2, 0, sig, jr_builder_feedback_site(fx.b, fact));
    fx_abc(fact, JR_OP_MUL_F64, 0, 0, 3);
    fx_return(fact, 0);
    jr_builder_bind(fx.b, fact, stop);
    fx_number(fact, 0, 1);
    fx_return(fact, 0);
    f = fx_function("f", 1, 1);
    fx_number(f, 1, 1);
    fx_abcxy(f, JR_OP_CLOSURE_NEW, 2, 1, 0, fact, 0);
    fx_abc(f, JR_OP_MOVE, 3, 0, 0);
    fx_abcxy(f, JR_OP_CALL_CLOSURE, 3, 2, 0, sig, jr_builder_feedback_site(fx.b, f));
    fx_abc(f, JR_OP_RELEASE, 2, 0, 0);
    fx_return(f, 3);
    fx_start(NULL);
    ck_assert_double_eq(fx_call(f, 10), 3628800);
    fx_end();
}
END_TEST

/* jumps */

START_TEST(jump_tables_have_a_default)
{
    uint32_t f, labels[3], other, top;
    fx_begin();
    f = fx_function("f", 1, 1);
    top = jr_builder_label(fx.b, f), other = jr_builder_label(fx.b, f);
    for (int i = 0; i < 3; i++)
        labels[i] = jr_builder_label(fx.b, f);
    fx_abc(f, JR_OP_F64_TO_I64, 0, 0, 0);
    jr_builder_bind(fx.b, f, top);
    labels[2] = top; /* 7 jumps back to where 1 has been added */
    jr_builder_const_i64(fx.b, f, 1, 1);
    fx_abc(f, JR_OP_ADD_I64, 0, 0, 1);
    jr_builder_switch(fx.b, f, 0, 5, labels, 3, other);
    jr_builder_bind(fx.b, f, labels[0]);
    fx_number(f, 2, 500);
    fx_return(f, 2);
    jr_builder_bind(fx.b, f, labels[1]);
    fx_number(f, 2, 600);
    fx_return(f, 2);
    jr_builder_bind(fx.b, f, other);
    fx_abc(f, JR_OP_I64_TO_F64, 2, 0, 0);
    fx_return(f, 2);
    fx_start(NULL);
    ck_assert_double_eq(fx_call(f, 4), 500);
    ck_assert_double_eq(fx_call(f, 5), 600);
    ck_assert_double_eq(fx_call(f, 6), 8); /* through 7 */
    ck_assert_double_eq(fx_call(f, 3), 4);
    ck_assert_double_eq(fx_call(f, -1e30), -9223372036854775807.0);
    ck_assert_double_eq(fx_call(f, 1e30), -9223372036854775808.0); /* the maximum wraps */
    ck_assert_uint_eq(entry_of(f)->loop_count, 1);
    fx_end();
}
END_TEST

/* tracing */

static char traced[256];

static void note_trace(void *user, const struct jr_function *function, uint32_t pc, const uint64_t *frame)
{
    char line[64];
    (void)user, (void)frame;
    snprintf(line, sizeof line, "%s:%u ", function->name, pc);
    ck_assert_uint_lt(strlen(traced) + strlen(line), sizeof traced);
    strcat(traced, line);
}

START_TEST(every_instruction_is_traced)
{
    struct jr_vm_config config = { .trace = note_trace };
    uint32_t callee, f;
    fx_begin();
    callee = doubling();
    f = calling_twice(callee);
    fx_start(&config);
    traced[0] = '\0';
    ck_assert_double_eq(fx_call(f, 1), 4);
    ck_assert_str_eq(traced, "twice:0 twice:1 double:0 double:1 twice:3 double:0 double:1 twice:5 ");
    fx_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interp");
    TCase *tc = tcase_create("interp");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, compiled_entries_are_called_and_cost_the_same);
    tcase_add_test(tc, a_function_is_promoted_at_the_call_that_reaches_the_threshold);
    tcase_add_test(tc, counters_saturate);
    tcase_add_test(tc, a_hot_loop_is_entered_at_its_header);
    tcase_add_test(tc, leaving_compiled_code_goes_on_or_unwinds);
    tcase_add_test(tc, deep_compiled_recursion_goes_on_in_the_interpreter);
    tcase_add_test(tc, closure_calls_record_the_callee);
    tcase_add_test(tc, closures_have_state_of_their_own);
    tcase_add_test(tc, a_closure_names_itself);
    tcase_add_test(tc, jump_tables_have_a_default);
    tcase_add_test(tc, every_instruction_is_traced);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
