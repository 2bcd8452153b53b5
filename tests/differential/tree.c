/* tree.c -- see tree.h. */
#include "tests/differential/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"

static void *must(void *memory)
{
    if (!memory) {
        fputs("differential: out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

/* ---- types ---- */

static bool same_shape(const struct type *a, const struct type *b)
{
    if (a->kind != b->kind || a->count != b->count || a->result != b->result || a->sum != b->sum)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->part[i] != b->part[i])
            return false;
        if (a->kind == TYPE_RECORD && strcmp(a->key[i], b->key[i]) != 0)
            return false;
    }
    return true;
}

static const struct type *intern(struct tree *tree, const struct type *shape)
{
    struct type *made;
    for (const struct type *type = tree->types; type; type = type->next) {
        if (same_shape(type, shape))
            return type;
    }
    made = must(jr_arena_copy(&tree->arena, shape, sizeof *shape));
    made->has_function = made->kind == TYPE_FUNCTION || (made->result && made->result->has_function);
    made->has_string = made->kind == TYPE_STRING || made->kind == TYPE_UNION ||
                       (made->kind == TYPE_ARRAY && made->result->has_string);
    for (size_t i = 0; made->sum && i < made->sum->count; i++) {
        const struct variant *variant = &made->sum->variants[i];
        for (size_t k = 0; k < variant->count; k++) {
            made->has_function = made->has_function || variant->payload[k]->has_function;
            made->has_string = made->has_string || variant->payload[k]->has_string;
        }
    }
    for (size_t i = 0; i < made->count; i++) {
        made->has_function = made->has_function || made->part[i]->has_function;
        made->has_string = made->has_string || made->part[i]->has_string;
        if (made->kind == TYPE_RECORD)
            made->key[i] = tree_text(tree, made->key[i]);
    }
    made->next = tree->types;
    tree->types = made;
    return made;
}

const struct type *type_tuple(struct tree *tree, size_t count, const struct type *const *parts)
{
    struct type shape = { .kind = TYPE_TUPLE, .count = count };
    memcpy(shape.part, parts, count * sizeof parts[0]);
    return intern(tree, &shape);
}

const struct type *type_record(struct tree *tree, size_t count, const char *const *keys,
                               const struct type *const *parts)
{
    struct type shape = { .kind = TYPE_RECORD, .count = count };
    memcpy(shape.part, parts, count * sizeof parts[0]);
    memcpy(shape.key, keys, count * sizeof keys[0]);
    return intern(tree, &shape);
}

const struct type *type_array(struct tree *tree, const struct type *element)
{
    struct type shape = { .kind = TYPE_ARRAY, .result = element };
    return intern(tree, &shape);
}

const struct type *type_function(struct tree *tree, size_t count, const struct type *const *parameters,
                                 const struct type *result)
{
    struct type shape = { .kind = TYPE_FUNCTION, .count = count, .result = result };
    if (count > 0)
        memcpy(shape.part, parameters, count * sizeof parameters[0]);
    return intern(tree, &shape);
}

const struct type *type_sum(struct tree *tree, const struct sum *sum)
{
    struct type shape = { .kind = TYPE_SUM, .sum = sum };
    return intern(tree, &shape);
}

bool type_contains(const struct type *type, const struct type *inner)
{
    if (type == inner)
        return true;
    for (size_t i = 0; i < type->count; i++) {
        if (type->kind != TYPE_FUNCTION && type_contains(type->part[i], inner))
            return true;
    }
    return type->kind == TYPE_ARRAY && type_contains(type->result, inner);
}

/* ---- nodes ---- */

void tree_init(struct tree *tree)
{
    struct type unit = { .kind = TYPE_UNIT }, number = { .kind = TYPE_FLOAT },
                string = { .kind = TYPE_STRING }, either = { .kind = TYPE_UNION };
    memset(tree, 0, sizeof *tree);
    jr_arena_init(&tree->arena, jr_alloc_default());
    tree->unit = intern(tree, &unit);
    tree->number = intern(tree, &number);
    tree->string = intern(tree, &string);
    tree->either = intern(tree, &either);
    tree->program = node_new(tree, NODE_PROGRAM, tree->unit);
}

void tree_fini(struct tree *tree)
{
    jr_arena_fini(&tree->arena);
}

struct node *node_new(struct tree *tree, enum node_kind kind, const struct type *type)
{
    struct node *node = must(JR_ARENA_NEW(&tree->arena, struct node));
    node->kind = kind;
    node->type = type;
    return node;
}

struct node *node_text(struct tree *tree, enum node_kind kind, const struct type *type, const char *text)
{
    struct node *node = node_new(tree, kind, type);
    node->text = text;
    return node;
}

void node_add(struct tree *tree, struct node *parent, struct node *child)
{
    if (parent->count == parent->capacity) {
        size_t capacity = parent->capacity ? 2 * parent->capacity : 4;
        struct node **more = must(JR_ARENA_ARRAY(&tree->arena, struct node *, capacity));
        if (parent->count > 0)
            memcpy(more, parent->child, parent->count * sizeof *more);
        parent->child = more;
        parent->capacity = capacity;
    }
    parent->child[parent->count++] = child;
}

const char *tree_text(struct tree *tree, const char *text)
{
    return must(jr_arena_text(&tree->arena, text, strlen(text)));
}

void *tree_room(struct tree *tree, size_t size)
{
    return must(jr_arena_alloc(&tree->arena, size));
}

const char *tree_join(struct tree *tree, const char *a, const char *b)
{
    size_t first = strlen(a), second = strlen(b);
    char *both = tree_room(tree, first + second + 1);
    memcpy(both, a, first);
    memcpy(both + first, b, second);
    return both;
}

const char *tree_format(struct tree *tree, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return tree_text(tree, text);
}

/* ---- text ---- */

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

struct printer {
    struct jr_sb *out;
    size_t indent;
};

static void print_expression(struct printer *p, const struct node *node);
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
        return true;
    default:
        return false;
    }
}

static void print_operand(struct printer *p, const struct node *node)
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
static void print_block(struct printer *p, const struct node *block, bool body)
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

static void print_expression(struct printer *p, const struct node *node)
{
    struct jr_sb *out = p->out;
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_NAME:
        jr_sb_text(out, node->text);
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
    struct printer p = { out, 0 };
    for (size_t i = 0; i < program->count; i++) {
        print_statement(&p, program->child[i]);
        jr_sb_char(out, '\n');
    }
}
