/* replay.c -- the driver without a fuzzer: runs a target over files and the files of folders, and over changes of them.
 *
 *   target-replay [--mutations N] PATH...
 *
 * The changes are the same in every run.  A target that finds something wrong ends the process; what it was looking at is then in
 * the file fuzz-TARGET-replay.input of the current folder. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { PATH_BYTES = 4096, MUTANT_BYTES = 1 << 15 };

struct replay {
    size_t inputs, mutants, mutations;
};

/* What the target looks at, for the handler. */
static const uint8_t *current;
static size_t current_size;
static char current_path[PATH_BYTES];

/* Only what a handler may call. */
static void keep_input(int number)
{
    int file = open(current_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file >= 0 && write(file, current, current_size) == (ssize_t)current_size)
        close(file);
    signal(number, SIG_DFL);
    raise(number);
}

static void look_at(const uint8_t *data, size_t size)
{
    current = data;
    current_size = size;
    LLVMFuzzerTestOneInput(data, size);
}

static uint32_t random_state = 1;

static uint32_t next(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    size_t at = size > 0 ? next() % size : 0;
    switch (next() % 3) {
    case 0:
        if (size > 0)
            data[at] ^= (uint8_t)(1u << next() % 8);
        return size;
    case 1:
        if (size < 2)
            return size;
        memmove(data + at, data + at + 1, size - at - 1);
        return size - 1;
    default:
        if (size >= max_size)
            return size;
        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)next();
        return size + 1;
    }
}

static void run(struct replay *replay, const uint8_t *data, size_t size)
{
    static uint8_t mutant[MUTANT_BYTES];
    uint8_t *exact = malloc(size ? size : 1); /* a read behind the end is seen by a sanitizer */
    if (!exact)
        exit(3);
    if (size > 0)
        memcpy(exact, data, size);
    look_at(exact, size);
    free(exact);
    replay->inputs++;
    for (size_t i = 0; i < replay->mutations && size <= MUTANT_BYTES / 2; i++) {
        size_t mutant_size;
        random_state = (uint32_t)(replay->inputs * 1000 + i);
        memcpy(mutant, data, size);
        mutant_size = LLVMFuzzerCustomMutator(mutant, size, MUTANT_BYTES, random_state);
        look_at(mutant, mutant_size);
        replay->mutants++;
    }
}

static void replay_file(struct replay *replay, const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0, room = 0;
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        exit(3);
    }
    for (;;) {
        size_t got;
        if (size == room) {
            room = room ? 2 * room : 4096;
            data = realloc(data, room);
            if (!data)
                exit(3);
        }
        got = fread(data + size, 1, room - size, file);
        if (got == 0)
            break;
        size += got;
    }
    fclose(file);
    run(replay, data, size);
    free(data);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_path(struct replay *replay, const char *path)
{
    struct dirent **entries;
    struct stat status;
    int count;
    if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
        replay_file(replay, path);
        return;
    }
    count = scandir(path, &entries, visible, alphasort);
    if (count < 0) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        exit(3);
    }
    for (int i = 0; i < count; i++) {
        char inner[PATH_BYTES];
        if ((size_t)snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name) < sizeof inner)
            replay_path(replay, inner);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    struct replay replay = { 0 };
    const char *slash = strrchr(argv[0], '/');
    snprintf(current_path, sizeof current_path, "%s.input", slash ? slash + 1 : argv[0]);
    signal(SIGABRT, keep_input);
    signal(SIGSEGV, keep_input);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--mutations") == 0 && i + 1 < argc) {
            replay.mutations = strtoul(argv[++i], NULL, 10);
        } else {
            replay_path(&replay, argv[i]);
        }
    }
    printf("%zu inputs and %zu changes of them\n", replay.inputs, replay.mutants);
    return replay.inputs > 0 ? 0 : 2;
}
