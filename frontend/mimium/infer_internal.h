/* infer_internal.h -- what the files of inference share. */
#ifndef JR_FRONTEND_MIMIUM_INFER_INTERNAL_H
#define JR_FRONTEND_MIMIUM_INFER_INTERNAL_H

#include "frontend/mimium/ast.h"
#include "frontend/mimium/core.h"
#include "frontend/mimium/infer.h"
#include "frontend/mimium/resolve.h"
#include "frontend/mimium/stage_internal.h"

/* `type alias`, resolved when it is first used. */
struct jr_alias {
    const struct jr_mm_stmt *stmt;
    struct jr_ty *ty; /* NULL until resolved */
    bool resolving;   /* a use of it now is a cycle */
    struct jr_ty_sum *sum; /* `type` without alias, or NULL */
};

struct jr_constructor {
    struct jr_ty_sum *sum;
    uint32_t variant;
};

struct jr_letter {
    jr_symbol symbol;
    struct jr_ty *ty;
};

/* A splice whose code is collected: for a hole of a quote, or for a result of the program. */
struct jr_infer_hole {
    const struct jr_mm_expr *expr;
    struct jr_core *node; /* its operand */
    uint32_t order;       /* of inference */
    bool is_unit;         /* run for its effect only */
};
struct jr_infer_holes {
    struct jr_infer_hole *items;
    uint32_t count, capacity;
};

/* A quote being inferred. */
struct jr_infer_quote {
    const struct jr_mm_expr *expr;
    struct jr_infer_quote *outer; /* lexically around it, splices in between */
    struct jr_core_fn *fn;        /* of the macro stage, in which it stands */
    struct jr_binding *mark;      /* of its evaluation */
    struct jr_infer_holes holes;
    struct jr_core_fn *self_fn;           /* whose `self` stands directly in it, or NULL */
    const struct jr_mm_expr *self_quote;  /* the quote in which that function stands, or NULL */
};

/* The splice being inferred. */
struct jr_infer_splice {
    struct jr_core_fn *fn; /* of the macro stage, to which its code belongs */
    struct jr_core_fn *main_fn; /* of the main stage, in which it stands, or NULL */
    const struct jr_mm_expr *main_quote;
};

struct jr_infer {
    struct jr_unit *unit;
    struct jr_types *types;
    struct jr_core_program *program;
    struct jr_core_fn *globals[JR_MM_STAGE_COUNT]; /* per stage: its code at program level */
    const struct jr_mm_names *names;
    struct jr_binding **bindings; /* per symbol: NULL before its definition, and if that could not be typed */
    struct jr_alias **aliases;    /* per symbol */
    const struct jr_constructor **constructors; /* per symbol */
    JR_UNIT_LIST(struct jr_ty_sum *) unions;    /* one for each set of members */
    bool *assigned_names; /* per symbol: some assignment in the program has this target */
    uint32_t symbol_count;
    JR_UNIT_LIST(struct jr_alias *) resolving; /* aliases being resolved, outermost first */
    JR_UNIT_LIST(struct jr_letter) letters;    /* type parameters in scope */
    struct jr_core_fn *fn;                     /* the function whose body is being inferred */
    const struct jr_mm_expr *placeholder;      /* what a direct `_` of the next call or operator stands for */
    JR_UNIT_LIST(struct jr_core_fn *) self_fns; /* that use `self`, inlined ones included */
    jr_symbol let_name;                         /* the name the next lambda is bound to */
    uint32_t block_depth;                       /* of blocks around, in the global code */
    uint8_t stage, kept_stage; /* of the code being inferred; whose code becomes a core tree */
    struct jr_infer_quote *quote;     /* innermost around, or NULL */
    struct jr_infer_splice *splice;   /* innermost around, or NULL */
    struct jr_infer_holes results;    /* splices of the statement being inferred that stand in no quote */
    struct jr_mm_stage *stage_table;  /* while stage 0 is kept */
    JR_UNIT_LIST(struct jr_core *) lifts; /* calls of `lift` and its kin */
    struct jr_span subject;                     /* of the match whose patterns are being inferred */
    uint32_t walks;                             /* through the payloads of sums */
    JR_UNIT_LIST(struct jr_ty_sum *) reached;   /* by the last walk without a goal */
    uint32_t lambda_copies;                     /* lambdas inferred again, once for each number of a tuple */
};

/* More parameters or fields than this in one list are E-LIMIT: some checks look at all pairs. */
enum { JR_INFER_LIST_MAX = 1000 };

/* Why a type is expected: a second place, with what to say there, and the category for a missing field. */
struct jr_reason {
    struct jr_span span; /* file JR_FILE_NONE: no second place */
    const char *text;
    enum jr_category missing_field;
};
static inline struct jr_reason jr_reason(struct jr_span span, const char *text)
{
    return (struct jr_reason){ span, text, JR_CATEGORY_FIELD_MISSING };
}
static inline struct jr_reason jr_reason_none(void)
{
    return jr_reason((struct jr_span){ 0 }, "");
}

/* infer.c: nodes and bindings */
struct jr_core *jr_infer_node(struct jr_infer *in, enum jr_core_kind kind, struct jr_span span,
                              struct jr_ty *ty);
/* With room for `count` items. */
struct jr_core_pattern *jr_infer_pattern_node(struct jr_infer *in, enum jr_core_pattern_kind kind,
                                              struct jr_ty *ty, uint32_t count);
struct jr_core *jr_infer_error_node(struct jr_infer *in, struct jr_span span);
/* `parent` does what `child` does. */
void jr_infer_absorb(struct jr_core *parent, const struct jr_core *child);
struct jr_core *jr_infer_number(struct jr_infer *in, struct jr_span span, double value);
struct jr_binding *jr_infer_binding(struct jr_infer *in, enum jr_binding_kind kind, jr_symbol name,
                                    struct jr_span span, struct jr_ty *ty);
void jr_infer_show(struct jr_infer *in, struct jr_binding *binding); /* for the uses that follow */
struct jr_core_use *jr_infer_use(struct jr_infer *in, struct jr_binding *binding, struct jr_span span);
struct jr_core *jr_infer_variable(struct jr_infer *in, struct jr_binding *binding, struct jr_span span);
bool jr_infer_is_error(struct jr_ty *ty);
/* The field that gives a parameter its value where arguments are given by name; JR_SYMBOL_NONE if it has no name. */
static inline jr_symbol jr_infer_key(const struct jr_infer *in, const struct jr_binding *param)
{
    return jr_symbols_base(in->unit->symbols, param->name);
}

/* infer_report.c */
void jr_infer_unsupported(struct jr_infer *in, struct jr_span span, const char *feature);
void jr_infer_report_clash(struct jr_infer *in, const struct jr_ty_clash *clash, struct jr_span span,
                           struct jr_ty *have, struct jr_ty *want, struct jr_reason reason);
/* A key of `record` that looks like `key`, or JR_SYMBOL_NONE. */
jr_symbol jr_infer_similar_key(struct jr_infer *in, const struct jr_ty *record, jr_symbol key);
/* Suggests to write another name at the place of the diagnostic: `best` (NULL: nothing), or a key of `record` like `key`. */
void jr_infer_suggest(struct jr_infer *in, struct jr_diag *diag, const char *best);
void jr_infer_suggest_key(struct jr_infer *in, struct jr_diag *diag, const struct jr_ty *record, jr_symbol key);
const char *jr_infer_keys_text(struct jr_infer *in, const struct jr_ty *record);
/* The expression that gives a block its value; any other node is its own. */
const struct jr_core *jr_infer_result(const struct jr_core *node);
/* The node, converted to `want` where the width rule of records asks for it; the types are made to agree or reported.
 * On an error the result has type error. */
struct jr_core *jr_infer_coerce(struct jr_infer *in, struct jr_core *node, struct jr_ty *want,
                                struct jr_reason reason);

/* infer_assigned.c: fills assigned_names */
void jr_infer_collect_assigned(struct jr_infer *in, const struct jr_mm_program *program);

/* infer_type.c */
struct jr_ty *jr_infer_type(struct jr_infer *in, const struct jr_mm_type *type);
void jr_infer_declare_types(struct jr_infer *in, const struct jr_mm_program *program);

/* infer_sum.c */
void jr_infer_declare_constructors(struct jr_infer *in, const struct jr_mm_program *program);
/* The constructor that an expression names, or NULL. */
const struct jr_constructor *jr_infer_find_constructor(struct jr_infer *in, const struct jr_mm_path *path);
/* A constructor where a value is meant: a value, or a function of its payload. */
struct jr_core *jr_infer_constructor_value(struct jr_infer *in, struct jr_span span,
                                           const struct jr_constructor *constructor);
struct jr_core *jr_infer_construct(struct jr_infer *in, struct jr_span span,
                                   const struct jr_constructor *constructor, struct jr_core_list args);

/* infer_union.c */
struct jr_ty *jr_infer_primitive(struct jr_infer *in, enum jr_mm_primitive primitive);
struct jr_ty *jr_infer_union(struct jr_infer *in, const struct jr_mm_type *type);
/* The variant of the union that takes a value of type `have`: the first that is of this type, else the first that it can be converted to;
 * its count if there is none. */
uint32_t jr_infer_union_variant(struct jr_types *types, const struct jr_ty_sum *sum, struct jr_ty *have);
bool jr_infer_is_union(struct jr_ty *ty); /* NULL is none */
/* Whether jr_infer_coerce would succeed, as far as can be said without binding variables. */
bool jr_infer_fits(struct jr_types *types, struct jr_ty *have, struct jr_ty *want);

/* infer_match.c */
struct jr_core *jr_infer_match(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected);

/* infer_expr.c; `expected` may be NULL and only helps: the caller still coerces */
struct jr_core *jr_infer_expr(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected);
struct jr_core *jr_infer_block(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected);

/* infer_call.c */
struct jr_core *jr_infer_apply(struct jr_infer *in, struct jr_span span, const struct jr_mm_expr *callee,
                               struct jr_mm_expr *const *args, uint32_t arg_count,
                               const struct jr_mm_expr *placeholder);
struct jr_core *jr_infer_op(struct jr_infer *in, struct jr_span span, const struct jr_builtin *builtin,
                            struct jr_core **args, uint32_t arg_count, struct jr_ty *result);

/* Statements that run before a node. */
struct jr_core_prelude {
    JR_UNIT_LIST(struct jr_core *) items;
};

/* infer_pack.c: the arguments of a known function by key */
/* Whether a call of `fn` with this one argument (typed `ty`) takes it as a pack of named arguments. */
bool jr_infer_is_pack(struct jr_infer *in, const struct jr_core_fn *fn, const struct jr_mm_expr *arg, struct jr_ty *ty);
/* The value of the parameter `index` where a call leaves it out. */
struct jr_core *jr_infer_default(struct jr_infer *in, const struct jr_core_fn *fn, uint32_t index,
                                 struct jr_span span);
/* Fills args[0 .. param_count) in parameter order; what must run before goes to *prelude.  `arg` is a record literal, or NULL
 * and `value` any record.  False after reporting what is missing. */
bool jr_infer_pack(struct jr_infer *in, const struct jr_core_fn *fn, struct jr_ty *param,
                   const struct jr_mm_expr *arg, struct jr_core *value, struct jr_span callee,
                   struct jr_core **args, struct jr_core_prelude *prelude);
/* Binds `value` to a fresh variable in the prelude; gives the binding. */
struct jr_binding *jr_infer_prelude_let(struct jr_infer *in, struct jr_core_prelude *prelude,
                                        struct jr_core *value);
/* `body`, after the prelude if there is one. */
struct jr_core *jr_infer_with_prelude(struct jr_infer *in, struct jr_core_prelude *prelude,
                                      struct jr_core *body);

/* infer_spread.c: tuples where numbers are meant */
bool jr_infer_is_arithmetic(const struct jr_builtin *builtin); /* one of those that take tuples element by element */
/* `left` and `right`, one of which is a tuple, element by element. */
struct jr_core *jr_infer_arithmetic(struct jr_infer *in, struct jr_span span, struct jr_span op_span,
                                    const struct jr_builtin *builtin, struct jr_core *left,
                                    struct jr_core *right, struct jr_reason reason);
/* Makes the call with one number; the node it gets is used once. */
struct jr_infer_leaf {
    struct jr_core *(*make)(struct jr_infer *in, struct jr_core *number, void *context);
    void *context;
};
/* The tuple `arg`, bound in the prelude, with each of its numbers replaced by a call. */
struct jr_core *jr_infer_map(struct jr_infer *in, struct jr_span span, struct jr_core *arg,
                             struct jr_core_prelude *prelude, struct jr_infer_leaf leaf);

/* infer_fn.c */
struct jr_core_fn *jr_infer_lambda(struct jr_infer *in, const struct jr_mm_expr *expr,
                                   struct jr_binding *binding, struct jr_ty *expected, bool is_inline);
struct jr_core_fn *jr_infer_definition(struct jr_infer *in, const struct jr_mm_stmt *stmt,
                                       struct jr_binding *binding);
/* A built-in as a function value: a lambda that calls it. */
struct jr_core *jr_infer_builtin_value(struct jr_infer *in, struct jr_span span,
                                       const struct jr_builtin *builtin);
bool jr_infer_may_have_state(const struct jr_core_fn *fn);
/* `fn`, which is complete, is made in `outer`'s frame. */
void jr_infer_add_child(struct jr_infer *in, struct jr_core_fn *outer, struct jr_core_fn *fn);

/* infer_stmt.c */
/* The node of a statement, or NULL if it leaves none.  *is_value: it is an expression. */
struct jr_core *jr_infer_stmt(struct jr_infer *in, const struct jr_mm_stmt *stmt, bool *is_value,
                              struct jr_ty *expected);

/* infer_stage.c */
/* Whether the code being inferred is of the stage that is kept. */
bool jr_infer_keeps(const struct jr_infer *in);
/* Reports a function of time at the macro stage. */
void jr_infer_check_stage(struct jr_infer *in, const struct jr_builtin *builtin, struct jr_span span);
/* Diagnostics from here to the matching leave are about what `expr`, if it is an EXPANSION, was made by. */
struct jr_label jr_infer_enter_expansion(struct jr_infer *in, const struct jr_mm_expr *expr);
void jr_infer_leave_expansion(struct jr_infer *in, struct jr_label before);
struct jr_core *jr_infer_quote(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected);
struct jr_core *jr_infer_splice(struct jr_infer *in, const struct jr_mm_expr *expr, struct jr_ty *expected);
struct jr_core_items {
    struct jr_core **items;
    uint32_t count, capacity;
};
/* The splices collected since the last call, as statements. */
void jr_infer_push_results(struct jr_infer *in, struct jr_core_items *items);

/* infer_finish.c: state, captures, and what can only be checked when every type is known */
void jr_infer_finish(struct jr_infer *in);

#endif
