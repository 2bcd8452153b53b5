/* source.c -- files with their text and the offsets at which their lines start. */
#include "frontend/source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/assert.h"
#include "ir/base/named_text.h"
#include "ir/base/vec.h"

struct source_file {
    const char *path;
    const char *text;
    uint32_t length;
    uint32_t line_count;
    const uint32_t *line_starts;
    const uint32_t *characters; /* before each COLUMN_STEP-th byte, so that no line is too long to count its columns */
};

enum { COLUMN_STEP = 64 };

struct jr_sources {
    const struct jr_alloc *alloc;
    struct jr_arena arena; /* paths, texts, line tables */
    JR_VEC(struct source_file) files;
    const struct jr_named_text *stand_ins;
    size_t stand_in_count;
};

enum jr_status jr_sources_create(const struct jr_alloc *alloc, struct jr_sources **out)
{
    struct jr_sources *sources = jr_alloc_new(alloc, sizeof *sources);
    *out = sources;
    if (sources == NULL)
        return JR_ERR_NO_MEMORY;
    sources->alloc = alloc;
    jr_arena_init(&sources->arena, alloc);
    return JR_OK;
}

void jr_sources_destroy(struct jr_sources *sources)
{
    if (sources == NULL)
        return;
    JR_VEC_FREE(sources->alloc, &sources->files);
    jr_arena_fini(&sources->arena);
    jr_alloc_free(sources->alloc, sources, sizeof *sources);
}

/* The length of the line terminator at text[i], 0 if there is none. */
static uint32_t terminator_length(const char *text, uint32_t length, uint32_t i)
{
    if (text[i] == '\n')
        return 1;
    if (text[i] == '\r')
        return i + 1 < length && text[i + 1] == '\n' ? 2 : 1;
    return 0;
}

/* Fills `starts` if it is not NULL; returns how many lines there are. */
static uint32_t find_lines(const char *text, uint32_t length, uint32_t *starts)
{
    uint32_t count = 1;
    if (starts != NULL)
        starts[0] = 0;
    for (uint32_t i = 0; i < length;) {
        uint32_t terminator = terminator_length(text, length, i);
        i += terminator == 0 ? 1 : terminator;
        if (terminator == 0)
            continue;
        if (starts != NULL)
            starts[count] = i;
        count++;
    }
    return count;
}

static uint32_t count_characters(const char *text, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80; /* every byte that starts a code point */
    return count;
}

enum jr_status jr_sources_add(struct jr_sources *sources, const char *path, const char *text, size_t length,
                              uint32_t *out)
{
    *out = JR_FILE_NONE;
    if (length > JR_FILE_BYTES_MAX || sources->files.count >= INT32_MAX)
        return JR_ERR_LIMIT;
    struct source_file file = { .length = (uint32_t)length };
    file.path = jr_arena_text(&sources->arena, path, strlen(path));
    file.text = jr_arena_text(&sources->arena, text, length);
    file.line_count = find_lines(text, file.length, NULL);
    uint32_t *starts = JR_ARENA_ARRAY(&sources->arena, uint32_t, file.line_count);
    uint32_t *characters = JR_ARENA_ARRAY(&sources->arena, uint32_t, file.length / COLUMN_STEP + 1);
    if (file.path == NULL || file.text == NULL || starts == NULL || characters == NULL)
        return JR_ERR_NO_MEMORY;
    find_lines(text, file.length, starts);
    for (uint32_t i = 1; i <= file.length / COLUMN_STEP; i++)
        characters[i] = characters[i - 1] + count_characters(text, (i - 1) * COLUMN_STEP, i * COLUMN_STEP);
    file.line_starts = starts;
    file.characters = characters;
    enum jr_status status = JR_VEC_PUSH(sources->alloc, &sources->files, file);
    if (status == JR_OK)
        *out = (uint32_t)sources->files.count;
    return status;
}

void jr_sources_stand_in(struct jr_sources *sources, const struct jr_named_text *texts, size_t count)
{
    sources->stand_ins = texts;
    sources->stand_in_count = count;
}

enum jr_status jr_sources_load(struct jr_sources *sources, const char *path, uint32_t *out)
{
    JR_VEC(char) text = { 0 };
    enum jr_status status = JR_OK;
    *out = JR_FILE_NONE;
    for (size_t i = 0; i < sources->stand_in_count; i++)
        if (strcmp(sources->stand_ins[i].path, path) == 0)
            return jr_sources_add(sources, path, sources->stand_ins[i].text, sources->stand_ins[i].length, out);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return errno == ENOENT || errno == ENOTDIR ? JR_ERR_NOT_FOUND : JR_ERR_IO;
    for (;;) {
        JR_TRY(JR_VEC_RESERVE(sources->alloc, &text, 16384));
        size_t got = fread(text.items + text.count, 1, text.capacity - text.count, file);
        text.count += got;
        if (got == 0)
            break;
        if (text.count > JR_FILE_BYTES_MAX)
            JR_TRY(JR_ERR_LIMIT);
    }
    if (ferror(file))
        JR_TRY(JR_ERR_IO);
    JR_TRY(jr_sources_add(sources, path, text.items, text.count, out));
done:
    fclose(file);
    JR_VEC_FREE(sources->alloc, &text);
    return status;
}

uint32_t jr_sources_find(const struct jr_sources *sources, const char *path)
{
    for (size_t i = 0; i < sources->files.count; i++)
        if (strcmp(sources->files.items[i].path, path) == 0)
            return (uint32_t)i + 1;
    return JR_FILE_NONE;
}

uint32_t jr_sources_count(const struct jr_sources *sources)
{
    return (uint32_t)sources->files.count;
}

static const struct source_file *file_of(const struct jr_sources *sources, uint32_t file)
{
    JR_ASSERT(file != JR_FILE_NONE && file <= sources->files.count, "file ids come from this set");
    return &sources->files.items[file - 1];
}

const char *jr_sources_path(const struct jr_sources *sources, uint32_t file)
{
    return file_of(sources, file)->path;
}

const char *jr_sources_text(const struct jr_sources *sources, uint32_t file, size_t *length)
{
    const struct source_file *found = file_of(sources, file);
    *length = found->length;
    return found->text;
}

/* The index of the line that holds `offset`. */
static uint32_t line_index(const struct source_file *file, uint32_t offset)
{
    uint32_t low = 0, high = file->line_count; /* the answer is in [low, high) */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (file->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uint32_t characters_before(const struct source_file *file, uint32_t offset)
{
    uint32_t step = offset / COLUMN_STEP;
    return file->characters[step] + count_characters(file->text, step * COLUMN_STEP, offset);
}

struct jr_position jr_sources_position(const struct jr_sources *sources, uint32_t file, uint32_t offset)
{
    const struct source_file *found = file_of(sources, file);
    if (offset > found->length)
        offset = found->length;
    uint32_t line = line_index(found, offset);
    uint32_t columns = characters_before(found, offset) - characters_before(found, found->line_starts[line]);
    return (struct jr_position){ line + 1, columns + 1 };
}

uint32_t jr_sources_line_count(const struct jr_sources *sources, uint32_t file)
{
    return file_of(sources, file)->line_count;
}

struct jr_span jr_sources_line(const struct jr_sources *sources, uint32_t file, uint32_t line)
{
    const struct source_file *found = file_of(sources, file);
    JR_ASSERT(line >= 1 && line <= found->line_count, "the line exists");
    struct jr_span span = { file, found->line_starts[line - 1], found->length };
    for (uint32_t i = span.start; i < found->length; i++) {
        if (terminator_length(found->text, found->length, i) != 0) {
            span.end = i;
            break;
        }
    }
    return span;
}
