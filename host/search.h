/* search.h -- the folders in which a script's modules are looked for: from the options, the environment, and the library that
 * comes with the program. */
#ifndef JR_HOST_SEARCH_H
#define JR_HOST_SEARCH_H

#include <stdint.h>

#include "ir/base/arena.h"
#include "ir/base/status.h"

struct jr_search {
    struct jr_arena arena;    /* holds the rest */
    const char *const *first; /* those given, then $JITRUN_PATH, then $MIMIUM_LIB_PATH */
    uint32_t first_count;
    const char *user_library; /* $HOME/.mimium/lib, or NULL without a home */
    const char *library;      /* the installed one, or that of the source tree; NULL if there is none */
};

/* `given` is borrowed and must outlive the result.  Both variables are lists separated by colons; empty parts do not count.
 * The library is share/jitrun/mimium of the prefix in which libjitrun, or else the program, is installed; or else the folder in the source
 * tree from which it was built.  Fails with JR_ERR_NO_MEMORY; *out may be ended in any case. */
enum jr_status jr_search_open(const struct jr_alloc *alloc, const char *const *given, uint32_t given_count,
                              struct jr_search *out);
void jr_search_close(struct jr_search *search);

#endif
