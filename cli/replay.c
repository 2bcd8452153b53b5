/* replay.c -- jitrun replay: renders the record of a live session again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/record.h"
#include "cli/setup.h"
#include "host/sink.h"
#include "ir/base/alloc.h"

enum { BLOCK_FRAMES = 256 };

struct replay {
    const struct jr_cli_options *options;
    struct jr_record record;
    struct jr_live *live;
    struct jr_sink sink;
    double *block;
};

static void render_until(struct replay *replay, uint64_t frame)
{
    while (jr_live_frame(replay->live) < frame && !replay->sink.failed) {
        uint64_t left = frame - jr_live_frame(replay->live);
        size_t count = left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES;
        jr_live_process(replay->live, NULL, replay->block, count);
        jr_sink_write(&replay->sink, replay->block, count);
    }
}

static void collect(struct replay *replay)
{
    struct jr_live_event event;
    while (jr_live_collect(replay->live, &event, NULL, NULL)) {
    }
}

/* Back or forth until the version with this number is on offer. */
static enum jr_status go_to(struct replay *replay, uint64_t version)
{
    enum jr_status status = JR_OK;
    while (status == JR_OK && jr_live_offered(replay->live) != version)
        status =
            jr_live_offered(replay->live) > version ? jr_live_undo(replay->live) : jr_live_redo(replay->live);
    return status;
}

/* The exit code. */
static int apply(struct replay *replay, const struct jr_record_event *event)
{
    enum jr_status status = JR_OK;
    collect(replay);
    switch (event->kind) {
    case JR_RECORD_SET: /* also one that the version of the time did not have */
        jr_live_set_control(replay->live, event->name, event->value);
        return JR_EXIT_OK;
    case JR_RECORD_EDIT:
        jr_live_stand_in(replay->live, event->texts, event->text_count);
        status = jr_live_prepare_text(replay->live, jr_session_language(event->texts[0].path),
                                      event->texts[0].path, event->texts[0].text, event->texts[0].length);
        if (status != JR_OK && jr_live_edited(replay->live))
            return jr_cli_failed(replay->options, jr_live_edited(replay->live), status);
        break;
    case JR_RECORD_GO:
        status = go_to(replay, event->version);
        break;
    }
    return status == JR_OK
               ? JR_EXIT_OK
               : jr_cli_trouble(replay->options, replay->options->scripts[0], jr_status_text(status));
}

static int render(struct replay *replay)
{
    const struct jr_record *record = &replay->record;
    uint64_t frames = jr_cli_frame_count(replay->options, (uint32_t)record->head.rate, record->frames);
    struct jr_sink_config config = { (uint32_t)record->head.channels, (uint32_t)record->head.rate, frames };
    const char *output = replay->options->output ? replay->options->output : "-";
    enum jr_sink_kind kind;
    int code = JR_EXIT_OK;
    if (!jr_sink_kind_of(output, &kind)) {
        fprintf(stderr, "jitrun: --output %s: no such format; use .wav .flac .aiff .ogg .csv, - or null\n",
                output);
        return JR_EXIT_USAGE;
    }
    if (!jr_sink_open(&replay->sink, output, &config))
        return jr_cli_trouble(replay->options, NULL, replay->sink.message);
    for (size_t i = 0; i < record->count && code == JR_EXIT_OK && record->events[i].frame < frames; i++) {
        render_until(replay, record->events[i].frame);
        code = apply(replay, &record->events[i]);
    }
    if (code == JR_EXIT_OK)
        render_until(replay, frames);
    jr_sink_close(&replay->sink);
    if (replay->sink.failed && code == JR_EXIT_OK)
        code = replay->sink.reader_gone ? JR_EXIT_ENVIRONMENT
                                        : jr_cli_trouble(replay->options, NULL, replay->sink.message);
    return code;
}

int jr_command_replay(const struct jr_cli_options *options)
{
    struct replay replay = { .options = options };
    struct jr_live_config config = { .session = jr_cli_session_config(options) };
    char message[600];
    int code = JR_EXIT_ENVIRONMENT;
    if (!jr_record_read(&replay.record, options->scripts[0], message, sizeof message)) {
        jr_record_fini(&replay.record);
        return jr_cli_trouble(options, NULL, message);
    }
    config.session.sample_rate = (uint32_t)replay.record.head.rate;
    config.session.self_init_zero = replay.record.head.self_init_zero != 0;
    config.output_channels = (uint32_t)replay.record.head.channels;
    config.fade_frames = (uint32_t)replay.record.head.fade;
    config.history = (uint32_t)replay.record.head.history;
    replay.block = malloc(sizeof *replay.block * BLOCK_FRAMES * replay.record.head.channels);
    if (replay.block == NULL || jr_live_create(&config, &replay.live) != JR_OK)
        jr_cli_trouble(options, NULL, jr_status_text(JR_ERR_NO_MEMORY));
    else
        code = render(&replay);
    jr_live_destroy(replay.live);
    free(replay.block);
    jr_record_fini(&replay.record);
    return code;
}
