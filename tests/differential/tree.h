/* tree.h -- generated programs as trees: types, nodes, and their text.
 *
 * The generator builds such a tree, the shrinker cuts it down, and tree_print turns it into mimium source.  It is not the
 * compiler's syntax tree and shares nothing with it: brackets are printed wherever an operand is not atomic, so no
 * knowledge of precedence is needed here.
 *
 * Everything lives in the tree's arena and ends with tree_fini.  This is a test tool: without memory it stops. */
#ifndef JR_TESTS_DIFFERENTIAL_TREE_H
#define JR_TESTS_DIFFERENTIAL_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "ir/base/arena.h"
#include "ir/base/sb.h"

/* ---- types ---- */

enum type_kind {
    TYPE_UNIT,
    TYPE_FLOAT,
    TYPE_STRING,
    TYPE_UNION, /* float | string */
    TYPE_TUPLE,
    TYPE_RECORD,
    TYPE_ARRAY,
    TYPE_FUNCTION,
    TYPE_SUM
};

enum { TYPE_PARTS_MAX = 6, PAYLOAD_MAX = 3, VARIANTS_MAX = 5 };

struct type;

struct variant {
    const char *name;
    size_t count;
    const struct type *payload[PAYLOAD_MAX];
};

/* The declaration of a sum type.  Variant 0 of a recursive one does not contain the type. */
struct sum {
    const char *name;
    bool recursive;
    size_t count;
    struct variant variants[VARIANTS_MAX];
};

/* Types are interned: equal types are one object. */
struct type {
    enum type_kind kind;
    size_t count;                            /* elements, fields or parameters */
    const struct type *part[TYPE_PARTS_MAX]; /* of a tuple, a record, or the parameters */
    const char *key[TYPE_PARTS_MAX];         /* of a record */
    const struct type *result;               /* of a function; the element of an array */
    const struct sum *sum;
    bool has_function;       /* a function occurs somewhere inside, payloads included */
    bool has_string;         /* likewise a string or a union */
    const struct type *next; /* in the tree's list */
};

/* ---- nodes ---- */

enum node_kind {
    /* expressions */
    NODE_NUMBER,  /* text */
    NODE_NAME,    /* text */
    NODE_BINARY,  /* text: operator; 2 children */
    NODE_NEGATE,  /* 1 */
    NODE_CALL,    /* callee, arguments */
    NODE_PACK,    /* callee, FIELDs: call by record; flag: ends in ".." */
    NODE_INDEX,   /* array, index */
    NODE_PROJECT, /* 1; index */
    NODE_MEMBER,  /* 1; text: key */
    NODE_TUPLE,
    NODE_RECORD, /* FIELDs */
    NODE_UPDATE, /* NAME, FIELDs */
    NODE_ARRAY,
    NODE_LAMBDA, /* PARAMs, BLOCK; flag: print the body without braces if it is one atom; index 1: print the result type */
    NODE_IF,    /* condition, BLOCK [, BLOCK] */
    NODE_BLOCK, /* statements; the last one is the value */
    NODE_PIPE,  /* value |> function */
    NODE_PLACE, /* value ||> call or operation with one HOLE */
    NODE_HOLE,
    NODE_SELF,
    NODE_NOW,
    NODE_RATE,
    NODE_SCHEDULE, /* function @ time */
    NODE_MATCH,    /* value, ARMs */
    NODE_QUOTE,    /* 1 */
    NODE_MACRO,    /* text: name; index: enum macro; its arguments */
    NODE_MAKER,    /* function of the macro stage: PARAMs, QUOTE */
    NODE_LIFT,     /* $(lift(1)) */
    /* parts of expressions and statements */
    NODE_FIELD,   /* text: key; 1 expression or pattern */
    NODE_PARAM,   /* text; flag: print the type; 0 or 1 child: default */
    NODE_PATTERN, /* text: name, NULL: "_"; with children: tuple or record pattern by its type */
    NODE_ARM,     /* CASE, BLOCK */
    NODE_CASE, /* pattern of an arm.  text: a name, a number or a constructor, NULL: "_" or a tuple of the children */
    /* statements */
    NODE_LET,    /* PATTERN, expression; flag: print the type */
    NODE_LETREC, /* text; LAMBDA */
    NODE_ASSIGN, /* target, expression */
    /* top level */
    NODE_FUNCTION, /* text; PARAMs, BLOCK; flag: print the result type */
    NODE_SUM,      /* the declaration of its type */
    NODE_STAGE,    /* text: #stage(text) */
    NODE_STAGED,   /* text: what stands at the macro stage, as it is */
    NODE_PROGRAM,
};

/* Macros that a program may have; gen_stage.c has their text, print_plain.c what they stand for. */
enum macro {
    MACRO_SAME,   /* `x: the same */
    MACRO_PICK,   /* n, `a, `b: a if n > 0 */
    MACRO_BOUND,  /* `x: bound to a variable */
    MACRO_BOTH,   /* `x: (x, x), one of them bound before */
    MACRO_CHAIN,  /* n, `x: n times * 0.5 + 0.25 */
    MACRO_WITH,   /* `x, |c| `e: a variable that is x, then e of itself */
    MACRO_UNROLL, /* n, |k| `e: the sum of e for k = n .. 1, and 0.5 */
    MACRO_GROW,   /* n, `x, |k, c| `e: x, then e of it for k = n .. 1 */
    MACRO_BANK,   /* n, |k| `e: the array of e for k = n .. 1 */
    MACRO_SCALER, /* k: |x| x * k + self * 0.25 */
    MACRO_NEXT,   /* 1, 2, 3 ... in the order of the text */
    MACRO_AGAIN,  /* `statement: twice */
    MACRO_COUNT
};

struct node {
    enum node_kind kind;
    bool flag;
    const struct type
        *type; /* of an expression: its type; of statements: unit; of a function: its function type */
    const char *text;
    size_t index;
    size_t count, capacity;
    struct node **child;
};

struct tree {
    struct jr_arena arena;
    const struct type *types;                           /* all, newest first */
    const struct type *unit, *number, *string, *either; /* either: float | string */
    struct node *program;
};

void tree_init(struct tree *tree);
void tree_fini(struct tree *tree);

const struct type *type_tuple(struct tree *tree, size_t count, const struct type *const *parts);
const struct type *type_record(struct tree *tree, size_t count, const char *const *keys,
                               const struct type *const *parts);
const struct type *type_array(struct tree *tree, const struct type *element);
const struct type *type_function(struct tree *tree, size_t count, const struct type *const *parameters,
                                 const struct type *result);
/* A sum type whose variants are complete, except that a recursive one (which has no functions in its payloads) may get
 * variants afterwards.  `sum` is kept, not copied. */
const struct type *type_sum(struct tree *tree, const struct sum *sum);

struct node *node_new(struct tree *tree, enum node_kind kind, const struct type *type);
struct node *node_text(struct tree *tree, enum node_kind kind, const struct type *type, const char *text);
void node_add(struct tree *tree, struct node *parent, struct node *child);
/* Zeroed room in the arena. */
void *tree_room(struct tree *tree, size_t size);
/* Both texts one behind the other. */
const char *tree_join(struct tree *tree, const char *a, const char *b);
/* Copies a text into the arena. */
const char *tree_text(struct tree *tree, const char *text);
__attribute__((format(printf, 2, 3))) const char *tree_format(struct tree *tree, const char *format, ...);

/* Appends the source text of the whole program. */
void tree_print(const struct node *program, struct jr_sb *out);
/* The same without macros: each is written as what it stands for.  False if the program has none, and then nothing is written. */
bool tree_print_plain(const struct node *program, struct jr_sb *out);
void type_print(const struct type *type, struct jr_sb *out);
/* Whether `inner` occurs in a value of type `type`; payloads of sum types are not looked into. */
bool type_contains(const struct type *type, const struct type *inner);

#endif
