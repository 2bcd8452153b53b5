/* migration.h -- a new version of a program takes over what the old one holds.
 *
 *   old VM: global code has run -> jr_spots_create -> renders ...
 *   new VM: global code has run -> jr_spots_create -> jr_migration_create                      any thread
 *                                                     jr_migration_run                         between two blocks of the old VM
 *                                                     the new VM renders, jr_migration_describe ...
 *
 * What goes over, for each pair of spots (pair.h):
 *
 *   self, mem       as they are, if the number of words is the same; a self of another size, or with references in it, begins anew
 *   delay           the newest samples, as many as both lines have room for; what is older is silence
 *   global, cell    that code assigns: as it is, if the global code of both versions left the same words in it; otherwise the definition
 *                   was edited, and the new one counts
 *   waiting tasks   at their time, if their closure has a partner, or is a function of the same name that needs no closure of its own
 *
 * Tasks that the new global code has asked for are taken as relative to the moment of the swap, and left out where a task of the same
 * closure goes on.  The clock goes on.  Nothing in the old VM changes, so it may go on sounding, or take over again later: then what has no
 * partner is as it was left. */
#ifndef JR_RUNTIME_MIGRATE_MIGRATION_H
#define JR_RUNTIME_MIGRATE_MIGRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "runtime/migrate/spots.h"

struct jr_alloc;
struct jr_migration;
struct jr_sb;

/* Waiting tasks of the old version that can go over at most. */
enum { JR_MIGRATION_TASKS = 1024 };

/* Makes the plan: reads both trees and, of the VMs, only what does not change while they run; `to` must not run meanwhile, and gets room for
 * tasks.  JR_OK, JR_ERR_NO_MEMORY or JR_ERR_MEMORY_LIMIT of the new VM; *out is then NULL.
 * Both trees must outlive jr_migration_run.  Owner: the caller, who ends it with jr_migration_destroy. */
enum jr_status jr_migration_create(const struct jr_alloc *alloc, const struct jr_spots *from,
                                   const struct jr_spots *to, struct jr_migration **out);
void jr_migration_destroy(struct jr_migration *migration); /* NULL is allowed */

/* Carries the plan out.  Both VMs must be between runs.  Allocates, locks and prints nothing and cannot fail; costs little more than
 * copying the words.  May be done again later, for the same two VMs. */
void jr_migration_run(struct jr_migration *migration);

/* Spots that hold something, and what became of them. */
struct jr_migration_report {
    uint32_t kept;    /* in the same place of the program */
    uint32_t moved;   /* under another name or in another place */
    uint32_t resized; /* delays of another length; among kept or moved, too */
    uint32_t dropped; /* of the old version, without a successor */
    uint32_t
        reset; /* in both, but of another type, with references, or with an edited definition: begins anew */
    uint32_t fresh; /* of the new version only */
    uint64_t words; /* that are copied */
    /* known after jr_migration_run */
    uint32_t tasks_kept, tasks_dropped, tasks_new, tasks_left_out;
};
void jr_migration_get_report(const struct jr_migration *migration, struct jr_migration_report *out);

/* Appends one line without its end: "12 kept, 1 moved, 1 dropped (dsp.echo), 2 new (dsp.lfo, dsp.lfo#2)". */
void jr_migration_describe(const struct jr_migration *migration, struct jr_sb *out);
/* Appends a line for each part of the program: "kept dsp.osc", "dropped dsp.echo" ..., the largest parts that share a fate. */
void jr_migration_details(const struct jr_migration *migration, struct jr_sb *out);

#endif
