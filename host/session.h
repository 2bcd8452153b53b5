/* session.h -- the one place that joins the parts: a script becomes a verified module, the module a VM with engines,
 * and the VM computes frames.
 *
 *   create -> compile -> start -> process ... -> finish -> destroy
 *
 * The command line, the differential tests and the benchmarks all go through here.  Everything that is wrong with the
 * script, when it is compiled or while it runs, ends up as a diagnostic (frontend/diag.h) and JR_ERR_DIAGNOSED; any other status is
 * the environment's (no such file, no memory) and jr_session_failure has a sentence for it.
 *
 * A session is used by one thread at a time; only jr_session_interrupt may come from another thread or a signal handler.
 * Two sessions share nothing. */
#ifndef JR_HOST_SESSION_H
#define JR_HOST_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "jit/jit.h"

struct jr_alloc;
struct jr_function;
struct jr_host_function;
struct jr_mimium_files;
struct jr_mimium_host;
struct jr_module;
struct jr_sb;
struct jr_named_text;
struct jr_session;
struct jr_spots;
struct jr_vm;

enum jr_language { JR_LANGUAGE_MIMIUM, JR_LANGUAGE_ASSEMBLY, JR_LANGUAGE_IMAGE };

/* Half a second or so of the interpreter. */
enum { JR_SESSION_MACRO_FUEL = 100000000 };

/* Zeroed: the defaults, no limits, the compiler off. */
struct jr_session_config {
    const struct jr_alloc *alloc; /* NULL: the C library's */
    uint32_t sample_rate;         /* frames per second; 0: 48000 */
    bool self_init_zero;          /* --self-init-0 */
    bool resample;                /* sound files that the script plays are brought to the frame rate */
    /* Folders in which modules are looked for before everywhere else; borrowed, must outlive the session.  The environment and the
     * library come behind them (host/search.h). */
    const char *const *folders;
    uint32_t folder_count;
    /* Texts that stand in for files that the script imports (ir/base/named_text.h); borrowed, must outlive the session. */
    const struct jr_named_text *texts;
    uint32_t text_count;

    /* Functions of the host: their types for the front end, and themselves.  Borrowed as the folders are. */
    const struct jr_mimium_host *hosts;
    const struct jr_host_function *host_functions;
    uint32_t host_count;
    const struct jr_mimium_files *files; /* where modules come from; NULL: the file system.  Borrowed as the folders are */
    uint32_t probe_values;               /* that each probe keeps, a power of two; 0: probes record nothing */

    /* limits; 0: none (depth: the runtime's default) */
    uint64_t fuel;
    uint64_t macro_fuel; /* of all macros together, while the program is compiled; 0: JR_SESSION_MACRO_FUEL */
    double time_limit; /* seconds of wall clock from jr_session_start on */
    uint64_t memory_limit;
    uint32_t max_depth;

    /* Compiler.  Its print functions and `user` are set by the session from those below. */
    struct jr_jit_config jit;

    bool no_specialise; /* dsp runs as it was compiled, not specialised to what the global code has made */
    uint64_t specialised_frames; /* for tests: after so many frames the original goes on; 0: never */

    bool stress_heap, trace_exec, trace_heap, trace_jit;
    /* Text that the script prints; NULL: standard output. */
    void (*print)(void *user, const char *text, size_t length);
    /* One line without its end: notices, and what the traces report (perhaps from the compile thread).  NULL: standard
     * error. */
    void (*line)(void *user, const char *line);
    /* As jr_jit_config.code; NULL: nobody wants to know. */
    void (*code)(void *user, const struct jr_jit_code *code);
    /* Called before every instruction that the interpreter runs, instead of trace_exec; dsp is not specialised then.  NULL: not called. */
    void (*step)(void *user, const struct jr_function *function, uint32_t pc);
    void *user;
};

/* Fails with JR_ERR_NO_MEMORY.  The configuration is copied. */
enum jr_status jr_session_create(const struct jr_session_config *config, struct jr_session **out);
/* A session that runs what `program`, which has compiled without errors, holds; it borrows from it, and cannot compile.  Controls and probes are its own.  Any number of
 * them may run at once.  The configuration may differ in what concerns running. */
enum jr_status jr_session_create_instance(const struct jr_session *program, const struct jr_session_config *config,
                                          struct jr_session **out);
/* Stops whatever runs, joins the compile thread, frees everything.  NULL is allowed. */
void jr_session_destroy(struct jr_session *session);

/* ---- compiling ---- */

/* What a file is by its extension: .jas, .jri, anything else is mimium. */
enum jr_language jr_session_language(const char *path);
/* Reads and compiles the file, whose language follows from its path.  "-" is standard input.
 * JR_ERR_NOT_FOUND, JR_ERR_IO: the file cannot be read.  Warnings may be among the diagnostics also on JR_OK. */
enum jr_status jr_session_compile_file(struct jr_session *session, const char *path);
/* The same with a text (borrowed for the call) under a name for diagnostics. */
enum jr_status jr_session_compile_text(struct jr_session *session, enum jr_language language,
                                       const char *name, const char *text, size_t length);

/* The verified module; NULL before a successful compile.  Borrowed, valid until jr_session_destroy. */
const struct jr_module *jr_session_module(const struct jr_session *session);
/* The files that the program was made from, the script itself first: borrowed paths, valid until jr_session_destroy.  Also
 * after a compilation that failed; files that were not found are not among them. */
uint32_t jr_session_file_count(const struct jr_session *session);
const char *jr_session_file(const struct jr_session *session, uint32_t index);
const char *jr_session_file_text(const struct jr_session *session, uint32_t index, size_t *length);
/* What the program takes and gives a frame; zero before a successful compile. */
struct jr_session_shape {
    bool has_dsp;
    uint32_t input_channels, output_channels;
};
struct jr_session_shape jr_session_get_shape(const struct jr_session *session);

/* The diagnostics, of compiling and of running, that no earlier call has reported: as text for people or as a JSON object a line. */
void jr_session_report(struct jr_session *session, bool json, bool colour, struct jr_sb *out);
/* All of them one by one.  Texts are borrowed, valid until jr_session_destroy. */
struct jr_session_problem {
    const char *code; /* "E-NAME"; of run-time errors "E-RUN" */
    const char *message;
    const char *file;      /* NULL without a place */
    uint32_t line, column; /* from 1; 0 without a place */
    bool warning;
};
size_t jr_session_problem_count(const struct jr_session *session);
void jr_session_get_problem(const struct jr_session *session, size_t index, struct jr_session_problem *out);
/* Why a call answered something other than JR_OK and JR_ERR_DIAGNOSED: one line, never NULL. */
const char *jr_session_failure(const struct jr_session *session);
/* What --emit prints; AST, EXPANDED and TYPES exist for source only, SPECIALISED and PLAN need jr_session_start.  The LLVM stages need
 * jr_session_prepare with the compiler on.
 * Fails with JR_ERR_UNSUPPORTED where there is nothing to print. */
enum jr_session_emit {
    JR_SESSION_EMIT_AST,
    JR_SESSION_EMIT_EXPANDED,
    JR_SESSION_EMIT_TYPES,
    JR_SESSION_EMIT_STATE,
    JR_SESSION_EMIT_BYTECODE,
    JR_SESSION_EMIT_SPECIALISED,
    JR_SESSION_EMIT_PLAN,
    JR_SESSION_EMIT_LLVM,
    JR_SESSION_EMIT_LLVM_OPT,
    JR_SESSION_EMIT_ASM,
};
enum jr_status jr_session_emit(struct jr_session *session, enum jr_session_emit what, struct jr_sb *out);
/* Appends the compiled program as an image (.jri), which can be compiled again without its source. */
enum jr_status jr_session_save(struct jr_session *session, struct jr_sb *out);

/* The numbers that the script leaves to the host: Control!(label, initial).  They exist after a successful compile, in the order in
 * which macros made them.  Names are borrowed, valid until jr_session_destroy. */
struct jr_session_control {
    const char *name;
    double initial, value;
};
size_t jr_session_control_count(const struct jr_session *session);
void jr_session_get_control(const struct jr_session *session, size_t index, struct jr_session_control *out);
/* Between calls that run the script; JR_ERR_NOT_FOUND: there is no such control. */
enum jr_status jr_session_set_control(struct jr_session *session, const char *name, double value);

/* ---- running ---- */

/* Links the module to the runtime and, if the mode is eager, compiles it.  JR_ERR_DIAGNOSED: a host function is missing. */
enum jr_status jr_session_prepare(struct jr_session *session);
/* Prepares, unless that was done, and runs the global code.  JR_ERR_DIAGNOSED: the global code failed. */
enum jr_status jr_session_start(struct jr_session *session);
/* Computes the next frames: for each, tasks that are due, then dsp.  `out` receives frame_count x output channels doubles,
 * interleaved; NULL discards them.  *done is the number of whole frames computed, also after an error.  JR_ERR_NOT_FOUND: no dsp. */
enum jr_status jr_session_process(struct jr_session *session, double *out, size_t frame_count, size_t *done);
/* The same with input: frame_count x input channels doubles, interleaved, borrowed; NULL: silence. */
enum jr_status jr_session_process_input(struct jr_session *session, const double *in, double *out, size_t frame_count,
                                        size_t *done);
/* What the global code has left is constant from now on: dsp is made anew for it, if the configuration wants it.  jr_session_start does it; this is for programs whose
 * state came from elsewhere. */
enum jr_status jr_session_specialise(struct jr_session *session);
/* Another mode of the compiler, between runs; compiled code is given up.  On an error the compiler is off. */
enum jr_status jr_session_set_jit(struct jr_session *session, enum jr_jit_mode mode);
/* For a script without dsp: whether a task waits, and for which frame; and runs all tasks up to that frame. */
bool jr_session_next_task(const struct jr_session *session, uint64_t *frame);
enum jr_status jr_session_run_tasks(struct jr_session *session, uint64_t frame);
/* Ends the program: releases its globals, state and waiting tasks.  Afterwards nothing of it should live
 * (jr_session_stats.heap_live_objects). */
void jr_session_finish(struct jr_session *session);
/* Makes the running call end in an error as soon as a loop or call comes by.  Async-signal-safe. */
void jr_session_interrupt(struct jr_session *session);

struct jr_session_stats {
    uint64_t frames;
    double source_seconds;            /* front end to verified module */
    double init_seconds, dsp_seconds; /* wall clock of global code, of jr_session_process */
    uint64_t heap_live_objects, heap_live_bytes, heap_peak_bytes, heap_allocations;
    uint64_t fuel_used;
    struct jr_jit_stats jit; /* zero when the compiler is off */
    bool specialised;            /* dsp was made anew when the global code had run */
    const char *not_specialised; /* why it was not; "" if it was, or need not be.  Borrowed, valid until jr_session_destroy */
    const char *tier; /* what dsp (else the global code) runs in now: "interpreter" or "compiled"; static */
};
void jr_session_get_stats(const struct jr_session *session, struct jr_session_stats *out);

/* A function that should have been compiled and was not: its name and why.  NULL if there is none.  Borrowed as above. */
const char *jr_session_refusal(const struct jr_session *session, const char **function);

/* The spots of the program, for a later version that takes over (runtime/migrate/spots.h): once, after jr_session_start and before the first frame.
 * JR_OK or JR_ERR_NO_MEMORY.  Borrowed, valid until jr_session_finish; NULL before. */
enum jr_status jr_session_find_spots(struct jr_session *session);
const struct jr_spots *jr_session_spots(const struct jr_session *session);

/* The machine beneath, for tests; NULL before jr_session_start. */
struct jr_vm *jr_session_vm(struct jr_session *session);
struct jr_jit *jr_session_jit(struct jr_session *session);

#endif
