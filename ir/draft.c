/* draft.c -- growing tables, and how they become a module. */
#include "ir/draft.h"

#include <string.h>

#include "ir/base/hash.h"

struct jr_module *jr_module_new(const struct jr_alloc *alloc)
{
    struct jr_arena first;
    jr_arena_init(&first, alloc);
    struct jr_arena *arena = JR_ARENA_NEW(&first, struct jr_arena);
    struct jr_module *module = JR_ARENA_NEW(&first, struct jr_module);
    if (arena == NULL || module == NULL) {
        jr_arena_fini(&first);
        return NULL;
    }
    *arena = first; /* from here on only the copy inside is used */
    module->arena = arena;
    module->init = module->dsp = JR_NONE;
    module->language = "";
    return module;
}

enum jr_status jr_draft_init(struct jr_draft *draft, const struct jr_alloc *alloc)
{
    *draft = (struct jr_draft){ .alloc = alloc, .module = jr_module_new(alloc) };
    return draft->module == NULL ? JR_ERR_NO_MEMORY : JR_OK;
}

static void body_fini(const struct jr_alloc *alloc, struct jr_draft_body *body)
{
    JR_VEC_FREE(alloc, &body->code);
    JR_VEC_FREE(alloc, &body->constants);
    JR_VEC_FREE(alloc, &body->spans);
    JR_VEC_FREE(alloc, &body->tables);
    JR_VEC_FREE(alloc, &body->sites);
    jr_index_map_fini(alloc, &body->constant_map);
}

void jr_draft_fini(struct jr_draft *draft)
{
    for (size_t i = 0; i < draft->bodies.count; i++)
        body_fini(draft->alloc, &draft->bodies.items[i]);
    JR_VEC_FREE(draft->alloc, &draft->bodies);
    JR_VEC_FREE(draft->alloc, &draft->functions);
    JR_VEC_FREE(draft->alloc, &draft->imports);
    JR_VEC_FREE(draft->alloc, &draft->globals);
    JR_VEC_FREE(draft->alloc, &draft->string_sizes);
    JR_VEC_FREE(draft->alloc, &draft->strings);
    JR_VEC_FREE(draft->alloc, &draft->signatures);
    JR_VEC_FREE(draft->alloc, &draft->sums);
    JR_VEC_FREE(draft->alloc, &draft->layouts);
    JR_VEC_FREE(draft->alloc, &draft->files);
    jr_module_destroy(draft->module);
    *draft = (struct jr_draft){ .alloc = draft->alloc };
}

const char *jr_draft_text(struct jr_draft *draft, const char *text, size_t length)
{
    return jr_arena_text(draft->module->arena, text, length);
}

enum jr_status jr_draft_layout_words(struct jr_draft *draft, struct jr_layout *layout,
                                     const struct jr_word_type *words, uint32_t word_count)
{
    if (word_count > JR_MOST_VALUE_WORDS || draft->layout_words + word_count > JR_MOST_LAYOUT_WORDS)
        return JR_ERR_LIMIT;
    struct jr_word_type *copy = jr_arena_copy(draft->module->arena, words, word_count * sizeof *words);
    if (copy == NULL)
        return JR_ERR_NO_MEMORY;
    layout->words = copy;
    layout->word_count = word_count;
    draft->layout_words += word_count;
    return JR_OK;
}

enum jr_status jr_draft_string(struct jr_draft *draft, const char *bytes, size_t size)
{
    enum jr_status status;
    if (size > UINT32_MAX - 1 || draft->strings.count >= JR_MOST_ENTRIES)
        return JR_ERR_LIMIT;
    const char *text = jr_draft_text(draft, bytes, size);
    if (text == NULL)
        return JR_ERR_NO_MEMORY;
    JR_TRY(JR_VEC_RESERVE(draft->alloc, &draft->string_sizes, 1));
    JR_TRY(JR_VEC_PUSH(draft->alloc, &draft->strings, text));
    JR_TRY(JR_VEC_PUSH(draft->alloc, &draft->string_sizes, (uint32_t)size));
done:
    return status;
}

enum jr_status jr_draft_function(struct jr_draft *draft, const struct jr_function *head)
{
    enum jr_status status;
    if (draft->functions.count >= JR_MOST_ENTRIES)
        return JR_ERR_LIMIT;
    JR_TRY(JR_VEC_RESERVE(draft->alloc, &draft->bodies, 1));
    JR_TRY(JR_VEC_PUSH(draft->alloc, &draft->functions, *head));
    JR_TRY(JR_VEC_PUSH(draft->alloc, &draft->bodies, (struct jr_draft_body){ 0 }));
done:
    return status;
}

enum jr_status jr_draft_constant(struct jr_draft *draft, uint32_t function, uint64_t word, uint32_t *index)
{
    enum jr_status status;
    struct jr_draft_body *body = &draft->bodies.items[function];
    uint64_t hash = jr_hash_word(0, word);
    size_t probe = 0;
    while ((*index = jr_index_map_next(&body->constant_map, hash, &probe)) != JR_NONE)
        if (body->constants.items[*index] == word)
            return JR_OK;
    *index = 0;
    if (body->constants.count >= JR_MOST_ENTRIES)
        return JR_ERR_LIMIT;
    JR_TRY(JR_VEC_RESERVE(draft->alloc, &body->constants, 1));
    JR_TRY(jr_index_map_add(draft->alloc, &body->constant_map, hash, (uint32_t)body->constants.count));
    *index = (uint32_t)body->constants.count;
    JR_TRY(JR_VEC_PUSH(draft->alloc, &body->constants, word));
done:
    return status;
}

bool jr_place_same(struct jr_place a, struct jr_place b)
{
    return a.file == b.file && a.start == b.start && a.end == b.end && a.line == b.line &&
           a.column == b.column;
}

enum jr_status jr_draft_span(struct jr_draft *draft, uint32_t function, uint32_t pc, struct jr_place place)
{
    struct jr_draft_body *body = &draft->bodies.items[function];
    if (body->spans.count != 0) {
        struct jr_span_entry *last = &body->spans.items[body->spans.count - 1];
        if (jr_place_same(last->place, place))
            return JR_OK;
        if (last->pc == pc) { /* nothing stood at the old place */
            last->place = place;
            return JR_OK;
        }
    }
    return JR_VEC_PUSH(draft->alloc, &body->spans, (struct jr_span_entry){ pc, place });
}

uint64_t jr_layout_hash(const struct jr_word_type *words, uint32_t word_count)
{
    uint64_t hash = jr_hash_word(1, word_count);
    for (uint32_t i = 0; i < word_count; i++)
        hash = jr_hash_word(hash, (uint64_t)words[i].kind << 32 | words[i].arg);
    return hash;
}

bool jr_layout_same(const struct jr_layout *layout, const struct jr_word_type *words, uint32_t word_count)
{
    if (layout->word_count != word_count)
        return false;
    for (uint32_t i = 0; i < word_count; i++)
        if (layout->words[i].kind != words[i].kind || layout->words[i].arg != words[i].arg)
            return false;
    return true;
}

static uint32_t words_of(const struct jr_module *module, uint32_t layout)
{
    return layout < module->layout_count ? module->layouts[layout].word_count : 0;
}

static void derive_layouts(struct jr_module *module)
{
    for (uint32_t i = 0; i < module->layout_count; i++) {
        struct jr_layout *layout = &module->layouts[i];
        layout->has_refs = 0;
        for (uint32_t w = 0; w < layout->word_count; w++)
            if (layout->words[w].kind != JR_WORD_RAW)
                layout->has_refs = 1;
    }
    for (uint32_t i = 0; i < module->sum_count; i++) {
        struct jr_sum *sum = &module->sums[i];
        sum->word_count = 1;
        for (uint32_t v = 0; v < sum->variant_count; v++) {
            uint32_t words = 1 + words_of(module, sum->variant_layouts[v]);
            if (sum->word_count < words)
                sum->word_count = words;
        }
    }
}

static struct jr_signature signature_of(const struct jr_module *module, uint32_t index)
{
    return index < module->signature_count ? module->signatures[index]
                                           : (struct jr_signature){ JR_NONE, JR_NONE };
}

/* Globals lie one behind the other. */
static void derive_globals(struct jr_module *module)
{
    uint64_t offset = 0;
    for (uint32_t i = 0; i < module->global_count; i++) {
        module->globals[i].offset = (uint32_t)offset;
        offset += words_of(module, module->globals[i].layout);
    }
    /* More than 2^24 entries of 65535 words do not come about; what is too large for the verifier stays too large. */
    module->global_words = offset < JR_NONE ? (uint32_t)offset : JR_NONE;
}

void jr_module_derive(struct jr_module *module)
{
    derive_layouts(module);
    derive_globals(module);
    for (uint32_t i = 0; i < module->function_count; i++) {
        struct jr_function *function = &module->functions[i];
        struct jr_signature signature = signature_of(module, function->signature);
        function->param_words = words_of(module, signature.param_layout);
        function->result_words = words_of(module, signature.result_layout);
        function->capture_words = words_of(module, function->capture_layout);
    }
    module->input_channels = module->output_channels = 0;
    if (module->dsp < module->function_count) {
        module->input_channels = module->functions[module->dsp].param_words;
        module->output_channels = module->functions[module->dsp].result_words;
    }
}

/* Where tables are moved to; after the first failure nothing happens any more. */
struct closing {
    struct jr_arena *arena;
    bool failed;
};

static void *moved(struct closing *closing, const void *items, size_t count, size_t item_size,
                   uint32_t *out_count)
{
    void *copy = closing->failed ? NULL : jr_arena_copy(closing->arena, items, count * item_size);
    closing->failed = copy == NULL;
    *out_count = copy == NULL ? 0 : (uint32_t)count;
    return copy;
}

/* The items of a vector, copied into the arena. */
#define MOVED(closing, vec, out_count) \
    moved((closing), (vec).items, (vec).count, sizeof *(vec).items, (out_count))

static void close_body(struct closing *closing, const struct jr_draft_body *body,
                       struct jr_function *function)
{
    function->code = MOVED(closing, body->code, &function->code_count);
    function->constants = MOVED(closing, body->constants, &function->constant_count);
    function->spans = MOVED(closing, body->spans, &function->span_count);
    function->tables = MOVED(closing, body->tables, &function->table_count);
    function->sites = MOVED(closing, body->sites, &function->site_count);
}

static enum jr_status close_tables(struct jr_draft *draft)
{
    struct jr_module *module = draft->module;
    struct closing closing = { module->arena, false };
    module->files = MOVED(&closing, draft->files, &module->file_count);
    module->layouts = MOVED(&closing, draft->layouts, &module->layout_count);
    module->sums = MOVED(&closing, draft->sums, &module->sum_count);
    module->signatures = MOVED(&closing, draft->signatures, &module->signature_count);
    module->strings = MOVED(&closing, draft->strings, &module->string_count);
    module->string_sizes = MOVED(&closing, draft->string_sizes, &module->string_count);
    module->globals = MOVED(&closing, draft->globals, &module->global_count);
    module->imports = MOVED(&closing, draft->imports, &module->import_count);
    module->functions = MOVED(&closing, draft->functions, &module->function_count);
    for (uint32_t i = 0; i < module->function_count; i++)
        close_body(&closing, &draft->bodies.items[i], &module->functions[i]);
    return closing.failed ? JR_ERR_NO_MEMORY : JR_OK;
}

enum jr_status jr_draft_close(struct jr_draft *draft, struct jr_module **out)
{
    *out = NULL;
    enum jr_status status = close_tables(draft);
    if (status == JR_OK) {
        jr_module_derive(draft->module);
        *out = draft->module;
        draft->module = NULL;
    }
    jr_draft_fini(draft);
    return status;
}
