/* session_internal.h -- what a session consists of; for the files of host/ that make one up. */
#ifndef JR_HOST_SESSION_INTERNAL_H
#define JR_HOST_SESSION_INTERNAL_H

#include <stdatomic.h>

#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/source.h"
#include "host/search.h"
#include "host/session.h"

struct jr_session {
    struct jr_session_config config;
    const struct jr_alloc *alloc;
    struct jr_sources *sources;
    struct jr_search search;
    struct jr_diags *compile_diags, *run_diags; /* apart, since each is reported when its phase is over */
    bool compile_reported, run_reported;
    enum jr_language language;
    struct jr_module *module;
    struct jr_vm *vm;
    struct jr_jit *jit;
    /* For jr_session_interrupt, which may come at any time: the VM once it is complete. */
    _Atomic(struct jr_vm *) interruptible;
    atomic_bool interrupted;
    bool finished;
    char failure[512];
    double source_seconds, init_seconds, dsp_seconds;
    uint64_t live_objects; /* after finish */
};

/* Seconds of the monotonic clock. */
double jr_session_clock(void);

/* load.c: how mimium source is compiled here; borrows from the session. */
struct jr_mimium_options jr_session_mimium_options(const struct jr_session *session);

/* load.c: a text in memory becomes session->module, verified; problems become diagnostics. */
enum jr_status jr_session_load(struct jr_session *session, enum jr_language language, const char *name,
                               const char *text, size_t length);

/* report.c: an error of the VM becomes a diagnostic with place, excerpt and trace; gives JR_ERR_DIAGNOSED, or
 * JR_ERR_NO_MEMORY. */
enum jr_status jr_session_diagnose_run(struct jr_session *session);

/* Notes why the session cannot go on, for jr_session_failure; gives `status`. */
__attribute__((format(printf, 3, 4))) enum jr_status
jr_session_fail(struct jr_session *session, enum jr_status status, const char *format, ...);

#endif
