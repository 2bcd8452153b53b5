/* resolve_report.c -- names that mean nothing here, or nothing that may be used. */
#include "frontend/mimium/foreign.h"
#include "frontend/mimium/resolve_internal.h"

#include "frontend/mimium/builtins.h"
#include "frontend/mimium/library.h"
#include "frontend/mimium/similar.h"

/* ---- suggestions ---- */

static void consider(const struct jr_mm_resolver *r, struct jr_similar *similar, jr_symbol name)
{
    jr_similar_consider(similar, jr_unit_text(r->unit, name));
}

static void consider_items(struct jr_mm_resolver *r, struct jr_similar *similar,
                           const struct jr_mm_scope *scope, enum jr_mm_space space)
{
    for (uint32_t i = 0; i < scope->items[space].count; i++)
        if (jr_mm_can_see(r, scope->items[space].items[i], space))
            consider(r, similar, scope->items[space].items[i]->name);
}

static void consider_scope(struct jr_mm_resolver *r, struct jr_similar *similar,
                           const struct jr_mm_scope *scope, enum jr_mm_space space)
{
    consider_items(r, similar, scope, space);
    for (uint32_t i = 0; i < scope->imports.count; i++)
        if (scope->imports.items[i]->items[space] != NULL)
            consider(r, similar, scope->imports.items[i]->name);
    for (uint32_t i = 0; i < scope->wildcards.count; i++)
        consider_items(r, similar, scope->wildcards.items[i].module, space);
}

/* A name in scope that the unknown one may have been meant for, or NULL. */
static const char *similar_name(struct jr_mm_resolver *r, enum jr_mm_space space, jr_symbol name)
{
    static const char *const keywords[] = { "self", "now", "samplerate" };
    struct jr_similar similar = jr_similar_start(jr_unit_text(r->unit, name));
    for (uint32_t i = r->visible.count; space == JR_MM_SPACE_VALUE && i-- > 0;)
        consider(r, &similar, r->visible.items[i]->base);
    for (const struct jr_mm_scope *scope = r->scope; scope != NULL; scope = scope->parent)
        consider_scope(r, &similar, scope, space);
    if (space != JR_MM_SPACE_VALUE)
        return similar.best;
    for (uint32_t i = 0; i < JR_BUILTIN_COUNT; i++)
        jr_similar_consider(&similar, jr_builtin_at((enum jr_builtin_index)i)->name);
    for (uint32_t i = 0; i < r->unit->host_count; i++)
        jr_similar_consider(&similar, r->unit->hosts[i].name);
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        jr_similar_consider(&similar, keywords[i]);
    return similar.best;
}

/* The place in a pattern of let where the name is bound, or NULL. */
static const struct jr_span *binds(const struct jr_mm_pattern *pattern, jr_symbol name)
{
    const struct jr_span *found = NULL;
    if (pattern->kind == JR_MM_PATTERN_NAME && pattern->as.name == name)
        return &pattern->node.span;
    if (pattern->kind == JR_MM_PATTERN_TUPLE)
        for (uint32_t i = 0; i < pattern->as.tuple.count && found == NULL; i++)
            found = binds(pattern->as.tuple.items[i], name);
    else if (pattern->kind == JR_MM_PATTERN_RECORD)
        for (uint32_t i = 0; i < pattern->as.record.count && found == NULL; i++)
            found = binds(pattern->as.record.items[i].pattern, name);
    return found;
}

/* It is being defined right now, or further down in this file. */
static bool note_definition(struct jr_mm_resolver *r, struct jr_diag *diag, jr_symbol name)
{
    struct jr_diags *diags = r->unit->diags;
    const struct jr_span *span = NULL;
    for (const struct jr_mm_letting *let = r->letting; let != NULL && span == NULL; let = let->outer)
        span = binds(let->pattern, name);
    if (span != NULL) {
        jr_diag_label(diags, diag, *span, "it is defined only behind this `let`");
        jr_diag_note(diags, diag, "a function that calls itself is defined with `letrec` or `fn`");
        return true;
    }
    for (const struct jr_mm_scope *scope = r->scope; scope != NULL && span == NULL;
         scope = scope->is_file ? NULL : scope->parent)
        span = jr_mm_scope_announced(r, scope, name);
    if (span == NULL)
        return false;
    jr_diag_label(diags, diag, *span, "it is defined later, here");
    jr_diag_note(diags, diag, "a name can be used only behind its definition");
    return true;
}

/* A module has it, or the library. */
static bool note_import(struct jr_mm_resolver *r, struct jr_diag *diag, enum jr_mm_space space,
                        jr_symbol name)
{
    const char *text = jr_unit_text(r->unit, name);
    const struct jr_mm_item *hidden = NULL;
    for (uint32_t i = 1; i < r->scopes.count; i++) {
        const struct jr_mm_scope *scope = r->scopes.items[i];
        const struct jr_mm_item *item = jr_mm_scope_own(r, scope, space, name);
        if (item != NULL && jr_mm_can_see(r, item, space)) {
            jr_diag_note(r->unit->diags, diag, "module `%s` has it: add `use %s::%s`", scope->path,
                         scope->path, text);
            return true;
        }
        if (item != NULL)
            hidden = item;
    }
    const char *path = jr_mm_library_find(r->library, name);
    if (path != NULL)
        jr_diag_note(r->unit->diags, diag, "the library has it: add `use %s`", path);
    else if (hidden != NULL)
        jr_diag_label(r->unit->diags, diag, hidden->span, "module `%s` has it, but not as `pub`",
                      hidden->home->path);
    return path != NULL || hidden != NULL;
}

/* What stands around an unknown variable may tell what was meant: `1e3`, `0x10`; `x = 3` for a new x. */
static void note_place(struct jr_mm_resolver *r, struct jr_diag *diag)
{
    size_t length;
    const char *text = jr_sources_text(r->unit->sources, diag->span.file, &length);
    uint32_t start = diag->span.start, end = diag->span.end;
    if (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9') {
        jr_diag_note(
            r->unit->diags, diag,
            "a number consists of digits and perhaps a point: there are no exponents and no prefixes");
        return;
    }
    while (end < length && text[end] == ' ')
        end++;
    if (end + 1 < length && text[end] == '=' && text[end + 1] != '=' && text[end + 1] != '>')
        jr_diag_note(r->unit->diags, diag, "`let` makes a new variable; `=` alone changes one that is there");
}

/* Words of other languages. */
static bool note_foreign(struct jr_mm_resolver *r, struct jr_diag *diag, enum jr_mm_space space,
                         jr_symbol name)
{
    const char *text = jr_unit_text(r->unit, name);
    const char *meaning = space == JR_MM_SPACE_TYPE    ? jr_mm_foreign_type(text)
                          : space == JR_MM_SPACE_VALUE ? jr_mm_foreign_word(text)
                                                       : NULL;
    if (meaning != NULL && space == JR_MM_SPACE_TYPE)
        jr_diag_suggest(r->unit->diags, diag, meaning);
    else if (meaning != NULL)
        jr_diag_note(r->unit->diags, diag, "%s", meaning);
    return meaning != NULL;
}

/* It is something, but nothing that can stand here. */
static bool note_other_space(struct jr_mm_resolver *r, struct jr_diag *diag, enum jr_mm_space space,
                             jr_symbol name)
{
    const char *text = jr_unit_text(r->unit, name);
    struct jr_mm_name alone = { name, diag->span };
    if (jr_mm_find_module(r, &alone, 1) != NULL)
        jr_diag_note(r->unit->diags, diag, "`%s` is a module: what is in it is written `%s::name`", text,
                     text);
    else if (space == JR_MM_SPACE_VALUE && jr_mm_find(r, JR_MM_SPACE_TYPE, name, JR_MM_NEAR).item != NULL)
        jr_diag_note(r->unit->diags, diag, "`%s` is a type; values of it come from its constructors", text);
    else if (space == JR_MM_SPACE_TYPE && r->constructors[name] != NULL)
        jr_diag_note(r->unit->diags, diag, "`%s` is a constructor, not the type that it belongs to", text);
    else
        return false;
    return true;
}

/* Says what may have been meant. */
static void add_notes(struct jr_mm_resolver *r, struct jr_diag *diag, enum jr_mm_space space, jr_symbol name)
{
    if (space == JR_MM_SPACE_VALUE && note_definition(r, diag, name))
        return;
    if (note_other_space(r, diag, space, name) || note_foreign(r, diag, space, name) ||
        note_import(r, diag, space, name))
        return;
    const char *best = similar_name(r, space, name);
    if (best != NULL)
        jr_diag_suggest(r->unit->diags, diag, best);
    else if (space == JR_MM_SPACE_VALUE)
        note_place(r, diag);
}

/* ---- unknown ---- */

static const char *kind_of(enum jr_mm_space space)
{
    switch (space) {
    case JR_MM_SPACE_TYPE:
        return "type";
    case JR_MM_SPACE_CONSTRUCTOR:
        return "constructor";
    case JR_MM_SPACE_MODULE:
        return "module";
    case JR_MM_SPACE_VALUE:
    case JR_MM_SPACE_COUNT:
        break;
    }
    return "Variable";
}

static const char *path_text(struct jr_mm_resolver *r, const struct jr_mm_path *path, uint32_t count)
{
    const char *text = jr_unit_text(r->unit, path->names[0].symbol);
    for (uint32_t i = 1; i < count; i++)
        text = jr_unit_format(r->unit, "%s::%s", text, jr_unit_text(r->unit, path->names[i].symbol));
    return text;
}

/* `module` has no `name` in any space, or not in this one. */
static void report_member(struct jr_mm_resolver *r, const struct jr_mm_scope *module, struct jr_mm_name name,
                          const char *what)
{
    struct jr_diags *diags = r->unit->diags;
    const char *text = jr_unit_text(r->unit, name.symbol);
    struct jr_similar similar = jr_similar_start(text);
    struct jr_diag *diag = jr_diags_error(diags, JR_CATEGORY_NAME, name.span, "module `%s` has no %s `%s`",
                                          module->path, what, text);
    const struct jr_span *later = jr_mm_scope_announced(r, module, name.symbol);
    if (later != NULL) {
        jr_diag_label(diags, diag, *later, "it is defined later, here");
        return;
    }
    for (int space = 0; space < JR_MM_SPACE_COUNT; space++)
        consider_items(r, &similar, module, (enum jr_mm_space)space);
    for (uint32_t i = 0; i < module->imports.count; i++)
        if (module->imports.items[i]->is_public)
            consider(r, &similar, module->imports.items[i]->name);
    if (similar.best != NULL)
        jr_diag_suggest(diags, diag, similar.best);
}

void jr_mm_report_no_member(struct jr_mm_resolver *r, const struct jr_mm_scope *module,
                            struct jr_mm_name name)
{
    report_member(r, module, name, "member");
}

static void report_path(struct jr_mm_resolver *r, enum jr_mm_space space, const struct jr_mm_path *path)
{
    uint32_t known = path->count - 1;
    struct jr_mm_scope *module = NULL;
    while (known > 0 && (module = jr_mm_find_module(r, path->names, known)) == NULL)
        known--;
    for (uint32_t i = 0; i < path->count; i++)
        if (path->names[i].symbol == JR_SYMBOL_NONE || (module != NULL && module->is_missing)) /* reported */
            return;
    struct jr_mm_name name = path->names[known];
    bool is_module = known + 1 < path->count;
    if (module != NULL) {
        report_member(r, module, name,
                      is_module                    ? "module"
                      : space == JR_MM_SPACE_VALUE ? "member"
                                                   : kind_of(space));
        return;
    }
    struct jr_diag *diag = jr_diags_error(r->unit->diags, JR_CATEGORY_NAME, name.span,
                                          "module \"%s\" not found", jr_unit_text(r->unit, name.symbol));
    const char *best = similar_name(r, JR_MM_SPACE_MODULE, name.symbol);
    if (best != NULL)
        jr_diag_suggest(r->unit->diags, diag, best);
    else if (path->count > 1 && space != JR_MM_SPACE_MODULE)
        jr_diag_note(r->unit->diags, diag,
                     "a module in a file of its own is loaded with `mod %s` or `use %s`",
                     jr_unit_text(r->unit, name.symbol), path_text(r, path, path->count));
}

void jr_mm_report_unknown(struct jr_mm_resolver *r, enum jr_mm_space space, const struct jr_mm_path *path)
{
    if (path->count > 1 || space == JR_MM_SPACE_MODULE) {
        report_path(r, space, path);
        return;
    }
    if (r->incomplete)
        return;
    const char *text = jr_unit_text(r->unit, path->names[0].symbol);
    struct jr_diag *diag = jr_diags_error(r->unit->diags, JR_CATEGORY_NAME, path->span,
                                          space == JR_MM_SPACE_VALUE ? "%s \"%s\" not found in this scope"
                                                                     : "%s \"%s\" not found",
                                          kind_of(space), text);
    if (diag != NULL) /* else there are too many already */
        add_notes(r, diag, space, path->names[0].symbol);
}

/* ---- known, but not to be used ---- */

void jr_mm_report_private(struct jr_mm_resolver *r, enum jr_mm_space space, const struct jr_mm_item *item,
                          struct jr_span span)
{
    bool is_type = space == JR_MM_SPACE_TYPE;
    struct jr_diag *diag =
        jr_diags_error(r->unit->diags, is_type ? JR_CATEGORY_PRIVATE_TYPE : JR_CATEGORY_PRIVATE_MEMBER, span,
                       "%s \"%s\" in module \"%s\" is private", is_type ? "Type" : "Member",
                       jr_unit_text(r->unit, item->name), item->home->path);
    jr_diag_label(r->unit->diags, diag, item->span, "it is defined here, without `pub`");
}

void jr_mm_report_stage(struct jr_mm_resolver *r, jr_symbol symbol, struct jr_span span, bool called)
{
    const struct jr_mm_def *def = jr_mm_def_of(r->names, symbol);
    int other = r->stage == JR_MM_STAGE_MAIN ? JR_MM_STAGE_MACRO : JR_MM_STAGE_MAIN;
    struct jr_diag *diag = jr_diags_error(r->unit->diags, JR_CATEGORY_STAGE, span,
                                          "Variable %s is defined in stage %d but accessed from stage %d",
                                          jr_unit_text(r->unit, symbol), other, (int)r->stage);
    if (def->kind != JR_MM_DEF_NONE)
        jr_diag_label(r->unit->diags, diag, def->span, "it is defined here, in stage %d", other);
    if (r->stage == JR_MM_STAGE_MAIN && def->kind == JR_MM_DEF_NONE)
        jr_diag_note(
            r->unit->diags, diag,
            "it works while the program is compiled: inside `$(...)`, a macro call or the macro stage");
    else if (r->stage == JR_MM_STAGE_MAIN && called)
        jr_diag_note(r->unit->diags, diag, "a function of stage 0 is called as a macro: `%s!(...)`",
                     jr_unit_text(r->unit, jr_symbols_base(r->unit->symbols, symbol)));
    else if (r->stage == JR_MM_STAGE_MAIN)
        jr_diag_note(r->unit->diags, diag,
                     "stage 0 runs while the program is compiled; its values come into the program as code: "
                     "`$(lift(x))`, or a macro call `m!(...)`");
    else if (called && r->calls_macro)
        jr_diag_note(r->unit->diags, diag, "it is no macro: call it without `!`");
    else
        jr_diag_note(r->unit->diags, diag,
                     "stage 1 is the running program; a macro can use it only inside a quote");
}

void jr_mm_warn_lent(struct jr_mm_resolver *r, const struct jr_mm_found *found, const struct jr_mm_path *path)
{
    jr_symbol name = path->names[0].symbol;
    const char *text = jr_unit_text(r->unit, name), *home = found->item->home->path;
    struct jr_diag *diag;
    if (found->lent == found->item->home) {
        diag = jr_diags_warn(r->unit->diags, JR_CATEGORY_LENT_NAME, path->span,
                             "`%s` is a variable of module `%s`, which is not imported here", text, home);
    } else {
        const char *lender = found->lent->path;
        diag = jr_diags_warn(r->unit->diags, JR_CATEGORY_LENT_NAME, path->span,
                             lender[0] == '\0' ? "`%s` is imported by the program%s, but not here"
                                               : "`%s` is imported by module `%s`, but not here",
                             text, lender);
    }
    if (jr_mm_scope_member(r, found->lent, JR_MM_SPACE_VALUE, name) == found->item) /* it exports it, too */
        home = found->lent->path;
    if (home[0] != '\0')
        jr_diag_note(r->unit->diags, diag, "add `use %s::%s`", home, text);
}
