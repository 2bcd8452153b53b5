/* reduce.h -- angles of any size. */
#ifndef JR_RUNTIME_MATH_REDUCE_H
#define JR_RUNTIME_MATH_REDUCE_H

#include "runtime/math/trig.h"

/* Quarter turns and rest of `size`, finite and at least 2^-8; good to 70 bits relative to the rest. */
struct jr_angle jr_reduce_exactly(double size);

#endif
