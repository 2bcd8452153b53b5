/* test_mimium_format.c -- the layout: cases one by one, then every program of the tree with its blanks thrown about. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/diag.h"
#include "frontend/mimium/format.h"
#include "frontend/mimium/lexer.h"
#include "frontend/source.h"
#include "tests/unit/frontend/parse_text.h"

static enum jr_status format(const struct jr_alloc *alloc, const char *text, size_t length, struct jr_sb *out)
{
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    enum jr_status status;
    uint32_t file;
    JR_TRY(jr_sources_create(alloc, &sources));
    JR_TRY(jr_diags_create(alloc, &diags));
    JR_TRY(jr_sources_add(sources, "test.mmm", text, length, &file));
    JR_TRY(jr_mimium_format(sources, file, alloc, diags, out));
done:
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    return status;
}

/* `text` is laid out as `expected`, and `expected` as itself. */
static void expect(const char *text, const char *expected)
{
    struct jr_sb out;
    jr_sb_init(&out, jr_alloc_default());
    ck_assert_int_eq(format(jr_alloc_default(), text, strlen(text), &out), JR_OK);
    ck_assert_str_eq(jr_sb_view(&out), expected);
    jr_sb_clear(&out);
    ck_assert_int_eq(format(jr_alloc_default(), expected, strlen(expected), &out), JR_OK);
    ck_assert_str_eq(jr_sb_view(&out), expected);
    jr_sb_fini(&out);
}

/* ---- cases ---- */

START_TEST(blanks_are_normalised)
{
    expect("fn  f( x:float ,y=2)->float{x+y*2^x}", "fn f(x: float, y = 2) -> float { x + y * 2 ^ x }\n");
    expect("let a=f ( 1,-2 ) [ 0 ].b . c", "let a = f(1, -2)[0].b.c\n");
    expect("let r = { a=1,b={ r <- c=2 },.. }", "let r = {a = 1, b = {r <- c = 2}, ..}\n");
    expect("let r={..}\nlet u = { }\nlet v = [ ]", "let r = {..}\nlet u = {}\nlet v = []\n");
    expect("let f=| x,y :float |x- y\nlet g=| |3\nlet h=||3",
           "let f = |x, y: float| x - y\nlet g = | | 3\nlet h = || 3\n");
    expect("let x = - - 1\nlet y = 1 - -1", "let x = - -1\nlet y = 1 - -1\n");
    expect("tick  @ ( now+1 )", "tick@(now + 1)\n");
    expect("m ! ( a ,b )\nlet c = ` { $ x+1 }", "m!(a, b)\nlet c = `{ $x + 1 }\n");
    expect("use a :: b::{ c ,d }\nuse a::*\nmod   m\n#stage( main )\ninclude( \"x.mmm\" )",
           "use a::b::{c, d}\nuse a::*\nmod m\n#stage(main)\ninclude(\"x.mmm\")\n");
    expect("type rec T=A|B( float ,T )\ntype alias F=( float)->{a:[ float ]}",
           "type rec T = A | B(float, T)\ntype alias F = (float) -> {a: [float]}\n");
    expect("let t = x.0.1", "let t = x.0.1\n");
    expect("let t = x . 0 . 1\nlet u = 1 . 2\nlet v = 1.5 . 2",
           "let t = x.0.1\nlet u = 1 .2\nlet v = 1.5 .2\n");
}
END_TEST

START_TEST(statements_get_lines_of_their_own)
{
    expect("let a = 1; let b = 2 let c = 3", "let a = 1\nlet b = 2\nlet c = 3\n");
    expect("fn f(){ let a = 1; a\n}", "fn f(){\n    let a = 1\n    a\n}\n");
    expect("fn f(){ let a = 1 a }", "fn f(){ let a = 1; a }\n");
    expect("fn f(){\n\n\n\n let a = 1\n\n\n\n a\n\n}\n\n\n\n\nfn g { 1 }\n\n\n",
           "fn f(){\n    let a = 1\n\n    a\n}\n\n\nfn g { 1 }\n");
    expect("mod m { pub fn f(){ 1 }\nfn g(){ 2 } }", "mod m {\n    pub fn f(){ 1 }\n    fn g(){ 2 }\n}\n");
    expect("", "");
    expect("\n\n", "");
    expect("\xef\xbb\xbflet a = 1\r\n\r\nlet b = 2\r\n", "let a = 1\n\nlet b = 2\n");
}
END_TEST

START_TEST(breaks_with_a_meaning_stay)
{
    expect("fn f(){ let x = 5; -3 }", "fn f(){ let x = 5; -3 }\n");
    expect("fn f(){ let x = 5; -3\n}", "fn f(){\n    let x = 5;\n    -3\n}\n");
    expect("fn f(){\nlet x = 5 // five\n; +3 }", "fn f(){\n    let x = 5; // five\n    +3\n}\n");
    expect("let f = g\n(1, 2)", "let f = g\n(1, 2)\n");
    expect("fn f(){ g; (1, 2) }", "fn f(){ g; (1, 2) }\n");
    expect("fn f(){ if (c); (1, 2) else (3, 4) }", "fn f(){ if (c); (1, 2) else (3, 4) }\n");
    expect("let x = match c { 0 => a; (1, 2) => b }", "let x = match c { 0 => a; (1, 2) => b }\n");
    expect("let g = f /* one\n line */ (2)", "let g = f /* one\n line */(2)\n");
}
END_TEST

START_TEST(the_programmers_lines_stay)
{
    expect("let y = x\n* 2\n|> f", "let y = x\n    * 2\n    |> f\n");
    expect("let y =\nx\n|> f", "let y =\n    x\n    |> f\n");
    expect("let y = a +\nb", "let y = a +\n    b\n");
    expect("let a = [1, 2,\n3, 4]", "let a = [1, 2,\n    3, 4]\n");
    expect("let a = [\n1, 2,\n3, 4]", "let a = [\n    1, 2,\n    3, 4\n]\n");
    expect("let a = f(1, |x| {\nx\n}\n)", "let a = f(1, |x| {\n    x\n})\n");
    expect("let a = f(g({\nx = 1}), 2)", "let a = f(g({\n    x = 1\n}), 2)\n");
    expect("fn f(a,\nb){\na\n}", "fn f(a,\n    b){\n    a\n}\n");
    expect("type T = A\n| B", "type T = A\n    | B\n");
}
END_TEST

START_TEST(branches_and_arms)
{
    expect("let a = if c\n{ 1 }\nelse\n{ 2 }", "let a = if c { 1 }\n    else { 2 }\n");
    expect("fn f(){ if (a) { 1 } else if (b) {\n2 } else 3 }",
           "fn f(){\n    if (a) {\n        1\n    } else if (b) {\n        2\n    } else 3\n}\n");
    expect("fn f(){\nif (a) 1\nelse if (b) 2\nelse 3\n}",
           "fn f(){\n    if (a) 1\n    else if (b) 2\n    else 3\n}\n");
    expect("fn f(){\nif (a)\nb\nelse\nc\n}", "fn f(){\n    if (a)\n        b\n    else\n        c\n}\n");
    expect("let a = match x { A=>1,B( y )=>{ y } _=>3 }",
           "let a = match x { A => 1, B(y) => { y }; _ => 3 }\n");
    expect("let a = match x { A => 1,\nfloat( y )=>{\ny } }",
           "let a = match x {\n    A => 1,\n    float(y) => {\n        y\n    }\n}\n");
}
END_TEST

START_TEST(comments_stay_where_they_are)
{
    expect("//a  \n\n/*b*/let x=1//c\n//d", "//a\n\n/*b*/ let x = 1 //c\n//d\n");
    expect("fn f(/*none*/){//open\n//own\n1/*one*/+/*two*/2\n//end\n}",
           "fn f(/*none*/){ //open\n    //own\n    1 /*one*/ + /*two*/ 2\n    //end\n}\n");
    expect("let a = f(1, // one\n2 // two\n)", "let a = f(1, // one\n    2 // two\n)\n");
    expect("let a = // why\n1", "let a = // why\n    1\n");
    expect("let a = 1    // x\nlet bcd = 2  // y\nlet c = 3 // z",
           "let a = 1   // x\nlet bcd = 2 // y\nlet c = 3 // z\n");
    expect("fn f(){\n  /* first\n     second */\n  1\n}",
           "fn f(){\n    /* first\n       second */\n    1\n}\n");
    expect("let a = 1; /* to b */ let b = 2", "let a = 1\n/* to b */ let b = 2\n");
    expect("fn f(){ a /* x */ }", "fn f(){ a /* x */ }\n");
    expect("// only this", "// only this\n");
    expect("let s = \"two\nlines\" // s", "let s = \"two\nlines\" // s\n");
}
END_TEST

#define TWENTY "twenty_letters_is_it"

START_TEST(long_lines_break_at_the_outermost_place)
{
    expect("fn a_function_with_a_long_name(first_parameter: (float, float), second_parameter: float = 0.5)"
           "->(float, float){ first_parameter }",
           "fn a_function_with_a_long_name(\n    first_parameter: (float, float),\n    second_parameter: float = 0.5\n"
           ") -> (float, float) {\n    first_parameter\n}\n");
    expect("let x = f(" TWENTY ", g(" TWENTY ", " TWENTY "), " TWENTY ", " TWENTY ")",
           "let x = f(\n    " TWENTY ",\n    g(" TWENTY ", " TWENTY "),\n    " TWENTY ",\n    " TWENTY
           "\n)\n");
    expect("let x = " TWENTY " |> f(" TWENTY ") |> g(" TWENTY ") |> h(" TWENTY ")",
           "let x = " TWENTY "\n    |> f(" TWENTY ")\n    |> g(" TWENTY ")\n    |> h(" TWENTY ")\n");
    expect("let x = " TWENTY " * " TWENTY " + " TWENTY " - " TWENTY " * " TWENTY,
           "let x = " TWENTY " * " TWENTY " + " TWENTY "\n    - " TWENTY " * " TWENTY "\n");
    expect("fn f(a){ let x = " TWENTY "(" TWENTY "); x + " TWENTY "(a) + " TWENTY "(x) }",
           "fn f(a){\n    let x = " TWENTY "(" TWENTY ")\n    x + " TWENTY "(a) + " TWENTY "(x)\n}\n");
    expect("let x = if (" TWENTY ") { " TWENTY " + 1 } else { " TWENTY " + 2 + " TWENTY " }",
           "let x = if (" TWENTY ") {\n    " TWENTY " + 1\n} else {\n    " TWENTY " + 2 + " TWENTY "\n}\n");
    expect("let x = [" TWENTY ", " TWENTY ", " TWENTY ", " TWENTY ", " TWENTY "]",
           "let x = [\n    " TWENTY ", " TWENTY ", " TWENTY ", " TWENTY ",\n    " TWENTY "\n]\n");
    expect("type T = A(" TWENTY ") | B(" TWENTY ") | C(" TWENTY ") | D(" TWENTY ")",
           "type T = A(" TWENTY ")\n    | B(" TWENTY ")\n    | C(" TWENTY ")\n    | D(" TWENTY ")\n");
    /* Of what is written already nothing breaks any more, and so the end does not. */
    expect("let x = [a,\n/* c */ b.c(" TWENTY ", " TWENTY ", " TWENTY "), " TWENTY "]",
           "let x = [a,\n    /* c */ b.c(" TWENTY ", " TWENTY ", " TWENTY "),\n    " TWENTY "]\n");
    expect("fn f(){ {a = " TWENTY " + 1, b = " TWENTY " + 2, c = " TWENTY " + 33} }",
           "fn f(){\n    {a = " TWENTY " + 1, b = " TWENTY " + 2, c = " TWENTY " + 33}\n}\n");
}
END_TEST

START_TEST(wrong_programs_are_left_alone)
{
    struct jr_sb out;
    jr_sb_init(&out, jr_alloc_default());
    ck_assert_int_eq(format(jr_alloc_default(), "let x = ", 8, &out), JR_ERR_DIAGNOSED);
    ck_assert_int_eq(format(jr_alloc_default(), "let \xff = 1", 9, &out), JR_ERR_DIAGNOSED);
    ck_assert_uint_eq(out.length, 0);
    jr_sb_fini(&out);
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
    static const char text[] = "// c\nfn f(x){ if (x) { [1, 2] } else { g(x) |> h } } // d\nlet a = 1 // e\n";
    for (size_t fail_at = 1;; fail_at++) {
        struct counting_heap heap = { .fail_at = fail_at };
        struct jr_alloc alloc = counting_alloc(&heap);
        struct jr_sb out;
        jr_sb_init(&out, &alloc);
        enum jr_status status = format(&alloc, text, sizeof text - 1, &out);
        jr_sb_fini(&out);
        ck_assert_uint_eq(heap.live_bytes, 0);
        if (status == JR_OK)
            break;
        ck_assert_int_eq(status, JR_ERR_NO_MEMORY);
    }
}
END_TEST

START_TEST(long_lists_take_linear_time)
{
    struct jr_sb text, out;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_init(&out, jr_alloc_default());
    jr_sb_text(&text, "let a = [0");
    for (int i = 0; i < 200000; i++)
        jr_sb_text(&text, ",1");
    jr_sb_text(&text, "]");
    ck_assert_int_eq(format(jr_alloc_default(), jr_sb_view(&text), text.length, &out), JR_OK);
    jr_sb_fini(&out);
    jr_sb_fini(&text);
}
END_TEST

START_TEST(deep_nesting_is_laid_out)
{
    struct jr_sb text, out;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_init(&out, jr_alloc_default());
    jr_sb_text(&text, "let a = ");
    for (int i = 0; i < 4000; i++)
        jr_sb_text(&text, "f(");
    jr_sb_char(&text, '1');
    jr_sb_repeat(&text, ')', 4000);
    ck_assert_int_eq(format(jr_alloc_default(), jr_sb_view(&text), text.length, &out), JR_OK);
    ck_assert_uint_lt(out.length, 4000 * 200); /* it does not go to the right for ever */
    jr_sb_fini(&out);
    jr_sb_fini(&text);
}
END_TEST

/* ---- every program, with its blanks thrown about ---- */

static uint64_t random_state;

static uint32_t below(uint32_t count)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % count;
}

/* Blanks, comments (numbered, so that they can be found again) and, if they mean nothing here, line breaks. */
static void put_noise(struct jr_sb *out, bool may_break, uint32_t *comments)
{
    for (uint32_t count = below(4); count > 0; count--) {
        switch (below(may_break ? 8 : 5)) {
        case 0:
        case 1:
            jr_sb_char(out, ' ');
            break;
        case 2:
            jr_sb_char(out, '\t');
            break;
        case 3:
            jr_sb_format(out, below(3) == 0 ? "/*<%u>\n  more */" : "/*<%u>*/", (*comments)++);
            break;
        case 4:
            jr_sb_repeat(out, ' ', below(9));
            break;
        case 5:
            jr_sb_format(out, " //<%u>\n", (*comments)++);
            break;
        case 6:
            jr_sb_text(out, "\r\n");
            break;
        default:
            jr_sb_repeat(out, '\n', below(3));
        }
    }
}

static void throw_about(const char *text, size_t length, struct jr_sb *out, uint32_t *comments)
{
    struct jr_mm_tokens tokens;
    ck_assert_int_eq(jr_mm_lex(text, length, jr_alloc_default(), &tokens), JR_OK);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct jr_mm_token *token = &tokens.items[i];
        enum jr_mm_token_kind kind = (enum jr_mm_token_kind)token->kind;
        bool attaches =
            kind == JR_MM_TOKEN_LEFT_PAREN || kind == JR_MM_TOKEN_LEFT_BRACKET || kind == JR_MM_TOKEN_DOT;
        bool after_point = i > 0 && tokens.items[i - 1].kind == JR_MM_TOKEN_DOT;
        bool breaks = (token->flags & JR_MM_LINE_BREAK) != 0;
        if (i > 0 && tokens.items[i - 1].kind == JR_MM_TOKEN_SLASH)
            jr_sb_char(out, ' '); /* no comment with what comes */
        if (!after_point) {
            put_noise(out, !attaches || breaks, comments);
            if (token->flags & JR_MM_SEPARATOR)
                jr_sb_char(out, ';');
            else if (breaks)
                jr_sb_char(out, '\n');
            else if (!(token->flags & JR_MM_ADJACENT))
                jr_sb_char(out, ' ');
            put_noise(out, !attaches || breaks, comments);
        }
        jr_sb_bytes(out, text + token->start, token->end - token->start);
    }
    jr_mm_tokens_free(jr_alloc_default(), &tokens);
}

static void expect_comments(const char *text, uint32_t count, const char *path)
{
    for (uint32_t i = 0; i < count; i++) {
        char mark[24];
        snprintf(mark, sizeof mark, "<%u>", i);
        text = strstr(text, mark);
        ck_assert_msg(text != NULL, "%s: comment %u is missing or out of order", path, i);
    }
}

static void expect_same_tree(const char *a, size_t a_length, const char *b, size_t b_length, const char *path)
{
    struct parse_text first, second;
    parse_text(&first, jr_alloc_default(), a, a_length);
    parse_text(&second, jr_alloc_default(), b, b_length);
    ck_assert_msg(strcmp(jr_sb_view(&first.tree), jr_sb_view(&second.tree)) == 0, "%s: another program:\n%.2000s",
                  path, b);
    parse_text_fini(&first);
    parse_text_fini(&second);
}

/* Some lines before where two texts begin to differ. */
static size_t before_difference(const char *a, const char *b)
{
    size_t at = 0;
    while (a[at] != '\0' && a[at] == b[at])
        at++;
    for (int lines = 0; at > 0 && lines < 4; lines += a[at] == '\n')
        at--;
    return at;
}

/* Lays the text out twice. */
static void expect_stable(const char *text, size_t length, struct jr_sb *out, const char *path)
{
    struct jr_sb again;
    jr_sb_init(&again, jr_alloc_default());
    ck_assert_msg(format(jr_alloc_default(), text, length, out) == JR_OK, "%s: not formatted:\n%.2000s", path,
                  text);
    ck_assert_int_eq(format(jr_alloc_default(), jr_sb_view(out), out->length, &again), JR_OK);
    const char *once = jr_sb_view(out), *twice = jr_sb_view(&again);
    size_t at = before_difference(once, twice);
    ck_assert_msg(strcmp(once, twice) == 0, "%s: not stable\n---- once ----\n%.600s\n---- twice ----\n%.600s",
                  path, once + at, twice + at);
    jr_sb_fini(&again);
}

static void check_text(const char *text, size_t length, const char *path)
{
    struct parse_text parsed;
    struct jr_sb out;
    parse_text(&parsed, jr_alloc_default(), text, length);
    bool is_right = parsed.error_count == 0;
    parse_text_fini(&parsed);
    if (!is_right)
        return;
    jr_sb_init(&out, jr_alloc_default());
    expect_stable(text, length, &out, path);
    expect_same_tree(text, length, jr_sb_view(&out), out.length, path);
    for (int round = 0; round < 4; round++) {
        struct jr_sb noisy;
        uint32_t comments = 0;
        jr_sb_init(&noisy, jr_alloc_default());
        throw_about(text, length, &noisy, &comments);
        expect_same_tree(text, length, jr_sb_view(&noisy), noisy.length, path);
        jr_sb_clear(&out);
        expect_stable(jr_sb_view(&noisy), noisy.length, &out, path);
        expect_same_tree(text, length, jr_sb_view(&out), out.length, path);
        expect_comments(jr_sb_view(&out), comments, path);
        jr_sb_fini(&noisy);
    }
    jr_sb_fini(&out);
}

static unsigned check_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    unsigned programs = 0;
    ck_assert_msg(count >= 0, "%s", folder);
    for (int i = 0; i < count; i++) {
        char path[512];
        size_t length = strlen(entries[i]->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (length > 4 && strcmp(entries[i]->d_name + length - 4, ".mmm") == 0) {
            char text[1 << 17];
            FILE *file = fopen(path, "r");
            ck_assert_ptr_nonnull(file);
            size_t size = fread(text, 1, sizeof text - 1, file);
            fclose(file);
            check_text(text, size, path);
            programs++;
        } else if (entries[i]->d_type == DT_DIR && entries[i]->d_name[0] != '.') {
            programs += check_folder(path);
        }
        free(entries[i]);
    }
    free(entries);
    return programs;
}

START_TEST(every_program_keeps_its_tree_and_comments)
{
    random_state = 1;
    ck_assert_uint_gt(check_folder(PROGRAMS "/tests/mimium"), 200);
    ck_assert_uint_gt(check_folder(PROGRAMS "/examples"), 5);
    check_folder(PROGRAMS "/bench");
    check_folder(PROGRAMS "/frontend");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format");
    TCase *cases = tcase_create("format");
    tcase_add_test(cases, blanks_are_normalised);
    tcase_add_test(cases, statements_get_lines_of_their_own);
    tcase_add_test(cases, breaks_with_a_meaning_stay);
    tcase_add_test(cases, the_programmers_lines_stay);
    tcase_add_test(cases, branches_and_arms);
    tcase_add_test(cases, comments_stay_where_they_are);
    tcase_add_test(cases, long_lines_break_at_the_outermost_place);
    tcase_add_test(cases, wrong_programs_are_left_alone);
    tcase_add_test(cases, memory_may_run_out_anywhere);
    tcase_add_test(cases, long_lists_take_linear_time);
    tcase_add_test(cases, deep_nesting_is_laid_out);
    tcase_add_test(cases, every_program_keeps_its_tree_and_comments);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
