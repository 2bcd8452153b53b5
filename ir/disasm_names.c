/* disasm_names.c -- the small parts of the text: symbols, quoted texts, numbers, types and places. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/hash.h"
#include "ir/base/index_map.h"
#include "ir/base/number.h"
#include "ir/disasm_internal.h"
#include "ir/draft.h"

/* ---- which names and contents may stand for an index ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool jr_disasm_is_symbol(const char *name)
{
    if (!is_letter(name[0]))
        return false;
    for (const char *c = name + 1; *c != '\0'; c++)
        if (!is_letter(*c) && !is_digit(*c) && !(*c == '.' && c[1] != '.'))
            return false;
    return true;
}

/* "fn12" and the like are the symbols of entries whose name cannot be one. */
static bool is_numbered(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) != 0 || name[length] == '\0')
        return false;
    for (const char *c = name + length; *c != '\0'; c++)
        if (!is_digit(*c))
            return false;
    return true;
}

/* Tables whose entries are looked up by name; `at` gives the name of an entry. */
typedef const char *name_fn(const struct jr_module *module, uint32_t index);

static const char *function_name(const struct jr_module *m, uint32_t i)
{
    return m->functions[i].name;
}
static const char *sum_name(const struct jr_module *m, uint32_t i)
{
    return m->sums[i].name;
}
static const char *global_name(const struct jr_module *m, uint32_t i)
{
    return m->globals[i].name;
}
static const char *import_name(const struct jr_module *m, uint32_t i)
{
    return m->imports[i].name;
}

/* plain[i] = 1 where the name is a symbol and no other entry has it. */
static enum jr_status find_plain(const struct jr_disasm *d, uint32_t count, name_fn *name_of,
                                 const char *prefix, uint8_t **out)
{
    const struct jr_alloc *alloc = d->out->alloc;
    struct jr_index_map map = { 0 };
    enum jr_status status = JR_OK;
    uint8_t *plain = *out = jr_alloc_new(alloc, (size_t)count + 1);
    if (plain == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        const char *name = name_of(d->module, i);
        uint64_t hash = jr_hash_bytes(0, name, strlen(name));
        size_t probe = 0;
        uint32_t same;
        while ((same = jr_index_map_next(&map, hash, &probe)) != JR_NONE)
            if (strcmp(name_of(d->module, same), name) == 0)
                break;
        plain[i] = same == JR_NONE && jr_disasm_is_symbol(name) && !is_numbered(name, prefix);
        if (same != JR_NONE)
            plain[same] = 0;
        else
            JR_TRY(jr_index_map_add(alloc, &map, hash, i));
    }
done:
    jr_index_map_fini(alloc, &map);
    return status;
}

/* Contents are found by the first entry that is equal, so only such entries can be written by content. */
typedef uint64_t hash_fn(const struct jr_module *module, uint32_t index);
typedef bool same_fn(const struct jr_module *module, uint32_t a, uint32_t b);

static bool is_raw(const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind != JR_WORD_RAW)
            return false;
    return true;
}

static uint64_t layout_hash(const struct jr_module *m, uint32_t i)
{
    return jr_layout_hash(m->layouts[i].words, m->layouts[i].word_count);
}
static bool layout_same(const struct jr_module *m, uint32_t a, uint32_t b)
{
    return jr_layout_same(&m->layouts[a], m->layouts[b].words, m->layouts[b].word_count);
}
static uint64_t signature_hash(const struct jr_module *m, uint32_t i)
{
    return jr_hash_word(m->signatures[i].param_layout, m->signatures[i].result_layout);
}
static bool signature_same(const struct jr_module *m, uint32_t a, uint32_t b)
{
    return m->signatures[a].param_layout == m->signatures[b].param_layout &&
           m->signatures[a].result_layout == m->signatures[b].result_layout;
}
static uint64_t string_hash(const struct jr_module *m, uint32_t i)
{
    return jr_hash_bytes(0, m->strings[i], m->string_sizes[i]);
}
static bool string_same(const struct jr_module *m, uint32_t a, uint32_t b)
{
    return m->string_sizes[a] == m->string_sizes[b] &&
           memcmp(m->strings[a], m->strings[b], m->string_sizes[a]) == 0;
}

static enum jr_status find_first(const struct jr_disasm *d, uint32_t count, hash_fn *hash_of,
                                 same_fn *same_as, uint8_t **out)
{
    const struct jr_alloc *alloc = d->out->alloc;
    struct jr_index_map map = { 0 };
    enum jr_status status = JR_OK;
    uint8_t *first = *out = jr_alloc_new(alloc, (size_t)count + 1);
    if (first == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t hash = hash_of(d->module, i);
        size_t probe = 0;
        uint32_t same;
        while ((same = jr_index_map_next(&map, hash, &probe)) != JR_NONE)
            if (same_as(d->module, same, i))
                break;
        first[i] = same == JR_NONE;
        if (same == JR_NONE)
            JR_TRY(jr_index_map_add(alloc, &map, hash, i));
    }
done:
    jr_index_map_fini(alloc, &map);
    return status;
}

enum jr_status jr_disasm_init(struct jr_disasm *d, const struct jr_module *m, struct jr_sb *out)
{
    enum jr_status status;
    *d = (struct jr_disasm){ .module = m, .out = out };
    JR_TRY(find_plain(d, m->function_count, function_name, "fn", &d->function_plain));
    JR_TRY(find_plain(d, m->sum_count, sum_name, "sum", &d->sum_plain));
    JR_TRY(find_plain(d, m->global_count, global_name, "gl", &d->global_plain));
    JR_TRY(find_plain(d, m->import_count, import_name, "imp", &d->import_plain));
    JR_TRY(find_first(d, m->layout_count, layout_hash, layout_same, &d->layout_inline));
    JR_TRY(find_first(d, m->signature_count, signature_hash, signature_same, &d->signature_inline));
    JR_TRY(find_first(d, m->string_count, string_hash, string_same, &d->string_inline));
    /* Types without references are short and cannot be recursive; others read better by their name. */
    for (uint32_t i = 0; i < m->layout_count; i++)
        d->layout_inline[i] &= is_raw(&m->layouts[i]);
done:
    return status;
}

void jr_disasm_fini(struct jr_disasm *d)
{
    const struct jr_alloc *alloc = d->out->alloc;
    const struct jr_module *m = d->module;
    jr_alloc_free(alloc, d->function_plain, (size_t)m->function_count + 1);
    jr_alloc_free(alloc, d->sum_plain, (size_t)m->sum_count + 1);
    jr_alloc_free(alloc, d->global_plain, (size_t)m->global_count + 1);
    jr_alloc_free(alloc, d->import_plain, (size_t)m->import_count + 1);
    jr_alloc_free(alloc, d->layout_inline, (size_t)m->layout_count + 1);
    jr_alloc_free(alloc, d->signature_inline, (size_t)m->signature_count + 1);
    jr_alloc_free(alloc, d->string_inline, (size_t)m->string_count + 1);
}

/* ---- texts and numbers ---- */

/* The length of the UTF-8 character at `bytes`, 0 if it is none (overlong, surrogate, cut off). */
static size_t character_length(const unsigned char *bytes, size_t size)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t length = bytes[0] < 0x80       ? 1
                    : bytes[0] >> 5 == 6  ? 2
                    : bytes[0] >> 4 == 14 ? 3
                    : bytes[0] >> 3 == 30 ? 4
                                          : 0;
    if (length <= 1 || length > size)
        return length > size ? 0 : length;
    uint32_t code = bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (bytes[i] >> 6 != 2)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fu);
    }
    return code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : length;
}

void jr_disasm_quoted(struct jr_sb *out, const char *bytes, size_t size)
{
    jr_sb_char(out, '"');
    for (size_t i = 0; i < size;) {
        size_t length = character_length((const unsigned char *)bytes + i, size - i);
        unsigned char c = (unsigned char)bytes[i];
        if (length > 1)
            jr_sb_bytes(out, bytes + i, length);
        else if (c == '"' || c == '\\')
            jr_sb_format(out, "\\%c", c);
        else if (c == '\n')
            jr_sb_text(out, "\\n");
        else if (c == '\t')
            jr_sb_text(out, "\\t");
        else if (length == 0 || c < 0x20 || c == 0x7f)
            jr_sb_format(out, "\\x%02x", c);
        else
            jr_sb_char(out, (char)c);
        i += length == 0 ? 1 : length;
    }
    jr_sb_char(out, '"');
}

void jr_disasm_double(struct jr_sb *out, double value)
{
    char text[JR_NUMBER_TEXT_BYTES];
    jr_number_debug(value, text);
    jr_sb_text(out, text);
}

/* A constant is a word of unknown type.  Numbers of a usual size are meant as binary64; for the rest the shorter text is the better
 * guess: small integers would be tiny fractions, and the other way round. */
void jr_disasm_word(struct jr_sb *out, uint64_t word)
{
    double value;
    memcpy(&value, &word, sizeof value);
    if (isnan(value)) {
        if (word == 0x7ff8000000000000u)
            jr_sb_text(out, "nan");
        else if ((int64_t)word < 0 && (int64_t)word > -1000000)
            jr_sb_format(out, "%" PRId64, (int64_t)word);
        else
            jr_sb_format(out, "0x%016" PRIx64, word);
        return;
    }
    char number[JR_NUMBER_TEXT_BYTES], integer[24];
    size_t number_length = jr_number_debug(value, number);
    int integer_length = snprintf(integer, sizeof integer, "%" PRId64, (int64_t)word);
    bool usual = word != 0 && (value == 0 || isinf(value) || (fabs(value) > 1e-30 && fabs(value) < 1e30));
    jr_sb_text(out, usual || number_length < (size_t)integer_length ? number : integer);
}

/* ---- symbols ---- */

static void symbol(struct jr_disasm *d, const uint8_t *plain, uint32_t count, const char *prefix,
                   uint32_t index, name_fn *name_of, bool declare)
{
    if (index >= count) {
        jr_sb_format(d->out, "#%u", index);
        return;
    }
    const char *name = name_of(d->module, index);
    if (plain != NULL ? plain[index] : jr_disasm_is_symbol(name)) {
        jr_sb_text(d->out, name);
        return;
    }
    jr_sb_format(d->out, "%s%u", prefix, index);
    if (declare) {
        jr_sb_char(d->out, ' ');
        jr_disasm_quoted(d->out, name, strlen(name));
    }
}

void jr_disasm_function(struct jr_disasm *d, uint32_t function, bool declare)
{
    symbol(d, d->function_plain, d->module->function_count, "fn", function, function_name, declare);
}

void jr_disasm_sum(struct jr_disasm *d, uint32_t sum, bool declare)
{
    symbol(d, d->sum_plain, d->module->sum_count, "sum", sum, sum_name, declare);
}

void jr_disasm_global(struct jr_disasm *d, uint32_t global, bool declare)
{
    symbol(d, d->global_plain, d->module->global_count, "gl", global, global_name, declare);
}

void jr_disasm_import(struct jr_disasm *d, uint32_t import, bool declare)
{
    symbol(d, d->import_plain, d->module->import_count, "imp", import, import_name, declare);
}

void jr_disasm_variant(struct jr_disasm *d, uint32_t sum, uint32_t variant)
{
    const struct jr_sum *of = sum < d->module->sum_count ? &d->module->sums[sum] : NULL;
    if (of == NULL || of->variant_names == NULL || variant >= of->variant_count ||
        !jr_disasm_is_symbol(of->variant_names[variant])) {
        jr_sb_format(d->out, "%u", variant);
        return;
    }
    for (uint32_t i = 0; i < variant; i++) /* an earlier one would be found instead */
        if (strcmp(of->variant_names[i], of->variant_names[variant]) == 0) {
            jr_sb_format(d->out, "%u", variant);
            return;
        }
    jr_sb_text(d->out, of->variant_names[variant]);
}

/* ---- types ---- */

static void word_type(struct jr_disasm *d, struct jr_word_type type)
{
    switch (type.kind) {
    case JR_WORD_RAW:
        jr_sb_text(d->out, "raw");
        return;
    case JR_WORD_STRING:
        jr_sb_text(d->out, "string");
        return;
    case JR_WORD_CLOSURE:
        jr_sb_text(d->out, "closure(");
        jr_disasm_signature(d, type.arg);
        break;
    case JR_WORD_ARRAY:
        jr_sb_text(d->out, "array(");
        jr_disasm_inner(d, type.arg);
        break;
    case JR_WORD_BOX:
        jr_sb_text(d->out, "box(");
        jr_disasm_inner(d, type.arg);
        break;
    case JR_WORD_CELL:
        jr_sb_text(d->out, "cell(");
        jr_disasm_inner(d, type.arg);
        break;
    case JR_WORD_SUM:
        jr_sb_text(d->out, "sum(");
        jr_disasm_sum(d, type.arg, false);
        break;
    case JR_WORD_SUM_TAIL:
        jr_sb_text(d->out, "tail(");
        jr_disasm_sum(d, type.arg, false);
        break;
    }
    jr_sb_char(d->out, ')');
}

void jr_disasm_words(struct jr_disasm *d, const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count;) {
        uint32_t run = 1;
        while (i + run < layout->word_count && layout->words[i + run].kind == layout->words[i].kind &&
               layout->words[i + run].arg == layout->words[i].arg)
            run++;
        if (i != 0)
            jr_sb_char(d->out, ' ');
        word_type(d, layout->words[i]);
        if (run > 1)
            jr_sb_format(d->out, "*%u", run);
        i += run;
    }
}

static bool is_inline(const struct jr_disasm *d, uint32_t layout)
{
    return d->layout_inline != NULL ? d->layout_inline[layout] : is_raw(&d->module->layouts[layout]);
}

void jr_disasm_inner(struct jr_disasm *d, uint32_t layout)
{
    if (layout >= d->module->layout_count)
        jr_sb_format(d->out, "#%u", layout);
    else if (is_inline(d, layout))
        jr_disasm_words(d, &d->module->layouts[layout]);
    else
        jr_sb_format(d->out, "l%u", layout);
}

void jr_disasm_layout(struct jr_disasm *d, uint32_t layout)
{
    bool brackets = layout < d->module->layout_count && is_inline(d, layout);
    if (brackets)
        jr_sb_char(d->out, '(');
    jr_disasm_inner(d, layout);
    if (brackets)
        jr_sb_char(d->out, ')');
}

void jr_disasm_signature(struct jr_disasm *d, uint32_t signature)
{
    if (signature >= d->module->signature_count) {
        jr_sb_format(d->out, "#%u", signature);
        return;
    }
    if (d->signature_inline != NULL && !d->signature_inline[signature]) {
        jr_sb_format(d->out, "sig%u", signature);
        return;
    }
    jr_disasm_layout(d, d->module->signatures[signature].param_layout);
    jr_sb_text(d->out, " -> ");
    jr_disasm_layout(d, d->module->signatures[signature].result_layout);
}

void jr_disasm_string(struct jr_disasm *d, uint32_t string)
{
    if (string >= d->module->string_count)
        jr_sb_format(d->out, "#%u", string);
    else if (d->string_inline != NULL && !d->string_inline[string])
        jr_sb_format(d->out, "str%u", string);
    else
        jr_disasm_quoted(d->out, d->module->strings[string], d->module->string_sizes[string]);
}

/* ---- places ---- */

void jr_disasm_place(struct jr_disasm *d, struct jr_place place)
{
    if (jr_place_same(place, (struct jr_place){ .file = JR_NONE })) {
        jr_sb_text(d->out, "none");
        return;
    }
    if (place.file == JR_NONE)
        jr_sb_text(d->out, "-:");
    else if (place.file != 0 || d->module->file_count == 0)
        jr_sb_format(d->out, "%u:", place.file);
    jr_sb_format(d->out, "%u:%u", place.line, place.column);
    if (place.start != 0 || place.end != 0)
        jr_sb_format(d->out, " %u..%u", place.start, place.end);
}
