/* diag_render.c -- diagnostics as text for people and as JSON for tools. */
#include <string.h>

#include "frontend/diag.h"
#include "frontend/utf8.h"
#include "ir/base/sb.h"

/* One printing: where to and with which escapes. */
struct painter {
    const struct jr_sources *sources;
    struct jr_sb *out;
    const char *bold, *faint, *alarm, *off; /* ANSI escapes, or "" */
};

enum { SHOWN_CODE_POINTS = 160 /* of a long line, around the place */ };

static bool starts_code_point(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* The part of a line that is shown: all of it, unless it is very long; then around `start`. */
static struct jr_span shown_part(const char *text, struct jr_span line, uint32_t start)
{
    uint32_t left = SHOWN_CODE_POINTS / 2, right = SHOWN_CODE_POINTS / 2;
    struct jr_span part = { line.file, start, start };
    while (part.start > line.start && left > 0) {
        part.start--;
        left -= starts_code_point(text[part.start]);
    }
    right += left;
    while (part.end < line.end && right > 0) {
        part.end++;
        while (part.end < line.end && !starts_code_point(text[part.end]))
            part.end++;
        right--;
    }
    return part;
}

/* Text of the guest's file for a terminal: control characters and broken UTF-8 must not get through.  One column for each byte
 * that could start a code point, as the marks below the line count. */
static void put_source(struct jr_sb *out, const char *text, uint32_t start, uint32_t end)
{
    for (uint32_t i = start; i < end;) {
        uint32_t code;
        size_t size = jr_utf8_decode(text + i, end - i, &code);
        if (size == 0) {
            if (starts_code_point(text[i]))
                jr_sb_char(out, '?');
            i++;
            continue;
        }
        if (code == '\t')
            jr_sb_char(out, ' ');
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            jr_sb_char(out, '?');
        else
            jr_sb_bytes(out, text + i, size);
        i += (uint32_t)size;
    }
}

/*      12 | let x = 1+-2
 *         |          ^^ the text
 * The line itself only if it is not the one that `shown` is part of; gives the part that is shown. */
static struct jr_span put_excerpt(const struct painter *p, struct jr_span span, char mark, const char *label,
                                  struct jr_span shown)
{
    size_t length;
    const char *text = jr_sources_text(p->sources, span.file, &length);
    struct jr_position at = jr_sources_position(p->sources, span.file, span.start);
    struct jr_span line = jr_sources_line(p->sources, span.file, at.line);
    uint32_t start = span.start < line.end ? span.start : line.end;
    struct jr_span part = shown_part(text, line, start);
    uint32_t end = span.end < part.end ? span.end : part.end; /* a place of several lines: its first */

    if (shown.file != part.file || shown.start != part.start || shown.end != part.end) {
        jr_sb_format(p->out, "%s%6u |%s ", p->faint, at.line, p->off);
        put_source(p->out, text, part.start, part.end);
        jr_sb_char(p->out, '\n');
    }
    jr_sb_format(p->out, "%s       |%s ", p->faint, p->off);
    for (uint32_t i = part.start; i < start; i++)
        if (starts_code_point(text[i]))
            jr_sb_char(p->out, ' ');
    jr_sb_text(p->out, p->alarm);
    jr_sb_char(p->out, mark);
    for (uint32_t i = start + 1; i < end; i++)
        if (starts_code_point(text[i]))
            jr_sb_char(p->out, mark);
    jr_sb_format(p->out, "%s%s%s\n", label[0] != '\0' ? " " : "", label, p->off);
    return part;
}

static void put_place(const struct painter *p, struct jr_span span)
{
    struct jr_position at = jr_sources_position(p->sources, span.file, span.start);
    jr_sb_format(p->out, "%s:%u:%u: ", jr_sources_path(p->sources, span.file), at.line, at.column);
}

static void put_frame(const struct painter *p, const struct jr_diag_frame *frame, bool innermost)
{
    jr_sb_format(p->out, "%s       =%s note: ", p->faint, p->off);
    if (frame->left_out > 0)
        jr_sb_format(p->out, "... %llu more calls ...\n", (unsigned long long)frame->left_out);
    else if (frame->path != NULL)
        jr_sb_format(p->out, "%s %s at %s:%u:%u\n", innermost ? "in" : "called from", frame->function,
                     frame->path, frame->line, frame->column);
    else
        jr_sb_format(p->out, "%s %s\n", innermost ? "in" : "called from", frame->function);
}

static void put_diag(const struct painter *p, const struct jr_diag *diag)
{
    bool has_place = diag->span.file != JR_FILE_NONE;
    jr_sb_text(p->out, p->bold);
    if (has_place)
        put_place(p, diag->span);
    jr_sb_format(p->out, "%s%s%s[%s]:%s %s%s%s\n", p->off, p->alarm,
                 diag->severity == JR_SEVERITY_ERROR ? "error" : "warning", jr_category_code(diag->category),
                 p->off, p->bold, diag->message, p->off);
    struct jr_span shown = { JR_FILE_NONE, 0, 0 };
    if (has_place)
        shown = put_excerpt(p, diag->span, '^', diag->label, shown);
    for (uint32_t i = 0; i < diag->label_count; i++) {
        const struct jr_label *label = &diag->labels[i];
        if (label->span.file == JR_FILE_NONE)
            continue;
        if (label->span.file != diag->span.file) {
            jr_sb_text(p->out, "  --> ");
            put_place(p, label->span);
            jr_sb_char(p->out, '\n');
        }
        shown = put_excerpt(p, label->span, '-', label->text, shown);
    }
    if (diag->replacement != NULL)
        jr_sb_format(p->out, "%s       =%s note: did you mean `%s`?\n", p->faint, p->off, diag->replacement);
    for (uint32_t i = 0; i < diag->note_count; i++)
        jr_sb_format(p->out, "%s       =%s note: %s\n", p->faint, p->off, diag->notes[i]);
    for (uint32_t i = 0; i < diag->frame_count; i++)
        put_frame(p, &diag->frames[i], i == 0);
}

void jr_diags_render_text(const struct jr_diags *diags, const struct jr_sources *sources, bool colour,
                          struct jr_sb *out)
{
    struct painter p = { sources, out, "", "", "", "" };
    if (colour) {
        p.bold = "\033[1m";
        p.faint = "\033[34m";
        p.alarm = "\033[1;31m";
        p.off = "\033[0m";
    }
    size_t errors_shown = 0;
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        const struct jr_diag *diag = jr_diags_at(diags, i);
        errors_shown += diag->severity == JR_SEVERITY_ERROR;
        if (i > 0)
            jr_sb_char(out, '\n');
        put_diag(&p, diag);
    }
    if (errors_shown < jr_diags_error_count(diags))
        jr_sb_format(out, "\nand %zu more errors\n", jr_diags_error_count(diags) - errors_shown);
}

static void json_text(struct jr_sb *out, const char *text)
{
    jr_sb_json(out, text, strlen(text));
}

/* {"file":..., "start":..., ... "end_column":...  without its end */
static void json_place(struct jr_sb *out, const struct jr_sources *sources, struct jr_span span)
{
    struct jr_position start = jr_sources_position(sources, span.file, span.start);
    struct jr_position end = jr_sources_position(sources, span.file, span.end);
    jr_sb_text(out, "{\"file\":");
    json_text(out, jr_sources_path(sources, span.file));
    jr_sb_format(out, ",\"start\":%u,\"end\":%u,\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u",
                 span.start, span.end, start.line, start.column, end.line, end.column);
}

static void json_label(struct jr_sb *out, const struct jr_sources *sources, struct jr_span span, bool primary,
                       const char *text)
{
    json_place(out, sources, span);
    jr_sb_format(out, ",\"primary\":%s,\"text\":", primary ? "true" : "false");
    json_text(out, text);
    jr_sb_char(out, '}');
}

/* The place itself first. */
static void json_labels(struct jr_sb *out, const struct jr_sources *sources, const struct jr_diag *diag)
{
    const char *separator = "";
    if (diag->span.file != JR_FILE_NONE) {
        json_label(out, sources, diag->span, true, diag->label);
        separator = ",";
    }
    for (uint32_t i = 0; i < diag->label_count; i++) {
        if (diag->labels[i].span.file == JR_FILE_NONE)
            continue;
        jr_sb_text(out, separator);
        json_label(out, sources, diag->labels[i].span, false, diag->labels[i].text);
        separator = ",";
    }
}

static void json_frame(struct jr_sb *out, const struct jr_diag_frame *frame)
{
    if (frame->left_out > 0) {
        jr_sb_format(out, "{\"left_out\":%llu}", (unsigned long long)frame->left_out);
        return;
    }
    jr_sb_text(out, "{\"function\":");
    json_text(out, frame->function);
    jr_sb_text(out, ",\"file\":");
    if (frame->path != NULL)
        json_text(out, frame->path);
    else
        jr_sb_text(out, "null");
    jr_sb_format(out, ",\"line\":%u,\"column\":%u}", frame->line, frame->column);
}

static void json_diag(struct jr_sb *out, const struct jr_sources *sources, const struct jr_diag *diag)
{
    jr_sb_format(out, "{\"code\":\"%s\",\"severity\":\"%s\",\"message\":", jr_category_code(diag->category),
                 diag->severity == JR_SEVERITY_ERROR ? "error" : "warning");
    json_text(out, diag->message);
    jr_sb_text(out, ",\"labels\":[");
    json_labels(out, sources, diag);
    jr_sb_text(out, "],\"notes\":[");
    for (uint32_t i = 0; i < diag->note_count; i++) {
        jr_sb_text(out, i > 0 ? "," : "");
        json_text(out, diag->notes[i]);
    }
    jr_sb_text(out, "],\"suggestion\":");
    if (diag->replacement != NULL && diag->span.file != JR_FILE_NONE) {
        json_place(out, sources, diag->span);
        jr_sb_text(out, ",\"replacement\":");
        json_text(out, diag->replacement);
        jr_sb_char(out, '}');
    } else {
        jr_sb_text(out, "null");
    }
    jr_sb_text(out, ",\"trace\":[");
    for (uint32_t i = 0; i < diag->frame_count; i++) {
        jr_sb_text(out, i > 0 ? "," : "");
        json_frame(out, &diag->frames[i]);
    }
    jr_sb_text(out, "]}\n");
}

void jr_diags_render_json(const struct jr_diags *diags, const struct jr_sources *sources, struct jr_sb *out)
{
    size_t errors_shown = 0;
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        json_diag(out, sources, jr_diags_at(diags, i));
        errors_shown += jr_diags_at(diags, i)->severity == JR_SEVERITY_ERROR;
    }
    if (errors_shown < jr_diags_error_count(diags))
        jr_sb_format(out,
                     "{\"code\":null,\"severity\":\"error\",\"message\":\"and %zu more errors\",\"labels\":[],"
                     "\"notes\":[],\"suggestion\":null,\"trace\":[]}\n",
                     jr_diags_error_count(diags) - errors_shown);
}
