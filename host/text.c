/* text.c -- strings at the macro stage. */
#include "host/text.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

#include "frontend/utf8.h"
#include "ir/base/number.h"
#include "runtime/error.h"
#include "runtime/object.h"
#include "runtime/ops.h"
#include "runtime/rt.h"
#include "runtime/vm.h"

struct text {
    const char *bytes;
    size_t size;
};

static struct text text_of(uint64_t word)
{
    const struct jr_string *string = (const struct jr_string *)(uintptr_t)word;
    return string != NULL ? (struct text){ string->bytes, string->size } : (struct text){ "", 0 };
}

/* Bytes of the scalar value at the beginning; source text and what is made from it is valid, anything else counts byte by byte. */
static size_t character_bytes(struct text text)
{
    uint32_t code;
    size_t bytes = jr_utf8_decode(text.bytes, text.size, &code);
    return bytes > 0 ? bytes : 1;
}

/* The text without its first `count` characters. */
static struct text skip(struct text text, double count)
{
    for (double i = 0.0; i < count && text.size > 0; i += 1.0) {
        size_t bytes = character_bytes(text);
        text.bytes += bytes;
        text.size -= bytes;
    }
    return text;
}

/* A position or length as a program gives it: NaN and what is below zero count as zero. */
static double whole(uint64_t word)
{
    double value = trunc(jr_f64(word));
    return value > 0.0 ? value : 0.0;
}

/* Its first `count` characters. */
static struct text take(struct text text, double count)
{
    text.size -= skip(text, count).size;
    return text;
}

static int give(struct jr_task *task, uint64_t *words, struct text text)
{
    return jr_rt_string_new(task, words, text.bytes, text.size);
}

/* A run treats tiny numbers as zero; text takes them as they are.  Gives what to go back to. */
static fenv_t leave_run(void)
{
    fenv_t mode;
    fegetenv(&mode);
    fesetenv(FE_DFL_ENV);
    return mode;
}

/* ---- the functions ---- */

static int str_length(struct jr_task *task, void *user, uint64_t *words)
{
    double length = 0.0;
    (void)task, (void)user;
    for (struct text text = text_of(words[0]); text.size > 0; text = skip(text, 1.0))
        length += 1.0;
    words[0] = jr_word(length);
    return JR_RUN_OK;
}

static int str_take(struct jr_task *task, void *user, uint64_t *words)
{
    (void)user;
    return give(task, words, take(text_of(words[0]), whole(words[1])));
}

static int str_drop(struct jr_task *task, void *user, uint64_t *words)
{
    (void)user;
    return give(task, words, skip(text_of(words[0]), whole(words[1])));
}

static int str_slice(struct jr_task *task, void *user, uint64_t *words)
{
    double start = whole(words[1]), end = whole(words[2]);
    (void)user;
    return give(task, words, take(skip(text_of(words[0]), start), end > start ? end - start : 0.0));
}

static int str_char_at(struct jr_task *task, void *user, uint64_t *words)
{
    double index = jr_f64(words[1]);
    struct text text = text_of(words[0]), rest = skip(text, whole(words[1]));
    char shown[JR_NUMBER_TEXT_BYTES];
    (void)user;
    if (trunc(index) >= 0.0 && rest.size > 0)
        return give(task, words, take(rest, 1.0));
    jr_number_display(index, shown);
    return jr_error_raise(task, JR_ERR_INVALID, "str_char_at: the string \"%.40s\" has no character %s",
                          text.bytes, shown);
}

static int str_concat(struct jr_task *task, void *user, uint64_t *words)
{
    struct text left = text_of(words[0]), right = text_of(words[1]);
    struct jr_string *both;
    uint64_t word;
    size_t size;
    (void)user;
    if (__builtin_add_overflow(left.size, right.size, &size))
        return jr_error_raise(task, JR_ERR_NO_MEMORY, "str_concat: the string gets too large");
    if (jr_rt_string_new(task, &word, NULL, size) != JR_RUN_OK)
        return JR_RUN_ERROR;
    both = (struct jr_string *)(uintptr_t)word;
    memcpy(both->bytes, left.bytes, left.size);
    memcpy(both->bytes + left.size, right.bytes, right.size);
    words[0] = word;
    return JR_RUN_OK;
}

static int str_eq(struct jr_task *task, void *user, uint64_t *words)
{
    struct text left = text_of(words[0]), right = text_of(words[1]);
    (void)task, (void)user;
    words[0] =
        jr_word(left.size == right.size && memcmp(left.bytes, right.bytes, left.size) == 0 ? 1.0 : 0.0);
    return JR_RUN_OK;
}

/* digits [. digits] [e [+-] digits] or . digits; where it ends */
static const char *number_end(const char *at)
{
    size_t digits = strspn(at, "0123456789");
    const char *end = at + digits;
    if (*end == '.') {
        size_t fraction = strspn(end + 1, "0123456789");
        digits += fraction;
        end += 1 + fraction;
    }
    if (digits == 0)
        return at;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');
        size_t length = strspn(exponent, "0123456789");
        if (length > 0)
            end = exponent + length;
    }
    return end;
}

static int str_to_number(struct jr_task *task, void *user, uint64_t *words)
{
    struct text text = text_of(words[0]);
    const char *at = text.bytes + strspn(text.bytes, " \t\r\n"), *end;
    bool negative = *at == '-';
    (void)user;
    at += *at == '-' || *at == '+';
    end = number_end(at);
    if (end > at && end + strspn(end, " \t\r\n") == text.bytes + text.size) {
        fenv_t mode = leave_run();
        double value = jr_number_parse(at, (size_t)(end - at));
        fesetenv(&mode);
        words[0] = jr_word(negative ? -value : value);
        return JR_RUN_OK;
    }
    return jr_error_raise(task, JR_ERR_INVALID, "str_to_number: \"%.80s\" is not a number", text.bytes);
}

static int number_to_str(struct jr_task *task, void *user, uint64_t *words)
{
    char text[JR_NUMBER_TEXT_BYTES];
    fenv_t mode = leave_run();
    size_t length = jr_number_display(jr_f64(words[0]), text);
    fesetenv(&mode);
    (void)user;
    return give(task, words, (struct text){ text, length });
}

const struct jr_host_function jr_text_functions[] = {
    { "text.str_length", "s", "w", str_length, NULL, true },
    { "text.str_take", "sw", "s", str_take, NULL, true },
    { "text.str_drop", "sw", "s", str_drop, NULL, true },
    { "text.str_slice", "sww", "s", str_slice, NULL, true },
    { "text.str_char_at", "sw", "s", str_char_at, NULL, true },
    { "text.str_concat", "ss", "s", str_concat, NULL, true },
    { "text.str_eq", "ss", "w", str_eq, NULL, true },
    { "text.str_to_number", "s", "w", str_to_number, NULL, true },
    { "text.number_to_str", "w", "s", number_to_str, NULL, true },
};
const size_t jr_text_function_count = sizeof jr_text_functions / sizeof jr_text_functions[0];
