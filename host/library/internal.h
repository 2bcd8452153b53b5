/* internal.h -- what stands behind jitrun.h.
 *
 * A thin layer over sessions (host/session.h): it owns, counts and locks what a session leaves to its caller.  A program is a session that has compiled;
 * an instance has a version, which is a session that borrows from the program's and runs.  Changing over to a new version, or beginning again, is
 * changing one pointer; other threads that look through it (controls, probes, interrupt) announce themselves in `readers`, and who frees a version waits
 * for them. */
#ifndef JR_HOST_LIBRARY_INTERNAL_H
#define JR_HOST_LIBRARY_INTERNAL_H

#include <stdatomic.h>

#include "frontend/mimium/mimium.h"
#include "host/session_internal.h"
#include "jitrun.h"
#include "ir/base/alloc.h"
#include "ir/base/vec.h"
#include "runtime/vm.h"

/* ---- memory ---- */

/* An allocator that knows how much it has given out. */
struct jr_counted {
    struct jr_alloc alloc;
    const struct jr_alloc *under;
    atomic_size_t bytes;
};
void jr_counted_init(struct jr_counted *counted, const struct jr_alloc *under);

/* ---- engine ---- */

enum { JR_LIBRARY_MESSAGE_BYTES = 512 };

/* A function of the host; never moves, lives as long as the engine. */
struct jr_library_function {
    struct jr_mimium_host type;         /* names and letters owned */
    char words[2][JITRUN_HOST_WORDS_MAX + 1]; /* parameters and results in the letters of struct jr_host_function */
    enum jitrun_status (*call)(struct jitrun_call *call, void *user, uint64_t *words);
    void *user;
};

struct jitrun_engine {
    atomic_uint holds; /* the caller, programs */
    struct jr_alloc alloc;
    struct jitrun_config config;
    struct jr_mimium_files files; /* if the host has a say in it */
    JR_VEC(struct jr_library_function *) functions;
    char message[JR_LIBRARY_MESSAGE_BYTES];
};
void jr_engine_hold(struct jitrun_engine *engine);
void jr_engine_release(struct jitrun_engine *engine);
/* Notes why a call failed (NULL: the status' own text); gives the status as the interface knows it. */
enum jitrun_status jr_engine_fail(struct jitrun_engine *engine, enum jr_status status, const char *text);

enum jitrun_status jr_library_status(enum jr_status status);
/* Hands a text to a sink. */
enum jitrun_status jr_library_pour(const struct jr_sb *text, enum jr_status status, jitrun_sink *sink, void *user);
/* Copies `size` bytes of a result into a structure of the caller's, whose first member says how large that is; false if that is no size. */
bool jr_library_give(void *out, const void *result, size_t size);
enum jr_jit_mode jr_library_jit(enum jitrun_jit mode);

struct jitrun_diagnostics {
    const struct jr_diags *diags;
    const struct jr_sources *sources;
    const struct jr_alloc *alloc;
};
/* The callback of the configuration. */
void jr_library_announce(const struct jitrun_engine *engine, const struct jitrun_diagnostics *list);

/* ---- programs ---- */

struct jitrun_program {
    atomic_uint holds; /* the caller, instances */
    struct jitrun_engine *engine;
    struct jr_counted counted;
    struct jr_session *session;
    bool whole; /* compiled without errors */
    struct jitrun_diagnostics diagnostics;
    /* The host's functions when it was compiled. */
    size_t function_count;
    struct jr_library_function **functions;
    struct jr_mimium_host *types;
};
void jr_program_hold(struct jitrun_program *program);

/* ---- instances ---- */

/* What a host function is called with. */
struct jr_library_link {
    const struct jr_library_function *function;
    struct jitrun_instance *instance;
};

struct jr_version {
    struct jitrun_program *program;
    struct jitrun_instance *instance;
    struct jr_session *session;
    struct jr_library_link *links; /* per function of the program */
    struct jr_host_function *functions;
    bool started;
};

struct jitrun_instance {
    struct jr_counted counted;
    struct jitrun_instance_config config; /* complete */
    _Atomic(struct jr_version *) version;
    atomic_uint readers;  /* other threads that look at the version */
    _Atomic uint64_t generation; /* counts changes of the version */
    bool running;         /* inside a call that runs the script */
    struct jitrun_diagnostics diagnostics;
    char message[JR_LIBRARY_MESSAGE_BYTES];
    double *planar; /* a block of both sides, interleaved, for programs of up to planar_channels channels */
    size_t planar_channels;
};

enum { JR_PLANAR_FRAMES = 64 };

/* Makes a version of the program, linked and at rest; `message` gets the reason of a failure. */
enum jr_status jr_version_create(struct jitrun_instance *instance, struct jitrun_program *program, struct jr_version **out,
                                 char message[JR_LIBRARY_MESSAGE_BYTES]);
void jr_version_destroy(struct jitrun_instance *instance, struct jr_version *version); /* NULL is allowed */
/* Puts the version in the place of the instance's, which is given back: to be ended after jr_version_wait. */
struct jr_version *jr_version_exchange(struct jitrun_instance *instance, struct jr_version *version);
/* Returns when no other thread looks at a version that was exchanged before. */
void jr_version_wait(struct jitrun_instance *instance);
/* What an instance that is being made or changed needs for blocks of channels; JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_instance_fit_planar(struct jitrun_instance *instance, const struct jr_module *module);
/* Runs the new version's global code. */
enum jr_status jr_version_start(struct jr_version *version);

static inline struct jr_version *jr_version_of(const struct jitrun_instance *instance)
{
    return atomic_load_explicit(&((struct jitrun_instance *)(uintptr_t)instance)->version, memory_order_relaxed);
}

enum jitrun_status jr_instance_fail(struct jitrun_instance *instance, enum jr_status status, const char *text);
/* What a control of a new version begins with: the value that was set in the old one, or else its own initial value. */
double jr_control_carried(const struct jr_control *control, const struct jr_controls *from);
void jr_controls_carry(struct jr_controls *to, const struct jr_controls *from); /* all of them */

#endif
