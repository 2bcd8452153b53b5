/* infer_spread.c -- tuples where numbers are meant: arithmetic and calls, leaf by leaf.
 *
 * The operands are bound to variables first, so they are evaluated once and in order; what follows only takes them apart. */
#include "frontend/mimium/infer_internal.h"

/* Per level; the language says so.  The other limits keep programs that double a tuple again and again from filling the memory. */
enum { ELEMENTS_MAX = 16, LEAVES_MAX = 16384, LEVELS_MAX = 400 };

/* A tuple, number or part of one that may be mentioned any number of times. */
struct part {
    struct jr_core *node;
    const struct jr_core *written; /* what the program has in its place: for messages */
};

struct spread {
    struct jr_infer *in;
    struct jr_span span, op_span;
    struct jr_reason reason; /* of wanting a number */
    uint32_t leaves, levels;
    const struct jr_builtin *builtin; /* arithmetic */
    struct jr_infer_leaf leaf;        /* calls */
};

static bool is_tuple(const struct jr_core *node)
{
    return jr_ty_resolve(node->ty)->kind == JR_TY_TUPLE;
}

static struct part hold(struct jr_infer *in, struct jr_core_prelude *prelude, struct jr_core *node)
{
    struct part part = { node, node };
    if (node->kind != JR_CORE_NUMBER)
        part.node = jr_infer_variable(in, jr_infer_prelude_let(in, prelude, node), node->span);
    return part;
}

static struct part item(struct jr_infer *in, struct part tuple, uint32_t index)
{
    struct part part = { NULL, tuple.written };
    if (tuple.written->kind == JR_CORE_TUPLE)
        part.written = tuple.written->as.list.items[index];
    part.node = jr_infer_node(in, JR_CORE_PROJECT, part.written->span,
                              jr_ty_resolve(tuple.node->ty)->items[index]);
    part.node->as.project.object = tuple.node;
    part.node->as.project.index = index;
    return part;
}

static uint32_t element_count(struct part tuple)
{
    return jr_ty_resolve(tuple.node->ty)->count;
}

static void enter(struct spread *spread)
{
    if (++spread->levels > LEVELS_MAX)
        jr_unit_leave_limit(spread->in->unit, spread->span, "tuples here are nested more than %d levels deep",
                            LEVELS_MAX);
}

static void count_leaf(struct spread *spread)
{
    if (++spread->leaves > LEAVES_MAX)
        jr_unit_leave_limit(spread->in->unit, spread->span, "the tuples here have more than %d numbers",
                            LEAVES_MAX);
}

static struct jr_core *number_of(struct spread *spread, struct part part)
{
    return jr_infer_coerce(spread->in, part.node, &spread->in->types->float_, spread->reason);
}

static bool short_enough(struct spread *spread, uint32_t count)
{
    if (count <= ELEMENTS_MAX)
        return true;
    struct jr_diag *diag =
        jr_diags_error(spread->in->unit->diags, JR_CATEGORY_MISMATCH, spread->op_span,
                       "a tuple of %u elements is too long to be taken element by element", count);
    jr_diag_note(spread->in->unit->diags, diag, "at most %d elements are, at each level", ELEMENTS_MAX);
    return false;
}

static struct jr_core *tuple_of(struct spread *spread, struct jr_core **items, uint32_t count)
{
    struct jr_infer *in = spread->in;
    struct jr_core *node = jr_infer_node(in, JR_CORE_TUPLE, spread->span, NULL);
    struct jr_ty **types = JR_UNIT_ARRAY(in->unit, struct jr_ty *, count);
    for (uint32_t i = 0; i < count; i++) {
        types[i] = items[i]->ty;
        jr_infer_absorb(node, items[i]);
    }
    node->as.list = (struct jr_core_list){ items, count };
    node->ty = jr_ty_tuple(in->types, types, count);
    return node;
}

/* ---- arithmetic ---- */

static struct jr_core *report_shapes(struct spread *spread, struct part left, struct part right)
{
    struct jr_infer *in = spread->in;
    struct jr_diags *diags = in->unit->diags;
    struct jr_diag *diag =
        jr_diags_error(diags, JR_CATEGORY_MISMATCH, spread->op_span,
                       "a tuple of %u elements does not go with one of %u", element_count(left),
                       element_count(right));
    jr_diag_label(diags, diag, left.written->span, "this is %s", jr_ty_text(in->types, left.node->ty));
    jr_diag_label(diags, diag, right.written->span, "this is %s", jr_ty_text(in->types, right.node->ty));
    return jr_infer_error_node(in, spread->span);
}

static struct jr_core *combine(struct spread *spread, struct part left, struct part right)
{
    struct jr_infer *in = spread->in;
    bool left_tuple = is_tuple(left.node), right_tuple = is_tuple(right.node);
    if (!left_tuple && !right_tuple) {
        struct jr_core **args = JR_UNIT_ARRAY(in->unit, struct jr_core *, 2);
        count_leaf(spread);
        args[0] = number_of(spread, left);
        args[1] = number_of(spread, right);
        return jr_infer_op(in, spread->span, spread->builtin, args, 2, &in->types->float_);
    }
    uint32_t count = element_count(left_tuple ? left : right);
    if (left_tuple && right_tuple && element_count(right) != count)
        return report_shapes(spread, left, right);
    if (!short_enough(spread, count))
        return jr_infer_error_node(in, spread->span);
    enter(spread);
    if (!left_tuple) /* once, not for each element */
        left.node = number_of(spread, left);
    if (!right_tuple)
        right.node = number_of(spread, right);
    struct jr_core **items = JR_UNIT_ARRAY(in->unit, struct jr_core *, count);
    for (uint32_t i = 0; i < count; i++)
        items[i] = combine(spread, left_tuple ? item(in, left, i) : left,
                           right_tuple ? item(in, right, i) : right);
    spread->levels--;
    return tuple_of(spread, items, count);
}

bool jr_infer_is_arithmetic(const struct jr_builtin *builtin)
{
    return builtin == jr_builtin_at(JR_BUILTIN_INDEX_ADD) || builtin == jr_builtin_at(JR_BUILTIN_INDEX_SUB) ||
           builtin == jr_builtin_at(JR_BUILTIN_INDEX_MULT) || builtin == jr_builtin_at(JR_BUILTIN_INDEX_DIV);
}

struct jr_core *jr_infer_arithmetic(struct jr_infer *in, struct jr_span span, struct jr_span op_span,
                                    const struct jr_builtin *builtin, struct jr_core *left,
                                    struct jr_core *right, struct jr_reason reason)
{
    struct jr_core_prelude prelude = { 0 };
    struct spread spread = {
        .in = in, .span = span, .op_span = op_span, .reason = reason, .builtin = builtin
    };
    struct part left_part = hold(in, &prelude, left);
    struct jr_core *node = combine(&spread, left_part, hold(in, &prelude, right));
    return jr_infer_with_prelude(in, &prelude, node);
}

/* ---- calls ---- */

static struct jr_core *map(struct spread *spread, struct part part)
{
    struct jr_infer *in = spread->in;
    if (!is_tuple(part.node)) {
        count_leaf(spread);
        return spread->leaf.make(in, number_of(spread, part), spread->leaf.context);
    }
    uint32_t count = element_count(part);
    if (!short_enough(spread, count))
        return jr_infer_error_node(in, spread->span);
    enter(spread);
    struct jr_core **items = JR_UNIT_ARRAY(in->unit, struct jr_core *, count);
    for (uint32_t i = 0; i < count; i++)
        items[i] = map(spread, item(in, part, i));
    spread->levels--;
    return tuple_of(spread, items, count);
}

struct jr_core *jr_infer_map(struct jr_infer *in, struct jr_span span, struct jr_core *arg,
                             struct jr_core_prelude *prelude, struct jr_infer_leaf leaf)
{
    struct spread spread = {
        .in = in,
        .span = span,
        .op_span = span,
        .reason = jr_reason(span, "the function takes each number of a tuple by itself"),
        .leaf = leaf
    };
    return map(&spread, hold(in, prelude, arg));
}
