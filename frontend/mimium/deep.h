/* deep.h -- passes over trees of any height.
 *
 * A pass recurses along the tree, which may be JR_MM_DEPTH_MAX high.  Trees that people write are low and are walked on the
 * caller's stack; a pass over a higher one runs where there is room for it. */
#ifndef JR_FRONTEND_MIMIUM_DEEP_H
#define JR_FRONTEND_MIMIUM_DEEP_H

#include <stdint.h>

#include "ir/base/status.h"

/* The height up to which a pass uses the caller's stack: at 1 KiB a level (two plain C frames, unoptimised) that is half a MiB, the
 * smallest stack a thread commonly has. */
enum { JR_MM_DEPTH_SHALLOW = 500 };

/* Calls run(context), which walks trees of up to `height` levels; on a larger stack if it is above JR_MM_DEPTH_SHALLOW.
 * Nothing in it may jump (longjmp) to outside.  Fails with JR_ERR_NO_MEMORY, and has not called it then. */
enum jr_status jr_mm_run_deep(uint32_t height, void (*run)(void *context), void *context);

#endif
