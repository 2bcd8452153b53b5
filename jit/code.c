/* code.c -- how long machine code lives.  All of this runs on the compile thread.
 *
 * A unit is the code of one batch.  Entries and loops lead into it; when an optimised version has replaced its last entry it is
 * retired.  Frames may still be inside: it is freed once the VM has been between frames after that moment.  The epoch is
 * read by an atomic read-modify-write that comes after the store of the new entry, and raised by another on the VM's thread;
 * both are ordered, so once the epoch is greater the VM loads only newer entries. */
#include "ir/base/alloc.h"
#include "jit/internal.h"

struct jr_unit *jr_jit_unit_create(struct jr_jit *jit, const char *kind, struct jr_batch *batch)
{
    struct jr_unit *unit = jr_alloc_new(jit->alloc, sizeof *unit);
    if (unit == NULL) {
        jr_describe_nothing(batch);
        return NULL;
    }
    *unit = (struct jr_unit){ .next = jit->units, .code = batch->code, .reference_count = 1 };
    jit->units = unit;
    jr_describe_batch(&jit->config, kind, batch, &unit->described);
    return unit;
}

void jr_jit_unit_release(struct jr_jit *jit, struct jr_unit *unit)
{
    if (--unit->reference_count > 0)
        return;
    unit->epoch = atomic_fetch_add_explicit(&jit->epoch, 0, memory_order_acq_rel);
    jit->retired_count++;
}

static void free_unit(struct jr_jit *jit, struct jr_unit *unit)
{
    jr_describe_gone(unit->described);
    jr_link_release(unit->code);
    jr_alloc_free(jit->alloc, unit, sizeof *unit);
}

void jr_jit_free_retired(struct jr_jit *jit)
{
    if (jr_describe_keeps_code(&jit->config))
        return;
    uint64_t now = atomic_load_explicit(&jit->epoch, memory_order_acquire);
    for (struct jr_unit **link = &jit->units; *link != NULL;) {
        struct jr_unit *unit = *link;
        if (unit->reference_count == 0 && unit->epoch < now) {
            *link = unit->next;
            jit->retired_count--;
            free_unit(jit, unit);
        } else {
            link = &unit->next;
        }
    }
}

void jr_jit_free_units(struct jr_jit *jit)
{
    while (jit->units != NULL) {
        struct jr_unit *unit = jit->units;
        jit->units = unit->next;
        free_unit(jit, unit);
    }
}
