/* internal.h -- what the files of jit/specialise share.
 *
 *   facts.c    what never changes: globals, contents of arrays
 *   fold.c     instructions on constants
 *   expand.c   runs a function abstractly: blocks, calls, loops
 *   step.c     one instruction
 *   words.c    moves, copies and releases of words of which some are known
 *   object.c   objects that need not be made
 *   loop.c     loops that stay loops
 *   pieces.c   the residual code as blocks of pieces, values that must be in registers, meeting paths
 *   tidy.c     moves and constants that nobody needs go
 *   write.c    the blocks become a function and a module
 *
 * Registers.  A register of an expanded function is the register of the residual function that lies in the same place of the VM stack:
 * frames overlap as in the original, so nothing is renamed and nothing copied for a call.  Words of objects that are not made live in registers of
 * their own, homes, from FIRST_HOME on; write.c puts them behind the others.
 *
 * Values.  For each register, what is known about it where expansion has got to:
 *
 *   EMPTY      nothing; not read any more
 *   DYNAMIC    in its register, known at run time
 *   CONSTANT   a raw word; its register holds it only if `stored`
 *   OBJECT     a counted reference to a known object (or null), which the program keeps alive; its register holds it, borrowed, only if
 *              `stored`; `owned` if the original owns a count there, which the residual program does not take
 *   VIRTUAL    a counted reference to an object that the residual program does not make (object.c), `word` being its number; never in its
 *              register; `owned` as for OBJECT
 *   COUNT      homes only: how many counts of its object the original holds; never in its register */
#ifndef JR_JIT_SPECIALISE_INTERNAL_H
#define JR_JIT_SPECIALISE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/base/arena.h"
#include "ir/base/vec.h"
#include "ir/module.h"
#include "jit/flow.h"
#include "jit/specialise/specialise.h"
#include "runtime/object.h"
#include "runtime/residual.h"

enum {
    MOST_STEPS = 300000,    /* instructions looked at, also those that leave nothing */
    MOST_PIECES = 40000,    /* instructions of the residual function */
    MOST_NESTED = 400,      /* calls in each other: expansion uses the C stack */
    MOST_ROUNDS = 5000,     /* of one loop, one after the other */
    /* A loop of more than these stays a loop, if it can be one: */
    ROUNDS_WITH_LOOPS = 4,    /* rounds that have a loop in them */
    ROUNDS_WITH_EXITS = 8,    /* rounds each of which may be the last, nobody knows */
    PIECES_OF_ROUNDS = 3000,
    MOST_REGISTERS = 60000, /* operands have 16 bits */
    MOST_HOMES = 4096,      /* words of objects that are not made: each path that waits has a copy */
    MOST_ELEMENTS = 64,     /* of an array that is not made */
    MOST_ATTEMPTS = 100,    /* beginnings, each of which has found objects that must be made */
    FIRST_HOME = 1 << 20,
};

enum jr_value_kind {
    JR_VALUE_EMPTY,
    JR_VALUE_DYNAMIC,
    JR_VALUE_CONSTANT,
    JR_VALUE_OBJECT,
    JR_VALUE_VIRTUAL,
    JR_VALUE_COUNT,
};

struct jr_value {
    uint8_t kind; /* enum jr_value_kind */
    bool stored;
    bool owned;               /* OBJECT, VIRTUAL */
    struct jr_word_type type; /* OBJECT */
    uint64_t word;            /* CONSTANT, OBJECT, VIRTUAL, COUNT */
};

/* An object that is not made.  Its words are those of its homes: a count, the content, for a closure its state and a spare word. */
struct jr_virtual {
    enum jr_object_kind kind;
    uint32_t function;  /* CLOSURE; else JR_NONE */
    uint32_t layout;    /* of the content; ARRAY: of an element */
    uint32_t length;    /* ARRAY: elements; else 1 */
    uint32_t count, content, state, end; /* homes: one, then [content, state), then [state, end) */
    uint32_t made_in, made_at; /* the instruction of the original */
};

/* An instruction whose objects are made. */
struct jr_making {
    uint32_t function, pc;
};

/* An instruction of the residual function; its jumps are in the block's end. */
struct jr_piece {
    struct jr_instr in;
    uint64_t constant;       /* CONST: the word */
    struct jr_origin origin; /* origin.pc is filled in by write.c; function JR_NONE: no place of its own */
};

enum jr_block_end {
    JR_END_OPEN,   /* goes on being filled, or falls into `targets[0]` */
    JR_END_BRANCH, /* `in` decides between targets[0], the jump's, and targets[1] */
    JR_END_SWITCH, /* targets[0] is the fallback, targets[1 ..) those of the table */
    JR_END_EXIT,   /* its last piece does not fall through */
    JR_END_AGAIN,  /* goes back to targets[0], the beginning of a loop */
};

/* Blocks only lead to blocks that were made later, but for JR_END_AGAIN. */
struct jr_block_code {
    JR_VEC(struct jr_piece) pieces;
    enum jr_block_end end;
    struct jr_instr in; /* BRANCH, SWITCH: the instruction */
    int64_t table_min;  /* SWITCH */
    uint32_t *targets;  /* target_count of them; JR_NONE until known; in the scratch arena */
    uint32_t target_count;
    bool exact;            /* a loop is or was on the way to it: what is charged is polled, too */
    struct jr_origin origin; /* AGAIN */
    uint64_t fuel;         /* charged in it and not polled */
    uint32_t fuel_pending; /* of that, not yet written down */
    uint64_t fuel_before;  /* write.c: at most, on any path to it */
};

/* A way out of a block: which of its targets. */
struct jr_edge {
    uint32_t block, target;
};

/* A path that has reached a block of an activation, or its end, and what was known on it. */
struct jr_arrival {
    uint32_t round;  /* jumps backwards taken so far */
    uint32_t block;  /* of the function's flow */
    uint32_t back_pc, back_cost; /* a jump that goes round a loop that stays one: what it charges then */
    struct jr_edge edge;
    struct jr_value *values; /* reg_count of them; at the end: result_words.  In the scratch arena */
    struct jr_value *homes;  /* home_count of them, there too */
    uint32_t home_count;
};

/* What is called. */
struct jr_callee {
    uint32_t function;
    const struct jr_closure *closure; /* NULL: a closure that is not made */
    uint32_t object;                  /* then this one, else JR_NONE */
    uint32_t state;                   /* first state word */
    bool state_at_home;               /* it is a home, and so are the others */
    uint32_t spare;                   /* then: the spare word */
};

enum jr_loop_mode {
    JR_LOOP_NONE,    /* none yet */
    JR_LOOP_TRIED,   /* its rounds are expanded one after the other, as long as they are few */
    JR_LOOP_KEPT,    /* it stays a loop */
    JR_LOOP_UNROLLED, /* it cannot stay one */
};

/* What holds of each register at the beginning of a kept loop, however often it has gone round: a known value until some round has another
 * one; from then on the loop is begun again with the register as one that has a value at run time. */
struct jr_loop {
    enum jr_loop_mode mode;
    uint32_t block;            /* of the function's flow: its beginning */
    uint32_t entry, head;      /* residual blocks: before it, its beginning */
    struct jr_arrival at_entry; /* what is known there; values and homes only */
    struct jr_arrival at_head;
    bool *general, *general_homes; /* per register and home: known at run time only */
    /* what there was at the entry, to go back to */
    uint32_t piece_count, reg_count, deepest, kept_loops;
    size_t callers, objects;
};

/* A function that is being expanded. */
struct jr_activation {
    uint32_t index;
    const struct jr_function *function;
    const struct jr_flow *flow;
    uint32_t base; /* first register */
    struct jr_callee callee;
    uint32_t caller; /* in x->callers */
    uint32_t depth;
    uint32_t round;
    struct jr_loop loop;
    JR_VEC(struct jr_arrival) arrivals, returns;
};

struct jr_known {
    uint64_t word;
    struct jr_word_type type;
};

struct jr_expand {
    struct jr_vm *vm;
    struct jr_task *task;
    const struct jr_module *module;
    const struct jr_alloc *alloc;
    struct jr_arena scratch;
    char *reason;
    JR_VEC(struct jr_making) makings; /* from attempt to attempt */
    bool all_made;                    /* every object is */
    bool again;                       /* this attempt has ended, for it has found one more */
    /* facts.c */
    bool *global_assigned; /* per global word */
    bool *array_written;   /* per layout of an element */
    /* what has been made */
    JR_VEC(struct jr_block_code) blocks;
    uint32_t current; /* the block being filled; JR_NONE: this path has ended */
    uint32_t piece_count, step_count;
    uint32_t kept_loops;
    JR_VEC(struct jr_caller) callers;
    JR_VEC(struct jr_known) known;
    JR_VEC(struct jr_region) regions;
    uint32_t state_words;
    bool schedules;
    /* registers of the residual function, and what is in them */
    struct jr_value *values;
    uint32_t value_capacity, reg_count;
    uint32_t deepest;
    struct jr_value *homes;
    uint32_t home_count;
    JR_VEC(struct jr_virtual) objects;
    struct jr_flow **flows; /* per function, made at first need */
};

/* Notes why the program is not specialised; gives JR_ERR_UNSUPPORTED. */
__attribute__((format(printf, 2, 3))) enum jr_status jr_expand_refuse(struct jr_expand *x, const char *format, ...);

/* facts.c */
enum jr_status jr_facts_find(struct jr_expand *x);

/* fold.c: whether the instruction is a function of its raw operands alone; and its result.  False: it would fail. */
bool jr_fold_possible(enum jr_op op);
bool jr_fold(struct jr_expand *x, enum jr_op op, uint64_t b, uint64_t c, uint64_t *result);
/* Whether a conditional jump is taken. */
bool jr_fold_taken(struct jr_expand *x, enum jr_op op, uint64_t a);

/* expand.c */
enum jr_status jr_expand_dsp(struct jr_expand *x);
/* Expands a call; arguments are at `base`, where the results will be. */
enum jr_status jr_expand_call(struct jr_expand *x, struct jr_activation *caller, uint32_t pc,
                              const struct jr_callee *callee, uint32_t base);
/* Notes what is known now of the first `count` registers of the activation, and of the homes. */
enum jr_status jr_arrival_note(struct jr_expand *x, const struct jr_activation *act, uint32_t count, struct jr_arrival *out);
/* The path at hand goes to a block of the activation by `edge`. */
enum jr_status jr_expand_arrive(struct jr_expand *x, struct jr_activation *act, uint32_t block, struct jr_edge edge);

/* step.c: the instruction at `pc`.  Jumps and returns end the path: x->current is JR_NONE afterwards. */
enum jr_status jr_expand_step(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in);

/* words.c: registers are those of the residual function, words [0, count) of layout `types` where it is given. */
bool jr_words_are_known(struct jr_expand *x, uint32_t first, uint32_t count);
/* r[to ..) = r[from ..), overlap allowed: MOVE_N, by which references move, or BORROW. */
enum jr_status jr_words_move(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, enum jr_op op, uint32_t to,
                             uint32_t from, uint32_t count);
/* Whether the next two can be done word by word: a sum of which something is not known is copied and released as a whole. */
bool jr_words_are_single(struct jr_expand *x, uint32_t first, const struct jr_word_type *types, uint32_t count);
/* r[to ..) = r[from ..), retained; no overlap. */
enum jr_status jr_words_copy(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t to, uint32_t from,
                             const struct jr_word_type *types, uint32_t count);
enum jr_status jr_words_release(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t first,
                                const struct jr_word_type *types, uint32_t count);

/* object.c: the instruction as one on objects that are not made.  *done is false if it is none of these. */
enum jr_status jr_object_step(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in, bool *done);
/* The closure as one to be called. */
void jr_object_callee(struct jr_expand *x, uint32_t object, struct jr_callee *out);
/* One count more, or less; the last one takes the content along. */
void jr_object_retain(struct jr_expand *x, uint32_t object);
enum jr_status jr_object_release(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t object);
uint32_t jr_object_of_count(const struct jr_expand *x, uint32_t home); /* whose count it is */
/* The object has to be made, and what it holds: ends this attempt. */
enum jr_status jr_object_escapes(struct jr_expand *x, uint32_t object);

/* loop.c: paths have arrived at the beginning of a loop.  *done: they have been taken care of, if x->current is JR_NONE altogether; else the block
 * is to be run. */
bool jr_loop_is_kept_at(const struct jr_activation *act, uint32_t block);
enum jr_status jr_loop_arrive(struct jr_expand *x, struct jr_activation *act, uint32_t block, uint32_t count, bool *done);
/* The activation could not be expanded: begins its loop again, as rounds one after the other, if it has not been tried. */
bool jr_loop_may_unroll(const struct jr_expand *x, const struct jr_activation *act, enum jr_status status);
enum jr_status jr_loop_unroll(struct jr_expand *x, struct jr_activation *act);

/* pieces.c */
struct jr_value *jr_value_at(struct jr_expand *x, uint32_t reg);
void jr_value_set_dynamic(struct jr_expand *x, uint32_t first, uint32_t count);
void jr_value_clear(struct jr_expand *x, uint32_t first, uint32_t count);
enum jr_status jr_piece_add(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, struct jr_instr in);
/* The original charges `units` and polls, at `pc` of the function. */
enum jr_status jr_piece_charge(struct jr_expand *x, uint32_t function, uint32_t pc, uint32_t caller, uint32_t units);
/* The original charges without polling. */
void jr_piece_charge_only(struct jr_expand *x, uint32_t units);
/* Sees to it that the registers hold their values; `consumed` ones hold counts of their own if the original's do. */
enum jr_status jr_piece_store(struct jr_expand *x, uint32_t first, uint32_t count, bool consumed);
/* The same for one register on the way of an arrival. */
enum jr_status jr_piece_store_on(struct jr_expand *x, const struct jr_arrival *arrival, uint32_t reg, struct jr_value *value,
                                 bool consumed);
/* A new block, which is the current one from now on. */
enum jr_status jr_block_begin(struct jr_expand *x);
/* The same; the one before leads to it, and to nothing else. */
enum jr_status jr_block_separate(struct jr_expand *x);
/* The arrival comes by a block that leads nowhere else. */
enum jr_status jr_block_own(struct jr_expand *x, struct jr_arrival *arrival);
/* The blocks behind `last` are gone, and `last` is empty and the current one. */
void jr_block_cut(struct jr_expand *x, uint32_t last);
/* The arrival, which has a block of its own, goes round: back to `head`. */
enum jr_status jr_block_again(struct jr_expand *x, const struct jr_activation *act, const struct jr_arrival *arrival, uint32_t head);
/* Ends the current block; the path has ended. */
enum jr_status jr_block_finish(struct jr_expand *x, enum jr_block_end end, const struct jr_instr *in, int64_t table_min,
                               uint32_t target_count);
/* The paths meet: x->current, the values in [base, base + count) and the homes are what holds after all of them.  `live` says which registers are read
 * later, from bit 0 on; NULL: all. */
enum jr_status jr_block_meet(struct jr_expand *x, struct jr_arrival *arrivals, uint32_t arrival_count, uint32_t base,
                             uint32_t count, const uint64_t *live);

/* tidy.c: leaves out what nobody needs */
enum jr_status jr_residual_tidy(struct jr_expand *x);

/* write.c */
enum jr_status jr_residual_write(struct jr_expand *x, struct jr_residual **out);

#endif
