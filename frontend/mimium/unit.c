/* unit.c -- memory, names and leaving, for the passes of one compilation. */
#include "frontend/mimium/unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

_Noreturn void jr_unit_leave(struct jr_unit *unit, enum jr_status status)
{
    longjmp(unit->owner, (int)status);
}

_Noreturn void jr_unit_leave_limit(struct jr_unit *unit, struct jr_span span, const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    jr_diags_error(unit->diags, JR_CATEGORY_LIMIT, span, "%s", message);
    jr_unit_leave(unit, JR_ERR_DIAGNOSED);
}

void *jr_unit_take(struct jr_unit *unit, size_t count, size_t size)
{
    void *memory = jr_arena_array(unit->arena, count, size);
    if (memory == NULL)
        jr_unit_leave(unit, JR_ERR_NO_MEMORY);
    return memory;
}

jr_symbol jr_unit_symbol(struct jr_unit *unit, const char *text)
{
    jr_symbol symbol;
    enum jr_status status = jr_symbols_intern(unit->symbols, text, strlen(text), &symbol);
    if (status != JR_OK)
        jr_unit_leave(unit, status);
    return symbol;
}

const char *jr_unit_text(const struct jr_unit *unit, jr_symbol symbol)
{
    return jr_symbols_text(unit->symbols, symbol);
}

const char *jr_unit_format(struct jr_unit *unit, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        jr_unit_leave(unit, JR_ERR_INVALID);
    char *text = JR_UNIT_ARRAY(unit, char, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void *jr_unit_grow(struct jr_unit *unit, void *items, uint32_t count, uint32_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    uint32_t larger = *capacity == 0 ? 4 : *capacity * 2;
    if (larger < *capacity)
        jr_unit_leave(unit, JR_ERR_LIMIT);
    void *fresh = jr_unit_take(unit, larger, item_size);
    if (count > 0)
        memcpy(fresh, items, (size_t)count * item_size);
    *capacity = larger;
    return fresh;
}
