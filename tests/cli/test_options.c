/* test_options.c -- how words become options. */
#include "tests/cli/program.h"

#include <stdio.h>

START_TEST(help_lists_every_option_and_exit_code)
{
    static const char *const parts[] = {
        "usage: jitrun",
        "-n, --frames N",
        "-d, --duration SECONDS",
        "-r, --sample-rate HZ",
        "-I, --include DIR",
        "JITRUN_PATH",
        "MIMIUM_LIB_PATH",
        "-o, --output PATH",
        "--jit off|auto|eager|quick",
        "--emit ast|expanded|types|state|bytecode|specialised|plan|llvm|llvm-opt|asm",
        "--stats[=text|json]",
        "--verify",
        "--fuel N",
        "--time-limit SECONDS",
        "--memory-limit BYTES",
        "--max-depth N",
        "--self-init-0",
        "--stress",
        "--trace",
        "--diagnostics text|json",
        "--color auto|always|never",
        "--expect TABLE",
        "--junit FILE",
        "-h, --help",
        "-V, --version",
        "jitrun check",
        "jitrun test",
        "jitrun fmt",
        "jitrun doc",
        "jitrun profile",
        "--format text|json|folded|html",
        "--perf[=map|jitdump]",
        "--gdb",
        "--check",
        "Exit codes",
        "130",
    };
    const struct outcome *o = run("--help");
    expect_code(o, 0);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        expect_in(o->out, parts[i]);
    ck_assert_str_eq(o->err, "");
    expect_code(run("-h"), 0);
    o = run("fmt", "--help"); /* only what goes with the command */
    expect_code(o, 0);
    expect_in(o->out, "usage: jitrun fmt [OPTIONS] PATH...");
    expect_in(o->out, "--check");
    expect_not_in(o->out, "--fuel");
    expect_not_in(o->out, "Limits");
    expect_in(run("check", "--help")->out, "usage: jitrun check");
}
END_TEST

/* Every long option of the help stands in the README's table, and the other way round. */
START_TEST(the_readme_knows_every_option)
{
    static char help[65536];
    const char *readme;
    ck_assert_uint_lt(strlen(run("--help")->out), sizeof help);
    strcpy(help, run("--help")->out);
    readme = read_file(JR_README);
    for (const char *at = help; (at = strstr(at, " --")); at += 3) {
        char option[64];
        snprintf(option, sizeof option, "--%.*s", (int)strcspn(at + 3, " [,.\n"), at + 3);
        expect_in(readme, option);
    }
    for (const char *at = readme; (at = strstr(at, "| `-")); at += 4) {
        const char *dashes = strstr(at, "--");
        char option[64];
        snprintf(option, sizeof option, "%.*s", (int)strcspn(dashes, " [`\n"), dashes);
        expect_in(help, option);
    }
}
END_TEST

START_TEST(version_is_one_line)
{
    const struct outcome *o = run("--version");
    expect_code(o, 0);
    ck_assert_int_eq(strncmp(o->out, "jitrun ", 7), 0);
    ck_assert_ptr_eq(strchr(o->out, '\n'), o->out + strlen(o->out) - 1);
    expect_code(run("-V"), 0);
}
END_TEST

START_TEST(arguments_may_be_attached_or_not)
{
    static const char *const ways[][4] = {
        { "-n", "2", "a.mmm" },    { "-n2", "a.mmm" },     { "--frames", "2", "a.mmm" },
        { "--frames=2", "a.mmm" }, { "a.mmm", "-n", "2" },
    };
    write_file("a.mmm", "fn dsp(){ 1 }\n");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        const struct outcome *o =
            run_words((const char *const[]){ ways[i][0], ways[i][1], ways[i][2], NULL });
        expect_code(o, 0);
        ck_assert_str_eq(o->out, "ch0\n1.0\n1.0\n");
    }
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
    const struct outcome *o;
    write_file("-n", "fn dsp(){ 1 }\n");
    o = run("-n", "1", "--", "-n");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "ch0\n1.0\n");
}
END_TEST

START_TEST(one_dash_reads_standard_input)
{
    const char *const words[] = { "-n", "1", "-", NULL };
    const struct outcome *o = run_with_input("fn dsp(){ 0.25 }\n", words);
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "ch0\n0.25\n");
    o = run_with_input("fn dsp(){ nowhere }\n", words);
    expect_code(o, 1);
    expect_in(o->err, "<stdin>:1:11: error[E-NAME]");
}
END_TEST

START_TEST(the_sample_rate_is_what_the_script_sees)
{
    write_file("rate.mmm", "let r = samplerate\nfn dsp(){ (r, samplerate) }\n");
    ck_assert_str_eq(run("-n", "1", "rate.mmm")->out, "ch0,ch1\n48000.0,48000.0\n");
    ck_assert_str_eq(run("-n", "1", "-r", "22050", "rate.mmm")->out, "ch0,ch1\n22050.0,22050.0\n");
}
END_TEST

START_TEST(duration_counts_in_seconds)
{
    write_file("a.mmm", "fn dsp(){ now }\n");
    ck_assert_str_eq(run("-d", "0.5", "-r", "4", "a.mmm")->out, "ch0\n0.0\n1.0\n");
    ck_assert_str_eq(run("-d", ".25", "-r", "4", "a.mmm")->out, "ch0\n0.0\n");
}
END_TEST

START_TEST(self_may_begin_as_zero)
{
    write_file("up.mmm", "fn up(){ self + 1 }\nfn dsp(){ up() }\n");
    ck_assert_str_eq(run("-n", "3", "up.mmm")->out, "ch0\n1.0\n2.0\n3.0\n");
    ck_assert_str_eq(run("-n", "3", "--self-init-0", "up.mmm")->out, "ch0\n0.0\n1.0\n2.0\n");
}
END_TEST

TCase *option_tests(void)
{
    TCase *tc = tcase_create("options");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, help_lists_every_option_and_exit_code);
    tcase_add_test(tc, the_readme_knows_every_option);
    tcase_add_test(tc, version_is_one_line);
    tcase_add_test(tc, arguments_may_be_attached_or_not);
    tcase_add_test(tc, two_dashes_end_the_options);
    tcase_add_test(tc, one_dash_reads_standard_input);
    tcase_add_test(tc, the_sample_rate_is_what_the_script_sees);
    tcase_add_test(tc, duration_counts_in_seconds);
    tcase_add_test(tc, self_may_begin_as_zero);
    return tc;
}
