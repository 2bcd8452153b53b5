/* measure.h -- the ways to run a kernel: jitrun's engines, the twins in C and Faust, the twins in Lua (engines.def). */
#ifndef JR_BENCH_MEASURE_H
#define JR_BENCH_MEASURE_H

#include <stddef.h>

#include "bench/harness/answer.h"
#include "bench/harness/sample.h"

enum engine {
#define ENGINE(name, ...) ENGINE_##name,
#include "bench/harness/engines.def"
    ENGINE_COUNT
};

enum engine_kind { KIND_JITRUN, KIND_START, KIND_TWIN, KIND_LUA };

struct engine_info {
    const char *name;    /* for --engines and JSON */
    const char *heading; /* of its column */
    enum engine_kind kind;
    const char *argument;
    const char *packages;
};
extern const struct engine_info engine_infos[ENGINE_COUNT];

struct places {
    char jitrun[4096];  /* the executable */
    char twins[4096];   /* folder of the compiled twins, a folder a compiler */
    char sources[4096]; /* the bench/ folder: kernels, faust, lua, answers */
};

struct kernel {
    const char *name;
    size_t checked_frames;
    int has_lua; /* one of the core kernels, which have no Faust twin */
};

/* What is known of one kernel in one engine.  Zeroed at first. */
struct outcome {
    int used;   /* the engine takes part */
    int failed; /* see message; no times then */
    char message[512];
    size_t frames;                                      /* frames of a timed run */
    struct sample frame_ns;                             /* nanoseconds a frame, one value a round */
    struct sample compile_ms;                           /* of the compile thread, likewise (jitrun) */
    struct sample first_ms, total_ms, eager_ms;         /* START: from start of the process to the first optimised block, to the end; the
                                                           same work in eager, to the end */
    double functions_compiled, code_bytes, block_bytes; /* jitrun */
};

/* Whether jitrun knows an option, by its own help. */
int measure_has_option(const struct places *places, const char *option);

/* Runs the kernel for its checked frames, compares with the answer, and chooses how many frames take about target_seconds.
 * In ENGINE_EAGER and ENGINE_QUICK a run that compiled nothing counts as failed, as does one that leaves objects on the heap.
 *
 * frames   the text of the frames as the interpreter printed it: written by ENGINE_OFF, which comes first, and read by the engines that
 *          promise the same bits, where every character must be the same (if the interpreter takes part); *frames is owned by the
 *          caller (free) */
void measure_check(const struct places *places, const struct kernel *kernel, enum engine engine,
                   const struct answer *answer, double target_seconds, char **frames,
                   struct outcome *outcome);
/* One timed run. */
void measure_round(const struct places *places, const struct kernel *kernel, enum engine engine,
                   struct outcome *outcome);
/* Runs the C twin (of gcc) and writes the answer file.  Returns 0 or -1 with a message on standard error. */
int measure_write_answer(const struct places *places, const struct kernel *kernel);

#endif
