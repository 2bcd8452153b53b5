/* test_live.c -- jitrun live: scripts that are edited while they sound. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/program.h"

#define UP "fn up(){ self + 1 }\n"

/* What an editor does: one step after the other, each when the output has grown enough since the one before. */
struct step {
    const char *name, *text; /* NULL: the end */
    bool renamed;            /* written aside, then given the name */
};

static void wait_for_growth(void)
{
    struct stat before = { 0 }, now;
    int waited = 0;
    stat("out.csv", &before);
    do
        usleep(20000);
    while ((stat("out.csv", &now) != 0 || now.st_size < before.st_size + 2048) && ++waited < 500);
    usleep(400000); /* for what was edited before to be compiled and heard */
}

static void *edit(void *context)
{
    for (const struct step *step = context; step->name; step++) {
        wait_for_growth();
        if (step->renamed) {
            write_file("aside", step->text);
            ck_assert_int_eq(rename("aside", step->name), 0);
        } else {
            write_file(step->name, step->text);
        }
    }
    return NULL;
}

static const struct outcome *run_edited(const struct step *steps, const char *const *words)
{
    pthread_t editor;
    remove("out.csv");
    ck_assert_int_eq(pthread_create(&editor, NULL, edit, (void *)(uintptr_t)steps), 0);
    const struct outcome *o = run_words(words);
    pthread_join(editor, NULL);
    return o;
}

/* Every line of a CSV of one column is one more than the line before. */
static void expect_counting(const char *csv, unsigned from)
{
    const char *at = strchr(csv, '\n') + 1;
    for (unsigned n = from; *at; n++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%u.0\n", n);
        ck_assert_msg(strncmp(at, expected, strlen(expected)) == 0, "line %u is %.20s", n, at);
        at += strlen(expected);
    }
}

START_TEST(an_edit_takes_over_and_the_state_goes_on)
{
    static const struct step steps[] = {
        { "s.mmm", UP "fn dsp(){ up() + mem(0.0) }\n", false },
        { "s.mmm", UP "fn dsp({ up() }\n", false },
        { "s.mmm", UP "fn other(){ self + 2 }\nfn dsp(){ other() * 0.0 + up() }\n", true },
        { NULL, NULL, false },
    };
    write_file("s.mmm", UP "fn dsp(){ up() }\n");
    const struct outcome *o =
        run_edited(steps, (const char *const[]){ "live", "s.mmm", "-o", "out.csv", "-r", "8000", "-d", "5",
                                                 "--details", NULL });
    expect_code(o, 0);
    expect_in(o->err, "version 1 plays\n");
    expect_in(o->err, "version 2 at ");
    expect_in(o->err, " s: 1 kept, 1 new (dsp.mem)\n");
    expect_in(o->err, "new      dsp.mem\n");
    expect_in(o->err, "error[E-PARSE]");
    expect_in(o->err, "version 3 at ");
    expect_in(o->err, "1 kept, 1 dropped (dsp.mem), 1 new (dsp.other)\n");
    expect_counting(read_file("out.csv"), 1);
}
END_TEST

START_TEST(imported_files_are_watched_too)
{
    static const struct step steps[] = {
        { "steps.mmm", "fn step(){ 1.0 + 0.0 }\n", false },
        { NULL, NULL, false },
    };
    write_file("steps.mmm", "fn step(){ 1.0 }\n");
    write_file("s.mmm", "include(\"steps.mmm\")\nfn up(){ self + step() }\nfn dsp(){ up() }\n");
    const struct outcome *o = run_edited(
        steps, (const char *const[]){ "live", "s.mmm", "-o", "out.csv", "-r", "8000", "-d", "2.5", NULL });
    expect_code(o, 0);
    expect_in(o->err, "version 2 at ");
    expect_counting(read_file("out.csv"), 1);
}
END_TEST

START_TEST(commands_are_read_from_standard_input)
{
    write_file("s.mmm", "fn dsp(){ Control!(\"gain\", 1.0) }\n");
    const struct outcome *o = run_with_input("undo\nredo\nset gain=3\nset nothing=3\nset gain\nwhat\nquit\n",
                                             (const char *const[]){ "live", "s.mmm", "-o", "out.csv", NULL });
    expect_code(o, 0);
    expect_in(o->err, "there is nothing to undo");
    expect_in(o->err, "there is nothing to redo");
    expect_in(o->err, "no control 'nothing'");
    expect_in(o->err, "set wants NAME=VALUE");
    expect_in(o->err, "no command 'what'");
}
END_TEST

START_TEST(a_record_gives_the_same_bits)
{
    static const struct step steps[] = {
        { "steps.mmm", "fn step(){ 2.0 }\n", false },
        { "s.mmm", "include(\"steps.mmm\")\n" UP "fn dsp(){ (up() + step(), delay(50.0, up(), 30.0)) }\n",
          true },
        { NULL, NULL, false },
    };
    write_file("steps.mmm", "fn step(){ 1.0 }\n");
    write_file("s.mmm",
               "include(\"steps.mmm\")\n" UP "fn dsp(){ up() * Control!(\"gain\", 0.5) * step() }\n");
    expect_code(run_edited(steps, (const char *const[]){ "live", "s.mmm", "-o", "out.csv", "-r", "8000", "-d",
                                                         "3.5", "--set", "gain=0.25", "--fade", "0.01",
                                                         "--record", "take", NULL }),
                0);
    write_file("s.mmm", "what is here now does not count\n");
    write_file("steps.mmm", "neither does this\n");
    char *first = strdup(read_file("out.csv"));
    expect_in(read_file("take"), "jitrun record 1\nrate 8000\n");
    expect_code(run("replay", "take", "-o", "again.csv"), 0);
    ck_assert_str_eq(read_file("again.csv"), first);
    expect_code(run("replay", "take", "-o", "again.csv", "--jit=off"), 0);
    ck_assert_str_eq(read_file("again.csv"), first);
    free(first);
    expect_code(run("replay", "s.mmm", "-o", "null"), 3);
    expect_code(run("replay", "missing", "-o", "null"), 3);
}
END_TEST

START_TEST(what_cannot_be_played_live)
{
    write_file("s.mmm", "fn dsp(){ 0.5 }\n");
    write_file("silent.mmm", "let x = 1\n");
    expect_code(run("live", "silent.mmm", "-o", "null"), 3);
    expect_code(run("live", "s.mmm", "-o", "out.xyz"), 2);
    expect_code(run("live", "s.mmm", "--unpaced"), 2);
    expect_code(run("live", "s.mmm", "s.mmm"), 2);
    expect_code(run("live", "-"), 2);
    expect_code(run("live", "s.mmm", "-o", "missing/out.wav"), 3);
    expect_code(run("live", "missing.mmm", "-o", "null"), 3);
    expect_code(run("live", "s.mmm", "--device", "no such device"), 3);
}
END_TEST

START_TEST(unpaced_is_as_fast_as_it_can)
{
    write_file("s.mmm", UP "fn dsp(){ up() }\n");
    expect_code(run("live", "s.mmm", "--unpaced", "-o", "out.csv", "-n", "30000"), 0);
    expect_counting(read_file("out.csv"), 1);
}
END_TEST

TCase *live_tests(void)
{
    TCase *tc = tcase_create("live");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, an_edit_takes_over_and_the_state_goes_on);
    tcase_add_test(tc, imported_files_are_watched_too);
    tcase_add_test(tc, commands_are_read_from_standard_input);
    tcase_add_test(tc, a_record_gives_the_same_bits);
    tcase_add_test(tc, what_cannot_be_played_live);
    tcase_add_test(tc, unpaced_is_as_fast_as_it_can);
    return tc;
}
