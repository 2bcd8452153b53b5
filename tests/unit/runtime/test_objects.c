/* test_objects.c -- objects by their own functions: counts, release, cycles, arrays, and what a stressed heap notices. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "fixture.h"
#include "runtime/rt.h"
#include "runtime/vm_state.h"

/* Types every test has at hand. */
static struct {
    uint32_t raw0, raw1, raw2, array, arrays, list, node, box, maybe, nested;
    uint32_t list_sum, nested_sum;
    uint32_t getter; /* a closure function capturing a cell that can hold such a closure */
    uint32_t cell_of_closure, closure;
} types;

/* type rec List = Nil | Cons(float, List): sum {tag, head, box of List} */
static void define_types(void)
{
    struct jr_word_type list[3], cons[2], words[5];
    uint32_t variants[2], signature, cell_capture;
    types.raw0 = fx_raw(0), types.raw1 = fx_raw(1), types.raw2 = fx_raw(2);
    types.array = fx_layout1(JR_WORD_ARRAY, types.raw1);
    types.arrays = fx_layout1(JR_WORD_ARRAY, types.array);
    types.list_sum = jr_builder_sum_declare(fx.b, "List");
    list[0] = (struct jr_word_type){ JR_WORD_SUM, types.list_sum };
    list[1] = list[2] = (struct jr_word_type){ JR_WORD_SUM_TAIL, types.list_sum };
    types.list = jr_builder_layout_declare(fx.b);
    jr_builder_layout_define(fx.b, types.list, list, 3);
    types.box = fx_layout1(JR_WORD_BOX, types.list);
    cons[0] = (struct jr_word_type){ JR_WORD_RAW, 0 };
    cons[1] = (struct jr_word_type){ JR_WORD_BOX, types.list };
    types.node = jr_builder_layout(fx.b, cons, 2);
    variants[0] = types.raw0, variants[1] = types.node;
    jr_builder_sum_define(fx.b, types.list_sum, variants, NULL, 2);
    /* a sum whose payload is an array, a list and a number */
    types.nested_sum = jr_builder_sum_declare(fx.b, "Nested");
    words[0] = (struct jr_word_type){ JR_WORD_ARRAY, types.raw1 };
    words[1] = list[0], words[2] = list[1], words[3] = list[2];
    words[4] = (struct jr_word_type){ JR_WORD_RAW, 0 };
    variants[1] = jr_builder_layout(fx.b, words, 5);
    jr_builder_sum_define(fx.b, types.nested_sum, variants, NULL, 2);
    words[0] = (struct jr_word_type){ JR_WORD_SUM, types.nested_sum };
    for (int i = 1; i < 5; i++)
        words[i] = (struct jr_word_type){ JR_WORD_SUM_TAIL, types.nested_sum };
    struct jr_word_type six[6] = { words[0], words[1], words[1], words[1], words[1], words[1] };
    types.nested = jr_builder_layout(fx.b, six, 6);
    signature = fx_signature(1, 1);
    types.closure = fx_layout1(JR_WORD_CLOSURE, signature);
    types.cell_of_closure = types.closure;
    cell_capture = fx_layout1(JR_WORD_CELL, types.closure);
    types.getter = fx_closure_function("getter", 1, 1, cell_capture);
    fx_return(types.getter, 0);
}

static struct jr_task *start(bool stress)
{
    struct jr_vm_config config = { .stress_heap = stress };
    fx_begin();
    define_types();
    fx_start(&config);
    return jr_vm_task(fx.vm);
}

static uint64_t new_array(struct jr_task *task, uint64_t length)
{
    uint64_t word;
    ck_assert_int_eq(jr_rt_array_zeros(task, &word, types.raw1, length), JR_RUN_OK);
    return word;
}

static uint32_t count_of(uint64_t word)
{
    return ((struct jr_object *)(uintptr_t)word)->count;
}

START_TEST(a_chain_of_a_million_boxes_dies_without_recursion)
{
    struct jr_task *task = start(false);
    uint64_t list[3] = { 0, 0, 0 }, calls;
    for (int i = 0; i < 1000000; i++) {
        uint64_t payload[2] = { fx_bits(i), 0 };
        ck_assert_int_eq(jr_rt_box_new(task, &payload[1], list, types.list), JR_RUN_OK);
        jr_rt_sum_new(task, list, payload, types.list_sum, 1);
    }
    ck_assert_uint_eq(fx_live_objects(), 1000000);
    calls = fx.calls;
    jr_rt_value_release(task, list, types.list);
    ck_assert_uint_eq(fx_live_objects(), 0);
    ck_assert_uint_eq(fx.calls, calls); /* and without memory */
    fx_end();
}
END_TEST

START_TEST(blocks_are_reused)
{
    struct jr_task *task = start(false);
    size_t calls = 0;
    for (int round = 0; round < 5; round++) {
        uint64_t words[60];
        for (uint64_t i = 0; i < 60; i++) {
            words[i] = new_array(task, i * i);
            memset(((struct jr_array *)(uintptr_t)words[i])->words, (int)i, i * i * 8);
        }
        for (uint64_t i = 0; i < 60; i++) {
            const unsigned char *bytes =
                (const unsigned char *)((struct jr_array *)(uintptr_t)words[i])->words;
            size_t intact = 0;
            while (intact < i * i * 8 && bytes[intact] == i)
                intact++;
            ck_assert_uint_eq(intact, i * i * 8);
        }
        for (uint64_t i = 0; i < 60; i++)
            jr_release(task, words[(i * 7) % 60]);
        if (round == 0)
            calls = fx.calls;
    }
    ck_assert_uint_eq(fx.calls, calls);
    fx_end();
}
END_TEST

START_TEST(large_blocks_go_back_at_once)
{
    struct jr_task *task = start(false);
    size_t before = fx.live_blocks;
    uint64_t one = new_array(task, 100000), two = new_array(task, 100000), three = new_array(task, 100000);
    ck_assert_uint_eq(fx.live_blocks, before + 3);
    jr_release(task, two);
    jr_release(task, three);
    jr_release(task, one);
    ck_assert_uint_eq(fx.live_blocks, before);
    fx_end();
}
END_TEST

START_TEST(sums_copy_and_release_what_their_tag_says)
{
    struct jr_task *task = start(true);
    uint64_t array = new_array(task, 2), payload[5] = { array }, value[6], copy[6], got[5];
    uint64_t nil[3] = { 0, 0, 0 }, cons[2] = { fx_bits(1) };
    ck_assert_int_eq(jr_rt_box_new(task, &cons[1], nil, types.list), JR_RUN_OK);
    jr_rt_sum_new(task, &payload[1], cons, types.list_sum, 1);
    jr_rt_sum_new(task, value, payload, types.nested_sum, 1);
    ck_assert_uint_eq(count_of(array), 1);
    jr_rt_value_copy(task, copy, value, types.nested);
    ck_assert_uint_eq(count_of(array), 2);
    ck_assert_uint_eq(count_of(cons[1]), 2);
    ck_assert_int_eq(jr_rt_sum_get(task, got, value, types.nested_sum, 0), JR_RUN_ERROR);
    ck_assert_int_eq(jr_vm_task(fx.vm)->error->code, JR_ERR_BAD_TAG);
    jr_rt_value_release(task, copy, types.nested);
    jr_rt_sum_new(task, copy, payload, types.nested_sum, 0); /* the empty variant: words beyond are zero */
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(copy[i], 0);
    jr_rt_value_release(task, copy, types.nested);
    ck_assert_uint_eq(count_of(array), 1);
    jr_rt_value_release(task, value, types.nested);
    ck_assert_uint_eq(fx_live_objects(), 0);
    fx_end();
}
END_TEST

START_TEST(a_move_releases_what_was_there)
{
    struct jr_task *task = start(true);
    uint64_t old = new_array(task, 1), place[1] = { old }, fresh = new_array(task, 2);
    jr_rt_value_move(task, place, &fresh, types.array);
    ck_assert_uint_eq(place[0], fresh);
    ck_assert_uint_eq(fx_live_objects(), 1);
    jr_rt_value_release(task, place, types.array);
    fx_end();
}
END_TEST

START_TEST(boxes_may_be_null)
{
    struct jr_task *task = start(false);
    uint64_t value[3] = { 0 };
    ck_assert_int_eq(jr_rt_box_get(task, value, 0, types.list), JR_RUN_ERROR);
    ck_assert_int_eq(task->error->code, JR_ERR_NULL_BOX);
    ck_assert_int_eq(jr_rt_box_set(task, 0, value, types.list), JR_RUN_ERROR);
    fx_end();
}
END_TEST

/* arrays of arrays, so that every way of copying elements has to count */
START_TEST(arrays_count_their_elements)
{
    struct jr_task *task = start(true);
    uint64_t one = new_array(task, 1), two = new_array(task, 2), pair, longer, both[2], value,
             elements[2] = { one, two };
    ck_assert_int_eq(jr_rt_array_new(task, &pair, elements, 2, types.array), JR_RUN_OK);
    ck_assert_uint_eq(count_of(one), 1); /* moved in */
    ck_assert_int_eq(jr_rt_array_append(task, &longer, pair, &one, types.array), JR_RUN_OK);
    ck_assert_uint_eq(count_of(one), 3);
    ck_assert_int_eq(jr_rt_array_prepend(task, &value, &two, longer, types.array), JR_RUN_OK);
    ck_assert_uint_eq(((struct jr_array *)(uintptr_t)value)->length, 4);
    ck_assert_uint_eq(count_of(two), 4);
    ck_assert_uint_eq(((struct jr_array *)(uintptr_t)value)->words[0], two);
    ck_assert_uint_eq(((struct jr_array *)(uintptr_t)value)->words[3], one);
    jr_release(task, value);
    ck_assert_int_eq(jr_rt_array_split_head(task, both, longer, types.array), JR_RUN_OK);
    ck_assert_uint_eq(both[0], one);
    ck_assert_uint_eq(((struct jr_array *)(uintptr_t)both[1])->length, 2);
    jr_release(task, both[0]);
    jr_release(task, both[1]);
    ck_assert_int_eq(jr_rt_array_split_tail(task, both, pair, types.array), JR_RUN_OK);
    ck_assert_uint_eq(both[1], two);
    jr_release(task, both[0]);
    jr_release(task, both[1]);
    jr_rt_array_get(task, &value, longer, 1.7, types.array);
    ck_assert_uint_eq(value, two);
    jr_rt_array_set(task, longer, -1, &value, types.array); /* moved to element 0, over `one` */
    ck_assert_uint_eq(((struct jr_array *)(uintptr_t)longer)->words[0], two);
    jr_release(task, longer);
    jr_release(task, pair);
    ck_assert_uint_eq(fx_live_objects(), 0);
    fx_end();
}
END_TEST

START_TEST(null_is_the_empty_array_of_zeros)
{
    struct jr_task *task = start(true);
    uint64_t out[3] = { 7, 7, 7 }, wide[2] = { 5, 6 }, array, empty;
    ck_assert_int_eq(jr_rt_array_split_head(task, out, 0, types.raw2), JR_RUN_OK);
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
    out[0] = out[1] = out[2] = 7;
    ck_assert_int_eq(jr_rt_array_split_tail(task, out, 0, types.raw2), JR_RUN_OK);
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
    out[0] = 7;
    jr_rt_array_get(task, out, 0, 3, types.raw1);
    ck_assert_uint_eq(out[0], 0);
    ck_assert_int_eq(jr_rt_array_append(task, &array, 0, wide, types.raw2), JR_RUN_OK);
    ck_assert_int_eq(jr_rt_array_split_head(task, out, array, types.raw2), JR_RUN_OK);
    ck_assert(out[0] == 5 && out[1] == 6);
    empty = out[2];
    ck_assert_ptr_nonnull((void *)(uintptr_t)empty); /* the rest of one element is an array, not null */
    ck_assert_int_eq(jr_rt_array_split_head(task, out, empty, types.raw2), JR_RUN_ERROR);
    ck_assert_int_eq(task->error->code, JR_ERR_EMPTY_ARRAY);
    ck_assert_int_eq(jr_rt_array_split_tail(task, out, empty, types.raw2), JR_RUN_ERROR);
    ck_assert_int_eq(jr_rt_array_init(task, array, wide, types.raw2, 1), JR_RUN_ERROR);
    ck_assert_int_eq(task->error->code, JR_ERR_NO_ELEMENT);
    jr_release(task, empty);
    jr_release(task, array);
    array = new_array(task, 0);
    jr_rt_array_set(task, 0, 1, &array, types.array); /* on an empty array the value is released */
    ck_assert_uint_eq(fx_live_objects(), 0);
    fx_end();
}
END_TEST

START_TEST(arrays_of_nothing_have_a_length)
{
    struct jr_task *task = start(true);
    uint64_t array, word[1] = { 7 };
    ck_assert_int_eq(jr_rt_array_new(task, &array, word, 3, types.raw0), JR_RUN_OK);
    ck_assert_uint_eq(((struct jr_array *)(uintptr_t)array)->length, 3);
    jr_rt_array_get(task, word, array, 1, types.raw0);
    ck_assert_uint_eq(word[0], 7);
    jr_release(task, array);
    fx_end();
}
END_TEST

START_TEST(an_array_too_large_to_exist_is_no_memory)
{
    struct jr_task *task = start(false);
    uint64_t array;
    ck_assert_int_eq(jr_rt_array_zeros(task, &array, types.raw2, UINT64_MAX / 8), JR_RUN_ERROR);
    ck_assert_int_eq(task->error->code, JR_ERR_NO_MEMORY);
    fx_end();
}
END_TEST

/* cell -> closure -> the same cell; the closure is also reachable through another cycle of two */
static uint64_t make_cycle(struct jr_task *task, uint64_t other_cell)
{
    uint64_t null = 0, cell, closure;
    ck_assert_int_eq(jr_rt_cell_new(task, &cell, &null, types.closure), JR_RUN_OK);
    jr_retain(other_cell ? other_cell : cell);
    ck_assert_int_eq(jr_rt_closure_new(task, &closure, other_cell ? &other_cell : &cell, types.getter),
                     JR_RUN_OK);
    jr_rt_value_move(task, ((struct jr_cell *)(uintptr_t)cell)->words, &closure, types.closure);
    return cell;
}

START_TEST(cycles_are_broken_at_the_end)
{
    for (int stress = 0; stress <= 1; stress++) {
        struct jr_task *task = start(stress);
        uint64_t one = make_cycle(task, 0), two = make_cycle(task, one), alone = make_cycle(task, 0);
        jr_release(task, two); /* dies: nothing leads to it */
        ck_assert_uint_eq(fx_live_objects(), 4);
        jr_release(task, alone);
        jr_release(task, one);
        ck_assert_uint_eq(fx_live_objects(), 4); /* two cycles, which keep themselves alive */
        fx_end();
    }
}
END_TEST

START_TEST(references_in_globals_and_state_are_released)
{
    struct jr_vm_config config = { .stress_heap = true };
    uint32_t init, counter, dsp, at, call_at, array, global;
    double out[2];
    fx_begin();
    array = fx_layout1(JR_WORD_ARRAY, fx_raw(1));
    global = jr_builder_global(fx.b, "g", array, fx_place(1));
    init = fx_function("init", 0, 0);
    fx_abcxy(init, JR_OP_ARRAY_ZEROS, 0, 0, 0, fx_raw(1), 5);
    fx_abcxy(init, JR_OP_GLOBAL_SET_N, 0, 0, 0, jr_builder_global_offset(fx.b, global), array);
    fx_return(init, 0);
    counter = fx_function("counter", 0, 1); /* an array in its state grows by one each time */
    at = jr_builder_site(fx.b, counter, JR_SITE_SELF, "self", 1, array, JR_NONE, 0, fx_place(1));
    fx_abcxy(counter, JR_OP_STATE_GET_N, 0, 0, 0, at, array);
    fx_number(counter, 1, 4);
    fx_abcxy(counter, JR_OP_ARRAY_APPEND, 2, 0, 1, fx_raw(1), 0);
    fx_abc(counter, JR_OP_RELEASE, 0, 0, 0);
    fx_abc(counter, JR_OP_ARRAY_LEN, 0, 2, 0);
    fx_abcxy(counter, JR_OP_STATE_SET_N, 2, 0, 0, at, array);
    fx_return(counter, 0);
    dsp = fx_function("dsp", 0, 1);
    jr_builder_site(fx.b, dsp, JR_SITE_MEM, "m", 1, JR_NONE, JR_NONE, 0, fx_place(1));
    call_at = jr_builder_site(fx.b, dsp, JR_SITE_CALL, "c", 1, JR_NONE, counter, 0, fx_place(1));
    fx_abcxy(dsp, JR_OP_CALL, 0, 0, 0, counter, call_at);
    fx_return(dsp, 0);
    jr_builder_set_entry(fx.b, init, dsp);
    fx_start(&config);
    ck_assert_int_eq(jr_vm_run_init(fx.vm), JR_OK);
    ck_assert_int_eq(jr_vm_process(fx.vm, NULL, out, 2), JR_OK);
    ck_assert_double_eq(out[1], 2);
    ck_assert_uint_eq(fx_live_objects(), 2);
    fx_end();
}
END_TEST

START_TEST(strings_are_static)
{
    struct jr_task *task;
    uint32_t f, string;
    uint64_t word;
    fx_begin();
    string = jr_builder_string(fx.b, "midi\0port", 9);
    f = fx_function("f", 1, 1);
    fx_ax(f, JR_OP_STRING, 1, string);
    fx_return(f, 0);
    fx_start(NULL);
    task = jr_vm_task(fx.vm);
    word = (uint64_t)(uintptr_t)task->strings[string];
    jr_retain(word);
    jr_release(task, word);
    ck_assert_uint_eq(task->strings[string]->size, 9);
    ck_assert_mem_eq(task->strings[string]->bytes, "midi\0port", 10);
    ck_assert_uint_eq(fx_live_objects(), 0);
    fx_call(f, 1);
    fx_end();
}
END_TEST

/* stress */

START_TEST(a_leak_is_named_with_its_maker)
{
    struct jr_vm_config config = { .stress_heap = true };
    uint32_t f;
    struct jr_array *array;
    fx_begin();
    f = jr_builder_function(fx.b, "maker",
                            jr_builder_signature(fx.b, fx_raw(0), fx_layout1(JR_WORD_ARRAY, fx_raw(1))),
                            fx_raw(0), fx_place(1));
    fx_at(f, 12);
    fx_abcxy(f, JR_OP_ARRAY_ZEROS, 0, 0, 0, fx_raw(1), 5);
    fx_return(f, 0);
    fx_start(&config);
    uint64_t word;
    ck_assert_int_eq(jr_vm_call(fx.vm, f, NULL, &word), JR_OK);
    array = (struct jr_array *)(uintptr_t)word;
    ck_assert_uint_eq(array->length, 5);
    ck_assert_uint_eq(jr_vm_finish(fx.vm), 1); /* the result was ours to release */
    ck_assert_str_eq(fx.reported, "leaked: array 1 made by maker, test.jas:12 (count 1)\n");
    jr_vm_destroy(fx.vm);
    fx.vm = NULL;
    fx_end();
}
END_TEST

/* Runs `harm` in a process of its own, which must abort. */
static void must_abort(void (*harm)(struct jr_task *task))
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        harm(start(true));
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "it ended with status %x",
                  (unsigned)status);
}

static void write_to_the_dead(struct jr_task *task)
{
    uint64_t array = new_array(task, 4);
    jr_release(task, array);
    ((struct jr_array *)(uintptr_t)array)->words[2] = 1;
    jr_heap_fini(task->heap);
}

static void release_too_often(struct jr_task *task)
{
    uint64_t inner = new_array(task, 1), outer;
    ck_assert_int_eq(jr_rt_array_new(task, &outer, &inner, 1, types.array), JR_RUN_OK);
    jr_release(task, inner); /* belongs to outer */
    jr_vm_census(fx.vm);
}

static void overwrite_a_header(struct jr_task *task)
{
    uint64_t array = new_array(task, 1);
    ((struct jr_object *)(uintptr_t)array)->kind = 77;
    new_array(task, 1);
}

static void count_too_low(struct jr_task *task)
{
    uint64_t inner = new_array(task, 1), outer[2], elements[2] = { inner, inner };
    jr_retain(inner);
    ck_assert_int_eq(jr_rt_array_new(task, outer, elements, 2, types.array), JR_RUN_OK);
    ((struct jr_object *)(uintptr_t)inner)->count = 1;
    jr_vm_census(fx.vm);
}

START_TEST(a_stressed_heap_notices_damage)
{
    must_abort(write_to_the_dead);
    must_abort(release_too_often);
    must_abort(overwrite_a_header);
    must_abort(count_too_low);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("objects");
    TCase *tc = tcase_create("objects");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_chain_of_a_million_boxes_dies_without_recursion);
    tcase_add_test(tc, blocks_are_reused);
    tcase_add_test(tc, large_blocks_go_back_at_once);
    tcase_add_test(tc, sums_copy_and_release_what_their_tag_says);
    tcase_add_test(tc, a_move_releases_what_was_there);
    tcase_add_test(tc, boxes_may_be_null);
    tcase_add_test(tc, arrays_count_their_elements);
    tcase_add_test(tc, null_is_the_empty_array_of_zeros);
    tcase_add_test(tc, arrays_of_nothing_have_a_length);
    tcase_add_test(tc, an_array_too_large_to_exist_is_no_memory);
    tcase_add_test(tc, cycles_are_broken_at_the_end);
    tcase_add_test(tc, references_in_globals_and_state_are_released);
    tcase_add_test(tc, strings_are_static);
    tcase_add_test(tc, a_leak_is_named_with_its_maker);
    tcase_add_test(tc, a_stressed_heap_notices_damage);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
