/* index_map.h -- finds items of a table by hash.
 *
 * The map keeps hashes and indices only; the items stay in the caller's table, which compares them:
 *
 *   size_t probe = 0;
 *   uint32_t index;
 *   while ((index = jr_index_map_next(&map, hash, &probe)) != UINT32_MAX)
 *       if (same(items[index], wanted))
 *           return index;
 *   status = jr_index_map_add(alloc, &map, hash, new_index); */
#ifndef JR_IR_BASE_INDEX_MAP_H
#define JR_IR_BASE_INDEX_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_index_slot;

struct jr_index_map {
    struct jr_index_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* The next index stored under `hash`, UINT32_MAX if there is no further one.  *probe is 0 at first; adding ends a search. */
uint32_t jr_index_map_next(const struct jr_index_map *map, uint64_t hash, size_t *probe);
/* JR_OK or JR_ERR_NO_MEMORY (then nothing has changed).  index < UINT32_MAX. */
enum jr_status jr_index_map_add(const struct jr_alloc *alloc, struct jr_index_map *map, uint64_t hash,
                                uint32_t index);
void jr_index_map_fini(const struct jr_alloc *alloc, struct jr_index_map *map); /* empty again */

#endif
