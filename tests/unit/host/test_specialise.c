/* test_specialise.c -- a specialised dsp is the original one: bits, limits, errors, state; and what is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/session.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/module.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

enum { FRAMES = 40 };

/* Closures of closures with state, a branch on what is computed, a table, a task that assigns, a recursion and a loop that constants end. */
static const char mixed[] = "fn phasor(f){ (self + f) % 1.0 }\n"
                            "fn voice(k){ let f = 0.01 * k\n | | { let p = phasor(f)\n if (p > 0.5) { p * k } else { delay(7.0, p, k) } } }\n"
                            "fn bank(n){ if (n > 0.0) { let one = voice(n)\n let rest = bank(n - 1.0)\n | | one() + rest() } else { | | 0.0 } }\n"
                            "let all = bank(5.0)\n"
                            "let table = [3.0, 1.0, 4.0, 1.0]\n"
                            "fn sum(i, s){ if (i < 4.0) { sum(i + 1.0, s + table[i]) } else { s } }\n"
                            "let level = 1.0\n"
                            "fn louder(){ level = level + 1.0\n louder@(now + 9) }\n"
                            "louder@5\n"
                            "fn dsp(){ (all() * level, sum(0.0, mem(level)) + table[now]) }\n";
/* Fails at frame 11, two calls deep. */
static const char failing[] = "fn late(x){}\nfn nothing(){}\n"
                              "fn ask(t){ if (t > 10.0) { nothing@(t - 1.0) } else {} }\n"
                              "fn up(){ self + 1.0 }\n"
                              "fn dsp(){ let n = up()\n ask(n)\n n }\n";

/* Closures, cells, arrays and state that are made in every frame and seen by nobody else; one array that is. */
static const char local_objects[] =
    "fn counter(){ let n = now\n | | { n = n + 1.0\n n } }\n"
    "fn stateful(){ | | self + mem(now) + 1.0 }\n"
    "fn twice(f){ f() + f() }\n"
    "fn each(fs){ fs[0]() * fs[1]() - twice(fs[1]) }\n"
    "let kept = [0.0, 0.0]\n"
    "fn dsp(){ let c = counter()\n let s = stateful()\n let a = twice(c)\n let b = each([c, s])\n"
    " let seen = [a, b]\n let look = | | len(kept) + seen[1]\n let d = if (now > 3.0) { look() } else { c() }\n"
    " kept = seen\n (a + d, b + twice(stateful())) }\n";

/* Loops that nobody knows the end of: one in another, with state, an object and a call in them, after them a branch; the last one fails. */
static const char loops[] =
    "fn up(){ self + 1.0 }\n"
    "fn make(){ let n = 0.0\n | | { n = n + 1.0\n n } }\n"
    "let count = make()\n"
    "fn inner(k, sum){ if (k > 0.5) { inner(k - 1.0, sum + count() * k) } else { sum } }\n"
    "fn outer(i, sum){ if (i < 40.0) { if (sum > 900.0) { sum } else { outer(i + 1.0, sum + inner(i % 4.0, 0.0)) } } else { sum } }\n"
    "fn late(x){}\nfn nothing(){}\n"
    "fn wait(t){ if (t > 5.0) { if (t > 30.0) { nothing@(t - 25.0) } else {}\n wait(t - 1.0) } else {} }\n"
    "fn dsp(){ let n = up()\n let c = make()\n let x = outer(n % 7.0, 0.0) + c()\n"
    " let y = if (x > 100.0) { x * 0.5 + inner(n, c()) } else { mem(x) }\n wait(n)\n (x, y) }\n";

/* Calls of the host, deep in calls and in a loop. */
static const char host_calls[] = "fn show(k, s){ if (k > 0.0) { show(k - 1.0, s + probe(s)) } else { s } }\n"
                                 "fn deep(x){ probeln(show(x % 3.0, x)) * 0.5 }\n"
                                 "fn dsp(){ (deep(now), probe(now) + 1.0) }\n";

struct outcome {
    enum jr_status status;
    size_t frames;
    double values[2 * FRAMES];
    uint64_t fuel_used;
    bool specialised;
    char problems[4096];
    char printed[4096];
};

static void take_print(void *user, const char *text, size_t length)
{
    struct outcome *out = user;
    size_t used = strlen(out->printed);
    ck_assert_uint_lt(used + length, sizeof out->printed);
    memcpy(out->printed + used, text, length);
}

static struct jr_session *open_session(const struct jr_session_config *config, const char *text)
{
    struct jr_session *session;
    ck_assert_int_eq(jr_session_create(config, &session), JR_OK);
    ck_assert_int_eq(jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "t.mmm", text, strlen(text)), JR_OK);
    return session;
}

static void run(const struct jr_session_config *config, const char *text, struct outcome *out)
{
    struct jr_session_config listening = *config;
    struct jr_session_stats stats;
    struct jr_sb problems;
    memset(out, 0, sizeof *out);
    listening.print = take_print;
    listening.user = out;
    struct jr_session *session = open_session(&listening, text);
    jr_sb_init(&problems, jr_alloc_default());
    out->status = jr_session_start(session);
    jr_session_get_stats(session, &stats);
    out->specialised = stats.specialised;
    while (out->status == JR_OK && out->frames < FRAMES) {
        size_t done, channels = jr_session_get_shape(session).output_channels;
        size_t count = out->frames % 3 ? 1 : 6;
        count = count < FRAMES - out->frames ? count : FRAMES - out->frames;
        out->status = jr_session_process(session, out->values + out->frames * channels, count, &done);
        out->frames += done;
    }
    jr_session_finish(session);
    jr_session_get_stats(session, &stats);
    out->fuel_used = stats.fuel_used;
    ck_assert_uint_eq(stats.heap_live_objects, 0);
    jr_session_report(session, false, false, &problems); /* with the trace */
    snprintf(out->problems, sizeof out->problems, "%s", jr_sb_view(&problems));
    jr_sb_fini(&problems);
    jr_session_destroy(session);
}

static void expect_same(const struct outcome *one, const struct outcome *other)
{
    ck_assert_uint_eq(one->frames, other->frames);
    ck_assert_int_eq(one->status, other->status);
    ck_assert_int_eq(memcmp(one->values, other->values, sizeof one->values), 0);
    ck_assert_str_eq(one->problems, other->problems);
    ck_assert_str_eq(one->printed, other->printed);
    ck_assert_uint_eq(one->fuel_used, other->fuel_used);
}

static const struct jr_session_config original = { .no_specialise = true };

static void expect_same_with_fuel(const char *text, uint64_t fuel)
{
    struct outcome reference, residual;
    struct jr_session_config limited = { .no_specialise = true, .fuel = fuel };
    run(&limited, text, &reference);
    limited.no_specialise = false;
    run(&limited, text, &residual);
    expect_same(&reference, &residual);
}

START_TEST(nothing_is_called_any_more)
{
    struct jr_session_config config = { 0 };
    struct jr_session *session = open_session(&config, mixed);
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    const struct jr_residual *residual = jr_vm_residual(jr_session_vm(session));
    ck_assert_ptr_nonnull(residual);
    const struct jr_function *code = &residual->module->functions[residual->function];
    for (uint32_t pc = 0; pc < code->code_count;) {
        struct jr_instr in = jr_decode(&code->code[pc]);
        ck_assert_msg(!(jr_op_infos[in.op].effects & JR_EFFECT_CALLS), "%s is left", jr_op_infos[in.op].mnemonic);
        if (in.op == JR_OP_JUMP)
            ck_assert_int_ge((int32_t)in.x, 0);
        pc += in.length;
    }
    ck_assert_uint_eq(residual->region_count, 6); /* dsp's and five voices' */
    jr_session_destroy(session);
}
END_TEST

START_TEST(values_and_errors_are_those_of_the_original)
{
    static const char *const programs[] = { mixed, failing, local_objects, loops, host_calls };
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct outcome reference, residual;
        struct jr_session_config config = { 0 };
        run(&original, programs[i], &reference);
        run(&config, programs[i], &residual);
        ck_assert(!reference.specialised && residual.specialised);
        expect_same(&reference, &residual);
    }
}
END_TEST

START_TEST(the_original_may_go_on_at_any_frame)
{
    struct outcome reference, residual;
    run(&original, mixed, &reference);
    for (uint64_t frame = 1; frame < FRAMES; frame++) {
        struct jr_session_config config = { .specialised_frames = frame };
        run(&config, mixed, &residual);
        expect_same(&reference, &residual);
    }
}
END_TEST

START_TEST(fuel_ends_at_the_same_instruction)
{
    struct outcome reference;
    run(&original, failing, &reference);
    for (uint64_t fuel = 20; fuel <= reference.fuel_used + 1; fuel++)
        expect_same_with_fuel(failing, fuel);
    run(&original, local_objects, &reference);
    for (uint64_t fuel = 60; fuel <= reference.fuel_used + 1; fuel += 7)
        expect_same_with_fuel(local_objects, fuel);
    run(&original, loops, &reference);
    ck_assert_int_ne(reference.status, JR_OK);
    for (uint64_t fuel = 100; fuel <= reference.fuel_used + 1; fuel += fuel < 900 ? 1 : 83)
        expect_same_with_fuel(loops, fuel);
}
END_TEST

START_TEST(objects_nobody_sees_are_not_made)
{
    struct jr_session_config config = { 0 };
    struct jr_session *session = open_session(&config, local_objects);
    uint32_t arrays = 0;
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    const struct jr_residual *residual = jr_vm_residual(jr_session_vm(session));
    ck_assert_ptr_nonnull(residual);
    const struct jr_function *code = &residual->module->functions[residual->function];
    for (uint32_t pc = 0; pc < code->code_count;) {
        struct jr_instr in = jr_decode(&code->code[pc]);
        arrays += in.op == JR_OP_ARRAY_NEW;
        ck_assert(in.op != JR_OP_CLOSURE_NEW && in.op != JR_OP_CELL_NEW);
        pc += in.length;
    }
    ck_assert_uint_eq(arrays, 1);
    jr_session_destroy(session);
}
END_TEST

START_TEST(a_near_depth_limit_keeps_the_original)
{
    struct outcome reference, residual;
    for (uint32_t depth = 8; depth < 24; depth++) {
        struct jr_session_config limited = { .no_specialise = true, .max_depth = depth };
        run(&limited, mixed, &reference);
        limited.no_specialise = false;
        run(&limited, mixed, &residual);
        expect_same(&reference, &residual);
    }
}
END_TEST

START_TEST(constants_are_folded_with_denormals_as_zero)
{
    static const char text[] = "let tiny = 3.0 * 10.0 ^ (0.0 - 308.0)\nlet other = tiny\n"
                               "fn dsp(){ (tiny * 0.1 + now * 0.0, other * 0.01 + floor(0.0 - tiny * 0.1) + 1.0 / (tiny * 0.5)) }\n";
    struct outcome reference, residual;
    struct jr_session_config config = { 0 };
    run(&original, text, &reference);
    run(&config, text, &residual);
    expect_same(&reference, &residual);
}
END_TEST

START_TEST(global_code_that_runs_again_ends_it)
{
    struct jr_session_config config = { 0 };
    struct jr_session *session = open_session(&config, "fn up(){ self + 1.0 }\nlet times = up()\nfn dsp(){ times }\n");
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    struct jr_vm *vm = jr_session_vm(session);
    double values[3];
    ck_assert_ptr_nonnull(jr_vm_residual(vm));
    ck_assert_int_eq(jr_vm_process(vm, NULL, values, 3), JR_OK);
    ck_assert_double_eq(values[2], 1.0);
    for (int i = 0; i < 2; i++) /* from outside it keeps its state */
        ck_assert_int_eq(jr_vm_call(vm, jr_vm_module(vm)->init, NULL, NULL), JR_OK);
    ck_assert_ptr_null(jr_vm_residual(vm));
    ck_assert_int_eq(jr_vm_process(vm, NULL, values, 3), JR_OK);
    ck_assert_double_eq(values[2], 2.0);
    jr_session_destroy(session);
}
END_TEST

static void expect_refusal(const char *text, const char *reason)
{
    struct jr_session_config config = { 0 };
    struct jr_session *session = open_session(&config, text);
    struct jr_sb out;
    jr_sb_init(&out, jr_alloc_default());
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    ck_assert_int_eq(jr_session_emit(session, JR_SESSION_EMIT_SPECIALISED, &out), JR_OK);
    ck_assert_msg(strstr(jr_sb_view(&out), reason) != NULL, "no \"%s\" in: %s", reason, jr_sb_view(&out));
    jr_sb_fini(&out);
    jr_session_destroy(session);
}

START_TEST(what_is_not_specialised_has_a_reason)
{
    expect_refusal("fn fib(n){ if (n < 2.0) { n } else { fib(n - 1.0) + fib(n - 2.0) } }\nfn dsp(){ fib(now) }\n",
                   "ends nobody knows when");
    expect_refusal("fn fib(n){ if (n < 2.0) { n } else { fib(n - 1.0) + fib(n - 2.0) } }\nfn dsp(){ fib(60.0) }\n",
                   "runs more than");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_is_called_any_more,       values_and_errors_are_those_of_the_original,
        the_original_may_go_on_at_any_frame, fuel_ends_at_the_same_instruction,
        a_near_depth_limit_keeps_the_original, constants_are_folded_with_denormals_as_zero,
        objects_nobody_sees_are_not_made, global_code_that_runs_again_ends_it,   what_is_not_specialised_has_a_reason,
    };
    Suite *suite = suite_create("specialise");
    TCase *tc = tcase_create("specialise");
    tcase_set_timeout(tc, 120);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
