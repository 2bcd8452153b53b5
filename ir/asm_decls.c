/* asm_decls.c -- everything outside of functions' bodies.
 *
 * Two walks: the first finds the declarations and their names and reserves their entries; the second reads them.  Types that are
 * written by content where they are used come behind the declared ones, so they must not be made before all declared ones that
 * could be meant are known: simple layouts are read first, then signatures, then the other layouts. */
#include <string.h>

#include "ir/asm_internal.h"

/* ---- the first walk ---- */

static const char *const keywords[JR_DECL_KIND_COUNT] = {
    [JR_DECL_MODULE] = "module", [JR_DECL_FILE] = "file",     [JR_DECL_LAYOUT] = "layout",
    [JR_DECL_SUM] = "sum",       [JR_DECL_SIG] = "sig",       [JR_DECL_STRING] = "string",
    [JR_DECL_GLOBAL] = "global", [JR_DECL_IMPORT] = "import", [JR_DECL_ENTRY] = "entry",
    [JR_DECL_FUNC] = "func",
};

/* An entry without content, so that indices stand before anything refers to them. */
static enum jr_status reserve(struct jr_asm *a, enum jr_decl_kind kind, uint32_t *index)
{
    struct jr_draft *draft = &a->draft;
    enum jr_status status = JR_OK;
    *index = 0;
    switch (kind) {
    case JR_DECL_LAYOUT:
        *index = (uint32_t)draft->layouts.count;
        return JR_VEC_PUSH(a->alloc, &draft->layouts, (struct jr_layout){ 0 });
    case JR_DECL_SUM:
        *index = (uint32_t)draft->sums.count;
        return JR_VEC_PUSH(a->alloc, &draft->sums, (struct jr_sum){ .name = "" });
    case JR_DECL_SIG:
        *index = (uint32_t)draft->signatures.count;
        return JR_VEC_PUSH(a->alloc, &draft->signatures, (struct jr_signature){ 0 });
    case JR_DECL_STRING:
        *index = (uint32_t)draft->strings.count;
        JR_TRY(JR_VEC_RESERVE(a->alloc, &draft->string_sizes, 1));
        JR_TRY(JR_VEC_PUSH(a->alloc, &draft->strings, ""));
        return JR_VEC_PUSH(a->alloc, &draft->string_sizes, 0);
    case JR_DECL_GLOBAL:
        *index = (uint32_t)draft->globals.count;
        return JR_VEC_PUSH(a->alloc, &draft->globals, (struct jr_global){ .name = "" });
    case JR_DECL_IMPORT:
        *index = (uint32_t)draft->imports.count;
        return JR_VEC_PUSH(a->alloc, &draft->imports, (struct jr_import){ .name = "" });
    case JR_DECL_FUNC:
        *index = (uint32_t)draft->functions.count;
        JR_TRY(jr_draft_function(draft, &(struct jr_function){ .name = "" }));
        return JR_VEC_PUSH(a->alloc, &a->functions, (struct jr_asm_function){ 0 });
    case JR_DECL_MODULE:
    case JR_DECL_FILE:
    case JR_DECL_ENTRY:
    case JR_DECL_KIND_COUNT:
        break;
    }
done:
    return status;
}

static bool has_symbol(enum jr_decl_kind kind)
{
    return kind != JR_DECL_MODULE && kind != JR_DECL_FILE && kind != JR_DECL_ENTRY;
}

/* Behind a function's header: its body goes up to the next }. */
static bool find_body(struct jr_asm *a, struct jr_decl *decl)
{
    while (!jr_asm_is_mark(a, '{')) {
        if (jr_asm_at_line_end(a))
            return jr_asm_error(a, jr_asm_peek(a), "the { of a function is missing here");
        a->at++;
    }
    const struct jr_token *open = jr_asm_next(a);
    decl->body = a->at;
    while (!jr_asm_is_mark(a, '}')) {
        if (jr_asm_peek(a)->kind == JR_TOKEN_END)
            return jr_asm_error(a, open, "this { has no }");
        a->at++;
    }
    a->at++;
    return true;
}

static bool declare_symbol(struct jr_asm *a, const struct jr_decl *decl)
{
    const struct jr_token *token = jr_asm_peek(a);
    struct jr_asm_symbols *symbols = &a->symbols[decl->kind];
    if (token->kind != JR_TOKEN_NAME)
        return jr_asm_error(a, token, "a name is missing behind %s", keywords[decl->kind]);
    if (jr_asm_symbols_find(symbols, a->text + token->start, token->length) != JR_NONE)
        return jr_asm_error(a, token, "there is already a %s %.*s", keywords[decl->kind],
                            JR_ASM_SHOW(a, token));
    return jr_asm_ok(a, token,
                     jr_asm_symbols_add(a->alloc, symbols, a->text + token->start, token->length, decl->index));
}

static void find_decl(struct jr_asm *a, enum jr_decl_kind kind)
{
    struct jr_decl decl = { .kind = kind, .keyword = a->at - 1 };
    const struct jr_token *token = jr_asm_peek(a);
    if (!jr_asm_ok(a, token, reserve(a, kind, &decl.index)))
        return;
    if (decl.index >= JR_MOST_ENTRIES) {
        jr_asm_ok(a, token, JR_ERR_LIMIT);
        return;
    }
    bool good = !has_symbol(kind) || declare_symbol(a, &decl);
    if (kind == JR_DECL_FUNC) /* even with a bad name, so that the body is not taken for declarations */
        good &= find_body(a, &decl) && (jr_asm_at_line_end(a) || jr_asm_line_end(a));
    if (good)
        jr_asm_ok(a, token, JR_VEC_PUSH(a->alloc, &a->decls, decl));
}

void jr_asm_find_decls(struct jr_asm *a)
{
    for (a->at = 0; jr_asm_peek(a)->kind != JR_TOKEN_END && a->status == JR_OK; jr_asm_skip_line(a)) {
        if (jr_asm_at_line_end(a))
            continue;
        const struct jr_token *token = jr_asm_next(a);
        unsigned kind = 0;
        while (kind < JR_DECL_KIND_COUNT &&
               !(token->kind == JR_TOKEN_NAME && jr_asm_same(a, token, keywords[kind])))
            kind++;
        if (kind < JR_DECL_KIND_COUNT)
            find_decl(a, (enum jr_decl_kind)kind);
        else
            jr_asm_error(a, token, "a line cannot begin with %.*s outside of a function",
                         JR_ASM_SHOW(a, token));
    }
}

/* ---- the second walk ---- */

/* A symbol, known already, and the name in quotes where the name is not the symbol. */
static bool read_name(struct jr_asm *a, const char **out)
{
    const struct jr_token *token = jr_asm_next(a);
    uint32_t size;
    if (jr_asm_peek(a)->kind == JR_TOKEN_STRING)
        return jr_asm_text(a, true, out, &size);
    *out = jr_draft_text(&a->draft, a->text + token->start, token->length);
    return jr_asm_ok(a, token, *out == NULL ? JR_ERR_NO_MEMORY : JR_OK);
}

static bool read_module(struct jr_asm *a)
{
    uint32_t size;
    return jr_asm_text(a, true, &a->draft.module->language, &size) && jr_asm_line_end(a);
}

static bool read_file(struct jr_asm *a)
{
    const char *path;
    uint32_t size;
    if (!jr_asm_text(a, true, &path, &size))
        return false;
    if (a->draft.files.count >= JR_MOST_ENTRIES)
        return jr_asm_ok(a, jr_asm_peek(a), JR_ERR_LIMIT);
    return jr_asm_ok(a, jr_asm_peek(a), JR_VEC_PUSH(a->alloc, &a->draft.files, path)) && jr_asm_line_end(a);
}

static bool read_string(struct jr_asm *a, const struct jr_decl *decl)
{
    const char *text;
    uint32_t size;
    jr_asm_next(a);
    if (!jr_asm_expect(a, '=') || !jr_asm_text(a, false, &text, &size))
        return false;
    a->draft.strings.items[decl->index] = text;
    a->draft.string_sizes.items[decl->index] = size;
    return jr_asm_string_add(a, decl->index) && jr_asm_line_end(a);
}

static bool read_layout(struct jr_asm *a, const struct jr_decl *decl, bool simple, bool *gave_up)
{
    const struct jr_token *symbol = jr_asm_next(a);
    struct jr_layout content = { 0 };
    *gave_up = false;
    if (jr_asm_same(a, symbol, "raw") || jr_asm_same(a, symbol, "string"))
        return jr_asm_error(a, symbol, "%.*s is a word class, so it cannot be a layout's name",
                            JR_ASM_SHOW(a, symbol));
    if (!jr_asm_expect(a, '=') || !jr_asm_words(a, simple, &content, gave_up))
        return false;
    a->draft.layouts.items[decl->index] = content;
    return jr_asm_layout_add(a, decl->index) && jr_asm_line_end(a);
}

static bool read_signature(struct jr_asm *a, const struct jr_decl *decl)
{
    struct jr_signature signature;
    jr_asm_next(a);
    if (!jr_asm_expect(a, '=') || !jr_asm_layout(a, &signature.param_layout))
        return false;
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_ARROW)
        return jr_asm_error(a, token, "the -> of a signature is missing here");
    a->at++;
    if (!jr_asm_layout(a, &signature.result_layout))
        return false;
    a->draft.signatures.items[decl->index] = signature;
    return jr_asm_signature_add(a, decl->index) && jr_asm_line_end(a);
}

/* The variants of a sum while they are read. */
struct variants {
    JR_VEC(uint32_t) layouts;
    JR_VEC(const char *) names; /* as many, or none */
};

/* [name] (words) */
static bool read_variant(struct jr_asm *a, struct variants *variants)
{
    const struct jr_token *token = jr_asm_peek(a);
    const char *name = NULL;
    uint32_t layout, size;
    if (token->kind == JR_TOKEN_STRING) {
        if (!jr_asm_text(a, true, &name, &size))
            return false;
    } else if (token->kind == JR_TOKEN_NAME) {
        a->at++;
        name = jr_draft_text(&a->draft, a->text + token->start, token->length);
        if (name == NULL)
            return jr_asm_ok(a, token, JR_ERR_NO_MEMORY);
    }
    if ((name != NULL) != (variants->names.count != 0) && variants->layouts.count != 0)
        return jr_asm_error(a, token, "either all variants of a sum have a name or none has");
    if (!jr_asm_expect(a, '(') || !jr_asm_inner(a, &layout) || !jr_asm_expect(a, ')'))
        return false;
    if (name != NULL && !jr_asm_ok(a, token, JR_VEC_PUSH(a->alloc, &variants->names, name)))
        return false;
    return jr_asm_ok(a, token, JR_VEC_PUSH(a->alloc, &variants->layouts, layout));
}

static bool finish_sum(struct jr_asm *a, const struct variants *variants, struct jr_sum *sum)
{
    struct jr_arena *arena = a->draft.module->arena;
    sum->variant_layouts =
        jr_arena_copy(arena, variants->layouts.items, variants->layouts.count * sizeof(uint32_t));
    bool good = sum->variant_layouts != NULL;
    if (good && variants->names.count != 0) {
        sum->variant_names =
            jr_arena_copy(arena, variants->names.items, variants->names.count * sizeof(const char *));
        good = sum->variant_names != NULL;
    }
    sum->variant_count = good ? (uint32_t)variants->layouts.count : 0;
    return jr_asm_ok(a, jr_asm_peek(a), good ? JR_OK : JR_ERR_NO_MEMORY);
}

static bool read_sum(struct jr_asm *a, const struct jr_decl *decl)
{
    struct variants variants = { 0 };
    struct jr_sum sum = { .word_count = 1 };
    bool good = read_name(a, &sum.name) && jr_asm_expect(a, '=');
    while (good && !jr_asm_at_line_end(a))
        good = read_variant(a, &variants);
    good = good && finish_sum(a, &variants, &sum);
    if (good)
        a->draft.sums.items[decl->index] = sum;
    JR_VEC_FREE(a->alloc, &variants.layouts);
    JR_VEC_FREE(a->alloc, &variants.names);
    return good && jr_asm_line_end(a);
}

/* `at place`, or where the declaration itself stands. */
static bool read_at(struct jr_asm *a, const struct jr_decl *decl, struct jr_place *place)
{
    const struct jr_token *symbol = &a->tokens.items[decl->keyword + 1];
    if (jr_asm_accept_word(a, "at"))
        return jr_asm_place(a, place);
    return jr_asm_own_place(a, symbol, symbol, place);
}

static bool read_global(struct jr_asm *a, const struct jr_decl *decl)
{
    struct jr_global global = { 0 };
    if (!read_name(a, &global.name) || !jr_asm_expect(a, ':') || !jr_asm_layout(a, &global.layout))
        return false;
    global.assigned = jr_asm_accept_word(a, "assigned");
    if (!read_at(a, decl, &global.place))
        return false;
    /* Globals are read in their order, so what stands before is known; code refers to words. */
    struct jr_draft *draft = &a->draft;
    uint32_t words =
        global.layout < draft->layouts.count ? draft->layouts.items[global.layout].word_count : 0;
    if (words > JR_MOST_GLOBAL_WORDS - draft->module->global_words)
        return jr_asm_ok(a, jr_asm_peek(a), JR_ERR_LIMIT);
    global.offset = draft->module->global_words;
    draft->module->global_words += words;
    draft->globals.items[decl->index] = global;
    return jr_asm_line_end(a);
}

static bool read_import(struct jr_asm *a, const struct jr_decl *decl)
{
    struct jr_import import;
    if (!read_name(a, &import.name) || !jr_asm_expect(a, ':') || !jr_asm_signature(a, &import.signature))
        return false;
    a->draft.imports.items[decl->index] = import;
    return jr_asm_line_end(a);
}

static bool read_entry(struct jr_asm *a)
{
    while (!jr_asm_at_line_end(a)) {
        const struct jr_token *token = jr_asm_peek(a);
        uint32_t *target = jr_asm_accept_word(a, "init")  ? &a->draft.module->init
                           : jr_asm_accept_word(a, "dsp") ? &a->draft.module->dsp
                                                          : NULL;
        if (target == NULL)
            return jr_asm_error(a, token, "an entry is init=function or dsp=function");
        if (!jr_asm_expect(a, '=') || !jr_asm_reference(a, JR_DECL_FUNC, target))
            return false;
    }
    return jr_asm_line_end(a);
}

/* func symbol ["name"] : signature [captures=layout] [regs=n] [state=n] [feedback=n] [at place] { */
static bool read_header(struct jr_asm *a, const struct jr_decl *decl)
{
    struct jr_function *function = &a->draft.functions.items[decl->index];
    struct jr_asm_function *given = &a->functions.items[decl->index];
    struct jr_layout unit = { 0 };
    bool has_captures = false;
    if (!read_name(a, &function->name) || !jr_asm_expect(a, ':') ||
        !jr_asm_signature(a, &function->signature))
        return false;
    for (;;) {
        const struct jr_token *token = jr_asm_peek(a);
        uint32_t *number = NULL;
        if (jr_asm_accept_word(a, "captures")) {
            has_captures = true;
            if (!jr_asm_expect(a, '=') || !jr_asm_layout(a, &function->capture_layout))
                return false;
        } else if (jr_asm_accept_word(a, "regs")) {
            number = &function->reg_count;
            given->has_regs = true;
        } else if (jr_asm_accept_word(a, "state")) {
            number = &function->state_words;
            given->has_state = true;
        } else if (jr_asm_accept_word(a, "feedback")) {
            number = &function->feedback_count;
            given->has_feedback = true;
        } else if (token->kind == JR_TOKEN_NAME && !jr_asm_same(a, token, "at")) {
            return jr_asm_error(a, token,
                                "a function has captures=, regs=, state=, feedback= and at, but no %.*s",
                                JR_ASM_SHOW(a, token));
        } else {
            break;
        }
        if (number != NULL && (!jr_asm_expect(a, '=') || !jr_asm_unsigned(a, UINT32_MAX, number)))
            return false;
    }
    if (!has_captures && !jr_asm_layout_of(a, &unit, &function->capture_layout))
        return false;
    return read_at(a, decl, &function->place) && jr_asm_expect(a, '{');
}

static bool read_decl(struct jr_asm *a, const struct jr_decl *decl)
{
    switch (decl->kind) {
    case JR_DECL_MODULE:
        return read_module(a);
    case JR_DECL_FILE:
        return read_file(a);
    case JR_DECL_SUM:
        return read_sum(a, decl);
    case JR_DECL_SIG:
        return read_signature(a, decl);
    case JR_DECL_STRING:
        return read_string(a, decl);
    case JR_DECL_GLOBAL:
        return read_global(a, decl);
    case JR_DECL_IMPORT:
        return read_import(a, decl);
    case JR_DECL_ENTRY:
        return read_entry(a);
    case JR_DECL_FUNC:
        return read_header(a, decl);
    case JR_DECL_LAYOUT:
    case JR_DECL_KIND_COUNT:
        break; /* layouts are read by read_layouts */
    }
    return true;
}

static void read_kind(struct jr_asm *a, enum jr_decl_kind kind)
{
    for (size_t i = 0; i < a->decls.count && a->status == JR_OK; i++) {
        struct jr_decl *decl = &a->decls.items[i];
        if (decl->kind != kind)
            continue;
        a->at = decl->keyword + 1;
        decl->done = read_decl(a, decl);
    }
}

/* Simple ones, or what is left. */
static void read_layouts(struct jr_asm *a, bool simple)
{
    for (size_t i = 0; i < a->decls.count && a->status == JR_OK; i++) {
        struct jr_decl *decl = &a->decls.items[i];
        bool gave_up;
        if (decl->kind != JR_DECL_LAYOUT || decl->done)
            continue;
        a->at = decl->keyword + 1;
        decl->done = read_layout(a, decl, simple, &gave_up) || !gave_up;
    }
}

void jr_asm_read_decls(struct jr_asm *a)
{
    static const enum jr_decl_kind before[] = { JR_DECL_MODULE, JR_DECL_FILE, JR_DECL_STRING };
    static const enum jr_decl_kind after[] = { JR_DECL_SUM, JR_DECL_GLOBAL, JR_DECL_IMPORT, JR_DECL_ENTRY,
                                               JR_DECL_FUNC };
    for (unsigned i = 0; i < sizeof before / sizeof before[0]; i++)
        read_kind(a, before[i]);
    read_layouts(a, true);
    read_kind(a, JR_DECL_SIG);
    read_layouts(a, false);
    for (unsigned i = 0; i < sizeof after / sizeof after[0]; i++)
        read_kind(a, after[i]);
}
