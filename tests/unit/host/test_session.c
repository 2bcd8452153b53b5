/* test_session.c -- the way from text to frames, and every way in which it can end. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/compare_internal.h"
#include "host/session.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "runtime/vm.h"

/* An allocator that counts what it gave out and fails at a chosen call. */
static struct {
    size_t live, calls, fail_at;
} heap;

static void *counted_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    if (new_size > 0 && ++heap.calls == heap.fail_at)
        return NULL;
    heap.live += new_size;
    heap.live -= old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static const struct jr_alloc counting = { counted_realloc, NULL };

static void heap_reset(void)
{
    heap.live = heap.calls = heap.fail_at = 0;
}

static void heap_must_be_empty(void)
{
    ck_assert_uint_eq(heap.live, 0);
}

static const struct jr_session_config interpreted = { .alloc = &counting };

static struct jr_session *compiled(const struct jr_session_config *config, const char *text)
{
    struct jr_session *session;
    ck_assert_int_eq(jr_session_create(config, &session), JR_OK);
    ck_assert_int_eq(jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "t.mmm", text, strlen(text)),
                     JR_OK);
    return session;
}

START_TEST(frames_go_on_where_they_stopped)
{
    struct jr_session *session = compiled(&interpreted, "fn up(){ self + 1 }\nfn dsp(){ (up(), now) }\n");
    struct jr_session_shape shape = jr_session_get_shape(session);
    struct jr_session_stats stats;
    double out[6];
    size_t done;
    ck_assert(shape.has_dsp);
    ck_assert_uint_eq(shape.output_channels, 2);
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    ck_assert_int_eq(jr_session_process(session, out, 1, &done), JR_OK);
    ck_assert_int_eq(jr_session_process(session, NULL, 1, &done), JR_OK);
    ck_assert_int_eq(jr_session_process(session, out + 2, 2, &done), JR_OK);
    ck_assert_uint_eq(done, 2);
    ck_assert(out[0] == 1 && out[1] == 0 && out[2] == 3 && out[3] == 2 && out[4] == 4 && out[5] == 3);
    jr_session_finish(session);
    jr_session_get_stats(session, &stats);
    ck_assert_uint_eq(stats.frames, 4);
    ck_assert_uint_eq(stats.heap_live_objects, 0);
    ck_assert_str_eq(stats.tier, "interpreter");
    jr_session_destroy(session);
}
END_TEST

START_TEST(errors_of_compiling_have_code_and_place)
{
    static const char text[] = "fn dsp(){\n  nowhere\n}\n";
    struct jr_session *session;
    struct jr_session_problem problem;
    struct jr_sb report;
    ck_assert_int_eq(jr_session_create(&interpreted, &session), JR_OK);
    ck_assert_int_eq(jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "t.mmm", text, strlen(text)),
                     JR_ERR_DIAGNOSED);
    ck_assert_ptr_null(jr_session_module(session));
    ck_assert_uint_eq(jr_session_problem_count(session), 1);
    jr_session_get_problem(session, 0, &problem);
    ck_assert_str_eq(problem.code, "E-NAME");
    ck_assert_str_eq(problem.file, "t.mmm");
    ck_assert_uint_eq(problem.line, 2);
    ck_assert_uint_eq(problem.column, 3);
    jr_sb_init(&report, &counting);
    jr_session_report(session, false, false, &report);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&report), "t.mmm:2:3: error[E-NAME]"));
    jr_sb_clear(&report);
    jr_session_report(session, false, false, &report); /* each is reported once */
    ck_assert_uint_eq(report.length, 0);
    jr_sb_fini(&report);
    jr_session_destroy(session);
}
END_TEST

START_TEST(errors_of_running_keep_the_frames_before)
{
    struct jr_session *session =
        compiled(&interpreted, "fn f(){}\nfn dsp(){\n  if (now > 1) { f@0 } else {}\n  now\n}\n");
    struct jr_session_problem problem;
    double out[8];
    size_t done;
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    ck_assert_int_eq(jr_session_process(session, out, 8, &done), JR_ERR_DIAGNOSED);
    ck_assert_uint_eq(done, 2);
    jr_session_get_problem(session, 0, &problem);
    ck_assert_str_eq(problem.code, "E-RUN");
    ck_assert_uint_eq(problem.line, 3);
    ck_assert_ptr_nonnull(strstr(problem.message, "schedule-in-the-past"));
    jr_session_destroy(session);
}
END_TEST

START_TEST(malformed_bytecode_is_diagnosed)
{
    static const enum jr_language languages[] = { JR_LANGUAGE_ASSEMBLY, JR_LANGUAGE_IMAGE };
    for (size_t i = 0; i < 2; i++) {
        struct jr_session *session;
        struct jr_session_problem problem;
        ck_assert_int_eq(jr_session_create(&interpreted, &session), JR_OK);
        ck_assert_int_eq(jr_session_compile_text(session, languages[i], "t.x", "what?", 5), JR_ERR_DIAGNOSED);
        jr_session_get_problem(session, 0, &problem);
        ck_assert_str_eq(problem.code, "E-BYTECODE");
        jr_session_destroy(session);
    }
}
END_TEST

START_TEST(a_missing_file_is_not_the_scripts_fault)
{
    struct jr_session *session;
    ck_assert_int_eq(jr_session_create(&interpreted, &session), JR_OK);
    ck_assert_int_eq(jr_session_compile_file(session, "/no/such/file.mmm"), JR_ERR_NOT_FOUND);
    ck_assert_str_eq(jr_session_failure(session), "/no/such/file.mmm: No such file or directory");
    ck_assert_int_eq(jr_session_compile_file(session, "/"), JR_ERR_IO);
    ck_assert_str_eq(jr_session_failure(session), "/: Is a directory");
    jr_session_destroy(session);
}
END_TEST

static void *interrupt_soon(void *session)
{
    usleep(50000);
    jr_session_interrupt(session);
    return NULL;
}

START_TEST(another_thread_may_interrupt)
{
    static const enum jr_jit_mode modes[] = { JR_JIT_OFF, JR_JIT_EAGER };
    for (size_t i = 0; i < 2; i++) {
        struct jr_session_config config = { .alloc = jr_alloc_default(), .jit = { .mode = modes[i] } };
        struct jr_session *session =
            compiled(&config, "fn fib(n){ if (n < 2) n else fib(n-1) + fib(n-2) }\nfn dsp(){ fib(60) }\n");
        struct jr_session_problem problem;
        pthread_t thread;
        double out;
        size_t done;
        ck_assert_int_eq(jr_session_start(session), JR_OK);
        ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, session), 0);
        ck_assert_int_eq(jr_session_process(session, &out, 1, &done), JR_ERR_DIAGNOSED);
        pthread_join(thread, NULL);
        jr_session_get_problem(session, 0, &problem);
        ck_assert_ptr_nonnull(strstr(problem.message, "(interrupted)"));
        jr_session_destroy(session);
    }
}
END_TEST

START_TEST(an_interrupt_before_the_start_is_not_lost)
{
    struct jr_session *session =
        compiled(&interpreted, "fn f(n){ if (n < 1) n else f(n-1) + f(n-1) }\nlet x = f(60)\n");
    jr_session_interrupt(session);
    ck_assert_int_eq(jr_session_start(session), JR_ERR_DIAGNOSED);
    jr_session_destroy(session);
}
END_TEST

static void keep_text(void *user, const char *text, size_t length)
{
    jr_sb_bytes(user, text, length);
}

START_TEST(what_a_script_prints_goes_where_the_host_says)
{
    struct jr_sb text;
    struct jr_session_config config = { .alloc = &counting, .print = keep_text, .user = &text };
    jr_sb_init(&text, &counting);
    struct jr_session *session =
        compiled(&config, "let x = probeln(2.5)\nfn late(){ let y = probeln(now)\n {} }\nlate@9\n");
    uint64_t next;
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    ck_assert(jr_session_next_task(session, &next));
    ck_assert_uint_eq(next, 9);
    ck_assert_int_eq(jr_session_run_tasks(session, 8), JR_OK);
    ck_assert_int_eq(jr_session_run_tasks(session, 9), JR_OK);
    ck_assert(!jr_session_next_task(session, &next));
    ck_assert_str_eq(jr_sb_view(&text), "2.5\n9\n");
    jr_sb_fini(&text);
    jr_session_destroy(session);
}
END_TEST

static const char plain[] = "let a = [1, 2, 3]\nfn make(x){ |y| { x + y + self } }\nlet f = make(2)\n"
                            "fn dsp(){ let b = append(a, now)\n f(b[1]) + delay(10, len(b), 3) }\n";
static const char macros[] =
    "#stage(macro)\nfn sum(n, x){ if (n > 0) `{ let y = $x + 1; $(sum(n - 1, `y)) } else x }\n"
    "let words = [str_concat(\"a\", \"b\")]\n"
    "#stage(main)\n$(`{ let g = $(lift({k = words, n = (1, 2)})) })\n"
    "fn dsp(){ sum!(3, `now) + Control!(\"c\", (1, 2)).0 }\n";

/* Everything once, with a failing allocator; gives the first status that is not JR_OK. */
static enum jr_status whole_life(const char *text)
{
    struct jr_session *session = NULL;
    struct jr_sb report;
    double out[4];
    size_t done;
    enum jr_status status;
    jr_sb_init(&report, &counting);
    JR_TRY(jr_session_create(&interpreted, &session));
    JR_TRY(jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "t.mmm", text, strlen(text)));
    JR_TRY(jr_session_start(session));
    JR_TRY(jr_session_process(session, out, 4, &done));
    jr_session_finish(session);
done:
    if (session)
        jr_session_report(session, false, false, &report);
    jr_sb_fini(&report);
    jr_session_destroy(session);
    return status;
}

static void survive_every_failing_allocation(const char *text)
{
    enum jr_status status = JR_ERR_NO_MEMORY;
    for (size_t n = 1; status != JR_OK; n++) {
        heap_reset();
        heap.fail_at = n;
        status = whole_life(text);
        ck_assert_msg(status == JR_OK || status == JR_ERR_NO_MEMORY || status == JR_ERR_DIAGNOSED,
                      "allocation %zu: %s", n, jr_status_name(status));
        ck_assert_msg(heap.live == 0, "allocation %zu: %zu bytes were not given back", n, heap.live);
        ck_assert_uint_lt(n, 100000);
    }
}

START_TEST(every_failing_allocation_is_survived)
{
    survive_every_failing_allocation(plain);
}
END_TEST

START_TEST(every_failing_allocation_is_survived_with_macros)
{
    survive_every_failing_allocation(macros);
}
END_TEST

START_TEST(differing_memory_is_named)
{
    static const char text[] = "let g = 5\nfn up(){ self + g }\nfn dsp(){\n  up() + mem(now)\n}\n";
    struct jr_pair pair = { 0 };
    struct jr_memory_difference difference;
    for (int i = 0; i < 2; i++) {
        pair.sessions[i] = compiled(&interpreted, text);
        ck_assert_int_eq(jr_session_start(pair.sessions[i]), JR_OK);
    }
    ck_assert_int_eq(jr_pair_compare_memory(&pair, &difference), JR_OK);
    ck_assert(!difference.found);
    jr_vm_dsp_state(jr_session_vm(pair.sessions[1]))[0] = 7;
    ck_assert_int_eq(jr_pair_compare_memory(&pair, &difference), JR_OK);
    ck_assert(difference.found);
    ck_assert_ptr_nonnull(strstr(difference.name, "state of "));
    ck_assert_uint_eq(difference.words[0], 0);
    ck_assert_uint_eq(difference.words[1], 7);
    ck_assert_uint_ge(difference.place.line, 2);
    jr_pair_close(&pair);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        frames_go_on_where_they_stopped,
        errors_of_compiling_have_code_and_place,
        errors_of_running_keep_the_frames_before,
        malformed_bytecode_is_diagnosed,
        a_missing_file_is_not_the_scripts_fault,
        another_thread_may_interrupt,
        an_interrupt_before_the_start_is_not_lost,
        what_a_script_prints_goes_where_the_host_says,
        every_failing_allocation_is_survived,
        every_failing_allocation_is_survived_with_macros,
        differing_memory_is_named,
    };
    Suite *suite = suite_create("session");
    TCase *tc = tcase_create("session");
    tcase_add_checked_fixture(tc, heap_reset, heap_must_be_empty);
    tcase_set_timeout(tc, 120);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
