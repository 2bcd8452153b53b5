/* emit_closure.c -- variables wherever they are, and closures. */
#include "frontend/mimium/emit_internal.h"

bool jr_emit_is_cell(const struct jr_binding *binding)
{
    return binding->captured && binding->assigned;
}

static bool names_itself(const struct jr_frame *fr, const struct jr_binding *binding)
{
    return binding == fr->fn->binding && binding->is_fn;
}

/* A lambda inside a function that is made at each use: it has type variables of its own and captures.  (Inside the lambda itself it
 * is there already, as the running closure or captured from it.) */
static bool made_at_use(const struct jr_frame *fr, const struct jr_binding *binding)
{
    if (binding->kind == JR_BINDING_GLOBAL || binding->fn == NULL || binding->scheme.variable_count == 0)
        return false;
    const struct jr_core_fn *fn = fr->fn;
    while (fn != NULL && fn != binding->fn)
        fn = fn->outer;
    return fn == NULL;
}

struct jr_instance *jr_emit_direct(struct jr_frame *fr, const struct jr_core_use *use)
{
    const struct jr_core_fn *fn = use->binding->fn;
    if (fn == NULL || !fn->known)
        return NULL;
    return jr_emit_instance(fr->em, use, fr->env);
}

bool jr_emit_in_place(struct jr_frame *fr, const struct jr_core *node, const struct jr_binding **binding)
{
    while (node->kind == JR_CORE_PROJECT || node->kind == JR_CORE_FIELD)
        node = node->kind == JR_CORE_PROJECT ? node->as.project.object : node->as.field.object;
    if (node->kind != JR_CORE_VARIABLE)
        return false;
    *binding = node->as.variable->binding;
    if ((*binding)->kind == JR_BINDING_GLOBAL || made_at_use(fr, *binding) || names_itself(fr, *binding) ||
        ((*binding)->fn != NULL && (*binding)->fn->known))
        return false;
    return (*binding)->where == JR_WHERE_REGISTERS;
}

bool jr_emit_lends(struct jr_frame *fr, const struct jr_core *node)
{
    const struct jr_core_fn *fn = NULL;
    if (node->kind == JR_CORE_STRING)
        return true;
    if (node->kind == JR_CORE_LAMBDA)
        fn = node->as.lambda;
    if (node->kind == JR_CORE_VARIABLE) {
        const struct jr_binding *binding = node->as.variable->binding;
        if (binding->fn != NULL && binding->fn->known)
            fn = binding->fn;
        else if (names_itself(fr, binding))
            return true;
    }
    return fn != NULL && fn->captures.count == 0 && !fn->has_state;
}

/* ---- variables ---- */

static struct jr_value emit_global(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    const struct jr_binding *binding = node->as.variable->binding;
    uint32_t mark = fr->top, reg = jr_emit_target(fr, dest, mark, mono->word_count);
    jr_emit_at(fr, node->span);
    jr_emit_memory(fr, JR_OP_GLOBAL_GET, JR_OP_GLOBAL_GET_N, reg, binding->slot, mono);
    return (struct jr_value){ reg, mono->has_refs };
}

static struct jr_value emit_cell(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    const struct jr_binding *binding = node->as.variable->binding;
    uint32_t mark = fr->top, reg = jr_emit_target(fr, dest, mark, mono->word_count);
    jr_emit_at(fr, node->span);
    jr_emit_cell_content(fr, false, reg, binding->reg, mono);
    return (struct jr_value){ reg, mono->has_refs };
}

static struct jr_value emit_stored(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_mono *mono = jr_emit_mono(fr, node);
    const struct jr_binding *binding = node->as.variable->binding;
    uint32_t mark = fr->top, reg = jr_emit_target(fr, dest, mark, mono->word_count);
    jr_emit_at(fr, node->span);
    jr_emit_load(fr, binding->stored, binding->reg, mono, reg);
    return (struct jr_value){ reg, mono->has_refs };
}

struct jr_value jr_emit_variable(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_binding *binding = node->as.variable->binding;
    uint32_t mark = fr->top;
    if (binding->keeps_object)
        return emit_global(fr, node, dest);
    if ((binding->fn != NULL && binding->fn->known) || made_at_use(fr, binding)) {
        jr_emit_at(fr, node->span);
        return jr_emit_closure(fr, jr_emit_instance(fr->em, node->as.variable, fr->env), dest);
    }
    if (binding->kind == JR_BINDING_GLOBAL)
        return emit_global(fr, node, dest);
    if (names_itself(fr, binding)) {
        uint32_t reg = jr_emit_target(fr, dest, mark, 1);
        jr_emit_at(fr, node->span);
        jr_builder_abc(fr->b, fr->f, JR_OP_CLOSURE_SELF, reg, 0, 0);
        return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, false }, jr_emit_mono(fr, node));
    }
    if (binding->where == JR_WHERE_CELL)
        return emit_cell(fr, node, dest);
    if (binding->where == JR_WHERE_STORED)
        return emit_stored(fr, node, dest);
    jr_emit_at(fr, node->span);
    return jr_emit_settle(fr, dest, mark, (struct jr_value){ binding->reg, false }, jr_emit_mono(fr, node));
}

/* ---- closures ---- */

uint32_t jr_emit_capture_layout(struct jr_emitter *em, const struct jr_core_fn *fn, const struct jr_env *env)
{
    JR_UNIT_LIST(struct jr_word_type) words = { 0 };
    for (uint32_t i = 0; i < fn->captures.count; i++) {
        const struct jr_binding *binding = fn->captures.items[i];
        const struct jr_mono *mono = jr_mono_of(&em->monos, binding->scheme.ty, env);
        if (jr_emit_is_cell(binding)) {
            JR_UNIT_PUSH(em->unit, &words, (struct jr_word_type){ JR_WORD_CELL, mono->layout });
            continue;
        }
        for (uint32_t k = 0; k < mono->word_count; k++) {
            const struct jr_layout *layout = jr_builder_get_layout(em->builder, mono->layout);
            if (k < layout->word_count)
                JR_UNIT_PUSH(em->unit, &words, layout->words[k]);
        }
    }
    return jr_builder_layout(em->builder, words.items, words.count);
}

/* An owned copy of a captured variable at the top. */
static void push_capture(struct jr_frame *fr, struct jr_binding *binding, const struct jr_env *env)
{
    const struct jr_mono *mono = jr_mono_of(&fr->em->monos, binding->scheme.ty, env);
    if (jr_emit_is_cell(binding)) {
        uint32_t reg = jr_emit_alloc(fr, 1);
        jr_builder_abc(fr->b, fr->f, JR_OP_COPY, reg, binding->reg, 0);
        return;
    }
    uint32_t reg = jr_emit_alloc(fr, mono->word_count);
    if (names_itself(fr, binding)) {
        jr_builder_abc(fr->b, fr->f, JR_OP_CLOSURE_SELF, reg, 0, 0);
        jr_builder_abc(fr->b, fr->f, JR_OP_COPY, reg, reg, 0);
        return;
    }
    if (binding->where == JR_WHERE_STORED)
        jr_emit_load(fr, binding->stored, binding->reg, mono, reg);
    else
        jr_emit_copy(fr, reg, binding->reg, mono);
}

struct jr_value jr_emit_closure(struct jr_frame *fr, const struct jr_instance *instance, struct jr_dest dest)
{
    uint32_t mark = fr->top;
    const struct jr_core_fn *fn = instance->fn;
    if (fn->captures.count == 0 && !fn->has_state) {
        uint32_t reg = jr_emit_target(fr, dest, mark, 1);
        jr_builder_ax(fr->b, fr->f, JR_OP_FUNCTION, reg, instance->index);
        return jr_emit_settle(fr, dest, mark, (struct jr_value){ reg, false }, instance->mono);
    }
    for (uint32_t i = 0; i < fn->captures.count; i++)
        push_capture(fr, fn->captures.items[i], instance->env);
    uint32_t reg = jr_emit_target(fr, dest, mark, 1);
    jr_builder_abcxy(fr->b, fr->f, JR_OP_CLOSURE_NEW, reg, mark, 0, instance->index, 0);
    return (struct jr_value){ reg, true };
}

/* ---- tasks ---- */

/* ()->() that calls the captured closure ()->T and drops what it gives. */
static uint32_t wrapper_function(struct jr_emitter *em, const struct jr_mono *closure, struct jr_place place)
{
    for (uint32_t i = 0; i < em->wrappers.count; i++)
        if (em->wrappers.items[i].signature == closure->signature)
            return em->wrappers.items[i].index;
    struct jr_builder *b = em->builder;
    uint32_t f = jr_builder_function(b, "task", jr_mono_task(&em->monos)->signature, closure->layout, place);
    jr_builder_place(b, f, place);
    jr_builder_abcxy(b, f, JR_OP_CAPTURE_GET, 0, 0, 1, 0, 0);
    jr_builder_need_registers(b, f, 1 + closure->result->word_count);
    jr_builder_abcxy(b, f, JR_OP_CALL_CLOSURE, 1, 0, 0, closure->signature, jr_builder_feedback_site(b, f));
    if (closure->result->has_refs)
        jr_builder_ax(b, f, JR_OP_RELEASE_N, 1, closure->result->layout);
    jr_builder_abc(b, f, JR_OP_RETURN, 0, 0, 0);
    JR_UNIT_PUSH(em->unit, &em->wrappers, (struct jr_task_wrapper){ closure->signature, f });
    return f;
}

struct jr_value jr_emit_task(struct jr_frame *fr, const struct jr_core *closure)
{
    const struct jr_mono *mono = jr_emit_mono(fr, closure);
    if (mono->result->word_count == 0)
        return jr_emit_operand(fr, closure, false);
    uint32_t mark = fr->top;
    jr_emit_expr(fr, closure, jr_push(true));
    uint32_t wrapper = wrapper_function(fr->em, mono, jr_emit_place(fr->em, closure->span));
    jr_emit_at(fr, closure->span);
    jr_builder_abcxy(fr->b, fr->f, JR_OP_CLOSURE_NEW, mark, mark, 0, wrapper, 0);
    return (struct jr_value){ mark, true };
}
