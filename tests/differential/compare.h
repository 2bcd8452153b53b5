/* compare.h -- runs one program in every engine and compares what comes out, bit for bit. */
#ifndef JR_TESTS_DIFFERENTIAL_COMPARE_H
#define JR_TESTS_DIFFERENTIAL_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The engines in which a program runs; "off" is the reference. */
enum compare_engine {
    COMPARE_OFF, /* interpreter */
    COMPARE_SPECIALISED, /* interpreter, dsp specialised; every third program goes back to the original in the middle */
    COMPARE_EAGER,    /* compiled before the first frame; every other program specialised */
    COMPARE_PROMOTED, /* starts in the interpreter, is compiled in two steps in the middle of the run */
    COMPARE_QUICK,    /* compiled by the quick tier at the first call; every third program */
    COMPARE_STRESSED, /* compiled, and thrown back to the interpreter again and again; every third program */
    COMPARE_ENGINE_COUNT
};

enum compare_verdict {
    COMPARE_SAME,
    COMPARE_SAME_ERROR, /* every engine ended in the same run-time error */
    COMPARE_LIMIT,      /* a limit on work or memory ended it; nothing can be said */
    COMPARE_INVALID,    /* the program does not compile */
    COMPARE_DIFFERENT,  /* values, errors or printed text differ */
    COMPARE_LEAK,       /* objects are alive at the end */
    COMPARE_REFUSED,    /* a function was not compiled */
    COMPARE_FAILED,     /* the environment: no memory, for instance */
    /* given by the caller who runs this in a process of its own */
    COMPARE_CRASHED,
    COMPARE_HUNG,
    COMPARE_VERDICT_COUNT
};

struct compare_config {
    size_t frames;
    unsigned engine_count; /* the first so many of the engines; 1: only the interpreter */
    bool
        in_turn; /* only one of the engines that compile, chosen by the variation: for many programs in little time */
    uint64_t variation; /* chooses when promotion happens and how the run is cut into blocks */
};

/* The program once more, without its macros: the interpreter must compute the same.  NULL for none.
 *
 * `message` receives what is wrong, in some lines, or "" for COMPARE_SAME.  Leaves nothing behind. */
enum compare_verdict compare_program(const struct compare_config *config, const char *source, size_t length,
                                     const char *plain, char *message, size_t message_size);

/* "off" and the like; "same", "different" and the like.  Static. */
const char *compare_engine_name(enum compare_engine engine);
const char *compare_verdict_name(enum compare_verdict verdict);

#endif
