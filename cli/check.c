/* check.c -- jitrun check: compiles only. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/setup.h"

#include <stdio.h>

int jr_command_check(const struct jr_cli_options *options)
{
    struct jr_session_config config = jr_cli_session_config(options);
    int worst = JR_EXIT_OK;
    for (int i = 0; i < options->script_count; i++) {
        struct jr_session *session;
        enum jr_status status = jr_session_create(&config, &session);
        int code = JR_EXIT_OK;
        if (status != JR_OK) {
            fprintf(stderr, "jitrun: %s\n", jr_status_text(status));
            return JR_EXIT_ENVIRONMENT;
        }
        status = jr_session_compile_file(session, options->scripts[i]);
        if (status == JR_OK)
            jr_cli_report(options, session); /* warnings */
        else
            code = jr_cli_failed(options, session, status);
        jr_session_destroy(session);
        worst = code > worst ? code : worst;
    }
    return worst;
}
