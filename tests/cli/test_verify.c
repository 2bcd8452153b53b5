/* test_verify.c -- side-by-side runs: with a compiler that makes a mistake, and with one that does not. */
#include "tests/cli/program.h"

#include <stdlib.h>

START_TEST(several_scripts_are_compared)
{
    const struct outcome *o;
    write_file("up.mmm", "fn up(){ self + 0.1 }\nfn dsp(){ sin(up()) }\n");
    write_file("one.mmm", "fn dsp(){ 1 }\n");
    write_file("tasks.mmm",
               "let n = 0\nfn more(){ n = n + 1\n if (now < 100) { more@(now + 7) } else {} }\nmore@3\n");
    o = run("--verify", "-n", "500", "up.mmm", "one.mmm", "tasks.mmm");
    if (!JR_HAS_COMPILER) {
        expect_code(o, 3);
        expect_in(o->err, "there is no compiler");
        return;
    }
    expect_code(o, 0);
    expect_in(o->out, "up.mmm: 500 frames, no difference\n");
    expect_in(o->out, "one.mmm: 500 frames, no difference\n");
    expect_in(o->out, "tasks.mmm: ");
    ck_assert_str_eq(o->err, "");
}
END_TEST

START_TEST(errors_are_no_difference_when_both_have_them)
{
    const struct outcome *o;
    if (!JR_HAS_COMPILER)
        return;
    write_file("late.mmm", "fn f(){}\nfn dsp(){\n  if (now > 2) { f@0 } else {}\n  now\n}\n");
    o = run("--verify", "-n", "500", "late.mmm");
    expect_code(o, 1);
    expect_in(o->err, "late.mmm:3:");
    expect_in(o->err, "schedule-in-the-past");
    expect_not_in(o->out, "DIFFERENCE");
    write_file("bad.mmm", "fn dsp(){ nowhere }\n");
    o = run("--verify", "-n", "500", "bad.mmm", "none.mmm");
    expect_code(o, 3);
    expect_in(o->err, "E-NAME");
    expect_in(o->err, "none.mmm: No such file");
}
END_TEST

#ifdef JR_WRONG_COMPILER
/* In the wrong compiler ceil(x) is one too much. */
static void expect_difference(const char *script, const char *what, const char *where)
{
    const struct outcome *o;
    write_file("w.mmm", script);
    o = run("--verify", "--specialise=off", "-n", "50", "w.mmm"); /* what is folded is right */
    expect_code(o, 1);
    expect_in(o->out, what);
    expect_in(o->out, where);
}

START_TEST(a_wrong_instruction_is_named_with_line_and_values)
{
    setenv("JITRUN_LLVM", JR_WRONG_COMPILER, 1);
    expect_difference(
        "fn dsp(){\n  let a = now + 1\n  ceil(a * 0.5)\n}\n",
        "w.mmm: DIFFERENCE: frame 0 channel 0: 1.0 (3ff0000000000000) interpreted, 2.0 (4000000000000000)",
        "w.mmm:3:3: ceil.f64 in dsp: 1.0 (3ff0000000000000) interpreted, 2.0 (4000000000000000) compiled");
    /* seen in the output only later: through state, and in the global code */
    expect_difference("fn f(){ self + (if (now > 9) { ceil(0.5) } else { 1 }) }\nfn dsp(){\n  let x = f()\n"
                      "  if (now > 20) { x } else { 0 }\n}\n",
                      "frame 21 channel 0", "w.mmm:1:32: ceil.f64 in f: 1.0");
    expect_difference("let g = ceil(0.25)\nfn dsp(){ if (now > 5) { g } else { 0 } }\n", "frame 6 channel 0",
                      "w.mmm:1:9: ceil.f64 in ");
    /* never seen in the output */
    expect_difference("let g = 0\nfn dsp(){\n  g = ceil(now)\n  1\n}\n", "after 50 frames, global g: 49.0",
                      "w.mmm:3:7: ceil.f64 in dsp: 0.0");
    unsetenv("JITRUN_LLVM");
}
END_TEST

START_TEST(golden_tests_notice_a_wrong_compiler)
{
    const struct outcome *o;
    write_file("c.mmm", "// @test {\"times\": 1, \"expected\": [1]}\nfn dsp(){ ceil(0.5) }\n");
    setenv("JITRUN_LLVM", JR_WRONG_COMPILER, 1);
    o = run("test", "c.mmm");
    unsetenv("JITRUN_LLVM");
    expect_code(o, 1);
    expect_in(o->out, "FAIL c.mmm [eager]: frame 0 channel 0: expected 1.0, got 2.0");
    expect_not_in(o->out, "[off]");
}
END_TEST

START_TEST(a_missing_compiler_is_noticed)
{
    const struct outcome *o;
    write_file("c.mmm", "// @test {\"times\": 1, \"expected\": [1]}\nfn dsp(){ ceil(0.5) }\n");
    setenv("JITRUN_LLVM", "/no/such/object.so", 1);
    o = run("test", "c.mmm");
    expect_code(o, 0);
    expect_in(o->out, "interpreter only");
    expect_in(o->out, "1 programs, 2 runs in 2 engines");
    o = run("--jit=eager", "-n", "1", "c.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "ch0\n1.0\n");
    ck_assert_ptr_eq(strchr(o->err, '\n'), o->err + strlen(o->err) - 1); /* one line of notice */
    expect_code(run("--verify", "-n", "1", "c.mmm"), 3);
    unsetenv("JITRUN_LLVM");
}
END_TEST
#endif

START_TEST(a_cold_script_does_not_look_for_the_compiler)
{
    const struct outcome *o;
    write_file("cold.mmm", "fn dsp(){ ceil(0.5) }\n");
    setenv("JITRUN_LLVM", "/no/such/object.so", 1);
    o = run("-n", "1", "-o", "null", "cold.mmm");
    unsetenv("JITRUN_LLVM");
    expect_code(o, 0);
    ck_assert_str_eq(o->err, ""); /* it would have said that there is none */
}
END_TEST

TCase *verify_tests(void)
{
    TCase *tc = tcase_create("verify");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, several_scripts_are_compared);
    tcase_add_test(tc, errors_are_no_difference_when_both_have_them);
    tcase_add_test(tc, a_cold_script_does_not_look_for_the_compiler);
#ifdef JR_WRONG_COMPILER
    tcase_add_test(tc, a_wrong_instruction_is_named_with_line_and_values);
    tcase_add_test(tc, golden_tests_notice_a_wrong_compiler);
    tcase_add_test(tc, a_missing_compiler_is_noticed);
#endif
    return tc;
}
