/* run.c -- jitrun run: compiles a script, computes frames in blocks and hands them to a sink. */
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/setup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sink.h"
#include "ir/base/alloc.h"
#include "ir/base/number.h"
#include "ir/base/sb.h"

enum { BLOCK_FRAMES = 256, DEFAULT_CSV_FRAMES = 10, DEFAULT_SOUND_SECONDS = 10 };

/* One run: what it was asked for and what it has opened. */
struct run {
    const struct jr_cli_options *options;
    struct jr_session *session;
    struct jr_session_shape shape;
    uint32_t sample_rate;
    const char *output;
    uint64_t frame_count; /* to compute; UINT64_MAX: until no task waits */
};

/* Writes a whole text to a file ("-": standard output); the exit code. */
static int write_text(const struct jr_sb *text, const char *path)
{
    bool to_stdout = strcmp(path, "-") == 0;
    FILE *file = to_stdout ? stdout : fopen(path, "w");
    bool good = file && fwrite(jr_sb_view(text), 1, text->length, file) == text->length;
    if (file)
        good = (to_stdout ? fflush(file) : fclose(file)) == 0 && good;
    if (good)
        return JR_EXIT_OK;
    fprintf(stderr, "jitrun: %s: %s\n", to_stdout ? "standard output" : path, strerror(errno));
    return JR_EXIT_ENVIRONMENT;
}

static int print_stage(struct run *run)
{
    int stage = run->options->emit;
    struct jr_sb text;
    enum jr_status status = JR_OK;
    int code = JR_EXIT_OK;
    if (stage >= JR_EMIT_SPECIALISED) /* the global code runs, since what it makes is constant for what is printed */
        status = jr_session_start(run->session);
    jr_sb_init(&text, jr_alloc_default());
    if (status == JR_OK)
        status = jr_session_emit(run->session, (enum jr_session_emit)(stage - JR_EMIT_AST), &text);
    if (status != JR_OK)
        code = jr_cli_failed(run->options, run->session, status);
    else
        code = write_text(&text, "-");
    jr_sb_fini(&text);
    return code;
}

/* --output PATH.jri: the program instead of what it computes. */
static int save_program(struct run *run)
{
    struct jr_sb image;
    int code;
    jr_sb_init(&image, jr_alloc_default());
    enum jr_status status = jr_session_save(run->session, &image);
    if (status == JR_OK) {
        code = write_text(&image, run->options->output);
    } else if (status == JR_ERR_UNSUPPORTED) {
        code = jr_cli_trouble(run->options, run->options->output, jr_session_failure(run->session));
    } else {
        code = jr_cli_trouble(run->options, run->options->output, jr_status_text(JR_ERR_NO_MEMORY));
    }
    jr_sb_fini(&image);
    return code;
}

static bool is_image(const char *path)
{
    size_t length = path ? strlen(path) : 0;
    return length > 4 && strcmp(path + length - 4, ".jri") == 0;
}

/* Fills in output and frame count from what was given; JR_EXIT_OK, or the exit code after a message. */
static int choose_output(struct run *run)
{
    const struct jr_cli_options *options = run->options;
    enum jr_sink_kind kind;

    run->output = options->output ? options->output : run->shape.has_dsp ? "-" : "null";
    if (!jr_sink_kind_of(run->output, &kind)) {
        fprintf(stderr,
                "jitrun: --output %s: no such format; use .wav .flac .aiff .ogg .csv .jri, - or null\n",
                run->output);
        return JR_EXIT_USAGE;
    }
    if (kind != JR_SINK_NULL && options->output && run->shape.output_channels == 0) {
        fprintf(stderr, "jitrun: %s has no dsp with output channels, so there is nothing to write to %s\n",
                options->scripts[0], run->output);
        return JR_EXIT_SCRIPT;
    }
    if (!run->shape.has_dsp)
        run->frame_count = UINT64_MAX;
    else
        run->frame_count =
            kind == JR_SINK_CSV ? DEFAULT_CSV_FRAMES : DEFAULT_SOUND_SECONDS * (uint64_t)run->sample_rate;
    run->frame_count = jr_cli_frame_count(options, run->sample_rate, run->frame_count);
    return JR_EXIT_OK;
}

/* Without dsp: leaps from task to task until none waits or the asked-for frames are over. */
static enum jr_status run_tasks(struct run *run)
{
    enum jr_status status = JR_OK;
    uint64_t next;
    while (status == JR_OK && !jr_interrupt_came() && jr_session_next_task(run->session, &next) &&
           next < run->frame_count)
        status = jr_session_run_tasks(run->session, next);
    return status;
}

static enum jr_status compute(struct run *run, struct jr_sink *sink)
{
    double *block = malloc(sizeof *block * BLOCK_FRAMES * (run->shape.output_channels + 1));
    struct jr_progress progress;
    enum jr_status status = block ? JR_OK : JR_ERR_NO_MEMORY;
    uint64_t done = 0;

    jr_progress_begin(&progress, run->frame_count, run->sample_rate);
    while (status == JR_OK && done < run->frame_count && !sink->failed && !jr_interrupt_came()) {
        uint64_t left = run->frame_count - done;
        size_t count = left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES;
        status = jr_session_process(run->session, block, count, &count);
        jr_sink_write(sink, block, count);
        done += count;
        jr_progress_update(&progress, done);
    }
    jr_progress_end(&progress);
    free(block);
    return status;
}

/* Opens the output, runs everything, closes it; the exit code. */
static int run_to_sink(struct run *run)
{
    struct jr_sink_config config = { run->shape.output_channels, run->sample_rate, run->frame_count };
    struct jr_sink sink;
    enum jr_status status;
    int code = JR_EXIT_OK;

    if (!jr_sink_open(&sink, run->output, &config))
        return jr_cli_trouble(run->options, NULL, sink.message);
    jr_interrupt_watch(run->session);
    status = jr_session_start(run->session);
    if (status == JR_OK)
        status = run->shape.has_dsp ? compute(run, &sink) : run_tasks(run);
    jr_session_finish(run->session);
    jr_interrupt_watch(NULL);

    /* The frames come before the message that says why there are no more. */
    jr_sink_close(&sink);
    if (jr_interrupt_came())
        code = JR_EXIT_INTERRUPTED;
    else if (status != JR_OK)
        code = jr_cli_failed(run->options, run->session, status);
    if (sink.failed && code == JR_EXIT_OK) {
        code = sink.reader_gone ? JR_EXIT_ENVIRONMENT : jr_cli_trouble(run->options, NULL, sink.message);
    }
    if (sink.warning[0])
        fprintf(stderr, "jitrun: warning: %s\n", sink.warning);
    return code;
}

/* ---- controls ---- */

static int list_controls(const struct jr_session *session)
{
    for (size_t i = 0; i < jr_session_control_count(session); i++)
        jr_cli_put_control(session, i, stdout);
    return jr_cli_flushed() ? JR_EXIT_OK : JR_EXIT_ENVIRONMENT;
}

/* With no other place for its sound, a script is heard. */
static bool is_to_be_heard(const struct run *run)
{
    const struct jr_cli_options *options = run->options;
    bool has_length = options->frames != JR_FRAMES_NOT_GIVEN || options->duration > 0.0;
    return options->play || (run->shape.has_dsp && !options->output && !has_length);
}

/* What was asked of a script that compiled. */
static int work(struct run *run)
{
    const struct jr_cli_options *options = run->options;
    int code = jr_cli_set_controls(options, run->session);
    if (code != JR_EXIT_OK)
        return code;
    if (options->list_controls)
        return list_controls(run->session);
    if (options->emit)
        return print_stage(run);
    if (is_image(options->output))
        return save_program(run);
    if (is_to_be_heard(run))
        return jr_command_live(options);
    code = choose_output(run);
    if (code != JR_EXIT_OK)
        return code;
    code = run_to_sink(run);
    if (options->stats)
        jr_cli_print_stats(options, run->session);
    return code;
}

int jr_command_run(const struct jr_cli_options *options)
{
    struct jr_session_config config = jr_cli_session_config(options);
    struct run run = { .options = options, .sample_rate = config.sample_rate };
    char folder[PATH_MAX];
    config.jit.cache_folder = jr_cli_cache_folder(options, options->scripts[0], folder, sizeof folder);
    enum jr_status status = jr_session_create(&config, &run.session);
    int code;
    if (status != JR_OK)
        return jr_cli_trouble(options, NULL, jr_status_text(status));
    status = jr_session_compile_file(run.session, options->scripts[0]);
    run.shape = jr_session_get_shape(run.session);
    if (status != JR_OK) {
        code = jr_cli_failed(options, run.session, status);
        /* What could be understood of a wrong script has a tree and types. */
        if (status == JR_ERR_DIAGNOSED && options->emit >= JR_EMIT_AST && options->emit <= JR_EMIT_TYPES)
            print_stage(&run);
    } else {
        jr_cli_report(options, run.session); /* warnings */
        code = work(&run);
    }
    jr_session_destroy(run.session);
    return code;
}
