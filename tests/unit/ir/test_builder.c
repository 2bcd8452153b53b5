/* test_builder.c -- the builder: what it makes, what it shares, and every limit it must name instead of wrapping. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "counting.h"
#include "ir/builder.h"
#include "ir/verify.h"

static struct jr_builder *b;
static char message[256];

static const struct jr_place nowhere = { .file = JR_NONE };

static void set_up(void)
{
    counting_reset(0);
    ck_assert_int_eq(jr_builder_create(&counting_alloc, "test", &b), JR_OK);
}

static void tear_down(void)
{
    jr_builder_destroy(b);
    ck_assert_uint_eq(counting.live_blocks, 0);
    ck_assert_uint_eq(counting.live_bytes, 0);
}

static struct jr_place at(uint32_t line, uint32_t column)
{
    return (struct jr_place){ jr_builder_file(b, "song.mmm"), 10 * line, 10 * line + column, line, column };
}

/* ()->(raw), no captures. */
static uint32_t new_function(const char *name, uint32_t params, uint32_t results)
{
    uint32_t signature =
        jr_builder_signature(b, jr_builder_layout_raw(b, params), jr_builder_layout_raw(b, results));
    return jr_builder_function(b, name, signature, jr_builder_layout_raw(b, 0), at(3, 1));
}

static void expect_failure(enum jr_status status, const char *text)
{
    struct jr_module *module = (void *)b;
    ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), status);
    ck_assert_ptr_null(module);
    ck_assert_str_eq(message, text);
}

static struct jr_module *finish(void)
{
    struct jr_module *module;
    enum jr_status status = jr_builder_finish(b, &module, message, sizeof message);
    ck_assert_msg(status == JR_OK, "%s", message);
    return module;
}

static void verify(struct jr_module *module)
{
    struct jr_verify_report report;
    enum jr_status status = jr_verify(module, &counting_alloc, &report);
    ck_assert_msg(status == JR_OK, "%s", report.message);
}

START_TEST(an_empty_builder_gives_an_empty_module)
{
    struct jr_module *module = finish();
    verify(module);
    ck_assert_uint_eq(module->function_count, 0);
    ck_assert_uint_eq(module->init, JR_NONE);
    ck_assert_uint_eq(module->dsp, JR_NONE);
    ck_assert_str_eq(module->language, "test");
    jr_module_destroy(module);
}
END_TEST

START_TEST(after_finish_the_builder_is_used_up_but_harmless)
{
    jr_module_destroy(finish());
    ck_assert_uint_eq(jr_builder_string(b, "x", 1), 0);
    ck_assert_uint_eq(jr_builder_layout_raw(b, 3), 0);
    ck_assert_uint_eq(jr_builder_get_layout(b, 0)->word_count, 0);
    jr_builder_abc(b, 0, JR_OP_NOP, 0, 0, 0);
    expect_failure(JR_ERR_INVALID, "the builder has already given its module away");
}
END_TEST

START_TEST(equal_content_has_one_index)
{
    struct jr_word_type words[2] = { { JR_WORD_RAW, 0 }, { JR_WORD_STRING, 0 } };
    uint32_t raw2 = jr_builder_layout_raw(b, 2);
    uint32_t mixed = jr_builder_layout(b, words, 2);
    ck_assert_uint_ne(raw2, mixed);
    ck_assert_uint_eq(jr_builder_layout(b, words, 2), mixed);
    ck_assert_uint_eq(jr_builder_layout_raw(b, 2), raw2);
    ck_assert_uint_eq(jr_builder_get_layout(b, mixed)->has_refs, 1);
    ck_assert_uint_eq(jr_builder_get_layout(b, raw2)->has_refs, 0);
    ck_assert_uint_eq(jr_builder_layout_raw(b, 40), jr_builder_layout_raw(b, 40));
    uint32_t signature = jr_builder_signature(b, raw2, mixed);
    ck_assert_uint_eq(jr_builder_signature(b, raw2, mixed), signature);
    ck_assert_uint_ne(jr_builder_signature(b, mixed, raw2), signature);
    ck_assert_uint_eq(jr_builder_string(b, "a\0b", 3), jr_builder_string(b, "a\0b", 3));
    ck_assert_uint_ne(jr_builder_string(b, "a\0c", 3), jr_builder_string(b, "a\0b", 3));
    ck_assert_uint_eq(jr_builder_file(b, "f"), jr_builder_file(b, "f"));
    ck_assert_uint_eq(jr_builder_import(b, "print", signature), jr_builder_import(b, "print", signature));
    ck_assert_uint_ne(jr_builder_layout_declare(b), raw2);
    for (int round = 0; round < 2; round++) /* many, so that the maps grow */
        for (uint32_t i = 0; i < 300; i++) {
            char text[16];
            snprintf(text, sizeof text, "s%u", i);
            ck_assert_uint_eq(jr_builder_string(b, text, strlen(text)), i + 2);
        }
}
END_TEST

START_TEST(recursive_types_are_declared_used_and_defined)
{
    uint32_t node = jr_builder_layout_declare(b);
    uint32_t list = jr_builder_sum_declare(b, "List");
    struct jr_word_type box[1] = { { JR_WORD_BOX, node } };
    uint32_t variants[2] = { jr_builder_layout_raw(b, 0), jr_builder_layout(b, box, 1) };
    const char *names[2] = { "Nil", "Cons" };
    jr_builder_sum_define(b, list, variants, names, 2);
    struct jr_word_type words[3] = { { JR_WORD_RAW, 0 }, { JR_WORD_SUM, list }, { JR_WORD_SUM_TAIL, list } };
    jr_builder_layout_define(b, node, words, 3);
    struct jr_module *module = finish();
    verify(module);
    ck_assert_uint_eq(module->sums[list].word_count, 2);
    ck_assert_str_eq(module->sums[list].variant_names[1], "Cons");
    ck_assert_uint_eq(module->layouts[node].has_refs, 1);
    jr_module_destroy(module);
}
END_TEST

START_TEST(what_is_declared_must_be_defined)
{
    (void)jr_builder_sum_declare(b, "Shape");
    expect_failure(JR_ERR_INVALID, "sum Shape was declared but not defined");
}
END_TEST

START_TEST(a_layout_is_defined_once)
{
    uint32_t layout = jr_builder_layout_declare(b);
    struct jr_word_type word = { JR_WORD_RAW, 0 };
    jr_builder_layout_define(b, layout, &word, 1);
    jr_builder_layout_define(b, layout, &word, 1);
    expect_failure(JR_ERR_INVALID, "layout 0 is not one that waits for its definition");
}
END_TEST

START_TEST(globals_lie_one_after_the_other)
{
    uint32_t pair = jr_builder_layout_raw(b, 2);
    uint32_t first = jr_builder_global(b, "first", pair, nowhere);
    uint32_t second = jr_builder_global(b, "second", pair, nowhere);
    ck_assert_uint_eq(jr_builder_global_offset(b, first), 0);
    ck_assert_uint_eq(jr_builder_global_offset(b, second), 2);
    jr_builder_global_assigned(b, second);
    struct jr_module *module = finish();
    verify(module);
    ck_assert_uint_eq(module->global_words, 4);
    ck_assert(!module->globals[first].assigned && module->globals[second].assigned);
    jr_module_destroy(module);
}
END_TEST

START_TEST(constants_take_the_shortest_exact_instruction)
{
    static const struct {
        double value;
        enum jr_op op;
    } numbers[] = {
        { 0.0, JR_OP_CONST_F32 },    { -0.0, JR_OP_CONST_F32 },     { 0.5, JR_OP_CONST_F32 },
        { 0.1, JR_OP_CONST },        { INFINITY, JR_OP_CONST_F32 }, { -INFINITY, JR_OP_CONST_F32 },
        { NAN, JR_OP_CONST },        { 1e300, JR_OP_CONST },        { 16777216.0, JR_OP_CONST_F32 },
        { 16777217.0, JR_OP_CONST }, { 5e-324, JR_OP_CONST },       { 0x1p-149, JR_OP_CONST_F32 },
    };
    static const struct {
        int64_t value;
        enum jr_op op;
    } integers[] = {
        { 0, JR_OP_CONST_I32 },
        { -1, JR_OP_CONST_I32 },
        { INT32_MAX, JR_OP_CONST_I32 },
        { INT32_MIN, JR_OP_CONST_I32 },
        { (int64_t)INT32_MAX + 1, JR_OP_CONST },
        { (int64_t)INT32_MIN - 1, JR_OP_CONST },
        { INT64_MIN, JR_OP_CONST },
    };
    enum { NUMBERS = sizeof numbers / sizeof numbers[0], INTEGERS = sizeof integers / sizeof integers[0] };
    uint32_t f = new_function("constants", 0, 0);
    for (unsigned i = 0; i < NUMBERS; i++)
        jr_builder_const_f64(b, f, 0, numbers[i].value);
    for (unsigned i = 0; i < INTEGERS; i++)
        jr_builder_const_i64(b, f, 0, integers[i].value);
    jr_builder_const_f64(b, f, 1, 0.1); /* shares the constant */
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    struct jr_module *module = finish();
    verify(module);
    const struct jr_function *function = &module->functions[f];
    ck_assert_uint_eq(function->constant_count, 8);
    ck_assert_uint_eq(function->reg_count, 2);
    for (unsigned i = 0; i < NUMBERS; i++) {
        struct jr_instr in = jr_decode(&function->code[i]);
        ck_assert_int_eq(in.op, numbers[i].op);
        double value;
        float narrow;
        memcpy(&narrow, &in.x, sizeof narrow);
        if (in.op == JR_OP_CONST)
            memcpy(&value, &function->constants[in.x], sizeof value);
        else
            value = (double)narrow;
        ck_assert_mem_eq(&value, &numbers[i].value, sizeof value);
    }
    for (unsigned i = 0; i < INTEGERS; i++) {
        struct jr_instr in = jr_decode(&function->code[NUMBERS + i]);
        ck_assert_int_eq(in.op, integers[i].op);
        int64_t value = in.op == JR_OP_CONST ? (int64_t)function->constants[in.x] : (int32_t)in.x;
        ck_assert_int_eq(value, integers[i].value);
    }
    jr_module_destroy(module);
}
END_TEST

START_TEST(labels_may_be_bound_before_and_after_their_jumps)
{
    uint32_t f = new_function("loop", 1, 1);
    uint32_t again = jr_builder_label(b, f), out = jr_builder_label(b, f), one = jr_builder_label(b, f);
    jr_builder_bind(b, f, again);
    jr_builder_jump(b, f, JR_OP_JUMP_UNLESS, 0, out);
    jr_builder_const_f64(b, f, 1, 1);
    jr_builder_abc(b, f, JR_OP_SUB_F64, 0, 0, 1);
    jr_builder_jump(b, f, JR_OP_JUMP, 0, again);
    jr_builder_bind(b, f, out);
    uint32_t targets[2] = { one, again };
    jr_builder_switch(b, f, 0, -1, targets, 2, one);
    jr_builder_bind(b, f, one);
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    struct jr_module *module = finish();
    verify(module);
    const struct jr_function *function = &module->functions[f];
    ck_assert_int_eq((int32_t)function->code[0].ax.x, 3);
    ck_assert_int_eq((int32_t)function->code[3].ax.x, -4);
    ck_assert_uint_eq(function->table_count, 1);
    ck_assert_int_eq(function->tables[0].min, -1);
    ck_assert_uint_eq(function->tables[0].targets[0], 5);
    ck_assert_uint_eq(function->tables[0].targets[1], 0);
    ck_assert_uint_eq(function->tables[0].fallback, 5);
    jr_module_destroy(module);
}
END_TEST

START_TEST(a_label_that_is_never_bound_is_an_error)
{
    uint32_t f = new_function("loop", 0, 0);
    jr_builder_jump(b, f, JR_OP_JUMP, 0, jr_builder_label(b, f));
    expect_failure(JR_ERR_INVALID, "song.mmm:3:1: loop: label 0 is used but never bound");
}
END_TEST

START_TEST(a_label_is_bound_once)
{
    uint32_t f = new_function("loop", 0, 0), label = jr_builder_label(b, f);
    jr_builder_bind(b, f, label);
    jr_builder_bind(b, f, label);
    expect_failure(JR_ERR_INVALID, "song.mmm:3:1: loop: label 0 is bound twice");
}
END_TEST

START_TEST(places_are_run_length_coded)
{
    uint32_t f = new_function("f", 0, 0);
    jr_builder_abc(b, f, JR_OP_NOP, 0, 0, 0); /* at the definition */
    jr_builder_place(b, f, at(4, 2));
    jr_builder_abc(b, f, JR_OP_NOP, 0, 0, 0);
    jr_builder_place(b, f, at(5, 1)); /* nothing stands there */
    jr_builder_place(b, f, at(4, 2));
    jr_builder_abc(b, f, JR_OP_NOP, 0, 0, 0);
    jr_builder_place(b, f, at(6, 7));
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    struct jr_module *module = finish();
    verify(module);
    const struct jr_function *function = &module->functions[f];
    ck_assert_uint_eq(function->span_count, 3);
    ck_assert_uint_eq(jr_function_place(function, 0).line, 3);
    ck_assert_uint_eq(jr_function_place(function, 1).line, 4);
    ck_assert_uint_eq(jr_function_place(function, 2).line, 4);
    ck_assert_uint_eq(jr_function_place(function, 3).line, 6);
    ck_assert_uint_eq(jr_function_place(function, 99).line, 6);
    ck_assert_str_eq(module->files[jr_function_place(function, 3).file], "song.mmm");
    struct jr_function none = { .span_count = 0 };
    ck_assert_uint_eq(jr_function_place(&none, 0).file, JR_NONE);
    ck_assert_uint_eq(jr_function_place(&none, 0).line, 0);
    jr_module_destroy(module);
}
END_TEST

START_TEST(state_sites_follow_each_other)
{
    uint32_t osc = new_function("osc", 0, 1), f = new_function("f", 0, 1);
    ck_assert_uint_eq(
        jr_builder_site(b, osc, JR_SITE_SELF, "", 1, jr_builder_layout_raw(b, 1), JR_NONE, 0, nowhere), 0);
    jr_builder_ax(b, osc, JR_OP_STATE_GET, 0, 0);
    jr_builder_abc(b, osc, JR_OP_RETURN, 0, 0, 0);
    ck_assert_uint_eq(jr_builder_state_words(b, osc), 1);
    ck_assert_uint_eq(jr_builder_site(b, f, JR_SITE_DELAY, "echo", 102, JR_NONE, JR_NONE, 100, nowhere), 0);
    ck_assert_uint_eq(jr_builder_site(b, f, JR_SITE_CALL, "osc", 1, JR_NONE, osc, 0, nowhere), 102);
    ck_assert_uint_eq(jr_builder_state_words(b, f), 103);
    jr_builder_abcxy(b, f, JR_OP_CALL, 2, 0, 0, osc, 102);
    jr_builder_abc(b, f, JR_OP_RETURN, 2, 0, 0);
    jr_builder_set_entry(b, JR_NONE, f);
    struct jr_module *module = finish();
    verify(module);
    ck_assert_uint_eq(module->functions[f].site_count, 2);
    ck_assert_str_eq(module->functions[f].sites[0].name, "echo");
    ck_assert_uint_eq(module->functions[f].reg_count, 3); /* the window at 2 and its one result */
    ck_assert_uint_eq(module->input_channels, 0);
    ck_assert_uint_eq(module->output_channels, 1);
    jr_module_destroy(module);
}
END_TEST

START_TEST(too_much_state_is_an_error)
{
    uint32_t f = new_function("f", 0, 0);
    (void)jr_builder_site(b, f, JR_SITE_DELAY, "", 1u << 28, JR_NONE, JR_NONE, (1u << 28) - 2, nowhere);
    ck_assert_uint_eq(jr_builder_site(b, f, JR_SITE_MEM, "", 1, JR_NONE, JR_NONE, 0, nowhere), 0);
    expect_failure(JR_ERR_LIMIT, "song.mmm:3:1: f: the state is too large");
}
END_TEST

START_TEST(windows_raise_the_frame_even_when_the_callee_is_made_later)
{
    uint32_t f = new_function("f", 0, 0);
    jr_builder_abcxy(b, f, JR_OP_CALL, 4, 0, 0, 1, 0); /* function 1 does not exist yet */
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    uint32_t g = new_function("g", 0, 7);
    jr_builder_abc(b, g, JR_OP_RETURN, 0, 0, 0);
    struct jr_module *module = finish();
    ck_assert_uint_eq(module->functions[f].reg_count, 11);
    ck_assert_uint_eq(module->functions[g].reg_count, 7);
    jr_module_destroy(module);
}
END_TEST

/* One function per kind of limit; each must name function and place, and nothing may wrap. */

static uint32_t placed(void)
{
    uint32_t f = new_function("wide", 0, 0);
    jr_builder_place(b, f, at(7, 9));
    return f;
}

START_TEST(registers_beyond_the_field_are_errors)
{
    static const char *const expected[3] = {
        "song.mmm:7:9: wide: add.f64: register 65535 is too large, the most is 65534",
        "song.mmm:7:9: wide: add.f64: register 65536 is too large, the most is 65534",
        "song.mmm:7:9: wide: add.f64: register 4294967295 is too large, the most is 65534",
    };
    uint32_t f = placed();
    uint32_t operands[3] = { 0, 1, 2 };
    operands[_i] = _i == 0 ? 65535 : _i == 1 ? 65536 : UINT32_MAX;
    jr_builder_abc(b, f, JR_OP_ADD_F64, operands[0], operands[1], operands[2]);
    expect_failure(JR_ERR_LIMIT, expected[_i]);
}
END_TEST

START_TEST(the_last_register_is_fine)
{
    uint32_t f = placed();
    jr_builder_abc(b, f, JR_OP_NOW, 65534, 0, 0);
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    struct jr_module *module = finish();
    verify(module);
    ck_assert_uint_eq(module->functions[f].reg_count, 65535);
    jr_module_destroy(module);
}
END_TEST

START_TEST(a_wide_value_at_a_high_register_is_an_error)
{
    uint32_t f = placed();
    jr_builder_abcxy(b, f, JR_OP_COPY_N, 60000, 0, 0, jr_builder_layout_raw(b, 6000), 0);
    expect_failure(JR_ERR_LIMIT, "song.mmm:7:9: wide: needs more than 65535 registers");
}
END_TEST

START_TEST(asking_for_too_many_registers_is_an_error)
{
    jr_builder_need_registers(b, placed(), 65536);
    expect_failure(JR_ERR_LIMIT, "song.mmm:7:9: wide: needs more than 65535 registers");
}
END_TEST

START_TEST(counts_and_indices_beyond_the_field_are_errors)
{
    uint32_t f = placed();
    if (_i == 0)
        jr_builder_abc(b, f, JR_OP_MOVE_N, 0, 0, 65536);
    else
        jr_builder_abc(b, f, JR_OP_CELL_GET, 0, 1, 65536);
    expect_failure(JR_ERR_LIMIT,
                   _i == 0 ? "song.mmm:7:9: wide: move.n: count 65536 is too large, the most is 65535"
                           : "song.mmm:7:9: wide: cell.get: index 65536 is too large, the most is 65535");
}
END_TEST

START_TEST(a_value_too_wide_is_an_error)
{
    ck_assert_uint_eq(jr_builder_get_layout(b, jr_builder_layout_raw(b, 65535))->word_count, 65535);
    (void)jr_builder_layout_raw(b, 65536);
    expect_failure(JR_ERR_LIMIT, "a value has more than 65535 words, or all layouts together are too large");
}
END_TEST

START_TEST(too_many_global_words_are_an_error)
{
    uint32_t wide = jr_builder_layout_raw(b, 65535);
    for (int i = 0; i < 300; i++)
        (void)jr_builder_global(b, "g", wide, nowhere);
    expect_failure(JR_ERR_LIMIT, "the globals need too many words");
}
END_TEST

/* Misuse by a front end is reported too, by the same way. */

static void misuse(int which, uint32_t f)
{
    uint32_t no_label = 5;
    switch (which) {
    case 0:
        jr_builder_abc(b, f, JR_OP_CONST, 0, 0, 0);
        break;
    case 1:
        jr_builder_abc(b, f, JR_OP_MOVE, 0, 0, 3);
        break;
    case 2:
        jr_builder_abcxy(b, f, JR_OP_RELEASE_N, 0, 0, 0, 0, 0);
        break;
    case 3:
        jr_builder_jump(b, f, JR_OP_RETURN, 0, jr_builder_label(b, f));
        break;
    case 4:
        jr_builder_jump(b, f, JR_OP_JUMP, 0, no_label);
        break;
    case 5:
        jr_builder_switch(b, f, 0, 0, &no_label, 1, jr_builder_label(b, f));
        break;
    case 6:
        jr_builder_ax(b, f, JR_OP_STRING, 0, 4);
        break;
    case 7:
        jr_builder_abcxy(b, f, JR_OP_CALL, 0, 0, 0, 77, 0);
        break;
    case 8:
        jr_builder_abc(b, 12, JR_OP_NOP, 0, 0, 0);
        break;
    case 9:
        (void)jr_builder_signature(b, 0, 99);
        break;
    case 10:
        (void)jr_builder_import(b, "print", 99);
        break;
    case 11:
        (void)jr_builder_global(b, "g", 99, nowhere);
        break;
    case 12:
        (void)jr_builder_function(b, "h", 99, 0, nowhere);
        break;
    case 13:
        (void)jr_builder_layout(b, &(struct jr_word_type){ JR_WORD_BOX, 99 }, 1);
        break;
    case 14:
        jr_builder_set_entry(b, JR_NONE, 99);
        break;
    case 15:
        jr_builder_sum_define(b, 99, NULL, NULL, 0);
        break;
    case 16:
        jr_builder_global_assigned(b, 99);
        break;
    case 17:
        jr_builder_abcxy(b, f, JR_OP_SUM_GET, 0, 0, 0, 3, 0);
        break;
    case 18:
        jr_builder_abcxy(b, f, JR_OP_COPY_N, 0, 1, 0, 0, 9);
        break;
    case 19:
        jr_builder_ax(b, f, JR_OP_TRAP, 0, 1), jr_builder_ax(b, f, JR_OP_SWITCH_I64, 0, 1);
        break;
    default:
        ck_abort();
    }
}

static const char *const misuse_texts[] = {
    "song.mmm:7:9: wide: instruction 8 does not have the format asked for",
    "song.mmm:7:9: wide: move: field C is not used and must be 0",
    "song.mmm:7:9: wide: instruction 7 does not have the format asked for",
    "song.mmm:7:9: wide: return is not a jump",
    "song.mmm:7:9: wide: there is no label 5",
    "song.mmm:7:9: wide: there is no label 5",
    "song.mmm:7:9: wide: string: there is no string 4",
    "song.mmm:7:9: wide: call: there is no function 77",
    "there is no function 12",
    "a signature refers to a layout that does not exist",
    "print: there is no signature 99",
    "global g: its layout is not defined",
    "h: its signature or its capture layout does not exist",
    "word 0 of a layout refers to a type that does not exist",
    "an entry names a function that does not exist",
    "sum 99 does not wait for its definition, or has too many variants",
    "there is no global 99",
    "song.mmm:7:9: wide: sum.get: there is no sum 3",
    "song.mmm:7:9: wide: copy.n: field Y is not used and must be 0",
    "song.mmm:7:9: wide: switch.i64: there is no jump table 1",
};

START_TEST(misuse_is_an_error_with_its_place)
{
    misuse(_i, placed());
    expect_failure(JR_ERR_INVALID, misuse_texts[_i]);
}
END_TEST

START_TEST(the_first_failure_stays)
{
    uint32_t f = placed();
    jr_builder_abc(b, f, JR_OP_MOVE, 70000, 0, 0);
    for (int i = 0; i < 18; i++)
        misuse(i, f);
    expect_failure(JR_ERR_LIMIT, "song.mmm:7:9: wide: move: register 70000 is too large, the most is 65534");
}
END_TEST

START_TEST(a_long_path_does_not_push_out_the_reason)
{
    char path[1000];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    uint32_t f = placed();
    jr_builder_place(b, f, (struct jr_place){ jr_builder_file(b, path), 0, 0, 1, 1 });
    jr_builder_abc(b, f, JR_OP_MOVE, 70000, 0, 0);
    struct jr_module *module;
    ck_assert_int_eq(jr_builder_finish(b, &module, message, sizeof message), JR_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(message, "register 70000 is too large"));
}
END_TEST

/* Something of everything. */
static void build_all(void)
{
    uint32_t node = jr_builder_layout_declare(b);
    uint32_t sum = jr_builder_sum_declare(b, "List");
    uint32_t variants[2] = { jr_builder_layout_raw(b, 0),
                             jr_builder_layout(b, &(struct jr_word_type){ JR_WORD_BOX, node }, 1) };
    jr_builder_sum_define(b, sum, variants, (const char *const[]){ "Nil", "Cons" }, 2);
    jr_builder_layout_define(b, node, (struct jr_word_type[]){ { JR_WORD_RAW, 0 } }, 1);
    (void)jr_builder_global(b, "g", jr_builder_layout_raw(b, 20), at(1, 1));
    (void)jr_builder_import(b, "print", jr_builder_signature(b, 1, 1));
    uint32_t f = new_function("f", 1, 1);
    (void)jr_builder_site(b, f, JR_SITE_MEM, "m", 1, JR_NONE, JR_NONE, 0, at(2, 2));
    (void)jr_builder_feedback_site(b, f);
    uint32_t out = jr_builder_label(b, f);
    jr_builder_ax(b, f, JR_OP_STRING, 3, jr_builder_string(b, "text", 4));
    for (int i = 0; i < 20; i++) {
        jr_builder_place(b, f, at(5, 1 + (uint32_t)i));
        jr_builder_const_f64(b, f, 2, 0.1 * i);
    }
    jr_builder_jump(b, f, JR_OP_JUMP_IF, 2, out);
    jr_builder_switch(b, f, 2, 0, &out, 1, out);
    jr_builder_bind(b, f, out);
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    jr_builder_set_entry(b, JR_NONE, f);
}

START_TEST(every_failed_allocation_is_reported_and_nothing_leaks)
{
    jr_builder_destroy(b); /* the fixture's */
    b = NULL;
    for (size_t n = 1;; n++) {
        counting_reset(n);
        struct jr_module *module = NULL;
        enum jr_status status = jr_builder_create(&counting_alloc, "test", &b);
        if (status == JR_OK) {
            build_all();
            status = jr_builder_finish(b, &module, message, sizeof message);
        }
        bool done = counting.calls < n;
        ck_assert_int_eq(status, done ? JR_OK : JR_ERR_NO_MEMORY);
        ck_assert_int_eq(module != NULL, done);
        counting.fail_at = 0;
        if (done)
            verify(module);
        jr_module_destroy(module);
        jr_builder_destroy(b);
        ck_assert_uint_eq(counting.live_blocks, 0);
        if (done) {
            ck_assert_uint_gt(n, 30);
            break;
        }
    }
    counting_reset(0);
    ck_assert_int_eq(jr_builder_create(&counting_alloc, "test", &b), JR_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("builder");
    TCase *tc = tcase_create("builder");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, an_empty_builder_gives_an_empty_module);
    tcase_add_test(tc, after_finish_the_builder_is_used_up_but_harmless);
    tcase_add_test(tc, equal_content_has_one_index);
    tcase_add_test(tc, recursive_types_are_declared_used_and_defined);
    tcase_add_test(tc, what_is_declared_must_be_defined);
    tcase_add_test(tc, a_layout_is_defined_once);
    tcase_add_test(tc, globals_lie_one_after_the_other);
    tcase_add_test(tc, constants_take_the_shortest_exact_instruction);
    tcase_add_test(tc, labels_may_be_bound_before_and_after_their_jumps);
    tcase_add_test(tc, a_label_that_is_never_bound_is_an_error);
    tcase_add_test(tc, a_label_is_bound_once);
    tcase_add_test(tc, places_are_run_length_coded);
    tcase_add_test(tc, state_sites_follow_each_other);
    tcase_add_test(tc, too_much_state_is_an_error);
    tcase_add_test(tc, windows_raise_the_frame_even_when_the_callee_is_made_later);
    tcase_add_loop_test(tc, registers_beyond_the_field_are_errors, 0, 3);
    tcase_add_test(tc, the_last_register_is_fine);
    tcase_add_test(tc, a_wide_value_at_a_high_register_is_an_error);
    tcase_add_test(tc, asking_for_too_many_registers_is_an_error);
    tcase_add_loop_test(tc, counts_and_indices_beyond_the_field_are_errors, 0, 2);
    tcase_add_test(tc, a_value_too_wide_is_an_error);
    tcase_add_test(tc, too_many_global_words_are_an_error);
    tcase_add_loop_test(tc, misuse_is_an_error_with_its_place, 0,
                        sizeof misuse_texts / sizeof misuse_texts[0]);
    tcase_add_test(tc, the_first_failure_stays);
    tcase_add_test(tc, a_long_path_does_not_push_out_the_reason);
    tcase_add_test(tc, every_failed_allocation_is_reported_and_nothing_leaks);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
