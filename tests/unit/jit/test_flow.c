/* test_flow.c -- blocks, liveness and folding constants of bytecode. */
#include <check.h>

#include "fixture.h"
#include "ir/base/alloc.h"
#include "jit/flow.h"
#include "jit/folding.h"

static struct jr_flow flow;

static void analyse(uint32_t function, uint32_t entry_pc)
{
    fx_build();
    ck_assert_int_eq(jr_flow_init(&flow, &fx_alloc, fx.module, &fx.module->functions[function], entry_pc), JR_OK);
}

static void finish(void)
{
    jr_flow_fini(&flow);
    jr_module_destroy(fx.module);
    ck_assert_uint_eq(fx.live_blocks, 0);
}

static uint64_t live_at(uint32_t pc)
{
    uint64_t set[4] = { 0 };
    uint32_t block = 0;
    while (block + 1 < flow.block_count && flow.blocks[block + 1].start <= pc)
        block++;
    ck_assert_int_eq(jr_flow_live_at(&flow, block, pc, set), JR_OK);
    return set[0];
}

START_TEST(a_loop)
{
    fx_begin();
    uint32_t f = fx_function("loop", 1, 1), top = jr_builder_label(fx.b, f);
    fx_number(f, 1, 0);
    fx_number(f, 2, 1);                       /* 1 */
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_ADD_F64, 1, 1, 2);        /* 2 */
    fx_abc(f, JR_OP_LT_F64, 3, 1, 0);         /* 3 */
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 3, top); /* 4 */
    fx_return(f, 1);                          /* 5 */
    analyse(f, 0);
    ck_assert_uint_eq(flow.block_count, 3);
    ck_assert(flow.blocks[1].loop_header && !flow.blocks[0].loop_header && !flow.blocks[2].loop_header);
    ck_assert_uint_eq(live_at(0), 1 << 0);
    ck_assert_uint_eq(live_at(2), 1 << 0 | 1 << 1 | 1 << 2);
    ck_assert_uint_eq(live_at(4), 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3);
    ck_assert_uint_eq(live_at(5), 1 << 1);
    finish();
}
END_TEST

START_TEST(what_an_error_releases_is_live)
{
    fx_begin();
    uint32_t f = fx_function("trap", 1, 1), word = fx_raw(1);
    fx_abcxy(f, JR_OP_ARRAY_ZEROS, 1, 0, 0, word, 3); /* 0 */
    fx_abc(f, JR_OP_ARRAY_LEN, 2, 1, 0);              /* 2 */
    fx_ax(f, JR_OP_TRAP, 0, 1);                       /* 3: r1 is owned, nobody reads it */
    analyse(f, 0);
    ck_assert_uint_eq(live_at(2), 1 << 1);
    ck_assert_uint_eq(live_at(3), 1 << 1);
    finish();
}
END_TEST

START_TEST(blocks_that_are_not_reached)
{
    fx_begin();
    uint32_t f = fx_function("late", 1, 1), end = jr_builder_label(fx.b, f), top = jr_builder_label(fx.b, f);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, end);   /* 0 */
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_SUB_F64, 0, 0, 0);                 /* 1 */
    jr_builder_jump(fx.b, f, JR_OP_JUMP_UNLESS, 0, top); /* 2 */
    jr_builder_bind(fx.b, f, end);
    fx_return(f, 0);                                   /* 3 */
    analyse(f, 1); /* as for on-stack replacement at 1 */
    ck_assert_uint_eq(flow.block_count, 3);
    ck_assert(!flow.blocks[0].reached && flow.blocks[1].reached && flow.blocks[2].reached);
    finish();
}
END_TEST

START_TEST(constants_that_fold)
{
    struct jr_folding folding;
    fx_begin();
    uint32_t f = fx_function("folds", 1, 1);
    fx_number(f, 1, 1);                /* an identity */
    fx_number(f, 2, 2);                /* none */
    fx_abc(f, JR_OP_SUB_F64, 3, 2, 1); /* of constants: may be one */
    fx_abc(f, JR_OP_SUB_F64, 4, 2, 0); /* of something unknown: none that folds */
    fx_abc(f, JR_OP_LT_F64, 5, 4, 0);  /* a truth value */
    fx_abc(f, JR_OP_MOVE, 6, 3, 0);
    fx_return(f, 6);
    analyse(f, 0);
    ck_assert_int_eq(jr_folding_init(&folding, &flow, false), JR_OK);
    jr_folding_enter(&folding, 0);
    for (uint32_t pc = 0; pc < flow.blocks[0].last;) {
        struct jr_instr in = jr_decode(&flow.function->code[pc]);
        jr_folding_step(&folding, &in);
        pc += in.length;
    }
    static const bool wanted[7] = { false, true, false, true, false, true, true };
    for (uint32_t reg = 0; reg < 7; reg++)
        ck_assert_msg(jr_folding_is_identity(&folding, reg) == wanted[reg], "register %u", reg);
    jr_folding_fini(&folding);
    finish();
}
END_TEST

START_TEST(no_memory)
{
    fx_begin();
    uint32_t f = fx_function("loop", 1, 1), top = jr_builder_label(fx.b, f);
    jr_builder_bind(fx.b, f, top);
    fx_abc(f, JR_OP_ADD_F64, 0, 0, 0);
    jr_builder_jump(fx.b, f, JR_OP_JUMP_IF, 0, top);
    fx_return(f, 0);
    fx_build();
    size_t before = fx.live_blocks;
    enum jr_status status = JR_ERR_NO_MEMORY;
    for (size_t n = 1; status != JR_OK; n++) {
        fx.calls = 0;
        fx.fail_at = n;
        status = jr_flow_init(&flow, &fx_alloc, fx.module, &fx.module->functions[f], 0);
        fx.fail_at = 0;
        ck_assert(status == JR_OK || status == JR_ERR_NO_MEMORY);
        if (status != JR_OK)
            ck_assert_uint_eq(fx.live_blocks, before);
    }
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jit: analyses");
    TCase *tc = tcase_create("flow");
    tcase_add_test(tc, a_loop);
    tcase_add_test(tc, what_an_error_releases_is_live);
    tcase_add_test(tc, blocks_that_are_not_reached);
    tcase_add_test(tc, constants_that_fold);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
