/* hash.c -- eight bytes at a time: add, multiply, fold the high half down.
 *
 * The multiplier is 2^64 divided by the golden ratio, made odd: it spreads neighbouring words far apart.  Folding after
 * each step lets the low bits, which pick the slot of a table, depend on every input bit. */
#include "ir/base/hash.h"

static const uint64_t MULTIPLIER = 0x9e3779b97f4a7c15u;

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= MULTIPLIER;
    hash ^= hash >> 29;
    return hash;
}

uint64_t jr_hash_word(uint64_t seed, uint64_t word)
{
    return mix((seed + MULTIPLIER) ^ mix(word + 1));
}

uint64_t jr_hash_bytes(uint64_t seed, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t hash = jr_hash_word(seed, size);
    for (size_t left = size; left != 0;) {
        size_t taken = left < 8 ? left : 8;
        uint64_t word = 0;
        for (size_t i = 0; i < taken; i++)
            word |= (uint64_t)at[i] << (8 * i);
        hash = mix((hash + MULTIPLIER) ^ word);
        at += taken;
        left -= taken;
    }
    return mix(hash);
}
