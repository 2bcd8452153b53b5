/* probe.h -- numbers that a script shows to the host: Probe!(label).
 *
 * A macro makes the probes while the script is compiled; each keeps the newest values that went through it in a ring, which any
 * thread may read while the script runs.  Writing neither allocates nor waits. */
#ifndef JR_HOST_PROBE_H
#define JR_HOST_PROBE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "runtime/vm.h"

struct jr_alloc;

struct jr_probe {
    char *name;
    _Atomic double *values; /* number n is at n % length */
    uint32_t length;        /* a power of two */
    _Atomic uint64_t begun, written; /* values that are being written, and that are: apart while one is under way */
};

/* Zeroed: empty. */
struct jr_probes {
    struct jr_probe **items;
    size_t count, capacity;
};

/* The probe of this name, made with a ring of `length` values if there is none.  JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_probes_add(struct jr_probes *probes, const struct jr_alloc *alloc, const char *name, uint32_t length,
                             uint32_t *index);
/* Fills an empty table with the same probes, which have seen nothing.  JR_OK, or JR_ERR_NO_MEMORY with part of them. */
enum jr_status jr_probes_copy(struct jr_probes *to, const struct jr_probes *from, const struct jr_alloc *alloc,
                              uint32_t length);
/* NULL if there is none. */
struct jr_probe *jr_probes_find(const struct jr_probes *probes, const char *name);
void jr_probes_fini(struct jr_probes *probes, const struct jr_alloc *alloc);

/* Copies the newest values, at most `capacity`, oldest first, and gives how many; values that are overwritten meanwhile are left out.
 * *total: how many have been written in all, up to the newest one copied.  Any thread. */
size_t jr_probe_read(struct jr_probe *probe, double *values, size_t capacity, uint64_t *total);

/* "probe.put" (value, number) -> the value.  probes: borrowed for the life of what is linked to it. */
struct jr_host_function jr_probe_function(struct jr_probes *probes);

#endif
