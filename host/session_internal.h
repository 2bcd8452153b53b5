/* session_internal.h -- what a session consists of; for the files of host/ that make one up. */
#ifndef JR_HOST_SESSION_INTERNAL_H
#define JR_HOST_SESSION_INTERNAL_H

#include <stdatomic.h>

#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/mimium/stage.h"
#include "frontend/source.h"
#include "host/control.h"
#include "host/probe.h"
#include "host/sample.h"
#include "host/search.h"
#include "host/session.h"
#include "ir/module.h"
#include "jit/specialise/specialise.h"

struct jr_error;

struct jr_session {
    struct jr_session_config config;
    const struct jr_alloc *alloc;
    bool borrows; /* sources, module and samples are another session's (jr_session_create_instance) */
    struct jr_sources *sources;
    struct jr_search search;
    struct jr_diags *compile_diags, *run_diags; /* apart, since each is reported when its phase is over */
    bool compile_reported, run_reported;
    enum jr_language language;
    struct jr_module *module;
    struct jr_controls controls; /* that its macros made */
    struct jr_probes probes;     /* that its macros made */
    struct jr_samples samples;   /* that its macros read */
    struct jr_vm *vm;
    struct jr_jit *jit;
    struct jr_spots *spots; /* NULL unless somebody may take over */
    /* For jr_session_interrupt, which may come at any time: the VM once it is complete. */
    _Atomic(struct jr_vm *) interruptible;
    atomic_bool interrupted;
    bool finished;
    bool specialised; /* by jr_session_start */
    char not_specialised[JR_SPECIALISE_REASON_BYTES]; /* why; "" if it is, or was not tried */
    char failure[512];
    double source_seconds, init_seconds, dsp_seconds;
    uint64_t live_objects; /* after finish */
};

/* Seconds of the monotonic clock. */
double jr_session_clock(void);

/* session.c: what any VM that runs for the session prints and reports goes where the session's does; `user` is the session. */
void jr_session_print(void *user, const char *bytes, size_t size);
void jr_session_put_line(void *user, const char *line);
/* Links a VM of the session's module to the functions that the session has for it; as jr_vm_link. */
enum jr_status jr_session_link(struct jr_session *session, struct jr_vm *vm, char *message,
                               size_t message_size);

/* load.c: how mimium source is compiled here; borrows from the session. */
struct jr_mimium_options jr_session_mimium_options(struct jr_session *session);

/* load.c: a text in memory becomes session->module, verified; problems become diagnostics. */
enum jr_status jr_session_load(struct jr_session *session, enum jr_language language, const char *name,
                               const char *text, size_t length);

/* report.c: an error of the VM becomes a diagnostic with place, excerpt and trace; gives JR_ERR_DIAGNOSED, or
 * JR_ERR_NO_MEMORY. */
enum jr_status jr_session_diagnose_run(struct jr_session *session);
/* The same for any module made from the session's sources; the diagnostic, to which more can be added. */
struct jr_diag *jr_session_describe(const struct jr_session *session, const struct jr_module *module,
                                    const struct jr_error *error, enum jr_category category,
                                    struct jr_diags *diags);
/* The span of a place of the module, if its file is among the sources (an image has none). */
struct jr_span jr_session_span(const struct jr_session *session, const struct jr_module *module,
                               struct jr_place place);

/* stage.c: the machine for macros of the session's program; `user` of the result is the session. */
struct jr_mm_stage_host jr_session_stage_host(struct jr_session *session);

/* Notes why the session cannot go on, for jr_session_failure; gives `status`. */
__attribute__((format(printf, 3, 4))) enum jr_status
jr_session_fail(struct jr_session *session, enum jr_status status, const char *format, ...);

#endif
