/* emit_internal.h -- what the files of emission share.
 *
 *   emit.c          the program: globals, entries, the order of functions
 *   emit_fn.c       one function: entry, tail positions, return, self
 *   emit_expr.c     expressions
 *   emit_call.c     calls, windows, state sites
 *   emit_stage.c    what the macro stage asks of the compiler
 *   emit_const.c    constants that are made before a loop
 *   emit_closure.c  variables, closures, cells
 *   emit_bind.c     let, patterns, assignment
 *   emit_record.c   records: conversion, update
 *   emit_match.c    sum values, match
 *
 * Registers are a stack: `top` is the first free one.  A variable keeps the registers where its value was made.  An expression is
 * emitted towards a destination, so that its last instruction writes where the value is wanted:
 *
 *   ANY    wherever it is; a variable is used in place, anything else is made at the old top
 *   PUSH   exactly at the old top, which then rises by the value's words
 *   REG    in given registers, which hold no reference; they are written only after every operand has been read
 *
 * A value with references is owned by its registers or borrows from somebody who outlives the use (docs/internals/bytecode.md).
 * Owned temporaries are released by whoever asked for them; owned variables stand in `owners` and are released where their scope
 * ends. */
#ifndef JR_FRONTEND_MIMIUM_EMIT_INTERNAL_H
#define JR_FRONTEND_MIMIUM_EMIT_INTERNAL_H

#include "frontend/mimium/emit.h"
#include "frontend/mimium/layout.h"
#include "ir/builder.h"

/* Where a binding's value is, in the frame being emitted. */
enum jr_where {
    JR_WHERE_NOWHERE,
    JR_WHERE_REGISTERS,
    JR_WHERE_CELL,   /* reg holds the cell */
    JR_WHERE_STORED, /* in a payload, with boxes: each use takes it out */
};

/* A function for one choice of types. */
struct jr_instance {
    struct jr_core_fn *fn;
    const struct jr_env *env;
    const struct jr_mono *mono; /* its type */
    uint32_t index;             /* of the builder's function */
    bool started, finished;
};

/* The function that calls a closure of a signature and drops its result. */
struct jr_task_wrapper {
    uint32_t signature, index;
};

struct jr_emitter {
    struct jr_unit *unit;
    struct jr_types *types;
    const struct jr_core_program *program;
    struct jr_builder *builder;
    struct jr_monos monos;
    JR_UNIT_LIST(struct jr_instance *) instances; /* in the order of their making */
    JR_UNIT_LIST(struct jr_task_wrapper) wrappers;
    uint32_t *files;      /* per source file: the builder's file + 1, or 0 */
    struct jr_place last; /* the place computed last, and its span */
    struct jr_span last_span;
};

/* A variable whose registers own references. */
struct jr_owner {
    uint32_t reg;
    uint32_t layout;
    bool single; /* one word, one reference */
};

/* A parameter, as long as its function runs. */
struct jr_param {
    uint32_t reg; /* where it is on entry, and again at the top of the loop that self tail calls make */
    const struct jr_mono *mono;
    bool owned; /* its references are copied on entry, since it is assigned or changes from turn to turn */
};

/* A register that holds a number throughout the function. */
struct jr_constant {
    uint64_t bits;
    uint32_t reg;
};

struct jr_frame {
    struct jr_emitter *em;
    const struct jr_core_fn *fn;
    const struct jr_env *env;
    struct jr_builder *b;
    uint32_t f; /* the builder's function */
    uint32_t top;
    JR_UNIT_LIST(struct jr_owner) owners;
    JR_UNIT_LIST(struct jr_constant) constants;
    uint32_t loop;        /* label of the top of the body, or JR_NONE */
    uint32_t loop_owners; /* how many owners there are at the top */
    struct jr_param *params;
    const char *site_name; /* of the state sites of the value being emitted: the variable it is bound to */
};

enum jr_dest_kind { JR_DEST_ANY, JR_DEST_PUSH, JR_DEST_REG };
struct jr_dest {
    enum jr_dest_kind kind;
    uint32_t reg;
    bool own; /* references must be owned */
};
static inline struct jr_dest jr_any(void)
{
    return (struct jr_dest){ JR_DEST_ANY, 0, false };
}
static inline struct jr_dest jr_push(bool own)
{
    return (struct jr_dest){ JR_DEST_PUSH, 0, own };
}
static inline struct jr_dest jr_into(uint32_t reg, bool own)
{
    return (struct jr_dest){ JR_DEST_REG, reg, own };
}

struct jr_value {
    uint32_t reg;
    bool owned; /* its references belong to these registers, and nobody else will release them */
};

/* emit.c */
struct jr_place jr_emit_place(struct jr_emitter *em, struct jr_span span);
/* The instance that a use in `env` means. */
struct jr_instance *jr_emit_instance(struct jr_emitter *em, const struct jr_core_use *use,
                                     const struct jr_env *env);
struct jr_instance *jr_emit_lambda_instance(struct jr_emitter *em, struct jr_core_fn *fn,
                                            const struct jr_env *env);
/* The layout of a captured variable's words. */
bool jr_emit_is_cell(const struct jr_binding *binding);

/* emit_fn.c */
void jr_emit_function(struct jr_emitter *em, struct jr_instance *instance);
/* The value of `node` is the function's result: nothing comes after it on its path. */
void jr_emit_tail(struct jr_frame *fr, const struct jr_core *node);
void jr_emit_main(struct jr_emitter *em, uint32_t f);
/* self of a function or inlined lambda: read before, written after its body. */
void jr_emit_open_self(struct jr_frame *fr, struct jr_core_fn *fn);
struct jr_value jr_emit_close_self(struct jr_frame *fr, const struct jr_core_fn *fn, struct jr_value result);

/* emit_expr.c */
const struct jr_mono *jr_emit_mono(struct jr_frame *fr, const struct jr_core *node);
void jr_emit_at(struct jr_frame *fr, struct jr_span span); /* the place of the next instruction */
struct jr_value jr_emit_expr(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
/* As ANY, but a variable that later code may assign is copied. */
struct jr_value jr_emit_operand(struct jr_frame *fr, const struct jr_core *node, bool assigned_later);
void jr_emit_effect(struct jr_frame *fr, const struct jr_core *node); /* and drops the value */
/* `count` fresh registers. */
uint32_t jr_emit_alloc(struct jr_frame *fr, uint32_t count);
/* Where an instruction writes a result of `words`: at `mark`, or in the destination's register. */
uint32_t jr_emit_target(struct jr_frame *fr, struct jr_dest dest, uint32_t mark, uint32_t words);
/* Brings a finished value to its destination. */
struct jr_value jr_emit_settle(struct jr_frame *fr, struct jr_dest dest, uint32_t mark, struct jr_value value,
                               const struct jr_mono *mono);
void jr_emit_move(struct jr_frame *fr, uint32_t to, uint32_t from, uint32_t words);
void jr_emit_copy(struct jr_frame *fr, uint32_t to, uint32_t from,
                  const struct jr_mono *mono); /* `to` owns */
void jr_emit_release(struct jr_frame *fr, uint32_t reg, const struct jr_mono *mono);
void jr_emit_release_value(struct jr_frame *fr, struct jr_value value, const struct jr_mono *mono);
/* Registers from or to the globals or the state, by `word` (GLOBAL_GET ...) or `value` (GLOBAL_GET_N ...). */
void jr_emit_memory(struct jr_frame *fr, enum jr_op word, enum jr_op value, uint32_t reg, uint32_t offset,
                    const struct jr_mono *mono);
/* The same from or to the cell in register `cell`. */
void jr_emit_cell_content(struct jr_frame *fr, bool set, uint32_t reg, uint32_t cell,
                          const struct jr_mono *mono);

/* emit_call.c */
struct jr_value jr_emit_call(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
struct jr_value jr_emit_op(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
/* A call of the host's function `name` with the arguments of the OP. */
struct jr_value jr_emit_import(struct jr_frame *fr, const struct jr_core *node, const char *name,
                               struct jr_dest dest);

/* emit_stage.c */
struct jr_value jr_emit_stage_op(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);

/* emit_const.c */
/* Makes the constants of the loop that the function is. */
void jr_emit_loop_constants(struct jr_frame *fr);
bool jr_emit_find_constant(const struct jr_frame *fr, double value, uint32_t *reg);

/* emit_closure.c */
struct jr_value jr_emit_variable(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
struct jr_value jr_emit_closure(struct jr_frame *fr, const struct jr_instance *instance, struct jr_dest dest);
/* The function a use means directly, without a closure object; NULL if it needs one. */
struct jr_instance *jr_emit_direct(struct jr_frame *fr, const struct jr_core_use *use);
/* Whether the node is (part of) a variable that is used where it lies; *binding is the variable. */
bool jr_emit_in_place(struct jr_frame *fr, const struct jr_core *node, const struct jr_binding **binding);
/* Whether emitting the node makes no owned reference, but one that is borrowed for the whole call. */
bool jr_emit_lends(struct jr_frame *fr, const struct jr_core *node);
uint32_t jr_emit_capture_layout(struct jr_emitter *em, const struct jr_core_fn *fn, const struct jr_env *env);
/* `closure` as a task of type ()->(), whatever it gives: a wrapper drops the result. */
struct jr_value jr_emit_task(struct jr_frame *fr, const struct jr_core *closure);

/* emit_bind.c */
void jr_emit_let(struct jr_frame *fr, const struct jr_core *node);
void jr_emit_assign(struct jr_frame *fr, const struct jr_core *node);
/* The binding gets what lies at `reg`.  fresh: the registers are ours to keep; owned: so are the references in them. */
void jr_emit_bind(struct jr_frame *fr, struct jr_binding *binding, const struct jr_mono *mono, uint32_t reg,
                  bool fresh, bool owned);
void jr_emit_bind_args(struct jr_frame *fr, const struct jr_core_fn *fn, const struct jr_core_list *args);
/* Releases the owners above `mark`; forgets them unless `keep`. */
void jr_emit_end_scope(struct jr_frame *fr, uint32_t mark, bool keep);
void jr_emit_own(struct jr_frame *fr, uint32_t reg, uint32_t layout, bool single);

/* emit_record.c */
struct jr_value jr_emit_record(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
struct jr_value jr_emit_update(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
struct jr_value jr_emit_coerce(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
struct jr_value jr_emit_part(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);

/* emit_match.c */
struct jr_value jr_emit_construct(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
/* The payload at `payload`, whose references are owned, becomes the variant of the sum value at `reg`. */
void jr_emit_sum(struct jr_frame *fr, const struct jr_mono *sum, uint32_t variant, uint32_t reg,
                 uint32_t payload);
struct jr_value jr_emit_match(struct jr_frame *fr, const struct jr_core *node, struct jr_dest dest);
/* The same where the value of each arm is the function's result. */
void jr_emit_tail_match(struct jr_frame *fr, const struct jr_core *node);
/* Moves the owned value at `reg` to `to` as it lies in a payload: with boxes. */
void jr_emit_store(struct jr_frame *fr, const struct jr_mono *value, uint32_t reg, const struct jr_mono *stored,
                   uint32_t to);
/* Copies what lies in a payload at `reg` to `to`, where it is owned: without boxes. */
void jr_emit_load(struct jr_frame *fr, const struct jr_mono *stored, uint32_t reg, const struct jr_mono *value,
                  uint32_t to);

#endif
