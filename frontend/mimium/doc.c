/* doc.c -- definitions from the tree, types from inference, comments from the text.
 *
 * Inference rewrites the tree that it works on, so the file is parsed once more, and a definition finds its type by the place of
 * its name. */
#include "frontend/mimium/doc.h"

#include <string.h>

#include "frontend/mimium/mimium.h"
#include "frontend/mimium/parse.h"
#include "frontend/mimium/unit.h"
#include "ir/base/sb.h"

/* What inference found out about a name; texts are in the arena. */
struct typed {
    struct jr_span span;
    bool is_macro;
    const char *type;
    const char *const *signature;
    uint32_t param_count;
};

struct documenter {
    struct jr_unit unit;  /* the arena is the result's */
    struct jr_unit notes; /* the same while the compiler works: what is noted then leaves to itself */
    bool failed;          /* no memory for a note */
    struct jr_mm_ast ast;
    const char *text;
    uint32_t length;
    uint32_t file;
    bool all;        /* also what is not public */
    bool has_blocks; /* lines with three slashes somewhere */
    JR_UNIT_LIST(struct typed) types;
    JR_UNIT_LIST(struct jr_mimium_doc_entry) entries;
    struct jr_sb scratch;
};

/* ---- types ---- */

static const char *note_text(struct documenter *d, const char *text)
{
    return jr_unit_format(&d->notes, "%s", text);
}

static void note_type(void *context, const struct jr_mimium_global *global)
{
    struct documenter *d = context;
    struct typed typed = { global->span, global->is_macro, NULL, NULL, global->param_count };
    if (d->file != JR_FILE_NONE && global->span.file != d->file)
        return;
    if (setjmp(d->notes.owner) != 0) {
        d->failed = true;
        return;
    }
    typed.type = note_text(d, global->type);
    if (global->signature != NULL) {
        const char **signature = JR_UNIT_ARRAY(&d->notes, const char *, global->param_count + 1);
        for (uint32_t i = 0; i <= global->param_count; i++)
            signature[i] = note_text(d, global->signature[i]);
        typed.signature = signature;
    }
    JR_UNIT_PUSH(&d->notes, &d->types, typed);
}

/* The last that was noted about the name there; NULL if nothing was. */
static const struct typed *type_at(const struct documenter *d, struct jr_span span)
{
    for (uint32_t i = d->types.count; i-- > 0;)
        if (d->types.items[i].span.file == span.file && d->types.items[i].span.start == span.start)
            return &d->types.items[i];
    return NULL;
}

/* ---- comments ---- */

/* The line before the one that starts at `at`; false at the start of the text. */
static bool line_before(const struct documenter *d, uint32_t at, uint32_t *start, uint32_t *end)
{
    if (at == 0)
        return false;
    *end = at - 1;
    for (*start = *end; *start > 0 && d->text[*start - 1] != '\n';)
        --*start;
    if (*end > *start && d->text[*end - 1] == '\r')
        --*end;
    return true;
}

/* How many slashes a line begins with behind its indentation, 0 if it is no line comment; *text is what follows them and one
 * blank.  "//!" counts as 1. */
static uint32_t slashes_of(const struct documenter *d, uint32_t start, uint32_t end, uint32_t *text)
{
    uint32_t at = start, count = 0;
    while (at < end && (d->text[at] == ' ' || d->text[at] == '\t'))
        at++;
    while (at < end && d->text[at] == '/') {
        at++;
        count++;
    }
    if (count == 2 && at < end && d->text[at] == '!') {
        at++;
        count = 1;
    } else if (count < 2) {
        return 0;
    }
    *text = at < end && d->text[at] == ' ' ? at + 1 : at;
    return count;
}

static const char *take_scratch(struct documenter *d)
{
    const char *text = jr_unit_format(&d->unit, "%s", jr_sb_view(&d->scratch));
    if (jr_sb_status(&d->scratch) != JR_OK)
        jr_unit_leave(&d->unit, JR_ERR_NO_MEMORY);
    jr_sb_clear(&d->scratch);
    return text;
}

/* The lines [from, to), which are comments, without their slashes. */
static const char *comment_text(struct documenter *d, uint32_t from, uint32_t to)
{
    for (uint32_t start = from, end; start < to; start = end + 1) {
        const char *newline = memchr(d->text + start, '\n', to - start);
        end = newline == NULL ? to : (uint32_t)(newline - d->text);
        uint32_t text = start, last = end;
        slashes_of(d, start, end, &text);
        while (last > text && (d->text[last - 1] == ' ' || d->text[last - 1] == '\t' || d->text[last - 1] == '\r'))
            last--;
        jr_sb_bytes(&d->scratch, d->text + text, last - text);
        jr_sb_char(&d->scratch, '\n');
    }
    return take_scratch(d);
}

/* The comment directly above the line of `offset`. */
static const char *comment_above(struct documenter *d, uint32_t offset)
{
    uint32_t line = offset, start, end, text;
    while (line > 0 && d->text[line - 1] != '\n')
        line--;
    uint32_t first = line;
    while (line_before(d, first, &start, &end)) {
        uint32_t slashes = slashes_of(d, start, end, &text);
        if (slashes < 2 || (d->has_blocks && slashes != 3))
            break;
        first = start;
    }
    return comment_text(d, first, line);
}

/* The lines of the head: "//!", or a plain comment with an empty line behind it. */
static const char *head_of(struct documenter *d)
{
    uint32_t at = 0, marks = 0, text;
    while (at < d->length) {
        const char *newline = memchr(d->text + at, '\n', d->length - at);
        uint32_t end = newline == NULL ? d->length : (uint32_t)(newline - d->text);
        uint32_t slashes = slashes_of(d, at, end, &text);
        if (slashes == 0 || slashes > 2 || (marks != 0 && slashes != marks))
            break;
        marks = slashes;
        at = end < d->length ? end + 1 : end;
    }
    bool closed = at == d->length || d->text[at] == '\n' || d->text[at] == '\r';
    return marks == 1 || (marks == 2 && closed && !d->has_blocks) ? comment_text(d, 0, at) : "";
}

/* ---- signatures ---- */

/* A part of the source on one line, blanks and line breaks being one blank. */
static void put_source(struct documenter *d, struct jr_span span)
{
    bool blank = false;
    for (uint32_t i = span.start; i < span.end; i++) {
        char c = d->text[i];
        bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!is_blank && blank)
            jr_sb_char(&d->scratch, ' ');
        if (!is_blank)
            jr_sb_char(&d->scratch, c);
        blank = is_blank;
    }
}

static void put_name(struct documenter *d, struct jr_mm_name name)
{
    jr_sb_text(&d->scratch, jr_unit_text(&d->unit, name.symbol));
}

/* As it is written, with the names that aliases give; or as it was inferred, unless that is NULL. */
static void put_type(struct documenter *d, const char *before, const struct jr_mm_type *written,
                     const char *inferred)
{
    if (written == NULL && inferred == NULL)
        return;
    jr_sb_text(&d->scratch, before);
    if (written != NULL)
        put_source(d, written->node.span);
    else
        jr_sb_text(&d->scratch, inferred);
}

/* fn name(a: type, b: type = default) -> type */
static const char *function_signature(struct documenter *d, const struct jr_mm_stmt *stmt)
{
    const struct typed *typed = type_at(d, stmt->as.function.name.span);
    struct jr_mm_params params = stmt->as.function.params;
    const char *const *types = NULL;
    if (typed != NULL && typed->param_count == params.count)
        types = typed->signature;
    jr_sb_text(&d->scratch, "fn ");
    put_name(d, stmt->as.function.name);
    jr_sb_char(&d->scratch, '(');
    for (uint32_t i = 0; i < params.count; i++) {
        if (i > 0)
            jr_sb_text(&d->scratch, ", ");
        put_name(d, params.items[i]->name);
        put_type(d, ": ", params.items[i]->type, types != NULL ? types[i] : NULL);
        if (params.items[i]->default_value != NULL) {
            jr_sb_text(&d->scratch, " = ");
            put_source(d, params.items[i]->default_value->node.span);
        }
    }
    jr_sb_char(&d->scratch, ')');
    put_type(d, " -> ", stmt->as.function.result, types != NULL ? types[params.count] : NULL);
    if (typed != NULL && typed->is_macro)
        jr_sb_text(&d->scratch, "   (macro stage)");
    return take_scratch(d);
}

static const char *variable_signature(struct documenter *d, const char *keyword, const char *name,
                                      struct jr_span span)
{
    const struct typed *typed = type_at(d, span);
    jr_sb_format(&d->scratch, "%s %s", keyword, name);
    if (typed != NULL)
        jr_sb_format(&d->scratch, ": %s%s", typed->type, typed->is_macro ? "   (macro stage)" : "");
    return take_scratch(d);
}

/* ---- definitions ---- */

static void add(struct documenter *d, const char *around, const char *name, const char *signature,
                const char *comment, bool is_module)
{
    struct jr_mimium_doc_entry entry = { .signature = signature, .comment = comment, .is_module = is_module };
    /* A copy: the symbols go, and the names stay. */
    entry.name = jr_unit_format(&d->unit, "%s%s%s", around, around[0] == '\0' ? "" : "::", name);
    JR_UNIT_PUSH(&d->unit, &d->entries, entry);
}

static void add_stmts(struct documenter *d, struct jr_mm_stmts stmts, const char *around);

/* The names that a pattern binds; the comment goes with the first. */
static void add_pattern(struct documenter *d, const struct jr_mm_pattern *pattern, const char *around,
                        const char **comment)
{
    if (pattern->kind == JR_MM_PATTERN_NAME) {
        const char *name = jr_unit_text(&d->unit, pattern->as.name);
        add(d, around, name, variable_signature(d, "let", name, pattern->node.span), *comment, false);
        *comment = "";
    } else if (pattern->kind == JR_MM_PATTERN_TUPLE) {
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++)
            add_pattern(d, pattern->as.tuple.items[i], around, comment);
    } else if (pattern->kind == JR_MM_PATTERN_RECORD) {
        for (uint32_t i = 0; i < pattern->as.record.count; i++)
            add_pattern(d, pattern->as.record.items[i].pattern, around, comment);
    }
}

/* The statement as it is written; a definition without `pub`. */
static const char *written(struct documenter *d, const struct jr_mm_stmt *stmt)
{
    struct jr_span span = stmt->node.span;
    if (stmt->is_public && stmt->kind != JR_MM_STMT_USE)
        for (span.start += (uint32_t)strlen("pub"); d->text[span.start] == ' ';)
            span.start++;
    put_source(d, span);
    return take_scratch(d);
}

static void add_module(struct documenter *d, const struct jr_mm_stmt *stmt, const char *around,
                       const char *comment)
{
    const char *name = jr_unit_text(&d->unit, stmt->as.module.name.symbol);
    const char *path = around[0] == '\0' ? name : jr_unit_format(&d->unit, "%s::%s", around, name);
    uint32_t before = d->entries.count;
    add(d, around, name, jr_unit_format(&d->unit, "mod %s", name), comment, true);
    add_stmts(d, stmt->as.module.body, path);
    if (d->entries.count == before + 1) /* it offers nothing */
        d->entries.count = before;
}

static void add_use(struct documenter *d, const struct jr_mm_stmt *stmt, const char *around,
                    const char *comment)
{
    struct jr_mm_path path = stmt->as.use.path;
    const char *text = written(d, stmt), *last = jr_unit_text(&d->unit, path.names[path.count - 1].symbol);
    uint32_t first = d->entries.count;
    if (stmt->as.use.form == JR_MM_USE_LIST) {
        for (uint32_t i = 0; i < stmt->as.use.name_count; i++)
            add(d, around, jr_unit_text(&d->unit, stmt->as.use.names[i].symbol), text, comment, false);
    } else {
        add(d, around, stmt->as.use.form == JR_MM_USE_WILDCARD ? "*" : last, text, comment, false);
    }
    for (uint32_t i = first; i < d->entries.count; i++)
        d->entries.items[i].is_use = true;
}

static void add_stmt(struct documenter *d, const struct jr_mm_stmt *stmt, const char *around)
{
    const char *comment = comment_above(d, stmt->node.span.start);
    struct jr_mm_name name;
    if (stmt->kind == JR_MM_STMT_MODULE) { /* what is in it says itself whether it is public */
        if (!stmt->as.module.external)
            add_module(d, stmt, around, comment);
        return;
    }
    if (!d->all && !stmt->is_public)
        return;
    switch (stmt->kind) {
    case JR_MM_STMT_FUNCTION:
        name = stmt->as.function.name;
        if (name.symbol != JR_SYMBOL_NONE)
            add(d, around, jr_unit_text(&d->unit, name.symbol), function_signature(d, stmt), comment, false);
        break;
    case JR_MM_STMT_LET:
        add_pattern(d, stmt->as.let.pattern, around, &comment);
        break;
    case JR_MM_STMT_LETREC:
        name = stmt->as.letrec.name;
        if (name.symbol != JR_SYMBOL_NONE)
            add(d, around, jr_unit_text(&d->unit, name.symbol),
                variable_signature(d, "letrec", jr_unit_text(&d->unit, name.symbol), name.span), comment, false);
        break;
    case JR_MM_STMT_SUM:
    case JR_MM_STMT_ALIAS:
        name = stmt->kind == JR_MM_STMT_SUM ? stmt->as.sum.name : stmt->as.alias.name;
        if (name.symbol != JR_SYMBOL_NONE)
            add(d, around, jr_unit_text(&d->unit, name.symbol), written(d, stmt), comment, false);
        break;
    case JR_MM_STMT_USE:
        if (stmt->is_public)
            add_use(d, stmt, around, comment);
        break;
    case JR_MM_STMT_MODULE:
    case JR_MM_STMT_EXPR:
    case JR_MM_STMT_INCLUDE:
    case JR_MM_STMT_STAGE:
        break;
    }
}

static void add_stmts(struct documenter *d, struct jr_mm_stmts stmts, const char *around)
{
    for (uint32_t i = 0; i < stmts.count; i++)
        add_stmt(d, stmts.items[i], around);
}

static bool says_public(struct jr_mm_stmts stmts)
{
    for (uint32_t i = 0; i < stmts.count; i++) {
        const struct jr_mm_stmt *stmt = stmts.items[i];
        if (stmt->is_public || (stmt->kind == JR_MM_STMT_MODULE && says_public(stmt->as.module.body)))
            return true;
    }
    return false;
}

/* ---- the entry ---- */

static enum jr_status describe(struct documenter *d, const struct jr_mm_program *program, struct jr_mimium_doc *out)
{
    size_t length;
    int left = setjmp(d->unit.owner);
    if (left != 0)
        return (enum jr_status)left;
    d->text = jr_sources_text(d->unit.sources, d->file, &length);
    d->length = (uint32_t)length;
    d->all = !says_public(program->stmts);
    d->has_blocks = strncmp(d->text, "///", 3) == 0 || strstr(d->text, "\n///") != NULL;
    out->head = head_of(d);
    add_stmts(d, program->stmts, "");
    out->entries = d->entries.items;
    out->count = d->entries.count;
    return JR_OK;
}

enum jr_status jr_mimium_document(struct jr_sources *sources, uint32_t file, uint32_t documented,
                                  const struct jr_mimium_options *options, const struct jr_alloc *alloc,
                                  struct jr_diags *diags, struct jr_mimium_doc *out)
{
    struct documenter d = { .file = documented };
    struct jr_diags *again = NULL; /* errors of parsing once more, which are reported already */
    struct jr_mm_program *program;
    enum jr_status status, types_status = JR_OK;
    memset(out, 0, sizeof *out);
    out->head = "";
    jr_arena_init(&out->arena, alloc);
    jr_sb_init(&d.scratch, alloc);
    d.unit.alloc = alloc;
    d.unit.arena = &out->arena;
    d.unit.sources = sources;
    d.notes = d.unit;
    JR_TRY(jr_symbols_create(alloc, &d.unit.symbols));
    JR_TRY(jr_diags_create(alloc, &again));
    d.ast = (struct jr_mm_ast){ .arena = &out->arena, .symbols = d.unit.symbols };
    types_status = jr_mimium_visit_globals(sources, file, options, alloc, diags, note_type, &d);
    if (types_status != JR_OK && types_status != JR_ERR_DIAGNOSED)
        JR_TRY(types_status);
    if (d.failed)
        JR_TRY(JR_ERR_NO_MEMORY);
    if (documented == JR_FILE_NONE) {
        d.file = file + 1;
        if (jr_sources_count(sources) < d.file)
            JR_TRY(JR_ERR_NOT_FOUND);
    }
    JR_TRY(jr_mimium_parse(sources, d.file, &d.ast, again, &program));
    JR_TRY(describe(&d, program, out));
    status = types_status;
done:
    jr_diags_destroy(again);
    jr_symbols_destroy(d.unit.symbols);
    jr_sb_fini(&d.scratch);
    return status;
}

void jr_mimium_doc_free(struct jr_mimium_doc *doc)
{
    jr_arena_fini(&doc->arena);
}
