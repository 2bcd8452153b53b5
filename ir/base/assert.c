/* assert.c -- the end of a program whose own code is wrong. */
#include "ir/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void jr_assert_failed(const char *file, int line, const char *condition, const char *message)
{
    fprintf(stderr, "%s:%d: %s (%s does not hold)\n", file, line, message, condition);
    abort();
}
