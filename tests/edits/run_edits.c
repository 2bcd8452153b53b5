/* run_edits.c -- edits of a sounding program: jitrun-edits [--update] [--mode off|eager|auto|plain] FOLDER
 *
 * Each *.edit is a pair of programs and what must come of the edit (README.md).  The old one renders, the new one takes over, and every sample
 * afterwards must be, bit for bit, that of a run that nothing interrupted. */
#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/live.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

enum { MOST_FILES = 1000, MOST_CHANNELS = 8, BLOCK = 64 };

enum source { SOURCE_NONE, SOURCE_OLD, SOURCE_NEW, SOURCE_FRESH, SOURCE_LIKE, SOURCE_COUNT };
static const char *const source_names[] = { "none", "old", "new", "fresh", "like" };

struct edit {
    const char *path;
    char *text;
    unsigned before, after; /* frames */
    bool
        changes_itself; /* the same program taking over from itself is not the same: it loses something on purpose */
    char *old, *new, *like, *fate;
    struct {
        enum source source;
        unsigned channel;
        bool smooth; /* no step at the seam that the old one would not have made */
    } channels[MOST_CHANNELS];
};

struct mode {
    const char *name;
    struct jr_session_config config;
};

static void quiet(void *user, const char *line)
{
    (void)user, (void)line;
}

static const struct mode modes[] = {
    { "off", { .line = quiet } },
    { "plain", { .line = quiet, .no_specialise = true, .stress_heap = true } },
    { "eager", { .line = quiet, .jit = { .mode = JR_JIT_EAGER } } },
    { "auto",
      { .line = quiet,
        .jit = { .mode = JR_JIT_AUTO, .quick_calls = 20, .optimised_calls = 60, .synchronous = true } } },
};

static bool complain(const struct edit *edit, const struct mode *mode, const char *what)
{
    fprintf(stderr, "%s (%s): %s\n", edit->path, mode ? mode->name : "-", what);
    return false;
}

/* ---- reading ---- */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        text = calloc(1, (size_t)size + 1);
        if (text && fread(text, 1, (size_t)size, file) != (size_t)size)
            text[0] = '\0';
    }
    fclose(file);
    return text;
}

/* The part behind "== name", which ends at the next one. */
static char *part(char *text, const char *name)
{
    char head[32];
    snprintf(head, sizeof head, "== %s\n", name);
    char *start = strstr(text, head);
    if (start == NULL)
        return NULL;
    start += strlen(head);
    char *stop = strstr(start, "== ");
    char *copy = strndup(start, stop ? (size_t)(stop - start) : strlen(start));
    return copy;
}

static bool read_edit(struct edit *edit)
{
    char *text = edit->text, *line, *rest;
    edit->before = edit->after = 100;
    edit->old = part(text, "old");
    edit->new = part(text, "new");
    edit->like = part(text, "like");
    edit->fate = part(text, "fate");
    if (edit->old == NULL || edit->new == NULL)
        return complain(edit, NULL, "needs '== old' and '== new'");
    char *head = strndup(text, (size_t)(strstr(text, "== ") - text));
    for (line = strtok_r(head, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        unsigned channel, from = 0;
        char source[16] = "";
        if (line[0] == '#')
            continue;
        if (sscanf(line, "frames %u %u", &edit->before, &edit->after) >= 1)
            continue;
        if (strcmp(line, "changes itself") == 0) {
            edit->changes_itself = true;
            continue;
        }
        if (sscanf(line, "smooth %u", &channel) == 1 && channel < MOST_CHANNELS) {
            edit->channels[channel].smooth = true;
            continue;
        }
        if (sscanf(line, "channel %u is %15s %u", &channel, source, &from) < 2 || channel >= MOST_CHANNELS) {
            free(head);
            return complain(edit, NULL, line);
        }
        for (int s = 0; s < SOURCE_COUNT; s++)
            if (strcmp(source, source_names[s]) == 0)
                edit->channels[channel].source = (enum source)s;
        edit->channels[channel].channel = from;
    }
    free(head);
    return true;
}

/* ---- rendering ---- */

static bool prepare(const struct edit *edit, const struct mode *mode, struct jr_live *live, const char *text)
{
    enum jr_status status = jr_live_prepare_text(live, JR_LANGUAGE_MIMIUM, edit->path, text, strlen(text));
    if (status == JR_OK)
        return true;
    struct jr_sb why;
    jr_sb_init(&why, jr_alloc_default());
    jr_session_report(jr_live_edited(live), false, false, &why);
    jr_sb_format(&why, "%s", jr_session_failure(jr_live_edited(live)));
    complain(edit, mode, jr_sb_view(&why));
    jr_sb_fini(&why);
    return false;
}

static void process(struct jr_live *live, double *out, unsigned frames)
{
    uint32_t channels = jr_live_channels(live);
    for (unsigned done = 0; done < frames; done += BLOCK) {
        unsigned count = frames - done < BLOCK ? frames - done : BLOCK;
        jr_live_process(live, NULL, out + (size_t)done * channels, count);
    }
}

/* `first` for `before` frames, then `second` (may be NULL) for `after`.  The samples, with *channels in each frame, or NULL. */
static double *render(const struct edit *edit, const struct mode *mode, const char *first, unsigned before,
                      const char *second, unsigned after, uint32_t *channels, struct jr_sb *fate)
{
    struct jr_live_config config = { .session = mode->config, .output_channels = MOST_CHANNELS };
    struct jr_live *live;
    struct jr_live_event event;
    double *out = calloc((size_t)(before + after) * MOST_CHANNELS, sizeof *out);
    bool good = out && jr_live_create(&config, &live) == JR_OK;
    if (!good)
        abort();
    *channels = MOST_CHANNELS;
    good = prepare(edit, mode, live, first);
    if (good)
        process(live, out, before);
    if (good && second)
        good = prepare(edit, mode, live, second);
    if (good) {
        process(live, out + (size_t)before * *channels, after);
        jr_live_collect(live, &event, NULL, NULL);
        struct jr_sb details;
        jr_sb_init(&details, jr_alloc_default());
        while (jr_live_collect(live, &event, fate, &details)) {
            if (event.kind == JR_LIVE_FAILED)
                good = complain(edit, mode, fate ? jr_sb_view(fate) : "failed");
            else if (fate)
                jr_sb_format(fate, "\n%s", jr_sb_view(&details));
        }
        jr_sb_fini(&details);
    }
    jr_live_destroy(live);
    if (good)
        return out;
    free(out);
    return NULL;
}

/* ---- checking ---- */

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool check_channel(const struct edit *edit, const struct mode *mode, unsigned c, const double *out,
                          const double *expected, unsigned shift)
{
    char message[200];
    unsigned from = edit->channels[c].channel;
    for (unsigned f = edit->before; f < edit->before + edit->after; f++) {
        double is = out[f * MOST_CHANNELS + c], should = expected[(f - shift) * MOST_CHANNELS + from];
        if (same_bits(is, should))
            continue;
        snprintf(message, sizeof message,
                 "channel %u, frame %u (%u after the swap): %.17g, but channel %u of %s has %.17g", c, f,
                 f - edit->before, is, from, source_names[edit->channels[c].source], should);
        return complain(edit, mode, message);
    }
    return true;
}

static bool check_seam(const struct edit *edit, const struct mode *mode, unsigned c, const double *out,
                       const double *old)
{
    double largest = 0.0,
           seam = fabs(out[edit->before * MOST_CHANNELS + c] - out[(edit->before - 1) * MOST_CHANNELS + c]);
    char message[200];
    for (unsigned f = 1; f < edit->before + edit->after; f++)
        largest = fmax(largest, fabs(old[f * MOST_CHANNELS + c] - old[(f - 1) * MOST_CHANNELS + c]));
    if (seam <= largest)
        return true;
    snprintf(message, sizeof message, "channel %u steps by %g at the seam, the old one by %g at most", c,
             seam, largest);
    return complain(edit, mode, message);
}

/* The program taking over from itself is as if nothing had happened. */
static bool check_itself(const struct edit *edit, const struct mode *mode, const char *text,
                         const double *whole)
{
    uint32_t channels;
    double *out = render(edit, mode, text, edit->before, text, edit->after, &channels, NULL);
    bool good = out != NULL;
    for (size_t i = 0; good && i < (size_t)(edit->before + edit->after) * MOST_CHANNELS; i++)
        if (!same_bits(out[i], whole[i]))
            good = complain(edit, mode, "the program taking over from itself is not the same any more");
    free(out);
    return good;
}

static bool check_fate(struct edit *edit, const struct mode *mode, const struct jr_sb *fate, bool update)
{
    if (edit->fate && strcmp(edit->fate, jr_sb_view(fate)) == 0)
        return true;
    if (!update) {
        fprintf(stderr, "%s (%s): the fate is\n%s", edit->path, mode->name, jr_sb_view(fate));
        return false;
    }
    char *end = strstr(edit->text, "== fate\n");
    FILE *file = fopen(edit->path, "wb");
    if (file == NULL)
        return complain(edit, mode, "cannot be written");
    fwrite(edit->text, 1, end ? (size_t)(end - edit->text) : strlen(edit->text), file);
    fprintf(file, "== fate\n%s", jr_sb_view(fate));
    fclose(file);
    free(edit->fate);
    edit->fate = strdup(jr_sb_view(fate));
    return true;
}

static bool check(struct edit *edit, const struct mode *mode, bool update)
{
    unsigned whole = edit->before + edit->after;
    double *expected[SOURCE_COUNT] = { NULL };
    uint32_t channels;
    struct jr_sb fate;
    bool good;
    jr_sb_init(&fate, jr_alloc_default());
    /* What nothing interrupted is rendered by the interpreter: all engines give the same bits. */
    expected[SOURCE_OLD] = render(edit, &modes[0], edit->old, whole, NULL, 0, &channels, NULL);
    expected[SOURCE_NEW] = render(edit, &modes[0], edit->new, whole, NULL, 0, &channels, NULL);
    expected[SOURCE_FRESH] = render(edit, &modes[0], edit->new, edit->after, NULL, 0, &channels, NULL);
    if (edit->like)
        expected[SOURCE_LIKE] = render(edit, &modes[0], edit->like, whole, NULL, 0, &channels, NULL);
    double *out = render(edit, mode, edit->old, edit->before, edit->new, edit->after, &channels, &fate);
    good = out && expected[SOURCE_OLD] && expected[SOURCE_NEW] && expected[SOURCE_FRESH];
    for (unsigned c = 0; good && c < MOST_CHANNELS; c++) {
        enum source source = edit->channels[c].source;
        if (source != SOURCE_NONE && expected[source] == NULL)
            good = complain(edit, mode, "there is no such part");
        else if (source != SOURCE_NONE)
            good = check_channel(edit, mode, c, out, expected[source],
                                 source == SOURCE_FRESH ? edit->before : 0);
        if (good && edit->channels[c].smooth)
            good = check_seam(edit, mode, c, out, expected[SOURCE_OLD]);
    }
    if (good)
        good = check_fate(edit, mode, &fate, update);
    /* both ways in the interpreter; compiling takes time, so the compiled modes share the work */
    if (good && !edit->changes_itself && mode->config.jit.mode != JR_JIT_EAGER)
        good = check_itself(edit, mode, edit->old, expected[SOURCE_OLD]);
    if (good && !edit->changes_itself && mode->config.jit.mode != JR_JIT_AUTO)
        good = check_itself(edit, mode, edit->new, expected[SOURCE_NEW]);
    for (int s = 0; s < SOURCE_COUNT; s++)
        free(expected[s]);
    free(out);
    jr_sb_fini(&fate);
    return good;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int count, char **arguments)
{
    static char *names[MOST_FILES];
    const char *folder = NULL, *mode_name = NULL;
    bool update = false;
    size_t files = 0, wrong = 0;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--update") == 0)
            update = true;
        else if (strcmp(arguments[i], "--mode") == 0 && i + 1 < count)
            mode_name = arguments[++i];
        else
            folder = arguments[i];
    }
    DIR *dir = folder ? opendir(folder) : NULL;
    if (dir == NULL) {
        fprintf(stderr, "usage: jitrun-edits [--update] [--mode off|plain|eager|auto] FOLDER\n");
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL && files < MOST_FILES;) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".edit") == 0 &&
            asprintf(&names[files], "%s/%s", folder, entry->d_name) > 0)
            files++;
    }
    closedir(dir);
    qsort(names, files, sizeof names[0], by_name);
    for (size_t i = 0; i < files; i++) {
        struct edit edit = { .path = names[i], .text = read_file(names[i]) };
        bool good = edit.text && strstr(edit.text, "== ") && read_edit(&edit);
        for (size_t m = 0; good && m < sizeof modes / sizeof modes[0]; m++)
            if (mode_name == NULL || strcmp(mode_name, modes[m].name) == 0)
                good = check(&edit, &modes[m], update);
        wrong += !good;
        free(edit.text);
        free(edit.old);
        free(edit.new);
        free(edit.like);
        free(edit.fate);
        free(names[i]);
    }
    printf("%zu edits, %zu wrong\n", files, wrong);
    return files == 0 || wrong > 0;
}
