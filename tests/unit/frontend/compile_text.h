/* compile_text.h -- for tests: mimium text in; types, errors and a verified module out. */
#ifndef JR_TESTS_COMPILE_TEXT_H
#define JR_TESTS_COMPILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/base/status.h"
#include "ir/module.h"

struct compile_text {
    enum jr_status status;
    struct jr_sb types;  /* jr_mimium_dump_types */
    struct jr_sb errors; /* line:column category message; one each line */
    size_t error_count;
    struct jr_module *module; /* verified, or NULL */
    char verify[256];         /* why it was not accepted; "" if it was */
};

/* Compiles; everything but the result is freed. */
void compile_text(struct compile_text *result, const struct jr_alloc *alloc, const char *text);
void compile_text_fini(struct compile_text *result);

/* The function of this name (the first one); fails the test if there is none. */
const struct jr_function *function_named(const struct jr_module *module, const char *name);
/* How many instructions `op` the function has. */
unsigned count_op(const struct jr_function *function, enum jr_op op);
unsigned count_instructions(const struct jr_function *function);

#endif
