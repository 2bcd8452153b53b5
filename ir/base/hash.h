/* hash.h -- a 64-bit hash of bytes, for tables, image checksums and cache keys.
 *
 * Not for defence against somebody who chooses the bytes.  The value is the same on every machine. */
#ifndef JR_IR_BASE_HASH_H
#define JR_IR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* `seed` is 0 or an earlier hash that this one continues; bytes may be NULL if size is 0. */
uint64_t jr_hash_bytes(uint64_t seed, const void *bytes, size_t size);
uint64_t jr_hash_word(uint64_t seed, uint64_t word);

#endif
