/* target_parse.c -- lexer and parser of mimium, the tree as text, diagnostics in both forms, and the formatter. */
#include <string.h>

#include "frontend/diag.h"
#include "frontend/intern.h"
#include "frontend/mimium/format.h"
#include "frontend/mimium/parse.h"
#include "frontend/source.h"
#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/sb.h"
#include "tests/fuzz/fuzz.h"

static void render(const struct jr_diags *diags, const struct jr_sources *sources)
{
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    jr_diags_render_text(diags, sources, true, &text);
    jr_diags_render_json(diags, sources, &text);
    jr_sb_fini(&text);
}

/* What is formatted stays as it is when it is formatted again. */
static void format(struct jr_sources *sources, uint32_t file, struct jr_diags *diags)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    struct jr_sb once, twice;
    enum jr_status status;
    uint32_t formatted;
    jr_sb_init(&once, alloc);
    jr_sb_init(&twice, alloc);
    status = jr_mimium_format(sources, file, alloc, diags, &once);
    if (status == JR_ERR_VERIFY)
        fuzz_broken("the formatter makes another program");
    if (status == JR_OK &&
        jr_sources_add(sources, "formatted.mmm", jr_sb_view(&once), once.length, &formatted) == JR_OK) {
        if (jr_mimium_format(sources, formatted, alloc, diags, &twice) != JR_OK)
            fuzz_broken("what was formatted cannot be formatted:\n%s", jr_sb_view(&once));
        if (strcmp(jr_sb_view(&once), jr_sb_view(&twice)) != 0)
            fuzz_broken("formatting again changes\n%s\n---- to\n%s", jr_sb_view(&once), jr_sb_view(&twice));
    }
    jr_sb_fini(&once);
    jr_sb_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    struct jr_mm_program *program = NULL;
    struct jr_arena arena;
    struct jr_mm_ast ast = { .arena = &arena };
    struct jr_sb tree;
    uint32_t file;
    jr_arena_init(&arena, alloc);
    jr_sb_init(&tree, alloc);
    if (jr_sources_create(alloc, &sources) == JR_OK && jr_diags_create(alloc, &diags) == JR_OK &&
        jr_symbols_create(alloc, &ast.symbols) == JR_OK &&
        jr_sources_add(sources, "input.mmm", (const char *)data, size, &file) == JR_OK &&
        jr_mimium_parse(sources, file, &ast, diags, &program) == JR_OK) {
        jr_mimium_dump_ast(&ast, program, &tree);
        render(diags, sources);
        format(sources, file, diags);
    }
    jr_sb_fini(&tree);
    jr_symbols_destroy(ast.symbols);
    jr_arena_fini(&arena);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    return 0;
}
