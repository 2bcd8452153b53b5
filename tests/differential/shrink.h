/* shrink.h -- makes a failing program small.
 *
 * Statements are deleted and expressions replaced by parts of themselves or by the shortest value of their type, as long
 * as the program keeps failing in the same way.  A cut may make the program invalid (a name is missing, say); then it
 * does not fail in that way any more and the cut is taken back, so nothing here has to know the language's rules. */
#ifndef JR_TESTS_DIFFERENTIAL_SHRINK_H
#define JR_TESTS_DIFFERENTIAL_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/differential/tree.h"

/* Whether the program still fails.  `plain`: without its macros (tree_print_plain), or NULL if it has none. */
typedef bool shrink_fails_fn(void *user, const char *source, size_t length, const char *plain);

/* Changes tree->program in place.  Asks `fails` at most `checks_max` times; returns how often it did. */
size_t shrink_program(struct tree *tree, shrink_fails_fn *fails, void *user, size_t checks_max);

#endif
