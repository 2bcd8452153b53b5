/* test_diag.c -- collecting diagnostics and rendering them. */
#include <check.h>
#include <jansson.h>
#include <string.h>

#include "frontend/diag.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

static struct jr_sources *sources;
static struct jr_diags *diags;
static struct jr_sb out;
static uint32_t file;

static void setup(void)
{
    static const char text[] = "let x = 1\nlet \xe3\x81\x82 = \"a\" + 1\r\n\tlast";
    ck_assert_int_eq(jr_sources_create(jr_alloc_default(), &sources), JR_OK);
    ck_assert_int_eq(jr_diags_create(jr_alloc_default(), &diags), JR_OK);
    ck_assert_int_eq(jr_sources_add(sources, "dir/a.mmm", text, sizeof text - 1, &file), JR_OK);
    jr_sb_init(&out, jr_alloc_default());
}

static void teardown(void)
{
    jr_sb_fini(&out);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
}

static struct jr_span span(uint32_t start, uint32_t end)
{
    struct jr_span made = { file, start, end };
    return made;
}

START_TEST(text_shows_the_place_with_excerpt_labels_and_notes)
{
    struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_MISMATCH, span(20, 23), "expected %s", "number");
    jr_diag_set_label(diags, diag, "this is a string");
    jr_diag_label(diags, diag, span(26, 27), "because of this");
    jr_diag_label(diags, diag, span(4, 5), "and of this");
    jr_diag_note(diags, diag, "note %d", 1);
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_str_eq(jr_sb_view(&out), "dir/a.mmm:2:9: error[E-MISMATCH]: expected number\n"
                                       "     2 | let \xe3\x81\x82 = \"a\" + 1\n"
                                       "       |         ^^^ this is a string\n"
                                       "       |               - because of this\n"
                                       "     1 | let x = 1\n"
                                       "       |     - and of this\n"
                                       "       = note: note 1\n");
}
END_TEST

START_TEST(a_place_may_be_empty_or_span_lines)
{
    jr_diags_error(diags, JR_CATEGORY_PARSE, span(9, 9), "here");
    jr_diags_warn(diags, JR_CATEGORY_PARSE, span(8, 22), "there");
    jr_diags_error(diags, JR_CATEGORY_PARSE, span(35, 36), "after a tab");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_str_eq(jr_sb_view(&out), "dir/a.mmm:1:10: error[E-PARSE]: here\n"
                                       "     1 | let x = 1\n"
                                       "       |          ^\n"
                                       "\n"
                                       "dir/a.mmm:1:9: warning[E-PARSE]: there\n"
                                       "     1 | let x = 1\n"
                                       "       |         ^\n"
                                       "\n"
                                       "dir/a.mmm:3:6: error[E-PARSE]: after a tab\n"
                                       "     3 |  last\n"
                                       "       |      ^\n");
    ck_assert_uint_eq(jr_diags_error_count(diags), 2);
    ck_assert_uint_eq(jr_diags_count(diags), 3);
}
END_TEST

START_TEST(an_error_without_a_file_is_one_line)
{
    struct jr_span nowhere = { JR_FILE_NONE, 0, 0 };
    jr_diags_error(diags, JR_CATEGORY_FILE, nowhere, "not found");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_str_eq(jr_sb_view(&out), "error[E-FILE]: not found\n");
}
END_TEST

START_TEST(calls_are_listed_behind_the_notes)
{
    struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_RUN, span(4, 5), "stopped");
    jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ "f", "dir/a.mmm", 1, 5, 0 });
    jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ .left_out = 7 });
    jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ .function = "dsp" });
    jr_diag_note(diags, diag, "why");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_str_eq(jr_sb_view(&out), "dir/a.mmm:1:5: error[E-RUN]: stopped\n"
                                       "     1 | let x = 1\n"
                                       "       |     ^\n"
                                       "       = note: why\n"
                                       "       = note: in f at dir/a.mmm:1:5\n"
                                       "       = note: ... 7 more calls ...\n"
                                       "       = note: called from dsp\n");
}
END_TEST

START_TEST(a_suggestion_is_a_question)
{
    struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_NAME, span(4, 5), "no x");
    jr_diag_suggest(diags, diag, "y");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&out), "       = note: did you mean `y`?\n"));
}
END_TEST

/* The next line of the rendered JSON.  Owner: the caller. */
static json_t *next_object(const char **at)
{
    const char *end = strchr(*at, '\n');
    json_error_t error;
    ck_assert_ptr_nonnull(end);
    json_t *object = json_loadb(*at, (size_t)(end - *at), JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(object != NULL, "%s in %s", error.text, *at);
    *at = end + 1;
    return object;
}

#define expect_text(object, key, expected) \
    ck_assert_str_eq(json_string_value(json_object_get(object, key)), expected)
#define expect_number(object, key, expected) \
    ck_assert_int_eq(json_integer_value(json_object_get(object, key)), expected)

static void expect_place(const json_t *place, int start, int end, int line, int column, int end_line,
                         int end_column)
{
    expect_text(place, "file", "dir/a.mmm");
    expect_number(place, "start", start);
    expect_number(place, "end", end);
    expect_number(place, "line", line);
    expect_number(place, "column", column);
    expect_number(place, "end_line", end_line);
    expect_number(place, "end_column", end_column);
}

START_TEST(json_is_one_object_a_line)
{
    struct jr_span nowhere = { JR_FILE_NONE, 0, 0 };
    struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_NAME, span(4, 5), "say \"x\"\n\x01");
    jr_diag_label(diags, diag, span(14, 23), "b");
    jr_diag_label(diags, diag, nowhere, "not shown");
    jr_diag_note(diags, diag, "c \\ \xe3\x81\x82");
    jr_diag_note(diags, diag, "d");
    jr_diag_suggest(diags, diag, "y");
    diag = jr_diags_warn(diags, JR_CATEGORY_RUN, nowhere, "w");
    jr_diag_suggest(diags, diag, "has no place to go to");
    jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ "f", "q\"", 3, 9, 0 });
    jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ .left_out = 70000000000 });
    jr_diag_add_frame(diags, diag, (struct jr_diag_frame){ .function = "dsp" });
    jr_diags_render_json(diags, sources, &out);

    const char *at = jr_sb_view(&out);
    json_t *object = next_object(&at);
    expect_text(object, "code", "E-NAME");
    expect_text(object, "severity", "error");
    expect_text(object, "message", "say \"x\"\n\x01");
    const json_t *labels = json_object_get(object, "labels");
    ck_assert_uint_eq(json_array_size(labels), 2);
    const json_t *label = json_array_get(labels, 0);
    expect_place(label, 4, 5, 1, 5, 1, 6);
    expect_text(label, "text", "");
    ck_assert(json_is_true(json_object_get(label, "primary")));
    label = json_array_get(labels, 1);
    expect_place(label, 14, 23, 2, 5, 2, 12); /* columns count characters */
    expect_text(label, "text", "b");
    ck_assert(json_is_false(json_object_get(label, "primary")));
    const json_t *notes = json_object_get(object, "notes");
    ck_assert_uint_eq(json_array_size(notes), 2);
    ck_assert_str_eq(json_string_value(json_array_get(notes, 0)), "c \\ \xe3\x81\x82");
    const json_t *suggestion = json_object_get(object, "suggestion");
    expect_place(suggestion, 4, 5, 1, 5, 1, 6);
    expect_text(suggestion, "replacement", "y");
    ck_assert_uint_eq(json_array_size(json_object_get(object, "trace")), 0);
    json_decref(object);

    object = next_object(&at);
    expect_text(object, "severity", "warning");
    ck_assert_uint_eq(json_array_size(json_object_get(object, "labels")), 0);
    ck_assert(json_is_null(json_object_get(object, "suggestion")));
    const json_t *trace = json_object_get(object, "trace");
    ck_assert_uint_eq(json_array_size(trace), 3);
    expect_text(json_array_get(trace, 0), "function", "f");
    expect_text(json_array_get(trace, 0), "file", "q\"");
    expect_number(json_array_get(trace, 0), "line", 3);
    expect_number(json_array_get(trace, 0), "column", 9);
    expect_number(json_array_get(trace, 1), "left_out", 70000000000);
    ck_assert(json_is_null(json_object_get(json_array_get(trace, 2), "file")));
    json_decref(object);
    ck_assert_str_eq(at, "");
}
END_TEST

START_TEST(colour_is_an_option)
{
    jr_diags_error(diags, JR_CATEGORY_PARSE, span(0, 1), "x");
    jr_diags_render_text(diags, sources, true, &out);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&out), "\033[1;31merror[E-PARSE]:"));
}
END_TEST

START_TEST(more_errors_than_are_kept_are_counted)
{
    for (int i = 0; i < JR_DIAGS_KEPT + 5; i++) {
        struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_PARSE, span(0, 1), "x");
        jr_diag_note(diags, diag, "the note of a lost one is no harm");
    }
    ck_assert_uint_eq(jr_diags_count(diags), JR_DIAGS_KEPT);
    ck_assert_uint_eq(jr_diags_error_count(diags), JR_DIAGS_KEPT + 5);
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&out), "and 5 more errors"));
    jr_sb_clear(&out);
    jr_diags_render_json(diags, sources, &out);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&out), "{\"code\":null,\"severity\":\"error\",\"message\":\"and 5 more"));
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
    uint32_t bad;
    struct jr_span place;
    ck_assert_int_eq(jr_sources_add(sources, "b", "\033[2J\x07", 5, &bad), JR_OK);
    place = (struct jr_span){ bad, 0, 1 };
    jr_diags_error(diags, JR_CATEGORY_PARSE, place, "x");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_ptr_null(strchr(jr_sb_view(&out), '\033'));
    ck_assert_ptr_null(strchr(jr_sb_view(&out), '\a'));
}
END_TEST

START_TEST(broken_utf8_does_not_reach_the_terminal)
{
    static const char text[] = "a\xff\xc3(\x80\xc2\x9b z";
    uint32_t broken;
    ck_assert_int_eq(jr_sources_add(sources, "b.mmm", text, sizeof text - 1, &broken), JR_OK);
    jr_diags_error(diags, JR_CATEGORY_FILE, (struct jr_span){ broken, 8, 9 }, "here");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&out), "     1 | a?\?(? z\n       |       ^\n"));
}
END_TEST

START_TEST(a_long_line_is_shown_around_the_place)
{
    static char text[10000];
    uint32_t wide;
    memset(text, 'a', sizeof text);
    text[5000] = 'B';
    ck_assert_int_eq(jr_sources_add(sources, "wide", text, sizeof text, &wide), JR_OK);
    jr_diags_error(diags, JR_CATEGORY_PARSE, (struct jr_span){ wide, 5000, 9000 }, "x");
    jr_diags_render_text(diags, sources, false, &out);
    ck_assert_uint_lt(out.length, 600);
    const char *excerpt = strchr(jr_sb_view(&out), '\n') + 1;
    const char *marks = strchr(excerpt, '\n') + 1;
    ck_assert_int_eq(strchr(excerpt, 'B') - excerpt, strchr(marks, '^') - marks);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diag");
    TCase *tc = tcase_create("diag");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, text_shows_the_place_with_excerpt_labels_and_notes);
    tcase_add_test(tc, a_place_may_be_empty_or_span_lines);
    tcase_add_test(tc, an_error_without_a_file_is_one_line);
    tcase_add_test(tc, calls_are_listed_behind_the_notes);
    tcase_add_test(tc, a_suggestion_is_a_question);
    tcase_add_test(tc, json_is_one_object_a_line);
    tcase_add_test(tc, colour_is_an_option);
    tcase_add_test(tc, more_errors_than_are_kept_are_counted);
    tcase_add_test(tc, control_characters_do_not_reach_the_terminal);
    tcase_add_test(tc, broken_utf8_does_not_reach_the_terminal);
    tcase_add_test(tc, a_long_line_is_shown_around_the_place);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
