/* sb.c -- the string builder. */
#include "ir/base/sb.h"

#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/vec.h"

void jr_sb_init(struct jr_sb *sb, const struct jr_alloc *alloc)
{
    memset(sb, 0, sizeof *sb);
    sb->alloc = alloc;
}

void jr_sb_fini(struct jr_sb *sb)
{
    jr_alloc_free(sb->alloc, sb->text, sb->capacity);
    jr_sb_init(sb, sb->alloc);
}

void jr_sb_clear(struct jr_sb *sb)
{
    sb->length = 0;
    sb->failed = false;
    if (sb->text != NULL)
        sb->text[0] = '\0';
}

/* Room for `extra` characters and a NUL. */
static bool reserve(struct jr_sb *sb, size_t extra)
{
    if (sb->failed || extra + 1 == 0)
        sb->failed = true;
    else if (!jr_vec_reserve(sb->alloc, (void **)&sb->text, &sb->capacity, sb->length, extra + 1, 1))
        sb->failed = true;
    return !sb->failed;
}

void jr_sb_bytes(struct jr_sb *sb, const char *bytes, size_t length)
{
    if (!reserve(sb, length))
        return;
    if (length != 0)
        memcpy(sb->text + sb->length, bytes, length);
    sb->length += length;
    sb->text[sb->length] = '\0';
}

void jr_sb_char(struct jr_sb *sb, char c)
{
    jr_sb_bytes(sb, &c, 1);
}

void jr_sb_text(struct jr_sb *sb, const char *text)
{
    jr_sb_bytes(sb, text, strlen(text));
}

void jr_sb_repeat(struct jr_sb *sb, char c, size_t count)
{
    if (!reserve(sb, count))
        return;
    memset(sb->text + sb->length, c, count);
    sb->length += count;
    sb->text[sb->length] = '\0';
}

void jr_sb_vformat(struct jr_sb *sb, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        sb->failed = true;
    else if (reserve(sb, (size_t)length)) {
        vsnprintf(sb->text + sb->length, (size_t)length + 1, format, again);
        sb->length += (size_t)length;
    }
    va_end(again);
}

void jr_sb_format(struct jr_sb *sb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    jr_sb_vformat(sb, format, arguments);
    va_end(arguments);
}

void jr_sb_json(struct jr_sb *sb, const char *bytes, size_t length)
{
    jr_sb_char(sb, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        switch (c) {
        case '"':
            jr_sb_text(sb, "\\\"");
            break;
        case '\\':
            jr_sb_text(sb, "\\\\");
            break;
        case '\n':
            jr_sb_text(sb, "\\n");
            break;
        case '\r':
            jr_sb_text(sb, "\\r");
            break;
        case '\t':
            jr_sb_text(sb, "\\t");
            break;
        default:
            if (c < 0x20 || c == 0x7f)
                jr_sb_format(sb, "\\u%04x", c);
            else
                jr_sb_char(sb, (char)c);
        }
    }
    jr_sb_char(sb, '"');
}

enum jr_status jr_sb_status(const struct jr_sb *sb)
{
    return sb->failed ? JR_ERR_NO_MEMORY : JR_OK;
}

const char *jr_sb_view(const struct jr_sb *sb)
{
    return sb->text == NULL ? "" : sb->text;
}
