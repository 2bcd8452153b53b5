/* answer.h -- the stored answer of a kernel and the comparison with it.
 *
 * An answer holds some frames one by one and two sums over all checked frames: `sum`, weighted so that exchanged frames
 * show, and `magnitude`, the same sum of absolute values, which is the scale of the former.
 *
 * Tolerance: ANSWER_TOLERANCE times the largest magnitude among the stored frames (for `sum`, times `magnitude`).
 * The answers come from C and libm.  jitrun may use a sine, a tangent or a power of its own that differs in the last
 * bit; filters and phases carry such differences along, over thousands of frames to some 1e-13 of full scale.  1e-9
 * leaves room for that and is still far below any real mistake. */
#ifndef JR_BENCH_ANSWER_H
#define JR_BENCH_ANSWER_H

#include <stddef.h>

#define ANSWER_TOLERANCE 1e-9

enum { ANSWER_FRAMES_MAX = 32 };

struct answer {
    size_t frame_count; /* frames stored one by one */
    size_t frame[ANSWER_FRAMES_MAX];
    double value[ANSWER_FRAMES_MAX];
    size_t checked; /* frames in the sums */
    double sum, magnitude;
};

/* Takes the answer from `count` computed values. */
void answer_from_values(const double *values, size_t count, struct answer *answer);

/* Both return 0, or -1 with errno (EINVAL: the file is not an answer). */
int answer_load(const char *path, struct answer *answer);
int answer_save(const char *path, const struct answer *answer);

/* Returns 0 if values[0..count) agree with the answer; else -1 and the first difference as text in message. */
int answer_compare(const struct answer *answer, const double *values, size_t count, char *message,
                   size_t size);

/* Reads the first column of CSV text (lines that do not start with a number are skipped).
 * Gives an array that the caller frees, its length in *count; NULL when memory is short. */
double *values_from_csv(const char *text, size_t *count);

#endif
