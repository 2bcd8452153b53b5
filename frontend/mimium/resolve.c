/* resolve.c -- the statements of a program, module by module, and the table of definitions.
 *
 * Two walks over the loaded tree.  The first makes the modules and declares all types and constructors, which may be used before
 * their declaration; it also notes where each value will be defined, for messages.  The second goes in the order in which
 * statements run, so that a value is known only behind its definition. */
#include "frontend/mimium/resolve_internal.h"

#include <string.h>

#include "frontend/mimium/builtins.h"

/* ---- the table of definitions ---- */

const struct jr_mm_def *jr_mm_def_of(const struct jr_mm_names *names, jr_symbol symbol)
{
    static const struct jr_mm_def none = { .kind = JR_MM_DEF_NONE, .stage = JR_MM_STAGE_MAIN, .path = "" };
    return symbol < names->defs.count ? &names->defs.items[symbol] : &none;
}

jr_symbol jr_mm_define(struct jr_unit *unit, struct jr_mm_names *names, jr_symbol base, const char *text,
                       struct jr_mm_def def)
{
    static const struct jr_mm_def none = { .kind = JR_MM_DEF_NONE, .stage = JR_MM_STAGE_MAIN, .path = "" };
    jr_symbol symbol;
    enum jr_status status = jr_symbols_fresh(unit->symbols, base, text, &symbol);
    if (status != JR_OK)
        jr_unit_leave(unit, status);
    while (names->defs.count < symbol)
        JR_UNIT_PUSH(unit, &names->defs, none);
    JR_UNIT_PUSH(unit, &names->defs, def);
    return symbol;
}

/* ---- members ---- */

/* The symbol of something that belongs to the module `scope`. */
static jr_symbol define_member(struct jr_mm_resolver *r, const struct jr_mm_scope *scope,
                               enum jr_mm_def_kind kind, struct jr_mm_name name, bool is_public)
{
    const char *text = jr_unit_text(r->unit, name.symbol);
    bool qualified = scope->path[0] != '\0';
    const char *path = qualified ? jr_unit_format(r->unit, "%s::%s", scope->path, text) : text;
    struct jr_mm_def def = { .kind = kind,
                             .span = name.span,
                             .stage = kind == JR_MM_DEF_GLOBAL ? r->stage : JR_MM_STAGE_MAIN,
                             .is_public = is_public,
                             .path = path };
    bool shown = qualified && kind != JR_MM_DEF_CONSTRUCTOR; /* constructors are written alone everywhere */
    return jr_mm_define(r->unit, r->names, name.symbol, shown ? path : NULL, def);
}

/* A value of the current module at the current stage. */
static jr_symbol bind_value(struct jr_mm_resolver *r, struct jr_mm_name name, bool is_public,
                            bool is_variable)
{
    if (name.symbol == JR_SYMBOL_NONE)
        return JR_SYMBOL_NONE;
    struct jr_mm_item *item = jr_mm_scope_add(r, r->scope, JR_MM_SPACE_VALUE, name, is_public);
    item->symbol = define_member(r, r->scope, JR_MM_DEF_GLOBAL, name, is_public);
    item->is_variable = is_variable;
    if (r->scope == r->root && r->stage == JR_MM_STAGE_MAIN && name.symbol == r->dsp)
        r->names->dsp = item->symbol;
    return item->symbol;
}

jr_symbol jr_mm_bind_variable(struct jr_mm_resolver *r, struct jr_mm_name name)
{
    return bind_value(r, name, false, true);
}

/* ---- the first walk ---- */

static void declare(struct jr_mm_resolver *r, const struct jr_mm_stmts *stmts, struct jr_mm_scope *scope);

static bool is_letter(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && name[1] == '\0';
}

static void report_twice(struct jr_mm_resolver *r, const char *what, struct jr_mm_name name,
                         const struct jr_mm_item *other)
{
    if (name.span.file == other->span.file && name.span.start == other->span.start)
        return; /* it is the same declaration, included twice */
    struct jr_diag *diag =
        jr_diags_error(r->unit->diags, JR_CATEGORY_DUP_NAME, name.span, "there is another %s `%s`", what,
                       jr_unit_text(r->unit, name.symbol));
    jr_diag_label(r->unit->diags, diag, other->span, "the other one");
}

/* Gives a type its symbol; JR_SYMBOL_NONE if it is refused. */
static void declare_type(struct jr_mm_resolver *r, struct jr_mm_scope *scope, enum jr_mm_def_kind kind,
                         struct jr_mm_name *name, bool is_public)
{
    if (name->symbol == JR_SYMBOL_NONE)
        return;
    const char *text = jr_unit_text(r->unit, name->symbol);
    const struct jr_mm_item *other = jr_mm_scope_own(r, scope, JR_MM_SPACE_TYPE, name->symbol);
    if (is_letter(text)) {
        jr_diags_error(r->unit->diags, JR_CATEGORY_RESERVED_TYPE, name->span,
                       "`%s` is reserved for explicit type parameters", text);
        name->symbol = JR_SYMBOL_NONE;
    } else if (other != NULL) {
        report_twice(r, "type", *name, other);
        name->symbol = JR_SYMBOL_NONE;
    } else {
        struct jr_mm_item *item = jr_mm_scope_add(r, scope, JR_MM_SPACE_TYPE, *name, is_public);
        name->symbol = item->symbol = define_member(r, scope, kind, *name, is_public);
    }
}

static void declare_variants(struct jr_mm_resolver *r, struct jr_mm_scope *scope, struct jr_mm_stmt *stmt)
{
    for (uint32_t i = 0; i < stmt->as.sum.variant_count; i++) {
        struct jr_mm_name *name = &stmt->as.sum.variants[i].name;
        if (name->symbol == JR_SYMBOL_NONE)
            continue;
        const struct jr_mm_item *other = jr_mm_scope_own(r, scope, JR_MM_SPACE_CONSTRUCTOR, name->symbol);
        if (other != NULL) {
            report_twice(r, "constructor", *name, other);
            name->symbol = JR_SYMBOL_NONE;
            continue;
        }
        struct jr_mm_item *item = jr_mm_scope_add(r, scope, JR_MM_SPACE_CONSTRUCTOR, *name, true);
        if (r->constructors[name->symbol] == NULL)
            r->constructors[name->symbol] = item;
        name->symbol = item->symbol = define_member(r, scope, JR_MM_DEF_CONSTRUCTOR, *name, true);
    }
}

static void announce_pattern(struct jr_mm_resolver *r, const struct jr_mm_pattern *pattern,
                             struct jr_mm_scope *scope)
{
    if (pattern->kind == JR_MM_PATTERN_NAME)
        jr_mm_scope_announce(r, scope, (struct jr_mm_name){ pattern->as.name, pattern->node.span });
    else if (pattern->kind == JR_MM_PATTERN_TUPLE)
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++)
            announce_pattern(r, pattern->as.tuple.items[i], scope);
    else if (pattern->kind == JR_MM_PATTERN_RECORD)
        for (uint32_t i = 0; i < pattern->as.record.count; i++)
            announce_pattern(r, pattern->as.record.items[i].pattern, scope);
}

static void declare_module(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt,
                           struct jr_mm_scope *around)
{
    struct jr_mm_name name = stmt->as.module.name;
    if (name.symbol == JR_SYMBOL_NONE)
        return;
    struct jr_mm_item *item = jr_mm_scope_own(r, around, JR_MM_SPACE_MODULE, name.symbol);
    if (item == NULL) {
        item = jr_mm_scope_add(r, around, JR_MM_SPACE_MODULE, name, true);
        item->module = jr_mm_scope_new(r, around, name.symbol);
        item->module->is_file = stmt->as.module.external;
    }
    item->module->is_missing |= stmt->as.module.missing;
    declare(r, &stmt->as.module.body, item->module);
}

static void declare(struct jr_mm_resolver *r, const struct jr_mm_stmts *stmts, struct jr_mm_scope *scope)
{
    for (uint32_t i = 0; i < stmts->count; i++) {
        struct jr_mm_stmt *stmt = stmts->items[i];
        switch (stmt->kind) {
        case JR_MM_STMT_FUNCTION:
            jr_mm_scope_announce(r, scope, stmt->as.function.name);
            break;
        case JR_MM_STMT_LET:
            announce_pattern(r, stmt->as.let.pattern, scope);
            break;
        case JR_MM_STMT_LETREC:
            jr_mm_scope_announce(r, scope, stmt->as.letrec.name);
            break;
        case JR_MM_STMT_INCLUDE:
            declare(r, &stmt->as.include.body, r->root);
            break;
        case JR_MM_STMT_MODULE:
            declare_module(r, stmt, scope);
            break;
        case JR_MM_STMT_USE:
            if (stmt->as.use.loaded != NULL)
                declare_module(r, stmt->as.use.loaded, r->root);
            break;
        case JR_MM_STMT_SUM:
            declare_type(r, scope, JR_MM_DEF_SUM, &stmt->as.sum.name, stmt->is_public);
            declare_variants(r, scope, stmt);
            break;
        case JR_MM_STMT_ALIAS:
            declare_type(r, scope, JR_MM_DEF_ALIAS, &stmt->as.alias.name, stmt->is_public);
            break;
        case JR_MM_STMT_EXPR:
        case JR_MM_STMT_STAGE:
            break;
        }
    }
}

/* ---- the second walk ---- */

static void resolve_stmts(struct jr_mm_resolver *r, const struct jr_mm_stmts *stmts);

/* A type in the signature that others cannot name, or NULL. */
static const struct jr_mm_type *leaked(const struct jr_mm_resolver *r, const struct jr_mm_type *type)
{
    const struct jr_mm_types *list = NULL;
    const struct jr_mm_type *found = NULL;
    if (type == NULL)
        return NULL;
    switch (type->kind) {
    case JR_MM_TYPE_ERROR:
    case JR_MM_TYPE_PRIMITIVE:
    case JR_MM_TYPE_UNIT:
        return NULL;
    case JR_MM_TYPE_NAMED: {
        const struct jr_mm_def *def = jr_mm_def_of(r->names, type->as.named.names[0].symbol);
        return def->kind != JR_MM_DEF_NONE && !def->is_public ? type : NULL;
    }
    case JR_MM_TYPE_TUPLE:
        list = &type->as.tuple;
        break;
    case JR_MM_TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count && found == NULL; i++)
            found = leaked(r, type->as.record.items[i].type);
        return found;
    case JR_MM_TYPE_ARRAY:
        return leaked(r, type->as.array);
    case JR_MM_TYPE_CODE:
        return leaked(r, type->as.code);
    case JR_MM_TYPE_FUNCTION:
        found = leaked(r, type->as.function.result);
        list = &type->as.function.params;
        break;
    case JR_MM_TYPE_UNION:
        list = &type->as.variants;
        break;
    }
    for (uint32_t i = 0; i < list->count && found == NULL; i++)
        found = leaked(r, list->items[i]);
    return found;
}

static void check_leak(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt)
{
    const struct jr_mm_params *params = &stmt->as.function.params;
    const struct jr_mm_type *type = NULL;
    for (uint32_t i = 0; i < params->count && type == NULL; i++)
        type = leaked(r, params->items[i]->type);
    if (type == NULL)
        type = leaked(r, stmt->as.function.result);
    if (type == NULL)
        return;
    const struct jr_mm_def *def = jr_mm_def_of(r->names, type->as.named.names[0].symbol);
    struct jr_diag *diag =
        jr_diags_error(r->unit->diags, JR_CATEGORY_TYPE_LEAK, type->node.span,
                       "the private type `%s` is in the signature of the public function `%s`", def->path,
                       jr_unit_text(r->unit, stmt->as.function.name.symbol));
    jr_diag_label(r->unit->diags, diag, def->span, "the type is declared here, without `pub`");
    jr_diag_label(r->unit->diags, diag, stmt->as.function.name.span, "the function is public");
}

static void resolve_function(struct jr_mm_resolver *r, struct jr_mm_stmt *stmt)
{
    stmt->as.function.name.symbol = bind_value(r, stmt->as.function.name, stmt->is_public, false);
    jr_mm_resolve_function(r, &stmt->as.function.params, stmt->as.function.result, stmt->as.function.body);
    if (stmt->is_public)
        check_leak(r, stmt);
}

static void resolve_module(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt,
                           struct jr_mm_scope *around)
{
    const struct jr_mm_item *item =
        jr_mm_scope_own(r, around, JR_MM_SPACE_MODULE, stmt->as.module.name.symbol);
    struct jr_mm_scope *scope = r->scope;
    uint8_t stage = r->stage;
    if (stmt->as.module.name.symbol == JR_SYMBOL_NONE)
        return;
    r->scope = item->module;
    r->stage = JR_MM_STAGE_MAIN;
    resolve_stmts(r, &stmt->as.module.body);
    r->stage = stage;
    r->scope = scope;
}

static void resolve_include(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt)
{
    struct jr_mm_scope *scope = r->scope;
    r->incomplete |= stmt->as.include.missing;
    r->scope = r->root;
    resolve_stmts(r, &stmt->as.include.body);
    r->scope = scope;
}

static void resolve_sum(struct jr_mm_resolver *r, struct jr_mm_stmt *stmt)
{
    for (uint32_t i = 0; i < stmt->as.sum.variant_count; i++)
        jr_mm_resolve_type(r, stmt->as.sum.variants[i].payload);
}

/* Whether the statement stays in the program. */
static bool resolve_stmt(struct jr_mm_resolver *r, struct jr_mm_stmt *stmt)
{
    stmt->stage = r->stage;
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION:
        resolve_function(r, stmt);
        return true;
    case JR_MM_STMT_LET:
        jr_mm_resolve_let(r, stmt, true);
        return true;
    case JR_MM_STMT_LETREC:
        stmt->as.letrec.name.symbol = bind_value(r, stmt->as.letrec.name, false, true);
        jr_mm_resolve_expr(r, stmt->as.letrec.value);
        return true;
    case JR_MM_STMT_EXPR:
        jr_mm_resolve_expr(r, stmt->as.expr);
        return true;
    case JR_MM_STMT_INCLUDE:
        resolve_include(r, stmt);
        return false;
    case JR_MM_STMT_STAGE:
        r->stage = stmt->as.stage.is_main ? JR_MM_STAGE_MAIN : JR_MM_STAGE_MACRO;
        r->names->staged = true;
        return false;
    case JR_MM_STMT_MODULE:
        resolve_module(r, stmt, r->scope);
        return false;
    case JR_MM_STMT_USE:
        if (stmt->as.use.loaded != NULL)
            resolve_module(r, stmt->as.use.loaded, r->root);
        jr_mm_resolve_use(r, stmt);
        return false;
    case JR_MM_STMT_SUM:
        resolve_sum(r, stmt);
        return true;
    case JR_MM_STMT_ALIAS:
        jr_mm_resolve_type(r, stmt->as.alias.type);
        return true;
    }
    return false;
}

static void resolve_stmts(struct jr_mm_resolver *r, const struct jr_mm_stmts *stmts)
{
    for (uint32_t i = 0; i < stmts->count; i++)
        if (resolve_stmt(r, stmts->items[i]))
            JR_UNIT_PUSH(r->unit, &r->stmts, stmts->items[i]);
}

/* ---- the pass ---- */

static void know_builtins(struct jr_mm_resolver *r)
{
    for (uint32_t i = 1; i < r->symbol_count; i++) {
        const char *text = jr_unit_text(r->unit, i);
        r->macro_builtins[i] = jr_builtin_is_macro(text);
        r->builtins[i] = r->macro_builtins[i] || jr_builtin_find(r->unit, text) != NULL;
    }
}

struct jr_mm_program *jr_mm_resolve(struct jr_unit *unit, const struct jr_mm_program *program,
                                    struct jr_mm_library *library, struct jr_mm_names *names)
{
    struct jr_mm_resolver *r = JR_UNIT_NEW(unit, struct jr_mm_resolver);
    r->unit = unit;
    r->library = library;
    r->names = names;
    r->dsp = jr_unit_symbol(unit, "dsp");
    r->symbol_count = jr_symbols_end(unit->symbols);
    r->locals = JR_UNIT_ARRAY(unit, struct jr_mm_local *, r->symbol_count);
    r->builtins = JR_UNIT_ARRAY(unit, bool, r->symbol_count);
    r->macro_builtins = JR_UNIT_ARRAY(unit, bool, r->symbol_count);
    r->constructors = JR_UNIT_ARRAY(unit, struct jr_mm_item *, r->symbol_count);
    r->self_stage = -1;
    r->stage = JR_MM_STAGE_MAIN;
    r->root = r->scope = jr_mm_scope_new(r, NULL, JR_SYMBOL_NONE);
    know_builtins(r);
    declare(r, &program->stmts, r->root);
    resolve_stmts(r, &program->stmts);

    struct jr_mm_program *flat = JR_UNIT_NEW(unit, struct jr_mm_program);
    flat->file = program->file;
    flat->height = program->height;
    flat->stmts = (struct jr_mm_stmts){ r->stmts.items, r->stmts.count };
    return flat;
}
