/* symbols.c -- names and addresses for the compiler's linker; a function that runtime.def lists and nobody defines fails to link here. */
#include <math.h>
#include <string.h>

#include "runtime/math.h"
#include "runtime/math/tanh.h"
#include "runtime/object.h"
#include "runtime/rt.h"
#include "runtime/task.h"

const struct jr_rt_symbol *jr_rt_symbols(size_t *count)
{
    static const struct jr_rt_symbol symbols[] = {
#define JR_RT(name) { #name, (void *)name },
#include "runtime/runtime.def"
    };
    *count = sizeof symbols / sizeof symbols[0];
    return symbols;
}
