/* inlining.c -- sizes of functions with all that is inlined into them. */
#include "jit/llvm/inlining.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_INLINED = 400,  /* code words of a callee */
    MOST_TOTAL = 8000,   /* of a function with everything inlined into it, before thresholds go down */
    DEEPEST = 64,        /* calls nested in each other */
    NEVER = UINT32_MAX,
    LARGEST = NEVER - 1,
};

/* Everything on the path from `function` on calls itself. */
static void mark_circle(struct jr_inlining *inlining, uint32_t function)
{
    for (uint32_t i = inlining->path_length; i-- > 0;) {
        inlining->costs[inlining->path[i]] = NEVER;
        if (inlining->path[i] == function)
            return;
    }
}

static bool is_on_path(const struct jr_inlining *inlining, uint32_t function)
{
    for (uint32_t i = 0; i < inlining->path_length; i++)
        if (inlining->path[i] == function)
            return true;
    return false;
}

static uint32_t cost_of(struct jr_inlining *inlining, uint32_t index)
{
    const struct jr_function *function = &inlining->module->functions[index];
    if (inlining->costs[index] != 0)
        return inlining->costs[index];
    if (inlining->path_length == DEEPEST)
        return NEVER;
    uint64_t cost = function->code_count;
    inlining->path[inlining->path_length++] = index;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (in.op == JR_OP_CALL) {
            if (is_on_path(inlining, in.x)) {
                mark_circle(inlining, in.x);
            } else {
                uint32_t callee = cost_of(inlining, in.x);
                cost += callee <= inlining->threshold ? callee : 0;
            }
        }
        pc += in.length;
    }
    inlining->path_length--;
    if (inlining->costs[index] == 0)
        inlining->costs[index] = cost < LARGEST ? (uint32_t)cost : LARGEST;
    return inlining->costs[index];
}

/* What a function is with the calls in it, whether it may be inlined itself or not. */
static uint64_t total_of(struct jr_inlining *inlining, uint32_t index)
{
    const struct jr_function *function = &inlining->module->functions[index];
    uint64_t total = function->code_count;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (in.op == JR_OP_CALL && cost_of(inlining, in.x) <= inlining->threshold)
            total += cost_of(inlining, in.x);
        pc += in.length;
    }
    return total;
}

void jr_inlining_init(struct jr_inlining *inlining, const struct jr_module *module, const uint32_t *functions,
                      uint32_t count)
{
    *inlining = (struct jr_inlining){ .module = module, .threshold = MOST_INLINED };
    inlining->costs = calloc(module->function_count, sizeof inlining->costs[0]);
    inlining->path = calloc(DEEPEST, sizeof inlining->path[0]);
    if (inlining->costs == NULL || inlining->path == NULL)
        abort(); /* as LLVM itself does without memory */
    for (;;) {
        uint64_t total = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t one = total_of(inlining, functions[i]);
            total = one > total ? one : total;
        }
        if (total <= MOST_TOTAL || inlining->threshold == 0)
            return;
        inlining->threshold /= 2;
        memset(inlining->costs, 0, module->function_count * sizeof inlining->costs[0]);
    }
}

void jr_inlining_fini(struct jr_inlining *inlining)
{
    free(inlining->costs);
    free(inlining->path);
    *inlining = (struct jr_inlining){ 0 };
}

bool jr_inlining_wants(struct jr_inlining *inlining, uint32_t function)
{
    return cost_of(inlining, function) <= inlining->threshold;
}
