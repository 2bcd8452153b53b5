#include "cli/script_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool complain(const char *path)
{
    fprintf(stderr, "jitrun: %s: %s\n", path, strerror(errno));
    return false;
}

/* Owner: the list. */
static bool push(struct jr_script_list *list, const char *path)
{
    char *copy = strdup(path);
    if (copy && JR_VEC_PUSH(jr_alloc_default(), list, copy) == JR_OK)
        return true;
    free(copy);
    errno = ENOMEM;
    return complain(path);
}

static bool is_script(const char *name)
{
    size_t length = strlen(name);
    const char *extension = length > 4 ? name + length - 4 : "";
    return strcmp(extension, ".mmm") == 0 || strcmp(extension, ".jas") == 0;
}

/* Everything but hidden entries. */
static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool add_folder(struct jr_script_list *list, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);
    bool good = count >= 0 || complain(folder);
    for (int i = 0; i < count; i++) {
        size_t size = strlen(folder) + strlen(entries[i]->d_name) + 2;
        char *path = malloc(size);
        struct stat info;
        if (path) {
            snprintf(path, size, "%s/%s", folder, entries[i]->d_name);
            /* A link that leads nowhere is nobody's script; links to folders are not followed, so there is no circle. */
            if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
                good = add_folder(list, path) && good;
            else if (is_script(path))
                good = push(list, path) && good;
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    return good;
}

bool jr_script_list_add(struct jr_script_list *list, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return complain(path);
    return S_ISDIR(info.st_mode) ? add_folder(list, path) : push(list, path);
}

void jr_script_list_fini(struct jr_script_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    JR_VEC_FREE(jr_alloc_default(), list);
}
