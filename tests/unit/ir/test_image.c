/* test_image.c -- images: the way out and back, and every kind of damage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "counting.h"
#include "ir/asm.h"
#include "ir/base/hash.h"
#include "ir/image.h"
#include "ir/image_internal.h"
#include "ir/verify.h"
#include "same_module.h"
#include "text_file.h"

enum { HEADER = sizeof(struct jr_image_header) };

static struct jr_module *module; /* everything.jas */
static struct jr_sb image;       /* its image */
static char message[256];
static size_t live; /* blocks of those two */

static const struct jr_image_key keys[2] = { { "lib/osc.mmm", 0x123456789abcdef0u }, { "song.mmm", 7 } };

static void set_up(void)
{
    counting_reset(0);
    size_t size;
    char *text = read_file(EVERYTHING, &size);
    struct jr_asm_errors errors = { 0 };
    struct jr_verify_report report;
    ck_assert_int_eq(jr_assemble(&counting_alloc, "test.jas", text, size, &module, &errors), JR_OK);
    ck_assert_int_eq(jr_verify(module, &counting_alloc, &report), JR_OK);
    JR_VEC_FREE(&counting_alloc, &errors);
    free(text);
    jr_sb_init(&image, &counting_alloc);
    ck_assert_int_eq(jr_image_save(module, keys, 2, &image), JR_OK);
    live = counting.live_blocks;
}

static void tear_down(void)
{
    ck_assert_uint_eq(counting.live_blocks, live);
    jr_sb_fini(&image);
    jr_module_destroy(module);
    ck_assert_uint_eq(counting.live_blocks, 0);
}

/* Loads bytes that stand in a block of just their size, so that a read behind the end is noticed. */
static enum jr_status load(const char *bytes, size_t size, struct jr_module **out,
                           struct jr_image_keys *found)
{
    char *exact = malloc(size == 0 ? 1 : size);
    memcpy(exact, bytes, size);
    *out = (void *)exact; /* garbage: load must overwrite it */
    enum jr_status status = jr_image_load(&counting_alloc, exact, size, out, found, message, sizeof message);
    ck_assert_int_eq(status == JR_OK, *out != NULL);
    ck_assert_int_eq(status == JR_OK, message[0] == '\0');
    free(exact);
    return status;
}

static void expect_refusal(const char *bytes, size_t size, enum jr_status status, const char *reason)
{
    struct jr_module *loaded;
    ck_assert_int_eq(load(bytes, size, &loaded, NULL), status);
    ck_assert_str_eq(message, reason);
}

/* A copy of the image to damage. */
static char *copy_image(void)
{
    char *copy = malloc(image.length);
    memcpy(copy, image.text, image.length);
    return copy;
}

/* Makes size and checksum of a changed image right again. */
static void seal(char *bytes, size_t size)
{
    struct jr_image_header header;
    memcpy(&header, bytes, HEADER);
    header.body_size = size - HEADER;
    header.body_hash = jr_hash_bytes(0, bytes + HEADER, size - HEADER);
    memcpy(bytes, &header, HEADER);
}

START_TEST(a_loaded_module_is_the_saved_one)
{
    struct jr_module *loaded;
    struct jr_image_keys found;
    struct jr_sb again;
    ck_assert_int_eq(load(image.text, image.length, &loaded, &found), JR_OK);
    ck_assert(loaded->verified);
    same_module(module, loaded);
    ck_assert_uint_eq(found.count, 2);
    ck_assert_str_eq(found.items[0].path, "lib/osc.mmm");
    ck_assert_uint_eq(found.items[0].hash, 0x123456789abcdef0u);
    ck_assert_str_eq(found.items[1].path, "song.mmm");
    jr_sb_init(&again, &counting_alloc);
    ck_assert_int_eq(jr_image_save(loaded, found.items, found.count, &again), JR_OK);
    ck_assert_uint_eq(again.length, image.length);
    ck_assert_mem_eq(again.text, image.text, image.length);
    jr_sb_fini(&again);
    jr_module_destroy(loaded);
}
END_TEST

START_TEST(an_image_may_stand_behind_other_bytes)
{
    struct jr_sb out;
    struct jr_module *loaded;
    jr_sb_init(&out, &counting_alloc);
    jr_sb_text(&out, "abc");
    ck_assert_int_eq(jr_image_save(module, NULL, 0, &out), JR_OK);
    ck_assert_int_eq(load(out.text + 3, out.length - 3, &loaded, NULL), JR_OK);
    same_module(module, loaded);
    jr_module_destroy(loaded);
    jr_sb_fini(&out);
}
END_TEST

START_TEST(an_image_is_told_from_text)
{
    ck_assert(jr_image_recognise(image.text, image.length));
    ck_assert(!jr_image_recognise(image.text, 7));
    ck_assert(!jr_image_recognise("fn dsp(){ 0 }", 13));
    expect_refusal("fn dsp(){ 0 }", 13, JR_ERR_INVALID, "this is no image");
    expect_refusal("", 0, JR_ERR_INVALID, "this is no image");
}
END_TEST

START_TEST(foreign_images_are_refused)
{
    char *copy = copy_image();
    struct jr_image_header *header = (void *)copy;
    header->version++;
    expect_refusal(copy, image.length, JR_ERR_UNSUPPORTED, "the image is of another version");
    header->version--;
    header->byte_order = 0x04030201;
    expect_refusal(copy, image.length, JR_ERR_UNSUPPORTED,
                   "the image is of a machine with another byte order");
    header->byte_order = JR_IMAGE_BYTE_ORDER;
    header->fingerprint ^= 1;
    expect_refusal(copy, image.length, JR_ERR_UNSUPPORTED, "the image is for another instruction set");
    free(copy);
}
END_TEST

START_TEST(every_changed_byte_is_noticed)
{
    char *copy = copy_image();
    for (size_t i = 0; i < image.length; i++) {
        struct jr_module *loaded;
        copy[i] ^= (char)(1 << i % 8);
        ck_assert_int_ne(load(copy, image.length, &loaded, NULL), JR_OK);
        copy[i] ^= (char)(1 << i % 8);
    }
    free(copy);
}
END_TEST

START_TEST(every_cut_is_noticed)
{
    struct jr_module *loaded;
    for (size_t size = 0; size < image.length; size++)
        ck_assert_int_eq(load(image.text, size, &loaded, NULL), JR_ERR_INVALID);
    char *longer = malloc(image.length + 1);
    memcpy(longer, image.text, image.length);
    longer[image.length] = 0;
    expect_refusal(longer, image.length + 1, JR_ERR_INVALID, "something follows the image");
    seal(longer, image.length + 1);
    expect_refusal(longer, image.length + 1, JR_ERR_INVALID, "something follows the image's last table");
    free(longer);
}
END_TEST

START_TEST(every_cut_with_a_right_checksum_is_noticed)
{
    char *copy = copy_image();
    for (size_t size = HEADER; size < image.length; size++) {
        struct jr_module *loaded;
        seal(copy, size);
        ck_assert_int_eq(load(copy, size, &loaded, NULL), JR_ERR_INVALID);
    }
    free(copy);
}
END_TEST

/* Whoever makes checksums right can write any tables; then bounds and the verifier hold. */
START_TEST(changes_with_a_right_checksum_never_crash)
{
    enum { ROUNDS = 4000 };
    static const uint32_t values[] = { 0,       1,          2,           7,           0xff,       0xffff,
                                       0x10000, 0x7fffffff, 0x80000000u, 0xfffffffeu, 0xffffffffu };
    char *copy = copy_image();
    unsigned accepted = 0;
    random_seed(7);
    for (int i = 0; i < ROUNDS; i++) {
        memcpy(copy, image.text, image.length);
        for (uint32_t n = random_below(3) + 1; n > 0; n--) {
            size_t at = HEADER + random_below((uint32_t)(image.length - HEADER - 4));
            if (random_below(2) == 0)
                copy[at] = (char)random_below(256);
            else
                memcpy(copy + at, &values[random_below(sizeof values / sizeof values[0])], 4);
        }
        seal(copy, image.length);
        struct jr_module *loaded;
        if (load(copy, image.length, &loaded, NULL) == JR_OK) {
            accepted++; /* a name or a constant */
            ck_assert(loaded->verified);
            jr_module_destroy(loaded);
        }
    }
    ck_assert_uint_gt(accepted, 0);
    ck_assert_uint_lt(accepted, ROUNDS);
    free(copy);
}
END_TEST

START_TEST(a_whole_image_of_a_bad_module_is_refused_by_the_verifier)
{
    static const char text[] = "func f : () -> (raw) { return r0 }\n";
    struct jr_asm_errors errors = { 0 };
    struct jr_module *bad;
    struct jr_sb out;
    ck_assert_int_eq(jr_assemble(&counting_alloc, "t", text, sizeof text - 1, &bad, &errors), JR_OK);
    jr_sb_init(&out, &counting_alloc);
    ck_assert_int_eq(jr_image_save(bad, NULL, 0, &out), JR_OK);
    expect_refusal(out.text, out.length, JR_ERR_VERIFY, "f: 0 return: register 0 is empty");
    jr_sb_fini(&out);
    jr_module_destroy(bad);
}
END_TEST

START_TEST(every_failed_allocation_of_loading_is_reported)
{
    for (size_t n = 1;; n++) {
        struct jr_module *loaded;
        counting.calls = 0;
        counting.fail_at = n;
        enum jr_status status = load(image.text, image.length, &loaded, NULL);
        bool done = counting.calls < n;
        counting.fail_at = 0;
        ck_assert_int_eq(status, done ? JR_OK : JR_ERR_NO_MEMORY);
        jr_module_destroy(loaded);
        ck_assert_uint_eq(counting.live_blocks, live);
        if (done)
            break;
    }
}
END_TEST

START_TEST(a_failed_allocation_of_saving_is_reported)
{
    struct jr_sb out;
    jr_sb_init(&out, &counting_alloc);
    counting.calls = 0;
    counting.fail_at = 3;
    ck_assert_int_eq(jr_image_save(module, keys, 2, &out), JR_ERR_NO_MEMORY);
    counting.fail_at = 0;
    jr_sb_fini(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image");
    TCase *tc = tcase_create("image");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_loaded_module_is_the_saved_one);
    tcase_add_test(tc, an_image_may_stand_behind_other_bytes);
    tcase_add_test(tc, an_image_is_told_from_text);
    tcase_add_test(tc, foreign_images_are_refused);
    tcase_add_test(tc, every_changed_byte_is_noticed);
    tcase_add_test(tc, every_cut_is_noticed);
    tcase_add_test(tc, every_cut_with_a_right_checksum_is_noticed);
    tcase_add_test(tc, changes_with_a_right_checksum_never_crash);
    tcase_add_test(tc, a_whole_image_of_a_bad_module_is_refused_by_the_verifier);
    tcase_add_test(tc, every_failed_allocation_of_loading_is_reported);
    tcase_add_test(tc, a_failed_allocation_of_saving_is_reported);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
