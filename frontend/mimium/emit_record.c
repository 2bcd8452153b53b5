/* emit_record.c -- records and parts of aggregates. */
#include "frontend/mimium/emit_internal.h"

struct jr_value jr_emit_record(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    uint32_t base = dest.kind == JR_DEST_REG ? dest.reg : jr_emit_alloc(fr, mono->word_count);
    uint32_t mark = fr->top;
    for (uint32_t i = 0; i < node->as.record.values.count; i++) {
        uint32_t offset = jr_mono_offset(mono, jr_mono_field(mono, node->as.record.keys[i]));
        jr_emit_expr(fr, node->as.record.values.items[i], jr_into(base + offset, true));
        fr->top = mark;
    }
    return (struct jr_value){ base, mono->has_refs };
}

struct jr_value jr_emit_update(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    uint32_t mark = fr->top, base = mark;
    jr_emit_expr(fr, node->as.update.base, jr_push(true));
    uint32_t above = fr->top;
    for (uint32_t i = 0; i < node->as.update.values.count; i++) {
        uint32_t field = jr_mono_field(mono, node->as.update.keys[i]);
        uint32_t reg = base + jr_mono_offset(mono, field);
        if (!mono->items[field]->has_refs) {
            jr_emit_expr(fr, node->as.update.values.items[i], jr_into(reg, false));
        } else {
            jr_emit_expr(fr, node->as.update.values.items[i], jr_push(true));
            jr_emit_release(fr, reg, mono->items[field]);
            jr_emit_move(fr, reg, above, mono->items[field]->word_count);
        }
        fr->top = above;
    }
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ base, true }, mono);
}

/* The item or field that `node` takes of `mono`. */
static uint32_t part_index(const struct jr_core *node, const struct jr_mono *mono)
{
    return node->kind == JR_CORE_PROJECT ? node->as.project.index : jr_mono_field(mono, node->as.field.key);
}

/* A part of a variable in memory: only its words are loaded.  False if it is none, or cannot be loaded alone. */
static bool load_part(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest,
                      struct jr_value *value)
{
    const struct jr_core *root = node;
    while (root->kind == JR_CORE_PROJECT || root->kind == JR_CORE_FIELD)
        root = root->kind == JR_CORE_PROJECT ? root->as.project.object : root->as.field.object;
    if (root->kind != JR_CORE_VARIABLE)
        return false;
    const struct jr_binding *binding = root->as.variable->binding;
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    bool is_global = binding->kind == JR_BINDING_GLOBAL;
    if (mono->word_count == 0 || (!is_global && (mono->has_refs || binding->where != JR_WHERE_CELL)))
        return false;
    uint32_t offset = 0;
    for (const struct jr_core *at = node; at != root;) {
        const struct jr_core *object =
            at->kind == JR_CORE_PROJECT ? at->as.project.object : at->as.field.object;
        const struct jr_mono *whole = jr_emit_mono(fr, object);
        offset += jr_mono_offset(whole, part_index(at, whole));
        at = object;
    }
    uint32_t reg = jr_emit_target(fr, dest, fr->top, mono->word_count);
    jr_emit_at(fr, node->span);
    if (is_global)
        jr_emit_memory(fr, JR_OP_GLOBAL_GET, JR_OP_GLOBAL_GET_N, reg, binding->slot + offset, mono);
    else
        for (uint32_t i = 0; i < mono->word_count; i++)
            jr_builder_abc(fr->b, fr->f, JR_OP_CELL_GET, reg + i, binding->reg, offset + i);
    *value = (struct jr_value){ reg, mono->has_refs };
    return true;
}

struct jr_value jr_emit_part(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    struct jr_value loaded;
    if (load_part(fr, node, dest, &loaded))
        return loaded;
    const struct jr_core *object =
        node->kind == JR_CORE_PROJECT ? node->as.project.object : node->as.field.object;
    const struct jr_mono *whole = jr_emit_mono(fr, object);
    uint32_t index = part_index(node, whole), offset = jr_mono_offset(whole, index), mark = fr->top;
    const struct jr_mono *mono = whole->items[index];
    struct jr_value value = jr_emit_expr(fr, object, jr_any());
    jr_emit_at(fr, node->span);
    if (value.owned) { /* only this part is kept */
        for (uint32_t i = 0; i < whole->count; i++)
            if (i != index)
                jr_emit_release(fr, value.reg + jr_mono_offset(whole, i), whole->items[i]);
    }
    value.reg += offset;
    return jr_emit_settle(fr, dest, mark, value, mono);
}

/* ---- conversion to fewer fields, and to unions ---- */

static uint32_t member_of(struct jr_frame *fr, const struct jr_mono *to, const struct jr_mono *from);

/* Whether inference lets a value of type `from` be given where `to` is. */
static bool converts(struct jr_frame *fr, const struct jr_mono *from, const struct jr_mono *to)
{
    if (from == to)
        return true;
    if (to->kind == JR_TY_SUM)
        return to->declared->is_union && member_of(fr, to, from) < to->count;
    if (from->kind != to->kind || (to->kind != JR_TY_TUPLE && to->kind != JR_TY_RECORD) || from->count < to->count ||
        (to->kind == JR_TY_TUPLE && from->count != to->count))
        return false;
    for (uint32_t i = 0; i < to->count; i++) {
        uint32_t at = i;
        if (to->kind == JR_TY_RECORD)
            for (at = 0; at < from->count && from->keys[at] != to->keys[i];)
                at++;
        if (at == from->count || !converts(fr, from->items[at], to->items[i]))
            return false;
    }
    return true;
}

static const struct jr_mono *member(struct jr_frame *fr, const struct jr_mono *sum, uint32_t variant)
{
    return jr_mono_of(&fr->em->monos, sum->declared->variants[variant].payload, NULL);
}

/* The member of the union that takes it, chosen as jr_infer_union_variant does. */
static uint32_t member_of(struct jr_frame *fr, const struct jr_mono *to, const struct jr_mono *from)
{
    for (uint32_t i = 0; i < to->count; i++)
        if (member(fr, to, i) == from)
            return i;
    for (uint32_t i = 0; i < to->count; i++)
        if (converts(fr, from, member(fr, to, i)))
            return i;
    return to->count;
}

static void convert(struct jr_frame *fr, const struct jr_mono *from, struct jr_value value,
                    const struct jr_mono *to, uint32_t reg);

/* A member becomes its union. */
static void inject(struct jr_frame *fr, const struct jr_mono *from, struct jr_value value, const struct jr_mono *to,
                   uint32_t reg)
{
    uint32_t mark = fr->top, payload = value.reg, variant = member_of(fr, to, from);
    const struct jr_mono *whole = member(fr, to, variant), *stored = to->items[variant];
    if (from != whole || (from->has_refs && !value.owned)) {
        payload = jr_emit_alloc(fr, whole->word_count);
        convert(fr, from, value, whole, payload);
    }
    if (stored != whole) {
        uint32_t boxed = jr_emit_alloc(fr, stored->word_count);
        jr_emit_store(fr, whole, payload, stored, boxed);
        payload = boxed;
    }
    jr_emit_sum(fr, to, variant, reg, payload);
    fr->top = mark;
}

static void convert(struct jr_frame *fr, const struct jr_mono *from, struct jr_value value,
                    const struct jr_mono *to, uint32_t reg)
{
    if (from == to) {
        if (value.owned)
            jr_emit_move(fr, reg, value.reg, to->word_count);
        else
            jr_emit_copy(fr, reg, value.reg, to);
        return;
    }
    if (to->kind == JR_TY_SUM) {
        inject(fr, from, value, to, reg);
        return;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        struct jr_value part = { value.reg + jr_mono_offset(from, i),
                                 value.owned && from->items[i]->has_refs };
        uint32_t at = i;
        if (to->kind == JR_TY_RECORD)
            for (at = 0; at < to->count && to->keys[at] != from->keys[i];)
                at++;
        if (at < to->count)
            convert(fr, from->items[i], part, to->items[at], reg + jr_mono_offset(to, at));
        else
            jr_emit_release_value(fr, part, from->items[i]);
    }
}

struct jr_value jr_emit_coerce(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *from = jr_emit_mono(fr, node->as.coerce), *to = jr_emit_mono(fr, node);
    if (from == to)
        return jr_emit_expr(fr, node->as.coerce, dest);
    uint32_t mark = fr->top, reg = jr_emit_alloc(fr, to->word_count);
    struct jr_value value = jr_emit_expr(fr, node->as.coerce, jr_any());
    jr_emit_at(fr, node->span);
    convert(fr, from, value, to, reg);
    fr->top = reg + to->word_count;
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, true }, to);
}
