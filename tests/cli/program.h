/* program.h -- running jitrun and looking at what came out of it, for the tests of the command line. */
#ifndef JR_TESTS_CLI_PROGRAM_H
#define JR_TESTS_CLI_PROGRAM_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What one run of jitrun did.  Valid until the next run. */
struct outcome {
    int code;              /* exit code, or 128 + signal */
    const char *out, *err; /* NUL-terminated */
};

/* Runs jitrun with these words (the last is NULL) in the test's own folder. */
const struct outcome *run_words(const char *const *words);
#define run(...) run_words((const char *const[]){ __VA_ARGS__, NULL })

/* The same with the program at this path in place of jitrun. */
const struct outcome *run_program(const char *program, const char *const *words);
/* The same, but sends it SIGINT once the file `at` holds something, or, if that is "", once the program catches it. */
const struct outcome *run_interrupted(const char *at, const char *const *words);
/* The same with standard output in the file at `path`, or a pipe that nobody reads if it is NULL (SIGPIPE is ignored then). */
const struct outcome *run_into(const char *path, const char *const *words);
/* The same with `text` as standard input. */
const struct outcome *run_with_input(const char *text, const char *const *words);

/* The same on a terminal: everything written to it is in `out`. */
const struct outcome *run_on_terminal(const char *const *words);

/* Writes a file into the test's folder. */
void write_file(const char *name, const char *text);
void write_bytes(const char *name, const void *bytes, size_t size);
/* The content of a file, NUL-terminated.  Valid until the next call. */
const char *read_file(const char *name);

/* Makes the folder and goes there; removes it. */
void folder_make(void);
void folder_remove(void);

#define expect_code(ran, expected)                                                              \
    do {                                                                                        \
        const struct outcome *just_ran = (ran);                                                 \
        ck_assert_msg(just_ran->code == (expected), "exit code %d, not %d; standard error: %s", \
                      just_ran->code, (expected), just_ran->err);                               \
    } while (0)
#define expect_in(text, part) ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in: %.2000s", part, text)
#define expect_not_in(text, part) ck_assert_msg(strstr(text, part) == NULL, "'%s' is in: %.2000s", part, text)

TCase *cache_tests(void);
TCase *diagnostics_page_tests(void);
TCase *doc_tests(void);
TCase *exit_code_tests(void);
TCase *fmt_tests(void);
TCase *inside_tests(void);
TCase *library_tests(void);
TCase *live_tests(void);
TCase *module_tests(void);
TCase *option_tests(void);
TCase *output_tests(void);
TCase *report_tests(void);
TCase *sample_tests(void);
TCase *test_command_tests(void);
TCase *verify_tests(void);

#endif
