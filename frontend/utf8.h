/* utf8.h -- reading UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef JR_FRONTEND_UTF8_H
#define JR_FRONTEND_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at bytes[0], of which there are `length` > 0.  Returns how many bytes it takes, 0 if they are not
 * UTF-8; *code is then 0. */
size_t jr_utf8_decode(const char *bytes, size_t length, uint32_t *code);

/* How many bytes from the start on are UTF-8: `length` if all are. */
size_t jr_utf8_valid_prefix(const char *bytes, size_t length);

#endif
