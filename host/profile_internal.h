/* profile_internal.h -- what a profile knows; for host/profile*.c. */
#ifndef JR_HOST_PROFILE_INTERNAL_H
#define JR_HOST_PROFILE_INTERNAL_H

#include <pthread.h>

#include "host/profile.h"
#include "ir/base/vec.h"
#include "ir/module.h"
#include "jit/provider.h"

/* A piece of machine code. */
struct jr_profile_piece {
    const struct jr_module *module;
    uint32_t function;
    const char *kind; /* static */
    uint64_t address, bytes;
    double seconds;
    struct jr_code_line *lines; /* owned */
    uint32_t line_count;
};

/* One function of one stack. */
struct jr_profile_step {
    uint32_t function, at; /* of the program as it was written; `at` may be JR_NONE */
};

enum jr_profile_engine { JR_PROFILE_IN_INTERPRETER, JR_PROFILE_IN_QUICK, JR_PROFILE_IN_OPTIMISED, JR_PROFILE_IN_LOOP, JR_PROFILE_IN_BLOCK, JR_PROFILE_ENGINES };

/* A different stack that was seen. */
struct jr_profile_stack {
    size_t first;   /* of its steps, innermost first */
    uint32_t count; /* steps; 0: no function of the script */
    uint32_t samples;
};

/* What the table shows of one function. */
struct jr_profile_function {
    uint32_t self, total; /* samples */
    uint32_t engines[JR_PROFILE_ENGINES]; /* of `self` */
    uint64_t calls, instructions;         /* in the frames that were counted */
    size_t code_words;                    /* of the two that follow */
    uint64_t *counts;                     /* per code word: how often it ran then; owned */
    uint32_t *heat;                       /* per code word: samples of `self`; owned */
    double seconds;                       /* of compile time, also as a part of others */
    double bytes;                         /* of machine code, also inside of others */
    bool in_block;                        /* dsp's block has code of it */
    const char *why;                      /* why it is interpreted; "" if it is not.  Borrowed */
};

struct jr_profile {
    const struct jr_alloc *alloc;
    struct jr_session *session;
    const struct jr_module *module;
    pthread_mutex_t lock; /* of `pieces` while the session runs */
    JR_VEC(struct jr_profile_piece) pieces;
    JR_VEC(uint64_t) words; /* all samples: a count of words, then those words */
    JR_VEC(struct jr_profile_step) steps;
    JR_VEC(struct jr_profile_stack) stacks;
    struct jr_profile_function *functions; /* per function of the module: function_count of them */
    uint32_t function_count;
    uint32_t *residual_heat;               /* per code word of the residual function: residual_words of them */
    uint32_t residual_words;
    uint32_t sample_count, outside;        /* outside: not in a function of the script */
    double seconds;                        /* of the run */
    uint64_t frames, counted_frames;
    /* How often which of the interpreter's words pointed to another place in bytecode than before, and to frame records: those that do it most are
     * the loop's variables, the others what is left of older ones. */
    uint32_t bytecode_hits[JR_PROFILE_CANDIDATES], record_hits[JR_PROFILE_CANDIDATES];
    uint64_t last_words[JR_PROFILE_CANDIDATES];
    struct jr_profile_view view;
    /* while counting */
    uint32_t last_function;
    bool jumped, counting;
};

/* Half-open range of bytecode in which an address lies: the function and code word; false if in none. */
bool jr_profile_find_bytecode(const struct jr_profile *profile, uint64_t address, const struct jr_module **module,
                              uint32_t *function, uint32_t *at);

/* The engine in which most of the function's time went, in a word; "-" if it was never seen. */
const char *jr_profile_tier(const struct jr_profile *profile, uint32_t function);

/* Functions from the one with most time on, those that never ran left out; *count of them.  NULL without memory. */
uint32_t *jr_profile_order(const struct jr_profile *profile, uint32_t *count);

/* profile_page_data.c: the page, with @DATA@ where the data goes; terminated. */
extern const char jr_profile_page_text[];
/* profile_page.c */
enum jr_status jr_profile_page(struct jr_profile *profile, struct jr_sb *out);
/* profile_print.c: the members of the JSON object, without braces. */
void jr_profile_put_members(struct jr_profile *profile, struct jr_sb *out);

#endif
