/* pair.h -- which spot of a new version goes on with what which spot of the old one held.
 *
 * From the program down, for the children of two spots that are a pair:
 *
 *   1. text    the same kind, name and source text: as many in both, the first goes with the first, the second with the second ...
 *   2. name    the same kind and name, likewise
 *   3. order   what is left, also of names that are more often in one than in the other, is aligned by shape: from the end, as in the
 *              example below.  Different names go together only if the old name is nowhere in the new program and the new one nowhere
 *              in the old: then it was renamed.  First whole shapes count, then also delays whose length has changed.
 *
 * Then, of calls and closures that are still alone: the same name and shape anywhere, as often alone in both programs, was moved (wrapped
 * into a function, taken out of one).
 *
 *   old  dsp: counter, counter        new  dsp: counter       the last one is kept
 *   old  dsp: counter                 new  dsp: counter, counter      the last one goes on, the first begins
 *
 * Pairs are of one kind, but for calls and closures; each spot is in one pair at most. */
#ifndef JR_RUNTIME_MIGRATE_PAIR_H
#define JR_RUNTIME_MIGRATE_PAIR_H

#include <stdint.h>

#include "ir/base/status.h"
#include "runtime/migrate/spots.h"

struct jr_alloc;

enum jr_pair_how { JR_PAIR_NONE, JR_PAIR_NAMED, JR_PAIR_ALIGNED, JR_PAIR_MOVED };

struct jr_pairing {
    const struct jr_alloc *alloc;
    uint32_t from_count, to_count;
    uint32_t *from_of; /* by spot of the new tree: the old one, or JR_NONE */
    uint32_t *to_of;   /* by spot of the old tree */
    uint8_t *how;      /* by spot of the new tree: enum jr_pair_how */
};

/* Needs time in proportion to the spots, and for those that names do not settle to the product of their numbers; not for an audio thread.
 * JR_OK or JR_ERR_NO_MEMORY; jr_pairing_fini ends it in either case. */
enum jr_status jr_pair_spots(const struct jr_alloc *alloc, const struct jr_spots *from,
                             const struct jr_spots *to, struct jr_pairing *out);
void jr_pairing_fini(struct jr_pairing *pairing);

#endif
