/* image.h -- a module as bytes: saved once, loaded later by the same build of the instruction set.
 *
 *   header   magic, version, byte order, fingerprint of the instruction list, size and hash of what follows
 *   keys     a path and a content hash for every file that the module was made from
 *   tables   those of ir/module.h in their order; what follows from others (ir/draft.h) is not stored
 *
 * Numbers have the byte order of the machine that saved; a machine of the other order refuses the image.  Nothing is trusted:
 * sizes are limited by the bytes that are left, and the module has passed jr_verify before it is handed out. */
#ifndef JR_IR_IMAGE_H
#define JR_IR_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/sb.h"
#include "ir/base/status.h"

struct jr_alloc;
struct jr_module;

/* A file that the module depends on: when its content has another hash, the image is out of date. */
struct jr_image_key {
    const char *path;
    uint64_t hash; /* jr_hash_bytes(0, content, size) */
};
struct jr_image_keys {
    const struct jr_image_key *items;
    uint32_t count;
};

/* Appends the image of a verified module.  JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_image_save(const struct jr_module *module, const struct jr_image_key *keys,
                             uint32_t key_count, struct jr_sb *out);

/* True if the bytes begin as an image does; for telling images from text. */
bool jr_image_recognise(const void *bytes, size_t size);

/* Makes the module of an image.
 *
 * bytes    borrowed for the call
 * *out     verified, owned by the caller; NULL on failure
 * keys     may be NULL; valid as long as the module
 * message  may be NULL; on failure the reason, cut to message_size
 * gives    JR_OK; JR_ERR_INVALID: no image, or a damaged one; JR_ERR_UNSUPPORTED: of another version, byte order or instruction
 *          set; JR_ERR_VERIFY: whole, but no valid module; JR_ERR_NO_MEMORY */
enum jr_status jr_image_load(const struct jr_alloc *alloc, const void *bytes, size_t size,
                             struct jr_module **out, struct jr_image_keys *keys, char *message,
                             size_t message_size);

/* Changes whenever an instruction, an operand, an effect or an error number changes its meaning. */
uint64_t jr_image_fingerprint(void);

#endif
