/* answer.c -- see answer.h. */
#include "bench/harness/answer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first sixteen frames show a wrong start, the others errors that grow. */
static const size_t chosen[] = { 0,  1,  2,  3,  4,  5,   6,   7,   8,   9,    10,   11,   12,   13,  14,
                                 15, 20, 31, 59, 99, 150, 199, 500, 999, 1500, 2047, 3000, 4000, 4799 };

static void sums_of(const double *values, size_t count, double *sum, double *magnitude)
{
    *sum = *magnitude = 0.0;
    for (size_t i = 0; i < count; i++) {
        double weight = 1.0 + (double)(i % 7);
        *sum += weight * values[i];
        *magnitude += weight * fabs(values[i]);
    }
}

void answer_from_values(const double *values, size_t count, struct answer *answer)
{
    *answer = (struct answer){ 0 };
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0] && chosen[i] < count; i++) {
        answer->frame[answer->frame_count] = chosen[i];
        answer->value[answer->frame_count++] = values[chosen[i]];
    }
    answer->checked = count;
    sums_of(values, count, &answer->sum, &answer->magnitude);
}

int answer_save(const char *path, const struct answer *answer)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fprintf(file, "frame,value\n");
    for (size_t i = 0; i < answer->frame_count; i++)
        fprintf(file, "%zu,%.17g\n", answer->frame[i], answer->value[i]);
    fprintf(file, "checked,%zu\nsum,%.17g\nmagnitude,%.17g\n", answer->checked, answer->sum,
            answer->magnitude);
    if (ferror(file) | fclose(file))
        return -1;
    return 0;
}

int answer_load(const char *path, struct answer *answer)
{
    char line[128];
    int complete = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    *answer = (struct answer){ 0 };
    while (fgets(line, sizeof line, file)) {
        char *comma = strchr(line, ',');
        double value;
        if (!comma)
            continue;
        *comma = '\0';
        value = strtod(comma + 1, NULL);
        if (strcmp(line, "checked") == 0) {
            answer->checked = (size_t)value;
        } else if (strcmp(line, "sum") == 0) {
            answer->sum = value;
        } else if (strcmp(line, "magnitude") == 0) {
            answer->magnitude = value;
            complete = 1;
        } else if (line[0] >= '0' && line[0] <= '9' && answer->frame_count < ANSWER_FRAMES_MAX) {
            answer->frame[answer->frame_count] = strtoul(line, NULL, 10);
            answer->value[answer->frame_count++] = value;
        }
    }
    fclose(file);
    if (!complete || answer->frame_count == 0) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

int answer_compare(const struct answer *answer, const double *values, size_t count, char *message,
                   size_t size)
{
    double peak = 0.0, sum, magnitude;
    if (count < answer->checked) {
        snprintf(message, size, "%zu frames instead of %zu", count, answer->checked);
        return -1;
    }
    for (size_t i = 0; i < answer->frame_count; i++)
        peak = fmax(peak, fabs(answer->value[i]));
    for (size_t i = 0; i < answer->frame_count; i++) {
        double got = values[answer->frame[i]];
        if (!(fabs(got - answer->value[i]) <= ANSWER_TOLERANCE * peak)) {
            snprintf(message, size, "frame %zu is %.17g and should be %.17g", answer->frame[i], got,
                     answer->value[i]);
            return -1;
        }
    }
    sums_of(values, answer->checked, &sum, &magnitude);
    if (!(fabs(sum - answer->sum) <= ANSWER_TOLERANCE * answer->magnitude)) {
        snprintf(message, size, "the sum over %zu frames is %.17g and should be %.17g", answer->checked, sum,
                 answer->sum);
        return -1;
    }
    return 0;
}

double *values_from_csv(const char *text, size_t *count)
{
    size_t capacity = 8192, length = 0;
    double *values = malloc(capacity * sizeof *values);
    *count = 0;
    if (!values)
        return NULL;
    while (*text) {
        char *end;
        double value = strtod(text, &end);
        if (end != text) {
            if (length == capacity) {
                double *more = realloc(values, 2 * capacity * sizeof *values);
                if (!more) {
                    free(values);
                    return NULL;
                }
                values = more;
                capacity *= 2;
            }
            values[length++] = value;
        }
        text = strchr(text, '\n');
        if (!text)
            break;
        text++;
    }
    *count = length;
    return values;
}
