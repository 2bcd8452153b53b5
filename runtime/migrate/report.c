/* report.c -- telling what a migration keeps, moves, drops and begins anew. */
#include "runtime/migrate/report.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"

enum { MOST_NAMES = 4, MOST_LINES = 1000 };

enum fate { FATE_KEPT, FATE_MOVED, FATE_RESIZED, FATE_DROPPED, FATE_RESET, FATE_FRESH, FATE_COUNT };
static const char *const fate_names[FATE_COUNT] = { "kept", "moved", "resized", "dropped", "reset", "new" };

/* What becomes of a tree's spots. */
struct told {
    const struct jr_spots *spots;
    bool *said;       /* by spot: it or what it is part of has been told of */
    uint32_t *counts; /* by spot and fate: spots here and below */
    bool *elsewhere;  /* by spot: under another name, or not where it was */
};

struct telling {
    const struct jr_alloc *alloc;
    const struct jr_spots *from, *to;
    const struct jr_pairing *pairing;
    struct jr_migration_report *report;
    struct jr_sb *summary, *details;
    uint32_t lines, names; /* told so far */
};

static bool holds(const struct jr_spot *spot)
{
    return spot->words > 0 || spot->counted;
}

/* Of a spot of the new tree that holds something. */
static enum fate fate_of(const struct telling *t, const struct told *told, uint32_t index)
{
    const struct jr_spot *n = &t->to->items.items[index];
    uint32_t from = t->pairing->from_of[index];
    if (from == JR_NONE || !holds(&t->from->items.items[from]))
        return FATE_FRESH;
    const struct jr_spot *o = &t->from->items.items[from];
    if (!jr_migration_goes_on(t->from, o, t->to, n))
        return FATE_RESET;
    if (n->kind == JR_SPOT_DELAY && n->length != o->length)
        return FATE_RESIZED;
    return told->elsewhere[index] ? FATE_MOVED : FATE_KEPT;
}

static void find_elsewhere(const struct telling *t, struct told *told)
{
    for (uint32_t i = 1; i < told->spots->items.count; i++) {
        const struct jr_spot *n = &t->to->items.items[i];
        uint32_t from = t->pairing->from_of[i];
        const struct jr_spot *o = from == JR_NONE ? NULL : &t->from->items.items[from];
        bool same_place = o != NULL && t->pairing->from_of[n->parent] == o->parent;
        bool same_name = o != NULL && (n->kind == JR_SPOT_SELF || strcmp(o->name, n->name) == 0);
        told->elsewhere[i] = told->elsewhere[n->parent] || !same_place || !same_name;
    }
}

static enum jr_status init_told(const struct telling *t, const struct jr_spots *spots, struct told *told)
{
    told->spots = spots;
    told->counts = jr_alloc_array(t->alloc, spots->items.count * FATE_COUNT, sizeof told->counts[0]);
    told->elsewhere = jr_alloc_array(t->alloc, spots->items.count, sizeof told->elsewhere[0]);
    told->said = jr_alloc_array(t->alloc, spots->items.count, sizeof told->said[0]);
    return told->counts && told->elsewhere && told->said ? JR_OK : JR_ERR_NO_MEMORY;
}

static void fini_told(const struct telling *t, struct told *told)
{
    if (told->spots == NULL)
        return;
    jr_alloc_free(t->alloc, told->counts, told->spots->items.count * FATE_COUNT * sizeof told->counts[0]);
    jr_alloc_free(t->alloc, told->said, told->spots->items.count * sizeof told->said[0]);
    jr_alloc_free(t->alloc, told->elsewhere, told->spots->items.count * sizeof told->elsewhere[0]);
}

/* Children come after their parents: from the end, each adds to its parent. */
static void add_up(struct told *told)
{
    for (size_t i = told->spots->items.count; i-- > 1;) {
        uint32_t parent = told->spots->items.items[i].parent;
        for (int f = 0; f < FATE_COUNT; f++)
            told->counts[parent * FATE_COUNT + (uint32_t)f] += told->counts[i * FATE_COUNT + (size_t)f];
    }
}

/* The one fate of all that a part holds, or FATE_COUNT. */
static enum fate common_fate(const struct told *told, uint32_t index)
{
    enum fate common = FATE_COUNT;
    for (int f = 0; f < FATE_COUNT; f++) {
        if (told->counts[index * FATE_COUNT + (uint32_t)f] == 0)
            continue;
        if (common != FATE_COUNT)
            return FATE_COUNT;
        common = (enum fate)f;
    }
    return common;
}

/* Whether a part is what there is to say about `fate`: the largest one that shares it and is itself what was kept, moved, new or dropped. */
static bool tells(const struct telling *t, const struct told *told, uint32_t index, enum fate fate)
{
    const struct jr_spot *spot = &told->spots->items.items[index];
    const uint32_t *partner = told->spots == t->to ? t->pairing->from_of : t->pairing->to_of;
    if (common_fate(told, index) != fate)
        return false;
    switch (fate) {
    case FATE_KEPT:
        return partner[index] != JR_NONE;
    case FATE_MOVED:
        return partner[index] != JR_NONE && told->elsewhere[index];
    case FATE_FRESH:
    case FATE_DROPPED:
        return partner[index] == JR_NONE || holds(spot);
    case FATE_RESIZED:
    case FATE_RESET:
    case FATE_COUNT:
        break;
    }
    return holds(spot);
}

/* Calls `say` for each part that tells of `fate`, from the first to the last; parts inside of it say nothing more. */
static void each_telling(struct telling *t, const struct told *told, enum fate fate,
                         void (*say)(struct telling *t, const struct told *told, uint32_t index,
                                     enum fate fate))
{
    memset(told->said, 0, told->spots->items.count * sizeof told->said[0]);
    for (uint32_t i = 1; i < told->spots->items.count; i++) {
        told->said[i] = told->said[told->spots->items.items[i].parent];
        if (told->said[i] || !tells(t, told, i, fate))
            continue;
        told->said[i] = true;
        say(t, told, i, fate);
    }
}

static void put_detail(struct telling *t, const struct told *told, uint32_t index, enum fate fate)
{
    const struct jr_spot *spot = &told->spots->items.items[index];
    if (++t->lines > MOST_LINES)
        return;
    jr_sb_format(t->details, "%-8s ", fate_names[fate]);
    jr_spots_path(told->spots, index, t->details);
    if (told->spots == t->to && fate == FATE_MOVED) {
        uint32_t from = t->pairing->from_of[index];
        if (from != JR_NONE) {
            jr_sb_text(t->details, " from ");
            jr_spots_path(t->from, from, t->details);
        }
    }
    if (fate == FATE_RESIZED && spot->kind == JR_SPOT_DELAY)
        jr_sb_format(t->details, ": %u samples, before %u", spot->length,
                     t->from->items.items[t->pairing->from_of[index]].length);
    else if (fate == FATE_RESET && spot->counted)
        jr_sb_text(t->details, ": it refers to objects");
    else if (fate == FATE_RESET && (spot->kind == JR_SPOT_GLOBAL || spot->kind == JR_SPOT_CELL))
        jr_sb_text(t->details, ": its definition was edited");
    else if (fate == FATE_RESET && spot->kind == JR_SPOT_SELF)
        jr_sb_text(t->details, ": another type");
    jr_sb_char(t->details, '\n');
}

static void put_name(struct telling *t, const struct told *told, uint32_t index, enum fate fate)
{
    (void)fate;
    if (t->names > MOST_NAMES)
        return;
    jr_sb_text(t->summary, t->names == 0 ? " (" : ", ");
    if (t->names++ == MOST_NAMES)
        jr_sb_text(t->summary, "...");
    else
        jr_spots_path(told->spots, index, t->summary);
}

static void put_summary(struct telling *t, const struct told *told, enum fate fate, uint32_t spots)
{
    if (spots == 0)
        return;
    if (t->summary->length > 0)
        jr_sb_text(t->summary, ", ");
    jr_sb_format(t->summary, "%u %s", spots, fate_names[fate]);
    t->names = 0;
    if (fate != FATE_KEPT)
        each_telling(t, told, fate, put_name);
    if (t->names > 0)
        jr_sb_char(t->summary, ')');
}

static void count(struct telling *t, struct told *old, struct told *new)
{
    struct jr_migration_report *report = t->report;
    find_elsewhere(t, new);
    for (uint32_t i = 0; i < t->to->items.count; i++) {
        if (!holds(&t->to->items.items[i]))
            continue;
        enum fate fate = fate_of(t, new, i);
        new->counts[i * FATE_COUNT + fate] = 1;
        report->kept += fate == FATE_KEPT || (fate == FATE_RESIZED && !new->elsewhere[i]);
        report->moved += fate == FATE_MOVED || (fate == FATE_RESIZED && new->elsewhere[i]);
        report->resized += fate == FATE_RESIZED;
        report->reset += fate == FATE_RESET;
        report->fresh += fate == FATE_FRESH;
    }
    for (uint32_t i = 0; i < t->from->items.count; i++) {
        uint32_t to = t->pairing->to_of[i];
        if (!holds(&t->from->items.items[i]))
            continue;
        bool dropped = to == JR_NONE || !holds(&t->to->items.items[to]);
        old->counts[i * FATE_COUNT + (dropped ? FATE_DROPPED : FATE_KEPT)] = 1;
        report->dropped += dropped;
    }
    add_up(old);
    add_up(new);
}

enum jr_status jr_migration_tell(const struct jr_alloc *alloc, const struct jr_spots *from,
                                 const struct jr_spots *to, const struct jr_pairing *pairing,
                                 struct jr_migration_report *report, struct jr_sb *summary,
                                 struct jr_sb *details)
{
    struct telling t = { alloc, from, to, pairing, report, summary, details, 0, 0 };
    struct told old = { 0 }, new = { 0 };
    enum jr_status status;
    JR_TRY(init_told(&t, from, &old));
    JR_TRY(init_told(&t, to, &new));
    count(&t, &old, &new);
    put_summary(&t, &new, FATE_KEPT, report->kept);
    put_summary(&t, &new, FATE_MOVED, report->moved);
    put_summary(&t, &new, FATE_RESIZED, report->resized);
    put_summary(&t, &old, FATE_DROPPED, report->dropped);
    put_summary(&t, &new, FATE_RESET, report->reset);
    put_summary(&t, &new, FATE_FRESH, report->fresh);
    if (summary->length == 0)
        jr_sb_text(summary, "nothing to keep");
    for (int f = 0; f < FATE_COUNT; f++)
        each_telling(&t, f == FATE_DROPPED ? &old : &new, (enum fate)f, put_detail);
    if (t.lines > MOST_LINES)
        jr_sb_format(details, "... and %u more\n", t.lines - MOST_LINES);
    JR_TRY(jr_sb_status(summary));
    JR_TRY(jr_sb_status(details));
done:
    fini_told(&t, &old);
    fini_told(&t, &new);
    return status;
}
