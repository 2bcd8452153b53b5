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
        return "must be an array of numbers";
    out->expected = calloc(count + 1, sizeof *out->expected);
    if (!out->expected)
        return "no memory";
    out->expected_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!read_number(json_array_get(value, i), &out->expected[i]))
            return "must be an array of numbers";
    }
    return NULL;
}

static const char *read_texts(const json_t *value, char ***texts, size_t *count)
{
    static const char mistake[] = "must be an array of texts";
    size_t size = json_array_size(value);
    if (!json_is_array(value) || size == 0)
        return mistake;
    *texts = calloc(size, sizeof **texts);
    if (!*texts)
        return "no memory";
    *count = size;
    for (size_t i = 0; i < size; i++) {
        const char *text = json_string_value(json_array_get(value, i));
        (*texts)[i] = text ? strdup(text) : NULL;
        if (!(*texts)[i])
            return mistake;
    }
    return NULL;
}

static const char *read_text(const json_t *value, char **text)
{
    *text = json_is_string(value) ? strdup(json_string_value(value)) : NULL;
    return *text ? NULL : "must be a text";
}

static const char *read_flag(const json_t *value, bool *flag)
{
    *flag = json_is_true(value);
    return json_is_boolean(value) ? NULL : "must be true or false";
}

static const char *read_count(const json_t *value, uint64_t *count)
{
    *count = json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value) : 0;
    return json_is_integer(value) && json_integer_value(value) >= 0 ? NULL : "must be a whole number";
}

/* One key; returns what is wrong with it, or NULL. */
static const char *read_key(const char *key, const json_t *value, struct jr_expectation *out)
{
    if (strcmp(key, "times") == 0)
        return read_count(value, &out->times);
    if (strcmp(key, "stereo") == 0)
        return read_flag(value, &out->stereo);
    if (strcmp(key, "tol") == 0)
        return read_number(value, &out->tolerance) && out->tolerance >= 0.0 ? NULL
                                                                            : "must be a number from 0";
    if (strcmp(key, "expected") == 0)
        return read_expected(value, out);
    if (strcmp(key, "runtime_error") == 0)
        return read_text(value, &out->runtime_error);
    if (strcmp(key, "frames_before_error") == 0) {
        out->has_frames_before_error = true;
        return read_count(value, &out->frames_before_error);
    }
    if (strcmp(key, "nothing_to_run") == 0)
        return read_flag(value, &out->nothing_to_run);
    if (strcmp(key, "falling") == 0)
        return read_flag(value, &out->falling);
    if (strcmp(key, "error") == 0)
        return read_texts(value, &out->errors, &out->error_count);
    if (strcmp(key, "categories") == 0)
        return read_texts(value, &out->categories, &out->category_count);
    if (strcmp(key, "among_categories") == 0)
        return read_texts(value, &out->among_categories, &out->among_category_count);
    if (strcmp(key, "first_category") == 0)
        return read_text(value, &out->first_category);
    if (strcmp(key, "mentions") == 0)
        return read_text(value, &out->mentions);
    if (strcmp(key, "plugins") == 0 || strcmp(key, "web") == 0) /* these two say nothing to us */
        return NULL;
    return "no such key";
}

bool jr_expectation_wants_errors(const struct jr_expectation *expectation)
{
    return expectation->errors || expectation->categories || expectation->among_categories ||
           expectation->first_category || expectation->mentions;
}

bool jr_expectation_read_object(const json_t *object, struct jr_expectation *out, char *message,
                                size_t message_size)
{
    const char *key, *mistake = NULL;
    json_t *value;
    *out = (struct jr_expectation){ .tolerance = 1e-12 };
    if (!json_is_object(object)) {
        snprintf(message, message_size, "not an object");
        return false;
    }
    json_object_foreach((json_t *)object, key, value)
    {
        mistake = read_key(key, value, out);
        if (mistake) {
            snprintf(message, message_size, "key \"%s\": %s", key, mistake);
            break;
        }
    }
    if (!mistake && !out->expected && !out->runtime_error && !out->nothing_to_run && !out->falling &&
        !jr_expectation_wants_errors(out)) {
        mistake = "";
        snprintf(message, message_size, "says neither expected nor error nor runtime_error");
    }
    if (mistake)
        jr_expectation_fini(out);
    return !mistake;
}

enum jr_expectation_result jr_expectation_read(const char *text, size_t length, struct jr_expectation *out,
                                               char *message, size_t message_size)
{
    size_t json_length;
    const char *json = find_header(text, length, &json_length);
    json_error_t error;
    json_t *root;
    char mistake[200];
    bool good;
    *out = (struct jr_expectation){ 0 };
    if (!json)
        return JR_EXPECTATION_NONE;
    root = json_loadb(json, json_length, JSON_REJECT_DUPLICATES, &error);
    good = root && jr_expectation_read_object(root, out, mistake, sizeof mistake);
    if (!good)
        snprintf(message, message_size, "@test header: %s", root ? mistake : error.text);
    json_decref(root);
    return good ? JR_EXPECTATION_FOUND : JR_EXPECTATION_BAD;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void jr_expectation_fini(struct jr_expectation *expectation)
{
    free_texts(expectation->errors, expectation->error_count);
    free_texts(expectation->categories, expectation->category_count);
    free_texts(expectation->among_categories, expectation->among_category_count);
    free(expectation->expected);
    free(expectation->runtime_error);
    free(expectation->first_category);
    free(expectation->mentions);
    *expectation = (struct jr_expectation){ 0 };
}
