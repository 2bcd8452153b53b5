/* load_search.c -- where modules and includes are looked for. */
#include "frontend/mimium/load_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- paths ---- */

/* The folder of a path: "" for the current one. */
static const char *folder_of(struct jr_unit *unit, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return "";
    if (slash == path)
        return "/";
    return jr_unit_format(unit, "%.*s", (int)(slash - path), path);
}

static const char *join(struct jr_unit *unit, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    while (length > 0 && name[0] == '.' && name[1] == '/') /* songs/./a.mmm is songs/a.mmm */
        name += 2;
    if (length == 0)
        return name;
    return jr_unit_format(unit, folder[length - 1] == '/' ? "%s%s" : "%s/%s", folder, name);
}

/* The folder above, as short as it can be written. */
static const char *folder_above(struct jr_unit *unit, const char *folder)
{
    size_t length = strlen(folder);
    const char *slash = strrchr(folder, '/'), *last = slash == NULL ? folder : slash + 1;
    if (length == 0 || strcmp(folder, ".") == 0)
        return "..";
    if (strcmp(last, "..") == 0)
        return jr_unit_format(unit, "%s/..", folder);
    return folder_of(unit, folder);
}

/* How many folders there are above it. */
static uint32_t count_above(const char *folder)
{
    char path[PATH_MAX] = "";
    uint32_t count = 0;
    if (realpath(folder[0] == '\0' ? "." : folder, path) == NULL) {
        for (const char *at = folder; *at != '\0'; at++)
            count += at[0] == '/' && at[1] != '\0';
        if (folder[0] == '/' || realpath(".", path) == NULL)
            return count;
        count++; /* its first part */
    }
    for (const char *at = path; *at != '\0'; at++)
        count += at[0] == '/' && at[1] != '\0';
    return count;
}

static bool is_placed(const char *name)
{
    return name[0] == '/' || strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0;
}

const char *jr_mm_canonical_path(struct jr_unit *unit, const char *path)
{
    char real[PATH_MAX];
    return jr_unit_format(unit, "%s", realpath(path, real) != NULL ? real : path);
}

/* ---- files ---- */

static enum jr_status load_from_disk(void *context, struct jr_sources *sources, const char *path,
                                     uint32_t *out)
{
    struct stat info;
    (void)context;
    *out = JR_FILE_NONE;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) /* a pipe would wait for ever */
        return JR_ERR_IO;
    return jr_sources_load(sources, path, out);
}

/* Whether the search ends here: with the file, or with one that cannot be read. */
static bool try_path(const struct jr_mm_finder *finder, const char *path, struct jr_mm_search *search)
{
    static const struct jr_mimium_files disk = { load_from_disk, NULL };
    const struct jr_mimium_files *files = finder->options->files != NULL ? finder->options->files : &disk;
    search->path = path;
    search->file = jr_sources_find(finder->sources, path);
    search->status = JR_OK;
    if (search->file == JR_FILE_NONE)
        search->status = files->load(files->context, finder->sources, path, &search->file);
    if (search->status == JR_ERR_NO_MEMORY)
        jr_unit_leave(finder->unit, search->status);
    return search->status != JR_ERR_NOT_FOUND;
}

struct jr_mm_search jr_mm_search(const struct jr_mm_finder *finder, uint32_t from, const char *name)
{
    const struct jr_mimium_options *options = finder->options;
    struct jr_unit *unit = finder->unit;
    struct jr_mm_search search;
    const char *folder = folder_of(unit, jr_sources_path(unit->sources, from)), *above = folder;
    bool placed = is_placed(name);
    for (uint32_t i = 0; !placed && i < options->search_first_count; i++)
        if (try_path(finder, join(unit, options->search_first[i], name), &search))
            return search;
    const char *in_lib = placed ? NULL : join(unit, "lib", name);
    for (uint32_t i = 0, count = placed ? 0 : count_above(folder) + 1; i < count; i++) {
        if (try_path(finder, join(unit, above, in_lib), &search))
            return search;
        above = folder_above(unit, above);
    }
    if (!placed && options->user_library != NULL &&
        try_path(finder, join(unit, options->user_library, name), &search))
        return search;
    for (uint32_t i = 0; !placed && i < options->library_count; i++)
        if (try_path(finder, join(unit, options->libraries[i], name), &search))
            return search;
    if (try_path(finder, name[0] == '/' ? name : join(unit, folder, name), &search))
        return search;
    search.path = NULL;
    return search;
}

const char *jr_mm_search_places(const struct jr_mm_finder *finder, uint32_t from, const char *name)
{
    const struct jr_mimium_options *options = finder->options;
    struct jr_unit *unit = finder->unit;
    const char *folder = folder_of(unit, jr_sources_path(unit->sources, from)), *text = "looked in";
    if (name[0] == '/')
        return "an absolute path is looked for at its place only";
    if (is_placed(name))
        return jr_unit_format(unit, "looked for `%s` only: the path says where the file is",
                              join(unit, folder, name));
    for (uint32_t i = 0; i < options->search_first_count; i++)
        text = jr_unit_format(unit, "%s `%s`,", text, options->search_first[i]);
    text = jr_unit_format(unit, "%s `%s` and the `lib` of every folder above it", text,
                          join(unit, folder, "lib"));
    if (options->user_library != NULL)
        text = jr_unit_format(unit, "%s, `%s`", text, options->user_library);
    for (uint32_t i = 0; i < options->library_count; i++)
        text = jr_unit_format(unit, "%s, `%s`", text, options->libraries[i]);
    text = jr_unit_format(unit, "%s, `%s`", text, folder[0] == '\0' ? "." : folder);
    return text;
}
