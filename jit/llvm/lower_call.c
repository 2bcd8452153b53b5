/* lower_call.c -- calls of script functions and closures. */
#include "jit/llvm/lower.h"

#include <llvm-c/Core.h>

#include "runtime/task.h"

/* What is called, as LLVM values. */
struct callee {
    const struct jr_function *function; /* of known code, else NULL */
    struct jr_known_code known;
    LLVMValueRef entry, closure;       /* NULL for known code: looked for where they are needed */
    uint32_t index;                    /* of known code */
    struct jr_lower_target_frame at;
};

LLVMValueRef jr_lower_c_stack_is_low(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMTypeRef type = LLVMFunctionType(lw->shared->ptr, NULL, 0, 0);
    LLVMValueRef save = jr_declare(lw->target->llvm, "llvm.stacksave.p0", type);
    LLVMValueRef here = LLVMBuildCall2(builder, type, save, NULL, 0, "sp");
    LLVMValueRef limit =
        jr_lower_load_field(lw, lw->shared->ptr, lw->task, offsetof(struct jr_task, c_stack_limit), "c_stack_limit");
    return LLVMBuildICmp(builder, LLVMIntULT, here, limit, "");
}

static void find_entry(struct jr_lower *lw, struct callee *callee)
{
    if (callee->entry == NULL) {
        callee->entry = jr_lower_entry_of(lw, callee->index);
        callee->closure = jr_lower_load_field(lw, lw->shared->ptr, callee->entry,
                                              offsetof(struct jr_function_entry, closure), "closure");
    }
}

/* Calls an entry, or where the C stack is low the interpreter, which does not recurse. */
static LLVMValueRef call_on_c_stack(struct jr_lower *lw, struct callee *callee)
{
    LLVMBuilderRef builder = lw->shared->builder;
    find_entry(lw, callee);
    LLVMValueRef args[] = { lw->task, callee->at.window, callee->at.state, callee->closure, callee->at.depth_left };
    LLVMBasicBlockRef low = jr_lower_cold_block(lw, "stack.low");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    LLVMBasicBlockRef called = jr_lower_block(lw, "called");
    LLVMMoveBasicBlockAfter(called, usual);
    jr_lower_branch_rare(lw, jr_lower_c_stack_is_low(lw), low, usual);

    LLVMValueRef runs[2];
    LLVMBasicBlockRef blocks[2] = { low, usual };
    jr_lower_enter(lw, low);
    runs[0] = jr_lower_call_runtime(lw, "jr_rt_interpret", lw->shared->i32, args, 5);
    LLVMBuildBr(builder, called);

    jr_lower_enter(lw, usual);
    LLVMValueRef code = callee->known.code;
    if (code == NULL) {
        code = jr_lower_load_field(lw, lw->shared->ptr, callee->entry, offsetof(struct jr_function_entry, entry), "code");
        LLVMSetOrdering(code, LLVMAtomicOrderingAcquire); /* pairs with the compile thread's publication */
        LLVMSetAlignment(code, sizeof(void *));
    }
    runs[1] = LLVMBuildCall2(builder, lw->shared->entry_type, code, args, 5, "run");
    LLVMBuildBr(builder, called);

    jr_lower_enter(lw, called);
    LLVMValueRef run = LLVMBuildPhi(builder, lw->shared->i32, "run");
    LLVMAddIncoming(run, runs, blocks, 2);
    return run;
}

static LLVMValueRef call_inlined(struct jr_lower *lw, const struct callee *callee, uint32_t first)
{
    LLVMValueRef args[] = { lw->task, callee->at.window, callee->at.state, callee->at.depth_left, jr_lower_reg_at(lw, first),
                            lw->budget };
    LLVMValueRef run = LLVMBuildCall2(lw->shared->builder, lw->shared->inlined_type, callee->known.code, args, 6, "run");
    LLVMSetInstructionCallConv(run, LLVMFastCallConv);
    return run;
}

/* An answer that is not JR_RUN_OK is dealt with by jr_rt_after_call, away from the usual path. */
static void lower_call(struct jr_lower *lw, const struct jr_instr *in, uint32_t signature, struct callee *callee)
{
    LLVMBuilderRef builder = lw->shared->builder;
    const struct jr_signature *sig = &lw->module->signatures[signature];
    bool by_frame = callee->known.code == NULL || callee->known.convention == JR_CONVENTION_FRAME;
    uint32_t result_words = lw->module->layouts[sig->result_layout].word_count;
    LLVMValueRef answer = NULL, run;
    callee->at.window = jr_lower_frame_at(lw, in->a);
    callee->at.depth_left = LLVMBuildSub(builder, lw->depth_left, jr_lower_i32(lw, 1), "");
    if (by_frame) {
        jr_lower_write_back(lw, in->a, lw->module->layouts[sig->param_layout].word_count);
        jr_lower_save_budget(lw);
        run = call_on_c_stack(lw, callee);
    } else if (callee->known.convention == JR_CONVENTION_DIRECT) {
        run = jr_lower_direct_call(lw, callee->known.code, callee->function, &callee->at, in->a, &answer);
    } else {
        run = call_inlined(lw, callee, in->a);
    }

    LLVMBasicBlockRef unusual = jr_lower_cold_block(lw, "after.call");
    LLVMBasicBlockRef continued = jr_lower_cold_block(lw, "call.continued");
    LLVMBasicBlockRef failed = jr_lower_cold_block(lw, "call.failed");
    LLVMBasicBlockRef good = jr_lower_block(lw, ""), usual = jr_lower_block(lw, "");
    LLVMMoveBasicBlockAfter(usual, good);
    /* Nothing between the answer and this branch: then the constant answers of an inlined callee skip it. */
    LLVMValueRef not_ok = LLVMBuildICmp(builder, LLVMIntNE, run, jr_lower_i32(lw, JR_RUN_OK), "");
    jr_lower_branch_rare(lw, not_ok, unusual, good);
    jr_lower_enter(lw, good);
    if (by_frame) {
        jr_lower_load_budget(lw);
        jr_lower_reload(lw, in->a, result_words);
    } else if (answer != NULL) {
        jr_lower_direct_results(lw, callee->function, answer, in->a);
    }
    LLVMBuildBr(builder, usual);
    jr_lower_enter(lw, unusual);
    find_entry(lw, callee);
    LLVMValueRef after_args[] = { lw->task, callee->entry, run, callee->at.window, callee->at.state, callee->closure,
                                  callee->at.depth_left };
    LLVMValueRef after = jr_lower_call_runtime(lw, "jr_rt_after_call", lw->shared->i32, after_args, 7);
    jr_lower_load_budget(lw);
    LLVMValueRef is_error = LLVMBuildICmp(builder, LLVMIntNE, after, jr_lower_i32(lw, JR_RUN_OK), "");
    LLVMBuildCondBr(builder, is_error, failed, continued);
    jr_lower_enter(lw, failed);
    jr_lower_leave_with_error(lw, lw->pc);
    jr_lower_enter(lw, continued);
    jr_lower_reload(lw, in->a, result_words);
    LLVMBuildBr(builder, usual);

    jr_lower_enter(lw, usual);
}

void jr_lower_CALL(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMValueRef offset = jr_lower_i64(lw, in->y);
    struct callee callee = { .function = &lw->module->functions[in->x], .index = in->x };
    callee.known = jr_lower_known_code(lw, in->x);
    /* Nobody asks for the state of a function that has none, and nothing has to keep it then. */
    callee.at.state = callee.function->state_words == 0
                          ? LLVMConstNull(lw->shared->ptr)
                          : LLVMBuildInBoundsGEP2(lw->shared->builder, lw->shared->i64, lw->state, &offset, 1, "state");
    lower_call(lw, in, callee.function->signature, &callee);
}

/* Who was called here, for the optimiser; the interpreter keeps the same account. */
static void record_callee(struct jr_lower *lw, uint32_t site, LLVMValueRef entry)
{
    LLVMValueRef own = jr_lower_entry_of(lw, lw->index);
    LLVMValueRef sites = jr_lower_load_field(lw, lw->shared->ptr, own, offsetof(struct jr_function_entry, feedback), "");
    LLVMValueRef args[] = { jr_lower_field(lw, sites, (size_t)site * sizeof(struct jr_feedback)), entry };
    jr_copier_copy(&lw->shared->copier, lw->shared->library.record_callee, args, 2);
}

void jr_lower_CALL_CLOSURE(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    struct callee callee = { .function = NULL };
    callee.closure = LLVMBuildIntToPtr(builder, jr_lower_load_reg(lw, in->b), lw->shared->ptr, "closure");
    LLVMBasicBlockRef null = jr_lower_cold_block(lw, "closure.null");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, LLVMBuildIsNull(builder, callee.closure, ""), null, usual);
    jr_lower_enter(lw, null);
    LLVMValueRef args[] = { lw->task, jr_lower_i32(lw, JR_ERR_NULL_CLOSURE) };
    jr_lower_call_runtime(lw, "jr_rt_fail", lw->shared->i32, args, 2);
    jr_lower_leave_with_error(lw, lw->pc);

    jr_lower_enter(lw, usual);
    callee.entry = jr_lower_load_field(lw, lw->shared->ptr, callee.closure, offsetof(struct jr_closure, function), "function");
    callee.at.state = jr_lower_load_field(lw, lw->shared->ptr, callee.closure, offsetof(struct jr_closure, state), "state");
    if (lw->tier == JR_TIER_QUICK)
        record_callee(lw, in->y, callee.entry);
    lower_call(lw, in, in->x, &callee);
}
