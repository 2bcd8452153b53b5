/* cache.h -- compiled objects on disk, so that a program that was compiled before runs compiled at once and without LLVM.
 *
 * An entry is a file whose name is the key: 128 bits over all that the object depends on (cache_key.c).  It carries its key, its size and a
 * checksum; whatever does not fit is ignored with a notice, removed and compiled again.  Files appear whole (written beside, then renamed), so
 * any number of processes may share a folder.  The folder is bounded: after each new entry the oldest go until three quarters are left; using an
 * entry makes it young.
 *
 * Objects hold no address of this process (jit/link.h); one that does all the same is left out.  Used by the compile thread. */
#ifndef JR_JIT_CACHE_H
#define JR_JIT_CACHE_H

#include <stdbool.h>
#include <stdint.h>

struct jr_batch;
struct jr_compiler_config;
struct jr_jit;

struct jr_cache_key {
    uint64_t words[2];
};

/* The key of a batch, before it is compiled.  Gives NULL, or why it has none, in static words. */
const char *jr_cache_key(struct jr_jit *jit, const struct jr_batch *batch, struct jr_cache_key *key);
/* Why a compiled batch must not be kept, in static words; NULL if it may. */
const char *jr_cache_objection(const struct jr_batch *batch);

/* Fills the batch as jr_provider.compile does and gives true, if there is an entry. */
bool jr_cache_find(struct jr_jit *jit, const struct jr_cache_key *key, struct jr_batch *batch);
/* Keeps a compiled batch.  Failures are told once, and change nothing else. */
void jr_cache_store(struct jr_jit *jit, const struct jr_cache_key *key, const struct jr_batch *batch);

#endif
