/* progress.h -- one line on a terminal while a long render runs: "  37 %  1.2 of 3.2 s  8.4x real time". */
#ifndef JR_CLI_PROGRESS_H
#define JR_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct jr_progress {
    bool enabled, shown;
    uint64_t frame_count;
    uint32_t sample_rate;
    double started, updated; /* seconds of the monotonic clock */
};

/* Nothing is shown unless standard error is a terminal, nor in the first second. */
void jr_progress_begin(struct jr_progress *progress, uint64_t frame_count, uint32_t sample_rate);
void jr_progress_update(struct jr_progress *progress, uint64_t frames_done);
/* Erases the line; before anything else is written to the terminal. */
void jr_progress_end(struct jr_progress *progress);

#endif
