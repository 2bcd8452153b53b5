/* lower_flow.c -- jumps, switches and returns. */
#include "jit/llvm/lower.h"

#include <stdlib.h>

#include <llvm-c/Core.h>

#include "runtime/task.h"

/* Quick code that has gone round often enough moves to code made for its loop: same frame, same answer. */
static void count_round(struct jr_lower *lw, uint32_t target_pc)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef entry = jr_lower_entry_of(lw, lw->index);
    LLVMValueRef before = jr_lower_load_field(lw, lw->shared->i32, entry,
                                              offsetof(struct jr_function_entry, loop_count), "rounds");
    LLVMValueRef count = LLVMBuildAdd(builder, before, jr_lower_i32(lw, 1), "rounds");
    jr_lower_store_field(lw, count, entry, offsetof(struct jr_function_entry, loop_count));
    LLVMValueRef threshold = jr_lower_load_field(lw, lw->shared->i32, entry,
                                                 offsetof(struct jr_function_entry, loop_threshold), "threshold");
    LLVMBasicBlockRef hot = jr_lower_cold_block(lw, "loop.hot");
    LLVMBasicBlockRef leave = jr_lower_cold_block(lw, "loop.leave");
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, LLVMBuildICmp(builder, LLVMIntUGE, count, threshold, ""), hot, usual);

    jr_lower_enter(lw, hot);
    LLVMValueRef args[] = { entry, jr_lower_i32(lw, target_pc) };
    LLVMValueRef better = jr_lower_call_runtime(lw, "jr_jit_loop_hot", lw->shared->ptr, args, 2);
    LLVMBuildCondBr(builder, LLVMBuildIsNull(builder, better, ""), usual, leave);

    jr_lower_enter(lw, leave);
    jr_lower_write_back_live(lw, jr_flow_block_at(&lw->flow, target_pc));
    jr_lower_save_budget(lw);
    LLVMValueRef entry_args[] = { lw->task, lw->frame, lw->state, lw->closure, lw->depth_left };
    LLVMBuildRet(builder, LLVMBuildCall2(builder, lw->shared->entry_type, better, entry_args, 5, "run"));

    jr_lower_enter(lw, usual);
}

/* Ends the current block by going to `target_pc`; backwards that is charged and may leave. */
static void go_to(struct jr_lower *lw, uint32_t next_pc, uint32_t target_pc)
{
    uint32_t block = jr_flow_block_at(&lw->flow, target_pc);
    if (target_pc < next_pc) {
        jr_lower_charge(lw, next_pc - target_pc, lw->pc, block);
        if (lw->tier == JR_TIER_QUICK)
            count_round(lw, target_pc);
    }
    LLVMBuildBr(lw->shared->builder, lw->blocks[block]);
}

/* The block that `target_pc` is reached by: its own, or for a jump backwards one that charges first. */
static LLVMBasicBlockRef way_to(struct jr_lower *lw, uint32_t next_pc, uint32_t target_pc)
{
    if (target_pc >= next_pc)
        return lw->blocks[jr_flow_block_at(&lw->flow, target_pc)];
    LLVMBasicBlockRef here = LLVMGetInsertBlock(lw->shared->builder);
    LLVMBasicBlockRef back = jr_lower_block(lw, "back");
    jr_lower_enter(lw, back);
    go_to(lw, next_pc, target_pc);
    jr_lower_enter(lw, here);
    return back;
}

void jr_lower_JUMP(struct jr_lower *lw, const struct jr_instr *in)
{
    go_to(lw, lw->pc + in->length, jr_flow_target(lw->pc, in));
}

void jr_lower_POLL(struct jr_lower *lw, const struct jr_instr *in)
{
    jr_lower_poll(lw, in->x, lw->pc);
}

void jr_lower_AGAIN(struct jr_lower *lw, const struct jr_instr *in)
{
    uint32_t block = jr_flow_block_at(&lw->flow, jr_flow_target(lw->pc, in));
    jr_lower_charge(lw, in->a, lw->pc, block);
    LLVMBuildBr(lw->shared->builder, lw->blocks[block]);
}

static void lower_conditional(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    uint32_t next_pc = lw->pc + in->length;
    LLVMValueRef answer = jr_lower_body(lw, in, lw->registers);
    LLVMValueRef taken = LLVMBuildICmp(builder, LLVMIntNE, answer, jr_lower_i32(lw, 0), "taken");
    LLVMBasicBlockRef target = way_to(lw, next_pc, jr_flow_target(lw->pc, in));
    LLVMBuildCondBr(builder, taken, target, lw->blocks[jr_flow_block_at(&lw->flow, next_pc)]);
}

void jr_lower_JUMP_IF(struct jr_lower *lw, const struct jr_instr *in)
{
    lower_conditional(lw, in);
}

void jr_lower_JUMP_UNLESS(struct jr_lower *lw, const struct jr_instr *in)
{
    lower_conditional(lw, in);
}

/* Targets backwards share one way per target. */
static LLVMBasicBlockRef shared_way_to(struct jr_lower *lw, LLVMBasicBlockRef *ways, uint32_t next_pc, uint32_t target_pc)
{
    uint32_t block = jr_flow_block_at(&lw->flow, target_pc);
    if (ways[block] == NULL)
        ways[block] = way_to(lw, next_pc, target_pc);
    return ways[block];
}

void jr_lower_SWITCH_I64(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_jump_table *table = &lw->function->tables[in->x];
    uint32_t next_pc = lw->pc + in->length;
    LLVMBasicBlockRef *ways = calloc(lw->flow.block_count, sizeof ways[0]);
    if (ways == NULL)
        abort(); /* as LLVM itself does without memory */
    LLVMBasicBlockRef fallback = shared_way_to(lw, ways, next_pc, table->fallback);
    LLVMValueRef on = jr_lower_load_reg(lw, in->a);
    LLVMValueRef branch = LLVMBuildSwitch(lw->shared->builder, on, fallback, table->target_count);
    for (uint32_t i = 0; i < table->target_count; i++) {
        LLVMBasicBlockRef target = shared_way_to(lw, ways, next_pc, table->targets[i]);
        if (target != fallback)
            LLVMAddCase(branch, jr_lower_i64(lw, (uint64_t)table->min + i), target);
    }
    free(ways);
}
