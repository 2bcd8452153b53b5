/* similar.h -- what a misspelt name may have meant. */
#ifndef JR_FRONTEND_MIMIUM_SIMILAR_H
#define JR_FRONTEND_MIMIUM_SIMILAR_H

#include <stddef.h>

/* A search for the name that is the fewest edits away from `text`; more than a slip's worth of edits is no find. */
struct jr_similar {
    const char *text;
    const char *best; /* borrowed from jr_similar_consider; NULL while there is none */
    size_t limit;     /* a better name is fewer edits away than this */
};

struct jr_similar jr_similar_start(const char *text);
/* Of equally good names the first is kept. */
void jr_similar_consider(struct jr_similar *similar, const char *other);

#endif
