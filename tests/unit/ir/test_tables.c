/* test_tables.c -- the hash and the hash index. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "counting.h"
#include "ir/base/hash.h"
#include "ir/base/index_map.h"

static void set_up(void)
{
    counting_reset(0);
}
static void tear_down(void)
{
    ck_assert_uint_eq(counting.live_blocks, 0);
}

START_TEST(hashes_tell_contents_sizes_and_seeds_apart)
{
    static const char zeros[32];
    static const char text[] = "0123456789abcdef";
    for (size_t a = 0; a <= 32; a++)
        for (size_t b = 0; b < a; b++)
            ck_assert_uint_ne(jr_hash_bytes(0, zeros, a), jr_hash_bytes(0, zeros, b));
    for (size_t i = 0; i < 16; i++) {
        char changed[17];
        memcpy(changed, text, sizeof changed);
        changed[i] ^= 1;
        ck_assert_uint_ne(jr_hash_bytes(0, changed, 16), jr_hash_bytes(0, text, 16));
    }
    ck_assert_uint_ne(jr_hash_bytes(0, text, 16), jr_hash_bytes(1, text, 16));
    ck_assert_uint_ne(jr_hash_word(0, 1), jr_hash_word(1, 0));
    ck_assert_uint_eq(jr_hash_bytes(5, NULL, 0), jr_hash_bytes(5, text, 0));
}
END_TEST

/* Images and cache keys outlive a build, so the values may not drift. */
START_TEST(hashes_stay_what_they_are)
{
    ck_assert_uint_eq(jr_hash_bytes(0, "", 0), 0x149fde050daa4d52u);
    ck_assert_uint_eq(jr_hash_bytes(0, "jitrun", 6), 0x7c8da9cbabb40337u);
    ck_assert_uint_eq(jr_hash_bytes(7, "0123456789abcdef", 16), 0xd0367b459e8a074du);
}
END_TEST

START_TEST(low_bits_spread)
{
    unsigned slots[64] = { 0 };
    for (uint64_t i = 0; i < 6400; i++)
        slots[jr_hash_word(0, i << 20) % 64]++;
    for (int i = 0; i < 64; i++)
        ck_assert(slots[i] > 50 && slots[i] < 150);
}
END_TEST

START_TEST(the_map_finds_every_index_of_a_hash)
{
    struct jr_index_map map = { 0 };
    size_t probe = 0;
    ck_assert_uint_eq(jr_index_map_next(&map, 1, &probe), UINT32_MAX);
    for (uint32_t i = 0; i < 1000; i++) /* ten indices share each hash, and all hashes share their low bits */
        ck_assert_int_eq(jr_index_map_add(&counting_alloc, &map, (uint64_t)(i % 100) << 32, i), JR_OK);
    for (uint32_t hash = 0; hash < 100; hash++) {
        uint32_t index, found = 0;
        probe = 0;
        while ((index = jr_index_map_next(&map, (uint64_t)hash << 32, &probe)) != UINT32_MAX) {
            ck_assert_uint_eq(index % 100, hash);
            found++;
        }
        ck_assert_uint_eq(found, 10);
    }
    jr_index_map_fini(&counting_alloc, &map);
    ck_assert_uint_eq(map.count, 0);
}
END_TEST

START_TEST(a_map_without_memory_stays_as_it_was)
{
    struct jr_index_map map = { 0 };
    size_t probe = 0;
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(jr_index_map_add(&counting_alloc, &map, i, i), JR_OK);
    counting.fail_at = counting.calls + 1;
    ck_assert_int_eq(jr_index_map_add(&counting_alloc, &map, 10, 10), JR_ERR_NO_MEMORY);
    ck_assert_uint_eq(map.count, 10);
    ck_assert_uint_eq(jr_index_map_next(&map, 9, &probe), 9);
    jr_index_map_fini(&counting_alloc, &map);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables");
    TCase *tc = tcase_create("tables");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, hashes_tell_contents_sizes_and_seeds_apart);
    tcase_add_test(tc, hashes_stay_what_they_are);
    tcase_add_test(tc, low_bits_spread);
    tcase_add_test(tc, the_map_finds_every_index_of_a_hash);
    tcase_add_test(tc, a_map_without_memory_stays_as_it_was);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
