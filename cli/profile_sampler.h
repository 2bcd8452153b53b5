/* profile_sampler.h -- interrupts the thread at even intervals of time and notes its stack.
 *
 * One at a time in a process: a signal handler gets no argument.  The signal is SIGPROF. */
#ifndef JR_CLI_PROFILE_SAMPLER_H
#define JR_CLI_PROFILE_SAMPLER_H

#include <stdbool.h>

#include "host/profile.h"

enum { JR_SAMPLES_PER_SECOND = 997 }; /* a prime, lest it keeps step with what it looks at */

/* Begins with the calling thread.  False: the system has no such timer; errno says why. */
bool jr_sampler_start(const struct jr_profile_view *view);
void jr_sampler_stop(void);
/* Hands all samples over and frees them.  *lost: how many there was no room for. */
enum jr_status jr_sampler_give(struct jr_profile *profile, unsigned long *lost);

#endif
