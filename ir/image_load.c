/* image_load.c -- bytes to tables.
 *
 * The reader never fails in the middle: after the first thing wrong it gives zeros and empty tables, and the end sees `wrong`.
 * A count is believed only if that many of the smallest entries fit the bytes that are left. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/base/hash.h"
#include "ir/draft.h"
#include "ir/image.h"
#include "ir/image_internal.h"
#include "ir/verify.h"

struct reader {
    const unsigned char *at, *end;
    struct jr_arena *arena; /* the module's */
    const char *wrong;      /* what, or NULL */
    bool no_memory;
};

/* Bytes of the smallest entry of each table. */
enum {
    TEXT_BYTES = 4,
    PLACE_BYTES = 20,
    KEY_BYTES = TEXT_BYTES + 8,
    LAYOUT_BYTES = 4,
    WORD_TYPE_BYTES = 8,
    SUM_BYTES = TEXT_BYTES + 8,
    VARIANT_BYTES = 4,
    SIGNATURE_BYTES = 8,
    GLOBAL_BYTES = TEXT_BYTES + 8 + PLACE_BYTES,
    IMPORT_BYTES = TEXT_BYTES + 4,
    SITE_BYTES = TEXT_BYTES + 24 + PLACE_BYTES,
    TABLE_BYTES = 16,
    SPAN_BYTES = 4 + PLACE_BYTES,
    FUNCTION_BYTES = TEXT_BYTES + 20 + PLACE_BYTES + 20,
};

static void fail(struct reader *r, const char *wrong)
{
    if (r->wrong == NULL)
        r->wrong = wrong;
    r->at = r->end;
}

static bool take(struct reader *r, void *out, size_t size)
{
    if ((size_t)(r->end - r->at) < size) {
        fail(r, "the image ends too early");
        memset(out, 0, size);
        return false;
    }
    memcpy(out, r->at, size);
    r->at += size;
    return true;
}

static uint32_t take_u32(struct reader *r)
{
    uint32_t value;
    take(r, &value, sizeof value);
    return value;
}

static uint64_t take_u64(struct reader *r)
{
    uint64_t value;
    take(r, &value, sizeof value);
    return value;
}

static uint32_t take_count(struct reader *r, size_t entry_bytes)
{
    uint32_t count = take_u32(r);
    if (count <= (size_t)(r->end - r->at) / entry_bytes)
        return count;
    fail(r, "a table is larger than the image");
    return 0;
}

static bool take_flag(struct reader *r)
{
    uint32_t value = take_u32(r);
    if (value > 1)
        fail(r, "a flag is neither 0 nor 1");
    return value == 1;
}

static void *take_room(struct reader *r, uint32_t *count, size_t item_size)
{
    void *room = jr_arena_array(r->arena, *count, item_size);
    if (room == NULL) {
        r->no_memory = true;
        fail(r, "");
        *count = 0;
    }
    return room;
}

/* A table of `*count` zeroed items; *count is 0 if there is no memory. */
#define TAKE_ROOM(r, type, count) ((type *)take_room((r), (count), sizeof(type)))

static const char *take_bytes(struct reader *r, uint32_t *size)
{
    *size = take_count(r, 1);
    char *text = jr_arena_text(r->arena, (const char *)r->at, *size);
    if (text == NULL) {
        r->no_memory = true;
        fail(r, "");
        *size = 0;
        return "";
    }
    r->at += *size;
    return text;
}

static const char *take_text(struct reader *r)
{
    uint32_t size;
    const char *text = take_bytes(r, &size);
    if (strlen(text) != size)
        fail(r, "a name holds a zero byte");
    return text;
}

static struct jr_place take_place(struct reader *r)
{
    struct jr_place place;
    place.file = take_u32(r);
    place.start = take_u32(r);
    place.end = take_u32(r);
    place.line = take_u32(r);
    place.column = take_u32(r);
    return place;
}

/* ---- tables of the module ---- */

static void take_layouts(struct reader *r, struct jr_module *m)
{
    m->layout_count = take_count(r, LAYOUT_BYTES);
    m->layouts = TAKE_ROOM(r, struct jr_layout, &m->layout_count);
    for (uint32_t i = 0; i < m->layout_count; i++) {
        struct jr_layout *layout = &m->layouts[i];
        layout->word_count = take_count(r, WORD_TYPE_BYTES);
        layout->words = TAKE_ROOM(r, struct jr_word_type, &layout->word_count);
        for (uint32_t w = 0; w < layout->word_count; w++) {
            uint32_t kind = take_u32(r);
            if (kind > JR_WORD_SUM_TAIL)
                fail(r, "a word has an unknown class");
            layout->words[w].kind = kind > JR_WORD_SUM_TAIL ? JR_WORD_RAW : (enum jr_word_class)kind;
            layout->words[w].arg = take_u32(r);
        }
    }
}

static void take_sums(struct reader *r, struct jr_module *m)
{
    m->sum_count = take_count(r, SUM_BYTES);
    m->sums = TAKE_ROOM(r, struct jr_sum, &m->sum_count);
    for (uint32_t i = 0; i < m->sum_count; i++) {
        struct jr_sum *sum = &m->sums[i];
        sum->name = take_text(r);
        bool named = take_flag(r);
        sum->variant_count = take_count(r, VARIANT_BYTES);
        sum->variant_layouts = TAKE_ROOM(r, uint32_t, &sum->variant_count);
        if (named)
            sum->variant_names = TAKE_ROOM(r, const char *, &sum->variant_count);
        for (uint32_t v = 0; v < sum->variant_count; v++) {
            sum->variant_layouts[v] = take_u32(r);
            if (named)
                sum->variant_names[v] = take_text(r);
        }
    }
}

static void take_types(struct reader *r, struct jr_module *m)
{
    take_layouts(r, m);
    take_sums(r, m);
    m->signature_count = take_count(r, SIGNATURE_BYTES);
    m->signatures = TAKE_ROOM(r, struct jr_signature, &m->signature_count);
    for (uint32_t i = 0; i < m->signature_count; i++) {
        m->signatures[i].param_layout = take_u32(r);
        m->signatures[i].result_layout = take_u32(r);
    }
}

static void take_strings(struct reader *r, struct jr_module *m)
{
    m->string_count = take_count(r, TEXT_BYTES);
    m->strings = TAKE_ROOM(r, const char *, &m->string_count);
    m->string_sizes = TAKE_ROOM(r, uint32_t, &m->string_count);
    for (uint32_t i = 0; i < m->string_count; i++)
        m->strings[i] = take_bytes(r, &m->string_sizes[i]);
}

static void take_values(struct reader *r, struct jr_module *m)
{
    take_strings(r, m);
    m->global_count = take_count(r, GLOBAL_BYTES);
    m->globals = TAKE_ROOM(r, struct jr_global, &m->global_count);
    for (uint32_t i = 0; i < m->global_count; i++) {
        m->globals[i].name = take_text(r);
        m->globals[i].layout = take_u32(r);
        m->globals[i].assigned = take_flag(r);
        m->globals[i].place = take_place(r);
    }
    m->import_count = take_count(r, IMPORT_BYTES);
    m->imports = TAKE_ROOM(r, struct jr_import, &m->import_count);
    for (uint32_t i = 0; i < m->import_count; i++) {
        m->imports[i].name = take_text(r);
        m->imports[i].signature = take_u32(r);
    }
    m->init = take_u32(r);
    m->dsp = take_u32(r);
}

/* ---- functions ---- */

static void take_sites(struct reader *r, struct jr_function *function)
{
    function->site_count = take_count(r, SITE_BYTES);
    function->sites = TAKE_ROOM(r, struct jr_state_site, &function->site_count);
    for (uint32_t i = 0; i < function->site_count; i++) {
        struct jr_state_site *site = &function->sites[i];
        uint32_t kind = take_u32(r);
        if (kind > JR_SITE_CALL)
            fail(r, "a state site has an unknown kind");
        site->kind = kind > JR_SITE_CALL ? JR_SITE_SELF : (enum jr_site_kind)kind;
        site->name = take_text(r);
        site->offset = take_u32(r);
        site->word_count = take_u32(r);
        site->layout = take_u32(r);
        site->function = take_u32(r);
        site->length = take_u32(r);
        site->place = take_place(r);
    }
}

static void take_tables(struct reader *r, struct jr_function *function)
{
    function->table_count = take_count(r, TABLE_BYTES);
    function->tables = TAKE_ROOM(r, struct jr_jump_table, &function->table_count);
    for (uint32_t i = 0; i < function->table_count; i++) {
        struct jr_jump_table *table = &function->tables[i];
        table->min = (int64_t)take_u64(r);
        table->fallback = take_u32(r);
        table->target_count = take_count(r, sizeof(uint32_t));
        table->targets = TAKE_ROOM(r, uint32_t, &table->target_count);
        for (uint32_t t = 0; t < table->target_count; t++)
            table->targets[t] = take_u32(r);
    }
}

static void take_code(struct reader *r, struct jr_function *function)
{
    function->constant_count = take_count(r, sizeof(uint64_t));
    function->constants = TAKE_ROOM(r, uint64_t, &function->constant_count);
    for (uint32_t i = 0; i < function->constant_count; i++)
        function->constants[i] = take_u64(r);
    function->code_count = take_count(r, sizeof(union jr_code));
    function->code = TAKE_ROOM(r, union jr_code, &function->code_count);
    for (uint32_t i = 0; i < function->code_count; i++)
        function->code[i].word = take_u64(r);
    take_tables(r, function);
    function->span_count = take_count(r, SPAN_BYTES);
    function->spans = TAKE_ROOM(r, struct jr_span_entry, &function->span_count);
    for (uint32_t i = 0; i < function->span_count; i++) {
        function->spans[i].pc = take_u32(r);
        function->spans[i].place = take_place(r);
    }
}

static void take_functions(struct reader *r, struct jr_module *m)
{
    m->function_count = take_count(r, FUNCTION_BYTES);
    m->functions = TAKE_ROOM(r, struct jr_function, &m->function_count);
    for (uint32_t i = 0; i < m->function_count; i++) {
        struct jr_function *function = &m->functions[i];
        function->name = take_text(r);
        function->signature = take_u32(r);
        function->capture_layout = take_u32(r);
        function->reg_count = take_u32(r);
        function->state_words = take_u32(r);
        function->feedback_count = take_u32(r);
        function->place = take_place(r);
        take_sites(r, function);
        take_code(r, function);
    }
}

/* ---- the whole ---- */

static void take_body(struct reader *r, struct jr_module *m, struct jr_image_keys *keys)
{
    uint32_t key_count = take_count(r, KEY_BYTES);
    struct jr_image_key *items = TAKE_ROOM(r, struct jr_image_key, &key_count);
    for (uint32_t i = 0; i < key_count; i++) {
        items[i].path = take_text(r);
        items[i].hash = take_u64(r);
    }
    *keys = (struct jr_image_keys){ items, key_count };
    m->language = take_text(r);
    m->file_count = take_count(r, TEXT_BYTES);
    m->files = TAKE_ROOM(r, const char *, &m->file_count);
    for (uint32_t i = 0; i < m->file_count; i++)
        m->files[i] = take_text(r);
    take_types(r, m);
    take_values(r, m);
    take_functions(r, m);
    if (r->at != r->end)
        fail(r, "something follows the image's last table");
    jr_module_derive(m);
    if (m->global_words > JR_MOST_GLOBAL_WORDS)
        fail(r, "the globals need too many words");
}

static const char *check_header(const struct jr_image_header *header, enum jr_status *status)
{
    *status = JR_ERR_UNSUPPORTED;
    if (header->byte_order != JR_IMAGE_BYTE_ORDER)
        return "the image is of a machine with another byte order";
    if (header->version != JR_IMAGE_VERSION)
        return "the image is of another version";
    if (header->fingerprint != jr_image_fingerprint())
        return "the image is for another instruction set";
    return NULL;
}

bool jr_image_recognise(const void *bytes, size_t size)
{
    return size >= sizeof JR_IMAGE_MAGIC && memcmp(bytes, JR_IMAGE_MAGIC, sizeof JR_IMAGE_MAGIC) == 0;
}

/* JR_OK and the body, or why there is none. */
static enum jr_status open_image(const void *bytes, size_t size, struct reader *r)
{
    struct jr_image_header header;
    enum jr_status status = JR_ERR_INVALID;
    if (!jr_image_recognise(bytes, size)) {
        r->wrong = "this is no image";
        return status;
    }
    if (size < sizeof header) {
        r->wrong = "the image ends too early";
        return status;
    }
    memcpy(&header, bytes, sizeof header);
    r->wrong = check_header(&header, &status);
    if (r->wrong != NULL)
        return status;
    r->at = (const unsigned char *)bytes + sizeof header;
    r->end = (const unsigned char *)bytes + size;
    if (header.body_size != size - sizeof header)
        r->wrong =
            header.body_size > size - sizeof header ? "the image is cut off" : "something follows the image";
    else if (header.body_hash != jr_hash_bytes(0, r->at, header.body_size))
        r->wrong = "the image is damaged: its checksum is wrong";
    return r->wrong == NULL ? JR_OK : JR_ERR_INVALID;
}

enum jr_status jr_image_load(const struct jr_alloc *alloc, const void *bytes, size_t size,
                             struct jr_module **out, struct jr_image_keys *keys, char *message,
                             size_t message_size)
{
    struct reader r = { 0 };
    struct jr_image_keys found = { 0 };
    struct jr_module *module = NULL;
    struct jr_verify_report report = { .message = "" };
    const char *reason = NULL;
    *out = NULL;
    enum jr_status status = open_image(bytes, size, &r);
    if (status == JR_OK) {
        module = jr_module_new(alloc);
        r.no_memory = module == NULL;
    }
    if (module != NULL) {
        r.arena = module->arena;
        take_body(&r, module, &found);
        status = r.wrong == NULL ? jr_verify(module, alloc, &report) : JR_ERR_INVALID;
    }
    if (r.no_memory)
        status = JR_ERR_NO_MEMORY;
    reason = status == JR_ERR_NO_MEMORY ? jr_status_text(status) : r.wrong != NULL ? r.wrong : report.message;
    if (message != NULL && message_size != 0)
        snprintf(message, message_size, "%s", status == JR_OK ? "" : reason);
    if (status == JR_OK) {
        *out = module;
        module = NULL;
        if (keys != NULL)
            *keys = found;
    } else if (keys != NULL) {
        *keys = (struct jr_image_keys){ 0 };
    }
    jr_module_destroy(module);
    return status;
}
