/* target_compile.c -- the whole front end of mimium: what it accepts must verify, run, and leave nothing behind. */
#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/source.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/module.h"
#include "tests/fuzz/fuzz.h"

/* A program of random text must not open files. */
static enum jr_status load_nothing(void *context, struct jr_sources *sources, const char *path, uint32_t *out)
{
    (void)context, (void)sources, (void)path;
    *out = JR_FILE_NONE;
    return JR_ERR_NOT_FOUND;
}

static void compile(struct jr_sources *sources, uint32_t file, struct jr_diags *diags, unsigned salt)
{
    struct jr_mimium_files no_files = { load_nothing, NULL };
    struct jr_mimium_options options = { .self_init_0 = salt % 8 == 1, .files = &no_files };
    struct jr_module *module = NULL;
    enum jr_status status = jr_mimium_compile(sources, file, &options, jr_alloc_default(), diags, &module);
    if (status == JR_OK) {
        fuzz_must_verify(module, "the front end");
        fuzz_run_module(module, salt / 8);
    } else if (status == JR_ERR_DIAGNOSED && jr_diags_error_count(diags) == 0) {
        fuzz_broken("a program is wrong, but nothing is said about it");
    }
    jr_module_destroy(module);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    struct jr_sb text;
    uint32_t file;
    jr_sb_init(&text, alloc);
    if (jr_sources_create(alloc, &sources) == JR_OK && jr_diags_create(alloc, &diags) == JR_OK &&
        jr_sources_add(sources, "input.mmm", (const char *)data, size, &file) == JR_OK) {
        compile(sources, file, diags, (unsigned)size);
        jr_diags_render_text(diags, sources, false, &text);
    }
    jr_sb_fini(&text);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    return 0;
}
