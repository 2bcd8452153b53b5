/* emit.c -- a program: which functions there are, in which types, and in which order they are emitted.
 *
 * A direct call needs to know how much state its callee has, so a function comes after the functions with state that it calls.
 * Everything else only needs the callee's index. */
#include "frontend/mimium/emit_internal.h"

#include <string.h>

#include "ir/base/assert.h"

struct jr_place jr_emit_place(struct jr_emitter *em, struct jr_span span)
{
    if (span.file == em->last_span.file && span.start == em->last_span.start && span.end == em->last_span.end)
        return em->last;
    struct jr_place place = { .file = JR_NONE };
    if (span.file != JR_FILE_NONE && span.file <= jr_sources_count(em->unit->sources)) {
        struct jr_position at = jr_sources_position(em->unit->sources, span.file, span.start);
        if (em->files[span.file] == 0)
            em->files[span.file] =
                jr_builder_file(em->builder, jr_sources_path(em->unit->sources, span.file)) + 1;
        place = (struct jr_place){ em->files[span.file] - 1, span.start, span.end, at.line, at.column };
    }
    em->last_span = span;
    em->last = place;
    return place;
}

/* ---- instances ---- */

static bool same_env(const struct jr_env *env, const struct jr_core_fn *fn, const struct jr_env *outer,
                     const struct jr_mono *const *monos, uint32_t count)
{
    if (env->fn != fn || env->outer != outer)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (env->monos[i] != monos[i])
            return false;
    return true;
}

static struct jr_instance *instance_of(struct jr_emitter *em, struct jr_core_fn *fn,
                                       const struct jr_env *outer, const struct jr_mono **monos,
                                       uint32_t count)
{
    for (uint32_t i = 0; i < fn->instances.count; i++)
        if (same_env(fn->instances.items[i]->env, fn, outer, monos, count))
            return fn->instances.items[i];
    struct jr_env *env = JR_UNIT_NEW(em->unit, struct jr_env);
    env->fn = fn;
    env->outer = outer;
    env->monos = monos;
    em->monos.place = fn->span;
    struct jr_instance *instance = JR_UNIT_NEW(em->unit, struct jr_instance);
    instance->fn = fn;
    instance->env = env;
    instance->mono = jr_mono_of(&em->monos, fn->ty, env);
    instance->index = jr_builder_function(em->builder, fn->name, instance->mono->signature,
                                          jr_emit_capture_layout(em, fn, env), jr_emit_place(em, fn->span));
    JR_UNIT_PUSH(em->unit, &fn->instances, instance);
    JR_UNIT_PUSH(em->unit, &em->instances, instance);
    return instance;
}

/* The environment, among `env` and those around it, of the frame that `fn` lies in. */
static const struct jr_env *env_around(const struct jr_core_fn *fn, const struct jr_env *env)
{
    const struct jr_core_fn *frame = fn->outer->frame;
    while (env != NULL && env->fn != frame)
        env = env->outer;
    return env;
}

static uint32_t variable_count(const struct jr_core_fn *fn)
{
    return fn->binding != NULL ? fn->binding->scheme.variable_count : 0;
}

struct jr_instance *jr_emit_instance(struct jr_emitter *em, const struct jr_core_use *use,
                                     const struct jr_env *env)
{
    struct jr_core_fn *fn = use->binding->fn;
    uint32_t count = variable_count(fn);
    if (count > 0 && use->arguments == NULL) { /* inside its own definition: the types it has there */
        const struct jr_env *own = env;
        while (own->fn != fn)
            own = own->outer;
        return instance_of(em, fn, own->outer, own->monos, count);
    }
    const struct jr_mono **monos = JR_UNIT_ARRAY(em->unit, const struct jr_mono *, count);
    em->monos.place = use->span;
    for (uint32_t i = 0; i < count; i++)
        monos[i] = jr_mono_of(&em->monos, use->arguments[i], env);
    return instance_of(em, fn, env_around(fn, env), monos, count);
}

struct jr_instance *jr_emit_lambda_instance(struct jr_emitter *em, struct jr_core_fn *fn,
                                            const struct jr_env *env)
{
    JR_ASSERT(variable_count(fn) == 0, "a lambda with types of its own is only reached by its name");
    return instance_of(em, fn, env_around(fn, env), NULL, 0);
}

/* The instance in which every variable is what it is without a use. */
static struct jr_instance *default_instance(struct jr_emitter *em, struct jr_core_fn *fn)
{
    uint32_t count = variable_count(fn);
    const struct jr_mono **monos = JR_UNIT_ARRAY(em->unit, const struct jr_mono *, count);
    for (uint32_t i = 0; i < count; i++)
        monos[i] = jr_mono_of(&em->monos, fn->binding->scheme.variables[i], NULL);
    return instance_of(em, fn, NULL, monos, count);
}

/* ---- order ---- */

/* Those with state that it calls directly, not finished yet, go on the list. */
struct pending {
    JR_UNIT_LIST(struct jr_instance *) items;
};

static void push_callees(struct jr_emitter *em, const struct jr_core_fn *fn, const struct jr_env *env,
                         struct pending *pending)
{
    for (uint32_t i = 0; i < fn->uses.count; i++) {
        const struct jr_core_use *use = fn->uses.items[i];
        const struct jr_core_fn *callee = use->binding->fn;
        if (!use->called || callee == NULL || !callee->known || !callee->has_state)
            continue;
        struct jr_instance *instance = jr_emit_instance(em, use, env);
        if (!instance->started)
            JR_UNIT_PUSH(em->unit, &pending->items, instance);
    }
}

static void finish_pending(struct jr_emitter *em, struct pending *pending)
{
    while (pending->items.count > 0) {
        struct jr_instance *instance = pending->items.items[pending->items.count - 1];
        if (!instance->started) {
            instance->started = true;
            push_callees(em, instance->fn, instance->env, pending);
        } else {
            if (!instance->finished)
                jr_emit_function(em, instance);
            instance->finished = true;
            pending->items.count--;
        }
    }
}

/* ---- the program ---- */

/* Every variable at program level has its place before any function is emitted. */
static void place_globals(struct jr_emitter *em)
{
    for (uint32_t i = 0; i < em->program->globals.count; i++) {
        struct jr_binding *binding = em->program->globals.items[i];
        if (binding->fn != NULL && binding->fn->known && !binding->keeps_object)
            continue;
        em->monos.place = binding->span;
        const struct jr_mono *mono = jr_mono_of(&em->monos, binding->scheme.ty, NULL);
        uint32_t global = jr_builder_global(em->builder, jr_unit_text(em->unit, binding->name), mono->layout,
                                            jr_emit_place(em, binding->span));
        binding->slot = jr_builder_global_offset(em->builder, global);
        if (binding->assigned)
            jr_builder_global_assigned(em->builder, global);
    }
}

void jr_emit(struct jr_unit *unit, struct jr_types *types, const struct jr_core_program *program,
             struct jr_builder *builder)
{
    struct jr_emitter *em = JR_UNIT_NEW(unit, struct jr_emitter);
    em->unit = unit;
    em->types = types;
    em->program = program;
    em->builder = builder;
    em->monos.unit = unit;
    em->monos.types = types;
    em->monos.builder = builder;
    em->files = JR_UNIT_ARRAY(unit, uint32_t, jr_sources_count(unit->sources) + 1);

    place_globals(em);
    struct pending pending = { 0 };
    const struct jr_core_fn *global = program->main;
    uint32_t init = JR_NONE, dsp = JR_NONE;
    if (global->body->as.block.items.count > 0) {
        uint32_t nothing = jr_builder_layout_raw(builder, 0);
        init = jr_builder_function(builder, global->name, jr_builder_signature(builder, nothing, nothing),
                                   nothing, jr_emit_place(em, global->span));
        push_callees(em, global, NULL, &pending);
        finish_pending(em, &pending);
        jr_emit_main(em, init);
    }
    if (program->dsp != NULL)
        dsp = default_instance(em, program->dsp->fn)->index;
    for (uint32_t i = 0; i < program->globals.count; i++) {
        struct jr_core_fn *fn = program->globals.items[i]->fn;
        /* what a library offers and nobody uses costs no code; nor does a macro that is not called */
        bool offered = fn != NULL && fn->known && variable_count(fn) == 0;
        if (offered && !program->only_used && fn->span.file == global->span.file)
            default_instance(em, fn);
    }
    for (uint32_t i = 0; i < em->instances.count; i++) { /* which may grow */
        JR_UNIT_PUSH(unit, &pending.items, em->instances.items[i]);
        finish_pending(em, &pending);
    }
    jr_builder_set_entry(builder, init, dsp);
}
