#include "host/format.h"

#include "frontend/diag.h"
#include "frontend/mimium/format.h"
#include "frontend/source.h"

enum jr_status jr_format_text(const struct jr_alloc *alloc, const char *name, const char *text, size_t length,
                              bool json, bool colour, struct jr_sb *out, struct jr_sb *report)
{
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    uint32_t file;
    enum jr_status status = jr_sources_create(alloc, &sources);
    if (status == JR_OK)
        status = jr_diags_create(alloc, &diags);
    if (status == JR_OK)
        status = jr_sources_add(sources, name, text, length, &file);
    if (status == JR_OK)
        status = jr_mimium_format(sources, file, alloc, diags, out);
    if (status == JR_ERR_DIAGNOSED && json)
        jr_diags_render_json(diags, sources, report);
    else if (status == JR_ERR_DIAGNOSED)
        jr_diags_render_text(diags, sources, colour, report);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    return status;
}
