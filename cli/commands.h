/* commands.h -- what jitrun can be told to do.  Each command reports on standard error and returns the exit code. */
#ifndef JR_CLI_COMMANDS_H
#define JR_CLI_COMMANDS_H

struct jr_cli_options;

int jr_command_run(const struct jr_cli_options *options);
int jr_command_verify(const struct jr_cli_options *options); /* run --verify */
int jr_command_check(const struct jr_cli_options *options);
int jr_command_test(const struct jr_cli_options *options);
int jr_command_live(const struct jr_cli_options *options); /* also run --play */
int jr_command_replay(const struct jr_cli_options *options);
int jr_command_list_devices(const struct jr_cli_options *options); /* run --list-devices */
int jr_command_doc(const struct jr_cli_options *options);
int jr_command_profile(const struct jr_cli_options *options);
int jr_command_fmt(const struct jr_cli_options *options);

#endif
