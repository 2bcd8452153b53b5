/* debug.c -- locations by LLVM's builder of debug information. */
#include "jit/llvm/debug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>

#include "jit/llvm/lower.h"

enum { NAME_BYTES = 256, MOST_COLUMN = UINT16_MAX, DWARF_VERSION = 4 };

static void add_flag(LLVMContextRef context, LLVMModuleRef llvm, const char *name, unsigned value)
{
    LLVMValueRef number = LLVMConstInt(LLVMInt32TypeInContext(context), value, 0);
    LLVMAddModuleFlag(llvm, LLVMModuleFlagBehaviorWarning, name, strlen(name), LLVMValueAsMetadata(number));
}

static LLVMMetadataRef *make_table(uint32_t count)
{
    LLVMMetadataRef *table = calloc((size_t)count + 1, sizeof table[0]);
    if (table == NULL)
        abort(); /* as LLVM itself does without memory */
    return table;
}

static LLVMMetadataRef make_file(struct jr_debug *debug, const char *path)
{
    return LLVMDIBuilderCreateFile(debug->builder, path, strlen(path), "", 0);
}

void jr_debug_init(struct jr_debug *debug, enum jr_debug_kind kind, LLVMContextRef context, LLVMModuleRef llvm,
                   const struct jr_module *module)
{
    static const char producer[] = "jitrun";
    *debug = (struct jr_debug){ .kind = kind, .module = module, .context = context };
    if (kind == JR_DEBUG_NONE)
        return;
    const struct jr_function *last = &module->functions[module->function_count - 1]; /* the residual one, if there is one */
    add_flag(context, llvm, "Debug Info Version", LLVMDebugMetadataVersion());
    add_flag(context, llvm, "Dwarf Version", DWARF_VERSION);
    debug->builder = LLVMCreateDIBuilder(llvm);
    debug->file_count = module->file_count;
    debug->scope_count = module->function_count;
    debug->caller_count = last->caller_count;
    debug->files = make_table(debug->file_count);
    debug->scopes = make_table(debug->scope_count);
    debug->callers = make_table(debug->caller_count);
    LLVMDWARFEmissionKind emission = kind == JR_DEBUG_PLACES ? LLVMDWARFEmissionFull : LLVMDWARFEmissionLineTablesOnly;
    LLVMDIBuilderCreateCompileUnit(debug->builder, LLVMDWARFSourceLanguageC, make_file(debug, producer), producer,
                                   sizeof producer - 1, 1, "", 0, 0, "", 0, emission, 0, 1, 0, "", 0, "", 0);
}

void jr_debug_finish(struct jr_debug *debug)
{
    if (debug->builder != NULL)
        LLVMDIBuilderFinalize(debug->builder);
}

void jr_debug_fini(struct jr_debug *debug)
{
    if (debug->builder != NULL)
        LLVMDisposeDIBuilder(debug->builder);
    free(debug->files);
    free(debug->scopes);
    free(debug->callers);
    *debug = (struct jr_debug){ .kind = JR_DEBUG_NONE };
}

/* ---- scopes ---- */

static LLVMMetadataRef file_of(struct jr_debug *debug, const struct jr_place *place)
{
    uint32_t index = place->file == JR_NONE ? debug->file_count : place->file;
    if (debug->files[index] == NULL)
        debug->files[index] = make_file(debug, place->file == JR_NONE ? "" : debug->module->files[index]);
    return debug->files[index];
}

static LLVMMetadataRef make_scope(struct jr_debug *debug, uint32_t function)
{
    const struct jr_place *place = &debug->module->functions[function].place;
    char name[NAME_BYTES];
    LLVMMetadataRef file;
    if (debug->kind == JR_DEBUG_PLACES) {
        jr_function_title(debug->module, function, name, sizeof name);
        file = file_of(debug, place);
    } else {
        snprintf(name, sizeof name, "%u", function);
        file = make_file(debug, name);
    }
    LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(debug->builder, file, NULL, 0, LLVMDIFlagZero);
    return LLVMDIBuilderCreateFunction(debug->builder, file, name, strlen(name), "", 0, file, place->line, type, 1, 1,
                                       place->line, LLVMDIFlagZero, 1);
}

/* The scope of code that was inlined from the function. */
static LLVMMetadataRef inlined_scope(struct jr_debug *debug, uint32_t function)
{
    if (debug->scopes[function] == NULL)
        debug->scopes[function] = make_scope(debug, function);
    return debug->scopes[function];
}

/* ---- locations ---- */

static LLVMMetadataRef location(struct jr_debug *debug, uint32_t function, const struct jr_place *place,
                                LLVMMetadataRef scope, LLVMMetadataRef inlined_at)
{
    uint32_t own_file = debug->module->functions[function].place.file;
    if (place->file != own_file && place->file != JR_NONE) /* what a macro has brought along */
        scope = LLVMDIBuilderCreateLexicalBlockFile(debug->builder, scope, file_of(debug, place), 0);
    unsigned line = place->file == JR_NONE ? 0 : place->line;
    unsigned column = place->column > MOST_COLUMN ? 0 : place->column;
    return LLVMDIBuilderCreateDebugLocation(debug->context, line, column, scope, inlined_at);
}

/* `at` in `function`, called from callers[caller]; the outermost function's scope is `root`. */
static LLVMMetadataRef inlined_location(struct jr_debug *debug, const struct jr_function *residual, LLVMMetadataRef root,
                                        uint32_t function, uint32_t at, uint32_t caller)
{
    struct jr_place place = jr_function_place(&debug->module->functions[function], at);
    LLVMMetadataRef call = NULL;
    if (caller == JR_NONE)
        return location(debug, function, &place, root, NULL);
    if (debug->callers[caller] == NULL) {
        const struct jr_caller *from = &residual->callers[caller];
        debug->callers[caller] = inlined_location(debug, residual, root, from->function, from->at, from->caller);
    }
    call = debug->callers[caller];
    return location(debug, function, &place, inlined_scope(debug, function), call);
}

static LLVMMetadataRef place_location(struct jr_debug *debug, LLVMMetadataRef scope, uint32_t index, uint32_t pc)
{
    const struct jr_function *function = &debug->module->functions[index];
    if (pc == JR_NONE)
        return location(debug, index, &function->place, scope, NULL);
    const struct jr_origin *origin = jr_function_origin(function, pc);
    if (origin != NULL)
        return inlined_location(debug, function, scope, origin->function, origin->at, origin->caller);
    struct jr_place place = jr_function_place(function, pc);
    return location(debug, index, &place, scope, NULL);
}

LLVMMetadataRef jr_debug_scope(struct jr_debug *debug, LLVMBuilderRef builder, LLVMValueRef code, uint32_t function)
{
    if (debug->kind == JR_DEBUG_NONE)
        return NULL;
    if (debug->unwinding) {
        static const char name[] = "uwtable";
        enum { FOR_EVERY_INSTRUCTION = 2 };
        unsigned kind = LLVMGetEnumAttributeKindForName(name, sizeof name - 1);
        LLVMAttributeRef table = LLVMCreateEnumAttribute(debug->context, kind, FOR_EVERY_INSTRUCTION);
        LLVMAddAttributeAtIndex(code, JR_FUNCTION_ATTRIBUTES, table);
    }
    LLVMMetadataRef scope = make_scope(debug, function);
    LLVMSetSubprogram(code, scope);
    jr_debug_set(debug, builder, scope, function, JR_NONE);
    return scope;
}

void jr_debug_set(struct jr_debug *debug, LLVMBuilderRef builder, LLVMMetadataRef scope, uint32_t function, uint32_t pc)
{
    LLVMMetadataRef here = NULL;
    if (debug->kind == JR_DEBUG_NONE)
        return;
    if (debug->kind == JR_DEBUG_PLACES)
        here = place_location(debug, scope, function, pc);
    else
        here = LLVMDIBuilderCreateDebugLocation(debug->context, pc == JR_NONE ? 0 : pc + 1, 0, scope, NULL);
    LLVMSetCurrentDebugLocation2(builder, here);
}

void jr_debug_at(struct jr_lower *lw, uint32_t pc)
{
    jr_debug_set(&lw->target->debug, lw->shared->builder, lw->scope, lw->index, pc);
}

void jr_debug_begin(struct jr_lower *lw)
{
    lw->scope = jr_debug_scope(&lw->target->debug, lw->shared->builder, lw->code, lw->index);
}
