/* fixture.h -- a module under construction and the VM that runs it, with everything accounted for.
 *
 *   fx_begin(); f = fx_function("f", 1, 1); fx_abc(f, JR_OP_...); ...; fx_start(NULL); ... fx_end();
 *
 * fx_end fails the test if an object, a block of memory or a byte is left. */
#ifndef JR_TESTS_UNIT_RUNTIME_FIXTURE_H
#define JR_TESTS_UNIT_RUNTIME_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include "ir/builder.h"
#include "runtime/vm.h"

struct fixture {
    struct jr_builder *b;
    struct jr_module *module;
    struct jr_vm *vm;
    char printed[1024]; /* by probe and probeln, NUL-terminated */
    size_t printed_size;
    char reported[4096];   /* lines about the heap */
    size_t live_blocks;    /* of the allocator below */
    size_t calls, fail_at; /* allocations asked for; this one and all after it fail, 0: none */
};
extern struct fixture fx;
extern const struct jr_alloc fx_alloc;

enum { FX_STACK_WORDS = 1 << 16 };

void fx_begin(void);
uint32_t fx_raw(uint32_t words);
uint32_t fx_layout1(enum jr_word_class kind, uint32_t arg);
uint32_t fx_signature(uint32_t param_words, uint32_t result_words); /* raw words */
uint32_t fx_function(const char *name, uint32_t param_words, uint32_t result_words);
uint32_t fx_closure_function(const char *name, uint32_t param_words, uint32_t result_words,
                             uint32_t capture_layout);
struct jr_place fx_place(uint32_t line);      /* in test.jas */
void fx_at(uint32_t function, uint32_t line); /* the instructions that follow stand there */

/* builder shorthands; operands as opcodes.def has them */
void fx_abc(uint32_t function, enum jr_op op, uint32_t a, uint32_t b, uint32_t c);
void fx_ax(uint32_t function, enum jr_op op, uint32_t a, uint32_t x);
void fx_abcxy(uint32_t function, enum jr_op op, uint32_t a, uint32_t b, uint32_t c, uint32_t x, uint32_t y);
void fx_number(uint32_t function, uint32_t a, double value);
void fx_return(uint32_t function, uint32_t a);

/* Finishes and verifies the module. */
void fx_build(void);
/* Builds if need be, creates the VM (small stack unless `config` says otherwise) and links it.  `config` may be NULL; what it leaves
 * out is filled in. */
void fx_start(const struct jr_vm_config *config);
enum jr_status fx_try_start(const struct jr_vm_config *config);
void fx_end(void);
uint64_t fx_live_objects(void);

/* One number in, one out; the call must succeed. */
double fx_call(uint32_t function, double x);
enum jr_status fx_try(uint32_t function, double x);
uint64_t fx_bits(double value);
double fx_number_of(uint64_t word);

#endif
