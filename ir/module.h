/* module.h -- a program in bytecode: what the front ends build, the verifier proves and the engines run.
 *
 * A module is immutable once jr_verify has accepted it; then any number of VMs and threads may read it.  All of its
 * memory belongs to one arena inside.  Strings are NUL-terminated UTF-8 and valid as long as the module. */
#ifndef JR_IR_MODULE_H
#define JR_IR_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ir/layout.h"
#include "ir/opcodes.h"

struct jr_alloc;

enum { JR_NONE = UINT32_MAX }; /* "no such index" in every table */

/* Where something stands in the source.  Lines and columns count from 1, columns in characters; line 0: unknown. */
struct jr_place {
    uint32_t file;       /* index into module.files, or JR_NONE */
    uint32_t start, end; /* byte range */
    uint32_t line, column;
};

/* Instructions from `pc` up to the next entry's pc stand at `place`.  Sorted by pc, first entry at 0. */
struct jr_span_entry {
    uint32_t pc;
    struct jr_place place;
};

/* A word of a frame that owns a count while the instruction at `pc` runs: what an error has to release. */
struct jr_owned {
    uint32_t pc;
    uint32_t reg;
    struct jr_word_type type; /* SUM stands for the whole sum value */
};

/* Where the instruction at `pc` of a specialised function (jit/specialise) comes from: code word `at` of `function`, which was called from
 * callers[caller], or for JR_NONE is what the specialised function stands for. */
struct jr_origin {
    uint32_t pc;
    uint32_t function, at;
    uint32_t caller;
};
/* A call that is inlined: made by `function` at code word `at`, itself called from callers[caller]. */
struct jr_caller {
    uint32_t function, at;
    uint32_t caller;
};

enum jr_site_kind { JR_SITE_SELF, JR_SITE_MEM, JR_SITE_DELAY, JR_SITE_CALL };

/* One stateful place of a function: a node of its state layout tree.  A CALL node's children are the callee's sites,
 * shifted by `offset`.  Sites are listed in textual order and own disjoint words. */
struct jr_state_site {
    enum jr_site_kind kind;
    const char *name;     /* name of the function called, or of the variable bound to the value; "" if none */
    uint32_t offset;      /* first word, from the function's state base */
    uint32_t word_count;
    uint32_t layout;      /* SELF: what lies there; else JR_NONE (raw) */
    uint32_t function;    /* CALL: the callee; else JR_NONE */
    uint32_t length;      /* DELAY: samples */
    struct jr_place place;
};

/* v = (i64)r; goes to targets[v - min] when that exists, else to fallback.  Targets are pcs. */
struct jr_jump_table {
    int64_t min;
    uint32_t target_count;
    uint32_t *targets;
    uint32_t fallback;
};

struct jr_function {
    const char *name;          /* "dsp", "osc.phasor", "|x| at 3:14" */
    uint32_t signature;        /* parameters are r[0 ..) on entry, results leave through RETURN */
    uint32_t capture_layout;   /* of the closure's captured words */
    uint32_t param_words, result_words, capture_words; /* copies from the layouts */
    uint32_t reg_count;        /* frame size in words; >= param_words, result_words and every window */
    uint32_t state_words;      /* size of its state region */
    uint32_t site_count;
    struct jr_state_site *sites;
    uint32_t feedback_count;   /* closure call sites */
    uint32_t constant_count;
    uint64_t *constants;
    uint32_t code_count;       /* code words */
    union jr_code *code;
    uint32_t table_count;
    struct jr_jump_table *tables;
    uint32_t span_count;
    struct jr_span_entry *spans;
    struct jr_place place;     /* the definition */
    uint32_t fuel_cost;        /* charged on entry: the number of its instructions (jr_verify fills it) */
    /* filled by jr_verify: sorted by pc; entries of all instructions that FAIL or CALL */
    uint32_t owned_count;
    struct jr_owned *owned;
    /* of specialised functions only: where each instruction comes from; sorted by pc, an entry for all that FAIL and all others
     * that have a place in the original */
    uint32_t origin_count, caller_count;
    const struct jr_origin *origins;
    const struct jr_caller *callers;
};

struct jr_global {
    const char *name;
    uint32_t offset; /* first word */
    uint32_t layout;
    bool assigned;   /* some code other than its definition assigns it */
    struct jr_place place;
};

/* A host function the program wants: linked by name and checked against the host's declaration. */
struct jr_import {
    const char *name;
    uint32_t signature;
};

struct jr_module {
    const char *language; /* "mimium", "jas" */
    uint32_t file_count;
    const char **files;   /* paths as the user named them */
    uint32_t layout_count;
    struct jr_layout *layouts;
    uint32_t sum_count;
    struct jr_sum *sums;
    uint32_t signature_count;
    struct jr_signature *signatures;
    uint32_t string_count;
    const char **strings;
    uint32_t *string_sizes; /* bytes without the NUL */
    uint32_t global_count, global_words;
    struct jr_global *globals;
    uint32_t import_count;
    struct jr_import *imports;
    uint32_t function_count;
    struct jr_function *functions;
    uint32_t init;          /* runs once, ()->(); JR_NONE: nothing to run */
    uint32_t dsp;           /* called once a frame; JR_NONE if the program has none */
    uint32_t input_channels, output_channels; /* words of dsp's parameters and results */
    bool verified;          /* set by jr_verify */
    struct jr_arena *arena; /* owns all of the above */
};

void jr_module_destroy(struct jr_module *module); /* NULL is allowed */

/* Writes "script.mmm:voice", the name for debuggers, profilers and listings: the file's last part and the function's name, cut if it does not
 * fit.  `text` is terminated; `size` is at least 1. */
void jr_function_title(const struct jr_module *module, uint32_t function, char *text, size_t size);

/* The place of the instruction at `pc`; {JR_NONE,...} where unknown. */
struct jr_place jr_function_place(const struct jr_function *function, uint32_t pc);

/* Where the instruction at `pc` of a specialised function comes from; NULL if that is not known or the function is an ordinary one. */
const struct jr_origin *jr_function_origin(const struct jr_function *function, uint32_t pc);

/* The entries of function->owned for `pc`; *count may be 0. */
const struct jr_owned *jr_function_owned(const struct jr_function *function, uint32_t pc, uint32_t *count);

/* Registers that one instruction reads and writes: up to four ranges each.  `consumes` marks read ranges whose owned references
 * move out.  Used by the verifier, by liveness and by lowering, so that operand widths are known in one place. */
struct jr_reg_range {
    uint32_t first, count;
    bool consumes;
};
struct jr_instr_regs {
    struct jr_reg_range reads[3], writes[2];
    uint32_t read_count, write_count;
};
/* `in` must have indices (layout, function, signature, import, sum) in range. */
void jr_instr_registers(const struct jr_module *module, const struct jr_function *function,
                        const struct jr_instr *in, struct jr_instr_regs *out);

#endif
