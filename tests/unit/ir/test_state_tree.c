/* test_state_tree.c -- state layouts: the walk over nodes and leaves, and the printed tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "counting.h"
#include "ir/asm.h"
#include "ir/state_tree.h"
#include "ir/verify.h"

static const char text[] = "file \"song.mmm\"\n"
                           "func osc : () -> (raw) {\n"
                           "  site self \"phase\" layout=(raw) at 1:9\n"
                           "  site mem \"last\" at 1:20\n"
                           "  state.get r0, phase\n  return r0\n}\n"
                           "func voice : () -> (raw) {\n"
                           "  site call \"osc\" function=osc at 5:1\n"
                           "  site delay \"echo\" length=1 at 6:1\n"
                           "  site call \"osc\" function=osc at 7:1\n"
                           "  const.f32 r0, 0\n  return r0\n}\n"
                           "func dsp : () -> (raw) {\n"
                           "  site delay length=100 at none\n"
                           "  site call \"voice\" function=voice at 9:1\n"
                           "  const.f32 r0, 0\n  return r0\n}\n"
                           "func lambda \"|x| at 3:1\" : () -> (raw) {\n"
                           "  site self layout=(raw*2) at 3:2\n"
                           "  const.f32 r0, 0\n  return r0\n}\n"
                           "func plain : () -> () { return r0 }\n"
                           "entry dsp=dsp\n";

static struct jr_module *module;

static void set_up(void)
{
    struct jr_asm_errors errors = { 0 };
    struct jr_verify_report report;
    counting_reset(0);
    enum jr_status status = jr_assemble(&counting_alloc, "t", text, sizeof text - 1, &module, &errors);
    if (errors.count != 0)
        ck_abort_msg("%u: %s", errors.items[0].line, errors.items[0].message);
    ck_assert_int_eq(status, JR_OK);
    status = jr_verify(module, &counting_alloc, &report);
    ck_assert_msg(status == JR_OK, "%s", report.message);
}

static void tear_down(void)
{
    jr_module_destroy(module);
    ck_assert_uint_eq(counting.live_blocks, 0);
}

START_TEST(the_walk_finds_parents_before_children_at_absolute_offsets)
{
    static const struct {
        const char *name;
        uint32_t offset, depth;
    } expected[] = {
        { "", 0, 0 },       { "voice", 102, 0 }, { "osc", 102, 1 },   { "phase", 102, 2 }, { "last", 103, 2 },
        { "echo", 104, 1 }, { "osc", 107, 1 },   { "phase", 107, 2 }, { "last", 108, 2 },
    };
    struct jr_state_walk walk;
    struct jr_state_node node;
    bool found;
    unsigned i = 0;
    ck_assert_int_eq(jr_state_walk_init(&walk, &counting_alloc, module, module->dsp), JR_OK);
    while (jr_state_walk_next(&walk, &node, &found) == JR_OK && found) {
        ck_assert_str_eq(node.site->name, expected[i].name);
        ck_assert_uint_eq(node.offset, expected[i].offset);
        ck_assert_uint_eq(node.depth, expected[i].depth);
        i++;
    }
    ck_assert_uint_eq(i, sizeof expected / sizeof expected[0]);
    ck_assert_int_eq(jr_state_walk_next(&walk, &node, &found), JR_OK); /* the end stays the end */
    ck_assert(!found);
    jr_state_walk_fini(&walk);
}
END_TEST

START_TEST(leaves_own_every_word_once_and_know_their_path)
{
    struct jr_state_walk walk;
    struct jr_state_node node;
    bool found;
    uint32_t end = 0, leaves = 0;
    ck_assert_int_eq(jr_state_walk_init(&walk, &counting_alloc, module, module->dsp), JR_OK);
    while (jr_state_walk_leaf(&walk, &node, &found) == JR_OK && found) {
        ck_assert_uint_eq(node.offset, end);
        end += node.site->word_count;
        leaves++;
        if (leaves == 5) { /* phase of the second osc */
            ck_assert_str_eq(jr_state_walk_call(&walk, 0)->name, "voice");
            ck_assert_str_eq(jr_state_walk_call(&walk, 1)->name, "osc");
            ck_assert_uint_eq(jr_state_walk_call(&walk, 1)->place.line, 7);
            ck_assert_ptr_null(jr_state_walk_call(&walk, 2));
            ck_assert_uint_eq(node.index, 0);
            ck_assert_str_eq(node.owner->name, "osc");
        }
    }
    ck_assert_uint_eq(leaves, 6);
    ck_assert_uint_eq(end, module->functions[module->dsp].state_words);
    jr_state_walk_fini(&walk);
}
END_TEST

START_TEST(the_printed_tree_names_everything)
{
    static const char expected[] = "dsp: 109 words\n"
                                   "       0  delay  102 words (100 samples)\n"
                                   "     102  call voice  7 words                           song.mmm:9:1\n"
                                   "     102    call osc  2 words                           song.mmm:5:1\n"
                                   "     102      self phase  1 word                        song.mmm:1:9\n"
                                   "     103      mem last  1 word                          song.mmm:1:20\n"
                                   "     104    delay echo  3 words (1 sample)              song.mmm:6:1\n"
                                   "     107    call osc  2 words                           song.mmm:7:1\n"
                                   "     107      self phase  1 word                        song.mmm:1:9\n"
                                   "     108      mem last  1 word                          song.mmm:1:20\n"
                                   "|x| at 3:1: 2 words\n"
                                   "       0  self  2 words                                 song.mmm:3:2\n";
    struct jr_sb out;
    jr_sb_init(&out, &counting_alloc);
    ck_assert_int_eq(jr_state_print(module, JR_NONE, &out), JR_OK);
    ck_assert_str_eq(jr_sb_view(&out), expected);
    jr_sb_clear(&out);
    ck_assert_int_eq(jr_state_print(module, 4, &out), JR_OK);
    ck_assert_str_eq(jr_sb_view(&out), "plain: 0 words\n");
    jr_sb_fini(&out);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    for (size_t n = 1;; n++) {
        struct jr_sb out;
        counting.calls = 0;
        counting.fail_at = n;
        jr_sb_init(&out, &counting_alloc);
        enum jr_status status = jr_state_print(module, JR_NONE, &out);
        bool done = counting.calls < n;
        jr_sb_fini(&out);
        ck_assert_int_eq(status, done ? JR_OK : JR_ERR_NO_MEMORY);
        if (done)
            break;
    }
    counting.fail_at = 0;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state_tree");
    TCase *tc = tcase_create("state_tree");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_walk_finds_parents_before_children_at_absolute_offsets);
    tcase_add_test(tc, leaves_own_every_word_once_and_know_their_path);
    tcase_add_test(tc, the_printed_tree_names_everything);
    tcase_add_test(tc, every_failed_allocation_is_reported);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
