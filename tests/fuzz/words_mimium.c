/* words_mimium.c -- what the mutator may write into mimium source. */
#include <stddef.h>

#include "tests/fuzz/fuzz.h"

const char *const fuzz_words[] = {
#define JR_MM_MARK(enumerator, spelling) spelling,
#define JR_MM_WORD(enumerator, spelling) spelling,
#include "frontend/mimium/tokens.def"
#define JR_BUILTIN(enumerator, name, type, form, opcode) name,
#include "frontend/mimium/builtins.def"
    "0", "1", "2.5", "3", "x", "f", "a", "dsp", "\"s\"", "| |", "(", ")", "{", "}", ";", "\n", NULL
};
