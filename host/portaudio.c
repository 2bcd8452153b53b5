/* portaudio.c -- audio devices through PortAudio; in builds without it, the sentence that says so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/audio_internal.h"

#ifdef JR_PORTAUDIO
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <portaudio.h>

/* The functions of PortAudio that are used, found in its library when a device is first asked for. */
#define FUNCTIONS(X)             \
    X(Pa_Initialize)             \
    X(Pa_Terminate)              \
    X(Pa_GetErrorText)           \
    X(Pa_GetDeviceCount)         \
    X(Pa_GetDeviceInfo)          \
    X(Pa_GetDefaultOutputDevice) \
    X(Pa_GetDefaultInputDevice)  \
    X(Pa_OpenStream)             \
    X(Pa_StartStream)            \
    X(Pa_StopStream)             \
    X(Pa_IsStreamStopped)        \
    X(Pa_CloseStream)

struct port_audio {
    void *library;
#define MEMBER(name) __typeof__(&name) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Systems without devices are talkative; one line is enough, and it is ours. */
static PaError initialize_quietly(const struct port_audio *pa)
{
    int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept >= 0 && nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
    PaError error = pa->Pa_Initialize();
    if (kept >= 0 && nowhere >= 0)
        dup2(kept, STDERR_FILENO);
    if (kept >= 0)
        close(kept);
    if (nowhere >= 0)
        close(nowhere);
    return error;
}

static bool open_library(struct port_audio *pa, char *message, size_t message_size)
{
    /* It and what it loads (JACK, ALSA) keep objects of their own until the program ends, so they stay where they are. */
    *pa = (struct port_audio){ .library = dlopen("libportaudio.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) };
    if (pa->library == NULL) {
        snprintf(message, message_size, "no audio: %s", dlerror());
        return false;
    }
    bool complete = true;
#define FIND(name)                                   \
    *(void **)&pa->name = dlsym(pa->library, #name); \
    complete = complete && pa->name != NULL;
    FUNCTIONS(FIND)
#undef FIND
    PaError error = complete ? initialize_quietly(pa) : paNoError;
    if (complete && error == paNoError)
        return true;
    snprintf(message, message_size, "no audio: %s",
             complete ? pa->Pa_GetErrorText(error) : "the PortAudio library of this system lacks functions");
    dlclose(pa->library);
    return false;
}

static void close_library(struct port_audio *pa)
{
    pa->Pa_Terminate();
    dlclose(pa->library);
}

struct device_driver {
    struct jr_audio audio; /* first, so that one leads to the other */
    struct port_audio pa;
    PaStream *stream;
    double *in, *out; /* block_frames each */
};

/* On PortAudio's thread.  Blocks are as long as was asked for. */
static int play_block(const void *input, void *output, unsigned long frames,
                      const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *user)
{
    struct device_driver *driver = user;
    const struct jr_audio_config *config = &driver->audio.config;
    const float *from = input;
    float *to = output;
    (void)time;
    if (flags & (paOutputUnderflow | paInputOverflow))
        atomic_store_explicit(&driver->audio.late_blocks,
                              atomic_load_explicit(&driver->audio.late_blocks, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    for (unsigned long done = 0; done < frames;) {
        size_t count = frames - done < config->block_frames ? (size_t)(frames - done) : config->block_frames;
        size_t in_words = count * config->input_channels, out_words = count * config->output_channels;
        for (size_t i = 0; i < in_words; i++)
            driver->in[i] = from ? (double)from[done * config->input_channels + i] : 0.0;
        jr_audio_render(&driver->audio, config->input_channels ? driver->in : NULL, driver->out, count);
        for (size_t i = 0; i < out_words; i++)
            to[done * config->output_channels + i] = (float)driver->out[i];
        done += count;
    }
    return paContinue;
}

static bool start_device(struct jr_audio *audio, char *message, size_t message_size)
{
    struct device_driver *driver = (struct device_driver *)audio;
    PaError error = driver->pa.Pa_StartStream(driver->stream);
    if (error != paNoError)
        snprintf(message, message_size, "the audio device does not start: %s",
                 driver->pa.Pa_GetErrorText(error));
    return error == paNoError;
}

static void stop_device(struct jr_audio *audio)
{
    struct device_driver *driver = (struct device_driver *)audio;
    if (driver->pa.Pa_IsStreamStopped(driver->stream) == 0)
        driver->pa.Pa_StopStream(driver->stream);
}

static void close_device(struct jr_audio *audio)
{
    struct device_driver *driver = (struct device_driver *)audio;
    driver->pa.Pa_CloseStream(driver->stream);
    close_library(&driver->pa);
    free(driver->in);
    free(driver->out);
    free(driver);
}

/* The number of the device that `wanted` names, or paNoDevice. */
static PaDeviceIndex find_device(const struct port_audio *pa, const char *wanted)
{
    char *end;
    if (wanted == NULL)
        return pa->Pa_GetDefaultOutputDevice();
    long number = strtol(wanted, &end, 10);
    if (*wanted && *end == '\0')
        return number >= 0 && number < pa->Pa_GetDeviceCount() ? (PaDeviceIndex)number : paNoDevice;
    for (PaDeviceIndex i = 0; i < pa->Pa_GetDeviceCount(); i++) {
        const PaDeviceInfo *info = pa->Pa_GetDeviceInfo(i);
        if (info->maxOutputChannels > 0 && strstr(info->name, wanted))
            return i;
    }
    return paNoDevice;
}

struct jr_audio *jr_audio_open_device(const struct jr_audio_config *config, const char *device, char *message,
                                      size_t message_size)
{
    struct device_driver *driver = NULL;
    uint32_t block_frames = config->block_frames ? config->block_frames : 256;
    struct port_audio pa;
    PaError error;
    if (!open_library(&pa, message, message_size))
        return NULL;
    PaDeviceIndex index = find_device(&pa, device);
    if (index == paNoDevice) {
        snprintf(message, message_size, device ? "there is no audio device '%s'" : "there is no audio device",
                 device);
        goto failed;
    }
    const PaDeviceInfo *info = pa.Pa_GetDeviceInfo(index);
    PaStreamParameters output = { .device = index,
                                  .channelCount = (int)config->output_channels,
                                  .sampleFormat = paFloat32,
                                  .suggestedLatency = info->defaultLowOutputLatency };
    PaStreamParameters input = { .device = pa.Pa_GetDefaultInputDevice(),
                                 .channelCount = (int)config->input_channels,
                                 .sampleFormat = paFloat32,
                                 .suggestedLatency = info->defaultLowOutputLatency };
    driver = calloc(1, sizeof *driver);
    if (driver) {
        driver->in = calloc((size_t)block_frames * (config->input_channels + 1), sizeof *driver->in);
        driver->out = calloc((size_t)block_frames * (config->output_channels + 1), sizeof *driver->out);
    }
    if (driver == NULL || driver->in == NULL || driver->out == NULL) {
        snprintf(message, message_size, "no memory for a block of %u frames", block_frames);
        goto failed;
    }
    driver->pa = pa;
    driver->audio.config = *config;
    driver->audio.config.block_frames = block_frames;
    driver->audio.start = start_device;
    driver->audio.stop = stop_device;
    driver->audio.close = close_device;
    error = pa.Pa_OpenStream(&driver->stream, config->input_channels ? &input : NULL, &output,
                             config->sample_rate, block_frames, paClipOff, play_block, driver);
    if (error == paNoError)
        return &driver->audio;
    snprintf(message, message_size, "%s: %s", info->name, pa.Pa_GetErrorText(error));
failed:
    close_library(&pa);
    if (driver) {
        free(driver->in);
        free(driver->out);
        free(driver);
    }
    return NULL;
}

bool jr_audio_list(void (*tell)(void *user, int number, const char *name, int channels, bool is_default),
                   void *user, char *message, size_t message_size)
{
    struct port_audio pa;
    if (!open_library(&pa, message, message_size))
        return false;
    for (PaDeviceIndex i = 0; i < pa.Pa_GetDeviceCount(); i++) {
        const PaDeviceInfo *info = pa.Pa_GetDeviceInfo(i);
        if (info->maxOutputChannels > 0)
            tell(user, i, info->name, info->maxOutputChannels, i == pa.Pa_GetDefaultOutputDevice());
    }
    close_library(&pa);
    return true;
}

#else

static const char without[] = "this build has no audio devices (PortAudio was not there when it was made)";

struct jr_audio *jr_audio_open_device(const struct jr_audio_config *config, const char *device, char *message,
                                      size_t message_size)
{
    (void)config, (void)device;
    snprintf(message, message_size, "%s", without);
    return NULL;
}

bool jr_audio_list(void (*tell)(void *user, int number, const char *name, int channels, bool is_default),
                   void *user, char *message, size_t message_size)
{
    (void)tell, (void)user;
    snprintf(message, message_size, "%s", without);
    return false;
}

#endif
