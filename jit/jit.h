/* jit.h -- compiled code for a VM: tier policy, compile thread, lifetime of code.  No LLVM in it.
 *
 * The compiler proper is a private shared object (jit/llvm, found where it is installed beside libjitrun or the executable, in the build tree or through JITRUN_LLVM) which the
 * compile thread opens at its first job.  Without it everything works in the interpreter and jr_jit_create's
 * user is told once through `notice`. */
#ifndef JR_JIT_JIT_H
#define JR_JIT_JIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ir/base/status.h"

struct jr_alloc;
struct jr_vm;
struct jr_jit;
struct jr_sb;
struct jr_module;
struct jr_code_line;

/* QUICK is EAGER in the quick tier: everything is compiled before it runs, and never better. */
enum jr_jit_mode { JR_JIT_OFF, JR_JIT_AUTO, JR_JIT_EAGER, JR_JIT_QUICK };

/* Which tool is told where compiled code lies and what it is called.  Costs compile time and memory; the code is the same. */
enum jr_jit_describe {
    JR_DESCRIBE_TO_NOBODY,
    JR_DESCRIBE_TO_PERF,    /* names, in /tmp/perf-PID.map */
    JR_DESCRIBE_TO_JITDUMP, /* names, code and lines, in ./jit-PID.dump, for perf inject */
    JR_DESCRIBE_TO_GDB,     /* names and lines as DWARF, in memory */
};

/* One piece of machine code. */
struct jr_jit_code {
    const struct jr_module *module; /* of the residual program for a block */
    uint32_t function;
    const char *title; /* "bank.mmm:voice", in quick code or code for a loop with " [quick]" or " [loop at 12]" */
    const char *kind;  /* "quick", "optimised", "loop", "block"; static */
    uint64_t address, bytes;
    double seconds; /* processor time that compiling it took */
    const struct jr_code_line *lines; /* jit/provider.h: line_count of them, by address */
    uint32_t line_count;
};

struct jr_jit_config {
    enum jr_jit_mode mode;
    uint32_t quick_calls;     /* calls of a function before the quick tier is asked for; 0: default */
    uint32_t optimised_calls; /* calls before the optimised tier is asked for; 0: default */
    uint32_t loop_count;      /* backward jumps before on-stack replacement; 0: default */
    bool synchronous;         /* wait for each compilation where it is asked for: promotion at an exact place, for tests */
    bool stress;              /* --stress=jit: leave compiled code at every poll that is a multiple of a small prime */
    const char *object_path;  /* of the shared object; NULL: search */
    const char *cache_folder; /* where code is kept between runs (jit/cache.h); borrowed as long as the JIT; NULL: nowhere */
    uint64_t cache_bytes;     /* how large that folder may become; 0: default */
    void (*notice)(void *user, const char *line); /* one line, at most once for the compiler and the cache each; may be NULL */
    void (*trace)(void *user, const char *line);  /* a line per compilation, from the compile thread; may be NULL */
    /* Called for each piece of code before anything runs it, from the compile thread; `code` is valid for the call, code stays in memory until
     * jr_jit_destroy.  NULL: nobody wants to know. */
    void (*code)(void *user, const struct jr_jit_code *code);
    enum jr_jit_describe describe;
    void *user;
};

struct jr_jit_stats {
    uint32_t functions_compiled, functions_quick, functions_optimised, osr_compiled, blocks_compiled;
    uint32_t blocks_refused;    /* residual programs that are interpreted, or whose original runs (jr_jit_block) */
    uint32_t functions_refused; /* each with a reason: jr_jit_refusal */
    uint64_t code_bytes;        /* of all that was compiled */
    uint64_t block_bytes;       /* of the newest block */
    double first_optimised_clock; /* seconds of CLOCK_MONOTONIC when the first block was ready, or, without one, the first optimised function; 0: none */
    uint32_t cache_hits, cache_misses; /* batches that were found in the cache, and that were not */
    uint32_t cache_left_out;    /* batches that cannot be kept, the last one because of not_cached (static; NULL: none) */
    const char *not_cached;
    double compile_seconds;     /* CPU time of the compile thread spent in jobs */
    bool available;             /* the shared object could be opened, or was not needed yet */
};

/* Attaches to the VM (its hooks call the policy); detaches, joins the thread and frees all code in destroy, which must come
 * before jr_vm_destroy.  In JR_JIT_EAGER and JR_JIT_QUICK jr_jit_compile_all is what compiles; it is called after linking and before init. */
enum jr_status jr_jit_create(const struct jr_alloc *alloc, struct jr_vm *vm, const struct jr_jit_config *config,
                             struct jr_jit **out);
void jr_jit_destroy(struct jr_jit *jit);
/* Compiles every function of the module in the best tier of the mode and waits; functions that were refused stay interpreted and are counted. */
enum jr_status jr_jit_compile_all(struct jr_jit *jit);
/* A residual program (runtime/residual.h) has been installed: it will be compiled as a loop over frames, in JR_JIT_EAGER and JR_JIT_QUICK at once, else when it
 * has rendered 16 frames (or quick_calls, if that is given): it is `dsp`, so it is hot. */
enum jr_status jr_jit_block(struct jr_jit *jit);
/* Whether the compiler's shared object (`object_path` as in the configuration) can be found.  Opens nothing.  Any thread. */
bool jr_jit_is_there(const char *object_path);
void jr_jit_drain(struct jr_jit *jit); /* waits until the queue is empty */
void jr_jit_get_stats(struct jr_jit *jit, struct jr_jit_stats *out);
/* Why function `index` is not compiled: NULL if it is or was never asked for. */
const char *jr_jit_refusal(struct jr_jit *jit, uint32_t index);
/* Text of one function (of the residual program's block, if one is installed: the number of functions) for --emit: 0 LLVM IR as lowered, 1 after the optimised passes, 2 assembly. */
enum jr_status jr_jit_emit(struct jr_jit *jit, uint32_t function, int what, struct jr_sb *out);

#endif
