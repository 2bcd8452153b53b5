/* junit.h -- test results as JUnit XML: one suite, a case for each script and engine. */
#ifndef JR_CLI_JUNIT_H
#define JR_CLI_JUNIT_H

#include "ir/base/sb.h"

struct jr_junit {
    struct jr_sb cases;
    unsigned count, failures;
};

void jr_junit_init(struct jr_junit *junit);
void jr_junit_fini(struct jr_junit *junit);
/* `failure` is NULL if it passed. */
void jr_junit_add(struct jr_junit *junit, const char *script, const char *engine, double seconds,
                  const char *failure);
/* Writes the file; false with errno set if that fails. */
bool jr_junit_write(const struct jr_junit *junit, const char *path);

#endif
