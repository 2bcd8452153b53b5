/* shape.h -- which words of a value are references, ready for release.
 *
 * A layout says it word by word, and for a sum by way of the variant's layout.  Release asks often, so the answer is kept as a mask of
 * words: one for a plain layout, one for each tag where the value is one sum.  What fits neither is walked (value.h). */
#ifndef JR_RUNTIME_SHAPE_H
#define JR_RUNTIME_SHAPE_H

#include <stdint.h>
#include "ir/base/status.h"
#include "ir/module.h"

struct jr_alloc;

enum jr_shape_kind { JR_SHAPE_RAW, JR_SHAPE_PLAIN, JR_SHAPE_SUM, JR_SHAPE_OTHER };

struct jr_shape {
    uint32_t kind;  /* enum jr_shape_kind */
    uint32_t first; /* in `masks`: the mask, or that of tag 0 */
};

/* Of all layouts of a module; bit i of a mask: word i is a reference. */
struct jr_shapes {
    struct jr_shape *items; /* by layout */
    uint64_t *masks;
    uint32_t count, mask_count;
};

/* Fails with JR_ERR_NO_MEMORY. */
enum jr_status jr_shapes_init(struct jr_shapes *shapes, const struct jr_alloc *alloc, const struct jr_module *module);
void jr_shapes_fini(struct jr_shapes *shapes, const struct jr_alloc *alloc); /* zeroed is allowed */

#endif
