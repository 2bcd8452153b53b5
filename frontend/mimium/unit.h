/* unit.h -- one compilation of mimium source: what all of its passes share.
 *
 * Everything a pass makes lies in the arena and dies with it, and no C frame between jr_unit's owner and a pass owns anything
 * else.  So a pass need not check for memory at every node: jr_unit_leave unwinds to the owner with a status (JR_ERR_NO_MEMORY, or
 * JR_ERR_DIAGNOSED once a limit has been reported) and the owner ends the arena, the builder and the symbols. */
#ifndef JR_FRONTEND_MIMIUM_UNIT_H
#define JR_FRONTEND_MIMIUM_UNIT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frontend/diag.h"
#include "frontend/intern.h"
#include "frontend/source.h"
#include "ir/base/arena.h"
#include "ir/base/status.h"

struct jr_builtin;
struct jr_mm_stage;

struct jr_unit {
    const struct jr_alloc *alloc;
    struct jr_arena *arena;
    struct jr_symbols *symbols;
    const struct jr_sources *sources;
    struct jr_diags *diags;
    bool self_init_0; /* a function with `self` gives its previous value instead of the new one */
    const struct jr_builtin *hosts; /* functions of the host that programs may call (builtins.h) */
    uint32_t host_count;
    struct jr_mm_stage *stage; /* while code of the macro stage is emitted */
    jmp_buf owner;
};

/* Goes back to the owner's setjmp with `status`, which is not JR_OK. */
_Noreturn void jr_unit_leave(struct jr_unit *unit, enum jr_status status);

/* Reports E-LIMIT at `span` and leaves. */
_Noreturn __attribute__((format(printf, 3, 4))) void
jr_unit_leave_limit(struct jr_unit *unit, struct jr_span span, const char *format, ...);

/* Zeroed arena memory; leaves when there is none. */
void *jr_unit_take(struct jr_unit *unit, size_t count, size_t size);
#define JR_UNIT_NEW(unit, type) ((type *)jr_unit_take((unit), 1, sizeof(type)))
#define JR_UNIT_ARRAY(unit, type, count) ((type *)jr_unit_take((unit), (count), sizeof(type)))

/* The symbol of a NUL-terminated text; leaves when there is no memory. */
jr_symbol jr_unit_symbol(struct jr_unit *unit, const char *text);
/* The text of a symbol; valid until the symbols end. */
const char *jr_unit_text(const struct jr_unit *unit, jr_symbol symbol);
/* printf into the arena. */
__attribute__((format(printf, 2, 3))) const char *jr_unit_format(struct jr_unit *unit, const char *format,
                                                                 ...);

/* A growable list in the arena: JR_UNIT_LIST(struct jr_x *) list; JR_UNIT_PUSH(unit, &list, x). */
#define JR_UNIT_LIST(type)        \
    struct {                      \
        type *items;              \
        uint32_t count, capacity; \
    }
#define JR_UNIT_PUSH(unit, list, ...)                                                                  \
    ((list)->items =                                                                                   \
         jr_unit_grow((unit), (list)->items, (list)->count, &(list)->capacity, sizeof *(list)->items), \
     (list)->items[(list)->count++] = (__VA_ARGS__))
void *jr_unit_grow(struct jr_unit *unit, void *items, uint32_t count, uint32_t *capacity, size_t item_size);

#endif
