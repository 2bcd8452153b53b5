/* test_reports.c -- statistics, diagnostics for tools, colour, stages, side-by-side runs. */
#include "tests/cli/program.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sine with state and a call, enough for every stage to have something to show. */
static const char sine[] = "fn phase(f){ (self + f / samplerate) % 1 }\n"
                           "fn dsp(){ sin(phase(440) * 6.283185307179586) }\n";

/* One line of JSON; the caller ends it with json_decref. */
static json_t *parse_line(const char *text)
{
    json_error_t error;
    json_t *root;
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    root = json_loads(text, 0, &error);
    ck_assert_msg(json_is_object(root), "%s: %s", error.text, text);
    return root;
}

START_TEST(statistics_are_one_line_of_json)
{
    static const char *const numbers[] = {
        "frames",     "dsp_seconds",      "compile_seconds", "functions_compiled", "functions_refused",
        "code_bytes", "heap_live_objects", "blocks_compiled"
    };
    const struct outcome *o;
    json_t *root;
    write_file("sine.mmm", sine);
    o = run("--stats=json", "--jit=eager", "-n", "1000", "-o", "null", "sine.mmm");
    expect_code(o, 0);
    if (!JR_HAS_COMPILER)
        return; /* a notice stands beside the line */
    root = parse_line(o->err);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        ck_assert_msg(json_is_number(json_object_get(root, numbers[i])), "%s", numbers[i]);
    ck_assert(json_is_true(json_object_get(root, "specialised")));
    ck_assert(json_is_string(json_object_get(root, "tier")));
    ck_assert_int_eq(json_integer_value(json_object_get(root, "frames")), 1000);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "heap_live_objects")), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "functions_refused")), 0);
    ck_assert_int_gt(json_integer_value(json_object_get(root, "functions_compiled")), 0);
    ck_assert_int_gt(json_integer_value(json_object_get(root, "code_bytes")), 0);
    ck_assert_str_ne(json_string_value(json_object_get(root, "tier")), "interpreter");
    json_decref(root);
}
END_TEST

START_TEST(controls_are_listed_and_set)
{
    const struct outcome *o;
    write_file("control.mmm", "fn dsp(){ let c = Control!(\"amp\", {left = 0.5, right = (1, 2)})\n"
                              "    c.left + c.right.0 + c.right.1 }\n");
    o = run("--list-controls", "control.mmm");
    expect_code(o, 0);
    expect_in(o->out, "amp.left=0.5\namp.right.0=1\namp.right.1=2\n");
    o = run("-n", "1", "-o", "-", "--set", "amp.left=10", "--set", "amp.right.1=0.25", "control.mmm");
    expect_code(o, 0);
    expect_in(o->out, "ch0\n11.25\n");
    o = run("-n", "1", "--set", "amp=1", "control.mmm");
    expect_code(o, 2);
    expect_in(o->err, "the script has no control 'amp'");
    expect_in(o->err, "amp.right.0=1");
    expect_code(run("-n", "1", "--set", "amp.left=loud", "control.mmm"), 2);
}
END_TEST

START_TEST(what_macros_made_is_printed_as_source)
{
    const struct outcome *o;
    write_file("macro.mmm", "#stage(macro)\nfn twice(x){ `{ let t = $x; t + t } }\n"
                            "#stage(main)\nfn dsp(){ let t = 1; twice!(`t) }\n");
    o = run("--emit=expanded", "macro.mmm");
    expect_code(o, 0);
    expect_in(o->out, "let t_2 = t\n        t_2 + t_2\n");
    write_file("again.mmm", o->out);
    o = run("-n", "1", "-o", "-", "again.mmm");
    expect_in(o->out, "ch0\n2.0\n");
}
END_TEST

START_TEST(macros_have_fuel_of_their_own)
{
    const struct outcome *o;
    write_file("endless.mmm", "#stage(macro)\nfn loop(x){ loop(x) }\n#stage(main)\nfn dsp(){ loop!(`1) }\n");
    o = run("--macro-fuel", "1000", "-n", "1", "endless.mmm");
    expect_code(o, 1);
    expect_in(o->err, "E-MACRO");
    expect_in(o->err, "while this is expanded");
}
END_TEST

START_TEST(without_the_compiler_nothing_is_compiled)
{
    const struct outcome *o;
    json_t *root;
    write_file("sine.mmm", sine);
    o = run("--stats=json", "--jit=off", "-n", "10", "-o", "null", "sine.mmm");
    root = parse_line(o->err);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "functions_compiled")), 0);
    ck_assert_str_eq(json_string_value(json_object_get(root, "tier")), "interpreter");
    json_decref(root);
    expect_in(run("--stats", "-n", "10", "-o", "null", "sine.mmm")->err, "live objects");
}
END_TEST

/* The line's object has this code, and its first place is there. */
static void expect_diagnostic(const char *line, const char *code, const char *file, int at_line, int column)
{
    json_t *root = parse_line(line);
    const json_t *label = json_array_get(json_object_get(root, "labels"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(root, "code")), code);
    ck_assert_str_eq(json_string_value(json_object_get(label, "file")), file);
    ck_assert_int_eq(json_integer_value(json_object_get(label, "line")), at_line);
    ck_assert_int_eq(json_integer_value(json_object_get(label, "column")), column);
    json_decref(root);
}

START_TEST(diagnostics_can_be_json)
{
    json_t *root;
    const struct outcome *o;
    write_file("bad.mmm", "fn dsp(){\n  nowhere }\n");
    o = run("--diagnostics=json", "-n", "1", "bad.mmm");
    expect_code(o, 1);
    expect_diagnostic(o->err, "E-NAME", "bad.mmm", 2, 3);
    o = run("check", "--diagnostics=json", "bad.mmm");
    expect_code(o, 1);
    expect_diagnostic(o->err, "E-NAME", "bad.mmm", 2, 3); /* and nothing else: parse_line takes one line */

    write_file("past.mmm", "fn task(){}\nfn late(){ task@0 }\nfn dsp(){ late()\n 1 }\n");
    o = run("--diagnostics=json", "-n", "1", "past.mmm");
    expect_code(o, 1);
    expect_diagnostic(o->err, "E-RUN", "past.mmm", 2, 12);
    root = parse_line(o->err);
    const json_t *trace = json_object_get(root, "trace");
    ck_assert_uint_eq(json_array_size(trace), 2);
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(trace, 0), "function")), "late");
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(trace, 1), "function")), "dsp");
    ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(trace, 1), "line")), 3);
    json_decref(root);

    o = run("--diagnostics=json", "-n", "1", "missing.mmm");
    expect_code(o, 3);
    root = parse_line(o->err);
    ck_assert(json_is_null(json_object_get(root, "code")));
    expect_in(json_string_value(json_object_get(root, "message")), "missing.mmm");
    json_decref(root);

    write_file("tested.mmm", "// @test {\"times\": 1, \"expected\": [1]}\nfn dsp(){ nowhere }\n");
    o = run("test", "--diagnostics=json", "tested.mmm");
    expect_code(o, 1);
    expect_diagnostic(o->err, "E-NAME", "tested.mmm", 2, 11);
}
END_TEST

START_TEST(check_looks_at_everything_and_counts)
{
    mkdir("many", 0777);
    write_file("many/good.mmm", "fn dsp(){ 1 }\n");
    write_file("many/one.mmm", "fn dsp(){ nowhere }\n");
    write_file("many/two.mmm", "fn f(){ nowhere }\nfn g(){ nothing }\n");
    const struct outcome *o = run("check", "many/good.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->err, "");
    o = run("check", "many");
    expect_code(o, 1);
    expect_in(o->err, "many/one.mmm:1:11: error[E-NAME]");
    expect_in(o->err, "many/two.mmm:1:9: error[E-NAME]");
    expect_in(o->err, "many/two.mmm:2:9: error[E-NAME]");
    expect_in(o->err, "\n3 errors in 2 of 3 files\n");
    expect_in(run("check", "many/one.mmm")->err, "\n1 error\n");
    o = run("check", "many/good.mmm", "many/good.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->err, "2 files, no error\n");
    o = run("check", "many/one.mmm", "nowhere.mmm", "many/two.mmm"); /* the worse exit code, and it goes on */
    expect_code(o, 3);
    expect_in(o->err, "jitrun: nowhere.mmm");
    expect_in(o->err, "many/two.mmm:2:9");
}
END_TEST

START_TEST(colour_comes_only_where_it_is_wanted)
{
    write_file("bad.mmm", "fn dsp(){ nowhere }\n");
    expect_not_in(run("check", "bad.mmm")->err, "\033["); /* no terminal */
    expect_in(run("check", "--color=always", "bad.mmm")->err, "\033[");
    expect_not_in(run("check", "--color=never", "bad.mmm")->err, "\033[");
}
END_TEST

START_TEST(a_terminal_gets_colour_unless_it_is_declined)
{
    const char *const words[] = { "check", "bad.mmm", NULL };
    const char *const never[] = { "check", "--color=never", "bad.mmm", NULL };
    write_file("bad.mmm", "fn dsp(){ nowhere }\n");
    unsetenv("NO_COLOR");
    expect_in(run_on_terminal(words)->out, "\033[");
    expect_not_in(run_on_terminal(never)->out, "\033[");
    setenv("NO_COLOR", "1", 1);
    expect_not_in(run_on_terminal(words)->out, "\033[");
    setenv("NO_COLOR", "", 1); /* set but empty counts as not set */
    expect_in(run_on_terminal(words)->out, "\033[");
    unsetenv("NO_COLOR");
}
END_TEST

START_TEST(a_long_render_shows_its_progress_and_cleans_up)
{
    const char *const words[] = { "--jit=off", "--time-limit", "2.5",      "-d", "1000000",
                                  "-o",        "null",         "sine.mmm", NULL };
    const char *const quick[] = { "-n", "10", "-o", "null", "sine.mmm", NULL };
    const struct outcome *o;
    const char *erased;
    write_file("sine.mmm", sine);
    o = run_on_terminal(words);
    expect_code(o, 1);
    expect_in(o->out, "x real time\033[K");
    erased = strstr(o->out, "\r\033[K");
    ck_assert_ptr_nonnull(erased);
    expect_in(erased, "(time-limit)"); /* the message stands alone on its line */
    ck_assert_str_eq(run_on_terminal(quick)->out, "");
}
END_TEST

START_TEST(every_stage_can_be_printed)
{
    static const struct {
        const char *option, *part;
        bool compiler;
    } stages[] = {
        { "--emit=ast", "phase", false },   { "--emit=types", "phase", false },
        { "--emit=state", "phase", false }, { "--emit=bytecode", "mod.f64", false },
        { "--emit=llvm", "define", true },  { "--emit=llvm-opt", "define", true },
        { "--emit=asm", "ret", true },
    };
    write_file("sine.mmm", sine);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        const struct outcome *o = run(stages[i].option, "sine.mmm");
        if (stages[i].compiler && !JR_HAS_COMPILER) {
            expect_code(o, 3);
            continue;
        }
        expect_code(o, 0);
        expect_in(o->out, stages[i].part);
    }
}
END_TEST

START_TEST(a_wrong_script_has_a_tree_and_an_exit_code)
{
    const struct outcome *o;
    write_file("bad.mmm", "fn fine(x){ x }\nfn dsp(){ nowhere }\n");
    o = run("--emit=ast", "bad.mmm");
    expect_code(o, 1);
    expect_in(o->out, "fine");
    expect_in(o->err, "E-NAME");
    o = run("--emit=bytecode", "bad.mmm");
    expect_code(o, 1);
    ck_assert_str_eq(o->out, "");
}
END_TEST

START_TEST(what_bytecode_prints_runs_again)
{
    const struct outcome *o;
    char expected[4096];
    write_file("sine.mmm", sine);
    o = run("-n", "20", "sine.mmm");
    ck_assert_uint_lt(strlen(o->out), sizeof expected);
    strcpy(expected, o->out);
    write_file("sine.jas", run("--emit=bytecode", "sine.mmm")->out);
    o = run("-n", "20", "sine.jas");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, expected);
}
END_TEST

START_TEST(a_saved_program_runs_without_its_source)
{
    const struct outcome *o;
    char expected[4096];
    write_file("sine.mmm", sine);
    o = run("-n", "20", "sine.mmm");
    ck_assert_uint_lt(strlen(o->out), sizeof expected);
    strcpy(expected, o->out);
    o = run("-o", "sine.jri", "sine.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "");
    remove("sine.mmm");
    o = run("-n", "20", "sine.jri");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, expected);
    ck_assert_int_eq(truncate("sine.jri", 100), 0);
    o = run("-n", "20", "sine.jri");
    expect_code(o, 1);
    expect_in(o->err, "error[E-BYTECODE]");
}
END_TEST

START_TEST(objects_can_be_traced)
{
    const struct outcome *o;
    write_file("a.mmm", "fn dsp(){ let a = [now, 1]\n a[0] }\n");
    o = run("--trace=heap", "--jit=off", "-n", "1", "a.mmm");
    expect_code(o, 0);
    expect_in(o->err, "heap new: array 1 made by dsp, a.mmm:1");
    expect_in(o->err, "heap free: array 1 made by dsp");
    o = run("--trace=jit", "--jit=eager", "-n", "1", "-o", "null", "a.mmm");
    expect_code(o, 0);
    if (JR_HAS_COMPILER)
        expect_in(o->err, "dsp");
}
END_TEST

START_TEST(instructions_can_be_traced)
{
    const struct outcome *o;
    write_file("sine.mmm", sine);
    o = run("--trace=exec", "--jit=off", "-n", "1", "sine.mmm");
    expect_code(o, 0);
    expect_in(o->err, "sin.f64");
}
END_TEST

TCase *report_tests(void)
{
    TCase *tc = tcase_create("reports");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, statistics_are_one_line_of_json);
    tcase_add_test(tc, controls_are_listed_and_set);
    tcase_add_test(tc, what_macros_made_is_printed_as_source);
    tcase_add_test(tc, macros_have_fuel_of_their_own);
    tcase_add_test(tc, without_the_compiler_nothing_is_compiled);
    tcase_add_test(tc, diagnostics_can_be_json);
    tcase_add_test(tc, check_looks_at_everything_and_counts);
    tcase_add_test(tc, colour_comes_only_where_it_is_wanted);
    tcase_add_test(tc, a_terminal_gets_colour_unless_it_is_declined);
    tcase_add_test(tc, a_long_render_shows_its_progress_and_cleans_up);
    tcase_add_test(tc, every_stage_can_be_printed);
    tcase_add_test(tc, a_wrong_script_has_a_tree_and_an_exit_code);
    tcase_add_test(tc, what_bytecode_prints_runs_again);
    tcase_add_test(tc, a_saved_program_runs_without_its_source);
    tcase_add_test(tc, objects_can_be_traced);
    tcase_add_test(tc, instructions_can_be_traced);
    return tc;
}
