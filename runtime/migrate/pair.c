/* pair.c -- pairing two trees of spots. */
#include "runtime/migrate/pair.h"

#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/hash.h"

enum {
    MOST_CELLS =
        1 << 22, /* of one alignment's table; longer lists go together from the end, by whole shapes */
    MOST_SCORES = 1 << 25, /* pairs looked into; afterwards only whole shapes count */
    MOST_DEPTH = 64,       /* levels that a score looks into */
};

/* A child that is still alone, with what it is grouped by. */
struct lone {
    uint64_t key;
    uint32_t order; /* place in the list before sorting */
    uint32_t spot;
};
JR_VEC_OF(lone_vec, struct lone);

struct pair {
    uint32_t from, to;
};

struct work {
    const struct jr_alloc *alloc;
    const struct jr_spots *from, *to;
    struct jr_pairing *pairing;
    bool *from_known, *to_known; /* by spot: the other program has this name, too */
    JR_VEC(struct pair) open;    /* pairs whose children are still to be paired */
    uint64_t scores;
    bool loose; /* delays of different lengths are alike */
    enum jr_status status;
};

static const struct jr_spot *old_spot(const struct work *w, uint32_t spot)
{
    return &w->from->items.items[spot];
}

static const struct jr_spot *new_spot(const struct work *w, uint32_t spot)
{
    return &w->to->items.items[spot];
}

static bool same_kind(const struct jr_spot *o, const struct jr_spot *n)
{
    return o->kind == n->kind || (o->kind == JR_SPOT_CALL && n->kind == JR_SPOT_CLOSURE) ||
           (o->kind == JR_SPOT_CLOSURE && n->kind == JR_SPOT_CALL);
}

/* Whether names allow that two spots are one. */
static bool names_agree(const struct work *w, uint32_t from, uint32_t to)
{
    const struct jr_spot *o = old_spot(w, from), *n = new_spot(w, to);
    if (o->kind == JR_SPOT_SELF) /* named after the function, of which there is nothing more to say */
        return true;
    if (o->name[0] == '\0' || n->name[0] == '\0' || strcmp(o->name, n->name) == 0)
        return true;
    return o->kind != JR_SPOT_ELEMENT && !w->from_known[from] && !w->to_known[to];
}

static void make_pair(struct work *w, uint32_t from, uint32_t to, enum jr_pair_how how)
{
    w->pairing->from_of[to] = from;
    w->pairing->to_of[from] = to;
    w->pairing->how[to] = (uint8_t)how;
    if (w->status == JR_OK)
        w->status = JR_VEC_PUSH(w->alloc, &w->open, (struct pair){ from, to });
}

/* ---- alignment ---- */

static uint32_t score(struct work *w, uint32_t from, uint32_t to, uint32_t depth);

static uint32_t max_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Chooses pairs from two lists, in order, from the end: every pair that has a score is taken as it is met, and the table decides only
 * which list goes on where there is none.  Gives the sum of the scores; `chosen` (may be NULL) is told of each pair. */
static uint32_t align(struct work *w, const uint32_t *from, size_t from_count, const uint32_t *to,
                      size_t to_count, uint32_t depth, bool make)
{
    size_t columns = to_count + 1, cells = (from_count + 1) * columns;
    uint32_t *table = NULL, *scores = NULL, total = 0;
    if (from_count == 0 || to_count == 0 || w->status != JR_OK)
        return 0;
    bool small = cells <= MOST_CELLS;
    if (small) {
        table = jr_alloc_array(w->alloc, cells, sizeof table[0]);
        scores = jr_alloc_array(w->alloc, cells, sizeof scores[0]);
        if (table == NULL || scores == NULL)
            w->status = JR_ERR_NO_MEMORY;
    }
    for (size_t i = 1; small && i <= from_count && w->status == JR_OK; i++) {
        for (size_t j = 1; j <= to_count; j++) {
            uint32_t here = score(w, from[i - 1], to[j - 1], depth);
            uint32_t best = max_of(table[(i - 1) * columns + j], table[i * columns + j - 1]);
            scores[i * columns + j] = here;
            table[i * columns + j] = here ? max_of(best, table[(i - 1) * columns + j - 1] + here) : best;
        }
    }
    for (size_t i = from_count, j = to_count; i > 0 && j > 0 && w->status == JR_OK;) {
        uint32_t here = small ? scores[i * columns + j] : score(w, from[i - 1], to[j - 1], MOST_DEPTH);
        if (here > 0) {
            total += here;
            i--, j--;
            if (make)
                make_pair(w, from[i], to[j], JR_PAIR_ALIGNED);
        } else if (small ? table[i * columns + j - 1] >= table[(i - 1) * columns + j] : j >= i) {
            j--;
        } else {
            i--;
        }
    }
    jr_alloc_free(w->alloc, table, cells * sizeof table[0]);
    jr_alloc_free(w->alloc, scores, cells * sizeof scores[0]);
    return total;
}

static uint32_t *children_of(struct work *w, const struct jr_spot *spot)
{
    uint32_t *list = jr_alloc_array(w->alloc, spot->child_count, sizeof list[0]);
    if (list == NULL)
        w->status = JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; list && i < spot->child_count; i++)
        list[i] = spot->first_child + i;
    return list;
}

/* How much two spots have in common: 1 if all of it, 0 for nothing, else the number of parts. */
static uint32_t score(struct work *w, uint32_t from, uint32_t to, uint32_t depth)
{
    const struct jr_spot *o = old_spot(w, from), *n = new_spot(w, to);
    uint32_t common;
    if (o->kind != n->kind || o->holding == 0 || n->holding == 0 || !names_agree(w, from, to))
        return 0;
    if (o->shape == n->shape)
        return w->loose ? 0 : 1; /* what is left of whole shapes would have to cross what goes on */
    if (w->loose && o->loose == n->loose)
        return 1;
    if (o->child_count == 0 || n->child_count == 0 || depth >= MOST_DEPTH || ++w->scores > MOST_SCORES)
        return 0;
    uint32_t *old_list = children_of(w, o), *new_list = children_of(w, n);
    common = align(w, old_list, o->child_count, new_list, n->child_count, depth + 1, false);
    jr_alloc_free(w->alloc, old_list, o->child_count * sizeof old_list[0]);
    jr_alloc_free(w->alloc, new_list, n->child_count * sizeof new_list[0]);
    return common;
}

/* Aligns two lists of children, those in pairs already left out. */
static void align_rest(struct work *w, const struct lone *from, size_t from_count, const struct lone *to,
                       size_t to_count)
{
    uint32_t *lists;
    size_t old_count = 0, new_count = 0, bytes = (from_count + to_count) * sizeof lists[0];
    if (from_count == 0 || to_count == 0 || w->status != JR_OK)
        return;
    lists = jr_alloc_new(w->alloc, bytes);
    if (lists == NULL) {
        w->status = JR_ERR_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < from_count; i++)
        if (w->pairing->to_of[from[i].spot] == JR_NONE)
            lists[old_count++] = from[i].spot;
    for (size_t i = 0; i < to_count; i++)
        if (w->pairing->from_of[to[i].spot] == JR_NONE)
            lists[old_count + new_count++] = to[i].spot;
    align(w, lists, old_count, lists + old_count, new_count, 0, true);
    jr_alloc_free(w->alloc, lists, bytes);
}

/* ---- names ---- */

static int by_key(const void *a, const void *b)
{
    const struct lone *one = a, *other = b;
    if (one->key != other->key)
        return one->key < other->key ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

enum grouping { BY_TEXT, BY_NAME, BY_IDENTITY };

/* What a spot is grouped by; 0: nothing. */
static uint64_t key_of(const struct jr_spot *spot, enum grouping grouping)
{
    uint64_t name = spot->name[0] ? jr_hash_bytes(spot->kind, spot->name, strlen(spot->name)) : spot->kind;
    switch (grouping) {
    case BY_TEXT:
        return spot->text ? jr_hash_word(name, spot->text) : 0;
    case BY_NAME:
        return spot->name[0] ? name : 0;
    case BY_IDENTITY:
        if ((spot->kind != JR_SPOT_CALL && spot->kind != JR_SPOT_CLOSURE) || spot->holding == 0)
            return 0;
        if (spot->name[0] == '\0' && spot->text == 0)
            return 0;
        name = spot->name[0] ? spot->identity : jr_hash_word(spot->identity, spot->text);
        return (uint64_t)(UINT32_MAX - spot->holding) << 32 |
               (uint32_t)name; /* sorted, the largest come first */
    }
    return 0;
}

/* The children that are alone and have a key, sorted by it. */
static void list_lone(struct work *w, const struct jr_spots *spots, const uint32_t *partner, uint32_t first,
                      uint32_t count, enum grouping grouping, bool all, struct lone_vec *out)
{
    out->count = 0;
    for (uint32_t i = 0; i < count && w->status == JR_OK; i++) {
        uint64_t key = all ? 0 : key_of(&spots->items.items[first + i], grouping);
        if (partner[first + i] == JR_NONE && (all || key != 0))
            w->status = JR_VEC_PUSH(w->alloc, out, (struct lone){ key, i, first + i });
    }
    if (!all && out->count > 1)
        qsort(out->items, out->count, sizeof out->items[0], by_key);
}

/* For each key that both lists have: as often in both, they are pairs in order; else they are aligned, or left alone. */
static void pair_groups(struct work *w, struct lone_vec *from, struct lone_vec *to, bool align_uneven,
                        enum jr_pair_how how)
{
    size_t i = 0, j = 0;
    while (i < from->count && j < to->count && w->status == JR_OK) {
        uint64_t key = from->items[i].key;
        size_t i_end = i, j_end = j;
        if (key != to->items[j].key) {
            if (key < to->items[j].key)
                i++;
            else
                j++;
            continue;
        }
        while (i_end < from->count && from->items[i_end].key == key)
            i_end++;
        while (j_end < to->count && to->items[j_end].key == key)
            j_end++;
        if (i_end - i == j_end - j) {
            for (; i < i_end; i++, j++) /* what holds one of them may have taken it along */
                if (w->pairing->to_of[from->items[i].spot] == JR_NONE &&
                    w->pairing->from_of[to->items[j].spot] == JR_NONE &&
                    same_kind(old_spot(w, from->items[i].spot), new_spot(w, to->items[j].spot)))
                    make_pair(w, from->items[i].spot, to->items[j].spot, how);
        } else if (align_uneven) {
            align_rest(w, from->items + i, i_end - i, to->items + j, j_end - j);
        }
        i = i_end, j = j_end;
    }
}

static void pair_children(struct work *w, struct pair parents, struct lone_vec *from, struct lone_vec *to)
{
    const struct jr_spot *o = old_spot(w, parents.from), *n = new_spot(w, parents.to);
    for (int grouping = BY_TEXT; grouping <= BY_NAME; grouping++) {
        list_lone(w, w->from, w->pairing->to_of, o->first_child, o->child_count, (enum grouping)grouping,
                  false, from);
        list_lone(w, w->to, w->pairing->from_of, n->first_child, n->child_count, (enum grouping)grouping,
                  false, to);
        pair_groups(w, from, to, true, JR_PAIR_NAMED);
    }
    for (int loose = 0; loose <= 1; loose++) {
        list_lone(w, w->from, w->pairing->to_of, o->first_child, o->child_count, BY_NAME, true, from);
        list_lone(w, w->to, w->pairing->from_of, n->first_child, n->child_count, BY_NAME, true, to);
        w->loose = loose;
        align_rest(w, from->items, from->count, to->items, to->count);
    }
    w->loose = false;
}

static void pair_open(struct work *w, struct lone_vec *from, struct lone_vec *to)
{
    while (w->open.count > 0 && w->status == JR_OK) {
        struct pair next = JR_VEC_POP(&w->open);
        if (old_spot(w, next.from)->child_count > 0 && new_spot(w, next.to)->child_count > 0)
            pair_children(w, next, from, to);
    }
}

/* ---- what was moved ---- */

/* The items from `first` on that have its key; borrowed. */
static struct lone_vec run_at(const struct lone_vec *list, size_t first)
{
    struct lone_vec run = { list->items + first, 0, 0 };
    while (first + run.count < list->count && run.items[run.count].key == run.items[0].key)
        run.count++;
    return run;
}

/* The largest come first, so that what is inside goes along. */
static void pair_moved(struct work *w, struct lone_vec *from, struct lone_vec *to)
{
    struct lone_vec inner_from = { 0 }, inner_to = { 0 };
    list_lone(w, w->from, w->pairing->to_of, 0, w->pairing->from_count, BY_IDENTITY, false, from);
    list_lone(w, w->to, w->pairing->from_of, 0, w->pairing->to_count, BY_IDENTITY, false, to);
    for (size_t i = 0, j = 0; i < from->count && j < to->count && w->status == JR_OK;) {
        uint64_t key = from->items[i].key;
        if (key == to->items[j].key) {
            struct lone_vec old_run = run_at(from, i), new_run = run_at(to, j);
            i += old_run.count, j += new_run.count;
            pair_groups(w, &old_run, &new_run, false, JR_PAIR_MOVED);
            pair_open(w, &inner_from, &inner_to);
        } else if (key < to->items[j].key) {
            i++;
        } else {
            j++;
        }
    }
    JR_VEC_FREE(w->alloc, &inner_from);
    JR_VEC_FREE(w->alloc, &inner_to);
}

/* ---- the whole ---- */

static bool *list_known(struct work *w, const struct jr_spots *spots, const struct jr_spots *other)
{
    bool *known = jr_alloc_array(w->alloc, spots->items.count, sizeof known[0]);
    for (size_t i = 0; known && i < spots->items.count; i++)
        known[i] = jr_spots_know(other, spots->items.items[i].name);
    return known;
}

static uint32_t *nobody(const struct jr_alloc *alloc, uint32_t count)
{
    uint32_t *table = jr_alloc_array(alloc, count, sizeof table[0]);
    if (table)
        memset(table, 0xff, count * sizeof table[0]);
    return table;
}

enum jr_status jr_pair_spots(const struct jr_alloc *alloc, const struct jr_spots *from,
                             const struct jr_spots *to, struct jr_pairing *out)
{
    struct work w = { .alloc = alloc, .from = from, .to = to, .pairing = out };
    struct lone_vec old_list = { 0 }, new_list = { 0 };
    enum jr_status status;
    *out = (struct jr_pairing){ .alloc = alloc,
                                .from_count = (uint32_t)from->items.count,
                                .to_count = (uint32_t)to->items.count };
    out->from_of = nobody(alloc, out->to_count);
    out->to_of = nobody(alloc, out->from_count);
    out->how = jr_alloc_new(alloc, out->to_count);
    w.from_known = list_known(&w, from, to);
    w.to_known = list_known(&w, to, from);
    JR_TRY(out->from_of && out->to_of && out->how && w.from_known && w.to_known ? JR_OK : JR_ERR_NO_MEMORY);
    make_pair(&w, 0, 0, JR_PAIR_NAMED);
    pair_open(&w, &old_list, &new_list);
    pair_moved(&w, &old_list, &new_list);
    JR_TRY(w.status);
done:
    JR_VEC_FREE(alloc, &w.open);
    JR_VEC_FREE(alloc, &old_list);
    JR_VEC_FREE(alloc, &new_list);
    jr_alloc_free(alloc, w.from_known, from->items.count * sizeof w.from_known[0]);
    jr_alloc_free(alloc, w.to_known, to->items.count * sizeof w.to_known[0]);
    return status;
}

void jr_pairing_fini(struct jr_pairing *pairing)
{
    if (pairing->alloc == NULL)
        return;
    jr_alloc_free(pairing->alloc, pairing->from_of, pairing->to_count * sizeof pairing->from_of[0]);
    jr_alloc_free(pairing->alloc, pairing->to_of, pairing->from_count * sizeof pairing->to_of[0]);
    jr_alloc_free(pairing->alloc, pairing->how, pairing->to_count);
    *pairing = (struct jr_pairing){ 0 };
}
