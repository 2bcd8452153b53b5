/* similar.c -- edit distance. */
#include "frontend/mimium/similar.h"

#include <string.h>

/* How many characters to insert, remove, replace or swap with their neighbour make one name the other; `limit` if they are
 * no fewer. */
static size_t distance(const char *a, const char *b, size_t limit)
{
    enum { LENGTH_MAX = 40 };
    unsigned char apart[LENGTH_MAX + 1][LENGTH_MAX + 1];
    size_t a_length = strlen(a), b_length = strlen(b);
    size_t gap = a_length > b_length ? a_length - b_length : b_length - a_length;
    if (a_length > LENGTH_MAX || b_length > LENGTH_MAX || gap >= limit)
        return limit;
    for (size_t i = 0; i <= a_length; i++)
        for (size_t k = 0; k <= b_length; k++) {
            unsigned best = (unsigned)(i + k);
            if (i > 0 && k > 0) {
                best = apart[i - 1][k - 1] + (unsigned)(a[i - 1] != b[k - 1]);
                if (apart[i - 1][k] + 1u < best)
                    best = apart[i - 1][k] + 1u;
                if (apart[i][k - 1] + 1u < best)
                    best = apart[i][k - 1] + 1u;
            }
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
                apart[i - 2][k - 2] + 1u < best)
                best = apart[i - 2][k - 2] + 1u;
            apart[i][k] = (unsigned char)best;
        }
    return apart[a_length][b_length] < limit ? apart[a_length][b_length] : limit;
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
