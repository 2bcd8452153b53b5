/* test_diagnostics_page.c -- docs/diagnostics.md lists every category with its meaning, and its programs give what they should. */
#include "tests/cli/program.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *code, *meaning;
} categories[] = {
#define JR_CATEGORY(name, code, when) { code, when },
#include "frontend/categories.def"
};
enum { CATEGORY_COUNT = sizeof categories / sizeof categories[0] };

/* The part of the page about a category: from behind its heading to the next one.  Owner: the caller. */
static char *section_of(const char *page, const char *code)
{
    char heading[64];
    snprintf(heading, sizeof heading, "### `%s`\n", code);
    const char *start = strstr(page, heading);
    ck_assert_msg(start != NULL, "docs/diagnostics.md says nothing about %s", code);
    start += strlen(heading);
    const char *end = strstr(start, "\n### ");
    char *section = strndup(start, end ? (size_t)(end - start) : strlen(start));
    ck_assert_ptr_nonnull(section);
    return section;
}

/* The program in a section: between two lines of three backquotes; cuts the section.  NULL if there is none. */
static const char *program_of(char *section)
{
    char *start = strstr(section, "\n```\n");
    if (!start)
        return NULL;
    start += strlen("\n```\n");
    char *end = strstr(start, "\n```");
    ck_assert_ptr_nonnull(end);
    end[1] = '\0';
    return start;
}

START_TEST(every_category_is_described)
{
    char *page = strdup(read_file(JR_DIAGNOSTICS_PAGE));
    unsigned headings = 0;
    for (size_t i = 0; i < CATEGORY_COUNT; i++) {
        char meaning[200];
        char *section = section_of(page, categories[i].code);
        snprintf(meaning, sizeof meaning, "%s", categories[i].meaning + 1); /* it begins with a capital there */
        expect_in(section, meaning);
        free(section);
    }
    for (const char *at = page; (at = strstr(at, "\n### `")) != NULL; at++)
        headings++;
    ck_assert_uint_eq(headings, CATEGORY_COUNT);
    free(page);
}
END_TEST

/* Every object that came out has this code, and there is one. */
static void expect_codes(const char *json, const char *code)
{
    ck_assert_msg(*json != '\0', "%s: nothing was reported", code);
    while (*json) {
        const char *end = strchr(json, '\n');
        json_error_t error;
        ck_assert_ptr_nonnull(end);
        json_t *object = json_loadb(json, (size_t)(end - json), 0, &error);
        ck_assert_msg(object != NULL, "%s: %s", json, error.text);
        ck_assert_msg(json_is_string(json_object_get(object, "code")), "%s", json);
        ck_assert_str_eq(json_string_value(json_object_get(object, "code")), code);
        json_decref(object);
        json = end + 1;
    }
}

START_TEST(every_program_gives_its_category)
{
    char *page = strdup(read_file(JR_DIAGNOSTICS_PAGE));
    unsigned programs = 0;
    for (size_t i = 0; i < CATEGORY_COUNT; i++) {
        char *section = section_of(page, categories[i].code);
        const char *program = program_of(section);
        if (program) {
            write_file("example.mmm", program);
            bool is_warning = categories[i].code[0] == 'W';
            const struct outcome *o = run("--diagnostics=json", "-n", "1", "-o", "null", "example.mmm");
            ck_assert_msg(o->code == (is_warning ? 0 : 1), "%s: exit code %d", categories[i].code, o->code);
            expect_codes(o->err, categories[i].code);
            programs++;
        }
        free(section);
    }
    ck_assert_uint_ge(programs + 5, CATEGORY_COUNT); /* few cannot be had from a short program */
    free(page);
}
END_TEST

TCase *diagnostics_page_tests(void)
{
    TCase *tests = tcase_create("diagnostics page");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_category_is_described);
    tcase_add_test(tests, every_program_gives_its_category);
    return tests;
}
