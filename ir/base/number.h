/* number.h -- doubles to text and back, the same under every locale.
 *
 * Printing gives the shortest digits that read back as the same double. */
#ifndef JR_IR_BASE_NUMBER_H
#define JR_IR_BASE_NUMBER_H

#include <stddef.h>

/* Room for the longest text with its NUL: sign, 309 digits, or "0." and 323 zeros and 17 digits. */
enum { JR_NUMBER_TEXT_BYTES = 352 };

/* Display format (prints of a script): never an exponent, no ".0" at the end: 1  0.1  -0  0.0000001  1000000000000000000
 * NaN  inf  -inf.  Writes a NUL-terminated text and returns its length. */
size_t jr_number_display(double value, char text[JR_NUMBER_TEXT_BYTES]);

/* Debug format (CSV): at least one fractional digit: 1.0  -0.0  0.25; with an exponent if |x| >= 1e16 or 0 < |x| < 1e-4:
 * 1e16  9.9e-5; NaN  inf  -inf. */
size_t jr_number_debug(double value, char text[JR_NUMBER_TEXT_BYTES]);

/* The nearest double to the decimal number digits [. digits] [e [+-] digits] in text[0 .. length); no sign, no blanks.
 * The caller has checked the form (this asserts nothing and stops at the first other character). */
double jr_number_parse(const char *text, size_t length);

#endif
