/* sndfile.c -- libsndfile writes through our own file callbacks, so that the system's reason for a failure (a full
 * disk) is kept: the library reports only that fewer items were written. */
#include "host/sndfile.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct format {
    const char *extension;
    const char *title;
    int container, encoding; /* SF_FORMAT_ */
    bool holds_floats;       /* samples beyond -1 .. 1 and NaN survive */
} formats[] = {
    { ".wav", "WAV", SF_FORMAT_WAV, SF_FORMAT_FLOAT, true },
    { ".flac", "FLAC", SF_FORMAT_FLAC, SF_FORMAT_PCM_24, false },
    { ".aiff", "AIFF", SF_FORMAT_AIFF, SF_FORMAT_PCM_24, false },
    { ".aif", "AIFF", SF_FORMAT_AIFF, SF_FORMAT_PCM_24, false },
    { ".ogg", "Ogg Vorbis", SF_FORMAT_OGG, SF_FORMAT_VORBIS, false },
};

enum { BUFFER_SAMPLES = 4096 }; /* converted at a time */

struct sound {
    const struct format *format;
    SNDFILE *file;
    int fd;
    int error_number; /* of the first system call that failed */
    uint64_t clipped, not_numbers;
    double buffer[BUFFER_SAMPLES];
    char name[];
};

static const struct format *format_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof formats / sizeof formats[0]; i++) {
        if (strcasecmp(dot, formats[i].extension) == 0)
            return &formats[i];
    }
    return NULL;
}

bool jr_sndfile_knows(const char *name)
{
    return format_of(name) != NULL;
}

/* ---- the library's file callbacks ---- */

static sf_count_t remember(struct sound *sound, off_t result)
{
    if (result < 0 && sound->error_number == 0)
        sound->error_number = errno;
    return result;
}

static sf_count_t file_seek(sf_count_t offset, int whence, void *user)
{
    struct sound *sound = user;
    return remember(sound, lseek(sound->fd, offset, whence));
}

static sf_count_t file_tell(void *user)
{
    return file_seek(0, SEEK_CUR, user);
}

static sf_count_t file_length(void *user)
{
    struct sound *sound = user;
    off_t here = lseek(sound->fd, 0, SEEK_CUR);
    off_t end = lseek(sound->fd, 0, SEEK_END);
    remember(sound, lseek(sound->fd, here, SEEK_SET));
    return remember(sound, end);
}

static sf_count_t file_read(void *data, sf_count_t size, void *user)
{
    struct sound *sound = user;
    return remember(sound, read(sound->fd, data, (size_t)size));
}

static sf_count_t file_write(const void *data, sf_count_t size, void *user)
{
    struct sound *sound = user;
    sf_count_t done = 0;
    while (done < size) {
        ssize_t count = write(sound->fd, (const char *)data + done, (size_t)(size - done));
        if (count < 0 && errno == EINTR)
            continue;
        if (remember(sound, count) <= 0)
            break;
        done += count;
    }
    return done;
}

static SF_VIRTUAL_IO file_calls = { file_length, file_seek, file_read, file_write, file_tell };

/* ---- the sink ---- */

/* Makes a sample fit the format and counts what was lost. */
static double fit(struct sound *sound, double sample)
{
    if (isnan(sample)) {
        if (sound->format->holds_floats)
            return (double)NAN;
        sound->not_numbers++;
        return 0.0;
    }
    if (!sound->format->holds_floats && fabs(sample) > 1.0) {
        sound->clipped++;
        return sample > 0.0 ? 1.0 : -1.0;
    }
    return sample;
}

static bool write_frames(struct jr_sink *sink, const double *frames, size_t frame_count)
{
    struct sound *sound = sink->state;
    size_t left = frame_count * sink->channels;
    while (left > 0) {
        /* Whole frames only: the library counts items, but takes no part of a frame. */
        size_t most = BUFFER_SAMPLES / sink->channels * sink->channels;
        size_t count = left < most ? left : most;
        for (size_t i = 0; i < count; i++)
            sound->buffer[i] = fit(sound, frames[i]);
        if (sf_write_double(sound->file, sound->buffer, (sf_count_t)count) != (sf_count_t)count)
            return jr_sink_fail(sink, sound->name, sound->error_number ? NULL : sf_strerror(sound->file),
                                sound->error_number);
        frames += count;
        left -= count;
    }
    return true;
}

static bool close_file(struct jr_sink *sink)
{
    struct sound *sound = sink->state;
    int error = sf_close(sound->file); /* writes what is buffered and the final header */
    if (close(sound->fd) != 0 && sound->error_number == 0)
        sound->error_number = errno;
    if (error || sound->error_number)
        jr_sink_fail(sink, sound->name, sound->error_number ? NULL : sf_error_number(error),
                     sound->error_number);
    if (sound->clipped + sound->not_numbers > 0)
        snprintf(sink->warning, sizeof sink->warning,
                 "%.100s: %llu samples beyond -1..1 were clipped, %llu that are not numbers were written as "
                 "silence",
                 sound->name, (unsigned long long)sound->clipped, (unsigned long long)sound->not_numbers);
    free(sound);
    sink->state = NULL;
    return !sink->failed;
}

bool jr_sndfile_open(struct jr_sink *sink, const char *name, const struct jr_sink_config *config)
{
    const struct format *format = format_of(name);
    uint64_t bytes = config->frame_count * config->channels * (format->encoding == SF_FORMAT_PCM_24 ? 3 : 4);
    bool huge = bytes > UINT32_MAX - 4096; /* what 32-bit chunk sizes cannot say, headers allowed for */
    size_t name_size = strlen(name) + 1;
    struct sound *sound;
    SF_INFO info = { .samplerate = (int)config->sample_rate,
                     .channels = (int)config->channels,
                     .format = format->container | format->encoding };

    if (config->channels == 0)
        return jr_sink_fail(sink, name, "dsp gives no channels, so there is nothing to write", 0);
    if (huge && format->container == SF_FORMAT_AIFF)
        return jr_sink_fail(sink, name, "more than AIFF can hold (4 GiB); write .wav or .flac", 0);
    if (huge && format->container == SF_FORMAT_WAV)
        info.format = SF_FORMAT_RF64 | format->encoding;
    if (!sf_format_check(&info) || config->channels > BUFFER_SAMPLES) {
        char text[80];
        snprintf(text, sizeof text, "%s cannot hold %u channels at %u Hz", format->title, config->channels,
                 config->sample_rate);
        return jr_sink_fail(sink, name, text, 0);
    }
    sound = calloc(1, sizeof *sound + name_size);
    if (!sound)
        return jr_sink_fail(sink, name, NULL, ENOMEM);
    memcpy(sound->name, name, name_size);
    sound->format = format;
    sound->fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (sound->fd < 0) {
        jr_sink_fail(sink, name, "cannot open for writing", errno);
        free(sound);
        return false;
    }
    sound->file = sf_open_virtual(&file_calls, SFM_WRITE, &info, sound);
    if (!sound->file) {
        jr_sink_fail(sink, name, sound->error_number ? "cannot write" : sf_strerror(NULL),
                     sound->error_number);
        close(sound->fd);
        free(sound);
        return false;
    }
    /* The peak chunk holds the time of writing. */
    sf_command(sound->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    sf_command(sound->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    sink->state = sound;
    sink->write = write_frames;
    sink->close = close_file;
    return true;
}
