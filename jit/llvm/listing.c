/* listing.c -- reads the lines that LLVM prints, drops what is there for debuggers, and marks where locations change. */
#include "jit/llvm/listing.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/module.h"
#include "jit/provider.h"

struct text {
    char *bytes;
    size_t length, capacity;
};

static void put(struct text *out, const char *bytes, size_t length)
{
    if (out->length + length + 1 > out->capacity) {
        out->capacity = (out->length + length + 1) * 2;
        out->bytes = realloc(out->bytes, out->capacity);
        if (out->bytes == NULL)
            abort(); /* as LLVM itself does without memory */
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
    out->bytes[out->length] = '\0';
}

static void put_line(struct text *out, const char *bytes, size_t length)
{
    put(out, bytes, length);
    put(out, "\n", 1);
}

static void put_mark(struct text *out, uint32_t function, uint32_t line)
{
    char mark[64];
    int length = snprintf(mark, sizeof mark, JR_EMIT_MARK "%u %u", function, line == 0 ? JR_NONE : line - 1);
    put_line(out, mark, (size_t)length);
}

static bool starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* The next line of `*at`, which is moved behind it; its length in *length.  NULL at the end. */
static const char *next_line(const char **at, const char *end, size_t *length)
{
    const char *line = *at;
    if (line >= end)
        return NULL;
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    *length = (size_t)((newline != NULL ? newline : end) - line);
    *at = newline != NULL ? newline + 1 : end;
    return line;
}

/* ---- assembly ---- */

/* .file NUMBER "folder" "name": our files are called as functions are numbered. */
static void read_file(const char *line, size_t length, uint32_t **functions, uint32_t *count)
{
    char *rest;
    unsigned long number = strtoul(line + strlen("\t.file\t"), &rest, 10);
    const char *quote = line + length - 1;
    if (rest == line + strlen("\t.file\t") || length == 0 || *quote != '"')
        return; /* that of the module */
    while (quote > rest && quote[-1] != '"')
        quote--;
    if (number >= *count) {
        *functions = realloc(*functions, (number + 1) * sizeof **functions);
        if (*functions == NULL)
            abort();
        memset(*functions + *count, 0, (number + 1 - *count) * sizeof **functions);
        *count = (uint32_t)number + 1;
    }
    (*functions)[number] = (uint32_t)strtoul(quote, NULL, 10);
}

/* What stands there for debuggers and unwinders alone. */
static bool is_for_debuggers(const char *line)
{
    static const char *const begins[] = { "\t.cfi_", ".Ltmp", ".Lfunc_begin", "\t.file\t", "\t.loc\t" };
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (starts(line, begins[i]))
            return true;
    return false;
}

char *jr_listing_of_assembly(const char *text, size_t length)
{
    struct text out = { NULL, 0, 0 };
    const char *at = text, *end = text + length, *line;
    uint32_t *functions = NULL, file_count = 0, function = JR_NONE, place = 0;
    bool skip = false;
    size_t size;
    put(&out, "", 0);
    while ((line = next_line(&at, end, &size)) != NULL) {
        if (starts(line, "\t.section\t"))
            skip = starts(line, "\t.section\t.debug_");
        else if (starts(line, "\t.text"))
            skip = false;
        if (skip)
            continue;
        if (starts(line, "\t.file\t"))
            read_file(line, size, &functions, &file_count);
        if (starts(line, "\t.loc\t")) {
            char *rest;
            unsigned long file = strtoul(line + strlen("\t.loc\t"), &rest, 10);
            uint32_t here = (uint32_t)strtoul(rest, NULL, 10);
            if (file < file_count && (functions[file] != function || here != place)) {
                function = functions[file];
                place = here;
                put_mark(&out, function, place);
            }
        }
        if (!is_for_debuggers(line))
            put_line(&out, line, size);
    }
    free(functions);
    return out.bytes;
}

/* ---- IR ---- */

/* What "!N = ..." says. */
struct node {
    uint32_t line, scope; /* of a location */
    uint32_t function;    /* of a subprogram */
    bool used;            /* by an instruction, other than as its location */
};

struct nodes {
    struct node *items;
    size_t count;
};

static struct node *node_at(struct nodes *nodes, unsigned long index)
{
    if (index >= nodes->count) {
        size_t count = (index + 1) * 2;
        nodes->items = realloc(nodes->items, count * sizeof nodes->items[0]);
        if (nodes->items == NULL)
            abort();
        memset(nodes->items + nodes->count, 0, (count - nodes->count) * sizeof nodes->items[0]);
        nodes->count = count;
    }
    return &nodes->items[index];
}

/* The number behind `key` in line[0 .. length), else 0. */
static uint32_t number_behind(const char *line, size_t length, const char *key)
{
    const char *found = memmem(line, length, key, strlen(key));
    return found != NULL ? (uint32_t)strtoul(found + strlen(key), NULL, 10) : 0;
}

static void read_node(struct nodes *nodes, const char *line, size_t length)
{
    struct node *node = node_at(nodes, strtoul(line + 1, NULL, 10));
    if (memmem(line, length, "= !DILocation(", 14) != NULL) {
        node->line = number_behind(line, length, "line: ");
        node->scope = number_behind(line, length, "scope: !");
    } else if (memmem(line, length, "!DISubprogram(", 14) != NULL) {
        node->function = number_behind(line, length, "name: \"");
    }
}

/* Where ", !dbg !N" or " !dbg !N" begins in an instruction, and N; NULL if there is none. */
static const char *find_location(const char *line, size_t length, uint32_t *index)
{
    const char *found = memmem(line, length, " !dbg !", 7);
    if (found == NULL)
        return NULL;
    *index = (uint32_t)strtoul(found + 7, NULL, 10);
    return found > line && found[-1] == ',' ? found - 1 : found;
}

static void note_uses(struct nodes *nodes, const char *line, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++)
        if (line[i] == '!' && line[i + 1] >= '0' && line[i + 1] <= '9')
            node_at(nodes, strtoul(line + i + 1, NULL, 10))->used = true;
}

/* An instruction or the head of a function, without its location, after a mark if that is another one than before. */
static void put_ir_line(struct text *out, struct nodes *nodes, const char *line, size_t length, uint32_t *before)
{
    uint32_t index = 0;
    const char *cut = find_location(line, length, &index);
    if (cut == NULL) {
        note_uses(nodes, line, length);
        put_line(out, line, length);
        return;
    }
    const char *rest = cut + strcspn(cut + 1, "0123456789") + 1;
    rest += strspn(rest, "0123456789");
    struct node location = *node_at(nodes, index);
    bool is_head = starts(line, "define ");
    if (!is_head && index != *before) {
        put_mark(out, node_at(nodes, location.scope)->function, location.line);
        *before = index;
    }
    note_uses(nodes, rest, (size_t)(line + length - rest));
    note_uses(nodes, line, (size_t)(cut - line));
    put(out, line, (size_t)(cut - line));
    put_line(out, rest, (size_t)(line + length - rest));
}

char *jr_listing_of_ir(const char *text)
{
    struct text out = { NULL, 0, 0 };
    struct nodes nodes = { NULL, 0 };
    const char *end = text + strlen(text), *at = text, *line;
    uint32_t before = UINT32_MAX;
    size_t length;
    put(&out, "", 0);
    while ((line = next_line(&at, end, &length)) != NULL)
        if (line[0] == '!' && line[1] >= '0' && line[1] <= '9')
            read_node(&nodes, line, length);
    for (at = text; (line = next_line(&at, end, &length)) != NULL;) {
        if (starts(line, "define "))
            before = UINT32_MAX;
        if (line[0] != '!')
            put_ir_line(&out, &nodes, line, length, &before);
        else if (line[1] >= '0' && line[1] <= '9' && node_at(&nodes, strtoul(line + 1, NULL, 10))->used)
            put_line(&out, line, length);
    }
    free(nodes.items);
    return out.bytes;
}
