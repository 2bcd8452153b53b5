#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "host/session.h"

/* A signal handler gets no argument, so these two are the program's only global variables. */
static _Atomic(struct jr_session *) watched;
static volatile sig_atomic_t came;

static void on_interrupt(int number)
{
    struct jr_session *session = atomic_load(&watched);
    (void)number;
    came = 1;
    if (session)
        jr_session_interrupt(session);
}

void jr_interrupt_watch(struct jr_session *session)
{
    struct sigaction action = { 0 };
    sigemptyset(&action.sa_mask);
    action.sa_handler = session ? on_interrupt : SIG_DFL;
    action.sa_flags = (int)SA_RESETHAND; /* the second one is not caught */
    if (session)
        atomic_store(&watched, session);
    sigaction(SIGINT, &action, NULL);
    if (!session)
        atomic_store(&watched, NULL);
}

void jr_interrupt_catch(void)
{
    struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

bool jr_interrupt_came(void)
{
    return came != 0;
}
