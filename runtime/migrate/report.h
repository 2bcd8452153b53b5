/* report.h -- what a migration does, in numbers and in words; for migration.c. */
#ifndef JR_RUNTIME_MIGRATE_REPORT_H
#define JR_RUNTIME_MIGRATE_REPORT_H

#include <stdbool.h>

#include "ir/base/status.h"
#include "runtime/migrate/migration.h"
#include "runtime/migrate/pair.h"

struct jr_alloc;
struct jr_sb;

/* Fills in the counts of `report` and appends the summary and the details.  JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_migration_tell(const struct jr_alloc *alloc, const struct jr_spots *from,
                                 const struct jr_spots *to, const struct jr_pairing *pairing,
                                 struct jr_migration_report *report, struct jr_sb *summary,
                                 struct jr_sb *details);

/* Whether what `o` of `from` holds goes on in `n` of `to`. */
bool jr_migration_goes_on(const struct jr_spots *from, const struct jr_spot *o, const struct jr_spots *to,
                          const struct jr_spot *n);

#endif
