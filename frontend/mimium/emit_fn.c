/* emit_fn.c -- one function: what happens on entry, in tail positions, and on return.
 *
 * A call of itself in tail position is a jump to the top, if the function has no state.  The parameters are assigned first;
 * parameters that live in cells get a fresh cell each time around, as each call would have made one. */
#include "frontend/mimium/emit_internal.h"

/* ---- self ---- */

void jr_emit_open_self(struct jr_frame *fr, struct jr_core_fn *fn)
{
    if (!fn->uses_self)
        return;
    const struct jr_mono *mono = jr_mono_of(&fr->em->monos, fn->result, fr->env);
    struct jr_place place = jr_emit_place(fr->em, fn->self_span);
    fn->self_reg = jr_emit_alloc(fr, mono->word_count);
    if (mono->word_count == 0)
        return;
    fn->self_offset = jr_builder_site(fr->b, fr->f, JR_SITE_SELF, fn->name, mono->word_count, mono->layout,
                                      JR_NONE, 0, place);
    jr_builder_place(fr->b, fr->f, place);
    jr_emit_memory(fr, JR_OP_STATE_GET, JR_OP_STATE_GET_N, fn->self_reg, fn->self_offset, mono);
    if (mono->has_refs)
        jr_emit_own(fr, fn->self_reg, mono->layout, mono->word_count == 1);
}

struct jr_value jr_emit_close_self(struct jr_frame *fr, const struct jr_core_fn *fn, struct jr_value result)
{
    const struct jr_mono *mono = jr_mono_of(&fr->em->monos, fn->result, fr->env);
    bool previous = fr->em->unit->self_init_0, moves = mono->has_refs && previous && result.owned;
    if (mono->word_count == 0)
        return result;
    uint32_t stored = result.reg;
    if (mono->has_refs && !moves) {
        stored = jr_emit_alloc(fr, mono->word_count);
        jr_emit_copy(fr, stored, result.reg, mono);
    }
    jr_emit_memory(fr, JR_OP_STATE_SET, JR_OP_STATE_SET_N, stored, fn->self_offset, mono);
    return previous ? (struct jr_value){ fn->self_reg, false } : result;
}

/* ---- self tail calls ---- */

static bool calls_itself(struct jr_frame *fr, const struct jr_core *node)
{
    if (node->kind != JR_CORE_CALL || node->as.call.callee->kind != JR_CORE_VARIABLE || fr->fn->has_state)
        return false;
    const struct jr_binding *binding = node->as.call.callee->as.variable->binding;
    return binding == fr->fn->binding && binding->is_fn && node->as.call.args.count == fr->fn->param_count;
}

/* Whether the argument `index` is the parameter of that place as it came in. */
static bool passes_on(struct jr_frame *fr, const struct jr_core *arg, uint32_t index)
{
    const struct jr_binding *param = fr->fn->params[index];
    return arg->kind == JR_CORE_VARIABLE && arg->as.variable->binding == param && !param->assigned;
}

/* Finds the tail calls of the function to itself; marks the parameters that they change. */
static bool find_tail_calls(struct jr_frame *fr, const struct jr_core *node)
{
    bool found = false;
    switch (node->kind) {
    case JR_CORE_BLOCK:
        return node->as.block.has_value &&
               find_tail_calls(fr, node->as.block.items.items[node->as.block.items.count - 1]);
    case JR_CORE_IF:
        if (node->as.if_.else_branch == NULL)
            return false;
        found = find_tail_calls(fr, node->as.if_.then_branch);
        return find_tail_calls(fr, node->as.if_.else_branch) || found;
    case JR_CORE_MATCH:
        for (uint32_t i = 0; i < node->as.match.bodies.count; i++)
            found |= find_tail_calls(fr, node->as.match.bodies.items[i]);
        return found;
    case JR_CORE_INLINE:
        return !node->as.inline_.fn->uses_self && find_tail_calls(fr, node->as.inline_.fn->body);
    case JR_CORE_CALL:
        if (!calls_itself(fr, node))
            return false;
        for (uint32_t i = 0; i < fr->fn->param_count; i++)
            if (fr->params[i].mono->has_refs && !passes_on(fr, node->as.call.args.items[i], i))
                fr->params[i].owned = true;
        return true;
    default:
        return false;
    }
}

/* Whether evaluating the node may read the register of a parameter, under whatever name; only what is plain to see is
 * denied. */
static bool may_read(struct jr_frame *fr, const struct jr_core *node, uint32_t reg)
{
    const struct jr_binding *binding;
    switch (node->kind) {
    case JR_CORE_NUMBER:
    case JR_CORE_STRING:
        return false;
    case JR_CORE_VARIABLE:
        if (!jr_emit_in_place(fr, node, &binding))
            return false;
        return binding->reg <= reg && reg < binding->reg + jr_emit_mono(fr, node)->word_count;
    case JR_CORE_PROJECT:
        return may_read(fr, node->as.project.object, reg);
    case JR_CORE_FIELD:
        return may_read(fr, node->as.field.object, reg);
    case JR_CORE_INDEX:
        return may_read(fr, node->as.index.array, reg) || may_read(fr, node->as.index.index, reg);
    case JR_CORE_OP:
        for (uint32_t i = 0; i < node->as.op.args.count; i++)
            if (may_read(fr, node->as.op.args.items[i], reg))
                return true;
        return false;
    default:
        return true;
    }
}

static void jump_to_top(struct jr_frame *fr, const struct jr_core *node)
{
    const struct jr_core_list *args = &node->as.call.args;
    const struct jr_core_fn *fn = fr->fn;
    uint32_t mark = fr->top, count = args->count;
    uint32_t *held =
        JR_UNIT_ARRAY(fr->em->unit, uint32_t, count); /* the register that waits for the jump, or NONE */
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_param *param = &fr->params[i];
        held[i] = JR_NONE;
        if (passes_on(fr, args->items[i], i) && !jr_emit_is_cell(fn->params[i]))
            continue;
        bool direct = param->mono->word_count == 1 && !param->mono->has_refs && !fn->params[i]->assigned;
        for (uint32_t k = i + 1; direct && k < count; k++)
            direct = !may_read(fr, args->items[k], param->reg);
        if (direct && !fn->params[i]->captured) {
            uint32_t above = fr->top;
            jr_emit_expr(fr, args->items[i], jr_into(param->reg, false));
            fr->top = above;
            continue;
        }
        held[i] = fr->top;
        jr_emit_expr(fr, args->items[i], jr_push(true));
    }
    jr_emit_end_scope(fr, fr->loop_owners, true);
    jr_emit_at(fr, node->span);
    for (uint32_t i = 0; i < count; i++) {
        if (held[i] == JR_NONE)
            continue;
        if (fr->params[i].owned && !jr_emit_is_cell(fn->params[i]))
            jr_emit_release(fr, fr->params[i].reg, fr->params[i].mono);
        jr_emit_move(fr, fr->params[i].reg, held[i], fr->params[i].mono->word_count);
    }
    jr_builder_jump(fr->b, fr->f, JR_OP_JUMP, 0, fr->loop);
    fr->top = mark;
}

/* ---- tail positions ---- */

/* The index of the owner of exactly this variable, or of none (the count).  The owner of a payload has the register of its first
 * part, too. */
static uint32_t find_owner(const struct jr_frame *fr, const struct jr_core *node, uint32_t reg,
                           const struct jr_mono *mono)
{
    uint32_t i = 0;
    if (node->kind != JR_CORE_VARIABLE)
        return fr->owners.count;
    while (i < fr->owners.count && fr->owners.items[i].reg != reg)
        i++;
    if (i == fr->owners.count)
        return i;
    const struct jr_owner *owner = &fr->owners.items[i];
    bool whole = owner->single ? mono->word_count == 1 : owner->layout == mono->layout;
    return whole ? i : fr->owners.count;
}

static void emit_return(struct jr_frame *fr, const struct jr_core *node, struct jr_value value,
                        const struct jr_mono *mono)
{
    uint32_t last = fr->owners.count - 1, leaving = fr->owners.count;
    if (fr->fn->uses_self)
        value = jr_emit_close_self(fr, fr->fn, value);
    value.owned &= mono->has_refs;
    if (mono->has_refs && !value.owned) {
        if (!fr->fn->uses_self)
            leaving = find_owner(fr, node, value.reg, mono);
        if (leaving == fr->owners.count) {
            uint32_t copy = jr_emit_alloc(fr, mono->word_count);
            jr_emit_copy(fr, copy, value.reg, mono);
            value.reg = copy;
        }
    }
    if (leaving == fr->owners.count) {
        jr_emit_end_scope(fr, 0, true);
    } else { /* the variable itself leaves, so on this path nobody releases it */
        struct jr_owner moved = fr->owners.items[leaving];
        fr->owners.items[leaving] = fr->owners.items[last];
        fr->owners.count = last;
        jr_emit_end_scope(fr, 0, true);
        fr->owners.count = last + 1;
        fr->owners.items[leaving] = moved;
    }
    jr_builder_abc(fr->b, fr->f, JR_OP_RETURN, value.reg, 0, 0);
}

static void emit_tail_block(struct jr_frame *fr, const struct jr_core *node)
{
    uint32_t count = node->as.block.items.count - node->as.block.has_value;
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_core *item = node->as.block.items.items[i];
        if (item->kind == JR_CORE_LET)
            jr_emit_let(fr, item);
        else
            jr_emit_effect(fr, item);
    }
    if (node->as.block.has_value) {
        jr_emit_tail(fr, node->as.block.items.items[count]);
        return;
    }
    jr_emit_at(fr, node->span);
    emit_return(fr, node, (struct jr_value){ 0, false }, jr_emit_mono(fr, node));
}

static void emit_tail_if(struct jr_frame *fr, const struct jr_core *node)
{
    uint32_t mark = fr->top, other = jr_builder_label(fr->b, fr->f);
    struct jr_value condition = jr_emit_expr(fr, node->as.if_.condition, jr_any());
    jr_emit_at(fr, node->as.if_.condition->span);
    jr_builder_jump(fr->b, fr->f, JR_OP_JUMP_UNLESS, condition.reg, other);
    fr->top = mark;
    jr_emit_tail(fr, node->as.if_.then_branch);
    jr_builder_bind(fr->b, fr->f, other);
    fr->top = mark;
    jr_emit_tail(fr, node->as.if_.else_branch);
}

void jr_emit_tail(struct jr_frame *fr, const struct jr_core *node)
{
    uint32_t mark = fr->top, owners = fr->owners.count;
    if (node->kind == JR_CORE_BLOCK) {
        emit_tail_block(fr, node);
    } else if (node->kind == JR_CORE_IF && node->as.if_.else_branch != NULL) {
        emit_tail_if(fr, node);
    } else if (node->kind == JR_CORE_MATCH) {
        jr_emit_tail_match(fr, node);
    } else if (node->kind == JR_CORE_INLINE && !node->as.inline_.fn->uses_self) {
        jr_emit_bind_args(fr, node->as.inline_.fn, &node->as.inline_.args);
        jr_emit_tail(fr, node->as.inline_.fn->body);
    } else if (fr->loop != JR_NONE && calls_itself(fr, node)) {
        jump_to_top(fr, node);
    } else {
        struct jr_value value = jr_emit_expr(fr, node, jr_any());
        const struct jr_mono *mono = jr_emit_mono(fr, node);
        jr_emit_at(fr, node->span);
        emit_return(fr, node, mono->word_count > 0 ? value : (struct jr_value){ 0, false }, mono);
    }
    fr->top = mark;
    fr->owners.count = owners;
}

/* ---- entry ---- */

static void load_captures(struct jr_frame *fr)
{
    const struct jr_core_fn *fn = fr->fn;
    uint32_t words = 0;
    for (uint32_t i = 0; i < fn->captures.count; i++) {
        struct jr_binding *binding = fn->captures.items[i];
        bool is_cell = jr_emit_is_cell(binding);
        binding->where = is_cell ? JR_WHERE_CELL : JR_WHERE_REGISTERS;
        binding->reg = fr->top + words;
        words += is_cell ? 1 : jr_mono_of(&fr->em->monos, binding->scheme.ty, fr->env)->word_count;
    }
    if (words > 0)
        jr_builder_abcxy(fr->b, fr->f, JR_OP_CAPTURE_GET, fr->top, 0, words, 0, 0);
    jr_emit_alloc(fr, words);
}

static void place_params(struct jr_frame *fr)
{
    const struct jr_core_fn *fn = fr->fn;
    fr->params = JR_UNIT_ARRAY(fr->em->unit, struct jr_param, fn->param_count);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        struct jr_binding *binding = fn->params[i];
        const struct jr_mono *mono = jr_mono_of(&fr->em->monos, binding->scheme.ty, fr->env);
        fr->params[i].mono = mono;
        fr->params[i].owned = mono->has_refs && binding->assigned;
        fr->params[i].reg = binding->reg = jr_emit_alloc(fr, mono->word_count);
        binding->where = JR_WHERE_REGISTERS;
    }
}

static void enter(struct jr_frame *fr)
{
    const struct jr_core_fn *fn = fr->fn;
    bool loops = find_tail_calls(fr, fn->body);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        struct jr_param *param = &fr->params[i];
        if (!param->owned)
            continue;
        jr_emit_copy(fr, param->reg, param->reg, param->mono);
        if (!jr_emit_is_cell(fn->params[i])) /* else the cell takes it */
            jr_emit_own(fr, param->reg, param->mono->layout, param->mono->word_count == 1);
    }
    fr->loop_owners = fr->owners.count;
    if (loops) {
        jr_emit_loop_constants(fr);
        fr->loop = jr_builder_label(fr->b, fr->f);
        jr_builder_bind(fr->b, fr->f, fr->loop);
    }
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (jr_emit_is_cell(fn->params[i]))
            jr_emit_bind(fr, fn->params[i], fr->params[i].mono, fr->params[i].reg, true, fr->params[i].owned);
}

void jr_emit_function(struct jr_emitter *em, struct jr_instance *instance)
{
    struct jr_frame fr = { .em = em,
                           .fn = instance->fn,
                           .env = instance->env,
                           .b = em->builder,
                           .f = instance->index,
                           .loop = JR_NONE,
                           .site_name = "" };
    jr_builder_need_registers(fr.b, fr.f, instance->mono->result->word_count + 1);
    jr_emit_at(&fr, instance->fn->span);
    place_params(&fr);
    load_captures(&fr);
    enter(&fr);
    jr_emit_open_self(&fr, instance->fn);
    jr_emit_tail(&fr, instance->fn->body);
}

void jr_emit_main(struct jr_emitter *em, uint32_t f)
{
    struct jr_frame fr = {
        .em = em, .fn = em->program->main, .b = em->builder, .f = f, .loop = JR_NONE, .site_name = ""
    };
    const struct jr_core_list *items = &em->program->main->body->as.block.items;
    jr_builder_need_registers(fr.b, fr.f, 1);
    jr_emit_at(&fr, em->program->main->span);
    for (uint32_t i = 0; i < items->count; i++) {
        if (items->items[i]->kind == JR_CORE_LET)
            jr_emit_let(&fr, items->items[i]);
        else
            jr_emit_effect(&fr, items->items[i]);
        fr.top = 0;
    }
    jr_builder_abc(fr.b, fr.f, JR_OP_RETURN, 0, 0, 0);
}
