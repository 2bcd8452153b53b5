/* fixture.h -- what the tests of jitrun.h share: an allocator that counts and can fail, and short ways to programs and instances. */
#ifndef JR_TESTS_API_FIXTURE_H
#define JR_TESTS_API_FIXTURE_H

#include <check.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "jitrun.h"

struct heap {
    atomic_size_t live, calls, fail_at; /* bytes; allocations so far; which of them fails, 0: none */
};
extern struct heap heap;

/* jitrun_config.realloc */
void *counted_realloc(void *user, void *ptr, size_t old_size, size_t new_size);
/* The engine's configuration of all tests: counted memory, no compiler, printing and logging into `printed`. */
struct jitrun_config counted_config(void);
extern char printed[4096];

void begin_test(void);
/* Checks that all memory came back. */
void end_test(void);

struct jitrun_engine *new_engine(void);
struct jitrun_program *compile(struct jitrun_engine *engine, const char *text);
struct jitrun_instance *start(struct jitrun_program *program, enum jitrun_jit jit);
/* All of it from a text, with an engine of its own; the instance keeps what it needs. */
struct jitrun_instance *run(const char *text, enum jitrun_jit jit);

/* A sink into a growing buffer of malloc. */
struct bytes {
    char *items;
    size_t count;
};
enum jitrun_status append(void *user, const char *text, size_t length);

Suite *engine_suite(void);
Suite *instance_suite(void);
Suite *host_suite(void);
Suite *state_suite(void);
Suite *memory_suite(void);
Suite *threads_suite(void);

#endif
