#include "tests/cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MOST = 32, CAPTURE_BYTES = 1 << 20 };

static char folder[] = "/tmp/jitrun-cli-XXXXXX";
static char captured_out[CAPTURE_BYTES], captured_err[CAPTURE_BYTES], content[CAPTURE_BYTES];
static struct outcome outcome;

/* How to run: everything beyond the words. */
struct run {
    const char *program;  /* NULL: the one that was built */
    const char *out_path; /* NULL: captured */
    bool out_unread;      /* standard output is a pipe that nobody reads */
    const char *input;
    const char *interrupt_at; /* send SIGINT once this file holds something; "": once the program catches it; NULL: never */
};

/* In the child: becomes jitrun. */
static _Noreturn void become(const struct run *how, const char *const *words, int in, int out, int err)
{
    char *program = strdup(how->program ? how->program : JR_PROGRAM);
    char *argv[WORDS_MOST + 2] = { program };
    for (int i = 0; words[i] && i < WORDS_MOST; i++)
        argv[i + 1] = strdup(words[i]);
    if (how->out_path)
        out = open(how->out_path, O_WRONLY | O_CREAT, 0666);
    if (how->out_unread)
        signal(SIGPIPE, SIG_IGN);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(126);
    execv(program, argv);
    _exit(127);
}

static bool read_some(int fd, char *to, size_t *size)
{
    ssize_t count = read(fd, to + *size, CAPTURE_BYTES - 1 - *size);
    *size += count > 0 ? (size_t)count : 0;
    to[*size] = '\0';
    return count > 0;
}

/* Whether the signals that the process catches, as the kernel tells them, include SIGINT. */
static bool catches_interrupt(pid_t child)
{
    char path[64], line[256];
    unsigned long long caught = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)child);
    FILE *status = fopen(path, "r");
    if (!status)
        return false;
    while (fgets(line, sizeof line, status))
        if (sscanf(line, "SigCgt: %llx", &caught) == 1)
            break;
    fclose(status);
    return caught >> (SIGINT - 1) & 1;
}

/* Interrupts the child when it is where the test wants it, however slow the machine is.  A child that ends before is left to the
 * test's own checks. */
static void interrupt(pid_t child, const char *at)
{
    siginfo_t ended = { 0 };
    struct stat file;
    while (!(catches_interrupt(child) && (!at[0] || (stat(at, &file) == 0 && file.st_size > 0)))) {
        if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == child)
            return;
        usleep(2000);
    }
    kill(child, SIGINT);
}

static const struct outcome *run_how(const struct run *how, const char *const *words)
{
    int in[2], out[2], err[2], started[2], status = 0;
    char nothing;
    size_t out_size = 0, err_size = 0;
    bool out_open = !how->out_unread, err_open = true;
    pid_t child;

    captured_out[0] = captured_err[0] = '\0';
    ck_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    ck_assert(pipe2(started, O_CLOEXEC) == 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (how->out_unread)
            close(out[0]);
        become(how, words, in[0], out[1], err[1]);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    close(started[1]);
    if (how->out_unread)
        close(out[0]);
    if (how->input)
        ck_assert_int_eq(write(in[1], how->input, strlen(how->input)), (ssize_t)strlen(how->input));
    close(in[1]);
    ck_assert_int_eq(read(started[0], &nothing, 1), 0); /* ends when the child is jitrun and has none of our handlers */
    close(started[0]);
    if (how->interrupt_at)
        interrupt(child, how->interrupt_at);
    while (out_open || err_open) {
        struct pollfd fds[] = { { out_open ? out[0] : -1, POLLIN, 0 },
                                { err_open ? err[0] : -1, POLLIN, 0 } };
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents)
            out_open = read_some(out[0], captured_out, &out_size);
        if (fds[1].revents)
            err_open = read_some(err[0], captured_err, &err_size);
    }
    if (!how->out_unread)
        close(out[0]);
    close(err[0]);
    waitpid(child, &status, 0);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.out = captured_out;
    outcome.err = captured_err;
    return &outcome;
}

const struct outcome *run_words(const char *const *words)
{
    return run_how(&(struct run){ 0 }, words);
}

const struct outcome *run_program(const char *program, const char *const *words)
{
    return run_how(&(struct run){ .program = program }, words);
}

const struct outcome *run_interrupted(const char *at, const char *const *words)
{
    return run_how(&(struct run){ .interrupt_at = at }, words);
}

const struct outcome *run_into(const char *path, const char *const *words)
{
    return run_how(&(struct run){ .out_path = path, .out_unread = !path }, words);
}

const struct outcome *run_with_input(const char *text, const char *const *words)
{
    return run_how(&(struct run){ .input = text }, words);
}

const struct outcome *run_on_terminal(const char *const *words)
{
    int terminal, status = 0;
    size_t size = 0;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    ck_assert_int_ge(child, 0);
    if (child == 0)
        become(&(struct run){ 0 }, words, 0, 1, 2);
    captured_out[0] = captured_err[0] = '\0';
    while (read_some(terminal, captured_out, &size)) /* ends with EIO when the child has gone */
        continue;
    close(terminal);
    waitpid(child, &status, 0);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.out = captured_out;
    outcome.err = captured_err;
    return &outcome;
}

void write_bytes(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

void write_file(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

const char *read_file(const char *name)
{
    FILE *file = fopen(name, "r");
    ck_assert_msg(file != NULL, "%s: %s", name, strerror(errno));
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    fclose(file);
    return content;
}

void folder_make(void)
{
    if (!mkdtemp(folder) || chdir(folder) != 0)
        abort();
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path);
}

void folder_remove(void)
{
    if (chdir("/") != 0 || nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        perror(folder);
}
