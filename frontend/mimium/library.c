/* library.c -- reads the library on demand. */
#include "frontend/mimium/library.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/mimium/parse.h"
#include "frontend/mimium/similar.h"

void jr_mm_library_init(struct jr_mm_library *library, struct jr_unit *unit, struct jr_mm_ast *ast,
                        const struct jr_mimium_options *options)
{
    *library = (struct jr_mm_library){ .unit = unit, .ast = ast, .options = options };
}

void jr_mm_library_fini(struct jr_mm_library *library)
{
    jr_diags_destroy(library->diags);
    jr_sources_destroy(library->sources);
    library->diags = NULL;
    library->sources = NULL;
}

static int is_source(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".mmm") == 0;
}

/* A listing longer than this is no library; nothing is allocated for it below while scandir's memory is held. */
enum { MODULES_MAX = 256 };

static void list_folder(struct jr_mm_library *library, const char *folder)
{
    struct dirent **found = NULL;
    int count = scandir(folder, &found, is_source, alphasort);
    const char *names[MODULES_MAX];
    int kept = 0;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(found[i]->d_name) - 4;
        const char *name =
            kept < MODULES_MAX ? jr_arena_text(library->unit->arena, found[i]->d_name, length) : NULL;
        if (name != NULL)
            names[kept++] = name;
        free(found[i]);
    }
    free(found);
    for (int i = 0; i < kept; i++)
        JR_UNIT_PUSH(library->unit, &library->modules, names[i]);
}

static void list_modules(struct jr_mm_library *library)
{
    if (library->listed)
        return;
    library->listed = true;
    for (uint32_t i = 0; library->options->files == NULL && i < library->options->library_count; i++)
        list_folder(library, library->options->libraries[i]);
}

static void add_entry(struct jr_mm_library *library, const char *module, jr_symbol name)
{
    if (name == JR_SYMBOL_NONE)
        return;
    struct jr_mm_library_entry entry = { name, jr_unit_format(library->unit, "%s::%s", module,
                                                              jr_unit_text(library->unit, name)) };
    JR_UNIT_PUSH(library->unit, &library->entries, entry);
}

static void add_exports(struct jr_mm_library *library, const char *module, const struct jr_mm_stmt *stmt)
{
    const struct jr_mm_path *path = &stmt->as.use.path;
    if (stmt->as.use.form == JR_MM_USE_PATH)
        add_entry(library, module, path->names[path->count - 1].symbol);
    for (uint32_t i = 0; i < stmt->as.use.name_count; i++)
        add_entry(library, module, stmt->as.use.names[i].symbol);
}

static void add_members(struct jr_mm_library *library, const char *module, const struct jr_mm_stmts *stmts)
{
    for (uint32_t i = 0; i < stmts->count; i++) {
        const struct jr_mm_stmt *stmt = stmts->items[i];
        if (stmt->kind == JR_MM_STMT_MODULE && stmt->as.module.name.symbol != JR_SYMBOL_NONE)
            add_members(library,
                        jr_unit_format(library->unit, "%s::%s", module,
                                       jr_unit_text(library->unit, stmt->as.module.name.symbol)),
                        &stmt->as.module.body);
        else if (stmt->kind == JR_MM_STMT_FUNCTION && stmt->is_public)
            add_entry(library, module, stmt->as.function.name.symbol);
        else if (stmt->kind == JR_MM_STMT_SUM && stmt->is_public)
            add_entry(library, module, stmt->as.sum.name.symbol);
        else if (stmt->kind == JR_MM_STMT_ALIAS && stmt->is_public)
            add_entry(library, module, stmt->as.alias.name.symbol);
        else if (stmt->kind == JR_MM_STMT_USE && stmt->is_public)
            add_exports(library, module, stmt);
    }
}

static void read_module(struct jr_mm_library *library, const char *name)
{
    struct jr_mm_program *program;
    uint32_t file = JR_FILE_NONE;
    enum jr_status status = JR_ERR_NOT_FOUND;
    for (uint32_t i = 0; i < library->options->library_count && status == JR_ERR_NOT_FOUND; i++)
        status = jr_sources_load(
            library->sources,
            jr_unit_format(library->unit, "%s/%s.mmm", library->options->libraries[i], name), &file);
    if (status == JR_OK)
        status = jr_mimium_parse(library->sources, file, library->ast, library->diags, &program);
    if (status == JR_OK)
        add_members(library, name, &program->stmts);
    else if (status == JR_ERR_NO_MEMORY)
        jr_unit_leave(library->unit, status);
}

static void read_all(struct jr_mm_library *library)
{
    if (library->read)
        return;
    library->read = true;
    list_modules(library);
    enum jr_status status = jr_sources_create(library->unit->alloc, &library->sources);
    if (status == JR_OK)
        status = jr_diags_create(library->unit->alloc, &library->diags);
    if (status != JR_OK)
        jr_unit_leave(library->unit, status);
    for (uint32_t i = 0; i < library->modules.count; i++)
        read_module(library, library->modules.items[i]);
}

const char *jr_mm_library_find(struct jr_mm_library *library, jr_symbol name)
{
    const char *best = NULL;
    read_all(library);
    for (uint32_t i = 0; i < library->entries.count; i++) {
        const struct jr_mm_library_entry *entry = &library->entries.items[i];
        if (entry->name == name && (best == NULL || strlen(entry->path) < strlen(best)))
            best = entry->path;
    }
    return best;
}

void jr_mm_library_consider(struct jr_mm_library *library, struct jr_similar *similar)
{
    list_modules(library);
    for (uint32_t i = 0; i < library->modules.count; i++)
        jr_similar_consider(similar, library->modules.items[i]);
}
