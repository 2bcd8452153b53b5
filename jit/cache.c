/* cache.c -- entries: reading, writing, clearing.
 *
 *   header   magic, key, sizes, checksum of what follows
 *   items    per item its symbol and code size
 *   object   as the compiler gave it */
#include "jit/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ir/base/hash.h"
#include "jit/internal.h"

#define ENTRY_SUFFIX ".jro"

enum { PATH_BYTES = 4096, LINE_BYTES = PATH_BYTES + 256 };

static const uint64_t MAGIC = 0x31656863616372a5u; /* the last digit is the version of the form */
static const uint64_t FOLDER_BYTES_MOST = (uint64_t)64 << 20;

struct header {
    uint64_t magic, key[2], item_count, code_bytes, object_bytes, checksum;
};
struct stored_item {
    char symbol[JR_SYMBOL_BYTES];
    uint64_t code_bytes;
};

static void tell_once(struct jr_jit *jit, bool *told, const char *what, const char *path)
{
    char line[LINE_BYTES];
    if (*told || jit->config.notice == NULL)
        return;
    *told = true;
    snprintf(line, sizeof line, "cache: %s: %s", path, what);
    jit->config.notice(jit->config.user, line);
}

static bool entry_path(const struct jr_jit *jit, const struct jr_cache_key *key, char path[PATH_BYTES])
{
    int length = snprintf(path, PATH_BYTES, "%s/%016llx%016llx" ENTRY_SUFFIX, jit->config.cache_folder,
                          (unsigned long long)key->words[0], (unsigned long long)key->words[1]);
    return length > 0 && length < PATH_BYTES;
}

/* ---- reading ---- */

/* The whole file, malloc'ed; NULL if there is none or it cannot be read. */
static uint8_t *read_file(int file, size_t *size)
{
    struct stat status;
    if (fstat(file, &status) != 0 || status.st_size < 0 || (uint64_t)status.st_size > FOLDER_BYTES_MOST)
        return NULL;
    *size = (size_t)status.st_size;
    uint8_t *bytes = malloc(*size + 1);
    size_t got = 0;
    while (bytes != NULL && got < *size) {
        ssize_t count = read(file, bytes + got, *size - got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        got += (size_t)count;
    }
    *size = got;
    return bytes;
}

/* Whether the bytes are the entry of this key, as it was written. */
static bool is_whole(const uint8_t *bytes, size_t size, const struct jr_cache_key *key, const struct jr_batch *batch)
{
    struct header header;
    if (size < sizeof header)
        return false;
    memcpy(&header, bytes, sizeof header);
    return header.magic == MAGIC && header.key[0] == key->words[0] && header.key[1] == key->words[1] &&
           header.item_count == batch->item_count && header.object_bytes <= size &&
           sizeof header + header.item_count * sizeof(struct stored_item) + header.object_bytes == size &&
           header.checksum == jr_hash_bytes(MAGIC, bytes + sizeof header, size - sizeof header);
}

static bool take_entry(const uint8_t *bytes, struct jr_batch *batch)
{
    struct header header;
    const uint8_t *at = bytes + sizeof header;
    memcpy(&header, bytes, sizeof header);
    batch->object = malloc(header.object_bytes + 1);
    if (batch->object == NULL)
        return false;
    for (uint32_t i = 0; i < batch->item_count; i++, at += sizeof(struct stored_item)) {
        struct stored_item item;
        memcpy(&item, at, sizeof item);
        memcpy(batch->items[i].symbol, item.symbol, sizeof item.symbol);
        batch->items[i].code_bytes = item.code_bytes;
    }
    memcpy(batch->object, at, header.object_bytes);
    batch->object_bytes = header.object_bytes;
    batch->code_bytes = header.code_bytes;
    return true;
}

bool jr_cache_find(struct jr_jit *jit, const struct jr_cache_key *key, struct jr_batch *batch)
{
    char path[PATH_BYTES];
    size_t size = 0;
    if (!entry_path(jit, key, path))
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    uint8_t *bytes = read_file(file, &size);
    bool hit = bytes != NULL && is_whole(bytes, size, key, batch);
    if (hit) {
        futimens(file, NULL); /* used now; if that is not allowed it only grows old sooner */
        hit = take_entry(bytes, batch);
    } else {
        tell_once(jit, &jit->cache_damaged, "a damaged entry is ignored and made again", path);
        unlink(path);
    }
    free(bytes);
    close(file);
    return hit;
}

/* ---- clearing ---- */

struct old_file {
    char name[64];
    uint64_t bytes;
    struct timespec used;
};

static int by_age(const void *a, const void *b)
{
    const struct timespec *x = &((const struct old_file *)a)->used, *y = &((const struct old_file *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* The entries of the folder, oldest first, malloc'ed; NULL if there are none. */
static struct old_file *list_entries(DIR *folder, size_t *count, uint64_t *bytes)
{
    struct old_file *files = NULL;
    size_t room = 0;
    struct dirent *entry;
    *count = 0;
    *bytes = 0;
    while ((entry = readdir(folder)) != NULL) {
        struct stat status;
        size_t length = strlen(entry->d_name), suffix = sizeof ENTRY_SUFFIX - 1;
        if (length < suffix || length >= sizeof files->name || strcmp(entry->d_name + length - suffix, ENTRY_SUFFIX) != 0 ||
            fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
            continue;
        if (*count == room) {
            room = room ? 2 * room : 64;
            struct old_file *more = realloc(files, room * sizeof files[0]);
            if (more == NULL)
                break;
            files = more;
        }
        struct old_file *file = &files[(*count)++];
        memcpy(file->name, entry->d_name, length + 1);
        file->bytes = (uint64_t)status.st_size;
        file->used = status.st_mtim;
        *bytes += file->bytes;
    }
    if (files != NULL)
        qsort(files, *count, sizeof files[0], by_age);
    return files;
}

/* Another process may do the same at the same time: what is gone already is as good.  What processes left behind that were killed while
 * they wrote is small and rare. */
static void keep_bounded(const struct jr_jit *jit)
{
    DIR *folder = opendir(jit->config.cache_folder);
    uint64_t most = jit->config.cache_bytes != 0 ? jit->config.cache_bytes : FOLDER_BYTES_MOST, bytes;
    size_t count;
    if (folder == NULL)
        return;
    struct old_file *files = list_entries(folder, &count, &bytes);
    if (bytes > most)
        for (size_t i = 0; i < count && bytes > most / 4 * 3; i++) {
            unlinkat(dirfd(folder), files[i].name, 0);
            bytes -= files[i].bytes;
        }
    free(files);
    closedir(folder);
}

/* ---- writing ---- */

/* Makes the folder and those above it. */
static bool make_folder(const char *path)
{
    char part[PATH_BYTES];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return false;
    memcpy(part, path, length + 1);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0700);
        *slash = '/';
    }
    return mkdir(part, 0700) == 0 || errno == EEXIST;
}

static bool write_all(int file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(file, bytes, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

/* The entry as bytes, malloc'ed. */
static uint8_t *make_entry(const struct jr_cache_key *key, const struct jr_batch *batch, size_t *size)
{
    struct header header = { .magic = MAGIC, .key = { key->words[0], key->words[1] }, .item_count = batch->item_count,
                             .code_bytes = batch->code_bytes, .object_bytes = batch->object_bytes };
    *size = sizeof header + batch->item_count * sizeof(struct stored_item) + (size_t)batch->object_bytes;
    uint8_t *bytes = calloc(1, *size), *at = bytes + sizeof header;
    if (bytes == NULL)
        return NULL;
    for (uint32_t i = 0; i < batch->item_count; i++, at += sizeof(struct stored_item)) {
        struct stored_item item = { .code_bytes = batch->items[i].code_bytes };
        memcpy(item.symbol, batch->items[i].symbol, sizeof item.symbol);
        memcpy(at, &item, sizeof item);
    }
    memcpy(at, batch->object, (size_t)batch->object_bytes);
    header.checksum = jr_hash_bytes(MAGIC, bytes + sizeof header, *size - sizeof header);
    memcpy(bytes, &header, sizeof header);
    return bytes;
}

void jr_cache_store(struct jr_jit *jit, const struct jr_cache_key *key, const struct jr_batch *batch)
{
    static _Atomic unsigned serial;
    char path[PATH_BYTES], beside[PATH_BYTES];
    size_t size = 0;
    if (jit->cache_closed) /* it will not be better the next time */
        return;
    if (!entry_path(jit, key, path) ||
        snprintf(beside, sizeof beside, "%s/.%ld-%u.new", jit->config.cache_folder, (long)getpid(), atomic_fetch_add(&serial, 1)) >=
            (int)sizeof beside)
        return;
    uint8_t *bytes = make_entry(key, batch, &size);
    if (bytes == NULL)
        return;
    int file = make_folder(jit->config.cache_folder) ? open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool good = file >= 0 && write_all(file, bytes, size);
    int error = errno;
    if (file >= 0 && close(file) != 0 && good) {
        error = errno;
        good = false;
    }
    if (good && rename(beside, path) != 0) {
        error = errno;
        good = false;
    }
    if (good) {
        keep_bounded(jit);
    } else {
        if (file >= 0)
            unlink(beside);
        tell_once(jit, &jit->cache_closed, strerror(error), jit->config.cache_folder);
        jit->cache_closed = true;
    }
    free(bytes);
}
