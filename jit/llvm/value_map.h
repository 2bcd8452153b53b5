/* value_map.h -- which value of a body became which value of the function being made.
 *
 * Forgetting everything takes no time, so one map serves all copies of a thread. */
#ifndef JR_JIT_LLVM_VALUE_MAP_H
#define JR_JIT_LLVM_VALUE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <llvm-c/Types.h>

struct jr_value_slot {
    uint64_t round;
    LLVMValueRef from, to;
};

struct jr_value_map {
    struct jr_value_slot *slots; /* hash table; a slot is used where `round` is the current one */
    size_t slot_count;           /* a power of two, larger than the largest body */
    uint64_t round;
};

void jr_value_map_init(struct jr_value_map *map);
void jr_value_map_fini(struct jr_value_map *map);
void jr_value_map_clear(struct jr_value_map *map);
void jr_value_map_bind(struct jr_value_map *map, LLVMValueRef from, LLVMValueRef to);
LLVMValueRef jr_value_map_find(const struct jr_value_map *map, LLVMValueRef from); /* NULL: nothing yet */

#endif
