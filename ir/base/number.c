/* number.c -- shortest digits by trial: print with more and more digits until the text reads back as the same double.
 *
 * Text goes to strtod as an integer with an exponent ("125e-2"), because the decimal point is the locale's. */
#include "ir/base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_DIGITS = 17,
    KEPT_DIGITS = 800, /* 767 decide any double; what follows only matters as zero or not */
};

/* 0.d1d2d3... x 10^point, without zeros at the end. */
struct decimal {
    char digits[MOST_DIGITS + 1];
    int count;
    int point;
};

static double read_digits(const char *digits, int count, long exponent)
{
    char text[KEPT_DIGITS + 32];
    snprintf(text, sizeof text, "%.*se%ld", count, digits, exponent);
    return strtod(text, NULL);
}

static bool reads_back(const struct decimal *decimal, double value)
{
    return read_digits(decimal->digits, decimal->count, decimal->point - decimal->count) == value;
}

static void drop_zeros(struct decimal *decimal)
{
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0')
        decimal->count--;
}

/* `value` > 0 rounded to `count` digits. */
static void round_to(struct decimal *decimal, double value, int count)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", count - 1, value);
    decimal->count = 0;
    const char *c = text;
    for (; *c != '\0' && *c != 'e'; c++)
        if (*c >= '0' && *c <= '9') /* anything else is the locale's decimal point */
            decimal->digits[decimal->count++] = *c;
    decimal->point = atoi(c + 1) + 1;
}

/* One more in the last place. */
static void step_up(struct decimal *decimal)
{
    int i = decimal->count - 1;
    for (; i >= 0 && decimal->digits[i] == '9'; i--)
        decimal->digits[i] = '0';
    if (i >= 0) {
        decimal->digits[i]++;
    } else {
        decimal->digits[0] = '1'; /* 99 -> 100, of which the rest is zeros already */
        decimal->point++;
    }
}

/* The shortest digits of a finite `value` > 0. */
static void shortest(struct decimal *decimal, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool power_of_two = (bits & 0xfffffffffffffULL) == 0;
    bool subnormal = bits >> 52 == 0;
    /* Up to 15 digits always survive the way to double and back, so fewer need no trial: their zeros are dropped.
     * Subnormals hold less, and there every length is tried. */
    for (int count = subnormal ? 1 : 15; count <= MOST_DIGITS; count++) {
        round_to(decimal, value, count);
        if (reads_back(decimal, value))
            break;
        /* Below a power of two doubles lie twice as dense, so the nearest text may miss where the next one up hits. */
        if (power_of_two) {
            struct decimal above = *decimal;
            step_up(&above);
            if (reads_back(&above, value)) {
                *decimal = above;
                break;
            }
        }
    }
    drop_zeros(decimal);
}

/* The texts that are the same in both formats.  Returns 0 if `value` is an ordinary number. */
static size_t special(double value, char *text)
{
    if (isnan(value))
        strcpy(text, "NaN");
    else if (isinf(value))
        strcpy(text, value < 0 ? "-inf" : "inf");
    else
        return 0;
    return strlen(text);
}

/* Digits with the point in its place: 123, 0.00123, 12300. */
static char *plain(char *out, const struct decimal *decimal)
{
    int i = 0;
    if (decimal->point <= 0)
        *out++ = '0';
    for (; i < decimal->point; i++)
        *out++ = i < decimal->count ? decimal->digits[i] : '0';
    if (decimal->count > decimal->point) {
        *out++ = '.';
        for (int zero = decimal->point; zero < 0; zero++)
            *out++ = '0';
        for (; i < decimal->count; i++)
            *out++ = decimal->digits[i];
    }
    return out;
}

size_t jr_number_display(double value, char text[JR_NUMBER_TEXT_BYTES])
{
    size_t length = special(value, text);
    if (length != 0)
        return length;
    char *out = text;
    if (signbit(value))
        *out++ = '-';
    if (value == 0) {
        *out++ = '0';
    } else {
        struct decimal decimal;
        shortest(&decimal, fabs(value));
        out = plain(out, &decimal);
    }
    *out = '\0';
    return (size_t)(out - text);
}

size_t jr_number_debug(double value, char text[JR_NUMBER_TEXT_BYTES])
{
    size_t length = special(value, text);
    if (length != 0)
        return length;
    char *out = text;
    if (signbit(value))
        *out++ = '-';
    double size = fabs(value);
    if (value == 0) {
        out = stpcpy(out, "0.0");
    } else {
        struct decimal decimal;
        shortest(&decimal, size);
        if (size >= 1e16 || size < 1e-4) {
            *out++ = decimal.digits[0];
            if (decimal.count > 1)
                *out++ = '.';
            for (int i = 1; i < decimal.count; i++)
                *out++ = decimal.digits[i];
            out += sprintf(out, "e%d", decimal.point - 1);
        } else {
            out = plain(out, &decimal);
            if (decimal.count <= decimal.point)
                out = stpcpy(out, ".0");
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}

double jr_number_parse(const char *text, size_t length)
{
    char digits[KEPT_DIGITS + 1];
    int count = 0;
    long exponent = 0;
    bool after_point = false, dropped = false;
    size_t i = 0;
    for (; i < length; i++) {
        char c = text[i];
        if (c == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        exponent -= after_point;
        if (count == 0 && c == '0')
            continue;
        if (count < KEPT_DIGITS) {
            digits[count++] = c;
        } else {
            exponent++;
            dropped |= c != '0';
        }
    }
    if (dropped)
        digits[count - 1] = '1'; /* far behind every digit that matters: it only breaks ties upward */
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        long written = 0;
        bool negative = ++i < length && text[i] == '-';
        if (i < length && (text[i] == '-' || text[i] == '+'))
            i++;
        for (; i < length && text[i] >= '0' && text[i] <= '9'; i++)
            if (written < 100000000)
                written = written * 10 + (text[i] - '0');
        exponent += negative ? -written : written;
    }
    return count == 0 ? 0.0 : read_digits(digits, count, exponent);
}
