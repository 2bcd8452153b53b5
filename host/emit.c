/* emit.c -- the stages of a program as text, for --emit. */
#include "frontend/intern.h"
#include "frontend/mimium/mimium.h"
#include "frontend/mimium/parse.h"
#include "host/listing.h"
#include "host/session_internal.h"
#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/hash.h"
#include "ir/base/sb.h"
#include "ir/disasm.h"
#include "ir/image.h"
#include "ir/module.h"
#include "ir/state_tree.h"
#include "jit/graph/plan.h"
#include "runtime/residual.h"

/* ---- source ---- */

static enum jr_status put_ast(struct jr_session *session, struct jr_sb *out)
{
    struct jr_diags *diags = NULL; /* the same errors once more; they are reported already */
    struct jr_symbols *symbols = NULL;
    struct jr_mm_program *program;
    struct jr_mm_ast ast;
    struct jr_arena arena;
    enum jr_status status;
    jr_arena_init(&arena, session->alloc);
    JR_TRY(jr_diags_create(session->alloc, &diags));
    JR_TRY(jr_symbols_create(session->alloc, &symbols));
    ast = (struct jr_mm_ast){ .arena = &arena, .symbols = symbols };
    JR_TRY(jr_mimium_parse(session->sources, 1, &ast, diags, &program));
    JR_TRY(jr_mimium_dump_ast(&ast, program, out));
done:
    jr_symbols_destroy(symbols);
    jr_diags_destroy(diags);
    jr_arena_fini(&arena);
    return status;
}

/* jr_mimium_dump_types or jr_mimium_dump_expanded; what they find wrong is reported already. */
typedef enum jr_status dump_function(struct jr_sources *sources, uint32_t file,
                                     const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                     struct jr_diags *diags, struct jr_sb *out);

static enum jr_status put_dump(struct jr_session *session, dump_function *dump, struct jr_sb *out)
{
    struct jr_mimium_options options = jr_session_mimium_options(session);
    struct jr_diags *diags = NULL;
    enum jr_status status;
    JR_TRY(jr_diags_create(session->alloc, &diags));
    status = dump(session->sources, 1, &options, session->alloc, diags, out);
done:
    jr_diags_destroy(diags);
    return status;
}

static enum jr_status put_specialised(struct jr_session *session, struct jr_sb *out)
{
    const struct jr_residual *residual = session->vm ? jr_vm_residual(session->vm) : NULL;
    if (residual)
        return jr_disassemble(residual->module, residual->function, out);
    jr_sb_format(out, "; dsp is not specialised: %s\n",
                 session->not_specialised[0] ? session->not_specialised : "there is none, or it is not wanted");
    return JR_OK;
}

static enum jr_status put_plan(struct jr_session *session, struct jr_sb *out)
{
    const struct jr_residual *residual = session->vm ? jr_vm_residual(session->vm) : NULL;
    char reason[JR_PLAN_REASON_BYTES];
    struct jr_plan *plan;
    if (!residual)
        return put_specialised(session, out);
    enum jr_status status = jr_plan_make(residual, session->alloc, &plan, reason);
    if (status == JR_ERR_UNSUPPORTED) {
        jr_sb_format(out, "; frame by frame: %s\n", reason);
        return JR_OK;
    }
    if (status == JR_OK)
        jr_plan_print(plan, out);
    jr_plan_destroy(plan);
    return status;
}

/* ---- machine code ---- */

static enum jr_status put_function(struct jr_session *session, const struct jr_module *module, uint32_t index, int what,
                                   struct jr_sb *out)
{
    struct jr_sb text;
    jr_sb_init(&text, session->alloc);
    enum jr_status status = jr_jit_emit(session->jit, index, what, &text);
    if (status == JR_OK)
        jr_listing_expand(session, module, jr_sb_view(&text), out);
    jr_sb_fini(&text);
    return status;
}

static enum jr_status put_code(struct jr_session *session, int what, struct jr_sb *out)
{
    const struct jr_module *module = session->module;
    const struct jr_residual *residual = jr_vm_residual(session->vm);
    if (!session->jit)
        return jr_session_fail(session, JR_ERR_UNSUPPORTED,
                               "the compiler is off, so it has nothing to print");
    for (uint32_t i = 0; i < module->function_count; i++) {
        enum jr_status status = put_function(session, module, i, what, out);
        if (status == JR_ERR_UNSUPPORTED && jr_jit_refusal(session->jit, i))
            jr_sb_format(out, "; %s is not compiled: %s\n", module->functions[i].name,
                         jr_jit_refusal(session->jit, i));
        else if (status != JR_OK)
            return jr_session_fail(session, status, "the compiler cannot print %s: %s",
                                   module->functions[i].name, jr_status_text(status));
    }
    if (residual && put_function(session, residual->module, residual->function, what, out) != JR_OK)
        return jr_session_fail(session, JR_ERR_UNSUPPORTED, "the compiler cannot print the block of dsp");
    return JR_OK;
}

enum jr_status jr_session_emit(struct jr_session *session, enum jr_session_emit what, struct jr_sb *out)
{
    bool from_source = jr_sources_count(session->sources) > 0 && session->language == JR_LANGUAGE_MIMIUM;
    enum jr_status status = JR_OK;
    switch (what) {
    case JR_SESSION_EMIT_AST:
    case JR_SESSION_EMIT_EXPANDED:
    case JR_SESSION_EMIT_TYPES:
        if (!from_source)
            return jr_session_fail(session, JR_ERR_UNSUPPORTED, "only source has a syntax tree and types");
        status = what == JR_SESSION_EMIT_AST        ? put_ast(session, out)
                 : what == JR_SESSION_EMIT_EXPANDED ? put_dump(session, jr_mimium_dump_expanded, out)
                                                    : put_dump(session, jr_mimium_dump_types, out);
        break;
    case JR_SESSION_EMIT_STATE:
        status = jr_state_print(session->module, JR_NONE, out);
        break;
    case JR_SESSION_EMIT_BYTECODE:
        status = jr_disassemble(session->module, JR_NONE, out);
        break;
    case JR_SESSION_EMIT_SPECIALISED:
        status = put_specialised(session, out);
        break;
    case JR_SESSION_EMIT_PLAN:
        status = put_plan(session, out);
        break;
    case JR_SESSION_EMIT_LLVM:
        return put_code(session, 0, out);
    case JR_SESSION_EMIT_LLVM_OPT:
        return put_code(session, 1, out);
    case JR_SESSION_EMIT_ASM:
        return put_code(session, 2, out);
    }
    if (out->length > 0 && out->text[out->length - 1] != '\n')
        jr_sb_char(out, '\n');
    if (status == JR_OK)
        status = jr_sb_status(out);
    if (status != JR_OK && status != JR_ERR_DIAGNOSED)
        jr_session_fail(session, status, "%s", jr_status_text(status));
    return status;
}

enum jr_status jr_session_save(struct jr_session *session, struct jr_sb *out)
{
    uint32_t count = jr_sources_count(session->sources);
    struct jr_image_key *keys = NULL;
    enum jr_status status;
    if (session->samples.count > 0)
        return jr_session_fail(session, JR_ERR_UNSUPPORTED,
                               "a program that plays sound files cannot be saved: they would not be in it");
    if (count > 0 && !(keys = jr_alloc_array(session->alloc, count, sizeof *keys)))
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        const char *text = jr_sources_text(session->sources, i + 1, &length);
        keys[i] =
            (struct jr_image_key){ jr_sources_path(session->sources, i + 1), jr_hash_bytes(0, text, length) };
    }
    status = jr_image_save(session->module, keys, count, out);
    jr_alloc_free(session->alloc, keys, count * sizeof *keys);
    return status == JR_OK ? jr_sb_status(out) : status;
}
