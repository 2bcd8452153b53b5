/* sink.c -- choosing a sink by name, and what all sinks share. */
#include "host/sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host/csv.h"
#include "host/sndfile.h"

bool jr_sink_kind_of(const char *name, enum jr_sink_kind *out)
{
    const char *dot;
    if (strcmp(name, "null") == 0) {
        *out = JR_SINK_NULL;
        return true;
    }
    dot = strrchr(name, '.');
    if (strcmp(name, "-") == 0 || (dot && strcasecmp(dot, ".csv") == 0)) {
        *out = JR_SINK_CSV;
        return true;
    }
    *out = JR_SINK_SOUND;
    return jr_sndfile_knows(name);
}

bool jr_sink_fail(struct jr_sink *sink, const char *name, const char *text, int error_number)
{
    if (!sink->failed) {
        sink->failed = true;
        sink->reader_gone = error_number == EPIPE;
        snprintf(sink->message, sizeof sink->message, "%s: %s%s%s", name, text ? text : "",
                 text && error_number ? ": " : "", error_number ? strerror(error_number) : "");
    }
    return false;
}

static bool discard(struct jr_sink *sink, const double *frames, size_t frame_count)
{
    (void)sink, (void)frames, (void)frame_count;
    return true;
}

static bool close_nothing(struct jr_sink *sink)
{
    (void)sink;
    return true;
}

bool jr_sink_open(struct jr_sink *sink, const char *name, const struct jr_sink_config *config)
{
    enum jr_sink_kind kind;
    *sink = (struct jr_sink){ .write = discard, .close = close_nothing, .channels = config->channels };
    if (!jr_sink_kind_of(name, &kind))
        return jr_sink_fail(sink, name, "no such output format (.wav .flac .aiff .ogg .csv - null)", 0);
    switch (kind) {
    case JR_SINK_NULL:
        return true;
    case JR_SINK_CSV:
        return jr_csv_open(sink, name, config);
    case JR_SINK_SOUND:
        return jr_sndfile_open(sink, name, config);
    }
    return false;
}

bool jr_sink_write(struct jr_sink *sink, const double *frames, size_t frame_count)
{
    return !sink->failed && sink->write(sink, frames, frame_count);
}

bool jr_sink_close(struct jr_sink *sink)
{
    bool closed = sink->close(sink);
    return closed && !sink->failed;
}
