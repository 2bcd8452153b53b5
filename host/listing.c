/* listing.c -- see listing.h. */
#include "host/listing.h"

#include <stdlib.h>
#include <string.h>

#include "host/session_internal.h"
#include "ir/base/sb.h"
#include "jit/provider.h"

struct jr_listing_site jr_listing_site(const struct jr_module *module, uint32_t function, uint32_t at)
{
    const struct jr_function *f = &module->functions[function];
    struct jr_listing_site site = { function, at, JR_NONE, { .file = JR_NONE } };
    if (at == JR_NONE)
        return site;
    site.place = jr_function_place(f, at);
    for (uint32_t low = 0, high = f->origin_count; low < high;) { /* the last origin that is not behind it */
        uint32_t middle = low + (high - low) / 2;
        if (f->origins[middle].pc <= at) {
            const struct jr_origin *origin = &f->origins[middle];
            site.function = origin->function;
            site.at = origin->at;
            site.caller = origin->caller;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return site;
}

const char *jr_listing_line(const struct jr_session *session, const struct jr_module *module, uint32_t file, uint32_t line,
                            size_t *length)
{
    uint32_t source = file == JR_NONE ? JR_FILE_NONE : jr_sources_find(session->sources, module->files[file]);
    size_t size;
    *length = 0;
    if (source == JR_FILE_NONE || line == 0 || line > jr_sources_line_count(session->sources, source))
        return "";
    struct jr_span span = jr_sources_line(session->sources, source, line);
    const char *text = jr_sources_text(session->sources, source, &size);
    while (span.start < span.end && (text[span.start] == ' ' || text[span.start] == '\t'))
        span.start++;
    while (span.end > span.start && (text[span.end - 1] == ' ' || text[span.end - 1] == '\t'))
        span.end--;
    *length = span.end - span.start;
    return text + span.start;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void put_site(const struct jr_session *session, const struct jr_module *module,
                     const struct jr_listing_site *site, struct jr_sb *out)
{
    char title[256];
    size_t length;
    if (site->place.line == 0 || site->place.file == JR_NONE) {
        jr_function_title(module, site->function, title, sizeof title);
        jr_sb_format(out, "; %s\n", title);
        return;
    }
    const char *line = jr_listing_line(session, module, site->place.file, site->place.line, &length);
    jr_sb_format(out, "; %s:%u  ", last_part(module->files[site->place.file]), site->place.line);
    jr_sb_bytes(out, line, length);
    jr_sb_char(out, '\n');
}

static bool is_same_line(const struct jr_listing_site *a, const struct jr_listing_site *b)
{
    bool known = a->place.line != 0, was_known = b->place.line != 0;
    if (known != was_known || (!known && a->function != b->function))
        return false;
    return a->place.line == b->place.line && a->place.file == b->place.file;
}

void jr_listing_expand(const struct jr_session *session, const struct jr_module *module, const char *text,
                       struct jr_sb *out)
{
    const size_t mark = strlen(JR_EMIT_MARK);
    struct jr_listing_site before = { .function = JR_NONE, .place = { .file = JR_NONE } };
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (strncmp(text, JR_EMIT_MARK, mark) == 0) {
            char *rest;
            uint32_t function = (uint32_t)strtoul(text + mark, &rest, 10);
            uint32_t at = (uint32_t)strtoul(rest, NULL, 10);
            struct jr_listing_site site = jr_listing_site(module, function, at);
            if (!is_same_line(&site, &before))
                put_site(session, module, &site, out);
            before = site;
        } else {
            jr_sb_bytes(out, text, length);
            jr_sb_char(out, '\n');
        }
        text += length + (text[length] == '\n');
    }
}
