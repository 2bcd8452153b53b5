/* compiler.c -- from a batch of bytecode functions to machine code in memory.
 *
 * One LLVM module per batch: lower, verify (development builds), run the tier's passes, emit an object, link it by LLJIT.  LLJIT never
 * sees IR; that keeps all work on this thread and with our own target machines.  The module's memory is given back as
 * soon as the object exists; the object's as soon as it is linked; code goes with its resource tracker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Object.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "ir/base/assert.h"
#include "jit/llvm/line_table.h"
#include "jit/llvm/listing.h"
#include "jit/llvm/lower.h"
#include "jit/llvm/passes.h"
#include "jit/provider.h"

struct jr_machine_code {
    LLVMOrcResourceTrackerRef tracker;
};

struct jr_compiler {
    LLVMContextRef context;
    struct jr_lower_context shared;
    LLVMTargetMachineRef quick, optimised; /* both: small code model, position independent */
    LLVMTargetDataRef layout;
    char *triple;
    LLVMOrcLLJITRef jit;
    uint64_t serial; /* of modules and symbols */
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

static bool make_jit(struct jr_compiler *compiler, LLVMTargetRef target, char *message, size_t message_size)
{
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMTargetMachineRef machine = make_machine(target, compiler->triple, LLVMCodeGenLevelDefault);
    LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
        builder, LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(machine)); /* takes the machine */
    return !failed(LLVMOrcCreateLLJIT(&compiler->jit, builder), "cannot start the linker", message, message_size);
}

/* Every symbol of the program that compiled code may call, at its address. */
static bool define_symbols(struct jr_compiler *compiler, const struct jr_compiler_config *config, char *message,
                           size_t message_size)
{
    LLVMOrcCSymbolMapPair *pairs = calloc(config->symbol_count, sizeof pairs[0]);
    if (pairs == NULL)
        abort();
    for (uint32_t i = 0; i < config->symbol_count; i++) {
        pairs[i].Name = LLVMOrcLLJITMangleAndIntern(compiler->jit, config->symbols[i].name);
        pairs[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)config->symbols[i].address;
        pairs[i].Sym.Flags.GenericFlags = LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
    }
    LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(compiler->jit);
    LLVMErrorRef error =
        LLVMOrcJITDylibDefine(library, LLVMOrcAbsoluteSymbols(pairs, config->symbol_count)); /* takes the names */
    free(pairs);
    return !failed(error, "cannot define the runtime's symbols", message, message_size);
}

static void destroy(struct jr_compiler *compiler);

static struct jr_compiler *create(const struct jr_compiler_config *config, char *message, size_t message_size)
{
    struct jr_compiler *compiler = calloc(1, sizeof *compiler);
    LLVMTargetRef target;
    char *error = NULL;
    if (compiler == NULL) {
        snprintf(message, message_size, "no memory for the compiler");
        return NULL;
    }
    compiler->verify = config->verify;
    compiler->debug = config->debug;
    compiler->triple = LLVMGetDefaultTargetTriple();
    if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter() ||
        LLVMGetTargetFromTriple(compiler->triple, &target, &error)) {
        snprintf(message, message_size, "this processor is not supported: %s", error ? error : compiler->triple);
        LLVMDisposeMessage(error);
        destroy(compiler);
        return NULL;
    }
    compiler->quick = make_machine(target, compiler->triple, LLVMCodeGenLevelNone);
    compiler->optimised = make_machine(target, compiler->triple, LLVMCodeGenLevelDefault);
    compiler->layout = LLVMCreateTargetDataLayout(compiler->optimised);
    compiler->context = LLVMContextCreate();
    if (!jr_lower_context_init(&compiler->shared, compiler->context, config->stress, message, message_size) ||
        !make_jit(compiler, target, message, message_size) ||
        !define_symbols(compiler, config, message, message_size)) {
        destroy(compiler);
        return NULL;
    }
    return compiler;
}

static void destroy(struct jr_compiler *compiler)
{
    if (compiler == NULL)
        return;
    if (compiler->jit != NULL)
        LLVMConsumeError(LLVMOrcDisposeLLJIT(compiler->jit));
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

enum { SYMBOL_BYTES = 160 };

/* A name for debuggers and profilers: the function's own, made safe and unique. */
static void symbol_name(char name[SYMBOL_BYTES], const struct jr_module *module, const struct jr_compile_item *item,
                        uint64_t serial)
{
    char plain[96];
    size_t at = 0;
    for (const char *c = module->functions[item->function].name; *c && at + 1 < sizeof plain; c++) {
        bool safe = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '.';
        plain[at++] = safe ? *c : '_';
    }
    plain[at] = '\0';
    if (item->loop_pc == JR_NONE)
        snprintf(name, SYMBOL_BYTES, "jr.%s.%llu", plain, (unsigned long long)serial);
    else
        snprintf(name, SYMBOL_BYTES, "jr.%s.loop%u.%llu", plain, item->loop_pc, (unsigned long long)serial);
}

static bool lower_item(struct jr_compiler *compiler, struct jr_lower_target *target, struct jr_compile_item *item,
                       char name[SYMBOL_BYTES])
{
    item->entry = NULL;
    item->refusal[0] = '\0';
    symbol_name(name, target->module, item, compiler->serial++);
    return jr_lower_function(&compiler->shared, target, item, name);
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
                                       quick ? compiler->quick : compiler->optimised, options);
    LLVMDisposePassBuilderOptions(options);
    return !failed(error, "the passes failed", message, message_size);
}

static LLVMMemoryBufferRef emit_to_memory(struct jr_compiler *compiler, LLVMModuleRef module, enum jr_tier tier,
                                          LLVMCodeGenFileType type, char *message, size_t message_size)
{
    LLVMMemoryBufferRef buffer = NULL;
    char *error = NULL;
    LLVMTargetMachineRef machine = tier == JR_TIER_QUICK ? compiler->quick : compiler->optimised;
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &error, &buffer)) {
        snprintf(message, message_size, "code generation failed: %s", error);
        LLVMDisposeMessage(error);
        return NULL;
    }
    return buffer;
}

/* What is wanted of an object beside its code; read before the linker takes it. */
struct object_facts {
    uint64_t text_bytes;
    uint64_t *offsets;      /* per item: of its symbol in the text section */
    uint8_t *debug_line;    /* JR_DEBUG_CODE: that section, owned */
    size_t debug_line_bytes;
};

static void *copy_bytes(const void *bytes, size_t size)
{
    void *copy = malloc(size + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size);
    return copy;
}

static void read_sections(LLVMBinaryRef binary, bool debug_line, struct object_facts *facts)
{
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    for (; !LLVMObjectFileIsSectionIteratorAtEnd(binary, section); LLVMMoveToNextSection(section)) {
        const char *name = LLVMGetSectionName(section);
        if (name != NULL && strcmp(name, ".text") == 0)
            facts->text_bytes += LLVMGetSectionSize(section);
        if (debug_line && name != NULL && strcmp(name, ".debug_line") == 0) {
            facts->debug_line_bytes = LLVMGetSectionSize(section);
            facts->debug_line = copy_bytes(LLVMGetSectionContents(section), facts->debug_line_bytes);
        }
    }
    LLVMDisposeSectionIterator(section);
}

static void read_symbols(LLVMBinaryRef binary, struct jr_batch *batch, char (*names)[SYMBOL_BYTES],
                         struct object_facts *facts)
{
    LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
    for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
        const char *name = LLVMGetSymbolName(symbol);
        for (uint32_t i = 0; name != NULL && i < batch->item_count; i++)
            if (names[i][0] != '\0' && strcmp(name, names[i]) == 0) {
                batch->items[i].code_bytes = LLVMGetSymbolSize(symbol);
                facts->offsets[i] = LLVMGetSymbolAddress(symbol);
            }
    }
    LLVMDisposeSymbolIterator(symbol);
}

static void read_object(const struct jr_compiler *compiler, LLVMMemoryBufferRef object, struct jr_batch *batch,
                        char (*names)[SYMBOL_BYTES], struct object_facts *facts)
{
    char *error = NULL;
    LLVMBinaryRef binary = LLVMCreateBinary(object, NULL, &error);
    if (binary == NULL) { /* the linker will say so */
        LLVMDisposeMessage(error);
        return;
    }
    read_sections(binary, compiler->debug == JR_DEBUG_CODE, facts);
    read_symbols(binary, batch, names, facts);
    LLVMDisposeBinary(binary);
    if (compiler->debug == JR_DEBUG_PLACES) {
        batch->object_bytes = LLVMGetBufferSize(object);
        batch->object = copy_bytes(LLVMGetBufferStart(object), (size_t)batch->object_bytes);
    }
}

/* What depends on where the code went. */
static void place_debug(const struct object_facts *facts, struct jr_batch *batch)
{
    for (uint32_t i = 0; i < batch->item_count; i++)
        if (batch->items[i].entry != NULL)
            batch->text = (uint64_t)(uintptr_t)batch->items[i].entry - facts->offsets[i];
    if (facts->debug_line != NULL)
        batch->lines = jr_line_table_read(facts->debug_line, facts->debug_line_bytes, batch->text, &batch->line_count);
}

/* Links the object; entries of the items that have a name are filled. */
static struct jr_machine_code *link_object(struct jr_compiler *compiler, LLVMMemoryBufferRef object, struct jr_batch *batch,
                                   char (*names)[SYMBOL_BYTES], char *message, size_t message_size)
{
    LLVMOrcJITDylibRef library = LLVMOrcLLJITGetMainJITDylib(compiler->jit);
    struct jr_machine_code *code = calloc(1, sizeof *code);
    if (code == NULL)
        abort();
    code->tracker = LLVMOrcJITDylibCreateResourceTracker(library);
    bool bad = failed(LLVMOrcLLJITAddObjectFileWithRT(compiler->jit, code->tracker, object), "the object was refused",
                      message, message_size); /* takes the buffer */
    for (uint32_t i = 0; !bad && i < batch->item_count; i++) {
        LLVMOrcExecutorAddress address = 0;
        if (names[i][0] == '\0')
            continue;
        bad = failed(LLVMOrcLLJITLookup(compiler->jit, &address, names[i]), "linking failed", message, message_size);
        batch->items[i].entry = (jr_entry *)(uintptr_t)address;
    }
    if (!bad)
        return code;
    LLVMConsumeError(LLVMOrcResourceTrackerRemove(code->tracker));
    LLVMOrcReleaseResourceTracker(code->tracker);
    free(code);
    return NULL;
}

static void refuse_all(struct jr_batch *batch, char (*names)[SYMBOL_BYTES], const char *message)
{
    for (uint32_t i = 0; i < batch->item_count; i++) {
        batch->items[i].entry = NULL;
        if (names[i][0] != '\0')
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
    char(*names)[SYMBOL_BYTES] = calloc(batch->item_count, sizeof names[0]);
    uint32_t lowered = 0;
    if (names == NULL)
        abort();
    batch->code = NULL;
    batch->code_bytes = 0;
    batch->lines = NULL;
    batch->line_count = 0;
    batch->object = NULL;
    begin_target(compiler, &target, batch->module, batch->tier, compiler->debug, batch->items, batch->item_count);
    for (uint32_t i = 0; i < batch->item_count; i++) {
        if (lower_item(compiler, &target, &batch->items[i], names[i]))
            lowered++;
        else
            names[i][0] = '\0';
    }
    if (lowered > 0) {
        struct object_facts facts = { .offsets = calloc(batch->item_count, sizeof facts.offsets[0]) };
        if (facts.offsets == NULL)
            abort();
        jr_debug_finish(&target.debug);
        verify(compiler, target.llvm);
        LLVMMemoryBufferRef object = NULL;
        if (run_passes(compiler, target.llvm, batch->tier, message, sizeof message))
            object = emit_to_memory(compiler, target.llvm, batch->tier, LLVMObjectFile, message, sizeof message);
        if (object != NULL) {
            read_object(compiler, object, batch, names, &facts);
            batch->code_bytes = facts.text_bytes;
            batch->code = link_object(compiler, object, batch, names, message, sizeof message);
        }
        if (batch->code != NULL)
            place_debug(&facts, batch);
        else
            refuse_all(batch, names, message);
        if (batch->code == NULL) {
            free(batch->object);
            batch->object = NULL;
        }
        free(facts.debug_line);
        free(facts.offsets);
    }
    free(names);
    end_target(&target);
    batch->nanoseconds = thread_nanoseconds() - began;
}

static void release(struct jr_compiler *compiler, struct jr_machine_code *code)
{
    (void)compiler;
    LLVMConsumeError(LLVMOrcResourceTrackerRemove(code->tracker));
    LLVMOrcReleaseResourceTracker(code->tracker);
    free(code);
}

static char *emit(struct jr_compiler *compiler, const struct jr_module *module, struct jr_compile_item *item,
                  enum jr_emit what)
{
    char name[SYMBOL_BYTES];
    char *text = NULL;
    struct jr_lower_target target;
    begin_target(compiler, &target, module, JR_TIER_OPTIMISED, JR_DEBUG_CODE, item, 1);
    if (lower_item(compiler, &target, item, name)) {
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
        .release = release,
        .emit = emit,
        .lowers = jr_lower_exists,
    };
    return &provider;
}
