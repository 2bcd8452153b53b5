/* parse_pattern.c -- patterns of let and of match arms, and parameters. */
#include "frontend/mimium/parser.h"

typedef struct jr_mm_pattern *parse_item_fn(struct jr_mm_parser *p);

static struct jr_mm_pattern *parse_payload_item(struct jr_mm_parser *p);

static struct jr_mm_pattern *error_pattern(struct jr_mm_parser *p)
{
    return jr_mm_make_pattern(p, JR_MM_PATTERN_ERROR, jr_mm_here(p));
}

/* A pattern of one token, which is taken. */
static struct jr_mm_pattern *take_as(struct jr_mm_parser *p, enum jr_mm_pattern_kind kind)
{
    struct jr_mm_pattern *pattern = jr_mm_make_pattern(p, kind, jr_mm_here(p));
    jr_mm_advance(p);
    return pattern;
}

/* The items of a parenthesised list, always as a TUPLE. */
static struct jr_mm_pattern *parse_tuple(struct jr_mm_parser *p, parse_item_fn *parse_item)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_pattern *tuple = jr_mm_make_pattern(p, JR_MM_PATTERN_TUPLE, open);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    if (jr_mm_at(p, JR_MM_TOKEN_RIGHT_PAREN))
        jr_mm_complain(p, jr_mm_here(p), "expected a pattern, found `)`: there is no pattern ()");
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_PAREN)) {
        struct jr_mm_pattern *item = parse_item(p);
        jr_mm_raise(&tuple->node, &item->node);
        jr_mm_list_add(p, &item, sizeof item);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_PAREN, open))
            break;
    }
    tuple->as.tuple.items = jr_mm_list_end(p, base, sizeof *tuple->as.tuple.items, &tuple->as.tuple.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    tuple->node.span = jr_mm_since(p, open.start);
    if (tuple->as.tuple.count == 0)
        tuple->kind = JR_MM_PATTERN_ERROR;
    return tuple;
}

static struct jr_mm_pattern *parse_name(struct jr_mm_parser *p)
{
    struct jr_mm_name name = jr_mm_expect_name(p, "a name");
    struct jr_mm_pattern *pattern = jr_mm_make_pattern(p, JR_MM_PATTERN_NAME, name.span);
    pattern->as.name = name.symbol;
    return pattern;
}

/* ---- let ---- */

static struct jr_mm_pattern *parse_record(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_pattern *record = jr_mm_make_pattern(p, JR_MM_PATTERN_RECORD, open);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    if (jr_mm_at(p, JR_MM_TOKEN_RIGHT_BRACE))
        jr_mm_complain(p, jr_mm_here(p), "expected the name of a field, found `}`");
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_BRACE)) {
        struct jr_mm_pattern_field field;
        field.name = jr_mm_expect_name(p, "the name of a field");
        if (!jr_mm_at(p, JR_MM_TOKEN_EQUAL))
            jr_mm_note(p, jr_mm_expected(p, "`=`"), "a record pattern is written {field = name}");
        else
            jr_mm_advance(p);
        field.pattern = jr_mm_parse_let_pattern(p);
        jr_mm_raise(&record->node, &field.pattern->node);
        jr_mm_list_add(p, &field, sizeof field);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_BRACE, open))
            break;
    }
    record->as.record.items =
        jr_mm_list_end(p, base, sizeof *record->as.record.items, &record->as.record.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
    record->node.span = jr_mm_since(p, open.start);
    if (record->as.record.count == 0)
        record->kind = JR_MM_PATTERN_ERROR;
    return record;
}

static struct jr_mm_pattern *let_pattern(struct jr_mm_parser *p)
{
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_IDENTIFIER:
        return parse_name(p);
    case JR_MM_TOKEN_UNDERSCORE:
        return take_as(p, JR_MM_PATTERN_WILDCARD);
    case JR_MM_TOKEN_LEFT_PAREN:
        return parse_tuple(p, jr_mm_parse_let_pattern);
    case JR_MM_TOKEN_LEFT_BRACE:
        return parse_record(p);
    case JR_MM_TOKEN_ERROR:
        return take_as(p, JR_MM_PATTERN_ERROR); /* reported */
    default: {
        struct jr_mm_name name =
            jr_mm_expect_name(p, "a name or a pattern"); /* reports, and takes reserved words */
        return jr_mm_make_pattern(p, JR_MM_PATTERN_ERROR, name.span);
    }
    }
}

struct jr_mm_pattern *jr_mm_parse_let_pattern(struct jr_mm_parser *p)
{
    struct jr_mm_pattern *pattern = jr_mm_enter(p) ? let_pattern(p) : error_pattern(p);
    jr_mm_leave(p);
    return pattern;
}

/* ---- match ---- */

/* What stands in the parentheses behind a constructor: one item is itself, several are a tuple. */
static struct jr_mm_pattern *parse_payload(struct jr_mm_parser *p)
{
    struct jr_mm_pattern *payload = parse_tuple(p, parse_payload_item);
    return payload->kind == JR_MM_PATTERN_TUPLE && payload->as.tuple.count == 1 ? payload->as.tuple.items[0]
                                                                                : payload;
}

static struct jr_mm_pattern *parse_constructor(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_path path = jr_mm_parse_path(p);
    struct jr_mm_pattern *payload = jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN) ? parse_payload(p) : NULL;
    struct jr_mm_pattern *pattern = jr_mm_make_pattern(p, JR_MM_PATTERN_CONSTRUCTOR, jr_mm_since(p, start));
    pattern->as.constructor.path = path;
    pattern->as.constructor.payload = payload;
    if (payload != NULL)
        jr_mm_raise(&pattern->node, &payload->node);
    return pattern;
}

static struct jr_mm_pattern *parse_primitive(struct jr_mm_parser *p, enum jr_mm_primitive primitive)
{
    uint32_t start = jr_mm_start(p);
    jr_mm_advance(p);
    struct jr_mm_pattern *payload = jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN) ? parse_payload(p) : NULL;
    struct jr_mm_pattern *pattern = jr_mm_make_pattern(p, JR_MM_PATTERN_PRIMITIVE, jr_mm_since(p, start));
    pattern->as.primitive.primitive = primitive;
    pattern->as.primitive.payload = payload;
    if (payload != NULL)
        jr_mm_raise(&pattern->node, &payload->node);
    return pattern;
}

static struct jr_mm_pattern *parse_number(struct jr_mm_parser *p)
{
    struct jr_mm_number number = jr_mm_number_of(p, jr_mm_token(p));
    struct jr_mm_pattern *pattern = take_as(p, JR_MM_PATTERN_NUMBER);
    pattern->as.number = number;
    return pattern;
}

/* What no arm can start with, with a hint for the likely intentions. */
static struct jr_mm_pattern *refuse(struct jr_mm_parser *p)
{
    bool negative = jr_mm_at(p, JR_MM_TOKEN_MINUS);
    bool string = jr_mm_at(p, JR_MM_TOKEN_TEXT);
    if (negative || string) {
        uint32_t start = jr_mm_start(p);
        jr_mm_advance(p);
        if (negative && (jr_mm_at(p, JR_MM_TOKEN_INTEGER) || jr_mm_at(p, JR_MM_TOKEN_FLOATING)))
            jr_mm_advance(p);
        struct jr_span span = jr_mm_since(p, start);
        struct jr_diag *diag = jr_mm_complain(
            p, span, negative ? "a negative number is not a pattern" : "a string is not a pattern");
        jr_mm_note(p, diag, "match `_` and compare with if");
        return jr_mm_make_pattern(p, JR_MM_PATTERN_ERROR, span);
    }
    struct jr_mm_pattern *pattern = error_pattern(p);
    jr_mm_expected(p, "a pattern");
    return pattern;
}

static struct jr_mm_pattern *match_pattern(struct jr_mm_parser *p)
{
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_INTEGER:
    case JR_MM_TOKEN_FLOATING:
        return parse_number(p);
    case JR_MM_TOKEN_UNDERSCORE:
        return take_as(p, JR_MM_PATTERN_WILDCARD);
    case JR_MM_TOKEN_LEFT_PAREN:
        return parse_tuple(p, jr_mm_parse_match_pattern);
    case JR_MM_TOKEN_IDENTIFIER:
        return parse_constructor(p);
    case JR_MM_TOKEN_FLOAT:
        return parse_primitive(p, JR_MM_FLOAT);
    case JR_MM_TOKEN_INT:
        return parse_primitive(p, JR_MM_INT);
    case JR_MM_TOKEN_STRING:
        return parse_primitive(p, JR_MM_STRING);
    case JR_MM_TOKEN_ERROR:
        return take_as(p, JR_MM_PATTERN_ERROR); /* reported */
    default:
        return refuse(p);
    }
}

struct jr_mm_pattern *jr_mm_parse_match_pattern(struct jr_mm_parser *p)
{
    struct jr_mm_pattern *pattern = jr_mm_enter(p) ? match_pattern(p) : error_pattern(p);
    jr_mm_leave(p);
    return pattern;
}

/* Inside a payload a lone name binds, and parentheses around one item are only parentheses. */
static struct jr_mm_pattern *payload_item(struct jr_mm_parser *p)
{
    if (jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN))
        return parse_payload(p);
    if (jr_mm_at(p, JR_MM_TOKEN_IDENTIFIER)) {
        enum jr_mm_token_kind next = (enum jr_mm_token_kind)jr_mm_peek(p, 1)->kind;
        if (next != JR_MM_TOKEN_LEFT_PAREN && next != JR_MM_TOKEN_COLON_COLON)
            return parse_name(p);
    }
    return match_pattern(p);
}

static struct jr_mm_pattern *parse_payload_item(struct jr_mm_parser *p)
{
    struct jr_mm_pattern *pattern = jr_mm_enter(p) ? payload_item(p) : error_pattern(p);
    jr_mm_leave(p);
    return pattern;
}

/* ---- parameters ---- */

/* name [: type], for which the name is read; more may follow. */
static struct jr_mm_param *parse_param(struct jr_mm_parser *p, struct jr_mm_name name, uint32_t start,
                                       bool bar_ends)
{
    struct jr_mm_param *param = jr_mm_make_param(p, name, name.span);
    if (jr_mm_take(p, JR_MM_TOKEN_COLON)) {
        param->type = jr_mm_parse_type(p, bar_ends);
        jr_mm_raise(&param->node, &param->type->node);
        param->node.span = jr_mm_since(p, start);
    }
    return param;
}

struct jr_mm_params jr_mm_parse_fn_params(struct jr_mm_parser *p, struct jr_mm_node *parent)
{
    struct jr_mm_params params;
    struct jr_span open = jr_mm_here(p);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_PAREN)) {
        uint32_t start = jr_mm_start(p);
        struct jr_mm_param *param =
            parse_param(p, jr_mm_expect_name(p, "the name of a parameter"), start, false);
        if (jr_mm_take(p, JR_MM_TOKEN_EQUAL)) {
            param->default_value = jr_mm_parse_binary(p);
            jr_mm_raise(&param->node, &param->default_value->node);
            param->node.span = jr_mm_since(p, start);
        }
        jr_mm_raise(parent, &param->node);
        jr_mm_list_add(p, &param, sizeof param);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_PAREN, open))
            break;
    }
    params.items = jr_mm_list_end(p, base, sizeof *params.items, &params.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    return params;
}

/* The name of a lambda's parameter, or `_`. */
static struct jr_mm_param *parse_lambda_param(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_name unnamed = { JR_SYMBOL_NONE, jr_mm_here(p) };
    bool is_unnamed = jr_mm_take(p, JR_MM_TOKEN_UNDERSCORE);
    struct jr_mm_param *param =
        parse_param(p, is_unnamed ? unnamed : jr_mm_expect_name(p, "the name of a parameter"), start, true);
    param->unnamed = is_unnamed;
    if (jr_mm_at(p, JR_MM_TOKEN_EQUAL)) {
        jr_mm_complain(p, jr_mm_here(p), "a parameter of a lambda has no default value");
        jr_mm_advance(p);
        (void)jr_mm_parse_binary(p);
    }
    return param;
}

struct jr_mm_params jr_mm_parse_lambda_params(struct jr_mm_parser *p, struct jr_mm_node *parent)
{
    struct jr_mm_params params;
    struct jr_span open = jr_mm_here(p);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    while (jr_mm_in_list(p, JR_MM_TOKEN_BAR)) {
        struct jr_mm_param *param = parse_lambda_param(p);
        jr_mm_raise(parent, &param->node);
        jr_mm_list_add(p, &param, sizeof param);
        if (jr_mm_at(p, JR_MM_TOKEN_OR)) {
            struct jr_diag *diag = jr_mm_fail(p, jr_mm_here(p), "expected `|`, found `||`");
            jr_mm_note(p, diag, "`||` is one token; put a blank between the bars");
            break;
        }
        if (!jr_mm_next_item(p, JR_MM_TOKEN_BAR, open))
            break;
    }
    params.items = jr_mm_list_end(p, base, sizeof *params.items, &params.count);
    if (p->confused && jr_mm_take(p, JR_MM_TOKEN_OR)) /* |x||y| e: the second bar opens the next lambda */
        return params;
    jr_mm_close(p, JR_MM_TOKEN_BAR, open);
    return params;
}
