/* watch.c -- watching folders through libuv. */
#include "host/watch.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/vec.h"

#ifdef JR_LIBUV
#include <uv.h>

enum { SETTLE_MILLISECONDS = 40, PATH_BYTES = 4096, LINE_BYTES = 1024 };

struct folder {
    uv_fs_event_t event; /* first, so that one leads to the other */
    struct jr_watch *watch;
    bool closed;
    char path[PATH_BYTES];
};

struct jr_watch {
    const struct jr_alloc *alloc;
    uv_loop_t loop;
    uv_timer_t timeout, settle;
    uv_pipe_t pipe;
    uv_tty_t terminal;
    uv_stream_t *input; /* NULL: nothing is read */
    void (*line)(void *user, const char *line);
    void *user;
    char typed[LINE_BYTES];
    size_t typed_length;
    char bytes[256];
    JR_VEC(struct folder *) folders;
    JR_VEC(char *) files; /* full paths as they were given */
    bool changed, settling, over;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "." for a path without a folder. */
static void folder_of(const char *path, char *out)
{
    size_t length = (size_t)(base_name(path) - path);
    if (length == 0 || length >= PATH_BYTES) {
        strcpy(out, ".");
        return;
    }
    memcpy(out, path, length);
    out[length > 1 ? length - 1 : length] = '\0'; /* without the slash, but for the root */
}

static void has_settled(uv_timer_t *timer)
{
    struct jr_watch *watch = timer->data;
    watch->settling = false;
    watch->changed = true;
    uv_stop(&watch->loop);
}

static void something_happened(uv_fs_event_t *event, const char *name, int events, int status)
{
    struct folder *folder = (struct folder *)event;
    struct jr_watch *watch = folder->watch;
    char path[PATH_BYTES];
    (void)events;
    if (status < 0)
        return;
    for (size_t i = 0; i < watch->files.count; i++) {
        folder_of(watch->files.items[i], path);
        if (strcmp(path, folder->path) != 0 || (name && strcmp(name, base_name(watch->files.items[i])) != 0))
            continue;
        /* an editor may still be writing */
        watch->settling = true;
        uv_timer_start(&watch->settle, has_settled, SETTLE_MILLISECONDS, 0);
        return;
    }
}

static void timed_out(uv_timer_t *timer)
{
    struct jr_watch *watch = timer->data;
    watch->over = true;
    uv_stop(&watch->loop);
}

/* ---- standard input ---- */

static void give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    struct jr_watch *watch = handle->data;
    (void)size;
    *out = uv_buf_init(watch->bytes, sizeof watch->bytes);
}

static void take_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes)
{
    struct jr_watch *watch = stream->data;
    if (count < 0) {
        uv_read_stop(stream);
        return;
    }
    for (ssize_t i = 0; i < count; i++) {
        if (bytes->base[i] != '\n') {
            if (watch->typed_length + 1 < LINE_BYTES)
                watch->typed[watch->typed_length++] = bytes->base[i];
            continue;
        }
        watch->typed[watch->typed_length] = '\0';
        watch->typed_length = 0;
        watch->line(watch->user, watch->typed);
        uv_stop(&watch->loop);
    }
}

static void read_input(struct jr_watch *watch)
{
    uv_handle_type kind = uv_guess_handle(0);
    if (kind == UV_TTY && uv_tty_init(&watch->loop, &watch->terminal, 0, 1) == 0)
        watch->input = (uv_stream_t *)&watch->terminal;
    else if (kind == UV_NAMED_PIPE && uv_pipe_init(&watch->loop, &watch->pipe, 0) == 0)
        watch->input = (uv_stream_t *)&watch->pipe;
    else
        return;
    watch->input->data = watch;
    if (kind == UV_NAMED_PIPE && uv_pipe_open(&watch->pipe, 0) != 0)
        return;
    uv_read_start(watch->input, give_buffer, take_bytes);
}

/* ---- life ---- */

enum jr_status jr_watch_create(const struct jr_alloc *alloc, void (*line)(void *user, const char *line),
                               void *user, struct jr_watch **out)
{
    struct jr_watch *watch = jr_alloc_new(alloc, sizeof *watch);
    *out = NULL;
    if (watch == NULL)
        return JR_ERR_NO_MEMORY;
    watch->alloc = alloc;
    watch->line = line;
    watch->user = user;
    if (uv_loop_init(&watch->loop) != 0) {
        jr_alloc_free(alloc, watch, sizeof *watch);
        return JR_ERR_IO;
    }
    uv_timer_init(&watch->loop, &watch->timeout);
    uv_timer_init(&watch->loop, &watch->settle);
    watch->timeout.data = watch->settle.data = watch;
    if (line)
        read_input(watch);
    *out = watch;
    return JR_OK;
}

static void folder_closed(uv_handle_t *handle)
{
    struct folder *folder = (struct folder *)handle;
    jr_alloc_free(folder->watch->alloc, folder, sizeof *folder);
}

static void forget_files(struct jr_watch *watch)
{
    for (size_t i = 0; i < watch->files.count; i++)
        jr_alloc_free(watch->alloc, watch->files.items[i], strlen(watch->files.items[i]) + 1);
    watch->files.count = 0;
}

void jr_watch_destroy(struct jr_watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->folders.count; i++)
        uv_close((uv_handle_t *)watch->folders.items[i], folder_closed);
    uv_close((uv_handle_t *)&watch->timeout, NULL);
    uv_close((uv_handle_t *)&watch->settle, NULL);
    if (watch->input)
        uv_close((uv_handle_t *)watch->input, NULL);
    uv_run(&watch->loop, UV_RUN_DEFAULT);
    uv_loop_close(&watch->loop);
    forget_files(watch);
    JR_VEC_FREE(watch->alloc, &watch->files);
    JR_VEC_FREE(watch->alloc, &watch->folders);
    jr_alloc_free(watch->alloc, watch, sizeof *watch);
}

static enum jr_status watch_folder(struct jr_watch *watch, const char *path)
{
    char wanted[PATH_BYTES];
    folder_of(path, wanted);
    for (size_t i = 0; i < watch->folders.count; i++)
        if (strcmp(watch->folders.items[i]->path, wanted) == 0)
            return JR_OK;
    if (JR_VEC_RESERVE(watch->alloc, &watch->folders, 1) != JR_OK)
        return JR_ERR_NO_MEMORY;
    struct folder *folder = jr_alloc_new(watch->alloc, sizeof *folder);
    if (folder == NULL)
        return JR_ERR_NO_MEMORY;
    folder->watch = watch;
    strcpy(folder->path, wanted);
    uv_fs_event_init(&watch->loop, &folder->event);
    if (uv_fs_event_start(&folder->event, something_happened, wanted, 0) != 0) {
        uv_close((uv_handle_t *)folder, folder_closed);
        return JR_ERR_IO;
    }
    watch->folders.items[watch->folders.count++] = folder;
    return JR_OK;
}

enum jr_status jr_watch_files(struct jr_watch *watch, const char *const *paths, size_t count)
{
    enum jr_status worst = JR_OK;
    forget_files(watch);
    /* Folders that are not needed any more go on being watched: names decide. */
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(paths[i]) + 1;
        char *copy = jr_alloc_new(watch->alloc, size);
        if (copy == NULL)
            return JR_ERR_NO_MEMORY;
        memcpy(copy, paths[i], size);
        if (JR_VEC_PUSH(watch->alloc, &watch->files, copy) != JR_OK) {
            jr_alloc_free(watch->alloc, copy, size);
            return JR_ERR_NO_MEMORY;
        }
        enum jr_status status = watch_folder(watch, paths[i]);
        if (status != JR_OK)
            worst = status;
    }
    return worst;
}

bool jr_watch_wait(struct jr_watch *watch, double seconds)
{
    watch->over = false;
    uv_update_time(&watch->loop);
    uv_timer_start(&watch->timeout, timed_out, (uint64_t)(seconds * 1000.0), 0);
    uv_run(&watch->loop, UV_RUN_DEFAULT);
    uv_timer_stop(&watch->timeout);
    bool changed = watch->changed;
    watch->changed = false;
    return changed;
}

#else

enum jr_status jr_watch_create(const struct jr_alloc *alloc, void (*line)(void *user, const char *line),
                               void *user, struct jr_watch **out)
{
    (void)alloc, (void)line, (void)user;
    *out = NULL;
    return JR_ERR_UNSUPPORTED;
}

void jr_watch_destroy(struct jr_watch *watch)
{
    (void)watch;
}

enum jr_status jr_watch_files(struct jr_watch *watch, const char *const *paths, size_t count)
{
    (void)watch, (void)paths, (void)count;
    return JR_ERR_UNSUPPORTED;
}

bool jr_watch_wait(struct jr_watch *watch, double seconds)
{
    (void)watch, (void)seconds;
    return false;
}

#endif
