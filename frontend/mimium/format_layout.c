/* format_layout.c -- gaps to lines.
 *
 * One pass over the tokens.  Where a line begins its indentation is known, so its width can be measured; while it is too wide
 * the outermost group on it is broken.  Indentation: a range (a bracket, a statement, a chain of operators ...) remembers the
 * indentation of the line on which it began, and lines that begin inside it go one step further in; so several ranges that
 * begin on one line cost one step. */
#include <string.h>

#include "frontend/mimium/format.h"
#include "frontend/mimium/format_internal.h"
#include "ir/base/sb.h"

enum { INDENT_MAX = 80 /* what is nested deeper goes no further to the right */ };

struct open_range {
    const struct jr_range *range;
    int32_t base; /* indentation that its further lines add to */
    bool aligned; /* of an if: it began the line, so its else goes below it */
};

/* A comment at the end of a line, which is put in when all lines are there. */
struct trailer {
    size_t at;       /* in the text without trailers */
    uint32_t line;   /* of the output */
    uint32_t width;  /* of the line before it */
    const struct jr_comment *comment;
};

struct layout {
    struct jr_format *f;
    struct jr_sb *body; /* the text without comments at the ends of lines */
    struct open_range *open; /* a stack */
    uint32_t open_count, next_range;
    uint32_t filling;   /* the group of which the current line has some of the items; 0: none */
    int32_t indent;     /* of the current line */
    uint32_t line, width; /* where the next byte goes */
    JR_UNIT_LIST(struct trailer) trailers;
};

/* ---- measuring ---- */

static uint32_t code_points(const char *text, uint32_t length)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static const struct jr_comment *comment_at(const struct jr_format *f, const struct jr_gap *gap, uint32_t index)
{
    return &f->comments.items[gap->comment_first + index];
}

/* Whether the line breaks before the comment `index` of a gap, or, if that is their count, before the token. */
static bool breaks_before(const struct jr_format *f, uint32_t token, uint32_t index)
{
    const struct jr_gap *gap = &f->gaps[token];
    bool is_comment = index < gap->comment_count;
    uint32_t newlines = is_comment ? comment_at(f, gap, index)->newlines : gap->newlines_after;
    if (index > 0 && comment_at(f, gap, index - 1)->is_line)
        return true;
    if (f->tokens[token].kind == JR_MM_TOKEN_END)
        return is_comment ? newlines > 0 && token + index > 0 : true;
    if (token == 0 && index == 0)
        return false;
    if (gap->breaks)
        return gap->newlines > 0 ? newlines > 0 : index == 0;
    return is_comment && newlines > 0 && comment_at(f, gap, index)->is_line;
}

/* The width up to the first line break inside the bytes, which are inside a token or comment; *ends tells of one. */
static uint32_t width_of(const struct jr_format *f, uint32_t start, uint32_t end, bool *ends)
{
    const char *text = f->text + start;
    const char *newline = memchr(text, '\n', end - start);
    *ends = newline != NULL;
    return code_points(text, newline != NULL ? (uint32_t)(newline - text) : end - start);
}

static bool has_semicolon(const struct jr_format *f, uint32_t token)
{
    const struct jr_gap *gap = &f->gaps[token];
    if (gap->separator)
        return true;
    if (!gap->item || token == 0 || jr_token_opens(&f->tokens[token - 1]) ||
        f->tokens[token - 1].kind == JR_MM_TOKEN_COMMA)
        return false;
    for (uint32_t i = 0; i <= gap->comment_count; i++)
        if (breaks_before(f, token, i))
            return false;
    return true;
}

/* A blank before a comment or token within a line. */
static bool has_space(const struct jr_format *f, uint32_t token, uint32_t index)
{
    const struct jr_gap *gap = &f->gaps[token];
    bool after_open = token > 0 && (jr_token_opens(&f->tokens[token - 1]) && gap->space == 0);
    if (token == 0)
        return index > 0;
    if (index == 0)
        return gap->comment_count == 0 ? gap->space != 0 || has_semicolon(f, token) : !after_open;
    return index < gap->comment_count || gap->space != 0 ||
           (after_open && !jr_token_closes(&f->tokens[token]));
}

/* The width of gap `token` up to where the line ends in it; *ends tells that it does.  A comment at the end does not count. */
static uint32_t gap_width(const struct jr_format *f, uint32_t token, bool *ends)
{
    const struct jr_gap *gap = &f->gaps[token];
    uint32_t width = has_semicolon(f, token);
    *ends = false;
    for (uint32_t i = 0; i <= gap->comment_count && !*ends; i++) {
        *ends = breaks_before(f, token, i);
        if (*ends || (i < gap->comment_count && comment_at(f, gap, i)->is_line))
            continue;
        width += has_space(f, token, i);
        if (i < gap->comment_count)
            width += width_of(f, comment_at(f, gap, i)->start, comment_at(f, gap, i)->end, ends);
    }
    return width;
}

/* ---- breaking ---- */

/* Breaks the gap; the bracket that closes a list goes with the first gap behind the one that opens it. */
static void break_gap(struct jr_format *f, uint32_t token)
{
    const struct jr_group *group = &f->groups.items[f->gaps[token].group];
    f->gaps[token].breaks = true;
    if (group->close != 0 && token == group->first + 1)
        f->gaps[group->close].breaks = true;
}

/* Breaks the gaps of a group behind token `first`; what is before it is written already. */
static void break_all(struct jr_format *f, uint32_t number, uint32_t first)
{
    const struct jr_group *group = &f->groups.items[number];
    for (uint32_t i = group->first > first ? group->first : first + 1; i <= group->last; i++) {
        if (f->gaps[i].group == number)
            break_gap(f, i);
        if (f->gaps[i].is_else && f->tokens[i - 1].kind == JR_MM_TOKEN_RIGHT_BRACE && f->gaps[i].group == 0 &&
            f->brackets[f->brackets[i - 1].partner].group == number)
            f->gaps[i].breaks = false; /* } else */
    }
}

struct measured {
    uint32_t end;   /* the token before which the line ends */
    uint32_t width;
    uint32_t best;  /* the gap at which the outermost group could break; 0: none */
    uint32_t last_fit; /* the last gap of that group before the line is full; 0: none */
};

/* Whether the group is the tuple that a function is declared to give: its parameters are broken before it is. */
static bool is_result(const struct jr_format *f, uint32_t group)
{
    uint32_t first = f->groups.items[group].first;
    return first > 0 && f->groups.items[group].close != 0 && f->tokens[first - 1].kind == JR_MM_TOKEN_ARROW;
}

/* Measures the line that begins with `first`.  `wanted` is the group whose gaps are looked for, 0 for the outermost; with one,
 * only as far as it takes to know. */
static struct measured measure(const struct layout *l, uint32_t first, uint32_t wanted)
{
    const struct jr_format *f = l->f;
    struct measured m = { .end = first };
    uint32_t width = l->width, best_depth = UINT32_MAX;
    for (bool ends = false; !ends && (wanted == 0 || m.best == 0 || width <= JR_MM_FORMAT_WIDTH); m.end++) {
        uint32_t i = m.end;
        if (i > first) {
            const struct jr_gap *gap = &f->gaps[i];
            uint32_t blanks = gap_width(f, i, &ends);
            uint32_t depth = f->groups.items[gap->group].depth;
            if (!ends && gap->group != 0) {
                if (gap->group == wanted && width <= JR_MM_FORMAT_WIDTH)
                    m.last_fit = i;
                if ((depth < best_depth || (depth == best_depth && !is_result(f, gap->group))) &&
                    (wanted == 0 || gap->group == wanted)) {
                    m.best = wanted == 0 || m.best == 0 ? i : m.best;
                    best_depth = depth;
                }
            }
            width += blanks;
            if (ends)
                break;
        }
        if (f->tokens[i].kind == JR_MM_TOKEN_END)
            break;
        width += width_of(f, f->tokens[i].start, f->tokens[i].end, &ends);
    }
    m.width = width;
    return m;
}

/* Breaks groups until the line that begins with `first` is narrow enough or cannot be broken.  A group that is being filled is
 * the outermost one on the next line too, so what is behind the end of this line need not be looked at again. */
static void fit_line(struct layout *l, uint32_t first)
{
    struct jr_format *f = l->f;
    for (;;) {
        uint32_t number = l->filling;
        if (number == 0 || f->groups.items[number].last < first) {
            struct measured whole = measure(l, first, 0);
            if (whole.width <= JR_MM_FORMAT_WIDTH || whole.best == 0)
                return;
            number = f->gaps[whole.best].group;
        }
        const struct jr_group *group = &f->groups.items[number];
        if (group->style == JR_GROUP_ALL) {
            break_all(f, number, first);
            continue;
        }
        struct measured m = measure(l, first, number);
        if (m.width <= JR_MM_FORMAT_WIDTH)
            return;
        l->filling = m.best != 0 ? number : 0;
        if (m.best != 0) { /* a list that is filled first gets its brackets out of the way */
            bool opens = group->close != 0 && !f->gaps[group->first + 1].breaks && group->first >= first;
            break_gap(f, opens ? group->first + 1 : m.last_fit != 0 ? m.last_fit : m.best);
        }
    }
}

/* ---- writing ---- */

static void put_bytes(struct layout *l, const char *text, uint32_t length)
{
    jr_sb_bytes(l->body, text, length);
    const char *end = text + length, *line = text;
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; line = ++at)
        l->line++;
    l->width = (line == text ? l->width : 0) + code_points(line, (uint32_t)(end - line));
}

static void put_space(struct layout *l)
{
    jr_sb_char(l->body, ' ');
    l->width++;
}

static void put_newlines(struct layout *l, uint32_t count, int32_t indent)
{
    jr_sb_repeat(l->body, '\n', count);
    jr_sb_repeat(l->body, ' ', (size_t)indent);
    l->line += count;
    l->indent = indent;
    l->width = (uint32_t)indent;
}

/* The comment's further lines move with it; blanks at their ends go. */
static void put_block_comment(struct layout *l, const struct jr_comment *comment, bool moves)
{
    const char *text = l->f->text + comment->start, *end = l->f->text + comment->end;
    int32_t shift = moves ? l->indent - (int32_t)comment->column : 0;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const char *next = stop == NULL ? end : stop + 1, *last = stop == NULL ? end : stop;
        while (last > text && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r'))
            last--;
        put_bytes(l, text, (uint32_t)(last - text));
        if (stop != NULL) {
            int32_t remove = -shift;
            for (text = next; remove > 0 && text < end && (*text == ' ' || *text == '\t'); text++)
                remove--;
            bool blank = text < end && (*text == '\n' || *text == '\r');
            put_bytes(l, "\n", 1);
            for (int32_t i = 0; i < shift && !blank; i++)
                put_space(l);
        } else {
            text = next;
        }
    }
}

static void put_comment(struct layout *l, const struct jr_comment *comment, bool begins_line)
{
    if (comment->is_line && !begins_line && l->width > 0) {
        struct trailer trailer = { l->body->length, l->line, l->width, comment };
        JR_UNIT_PUSH(l->f->unit, &l->trailers, trailer);
    } else if (comment->is_line) {
        put_bytes(l, l->f->text + comment->start, comment->end - comment->start);
    } else {
        put_block_comment(l, comment, begins_line && (comment->newlines > 0 || l->line == 0));
    }
}

/* How far a line that begins with token i is indented; of a comment before it, how far the inside of the bracket is that the
 * token may close. */
static int32_t indent_before(const struct layout *l, uint32_t i, bool is_comment)
{
    if (l->open_count == 0)
        return 0;
    const struct open_range *top = &l->open[l->open_count - 1];
    if (!is_comment && top->range->kind == JR_RANGE_BRACKET && top->range->last == i)
        return top->base;
    if (l->f->gaps[i].is_else && top->range->kind == JR_RANGE_IF && top->aligned)
        return top->base;
    return top->base < INDENT_MAX ? top->base + JR_MM_FORMAT_INDENT : INDENT_MAX;
}

/* One line break, or more where the source has blank lines: at most two blank ones between definitions, one inside. */
static uint32_t newlines_for(const struct layout *l, uint32_t token, uint32_t index, uint32_t newlines)
{
    const struct jr_format *f = l->f;
    const struct jr_gap *gap = &f->gaps[token];
    uint32_t most = l->open_count == 0 ? 3 : 2;
    bool after_open = index == 0 && token > 0 && jr_token_opens(&f->tokens[token - 1]);
    bool before_close = index == gap->comment_count &&
                        (jr_token_closes(&f->tokens[token]) || f->tokens[token].kind == JR_MM_TOKEN_END);
    if (after_open || before_close || newlines == 0)
        return 1;
    return newlines < most ? newlines : most;
}

/* What is before token i; whether a line begins there, with it or with a comment before it. */
static bool put_gap(struct layout *l, uint32_t i)
{
    const struct jr_format *f = l->f;
    const struct jr_gap *gap = &f->gaps[i];
    bool begins = i == 0;
    if (has_semicolon(f, i))
        put_bytes(l, ";", 1);
    for (uint32_t k = 0; k <= gap->comment_count; k++) {
        bool is_comment = k < gap->comment_count;
        bool breaks = breaks_before(f, i, k), first = breaks || (i == 0 && k == 0);
        begins = begins || breaks;
        if (breaks) {
            uint32_t newlines = is_comment ? comment_at(f, gap, k)->newlines : gap->newlines_after;
            put_newlines(l, newlines_for(l, i, k, newlines), indent_before(l, i, is_comment));
        } else if (is_comment ? !comment_at(f, gap, k)->is_line && has_space(f, i, k) : has_space(f, i, k)) {
            put_space(l);
        }
        if (is_comment)
            put_comment(l, comment_at(f, gap, k), first);
    }
    return begins;
}

/* Opens the ranges that begin with token i. */
static void open_ranges(struct layout *l, uint32_t i, bool begins_line)
{
    struct jr_format *f = l->f;
    for (; l->next_range < f->ranges.count && f->ranges.items[l->next_range].first == i; l->next_range++) {
        const struct jr_range *range = &f->ranges.items[l->next_range];
        struct open_range opened = { range, l->indent, begins_line };
        const struct open_range *top = l->open_count == 0 ? NULL : &l->open[l->open_count - 1];
        if (range->kind == JR_RANGE_BRACKET && f->brackets[i].owned && top != NULL)
            opened.base = top->base;
        else if (range->kind == JR_RANGE_CHAIN && begins_line && f->gaps[i].value && l->indent > 0)
            opened.base -= JR_MM_FORMAT_INDENT; /* the line is indented already */
        l->open[l->open_count++] = opened;
    }
}

/* ---- comments at the ends of lines ---- */

/* Those on lines that follow each other and that stood in one column in the source stand in one column again. */
static uint32_t trailer_column(const struct layout *l, uint32_t first, uint32_t *end)
{
    const struct trailer *items = l->trailers.items;
    uint32_t i = first, width = 0;
    do {
        width = items[i].width > width ? items[i].width : width;
        i++;
    } while (i < l->trailers.count && items[i].line == items[i - 1].line + 1 &&
             items[i].comment->column == items[first].comment->column);
    *end = i;
    return width + 1;
}

static void put_with_trailers(const struct layout *l, struct jr_sb *out)
{
    const char *body = jr_sb_view(l->body);
    size_t at = 0;
    for (uint32_t i = 0, end; i < l->trailers.count; i = end) {
        uint32_t column = trailer_column(l, i, &end);
        for (uint32_t k = i; k < end; k++) {
            const struct trailer *trailer = &l->trailers.items[k];
            jr_sb_bytes(out, body + at, trailer->at - at);
            at = trailer->at;
            jr_sb_repeat(out, ' ', column - trailer->width);
            jr_sb_bytes(out, l->f->text + trailer->comment->start,
                        trailer->comment->end - trailer->comment->start);
        }
    }
    jr_sb_bytes(out, body + at, l->body->length - at);
}

void jr_format_lay_out(struct jr_format *f, struct jr_sb *out)
{
    struct layout l = { .f = f, .body = &f->body };
    l.open = JR_UNIT_ARRAY(f->unit, struct open_range, f->ranges.count + 1);
    for (uint32_t i = 0; i < f->count; i++) {
        const struct jr_mm_token *token = &f->tokens[i];
        if (token->kind == JR_MM_TOKEN_END && f->gaps[i].comment_count == 0 && i == 0)
            break;
        bool begins = put_gap(&l, i);
        if (token->kind == JR_MM_TOKEN_END)
            break;
        if (begins)
            fit_line(&l, i);
        open_ranges(&l, i, begins);
        put_bytes(&l, f->text + token->start, token->end - token->start);
        while (l.open_count > 0 && l.open[l.open_count - 1].range->last <= i)
            l.open_count--;
    }
    put_with_trailers(&l, out);
}
