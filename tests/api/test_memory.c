/* test_memory.c -- every allocation of a whole life fails once: each time a status, nothing lost. */
#include <stdlib.h>
#include <string.h>

#include "tests/api/fixture.h"

static enum jitrun_status half(struct jitrun_call *call, void *user, uint64_t *words)
{
    (void)user;
    words[0] = jitrun_word(jitrun_number(words[0]) / 2.0);
    return jitrun_call_string(call, "half", 4, &words[1]);
}

static const char script[] = "fn counter(step){ let n = 0\n | | { n = n + step\n n } }\nlet a = counter(1)\n"
                             "let s = half(3)\nlet array = [1, 2]\nfn tick(){ array = [now, 1]\n tick@(now + 2) }\ntick@1\n"
                             "fn osc(f){ (self + f) % 1 }\nfn add(x:float, y:float){ x + y }\n"
                             "fn dsp(){ Probe!(\"p\")(osc(0.1) * Control!(\"c\", 1) + add(a(), array[0])) }\n";

static enum jitrun_status discard(void *user, const char *text, size_t length)
{
    (void)user, (void)text, (void)length;
    return JITRUN_OK;
}

/* From creation to end; gives the first status that is not JITRUN_OK. */
static enum jitrun_status live(enum jitrun_jit jit)
{
    struct jitrun_config config = counted_config();
    struct jitrun_host_function function = { "half", "n", "ns", half, NULL };
    struct jitrun_instance_config own = { .size = sizeof own, .has_jit = true, .jit = jit };
    struct jitrun_engine *engine = NULL;
    struct jitrun_program *program = NULL;
    struct jitrun_instance *instance = NULL, *clone = NULL;
    struct jitrun_swap *swap = NULL;
    struct jitrun_function add = { .size = sizeof add };
    double values[10], args[2] = { 1.0, 2.0 };
    enum jitrun_status status = jitrun_engine_create(&config, &engine);
    if (status == JITRUN_OK)
        status = jitrun_engine_add_function(engine, &function);
    if (status == JITRUN_OK)
        status = jitrun_compile_text(engine, JITRUN_MIMIUM, "t.mmm", script, strlen(script), &program);
    if (status == JITRUN_OK)
        status = jitrun_program_emit(program, JITRUN_STAGE_BYTECODE, discard, NULL);
    if (status == JITRUN_OK)
        status = jitrun_instance_create(program, &own, &instance);
    if (status == JITRUN_OK)
        status = jitrun_instance_start(instance);
    if (status == JITRUN_OK)
        status = jitrun_process(instance, NULL, values, 10);
    if (status == JITRUN_OK)
        status = jitrun_program_find_function(program, "add", &add);
    if (status == JITRUN_OK)
        status = jitrun_call_numbers(instance, &add, args, values);
    if (status == JITRUN_OK)
        status = jitrun_instance_save(instance, discard, NULL);
    if (status == JITRUN_OK)
        status = jitrun_instance_clone(instance, &clone);
    if (status == JITRUN_OK)
        status = jitrun_swap_prepare(instance, program, &swap);
    if (status == JITRUN_OK)
        status = jitrun_swap_commit(swap);
    if (status == JITRUN_OK)
        status = jitrun_process(instance, NULL, values, 10);
    if (status == JITRUN_OK)
        status = jitrun_instance_reset(instance);
    if (status == JITRUN_OK)
        status = jitrun_instance_set_jit(instance, jit == JITRUN_JIT_OFF ? JITRUN_JIT_OFF : JITRUN_JIT_AUTO);
    jitrun_swap_collect(swap);
    jitrun_instance_destroy(clone);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
    return status;
}

START_TEST(any_allocation_may_fail)
{
    size_t count;
    ck_assert_int_eq(live(JITRUN_JIT_OFF), JITRUN_OK);
    count = heap.calls;
    ck_assert_uint_gt(count, 100);
    for (size_t n = 1; n <= count; n++) {
        enum jitrun_status status;
        begin_test();
        heap.fail_at = n;
        status = live(JITRUN_JIT_OFF);
        ck_assert_msg(status == JITRUN_OK || status == JITRUN_ERR_NO_MEMORY, "allocation %zu of %zu: %s", n, count,
                      jitrun_status_name(status));
        ck_assert_msg(heap.live == 0, "allocation %zu of %zu: %zu bytes are lost", n, count, (size_t)heap.live);
    }
    heap.fail_at = 0;
}
END_TEST

/* The compile thread asks too, at its own pace, so the numbers do not repeat exactly; some of them. */
START_TEST(allocations_of_the_compiler_may_fail)
{
    size_t count;
    ck_assert_int_eq(live(JITRUN_JIT_EAGER), JITRUN_OK);
    count = heap.calls;
    for (size_t n = 1; n <= count; n += count / 40 + 1) {
        enum jitrun_status status;
        begin_test();
        heap.fail_at = n;
        status = live(JITRUN_JIT_EAGER);
        ck_assert_msg(status == JITRUN_OK || status == JITRUN_ERR_NO_MEMORY, "allocation %zu of %zu: %s", n, count,
                      jitrun_status_name(status));
        ck_assert_msg(heap.live == 0, "allocation %zu of %zu: %zu bytes are lost", n, count, (size_t)heap.live);
    }
    heap.fail_at = 0;
}
END_TEST

Suite *memory_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tc = tcase_create("memory");
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, any_allocation_may_fail);
    tcase_add_test(tc, allocations_of_the_compiler_may_fail);
    suite_add_tcase(suite, tc);
    return suite;
}
