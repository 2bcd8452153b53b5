/* test_pair.c -- which spot of a new version goes on with what: trees written by hand.
 *
 *   C[...] a call, F2 self of two words, M1 mem, D4 a delay of four samples; osc:C[...] has a name, osc'440':C[...] also a text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "ir/base/alloc.h"
#include "ir/base/hash.h"
#include "ir/base/sb.h"
#include "runtime/migrate/pair.h"
#include "runtime/migrate/report.h"

enum { MOST = 4000 };

struct branch {
    struct jr_spot spot;
    uint32_t first, next; /* indices of branches; 0: none */
};

struct text {
    const char *at;
    struct branch branches[MOST];
    uint32_t count, words;
    char names[MOST][16];
};

static uint32_t parse(struct text *text)
{
    uint32_t index = ++text->count, last = 0;
    struct branch *branch = &text->branches[index];
    char *name = text->names[index];
    const char *colon = text->at + strcspn(text->at, ":[],");
    ck_assert_uint_lt(index, MOST);
    *branch = (struct branch){ .spot = { .name = "" } };
    if (*colon == ':') {
        size_t length = strcspn(text->at, ":'");
        snprintf(name, sizeof text->names[0], "%.*s", (int)length, text->at);
        branch->spot.name = name;
        if (text->at[length] == '\'')
            branch->spot.text = jr_hash_bytes(1, text->at + length, (size_t)(colon - text->at) - length);
        text->at = colon + 1;
    }
    char kind = *text->at++;
    uint32_t number = (uint32_t)strtoul(text->at, (char **)&text->at, 10);
    branch->spot.kind = kind == 'C'   ? JR_SPOT_CALL
                        : kind == 'F' ? JR_SPOT_SELF
                        : kind == 'M' ? JR_SPOT_MEM
                                      : JR_SPOT_DELAY;
    branch->spot.offset = text->words;
    if (kind != 'C') {
        branch->spot.words = kind == 'D' ? number + 2 : number;
        branch->spot.length = kind == 'D' ? number : 0;
        text->words += branch->spot.words;
        return index;
    }
    ck_assert_int_eq(*text->at++, '[');
    while (*text->at != ']') {
        uint32_t child = parse(text);
        if (last)
            text->branches[last].next = child;
        else
            branch->first = child;
        last = child;
        if (*text->at == ',')
            text->at++;
    }
    text->at++;
    return index;
}

static struct text texts[2];

static struct jr_spots *tree(struct text *text, const char *written)
{
    struct jr_spots *spots;
    uint32_t branch_of[MOST + 1] = { 0 };
    *text = (struct text){ .at = written };
    uint32_t root = parse(text);
    ck_assert_int_eq(jr_spots_begin(jr_alloc_default(), &spots), JR_OK);
    ck_assert_int_eq(jr_spots_add(spots, 0, &text->branches[root].spot), JR_OK);
    branch_of[1] = root;
    for (uint32_t i = 1; i < spots->items.count; i++)
        for (uint32_t c = text->branches[branch_of[i]].first; c; c = text->branches[c].next) {
            branch_of[spots->items.count] = c;
            ck_assert_int_eq(jr_spots_add(spots, i, &text->branches[c].spot), JR_OK);
        }
    ck_assert_int_eq(jr_spots_end(spots), JR_OK);
    return spots;
}

/* For each word of the new tree the word of the old one that it goes on with, or -1; delays of another length are told apart. */
static void map_words(const char *old, const char *new, int *source, int *resized)
{
    struct jr_spots *from = tree(&texts[0], old), *to = tree(&texts[1], new);
    struct jr_pairing pairing;
    struct jr_migration_report report = { 0 };
    struct jr_sb summary, details;
    *resized = 0;
    for (uint32_t i = 0; i < MOST; i++)
        source[i] = -1;
    ck_assert_int_eq(jr_pair_spots(jr_alloc_default(), from, to, &pairing), JR_OK);
    for (uint32_t i = 0; i < to->items.count; i++) {
        const struct jr_spot *n = &to->items.items[i];
        uint32_t f = pairing.from_of[i];
        if (f == JR_NONE)
            continue;
        const struct jr_spot *o = &from->items.items[f];
        ck_assert_int_eq(o->kind, n->kind);
        ck_assert_uint_eq(pairing.to_of[f], i);
        *resized += n->kind == JR_SPOT_DELAY && n->length != o->length;
        for (uint32_t w = 0; w < n->words && n->words == o->words; w++)
            source[n->offset + w] = (int)(o->offset + w);
    }
    jr_sb_init(&summary, jr_alloc_default());
    jr_sb_init(&details, jr_alloc_default());
    ck_assert_int_eq(jr_migration_tell(jr_alloc_default(), from, to, &pairing, &report, &summary, &details),
                     JR_OK);
    ck_assert_uint_eq(report.kept + report.moved + report.reset + report.fresh, to->items.items[0].holding);
    ck_assert_uint_eq(report.kept + report.moved + report.reset + report.dropped,
                      from->items.items[0].holding);
    jr_sb_fini(&summary);
    jr_sb_fini(&details);
    jr_pairing_fini(&pairing);
    jr_spots_destroy(from);
    jr_spots_destroy(to);
}

/* `copies`: "0>6x1 7>7x1", from old word to new word times count. */
static void check_copies(const char *old, const char *new, const char *copies, int expected_resized)
{
    static int source[MOST], expected[MOST];
    int resized;
    char *at = (char *)(uintptr_t)copies;
    map_words(old, new, source, &resized);
    for (int i = 0; i < MOST; i++)
        expected[i] = -1;
    while (*at) {
        int from = (int)strtol(at, &at, 10), to = (int)strtol(at + 1, &at, 10),
            count = (int)strtol(at + 1, &at, 10);
        for (int i = 0; i < count; i++)
            expected[to + i] = from + i;
        while (*at == ' ')
            at++;
    }
    for (int i = 0; i < MOST; i++)
        ck_assert_msg(source[i] == expected[i], "%s -> %s: word %d goes on with %d, not %d", old, new, i,
                      source[i], expected[i]);
    ck_assert_int_eq(resized, expected_resized);
}

static const struct {
    const char *old, *new, *copies;
    int resized;
} unnamed[] = {
    { "C[C[F1]]", "C[C[F1]]", "0>0x1", 0 },
    { "C[C[F1]]", "C[C[F1],C[F1]]", "0>1x1", 0 },
    { "C[C[F1],C[F1]]", "C[C[F1]]", "1>0x1", 0 },
    { "C[C[F1],C[D4,F1]]", "C[C[F1],C[D8,F1]]", "0>0x1 7>11x1", 1 },
    { "C[C[F1]]", "C[C[C[F1]]]", "", 0 },
    { "C[D2,M1]", "C[M1,D2]", "4>0x1", 0 },
    { "C[C[D4,F1],C[F1]]", "C[C[D4,M1,F1],C[F1]]", "0>0x6 6>7x1 7>8x1", 0 },
    { "C[C[F1],C[D4,F1]]", "C[C[D4,F1],C[F1]]", "0>6x1 7>7x1", 0 },
    { "C[C[F2],M1]", "C[C[F3],M1]", "2>3x1", 0 },
    { "C[C[F1],C[F3]]", "C[C[F1],C[D6,M1],C[F3]]", "0>0x1 1>10x3", 0 },
    { "C[M1]", "C[F1]", "", 0 },
    { "C[C[F1],C[D4]]", "C[C[F1],C[F1],C[D4]]", "0>1x1 1>2x6", 0 },
    { "C[F1,D3,M1,F2]", "C[D3,F2,M1]", "1>0x5 7>5x2", 0 },
    /* a delay of another length in a call of its own */
    { "C[C[D4]]", "C[C[D8]]", "", 1 },
    /* the one of the same length goes first */
    { "C[D8,D4]", "C[D8]", "0>0x10", 0 },
};

START_TEST(without_names_the_alignment_of_the_specification_decides)
{
    check_copies(unnamed[_i].old, unnamed[_i].new, unnamed[_i].copies, unnamed[_i].resized);
}
END_TEST

static const struct {
    const char *old, *new, *copies;
    int resized;
} named[] = {
    /* reordered: both are kept */
    { "dsp:C[osc:C[F1],lp:C[F1]]", "dsp:C[lp:C[F1],osc:C[F1]]", "1>0x1 0>1x1", 0 },
    /* a new one in front: nothing is handed on to it */
    { "dsp:C[osc:C[F1]]", "dsp:C[env:C[F1],osc:C[F1]]", "0>1x1", 0 },
    /* one goes, another comes, both known: not a renaming, since osc is still there */
    { "dsp:C[osc:C[F1],env:C[F1]]", "dsp:C[osc:C[F1],osc:C[F1]]", "0>1x1", 0 },
    /* renamed: the old name is nowhere, the new one is new */
    { "dsp:C[osc:C[F1],env:C[F1]]", "dsp:C[osc:C[F1],decay:C[F1]]", "0>0x1 1>1x1", 0 },
    /* wrapped into a function, and out of it again */
    { "dsp:C[osc:C[F1]]", "dsp:C[voice:C[osc:C[F1]]]", "0>0x1", 0 },
    { "dsp:C[voice:C[osc:C[F1],M1]]", "dsp:C[osc:C[F1]]", "0>0x1", 0 },
    /* three calls, the middle one removed: the text says which */
    { "dsp:C[osc'1':C[F1],osc'2':C[F1],osc'3':C[F1]]", "dsp:C[osc'1':C[F1],osc'3':C[F1]]", "0>0x1 2>1x1", 0 },
    /* one added at the end */
    { "dsp:C[osc'1':C[F1]]", "dsp:C[osc'1':C[F1],osc'2':C[F1]]", "0>0x1", 0 },
    /* the argument of one edited */
    { "dsp:C[osc'1':C[F1],osc'2':C[F1]]", "dsp:C[osc'5':C[F1],osc'2':C[F1]]", "0>0x1 1>1x1", 0 },
    /* as many as before: in order, whatever their shapes */
    { "dsp:C[a:C[F1],a:C[F1,M1]]", "dsp:C[a:C[F1,M1],a:C[F1]]", "0>0x1 1>2x1", 0 },
    /* a delay with a name, longer now */
    { "dsp:C[echo:D4,tap:D4]", "dsp:C[tap:D4,echo:D9]", "6>0x6", 1 },
};

START_TEST(names_and_texts_come_first)
{
    check_copies(named[_i].old, named[_i].new, named[_i].copies, named[_i].resized);
}
END_TEST

/* "dsp:C[v:C[F1],v:C[F1] ...]" */
static char *many(unsigned count, const char *item)
{
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_text(&text, "dsp:C[");
    for (unsigned i = 0; i < count; i++) {
        jr_sb_text(&text, item);
        jr_sb_char(&text, i + 1 < count ? ',' : ']');
    }
    char *copy = strdup(jr_sb_view(&text));
    jr_sb_fini(&text);
    return copy;
}

START_TEST(many_of_one_name_are_paired_from_the_end)
{
    static int source[MOST];
    int resized;
    char *old = many(900, "v:C[F1]"), *new = many(1000, "v:C[F1]");
    map_words(old, new, source, &resized);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(source[i], i < 100 ? -1 : i - 100);
    map_words(new, old, source, &resized);
    for (int i = 0; i < 900; i++)
        ck_assert_int_eq(source[i], i + 100);
    free(old);
    free(new);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pair");
    TCase *cases = tcase_create("trees");
    tcase_add_loop_test(cases, without_names_the_alignment_of_the_specification_decides, 0,
                        sizeof unnamed / sizeof unnamed[0]);
    tcase_add_loop_test(cases, names_and_texts_come_first, 0, sizeof named / sizeof named[0]);
    tcase_add_test(cases, many_of_one_name_are_paired_from_the_end);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
