/* infer_union.c -- unions of types: sums by structure, whose variants are their members.
 *
 * One object for each set of members, so that two unions are the same type if they are the same object.  A value becomes a union
 * by conversion, as the first member that it fits. */
#include "frontend/mimium/infer_internal.h"

#include <string.h>

struct jr_ty *jr_infer_primitive(struct jr_infer *in, enum jr_mm_primitive primitive)
{
    switch (primitive) {
    case JR_MM_FLOAT:
        return &in->types->float_;
    case JR_MM_INT:
        return &in->types->int_;
    case JR_MM_STRING:
        return &in->types->string;
    }
    return &in->types->error;
}

/* ---- members ---- */

/* Whether a value of type `have` may be given where `want` is: width may lose fields unless `exact`. */
static bool fits(struct jr_types *types, struct jr_ty *have, struct jr_ty *want, bool exact);

static bool items_fit(struct jr_types *types, const struct jr_ty *have, const struct jr_ty *want, bool exact)
{
    for (uint32_t i = 0; i < want->count; i++) {
        uint32_t at = want->kind == JR_TY_RECORD ? jr_ty_find_field(have, want->keys[i]) : i;
        if (at >= have->count || !fits(types, have->items[at], want->items[i], exact))
            return false;
    }
    return true;
}

static bool fits(struct jr_types *types, struct jr_ty *have, struct jr_ty *want, bool exact)
{
    have = jr_ty_resolve(have);
    want = jr_ty_resolve(want);
    if (have == want || have->kind == JR_TY_ERROR || want->kind == JR_TY_ERROR)
        return true;
    if (have->kind == JR_TY_VARIABLE && !have->rigid)
        return have->count == 0 || (want->kind == JR_TY_RECORD && have->count <= want->count);
    if (want->kind == JR_TY_SUM && want->sum->is_union)
        return !exact && jr_infer_union_variant(types, want->sum, have) < want->sum->count;
    if (have->kind != want->kind)
        return false;
    switch (have->kind) {
    case JR_TY_TUPLE:
        return have->count == want->count && items_fit(types, have, want, exact);
    case JR_TY_RECORD:
        return (exact ? have->count == want->count : have->count >= want->count) && items_fit(types, have, want, exact);
    case JR_TY_ARRAY:
    case JR_TY_CODE:
        return fits(types, have->result, want->result, true);
    case JR_TY_FUNCTION:
        return fits(types, have->param, want->param, true) && fits(types, have->result, want->result, true);
    case JR_TY_FLOAT:
    case JR_TY_INT:
    case JR_TY_STRING:
    case JR_TY_UNIT:
        return true;
    case JR_TY_SUM: /* two objects */
    case JR_TY_VARIABLE:
    case JR_TY_ERROR:
    case JR_TY_BOX:
        break;
    }
    return false;
}

bool jr_infer_fits(struct jr_types *types, struct jr_ty *have, struct jr_ty *want)
{
    return fits(types, have, want, false);
}

uint32_t jr_infer_union_variant(struct jr_types *types, const struct jr_ty_sum *sum, struct jr_ty *have)
{
    for (int exact = 1; exact >= 0; exact--)
        for (uint32_t i = 0; i < sum->count; i++)
            if (fits(types, have, sum->variants[i].payload, exact != 0))
                return i;
    return sum->count;
}

bool jr_infer_is_union(struct jr_ty *ty)
{
    if (ty == NULL)
        return false;
    ty = jr_ty_resolve(ty);
    return ty->kind == JR_TY_SUM && ty->sum->is_union;
}

/* ---- unions as written ---- */

struct members {
    struct jr_ty **items;
    uint32_t count, capacity;
};

static void add_member(struct jr_infer *in, struct members *members, struct jr_ty *ty)
{
    ty = jr_ty_resolve(ty);
    if (jr_infer_is_union(ty)) {
        for (uint32_t i = 0; i < ty->sum->count; i++)
            add_member(in, members, ty->sum->variants[i].payload);
        return;
    }
    for (uint32_t i = 0; i < members->count; i++)
        if (fits(in->types, ty, members->items[i], true))
            return;
    JR_UNIT_PUSH(in->unit, members, ty);
}

static bool has_member(struct jr_infer *in, const struct jr_ty_sum *sum, struct jr_ty *ty)
{
    for (uint32_t i = 0; i < sum->count; i++)
        if (fits(in->types, ty, sum->variants[i].payload, true))
            return true;
    return false;
}

static struct jr_ty_sum *find_union(struct jr_infer *in, const struct members *members)
{
    for (uint32_t i = 0; i < in->unions.count; i++) {
        struct jr_ty_sum *sum = in->unions.items[i];
        uint32_t shared = 0;
        while (sum->count == members->count && shared < members->count &&
               has_member(in, sum, members->items[shared]))
            shared++;
        if (shared == members->count)
            return sum;
    }
    return NULL;
}

static const char *member_name(struct jr_infer *in, struct jr_ty *ty)
{
    const char *text = jr_ty_source_text(in->types, ty);
    return ty->kind == JR_TY_FUNCTION ? jr_unit_format(in->unit, "(%s)", text) : text;
}

struct jr_ty *jr_infer_union(struct jr_infer *in, const struct jr_mm_type *type)
{
    struct members members = { 0 };
    for (uint32_t i = 0; i < type->as.variants.count; i++) {
        const struct jr_mm_type *written = type->as.variants.items[i];
        struct jr_ty *member = jr_infer_type(in, written);
        if (member->kind == JR_TY_ERROR)
            return member;
        if (jr_ty_is_open(in->types, member)) {
            jr_diags_error(in->unit->diags, JR_CATEGORY_NAME, written->node.span,
                           "a union has no type parameters");
            return &in->types->error;
        }
        add_member(in, &members, member);
    }
    if (members.count == 1) /* a union of one type is that type */
        return members.items[0];
    struct jr_ty_sum *sum = find_union(in, &members);
    if (sum != NULL)
        return sum->ty;
    sum = JR_UNIT_NEW(in->unit, struct jr_ty_sum);
    sum->is_union = true;
    sum->span = type->node.span;
    sum->variants = JR_UNIT_ARRAY(in->unit, struct jr_ty_variant, members.count);
    for (int primitives = 1; primitives >= 0; primitives--) /* these come first: only they have patterns */
        for (uint32_t i = 0; i < members.count; i++) {
            struct jr_ty *member = members.items[i];
            bool is_primitive =
                member->kind == JR_TY_FLOAT || member->kind == JR_TY_INT || member->kind == JR_TY_STRING;
            if (is_primitive != (primitives != 0))
                continue;
            struct jr_ty_variant *variant = &sum->variants[sum->count];
            variant->name = member_name(in, member);
            variant->span = type->node.span;
            variant->payload = member;
            sum->name = sum->count == 0 ? variant->name
                                        : jr_unit_format(in->unit, "%s|%s", sum->name, variant->name);
            sum->count++;
        }
    JR_UNIT_PUSH(in->unit, &in->unions, sum);
    return jr_ty_sum(in->types, sum);
}
