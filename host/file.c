#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ir/base/alloc.h"

enum { LONGEST = 1 << 30, FIRST_ROOM = 1 << 14 };

enum jr_status jr_file_read(const struct jr_alloc *alloc, const char *path, char **text, size_t *length)
{
    int from_stdin = strcmp(path, "-") == 0;
    int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    enum jr_status status = JR_OK;
    char *buffer = NULL, *bigger;
    size_t room = 0, size = 0;
    int error_number = 0;

    *text = NULL;
    *length = 0;
    if (fd < 0)
        return errno == ENOENT ? JR_ERR_NOT_FOUND : JR_ERR_IO;
    /* Read to the end instead of asking for the size first: pipes have none. */
    for (;;) {
        ssize_t count;
        if (size + 1 >= room) {
            size_t wanted = room ? room * 2 : FIRST_ROOM;
            if (size > LONGEST) {
                status = JR_ERR_LIMIT;
                break;
            }
            bigger = alloc->realloc(alloc->user, buffer, room, wanted);
            if (!bigger) {
                status = JR_ERR_NO_MEMORY;
                break;
            }
            buffer = bigger;
            room = wanted;
        }
        count = read(fd, buffer + size, room - size - 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            status = JR_ERR_IO;
            error_number = errno;
        }
        if (count <= 0)
            break;
        size += (size_t)count;
    }
    if (!from_stdin)
        close(fd);
    if (status == JR_OK) { /* give back what is too much, so that the size to free is known */
        bigger = alloc->realloc(alloc->user, buffer, room, size + 1);
        if (bigger) {
            bigger[size] = '\0';
            *text = bigger;
            *length = size;
            return JR_OK;
        }
        status = JR_ERR_NO_MEMORY;
    }
    jr_alloc_free(alloc, buffer, room);
    errno = error_number;
    return status;
}

static bool write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t count = write(fd, text, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        text += count;
        length -= (size_t)count;
    }
    return true;
}

enum jr_status jr_file_replace(const char *path, const char *text, size_t length)
{
    static const char suffix[] = ".XXXXXX";
    char *target = realpath(path, NULL), *beside;
    struct stat info;
    int error_number = errno, fd = -1;
    size_t size;
    bool good;
    if (!target)
        return error_number == ENOMEM ? JR_ERR_NO_MEMORY : JR_ERR_IO;
    size = strlen(target) + sizeof suffix;
    beside = malloc(size);
    if (!beside) {
        free(target);
        return JR_ERR_NO_MEMORY;
    }
    snprintf(beside, size, "%s%s", target, suffix);
    /* access: a rename would also replace a file that is write-protected */
    good = stat(target, &info) == 0 && access(target, W_OK) == 0 && (fd = mkstemp(beside)) >= 0;
    if (good) {
        good = write_all(fd, text, length) && fchmod(fd, info.st_mode & 07777) == 0 && fsync(fd) == 0;
        error_number = errno;
        if (close(fd) != 0 && good) {
            good = false;
            error_number = errno;
        }
        if (good && rename(beside, target) != 0) {
            good = false;
            error_number = errno;
        }
        if (!good)
            unlink(beside);
    } else {
        error_number = errno;
    }
    free(beside);
    free(target);
    errno = error_number;
    return good ? JR_OK : JR_ERR_IO;
}
