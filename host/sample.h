/* sample.h -- sound files that a script plays: Sampler_mono!(path).
 *
 * A macro reads them while the script is compiled, each file once; its code reads them by number.  They never change afterwards, so
 * any thread may play them. */
#ifndef JR_HOST_SAMPLE_H
#define JR_HOST_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "runtime/vm.h"

struct jr_alloc;

struct jr_sample {
    char *path;     /* canonical */
    double *frames; /* one channel */
    uint64_t count, capacity;
};

/* Zeroed: empty. */
struct jr_samples {
    struct jr_sample *items;
    size_t count, capacity;
};

/* The number of the file, which is read unless it was before.
 *
 * path      absolute, or looked for beside the file `script` and then in the working directory
 * rate      frames per second to bring it to, by libsamplerate's best sinc; 0: the samples as they are in the file
 * errors    JR_ERR_NOT_FOUND, JR_ERR_IO (not a sound file, damaged), JR_ERR_UNSUPPORTED (more than one channel), JR_ERR_LIMIT,
 *           JR_ERR_NO_MEMORY; `message` says which file and why */
enum jr_status jr_samples_load(struct jr_samples *samples, const struct jr_alloc *alloc, const char *script,
                               const char *path, uint32_t rate, uint32_t *index, char *message,
                               size_t message_size);
void jr_samples_fini(struct jr_samples *samples, const struct jr_alloc *alloc);

/* "sample.get" (position in samples, number) -> the sample there, between two by linear interpolation; 0 outside and for an unknown
 * number.  samples: borrowed for the life of what is linked to it. */
struct jr_host_function jr_sample_function(struct jr_samples *samples);

#endif
