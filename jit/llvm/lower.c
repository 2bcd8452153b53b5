/* lower.c -- the frame around the lowered instructions: prologue, blocks, polls and exits. */
#include "jit/llvm/lower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>

#include "ir/base/alloc.h"
#include "ir/base/assert.h"
#include "runtime/task.h"

/* Beyond these a function stays in the interpreter: compile time grows with code and, for the register array, with frame size. */
enum {
    MOST_CODE_WORDS = 60000,
    MOST_WORDS_MOVED = 200000,
    MOST_EXITS = 2000, /* instructions that may leave: LLVM takes quadratic time to merge their ways out, here about a second */
    MOST_REGISTERS = 16384, /* all of them spilled take 128 KiB of the C stack */
    MOST_SELF_INLINED = 900, /* code words of all copies of functions in themselves, in one batch ... */
    MOST_SELF_ONE = 450,     /* ... of one function, itself included ... */
    LEAST_SELF_ONE = 100,    /* ... and what each may have however many there are */
    MOST_SELF_LEVELS = 6,
    HEAP_WEIGHT = 12,
    SYMBOL_BYTES = 200,
};

/* ---- shared types ---- */

bool jr_lower_context_init(struct jr_lower_context *shared, LLVMContextRef context, bool stress, char *message,
                           size_t message_size)
{
    *shared = (struct jr_lower_context){ .context = context, .stress = stress };
    if (!jr_library_init(&shared->library, context, message, message_size))
        return false;
    shared->builder = LLVMCreateBuilderInContext(context);
    jr_copier_init(&shared->copier, context, shared->builder);
    shared->i1 = LLVMInt1TypeInContext(context);
    shared->i32 = LLVMInt32TypeInContext(context);
    shared->i64 = LLVMInt64TypeInContext(context);
    shared->f64 = LLVMDoubleTypeInContext(context);
    shared->ptr = LLVMPointerTypeInContext(context, 0);
    shared->none = LLVMVoidTypeInContext(context);
    LLVMTypeRef params[] = { shared->ptr, shared->ptr, shared->ptr, shared->ptr, shared->i32 };
    shared->entry_type = LLVMFunctionType(shared->i32, params, 5, 0);
    params[4] = shared->ptr;
    shared->block_type = LLVMFunctionType(shared->i32, params, 5, 0);
    LLVMTypeRef inlined[] = { shared->ptr, shared->ptr, shared->ptr, shared->i32, shared->ptr, shared->ptr };
    shared->inlined_type = LLVMFunctionType(shared->i32, inlined, 6, 0);
    shared->fence_type = LLVMFunctionType(shared->f64, &shared->f64, 1, 0);
    LLVMMetadataRef weights[] = {
        LLVMMDStringInContext2(context, "branch_weights", strlen("branch_weights")),
        LLVMValueAsMetadata(LLVMConstInt(shared->i32, 1, 0)),
        LLVMValueAsMetadata(LLVMConstInt(shared->i32, 2000, 0)),
    };
    shared->unlikely = LLVMMetadataAsValue(context, LLVMMDNodeInContext2(context, weights, 3));
    shared->weights_kind = LLVMGetMDKindIDInContext(context, "prof", strlen("prof"));
    jr_widener_init(&shared->widener, context, shared->builder, &shared->copier, &shared->library, shared->unlikely);
    return true;
}

void jr_lower_context_fini(struct jr_lower_context *shared)
{
    if (shared->builder == NULL)
        return;
    jr_widener_fini(&shared->widener);
    jr_copier_fini(&shared->copier);
    LLVMDisposeBuilder(shared->builder);
    jr_library_fini(&shared->library);
    *shared = (struct jr_lower_context){ 0 };
}

/* ---- values ---- */

LLVMValueRef jr_lower_i32(struct jr_lower *lw, uint32_t value)
{
    return LLVMConstInt(lw->shared->i32, value, 0);
}

LLVMValueRef jr_lower_i64(struct jr_lower *lw, uint64_t value)
{
    return LLVMConstInt(lw->shared->i64, value, 0);
}

LLVMValueRef jr_lower_word_at(struct jr_lower *lw, LLVMValueRef base, uint32_t index)
{
    LLVMValueRef at = jr_lower_i64(lw, index);
    return LLVMBuildInBoundsGEP2(lw->shared->builder, lw->shared->i64, base, &at, 1, "");
}

LLVMValueRef jr_lower_reg_at(struct jr_lower *lw, uint32_t reg)
{
    return jr_lower_word_at(lw, lw->registers, reg);
}

LLVMValueRef jr_lower_load_reg(struct jr_lower *lw, uint32_t reg)
{
    return LLVMBuildLoad2(lw->shared->builder, lw->shared->i64, jr_lower_word_at(lw, lw->registers, reg), "");
}

void jr_lower_store_reg(struct jr_lower *lw, uint32_t reg, LLVMValueRef word)
{
    LLVMBuildStore(lw->shared->builder, word, jr_lower_word_at(lw, lw->registers, reg));
}

LLVMValueRef jr_lower_frame_at(struct jr_lower *lw, uint32_t reg)
{
    return jr_lower_word_at(lw, lw->frame, reg);
}

LLVMValueRef jr_lower_field(struct jr_lower *lw, LLVMValueRef base, size_t offset)
{
    LLVMValueRef at = jr_lower_i64(lw, offset);
    return LLVMBuildInBoundsGEP2(lw->shared->builder, LLVMInt8TypeInContext(lw->shared->context), base, &at, 1, "");
}

LLVMValueRef jr_lower_load_field(struct jr_lower *lw, LLVMTypeRef type, LLVMValueRef base, size_t offset, const char *name)
{
    return LLVMBuildLoad2(lw->shared->builder, type, jr_lower_field(lw, base, offset), name);
}

void jr_lower_store_field(struct jr_lower *lw, LLVMValueRef value, LLVMValueRef base, size_t offset)
{
    LLVMBuildStore(lw->shared->builder, value, jr_lower_field(lw, base, offset));
}

LLVMValueRef jr_lower_call_runtime(struct jr_lower *lw, const char *name, LLVMTypeRef result, LLVMValueRef *args,
                                   unsigned arg_count)
{
    LLVMTypeRef types[8];
    JR_ASSERT(arg_count <= 8, "runtime functions have few parameters");
    for (unsigned i = 0; i < arg_count; i++)
        types[i] = LLVMTypeOf(args[i]);
    LLVMTypeRef type = LLVMFunctionType(result, types, arg_count, 0);
    return LLVMBuildCall2(lw->shared->builder, type, jr_declare(lw->target->llvm, name, type), args, arg_count, "");
}

LLVMValueRef jr_lower_entry_of(struct jr_lower *lw, uint32_t function)
{
    LLVMValueRef functions =
        jr_lower_load_field(lw, lw->shared->ptr, lw->task, offsetof(struct jr_task, functions), "functions");
    return jr_lower_field(lw, functions, (size_t)function * sizeof(struct jr_function_entry));
}

/* ---- registers and the frame ---- */

void jr_lower_write_back(struct jr_lower *lw, uint32_t first, uint32_t count)
{
    for (uint32_t reg = first; reg < first + count; reg++)
        LLVMBuildStore(lw->shared->builder, jr_lower_load_reg(lw, reg), jr_lower_frame_at(lw, reg));
}

void jr_lower_reload(struct jr_lower *lw, uint32_t first, uint32_t count)
{
    for (uint32_t reg = first; reg < first + count; reg++) {
        LLVMValueRef word = LLVMBuildLoad2(lw->shared->builder, lw->shared->i64, jr_lower_frame_at(lw, reg), "");
        jr_lower_store_reg(lw, reg, word);
    }
}

void jr_lower_save_budget(struct jr_lower *lw)
{
    LLVMValueRef budget = LLVMBuildLoad2(lw->shared->builder, lw->shared->i64, lw->budget, "budget");
    jr_lower_store_field(lw, budget, lw->task, offsetof(struct jr_task, budget));
}

void jr_lower_load_budget(struct jr_lower *lw)
{
    LLVMValueRef budget =
        jr_lower_load_field(lw, lw->shared->i64, lw->task, offsetof(struct jr_task, budget), "budget");
    LLVMBuildStore(lw->shared->builder, budget, lw->budget);
}

void jr_lower_write_back_live(struct jr_lower *lw, uint32_t block)
{
    const uint64_t *live = jr_flow_live(&lw->flow, block);
    for (uint32_t reg = 0; reg < lw->function->reg_count; reg++)
        if (jr_set_has(live, reg))
            jr_lower_write_back(lw, reg, 1);
}

/* ---- control flow ---- */

LLVMBasicBlockRef jr_lower_cold_block(struct jr_lower *lw, const char *name)
{
    return LLVMAppendBasicBlockInContext(lw->shared->context, lw->code, name);
}

LLVMBasicBlockRef jr_lower_block(struct jr_lower *lw, const char *name)
{
    LLVMBasicBlockRef block = jr_lower_cold_block(lw, name);
    LLVMMoveBasicBlockAfter(block, LLVMGetInsertBlock(lw->shared->builder));
    return block;
}

void jr_lower_enter(struct jr_lower *lw, LLVMBasicBlockRef block)
{
    LLVMPositionBuilderAtEnd(lw->shared->builder, block);
}

void jr_lower_branch_rare(struct jr_lower *lw, LLVMValueRef condition, LLVMBasicBlockRef rare, LLVMBasicBlockRef usual)
{
    LLVMValueRef branch = LLVMBuildCondBr(lw->shared->builder, condition, rare, usual);
    LLVMSetMetadata(branch, lw->shared->weights_kind, lw->shared->unlikely);
}

LLVMValueRef jr_lower_is_not_ok(struct jr_lower *lw, LLVMValueRef status)
{
    return LLVMBuildICmp(lw->shared->builder, LLVMIntNE, status, jr_lower_i32(lw, JR_RUN_OK), "failed");
}

static void leave_under_stress(struct jr_lower *lw, uint32_t block)
{
    if (!lw->shared->stress || lw->frames != NULL) /* nobody goes on with a frame of a block */
        return;
    LLVMBasicBlockRef leave = jr_lower_cold_block(lw, "stress.leave");
    LLVMBasicBlockRef stay = jr_lower_block(lw, "stress.stay");
    LLVMValueRef answer = jr_lower_call_runtime(lw, "jr_jit_stress_poll", lw->shared->i32, NULL, 0);
    LLVMBuildCondBr(lw->shared->builder, jr_lower_is_not_ok(lw, answer), leave, stay);
    jr_lower_enter(lw, leave);
    jr_lower_leave_for_interpreter(lw, block);
    jr_lower_enter(lw, stay);
}

void jr_lower_poll(struct jr_lower *lw, uint32_t cost, uint32_t error_pc)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef before = LLVMBuildLoad2(builder, lw->shared->i64, lw->budget, "budget");
    LLVMValueRef left = LLVMBuildSub(builder, before, jr_lower_i64(lw, cost), "budget");
    LLVMBuildStore(builder, left, lw->budget);
    LLVMValueRef due = LLVMBuildICmp(builder, LLVMIntSLT, left, jr_lower_i64(lw, 0), "poll.due");
    LLVMBasicBlockRef poll = jr_lower_cold_block(lw, "poll");
    LLVMBasicBlockRef failed = jr_lower_cold_block(lw, "poll.failed");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "charged");
    jr_lower_branch_rare(lw, due, poll, usual);

    jr_lower_enter(lw, poll);
    jr_lower_save_budget(lw);
    LLVMValueRef status = jr_lower_call_runtime(lw, "jr_rt_poll", lw->shared->i32, &lw->task, 1);
    jr_lower_load_budget(lw);
    LLVMBuildCondBr(builder, jr_lower_is_not_ok(lw, status), failed, usual);
    jr_lower_enter(lw, failed);
    jr_lower_leave_with_error(lw, error_pc);

    jr_lower_enter(lw, usual);
}

void jr_lower_charge(struct jr_lower *lw, uint32_t cost, uint32_t error_pc, uint32_t block)
{
    jr_lower_poll(lw, cost, error_pc);
    leave_under_stress(lw, block);
}

/* ---- the function ---- */

static void refuse(struct jr_compile_item *item, const char *reason)
{
    snprintf(item->refusal, sizeof item->refusal, "%s", reason);
}

/* Code for a loop begins in a frame that the interpreter has checked for the function alone: goes back there if what is inlined
 * has no room. */
static void loop_prologue(struct jr_lower *lw, uint32_t loop_pc)
{
    LLVMBuilderRef builder = lw->shared->builder;
    jr_lower_load_budget(lw);
    if (lw->tree.height == 0)
        return;
    LLVMBasicBlockRef leave = jr_lower_cold_block(lw, "no.room");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    LLVMValueRef no_room = LLVMBuildOr(builder, jr_lower_depth_exceeds_limit(lw), jr_lower_frame_exceeds_stack(lw), "");
    jr_lower_branch_rare(lw, no_room, leave, usual);
    jr_lower_enter(lw, leave);
    jr_lower_finish_exit(lw, offsetof(struct jr_task, exit_pc), jr_lower_i32(lw, loop_pc), JR_RUN_DEOPT);
    jr_lower_enter(lw, usual);
}

/* Registers that the first block needs, from where they are. */
static void load_live(struct jr_lower *lw, uint32_t block)
{
    const uint64_t *live = jr_flow_live(&lw->flow, block);
    LLVMBuilderRef builder = lw->shared->builder;
    if (lw->convention == JR_CONVENTION_DIRECT)
        return; /* they are there */
    for (uint32_t reg = 0; lw->convention == JR_CONVENTION_INLINED && reg < lw->function->reg_count; reg++)
        if (jr_set_has(live, reg))
            jr_lower_store_reg(lw, reg, LLVMBuildLoad2(builder, lw->shared->i64, jr_lower_word_at(lw, lw->io, reg), ""));
    if (lw->convention == JR_CONVENTION_INLINED)
        return;
    for (uint32_t reg = 0; reg < lw->function->reg_count; reg++)
        if (jr_set_has(live, reg))
            jr_lower_reload(lw, reg, 1);
}

static void forget_constants(struct jr_lower *lw, const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    jr_instr_registers(lw->module, lw->function, in, &regs);
    for (uint32_t i = 0; i < regs.write_count; i++)
        memset(lw->constants + regs.writes[i].first, 0, regs.writes[i].count * sizeof lw->constants[0]);
}

/* Which registers hold constants after the instruction. */
static void follow_constants(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMValueRef word = NULL;
    float narrow;
    double wide;
    uint64_t bits;
    switch (in->op) {
    case JR_OP_MOVE:
        word = lw->constants[in->b];
        break;
    case JR_OP_CONST:
        word = jr_lower_i64(lw, lw->function->constants[in->x]);
        break;
    case JR_OP_CONST_I32:
        word = jr_lower_i64(lw, (uint64_t)(int64_t)(int32_t)in->x);
        break;
    case JR_OP_CONST_F32:
        memcpy(&narrow, &in->x, sizeof narrow);
        wide = (double)narrow;
        memcpy(&bits, &wide, sizeof bits);
        word = jr_lower_i64(lw, bits);
        break;
    default:
        break;
    }
    forget_constants(lw, in);
    if (word != NULL)
        lw->constants[in->a] = word;
}

static void lower_block(struct jr_lower *lw, uint32_t b)
{
    const struct jr_flow_block *block = &lw->flow.blocks[b];
    jr_lower_enter(lw, lw->blocks[b]);
    jr_folding_enter(&lw->folding, b);
    lw->block = b;
    if (lw->frames != NULL)
        jr_lower_frames_enter(lw);
    bool ended = false;
    memset(lw->constants, 0, lw->function->reg_count * sizeof lw->constants[0]);
    for (uint32_t pc = block->start; pc < block->end;) {
        struct jr_instr in = jr_decode(&lw->function->code[pc]);
        lw->pc = pc;
        jr_debug_at(lw, pc);
        lw->shared->copier.registers = lw->registers; /* a callee may have been lowered in between */
        lw->shared->copier.constants = lw->constants;
        if (!jr_lower_is_plain(in.op)) /* its steps may read what steps before have written */
            forget_constants(lw, &in);
        jr_lower_instruction(lw, &in);
        follow_constants(lw, &in);
        jr_folding_step(&lw->folding, &in);
        if (lw->frames != NULL)
            jr_lower_frames_step(lw, &in);
        ended = (jr_op_infos[in.op].effects & (JR_EFFECT_EXITS | JR_EFFECT_JUMPS)) != 0;
        pc += in.length;
    }
    if (!ended)
        LLVMBuildBr(lw->shared->builder, lw->blocks[b + 1]);
}

/* Words that lowering will move one by one, to refuse what would take minutes. */
static uint64_t words_moved(const struct jr_lower *lw)
{
    uint64_t words = 0;
    for (uint32_t pc = 0; pc < lw->function->code_count;) {
        struct jr_instr in = jr_decode(&lw->function->code[pc]);
        struct jr_instr_regs regs;
        jr_instr_registers(lw->module, lw->function, &in, &regs);
        for (uint32_t i = 0; i < regs.read_count; i++)
            words += regs.reads[i].count;
        for (uint32_t i = 0; i < regs.write_count; i++)
            words += regs.writes[i].count;
        pc += in.length;
    }
    return words;
}

/* Instructions that may end the function with an error or call another one. */
static uint32_t count_exits(const struct jr_lower *lw)
{
    uint32_t exits = 0;
    for (uint32_t pc = 0; pc < lw->function->code_count;) {
        struct jr_instr in = jr_decode(&lw->function->code[pc]);
        exits += (jr_op_infos[in.op].effects & (JR_EFFECT_FAILS | JR_EFFECT_CALLS)) != 0;
        pc += in.length;
    }
    return exits;
}

static bool is_acceptable(const struct jr_lower *lw, struct jr_compile_item *item)
{
    if (lw->function->code_count > MOST_CODE_WORDS) {
        snprintf(item->refusal, sizeof item->refusal, "too large: %u code words, at most %d are compiled",
                 lw->function->code_count, MOST_CODE_WORDS);
        return false;
    }
    if (lw->function->reg_count > MOST_REGISTERS) {
        snprintf(item->refusal, sizeof item->refusal, "too many registers: %u, at most %d are compiled",
                 lw->function->reg_count, MOST_REGISTERS);
        return false;
    }
    uint32_t exits = count_exits(lw);
    if (exits > MOST_EXITS) {
        snprintf(item->refusal, sizeof item->refusal, "too large: %u calls and other instructions that may fail, at most %d are compiled",
                 exits, MOST_EXITS);
        return false;
    }
    uint64_t words = words_moved(lw);
    if (words > MOST_WORDS_MOVED) {
        snprintf(item->refusal, sizeof item->refusal, "too large: its instructions touch %llu registers, at most %d are compiled",
                 (unsigned long long)words, MOST_WORDS_MOVED);
        return false;
    }
    return true;
}

static void lower_all(struct jr_lower *lw, uint32_t entry_block)
{
    LLVMBuilderRef builder = lw->shared->builder;
    if (lw->frames == NULL) {
        if (lw->whole)
            jr_lower_prologue(lw);
        else
            loop_prologue(lw, lw->flow.blocks[entry_block].start);
        load_live(lw, entry_block);
        if (lw->whole)
            leave_under_stress(lw, entry_block); /* after loading: it writes back what is live */
    }
    for (uint32_t b = 0; b < lw->flow.block_count; b++) {
        char name[32];
        if (!lw->flow.blocks[b].reached)
            continue;
        snprintf(name, sizeof name, "pc.%u", lw->flow.blocks[b].start);
        lw->blocks[b] = jr_lower_cold_block(lw, name);
    }
    if (lw->frames != NULL)
        jr_lower_frames_begin(lw, lw->blocks[entry_block]);
    else
        LLVMBuildBr(builder, lw->blocks[entry_block]);
    for (uint32_t b = 0; b < lw->flow.block_count; b++)
        if (lw->flow.blocks[b].reached)
            lower_block(lw, b);
    jr_debug_at(lw, JR_NONE);
    jr_lower_fill_error_exits(lw);
    if (lw->frames != NULL)
        jr_lower_frames_end(lw);
}

/* The largest window at which the function calls itself, and how often it does. */
static uint32_t self_calls(const struct jr_lower *lw, uint32_t *window)
{
    uint32_t sites = 0;
    *window = 0;
    for (uint32_t pc = 0; pc < lw->function->code_count;) {
        struct jr_instr in = jr_decode(&lw->function->code[pc]);
        if (in.op == JR_OP_CALL && in.x == lw->index) {
            sites++;
            *window = in.a > *window ? in.a : *window;
        }
        pc += in.length;
    }
    return sites;
}

/* How large the machine code of a copy is, in code words: allocation and counting are long. */
static uint32_t weight_of(const struct jr_function *function)
{
    uint32_t weight = function->code_count;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        uint16_t effects = jr_op_infos[in.op].effects;
        weight += (effects & JR_EFFECT_HEAP) && !(effects & JR_EFFECT_CALLS) ? HEAP_WEIGHT : 0;
        pc += in.length;
    }
    return weight;
}

/* A function that calls itself is inlined into itself as deep as its size allows. */
static uint32_t levels_of(const struct jr_lower *lw, uint32_t sites)
{
    uint32_t share = MOST_SELF_INLINED / lw->target->inlining.recursive_count;
    uint32_t limit = share > MOST_SELF_ONE ? MOST_SELF_ONE : share < LEAST_SELF_ONE ? LEAST_SELF_ONE : share;
    uint32_t levels = 0, copies = 1, weight = weight_of(lw->function);
    uint64_t words = weight;
    while (sites > 0 && levels < MOST_SELF_LEVELS) {
        copies *= sites;
        words += (uint64_t)copies * weight;
        if (words > limit)
            break;
        levels++;
    }
    return levels;
}

static void find_tree(struct jr_lower *lw)
{
    uint32_t window;
    if (lw->tier != JR_TIER_OPTIMISED) {
        lw->tree = (struct jr_inline_tree){ .extent = lw->function->reg_count };
        return;
    }
    lw->tree = *jr_inlining_tree(&lw->target->inlining, lw->index); /* without the calls of itself */
    if (lw->caller != NULL || !lw->whole || lw->frames != NULL)
        return;
    uint32_t sites = self_calls(lw, &window);
    if (sites == 0)
        return;
    lw->self_levels = levels_of(lw, sites);
    lw->tree.height += lw->self_levels;
    lw->tree.extent += lw->self_levels * window;
    if (jr_lower_may_be_direct(lw->function))
        lw->convention = JR_CONVENTION_DIRECT;
}

static bool lower_function(struct jr_lower *lw, struct jr_compile_item *item, const char *name)
{
    struct jr_lower_context *shared = lw->shared;
    if (!is_acceptable(lw, item))
        return false;
    find_tree(lw);
    uint32_t entry_pc = lw->whole ? 0 : item->loop_pc;
    bool done = false;
    if (jr_flow_init(&lw->flow, jr_alloc_default(), lw->module, lw->function, entry_pc) != JR_OK) {
        refuse(item, "too large: registers times branches exceed what liveness may take");
    } else if (jr_folding_init(&lw->folding, &lw->flow, lw->convention == JR_CONVENTION_INLINED || lw->tree.height > 0) != JR_OK) {
        refuse(item, "too large: registers times branches exceed what constants may take");
    } else {
        LLVMBasicBlockRef outer = LLVMGetInsertBlock(shared->builder); /* a callee is lowered amid its caller */
        LLVMMetadataRef outer_location = LLVMGetCurrentDebugLocation2(shared->builder);
        if (lw->tier == JR_TIER_OPTIMISED)
            jr_counting_init(&lw->counting, &lw->flow, lw->target->boxes_are_constant);
        lw->blocks = calloc(lw->flow.block_count, sizeof lw->blocks[0]);
        lw->constants = calloc((size_t)lw->function->reg_count + JR_LOWER_SCRATCH, sizeof lw->constants[0]);
        if (lw->blocks == NULL || lw->constants == NULL)
            abort();
        char direct_name[SYMBOL_BYTES];
        snprintf(direct_name, sizeof direct_name, "%s.direct", name);
        jr_lower_make_function(lw, lw->convention == JR_CONVENTION_DIRECT ? direct_name : name);
        lower_all(lw, jr_flow_block_at(&lw->flow, entry_pc));
        if (lw->convention == JR_CONVENTION_DIRECT)
            jr_lower_direct_entry(lw, name);
        if (outer != NULL)
            jr_lower_enter(lw, outer);
        LLVMSetCurrentDebugLocation2(shared->builder, outer_location);
        done = true;
    }
    jr_lower_free_exits(lw);
    jr_counting_fini(&lw->counting);
    free(lw->blocks);
    free(lw->constants);
    shared->copier.constants = NULL; /* those of the caller come back with its next instruction */
    jr_folding_fini(&lw->folding);
    jr_flow_fini(&lw->flow);
    return done;
}

bool jr_lower_function(struct jr_lower_context *shared, struct jr_lower_target *target, struct jr_compile_item *item,
                       const char *name)
{
    struct jr_lower_frames frames = { .block = NULL };
    struct jr_lower lw = { .shared = shared,
                           .target = target,
                           .residual = item->block,
                           .frames = item->block != NULL ? &frames : NULL,
                           .module = target->module,
                           .function = &target->module->functions[item->function],
                           .index = item->function,
                           .tier = target->tier,
                           .whole = item->loop_pc == JR_NONE };
    shared->copier.target = target->llvm;
    LLVMClearInsertionPosition(shared->builder);
    bool done = lower_function(&lw, item, name);
    jr_lower_frames_fini(&frames);
    return done;
}

/* The function at whose lowering this one began, if that is the code of `index` as a whole. */
static struct jr_lower *outermost(struct jr_lower *lw, uint32_t index)
{
    while (lw->caller != NULL)
        lw = lw->caller;
    return lw->index == index && lw->whole ? lw : NULL;
}

struct jr_known_code jr_lower_known_code(struct jr_lower *lw, uint32_t function)
{
    char name[40];
    struct jr_known_code known = { .convention = JR_CONVENTION_INLINED };
    if (lw->tier != JR_TIER_OPTIMISED)
        return known;
    struct jr_lower *self = outermost(lw, function);
    uint32_t level = self != NULL ? lw->self_level + 1 : 0;
    if (self != NULL && level > self->self_levels)
        return (struct jr_known_code){ .code = self->code, .convention = self->convention };
    if (self == NULL && !jr_inlining_wants(&lw->target->inlining, function))
        return known;
    bool covered = self == NULL && lw->tree.simple;
    if (self != NULL)
        snprintf(name, sizeof name, "jr.self.%u.%u", function, level);
    else
        snprintf(name, sizeof name, "jr.%s.%u", covered ? "covered" : "inline", function);
    known.code = LLVMGetNamedFunction(lw->target->llvm, name);
    if (known.code != NULL)
        return known;
    struct jr_compile_item item = { .function = function, .loop_pc = JR_NONE };
    struct jr_lower callee = { .shared = lw->shared,
                               .target = lw->target,
                               .caller = lw,
                               .module = lw->module,
                               .function = &lw->module->functions[function],
                               .index = function,
                               .tier = lw->tier,
                               .convention = JR_CONVENTION_INLINED,
                               .self_level = level,
                               .whole = true,
                               .covered = covered };
    if (lower_function(&callee, &item, name))
        known.code = callee.code;
    return known;
}
