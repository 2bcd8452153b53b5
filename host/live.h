/* live.h -- a program that is edited while it sounds: versions follow one another, and each takes over what the one before holds.
 *
 *   editor, any one thread at a time                        audio, one thread
 *
 *   jr_live_create
 *   jr_live_prepare_file -> compiles, runs the global code,
 *       specialises, compiles to machine code, plans what goes
 *       over, and offers the version -- -- -- -- -- -- -- ->  jr_live_process: takes an offered version over before it renders
 *   jr_live_collect <- -- -- -- -- -- -- -- -- -- -- -- -- -      (docs/internals/live.md), fades if asked to
 *       says what became of the state, frees what is retired
 *   jr_live_undo, jr_live_redo, jr_live_set_control
 *   jr_live_destroy, when nothing processes any more
 *
 * What is wrong with an edit leaves the sounding version as it is.  The audio side allocates, frees, locks and prints nothing of its own and
 * makes no system call; what scripts and engines do while they run is theirs.  Without threads the same calls one after the other are exact: an
 * edit takes effect at the first frame of the next jr_live_process. */
#ifndef JR_HOST_LIVE_H
#define JR_HOST_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/session.h"
#include "ir/base/status.h"
#include "runtime/migrate/migration.h"

struct jr_live;
struct jr_sb;

struct jr_live_config {
    struct jr_session_config session; /* of each version; its allocator must be safe on both threads */
    uint32_t output_channels;         /* of what jr_live_process writes; 0: those of the first version */
    uint32_t least_channels;          /* if output_channels is 0: as many at least */
    uint32_t input_channels;          /* of what it reads; 0: none */
    uint32_t fade_frames; /* the old version is faded out over so many frames; 0: it ends at once */
    uint32_t history;     /* versions that undo can go back to; 0: none */
};

/* JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_live_create(const struct jr_live_config *config, struct jr_live **out);
void jr_live_destroy(struct jr_live *live); /* NULL is allowed */

/* ---- editor ---- */

/* Makes a version and offers it.  One that was offered and not yet taken is withdrawn.  JR_ERR_DIAGNOSED: the edit is wrong, jr_live_edited tells
 * how; anything else as jr_session_compile_file.  On failure nothing changes for who listens. */
enum jr_status jr_live_prepare_file(struct jr_live *live, const char *path);
enum jr_status jr_live_prepare_text(struct jr_live *live, enum jr_language language, const char *name,
                                    const char *text, size_t length);
/* The session of the last jr_live_prepare, for its diagnostics and files; NULL before.  Not to be run.  Borrowed, valid until the next prepare, undo,
 * redo, collect. */
struct jr_session *jr_live_edited(struct jr_live *live);

/* Offers the version before the one that was offered last, or the one after it: as it was left, with what the sounding version can hand on to it.
 * JR_ERR_NOT_FOUND: there is none.  JR_ERR_UNSUPPORTED: it has not ended yet (it is being faded out); later it can be had. */
enum jr_status jr_live_undo(struct jr_live *live);
enum jr_status jr_live_redo(struct jr_live *live);
bool jr_live_can_undo(const struct jr_live *live);
bool jr_live_can_redo(const struct jr_live *live);

/* Something that happened on the audio side. */
enum jr_live_event_kind {
    JR_LIVE_SWAPPED, /* a version has taken over, and the one before has ended */
    JR_LIVE_SET,     /* a control was set */
    JR_LIVE_FAILED,  /* the sounding version has stopped with an error: silence until the next one */
};
struct jr_live_event {
    enum jr_live_event_kind kind;
    uint64_t version;                  /* number of the version: 1 is the first */
    uint64_t before;                   /* SWAPPED: of the one before; 0: there was none */
    uint64_t frame;                    /* the first one of the new version, or the one that failed */
    struct jr_migration_report report; /* SWAPPED */
    const char *control;               /* SET: its name, valid until the next call */
    double value;
};
/* The next thing that happened, oldest first, and frees what nobody needs any more; false if there is nothing.
 * `text` gets, of a swap, the line of jr_migration_describe, of a failure the report of the error; `details` the details.  Each may be NULL. */
bool jr_live_collect(struct jr_live *live, struct jr_live_event *event, struct jr_sb *text,
                     struct jr_sb *details);

/* Sets a control of whatever version sounds when the audio side comes by; versions that follow keep it.  JR_ERR_NOT_FOUND: the version that was offered last has no
 * such control; JR_ERR_LIMIT: too many are waiting to be taken, or the name is too long. */
enum jr_status jr_live_set_control(struct jr_live *live, const char *name, double value);

/* Texts that stand in for the files that the next versions import; borrowed until they are ended. */
void jr_live_stand_in(struct jr_live *live, const struct jr_named_text *texts, uint32_t count);
/* The number of the version that was offered last; 0: none.  The session of a version that exists, or NULL; only its files may be looked at. */
uint64_t jr_live_offered(const struct jr_live *live);
const struct jr_session *jr_live_session(const struct jr_live *live, uint64_t version);

uint32_t jr_live_channels(const struct jr_live *live); /* of the output; 0 before the first version */
/* Versions that exist, for tests of what is freed. */
size_t jr_live_version_count(const struct jr_live *live);

/* ---- audio ---- */

/* Not before the first version was offered, unless config.output_channels says how many channels there are.
 * Renders `frames` frames: `in` has input_channels per frame (NULL: silence), `out` gets jr_live_channels (NULL: discarded).  Silence before the
 * first version and after an error.  Programs with other numbers of channels: mono is copied to both channels of stereo, else channels
 * that are too many are left out and those that lack are silent. */
void jr_live_process(struct jr_live *live, const double *in, double *out, size_t frames);
/* Frames rendered so far.  Any thread. */
uint64_t jr_live_frame(const struct jr_live *live);

#endif
