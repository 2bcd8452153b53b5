/* mimium.c -- the passes of a compilation, one after the other, and the owner of what they make. */
#include "frontend/mimium/mimium.h"

#include <string.h>

#include "frontend/mimium/ast.h"
#include "frontend/mimium/deep.h"
#include "frontend/mimium/emit.h"
#include "frontend/mimium/expand.h"
#include "frontend/mimium/infer.h"
#include "frontend/mimium/library.h"
#include "frontend/mimium/load.h"
#include "frontend/mimium/print.h"
#include "frontend/mimium/resolve.h"
#include "frontend/mimium/stage_internal.h"
#include "frontend/mimium/unit.h"
#include "ir/base/sb.h"
#include "ir/builder.h"
#include "ir/module.h"

/* All that a compilation owns, outside the frames that setjmp may come back to. */
struct session {
    struct jr_mimium_options options;
    struct jr_sources *sources;
    struct jr_unit unit;
    struct jr_arena arena;
    struct jr_mm_ast ast;
    struct jr_mm_library library;
    struct jr_mm_names names;
    struct jr_types types;
    struct jr_builder *builder;
    struct jr_mm_program *program;
    struct jr_mm_stage *stage; /* NULL if the program has no splice */
    struct jr_core_program *core;
    bool emits;
    void (*visit)(void *context, const struct jr_mimium_global *global); /* NULL: nobody */
    void *visit_context;
    struct jr_sb *text; /* where the expanded program goes, NULL if it is to be compiled */
    enum jr_status status;
    struct jr_module *module;
};

static enum jr_status know_hosts(struct session *session)
{
    uint32_t count = session->options.host_count;
    struct jr_builtin *hosts = JR_ARENA_ARRAY(&session->arena, struct jr_builtin, count);
    if (count == 0)
        return JR_OK;
    if (hosts == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_mimium_host *host = &session->options.hosts[i];
        hosts[i] = (struct jr_builtin){ .name = host->name, .type = JR_BUILTIN_LETTERS, .form = JR_BUILTIN_HOST,
                                        .op = JR_OP_CALL_HOST, .params = host->params, .results = host->results };
    }
    session->unit.hosts = hosts;
    session->unit.host_count = count;
    return JR_OK;
}

static enum jr_status open_session(struct session *session, struct jr_sources *sources,
                                   const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                   struct jr_diags *diags)
{
    memset(session, 0, sizeof *session);
    jr_arena_init(&session->arena, alloc);
    session->unit.alloc = alloc;
    session->unit.arena = &session->arena;
    session->sources = sources;
    session->unit.sources = sources;
    session->unit.diags = diags;
    if (options != NULL)
        session->options = *options;
    session->unit.self_init_0 = session->options.self_init_0;
    enum jr_status status = jr_symbols_create(alloc, &session->unit.symbols);
    session->ast.arena = &session->arena;
    session->ast.symbols = session->unit.symbols;
    jr_mm_library_init(&session->library, &session->unit, &session->ast, &session->options);
    return status == JR_OK ? know_hosts(session) : status;
}

static void close_session(struct session *session)
{
    jr_mm_library_fini(&session->library);
    jr_builder_destroy(session->builder);
    jr_symbols_destroy(session->unit.symbols);
    jr_arena_fini(&session->arena);
}

/* Emits the core tree as a module. */
static enum jr_status emit(struct session *session)
{
    enum jr_status status = jr_builder_create(session->unit.alloc, "mimium", &session->builder);
    if (status != JR_OK)
        return status;
    int left = setjmp(session->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    jr_emit(&session->unit, &session->types, session->core, session->builder);

    char message[256];
    status = jr_builder_finish(session->builder, &session->module, message, sizeof message);
    jr_builder_destroy(session->builder);
    session->builder = NULL;
    if (status == JR_ERR_LIMIT) {
        jr_diags_error(session->unit.diags, JR_CATEGORY_LIMIT, session->core->main->span,
                       "the program is too large: %s", message);
        status = JR_ERR_DIAGNOSED;
    }
    return status;
}

static enum jr_status diagnosed(const struct session *session)
{
    if (jr_diags_status(session->unit.diags) != JR_OK)
        return jr_diags_status(session->unit.diags);
    return jr_diags_error_count(session->unit.diags) > 0 ? JR_ERR_DIAGNOSED : JR_OK;
}

/* Loads the program; it does not recurse far. */
static enum jr_status load(struct session *session, uint32_t file)
{
    int left = setjmp(session->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    session->program = jr_mm_load(&session->unit, &session->ast, session->sources, &session->options,
                                  &session->library, file);
    return JR_OK;
}

static enum jr_status resolve(struct session *session)
{
    int left = setjmp(session->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    session->program = jr_mm_resolve(&session->unit, session->program, &session->library, &session->names);
    if (session->names.spliced)
        session->stage = jr_mm_stage_new(&session->unit, &session->ast, &session->options.stage_host);
    return JR_OK;
}

static void visit_globals(struct session *session)
{
    for (uint32_t i = 0; i < session->core->defined.count; i++) {
        const struct jr_binding *binding = session->core->defined.items[i];
        const struct jr_mm_def *def = jr_mm_def_of(&session->names, binding->name);
        struct jr_mimium_global global = { .span = binding->span, .is_macro = def->stage == JR_MM_STAGE_MACRO };
        global.type = jr_ty_source_text(&session->types, binding->scheme.ty);
        if (binding->fn != NULL) {
            global.param_count = binding->fn->param_count;
            global.signature =
                jr_ty_print_signature(&session->types, binding->scheme.ty, global.param_count);
        }
        if (def->kind == JR_MM_DEF_GLOBAL)
            session->visit(session->visit_context, &global);
    }
}

/* Types the main program, or with a stage what of it is macros; the core tree is there also if errors were found. */
static enum jr_status infer(struct session *session, struct jr_mm_stage *stage)
{
    int left = setjmp(session->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    session->core =
        jr_infer(&session->unit, session->program, &session->names, stage, &session->types);
    if (session->visit != NULL)
        visit_globals(session);
    return diagnosed(session);
}

static enum jr_status expand(struct session *session)
{
    int left = setjmp(session->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    session->program = jr_mm_expand(&session->unit, &session->ast, &session->names, session->program,
                                    session->stage);
    return diagnosed(session);
}

/* ---- rounds: the passes that recurse along the tree, between which other machines run ---- */

static enum jr_status print(struct session *session)
{
    int left = setjmp(session->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    jr_mm_print(&session->unit, &session->names, session->program, session->text);
    return JR_OK;
}

/* The program without splices, to its core tree and module. */
static void main_round(void *context)
{
    struct session *session = context;
    session->status = session->text != NULL ? print(session) : infer(session, NULL);
    if (session->status == JR_OK && session->emits)
        session->status = emit(session);
}

/* As far as one comes without running macros. */
static void first_round(void *context)
{
    struct session *session = context;
    session->status = resolve(session);
    if (session->status != JR_OK)
        return;
    if (session->stage == NULL) {
        main_round(session);
        return;
    }
    session->status = infer(session, session->stage);
    session->unit.stage = session->stage;
    if (session->status == JR_OK)
        session->status = emit(session);
    if (session->status == JR_OK) /* some types are only known when code is made for them */
        session->status = diagnosed(session);
    session->unit.stage = NULL;
}

static void expand_round(void *context)
{
    struct session *session = context;
    session->status = expand(session);
    if (session->status == JR_OK || session->text != NULL)
        main_round(session);
}

static enum jr_status run_macros(struct session *session)
{
    struct jr_mm_stage_host *host = &session->options.stage_host;
    struct jr_module *module = session->module;
    session->module = NULL;
    if (host->run != NULL)
        return host->run(host->user, module, session->stage, session->unit.diags);
    jr_module_destroy(module);
    jr_diags_error(session->unit.diags, JR_CATEGORY_UNSUPPORTED, session->core->main->span,
                   "this program has macros, and there is nothing here to run them");
    return JR_ERR_DIAGNOSED;
}

static enum jr_status run(struct session *session, uint32_t file)
{
    enum jr_status status;
    JR_TRY(load(session, file));
    JR_TRY(jr_mm_run_deep(session->program->height, first_round, session));
    JR_TRY(session->status);
    if (session->stage == NULL)
        return JR_OK;
    JR_TRY(run_macros(session));
    JR_TRY(jr_mm_run_deep(JR_MM_DEPTH_MAX, expand_round, session));
    status = session->status;
done:
    if (status != JR_OK) {
        jr_module_destroy(session->module);
        session->module = NULL;
    }
    return status;
}

enum jr_status jr_mimium_compile(struct jr_sources *sources, uint32_t file,
                                 const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                 struct jr_diags *diags, struct jr_module **out)
{
    struct session session;
    *out = NULL;
    enum jr_status status = open_session(&session, sources, options, alloc, diags);
    session.emits = true;
    if (status == JR_OK)
        status = run(&session, file);
    *out = session.module;
    close_session(&session);
    return status;
}

static void dump_types(struct session *session, struct jr_sb *out)
{
    for (uint32_t i = 0; i < session->core->globals.count; i++) {
        const struct jr_binding *binding = session->core->globals.items[i];
        jr_sb_format(out, "%s: ", jr_unit_text(&session->unit, binding->name));
        jr_ty_print(&session->types, binding->scheme.ty, false, out);
        jr_sb_char(out, '\n');
    }
}

enum jr_status jr_mimium_dump_types(struct jr_sources *sources, uint32_t file,
                                    const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                    struct jr_diags *diags, struct jr_sb *out)
{
    struct session session;
    enum jr_status status = open_session(&session, sources, options, alloc, diags);
    if (status == JR_OK)
        status = run(&session, file);
    if (session.core != NULL)
        dump_types(&session, out);
    close_session(&session);
    return status == JR_OK ? jr_sb_status(out) : status;
}

enum jr_status jr_mimium_visit_globals(struct jr_sources *sources, uint32_t file,
                                       const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                       struct jr_diags *diags,
                                       void (*visit)(void *context, const struct jr_mimium_global *global),
                                       void *context)
{
    struct session session;
    enum jr_status status = open_session(&session, sources, options, alloc, diags);
    session.visit = visit;
    session.visit_context = context;
    if (status == JR_OK)
        status = run(&session, file);
    close_session(&session);
    return status;
}

enum jr_status jr_mimium_dump_expanded(struct jr_sources *sources, uint32_t file,
                                       const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                       struct jr_diags *diags, struct jr_sb *out)
{
    struct session session;
    enum jr_status status = open_session(&session, sources, options, alloc, diags);
    session.text = out;
    if (status == JR_OK)
        status = run(&session, file);
    close_session(&session);
    return status == JR_OK ? jr_sb_status(out) : status;
}
