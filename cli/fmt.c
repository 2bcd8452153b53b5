/* fmt.c -- jitrun fmt: mimium source in the one layout. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/script_list.h"
#include "cli/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/file.h"
#include "host/format.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

/* Hands the new text on: to standard output, to nobody, or into the file. */
static int deliver(const struct jr_cli_options *options, const char *path, const struct jr_sb *text,
                   bool changed)
{
    bool is_stream = strcmp(path, "-") == 0;
    if (options->only_check) {
        if (changed)
            puts(is_stream ? "<stdin>" : path);
        return changed ? JR_EXIT_SCRIPT : JR_EXIT_OK;
    }
    if (is_stream) {
        fwrite(jr_sb_view(text), 1, text->length, stdout);
        return JR_EXIT_OK;
    }
    if (!changed)
        return JR_EXIT_OK;
    if (jr_file_replace(path, jr_sb_view(text), text->length) != JR_OK)
        return jr_cli_trouble(options, path, strerror(errno));
    puts(path);
    return JR_EXIT_OK;
}

static int format_file(const struct jr_cli_options *options, const char *path)
{
    const struct jr_alloc *alloc = jr_alloc_default();
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    struct jr_sb formatted, report;
    size_t length;
    char *text;
    int code = JR_EXIT_SCRIPT;
    enum jr_status status = jr_file_read(alloc, path, &text, &length);
    if (status == JR_ERR_NOT_FOUND || status == JR_ERR_IO)
        return jr_cli_trouble(options, name, strerror(errno));
    if (status != JR_OK)
        return jr_cli_trouble(options, name, jr_status_text(status));
    jr_sb_init(&formatted, alloc);
    jr_sb_init(&report, alloc);
    status = jr_format_text(alloc, name, text, length, options->diagnostics == JR_DIAGNOSTICS_JSON,
                            jr_options_colored(options, stderr), &formatted, &report);
    if (status == JR_OK) {
        bool changed = formatted.length != length || memcmp(jr_sb_view(&formatted), text, length) != 0;
        code = deliver(options, path, &formatted, changed);
    } else if (status == JR_ERR_DIAGNOSED) {
        fputs(jr_sb_view(&report), stderr);
    } else if (status == JR_ERR_VERIFY) {
        jr_cli_trouble(options, name, "left alone, since its layout would be another program: a defect of fmt");
    } else {
        code = jr_cli_trouble(options, name, jr_status_text(status));
    }
    jr_sb_fini(&report);
    jr_sb_fini(&formatted);
    jr_alloc_free(alloc, text, length + 1);
    return code;
}

int jr_command_fmt(const struct jr_cli_options *options)
{
    struct jr_script_list files = { 0 };
    int worst = JR_EXIT_OK;
    for (int i = 0; i < options->script_count; i++) {
        const char *path = options->scripts[i];
        size_t before = files.count;
        if (jr_session_language(path) != JR_LANGUAGE_MIMIUM) {
            fprintf(stderr, "jitrun: %s: fmt is for mimium source\n", path);
            worst = worst > JR_EXIT_USAGE ? worst : JR_EXIT_USAGE;
        } else if (strcmp(path, "-") == 0) {
            int code = format_file(options, path);
            worst = code > worst ? code : worst;
        } else if (!jr_script_list_add(&files, path)) {
            worst = JR_EXIT_ENVIRONMENT;
        }
        for (size_t k = before; k < files.count; k++) {
            if (jr_session_language(files.items[k]) != JR_LANGUAGE_MIMIUM)
                continue; /* of a folder */
            int code = format_file(options, files.items[k]);
            worst = code > worst ? code : worst;
        }
    }
    jr_script_list_fini(&files);
    return jr_cli_flushed() ? worst : JR_EXIT_ENVIRONMENT;
}
