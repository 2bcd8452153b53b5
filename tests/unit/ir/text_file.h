/* text_file.h -- files as texts, and numbers that are the same in every run. */
#ifndef JR_TESTS_UNIT_IR_TEXT_FILE_H
#define JR_TESTS_UNIT_IR_TEXT_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The content with a NUL behind; the caller frees it. */
char *read_file(const char *path, size_t *size);

void random_seed(uint64_t seed);
uint32_t random_below(uint32_t limit);

#endif
