/* compare_internal.h -- what comparing (compare.c) and locating (locate.c) share. */
#ifndef JR_HOST_COMPARE_INTERNAL_H
#define JR_HOST_COMPARE_INTERNAL_H

#include "host/compare.h"
#include "host/session_internal.h"
#include "ir/module.h"

/* The two sessions: [0] interprets, [1] has compiled everything. */
struct jr_pair {
    struct jr_session *sessions[2];
    enum jr_status status[2]; /* what each answered last */
};

/* Both created, compiled and started.  JR_OK also if the global code failed: see status[].  After a failure pair->sessions[0] is still
 * there, if it could be made. */
enum jr_status jr_pair_open(struct jr_pair *pair, const struct jr_session_config *config, const char *path);
void jr_pair_close(struct jr_pair *pair);

/* A word that both hold and that differs. */
struct jr_memory_difference {
    bool found;
    struct jr_place place; /* of the variable or of the stateful expression */
    char name[128];        /* "global n", "state of mem in echo" */
    uint64_t words[2];
};
/* Compares globals and the state of dsp, references left out. */
enum jr_status jr_pair_compare_memory(const struct jr_pair *pair, struct jr_memory_difference *out);

/* Bits as a number and as hexadecimal: "0.1 (3fb999999999999a)". */
void jr_compare_put_word(uint64_t word, char text[400]);

/* Runs the script again to find what makes frame `frame` differ (or the global code, for `frame` == 0 and none computed), and
 * writes result->where. */
enum jr_status jr_locate(const struct jr_session_config *config, const char *path, uint64_t frame,
                         struct jr_compare_result *result);

#endif
