/* lower_known.c -- addresses of objects that a residual program knows.
 *
 * They are different in each process, so that code which is kept on disk cannot hold them: objects refer to them by name (jit/link.h), and the
 * linker puts the addresses into its table. */
#include <stdio.h>

#include <llvm-c/Core.h>

#include "jit/link.h"
#include "jit/llvm/lower.h"
#include "runtime/object.h"
#include "runtime/residual.h"

/* Bytes of an object whose inside may be referred to. */
static uint64_t size_of(const struct jr_module *module, const struct jr_object *object)
{
    const struct jr_array *array = (const struct jr_array *)(const void *)object;
    switch (object->kind) {
    case JR_OBJECT_ARRAY:
        return sizeof *array + array->length * array->elem_words * sizeof array->words[0];
    case JR_OBJECT_CELL:
        return sizeof(struct jr_cell) + module->layouts[object->layout].word_count * sizeof(uint64_t);
    default:
        return 1;
    }
}

/* The captured word whose object lies at the address or around it; JR_NONE: none.  Of equal ones the first, because LLVM believes that two names are
 * two objects. */
static uint32_t captured_at(const struct jr_residual *residual, uint64_t address)
{
    uint32_t count = residual->module->functions[residual->function].capture_words;
    for (uint32_t i = 0; i < count; i++)
        if (residual->known[i] == address && address != 0)
            return i;
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_object *object = (const struct jr_object *)(uintptr_t)residual->known[i];
        if (object != NULL && address - residual->known[i] < size_of(residual->module, object))
            return i;
    }
    return JR_NONE;
}

LLVMValueRef jr_lower_known_address(struct jr_lower_context *shared, LLVMModuleRef llvm, const struct jr_residual *residual,
                                    uint64_t address)
{
    uint32_t word = captured_at(residual, address);
    char name[32];
    if (word == JR_NONE) /* no object, or the end of an empty array */
        return LLVMConstInt(shared->i64, address, 0);
    snprintf(name, sizeof name, JR_LINK_KNOWN "%u", word);
    LLVMValueRef global = LLVMGetNamedGlobal(llvm, name);
    if (global == NULL)
        global = LLVMAddGlobal(llvm, LLVMInt8TypeInContext(LLVMGetTypeContext(shared->ptr)), name);
    LLVMValueRef start = LLVMBuildPtrToInt(shared->builder, global, shared->i64, "");
    uint64_t inside = address - residual->known[word];
    return inside == 0 ? start : LLVMBuildAdd(shared->builder, start, LLVMConstInt(shared->i64, inside, 0), "");
}
