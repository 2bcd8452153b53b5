/* verify_internal.h -- what the files of the verifier share.
 *
 *   verify.c         the module's tables, functions' headers, state layouts, the order of work
 *   verify_code.c    one function's code as data: opcodes, operand ranges, jump targets
 *   verify_class.c   the class of a register: reading, writing, moving, meeting
 *   verify_flow.c    the dataflow: every instruction applied to the classes */
#ifndef JR_IR_VERIFY_INTERNAL_H
#define JR_IR_VERIFY_INTERNAL_H

#include "ir/base/arena.h"
#include "ir/module.h"
#include "ir/verify.h"

enum jr_class_mode { JR_CLASS_EMPTY, JR_CLASS_RAW, JR_CLASS_OWNED, JR_CLASS_BORROWED };

/* What one register holds.  The words of a sum value stand together: its head has kind SUM, the words behind it SUM_TAIL, whose
 * `source` is the head's register. */
struct jr_class {
    uint8_t mode;        /* enum jr_class_mode */
    uint8_t kind;        /* enum jr_word_class, for OWNED and BORROWED */
    uint32_t arg;
    uint32_t source;     /* BORROWED: the owning register, JR_NONE for the whole call */
};

struct jr_verifier {
    struct jr_module *module;
    const struct jr_alloc *alloc;
    struct jr_verify_report *report;
    struct jr_arena scratch;              /* lives as long as the verification */
    struct jr_word_type *global_types;    /* one per global word */
    uint8_t *called;                      /* per function: target of a CALL */
    uint8_t *names_itself;                /* per function: uses CLOSURE_SELF */
    /* the function at hand */
    const struct jr_function *function;
    uint32_t function_index;
    uint8_t *starts;                      /* per code word: 1 instruction starts here, 2 also a jump target */
    /* dataflow */
    struct jr_class *regs;                /* the current instruction's */
    uint32_t reg_top;                     /* registers from here up are empty */
    uint32_t borrowers;                   /* registers that borrow from another one */
    uint32_t pc;
    enum jr_op op;
};

/* Writes the report (place from v->function and `pc`, or none with JR_NONE) and returns JR_ERR_VERIFY. */
enum jr_status jr_verify_fail(struct jr_verifier *v, uint32_t pc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ranges of tables; used before anything is indexed by an operand. */
enum jr_status jr_verify_code(struct jr_verifier *v);
enum jr_status jr_verify_flow(struct jr_verifier *v, struct jr_owned **owned, uint32_t *owned_count);

/* classes of v->regs; all report at v->pc */
/* The classes at the start of a block. */
void jr_class_restore(struct jr_verifier *v, const struct jr_class *regs, uint32_t top);
enum jr_status jr_class_read_raw(struct jr_verifier *v, uint32_t reg);
/* The registers hold a value of these types; references may be owned or borrowed. */
enum jr_status jr_class_read(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count);
/* As read, but no reference may be owned: what a call window wants. */
enum jr_status jr_class_read_argument(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count);
/* As read, but references must be owned; afterwards the registers are empty (raw words stay). */
enum jr_status jr_class_consume(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count);
/* A reference of this kind; *arg gets what it refers to. */
enum jr_status jr_class_read_kind(struct jr_verifier *v, uint32_t reg, enum jr_word_class kind, uint32_t *arg);
/* Results come into being: nothing owned may be overwritten. */
enum jr_status jr_class_write(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count,
                              enum jr_class_mode mode, uint32_t source);
enum jr_status jr_class_write_raw(struct jr_verifier *v, uint32_t reg);
/* Empties the registers from `reg` up; nothing owned may be there. */
enum jr_status jr_class_clear_above(struct jr_verifier *v, uint32_t reg);
/* A copy of classes, as MOVE, MOVE_N and BORROW make it. */
enum jr_status jr_class_move(struct jr_verifier *v, uint32_t to, uint32_t from, uint32_t count, bool borrow);

const char *jr_word_class_name(enum jr_word_class kind);

#endif
