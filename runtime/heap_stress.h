/* heap_stress.h -- the blocks of a stressed heap: noted, poisoned, kept back; used by heap.c alone. */
#ifndef JR_RUNTIME_HEAP_STRESS_H
#define JR_RUNTIME_HEAP_STRESS_H

#include <stddef.h>
#include <stdint.h>

struct jr_heap;
struct jr_object;

/* Checks the heap, then makes a block of `size` bytes filled with a pattern; NULL if there is no memory. */
void *jr_heap_stress_new(struct jr_heap *heap, size_t size, uint64_t place);
/* The object of the block is complete: notes its number and, with `trace`, reports it. */
void jr_heap_stress_made(struct jr_heap *heap, struct jr_object *object);
/* Fills the object with another pattern and keeps it back; the oldest block kept back is checked and freed. */
void jr_heap_stress_free(struct jr_heap *heap, struct jr_object *object);
void jr_heap_stress_fini(struct jr_heap *heap);

#endif
