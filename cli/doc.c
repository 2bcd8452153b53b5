/* doc.c -- jitrun doc: what a module or a script offers. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/setup.h"

#include <stdio.h>

#include "host/doc.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"

/* Exit code of a status of the session; reports what is behind it. */
static int conclude(const struct jr_cli_options *options, struct jr_session *session, enum jr_status status)
{
    if (status == JR_OK) {
        jr_cli_report(options, session); /* warnings */
        return JR_EXIT_OK;
    }
    if (status != JR_ERR_NOT_FOUND)
        return jr_cli_failed(options, session, status);
    jr_cli_trouble(options, NULL, jr_session_failure(session)); /* not that the program around it does not find it */
    return JR_EXIT_SCRIPT;
}

int jr_command_doc(const struct jr_cli_options *options)
{
    struct jr_session_config config = jr_cli_session_config(options);
    struct jr_session *session;
    struct jr_sb text;
    enum jr_status status = jr_session_create(&config, &session);
    int code;
    if (status != JR_OK)
        return jr_cli_trouble(options, NULL, jr_status_text(status));
    jr_sb_init(&text, jr_alloc_default());
    status = options->script_count == 0
                 ? jr_session_list_modules(session, &text)
                 : jr_session_document(session, options->scripts[0],
                                       options->script_count > 1 ? options->scripts[1] : NULL,
                                       jr_options_colored(options, stdout), &text);
    fputs(jr_sb_view(&text), stdout);
    code = jr_cli_flushed() ? JR_EXIT_OK : JR_EXIT_ENVIRONMENT;
    if (code == JR_EXIT_OK)
        code = conclude(options, session, status);
    jr_sb_fini(&text);
    jr_session_destroy(session);
    return code;
}
