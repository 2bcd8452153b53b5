/* test_emit.c -- properties of the bytecode: what is called directly, what loops, what is captured, where state lies.  Every
 * module here passes the verifier. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/frontend/compile_text.h"
#include "tests/unit/frontend/parse_text.h"

static struct compile_text result;

static const struct jr_module *compiled(const char *text)
{
    compile_text(&result, jr_alloc_default(), text);
    ck_assert_str_eq(jr_sb_view(&result.errors), "");
    ck_assert_str_eq(result.verify, "");
    ck_assert_int_eq(result.status, JR_OK);
    return result.module;
}

static void forget(void)
{
    compile_text_fini(&result);
}

START_TEST(arithmetic_has_no_moves)
{
    const struct jr_function *f =
        function_named(compiled("fn f(x, y){ let z = x * y\n let w = z + x\n w * w - y }"), "f");
    ck_assert_uint_eq(count_instructions(f), 5); /* four operations and the return */
    ck_assert_uint_eq(count_op(f, JR_OP_MOVE), 0);
    forget();
}
END_TEST

START_TEST(functions_and_plain_lambdas_are_called_directly)
{
    const struct jr_module *module =
        compiled("fn g(x){ x + 1 } let h = |x| x * 2 fn f(x){ let k = |y| y - 1\n g(x) + h(x) + k(x) }");
    const struct jr_function *f = function_named(module, "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CALL), 3);
    ck_assert_uint_eq(count_op(f, JR_OP_CALL_CLOSURE), 0);
    ck_assert_uint_eq(count_op(f, JR_OP_CLOSURE_NEW), 0);
    ck_assert_uint_eq(module->global_count, 0);
    forget();
}
END_TEST

START_TEST(a_variable_that_may_change_is_called_as_a_closure)
{
    const struct jr_module *module = compiled("let h = |x| x * 2 fn swap(){ h = |x| x * 3 } fn f(x){ h(x) }");
    ck_assert_uint_eq(count_op(function_named(module, "f"), JR_OP_CALL_CLOSURE), 1);
    ck_assert_uint_eq(module->global_count, 1);
    ck_assert(module->globals[0].assigned);
    forget();
}
END_TEST

START_TEST(self_tail_calls_are_loops)
{
    const struct jr_function *f =
        function_named(compiled("fn f(n, acc){ if (n > 0) f(n - 1, acc + n) else acc }"), "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CALL), 0);
    ck_assert_uint_eq(count_op(f, JR_OP_JUMP), 1);
    forget();
    f = function_named(compiled("fn f(n, a){ if (n > 0) f(n - 1, append(a, n)) else a }"), "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CALL), 0);
    forget();
    f = function_named(
        compiled("fn sum(n){ letrec go = |i, acc| if (i > 0) go(i - 1, acc + i * n) else acc\n go(n, 0) }"),
        "go");
    ck_assert_uint_eq(count_op(f, JR_OP_CALL_CLOSURE), 0);
    ck_assert_uint_eq(count_op(f, JR_OP_JUMP), 1);
    forget();
}
END_TEST

START_TEST(constants_of_a_loop_are_made_before_it)
{
    const struct jr_function *f =
        function_named(compiled("fn f(n, acc){ if (n > 0) f(n - 1, acc + 1 + 0.5) else acc }"), "f");
    ck_assert_int_eq(jr_decode(&f->code[0]).op, JR_OP_CONST_F32);
    ck_assert_int_eq(jr_decode(&f->code[1]).op, JR_OP_CONST_F32);
    ck_assert_int_eq(jr_decode(&f->code[2]).op, JR_OP_CONST_F32);
    ck_assert_uint_eq(count_op(f, JR_OP_CONST_F32), 3); /* 0, 1 and 0.5 */
    forget();
}
END_TEST

START_TEST(a_parameter_is_not_written_while_another_name_for_it_is_read)
{
    /* `y` lies where `n` lies, so the new `n` has to wait until the sum is made */
    const struct jr_function *f =
        function_named(compiled("fn f(n, acc){ let y = n\n if (n > 0) f(n - 1, acc + y) else acc }"), "f");
    ck_assert_uint_eq(count_op(f, JR_OP_MOVE), 1);
    forget();
}
END_TEST

START_TEST(calls_that_are_not_last_stay_calls)
{
    const struct jr_function *f = function_named(compiled("fn f(n){ if (n > 0) 1 + f(n - 1) else 0 }"), "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CALL), 1);
    ck_assert_uint_eq(count_op(f, JR_OP_JUMP), 0);
    forget();
}
END_TEST

START_TEST(each_turn_of_a_loop_makes_its_own_cell)
{
    const struct jr_function *f = function_named(
        compiled(
            "fn f(n, fs){ if (n > 0) { let g = | | { n = n - 1\n n }\n f(n - 1, append(fs, g)) } else fs }"),
        "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CELL_NEW), 1);
    ck_assert_uint_eq(count_op(f, JR_OP_JUMP), 1);
    forget();
}
END_TEST

START_TEST(only_assigned_captures_live_in_cells)
{
    const struct jr_module *module =
        compiled("fn f(a){ let b = a * 2\n let c = 0\n | | { c = c + b\n c + a } }");
    const struct jr_function *f = function_named(module, "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CELL_NEW), 1);
    ck_assert_uint_eq(count_op(f, JR_OP_CLOSURE_NEW), 1);
    for (uint32_t i = 0; i < module->function_count; i++)
        if (strncmp(module->functions[i].name, "lambda", 6) == 0)
            ck_assert_uint_eq(module->functions[i].capture_words, 3);
    forget();
}
END_TEST

START_TEST(a_lambda_applied_in_place_is_inlined)
{
    const struct jr_function *f = function_named(compiled("fn f(x){ x |> |v| v * 2 |> |v| v + x }"), "f");
    ck_assert_uint_eq(count_op(f, JR_OP_CALL) + count_op(f, JR_OP_CALL_CLOSURE), 0);
    ck_assert_uint_eq(count_op(f, JR_OP_CLOSURE_NEW), 0);
    forget();
}
END_TEST

START_TEST(a_recursive_lambda_names_itself_through_the_running_closure)
{
    const struct jr_module *module =
        compiled("fn f(k){ letrec go = |i| if (i > 0) 1 + go(i - k) else 0\n go(10) }");
    ck_assert_uint_eq(count_op(function_named(module, "go"), JR_OP_CLOSURE_SELF), 1);
    ck_assert_uint_eq(function_named(module, "go")->capture_words, 1);
    forget();
    module = compiled("fn f(){ letrec go = |i| if (i > 0) 1 + go(i - 1) else 0\n go(10) }");
    ck_assert_uint_eq(count_op(function_named(module, "go"), JR_OP_CALL), 1);
    ck_assert_uint_eq(count_op(function_named(module, "f"), JR_OP_CLOSURE_NEW), 0);
    forget();
}
END_TEST

START_TEST(one_function_per_choice_of_types)
{
    const struct jr_module *module =
        compiled("fn id(x){ x } fn f(){ (id(1), id(2), id((1, 2)), id((3, 4)), len(id([1]))) }");
    unsigned copies = 0;
    for (uint32_t i = 0; i < module->function_count; i++)
        copies += strcmp(module->functions[i].name, "id") == 0;
    ck_assert_uint_eq(copies, 3);
    forget();
}
END_TEST

START_TEST(sites_are_listed_with_names_and_disjoint)
{
    const struct jr_module *module = compiled("fn counter(x){ self + x }\n"
                                              "fn pair(x){ let (p, _) = self\n (x, p) }\n"
                                              "fn dsp(){ let echo = delay(10, counter(1), 3)\n"
                                              "  let last = mem(echo)\n let (a, b) = pair(last)\n"
                                              "  if (a > 0) counter(2) + b else counter(3) }\n");
    const struct jr_function *dsp = function_named(module, "dsp");
    static const struct {
        enum jr_site_kind kind;
        const char *name;
        uint32_t offset, words;
    } wanted[] = {
        { JR_SITE_CALL, "counter", 0, 1 },  { JR_SITE_DELAY, "echo", 1, 12 },
        { JR_SITE_MEM, "last", 13, 1 },     { JR_SITE_CALL, "pair", 14, 2 },
        { JR_SITE_CALL, "counter", 16, 1 }, { JR_SITE_CALL, "counter", 17, 1 },
    };
    ck_assert_uint_eq(dsp->site_count, sizeof wanted / sizeof *wanted);
    ck_assert_uint_eq(dsp->state_words, 18);
    for (uint32_t i = 0; i < dsp->site_count; i++) {
        ck_assert_int_eq(dsp->sites[i].kind, wanted[i].kind);
        ck_assert_str_eq(dsp->sites[i].name, wanted[i].name);
        ck_assert_uint_eq(dsp->sites[i].offset, wanted[i].offset);
        ck_assert_uint_eq(dsp->sites[i].word_count, wanted[i].words);
        ck_assert_uint_ne(dsp->sites[i].place.line, 0);
    }
    ck_assert_uint_eq(function_named(module, "pair")->sites[0].word_count, 2);
    forget();
}
END_TEST

START_TEST(channels_follow_the_signature_of_dsp)
{
    const struct jr_module *module = compiled("fn dsp(x:{l:float, r:float}, g){ (x.l * g, x.r * g) }");
    ck_assert_uint_eq(module->input_channels, 3);
    ck_assert_uint_eq(module->output_channels, 2);
    forget();
    module = compiled("let dsp = |x| x");
    ck_assert_uint_eq(module->input_channels, 1);
    ck_assert_uint_eq(module->output_channels, 1);
    forget();
    module = compiled("fn dsp(){ 1 } fn dsp(){ (1, 2, 3) }");
    ck_assert_uint_eq(module->output_channels, 3);
    forget();
    module = compiled("fn f(){ 1 }");
    ck_assert_uint_eq(module->dsp, JR_NONE);
    forget();
    module = compiled("");
    ck_assert_uint_eq(module->init, JR_NONE);
    forget();
}
END_TEST

START_TEST(large_array_literals_are_filled_in_pieces)
{
    static char text[400000];
    strcpy(text, "let a = [0");
    for (int i = 0; i < 100000; i++)
        strcat(text + 10 + i * 2, ",1");
    strcat(text, "] fn dsp(){ len(a) }");
    const struct jr_module *module = compiled(text);
    ck_assert_uint_lt(module->functions[module->init].reg_count, 100);
    forget();
}
END_TEST

/* One program with something of everything, compiled with the Nth allocation failing, for all N. */
START_TEST(a_refused_allocation_is_reported)
{
    static const char text[] =
        "type alias Pair = (float, float)\n"
        "let table = [1, 2, 3]\nlet r = {a = [1], b = 2, f = |x| x * 2}\n"
        "fn id(x){ x }\nfn counter(step = 1, k){ self * k + step }\n"
        "fn fold(f, a, i, acc){ if (i < len(a)) fold(f, a, i + 1, f(acc, a[i])) else acc }\n"
        "fn make(n){ let c = n\n let up = | | { c = c + 1\n c }\n letrec go = |i| if (i > c) i else go(i + "
        "1)\n (up, go) }\n"
        "let (up, go) = make(3)\n"
        "fn wide(p:{b:float}){ p.b }\n"
        "fn tick(){ r.b = r.b + 1\n tick@(now + 1)\n 0 }\ntick@1\n"
        "fn dsp(x:Pair){ let s = {r <- b = 3}\n let d = delay(10, x.0, 2) + mem(x.1) |> |v| v * samplerate\n"
        "  (id(d), wide(s) + fold(|a, b| a + b, id(table), 0, 0) + counter({k = 2}) + up() + go(1) + "
        "probe(2)) }\n";
    struct counting_heap heap = { 0 };
    struct jr_alloc alloc = counting_alloc(&heap);
    compile_text(&result, &alloc, text);
    ck_assert_str_eq(jr_sb_view(&result.errors), "");
    ck_assert_str_eq(result.verify, "");
    size_t calls = heap.calls;
    forget();
    ck_assert_uint_eq(heap.live_bytes, 0);
    ck_assert_uint_gt(calls, 50);
    for (size_t at = 1; at <= calls; at++) {
        heap = (struct counting_heap){ .fail_at = at };
        compile_text(&result, &alloc, text);
        ck_assert_int_eq(result.status, JR_ERR_NO_MEMORY);
        forget();
        ck_assert_uint_eq(heap.live_bytes, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("emit");
    TCase *tc = tcase_create("emit");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, arithmetic_has_no_moves);
    tcase_add_test(tc, functions_and_plain_lambdas_are_called_directly);
    tcase_add_test(tc, a_variable_that_may_change_is_called_as_a_closure);
    tcase_add_test(tc, self_tail_calls_are_loops);
    tcase_add_test(tc, constants_of_a_loop_are_made_before_it);
    tcase_add_test(tc, a_parameter_is_not_written_while_another_name_for_it_is_read);
    tcase_add_test(tc, calls_that_are_not_last_stay_calls);
    tcase_add_test(tc, each_turn_of_a_loop_makes_its_own_cell);
    tcase_add_test(tc, only_assigned_captures_live_in_cells);
    tcase_add_test(tc, a_lambda_applied_in_place_is_inlined);
    tcase_add_test(tc, a_recursive_lambda_names_itself_through_the_running_closure);
    tcase_add_test(tc, one_function_per_choice_of_types);
    tcase_add_test(tc, sites_are_listed_with_names_and_disjoint);
    tcase_add_test(tc, channels_follow_the_signature_of_dsp);
    tcase_add_test(tc, large_array_literals_are_filled_in_pieces);
    tcase_add_test(tc, a_refused_allocation_is_reported);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
