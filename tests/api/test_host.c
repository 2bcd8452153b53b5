/* test_host.c -- functions of the host: called from both tiers, with functions and strings, failing. */
#include <stdlib.h>
#include <string.h>

#include "tests/api/fixture.h"

struct host {
    struct jitrun_engine *engine;
    uint64_t kept;
    int calls;
};

static enum jitrun_status scale(struct jitrun_call *call, void *user, uint64_t *words)
{
    struct host *host = user;
    host->calls++;
    ck_assert_ptr_nonnull(jitrun_call_instance(call));
    words[0] = jitrun_word(jitrun_number(words[0]) * jitrun_number(words[1]));
    return JITRUN_OK;
}

static enum jitrun_status apply(struct jitrun_call *call, void *user, uint64_t *words)
{
    double result;
    enum jitrun_status status = jitrun_call_function(call, words[0], jitrun_number(words[1]), &result);
    (void)user;
    if (status == JITRUN_OK)
        words[0] = jitrun_word(result);
    return status;
}

static enum jitrun_status keep(struct jitrun_call *call, void *user, uint64_t *words)
{
    struct host *host = user;
    jitrun_call_release(call, host->kept);
    host->kept = words[0];
    jitrun_value_retain(host->kept);
    return JITRUN_OK;
}

static enum jitrun_status greet(struct jitrun_call *call, void *user, uint64_t *words)
{
    size_t length;
    char text[64] = "hello ";
    (void)user;
    strcat(text, jitrun_string(words[0], &length));
    return jitrun_call_string(call, text, strlen("hello ") + length, &words[0]);
}

static enum jitrun_status split(struct jitrun_call *call, void *user, uint64_t *words)
{
    (void)user;
    words[1] = jitrun_word((double)jitrun_call_frame(call));
    return JITRUN_OK;
}

static enum jitrun_status broken(struct jitrun_call *call, void *user, uint64_t *words)
{
    (void)user;
    (void)words;
    /* the instance is in use */
    ck_assert_int_eq(jitrun_process(jitrun_call_instance(call), NULL, NULL, 1), JITRUN_ERR_INVALID);
    return jitrun_call_fail(call, "no sensor is connected");
}

static struct host new_host(void)
{
    struct host host = { .engine = new_engine() };
    return host;
}

static void add(struct host *host, const char *name, const char *params, const char *results,
                enum jitrun_status (*call)(struct jitrun_call *, void *, uint64_t *))
{
    struct jitrun_host_function function = { name, params, results, call, host };
    ck_assert_msg(jitrun_engine_add_function(host->engine, &function) == JITRUN_OK, "%s",
                  jitrun_engine_message(host->engine));
}

static const enum jitrun_jit modes[] = { JITRUN_JIT_OFF, JITRUN_JIT_EAGER };
enum { MODE_COUNT = sizeof modes / sizeof modes[0] };

START_TEST(scripts_call_the_host_and_the_host_calls_back)
{
    struct host host = new_host();
    double out[8];
    add(&host, "scale", "nn", "n", scale);
    add(&host, "apply", "fn", "n", apply);
    add(&host, "split", "n", "nn", split);
    struct jitrun_program *program =
        compile(host.engine, "fn twice(x){ scale(x, 2) }\nlet f = scale\n"
                             "fn dsp(){ apply(twice, now + 1) + f(10, 10) + split(1000).1 + apply(|x| x + 0.5, 0) }\n");
    struct jitrun_instance *instance = start(program, modes[_i]);
    ck_assert_int_eq(jitrun_process(instance, NULL, out, 8), JITRUN_OK);
    for (int i = 0; i < 8; i++)
        ck_assert_double_eq(out[i], 2.0 * (i + 1) + 100.0 + i + 0.5);
    ck_assert_int_eq(host.calls, 16);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(host.engine);
}
END_TEST

START_TEST(functions_and_strings_can_be_kept)
{
    struct host host = new_host();
    double result;
    add(&host, "keep", "t", "", keep);
    add(&host, "greet", "s", "s", greet);
    struct jitrun_program *program =
        compile(host.engine, "let n = 0\nfn up(){ n = n + 1\n n }\nkeep(up)\nlet s = greet(\"you\")\nfn text(){ s }\nlet t = text()\nfn dsp(){ n }\n");
    struct jitrun_instance *instance = start(program, modes[_i]);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(jitrun_instance_call_value(instance, host.kept, 0.0, &result), JITRUN_OK);
    ck_assert_double_eq(result, 3.0);
    ck_assert_int_eq(jitrun_process(instance, NULL, &result, 1), JITRUN_OK);
    ck_assert_double_eq(result, 3.0);
    ck_assert_int_eq(jitrun_value_release(instance, host.kept), JITRUN_OK);
    struct jitrun_function text = { .size = sizeof text };
    uint64_t word;
    ck_assert_int_eq(jitrun_program_find_function(program, "text", &text), JITRUN_OK);
    ck_assert(!text.numbers);
    ck_assert_int_eq(jitrun_call_words(instance, &text, NULL, &word), JITRUN_OK);
    ck_assert_str_eq(jitrun_string(word, NULL), "hello you");
    ck_assert_int_eq(jitrun_value_release(instance, word), JITRUN_OK);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(host.engine);
}
END_TEST

START_TEST(failures_are_errors_at_the_place_of_the_call)
{
    struct host host = new_host();
    struct jitrun_diagnostic diagnostic = { .size = sizeof diagnostic };
    double result;
    add(&host, "broken", "", "n", broken);
    struct jitrun_program *program = compile(host.engine, "fn dsp(){\n  1 + broken()\n}\n");
    struct jitrun_instance *instance = start(program, modes[_i]);
    ck_assert_int_eq(jitrun_process(instance, NULL, &result, 1), JITRUN_ERR_HOST);
    ck_assert_str_eq(jitrun_instance_message(instance), "broken: no sensor is connected");
    ck_assert_int_eq(jitrun_diagnostics_get(jitrun_instance_diagnostics(instance), 0, &diagnostic), JITRUN_OK);
    ck_assert_uint_eq(diagnostic.line, 2);
    ck_assert_uint_eq(diagnostic.column, 7);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(host.engine);
}
END_TEST

START_TEST(errors_of_what_is_called_back_come_through)
{
    struct host host = new_host();
    double result;
    add(&host, "apply", "fn", "n", apply);
    struct jitrun_program *program =
        compile(host.engine, "fn task(){ 0 }\nfn bad(x:float){ if (x > 0) { task@0\n 1 } else 1 }\nfn dsp(){ apply(bad, now) }\n");
    struct jitrun_instance *instance = start(program, modes[_i]);
    ck_assert_int_eq(jitrun_process(instance, NULL, &result, 1), JITRUN_OK);
    ck_assert_int_eq(jitrun_process(instance, NULL, &result, 1), JITRUN_ERR_SCRIPT);
    ck_assert_uint_eq(jitrun_diagnostics_count(jitrun_instance_diagnostics(instance)), 1);
    jitrun_instance_destroy(instance);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(host.engine);
}
END_TEST

START_TEST(wrong_declarations_are_refused)
{
    struct host host = new_host();
    struct jitrun_host_function function = { "scale", "nn", "n", scale, &host };
    struct jitrun_program *program;
    struct jitrun_instance *instance;
    struct bytes image = { 0 };
    ck_assert_int_eq(jitrun_engine_add_function(NULL, &function), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_engine_add_function(host.engine, NULL), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_engine_add_function(host.engine, &function), JITRUN_OK);
    ck_assert_int_eq(jitrun_engine_add_function(host.engine, &function), JITRUN_ERR_INVALID);
    function.name = "1st";
    ck_assert_int_eq(jitrun_engine_add_function(host.engine, &function), JITRUN_ERR_INVALID);
    function.name = "x";
    function.params = "nx";
    ck_assert_int_eq(jitrun_engine_add_function(host.engine, &function), JITRUN_ERR_INVALID);
    function.params = "nnnnnnnnnnnnnnnnn";
    ck_assert_int_eq(jitrun_engine_add_function(host.engine, &function), JITRUN_ERR_INVALID);
    ck_assert_int_eq(jitrun_call_fail(NULL, ""), JITRUN_ERR_INVALID);
    ck_assert_uint_eq(jitrun_call_frame(NULL), 0);
    ck_assert_ptr_null(jitrun_call_instance(NULL));
    ck_assert_int_eq(jitrun_value_release(NULL, 0), JITRUN_ERR_INVALID);
    /* a program that wants a function which another engine does not have */
    program = compile(host.engine, "fn dsp(){ scale(1, 2) }");
    ck_assert_int_eq(jitrun_program_save(program, append, &image), JITRUN_OK);
    jitrun_program_destroy(program);
    struct jitrun_engine *other = new_engine();
    ck_assert_int_eq(jitrun_compile_text(other, JITRUN_IMAGE, "i.jri", image.items, image.count, &program), JITRUN_OK);
    ck_assert_int_eq(jitrun_instance_create(program, NULL, &instance), JITRUN_ERR_HOST_MISSING);
    ck_assert_ptr_nonnull(strstr(jitrun_engine_message(other), "scale"));
    jitrun_program_destroy(program);
    jitrun_engine_destroy(other);
    /* calls with the wrong types are diagnostics */
    ck_assert_int_eq(jitrun_compile_text(host.engine, JITRUN_MIMIUM, "t", "fn dsp(){ scale(\"a\", 2) }", 25, &program),
                     JITRUN_ERR_DIAGNOSED);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(host.engine);
    free(image.items);
}
END_TEST

Suite *host_suite(void)
{
    Suite *suite = suite_create("host");
    TCase *tc = tcase_create("host");
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_add_test(tc, wrong_declarations_are_refused);
    tcase_add_loop_test(tc, scripts_call_the_host_and_the_host_calls_back, 0, MODE_COUNT);
    tcase_add_loop_test(tc, functions_and_strings_can_be_kept, 0, MODE_COUNT);
    tcase_add_loop_test(tc, failures_are_errors_at_the_place_of_the_call, 0, MODE_COUNT);
    tcase_add_loop_test(tc, errors_of_what_is_called_back_come_through, 0, MODE_COUNT);
    suite_add_tcase(suite, tc);
    return suite;
}
