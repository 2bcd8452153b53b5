/* setup.h -- what the commands share: from options to a session, and from a session's trouble to an exit code. */
#ifndef JR_CLI_SETUP_H
#define JR_CLI_SETUP_H

#include <stdio.h>

#include "host/session.h"

struct jr_cli_options;

enum { JR_DEFAULT_SAMPLE_RATE = 48000 };

/* The session configuration that the options ask for. */
struct jr_session_config jr_cli_session_config(const struct jr_cli_options *options);

/* The folder for --cache, in `room` if it has to be made up; NULL: nothing is kept.  `script` is the operand. */
const char *jr_cli_cache_folder(const struct jr_cli_options *options, const char *script, char *room, size_t size);

/* How many frames --frames or --duration asks for; `otherwise` if neither was given. */
uint64_t jr_cli_frame_count(const struct jr_cli_options *options, uint32_t sample_rate, uint64_t otherwise);

/* Prints the session's diagnostics that were not printed yet to standard error, in the form the options ask for. */
void jr_cli_report(const struct jr_cli_options *options, struct jr_session *session);

/* Reports why `status`, an answer of the session, is not JR_OK, and gives the exit code: that of the script for diagnostics, that of
 * the environment for everything else. */
int jr_cli_failed(const struct jr_cli_options *options, struct jr_session *session, enum jr_status status);

/* Says that something that is no script's fault went wrong, a line or a JSON object as the options ask for: "jitrun: subject: why";
 * `subject` may be NULL.  Gives the exit code of the environment. */
int jr_cli_trouble(const struct jr_cli_options *options, const char *subject, const char *why);

/* Whether all that was printed on standard output so far is there.  What was printed before the last bytes may have failed already, of
 * which fflush does not tell. */
bool jr_cli_flushed(void);

/* One control of the script as NAME=VALUE, a line, with its initial value. */
void jr_cli_put_control(const struct jr_session *session, size_t index, FILE *file);
/* Applies --set; the exit code, after a message if it is not JR_EXIT_OK. */
int jr_cli_set_controls(const struct jr_cli_options *options, struct jr_session *session);

/* Prints --stats in the form that was asked for. */
void jr_cli_print_stats(const struct jr_cli_options *options, const struct jr_session *session);

#endif
