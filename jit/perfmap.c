/* perfmap.c -- the file by which perf finds names for code that no file on disk has: address, size and name, a line each. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "jit/describe.h"

bool jr_perf_map_add(const struct jr_jit_code *code)
{
    static atomic_bool begun; /* a file of an earlier process with this number is overwritten, one of this process continued */
    char path[64], line[512];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
    int file = open(path, atomic_exchange(&begun, true) ? flags : flags | O_TRUNC, 0600);
    if (file < 0)
        return false;
    int length = snprintf(line, sizeof line, "%" PRIx64 " %" PRIx64 " %s\n", code->address, code->bytes, code->title);
    bool good = write(file, line, (size_t)length) == length; /* one write: perf may read at any time */
    return close(file) == 0 && good;
}
