/* lower_exit.c -- the ways out of compiled code that are not returns: what they store, so that unwinding and the interpreter find it. */
#include "jit/llvm/lower.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>

#include "runtime/task.h"

enum { EXITS_COMPARED = 8 };

/* Registers whose references an error at `pc` gives back, into lw->set. */
static uint32_t owned_registers(struct jr_lower *lw, uint32_t pc, uint32_t **out)
{
    uint32_t owned_count, count = 0, at = 0;
    const struct jr_owned *owned = jr_function_owned(lw->function, pc, &owned_count);
    for (uint32_t i = 0; i < owned_count; i++)
        count += jr_flow_owned_words(lw->module, &owned[i]);
    *out = NULL;
    if (count == 0)
        return 0;
    *out = malloc(count * sizeof **out);
    if (*out == NULL)
        abort(); /* as LLVM itself does without memory */
    for (uint32_t i = 0; i < owned_count; i++)
        for (uint32_t k = 0; k < jr_flow_owned_words(lw->module, &owned[i]); k++)
            (*out)[at++] = owned[i].reg + k;
    return count;
}

/* Those of the registers owned at `pc` that nobody has counted (jit/llvm/counting.h). */
static uint32_t borrowed_values(struct jr_lower *lw, uint32_t pc, const struct jr_borrowed ***out)
{
    uint32_t owned_count, count = 0;
    const struct jr_owned *owned = jr_function_owned(lw->function, pc, &owned_count);
    *out = NULL;
    for (uint32_t i = 0; lw->counting.count > 0 && i < owned_count; i++) {
        const struct jr_borrowed *pair = jr_counting_at(&lw->counting, pc, owned[i].reg);
        if (pair == NULL || (count > 0 && (*out)[count - 1] == pair))
            continue;
        const struct jr_borrowed **more = realloc(*out, (count + 1) * sizeof more[0]);
        if (more == NULL)
            abort();
        *out = more;
        more[count++] = pair;
    }
    return count;
}

static bool is_same_exit(const struct jr_error_exit *a, const struct jr_error_exit *b)
{
    return a->reg_count == b->reg_count && a->borrowed_count == b->borrowed_count &&
           (a->reg_count == 0 || !memcmp(a->regs, b->regs, a->reg_count * sizeof a->regs[0])) &&
           (a->borrowed_count == 0 || !memcmp(a->borrowed, b->borrowed, a->borrowed_count * sizeof a->borrowed[0]));
}

/* Neighbouring instructions mostly own the same registers, so the newest exits are looked at first, and not all of them. */
static struct jr_error_exit *find_exit(struct jr_lower *lw, const struct jr_error_exit *wanted)
{
    size_t last = lw->exit_count > 64 ? lw->exit_count - 64 : 0;
    for (size_t i = lw->exit_count; i-- > last;)
        if (is_same_exit(&lw->exits[i], wanted))
            return &lw->exits[i];
    return NULL;
}

static void free_exit(struct jr_error_exit *exit)
{
    free(exit->regs);
    free(exit->borrowed);
}

static struct jr_error_exit *error_exit(struct jr_lower *lw, uint32_t pc)
{
    struct jr_error_exit wanted = { .reg_count = 0 };
    wanted.reg_count = owned_registers(lw, pc, &wanted.regs);
    wanted.borrowed_count = borrowed_values(lw, pc, &wanted.borrowed);
    struct jr_error_exit *exit = find_exit(lw, &wanted);
    if (exit != NULL) {
        free_exit(&wanted);
        return exit;
    }
    if (lw->exit_count == lw->exit_capacity) {
        lw->exit_capacity = lw->exit_capacity == 0 ? 16 : lw->exit_capacity * 2;
        lw->exits = realloc(lw->exits, lw->exit_capacity * sizeof lw->exits[0]);
        if (lw->exits == NULL)
            abort();
    }
    exit = &lw->exits[lw->exit_count++];
    *exit = wanted;
    exit->block = jr_lower_cold_block(lw, "error");
    LLVMBasicBlockRef here = LLVMGetInsertBlock(lw->shared->builder);
    jr_lower_enter(lw, exit->block);
    exit->pc = LLVMBuildPhi(lw->shared->builder, lw->shared->i32, "pc");
    jr_lower_enter(lw, here);
    return exit;
}

/* Unwinding will release the value in the frame. */
static void count_borrowed(struct jr_lower *lw, const struct jr_borrowed *pair)
{
    struct jr_instr copy = { .op = JR_OP_COPY, .a = (uint16_t)pair->reg, .b = (uint16_t)pair->reg };
    LLVMValueRef words = jr_lower_frame_at(lw, pair->reg);
    jr_lower_write_back(lw, pair->reg, pair->words); /* the exit that this one goes on to may be the one that stores them */
    LLVMValueRef args[] = { lw->task, words, words, jr_lower_i32(lw, pair->layout) };
    if (pair->layout == JR_NONE)
        jr_lower_body(lw, &copy, lw->registers);
    else
        jr_lower_call_runtime(lw, "jr_rt_value_copy", lw->shared->none, args, 4);
}

void jr_lower_finish_exit(struct jr_lower *lw, uint64_t pc_offset, LLVMValueRef pc, enum jr_run run)
{
    if (lw->frames != NULL)
        jr_lower_frames_leave(lw);
    jr_lower_save_budget(lw);
    jr_lower_store_field(lw, pc, lw->task, pc_offset);
    jr_lower_leave(lw, run);
}

/* Whether what `part` stores is among what `whole` stores, in the same order. */
static bool is_part_of(const struct jr_error_exit *part, const struct jr_error_exit *whole)
{
    uint32_t regs = 0, borrowed = 0;
    for (uint32_t i = 0; i < whole->reg_count && regs < part->reg_count; i++)
        regs += part->regs[regs] == whole->regs[i];
    for (uint32_t i = 0; i < whole->borrowed_count && borrowed < part->borrowed_count; i++)
        borrowed += part->borrowed[borrowed] == whole->borrowed[i];
    return regs == part->reg_count && borrowed == part->borrowed_count;
}

/* The exit before this one, of the nearest, that stores most of the same: a function that makes one object after the other owns one
 * more at each, and would store a quadratic number of registers. */
static const struct jr_error_exit *find_rest(const struct jr_lower *lw, size_t index)
{
    const struct jr_error_exit *best = NULL;
    for (size_t i = index; i-- > 0 && i + EXITS_COMPARED >= index;) {
        const struct jr_error_exit *exit = &lw->exits[i];
        if (exit->reg_count > 0 && (best == NULL || exit->reg_count > best->reg_count) && is_part_of(exit, &lw->exits[index]))
            best = exit;
    }
    return best;
}

static bool stores_reg(const struct jr_error_exit *exit, uint32_t reg)
{
    for (uint32_t i = 0; exit != NULL && i < exit->reg_count; i++)
        if (exit->regs[i] == reg)
            return true;
    return false;
}

static bool counts(const struct jr_error_exit *exit, const struct jr_borrowed *pair)
{
    for (uint32_t i = 0; exit != NULL && i < exit->borrowed_count; i++)
        if (exit->borrowed[i] == pair)
            return true;
    return false;
}

void jr_lower_fill_error_exits(struct jr_lower *lw)
{
    lw->shared->copier.constants = NULL;
    for (size_t i = 0; i < lw->exit_count; i++) {
        struct jr_error_exit *exit = &lw->exits[i];
        const struct jr_error_exit *rest = find_rest(lw, i);
        jr_lower_enter(lw, exit->block);
        for (uint32_t k = 0; k < exit->reg_count; k++)
            if (!stores_reg(rest, exit->regs[k]))
                jr_lower_write_back(lw, exit->regs[k], 1);
        for (uint32_t k = 0; k < exit->borrowed_count; k++)
            if (!counts(rest, exit->borrowed[k]))
                count_borrowed(lw, exit->borrowed[k]);
        if (rest == NULL) {
            jr_lower_finish_exit(lw, offsetof(struct jr_task, exit_pc), exit->pc, JR_RUN_ERROR);
        } else {
            LLVMBasicBlockRef here = LLVMGetInsertBlock(lw->shared->builder);
            LLVMAddIncoming(rest->pc, &exit->pc, &here, 1);
            LLVMBuildBr(lw->shared->builder, rest->block);
        }
    }
}

static void come_from_here(struct jr_lower *lw, struct jr_error_exit *exit, uint32_t pc)
{
    LLVMBasicBlockRef here = LLVMGetInsertBlock(lw->shared->builder);
    LLVMValueRef value = jr_lower_i32(lw, pc);
    LLVMAddIncoming(exit->pc, &value, &here, 1);
}

void jr_lower_leave_with_error(struct jr_lower *lw, uint32_t pc)
{
    struct jr_error_exit *exit = error_exit(lw, pc);
    come_from_here(lw, exit, pc);
    LLVMBuildBr(lw->shared->builder, exit->block);
}

void jr_lower_leave_unless_ok(struct jr_lower *lw, LLVMValueRef status)
{
    if (LLVMIsAConstantInt(status) && LLVMConstIntGetZExtValue(status) == JR_RUN_OK)
        return;
    struct jr_error_exit *exit = error_exit(lw, lw->pc);
    LLVMBasicBlockRef usual = jr_lower_block(lw, "");
    come_from_here(lw, exit, lw->pc);
    jr_lower_branch_rare(lw, jr_lower_is_not_ok(lw, status), exit->block, usual);
    jr_lower_enter(lw, usual);
}

void jr_lower_leave_for_interpreter(struct jr_lower *lw, uint32_t block)
{
    jr_lower_write_back_live(lw, block);
    jr_lower_finish_exit(lw, offsetof(struct jr_task, exit_pc), jr_lower_i32(lw, lw->flow.blocks[block].start), JR_RUN_DEOPT);
}

void jr_lower_free_exits(struct jr_lower *lw)
{
    for (size_t i = 0; i < lw->exit_count; i++)
        free_exit(&lw->exits[i]);
    free(lw->exits);
}
