/* live.c -- jitrun live: a script that is edited while it sounds; and jitrun --play, which is the same without watching.
 *
 * This thread is the editor's: it compiles what was saved, says what became of it, and reads commands.  The driver's thread renders. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/record.h"
#include "cli/setup.h"
#include "host/audio.h"
#include "host/live.h"
#include "host/sink.h"
#include "host/watch.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

enum { DEFAULT_HISTORY = 32, COMMAND_BYTES = 256 };

struct live {
    const struct jr_cli_options *options;
    bool watching; /* the command live, not --play */
    struct jr_live *versions;
    struct jr_audio *audio;
    struct jr_watch *watch;
    struct jr_recorder recorder;
    struct jr_sink sink;
    bool sink_open;
    uint32_t sample_rate;
    bool quit;
    int code;
};

static void render(void *user, const double *in, double *out, size_t frames)
{
    struct live *live = user;
    jr_live_process(live->versions, in, out, frames);
}

/* ---- telling ---- */

static void tell_swap(struct live *live, const struct jr_live_event *event, const char *text,
                      const char *details)
{
    if (!live->watching)
        return;
    if (event->before == 0)
        fprintf(stderr, "version %llu plays\n", (unsigned long long)event->version);
    else
        fprintf(stderr, "version %llu at %.3f s: %s\n", (unsigned long long)event->version,
                (double)event->frame / live->sample_rate, text);
    if (live->options->details)
        fputs(details, stderr);
}

static void tell_events(struct live *live)
{
    struct jr_live_event event;
    struct jr_sb text, details;
    jr_sb_init(&text, jr_alloc_default());
    jr_sb_init(&details, jr_alloc_default());
    while (jr_live_collect(live->versions, &event, &text, &details)) {
        jr_recorder_note(&live->recorder, live->versions, &event);
        if (event.kind == JR_LIVE_SET) {
            continue;
        } else if (event.kind == JR_LIVE_SWAPPED) {
            tell_swap(live, &event, jr_sb_view(&text), jr_sb_view(&details));
        } else {
            fprintf(stderr, "%sversion %llu has stopped at %.3f s\n", jr_sb_view(&text),
                    (unsigned long long)event.version, (double)event.frame / live->sample_rate);
            if (!live->watching) {
                live->code = JR_EXIT_SCRIPT;
                live->quit = true;
            }
        }
        jr_sb_clear(&text);
        jr_sb_clear(&details);
    }
    jr_sb_fini(&text);
    jr_sb_fini(&details);
}

/* ---- edits and commands ---- */

/* The files of the last edit, and the script itself, which may be missing for a moment while it is saved. */
static void watch_files(struct live *live)
{
    const struct jr_session *session = jr_live_edited(live->versions);
    uint32_t count = session ? jr_session_file_count(session) : 0;
    const char **paths = live->watch ? malloc((count + 1) * sizeof *paths) : NULL;
    if (paths == NULL)
        return;
    paths[0] = live->options->scripts[0];
    for (uint32_t i = 0; i < count; i++)
        paths[i + 1] = jr_session_file(session, i);
    if (jr_watch_files(live->watch, paths, count + 1) == JR_ERR_IO)
        fprintf(stderr, "jitrun: not every file of the script can be watched\n");
    free(paths);
}

/* Compiles what is on disk; a wrong script is reported, and what sounds goes on. */
static int compile(struct live *live)
{
    enum jr_status status = jr_live_prepare_file(live->versions, live->options->scripts[0]);
    struct jr_session *session = jr_live_edited(live->versions);
    int code = JR_EXIT_OK;
    if (session == NULL)
        return jr_cli_trouble(live->options, NULL, jr_status_text(status));
    if (status != JR_OK)
        code = jr_cli_failed(live->options, session, status);
    else if (live->watching)
        jr_cli_report(live->options, session); /* warnings; run has reported them already */
    watch_files(live);
    return code;
}

/* "set NAME=VALUE" */
static void set_control(struct live *live, char *text)
{
    char *equals = strrchr(text, '='), *end;
    double value = equals ? strtod(equals + 1, &end) : 0.0;
    if (equals == NULL || end == equals + 1 || *end != '\0') {
        fprintf(stderr, "jitrun: set wants NAME=VALUE with a number, not '%s'\n", text);
        return;
    }
    *equals = '\0';
    switch (jr_live_set_control(live->versions, text, value)) {
    case JR_OK:
        break;
    case JR_ERR_NOT_FOUND:
        fprintf(stderr, "jitrun: the script has no control '%s'\n", text);
        break;
    default:
        fprintf(stderr, "jitrun: '%s' is not set: too many controls are waiting to be\n", text);
        break;
    }
}

static void go(struct live *live, enum jr_status (*step)(struct jr_live *), const char *name)
{
    enum jr_status status = step(live->versions);
    if (status == JR_ERR_NOT_FOUND)
        fprintf(stderr, "jitrun: there is nothing to %s\n", name);
    else if (status == JR_ERR_UNSUPPORTED)
        fprintf(stderr, "jitrun: that version is still being faded out\n");
    else if (status != JR_OK)
        fprintf(stderr, "jitrun: cannot %s: %s\n", name, jr_status_text(status));
}

static void take_command(void *user, const char *line)
{
    struct live *live = user;
    char text[COMMAND_BYTES];
    snprintf(text, sizeof text, "%s", line);
    if (strcmp(text, "undo") == 0)
        go(live, jr_live_undo, "undo");
    else if (strcmp(text, "redo") == 0)
        go(live, jr_live_redo, "redo");
    else if (strncmp(text, "set ", 4) == 0)
        set_control(live, text + 4);
    else if (strcmp(text, "quit") == 0)
        live->quit = true;
    else if (text[0] != '\0')
        fprintf(stderr, "jitrun: no command '%s'; there are undo, redo, set NAME=VALUE, quit\n", text);
    tell_events(live);
}

/* ---- output ---- */

static bool open_record(struct live *live, const struct jr_live_config *config)
{
    const struct jr_record_head head = { .rate = live->sample_rate,
                                         .channels = jr_live_channels(live->versions),
                                         .fade = config->fade_frames,
                                         .history = config->history,
                                         .self_init_zero = config->session.self_init_zero };
    if (live->options->record == NULL || jr_recorder_open(&live->recorder, live->options->record, &head))
        return true;
    live->code = jr_cli_trouble(live->options, live->options->record, strerror(errno));
    return false;
}

static bool open_sink(struct live *live, uint64_t frame_count)
{
    struct jr_sink_config config = { jr_live_channels(live->versions), live->sample_rate, frame_count };
    const char *output = live->options->output ? live->options->output : "null";
    enum jr_sink_kind kind;
    if (!jr_sink_kind_of(output, &kind)) {
        fprintf(stderr, "jitrun: --output %s: no such format; use .wav .flac .aiff .ogg .csv, - or null\n",
                output);
        live->code = JR_EXIT_USAGE;
        return false;
    }
    live->sink_open = jr_sink_open(&live->sink, output, &config);
    if (!live->sink_open)
        live->code = jr_cli_trouble(live->options, NULL, live->sink.message);
    return live->sink_open;
}

static bool open_audio(struct live *live)
{
    const struct jr_cli_options *options = live->options;
    struct jr_audio_config config = { .sample_rate = live->sample_rate,
                                      .output_channels = jr_live_channels(live->versions),
                                      .block_frames = (uint32_t)options->block_frames,
                                      .render = render,
                                      .user = live };
    uint64_t frame_count = jr_cli_frame_count(options, live->sample_rate, UINT64_MAX);
    char message[300] = "";
    if (options->output) {
        if (!open_sink(live, frame_count))
            return false;
        live->audio =
            jr_audio_open_sink(&config, &live->sink, !options->unpaced, frame_count, message, sizeof message);
    } else {
        live->audio = jr_audio_open_device(&config, options->device, message, sizeof message);
    }
    if (live->audio && jr_audio_start(live->audio, message, sizeof message))
        return true;
    fprintf(stderr, "jitrun: %s; write a file with -o out.wav, or print frames with -n 10\n", message);
    live->code = JR_EXIT_ENVIRONMENT;
    return false;
}

/* Devices render for as long as was asked for, counted in frames. */
static bool is_over(const struct live *live)
{
    uint64_t frame_count = jr_cli_frame_count(live->options, live->sample_rate, UINT64_MAX);
    return live->quit || jr_interrupt_came() || jr_audio_ended(live->audio) ||
           jr_live_frame(live->versions) >= frame_count;
}

static void close_audio(struct live *live)
{
    struct jr_audio_stats stats;
    jr_audio_stop(live->audio);
    tell_events(live);
    jr_audio_get_stats(live->audio, &stats);
    jr_audio_close(live->audio);
    if (live->options->stats)
        fprintf(stderr,
                "frames               %llu\nlate blocks          %llu\nload                 %.1f %%\nworst "
                "block          %.3f ms\n",
                (unsigned long long)stats.frames, (unsigned long long)stats.late_blocks, 100.0 * stats.load,
                1000.0 * stats.worst_seconds);
    if (!jr_recorder_close(&live->recorder, stats.frames) && live->code == JR_EXIT_OK)
        live->code = jr_cli_trouble(live->options, live->options->record, strerror(errno));
    if (!live->sink_open)
        return;
    jr_sink_close(&live->sink);
    if (live->sink.failed && live->code == JR_EXIT_OK)
        live->code = live->sink.reader_gone ? JR_EXIT_ENVIRONMENT
                                            : jr_cli_trouble(live->options, NULL, live->sink.message);
    if (live->sink.warning[0])
        fprintf(stderr, "jitrun: warning: %s\n", live->sink.warning);
}

/* ---- the command ---- */

static void play(struct live *live)
{
    while (!is_over(live)) {
        if (live->watch == NULL)
            usleep(20000);
        else if (jr_watch_wait(live->watch, 0.05))
            compile(live);
        tell_events(live);
    }
    close_audio(live);
}

static bool open_watch(struct live *live)
{
    enum jr_status status;
    if (!live->watching)
        return true;
    status = jr_watch_create(jr_alloc_default(), take_command, live, &live->watch);
    if (status == JR_OK)
        return true;
    live->code = jr_cli_trouble(live->options, NULL,
                                status == JR_ERR_UNSUPPORTED
                                    ? "this build cannot watch files (libuv was not there when it was made)"
                                    : jr_status_text(status));
    return false;
}

static void apply_sets(struct live *live)
{
    char text[COMMAND_BYTES];
    for (uint32_t i = 0; i < live->options->sets.count; i++) {
        snprintf(text, sizeof text, "%s", live->options->sets.items[i]);
        set_control(live, text);
    }
}

int jr_command_live(const struct jr_cli_options *options)
{
    struct live live = { .options = options, .watching = options->command == JR_COMMAND_LIVE };
    struct jr_live_config config = { .session = jr_cli_session_config(options),
                                     .least_channels =
                                         options->output ? 0 : 2, /* mono is heard on both sides */
                                     .history = DEFAULT_HISTORY };
    if (options->jit == 0) /* compiling is done beside the sound, so it may as well be done at once */
        config.session.jit.mode = JR_JIT_EAGER;
    live.sample_rate = config.session.sample_rate;
    config.fade_frames = (uint32_t)(options->fade * live.sample_rate);
    enum jr_status status = jr_live_create(&config, &live.versions);
    if (status != JR_OK)
        return jr_cli_trouble(options, NULL, jr_status_text(status));
    jr_interrupt_catch();
    if (open_watch(&live)) {
        watch_files(&live); /* what is saved while the script is compiled is not missed */
        live.code = compile(&live);
        /* a wrong script can be put right */
        while (live.watching && live.code == JR_EXIT_SCRIPT && !jr_interrupt_came() && !live.quit)
            if (jr_watch_wait(live.watch, 0.1))
                live.code = compile(&live);
        if (live.code == JR_EXIT_OK &&
            jr_session_get_shape(jr_live_edited(live.versions)).output_channels == 0)
            live.code = jr_cli_trouble(options, options->scripts[0],
                                       "there is no dsp with output channels, so there is nothing to hear");
        if (live.code == JR_EXIT_OK) {
            apply_sets(&live);
            if (open_record(&live, &config) && open_audio(&live))
                play(&live);
            else if (live.audio)
                jr_audio_close(live.audio);
        }
    }
    jr_recorder_close(&live.recorder, 0); /* if it never came to play */
    jr_watch_destroy(live.watch);
    jr_live_destroy(live.versions);
    return live.code;
}

static void put_device(void *user, int number, const char *name, int channels, bool is_default)
{
    (void)user;
    printf("%2d  %s (%d channels)%s\n", number, name, channels, is_default ? ", default" : "");
}

int jr_command_list_devices(const struct jr_cli_options *options)
{
    char message[300];
    if (!jr_audio_list(put_device, NULL, message, sizeof message))
        return jr_cli_trouble(options, NULL, message);
    return jr_cli_flushed() ? JR_EXIT_OK : JR_EXIT_ENVIRONMENT;
}
