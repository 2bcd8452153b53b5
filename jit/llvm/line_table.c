/* line_table.c -- the line number program of DWARF 4, section 6.2 of its standard. */
#include "jit/llvm/line_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ir/module.h"

enum { DWARF_VERSION = 4 };
enum { /* standard opcodes */
    COPY = 1,
    ADVANCE_PC,
    ADVANCE_LINE,
    SET_FILE,
    SET_COLUMN,
    NEGATE_STMT,
    SET_BASIC_BLOCK,
    CONST_ADD_PC,
    FIXED_ADVANCE_PC,
    SET_PROLOGUE_END,
    SET_EPILOGUE_BEGIN,
    SET_ISA
};
enum { END_SEQUENCE = 1, SET_ADDRESS }; /* extended opcodes */

struct reader {
    const uint8_t *at, *end;
    bool failed; /* beyond the end */
};

static uint64_t fixed(struct reader *in, size_t bytes)
{
    uint64_t value = 0;
    if ((size_t)(in->end - in->at) < bytes) {
        in->failed = true;
        in->at = in->end;
        return 0;
    }
    memcpy(&value, in->at, bytes);
    in->at += bytes;
    return value;
}

static uint64_t uleb(struct reader *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = fixed(in, 1);
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    return value;
}

static int64_t sleb(struct reader *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64;) {
        uint64_t byte = fixed(in, 1);
        value |= (byte & 0x7f) << shift;
        shift += 7;
        if ((byte & 0x80) == 0) {
            if ((byte & 0x40) != 0 && shift < 64)
                value |= ~UINT64_C(0) << shift;
            break;
        }
    }
    return (int64_t)value;
}

static const char *text_of(struct reader *in)
{
    const uint8_t *end = memchr(in->at, '\0', (size_t)(in->end - in->at));
    const char *text = (const char *)in->at;
    in->failed = in->failed || end == NULL;
    in->at = end != NULL ? end + 1 : in->end;
    return end != NULL ? text : "";
}

struct table {
    struct jr_code_line *lines;
    uint32_t count, capacity;
    uint32_t *functions; /* by file, from 1 */
    uint32_t file_count;
};

static void add_row(struct table *table, uint64_t address, uint64_t file, uint64_t line)
{
    struct jr_code_line row = { address, JR_NONE, line == 0 ? JR_NONE : (uint32_t)line - 1 };
    if (file >= 1 && file <= table->file_count)
        row.function = table->functions[file - 1];
    if (table->count > 0 && table->lines[table->count - 1].address == address)
        table->count--; /* nothing lies between the two */
    if (table->count == table->capacity) {
        table->capacity = table->capacity == 0 ? 256 : table->capacity * 2;
        table->lines = realloc(table->lines, table->capacity * sizeof table->lines[0]);
        if (table->lines == NULL)
            abort(); /* as LLVM itself does without memory */
    }
    table->lines[table->count++] = row;
}

/* The files behind the folders: their names are numbers of functions. */
static void read_files(struct reader *in, struct table *table)
{
    while (!in->failed && in->at < in->end && *in->at != '\0')
        text_of(in);
    fixed(in, 1);
    while (!in->failed && in->at < in->end && *in->at != '\0') {
        const char *name = text_of(in);
        uleb(in); /* folder, time, size */
        uleb(in);
        uleb(in);
        table->functions = realloc(table->functions, (table->file_count + 1) * sizeof table->functions[0]);
        if (table->functions == NULL)
            abort();
        table->functions[table->file_count++] = (uint32_t)strtoul(name, NULL, 10);
    }
}

struct jr_code_line *jr_line_table_read(const void *section, size_t size, uint64_t text, uint32_t *count)
{
    struct reader in = { section, (const uint8_t *)section + size, false };
    struct table table = { NULL, 0, 0, NULL, 0 };
    uint64_t address = text, file = 1, line = 1;
    *count = 0;
    uint64_t length = fixed(&in, 4);
    if (length > (uint64_t)(in.end - in.at) || fixed(&in, 2) != DWARF_VERSION)
        return NULL;
    in.end = in.at - 2 + length;
    uint64_t header_length = fixed(&in, 4);
    if (header_length > (uint64_t)(in.end - in.at))
        return NULL;
    const uint8_t *program = in.at + header_length;
    uint64_t unit = fixed(&in, 1); /* bytes of the shortest instruction: 1 */
    fixed(&in, 2);                 /* operations a bundle, is_stmt at first */
    int64_t line_base = (int8_t)fixed(&in, 1);
    uint64_t line_range = fixed(&in, 1), opcode_base = fixed(&in, 1);
    uint8_t operands[256] = { 0 };
    for (uint64_t i = 1; i < opcode_base; i++)
        operands[i] = (uint8_t)fixed(&in, 1);
    read_files(&in, &table);
    bool ended = in.failed || line_range == 0;
    in.at = ended ? in.end : program;
    while (!ended && !in.failed && in.at < in.end) {
        uint64_t opcode = fixed(&in, 1);
        if (opcode >= opcode_base) {
            address += (opcode - opcode_base) / line_range * unit;
            line = (uint64_t)((int64_t)line + line_base + (int64_t)((opcode - opcode_base) % line_range));
            add_row(&table, address, file, line);
        } else if (opcode == 0) {
            uint64_t operand_bytes = uleb(&in);
            const uint8_t *next = operand_bytes <= (uint64_t)(in.end - in.at) ? in.at + operand_bytes : in.end;
            uint64_t extended = fixed(&in, 1);
            if (extended == END_SEQUENCE) {
                add_row(&table, address, 0, 0);
                ended = true;
            } else if (extended == SET_ADDRESS) {
                address = text; /* the object is not linked: the field is empty */
            }
            in.at = next;
        } else if (opcode == COPY) {
            add_row(&table, address, file, line);
        } else if (opcode == ADVANCE_PC) {
            address += uleb(&in) * unit;
        } else if (opcode == ADVANCE_LINE) {
            line = (uint64_t)((int64_t)line + sleb(&in));
        } else if (opcode == SET_FILE) {
            file = uleb(&in);
        } else if (opcode == CONST_ADD_PC) {
            address += (255 - opcode_base) / line_range * unit;
        } else if (opcode == FIXED_ADVANCE_PC) {
            address += fixed(&in, 2);
        } else {
            for (unsigned i = 0; i < operands[opcode]; i++)
                uleb(&in);
        }
    }
    free(table.functions);
    *count = table.count;
    return table.lines;
}
