/* record.h -- what happened in a live session, as a file: enough to render it again, bit for bit.
 *
 *   jitrun record 1
 *   rate 48000                 frames per second, channels, frames of a fade, versions kept for undo, --self-init-0
 *   channels 2
 *   fade 0
 *   history 32
 *   self-init-0 0
 *   edit 0 2                   at this frame a new version of so many files took over
 *   file 123 song.mmm          bytes, path; then the bytes and an end of line
 *   file 45 lib/steps.mmm
 *   set 4800 0x1.8p+1 gain     a control was set
 *   go 9600 1                  undo or redo, to the first version that took over
 *   end 48000                  frames in all
 *
 * Sound files and whatever else lies outside the script's files are read again when the record is played. */
#ifndef JR_CLI_RECORD_H
#define JR_CLI_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "host/live.h"
#include "ir/base/named_text.h"

struct jr_record_head {
    uint64_t rate, channels, fade, history, self_init_zero;
};

/* ---- writing ---- */

struct jr_recorder {
    FILE *file;         /* NULL: nothing is recorded */
    uint64_t *versions; /* numbers of those that took over, in order */
    size_t count, capacity;
};

/* False with errno set if the file cannot be made. */
bool jr_recorder_open(struct jr_recorder *recorder, const char *path, const struct jr_record_head *head);
/* Before the next change of `live`. */
void jr_recorder_note(struct jr_recorder *recorder, const struct jr_live *live,
                      const struct jr_live_event *event);
/* False with errno set if not everything could be written.  Nothing if it is not open. */
bool jr_recorder_close(struct jr_recorder *recorder, uint64_t frames);

/* ---- reading ---- */

enum jr_record_kind { JR_RECORD_EDIT, JR_RECORD_GO, JR_RECORD_SET };
struct jr_record_event {
    enum jr_record_kind kind;
    uint64_t frame;
    size_t order;                /* in the file */
    struct jr_named_text *texts; /* EDIT */
    uint32_t text_count;
    uint64_t version; /* GO */
    double value;     /* SET */
    const char *name;
};
struct jr_record {
    struct jr_record_head head;
    struct jr_record_event *events; /* by frame */
    size_t count;
    uint64_t frames;
    char *bytes; /* the file, into which texts and names point */
    size_t length;
};

/* False with a message if the file cannot be read or is not a record; jr_record_fini in either case. */
bool jr_record_read(struct jr_record *record, const char *path, char *message, size_t message_size);
void jr_record_fini(struct jr_record *record);

#endif
