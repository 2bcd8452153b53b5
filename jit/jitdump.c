/* jitdump.c -- code, names and lines in the format that "perf inject --jit" makes object files of, so that "perf annotate" shows
 * machine code with the script's lines.  The format is described in tools/perf/Documentation/jitdump-specification.txt of Linux.
 *
 * perf learns of the file because the process maps a page of it as executable. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "jit/describe.h"

enum { MAGIC = 0x4a695444, VERSION = 1, RECORD_LOAD = 0, RECORD_LINES = 2 };

struct header {
    uint32_t magic, version, size, machine, padding, process;
    uint64_t time, flags;
};

struct record {
    uint32_t kind, size;
    uint64_t time;
};

struct load {
    struct record record;
    uint32_t process, thread;
    uint64_t address, same_address, bytes, number;
};

struct lines {
    struct record record;
    uint64_t address, count;
};

struct line {
    uint64_t address;
    uint32_t line, discriminator;
};

/* One file a process, as perf wants it; it stays open until the process ends. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *dump;
static uint64_t code_count;

/* perf record -k mono has the same clock. */
static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What processor this program is for: its own header says it. */
static uint32_t machine(void)
{
    Elf64_Ehdr header = { .e_machine = EM_NONE };
    FILE *self = fopen("/proc/self/exe", "r");
    if (self != NULL) {
        if (fread(&header, sizeof header, 1, self) != 1)
            header.e_machine = EM_NONE;
        fclose(self);
    }
    return header.e_machine;
}

static bool open_dump(void)
{
    char path[64];
    struct header header = { MAGIC, VERSION, sizeof header, machine(), 0, (uint32_t)getpid(), nanoseconds(), 0 };
    snprintf(path, sizeof path, "jit-%ld.dump", (long)getpid());
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    void *mark = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    if (mark == MAP_FAILED || (dump = fdopen(file, "w")) == NULL) {
        int why = errno;
        close(file);
        errno = why;
        return false;
    }
    return fwrite(&header, sizeof header, 1, dump) == 1; /* the mapping stays: it is what perf sees */
}

static const char *path_of(const struct jr_jit_code *code, const struct jr_place *place)
{
    return place->file != JR_NONE ? code->module->files[place->file] : "";
}

static struct jr_place place_of(const struct jr_jit_code *code, const struct jr_code_line *line)
{
    const struct jr_function *function = &code->module->functions[line->function];
    return line->at == JR_NONE ? function->place : jr_function_place(function, line->at);
}

static void put_lines(const struct jr_jit_code *code)
{
    struct lines head = { { RECORD_LINES, sizeof head, nanoseconds() }, code->address, code->line_count };
    for (uint32_t i = 0; i < code->line_count; i++) {
        struct jr_place place = place_of(code, &code->lines[i]);
        head.record.size += (uint32_t)(sizeof(struct line) + strlen(path_of(code, &place)) + 1);
    }
    fwrite(&head, sizeof head, 1, dump);
    for (uint32_t i = 0; i < code->line_count; i++) {
        struct jr_place place = place_of(code, &code->lines[i]);
        struct line line = { code->lines[i].address, place.line, 0 };
        fwrite(&line, sizeof line, 1, dump);
        fwrite(path_of(code, &place), strlen(path_of(code, &place)) + 1, 1, dump);
    }
}

bool jr_jitdump_add(const struct jr_jit_code *code)
{
    pthread_mutex_lock(&lock);
    bool good = dump != NULL || open_dump();
    if (good) {
        size_t title_bytes = strlen(code->title) + 1;
        if (code->line_count > 0)
            put_lines(code);
        struct load load = { { RECORD_LOAD, (uint32_t)(sizeof load + title_bytes + code->bytes), nanoseconds() },
                             (uint32_t)getpid(), (uint32_t)syscall(SYS_gettid), code->address, code->address,
                             code->bytes, code_count++ };
        fwrite(&load, sizeof load, 1, dump);
        fwrite(code->title, title_bytes, 1, dump);
        fwrite((const void *)(uintptr_t)code->address, (size_t)code->bytes, 1, dump);
        good = fflush(dump) == 0 && !ferror(dump);
    }
    pthread_mutex_unlock(&lock);
    return good;
}
