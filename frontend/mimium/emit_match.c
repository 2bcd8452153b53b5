/* emit_match.c -- sum values and match.
 *
 * A sum without references is plain words: its tag and payload are used where they lie.  One with references is made and
 * taken apart by instructions, and a payload taken out of it is a copy that the arm owns, until a later test fails or the
 * arm ends. */
#include "frontend/mimium/emit_internal.h"

/* ---- making ---- */

static void fill_raw(struct jr_frame *fr, const struct jr_mono *sum, uint32_t variant, uint32_t reg)
{
    jr_builder_const_i64(fr->b, fr->f, reg, (int64_t)variant);
    for (uint32_t i = 1 + sum->items[variant]->word_count; i < sum->word_count; i++)
        jr_builder_const_i64(fr->b, fr->f, reg + i, 0);
}

void jr_emit_sum(struct jr_frame *fr, const struct jr_mono *sum, uint32_t variant, uint32_t reg,
                 uint32_t payload)
{
    if (sum->has_refs) {
        jr_builder_abcxy(fr->b, fr->f, JR_OP_SUM_NEW, reg, payload, 0, sum->sum, variant);
        return;
    }
    jr_emit_move(fr, reg + 1, payload, sum->items[variant]->word_count);
    fill_raw(fr, sum, variant, reg);
}

void jr_emit_store(struct jr_frame *fr, const struct jr_mono *value, uint32_t reg, const struct jr_mono *stored,
                   uint32_t to)
{
    if (value == stored) {
        jr_emit_move(fr, to, reg, value->word_count);
    } else if (stored->kind == JR_TY_BOX) {
        jr_builder_abcxy(fr->b, fr->f, JR_OP_BOX_NEW, to, reg, 0, value->layout, 0);
    } else {
        for (uint32_t i = 0; i < value->count; i++)
            jr_emit_store(fr, value->items[i], reg + jr_mono_offset(value, i), stored->items[i],
                  to + jr_mono_offset(stored, i));
    }
}

void jr_emit_load(struct jr_frame *fr, const struct jr_mono *stored, uint32_t reg, const struct jr_mono *value,
                  uint32_t to)
{
    if (value == stored) {
        jr_emit_copy(fr, to, reg, value);
    } else if (stored->kind == JR_TY_BOX) {
        jr_builder_abcxy(fr->b, fr->f, JR_OP_BOX_GET, to, reg, 0, value->layout, 0);
    } else {
        for (uint32_t i = 0; i < value->count; i++)
            jr_emit_load(fr, stored->items[i], reg + jr_mono_offset(stored, i), value->items[i],
                 to + jr_mono_offset(value, i));
    }
}

static uint32_t store_payload(struct jr_frame *fr, const struct jr_core *node, const struct jr_mono *stored,
                              uint32_t reg)
{
    const struct jr_ty_sum *sum = jr_ty_resolve(node->ty)->sum;
    const struct jr_mono *value =
        jr_mono_of(&fr->em->monos, sum->variants[node->as.construct.variant].payload, NULL);
    if (value == stored)
        return reg;
    uint32_t to = jr_emit_alloc(fr, stored->word_count);
    jr_emit_store(fr, value, reg, stored, to);
    return to;
}

struct jr_value jr_emit_construct(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    const struct jr_core_list *args = &node->as.construct.args;
    uint32_t reg = dest.kind == JR_DEST_REG ? dest.reg : jr_emit_alloc(fr, mono->word_count);
    uint32_t mark = fr->top, at = reg + 1;
    for (uint32_t i = 0; i < args->count; i++) {
        if (mono->has_refs) {
            jr_emit_expr(fr, args->items[i], jr_push(true));
            continue;
        }
        jr_emit_expr(fr, args->items[i], jr_into(at, true));
        at += jr_emit_mono(fr, args->items[i])->word_count;
        fr->top = mark;
    }
    jr_emit_at(fr, node->span);
    if (mono->has_refs)
        jr_emit_sum(fr, mono, node->as.construct.variant, reg,
                    store_payload(fr, node, mono->items[node->as.construct.variant], mark));
    else
        fill_raw(fr, mono, node->as.construct.variant, reg);
    fr->top = mark;
    return (struct jr_value){ reg, mono->has_refs };
}

/* ---- one arm ---- */

/* A payload that the arm owns from some test on. */
struct held {
    uint32_t label; /* where later tests go when they fail */
    uint32_t reg;
    const struct jr_mono *mono;
    bool used;
};

struct found_name {
    struct jr_core_pattern *pattern;
    const struct jr_mono *mono;
    uint32_t reg;
};

struct arm {
    struct jr_frame *fr;
    bool sure;     /* nothing but this arm is left */
    uint32_t next; /* label of the next arm */
    bool next_used;
    JR_UNIT_LIST(struct held) held;
    JR_UNIT_LIST(struct found_name) names;
};

static uint32_t fail_label(struct arm *arm)
{
    if (arm->held.count == 0) {
        arm->next_used = true;
        return arm->next;
    }
    struct held *last = &arm->held.items[arm->held.count - 1];
    last->used = true;
    return last->label;
}

/* Goes on if the integer in `reg` is `value`. */
static void test_integer(struct arm *arm, uint32_t reg, int64_t value)
{
    struct jr_frame *fr = arm->fr;
    uint32_t mark = fr->top, constant = jr_emit_alloc(fr, 1);
    jr_builder_const_i64(fr->b, fr->f, constant, value);
    jr_builder_abc(fr->b, fr->f, JR_OP_EQ_I64, constant, reg, constant);
    jr_builder_jump(fr->b, fr->f, JR_OP_JUMP_UNLESS, constant, fail_label(arm));
    fr->top = mark;
}

static void test(struct arm *arm, struct jr_core_pattern *pattern, const struct jr_mono *mono, uint32_t reg);

/* From here on the arm owns the references at `reg`. */
static void hold(struct arm *arm, uint32_t reg, const struct jr_mono *mono)
{
    struct jr_frame *fr = arm->fr;
    if (!mono->has_refs)
        return;
    struct held held = { jr_builder_label(fr->b, fr->f), reg, mono, false };
    JR_UNIT_PUSH(fr->em->unit, &arm->held, held);
    jr_emit_own(fr, reg, mono->layout, mono->word_count == 1);
}

static void test_variant(struct arm *arm, const struct jr_core_pattern *pattern, const struct jr_mono *mono,
                         uint32_t reg)
{
    struct jr_frame *fr = arm->fr;
    const struct jr_mono *payload = mono->items[pattern->variant];
    uint32_t mark = fr->top;
    if (!arm->sure && mono->count > 1) {
        uint32_t tag = reg;
        if (mono->has_refs)
            jr_builder_abc(fr->b, fr->f, JR_OP_SUM_TAG, tag = jr_emit_alloc(fr, 1), reg, 0);
        test_integer(arm, tag, (int64_t)pattern->variant);
        fr->top = mark;
    }
    if (pattern->items[0]->kind == JR_CORE_PATTERN_NONE)
        return;
    if (!mono->has_refs) {
        test(arm, pattern->items[0], payload, reg + 1);
        return;
    }
    uint32_t copy = jr_emit_alloc(fr, payload->word_count);
    jr_builder_abcxy(fr->b, fr->f, JR_OP_SUM_GET, copy, reg, 0, mono->sum, pattern->variant);
    hold(arm, copy, payload);
    test(arm, pattern->items[0], payload, copy);
}

static void test(struct arm *arm, struct jr_core_pattern *pattern, const struct jr_mono *mono, uint32_t reg)
{
    struct jr_frame *fr = arm->fr;
    if (mono->kind == JR_TY_BOX && pattern->kind != JR_CORE_PATTERN_NONE && pattern->kind != JR_CORE_PATTERN_NAME) {
        const struct jr_mono *value = mono->result;
        uint32_t copy = jr_emit_alloc(fr, value->word_count);
        jr_emit_load(fr, mono, reg, value, copy);
        hold(arm, copy, value);
        mono = value;
        reg = copy;
    }
    switch (pattern->kind) {
    case JR_CORE_PATTERN_NONE:
    case JR_CORE_PATTERN_RECORD: /* of let only */
        return;
    case JR_CORE_PATTERN_NAME:
        JR_UNIT_PUSH(fr->em->unit, &arm->names, (struct found_name){ pattern, mono, reg });
        return;
    case JR_CORE_PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->count; i++)
            test(arm, pattern->items[i], mono->items[i], reg + jr_mono_offset(mono, i));
        return;
    case JR_CORE_PATTERN_NUMBER: {
        if (arm->sure)
            return;
        uint32_t mark = fr->top, integer = jr_emit_alloc(fr, 1);
        jr_builder_abc(fr->b, fr->f, JR_OP_F64_TO_I64, integer, reg, 0);
        test_integer(arm, integer, pattern->number);
        fr->top = mark;
        return;
    }
    case JR_CORE_PATTERN_VARIANT:
        test_variant(arm, pattern, mono, reg);
        return;
    }
}

/* A name is the place where its value lies, unless somebody assigns it.  What lies in boxes is taken out where it is used: it may be
 * the box of a zero value, which has nothing inside. */
static void bind_names(struct arm *arm)
{
    struct jr_frame *fr = arm->fr;
    for (uint32_t i = 0; i < arm->names.count; i++) {
        const struct found_name *name = &arm->names.items[i];
        struct jr_binding *binding = name->pattern->binding;
        const struct jr_mono *value = jr_mono_of(&fr->em->monos, name->pattern->ty, fr->env);
        if (binding->assigned && value != name->mono) {
            uint32_t copy = jr_emit_alloc(fr, value->word_count);
            jr_emit_at(fr, binding->span);
            jr_emit_load(fr, name->mono, name->reg, value, copy);
            jr_emit_bind(fr, binding, value, copy, true, true);
        } else if (binding->assigned) {
            jr_emit_bind(fr, binding, value, name->reg, false, false);
        } else {
            binding->where = value != name->mono ? JR_WHERE_STORED : JR_WHERE_REGISTERS;
            binding->stored = name->mono;
            binding->reg = name->reg;
        }
    }
}

/* Where failed tests arrive: what the arm owned by then is released, the last first.  Returns whether any arrives. */
static bool release_held(struct arm *arm)
{
    struct jr_frame *fr = arm->fr;
    bool reached = false;
    for (uint32_t i = arm->held.count; i-- > 0;) {
        const struct held *held = &arm->held.items[i];
        if (held->used)
            jr_builder_bind(fr->b, fr->f, held->label);
        reached |= held->used;
        if (reached)
            jr_emit_release(fr, held->reg, held->mono);
    }
    return reached;
}

/* ---- match ---- */

/* The subject in registers that keep it while the arms run. */
static uint32_t hold_subject(struct jr_frame *fr, const struct jr_core *subject, const struct jr_mono *mono)
{
    const struct jr_binding *root;
    bool stays = jr_emit_in_place(fr, subject, &root) && !root->assigned;
    uint32_t mark = fr->top;
    struct jr_value value = jr_emit_expr(fr, subject, stays ? jr_any() : jr_push(true));
    if (stays && value.reg < mark)
        return value.reg;
    if (mono->has_refs && value.owned)
        jr_emit_own(fr, value.reg, mono->layout, mono->word_count == 1);
    return value.reg;
}

/* The arms one after the other; each body goes to `reg`, or, if `tail`, ends the function.  The subject is at `subject`; `below` and
 * `owners` are the registers and owners that the match does not touch. */
static void emit_arms(struct jr_frame *fr, const struct jr_core *node, uint32_t subject, uint32_t below,
                      uint32_t owners, uint32_t reg, bool tail)
{
    const struct jr_core_list *bodies = &node->as.match.bodies;
    const struct jr_mono *mono = jr_emit_mono(fr, node->as.match.subject);
    uint32_t top = fr->top, kept = fr->owners.count, end = jr_builder_label(fr->b, fr->f);
    for (uint32_t i = 0; i < bodies->count; i++) {
        struct arm arm = { .fr = fr, .sure = i + 1 == bodies->count };
        arm.next = jr_builder_label(fr->b, fr->f);
        jr_emit_at(fr, bodies->items[i]->span);
        test(&arm, node->as.match.patterns[i], mono, subject);
        bind_names(&arm);
        if (arm.sure && arm.names.count == 0 && !mono->has_refs && subject >= below)
            fr->top = below; /* nobody looks at the subject again */
        if (tail) {
            jr_emit_tail(fr, bodies->items[i]);
        } else {
            jr_emit_expr(fr, bodies->items[i], jr_into(reg, true));
            jr_emit_end_scope(fr, owners, true);
        }
        fr->owners.count = kept;
        fr->top = top;
        if (arm.sure)
            break;
        if (!tail)
            jr_builder_jump(fr->b, fr->f, JR_OP_JUMP, 0, end);
        bool reached = release_held(&arm);
        jr_builder_bind(fr->b, fr->f, arm.next);
        if (!reached && !arm.next_used)
            break; /* it takes every value */
    }
    jr_builder_bind(fr->b, fr->f, end);
    fr->owners.count = owners;
}

struct jr_value jr_emit_match(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *result = jr_emit_mono(fr, node), *mono = jr_emit_mono(fr, node->as.match.subject);
    uint32_t mark = fr->top, owners = fr->owners.count, reg, subject;
    if (dest.kind == JR_DEST_REG || result->has_refs || result->word_count != 1 || mono->has_refs) {
        reg = dest.kind == JR_DEST_REG ? dest.reg : jr_emit_alloc(fr, result->word_count);
        subject = hold_subject(fr, node->as.match.subject, mono);
    } else { /* one plain word may lie on the subject: on the path that writes it, nothing is read after that */
        reg = mark;
        subject = hold_subject(fr, node->as.match.subject, mono);
        if (fr->top == mark)
            jr_emit_alloc(fr, 1);
    }
    emit_arms(fr, node, subject, reg == mark ? mark + result->word_count : mark, owners, reg, false);
    fr->top = dest.kind == JR_DEST_REG ? mark : mark + result->word_count;
    return (struct jr_value){ reg, result->has_refs };
}

void jr_emit_tail_match(struct jr_frame *fr, const struct jr_core *node)
{
    uint32_t owners = fr->owners.count, mark = fr->top;
    uint32_t subject = hold_subject(fr, node->as.match.subject, jr_emit_mono(fr, node->as.match.subject));
    emit_arms(fr, node, subject, mark, owners, 0, true);
}
