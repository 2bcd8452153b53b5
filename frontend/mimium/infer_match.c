/* infer_match.c -- match: the patterns of its arms, and whether they cover every value. */
#include "frontend/mimium/infer_internal.h"
#include "frontend/mimium/similar.h"

static struct jr_core_pattern *infer_arm_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                                 struct jr_ty *ty);

static struct jr_core_pattern *wildcard(struct jr_infer *in, struct jr_ty *ty)
{
    return jr_infer_pattern_node(in, JR_CORE_PATTERN_NONE, ty, 0);
}

/* ---- patterns ---- */

static struct jr_core_pattern *binder(struct jr_infer *in, jr_symbol name, struct jr_span span,
                                      struct jr_ty *ty)
{
    enum jr_binding_kind kind = jr_infer_is_error(ty) ? JR_BINDING_ERROR : JR_BINDING_LOCAL;
    struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_NAME, ty, 0);
    node->binding = jr_infer_binding(in, kind, name, span, ty);
    jr_infer_show(in, node->binding);
    return node;
}

/* What is matched here must be `want`; false after reporting. */
static bool agrees(struct jr_infer *in, struct jr_span span, struct jr_ty *ty, struct jr_ty *want)
{
    struct jr_ty_clash clash = jr_ty_unify(in->types, want, ty);
    jr_infer_report_clash(in, &clash, span, want, ty, jr_reason(in->subject, "this is matched"));
    return clash.kind == JR_TY_AGREE;
}

static struct jr_core_pattern *infer_tuple_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                                   struct jr_ty *ty)
{
    uint32_t count = pattern->as.tuple.count;
    if (count == 1)
        return infer_arm_pattern(in, pattern->as.tuple.items[0], ty);
    struct jr_ty *found = jr_ty_resolve(ty);
    if (found->kind == JR_TY_TUPLE && found->count != count) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_LENGTH, pattern->node.span,
                                              "the pattern has %u elements, the tuple has %u", count, found->count);
        jr_diag_label(in->unit->diags, diag, in->subject, "this is matched");
        found = &in->types->error;
    } else if (found->kind != JR_TY_TUPLE && found->kind != JR_TY_ERROR) {
        struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, count);
        for (uint32_t i = 0; i < count; i++)
            items[i] = jr_ty_variable(in->types);
        struct jr_ty *tuple = jr_ty_tuple(in->types, items, count);
        found = agrees(in, pattern->node.span, found, tuple) ? tuple : &in->types->error;
    }
    struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_TUPLE, found, count);
    for (uint32_t i = 0; i < count; i++)
        node->items[i] = infer_arm_pattern(in, pattern->as.tuple.items[i],
                                           found->kind == JR_TY_TUPLE ? found->items[i] : &in->types->error);
    return node;
}

static struct jr_core_pattern *infer_payload(struct jr_infer *in, const struct jr_mm_pattern *payload,
                                             const struct jr_ty_sum *sum, uint32_t index, struct jr_span span)
{
    const struct jr_ty_variant *variant = &sum->variants[index];
    struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_VARIANT, sum->ty, 1);
    struct jr_ty *ty = variant->payload;
    node->variant = index;
    if (payload == NULL) {
        node->items[0] = wildcard(in, ty);
        return node;
    }
    if (jr_ty_resolve(ty)->kind == JR_TY_UNIT) {
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_MISMATCH, span, "`%s` has no payload",
                                              variant->name);
        jr_diag_label(in->unit->diags, diag, variant->span, "it is declared here");
        ty = &in->types->error;
    }
    node->items[0] = infer_arm_pattern(in, payload, ty);
    return node;
}

static struct jr_core_pattern *not_a_member(struct jr_infer *in, const struct jr_mm_pattern *payload,
                                            struct jr_span span, const char *name, struct jr_ty *ty)
{
    if (ty->kind != JR_TY_ERROR) {
        struct jr_similar similar = jr_similar_start(name);
        struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_CTOR, span,
                                              "`%s` is not a constructor of %s", name, jr_ty_text(in->types, ty));
        jr_diag_label(in->unit->diags, diag, in->subject, "this is matched");
        for (uint32_t i = 0; ty->kind == JR_TY_SUM && i < ty->sum->count; i++)
            jr_similar_consider(&similar, ty->sum->variants[i].name);
        if (similar.best != NULL)
            jr_diag_note(in->unit->diags, diag, "did you mean `%s`?", similar.best);
    }
    if (payload != NULL)
        infer_arm_pattern(in, payload, &in->types->error);
    return wildcard(in, ty);
}

static struct jr_core_pattern *infer_primitive_pattern(struct jr_infer *in,
                                                       const struct jr_mm_pattern *pattern, struct jr_ty *ty)
{
    static const char *const names[] = { "float", "int", "string" };
    const struct jr_mm_pattern *payload = pattern->as.primitive.payload;
    struct jr_ty *member = jr_infer_primitive(in, pattern->as.primitive.primitive);
    ty = jr_ty_resolve(ty);
    if (ty->kind == JR_TY_SUM && ty->sum->is_union) {
        uint32_t index = jr_infer_union_variant(in->types, ty->sum, member);
        if (index < ty->sum->count)
            return infer_payload(in, payload, ty->sum, index, pattern->node.span);
    }
    return not_a_member(in, payload, pattern->node.span, names[pattern->as.primitive.primitive], ty);
}

static struct jr_core_pattern *infer_constructor_pattern(struct jr_infer *in,
                                                         const struct jr_mm_pattern *pattern,
                                                         struct jr_ty *ty)
{
    const struct jr_mm_path *path = &pattern->as.constructor.path;
    const struct jr_mm_pattern *payload = pattern->as.constructor.payload;
    const struct jr_constructor *constructor = jr_infer_find_constructor(in, path);
    const char *name = jr_unit_text(in->unit, path->names[0].symbol);
    ty = jr_ty_resolve(ty);
    if (constructor != NULL && ty->kind == JR_TY_VARIABLE && agrees(in, pattern->node.span, ty, constructor->sum->ty))
        ty = constructor->sum->ty;
    if (constructor != NULL && ty->kind == JR_TY_SUM && ty->sum == constructor->sum)
        return infer_payload(in, payload, ty->sum, constructor->variant, pattern->node.span);
    if (path->names[0].symbol == JR_SYMBOL_NONE) /* reported */
        ty = &in->types->error;
    return not_a_member(in, payload, pattern->node.span, name, ty);
}

static struct jr_core_pattern *infer_number_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                                    struct jr_ty *ty)
{
    double value = pattern->as.number.value;
    if (!agrees(in, pattern->node.span, ty, &in->types->float_))
        return wildcard(in, ty);
    struct jr_core_pattern *node = jr_infer_pattern_node(in, JR_CORE_PATTERN_NUMBER, &in->types->float_, 0);
    node->number = value < 9223372036854775808.0 ? (int64_t)value : INT64_MAX; /* as f64.to.i64 does */
    return node;
}

static struct jr_core_pattern *infer_arm_pattern(struct jr_infer *in, const struct jr_mm_pattern *pattern,
                                                 struct jr_ty *ty)
{
    in->types->place = pattern->node.span;
    switch (pattern->kind) {
    case JR_MM_PATTERN_NAME:
        return binder(in, pattern->as.name, pattern->node.span, ty);
    case JR_MM_PATTERN_TUPLE:
        return infer_tuple_pattern(in, pattern, ty);
    case JR_MM_PATTERN_NUMBER:
        return infer_number_pattern(in, pattern, ty);
    case JR_MM_PATTERN_CONSTRUCTOR:
        return infer_constructor_pattern(in, pattern, ty);
    case JR_MM_PATTERN_PRIMITIVE:
        return infer_primitive_pattern(in, pattern, ty);
    case JR_MM_PATTERN_ERROR:
    case JR_MM_PATTERN_WILDCARD:
    case JR_MM_PATTERN_RECORD: /* of let only */
        break;
    }
    return wildcard(in, ty);
}

/* ---- exhaustiveness ---- */

/* Rows of patterns for values of `columns` types; a NULL pattern is a wildcard. */
struct matrix {
    struct jr_ty **types;
    uint32_t columns, rows;
    const struct jr_core_pattern **cells; /* row by row */
};

struct cover {
    struct jr_infer *in;
    struct jr_span span;
    uint32_t steps;
};

/* A match that needs more steps than this has been made to. */
enum { COVER_STEPS_MAX = 100000 };

static const struct jr_core_pattern *cell(const struct matrix *m, uint32_t row, uint32_t column)
{
    const struct jr_core_pattern *pattern = m->cells[(size_t)row * m->columns + column];
    bool any = pattern == NULL || pattern->kind == JR_CORE_PATTERN_NONE || pattern->kind == JR_CORE_PATTERN_NAME;
    return any ? NULL : pattern;
}

/* Replaces the first column by `types`: rows where it is `variant` (JR_NONE: of a tuple) or anything. */
static struct matrix specialise(struct cover *cover, const struct matrix *m, struct jr_ty *const *types,
                                uint32_t count, bool literals, uint32_t variant)
{
    struct jr_unit *unit = cover->in->unit;
    struct matrix out = { .columns = m->columns - 1 + count };
    if (++cover->steps > COVER_STEPS_MAX)
        jr_unit_leave_limit(unit, cover->span, "the patterns of this match are too many to be checked");
    out.types = JR_UNIT_ARRAY(unit, struct jr_ty *, out.columns);
    out.cells = JR_UNIT_ARRAY(unit, const struct jr_core_pattern *, (size_t)out.columns * m->rows);
    for (uint32_t i = 0; i < out.columns; i++)
        out.types[i] = i < count ? types[i] : m->types[i - count + 1];
    for (uint32_t r = 0; r < m->rows; r++) {
        const struct jr_core_pattern *first = cell(m, r, 0);
        if (first != NULL && (literals || (first->kind == JR_CORE_PATTERN_VARIANT && first->variant != variant)))
            continue;
        const struct jr_core_pattern **row = out.cells + (size_t)out.columns * out.rows++;
        for (uint32_t i = 0; i < count && first != NULL && i < first->count; i++)
            row[i] = first->items[i];
        for (uint32_t i = count; i < out.columns; i++)
            row[i] = m->cells[(size_t)r * m->columns + i - count + 1];
    }
    return out;
}

/* Whether some value matches no row; then `example` (room for the columns) describes one. */
static bool uncovered(struct cover *cover, const struct matrix *m, const char **example)
{
    struct jr_unit *unit = cover->in->unit;
    if (m->rows == 0 || m->columns == 0) {
        for (uint32_t i = 0; i < m->columns; i++)
            example[i] = "_";
        return m->rows == 0;
    }
    struct jr_ty *ty = jr_ty_resolve(m->types[0]);
    bool special = false;
    if (ty->kind == JR_TY_ERROR) /* reported elsewhere */
        return false;
    for (uint32_t r = 0; r < m->rows; r++)
        special |= cell(m, r, 0) != NULL;
    if (!special || (ty->kind != JR_TY_TUPLE && ty->kind != JR_TY_SUM)) { /* numbers never cover all */
        struct matrix rest = specialise(cover, m, NULL, 0, true, 0);
        example[0] = "_";
        return uncovered(cover, &rest, example + 1);
    }
    if (ty->kind == JR_TY_TUPLE) {
        struct matrix parts = specialise(cover, m, ty->items, ty->count, false, 0);
        const char **texts = JR_UNIT_ARRAY(unit, const char *, parts.columns);
        if (!uncovered(cover, &parts, texts))
            return false;
        const char *text = texts[0];
        for (uint32_t i = 1; i < ty->count; i++)
            text = jr_unit_format(unit, "%s, %s", text, texts[i]);
        example[0] = jr_unit_format(unit, "(%s)", text);
        for (uint32_t i = 1; i < m->columns; i++)
            example[i] = texts[ty->count - 1 + i];
        return true;
    }
    for (uint32_t v = 0; v < ty->sum->count; v++) {
        const struct jr_ty_variant *variant = &ty->sum->variants[v];
        struct matrix payload = specialise(cover, m, &ty->sum->variants[v].payload, 1, false, v);
        const char **texts = JR_UNIT_ARRAY(unit, const char *, payload.columns);
        if (!uncovered(cover, &payload, texts))
            continue;
        bool plain = texts[0][0] == '_' && texts[0][1] == '\0';
        example[0] = plain ? variant->name
                           : jr_unit_format(unit, texts[0][0] == '(' ? "%s%s" : "%s(%s)", variant->name, texts[0]);
        for (uint32_t i = 1; i < m->columns; i++)
            example[i] = texts[i];
        return true;
    }
    return false;
}

/* The constructors that no arm takes, or an example. */
static void check_cover(struct jr_infer *in, const struct jr_core *node, struct jr_span span)
{
    struct cover cover = { in, span, 0 };
    struct jr_ty *ty = jr_ty_resolve(node->as.match.subject->ty);
    struct matrix m = { &ty, 1, node->as.match.bodies.count, NULL };
    const char *missing = NULL, *example;
    m.cells = JR_UNIT_ARRAY(in->unit, const struct jr_core_pattern *, m.rows);
    for (uint32_t i = 0; i < m.rows; i++)
        m.cells[i] = node->as.match.patterns[i];
    if (!uncovered(&cover, &m, &example))
        return;
    for (uint32_t v = 0; ty->kind == JR_TY_SUM && v < ty->sum->count; v++) {
        bool taken = false;
        for (uint32_t r = 0; r < m.rows; r++)
            taken |= cell(&m, r, 0) == NULL || cell(&m, r, 0)->variant == v;
        if (!taken)
            missing = missing == NULL ? jr_unit_format(in->unit, "`%s`", ty->sum->variants[v].name)
                                      : jr_unit_format(in->unit, "%s, `%s`", missing, ty->sum->variants[v].name);
    }
    bool any = missing == NULL && example[0] == '_' && example[1] == '\0';
    if (missing == NULL)
        missing = any ? "other values" : jr_unit_format(in->unit, "`%s`", example);
    struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_EXHAUST, span,
                                          "this match is not exhaustive: no arm takes %s", missing);
    jr_diag_label(in->unit->diags, diag, node->as.match.subject->span, "this is %s", jr_ty_text(in->types, ty));
    const struct jr_ty_variant *last = ty->kind == JR_TY_SUM ? &ty->sum->variants[ty->sum->count - 1] : NULL;
    if (jr_infer_is_union(ty) && last->payload != &in->types->float_ && last->payload != &in->types->int_ &&
        last->payload != &in->types->string) /* members without a pattern come last */
        jr_diag_note(in->unit->diags, diag, "of the members, float, int and string have patterns; `_` takes the others");
    if (any)
        jr_diag_note(in->unit->diags, diag, "end it with an arm `_ => ...`");
}

/* ---- match ---- */

struct jr_core *jr_infer_match(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected)
{
    uint32_t count = expr->as.match.arm_count;
    struct jr_span word = { expr->node.span.file, expr->node.span.start, expr->node.span.start + 5 };
    size_t errors = jr_diags_error_count(in->unit->diags);
    struct jr_core *subject = jr_infer_expr(in, expr->as.match.subject, NULL);
    struct jr_core *node = jr_infer_node(in, JR_CORE_MATCH, expr->node.span, &in->types->error);
    struct jr_core **bodies = JR_UNIT_ARRAY(in->unit, struct jr_core *, count);
    node->as.match.subject = subject;
    node->as.match.patterns = JR_UNIT_ARRAY(in->unit, struct jr_core_pattern *, count);
    node->as.match.bodies = (struct jr_core_list){ bodies, count };
    jr_infer_absorb(node, subject);
    in->block_depth++;
    const struct jr_core *first = NULL;
    for (uint32_t i = 0; i < count; i++) {
        in->subject = subject->span;
        node->as.match.patterns[i] = infer_arm_pattern(in, expr->as.match.arms[i].pattern, subject->ty);
        bodies[i] = jr_infer_expr(in, expr->as.match.arms[i].body, expected);
        if (first == NULL && jr_infer_is_union(expected)) /* each arm may give another member */
            bodies[i] = jr_infer_coerce(in, bodies[i], expected, jr_reason_none());
        if (first == NULL && !jr_infer_is_error(bodies[i]->ty)) {
            first = bodies[i];
            node->ty = first->ty;
        } else if (first != NULL) {
            bodies[i] = jr_infer_coerce(in, bodies[i], node->ty,
                                        jr_reason(jr_infer_result(first)->span, "the arms give the same type"));
        }
        jr_infer_absorb(node, bodies[i]);
    }
    in->block_depth--;
    if (jr_diags_error_count(in->unit->diags) == errors)
        check_cover(in, node, word);
    return node;
}
