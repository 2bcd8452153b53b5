/* record.c -- writing and reading what happened in a live session. */
#include "cli/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "ir/base/alloc.h"

/* ---- writing ---- */

bool jr_recorder_open(struct jr_recorder *recorder, const char *path, const struct jr_record_head *head)
{
    *recorder = (struct jr_recorder){ .file = fopen(path, "wb") };
    if (recorder->file == NULL)
        return false;
    fprintf(recorder->file,
            "jitrun record 1\nrate %" PRIu64 "\nchannels %" PRIu64 "\nfade %" PRIu64 "\nhistory %" PRIu64
            "\nself-init-0 %" PRIu64 "\n",
            head->rate, head->channels, head->fade, head->history, head->self_init_zero);
    return true;
}

/* The place of a version among those that took over, from 1; 0: it is new. */
static size_t place_of(const struct jr_recorder *recorder, uint64_t version)
{
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->versions[i] == version)
            return i + 1;
    return 0;
}

static void note_edit(struct jr_recorder *recorder, const struct jr_session *session, uint64_t frame)
{
    uint32_t count = jr_session_file_count(session);
    fprintf(recorder->file, "edit %" PRIu64 " %u\n", frame, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        const char *text = jr_session_file_text(session, i, &length);
        fprintf(recorder->file, "file %zu %s\n", length, jr_session_file(session, i));
        fwrite(text, 1, length, recorder->file);
        fputc('\n', recorder->file);
    }
}

static void note_swap(struct jr_recorder *recorder, const struct jr_live *live,
                      const struct jr_live_event *event)
{
    size_t place = place_of(recorder, event->version);
    const struct jr_session *session = jr_live_session(live, event->version);
    if (place > 0) {
        fprintf(recorder->file, "go %" PRIu64 " %zu\n", event->frame, place);
        return;
    }
    if (recorder->count == recorder->capacity) {
        size_t capacity = recorder->capacity ? 2 * recorder->capacity : 64;
        uint64_t *versions = realloc(recorder->versions, capacity * sizeof *versions);
        if (versions == NULL)
            return;
        recorder->versions = versions, recorder->capacity = capacity;
    }
    recorder->versions[recorder->count++] = event->version;
    if (session)
        note_edit(recorder, session, event->frame);
}

void jr_recorder_note(struct jr_recorder *recorder, const struct jr_live *live,
                      const struct jr_live_event *event)
{
    if (recorder->file == NULL)
        return;
    if (event->kind == JR_LIVE_SWAPPED)
        note_swap(recorder, live, event);
    else if (event->kind == JR_LIVE_SET)
        fprintf(recorder->file, "set %" PRIu64 " %a %s\n", event->frame, event->value, event->control);
}

bool jr_recorder_close(struct jr_recorder *recorder, uint64_t frames)
{
    if (recorder->file == NULL)
        return true;
    fprintf(recorder->file, "end %" PRIu64 "\n", frames);
    bool good = !ferror(recorder->file);
    good = fclose(recorder->file) == 0 && good;
    free(recorder->versions);
    *recorder = (struct jr_recorder){ 0 };
    return good;
}

/* ---- reading ---- */

struct reading {
    struct jr_record *record;
    char *at, *end;
    unsigned line;
    size_t capacity;
};

/* The next line without its end, which is overwritten; NULL at the end of the file. */
static char *next_line(struct reading *r)
{
    char *line = r->at;
    if (r->at >= r->end)
        return NULL;
    char *stop = memchr(line, '\n', (size_t)(r->end - line));
    if (stop == NULL)
        return NULL;
    *stop = '\0';
    r->at = stop + 1;
    r->line++;
    return line;
}

static bool read_head(struct reading *r)
{
    struct jr_record_head *head = &r->record->head;
    static const char *const names[] = { "rate", "channels", "fade", "history", "self-init-0" };
    uint64_t *const values[] = { &head->rate, &head->channels, &head->fade, &head->history,
                                 &head->self_init_zero };
    char *line = next_line(r);
    if (line == NULL || strcmp(line, "jitrun record 1") != 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        line = next_line(r);
        if (line == NULL || strncmp(line, names[i], length) != 0 ||
            sscanf(line + length, " %" SCNu64, values[i]) != 1)
            return false;
    }
    return head->rate >= 1 && head->rate <= 10000000 && head->channels >= 1 && head->channels <= 65536 &&
           head->fade <= UINT32_MAX && head->history <= UINT32_MAX;
}

static bool read_texts(struct reading *r, struct jr_record_event *event)
{
    event->texts = calloc((size_t)event->text_count + 1, sizeof *event->texts);
    for (uint32_t i = 0; event->texts && i < event->text_count; i++) {
        size_t length;
        int path;
        char *line = next_line(r);
        if (line == NULL || sscanf(line, "file %zu %n", &length, &path) != 1 ||
            length >= (size_t)(r->end - r->at))
            return false;
        event->texts[i].path = line + path;
        event->texts[i].text = r->at;
        event->texts[i].length = length;
        r->at += length;
        if (*r->at++ != '\n')
            return false;
    }
    return event->texts != NULL;
}

static bool read_event(struct reading *r, const char *line)
{
    struct jr_record *record = r->record;
    struct jr_record_event event = { .order = record->count };
    int name;
    if (sscanf(line, "edit %" SCNu64 " %" SCNu32, &event.frame, &event.text_count) == 2 &&
        event.text_count > 0 && event.text_count < 100000)
        event.kind = JR_RECORD_EDIT;
    else if (sscanf(line, "go %" SCNu64 " %" SCNu64, &event.frame, &event.version) == 2)
        event.kind = JR_RECORD_GO;
    else if (sscanf(line, "set %" SCNu64 " %la %n", &event.frame, &event.value, &name) == 2)
        event.kind = JR_RECORD_SET, event.name = line + name;
    else
        return false;
    if (record->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        struct jr_record_event *events = realloc(record->events, capacity * sizeof *events);
        if (events == NULL)
            return false;
        record->events = events, r->capacity = capacity;
    }
    record->events[record->count++] = event;
    return event.kind != JR_RECORD_EDIT || read_texts(r, &record->events[record->count - 1]);
}

/* A fade is told when it is over, so events may stand a little out of order. */
static int by_frame(const void *a, const void *b)
{
    const struct jr_record_event *one = a, *other = b;
    if (one->frame != other->frame)
        return one->frame < other->frame ? -1 : 1;
    if ((one->kind == JR_RECORD_SET) != (other->kind == JR_RECORD_SET))
        return one->kind == JR_RECORD_SET ? 1 : -1; /* the version that takes over hears of it */
    return one->order < other->order ? -1 : 1;
}

bool jr_record_read(struct jr_record *record, const char *path, char *message, size_t message_size)
{
    size_t length = 0;
    char *bytes = NULL, *line;
    *record = (struct jr_record){ 0 };
    enum jr_status status = jr_file_read(jr_alloc_default(), path, &bytes, &length);
    if (status != JR_OK) {
        snprintf(message, message_size, "%s: %s", path,
                 status == JR_ERR_NO_MEMORY ? jr_status_text(status) : strerror(errno));
        return false;
    }
    record->bytes = bytes, record->length = length;
    struct reading r = { .record = record, .at = bytes, .end = bytes + length };
    bool good = read_head(&r), ended = false;
    while (good && !ended && (line = next_line(&r)) != NULL) {
        ended = sscanf(line, "end %" SCNu64, &record->frames) == 1;
        good = ended || read_event(&r, line);
    }
    if (good && ended) {
        if (record->count > 0)
            qsort(record->events, record->count, sizeof record->events[0], by_frame);
        return true;
    }
    snprintf(message, message_size, "%s:%u: this is not a record of jitrun live, or it is cut off", path,
             r.line);
    return false;
}

void jr_record_fini(struct jr_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        free(record->events[i].texts);
    free(record->events);
    if (record->bytes)
        jr_alloc_free(jr_alloc_default(), record->bytes, record->length + 1);
    *record = (struct jr_record){ 0 };
}
