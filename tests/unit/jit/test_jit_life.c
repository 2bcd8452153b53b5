/* test_jit_life.c -- the compiler's object, its thread, and how long code lives. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dlfcn.h>

#include <check.h>

#include "engines.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "jit/provider.h"

static char noticed[8][512];
static int notice_count;

static void remember_notice(void *user, const char *line)
{
    (void)user;
    snprintf(noticed[notice_count++ % 8], sizeof noticed[0], "%s", line);
}

/* f(x) = ((x * 1.5 + 0.25) * 1.5 + 0.25) ... with `steps` steps */
static uint32_t make_chain(const char *name, uint32_t steps)
{
    uint32_t f = fx_function(name, 1, 1);
    fx_number(f, 1, 1.5);
    fx_number(f, 2, 0.25);
    for (uint32_t i = 0; i < steps; i++) {
        fx_abc(f, JR_OP_MUL_F64, 0, 0, 1);
        fx_abc(f, JR_OP_ADD_F64, 0, 0, 2);
    }
    fx_return(f, 0);
    return f;
}

static void make_functions(uint32_t count)
{
    fx_begin();
    engines_reset();
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%u", i);
        make_chain(name, 20);
    }
    fx_build();
}

START_TEST(every_instruction_has_a_lowering)
{
    void *object = dlopen(JR_TEST_OBJECT, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(object != NULL, "%s", dlerror());
    jr_provider_function *provider = (jr_provider_function *)(uintptr_t)dlsym(object, JR_PROVIDER_SYMBOL);
    ck_assert_ptr_nonnull(provider);
    for (int op = 0; op < JR_OP_COUNT; op++)
        ck_assert_msg(provider()->lowers((enum jr_op)op), "%s has no lowering", jr_op_infos[op].name);
}
END_TEST

START_TEST(without_the_object_everything_is_interpreted)
{
    struct jr_jit_config config = { .mode = JR_JIT_EAGER, .object_path = "/nonexistent/object.so", .notice = remember_notice };
    struct engine engine;
    struct jr_jit_stats stats;
    make_functions(3);
    notice_count = 0;
    engine_start_with(&engine, &config);
    jr_jit_get_stats(engine.jit, &stats);
    ck_assert(!stats.available);
    ck_assert_uint_eq(stats.functions_compiled, 0);
    ck_assert_uint_eq(stats.functions_refused, 3);
    ck_assert_int_eq(notice_count, 1);
    ck_assert_ptr_nonnull(strstr(noticed[0], "/nonexistent/object.so cannot be read"));
    ck_assert_str_eq(jr_jit_refusal(engine.jit, 0), "there is no compiler");
    uint64_t arg = fx_bits(0), result;
    ck_assert_int_eq(jr_vm_call(engine.vm, 0, &arg, &result), JR_OK);
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    ck_assert_int_eq(jr_jit_emit(engine.jit, 0, 0, &text), JR_ERR_UNSUPPORTED);
    ck_assert_str_eq(jr_sb_view(&text), "there is no compiler");
    jr_sb_fini(&text);
    jr_jit_destroy(engine.jit);
    jr_vm_destroy(engine.vm);
    jr_module_destroy(fx.module);
}
END_TEST

START_TEST(nothing_is_opened_before_the_first_job)
{
    struct jr_jit_config config = { .mode = JR_JIT_AUTO, .object_path = "/nonexistent/object.so", .notice = remember_notice };
    struct engine engine;
    struct jr_jit_stats stats;
    make_functions(1);
    notice_count = 0;
    engine_start_with(&engine, &config);
    uint64_t arg = fx_bits(0), result;
    ck_assert_int_eq(jr_vm_call(engine.vm, 0, &arg, &result), JR_OK);
    jr_jit_drain(engine.jit);
    jr_jit_get_stats(engine.jit, &stats);
    ck_assert(stats.available);
    ck_assert_int_eq(notice_count, 0);
    jr_jit_destroy(engine.jit);
    jr_vm_destroy(engine.vm);
    jr_module_destroy(fx.module);
}
END_TEST

START_TEST(destroyed_while_compiling)
{
    struct jr_jit_config config = { .mode = JR_JIT_AUTO, .quick_calls = 1, .optimised_calls = 2 };
    make_functions(60);
    for (int round = 0; round < 5; round++) {
        struct engine engine;
        engine_start_with(&engine, &config);
        for (uint32_t f = 0; f < 60; f++)
            for (int i = 0; i < 1 + round; i++) {
                uint64_t arg = fx_bits(i), result;
                ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_OK);
            }
        jr_jit_destroy(engine.jit); /* with most of the queue undone */
        uint64_t arg = fx_bits(1), result;
        ck_assert_int_eq(jr_vm_call(engine.vm, 0, &arg, &result), JR_OK); /* interpreted again */
        jr_vm_destroy(engine.vm);
    }
    jr_module_destroy(fx.module);
}
END_TEST

static size_t resident_pages(void)
{
    size_t total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%zu %zu", &total, &resident), 2);
    fclose(file);
    return resident;
}

static void cycle(const struct jr_jit_config *config)
{
    struct engine engine;
    engine_start_with(&engine, config);
    uint64_t arg = fx_bits(1), result;
    ck_assert_int_eq(jr_vm_call(engine.vm, 0, &arg, &result), JR_OK);
    engine_end(&engine);
}

/* JR_TEST_CYCLES in the environment asks for another number: 1000 takes some 20 seconds. */
START_TEST(cycles_do_not_grow)
{
    struct jr_jit_config config = { .mode = JR_JIT_EAGER };
    const char *asked = getenv("JR_TEST_CYCLES");
    int cycles = asked ? atoi(asked) : 100;
    make_functions(2);
    for (int i = 0; i < 20; i++)
        cycle(&config);
    malloc_trim(0);
    size_t before = resident_pages();
    for (int i = 0; i < cycles; i++)
        cycle(&config);
    malloc_trim(0);
    size_t after = resident_pages();
    ck_assert_msg(after < before + 1024, "%zu pages before, %zu after %d cycles", before, after, cycles);
    jr_module_destroy(fx.module);
}
END_TEST

static size_t mapping_count(void)
{
    size_t lines = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    ck_assert_ptr_nonnull(file);
    for (int c; (c = fgetc(file)) != EOF;)
        lines += c == '\n';
    fclose(file);
    return lines;
}

/* 40 functions, each promoted from quick to optimised code alone: the quick code must go. */
START_TEST(replaced_code_is_freed_between_runs)
{
    struct jr_jit_config config = { .mode = JR_JIT_AUTO, .synchronous = true, .quick_calls = 1, .optimised_calls = 3 };
    struct engine engine;
    make_functions(40);
    engine_start_with(&engine, &config);
    uint64_t arg = fx_bits(1), result;
    for (uint32_t f = 0; f < 40; f++)
        ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_OK);
    size_t quick = mapping_count();
    for (int i = 0; i < 4; i++)
        for (uint32_t f = 0; f < 40; f++)
            ck_assert_int_eq(jr_vm_call(engine.vm, f, &arg, &result), JR_OK);
    /* The compile thread looks after retired code by itself.  A unit takes two mappings; the allocator may add some. */
    for (int i = 0; i < 100 && mapping_count() > quick + 20; i++)
        usleep(50000);
    ck_assert_uint_le(mapping_count(), quick + 20);
    struct jr_jit_stats stats;
    jr_jit_get_stats(engine.jit, &stats);
    ck_assert_uint_eq(stats.functions_quick, 40);
    ck_assert_uint_eq(stats.functions_optimised, 40);
    engine_end(&engine);
    jr_module_destroy(fx.module);
}
END_TEST

START_TEST(large_functions)
{
    uint64_t arg = fx_bits(0.5);
    fx_begin();
    engines_reset();
    engines_expect_refusals = true;
    uint32_t ten_thousand = make_chain("ten thousand", 5000);
    uint32_t forty_thousand = make_chain("forty thousand", 20000);
    uint32_t monstrous = make_chain("monstrous", 40000);
    uint32_t wide = fx_function("wide", 1, 1); /* the last register there is */
    fx_abc(wide, JR_OP_ADD_F64, 65534, 0, 0);
    fx_return(wide, 65534);
    uint32_t moves = fx_function("moves", 1, 1);
    fx_abc(moves, JR_OP_MOVE, 1, 0, 0);
    for (uint32_t have = 2; have < 32768; have *= 2)
        fx_abc(moves, JR_OP_MOVE_N, have, 0, have);
    fx_return(moves, 32767);
    fx_build();
    struct jr_jit_config eager = { .mode = JR_JIT_EAGER };
    struct engine interpreted, compiled;
    engine_start(&interpreted, ENGINE_INTERPRETED);
    engine_start_with(&compiled, &eager);
    uint32_t functions[] = { ten_thousand, forty_thousand, monstrous, wide, moves };
    for (size_t i = 0; i < 5; i++) {
        uint64_t wanted, got;
        ck_assert_int_eq(jr_vm_call(interpreted.vm, functions[i], &arg, &wanted), JR_OK);
        ck_assert_int_eq(jr_vm_call(compiled.vm, functions[i], &arg, &got), JR_OK);
        ck_assert_uint_eq(wanted, got);
    }
    ck_assert_ptr_null(jr_jit_refusal(compiled.jit, ten_thousand));
    ck_assert_ptr_null(jr_jit_refusal(compiled.jit, forty_thousand));
    ck_assert_str_eq(jr_jit_refusal(compiled.jit, monstrous), "too large: 80003 code words, at most 60000 are compiled");
    ck_assert_str_eq(jr_jit_refusal(compiled.jit, wide), "too many registers: 65535, at most 16384 are compiled");
    engine_end(&interpreted);
    engine_end(&compiled);
    jr_module_destroy(fx.module);
}
END_TEST

START_TEST(texts_of_a_function)
{
    static const char *const wanted[] = { "alloca", "fmul double", "mulsd" };
    struct jr_jit_config config = { .mode = JR_JIT_AUTO };
    struct engine engine;
    make_functions(1);
    engine_start_with(&engine, &config);
    for (int what = 0; what < 3; what++) {
        struct jr_sb text;
        jr_sb_init(&text, jr_alloc_default());
        ck_assert_int_eq(jr_jit_emit(engine.jit, 0, what, &text), JR_OK);
        ck_assert_msg(strstr(jr_sb_view(&text), wanted[what]) != NULL, "no %s in:\n%s", wanted[what], jr_sb_view(&text));
        ck_assert_ptr_nonnull(strstr(jr_sb_view(&text), "jr.f0."));
        jr_sb_fini(&text);
    }
    engine_end(&engine);
    jr_module_destroy(fx.module);
}
END_TEST

static void *limited_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    size_t *left = user;
    if (new_size > 0 && *left == 0)
        return NULL;
    if (new_size > 0)
        --*left;
    const struct jr_alloc *plain = jr_alloc_default();
    return plain->realloc(plain->user, ptr, old_size, new_size);
}

START_TEST(creation_reports_no_memory)
{
    struct engine engine;
    make_functions(3);
    engine_start_with(&engine, NULL);
    struct jr_jit_config config = { .mode = JR_JIT_AUTO };
    enum jr_status status = JR_ERR_NO_MEMORY;
    for (size_t n = 0; status != JR_OK; n++) {
        size_t left = n;
        const struct jr_alloc alloc = { limited_realloc, &left };
        struct jr_jit *jit = (void *)&left; /* garbage: create must overwrite it */
        status = jr_jit_create(&alloc, engine.vm, &config, &jit);
        ck_assert(status == JR_OK || (status == JR_ERR_NO_MEMORY && jit == NULL));
        left = 1000;
        jr_jit_destroy(jit);
        uint64_t arg = fx_bits(1), result;
        ck_assert_int_eq(jr_vm_call(engine.vm, 0, &arg, &result), JR_OK);
    }
    engine_end(&engine);
    jr_module_destroy(fx.module);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jit: lifetimes");
    TCase *tc = tcase_create("life");
    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, every_instruction_has_a_lowering);
    tcase_add_test(tc, without_the_object_everything_is_interpreted);
    tcase_add_test(tc, nothing_is_opened_before_the_first_job);
    tcase_add_test(tc, destroyed_while_compiling);
    tcase_add_test(tc, cycles_do_not_grow);
    tcase_add_test(tc, replaced_code_is_freed_between_runs);
    tcase_add_test(tc, large_functions);
    tcase_add_test(tc, texts_of_a_function);
    tcase_add_test(tc, creation_reports_no_memory);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
