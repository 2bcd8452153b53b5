/* fixture.c -- see fixture.h. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp/interp.h"
#include "ir/base/alloc.h"
#include "ir/verify.h"

struct fixture fx;

/* The size stands before each block, so that a wrong old_size is noticed. */
enum { HEADER_BYTES = 16 };

static void *count_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    char *block = ptr ? (char *)ptr - HEADER_BYTES : NULL, *grown;
    (void)user;
    if (block)
        ck_assert_uint_eq(*(size_t *)(void *)block, old_size);
    if (new_size == 0) {
        fx.live_blocks -= block != NULL;
        free(block);
        return NULL;
    }
    fx.calls++;
    if (fx.fail_at && fx.calls >= fx.fail_at)
        return NULL;
    grown = realloc(block, new_size + HEADER_BYTES);
    ck_assert_ptr_nonnull(grown);
    *(size_t *)(void *)grown = new_size;
    fx.live_blocks += block == NULL;
    return grown + HEADER_BYTES;
}
const struct jr_alloc fx_alloc = { count_realloc, NULL };

static void print(void *user, const char *bytes, size_t size)
{
    (void)user;
    ck_assert_uint_lt(fx.printed_size + size, sizeof fx.printed);
    memcpy(fx.printed + fx.printed_size, bytes, size);
    fx.printed_size += size;
    fx.printed[fx.printed_size] = '\0';
}

static void report(void *user, const char *line)
{
    size_t used = strlen(fx.reported);
    (void)user;
    snprintf(fx.reported + used, sizeof fx.reported - used, "%s\n", line);
}

void fx_begin(void)
{
    memset(&fx, 0, sizeof fx);
    ck_assert_int_eq(jr_builder_create(&fx_alloc, "test", &fx.b), JR_OK);
    jr_builder_file(fx.b, "test.jas");
}

uint32_t fx_raw(uint32_t words)
{
    return jr_builder_layout_raw(fx.b, words);
}

uint32_t fx_layout1(enum jr_word_class kind, uint32_t arg)
{
    struct jr_word_type word = { kind, arg };
    return jr_builder_layout(fx.b, &word, 1);
}

uint32_t fx_signature(uint32_t param_words, uint32_t result_words)
{
    return jr_builder_signature(fx.b, fx_raw(param_words), fx_raw(result_words));
}

struct jr_place fx_place(uint32_t line)
{
    return (struct jr_place){ .file = 0, .line = line, .column = 1 };
}

uint32_t fx_closure_function(const char *name, uint32_t param_words, uint32_t result_words,
                             uint32_t capture_layout)
{
    return jr_builder_function(fx.b, name, fx_signature(param_words, result_words), capture_layout,
                               fx_place(1));
}

uint32_t fx_function(const char *name, uint32_t param_words, uint32_t result_words)
{
    return fx_closure_function(name, param_words, result_words, fx_raw(0));
}

void fx_at(uint32_t function, uint32_t line)
{
    jr_builder_place(fx.b, function, fx_place(line));
}

void fx_abc(uint32_t function, enum jr_op op, uint32_t a, uint32_t b, uint32_t c)
{
    jr_builder_abc(fx.b, function, op, a, b, c);
}

void fx_ax(uint32_t function, enum jr_op op, uint32_t a, uint32_t x)
{
    jr_builder_ax(fx.b, function, op, a, x);
}

void fx_abcxy(uint32_t function, enum jr_op op, uint32_t a, uint32_t b, uint32_t c, uint32_t x, uint32_t y)
{
    jr_builder_abcxy(fx.b, function, op, a, b, c, x, y);
}

void fx_number(uint32_t function, uint32_t a, double value)
{
    jr_builder_const_f64(fx.b, function, a, value);
}

void fx_return(uint32_t function, uint32_t a)
{
    fx_abc(function, JR_OP_RETURN, a, 0, 0);
}

void fx_build(void)
{
    char message[256];
    struct jr_verify_report why = { 0 };
    ck_assert_msg(jr_builder_finish(fx.b, &fx.module, message, sizeof message) == JR_OK, "%s", message);
    jr_builder_destroy(fx.b);
    fx.b = NULL;
    ck_assert_msg(jr_verify(fx.module, &fx_alloc, &why) == JR_OK, "%s", why.message);
}

enum jr_status fx_try_start(const struct jr_vm_config *config)
{
    struct jr_vm_config full = config ? *config : (struct jr_vm_config){ 0 };
    enum jr_status status;
    if (fx.b)
        fx_build();
    full.alloc = &fx_alloc;
    full.entry = jr_interp_entry;
    full.resume = jr_interp_resume;
    full.print = print;
    full.report = report;
    if (full.limits.stack_words == 0)
        full.limits.stack_words = FX_STACK_WORDS;
    if (full.limits.depth == 0)
        full.limits.depth = 1000;
    status = jr_vm_create(&full, fx.module, &fx.vm);
    if (status != JR_OK) {
        ck_assert_ptr_null(fx.vm);
        return status;
    }
    return jr_vm_link(fx.vm, NULL, 0, NULL, 0);
}

void fx_start(const struct jr_vm_config *config)
{
    ck_assert_int_eq(fx_try_start(config), JR_OK);
}

void fx_end(void)
{
    struct jr_vm_stats stats;
    if (fx.vm) {
        ck_assert_msg(jr_vm_finish(fx.vm) == 0, "%s", fx.reported);
        jr_vm_get_stats(fx.vm, &stats);
        ck_assert_uint_eq(stats.live_objects, 0);
        ck_assert_uint_eq(stats.live_bytes, 0);
        jr_vm_destroy(fx.vm);
        fx.vm = NULL;
    }
    jr_module_destroy(fx.module);
    fx.module = NULL;
    jr_builder_destroy(fx.b);
    fx.b = NULL;
    ck_assert_uint_eq(fx.live_blocks, 0);
}

uint64_t fx_live_objects(void)
{
    struct jr_vm_stats stats;
    jr_vm_get_stats(fx.vm, &stats);
    return stats.live_objects;
}

uint64_t fx_bits(double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    return word;
}

double fx_number_of(uint64_t word)
{
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

enum jr_status fx_try(uint32_t function, double x)
{
    uint64_t arg = fx_bits(x), results[64];
    return jr_vm_call(fx.vm, function, &arg, results);
}

double fx_call(uint32_t function, double x)
{
    uint64_t arg = fx_bits(x), results[64];
    enum jr_status status = jr_vm_call(fx.vm, function, &arg, results);
    ck_assert_msg(status == JR_OK, "%s", status == JR_OK ? "" : jr_vm_error(fx.vm)->message);
    return fx_number_of(results[0]);
}
