/* run.c -- modules, verified and run for a moment. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "interp/interp.h"
#include "ir/base/alloc.h"
#include "ir/module.h"
#include "ir/verify.h"
#include "runtime/vm.h"
#include "tests/fuzz/fuzz.h"

enum { FRAMES = 6, TASK_FRAMES = 20 };

void fuzz_broken(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("broken: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

void fuzz_must_verify(struct jr_module *module, const char *maker)
{
    struct jr_verify_report report;
    enum jr_status status = jr_verify(module, jr_alloc_default(), &report);
    if (status == JR_ERR_VERIFY)
        fuzz_broken("a module made by %s does not verify: %s", maker, report.message);
}

static void drop_print(void *user, const char *bytes, size_t size)
{
    (void)user;
    (void)bytes;
    (void)size;
}

static void show_report(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "%s\n", line);
}

static void run_frames(struct jr_vm *vm)
{
    uint64_t next;
    if (jr_vm_run_init(vm) != JR_OK)
        return;
    if (jr_vm_process(vm, NULL, NULL, FRAMES) == JR_ERR_NOT_FOUND) { /* no dsp: only tasks */
        if (jr_vm_next_task(vm, &next))
            (void)jr_vm_run_tasks_until(vm, next + TASK_FRAMES);
    }
}

void fuzz_run_module(const struct jr_module *module, unsigned stress)
{
    struct jr_vm_config config = {
        .limits = { .fuel = 5000, .heap_bytes = 4u << 20, .depth = 100, .stack_words = 1u << 14 },
        .entry = jr_interp_entry,
        .resume = jr_interp_resume,
        .stress_heap = stress % 2 == 1,
        .print = drop_print,
        .report = show_report,
    };
    struct jr_vm *vm;
    uint64_t alive;
    if (jr_vm_create(&config, module, &vm) != JR_OK)
        return;
    if (jr_vm_link(vm, NULL, 0, NULL, 0) == JR_OK) {
        run_frames(vm);
        alive = jr_vm_finish(vm);
        if (alive > 0)
            fuzz_broken("%llu objects are alive at the end", (unsigned long long)alive);
    }
    jr_vm_destroy(vm);
}
