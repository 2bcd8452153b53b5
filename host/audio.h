/* audio.h -- who asks for frames: an audio device, or a thread that writes to a sink at the pace of a device or as fast as it can.
 *
 *   jr_audio_open_sink / jr_audio_open_device -> jr_audio_start -> ... -> jr_audio_stop -> jr_audio_close
 *
 * `render` is called on a thread of the driver, never on two at once, between start and stop; on a device that thread is a real-time one.  Everything
 * else is called by one thread. */
#ifndef JR_HOST_AUDIO_H
#define JR_HOST_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jr_audio;
struct jr_sink;

struct jr_audio_config {
    uint32_t sample_rate; /* frames per second */
    uint32_t output_channels,
        input_channels; /* of what `render` gives and takes, interleaved; more than the device has are refused */
    uint32_t block_frames; /* asked for at a time; 0: 256 */
    void (*render)(void *user, const double *in, double *out, size_t frames); /* `in` is NULL without input */
    void *user;
};

struct jr_audio_stats {
    uint64_t frames;
    uint64_t late_blocks; /* not ready when they were due */
    double load;          /* of the time that a block lasts, how much rendering took on average */
    double worst_seconds; /* that one block took to render */
    float peak;           /* since the last call */
};

/* Blocks go to `sink` (borrowed until jr_audio_close, which does not close it), `frame_count` frames in all (UINT64_MAX: until stop).  `paced`: each block
 * when a device would play it.  NULL and a message on failure. */
struct jr_audio *jr_audio_open_sink(const struct jr_audio_config *config, struct jr_sink *sink, bool paced,
                                    uint64_t frame_count, char *message, size_t message_size);
/* `device`: a part of the name of a device, or its number in jr_audio_list; NULL: the default one.  NULL and a message if there is none, or if this
 * build has no audio devices. */
struct jr_audio *jr_audio_open_device(const struct jr_audio_config *config, const char *device, char *message,
                                      size_t message_size);

bool jr_audio_start(struct jr_audio *audio, char *message, size_t message_size);
void jr_audio_stop(struct jr_audio *audio);  /* no `render` runs when this returns */
void jr_audio_close(struct jr_audio *audio); /* stops; NULL is allowed */
/* Whether it has ended by itself: all frames are written, or writing failed. */
bool jr_audio_ended(const struct jr_audio *audio);
void jr_audio_get_stats(struct jr_audio *audio, struct jr_audio_stats *out); /* while it runs, too */

/* Calls `tell` for each device that plays: its number, name, channels, whether it is the default.  False and a message if there are no devices in this build. */
bool jr_audio_list(void (*tell)(void *user, int number, const char *name, int channels, bool is_default),
                   void *user, char *message, size_t message_size);

#endif
