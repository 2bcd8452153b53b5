/* test_inside.c -- debug locations change no instruction, and lead back to the script. */
#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/listing.h"
#include "host/session.h"
#include "ir/base/alloc.h"
#include "ir/module.h"
#include "jit/link.h"
#include "jit/provider.h"
#include "runtime/residual.h"
#include "runtime/rt.h"
#include "runtime/vm.h"

/* Calls that are inlined, closures, loops, arrays, state; a table and a branch in dsp. */
static const char program[] = "fn phasor(f){ (self + f) % 1.0 }\n"
                              "fn voice(k){ let f = 0.01 * k\n"
                              "    | | {\n"
                              "        let p = phasor(f)\n"
                              "        if (p > 0.5) { p * k } else { delay(7.0, p, k) }\n"
                              "    }\n"
                              "}\n"
                              "fn bank(n){ if (n > 0.0) { let one = voice(n)\n let rest = bank(n - 1.0)\n | | one() + rest() } else { | | 0.0 } }\n"
                              "let all = bank(5.0)\n"
                              "let table = [3.0, 1.0, 4.0, 1.0]\n"
                              "fn sum(i, s){ if (i < 4.0) { sum(i + 1.0, s + table[i]) } else { s } }\n"
                              "fn dsp(){ sin(all()) + sum(0.0, 0.0) + table[now % 4.0] }\n";

static const struct jr_provider *open_provider(void)
{
    void *object = dlopen(JR_TEST_OBJECT, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(object != NULL, "%s", dlerror());
    jr_provider_function *provider = (jr_provider_function *)(uintptr_t)dlsym(object, JR_PROVIDER_SYMBOL);
    ck_assert_ptr_nonnull(provider);
    return provider();
}

/* Every symbol that code may refer to, at some address: nothing of it is run. */
static struct jr_link_table symbol_table(void)
{
    static const char *const own[] = { "jr_jit_call_hot", "jr_jit_loop_hot", "jr_jit_poll_entry", "jr_jit_stress_poll" };
    struct jr_compiler_symbol symbols[1024];
    struct jr_link_table table;
    size_t count;
    const struct jr_rt_symbol *runtime = jr_rt_symbols(&count);
    ck_assert_uint_lt(count + 4, 1024);
    for (size_t i = 0; i < count; i++)
        symbols[i] = (struct jr_compiler_symbol){ runtime[i].name, runtime[i].address };
    for (size_t i = 0; i < 4; i++)
        symbols[count++] = (struct jr_compiler_symbol){ own[i], (const void *)(uintptr_t)symbol_table };
    ck_assert(jr_link_table_init(&table, jr_alloc_default(), symbols, count));
    return table;
}

static struct jr_compiler *open_compiler(const struct jr_provider *provider, enum jr_debug_kind debug)
{
    char message[256] = "";
    struct jr_compiler_config config = { .verify = true, .debug = debug };
    struct jr_compiler *compiler = provider->create(&config, message, sizeof message);
    ck_assert_msg(compiler != NULL, "%s", message);
    return compiler;
}

static struct jr_session *start(void)
{
    struct jr_session_config config = { .jit = { .mode = JR_JIT_OFF } };
    struct jr_session *session;
    ck_assert_int_eq(jr_session_create(&config, &session), JR_OK);
    ck_assert_int_eq(jr_session_compile_text(session, JR_LANGUAGE_MIMIUM, "dir/t.mmm", program, strlen(program)), JR_OK);
    ck_assert_int_eq(jr_session_start(session), JR_OK);
    ck_assert_ptr_nonnull(jr_vm_residual(jr_session_vm(session)));
    return session;
}

struct code {
    char bytes[1 << 16];
    uint64_t size;
    const char *place; /* where they run */
};

/* What an operand [rip + displacement] that ends at byte `end` of the code refers to. */
static uint64_t word_at(const struct code *code, uint64_t end)
{
    int32_t displacement;
    uint64_t word;
    memcpy(&displacement, code->bytes + end - 4, 4);
    memcpy(&word, code->place + end + displacement, 8);
    return word;
}

/* Equal, but that the linker's table of addresses may have another order. */
static bool is_same_code(const struct code *a, const struct code *b)
{
    if (a->size != b->size)
        return false;
    for (uint64_t i = 0; i < a->size; i++) {
        uint64_t end = 0;
        if (a->bytes[i] == b->bytes[i])
            continue;
        for (uint64_t first = i > 4 ? i - 3 : 2; first <= i && end == 0; first++) {
            uint8_t opcode = (uint8_t)a->bytes[first - 2], operands = (uint8_t)a->bytes[first - 1];
            if ((opcode == 0xff || opcode == 0x8b) && (operands & 0xc7) == 0x05) /* a call, jump or load of [rip + displacement] */
                end = first + 4;
        }
        if (end == 0 || word_at(a, end) != word_at(b, end))
            return false;
        i = end - 1;
    }
    return true;
}

/* The machine code of one function. */
static void compile(const struct jr_provider *provider, struct jr_compiler *compiler, const struct jr_residual *residual,
                    uint32_t function, enum jr_tier tier, const struct jr_link_table *table, struct code *out,
                    struct jr_batch *batch)
{
    static struct jr_compile_item item;
    char message[256] = "";
    item = (struct jr_compile_item){ .function = function, .loop_pc = JR_NONE };
    item.block = function == residual->function ? residual : NULL;
    *batch = (struct jr_batch){ .module = residual->module, .tier = tier, .items = &item, .item_count = 1 };
    provider->compile(compiler, batch);
    ck_assert_msg(batch->object != NULL, "%s", item.refusal);
    struct jr_link_input input = { .object = batch->object, .object_bytes = (size_t)batch->object_bytes, .table = table,
                                   .known = residual->known,
                                   .known_count = residual->module->functions[residual->function].capture_words };
    batch->code = jr_link(&input, message, sizeof message);
    ck_assert_msg(batch->code != NULL, "%s", message);
    const char *place = (const char *)(uintptr_t)jr_link_address(batch->code, &input, item.symbol);
    ck_assert_ptr_nonnull(place);
    ck_assert_uint_gt(item.code_bytes, 0);
    ck_assert_uint_lt(item.code_bytes, sizeof out->bytes);
    ck_assert_uint_le(item.code_bytes, batch->code_bytes);
    memcpy(out->bytes, place, item.code_bytes);
    out->place = place;
    out->size = item.code_bytes;
}

START_TEST(locations_change_no_instruction)
{
    const struct jr_provider *provider = open_provider();
    struct jr_session *session = start();
    const struct jr_residual *residual = jr_vm_residual(jr_session_vm(session));
    struct jr_compiler *compilers[3];
    static struct code codes[3];
    struct jr_link_table table = symbol_table();
    for (int debug = JR_DEBUG_NONE; debug <= JR_DEBUG_CODE; debug++)
        compilers[debug] = open_compiler(provider, (enum jr_debug_kind)debug);
    for (uint32_t f = 0; f <= residual->function; f++)
        for (int tier = f == residual->function ? JR_TIER_OPTIMISED : JR_TIER_QUICK; tier <= JR_TIER_OPTIMISED; tier++) {
            struct jr_batch batches[3];
            for (int debug = JR_DEBUG_NONE; debug <= JR_DEBUG_CODE; debug++)
                compile(provider, compilers[debug], residual, f, (enum jr_tier)tier, &table, &codes[debug], &batches[debug]);
            for (int debug = JR_DEBUG_PLACES; debug <= JR_DEBUG_CODE; debug++)
                ck_assert_msg(is_same_code(&codes[debug], &codes[0]), "function %u, tier %d, locations %d", f, tier, debug);
            ck_assert(batches[JR_DEBUG_NONE].lines == NULL && batches[JR_DEBUG_PLACES].lines == NULL &&
                      batches[JR_DEBUG_CODE].lines != NULL);
            for (int debug = JR_DEBUG_NONE; debug <= JR_DEBUG_CODE; debug++) {
                free(batches[debug].lines);
                free(batches[debug].object);
                jr_link_release(batches[debug].code);
            }
        }
    for (int debug = JR_DEBUG_NONE; debug <= JR_DEBUG_CODE; debug++)
        provider->destroy(compilers[debug]);
    jr_link_table_fini(&table, jr_alloc_default());
    jr_session_destroy(session);
}
END_TEST

/* The block's line table is sorted, lies in the code, and each instruction of the script that computes has its piece. */
START_TEST(code_leads_back_to_the_script)
{
    const struct jr_provider *provider = open_provider();
    struct jr_session *session = start();
    const struct jr_residual *residual = jr_vm_residual(jr_session_vm(session));
    struct jr_compiler *compiler = open_compiler(provider, JR_DEBUG_CODE);
    static struct code code;
    struct jr_batch batch;
    bool seen[16] = { false };
    uint32_t deepest = 0;
    struct jr_link_table table = symbol_table();
    compile(provider, compiler, residual, residual->function, JR_TIER_OPTIMISED, &table, &code, &batch);
    ck_assert_uint_gt(batch.line_count, 10);
    for (uint32_t i = 0; i < batch.line_count; i++) {
        const struct jr_code_line *line = &batch.lines[i];
        ck_assert_uint_le(line->address, code.size); /* not linked: counted from the beginning of the text */
        ck_assert(i == 0 || line->address > batch.lines[i - 1].address);
        if (line->function == JR_NONE) { /* the end */
            ck_assert_uint_eq(i, batch.line_count - 1);
            continue;
        }
        ck_assert_uint_eq(line->function, residual->function);
        struct jr_listing_site site = jr_listing_site(residual->module, line->function, line->at);
        uint32_t depth = 0;
        if (site.place.line < 16)
            seen[site.place.line] = true;
        for (uint32_t c = site.caller; c != JR_NONE; c = residual->module->functions[residual->function].callers[c].caller)
            depth++;
        deepest = depth > deepest ? depth : deepest;
    }
    ck_assert(seen[1] && seen[5] && seen[10] && seen[14]);
    ck_assert(!seen[2] && !seen[9] && !seen[11]); /* the global code is done */
    ck_assert_uint_ge(deepest, 5);   /* dsp, five nested sums of voices, phasor */
    free(batch.lines);
    free(batch.object);
    jr_link_release(batch.code);
    jr_link_table_fini(&table, jr_alloc_default());
    provider->destroy(compiler);
    jr_session_destroy(session);
}
END_TEST

START_TEST(titles_name_the_script)
{
    struct jr_session *session = start();
    const struct jr_module *module = jr_session_module(session);
    char title[64], cut[8];
    jr_function_title(module, module->dsp, title, sizeof title);
    ck_assert_str_eq(title, "t.mmm:dsp");
    jr_function_title(module, module->dsp, cut, sizeof cut);
    ck_assert_str_eq(cut, "t.mmm:d");
    jr_session_destroy(session);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inside");
    TCase *tests = tcase_create("inside");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, locations_change_no_instruction);
    tcase_add_test(tests, code_leads_back_to_the_script);
    tcase_add_test(tests, titles_name_the_script);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
