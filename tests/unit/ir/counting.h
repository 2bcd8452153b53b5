/* counting.h -- an allocator that counts live blocks and can refuse one call. */
#ifndef JR_TESTS_UNIT_IR_COUNTING_H
#define JR_TESTS_UNIT_IR_COUNTING_H

#include <stddef.h>

#include "ir/base/alloc.h"

struct counting {
    size_t live_blocks, live_bytes;
    size_t calls;   /* that ask for memory */
    size_t fail_at; /* this call and all after it fail; 0: none */
};

extern struct counting counting;
extern const struct jr_alloc counting_alloc;

void counting_reset(size_t fail_at);

#endif
