/* lower_value.c -- values that are read from and written to memory, or copied, as a whole.
 *
 * runtime/ops.h hands them to routines that look at the layout at run time.  Here the layout is known, so small values without sums
 * become single words, each with the shared body of the one-word instruction: load, retain, store, release.  The rest goes
 * the general way. */
#include "jit/llvm/lower.h"

#include <llvm-c/Core.h>

enum { MOST_WORDS = 8 };

static const struct jr_layout *layout_at(const struct jr_lower *lw, uint32_t layout)
{
    return &lw->module->layouts[layout];
}

/* Every word is raw or one reference. */
bool jr_lower_is_word_by_word(const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind == JR_WORD_SUM || layout->words[i].kind == JR_WORD_SUM_TAIL)
            return false;
    return layout->word_count <= MOST_WORDS;
}

/* Raw words, or one reference: then giving up the old value is one release. */
static bool is_simple_to_replace(const struct jr_layout *layout)
{
    return jr_lower_is_word_by_word(layout) && (!layout->has_refs || layout->word_count == 1);
}

static void body(struct jr_lower *lw, struct jr_instr in)
{
    jr_lower_body(lw, &in, lw->registers);
}

static uint32_t scratch_register(const struct jr_lower *lw)
{
    return lw->function->reg_count;
}

/* Retains the references in r[first ..), a value that was just copied there. */
static void retain_words(struct jr_lower *lw, uint32_t first, const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind != JR_WORD_RAW)
            body(lw, (struct jr_instr){ .op = JR_OP_COPY, .a = first + i, .b = first + i });
}

/* GLOBAL_GET_N and STATE_GET_N by GLOBAL_GET and STATE_GET. */
static void get_words(struct jr_lower *lw, const struct jr_instr *in, enum jr_op one)
{
    const struct jr_layout *layout = layout_at(lw, in->y);
    if (!jr_lower_is_word_by_word(layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    for (uint32_t i = 0; i < layout->word_count; i++)
        body(lw, (struct jr_instr){ .op = one, .a = in->a + i, .x = in->x + i });
    retain_words(lw, in->a, layout);
}

/* GLOBAL_SET_N and STATE_SET_N by the one-word instructions: the old reference is released when the new one is in its place. */
static void set_words(struct jr_lower *lw, const struct jr_instr *in, enum jr_op get, enum jr_op set)
{
    const struct jr_layout *layout = layout_at(lw, in->y);
    uint32_t old = scratch_register(lw);
    if (!is_simple_to_replace(layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    if (layout->has_refs)
        body(lw, (struct jr_instr){ .op = get, .a = old, .x = in->x });
    for (uint32_t i = 0; i < layout->word_count; i++)
        body(lw, (struct jr_instr){ .op = set, .a = in->a + i, .x = in->x + i });
    if (layout->has_refs)
        body(lw, (struct jr_instr){ .op = JR_OP_RELEASE, .a = old });
}

void jr_lower_GLOBAL_GET_N(struct jr_lower *lw, const struct jr_instr *in)
{
    get_words(lw, in, JR_OP_GLOBAL_GET);
}

void jr_lower_STATE_GET_N(struct jr_lower *lw, const struct jr_instr *in)
{
    get_words(lw, in, JR_OP_STATE_GET);
}

void jr_lower_GLOBAL_SET_N(struct jr_lower *lw, const struct jr_instr *in)
{
    set_words(lw, in, JR_OP_GLOBAL_GET, JR_OP_GLOBAL_SET);
}

void jr_lower_STATE_SET_N(struct jr_lower *lw, const struct jr_instr *in)
{
    set_words(lw, in, JR_OP_STATE_GET, JR_OP_STATE_SET);
}

void jr_lower_CELL_GET_N(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_at(lw, in->x);
    uint32_t cell = scratch_register(lw); /* results may overwrite the operand */
    if (!jr_lower_is_word_by_word(layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    jr_lower_store_reg(lw, cell, jr_lower_load_reg(lw, in->b));
    for (uint32_t i = 0; i < layout->word_count; i++)
        body(lw, (struct jr_instr){ .op = JR_OP_CELL_GET, .a = in->a + i, .b = cell, .c = i });
    retain_words(lw, in->a, layout);
}

void jr_lower_CELL_SET_N(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_at(lw, in->x);
    uint32_t old = scratch_register(lw);
    if (!is_simple_to_replace(layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    if (layout->has_refs)
        body(lw, (struct jr_instr){ .op = JR_OP_CELL_GET, .a = old, .b = in->a });
    for (uint32_t i = 0; i < layout->word_count; i++)
        body(lw, (struct jr_instr){ .op = JR_OP_CELL_SET, .a = in->a, .b = in->b + i, .c = i });
    if (layout->has_refs)
        body(lw, (struct jr_instr){ .op = JR_OP_RELEASE, .a = old });
}
