/* resolve_scope.c -- modules, what is defined in them and imported into them, and the order in which names are looked up. */
#include "frontend/mimium/resolve_internal.h"

/* ---- the map ---- */

/* What a key may be about, besides a definition in one of the spaces. */
enum { SORT_IMPORT = JR_MM_SPACE_COUNT, SORT_ANNOUNCED, SORT_LENT };

static uint64_t key_of(const struct jr_mm_scope *scope, uint32_t sort, jr_symbol name)
{
    return (uint64_t)(scope->id + 1) << 36 | (uint64_t)sort << 32 | name;
}

/* The slot of a key, or the free one where it belongs. */
static struct jr_mm_map_slot *slot_of(const struct jr_mm_map *map, uint64_t key)
{
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = (uint32_t)(hash >> 32);; i++) {
        struct jr_mm_map_slot *slot = &map->slots[i & (map->slot_count - 1)];
        if (slot->key == key || slot->key == 0)
            return slot;
    }
}

static void *get(const struct jr_mm_resolver *r, const struct jr_mm_scope *scope, uint32_t sort,
                 jr_symbol name)
{
    return r->map.used == 0 ? NULL : slot_of(&r->map, key_of(scope, sort, name))->value;
}

static void put(struct jr_mm_resolver *r, const struct jr_mm_scope *scope, uint32_t sort, jr_symbol name,
                void *value)
{
    struct jr_mm_map *map = &r->map;
    if (map->used >= map->slot_count / 2) {
        struct jr_mm_map larger = { .slot_count = map->slot_count == 0 ? 256 : map->slot_count * 2,
                                    .used = map->used };
        larger.slots = JR_UNIT_ARRAY(r->unit, struct jr_mm_map_slot, larger.slot_count);
        for (uint32_t i = 0; i < map->slot_count; i++)
            if (map->slots[i].key != 0)
                *slot_of(&larger, map->slots[i].key) = map->slots[i];
        *map = larger;
    }
    struct jr_mm_map_slot *slot = slot_of(map, key_of(scope, sort, name));
    map->used += slot->key == 0;
    *slot = (struct jr_mm_map_slot){ key_of(scope, sort, name), value };
}

/* ---- modules ---- */

struct jr_mm_scope *jr_mm_scope_new(struct jr_mm_resolver *r, struct jr_mm_scope *parent, jr_symbol name)
{
    struct jr_mm_scope *scope = JR_UNIT_NEW(r->unit, struct jr_mm_scope);
    const char *text = jr_unit_text(r->unit, name);
    scope->id = r->scopes.count;
    scope->parent = parent;
    scope->path = parent == NULL || parent->path[0] == '\0'
                      ? text
                      : jr_unit_format(r->unit, "%s::%s", parent->path, text);
    JR_UNIT_PUSH(r->unit, &r->scopes, scope);
    return scope;
}

struct jr_mm_item *jr_mm_scope_own(const struct jr_mm_resolver *r, const struct jr_mm_scope *scope,
                                   enum jr_mm_space space, jr_symbol name)
{
    return get(r, scope, space, name);
}

struct jr_mm_item *jr_mm_scope_add(struct jr_mm_resolver *r, struct jr_mm_scope *scope,
                                   enum jr_mm_space space, struct jr_mm_name name, bool is_public)
{
    struct jr_mm_item *item = JR_UNIT_NEW(r->unit, struct jr_mm_item);
    item->name = name.symbol;
    item->span = name.span;
    item->home = scope;
    item->is_public = is_public;
    put(r, scope, space, name.symbol, item);
    JR_UNIT_PUSH(r->unit, &scope->items[space], item);
    return item;
}

void jr_mm_scope_announce(struct jr_mm_resolver *r, struct jr_mm_scope *scope, struct jr_mm_name name)
{
    if (name.symbol == JR_SYMBOL_NONE || get(r, scope, SORT_ANNOUNCED, name.symbol) != NULL)
        return;
    struct jr_span *span = JR_UNIT_NEW(r->unit, struct jr_span);
    *span = name.span;
    put(r, scope, SORT_ANNOUNCED, name.symbol, span);
}

const struct jr_span *jr_mm_scope_announced(const struct jr_mm_resolver *r, const struct jr_mm_scope *scope,
                                            jr_symbol name)
{
    return get(r, scope, SORT_ANNOUNCED, name);
}

bool jr_mm_scope_note_lent(struct jr_mm_resolver *r, struct jr_mm_scope *scope, jr_symbol name)
{
    bool first = get(r, scope, SORT_LENT, name) == NULL;
    put(r, scope, SORT_LENT, name, scope);
    return first;
}

void jr_mm_scope_import(struct jr_mm_resolver *r, struct jr_mm_scope *scope, struct jr_mm_import *import)
{
    put(r, scope, SORT_IMPORT, import->name, import);
    JR_UNIT_PUSH(r->unit, &scope->imports, import);
}

/* ---- visibility ---- */

static bool is_within(const struct jr_mm_scope *inner, const struct jr_mm_scope *outer)
{
    while (inner != NULL && inner != outer)
        inner = inner->parent;
    return inner != NULL;
}

bool jr_mm_can_see(const struct jr_mm_resolver *r, const struct jr_mm_item *item, enum jr_mm_space space)
{
    bool checked = space == JR_MM_SPACE_VALUE || space == JR_MM_SPACE_TYPE;
    return !checked || item->is_public || item->is_variable || is_within(r->scope, item->home);
}

/* What `use scope::*` brings, and what a path through `scope` may end in.  A module that this search has been to has nothing. */
static struct jr_mm_item *exported(struct jr_mm_resolver *r, struct jr_mm_scope *scope,
                                   enum jr_mm_space space, jr_symbol name, bool own_private)
{
    struct jr_mm_item *item = get(r, scope, space, name);
    bool checked = space == JR_MM_SPACE_VALUE || space == JR_MM_SPACE_TYPE;
    if (scope->searched == r->search)
        return NULL;
    scope->searched = r->search;
    if (item != NULL && (own_private || !checked || item->is_public || item->is_variable))
        return item;
    const struct jr_mm_import *import = get(r, scope, SORT_IMPORT, name);
    if (import != NULL && import->is_public && import->items[space] != NULL)
        return import->items[space];
    item = NULL;
    for (uint32_t i = 0; i < scope->wildcards.count && item == NULL; i++)
        if (scope->wildcards.items[i].is_public)
            item = exported(r, scope->wildcards.items[i].module, space, name, false);
    return item;
}

struct jr_mm_item *jr_mm_scope_member(struct jr_mm_resolver *r, struct jr_mm_scope *scope,
                                      enum jr_mm_space space, jr_symbol name)
{
    r->search++;
    return exported(r, scope, space, name, true);
}

/* ---- names alone ---- */

static struct jr_mm_scope *outward(const struct jr_mm_scope *scope)
{
    return scope->is_file ? NULL : scope->parent;
}

static struct jr_mm_found found_item(struct jr_mm_item *item)
{
    return (struct jr_mm_found){ item->is_broken ? NULL : item, item->is_broken, NULL };
}

static struct jr_mm_item *imported(struct jr_mm_resolver *r, const struct jr_mm_scope *scope,
                                   enum jr_mm_space space, jr_symbol name)
{
    struct jr_mm_item *item = NULL;
    r->search++;
    for (uint32_t i = 0; i < scope->wildcards.count && item == NULL; i++)
        item = exported(r, scope->wildcards.items[i].module, space, name, false);
    return item;
}

static struct jr_mm_found find_near(struct jr_mm_resolver *r, enum jr_mm_space space, jr_symbol name)
{
    struct jr_mm_item *item;
    for (struct jr_mm_scope *scope = r->scope; scope != NULL; scope = outward(scope))
        if ((item = get(r, scope, space, name)) != NULL)
            return found_item(item);
    for (struct jr_mm_scope *scope = r->scope; scope != NULL; scope = outward(scope)) {
        const struct jr_mm_import *import = get(r, scope, SORT_IMPORT, name);
        if (import != NULL && import->items[space] != NULL)
            return found_item(import->items[space]);
        if (import != NULL && import->is_broken)
            return (struct jr_mm_found){ NULL, true, NULL };
    }
    for (struct jr_mm_scope *scope = r->scope; scope != NULL; scope = outward(scope))
        if ((item = imported(r, scope, space, name)) != NULL)
            return found_item(item);
    return (struct jr_mm_found){ 0 };
}

/* What the file that loads this one has defined so far; and what is in no scope around but in some other module, as the
 * reference implementation allows. */
static struct jr_mm_found find_far(struct jr_mm_resolver *r, enum jr_mm_space space, jr_symbol name)
{
    struct jr_mm_item *item = NULL;
    const struct jr_mm_scope *file = r->scope;
    while (!file->is_file && file->parent != NULL)
        file = file->parent;
    for (const struct jr_mm_scope *scope = file->parent; scope != NULL; scope = scope->parent)
        if ((item = get(r, scope, space, name)) != NULL)
            return found_item(item);
    for (uint32_t i = 0; i < r->scopes.count; i++) {
        struct jr_mm_scope *scope = r->scopes.items[i];
        const struct jr_mm_import *import = get(r, scope, SORT_IMPORT, name);
        item = import != NULL ? import->items[space] : NULL;
        if (item == NULL)
            item = imported(r, scope, space, name);
        if (item != NULL && !item->is_broken)
            return (struct jr_mm_found){ item, false, scope };
    }
    for (uint32_t i = 0; space == JR_MM_SPACE_VALUE && i < r->scopes.count; i++) {
        item = get(r, r->scopes.items[i], space, name);
        if (item != NULL && item->is_variable && !item->is_broken)
            return (struct jr_mm_found){ item, false, r->scopes.items[i] };
    }
    return (struct jr_mm_found){ 0 };
}

struct jr_mm_found jr_mm_find(struct jr_mm_resolver *r, enum jr_mm_space space, jr_symbol name,
                              enum jr_mm_reach reach)
{
    return reach == JR_MM_NEAR ? find_near(r, space, name) : find_far(r, space, name);
}

/* ---- paths ---- */

/* The module that names[0 .. count) lead to from `module`, which is what names[0] is. */
static struct jr_mm_scope *follow(struct jr_mm_resolver *r, struct jr_mm_scope *module,
                                  const struct jr_mm_name *names, uint32_t count)
{
    for (uint32_t i = 1; i < count && !module->is_missing; i++) {
        const struct jr_mm_item *item = jr_mm_scope_member(r, module, JR_MM_SPACE_MODULE, names[i].symbol);
        if (item == NULL)
            return NULL;
        module = item->module;
    }
    return module;
}

/* The modules that the first name of a path can be, best first: of the program, of the modules around from the inside out,
 * by import. */
enum { START_ROOT, START_AROUND, START_IMPORT, START_WILDCARD, START_COUNT };

struct start {
    int sort;
    struct jr_mm_scope *scope;
};

static struct jr_mm_scope *next_start(struct jr_mm_resolver *r, struct start *start, jr_symbol name)
{
    for (;;) {
        const struct jr_mm_item *item = NULL;
        int sort = start->sort;
        struct jr_mm_scope *scope = start->scope;
        if (sort == START_COUNT)
            return NULL;
        if (sort == START_ROOT || scope == NULL) {
            start->sort++;
            start->scope = r->scope;
        } else {
            start->scope = sort == START_AROUND ? scope->parent : outward(scope);
        }
        if (sort == START_ROOT) {
            item = get(r, r->root, JR_MM_SPACE_MODULE, name);
        } else if (scope != NULL && sort == START_AROUND) {
            item = get(r, scope, JR_MM_SPACE_MODULE, name);
        } else if (scope != NULL && sort == START_IMPORT) {
            const struct jr_mm_import *import = get(r, scope, SORT_IMPORT, name);
            item = import != NULL ? import->items[JR_MM_SPACE_MODULE] : NULL;
        } else if (scope != NULL) {
            item = imported(r, scope, JR_MM_SPACE_MODULE, name);
        }
        if (item != NULL)
            return item->module;
    }
}

struct jr_mm_found jr_mm_find_path(struct jr_mm_resolver *r, enum jr_mm_space space,
                                   const struct jr_mm_path *path)
{
    struct start start = { START_ROOT, NULL };
    struct jr_mm_scope *first;
    while ((first = next_start(r, &start, path->names[0].symbol)) != NULL) {
        struct jr_mm_scope *module = follow(r, first, path->names, path->count - 1);
        if (module == NULL)
            continue;
        if (module->is_missing)
            return (struct jr_mm_found){ NULL, true, NULL };
        struct jr_mm_item *item = jr_mm_scope_member(r, module, space, path->names[path->count - 1].symbol);
        if (item != NULL)
            return found_item(item);
    }
    return (struct jr_mm_found){ 0 };
}

struct jr_mm_scope *jr_mm_find_module(struct jr_mm_resolver *r, const struct jr_mm_name *names,
                                      uint32_t count)
{
    struct start start = { START_ROOT, NULL };
    struct jr_mm_scope *first, *module;
    while ((first = next_start(r, &start, names[0].symbol)) != NULL)
        if ((module = follow(r, first, names, count)) != NULL)
            return module;
    return NULL;
}
