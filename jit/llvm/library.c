/* library.c -- reads the instruction bodies and checks that the copier can copy them. */
#include "jit/llvm/library.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/BitReader.h>
#include <llvm-c/Core.h>

#include "jit/llvm/copier.h"
#include "runtime/ops.h" /* JR_HAS_BODY */

static const bool has_body[JR_OP_COUNT] = {
#define JR_OP(name, ...) [JR_OP_##name] = JR_HAS_BODY(name),
#include "ir/opcodes.def"
};

/* What the copier relies on: one return, not too large, and whole: an own function that was not inlined, or an
 * instruction that hides a symbol in a constant expression, would not exist in the module being compiled. */
static bool can_be_copied(LLVMValueRef stencil)
{
    unsigned returns = 0, values = LLVMCountParams(stencil) + LLVMCountBasicBlocks(stencil);
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(stencil); block; block = LLVMGetNextBasicBlock(block)) {
        for (LLVMValueRef in = LLVMGetFirstInstruction(block); in; in = LLVMGetNextInstruction(in)) {
            values++;
            returns += LLVMIsAReturnInst(in) != NULL;
            int operand_count = LLVMGetNumOperands(in);
            for (int i = 0; i < operand_count; i++) {
                LLVMValueRef operand = LLVMGetOperand(in, (unsigned)i);
                if (LLVMIsAConstantExpr(operand) || LLVMIsAInlineAsm(operand) || LLVMIsAMDNode(operand))
                    return false;
                if (LLVMIsAFunction(operand) && LLVMCountBasicBlocks(operand) != 0)
                    return false;
            }
        }
    }
    return returns == 1 && values <= JR_COPIER_VALUES && LLVMCountBasicBlocks(stencil) <= JR_COPIER_BLOCKS;
}

static LLVMValueRef find(const struct jr_library *library, const char *name, char *message, size_t message_size)
{
    LLVMValueRef stencil = LLVMGetNamedFunction(library->module, name);
    if (stencil != NULL && can_be_copied(stencil))
        return stencil;
    snprintf(message, message_size, "the body %s is missing or cannot be copied", name);
    return NULL;
}

bool jr_library_init(struct jr_library *library, LLVMContextRef context, char *message, size_t message_size)
{
    *library = (struct jr_library){ 0 };
    LLVMMemoryBufferRef bytes = LLVMCreateMemoryBufferWithMemoryRange(
        jr_ops_bitcode, (size_t)(jr_ops_bitcode_end - jr_ops_bitcode), "ops", 0);
    LLVMBool failed = LLVMParseBitcodeInContext2(context, bytes, &library->module);
    LLVMDisposeMemoryBuffer(bytes);
    if (failed) {
        library->module = NULL;
        snprintf(message, message_size, "the bitcode of the instructions cannot be read");
        return false;
    }
    bool found = true;
    for (int op = 0; op < JR_OP_COUNT && found; op++) {
        char name[64];
        if (!has_body[op])
            continue;
        snprintf(name, sizeof name, "jr_stencil_%s", jr_op_infos[op].name);
        library->stencils[op] = find(library, name, message, message_size);
        found = library->stencils[op] != NULL;
        snprintf(name, sizeof name, "jr_in_place_%s", jr_op_infos[op].name);
        if (found && LLVMGetNamedFunction(library->module, name) != NULL) {
            library->in_place[op] = find(library, name, message, message_size);
            found = library->in_place[op] != NULL;
        }
    }
    library->delay = found ? find(library, "jr_stencil_delay", message, message_size) : NULL;
    library->element = library->delay ? find(library, "jr_stencil_element", message, message_size) : NULL;
    library->take = library->element ? find(library, "jr_stencil_take", message, message_size) : NULL;
    library->record_callee = library->take ? find(library, "jr_stencil_record_callee", message, message_size) : NULL;
    if (library->record_callee == NULL) {
        jr_library_fini(library);
        return false;
    }
    return true;
}

void jr_library_fini(struct jr_library *library)
{
    if (library->module != NULL)
        LLVMDisposeModule(library->module);
    *library = (struct jr_library){ 0 };
}
