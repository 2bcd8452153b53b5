/* format.c -- the entry of the formatter, and the proof that what it printed is the same program. */
#include "frontend/mimium/format.h"

#include <string.h>

#include "frontend/mimium/deep.h"
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
    const struct jr_mm_program *program;
    enum jr_status status; /* of lay_out */
};

/* Where there is room for the height of the tree. */
static void lay_out(void *context)
{
    struct job *job = context;
    struct jr_format *f = &job->format;
    struct jr_group none = { .depth = UINT32_MAX };
    size_t length;
    int left = setjmp(job->unit.owner);
    if (left != 0) {
        job->status = (enum jr_status)left;
        return;
    }
    f->unit = &job->unit;
    f->text = jr_sources_text(job->unit.sources, job->program->file, &length);
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
    jr_format_mark(f, job->program);
    jr_format_group(f);
    jr_format_lay_out(f, &job->text);
    job->status = jr_sb_status(&job->text);
}

/* Parses the result: it must be the tree that it was made from. */
static enum jr_status prove(struct job *job, struct jr_diags *diags)
{
    struct jr_mm_program *again;
    enum jr_status status;
    uint32_t file;
    JR_TRY(jr_sources_create(job->unit.alloc, &job->again));
    JR_TRY(jr_sources_add(job->again, "formatted", jr_sb_view(&job->text), job->text.length, &file));
    JR_TRY(jr_mimium_parse(job->again, file, &job->ast, diags, &again));
    jr_mimium_dump_ast(&job->ast, job->program, &job->trees[0]);
    jr_mimium_dump_ast(&job->ast, again, &job->trees[1]);
    JR_TRY(jr_sb_status(&job->trees[0]));
    JR_TRY(jr_sb_status(&job->trees[1]));
    if (jr_diags_error_count(diags) > 0 ||
        strcmp(jr_sb_view(&job->trees[0]), jr_sb_view(&job->trees[1])) != 0)
        status = JR_ERR_VERIFY;
done:
    return status;
}

static enum jr_status run(struct job *job, uint32_t file, struct jr_diags *proof_diags)
{
    struct jr_mm_program *program;
    enum jr_status status;
    JR_TRY(jr_mimium_parse(job->unit.sources, file, &job->ast, job->unit.diags, &program));
    if (jr_diags_error_count(job->unit.diags) > 0)
        return JR_ERR_DIAGNOSED;
    job->program = program;
    JR_TRY(jr_mm_run_deep(program->height, lay_out, job));
    JR_TRY(job->status);
    JR_TRY(prove(job, proof_diags)); /* places in the result would mean nothing to the caller */
done:
    return status;
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
