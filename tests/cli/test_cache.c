/* test_cache.c -- compiled code kept on disk: what is found again, and what happens to entries that are not what they should be. */
#include "tests/cli/program.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char script[] = "let table = [3.0, 1.0, 4.0, 1.0]\n"
                             "fn phasor(freq){ (self + freq / samplerate) % 1.0 }\n"
                             "fn voice(f){ | | sin(phasor(f) * 6.283185307179586) + table[phasor(f) * 4.0] }\n"
                             "let all = voice(440.0)\n"
                             "fn dsp(){ all() + delay(100.0, all(), 7.0) }\n";

static char frames[1 << 16]; /* what the script computes, interpreted */

/* A run that compiles everything; its frames must be the interpreter's.  Gives its statistics and messages. */
static const char *run_cached(const char *cache)
{
    const struct outcome *o = run(cache, "--jit=eager", "--stats=json", "-n", "200", "-o", "-", "s.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, frames);
    return o->err;
}

/* The path of entry `index` of the folder "cache"; how many there are. */
static unsigned entry(unsigned index, char path[512])
{
    DIR *folder = opendir("cache");
    struct dirent *file;
    unsigned count = 0;
    while (folder != NULL && (file = readdir(folder)) != NULL) {
        if (file->d_name[0] == '.')
            continue;
        if (count++ == index)
            snprintf(path, 512, "cache/%.300s", file->d_name);
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

static void begin(void)
{
    char path[512];
    while (entry(0, path) > 0)
        unlink(path);
    write_file("s.mmm", script);
    const struct outcome *o = run("--jit=off", "-n", "200", "-o", "-", "s.mmm");
    expect_code(o, 0);
    ck_assert_uint_lt(strlen(o->out), sizeof frames);
    strcpy(frames, o->out);
}

/* Changes the byte at `at`, or cuts the file there. */
static void damage(const char *path, long at, bool cut)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    if (cut) {
        ck_assert_int_eq(ftruncate(fileno(file), at), 0);
    } else {
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 1, file);
    }
    fclose(file);
}

START_TEST(a_second_run_compiles_nothing)
{
    begin();
    expect_in(run_cached("--cache=cache"), "\"cache_hits\":0,\"cache_misses\":2,\"cache_left_out\":0");
    expect_in(run_cached("--cache=cache"), "\"cache_hits\":2,\"cache_misses\":0,\"cache_left_out\":0");
    expect_in(run_cached("--cache=off"), "\"cache_hits\":0,\"cache_misses\":0,\"cache_left_out\":0");
    write_file("s.mmm", "fn dsp(){ now }\n"); /* another program */
    const struct outcome *o = run("--cache=cache", "--jit=eager", "--stats=json", "-n", "3", "-o", "-", "s.mmm");
    expect_code(o, 0);
    expect_in(o->err, "\"cache_hits\":0,\"cache_misses\":2");
    ck_assert_str_eq(o->out, "ch0\n0.0\n1.0\n2.0\n");
}
END_TEST

/* Where the default folder is; and that a script which is no file has none. */
START_TEST(the_default_folder_is_that_of_the_user)
{
    char here[400];
    begin();
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    setenv("XDG_CACHE_HOME", here, 1);
    expect_code(run("--jit=eager", "-n", "3", "-o", "null", "s.mmm"), 0);
    ck_assert_int_eq(access("jitrun", R_OK), 0);
    ck_assert_int_eq(rename("jitrun", "was-jitrun"), 0);
    expect_code(run_with_input(script, (const char *const[]){ "--jit=eager", "-n", "3", "-o", "null", "/dev/stdin", NULL }), 0);
    ck_assert_int_ne(access("jitrun", R_OK), 0);
    unsetenv("XDG_CACHE_HOME");
}
END_TEST

START_TEST(damaged_entries_are_ignored_and_made_again)
{
    static const struct {
        long at;
        bool cut;
    } damages[] = { { 0, false }, { 20, false }, { 40, false }, { 60, false }, { 300, false }, { 900, false },
                    { 0, true },  { 30, true },  { 100, true }, { 1000, true } };
    char path[512] = "";
    begin();
    run_cached("--cache=cache");
    ck_assert_uint_eq(entry(0, path), 2);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        entry((unsigned)i % 2, path);
        damage(path, damages[i].at, damages[i].cut);
        const char *err = run_cached("--cache=cache");
        expect_in(err, "a damaged entry is ignored and made again");
        expect_in(err, "\"cache_hits\":1,\"cache_misses\":1");
        expect_in(run_cached("--cache=cache"), "\"cache_hits\":2,\"cache_misses\":0");
    }
}
END_TEST

START_TEST(an_entry_under_another_key_is_ignored)
{
    char first[512] = "", second[512] = "";
    begin();
    run_cached("--cache=cache");
    entry(0, first);
    entry(1, second);
    ck_assert_int_eq(rename(first, second), 0);
    const char *err = run_cached("--cache=cache");
    expect_in(err, "a damaged entry is ignored and made again");
    expect_in(err, "\"cache_hits\":0,\"cache_misses\":2");
    expect_in(run_cached("--cache=cache"), "\"cache_hits\":2");
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_told)
{
    begin();
    write_file("file", "");
    const char *err = run_cached("--cache=file/cache");
    expect_in(err, "cache: file/cache: Not a directory");
    expect_in(err, "\"cache_hits\":0,\"cache_misses\":2");
}
END_TEST

START_TEST(two_processes_may_share_a_folder)
{
    pid_t children[4];
    char path[512];
    begin();
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            execl(JR_PROGRAM, JR_PROGRAM, "--cache=cache", "--jit=eager", "-n", "200", "-o", "null", "s.mmm", (char *)NULL);
            _exit(127);
        }
    }
    for (int i = 0; i < 4; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_uint_eq(entry(0, path), 2);
    expect_in(run_cached("--cache=cache"), "\"cache_hits\":2");
}
END_TEST

TCase *cache_tests(void)
{
    TCase *tc = tcase_create("cache");
    tcase_set_timeout(tc, 120);
    if (!JR_HAS_COMPILER)
        return tc;
    tcase_add_test(tc, a_second_run_compiles_nothing);
    tcase_add_test(tc, the_default_folder_is_that_of_the_user);
    tcase_add_test(tc, damaged_entries_are_ignored_and_made_again);
    tcase_add_test(tc, an_entry_under_another_key_is_ignored);
    tcase_add_test(tc, a_folder_that_cannot_be_written_is_told);
    tcase_add_test(tc, two_processes_may_share_a_folder);
    return tc;
}
