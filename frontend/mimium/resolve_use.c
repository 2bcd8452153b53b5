/* resolve_use.c -- imports. */
#include "frontend/mimium/resolve_internal.h"

static struct jr_mm_path first_names(const struct jr_mm_path *path, uint32_t count)
{
    return (struct jr_mm_path){ path->names, count,
                                jr_span_join(path->names[0].span, path->names[count - 1].span) };
}

/* `pub use` of what others may not see. */
static void check_exported(struct jr_mm_resolver *r, const struct jr_mm_import *import, struct jr_span span)
{
    for (int space = 0; space < JR_MM_SPACE_COUNT; space++) {
        const struct jr_mm_item *item = import->items[space];
        bool checked = space == JR_MM_SPACE_VALUE || space == JR_MM_SPACE_TYPE;
        if (checked && item != NULL && !item->is_public && !item->is_variable && !item->is_broken)
            jr_mm_report_private(r, (enum jr_mm_space)space, item, span);
    }
}

static void import_name(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt, struct jr_mm_scope *module,
                        struct jr_mm_name name)
{
    if (name.symbol == JR_SYMBOL_NONE)
        return;
    struct jr_mm_import *import = JR_UNIT_NEW(r->unit, struct jr_mm_import);
    bool found = false;
    import->name = name.symbol;
    import->is_public = stmt->is_public;
    import->is_broken = true;
    for (int space = 0; module != NULL && !module->is_missing && space < JR_MM_SPACE_COUNT; space++) {
        import->items[space] = jr_mm_scope_member(r, module, (enum jr_mm_space)space, name.symbol);
        found |= import->items[space] != NULL;
    }
    if (found) {
        import->is_broken = false;
        if (import->is_public)
            check_exported(r, import, name.span);
    } else if (module != NULL && !module->is_missing) {
        jr_mm_report_no_member(r, module, name);
    }
    jr_mm_scope_import(r, r->scope, import);
}

void jr_mm_resolve_use(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt)
{
    const struct jr_mm_path *path = &stmt->as.use.path;
    bool by_name = stmt->as.use.form == JR_MM_USE_PATH && path->count > 1;
    struct jr_mm_path to_module = first_names(path, by_name ? path->count - 1 : path->count);
    struct jr_mm_scope *module =
        stmt->as.use.missing ? NULL : jr_mm_find_module(r, to_module.names, to_module.count);
    if (module == NULL && !stmt->as.use.missing)
        jr_mm_report_unknown(r, JR_MM_SPACE_MODULE, &to_module);
    switch (stmt->as.use.form) {
    case JR_MM_USE_PATH:
        if (by_name)
            import_name(r, stmt, module, path->names[path->count - 1]);
        break;
    case JR_MM_USE_LIST:
        for (uint32_t i = 0; i < stmt->as.use.name_count; i++)
            import_name(r, stmt, module, stmt->as.use.names[i]);
        break;
    case JR_MM_USE_WILDCARD:
        if (module == NULL || module->is_missing)
            r->incomplete = true;
        else
            JR_UNIT_PUSH(r->unit, &r->scope->wildcards, (struct jr_mm_wildcard){ module, stmt->is_public });
        break;
    }
}
