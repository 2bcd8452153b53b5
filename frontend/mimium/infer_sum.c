/* infer_sum.c -- sum types and their constructors. */
#include "frontend/mimium/infer_internal.h"

/* ---- declarations ---- */

static void declare_variants(struct jr_infer *in, const struct jr_mm_stmt *stmt, struct jr_ty_sum *sum)
{
    sum->variants = JR_UNIT_ARRAY(in->unit, struct jr_ty_variant, stmt->as.sum.variant_count);
    for (uint32_t i = 0; i < stmt->as.sum.variant_count; i++) {
        const struct jr_mm_variant *written = &stmt->as.sum.variants[i];
        uint32_t letters = in->letters.count;
        if (written->name.symbol == JR_SYMBOL_NONE) /* reported */
            continue;
        struct jr_ty_variant *variant = &sum->variants[sum->count];
        variant->name = jr_unit_text(in->unit, written->name.symbol);
        variant->symbol = written->name.symbol;
        variant->span = written->name.span;
        variant->payload =
            written->payload != NULL ? jr_infer_type(in, written->payload) : &in->types->unit_type;
        if (in->letters.count > letters) {
            jr_diags_error(in->unit->diags, JR_CATEGORY_NAME, written->payload->node.span,
                           "a sum type has no type parameters");
            in->letters.count = letters;
            variant->payload = &in->types->error;
        }
        struct jr_constructor *constructor = JR_UNIT_NEW(in->unit, struct jr_constructor);
        constructor->sum = sum;
        constructor->variant = sum->count++;
        in->constructors[written->name.symbol] = constructor;
    }
}

/* Payloads of payloads deeper than this come from a program made to hurt. */
enum { DEPTH_MAX = 1000 };

/* Whether a value of type `ty` may contain one of the sum; every sum on the way is visited once.  Without a sum all of them are, and
 * go on the list `reached`. */
static bool mentions(struct jr_infer *in, struct jr_ty *ty, const struct jr_ty_sum *sum, uint32_t depth)
{
    bool found = false;
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_SUM && ty->sum == sum)
        return true;
    if (depth > DEPTH_MAX)
        jr_unit_leave_limit(in->unit, in->types->place, "the type here is nested more than %d levels deep", DEPTH_MAX);
    if (ty->kind == JR_TY_FUNCTION)
        found = mentions(in, ty->param, sum, depth + 1);
    if (!found && ty->result != NULL)
        found = mentions(in, ty->result, sum, depth + 1);
    for (uint32_t i = 0; !found && i < ty->count; i++)
        found = mentions(in, ty->items[i], sum, depth + 1);
    if (ty->kind != JR_TY_SUM || ty->sum->visited == in->walks)
        return found;
    ty->sum->visited = in->walks;
    if (sum == NULL)
        JR_UNIT_PUSH(in->unit, &in->reached, ty->sum);
    for (uint32_t i = 0; !found && i < ty->sum->count; i++)
        found = mentions(in, ty->sum->variants[i].payload, sum, depth + 1);
    return found;
}

static bool is_recursive(struct jr_infer *in, const struct jr_ty_sum *sum, uint32_t variant)
{
    in->walks++;
    return mentions(in, sum->variants[variant].payload, sum, 0);
}

static void check_recursion(struct jr_infer *in, const struct jr_mm_stmt *stmt, struct jr_ty_sum *sum)
{
    for (uint32_t i = 0; i < sum->count; i++) {
        if (!is_recursive(in, sum, i))
            continue;
        sum->is_recursive = stmt->as.sum.is_rec;
        if (sum->is_recursive)
            return;
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_REC_TYPE, sum->span,
                                              "recursive type: `%s` contains itself", sum->name);
        jr_diag_label(in->unit->diags, diag, sum->variants[i].span, "in this payload");
        jr_diag_note(in->unit->diags, diag, "declare it with `type rec`");
        for (; i < sum->count; i++) /* what is built of it is not checked further */
            if (is_recursive(in, sum, i))
                sum->variants[i].payload = &in->types->error;
    }
}

static bool contains(struct jr_infer *in, struct jr_ty_sum *outer, const struct jr_ty_sum *inner)
{
    bool found = false;
    in->walks++;
    for (uint32_t i = 0; !found && i < outer->count; i++)
        found = mentions(in, outer->variants[i].payload, inner, 0);
    return found;
}

/* Recursive types that contain each other, and the unions between them, are one group: inside it their values are boxed. */
static void find_group(struct jr_infer *in, struct jr_ty_sum *first)
{
    if (!first->is_recursive || first->group != NULL)
        return;
    first->group = first;
    in->reached.count = 0;
    contains(in, first, NULL);
    for (uint32_t i = 0; i < in->reached.count; i++) {
        struct jr_ty_sum *other = in->reached.items[i];
        if (other->group == NULL && (other->is_recursive || other->is_union) && contains(in, other, first))
            other->group = first;
    }
}

void jr_infer_declare_constructors(struct jr_infer *in, const struct jr_mm_program *program)
{
    for (uint32_t pass = 0; pass < 3; pass++)
        for (uint32_t i = 0; i < program->stmts.count; i++) {
            const struct jr_mm_stmt *stmt = program->stmts.items[i];
            if (stmt->kind != JR_MM_STMT_SUM || stmt->as.sum.name.symbol == JR_SYMBOL_NONE)
                continue;
            struct jr_ty_sum *sum = in->aliases[stmt->as.sum.name.symbol]->sum;
            in->types->place = sum->span;
            if (pass == 0)
                declare_variants(in, stmt, sum);
            else if (pass == 1)
                check_recursion(in, stmt, sum);
            else
                find_group(in, sum);
        }
}

/* ---- constructors ---- */

const struct jr_constructor *jr_infer_find_constructor(struct jr_infer *in, const struct jr_mm_path *path)
{
    return in->constructors[path->names[0].symbol];
}

struct jr_core *jr_infer_construct(struct jr_infer *in, struct jr_span span,
                                   const struct jr_constructor *constructor, struct jr_core_list args)
{
    struct jr_core *node = jr_infer_node(in, JR_CORE_CONSTRUCT, span, constructor->sum->ty);
    node->as.construct.variant = constructor->variant;
    node->as.construct.args = args;
    for (uint32_t i = 0; i < args.count; i++)
        jr_infer_absorb(node, args.items[i]);
    return node;
}

struct jr_core *jr_infer_constructor_value(struct jr_infer *in, struct jr_span span,
                                           const struct jr_constructor *constructor)
{
    const struct jr_ty_variant *variant = &constructor->sum->variants[constructor->variant];
    struct jr_ty *payload = jr_ty_resolve(variant->payload);
    if (payload->kind == JR_TY_UNIT)
        return jr_infer_construct(in, span, constructor, (struct jr_core_list){ NULL, 0 });
    if (payload->kind == JR_TY_ERROR)
        return jr_infer_error_node(in, span);
    struct jr_core_fn *fn = JR_UNIT_NEW(in->unit, struct jr_core_fn), *outer = in->fn;
    bool several = payload->kind == JR_TY_TUPLE;
    fn->name = variant->name;
    fn->span = span;
    fn->outer = outer;
    fn->frame = fn;
    fn->result = constructor->sum->ty;
    fn->ty = jr_ty_function(in->types, payload, fn->result);
    fn->param_count = several ? payload->count : 1;
    fn->params = JR_UNIT_ARRAY(in->unit, struct jr_binding *, fn->param_count);
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, fn->param_count);
    in->fn = fn;
    for (uint32_t i = 0; i < fn->param_count; i++) {
        fn->params[i] = jr_infer_binding(in, JR_BINDING_PARAM, JR_SYMBOL_NONE, span,
                                         several ? payload->items[i] : payload);
        args[i] = jr_infer_variable(in, fn->params[i], span);
    }
    fn->body = jr_infer_construct(in, span, constructor, (struct jr_core_list){ args, fn->param_count });
    in->fn = outer;
    jr_infer_add_child(in, outer, fn);
    struct jr_core *node = jr_infer_node(in, JR_CORE_LAMBDA, span, fn->ty);
    node->as.lambda = fn;
    return node;
}
