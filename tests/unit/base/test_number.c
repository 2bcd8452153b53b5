/* test_number.c -- doubles as text, in both formats, and back. */
#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/number.h"

static const struct {
    double value;
    const char *display, *debug;
} cases[] = {
    { 0.0, "0", "0.0" },
    { -0.0, "-0", "-0.0" },
    { 1.0, "1", "1.0" },
    { -1.0, "-1", "-1.0" },
    { 0.1, "0.1", "0.1" },
    { 0.25, "0.25", "0.25" },
    { 1.0 / 3, "0.3333333333333333", "0.3333333333333333" },
    { 2.0 / 3, "0.6666666666666666", "0.6666666666666666" },
    { 0.1 + 0.2, "0.30000000000000004", "0.30000000000000004" },
    { 100.0, "100", "100.0" },
    { 123456.789, "123456.789", "123456.789" },
    { 1e-7, "0.0000001", "1e-7" },
    { 1.5e-7, "0.00000015", "1.5e-7" },
    { 9.9e-5, "0.000099", "9.9e-5" },
    { 1e-4, "0.0001", "0.0001" },
    { 9999999999999998.0, "9999999999999998", "9999999999999998.0" },
    { 1e15, "1000000000000000", "1000000000000000.0" },
    { 1e16, "10000000000000000", "1e16" },
    { 1.25e20, "125000000000000000000", "1.25e20" },
    { 1e21, "1000000000000000000000", "1e21" },
    { 1e23, "100000000000000000000000", "1e23" },
    { 9007199254740993.0, "9007199254740992", "9007199254740992.0" },
    { 0x1p-44, "0.00000000000005684341886080802",
      "5.684341886080802e-14" }, /* the nearest 16 digits miss it */
    { 0x1p-24, "0.00000005960464477539063", "5.960464477539063e-8" },
    { 0x1p60, "1152921504606847000", "1.152921504606847e18" },
    { 5e-324, NULL, "5e-324" },
    { 2.5e-323, NULL, "2.5e-323" },
    { DBL_MIN, NULL, "2.2250738585072014e-308" },
    { DBL_MAX, NULL, "1.7976931348623157e308" },
    { INFINITY, "inf", "inf" },
    { -INFINITY, "-inf", "-inf" },
    { NAN, "NaN", "NaN" },
    { -NAN, "NaN", "NaN" },
};

START_TEST(numbers_have_their_shortest_text)
{
    char text[JR_NUMBER_TEXT_BYTES];
    size_t length = jr_number_debug(cases[_i].value, text);
    ck_assert_str_eq(text, cases[_i].debug);
    ck_assert_uint_eq(length, strlen(text));
    length = jr_number_display(cases[_i].value, text);
    if (cases[_i].display != NULL)
        ck_assert_str_eq(text, cases[_i].display);
    ck_assert_uint_eq(length, strlen(text));
}
END_TEST

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void must_read_back(double value)
{
    char text[JR_NUMBER_TEXT_BYTES];
    size_t length = jr_number_debug(value, text);
    ck_assert_msg(bits_of(jr_number_parse(text, length)) == bits_of(value), "debug text %s", text);
    length = jr_number_display(value, text);
    ck_assert_msg(bits_of(jr_number_parse(text, length)) == bits_of(value), "display text %s", text);
}

START_TEST(every_text_reads_back_as_the_same_double)
{
    uint64_t state = 42;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = (state ^ state >> 29) & INT64_MAX;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            must_read_back(value);
    }
    for (int exponent = -1074; exponent < 1024; exponent++)
        must_read_back(ldexp(1.0, exponent));
}
END_TEST

START_TEST(decimals_become_the_nearest_double)
{
    static const struct {
        const char *text;
        double value;
    } parsed[] = {
        { "0", 0.0 },
        { "0.0", 0.0 },
        { "12.5", 12.5 },
        { "0.1", 0.1 },
        { "100", 100.0 },
        { "1e3", 1000.0 },
        { "1.5e-3", 0.0015 },
        { "2e+2", 200.0 },
        { "9007199254740993", 9007199254740992.0 }, /* a tie goes to the even neighbour */
        { "9007199254740993.00000000000000000000000000000001", 9007199254740994.0 },
        { "1e400", INFINITY },
        { "1e-400", 0.0 },
        { "1e99999999999999999999", INFINITY },
    };
    for (size_t i = 0; i < sizeof parsed / sizeof parsed[0]; i++)
        ck_assert_double_eq(jr_number_parse(parsed[i].text, strlen(parsed[i].text)), parsed[i].value);
}
END_TEST

START_TEST(very_long_decimals_are_read_whole)
{
    enum { ZEROS = 5000 };
    char *text = malloc(ZEROS + 64);
    ck_assert_ptr_nonnull(text);
    /* A tie, decided upward by a digit far behind it. */
    strcpy(text, "9007199254740993.");
    memset(text + 17, '0', ZEROS);
    strcpy(text + 17 + ZEROS, "1");
    ck_assert_double_eq(jr_number_parse(text, strlen(text)), 9007199254740994.0);
    memset(text, '0', ZEROS);
    strcpy(text + ZEROS, "7.5");
    ck_assert_double_eq(jr_number_parse(text, strlen(text)), 7.5);
    strcpy(text, "0.");
    memset(text + 2, '0', 300);
    strcpy(text + 302, "25");
    ck_assert_double_eq(jr_number_parse(text, strlen(text)), 25e-302);
    free(text);
}
END_TEST

START_TEST(the_locale_changes_nothing)
{
    static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C.UTF-8", "C" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[JR_NUMBER_TEXT_BYTES];
        if (setlocale(LC_ALL, names[i]) == NULL)
            continue;
        jr_number_debug(0.5, text);
        ck_assert_str_eq(text, "0.5");
        ck_assert_double_eq(jr_number_parse("0.5", 3), 0.5);
    }
    setlocale(LC_ALL, "C");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tc = tcase_create("number");
    tcase_add_loop_test(tc, numbers_have_their_shortest_text, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tc, every_text_reads_back_as_the_same_double);
    tcase_add_test(tc, decimals_become_the_nearest_double);
    tcase_add_test(tc, very_long_decimals_are_read_whole);
    tcase_add_test(tc, the_locale_changes_nothing);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
