/* parse_text.c -- one parse with all that belongs to it. */
#include "tests/unit/frontend/parse_text.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/diag.h"
#include "frontend/mimium/parse.h"
#include "ir/base/arena.h"

static void put_errors(struct jr_sb *out, const struct jr_diags *diags, const struct jr_sources *sources)
{
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        const struct jr_diag *diag = jr_diags_at(diags, i);
        struct jr_position start = jr_sources_position(sources, diag->span.file, diag->span.start);
        struct jr_position end = jr_sources_position(sources, diag->span.file, diag->span.end);
        jr_sb_format(out, "%u:%u-%u:%u %s %s\n", start.line, start.column, end.line, end.column,
                     jr_category_code(diag->category), diag->message);
        for (uint32_t k = 0; k < diag->note_count; k++)
            jr_sb_format(out, "  %s\n", diag->notes[k]);
    }
}

static void parse(struct parse_text *parsed, const struct jr_alloc *alloc, const char *text, size_t length,
                  bool exact)
{
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL;
    struct jr_symbols *symbols = NULL;
    struct jr_mm_program *program = NULL;
    struct jr_arena arena;
    enum jr_status status;
    uint32_t file;
    memset(parsed, 0, sizeof *parsed);
    jr_sb_init(&parsed->tree, jr_alloc_default());
    jr_sb_init(&parsed->errors, jr_alloc_default());
    jr_arena_init(&arena, alloc);
    arena.exact = exact;
    JR_TRY(jr_sources_create(alloc, &sources));
    JR_TRY(jr_diags_create(alloc, &diags));
    JR_TRY(jr_symbols_create(alloc, &symbols));
    JR_TRY(jr_sources_add(sources, "test.mmm", text, length, &file));
    struct jr_mm_ast ast = { &arena, symbols, 0 };
    JR_TRY(jr_mimium_parse(sources, file, &ast, diags, &program));
    JR_TRY(jr_mimium_dump_ast(&ast, program, &parsed->tree));
    put_errors(&parsed->errors, diags, sources);
    parsed->error_count = jr_diags_error_count(diags);
    parsed->node_count = ast.node_count;
    for (uint32_t i = 0; i < program->stmts.count; i++)
        if (parsed->height < program->stmts.items[i]->node.height)
            parsed->height = program->stmts.items[i]->node.height;
done:
    parsed->status = status;
    jr_symbols_destroy(symbols);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
    jr_arena_fini(&arena);
}

void parse_text(struct parse_text *parsed, const struct jr_alloc *alloc, const char *text, size_t length)
{
    parse(parsed, alloc, text, length, false);
}

void parse_text_exact(struct parse_text *parsed, const struct jr_alloc *alloc, const char *text,
                      size_t length)
{
    parse(parsed, alloc, text, length, true);
}

void parse_text_fini(struct parse_text *parsed)
{
    jr_sb_fini(&parsed->tree);
    jr_sb_fini(&parsed->errors);
}

static void *counted(void *user, void *ptr, size_t old_size, size_t new_size)
{
    struct counting_heap *heap = user;
    if (new_size > 0) {
        heap->calls++;
        if (heap->fail_at > 0 && heap->calls >= heap->fail_at)
            return NULL;
    }
    heap->live_bytes += new_size - old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

struct jr_alloc counting_alloc(struct counting_heap *heap)
{
    struct jr_alloc alloc = { counted, heap };
    return alloc;
}
