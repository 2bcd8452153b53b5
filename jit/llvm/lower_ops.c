/* lower_ops.c -- instructions whose meaning is a body of runtime/ops.h, and moves of several registers. */
#include "jit/llvm/lower.h"

#include <stdlib.h>

#include <llvm-c/Core.h>

#include "ir/base/assert.h"
#include "runtime/ops.h" /* JR_HAS_BODY */

enum { BODY_ARGUMENTS = 9 };

/* Mathematics in place of calls, in one batch: about 2 ms and 400 bytes each.  Twenty voices with sixteen copies are slower than with four. */
enum { MOST_MATH_COPIES = 4 };

/* Operands as runtime/ops.h wants them: constants themselves instead of their index, immediates extended. */
static uint64_t operand_x(const struct jr_lower *lw, const struct jr_instr *in)
{
    switch ((enum jr_operand)jr_op_infos[in->op].x) {
    case JR_OPERAND_K:
        return lw->function->constants[in->x];
    case JR_OPERAND_I32:
        return (uint64_t)(int64_t)(int32_t)in->x;
    default:
        return in->x;
    }
}

/* The body to copy: in optimised code mathematics in place of a call, as long as there is little of it.  A function that is
 * inlined at many places (one that computes coefficients, say) would bring it along to each. */
static LLVMValueRef find_stencil(struct jr_lower *lw, enum jr_op op)
{
    const struct jr_library *library = &lw->shared->library;
    uint32_t sites = lw->convention == JR_CONVENTION_INLINED ? lw->target->inlining.sites[lw->index] : 1;
    uint32_t *copies = &lw->target->math_copies;
    if (lw->tier != JR_TIER_OPTIMISED || library->in_place[op] == NULL || *copies + sites > MOST_MATH_COPIES)
        return library->stencils[op];
    *copies += sites;
    return library->in_place[op];
}

LLVMValueRef jr_lower_body(struct jr_lower *lw, const struct jr_instr *in, LLVMValueRef r)
{
    LLVMValueRef stencil = find_stencil(lw, in->op);
    LLVMValueRef state = lw->state;
    uint64_t x = operand_x(lw, in);
    uint32_t local;
    JR_ASSERT(stencil != NULL, "the library has a body for this instruction");
    if (jr_op_infos[in->op].x == JR_OPERAND_ST && jr_lower_local(lw, in->x, &state, &local))
        x = local;
    LLVMValueRef args[BODY_ARGUMENTS] = {
        lw->task,
        r,
        state,
        lw->closure,
        jr_lower_i64(lw, in->a),
        jr_lower_i64(lw, in->b),
        jr_lower_i64(lw, in->c),
        jr_lower_i64(lw, x),
        jr_lower_i64(lw, in->y),
    };
    return jr_copier_copy(&lw->shared->copier, stencil, args, BODY_ARGUMENTS);
}

/* Hides the number in register `reg` from constant folding (jit/folding.h): the fenced copy is in the scratch register
 * that is returned. */
static uint32_t fence(struct jr_lower *lw, uint32_t reg, uint32_t scratch)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMValueRef number = LLVMBuildBitCast(builder, jr_lower_load_reg(lw, reg), lw->shared->f64, "");
    LLVMValueRef function = jr_declare(lw->target->llvm, "llvm.arithmetic.fence.f64", lw->shared->fence_type);
    number = LLVMBuildCall2(builder, lw->shared->fence_type, function, &number, 1, "fenced");
    jr_lower_store_reg(lw, scratch, LLVMBuildBitCast(builder, number, lw->shared->i64, ""));
    return scratch;
}

/* Comparing a word with zero for equality becomes an integer operation, for which a denormal is not zero.  A fenced operand is a
 * number and no word any more. */
static bool may_compare_with_zero(const struct jr_lower *lw, const struct jr_instr *in)
{
    if (in->op == JR_OP_EQ_F64 || in->op == JR_OP_NE_F64)
        return jr_folding_is_identity(&lw->folding, in->b) || jr_folding_is_identity(&lw->folding, in->c);
    return in->op == JR_OP_NOT_F64;
}

static struct jr_instr with_fences(struct jr_lower *lw, const struct jr_instr *in)
{
    struct jr_instr fenced = *in;
    bool arithmetic =
        in->op == JR_OP_ADD_F64 || in->op == JR_OP_SUB_F64 || in->op == JR_OP_MUL_F64 || in->op == JR_OP_DIV_F64;
    bool compares = may_compare_with_zero(lw, in);
    uint32_t scratch = lw->function->reg_count;
    if (compares || (arithmetic && jr_folding_is_identity(&lw->folding, in->b)))
        fenced.b = fence(lw, in->b, scratch);
    if ((compares && in->op != JR_OP_NOT_F64) || (arithmetic && jr_folding_is_identity(&lw->folding, in->c)))
        fenced.c = fence(lw, in->c, scratch + 1);
    return fenced;
}

/* The leak report and memory errors name the instruction that allocates. */
static void store_place(struct jr_lower *lw)
{
    uint64_t place = (uint64_t)lw->index << 32 | lw->pc;
    jr_lower_store_field(lw, jr_lower_i64(lw, place), lw->task, offsetof(struct jr_task, place));
}

/* The body works on the frame in memory: operands go there before, results come back after. */
static void lower_frame_body(struct jr_lower *lw, const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    jr_instr_registers(lw->module, lw->function, in, &regs);
    for (uint32_t i = 0; i < regs.read_count; i++)
        jr_lower_write_back(lw, regs.reads[i].first, regs.reads[i].count);
    jr_lower_leave_unless_ok(lw, jr_lower_body(lw, in, lw->frame));
    for (uint32_t i = 0; i < regs.write_count; i++)
        jr_lower_reload(lw, regs.writes[i].first, regs.writes[i].count);
}

void jr_lower_plain(struct jr_lower *lw, const struct jr_instr *in)
{
    uint16_t effects = jr_op_infos[in->op].effects;
    if (effects & JR_EFFECT_ALLOC)
        store_place(lw);
    if (effects & JR_EFFECT_FRAME) {
        lower_frame_body(lw, in);
    } else {
        struct jr_instr fenced = with_fences(lw, in);
        jr_lower_leave_unless_ok(lw, jr_lower_body(lw, &fenced, lw->registers));
    }
    if (effects & JR_EFFECT_EXITS) /* TRAP, which never answers JR_RUN_OK */
        LLVMBuildUnreachable(lw->shared->builder);
}

void jr_lower_MOVE_N(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMValueRef *words = malloc((in->c + 1) * sizeof words[0]);
    if (words == NULL)
        abort();
    for (uint32_t i = 0; i < in->c; i++) /* all before the first is written: the ranges may overlap */
        words[i] = jr_lower_load_reg(lw, in->b + i);
    for (uint32_t i = 0; i < in->c; i++)
        jr_lower_store_reg(lw, in->a + i, words[i]);
    free(words);
}

void jr_lower_BORROW(struct jr_lower *lw, const struct jr_instr *in)
{
    jr_lower_MOVE_N(lw, in); /* who keeps the count is the verifier's business */
}

void jr_lower_CAPTURE_GET(struct jr_lower *lw, const struct jr_instr *in)
{
    struct jr_instr one = *in;
    one.c = 1;
    for (uint32_t i = 0; lw->residual != NULL && i < in->c; i++) /* its closure is known */
        jr_lower_store_reg(lw, in->a + i, jr_lower_known_address(lw->shared, lw->target->llvm, lw->residual, lw->residual->known[in->x + i]));
    if (lw->residual != NULL)
        return;
    for (uint32_t i = 0; i < in->c; i++) {
        one.a = in->a + i;
        one.x = in->x + i;
        jr_lower_body(lw, &one, lw->registers);
    }
}

void jr_lower_CALL_HOST(struct jr_lower *lw, const struct jr_instr *in)
{
    store_place(lw);
    jr_lower_store_field(lw, lw->depth_left, lw->task, offsetof(struct jr_task, call_depth_left));
    struct jr_instr_regs regs;
    jr_instr_registers(lw->module, lw->function, in, &regs);
    for (uint32_t i = 0; i < regs.read_count; i++)
        jr_lower_write_back(lw, regs.reads[i].first, regs.reads[i].count);
    jr_lower_save_budget(lw); /* the host may call back */
    LLVMValueRef status = jr_lower_body(lw, in, lw->frame);
    jr_lower_load_budget(lw);
    jr_lower_leave_unless_ok(lw, status);
    for (uint32_t i = 0; i < regs.write_count; i++)
        jr_lower_reload(lw, regs.writes[i].first, regs.writes[i].count);
}

/* Instructions with a body are lowered alike unless they are in the list of lower.h.  One with neither would be missing
 * in the library already; a unit test asks for every one. */
typedef void lowering_function(struct jr_lower *, const struct jr_instr *);

#define OWN(name) [JR_OP_##name] = jr_lower_##name,
static lowering_function *const own_lowerings[JR_OP_COUNT] = { JR_OWN_LOWERINGS(OWN) };
#undef OWN

static const bool has_body[JR_OP_COUNT] = {
#define JR_OP(name, ...) [JR_OP_##name] = JR_HAS_BODY(name),
#include "ir/opcodes.def"
};

void jr_lower_instruction(struct jr_lower *lw, const struct jr_instr *in)
{
    if (own_lowerings[in->op] != NULL)
        own_lowerings[in->op](lw, in);
    else
        jr_lower_plain(lw, in);
}

bool jr_lower_exists(enum jr_op op)
{
    return own_lowerings[op] != NULL || has_body[op];
}

bool jr_lower_is_plain(enum jr_op op)
{
    return own_lowerings[op] == NULL;
}
