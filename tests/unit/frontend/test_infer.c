/* test_infer.c -- types and errors of small programs. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/frontend/compile_text.h"

static void types_are(const char *text, const char *types)
{
    struct compile_text result;
    compile_text(&result, jr_alloc_default(), text);
    ck_assert_str_eq(jr_sb_view(&result.errors), "");
    ck_assert_str_eq(result.verify, "");
    ck_assert_str_eq(jr_sb_view(&result.types), types);
    compile_text_fini(&result);
}

static void errors_are(const char *text, const char *errors)
{
    struct compile_text result;
    compile_text(&result, jr_alloc_default(), text);
    ck_assert_int_eq(result.status, JR_ERR_DIAGNOSED);
    ck_assert_str_eq(jr_sb_view(&result.errors), errors);
    compile_text_fini(&result);
}

START_TEST(simple_types)
{
    types_are("let a = 1 let b = \"x\" let c = (1, \"y\") let d = {k = 1, a = (1, 2)} let e = [1] let f = "
              "|x| x + 1",
              "a: float\nb: string\nc: (float, string)\nd: {a: (float, float), k: float}\ne: [float]\nf: "
              "(float)->float\n");
    types_are("fn none(){ } fn two(a, b){ a + b } let t = (1,)",
              "none: ()->()\ntwo: (float, float)->float\nt: float\n");
}
END_TEST

START_TEST(functions_and_lambdas_are_generalised)
{
    types_are("fn id(x){ x } let a = id(1) let b = id(\"s\") let c = id((1, 2))",
              "id: ('a)->'a\na: float\nb: string\nc: (float, float)\n");
    types_are("let swap = |a, b| (b, a) let x = swap(1, \"s\") let y = swap((1, 2), 3)",
              "swap: ('a, 'b)->('b, 'a)\nx: (string, float)\ny: (float, (float, float))\n");
    types_are("fn outer(){ let pair = |x| (x, x) let a = pair(1) let b = pair(\"s\")\n (a, b) }",
              "outer: ()->((float, float), (string, string))\n");
}
END_TEST

START_TEST(a_lambda_that_may_change_is_not_generalised)
{
    errors_are("let f = |x| x\nfn set(){ f = |y| y + 1 }\nlet a = f(\"s\")\n",
               "3:11 E-MISMATCH expected number, found string\n");
}
END_TEST

START_TEST(recursion_is_monomorphic_inside)
{
    types_are("fn map(f, a, i){ if (i < len(a)) prepend(f(a[i]), map(f, a, i + 1)) else [] }",
              "map: (('a)->'b, ['a], float)->['b]\n");
    types_are("fn make(n){ letrec go = |i| if (i > 0) go(i - 1) else 0\n go(n) }", "make: (float)->float\n");
}
END_TEST

START_TEST(fields_make_a_record_constraint)
{
    types_are("fn norm(v){ v.x * v.x + v.y * v.y } let a = norm({x = 3, y = 4, z = 5}) let b = norm({x = 1, "
              "y = 1})",
              "norm: ({x: float, y: float, ..})->float\na: float\nb: float\n");
}
END_TEST

START_TEST(type_parameters_and_aliases)
{
    types_are("fn swap(x:a, y:b)->(b, a){ (y, x) } let p = swap(1, \"s\")",
              "swap: (a, b)->(b, a)\np: (string, float)\n");
    types_are("type alias Pair = (Num, Num) type alias Num = float fn f(p:Pair)->Num { p.0 + p.1 }",
              "f: (float, float)->float\n");
    errors_are("fn f(x:a){ x + 1 }", "1:12 E-MISMATCH expected number, found a\n");
    errors_are("type alias A = [B] type alias B = A",
               "1:31 E-REC-TYPE circular type alias: `B` is defined by itself\n"
               "1:12 E-REC-TYPE circular type alias: `A` is defined by itself\n");
    errors_are("let x: Foo = 1", "1:8 E-NAME type \"Foo\" not found\n");
}
END_TEST

START_TEST(names)
{
    errors_are("let frequency = 1\nlet a = freqency + 1",
               "2:9 E-NAME Variable \"freqency\" not found in this scope\n");
    errors_are("fn f(){ { let inner = 1\n inner }\n inner }",
               "3:2 E-NAME Variable \"inner\" not found in this scope\n");
    errors_are("let r = {gain = 1}\nlet a = r.gian",
               "2:11 E-FIELD-MISSING there is no field `gian` in {gain: number}\n");
}
END_TEST

START_TEST(one_mistake_is_one_error)
{
    errors_are(
        "let a = nothing\nlet b = a + 1\nlet c = a.field\nlet d = a(1)(2)\nlet (p, q) = a\nlet e = p.3",
        "1:9 E-NAME Variable \"nothing\" not found in this scope\n");
    errors_are("match nothing { 1 => 2, A(x) => x }", "1:7 E-NAME Variable \"nothing\" not found in this scope\n");
    errors_are("use osc::*\nlet a = sinwave(440) + phasor(1)",
               "1:1 E-FILE file `osc.mmm` not found\n");
    errors_are("type T = A | B(T)\nlet x = B(3)\nfn f(t:T){ match t { A => 1, B(v) => f(v) } }",
               "1:6 E-REC-TYPE recursive type: `T` contains itself\n");
}
END_TEST

START_TEST(mismatches_point_at_the_narrowest_expression)
{
    errors_are("fn f(x:string){ 0 }\nlet a = f(1)", "2:11 E-MISMATCH expected string, found number\n");
    errors_are("fn f(a, b:string){ 0 }\nlet a = f(1, 2)", "2:14 E-MISMATCH expected string, found number\n");
    errors_are("let a = if (1) 2 else \"s\"", "1:23 E-MISMATCH expected number, found string\n");
    errors_are("let a = [1, \"s\", 2]", "1:13 E-MISMATCH expected number, found string\n");
    errors_are("let a = 1\na = \"s\"", "2:5 E-MISMATCH expected number, found string\n");
    errors_are("fn f()->string { 1 }", "1:18 E-MISMATCH expected string, found number\n");
    errors_are("let a = 1\nlet b = a(2)", "2:9 E-MISMATCH expected a function, found number\n");
    errors_are("let f = |x| x(x)", "1:13 E-CIRCULAR the type would contain itself: 'a and ('a)->'b\n");
}
END_TEST

START_TEST(counts_of_arguments)
{
    errors_are("fn f(a, b){ a + b }\nlet x = f(1, 2, 3)",
               "2:9 E-LENGTH the function takes 2 arguments, found 3\n");
    errors_are("fn f(a, b){ a + b }\nlet x = f(1)",
               "2:9 E-MISMATCH the function takes 2 arguments, found 1\n");
    errors_are("fn f(a){ a + 1 }\nlet x = f()", "2:9 E-MISMATCH the function takes 1 argument, found 0\n");
    errors_are("fn f(a, b, c){ a + b + c }\nlet x = (1, 2) |> f",
               "2:9 E-LENGTH expected 3 values, found 2\n");
}
END_TEST

START_TEST(packs_by_key)
{
    types_are("fn f(a, b = 2){ a + b } let x = f({a = 1}) let y = f({b = 1, a = 2}) let z = {a = 1, ..} |> f",
              "f: (float, float)->float\nx: float\ny: float\nz: float\n");
    errors_are("fn f(a, b = 2){ a + b }\nlet x = f({b = 1})", "2:11 E-ARGS the arguments lack `a`\n");
    errors_are("fn f(a, b = 2){ a + b }\nlet x = f({a = 1, c = 1})",
               "2:19 E-RECORD-KEYS the function has no parameter `c`\n");
    errors_are("fn f(a = \"s\"){ a + 1 }", "1:16 E-MISMATCH expected number, found string\n");
}
END_TEST

START_TEST(width_of_records)
{
    types_are("fn f(r:{b:float}){ r.b } let x = f({a = 1, b = 2}) let y:{a:float} = {a = 1, c = 2}",
              "f: ({b: float})->float\nx: float\ny: {a: float}\n");
    errors_are("fn f(r:{a:float, b:float}){ r.b }\nlet x = f({a = 1})",
               "2:11 E-ARGS the field `b` is missing: expected {a: number, b: number}, found {a: number}\n");
    errors_are("let x:{a:float} = {b = 1}",
               "1:19 E-RECORD-KEYS the record has the fields `b`; expected are `a`\n");
    errors_are("let x = {a = 1, a = 2}", "1:17 E-DUP-KEY the field `a` is given twice\n");
}
END_TEST

START_TEST(tuples_must_be_known_to_be_projected)
{
    types_are("let a = (1, 2) |> |p| p.0 + p.1", "a: float\n");
    errors_are("fn f(p){ p.0 }", "1:12 E-INDEX-NONTUPLE the type of what is projected is not known here\n");
    errors_are("let a = (1, 2).2", "1:16 E-INDEX-RANGE the tuple has 2 elements, so `.2` is past its end\n");
    errors_are("let a = 1\nlet b = a.0", "2:11 E-INDEX-NONTUPLE `.0` needs a tuple, found number\n");
}
END_TEST

START_TEST(self_and_state)
{
    errors_are("let a = self", "1:9 E-SELF-GLOBAL `self` stands outside every function\n");
    errors_are("fn f(){ let s = self\n |x| x + 1 }",
               "2:2 E-FEED-FUNC a function that uses `self` cannot give (number)->number\n");
    errors_are("fn f(n){ self + f(n - 1) }", "1:17 E-RECURSIVE-STATE `f` has state and calls itself\n");
    errors_are("fn f(n){ delay(n, 1, 2) }",
               "1:16 E-DELAY the capacity of `delay` must be a number literal\n");
    errors_are("let f = delay", "1:9 E-DELAY `delay` must be called by its name\n");
}
END_TEST

START_TEST(assignment_targets)
{
    errors_are("fn f(){ 1 }\nf = 2", "2:1 E-ASSIGN-TARGET `f` is a function definition, not a variable\n");
    errors_are("let a = [1]\na[0] = 2",
               "2:1 E-ASSIGN-TARGET an element of an array cannot be assigned: arrays do not change\n");
    errors_are("let t = (1, 2)\nt.0 = 2", "2:1 E-ASSIGN-TARGET an element of a tuple cannot be assigned\n");
    errors_are("sin = 2", "1:1 E-ASSIGN-TARGET `sin` is a built-in function\n");
}
END_TEST

START_TEST(placeholders_and_letrec)
{
    types_are("fn f(a, b){ a - b } let x = 1 ||> f(_, 2) let y = 1 ||> _ / 2 ||> f(3, _)",
              "f: (float, float)->float\nx: float\ny: float\n");
    errors_are("fn f(a, b){ a }\nlet x = 1 ||> f(_, _)",
               "2:15 E-PLACEHOLDER `||>` can fill only one placeholder, here are 2\n");
    errors_are("fn f(a, b){ a }\nlet x = f(_, 1)", "2:11 E-PLACEHOLDER nothing fills this placeholder\n");
    errors_are("letrec x = 3 + 4", "1:12 E-LETREC the right side of `letrec` must be a function literal\n");
    errors_are("fn f(a, b, a){ 0 }", "1:12 E-DUP-PARAM there is another parameter `a`\n");
}
END_TEST

START_TEST(broken_programs_are_survived)
{
    static const char *const texts[] = {
        "let r = {a = 1, = 2, b = 3}\nlet x:{a:float, :float} = r\nfn f(a, b){ a }\nlet y = f({a = 1, = 2})",
        "fn f(a, b){ a }\nlet y = f({c = {a = 1}})\nlet z = f({a = {a = 1}, b = })",
        "fn (x){ x }\nfn g(,){ g }\nlet = 1\nletrec = |x| x\nlet (, a) = (1, 2)\n= 2\na.b.c = ",
        "fn f(x){ if }\nfn g(){ 1 ||> }\nlet h = |x, | x +\nlet i = self self\n@ 1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct compile_text result;
        compile_text(&result, jr_alloc_default(), texts[i]);
        ck_assert_int_eq(result.status, JR_ERR_DIAGNOSED);
        ck_assert_uint_gt(result.error_count, 0);
        compile_text_fini(&result);
    }
}
END_TEST

START_TEST(sizes_are_bounded)
{
    errors_are(
        "fn p(x){ (x, x) }\nfn q(x){ p(p(p(p(x)))) }\nfn r(x){ q(q(q(q(x)))) }\nfn dsp(){ let a = r(1)\n 0 }",
        "4:19 E-LIMIT a value here has more than 16384 words\n");
}
END_TEST

START_TEST(dsp_must_be_playable)
{
    errors_are("fn dsp(){ [1] }", "1:4 E-DSP-TYPE the result of `dsp` cannot be [number]\n");
    errors_are("fn dsp(){ (1, (2, 3)) }",
               "1:4 E-DSP-TYPE the result of `dsp` cannot be (number, (number, number))\n");
    errors_are("fn dsp(x:string){ 1 }", "1:8 E-DSP-TYPE an input of `dsp` cannot be string\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("infer");
    TCase *tc = tcase_create("infer");
    tcase_add_test(tc, simple_types);
    tcase_add_test(tc, functions_and_lambdas_are_generalised);
    tcase_add_test(tc, a_lambda_that_may_change_is_not_generalised);
    tcase_add_test(tc, recursion_is_monomorphic_inside);
    tcase_add_test(tc, fields_make_a_record_constraint);
    tcase_add_test(tc, type_parameters_and_aliases);
    tcase_add_test(tc, names);
    tcase_add_test(tc, one_mistake_is_one_error);
    tcase_add_test(tc, mismatches_point_at_the_narrowest_expression);
    tcase_add_test(tc, counts_of_arguments);
    tcase_add_test(tc, packs_by_key);
    tcase_add_test(tc, width_of_records);
    tcase_add_test(tc, tuples_must_be_known_to_be_projected);
    tcase_add_test(tc, self_and_state);
    tcase_add_test(tc, assignment_targets);
    tcase_add_test(tc, placeholders_and_letrec);
    tcase_add_test(tc, broken_programs_are_survived);
    tcase_add_test(tc, sizes_are_bounded);
    tcase_add_test(tc, dsp_must_be_playable);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
