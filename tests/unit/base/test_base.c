/* test_base.c -- arena, vector, string builder, statuses; with an allocator that fails on demand. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/sb.h"
#include "ir/base/status.h"
#include "ir/base/vec.h"

static struct {
    size_t live_bytes;
    int calls, fail_at; /* fail_at: the call that fails, and all after it; 0 for never */
} heap;

static void *counted(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    if (new_size > 0 && heap.fail_at > 0 && ++heap.calls >= heap.fail_at)
        return NULL;
    heap.live_bytes += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static const struct jr_alloc counting = { counted, NULL };

static void heap_reset(void)
{
    memset(&heap, 0, sizeof heap);
}
static void heap_must_be_empty(void)
{
    ck_assert_uint_eq(heap.live_bytes, 0);
}

START_TEST(blocks_are_zeroed_and_counts_that_overflow_are_refused)
{
    char *block = jr_alloc_array(&counting, 10, 10);
    ck_assert_ptr_nonnull(block);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(block[i], 0);
    jr_alloc_free(&counting, block, 100);
    ck_assert_ptr_null(jr_alloc_array(&counting, SIZE_MAX / 2, 3));
    jr_alloc_free(&counting, NULL, 0);
}
END_TEST

START_TEST(the_arena_gives_zeroed_aligned_pieces_of_any_size)
{
    struct jr_arena arena;
    jr_arena_init(&arena, &counting);
    for (size_t size = 0; size < 9000; size = size * 2 + 1) {
        char *piece = jr_arena_alloc(&arena, size);
        ck_assert_ptr_nonnull(piece);
        ck_assert_uint_eq((uintptr_t)piece % 8, 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(piece[i], 0);
        memset(piece, 0xff, size);
    }
    ck_assert_str_eq(jr_arena_text(&arena, "abcdef", 3), "abc");
    ck_assert_ptr_null(jr_arena_array(&arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(jr_arena_alloc(&arena, SIZE_MAX));
    ck_assert_uint_eq(heap.live_bytes, arena.total_bytes);
    jr_arena_fini(&arena);
}
END_TEST

START_TEST(an_arena_without_memory_keeps_what_it_gave)
{
    struct jr_arena arena;
    heap.fail_at = 2;
    jr_arena_init(&arena, &counting);
    char *first = jr_arena_text(&arena, "kept", 4);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(jr_arena_alloc(&arena, 100000));
    ck_assert_str_eq(first, "kept");
    ck_assert_ptr_nonnull(jr_arena_alloc(&arena, 16));
    jr_arena_fini(&arena);
}
END_TEST

START_TEST(an_exact_arena_asks_for_every_piece)
{
    struct jr_arena arena;
    jr_arena_init(&arena, &counting);
    arena.exact = true;
    heap.fail_at = 4;
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(jr_arena_alloc(&arena, 8));
    ck_assert_ptr_null(jr_arena_alloc(&arena, 8));
    jr_arena_fini(&arena);
}
END_TEST

START_TEST(a_vector_grows_and_survives_a_failed_push)
{
    JR_VEC(int) vec = { 0 };
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(JR_VEC_PUSH(&counting, &vec, i), JR_OK);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(vec.items[i], i);
    ck_assert_int_eq(JR_VEC_POP(&vec), 999);
    heap.fail_at = 1;
    enum jr_status status = JR_OK;
    while (status == JR_OK)
        status = JR_VEC_PUSH(&counting, &vec, 7);
    ck_assert_int_eq(status, JR_ERR_NO_MEMORY);
    ck_assert_int_eq(vec.items[998], 998);
    JR_VEC_FREE(&counting, &vec);
    ck_assert_uint_eq(vec.count, 0);
}
END_TEST

START_TEST(the_string_builder_builds)
{
    struct jr_sb sb;
    jr_sb_init(&sb, &counting);
    ck_assert_str_eq(jr_sb_view(&sb), "");
    jr_sb_text(&sb, "a");
    jr_sb_char(&sb, 'b');
    jr_sb_repeat(&sb, '-', 3);
    jr_sb_format(&sb, "%d%s", 42, "!");
    jr_sb_json(&sb, "\"\\\n\t\x01ü", 7);
    ck_assert_str_eq(jr_sb_view(&sb), "ab---42!\"\\\"\\\\\\n\\t\\u0001ü\"");
    ck_assert_int_eq(jr_sb_status(&sb), JR_OK);
    jr_sb_clear(&sb);
    ck_assert_str_eq(jr_sb_view(&sb), "");
    jr_sb_fini(&sb);
}
END_TEST

START_TEST(a_string_builder_without_memory_says_so_at_the_end)
{
    struct jr_sb sb;
    heap.fail_at = 2;
    jr_sb_init(&sb, &counting);
    jr_sb_text(&sb, "ok");
    jr_sb_repeat(&sb, 'x', 10000);
    jr_sb_text(&sb, "lost");
    jr_sb_format(&sb, "%d", 1);
    ck_assert_str_eq(jr_sb_view(&sb), "ok");
    ck_assert_int_eq(jr_sb_status(&sb), JR_ERR_NO_MEMORY);
    jr_sb_fini(&sb);
}
END_TEST

START_TEST(statuses_have_names)
{
    ck_assert_int_eq(JR_OK, 0);
    ck_assert_str_eq(jr_status_name(JR_OK), "ok");
    ck_assert_str_eq(jr_status_name(JR_ERR_NO_MEMORY), "no-memory");
    ck_assert_ptr_nonnull(strstr(jr_status_text(JR_ERR_NO_MEMORY), "memory"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tc = tcase_create("base");
    tcase_add_checked_fixture(tc, heap_reset, heap_must_be_empty);
    tcase_add_test(tc, blocks_are_zeroed_and_counts_that_overflow_are_refused);
    tcase_add_test(tc, the_arena_gives_zeroed_aligned_pieces_of_any_size);
    tcase_add_test(tc, an_arena_without_memory_keeps_what_it_gave);
    tcase_add_test(tc, an_exact_arena_asks_for_every_piece);
    tcase_add_test(tc, a_vector_grows_and_survives_a_failed_push);
    tcase_add_test(tc, the_string_builder_builds);
    tcase_add_test(tc, a_string_builder_without_memory_says_so_at_the_end);
    tcase_add_test(tc, statuses_have_names);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
