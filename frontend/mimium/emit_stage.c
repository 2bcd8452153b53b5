/* emit_stage.c -- what the macro stage asks of the compiler while it runs: imports, answered by stage.h and by the host's string
 * functions.  What differs between two uses of an operation stands in the name of its import. */
#include "frontend/mimium/emit_internal.h"
#include "frontend/mimium/stage_internal.h"

/* Whether a value of the type can become a literal. */
static bool can_lift(struct jr_types *types, const struct jr_mono *mono)
{
    if (mono->kind == JR_TY_FUNCTION || mono->kind == JR_TY_CODE)
        return false;
    if (mono->kind == JR_TY_SUM)
        return !jr_ty_has_function(types, mono->declared->ty) && !jr_ty_has_code(types, mono->declared->ty);
    if (mono->kind == JR_TY_ARRAY)
        return can_lift(types, mono->result);
    for (uint32_t i = 0; i < mono->count; i++)
        if (!can_lift(types, mono->items[i]))
            return false;
    return true;
}

/* Whether it is a number, or a tuple or record of what is. */
static bool can_control(const struct jr_mono *mono)
{
    if (mono->kind == JR_TY_FLOAT)
        return true;
    for (uint32_t i = 0; i < mono->count; i++)
        if (!can_control(mono->items[i]))
            return false;
    return mono->count > 0 && (mono->kind == JR_TY_TUPLE || mono->kind == JR_TY_RECORD);
}

/* `lift` of a value, or `Control` of a label and a value. */
static struct jr_value emit_lift(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    bool control = node->as.op.builtin == jr_builtin_at(JR_BUILTIN_INDEX_CONTROL);
    const struct jr_core *arg = node->as.op.args.items[node->as.op.args.count - 1];
    struct jr_mm_stage *stage = fr->em->unit->stage;
    struct jr_mm_lift lift = { jr_emit_mono(fr, arg), node->span, false };
    if (control && !can_control(lift.mono))
        jr_diags_error(fr->em->unit->diags, JR_CATEGORY_MISMATCH, arg->span,
                       "a control is a number, or a tuple or record of numbers");
    else if (!can_lift(fr->em->types, lift.mono))
        jr_diags_error(fr->em->unit->diags, JR_CATEGORY_MISMATCH, arg->span,
                       "this function is used with a type that has a function or code in it, which cannot be "
                       "lifted");
    uint32_t index = stage->lifts.count;
    JR_UNIT_PUSH(fr->em->unit, &stage->lifts, lift);
    const char *name = control ? "stage.control" : "stage.lift";
    return jr_emit_import(fr, node, jr_unit_format(fr->em->unit, "%s.%u", name, index), dest);
}

/* Whether a probe, which is code of a function from a type to the same, is one for numbers; not if the type is left open. */
static bool probes_numbers(const struct jr_core *node)
{
    const struct jr_ty *function = jr_ty_resolve(jr_ty_resolve(node->ty)->result);
    return function->kind == JR_TY_FUNCTION && jr_ty_resolve(function->param)->kind == JR_TY_FLOAT;
}

struct jr_value jr_emit_stage_op(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest)
{
    const struct jr_builtin *builtin = node->as.op.builtin;
    const char *name = builtin->name;
    if (builtin->form == JR_BUILTIN_LIFT)
        return emit_lift(fr, node, dest);
    if (builtin->form == JR_BUILTIN_TEXT)
        name = jr_unit_format(fr->em->unit, "text.%s", name);
    else if (builtin == jr_builtin_at(JR_BUILTIN_INDEX_STAGE_QUOTE))
        name = jr_unit_format(fr->em->unit, "%s.%u", name, node->as.op.length);
    else if (builtin == jr_builtin_at(JR_BUILTIN_INDEX_LIFT_ARRAY_CODE))
        name = "stage.lift_array_code";
    else if (builtin == jr_builtin_at(JR_BUILTIN_INDEX_PROBE_MACRO) ||
             builtin == jr_builtin_at(JR_BUILTIN_INDEX_PROBE_VALUE)) {
        struct jr_mm_lift probe = { jr_emit_mono(fr, node), node->span, probes_numbers(node) };
        name = jr_unit_format(fr->em->unit, "stage.probe.%u", fr->em->unit->stage->lifts.count);
        JR_UNIT_PUSH(fr->em->unit, &fr->em->unit->stage->lifts, probe);
    } else if (builtin == jr_builtin_at(JR_BUILTIN_INDEX_SAMPLER)) {
        struct jr_mm_lift sampler = { jr_emit_mono(fr, node), node->span, false };
        name = jr_unit_format(fr->em->unit, "stage.sampler.%u", fr->em->unit->stage->lifts.count);
        JR_UNIT_PUSH(fr->em->unit, &fr->em->unit->stage->lifts, sampler);
    }
    return jr_emit_import(fr, node, name, dest);
}
