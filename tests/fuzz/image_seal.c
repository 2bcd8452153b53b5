/* image_seal.c -- see fuzz.h. */
#include <string.h>

#include "ir/base/hash.h"
#include "ir/image.h"
#include "ir/image_internal.h"
#include "tests/fuzz/fuzz.h"

void fuzz_seal_image(uint8_t *data, size_t size)
{
    struct jr_image_header header = {
        .version = JR_IMAGE_VERSION,
        .byte_order = JR_IMAGE_BYTE_ORDER,
        .fingerprint = jr_image_fingerprint(),
        .body_size = size - sizeof header,
    };
    if (size < sizeof header)
        return;
    memcpy(header.magic, JR_IMAGE_MAGIC, sizeof header.magic);
    header.body_hash = jr_hash_bytes(0, data + sizeof header, size - sizeof header);
    memcpy(data, &header, sizeof header);
}
