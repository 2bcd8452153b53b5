/* load_internal.h -- what the files of the loader share. */
#ifndef JR_FRONTEND_MIMIUM_LOAD_INTERNAL_H
#define JR_FRONTEND_MIMIUM_LOAD_INTERNAL_H

#include "frontend/mimium/load.h"

/* What files are looked for with. */
struct jr_mm_finder {
    struct jr_unit *unit;
    struct jr_sources *sources; /* the unit's; files are added */
    const struct jr_mimium_options *options;
};

/* load_search.c: from the name of a file to the file */
struct jr_mm_search {
    enum jr_status status; /* JR_OK, JR_ERR_NOT_FOUND, or why the first file that there is cannot be read */
    uint32_t file;         /* JR_FILE_NONE unless JR_OK */
    const char *path;      /* of that file, as diagnostics show it */
};
/* Looks for `name`, which the file `from` mentions. */
struct jr_mm_search jr_mm_search(const struct jr_mm_finder *finder, uint32_t from, const char *name);
/* Where it was looked for: a sentence for a note. */
const char *jr_mm_search_places(const struct jr_mm_finder *finder, uint32_t from, const char *name);
/* The same for every name of one file. */
const char *jr_mm_canonical_path(struct jr_unit *unit, const char *path);

#endif
