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
