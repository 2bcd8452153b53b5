/* mutate_text.c -- changes programs word by word, so that most of what comes out is still nearly a program.
 *
 * A word is a run of letters, digits and points, a quoted text, one other character, or a line end. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { WORDS_MAX = 4096 };

struct word {
    const uint8_t *text;
    size_t length;
};

struct words {
    struct word items[WORDS_MAX];
    size_t count;
};

struct draft {
    uint8_t *out;
    size_t size, max_size;
    bool glued; /* the last character could become part of the next word */
};

static uint32_t next(uint32_t *random, uint32_t bound)
{
    *random = *random * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)(*random >> 4) * bound) >> 28);
}

static bool is_letter(uint8_t c)
{
    return isalnum(c) || c == '_' || c >= 0x80;
}

static void split(const uint8_t *data, size_t size, struct words *words)
{
    size_t at = 0;
    words->count = 0;
    while (at < size && words->count < WORDS_MAX) {
        size_t end = at + 1;
        if (data[at] == ' ' || data[at] == '\t') {
            at++;
            continue;
        }
        if (is_letter(data[at])) {
            while (end < size && (is_letter(data[end]) || data[end] == '.'))
                end++;
        } else if (data[at] == '"') {
            while (end < size && data[end] != '"')
                end++;
            end += end < size;
        } else if (data[at] == '/' && end < size && data[end] == '/') {
            while (end < size && data[end] != '\n')
                end++;
        } else if (ispunct(data[at]) && !strchr("()[]{},;`$", data[at])) {
            while (end < size && end < at + 3 && strchr("<>=|&*.:-@", data[end]) && data[end] != '\0')
                end++;
        }
        words->items[words->count++] = (struct word){ data + at, end - at };
        at = end;
    }
}

static void write(struct draft *d, struct word word)
{
    bool space = d->glued && word.text[0] != '\n';
    if (d->size + word.length + 1 > d->max_size)
        return;
    if (space)
        d->out[d->size++] = ' ';
    memcpy(d->out + d->size, word.text, word.length);
    d->size += word.length;
    d->glued = word.text[word.length - 1] != '\n' && !strchr("([", word.text[word.length - 1]);
}

static void write_range(struct draft *d, const struct words *w, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < w->count; i++)
        write(d, w->items[i]);
}

/* The end of a stretch that begins at a word: a few words, or up to the bracket that closes it. */
static size_t stretch(const struct words *w, size_t from, uint32_t *random)
{
    int open = 0;
    if (next(random, 2) == 0)
        return from + 1 + next(random, 6);
    for (size_t i = from; i < w->count; i++) {
        open += strchr("([{", w->items[i].text[0]) != NULL;
        open -= strchr(")]}", w->items[i].text[0]) != NULL;
        if (open <= 0 && (i > from || strchr("([{", w->items[from].text[0]) == NULL))
            return i + 1;
    }
    return w->count;
}

static struct word some_word(uint32_t *random)
{
    size_t count = 0;
    const char *text;
    while (fuzz_words[count])
        count++;
    text = fuzz_words[next(random, (uint32_t)count)];
    return (struct word){ (const uint8_t *)text, strlen(text) };
}

static void change(struct draft *d, const struct words *w, uint32_t *random)
{
    size_t a = next(random, (uint32_t)w->count), b = next(random, (uint32_t)w->count);
    size_t a_end = stretch(w, a, random), b_end = stretch(w, b, random);
    switch (next(random, 8)) {
    case 0: /* leave out */
        write_range(d, w, 0, a);
        write_range(d, w, a_end, w->count);
        break;
    case 1: /* twice, one time elsewhere */
        write_range(d, w, 0, b);
        write_range(d, w, a, a_end);
        write_range(d, w, b, w->count);
        break;
    case 2: /* two change places */
        if (a > b) {
            size_t swap = a, swap_end = a_end;
            a = b, a_end = b_end;
            b = swap, b_end = swap_end;
        }
        a_end = a_end < b ? a_end : b;
        write_range(d, w, 0, a);
        write_range(d, w, b, b_end);
        write_range(d, w, a_end, b);
        write_range(d, w, a, a_end);
        write_range(d, w, b_end, w->count);
        break;
    case 3:
    case 4: /* one in the place of another */
        write_range(d, w, 0, a);
        write_range(d, w, b, b_end);
        write_range(d, w, a_end, w->count);
        break;
    case 5: /* a word of the same kind */
        write_range(d, w, 0, a);
        for (size_t i = 0; i < 50; i++) {
            size_t other = next(random, (uint32_t)w->count);
            if (is_letter(w->items[other].text[0]) == is_letter(w->items[a].text[0])) {
                write(d, w->items[other]);
                break;
            }
        }
        write_range(d, w, a + 1, w->count);
        break;
    case 6: /* a word of the language, instead of one or before it */
        write_range(d, w, 0, a);
        write(d, some_word(random));
        write_range(d, w, a + next(random, 2), w->count);
        break;
    default: /* in brackets */
        write_range(d, w, 0, a);
        write(d, (struct word){ (const uint8_t *)"(", 1 });
        write_range(d, w, a, a_end);
        write(d, (struct word){ (const uint8_t *)")", 1 });
        write_range(d, w, a_end, w->count);
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static struct words words;
    static uint8_t copy[1 << 16];
    uint32_t random = seed;
    if (size > sizeof copy || size == 0 || next(&random, 8) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    for (uint32_t i = 1 + next(&random, 3); i > 0 && size > 0 && size <= sizeof copy; i--) {
        struct draft draft = { data, 0, max_size, false };
        memcpy(copy, data, size);
        split(copy, size, &words);
        if (words.count == 0)
            return LLVMFuzzerMutate(data, size, max_size);
        change(&draft, &words, &random);
        size = draft.size;
    }
    return size;
}

/* Statements of both: the first lines of one, a part of the other, the rest of the first. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max_size, unsigned seed)
{
    static struct words first, second;
    struct draft draft = { out, 0, max_size, false };
    uint32_t random = seed;
    size_t at, from;
    split(a, a_size, &first);
    split(b, b_size, &second);
    if (first.count == 0 || second.count == 0)
        return 0;
    at = next(&random, (uint32_t)first.count);
    from = next(&random, (uint32_t)second.count);
    write_range(&draft, &first, 0, at);
    write_range(&draft, &second, from, stretch(&second, from, &random));
    write_range(&draft, &first, next(&random, 2) ? at : stretch(&first, at, &random), first.count);
    return draft.size;
}
