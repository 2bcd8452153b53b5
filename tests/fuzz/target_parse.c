/* target_parse.c -- lexer and parser of mimium, the tree as text, and diagnostics in both forms. */
#include "frontend/diag.h"
#include "frontend/intern.h"
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
    }
    jr_sb_fini(&tree);
    jr_symbols_destroy(ast.symbols);
    jr_arena_fini(&arena);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    return 0;
}
