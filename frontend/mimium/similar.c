/* similar.c -- edit distance. */
#include "frontend/mimium/similar.h"

#include <string.h>

/* Edit distance of two names, or `limit` if it is no less. */
static size_t distance(const char *a, const char *b, size_t limit)
{
    enum { LENGTH_MAX = 40 };
    size_t row[LENGTH_MAX + 1], a_length = strlen(a), b_length = strlen(b);
    size_t gap = a_length > b_length ? a_length - b_length : b_length - a_length;
    if (b_length > LENGTH_MAX || gap >= limit)
        return limit;
    for (size_t k = 0; k <= b_length; k++)
        row[k] = k;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b_length; k++) {
            size_t best = diagonal + (a[i - 1] != b[k - 1]);
            diagonal = row[k];
            if (row[k] + 1 < best)
                best = row[k] + 1;
            if (row[k - 1] + 1 < best)
                best = row[k - 1] + 1;
            row[k] = best;
        }
    }
    return row[b_length] < limit ? row[b_length] : limit;
}

struct jr_similar jr_similar_start(const char *text)
{
    size_t length = strlen(text);
    return (struct jr_similar){ text, NULL, length <= 2 ? 1 : length <= 5 ? 2 : 3 };
}

void jr_similar_consider(struct jr_similar *similar, const char *other)
{
    size_t apart = distance(similar->text, other, similar->limit);
    if (apart < similar->limit) {
        similar->best = other;
        similar->limit = apart;
    }
}
