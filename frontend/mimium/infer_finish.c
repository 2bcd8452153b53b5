/* infer_finish.c -- what is decided when the whole program is known: who has state, who captures what, and the checks that
 * need final types. */
#include "frontend/mimium/infer_internal.h"

#include <string.h>

/* ---- state ---- */

static bool calls_directly(const struct jr_core_use *use)
{
    return use->called && use->binding->kind == JR_BINDING_GLOBAL && use->binding->fn != NULL &&
           !use->binding->assigned;
}

static bool has_state_now(const struct jr_core_fn *fn)
{
    if (fn->has_sites)
        return true;
    for (uint32_t i = 0; i < fn->uses.count; i++)
        if (calls_directly(fn->uses.items[i]) && fn->uses.items[i]->binding->fn->has_state)
            return true;
    return false;
}

static void decide_state(struct jr_infer *in)
{
    const struct jr_core_program *program = in->program;
    for (uint32_t i = 0; i < program->fns.count; i++)
        program->fns.items[i]->has_state = false;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < program->fns.count; i++) {
            struct jr_core_fn *fn = program->fns.items[i];
            if (!fn->has_state && has_state_now(fn))
                fn->has_state = changed = true;
        }
    }
    program->main->has_state = has_state_now(program->main);
}

static void check_recursive_state(struct jr_infer *in)
{
    for (uint32_t i = 0; i < in->program->fns.count; i++) {
        const struct jr_core_fn *fn = in->program->fns.items[i];
        for (uint32_t k = 0; fn->has_state && k < fn->uses.count; k++) {
            const struct jr_core_use *use = fn->uses.items[k];
            if (!use->called || use->binding->assigned || use->binding->fn != fn)
                continue;
            jr_diags_set_origin(in->unit->diags, fn->origin.span, fn->origin.text);
            struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_RECURSIVE_STATE, use->span,
                                                  "`%s` has state and calls itself", fn->name);
            if (fn->uses_self)
                jr_diag_label(in->unit->diags, diag, fn->self_span, "part of its state");
            jr_diag_note(in->unit->diags, diag,
                         "each level would need state of its own: build a chain of closures once, in a `let` "
                         "at program level");
            break;
        }
    }
}

/* ---- captures ---- */

static bool contains(const struct jr_core_fn *fn, const struct jr_binding *binding)
{
    for (uint32_t i = 0; i < fn->captures.count; i++)
        if (fn->captures.items[i] == binding)
            return true;
    return false;
}

static void capture(struct jr_infer *in, struct jr_core_fn *fn, struct jr_binding *binding)
{
    if (binding->owner == fn || (binding == fn->binding && binding->is_fn) || contains(fn, binding))
        return;
    binding->captured = true;
    JR_UNIT_PUSH(in->unit, &fn->captures, binding);
}

/* Whether code of `fn` stands in the body of `outer`. */
static bool stands_in(const struct jr_core_fn *fn, const struct jr_core_fn *outer)
{
    while (fn != NULL && fn != outer)
        fn = fn->outer;
    return fn != NULL;
}

static void capture_use(struct jr_infer *in, struct jr_core_fn *fn, const struct jr_core_use *use)
{
    struct jr_binding *binding = use->binding;
    const struct jr_core_fn *bound = binding->fn;
    if (binding->kind == JR_BINDING_GLOBAL || (bound != NULL && bound->known))
        return;
    if (bound != NULL && binding->scheme.variable_count > 0 && !stands_in(fn, bound)) {
        /* made anew at each use, for the types of that use, from what it captures itself */
        for (uint32_t i = 0; i < bound->captures.count; i++)
            capture(in, fn, bound->captures.items[i]);
        return;
    }
    capture(in, fn, binding);
}

static void forget_capture(struct jr_core_fn *fn, const struct jr_binding *binding)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fn->captures.count; i++)
        if (fn->captures.items[i] != binding)
            fn->captures.items[kept++] = fn->captures.items[i];
    fn->captures.count = kept;
    for (uint32_t i = 0; i < fn->children.count; i++)
        forget_capture(fn->children.items[i], binding);
}

/* The list has the functions nested in another before it, and earlier definitions before later ones. */
static void decide_captures(struct jr_infer *in)
{
    for (uint32_t i = 0; i < in->program->fns.count; i++) {
        struct jr_core_fn *fn = in->program->fns.items[i];
        for (uint32_t k = 0; k < fn->uses.count; k++)
            capture_use(in, fn, fn->uses.items[k]);
        for (uint32_t k = 0; k < fn->children.count; k++)
            for (uint32_t c = 0; c < fn->children.items[k]->captures.count; c++)
                capture(in, fn, fn->children.items[k]->captures.items[c]);
        const struct jr_binding *binding = fn->binding;
        if (binding == NULL || binding->assigned)
            continue;
        fn->known = binding->kind == JR_BINDING_GLOBAL || (fn->captures.count == 0 && !fn->has_state);
        if (fn->known)
            forget_capture(fn, binding);
    }
}

/* ---- self ---- */

static void check_self(struct jr_infer *in)
{
    for (uint32_t i = 0; i < in->self_fns.count; i++) {
        const struct jr_core_fn *fn = in->self_fns.items[i];
        struct jr_diag *diag;
        jr_diags_set_origin(in->unit->diags, fn->origin.span, fn->origin.text);
        in->types->place = fn->self_span;
        if (jr_ty_has_function(in->types, fn->result)) {
            diag = jr_diags_error(in->unit->diags, JR_CATEGORY_FEED_FUNC, jr_infer_result(fn->body)->span,
                                  "a function that uses `self` cannot give %s",
                                  jr_ty_text(in->types, fn->result));
            jr_diag_label(in->unit->diags, diag, fn->self_span,
                          "`self` is the previous result, and a function has no zero");
        } else if (jr_ty_zero_has_string(in->types, fn->result)) {
            diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, jr_infer_result(fn->body)->span,
                                  "a function that uses `self` cannot give %s",
                                  jr_ty_text(in->types, fn->result));
            jr_diag_label(in->unit->diags, diag, fn->self_span,
                          "`self` is the previous result, and a string has no zero");
        }
    }
}

/* ---- lift ---- */

/* Of a generic function's types, what can be lifted is decided when it is emitted. */
static void check_lifts(struct jr_infer *in)
{
    for (uint32_t i = 0; i < in->lifts.count; i++) {
        const struct jr_core_list *args = &in->lifts.items[i]->as.op.args;
        const struct jr_core *arg = args->items[args->count - 1];
        bool function = jr_ty_has_function(in->types, arg->ty);
        if (!function && !jr_ty_has_code(in->types, arg->ty))
            continue;
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, arg->span,
                                              "a value with %s in it cannot be lifted: %s",
                                              function ? "a function" : "code", jr_ty_text(in->types, arg->ty));
        jr_diag_note(in->unit->diags, diag,
                     function ? "quote the function where it is written: `` `(|x| ...) ``"
                              : "code is spliced as it is, without `lift`");
    }
}

/* ---- dsp ---- */

/* A float, or (if `flat`) unit or a flat tuple or record of floats; what is not known is a float. */
static bool is_playable(struct jr_ty *ty, bool flat)
{
    ty = jr_ty_resolve(ty);
    switch (ty->kind) {
    case JR_TY_UNIT:
        return flat;
    case JR_TY_VARIABLE:
    case JR_TY_TUPLE:
    case JR_TY_RECORD:
        if (ty->kind == JR_TY_VARIABLE && ty->count == 0)
            break;
        for (uint32_t i = 0; i < ty->count; i++)
            if (!flat || !is_playable(ty->items[i], false))
                return false;
        return true;
    case JR_TY_FLOAT:
    case JR_TY_ERROR:
        break;
    case JR_TY_INT:
    case JR_TY_STRING:
    case JR_TY_ARRAY:
    case JR_TY_FUNCTION:
    case JR_TY_CODE:
    case JR_TY_SUM:
    case JR_TY_BOX:
        return false;
    }
    return true;
}

static void check_dsp(struct jr_infer *in)
{
    struct jr_binding *dsp = in->bindings[in->names->dsp];
    if (dsp == NULL || dsp->kind == JR_BINDING_ERROR)
        return;
    struct jr_diags *diags = in->unit->diags;
    if (dsp->fn == NULL || dsp->assigned) {
        struct jr_diag *diag =
            jr_diags_error(diags, JR_CATEGORY_DSP_TYPE, dsp->span,
                           "`dsp` must be a function that is known when the program is compiled");
        jr_diag_note(diags, diag, "write `fn dsp() { ... }`");
        return;
    }
    const struct jr_core_fn *fn = dsp->fn;
    for (uint32_t i = 0; i < fn->param_count; i++)
        if (!is_playable(fn->params[i]->scheme.ty, true)) {
            struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_DSP_TYPE, fn->params[i]->span,
                                                  "an input of `dsp` cannot be %s",
                                                  jr_ty_text(in->types, fn->params[i]->scheme.ty));
            jr_diag_note(diags, diag, "inputs are numbers, or one flat tuple or record of numbers");
        }
    if (!is_playable(fn->result, true)) {
        struct jr_diag *diag =
            jr_diags_error(diags, JR_CATEGORY_DSP_TYPE, dsp->span, "the result of `dsp` cannot be %s",
                           jr_ty_text(in->types, fn->result));
        jr_diag_label(diags, diag, jr_infer_result(fn->body)->span, "this is its result");
        jr_diag_note(diags, diag, "outputs are a number, or one flat tuple or record of numbers");
    }
    in->program->dsp = dsp;
}

/* A lambda with state that is bound at program level is one object, made where it stands, for all uses of its value; a named
 * function is another one at each use. */
static void decide_objects(const struct jr_core_fn *fn)
{
    for (uint32_t i = 0; i < fn->uses.count; i++) {
        struct jr_binding *binding = fn->uses.items[i]->binding;
        if (!fn->uses.items[i]->called && binding->is_let && binding->fn->known && binding->fn->has_state &&
            binding->scheme.variable_count == 0)
            binding->keeps_object = true;
    }
}

void jr_infer_finish(struct jr_infer *in)
{
    decide_state(in);
    check_recursive_state(in);
    decide_captures(in);
    decide_objects(in->program->main);
    for (uint32_t i = 0; i < in->program->fns.count; i++)
        decide_objects(in->program->fns.items[i]);
    check_self(in);
    check_lifts(in);
    jr_diags_set_origin(in->unit->diags, (struct jr_span){ 0 }, "");
    if (in->kept_stage == JR_MM_STAGE_MAIN)
        check_dsp(in);
}
