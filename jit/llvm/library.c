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
        snprintf(name, sizeof name, "jr_lanes_%s", jr_op_infos[op].name);
        library->lanes[op] = LLVMGetNamedFunction(library->module, name);
    }
    const struct {
        const char *name;
        LLVMValueRef *body;
    } others[] = {
        { "jr_stencil_delay", &library->delay },           { "jr_stencil_element", &library->element },
        { "jr_stencil_take", &library->take },             { "jr_stencil_record_callee", &library->record_callee },
        { "jr_stencil_mod", &library->mod },               { "jr_lanes_MOD_BY_ONE", &library->mod_by_one },
        { "jr_lanes_MOD_BY_POWER", &library->mod_by_power }, { "jr_lanes_index", &library->lane_index },
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0] && found; i++) {
        *others[i].body = find(library, others[i].name, message, message_size);
        found = *others[i].body != NULL;
    }
    if (!found)
        jr_library_fini(library);
    return found;
}

void jr_library_fini(struct jr_library *library)
{
    if (library->module != NULL)
        LLVMDisposeModule(library->module);
    *library = (struct jr_library){ 0 };
}
