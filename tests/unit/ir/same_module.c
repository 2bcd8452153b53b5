/* same_module.c -- every field of every table. */
#include "same_module.h"

#include <string.h>

#include <check.h>

#define SAME(field) ck_assert_uint_eq(a->field, b->field)
#define SAME_TEXT(field) ck_assert_str_eq(a->field, b->field)

static void same_place(struct jr_place a, struct jr_place b)
{
    ck_assert_uint_eq(a.file, b.file);
    ck_assert_uint_eq(a.start, b.start);
    ck_assert_uint_eq(a.end, b.end);
    ck_assert_uint_eq(a.line, b.line);
    ck_assert_uint_eq(a.column, b.column);
}

static void same_types(const struct jr_module *a, const struct jr_module *b)
{
    SAME(layout_count);
    for (uint32_t i = 0; i < a->layout_count; i++) {
        SAME(layouts[i].word_count);
        SAME(layouts[i].has_refs);
        for (uint32_t w = 0; w < a->layouts[i].word_count; w++) {
            SAME(layouts[i].words[w].kind);
            SAME(layouts[i].words[w].arg);
        }
    }
    SAME(sum_count);
    for (uint32_t i = 0; i < a->sum_count; i++) {
        SAME_TEXT(sums[i].name);
        SAME(sums[i].word_count);
        SAME(sums[i].variant_count);
        ck_assert_int_eq(a->sums[i].variant_names == NULL, b->sums[i].variant_names == NULL);
        for (uint32_t v = 0; v < a->sums[i].variant_count; v++) {
            SAME(sums[i].variant_layouts[v]);
            if (a->sums[i].variant_names != NULL)
                SAME_TEXT(sums[i].variant_names[v]);
        }
    }
    SAME(signature_count);
    for (uint32_t i = 0; i < a->signature_count; i++) {
        SAME(signatures[i].param_layout);
        SAME(signatures[i].result_layout);
    }
}

static void same_values(const struct jr_module *a, const struct jr_module *b)
{
    SAME_TEXT(language);
    SAME(file_count);
    for (uint32_t i = 0; i < a->file_count; i++)
        SAME_TEXT(files[i]);
    SAME(string_count);
    for (uint32_t i = 0; i < a->string_count; i++) {
        SAME(string_sizes[i]);
        ck_assert_mem_eq(a->strings[i], b->strings[i], a->string_sizes[i] + 1);
    }
    SAME(global_count);
    SAME(global_words);
    for (uint32_t i = 0; i < a->global_count; i++) {
        SAME_TEXT(globals[i].name);
        SAME(globals[i].offset);
        SAME(globals[i].layout);
        SAME(globals[i].assigned);
        same_place(a->globals[i].place, b->globals[i].place);
    }
    SAME(import_count);
    for (uint32_t i = 0; i < a->import_count; i++) {
        SAME_TEXT(imports[i].name);
        SAME(imports[i].signature);
    }
    SAME(init);
    SAME(dsp);
    SAME(input_channels);
    SAME(output_channels);
}

static void same_tables(const struct jr_function *a, const struct jr_function *b)
{
    SAME(table_count);
    for (uint32_t i = 0; i < a->table_count; i++) {
        ck_assert_int_eq(a->tables[i].min, b->tables[i].min);
        SAME(tables[i].target_count);
        for (uint32_t t = 0; t < a->tables[i].target_count; t++)
            SAME(tables[i].targets[t]);
        SAME(tables[i].fallback);
    }
    SAME(site_count);
    for (uint32_t i = 0; i < a->site_count; i++) {
        SAME(sites[i].kind);
        SAME_TEXT(sites[i].name);
        SAME(sites[i].offset);
        SAME(sites[i].word_count);
        SAME(sites[i].layout);
        SAME(sites[i].function);
        SAME(sites[i].length);
        same_place(a->sites[i].place, b->sites[i].place);
    }
    SAME(span_count);
    for (uint32_t i = 0; i < a->span_count; i++) {
        SAME(spans[i].pc);
        same_place(a->spans[i].place, b->spans[i].place);
    }
}

static void same_function(const struct jr_function *a, const struct jr_function *b)
{
    SAME_TEXT(name);
    SAME(signature);
    SAME(capture_layout);
    SAME(param_words);
    SAME(result_words);
    SAME(capture_words);
    SAME(reg_count);
    SAME(state_words);
    SAME(feedback_count);
    same_place(a->place, b->place);
    SAME(code_count);
    for (uint32_t i = 0; i < a->code_count; i++)
        SAME(code[i].word);
    SAME(constant_count);
    for (uint32_t i = 0; i < a->constant_count; i++)
        SAME(constants[i]);
    same_tables(a, b);
}

void same_module(const struct jr_module *a, const struct jr_module *b)
{
    same_values(a, b);
    same_types(a, b);
    SAME(function_count);
    for (uint32_t i = 0; i < a->function_count; i++)
        same_function(&a->functions[i], &b->functions[i]);
}
