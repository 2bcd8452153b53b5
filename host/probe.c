/* probe.c -- rings of recorded numbers: one writer, any number of readers. */
#include "host/probe.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/vec.h"
#include "runtime/ops.h"

struct jr_probe *jr_probes_find(const struct jr_probes *probes, const char *name)
{
    for (size_t i = 0; i < probes->count; i++)
        if (strcmp(probes->items[i]->name, name) == 0)
            return probes->items[i];
    return NULL;
}

static void destroy(struct jr_probe *probe, const struct jr_alloc *alloc)
{
    if (probe->name)
        jr_alloc_free(alloc, probe->name, strlen(probe->name) + 1);
    jr_alloc_free(alloc, probe->values, probe->length * sizeof probe->values[0]);
    jr_alloc_free(alloc, probe, sizeof *probe);
}

enum jr_status jr_probes_add(struct jr_probes *probes, const struct jr_alloc *alloc, const char *name, uint32_t length,
                             uint32_t *index)
{
    struct jr_probe *probe;
    for (*index = 0; *index < probes->count; ++*index)
        if (strcmp(probes->items[*index]->name, name) == 0)
            return JR_OK;
    probe = jr_alloc_new(alloc, sizeof *probe);
    if (!probe)
        return JR_ERR_NO_MEMORY;
    probe->length = length;
    probe->name = jr_alloc_new(alloc, strlen(name) + 1);
    probe->values = jr_alloc_array(alloc, length, sizeof probe->values[0]);
    if (probe->name)
        strcpy(probe->name, name);
    if (probe->name && probe->values && JR_VEC_PUSH(alloc, probes, probe) == JR_OK)
        return JR_OK;
    if (!probe->values)
        probe->length = 0;
    destroy(probe, alloc);
    return JR_ERR_NO_MEMORY;
}

enum jr_status jr_probes_copy(struct jr_probes *to, const struct jr_probes *from, const struct jr_alloc *alloc,
                              uint32_t length)
{
    enum jr_status status = JR_OK;
    uint32_t index;
    for (size_t i = 0; status == JR_OK && i < from->count; i++)
        status = jr_probes_add(to, alloc, from->items[i]->name, length, &index);
    return status;
}

void jr_probes_fini(struct jr_probes *probes, const struct jr_alloc *alloc)
{
    for (size_t i = 0; i < probes->count; i++)
        destroy(probes->items[i], alloc);
    JR_VEC_FREE(alloc, probes);
}

/* The ring may run around the reader: what it had overwritten by the time the copy was complete is dropped from the front. */
size_t jr_probe_read(struct jr_probe *probe, double *values, size_t capacity, uint64_t *total)
{
    uint64_t end = atomic_load_explicit(&probe->written, memory_order_acquire), oldest;
    uint64_t count = end < probe->length ? end : probe->length;
    if (count > capacity)
        count = capacity;
    for (uint64_t i = 0; i < count; i++)
        values[i] = atomic_load_explicit(&probe->values[(end - count + i) & (probe->length - 1)], memory_order_acquire);
    oldest = atomic_load_explicit(&probe->begun, memory_order_relaxed);
    oldest = oldest > probe->length ? oldest - probe->length : 0;
    *total = end;
    if (oldest > end - count) {
        uint64_t lost = oldest - (end - count);
        if (lost > count)
            lost = count;
        count -= lost;
        memmove(values, values + lost, count * sizeof values[0]);
    }
    return (size_t)count;
}

static int put(struct jr_task *task, void *user, uint64_t *words)
{
    const struct jr_probes *probes = user;
    double index = jr_f64(words[1]);
    (void)task;
    if (probes != NULL && index >= 0.0 && index < (double)probes->count) {
        struct jr_probe *probe = probes->items[(size_t)index];
        uint64_t number = atomic_load_explicit(&probe->written, memory_order_relaxed);
        atomic_store_explicit(&probe->begun, number + 1, memory_order_relaxed);
        /* who sees this value sees by `begun` that it is a new one */
        atomic_store_explicit(&probe->values[number & (probe->length - 1)], jr_f64(words[0]), memory_order_release);
        atomic_store_explicit(&probe->written, number + 1, memory_order_release);
    }
    return JR_RUN_OK;
}

struct jr_host_function jr_probe_function(struct jr_probes *probes)
{
    return (struct jr_host_function){ "probe.put", "ww", "w", put, probes, true };
}
