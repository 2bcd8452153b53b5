#include "host/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/number.h"

struct csv {
    FILE *file;
    char name[]; /* for messages */
};

static bool fail(struct jr_sink *sink, const struct csv *csv)
{
    return jr_sink_fail(sink, csv->name, NULL, errno ? errno : EIO);
}

static bool write_frames(struct jr_sink *sink, const double *frames, size_t frame_count)
{
    struct csv *csv = sink->state;
    char text[JR_NUMBER_TEXT_BYTES + 1];
    if (sink->channels == 0)
        return true;
    errno = 0;
    for (size_t i = 0; i < frame_count * sink->channels; i++) {
        size_t size = jr_number_debug(frames[i], text);
        text[size++] = (i + 1) % sink->channels == 0 ? '\n' : ',';
        if (fwrite(text, 1, size, csv->file) != size)
            return fail(sink, csv);
    }
    return true;
}

static bool close_file(struct jr_sink *sink)
{
    struct csv *csv = sink->state;
    bool good;
    errno = 0;
    /* A full disk shows up here at the latest: fflush for standard output, which stays open, fclose else. */
    good = csv->file == stdout ? fflush(stdout) == 0 && !ferror(stdout) : fclose(csv->file) == 0;
    if (!good)
        fail(sink, csv);
    free(csv);
    sink->state = NULL;
    return good;
}

bool jr_csv_open(struct jr_sink *sink, const char *name, const struct jr_sink_config *config)
{
    bool to_stdout = strcmp(name, "-") == 0;
    const char *shown = to_stdout ? "standard output" : name;
    size_t size = strlen(shown) + 1;
    struct csv *csv = malloc(sizeof *csv + size);
    if (!csv)
        return jr_sink_fail(sink, name, NULL, ENOMEM);
    memcpy(csv->name, shown, size);
    csv->file = to_stdout ? stdout : fopen(name, "w");
    if (!csv->file) {
        jr_sink_fail(sink, name, "cannot open for writing", errno);
        free(csv);
        return false;
    }
    sink->state = csv;
    sink->write = write_frames;
    sink->close = close_file;
    errno = 0;
    for (uint32_t i = 0; i < config->channels; i++) {
        if (fprintf(csv->file, "%sch%u", i ? "," : "", i) < 0 ||
            (i + 1 == config->channels && fputc('\n', csv->file) == EOF)) {
            fail(sink, csv);
            close_file(sink);
            return false;
        }
    }
    return true;
}
