/* jitrun.h -- running scripts of stateful functional languages inside a C or C++ program.
 *
 *   engine    what a host gives: memory, print, files, functions            one or a few in a process
 *   program   a compiled script; never changes                              any number of instances run it
 *   instance  a running program: its heap, state, controls, compiled code   one thread at a time
 *
 *     struct jitrun_config config = { .size = sizeof config };
 *     jitrun_engine_create(&config, &engine);
 *     jitrun_compile_file(engine, "song.mmm", &program);
 *     jitrun_instance_create(program, NULL, &instance);
 *     jitrun_instance_start(instance);
 *     jitrun_process(instance, NULL, samples, 256);         // again and again
 *
 * Rules that hold for every function unless it says otherwise:
 *
 * names    All that is public begins with jitrun_ or JITRUN_; the library's own symbols (jr_) are not visible, neither in the shared nor in the
 *          static library.
 * errors   A call that can fail gives a status, and results through pointers, which are written in any case (NULL or 0 on failure).  A sentence
 *          for people is in jitrun_engine_message or jitrun_instance_message; errors in scripts are diagnostics as well.
 *          Running out of memory is JITRUN_ERR_NO_MEMORY in any call, and what existed before is as it was.  Wrong use that can
 *          be seen is JITRUN_ERR_INVALID.  Exception: LLVM itself ends the process when it has no memory (jitrun_config.jit).
 * NULL     Where a thing is expected NULL is JITRUN_ERR_INVALID, 0 or NULL, whichever the function can say; ending functions take NULL.
 * threads  "one": one thread at a time for each object.  "any": from any thread at any time while the object lives.  Different
 *          engines, programs and instances share nothing that is not locked or constant; instances of one program may run at once.
 * owners   "owns": the caller ends it with the function named.  "borrowed": for the call only.  "valid until": how long a result may be read.
 * numbers  A script's number is a double.  A value of k words is k uint64_t in a row; a number's word is its bit pattern.
 * process  No global variables, no signal handlers, no exit; standard output is written only where `print` says so by being NULL.
 * since    0.1 where nothing else is said. */
#ifndef JITRUN_H
#define JITRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JITRUN_VERSION_MAJOR 0
#define JITRUN_VERSION_MINOR 1
#define JITRUN_VERSION_PATCH 0

#if defined(JITRUN_BUILDING)
#define JITRUN_API __attribute__((visibility("default")))
#else
#define JITRUN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0": of the library that runs, which may be newer than this header.  Static.  Threads: any. */
JITRUN_API const char *jitrun_version(void);

/* ---- status -------------------------------------------------------------------------------------------------- */

/* Numbers are kept for ever; new ones may be added. */
enum jitrun_status {
    JITRUN_OK = 0,
    JITRUN_ERR_NO_MEMORY = 1,
    JITRUN_ERR_INVALID = 2,     /* wrong use of this interface, or malformed data */
    JITRUN_ERR_LIMIT = 3,       /* of the language or of the format; documented there */
    JITRUN_ERR_UNSUPPORTED = 4, /* not by this build, or not for this kind of program */
    JITRUN_ERR_NOT_FOUND = 5,
    JITRUN_ERR_IO = 6,
    JITRUN_ERR_DIAGNOSED = 7,   /* the script is wrong: see its diagnostics */

    /* while a script runs; each comes with a diagnostic */
    JITRUN_ERR_SCRIPT = 16,        /* an operation that has no result: division by zero, no such element ...; its name is in the message */
    JITRUN_ERR_DEPTH = 17,         /* calls nest too deep */
    JITRUN_ERR_FUEL = 18,          /* limits.fuel is used up */
    JITRUN_ERR_DEADLINE = 19,      /* limits.seconds are over */
    JITRUN_ERR_MEMORY_LIMIT = 20,  /* limits.heap_bytes are in use */
    JITRUN_ERR_INTERRUPTED = 21,   /* jitrun_instance_interrupt */
    JITRUN_ERR_HOST = 22,          /* a host function failed */
    JITRUN_ERR_HOST_MISSING = 23   /* the program wants a host function that is not there, or of another type */
};

/* "no-memory", and a sentence.  Static, never NULL, also for numbers that are none.  Threads: any. */
JITRUN_API const char *jitrun_status_name(enum jitrun_status status);
JITRUN_API const char *jitrun_status_text(enum jitrun_status status);

/* ---- words --------------------------------------------------------------------------------------------------- */

static inline uint64_t jitrun_word(double number)
{
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    return word;
}
static inline double jitrun_number(uint64_t word)
{
    double number;
    memcpy(&number, &word, sizeof number);
    return number;
}

/* ---- engine -------------------------------------------------------------------------------------------------- */

struct jitrun_engine;
struct jitrun_program;
struct jitrun_instance;
struct jitrun_swap;
struct jitrun_diagnostics;

/* Takes a piece of text, which is no string: it may hold NULs and has none at its end.  `text` is borrowed.  Anything but JITRUN_OK ends what is being
 * written, whose function then gives that status. */
typedef enum jitrun_status jitrun_sink(void *user, const char *text, size_t length);

enum jitrun_jit {
    JITRUN_JIT_AUTO = 0,  /* interpret at first, compile what is hot on a thread of its own */
    JITRUN_JIT_OFF = 1,   /* interpret only; no thread, LLVM is not loaded */
    JITRUN_JIT_EAGER = 2  /* compile all before it runs, and wait for it */
};

/* Bounds of a running program, the same whether it is interpreted or compiled.  0: the default. */
struct jitrun_limits {
    uint64_t fuel;       /* about an instruction each, over the instance's life; default: none */
    double seconds;      /* of wall clock, from the first run on; default: none */
    uint64_t heap_bytes; /* of values alive at a time; default: none */
    uint32_t depth;      /* nested calls; default: 100 000 */
};

/* What a host gives.  Set `size` to sizeof(struct jitrun_config) and everything that is not needed to 0: later versions add members at
 * the end and take shorter structures.  Copied; what its pointers lead to must live as long as the engine's last program and instance. */
struct jitrun_config {
    size_t size;
    void *user; /* handed to every callback below */

    /* All memory: ptr NULL (old_size 0): allocate; new_size 0: free and return NULL; else resize.  NULL on failure, the old block is as
     * before.  Aligned for any type.  Called from every thread that uses the library, and from the compile threads.
     * NULL: the C library's realloc.  Not under its control: LLVM, the C library's own needs (threads, folders, stdio), sound file decoding. */
    void *(*realloc)(void *user, void *ptr, size_t old_size, size_t new_size);

    /* What scripts print; `text` is borrowed.  On the thread that runs the instance.  NULL: standard output. */
    void (*print)(void *user, const char *text, size_t length);
    /* One line without its end about the library's own affairs (no compiler was found, for instance).  Perhaps from a compile
     * thread.  NULL: nothing is said. */
    void (*log)(void *user, const char *line);
    /* Each diagnostic when it is complete, as text like the command line's without colour; borrowed.  They can be read one by
     * one too, with jitrun_program_diagnostics and jitrun_instance_diagnostics.  NULL: only there. */
    void (*diagnostic)(void *user, const char *text, size_t length);

    /* Modules, includes and scripts: asked for each path that is tried, before the file system.  JITRUN_OK: *text (of *length bytes) is
     * the file, borrowed until `loaded` is called with it.  JITRUN_ERR_NOT_FOUND: the file system is looked at, unless no_file_system is set.  Anything
     * else: there is a file that cannot be read.  On the thread that compiles.  NULL: the file system only. */
    enum jitrun_status (*load)(void *user, const char *path, const char **text, size_t *length);
    void (*loaded)(void *user, const char *text, size_t length); /* NULL: nobody needs to know */
    bool no_file_system;
    /* Folders in which modules are looked for before all others.  Behind them: as the command line does it. */
    const char *const *folders;
    size_t folder_count;

    uint32_t sample_rate;      /* frames per second, `samplerate` in scripts; 0: 48000 */
    enum jitrun_jit jit;       /* for new instances */
    const char *compiler_path; /* the compiler's shared object; NULL: where it was installed beside this library.  If there is none, everything is interpreted and `log`
                                * is told once for each instance */
    struct jitrun_limits limits; /* for new instances */
    uint64_t macro_fuel;         /* of all macros while a program is compiled; 0: 100 million */
    bool self_init_zero;         /* a function that uses `self` gives its previous result, at first zero */
    bool resample;               /* sound files that scripts play are brought to the frame rate */
    uint32_t probe_values;       /* how many values each probe keeps (rounded up to a power of two); 0: probes record nothing and cost nothing */
};

/* Makes an engine.  config: NULL for the defaults.  Owns: jitrun_engine_destroy.  Errors: NO_MEMORY; INVALID: a size that is none. */
JITRUN_API enum jitrun_status jitrun_engine_create(const struct jitrun_config *config, struct jitrun_engine **out);
/* Ends the caller's hold; programs and instances may live on.  Threads: one. */
JITRUN_API void jitrun_engine_destroy(struct jitrun_engine *engine);
/* Why the last call with this engine failed: a line, "" if none did.  Valid until the next call.  Threads: one. */
JITRUN_API const char *jitrun_engine_message(const struct jitrun_engine *engine);

/* ---- host functions ------------------------------------------------------------------------------------------ */

struct jitrun_call; /* a host function's way back into the script that calls it; valid while the function runs */

/* The types of a host function's parameters and results are letters, one for each; each is one word:
 *
 *   n  a number (jitrun_word, jitrun_number)
 *   s  a string (jitrun_string); 0 is the empty one
 *   f  a function of one number that gives a number
 *   t  a function without parameters whose result is a number
 *
 * No result is unit, several are a tuple. */
struct jitrun_host_function {
    const char *name; /* as scripts call it: letters, digits, underscores */
    const char *params, *results;
    /* words[0 ..) are the arguments, borrowed, on entry, and the results, given away, on JITRUN_OK.  Anything else is an error of the script at the place of
     * the call; jitrun_call_fail says more.  On the thread that runs the instance; may be the audio thread.  It may call back with
     * jitrun_call_function but not end or run the instance by other means.  May be called from interpreted and from compiled code. */
    enum jitrun_status (*call)(struct jitrun_call *call, void *user, uint64_t *words);
    void *user; /* must live as long as the engine's last instance */
};

enum { JITRUN_HOST_WORDS_MAX = 16 }; /* parameters, and results, of a host function */

/* Makes a function known to all programs that are compiled with this engine from now on.  Everything is copied.  A script's own function of that
 * name hides it; in scripts it is a value like any other function.  Errors: INVALID: the name or a letter is wrong, or a
 * function of this name is known; NO_MEMORY.  Threads: one, no program being compiled. */
JITRUN_API enum jitrun_status jitrun_engine_add_function(struct jitrun_engine *engine,
                                                         const struct jitrun_host_function *function);

/* Fails the host function with a sentence (copied; cut at 200 bytes): return jitrun_call_fail(call, "no such sensor"); gives JITRUN_ERR_HOST. */
JITRUN_API enum jitrun_status jitrun_call_fail(struct jitrun_call *call, const char *message);
/* The instance that calls, and the number of the frame that is being computed. */
JITRUN_API struct jitrun_instance *jitrun_call_instance(const struct jitrun_call *call);
JITRUN_API uint64_t jitrun_call_frame(const struct jitrun_call *call);
/* The bytes of a string word, valid as long as the word is (an argument: while the function runs).  *length may be NULL. */
JITRUN_API const char *jitrun_string(uint64_t word, size_t *length);
/* Makes a string (copied) as a result.  Errors: NO_MEMORY, MEMORY_LIMIT: the host function must then fail too. */
JITRUN_API enum jitrun_status jitrun_call_string(struct jitrun_call *call, const char *text, size_t length, uint64_t *word);
/* Calls a function value of type f or t.  argument is not looked at for t.  Errors: those of scripts; the host function must then fail too. */
JITRUN_API enum jitrun_status jitrun_call_function(struct jitrun_call *call, uint64_t function, double argument,
                                                   double *result);

/* Keeps a function value or string that a host function was handed beyond the call; ended with jitrun_value_release.  The word is of this
 * instance's current version: a host must release what it keeps before the instance is reset, loaded, swapped or ended.
 * Threads: the instance's, one; release between runs, and jitrun_call_release inside of a host function. */
JITRUN_API void jitrun_value_retain(uint64_t word);
JITRUN_API enum jitrun_status jitrun_value_release(struct jitrun_instance *instance, uint64_t word);
JITRUN_API void jitrun_call_release(struct jitrun_call *call, uint64_t word);
/* Calls a kept function value between runs, as jitrun_call_function does inside of one. */
JITRUN_API enum jitrun_status jitrun_instance_call_value(struct jitrun_instance *instance, uint64_t function,
                                                         double argument, double *result);

/* ---- programs ------------------------------------------------------------------------------------------------ */

enum jitrun_language {
    JITRUN_MIMIUM = 0,
    JITRUN_ASSEMBLY = 1, /* bytecode as text, .jas */
    JITRUN_IMAGE = 2     /* a saved program, .jri; it must come from the same version */
};

/* Compiles a file, whose language follows from its extension (any other than .jas and .jri: mimium).
 *
 * out      the program, also with JITRUN_ERR_DIAGNOSED: it then holds the diagnostics only.  Owns: jitrun_program_destroy
 * errors   DIAGNOSED; NOT_FOUND, IO, LIMIT: of the file itself (a module that is not found is a diagnostic); NO_MEMORY
 * threads  one per engine.  Macros run while the program is compiled, in the interpreter. */
JITRUN_API enum jitrun_status jitrun_compile_file(struct jitrun_engine *engine, const char *path,
                                                  struct jitrun_program **out);
/* The same with a text (borrowed) under a name for diagnostics, relative to whose folder modules are looked for; NULL: "script". */
JITRUN_API enum jitrun_status jitrun_compile_text(struct jitrun_engine *engine, enum jitrun_language language,
                                                  const char *name, const char *text, size_t length,
                                                  struct jitrun_program **out);
/* Ends the caller's hold: instances keep the program alive.  Threads: any, once. */
JITRUN_API void jitrun_program_destroy(struct jitrun_program *program);

/* Errors and warnings of compiling.  Valid until jitrun_program_destroy.  Threads: any. */
JITRUN_API const struct jitrun_diagnostics *jitrun_program_diagnostics(const struct jitrun_program *program);

struct jitrun_shape {
    size_t size;
    bool has_dsp;                             /* there is something to process; else only tasks and functions */
    uint32_t input_channels, output_channels; /* doubles a frame */
};
/* What a program takes and gives a frame.  out->size: set by the caller.  Threads: any. */
JITRUN_API enum jitrun_status jitrun_program_get_shape(const struct jitrun_program *program, struct jitrun_shape *out);
/* The files it was made from, the script first; NULL beyond the last.  Valid until jitrun_program_destroy.  Threads: any. */
JITRUN_API const char *jitrun_program_file(const struct jitrun_program *program, size_t index);
/* Bytes that it holds, all tables, texts and its sources included.  Threads: any. */
JITRUN_API size_t jitrun_program_size(const struct jitrun_program *program);

/* What a stage of the compiler made of it, as text for people: not a format. */
enum jitrun_stage {
    JITRUN_STAGE_AST = 0,   /* this and the next two: mimium source only */
    JITRUN_STAGE_EXPANDED = 1,
    JITRUN_STAGE_TYPES = 2,
    JITRUN_STAGE_STATE = 3,
    JITRUN_STAGE_BYTECODE = 4,
    JITRUN_STAGE_SPECIALISED = 5, /* from here on of an instance that was started */
    JITRUN_STAGE_LLVM = 6,        /* from here on only with the compiler */
    JITRUN_STAGE_LLVM_OPTIMISED = 7,
    JITRUN_STAGE_ASSEMBLY = 8
};
/* Writes a stage to a sink.  Errors: UNSUPPORTED: there is none for this program; NO_MEMORY; the sink's.  Threads: one per program. */
JITRUN_API enum jitrun_status jitrun_program_emit(struct jitrun_program *program, enum jitrun_stage stage, jitrun_sink *sink,
                                                  void *user);
/* Writes the program so that JITRUN_IMAGE reads it.  Errors: UNSUPPORTED: it plays sound files; NO_MEMORY; the sink's.  Threads: one per program. */
JITRUN_API enum jitrun_status jitrun_program_save(struct jitrun_program *program, jitrun_sink *sink, void *user);

/* ---- diagnostics --------------------------------------------------------------------------------------------- */

enum jitrun_severity { JITRUN_ERROR = 0, JITRUN_WARNING = 1 };

struct jitrun_diagnostic {
    size_t size;
    const char *code; /* "E-NAME"; errors of running programs: "E-RUN" */
    enum jitrun_severity severity;
    const char *message;          /* one line, without a period */
    const char *file;             /* NULL without a place */
    uint32_t line, column;        /* of its first character, from 1, columns in characters; 0 without a place */
    uint32_t end_line, end_column; /* behind its last character */
    uint32_t start, end;          /* the same as bytes of the file, from 0 */
    const char *label;            /* to be written under the place; "" for nothing */
    const char *replacement;      /* what was probably meant there; NULL if nothing is known */
    const char *const *notes;     /* sentences that help */
    uint32_t note_count;
    uint32_t place_count; /* further places: jitrun_diagnostic_place */
    uint32_t frame_count; /* calls that led to an error while running, innermost first: jitrun_diagnostic_frame */
};
/* A further place with its text, or a call with the function's name (left_out not 0: stands for so many calls, all else is empty). */
struct jitrun_place {
    size_t size;
    const char *text;
    const char *file; /* NULL: not known */
    uint32_t line, column;
    uint64_t left_out;
};

/* Texts are valid as long as the list.  Threads: those of the list's owner; a program's may be read by any.
 * Errors: INVALID: no such index, or a size that is none. */
JITRUN_API size_t jitrun_diagnostics_count(const struct jitrun_diagnostics *list);
JITRUN_API enum jitrun_status jitrun_diagnostics_get(const struct jitrun_diagnostics *list, size_t index,
                                                     struct jitrun_diagnostic *out);
JITRUN_API enum jitrun_status jitrun_diagnostic_place(const struct jitrun_diagnostics *list, size_t index, size_t place,
                                                      struct jitrun_place *out);
JITRUN_API enum jitrun_status jitrun_diagnostic_frame(const struct jitrun_diagnostics *list, size_t index, size_t frame,
                                                      struct jitrun_place *out);
enum jitrun_rendering { JITRUN_TEXT = 0, JITRUN_TEXT_COLOUR = 1, JITRUN_JSON = 2 };
/* Writes all of them as the command line does: excerpts with places underlined, or a JSON object a line. */
JITRUN_API enum jitrun_status jitrun_diagnostics_render(const struct jitrun_diagnostics *list, enum jitrun_rendering rendering,
                                                        jitrun_sink *sink, void *user);

/* ---- instances ----------------------------------------------------------------------------------------------- */

/* How an instance differs from the engine's configuration.  Set `size`; 0 or NULL members: as the engine says. */
struct jitrun_instance_config {
    size_t size;
    bool has_jit; /* `jit` counts */
    enum jitrun_jit jit;
    uint32_t sample_rate;
    struct jitrun_limits limits; /* members that are 0: the engine's */
    /* What this instance prints, with a user pointer of its own; NULL: as the engine's. */
    void (*print)(void *user, const char *text, size_t length);
    void *user;         /* also what jitrun_instance_user gives */
    bool no_specialise; /* dsp runs as it was compiled, not made anew for what the global code has left */
    bool synchronous;   /* each compilation is waited for where it is asked for: promotion at exact places, for tests */
};

/* Makes an instance at rest; with JITRUN_JIT_EAGER compiles.  config: NULL for the engine's.  Owns: jitrun_instance_destroy.
 * Errors: INVALID: the program is one with errors; HOST_MISSING; LIMIT; NO_MEMORY.  On an error the engine has the message.  Threads: one per program. */
JITRUN_API enum jitrun_status jitrun_instance_create(struct jitrun_program *program,
                                                     const struct jitrun_instance_config *config,
                                                     struct jitrun_instance **out);
/* Joins its compile thread and frees all it holds.  Threads: one, and no other call may be under way. */
JITRUN_API void jitrun_instance_destroy(struct jitrun_instance *instance);

/* Runs the global code, at frame 0.  Once; jitrun_instance_reset begins again.  Errors: those of scripts; INVALID: it was started. */
JITRUN_API enum jitrun_status jitrun_instance_start(struct jitrun_instance *instance);

/* Computes the next frames: for each, tasks that are due, then dsp.
 *
 * in       frame_count x input_channels doubles, frame by frame; borrowed; NULL: silence
 * out      frame_count x output_channels doubles, frame by frame; NULL discards them.  Full scale is -1..1 by convention and not clipped
 * errors   those of scripts: whole frames before the error are in `out`, jitrun_instance_frame tells how many; the next call tries the failed frame again.
 *          NOT_FOUND: no dsp.  INVALID: not started, or called from a host function
 * threads  one.  Does not allocate, lock or wait unless the script itself makes values in every frame (its heap asks for memory in large
 *          pieces, and keeps what it has), a host function does, or the instance is synchronous */
JITRUN_API enum jitrun_status jitrun_process(struct jitrun_instance *instance, const double *in, double *out,
                                             size_t frame_count);
/* The same with an array for each channel: in[c][f], out[c][f].  NULL arrays are silence, and not wanted.  in, out: NULL for all. */
JITRUN_API enum jitrun_status jitrun_process_planar(struct jitrun_instance *instance, const double *const *in, double *const *out,
                                                    size_t frame_count);
/* Frames computed so far: the number of the next one. */
JITRUN_API uint64_t jitrun_instance_frame(const struct jitrun_instance *instance);
/* For programs without dsp: whether a task waits, and for which frame; runs all tasks up to and including that frame. */
JITRUN_API bool jitrun_instance_next_task(const struct jitrun_instance *instance, uint64_t *frame);
JITRUN_API enum jitrun_status jitrun_instance_run_tasks(struct jitrun_instance *instance, uint64_t frame);

/* Why the last call with this instance failed: a line, "" if none did.  Valid until the next call.  Threads: one. */
JITRUN_API const char *jitrun_instance_message(const struct jitrun_instance *instance);
/* What went wrong in the script in the last call that ran it.  Valid until the next call that runs it.  Threads: one. */
JITRUN_API const struct jitrun_diagnostics *jitrun_instance_diagnostics(const struct jitrun_instance *instance);
JITRUN_API void *jitrun_instance_user(const struct jitrun_instance *instance);
/* The program it runs now (after jitrun_swap_commit the new one).  Valid until the instance ends or is given another. */
JITRUN_API struct jitrun_program *jitrun_instance_program(const struct jitrun_instance *instance);

/* Makes the call that runs the script, or the next one, end with JITRUN_ERR_INTERRUPTED, in either tier, within some
 * microseconds.  Threads: any. */
JITRUN_API void jitrun_instance_interrupt(struct jitrun_instance *instance);
/* New bounds from the next run on; 0: none, depth: as before.  Fuel and seconds count on from where they are.  Errors: UNSUPPORTED: a
 * depth other than the one it was made with.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_set_limits(struct jitrun_instance *instance,
                                                         const struct jitrun_limits *limits);

/* As after jitrun_instance_create and jitrun_instance_start: heap, state, tasks and the clock begin again; controls keep their values.  On an
 * error before the global code ran nothing has changed.  Errors: as start and create.  Allocates: not on an audio thread.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_reset(struct jitrun_instance *instance);
/* Another instance of the same program in the same state, tasks, clock and controls included, that goes on by itself with the configuration of the
 * first.  Owns: jitrun_instance_destroy.  Errors: as save and load.  Threads: one for `instance`. */
JITRUN_API enum jitrun_status jitrun_instance_clone(struct jitrun_instance *instance, struct jitrun_instance **out);
/* Bytes that the instance holds, compiled code excepted (statistics have that).  Threads: any. */
JITRUN_API size_t jitrun_instance_size(const struct jitrun_instance *instance);

/* Writes everything that a run depends on: globals, state, closures, strings, tasks, the clock, controls.  Not saved: limits, compiled code.
 * The bytes are read by the same program in the same version of jitrun on a machine of the same byte order.
 * Errors: INVALID: not started, or from a host function; NO_MEMORY; the sink's.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_save(struct jitrun_instance *instance, jitrun_sink *sink, void *user);
/* Goes on from what was saved; the instance need not have been started.  The bytes are borrowed and checked: what is damaged or of another program is
 * JITRUN_ERR_INVALID, and then nothing has changed.  Allocates.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_load(struct jitrun_instance *instance, const void *bytes, size_t length);

/* ---- functions of the script --------------------------------------------------------------------------------- */

/* A function of a program at its top level, by name.  A plain value: copy it, forget it. */
struct jitrun_function {
    size_t size;
    const struct jitrun_program *program; /* whose it is: of no use after a swap */
    uint32_t index;
    const char *name;                      /* valid as long as the program */
    uint32_t param_words, result_words;    /* sizes of the arrays below */
    bool numbers; /* all words are numbers, so jitrun_call_numbers can call it */
};

/* out->size: set by the caller.  Errors: NOT_FOUND: the program has no such function, or it was never made because nothing gives its types.
 * Threads: any. */
JITRUN_API enum jitrun_status jitrun_program_find_function(const struct jitrun_program *program, const char *name,
                                                           struct jitrun_function *out);
/* Calls it between runs.
 *
 * args     param_words words, borrowed; results: result_words words.  NULL where there are none
 * results  strings and functions among them belong to the caller: jitrun_value_release.  Other references cannot be given away: such a
 *          function is UNSUPPORTED
 * state    a function with state (self, delay) has one of its own for these calls, which lives as long as the instance
 * errors   those of scripts; INVALID: another program's function, not started, or from a host function
 * threads  one */
JITRUN_API enum jitrun_status jitrun_call_words(struct jitrun_instance *instance, const struct jitrun_function *function,
                                                const uint64_t *args, uint64_t *results);
/* The same with numbers; INVALID unless function->numbers. */
JITRUN_API enum jitrun_status jitrun_call_numbers(struct jitrun_instance *instance, const struct jitrun_function *function,
                                                  const double *args, double *results);

/* ---- controls and probes ------------------------------------------------------------------------------------- */

/* Numbers that the host sets and the script reads: Control!("cutoff", 800).  Their order is that of the program; reading one in the
 * script gives the value at that moment. */
JITRUN_API size_t jitrun_program_control_count(const struct jitrun_program *program);
/* Valid as long as the program; NULL beyond the last.  *initial may be NULL.  Threads: any. */
JITRUN_API const char *jitrun_program_control(const struct jitrun_program *program, size_t index, double *initial);
/* Threads: any, also while the instance runs or is swapped; no lock, no memory.  Errors: NOT_FOUND. */
JITRUN_API enum jitrun_status jitrun_set_control(struct jitrun_instance *instance, const char *name, double value);
JITRUN_API enum jitrun_status jitrun_get_control(struct jitrun_instance *instance, const char *name, double *value);

/* Values that went through Probe!("label") or ProbeValueWith!, if they are numbers and jitrun_config.probe_values is not 0. */
JITRUN_API size_t jitrun_program_probe_count(const struct jitrun_program *program);
JITRUN_API const char *jitrun_program_probe(const struct jitrun_program *program, size_t index);
/* Copies the newest values of a probe, at most `capacity` and at most those it keeps, oldest first; gives how many.  *total (may be NULL): how many
 * went through in all, the newest being number *total - 1.  Threads: any, while the instance runs: what is
 * overwritten meanwhile is left out.  0 for a name that is none. */
JITRUN_API size_t jitrun_read_probe(struct jitrun_instance *instance, const char *name, double *values, size_t capacity,
                                    uint64_t *total);

/* ---- compiled code ------------------------------------------------------------------------------------------- */

/* Switches the compiler of an instance, at any moment between runs; results do not change.  OFF gives up the compiled code and joins the
 * thread; EAGER returns when all is compiled.  Errors: NO_MEMORY: it is OFF then.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_set_jit(struct jitrun_instance *instance, enum jitrun_jit mode);
JITRUN_API enum jitrun_jit jitrun_instance_get_jit(const struct jitrun_instance *instance);
/* Waits until nothing that was asked for is left to compile.  Threads: one. */
JITRUN_API void jitrun_instance_wait_compiled(struct jitrun_instance *instance);
/* Whether this library can compile at all: it was built with a compiler, whose shared object can be found.  Does not load it.  Threads: any. */
JITRUN_API bool jitrun_engine_has_compiler(const struct jitrun_engine *engine);

struct jitrun_statistics {
    size_t size;
    uint64_t frames;
    double compile_source_seconds;        /* of the program: source to bytecode */
    double start_seconds, process_seconds; /* wall clock in the global code, in jitrun_process */
    double jit_seconds;                   /* CPU time of the compile thread */
    uint64_t code_bytes;
    uint32_t functions_compiled, functions_refused;
    bool dsp_compiled;    /* dsp runs as machine code now */
    bool dsp_specialised; /* it was made anew for what the global code has left */
    const char *not_specialised; /* why not; "" otherwise.  Valid until the next call */
    uint64_t heap_objects, heap_bytes, heap_peak_bytes, heap_allocations;
    uint64_t fuel_used;
    bool compiler_available; /* false once it was looked for and not found */
};
/* out->size: set by the caller.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_get_statistics(struct jitrun_instance *instance, struct jitrun_statistics *out);

struct jitrun_tier {
    size_t size;
    const char *function; /* valid as long as the program */
    bool compiled;        /* has machine code now */
    const char *refusal;  /* why it has none although it was asked for; NULL otherwise.  Valid as long as the compiler is on */
    uint64_t calls;       /* counted while it was interpreted; saturates */
};
/* What each function of the program runs as.  Errors: NOT_FOUND beyond the last.  Threads: one. */
JITRUN_API enum jitrun_status jitrun_instance_get_tier(struct jitrun_instance *instance, size_t index, struct jitrun_tier *out);
/* As jitrun_program_emit, and what only a running program has. */
JITRUN_API enum jitrun_status jitrun_instance_emit(struct jitrun_instance *instance, enum jitrun_stage stage, jitrun_sink *sink,
                                                   void *user);

/* ---- a new version of a running program ---------------------------------------------------------------------- */

/* Three steps, so that the thread that makes sound does the least:
 *
 *   prepare  on any thread while the instance runs: makes the new version ready, runs its global code, plans what state can move
 *   commit   on the instance's thread, between runs: moves state and controls, changes over; does not allocate, lock or wait
 *   collect  on any thread: frees the old version, or the new one if it was not committed
 *
 * What the new version takes over (docs/internals/live.md): self and mem of the same number of words; of delay lines the newest samples that both have
 * room for; assigned globals and captured variables whose definition is the same in both; waiting tasks whose function there still is. Places are paired by text,
 * by name, then by order, level by level. What there is nothing for begins as the new global code has left it. The clock goes on; controls keep values that were
 * set; fuel and seconds are counted anew.
 *
 * prepare: owns *out: jitrun_swap_collect, before the instance ends.  It is there also if the new global code failed, for its diagnostics only.  Errors: those of
 * scripts; as jitrun_instance_create; the engine has the message.  Threads: any, one at a time per engine.  Host functions that the global code calls
 * run on this thread. */
JITRUN_API enum jitrun_status jitrun_swap_prepare(struct jitrun_instance *instance, struct jitrun_program *program,
                                                  struct jitrun_swap **out);
/* Errors: INVALID: committed before, from a host function, or the instance was reset, loaded or swapped since. */
JITRUN_API enum jitrun_status jitrun_swap_commit(struct jitrun_swap *swap);
JITRUN_API void jitrun_swap_collect(struct jitrun_swap *swap);

/* What went wrong in the new version's global code.  Valid until jitrun_swap_collect. */
JITRUN_API const struct jitrun_diagnostics *jitrun_swap_diagnostics(const struct jitrun_swap *swap);

/* What became of the places that hold something, known from prepare on; of waiting tasks, known from commit on. */
struct jitrun_swap_report {
    size_t size;
    uint32_t kept;    /* in the same place of the program */
    uint32_t moved;   /* under another name or in another place */
    uint32_t resized; /* delays of another length, which count as kept or moved too */
    uint32_t dropped; /* of the old version, without a successor */
    uint32_t reset;   /* in both, but of another type or with an edited definition: begins anew */
    uint32_t fresh;   /* of the new version only */
    uint64_t words;   /* that are copied */
    uint32_t tasks_kept, tasks_dropped, tasks_new, tasks_left_out;
};
/* out->size: set by the caller.  Threads: one per swap. */
JITRUN_API enum jitrun_status jitrun_swap_get_report(const struct jitrun_swap *swap, struct jitrun_swap_report *out);
/* The same for people: "12 kept, 1 moved, 1 dropped (dsp.echo)", or with details a line for each part of the program. */
JITRUN_API enum jitrun_status jitrun_swap_describe(const struct jitrun_swap *swap, bool details, jitrun_sink *sink, void *user);

#ifdef __cplusplus
}
#endif

#endif
