/* process.c -- see process.h.  Output goes to unnamed temporary files, so a talkative program can never block. */
#include "bench/harness/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The whole content of an open file as a string, or NULL when memory or reading fails. */
static char *content_of(FILE *file)
{
    long size;
    char *text;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        return NULL;
    rewind(file);
    text = malloc((size_t)size + 1);
    if (!text)
        return NULL;
    if (fread(text, 1, (size_t)size, file) != (size_t)size) {
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

/* Sleeps until the process has ended, so that the moment is noticed exactly and nothing is disturbed meanwhile. */
static void wait_for(pid_t pid, double limit_seconds, struct process_result *result)
{
    struct pollfd ending = { .fd = pidfd_open(pid, 0), .events = POLLIN };
    int status = 0;
    if (ending.fd >= 0 && poll(&ending, 1, (int)(1e3 * limit_seconds)) == 0) {
        result->timed_out = 1;
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    result->seconds = seconds() - result->started;
    if (ending.fd >= 0)
        close(ending.fd);
    result->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int process_run(char *const argv[], double limit_seconds, struct process_result *result)
{
    FILE *out = tmpfile(), *err = tmpfile();
    pid_t pid;
    int failed = -1;
    *result = (struct process_result){ 0 };
    if (!out || !err)
        goto done;
    result->started = seconds();
    pid = fork();
    if (pid < 0)
        goto done;
    if (pid == 0) {
        if (dup2(fileno(out), STDOUT_FILENO) >= 0 && dup2(fileno(err), STDERR_FILENO) >= 0)
            execvp(argv[0], argv);
        _exit(127);
    }
    wait_for(pid, limit_seconds, result);
    result->out = content_of(out);
    result->err = content_of(err);
    if (result->out && result->err) {
        failed = 0;
    } else {
        process_result_fini(result);
        errno = ENOMEM;
    }
done:
    if (out)
        fclose(out);
    if (err)
        fclose(err);
    return failed;
}

void process_result_fini(struct process_result *result)
{
    free(result->out);
    free(result->err);
    *result = (struct process_result){ 0 };
}

int json_number(const char *text, const char *key, double *value)
{
    size_t length = strlen(key);
    for (const char *at = text; (at = strchr(at, '"')) != NULL; at++) {
        if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '"') {
            const char *colon = at + length + 2 + strspn(at + length + 2, " ");
            char *end;
            if (*colon != ':')
                continue;
            *value = strtod(colon + 1, &end);
            if (end != colon + 1)
                return 1;
        }
    }
    return 0;
}
