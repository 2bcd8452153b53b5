/* format.c -- the entry of the formatter, and the proof that what it printed is the same program. */
#include "frontend/mimium/format.h"

#include <string.h>

#include "frontend/mimium/format_internal.h"
#include "frontend/mimium/parse.h"
#include "ir/base/alloc.h"

/* All that formatting owns, outside the frames that setjmp may come back to. */
struct job {
    struct jr_unit unit;
    struct jr_arena arena;
    struct jr_mm_ast ast;
    struct jr_mm_tokens tokens;
    struct jr_format format;
    struct jr_sb text, trees[2];
    struct jr_sources *again;
};

static void parse(struct job *job, const struct jr_sources *sources, uint32_t file,
                  struct jr_mm_program **program)
{
    enum jr_status status = jr_mimium_parse(sources, file, &job->ast, job->unit.diags, program);
    if (status == JR_OK && jr_diags_error_count(job->unit.diags) > 0)
        status = JR_ERR_DIAGNOSED;
    if (status != JR_OK)
        jr_unit_leave(&job->unit, status);
}

static void lay_out(struct job *job, const struct jr_mm_program *program)
{
    struct jr_format *f = &job->format;
    struct jr_group none = { .depth = UINT32_MAX };
    size_t length;
    f->unit = &job->unit;
    f->text = jr_sources_text(job->unit.sources, program->file, &length);
    f->length = (uint32_t)length;
    if (jr_mm_lex(f->text, length, job->unit.alloc, &job->tokens) != JR_OK)
        jr_unit_leave(&job->unit, JR_ERR_NO_MEMORY);
    f->tokens = job->tokens.items;
    f->count = (uint32_t)job->tokens.count;
    f->gaps = JR_UNIT_ARRAY(f->unit, struct jr_gap, f->count);
    f->brackets = JR_UNIT_ARRAY(f->unit, struct jr_bracket, f->count);
    f->newline_sums = JR_UNIT_ARRAY(f->unit, uint32_t, f->count + 1);
    JR_UNIT_PUSH(f->unit, &f->groups, none);
    jr_format_read_trivia(f);
    jr_format_pair_brackets(f);
    jr_format_mark(f, program);
    jr_format_group(f);
    jr_format_lay_out(f, &job->text);
    if (jr_sb_status(&job->text) != JR_OK)
        jr_unit_leave(&job->unit, JR_ERR_NO_MEMORY);
}

/* Parses the result: it must be the tree that it was made from. */
static void prove(struct job *job, const struct jr_mm_program *program)
{
    struct jr_mm_program *again;
    uint32_t file;
    enum jr_status status = jr_sources_create(job->unit.alloc, &job->again);
    if (status == JR_OK)
        status = jr_sources_add(job->again, "formatted", jr_sb_view(&job->text), job->text.length, &file);
    if (status == JR_OK)
        status = jr_mimium_parse(job->again, file, &job->ast, job->unit.diags, &again);
    if (status != JR_OK)
        jr_unit_leave(&job->unit, status);
    jr_mimium_dump_ast(&job->ast, program, &job->trees[0]);
    jr_mimium_dump_ast(&job->ast, again, &job->trees[1]);
    if (jr_sb_status(&job->trees[0]) != JR_OK || jr_sb_status(&job->trees[1]) != JR_OK)
        jr_unit_leave(&job->unit, JR_ERR_NO_MEMORY);
    if (strcmp(jr_sb_view(&job->trees[0]), jr_sb_view(&job->trees[1])) != 0)
        jr_unit_leave(&job->unit, JR_ERR_VERIFY);
}

static enum jr_status run(struct job *job, uint32_t file, struct jr_diags *proof_diags)
{
    struct jr_mm_program *program;
    int left = setjmp(job->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    parse(job, job->unit.sources, file, &program);
    lay_out(job, program);
    job->unit.diags = proof_diags; /* places in the result would mean nothing to the caller */
    prove(job, program);
    return jr_diags_error_count(proof_diags) > 0 ? JR_ERR_VERIFY : JR_OK;
}

enum jr_status jr_mimium_format(const struct jr_sources *sources, uint32_t file, const struct jr_alloc *alloc,
                                struct jr_diags *diags, struct jr_sb *out)
{
    struct job job = { 0 };
    struct jr_diags *proof_diags = NULL;
    jr_arena_init(&job.arena, alloc);
    jr_sb_init(&job.text, alloc);
    jr_sb_init(&job.trees[0], alloc);
    jr_sb_init(&job.trees[1], alloc);
    jr_sb_init(&job.format.body, alloc);
    job.unit.alloc = alloc;
    job.unit.arena = &job.arena;
    job.unit.sources = sources;
    job.unit.diags = diags;
    enum jr_status status = jr_symbols_create(alloc, &job.unit.symbols);
    if (status == JR_OK)
        status = jr_diags_create(alloc, &proof_diags);
    job.ast.arena = &job.arena;
    job.ast.symbols = job.unit.symbols;
    if (status == JR_OK)
        status = run(&job, file, proof_diags);
    if (status == JR_OK)
        jr_sb_bytes(out, jr_sb_view(&job.text), job.text.length);
    jr_diags_destroy(proof_diags);
    jr_sources_destroy(job.again);
    jr_mm_tokens_free(alloc, &job.tokens);
    jr_symbols_destroy(job.unit.symbols);
    jr_sb_fini(&job.format.body);
    jr_sb_fini(&job.trees[1]);
    jr_sb_fini(&job.trees[0]);
    jr_sb_fini(&job.text);
    jr_arena_fini(&job.arena);
    return status == JR_OK ? jr_sb_status(out) : status;
}
