/* infer.c -- nodes and bindings of inference, and its entry. */
#include "frontend/mimium/infer_internal.h"

#include <string.h>

struct jr_core *jr_infer_node(struct jr_infer *in, enum jr_core_kind kind, struct jr_span span,
                              struct jr_ty *ty)
{
    struct jr_core *node = JR_UNIT_NEW(in->unit, struct jr_core);
    node->kind = kind;
    node->span = span;
    node->ty = ty;
    return node;
}

struct jr_core_pattern *jr_infer_pattern_node(struct jr_infer *in, enum jr_core_pattern_kind kind,
                                              struct jr_ty *ty, uint32_t count)
{
    struct jr_core_pattern *node = JR_UNIT_NEW(in->unit, struct jr_core_pattern);
    node->kind = kind;
    node->ty = ty;
    node->count = count;
    node->items = JR_UNIT_ARRAY(in->unit, struct jr_core_pattern *, count);
    return node;
}

struct jr_core *jr_infer_error_node(struct jr_infer *in, struct jr_span span)
{
    return jr_infer_node(in, JR_CORE_ERROR, span, &in->types->error);
}

void jr_infer_absorb(struct jr_core *parent, const struct jr_core *child)
{
    parent->assigns |= child->assigns;
    parent->calls |= child->calls;
}

struct jr_core *jr_infer_number(struct jr_infer *in, struct jr_span span, double value)
{
    struct jr_core *node = jr_infer_node(in, JR_CORE_NUMBER, span, &in->types->float_);
    node->as.number = value;
    return node;
}

bool jr_infer_is_error(struct jr_ty *ty)
{
    return jr_ty_resolve(ty)->kind == JR_TY_ERROR;
}

struct jr_binding *jr_infer_binding(struct jr_infer *in, enum jr_binding_kind kind, jr_symbol name,
                                    struct jr_span span, struct jr_ty *ty)
{
    struct jr_binding *binding = JR_UNIT_NEW(in->unit, struct jr_binding);
    binding->kind = kind;
    binding->name = name;
    binding->span = span;
    binding->scheme = jr_ty_monomorphic(ty);
    binding->owner = in->fn->frame;
    return binding;
}

void jr_infer_show(struct jr_infer *in, struct jr_binding *binding)
{
    if (binding->name != JR_SYMBOL_NONE)
        in->bindings[binding->name] = binding;
}

struct jr_core_use *jr_infer_use(struct jr_infer *in, struct jr_binding *binding, struct jr_span span)
{
    struct jr_core_use *use = JR_UNIT_NEW(in->unit, struct jr_core_use);
    use->binding = binding;
    use->span = span;
    JR_UNIT_PUSH(in->unit, &in->fn->frame->uses, use);
    return use;
}

struct jr_core *jr_infer_variable(struct jr_infer *in, struct jr_binding *binding, struct jr_span span)
{
    if (binding->kind == JR_BINDING_ERROR)
        return jr_infer_error_node(in, span);
    struct jr_core_use *use = jr_infer_use(in, binding, span);
    if (binding->scheme.variable_count > 0)
        use->arguments = JR_UNIT_ARRAY(in->unit, struct jr_ty *, binding->scheme.variable_count);
    struct jr_core *node = jr_infer_node(in, JR_CORE_VARIABLE, span,
                                         jr_ty_instantiate(in->types, &binding->scheme, use->arguments));
    node->as.variable = use;
    return node;
}

static struct jr_core_fn *global_code(struct jr_infer *in, const struct jr_mm_program *program)
{
    struct jr_core_fn *global = JR_UNIT_NEW(in->unit, struct jr_core_fn);
    global->name = "(global code)";
    global->frame = global;
    global->span = (struct jr_span){ program->file, 0, 0 };
    global->result = &in->types->unit_type;
    global->ty = jr_ty_function(in->types, &in->types->unit_type, &in->types->unit_type);
    return global;
}

struct jr_core_program *jr_infer(struct jr_unit *unit, const struct jr_mm_program *program,
                                 const struct jr_mm_names *names, struct jr_mm_stage *stage,
                                 struct jr_types *types)
{
    struct jr_infer *in = JR_UNIT_NEW(unit, struct jr_infer);
    jr_types_init(types, unit);
    in->unit = unit;
    in->types = types;
    in->symbol_count = jr_symbols_end(unit->symbols) + 1;
    in->names = names;
    in->bindings = JR_UNIT_ARRAY(unit, struct jr_binding *, in->symbol_count);
    in->constructors = JR_UNIT_ARRAY(unit, const struct jr_constructor *, in->symbol_count);
    in->aliases = JR_UNIT_ARRAY(unit, struct jr_alias *, in->symbol_count);
    in->assigned_names = JR_UNIT_ARRAY(unit, bool, in->symbol_count);
    in->program = JR_UNIT_NEW(unit, struct jr_core_program);

    in->stage_table = stage;
    in->kept_stage = stage != NULL ? JR_MM_STAGE_MACRO : JR_MM_STAGE_MAIN;
    for (uint32_t i = 0; i < JR_MM_STAGE_COUNT; i++)
        in->globals[i] = global_code(in, program);
    in->program->main = in->globals[in->kept_stage];
    in->program->only_used = stage != NULL;

    jr_infer_collect_assigned(in, program);
    jr_infer_declare_types(in, program);
    jr_infer_declare_constructors(in, program);
    struct jr_core *body =
        jr_infer_node(in, JR_CORE_BLOCK, in->program->main->span, &types->unit_type);
    struct jr_core_items items = { 0 };
    for (uint32_t i = 0; i < program->stmts.count; i++) {
        const struct jr_mm_stmt *stmt = program->stmts.items[i];
        bool is_value;
        in->stage = stmt->stage;
        in->fn = in->globals[in->stage];
        if (stmt->expansion.file != JR_FILE_NONE)
            jr_diags_set_origin(unit->diags, stmt->expansion, "in the code that was made here");
        struct jr_core *node = jr_infer_stmt(in, stmt, &is_value, NULL);
        jr_diags_set_origin(unit->diags, (struct jr_span){ 0 }, "");
        if (node != NULL && jr_infer_keeps(in))
            JR_UNIT_PUSH(unit, &items, node);
        jr_infer_push_results(in, &items);
    }
    in->fn = in->program->main;
    body->as.block.items = (struct jr_core_list){ items.items, items.count };
    in->program->main->body = body;
    jr_infer_finish(in);
    return in->program;
}
