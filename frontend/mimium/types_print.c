/* types_print.c -- types in source syntax, for messages and for the dump of types. */
#include "frontend/mimium/types.h"

#include "ir/base/sb.h"

/* A printed type stays readable: deeper parts become "...". */
enum { PRINT_DEPTH = 12, PRINT_BYTES = 2000, NAMED_MAX = 64 };

struct printer {
    struct jr_types *types;
    struct jr_sb *out;
    bool number;
    size_t start;                   /* where this type began in `out` */
    struct jr_ty *named[NAMED_MAX]; /* variables without a letter, in the order of their appearance */
    uint32_t named_count;
};

static void print(struct printer *p, struct jr_ty *ty, uint32_t depth);

static void print_variable_name(struct printer *p, struct jr_ty *ty)
{
    if (ty->letter != JR_SYMBOL_NONE) {
        jr_sb_text(p->out, jr_unit_text(p->types->unit, ty->letter));
        return;
    }
    uint32_t index = 0;
    while (index < p->named_count && p->named[index] != ty)
        index++;
    if (index == p->named_count && index < NAMED_MAX)
        p->named[p->named_count++] = ty;
    jr_sb_char(p->out, '\'');
    if (index >= 26)
        jr_sb_char(p->out, (char)('a' + index / 26 - 1));
    jr_sb_char(p->out, (char)('a' + index % 26));
}

static void print_list(struct printer *p, struct jr_ty **items, const jr_symbol *keys, uint32_t count,
                       uint32_t depth)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            jr_sb_text(p->out, ", ");
        if (p->out->length - p->start > PRINT_BYTES) {
            jr_sb_text(p->out, "...");
            return;
        }
        if (keys != NULL)
            jr_sb_format(p->out, "%s: ", jr_unit_text(p->types->unit, keys[i]));
        print(p, items[i], depth + 1);
    }
}

static void print(struct printer *p, struct jr_ty *ty, uint32_t depth)
{
    ty = jr_ty_resolve(ty);
    if (depth > PRINT_DEPTH) {
        jr_sb_text(p->out, "...");
        return;
    }
    switch (ty->kind) {
    case JR_TY_ERROR:
        jr_sb_text(p->out, "?");
        break;
    case JR_TY_FLOAT:
        jr_sb_text(p->out, p->number ? "number" : "float");
        break;
    case JR_TY_INT:
        jr_sb_text(p->out, "int");
        break;
    case JR_TY_STRING:
        jr_sb_text(p->out, "string");
        break;
    case JR_TY_UNIT:
        jr_sb_text(p->out, "()");
        break;
    case JR_TY_TUPLE:
        jr_sb_char(p->out, '(');
        print_list(p, ty->items, NULL, ty->count, depth);
        jr_sb_char(p->out, ')');
        break;
    case JR_TY_RECORD:
        jr_sb_char(p->out, '{');
        print_list(p, ty->items, ty->keys, ty->count, depth);
        jr_sb_char(p->out, '}');
        break;
    case JR_TY_ARRAY:
        jr_sb_char(p->out, '[');
        print(p, ty->result, depth + 1);
        jr_sb_char(p->out, ']');
        break;
    case JR_TY_FUNCTION: {
        const struct jr_ty *param = jr_ty_resolve(ty->param);
        bool listed =
            param->kind == JR_TY_TUPLE || param->kind == JR_TY_UNIT; /* brings its own parentheses */
        if (!listed)
            jr_sb_char(p->out, '(');
        print(p, ty->param, depth + 1);
        jr_sb_text(p->out, listed ? "->" : ")->");
        print(p, ty->result, depth + 1);
        break;
    }
    case JR_TY_CODE:
        jr_sb_char(p->out, '`');
        print(p, ty->result, depth + 1);
        break;
    case JR_TY_BOX: /* never in a source type */
        break;
    case JR_TY_SUM:
        jr_sb_text(p->out, ty->sum->name);
        break;
    case JR_TY_VARIABLE:
        if (ty->count == 0) {
            print_variable_name(p, ty);
            break;
        }
        jr_sb_char(p->out, '{');
        print_list(p, ty->items, ty->keys, ty->count, depth);
        jr_sb_text(p->out, ", ..}");
        break;
    }
}

void jr_ty_print(struct jr_types *types, struct jr_ty *ty, bool number, struct jr_sb *out)
{
    struct printer p = { .types = types, .out = out, .number = number, .start = out->length };
    print(&p, ty, 0);
}

/* Takes what was printed over to the arena; leaves when there is no memory. */
static const char *keep_text(struct jr_types *types, struct jr_sb *out)
{
    char *text =
        jr_sb_status(out) == JR_OK ? jr_arena_text(types->unit->arena, jr_sb_view(out), out->length) : NULL;
    jr_sb_fini(out);
    if (text == NULL)
        jr_unit_leave(types->unit, JR_ERR_NO_MEMORY);
    return text;
}

const char *const *jr_ty_print_signature(struct jr_types *types, struct jr_ty *ty, uint32_t count)
{
    struct jr_sb out;
    struct printer p = { .types = types, .out = &out };
    ty = jr_ty_resolve(ty);
    if (ty->kind != JR_TY_FUNCTION)
        return NULL;
    struct jr_ty *param = jr_ty_resolve(ty->param);
    if (count > 1 && (param->kind != JR_TY_TUPLE || param->count != count))
        return NULL;
    const char **texts = JR_UNIT_ARRAY(types->unit, const char *, count + 1);
    for (uint32_t i = 0; i <= count; i++) {
        jr_sb_init(&out, types->unit->alloc);
        p.start = 0;
        print(&p, i == count ? ty->result : count == 1 ? param : param->items[i], 0);
        texts[i] = keep_text(types, &out);
    }
    return texts;
}

static const char *text_of(struct jr_types *types, struct jr_ty *ty, bool number)
{
    struct jr_sb out;
    jr_sb_init(&out, types->unit->alloc);
    jr_ty_print(types, ty, number, &out);
    return keep_text(types, &out);
}

const char *jr_ty_text(struct jr_types *types, struct jr_ty *ty)
{
    return text_of(types, ty, true);
}

const char *jr_ty_source_text(struct jr_types *types, struct jr_ty *ty)
{
    return text_of(types, ty, false);
}
