/* make_dictionary.c -- prints a target's words as a dictionary for libFuzzer. */
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

int main(void)
{
    for (size_t i = 0; fuzz_words[i]; i++) {
        putchar('"');
        for (const char *c = fuzz_words[i]; *c; c++) {
            if (*c == '"' || *c == '\\') {
                printf("\\%c", *c);
            } else if (*c < ' ') {
                printf("\\x%02x", (unsigned)*c);
            } else {
                putchar(*c);
            }
        }
        puts("\"");
    }
    return 0;
}
