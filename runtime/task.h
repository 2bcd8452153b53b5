/* task.h -- the execution context that every engine, compiled function and host function is handed.
 *
 * Status protocol.  Every way of running a function has the type jr_entry:
 *
 *     status = entry(task, frame, state, closure, depth_left)
 *
 *   frame       r[0 ..): the parameters on entry, the results on JR_OK.  Frames overlap: the callee's frame begins at the caller's
 *               call window, so nothing is copied.  The callee may use frame[0 .. reg_count) after it has checked
 *               frame + reg_count <= task->stack_end (else it answers with jr_rt_stack_overflow).
 *   state       the function's state base: the caller's base plus the call's offset, or the closure's own vector
 *   closure     the running closure; for a direct call the callee's one static closure (task->functions[i].closure), so that
               closure->function always names what runs
 *   depth_left  calls that may still nest; a function entered with 0 fails with JR_ERR_DEPTH.  Handed on as depth_left - 1, so
 *               the bound is the same in both engines and costs no memory traffic.
 *
 *   JR_OK      results are in frame[0 ..)
 *   JR_ERROR   task->error is set.  The callee has left: if it is compiled code, task->exit_pc names the instruction that failed
 *              and every owned register of that pc is in its frame; the caller's glue (interpreter loop or jr_rt_after_call)
 *              calls jr_rt_unwind_frame, which releases them and adds a line to the trace.  The interpreter does that for
 *              its own frames before it returns, and leaves JR_NONE in task->exit_pc as a sign that nothing is left to do.
 *   JR_DEOPT   from compiled code only: all registers live at task->exit_pc are in the frame; the interpreter goes on from there.
 *   JR_ENTER   between compiled functions only, never from an entry: a limit is near, nothing has been done but that the parameters are
 *              in the frame; the interpreter enters the function, and so meets the limit exactly (jr_rt_after_call).
 *
 * Entering.  The callee itself does, in this order: depth_left == 0 -> jr_rt_fail(JR_ERR_DEPTH); frame beyond stack_end ->
 * jr_rt_stack_overflow; budget -= fuel_cost, below zero -> jr_rt_poll.  Errors here are at its pc 0, where it owns nothing.
 *
 * Budget.  Entering a function costs its fuel_cost.  A taken jump whose target is not behind it costs the code words from the
 * target up to the instruction after the jump (-X for JUMP, JUMP_IF, JUMP_UNLESS), charged before jumping, an error being at the
 * jump.  Both engines charge alike.  task->budget counts down; when it goes below zero jr_rt_poll refills it from the fuel left
 * and looks at the deadline and at the interrupt flag.
 *
 * C stack.  Compiled code recurses on it.  task->c_stack_limit is an address: compiled code that finds itself below it runs the
 * functions that it calls in the interpreter (which does not recurse), and the interpreter below it no longer enters compiled code.
 * So only depth_left and the VM stack bound recursion, alike in both engines. */
#ifndef JR_RUNTIME_TASK_H
#define JR_RUNTIME_TASK_H

#include <stdatomic.h>
#include <stdint.h>
#include "ir/base/status.h"
#include "runtime/object.h"

struct jr_function;
struct jr_vm;
struct jr_heap;
struct jr_error;
struct jr_task;

/* What an entry answers; the values are part of the contract with compiled code. */
enum jr_run { JR_RUN_OK = 0, JR_RUN_ERROR = 1, JR_RUN_DEOPT = 2, JR_RUN_ENTER = 3 };

typedef int jr_entry(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                     uint32_t depth_left);

/* Function descriptor: one per function and VM.  `entry` is written by the compile thread (release) and read by calls (acquire). */
struct jr_function_entry {
    _Atomic(jr_entry *) entry;
    const struct jr_function *code;  /* bytecode and tables */
    const union jr_code *code_start; /* code->code, one load nearer */
    struct jr_closure *closure;      /* static closure; no words at its state pointer */
    uint32_t index;                  /* in task->functions */
    const uint64_t *constants;       /* code->constants */
    uint32_t reg_count, fuel_cost, result_words;
    uint32_t call_count;     /* entries by the interpreter; saturates just below UINT32_MAX */
    uint32_t loop_count;     /* backward jumps by the interpreter; saturates just below UINT32_MAX */
    uint32_t call_threshold; /* the call hook runs when call_count reaches this; owned by the tier policy */
    uint32_t loop_threshold; /* the same for loop_count and the loop hook */
    uint32_t tier;           /* what has been asked for; owned by the tier policy (jit/) */
    struct jr_feedback *feedback; /* code->feedback_count sites */
    void *tier_data;              /* the tier policy's own (OSR entries) */
};

/* Callee seen at a closure call site: the side array that both tiers share. */
struct jr_feedback {
    const struct jr_function_entry *callee; /* first seen; NULL before */
    uint32_t hits, misses;                  /* same callee again, another one; saturate */
};

struct jr_task {
    /* hot: compiled code reads these by offsetof */
    int64_t budget;
    struct jr_function_entry *functions;
    uint64_t *globals;
    uint64_t *stack_end;
    char *c_stack_limit;
    struct jr_string **strings; /* the program's, static objects */
    double now, sample_rate;
    uint64_t
        place; /* function index << 32 | pc of the last instruction that may allocate: who made an object */
    uint32_t exit_pc;         /* JR_NONE: nothing to unwind */
    uint32_t call_depth_left; /* set before host functions, which may call back */
    /* colder */
    struct jr_vm *vm;
    struct jr_heap *heap;
    struct jr_frame_record *records; /* of the interpreter, indexed by depth_left: who waits for whom */
    uint64_t *host_frame;   /* where frames may begin when a host function calls back; NULL outside of one */
    struct jr_error *error; /* set with JR_RUN_ERROR; owned by the VM */
    uint64_t *stack;        /* lowest word of the VM stack */
    _Atomic int interrupted;
};

/* Goes on with a frame that compiled code has left at `pc` (JR_RUN_DEOPT).  Answers as an entry of the interpreter does. */
typedef int jr_resume(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                      uint32_t depth_left, uint32_t pc);

/* A script function that waits for the one it called: kept by the interpreter instead of the C stack.  A call that runs with
 * depth_left d leaves its caller's record at task->records[d], so the depth limit bounds them all. */
struct jr_frame_record {
    const union jr_code *return_code; /* the instruction after the call */
    uint64_t *frame, *state;
    struct jr_closure *closure;
};

/* Cold paths shared by both engines.  All set task->error where they say "fails". */
int jr_rt_poll(struct jr_task *task); /* budget below zero: JR_RUN_OK, or fails: fuel, deadline, interrupt */
int jr_rt_fail(struct jr_task *task,
               enum jr_status code); /* makes the error object without place; returns JR_RUN_ERROR */
int jr_rt_stack_overflow(
    struct jr_task *task); /* the VM stack is too small for a frame: fails with JR_ERR_DEPTH */
/* Runs closure->function in the interpreter whatever its entry is: for compiled callers below c_stack_limit, and
 * for compiled prologues that find a limit near, which the interpreter meets exactly. */
int jr_rt_interpret(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                    uint32_t depth_left);
/* Releases what the frame owns at `pc`, gives the error its place if it has none, adds a line to its trace. */
void jr_rt_unwind_frame(struct jr_task *task, const struct jr_function *function, uint32_t pc,
                        uint64_t *frame);
/* A callee entered from compiled code answered something other than JR_RUN_OK: unwinds it or continues it in the interpreter.
 * Gives JR_RUN_OK or JR_RUN_ERROR. */
int jr_rt_after_call(struct jr_task *task, struct jr_function_entry *callee, int run, uint64_t *frame,
                     uint64_t *state, struct jr_closure *closure, uint32_t depth_left);

#endif
