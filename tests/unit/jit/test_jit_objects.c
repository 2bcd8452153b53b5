/* test_jit_objects.c -- references, state, closures and errors, from objects.jas, in every engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "engines.h"
#include "ir/asm.h"
#include "ir/verify.h"

static void load(const char *path)
{
    struct jr_asm_errors errors = { 0 };
    struct jr_verify_report report = { 0 };
    static char text[1 << 16];
    memset(&fx, 0, sizeof fx);
    engines_reset();
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(text, 1, sizeof text, file);
    ck_assert_uint_lt(size, sizeof text);
    fclose(file);
    enum jr_status status = jr_assemble(&fx_alloc, "objects.jas", text, size, &fx.module, &errors);
    ck_assert_msg(status == JR_OK, "%u:%u: %s", errors.count ? errors.items[0].line : 0,
                  errors.count ? errors.items[0].column : 0, errors.count ? errors.items[0].message : "");
    JR_VEC_FREE(&fx_alloc, &errors);
    ck_assert_msg(jr_verify(fx.module, &fx_alloc, &report) == JR_OK, "%s", report.message);
}

static bool occurs[JR_OP_COUNT];

static void note_instructions(void)
{
    for (uint32_t f = 0; f < fx.module->function_count; f++)
        for (uint32_t pc = 0; pc < fx.module->functions[f].code_count;) {
            struct jr_instr in = jr_decode(&fx.module->functions[f].code[pc]);
            occurs[in.op] = true;
            pc += in.length;
        }
}

START_TEST(all_functions_in_all_engines)
{
    static const double values[] = { 3, 0, 1, -2, 2.5, 7, 0.0 / 0.0 };
    enum { COUNT = sizeof values / sizeof values[0] };
    load(JR_TEST_OBJECTS);
    engines_start();
    int failures = 0;
    for (uint32_t f = 0; f < fx.module->function_count; f++) {
        if (strncmp(fx.module->functions[f].name, "t.", 2) != 0)
            continue;
        for (int round = 0; round < 2; round++)
            for (int i = 0; i < COUNT; i++)
                for (int k = 0; k < COUNT; k++) {
                    uint64_t args[2] = { fx_bits(values[i]), fx_bits(values[k]) };
                    failures += engines_agree(f, args, true, NULL) != JR_OK;
                }
    }
    ck_assert_int_gt(failures, 100); /* the ones that are meant to fail */
    engines_end();
}
END_TEST

/* Arithmetic is in test_jit_arith.c; everything else must be in objects.jas. */
START_TEST(no_instruction_is_left_out)
{
    load(JR_TEST_OBJECTS);
    note_instructions();
    for (int op = 0; op < JR_OP_COUNT; op++) {
        const struct jr_op_info *info = &jr_op_infos[op];
        bool plain = info->format == JR_FORMAT_ABC && info->a == JR_OPERAND_D && info->b == JR_OPERAND_S &&
                     (info->effects & ~JR_EFFECT_FAILS) == 0;
        ck_assert_msg(plain || occurs[op], "%s is not tested", info->name);
    }
    jr_module_destroy(fx.module);
}
END_TEST

/* What scheduled closures did is seen in the global vector. */
START_TEST(scheduled_closures_run_compiled)
{
    uint64_t counts[ENGINE_COUNT];
    load(JR_TEST_OBJECTS);
    engines_start();
    for (uint32_t f = 0; f < fx.module->function_count; f++)
        if (strcmp(fx.module->functions[f].name, "t.schedule") == 0)
            for (int i = 1; i < 8; i++) {
                uint64_t args[2] = { fx_bits(i), fx_bits(i * 0.1) };
                ck_assert_int_eq(engines_agree(f, args, true, NULL), JR_OK);
            }
    for (int kind = 0; kind < ENGINE_COUNT; kind++) {
        ck_assert_int_eq(jr_vm_run_tasks_until(engines[kind].vm, 5), JR_OK);
        counts[kind] = jr_vm_globals(engines[kind].vm)[0];
        ck_assert_uint_eq(counts[kind], counts[0]);
    }
    ck_assert_uint_ne(counts[0], 0);
    engines_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jit: objects");
    TCase *tc = tcase_create("objects");
    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, all_functions_in_all_engines);
    tcase_add_test(tc, no_instruction_is_left_out);
    tcase_add_test(tc, scheduled_closures_run_compiled);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
