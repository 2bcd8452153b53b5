/* image_internal.h -- what saving and loading must agree on; internal to ir/image*.c. */
#ifndef JR_IR_IMAGE_INTERNAL_H
#define JR_IR_IMAGE_INTERNAL_H

#include <stdint.h>

enum { JR_IMAGE_VERSION = 1, JR_IMAGE_BYTE_ORDER = 0x01020304 };

/* Not text, and a transfer that changes line ends or cuts the eighth bit damages it visibly. */
static const unsigned char JR_IMAGE_MAGIC[8] = { 0x8a, 'J', 'R', 'I', '\r', '\n', 0x1a, '\n' };

struct jr_image_header {
    unsigned char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint64_t fingerprint;
    uint64_t body_size; /* bytes behind the header */
    uint64_t body_hash;
};
_Static_assert(sizeof(struct jr_image_header) == 40, "the header has no gaps");

#endif
