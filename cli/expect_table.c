#include "cli/expect_table.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

bool jr_expect_table_open(struct jr_expect_table *table, const char *path)
{
    json_error_t error;
    *table = (struct jr_expect_table){ 0 };
    table->root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!table->root)
        fprintf(stderr, "jitrun: %s:%d: %s\n", path, error.line, error.text);
    else if (!json_is_object(json_object_get(table->root, "programs")))
        fprintf(stderr, "jitrun: %s: the table has no object \"programs\"\n", path);
    else
        table->found = json_object();
    if (!table->found)
        jr_expect_table_close(table);
    return table->found != NULL;
}

void jr_expect_table_close(struct jr_expect_table *table)
{
    json_decref(table->root);
    json_decref(table->found);
    *table = (struct jr_expect_table){ 0 };
}

/* "a/b/name.mmm": "name"; cut if it is longer than any name of a table. */
static const char *base_name(const char *path, char *name, size_t size)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    snprintf(name, size, "%.*s", (int)(dot ? dot - base : (long)strlen(base)), base);
    return name;
}

void jr_expect_table_meet(struct jr_expect_table *table, const char *path)
{
    char name[256];
    if (table->root)
        json_object_set_new(table->found, base_name(path, name, sizeof name), json_true());
}

enum jr_expectation_result jr_expect_table_find(struct jr_expect_table *table, const char *path,
                                                struct jr_expectation *out, char *message,
                                                size_t message_size)
{
    char name[256], mistake[200];
    const json_t *entry;
    *out = (struct jr_expectation){ 0 };
    if (!table->root)
        return JR_EXPECTATION_NONE;
    jr_expect_table_meet(table, path);
    entry = json_object_get(json_object_get(table->root, "programs"), base_name(path, name, sizeof name));
    if (!entry)
        return JR_EXPECTATION_NONE;
    if (jr_expectation_read_object(entry, out, mistake, sizeof mistake))
        return JR_EXPECTATION_FOUND;
    snprintf(message, message_size, "its entry in the table: %s", mistake);
    return JR_EXPECTATION_BAD;
}

void jr_expect_table_missing(const struct jr_expect_table *table, void (*visit)(void *user, const char *name),
                             void *user)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(table->root, "programs"), name, value)
    {
        if (!json_object_get(table->found, name))
            visit(user, name);
    }
}
