/* parse_compound.c -- operands with an inside of their own: blocks, records, lambdas, if, match. */
#include "frontend/mimium/parser.h"

/* ---- braces ---- */

struct jr_mm_expr *jr_mm_parse_block(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_expr *block = jr_mm_make_expr(p, JR_MM_EXPR_BLOCK, open);
    if (jr_mm_enter(p)) {
        jr_mm_advance(p);
        block->as.block = jr_mm_parse_stmts(p, JR_MM_IN_BLOCK, open, &block->node);
    }
    jr_mm_leave(p);
    block->node.span = jr_mm_since(p, open.start);
    jr_mm_settle(p, &block->node);
    return block;
}

/* { name.field[i] <- : whether the brace at the current token opens an update.  Looks over a chain of members, calls and
 * indices, because the base may be one. */
static bool opens_update(const struct jr_mm_parser *p)
{
    const struct jr_mm_token *tokens = p->tokens.items;
    size_t i = p->at + 1;
    if (tokens[i].kind != JR_MM_TOKEN_IDENTIFIER)
        return false;
    for (;;) {
        i++;
        switch ((enum jr_mm_token_kind)tokens[i].kind) {
        case JR_MM_TOKEN_LEFT_ARROW:
            return true;
        case JR_MM_TOKEN_DOT:
        case JR_MM_TOKEN_COLON_COLON: /* and the name or number behind it; the END is no name, so i stays inside */
            i++;
            if (tokens[i].kind != JR_MM_TOKEN_IDENTIFIER && tokens[i].kind != JR_MM_TOKEN_INTEGER)
                return false;
            break;
        case JR_MM_TOKEN_LEFT_PAREN:
        case JR_MM_TOKEN_LEFT_BRACKET:
            i = jr_mm_behind_bracket(p, i) - 1; /* at least i, and never the END */
            break;
        default:
            return false;
        }
    }
}

static bool opens_record(const struct jr_mm_parser *p)
{
    enum jr_mm_token_kind first = (enum jr_mm_token_kind)jr_mm_peek(p, 1)->kind;
    enum jr_mm_token_kind second = (enum jr_mm_token_kind)jr_mm_peek(p, 2)->kind;
    return first == JR_MM_TOKEN_DOT_DOT ||
           (first == JR_MM_TOKEN_IDENTIFIER &&
            (second == JR_MM_TOKEN_EQUAL || second == JR_MM_TOKEN_COLON)); /* `:` is wrong, but a record is meant */
}

/* name = value {, name = value} [,] [..] up to the brace, which stays; `open` is the opening one */
static struct jr_mm_fields parse_fields(struct jr_mm_parser *p, struct jr_span open,
                                        struct jr_mm_node *parent, bool *incomplete)
{
    struct jr_mm_fields fields;
    size_t base = jr_mm_list_begin(p);
    while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_BRACE)) {
        if (jr_mm_at(p, JR_MM_TOKEN_DOT_DOT)) {
            if (incomplete == NULL)
                jr_mm_complain(p, jr_mm_here(p),
                               "unexpected `..`: an update keeps all other fields as they are");
            else
                *incomplete = true;
            jr_mm_advance(p);
            break;
        }
        struct jr_mm_field field;
        field.name = jr_mm_expect_name(p, "the name of a field");
        if (jr_mm_at(p, JR_MM_TOKEN_COLON)) {
            struct jr_diag *diag = jr_mm_complain(p, jr_mm_here(p), "expected `=`, found `:`");
            jr_mm_note(p, diag, "a record is written {name = value}; only its type has `:`");
            jr_mm_advance(p);
        } else if (!jr_mm_take(p, JR_MM_TOKEN_EQUAL)) {
            struct jr_diag *diag = jr_mm_expected(p, "`=`");
            jr_mm_note(p, diag, "every field is written {name = value}");
        }
        field.value = jr_mm_parse_expr(p);
        jr_mm_raise(parent, &field.value->node);
        jr_mm_list_add(p, &field, sizeof field);
        if (!jr_mm_next_item(p, JR_MM_TOKEN_RIGHT_BRACE, open))
            break;
    }
    fields.items = jr_mm_list_end(p, base, sizeof *fields.items, &fields.count);
    return fields;
}

static struct jr_mm_expr *parse_record(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_expr *record = jr_mm_make_expr(p, JR_MM_EXPR_RECORD, open);
    jr_mm_advance(p);
    record->as.record.fields = parse_fields(p, open, &record->node, &record->as.record.incomplete);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
    record->node.span = jr_mm_since(p, open.start);
    return record;
}

/* The base of an update up to the arrow.  The arrow would look like a mistake to the operators, so only what
 * opens_update has seen is read: a name and what follows it. */
static struct jr_mm_expr *parse_update(struct jr_mm_parser *p)
{
    struct jr_span open = jr_mm_here(p);
    struct jr_mm_expr *update = jr_mm_make_expr(p, JR_MM_EXPR_UPDATE, open);
    jr_mm_advance(p);
    struct jr_mm_expr *base = jr_mm_parse_postfix(p);
    update->as.update.base = base;
    jr_mm_raise(&update->node, &base->node);
    jr_mm_expect(p, JR_MM_TOKEN_LEFT_ARROW);
    if (jr_mm_at(p, JR_MM_TOKEN_RIGHT_BRACE))
        jr_mm_expected(p, "the name of a field");
    update->as.update.fields = parse_fields(p, open, &update->node, NULL);
    jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
    update->node.span = jr_mm_since(p, open.start);
    return update;
}

struct jr_mm_expr *jr_mm_parse_brace(struct jr_mm_parser *p)
{
    if (opens_record(p))
        return parse_record(p);
    return opens_update(p) ? parse_update(p) : jr_mm_parse_block(p);
}

/* ---- lambdas ---- */

struct jr_mm_expr *jr_mm_parse_lambda(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *lambda = jr_mm_make_expr(p, JR_MM_EXPR_LAMBDA, jr_mm_here(p));
    if (!jr_mm_take(p, JR_MM_TOKEN_OR)) /* || is an empty list */
        lambda->as.lambda.params = jr_mm_parse_lambda_params(p, &lambda->node);
    if (jr_mm_take(p, JR_MM_TOKEN_ARROW)) {
        lambda->as.lambda.result = jr_mm_parse_type(p, false);
        jr_mm_raise(&lambda->node, &lambda->as.lambda.result->node);
    }
    struct jr_mm_expr *body = jr_mm_parse_body(p);
    lambda->as.lambda.body = body;
    jr_mm_raise(&lambda->node, &body->node);
    lambda->node.span = jr_mm_since(p, start);
    return lambda;
}

/* ---- if ---- */

/* The branch behind a condition.  `if (c) (a, b)` and `if (c) -1` have none: it was read as part of the condition. */
static struct jr_mm_expr *parse_then(struct jr_mm_parser *p, bool condition_in_parens)
{
    if (!jr_mm_starts_expr(jr_mm_kind(p))) {
        struct jr_mm_expr *missing = jr_mm_make_expr(p, JR_MM_EXPR_ERROR, jr_mm_here(p));
        struct jr_diag *diag = jr_mm_expected(p, "the branch of this `if`");
        if (condition_in_parens)
            jr_mm_note(p, diag,
                       "a branch that starts with ( or [ or - continues the condition: put it in braces");
        if (jr_mm_at(p, JR_MM_TOKEN_ELSE))
            p->confused = false; /* the place is clear */
        return missing;
    }
    return jr_mm_parse_body(p);
}

struct jr_mm_expr *jr_mm_parse_if(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *expr = jr_mm_make_expr(p, JR_MM_EXPR_IF, jr_mm_here(p));
    if (!jr_mm_enter(p)) {
        jr_mm_leave(p);
        expr->kind = JR_MM_EXPR_ERROR;
        return expr;
    }
    jr_mm_advance(p);
    bool in_parens = jr_mm_at(p, JR_MM_TOKEN_LEFT_PAREN);
    struct jr_mm_expr *condition = jr_mm_parse_expr(p);
    struct jr_mm_expr *then_branch = parse_then(p, in_parens);
    if (in_parens && then_branch->kind == JR_MM_EXPR_ERROR) /* what was read as the condition is not what was meant */
        condition = jr_mm_make_expr(p, JR_MM_EXPR_ERROR, condition->node.span);
    expr->as.if_.condition = condition;
    expr->as.if_.then_branch = then_branch;
    jr_mm_raise(&expr->node, &condition->node);
    jr_mm_raise(&expr->node, &then_branch->node);
    if (jr_mm_take(p, JR_MM_TOKEN_ELSE)) {
        struct jr_mm_expr *branch = jr_mm_at(p, JR_MM_TOKEN_IF) ? jr_mm_parse_if(p) : jr_mm_parse_body(p);
        expr->as.if_.else_branch = branch;
        jr_mm_raise(&expr->node, &branch->node);
    }
    jr_mm_leave(p);
    expr->node.span = jr_mm_since(p, start);
    jr_mm_settle(p, &expr->node);
    return expr;
}

/* ---- match ---- */

static struct jr_mm_arm parse_arm(struct jr_mm_parser *p)
{
    struct jr_mm_arm arm;
    uint32_t start = jr_mm_start(p);
    arm.pattern = jr_mm_parse_match_pattern(p);
    if (jr_mm_at(p, JR_MM_TOKEN_ARROW)) {
        jr_mm_note(p, jr_mm_complain(p, jr_mm_here(p), "expected `=>`, found `->`"),
                   "an arm is written pattern => value");
        jr_mm_advance(p);
        arm.body = jr_mm_parse_body(p);
    } else if (jr_mm_expect(p, JR_MM_TOKEN_FAT_ARROW)) {
        arm.body = jr_mm_parse_body(p);
    } else {
        arm.body = jr_mm_make_expr(p, JR_MM_EXPR_ERROR, jr_mm_here(p));
    }
    arm.span = jr_mm_since(p, start);
    return arm;
}

struct jr_mm_expr *jr_mm_parse_match(struct jr_mm_parser *p)
{
    uint32_t start = jr_mm_start(p);
    struct jr_mm_expr *match = jr_mm_make_expr(p, JR_MM_EXPR_MATCH, jr_mm_here(p));
    jr_mm_advance(p);
    struct jr_mm_expr *subject = jr_mm_parse_expr(p);
    match->as.match.subject = subject;
    jr_mm_raise(&match->node, &subject->node);
    struct jr_span open = jr_mm_here(p);
    size_t base = jr_mm_list_begin(p);
    if (jr_mm_expect(p, JR_MM_TOKEN_LEFT_BRACE)) {
        while (jr_mm_in_list(p, JR_MM_TOKEN_RIGHT_BRACE)) {
            size_t first = p->at;
            struct jr_mm_arm arm = parse_arm(p);
            jr_mm_raise(&match->node, &arm.pattern->node);
            jr_mm_raise(&match->node, &arm.body->node);
            jr_mm_list_add(p, &arm, sizeof arm);
            if (p->confused)
                jr_mm_sync_arm(p);
            if (!jr_mm_take(p, JR_MM_TOKEN_COMMA) && p->at == first)
                jr_mm_advance(p);
        }
        jr_mm_close(p, JR_MM_TOKEN_RIGHT_BRACE, open);
    }
    match->as.match.arms = jr_mm_list_end(p, base, sizeof *match->as.match.arms, &match->as.match.arm_count);
    match->node.span = jr_mm_since(p, start);
    return match;
}
