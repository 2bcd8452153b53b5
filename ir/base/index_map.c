/* index_map.c -- open addressing with linear probing, at most two thirds full. */
#include "ir/base/index_map.h"

#include "ir/base/alloc.h"

struct jr_index_slot {
    uint64_t hash;
    uint64_t index_plus_one; /* 0: free */
};

uint32_t jr_index_map_next(const struct jr_index_map *map, uint64_t hash, size_t *probe)
{
    if (map->capacity == 0)
        return UINT32_MAX;
    for (;; (*probe)++) {
        const struct jr_index_slot *slot = &map->slots[(hash + *probe) & (map->capacity - 1)];
        if (slot->index_plus_one == 0)
            return UINT32_MAX;
        if (slot->hash == hash) {
            (*probe)++;
            return (uint32_t)(slot->index_plus_one - 1);
        }
    }
}

static void place(struct jr_index_slot *slots, size_t capacity, struct jr_index_slot item)
{
    size_t at = item.hash & (capacity - 1);
    while (slots[at].index_plus_one != 0)
        at = (at + 1) & (capacity - 1);
    slots[at] = item;
}

static enum jr_status grow(const struct jr_alloc *alloc, struct jr_index_map *map)
{
    size_t capacity = map->capacity == 0 ? 16 : map->capacity * 2;
    struct jr_index_slot *slots = jr_alloc_array(alloc, capacity, sizeof *slots);
    if (slots == NULL)
        return JR_ERR_NO_MEMORY;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].index_plus_one != 0)
            place(slots, capacity, map->slots[i]);
    jr_alloc_free(alloc, map->slots, map->capacity * sizeof *slots);
    map->slots = slots;
    map->capacity = capacity;
    return JR_OK;
}

enum jr_status jr_index_map_add(const struct jr_alloc *alloc, struct jr_index_map *map, uint64_t hash,
                                uint32_t index)
{
    if ((map->count + 1) * 3 > map->capacity * 2) {
        enum jr_status status = grow(alloc, map);
        if (status != JR_OK)
            return status;
    }
    place(map->slots, map->capacity, (struct jr_index_slot){ hash, (uint64_t)index + 1 });
    map->count++;
    return JR_OK;
}

void jr_index_map_fini(const struct jr_alloc *alloc, struct jr_index_map *map)
{
    jr_alloc_free(alloc, map->slots, map->capacity * sizeof *map->slots);
    *map = (struct jr_index_map){ 0 };
}
