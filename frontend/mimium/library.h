/* library.h -- what the library defines, for messages about programs that forgot to import it. */
#ifndef JR_FRONTEND_MIMIUM_LIBRARY_H
#define JR_FRONTEND_MIMIUM_LIBRARY_H

#include <stdbool.h>

#include "frontend/mimium/ast.h"
#include "frontend/mimium/mimium.h"
#include "frontend/mimium/unit.h"

struct jr_similar;

struct jr_mm_library_entry {
    jr_symbol name;
    const char *path; /* "reverb::fdn::fdn_rev" */
};

/* The folders of options->libraries.  They are read when something is asked for the first time, into memory of the library's own:
 * their files are not part of the program. */
struct jr_mm_library {
    struct jr_unit *unit;
    struct jr_mm_ast *ast;
    const struct jr_mimium_options *options;
    struct jr_sources *sources;
    struct jr_diags *diags; /* nobody sees them */
    bool listed, read;
    JR_UNIT_LIST(const char *) modules; /* by the names of the files */
    JR_UNIT_LIST(struct jr_mm_library_entry) entries;
};

/* Borrows everything; it lies in the caller, who ends it with jr_mm_library_fini, also when a function below leaves the unit. */
void jr_mm_library_init(struct jr_mm_library *library, struct jr_unit *unit, struct jr_mm_ast *ast,
                        const struct jr_mimium_options *options);
void jr_mm_library_fini(struct jr_mm_library *library);

/* The shortest path of a public function or type of this name, or NULL.  Valid as long as the unit. */
const char *jr_mm_library_find(struct jr_mm_library *library, jr_symbol name);
/* Adds the names of its modules to a search; they are valid as long as the unit. */
void jr_mm_library_consider(struct jr_mm_library *library, struct jr_similar *similar);

#endif
