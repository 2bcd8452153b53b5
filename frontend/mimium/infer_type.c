/* infer_type.c -- types as written: primitives, aliases, type parameters. */
#include "frontend/mimium/infer_internal.h"

#include <string.h>

static struct jr_ty *letter_type(struct jr_infer *in, jr_symbol letter)
{
    for (uint32_t i = in->letters.count; i-- > 0;)
        if (in->letters.items[i].symbol == letter)
            return in->letters.items[i].ty;
    struct jr_letter fresh = { letter, jr_ty_rigid(in->types, letter) };
    JR_UNIT_PUSH(in->unit, &in->letters, fresh);
    return fresh.ty;
}

static struct jr_ty *alias_type(struct jr_infer *in, struct jr_alias *alias, struct jr_span use)
{
    if (alias->sum != NULL)
        return alias->sum->ty;
    if (alias->ty != NULL)
        return alias->ty;
    const char *name = jr_unit_text(in->unit, alias->stmt->as.alias.name.symbol);
    if (alias->resolving) { /* it and every alias that led back to it are on the cycle */
        for (uint32_t i = in->resolving.count; i-- > 0;) {
            struct jr_alias *member = in->resolving.items[i];
            const struct jr_mm_name *defined = &member->stmt->as.alias.name;
            struct jr_diag *diag = jr_diags_error(in->unit->diags, JR_CATEGORY_REC_TYPE, defined->span,
                                                  "circular type alias: `%s` is defined by itself",
                                                  jr_unit_text(in->unit, defined->symbol));
            jr_diag_label(in->unit->diags, diag, use, "`%s` is mentioned here", name);
            member->ty = &in->types->error;
            if (member == alias)
                break;
        }
        return alias->ty;
    }
    alias->resolving = true;
    JR_UNIT_PUSH(in->unit, &in->resolving, alias);
    struct jr_ty *ty = jr_infer_type(in, alias->stmt->as.alias.type);
    in->resolving.count--;
    alias->resolving = false;
    if (alias->ty == NULL) /* else a cycle was found on the way */
        alias->ty = ty;
    return alias->ty;
}

static struct jr_ty *named_type(struct jr_infer *in, const struct jr_mm_path *path)
{
    jr_symbol symbol = path->names[0].symbol;
    if (in->aliases[symbol] != NULL)
        return alias_type(in, in->aliases[symbol], path->span);
    return letter_type(in, symbol);
}

static struct jr_ty *record_type(struct jr_infer *in, const struct jr_mm_type *type)
{
    uint32_t count = 0, written = type->as.record.count;
    if (written > JR_INFER_LIST_MAX)
        jr_unit_leave_limit(in->unit, type->node.span, "a record has more than %d fields", JR_INFER_LIST_MAX);
    jr_symbol *keys = JR_UNIT_ARRAY(in->unit, jr_symbol, written);
    struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, written);
    for (uint32_t i = 0; i < written; i++) {
        const struct jr_mm_type_field *field = &type->as.record.items[i];
        struct jr_ty *ty = jr_infer_type(in, field->type);
        if (field->name.symbol == JR_SYMBOL_NONE) /* reported */
            continue;
        bool seen = false;
        for (uint32_t k = 0; k < count; k++)
            seen |= keys[k] == field->name.symbol;
        if (seen) {
            jr_diags_error(in->unit->diags, JR_CATEGORY_DUP_KEY, field->name.span,
                           "the field `%s` is declared twice", jr_unit_text(in->unit, field->name.symbol));
            continue;
        }
        keys[count] = field->name.symbol;
        items[count++] = ty;
    }
    return jr_ty_record(in->types, keys, items, count);
}

static struct jr_ty *tuple_type(struct jr_infer *in, const struct jr_mm_types *list)
{
    struct jr_ty **items = JR_UNIT_ARRAY(in->unit, struct jr_ty *, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = jr_infer_type(in, list->items[i]);
    return jr_ty_tuple(in->types, items, list->count);
}

struct jr_ty *jr_infer_type(struct jr_infer *in, const struct jr_mm_type *type)
{
    switch (type->kind) {
    case JR_MM_TYPE_ERROR:
        return &in->types->error;
    case JR_MM_TYPE_PRIMITIVE:
        return jr_infer_primitive(in, type->as.primitive);
    case JR_MM_TYPE_NAMED:
        return named_type(in, &type->as.named);
    case JR_MM_TYPE_UNIT:
        return &in->types->unit_type;
    case JR_MM_TYPE_TUPLE:
        return tuple_type(in, &type->as.tuple);
    case JR_MM_TYPE_RECORD:
        return record_type(in, type);
    case JR_MM_TYPE_ARRAY:
        return jr_ty_array(in->types, jr_infer_type(in, type->as.array));
    case JR_MM_TYPE_CODE:
        return jr_ty_code(in->types, jr_infer_type(in, type->as.code));
    case JR_MM_TYPE_FUNCTION: {
        struct jr_ty *param = tuple_type(in, &type->as.function.params);
        return jr_ty_function(in->types, param, jr_infer_type(in, type->as.function.result));
    }
    case JR_MM_TYPE_UNION:
        return jr_infer_union(in, type);
    }
    return &in->types->error;
}

void jr_infer_declare_types(struct jr_infer *in, const struct jr_mm_program *program)
{
    for (uint32_t i = 0; i < program->stmts.count; i++) {
        const struct jr_mm_stmt *stmt = program->stmts.items[i];
        if (stmt->kind != JR_MM_STMT_SUM && stmt->kind != JR_MM_STMT_ALIAS)
            continue;
        bool is_sum = stmt->kind == JR_MM_STMT_SUM;
        const struct jr_mm_name *name = is_sum ? &stmt->as.sum.name : &stmt->as.alias.name;
        if (name->symbol == JR_SYMBOL_NONE)
            continue;
        struct jr_alias *alias = JR_UNIT_NEW(in->unit, struct jr_alias);
        alias->stmt = stmt;
        if (is_sum) {
            alias->sum = JR_UNIT_NEW(in->unit, struct jr_ty_sum);
            alias->sum->name = jr_unit_text(in->unit, name->symbol);
            alias->sum->span = name->span;
            jr_ty_sum(in->types, alias->sum);
        }
        in->aliases[name->symbol] = alias;
    }
    for (uint32_t i = 0; i < program->stmts.count; i++) {
        const struct jr_mm_stmt *stmt = program->stmts.items[i];
        if (stmt->kind == JR_MM_STMT_ALIAS && stmt->as.alias.name.symbol != JR_SYMBOL_NONE)
            alias_type(in, in->aliases[stmt->as.alias.name.symbol], stmt->as.alias.name.span);
    }
}
