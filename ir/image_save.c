/* image_save.c -- the tables of a module, one after the other. */
#include <string.h>

#include "ir/base/hash.h"
#include "ir/image.h"
#include "ir/image_internal.h"
#include "ir/module.h"

uint64_t jr_image_fingerprint(void)
{
    uint64_t hash = JR_IMAGE_VERSION;
    for (unsigned i = 0; i < JR_OP_COUNT; i++) {
        const struct jr_op_info *info = &jr_op_infos[i];
        const uint64_t operands = (uint64_t)info->format << 40 | (uint64_t)info->a << 32 |
                                  (uint64_t)info->b << 24 | (uint64_t)info->c << 16 | (uint64_t)info->x << 8 |
                                  info->y;
        hash = jr_hash_bytes(hash, info->name, strlen(info->name));
        hash = jr_hash_bytes(hash, info->meaning, strlen(info->meaning));
        hash = jr_hash_word(hash, operands);
        hash = jr_hash_word(hash, info->effects);
    }
    for (unsigned i = 0; i < JR_STATUS_COUNT; i++) { /* TRAP names errors by number */
        const char *name = jr_status_name((enum jr_status)i);
        hash = jr_hash_bytes(hash, name, strlen(name));
    }
    return hash;
}

static void put_u32(struct jr_sb *out, uint32_t value)
{
    jr_sb_bytes(out, (const char *)&value, sizeof value);
}
static void put_u64(struct jr_sb *out, uint64_t value)
{
    jr_sb_bytes(out, (const char *)&value, sizeof value);
}

static void put_bytes(struct jr_sb *out, const char *bytes, uint32_t size)
{
    put_u32(out, size);
    jr_sb_bytes(out, bytes, size);
}

static void put_text(struct jr_sb *out, const char *text)
{
    put_bytes(out, text, (uint32_t)strlen(text));
}

static void put_place(struct jr_sb *out, struct jr_place place)
{
    put_u32(out, place.file);
    put_u32(out, place.start);
    put_u32(out, place.end);
    put_u32(out, place.line);
    put_u32(out, place.column);
}

static void put_types(struct jr_sb *out, const struct jr_module *m)
{
    put_u32(out, m->layout_count);
    for (uint32_t i = 0; i < m->layout_count; i++) {
        put_u32(out, m->layouts[i].word_count);
        for (uint32_t w = 0; w < m->layouts[i].word_count; w++) {
            put_u32(out, m->layouts[i].words[w].kind);
            put_u32(out, m->layouts[i].words[w].arg);
        }
    }
    put_u32(out, m->sum_count);
    for (uint32_t i = 0; i < m->sum_count; i++) {
        const struct jr_sum *sum = &m->sums[i];
        put_text(out, sum->name);
        put_u32(out, sum->variant_names != NULL);
        put_u32(out, sum->variant_count);
        for (uint32_t v = 0; v < sum->variant_count; v++) {
            put_u32(out, sum->variant_layouts[v]);
            if (sum->variant_names != NULL)
                put_text(out, sum->variant_names[v]);
        }
    }
    put_u32(out, m->signature_count);
    for (uint32_t i = 0; i < m->signature_count; i++) {
        put_u32(out, m->signatures[i].param_layout);
        put_u32(out, m->signatures[i].result_layout);
    }
}

static void put_values(struct jr_sb *out, const struct jr_module *m)
{
    put_u32(out, m->string_count);
    for (uint32_t i = 0; i < m->string_count; i++)
        put_bytes(out, m->strings[i], m->string_sizes[i]);
    put_u32(out, m->global_count);
    for (uint32_t i = 0; i < m->global_count; i++) {
        put_text(out, m->globals[i].name);
        put_u32(out, m->globals[i].layout);
        put_u32(out, m->globals[i].assigned);
        put_place(out, m->globals[i].place);
    }
    put_u32(out, m->import_count);
    for (uint32_t i = 0; i < m->import_count; i++) {
        put_text(out, m->imports[i].name);
        put_u32(out, m->imports[i].signature);
    }
    put_u32(out, m->init);
    put_u32(out, m->dsp);
}

static void put_sites(struct jr_sb *out, const struct jr_function *function)
{
    put_u32(out, function->site_count);
    for (uint32_t i = 0; i < function->site_count; i++) {
        const struct jr_state_site *site = &function->sites[i];
        put_u32(out, site->kind);
        put_text(out, site->name);
        put_u32(out, site->offset);
        put_u32(out, site->word_count);
        put_u32(out, site->layout);
        put_u32(out, site->function);
        put_u32(out, site->length);
        put_place(out, site->place);
    }
}

static void put_code(struct jr_sb *out, const struct jr_function *function)
{
    put_u32(out, function->constant_count);
    for (uint32_t i = 0; i < function->constant_count; i++)
        put_u64(out, function->constants[i]);
    put_u32(out, function->code_count);
    for (uint32_t i = 0; i < function->code_count; i++)
        put_u64(out, function->code[i].word);
    put_u32(out, function->table_count);
    for (uint32_t i = 0; i < function->table_count; i++) {
        const struct jr_jump_table *table = &function->tables[i];
        put_u64(out, (uint64_t)table->min);
        put_u32(out, table->fallback);
        put_u32(out, table->target_count);
        for (uint32_t t = 0; t < table->target_count; t++)
            put_u32(out, table->targets[t]);
    }
    put_u32(out, function->span_count);
    for (uint32_t i = 0; i < function->span_count; i++) {
        put_u32(out, function->spans[i].pc);
        put_place(out, function->spans[i].place);
    }
}

static void put_function(struct jr_sb *out, const struct jr_function *function)
{
    put_text(out, function->name);
    put_u32(out, function->signature);
    put_u32(out, function->capture_layout);
    put_u32(out, function->reg_count);
    put_u32(out, function->state_words);
    put_u32(out, function->feedback_count);
    put_place(out, function->place);
    put_sites(out, function);
    put_code(out, function);
}

enum jr_status jr_image_save(const struct jr_module *module, const struct jr_image_key *keys,
                             uint32_t key_count, struct jr_sb *out)
{
    size_t start = out->length;
    struct jr_image_header header = {
        .version = JR_IMAGE_VERSION,
        .byte_order = JR_IMAGE_BYTE_ORDER,
        .fingerprint = jr_image_fingerprint(),
    };
    memcpy(header.magic, JR_IMAGE_MAGIC, sizeof header.magic);
    jr_sb_bytes(out, (const char *)&header, sizeof header);
    put_u32(out, key_count);
    for (uint32_t i = 0; i < key_count; i++) {
        put_text(out, keys[i].path);
        put_u64(out, keys[i].hash);
    }
    put_text(out, module->language);
    put_u32(out, module->file_count);
    for (uint32_t i = 0; i < module->file_count; i++)
        put_text(out, module->files[i]);
    put_types(out, module);
    put_values(out, module);
    put_u32(out, module->function_count);
    for (uint32_t i = 0; i < module->function_count; i++)
        put_function(out, &module->functions[i]);
    if (jr_sb_status(out) != JR_OK)
        return jr_sb_status(out);
    const char *body = out->text + start + sizeof header; /* sizes are known only now */
    header.body_size = out->length - start - sizeof header;
    header.body_hash = jr_hash_bytes(0, body, header.body_size);
    memcpy(out->text + start, &header, sizeof header);
    return JR_OK;
}
