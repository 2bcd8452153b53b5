/* main.c -- jitrun: reads the command line and hands over to the command. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/setup.h"

int main(int argc, char **argv)
{
    struct jr_cli_options options;
    if (!jr_options_parse(argc, argv, &options))
        return JR_EXIT_USAGE;
    if (options.help) {
        jr_options_help(&options, stdout);
        return jr_cli_flushed() ? JR_EXIT_OK : JR_EXIT_ENVIRONMENT;
    }
    if (options.version) {
        puts("jitrun " JR_VERSION);
        return jr_cli_flushed() ? JR_EXIT_OK : JR_EXIT_ENVIRONMENT;
    }
    if (options.list_devices)
        return jr_command_list_devices(&options);
    switch (options.command) {
    case JR_COMMAND_LIVE:
        return jr_command_live(&options);
    case JR_COMMAND_REPLAY:
        return jr_command_replay(&options);
    case JR_COMMAND_RUN:
        return options.verify ? jr_command_verify(&options) : jr_command_run(&options);
    case JR_COMMAND_CHECK:
        return jr_command_check(&options);
    case JR_COMMAND_TEST:
        return jr_command_test(&options);
    case JR_COMMAND_DOC:
        return jr_command_doc(&options);
    case JR_COMMAND_PROFILE:
        return jr_command_profile(&options);
    case JR_COMMAND_FMT:
        return jr_command_fmt(&options);
    }
    return JR_EXIT_USAGE;
}
