/* ast.h -- the syntax tree of a mimium file ("mm", as in its suffix .mmm).
 *
 * Four sorts of nodes: statements, expressions, patterns, types.  Each has a kind and a union `as` with one member per
 * kind; passes switch over the kind without a default, so a new kind is a compile error wherever it is forgotten.
 *
 * - Every node has an id that is unique in its jr_mm_ast and dense from 0: a pass keeps what it learns in arrays of
 *   node_count items.  Files that belong together (modules, includes) are parsed with one jr_mm_ast.
 * - Every node has a span: the narrowest one that covers its tokens, parentheses around an expression excluded.
 * - Every node has a height: 1 for a leaf, else 1 more than its highest child.  The parser keeps it at or below
 *   JR_MM_DEPTH_MAX, also along chains that it reads without recursion (1+1+1..., f(a)(b)(c)..., a|>f|>g...), so a pass
 *   may recurse over the tree.  Whoever builds larger trees (macro expansion) must keep that promise.
 * - Where the source was wrong an ERROR node stands, the error has been reported, and whatever contains it must stay
 *   silent about it.  A symbol that was missing is JR_SYMBOL_NONE.
 * - Nothing is desugared but parentheses: pipes, placeholders, macro calls, assignments are as written.
 *
 * All nodes and lists live in the arena and are valid until it ends.  Lists are never NULL-filled: items[0 .. count). */
#ifndef JR_FRONTEND_MIMIUM_AST_H
#define JR_FRONTEND_MIMIUM_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/intern.h"
#include "frontend/source.h"

struct jr_arena;

/* The greatest height of a tree and the deepest nesting of brackets.  A pass that recurses runs by jr_mm_run_deep (deep.h). */
enum { JR_MM_DEPTH_MAX = 10000 };

/* Where nodes come from.  arena and symbols are borrowed and must outlive the tree. */
struct jr_mm_ast {
    struct jr_arena *arena;
    struct jr_symbols *symbols;
    uint32_t node_count; /* ids are 0 .. node_count-1 */
};

/* What every node begins with. */
struct jr_mm_node {
    uint32_t id;
    uint32_t height;
    struct jr_span span;
};

struct jr_mm_name {
    jr_symbol symbol;
    struct jr_span span;
};

/* a::b::c, at least one name. */
struct jr_mm_path {
    const struct jr_mm_name *names;
    uint32_t count;
    struct jr_span span;
};

struct jr_mm_exprs {
    struct jr_mm_expr **items;
    uint32_t count;
};
struct jr_mm_patterns {
    struct jr_mm_pattern **items;
    uint32_t count;
};
struct jr_mm_types {
    struct jr_mm_type **items;
    uint32_t count;
};
struct jr_mm_stmts {
    struct jr_mm_stmt **items;
    uint32_t count;
};

enum jr_mm_primitive { JR_MM_FLOAT, JR_MM_INT, JR_MM_STRING };

/* ---- types ---- */

#define JR_MM_TYPE_KINDS(X)                                                                             \
    X(ERROR)     /* reported */                                                                         \
    X(PRIMITIVE) /* float, int, string */                                                               \
    X(NAMED)     /* Shape, m::Shape; a single lower-case letter is a type parameter */                  \
    X(UNIT)      /* () */                                                                               \
    X(TUPLE)     /* (a,) (a, b): at least one item; one item is interchangeable with the item itself */ \
    X(RECORD)    /* {k: a} */                                                                           \
    X(ARRAY)     /* [a] */                                                                              \
    X(CODE)      /* `a */                                                                               \
    X(FUNCTION)  /* (a, b) -> c */                                                                      \
    X(UNION)     /* a | b: at least two items */

enum jr_mm_type_kind {
#define JR_MM_X(name) JR_MM_TYPE_##name,
    JR_MM_TYPE_KINDS(JR_MM_X)
#undef JR_MM_X
};

struct jr_mm_type_field {
    struct jr_mm_name name;
    struct jr_mm_type *type;
};

struct jr_mm_type {
    struct jr_mm_node node;
    enum jr_mm_type_kind kind;
    union {
        enum jr_mm_primitive primitive;
        struct jr_mm_path named;
        struct jr_mm_types tuple;
        struct {
            struct jr_mm_type_field *items;
            uint32_t count;
        } record;
        struct jr_mm_type *array; /* of the elements */
        struct jr_mm_type *code;  /* of the coded value */
        struct {
            struct jr_mm_types params;
            struct jr_mm_type *result;
        } function;
        struct jr_mm_types variants; /* UNION */
    } as;
};

/* ---- patterns: of let, and of match arms ---- */

#define JR_MM_PATTERN_KINDS(X)                                                          \
    X(ERROR)       /* reported */                                                       \
    X(WILDCARD)    /* _ */                                                              \
    X(NAME)        /* binds: in let, and inside the payload of a constructor pattern */ \
    X(TUPLE)       /* (a, b), at least one item */                                      \
    X(RECORD)      /* {k = a}: let only */                                              \
    X(NUMBER)      /* 1, 2.5: match only */                                             \
    X(CONSTRUCTOR) /* Dot, Disc(r), m::Disc(r): match only */                           \
    X(PRIMITIVE)   /* float(x), int(x), string(x): match only, a variant of a union */

enum jr_mm_pattern_kind {
#define JR_MM_X(name) JR_MM_PATTERN_##name,
    JR_MM_PATTERN_KINDS(JR_MM_X)
#undef JR_MM_X
};

struct jr_mm_pattern_field {
    struct jr_mm_name name;
    struct jr_mm_pattern *pattern;
};

struct jr_mm_number {
    double value;
    bool integer_form; /* written without a point */
};

/* In an arm, a name alone is a CONSTRUCTOR without payload, whatever its case; inside a payload it is a NAME, and only
 * a name with a payload of its own is a CONSTRUCTOR there.  Payload lists and parentheses are resolved: Pair(a, b) and
 * Pair((a, b)) have the same TUPLE as payload, Box((a)) has the NAME. */
struct jr_mm_pattern {
    struct jr_mm_node node;
    enum jr_mm_pattern_kind kind;
    union {
        jr_symbol name;
        struct jr_mm_patterns tuple;
        struct {
            struct jr_mm_pattern_field *items;
            uint32_t count;
        } record;
        struct jr_mm_number number;
        struct {
            struct jr_mm_path path;
            struct jr_mm_pattern *payload; /* NULL if none is written: any payload matches */
        } constructor;
        struct {
            enum jr_mm_primitive primitive;
            struct jr_mm_pattern *payload; /* NULL if none is written */
        } primitive;
    } as;
};

/* ---- expressions ---- */

#define JR_MM_EXPR_KINDS(X)                                                          \
    X(ERROR)       /* reported */                                                    \
    X(NUMBER)      /* 1, 2.5: a float in either form */                              \
    X(STRING)      /* "text" */                                                      \
    X(SELF)        /* self */                                                        \
    X(NOW)         /* now */                                                         \
    X(SAMPLERATE)  /* samplerate */                                                  \
    X(PLACEHOLDER) /* _ */                                                           \
    X(NAME)        /* x, m::x */                                                     \
    X(UNARY)       /* -a, +a */                                                      \
    X(BINARY)      /* a + b ... a @ b */                                             \
    X(PIPE)        /* a |> f */                                                      \
    X(MACRO_PIPE)  /* a ||> f */                                                     \
    X(ASSIGN)      /* target = value; the target is any expression, checked later */ \
    X(QUOTE)       /* `a */                                                          \
    X(SPLICE)      /* $a */                                                          \
    X(EXPANSION)   /* what a splice has become: never in a parsed program */         \
    X(CALL)        /* f(a, b) */                                                     \
    X(MACRO_CALL)  /* m!(a, b), p::m!(a) */                                          \
    X(FIELD)       /* r.k */                                                         \
    X(PROJECT)     /* t.0 */                                                         \
    X(INDEX)       /* a[i] */                                                        \
    X(LAMBDA)      /* |x| e */                                                       \
    X(ARRAY)       /* [a, b] */                                                      \
    X(TUPLE)       /* (a,) (a, b): at least one item */                              \
    X(RECORD)      /* {k = a, ..} {..} */                                            \
    X(UPDATE)      /* {base <- k = a} */                                             \
    X(BLOCK)       /* { statements } */                                              \
    X(IF)          /* if c a else b */                                               \
    X(MATCH)       /* match e { arms } */

enum jr_mm_expr_kind {
#define JR_MM_X(name) JR_MM_EXPR_##name,
    JR_MM_EXPR_KINDS(JR_MM_X)
#undef JR_MM_X
};

/* enumerator, token, precedence level (larger binds tighter); all associate to the left */
#define JR_MM_BINARY_OPS(X) \
    X(OR, "||", 3)          \
    X(AND, "&&", 4)         \
    X(EQ, "==", 5)          \
    X(NE, "!=", 5)          \
    X(LT, "<", 6)           \
    X(LE, "<=", 6)          \
    X(GT, ">", 6)           \
    X(GE, ">=", 6)          \
    X(ADD, "+", 7)          \
    X(SUB, "-", 7)          \
    X(MUL, "*", 8)          \
    X(DIV, "/", 8)          \
    X(MOD, "%", 8)          \
    X(POW, "^", 9)          \
    X(AT, "@", 10) /* schedule: task @ time */

enum jr_mm_binary_op {
#define JR_MM_X(name, token, level) JR_MM_OP_##name,
    JR_MM_BINARY_OPS(JR_MM_X)
#undef JR_MM_X
};

/* A parameter of a function or lambda.  A lambda's has no default and may be `_`: then symbol is JR_SYMBOL_NONE and
 * unnamed is set. */
struct jr_mm_param {
    struct jr_mm_node node; /* spans name, type and default */
    struct jr_mm_name name;
    bool unnamed;
    struct jr_mm_type *type;          /* NULL if not written */
    struct jr_mm_expr *default_value; /* NULL if not written */
};

struct jr_mm_params {
    struct jr_mm_param **items;
    uint32_t count;
};

struct jr_mm_field {
    struct jr_mm_name name;
    struct jr_mm_expr *value;
};

struct jr_mm_fields {
    struct jr_mm_field *items; /* in source order; names may repeat, which is E-DUP-KEY later */
    uint32_t count;
};

struct jr_mm_arm {
    struct jr_mm_pattern *pattern;
    struct jr_mm_expr *body;
    struct jr_span span;
};

struct jr_mm_expr {
    struct jr_mm_node node;
    enum jr_mm_expr_kind kind;
    union {
        struct jr_mm_number number;
        struct {
            const char *text; /* NUL-terminated, but may hold NULs */
            size_t length;
        } string;
        struct jr_mm_path name;
        struct {
            bool negative; /* - rather than + */
            struct jr_mm_expr *operand;
        } unary;
        struct {
            enum jr_mm_binary_op op;
            struct jr_span op_span;
            struct jr_mm_expr *left, *right;
        } binary;
        struct {
            struct jr_span op_span;
            struct jr_mm_expr *value, *function;
        } pipe; /* PIPE and MACRO_PIPE */
        struct {
            struct jr_mm_expr *target, *value;
        } assign;
        struct jr_mm_expr *quote;  /* the quoted expression */
        struct jr_mm_expr *splice; /* the expression of stage 0 */
        struct jr_mm_expr *expansion; /* the code; node.span is the splice */
        struct {
            struct jr_mm_expr *callee;
            struct jr_mm_exprs args;
        } call;
        struct {
            struct jr_mm_path path;
            struct jr_mm_exprs args;
        } macro_call;
        struct {
            struct jr_mm_expr *object;
            struct jr_mm_name name;
        } field;
        struct {
            struct jr_mm_expr *tuple;
            uint32_t index;
            struct jr_span index_span;
        } project;
        struct {
            struct jr_mm_expr *array, *index;
        } index;
        struct {
            struct jr_mm_params params;
            struct jr_mm_type *result; /* NULL if not written */
            struct jr_mm_expr *body;
        } lambda;
        struct jr_mm_exprs array;
        struct jr_mm_exprs tuple;
        struct {
            struct jr_mm_fields fields;
            bool incomplete; /* ends in `..`: parameters not named take their defaults */
        } record;
        struct {
            struct jr_mm_expr *base;
            struct jr_mm_fields fields;
        } update;
        struct jr_mm_stmts block;
        struct {
            struct jr_mm_expr *condition, *then_branch;
            struct jr_mm_expr *else_branch; /* NULL if not written */
        } if_;
        struct {
            struct jr_mm_expr *subject;
            struct jr_mm_arm *arms;
            uint32_t arm_count;
        } match;
    } as;
};

/* ---- statements ---- */

/* Those marked * stand at program and module level only. */
#define JR_MM_STMT_KINDS(X)                               \
    X(FUNCTION) /* * fn, macro */                         \
    X(LET)      /* let pattern : type = value */          \
    X(LETREC)   /* letrec name = value */                 \
    X(EXPR)     /* an expression, assignments included */ \
    X(INCLUDE)  /* * include("path") */                   \
    X(STAGE)    /* * #stage(main), #stage(macro) */       \
    X(MODULE)   /* * mod name { }, mod name */            \
    X(USE)      /* * use a::b, use a::*, use a::{b, c} */ \
    X(SUM)      /* * type name = variants, type rec */    \
    X(ALIAS)    /* * type alias name = type */

enum jr_mm_stmt_kind {
#define JR_MM_X(name) JR_MM_STMT_##name,
    JR_MM_STMT_KINDS(JR_MM_X)
#undef JR_MM_X
};

struct jr_mm_variant {
    struct jr_mm_name name;
    struct jr_mm_type *payload; /* NULL if none; several payload types are one TUPLE */
};

enum jr_mm_use_form {
    JR_MM_USE_PATH, /* use a::b::c: the last name of the path is imported (or, alone, the module is loaded) */
    JR_MM_USE_WILDCARD, /* use a::b::* */
    JR_MM_USE_LIST,     /* use a::b::{x, y} */
};

struct jr_mm_stmt {
    struct jr_mm_node node;
    enum jr_mm_stmt_kind kind;
    bool is_public; /* `pub`: of meaning for FUNCTION, SUM, ALIAS, USE, else without effect */
    uint8_t stage;  /* at program level, filled in by resolve: 0 macro, 1 main */
    struct jr_span expansion; /* the splice that made it, of file JR_FILE_NONE if it was written here */
    union {
        struct {
            struct jr_mm_name name;
            bool is_macro; /* written `macro`, a synonym */
            struct jr_mm_params params;
            struct jr_mm_type *result; /* NULL if not written */
            struct jr_mm_expr *body;   /* BLOCK, or ERROR */
        } function;
        struct {
            struct jr_mm_pattern *pattern;
            struct jr_mm_type *type; /* NULL if not written */
            struct jr_mm_expr *value;
        } let;
        struct {
            struct jr_mm_name name;
            struct jr_mm_expr *value; /* any expression; not a function is E-LETREC later */
        } letrec;
        struct jr_mm_expr *expr;
        struct {
            const char *path; /* NUL-terminated, without NULs inside */
            struct jr_span path_span;
            struct jr_mm_stmts body; /* of the file; filled in by load */
            bool missing;            /* it could not be loaded, which load has reported */
        } include;
        struct {
            bool is_main; /* else macro */
        } stage;
        struct {
            struct jr_mm_name name;
            bool external; /* no body is written: it is in a file of its own, from where load takes it */
            struct jr_mm_stmts body;
            bool missing; /* it could not be loaded, which load has reported */
        } module;
        struct {
            struct jr_mm_path path;
            enum jr_mm_use_form form;
            struct jr_mm_name *names; /* of the list form */
            uint32_t name_count;
            struct jr_mm_stmt *loaded; /* the MODULE that load had to add for it, at the root; usually NULL */
            bool missing;              /* it would make a file load itself, which load has reported */
        } use;
        struct {
            struct jr_mm_name name;
            bool is_rec; /* type rec */
            struct jr_mm_variant *variants;
            uint32_t variant_count;
        } sum;
        struct {
            struct jr_mm_name name;
            struct jr_mm_type *type;
        } alias;
    } as;
};

/* One parsed file. */
struct jr_mm_program {
    uint32_t file;
    uint32_t height; /* above those of its statements */
    struct jr_mm_stmts stmts;
};

/* New nodes with a fresh id, height 1 and everything else zero; for the parser and for passes that build code.  NULL if
 * there is no memory.  Whoever adds children sets the height: jr_mm_raise(&e->node, &child->node) keeps it above a
 * child's. */
struct jr_mm_type *jr_mm_type_new(struct jr_mm_ast *ast, enum jr_mm_type_kind kind, struct jr_span span);
struct jr_mm_pattern *jr_mm_pattern_new(struct jr_mm_ast *ast, enum jr_mm_pattern_kind kind,
                                        struct jr_span span);
struct jr_mm_expr *jr_mm_expr_new(struct jr_mm_ast *ast, enum jr_mm_expr_kind kind, struct jr_span span);
struct jr_mm_param *jr_mm_param_new(struct jr_mm_ast *ast, struct jr_mm_name name, struct jr_span span);
struct jr_mm_stmt *jr_mm_stmt_new(struct jr_mm_ast *ast, enum jr_mm_stmt_kind kind, struct jr_span span);

/* The lambda that the expression is, perhaps alone in a block, or put there by a splice; or NULL. */
const struct jr_mm_expr *jr_mm_lambda_of(const struct jr_mm_expr *expr);

static inline void jr_mm_raise(struct jr_mm_node *parent, const struct jr_mm_node *child)
{
    if (parent->height <= child->height)
        parent->height = child->height + 1;
}

/* The token of an operator, for example "<=".  Static. */
const char *jr_mm_binary_op_text(enum jr_mm_binary_op op);

#endif
