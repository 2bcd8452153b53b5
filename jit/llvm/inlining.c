/* inlining.c -- what functions need together with all that is inlined into them. */
#include "jit/llvm/inlining.h"

#include <stdlib.h>
#include <string.h>

#include "jit/flow.h"
#include "jit/provider.h"

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
        inlining->trees[inlining->path[i]].cost = NEVER;
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

static uint32_t cost_of(struct jr_inlining *inlining, uint32_t index);

/* Adds a call at `in` to `tree`, which is the caller's. */
static void add_call(struct jr_inlining *inlining, struct jr_inline_tree *tree, const struct jr_instr *in, uint64_t *cost,
                     uint64_t *fuel)
{
    if (is_on_path(inlining, in->x)) {
        mark_circle(inlining, in->x);
        tree->simple = false;
        return;
    }
    if (cost_of(inlining, in->x) > inlining->threshold) {
        tree->simple = false;
        return;
    }
    const struct jr_inline_tree *callee = &inlining->trees[in->x];
    *cost += callee->cost;
    *fuel += callee->fuel;
    tree->simple &= callee->simple;
    tree->height = callee->height + 1 > tree->height ? callee->height + 1 : tree->height;
    tree->extent = in->a + callee->extent > tree->extent ? in->a + callee->extent : tree->extent;
}

static bool is_jump(enum jr_op op)
{
    return op == JR_OP_JUMP || op == JR_OP_JUMP_IF || op == JR_OP_JUMP_UNLESS;
}

static bool goes_back(const struct jr_function *function, uint32_t pc, const struct jr_instr *in)
{
    if (is_jump(in->op))
        return jr_flow_target(pc, in) <= pc;
    if (in->op != JR_OP_SWITCH_I64)
        return false;
    const struct jr_jump_table *table = &function->tables[in->x];
    for (uint32_t i = 0; i < table->target_count; i++)
        if (table->targets[i] <= pc)
            return true;
    return table->fallback <= pc;
}

static uint32_t cost_of(struct jr_inlining *inlining, uint32_t index)
{
    const struct jr_function *function = &inlining->module->functions[index];
    struct jr_inline_tree tree = { .extent = function->reg_count, .simple = true };
    uint64_t cost = function->code_count, fuel = function->fuel_cost;
    if (inlining->trees[index].cost != 0)
        return inlining->trees[index].cost;
    if (inlining->path_length == DEEPEST)
        return NEVER;
    inlining->path[inlining->path_length++] = index;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (in.op == JR_OP_CALL)
            add_call(inlining, &tree, &in, &cost, &fuel);
        else if (in.op == JR_OP_CHARGE || in.op == JR_OP_POLL || in.op == JR_OP_AGAIN) /* what they take is not counted here */
            tree.simple = false;
        else if ((jr_op_infos[in.op].effects & JR_EFFECT_CALLS) || goes_back(function, pc, &in))
            tree.simple = false;
        pc += in.length;
    }
    inlining->path_length--;
    tree.cost = inlining->trees[index].cost == NEVER ? NEVER : cost < LARGEST ? (uint32_t)cost : LARGEST;
    tree.simple &= fuel <= JR_BUDGET_RESERVE;
    tree.fuel = tree.simple ? (uint32_t)fuel : 0;
    inlining->trees[index] = tree;
    return tree.cost;
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

static void count_sites(struct jr_inlining *inlining, uint32_t index)
{
    const struct jr_function *function = &inlining->module->functions[index];
    bool recursive = false;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (in.op == JR_OP_CALL) {
            inlining->sites[in.x]++;
            recursive |= in.x == index;
        }
        pc += in.length;
    }
    inlining->recursive_count += recursive;
}

void jr_inlining_init(struct jr_inlining *inlining, const struct jr_module *module, const uint32_t *functions,
                      uint32_t count)
{
    *inlining = (struct jr_inlining){ .module = module, .threshold = MOST_INLINED };
    inlining->trees = calloc(module->function_count, sizeof inlining->trees[0]);
    inlining->path = calloc(DEEPEST, sizeof inlining->path[0]);
    inlining->sites = calloc(module->function_count, sizeof inlining->sites[0]);
    if (inlining->trees == NULL || inlining->path == NULL || inlining->sites == NULL)
        abort(); /* as LLVM itself does without memory */
    for (uint32_t i = 0; i < count; i++)
        count_sites(inlining, functions[i]);
    for (;;) {
        uint64_t total = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t one = total_of(inlining, functions[i]);
            total = one > total ? one : total;
        }
        if (total <= MOST_TOTAL || inlining->threshold == 0)
            return;
        inlining->threshold /= 2;
        memset(inlining->trees, 0, module->function_count * sizeof inlining->trees[0]);
    }
}

void jr_inlining_fini(struct jr_inlining *inlining)
{
    free(inlining->trees);
    free(inlining->path);
    free(inlining->sites);
    *inlining = (struct jr_inlining){ 0 };
}

bool jr_inlining_wants(struct jr_inlining *inlining, uint32_t function)
{
    return cost_of(inlining, function) <= inlining->threshold;
}

const struct jr_inline_tree *jr_inlining_tree(struct jr_inlining *inlining, uint32_t function)
{
    cost_of(inlining, function);
    return &inlining->trees[function];
}
