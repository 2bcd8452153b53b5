/* format_groups.c -- brackets, what breaks together, and what the source has decided. */
#include <stdlib.h>

#include "frontend/mimium/format_internal.h"

/* The parser accepted the file, so brackets match.  While one is open its entry holds the one that was open before. */
void jr_format_pair_brackets(struct jr_format *f)
{
    uint32_t top = UINT32_MAX;
    for (uint32_t i = 0; i < f->count; i++) {
        f->brackets[i].partner = i;
        if (jr_token_opens(&f->tokens[i])) {
            f->brackets[i].partner = top;
            top = i;
        } else if (jr_token_closes(&f->tokens[i]) && top != UINT32_MAX) {
            uint32_t before = f->brackets[top].partner;
            f->brackets[top].partner = i;
            f->brackets[i].partner = top;
            top = before;
        }
    }
}

/* ---- gaps inside brackets ---- */

/* The gap behind the opening token and the one before the closing one. */
static void set_ends(struct jr_format *f, uint32_t open, uint8_t space, enum jr_gap_rule rule, uint32_t group)
{
    uint32_t close = f->brackets[open].partner;
    f->gaps[open + 1].space = space;
    f->gaps[open + 1].rule = (uint8_t)rule;
    f->gaps[open + 1].group = group;
    f->gaps[close].space = space;
    f->gaps[close].rule = (uint8_t)rule;
    f->gaps[close].group = group;
}

/* (a, b), [a, b], {a = b}: lines break as in the source; the closing bracket follows the opening one. */
static void group_list(struct jr_format *f, uint32_t open)
{
    struct jr_bracket *bracket = &f->brackets[open];
    uint32_t group = 0;
    if (!bracket->rigid) {
        group = jr_format_add_group(f, open, bracket->partner, bracket->filled ? JR_GROUP_FILL : JR_GROUP_ALL);
        f->groups.items[group].close = bracket->partner;
    }
    set_ends(f, open, 0, JR_GAP_KEEP, group);
    f->gaps[bracket->partner].rule = JR_GAP_JOIN;
    f->gaps[bracket->partner].group = 0;
    bracket->group = group;
}

/* The item gaps of a block or of arms are those whose innermost bracket is this one. */
static void group_items(struct jr_format *f, uint32_t open)
{
    struct jr_bracket *bracket = &f->brackets[open];
    bool lines = f->gaps[open + 1].rule == JR_GAP_FORCE || jr_format_has_lines(f, open, bracket->partner);
    if (lines)
        bracket->group = 0;
    else if (bracket->group == 0)
        bracket->group = jr_format_add_group(f, open, bracket->partner, JR_GROUP_ALL);
    set_ends(f, open, 1, lines ? JR_GAP_FORCE : JR_GAP_JOIN, bracket->group);
    for (uint32_t i = open + 1; i < bracket->partner; i++) {
        if (f->gaps[i].item && i > open + 1) {
            f->gaps[i].rule = lines ? JR_GAP_FORCE : JR_GAP_JOIN;
            f->gaps[i].group = bracket->group;
        }
        if (jr_token_opens(&f->tokens[i]))
            i = f->brackets[i].partner;
    }
}

static void group_brackets(struct jr_format *f)
{
    for (uint32_t i = 0; i + 1 < f->count; i++) {
        if (!jr_token_opens(&f->tokens[i]))
            continue;
        if (f->brackets[i].partner == i + 1) {
            f->gaps[i + 1].space = 0;
            f->gaps[i + 1].rule = JR_GAP_JOIN;
        } else if (f->brackets[i].kind == JR_BRACKET_PLAIN) {
            group_list(f, i);
        } else {
            group_items(f, i);
        }
    }
}

/* Commas break with the brackets around them.  The stack of open brackets is in `open`. */
static void group_commas(struct jr_format *f)
{
    uint32_t *open = JR_UNIT_ARRAY(f->unit, uint32_t, f->count), depth = 0;
    for (uint32_t i = 0; i + 1 < f->count; i++) {
        if (jr_token_opens(&f->tokens[i])) {
            open[depth++] = i;
        } else if (jr_token_closes(&f->tokens[i])) {
            depth--;
        } else if (f->tokens[i].kind == JR_MM_TOKEN_COMMA) {
            struct jr_gap *gap = &f->gaps[i + 1];
            const struct jr_bracket *bracket = depth == 0 ? NULL : &f->brackets[open[depth - 1]];
            if (f->brackets[i].bars)
                gap->rule = JR_GAP_JOIN;
            else if (bracket != NULL && bracket->kind == JR_BRACKET_PLAIN && i + 1 != bracket->partner)
                gap->group = bracket->group;
        }
    }
}

/* ---- what the source decides ---- */

/* Whether an expression may end with this token: what follows it on the same line could be a call, an index or a member. */
static bool may_end_operand(const struct jr_mm_token *token)
{
    switch ((enum jr_mm_token_kind)token->kind) {
    case JR_MM_TOKEN_IDENTIFIER:
    case JR_MM_TOKEN_INTEGER:
    case JR_MM_TOKEN_FLOATING:
    case JR_MM_TOKEN_TEXT:
    case JR_MM_TOKEN_SELF:
    case JR_MM_TOKEN_NOW:
    case JR_MM_TOKEN_SAMPLERATE:
    case JR_MM_TOKEN_UNDERSCORE:
    case JR_MM_TOKEN_RIGHT_PAREN:
    case JR_MM_TOKEN_RIGHT_BRACKET:
    case JR_MM_TOKEN_RIGHT_BRACE:
        return true;
    default:
        return false;
    }
}

/* Whether only a line break or `;` keeps the token from continuing what is before it.  Items have theirs anyway. */
static bool would_continue(const struct jr_format *f, uint32_t i)
{
    bool opens = f->tokens[i].kind == JR_MM_TOKEN_LEFT_PAREN || f->tokens[i].kind == JR_MM_TOKEN_LEFT_BRACKET;
    return i > 0 && opens && (f->tokens[i].flags & JR_MM_LINE_BREAK) != 0 && !f->gaps[i].item &&
           f->gaps[i].space != 0 && may_end_operand(&f->tokens[i - 1]);
}

/* Whether only a `;` keeps it from that. */
static bool would_go_on(const struct jr_format *f, uint32_t i)
{
    enum jr_mm_token_kind kind = (enum jr_mm_token_kind)f->tokens[i].kind;
    bool signs = kind == JR_MM_TOKEN_MINUS || kind == JR_MM_TOKEN_PLUS || kind == JR_MM_TOKEN_OR;
    return i > 0 && signs && may_end_operand(&f->tokens[i - 1]);
}

static void decide(struct jr_format *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        struct jr_gap *gap = &f->gaps[i];
        bool has_line = gap->newlines > 0, continues = would_continue(f, i);
        gap->breaks = gap->breaks || gap->rule == JR_GAP_FORCE || (gap->rule == JR_GAP_KEEP && has_line) ||
                      (continues && has_line);
        gap->separator = gap->separator && (would_go_on(f, i) || (continues && !has_line));
        if (gap->breaks && gap->group != 0) {
            const struct jr_group *group = &f->groups.items[gap->group];
            if (group->close != 0 && i == group->first + 1)
                f->gaps[group->close].breaks = true;
        }
    }
}

/* ---- order ---- */

static int compare_ranges(const void *left, const void *right)
{
    const struct jr_range *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->last != b->last)
        return a->last > b->last ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* How many groups are around each: one sweep with the groups that are open on a stack. */
static void count_depths(struct jr_format *f)
{
    uint32_t count = f->groups.count, top = 0;
    struct jr_range *order = JR_UNIT_ARRAY(f->unit, struct jr_range, count);
    uint32_t *open = JR_UNIT_ARRAY(f->unit, uint32_t, count);
    for (uint32_t i = 0; i < count; i++)
        order[i] = (struct jr_range){ f->groups.items[i].first, f->groups.items[i].last, i, 0 };
    qsort(order, count, sizeof *order, compare_ranges);
    for (uint32_t i = 0; i < count; i++) {
        while (top > 0 && f->groups.items[open[top - 1]].last < order[i].first)
            top--;
        f->groups.items[order[i].order].depth = top;
        open[top++] = order[i].order;
    }
}

void jr_format_group(struct jr_format *f)
{
    group_brackets(f);
    group_commas(f);
    decide(f);
    for (uint32_t i = 0; i + 1 < f->count; i++) {
        if (jr_token_opens(&f->tokens[i])) {
            struct jr_range range = { i, f->brackets[i].partner, UINT32_MAX, JR_RANGE_BRACKET };
            JR_UNIT_PUSH(f->unit, &f->ranges, range);
        }
    }
    if (f->ranges.count > 0)
        qsort(f->ranges.items, f->ranges.count, sizeof *f->ranges.items, compare_ranges);
    count_depths(f);
}
