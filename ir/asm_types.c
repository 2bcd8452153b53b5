/* asm_types.c -- what declarations and code both use: symbols, numbers, texts, types and places. */
#include <math.h>
#include <string.h>

#include "ir/asm_internal.h"
#include "ir/base/hash.h"
#include "ir/base/number.h"

enum { MOST_NESTED_TYPES = 64 };

/* ---- symbols ---- */

uint32_t jr_asm_symbols_find(const struct jr_asm_symbols *symbols, const char *text, uint32_t length)
{
    uint64_t hash = jr_hash_bytes(0, text, length);
    size_t probe = 0;
    uint32_t at;
    while ((at = jr_index_map_next(&symbols->map, hash, &probe)) != JR_NONE) {
        const struct jr_asm_symbol *symbol = &symbols->items.items[at];
        if (symbol->length == length && memcmp(symbol->text, text, length) == 0)
            return symbol->index;
    }
    return JR_NONE;
}

enum jr_status jr_asm_symbols_add(const struct jr_alloc *alloc, struct jr_asm_symbols *symbols, const char *text,
                              uint32_t length, uint32_t index)
{
    enum jr_status status;
    struct jr_asm_symbol symbol = { text, length, index };
    JR_TRY(JR_VEC_RESERVE(alloc, &symbols->items, 1));
    JR_TRY(jr_index_map_add(alloc, &symbols->map, jr_hash_bytes(0, text, length),
                            (uint32_t)symbols->items.count));
    JR_TRY(JR_VEC_PUSH(alloc, &symbols->items, symbol));
done:
    return status;
}

void jr_asm_symbols_fini(const struct jr_alloc *alloc, struct jr_asm_symbols *symbols)
{
    jr_index_map_fini(alloc, &symbols->map);
    JR_VEC_FREE(alloc, &symbols->items);
}

static uint32_t table_size(const struct jr_asm *a, enum jr_decl_kind kind)
{
    switch (kind) {
    case JR_DECL_LAYOUT:
        return (uint32_t)a->draft.layouts.count;
    case JR_DECL_SUM:
        return (uint32_t)a->draft.sums.count;
    case JR_DECL_SIG:
        return (uint32_t)a->draft.signatures.count;
    case JR_DECL_STRING:
        return (uint32_t)a->draft.strings.count;
    case JR_DECL_GLOBAL:
        return (uint32_t)a->draft.globals.count;
    case JR_DECL_IMPORT:
        return (uint32_t)a->draft.imports.count;
    case JR_DECL_FUNC:
        return (uint32_t)a->draft.functions.count;
    case JR_DECL_MODULE:
    case JR_DECL_FILE:
    case JR_DECL_ENTRY:
    case JR_DECL_KIND_COUNT:
        break;
    }
    return 0;
}

bool jr_asm_reference(struct jr_asm *a, enum jr_decl_kind kind, uint32_t *index)
{
    static const char *const what[JR_DECL_KIND_COUNT] = {
        [JR_DECL_LAYOUT] = "layout", [JR_DECL_SUM] = "sum",       [JR_DECL_SIG] = "signature",
        [JR_DECL_STRING] = "string", [JR_DECL_GLOBAL] = "global", [JR_DECL_IMPORT] = "import",
        [JR_DECL_FUNC] = "function",
    };
    if (jr_asm_accept(a, '#')) /* by number; it may lead nowhere, then the verifier says so */
        return jr_asm_unsigned(a, JR_NONE - 1, index);
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_NAME)
        return jr_asm_error(a, token, "the name of a %s is missing here", what[kind]);
    *index = jr_asm_symbols_find(&a->symbols[kind], a->text + token->start, token->length);
    if (*index == JR_NONE || *index >= table_size(a, kind))
        return jr_asm_error(a, token, "there is no %s %.*s", what[kind], JR_ASM_SHOW(a, token));
    a->at++;
    return true;
}

/* ---- numbers ---- */

/* The digits of an integer token, as a magnitude.  False if it does not fit 64 bits. */
static bool magnitude(const struct jr_asm *a, const struct jr_token *token, bool *negative, uint64_t *out)
{
    const char *text = a->text + token->start;
    uint32_t i = token->kind == JR_TOKEN_HEX ? 2 : text[0] == '-' || text[0] == '+';
    uint64_t base = token->kind == JR_TOKEN_HEX ? 16 : 10, value = 0;
    *negative = text[0] == '-';
    if (i == token->length)
        return false; /* 0x alone */
    for (; i < token->length; i++) {
        char c = text[i];
        uint64_t digit = c <= '9' ? (uint64_t)(c - '0') : (uint64_t)((c | 0x20) - 'a') + 10;
        if (value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return true;
}

bool jr_asm_signed(struct jr_asm *a, int64_t least, int64_t most, int64_t *out)
{
    const struct jr_token *token = jr_asm_peek(a);
    bool negative;
    uint64_t size;
    if (token->kind != JR_TOKEN_INTEGER)
        return jr_asm_error(a, token, "an integer is missing here");
    bool fits = magnitude(a, token, &negative, &size);
    if (fits && negative)
        fits = size <= (uint64_t)1 << 63;
    else if (fits)
        fits = size <= INT64_MAX;
    int64_t value = fits ? (int64_t)(negative ? 0 - size : size) : 0;
    if (!fits || value < least || value > most)
        return jr_asm_error(a, token, "%.*s does not fit: %lld to %lld", JR_ASM_SHOW(a, token),
                            (long long)least, (long long)most);
    *out = value;
    a->at++;
    return true;
}

bool jr_asm_unsigned(struct jr_asm *a, uint32_t most, uint32_t *out)
{
    int64_t value;
    if (!jr_asm_signed(a, 0, most, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

bool jr_asm_constant(struct jr_asm *a, uint64_t *word)
{
    const struct jr_token *token = jr_asm_peek(a);
    const char *text = a->text + token->start;
    bool negative = text[0] == '-', sign = negative || text[0] == '+';
    int64_t integer;
    if (token->kind == JR_TOKEN_INTEGER) {
        if (!jr_asm_signed(a, INT64_MIN, INT64_MAX, &integer))
            return false;
        *word = (uint64_t)integer;
        return true;
    }
    if (token->kind == JR_TOKEN_HEX) {
        if (!magnitude(a, token, &negative, word))
            return jr_asm_error(a, token, "%.*s does not fit 64 bits", JR_ASM_SHOW(a, token));
    } else if (jr_asm_same(a, token, "inf") || jr_asm_same(a, token, "-inf") ||
               jr_asm_same(a, token, "+inf")) {
        *word = bits_of(INFINITY);
    } else if (jr_asm_same(a, token, "nan") || jr_asm_same(a, token, "-nan") ||
               jr_asm_same(a, token, "+nan")) {
        *word = 0x7ff8000000000000u;
    } else if (token->kind == JR_TOKEN_FLOAT) {
        *word = bits_of(jr_number_parse(text + sign, token->length - sign));
    } else {
        return jr_asm_error(a, token, "a number is missing here");
    }
    if (negative && token->kind != JR_TOKEN_HEX)
        *word |= (uint64_t)1 << 63;
    a->at++;
    return true;
}

/* ---- texts ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character behind a backslash at text[*i]; moves *i behind it.  -1: there is no such escape. */
static int escape(const char *text, uint32_t end, uint32_t *i)
{
    char c = text[(*i)++];
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case '"':
    case '\\':
        return c;
    case 'x': {
        if (end - *i < 2)
            return -1;
        int high = hex_value(text[*i]), low = hex_value(text[*i + 1]);
        *i += 2;
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
    default:
        return -1;
    }
}

bool jr_asm_text(struct jr_asm *a, bool names, const char **out, uint32_t *size)
{
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_STRING)
        return jr_asm_error(a, token, "a text in quotes is missing here");
    /* The text is never longer than its spelling. */
    char *copy = jr_arena_alloc(a->draft.module->arena, token->length);
    if (copy == NULL)
        return jr_asm_ok(a, token, JR_ERR_NO_MEMORY);
    const char *text = a->text;
    uint32_t length = 0, end = token->start + token->length - 1;
    for (uint32_t i = token->start + 1; i < end;) {
        int c = (unsigned char)text[i++];
        if (c == '\\')
            c = escape(text, end, &i);
        if (c < 0)
            return jr_asm_error(a, token,
                                "a backslash goes before n, t, x and two digits, \" or another backslash");
        if (c == 0 && names)
            return jr_asm_error(a, token, "a name cannot hold a zero byte");
        copy[length++] = (char)c;
    }
    *out = copy; /* the two quotes leave room for the NUL, which is there */
    *size = length;
    a->at++;
    return true;
}

bool jr_asm_string_add(struct jr_asm *a, uint32_t index)
{
    uint64_t hash = jr_hash_bytes(0, a->draft.strings.items[index], a->draft.string_sizes.items[index]);
    return jr_asm_ok(a, jr_asm_peek(a), jr_index_map_add(a->alloc, &a->string_map, hash, index));
}

bool jr_asm_string(struct jr_asm *a, uint32_t *index)
{
    const struct jr_token *token = jr_asm_peek(a);
    const char *text;
    uint32_t size;
    if (token->kind != JR_TOKEN_STRING)
        return jr_asm_reference(a, JR_DECL_STRING, index);
    if (!jr_asm_text(a, false, &text, &size))
        return false;
    uint64_t hash = jr_hash_bytes(0, text, size);
    size_t probe = 0;
    while ((*index = jr_index_map_next(&a->string_map, hash, &probe)) != JR_NONE)
        if (a->draft.string_sizes.items[*index] == size &&
            memcmp(a->draft.strings.items[*index], text, size) == 0)
            return true;
    *index = (uint32_t)a->draft.strings.count;
    return jr_asm_ok(a, token, jr_draft_string(&a->draft, text, size)) && jr_asm_string_add(a, *index);
}

/* ---- types ---- */

static uint32_t find_layout(const struct jr_asm *a, const struct jr_word_type *words, uint32_t word_count)
{
    uint64_t hash = jr_layout_hash(words, word_count);
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&a->layout_map, hash, &probe)) != JR_NONE)
        if (jr_layout_same(&a->draft.layouts.items[index], words, word_count))
            break;
    return index;
}

bool jr_asm_layout_add(struct jr_asm *a, uint32_t index)
{
    const struct jr_layout *layout = &a->draft.layouts.items[index];
    if (find_layout(a, layout->words, layout->word_count) != JR_NONE)
        return true; /* the first of equal ones is found */
    uint64_t hash = jr_layout_hash(layout->words, layout->word_count);
    return jr_asm_ok(a, jr_asm_peek(a), jr_index_map_add(a->alloc, &a->layout_map, hash, index));
}

bool jr_asm_layout_of(struct jr_asm *a, const struct jr_layout *content, uint32_t *index)
{
    const struct jr_token *token = jr_asm_peek(a);
    *index = find_layout(a, content->words, content->word_count);
    if (*index != JR_NONE)
        return true;
    if (a->draft.layouts.count >= JR_MOST_ENTRIES)
        return jr_asm_ok(a, token, JR_ERR_LIMIT);
    *index = (uint32_t)a->draft.layouts.count;
    return jr_asm_ok(a, token, JR_VEC_PUSH(a->alloc, &a->draft.layouts, *content)) &&
           jr_asm_layout_add(a, *index);
}

static bool is_class(const struct jr_asm *a, const struct jr_token *token)
{
    static const char *const classes[] = {
        "raw", "string", "closure", "array", "box", "cell", "sum", "tail"
    };
    for (unsigned i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (token->kind == JR_TOKEN_NAME && jr_asm_same(a, token, classes[i]))
            return true;
    return false;
}

/* Between round brackets of a simple layout only a name stands, so no other type has to be made for it. */
static bool is_simple(const struct jr_asm *a)
{
    const struct jr_token *token = jr_asm_peek(a);
    bool reference = token->kind == JR_TOKEN_NAME ? !is_class(a, token)
                                                  : token->kind == JR_TOKEN_MARK && token->mark == '#';
    size_t behind = a->at + (token->kind == JR_TOKEN_NAME ? 1 : 2);
    if (!reference || behind >= a->tokens.count)
        return false;
    return a->tokens.items[behind].kind == JR_TOKEN_MARK && a->tokens.items[behind].mark == ')';
}

static bool word_argument(struct jr_asm *a, bool simple, struct jr_word_type *word, bool *gave_up)
{
    bool is_sum = word->kind == JR_WORD_SUM || word->kind == JR_WORD_SUM_TAIL;
    if (!jr_asm_expect(a, '('))
        return false;
    if (simple && !is_sum && !is_simple(a)) {
        *gave_up = true;
        return false;
    }
    bool good = is_sum                          ? jr_asm_reference(a, JR_DECL_SUM, &word->arg)
                : word->kind == JR_WORD_CLOSURE ? jr_asm_signature(a, &word->arg)
                                                : jr_asm_inner(a, &word->arg);
    return good && jr_asm_expect(a, ')');
}

/* One word class with its argument. */
static bool word_type(struct jr_asm *a, bool simple, struct jr_word_type *word, bool *gave_up)
{
    static const struct {
        const char *text;
        enum jr_word_class kind;
        bool argument;
    } classes[] = {
        { "raw", JR_WORD_RAW, false },        { "string", JR_WORD_STRING, false },
        { "closure", JR_WORD_CLOSURE, true }, { "array", JR_WORD_ARRAY, true },
        { "box", JR_WORD_BOX, true },         { "cell", JR_WORD_CELL, true },
        { "sum", JR_WORD_SUM, true },         { "tail", JR_WORD_SUM_TAIL, true },
    };
    for (unsigned i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (!jr_asm_accept_word(a, classes[i].text))
            continue;
        *word = (struct jr_word_type){ classes[i].kind, 0 };
        return !classes[i].argument || word_argument(a, simple, word, gave_up);
    }
    const struct jr_token *token = jr_asm_peek(a);
    return jr_asm_error(a, token, "%.*s is no word class: raw string closure array box cell sum tail",
                        JR_ASM_SHOW(a, token));
}

/* word or word*count, until the line or the brackets end. */
bool jr_asm_words(struct jr_asm *a, bool simple, struct jr_layout *out, bool *gave_up)
{
    JR_VEC(struct jr_word_type) words = { 0 };
    const struct jr_token *first = jr_asm_peek(a);
    bool good = a->depth < MOST_NESTED_TYPES || jr_asm_error(a, first, "types are nested too deep");
    *gave_up = false;
    a->depth++;
    while (good && !jr_asm_at_line_end(a) && !jr_asm_is_mark(a, ')')) {
        struct jr_word_type word;
        uint32_t count = 1;
        good = word_type(a, simple, &word, gave_up) &&
               (!jr_asm_accept(a, '*') || jr_asm_unsigned(a, JR_MOST_VALUE_WORDS, &count));
        if (good && count > JR_MOST_VALUE_WORDS - words.count)
            good = jr_asm_error(a, first, "a value of more than %d words", JR_MOST_VALUE_WORDS);
        good = good && jr_asm_ok(a, first, JR_VEC_RESERVE(a->alloc, &words, count));
        for (uint32_t i = 0; good && i < count; i++)
            words.items[words.count++] = word;
    }
    if (good)
        good = jr_asm_ok(a, first, jr_draft_layout_words(&a->draft, out, words.items, (uint32_t)words.count));
    a->depth--;
    JR_VEC_FREE(a->alloc, &words);
    return good;
}

static bool inline_layout(struct jr_asm *a, uint32_t *index)
{
    struct jr_layout content = { 0 };
    bool gave_up;
    return jr_asm_words(a, false, &content, &gave_up) && jr_asm_layout_of(a, &content, index);
}

bool jr_asm_inner(struct jr_asm *a, uint32_t *index)
{
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind == JR_TOKEN_NAME ? is_class(a, token) : !jr_asm_is_mark(a, '#'))
        return inline_layout(a, index);
    return jr_asm_reference(a, JR_DECL_LAYOUT, index); /* a layout's name alone */
}

bool jr_asm_layout(struct jr_asm *a, uint32_t *index)
{
    if (!jr_asm_accept(a, '('))
        return jr_asm_reference(a, JR_DECL_LAYOUT, index);
    return jr_asm_inner(a, index) && jr_asm_expect(a, ')');
}

static uint32_t find_signature(const struct jr_asm *a, struct jr_signature wanted, uint64_t hash)
{
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&a->signature_map, hash, &probe)) != JR_NONE) {
        const struct jr_signature *known = &a->draft.signatures.items[index];
        if (known->param_layout == wanted.param_layout && known->result_layout == wanted.result_layout)
            break;
    }
    return index;
}

static uint64_t signature_hash(struct jr_signature signature)
{
    return jr_hash_word(signature.param_layout, signature.result_layout);
}

bool jr_asm_signature_add(struct jr_asm *a, uint32_t index)
{
    struct jr_signature signature = a->draft.signatures.items[index];
    uint64_t hash = signature_hash(signature);
    if (find_signature(a, signature, hash) != JR_NONE)
        return true;
    return jr_asm_ok(a, jr_asm_peek(a), jr_index_map_add(a->alloc, &a->signature_map, hash, index));
}

/* A name or a number alone is a signature; before an arrow it is the layout of the parameters. */
static bool is_signature_name(const struct jr_asm *a)
{
    size_t behind = a->at + (jr_asm_is_mark(a, '#') ? 2 : 1);
    return !jr_asm_is_mark(a, '(') &&
           (behind >= a->tokens.count || a->tokens.items[behind].kind != JR_TOKEN_ARROW);
}

bool jr_asm_signature(struct jr_asm *a, uint32_t *index)
{
    if (is_signature_name(a))
        return jr_asm_reference(a, JR_DECL_SIG, index);
    struct jr_signature signature;
    if (!jr_asm_layout(a, &signature.param_layout))
        return false;
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_ARROW)
        return jr_asm_error(a, token, "the -> of a signature is missing here");
    a->at++;
    if (!jr_asm_layout(a, &signature.result_layout))
        return false;
    *index = find_signature(a, signature, signature_hash(signature));
    if (*index != JR_NONE)
        return true;
    if (a->draft.signatures.count >= JR_MOST_ENTRIES)
        return jr_asm_ok(a, token, JR_ERR_LIMIT);
    *index = (uint32_t)a->draft.signatures.count;
    return jr_asm_ok(a, token, JR_VEC_PUSH(a->alloc, &a->draft.signatures, signature)) &&
           jr_asm_signature_add(a, *index);
}

/* ---- places ---- */

static bool byte_range(struct jr_asm *a, struct jr_place *place)
{
    if (jr_asm_peek(a)->kind != JR_TOKEN_INTEGER)
        return true;
    if (!jr_asm_unsigned(a, UINT32_MAX, &place->start))
        return false;
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_RANGE)
        return jr_asm_error(a, token, "bytes are written as start..end");
    a->at++;
    return jr_asm_unsigned(a, UINT32_MAX, &place->end);
}

/* none | [file:|-:]line:column [start..end] */
bool jr_asm_place(struct jr_asm *a, struct jr_place *place)
{
    *place = (struct jr_place){ .file = JR_NONE };
    if (jr_asm_accept_word(a, "none"))
        return true;
    bool no_file = jr_asm_accept(a, '-');
    if (no_file && !jr_asm_expect(a, ':'))
        return false;
    if (!jr_asm_unsigned(a, UINT32_MAX, &place->line) || !jr_asm_expect(a, ':') ||
        !jr_asm_unsigned(a, UINT32_MAX, &place->column))
        return false;
    if (!no_file && jr_asm_accept(a, ':')) {
        place->file = place->line;
        place->line = place->column;
        if (!jr_asm_unsigned(a, UINT32_MAX, &place->column))
            return false;
    } else if (!no_file && a->draft.files.count != 0) {
        place->file = 0;
    }
    return byte_range(a, place);
}

bool jr_asm_own_place(struct jr_asm *a, const struct jr_token *first, const struct jr_token *last,
                      struct jr_place *place)
{
    for (uint32_t i = 0; i < a->draft.files.count && a->own_file == JR_NONE; i++)
        if (strcmp(a->draft.files.items[i], a->name) == 0)
            a->own_file = i;
    if (a->own_file == JR_NONE) {
        const char *text = jr_draft_text(&a->draft, a->name, strlen(a->name));
        if (text == NULL || !jr_asm_ok(a, first, JR_VEC_PUSH(a->alloc, &a->draft.files, text)))
            return jr_asm_ok(a, first, JR_ERR_NO_MEMORY);
        a->own_file = (uint32_t)a->draft.files.count - 1;
    }
    *place = (struct jr_place){ a->own_file, first->start, last->start + last->length, first->line,
                                first->column };
    return true;
}
