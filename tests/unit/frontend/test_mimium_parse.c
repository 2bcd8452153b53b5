/* test_mimium_parse.c -- programs that are right, and the trees they become. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/frontend/parse_text.h"

struct tree_case {
    const char *text, *tree;
};

static const struct tree_case operators[] = {
    /* all associate to the left, from loose to tight: |> ||> || && == < + * ^ @ */
    { "1 + 2 * 3", "(+ 1 (* 2 3))" },
    { "1 * 2 + 3", "(+ (* 1 2) 3)" },
    { "1 - 2 - 3", "(- (- 1 2) 3)" },
    { "2 ^ 3 ^ 2", "(^ (^ 2 3) 2)" },
    { "-2 ^ 2", "(^ (neg 2) 2)" },
    { "f@1+2", "(+ (@ f 1) 2)" },
    { "2 ^ f @ 1", "(^ 2 (@ f 1))" },
    { "a || b && c == d < e + f * g ^ h @ i", "(|| a (&& b (== c (< d (+ e (* f (^ g (@ h i))))))))" },
    { "a @ b ^ c * d + e < f == g && h || i", "(|| (&& (== (< (+ (* (^ (@ a b) c) d) e) f) g) h) i)" },
    { "a != b == c", "(== (!= a b) c)" },
    { "a <= b > c >= d", "(>= (> (<= a b) c) d)" },
    { "a / b % c", "(% (/ a b) c)" },
    { "a |> f |> g", "(|> (|> a f) g)" },
    { "a |> f ||> g(_)", "(||> (|> a f) (call g _))" },
    { "a || b |> f", "(|> (|| a b) f)" },
    { "x |> |v| v * 2 |> g", "(|> x (lambda ((v)) (|> (* v 2) g)))" },
    { "3 ||> _ / 2", "(||> 3 (/ _ 2))" },
    { "- -x", "(neg (neg x))" },
    { "-r.x(1)", "(neg (call (field r x) 1))" },
    { "+a * -b", "(* (pos a) (neg b))" },
    { "1 + -2", "(+ 1 (neg 2))" },
    { "a <-2", NULL },
    { "(1 + 2) * 3", "(* (+ 1 2) 3)" },
    { "a < -1", "(< a (neg 1))" },
    { "a =-1", "(= a (neg 1))" },
    { "a+b\n*c", "(+ a (* b c))" },
    { "`a |> f", "(quote (|> a f))" },
    { "`{ a } |> f", "(|> (quote (block\n  a)) f)" },
    { "`a = 1", "(quote (= a 1))" },
    { "$a + b", "(+ (splice a) b)" },
    { "$m()(2)", "(splice (call (call m) 2))" },
    { "($(m()))(2)", "(call (splice (call m)) 2)" },
    { "`($x + 1)", "(quote (+ (splice x) 1))" },
    { "$-a", "(splice (neg a))" },
    { "-$`a", "(neg (splice (quote a)))" },
};

static const struct tree_case operands[] = {
    { "1", "1" },
    { "1.0", "1.0" },
    { "0.50", "0.5" },
    { "\"a\\nb\"", "\"a\\\\nb\"" }, /* no escapes: the backslash is one of two characters */
    { "self", "self" },
    { "now + samplerate", "(+ now samplerate)" },
    { "_", "_" },
    { "a::b::c", "a::b::c" },
    { "f()", "(call f)" },
    { "f(a)(b)", "(call (call f a) b)" },
    { "f(a, b,)", "(call f a b)" },
    { "r.f(a)[i].g", "(field (index (call (field r f) a) i) g)" },
    { "t.0", "(project t 0)" },
    { "t.0.1", "(project (project t 0) 1)" },
    { "t.0(x)", "(call (project t 0) x)" },
    { "m!(1, \"x\")", "(call! m 1 \"x\")" },
    { "a::m!()(x)", "(call (call! a::m) x)" },
    { "m ! (a = 1)", "(call! m (= a 1))" },
    { "[1, 2,]", "(array 1 2)" },
    { "[]", "(array)" },
    { "([1, 2])", "(array 1 2)" },
    { "(a)", "a" },
    { "(a,)", "(tuple a)" },
    { "(a, b)", "(tuple a b)" },
    { "((a, b), c,)", "(tuple (tuple a b) c)" },
    { "(|x, y| x + y)", "(lambda ((x) (y)) (+ x y))" },
    { "({a = 1, b = 2})", "(record (a 1) (b 2))" },
    { "(a + b * c - d / e + f * g - h + i * j - k + l, m)",
      "(tuple (+ (- (+ (- (+ (- (+ a (* b c)) (/ d e)) (* f g)) h) (* i j)) k) l) m)" },
    { "|x| x", "(lambda ((x)) x)" },
    { "|| 3", "(lambda () 3)" },
    { "| | 3", "(lambda () 3)" },
    { "|_| 3", "(lambda ((_)) 3)" },
    { "|x,| x", "(lambda ((x)) x)" },
    { "|x| |y| x", "(lambda ((x)) (lambda ((y)) x))" },
    { "|x:float| x", "(lambda ((x : float)) x)" },
    { "(|x:float| x)", "(lambda ((x : float)) x)" },
    { "|x:(float|string)| x", "(lambda ((x : (union float string))) x)" },
    { "|f:(float)->float, `x| f", NULL },
    { "|f:(float)->float| (f)", "(lambda ((f : (-> float float))) f)" },
    { "|x| -> float { x }", "(lambda ((x)) : float (block\n  x))" },
    { "|x| { x * 3 }(4)", "(call (lambda ((x)) (block\n  (* x 3))) 4)" },
    { "|x| x = 1", "(lambda ((x)) (= x 1))" },
    { "{ f }(x)", "(call (block\n  f) x)" },
    { "if (c) 1 else 2", "(if c 1 2)" },
    { "if c 1", "(if c 1)" },
    { "if c { 1 } else if d { 2 } else 3", "(if c (block\n  1) (if d (block\n  2) 3))" },
    { "if (c)\n(a, b)\nelse\n(c, d)", "(if c (tuple a b) (tuple c d))" },
    { "if (c) x = 1 else x = 2", "(if c (= x 1) (= x 2))" },
    { "1 + if (c) 2 else 3", "(+ 1 (if c 2 3))" },
    { "if (c) {a = 1} else 2", "(if c (block\n  (= a 1)) 2)" }, /* a branch in braces is a block */
    { "{}", "(block)" },
    { "{..}", "(record ..)" },
    { "{a = 1}", "(record (a 1))" },
    { "{a = 1, b = |x| x, ..}", "(record (a 1) (b (lambda ((x)) x)) ..)" },
    { "{a = 1\n + 2,\n b = 3,\n}", "(record (a (+ 1 2)) (b 3))" },
    { "{r <- a = 1, b = 2,}", "(update r (a 1) (b 2))" },
    { "{r.s[0] <- a = 1}", "(update (index (field r s) 0) (a 1))" },
    { "{a}", "(block\n  a)" },
    { "{ {a = 1} }", "(block\n  (record (a 1)))" },
    { "{a; x = 1}", "(block\n  a\n  (= x 1))" },
    { "match x { 0 => 1, 2.5 => 2 _ => 3 }", "(match x\n  (=> 0 1)\n  (=> 2.5 2)\n  (=> _ 3))" },
    { "match (a, b) { (Rest, _) => 0\n (Note(p, q), 0) => p }",
      "(match (tuple a b)\n  (=> (tuple (is Rest) _) 0)\n  (=> (tuple (is Note (tuple p q)) 0) p))" },
    { "match x { Pair((a, b)) => a, Pair(a, b) => a, Box((a)) => a, Box(_) => 0, rest => { 1 } }",
      "(match x\n  (=> (is Pair (tuple a b)) a)\n  (=> (is Pair (tuple a b)) a)\n  (=> (is Box a) a)\n"
      "  (=> (is Box _) 0)\n  (=> (is rest) (block\n    1)))" },
    { "match x { float(f) => f, string(_) => 0, int => 1 }",
      "(match x\n  (=> (is float f) f)\n  (=> (is string _) 0)\n  (=> (is int) 1))" },
    { "match x { A(B(c), m::D, (e, 1)) => c }",
      "(match x\n  (=> (is A (tuple (is B c) (is m::D) (tuple e 1))) c))" },
    { "match x {}(1)", "(call (match x) 1)" },
};

/* A line break matters to what continues an operand, and to nothing else; `;` also ends an expression. */
static const struct tree_case line_breaks[] = {
    { "f\n(x)", "f\nx" },
    { "f\n[x]", "f\n(array x)" },
    { "f /*\n*/ (x)", "(call f x)" },
    { "g(f\n(x))", NULL },
    { "let x = y\n * 2.0\n |> |v| v + 1.0", "(let x (|> (* y 2.0) (lambda ((v)) (+ v 1.0))))" },
    { "let x = 5\n-3", "(let x (- 5 3))" },
    { "let x = 5; -3", "(let x 5)\n(neg 3)" },
    { "let x = 5;;\n;-3", "(let x 5)\n(neg 3)" },
    { "a\n=\n1", "(= a 1)" },
    { "a; |x| x", "a\n(lambda ((x)) x)" },
    { "let a = 1 let b = 2 a + b", "(let a 1)\n(let b 2)\n(+ a b)" },
    { "fn f\n(x)\n->\nfloat\n{ x }", "(fn f ((x)) : float (block\n  x))" },
    { "if (a) b; else c", "(if a b c)" },
    { ";;\n", "" },
    { "", "" },
    { "f(\n1\n,\n2\n)", "(call f 1 2)" },
};

static const struct tree_case statements[] = {
    { "fn f(){}", "(fn f () (block))" },
    { "fn f { 3 }", "(fn f () (block\n  3))" },
    { "fn f(a, b:float = 10, c = -1 + g(2),)->(float, float) { a }",
      "(fn f ((a) (b : float = 10) (c = (+ (neg 1) (call g 2)))) : (tuple float float) (block\n  a))" },
    { "pub fn f(x){ let y = x\n y }", "pub (fn f ((x)) (block\n  (let y x)\n  y))" },
    { "macro m(x:`float)->`(float)->float { x }",
      "(macro m ((x : (code float))) : (code (-> float float)) (block\n  x))" },
    { "let (a, (_, {k = b})) : c = d", "(let (tuple a (tuple _ (record (k b)))) : c d)" },
    { "let {a = x, b = (y,),} = r", "(let (record (a x) (b (tuple y))) r)" },
    { "letrec f = |x| f(x)", "(letrec f (lambda ((x)) (call f x)))" },
    { "pub let x = 1", "pub (let x 1)" },
    { "a.b.c = 1", "(= (field (field a b) c) 1)" },
    { "a[0] = f(1)", "(= (index a 0) (call f 1))" },
    { "include(\"lib/x.mmm\")", "(include \"lib/x.mmm\")" },
    { "#stage(main)\n#stage ( macro )", "(stage main)\n(stage macro)" },
    { "mod a { pub mod b { fn f(){ 1 } } let k = 2 }",
      "(mod a\n  pub (mod b\n    (fn f () (block\n      1)))\n  (let k 2))" },
    { "mod a\nfn f(){ 1 }", "(mod a external)\n(fn f () (block\n  1))" },
    { "use a", "(use a)" },
    { "use a::b::c", "(use a::b::c)" },
    { "pub use a::b::*", "pub (use a::b *)" },
    { "use a::{x, y}", "(use a (x y))" },
    { "use a::{}", "(use a ())" },
    { "type Shape = Dot | Disc(float) | Rect(float, {w:float},)",
      "(type Shape (Dot) (Disc float) (Rect (tuple float (record (w float)))))" },
    { "type rec L = End\n| Link(float, L)", "(type rec L (End) (Link (tuple float L)))" },
    { "pub type alias P = (float, float)", "pub (alias P (tuple float float))" },
    { "${ let taps = 3\n `{ let dsp = | | $(f(taps)) } }",
      "(splice (block\n  (let taps 3)\n  (quote (block\n    (let dsp (lambda () (splice (call f "
      "taps))))))))" },
    { "\xef\xbb\xbflet x = 1", "(let x 1)" },
    { "{ x = 1 }", "(record (x 1))" },
};

static const struct tree_case types[] = {
    { "float", "float" },
    { "()", "()" },
    { "(float)", "float" },
    { "(float,)", "(tuple float)" },
    { "(float, string,)", "(tuple float string)" },
    { "{}", "(record)" },
    { "{a: float, b: {c: int},}", "(record (a float) (b (record (c int))))" },
    { "[[float]]", "(array (array float))" },
    { "`float", "(code float)" },
    { "`(float)->float", "(code (-> float float))" },
    { "`float|string", "(code (union float string))" },
    { "a::B", "a::B" },
    { "()->float", "(-> float)" },
    { "(float)->(float)->float", "(-> float (-> float float))" },
    { "((float, a))->b", "(-> (tuple float a) b)" },
    { "(float, (a)->b)->()", "(-> float (-> a b) ())" },
    { "float | string | X", "(union float string X)" },
    { "(float)->float|string", "(-> float (union float string))" },
    { "((float)->float)|string", "(union (-> float float) string)" },
    { "string | ((float)->float)", "(union string (-> float float))" },
};

static void check_tree(const struct tree_case *c, const char *text)
{
    struct parse_text parsed;
    parse_text(&parsed, jr_alloc_default(), text, strlen(text));
    ck_assert_int_eq(parsed.status, JR_OK);
    if (c->tree == NULL) {
        ck_assert_msg(parsed.error_count > 0, "accepted: %s", text);
    } else {
        ck_assert_msg(parsed.error_count == 0, "%s\n%s", text, jr_sb_view(&parsed.errors));
        size_t length = strlen(c->tree);
        const char *tree = jr_sb_view(&parsed.tree);
        /* The dump ends with a line break, unless there is nothing. */
        ck_assert_msg(strncmp(tree, c->tree, length) == 0 &&
                          strcmp(tree + length, length == 0 ? "" : "\n") == 0,
                      "%s\nexpected %s\nbut is   %s", text, c->tree, tree);
    }
    parse_text_fini(&parsed);
}

#define TREE_TEST(name, table)                  \
    START_TEST(name)                            \
    {                                           \
        check_tree(&table[_i], table[_i].text); \
    }                                           \
    END_TEST

TREE_TEST(operators_bind_as_tight_as_specified, operators)
TREE_TEST(operands_are_read, operands)
TREE_TEST(line_breaks_mean_what_they_should, line_breaks)
TREE_TEST(statements_are_read, statements)

START_TEST(types_are_read)
{
    char text[256], tree[256];
    snprintf(text, sizeof text, "let x : %s = y", types[_i].text);
    snprintf(tree, sizeof tree, "(let x : %s y)", types[_i].tree);
    struct tree_case made = { text, tree };
    check_tree(&made, text);
}
END_TEST

START_TEST(ids_are_dense_and_heights_cover_children)
{
    struct parse_text parsed;
    static const char text[] = "1 + 2 * f(3)";
    parse_text(&parsed, jr_alloc_default(), text, sizeof text - 1);
    ck_assert_uint_eq(parsed.node_count, 8); /* four operands, three operations, the statement */
    ck_assert_uint_eq(parsed.height, 5);
    parse_text_fini(&parsed);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *suite = suite_create("mimium parser");
    TCase *tc = tcase_create("trees");
    tcase_add_loop_test(tc, operators_bind_as_tight_as_specified, 0, COUNT(operators));
    tcase_add_loop_test(tc, operands_are_read, 0, COUNT(operands));
    tcase_add_loop_test(tc, line_breaks_mean_what_they_should, 0, COUNT(line_breaks));
    tcase_add_loop_test(tc, statements_are_read, 0, COUNT(statements));
    tcase_add_loop_test(tc, types_are_read, 0, COUNT(types));
    tcase_add_test(tc, ids_are_dense_and_heights_cover_children);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
