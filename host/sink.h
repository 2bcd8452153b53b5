/* sink.h -- where computed frames go: a sound file, CSV text, or nowhere.
 *
 * A sink takes blocks of frames (interleaved doubles, `channels` per frame) and ends in close, which reports what was
 * still held back by buffers.  The first failure is remembered with its text; writes after it do nothing and fail again. */
#ifndef JR_HOST_SINK_H
#define JR_HOST_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jr_sink_kind { JR_SINK_NULL, JR_SINK_CSV, JR_SINK_SOUND };

/* What an output name asks for: "null", "-" and *.csv (CSV), *.wav *.flac *.aiff *.aif *.ogg (a sound file); upper case is
 * accepted.  Returns false for any other name. */
bool jr_sink_kind_of(const char *name, enum jr_sink_kind *out);

struct jr_sink_config {
    uint32_t channels;
    uint32_t sample_rate; /* frames per second */
    uint64_t frame_count; /* frames expected; chooses a format that can hold them */
};

struct jr_sink {
    bool (*write)(struct jr_sink *sink, const double *frames, size_t frame_count);
    bool (*close)(struct jr_sink *sink); /* frees the sink's own resources, also after a failure */
    void *state;
    uint32_t channels;
    bool failed;
    bool reader_gone;  /* the failure is that nobody reads the pipe any more: no reason to complain */
    char message[512]; /* of the failure: "out.wav: No space left on device" */
    char warning[256]; /* after close: one line about samples that did not fit the format, or "" */
};

/* Opens the sink that `name` asks for.  On failure it is closed already and sink->message says why. */
bool jr_sink_open(struct jr_sink *sink, const char *name, const struct jr_sink_config *config);
bool jr_sink_write(struct jr_sink *sink, const double *frames, size_t frame_count);
/* Once after each successful open.  Returns false if anything failed since the open. */
bool jr_sink_close(struct jr_sink *sink);

/* For the makers of sinks: records the failure `error_number` (errno; 0: `text` alone) of `name`; returns false. */
bool jr_sink_fail(struct jr_sink *sink, const char *name, const char *text, int error_number);

#endif
