/* words_jas.c -- what the mutator may write into assembly text. */
#include <stddef.h>

#include "tests/fuzz/fuzz.h"

const char *const fuzz_words[] = {
#define JR_OP(name, mnemonic, ...) mnemonic,
#include "ir/opcodes.def"
    "module", "file",   "layout",   "sum",      "sig",  "string",   "global",     "import",
    "host",   "entry",  "func",     "at",       "none", "init=",    "dsp=",       "captures",
    "regs",   "state",  "feedback", "assigned", "raw",  "closure(", "array(",     "cell(",
    "box(",   "tail(",  "->",       "unit",     "*2",   "r0",       "r1",         "r2",
    "r7",     "r65535", "0",        "1",        "2",    "1.5",      "4294967295", "-1",
    "()",     "(raw)",  "\n",       "}",        "{",    NULL
};
