/* interrupt.h -- Ctrl-C asks the running script to end, so that the output file is still closed properly. */
#ifndef JR_CLI_INTERRUPT_H
#define JR_CLI_INTERRUPT_H

#include <stdbool.h>

struct jr_session;

/* From now on SIGINT interrupts `session` (NULL: nothing more to interrupt, SIGINT ends the process as usual).  A second SIGINT
 * ends the process in any case. */
void jr_interrupt_watch(struct jr_session *session);
/* From now on SIGINT is noted and interrupts nothing; a second one ends the process. */
void jr_interrupt_catch(void);
/* Whether a SIGINT has come. */
bool jr_interrupt_came(void);

#endif
