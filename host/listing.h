/* listing.h -- where machine code comes from, in words: the marks of the compiler's texts (jit/provider.h) become lines of the script.
 *
 *   ; bank.mmm:13  osc(freq) * (0.6 + 0.4 * swell) */
#ifndef JR_HOST_LISTING_H
#define JR_HOST_LISTING_H

#include <stdint.h>

#include "ir/module.h"

struct jr_sb;
struct jr_session;

/* What a code word of a function of `module` stands for in the program as it was written: for a specialised function what it was made from, else the
 * function itself. */
struct jr_listing_site {
    uint32_t function;
    uint32_t at;     /* JR_NONE: no instruction of it */
    uint32_t caller; /* of the specialised function's callers, or JR_NONE */
    struct jr_place place; /* line 0: unknown */
};
struct jr_listing_site jr_listing_site(const struct jr_module *module, uint32_t function, uint32_t at);

/* Line `line` (from 1) of the module's file, without blanks around it: borrowed bytes, *length of them; "" if the session does not have that file. */
const char *jr_listing_line(const struct jr_session *session, const struct jr_module *module, uint32_t file, uint32_t line,
                            size_t *length);

/* Appends `text` with marks replaced by lines of the script, each where another line begins. */
void jr_listing_expand(const struct jr_session *session, const struct jr_module *module, const char *text,
                       struct jr_sb *out);

#endif
