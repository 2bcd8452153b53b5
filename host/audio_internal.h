/* audio_internal.h -- what the drivers of audio.h share. */
#ifndef JR_HOST_AUDIO_INTERNAL_H
#define JR_HOST_AUDIO_INTERNAL_H

#include <stdatomic.h>

#include "host/audio.h"

struct jr_audio {
    struct jr_audio_config config;
    /* of the driver */
    bool (*start)(struct jr_audio *audio, char *message, size_t message_size);
    void (*stop)(struct jr_audio *audio);
    void (*close)(struct jr_audio *audio); /* frees it */
    atomic_bool ended;
    /* written by the driver's thread alone */
    _Atomic uint64_t frames, late_blocks, render_nanoseconds, worst_nanoseconds;
    _Atomic float peak;
};

/* Seconds of the monotonic clock, in nanoseconds. */
uint64_t jr_audio_clock(void);
/* Renders a block and keeps the books; gives the nanoseconds it took. */
uint64_t jr_audio_render(struct jr_audio *audio, const double *in, double *out, size_t frames);

#endif
