/* audio.c -- what all drivers share, and the driver that writes to a sink. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/audio_internal.h"
#include "host/sink.h"

enum { NANO = 1000000000, DEFAULT_BLOCK_FRAMES = 256 };

uint64_t jr_audio_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANO + (uint64_t)now.tv_nsec;
}

/* Only the driver's thread writes, so reading and writing need not be one step. */
static void add(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + value,
                          memory_order_relaxed);
}

uint64_t jr_audio_render(struct jr_audio *audio, const double *in, double *out, size_t frames)
{
    uint64_t started = jr_audio_clock(), took;
    float peak = atomic_load_explicit(&audio->peak, memory_order_relaxed);
    audio->config.render(audio->config.user, in, out, frames);
    took = jr_audio_clock() - started;
    add(&audio->frames, frames);
    add(&audio->render_nanoseconds, took);
    if (took > atomic_load_explicit(&audio->worst_nanoseconds, memory_order_relaxed))
        atomic_store_explicit(&audio->worst_nanoseconds, took, memory_order_relaxed);
    for (size_t i = 0; i < frames * audio->config.output_channels; i++)
        peak = fmaxf(peak, (float)fabs(out[i]));
    atomic_store_explicit(&audio->peak, peak, memory_order_relaxed);
    return took;
}

bool jr_audio_start(struct jr_audio *audio, char *message, size_t message_size)
{
    return audio->start(audio, message, message_size);
}

void jr_audio_stop(struct jr_audio *audio)
{
    audio->stop(audio);
}

void jr_audio_close(struct jr_audio *audio)
{
    if (audio == NULL)
        return;
    audio->stop(audio);
    audio->close(audio);
}

bool jr_audio_ended(const struct jr_audio *audio)
{
    return atomic_load(&audio->ended);
}

void jr_audio_get_stats(struct jr_audio *audio, struct jr_audio_stats *out)
{
    double rendered = (double)atomic_load(&audio->render_nanoseconds) / NANO;
    *out = (struct jr_audio_stats){ .frames = atomic_load(&audio->frames),
                                    .late_blocks = atomic_load(&audio->late_blocks),
                                    .worst_seconds = (double)atomic_load(&audio->worst_nanoseconds) / NANO,
                                    .peak = atomic_exchange(&audio->peak, 0.0F) };
    if (out->frames > 0)
        out->load = rendered * audio->config.sample_rate / (double)out->frames;
}

/* ---- to a sink ---- */

struct sink_driver {
    struct jr_audio audio; /* first, so that one leads to the other */
    struct jr_sink *sink;
    double *block;
    uint64_t frames_left;
    bool paced, running;
    atomic_bool stopping;
    pthread_t thread;
};

static void sleep_until(uint64_t time)
{
    struct timespec when = { (time_t)(time / NANO), (long)(time % NANO) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) != 0) {
    }
}

static void *write_blocks(void *context)
{
    struct sink_driver *driver = context;
    const struct jr_audio_config *config = &driver->audio.config;
    uint64_t began = jr_audio_clock(), done = 0;
    while (driver->frames_left > 0 && !atomic_load(&driver->stopping)) {
        size_t count =
            driver->frames_left < config->block_frames ? (size_t)driver->frames_left : config->block_frames;
        jr_audio_render(&driver->audio, NULL, driver->block, count);
        if (!jr_sink_write(driver->sink, driver->block, count))
            break;
        done += count;
        if (driver->frames_left != UINT64_MAX)
            driver->frames_left -= count;
        if (!driver->paced)
            continue;
        /* as a device that holds two blocks: one is asked for when the one before begins to be played, and has to be there when that ends */
        uint64_t due = began + (uint64_t)((double)done / config->sample_rate * NANO),
                 clock = jr_audio_clock();
        if (clock > due + (uint64_t)((double)config->block_frames / config->sample_rate * NANO))
            add(&driver->audio.late_blocks, 1);
        if (clock < due)
            sleep_until(due);
    }
    atomic_store(&driver->audio.ended, true);
    return NULL;
}

static bool start_sink(struct jr_audio *audio, char *message, size_t message_size)
{
    struct sink_driver *driver = (struct sink_driver *)audio;
    int wrong = pthread_create(&driver->thread, NULL, write_blocks, driver);
    if (wrong != 0)
        snprintf(message, message_size, "cannot start a thread: %s", strerror(wrong));
    driver->running = wrong == 0;
    return driver->running;
}

static void stop_sink(struct jr_audio *audio)
{
    struct sink_driver *driver = (struct sink_driver *)audio;
    if (!driver->running)
        return;
    atomic_store(&driver->stopping, true);
    pthread_join(driver->thread, NULL);
    driver->running = false;
}

static void close_sink(struct jr_audio *audio)
{
    struct sink_driver *driver = (struct sink_driver *)audio;
    free(driver->block);
    free(driver);
}

struct jr_audio *jr_audio_open_sink(const struct jr_audio_config *config, struct jr_sink *sink, bool paced,
                                    uint64_t frame_count, char *message, size_t message_size)
{
    struct sink_driver *driver = calloc(1, sizeof *driver);
    uint32_t block_frames = config->block_frames ? config->block_frames : DEFAULT_BLOCK_FRAMES;
    double *block = calloc((size_t)block_frames * (config->output_channels + 1), sizeof *block);
    if (driver == NULL || block == NULL) {
        free(driver);
        free(block);
        snprintf(message, message_size, "no memory for a block of %u frames", block_frames);
        return NULL;
    }
    driver->audio.config = *config;
    driver->audio.config.block_frames = block_frames;
    driver->audio.start = start_sink;
    driver->audio.stop = stop_sink;
    driver->audio.close = close_sink;
    driver->sink = sink;
    driver->block = block;
    driver->paced = paced;
    driver->frames_left = frame_count;
    return &driver->audio;
}
