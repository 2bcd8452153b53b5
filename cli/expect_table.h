/* expect_table.h -- what scripts that say nothing about themselves should do: a JSON file
 *
 *   {"about": ..., "programs": {"base name without extension": {the keys of a @test header}, ...}} */
#ifndef JR_CLI_EXPECT_TABLE_H
#define JR_CLI_EXPECT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/expectation.h"

struct jr_expect_table {
    struct json_t *root;  /* NULL: no table */
    struct json_t *found; /* the names that were asked for */
};

/* Reads the file; after a message on standard error returns false, and there is nothing to end. */
bool jr_expect_table_open(struct jr_expect_table *table, const char *path);
void jr_expect_table_close(struct jr_expect_table *table); /* also of a zeroed one */

/* As jr_expectation_read, for the script at `path`. */
enum jr_expectation_result jr_expect_table_find(struct jr_expect_table *table, const char *path,
                                                struct jr_expectation *out, char *message,
                                                size_t message_size);
/* Remembers that the script is there, though its own header counts. */
void jr_expect_table_meet(struct jr_expect_table *table, const char *path);
/* Calls `visit` for each name that no script had. */
void jr_expect_table_missing(const struct jr_expect_table *table, void (*visit)(void *user, const char *name),
                             void *user);

#endif
