/* lower_convention.c -- how compiled functions are entered and left.
 *
 *   frame     the jr_entry of task.h: words in the frame, budget in the task.  For calls from anywhere.
 *   direct    code that a function which calls itself has beside its entry:
 *                 { budget, status, results ... } = code(task, frame, state, depth_left, budget, parameters ...)
 *             all of it in machine registers.  The frame's memory is only reserved; it is written at exits, as the protocol has it.
 *   inlined   merged into its caller: parameters and results are words of the caller's array of registers (`io`), the budget is
 *             the caller's too, so that nothing is left of the call.
 *
 * A direct or inlined function that finds a limit near puts its parameters into its frame and answers JR_RUN_ENTER. */
#include "jit/llvm/lower.h"

#include <string.h>

#include <llvm-c/Core.h>

#include "jit/llvm/debug.h"
#include "runtime/task.h"

enum {
    MOST_PARAMETERS = 8, /* words that travel in registers; functions with more use the frame */
    MOST_RESULTS = 4,
    FIRST_PARAMETER = 5, /* of direct code: after task, frame, state, depth_left, budget */
};

/* What direct code answers. */
enum { BUDGET, STATUS, FIRST_RESULT };

/* ---- the direct convention ---- */

bool jr_lower_may_be_direct(const struct jr_function *function)
{
    return function->param_words <= MOST_PARAMETERS && function->result_words <= MOST_RESULTS;
}

static const struct jr_layout *parameters_of(const struct jr_lower *lw, const struct jr_function *function)
{
    return &lw->module->layouts[lw->module->signatures[function->signature].param_layout];
}

static const struct jr_layout *results_of(const struct jr_lower *lw, const struct jr_function *function)
{
    return &lw->module->layouts[lw->module->signatures[function->signature].result_layout];
}

/* Raw words are numbers as a rule, so they travel in the registers of numbers; only their bits count.  The words behind the tag of a sum
 * go with them, because few other registers are free for results. */
static LLVMTypeRef type_of_word(const struct jr_lower *lw, const struct jr_word_type *word)
{
    return word->kind == JR_WORD_RAW || word->kind == JR_WORD_SUM_TAIL ? lw->shared->f64 : lw->shared->i64;
}

static LLVMTypeRef result_type(struct jr_lower *lw, const struct jr_function *function)
{
    LLVMTypeRef types[FIRST_RESULT + MOST_RESULTS] = { [BUDGET] = lw->shared->i64, [STATUS] = lw->shared->i32 };
    const struct jr_layout *results = results_of(lw, function);
    for (uint32_t i = 0; i < results->word_count; i++)
        types[FIRST_RESULT + i] = type_of_word(lw, &results->words[i]);
    return LLVMStructTypeInContext(lw->shared->context, types, FIRST_RESULT + results->word_count, 0);
}

static LLVMTypeRef direct_type(struct jr_lower *lw, const struct jr_function *function)
{
    LLVMTypeRef ptr = lw->shared->ptr;
    LLVMTypeRef types[FIRST_PARAMETER + MOST_PARAMETERS] = { ptr, ptr, ptr, lw->shared->i32, lw->shared->i64 };
    const struct jr_layout *parameters = parameters_of(lw, function);
    for (uint32_t i = 0; i < parameters->word_count; i++)
        types[FIRST_PARAMETER + i] = type_of_word(lw, &parameters->words[i]);
    return LLVMFunctionType(result_type(lw, function), types, FIRST_PARAMETER + parameters->word_count, 0);
}

static LLVMValueRef as_type(struct jr_lower *lw, LLVMValueRef value, LLVMTypeRef type)
{
    return LLVMBuildBitCast(lw->shared->builder, value, type, ""); /* to its own type: nothing */
}

static void direct_leave(struct jr_lower *lw, LLVMValueRef status)
{
    LLVMValueRef nothing = LLVMGetPoison(result_type(lw, lw->function));
    LLVMBuildRet(lw->shared->builder, LLVMBuildInsertValue(lw->shared->builder, nothing, status, STATUS, ""));
}

/* ---- making the function ---- */

static void add_attribute(struct jr_lower *lw, LLVMAttributeIndex index, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(lw->code, index, LLVMCreateEnumAttribute(lw->shared->context, kind, 0));
}

static void add_text_attribute(struct jr_lower *lw, const char *name, const char *value)
{
    LLVMAttributeRef attribute = LLVMCreateStringAttribute(lw->shared->context, name, (unsigned)strlen(name), value,
                                                           (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(lw->code, JR_FUNCTION_ATTRIBUTES, attribute);
}

static LLVMTypeRef type_of_code(struct jr_lower *lw)
{
    switch (lw->convention) {
    case JR_CONVENTION_DIRECT:
        return direct_type(lw, lw->function);
    case JR_CONVENTION_INLINED:
        return lw->shared->inlined_type;
    case JR_CONVENTION_FRAME:
        break;
    }
    return lw->frames != NULL ? lw->shared->block_type : lw->shared->entry_type;
}

static void name_value(LLVMValueRef value, const char *name)
{
    LLVMSetValueName2(value, name, strlen(name));
}

/* The parameters that are not words. */
static void take_parameters(struct jr_lower *lw)
{
    unsigned at = 0;
    name_value(lw->task = LLVMGetParam(lw->code, at++), "task");
    name_value(lw->frame = LLVMGetParam(lw->code, at++), "frame");
    name_value(lw->state = LLVMGetParam(lw->code, at++), "state");
    if (lw->convention == JR_CONVENTION_FRAME)
        name_value(lw->closure = LLVMGetParam(lw->code, at++), "closure");
    if (lw->frames != NULL) {
        name_value(lw->frames->block = LLVMGetParam(lw->code, at), "block");
        lw->depth_left = jr_lower_i32(lw, 0); /* a block calls nothing */
        return;
    }
    name_value(lw->depth_left = LLVMGetParam(lw->code, at++), "depth_left");
    if (lw->convention == JR_CONVENTION_INLINED) {
        name_value(lw->io = LLVMGetParam(lw->code, at++), "io");
        name_value(lw->budget = LLVMGetParam(lw->code, at++), "budget");
    }
}

void jr_lower_make_function(struct jr_lower *lw, const char *name)
{
    LLVMBuilderRef builder = lw->shared->builder;
    lw->code = LLVMAddFunction(lw->target->llvm, name, type_of_code(lw));
    if (lw->convention == JR_CONVENTION_FRAME) {
        LLVMSetVisibility(lw->code, LLVMProtectedVisibility);
    } else {
        LLVMSetLinkage(lw->code, LLVMInternalLinkage);
        LLVMSetFunctionCallConv(lw->code, LLVMFastCallConv);
    }
    if (lw->convention == JR_CONVENTION_INLINED)
        add_attribute(lw, JR_FUNCTION_ATTRIBUTES, "alwaysinline");
    take_parameters(lw);
    add_attribute(lw, JR_FUNCTION_ATTRIBUTES, "nounwind");
    add_attribute(lw, 2, "noalias"); /* whoever looks at the frame got its address from here */
    /* What the processor is set to, so that constants fold to the bits that it would give. */
    add_text_attribute(lw, "denormal-fp-math", "preserve-sign,preserve-sign");

    jr_lower_enter(lw, jr_lower_cold_block(lw, "entry"));
    jr_debug_begin(lw);
    LLVMTypeRef array = LLVMArrayType2(lw->shared->i64, (uint64_t)lw->function->reg_count + JR_LOWER_SCRATCH);
    lw->registers = LLVMBuildAlloca(builder, array, "registers");
    if (lw->convention != JR_CONVENTION_INLINED)
        lw->budget = LLVMBuildAlloca(builder, lw->shared->i64, "budget.slot");
    if (lw->convention != JR_CONVENTION_FRAME) /* gone again if nothing asks for it */
        lw->closure = jr_lower_load_field(lw, lw->shared->ptr, jr_lower_entry_of(lw, lw->index),
                                          offsetof(struct jr_function_entry, closure), "closure");
}

/* if (condition) return `name`(the function's own arguments) -- a jump, so that what follows need not keep anything for it */
static void hand_over_if(struct jr_lower *lw, LLVMValueRef condition, const char *name)
{
    LLVMBasicBlockRef rare = jr_lower_cold_block(lw, name);
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, condition, rare, usual);
    jr_lower_enter(lw, rare);
    LLVMValueRef args[] = { lw->task, lw->frame, lw->state, lw->closure, lw->depth_left };
    LLVMValueRef run = jr_lower_call_runtime(lw, name, lw->shared->i32, args, 5);
    LLVMSetTailCall(run, 1);
    LLVMBuildRet(lw->shared->builder, run);
    jr_lower_enter(lw, usual);
}

/* Quick code counts its calls and reports the function when it is worth more. */
static void count_call(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef entry = jr_lower_entry_of(lw, lw->index);
    LLVMValueRef before = jr_lower_load_field(lw, lw->shared->i32, entry,
                                              offsetof(struct jr_function_entry, call_count), "calls");
    LLVMValueRef count = LLVMBuildAdd(builder, before, jr_lower_i32(lw, 1), "calls");
    jr_lower_store_field(lw, count, entry, offsetof(struct jr_function_entry, call_count));
    LLVMValueRef threshold = jr_lower_load_field(lw, lw->shared->i32, entry,
                                                 offsetof(struct jr_function_entry, call_threshold), "threshold");
    LLVMBasicBlockRef hot = jr_lower_cold_block(lw, "hot");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, LLVMBuildICmp(builder, LLVMIntUGE, count, threshold, ""), hot, usual);
    jr_lower_enter(lw, hot);
    jr_lower_call_runtime(lw, "jr_jit_call_hot", lw->shared->none, &entry, 1);
    LLVMBuildBr(builder, usual);
    jr_lower_enter(lw, usual);
}

LLVMValueRef jr_lower_frame_exceeds_stack(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef end = jr_lower_load_field(lw, lw->shared->ptr, lw->task, offsetof(struct jr_task, stack_end), "stack_end");
    LLVMValueRef size = jr_lower_i64(lw, lw->tree.extent);
    LLVMValueRef frame_end = LLVMBuildGEP2(builder, lw->shared->i64, lw->frame, &size, 1, "frame_end");
    return LLVMBuildICmp(builder, LLVMIntUGT, frame_end, end, "");
}

LLVMValueRef jr_lower_depth_exceeds_limit(struct jr_lower *lw)
{
    return LLVMBuildICmp(lw->shared->builder, LLVMIntULE, lw->depth_left, jr_lower_i32(lw, lw->tree.height), "");
}

/* What is inlined and finds the budget low stores its parameters and lets its caller deal with it. */
static void enter_later_if(struct jr_lower *lw, LLVMValueRef condition)
{
    LLVMBuilderRef builder = lw->shared->builder;
    uint32_t words = lw->function->param_words;
    LLVMBasicBlockRef rare = jr_lower_cold_block(lw, "enter.later");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, condition, rare, usual);
    jr_lower_enter(lw, rare);
    for (uint32_t i = 0; i < words; i++)
        LLVMBuildStore(builder, LLVMBuildLoad2(builder, lw->shared->i64, jr_lower_word_at(lw, lw->io, i), ""), jr_lower_frame_at(lw, i));
    jr_lower_save_budget(lw);
    LLVMBuildRet(builder, jr_lower_i32(lw, JR_RUN_ENTER));
    jr_lower_enter(lw, usual);
}

/* The function that this is inlined into has looked at depth and stacks, and where it could at the budget. */
static void inlined_prologue(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef before = LLVMBuildLoad2(builder, lw->shared->i64, lw->budget, "budget");
    uint32_t needed = lw->tree.simple ? lw->tree.fuel : lw->function->fuel_cost;
    if (!lw->covered)
        enter_later_if(lw, LLVMBuildICmp(builder, LLVMIntSLT, before, jr_lower_i64(lw, needed), "poll.due"));
    LLVMValueRef left = LLVMBuildSub(builder, before, jr_lower_i64(lw, lw->function->fuel_cost), "budget");
    LLVMBuildStore(builder, left, lw->budget);
}

/* What makes a call unusual is left to others: the interpreter makes the errors of depth and stack, jr_jit_poll_entry polls the
 * limits and comes back.  The C stack is looked at by callers (lower_call.c). */
static void prologue(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    hand_over_if(lw, jr_lower_depth_exceeds_limit(lw), "jr_rt_interpret");
    hand_over_if(lw, jr_lower_frame_exceeds_stack(lw), "jr_rt_interpret");
    LLVMValueRef budget = jr_lower_load_field(lw, lw->shared->i64, lw->task, offsetof(struct jr_task, budget), "budget");
    uint32_t needed = lw->tree.simple ? lw->tree.fuel : lw->function->fuel_cost;
    hand_over_if(lw, LLVMBuildICmp(builder, LLVMIntSLT, budget, jr_lower_i64(lw, needed), "poll.due"), "jr_jit_poll_entry");
    LLVMValueRef left = LLVMBuildSub(builder, budget, jr_lower_i64(lw, lw->function->fuel_cost), "budget");
    LLVMBuildStore(builder, left, lw->budget);
    if (lw->tier == JR_TIER_QUICK)
        count_call(lw);
}

static void leave_if(struct jr_lower *lw, LLVMValueRef condition, LLVMBasicBlockRef rare)
{
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, condition, rare, usual);
    jr_lower_enter(lw, usual);
}

/* Callers look at nothing: all limits are this function's business.  What finds one near stores its parameters, and the caller
 * goes to the interpreter. */
static void direct_prologue(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    for (uint32_t i = 0; i < lw->function->param_words; i++)
        jr_lower_store_reg(lw, i, as_type(lw, LLVMGetParam(lw->code, FIRST_PARAMETER + i), lw->shared->i64));
    LLVMValueRef before = LLVMGetParam(lw->code, FIRST_PARAMETER - 1);
    LLVMBuildStore(builder, before, lw->budget);
    LLVMBasicBlockRef later = jr_lower_cold_block(lw, "enter.later");
    leave_if(lw, jr_lower_depth_exceeds_limit(lw), later);
    leave_if(lw, jr_lower_frame_exceeds_stack(lw), later);
    leave_if(lw, jr_lower_c_stack_is_low(lw), later);
    leave_if(lw, LLVMBuildICmp(builder, LLVMIntSLT, before, jr_lower_i64(lw, lw->function->fuel_cost), "poll.due"), later);
    LLVMValueRef left = LLVMBuildSub(builder, before, jr_lower_i64(lw, lw->function->fuel_cost), "budget");
    LLVMBuildStore(builder, left, lw->budget);
    LLVMBasicBlockRef here = LLVMGetInsertBlock(builder);

    jr_lower_enter(lw, later);
    jr_lower_write_back(lw, 0, lw->function->param_words);
    jr_lower_save_budget(lw);
    direct_leave(lw, jr_lower_i32(lw, JR_RUN_ENTER));
    jr_lower_enter(lw, here);
}

void jr_lower_prologue(struct jr_lower *lw)
{
    switch (lw->convention) {
    case JR_CONVENTION_DIRECT:
        direct_prologue(lw);
        break;
    case JR_CONVENTION_INLINED:
        inlined_prologue(lw);
        break;
    case JR_CONVENTION_FRAME:
        prologue(lw);
        break;
    }
}

/* ---- leaving, and direct calls ---- */

void jr_lower_leave(struct jr_lower *lw, enum jr_run run)
{
    if (lw->convention == JR_CONVENTION_DIRECT)
        direct_leave(lw, jr_lower_i32(lw, run));
    else
        LLVMBuildRet(lw->shared->builder, jr_lower_i32(lw, run));
}

static void direct_return(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    const struct jr_layout *results = results_of(lw, lw->function);
    LLVMValueRef answer = LLVMGetPoison(result_type(lw, lw->function));
    LLVMValueRef budget = LLVMBuildLoad2(builder, lw->shared->i64, lw->budget, "budget");
    answer = LLVMBuildInsertValue(builder, answer, budget, BUDGET, "");
    answer = LLVMBuildInsertValue(builder, answer, jr_lower_i32(lw, JR_RUN_OK), STATUS, "");
    for (uint32_t i = 0; i < results->word_count; i++) {
        LLVMValueRef word = as_type(lw, jr_lower_load_reg(lw, in->a + i), type_of_word(lw, &results->words[i]));
        answer = LLVMBuildInsertValue(builder, answer, word, FIRST_RESULT + i, "");
    }
    LLVMBuildRet(builder, answer);
}

void jr_lower_RETURN(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    if (lw->frames != NULL) {
        jr_lower_frames_return(lw, in);
        return;
    }
    if (lw->convention == JR_CONVENTION_DIRECT) {
        direct_return(lw, in);
        return;
    }
    bool inlined = lw->convention == JR_CONVENTION_INLINED;
    for (uint32_t i = 0; i < lw->function->result_words; i++)
        LLVMBuildStore(builder, jr_lower_load_reg(lw, in->a + i), jr_lower_word_at(lw, inlined ? lw->io : lw->frame, i));
    if (!inlined)
        jr_lower_save_budget(lw);
    LLVMBuildRet(builder, jr_lower_i32(lw, JR_RUN_OK));
}

LLVMValueRef jr_lower_direct_call(struct jr_lower *lw, LLVMValueRef code, const struct jr_function *function,
                                  const struct jr_lower_target_frame *at, uint32_t first, LLVMValueRef *answer)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef args[FIRST_PARAMETER + MOST_PARAMETERS] = { lw->task, at->window, at->state, at->depth_left };
    const struct jr_layout *parameters = parameters_of(lw, function);
    args[FIRST_PARAMETER - 1] = LLVMBuildLoad2(builder, lw->shared->i64, lw->budget, "budget");
    for (uint32_t i = 0; i < parameters->word_count; i++)
        args[FIRST_PARAMETER + i] =
            as_type(lw, jr_lower_load_reg(lw, first + i), type_of_word(lw, &parameters->words[i]));
    *answer = LLVMBuildCall2(builder, direct_type(lw, function), code, args, FIRST_PARAMETER + parameters->word_count, "");
    LLVMSetInstructionCallConv(*answer, LLVMFastCallConv);
    return LLVMBuildExtractValue(builder, *answer, STATUS, "run");
}

void jr_lower_direct_results(struct jr_lower *lw, const struct jr_function *function, LLVMValueRef answer, uint32_t first)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMBuildStore(builder, LLVMBuildExtractValue(builder, answer, BUDGET, "budget"), lw->budget);
    for (uint32_t i = 0; i < function->result_words; i++) {
        LLVMValueRef word = LLVMBuildExtractValue(builder, answer, FIRST_RESULT + i, "");
        jr_lower_store_reg(lw, first + i, as_type(lw, word, lw->shared->i64));
    }
}

/* Takes words from the frame and puts them there. */
void jr_lower_direct_entry(struct jr_lower *lw, const char *name)
{
    LLVMBuilderRef builder = lw->shared->builder;
    struct jr_lower entry = { .shared = lw->shared, .target = lw->target, .module = lw->module, .function = lw->function,
                              .index = lw->index, .tier = lw->tier, .whole = true };
    LLVMValueRef answer;
    jr_lower_make_function(&entry, name);
    jr_lower_reload(&entry, 0, lw->function->param_words);
    jr_lower_load_budget(&entry);
    struct jr_lower_target_frame at = { entry.frame, entry.state, entry.depth_left };
    LLVMValueRef run = jr_lower_direct_call(&entry, lw->code, lw->function, &at, 0, &answer);
    LLVMBasicBlockRef unusual = jr_lower_cold_block(&entry, "unusual");
    LLVMBasicBlockRef usual = jr_lower_block(&entry, "");
    jr_lower_branch_rare(&entry, LLVMBuildICmp(builder, LLVMIntNE, run, jr_lower_i32(lw, JR_RUN_OK), ""), unusual, usual);

    jr_lower_enter(&entry, unusual);
    LLVMValueRef again = LLVMBuildICmp(builder, LLVMIntEQ, run, jr_lower_i32(lw, JR_RUN_ENTER), "");
    hand_over_if(&entry, again, "jr_rt_interpret");
    LLVMBuildRet(builder, run);

    jr_lower_enter(&entry, usual);
    jr_lower_direct_results(&entry, lw->function, answer, 0);
    jr_lower_write_back(&entry, 0, lw->function->result_words);
    jr_lower_save_budget(&entry);
    LLVMBuildRet(builder, jr_lower_i32(lw, JR_RUN_OK));
}
