/* doc.c -- finds what is to be documented and prints it. */
#include "host/doc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/mimium/doc.h"
#include "frontend/mimium/similar.h"
#include "host/file.h"
#include "host/session_internal.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/base/vec.h"

/* ---- the modules there are ---- */

JR_VEC_OF(module_list, char *); /* paths */

static int is_module_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".mmm") == 0;
}

/* "dir/osc.mmm": "osc" */
static void module_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    snprintf(name, size, "%.*s", (int)(strlen(base) - strlen(".mmm")), base);
}

static bool is_listed(const struct module_list *modules, const char *path)
{
    char name[256], other[256];
    module_name(path, name, sizeof name);
    for (size_t i = 0; i < modules->count; i++) {
        module_name(modules->items[i], other, sizeof other);
        if (strcmp(name, other) == 0)
            return true;
    }
    return false;
}

/* Adds the modules of a folder that no earlier folder has.  A folder that is not there has none. */
static enum jr_status list_folder(struct jr_session *session, const char *folder, struct module_list *modules)
{
    struct dirent **entries = NULL;
    int count = folder ? scandir(folder, &entries, is_module_file, alphasort) : 0;
    enum jr_status status = JR_OK;
    for (int i = 0; i < count; i++) {
        size_t size = strlen(folder) + strlen(entries[i]->d_name) + 2;
        char *path = status == JR_OK ? malloc(size) : NULL;
        if (path)
            snprintf(path, size, "%s/%s", folder, entries[i]->d_name);
        if (path && !is_listed(modules, path))
            status = JR_VEC_PUSH(session->alloc, modules, path);
        else
            free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* In the order in which they are looked for. */
static enum jr_status list_modules(struct jr_session *session, struct module_list *modules)
{
    const struct jr_search *search = &session->search;
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < search->first_count && status == JR_OK; i++)
        status = list_folder(session, search->first[i], modules);
    if (status == JR_OK)
        status = list_folder(session, "lib", modules);
    if (status == JR_OK)
        status = list_folder(session, search->user_library, modules);
    return status == JR_OK ? list_folder(session, search->library, modules) : status;
}

static void free_modules(struct jr_session *session, struct module_list *modules)
{
    for (size_t i = 0; i < modules->count; i++)
        free(modules->items[i]);
    JR_VEC_FREE(session->alloc, modules);
}

/* The first line of a text. */
static int first_line(const char *text)
{
    return (int)strcspn(text, "\r\n");
}

/* The first line of a file's head, or nothing. */
static void put_head_line(struct jr_session *session, const char *path, struct jr_sb *out)
{
    static const char mark[] = "//!";
    char *text;
    size_t length;
    if (jr_file_read(session->alloc, path, &text, &length) != JR_OK)
        return;
    if (strncmp(text, mark, sizeof mark - 1) == 0) {
        const char *line = text + sizeof mark - 1 + strspn(text + sizeof mark - 1, " ");
        jr_sb_bytes(out, line, (size_t)first_line(line));
    }
    jr_alloc_free(session->alloc, text, length + 1);
}

enum jr_status jr_session_list_modules(struct jr_session *session, struct jr_sb *out)
{
    struct module_list modules = { 0 };
    enum jr_status status = list_modules(session, &modules);
    for (size_t i = 0; i < modules.count; i++) {
        char name[256];
        module_name(modules.items[i], name, sizeof name);
        jr_sb_format(out, "%-14s ", name);
        put_head_line(session, modules.items[i], out);
        jr_sb_char(out, '\n');
    }
    free_modules(session, &modules);
    return status == JR_OK ? jr_sb_status(out) : status;
}

static enum jr_status fail_unknown_module(struct jr_session *session, const char *name)
{
    struct module_list modules = { 0 };
    struct jr_similar similar = jr_similar_start(name);
    enum jr_status status = list_modules(session, &modules);
    char(*names)[256] = calloc(modules.count + 1, sizeof *names);
    for (size_t i = 0; names && i < modules.count; i++) {
        module_name(modules.items[i], names[i], sizeof names[i]);
        jr_similar_consider(&similar, names[i]);
    }
    if (status == JR_OK)
        status = similar.best
                     ? jr_session_fail(session, JR_ERR_NOT_FOUND, "no module %s; did you mean %s?", name,
                                       similar.best)
                     : jr_session_fail(session, JR_ERR_NOT_FOUND,
                                       "no module %s; jitrun doc lists those there are", name);
    free(names);
    free_modules(session, &modules);
    return status;
}

/* ---- printing ---- */

/* Each line further in; the last line ends. */
static void put_indented(struct jr_sb *out, const char *text, const char *indent)
{
    while (*text) {
        int length = first_line(text);
        if (length > 0)
            jr_sb_format(out, "%s%.*s", indent, length, text);
        jr_sb_char(out, '\n');
        text += length;
        text += *text == '\n';
    }
}

/* The names of modules stand before those in them. */
static void put_entry(struct jr_sb *out, const struct jr_mimium_doc_entry *entry, bool colour)
{
    const char *colons = strstr(entry->name, "::"), *last = colons;
    while (colons) {
        last = colons;
        colons = strstr(colons + 2, "::");
    }
    jr_sb_text(out, colour ? "\033[1m" : "");
    if (last && !entry->is_module)
        jr_sb_format(out, "%.*s: ", (int)(last - entry->name), entry->name);
    jr_sb_format(out, "%s%s\n", entry->signature, colour ? "\033[0m" : "");
    put_indented(out, entry->comment, "    ");
    jr_sb_char(out, '\n');
}

static void put_all(struct jr_sb *out, const struct jr_mimium_doc *doc, bool colour)
{
    if (doc->head[0] != '\0') {
        put_indented(out, doc->head, "");
        jr_sb_char(out, '\n');
    }
    for (uint32_t i = 0; i < doc->count; i++) {
        /* A list of re-exported names is one statement. */
        if (i == 0 || !doc->entries[i].is_use ||
            strcmp(doc->entries[i].signature, doc->entries[i - 1].signature) != 0)
            put_entry(out, &doc->entries[i], colour);
    }
}

/* Whether an entry is called `name`: by its path, or by the last part of it, or is inside the module of that path. */
static bool is_called(const struct jr_mimium_doc_entry *entry, const char *name, bool inside)
{
    size_t length = strlen(name), size = strlen(entry->name);
    if (strcmp(entry->name, name) == 0)
        return true;
    if (inside)
        return strncmp(entry->name, name, length) == 0 && strncmp(entry->name + length, "::", 2) == 0;
    return size > length + 2 && strcmp(entry->name + size - length, name) == 0 &&
           strncmp(entry->name + size - length - 2, "::", 2) == 0;
}

/* The entry, and if it is a module what is in it. */
static void put_with_content(struct jr_sb *out, const struct jr_mimium_doc *doc, uint32_t index, bool colour)
{
    const struct jr_mimium_doc_entry *entry = &doc->entries[index];
    put_entry(out, entry, colour);
    for (uint32_t i = index + 1; entry->is_module && i < doc->count; i++)
        if (is_called(&doc->entries[i], entry->name, true))
            put_entry(out, &doc->entries[i], colour);
}

/* Everything of this name; what is only handed on from another module, if there is nothing else. */
static enum jr_status put_name(struct jr_session *session, const char *what, const char *name,
                               const struct jr_mimium_doc *doc, bool colour, struct jr_sb *out)
{
    struct jr_similar similar = jr_similar_start(name);
    bool found = false;
    for (int handed_on = 0; handed_on < 2 && !found; handed_on++) {
        for (uint32_t i = 0; i < doc->count; i++) {
            const struct jr_mimium_doc_entry *entry = &doc->entries[i];
            const char *colon = strrchr(entry->name, ':');
            jr_similar_consider(&similar, colon ? colon + 1 : entry->name);
            if (entry->is_use == (handed_on != 0) && is_called(entry, name, false)) {
                put_with_content(out, doc, i, colour);
                found = true;
            }
        }
    }
    if (found)
        return JR_OK;
    if (similar.best)
        return jr_session_fail(session, JR_ERR_NOT_FOUND, "%s has no %s; did you mean %s?", what, name,
                               similar.best);
    return jr_session_fail(session, JR_ERR_NOT_FOUND, "%s has no %s; jitrun doc %s lists what it has", what, name,
                           what);
}

/* ---- the entry ---- */

static bool is_path(const char *what)
{
    size_t length = strlen(what);
    return strchr(what, '/') || strcmp(what, "-") == 0 ||
           (length > 4 && strcmp(what + length - 4, ".mmm") == 0);
}

/* Adds the program from which `what` is known; *file is it. */
static enum jr_status add_program(struct jr_session *session, const char *what, bool path, uint32_t *file)
{
    char *text;
    size_t length;
    enum jr_status status;
    if (!path) {
        char program[300];
        int size = snprintf(program, sizeof program, "mod %s\n", what);
        if (size >= (int)sizeof program || strspn(what, "\"(){}; \t\n") > 0)
            return fail_unknown_module(session, what);
        return jr_sources_add(session->sources, "<doc>", program, (size_t)size, file);
    }
    status = jr_file_read(session->alloc, what, &text, &length);
    if (status == JR_ERR_NOT_FOUND || status == JR_ERR_IO)
        return jr_session_fail(session, JR_ERR_IO, "%s: %s", what, strerror(errno));
    if (status != JR_OK)
        return jr_session_fail(session, status, "%s: %s", what, jr_status_text(status));
    status = jr_sources_add(session->sources, strcmp(what, "-") == 0 ? "<stdin>" : what, text, length, file);
    jr_alloc_free(session->alloc, text, length + 1);
    return status;
}

enum jr_status jr_session_document(struct jr_session *session, const char *what, const char *name, bool colour,
                                   struct jr_sb *out)
{
    struct jr_mimium_options options = jr_session_mimium_options(session);
    struct jr_mimium_doc doc;
    bool path = is_path(what);
    uint32_t file;
    enum jr_status status = add_program(session, what, path, &file);
    if (status != JR_OK)
        return status;
    status = jr_mimium_document(session->sources, file, path ? file : JR_FILE_NONE, &options, session->alloc,
                                session->compile_diags, &doc);
    if (status == JR_ERR_NOT_FOUND) {
        status = fail_unknown_module(session, what);
    } else if (status == JR_OK || status == JR_ERR_DIAGNOSED) {
        enum jr_status named = JR_OK;
        if (name)
            named = put_name(session, what, name, &doc, colour, out);
        else
            put_all(out, &doc, colour);
        status = named != JR_OK ? named : status;
    } else {
        jr_session_fail(session, status, "%s: %s", what, jr_status_text(status));
    }
    jr_mimium_doc_free(&doc);
    return status == JR_OK ? jr_sb_status(out) : status;
}
