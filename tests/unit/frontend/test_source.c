/* test_source.c -- positions in files, names, UTF-8. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "frontend/intern.h"
#include "frontend/source.h"
#include "frontend/utf8.h"
#include "ir/base/alloc.h"

static struct jr_sources *sources;
static uint32_t file;

static void make_sources(void)
{
    ck_assert_int_eq(jr_sources_create(jr_alloc_default(), &sources), JR_OK);
}
static void end_sources(void)
{
    jr_sources_destroy(sources);
}

static void add(const char *text)
{
    ck_assert_int_eq(jr_sources_add(sources, "a.mmm", text, strlen(text), &file), JR_OK);
}

static void position_is(uint32_t offset, uint32_t line, uint32_t column)
{
    struct jr_position position = jr_sources_position(sources, file, offset);
    ck_assert_uint_eq(position.line, line);
    ck_assert_uint_eq(position.column, column);
}

START_TEST(lines_end_with_any_of_three_terminators)
{
    add("ab\ncd\r\nef\rg");
    ck_assert_uint_eq(jr_sources_line_count(sources, file), 4);
    position_is(0, 1, 1);
    position_is(2, 1, 3);
    position_is(3, 2, 1);
    position_is(7, 3, 1);
    position_is(10, 4, 1);
    position_is(11, 4, 2);
    position_is(1000, 4, 2);
    struct jr_span line = jr_sources_line(sources, file, 2);
    ck_assert_uint_eq(line.start, 3);
    ck_assert_uint_eq(line.end, 5);
}
END_TEST

START_TEST(an_empty_file_has_one_line)
{
    add("");
    ck_assert_uint_eq(jr_sources_line_count(sources, file), 1);
    position_is(0, 1, 1);
}
END_TEST

START_TEST(columns_count_code_points)
{
    add("\xe3\x81\x82x\xf0\x9f\x8e\xb5y"); /* three bytes, x, four bytes, y */
    position_is(3, 1, 2);
    position_is(4, 1, 3);
    position_is(8, 1, 4);
}
END_TEST

START_TEST(files_keep_their_text_and_their_ids)
{
    char text[] = "one";
    uint32_t first, second;
    size_t length;
    ck_assert_int_eq(jr_sources_add(sources, "x", text, 3, &first), JR_OK);
    text[0] = '?';
    ck_assert_int_eq(jr_sources_add(sources, "y", "two\0three", 9, &second), JR_OK);
    ck_assert_uint_eq(jr_sources_count(sources), 2);
    ck_assert_str_eq(jr_sources_text(sources, first, &length), "one");
    ck_assert_str_eq(jr_sources_path(sources, second), "y");
    ck_assert_mem_eq(jr_sources_text(sources, second, &length), "two\0three", 9);
    ck_assert_uint_eq(length, 9);
}
END_TEST

START_TEST(loading_says_why_it_failed)
{
    ck_assert_int_eq(jr_sources_load(sources, "/nonexistent/file.mmm", &file), JR_ERR_NOT_FOUND);
    ck_assert_uint_eq(file, JR_FILE_NONE);
    ck_assert_int_eq(jr_sources_load(sources, "/", &file), JR_ERR_IO);
}
END_TEST

START_TEST(equal_names_have_equal_symbols)
{
    struct jr_symbols *symbols;
    jr_symbol first, again, other;
    ck_assert_int_eq(jr_symbols_create(jr_alloc_default(), &symbols), JR_OK);
    ck_assert_uint_eq(jr_symbols_find(symbols, "a", 1), JR_SYMBOL_NONE);
    ck_assert_int_eq(jr_symbols_intern(symbols, "abc", 3, &first), JR_OK);
    ck_assert_int_eq(jr_symbols_intern(symbols, "abcd", 3, &again), JR_OK);
    ck_assert_int_eq(jr_symbols_intern(symbols, "abcd", 4, &other), JR_OK);
    ck_assert_uint_eq(first, again);
    ck_assert_uint_ne(first, other);
    for (int i = 0; i < 2000; i++) {
        jr_symbol symbol;
        char text[16];
        int length = snprintf(text, sizeof text, "n%d", i);
        ck_assert_int_eq(jr_symbols_intern(symbols, text, (size_t)length, &symbol), JR_OK);
        ck_assert_str_eq(jr_symbols_text(symbols, symbol), text);
        ck_assert_uint_eq(jr_symbols_find(symbols, text, (size_t)length), symbol);
    }
    ck_assert_str_eq(jr_symbols_text(symbols, first), "abc");
    ck_assert_str_eq(jr_symbols_text(symbols, JR_SYMBOL_NONE), "");
    ck_assert_uint_eq(jr_symbols_end(symbols), 2003);
    jr_symbols_destroy(symbols);
}
END_TEST

START_TEST(fresh_symbols_are_never_found)
{
    struct jr_symbols *symbols;
    jr_symbol x, first, second, shown, other;
    ck_assert_int_eq(jr_symbols_create(jr_alloc_default(), &symbols), JR_OK);
    ck_assert_int_eq(jr_symbols_intern(symbols, "x", 1, &x), JR_OK);
    ck_assert_int_eq(jr_symbols_fresh(symbols, x, NULL, &first), JR_OK);
    ck_assert_int_eq(jr_symbols_fresh(symbols, first, NULL, &second), JR_OK);
    ck_assert_int_eq(jr_symbols_fresh(symbols, x, "m::x", &shown), JR_OK);
    ck_assert(x != first && first != second && second != shown);
    ck_assert_str_eq(jr_symbols_text(symbols, second), "x");
    ck_assert_str_eq(jr_symbols_text(symbols, shown), "m::x");
    ck_assert_uint_eq(jr_symbols_length(symbols, shown), 4);
    ck_assert_uint_eq(jr_symbols_base(symbols, x), x);
    ck_assert_uint_eq(jr_symbols_base(symbols, second), x);
    ck_assert_uint_eq(jr_symbols_base(symbols, shown), x);
    ck_assert_uint_eq(jr_symbols_find(symbols, "m::x", 4), JR_SYMBOL_NONE);
    for (int i = 0; i < 1000; i++) { /* the table grows around them */
        char text[16];
        int length = snprintf(text, sizeof text, "v%d", i);
        ck_assert_int_eq(jr_symbols_intern(symbols, text, (size_t)length, &other), JR_OK);
        ck_assert_int_eq(jr_symbols_fresh(symbols, other, NULL, &other), JR_OK);
    }
    ck_assert_uint_eq(jr_symbols_find(symbols, "x", 1), x);
    ck_assert_uint_eq(jr_symbols_find(symbols, "m::x", 4), JR_SYMBOL_NONE);
    jr_symbols_destroy(symbols);
}
END_TEST

START_TEST(only_shortest_forms_of_scalar_values_are_utf8)
{
    static const struct {
        const char *bytes;
        size_t valid;
    } cases[] = {
        { "plain", 5 },
        { "\xc3\xa9", 2 },
        { "\xf4\x8f\xbf\xbf", 4 },
        { "a\x80", 1 },             /* a continuation alone */
        { "a\xc0\x80", 1 },         /* overlong */
        { "a\xe0\x9f\xbf", 1 },     /* overlong */
        { "a\xf0\x8f\xbf\xbf", 1 }, /* overlong */
        { "a\xed\xa0\x80", 1 },     /* a surrogate */
        { "a\xf4\x90\x80\x80", 1 }, /* above U+10FFFF */
        { "a\xff", 1 },
        { "a\xe3\x81", 1 }, /* cut */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_uint_eq(jr_utf8_valid_prefix(cases[i].bytes, strlen(cases[i].bytes)), cases[i].valid);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *tc = tcase_create("source");
    tcase_add_checked_fixture(tc, make_sources, end_sources);
    tcase_add_test(tc, lines_end_with_any_of_three_terminators);
    tcase_add_test(tc, an_empty_file_has_one_line);
    tcase_add_test(tc, columns_count_code_points);
    tcase_add_test(tc, files_keep_their_text_and_their_ids);
    tcase_add_test(tc, loading_says_why_it_failed);
    tcase_add_test(tc, equal_names_have_equal_symbols);
    tcase_add_test(tc, fresh_symbols_are_never_found);
    tcase_add_test(tc, only_shortest_forms_of_scalar_values_are_utf8);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
