/* test_mimium_parse_errors.c -- programs that are wrong: what is reported where, and what is understood all the same. */
#include <check.h>
#include <string.h>

#include "tests/unit/frontend/parse_text.h"

static const struct {
    const char *text, *errors;
} cases[] = {
    /* hints */
    { "let x = 1+-2",
      "1:11-1:12 E-PARSE the sign `-` touches the operator `+`\n  put a blank between them: `+ -`\n" },
    { "let x = --y",
      "1:10-1:11 E-PARSE the sign `-` touches the operator `-`\n  put a blank between them: `- -`\n" },
    { "let x = 2*-3 + 4^+5",
      "1:11-1:12 E-PARSE the sign `-` touches the operator `*`\n  put a blank between them: `* -`\n"
      "1:18-1:19 E-PARSE the sign `+` touches the operator `^`\n  put a blank between them: `^ +`\n" },
    { "let x = a<-1",
      "1:10-1:12 E-PARSE unexpected `<-`\n"
      "  `<-` is one token; put a blank between `<` and `-` to compare with a negative number\n" },
    { "let x = if (c) (a, b) else d",
      "1:23-1:27 E-PARSE expected the branch of this `if`, found `else`\n"
      "  a branch that starts with ( or [ or - continues the condition: put it in braces\n" },
    { "fn f(x) x + 1\nlet y = )", "1:9-1:10 E-PARSE expected `{`, found `x`\n"
                                  "  the body of a function is a block: fn f(x) { x + 1 }\n"
                                  "2:9-2:10 E-PARSE expected an expression, found `)`\n" },
    { "fn f(x) = x\nfn g(x)\nlet y = 1", "1:9-1:10 E-PARSE expected `{`, found `=`\n"
                                         "  the body of a function is a block: fn f(x) { x + 1 }\n"
                                         "3:1-3:4 E-PARSE expected `{`, found `let`\n"
                                         "  the body of a function is a block: fn f(x) { x + 1 }\n" },
    { "let x = \"abc\nlet y = +", "1:9-1:10 E-PARSE this string does not end\n"
                                  "  a string goes from one \" to the next; there are no escapes in it\n"
                                  "2:10-2:10 E-PARSE expected an expression, found the end of the file\n" },
    { "let x = 1 /* y", "1:11-1:13 E-PARSE this comment does not end\n"
                        "  a comment goes from /* to the first */; comments do not nest\n" },
    { "let\xc2\xa0x = 1",
      "1:4-1:5 E-PARSE U+00A0 is not a blank here\n"
      "  between words only spaces, tabs and line breaks may stand; write a space instead\n" },
    { "let x = 1 & 2", "1:11-1:12 E-PARSE unexpected character `&`\n  \"and\" is written &&\n" },
    { "let x = 1 \xe2\x88\x92 2",
      "1:11-1:12 E-PARSE unexpected character `\xe2\x88\x92`\n  minus is written -\n" },
    { "let x = \x01", "1:9-1:10 E-PARSE unexpected control character U+0001\n" },
    { "let x = ()", "1:10-1:11 E-PARSE expected an expression, found `)`\n"
                    "  there is no value (); an empty block {} has the type ()\n" },
    { "let x = .5 + 5.", "1:9-1:11 E-PARSE this number starts with a point\n"
                         "  a number with a point has digits on both sides: 0.5\n"
                         "1:14-1:16 E-PARSE this number ends in a point\n"
                         "  a number with a point has digits on both sides: 5.0\n" },
    { "let x = !y", "1:9-1:10 E-PARSE expected an expression, found `!`\n  \"not\" is a function: not(x)\n" },
    { "a = b = c\nd", "1:7-1:8 E-PARSE unexpected `=`: an assignment has no value\n"
                      "  assign one variable after the other; equality is written ==\n" },
    { "let f = |x||y| x", "1:11-1:13 E-PARSE expected `|`, found `||`\n"
                          "  `||` is one token; put a blank between the bars\n" },
    { "let f = |x = 1, y + 2| x", "1:12-1:13 E-PARSE a parameter of a lambda has no default value\n"
                                  "1:19-1:20 E-PARSE expected `,` or `|`, found `+`\n" },
    { "let f = |x| {a = 1, b = 2}\nlet g = f",
      "1:19-1:20 E-PARSE unexpected `,`: this is a block, not a record\n"
      "  a record as a body or branch stands in a block of its own: "
      "{ {a = 1, b = 2} }\n" },
    { "let x = f(a = 1)", "1:13-1:14 E-PARSE expected `,` or `)`, found `=`\n"
                          "  arguments are passed by name as a record: f({a = 1})\n" },
    { "let f : float -> float = g",
      "1:15-1:17 E-PARSE unexpected `->`\n"
      "  the parameters of a function type are in parentheses: (float) -> float\n" },
    { "let f : string | (float)->float = g",
      "1:18-1:32 E-PARSE a function type in a union needs parentheses around it\n" },
    { "type alias A = {x = float}",
      "1:19-1:20 E-PARSE expected `:`, found `=`: a record type is written {name: type}\n" },
    { "type B = float", "1:10-1:15 E-PARSE expected the name of a constructor, found `float`\n"
                        "  a name for an existing type is declared with `type alias`\n" },
    { "type C = | X", "1:10-1:11 E-PARSE unexpected `|` before the first constructor\n" },
    { "use a::b as c\nuse a::1", "1:10-1:12 E-PARSE unexpected `as`: use cannot rename\n"
                                 "  bind another name with let\n"
                                 "2:8-2:9 E-PARSE expected a name, `*` or `{`, found `1`\n" },
    { "letrec f : float = |x| x", "1:10-1:11 E-PARSE unexpected `:`: letrec takes no type\n"
                                  "  write the types into the lambda: |x:float| -> float { ... }\n" },
    { "let main = 1\nfn stage(){ 1 }\nlet x = {a = 1, now = 1}",
      "1:5-1:9 E-PARSE expected a name or a pattern, but `main` is a reserved word\n"
      "2:4-2:9 E-PARSE expected the name of a function, but `stage` is a reserved word\n"
      "3:17-3:20 E-PARSE expected the name of a field, but `now` is a reserved word\n" },
    { "let f = fn(x){ x }\nlet g = (", "1:9-1:11 E-PARSE expected an expression, found `fn`\n"
                                       "  a function without a name is written |x| x + 1\n"
                                       "2:10-2:10 E-PARSE expected `)`, found the end of the file\n" },
    { "match x { -1 => 2, \"a\" => 3, 1 2 => 4\n_ => 5 }",
      "1:11-1:13 E-PARSE a negative number is not a pattern\n  match `_` and compare with if\n"
      "1:20-1:23 E-PARSE a string is not a pattern\n  match `_` and compare with if\n"
      "1:32-1:33 E-PARSE expected `=>`, found `2`\n" },
    { "include \"a\"\n#stage(foo)", "1:9-1:12 E-PARSE expected `(`, found a string\n"
                                    "  a file is included with include(\"path\")\n"
                                    "2:8-2:11 E-PARSE expected `main` or `macro`, found `foo`\n" },
    { "let s = {r <- a = 1, ..}",
      "1:22-1:24 E-PARSE unexpected `..`: an update keeps all other fields as they are\n" },
    { "let x = t. 0.1", "1:12-1:15 E-PARSE expected the name or number of a member, found `0.1`\n"
                        "  t.0.1 is written without blanks\n" },
    /* definitions inside blocks */
    { "fn f(){\n  fn g(){ 1 }\n  use a::b\n  g()\n}",
      "2:3-2:5 E-PARSE `fn` is not allowed inside a block\n"
      "  bind a lambda: let f = |x| x + 1, or letrec if it calls itself\n"
      "3:3-3:6 E-PARSE `use` is not allowed inside a block\n"
      "  it stands at the level of the program or of a module\n" },
    /* one mistake, one report */
    { "let x = )\nlet y = ]\nlet z = 1", "1:9-1:10 E-PARSE expected an expression, found `)`\n"
                                         "2:9-2:10 E-PARSE expected an expression, found `]`\n" },
    { "f(1 2, 3 4)\ng(,)\nh", "1:5-1:6 E-PARSE expected `,` or `)`, found `2`\n"
                              "1:10-1:11 E-PARSE expected `,` or `)`, found `4`\n"
                              "2:3-2:4 E-PARSE expected an expression, found `,`\n" },
    { "let a = (1, 2]\nlet b = 3", "1:14-1:15 E-PARSE expected `,` or `)`, found `]`\n" },
    { "let a = [1, 2\nlet b = 3", "2:1-2:4 E-PARSE expected `,` or `]`, found `let`\n" },
    { "fn f(x {\n x + 1\n}\nfn g(){ 1 }", "1:8-1:9 E-PARSE expected `,` or `)`, found `{`\n" },
    { "if (x > 1 { a } else { b }", "1:11-1:12 E-PARSE expected `,` or `)`, found `{`\n" },
    { "f({a = 1} {b = 2})", "1:11-1:12 E-PARSE expected `,` or `)`, found `{`\n" },
    { "fn f(){\n  if (x) {\n   1\n\nfn g(){ 2 }\nfn h(){ 3 }", "5:1-5:3 E-PARSE expected `}`, found `fn`\n" },
    { "fn f(){ 1 } }\nfn g(){ 2 }", "1:13-1:14 E-PARSE unexpected `}`: no block is open here\n" },
    { "fn f(){\n  1 +\n", "2:6-2:6 E-PARSE expected an expression, found the end of the file\n" },
    { "fn f(){\n  1\n", "2:4-2:4 E-PARSE expected `}`, found the end of the file\n" },
    { "let 5 = 3\nlet (a, 1) = 3\nlet x 5\nlet y := 6",
      "1:5-1:6 E-PARSE expected a name or a pattern, found `5`\n"
      "2:9-2:10 E-PARSE expected a name or a pattern, found `1`\n"
      "3:7-3:8 E-PARSE expected `=`, found `5`\n"
      "4:8-4:9 E-PARSE expected a type, found `=`\n" },
    { "let x = ? + 1\nlet y = (2 ? 3)\nf(?)", "1:9-1:10 E-PARSE unexpected character `?`\n"
                                              "2:12-2:13 E-PARSE unexpected character `?`\n"
                                              "3:3-3:4 E-PARSE unexpected character `?`\n" },
    { "pub", "1:4-1:4 E-PARSE expected an expression, found the end of the file\n" },
    { "struct A { x }", "1:1-1:7 E-PARSE expected an expression, found `struct`\n"
                        "  `struct` is reserved and has no meaning; see `type alias`\n" },
    /* no text */
    { "let x = 1\nlet \xff = 2",
      "2:5-2:6 E-FILE this file is not UTF-8 text: byte 0xFF\n  a script is a text file in UTF-8\n" },
};

START_TEST(each_mistake_is_reported_once_and_in_its_place)
{
    struct parse_text parsed;
    parse_text(&parsed, jr_alloc_default(), cases[_i].text, strlen(cases[_i].text));
    ck_assert_int_eq(parsed.status, JR_OK);
    ck_assert_msg(strcmp(jr_sb_view(&parsed.errors), cases[_i].errors) == 0, "%s\nexpected\n%sbut are\n%s",
                  cases[_i].text, cases[_i].errors, jr_sb_view(&parsed.errors));
    parse_text_fini(&parsed);
}
END_TEST

/* What stands around a mistake is understood. */
static const struct {
    const char *text, *tree;
} recovered[] = {
    { "fn f(x) x + 1\nlet y = 2", "(fn f ((x)) (block\n  (+ x 1)))\n(let y 2)\n" },
    { "fn f(){ let a = 1 +\n let b = 2\n b }",
      "(fn f () (block\n  (let a (+ 1 <error>))\n  (let b 2)\n  b))\n" },
    { "f(1 2, 3)", "(call f 1 3)\n" },
    { "let x = [1, ), 2]\nlet y = 1", "(let x (array 1 <error>))\n(let y 1)\n" },
    { "match x { -1 => 2, 1 2 => 4\n _ => 5 }",
      "(match x\n  (=> <error> 2)\n  (=> 1 <error>)\n  (=> _ 5))\n" },
    { "a<-1", "(< a 1)\n" },
    { "1+-2", "(+ 1 (neg 2))\n" },
    { "fn f(x {\n x\n}", "(fn f ((x)) (block\n  x))\n" },
    { "fn f(){\n  g(\n\nfn h(){ 1 }", "(fn f () (block\n  (call g <error>)))\n(fn h () (block\n  1))\n" },
    { "if (c) (a, b) else d", "(if <error> <error> d)\n" },
    { "let f : float -> float = g", "(let f : <error> g)\n" },
    { "use main::x\n#stage(x)\ninclude(1)\nlet y = 1", "<error>\n<error>\n<error>\n(let y 1)\n" },
    { "mod m {\n let a = )\n let b = 2\n}", "(mod m\n  (let a <error>)\n  (let b 2))\n" },
    { "let x = {a = 1, 2, b = 3}", "(let x (record (a 1) (<missing> 2) (b 3)))\n" },
};

START_TEST(what_is_right_is_understood)
{
    struct parse_text parsed;
    parse_text(&parsed, jr_alloc_default(), recovered[_i].text, strlen(recovered[_i].text));
    ck_assert_uint_gt(parsed.error_count, 0);
    ck_assert_msg(strcmp(jr_sb_view(&parsed.tree), recovered[_i].tree) == 0, "%s\nexpected\n%sbut is\n%s\n%s",
                  recovered[_i].text, recovered[_i].tree, jr_sb_view(&parsed.tree),
                  jr_sb_view(&parsed.errors));
    parse_text_fini(&parsed);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    Suite *suite = suite_create("mimium parser errors");
    TCase *tc = tcase_create("errors");
    tcase_add_loop_test(tc, each_mistake_is_reported_once_and_in_its_place, 0, COUNT(cases));
    tcase_add_loop_test(tc, what_is_right_is_understood, 0, COUNT(recovered));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
