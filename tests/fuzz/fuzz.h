/* fuzz.h -- what the fuzz targets share with each other and with their two drivers, libFuzzer and replay.c.
 *
 * A target is an executable with LLVMFuzzerTestOneInput.  Input that is wrong in any way is fine; a target stops the process (abort, or a
 * sanitizer) when our own promises are broken: a module of the front end that does not verify, a listing that cannot be
 * assembled again, an object that is alive after the end. */
#ifndef JR_TESTS_FUZZ_H
#define JR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

struct jr_module;
struct jr_sb;

/* ---- names that libFuzzer gives ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Changes `data` (room for `max_size` bytes) in a way of the target's own; returns the new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* Makes one input of two. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max_size, unsigned seed);
/* The driver's own mutations of bytes. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* ---- run.c ---- */

/* Prints the sentence and aborts. */
__attribute__((format(printf, 1, 2))) _Noreturn void fuzz_broken(const char *format, ...);
/* Verifies a module that must be right; `maker` is named when it is not. */
void fuzz_must_verify(struct jr_module *module, const char *maker);
/* Runs a verified module in the interpreter for a few frames, with little fuel and memory, checks that nothing is left, and the heap at every
 * allocation if `stress` is odd. */
void fuzz_run_module(const struct jr_module *module, unsigned stress);

/* ---- mutate_text.c: words of a language, offered to the mutator ---- */

extern const char *const fuzz_words[]; /* up to NULL; defined by each target with text as input */

/* ---- image_seal.c ---- */

/* Makes magic, version, fingerprint, size and checksum of an image right, if it is long enough to have a header.  An image that an older
 * build saved, or that was changed, can be read again behind that. */
void fuzz_seal_image(uint8_t *data, size_t size);

#endif
