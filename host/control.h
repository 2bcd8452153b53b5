/* control.h -- numbers that the host sets and a script reads: Control!(label, init).
 *
 * A macro makes the controls while the script is compiled; its code reads them by index.  A program without this table (a saved one
 * that is loaded again) reads the initial values. */
#ifndef JR_HOST_CONTROL_H
#define JR_HOST_CONTROL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "runtime/vm.h"

struct jr_alloc;

struct jr_control {
    char *name; /* "label", "label.field", "label.0" */
    double initial;
    _Atomic double value; /* set from any thread */
};

/* Zeroed: empty. */
struct jr_controls {
    struct jr_control *items;
    size_t count, capacity;
};

/* The control of this name, made with the value `initial` if there is none.  JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_controls_add(struct jr_controls *controls, const struct jr_alloc *alloc, const char *name,
                               double initial, uint32_t *index);
/* Fills an empty table with the same controls; values begin as `initial`.  JR_OK, or JR_ERR_NO_MEMORY with part of them. */
enum jr_status jr_controls_copy(struct jr_controls *to, const struct jr_controls *from,
                                const struct jr_alloc *alloc);
/* NULL if there is none. */
struct jr_control *jr_controls_find(const struct jr_controls *controls, const char *name);
void jr_controls_fini(struct jr_controls *controls, const struct jr_alloc *alloc);

/* "control.get" (index, initial value) -> value.  controls: borrowed for the life of what is linked to it; NULL: initial values. */
struct jr_host_function jr_control_function(struct jr_controls *controls);

#endif
