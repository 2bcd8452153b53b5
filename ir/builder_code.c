/* builder_code.c -- instructions with every field checked against its width, constants, labels and jump tables. */
#include <math.h>
#include <string.h>

#include "ir/builder_internal.h"

enum { LAST_A = UINT16_MAX };

/* ---- instructions ---- */

/* Appends code words; the place of the next instruction becomes theirs. */
static void append(struct jr_builder *b, uint32_t function, const union jr_code *words, uint32_t word_count)
{
    struct jr_draft_body *body = &b->draft.bodies.items[function];
    enum jr_status status = JR_ERR_LIMIT;
    if (body->code.count + word_count > JR_MOST_CODE_WORDS)
        goto done;
    JR_TRY(JR_VEC_RESERVE(b->alloc, &body->code, word_count));
    JR_TRY(jr_draft_span(&b->draft, function, (uint32_t)body->code.count, b->bodies.items[function].place));
    for (uint32_t i = 0; i < word_count; i++)
        JR_TRY(JR_VEC_PUSH(b->alloc, &body->code, words[i]));
done:
    jr_builder_note(b, status, function, "too much code in one function");
}

/* One 16-bit field.  Registers end one earlier: a frame has at most 65 535 words. */
static void check_field(struct jr_builder *b, uint32_t function, enum jr_op op, char field, uint8_t operand,
                        uint32_t value)
{
    const char *mnemonic = jr_op_infos[op].mnemonic;
    uint32_t most = LAST_A;
    switch ((enum jr_operand)operand) {
    case JR_OPERAND__:
        if (value != 0)
            jr_builder_fail(b, JR_ERR_INVALID, function, "%s: field %c is not used and must be 0", mnemonic,
                            field);
        return;
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W:
        most = JR_MOST_REGISTERS - 1;
        break;
    default: /* a count or an index, as wide as the field */
        break;
    }
    if (value > most)
        jr_builder_fail(b, JR_ERR_LIMIT, function, "%s: %s %u is too large, the most is %u", mnemonic,
                        jr_operand_word((enum jr_operand)operand), value, most);
}

/* The fields of a whole instruction.  True if it may be appended. */
static bool check_instr(struct jr_builder *b, uint32_t function, enum jr_format format,
                        const struct jr_instr *in)
{
    if (!jr_builder_ready(b, function))
        return false;
    if ((unsigned)in->op >= JR_OP_COUNT || jr_op_infos[in->op].format != format) {
        jr_builder_fail(b, JR_ERR_INVALID, function, "instruction %u does not have the format asked for",
                        (unsigned)in->op);
        return false;
    }
    const struct jr_op_info *info = &jr_op_infos[in->op];
    check_field(b, function, in->op, 'A', info->a, in->a);
    check_field(b, function, in->op, 'B', info->b, in->b);
    check_field(b, function, in->op, 'C', info->c, in->c);
    if (info->x == JR_OPERAND__ && in->x != 0)
        jr_builder_fail(b, JR_ERR_INVALID, function, "%s: field X is not used and must be 0", info->mnemonic);
    if (info->y == JR_OPERAND__ && in->y != 0)
        jr_builder_fail(b, JR_ERR_INVALID, function, "%s: field Y is not used and must be 0", info->mnemonic);
    return b->status == JR_OK;
}

void jr_builder_abc(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t b_,
                    uint32_t c)
{
    struct jr_instr in = { .op = op, .a = a, .b = b_, .c = c };
    if (!check_instr(b, function, JR_FORMAT_ABC, &in))
        return;
    union jr_code code = { .i = { (uint16_t)op, (uint16_t)a, (uint16_t)b_, (uint16_t)c } };
    append(b, function, &code, 1);
}

void jr_builder_ax(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t x)
{
    struct jr_instr in = { .op = op, .a = a, .x = x };
    if (!check_instr(b, function, JR_FORMAT_AX, &in))
        return;
    union jr_code code = { .ax = { (uint16_t)op, (uint16_t)a, x } };
    append(b, function, &code, 1);
}

void jr_builder_abcxy(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t b_,
                      uint32_t c, uint32_t x, uint32_t y)
{
    struct jr_instr in = { .op = op, .a = a, .b = b_, .c = c, .x = x, .y = y };
    if (!check_instr(b, function, JR_FORMAT_ABCXY, &in))
        return;
    union jr_code code[2] = {
        { .i = { (uint16_t)op, (uint16_t)a, (uint16_t)b_, (uint16_t)c } },
        { .ext = { x, y } },
    };
    append(b, function, code, 2);
}

/* ---- constants ---- */

static void constant_word(struct jr_builder *b, uint32_t function, uint32_t a, uint64_t word)
{
    if (!jr_builder_ready(b, function))
        return;
    uint32_t index;
    enum jr_status status = jr_draft_constant(&b->draft, function, word, &index);
    jr_builder_note(b, status, function, "too many constants in one function");
    jr_builder_ax(b, function, JR_OP_CONST, a, index);
}

void jr_builder_const_f64(struct jr_builder *b, uint32_t function, uint32_t a, double value)
{
    float narrow = (float)value;
    double back = (double)narrow;
    uint64_t word, back_word;
    uint32_t narrow_word;
    memcpy(&word, &value, sizeof word);
    memcpy(&back_word, &back, sizeof back_word);
    memcpy(&narrow_word, &narrow, sizeof narrow_word);
    /* NaN goes by its word: widening may change which NaN it is. */
    if (word == back_word && !isnan(value))
        jr_builder_ax(b, function, JR_OP_CONST_F32, a, narrow_word);
    else
        constant_word(b, function, a, word);
}

void jr_builder_const_i64(struct jr_builder *b, uint32_t function, uint32_t a, int64_t value)
{
    if (value >= INT32_MIN && value <= INT32_MAX)
        jr_builder_ax(b, function, JR_OP_CONST_I32, a, (uint32_t)(int32_t)value);
    else
        constant_word(b, function, a, (uint64_t)value);
}

/* ---- labels ---- */

static bool label_ready(struct jr_builder *b, uint32_t function, uint32_t label)
{
    if (!jr_builder_ready(b, function))
        return false;
    if (label >= b->bodies.items[function].labels.count)
        jr_builder_fail(b, JR_ERR_INVALID, function, "there is no label %u", label);
    return b->status == JR_OK;
}

uint32_t jr_builder_label(struct jr_builder *b, uint32_t function)
{
    if (!jr_builder_ready(b, function))
        return 0;
    struct jr_builder_body *body = &b->bodies.items[function];
    enum jr_status status = body->labels.count < JR_MOST_ENTRIES
                                ? JR_VEC_PUSH(b->alloc, &body->labels, (uint32_t)JR_NONE)
                                : JR_ERR_LIMIT;
    jr_builder_note(b, status, function, "too many labels in one function");
    return status == JR_OK ? (uint32_t)body->labels.count - 1 : 0;
}

void jr_builder_bind(struct jr_builder *b, uint32_t function, uint32_t label)
{
    if (!label_ready(b, function, label))
        return;
    uint32_t *pc = &b->bodies.items[function].labels.items[label];
    if (*pc != JR_NONE)
        jr_builder_fail(b, JR_ERR_INVALID, function, "label %u is bound twice", label);
    else
        *pc = jr_builder_pc(b, function);
}

void jr_builder_jump(struct jr_builder *b, uint32_t function, enum jr_op op, uint32_t a, uint32_t label)
{
    if (!label_ready(b, function, label))
        return;
    if ((unsigned)op < JR_OP_COUNT && jr_op_infos[op].x != JR_OPERAND_J) {
        jr_builder_fail(b, JR_ERR_INVALID, function, "%s is not a jump", jr_op_infos[op].mnemonic);
        return;
    }
    struct jr_patch patch = { jr_builder_pc(b, function), label };
    jr_builder_note(b, JR_VEC_PUSH(b->alloc, &b->bodies.items[function].patches, patch), function, "");
    jr_builder_ax(b, function, op, a, 0);
}

void jr_builder_switch(struct jr_builder *b, uint32_t function, uint32_t a, int64_t min,
                       const uint32_t *labels, uint32_t label_count, uint32_t fallback_label)
{
    if (!label_ready(b, function, fallback_label))
        return;
    for (uint32_t i = 0; i < label_count; i++)
        if (!label_ready(b, function, labels[i]))
            return;
    struct jr_draft_body *body = &b->draft.bodies.items[function];
    struct jr_jump_table table = {
        .min = min,
        .target_count = label_count,
        .targets = jr_arena_copy(b->draft.module->arena, labels, label_count * sizeof *labels),
        .fallback = fallback_label,
    };
    enum jr_status status = JR_ERR_LIMIT;
    if (table.targets == NULL)
        status = JR_ERR_NO_MEMORY;
    else if (body->tables.count < JR_MOST_ENTRIES)
        status = JR_VEC_PUSH(b->alloc, &body->tables, table);
    jr_builder_note(b, status, function, "too many jump tables in one function");
    if (status == JR_OK)
        jr_builder_ax(b, function, JR_OP_SWITCH_I64, a, (uint32_t)body->tables.count - 1);
}

static uint32_t bound(struct jr_builder *b, uint32_t function, uint32_t label)
{
    uint32_t pc = b->bodies.items[function].labels.items[label];
    if (pc != JR_NONE)
        return pc;
    jr_builder_fail(b, JR_ERR_INVALID, function, "label %u is used but never bound", label);
    return 0;
}

void jr_builder_patch(struct jr_builder *b, uint32_t function)
{
    const struct jr_builder_body *labels = &b->bodies.items[function];
    struct jr_draft_body *body = &b->draft.bodies.items[function];
    for (size_t i = 0; i < labels->patches.count; i++) {
        const struct jr_patch *patch = &labels->patches.items[i];
        /* Code is shorter than 2^28 words, so the distance fits. */
        int32_t distance = (int32_t)bound(b, function, patch->label) - (int32_t)(patch->pc + 1);
        body->code.items[patch->pc].ax.x = (uint32_t)distance;
    }
    for (size_t i = 0; i < body->tables.count; i++) {
        struct jr_jump_table *table = &body->tables.items[i];
        for (uint32_t t = 0; t < table->target_count; t++)
            table->targets[t] = bound(b, function, table->targets[t]);
        table->fallback = bound(b, function, table->fallback);
    }
}
