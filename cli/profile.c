/* profile.c -- jitrun profile: runs a script, interrupts it now and then, and tells where its time goes. */
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/profile_sampler.h"
#include "cli/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/profile.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

enum { BLOCK_FRAMES = 256, TASK_SECONDS = 10, COUNTED_FRAMES = 1000 };
static const double PROCESSOR_SECONDS = 2.0; /* when no length was asked for: some two thousand samples */

struct profiling {
    const struct jr_cli_options *options;
    struct jr_session_config config;
    struct jr_session *session;
    struct jr_profile *profile;
    uint64_t frame_count;
    bool open_end; /* not so many frames, but until PROCESSOR_SECONDS have passed */
};

/* Processor seconds of this thread. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time); /* other programs' time is none of the script's */
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What the script prints would stand among what the profile prints. */
static void discard(void *user, const char *text, size_t length)
{
    (void)user;
    (void)text;
    (void)length;
}

static enum jr_status run_session(struct profiling *profiling)
{
    enum jr_status status = jr_session_start(profiling->session);
    double end = now() + PROCESSOR_SECONDS;
    uint64_t next;
    if (!jr_session_get_shape(profiling->session).has_dsp) {
        while (status == JR_OK && !jr_interrupt_came() && jr_session_next_task(profiling->session, &next) &&
               next < (profiling->open_end ? TASK_SECONDS * (uint64_t)profiling->config.sample_rate : profiling->frame_count))
            status = jr_session_run_tasks(profiling->session, next);
        return status;
    }
    for (uint64_t done = 0; status == JR_OK && done < profiling->frame_count && !jr_interrupt_came();) {
        if (profiling->open_end && now() > end)
            break;
        uint64_t left = profiling->frame_count - done;
        size_t count = left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES;
        status = jr_session_process(profiling->session, NULL, count, &count);
        done += count;
    }
    return status;
}

static int failed(const struct profiling *profiling, enum jr_status status)
{
    return jr_cli_failed(profiling->options, profiling->session, status);
}

/* Runs the script and takes samples.  An interrupted run is a shorter one. */
static int measure(struct profiling *profiling)
{
    const char *path = profiling->options->scripts[0];
    enum jr_status status = jr_session_prepare(profiling->session);
    unsigned long lost;
    if (status != JR_OK)
        return failed(profiling, status);
    struct jr_profile_view view = jr_profile_attach(profiling->profile, profiling->session);
    jr_interrupt_watch(profiling->session);
    if (!jr_sampler_start(&view))
        return jr_cli_trouble(profiling->options, "profile", strerror(errno));
    double began = now();
    status = run_session(profiling);
    double seconds = now() - began;
    jr_sampler_stop();
    jr_interrupt_watch(NULL);
    if (jr_sampler_give(profiling->profile, &lost) != JR_OK)
        return jr_cli_trouble(profiling->options, path, jr_status_text(JR_ERR_NO_MEMORY));
    if (lost > 0)
        fprintf(stderr, "jitrun: %lu samples had no room and are not counted\n", lost);
    if (status != JR_OK && !jr_interrupt_came())
        return failed(profiling, status);
    if (jr_session_get_shape(profiling->session).has_dsp) {
        uint64_t frames = profiling->frame_count < COUNTED_FRAMES ? profiling->frame_count : COUNTED_FRAMES;
        if (jr_profile_count(profiling->profile, &profiling->config, path, frames) != JR_OK)
            fprintf(stderr, "jitrun: calls and instructions could not be counted\n");
    }
    status = jr_profile_finish(profiling->profile, seconds);
    return status == JR_OK ? JR_EXIT_OK : jr_cli_trouble(profiling->options, path, jr_status_text(status));
}

static int print(const struct profiling *profiling)
{
    const struct jr_cli_options *options = profiling->options;
    enum jr_profile_format format = options->format ? (enum jr_profile_format)options->format : JR_PROFILE_TEXT;
    struct jr_sb text;
    jr_sb_init(&text, jr_alloc_default());
    enum jr_status status = jr_profile_print(profiling->profile, format, &text);
    int code = JR_EXIT_OK;
    if (status != JR_OK) {
        code = jr_cli_trouble(options, options->scripts[0], jr_status_text(status));
    } else {
        fwrite(jr_sb_view(&text), 1, text.length, stdout);
        if (!jr_cli_flushed())
            code = jr_cli_trouble(options, "standard output", strerror(errno));
    }
    jr_sb_fini(&text);
    return code;
}

static int profile_script(struct profiling *profiling)
{
    const struct jr_cli_options *options = profiling->options;
    enum jr_status status = jr_session_compile_file(profiling->session, options->scripts[0]);
    if (status != JR_OK)
        return failed(profiling, status);
    jr_cli_report(options, profiling->session); /* warnings */
    int code = jr_cli_set_controls(options, profiling->session);
    if (code == JR_EXIT_OK)
        code = measure(profiling);
    return code == JR_EXIT_OK ? print(profiling) : code;
}

int jr_command_profile(const struct jr_cli_options *options)
{
    struct profiling profiling = { .options = options, .config = jr_cli_session_config(options) };
    int code;
    if (jr_profile_create(&profiling.profile) != JR_OK)
        return jr_cli_trouble(options, NULL, jr_status_text(JR_ERR_NO_MEMORY));
    profiling.frame_count = jr_cli_frame_count(options, profiling.config.sample_rate, UINT64_MAX);
    profiling.open_end = profiling.frame_count == UINT64_MAX;
    profiling.config.print = discard;
    profiling.config.code = jr_profile_code;
    profiling.config.user = profiling.profile;
    enum jr_status status = jr_session_create(&profiling.config, &profiling.session);
    if (status == JR_OK)
        code = profile_script(&profiling);
    else
        code = jr_cli_trouble(options, NULL, jr_status_text(status));
    jr_session_destroy(profiling.session);
    jr_profile_destroy(profiling.profile);
    return code;
}
