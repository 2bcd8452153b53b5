/* intern.c -- an open-addressed hash table of texts. */
#include "frontend/intern.h"

#include <stdbool.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/assert.h"
#include "ir/base/vec.h"

struct symbol_text {
    const char *text;
    size_t length;
    uint32_t hash;
    jr_symbol base; /* of a fresh symbol; else JR_SYMBOL_NONE */
};

struct jr_symbols {
    const struct jr_alloc *alloc;
    struct jr_arena arena; /* texts */
    JR_VEC(struct symbol_text) texts;
    jr_symbol *slots; /* slot_count is a power of two, at most half of them used */
    uint32_t slot_count, used_count;
};

enum jr_status jr_symbols_create(const struct jr_alloc *alloc, struct jr_symbols **out)
{
    struct jr_symbols *symbols = jr_alloc_new(alloc, sizeof *symbols);
    *out = symbols;
    if (symbols == NULL)
        return JR_ERR_NO_MEMORY;
    symbols->alloc = alloc;
    jr_arena_init(&symbols->arena, alloc);
    return JR_OK;
}

void jr_symbols_destroy(struct jr_symbols *symbols)
{
    if (symbols == NULL)
        return;
    jr_alloc_free(symbols->alloc, symbols->slots, symbols->slot_count * sizeof *symbols->slots);
    JR_VEC_FREE(symbols->alloc, &symbols->texts);
    jr_arena_fini(&symbols->arena);
    jr_alloc_free(symbols->alloc, symbols, sizeof *symbols);
}

/* FNV-1a, 32 bits. */
static uint32_t hash_of(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* The slot that holds the text, or the free one where it belongs.  There is always a free slot. */
static jr_symbol *slot_of(const struct jr_symbols *symbols, const char *text, size_t length, uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        jr_symbol *slot = &symbols->slots[i & (symbols->slot_count - 1)];
        if (*slot == JR_SYMBOL_NONE)
            return slot;
        const struct symbol_text *other = &symbols->texts.items[*slot - 1];
        if (other->hash == hash && other->length == length && memcmp(other->text, text, length) == 0)
            return slot;
    }
}

static bool grow(struct jr_symbols *symbols)
{
    uint32_t count = symbols->slot_count == 0 ? 256 : symbols->slot_count * 2;
    jr_symbol *slots = count > UINT32_MAX / 4 ? NULL : jr_alloc_array(symbols->alloc, count, sizeof *slots);
    if (slots == NULL)
        return false;
    jr_alloc_free(symbols->alloc, symbols->slots, symbols->slot_count * sizeof *symbols->slots);
    symbols->slots = slots;
    symbols->slot_count = count;
    for (size_t i = 0; i < symbols->texts.count; i++) {
        const struct symbol_text *known = &symbols->texts.items[i];
        if (known->base != JR_SYMBOL_NONE)
            continue;
        *slot_of(symbols, known->text, known->length, known->hash) = (jr_symbol)(i + 1);
    }
    return true;
}

enum jr_status jr_symbols_intern(struct jr_symbols *symbols, const char *text, size_t length, jr_symbol *out)
{
    *out = JR_SYMBOL_NONE;
    if (symbols->used_count >= symbols->slot_count / 2 && !grow(symbols))
        return JR_ERR_NO_MEMORY;
    struct symbol_text fresh = { .length = length, .hash = hash_of(text, length) };
    jr_symbol *slot = slot_of(symbols, text, length, fresh.hash);
    if (*slot == JR_SYMBOL_NONE) {
        fresh.text = jr_arena_text(&symbols->arena, text, length);
        if (fresh.text == NULL || JR_VEC_PUSH(symbols->alloc, &symbols->texts, fresh) != JR_OK)
            return JR_ERR_NO_MEMORY;
        *slot = (jr_symbol)symbols->texts.count;
        symbols->used_count++;
    }
    *out = *slot;
    return JR_OK;
}

jr_symbol jr_symbols_find(const struct jr_symbols *symbols, const char *text, size_t length)
{
    return symbols->slot_count == 0 ? JR_SYMBOL_NONE : *slot_of(symbols, text, length, hash_of(text, length));
}

static const struct symbol_text *text_of(const struct jr_symbols *symbols, jr_symbol symbol)
{
    static const struct symbol_text none = { "", 0, 0, JR_SYMBOL_NONE };
    JR_ASSERT(symbol <= symbols->texts.count, "symbols come from this table");
    return symbol == JR_SYMBOL_NONE ? &none : &symbols->texts.items[symbol - 1];
}

jr_symbol jr_symbols_base(const struct jr_symbols *symbols, jr_symbol symbol)
{
    jr_symbol base = text_of(symbols, symbol)->base;
    return base != JR_SYMBOL_NONE ? base : symbol;
}

enum jr_status jr_symbols_fresh(struct jr_symbols *symbols, jr_symbol base, const char *text, jr_symbol *out)
{
    struct symbol_text fresh = *text_of(symbols, base);
    JR_ASSERT(base != JR_SYMBOL_NONE, "a fresh symbol stands for some name");
    *out = JR_SYMBOL_NONE;
    fresh.base = jr_symbols_base(symbols, base);
    if (text != NULL) {
        fresh.length = strlen(text);
        fresh.text = jr_arena_text(&symbols->arena, text, fresh.length);
    }
    if (fresh.text == NULL || JR_VEC_PUSH(symbols->alloc, &symbols->texts, fresh) != JR_OK)
        return JR_ERR_NO_MEMORY;
    *out = (jr_symbol)symbols->texts.count;
    return JR_OK;
}

const char *jr_symbols_text(const struct jr_symbols *symbols, jr_symbol symbol)
{
    return text_of(symbols, symbol)->text;
}

size_t jr_symbols_length(const struct jr_symbols *symbols, jr_symbol symbol)
{
    return text_of(symbols, symbol)->length;
}

uint32_t jr_symbols_end(const struct jr_symbols *symbols)
{
    return (uint32_t)symbols->texts.count + 1;
}
