/* vec.h -- a small growable array of any type.
 *
 *   JR_VEC_OF(token_vec, struct token);             declares struct token_vec {items, count, capacity}
 *   struct token_vec tokens = { 0 };                empty, owns nothing
 *   status = JR_VEC_PUSH(alloc, &tokens, token);    JR_OK or JR_ERR_NO_MEMORY (then nothing has changed)
 *   JR_VEC_FREE(alloc, &tokens);                    ends it; empty again
 *
 * items[0 .. count) is valid until the next push or free.  The macros read `vec` several times. */
#ifndef JR_IR_BASE_VEC_H
#define JR_IR_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

#include "ir/base/alloc.h"
#include "ir/base/status.h"

/* The type without a name, for a member or a local variable; and with one. */
#define JR_VEC(type)            \
    struct {                    \
        type *items;            \
        size_t count, capacity; \
    }
#define JR_VEC_OF(name, type)   \
    struct name {               \
        type *items;            \
        size_t count, capacity; \
    }

/* Room for `extra` more items. */
#define JR_VEC_RESERVE(alloc, vec, extra)                                                     \
    (jr_vec_reserve((alloc), (void **)&(vec)->items, &(vec)->capacity, (vec)->count, (extra), \
                    sizeof *(vec)->items)                                                     \
         ? JR_OK                                                                              \
         : JR_ERR_NO_MEMORY)

#define JR_VEC_PUSH(alloc, vec, ...)                                                    \
    (jr_vec_reserve((alloc), (void **)&(vec)->items, &(vec)->capacity, (vec)->count, 1, \
                    sizeof *(vec)->items)                                               \
         ? ((vec)->items[(vec)->count++] = (__VA_ARGS__), JR_OK)                        \
         : JR_ERR_NO_MEMORY)

#define JR_VEC_POP(vec) ((vec)->items[--(vec)->count])

#define JR_VEC_FREE(alloc, vec)                                                                         \
    (jr_alloc_free((alloc), (vec)->items, (vec)->capacity * sizeof *(vec)->items), (vec)->items = NULL, \
     (vec)->count = 0, (vec)->capacity = 0, (void)0)

/* What the macros stand on: false if there is no memory. */
bool jr_vec_reserve(const struct jr_alloc *alloc, void **items, size_t *capacity, size_t count, size_t extra,
                    size_t item_size);

#endif
