/* main.c -- compiles every program of a folder and compares what the compiler says with the text beside it. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/source.h"
#include "host/session_internal.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/module.h"

enum { PATH_BYTES = 1024 };

/* The rendered diagnostics of a program in the current folder.  The session runs its macros. */
static bool compile(const char *name, struct jr_sb *out)
{
    static const char *const library[] = { "library" };
    static const struct jr_session_config config = { 0 };
    struct jr_session *session = NULL;
    struct jr_module *module = NULL;
    uint32_t file;
    enum jr_status status;
    JR_TRY(jr_session_create(&config, &session));
    struct jr_mimium_options options = { .libraries = library,
                                         .library_count = 1,
                                         .stage_host = jr_session_stage_host(session) };
    JR_TRY(jr_sources_load(session->sources, name, &file));
    status =
        jr_mimium_compile(session->sources, file, &options, session->alloc, session->compile_diags, &module);
    jr_diags_render_text(session->compile_diags, session->sources, false, out);
    if (status == JR_OK)
        jr_sb_text(out, "compiles\n");
    if (status == JR_OK || status == JR_ERR_DIAGNOSED)
        status = jr_sb_status(out);
done:
    if (status != JR_OK)
        fprintf(stderr, "%s: %s\n", name, jr_status_text(status));
    jr_module_destroy(module);
    jr_session_destroy(session);
    return status == JR_OK;
}

static bool write_text(const char *path, const struct jr_sb *text)
{
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(jr_sb_view(text), 1, text->length, file) == text->length;
    if (file != NULL)
        written = fclose(file) == 0 && written;
    if (!written)
        fprintf(stderr, "%s: cannot be written\n", path);
    return written;
}

static bool same_text(const char *path, const struct jr_sb *text)
{
    FILE *file = fopen(path, "rb");
    bool same = file != NULL;
    for (size_t i = 0; same && i < text->length; i++)
        same = fgetc(file) == (unsigned char)text->text[i];
    same = same && fgetc(file) == EOF;
    if (file != NULL)
        fclose(file);
    if (!same)
        printf("%s differs; the compiler says:\n%s\n", path, jr_sb_view(text));
    return same;
}

static bool check(const char *name, bool update)
{
    char expected[PATH_BYTES];
    struct jr_sb text;
    snprintf(expected, sizeof expected, "%.*s.txt", (int)(strlen(name) - strlen(".mmm")), name);
    jr_sb_init(&text, jr_alloc_default());
    bool ok = compile(name, &text) && (update ? write_text(expected, &text) : same_text(expected, &text));
    jr_sb_fini(&text);
    return ok;
}

int main(int argc, char **argv)
{
    bool update = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 && !update) {
        fprintf(stderr, "usage: jitrun-diagnostics [--update] FOLDER\n");
        return 2;
    }
    const char *folder = argv[argc - 1];
    DIR *entries = opendir(folder);
    unsigned programs = 0, failed = 0;
    if (entries == NULL || chdir(folder) != 0) { /* so that messages show short paths */
        fprintf(stderr, "%s: no such folder\n", folder);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".mmm") != 0)
            continue;
        programs++;
        failed += !check(entry->d_name, update);
    }
    closedir(entries);
    printf("%u programs, %u failed\n", programs, failed);
    return failed == 0 && programs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
