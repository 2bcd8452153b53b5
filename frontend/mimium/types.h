/* types.h -- the types of values, as inference sees them ("ty"; a type as written in the source is a jr_mm_type).
 *
 * Hindley-Milner with levels.  A variable may know fields: then it stands for some record that has at least those.  A
 * rigid variable is a type parameter written by the user (one lower-case letter): inside its function it equals only itself.
 *
 * A function type has one parameter type: unit for no parameter, a tuple for several.  That makes (A, B)->C and
 * ((A, B))->C the same type, as the language wants.  Record types keep their keys in byte order, which is also the order
 * of their words.  Tuples of one element do not exist: the element stands for them.
 *
 * All types live in the unit's arena. */
#ifndef JR_FRONTEND_MIMIUM_TYPES_H
#define JR_FRONTEND_MIMIUM_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "frontend/intern.h"
#include "frontend/mimium/unit.h"

struct jr_sb;

enum jr_ty_kind {
    JR_TY_ERROR, /* of an expression whose error is reported: unifies with everything */
    JR_TY_FLOAT,
    JR_TY_INT, /* in annotations only */
    JR_TY_STRING,
    JR_TY_UNIT,
    JR_TY_TUPLE,
    JR_TY_RECORD,
    JR_TY_ARRAY,
    JR_TY_FUNCTION,
    JR_TY_CODE, /* of the macro stage only */
    JR_TY_SUM, /* declared by `type`, or a union of types; equal types are the same object */
    JR_TY_VARIABLE,
    JR_TY_BOX, /* of layouts only: a sum value inside a payload of the sum itself */
};

/* A variable of this level belongs to a scheme and is only ever replaced by jr_ty_instantiate. */
enum { JR_TY_GENERIC_LEVEL = UINT32_MAX };

struct jr_mono;

struct jr_ty_variant {
    const char *name;
    jr_symbol symbol; /* its constructor; JR_SYMBOL_NONE in a union */
    struct jr_span span;
    struct jr_ty *payload; /* unit if there is none */
};
struct jr_ty_sum {
    const char *name;
    struct jr_span span;
    bool is_union; /* its variants are called by their types */
    bool visiting; /* a walk is inside it */
    uint32_t visited; /* the last walk that came here */
    bool is_recursive;                /* contains itself, and says so */
    const struct jr_ty_sum *group;    /* of those that contain each other, one that stands for all; NULL if not recursive */
    struct jr_ty *ty;
    struct jr_ty_variant *variants;
    uint32_t count;
    const struct jr_mono *mono; /* once emission has laid it out */
};

struct jr_ty {
    enum jr_ty_kind kind;
    uint32_t level;       /* VARIABLE */
    bool rigid;           /* VARIABLE */
    jr_symbol letter;     /* VARIABLE: what the user calls it, or JR_SYMBOL_NONE */
    struct jr_ty *link;   /* VARIABLE: what it stands for, or NULL */
    struct jr_ty *param;  /* FUNCTION */
    struct jr_ty *result; /* FUNCTION; ARRAY: the element; CODE: what it gives */
    struct jr_ty_sum *sum;
    /* TUPLE: items; RECORD, VARIABLE: fields in the byte order of their keys */
    uint32_t count;
    struct jr_ty **items;
    jr_symbol *keys;
};

/* The types of one compilation. */
struct jr_types {
    struct jr_unit *unit;
    uint32_t level;
    uint32_t depth, steps; /* of the walk in progress, of all walks: both bounded */
    struct jr_span place;  /* where a walk that gets too deep is reported */
    struct jr_ty error, float_, int_, string, unit_type;
};

void jr_types_init(struct jr_types *types, struct jr_unit *unit);

struct jr_ty *jr_ty_variable(struct jr_types *types);
struct jr_ty *jr_ty_rigid(struct jr_types *types, jr_symbol letter);
/* `items` is kept; one item gives the item itself, none gives unit. */
struct jr_ty *jr_ty_tuple(struct jr_types *types, struct jr_ty **items, uint32_t count);
/* Sorts `keys` and `items` in place and keeps them; the keys differ from each other. */
struct jr_ty *jr_ty_record(struct jr_types *types, jr_symbol *keys, struct jr_ty **items, uint32_t count);
struct jr_ty *jr_ty_array(struct jr_types *types, struct jr_ty *element);
struct jr_ty *jr_ty_function(struct jr_types *types, struct jr_ty *param, struct jr_ty *result);
struct jr_ty *jr_ty_code(struct jr_types *types, struct jr_ty *content);

struct jr_ty *jr_ty_sum(struct jr_types *types, struct jr_ty_sum *sum);

/* The type that a chain of bound variables ends at. */
struct jr_ty *jr_ty_resolve(struct jr_ty *ty);
/* The index of a key among the fields of a RECORD or VARIABLE, or `count`, as for any other type. */
uint32_t jr_ty_find_field(const struct jr_ty *ty, jr_symbol key);
/* Makes the variable know the field `key`; gives the field's type. */
struct jr_ty *jr_ty_add_field(struct jr_types *types, struct jr_ty *variable, jr_symbol key);
/* Byte order of two names: < 0, 0, > 0. */
int jr_ty_compare_keys(const struct jr_types *types, jr_symbol a, jr_symbol b);

/* Why two types cannot be the same; `left` and `right` are the innermost types that differ. */
enum jr_ty_clash_kind {
    JR_TY_AGREE,
    JR_TY_DIFFERENT,
    JR_TY_LENGTHS,       /* two tuples */
    JR_TY_KEYS,          /* two records, each with a key that the other lacks */
    JR_TY_MISSING_FIELD, /* one of two records has a key more */
    JR_TY_CIRCULAR,
};
struct jr_ty_clash {
    enum jr_ty_clash_kind kind;
    struct jr_ty *left, *right;
    jr_symbol key; /* MISSING_FIELD */
};

/* Makes the two types the same, as far as possible. */
struct jr_ty_clash jr_ty_unify(struct jr_types *types, struct jr_ty *left, struct jr_ty *right);

/* A type with variables to be replaced at each use. */
struct jr_ty_scheme {
    struct jr_ty *ty;
    struct jr_ty **variables;
    uint32_t variable_count;
};

/* Turns the variables of `ty` that belong to deeper levels than the current one into variables of a scheme. */
struct jr_ty_scheme jr_ty_generalise(struct jr_types *types, struct jr_ty *ty);
struct jr_ty_scheme jr_ty_monomorphic(struct jr_ty *ty);
/* Fresh variables for those of the scheme, which come back in `arguments` (NULL, or room for variable_count). */
struct jr_ty *jr_ty_instantiate(struct jr_types *types, const struct jr_ty_scheme *scheme,
                                struct jr_ty **arguments);

/* Whether a function type occurs in it (through arrays and aggregates, not through variables or functions). */
bool jr_ty_has_function(struct jr_types *types, struct jr_ty *ty);
/* The same for code. */
bool jr_ty_has_code(struct jr_types *types, struct jr_ty *ty);
/* Whether the zero of the type (of a sum, its first variant), or an element of it, contains a string. */
bool jr_ty_zero_has_string(struct jr_types *types, struct jr_ty *ty);
/* Whether a variable occurs in it anywhere. */
bool jr_ty_is_open(struct jr_types *types, struct jr_ty *ty);

/* The type in source syntax.  `number` writes float as "number", as messages do.  Variables are called by their letter,
 * or '_ followed by letters in the order of their appearance. */
void jr_ty_print(struct jr_types *types, struct jr_ty *ty, bool number, struct jr_sb *out);
/* The types of a function's `count` parameters and, behind them, of its result, each as in a source; one variable has one name in
 * all of them.  NULL if `ty` is no function of so many parameters.  In the arena. */
const char *const *jr_ty_print_signature(struct jr_types *types, struct jr_ty *ty, uint32_t count);
/* A type, for messages (float is "number") and as in a source, in the arena. */
const char *jr_ty_text(struct jr_types *types, struct jr_ty *ty);
const char *jr_ty_source_text(struct jr_types *types, struct jr_ty *ty);

#endif
