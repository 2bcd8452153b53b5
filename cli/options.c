/* options.c -- parses argv by the table of options.def.
 *
 * Values are read strictly: the whole text must be the number, signs and overflow are errors, so that "-n 1e5" or
 * "-n -1" never computes something else than was meant. */
#include "cli/options.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ir/base/number.h"

enum kind { FLAG, COUNT, POSITIVE, BYTES, SECONDS, TEXT, TEXTS, CHOICE, LIST, MAYBE };
enum {
    RUN = 1 << JR_COMMAND_RUN,
    CHECK = 1 << JR_COMMAND_CHECK,
    TEST = 1 << JR_COMMAND_TEST,
    FMT = 1 << JR_COMMAND_FMT,
    DOC = 1 << JR_COMMAND_DOC,
    LIVE = 1 << JR_COMMAND_LIVE,
    PROFILE = 1 << JR_COMMAND_PROFILE,
    REPLAY = 1 << JR_COMMAND_REPLAY,
};

struct option {
    const char *group; /* a heading, and nothing else is set */
    size_t offset;     /* of the field */
    char short_name;   /* 0: none */
    const char *long_name, *argument;
    enum kind kind;
    unsigned commands;
    const char *help;
};

static const struct option options[] = {
#define JR_OPTION_GROUP(title) { .group = title },
#define JR_OPTION(field, short_name, long_name, argument, kind, commands, help) \
    { NULL, offsetof(struct jr_cli_options, field), short_name, long_name, argument, kind, commands, help },
#include "cli/options.def"
};
enum { OPTION_COUNT = sizeof options / sizeof options[0] };

static const struct command {
    const char *name, *operands, *help;
} commands[] = {
    [JR_COMMAND_RUN] = { "run", "SCRIPT", "run a script (the word run may be left out)" },
    [JR_COMMAND_CHECK] = { "check", "PATH...", "compile only and report all errors of all scripts" },
    [JR_COMMAND_TEST] = { "test", "PATH...",
                          "run the scripts that say what they should compute, in every engine" },
    [JR_COMMAND_DOC] = { "doc", "[MODULE|SCRIPT [NAME]]",
                         "print what a module offers; without one, the modules there are" },
    [JR_COMMAND_LIVE] = { "live", "SCRIPT",
                          "play a script and take over what is edited while it sounds; reads undo, redo, set NAME=VALUE, quit" },
    [JR_COMMAND_PROFILE] = { "profile", "SCRIPT", "run a script and tell where its time goes: per function and line" },
    [JR_COMMAND_REPLAY] = { "replay", "FILE", "render what live --record has recorded once more: the same bits" },
    [JR_COMMAND_FMT] = { "fmt", "PATH...", "lay out mimium source in place; - from standard input to output" },
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

/* ---- values ---- */

/* Decimal digits only, up to the end of the text. */
static bool read_whole(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool read_bytes(const char *text, uint64_t *out)
{
    static const char units[] = "KMG";
    size_t length = strlen(text);
    const char *unit = length > 1 ? strchr(units, text[length - 1]) : NULL;
    char digits[24];
    unsigned shift;
    if (!unit)
        return read_whole(text, out);
    if (length > sizeof digits)
        return false;
    memcpy(digits, text, length - 1);
    digits[length - 1] = '\0';
    shift = 10 * ((unsigned)(unit - units) + 1);
    if (!read_whole(digits, out) || *out > UINT64_MAX >> shift)
        return false;
    *out <<= shift;
    return true;
}

/* digits [. digits]: no sign, no exponent, no hexadecimal, whatever the locale. */
static bool read_seconds(const char *text, double *out)
{
    size_t whole = strspn(text, "0123456789");
    size_t length = whole;
    if (text[length] == '.')
        length += 1 + strspn(text + length + 1, "0123456789");
    if (text[length] || length == 0 || (whole == 0 && length == 1))
        return false;
    *out = jr_number_parse(text, length);
    return isfinite(*out) && *out > 0.0;
}

/* The number, from 1, of the word text[0 .. length) in "one|two|three"; 0 if it is none of them. */
static int word_number(const char *words, const char *text, size_t length)
{
    for (int number = 1;; number++) {
        size_t size = strcspn(words, "|");
        if (size == length && strncmp(words, text, size) == 0)
            return number;
        if (!words[size])
            return 0;
        words += size + 1;
    }
}

static bool read_list(const char *words, const char *text, unsigned *out)
{
    for (;;) {
        size_t size = strcspn(text, ",");
        int number = word_number(words, text, size);
        if (number == 0)
            return false;
        *out |= 1U << (number - 1);
        if (!text[size])
            return true;
        text += size + 1;
    }
}

/* What the argument has to be, for a message. */
static const char *expectation(const struct option *option)
{
    switch (option->kind) {
    case COUNT:
        return "a whole number";
    case POSITIVE:
        return "a whole number above 0";
    case BYTES:
        return "a whole number above 0, perhaps with K, M or G";
    case SECONDS:
        return "a decimal number above 0";
    case CHOICE:
    case MAYBE:
    case LIST:
        return option->argument;
    case FLAG:
    case TEXT:
    case TEXTS:
        break;
    }
    return "something";
}

/* Stores `text` (NULL: none given) in the option's field. */
static bool store(const struct option *option, const char *text, struct jr_cli_options *out)
{
    void *field = (char *)out + option->offset;
    bool good = true;
    switch (option->kind) {
    case FLAG:
        *(bool *)field = true;
        break;
    case COUNT:
        good = read_whole(text, field);
        break;
    case POSITIVE:
        good = read_whole(text, field) && *(uint64_t *)field > 0;
        break;
    case BYTES:
        good = read_bytes(text, field) && *(uint64_t *)field > 0;
        break;
    case SECONDS:
        good = read_seconds(text, field);
        break;
    case TEXT:
        *(const char **)field = text;
        good = *text;
        break;
    case TEXTS: {
        struct jr_cli_texts *texts = field;
        if (texts->count == JR_CLI_TEXTS_MOST) {
            fprintf(stderr, "jitrun: --%s is given more than %d times\n", option->long_name, JR_CLI_TEXTS_MOST);
            return false;
        }
        texts->items[texts->count++] = text;
        good = *text;
        break;
    }
    case MAYBE:
    case CHOICE:
        *(int *)field = text ? word_number(option->argument, text, strlen(text)) : 1;
        good = *(int *)field != 0;
        break;
    case LIST:
        good = read_list(option->argument, text, field);
        break;
    }
    if (!good)
        fprintf(stderr, "jitrun: --%s wants %s, not '%s'\n", option->long_name, expectation(option), text);
    return good;
}

/* ---- names ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits (insert, remove, replace, swap neighbours) from a to b; names longer than the table count as far away. */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 24 };
    size_t d[MOST + 1][MOST + 1], a_size = strlen(a), b_size = strlen(b);
    if (a_size > MOST || b_size > MOST)
        return MOST;
    for (size_t i = 0; i <= a_size; i++) {
        for (size_t j = 0; j <= b_size; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a_size][b_size];
}

/* Says that there is no such option, with the nearest one if there is a near one. */
static bool unknown(const char *name)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        size_t here = options[i].group ? SIZE_MAX : distance(name, options[i].long_name);
        if (here < best_distance) {
            best_distance = here;
            best = options[i].long_name;
        }
    }
    if (best)
        fprintf(stderr, "jitrun: no option --%s; did you mean --%s?\n", name, best);
    else
        fprintf(stderr, "jitrun: no option --%s; jitrun --help lists all\n", name);
    return false;
}

static const struct option *find_long(const char *name, size_t length)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!options[i].group && strlen(options[i].long_name) == length &&
            strncmp(options[i].long_name, name, length) == 0)
            return &options[i];
    }
    return NULL;
}

static const struct option *find_short(char name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!options[i].group && options[i].short_name == name)
            return &options[i];
    }
    return NULL;
}

/* ---- the command line ---- */

struct arguments {
    int next, count;
    char **values;
};

/* Stores one option; its argument is `attached` (after = or the letter) or the next word of the command line. */
static bool take(struct arguments *arguments, const struct option *option, const char *attached,
                 struct jr_cli_options *out)
{
    const char *text = attached;
    if (!(option->commands & 1U << out->command)) {
        fprintf(stderr, "jitrun: --%s does not go with the command %s\n", option->long_name,
                commands[out->command].name);
        return false;
    }
    if (option->kind == FLAG) {
        if (attached) {
            fprintf(stderr, "jitrun: --%s takes no argument\n", option->long_name);
            return false;
        }
    } else if (!text && option->kind != MAYBE) {
        if (arguments->next == arguments->count) {
            fprintf(stderr, "jitrun: --%s wants %s\n", option->long_name,
                    option->kind == TEXT || option->kind == TEXTS ? option->argument : expectation(option));
            return false;
        }
        text = arguments->values[arguments->next++];
    }
    return store(option, text, out);
}

static bool take_long(struct arguments *arguments, const char *name, struct jr_cli_options *out)
{
    size_t length = strcspn(name, "=");
    const struct option *option = find_long(name, length);
    char text[64];
    if (option)
        return take(arguments, option, name[length] ? name + length + 1 : NULL, out);
    snprintf(text, sizeof text, "%.*s", (int)least(length, sizeof text - 1), name);
    return unknown(text);
}

/* One word of short options: flags may be joined, an argument may follow its letter directly. */
static bool take_short(struct arguments *arguments, const char *letters, struct jr_cli_options *out)
{
    for (; *letters; letters++) {
        const struct option *option = find_short(*letters);
        if (!option) {
            fprintf(stderr, "jitrun: no option -%c; jitrun --help lists all\n", *letters);
            return false;
        }
        if (option->kind != FLAG)
            return take(arguments, option, letters[1] ? letters + 1 : NULL, out);
        if (!take(arguments, option, NULL, out))
            return false;
    }
    return true;
}

/* What only the whole command line shows. */
static bool consistent(const struct jr_cli_options *options_given)
{
    const char *mistake = NULL;
    if (options_given->help || options_given->version || options_given->list_devices)
        return true;
    if (options_given->script_count == 0 && options_given->command != JR_COMMAND_DOC)
        mistake = "no script; jitrun --help shows how to use it";
    else if (options_given->command == JR_COMMAND_RUN && options_given->script_count > 1 &&
             !options_given->verify)
        mistake = "more than one script; only --verify takes several";
    else if (options_given->command == JR_COMMAND_LIVE && options_given->script_count > 1)
        mistake = "more than one script; live plays one";
    else if (options_given->command == JR_COMMAND_REPLAY && options_given->script_count > 1)
        mistake = "more than one record; replay takes one";
    else if (options_given->command == JR_COMMAND_LIVE && strcmp(options_given->scripts[0], "-") == 0)
        mistake = "live wants a file: standard input is for commands";
    else if (options_given->unpaced && !options_given->output)
        mistake = "--unpaced goes with --output: a device has its own pace";
    else if (options_given->command == JR_COMMAND_PROFILE && options_given->script_count > 1)
        mistake = "more than one script; profile takes one";
    else if (options_given->command == JR_COMMAND_DOC && options_given->script_count > 2)
        mistake = "doc takes a module or script, and one name in it";
    else if (options_given->frames != JR_FRAMES_NOT_GIVEN && options_given->duration > 0.0)
        mistake = "--frames and --duration both say how much to compute; give one";
    else if (options_given->verify && (options_given->sets.count > 0 || options_given->list_controls))
        mistake = "--verify leaves the controls as they are; leave out --set and --list-controls";
    else if (options_given->verify && (options_given->output || options_given->emit || options_given->jit))
        mistake = "--verify chooses engines and output itself; leave out --jit, --emit and --output";
    else if (options_given->gdb && options_given->perf)
        mistake = "--gdb and --perf attach different things to compiled code; give one";
    else if (options_given->play && options_given->output)
        mistake = "--play and --output both say where the sound goes; give one";
    else if (options_given->sample_rate > JR_SAMPLE_RATE_MOST)
        mistake = "--sample-rate is above 10 MHz";
    if (mistake)
        fprintf(stderr, "jitrun: %s\n", mistake);
    return !mistake;
}

bool jr_options_parse(int argc, char **argv, struct jr_cli_options *out)
{
    struct arguments arguments = { 1, argc, argv };
    bool only_operands = false;
    *out =
        (struct jr_cli_options){ .command = JR_COMMAND_RUN, .scripts = argv, .frames = JR_FRAMES_NOT_GIVEN };
    for (int i = 0; i < COMMAND_COUNT && argc > 1; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            out->command = (enum jr_command)i;
            out->command_given = true;
            arguments.next = 2;
            break;
        }
    }
    while (arguments.next < argc) {
        char *word = argv[arguments.next++];
        if (only_operands || word[0] != '-' || !word[1])
            out->scripts[out->script_count++] = word; /* never ahead of the reading */
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (word[1] == '-' ? !take_long(&arguments, word + 2, out)
                                : !take_short(&arguments, word + 1, out))
            return false;
    }
    return consistent(out);
}

/* Usage and description of one command, or of all. */
static void help_commands(const struct jr_cli_options *given, FILE *to)
{
    if (given->command_given) {
        const struct command *command = &commands[given->command];
        fprintf(to, "usage: jitrun %s [OPTIONS] %s\n\n%s\n", command->name, command->operands, command->help);
        return;
    }
    fputs("usage: jitrun [run] [OPTIONS] SCRIPT\n", to);
    for (size_t i = JR_COMMAND_CHECK; i < COMMAND_COUNT; i++)
        fprintf(to, "       jitrun %s [OPTIONS] %s\n", commands[i].name, commands[i].operands);
    fputs("\nA SCRIPT is mimium source (.mmm), assembly (.jas) or a saved program (.jri); - reads source "
          "from standard\n"
          "input.  Without --frames or --duration, 10 frames are computed as CSV and 10 seconds to a sound "
          "file.\n\n"
          "Commands (jitrun COMMAND --help tells more)\n",
          to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-7s %s\n", commands[i].name, commands[i].help);
}

static void help_option(const struct option *option, FILE *to)
{
    char left[80];
    int size = option->short_name ? snprintf(left, sizeof left, "-%c, ", option->short_name)
                                  : snprintf(left, sizeof left, "    ");
    snprintf(left + size, sizeof left - (size_t)size, "--%s%s%s%s", option->long_name,
             option->kind == MAYBE ? "[="
             : option->argument    ? " "
                                   : "",
             option->argument ? option->argument : "", option->kind == MAYBE ? "]" : "");
    fprintf(to, strlen(left) > 28 ? "  %s\n  %28s  %s\n" : "  %-28s%s  %s\n", left, "", option->help);
}

void jr_options_help(const struct jr_cli_options *given, FILE *to)
{
    const char *group = NULL; /* whose heading is not printed yet */
    help_commands(given, to);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        if (option->group) {
            group = option->group;
        } else if (!given->command_given || option->commands & 1U << given->command) {
            if (group)
                fprintf(to, "\n%s\n", group);
            group = NULL;
            help_option(option, to);
        }
    }
    fputs("\nModules (mod, use, include) are looked for in the folders of -I, of JITRUN_PATH and of MIMIUM_LIB_PATH (lists "
          "separated by\n"
          "colons); in lib/ of the folder of the script and of every folder above it; in ~/.mimium/lib; in the library "
          "that\n"
          "comes with jitrun; and beside the script.\n"
          "\nExit codes: 0 ok, 1 an error in the script (also a difference, a failed test, a file to be laid out), 2 usage, 3 "
          "environment,\n"
          "130 interrupted by Ctrl-C.\n",
          to);
}

bool jr_options_colored(const struct jr_cli_options *options_given, FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    if (options_given->color == JR_COLOR_ALWAYS)
        return true;
    return options_given->color != JR_COLOR_NEVER && !(no_color && *no_color) && isatty(fileno(stream));
}
