/* verify.c -- jitrun --verify: each script interpreted and compiled, side by side. */
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/setup.h"

#include <stdio.h>

#include "host/compare.h"

enum { DEFAULT_FRAMES = 48000 };

static void discard(void *user, const char *text, size_t length)
{
    (void)user, (void)text, (void)length;
}

static int verify_script(const struct jr_cli_options *options, const struct jr_session_config *config,
                         const char *path)
{
    struct jr_session *session;
    struct jr_compare_result result;
    uint64_t frame_count = jr_cli_frame_count(options, config->sample_rate, DEFAULT_FRAMES);
    enum jr_status status = jr_compare_file(config, path, frame_count, &result, &session);
    int code = JR_EXIT_OK;
    if (status != JR_OK && session)
        code = jr_cli_failed(options, session, status);
    else if (status != JR_OK) {
        fprintf(stderr, "jitrun: %s: %s\n", path, jr_status_text(status));
        code = JR_EXIT_ENVIRONMENT;
    } else if (result.differs) {
        printf("%s: DIFFERENCE: %s\n  %s\n", path, result.what, result.where);
        code = JR_EXIT_SCRIPT;
    } else {
        printf("%s: %llu frames, no difference\n", path, (unsigned long long)result.frame_count);
    }
    jr_session_destroy(session);
    return code;
}

int jr_command_verify(const struct jr_cli_options *options)
{
    struct jr_session_config config = jr_cli_session_config(options);
    int worst = JR_EXIT_OK;
    config.print = discard; /* twice the same would help nobody */
    for (int i = 0; i < options->script_count; i++) {
        int code = verify_script(options, &config, options->scripts[i]);
        worst = code > worst ? code : worst;
    }
    return jr_cli_flushed() ? worst : JR_EXIT_ENVIRONMENT;
}
