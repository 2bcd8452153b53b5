/* profile_page.c -- the profile as one page: profile_page.html with everything it shows inside, as JSON. */
#include <stdlib.h>
#include <string.h>

#include "host/listing.h"
#include "host/profile_internal.h"
#include "host/session_internal.h"
#include "ir/base/sb.h"
#include "ir/disasm.h"
#include "jit/provider.h"
#include "runtime/residual.h"
#include "runtime/vm.h"

enum { TITLE_BYTES = 256, EMIT_IR = 1, EMIT_ASSEMBLY = 2 /* as jr_jit_emit numbers them */ };

struct page {
    struct jr_profile *profile;
    struct jr_sb *out;
};

static void put_string(struct jr_sb *out, const char *text, size_t length)
{
    jr_sb_json(out, text, length);
}

/* ---- source ---- */

/* As the module's files are numbered; one that the session does not have is without lines. */
static void put_sources(struct page *page)
{
    const struct jr_module *module = page->profile->module;
    const struct jr_sources *sources = page->profile->session->sources;
    jr_sb_text(page->out, ",\"sources\":[");
    for (uint32_t file = 0; file < module->file_count; file++) {
        uint32_t source = jr_sources_find(sources, module->files[file]);
        uint32_t count = source != JR_FILE_NONE ? jr_sources_line_count(sources, source) : 0;
        size_t size;
        jr_sb_text(page->out, file > 0 ? ",{\"path\":" : "{\"path\":");
        put_string(page->out, module->files[file], strlen(module->files[file]));
        jr_sb_text(page->out, ",\"lines\":[");
        for (uint32_t line = 1; line <= count; line++) {
            struct jr_span span = jr_sources_line(sources, source, line);
            if (line > 1)
                jr_sb_char(page->out, ',');
            put_string(page->out, jr_sources_text(sources, source, &size) + span.start, span.end - span.start);
        }
        jr_sb_text(page->out, "]}");
    }
    jr_sb_char(page->out, ']');
}

/* ---- code ---- */

static uint32_t heat_of(const struct jr_profile *profile, const struct jr_listing_site *site, bool residual, uint32_t at)
{
    if (site->at == JR_NONE)
        return 0;
    if (residual)
        return profile->residual_heat != NULL ? profile->residual_heat[at] : 0;
    return profile->functions[site->function].heat[site->at];
}

/* ,file,line,samples] behind what a row begins with. */
static void end_row(struct page *page, const struct jr_listing_site *site, uint32_t heat)
{
    bool known = site->place.file != JR_NONE && site->place.line != 0;
    jr_sb_format(page->out, ",%d,%u,%u]", known ? (int)site->place.file : -1, known ? site->place.line : 0, heat);
}

static enum jr_status put_bytecode(struct page *page, const struct jr_module *module, uint32_t index, bool residual)
{
    const struct jr_function *function = &module->functions[index];
    struct jr_sb text;
    enum jr_status status = JR_OK;
    jr_sb_init(&text, page->profile->alloc);
    jr_sb_text(page->out, "\"bytecode\":[");
    for (uint32_t pc = 0; status == JR_OK && pc < function->code_count;) {
        struct jr_listing_site site = jr_listing_site(module, index, pc);
        jr_sb_clear(&text);
        status = jr_disassemble_at(module, function, pc, &text);
        jr_sb_format(page->out, pc > 0 ? ",[%u," : "[%u,", pc);
        put_string(page->out, jr_sb_view(&text), text.length);
        end_row(page, &site, heat_of(page->profile, &site, residual, pc));
        pc += jr_decode(&function->code[pc]).length;
    }
    jr_sb_char(page->out, ']');
    jr_sb_fini(&text);
    return status;
}

/* The compiler's text, a row a line; marks say where what follows comes from. */
static void put_rows(struct page *page, const struct jr_module *module, bool residual, const char *text)
{
    const size_t mark = strlen(JR_EMIT_MARK);
    struct jr_listing_site site = { .function = JR_NONE, .at = JR_NONE, .place = { .file = JR_NONE } };
    uint32_t heat = 0;
    bool first = true;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (strncmp(text, JR_EMIT_MARK, mark) == 0) {
            char *rest;
            uint32_t function = (uint32_t)strtoul(text + mark, &rest, 10);
            uint32_t at = (uint32_t)strtoul(rest, NULL, 10);
            site = jr_listing_site(module, function, at);
            heat = heat_of(page->profile, &site, residual, at);
        } else if (length > 0) {
            jr_sb_text(page->out, first ? "[" : ",[");
            put_string(page->out, text, length);
            end_row(page, &site, heat);
            first = false;
        }
        text += length + (text[length] == '\n');
    }
}

static void put_emitted(struct page *page, const char *key, const struct jr_module *module, uint32_t index, int what,
                        bool residual, bool compiled)
{
    struct jr_session *session = page->profile->session;
    struct jr_sb text;
    jr_sb_init(&text, page->profile->alloc);
    jr_sb_format(page->out, ",\"%s\":[", key);
    if (compiled && jr_jit_emit(session->jit, index, what, &text) == JR_OK)
        put_rows(page, module, residual, jr_sb_view(&text));
    jr_sb_char(page->out, ']');
    jr_sb_fini(&text);
}

static bool has_code(const struct jr_profile *profile, const struct jr_module *module, uint32_t index)
{
    for (size_t i = 0; i < profile->pieces.count; i++)
        if (profile->pieces.items[i].function == index && profile->pieces.items[i].module == module)
            return true;
    return false;
}

static enum jr_status put_unit(struct page *page, const struct jr_module *module, uint32_t index, bool residual)
{
    bool compiled = has_code(page->profile, module, index);
    char title[TITLE_BYTES];
    jr_function_title(module, index, title, sizeof title);
    jr_sb_format(page->out, "{\"index\":%d,\"block\":%s,\"title\":", residual ? -1 : (int)index, residual ? "true" : "false");
    if (residual)
        strcpy(title + (strlen(title) < TITLE_BYTES - 16 ? strlen(title) : TITLE_BYTES - 16), " specialised");
    put_string(page->out, title, strlen(title));
    jr_sb_char(page->out, ',');
    enum jr_status status = put_bytecode(page, module, index, residual);
    put_emitted(page, "ir", module, index, EMIT_IR, residual, compiled);
    put_emitted(page, "asm", module, index, EMIT_ASSEMBLY, residual, compiled);
    jr_sb_char(page->out, '}');
    return status;
}

static enum jr_status put_units(struct page *page)
{
    struct jr_profile *profile = page->profile;
    const struct jr_residual *residual = jr_vm_residual(profile->session->vm);
    uint32_t count, *order = jr_profile_order(profile, &count);
    enum jr_status status = order != NULL ? JR_OK : JR_ERR_NO_MEMORY;
    jr_sb_text(page->out, ",\"units\":[");
    if (residual != NULL && status == JR_OK)
        status = put_unit(page, residual->module, residual->function, true);
    for (uint32_t i = 0; status == JR_OK && i < count; i++) {
        if (i > 0 || residual != NULL)
            jr_sb_char(page->out, ',');
        status = put_unit(page, profile->module, order[i], false);
    }
    jr_sb_char(page->out, ']');
    jr_alloc_free(profile->alloc, order, profile->module->function_count * sizeof *order);
    return status;
}

enum jr_status jr_profile_page(struct jr_profile *profile, struct jr_sb *out)
{
    static const char here[] = "@DATA@";
    const char *hole = strstr(jr_profile_page_text, here);
    struct jr_sb json;
    struct page page = { profile, &json };
    jr_sb_init(&json, profile->alloc);
    jr_sb_char(&json, '{');
    jr_profile_put_members(profile, &json);
    put_sources(&page);
    enum jr_status status = put_units(&page);
    jr_sb_char(&json, '}');
    if (status == JR_OK)
        status = jr_sb_status(&json);
    jr_sb_bytes(out, jr_profile_page_text, (size_t)(hole - jr_profile_page_text));
    for (const char *at = jr_sb_view(&json); *at; at++) {
        if (*at == '<') /* no text of the script ends the page's */
            jr_sb_text(out, "\\u003c");
        else
            jr_sb_char(out, *at);
    }
    jr_sb_text(out, hole + strlen(here));
    jr_sb_fini(&json);
    return status == JR_OK ? jr_sb_status(out) : status;
}
