/* compare.h -- one script in two sessions side by side, interpreted and compiled; the first difference is found and named.
 *
 * Compared bit for bit are the frames, then how the run ends, then what the program holds: globals and the state of dsp (a
 * reference is no more than a place in memory and is left out). */
#ifndef JR_HOST_COMPARE_H
#define JR_HOST_COMPARE_H

#include "host/session.h"

struct jr_compare_result {
    uint64_t frame_count; /* frames that are equal */
    bool differs;
    /* What differs: "frame 7 channel 0: 0.5 interpreted, 0.25 compiled". */
    char what[256];
    /* Where that comes from: "osc.mmm:3:14: sin.f64 in osc: ...", as near as can be told. */
    char where[512];
};

/* Compiles the script at `path` twice and runs `frame_count` frames (or its global code and tasks before that frame) in both engines.
 *
 * *session gets the interpreter's session, whose diagnostics and failure explain any status but JR_OK; owned by the caller,
 * NULL if there was no memory for it.
 * JR_ERR_DIAGNOSED: the script does not compile, or both runs ended in the same error.  JR_ERR_UNSUPPORTED: there is no
 * compiler.  A difference is JR_OK and result->differs. */
enum jr_status jr_compare_file(const struct jr_session_config *config, const char *path, uint64_t frame_count,
                               struct jr_compare_result *result, struct jr_session **session);

#endif
