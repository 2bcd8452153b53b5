/* engines.h -- one module, run by every engine, with the same results down to the bit.
 *
 *   fx_begin(); f = fx_function(...); ...; fx_build();
 *   engines_start(); engines_agree(f, args, 2); ...; engines_end();
 *
 * engines_end fails the test if a VM has live objects or a function was refused. */
#ifndef JR_TESTS_UNIT_JIT_ENGINES_H
#define JR_TESTS_UNIT_JIT_ENGINES_H

#include <stdbool.h>

#include "fixture.h"
#include "jit/jit.h"

enum engine_kind {
    ENGINE_INTERPRETED,
    ENGINE_QUICK,     /* compiled by the quick tier at the first call */
    ENGINE_OPTIMISED, /* everything compiled beforehand */
    ENGINE_PROMOTED,  /* quick at the 2nd call, optimised at the 4th, loops at the 3rd round, each at once */
    ENGINE_STRESSED,  /* compiled beforehand, leaving compiled code at every 7th poll */
    ENGINE_COUNT
};

struct engine {
    struct jr_vm *vm;
    struct jr_jit *jit;
};

extern struct engine engines[ENGINE_COUNT];
extern bool engines_expect_refusals;
extern struct jr_limits engines_limits; /* of the VMs; zeroed by fx_begin through engines_reset */

void engines_reset(void);
void engine_start(struct engine *engine, enum engine_kind kind);
void engine_start_with(struct engine *engine, const struct jr_jit_config *config); /* NULL: no JIT */
void engine_end(struct engine *engine);

void engines_start(void);
void engines_end(void);
/* Calls `function` in every engine: the same status and, if it is JR_OK, the same words; else the same error at the same
 * place with the same trace.  With `numbers` a NaN is equal to any NaN.  Returns the status and, in `results` (may be
 * NULL), the words of the interpreter. */
enum jr_status engines_agree(uint32_t function, const uint64_t *args, bool numbers, uint64_t *results);

#endif
