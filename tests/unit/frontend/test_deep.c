/* test_deep.c -- programs as high as the parser lets them be, through every pass, for callers with a small stack. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/mimium/ast.h"
#include "frontend/mimium/deep.h"
#include "ir/base/stack.h"
#include "tests/unit/frontend/compile_text.h"

/* `before`, `count` times `open`, `middle`, `count` times `close`, `after`. */
static const struct nest {
    const char *before, *open, *middle, *close, *after;
    int count;
} nests[] = {
    { "fn dsp(){ ", "1+", "now", "", " }", 9900 },
    { "fn dsp(){ ", "(", "1", ")", " }", 9900 },
    { "fn f(x){ ", "x*(", "x", ")", " }", 3300 },
    { "fn f(x){ x } fn dsp(){ ", "f(", "1", ")", " }", 9900 },
    { "fn f(x, y){ x } fn dsp(){ ", "f(now, ", "1", ")", " }", 9900 },
    { "fn f(x){ x } fn dsp(){ 1", " |> f", "", "", " }", 9900 },
    { "fn f(x){ self + x } fn dsp(){ ", "f(", "1", ")", " }", 9900 },
    { "fn dsp(){ ", "mem(", "now", ")", " }", 9900 },
    { "fn dsp(){ ", "- ", "now", "", " }", 9900 },
    { "fn dsp(){ ", "if (now > 5) 1 else ", "3", "", " }", 9900 },
    { "fn dsp(){ ", "if (", "now", ") now else 3", " }", 3300 },
    { "fn dsp(){ ", "{ let a = now ", "a", " }", " }", 4900 },
    { "fn dsp(){ ", "(|x| x + ", "1", ")(2)", " }", 3300 },
    { "fn f(y){ ", "{ let g = |x| x + y + ", "1", " g(1) }", " }", 2400 },
    { "fn dsp(){ ", "match now { 1 => 2, _ => ", "3", " }", " }", 4900 },
    { "fn dsp(){ ", "match ", "now", " { 1 => 2, _ => 3 }", " }", 4900 },
    { "type rec L = Nil | Cons(float, L) let l = ", "Cons(1, ", "Nil", ")", "", 4900 },
    { "let a = [1] let b = ", "a[", "1", "]", "", 4900 },
    { "let a = ", "append(", "[1]", ", 1)", "", 4900 },
    { "fn c(a){ |b| a + b } let d = ", "c(", "1", ")(1)", "", 4900 },
    { "let x = 1 fn f(){ ", "if (1) { x = 2 ", "", "}", " x }", 3300 },
    { "let t = ", "(", "1", ", 2)", "", 900 },
    { "let t = ", "{a = ", "1", "}", "", 900 },
    { "let t = ", "|x| ", "1", "", "", 900 },
    { "fn f(x:", "[", "float", "]", "){ 1 }", 900 },
};

struct job {
    const char *text;
    struct compile_text result;
};

static void *run_job(void *data)
{
    struct job *job = data;
    compile_text(&job->result, jr_alloc_default(), job->text);
    return NULL;
}

static void compile_on_small_stack(struct job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, (size_t)2 << 20), 0);
#else
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, (size_t)512 << 10), 0);
#endif
    ck_assert_int_eq(pthread_create(&thread, &attributes, run_job, job), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static char *make_program(const struct nest *nest, int count)
{
    size_t size = strlen(nest->before) + strlen(nest->middle) + strlen(nest->after) + 1 +
                  (size_t)count * (strlen(nest->open) + strlen(nest->close));
    char *text = malloc(size), *at = text;
    ck_assert_ptr_nonnull(text);
    at = stpcpy(at, nest->before);
    for (int i = 0; i < count; i++)
        at = stpcpy(at, nest->open);
    at = stpcpy(at, nest->middle);
    for (int i = 0; i < count; i++)
        at = stpcpy(at, nest->close);
    stpcpy(at, nest->after);
    return text;
}

START_TEST(a_high_program_compiles)
{
    struct job job;
    char *text = make_program(&nests[_i], nests[_i].count);
    job.text = text;
    compile_on_small_stack(&job);
    ck_assert_msg(job.result.status == JR_OK && job.result.error_count == 0 && job.result.verify[0] == '\0', "%s: %.300s%s",
                  nests[_i].open, jr_sb_view(&job.result.errors), job.result.verify);
    compile_text_fini(&job.result);
    free(text);
}
END_TEST

START_TEST(an_endless_nest_is_one_error)
{
    struct job job;
    char *text = make_program(&nests[_i], 100000);
    job.text = text;
    compile_on_small_stack(&job);
    ck_assert_int_eq(job.result.status, JR_ERR_DIAGNOSED);
    ck_assert_uint_eq(job.result.error_count, 1);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&job.result.errors), "E-LIMIT"));
    compile_text_fini(&job.result);
    free(text);
}
END_TEST

/* ---- the stack itself ---- */

static void note_run(void *context)
{
    *(bool *)context = true;
}

START_TEST(a_stack_that_cannot_be_had_is_a_status)
{
    bool has_run = false;
    ck_assert_int_eq(jr_stack_run(SIZE_MAX / 4, note_run, &has_run), JR_ERR_NO_MEMORY);
    ck_assert(!has_run);
    ck_assert_int_eq(jr_stack_run((size_t)1 << 20, note_run, &has_run), JR_OK);
    ck_assert(has_run);
}
END_TEST

static void note_thread(void *context)
{
    *(pthread_t *)context = pthread_self();
}

START_TEST(a_low_tree_is_walked_by_the_caller)
{
    pthread_t thread;
    ck_assert_int_eq(jr_mm_run_deep(JR_MM_DEPTH_SHALLOW, note_thread, &thread), JR_OK);
    ck_assert(pthread_equal(thread, pthread_self()));
    ck_assert_int_eq(jr_mm_run_deep(JR_MM_DEPTH_SHALLOW + 1, note_thread, &thread), JR_OK);
    ck_assert(!pthread_equal(thread, pthread_self()));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deep");
    TCase *tc = tcase_create("deep");
    int count = (int)(sizeof nests / sizeof nests[0]);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_high_program_compiles, 0, count);
    tcase_add_loop_test(tc, an_endless_nest_is_one_error, 0, count);
    tcase_add_test(tc, a_stack_that_cannot_be_had_is_a_status);
    tcase_add_test(tc, a_low_tree_is_walked_by_the_caller);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
