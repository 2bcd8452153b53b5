/* print.c -- trees as text. */
#include <string.h>

#include "tests/differential/print.h"

void type_print(const struct type *type, struct jr_sb *out)
{
    switch (type->kind) {
    case TYPE_UNIT:
        jr_sb_text(out, "()");
        break;
    case TYPE_FLOAT:
        jr_sb_text(out, "float");
        break;
    case TYPE_STRING:
        jr_sb_text(out, "string");
        break;
    case TYPE_UNION:
        jr_sb_text(out, "(float | string)"); /* the parameters of a lambda need the brackets */
        break;
    case TYPE_SUM:
        jr_sb_text(out, type->sum->name);
        break;
    case TYPE_ARRAY:
        jr_sb_char(out, '[');
        type_print(type->result, out);
        jr_sb_char(out, ']');
        break;
    case TYPE_TUPLE:
    case TYPE_FUNCTION:
        jr_sb_char(out, '(');
        for (size_t i = 0; i < type->count; i++) {
            if (i > 0)
                jr_sb_text(out, ", ");
            type_print(type->part[i], out);
        }
        jr_sb_char(out, ')');
        if (type->kind == TYPE_FUNCTION) {
            jr_sb_text(out, "->");
            type_print(type->result, out);
        }
        break;
    case TYPE_RECORD:
        jr_sb_char(out, '{');
        for (size_t i = 0; i < type->count; i++) {
            jr_sb_format(out, "%s%s:", i > 0 ? ", " : "", type->key[i]);
            type_print(type->part[i], out);
        }
        jr_sb_char(out, '}');
        break;
    }
}

static void print_statement(struct printer *p, const struct node *node);

static void new_line(struct printer *p)
{
    jr_sb_char(p->out, '\n');
    jr_sb_repeat(p->out, ' ', 4 * p->indent);
}

/* Things that may stand as an operand or be called without brackets. */
static bool is_atomic(const struct node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_NAME:
    case NODE_CALL:
    case NODE_PACK:
    case NODE_INDEX:
    case NODE_PROJECT:
    case NODE_MEMBER:
    case NODE_TUPLE:
    case NODE_ARRAY:
    case NODE_SELF:
    case NODE_NOW:
    case NODE_RATE:
    case NODE_HOLE:
    case NODE_MACRO: /* brackets of its own where it is written as what it stands for */
    case NODE_QUOTE:
        return true;
    default:
        return false;
    }
}

void print_operand(struct printer *p, const struct node *node)
{
    if (is_atomic(node)) {
        print_expression(p, node);
    } else {
        jr_sb_char(p->out, '(');
        print_expression(p, node);
        jr_sb_char(p->out, ')');
    }
}

static void print_list(struct printer *p, const struct node *node, size_t from)
{
    for (size_t i = from; i < node->count; i++) {
        if (i > from)
            jr_sb_text(p->out, ", ");
        print_expression(p, node->child[i]);
    }
}

static void print_fields(struct printer *p, const struct node *node, size_t from)
{
    for (size_t i = from; i < node->count; i++) {
        jr_sb_format(p->out, "%s%s = ", i > from ? ", " : "", node->child[i]->text);
        print_expression(p, node->child[i]->child[0]);
    }
}

/* `body`: the block is the body of a function, a lambda or a branch.  Elsewhere a brace before "name =" would begin a
 * record, so that something else has to come first. */
void print_block(struct printer *p, const struct node *block, bool body)
{
    jr_sb_char(p->out, '{');
    p->indent++;
    if (!body && block->count > 0 && block->child[0]->kind == NODE_ASSIGN) {
        new_line(p);
        jr_sb_text(p->out, "let _ = 0");
    }
    for (size_t i = 0; i < block->count; i++) {
        new_line(p);
        print_statement(p, block->child[i]);
    }
    p->indent--;
    new_line(p);
    jr_sb_char(p->out, '}');
}

static void print_parameter(struct printer *p, const struct node *parameter)
{
    jr_sb_text(p->out, parameter->text);
    if (parameter->flag) {
        jr_sb_char(p->out, ':');
        type_print(parameter->type, p->out);
    }
    if (parameter->count > 0) {
        jr_sb_text(p->out, " = ");
        print_expression(p, parameter->child[0]);
    }
}

static void print_lambda(struct printer *p, const struct node *lambda)
{
    const struct node *body = lambda->child[lambda->count - 1];
    jr_sb_char(p->out, '|');
    if (lambda->count == 1)
        jr_sb_char(p->out, ' '); /* two bars side by side would be the operator */
    for (size_t i = 0; i + 1 < lambda->count; i++) {
        if (i > 0)
            jr_sb_text(p->out, ", ");
        print_parameter(p, lambda->child[i]);
    }
    jr_sb_char(p->out, '|');
    if (lambda->index == 1) {
        jr_sb_text(p->out, "->");
        type_print(lambda->type->result, p->out);
    }
    jr_sb_char(p->out, ' ');
    if (lambda->flag && body->count == 1 && is_atomic(body->child[0])) {
        print_expression(p, body->child[0]);
    } else {
        print_block(p, body, true);
    }
}

/* The right side of ||> is read before types are known, so its operation must not be bracketed. */
static void print_place(struct printer *p, const struct node *node)
{
    const struct node *right = node->child[1];
    print_operand(p, node->child[0]);
    jr_sb_text(p->out, " ||> ");
    if (right->kind == NODE_BINARY) {
        print_operand(p, right->child[0]);
        jr_sb_format(p->out, " %s ", right->text);
        print_operand(p, right->child[1]);
    } else {
        print_operand(p, right);
    }
}

static void print_if(struct printer *p, const struct node *node)
{
    jr_sb_text(p->out, "if (");
    print_expression(p, node->child[0]);
    jr_sb_text(p->out, ") ");
    print_block(p, node->child[1], true);
    if (node->count > 2) {
        jr_sb_text(p->out, " else ");
        print_block(p, node->child[2], true);
    }
}

static void print_case(struct printer *p, const struct node *pattern)
{
    jr_sb_text(p->out, pattern->text ? pattern->text : pattern->count > 0 ? "" : "_");
    if (pattern->count == 0)
        return;
    jr_sb_char(p->out, '(');
    for (size_t i = 0; i < pattern->count; i++) {
        if (i > 0)
            jr_sb_text(p->out, ", ");
        print_case(p, pattern->child[i]);
    }
    jr_sb_char(p->out, ')');
}

static void print_match(struct printer *p, const struct node *node)
{
    jr_sb_text(p->out, "match ");
    print_operand(p, node->child[0]);
    jr_sb_text(p->out, " {");
    p->indent++;
    for (size_t i = 1; i < node->count; i++) {
        new_line(p);
        print_case(p, node->child[i]->child[0]);
        jr_sb_text(p->out, " => ");
        print_block(p, node->child[i]->child[1], true);
    }
    p->indent--;
    new_line(p);
    jr_sb_char(p->out, '}');
}

void print_expression(struct printer *p, const struct node *node)
{
    struct jr_sb *out = p->out;
    switch (node->kind) {
    case NODE_NUMBER:
        jr_sb_text(out, node->text);
        break;
    case NODE_NAME:
        jr_sb_text(out, p->plain ? print_plain_name(p, node->text) : node->text);
        break;
    case NODE_MACRO:
        if (p->plain) {
            print_plain_macro(p, node);
            break;
        }
        jr_sb_format(out, "%s!(", node->text);
        print_list(p, node, 0);
        jr_sb_char(out, ')');
        break;
    case NODE_QUOTE:
        jr_sb_char(out, '`');
        if (node->child[0]->kind == NODE_BLOCK) {
            print_block(p, node->child[0], true);
            break;
        }
        jr_sb_char(out, '(');
        print_expression(p, node->child[0]);
        jr_sb_char(out, ')');
        break;
    case NODE_MAKER:
        jr_sb_char(out, '|');
        for (size_t i = 0; i + 1 < node->count; i++)
            jr_sb_format(out, "%s%s", i > 0 ? ", " : "", node->child[i]->text);
        jr_sb_text(out, "| ");
        print_expression(p, node->child[node->count - 1]);
        break;
    case NODE_LIFT:
        jr_sb_text(out, p->plain ? "((" : "$(lift(");
        print_expression(p, node->child[0]);
        jr_sb_text(out, "))");
        break;
    case NODE_BINARY:
        print_operand(p, node->child[0]);
        jr_sb_format(out, " %s ", node->text);
        print_operand(p, node->child[1]);
        break;
    case NODE_NEGATE:
        jr_sb_text(out, "(-");
        print_operand(p, node->child[0]);
        jr_sb_char(out, ')');
        break;
    case NODE_CALL:
        print_operand(p, node->child[0]);
        jr_sb_char(out, '(');
        print_list(p, node, 1);
        jr_sb_char(out, ')');
        break;
    case NODE_PACK:
        print_operand(p, node->child[0]);
        jr_sb_text(out, "({");
        print_fields(p, node, 1);
        if (node->flag)
            jr_sb_text(out, node->count > 1 ? ", .." : "..");
        jr_sb_text(out, "})");
        break;
    case NODE_INDEX:
        print_operand(p, node->child[0]);
        jr_sb_char(out, '[');
        print_expression(p, node->child[1]);
        jr_sb_char(out, ']');
        break;
    case NODE_PROJECT:
        print_operand(p, node->child[0]);
        jr_sb_format(out, ".%zu", node->index);
        break;
    case NODE_MEMBER:
        print_operand(p, node->child[0]);
        jr_sb_format(out, ".%s", node->text);
        break;
    case NODE_TUPLE:
        jr_sb_char(out, '(');
        print_list(p, node, 0);
        jr_sb_char(out, ')');
        break;
    case NODE_RECORD:
        jr_sb_char(out, '{');
        print_fields(p, node, 0);
        jr_sb_char(out, '}');
        break;
    case NODE_UPDATE:
        jr_sb_char(out, '{');
        print_expression(p, node->child[0]);
        jr_sb_text(out, " <- ");
        print_fields(p, node, 1);
        jr_sb_char(out, '}');
        break;
    case NODE_ARRAY:
        jr_sb_char(out, '[');
        print_list(p, node, 0);
        jr_sb_char(out, ']');
        break;
    case NODE_LAMBDA:
        print_lambda(p, node);
        break;
    case NODE_IF:
        print_if(p, node);
        break;
    case NODE_MATCH:
        print_match(p, node);
        break;
    case NODE_BLOCK:
        print_block(p, node, false);
        break;
    case NODE_PIPE:
        print_operand(p, node->child[0]);
        jr_sb_text(out, " |> ");
        print_operand(p, node->child[1]);
        break;
    case NODE_PLACE:
        print_place(p, node);
        break;
    case NODE_HOLE:
        jr_sb_char(out, '_');
        break;
    case NODE_SELF:
        jr_sb_text(out, "self");
        break;
    case NODE_NOW:
        jr_sb_text(out, "now");
        break;
    case NODE_RATE:
        jr_sb_text(out, "samplerate");
        break;
    case NODE_SCHEDULE:
        print_operand(p, node->child[0]);
        jr_sb_char(out, '@');
        print_operand(p, node->child[1]);
        break;
    case NODE_FIELD:
    case NODE_PARAM:
    case NODE_PATTERN:
    case NODE_LET:
    case NODE_LETREC:
    case NODE_ASSIGN:
    case NODE_FUNCTION:
    case NODE_PROGRAM:
    case NODE_ARM:
    case NODE_CASE:
    case NODE_SUM:
    case NODE_STAGE:
    case NODE_STAGED:
        break; /* not expressions */
    }
}

static void print_pattern(struct printer *p, const struct node *pattern)
{
    if (pattern->count == 0) {
        jr_sb_text(p->out, pattern->text ? pattern->text : "_");
        return;
    }
    jr_sb_char(p->out, pattern->type->kind == TYPE_RECORD ? '{' : '(');
    for (size_t i = 0; i < pattern->count; i++) {
        if (i > 0)
            jr_sb_text(p->out, ", ");
        if (pattern->type->kind == TYPE_RECORD)
            jr_sb_format(p->out, "%s = ", pattern->type->key[i]);
        print_pattern(p, pattern->child[i]);
    }
    jr_sb_char(p->out, pattern->type->kind == TYPE_RECORD ? '}' : ')');
}

static void print_sum(struct printer *p, const struct sum *sum)
{
    jr_sb_format(p->out, "type %s%s = ", sum->recursive ? "rec " : "", sum->name);
    for (size_t i = 0; i < sum->count; i++) {
        const struct variant *variant = &sum->variants[i];
        jr_sb_format(p->out, "%s%s", i > 0 ? " | " : "", variant->name);
        for (size_t k = 0; k < variant->count; k++) {
            jr_sb_text(p->out, k > 0 ? ", " : "(");
            type_print(variant->payload[k], p->out);
        }
        if (variant->count > 0)
            jr_sb_char(p->out, ')');
    }
}

static void print_statement(struct printer *p, const struct node *node)
{
    switch (node->kind) {
    case NODE_SUM:
        print_sum(p, node->type->sum);
        break;
    case NODE_STAGE:
        if (!p->plain)
            jr_sb_format(p->out, "#stage(%s)", node->text);
        break;
    case NODE_STAGED:
        if (!p->plain)
            jr_sb_text(p->out, node->text);
        break;
    case NODE_LET:
        jr_sb_text(p->out, "let ");
        print_pattern(p, node->child[0]);
        if (node->flag) {
            jr_sb_char(p->out, ':');
            type_print(node->child[0]->type, p->out);
        }
        jr_sb_text(p->out, " = ");
        print_expression(p, node->child[1]);
        break;
    case NODE_LETREC:
        jr_sb_format(p->out, "letrec %s = ", node->text);
        print_expression(p, node->child[0]);
        break;
    case NODE_ASSIGN:
        print_expression(p, node->child[0]);
        jr_sb_text(p->out, " = ");
        print_expression(p, node->child[1]);
        break;
    case NODE_FUNCTION:
        jr_sb_format(p->out, "fn %s(", node->text);
        for (size_t i = 0; i + 1 < node->count; i++) {
            if (i > 0)
                jr_sb_text(p->out, ", ");
            print_parameter(p, node->child[i]);
        }
        jr_sb_char(p->out, ')');
        if (node->flag) {
            jr_sb_text(p->out, "->");
            type_print(node->type->result, p->out);
        }
        print_block(p, node->child[node->count - 1], true);
        break;
    case NODE_BLOCK:
    case NODE_LAMBDA:
    case NODE_PIPE:
    case NODE_PLACE:
        /* Brackets, so that nothing of the statement before or after is taken for a part of it. */
        jr_sb_char(p->out, '(');
        print_expression(p, node);
        jr_sb_char(p->out, ')');
        break;
    default:
        print_expression(p, node);
        break;
    }
}

void tree_print(const struct node *program, struct jr_sb *out)
{
    struct printer p = { .out = out };
    for (size_t i = 0; i < program->count; i++) {
        print_statement(&p, program->child[i]);
        jr_sb_char(out, '\n');
    }
}

bool tree_print_plain(const struct node *program, struct jr_sb *out)
{
    struct print_plain plain = { 0 };
    struct printer p = { .out = out, .plain = &plain };
    bool staged = false;
    for (size_t i = 0; i < program->count; i++)
        staged = staged || program->child[i]->kind == NODE_STAGE;
    for (size_t i = 0; staged && i < program->count; i++) {
        print_statement(&p, program->child[i]);
        jr_sb_char(out, '\n');
    }
    return staged;
}
