/* emit_bind.c -- let, patterns, scopes of owners, assignment. */
#include "frontend/mimium/emit_internal.h"

/* ---- owners ---- */

void jr_emit_own(struct jr_frame *fr, uint32_t reg, uint32_t layout, bool single)
{
    struct jr_owner owner = { reg, layout, single };
    JR_UNIT_PUSH(fr->em->unit, &fr->owners, owner);
}

void jr_emit_end_scope(struct jr_frame *fr, uint32_t mark, bool keep)
{
    for (uint32_t i = fr->owners.count; i-- > mark;) {
        const struct jr_owner *owner = &fr->owners.items[i];
        if (owner->single)
            jr_builder_abc(fr->b, fr->f, JR_OP_RELEASE, owner->reg, 0, 0);
        else
            jr_builder_ax(fr->b, fr->f, JR_OP_RELEASE_N, owner->reg, owner->layout);
    }
    if (!keep)
        fr->owners.count = mark;
}

/* ---- binding ---- */

static void bind_global(struct jr_frame *fr, const struct jr_binding *binding, const struct jr_mono *mono,
                        uint32_t reg, bool owned)
{
    if (mono->has_refs && !owned) {
        uint32_t copy = jr_emit_alloc(fr, mono->word_count);
        jr_emit_copy(fr, copy, reg, mono);
        reg = copy;
    }
    jr_emit_memory(fr, JR_OP_GLOBAL_SET, JR_OP_GLOBAL_SET_N, reg, binding->slot, mono);
}

/* A cell at the top takes the value. */
static void bind_cell(struct jr_frame *fr, struct jr_binding *binding, const struct jr_mono *mono,
                      uint32_t reg, bool owned)
{
    binding->where = JR_WHERE_CELL;
    binding->reg = jr_emit_alloc(fr, 1);
    if (mono->has_refs && !owned) {
        uint32_t copy = jr_emit_alloc(fr, mono->word_count);
        jr_emit_copy(fr, copy, reg, mono);
        reg = copy;
    }
    jr_builder_abcxy(fr->b, fr->f, JR_OP_CELL_NEW, binding->reg, reg, 0, mono->layout, 0);
    fr->top = binding->reg + 1;
    jr_emit_own(fr, binding->reg, 0, true);
}

void jr_emit_bind(struct jr_frame *fr, struct jr_binding *binding, const struct jr_mono *mono, uint32_t reg,
                  bool fresh, bool owned)
{
    jr_emit_at(fr, binding->span);
    if (binding->kind == JR_BINDING_GLOBAL) {
        bind_global(fr, binding, mono, reg, owned);
        return;
    }
    if (jr_emit_is_cell(binding)) {
        bind_cell(fr, binding, mono, reg, owned);
        return;
    }
    binding->where = JR_WHERE_REGISTERS;
    binding->reg = reg;
    bool copies = !fresh || (mono->has_refs && !owned);
    if (copies) {
        binding->reg = fresh ? reg : jr_emit_alloc(fr, mono->word_count);
        jr_emit_copy(fr, binding->reg, reg, mono);
    }
    if (mono->has_refs)
        jr_emit_own(fr, binding->reg, mono->layout, mono->word_count == 1);
}

/* The variable lies where the other one, which nobody assigns either, lies already. */
static void bind_alias(struct jr_binding *binding, uint32_t reg)
{
    binding->where = JR_WHERE_REGISTERS;
    binding->reg = reg;
}

struct source {
    uint32_t reg;
    bool alias; /* of a variable that nobody assigns */
    bool fresh, owned;
};

static void bind_pattern(struct jr_frame *fr, const struct jr_core_pattern *pattern,
                         const struct jr_mono *mono, struct source source);

static void drop_part(struct jr_frame *fr, const struct jr_mono *mono, struct source source)
{
    if (source.owned)
        jr_emit_release(fr, source.reg, mono);
}

static void bind_record(struct jr_frame *fr, const struct jr_core_pattern *pattern,
                        const struct jr_mono *mono, struct source source)
{
    struct source part = source;
    for (uint32_t i = 0; i < mono->count; i++) {
        uint32_t at = 0;
        while (at < pattern->count && pattern->keys[at] != mono->keys[i])
            at++;
        if (at < pattern->count)
            bind_pattern(fr, pattern->items[at], mono->items[i], part);
        else
            drop_part(fr, mono->items[i], part);
        part.reg += mono->items[i]->word_count;
    }
}

static void bind_pattern(struct jr_frame *fr, const struct jr_core_pattern *pattern,
                         const struct jr_mono *mono, struct source source)
{
    switch (pattern->kind) {
    case JR_CORE_PATTERN_NONE:
        drop_part(fr, mono, source);
        return;
    case JR_CORE_PATTERN_NAME:
        if (source.alias && pattern->binding->kind != JR_BINDING_GLOBAL && !pattern->binding->assigned)
            bind_alias(pattern->binding, source.reg);
        else
            jr_emit_bind(fr, pattern->binding, mono, source.reg, source.fresh, source.owned);
        return;
    case JR_CORE_PATTERN_TUPLE: {
        struct source part = source;
        for (uint32_t i = 0; i < pattern->count; i++) {
            bind_pattern(fr, pattern->items[i], mono->items[i], part);
            part.reg += mono->items[i]->word_count;
        }
        return;
    }
    case JR_CORE_PATTERN_RECORD:
        bind_record(fr, pattern, mono, source);
        return;
    case JR_CORE_PATTERN_NUMBER: /* these two stand in match arms only */
    case JR_CORE_PATTERN_VARIANT:
        return;
    }
}

/* The value, and what a binding may do with its registers. */
static struct source emit_source(struct jr_frame *fr, const struct jr_core *value)
{
    const struct jr_binding *root;
    const struct jr_core *whole = value;
    while (whole->kind == JR_CORE_PROJECT || whole->kind == JR_CORE_FIELD)
        whole = whole->kind == JR_CORE_PROJECT ? whole->as.project.object : whole->as.field.object;
    bool constant = whole->kind == JR_CORE_SELF || (jr_emit_in_place(fr, value, &root) && !root->assigned);
    uint32_t mark = fr->top;
    struct jr_value emitted = jr_emit_expr(fr, value, jr_any());
    return (struct source){ emitted.reg, constant, emitted.reg >= mark, emitted.owned };
}

/* Whether the let needs no code: its lambda is called directly, or made where it is used. */
static bool needs_nothing(const struct jr_core *node)
{
    const struct jr_binding *binding = node->as.let.pattern->binding;
    return binding != NULL && binding->fn != NULL &&
           ((binding->fn->known && !binding->keeps_object) ||
            (binding->kind != JR_BINDING_GLOBAL && binding->scheme.variable_count > 0));
}

void jr_emit_let(struct jr_frame *fr, const struct jr_core *node)
{
    const struct jr_core_pattern *pattern = node->as.let.pattern;
    if (needs_nothing(node))
        return;
    if (pattern->binding != NULL && pattern->binding->name != JR_SYMBOL_NONE)
        fr->site_name = jr_unit_text(fr->em->unit, pattern->binding->name);
    const struct jr_mono *mono = jr_emit_mono(fr, node->as.let.value);
    struct source source = emit_source(fr, node->as.let.value);
    fr->site_name = "";
    bind_pattern(fr, pattern, mono, source);
}

void jr_emit_bind_args(struct jr_frame *fr, const struct jr_core_fn *fn, const struct jr_core_list *args)
{
    struct jr_core_pattern pattern = { .kind = JR_CORE_PATTERN_NAME };
    if (args->count == fn->param_count) {
        for (uint32_t i = 0; i < args->count; i++) {
            pattern.binding = fn->params[i];
            struct source source = emit_source(fr, args->items[i]);
            bind_pattern(fr, &pattern, jr_emit_mono(fr, args->items[i]), source);
        }
        return;
    }
    struct source source = { .reg = fr->top, .fresh = true, .owned = true };
    for (uint32_t i = 0; i < args->count; i++)
        jr_emit_expr(fr, args->items[i], jr_push(true));
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const struct jr_mono *mono = jr_mono_of(&fr->em->monos, fn->params[i]->scheme.ty, fr->env);
        pattern.binding = fn->params[i];
        bind_pattern(fr, &pattern, mono, source);
        source.reg += mono->word_count;
    }
}

/* ---- assignment ---- */

static void assign_registers(struct jr_frame *fr, const struct jr_core *value, const struct jr_mono *mono,
                             uint32_t to)
{
    uint32_t mark = fr->top;
    if (mono->word_count == 1 && !mono->has_refs) {
        jr_emit_expr(fr, value, jr_into(to, false));
        fr->top = mark;
        return;
    }
    jr_emit_expr(fr, value, jr_push(true));
    jr_emit_release(fr, to, mono);
    jr_emit_move(fr, to, mark, mono->word_count);
    fr->top = mark;
}

static void assign_global(struct jr_frame *fr, const struct jr_core *node, const struct jr_mono *mono,
                          uint32_t to)
{
    uint32_t mark = fr->top;
    struct jr_value value =
        jr_emit_expr(fr, node->as.assign.value, mono->has_refs ? jr_push(true) : jr_any());
    jr_emit_at(fr, node->span);
    jr_emit_memory(fr, JR_OP_GLOBAL_SET, JR_OP_GLOBAL_SET_N, value.reg, to, mono);
    fr->top = mark;
}

/* `offset` words into the cell's content of type `whole`. */
static void assign_cell(struct jr_frame *fr, const struct jr_core *node, const struct jr_mono *whole,
                        const struct jr_mono *mono, uint32_t offset, uint32_t cell)
{
    uint32_t mark = fr->top;
    if (!mono->has_refs && (mono->word_count == 1 || mono != whole)) {
        struct jr_value value = jr_emit_expr(fr, node->as.assign.value, jr_any());
        jr_emit_at(fr, node->span);
        for (uint32_t i = 0; i < mono->word_count; i++)
            jr_builder_abc(fr->b, fr->f, JR_OP_CELL_SET, cell, value.reg + i, offset + i);
        fr->top = mark;
        return;
    }
    jr_emit_expr(fr, node->as.assign.value, jr_push(true));
    uint32_t content = mark;
    jr_emit_at(fr, node->span);
    if (mono != whole) { /* references change only as part of the whole content */
        content = jr_emit_alloc(fr, whole->word_count);
        jr_builder_abcxy(fr->b, fr->f, JR_OP_CELL_GET_N, content, cell, 0, whole->layout, 0);
        jr_emit_release(fr, content + offset, mono);
        jr_emit_move(fr, content + offset, mark, mono->word_count);
    }
    jr_emit_cell_content(fr, true, content, cell, whole);
    fr->top = mark;
}

void jr_emit_assign(struct jr_frame *fr, const struct jr_core *node)
{
    const struct jr_binding *binding = node->as.assign.target->binding;
    const struct jr_mono *whole = jr_mono_of(&fr->em->monos, binding->scheme.ty, fr->env), *mono = whole;
    uint32_t offset = 0;
    for (uint32_t i = 0; i < node->as.assign.key_count; i++) {
        uint32_t field = jr_mono_field(mono, node->as.assign.keys[i]);
        offset += jr_mono_offset(mono, field);
        mono = mono->items[field];
    }
    if (binding->kind == JR_BINDING_GLOBAL)
        assign_global(fr, node, mono, binding->slot + offset);
    else if (binding->where == JR_WHERE_CELL)
        assign_cell(fr, node, whole, mono, offset, binding->reg);
    else
        assign_registers(fr, node->as.assign.value, mono, binding->reg + offset);
}
