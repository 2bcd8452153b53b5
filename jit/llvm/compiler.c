/* compiler.c -- from a batch of bytecode functions to an object.
 *
 * One LLVM module per batch: lower, verify (development builds), run the tier's passes, emit an object into memory, which the program links
 * by itself (jit/link.h).  The module's memory is given back as soon as the object exists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/Object.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "ir/base/assert.h"
#include "jit/llvm/line_table.h"
#include "jit/llvm/listing.h"
#include "jit/llvm/lower.h"
#include "jit/llvm/lower_plan.h"
#include "jit/llvm/passes.h"
#include "jit/provider.h"

struct jr_compiler {
    LLVMContextRef context;
    struct jr_lower_context shared;
    LLVMTargetRef target;
    LLVMTargetMachineRef quick, optimised; /* both: small code model, position independent; NULL until wanted */
    LLVMTargetDataRef layout;
    char *triple;
    bool verify;
    enum jr_debug_kind debug;
};

/* ---- creation ---- */

static bool failed(LLVMErrorRef error, const char *what, char *message, size_t message_size)
{
    if (error == NULL)
        return false;
    char *text = LLVMGetErrorMessage(error);
    snprintf(message, message_size, "%s: %s", what, text);
    LLVMDisposeErrorMessage(text);
    return true;
}

static LLVMTargetMachineRef make_machine(LLVMTargetRef target, const char *triple, LLVMCodeGenOptLevel level)
{
    char *cpu = LLVMGetHostCPUName(), *features = LLVMGetHostCPUFeatures();
    LLVMTargetMachineRef machine =
        LLVMCreateTargetMachine(target, triple, cpu, features, level, LLVMRelocPIC, LLVMCodeModelSmall);
    LLVMDisposeMessage(cpu);
    LLVMDisposeMessage(features);
    return machine;
}

/* Made when it is first wanted. */
static LLVMTargetMachineRef machine_of(struct jr_compiler *compiler, enum jr_tier tier)
{
    LLVMTargetMachineRef *machine = tier == JR_TIER_QUICK ? &compiler->quick : &compiler->optimised;
    if (*machine == NULL)
        *machine = make_machine(compiler->target, compiler->triple,
                                tier == JR_TIER_QUICK ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault);
    return *machine;
}

static void destroy(struct jr_compiler *compiler);

static struct jr_compiler *create(const struct jr_compiler_config *config, char *message, size_t message_size)
{
    struct jr_compiler *compiler = calloc(1, sizeof *compiler);
    char *error = NULL;
    if (compiler == NULL) {
        snprintf(message, message_size, "no memory for the compiler");
        return NULL;
    }
    compiler->verify = config->verify;
    compiler->debug = config->debug;
    compiler->triple = LLVMGetDefaultTargetTriple();
    if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter() ||
        LLVMGetTargetFromTriple(compiler->triple, &compiler->target, &error)) {
        snprintf(message, message_size, "this processor is not supported: %s", error ? error : compiler->triple);
        LLVMDisposeMessage(error);
        destroy(compiler);
        return NULL;
    }
    compiler->layout = LLVMCreateTargetDataLayout(machine_of(compiler, JR_TIER_OPTIMISED));
    compiler->context = LLVMContextCreate();
    if (!jr_lower_context_init(&compiler->shared, compiler->context, config->stress, message, message_size)) {
        destroy(compiler);
        return NULL;
    }
    return compiler;
}

static void destroy(struct jr_compiler *compiler)
{
    if (compiler == NULL)
        return;
    jr_lower_context_fini(&compiler->shared);
    if (compiler->context != NULL)
        LLVMContextDispose(compiler->context);
    if (compiler->layout != NULL)
        LLVMDisposeTargetData(compiler->layout);
    if (compiler->optimised != NULL)
        LLVMDisposeTargetMachine(compiler->optimised);
    if (compiler->quick != NULL)
        LLVMDisposeTargetMachine(compiler->quick);
    LLVMDisposeMessage(compiler->triple);
    free(compiler);
}

/* ---- compilation ---- */

static LLVMModuleRef make_module(struct jr_compiler *compiler)
{
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("jitrun", compiler->context);
    LLVMSetTarget(module, compiler->triple);
    LLVMSetModuleDataLayout(module, compiler->layout);
    return module;
}

/* A name for debuggers and profilers: the function's own, made safe and unique. */
static void symbol_name(char name[JR_SYMBOL_BYTES], const struct jr_module *module, const struct jr_compile_item *item,
                        uint32_t number)
{
    char plain[96];
    size_t at = 0;
    for (const char *c = module->functions[item->function].name; *c && at + 1 < sizeof plain; c++) {
        bool safe = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '.';
        plain[at++] = safe ? *c : '_';
    }
    plain[at] = '\0';
    if (item->loop_pc == JR_NONE)
        snprintf(name, JR_SYMBOL_BYTES, "jr.%s.%u", plain, number);
    else
        snprintf(name, JR_SYMBOL_BYTES, "jr.%s.loop%u.%u", plain, item->loop_pc, number);
}

/* The numbers only have to differ within one object. */
static bool lower_item(struct jr_compiler *compiler, struct jr_lower_target *target, struct jr_compile_item *item, uint32_t number)
{
    item->entry = NULL;
    item->refusal[0] = '\0';
    symbol_name(item->symbol, target->module, item, number);
    if (item->plan != NULL) {
        jr_lower_plan(&compiler->shared, target, item->block, item->plan, item->symbol);
        return true;
    }
    if (jr_lower_function(&compiler->shared, target, item, item->symbol))
        return true;
    item->symbol[0] = '\0';
    return false;
}

static void begin_target(struct jr_compiler *compiler, struct jr_lower_target *target, const struct jr_module *module,
                         enum jr_tier tier, enum jr_debug_kind debug, const struct jr_compile_item *items,
                         uint32_t item_count)
{
    uint32_t *functions = calloc(item_count, sizeof functions[0]);
    if (functions == NULL)
        abort();
    for (uint32_t i = 0; i < item_count; i++)
        functions[i] = items[i].function;
    *target = (struct jr_lower_target){ .llvm = make_module(compiler), .module = module, .tier = tier };
    jr_debug_init(&target->debug, debug, compiler->context, target->llvm, module);
    target->boxes_are_constant = !jr_counting_has_box_set(module);
    jr_inlining_init(&target->inlining, module, functions, item_count);
    free(functions);
}

static void end_target(struct jr_lower_target *target)
{
    jr_inlining_fini(&target->inlining);
    jr_debug_fini(&target->debug);
    LLVMDisposeModule(target->llvm);
}

/* A wrong module would end the process inside LLVM later on; this says what is wrong with it while it can be said. */
static void verify(const struct jr_compiler *compiler, LLVMModuleRef module)
{
    char *message = NULL;
    if (compiler->verify && LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        char *text = LLVMPrintModuleToString(module);
        fprintf(stderr, "%s\n%s\n", text, message);
        jr_assert_failed(__FILE__, __LINE__, "LLVMVerifyModule", "lowering makes valid modules");
    }
    LLVMDisposeMessage(message);
}

static bool run_passes(struct jr_compiler *compiler, LLVMModuleRef module, enum jr_tier tier, char *message,
                       size_t message_size)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    bool quick = tier == JR_TIER_QUICK;
    LLVMErrorRef error = LLVMRunPasses(module, quick ? JR_QUICK_PASSES : JR_OPTIMISED_PASSES,
                                       machine_of(compiler, tier), options);
    LLVMDisposePassBuilderOptions(options);
    return !failed(error, "the passes failed", message, message_size);
}

static LLVMMemoryBufferRef emit_to_memory(struct jr_compiler *compiler, LLVMModuleRef module, enum jr_tier tier,
                                          LLVMCodeGenFileType type, char *message, size_t message_size)
{
    LLVMMemoryBufferRef buffer = NULL;
    char *error = NULL;
    LLVMTargetMachineRef machine = machine_of(compiler, tier);
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &error, &buffer)) {
        snprintf(message, message_size, "code generation failed: %s", error);
        LLVMDisposeMessage(error);
        return NULL;
    }
    return buffer;
}

static void *copy_bytes(const void *bytes, size_t size)
{
    void *copy = malloc(size + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size);
    return copy;
}

static void read_sections(LLVMBinaryRef binary, bool debug_line, struct jr_batch *batch)
{
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    for (; !LLVMObjectFileIsSectionIteratorAtEnd(binary, section); LLVMMoveToNextSection(section)) {
        const char *name = LLVMGetSectionName(section);
        if (name != NULL && strcmp(name, ".text") == 0)
            batch->code_bytes += LLVMGetSectionSize(section);
        if (debug_line && name != NULL && strcmp(name, ".debug_line") == 0)
            batch->lines = jr_line_table_read((const uint8_t *)LLVMGetSectionContents(section), LLVMGetSectionSize(section), 0,
                                              &batch->line_count);
    }
    LLVMDisposeSectionIterator(section);
}

static void read_symbols(LLVMBinaryRef binary, struct jr_batch *batch)
{
    LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
    for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
        const char *name = LLVMGetSymbolName(symbol);
        for (uint32_t i = 0; name != NULL && i < batch->item_count; i++)
            if (strcmp(name, batch->items[i].symbol) == 0)
                batch->items[i].code_bytes = LLVMGetSymbolSize(symbol);
    }
    LLVMDisposeSymbolIterator(symbol);
}

/* Takes the object. */
static void read_object(const struct jr_compiler *compiler, LLVMMemoryBufferRef object, struct jr_batch *batch)
{
    char *error = NULL;
    LLVMBinaryRef binary = LLVMCreateBinary(object, NULL, &error);
    if (binary != NULL) {
        read_sections(binary, compiler->debug == JR_DEBUG_CODE, batch);
        read_symbols(binary, batch);
        LLVMDisposeBinary(binary);
    } else { /* the linker will say so */
        LLVMDisposeMessage(error);
    }
    batch->object_bytes = LLVMGetBufferSize(object);
    batch->object = copy_bytes(LLVMGetBufferStart(object), (size_t)batch->object_bytes);
    LLVMDisposeMemoryBuffer(object);
}

static void refuse_all(struct jr_batch *batch, const char *message)
{
    for (uint32_t i = 0; i < batch->item_count; i++) {
        batch->items[i].entry = NULL;
        if (batch->items[i].symbol[0] != '\0')
            snprintf(batch->items[i].refusal, JR_REFUSAL_BYTES, "%s", message);
    }
}

static uint64_t thread_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void compile(struct jr_compiler *compiler, struct jr_batch *batch)
{
    uint64_t began = thread_nanoseconds();
    char message[JR_REFUSAL_BYTES] = "";
    struct jr_lower_target target;
    uint32_t lowered = 0;
    batch->code = NULL;
    batch->code_bytes = 0;
    batch->lines = NULL;
    batch->line_count = 0;
    batch->object = NULL;
    begin_target(compiler, &target, batch->module, batch->tier, compiler->debug, batch->items, batch->item_count);
    target.debug.unwinding = compiler->debug == JR_DEBUG_CODE; /* whoever takes samples wants the callers too */
    for (uint32_t i = 0; i < batch->item_count; i++) {
        if (lower_item(compiler, &target, &batch->items[i], i))
            lowered++;
    }
    if (lowered > 0) {
        jr_debug_finish(&target.debug);
        verify(compiler, target.llvm);
        LLVMMemoryBufferRef object = NULL;
        if (run_passes(compiler, target.llvm, batch->tier, message, sizeof message))
            object = emit_to_memory(compiler, target.llvm, batch->tier, LLVMObjectFile, message, sizeof message);
        if (object != NULL)
            read_object(compiler, object, batch);
        else
            refuse_all(batch, message);
    }
    end_target(&target);
    batch->nanoseconds = thread_nanoseconds() - began;
}

static char *emit(struct jr_compiler *compiler, const struct jr_module *module, struct jr_compile_item *item,
                  enum jr_emit what)
{
    char *text = NULL;
    struct jr_lower_target target;
    begin_target(compiler, &target, module, JR_TIER_OPTIMISED, JR_DEBUG_CODE, item, 1);
    if (lower_item(compiler, &target, item, 0)) {
        jr_debug_finish(&target.debug);
        verify(compiler, target.llvm);
        bool good = what == JR_EMIT_LLVM ||
                    run_passes(compiler, target.llvm, JR_TIER_OPTIMISED, item->refusal, sizeof item->refusal);
        if (good && what != JR_EMIT_ASSEMBLY) {
            char *printed = LLVMPrintModuleToString(target.llvm);
            text = jr_listing_of_ir(printed);
            LLVMDisposeMessage(printed);
        } else if (good) {
            LLVMMemoryBufferRef buffer = emit_to_memory(compiler, target.llvm, JR_TIER_OPTIMISED, LLVMAssemblyFile,
                                                        item->refusal, sizeof item->refusal);
            if (buffer != NULL) {
                text = jr_listing_of_assembly(LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
                LLVMDisposeMemoryBuffer(buffer);
            }
        }
    }
    end_target(&target);
    return text;
}

__attribute__((visibility("default"))) const struct jr_provider *jitrun_llvm_provider(void);

const struct jr_provider *jitrun_llvm_provider(void)
{
    static const struct jr_provider provider = {
        .version = JR_PROVIDER_VERSION,
        .create = create,
        .destroy = destroy,
        .compile = compile,
        .emit = emit,
        .lowers = jr_lower_exists,
    };
    return &provider;
}
