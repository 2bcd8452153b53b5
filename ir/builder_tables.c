/* builder_tables.c -- files, strings, layouts, sums, signatures, globals and imports; equal content has one index. */
#include <string.h>

#include "ir/base/hash.h"
#include "ir/builder_internal.h"

/* ---- texts ---- */

uint32_t jr_builder_file(struct jr_builder *b, const char *path)
{
    if (b->status != JR_OK)
        return 0;
    enum jr_status status = JR_ERR_LIMIT;
    uint64_t hash = jr_hash_bytes(0, path, strlen(path));
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&b->file_map, hash, &probe)) != JR_NONE)
        if (strcmp(b->draft.files.items[index], path) == 0)
            return index;
    index = (uint32_t)b->draft.files.count;
    if (index >= JR_MOST_ENTRIES)
        goto done;
    const char *text = jr_draft_text(&b->draft, path, strlen(path));
    JR_TRY(text == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(jr_index_map_add(b->alloc, &b->file_map, hash, index));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->draft.files, text));
    return index;
done:
    jr_builder_note(b, status, JR_NONE, "too many files");
    return 0;
}

uint32_t jr_builder_string(struct jr_builder *b, const char *bytes, size_t size)
{
    if (b->status != JR_OK)
        return 0;
    enum jr_status status;
    uint64_t hash = jr_hash_bytes(0, bytes, size);
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&b->string_map, hash, &probe)) != JR_NONE)
        if (b->draft.string_sizes.items[index] == size &&
            memcmp(b->draft.strings.items[index], bytes, size) == 0)
            return index;
    index = (uint32_t)b->draft.strings.count;
    JR_TRY(jr_index_map_add(b->alloc, &b->string_map, hash, index));
    JR_TRY(jr_draft_string(&b->draft, bytes, size));
    return index;
done:
    jr_builder_note(b, status, JR_NONE, "too many strings, or one of more than 4 GiB");
    return 0;
}

/* ---- layouts ---- */

static bool words_ok(struct jr_builder *b, const struct jr_word_type *words, uint32_t word_count)
{
    for (uint32_t i = 0; i < word_count; i++) {
        size_t count = 0;
        switch (words[i].kind) {
        case JR_WORD_RAW:
        case JR_WORD_STRING:
            count = 1; /* nothing to refer to: 0 */
            break;
        case JR_WORD_CLOSURE:
            count = b->draft.signatures.count;
            break;
        case JR_WORD_ARRAY:
        case JR_WORD_BOX:
        case JR_WORD_CELL:
            count = b->draft.layouts.count;
            break;
        case JR_WORD_SUM:
        case JR_WORD_SUM_TAIL:
            count = b->draft.sums.count;
            break;
        }
        if (words[i].arg >= count) {
            jr_builder_fail(b, JR_ERR_INVALID, JR_NONE,
                            "word %u of a layout refers to a type that does not exist", i);
            return false;
        }
    }
    return true;
}

/* Appends a layout without content. */
static uint32_t add_layout(struct jr_builder *b, bool defined)
{
    enum jr_status status = JR_ERR_LIMIT;
    if (b->draft.layouts.count >= JR_MOST_ENTRIES)
        goto done;
    JR_TRY(JR_VEC_RESERVE(b->alloc, &b->layout_defined, 1));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->draft.layouts, (struct jr_layout){ 0 }));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->layout_defined, defined));
    return (uint32_t)b->draft.layouts.count - 1;
done:
    jr_builder_note(b, status, JR_NONE, "too many layouts");
    return 0;
}

static enum jr_status fill_layout(struct jr_builder *b, uint32_t layout, const struct jr_word_type *words,
                                  uint32_t word_count)
{
    struct jr_layout *target = &b->draft.layouts.items[layout];
    enum jr_status status = jr_draft_layout_words(&b->draft, target, words, word_count);
    for (uint32_t i = 0; i < word_count && status == JR_OK; i++)
        if (words[i].kind != JR_WORD_RAW)
            target->has_refs = 1;
    return status;
}

static const char too_wide[] = "a value has more than 65535 words, or all layouts together are too large";

uint32_t jr_builder_layout(struct jr_builder *b, const struct jr_word_type *words, uint32_t word_count)
{
    if (b->status != JR_OK || !words_ok(b, words, word_count))
        return 0;
    enum jr_status status;
    uint64_t hash = jr_layout_hash(words, word_count);
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&b->layout_map, hash, &probe)) != JR_NONE)
        if (jr_layout_same(&b->draft.layouts.items[index], words, word_count))
            return index;
    index = add_layout(b, true);
    if (b->status != JR_OK)
        return 0;
    JR_TRY(fill_layout(b, index, words, word_count));
    JR_TRY(jr_index_map_add(b->alloc, &b->layout_map, hash, index));
    return index;
done:
    jr_builder_note(b, status, JR_NONE, too_wide);
    return 0;
}

uint32_t jr_builder_layout_raw(struct jr_builder *b, uint32_t word_count)
{
    if (b->status != JR_OK)
        return 0;
    if (word_count > JR_MOST_VALUE_WORDS) {
        jr_builder_fail(b, JR_ERR_LIMIT, JR_NONE, too_wide);
        return 0;
    }
    /* A zeroed word type is RAW. */
    _Static_assert(JR_WORD_RAW == 0, "zeroed words are raw");
    struct jr_word_type few[16] = { { JR_WORD_RAW, 0 } };
    if (word_count <= sizeof few / sizeof few[0])
        return jr_builder_layout(b, few, word_count);
    struct jr_word_type *words = jr_alloc_array(b->alloc, word_count, sizeof *words);
    if (words == NULL) {
        jr_builder_note(b, JR_ERR_NO_MEMORY, JR_NONE, "");
        return 0;
    }
    uint32_t index = jr_builder_layout(b, words, word_count);
    jr_alloc_free(b->alloc, words, word_count * sizeof *words);
    return index;
}

uint32_t jr_builder_layout_declare(struct jr_builder *b)
{
    return b->status == JR_OK ? add_layout(b, false) : 0;
}

void jr_builder_layout_define(struct jr_builder *b, uint32_t layout, const struct jr_word_type *words,
                              uint32_t word_count)
{
    if (b->status != JR_OK || !words_ok(b, words, word_count))
        return;
    if (layout >= b->layout_defined.count || b->layout_defined.items[layout]) {
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "layout %u is not one that waits for its definition",
                        layout);
        return;
    }
    b->layout_defined.items[layout] = true;
    jr_builder_note(b, fill_layout(b, layout, words, word_count), JR_NONE, too_wide);
}

const struct jr_layout *jr_builder_get_layout(const struct jr_builder *b, uint32_t layout)
{
    static const struct jr_layout none = { 0, 0, NULL }; /* after a failure there may be no layout 0 */
    return layout < b->draft.layouts.count ? &b->draft.layouts.items[layout] : &none;
}

/* ---- sums and signatures ---- */

uint32_t jr_builder_sum_declare(struct jr_builder *b, const char *name)
{
    if (b->status != JR_OK)
        return 0;
    enum jr_status status = JR_ERR_LIMIT;
    if (b->draft.sums.count >= JR_MOST_ENTRIES)
        goto done;
    struct jr_sum sum = { .name = jr_draft_text(&b->draft, name, strlen(name)), .word_count = 1 };
    JR_TRY(sum.name == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(JR_VEC_RESERVE(b->alloc, &b->sum_defined, 1));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->draft.sums, sum));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->sum_defined, false));
    return (uint32_t)b->draft.sums.count - 1;
done:
    jr_builder_note(b, status, JR_NONE, "too many sums");
    return 0;
}

void jr_builder_sum_define(struct jr_builder *b, uint32_t sum, const uint32_t *variant_layouts,
                           const char *const *variant_names, uint32_t variant_count)
{
    if (b->status != JR_OK)
        return;
    if (sum >= b->sum_defined.count || b->sum_defined.items[sum] || variant_count > JR_MOST_ENTRIES) {
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE,
                        "sum %u does not wait for its definition, or has too many variants", sum);
        return;
    }
    struct jr_arena *arena = b->draft.module->arena;
    struct jr_sum *target = &b->draft.sums.items[sum];
    enum jr_status status;
    target->variant_layouts = jr_arena_copy(arena, variant_layouts, variant_count * sizeof *variant_layouts);
    JR_TRY(target->variant_layouts == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    if (variant_names != NULL) {
        target->variant_names = JR_ARENA_ARRAY(arena, const char *, variant_count);
        JR_TRY(target->variant_names == NULL ? JR_ERR_NO_MEMORY : JR_OK);
        for (uint32_t i = 0; i < variant_count; i++) {
            target->variant_names[i] = jr_draft_text(&b->draft, variant_names[i], strlen(variant_names[i]));
            JR_TRY(target->variant_names[i] == NULL ? JR_ERR_NO_MEMORY : JR_OK);
        }
    }
    target->variant_count = variant_count;
    b->sum_defined.items[sum] = true;
done:
    jr_builder_note(b, status, JR_NONE, "");
}

uint32_t jr_builder_signature(struct jr_builder *b, uint32_t param_layout, uint32_t result_layout)
{
    if (b->status != JR_OK)
        return 0;
    if (param_layout >= b->draft.layouts.count || result_layout >= b->draft.layouts.count) {
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "a signature refers to a layout that does not exist");
        return 0;
    }
    enum jr_status status = JR_ERR_LIMIT;
    uint64_t hash = jr_hash_word(0, (uint64_t)param_layout << 32 | result_layout);
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&b->signature_map, hash, &probe)) != JR_NONE) {
        const struct jr_signature *known = &b->draft.signatures.items[index];
        if (known->param_layout == param_layout && known->result_layout == result_layout)
            return index;
    }
    index = (uint32_t)b->draft.signatures.count;
    if (index >= JR_MOST_ENTRIES)
        goto done;
    JR_TRY(jr_index_map_add(b->alloc, &b->signature_map, hash, index));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->draft.signatures, (struct jr_signature){ param_layout, result_layout }));
    return index;
done:
    jr_builder_note(b, status, JR_NONE, "too many signatures");
    return 0;
}

/* ---- what joins the program to the host and to itself ---- */

uint32_t jr_builder_import(struct jr_builder *b, const char *name, uint32_t signature)
{
    if (b->status != JR_OK)
        return 0;
    if (signature >= b->draft.signatures.count) {
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "%s: there is no signature %u", name, signature);
        return 0;
    }
    enum jr_status status = JR_ERR_LIMIT;
    uint64_t hash = jr_hash_bytes(signature, name, strlen(name));
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&b->import_map, hash, &probe)) != JR_NONE) {
        const struct jr_import *known = &b->draft.imports.items[index];
        if (known->signature == signature && strcmp(known->name, name) == 0)
            return index;
    }
    index = (uint32_t)b->draft.imports.count;
    if (index >= JR_MOST_ENTRIES)
        goto done;
    struct jr_import import = { jr_draft_text(&b->draft, name, strlen(name)), signature };
    JR_TRY(import.name == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(jr_index_map_add(b->alloc, &b->import_map, hash, index));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->draft.imports, import));
    return index;
done:
    jr_builder_note(b, status, JR_NONE, "too many imports");
    return 0;
}

uint32_t jr_builder_global(struct jr_builder *b, const char *name, uint32_t layout, struct jr_place place)
{
    if (b->status != JR_OK)
        return 0;
    if (layout >= b->layout_defined.count || !b->layout_defined.items[layout]) {
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "global %s: its layout is not defined", name);
        return 0;
    }
    struct jr_module *module = b->draft.module;
    uint32_t word_count = b->draft.layouts.items[layout].word_count;
    struct jr_global global = { .offset = module->global_words, .layout = layout, .place = place };
    enum jr_status status = JR_ERR_LIMIT;
    if (word_count > JR_MOST_GLOBAL_WORDS - module->global_words || b->draft.globals.count >= JR_MOST_ENTRIES)
        goto done;
    global.name = jr_draft_text(&b->draft, name, strlen(name));
    JR_TRY(global.name == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->draft.globals, global));
    module->global_words += word_count;
    return (uint32_t)b->draft.globals.count - 1;
done:
    jr_builder_note(b, status, JR_NONE, "the globals need too many words");
    return 0;
}

uint32_t jr_builder_global_offset(const struct jr_builder *b, uint32_t global)
{
    return global < b->draft.globals.count ? b->draft.globals.items[global].offset : 0;
}

void jr_builder_global_assigned(struct jr_builder *b, uint32_t global)
{
    if (b->status != JR_OK)
        return;
    if (global < b->draft.globals.count)
        b->draft.globals.items[global].assigned = true;
    else
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "there is no global %u", global);
}

void jr_builder_set_entry(struct jr_builder *b, uint32_t init, uint32_t dsp)
{
    if (b->status != JR_OK)
        return;
    b->draft.module->init = init;
    b->draft.module->dsp = dsp;
}
