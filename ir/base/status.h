/* status.h -- what a call that can fail returns.
 *
 * Misuse by our own code is an assertion (base/assert.h); a failure the caller can meet is a status; errors in a
 * guest program's source are diagnostics (frontend/diag.h). */
#ifndef JR_IR_BASE_STATUS_H
#define JR_IR_BASE_STATUS_H

enum jr_status {
#define JR_STATUS(enumerator, name, text) enumerator,
#include "ir/base/status.def"
};

enum {
    JR_STATUS_COUNT = 0
#define JR_STATUS(...) +1
#include "ir/base/status.def"
};

/* The stable name, for example "no-memory", and the sentence.  Never NULL; static. */
const char *jr_status_name(enum jr_status status);
const char *jr_status_text(enum jr_status status);

/* Leaves for the label `done` of the calling function, which has a variable `status`, unless `call` gives JR_OK.
 * The only macro that may jump. */
#define JR_TRY(call)         \
    do {                     \
        status = (call);     \
        if (status != JR_OK) \
            goto done;       \
    } while (0)

#endif
