/* value_map.c -- a hash table that is emptied by counting up. */
#include "jit/llvm/value_map.h"

#include <stdlib.h>

void jr_value_map_init(struct jr_value_map *map)
{
    *map = (struct jr_value_map){ .slot_count = 1024 };
    map->slots = calloc(map->slot_count, sizeof map->slots[0]);
    if (map->slots == NULL)
        abort(); /* as LLVM itself does without memory */
}

void jr_value_map_fini(struct jr_value_map *map)
{
    free(map->slots);
    *map = (struct jr_value_map){ 0 };
}

void jr_value_map_clear(struct jr_value_map *map)
{
    map->round++;
}

/* The slot of `from`, or the free one where it belongs. */
static struct jr_value_slot *find_slot(const struct jr_value_map *map, LLVMValueRef from)
{
    size_t mask = map->slot_count - 1;
    size_t at = (((uintptr_t)from >> 4) * (size_t)0x9e3779b97f4a7c15u) >> 32 & mask;
    while (map->slots[at].round == map->round && map->slots[at].from != from)
        at = (at + 1) & mask;
    return &map->slots[at];
}

void jr_value_map_bind(struct jr_value_map *map, LLVMValueRef from, LLVMValueRef to)
{
    *find_slot(map, from) = (struct jr_value_slot){ .round = map->round, .from = from, .to = to };
}

LLVMValueRef jr_value_map_find(const struct jr_value_map *map, LLVMValueRef from)
{
    const struct jr_value_slot *slot = find_slot(map, from);
    return slot->round == map->round ? slot->to : NULL;
}
