#include "cli/expectation.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_LINES = 8 };

/* The JSON text of the header, or NULL. */
static const char *find_header(const char *text, size_t length, size_t *json_length)
{
    static const char mark[] = "// @test ";
    const char *end = text + length;
    for (int line = 0; line < HEADER_LINES && text < end; line++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t size = stop ? (size_t)(stop - text) : (size_t)(end - text);
        if (size >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0) {
            *json_length = size - (sizeof mark - 1);
            return text + sizeof mark - 1;
        }
        text += size + 1;
    }
    return NULL;
}

/* A number, or one of the names of what JSON has no number for. */
static bool read_number(const json_t *value, double *out)
{
    static const struct {
        const char *name;
        double value;
    } names[] = {
        { "NaN", (double)NAN }, { "inf", (double)INFINITY }, { "-inf", -(double)INFINITY }, { "-0", -0.0 }
    };
    if (json_is_number(value)) {
        *out = json_number_value(value);
        return true;
    }
    for (size_t i = 0; json_is_string(value) && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(json_string_value(value), names[i].name) == 0) {
            *out = names[i].value;
            return true;
        }
    }
    return false;
}

static const char *read_expected(const json_t *value, struct jr_expectation *out)
{
    size_t count = json_array_size(value);
    if (!json_is_array(value))
        return "expected must be an array of numbers";
    out->expected = calloc(count + 1, sizeof *out->expected);
    if (!out->expected)
        return "no memory";
    out->expected_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!read_number(json_array_get(value, i), &out->expected[i]))
            return "expected must be an array of numbers";
    }
    return NULL;
}

static const char *read_errors(const json_t *value, struct jr_expectation *out)
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count == 0)
        return "error must be an array of texts";
    out->errors = calloc(count, sizeof *out->errors);
    if (!out->errors)
        return "no memory";
    out->error_count = count;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(value, i));
        out->errors[i] = text ? strdup(text) : NULL;
        if (!out->errors[i])
            return "error must be an array of texts";
    }
    return NULL;
}

/* One key; returns what is wrong with it, or NULL. */
static const char *read_key(const char *key, const json_t *value, struct jr_expectation *out)
{
    if (strcmp(key, "times") == 0) {
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return "times must be a whole number";
        out->times = (uint64_t)json_integer_value(value);
    } else if (strcmp(key, "stereo") == 0) {
        if (!json_is_boolean(value))
            return "stereo must be true or false";
        out->stereo = json_is_true(value);
    } else if (strcmp(key, "tol") == 0) {
        if (!read_number(value, &out->tolerance) || !(out->tolerance >= 0.0))
            return "tol must be a number from 0";
    } else if (strcmp(key, "expected") == 0) {
        return read_expected(value, out);
    } else if (strcmp(key, "error") == 0) {
        return read_errors(value, out);
    } else if (strcmp(key, "runtime_error") == 0) {
        out->runtime_error = json_is_string(value) ? strdup(json_string_value(value)) : NULL;
        return out->runtime_error ? NULL : "runtime_error must be a text";
    } else if (strcmp(key, "plugins") != 0 && strcmp(key, "web") != 0) { /* these two say nothing to us */
        return "no such key";
    }
    return NULL;
}

enum jr_expectation_result jr_expectation_read(const char *text, size_t length, struct jr_expectation *out,
                                               char *message, size_t message_size)
{
    size_t json_length;
    const char *json = find_header(text, length, &json_length), *key;
    json_error_t error;
    json_t *root, *value;
    const char *mistake = NULL;
    *out = (struct jr_expectation){ .tolerance = 1e-12 };
    if (!json)
        return JR_EXPECTATION_NONE;
    root = json_loadb(json, json_length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        snprintf(message, message_size, "@test header: %s", root ? "not an object" : error.text);
        json_decref(root);
        return JR_EXPECTATION_BAD;
    }
    json_object_foreach(root, key, value)
    {
        mistake = read_key(key, value, out);
        if (mistake) {
            snprintf(message, message_size, "@test header, key \"%s\": %s", key, mistake);
            break;
        }
    }
    json_decref(root);
    if (!mistake && !out->expected && !out->errors && !out->runtime_error) {
        mistake = "";
        snprintf(message, message_size, "@test header: says neither expected nor error nor runtime_error");
    }
    if (mistake)
        jr_expectation_fini(out);
    return mistake ? JR_EXPECTATION_BAD : JR_EXPECTATION_FOUND;
}

void jr_expectation_fini(struct jr_expectation *expectation)
{
    for (size_t i = 0; i < expectation->error_count; i++)
        free(expectation->errors[i]);
    free(expectation->errors);
    free(expectation->expected);
    free(expectation->runtime_error);
    *expectation = (struct jr_expectation){ 0 };
}
