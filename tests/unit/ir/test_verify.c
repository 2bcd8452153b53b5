/* What the verifier accepts, and that everything else is refused with function, place and reason. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/builder.h"
#include "ir/verify.h"

static struct jr_builder *b;
static struct jr_module *module;
static struct jr_verify_report report;
static const struct jr_place nowhere = {.file = JR_NONE};
static uint32_t unit, raw1, raw2, nothing, one_to_one, arrays, array_layout, closure_layout, takes_array, f;

static void set_up(void)
{
    ck_assert_int_eq(jr_builder_create(jr_alloc_default(), "test", &b), JR_OK);
    unit = jr_builder_layout_raw(b, 0);
    raw1 = jr_builder_layout_raw(b, 1);
    raw2 = jr_builder_layout_raw(b, 2);
    nothing = jr_builder_signature(b, unit, unit);
    one_to_one = jr_builder_signature(b, raw1, raw1);
    array_layout = jr_builder_layout(b, &(struct jr_word_type){JR_WORD_ARRAY, raw1}, 1);
    arrays = jr_builder_signature(b, array_layout, array_layout);
    takes_array = jr_builder_signature(b, array_layout, unit);
    closure_layout = jr_builder_layout(b, &(struct jr_word_type){JR_WORD_CLOSURE, nothing}, 1);
    f = jr_builder_function(b, "f", nothing, unit, nowhere);
}

static void tear_down(void)
{
    jr_builder_destroy(b);
    jr_module_destroy(module);
    b = NULL, module = NULL;
}

static enum jr_status verify(void)
{
    char message[256] = "";
    ck_assert_msg(jr_builder_finish(b, &module, message, sizeof message) == JR_OK, "%s", message);
    return jr_verify(module, jr_alloc_default(), &report);
}

static void accepted(void)
{
    enum jr_status status = verify();
    ck_assert_msg(status == JR_OK, "refused: %s", report.message);
    ck_assert(module->verified);
}

static void refused(const char *fragment)
{
    ck_assert_int_eq(verify(), JR_ERR_VERIFY);
    ck_assert(!module->verified);
    ck_assert_msg(strstr(report.message, fragment) != NULL, "\"%s\" is not in \"%s\"", fragment, report.message);
}

#define ABC(op, a, b_, c) jr_builder_abc(b, f, JR_OP_##op, a, b_, c)
#define AX(op, a, x) jr_builder_ax(b, f, JR_OP_##op, a, x)
#define ABCXY(op, a, b_, c, x, y) jr_builder_abcxy(b, f, JR_OP_##op, a, b_, c, x, y)
#define NUMBER(reg) jr_builder_const_f64(b, f, reg, 0.3)
#define ARRAY(reg) ABCXY(ARRAY_ZEROS, reg, 0, 0, raw1, 4)

/* ---- code as data ---- */

START_TEST(accepts_a_small_function)
{
    NUMBER(0);
    ABC(ADD_F64, 1, 0, 0);
    ABC(RETURN, 0, 0, 0);
    accepted();
    ck_assert_uint_eq(module->functions[f].fuel_cost, 3);
}
END_TEST

START_TEST(refuses_code_that_runs_off_its_end)
{
    NUMBER(0);
    refused("runs off its end");
    ck_assert_uint_eq(report.function, f);
}
END_TEST

START_TEST(refuses_a_function_without_code)
{
    refused("has no code");
}
END_TEST

START_TEST(refuses_operands_out_of_range)
{
    struct {
        enum jr_op op;
        uint32_t a, x;
        const char *why;
    } cases[] = {
        {JR_OP_CONST, 0, 7, "constant 7 of 0"},       {JR_OP_STRING, 0, 1, "string 1 of 0"},
        {JR_OP_GLOBAL_GET, 0, 3, "global word 3 of 0"}, {JR_OP_CALL_HOST, 0, 2, "import 2 of 0"},
        {JR_OP_SWITCH_I64, 0, 5, "jump table 5 of 0"}, {JR_OP_FUNCTION, 0, 99, "function 99 of 1"},
        {JR_OP_TRAP, 0, 100000, "no error 100000"},    {JR_OP_TRAP, 0, 0, "no error 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (i) set_up();
        NUMBER(0); /* the frame has a register */
        ABC(RETURN, 0, 0, 0);
        ABC(RETURN, 0, 0, 0);
        /* Past the builder, as an image could bring it. */
        char message[128];
        ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), JR_OK);
        struct jr_function *fn = &module->functions[f];
        uint32_t pc = fn->code_count - 2;
        fn->code[pc].word = 0;
        fn->code[pc].ax.op = (uint16_t)cases[i].op;
        fn->code[pc].ax.a = (uint16_t)cases[i].a;
        fn->code[pc].ax.x = cases[i].x;
        fn->constant_count = 0;
        fn->code[0].word = JR_OP_NOP;
        ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
        ck_assert_msg(strstr(report.message, cases[i].why) != NULL, "\"%s\" is not in \"%s\"", cases[i].why, report.message);
        ck_assert_uint_eq(report.pc, pc);
        tear_down();
    }
    set_up();
}
END_TEST

START_TEST(refuses_registers_outside_the_frame)
{
    ABC(RETURN, 0, 0, 0);
    ABC(RETURN, 0, 0, 0);
    char message[128];
    ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), JR_OK);
    struct jr_function *fn = &module->functions[f];
    fn->reg_count = 2;
    fn->code[0].i.op = JR_OP_MOVE;
    fn->code[0].i.a = 2;
    ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
    ck_assert_ptr_nonnull(strstr(report.message, "registers 2..3 of 2"));
}
END_TEST

START_TEST(refuses_unknown_instructions_torn_ones_and_used_fields)
{
    ABC(RETURN, 0, 0, 0);
    ABC(RETURN, 0, 0, 0);
    char message[128];
    ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), JR_OK);
    struct jr_function *fn = &module->functions[f];
    fn->code[0].i.op = JR_OP_COUNT;
    ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
    ck_assert_ptr_nonnull(strstr(report.message, "there is no instruction"));
    fn->code[0].i.op = JR_OP_NOP;
    fn->code[0].i.c = 1;
    ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
    ck_assert_ptr_nonnull(strstr(report.message, "unused field"));
    fn->code[0].i.c = 0;
    fn->code[1].i.op = JR_OP_DELAY;
    ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
    ck_assert_ptr_nonnull(strstr(report.message, "second word is missing"));
}
END_TEST

START_TEST(refuses_jumps_outside_and_into_instructions)
{
    ARRAY(0); /* words 0 and 1 */
    AX(RELEASE_N, 0, array_layout);
    uint32_t label = jr_builder_label(b, f);
    jr_builder_bind(b, f, label);
    jr_builder_jump(b, f, JR_OP_JUMP, 0, label);
    char message[128];
    ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), JR_OK);
    ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_OK);
    struct jr_function *fn = &module->functions[f];
    const int32_t targets[] = {-100, 100, -3};
    for (int i = 0; i < 3; i++) {
        fn->code[3].ax.x = (uint32_t)targets[i];
        ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
        ck_assert_ptr_nonnull(strstr(report.message, "where no instruction starts"));
    }
}
END_TEST

/* ---- classes ---- */

START_TEST(refuses_empty_registers)
{
    ABC(ADD_F64, 1, 0, 0);
    ABC(RETURN, 0, 0, 0);
    refused("0 add.f64: register 0 is empty");
}
END_TEST

START_TEST(refuses_a_register_set_on_one_path_only)
{
    uint32_t label = jr_builder_label(b, f);
    NUMBER(0);
    jr_builder_jump(b, f, JR_OP_JUMP_IF, 0, label);
    NUMBER(1);
    jr_builder_bind(b, f, label);
    ABC(NEG_F64, 2, 1, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 1 is empty");
}
END_TEST

START_TEST(refuses_references_as_numbers_and_numbers_as_references)
{
    ARRAY(0);
    ABC(NEG_F64, 1, 0, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 0 holds array where a raw word is wanted");
    tear_down();
    set_up();
    NUMBER(0);
    ABC(ARRAY_LEN, 1, 0, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 0 holds a raw word where array is wanted");
    tear_down();
    set_up();
    ARRAY(0);
    ABCXY(ARRAY_APPEND, 1, 0, 0, array_layout, 0); /* an array of arrays is wanted */
    ABC(RETURN, 0, 0, 0);
    refused("register 0 holds array");
}
END_TEST

START_TEST(refuses_a_leak_at_return)
{
    ARRAY(0);
    ABC(RETURN, 0, 0, 0);
    refused("register 0 still owns a reference");
}
END_TEST

START_TEST(refuses_overwriting_an_owner)
{
    ARRAY(0);
    NUMBER(0);
    ABC(RELEASE, 0, 0, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 0 owns a reference and would be overwritten");
}
END_TEST

START_TEST(refuses_a_second_release)
{
    ARRAY(0);
    ABC(RELEASE, 0, 0, 0);
    ABC(RELEASE, 0, 0, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 0 holds no single reference");
}
END_TEST

START_TEST(refuses_a_release_of_something_borrowed)
{
    uint32_t g = jr_builder_function(b, "g", takes_array, unit, nowhere);
    ABC(RETURN, 0, 0, 0);
    jr_builder_abc(b, g, JR_OP_RELEASE, 0, 0, 0);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    refused("g: 0 release: register 0 borrows its reference");
}
END_TEST

START_TEST(refuses_a_borrow_that_outlives_its_owner)
{
    ARRAY(0);
    ABC(BORROW, 1, 0, 1);
    ABC(RELEASE, 0, 0, 0);
    ABC(ARRAY_LEN, 2, 1, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 1 is empty");
}
END_TEST

START_TEST(refuses_a_borrow_of_an_owner_that_moved)
{
    ARRAY(0);
    ABC(BORROW, 1, 0, 1);
    ABC(MOVE, 2, 0, 0);
    ABC(ARRAY_LEN, 3, 1, 0);
    ABC(RELEASE, 2, 0, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 1 is empty");
}
END_TEST

START_TEST(refuses_owners_that_differ_where_paths_meet)
{
    uint32_t label = jr_builder_label(b, f);
    ARRAY(0);
    NUMBER(1);
    jr_builder_jump(b, f, JR_OP_JUMP_IF, 1, label);
    ABC(RELEASE, 0, 0, 0);
    jr_builder_bind(b, f, label);
    ABC(RETURN, 0, 0, 0);
    refused("owns a reference on one path");
}
END_TEST

START_TEST(refuses_a_loop_that_leaks_each_time)
{
    uint32_t label = jr_builder_label(b, f);
    jr_builder_bind(b, f, label);
    ARRAY(0);
    jr_builder_jump(b, f, JR_OP_JUMP, 0, label);
    refused("owns a reference");
}
END_TEST

START_TEST(returns_must_own_what_they_return)
{
    uint32_t g = jr_builder_function(b, "g", arrays, unit, nowhere);
    ABC(RETURN, 0, 0, 0);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    refused("g: 0 return: register 0 borrows its reference");
    tear_down();
    set_up();
    g = jr_builder_function(b, "g", arrays, unit, nowhere);
    ABC(RETURN, 0, 0, 0);
    jr_builder_abc(b, g, JR_OP_COPY, 1, 0, 0);
    jr_builder_abc(b, g, JR_OP_RETURN, 1, 0, 0);
    accepted();
}
END_TEST

/* ---- calls ---- */

START_TEST(call_windows_borrow_and_clear)
{
    uint32_t g = jr_builder_function(b, "g", arrays, unit, nowhere);
    jr_builder_abc(b, g, JR_OP_COPY, 1, 0, 0);
    jr_builder_abc(b, g, JR_OP_RETURN, 1, 0, 0);
    ARRAY(0);
    ABC(BORROW, 2, 0, 1);
    ABCXY(CALL, 2, 0, 0, g, 0);
    ABC(RELEASE, 2, 0, 0);
    ABC(RELEASE, 0, 0, 0);
    ABC(RETURN, 0, 0, 0);
    accepted();
    uint32_t count = 0; /* an error inside g must release r0 of f, and nothing else */
    const struct jr_owned *owned = jr_function_owned(&module->functions[f], 3, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(owned->reg, 0);
    ck_assert_int_eq(owned->type.kind, JR_WORD_ARRAY);
}
END_TEST

START_TEST(refuses_an_owned_argument)
{
    uint32_t g = jr_builder_function(b, "g", takes_array, unit, nowhere);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    ARRAY(0);
    ABCXY(CALL, 0, 0, 0, g, 0);
    ABC(RETURN, 0, 0, 0);
    refused("a call window only borrows");
}
END_TEST

START_TEST(refuses_an_owner_above_the_window)
{
    uint32_t g = jr_builder_function(b, "g", one_to_one, unit, nowhere);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    NUMBER(0);
    ARRAY(1);
    ABCXY(CALL, 0, 0, 0, g, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 1 owns a reference and would be overwritten");
}
END_TEST

START_TEST(what_lies_above_the_window_is_empty_afterwards)
{
    uint32_t g = jr_builder_function(b, "g", one_to_one, unit, nowhere);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    NUMBER(0);
    NUMBER(1);
    ABCXY(CALL, 0, 0, 0, g, 0);
    ABC(NEG_F64, 2, 1, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 1 is empty");
}
END_TEST

START_TEST(refuses_missing_arguments)
{
    uint32_t g = jr_builder_function(b, "g", one_to_one, unit, nowhere);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    jr_builder_need_registers(b, f, 4);
    ABCXY(CALL, 1, 0, 0, g, 0);
    ABC(RETURN, 0, 0, 0);
    refused("register 1 is empty");
}
END_TEST

START_TEST(refuses_a_closure_of_another_signature)
{
    AX(FUNCTION, 0, f);
    NUMBER(1);
    ABCXY(CALL_CLOSURE, 1, 0, 0, one_to_one, jr_builder_feedback_site(b, f));
    ABC(RETURN, 0, 0, 0);
    refused("register 0 holds closure");
}
END_TEST

START_TEST(refuses_direct_calls_and_plain_values_of_functions_with_captures)
{
    uint32_t g = jr_builder_function(b, "g", nothing, raw1, nowhere);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    ABCXY(CALL, 0, 0, 0, g, 0);
    ABC(RETURN, 0, 0, 0);
    refused("calls g directly, which has captures");
    tear_down();
    set_up();
    g = jr_builder_function(b, "g", nothing, raw1, nowhere);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    AX(FUNCTION, 0, g);
    ABC(RETURN, 0, 0, 0);
    refused("so it needs closure.new");
}
END_TEST

/* ---- state and globals ---- */

START_TEST(state_words_belong_to_sites_of_their_kind)
{
    uint32_t mem = jr_builder_site(b, f, JR_SITE_MEM, "m", 1, JR_NONE, JR_NONE, 0, nowhere);
    uint32_t line = jr_builder_site(b, f, JR_SITE_DELAY, "d", 10, JR_NONE, JR_NONE, 8, nowhere);
    NUMBER(0);
    ABCXY(MEM, 1, 0, 0, mem, 0);
    ABCXY(DELAY, 1, 0, 0, line, 8);
    ABC(RETURN, 0, 0, 0);
    accepted();
}
END_TEST

START_TEST(refuses_state_of_another_kind_or_length)
{
    uint32_t line = jr_builder_site(b, f, JR_SITE_DELAY, "d", 10, JR_NONE, JR_NONE, 8, nowhere);
    NUMBER(0);
    ABCXY(MEM, 1, 0, 0, line, 0);
    ABC(RETURN, 0, 0, 0);
    refused("is not the place of this mem");
    tear_down();
    set_up();
    line = jr_builder_site(b, f, JR_SITE_DELAY, "d", 10, JR_NONE, JR_NONE, 8, nowhere);
    NUMBER(0);
    ABCXY(DELAY, 1, 0, 0, line, 9);
    ABC(RETURN, 0, 0, 0);
    refused("is not the place of this delay");
    tear_down();
    set_up();
    line = jr_builder_site(b, f, JR_SITE_DELAY, "d", 10, JR_NONE, JR_NONE, 8, nowhere);
    AX(STATE_GET, 0, line + 1);
    ABC(RETURN, 0, 0, 0);
    refused("belongs to no self");
    tear_down();
    set_up();
    uint32_t feed = jr_builder_site(b, f, JR_SITE_SELF, "s", 1, array_layout, JR_NONE, 0, nowhere);
    AX(STATE_GET, 0, feed);
    ABC(RETURN, 0, 0, 0);
    refused("self word 0 is array");
}
END_TEST

START_TEST(refuses_a_stateful_call_without_its_site)
{
    uint32_t g = jr_builder_function(b, "g", nothing, unit, nowhere);
    uint32_t mem = jr_builder_site(b, g, JR_SITE_MEM, "m", 1, JR_NONE, JR_NONE, 0, nowhere);
    jr_builder_const_f64(b, g, 0, 1.5);
    jr_builder_abcxy(b, g, JR_OP_MEM, 1, 0, 0, mem, 0);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    ABCXY(CALL, 0, 0, 0, g, 0);
    ABC(RETURN, 0, 0, 0);
    refused("is not the place of a call of g");
}
END_TEST

START_TEST(refuses_a_recursion_with_state)
{
    ABC(RETURN, 0, 0, 0);
    char message[128];
    jr_builder_site(b, f, JR_SITE_MEM, "m", 1, JR_NONE, JR_NONE, 0, nowhere);
    ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), JR_OK);
    struct jr_function *fn = &module->functions[f];
    fn->sites[0] = (struct jr_state_site){.kind = JR_SITE_CALL, .name = "f", .word_count = 1, .layout = JR_NONE, .function = f};
    ck_assert_int_eq(jr_verify(module, jr_alloc_default(), &report), JR_ERR_VERIFY);
    ck_assert_ptr_nonnull(strstr(report.message, "in a circle"));
}
END_TEST

START_TEST(refuses_globals_read_as_what_they_are_not)
{
    uint32_t global = jr_builder_global(b, "a", array_layout, nowhere);
    AX(GLOBAL_GET, 0, jr_builder_global_offset(b, global));
    ABC(RETURN, 0, 0, 0);
    refused("global word 0 is not raw");
    tear_down();
    set_up();
    global = jr_builder_global(b, "a", array_layout, nowhere);
    ABCXY(GLOBAL_GET_N, 0, 0, 0, jr_builder_global_offset(b, global), closure_layout);
    AX(RELEASE_N, 0, closure_layout);
    ABC(RETURN, 0, 0, 0);
    refused("global word 0 is array");
}
END_TEST

START_TEST(refuses_cells_in_memory_that_starts_as_zeros)
{
    uint32_t cells = jr_builder_layout(b, &(struct jr_word_type){JR_WORD_CELL, raw1}, 1);
    jr_builder_global(b, "c", cells, nowhere);
    ABC(RETURN, 0, 0, 0);
    refused("a global of layout");
}
END_TEST

/* ---- sums ---- */

static uint32_t sum_of_array_or_pair(uint32_t *layout)
{
    uint32_t sum = jr_builder_sum_declare(b, "s");
    jr_builder_sum_define(b, sum, (uint32_t[]){array_layout, raw2}, NULL, 2);
    *layout = jr_builder_layout(b, (struct jr_word_type[]){{JR_WORD_SUM, sum}, {JR_WORD_SUM_TAIL, sum}, {JR_WORD_SUM_TAIL, sum}}, 3);
    return sum;
}

START_TEST(sums_live_as_a_whole)
{
    uint32_t layout, sum = sum_of_array_or_pair(&layout);
    ARRAY(0);
    ABCXY(SUM_NEW, 1, 0, 0, sum, 0);
    ABC(MOVE_N, 5, 1, 3);
    ABC(SUM_TAG, 8, 5, 0);
    ABCXY(SUM_GET, 9, 5, 0, sum, 0);
    ABC(RELEASE, 9, 0, 0);
    AX(RELEASE_N, 5, layout);
    ABC(RETURN, 0, 0, 0);
    accepted();
}
END_TEST

START_TEST(refuses_to_tear_a_sum)
{
    uint32_t layout, sum = sum_of_array_or_pair(&layout);
    ARRAY(0);
    ABCXY(SUM_NEW, 1, 0, 0, sum, 0);
    ABC(MOVE_N, 5, 1, 2);
    ABC(RETURN, 0, 0, 0);
    refused("part of a sum that would be torn");
    tear_down();
    set_up();
    sum = sum_of_array_or_pair(&layout);
    ARRAY(0);
    ABCXY(SUM_NEW, 1, 0, 0, sum, 0);
    ABC(MOVE, 5, 2, 0);
    ABC(RETURN, 0, 0, 0);
    refused("the rest of a sum that begins outside");
}
END_TEST

START_TEST(refuses_writing_into_an_owned_sum)
{
    uint32_t layout, sum = sum_of_array_or_pair(&layout);
    ARRAY(0);
    ABCXY(SUM_NEW, 1, 0, 0, sum, 0);
    NUMBER(2);
    AX(RELEASE_N, 1, layout);
    ABC(RETURN, 0, 0, 0);
    refused("register 2 owns a reference and would be overwritten");
}
END_TEST

static Suite *suite(void)
{
    const TTest *tests[] = {
        accepts_a_small_function, refuses_code_that_runs_off_its_end, refuses_a_function_without_code,
        refuses_operands_out_of_range, refuses_registers_outside_the_frame,
        refuses_unknown_instructions_torn_ones_and_used_fields, refuses_jumps_outside_and_into_instructions,
        refuses_empty_registers, refuses_a_register_set_on_one_path_only,
        refuses_references_as_numbers_and_numbers_as_references, refuses_a_leak_at_return, refuses_overwriting_an_owner,
        refuses_a_second_release, refuses_a_release_of_something_borrowed, refuses_a_borrow_that_outlives_its_owner,
        refuses_a_borrow_of_an_owner_that_moved, refuses_owners_that_differ_where_paths_meet,
        refuses_a_loop_that_leaks_each_time, returns_must_own_what_they_return, call_windows_borrow_and_clear,
        refuses_an_owned_argument, refuses_an_owner_above_the_window, what_lies_above_the_window_is_empty_afterwards,
        refuses_missing_arguments, refuses_a_closure_of_another_signature,
        refuses_direct_calls_and_plain_values_of_functions_with_captures, state_words_belong_to_sites_of_their_kind,
        refuses_state_of_another_kind_or_length, refuses_a_stateful_call_without_its_site, refuses_a_recursion_with_state,
        refuses_globals_read_as_what_they_are_not, refuses_cells_in_memory_that_starts_as_zeros, sums_live_as_a_whole,
        refuses_to_tear_a_sum, refuses_writing_into_an_owned_sum,
    };
    Suite *s = suite_create("verify");
    TCase *tc = tcase_create("verify");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) tcase_add_test(tc, tests[i]);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
