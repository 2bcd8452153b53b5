#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
