/* options.h -- the command line as data.  Parsing, help and suggestions all derive from cli/options.def. */
#ifndef JR_CLI_OPTIONS_H
#define JR_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes of jitrun, fixed: users and tests script against them. */
enum jr_exit {
    JR_EXIT_OK = 0,
    JR_EXIT_SCRIPT = 1, /* an error in the script, when compiled or when run; a difference, a failed test, ... */
    JR_EXIT_USAGE = 2,  /* the command line */
    JR_EXIT_ENVIRONMENT = 3, /* files, disk, devices, memory of the machine */
    JR_EXIT_INTERRUPTED = 130,
};

enum jr_command { JR_COMMAND_RUN, JR_COMMAND_CHECK, JR_COMMAND_TEST, JR_COMMAND_FMT, JR_COMMAND_DOC, JR_COMMAND_LIVE, JR_COMMAND_PROFILE, JR_COMMAND_REPLAY };

/* Numbers of the words of CHOICE and MAYBE options, in the order of options.def; 0 is "not given". */
enum { JR_CHOICE_JIT_OFF = 1, JR_CHOICE_JIT_AUTO, JR_CHOICE_JIT_EAGER, JR_CHOICE_JIT_QUICK };
enum {
    JR_EMIT_AST = 1,
    JR_EMIT_EXPANDED,
    JR_EMIT_TYPES,
    JR_EMIT_STATE,
    JR_EMIT_BYTECODE,
    JR_EMIT_SPECIALISED,
    JR_EMIT_PLAN,
    JR_EMIT_LLVM,
    JR_EMIT_LLVM_OPT,
    JR_EMIT_ASM
};
enum { JR_CHOICE_SPECIALISE_ON = 1, JR_CHOICE_SPECIALISE_OFF };
enum { JR_PERF_MAP = 1, JR_PERF_JITDUMP };
enum { JR_STATS_TEXT = 1, JR_STATS_JSON };
enum { JR_DIAGNOSTICS_TEXT = 1, JR_DIAGNOSTICS_JSON };
enum { JR_COLOR_AUTO = 1, JR_COLOR_ALWAYS, JR_COLOR_NEVER };
/* Bits of LIST options. */
enum { JR_TRACE_EXEC = 1, JR_TRACE_HEAP = 2, JR_TRACE_JIT = 4 };
enum { JR_STRESS_HEAP = 1, JR_STRESS_JIT = 2 };

#define JR_FRAMES_NOT_GIVEN UINT64_MAX
enum { JR_SAMPLE_RATE_MOST = 10000000 };

/* What an option that may be given several times collects. */
enum { JR_CLI_TEXTS_MOST = 64 };
struct jr_cli_texts {
    const char *items[JR_CLI_TEXTS_MOST]; /* borrowed from argv */
    uint32_t count;
};

/* What was given; zero, NULL or false where it was not (frames: JR_FRAMES_NOT_GIVEN). */
struct jr_cli_options {
    enum jr_command command;
    bool command_given; /* by its word */
    char **scripts; /* operands, borrowed from argv */
    int script_count;

    uint64_t frames, sample_rate, fuel, macro_fuel, memory_limit, max_depth;
    uint64_t block_frames;
    double duration, time_limit, fade;
    const char *output, *junit, *expect, *device, *cache, *record;
    struct jr_cli_texts folders, sets;
    int jit, specialise, emit, format, perf, stats, diagnostics, color;
    unsigned trace, stress;
    bool gdb, play, list_devices, details, unpaced, list_controls, verify, self_init_0, resample, only_check, help, version;
};

/* Reads argv (operands are moved to its end).  Returns false and prints one line to standard error on a mistake. */
bool jr_options_parse(int argc, char **argv, struct jr_cli_options *out);

/* The help text: usage, commands, options with their groups, exit codes; if a command was given, only what goes with it. */
void jr_options_help(const struct jr_cli_options *options, FILE *to);

/* Whether messages on `stream` are coloured. */
bool jr_options_colored(const struct jr_cli_options *options, FILE *stream);

#endif
