/* core.h -- a program after inference: names resolved, every expression typed, conversions explicit.
 *
 * The tree is small on purpose.  Operators and built-ins are OP and its kin, pipes and placeholders are calls, packs and
 * defaults are argument lists, a lambda applied where it stands is INLINE.  Types may hold variables: those of a scheme
 * are replaced when code is made for one instance, any other is a float.
 *
 * Every node lies in the unit's arena.  The tree is no higher than the syntax tree times a small constant. */
#ifndef JR_FRONTEND_MIMIUM_CORE_H
#define JR_FRONTEND_MIMIUM_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "frontend/mimium/builtins.h"
#include "frontend/mimium/types.h"

struct jr_core;
struct jr_core_fn;
struct jr_core_pattern;
struct jr_infer_quote;

enum jr_binding_kind {
    JR_BINDING_ERROR, /* its definition is wrong or not supported: uses are silent */
    JR_BINDING_LOCAL, /* let, letrec in a block */
    JR_BINDING_PARAM,
    JR_BINDING_GLOBAL, /* fn, and let and letrec at program level */
};

/* One definition of a name. */
struct jr_binding {
    enum jr_binding_kind kind;
    jr_symbol name;
    struct jr_span span;
    struct jr_ty_scheme scheme;
    struct jr_core_fn *owner;           /* the function in whose frame it lives; of a GLOBAL, the program's */
    struct jr_core_fn *fn;              /* the lambda it is bound to by fn, letrec or let, or NULL */
    const struct jr_core_fn *params_of; /* whose parameter names a call by this name may use, or NULL */
    bool is_fn;                         /* by fn or letrec: cannot be assigned */
    bool is_let;                        /* by let or letrec, to a lambda, which is evaluated once */
    bool keeps_object;                  /* called directly, but as a value it is the closure that the let made */
    bool assigned;                      /* somewhere after its definition */
    bool captured;                      /* by a closure that reads it from another frame */
    /* Where emission has it, in the frame it is working on. */
    uint32_t slot; /* GLOBAL: its first word among the module's globals */
    uint32_t reg;  /* first register of the value, or of the cell */
    uint8_t where; /* enum jr_where of emit_internal.h */
    const struct jr_mono *stored; /* STORED: how the value lies there */
};

/* A place where a variable is used; arguments stand for the variables of the binding's scheme. */
struct jr_core_use {
    struct jr_binding *binding;
    struct jr_ty **arguments;
    struct jr_span span;
    bool called; /* it is the callee of a call */
};

/* A function, lambda, or (the first of a program) the global code. */
struct jr_core_fn {
    const char *name;
    struct jr_span span;
    struct jr_core_fn *outer;   /* the lexically enclosing function, NULL for the global code */
    struct jr_core_fn *frame;   /* itself, or where it is inlined into */
    struct jr_binding *binding; /* the name it knows itself by, or NULL */
    struct jr_binding **params;
    struct jr_core_fn **defaults; /* NULL, or per parameter a function without parameters, or NULL */
    uint32_t param_count;
    struct jr_ty *ty;     /* of the function */
    struct jr_ty *result; /* of its body */
    struct jr_core *body;
    struct jr_label origin;   /* the splice that made it, as diagnostics show it */
    struct jr_span self_span; /* the first `self` */
    bool uses_self;           /* `self` stands in it, not in a nested one */
    bool is_inline;
    struct jr_infer_quote *quote; /* the quote that it stands for while that is inferred, else NULL */
    const void *syntax;           /* the LAMBDA expression or FUNCTION statement */
    bool is_default;  /* the default value of a parameter: `self` in it would be nobody's */
    bool in_progress; /* its body is being inferred */
    bool has_sites;   /* self, mem, delay in this frame */
    bool has_state;   /* has_sites, or calls directly what has state */
    bool known;       /* no captures, no state, never reassigned: called without a closure object */
    JR_UNIT_LIST(struct jr_core_use *) uses;    /* in this frame */
    JR_UNIT_LIST(struct jr_core_fn *) children; /* lambdas made in this frame, in source order */
    JR_UNIT_LIST(struct jr_binding *) captures;
    /* emission: in the frame it is working on */
    uint32_t self_reg, self_offset;
    JR_UNIT_LIST(struct jr_instance *) instances;
};

enum jr_core_kind {
    JR_CORE_ERROR,
    JR_CORE_NUMBER,
    JR_CORE_STRING,
    JR_CORE_VARIABLE,
    JR_CORE_SELF,
    JR_CORE_OP,     /* a built-in applied to its arguments, one node each */
    JR_CORE_CALL,   /* the words of the arguments in a row are those of the parameters */
    JR_CORE_INLINE, /* a lambda literal applied where it stands */
    JR_CORE_LAMBDA,
    JR_CORE_TUPLE,
    JR_CORE_RECORD, /* fields in source order */
    JR_CORE_ARRAY,
    JR_CORE_PROJECT, /* item `index` of a tuple */
    JR_CORE_FIELD,
    JR_CORE_UPDATE, /* a copy of a record with other fields */
    JR_CORE_INDEX,
    JR_CORE_IF,
    JR_CORE_BLOCK, /* value of the last item, or unit */
    JR_CORE_LET,   /* in a block or at program level */
    JR_CORE_ASSIGN,
    JR_CORE_COERCE,    /* to a type with fewer fields, or from a member to its union */
    JR_CORE_CONSTRUCT, /* a value of a sum type: the words of the arguments in a row are the payload's */
    JR_CORE_MATCH,
};

struct jr_core_list {
    struct jr_core **items;
    uint32_t count;
};

struct jr_core {
    enum jr_core_kind kind;
    struct jr_span span;
    struct jr_ty *ty;
    bool assigns; /* an assignment to a variable stands in it, outside nested functions */
    bool calls;   /* it may run other code or touch state: its order against others matters */
    union {
        double number;
        struct {
            const char *text;
            size_t length;
        } string;
        struct jr_core_use *variable;
        struct jr_core_fn *self_of; /* SELF */
        struct {
            const struct jr_builtin *builtin;
            struct jr_core_list args;
            uint32_t length; /* DELAY: samples; STAGE: which quote */
        } op;
        struct {
            struct jr_core *callee;
            struct jr_core_list args;
        } call;
        struct {
            struct jr_core_fn *fn;
            struct jr_core_list args;
        } inline_;
        struct jr_core_fn *lambda;
        struct jr_core_list list; /* TUPLE, ARRAY */
        struct {
            struct jr_core_list values;
            jr_symbol *keys;
        } record;
        struct {
            struct jr_core *object;
            uint32_t index;
        } project;
        struct {
            struct jr_core *object;
            jr_symbol key;
        } field;
        struct {
            struct jr_core *base;
            struct jr_core_list values;
            jr_symbol *keys;
        } update;
        struct {
            struct jr_core *array, *index;
        } index;
        struct {
            struct jr_core *condition, *then_branch, *else_branch; /* else_branch may be NULL */
        } if_;
        struct {
            struct jr_core_list items;
            bool has_value;
        } block;
        struct {
            struct jr_core_pattern *pattern;
            struct jr_core *value;
        } let;
        struct {
            struct jr_core_use *target;
            jr_symbol *keys; /* path of fields below the variable */
            uint32_t key_count;
            struct jr_core *value;
        } assign;
        struct jr_core *coerce;
        struct {
            uint32_t variant;
            struct jr_core_list args;
        } construct;
        struct {
            struct jr_core *subject;
            struct jr_core_pattern **patterns; /* one per arm; together they cover every value */
            struct jr_core_list bodies;
        } match;
    } as;
};

enum jr_core_pattern_kind {
    JR_CORE_PATTERN_NONE,
    JR_CORE_PATTERN_NAME,
    JR_CORE_PATTERN_TUPLE,
    JR_CORE_PATTERN_RECORD,
    JR_CORE_PATTERN_NUMBER, /* this and the next stand in match arms only */
    JR_CORE_PATTERN_VARIANT /* one item, the payload */
};

struct jr_core_pattern {
    enum jr_core_pattern_kind kind;
    struct jr_ty *ty;
    struct jr_binding *binding;
    struct jr_core_pattern **items;
    jr_symbol *keys;  /* RECORD */
    int64_t number;   /* NUMBER: truncated */
    uint32_t variant; /* VARIANT */
    uint32_t count;
};

struct jr_core_program {
    struct jr_core_fn *main;               /* global code: its body is a BLOCK of statements without value */
    struct jr_binding *dsp;                /* or NULL */
    bool only_used; /* functions that nothing of it uses need not be emitted */
    JR_UNIT_LIST(struct jr_core_fn *) fns; /* every function but main, each after those nested in it */
    JR_UNIT_LIST(struct jr_binding *) globals; /* in source order */
    JR_UNIT_LIST(struct jr_binding *) defined; /* the same, with those of the stage whose code is not kept */
};

#endif
