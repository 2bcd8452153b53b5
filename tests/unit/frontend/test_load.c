/* test_load.c -- where modules and includes are found, and what happens when they are not or load each other. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/source.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/module.h"
#include "tests/unit/frontend/parse_text.h"

/* ---- files in memory ---- */

struct disk {
    const char *const (*files)[2]; /* path, text; ends with NULL */
    const char *unreadable;        /* a path, or NULL */
    const char *asked[64];         /* in order */
    size_t asked_count;
    char paths[64][64];
    size_t loads;
};

static enum jr_status load(void *context, struct jr_sources *sources, const char *path, uint32_t *out)
{
    struct disk *disk = context;
    *out = JR_FILE_NONE;
    if (disk->asked_count < 64) {
        snprintf(disk->paths[disk->asked_count], sizeof disk->paths[0], "%s", path);
        disk->asked[disk->asked_count] = disk->paths[disk->asked_count];
        disk->asked_count++;
    }
    if (disk->unreadable != NULL && strcmp(disk->unreadable, path) == 0)
        return JR_ERR_IO;
    for (size_t i = 0; disk->files[i][0] != NULL; i++)
        if (strcmp(disk->files[i][0], path) == 0) {
            disk->loads++;
            return jr_sources_add(sources, path, disk->files[i][1], strlen(disk->files[i][1]), out);
        }
    return JR_ERR_NOT_FOUND;
}

/* Compiles the file `main_path` of the disk; what is reported, as "path:line CATEGORY message" lines. */
static enum jr_status compile(const struct jr_alloc *alloc, struct disk *disk,
                              struct jr_mimium_options options, const char *main_path, struct jr_sb *report)
{
    struct jr_mimium_files files = { load, disk };
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    struct jr_module *module = NULL;
    uint32_t file;
    enum jr_status status;
    options.files = &files;
    JR_TRY(jr_sources_create(alloc, &sources));
    JR_TRY(jr_diags_create(alloc, &diags));
    JR_TRY(load(disk, sources, main_path, &file));
    disk->asked_count = disk->loads = 0;
    status = jr_mimium_compile(sources, file, &options, alloc, diags, &module);
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        const struct jr_diag *diag = jr_diags_at(diags, i);
        jr_sb_format(report, "%s:%u %s %s\n", jr_sources_path(sources, diag->span.file),
                     jr_sources_position(sources, diag->span.file, diag->span.start).line,
                     jr_category_code(diag->category), diag->message);
    }
done:
    jr_module_destroy(module);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    return status;
}

static void reports(const char *const (*files)[2], const char *expected)
{
    struct disk disk = { .files = files };
    struct jr_sb report;
    jr_sb_init(&report, jr_alloc_default());
    compile(jr_alloc_default(), &disk, (struct jr_mimium_options){ 0 }, files[0][0], &report);
    ck_assert_str_eq(jr_sb_view(&report), expected);
    jr_sb_fini(&report);
}

/* ---- where ---- */

START_TEST(folders_are_searched_in_order)
{
    static const char *const files[][2] = { { "/w/a/main.mmm", "use m::f\nfn dsp(){ f() }" },
                                            { NULL, NULL } };
    static const char *const first[] = { "/i", "j/" }, *const libraries[] = { "/usr" };
    static const char *const expected[] = { "/i/m.mmm",     "j/m.mmm",    "/w/a/lib/m.mmm",
                                            "/w/lib/m.mmm", "/lib/m.mmm", "/home/.mimium/lib/m.mmm",
                                            "/usr/m.mmm",   "/w/a/m.mmm" };
    struct disk disk = { .files = files };
    struct jr_mimium_options options = { .search_first = first,
                                         .search_first_count = 2,
                                         .user_library = "/home/.mimium/lib",
                                         .libraries = libraries,
                                         .library_count = 1 };
    struct jr_sb report;
    jr_sb_init(&report, jr_alloc_default());
    ck_assert_int_eq(compile(jr_alloc_default(), &disk, options, "/w/a/main.mmm", &report), JR_ERR_DIAGNOSED);
    ck_assert_str_eq(jr_sb_view(&report), "/w/a/main.mmm:1 E-FILE file `m.mmm` not found\n");
    ck_assert_uint_eq(disk.asked_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < disk.asked_count; i++)
        ck_assert_str_eq(disk.asked[i], expected[i]);

    /* each of them ends the search, and so does a file that cannot be read */
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const char *const found[][2] = { { "/w/a/main.mmm", files[0][1] },
                                         { expected[i], "pub fn f(){ 1 }" },
                                         { NULL, NULL } };
        struct disk with = { .files = found };
        jr_sb_clear(&report);
        ck_assert_int_eq(compile(jr_alloc_default(), &with, options, "/w/a/main.mmm", &report), JR_OK);
        ck_assert_uint_eq(with.asked_count, i + 1);
        with.unreadable = expected[i];
        ck_assert_int_eq(compile(jr_alloc_default(), &with, options, "/w/a/main.mmm", &report),
                         JR_ERR_DIAGNOSED);
        ck_assert_uint_eq(with.asked_count, i + 1);
        ck_assert_ptr_nonnull(strstr(jr_sb_view(&report), "cannot be read"));
    }
    jr_sb_fini(&report);
}
END_TEST

START_TEST(a_path_that_says_where_is_looked_for_there_only)
{
    static const struct {
        const char *text, *asked;
    } cases[] = {
        { "include(\"/x/y.mmm\")", "/x/y.mmm" },
        { "include(\"./y.mmm\")", "/w/y.mmm" },
        { "include(\"../z/y.mmm\")", "/w/../z/y.mmm" },
    };
    static const char *const first[] = { "/i" };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const files[][2] = { { "/w/main.mmm", cases[i].text }, { NULL, NULL } };
        struct disk disk = { .files = files };
        struct jr_sb report;
        jr_sb_init(&report, jr_alloc_default());
        compile(jr_alloc_default(), &disk,
                (struct jr_mimium_options){ .search_first = first, .search_first_count = 1 }, "/w/main.mmm",
                &report);
        ck_assert_uint_eq(disk.asked_count, 1);
        ck_assert_str_eq(disk.asked[0], cases[i].asked);
        jr_sb_fini(&report);
    }
}
END_TEST

START_TEST(a_module_is_loaded_once)
{
    static const char *const files[][2] = {
        { "main.mmm", "use a::f\nmod b\nuse b::g\nuse a::f\nfn dsp(){ f() + g() + a::f() }" },
        { "a.mmm", "pub fn f(){ 1 }" },
        { "b.mmm", "use a::f\nuse c\npub fn g(){ f() + c::h() }" },
        { "c.mmm", "use a\npub fn h(){ a::f() }" },
        { NULL, NULL },
    };
    struct disk disk = { .files = files };
    struct jr_sb report;
    jr_sb_init(&report, jr_alloc_default());
    ck_assert_int_eq(compile(jr_alloc_default(), &disk, (struct jr_mimium_options){ 0 }, "main.mmm", &report),
                     JR_OK);
    ck_assert_str_eq(jr_sb_view(&report), "");
    ck_assert_uint_eq(disk.loads, 3);
    jr_sb_fini(&report);
}
END_TEST

START_TEST(a_module_that_is_there_is_not_loaded)
{
    static const char *const files[][2] = {
        { "main.mmm", "mod a { pub fn f(){ 1 }\n mod b { pub fn g(){ 2 } } }\nuse a::f\nmod c { use "
                      "a::b::g\n mod d { use b::x }\n"
                      "pub fn h(){ g() } }\nfn dsp(){ f() + c::h() }" },
        { NULL, NULL },
    };
    reports(files, "main.mmm:5 E-FILE file `b.mmm` not found\n"); /* a::b is no module of the program */
}
END_TEST

/* ---- what cannot be loaded ---- */

START_TEST(what_is_missing_is_reported_once)
{
    static const char *const module[][2] = {
        { "main.mmm", "use gone::{f, g}\nuse gone::*\nuse gone::deep::h\nmod gone\nlet a = f(1) + gone::x + "
                      "h() + unknown\n"
                      "let t:gone::T = gone::C\nfn dsp(){ match a { gone::C(v) => v, _ => 0 } }" },
        { NULL, NULL },
    };
    static const char *const include[][2] = {
        { "main.mmm", "include(\"gone.mmm\")\nlet a = f(1)\nlet b = \"s\" + 1\nfn dsp(){ g() }" },
        { NULL, NULL },
    };
    reports(module, "main.mmm:1 E-FILE file `gone.mmm` not found\n");
    reports(
        include,
        "main.mmm:1 E-FILE file `gone.mmm` not found\nmain.mmm:3 E-MISMATCH expected number, found string\n");
}
END_TEST

START_TEST(files_that_load_themselves_are_reported)
{
    static const char *const itself[][2] = { { "main.mmm", "include(\"main.mmm\")\nfn dsp(){ 1 }" },
                                             { NULL, NULL } };
    static const char *const by_name[][2] = { { "main.mmm", "use main_file::x" },
                                              { "main_file.mmm", "use main_file::y\npub fn y(){ 1 }" },
                                              { NULL, NULL } };
    static const char *const by_use[][2] = {
        { "main.mmm", "use a::f\nfn dsp(){ f() }" },
        { "a.mmm", "use b::g\npub fn f(){ g() }" },
        { "b.mmm", "use c\npub fn g(){ c::h() }" },
        { "c.mmm", "use a::{f}\nuse a::*\npub fn h(){ f() + other() }" },
        { NULL, NULL },
    };
    static const char *const by_mod[][2] = {
        { "main.mmm", "mod a" }, { "a.mmm", "mod b" }, { "b.mmm", "mod a" }, { NULL, NULL }
    };
    static const char *const mixed[][2] = { { "main.mmm", "include(\"a.mmm\")" },
                                            { "a.mmm", "mod b" },
                                            { "b.mmm", "include(\"a.mmm\")" },
                                            { NULL, NULL } };
    reports(itself, "main.mmm:1 E-FILE-SELF file `main.mmm` would load itself\n");
    reports(by_name, "main_file.mmm:1 E-NAME module `main_file` has no member `y`\n"
                     "main.mmm:1 E-NAME module `main_file` has no member `x`\n");
    reports(by_use, "c.mmm:1 E-FILE-SELF file `a.mmm` would load itself\n"
                    "c.mmm:2 E-FILE-SELF file `a.mmm` would load itself\n");
    reports(by_mod, "b.mmm:1 E-FILE-SELF file `a.mmm` would load itself\n");
    reports(mixed, "b.mmm:1 E-FILE-SELF file `a.mmm` would load itself\n");
}
END_TEST

/* Every file uses the next one. */
static enum jr_status load_next(void *context, struct jr_sources *sources, const char *path, uint32_t *out)
{
    char text[96];
    int number, *last = context;
    *out = JR_FILE_NONE;
    if (sscanf(path, "m%d.mmm", &number) != 1)
        return JR_ERR_NOT_FOUND;
    if (number == *last)
        snprintf(text, sizeof text, "pub fn f(){ 1 }");
    else
        snprintf(text, sizeof text, "use m%d\npub fn f(){ m%d::f() }", number + 1, number + 1);
    return jr_sources_add(sources, path, text, strlen(text), out);
}

START_TEST(files_may_be_nested_deep_but_not_endlessly)
{
    static const int depths[] = { 300, 1000000 };
    for (size_t i = 0; i < 2; i++) {
        struct jr_mimium_files files = { load_next, (void *)&depths[i] };
        struct jr_mimium_options options = { .files = &files };
        struct jr_sources *sources;
        struct jr_diags *diags;
        struct jr_module *module;
        uint32_t file;
        ck_assert_int_eq(jr_sources_create(jr_alloc_default(), &sources), JR_OK);
        ck_assert_int_eq(jr_diags_create(jr_alloc_default(), &diags), JR_OK);
        ck_assert_int_eq(load_next(files.context, sources, "m0.mmm", &file), JR_OK);
        enum jr_status status =
            jr_mimium_compile(sources, file, &options, jr_alloc_default(), diags, &module);
        ck_assert_int_eq(status, i == 0 ? JR_OK : JR_ERR_DIAGNOSED);
        if (i == 1)
            ck_assert_int_eq(jr_diags_at(diags, 0)->category, JR_CATEGORY_LIMIT);
        jr_module_destroy(module);
        jr_diags_destroy(diags);
        jr_sources_destroy(sources);
    }
}
END_TEST

START_TEST(exports_that_fan_out_are_searched_once)
{
    enum { LEVELS = 60 };
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_text(&text, "mod a0 { pub fn x(){ 1 } }\nmod b0 { pub fn y(){ 2 } }\n");
    for (int i = 1; i < LEVELS; i++)
        jr_sb_format(&text,
                     "mod a%d { pub use a%d::* pub use b%d::* }\nmod b%d { pub use b%d::* pub use a%d::* }\n",
                     i, i - 1, i - 1, i, i - 1, i - 1);
    jr_sb_format(&text, "use a%d::*\nfn dsp(){ x() + y() + b%d::x() + sin(0) + nothing() }\n", LEVELS - 1,
                 LEVELS - 1);
    const char *const files[][2] = { { "main.mmm", jr_sb_view(&text) }, { NULL, NULL } };
    reports(files, "main.mmm:122 E-NAME Variable \"nothing\" not found in this scope\n");
    jr_sb_fini(&text);
}
END_TEST

/* ---- real files ---- */

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

START_TEST(only_files_are_read)
{
    static const char *const names[] = { "main.mmm", "loop.mmm",   "again.mmm",
                                         "pipe.mmm", "folder.mmm", "dangling.mmm" };
    char folder[] = "/tmp/test_load_XXXXXX", path[256], target[256];
    struct jr_sources *sources;
    struct jr_diags *diags;
    struct jr_module *module;
    uint32_t file;
    static const enum jr_category expected[] = { JR_CATEGORY_FILE, JR_CATEGORY_FILE_SELF, JR_CATEGORY_FILE,
                                                 JR_CATEGORY_FILE, JR_CATEGORY_FILE };
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file(
        folder, "main.mmm",
        "include(\"loop.mmm\")\ninclude(\"again.mmm\")\ninclude(\"pipe.mmm\")\nmod folder\nmod dangling\n");
    snprintf(path, sizeof path, "%s/loop.mmm", folder);
    ck_assert_int_eq(symlink(path, path), 0);
    snprintf(path, sizeof path, "%s/again.mmm", folder);
    snprintf(target, sizeof target, "%s/main.mmm", folder);
    ck_assert_int_eq(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/pipe.mmm", folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/folder.mmm", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/dangling.mmm", folder);
    ck_assert_int_eq(symlink("/nonexistent/file", path), 0);

    ck_assert_int_eq(jr_sources_create(jr_alloc_default(), &sources), JR_OK);
    ck_assert_int_eq(jr_diags_create(jr_alloc_default(), &diags), JR_OK);
    ck_assert_int_eq(jr_sources_load(sources, target, &file), JR_OK);
    ck_assert_int_eq(jr_mimium_compile(sources, file, NULL, jr_alloc_default(), diags, &module),
                     JR_ERR_DIAGNOSED);
    ck_assert_uint_eq(jr_diags_count(diags), sizeof expected / sizeof *expected);
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        ck_assert_int_eq(jr_diags_at(diags, i)->category, expected[i]);
        ck_assert_uint_eq(jr_sources_position(sources, file, jr_diags_at(diags, i)->span.start).line, i + 1);
    }
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        ck_assert_int_eq(remove(path), 0);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(running_out_of_memory_is_no_crash)
{
    static const char *const files[][2] = {
        { "main.mmm",
          "use a::*\nmod b { pub use c::h\n type T = D(float) | E\n let x = 1 }\n"
          "fn dsp(){ f() + b::h() + (match b::D(2) { b::D(v) => v + b::x, E => 0 }) + nothing + lent() }" },
        { "a.mmm", "use c::lent\npub fn f(){ 1 }" },
        { "c.mmm", "pub fn h(){ 2 }\npub fn lent(){ 3 }\nfn hidden(){ 4 }" },
        { NULL, NULL },
    };
    enum jr_status status = JR_ERR_NO_MEMORY;
    for (size_t at = 1; status == JR_ERR_NO_MEMORY; at++) {
        struct counting_heap heap = { .fail_at = at };
        struct jr_alloc alloc = counting_alloc(&heap);
        struct disk disk = { .files = files };
        struct jr_sb report;
        jr_sb_init(&report, jr_alloc_default());
        status = compile(&alloc, &disk, (struct jr_mimium_options){ 0 }, "main.mmm", &report);
        ck_assert_uint_eq(heap.live_bytes, 0);
        if (status != JR_ERR_NO_MEMORY)
            ck_assert_str_eq(jr_sb_view(&report),
                             "main.mmm:5 E-NAME Variable \"nothing\" not found in this scope\n"
                             "main.mmm:5 W-LENT-NAME `lent` is imported by module `a`, but not here\n");
        jr_sb_fini(&report);
    }
    ck_assert_int_eq(status, JR_ERR_DIAGNOSED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *tc = tcase_create("load");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, folders_are_searched_in_order);
    tcase_add_test(tc, a_path_that_says_where_is_looked_for_there_only);
    tcase_add_test(tc, a_module_is_loaded_once);
    tcase_add_test(tc, a_module_that_is_there_is_not_loaded);
    tcase_add_test(tc, what_is_missing_is_reported_once);
    tcase_add_test(tc, files_that_load_themselves_are_reported);
    tcase_add_test(tc, files_may_be_nested_deep_but_not_endlessly);
    tcase_add_test(tc, exports_that_fan_out_are_searched_once);
    tcase_add_test(tc, only_files_are_read);
    tcase_add_test(tc, running_out_of_memory_is_no_crash);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
