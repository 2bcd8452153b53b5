/* test_fmt.c -- jitrun fmt: which files change, and what of them stays. */
#include "tests/cli/program.h"

#include <sys/stat.h>
#include <unistd.h>

#define UGLY "fn dsp( ){1}\n"
#define NEAT "fn dsp(){ 1 }\n"

START_TEST(files_change_in_place)
{
    struct stat before, after;
    mkdir("in", 0777);
    mkdir("in/deeper", 0777);
    write_file("in/ugly.mmm", UGLY);
    write_file("in/deeper/neat.mmm", NEAT);
    write_file("in/other.jas", "not mimium");
    ck_assert_int_eq(chmod("in/ugly.mmm", 0640), 0);
    ck_assert_int_eq(stat("in/deeper/neat.mmm", &before), 0);
    const struct outcome *o = run("fmt", "in");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "in/ugly.mmm\n");
    ck_assert_str_eq(o->err, "");
    ck_assert_str_eq(read_file("in/ugly.mmm"), NEAT);
    ck_assert_str_eq(read_file("in/other.jas"), "not mimium");
    ck_assert_int_eq(stat("in/ugly.mmm", &after), 0);
    ck_assert_uint_eq(after.st_mode & 0777, 0640);
    ck_assert_int_eq(stat("in/deeper/neat.mmm", &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino); /* not even written */
    ck_assert_str_eq(run("fmt", "in")->out, "");
}
END_TEST

START_TEST(check_only_lists)
{
    write_file("ugly.mmm", UGLY);
    write_file("neat.mmm", NEAT);
    const struct outcome *o = run("fmt", "--check", "ugly.mmm", "neat.mmm");
    expect_code(o, 1);
    ck_assert_str_eq(o->out, "ugly.mmm\n");
    ck_assert_str_eq(read_file("ugly.mmm"), UGLY);
    expect_code(run("fmt", "--check", "neat.mmm"), 0);
}
END_TEST

START_TEST(standard_input_goes_to_standard_output)
{
    const struct outcome *o = run_with_input(UGLY, (const char *const[]){ "fmt", "-", NULL });
    expect_code(o, 0);
    ck_assert_str_eq(o->out, NEAT);
    o = run_with_input(NEAT, (const char *const[]){ "fmt", "-", NULL });
    ck_assert_str_eq(o->out, NEAT);
    o = run_with_input(UGLY, (const char *const[]){ "fmt", "--check", "-", NULL });
    expect_code(o, 1);
    ck_assert_str_eq(o->out, "<stdin>\n");
}
END_TEST

START_TEST(wrong_programs_stay_and_the_others_go_on)
{
    write_file("broken.mmm", "fn dsp( {1}\n");
    write_file("ugly.mmm", UGLY);
    const struct outcome *o = run("fmt", "broken.mmm", "ugly.mmm");
    expect_code(o, 1);
    expect_in(o->err, "broken.mmm:1:9: error[E-PARSE]");
    ck_assert_str_eq(o->out, "ugly.mmm\n");
    ck_assert_str_eq(read_file("broken.mmm"), "fn dsp( {1}\n");
    expect_in(run("fmt", "--diagnostics=json", "broken.mmm")->err, "\"E-PARSE\"");
}
END_TEST

START_TEST(links_stay_links)
{
    struct stat info;
    mkdir("there", 0777);
    write_file("there/real.mmm", UGLY);
    ck_assert_int_eq(symlink("there/real.mmm", "link.mmm"), 0);
    expect_code(run("fmt", "link.mmm"), 0);
    ck_assert_int_eq(lstat("link.mmm", &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_str_eq(read_file("there/real.mmm"), NEAT);
}
END_TEST

START_TEST(what_cannot_be_done_is_said)
{
    expect_code(run("fmt", "missing.mmm"), 3);
    expect_code(run("fmt"), 2);
    write_file("text.jas", "x");
    const struct outcome *o = run("fmt", "text.jas");
    expect_code(o, 2);
    expect_in(o->err, "fmt is for mimium source");
    expect_code(run("check", "--check", "x.mmm"), 2);
}
END_TEST

TCase *fmt_tests(void)
{
    TCase *tests = tcase_create("fmt");
    tcase_add_test(tests, files_change_in_place);
    tcase_add_test(tests, check_only_lists);
    tcase_add_test(tests, standard_input_goes_to_standard_output);
    tcase_add_test(tests, wrong_programs_stay_and_the_others_go_on);
    tcase_add_test(tests, links_stay_links);
    tcase_add_test(tests, what_cannot_be_done_is_said);
    return tests;
}
