/* infer_stage.c -- quotes, splices, and which stage's code is kept.
 *
 * Code of both stages is inferred in one walk, so that types flow between them; what becomes a core tree is one stage only.
 * In the round for the macro stage that is stage 0: quoted code is checked and thrown away, and the splices that stand in main code
 * become statements of the program, in textual order.  In the round for the main stage there are no splices left. */
#include "frontend/mimium/infer_internal.h"

#include <stdlib.h>

bool jr_infer_keeps(const struct jr_infer *in)
{
    return in->stage == in->kept_stage;
}

void jr_infer_check_stage(struct jr_infer *in, const struct jr_builtin *builtin, struct jr_span span)
{
    if (in->stage == JR_MM_STAGE_MACRO &&
        (builtin->form == JR_BUILTIN_TIME || builtin->form == JR_BUILTIN_SCHEDULE))
        jr_diags_error(in->unit->diags, JR_CATEGORY_STAGE, span,
                       "`%s` is used in stage 0, but time exists only in stage 1, when the program runs",
                       builtin->name);
    if (in->stage == JR_MM_STAGE_MACRO && builtin->type == JR_BUILTIN_LETTERS)
        jr_diags_error(in->unit->diags, JR_CATEGORY_STAGE, span,
                       "`%s` is used in stage 0, but functions of the host exist only in stage 1, when the program runs",
                       builtin->name);
}

struct jr_label jr_infer_enter_expansion(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    struct jr_label before = jr_diags_origin(in->unit->diags);
    if (expr->kind == JR_MM_EXPR_EXPANSION)
        jr_diags_set_origin(in->unit->diags, expr->node.span, "in the code that was made here");
    return before;
}

void jr_infer_leave_expansion(struct jr_infer *in, struct jr_label before)
{
    jr_diags_set_origin(in->unit->diags, before.span, before.text);
}

/* ---- lowering ---- */

static struct jr_core *stage_op(struct jr_infer *in, struct jr_span span, enum jr_builtin_index index,
                                uint32_t number, struct jr_core **args, uint32_t arg_count, struct jr_ty *ty)
{
    struct jr_core *node = jr_infer_op(in, span, jr_builtin_at(index), args, arg_count, ty);
    node->as.op.length = number;
    return node;
}

/* A splice runs its expression, and then is the number of the code; one that is run for its effect is 0. */
static struct jr_core *code_of(struct jr_infer *in, const struct jr_infer_hole *hole)
{
    if (!hole->is_unit)
        return hole->node;
    struct jr_core *block = jr_infer_node(in, JR_CORE_BLOCK, hole->node->span, &in->types->float_);
    struct jr_core **items = JR_UNIT_ARRAY(in->unit, struct jr_core *, 2);
    items[0] = hole->node;
    items[1] = jr_infer_number(in, hole->node->span, 0.0);
    block->as.block.items = (struct jr_core_list){ items, 2 };
    block->as.block.has_value = true;
    jr_infer_absorb(block, hole->node);
    return block;
}

static int compare_holes(const void *a, const void *b)
{
    const struct jr_infer_hole *left = a, *right = b;
    uint32_t x = left->expr->node.span.start, y = right->expr->node.span.start;
    return x != y ? (x < y ? -1 : 1) : (left->order > right->order) - (left->order < right->order);
}

/* Brings the holes, which come in the order of inference, into that of the text.  A lambda may have been inferred several times, with
 * the splices in it: the first one counts. */
static void sort_holes(struct jr_infer_holes *holes)
{
    uint32_t kept = 0;
    if (holes->count == 0)
        return;
    qsort(holes->items, holes->count, sizeof holes->items[0], compare_holes);
    for (uint32_t i = 0; i < holes->count; i++)
        if (i == 0 || holes->items[i].expr != holes->items[kept - 1].expr)
            holes->items[kept++] = holes->items[i];
    holes->count = kept;
}

static void note_hole(struct jr_infer *in, const struct jr_infer_hole *hole, uint32_t index)
{
    in->stage_table->holes[hole->expr->node.id] = (struct jr_mm_hole){ index, hole->is_unit };
}

/* ---- quotes ---- */

static struct jr_core *mark_variable(struct jr_infer *in, const struct jr_infer_quote *quote,
                                     struct jr_span span)
{
    return jr_infer_variable(in, quote->mark, span);
}

/* `let mark = stage.mark()`, then the call that makes the code. */
static struct jr_core *lower_quote(struct jr_infer *in, struct jr_infer_quote *quote, struct jr_ty *ty)
{
    struct jr_span span = quote->expr->node.span;
    struct jr_mm_quote *entry = JR_UNIT_NEW(in->unit, struct jr_mm_quote);
    struct jr_core_prelude prelude = { 0 };
    uint32_t outer_count = 0;
    for (const struct jr_infer_quote *outer = quote->outer; outer != NULL; outer = outer->outer)
        outer_count++;
    sort_holes(&quote->holes);

    entry->expr = quote->expr;
    entry->outer_count = outer_count;
    entry->outer = JR_UNIT_ARRAY(in->unit, const struct jr_mm_expr *, outer_count);
    entry->hole_count = quote->holes.count;
    entry->self_of = quote->self_fn != NULL ? quote->self_fn->syntax : NULL;
    entry->self_quote = quote->self_quote;

    uint32_t arg_count = 1 + outer_count + quote->holes.count, at = 0;
    struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, arg_count);
    args[at++] = mark_variable(in, quote, span);
    for (const struct jr_infer_quote *outer = quote->outer; outer != NULL; outer = outer->outer) {
        entry->outer[at - 1] = outer->expr;
        args[at++] = mark_variable(in, outer, span);
    }
    for (uint32_t i = 0; i < quote->holes.count; i++) {
        note_hole(in, &quote->holes.items[i], i);
        args[at++] = code_of(in, &quote->holes.items[i]);
    }
    struct jr_core *let = jr_infer_node(in, JR_CORE_LET, span, &in->types->unit_type);
    struct jr_core_pattern *pattern = JR_UNIT_NEW(in->unit, struct jr_core_pattern);
    pattern->kind = JR_CORE_PATTERN_NAME;
    pattern->ty = &in->types->float_;
    pattern->binding = quote->mark;
    let->as.let.pattern = pattern;
    let->as.let.value = stage_op(in, span, JR_BUILTIN_INDEX_STAGE_MARK, 0, NULL, 0, &in->types->float_);
    let->calls = true;
    JR_UNIT_PUSH(in->unit, &prelude.items, let);

    uint32_t number = in->stage_table->quotes.count;
    JR_UNIT_PUSH(in->unit, &in->stage_table->quotes, entry);
    return jr_infer_with_prelude(
        in, &prelude, stage_op(in, span, JR_BUILTIN_INDEX_STAGE_QUOTE, number, args, arg_count, ty));
}

struct jr_core *jr_infer_quote(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    struct jr_core_fn *outer = in->fn;
    struct jr_infer_quote quote = { .expr = expr, .outer = in->quote, .fn = outer };
    struct jr_core_fn *fn = JR_UNIT_NEW(in->unit, struct jr_core_fn);
    struct jr_ty *content = NULL;
    if (expected != NULL && jr_ty_resolve(expected)->kind == JR_TY_CODE)
        content = jr_ty_resolve(expected)->result;
    quote.mark = jr_infer_binding(in, JR_BINDING_LOCAL, JR_SYMBOL_NONE, expr->node.span, &in->types->float_);
    /* `self` in it is that of the main function around, if nothing of the macro stage lies between */
    if (in->splice != NULL && in->splice->fn == outer) {
        quote.self_fn = in->splice->main_fn;
        quote.self_quote = in->splice->main_quote;
    }
    fn->name = "(quote)";
    fn->span = expr->node.span;
    fn->outer = outer;
    fn->frame = fn;
    fn->quote = &quote;
    fn->result = jr_ty_variable(in->types);

    uint8_t stage = in->stage;
    in->fn = fn;
    in->stage = JR_MM_STAGE_MAIN;
    in->quote = &quote;
    struct jr_core *body = jr_infer_expr(in, expr->as.quote, content);
    in->quote = quote.outer;
    in->stage = stage;
    in->fn = outer;
    fn->quote = NULL;

    struct jr_ty *ty = jr_ty_code(in->types, body->ty);
    if (stage == JR_MM_STAGE_MACRO && jr_infer_keeps(in))
        return lower_quote(in, &quote, ty);
    struct jr_core *node = jr_infer_error_node(in, expr->node.span);
    node->ty = ty;
    return node;
}

/* ---- splices ---- */

/* What the splice gives, from the type of what is spliced; NULL after reporting. */
static struct jr_ty *content_of(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_core *operand)
{
    struct jr_ty *ty = jr_ty_resolve(operand->ty);
    struct jr_diag *diag;
    if (ty->kind == JR_TY_ERROR)
        return NULL;
    if (ty->kind == JR_TY_CODE)
        return ty->result;
    if (ty->kind == JR_TY_UNIT)
        return ty;
    if (ty->kind == JR_TY_VARIABLE && !ty->rigid && ty->count == 0) {
        struct jr_ty *content = jr_ty_variable(in->types);
        jr_ty_unify(in->types, ty, jr_ty_code(in->types, content));
        return content;
    }
    if (ty->kind != JR_TY_VARIABLE && jr_ty_has_code(in->types, ty)) {
        diag = jr_diags_error(in->unit->diags, JR_CATEGORY_SPLICE, expr->node.span,
                              "only code can be spliced, found %s", jr_ty_text(in->types, ty));
        jr_diag_note(in->unit->diags, diag,
                     ty->kind == JR_TY_ARRAY ? "`lift_array_code` makes code of an array from it"
                                             : "splice the code that it contains");
        return NULL;
    }
    diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, operand->span,
                          "a splice needs code, found %s", jr_ty_text(in->types, ty));
    if (ty->kind == JR_TY_FUNCTION)
        jr_diag_note(in->unit->diags, diag, "it is a function of the macro stage: call it with `!(...)`");
    else
        jr_diag_note(in->unit->diags, diag, "`lift(...)` makes code of a value");
    return NULL;
}

/* m!(a) is $(m(a)). */
static struct jr_core *infer_operand(struct jr_infer *in, const struct jr_mm_expr *expr,
                                     struct jr_ty *expected)
{
    if (expr->kind == JR_MM_EXPR_SPLICE)
        return jr_infer_expr(in, expr->as.splice, expected);
    struct jr_mm_expr *callee = JR_UNIT_NEW(in->unit, struct jr_mm_expr);
    callee->kind = JR_MM_EXPR_NAME;
    callee->node.span = expr->as.macro_call.path.span;
    callee->node.height = 1;
    callee->as.name = expr->as.macro_call.path;
    return jr_infer_apply(in, expr->node.span, callee, expr->as.macro_call.args.items,
                          expr->as.macro_call.args.count, NULL);
}

struct jr_core *jr_infer_splice(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    struct jr_core *node = jr_infer_error_node(in, expr->node.span); /* never emitted, but it has a type */
    if (in->stage == JR_MM_STAGE_MACRO)                              /* reported with the names */
        return node;
    struct jr_core_fn *main_fn = in->fn;
    struct jr_infer_quote *quote = in->quote;
    struct jr_infer_splice *outer = in->splice, splice = { .fn = in->globals[JR_MM_STAGE_MACRO] };
    if (quote != NULL) {
        splice.fn = quote->fn;
        splice.main_quote = quote->expr;
    }
    if (main_fn->quote != NULL) {
        splice.main_fn = quote->self_fn;
        splice.main_quote = quote->self_quote;
    } else if (main_fn->outer != NULL && !main_fn->is_default) {
        splice.main_fn = main_fn;
    }
    in->splice = &splice;
    in->fn = splice.fn;
    in->stage = JR_MM_STAGE_MACRO;
    struct jr_core *operand =
        infer_operand(in, expr, expected != NULL ? jr_ty_code(in->types, expected) : NULL);
    in->stage = JR_MM_STAGE_MAIN;
    in->fn = main_fn;
    in->splice = outer;

    struct jr_ty *content = content_of(in, expr, operand);
    if (content == NULL)
        return node;
    node->ty = content;
    if (in->kept_stage == JR_MM_STAGE_MACRO) {
        struct jr_infer_holes *holes = quote != NULL ? &quote->holes : &in->results;
        struct jr_infer_hole hole = { expr, operand, holes->count,
                                      jr_ty_resolve(operand->ty)->kind == JR_TY_UNIT };
        JR_UNIT_PUSH(in->unit, holes, hole);
    }
    return node;
}

void jr_infer_push_results(struct jr_infer *in, struct jr_core_items *items)
{
    sort_holes(&in->results);
    for (uint32_t i = 0; i < in->results.count; i++) {
        const struct jr_infer_hole *hole = &in->results.items[i];
        struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 2);
        uint32_t index = in->stage_table->results.count;
        note_hole(in, hole, index);
        JR_UNIT_PUSH(in->unit, &in->stage_table->results, (struct jr_mm_result){ hole->expr, 0 });
        args[0] = jr_infer_number(in, hole->expr->node.span, (double)index);
        args[1] = code_of(in, hole);
        JR_UNIT_PUSH(in->unit, items,
                     stage_op(in, hole->expr->node.span, JR_BUILTIN_INDEX_STAGE_RESULT, 0, args, 2,
                              &in->types->unit_type));
    }
    in->results.count = 0;
}
