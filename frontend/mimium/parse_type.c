/* parse_type.c -- types as written in annotations and declarations. */
#include "frontend/mimium/parser.h"

static struct jr_mm_type *parse_primary(struct jr_mm_parser *p, bool bar_ends);

static struct jr_mm_type *error_type(struct jr_mm_parser *p)
{
    return jr_mm_make_type(p, JR_MM_TYPE_ERROR, jr_mm_here(p));
}

static void raise_over(struct jr_mm_type *type, struct jr_mm_types items)
{
    for (uint32_t i = 0; i < items.count; i++)
        jr_mm_raise(&type->node, &items.items[i]->node);
}

/* The result of a function type whose parameters are read; the current token is the arrow. */
static struct jr_mm_type *parse_arrow(struct jr_mm_parser *p, struct jr_mm_types params, uint32_t start,
                                      bool bar_ends)
{
    jr_mm_advance(p);
    struct jr_mm_type *result = jr_mm_parse_type(p, bar_ends);
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_FUNCTION, jr_mm_since(p, start));
    type->as.function.params = params;
    type->as.function.result = result;
    raise_over(type, params);
    jr_mm_raise(&type->node, &result->node);
    return type;
}

/* () (a) (a, b) (a, b) -> c */
static struct jr_mm_type *parse_parens(struct jr_mm_parser *p, bool bar_ends)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_types items;
    bool comma = false;
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_PAREN)) {
        struct jr_mm_type *item = jr_mm_parse_type(p, false);
        jr_mm_list_add(p, &item, sizeof item);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_PAREN, open))
            break;
        comma = true;
    }
    items.items = jr_mm_list_end(p, base, sizeof *items.items, &items.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    if (jr_mm_at(p, JR_MM_TOKEN_ARROW))
        return parse_arrow(p, items, open.start, bar_ends);
    if (items.count == 1 && !comma)
        return items.items[0];
    struct jr_mm_type *type =
        jr_mm_make_type(p, items.count == 0 ? JR_MM_TYPE_UNIT : JR_MM_TYPE_TUPLE, jr_mm_since(p, open.start));
    type->as.tuple = items;
    raise_over(type, items);
    return type;
}

/* {name: type, ...} */
static struct jr_mm_type *parse_record(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_RECORD, open);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_BRACE)) {
        struct jr_mm_type_field field;
        field.name = jr_mm_expect_name(p, "the name of a field");
        if (jr_mm_at(p, JR_MM_TOKEN_EQUAL)) {
            jr_mm_complain(p, jr_mm_here(p),
                           "expected `:`, found `=`: a record type is written {name: type}");
            jr_mm_advance(p);
        } else {
            jr_mm_expect(p, JR_MM_TOKEN_COLON);
        }
        field.type = jr_mm_parse_type(p, false);
        jr_mm_raise(&type->node, &field.type->node);
        jr_mm_list_add(p, &field, sizeof field);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_BRACE, open))
            break;
    }
    type->as.record.items = jr_mm_list_end(p, base, sizeof *type->as.record.items, &type->as.record.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
    type->node.span = jr_mm_since(p, open.start);
    return type;
}

static struct jr_mm_type *parse_array(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    jr_mm_advance(p);
    struct jr_mm_type *item = jr_mm_parse_type(p, false);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACKET, open);
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_ARRAY, jr_mm_since(p, open.start));
    type->as.array = item;
    jr_mm_raise(&type->node, &item->node);
    return type;
}

/* `type, which takes as much as it can */
static struct jr_mm_type *parse_code(struct jr_mm_parser *p, bool bar_ends)
{
    uint32_t start = jr_mm_start(p);
    jr_mm_advance(p);
    struct jr_mm_type *value = jr_mm_parse_type(p, bar_ends);
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_CODE, jr_mm_since(p, start));
    type->as.code = value;
    jr_mm_raise(&type->node, &value->node);
    return type;
}

static struct jr_mm_type *parse_primitive(struct jr_mm_parser *p, enum jr_mm_primitive primitive)
{
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_PRIMITIVE, jr_mm_here(p));
    type->as.primitive = primitive;
    jr_mm_advance(p);
    return type;
}

static struct jr_mm_type *parse_named(struct jr_mm_parser *p)
{
    struct jr_mm_path path = jr_mm_parse_path(p);
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_NAMED, path.span);
    type->as.named = path;
    return type;
}

static struct jr_mm_type *parse_primary(struct jr_mm_parser *p, bool bar_ends)
{
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_FLOAT:
        return parse_primitive(p, JR_MM_FLOAT);
    case JR_MM_TOKEN_INT:
        return parse_primitive(p, JR_MM_INT);
    case JR_MM_TOKEN_STRING:
        return parse_primitive(p, JR_MM_STRING);
    case JR_MM_TOKEN_IDENTIFIER:
        return parse_named(p);
    case JR_MM_TOKEN_LEFT_PAREN:
        return parse_parens(p, bar_ends);
    case JR_MM_TOKEN_LEFT_BRACE:
        return parse_record(p);
    case JR_MM_TOKEN_LEFT_BRACKET:
        return parse_array(p);
    case JR_MM_TOKEN_BACKQUOTE:
        return parse_code(p, bar_ends);
    case JR_MM_TOKEN_ERROR: { /* reported; stands for a type */
        struct jr_mm_type *type = error_type(p);
        jr_mm_advance(p);
        return type;
    }
    default:
        jr_mm_expected(p, "a type");
        return error_type(p);
    }
}

/* a | b | c, of which the first is read */
static struct jr_mm_type *parse_union(struct jr_mm_parser *p, struct jr_mm_type *first, uint32_t start)
{
    struct jr_mm_types items;
    size_t base = jr_mm_list_begin(p);
    jr_mm_list_add(p, &first, sizeof first);
    while (jr_mm_take(p, JR_MM_TOKEN_BAR)) {
        uint32_t item_start = jr_mm_start(p);
        struct jr_mm_type *item = parse_primary(p, false);
        if (item->kind == JR_MM_TYPE_FUNCTION && item->node.span.start == item_start)
            jr_mm_complain(p, item->node.span, "a function type in a union needs parentheses around it");
        jr_mm_list_add(p, &item, sizeof item);
    }
    items.items = jr_mm_list_end(p, base, sizeof *items.items, &items.count);
    struct jr_mm_type *type = jr_mm_make_type(p, JR_MM_TYPE_UNION, jr_mm_since(p, start));
    type->as.variants = items;
    raise_over(type, items);
    return type;
}

struct jr_mm_type *jr_mm_parse_type(struct jr_mm_parser *p, bool bar_ends)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_type *type = error_type(p);
    if (jr_mm_enter(p)) {
        type = parse_primary(p, bar_ends);
        /* A function type reaches as far as its result; in parentheses it starts behind `start`. */
        bool is_function = type->kind == JR_MM_TYPE_FUNCTION && type->node.span.start == start;
        if (!is_function && !bar_ends && jr_mm_at(p, JR_MM_TOKEN_BAR))
            type = parse_union(p, type, start);
        if (!is_function && jr_mm_at(p, JR_MM_TOKEN_ARROW) && type->kind != JR_MM_TYPE_ERROR) {
            struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "unexpected `->`");
            jr_mm_note(p, diag, "the parameters of a function type are in parentheses: (float) -> float");
            struct jr_mm_types params = { NULL, 0 };
            type = parse_arrow(p, params, start, bar_ends);
            type->kind = JR_MM_TYPE_ERROR;
        }
    }
    jr_mm_leave(p);
    jr_mm_settle(p, &type->node);
    return type;
}
