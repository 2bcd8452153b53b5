/* test_test_command.c -- jitrun test: what passes, what must fail, and the summary. */
#include "tests/cli/program.h"

#include <stdio.h>
#include <sys/stat.h>

enum { ENGINES = JR_HAS_COMPILER ? 6 : 2 };

static void expect_summary(const struct outcome *o, unsigned programs, unsigned runs, unsigned failed,
                           const char *end)
{
    char text[200];
    snprintf(text, sizeof text, "%u programs, %u runs in %d engines: %u passed, %u failed%s\n", programs,
             runs, ENGINES, runs - failed, failed, end);
    expect_in(o->out, text);
    expect_code(o, failed ? 1 : 0);
}

START_TEST(each_script_runs_in_every_engine)
{
    mkdir("good", 0777);
    mkdir("good/deeper", 0777);
    write_file("good/up.mmm", "// @test {\"times\": 3, \"expected\": [1, 2, 3]}\nfn dsp(){ self + 1 }\n");
    write_file("good/stereo.mmm", "// @test {\"times\": 2, \"stereo\": true, \"expected\": [0, 5, 1, 5]}\n"
                                  "fn dsp(){ (now, 5) }\n");
    write_file("good/deeper/bad.mmm",
               "// about names\n// @test {\"error\": [\"E-NAME 3:11\"]}\nfn dsp(){ none }\n");
    write_file("good/deeper/run.mmm", "// @test {\"times\": 9, \"runtime_error\": \"schedule-in-the-past\"}\n"
                                      "fn f(){}\nfn dsp(){ f@0\n 1 }\n");
    write_file("good/none.mmm", "fn dsp(){ 1 }\n");
    write_file("good/notes.txt", "not a script\n");
    expect_summary(run("test", "good"), 4, 3 * ENGINES + 1, 0, ", 1 files without a header skipped");
    expect_summary(run("test", "good/up.mmm", "good/stereo.mmm"), 2, 2 * ENGINES, 0, "");
}
END_TEST

/* A single failing script: `runs` runs, each failing with a line that holds `part`. */
static void expect_failure(const char *script, unsigned runs, const char *part)
{
    const struct outcome *o;
    write_file("wrong.mmm", script);
    o = run("test", "wrong.mmm");
    expect_summary(o, 1, runs, runs, "");
    expect_in(o->out, part);
}

START_TEST(every_kind_of_mistake_is_found)
{
    expect_failure("// @test {\"times\": 2, \"expected\": [1, 2.5]}\nfn dsp(){ self + 1 }\n", ENGINES,
                   "FAIL wrong.mmm [off]: frame 1 channel 0: expected 2.5, got 2.0");
    expect_failure("// @test {\"times\": 2, \"expected\": [1]}\nfn dsp(){ self + 1 }\n", ENGINES,
                   "1 values expected, 2 computed");
    expect_failure("// @test {\"times\": 1, \"expected\": [1]}\nfn dsp(){ (1, 2) }\n", ENGINES, "2 channels");
    expect_failure("// @test {\"times\": 1, \"expected\": [1]}\nfn dsp(){ none }\n", 1, "does not compile");
    expect_failure("// @test {\"error\": [\"E-NAME 2:12\"]}\nfn dsp(){ none }\n", 1,
                   "expected E-NAME 2:12, got");
    expect_failure("// @test {\"error\": [\"E-NAME 2:12\"]}\nfn dsp(){ 1 }\n", 1, "got no error");
    expect_failure("// @test {\"times\": 3, \"runtime_error\": \"fuel\"}\nfn dsp(){ 1 }\n", ENGINES,
                   "got none");
    expect_failure("// @test {\"times\": 3, \"expected\": [1, 1, 1]}\nfn f(){}\nfn dsp(){ f@0\n 1 }\n",
                   ENGINES, "unexpected run-time error");
    expect_failure("// @test {\"times\": -1, \"expected\": []}\nfn dsp(){ 1 }\n", 1,
                   "key \"times\": must be a whole number");
    expect_failure("// @test {\"tines\": 1}\nfn dsp(){ 1 }\n", 1, "key \"tines\": no such key");
    expect_failure("// @test {\"times\": 1}\nfn dsp(){ 1 }\n", 1, "says neither");
    expect_failure("// @test {\"times\": }\nfn dsp(){ 1 }\n", 1, "@test header");
}
END_TEST

/* A table speaks for scripts without a header, names each script, and lists what is missing. */
START_TEST(a_table_speaks_for_scripts_without_a_header)
{
    mkdir("fixtures", 0777);
    write_file("fixtures/up.mmm", "fn dsp(){ self + 1 }\n");
    write_file("fixtures/down.mmm", "fn dsp(){ self - 1 }\n");
    write_file("fixtures/own.mmm", "// @test {\"times\": 1, \"expected\": [7]}\nfn dsp(){ 7 }\n");
    write_file("fixtures/quiet.mmm", "let x = 1\n");
    write_file("fixtures/wrong.mmm", "fn dsp(){ none + 1 + {a = 1} }\n");
    write_file("fixtures/past.mmm", "fn f(){}\nfn dsp(){ if (now > 1) { f@0 }\n 1 }\n");
    write_file("fixtures/unknown.mmm", "fn dsp(){ 1 }\n");
    write_file("table.json", "{\"programs\": {"
                             "\"up\": {\"times\": 2, \"expected\": [1, 2]},"
                             "\"down\": {\"times\": 3, \"falling\": true},"
                             "\"own\": {\"times\": 1, \"expected\": [8]},"
                             "\"quiet\": {\"nothing_to_run\": true},"
                             "\"wrong\": {\"categories\": [\"E-NAME\", \"E-MISMATCH\"], \"mentions\": \"none\"},"
                             "\"past\": {\"times\": 5, \"runtime_error\": \"past\", \"frames_before_error\": 2}"
                             "}}");
    const struct outcome *o = run("test", "fixtures", "--expect", "table.json");
    expect_code(o, 0);
    expect_in(o->out, "pass fixtures/up.mmm\n");
    expect_in(o->out, "skip fixtures/unknown.mmm: no header, and not in the table\n");
    expect_in(o->out, "6 of 6 programs pass everywhere\n");

    write_file("table.json", "{\"programs\": {"
                             "\"up\": {\"nothing_to_run\": true},"
                             "\"down\": {\"times\": 3, \"falling\": true, \"expected\": [0, 0, 0]},"
                             "\"quiet\": {\"times\": 0, \"expected\": [], \"fallen\": true},"
                             "\"wrong\": {\"among_categories\": [\"E-NAME\", \"E-NAME\"]},"
                             "\"past\": {\"times\": 5, \"runtime_error\": \"past\", \"frames_before_error\": 3},"
                             "\"unknown\": {\"first_category\": \"E-NAME\"},"
                             "\"nowhere\": {\"nothing_to_run\": true}"
                             "}}");
    o = run("test", "fixtures", "--expect", "table.json");
    expect_code(o, 1);
    expect_in(o->out, "FAIL fixtures/up.mmm [off]: it has a dsp");
    expect_in(o->out, "FAIL fixtures/down.mmm [off]: frame 0 channel 0: expected 0.0, got -1.0");
    expect_in(o->out, "FAIL fixtures/quiet.mmm [header]: its entry in the table: key \"fallen\": no such key");
    expect_in(o->out, "FAIL fixtures/wrong.mmm [check]: expected at least E-NAME, E-NAME, got");
    expect_in(o->out, "the error came after 2 frames, not 3");
    expect_in(o->out, "FAIL fixtures/unknown.mmm [check]: expected first E-NAME, got no error");
    expect_in(o->out, "FAIL nowhere [table]: it is in the table, but was not found");
    expect_in(o->out, "1 of 8 programs pass everywhere\n");

    write_file("table.json", "{\"programs\": []}");
    expect_code(run("test", "fixtures", "--expect", "table.json"), 3);
    expect_code(run("test", "fixtures", "--expect", "no.json"), 3);
}
END_TEST

START_TEST(special_numbers_have_names)
{
    write_file("nan.mmm", "// @test {\"times\": 1, \"stereo\": true, \"expected\": [\"NaN\", \"-inf\"]}\n"
                          "fn dsp(){ (0 / 0, (0-1) / 0) }\n");
    expect_summary(run("test", "nan.mmm"), 1, ENGINES, 0, "");
}
END_TEST

START_TEST(junit_holds_every_run)
{
    const char *text;
    char count[64];
    write_file("a.mmm", "// @test {\"times\": 1, \"expected\": [1]}\nfn dsp(){ 1 }\n");
    write_file("b&c.mmm", "// @test {\"times\": 1, \"expected\": [2]}\nfn dsp(){ 1 }\n");
    expect_code(run("test", "--junit", "results.xml", "a.mmm", "b&c.mmm"), 1);
    text = read_file("results.xml");
    snprintf(count, sizeof count, "tests=\"%d\" failures=\"%d\"", 2 * ENGINES, ENGINES);
    expect_in(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    expect_in(text, count);
    expect_in(text, "<testcase classname=\"a.mmm\" name=\"off\"");
    expect_in(text, "<testcase classname=\"b&amp;c.mmm\" name=\"off\"");
    expect_in(text, "<failure message=\"frame 0 channel 0: expected 2.0, got 1.0\"/>");
    expect_in(text, "</testsuite>");
    expect_code(run("test", "--junit", "no/such/results.xml", "a.mmm"), 3);
}
END_TEST

TCase *test_command_tests(void)
{
    TCase *tc = tcase_create("test command");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, each_script_runs_in_every_engine);
    tcase_add_test(tc, every_kind_of_mistake_is_found);
    tcase_add_test(tc, a_table_speaks_for_scripts_without_a_header);
    tcase_add_test(tc, special_numbers_have_names);
    tcase_add_test(tc, junit_holds_every_run);
    return tc;
}
