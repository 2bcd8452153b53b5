/* load.c -- follows mod, use and include from file to file.
 *
 * Modules are known by their paths.  `mod foo` in module a is a::foo; `use foo::x` anywhere means a module that is known already,
 * seen from inside out, or else the file foo.mmm, which becomes the module foo of the program. */
#include "frontend/mimium/load_internal.h"

#include <string.h>

#include "frontend/mimium/library.h"
#include "frontend/mimium/parse.h"
#include "frontend/mimium/similar.h"

/* Files and modules inside each other: passes recurse through them. */
enum { NESTING_MAX = 400 };

/* What is known of a module. */
enum module_state { UNKNOWN, KNOWN, LOADING };

/* A file being loaded. */
struct opened {
    uint32_t file;
    const char *canonical;
    struct jr_span loaded_by; /* the statement; JR_FILE_NONE for the main file */
    jr_symbol module;         /* its path as a symbol; JR_SYMBOL_NONE for the main file and for includes */
};

struct loader {
    struct jr_unit *unit;
    struct jr_mm_ast *ast;
    struct jr_mm_finder finder;
    struct jr_mm_library *library;
    JR_UNIT_LIST(struct opened) opened; /* innermost last */
    JR_UNIT_LIST(uint8_t) states;       /* enum module_state, by the path as a symbol */
    uint32_t nesting;
    uint32_t height;             /* of the whole tree */
    const struct around *around; /* the statements being loaded */
};

/* Statements, and those that they stand in. */
struct around {
    const struct jr_mm_stmts *stmts;
    const struct around *outer;
};

static void load_stmts(struct loader *loader, const struct jr_mm_stmts *stmts, const char *module);

/* ---- modules ---- */

static jr_symbol module_symbol(struct loader *loader, const char *around, jr_symbol name)
{
    const char *text = jr_unit_text(loader->unit, name);
    if (around[0] == '\0')
        return name;
    return jr_unit_symbol(loader->unit, jr_unit_format(loader->unit, "%s::%s", around, text));
}

static enum module_state state_of(const struct loader *loader, jr_symbol module)
{
    return module < loader->states.count ? (enum module_state)loader->states.items[module] : UNKNOWN;
}

static void set_state(struct loader *loader, jr_symbol module, enum module_state state)
{
    while (loader->states.count <= module)
        JR_UNIT_PUSH(loader->unit, &loader->states, UNKNOWN);
    loader->states.items[module] = (uint8_t)state;
}

/* The module that `name` can mean inside `around`: JR_SYMBOL_NONE if none is known. */
static jr_symbol known_module(struct loader *loader, const char *around, jr_symbol name)
{
    if (state_of(loader, name) != UNKNOWN)
        return name;
    while (around[0] != '\0') {
        jr_symbol module = module_symbol(loader, around, name);
        if (state_of(loader, module) != UNKNOWN)
            return module;
        const char *last = strrchr(around, ':');
        around = last == NULL ? "" : jr_unit_format(loader->unit, "%.*s", (int)(last - 1 - around), around);
    }
    return JR_SYMBOL_NONE;
}

/* ---- files ---- */

/* Says what a module that has no file may be: one that is written out further down, or spelled almost like this. */
static void note_module(struct loader *loader, struct jr_diag *diag, const char *name)
{
    struct jr_diags *diags = loader->unit->diags;
    struct jr_similar similar = jr_similar_start(name);
    for (const struct around *around = loader->around; around != NULL; around = around->outer)
        for (uint32_t i = 0; i < around->stmts->count; i++) {
            const struct jr_mm_stmt *stmt = around->stmts->items[i];
            if (stmt->kind != JR_MM_STMT_MODULE || stmt->as.module.external)
                continue;
            const char *written = jr_unit_text(loader->unit, stmt->as.module.name.symbol);
            if (strcmp(written, name) == 0) {
                jr_diag_label(diags, diag, stmt->as.module.name.span,
                              "this module can be used only behind it");
                return;
            }
            jr_similar_consider(&similar, written);
        }
    jr_mm_library_consider(loader->library, &similar);
    if (similar.best != NULL)
        jr_diag_note(diags, diag, "did you mean `%s`?", similar.best);
}

static void report_search(struct loader *loader, const struct jr_mm_search *search, const char *name,
                          bool is_module, struct jr_span span)
{
    struct jr_diags *diags = loader->unit->diags;
    if (search->status == JR_ERR_NOT_FOUND) {
        struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_FILE, span, "file `%s` not found", name);
        if (is_module && diag != NULL)
            note_module(loader, diag,
                        jr_unit_format(loader->unit, "%.*s", (int)(strlen(name) - strlen(".mmm")), name));
        jr_diag_note(diags, diag, "%s", jr_mm_search_places(&loader->finder, span.file, name));
    } else if (search->status == JR_ERR_LIMIT) {
        jr_diags_error(diags, JR_CATEGORY_FILE, span, "file `%s` is too large", search->path);
    } else {
        struct jr_diag *diag =
            jr_diags_error(diags, JR_CATEGORY_FILE, span, "file `%s` cannot be read", search->path);
        jr_diag_note(diags, diag, "it is there, but is no file, or its permissions do not allow it");
    }
}

/* The files from opened[first] on would load each other for ever. */
static void report_cycle(struct loader *loader, uint32_t first, struct jr_span span)
{
    struct jr_unit *unit = loader->unit;
    const char *name = jr_sources_path(unit->sources, loader->opened.items[first].file);
    struct jr_diag *diag =
        jr_diags_error(unit->diags, JR_CATEGORY_FILE_SELF, span, "file `%s` would load itself", name);
    for (uint32_t i = first + 1; i < loader->opened.count; i++)
        jr_diag_label(unit->diags, diag, loader->opened.items[i].loaded_by, "`%s` is loaded here",
                      jr_sources_path(unit->sources, loader->opened.items[i].file));
}

static void enter(struct loader *loader, struct jr_span span)
{
    if (++loader->nesting > NESTING_MAX)
        jr_unit_leave_limit(loader->unit, span, "files and modules are nested more than %d levels deep",
                            NESTING_MAX);
}

static void note_height(struct loader *loader, const struct jr_mm_program *program)
{
    uint32_t height = loader->nesting + program->height;
    if (loader->height < height)
        loader->height = height;
}

/* Loads the file `name`; false after reporting that it cannot be. */
static bool load_file(struct loader *loader, const char *name, struct jr_span span, jr_symbol module,
                      const char *module_path, struct jr_mm_stmts *out)
{
    struct jr_unit *unit = loader->unit;
    struct jr_mm_program *program;
    struct jr_mm_search search = jr_mm_search(&loader->finder, span.file, name);
    if (search.status != JR_OK) {
        report_search(loader, &search, name, module != JR_SYMBOL_NONE, span);
        return false;
    }
    const char *canonical = jr_mm_canonical_path(unit, search.path);
    for (uint32_t i = 0; i < loader->opened.count; i++)
        if (strcmp(loader->opened.items[i].canonical, canonical) == 0) {
            report_cycle(loader, i, span);
            return false;
        }
    size_t errors = jr_diags_error_count(unit->diags);
    enum jr_status status = jr_mimium_parse(unit->sources, search.file, loader->ast, unit->diags, &program);
    if (status != JR_OK)
        jr_unit_leave(unit, status);
    if (program->stmts.count == 0 && jr_diags_error_count(unit->diags) > errors) /* it is no text */
        return false;
    JR_UNIT_PUSH(unit, &loader->opened, (struct opened){ search.file, canonical, span, module });
    enter(loader, span);
    note_height(loader, program);
    load_stmts(loader, &program->stmts, module_path);
    loader->nesting--;
    loader->opened.count--;
    *out = program->stmts;
    return true;
}

static void load_module(struct loader *loader, struct jr_mm_stmt *stmt, jr_symbol module)
{
    const char *name = jr_unit_text(loader->unit, stmt->as.module.name.symbol);
    set_state(loader, module, LOADING);
    stmt->as.module.missing =
        !load_file(loader, jr_unit_format(loader->unit, "%s.mmm", name), stmt->node.span, module,
                   jr_unit_text(loader->unit, module), &stmt->as.module.body);
    set_state(loader, module, KNOWN);
}

/* ---- statements ---- */

static void load_mod(struct loader *loader, struct jr_mm_stmt *stmt, const char *around)
{
    jr_symbol name = stmt->as.module.name.symbol;
    if (name == JR_SYMBOL_NONE) /* reported */
        return;
    jr_symbol module = module_symbol(loader, around, name);
    if (!stmt->as.module.external) {
        if (state_of(loader, module) == UNKNOWN)
            set_state(loader, module, KNOWN);
        enter(loader, stmt->node.span);
        load_stmts(loader, &stmt->as.module.body, jr_unit_text(loader->unit, module));
        loader->nesting--;
    } else if (state_of(loader, module) == UNKNOWN) {
        load_module(loader, stmt, module);
    }
}

static void load_use(struct loader *loader, struct jr_mm_stmt *stmt, const char *around)
{
    struct jr_mm_name name = stmt->as.use.path.names[0];
    jr_symbol module = known_module(loader, around, name.symbol);
    if (module == JR_SYMBOL_NONE) {
        struct jr_mm_stmt *loaded = jr_mm_stmt_new(loader->ast, JR_MM_STMT_MODULE, stmt->node.span);
        if (loaded == NULL)
            jr_unit_leave(loader->unit, JR_ERR_NO_MEMORY);
        loaded->as.module.name = name;
        loaded->as.module.external = true;
        stmt->as.use.loaded = loaded;
        load_module(loader, loaded, name.symbol);
        return;
    }
    if (state_of(loader, module) != LOADING)
        return;
    /* it is a file around this one, so not all of it is there yet; naming its own module is no cycle */
    uint32_t at = loader->opened.count - 1, last = at;
    while (at > 0 && loader->opened.items[at].module != module)
        at--;
    while (last > 0 &&
           loader->opened.items[last].module == JR_SYMBOL_NONE) /* an include belongs to who includes it */
        last--;
    if (at == last)
        return;
    report_cycle(loader, at, stmt->node.span);
    stmt->as.use.missing = true;
}

static void load_stmts(struct loader *loader, const struct jr_mm_stmts *stmts, const char *module)
{
    struct around around = { stmts, loader->around };
    loader->around = &around;
    for (uint32_t i = 0; i < stmts->count; i++) {
        struct jr_mm_stmt *stmt = stmts->items[i];
        switch (stmt->kind) {
        case JR_MM_STMT_INCLUDE: /* always into the program itself */
            stmt->as.include.missing = !load_file(loader, stmt->as.include.path, stmt->node.span,
                                                  JR_SYMBOL_NONE, "", &stmt->as.include.body);
            break;
        case JR_MM_STMT_MODULE:
            load_mod(loader, stmt, module);
            break;
        case JR_MM_STMT_USE:
            load_use(loader, stmt, module);
            break;
        case JR_MM_STMT_FUNCTION:
        case JR_MM_STMT_LET:
        case JR_MM_STMT_LETREC:
        case JR_MM_STMT_EXPR:
        case JR_MM_STMT_STAGE:
        case JR_MM_STMT_SUM:
        case JR_MM_STMT_ALIAS:
            break;
        }
    }
    loader->around = around.outer;
}

struct jr_mm_program *jr_mm_load(struct jr_unit *unit, struct jr_mm_ast *ast, struct jr_sources *sources,
                                 const struct jr_mimium_options *options, struct jr_mm_library *library,
                                 uint32_t file)
{
    struct loader *loader = JR_UNIT_NEW(unit, struct loader);
    struct jr_mm_program *program;
    enum jr_status status = jr_mimium_parse(unit->sources, file, ast, unit->diags, &program);
    if (status != JR_OK)
        jr_unit_leave(unit, status);
    loader->unit = unit;
    loader->ast = ast;
    loader->library = library;
    loader->finder = (struct jr_mm_finder){ unit, sources, options };
    struct opened main_file = { .file = file };
    main_file.canonical = jr_mm_canonical_path(unit, jr_sources_path(unit->sources, file));
    JR_UNIT_PUSH(unit, &loader->opened, main_file);
    note_height(loader, program);
    load_stmts(loader, &program->stmts, "");
    program->height = loader->height;
    return program;
}
