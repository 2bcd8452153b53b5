/* loop.c -- the interpreter's loop.
 *
 * Most handlers are made by including opcodes.def: operands are decoded by the instruction's format and the body comes from
 * runtime/ops.h.  Written out are only those that move control: jumps, calls, return.  Two builds of this file exist: with computed
 * gotos, where each handler ends in a dispatch of its own (what branch predictors want), and with a switch (JR_INTERP_SWITCH), for
 * compilers without them.
 *
 * A script call leaves a record of the caller at `rec`, which walks down task->records as depth_left does, so the two are one
 * variable: depth_left == rec - task->records.  The activation that was entered from C has its place at `base`.
 *
 * gcc: -fno-gcse -fno-crossjumping, or it merges the dispatches again (1.4 to 1.6 times slower). */
#include <stddef.h>

#include "interp/interp.h"
#include "runtime/ops.h"
#include "runtime/vm_state.h"

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define CAT(a, b) CAT_(a, b)
#define CAT_(a, b) a##b

/* the effects of opcodes.def as constants, so that handlers are shaped at compile time */
enum {
    NONE = JR_EFFECT_NONE,
    FAILS = JR_EFFECT_FAILS,
    ALLOC = JR_EFFECT_ALLOC,
    RSTATE = JR_EFFECT_RSTATE,
    WSTATE = JR_EFFECT_WSTATE,
    HEAP = JR_EFFECT_HEAP,
    CALLS = JR_EFFECT_CALLS,
    JUMPS = JR_EFFECT_JUMPS,
    EXITS = JR_EFFECT_EXITS,
    FRAME = JR_EFFECT_FRAME,
};

/* operands by format */
#define LENGTH_ABC 1
#define LENGTH_AX 1
#define LENGTH_ABCXY 2
#define B_ABC pc->i.b
#define B_AX 0
#define B_ABCXY pc->i.b
#define C_ABC pc->i.c
#define C_AX 0
#define C_ABCXY pc->i.c
#define X_ABC 0
#define X_AX pc->ax.x
#define X_ABCXY pc[1].ext.x
#define Y_ABC 0
#define Y_AX 0
#define Y_ABCXY pc[1].ext.y
/* the X operand as ops.h wants it, by kind */
#define VALUE__(x) (x)
#define VALUE_K(x) constants[x]
#define VALUE_I32(x) (uint64_t)(int64_t)(int32_t)(x)
#define VALUE_F32(x) (x)
#define VALUE_L(x) (x)
#define VALUE_LEN(x) (x)
#define VALUE_STR(x) (x)
#define VALUE_IDX(x) (x)
#define VALUE_G(x) (x)
#define VALUE_ST(x) (x)
#define VALUE_FN(x) (x)
#define VALUE_SUM(x) (x)
#define VALUE_J(x) (x)
#define VALUE_IMP(x) (x)

/* Handlers that are written out below, beside those without a body in ops.h. */
#define WRITTEN_JUMP_IF ~, 1
#define WRITTEN_JUMP_UNLESS ~, 1
#define WRITTEN_JUMP ~, 1
#define WRITTEN_AGAIN ~, 1
#define WRITTEN_SWITCH_I64 ~, 1
#define WRITTEN_CALL ~, 1
#define WRITTEN_CALL_CLOSURE ~, 1
#define WRITTEN_CALL_HOST ~, 1
#define WRITTEN_RETURN ~, 1
#define IS_WRITTEN(name) JR_SECOND_OF(WRITTEN_##name, 0, ~)

#ifdef JR_INTERP_SWITCH
#define CASE(name) case JR_OP_##name:
#define NEXT() goto resume
#else
#define CASE(name) op_##name:
#define NEXT() goto *dispatch[pc->i.op]
#endif

#define PLACE() ((uint64_t)closure->function->index << 32 | (uint32_t)(pc - closure->function->code_start))

#define HANDLER_0(NAME, FORMAT, X, effects)                                              \
    CASE(NAME)                                                                           \
    {                                                                                    \
        int result_;                                                                     \
        if ((effects) & ALLOC)                                                           \
            task->place = PLACE();                                                       \
        result_ = jr_op_##NAME(task, r, state, closure, pc->i.a, B_##FORMAT, C_##FORMAT, \
                               VALUE_##X(X_##FORMAT), Y_##FORMAT);                       \
        if (((effects) & FAILS) && UNLIKELY(result_ != JR_RUN_OK))                       \
            goto fail;                                                                   \
        pc += LENGTH_##FORMAT;                                                           \
        NEXT();                                                                          \
    }
#define HANDLER_1(NAME, FORMAT, X, effects)

/* A taken jump to `to`, at or before the jump itself: charges what it jumps over, counts, and offers the loop to the compiler. */
#define JUMP_BACK(to)                                                       \
    do {                                                                    \
        struct jr_function_entry *function_ = closure->function;            \
        target = (to);                                                      \
        task->budget -= pc + 1 - target;                                    \
        if (UNLIKELY(task->budget < 0) && jr_rt_poll(task) != JR_RUN_OK)    \
            goto fail;                                                      \
        if (UNLIKELY(++function_->loop_count >= function_->loop_threshold)) \
            goto hot_loop;                                                  \
        pc = target;                                                        \
        NEXT();                                                             \
    } while (0)

/* The function was called often: tells the tier policy.  Out of line, so that the loop keeps its registers. */
static __attribute__((noinline)) void call_is_hot(struct jr_task *task, struct jr_function_entry *function)
{
    const struct jr_vm_hooks *hooks = &task->vm->hooks;
    if (function->call_count == UINT32_MAX)
        function->call_count--; /* saturated: the threshold is "never" */
    else if (hooks->call_hot)
        hooks->call_hot(hooks->user, function);
}

static __attribute__((noinline)) jr_entry *loop_is_hot(struct jr_task *task,
                                                       struct jr_function_entry *function, uint32_t pc)
{
    const struct jr_vm_hooks *hooks = &task->vm->hooks;
    if (function->loop_count == UINT32_MAX)
        function->loop_count--;
    else if (hooks->loop_hot)
        return hooks->loop_hot(hooks->user, function, pc);
    return NULL;
}

static __attribute__((noinline)) void note_other_callee(struct jr_feedback *site,
                                                        const struct jr_function_entry *callee)
{
    if (site->callee == NULL)
        site->callee = callee, site->hits = 1;
    else if (site->misses != UINT32_MAX)
        site->misses++;
}

/* The function to set a breakpoint on for --trace=exec. */
static __attribute__((noinline)) void trace_instruction(struct jr_task *task,
                                                        const struct jr_closure *closure,
                                                        const union jr_code *pc, const uint64_t *r)
{
    const struct jr_vm_config *config = &task->vm->config;
    config->trace(config->user, closure->function->code, (uint32_t)(pc - closure->function->code_start), r);
}

/* Compiled code uses the C stack: near its end everything is interpreted.  Out of line, since asking for the frame's address costs
 * the asking function a register. */
static __attribute__((noinline)) bool may_enter_compiled(const struct jr_task *task)
{
    return (char *)__builtin_frame_address(0) >= task->c_stack_limit;
}

/* `pc` is NULL to enter closure->function, or where to go on. */
static int run(struct jr_task *task, uint64_t *r, uint64_t *state, struct jr_closure *closure,
               uint32_t depth_left, const union jr_code *pc)
{
    struct jr_frame_record *rec = task->records + depth_left;
    struct jr_frame_record *const base = rec;
    const uint64_t *constants = closure->function->constants;
    const union jr_code *target;
    jr_entry *entry;
    int answer;
#ifdef JR_INTERP_SWITCH
    const bool tracing = task->vm->config.trace != NULL;
#else
    static const void *const handlers[JR_OP_COUNT] = {
#define JR_OP(name, ...) [JR_OP_##name] = &&op_##name,
#include "ir/opcodes.def"
    };
    static const void *const tracing_handlers[JR_OP_COUNT] = { [0 ... JR_OP_COUNT - 1] = &&trace };
    const void *const *const dispatch = task->vm->config.trace ? tracing_handlers : handlers;
#endif

    if (pc == NULL)
        goto enter;
#ifdef JR_INTERP_SWITCH
resume:
    for (;;) {
        if (tracing)
            trace_instruction(task, closure, pc, r);
        switch ((enum jr_op)pc->i.op) { /* no default: a forgotten instruction is a compile error */
#else
resume:
    NEXT();
trace:
    trace_instruction(task, closure, pc, r);
    goto *handlers[pc->i.op];
    {
        {
#endif

#define JR_OP(NAME, mnemonic, FORMAT, A, B, C, X, Y, effects, meaning) \
    CAT(HANDLER_, IS_WRITTEN(NAME))(NAME, FORMAT, X, effects)
#include "ir/opcodes.def"

            CASE(JUMP)
            {
                const int32_t offset = (int32_t)pc->ax.x;
                if (offset < 0)
                    JUMP_BACK(pc + 1 + offset);
                pc += 1 + offset;
                NEXT();
            }

            CASE(AGAIN)
            {
                task->budget -= pc->ax.a;
                if (UNLIKELY(task->budget < 0) && jr_rt_poll(task) != JR_RUN_OK)
                    goto fail;
                pc += 1 + (int32_t)pc->ax.x;
                NEXT();
            }

            /* Two dispatches each: with one, compilers select the next pc without a branch, and fetching the next instruction
             * waits for the data. */
            CASE(JUMP_IF)
            {
                if (jr_op_JUMP_IF(task, r, state, closure, pc->i.a, 0, 0, 0, 0)) {
                    const int32_t offset = (int32_t)pc->ax.x;
                    if (offset < 0)
                        JUMP_BACK(pc + 1 + offset);
                    pc += 1 + offset;
                    NEXT();
                }
                pc++;
                NEXT();
            }

            CASE(JUMP_UNLESS)
            {
                if (jr_op_JUMP_UNLESS(task, r, state, closure, pc->i.a, 0, 0, 0, 0)) {
                    const int32_t offset = (int32_t)pc->ax.x;
                    if (offset < 0)
                        JUMP_BACK(pc + 1 + offset);
                    pc += 1 + offset;
                    NEXT();
                }
                pc++;
                NEXT();
            }

            CASE(SWITCH_I64)
            {
                const struct jr_function *code = closure->function->code;
                const struct jr_jump_table *table = &code->tables[pc->ax.x];
                const uint64_t index =
                    r[pc->i.a] - (uint64_t)table->min; /* below the minimum wraps to something huge */
                const union jr_code *to =
                    code->code + (index < table->target_count ? table->targets[index] : table->fallback);
                if (to <= pc)
                    JUMP_BACK(to);
                pc = to;
                NEXT();
            }

            CASE(CALL)
            {
                struct jr_function_entry *callee = &task->functions[pc[1].ext.x];
                entry = atomic_load_explicit(&callee->entry, memory_order_acquire);
                rec--;
                rec->return_code = pc + 2, rec->frame = r, rec->state = state, rec->closure = closure;
                r += pc->i.a, state += pc[1].ext.y, closure = callee->closure;
                if (UNLIKELY(entry != jr_interp_entry))
                    goto enter_compiled;
                goto enter;
            }

            CASE(CALL_CLOSURE)
            {
                struct jr_closure *called = jr_pointer(r[pc->i.b]);
                struct jr_feedback *site = &closure->function->feedback[pc[1].ext.y];
                if (UNLIKELY(called == NULL)) {
                    jr_rt_fail(task, JR_ERR_NULL_CLOSURE);
                    goto fail;
                }
                if (LIKELY(site->callee == called->function))
                    site->hits += site->hits != UINT32_MAX;
                else
                    note_other_callee(site, called->function);
                entry = atomic_load_explicit(&called->function->entry, memory_order_acquire);
                rec--;
                rec->return_code = pc + 2, rec->frame = r, rec->state = state, rec->closure = closure;
                r += pc->i.a, state = called->state, closure = called;
                if (UNLIKELY(entry != jr_interp_entry))
                    goto enter_compiled;
                goto enter;
            }

            CASE(CALL_HOST)
            {
                task->place = PLACE();
                task->call_depth_left = (uint32_t)(rec - task->records);
                if (UNLIKELY(jr_op_CALL_HOST(task, r, state, closure, pc->i.a, 0, 0, pc->ax.x, 0) !=
                             JR_RUN_OK))
                    goto fail;
                pc++;
                NEXT();
            }

            CASE(RETURN)
            {
                const uint32_t words = closure->function->result_words;
                if (LIKELY(words == 1))
                    r[0] = r[pc->i.a];
                else if (words)
                    memmove(r, r + pc->i.a, words * sizeof r[0]);
                goto returned;
            }
        }
    }

    /* The results are at r[0 ..): back to the caller. */
returned:
    if (rec == base)
        return JR_RUN_OK;
    pc = rec->return_code, r = rec->frame, state = rec->state, closure = rec->closure;
    rec++;
    constants = closure->function->constants;
    goto resume;

    /* Enters closure->function, whose frame, state and record are in place; r, state and closure are the callee's already. */
enter: {
    struct jr_function_entry *function = closure->function;
    pc = function->code_start;
    if (UNLIKELY(++function->call_count >= function->call_threshold)) {
        call_is_hot(task, function);
        entry = atomic_load_explicit(&function->entry, memory_order_acquire);
        /* At `base` the caller has chosen this engine, perhaps because compiled code may go no deeper. */
        if (entry != jr_interp_entry && may_enter_compiled(task))
            goto run_compiled;
    }
interpret:
    if (UNLIKELY(rec == task->records)) {
        jr_rt_fail(task, JR_ERR_DEPTH);
        goto fail;
    }
    if (UNLIKELY((size_t)(task->stack_end - r) < function->reg_count)) {
        jr_rt_stack_overflow(task);
        goto fail;
    }
    task->budget -= function->fuel_cost;
    if (UNLIKELY(task->budget < 0) && jr_rt_poll(task) != JR_RUN_OK)
        goto fail;
    constants = function->constants;
    goto resume;

enter_compiled:
    function = closure->function;
    pc = function->code_start;
    if (UNLIKELY(!may_enter_compiled(task)))
        goto interpret;
}

    /* Runs the rest of the current activation as compiled code. */
run_compiled:
    answer = entry(task, r, state, closure, (uint32_t)(rec - task->records));
    if (LIKELY(answer == JR_RUN_OK))
        goto returned;
    if (answer == JR_RUN_DEOPT) {
        constants = closure->function->constants;
        pc = closure->function->code_start + task->exit_pc;
        task->exit_pc = JR_NONE;
        goto resume;
    }
    if (task->exit_pc != JR_NONE) {
        pc = closure->function->code_start + task->exit_pc;
        goto fail;
    }
    goto unwind_caller;

hot_loop:
    entry = loop_is_hot(task, closure->function, (uint32_t)(target - closure->function->code_start));
    pc = target;
    if (entry && may_enter_compiled(task))
        goto run_compiled;
    goto resume;

    /* The instruction at pc has failed: leaves this activation and all those that wait for it. */
fail:
    jr_rt_unwind_frame(task, closure->function->code, (uint32_t)(pc - closure->function->code_start), r);
unwind_caller:
    if (rec == base) {
        task->exit_pc = JR_NONE;
        return JR_RUN_ERROR;
    }
    pc = rec->return_code - 2, r = rec->frame, closure = rec->closure; /* both calls are two words long */
    rec++;
    goto fail;
}

int jr_interp_entry(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                    uint32_t depth_left)
{
    return run(task, frame, state, closure, depth_left, NULL);
}

int jr_interp_resume(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure,
                     uint32_t depth_left, uint32_t pc)
{
    return run(task, frame, state, closure, depth_left, closure->function->code_start + pc);
}

const void *jr_interp_loop(void)
{
    return (const void *)(uintptr_t)run;
}
