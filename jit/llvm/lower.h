/* lower.h -- one bytecode function becomes one LLVM function.
 *
 * All registers lie in one alloca, which SROA takes apart.  The frame in memory is written where somebody looks at it: the
 * operands of instructions with the FRAME effect, arguments of calls, results, and at exits (docs/internals/jit.md). */
#ifndef JR_JIT_LLVM_LOWER_H
#define JR_JIT_LLVM_LOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llvm-c/Types.h>

#include "jit/flow.h"
#include "jit/folding.h"
#include "jit/llvm/copier.h"
#include "jit/llvm/counting.h"
#include "jit/llvm/debug.h"
#include "jit/llvm/inlining.h"
#include "jit/llvm/library.h"
#include "jit/llvm/widen.h"
#include "jit/provider.h"
#include "runtime/task.h"

enum { JR_LOWER_SCRATCH = 2 }; /* registers behind those of the function */

/* What all functions of a context share. */
struct jr_lower_context {
    LLVMContextRef context;
    LLVMBuilderRef builder;
    struct jr_library library;
    struct jr_copier copier;
    struct jr_widener widener;
    LLVMTypeRef i1, i32, i64, f64, ptr, none;
    LLVMTypeRef entry_type;  /* jr_entry */
    LLVMTypeRef block_type;  /* jr_block_entry */
    LLVMTypeRef inlined_type; /* of JR_CONVENTION_INLINED */
    LLVMTypeRef fence_type;  /* double(double) */
    LLVMValueRef unlikely;   /* branch weights: the first target is hardly ever taken */
    unsigned weights_kind;
    bool stress;
};

bool jr_lower_context_init(struct jr_lower_context *shared, LLVMContextRef context, bool stress, char *message,
                           size_t message_size);
void jr_lower_context_fini(struct jr_lower_context *shared);

/* The LLVM module that one batch becomes. */
struct jr_lower_target {
    LLVMModuleRef llvm;
    const struct jr_module *module;
    enum jr_tier tier;
    struct jr_inlining inlining; /* of the optimised tier */
    bool boxes_are_constant;     /* the module assigns to none */
    uint32_t math_copies;        /* of mathematics in place of calls */
    struct jr_debug debug;
};

/* A way out with an error: all instructions that own the same registers leave through one block. */
struct jr_error_exit {
    uint32_t *regs; /* owned by the exit; reg_count of them */
    uint32_t reg_count;
    const struct jr_borrowed **borrowed; /* owned; those of them that are not counted yet: borrowed_count values */
    uint32_t borrowed_count;
    LLVMBasicBlockRef block;
    LLVMValueRef pc; /* phi */
};

/* Delay lines of equal length and of one region that every frame feeds exactly once: where their write indices agree they agree for ever, so that one does. */
struct jr_line_group {
    uint32_t length, region;
    LLVMValueRef index; /* alloca */
};

/* The loop over frames of a block (lower_block.c). */
struct jr_lower_frames {
    LLVMValueRef block;           /* struct jr_block */
    LLVMValueRef locals, counter, scratch; /* allocas: state words, whole frames done, one word */
    uint32_t *local_of;           /* per state word: index in `locals`, or JR_NONE */
    uint32_t *words, count;       /* per local: the state word */
    uint32_t *group_of;           /* per state word: of the write index of a delay line, index in `groups`, or JR_NONE */
    struct jr_line_group *groups; /* group_count of them */
    uint32_t group_count;
    uint64_t *known;              /* per register: the object that CAPTURE_GET has put there in this basic block, or 0 */
    bool reads_clock;
    LLVMValueRef in, out, in_step, out_step;
    LLVMBasicBlockRef next, finish;
};

/* How a function gets its parameters and the budget, and gives its results and its status (lower_direct.c). */
enum jr_convention {
    JR_CONVENTION_FRAME,   /* a jr_entry: words in the frame, budget in the task */
    JR_CONVENTION_DIRECT,  /* between functions compiled together: all in machine registers */
    JR_CONVENTION_INLINED, /* merged into its caller: words in the caller's registers, the caller's budget */
};

/* Code of a function that may be called without looking at its entry. */
struct jr_known_code {
    LLVMValueRef code; /* NULL: nothing is known */
    enum jr_convention convention;
};

struct jr_lower {
    struct jr_lower_context *shared;
    struct jr_lower_target *target;
    struct jr_lower *caller; /* of what is lowered to be inlined there, else NULL */
    const struct jr_module *module;
    const struct jr_function *function;
    uint32_t index;
    enum jr_tier tier;
    enum jr_convention convention;
    uint32_t self_level;  /* 0: not a copy that is inlined into itself; else how deep the copy lies */
    uint32_t self_levels; /* of the outermost function: how deep it is inlined into itself */
    bool whole;   /* not the code of one loop */
    bool covered; /* inlined into something that has looked at the budget for it */
    const struct jr_residual *residual; /* of a block, else NULL */
    struct jr_lower_frames *frames;     /* of a block, else NULL */
    struct jr_inline_tree tree; /* this function with what is inlined into it */
    struct jr_flow flow;
    struct jr_folding folding;
    struct jr_counting counting; /* of optimised code */
    LLVMValueRef code; /* the function being made */
    LLVMMetadataRef scope; /* its debug scope; NULL without debug locations */
    LLVMValueRef task, frame, state, closure, depth_left;
    LLVMValueRef io;          /* INLINED: the caller's registers from its call window on */
    LLVMValueRef registers;   /* alloca [reg_count x i64] */
    LLVMValueRef *constants;  /* per register: the word that this basic block has put there if it is constant, else NULL */
    LLVMValueRef budget;      /* i64 in an alloca, if inlined the caller's: task->budget while no one else looks at it */
    LLVMBasicBlockRef *blocks; /* per block of `flow`; NULL where not reached */
    struct jr_error_exit *exits;
    size_t exit_count, exit_capacity;
    uint64_t *set;            /* scratch: flow.set_words */
    uint32_t pc;              /* of the instruction being lowered */
    uint32_t block;           /* of flow */
};

/* Adds the code of `item` to the target under `name`.  False if it is refused: item->refusal says why, and the target is as
 * before. */
bool jr_lower_function(struct jr_lower_context *shared, struct jr_lower_target *target, struct jr_compile_item *item,
                       const char *name);

/* ---- for the lowerings (lower_ops.c, lower_flow.c, lower_call.c) ---- */

void jr_lower_instruction(struct jr_lower *lw, const struct jr_instr *in);
bool jr_lower_exists(enum jr_op op);
bool jr_lower_is_plain(enum jr_op op); /* one copy of its body, which reads all operands before it writes */

/* values */
LLVMValueRef jr_lower_i32(struct jr_lower *lw, uint32_t value);
LLVMValueRef jr_lower_i64(struct jr_lower *lw, uint64_t value);
LLVMValueRef jr_lower_load_reg(struct jr_lower *lw, uint32_t reg);
void jr_lower_store_reg(struct jr_lower *lw, uint32_t reg, LLVMValueRef word);
LLVMValueRef jr_lower_frame_at(struct jr_lower *lw, uint32_t reg); /* address of a word of the frame */
LLVMValueRef jr_lower_field(struct jr_lower *lw, LLVMValueRef base, size_t offset); /* address of a struct's field */
LLVMValueRef jr_lower_load_field(struct jr_lower *lw, LLVMTypeRef type, LLVMValueRef base, size_t offset, const char *name);
void jr_lower_store_field(struct jr_lower *lw, LLVMValueRef value, LLVMValueRef base, size_t offset);
LLVMValueRef jr_lower_call_runtime(struct jr_lower *lw, const char *name, LLVMTypeRef result, LLVMValueRef *args,
                                   unsigned arg_count);
LLVMValueRef jr_lower_entry_of(struct jr_lower *lw, uint32_t function); /* address of a struct jr_function_entry */
LLVMValueRef jr_lower_word_at(struct jr_lower *lw, LLVMValueRef base, uint32_t index); /* address */
LLVMValueRef jr_lower_reg_at(struct jr_lower *lw, uint32_t reg); /* its place in the array of registers */
struct jr_known_code jr_lower_known_code(struct jr_lower *lw, uint32_t function);

/* lower_convention.c */
struct jr_lower_target_frame { /* what a callee is given beside words and budget */
    LLVMValueRef window, state, depth_left;
};
bool jr_lower_may_be_direct(const struct jr_function *function);
void jr_lower_make_function(struct jr_lower *lw, const char *name); /* lw->code, its parameters, its entry block */
void jr_lower_prologue(struct jr_lower *lw);                       /* limits and budget */
void jr_lower_leave(struct jr_lower *lw, enum jr_run run);         /* ends the block, what else is needed being in frame and task */
/* Calls direct code with parameters from r[first ..).  Gives its status; where that is JR_RUN_OK the results are taken from *answer. */
LLVMValueRef jr_lower_direct_call(struct jr_lower *lw, LLVMValueRef code, const struct jr_function *function,
                                  const struct jr_lower_target_frame *at, uint32_t first, LLVMValueRef *answer);
void jr_lower_direct_results(struct jr_lower *lw, const struct jr_function *function, LLVMValueRef answer, uint32_t first);
void jr_lower_direct_entry(struct jr_lower *lw, const char *name); /* the entry beside direct code */
LLVMValueRef jr_lower_frame_exceeds_stack(struct jr_lower *lw);
LLVMValueRef jr_lower_depth_exceeds_limit(struct jr_lower *lw);
LLVMValueRef jr_lower_c_stack_is_low(struct jr_lower *lw);

/* registers and the frame */
void jr_lower_write_back(struct jr_lower *lw, uint32_t first, uint32_t count);
void jr_lower_reload(struct jr_lower *lw, uint32_t first, uint32_t count);
void jr_lower_save_budget(struct jr_lower *lw);
void jr_lower_load_budget(struct jr_lower *lw);

/* control flow; the builder goes on in the block that is returned or named */
LLVMBasicBlockRef jr_lower_block(struct jr_lower *lw, const char *name);       /* a new one behind the current one */
LLVMBasicBlockRef jr_lower_cold_block(struct jr_lower *lw, const char *name);  /* a new one at the end */
void jr_lower_enter(struct jr_lower *lw, LLVMBasicBlockRef block);
/* if (condition) goto rare; else goto usual -- with weights that say so. */
void jr_lower_branch_rare(struct jr_lower *lw, LLVMValueRef condition, LLVMBasicBlockRef rare, LLVMBasicBlockRef usual);
/* Unless `status` is JR_RUN_OK leaves with an error of the current instruction; goes on in a new block. */
void jr_lower_leave_unless_ok(struct jr_lower *lw, LLVMValueRef status);
/* Ends the current block: leaves with an error of the instruction at `pc`. */
void jr_lower_leave_with_error(struct jr_lower *lw, uint32_t pc);
/* Ends the current block: stores what is live where `block` begins and answers JR_RUN_DEOPT for its pc. */
void jr_lower_leave_for_interpreter(struct jr_lower *lw, uint32_t block);
/* Stores the registers that are live at the beginning of `block` to the frame. */
void jr_lower_write_back_live(struct jr_lower *lw, uint32_t block);
/* Charges `cost` and polls the limits if they are due. */
void jr_lower_poll(struct jr_lower *lw, uint32_t cost, uint32_t error_pc);
/* The same; then, under stress, may leave for the interpreter at `block`. */
void jr_lower_charge(struct jr_lower *lw, uint32_t cost, uint32_t error_pc, uint32_t block);

/* lower_exit.c */
LLVMValueRef jr_lower_is_not_ok(struct jr_lower *lw, LLVMValueRef status); /* in lower.c */
/* Ends the block: budget and pc into the task, answers `run`. */
void jr_lower_finish_exit(struct jr_lower *lw, uint64_t pc_offset, LLVMValueRef pc, enum jr_run run);
void jr_lower_fill_error_exits(struct jr_lower *lw); /* when all instructions are lowered */
void jr_lower_free_exits(struct jr_lower *lw);

/* lower_block.c */
void jr_lower_frames_begin(struct jr_lower *lw, LLVMBasicBlockRef body); /* from the entry block to the first frame's `body` */
void jr_lower_frames_return(struct jr_lower *lw, const struct jr_instr *in); /* RETURN */
/* The address of an object that the residual program knows, or one inside it, as an i64 that is right in every process (lower_known.c). */
LLVMValueRef jr_lower_known_address(struct jr_lower_context *shared, LLVMModuleRef llvm, const struct jr_residual *residual,
                                    uint64_t address);
/* What is known of objects in registers: nothing at the beginning of a basic block; after an instruction. */
void jr_lower_frames_enter(struct jr_lower *lw);
void jr_lower_frames_step(struct jr_lower *lw, const struct jr_instr *in);
void jr_lower_frames_leave(struct jr_lower *lw); /* what every way out of the block stores */
void jr_lower_frames_end(struct jr_lower *lw);   /* the way out when all is done */
void jr_lower_frames_fini(struct jr_lower_frames *frames);
/* Whether the state word is a local of the block: then word *index from *base. */
bool jr_lower_local(const struct jr_lower *lw, uint32_t word, LLVMValueRef *base, uint32_t *index);
/* Whether lower_value.c reads and writes values of this layout word by word. */
bool jr_lower_is_word_by_word(const struct jr_layout *layout);

/* lowerings of their own, by family */
#define JR_OWN_LOWERINGS(X)                                                                      \
    X(MOVE_N) X(BORROW) X(CAPTURE_GET) X(JUMP) X(JUMP_IF) X(JUMP_UNLESS) X(SWITCH_I64) X(CALL)   \
    X(CALL_CLOSURE) X(CALL_HOST) X(RETURN) X(COPY) X(COPY_N) X(RELEASE) X(RELEASE_N) X(GLOBAL_GET_N) X(GLOBAL_SET_N) \
    X(STATE_GET_N) X(STATE_SET_N) X(CELL_GET_N) X(CELL_SET_N) X(CHARGE) X(POLL) X(AGAIN) X(DELAY) X(ARRAY_GET) \
    X(BOX_NEW) X(BOX_GET) X(CELL_NEW) X(CLOSURE_NEW) X(SUM_NEW) X(SUM_GET)
#define JR_DECLARE_LOWERING(name) void jr_lower_##name(struct jr_lower *lw, const struct jr_instr *in);
JR_OWN_LOWERINGS(JR_DECLARE_LOWERING)
#undef JR_DECLARE_LOWERING

/* How every instruction without a lowering of its own is lowered: its body, on the frame in memory if it has the FRAME effect. */
void jr_lower_plain(struct jr_lower *lw, const struct jr_instr *in);

/* The instruction's shared body with these operands, registers being at `r`; returns what it returns (i32). */
LLVMValueRef jr_lower_body(struct jr_lower *lw, const struct jr_instr *in, LLVMValueRef r);

#endif
