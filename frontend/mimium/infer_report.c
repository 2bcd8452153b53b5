/* infer_report.c -- making types agree, and saying where they do not. */
#include "frontend/mimium/infer_internal.h"
#include "frontend/mimium/similar.h"

void jr_infer_unsupported(struct jr_infer *in, struct jr_span span, const char *feature)
{
    jr_diags_error(in->unit->diags, JR_CATEGORY_UNSUPPORTED, span, "%s not supported yet", feature);
}

/* ---- suggestions ---- */

jr_symbol jr_infer_similar_key(struct jr_infer *in, const struct jr_ty *record, jr_symbol key)
{
    struct jr_similar similar = jr_similar_start(jr_unit_text(in->unit, key));
    jr_symbol best = JR_SYMBOL_NONE;
    for (uint32_t i = 0; i < record->count; i++) {
        size_t limit = similar.limit;
        jr_similar_consider(&similar, jr_unit_text(in->unit, record->keys[i]));
        if (similar.limit < limit)
            best = record->keys[i];
    }
    return best;
}

void jr_infer_suggest(struct jr_infer *in, struct jr_diag *diag, const char *best)
{
    if (best != NULL)
        jr_diag_suggest(in->unit->diags, diag, best);
}

void jr_infer_suggest_key(struct jr_infer *in, struct jr_diag *diag, const struct jr_ty *record, jr_symbol key)
{
    jr_symbol similar = jr_infer_similar_key(in, record, key);
    jr_infer_suggest(in, diag, similar == JR_SYMBOL_NONE ? NULL : jr_unit_text(in->unit, similar));
}

/* Keys of `have` that look like one that `want` lacks there. */
static void suggest_keys(struct jr_infer *in, struct jr_diag *diag, const struct jr_ty *have, const struct jr_ty *want)
{
    for (uint32_t i = 0; i < have->count; i++) {
        if (jr_ty_find_field(want, have->keys[i]) < want->count)
            continue;
        jr_symbol similar = jr_infer_similar_key(in, want, have->keys[i]);
        if (similar != JR_SYMBOL_NONE && jr_ty_find_field(have, similar) == have->count)
            jr_diag_note(in->unit->diags, diag, "did you mean `%s` instead of `%s`?",
                         jr_unit_text(in->unit, similar), jr_unit_text(in->unit, have->keys[i]));
    }
}

/* ---- clashes ---- */

const char *jr_infer_keys_text(struct jr_infer *in, const struct jr_ty *record)
{
    const char *text = "";
    for (uint32_t i = 0; i < record->count && i < 20; i++)
        text = jr_unit_format(in->unit, "%s%s`%s`", text, i > 0 ? ", " : "",
                              jr_unit_text(in->unit, record->keys[i]));
    return record->count == 0   ? "none"
           : record->count > 20 ? jr_unit_format(in->unit, "%s, ...", text)
                                : text;
}

static struct jr_diag *report_lengths(struct jr_infer *in, const struct jr_ty_clash *clash,
                                      struct jr_span span)
{
    return jr_diags_error(in->unit->diags, JR_CATEGORY_LENGTH, span, "expected %u values, found %u",
                          clash->right->count, clash->left->count);
}

void jr_infer_report_clash(struct jr_infer *in, const struct jr_ty_clash *clash, struct jr_span span,
                           struct jr_ty *have, struct jr_ty *want, struct jr_reason reason)
{
    struct jr_diags *diags = in->unit->diags;
    const char *have_text = jr_ty_text(in->types, have), *want_text = jr_ty_text(in->types, want);
    struct jr_diag *diag = NULL;
    switch (clash->kind) {
    case JR_TY_AGREE:
        return;
    case JR_TY_DIFFERENT:
        diag =
            jr_diags_error(diags, JR_CATEGORY_MISMATCH, span, "expected %s, found %s", want_text, have_text);
        break;
    case JR_TY_LENGTHS:
        diag = report_lengths(in, clash, span);
        break;
    case JR_TY_KEYS:
        diag = jr_diags_error(diags, JR_CATEGORY_RECORD_KEYS, span,
                              "the record has the fields %s; expected are %s",
                              jr_infer_keys_text(in, clash->left), jr_infer_keys_text(in, clash->right));
        suggest_keys(in, diag, clash->left, clash->right);
        break;
    case JR_TY_MISSING_FIELD:
        diag = jr_diags_error(diags, reason.missing_field, span,
                              "the field `%s` is missing: expected %s, found %s",
                              jr_unit_text(in->unit, clash->key), want_text, have_text);
        break;
    case JR_TY_CIRCULAR:
        diag = jr_diags_error(diags, JR_CATEGORY_CIRCULAR, span, "the type would contain itself: %s and %s",
                              have_text, want_text);
        break;
    }
    jr_diag_set_label(diags, diag, "this is %s", have_text);
    if (reason.span.file != JR_FILE_NONE)
        jr_diag_label(diags, diag, reason.span, "%s", reason.text);
    struct jr_ty *left = jr_ty_resolve(clash->left), *right = jr_ty_resolve(clash->right);
    if (clash->kind == JR_TY_DIFFERENT && left != jr_ty_resolve(have) && left != jr_ty_resolve(want))
        jr_diag_note(diags, diag, "inside, %s and %s differ", jr_ty_text(in->types, left),
                     jr_ty_text(in->types, right));
    bool is_code = jr_ty_resolve(have)->kind == JR_TY_CODE, wants_code = jr_ty_resolve(want)->kind == JR_TY_CODE;
    if (clash->kind == JR_TY_DIFFERENT && wants_code && !is_code)
        jr_diag_note(diags, diag, "quote an expression with `` ` ``; `lift(...)` makes code of a value");
    else if (clash->kind == JR_TY_DIFFERENT && is_code && !wants_code)
        jr_diag_note(diags, diag, "this is code: in a quote, `$` puts it to use");
}

/* ---- conversion ---- */

/* Makes `have` usable as `want`: a record may lose fields, a member may become its union, everything else must agree.  Sets *narrows if
 * it has to be converted. */
static struct jr_ty_clash fit(struct jr_infer *in, struct jr_ty *have, struct jr_ty *want, bool *narrows)
{
    struct jr_ty_clash result = { .kind = JR_TY_AGREE };
    have = jr_ty_resolve(have);
    want = jr_ty_resolve(want);
    if (have->kind == JR_TY_TUPLE && want->kind == JR_TY_TUPLE && have->count == want->count) {
        for (uint32_t i = 0; i < have->count && result.kind == JR_TY_AGREE; i++)
            result = fit(in, have->items[i], want->items[i], narrows);
        return result;
    }
    if (jr_infer_is_union(want) && have != want && have->kind != JR_TY_VARIABLE) {
        uint32_t variant = jr_infer_union_variant(in->types, want->sum, have);
        if (variant == want->sum->count)
            return (struct jr_ty_clash){ .kind = JR_TY_DIFFERENT, .left = have, .right = want };
        *narrows = true;
        return fit(in, have, want->sum->variants[variant].payload, narrows);
    }
    if (have->kind != JR_TY_RECORD || want->kind != JR_TY_RECORD)
        return jr_ty_unify(in->types, have, want);
    uint32_t shared = 0;
    jr_symbol missing = JR_SYMBOL_NONE;
    for (uint32_t i = 0; i < want->count; i++) {
        if (jr_ty_find_field(have, want->keys[i]) < have->count)
            shared++;
        else if (missing == JR_SYMBOL_NONE)
            missing = want->keys[i];
    }
    if (missing != JR_SYMBOL_NONE)
        return (struct jr_ty_clash){ .kind = shared < have->count ? JR_TY_KEYS : JR_TY_MISSING_FIELD,
                                     .left = have,
                                     .right = want,
                                     .key = missing };
    if (have->count > want->count)
        *narrows = true;
    for (uint32_t i = 0; i < want->count && result.kind == JR_TY_AGREE; i++)
        result = fit(in, have->items[jr_ty_find_field(have, want->keys[i])], want->items[i], narrows);
    return result;
}

const struct jr_core *jr_infer_result(const struct jr_core *node)
{
    while (node->kind == JR_CORE_BLOCK && node->as.block.has_value)
        node = node->as.block.items.items[node->as.block.items.count - 1];
    return node;
}

/* The part of a literal that does not fit its part of *want, or the node itself. */
static const struct jr_core *narrow(struct jr_infer *in, const struct jr_core *node, struct jr_ty **want)
{
    for (;;) {
        node = jr_infer_result(node);
        struct jr_ty *wanted = jr_ty_resolve(*want);
        bool is_record = node->kind == JR_CORE_RECORD && wanted->kind == JR_TY_RECORD;
        bool is_tuple = node->kind == JR_CORE_TUPLE && wanted->kind == JR_TY_TUPLE &&
                        wanted->count == node->as.list.count;
        const struct jr_core_list *parts = is_record ? &node->as.record.values : &node->as.list;
        const struct jr_core *misfit = NULL;
        for (uint32_t i = 0; (is_record || is_tuple) && misfit == NULL && i < parts->count; i++) {
            uint32_t at = is_record ? jr_ty_find_field(wanted, node->as.record.keys[i]) : i;
            if (at == wanted->count || jr_infer_fits(in->types, parts->items[i]->ty, wanted->items[at]))
                continue;
            misfit = parts->items[i];
            *want = wanted->items[at];
        }
        if (misfit == NULL)
            return node;
        node = misfit;
    }
}

struct jr_core *jr_infer_coerce(struct jr_infer *in, struct jr_core *node, struct jr_ty *want,
                                struct jr_reason reason)
{
    bool narrows = false;
    in->types->place = node->span;
    struct jr_ty_clash clash = fit(in, node->ty, want, &narrows);
    if (clash.kind != JR_TY_AGREE) {
        bool in_parts = clash.kind != JR_TY_CIRCULAR && jr_ty_resolve(clash.left) != jr_ty_resolve(node->ty);
        const struct jr_core *part = in_parts ? narrow(in, node, &want) : jr_infer_result(node);
        jr_infer_report_clash(in, &clash, part->span, part->ty, want, reason);
        return jr_infer_error_node(in, node->span);
    }
    if (!narrows)
        return node;
    struct jr_core *coerced = jr_infer_node(in, JR_CORE_COERCE, node->span, want);
    coerced->as.coerce = node;
    jr_infer_absorb(coerced, node);
    return coerced;
}
