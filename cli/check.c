/* check.c -- jitrun check: compiles only, everything that is given, and says at the end how it went. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/script_list.h"
#include "cli/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct checking {
    const struct jr_cli_options *options;
    struct jr_session_config config;
    size_t files, wrong_files, errors, warnings;
    int worst;
};

static void note_exit(struct checking *checking, int code)
{
    checking->worst = code > checking->worst ? code : checking->worst;
}

static void check_file(struct checking *checking, const char *path)
{
    struct jr_session *session;
    enum jr_status status = jr_session_create(&checking->config, &session);
    size_t errors = 0;
    checking->files++;
    if (status != JR_OK) {
        note_exit(checking, jr_cli_trouble(checking->options, path, jr_status_text(status)));
        return;
    }
    status = jr_session_compile_file(session, path);
    for (size_t i = 0; i < jr_session_problem_count(session); i++) {
        struct jr_session_problem problem;
        jr_session_get_problem(session, i, &problem);
        errors += !problem.warning;
        checking->warnings += problem.warning;
    }
    checking->errors += errors;
    checking->wrong_files += errors > 0;
    if (status == JR_OK)
        jr_cli_report(checking->options, session); /* warnings */
    else
        note_exit(checking, jr_cli_failed(checking->options, session, status));
    jr_session_destroy(session);
}

/* A file, or every script of a folder. */
static void check_path(struct checking *checking, const char *path)
{
    struct jr_script_list files = { 0 };
    struct stat info;
    if (strcmp(path, "-") == 0 || stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        check_file(checking, path);
        return;
    }
    if (!jr_script_list_add(&files, path))
        note_exit(checking, JR_EXIT_ENVIRONMENT);
    for (size_t i = 0; i < files.count; i++)
        check_file(checking, files.items[i]);
    jr_script_list_fini(&files);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Nothing for a single file without errors, and nothing that would not be JSON. */
static void print_summary(const struct checking *checking)
{
    if (checking->options->diagnostics == JR_DIAGNOSTICS_JSON ||
        (checking->files < 2 && checking->errors == 0))
        return;
    if (checking->errors == 0)
        fprintf(stderr, "%zu files, no error", checking->files);
    else if (checking->files == 1)
        fprintf(stderr, "\n%zu error%s", checking->errors, plural(checking->errors));
    else
        fprintf(stderr, "\n%zu error%s in %zu of %zu files", checking->errors, plural(checking->errors),
                checking->wrong_files, checking->files);
    if (checking->warnings > 0)
        fprintf(stderr, ", %zu warning%s", checking->warnings, plural(checking->warnings));
    fputc('\n', stderr);
}

int jr_command_check(const struct jr_cli_options *options)
{
    struct checking checking = { .options = options, .config = jr_cli_session_config(options) };
    for (int i = 0; i < options->script_count; i++)
        check_path(&checking, options->scripts[i]);
    print_summary(&checking);
    return checking.worst;
}
