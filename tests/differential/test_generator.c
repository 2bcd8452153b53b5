/* test_generator.c -- the generator and the shrinker by themselves, without any engine. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "tests/differential/generate.h"
#include "tests/differential/shrink.h"

enum { SEEDS = 1000 };

static void print_seed(uint64_t seed, struct tree *tree, struct jr_sb *text)
{
    tree_init(tree);
    jr_sb_init(text, jr_alloc_default());
    generate_program(tree, seed);
    tree_print(tree->program, text);
    ck_assert_int_eq(jr_sb_status(text), JR_OK);
}

START_TEST(the_same_seed_gives_the_same_program)
{
    struct tree a, b;
    struct jr_sb text_a, text_b;
    print_seed(77, &a, &text_a);
    print_seed(77, &b, &text_b);
    ck_assert_str_eq(jr_sb_view(&text_a), jr_sb_view(&text_b));
    jr_sb_fini(&text_a);
    jr_sb_fini(&text_b);
    tree_fini(&a);
    tree_fini(&b);
}
END_TEST

/* A generator that quietly stopped to make some construct would weaken every later run. */
START_TEST(every_construct_occurs)
{
    static const char *const wanted[] = {
        "self",        "mem(",
        "delay(",      "letrec ",
        "fn loop",     " |> ",
        " ||> ",       "_ ",
        "@",           "now",
        "samplerate",  "if (",
        "} else {",    "split_head(",
        "split_tail(", "append(",
        "prepend(",    "len(",
        " <- ",        "..",
        "identity(",   "choose(",
        "compose(",    "map_into(",
        "fold(",       "probe(",
        "let (",       "let {",
        "| | ",        ".freq",
        ".1",          "(-",
        " ^ ",         " % ",
        "&&",          "== ",
        "sin(",        "tanh(",
        "atan2(",      "task",
        "[[",          "->float",
        ":[float]",    "((float, float)",
        "type S",      "type rec R",
        "match ",      " => ",
        "(_, ",        "fn walk",
        "trim_R",      "sign_S",
        ":string",     "(float | string)",
        "float(b",     "swap(",
        "apply(",      "twice(",
        "keeper(",     "cell(",
        "nest(",       "latch(",
        "ring(",       "inner = ",
        ".inner",      "(| |",
        "1 => {",      "{left = ",
        "|> (|p",
    };
    int seen[sizeof wanted / sizeof wanted[0]] = { 0 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct tree tree;
        struct jr_sb text;
        print_seed(seed, &tree, &text);
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            if (strstr(jr_sb_view(&text), wanted[i]))
                seen[i]++;
        }
        jr_sb_fini(&text);
        tree_fini(&tree);
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert_msg(seen[i] > 0, "no program of %d has \"%s\"", (int)SEEDS, wanted[i]);
    }
}
END_TEST

static bool has_delay(void *user, const char *source, size_t length, const char *plain)
{
    size_t *calls = user;
    (void)length;
    (void)plain;
    ++*calls;
    return strstr(source, "delay(") != NULL;
}

START_TEST(shrinking_keeps_the_failure_and_little_else)
{
    int shrunk = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct tree tree;
        struct jr_sb before, after;
        size_t calls = 0, checks;
        print_seed(seed, &tree, &before);
        if (strstr(jr_sb_view(&before), "delay(")) {
            checks = shrink_program(&tree, has_delay, &calls, 2000);
            ck_assert_uint_eq(checks, calls);
            jr_sb_init(&after, jr_alloc_default());
            tree_print(tree.program, &after);
            ck_assert_ptr_nonnull(strstr(jr_sb_view(&after), "delay("));
            ck_assert_msg(after.length < 200, "seed %d: %d bytes are left:\n%s", (int)seed, (int)after.length,
                          jr_sb_view(&after));
            jr_sb_fini(&after);
            shrunk++;
        }
        jr_sb_fini(&before);
        tree_fini(&tree);
    }
    ck_assert_int_gt(shrunk, 10);
}
END_TEST

START_TEST(shrinking_stops_when_asked_to)
{
    struct tree tree;
    struct jr_sb text;
    size_t calls = 0;
    print_seed(5, &tree, &text);
    ck_assert_uint_le(shrink_program(&tree, has_delay, &calls, 7), 7);
    ck_assert_uint_le(calls, 7);
    jr_sb_fini(&text);
    tree_fini(&tree);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generator");
    TCase *tc = tcase_create("generator");
    SRunner *runner;
    int failed;
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, the_same_seed_gives_the_same_program);
    tcase_add_test(tc, every_construct_occurs);
    tcase_add_test(tc, shrinking_keeps_the_failure_and_little_else);
    tcase_add_test(tc, shrinking_stops_when_asked_to);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
