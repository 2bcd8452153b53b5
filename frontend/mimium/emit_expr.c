/* emit_expr.c -- expressions, and the moves between registers. */
#include "frontend/mimium/emit_internal.h"

#include "ir/base/assert.h"

/* ---- registers ---- */

const struct jr_mono *jr_emit_mono(struct jr_frame *fr, const struct jr_core *node)
{
    fr->em->monos.place = node->span;
    return jr_mono_of(&fr->em->monos, node->ty, fr->env);
}

void jr_emit_at(struct jr_frame *fr, struct jr_span span)
{
    jr_builder_place(fr->b, fr->f, jr_emit_place(fr->em, span));
}

uint32_t jr_emit_alloc(struct jr_frame *fr, uint32_t count)
{
    uint32_t reg = fr->top;
    fr->top += count;
    jr_builder_need_registers(fr->b, fr->f, fr->top);
    return reg;
}

uint32_t jr_emit_target(struct jr_frame *fr, struct jr_dest dest, uint32_t mark, uint32_t words)
{
    fr->top = mark;
    return dest.kind == JR_DEST_REG ? dest.reg : jr_emit_alloc(fr, words);
}

void jr_emit_move(struct jr_frame *fr, uint32_t to, uint32_t from, uint32_t words)
{
    if (words == 0 || to == from)
        return;
    if (words == 1)
        jr_builder_abc(fr->b, fr->f, JR_OP_MOVE, to, from, 0);
    else
        jr_builder_abc(fr->b, fr->f, JR_OP_MOVE_N, to, from, words);
}

void jr_emit_copy(struct jr_frame *fr, uint32_t to, uint32_t from, const struct jr_mono *mono)
{
    if (!mono->has_refs)
        jr_emit_move(fr, to, from, mono->word_count);
    else if (mono->word_count == 1)
        jr_builder_abc(fr->b, fr->f, JR_OP_COPY, to, from, 0);
    else
        jr_builder_abcxy(fr->b, fr->f, JR_OP_COPY_N, to, from, 0, mono->layout, 0);
}

void jr_emit_release(struct jr_frame *fr, uint32_t reg, const struct jr_mono *mono)
{
    if (!mono->has_refs)
        return;
    if (mono->word_count == 1)
        jr_builder_abc(fr->b, fr->f, JR_OP_RELEASE, reg, 0, 0);
    else
        jr_builder_ax(fr->b, fr->f, JR_OP_RELEASE_N, reg, mono->layout);
}

void jr_emit_release_value(struct jr_frame *fr, struct jr_value value, const struct jr_mono *mono)
{
    if (value.owned)
        jr_emit_release(fr, value.reg, mono);
}

/* Without references a few words go one by one: no call into the runtime, and compiled code keeps them in registers. */
enum { MOST_SINGLE_WORDS = 16 };

static bool goes_by_words(const struct jr_mono *mono)
{
    return !mono->has_refs && mono->word_count <= MOST_SINGLE_WORDS;
}

void jr_emit_memory(struct jr_frame *fr, enum jr_op word, enum jr_op value, uint32_t reg, uint32_t offset,
                    const struct jr_mono *mono)
{
    if (!goes_by_words(mono)) {
        jr_builder_abcxy(fr->b, fr->f, value, reg, 0, 0, offset, mono->layout);
        return;
    }
    for (uint32_t i = 0; i < mono->word_count; i++)
        jr_builder_ax(fr->b, fr->f, word, reg + i, offset + i);
}

void jr_emit_cell_content(struct jr_frame *fr, bool set, uint32_t reg, uint32_t cell,
                          const struct jr_mono *mono)
{
    if (!goes_by_words(mono)) {
        jr_builder_abcxy(fr->b, fr->f, set ? JR_OP_CELL_SET_N : JR_OP_CELL_GET_N, set ? cell : reg,
                         set ? reg : cell, 0, mono->layout, 0);
        return;
    }
    for (uint32_t i = 0; i < mono->word_count; i++) {
        if (set)
            jr_builder_abc(fr->b, fr->f, JR_OP_CELL_SET, cell, reg + i, i);
        else
            jr_builder_abc(fr->b, fr->f, JR_OP_CELL_GET, reg + i, cell, i);
    }
}

struct jr_value jr_emit_settle(struct jr_frame *fr, struct jr_dest dest, uint32_t mark, struct jr_value value,
                               const struct jr_mono *mono)
{
    uint32_t reg = dest.kind == JR_DEST_REG ? dest.reg : mark;
    value.owned &= mono->has_refs;
    if (dest.kind == JR_DEST_ANY && (value.owned || !dest.own || !mono->has_refs)) {
        if (value.reg >= mark)
            fr->top = value.reg + mono->word_count;
        else
            fr->top = mark;
        return value;
    }
    fr->top = mark;
    if (dest.kind != JR_DEST_REG)
        jr_emit_alloc(fr, mono->word_count);
    if (value.owned || !mono->has_refs) {
        jr_emit_move(fr, reg, value.reg, mono->word_count);
    } else if (dest.own) {
        jr_emit_copy(fr, reg, value.reg, mono);
        value.owned = true;
    } else if (reg != value.reg) {
        jr_builder_abc(fr->b, fr->f, JR_OP_BORROW, reg, value.reg, mono->word_count);
    }
    value.reg = reg;
    return value;
}

struct jr_value jr_emit_operand(struct jr_frame *fr, const struct jr_core *node, bool assigned_later)
{
    uint32_t mark = fr->top;
    struct jr_value value = jr_emit_expr(fr, node, jr_any());
    if (!assigned_later || value.reg >= mark)
        return value;
    return jr_emit_settle(fr, jr_push(true), mark, value, jr_emit_mono(fr, node));
}

void jr_emit_effect(struct jr_frame *fr, const struct jr_core *node)
{
    uint32_t mark = fr->top;
    struct jr_value value = jr_emit_expr(fr, node, jr_any());
    jr_emit_release_value(fr, value, jr_emit_mono(fr, node));
    fr->top = mark;
}

/* ---- leaves ---- */

static struct jr_value emit_number(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    uint32_t reg;
    if (dest.kind == JR_DEST_ANY && jr_emit_find_constant(fr, node->as.number, &reg))
        return (struct jr_value){ reg, false };
    reg = jr_emit_target(fr, dest, fr->top, 1);
    jr_emit_at(fr, node->span);
    jr_builder_const_f64(fr->b, fr->f, reg, node->as.number);
    return (struct jr_value){ reg, false };
}

static struct jr_value emit_string(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    uint32_t mark = fr->top, reg = jr_emit_target(fr, dest, mark, 1);
    jr_emit_at(fr, node->span);
    uint32_t string = jr_builder_string(fr->b, node->as.string.text, node->as.string.length);
    jr_builder_ax(fr->b, fr->f, JR_OP_STRING, reg, string);
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, false }, jr_emit_mono(fr, node));
}

static struct jr_value emit_self(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    struct jr_value value = { node->as.self_of->self_reg, false };
    jr_emit_at(fr, node->span);
    return jr_emit_settle(fr, dest, fr->top, value, jr_emit_mono(fr, node));
}

/* ---- aggregates ---- */

static struct jr_value emit_tuple(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    uint32_t base = dest.kind == JR_DEST_REG ? dest.reg : fr->top, at = base;
    for (uint32_t i = 0; i < node->as.list.count; i++) {
        struct jr_dest item = dest.kind == JR_DEST_REG ? jr_into(at, true) : jr_push(true);
        jr_emit_expr(fr, node->as.list.items[i], item);
        at += mono->items[i]->word_count;
    }
    return (struct jr_value){ base, mono->has_refs };
}

/* Up to this many words are gathered in registers and made an array at once. */
enum { GATHER_WORDS = 1024 };

static struct jr_value emit_array(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node), *element = mono->result;
    uint32_t mark = fr->top, count = node->as.list.count, reg = mark;
    if ((uint64_t)count * element->word_count <= GATHER_WORDS) {
        for (uint32_t i = 0; i < count; i++)
            jr_emit_expr(fr, node->as.list.items[i], jr_push(true));
        jr_emit_at(fr, node->span);
        jr_emit_target(fr, jr_any(), mark, 1);
        jr_builder_abcxy(fr->b, fr->f, JR_OP_ARRAY_NEW, mark, mark, count, element->layout, 0);
    } else {
        reg = jr_emit_alloc(fr, 1);
        jr_emit_at(fr, node->span);
        jr_builder_abcxy(fr->b, fr->f, JR_OP_ARRAY_ZEROS, reg, 0, 0, element->layout, count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t item = fr->top;
            jr_emit_expr(fr, node->as.list.items[i], jr_push(true));
            jr_emit_at(fr, node->as.list.items[i]->span);
            jr_builder_abcxy(fr->b, fr->f, JR_OP_ARRAY_INIT, reg, item, 0, element->layout, i);
            fr->top = item;
        }
    }
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, true }, mono);
}

static struct jr_value emit_index(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_core *array_node = node->as.index.array, *index_node = node->as.index.index;
    const struct jr_mono *array_mono = jr_emit_mono(fr, array_node), *element = array_mono->result;
    const struct jr_binding *binding;
    uint32_t mark = fr->top, reg = mark;
    bool in_place = jr_emit_in_place(fr, array_node, &binding) && !index_node->assigns;
    if (!in_place || element->has_refs ||
        element->word_count > 1) /* the result must not lie on what the operation holds */
        reg = jr_emit_alloc(fr, element->word_count);
    struct jr_value array = jr_emit_operand(fr, array_node, index_node->assigns);
    struct jr_value index = jr_emit_operand(fr, index_node, false);
    jr_emit_at(fr, node->span);
    if (!element->has_refs && dest.kind == JR_DEST_REG)
        reg = dest.reg;
    if (element->word_count == 1 && !element->has_refs)
        jr_builder_abc(fr->b, fr->f, JR_OP_ARRAY_GET, reg, array.reg, index.reg);
    else
        jr_builder_abcxy(fr->b, fr->f, JR_OP_ARRAY_GET_N, reg, array.reg, index.reg, element->layout, 0);
    jr_emit_release_value(fr, array, array_mono);
    if (reg == mark)
        jr_emit_target(fr, jr_any(), mark, element->word_count);
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, true }, element);
}

/* ---- control ---- */

static void emit_statements(struct jr_frame *fr, const struct jr_core *block, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        jr_emit_effect(fr, block->as.block.items.items[i]);
}

static bool has_locals(const struct jr_core *block)
{
    for (uint32_t i = 0; i < block->as.block.items.count; i++)
        if (block->as.block.items.items[i]->kind == JR_CORE_LET)
            return true;
    return false;
}

static struct jr_value emit_block(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    uint32_t count = node->as.block.items.count - node->as.block.has_value, mark = fr->top;
    const struct jr_core *last = node->as.block.has_value ? node->as.block.items.items[count] : NULL;
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    struct jr_value value = { mark, false };
    if (!has_locals(node)) {
        emit_statements(fr, node, count);
        return last != NULL ? jr_emit_expr(fr, last, dest) : value;
    }
    uint32_t owners = fr->owners.count; /* the result stands below the block's variables */
    value.reg = dest.kind == JR_DEST_REG ? dest.reg : jr_emit_alloc(fr, mono->word_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_core *item = node->as.block.items.items[i];
        if (item->kind == JR_CORE_LET)
            jr_emit_let(fr, item);
        else
            jr_emit_effect(fr, item);
    }
    if (last != NULL)
        value.owned = jr_emit_expr(fr, last, jr_into(value.reg, true)).owned;
    jr_emit_end_scope(fr, owners, false);
    fr->top = dest.kind == JR_DEST_REG ? mark : mark + mono->word_count;
    return value;
}

static struct jr_value emit_if(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    uint32_t mark = fr->top;
    bool own = mono->has_refs;
    struct jr_dest branch = dest.kind == JR_DEST_REG ? jr_into(dest.reg, own) : jr_push(own);
    struct jr_value condition = jr_emit_expr(fr, node->as.if_.condition, jr_any());
    uint32_t other = jr_builder_label(fr->b, fr->f), end = jr_builder_label(fr->b, fr->f);
    jr_emit_at(fr, node->as.if_.condition->span);
    jr_builder_jump(fr->b, fr->f, JR_OP_JUMP_UNLESS, condition.reg, other);
    fr->top = mark;
    jr_emit_expr(fr, node->as.if_.then_branch, branch);
    if (node->as.if_.else_branch != NULL) {
        jr_builder_jump(fr->b, fr->f, JR_OP_JUMP, 0, end);
        jr_builder_bind(fr->b, fr->f, other);
        fr->top = mark;
        jr_emit_expr(fr, node->as.if_.else_branch, branch);
    } else {
        jr_builder_bind(fr->b, fr->f, other);
    }
    jr_builder_bind(fr->b, fr->f, end);
    fr->top = dest.kind == JR_DEST_REG ? mark : mark + mono->word_count;
    return (struct jr_value){ dest.kind == JR_DEST_REG ? dest.reg : mark, own };
}

static struct jr_value emit_inline(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    struct jr_core_fn *fn = node->as.inline_.fn;
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    uint32_t mark = fr->top, owners = fr->owners.count;
    uint32_t reg = dest.kind == JR_DEST_REG ? dest.reg : jr_emit_alloc(fr, mono->word_count);
    jr_emit_bind_args(fr, fn, &node->as.inline_.args);
    jr_emit_open_self(fr, fn);
    if (fn->uses_self) {
        struct jr_value result = jr_emit_expr(fr, fn->body, jr_push(true));
        result = jr_emit_close_self(fr, fn, result);
        jr_emit_settle(fr, jr_into(reg, true), fr->top, result, mono);
    } else {
        jr_emit_expr(fr, fn->body, jr_into(reg, true));
    }
    jr_emit_end_scope(fr, owners, false);
    fr->top = dest.kind == JR_DEST_REG ? mark : mark + mono->word_count;
    return (struct jr_value){ reg, mono->has_refs };
}

struct jr_value jr_emit_expr(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    switch (node->kind) {
    case JR_CORE_ERROR:
        JR_ASSERT(false, "a program with errors is not emitted");
        break;
    case JR_CORE_NUMBER:
        return emit_number(fr, node, dest);
    case JR_CORE_STRING:
        return emit_string(fr, node, dest);
    case JR_CORE_VARIABLE:
        return jr_emit_variable(fr, node, dest);
    case JR_CORE_SELF:
        return emit_self(fr, node, dest);
    case JR_CORE_OP:
        return jr_emit_op(fr, node, dest);
    case JR_CORE_CALL:
        return jr_emit_call(fr, node, dest);
    case JR_CORE_INLINE:
        return emit_inline(fr, node, dest);
    case JR_CORE_LAMBDA:
        jr_emit_at(fr, node->span);
        return jr_emit_closure(fr, jr_emit_lambda_instance(fr->em, node->as.lambda, fr->env), dest);
    case JR_CORE_TUPLE:
        return emit_tuple(fr, node, dest);
    case JR_CORE_RECORD:
        return jr_emit_record(fr, node, dest);
    case JR_CORE_ARRAY:
        return emit_array(fr, node, dest);
    case JR_CORE_PROJECT:
    case JR_CORE_FIELD:
        return jr_emit_part(fr, node, dest);
    case JR_CORE_UPDATE:
        return jr_emit_update(fr, node, dest);
    case JR_CORE_INDEX:
        return emit_index(fr, node, dest);
    case JR_CORE_IF:
        return emit_if(fr, node, dest);
    case JR_CORE_BLOCK:
        return emit_block(fr, node, dest);
    case JR_CORE_LET: /* only among the items of a block */
        jr_emit_let(fr, node);
        break;
    case JR_CORE_ASSIGN:
        jr_emit_assign(fr, node);
        break;
    case JR_CORE_COERCE:
        return jr_emit_coerce(fr, node, dest);
    case JR_CORE_CONSTRUCT:
        return jr_emit_construct(fr, node, dest);
    case JR_CORE_MATCH:
        return jr_emit_match(fr, node, dest);
    }
    return (struct jr_value){ fr->top, false };
}
