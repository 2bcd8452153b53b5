/* widen.c -- instruction by instruction, like the copier, but on vectors. */
#include "jit/llvm/widen.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>

#include "ir/base/assert.h"

enum { MOST_FEATURE_BYTES = 8192 };

static void look_at_processor(struct jr_widener *widener)
{
    char features[MOST_FEATURE_BYTES], *host = LLVMGetHostCPUFeatures();
    int length = snprintf(features, sizeof features, "%s%s-vzeroupper", host, host[0] ? "," : "");
    JR_ASSERT(length > 0 && length < MOST_FEATURE_BYTES, "the processor's features are as many as expected");
    widener->no_clearing = LLVMCreateStringAttribute(widener->context, "target-features", strlen("target-features"), features,
                                                     (unsigned)length);
    bool eight = strstr(host, "+avx512f") != NULL && strstr(host, "+avx512dq") != NULL && strstr(host, "+avx512vl") != NULL;
    widener->widest = eight ? 8 : strstr(host, "+avx2") != NULL ? 4 : 2;
    LLVMDisposeMessage(host);
}

void jr_widener_init(struct jr_widener *widener, LLVMContextRef context, LLVMBuilderRef builder, struct jr_copier *copier,
                     const struct jr_library *library, LLVMValueRef unlikely)
{
    *widener = (struct jr_widener){
        .context = context, .builder = builder, .copier = copier, .library = library, .width = 1, .unlikely = unlikely
    };
    jr_value_map_init(&widener->map);
    jr_value_map_init(&widener->predicates);
    look_at_processor(widener);
}

void jr_widener_fini(struct jr_widener *widener)
{
    jr_value_map_fini(&widener->map);
    jr_value_map_fini(&widener->predicates);
    *widener = (struct jr_widener){ 0 };
}

/* ---- types ---- */

LLVMTypeRef jr_widen_type(const struct jr_widener *widener, LLVMTypeRef type)
{
    return widener->width == 1 ? type : LLVMVectorType(type, widener->width);
}

LLVMValueRef jr_widen_constant(const struct jr_widener *widener, LLVMValueRef scalar)
{
    LLVMValueRef lanes[JR_WIDEST];
    for (unsigned i = 0; i < widener->width; i++)
        lanes[i] = scalar;
    return widener->width == 1 ? scalar : LLVMConstVector(lanes, widener->width);
}

LLVMValueRef jr_widen_splat(const struct jr_widener *widener, LLVMValueRef scalar)
{
    LLVMBuilderRef builder = widener->builder;
    if (widener->width == 1)
        return scalar;
    if (LLVMIsAConstant(scalar))
        return jr_widen_constant(widener, scalar);
    LLVMTypeRef i32 = LLVMInt32TypeInContext(widener->context), type = jr_widen_type(widener, LLVMTypeOf(scalar));
    LLVMValueRef one = LLVMBuildInsertElement(builder, LLVMGetPoison(type), scalar, LLVMConstInt(i32, 0, 0), "");
    return LLVMBuildShuffleVector(builder, one, LLVMGetPoison(type), LLVMConstNull(jr_widen_type(widener, i32)), "");
}

LLVMValueRef jr_widen_cast(const struct jr_widener *widener, LLVMValueRef value, LLVMTypeRef type)
{
    LLVMTypeRef wide = jr_widen_type(widener, type);
    return LLVMTypeOf(value) == wide ? value : LLVMBuildBitCast(widener->builder, value, wide, "");
}

/* ---- values of a body ---- */

static LLVMValueRef wide_value(struct jr_widener *widener, LLVMValueRef from)
{
    if (LLVMIsAConstant(from))
        return jr_widen_constant(widener, from);
    LLVMValueRef to = jr_value_map_find(&widener->map, from);
    JR_ASSERT(to != NULL, "a value is widened before its uses");
    return to;
}

static LLVMValueRef operand(struct jr_widener *widener, LLVMValueRef in, unsigned index)
{
    return wide_value(widener, LLVMGetOperand(in, index));
}

static LLVMValueRef i64_constant(struct jr_widener *widener, uint64_t value)
{
    return LLVMConstInt(LLVMInt64TypeInContext(widener->context), value, 0);
}

/* ---- table loads ---- */

/* An address as bytes from the beginning of a table. */
struct place {
    LLVMValueRef table;  /* scalar */
    LLVMValueRef offset; /* wide, or NULL for 0 */
    uint64_t constant;   /* more bytes */
};

static void add_offset(struct jr_widener *widener, struct place *place, LLVMValueRef index, uint64_t scale)
{
    if (LLVMIsAConstantInt(index)) {
        place->constant += LLVMConstIntGetZExtValue(index) * scale;
        return;
    }
    LLVMBuilderRef builder = widener->builder;
    LLVMValueRef factor = jr_widen_constant(widener, i64_constant(widener, scale));
    LLVMValueRef bytes = LLVMBuildMul(builder, wide_value(widener, index), factor, "");
    place->offset = place->offset != NULL ? LLVMBuildAdd(builder, place->offset, bytes, "") : bytes;
}

static struct place find_place(struct jr_widener *widener, LLVMValueRef pointer)
{
    if (LLVMIsAGlobalVariable(pointer))
        return (struct place){ .table = jr_copier_global(widener->copier, pointer) };
    JR_ASSERT(LLVMIsAGetElementPtrInst(pointer), "bodies load from tables only");
    struct place place = find_place(widener, LLVMGetOperand(pointer, 0));
    LLVMTargetDataRef layout = LLVMGetModuleDataLayout(widener->copier->target);
    LLVMTypeRef type = LLVMGetGEPSourceElementType(pointer);
    int count = LLVMGetNumOperands(pointer);
    for (int i = 1; i < count; i++) {
        if (i > 1)
            type = LLVMGetElementType(type);
        add_offset(widener, &place, LLVMGetOperand(pointer, (unsigned)i), LLVMABISizeOfType(layout, type));
    }
    return place;
}

LLVMValueRef jr_widen_load(struct jr_widener *widener, LLVMTypeRef type, LLVMValueRef pointers)
{
    LLVMBuilderRef builder = widener->builder;
    if (widener->width == 1)
        return LLVMBuildLoad2(builder, type, pointers, "");
    LLVMTypeRef wide = jr_widen_type(widener, type), types[] = { wide, LLVMTypeOf(pointers) };
    unsigned id = LLVMLookupIntrinsicID("llvm.masked.gather", sizeof "llvm.masked.gather" - 1);
    LLVMValueRef gather = LLVMGetIntrinsicDeclaration(widener->copier->target, id, types, 2);
    LLVMTypeRef i1 = LLVMInt1TypeInContext(widener->context);
    LLVMValueRef args[] = { pointers, LLVMConstInt(LLVMInt32TypeInContext(widener->context), 8, 0),
                            LLVMConstAllOnes(jr_widen_type(widener, i1)), LLVMGetPoison(wide) };
    return LLVMBuildCall2(builder, LLVMGlobalGetValueType(gather), gather, args, 4, "");
}

/* The words of one type at `base` plus wide bytes: `bytes` may be NULL. */
static LLVMValueRef gather_bytes(struct jr_widener *widener, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef bytes)
{
    LLVMTypeRef i8 = LLVMInt8TypeInContext(widener->context);
    if (bytes == NULL)
        return jr_widen_splat(widener, LLVMBuildLoad2(widener->builder, type, base, ""));
    return jr_widen_load(widener, type, LLVMBuildInBoundsGEP2(widener->builder, i8, base, &bytes, 1, ""));
}

LLVMValueRef jr_widen_gather(struct jr_widener *widener, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef index)
{
    LLVMValueRef three = jr_widen_constant(widener, i64_constant(widener, 3));
    return gather_bytes(widener, type, base, LLVMBuildShl(widener->builder, index, three, ""));
}

static LLVMValueRef widen_load(struct jr_widener *widener, LLVMValueRef in)
{
    struct place place = find_place(widener, LLVMGetOperand(in, 0));
    LLVMValueRef constant = i64_constant(widener, place.constant);
    LLVMTypeRef i8 = LLVMInt8TypeInContext(widener->context);
    LLVMValueRef base = LLVMBuildInBoundsGEP2(widener->builder, i8, place.table, &constant, 1, "");
    return gather_bytes(widener, LLVMTypeOf(in), base, place.offset);
}

/* ---- instructions ---- */

/* Intrinsics with one overloaded type, which is that of the result; their flags and masks stay scalar. */
static LLVMValueRef widen_call(struct jr_widener *widener, LLVMValueRef in)
{
    LLVMValueRef args[4];
    unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(in)), count = LLVMGetNumArgOperands(in);
    JR_ASSERT(id != 0 && count <= 4, "lane bodies call intrinsics only");
    LLVMTypeRef wide = jr_widen_type(widener, LLVMTypeOf(in));
    for (unsigned i = 0; i < count; i++) {
        LLVMValueRef from = LLVMGetOperand(in, i);
        args[i] = LLVMTypeOf(from) == LLVMTypeOf(in) ? wide_value(widener, from) : from;
    }
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(widener->copier->target, id, &wide, 1);
    return LLVMBuildCall2(widener->builder, LLVMGlobalGetValueType(function), function, args, count, "");
}

static LLVMValueRef block_predicate(struct jr_widener *widener, LLVMBasicBlockRef block)
{
    return jr_value_map_find(&widener->predicates, LLVMBasicBlockAsValue(block));
}

/* When control goes from `from` to `to`; NULL: always. */
static LLVMValueRef edge_predicate(struct jr_widener *widener, LLVMBasicBlockRef from, LLVMBasicBlockRef to)
{
    LLVMBuilderRef builder = widener->builder;
    LLVMValueRef in = LLVMGetBasicBlockTerminator(from), predicate = block_predicate(widener, from);
    JR_ASSERT(LLVMIsABranchInst(in), "lane bodies branch two ways");
    if (!LLVMIsConditional(in) || LLVMGetSuccessor(in, 0) == LLVMGetSuccessor(in, 1))
        return predicate;
    LLVMValueRef condition = wide_value(widener, LLVMGetCondition(in));
    if (LLVMGetSuccessor(in, 0) != to)
        condition = LLVMBuildNot(builder, condition, "");
    return predicate != NULL ? LLVMBuildAnd(builder, predicate, condition, "") : condition;
}

static LLVMValueRef widen_phi(struct jr_widener *widener, LLVMValueRef in)
{
    LLVMBasicBlockRef here = LLVMGetInstructionParent(in);
    unsigned count = LLVMCountIncoming(in);
    LLVMValueRef value = wide_value(widener, LLVMGetIncomingValue(in, count - 1));
    for (unsigned i = count - 1; i-- > 0;) {
        LLVMValueRef taken = edge_predicate(widener, LLVMGetIncomingBlock(in, i), here);
        LLVMValueRef other = wide_value(widener, LLVMGetIncomingValue(in, i));
        value = taken != NULL ? LLVMBuildSelect(widener->builder, taken, other, value, "") : other;
    }
    return value;
}

static LLVMValueRef widen_instruction(struct jr_widener *widener, LLVMValueRef in)
{
    LLVMBuilderRef builder = widener->builder;
    LLVMOpcode opcode = LLVMGetInstructionOpcode(in);
    switch (opcode) {
    case LLVMFCmp:
        return LLVMBuildFCmp(builder, LLVMGetFCmpPredicate(in), operand(widener, in, 0), operand(widener, in, 1), "");
    case LLVMICmp:
        return LLVMBuildICmp(builder, LLVMGetICmpPredicate(in), operand(widener, in, 0), operand(widener, in, 1), "");
    case LLVMSelect:
        return LLVMBuildSelect(builder, operand(widener, in, 0), operand(widener, in, 1), operand(widener, in, 2), "");
    case LLVMFNeg:
        return LLVMBuildFNeg(builder, operand(widener, in, 0), "");
    case LLVMFreeze:
        return LLVMBuildFreeze(builder, operand(widener, in, 0), "");
    case LLVMLoad:
        return widen_load(widener, in);
    case LLVMCall:
        return widen_call(widener, in);
    case LLVMPHI:
        return widen_phi(widener, in);
    default:
        break;
    }
    if (LLVMIsACastInst(in))
        return LLVMBuildCast(builder, opcode, operand(widener, in, 0), jr_widen_type(widener, LLVMTypeOf(in)), "");
    JR_ASSERT(LLVMIsABinaryOperator(in), "lane bodies consist of what the widener knows");
    return LLVMBuildBinOp(builder, opcode, operand(widener, in, 0), operand(widener, in, 1), "");
}

/* When a block is run: one of its edges is taken. */
static void enter(struct jr_widener *widener, LLVMBasicBlockRef body_block, LLVMValueRef body)
{
    LLVMValueRef predicate = NULL;
    bool always = body_block == LLVMGetEntryBasicBlock(body);
    for (LLVMBasicBlockRef from = LLVMGetFirstBasicBlock(body); from != body_block && !always;
         from = LLVMGetNextBasicBlock(from)) {
        LLVMValueRef in = LLVMGetBasicBlockTerminator(from);
        unsigned count = LLVMGetNumSuccessors(in);
        bool leads_here = false;
        for (unsigned i = 0; i < count; i++)
            leads_here |= LLVMGetSuccessor(in, i) == body_block;
        if (!leads_here)
            continue;
        LLVMValueRef taken = edge_predicate(widener, from, body_block);
        always |= taken == NULL;
        predicate = predicate != NULL && taken != NULL ? LLVMBuildOr(widener->builder, predicate, taken, "") : taken;
    }
    jr_value_map_bind(&widener->predicates, LLVMBasicBlockAsValue(body_block), always ? NULL : predicate);
}

/* The parts of { value, rare } that a body returns. */
static LLVMValueRef returned(struct jr_widener *widener, LLVMValueRef aggregate, LLVMValueRef *rare)
{
    *rare = NULL;
    if (!LLVMIsAInsertValueInst(aggregate))
        return wide_value(widener, aggregate);
    LLVMValueRef flag = wide_value(widener, LLVMGetOperand(aggregate, 1));
    LLVMValueRef first = LLVMGetOperand(aggregate, 0);
    if (LLVMIsAZExtInst(flag))
        *rare = LLVMGetOperand(flag, 0);
    else
        *rare = LLVMBuildICmp(widener->builder, LLVMIntNE, flag, LLVMConstNull(LLVMTypeOf(flag)), "");
    return wide_value(widener, LLVMGetOperand(first, 1));
}

LLVMValueRef jr_widen_body(struct jr_widener *widener, LLVMValueRef body, const LLVMValueRef *arguments, unsigned argument_count,
                           LLVMValueRef *rare)
{
    LLVMValueRef result = NULL;
    JR_ASSERT(LLVMCountParams(body) == argument_count, "a body gets its operands");
    jr_value_map_clear(&widener->map);
    jr_value_map_clear(&widener->predicates);
    for (unsigned i = 0; i < argument_count; i++) {
        LLVMValueRef parameter = LLVMGetParam(body, i);
        jr_value_map_bind(&widener->map, parameter, jr_widen_cast(widener, arguments[i], LLVMTypeOf(parameter)));
    }
    /* Blocks lie in an order in which control goes forwards: clang's, for code without loops. */
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(body); block; block = LLVMGetNextBasicBlock(block)) {
        enter(widener, block, body);
        for (LLVMValueRef in = LLVMGetFirstInstruction(block); in; in = LLVMGetNextInstruction(in)) {
            if (LLVMIsAReturnInst(in))
                result = returned(widener, LLVMGetOperand(in, 0), rare);
            else if (!LLVMIsATerminatorInst(in) && !LLVMIsAInsertValueInst(in) && !LLVMIsAGetElementPtrInst(in))
                jr_value_map_bind(&widener->map, in, widen_instruction(widener, in));
        }
    }
    return result;
}

LLVMValueRef jr_widen_any(struct jr_widener *widener, LLVMValueRef flags)
{
    if (widener->width == 1)
        return flags;
    LLVMValueRef bits =
        LLVMBuildBitCast(widener->builder, flags, LLVMIntTypeInContext(widener->context, widener->width), "");
    return LLVMBuildICmp(widener->builder, LLVMIntNE, bits, LLVMConstNull(LLVMTypeOf(bits)), "");
}
