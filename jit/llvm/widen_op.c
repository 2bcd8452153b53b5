/* widen_op.c -- operations of the instruction set on vectors: which body, what is hidden from the optimiser, and rare lanes.
 *
 * Whether any lane is rare is asked once for a vector.  If so a helper, one per operation and width in a module, does those lanes again by the
 * scalar function.  It keeps all registers, so that the code around does not have to save any for a call that hardly ever happens. */
#include "jit/llvm/widen.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/Core.h>

#include "ir/base/assert.h"

enum { MOST_OPERANDS = 3, PRESERVE_ALL = 15 /* LLVM's number of the calling convention */ };

static bool is_x86(const struct jr_widener *widener)
{
    return strncmp(LLVMGetTarget(widener->copier->target), "x86_64", 6) == 0;
}

/* ---- the processor's minimum and maximum ---- */

static LLVMValueRef call_intrinsic(struct jr_widener *widener, const char *name, LLVMTypeRef type, LLVMValueRef *args, unsigned count)
{
    LLVMTypeRef types[] = { type, type, LLVMInt32TypeInContext(widener->context) };
    LLVMTypeRef signature = LLVMFunctionType(type, types, count, 0);
    return LLVMBuildCall2(widener->builder, signature, jr_declare(widener->copier->target, name, signature), args, count, "");
}

static LLVMValueRef extreme(struct jr_widener *widener, bool smaller, LLVMValueRef x, LLVMValueRef y)
{
    LLVMBuilderRef builder = widener->builder;
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(widener->context), i32 = LLVMInt32TypeInContext(widener->context);
    LLVMValueRef args[] = { x, y, LLVMConstInt(i32, 4 /* the current rounding */, 0) };
    if (!is_x86(widener)) {
        LLVMValueRef first = LLVMBuildFCmp(builder, smaller ? LLVMRealOLT : LLVMRealOGT, x, y, "");
        return LLVMBuildSelect(builder, first, x, y, "");
    }
    switch (widener->width) {
    case 8:
        return call_intrinsic(widener, smaller ? "llvm.x86.avx512.min.pd.512" : "llvm.x86.avx512.max.pd.512",
                              LLVMTypeOf(x), args, 3);
    case 4:
        return call_intrinsic(widener, smaller ? "llvm.x86.avx.min.pd.256" : "llvm.x86.avx.max.pd.256", LLVMTypeOf(x), args, 2);
    case 2:
        return call_intrinsic(widener, smaller ? "llvm.x86.sse2.min.pd" : "llvm.x86.sse2.max.pd", LLVMTypeOf(x), args, 2);
    default:
        break;
    }
    LLVMTypeRef pair = LLVMVectorType(f64, 2);
    LLVMValueRef zero = LLVMConstInt(i32, 0, 0);
    for (unsigned i = 0; i < 2; i++)
        args[i] = LLVMBuildInsertElement(builder, LLVMConstNull(pair), args[i], zero, "");
    LLVMValueRef both = call_intrinsic(widener, smaller ? "llvm.x86.sse2.min.sd" : "llvm.x86.sse2.max.sd", pair, args, 2);
    return LLVMBuildExtractElement(builder, both, zero, "");
}

/* ---- what optimisers would fold wrongly ---- */

/* The word of one lane of a constant. */
static bool lane_word(const struct jr_widener *widener, LLVMValueRef value, unsigned index, uint64_t *word)
{
    LLVMBool inexact;
    if (!LLVMIsAConstant(value))
        return false;
    LLVMValueRef lane = widener->width == 1 ? value : LLVMGetAggregateElement(value, index);
    if (lane != NULL && LLVMIsAConstantInt(lane)) {
        *word = LLVMConstIntGetZExtValue(lane);
        return true;
    }
    if (lane == NULL || !LLVMIsAConstantFP(lane))
        return false;
    double number = LLVMConstRealGetDouble(lane, &inexact);
    memcpy(word, &number, sizeof *word);
    return true;
}

/* The word that a constant has in all lanes. */
static bool constant_word(const struct jr_widener *widener, LLVMValueRef value, uint64_t *word)
{
    uint64_t other;
    if (!lane_word(widener, value, 0, word))
        return false;
    for (unsigned i = 1; i < widener->width; i++)
        if (!lane_word(widener, value, i, &other) || other != *word)
            return false;
    return true;
}

/* Whether a constant is 0, 1 or -1 in any lane, or may be. */
static bool is_identity(const struct jr_widener *widener, LLVMValueRef value)
{
    const uint64_t sign = (uint64_t)1 << 63, one = (uint64_t)0x3ff << 52;
    bool identity = false;
    for (unsigned i = 0; i < widener->width && LLVMIsAConstant(value); i++) {
        uint64_t word = 0;
        identity |= !lane_word(widener, value, i, &word) || (word & ~sign) == 0 || (word & ~sign) == one;
    }
    return identity;
}

LLVMValueRef jr_widen_fence(struct jr_widener *widener, LLVMValueRef value)
{
    char name[48];
    LLVMValueRef number = jr_widen_cast(widener, value, LLVMDoubleTypeInContext(widener->context));
    LLVMTypeRef type = LLVMTypeOf(number), signature = LLVMFunctionType(type, &type, 1, 0);
    if (widener->width == 1)
        snprintf(name, sizeof name, "llvm.arithmetic.fence.f64");
    else
        snprintf(name, sizeof name, "llvm.arithmetic.fence.v%uf64", widener->width);
    return LLVMBuildCall2(widener->builder, signature, jr_declare(widener->copier->target, name, signature), &number, 1, "fenced");
}

static void hide_constants(struct jr_widener *widener, enum jr_op op, LLVMValueRef *operands, unsigned count)
{
    bool arithmetic = op == JR_OP_ADD_F64 || op == JR_OP_SUB_F64 || op == JR_OP_MUL_F64 || op == JR_OP_DIV_F64;
    bool equality = op == JR_OP_EQ_F64 || op == JR_OP_NE_F64 || op == JR_OP_NOT_F64;
    unsigned constants = 0;
    for (unsigned i = 0; i < count; i++)
        constants += LLVMIsAConstant(operands[i]) != NULL;
    for (unsigned i = 0; i < count; i++) {
        if (equality || (arithmetic && is_identity(widener, operands[i])) || constants == count)
            operands[i] = jr_widen_fence(widener, operands[i]);
    }
}

/* ---- rare lanes ---- */

/* The interpreter's way, on plain values. */
static LLVMValueRef scalar_result(struct jr_widener *widener, enum jr_op op, const LLVMValueRef *operands, unsigned count)
{
    char name[48];
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(widener->context), types[] = { f64, f64 };
    LLVMValueRef args[2];
    for (unsigned i = 0; i < count; i++)
        args[i] = LLVMTypeOf(operands[i]) == f64 ? operands[i] : LLVMBuildBitCast(widener->builder, operands[i], f64, "");
    LLVMTypeRef signature = LLVMFunctionType(f64, types, count, 0);
    if (op == JR_OP_MOD_F64)
        return jr_copier_copy(widener->copier, widener->library->mod, args, 2);
    const char *mnemonic = jr_op_infos[op].mnemonic; /* "sin.f64" */
    snprintf(name, sizeof name, "jr_rt_%.*s", (int)strcspn(mnemonic, "."), mnemonic);
    LLVMValueRef function = jr_declare(widener->copier->target, name, signature);
    LLVMContextRef context = widener->context;
    unsigned kind = LLVMGetEnumAttributeKindForName("memory", 6);
    LLVMAddAttributeAtIndex(function, JR_FUNCTION_ATTRIBUTES, LLVMCreateEnumAttribute(context, kind, 0));
    kind = LLVMGetEnumAttributeKindForName("willreturn", 10);
    LLVMAddAttributeAtIndex(function, JR_FUNCTION_ATTRIBUTES, LLVMCreateEnumAttribute(context, kind, 0));
    return LLVMBuildCall2(widener->builder, signature, function, args, count, "");
}

static LLVMValueRef word_at(struct jr_widener *widener, LLVMValueRef base, LLVMValueRef index)
{
    return LLVMBuildInBoundsGEP2(widener->builder, LLVMDoubleTypeInContext(widener->context), base, &index, 1, "");
}

/* for (i = 0; i < width; i++) if (flags >> i & 1) values[i] = op(operands[i] ...); */
static void fill_helper(struct jr_widener *widener, LLVMValueRef helper, enum jr_op op, unsigned count)
{
    LLVMBuilderRef builder = widener->builder;
    LLVMContextRef context = widener->context;
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(context), i64 = LLVMInt64TypeInContext(context);
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(context, helper, "");
    LLVMBasicBlockRef loop = LLVMAppendBasicBlockInContext(context, helper, "lane");
    LLVMBasicBlockRef rare = LLVMAppendBasicBlockInContext(context, helper, "rare");
    LLVMBasicBlockRef next = LLVMAppendBasicBlockInContext(context, helper, "next");
    LLVMBasicBlockRef done = LLVMAppendBasicBlockInContext(context, helper, "done");
    LLVMPositionBuilderAtEnd(builder, entry);
    LLVMBuildBr(builder, loop);
    LLVMPositionBuilderAtEnd(builder, loop);
    LLVMValueRef lane = LLVMBuildPhi(builder, i64, "lane");
    LLVMValueRef one = LLVMConstInt(i64, 1, 0);
    LLVMValueRef flag = LLVMBuildAnd(builder, LLVMBuildLShr(builder, LLVMGetParam(helper, 0), lane, ""), one, "");
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntNE, flag, LLVMConstNull(i64), ""), rare, next);
    LLVMPositionBuilderAtEnd(builder, rare);
    LLVMValueRef args[2];
    for (unsigned i = 0; i < count; i++)
        args[i] = LLVMBuildLoad2(builder, f64, word_at(widener, LLVMGetParam(helper, i + 2), lane), "");
    LLVMBuildStore(builder, scalar_result(widener, op, args, count), word_at(widener, LLVMGetParam(helper, 1), lane));
    LLVMBuildBr(builder, next);
    LLVMPositionBuilderAtEnd(builder, next);
    LLVMValueRef following = LLVMBuildAdd(builder, lane, one, "");
    LLVMValueRef more = LLVMBuildICmp(builder, LLVMIntULT, following, LLVMConstInt(i64, widener->width, 0), "");
    LLVMBuildCondBr(builder, more, loop, done);
    LLVMValueRef values[] = { LLVMConstNull(i64), following };
    LLVMBasicBlockRef blocks[] = { entry, next };
    LLVMAddIncoming(lane, values, blocks, 2);
    LLVMPositionBuilderAtEnd(builder, done);
    LLVMBuildRetVoid(builder);
}

static LLVMTypeRef helper_type(struct jr_widener *widener, unsigned count)
{
    LLVMTypeRef i64 = LLVMInt64TypeInContext(widener->context), ptr = LLVMPointerTypeInContext(widener->context, 0);
    LLVMTypeRef types[] = { i64, ptr, ptr, ptr };
    return LLVMFunctionType(LLVMVoidTypeInContext(widener->context), types, 2 + count, 0);
}

static LLVMValueRef find_helper(struct jr_widener *widener, enum jr_op op, unsigned count)
{
    char name[64];
    static const char *const attributes[] = { "cold", "noinline", "nounwind" };
    snprintf(name, sizeof name, "jr.rare.%s.%u", jr_op_infos[op].mnemonic, widener->width);
    LLVMValueRef helper = LLVMGetNamedFunction(widener->copier->target, name);
    if (helper != NULL)
        return helper;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(widener->builder);
    helper = LLVMAddFunction(widener->copier->target, name, helper_type(widener, count));
    LLVMSetLinkage(helper, LLVMInternalLinkage);
    if (is_x86(widener)) { /* clearing upper halves before it returns would spoil the registers that it has restored */
        LLVMSetFunctionCallConv(helper, PRESERVE_ALL);
        LLVMAddAttributeAtIndex(helper, JR_FUNCTION_ATTRIBUTES, widener->no_clearing);
    }
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        unsigned kind = LLVMGetEnumAttributeKindForName(attributes[i], strlen(attributes[i]));
        LLVMAddAttributeAtIndex(helper, JR_FUNCTION_ATTRIBUTES, LLVMCreateEnumAttribute(widener->context, kind, 0));
    }
    LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(widener->builder);
    LLVMSetCurrentDebugLocation2(widener->builder, NULL); /* it belongs to all who call it */
    fill_helper(widener, helper, op, count);
    LLVMPositionBuilderAtEnd(widener->builder, here);
    LLVMSetCurrentDebugLocation2(widener->builder, location);
    return helper;
}

/* In the entry block, so that it takes stack once. */
static LLVMValueRef entry_alloca(struct jr_widener *widener, LLVMTypeRef type)
{
    LLVMBasicBlockRef here = LLVMGetInsertBlock(widener->builder);
    LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(LLVMGetBasicBlockParent(here));
    LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(widener->builder);
    LLVMPositionBuilderBefore(widener->builder, LLVMGetFirstInstruction(entry)); /* takes the location from there */
    LLVMValueRef memory = LLVMBuildAlloca(widener->builder, type, "rare");
    LLVMPositionBuilderAtEnd(widener->builder, here);
    LLVMSetCurrentDebugLocation2(widener->builder, location);
    return memory;
}

/* Memory for one vector, shared by all rare lanes of a function. */
static LLVMValueRef vector_slot(struct jr_widener *widener, unsigned index)
{
    LLVMValueRef function = LLVMGetBasicBlockParent(LLVMGetInsertBlock(widener->builder));
    if (widener->slots_of != function) {
        widener->slots_of = function;
        memset(widener->slots, 0, sizeof widener->slots);
    }
    if (widener->slots[index] == NULL)
        widener->slots[index] = entry_alloca(widener, LLVMVectorType(LLVMDoubleTypeInContext(widener->context), JR_WIDEST));
    return widener->slots[index];
}

/* The value with its rare lanes computed again, in a cold block. */
static LLVMValueRef again(struct jr_widener *widener, enum jr_op op, LLVMValueRef value, LLVMValueRef rare,
                          const LLVMValueRef *operands, unsigned count)
{
    LLVMBuilderRef builder = widener->builder;
    LLVMContextRef context = widener->context;
    LLVMTypeRef i64 = LLVMInt64TypeInContext(context), f64 = LLVMDoubleTypeInContext(context);
    LLVMTypeRef bits = LLVMIntTypeInContext(context, widener->width);
    LLVMValueRef args[2 + MOST_OPERANDS];
    if (widener->width == 1)
        return scalar_result(widener, op, operands, count);
    args[0] = LLVMBuildZExt(builder, LLVMBuildBitCast(builder, rare, bits, ""), i64, "");
    args[1] = vector_slot(widener, 0);
    LLVMBuildStore(builder, value, args[1]);
    for (unsigned i = 0; i < count; i++) {
        args[2 + i] = vector_slot(widener, 1 + i);
        LLVMBuildStore(builder, jr_widen_cast(widener, operands[i], f64), args[2 + i]);
    }
    LLVMValueRef helper = find_helper(widener, op, count);
    LLVMValueRef call = LLVMBuildCall2(builder, helper_type(widener, count), helper, args, 2 + count, "");
    LLVMSetInstructionCallConv(call, LLVMGetFunctionCallConv(helper));
    return LLVMBuildLoad2(builder, LLVMTypeOf(value), args[1], "");
}

static LLVMValueRef redo_rare(struct jr_widener *widener, enum jr_op op, LLVMValueRef value, LLVMValueRef rare,
                              const LLVMValueRef *operands, unsigned count)
{
    LLVMBuilderRef builder = widener->builder;
    LLVMContextRef context = widener->context;
    LLVMBasicBlockRef before = LLVMGetInsertBlock(builder);
    LLVMValueRef function = LLVMGetBasicBlockParent(before), any = jr_widen_any(widener, rare);
    LLVMBasicBlockRef cold = LLVMAppendBasicBlockInContext(context, function, "rare");
    LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(context, function, "");
    LLVMMoveBasicBlockAfter(after, before);
    LLVMValueRef branch = LLVMBuildCondBr(builder, any, cold, after);
    if (widener->unlikely != NULL)
        LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(context, "prof", 4), widener->unlikely);
    LLVMPositionBuilderAtEnd(builder, cold);
    LLVMValueRef values[] = { value, again(widener, op, value, rare, operands, count) };
    LLVMBasicBlockRef blocks[] = { before, LLVMGetInsertBlock(builder) };
    LLVMBuildBr(builder, after);
    LLVMPositionBuilderAtEnd(builder, after);
    LLVMValueRef phi = LLVMBuildPhi(builder, LLVMTypeOf(value), "");
    LLVMAddIncoming(phi, values, blocks, 2);
    return phi;
}

/* ---- operations ---- */

/* Bodies of the remainder know whether the divisor is a power of two; its mantissa is then 0. */
static LLVMValueRef find_body(struct jr_widener *widener, enum jr_op op, LLVMValueRef *operands, unsigned *count)
{
    uint64_t divisor;
    if (op != JR_OP_MOD_F64 || !constant_word(widener, operands[1], &divisor))
        return widener->library->lanes[op];
    uint64_t exponent = divisor >> 52 & 0x7ff;
    if (divisor == (uint64_t)0x3ff << 52) {
        *count = 1;
        return widener->library->mod_by_one;
    }
    bool power = (divisor & 0xfffffffffffff) == 0 && exponent != 0 && exponent != 0x7ff;
    return power ? widener->library->mod_by_power : widener->library->lanes[op];
}

bool jr_widen_is_called(enum jr_op op)
{
    return (op >= JR_OP_SIN_F64 && op <= JR_OP_LOG_F64) || op == JR_OP_POW_F64 || op == JR_OP_ATAN2_F64;
}

/* Plain values, one at a time: calls are shorter, and the branches of the remainder take no time where the vectors' way does. */
static bool is_scalar(const struct jr_widener *widener, enum jr_op op)
{
    return widener->width == 1 && (op == JR_OP_MOD_F64 || (jr_widen_is_called(op) && !widener->in_place));
}

LLVMValueRef jr_widen_op(struct jr_widener *widener, enum jr_op op, const LLVMValueRef *given, unsigned count)
{
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(widener->context);
    LLVMValueRef operands[MOST_OPERANDS], rare = NULL;
    JR_ASSERT(count <= 2, "operations have two operands at most");
    for (unsigned i = 0; i < count; i++)
        operands[i] = given[i];
    unsigned body_count = count;
    LLVMValueRef body = find_body(widener, op, operands, &body_count);
    JR_ASSERT(body != NULL, "the operation has a body on lanes");
    hide_constants(widener, op, operands, count);
    if (is_scalar(widener, op) && body != widener->library->mod_by_one)
        return scalar_result(widener, op, operands, count);
    if (op == JR_OP_MIN_F64 || op == JR_OP_MAX_F64) {
        LLVMValueRef x = jr_widen_cast(widener, operands[0], f64), y = jr_widen_cast(widener, operands[1], f64);
        operands[2] = extreme(widener, op == JR_OP_MIN_F64, x, y);
        body_count = 3;
    }
    LLVMValueRef value = jr_widen_body(widener, body, operands, body_count, &rare);
    return rare != NULL ? redo_rare(widener, op, value, rare, operands, count) : value;
}
