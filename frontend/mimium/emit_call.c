/* emit_call.c -- calls, windows and state sites; operations of built-ins. */
#include "frontend/mimium/emit_internal.h"

/* ---- windows ---- */

/* Whether the argument may come as references that a temporary owns: then the owner has to stand below the window. */
static bool needs_holder(struct jr_frame *fr, const struct jr_core *arg, const struct jr_mono *mono,
                         bool assigned_later)
{
    const struct jr_binding *binding;
    if (!mono->has_refs || jr_emit_lends(fr, arg))
        return false;
    return !jr_emit_in_place(fr, arg, &binding) || (binding->assigned && assigned_later);
}

/* The registers below a window that own what it borrows. */
struct holders {
    uint32_t first;
    const struct jr_mono **monos; /* per argument: NULL if it needs none */
};

static uint32_t reserve_holders(struct jr_frame *fr, const struct jr_core_list *args, struct holders *holders)
{
    uint32_t words = 0;
    holders->first = fr->top;
    holders->monos = JR_UNIT_ARRAY(fr->em->unit, const struct jr_mono *, args->count);
    for (uint32_t i = 0; i < args->count; i++) {
        bool assigned_later = false;
        for (uint32_t k = i + 1; k < args->count; k++)
            assigned_later |= args->items[k]->assigns;
        const struct jr_mono *mono = jr_emit_mono(fr, args->items[i]);
        if (needs_holder(fr, args->items[i], mono, assigned_later)) {
            holders->monos[i] = mono;
            words += mono->word_count;
        }
    }
    jr_emit_alloc(fr, words);
    return words;
}

static void push_arguments(struct jr_frame *fr, const struct jr_core_list *args,
                           const struct holders *holders)
{
    uint32_t holder = holders->first;
    for (uint32_t i = 0; i < args->count; i++) {
        if (holders->monos[i] == NULL) {
            jr_emit_expr(fr, args->items[i], jr_push(false));
            continue;
        }
        uint32_t words = holders->monos[i]->word_count;
        jr_emit_expr(fr, args->items[i], jr_into(holder, true));
        jr_builder_abc(fr->b, fr->f, JR_OP_BORROW, jr_emit_alloc(fr, words), holder, words);
        holder += words;
    }
}

static void release_holders(struct jr_frame *fr, const struct jr_core_list *args,
                            const struct holders *holders)
{
    uint32_t holder = holders->first;
    for (uint32_t i = 0; i < args->count; i++) {
        if (holders->monos[i] == NULL)
            continue;
        jr_emit_release(fr, holder, holders->monos[i]);
        holder += holders->monos[i]->word_count;
    }
}

/* Where the state of a direct call lies. */
static uint32_t call_site(struct jr_frame *fr, const struct jr_instance *callee, struct jr_span span)
{
    if (!callee->fn->has_state)
        return 0;
    uint32_t words = jr_builder_state_words(fr->b, callee->index);
    if (words == 0)
        return 0;
    return jr_builder_site(fr->b, fr->f, JR_SITE_CALL, callee->fn->name, words, JR_NONE, callee->index, 0,
                           jr_emit_place(fr->em, span));
}

struct jr_value jr_emit_call(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_core *callee = node->as.call.callee;
    const struct jr_core_list *args = &node->as.call.args;
    const struct jr_mono *result = jr_emit_mono(fr, node);
    const char *site_name = fr->site_name;
    fr->site_name = "";
    uint32_t mark = fr->top;
    struct jr_instance *direct =
        callee->kind == JR_CORE_VARIABLE ? jr_emit_direct(fr, callee->as.variable) : NULL;
    struct jr_value closure = { 0, false };
    const struct jr_mono *closure_mono = NULL;
    struct holders holders;
    if (direct == NULL) {
        bool assigns = false;
        for (uint32_t i = 0; i < args->count; i++)
            assigns |= args->items[i]->assigns;
        closure_mono = jr_emit_mono(fr, callee);
        closure = jr_emit_operand(fr, callee, assigns);
    }
    reserve_holders(fr, args, &holders);
    uint32_t window = fr->top;
    push_arguments(fr, args, &holders);
    jr_emit_at(fr, node->span);
    jr_builder_need_registers(fr->b, fr->f, window + result->word_count);
    if (direct != NULL)
        jr_builder_abcxy(fr->b, fr->f, JR_OP_CALL, window, 0, 0, direct->index,
                         call_site(fr, direct, node->span));
    else
        jr_builder_abcxy(fr->b, fr->f, JR_OP_CALL_CLOSURE, window, closure.reg, 0, closure_mono->signature,
                         jr_builder_feedback_site(fr->b, fr->f));
    release_holders(fr, args, &holders);
    if (closure_mono != NULL)
        jr_emit_release_value(fr, closure, closure_mono);
    fr->site_name = site_name;
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ window, true }, result);
}

/* ---- operations ---- */

static struct jr_value emit_arithmetic(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_core_list *args = &node->as.op.args;
    uint32_t mark = fr->top;
    struct jr_value left = jr_emit_operand(fr, args->items[0], args->count > 1 && args->items[1]->assigns);
    struct jr_value right = { 0, false };
    if (args->count > 1)
        right = jr_emit_expr(fr, args->items[1], jr_any());
    uint32_t reg = jr_emit_target(fr, dest, mark, 1);
    jr_emit_at(fr, node->span);
    jr_builder_abc(fr->b, fr->f, node->as.op.builtin->op, reg, left.reg, right.reg);
    return (struct jr_value){ reg, false };
}

/* Operations on arrays, whose operands may be owned temporaries: the result stands below them. */
static struct jr_value emit_array_op(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_builtin *builtin = node->as.op.builtin;
    const struct jr_core_list *args = &node->as.op.args;
    const struct jr_mono *result = jr_emit_mono(fr, node), *monos[2] = { NULL, NULL };
    uint32_t mark = fr->top, reg = jr_emit_alloc(fr, result->word_count), layout = 0;
    struct jr_value operands[2] = { { 0, false }, { 0, false } };
    for (uint32_t i = 0; i < args->count; i++) {
        monos[i] = jr_emit_mono(fr, args->items[i]);
        operands[i] =
            jr_emit_operand(fr, args->items[i], i == 0 && args->count > 1 && args->items[1]->assigns);
    }
    layout = monos[builtin->form == JR_BUILTIN_PREPEND ? 1 : 0]->result->layout;
    jr_emit_at(fr, node->span);
    if (builtin->form == JR_BUILTIN_LEN)
        jr_builder_abc(fr->b, fr->f, builtin->op, reg, operands[0].reg, 0);
    else
        jr_builder_abcxy(fr->b, fr->f, builtin->op, reg, operands[0].reg, operands[1].reg, layout, 0);
    for (uint32_t i = 0; i < args->count; i++)
        jr_emit_release_value(fr, operands[i], monos[i]);
    fr->top = mark + result->word_count;
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, true }, result);
}

struct jr_value jr_emit_import(struct jr_frame *fr, const struct jr_core *node, const char *name,
                               struct jr_dest dest)
{
    const struct jr_core_list *args = &node->as.op.args;
    const struct jr_mono *result = jr_emit_mono(fr, node);
    uint32_t mark = fr->top;
    struct holders holders;
    struct jr_ty **types = JR_UNIT_ARRAY(fr->em->unit, struct jr_ty *, args->count);
    for (uint32_t i = 0; i < args->count; i++)
        types[i] = args->items[i]->ty;
    const struct jr_mono *params =
        jr_mono_of(&fr->em->monos, jr_ty_tuple(fr->em->types, types, args->count), fr->env);
    reserve_holders(fr, args, &holders);
    uint32_t window = fr->top;
    push_arguments(fr, args, &holders);
    uint32_t import =
        jr_builder_import(fr->b, name, jr_builder_signature(fr->b, params->layout, result->layout));
    jr_emit_at(fr, node->span);
    jr_builder_need_registers(fr->b, fr->f, window + result->word_count);
    jr_builder_ax(fr->b, fr->f, JR_OP_CALL_HOST, window, import);
    release_holders(fr, args, &holders);
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ window, true }, result);
}

static struct jr_value emit_mem(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const char *name = fr->site_name;
    uint32_t mark = fr->top;
    fr->site_name = "";
    struct jr_value input = jr_emit_expr(fr, node->as.op.args.items[0], jr_any());
    fr->site_name = name;
    uint32_t offset = jr_builder_site(fr->b, fr->f, JR_SITE_MEM, name, 1, JR_NONE, JR_NONE, 0,
                                      jr_emit_place(fr->em, node->span));
    uint32_t reg = jr_emit_target(fr, dest, mark, 1);
    jr_emit_at(fr, node->span);
    jr_builder_abcxy(fr->b, fr->f, JR_OP_MEM, reg, input.reg, 0, offset, 0);
    return (struct jr_value){ reg, false };
}

static struct jr_value emit_delay(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_core_list *args = &node->as.op.args;
    const char *name = fr->site_name;
    uint32_t mark = fr->top, length = node->as.op.length;
    fr->site_name = "";
    struct jr_value input = jr_emit_operand(fr, args->items[1], args->items[2]->assigns);
    struct jr_value time = jr_emit_expr(fr, args->items[2], jr_any());
    fr->site_name = name;
    uint32_t reg = jr_emit_target(fr, dest, mark, 1);
    jr_emit_at(fr, node->span);
    if (length == 0) { /* a line of no samples gives silence */
        jr_builder_const_f64(fr->b, fr->f, reg, 0.0);
        return (struct jr_value){ reg, false };
    }
    uint32_t offset = jr_builder_site(fr->b, fr->f, JR_SITE_DELAY, name, length + 2, JR_NONE, JR_NONE, length,
                                      jr_emit_place(fr->em, node->span));
    jr_builder_abcxy(fr->b, fr->f, JR_OP_DELAY, reg, input.reg, time.reg, offset, length);
    return (struct jr_value){ reg, false };
}

static struct jr_value emit_schedule(struct jr_frame *fr, const struct jr_core *node)
{
    const struct jr_core_list *args = &node->as.op.args;
    uint32_t mark = fr->top;
    struct jr_value time = jr_emit_operand(fr, args->items[0], args->items[1]->assigns);
    struct jr_value task = jr_emit_task(fr, args->items[1]);
    jr_emit_at(fr, node->span);
    jr_builder_abc(fr->b, fr->f, JR_OP_SCHEDULE, time.reg, task.reg, 0);
    if (task.owned)
        jr_emit_release(fr, task.reg, jr_mono_task(&fr->em->monos));
    fr->top = mark;
    return (struct jr_value){ mark, false };
}

struct jr_value jr_emit_op(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_binding *binding;
    switch (node->as.op.builtin->form) {
    case JR_BUILTIN_UNARY:
    case JR_BUILTIN_BINARY:
        return emit_arithmetic(fr, node, dest);
    case JR_BUILTIN_LEN:
        if (jr_emit_in_place(fr, node->as.op.args.items[0], &binding))
            return emit_arithmetic(fr, node, dest);
        return emit_array_op(fr, node, dest);
    case JR_BUILTIN_APPEND:
    case JR_BUILTIN_PREPEND:
    case JR_BUILTIN_SPLIT:
        return emit_array_op(fr, node, dest);
    case JR_BUILTIN_HOST:
        return jr_emit_import(fr, node, node->as.op.builtin->name, dest);
    case JR_BUILTIN_MEM:
        return emit_mem(fr, node, dest);
    case JR_BUILTIN_DELAY:
        return emit_delay(fr, node, dest);
    case JR_BUILTIN_SCHEDULE:
        return emit_schedule(fr, node);
    case JR_BUILTIN_LIFT:
    case JR_BUILTIN_TEXT:
    case JR_BUILTIN_STAGE:
        return jr_emit_stage_op(fr, node, dest);
    case JR_BUILTIN_TIME:
        break;
    }
    uint32_t reg = jr_emit_target(fr, dest, fr->top, 1);
    jr_emit_at(fr, node->span);
    jr_builder_abc(fr->b, fr->f, node->as.op.builtin->op, reg, 0, 0);
    return (struct jr_value){ reg, false };
}
