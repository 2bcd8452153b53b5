/* measure.h -- the four ways to run a kernel: the interpreter, compiled code, the C twin, the Lua twin. */
#ifndef JR_BENCH_MEASURE_H
#define JR_BENCH_MEASURE_H

#include <stddef.h>

#include "bench/harness/answer.h"
#include "bench/harness/sample.h"

enum engine { ENGINE_OFF, ENGINE_EAGER, ENGINE_C, ENGINE_LUA, ENGINE_COUNT };
extern const char *const engine_names[ENGINE_COUNT]; /* "off", "eager", "c", "lua" */

struct places {
    char jitrun[4096];  /* the executable */
    char twins[4096];   /* folder of the C twins */
    char sources[4096]; /* the bench/ folder: kernels, lua, answers */
    int have_lua;
};

struct kernel {
    const char *name;
    size_t checked_frames;
    int has_lua;
};

/* What is known of one kernel in one engine.  Zeroed at first. */
struct outcome {
    int used;   /* the engine takes part */
    int failed; /* see message; no times then */
    char message[512];
    size_t frames;                         /* frames of a timed run */
    struct sample frame_ns;                /* nanoseconds a frame, one value a round */
    struct sample compile_ms;              /* milliseconds spent in the compiler, likewise (eager only) */
    double functions_compiled, code_bytes; /* eager only */
};

/* Runs the kernel for its checked frames, compares with the answer, and chooses how many frames take about target_seconds.
 * In ENGINE_EAGER a run that compiled nothing counts as failed, as does one that leaves objects on the heap.
 *
 * frames   the text of the frames as the interpreter printed it: written by ENGINE_OFF, which comes first, and read by
 *          ENGINE_EAGER, where every character must be the same; *frames is owned by the caller (free) */
void measure_check(const struct places *places, const struct kernel *kernel, enum engine engine,
                   const struct answer *answer, double target_seconds, char **frames,
                   struct outcome *outcome);
/* One timed run. */
void measure_round(const struct places *places, const struct kernel *kernel, enum engine engine,
                   struct outcome *outcome);
/* Runs the C twin and writes the answer file.  Returns 0 or -1 with a message on standard error. */
int measure_write_answer(const struct places *places, const struct kernel *kernel);

#endif
