/* words.c -- moves, copies and releases of several words, of which some are known and others are in their registers.
 *
 * What is known moves here, the rest, run by run, in the residual code. */
#include "jit/specialise/internal.h"

static bool is_known(const struct jr_value *value)
{
    return value->kind == JR_VALUE_CONSTANT || value->kind == JR_VALUE_OBJECT || value->kind == JR_VALUE_VIRTUAL;
}

static bool is_reference(const struct jr_value *value)
{
    return value->kind == JR_VALUE_OBJECT || value->kind == JR_VALUE_VIRTUAL;
}

bool jr_words_are_known(struct jr_expand *x, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!is_known(jr_value_at(x, first + i)))
            return false;
    return true;
}

/* One known word.  A move leaves no owned reference behind. */
static void move_known(struct jr_expand *x, enum jr_op op, uint32_t to, uint32_t from)
{
    struct jr_value value = *jr_value_at(x, from);
    if (to == from && op == JR_OP_MOVE_N)
        return;
    value.stored &= to == from;
    if (op == JR_OP_MOVE_N) {
        if (is_reference(&value) && value.owned)
            jr_value_clear(x, from, 1);
    } else if (is_reference(&value)) {
        value.owned = op == JR_OP_COPY;
        if (op == JR_OP_COPY && value.kind == JR_VALUE_VIRTUAL)
            jr_object_retain(x, (uint32_t)value.word);
    }
    *jr_value_at(x, to) = value;
}

static enum jr_status move_run(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, enum jr_op op, uint32_t to,
                               uint32_t from, uint32_t count)
{
    struct jr_instr in = { .op = op, .a = to, .b = from, .c = count, .length = 1 };
    if (to == from && op == JR_OP_MOVE_N)
        return JR_OK;
    if (op == JR_OP_MOVE_N && count == 1)
        in.op = JR_OP_MOVE, in.c = 0;
    enum jr_status status = jr_piece_add(x, act, pc, in);
    jr_value_set_dynamic(x, to, count);
    return status;
}

enum jr_status jr_words_move(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, enum jr_op op, uint32_t to,
                             uint32_t from, uint32_t count)
{
    bool upwards = to <= from || to >= from + count; /* the other way round where words would be overwritten before they are read */
    enum jr_status status = JR_OK;
    for (uint32_t done = 0; done < count && status == JR_OK;) {
        uint32_t run = 0;
        while (done + run < count && !is_known(jr_value_at(x, from + (upwards ? done + run : count - 1 - done - run))))
            run++;
        uint32_t words = run == 0 ? 1 : run, at = upwards ? done : count - done - words;
        if (run == 0)
            move_known(x, op, to + at, from + at);
        else
            status = move_run(x, act, pc, op, to + at, from + at, run);
        done += words;
    }
    return status;
}

static bool is_sum(const struct jr_word_type *type)
{
    return type->kind == JR_WORD_SUM || type->kind == JR_WORD_SUM_TAIL;
}

bool jr_words_are_single(struct jr_expand *x, uint32_t first, const struct jr_word_type *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (is_sum(&types[i]) && !is_known(jr_value_at(x, first + i)))
            return false;
    return true;
}

enum jr_status jr_words_copy(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t to, uint32_t from,
                             const struct jr_word_type *types, uint32_t count)
{
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < count && status == JR_OK;) {
        uint32_t run = 0;
        if (is_known(jr_value_at(x, from + i))) {
            move_known(x, JR_OP_COPY, to + i, from + i);
            i++;
            continue;
        }
        while (i + run < count && types[i + run].kind == JR_WORD_RAW && !is_known(jr_value_at(x, from + i + run)))
            run++;
        if (run != 0) {
            status = move_run(x, act, pc, JR_OP_MOVE_N, to + i, from + i, run);
            i += run;
            continue;
        }
        status = jr_piece_add(x, act, pc, (struct jr_instr){ .op = JR_OP_COPY, .a = to + i, .b = from + i, .length = 1 });
        jr_value_set_dynamic(x, to + i, 1);
        i++;
    }
    return status;
}

enum jr_status jr_words_release(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t first,
                                const struct jr_word_type *types, uint32_t count)
{
    enum jr_status status = JR_OK;
    for (uint32_t reg = first; reg < first + count && status == JR_OK; reg++) {
        struct jr_value value = *jr_value_at(x, reg);
        if (value.kind == JR_VALUE_CONSTANT || types[reg - first].kind == JR_WORD_RAW)
            continue;
        jr_value_clear(x, reg, 1);
        if (value.kind == JR_VALUE_VIRTUAL)
            status = jr_object_release(x, act, pc, (uint32_t)value.word);
        else if (value.kind == JR_VALUE_DYNAMIC)
            status = jr_piece_add(x, act, pc, (struct jr_instr){ .op = JR_OP_RELEASE, .a = reg, .length = 1 });
    }
    return status;
}
