/* format_trivia.c -- what the source has between its tokens. */
#include <string.h>

#include "frontend/mimium/format_internal.h"

/* The bytes of the line terminator at `at`, CR LF being one; 0 if there is none. */
static uint32_t terminator_bytes(const struct jr_format *f, uint32_t at, uint32_t end)
{
    const unsigned char *text = (const unsigned char *)f->text + at;
    uint32_t left = end - at;
    if (left == 0)
        return 0;
    if (text[0] == '\r')
        return left > 1 && text[1] == '\n' ? 2 : 1;
    if (text[0] >= 0x0a && text[0] <= 0x0c)
        return 1;
    if (left > 1 && text[0] == 0xc2 && text[1] == 0x85)
        return 2;
    return left > 2 && text[0] == 0xe2 && text[1] == 0x80 && (text[2] == 0xa8 || text[2] == 0xa9) ? 3 : 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Code points between the start of the line and `at`. */
static uint32_t code_points_before(const struct jr_format *f, uint32_t at)
{
    uint32_t count = 0;
    while (at > 0 && f->text[at - 1] != '\n' && f->text[at - 1] != '\r') {
        at--;
        count += ((unsigned char)f->text[at] & 0xc0) != 0x80;
    }
    return count;
}

/* Where the comment at `at` ends. */
static uint32_t comment_end(const struct jr_format *f, uint32_t at, uint32_t end, bool is_line)
{
    if (is_line) {
        while (at < end && terminator_bytes(f, at, end) == 0)
            at++;
        return at;
    }
    for (at += 2; f->text[at] != '*' || f->text[at + 1] != '/';)
        at++;
    return at + 2;
}

static void read_gap(struct jr_format *f, struct jr_gap *gap, uint32_t at, uint32_t end)
{
    uint32_t newlines = 0, line = at;
    gap->comment_first = f->comments.count;
    while (at < end) {
        uint32_t bytes = terminator_bytes(f, at, end);
        if (bytes > 0) {
            newlines++;
            gap->newlines++;
            at += bytes;
            line = at;
        } else if (f->text[at] == '/') {
            struct jr_comment comment = { .start = at, .newlines = newlines };
            comment.is_line = f->text[at + 1] == '/';
            comment.column = comment.is_line ? code_points_before(f, at) : at - line;
            at = comment_end(f, at, end, comment.is_line);
            comment.end = at;
            while (is_blank(f->text[comment.end - 1]))
                comment.end--;
            JR_UNIT_PUSH(f->unit, &f->comments, comment);
            gap->comment_count++;
            newlines = 0;
        } else {
            gap->separator = gap->separator || f->text[at] == ';';
            at++;
        }
    }
    gap->newlines_after = newlines;
}

void jr_format_read_trivia(struct jr_format *f)
{
    uint32_t at = f->length >= 3 && memcmp(f->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (uint32_t i = 0; i < f->count; i++) {
        read_gap(f, &f->gaps[i], at, f->tokens[i].start);
        f->newline_sums[i + 1] = f->newline_sums[i] + f->gaps[i].newlines;
        at = f->tokens[i].end;
    }
}
