/* search.c -- reads the environment and finds the library. */
#include "host/search.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static uint32_t count_parts(const char *list)
{
    uint32_t count = 0;
    for (; list != NULL && *list != '\0'; list += strspn(list, ":")) {
        size_t length = strcspn(list, ":");
        count += length > 0;
        list += length;
    }
    return count;
}

static enum jr_status add_parts(struct jr_search *search, const char *list, const char **folders)
{
    for (; list != NULL && *list != '\0'; list += strspn(list, ":")) {
        size_t length = strcspn(list, ":");
        if (length == 0)
            continue;
        folders[search->first_count] = jr_arena_text(&search->arena, list, length);
        if (folders[search->first_count++] == NULL)
            return JR_ERR_NO_MEMORY;
        list += length;
    }
    return JR_OK;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The library beside a file that is installed in PREFIX/bin, PREFIX/lib or PREFIX/lib/TRIPLET: share/jitrun/mimium of PREFIX. */
static bool find_beside(char path[PATH_BYTES])
{
    char *end = strrchr(path, '/'); /* of the folder that is looked at */
    for (int above = 0; end != NULL && above < 3; above++) {
        *end = '\0';
        end = strrchr(path, '/');
        if (end == NULL)
            return false;
        strcpy(end, "/share/jitrun/mimium");
        if (is_folder(path))
            return true;
    }
    return false;
}

static enum jr_status find_library(struct jr_search *search)
{
    char path[PATH_BYTES];
    bool found = false;
    Dl_info self;
    ssize_t length;
    if (dladdr((const void *)(uintptr_t)find_library, &self) != 0 && strlen(self.dli_fname) < sizeof path - 64 &&
        realpath(self.dli_fname, path) != NULL && strlen(path) < sizeof path - 64)
        found = find_beside(path);
    length = found ? 0 : readlink("/proc/self/exe", path, sizeof path - 64);
    if (length > 0) {
        path[length] = '\0';
        found = find_beside(path);
    }
    if (!found)
        strcpy(path, JR_LIBRARY_SOURCE);
    if (!is_folder(path))
        return JR_OK;
    search->library = jr_arena_text(&search->arena, path, strlen(path));
    return search->library != NULL ? JR_OK : JR_ERR_NO_MEMORY;
}

enum jr_status jr_search_open(const struct jr_alloc *alloc, const char *const *given, uint32_t given_count,
                              struct jr_search *out)
{
    const char *own = getenv("JITRUN_PATH"), *shared = getenv("MIMIUM_LIB_PATH"), *home = getenv("HOME");
    enum jr_status status;
    *out = (struct jr_search){ 0 };
    jr_arena_init(&out->arena, alloc);
    const char **folders = JR_ARENA_ARRAY(&out->arena, const char *,
                                          (size_t)given_count + count_parts(own) + count_parts(shared));
    JR_TRY(folders != NULL ? JR_OK : JR_ERR_NO_MEMORY);
    out->first = folders;
    while (out->first_count < given_count) {
        folders[out->first_count] = given[out->first_count];
        out->first_count++;
    }
    JR_TRY(add_parts(out, own, folders));
    JR_TRY(add_parts(out, shared, folders));
    if (home != NULL && home[0] != '\0') {
        size_t length = strlen(home);
        char *path = JR_ARENA_ARRAY(&out->arena, char, length + sizeof "/.mimium/lib");
        JR_TRY(path != NULL ? JR_OK : JR_ERR_NO_MEMORY);
        memcpy(path, home, length);
        strcpy(path + length, "/.mimium/lib");
        out->user_library = path;
    }
    JR_TRY(find_library(out));
done:
    return status;
}

void jr_search_close(struct jr_search *search)
{
    jr_arena_fini(&search->arena);
}
