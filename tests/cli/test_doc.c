/* test_doc.c -- jitrun doc: what modules and scripts offer. */
#include "tests/cli/program.h"

#include <stdio.h>
#include <sys/stat.h>

static const char module[] = "//! Things for tests.\n"
                             "//!\n"
                             "//! More about them.\n"
                             "\n"
                             "// Nobody's business.\n"
                             "fn helper(x){ x }\n"
                             "\n"
                             "/// Doubles.\n"
                             "///\n"
                             "///   x  a number\n"
                             "pub fn double(x, times = 1 + 1){ helper(x) * times }\n"
                             "/// Both.\n"
                             "pub fn swap(pair){ let (a, b) = pair\n"
                             "  (b, a) }\n"
                             "pub type Shape = Dot |\n"
                             "    Disc(float)\n"
                             "pub type alias Pair = (float, float)\n"
                             "pub fn turn(p:Pair)->Pair{ p }\n"
                             "/// Inside.\n"
                             "mod inner {\n"
                             "    /// Deep.\n"
                             "    pub fn deep(){ \"text\" }\n"
                             "    fn hidden(){ 1 }\n"
                             "}\n"
                             "mod empty {\n"
                             "    fn hidden(){ 1 }\n"
                             "}\n"
                             "#stage(macro)\n"
                             "pub fn code(n:float){ `{ $(lift(n)) } }\n"
                             "#stage(main)\n"
                             "pub use inner::deep\n";

static const char documentation[] = "Things for tests.\n"
                                    "\n"
                                    "More about them.\n"
                                    "\n"
                                    "fn double(x: float, times: float = 1 + 1) -> float\n"
                                    "    Doubles.\n"
                                    "\n"
                                    "      x  a number\n"
                                    "\n"
                                    "fn swap(pair: ('a, 'b)) -> ('b, 'a)\n"
                                    "    Both.\n"
                                    "\n"
                                    "type Shape = Dot | Disc(float)\n"
                                    "\n"
                                    "type alias Pair = (float, float)\n"
                                    "\n"
                                    "fn turn(p: Pair) -> Pair\n"
                                    "\n"
                                    "mod inner\n"
                                    "    Inside.\n"
                                    "\n"
                                    "inner: fn deep() -> string\n"
                                    "    Deep.\n"
                                    "\n"
                                    "fn code(n: float) -> `float   (macro stage)\n"
                                    "\n"
                                    "pub use inner::deep\n"
                                    "\n";

START_TEST(public_names_of_a_module_are_listed)
{
    mkdir("modules", 0777);
    write_file("modules/things.mmm", module);
    const struct outcome *o = run("doc", "-I", "modules", "things");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, documentation);
    ck_assert_str_eq(o->err, "");
    o = run("doc", "modules/things.mmm"); /* the same by its path */
    expect_code(o, 0);
    ck_assert_str_eq(o->out, documentation);
}
END_TEST

START_TEST(one_name_is_enough)
{
    const struct outcome *o = run("doc", "modules/things.mmm", "swap");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "fn swap(pair: ('a, 'b)) -> ('b, 'a)\n    Both.\n\n");
    ck_assert_str_eq(run("doc", "modules/things.mmm", "deep")->out,
                     "inner: fn deep() -> string\n    Deep.\n\n");
    ck_assert_str_eq(run("doc", "modules/things.mmm", "inner::deep")->out,
                     "inner: fn deep() -> string\n    Deep.\n\n");
    ck_assert_str_eq(run("doc", "modules/things.mmm", "inner")->out,
                     "mod inner\n    Inside.\n\ninner: fn deep() -> string\n    Deep.\n\n");
}
END_TEST

START_TEST(a_script_shows_its_whole_top_level)
{
    write_file("script.mmm", "// What it is.\n"
                             "\n"
                             "// The height.\n"
                             "let (height, width) = (1, \"wide\")\n"
                             "let f = |x| x + 1 // not this\n"
                             "fn dsp(){ height }\n");
    const struct outcome *o = run("doc", "script.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "What it is.\n"
                             "\n"
                             "let height: float\n"
                             "    The height.\n"
                             "\n"
                             "let width: string\n"
                             "\n"
                             "let f: (float)->float\n"
                             "\n"
                             "fn dsp() -> float\n"
                             "\n");
    o = run_with_input("fn f(a){ a }\n", (const char *const[]){ "doc", "-", NULL });
    ck_assert_str_eq(o->out, "fn f(a: 'a) -> 'a\n\n");
}
END_TEST

START_TEST(what_is_not_there_may_be_something_else)
{
    const struct outcome *o = run("doc", "filtre");
    expect_code(o, 1);
    ck_assert_str_eq(o->err, "jitrun: no module filtre; did you mean filter?\n");
    o = run("doc", "osc", "phaser");
    expect_code(o, 1);
    ck_assert_str_eq(o->err, "jitrun: osc has no phaser; did you mean phasor?\n");
    expect_in(run("doc", "osc", "reverberation")->err, "jitrun doc osc lists what it has");
    expect_in(run("doc", "something_else_entirely")->err, "jitrun doc lists those there are");
    expect_code(run("doc", "nowhere.mmm"), 3);
    expect_code(run("doc", "a b"), 1);
    expect_code(run("doc", "osc", "a", "b"), 2);
}
END_TEST

START_TEST(a_wrong_script_is_documented_as_far_as_possible)
{
    write_file("wrong.mmm", "fn good(x){ x * 2 }\nfn bad(){ nowhere }\n");
    const struct outcome *o = run("doc", "wrong.mmm");
    expect_code(o, 1);
    expect_in(o->out, "fn good(x: float) -> float\n");
    expect_in(o->out, "fn bad()");
    expect_in(o->err, "wrong.mmm:2:11: error[E-NAME]");
    expect_in(run("doc", "--diagnostics=json", "wrong.mmm")->err, "{\"code\":\"E-NAME\"");
}
END_TEST

/* Of our own library: every module has a head, and every name a type and a comment. */
START_TEST(the_library_is_documented)
{
    static char list[16384];
    unsigned modules = 0;
    ck_assert_uint_lt(strlen(run("doc")->out), sizeof list);
    strcpy(list, run("doc")->out);
    for (char *line = strtok(list, "\n"); line; line = strtok(NULL, "\n")) {
        char name[64], head[400];
        ck_assert_msg(sscanf(line, "%63s %399[^\n]", name, head) == 2, "module without a head: %s", line);
        const struct outcome *o = run("doc", name);
        for (const char *at = strstr(o->out, "fn "); at; at = strstr(at + 1, "\nfn ")) {
            const char *end = strchr(at + 1, '\n');
            char signature[1000];
            snprintf(signature, sizeof signature, "%.*s", (int)(end - at), at);
            ck_assert_msg(strncmp(end, "\n    ", 5) == 0, "%s has no comment: %s", name, signature);
        }
        modules++;
    }
    ck_assert_uint_gt(modules, 15);
}
END_TEST

TCase *doc_tests(void)
{
    TCase *tests = tcase_create("doc");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, public_names_of_a_module_are_listed);
    tcase_add_test(tests, one_name_is_enough);
    tcase_add_test(tests, a_script_shows_its_whole_top_level);
    tcase_add_test(tests, what_is_not_there_may_be_something_else);
    tcase_add_test(tests, a_wrong_script_is_documented_as_far_as_possible);
    tcase_add_test(tests, the_library_is_documented);
    return tests;
}
