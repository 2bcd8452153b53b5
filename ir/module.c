/* module.c -- the end of a module, and look-ups by code position. */
#include "ir/module.h"

#include <stdio.h>
#include <string.h>

#include "ir/base/arena.h"

void jr_module_destroy(struct jr_module *module)
{
    if (module == NULL)
        return;
    struct jr_arena arena = *module->arena; /* the module and the arena's own struct lie in its pieces */
    jr_arena_fini(&arena);
}

void jr_function_title(const struct jr_module *module, uint32_t function, char *text, size_t size)
{
    const struct jr_function *f = &module->functions[function];
    const char *path = f->place.file != JR_NONE ? module->files[f->place.file] : NULL;
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    if (path == NULL)
        snprintf(text, size, "%s", f->name);
    else
        snprintf(text, size, "%s:%s", slash != NULL ? slash + 1 : path, f->name);
}

struct jr_place jr_function_place(const struct jr_function *function, uint32_t pc)
{
    uint32_t low = 0,
             high = function
                        ->span_count; /* entries below `low` start at or before pc, from `high` on after it */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (function->spans[middle].pc <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return (struct jr_place){ .file = JR_NONE };
    return function->spans[low - 1].place;
}

/* The first entry with a pc of at least `pc`. */
static uint32_t first_owned(const struct jr_function *function, uint64_t pc)
{
    uint32_t low = 0, high = function->owned_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (function->owned[middle].pc < pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct jr_owned *jr_function_owned(const struct jr_function *function, uint32_t pc, uint32_t *count)
{
    uint32_t first = first_owned(function, pc);
    *count = first_owned(function, (uint64_t)pc + 1) - first;
    return *count == 0 ? NULL : &function->owned[first];
}

const struct jr_origin *jr_function_origin(const struct jr_function *function, uint32_t pc)
{
    uint32_t low = 0, high = function->origin_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (function->origins[middle].pc < pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low < function->origin_count && function->origins[low].pc == pc ? &function->origins[low] : NULL;
}
