/* test_exit_codes.c -- 0 ok, 1 script, 2 usage, 3 environment, 130 interrupted; each with a message that names the cause. */
#include "tests/cli/program.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const modes[] = { "--jit=off", "--jit=eager" };
enum { MODE_COUNT = 2 };

/* Never ends in our time, at any depth up to 60 calls. */
static const char busy[] = "fn fib(n){ if (n < 2) n else fib(n-1) + fib(n-2) }\nfn dsp(){ fib(60) }\n";

START_TEST(a_script_that_runs_gives_0)
{
    write_file("ok.mmm", "fn dsp(){ 0.5 }\n");
    expect_code(run("-n", "3", "ok.mmm"), 0);
    ck_assert_str_eq(run("run", "-n", "2", "ok.mmm")->out, "ch0\n0.5\n0.5\n");
    expect_code(run("check", "ok.mmm"), 0);
}
END_TEST

START_TEST(an_error_in_the_script_gives_1)
{
    const struct outcome *o;
    write_file("bad.mmm", "fn dsp(){ nowhere }\n");
    o = run("-n", "3", "bad.mmm");
    expect_code(o, 1);
    expect_in(o->err, "bad.mmm:1:11: error[E-NAME]:");
    ck_assert_str_eq(o->out, "");
    o = run("check", "bad.mmm");
    expect_code(o, 1);
    expect_in(o->err, "bad.mmm:1:11: error[E-NAME]:");
}
END_TEST

START_TEST(an_error_of_the_run_gives_1_with_place_and_trace)
{
    write_file("deep.mmm", "fn deep(x){\n  deep(x) + 1\n}\nfn dsp(){ deep(1) }\n");
    for (int i = 0; i < MODE_COUNT; i++) {
        const struct outcome *o = run(modes[i], "-n", "3", "deep.mmm");
        expect_code(o, 1);
        expect_in(o->err, "deep.mmm:");
        expect_in(o->err, "error[E-RUN]");
        expect_in(o->err, "(depth-exceeded)");
        expect_in(o->err, "called from deep at deep.mmm:2:");
        ck_assert_str_eq(o->out, "ch0\n");
    }
}
END_TEST

START_TEST(frames_before_the_error_are_written)
{
    write_file("later.mmm", "fn late(){}\nfn dsp(){\n  if (now > 2) { late@0 } else {}\n  now\n}\n");
    for (int i = 0; i < MODE_COUNT; i++) {
        const struct outcome *o = run(modes[i], "-n", "9", "later.mmm");
        expect_code(o, 1);
        ck_assert_str_eq(o->out, "ch0\n0.0\n1.0\n2.0\n");
        expect_in(o->err, "schedule-in-the-past");
    }
}
END_TEST

START_TEST(limits_give_1_in_both_engines)
{
    write_file("busy.mmm", busy);
    write_file("hungry.mmm", "let a = [0]\nfn dsp(){\n  a = append(a, 1)\n  len(a)\n}\n");
    for (int i = 0; i < MODE_COUNT; i++) {
        const struct outcome *o = run(modes[i], "-n", "1", "--fuel", "100000", "busy.mmm");
        expect_code(o, 1);
        expect_in(o->err, "(fuel-exhausted)");
        o = run(modes[i], "-n", "1", "--time-limit", "0.2", "busy.mmm");
        expect_code(o, 1);
        expect_in(o->err, "(time-limit)");
        o = run(modes[i], "-n", "100000000", "-o", "null", "--memory-limit", "64K", "hungry.mmm");
        expect_code(o, 1);
        expect_in(o->err, "(memory-limit)");
        o = run(modes[i], "-n", "1", "--max-depth", "50", "busy.mmm");
        expect_code(o, 1);
        expect_in(o->err, "(depth-exceeded)");
    }
}
END_TEST

START_TEST(a_wrong_command_line_gives_2)
{
    enum { WORDS = 6 };
    static const struct {
        const char *message;
        const char *words[WORDS];
    } cases[] = {
        { "no script", { NULL } },
        { "no option --frame; did you mean --frames?", { "--frame", "3", "x.mmm" } },
        { "no option --ouptut; did you mean --output?", { "--ouptut=x", "x.mmm" } },
        { "no option --xyzzyx; jitrun --help lists all", { "--xyzzyx", "x.mmm" } },
        { "no option -x", { "-x", "x.mmm" } },
        { "--frames wants a whole number, not '-1'", { "-n", "-1", "x.mmm" } },
        { "not '1e5'", { "-n", "1e5", "x.mmm" } },
        { "not '5x'", { "--frames=5x", "x.mmm" } },
        { "not ''", { "--frames=", "x.mmm" } },
        { "not ' 5'", { "-n", " 5", "x.mmm" } },
        { "not '99999999999999999999'", { "-n", "99999999999999999999", "x.mmm" } },
        { "--frames wants a whole number", { "x.mmm", "-n" } },
        { "--duration wants a decimal number above 0, not '0'", { "-d", "0", "x.mmm" } },
        { "not '-2'", { "-d", "-2", "x.mmm" } },
        { "not 'nan'", { "-d", "nan", "x.mmm" } },
        { "not '0x10'", { "-d", "0x10", "x.mmm" } },
        { "--sample-rate wants a whole number above 0, not '0'", { "-r", "0", "x.mmm" } },
        { "above 10 MHz", { "-r", "99999999", "x.mmm" } },
        { "--memory-limit wants", { "--memory-limit", "10Q", "x.mmm" } },
        { "not '18014398509481984K'", { "--memory-limit", "18014398509481984K", "x.mmm" } },
        { "--jit wants off|auto|eager|quick, not 'on'", { "--jit=on", "x.mmm" } },
        { "--emit wants ast|", { "--emit=nothing", "x.mmm" } },
        { "--trace wants exec|heap|jit, not 'exec,x'", { "--trace=exec,x", "x.mmm" } },
        { "--verify takes no argument", { "--verify=yes", "x.mmm" } },
        { "more than one script", { "x.mmm", "y.mmm" } },
        { "give one", { "-n", "5", "-d", "1", "x.mmm" } },
        { "--output wants PATH", { "x.mmm", "-o" } },
        { "--junit does not go with the command run", { "--junit", "f", "x.mmm" } },
        { "--frames does not go with the command check", { "check", "-n", "3", "x.mmm" } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct outcome *o = run_words(cases[i].words);
        expect_code(o, 2);
        expect_in(o->err, cases[i].message);
        ck_assert_str_eq(o->out, "");
        ck_assert_ptr_eq(strchr(o->err, '\n'), o->err + strlen(o->err) - 1); /* one line */
    }
}
END_TEST

START_TEST(an_unknown_output_format_gives_2)
{
    const struct outcome *o;
    write_file("ok.mmm", "fn dsp(){ 0.5 }\n");
    o = run("-o", "ok.mmm", "ok.mmm");
    expect_code(o, 2);
    expect_in(o->err, "no such format");
    ck_assert_str_eq(read_file("ok.mmm"), "fn dsp(){ 0.5 }\n");
}
END_TEST

START_TEST(what_cannot_be_read_gives_3)
{
    const struct outcome *o = run("-n", "1", "none.mmm");
    expect_code(o, 3);
    expect_in(o->err, "none.mmm: No such file or directory");
    expect_code(run("check", "none.mmm"), 3);
    expect_code(run("test", "none.mmm"), 3);
    mkdir("folder.mmm", 0777);
    o = run("-n", "1", "folder.mmm");
    expect_code(o, 3);
    expect_in(o->err, "folder.mmm: Is a directory");
    if (geteuid() != 0) { /* root reads everything */
        write_file("secret.mmm", "fn dsp(){ 1 }\n");
        chmod("secret.mmm", 0);
        o = run("-n", "1", "secret.mmm");
        expect_code(o, 3);
        expect_in(o->err, "secret.mmm: Permission denied");
    }
}
END_TEST

START_TEST(a_binary_file_is_an_error_in_the_script)
{
    static const unsigned char bytes[] = { 0x7f, 'E', 'L', 'F', 2, 1, 0, 0, 0xff, 0xfe, 0x80, 0, '(', '{' };
    static const char *const names[] = { "binary.mmm", "binary.jas", "binary.jri" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct outcome *o;
        write_bytes(names[i], bytes, sizeof bytes);
        o = run("-n", "1", names[i]);
        expect_code(o, 1);
        expect_in(o->err, names[i]);
        expect_in(o->err, "error[E-");
    }
}
END_TEST

START_TEST(runaway_scripts_end_in_an_error)
{
    static char deep[200100];
    write_file("closures.mmm", "fn mk(f){ mk(|x| f(x) + 1) }\nfn dsp(){ mk(|x| x) }\n");
    strcpy(deep, "fn dsp(){ ");
    memset(deep + strlen(deep), '(', 100000);
    strcat(deep, "1");
    memset(deep + strlen(deep), ')', 100000 - 1); /* one is missing, too */
    strcat(deep, " }\n");
    write_file("parentheses.mmm", deep);
    for (int i = 0; i < MODE_COUNT; i++) {
        const struct outcome *o = run(modes[i], "-n", "1", "--memory-limit", "50M", "closures.mmm");
        expect_code(o, 1);
        expect_in(o->err, "(memory-limit)");
        o = run(modes[i], "-n", "1", "parentheses.mmm");
        expect_code(o, 1);
        expect_in(o->err, "error[E-LIMIT]");
    }
}
END_TEST

/* There is a device or there is not; without one it is said what else can be done. */
START_TEST(without_a_device_the_other_ways_are_named)
{
    const struct outcome *o;
    write_file("ok.mmm", "fn dsp(){ 0.5 }\n");
    o = run("--device", "no such device", "ok.mmm");
    expect_code(o, 3);
    expect_in(o->err, "no");
    expect_in(o->err, "-o out.wav");
    expect_in(o->err, "-n 10");
    expect_code(run("--play", "--device", "no such device", "ok.mmm"), 3);
}
END_TEST

START_TEST(ctrl_c_ends_with_130_and_closes_the_file)
{
    write_file("long.mmm", "fn dsp(){ sin(now) }\n");
    write_file("busy.mmm", busy);
    for (int i = 0; i < MODE_COUNT; i++) {
        const char *const render[] = { modes[i], "-d", "100000", "-o", "long.csv", "long.mmm", NULL };
        const char *const stuck[] = { modes[i], "-n", "1", "busy.mmm", NULL };
        remove("long.csv");
        const struct outcome *o = run_interrupted("long.csv", render);
        expect_code(o, 130);
        expect_not_in(o->err, "error");
        expect_in(read_file("long.csv"), "ch0\n0.0\n0.8414709848078965\n");
        expect_code(run_interrupted("", stuck), 130);
    }
}
END_TEST

TCase *exit_code_tests(void)
{
    TCase *tc = tcase_create("exit codes");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_script_that_runs_gives_0);
    tcase_add_test(tc, an_error_in_the_script_gives_1);
    tcase_add_test(tc, an_error_of_the_run_gives_1_with_place_and_trace);
    tcase_add_test(tc, frames_before_the_error_are_written);
    tcase_add_test(tc, limits_give_1_in_both_engines);
    tcase_add_test(tc, a_wrong_command_line_gives_2);
    tcase_add_test(tc, an_unknown_output_format_gives_2);
    tcase_add_test(tc, what_cannot_be_read_gives_3);
    tcase_add_test(tc, a_binary_file_is_an_error_in_the_script);
    tcase_add_test(tc, runaway_scripts_end_in_an_error);
    tcase_add_test(tc, without_a_device_the_other_ways_are_named);
    tcase_add_test(tc, ctrl_c_ends_with_130_and_closes_the_file);
    return tc;
}
