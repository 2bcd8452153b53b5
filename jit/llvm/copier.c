/* copier.c -- instruction by instruction, with constant folding by the builder. */
#include "jit/llvm/copier.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

#include <llvm-c/Core.h>

#include "ir/base/assert.h"

void jr_copier_init(struct jr_copier *copier, LLVMContextRef context, LLVMBuilderRef builder)
{
    *copier = (struct jr_copier){ .context = context, .builder = builder };
    jr_value_map_init(&copier->map);
}

void jr_copier_fini(struct jr_copier *copier)
{
    jr_value_map_fini(&copier->map);
    *copier = (struct jr_copier){ 0 };
}

static void bind(struct jr_copier *copier, LLVMValueRef from, LLVMValueRef to)
{
    jr_value_map_bind(&copier->map, from, to);
}

/* The copy of `from`, or NULL if there is none yet. */
static LLVMValueRef bound(struct jr_copier *copier, LLVMValueRef from)
{
    return jr_value_map_find(&copier->map, from);
}

/* Attributes that say what a runtime function does; the rest of clang's are about code generation. */
static void copy_attributes(LLVMValueRef from, LLVMValueRef to)
{
    static const char *const kept[] = { "memory", "nounwind", "willreturn", "nocallback", "nofree", "nosync", "cold" };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        unsigned kind = LLVMGetEnumAttributeKindForName(kept[i], strlen(kept[i]));
        LLVMAttributeRef attribute = LLVMGetEnumAttributeAtIndex(from, JR_FUNCTION_ATTRIBUTES, kind);
        if (attribute != NULL)
            LLVMAddAttributeAtIndex(to, JR_FUNCTION_ATTRIBUTES, attribute);
    }
}

static void add_flag(LLVMContextRef context, LLVMValueRef function, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(function, JR_FUNCTION_ATTRIBUTES, LLVMCreateEnumAttribute(context, kind, 0));
}

LLVMValueRef jr_declare(LLVMModuleRef target, const char *name, LLVMTypeRef type)
{
    LLVMValueRef function = LLVMGetNamedFunction(target, name);
    if (function != NULL)
        return function;
    function = LLVMAddFunction(target, name, type);
    if (LLVMGetIntrinsicID(function) == 0) {
        LLVMContextRef context = LLVMGetModuleContext(target);
        add_flag(context, function, "nounwind");
        /* Runtime functions are far away: a call through the table of addresses is shorter than one through a stub. */
        add_flag(context, function, "nonlazybind");
    }
    return function;
}

LLVMValueRef jr_copier_declare(struct jr_copier *copier, LLVMValueRef from)
{
    size_t length;
    const char *name = LLVMGetValueName2(from, &length);
    LLVMValueRef function = LLVMGetNamedFunction(copier->target, name);
    if (function == NULL) {
        function = jr_declare(copier->target, name, LLVMGlobalGetValueType(from));
        if (LLVMGetIntrinsicID(function) == 0)
            copy_attributes(from, function);
    }
    return function;
}

LLVMValueRef jr_copier_global(struct jr_copier *copier, LLVMValueRef from)
{
    size_t length;
    const char *name = LLVMGetValueName2(from, &length);
    LLVMValueRef global = LLVMGetNamedGlobal(copier->target, name);
    if (global == NULL) {
        JR_ASSERT(LLVMIsGlobalConstant(from), "instruction bodies use constant tables only");
        global = LLVMAddGlobal(copier->target, LLVMGlobalGetValueType(from), name);
        LLVMSetGlobalConstant(global, 1);
        LLVMSetAlignment(global, LLVMGetAlignment(from));
        if (LLVMGetInitializer(from) != NULL) { /* else it is the runtime's */
            LLVMSetInitializer(global, LLVMGetInitializer(from));
            LLVMSetLinkage(global, LLVMPrivateLinkage);
        }
    }
    return global;
}

static LLVMValueRef map_value(struct jr_copier *copier, LLVMValueRef from)
{
    if (LLVMIsAFunction(from))
        return jr_copier_declare(copier, from);
    if (LLVMIsAGlobalVariable(from))
        return jr_copier_global(copier, from);
    if (LLVMIsAConstant(from))
        return from;
    LLVMValueRef to = bound(copier, from);
    JR_ASSERT(to != NULL, "a value is copied before its uses");
    return to;
}

/* The constant that a load from the array of registers gives, or NULL. */
static LLVMValueRef known_register(struct jr_copier *copier, LLVMValueRef load)
{
    LLVMValueRef at = map_value(copier, LLVMGetOperand(load, 0));
    if (copier->constants == NULL || !LLVMIsAGetElementPtrInst(at) || LLVMGetOperand(at, 0) != copier->registers ||
        LLVMGetNumOperands(at) != 2 || !LLVMIsAConstantInt(LLVMGetOperand(at, 1)))
        return NULL;
    LLVMValueRef word = copier->constants[LLVMConstIntGetZExtValue(LLVMGetOperand(at, 1))];
    return word != NULL ? LLVMBuildBitCast(copier->builder, word, LLVMTypeOf(load), "") : NULL;
}

/* Comparing constants here knows nothing of denormals, which the processor takes for zero. */
static bool is_plain_number(LLVMValueRef value)
{
    LLVMBool inexact;
    double number = LLVMIsAConstantFP(value) ? LLVMConstRealGetDouble(value, &inexact) : DBL_MIN / 2;
    return number == 0.0 || !(number > -DBL_MIN && number < DBL_MIN);
}

/* The folded value, or NULL if the instruction has to stay. */
static LLVMValueRef fold(struct jr_copier *copier, LLVMValueRef in)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(in);
    LLVMValueRef a, b;
    switch (opcode) {
    case LLVMAdd:
    case LLVMSub:
    case LLVMMul:
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr:
    case LLVMAnd:
    case LLVMOr:
    case LLVMXor:
        a = map_value(copier, LLVMGetOperand(in, 0));
        b = map_value(copier, LLVMGetOperand(in, 1));
        return LLVMIsAConstantInt(a) && LLVMIsAConstantInt(b) ? LLVMBuildBinOp(copier->builder, opcode, a, b, "") : NULL;
    case LLVMZExt:
    case LLVMSExt:
    case LLVMTrunc:
    case LLVMUIToFP:
    case LLVMSIToFP:
    case LLVMFPExt:
    case LLVMBitCast:
        a = map_value(copier, LLVMGetOperand(in, 0));
        return LLVMIsAConstantInt(a) || LLVMIsAConstantFP(a)
                   ? LLVMBuildCast(copier->builder, opcode, a, LLVMTypeOf(in), "")
                   : NULL;
    case LLVMICmp:
        a = map_value(copier, LLVMGetOperand(in, 0));
        b = map_value(copier, LLVMGetOperand(in, 1));
        return LLVMIsAConstantInt(a) && LLVMIsAConstantInt(b)
                   ? LLVMBuildICmp(copier->builder, LLVMGetICmpPredicate(in), a, b, "")
                   : NULL;
    case LLVMLoad:
        return known_register(copier, in);
    case LLVMFCmp:
        a = map_value(copier, LLVMGetOperand(in, 0));
        b = map_value(copier, LLVMGetOperand(in, 1));
        return is_plain_number(a) && is_plain_number(b)
                   ? LLVMBuildFCmp(copier->builder, LLVMGetFCmpPredicate(in), a, b, "")
                   : NULL;
    case LLVMSelect:
        a = map_value(copier, LLVMGetOperand(in, 0));
        return LLVMIsAConstantInt(a)
                   ? map_value(copier, LLVMGetOperand(in, LLVMConstIntGetZExtValue(a) ? 1 : 2))
                   : NULL;
    default:
        return NULL;
    }
}

static void copy_instruction(struct jr_copier *copier, LLVMValueRef in)
{
    LLVMValueRef copy = fold(copier, in);
    if (copy == NULL) {
        copy = LLVMInstructionClone(in);
        int operand_count = LLVMGetNumOperands(copy);
        for (int i = 0; i < operand_count; i++) {
            LLVMValueRef operand = LLVMGetOperand(copy, (unsigned)i);
            LLVMSetOperand(copy, (unsigned)i, map_value(copier, operand));
        }
        if (LLVMIsAAllocaInst(copy)) { /* in a loop it would take stack each time round */
            LLVMBasicBlockRef here = LLVMGetInsertBlock(copier->builder);
            LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(LLVMGetBasicBlockParent(here));
            LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(copier->builder);
            LLVMPositionBuilderBefore(copier->builder, LLVMGetFirstInstruction(entry)); /* takes the location from there */
            LLVMInsertIntoBuilder(copier->builder, copy);
            LLVMPositionBuilderAtEnd(copier->builder, here);
            LLVMSetCurrentDebugLocation2(copier->builder, location);
        } else {
            LLVMInsertIntoBuilder(copier->builder, copy);
        }
    }
    bind(copier, in, copy);
}

/* Where the branch or switch `in` goes if its condition has become constant, else NULL. */
static LLVMBasicBlockRef only_successor(struct jr_copier *copier, LLVMValueRef in)
{
    if (LLVMIsABranchInst(in)) {
        if (!LLVMIsConditional(in))
            return LLVMGetSuccessor(in, 0);
        LLVMValueRef condition = map_value(copier, LLVMGetCondition(in));
        if (LLVMIsAConstantInt(condition))
            return LLVMGetSuccessor(in, LLVMConstIntGetZExtValue(condition) ? 0 : 1);
    }
    return NULL;
}

/* The copy of a block; made at its first mention, so that blocks nobody reaches are not copied. */
static LLVMBasicBlockRef map_block(struct jr_copier *copier, LLVMBasicBlockRef from)
{
    LLVMValueRef copy = bound(copier, LLVMBasicBlockAsValue(from));
    if (copy == NULL) {
        LLVMBasicBlockRef here = LLVMGetInsertBlock(copier->builder);
        LLVMBasicBlockRef block = LLVMAppendBasicBlockInContext(copier->context, LLVMGetBasicBlockParent(here), "");
        LLVMMoveBasicBlockAfter(block, here);
        copy = LLVMBasicBlockAsValue(block);
        bind(copier, LLVMBasicBlockAsValue(from), copy);
        copier->pending[copier->pending_count++] = from;
    }
    return LLVMValueAsBasicBlock(copy);
}

static void copy_terminator(struct jr_copier *copier, LLVMValueRef in)
{
    LLVMBasicBlockRef only = only_successor(copier, in);
    if (only != NULL) {
        LLVMBuildBr(copier->builder, map_block(copier, only));
        return;
    }
    LLVMValueRef copy = LLVMInstructionClone(in);
    int operand_count = LLVMGetNumOperands(copy);
    for (int i = 0; i < operand_count; i++) {
        LLVMValueRef operand = LLVMGetOperand(copy, (unsigned)i);
        LLVMValueRef to = LLVMValueIsBasicBlock(operand)
                              ? LLVMBasicBlockAsValue(map_block(copier, LLVMValueAsBasicBlock(operand)))
                              : map_value(copier, operand);
        LLVMSetOperand(copy, (unsigned)i, to);
    }
    LLVMInsertIntoBuilder(copier->builder, copy);
}

static int goes_to(LLVMBasicBlockRef from, LLVMBasicBlockRef to)
{
    LLVMValueRef terminator = LLVMGetBasicBlockTerminator(from);
    unsigned count = LLVMGetNumSuccessors(terminator);
    int edges = 0;
    for (unsigned i = 0; i < count; i++)
        edges += LLVMGetSuccessor(terminator, i) == to;
    return edges;
}

/* Phis get their operands last, from the edges that were copied. */
static void fill_phis(struct jr_copier *copier, LLVMBasicBlockRef from_block)
{
    LLVMBasicBlockRef block = map_block(copier, from_block);
    for (LLVMValueRef in = LLVMGetFirstInstruction(from_block); in && LLVMIsAPHINode(in); in = LLVMGetNextInstruction(in)) {
        LLVMValueRef phi = bound(copier, in);
        unsigned count = LLVMCountIncoming(in);
        for (unsigned i = 0; i < count; i++) {
            LLVMValueRef pred_value = bound(copier, LLVMBasicBlockAsValue(LLVMGetIncomingBlock(in, i)));
            if (pred_value == NULL)
                continue;
            LLVMBasicBlockRef pred = LLVMValueAsBasicBlock(pred_value);
            if (!goes_to(pred, block))
                continue;
            LLVMValueRef value = map_value(copier, LLVMGetIncomingValue(in, i));
            LLVMAddIncoming(phi, &value, &pred, 1);
        }
    }
}

/* Copies all of a block; true if it returns, and then *result is what. */
static bool copy_block(struct jr_copier *copier, LLVMBasicBlockRef from, LLVMValueRef *result)
{
    LLVMPositionBuilderAtEnd(copier->builder, map_block(copier, from));
    for (LLVMValueRef in = LLVMGetFirstInstruction(from); in; in = LLVMGetNextInstruction(in)) {
        if (LLVMIsAReturnInst(in)) {
            *result = LLVMGetOperand(in, 0);
            return true;
        }
        if (LLVMIsAPHINode(in))
            bind(copier, in, LLVMBuildPhi(copier->builder, LLVMTypeOf(in), ""));
        else if (LLVMIsATerminatorInst(in))
            copy_terminator(copier, in);
        else
            copy_instruction(copier, in);
    }
    return false;
}

LLVMValueRef jr_copier_copy(struct jr_copier *copier, LLVMValueRef stencil, const LLVMValueRef *arguments,
                            unsigned argument_count)
{
    JR_ASSERT(LLVMCountParams(stencil) == argument_count, "a body has the parameters of JR_OP_ARGS");
    jr_value_map_clear(&copier->map);
    for (unsigned i = 0; i < argument_count; i++)
        bind(copier, LLVMGetParam(stencil, i), arguments[i]);
    LLVMBasicBlockRef first = LLVMGetEntryBasicBlock(stencil);
    bind(copier, LLVMBasicBlockAsValue(first), LLVMBasicBlockAsValue(LLVMGetInsertBlock(copier->builder)));
    copier->pending[0] = first;
    copier->pending_count = 1;

    /* A block is copied after a whole path from the entry to it, so all that dominates it has been copied. */
    LLVMBasicBlockRef end = NULL;
    LLVMValueRef result = NULL;
    for (unsigned i = 0; i < copier->pending_count; i++)
        if (copy_block(copier, copier->pending[i], &result))
            end = LLVMGetInsertBlock(copier->builder);
    for (unsigned i = 1; i < copier->pending_count; i++)
        fill_phis(copier, copier->pending[i]);
    LLVMPositionBuilderAtEnd(copier->builder, end);
    return map_value(copier, result);
}
