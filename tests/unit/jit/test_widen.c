/* test_widen.c -- operations on vectors give the bits of the interpreter's, for every operation and width.
 *
 * Each becomes a function over arrays, with the passes and code generation of compiled programs.  --measure prints nanoseconds instead. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "jit/llvm/copier.h"
#include "jit/llvm/library.h"
#include "jit/llvm/passes.h"
#include "jit/llvm/widen.h"
#include "runtime/fp.h"
#include "runtime/ops.h"

enum { COUNT = 1 << 12 };

static int failures;

#define CHECK(condition)                                                  \
    do {                                                                  \
        if (!(condition)) {                                               \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
            exit(1);                                                      \
        }                                                                 \
    } while (0)

typedef void over_arrays(const uint64_t *x, const uint64_t *y, uint64_t *out, uint64_t count);

/* What the interpreter does. */
static uint64_t expected(enum jr_op op, uint64_t x, uint64_t y)
{
    uint64_t r[3] = { 0, x, y };
    switch (op) {
#define CASE(name)                                       \
    case JR_OP_##name:                                   \
        jr_op_##name(NULL, r, NULL, NULL, 0, 1, 2, 0, 0); \
        break;
        CASE(ADD_F64) CASE(SUB_F64) CASE(MUL_F64) CASE(DIV_F64) CASE(MOD_F64) CASE(POW_F64) CASE(ATAN2_F64) CASE(MIN_F64)
        CASE(MAX_F64) CASE(NEG_F64) CASE(ABS_F64) CASE(SQRT_F64) CASE(FLOOR_F64) CASE(CEIL_F64) CASE(ROUND_F64)
        CASE(TRUNC_F64) CASE(SIN_F64) CASE(COS_F64) CASE(TAN_F64) CASE(ASIN_F64) CASE(ACOS_F64) CASE(ATAN_F64)
        CASE(SINH_F64) CASE(COSH_F64) CASE(TANH_F64) CASE(EXP_F64) CASE(LOG_F64) CASE(EQ_F64) CASE(NE_F64) CASE(LT_F64)
        CASE(LE_F64) CASE(GT_F64) CASE(GE_F64) CASE(AND_F64) CASE(OR_F64) CASE(NOT_F64) CASE(BOOL_F64) CASE(ADD_I64)
        CASE(SUB_I64) CASE(MUL_I64) CASE(NEG_I64) CASE(ABS_I64) CASE(EQ_I64) CASE(NE_I64) CASE(LT_I64) CASE(LE_I64)
        CASE(GT_I64) CASE(GE_I64) CASE(F64_TO_I64) CASE(I64_TO_F64) CASE(BOOL_I64)
#undef CASE
    default:
        CHECK(!"an operation on lanes is one of those above");
    }
    return r[0];
}

static bool gives_integer(enum jr_op op)
{
    return (op >= JR_OP_ADD_I64 && op <= JR_OP_ABS_I64) || op == JR_OP_F64_TO_I64;
}

static bool same(enum jr_op op, uint64_t got, uint64_t want)
{
    return got == want || (!gives_integer(op) && isnan(jr_f64(got)) && isnan(jr_f64(want)));
}

/* ---- one function ---- */

struct fixture {
    LLVMContextRef context;
    LLVMBuilderRef builder;
    struct jr_copier copier;
    struct jr_library library;
    struct jr_widener widener;
    LLVMTargetMachineRef machine;
    LLVMOrcLLJITRef jit;
    unsigned serial;
    bool show; /* assembly */
};

static void make_function(struct fixture *f, LLVMModuleRef module, enum jr_op op, const uint64_t *divisor, const char *name)
{
    LLVMTypeRef i64 = LLVMInt64TypeInContext(f->context), ptr = LLVMPointerTypeInContext(f->context, 0);
    LLVMTypeRef types[] = { ptr, ptr, ptr, i64 }, wide = jr_widen_type(&f->widener, i64);
    LLVMValueRef function =
        LLVMAddFunction(module, name, LLVMFunctionType(LLVMVoidTypeInContext(f->context), types, 4, 0));
    if (f->widener.width == 8) {
        const char *const keys[] = { "prefer-vector-width", "min-legal-vector-width" };
        for (int i = 0; i < 2; i++)
            LLVMAddAttributeAtIndex(function, JR_FUNCTION_ATTRIBUTES,
                                    LLVMCreateStringAttribute(f->context, keys[i], (unsigned)strlen(keys[i]), "512", 3));
    }
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(f->context, function, "");
    LLVMBasicBlockRef loop = LLVMAppendBasicBlockInContext(f->context, function, "loop");
    LLVMPositionBuilderAtEnd(f->builder, entry);
    LLVMBuildBr(f->builder, loop);
    LLVMPositionBuilderAtEnd(f->builder, loop);
    LLVMValueRef i = LLVMBuildPhi(f->builder, i64, ""), operands[2];
    for (unsigned k = 0; k < 2; k++) {
        LLVMValueRef at = LLVMBuildGEP2(f->builder, i64, LLVMGetParam(function, k), &i, 1, "");
        operands[k] = LLVMBuildLoad2(f->builder, wide, at, "");
        LLVMSetAlignment(operands[k], 8);
    }
    if (divisor != NULL)
        operands[1] = jr_widen_constant(&f->widener, LLVMConstInt(i64, *divisor, 0));
    struct jr_instr in = { .op = op };
    unsigned count = jr_op_infos[in.op].c == JR_OPERAND_S ? 2 : 1;
    LLVMValueRef value = jr_widen_cast(&f->widener, jr_widen_op(&f->widener, op, operands, count), i64);
    LLVMValueRef at = LLVMBuildGEP2(f->builder, i64, LLVMGetParam(function, 2), &i, 1, "");
    LLVMSetAlignment(LLVMBuildStore(f->builder, value, at), 8);
    LLVMValueRef next = LLVMBuildAdd(f->builder, i, LLVMConstInt(i64, f->widener.width, 0), "");
    LLVMBasicBlockRef end = LLVMAppendBasicBlockInContext(f->context, function, "end");
    LLVMBuildCondBr(f->builder, LLVMBuildICmp(f->builder, LLVMIntULT, next, LLVMGetParam(function, 3), ""), loop, end);
    LLVMValueRef values[] = { LLVMConstNull(i64), next };
    LLVMBasicBlockRef blocks[] = { entry, LLVMGetInstructionParent(next) };
    LLVMAddIncoming(i, values, blocks, 2);
    LLVMPositionBuilderAtEnd(f->builder, end);
    LLVMBuildRetVoid(f->builder);
}

static over_arrays *compile(struct fixture *f, enum jr_op op, unsigned width, const uint64_t *divisor)
{
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("test", f->context);
    char *triple = LLVMGetTargetMachineTriple(f->machine), *message = NULL;
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(f->machine);
    LLVMSetTarget(module, triple);
    LLVMSetModuleDataLayout(module, layout);
    LLVMDisposeTargetData(layout);
    LLVMDisposeMessage(triple);
    f->copier.target = module;
    f->widener.width = width;
    f->widener.slots_of = NULL;
    char name[32];
    snprintf(name, sizeof name, "over.%u", f->serial++);
    make_function(f, module, op, divisor, name);
    if (LLVMVerifyModule(module, LLVMPrintMessageAction, &message))
        CHECK(!"the module is valid");
    LLVMDisposeMessage(message);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    CHECK(LLVMRunPasses(module, JR_OPTIMISED_PASSES, f->machine, options) == NULL);
    LLVMDisposePassBuilderOptions(options);
    LLVMMemoryBufferRef object;
    if (f->show) {
        CHECK(!LLVMTargetMachineEmitToMemoryBuffer(f->machine, module, LLVMAssemblyFile, &message, &object));
        fwrite(LLVMGetBufferStart(object), 1, LLVMGetBufferSize(object), stdout);
        LLVMDisposeMemoryBuffer(object);
    }
    CHECK(!LLVMTargetMachineEmitToMemoryBuffer(f->machine, module, LLVMObjectFile, &message, &object));
    LLVMDisposeModule(module);
    LLVMOrcExecutorAddress address = 0;
    CHECK(LLVMOrcLLJITAddObjectFile(f->jit, LLVMOrcLLJITGetMainJITDylib(f->jit), object) == NULL);
    CHECK(LLVMOrcLLJITLookup(f->jit, &address, name) == NULL);
    union {
        uint64_t address;
        over_arrays *code;
    } entry = { .address = address };
    return entry.code;
}

static void begin(struct fixture *f, bool show)
{
    LLVMTargetRef target;
    char message[128] = "", *error = NULL, *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName(),
         *features = LLVMGetHostCPUFeatures();
    *f = (struct fixture){ .show = show };
    CHECK(!LLVMInitializeNativeTarget() && !LLVMInitializeNativeAsmPrinter());
    CHECK(!LLVMGetTargetFromTriple(triple, &target, &error));
    f->machine = LLVMCreateTargetMachine(target, triple, cpu, features, LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                         LLVMCodeModelSmall);
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
    LLVMDisposeMessage(features);
    f->context = LLVMContextCreate();
    f->builder = LLVMCreateBuilderInContext(f->context);
    jr_copier_init(&f->copier, f->context, f->builder);
    CHECK(jr_library_init(&f->library, f->context, message, sizeof message));
    jr_widener_init(&f->widener, f->context, f->builder, &f->copier, &f->library, NULL);
    CHECK(LLVMOrcCreateLLJIT(&f->jit, NULL) == NULL);
    size_t count;
    const struct jr_rt_symbol *symbols = jr_rt_symbols(&count);
    LLVMOrcCSymbolMapPair *pairs = calloc(count, sizeof pairs[0]);
    for (size_t i = 0; i < count; i++) {
        pairs[i].Name = LLVMOrcLLJITMangleAndIntern(f->jit, symbols[i].name);
        pairs[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)symbols[i].address;
        pairs[i].Sym.Flags.GenericFlags = LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
    }
    CHECK(LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(f->jit), LLVMOrcAbsoluteSymbols(pairs, count)) == NULL);
    free(pairs);
}

static void end(struct fixture *f)
{
    LLVMConsumeError(LLVMOrcDisposeLLJIT(f->jit));
    jr_widener_fini(&f->widener);
    jr_copier_fini(&f->copier);
    jr_library_fini(&f->library);
    LLVMDisposeBuilder(f->builder);
    LLVMContextDispose(f->context);
    LLVMDisposeTargetMachine(f->machine);
}

/* ---- arguments ---- */

static uint64_t seed = 88172645463325252u;

static uint64_t random_word(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static uint64_t edge(uint64_t i)
{
    static const double edges[] = {
        0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, 0x1p-1074, -0x1p-1074, 0x1p-1030, -0x1p-1030, 0x1p-1022, -0x1p-1022, 0x1p-1021,
        0x1.fffffffffffffp+1023, -0x1.fffffffffffffp+1023, 0x1p1023, INFINITY, -INFINITY, NAN, 0x1p52, 0x1p53, -0x1p53, 0x1p63,
        -0x1p63, 0x1.fffffffffffffp62, 708.0, 709.9, -708.5, -745.0, 20.0, 19.999, -20.0, 0x1p-5, 0x1p-28, 0x1p-29, 3.14159265358979312,
        1.57079632679489656, 6.28318530717958648, 6283185.307, 1e300, -1e300, 4.9, 0x1.fffffffffffffp-1, -0x1.fffffffffffffp-1, 0.1,
        0x1p-900, 0x1p-901, 0x1p1000, 0x1p1001, 2.0, 3.0, 44100.0, 0x1p26, 0x1p27,
    };
    return jr_word(edges[i % (sizeof edges / sizeof edges[0])]);
}

static uint64_t argument(void)
{
    uint64_t word = random_word();
    switch (random_word() % 8) {
    case 0:
        return word; /* any bits */
    case 1:
        return edge(word);
    case 2: /* near an edge */
        return edge(word >> 8) + (word & 3) - 1;
    case 3: /* a small integer of both kinds */
        return word & 1 ? (word >> 8) % 200 : jr_word((double)((int64_t)(word >> 8) % 200 - 100));
    case 4: /* around a multiple of pi/2 */
        return jr_word(1.57079632679489656 * (double)(word % 4200000)) + (word >> 40) % 5;
    case 5:
        return jr_word(((double)(word >> 11) * 0x1p-53 - 0.5) * 1000.0);
    default:
        return jr_word(((double)(word >> 11) * 0x1p-53 - 0.5) * 8.0);
    }
}

static uint64_t xs[COUNT], ys[COUNT], outs[COUNT];

static void fill(bool usual)
{
    for (size_t i = 0; i < COUNT; i++) {
        xs[i] = usual ? jr_word((double)(random_word() >> 11) * 0x1p-53 * 6.0 + 0.01) : argument();
        ys[i] = usual ? jr_word((double)(random_word() >> 11) * 0x1p-53 * 6.0 + 0.01) : argument();
    }
}

static void check_one(struct fixture *f, enum jr_op op, unsigned width, const uint64_t *divisor)
{
    over_arrays *over = compile(f, op, width, divisor);
    for (int round = 0; round < 4; round++) {
        fill(round == 3);
        uint64_t mode = jr_fp_enter();
        over(xs, ys, outs, COUNT);
        size_t wrong = COUNT;
        for (size_t i = COUNT; i-- > 0;)
            if (!same(op, outs[i], expected(op, xs[i], divisor != NULL ? *divisor : ys[i])))
                wrong = i;
        jr_fp_leave(mode);
        if (wrong < COUNT) {
            mode = jr_fp_enter();
            uint64_t y = divisor != NULL ? *divisor : ys[wrong], want = expected(op, xs[wrong], y);
            jr_fp_leave(mode);
            printf("%s, %u lanes: of %a, %a got %a, not %a (%016llx, %016llx)\n", jr_op_infos[op].mnemonic, width,
                   jr_f64(xs[wrong]), jr_f64(y), jr_f64(outs[wrong]), jr_f64(want), (unsigned long long)outs[wrong],
                   (unsigned long long)want);
            failures++;
        }
    }
}

static bool is_wanted(const struct fixture *f, unsigned width)
{
    return width <= f->widener.widest;
}

static void check_all(struct fixture *f)
{
    static const double divisors[] = { 1.0, -1.0, 2.0, 0.25, -8.0, 4294967296.0, 0x1p-1022, 6.283185307179586, 44100.0, -3.0,
                                       0.1, 0.0, -0.0, INFINITY, NAN, 0x1p-1030, 0x1p1023 };
    for (unsigned width = 1; width <= JR_WIDEST; width *= 2) {
        if (!is_wanted(f, width))
            continue;
        for (int op = 0; op < JR_OP_COUNT; op++)
            if (f->library.lanes[op] != NULL)
                check_one(f, (enum jr_op)op, width, NULL);
        for (size_t i = 0; i < sizeof divisors / sizeof divisors[0]; i++) {
            uint64_t divisor = jr_word(divisors[i]);
            check_one(f, JR_OP_MOD_F64, width, &divisor);
        }
        for (size_t i = 0; i < 4; i++) { /* what an optimiser would fold */
            static const double words[] = { 0.0, -0.0, 1.0, -1.0 };
            static const enum jr_op ops[] = { JR_OP_ADD_F64, JR_OP_SUB_F64, JR_OP_MUL_F64, JR_OP_DIV_F64, JR_OP_EQ_F64, JR_OP_NE_F64,
                                              JR_OP_MIN_F64, JR_OP_MAX_F64 };
            uint64_t word = jr_word(words[i]);
            for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++)
                check_one(f, ops[k], width, &word);
        }
    }
}

static double nanoseconds(over_arrays *over)
{
    double best = INFINITY;
    for (int round = 0; round < 200; round++) {
        struct timespec before, after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        for (int i = 0; i < 16; i++)
            over(xs, ys, outs, 1024);
        clock_gettime(CLOCK_MONOTONIC, &after);
        double time = (double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec);
        best = time < best ? time : best;
    }
    return best / (16 * 1024);
}

static void measure(struct fixture *f, const char *only)
{
    for (int op = 0; op < JR_OP_COUNT; op++) {
        if (f->library.lanes[op] == NULL || (only != NULL && strcmp(only, jr_op_infos[op].mnemonic) != 0))
            continue;
        printf("%-10s", jr_op_infos[op].mnemonic);
        for (unsigned width = 1; width <= JR_WIDEST; width *= 2)
            if (is_wanted(f, width)) {
                over_arrays *over = compile(f, (enum jr_op)op, width, NULL);
                fill(true);
                printf(" %6.2f", nanoseconds(over));
            }
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    struct fixture f;
    bool measures = argc > 1 && strcmp(argv[1], "--measure") == 0;
    begin(&f, argc > 1 && strcmp(argv[1], "--assembly") == 0);
    if (f.show)
        compile(&f, JR_OP_SIN_F64, argc > 2 ? (unsigned)atoi(argv[2]) : 4, NULL);
    else if (measures)
        measure(&f, argc > 2 ? argv[2] : NULL);
    else
        check_all(&f);
    end(&f);
    return failures != 0;
}
