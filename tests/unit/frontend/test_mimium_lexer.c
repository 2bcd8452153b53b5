/* test_mimium_lexer.c -- tokens, and what lies between them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "frontend/mimium/lexer.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

/* The tokens by text, with what stands before each: nothing for adjacent, a blank, / for a line break, ; for a
 * separator.  Numbers are i: and f:, strings s:, names n:, reserved words as they are, errors !cause. */
static void spell(struct jr_sb *out, const char *text, size_t length)
{
    struct jr_mm_tokens tokens;
    jr_sb_init(out, jr_alloc_default());
    ck_assert_int_eq(jr_mm_lex(text, length, jr_alloc_default(), &tokens), JR_OK);
    for (size_t i = 0; i + 1 < tokens.count; i++) {
        const struct jr_mm_token *token = &tokens.items[i];
        if ((token->flags & JR_MM_SEPARATOR) != 0)
            jr_sb_char(out, ';');
        else if ((token->flags & JR_MM_LINE_BREAK) != 0)
            jr_sb_char(out, '/');
        else if ((token->flags & JR_MM_ADJACENT) == 0)
            jr_sb_char(out, ' ');
        static const char *const marks[] = { "", "!char ", "!blank ", "!string ", "!quotes ", "!comment " };
        switch ((enum jr_mm_token_kind)token->kind) {
        case JR_MM_TOKEN_INTEGER:
            jr_sb_text(out, "i:");
            break;
        case JR_MM_TOKEN_FLOATING:
            jr_sb_text(out, "f:");
            break;
        case JR_MM_TOKEN_TEXT:
            jr_sb_text(out, "s:");
            break;
        case JR_MM_TOKEN_IDENTIFIER:
            jr_sb_text(out, "n:");
            break;
        case JR_MM_TOKEN_ERROR:
            jr_sb_text(out, marks[token->error]);
            break;
        default:
            ck_assert_uint_eq(strlen(jr_mm_token_text((enum jr_mm_token_kind)token->kind)),
                              token->end - token->start);
        }
        jr_sb_bytes(out, text + token->start, token->end - token->start);
        jr_sb_char(out, '`');
    }
    ck_assert_int_eq(tokens.items[tokens.count - 1].kind, JR_MM_TOKEN_END);
    ck_assert_uint_eq(tokens.items[tokens.count - 1].end, length);
    jr_mm_tokens_free(jr_alloc_default(), &tokens);
}

static const struct {
    const char *text, *tokens;
} cases[] = {
    { "", "" },
    { " \t\n", "" },
    /* every mark, the longer ones first */
    { "||> -> <- => == != <= >= && || |> + - * / % ^ @ < > = !",
      "||>` ->` <-` =>` ==` !=` <=` >=` &&` ||` |>` +` -` *` /` %` ^` @` <` >` =` !`" },
    { ":: .. . , : ( ) [ ] { } ` $ # |", "::` ..` .` ,` :` (` )` [` ]` {` }` `` $` #` |`" },
    { "a<-1", "n:a`<-`i:1`" },
    { "|x||y|", "|`n:x`||`n:y`|`" },
    { "a|||>b", "n:a`||`|>`n:b`" },
    { "a...b", "n:a`..`.`n:b`" },
    { "==>", "==`>`" },
    /* numbers */
    { "0 10 007", "i:0` i:10` i:0`i:0`i:7`" },
    { "1.5 0.25 00.5", "f:1.5` f:0.25` i:0`f:0.5`" },
    { "5. .5", "i:5`.` .`i:5`" },
    { "1..2", "i:1`..`i:2`" },
    { "1.5..", "i:1`.`i:5`..`" },
    { "t.0.1", "n:t`.`i:0`.`i:1`" },
    { "t. 0.1", "n:t`.` f:0.1`" },
    { "..0.5", "..`f:0.5`" },
    { "1e5 0x10", "i:1`n:e5` i:0`n:x10`" },
    /* words */
    { "_a x1 _ __ a'", "n:_a` n:x1` _` n:__` n:a`!char '`" },
    { "\xe3\x81\x82 \xc3\xa9t\xc3\xa9 x\xcc\x81", "n:\xe3\x81\x82` n:\xc3\xa9t\xc3\xa9` n:x\xcc\x81`" },
    { "fn macro let letrec if else match self now samplerate include stage main mod use pub type alias rec "
      "float "
      "int string struct _",
      "fn` macro` let` letrec` if` else` match` self` now` samplerate` include` stage` main` mod` use` pub` "
      "type` "
      "alias` rec` float` int` string` struct` _`" },
    { "letx fnord true as", "n:letx` n:fnord` n:true` n:as`" },
    /* strings */
    { "\"\" \"a b\" \"x\\\"y\"", "s:\"\"` s:\"a b\"` s:\"x\\\"`n:y`!string \"`" },
    { "\"a\nb\" c", "s:\"a\nb\"` n:c`" },
    { "x \"abc d\ny", "n:x` !string \"`/n:y`" },
    { "x 'ab' y'\nz", "n:x` !quotes 'ab'` n:y`!char '`/n:z`" },
    /* between tokens */
    { "a//x\nb", "n:a`/n:b`" },
    { "a/*x*/b/**/c", "n:a` n:b` n:c`" },
    { "a/*\n*/b", "n:a` n:b`" },
    { "a/* /* */b*/", "n:a` n:b`*`/`" },
    { "a /* b", "n:a` !comment /*`" },
    { "a/*/ b", "n:a`!comment /*`" },
    { "a;b;;c\n;d", "n:a`;n:b`;n:c`;n:d`" },
    { "a\rb\r\nc\vd\fe", "n:a`/n:b`/n:c`/n:d`/n:e`" },
    { "a\xc2\x85 b\xe2\x80\xa8 c\xe2\x80\xa9 d", "n:a`/n:b`/n:c`/n:d`" },
    { "a//x\xe2\x80\xa9 b", "n:a`/n:b`" },
    { "1+-2", "i:1`+`-`i:2`" },
    /* what is no token */
    { "a\xc2\xa0"
      "b",
      "n:a`!blank \xc2\xa0`n:b`" },
    { "a?\\b", "n:a`!char ?\\`n:b`" },
    { "a & ? ~", "n:a` !char &` !char ?` !char ~`" },
    { "\xef\xbb\xbf"
      "a",
      "n:a`" },
    { "a\xef\xbb\xbf", "n:a`!blank \xef\xbb\xbf`" },
};

START_TEST(text_becomes_tokens)
{
    struct jr_sb out;
    spell(&out, cases[_i].text, strlen(cases[_i].text));
    const char *seen = jr_sb_view(&out);
    if (seen[0] == ' ' && cases[_i].tokens[0] != ' ')
        seen++;
    ck_assert_str_eq(seen, cases[_i].tokens);
    jr_sb_fini(&out);
}
END_TEST

START_TEST(a_nul_is_an_error_and_not_the_end)
{
    struct jr_sb out;
    spell(&out, "a\0b", 3);
    ck_assert_mem_eq(out.text, "n:a`!char \0`n:b`", 16);
    jr_sb_fini(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mimium lexer");
    TCase *tc = tcase_create("lexer");
    tcase_add_loop_test(tc, text_becomes_tokens, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tc, a_nul_is_an_error_and_not_the_end);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
