/* provider.h -- the border between the tier policy and the private shared object that holds LLVM.
 *
 * The shared object (jit/llvm) exports one function, jitrun_llvm_provider, which gives this table.  It has no link
 * dependency on the program that opens it, and knows no addresses of it: what it makes are objects that the program links (jit/link.h).
 *
 * A compiler is used by the thread that made it, for its whole life; all its memory comes from the C library, as
 * LLVM's own does.  Bytecode handed in is only read, and must be verified. */
#ifndef JR_JIT_PROVIDER_H
#define JR_JIT_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/module.h"
#include "runtime/residual.h"
#include "runtime/task.h"

struct jr_compiler;
struct jr_plan;
struct jr_machine_code; /* the machine code of one batch */

enum { JR_PROVIDER_VERSION = 4 }; /* raised with every change of this file */
#define JR_PROVIDER_SYMBOL "jitrun_llvm_provider"

/* A function or table of the program that compiled code may refer to. */
struct jr_compiler_symbol {
    const char *name;
    const void *address;
};

/* What compiled code carries for those who look at it (jit/llvm/debug.h).  Changes no instruction, costs compile time. */
enum jr_debug_kind {
    JR_DEBUG_NONE,
    JR_DEBUG_PLACES, /* DWARF with the script's places: jr_batch.object is filled */
    JR_DEBUG_CODE,   /* which instruction each piece of code comes from: jr_batch.lines is filled; and unwind tables */
};

struct jr_compiler_config {
    bool stress; /* side exits at polls, where the symbol jr_jit_stress_poll says so */
    bool verify; /* LLVM's own verifier on each module */
    enum jr_debug_kind debug;
};

/* Symbols that objects want from the policy, beside those of runtime/runtime.def and JR_LINK_KNOWN:
 *
 *   void      jr_jit_call_hot(struct jr_function_entry *)               quick code: call_count reached its threshold
 *   jr_entry *jr_jit_loop_hot(struct jr_function_entry *, uint32_t pc)  quick code: loop_count did; code to go on in, or NULL
 *   jr_entry  jr_jit_poll_entry                                         a call that might overdraw the budget: polls, enters again
 *   int       jr_jit_stress_poll(void)                                  1: leave here */

/* Compiled code may charge this much without looking at the budget; jr_jit_poll_entry interprets if there is less. */
enum { JR_BUDGET_RESERVE = 1 << 14 };

enum jr_tier { JR_TIER_NONE, JR_TIER_QUICK, JR_TIER_OPTIMISED };

enum { JR_REFUSAL_BYTES = 128, JR_SYMBOL_BYTES = 160 };

/* One function to compile. */
struct jr_compile_item {
    uint32_t function;
    const struct jr_residual *block; /* a loop over frames around the function, which is the residual one (runtime/residual.h);
                                        NULL: an ordinary entry */
    const struct jr_plan *plan;     /* of `block`: how to render it in stages (jit/graph/plan.h); NULL: frame by frame */
    uint32_t loop_pc;               /* header of the loop for on-stack replacement; JR_NONE: the whole function */
    char symbol[JR_SYMBOL_BYTES];   /* out: its name in the object; "" if it was refused */
    jr_entry *entry;                /* its code, or NULL, once the object is linked; of a block a jr_block_entry */
    uint64_t code_bytes;            /* out: the size of that code */
    char refusal[JR_REFUSAL_BYTES]; /* out: why, in words a user can read; "" if it was not */
};

/* Code from `address` up to the next line's comes from the instruction at code word `at` of `function`; `at` JR_NONE: from the function, but
 * from no instruction. */
struct jr_code_line {
    uint64_t address;
    uint32_t function, at;
};

struct jr_batch {
    const struct jr_module *module;
    enum jr_tier tier;
    struct jr_compile_item *items;
    uint32_t item_count;
    uint64_t code_bytes;     /* out */
    uint64_t nanoseconds;    /* out: processor time of this thread */
    struct jr_code_line *lines; /* out, JR_DEBUG_CODE: by address, counted from the text section's beginning until the object is linked;
                                   malloc'ed, the caller's; else NULL */
    uint32_t line_count;
    void *object; /* out: an ELF object with all items that were not refused; malloc'ed, the caller's; NULL if there are none */
    uint64_t object_bytes;
    struct jr_machine_code *code; /* once it is linked: the owner of all entries */
    uint64_t text;                /* ... and where the text section is */
};

#define JR_EMIT_MARK ";@ "

enum jr_emit { JR_EMIT_LLVM, JR_EMIT_LLVM_OPTIMISED, JR_EMIT_ASSEMBLY };

struct jr_provider {
    uint32_t version;
    /* NULL on failure, and then `message` says why. */
    struct jr_compiler *(*create)(const struct jr_compiler_config *config, char *message, size_t message_size);
    void (*destroy)(struct jr_compiler *compiler); /* NULL is allowed */
    /* Compiles the items into one object.  Functions that cannot be compiled are refused one by one. */
    void (*compile)(struct jr_compiler *compiler, struct jr_batch *batch);
    /* Text of one function, malloc'ed; NULL if it was refused (the reason is in `item`).  Among its lines are those of JR_EMIT_MARK, two
     * numbers behind it: what follows comes from this function, this code word of it (JR_NONE: from no instruction). */
    char *(*emit)(struct jr_compiler *compiler, const struct jr_module *module, struct jr_compile_item *item,
                  enum jr_emit what);
    bool (*lowers)(enum jr_op op); /* whether there is a lowering; true for every instruction, as a test asserts */
};

typedef const struct jr_provider *jr_provider_function(void);

#endif
