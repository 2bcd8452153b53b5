/* test_modules.c -- where the program looks for modules. */
#include "tests/cli/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test has a folder of its own, since it matters what stands beside a script. */
static void enter_folder(void)
{
    char name[] = "modules-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(name));
    ck_assert_int_eq(chdir(name), 0);
}

static void leave_folder(void)
{
    ck_assert_int_eq(chdir(".."), 0);
}

/* A module in that folder whose only function gives `value`. */
static void write_module(const char *in, int value)
{
    char path[128], text[64];
    snprintf(path, sizeof path, "%s/m.mmm", in);
    snprintf(text, sizeof text, "pub fn f(){ %d }\n", value);
    write_file(path, text);
}

static void make_folders(const char *const *folders)
{
    for (; *folders; folders++)
        ck_assert_int_eq(mkdir(*folders, 0700), 0);
}

#define EXPECT_VALUE(value, ...)                                                   \
    do {                                                                           \
        expect_code(run(__VA_ARGS__ "-n", "1", "song/main.mmm"), 0);               \
        ck_assert_str_eq(run(__VA_ARGS__ "-n", "1", "song/main.mmm")->out, value); \
    } while (0)
#define AND ,

START_TEST(modules_are_looked_for_in_the_documented_order)
{
    static const char *const folders[] = {
        "one", "two", "three", "song", "song/lib", "lib", "home", "home/.mimium", "home/.mimium/lib", NULL
    };
    make_folders(folders);
    setenv("HOME", "home", 1);
    setenv("JITRUN_PATH", "::nowhere:two:", 1);
    setenv("MIMIUM_LIB_PATH", "three", 1);
    write_file("song/main.mmm", "use m::f\nfn dsp(){ f() }\n");
    write_module("one", 1);
    write_module("two", 2);
    write_module("three", 3);
    write_module("song/lib", 4);
    write_module("lib", 5);
    write_module("home/.mimium/lib", 6);
    write_module("song", 7);
    EXPECT_VALUE("ch0\n1.0\n", "-I" AND "one" AND "-Itwo" AND);
    EXPECT_VALUE("ch0\n1.0\n", "--include=nowhere" AND "-I" AND "one" AND);
    EXPECT_VALUE("ch0\n2.0\n", );
    unsetenv("JITRUN_PATH");
    EXPECT_VALUE("ch0\n3.0\n", );
    setenv("MIMIUM_LIB_PATH", "", 1);
    EXPECT_VALUE("ch0\n4.0\n", );
    ck_assert_int_eq(unlink("song/lib/m.mmm"), 0);
    EXPECT_VALUE("ch0\n5.0\n", );
    ck_assert_int_eq(unlink("lib/m.mmm"), 0);
    EXPECT_VALUE("ch0\n6.0\n", );
    unsetenv("HOME");
    EXPECT_VALUE("ch0\n7.0\n", );
    ck_assert_int_eq(unlink("song/m.mmm"), 0);
    expect_code(run("check", "song/main.mmm"), 1);
    expect_in(run("check", "song/main.mmm")->err, "song/main.mmm:1:1: error[E-FILE]: file `m.mmm` not found");
}
END_TEST

START_TEST(errors_are_shown_where_they_are)
{
    static const char *const folders[] = { "parts", NULL };
    make_folders(folders);
    write_file("main.mmm", "include(\"parts/bad.mmm\")\nfn dsp(){ g() }\n");
    write_file("parts/bad.mmm", "use beside::f\nfn g(){ f() + \"s\" }\n");
    write_file("parts/beside.mmm", "pub fn f(){ let (a, b) = split_head([])\n a }\n");
    expect_code(run("check", "main.mmm"), 1);
    expect_in(run("check", "main.mmm")->err, "parts/bad.mmm:2:15: error[E-MISMATCH]");
    expect_in(run("check", "--diagnostics=json", "main.mmm")->err, "\"file\":\"parts/bad.mmm\"");
    write_file("parts/bad.mmm", "use beside::f\nfn g(){ f() }\n");
    expect_code(run("-n", "1", "main.mmm"), 1);
    expect_in(run("-n", "1", "main.mmm")->err, "in beside::f at parts/beside.mmm:1:26");
    expect_code(run_with_input("use nothing::x\nfn dsp(){ x() }", (const char *const[]){ "-", NULL }), 1);
}
END_TEST

START_TEST(a_name_that_another_module_imports_is_a_warning)
{
    write_file("a.mmm", "use b::g\npub fn f(){ g() }\n");
    write_file("b.mmm", "pub fn g(){ 1 }\n");
    write_file("main.mmm", "use a::f\nfn dsp(){ f() + g() }\n");
    expect_code(run("-n", "1", "main.mmm"), 0);
    ck_assert_str_eq(run("-n", "1", "main.mmm")->out, "ch0\n2.0\n");
    expect_in(run("-n", "1", "main.mmm")->err, "main.mmm:2:17: warning[W-LENT-NAME]");
    expect_in(run("-n", "1", "main.mmm")->err, "add `use b::g`");
}
END_TEST

START_TEST(folders_on_the_command_line_have_limits)
{
    const char *words[70] = { "check" };
    for (int i = 1; i < 30; i++)
        words[i] = "-Ix";
    words[30] = "main.mmm";
    write_file("main.mmm", "1\n");
    expect_code(run_words(words), 0);
    expect_code(run("-I", "", "main.mmm"), 2);
    expect_code(run("main.mmm", "-I"), 2);
    expect_in(run("main.mmm", "-I")->err, "--include wants DIR");
}
END_TEST

static void copy_program(const char *to)
{
    FILE *in = fopen(JR_PROGRAM, "rb"), *out = fopen(to, "wb");
    char bytes[65536];
    size_t size;
    ck_assert(in && out);
    while ((size = fread(bytes, 1, sizeof bytes, in)) > 0)
        ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
    fclose(in);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_int_eq(chmod(to, 0700), 0);
}

START_TEST(an_installed_program_finds_its_library)
{
    static const char *const folders[] = {
        "usr", "usr/bin", "usr/share", "usr/share/jitrun", "usr/share/jitrun/mimium", NULL
    };
    static const char *const words[] = { "-n", "1", "main.mmm", NULL };
    make_folders(folders);
    copy_program("usr/bin/jitrun");
    write_module("usr/share/jitrun/mimium", 8);
    write_file("main.mmm", "use m::f\nfn dsp(){ f() }\n");
    ck_assert_int_eq(symlink("usr/bin/jitrun", "link"), 0);
    expect_code(run_program("usr/bin/jitrun", words), 0);
    ck_assert_str_eq(run_program("usr/bin/jitrun", words)->out, "ch0\n8.0\n");
    ck_assert_str_eq(run_program("./link", words)->out, "ch0\n8.0\n");
    write_file("main.mmm", "fn dsp(){ f() }\n");
    expect_in(run_program("./link", words)->err, "the library has it: add `use m::f`");
}
END_TEST

START_TEST(a_built_program_finds_the_library_of_the_source_tree)
{
    write_file("main.mmm", "use math::PI\nfn dsp(){ PI() }\n");
    expect_code(run("-n", "1", "main.mmm"), 0);
}
END_TEST

TCase *module_tests(void)
{
    TCase *tc = tcase_create("modules");
    tcase_add_checked_fixture(tc, enter_folder, leave_folder);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, modules_are_looked_for_in_the_documented_order);
    tcase_add_test(tc, errors_are_shown_where_they_are);
    tcase_add_test(tc, a_name_that_another_module_imports_is_a_warning);
    tcase_add_test(tc, folders_on_the_command_line_have_limits);
    tcase_add_test(tc, an_installed_program_finds_its_library);
    tcase_add_test(tc, a_built_program_finds_the_library_of_the_source_tree);
    return tc;
}
