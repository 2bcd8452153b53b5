/* gen.h -- what the parts of the generator share: random numbers, names in scope, the state of the current function.
 *
 *   generate.c    the program as a whole: globals, functions, tasks, dsp
 *   gen_scope.c   random choice, types, names in scope
 *   gen_expr.c    expressions of a wanted type
 *   gen_tuple.c   operators on tuples, functions applied to each leaf
 *   gen_sum.c     sum types, match, functions over recursive types
 *   gen_poly.c    generic functions
 *   gen_stage.c   macros
 *   gen_stmt.c    statements, blocks, lambdas, loops */
#ifndef JR_TESTS_DIFFERENTIAL_GEN_H
#define JR_TESTS_DIFFERENTIAL_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/differential/tree.h"

enum variable_kind {
    VARIABLE_LOCAL,    /* let or parameter: may be assigned */
    VARIABLE_GLOBAL,   /* likewise */
    VARIABLE_FUNCTION, /* fn; `definition` has its parameters */
    VARIABLE_LOOP,     /* fn or letrec whose first argument is a count */
};

struct variable {
    const char *name;
    const struct type *type;
    enum variable_kind kind;
    bool stateful;                 /* a function that must not be called in a recursive one */
    bool constant;                 /* the counter of a loop: never assigned, never hidden */
    double cost;                   /* estimated work of one call */
    const struct node *definition; /* of a function */
};

enum { VARIABLES_MAX = 512, TYPES_MAX = 96, SUMS_MAX = 4 };

/* Generic functions that a program may have, as text. */
enum gen_helper {
    HELPER_IDENTITY,
    HELPER_CHOOSE,
    HELPER_COMPOSE,
    HELPER_MAP,
    HELPER_FOLD,
    HELPER_SWAP,
    HELPER_APPLY,
    HELPER_TWICE,
    HELPER_KEEPER,
    HELPER_CELL,
    HELPER_NEST,
    HELPER_LATCH,
    HELPER_RING,
    HELPER_COUNT
};

/* The built-in stock of types that a program draws from. */
struct stock {
    const struct type *pair, *triple, *nested, *plain_record, *mixed_record, *deep_record;
    const struct type *numbers, *pairs, *rows, *notes, *bag, *row_record;
    const struct type *map1, *map2, *thunk, *action, *setter, *splitter, *maker, *reducer, *over, *curried;
    const struct type *call_pair, *call_record, *maps, *twins;
    const struct type *calls[TYPES_MAX]; /* function types whose values are called */
    size_t call_count;
    const struct type *values[TYPES_MAX]; /* all without a function inside */
    size_t value_count;
    const struct type *any[TYPES_MAX]; /* those with a function, then the same */
    size_t function_count, any_count;
};

/* What is true at the place that is being written. */
struct place {
    const struct type *self_type; /* of `self`, NULL where it must not be used */
    bool state;                   /* mem, delay and calls of stateful functions are allowed */
    bool functions;               /* function values and calls of user functions are allowed */
    bool stateful;                /* set when something with state was written */
    double cost, cost_limit;      /* of the current function */
};

struct gen {
    struct tree *tree;
    uint64_t random;
    struct stock stock;
    struct variable variables[VARIABLES_MAX];
    size_t variable_count;
    const struct type *sums[SUMS_MAX]; /* declared in this program */
    size_t sum_count;
    struct node *sign[SUMS_MAX],
        *trim[SUMS_MAX]; /* where their text functions will stand, if they are used */
    bool sign_used[SUMS_MAX], trim_used[SUMS_MAX];
    size_t names; /* for fresh names */
    struct place place;
    bool have[HELPER_COUNT];
    bool staged, have_macro[MACRO_COUNT];
    int makers; /* functions of the macro stage around: print_plain.c writes code into them, which nothing there may capture */
};

/* ---- gen_scope.c ---- */

uint32_t gen_below(struct gen *g, uint32_t bound); /* 0 .. bound-1 */
bool gen_chance(struct gen *g, uint32_t percent);
/* The types that need no declaration; gen_choose_types comes after gen_add_sums and chooses those that the program favours. */
void gen_make_stock(struct gen *g);
void gen_choose_types(struct gen *g);
const struct type *gen_value_type(struct gen *g); /* without functions; float half of the time */
const struct type *gen_any_type(struct gen *g);
const char *gen_fresh(struct gen *g, const char *prefix);
/* A name for a new local variable: fresh, or now and then one that hides an older variable. */
const char *gen_local_name(struct gen *g);
struct variable *gen_bind(struct gen *g, enum variable_kind kind, const char *name, const struct type *type);
/* A visible variable of this kind and type (NULL: any type) that is not a constant, or NULL. */
const struct variable *gen_find(struct gen *g, enum variable_kind kind, const struct type *type);
/* A visible local or global variable of this type, constants included, or NULL. */
const struct variable *gen_find_value(struct gen *g, const struct type *type);
/* A visible function or loop that gives this result, within the rest of the budget and the rules of the place. */
const struct variable *gen_find_callable(struct gen *g, enum variable_kind kind, const struct type *result);
bool gen_is_visible(const struct gen *g, const struct variable *variable);

/* ---- gen_expr.c ---- */

struct node *gen_expression(struct gen *g, const struct type *type, int depth);
/* The shortest expression of a type. */
struct node *gen_leaf(struct gen *g, const struct type *type);
struct node *gen_number(struct gen *g);
/* A count for a loop: 0 to 7 at run time, whatever its parts are. */
struct node *gen_count(struct gen *g, int depth);
struct node *gen_name(struct gen *g, const char *name, const struct type *type);
/* Whether a result type is one that self may have. */
bool gen_fits_self(const struct gen *g, const struct type *type);
/* A call with result unit, or NULL where there is nothing to call. */
struct node *gen_unit_call(struct gen *g, int depth);

/* ---- gen_tuple.c ---- */

/* NULL if the type is no tuple of numbers. */
struct node *gen_tuple_operation(struct gen *g, const struct type *type, int depth);

/* ---- gen_sum.c ---- */

/* Declares some sum types, with the text functions sign_S (a number that depends on the value) and trim_R. */
void gen_add_sums(struct gen *g);
/* Writes those of the text functions that are used; when everything else is written. */
void gen_finish_sums(struct gen *g);
/* A constructor and its payload. */
struct node *gen_construct(struct gen *g, const struct type *type, int depth);
/* match on something, with arms that give the type and take every value. */
struct node *gen_match(struct gen *g, const struct type *type, int depth);
/* A function that walks over a recursive type, its name bound; NULL if the type that was drawn is not recursive.  There is a sum type. */
struct node *gen_fold(struct gen *g, int depth);
/* An expression as text: a number that depends on what `path` names; NULL where nothing shows. */
const char *gen_sign_text(struct gen *g, const struct type *type, const char *path);

/* ---- gen_poly.c ---- */

void gen_add_helpers(struct gen *g);
/* A call of a generic helper that gives the type, or NULL. */
struct node *gen_polymorphic(struct gen *g, const struct type *type, int depth);

/* ---- gen_stage.c ---- */

/* Some programs get some macros. */
void gen_add_macros(struct gen *g);
/* A macro call, or a value lifted from the macro stage, that gives the type; or NULL. */
struct node *gen_macro(struct gen *g, const struct type *type, int depth);
/* The same as a statement. */
struct node *gen_macro_statement(struct gen *g, int depth);

/* ---- gen_stmt.c ---- */

/* A block of up to `statements` statements that ends in an expression of the type (unit: in a statement). */
struct node *gen_block(struct gen *g, const struct type *type, int statements, int depth);
struct node *gen_lambda(struct gen *g, const struct type *type, int depth);
/* Adds one statement. */
void gen_statement(struct gen *g, struct node *block, int depth);
/* fn or letrec that counts down; binds its name. */
struct node *gen_loop(struct gen *g, bool local, int depth);
/* task @ now + k, or @ a plain number for global code, where now is 0. */
struct node *gen_schedule(struct gen *g, struct node *task, bool from_now);
/* Adds a parameter to a function or lambda and binds its name. */
struct node *gen_parameter(struct gen *g, struct node *owner, const char *name, const struct type *type);

#endif
