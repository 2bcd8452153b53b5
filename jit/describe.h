/* describe.h -- compiled code is described to whoever looks at it from outside: perf, GDB, the profiler of the host.
 *
 * All of it runs on the compile thread, between linking and the first moment at which the VM may run the code. */
#ifndef JR_JIT_DESCRIBE_H
#define JR_JIT_DESCRIBE_H

#include "jit/jit.h"
#include "jit/provider.h"

struct jr_gdb_object; /* one that GDB knows of */

/* What debug locations the compiler has to attach for this configuration. */
enum jr_debug_kind jr_describe_debug(const struct jr_jit_config *config);

/* Code in memory stays where it is until the JIT ends, so that addresses seen before still mean the same. */
bool jr_describe_keeps_code(const struct jr_jit_config *config);

/* Describes every item of the batch that has an entry, and takes batch->lines and batch->object.  *object is what jr_describe_gone wants
 * when the code is freed: NULL if it is nothing. */
void jr_describe_batch(const struct jr_jit_config *config, const char *kind, struct jr_batch *batch,
                       struct jr_gdb_object **object);
void jr_describe_nothing(struct jr_batch *batch); /* instead of jr_describe_batch, when the code is dropped */
void jr_describe_gone(struct jr_gdb_object *object);

/* perfmap.c: a line in /tmp/perf-PID.map.  False: it cannot be written, errno says why. */
bool jr_perf_map_add(const struct jr_jit_code *code);
/* jitdump.c: records in ./jit-PID.dump. */
bool jr_jitdump_add(const struct jr_jit_code *code);
/* gdb.c: takes `object`, malloc'ed, the ELF object whose text section was linked to the address `text`. */
struct jr_gdb_object *jr_gdb_add(void *object, uint64_t size, uint64_t text);
void jr_gdb_remove(struct jr_gdb_object *object);

#endif
