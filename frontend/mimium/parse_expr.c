/* parse_expr.c -- operators, what follows an operand, and the simple operands. */
#include "frontend/mimium/parser.h"

enum { PIPE_LEVEL = 2 };

static struct jr_mm_expr *error_expr(struct jr_mm_parser *p)
{
    return jr_mm_make_expr(p, JR_MM_EXPR_ERROR, jr_mm_here(p));
}

bool jr_mm_starts_expr(enum jr_mm_token_kind kind)
{
    switch (kind) {
    case JR_MM_TOKEN_ERROR:
    case JR_MM_TOKEN_IDENTIFIER:
    case JR_MM_TOKEN_INTEGER:
    case JR_MM_TOKEN_FLOATING:
    case JR_MM_TOKEN_TEXT:
    case JR_MM_TOKEN_SELF:
    case JR_MM_TOKEN_NOW:
    case JR_MM_TOKEN_SAMPLERATE:
    case JR_MM_TOKEN_UNDERSCORE:
    case JR_MM_TOKEN_LEFT_PAREN:
    case JR_MM_TOKEN_LEFT_BRACKET:
    case JR_MM_TOKEN_LEFT_BRACE:
    case JR_MM_TOKEN_BAR:
    case JR_MM_TOKEN_OR:
    case JR_MM_TOKEN_IF:
    case JR_MM_TOKEN_MATCH:
    case JR_MM_TOKEN_MINUS:
    case JR_MM_TOKEN_PLUS:
    case JR_MM_TOKEN_BACKQUOTE:
    case JR_MM_TOKEN_DOLLAR:
        return true;
    default:
        return false;
    }
}

/* ---- operands ---- */

static struct jr_mm_expr *take_as(struct jr_mm_parser *p, enum jr_mm_expr_kind kind)
{
    struct jr_mm_expr *expr = jr_mm_make_expr(p, kind, jr_mm_here(p));
    jr_mm_advance(p);
    return expr;
}

static struct jr_mm_expr *parse_number(struct jr_mm_parser *p)
{
    struct jr_mm_number number = jr_mm_number_of(p, jr_mm_token(p));
    struct jr_mm_expr *expr = take_as(p, JR_MM_EXPR_NUMBER);
    expr->as.number = number;
    return expr;
}

static struct jr_mm_expr *parse_string(struct jr_mm_parser *p)
{
    size_t length;
    const char *text = jr_mm_string_text(p, jr_mm_token(p), &length);
    struct jr_mm_expr *expr = take_as(p, JR_MM_EXPR_STRING);
    expr->as.string.text = text;
    expr->as.string.length = length;
    return expr;
}

struct jr_mm_exprs jr_mm_parse_items(struct jr_mm_parser *p, enum jr_mm_token_kind close,
                                     bool with_assignment, struct jr_mm_node *parent)
{
    struct jr_mm_exprs items;
    struct jr_span open = jr_mm_here(p);
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    while (jr_mm_in_list(p, close)) {
        struct jr_mm_expr *item = with_assignment ? jr_mm_parse_expr(p) : jr_mm_parse_binary(p);
        jr_mm_raise(parent, &item->node);
        jr_mm_list_add(p, &item, sizeof item);
        if (!jr_mm_next_item(p, close, open))
            break;
    }
    items.items = jr_mm_list_end(p, base, sizeof *items.items, &items.count);
    jr_mm_close(p, close, open);
    return items;
}

/* a::b, or a::b!(args) */
static struct jr_mm_expr *parse_name(struct jr_mm_parser *p)
{
    struct jr_mm_path path = jr_mm_parse_path(p);
    if (!jr_mm_at(p, JR_MM_TOKEN_BANG)) {
        struct jr_mm_expr *name = jr_mm_make_expr(p, JR_MM_EXPR_NAME, path.span);
        name->as.name = path;
        return name;
    }
    struct jr_mm_expr *call = jr_mm_make_expr(p, JR_MM_EXPR_MACRO_CALL, path.span);
    call->as.macro_call.path = path;
    jr_mm_advance(p);
    if (jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN))
        call->as.macro_call.args = jr_mm_parse_items(p, JR_MM_TOKEN_RIGHT_PAREN, true, &call->node);
    else
        jr_mm_note(p, jr_mm_expected(p, "`(`"), "`!` makes a macro call: name!(arguments)");
    call->node.span = jr_mm_since(p, path.span.start);
    return call;
}

/* (e), which is e, or a tuple: decided behind the first element */
static struct jr_mm_expr *parse_parens(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_exprs items;
    bool comma = false;
    size_t base = jr_mm_list_begin(p);
    jr_mm_advance(p);
    if (jr_mm_at(p, JR_MM_TOKEN_RIGHT_PAREN)) {
        struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "expected an expression, found `)`");
        jr_mm_note(p, diag, "there is no value (); an empty block {} has the type ()");
        jr_mm_advance(p);
        return jr_mm_make_expr(p, JR_MM_EXPR_ERROR, jr_mm_since(p, open.start));
    }
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_PAREN)) {
        struct jr_mm_expr *item = jr_mm_parse_expr(p);
        jr_mm_list_add(p, &item, sizeof item);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_PAREN, open))
            break;
        comma = true;
    }
    items.items = jr_mm_list_end(p, base, sizeof *items.items, &items.count);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_PAREN, open);
    if (items.count == 0) /* the end of the file, reported */
        return jr_mm_make_expr(p, JR_MM_EXPR_ERROR, open);
    if (items.count == 1 && !comma)
        return items.items[0];
    struct jr_mm_expr *tuple = jr_mm_make_expr(p, JR_MM_EXPR_TUPLE, jr_mm_since(p, open.start));
    tuple->as.tuple = items;
    for (uint32_t i = 0; i < items.count; i++)
        jr_mm_raise(&tuple->node, &items.items[i]->node);
    return tuple;
}

static struct jr_mm_expr *parse_array(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *array = jr_mm_make_expr(p, JR_MM_EXPR_ARRAY, jr_mm_here(p));
    array->as.array = jr_mm_parse_items(p, JR_MM_TOKEN_RIGHT_BRACKET, true, &array->node);
    array->node.span = jr_mm_since(p, start);
    return array;
}

/* The level and the operator of a binary operator's token; 0 if it is none.  Pipes have no operator. */
static int level_of(enum jr_mm_token_kind kind, enum jr_mm_binary_op *op)
{
    static const struct {
        uint8_t token, op, level;
    } operators[] = {
        { JR_MM_TOKEN_OR, JR_MM_OP_OR, 3 },          { JR_MM_TOKEN_AND, JR_MM_OP_AND, 4 },
        { JR_MM_TOKEN_EQUAL_EQUAL, JR_MM_OP_EQ, 5 }, { JR_MM_TOKEN_NOT_EQUAL, JR_MM_OP_NE, 5 },
        { JR_MM_TOKEN_LESS, JR_MM_OP_LT, 6 },        { JR_MM_TOKEN_LESS_EQUAL, JR_MM_OP_LE, 6 },
        { JR_MM_TOKEN_GREATER, JR_MM_OP_GT, 6 },     { JR_MM_TOKEN_GREATER_EQUAL, JR_MM_OP_GE, 6 },
        { JR_MM_TOKEN_PLUS, JR_MM_OP_ADD, 7 },       { JR_MM_TOKEN_MINUS, JR_MM_OP_SUB, 7 },
        { JR_MM_TOKEN_STAR, JR_MM_OP_MUL, 8 },       { JR_MM_TOKEN_SLASH, JR_MM_OP_DIV, 8 },
        { JR_MM_TOKEN_PERCENT, JR_MM_OP_MOD, 8 },    { JR_MM_TOKEN_CARET, JR_MM_OP_POW, 9 },
        { JR_MM_TOKEN_AT, JR_MM_OP_AT, 10 },
    };
    if (kind == JR_MM_TOKEN_PIPE || kind == JR_MM_TOKEN_MACRO_PIPE)
        return PIPE_LEVEL;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (operators[i].token == kind) {
            *op = (enum jr_mm_binary_op)operators[i].op;
            return operators[i].level;
        }
    }
    return 0;
}

static bool is_operator_before(const struct jr_mm_parser *p)
{
    enum jr_mm_binary_op op;
    return p->at > 0 && level_of((enum jr_mm_token_kind)p->tokens.items[p->at - 1].kind, &op) > 0;
}

/* An operand is missing: the operator that it is missing at may be on another line. */
static void label_operator(struct jr_mm_parser *p, struct jr_diag *diag)
{
    if (!is_operator_before(p))
        return;
    const struct jr_mm_token *token = &p->tokens.items[p->at - 1];
    struct jr_span span = { p->file, token->start, token->end };
    jr_diag_label(p->diags, diag, span, "to the right of this");
}

/* No operand: says so, with a hint for what was probably meant. */
static struct jr_mm_expr *refuse(struct jr_mm_parser *p)
{
    struct jr_mm_expr *expr = error_expr(p);
    if (jr_mm_at(p, JR_MM_TOKEN_EQUAL) && is_operator_before(p) &&
        (jr_mm_token(p)->flags & JR_MM_ADJACENT) != 0) { /* x += 1 */
        const struct jr_mm_token *before = &p->tokens.items[p->at - 1];
        struct jr_span both = { p->file, before->start, jr_mm_token(p)->end };
        jr_mm_note(p,
                   jr_mm_fail(p, both, "there is no operator `%s=`",
                              jr_mm_token_text((enum jr_mm_token_kind)before->kind)),
                   "write x = x + 1");
        return expr;
    }
    struct jr_diag *diag = jr_mm_expected(p, "an expression");
    label_operator(p, diag);
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_BANG:
        jr_mm_note(p, diag, "\"not\" is a function: not(x)");
        break;
    case JR_MM_TOKEN_ELSE:
        jr_mm_note(p, diag, "this `else` belongs to no `if`");
        break;
    case JR_MM_TOKEN_STRUCT:
        jr_mm_note(p, diag, "`struct` is reserved and has no meaning; see `type alias`");
        break;
    case JR_MM_TOKEN_COLON:
        jr_mm_note(p, diag, "the fields of a record are written {name = value}");
        break;
    case JR_MM_TOKEN_FAT_ARROW:
        jr_mm_note(p, diag, "a function without a name is written |x| x + 1");
        break;
    case JR_MM_TOKEN_FN:
        jr_mm_note(p, diag, "a function without a name is written |x| x + 1");
        if (!jr_mm_after_line_break(p))
            jr_mm_advance(p); /* it begins no statement here */
        break;
    case JR_MM_TOKEN_FLOAT:
    case JR_MM_TOKEN_INT:
    case JR_MM_TOKEN_STRING:
    case JR_MM_TOKEN_MAIN:
    case JR_MM_TOKEN_STAGE:
        jr_mm_note(p, diag, "this is a reserved word");
        break;
    default:
        break;
    }
    return expr;
}

/* .5 */
static struct jr_mm_expr *parse_point(struct jr_mm_parser *p)
{
    const struct jr_mm_token *next = jr_mm_peek(p, 1);
    if (next->kind != JR_MM_TOKEN_INTEGER || (next->flags & JR_MM_ADJACENT) == 0)
        return refuse(p);
    struct jr_span span = { p->file, jr_mm_start(p), next->end };
    struct jr_diag *diag = jr_mm_complain(p, span, "this number starts with a point");
    jr_mm_note(p, diag, "a number with a point has digits on both sides: 0.5");
    jr_mm_advance(p);
    return take_as(p, JR_MM_EXPR_ERROR);
}

static struct jr_mm_expr *parse_primary(struct jr_mm_parser *p)
{
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_INTEGER:
    case JR_MM_TOKEN_FLOATING:
        return parse_number(p);
    case JR_MM_TOKEN_TEXT:
        return parse_string(p);
    case JR_MM_TOKEN_SELF:
        return take_as(p, JR_MM_EXPR_SELF);
    case JR_MM_TOKEN_NOW:
        return take_as(p, JR_MM_EXPR_NOW);
    case JR_MM_TOKEN_SAMPLERATE:
        return take_as(p, JR_MM_EXPR_SAMPLERATE);
    case JR_MM_TOKEN_UNDERSCORE:
        return take_as(p, JR_MM_EXPR_PLACEHOLDER);
    case JR_MM_TOKEN_IDENTIFIER:
        return parse_name(p);
    case JR_MM_TOKEN_BAR:
    case JR_MM_TOKEN_OR:
        return jr_mm_parse_lambda(p);
    case JR_MM_TOKEN_LEFT_PAREN:
        return parse_parens(p);
    case JR_MM_TOKEN_LEFT_BRACKET:
        return parse_array(p);
    case JR_MM_TOKEN_LEFT_BRACE:
        return jr_mm_parse_brace(p);
    case JR_MM_TOKEN_IF:
        return jr_mm_parse_if(p);
    case JR_MM_TOKEN_MATCH:
        return jr_mm_parse_match(p);
    case JR_MM_TOKEN_DOT:
        return parse_point(p);
    case JR_MM_TOKEN_ERROR:
        return take_as(p, JR_MM_EXPR_ERROR); /* reported; stands for an operand */
    default:
        return refuse(p);
    }
}

/* ---- what follows an operand ---- */

static struct jr_mm_expr *parse_call(struct jr_mm_parser *p, struct jr_mm_expr *callee, uint32_t start)
{
    struct jr_mm_expr *call = jr_mm_make_expr(p, JR_MM_EXPR_CALL, jr_mm_here(p));
    call->as.call.callee = callee;
    jr_mm_raise(&call->node, &callee->node);
    call->as.call.args = jr_mm_parse_items(p, JR_MM_TOKEN_RIGHT_PAREN, false, &call->node);
    call->node.span = jr_mm_since(p, start);
    return call;
}

static struct jr_mm_expr *parse_index(struct jr_mm_parser *p, struct jr_mm_expr *array, uint32_t start)
{
    struct jr_span open = jr_mm_here(p);
    jr_mm_advance(p);
    struct jr_mm_expr *index = jr_mm_parse_expr(p);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACKET, open);
    struct jr_mm_expr *expr = jr_mm_make_expr(p, JR_MM_EXPR_INDEX, jr_mm_since(p, start));
    expr->as.index.array = array;
    expr->as.index.index = index;
    jr_mm_raise(&expr->node, &array->node);
    jr_mm_raise(&expr->node, &index->node);
    return expr;
}

/* .name or .0; the current token is the point */
static struct jr_mm_expr *parse_member(struct jr_mm_parser *p, struct jr_mm_expr *object, uint32_t start)
{
    struct jr_mm_expr *expr = jr_mm_make_expr(p, JR_MM_EXPR_FIELD, jr_mm_here(p));
    jr_mm_raise(&expr->node, &object->node);
    jr_mm_advance(p);
    if (jr_mm_at(p, JR_MM_TOKEN_INTEGER)) {
        double index = jr_mm_number_of(p, jr_mm_token(p)).value;
        expr->kind = JR_MM_EXPR_PROJECT;
        expr->as.project.tuple = object;
        expr->as.project.index =
            index < UINT32_MAX ? (uint32_t)index : UINT32_MAX; /* no tuple is that long */
        expr->as.project.index_span = jr_mm_here(p);
        jr_mm_advance(p);
    } else if (object->kind == JR_MM_EXPR_NUMBER && !jr_mm_at(p, JR_MM_TOKEN_IDENTIFIER)) {
        struct jr_diag *diag = jr_mm_complain(p, jr_mm_since(p, start), "this number ends in a point");
        jr_mm_note(p, diag, "a number with a point has digits on both sides: 5.0");
        return object;
    } else if (jr_mm_at(p, JR_MM_TOKEN_FLOATING)) {
        jr_mm_note(p, jr_mm_expected(p, "the name or number of a member"), "t.0.1 is written without blanks");
        expr->kind = JR_MM_EXPR_ERROR;
    } else {
        expr->as.field.object = object;
        expr->as.field.name = jr_mm_expect_name(p, "the name or number of a member");
        if (expr->as.field.name.symbol == JR_SYMBOL_NONE)
            expr->kind = JR_MM_EXPR_ERROR;
    }
    expr->node.span = jr_mm_since(p, start);
    return expr;
}

/* A line break ends the chain: what follows it begins something new. */
struct jr_mm_expr *jr_mm_parse_postfix(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *expr = parse_primary(p);
    while (!jr_mm_after_line_break(p) && !p->confused) {
        if (jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN))
            expr = parse_call(p, expr, start);
        else if (jr_mm_at(p, JR_MM_TOKEN_LEFT_BRACKET))
            expr = parse_index(p, expr, start);
        else if (jr_mm_at(p, JR_MM_TOKEN_DOT))
            expr = parse_member(p, expr, start);
        else
            break;
        jr_mm_settle(p, &expr->node);
    }
    return expr;
}

/* ---- operators ---- */

/* 1+-2 and --x: a sign that touches an arithmetic operator. */
static void refuse_touching_sign(struct jr_mm_parser *p)
{
    if (p->at == 0 || (jr_mm_token(p)->flags & JR_MM_ADJACENT) == 0)
        return;
    switch ((enum jr_mm_token_kind)p->tokens.items[p->at - 1].kind) {
    case JR_MM_TOKEN_PLUS:
    case JR_MM_TOKEN_MINUS:
    case JR_MM_TOKEN_STAR:
    case JR_MM_TOKEN_SLASH:
    case JR_MM_TOKEN_PERCENT:
    case JR_MM_TOKEN_CARET: {
        const char *before = jr_mm_token_text((enum jr_mm_token_kind)p->tokens.items[p->at - 1].kind);
        const char *sign = jr_mm_token_text(jr_mm_kind(p));
        const struct jr_mm_token *next = jr_mm_peek(p, 1);
        if (before == sign &&
            (!jr_mm_starts_expr((enum jr_mm_token_kind)next->kind) || (next->flags & JR_MM_LINE_BREAK) != 0)) {
            struct jr_span both = { p->file, p->tokens.items[p->at - 1].start, jr_mm_token(p)->end };
            jr_mm_note(p, jr_mm_fail(p, both, "there is no operator `%s%s`", before, sign), "write x = x + 1");
            break;
        }
        struct jr_diag *diag =
            jr_mm_complain(p, jr_mm_here(p), "the sign `%s` touches the operator `%s`", sign, before);
        if (diag != NULL)
            jr_diag_note(p->diags, diag, "put a blank between them: `%s %s`", before, sign);
        break;
    }
    default:
        break;
    }
}

static struct jr_mm_expr *parse_prefix(struct jr_mm_parser *p);

/* An operator before its operand, which is read by `parse_operand`. */
static struct jr_mm_expr *parse_prefixed(struct jr_mm_parser *p, enum jr_mm_expr_kind kind,
                                         struct jr_mm_expr *(*parse_operand)(struct jr_mm_parser *))
{
    struct jr_mm_expr *expr = jr_mm_make_expr(p, kind, jr_mm_here(p));
    uint32_t start = jr_mm_start(p);
    bool negative = jr_mm_at(p, JR_MM_TOKEN_MINUS);
    if (!jr_mm_enter(p)) {
        jr_mm_leave(p);
        expr->kind = JR_MM_EXPR_ERROR;
        return expr;
    }
    jr_mm_advance(p);
    struct jr_mm_expr *operand = parse_operand(p);
    jr_mm_leave(p);
    if (kind == JR_MM_EXPR_UNARY && operand->kind == JR_MM_EXPR_ERROR) {
        expr->kind = JR_MM_EXPR_ERROR;
    } else if (kind == JR_MM_EXPR_UNARY) {
        expr->as.unary.negative = negative;
        expr->as.unary.operand = operand;
    } else if (kind == JR_MM_EXPR_QUOTE) {
        expr->as.quote = operand;
    } else {
        expr->as.splice = operand;
    }
    expr->node.span = jr_mm_since(p, start);
    jr_mm_raise(&expr->node, &operand->node);
    return expr;
}

static struct jr_mm_expr *parse_prefix(struct jr_mm_parser *p)
{
    struct jr_mm_expr *expr;
    switch (jr_mm_kind(p)) {
    case JR_MM_TOKEN_PLUS:
    case JR_MM_TOKEN_MINUS:
        refuse_touching_sign(p);
        expr = parse_prefixed(p, JR_MM_EXPR_UNARY, parse_prefix);
        break;
    case JR_MM_TOKEN_BACKQUOTE:
        expr = parse_prefixed(p, JR_MM_EXPR_QUOTE, jr_mm_parse_body);
        break;
    case JR_MM_TOKEN_DOLLAR:
        expr = parse_prefixed(p, JR_MM_EXPR_SPLICE, parse_prefix);
        break;
    default:
        expr = jr_mm_parse_postfix(p);
        break;
    }
    jr_mm_settle(p, &expr->node);
    return expr;
}

/* `a<-1` is lexed as `a <- 1`.  Where no record update is read that can only be meant as a comparison. */
static void refuse_left_arrow(struct jr_mm_parser *p)
{
    struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "unexpected `<-`");
    jr_mm_note(p, diag,
               "`<-` is one token; put a blank between `<` and `-` to compare with a negative number");
}

static struct jr_mm_expr *parse_level(struct jr_mm_parser *p, int lowest);

/* The operators of at least level `lowest` behind an operand.  A loop, so chains cost no stack here. */
static struct jr_mm_expr *parse_operators(struct jr_mm_parser *p, int lowest)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *left = parse_prefix(p);
    for (;;) {
        enum jr_mm_token_kind kind = jr_mm_kind(p);
        enum jr_mm_binary_op op = JR_MM_OP_OR;
        int level = level_of(kind, &op);
        if (kind == JR_MM_TOKEN_LEFT_ARROW && !p->confused) {
            refuse_left_arrow(p);
            op = JR_MM_OP_LT;
            level = 6;
        }
        if (level == 0 || level < lowest || jr_mm_after_separator(p) || p->confused)
            return left;
        struct jr_span op_span = jr_mm_here(p);
        jr_mm_advance(p);
        struct jr_mm_expr *right = parse_level(p, level + 1);
        struct jr_mm_expr *expr = jr_mm_make_expr(p, JR_MM_EXPR_BINARY, jr_mm_since(p, start));
        if (level == PIPE_LEVEL) {
            expr->kind = kind == JR_MM_TOKEN_PIPE ? JR_MM_EXPR_PIPE : JR_MM_EXPR_MACRO_PIPE;
            expr->as.pipe.op_span = op_span;
            expr->as.pipe.value = left;
            expr->as.pipe.function = right;
        } else {
            expr->as.binary.op = op;
            expr->as.binary.op_span = op_span;
            expr->as.binary.left = left;
            expr->as.binary.right = right;
        }
        jr_mm_raise(&expr->node, &left->node);
        jr_mm_raise(&expr->node, &right->node);
        jr_mm_settle(p, &expr->node);
        left = expr;
    }
}

static struct jr_mm_expr *parse_level(struct jr_mm_parser *p, int lowest)
{
    struct jr_mm_expr *expr = jr_mm_enter(p) ? parse_operators(p, lowest) : error_expr(p);
    jr_mm_leave(p);
    return expr;
}

struct jr_mm_expr *jr_mm_parse_binary(struct jr_mm_parser *p)
{
    return parse_level(p, PIPE_LEVEL);
}

struct jr_mm_expr *jr_mm_parse_expr(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *target = jr_mm_parse_binary(p);
    if (!jr_mm_at(p, JR_MM_TOKEN_EQUAL) || jr_mm_after_separator(p) || p->confused)
        return target;
    jr_mm_advance(p);
    struct jr_mm_expr *value = jr_mm_parse_binary(p);
    struct jr_mm_expr *assign = jr_mm_make_expr(p, JR_MM_EXPR_ASSIGN, jr_mm_since(p, start));
    assign->as.assign.target = target;
    assign->as.assign.value = value;
    jr_mm_raise(&assign->node, &target->node);
    jr_mm_raise(&assign->node, &value->node);
    jr_mm_settle(p, &assign->node);
    while (jr_mm_at(p, JR_MM_TOKEN_EQUAL) && !jr_mm_after_separator(p) && !p->confused) {
        struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "unexpected `=`: an assignment has no value");
        jr_mm_note(p, diag, "assign one variable after the other; equality is written ==");
        jr_mm_advance(p);
        (void)jr_mm_parse_binary(p);
    }
    return assign;
}

struct jr_mm_expr *jr_mm_parse_body(struct jr_mm_parser *p)
{
    return jr_mm_at(p, JR_MM_TOKEN_LEFT_BRACE) ? jr_mm_parse_block(p) : jr_mm_parse_expr(p);
}
