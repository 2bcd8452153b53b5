/* stack.c -- a thread for its stack. */
#include "ir/base/stack.h"

#include <pthread.h>
#include <signal.h>

struct job {
    void (*run)(void *context);
    void *context;
};

static void *start(void *data)
{
    const struct job *job = data;
    job->run(job->context);
    return NULL;
}

enum jr_status jr_stack_run(size_t bytes, void (*run)(void *context), void *context)
{
    struct job job = { run, context };
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0)
        return JR_ERR_NO_MEMORY;
    int failed = pthread_attr_setstacksize(&attributes, bytes);
    if (failed == 0) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        failed = pthread_create(&thread, &attributes, start, &job);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    if (failed != 0)
        return JR_ERR_NO_MEMORY;
    pthread_join(thread, NULL);
    return JR_OK;
}
