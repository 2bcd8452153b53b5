/* sample.c -- the table of sound files. */
#include "host/sample.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <samplerate.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "runtime/ops.h"

enum { READ_FRAMES = 4096 };
#define SAMPLE_FRAMES_MAX (UINT64_C(1) << 31) /* twelve hours at 48 kHz */

static enum jr_status fail(char *message, size_t size, enum jr_status status, const char *path,
                           const char *reason)
{
    size_t length = strlen(path), most = size / 2; /* of a long path the end tells more */
    snprintf(message, size, "the sound file \"%s%s\" %s", length > most ? "..." : "",
             length > most ? path + length - most : path, reason);
    return status;
}

/* ---- finding ---- */

/* The canonical path, in a buffer of PATH_MAX bytes. */
static bool find(const char *script, const char *path, char *found)
{
    const char *slash = strrchr(script, '/');
    if (path[0] != '/' && slash != NULL) {
        char joined[PATH_MAX];
        int length = snprintf(joined, sizeof joined, "%.*s/%s", (int)(slash - script), script, path);
        if (length > 0 && (size_t)length < sizeof joined && realpath(joined, found) != NULL)
            return true;
    }
    return path[0] != '\0' && realpath(path, found) != NULL;
}

/* ---- reading ---- */

/* Frames while they are read: the header of a damaged file may tell any number. */
struct buffer {
    const struct jr_alloc *alloc;
    double *frames;
    uint64_t count, capacity;
};

static enum jr_status reserve(struct buffer *buffer, uint64_t more)
{
    if (buffer->count + more <= buffer->capacity)
        return JR_OK;
    uint64_t capacity = buffer->capacity == 0 ? 2 * READ_FRAMES : 2 * buffer->capacity;
    if (capacity > SAMPLE_FRAMES_MAX)
        return JR_ERR_LIMIT;
    double *frames = buffer->capacity == 0
                         ? jr_alloc_array(buffer->alloc, capacity, sizeof *frames)
                         : jr_alloc_resize(buffer->alloc, buffer->frames, buffer->capacity * sizeof *frames,
                                           capacity * sizeof *frames);
    if (frames == NULL)
        return JR_ERR_NO_MEMORY;
    buffer->frames = frames;
    buffer->capacity = capacity;
    return JR_OK;
}

static enum jr_status read_all(SNDFILE *file, struct buffer *buffer)
{
    for (;;) {
        enum jr_status status = reserve(buffer, READ_FRAMES);
        if (status != JR_OK)
            return status;
        sf_count_t count = sf_readf_double(file, buffer->frames + buffer->count, READ_FRAMES);
        if (count <= 0)
            return sf_error(file) == SF_ERR_NO_ERROR ? JR_OK : JR_ERR_IO;
        buffer->count += (uint64_t)count;
    }
}

static enum jr_status read_file(const char *path, struct buffer *buffer, uint32_t *rate, char *message,
                                size_t size)
{
    char reason[160];
    SF_INFO info = { 0 };
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (file == NULL) {
        snprintf(reason, sizeof reason, "cannot be read: %.140s", sf_strerror(NULL));
        return fail(message, size, JR_ERR_IO, path, reason);
    }
    enum jr_status status = JR_OK;
    if (info.channels != 1) {
        snprintf(reason, sizeof reason, "has %d channels; Sampler_mono takes files with one", info.channels);
        status = fail(message, size, JR_ERR_UNSUPPORTED, path, reason);
    } else if ((status = read_all(file, buffer)) == JR_ERR_IO) {
        snprintf(reason, sizeof reason, "is damaged: %.140s", sf_strerror(file));
        fail(message, size, status, path, reason);
    } else if (status != JR_OK) {
        fail(message, size, status, path,
             status == JR_ERR_LIMIT ? "is too long" : "does not fit into memory");
    }
    *rate = (uint32_t)info.samplerate;
    sf_close(file);
    return status;
}

/* ---- resampling ---- */

/* All of `in` at `ratio` times its frames; libsamplerate works on single precision.  NULL or its reason. */
static const char *convert(const float *in, uint64_t in_count, float *out, uint64_t out_count, double ratio)
{
    SRC_DATA data = { .data_in = in,
                      .data_out = out,
                      .input_frames = (long)in_count,
                      .output_frames = (long)out_count,
                      .src_ratio = ratio };
    int error = src_simple(&data, SRC_SINC_BEST_QUALITY, 1);
    for (uint64_t i = (uint64_t)data.output_frames_gen; error == 0 && i < out_count; i++)
        out[i] = 0.0F;
    return error == 0 ? NULL : src_strerror(error);
}

static enum jr_status resample(struct buffer *buffer, uint32_t from, uint32_t to, const char *path,
                               char *message, size_t size)
{
    double ratio = (double)to / from, wanted = ceil((double)buffer->count * ratio);
    if (wanted > (double)SAMPLE_FRAMES_MAX || !src_is_valid_ratio(ratio))
        return fail(message, size, JR_ERR_LIMIT, path, "cannot be brought to this frame rate");
    uint64_t in_count = buffer->count, out_count = (uint64_t)wanted;
    float *in = jr_alloc_array(buffer->alloc, in_count, sizeof *in);
    float *out = jr_alloc_array(buffer->alloc, out_count, sizeof *out);
    double *frames = jr_alloc_array(buffer->alloc, out_count, sizeof *frames);
    const char *reason = "does not fit into memory";
    enum jr_status status = JR_ERR_NO_MEMORY;
    if (in != NULL && out != NULL && frames != NULL) {
        for (uint64_t i = 0; i < in_count; i++)
            in[i] = (float)buffer->frames[i];
        status = JR_OK;
        reason = convert(in, in_count, out, out_count, ratio);
    }
    if (reason != NULL) {
        status = fail(message, size, status == JR_OK ? JR_ERR_UNSUPPORTED : status, path, reason);
        jr_alloc_free(buffer->alloc, frames, out_count * sizeof *frames);
    } else {
        for (uint64_t i = 0; i < out_count; i++)
            frames[i] = (double)out[i];
        jr_alloc_free(buffer->alloc, buffer->frames, buffer->capacity * sizeof *frames);
        buffer->frames = frames;
        buffer->count = buffer->capacity = out_count;
    }
    jr_alloc_free(buffer->alloc, in, in_count * sizeof *in);
    jr_alloc_free(buffer->alloc, out, out_count * sizeof *out);
    return status;
}

/* ---- the table ---- */

static enum jr_status add(struct jr_samples *samples, struct buffer *buffer, const char *path)
{
    const struct jr_alloc *alloc = buffer->alloc;
    size_t path_size = strlen(path) + 1;
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity == 0 ? 8 : 2 * samples->capacity;
        struct jr_sample *items =
            samples->capacity == 0 ? jr_alloc_array(alloc, capacity, sizeof *items)
                                   : jr_alloc_resize(alloc, samples->items, samples->capacity * sizeof *items,
                                                     capacity * sizeof *items);
        if (items == NULL)
            return JR_ERR_NO_MEMORY;
        samples->items = items;
        samples->capacity = capacity;
    }
    char *copy = jr_alloc_new(alloc, path_size);
    if (copy == NULL)
        return JR_ERR_NO_MEMORY;
    memcpy(copy, path, path_size);
    samples->items[samples->count++] =
        (struct jr_sample){ copy, buffer->frames, buffer->count, buffer->capacity };
    return JR_OK;
}

enum jr_status jr_samples_load(struct jr_samples *samples, const struct jr_alloc *alloc, const char *script,
                               const char *path, uint32_t rate, uint32_t *index, char *message,
                               size_t message_size)
{
    char found[PATH_MAX];
    struct buffer buffer = { .alloc = alloc };
    uint32_t file_rate = 0;
    if (!find(script, path, found))
        return fail(message, message_size, JR_ERR_NOT_FOUND, path, "cannot be found");
    for (*index = 0; *index < samples->count; ++*index)
        if (strcmp(samples->items[*index].path, found) == 0)
            return JR_OK;
    enum jr_status status = read_file(found, &buffer, &file_rate, message, message_size);
    if (status == JR_OK && rate != 0 && rate != file_rate && buffer.count > 0)
        status = resample(&buffer, file_rate, rate, found, message, message_size);
    if (status == JR_OK && (status = add(samples, &buffer, found)) != JR_OK)
        fail(message, message_size, status, path, "does not fit into memory");
    if (status != JR_OK)
        jr_alloc_free(alloc, buffer.frames, buffer.capacity * sizeof buffer.frames[0]);
    return status;
}

void jr_samples_fini(struct jr_samples *samples, const struct jr_alloc *alloc)
{
    for (size_t i = 0; i < samples->count; i++) {
        struct jr_sample *sample = &samples->items[i];
        jr_alloc_free(alloc, sample->path, strlen(sample->path) + 1);
        jr_alloc_free(alloc, sample->frames, sample->capacity * sizeof sample->frames[0]);
    }
    jr_alloc_free(alloc, samples->items, samples->capacity * sizeof samples->items[0]);
    *samples = (struct jr_samples){ 0 };
}

/* ---- playing ---- */

static double sample_at(const struct jr_sample *sample, double position)
{
    if (!(position >= 0.0 && position < (double)sample->count))
        return 0.0;
    uint64_t at = (uint64_t)position;
    double part = position - (double)at;
    if (at + 1 == sample->count)
        return sample->frames[at];
    return sample->frames[at] * (1.0 - part) + sample->frames[at + 1] * part;
}

static int get(struct jr_task *task, void *user, uint64_t *words)
{
    const struct jr_samples *samples = user;
    double index = jr_f64(words[1]);
    (void)task;
    words[0] = index >= 0.0 && index < (double)samples->count
                   ? jr_word(sample_at(&samples->items[(size_t)index], jr_f64(words[0])))
                   : jr_word(0.0);
    return JR_RUN_OK;
}

struct jr_host_function jr_sample_function(struct jr_samples *samples)
{
    return (struct jr_host_function){ "sample.get", "ww", "w", get, samples, true };
}
