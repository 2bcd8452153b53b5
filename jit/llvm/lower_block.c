/* lower_block.c -- the loop over frames around a residual dsp.
 *
 *   entry        state words into locals, budget, what the caller wants
 *   frame        all frames done, or fuel for less than one left? -> finish; else inputs into registers
 *   pc.0 ...     the function; RETURN writes outputs and goes to the next frame
 *   finish       locals back into state
 *
 * Raw state words that are read and written one by one, and the write indices of delay lines, live in an alloca for the whole block, so
 * that SROA makes values of them; the samples of delay lines stay where they are.  Nobody else looks at state while a block runs: a residual
 * function calls nothing.  Delay lines of one length that move in step share their write index; should they ever not be in step, the block
 * renders nothing and the original goes on.  An error leaves through the same writing back, with the number of whole frames. */
#include "jit/llvm/lower.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>

#include "runtime/task.h"

/* More locals than this are not worth their compile time: the rest stays in memory. */
enum { MOST_LOCALS = 1500, MOST_GROUPS = 64, NOT_ALONE = JR_NONE - 1 };

/* ---- which words ---- */

enum { UNSEEN, WORD_BY_WORD, AS_A_WHOLE };

static void mark(struct jr_lower *lw, uint8_t *seen, uint32_t first, uint32_t count, uint8_t how)
{
    for (uint32_t i = first; i < first + count && i < lw->function->state_words; i++)
        seen[i] = how > seen[i] ? how : seen[i];
}

static void look_at(struct jr_lower *lw, uint8_t *seen, const struct jr_instr *in)
{
    switch (in->op) {
    case JR_OP_STATE_GET:
    case JR_OP_STATE_SET:
    case JR_OP_MEM:
        mark(lw, seen, in->x, 1, WORD_BY_WORD);
        break;
    case JR_OP_DELAY:
        mark(lw, seen, in->x + 1, 1, WORD_BY_WORD);
        break;
    case JR_OP_STATE_GET_N:
    case JR_OP_STATE_SET_N: {
        const struct jr_layout *layout = &lw->module->layouts[in->y];
        bool alone = !layout->has_refs && jr_lower_is_word_by_word(layout);
        mark(lw, seen, in->x, layout->word_count, alone ? WORD_BY_WORD : AS_A_WHOLE);
        break;
    }
    default:
        break;
    }
}

/* What may end a frame in the middle, and so leave lines out of step. */
static bool may_fail(const struct jr_instr *in)
{
    uint16_t effects = jr_op_infos[in->op].effects;
    return (effects & JR_EFFECT_FAILS) && (!(effects & JR_EFFECT_JUMPS) || in->op == JR_OP_AGAIN);
}

static uint32_t furthest_target(const struct jr_lower *lw, uint32_t pc, const struct jr_instr *in)
{
    uint32_t furthest = 0;
    if (in->op == JR_OP_SWITCH_I64) {
        const struct jr_jump_table *table = &lw->function->tables[in->x];
        furthest = table->fallback;
        for (uint32_t i = 0; i < table->target_count; i++)
            furthest = table->targets[i] > furthest ? table->targets[i] : furthest;
    } else if (jr_op_infos[in->op].effects & JR_EFFECT_JUMPS) {
        furthest = jr_flow_target(pc, in);
    }
    return furthest;
}

static uint32_t region_of(const struct jr_residual *residual, uint32_t word)
{
    uint32_t region = 0;
    while (region + 1 < residual->region_count && residual->regions[region + 1].offset <= word)
        region++;
    return region;
}

/* A closure may also be called by a task, so its lines keep step with each other, but not with those of others. */
static uint32_t group_for(struct jr_lower_frames *frames, uint32_t length, uint32_t region)
{
    for (uint32_t g = 0; g < frames->group_count; g++)
        if (frames->groups[g].length == length && frames->groups[g].region == region)
            return g;
    if (frames->group_count == MOST_GROUPS)
        return NOT_ALONE;
    frames->groups[frames->group_count] = (struct jr_line_group){ .length = length, .region = region };
    return frames->group_count++;
}

/* Residual code only jumps forwards: what no jump before it jumps over is run by every frame. */
static void find_groups(struct jr_lower *lw)
{
    struct jr_lower_frames *frames = lw->frames;
    uint32_t open_until = 0;
    for (uint32_t pc = 0; pc < lw->function->code_count;) {
        struct jr_instr in = jr_decode(&lw->function->code[pc]);
        uint32_t target = furthest_target(lw, pc, &in);
        if (may_fail(&in)) {
            for (uint32_t i = 0; i < lw->function->state_words; i++)
                frames->group_of[i] = JR_NONE;
            frames->group_count = 0;
            return;
        }
        if (in.op == JR_OP_DELAY && in.y > 0) {
            uint32_t *group = &frames->group_of[in.x + 1];
            bool once = *group == JR_NONE && pc >= open_until;
            *group = once ? group_for(frames, in.y, region_of(lw->residual, in.x)) : NOT_ALONE;
        }
        if (in.op == JR_OP_RETURN) /* what follows is not run after it */
            target = lw->function->code_count;
        open_until = target > open_until ? target : open_until;
        pc += in.length;
    }
    for (uint32_t i = 0; i < lw->function->state_words; i++)
        if (frames->group_of[i] == NOT_ALONE)
            frames->group_of[i] = JR_NONE;
}

static void find_locals(struct jr_lower *lw)
{
    struct jr_lower_frames *frames = lw->frames;
    uint32_t words = lw->function->state_words;
    uint8_t *seen = calloc((size_t)words + 1, 1);
    frames->local_of = malloc(((size_t)words + 1) * sizeof frames->local_of[0]);
    frames->words = malloc(MOST_LOCALS * sizeof frames->words[0]);
    frames->group_of = malloc(((size_t)words + 1) * sizeof frames->group_of[0]);
    frames->groups = calloc(MOST_GROUPS, sizeof frames->groups[0]);
    frames->known = calloc((size_t)lw->function->reg_count + 1, sizeof frames->known[0]);
    if (seen == NULL || frames->local_of == NULL || frames->words == NULL || frames->known == NULL ||
        frames->group_of == NULL || frames->groups == NULL)
        abort(); /* as LLVM itself does without memory */
    for (uint32_t pc = 0; pc < lw->function->code_count;) {
        struct jr_instr in = jr_decode(&lw->function->code[pc]);
        look_at(lw, seen, &in);
        frames->reads_clock |= in.op == JR_OP_NOW;
        pc += in.length;
    }
    for (uint32_t i = 0; i < words; i++)
        frames->group_of[i] = JR_NONE;
    find_groups(lw);
    for (uint32_t i = 0; i < words; i++) {
        frames->local_of[i] = JR_NONE;
        if (seen[i] == WORD_BY_WORD && frames->group_of[i] == JR_NONE && frames->count < MOST_LOCALS) {
            frames->local_of[i] = frames->count;
            frames->words[frames->count++] = i;
        }
    }
    free(seen);
}

static LLVMValueRef word_of(struct jr_lower *lw, LLVMValueRef base, uint32_t index)
{
    LLVMValueRef at = jr_lower_i64(lw, index);
    return LLVMBuildInBoundsGEP2(lw->shared->builder, lw->shared->i64, base, &at, 1, "");
}

bool jr_lower_local(const struct jr_lower *lw, uint32_t word, LLVMValueRef *base, uint32_t *index)
{
    if (lw->frames == NULL || word >= lw->function->state_words || lw->frames->local_of[word] == JR_NONE)
        return false;
    *base = lw->frames->locals;
    *index = lw->frames->local_of[word];
    return true;
}

/* ---- the loop ---- */

static LLVMValueRef load_block(struct jr_lower *lw, LLVMTypeRef type, size_t offset, const char *name)
{
    return jr_lower_load_field(lw, type, lw->frames->block, offset, name);
}

static LLVMValueRef frame_number(struct jr_lower *lw)
{
    return LLVMBuildLoad2(lw->shared->builder, lw->shared->i64, lw->frames->counter, "frame.number");
}

/* The place of channel `channel` in frame `number`. */
static LLVMValueRef sample_at(struct jr_lower *lw, LLVMValueRef base, LLVMValueRef step, LLVMValueRef number,
                              uint32_t channel)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef at = LLVMBuildMul(builder, number, step, "");
    at = LLVMBuildAdd(builder, at, jr_lower_i64(lw, channel), "");
    return LLVMBuildGEP2(builder, lw->shared->i64, base, &at, 1, "");
}

static void load_inputs(struct jr_lower *lw, LLVMValueRef number)
{
    for (uint32_t c = 0; c < lw->function->param_words; c++) {
        LLVMValueRef at = sample_at(lw, lw->frames->in, lw->frames->in_step, number, c);
        jr_lower_store_reg(lw, c, LLVMBuildLoad2(lw->shared->builder, lw->shared->i64, at, "in"));
    }
}

/* The write index of each group into its alloca.  Gives whether any line is out of step; NULL if there are no two lines in a group. */
static LLVMValueRef load_groups(struct jr_lower *lw)
{
    struct jr_lower_frames *frames = lw->frames;
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef out_of_step = NULL;
    for (uint32_t g = 0; g < frames->group_count; g++) {
        LLVMValueRef first = NULL;
        frames->groups[g].index = LLVMBuildAlloca(builder, lw->shared->i64, "write.index");
        for (uint32_t i = 0; i < lw->function->state_words; i++) {
            if (frames->group_of[i] != g)
                continue;
            LLVMValueRef index = LLVMBuildLoad2(builder, lw->shared->i64, word_of(lw, lw->state, i), "");
            if (first != NULL) {
                LLVMValueRef differs = LLVMBuildICmp(builder, LLVMIntNE, first, index, "");
                out_of_step = out_of_step != NULL ? LLVMBuildOr(builder, out_of_step, differs, "") : differs;
            } else {
                first = index;
                LLVMBuildStore(builder, first, frames->groups[g].index);
            }
        }
    }
    return out_of_step;
}

/* Answers that no frame was rendered if `condition` holds; else goes on in `usual`. */
static void refuse_if(struct jr_lower *lw, LLVMValueRef condition, LLVMBasicBlockRef usual)
{
    LLVMBasicBlockRef rare = jr_lower_cold_block(lw, "out.of.step");
    jr_lower_branch_rare(lw, condition, rare, usual);
    jr_lower_enter(lw, rare);
    jr_lower_store_field(lw, jr_lower_i64(lw, 0), lw->frames->block, offsetof(struct jr_block, done));
    LLVMBuildRet(lw->shared->builder, jr_lower_i32(lw, JR_RUN_OK));
}

/* All lines of a group have been fed. */
static void advance_groups(struct jr_lower *lw)
{
    LLVMBuilderRef builder = lw->shared->builder;
    for (uint32_t g = 0; g < lw->frames->group_count; g++) {
        const struct jr_line_group *group = &lw->frames->groups[g];
        LLVMValueRef index = LLVMBuildLoad2(builder, lw->shared->i64, group->index, "");
        index = LLVMBuildAdd(builder, index, jr_lower_i64(lw, 1), "");
        LLVMValueRef wraps = LLVMBuildICmp(builder, LLVMIntUGE, index, jr_lower_i64(lw, group->length), "");
        LLVMBuildStore(builder, LLVMBuildSelect(builder, wraps, jr_lower_i64(lw, 0), index, ""), group->index);
    }
}

void jr_lower_frames_begin(struct jr_lower *lw, LLVMBasicBlockRef body)
{
    struct jr_lower_frames *frames = lw->frames;
    struct jr_lower_context *shared = lw->shared;
    LLVMBuilderRef builder = shared->builder;
    find_locals(lw);
    frames->locals = LLVMBuildAlloca(builder, LLVMArrayType2(shared->i64, (uint64_t)frames->count + 1), "state.locals");
    frames->scratch = LLVMBuildAlloca(builder, shared->i64, "scratch");
    frames->counter = LLVMBuildAlloca(builder, shared->i64, "counter");
    for (uint32_t i = 0; i < frames->count; i++) {
        LLVMValueRef word = LLVMBuildLoad2(builder, shared->i64, word_of(lw, lw->state, frames->words[i]), "");
        LLVMBuildStore(builder, word, word_of(lw, frames->locals, i));
    }
    LLVMBuildStore(builder, jr_lower_i64(lw, 0), frames->counter);
    LLVMValueRef out_of_step = load_groups(lw);
    jr_lower_load_budget(lw);
    frames->in = load_block(lw, shared->ptr, offsetof(struct jr_block, in), "in.base");
    frames->out = load_block(lw, shared->ptr, offsetof(struct jr_block, out), "out.base");
    frames->in_step = load_block(lw, shared->i64, offsetof(struct jr_block, in_step), "in.step");
    frames->out_step = load_block(lw, shared->i64, offsetof(struct jr_block, out_step), "out.step");
    LLVMValueRef first = load_block(lw, shared->i64, offsetof(struct jr_block, first), "first");
    LLVMValueRef frame_count = load_block(lw, shared->i64, offsetof(struct jr_block, frame_count), "frame.count");

    frames->next = jr_lower_block(lw, "frame");
    LLVMBasicBlockRef covered = jr_lower_cold_block(lw, "frame.wanted"), work = jr_lower_cold_block(lw, "frame.begins");
    frames->finish = jr_lower_cold_block(lw, "finish");
    if (out_of_step != NULL)
        refuse_if(lw, out_of_step, frames->next);
    else
        LLVMBuildBr(builder, frames->next);

    jr_lower_enter(lw, frames->next);
    LLVMValueRef number = frame_number(lw);
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntULT, number, frame_count, "more"), covered, frames->finish);
    jr_lower_enter(lw, covered);
    LLVMValueRef budget = LLVMBuildLoad2(builder, shared->i64, lw->budget, "budget");
    LLVMValueRef needed = jr_lower_i64(lw, lw->residual->fuel_at_most);
    jr_lower_branch_rare(lw, LLVMBuildICmp(builder, LLVMIntSLT, budget, needed, "poll.due"), frames->finish, work);
    jr_lower_enter(lw, work);
    if (frames->reads_clock) {
        LLVMValueRef now = LLVMBuildUIToFP(builder, LLVMBuildAdd(builder, first, number, ""), shared->f64, "now");
        jr_lower_store_field(lw, now, lw->task, offsetof(struct jr_task, now));
    }
    load_inputs(lw, number);
    LLVMBuildBr(builder, body);
}

void jr_lower_frames_return(struct jr_lower *lw, const struct jr_instr *in)
{
    struct jr_lower_context *shared = lw->shared;
    LLVMBuilderRef builder = shared->builder;
    LLVMValueRef number = frame_number(lw);
    LLVMValueRef nan = LLVMConstBitCast(jr_lower_i64(lw, 0x7ff8000000000000), shared->f64); /* what C's NaN is */
    for (uint32_t c = 0; c < lw->function->result_words; c++) {
        LLVMValueRef value = LLVMBuildBitCast(builder, jr_lower_load_reg(lw, in->a + c), shared->f64, "");
        LLVMValueRef is_nan = LLVMBuildFCmp(builder, LLVMRealUNO, value, value, "");
        value = LLVMBuildSelect(builder, is_nan, nan, value, "out");
        LLVMBuildStore(builder, value, sample_at(lw, lw->frames->out, lw->frames->out_step, number, c));
    }
    advance_groups(lw);
    LLVMBuildStore(builder, LLVMBuildAdd(builder, number, jr_lower_i64(lw, 1), ""), lw->frames->counter);
    LLVMBuildBr(builder, lw->frames->next);
}

void jr_lower_frames_leave(struct jr_lower *lw)
{
    struct jr_lower_frames *frames = lw->frames;
    LLVMBuilderRef builder = lw->shared->builder;
    for (uint32_t i = 0; i < frames->count; i++) {
        LLVMValueRef word = LLVMBuildLoad2(builder, lw->shared->i64, word_of(lw, frames->locals, i), "");
        LLVMBuildStore(builder, word, word_of(lw, lw->state, frames->words[i]));
    }
    for (uint32_t i = 0; frames->group_count > 0 && i < lw->function->state_words; i++)
        if (frames->group_of[i] != JR_NONE) {
            LLVMValueRef index = LLVMBuildLoad2(builder, lw->shared->i64, frames->groups[frames->group_of[i]].index, "");
            LLVMBuildStore(builder, index, word_of(lw, lw->state, i));
        }
    jr_lower_store_field(lw, frame_number(lw), frames->block, offsetof(struct jr_block, done));
}

void jr_lower_frames_end(struct jr_lower *lw)
{
    jr_lower_enter(lw, lw->frames->finish);
    jr_lower_frames_leave(lw);
    jr_lower_save_budget(lw);
    LLVMBuildRet(lw->shared->builder, jr_lower_i32(lw, JR_RUN_OK));
}

void jr_lower_frames_fini(struct jr_lower_frames *frames)
{
    free(frames->local_of);
    free(frames->words);
    free(frames->known);
    free(frames->group_of);
    free(frames->groups);
}

void jr_lower_frames_enter(struct jr_lower *lw)
{
    memset(lw->frames->known, 0, lw->function->reg_count * sizeof lw->frames->known[0]);
}

void jr_lower_frames_step(struct jr_lower *lw, const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    jr_instr_registers(lw->module, lw->function, in, &regs);
    for (uint32_t i = 0; i < regs.write_count; i++)
        memset(lw->frames->known + regs.writes[i].first, 0, regs.writes[i].count * sizeof lw->frames->known[0]);
    for (uint32_t i = 0; in->op == JR_OP_CAPTURE_GET && i < in->c; i++)
        lw->frames->known[in->a + i] = lw->residual->known[in->x + i];
}

/* ---- instructions ---- */

void jr_lower_CHARGE(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef budget = LLVMBuildLoad2(builder, lw->shared->i64, lw->budget, "budget");
    LLVMBuildStore(builder, LLVMBuildSub(builder, budget, jr_lower_i64(lw, in->x), "budget"), lw->budget);
}

void jr_lower_DELAY(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef base, index = word_of(lw, lw->state, in->x + 1);
    uint32_t local, group = lw->frames != NULL && in->y > 0 ? lw->frames->group_of[in->x + 1] : JR_NONE;
    if (group != JR_NONE) { /* the body moves the index: here a copy of it, for the other lines still need it */
        LLVMValueRef shared = LLVMBuildLoad2(builder, lw->shared->i64, lw->frames->groups[group].index, "");
        index = lw->frames->scratch;
        LLVMBuildStore(builder, shared, index);
    } else if (jr_lower_local(lw, in->x + 1, &base, &local)) {
        index = word_of(lw, base, local);
    }
    LLVMValueRef args[] = { index, word_of(lw, lw->state, in->x + 2), jr_lower_i64(lw, in->y),
                            jr_lower_load_reg(lw, in->b),
                            LLVMBuildBitCast(builder, jr_lower_load_reg(lw, in->c), lw->shared->f64, "") };
    LLVMValueRef out = jr_copier_copy(&lw->shared->copier, lw->shared->library.delay, args, 5);
    jr_lower_store_reg(lw, in->a, LLVMBuildBitCast(builder, out, lw->shared->i64, ""));
}

/* The length of an array never changes, so that of a known one is a constant.  The object is alive while its program is. */
void jr_lower_ARRAY_GET(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    uint64_t known = lw->frames != NULL ? lw->frames->known[in->b] : 0;
    if (known == 0) {
        jr_lower_plain(lw, in);
        return;
    }
    const struct jr_array *array = (const struct jr_array *)(uintptr_t)known;
    LLVMValueRef words = jr_lower_known_address(lw->shared, lw->target->llvm, lw->residual, (uint64_t)(uintptr_t)array->words);
    LLVMValueRef args[] = { LLVMBuildIntToPtr(builder, words, lw->shared->ptr, "words"), jr_lower_i64(lw, array->length),
                            LLVMBuildBitCast(builder, jr_lower_load_reg(lw, in->c), lw->shared->f64, "") };
    jr_lower_store_reg(lw, in->a, jr_copier_copy(&lw->shared->copier, lw->shared->library.element, args, 3));
}
