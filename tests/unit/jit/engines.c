/* engines.c -- see engines.h. */
#include "engines.h"

#include <stdio.h>
#include <string.h>

#include "interp/interp.h"
#include "ir/base/alloc.h"

struct engine engines[ENGINE_COUNT];
bool engines_expect_refusals;
struct jr_limits engines_limits;

static const char *const kind_names[ENGINE_COUNT] = { "interpreted", "quick", "optimised", "promoted", "stressed" };

static void fail_on_notice(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "%s\n", line); /* from the compile thread, where no test can fail */
}

static void report(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "%s\n", line);
}

static void print_nothing(void *user, const char *bytes, size_t size)
{
    (void)user, (void)bytes, (void)size;
}

void engines_reset(void)
{
    memset(engines, 0, sizeof engines);
    memset(&engines_limits, 0, sizeof engines_limits);
    engines_expect_refusals = false;
}

void engine_start_with(struct engine *engine, const struct jr_jit_config *config)
{
    struct jr_vm_config vm = { .alloc = &fx_alloc,
                               .entry = jr_interp_entry,
                               .resume = jr_interp_resume,
                               .report = report,
                               .print = print_nothing,
                               .stress_heap = true,
                               .limits = engines_limits };
    if (vm.limits.stack_words == 0)
        vm.limits.stack_words = 1 << 20;
    ck_assert_int_eq(jr_vm_create(&vm, fx.module, &engine->vm), JR_OK);
    ck_assert_int_eq(jr_vm_link(engine->vm, NULL, 0, NULL, 0), JR_OK);
    engine->jit = NULL;
    if (config != NULL) {
        struct jr_jit_config full = *config;
        if (full.notice == NULL)
            full.notice = fail_on_notice;
        ck_assert_int_eq(jr_jit_create(jr_alloc_default(), engine->vm, &full, &engine->jit), JR_OK);
        if (full.mode == JR_JIT_EAGER)
            ck_assert_int_eq(jr_jit_compile_all(engine->jit), JR_OK);
    }
}

void engine_start(struct engine *engine, enum engine_kind kind)
{
    static const struct jr_jit_config configs[ENGINE_COUNT] = {
        [ENGINE_QUICK] = { .mode = JR_JIT_AUTO, .synchronous = true, .quick_calls = 1, .optimised_calls = UINT32_MAX },
        [ENGINE_OPTIMISED] = { .mode = JR_JIT_EAGER },
        [ENGINE_PROMOTED] = { .mode = JR_JIT_AUTO, .synchronous = true, .quick_calls = 2, .optimised_calls = 4, .loop_count = 3 },
        [ENGINE_STRESSED] = { .mode = JR_JIT_EAGER, .synchronous = true, .loop_count = 2, .stress = true },
    };
    engine_start_with(engine, kind == ENGINE_INTERPRETED ? NULL : &configs[kind]);
}

void engine_end(struct engine *engine)
{
    if (engine->jit != NULL) {
        struct jr_jit_stats stats;
        jr_jit_drain(engine->jit);
        jr_jit_get_stats(engine->jit, &stats);
        ck_assert(stats.available);
        for (uint32_t i = 0; i < fx.module->function_count && !engines_expect_refusals; i++)
            ck_assert_msg(jr_jit_refusal(engine->jit, i) == NULL, "%s: %s", fx.module->functions[i].name,
                          jr_jit_refusal(engine->jit, i));
        jr_jit_destroy(engine->jit);
    }
    ck_assert_uint_eq(jr_vm_finish(engine->vm), 0);
    jr_vm_destroy(engine->vm);
}

void engines_start(void)
{
    for (int kind = 0; kind < ENGINE_COUNT; kind++)
        engine_start(&engines[kind], (enum engine_kind)kind);
}

void engines_end(void)
{
    for (int kind = 0; kind < ENGINE_COUNT; kind++)
        engine_end(&engines[kind]);
    jr_module_destroy(fx.module);
    fx.module = NULL;
    ck_assert_uint_eq(fx.live_blocks, 0);
}

static bool is_nan(uint64_t word)
{
    return fx_number_of(word) != fx_number_of(word);
}

static void same_error(const struct jr_error *wanted, const struct jr_error *got, const char *engine)
{
    ck_assert_msg(wanted->code == got->code && wanted->function == got->function && wanted->pc == got->pc,
                  "%s: error %d at %u, the interpreter %d at %u", engine, got->code, got->pc, wanted->code, wanted->pc);
    ck_assert_str_eq(wanted->message, got->message);
    ck_assert_msg(wanted->depth == got->depth, "%s: %llu frames unwound, the interpreter %llu", engine,
                  (unsigned long long)got->depth, (unsigned long long)wanted->depth);
    for (size_t i = 0; i < jr_error_trace_count(wanted); i++)
        ck_assert_uint_eq(jr_error_trace_line(wanted, i).pc, jr_error_trace_line(got, i).pc);
}

enum jr_status engines_agree(uint32_t function, const uint64_t *args, bool numbers, uint64_t *results)
{
    uint64_t wanted[64] = { 0 };
    uint32_t words = fx.module->functions[function].result_words;
    enum jr_status status = jr_vm_call(engines[ENGINE_INTERPRETED].vm, function, args, wanted);
    for (int kind = 1; kind < ENGINE_COUNT; kind++) {
        uint64_t got[64] = { 0 };
        enum jr_status other = jr_vm_call(engines[kind].vm, function, args, got);
        ck_assert_msg(other == status, "%s: %s: status %s, the interpreter %s", fx.module->functions[function].name,
                      kind_names[kind], jr_status_name(other), jr_status_name(status));
        if (status != JR_OK)
            same_error(jr_vm_error(engines[ENGINE_INTERPRETED].vm), jr_vm_error(engines[kind].vm), kind_names[kind]);
        for (uint32_t i = 0; i < words && status == JR_OK; i++)
            ck_assert_msg(got[i] == wanted[i] || (numbers && is_nan(got[i]) && is_nan(wanted[i])),
                          "%s: %s: word %u is %016llx (%.17g), the interpreter has %016llx (%.17g); argument %.17g %.17g",
                          fx.module->functions[function].name, kind_names[kind], i, (unsigned long long)got[i],
                          fx_number_of(got[i]), (unsigned long long)wanted[i], fx_number_of(wanted[i]),
                          args ? fx_number_of(args[0]) : 0, args ? fx_number_of(args[1]) : 0);
    }
    if (results != NULL)
        memcpy(results, wanted, words * sizeof results[0]);
    return status;
}
