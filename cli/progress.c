#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void jr_progress_begin(struct jr_progress *progress, uint64_t frame_count, uint32_t sample_rate)
{
    *progress = (struct jr_progress){ .enabled = isatty(STDERR_FILENO),
                                      .frame_count = frame_count,
                                      .sample_rate = sample_rate };
    if (progress->enabled) {
        progress->started = seconds();
        progress->updated =
            progress->started + 0.75; /* the first line after one second, then four a second */
    }
}

void jr_progress_update(struct jr_progress *progress, uint64_t frames_done)
{
    double now, done;
    if (!progress->enabled || (now = seconds()) - progress->updated < 0.25)
        return;
    progress->updated = now;
    progress->shown = true;
    done = (double)frames_done / progress->sample_rate;
    fprintf(stderr, "\r%3.0f %%  %.1f of %.1f s  %.1fx real time\033[K",
            100.0 * (double)frames_done / (double)progress->frame_count, done,
            (double)progress->frame_count / progress->sample_rate, done / (now - progress->started));
    fflush(stderr);
}

void jr_progress_end(struct jr_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
