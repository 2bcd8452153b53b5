/* test_no_memory.c -- refuses the Nth allocation, for all N, while small programs are made, linked, run and ended. */
#include <string.h>

#include <check.h>

#include "fixture.h"

/* Global code makes an array of closures over cells, schedules one, builds a list of boxes; dsp appends to an array in its state. */
static void build_program(double rounds)
{
    uint32_t init, dsp, task, bump, array, closure, cell, at, list_sum, list, node, signature, append_at, top,
        probe;
    struct jr_word_type words[3];
    uint32_t variants[2];
    fx_begin();
    array = fx_layout1(JR_WORD_ARRAY, fx_raw(1));
    signature = fx_signature(0, 0);
    closure = fx_layout1(JR_WORD_CLOSURE, signature);
    cell = fx_layout1(JR_WORD_CELL, fx_raw(1));
    list_sum = jr_builder_sum_declare(fx.b, "List");
    list = jr_builder_layout_declare(fx.b);
    words[0] = (struct jr_word_type){ JR_WORD_SUM, list_sum };
    words[1] = words[2] = (struct jr_word_type){ JR_WORD_SUM_TAIL, list_sum };
    jr_builder_layout_define(fx.b, list, words, 3);
    words[0] = (struct jr_word_type){ JR_WORD_RAW, 0 };
    words[1] = (struct jr_word_type){ JR_WORD_BOX, list };
    node = jr_builder_layout(fx.b, words, 2);
    variants[0] = fx_raw(0), variants[1] = node;
    jr_builder_sum_define(fx.b, list_sum, variants, NULL, 2);
    at = jr_builder_global_offset(
        fx.b, jr_builder_global(fx.b, "tasks", fx_layout1(JR_WORD_ARRAY, closure), fx_place(1)));
    uint32_t list_at = jr_builder_global_offset(fx.b, jr_builder_global(fx.b, "list", list, fx_place(1)));
    jr_builder_string(fx.b, "unused", 6);

    bump = fx_function("bump", 1, 1);
    fx_abc(bump, JR_OP_ADD_F64, 0, 0, 0);
    fx_return(bump, 0);

    task = fx_closure_function("task", 0, 0, cell);
    fx_abcxy(task, JR_OP_CAPTURE_GET, 0, 0, 1, 0, 0);
    fx_abc(task, JR_OP_CELL_GET, 1, 0, 0);
    fx_abcxy(task, JR_OP_CALL, 1, 0, 0, bump, 0);
    fx_abc(task, JR_OP_CELL_SET, 0, 1, 0);
    fx_return(task, 0);

    init = fx_function("init", 0, 0);
    fx_number(init, 0, 1);
    fx_abcxy(init, JR_OP_CELL_NEW, 1, 0, 0, fx_raw(1), 0);
    fx_abc(init, JR_OP_COPY, 2, 1, 0);
    fx_abcxy(init, JR_OP_CLOSURE_NEW, 3, 2, 0, task, 0);
    fx_abcxy(init, JR_OP_CLOSURE_NEW, 4, 1, 0, task, 0);
    fx_number(init, 5, 1);
    fx_abc(init, JR_OP_SCHEDULE, 5, 3, 0);
    fx_abcxy(init, JR_OP_ARRAY_NEW, 6, 3, 2, closure, 0);
    fx_abcxy(init, JR_OP_GLOBAL_SET_N, 6, 0, 0, at, fx_layout1(JR_WORD_ARRAY, closure));
    /* three nodes: r10.. is the list, r8 the number, r9 the box */
    fx_abcxy(init, JR_OP_SUM_NEW, 10, 8, 0, list_sum, 0);
    for (int i = 0; i < 3; i++) {
        fx_number(init, 8, i);
        fx_abcxy(init, JR_OP_BOX_NEW, 9, 10, 0, list, 0);
        fx_abcxy(init, JR_OP_SUM_NEW, 10, 8, 0, list_sum, 1);
    }
    fx_abcxy(init, JR_OP_GLOBAL_SET_N, 10, 0, 0, list_at, list);
    fx_return(init, 0);

    dsp = fx_function("dsp", 0, 1);
    append_at = jr_builder_site(fx.b, dsp, JR_SITE_SELF, "self", 1, array, JR_NONE, 0, fx_place(1));
    probe = jr_builder_import(fx.b, "probe", fx_signature(1, 1));
    fx_abcxy(dsp, JR_OP_STATE_GET_N, 0, 0, 0, append_at, array);
    top = jr_builder_label(fx.b, dsp);
    fx_number(dsp, 1, rounds);
    fx_number(dsp, 2, 1);
    jr_builder_bind(fx.b, dsp, top);
    fx_abcxy(dsp, JR_OP_ARRAY_APPEND, 3, 0, 1, fx_raw(1), 0);
    fx_abc(dsp, JR_OP_RELEASE, 0, 0, 0);
    fx_abc(dsp, JR_OP_MOVE, 0, 3, 0);
    fx_abc(dsp, JR_OP_SUB_F64, 1, 1, 2);
    jr_builder_jump(fx.b, dsp, JR_OP_JUMP_IF, 1, top);
    fx_abc(dsp, JR_OP_ARRAY_LEN, 4, 0, 0);
    fx_abcxy(dsp, JR_OP_STATE_SET_N, 0, 0, 0, append_at, array);
    fx_ax(dsp, JR_OP_CALL_HOST, 4, probe);
    fx_return(dsp, 4);
    jr_builder_set_entry(fx.b, init, dsp);
    fx_build();
}

static enum jr_status create_and_run(bool stress, double rounds)
{
    struct jr_vm_config config = { .stress_heap = stress };
    double out[6];
    enum jr_status status = fx_try_start(&config);
    if (status == JR_OK)
        status = jr_vm_run_init(fx.vm);
    if (status == JR_OK)
        status = jr_vm_process(fx.vm, NULL, out, 6);
    if (status == JR_OK)
        ck_assert_double_eq(out[5], 6 * rounds);
    if (fx.vm)
        ck_assert_uint_eq(jr_vm_finish(fx.vm), 0);
    jr_vm_destroy(fx.vm);
    fx.vm = NULL;
    return status;
}

static void sweep(bool stress, double rounds)
{
    size_t blocks, n;
    enum jr_status status = JR_ERR_NO_MEMORY;
    build_program(rounds);
    blocks = fx.live_blocks;
    for (n = 1; status != JR_OK; n++) {
        fx.calls = 0, fx.fail_at = n, fx.printed_size = 0;
        status = create_and_run(stress, rounds);
        ck_assert_msg(status == JR_OK || status == JR_ERR_NO_MEMORY, "allocation %zu: status %d", n, status);
        ck_assert_uint_eq(fx.live_blocks, blocks);
    }
    ck_assert_uint_gt(n, 20);
    fx.fail_at = 0;
    fx_end();
}

START_TEST(every_allocation_may_fail)
{
    sweep(false, 690); /* arrays beyond the first chunk and beyond the largest class */
}
END_TEST

START_TEST(every_allocation_may_fail_in_a_stressed_heap)
{
    sweep(true, 30);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("no memory");
    TCase *tc = tcase_create("no memory");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, every_allocation_may_fail);
    tcase_add_test(tc, every_allocation_may_fail_in_a_stressed_heap);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
