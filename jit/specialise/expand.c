/* expand.c -- runs a function abstractly, path by path.
 *
 * Paths wait at the beginnings of blocks (arrivals) and meet there.  Blocks are done in the order of the code, so all paths to one have
 * arrived when its turn comes, for jumps go forwards.  A jump backwards begins a new round: everything of the rounds before is done first, so each
 * round of a loop is expanded anew, with the values that it begins with.  The loop is unrolled if these decide when it ends, soon; another one stays a
 * loop (loop.c).
 *
 * A call is expanded where it stands, by recursion.  So is what a function calls that calls itself, as long as constants end it. */
#include "jit/specialise/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vm_state.h"

enum jr_status jr_expand_refuse(struct jr_expand *x, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(x->reason, JR_SPECIALISE_REASON_BYTES, format, arguments);
    va_end(arguments);
    return JR_ERR_UNSUPPORTED;
}

static enum jr_status get_flow(struct jr_expand *x, uint32_t function, const struct jr_flow **out)
{
    if (x->flows[function] == NULL) {
        struct jr_flow *flow = JR_ARENA_NEW(&x->scratch, struct jr_flow);
        enum jr_status status = flow != NULL ? JR_OK : JR_ERR_NO_MEMORY;
        if (status == JR_OK)
            status = jr_flow_init(flow, x->alloc, x->module, &x->module->functions[function], 0);
        if (status == JR_ERR_LIMIT)
            return jr_expand_refuse(x, "%s is too large", x->module->functions[function].name);
        if (status != JR_OK)
            return status;
        x->flows[function] = flow;
    }
    *out = x->flows[function];
    return JR_OK;
}

static enum jr_status need_registers(struct jr_expand *x, uint32_t count)
{
    if (count > MOST_REGISTERS)
        return jr_expand_refuse(x, "dsp with everything it calls needs more than %d registers", MOST_REGISTERS);
    if (count > x->value_capacity) {
        uint32_t capacity = x->value_capacity ? x->value_capacity : 64;
        while (capacity < count)
            capacity *= 2;
        struct jr_value *values = jr_alloc_resize(x->alloc, x->values, x->value_capacity * sizeof values[0],
                                                  capacity * sizeof values[0]);
        if (values == NULL)
            return JR_ERR_NO_MEMORY;
        memset(values + x->value_capacity, 0, (capacity - x->value_capacity) * sizeof values[0]);
        x->values = values;
        x->value_capacity = capacity;
    }
    x->reg_count = count > x->reg_count ? count : x->reg_count;
    return JR_OK;
}

enum jr_status jr_arrival_note(struct jr_expand *x, const struct jr_activation *act, uint32_t count, struct jr_arrival *out)
{
    out->values = jr_arena_copy(&x->scratch, x->values + act->base, (size_t)count * sizeof(struct jr_value));
    out->homes = jr_arena_copy(&x->scratch, x->homes, x->home_count * sizeof(struct jr_value));
    out->home_count = x->home_count;
    return out->values != NULL && out->homes != NULL ? JR_OK : JR_ERR_NO_MEMORY;
}

enum jr_status jr_expand_arrive(struct jr_expand *x, struct jr_activation *act, uint32_t block, struct jr_edge edge)
{
    struct jr_arrival arrival = { .round = act->round, .block = block, .edge = edge };
    enum jr_status status = jr_arrival_note(x, act, act->function->reg_count, &arrival);
    if (status == JR_OK)
        status = JR_VEC_PUSH(x->alloc, &act->arrivals, arrival);
    return status;
}

static bool comes_before(const struct jr_arrival *one, const struct jr_arrival *other)
{
    return one->round != other->round ? one->round < other->round : one->block < other->block;
}

/* Moves the arrivals whose turn it is to the front and says how many they are. */
static uint32_t take_next(struct jr_activation *act)
{
    struct jr_arrival *items = act->arrivals.items, first = items[0];
    uint32_t count = 0;
    for (size_t i = 1; i < act->arrivals.count; i++)
        if (comes_before(&items[i], &first))
            first = items[i];
    for (size_t i = 0; i < act->arrivals.count; i++)
        if (items[i].round == first.round && items[i].block == first.block) {
            struct jr_arrival here = items[i];
            memmove(items + count + 1, items + count, (i - count) * sizeof items[0]); /* the order of the paths stays */
            items[count++] = here;
        }
    return count;
}

static void drop_first(struct jr_activation *act, uint32_t count)
{
    act->arrivals.count -= count;
    memmove(act->arrivals.items, act->arrivals.items + count, act->arrivals.count * sizeof act->arrivals.items[0]);
}

static enum jr_status run_block(struct jr_expand *x, struct jr_activation *act, uint32_t b)
{
    const struct jr_flow_block *block = &act->flow->blocks[b];
    enum jr_status status = JR_OK;
    for (uint32_t pc = block->start; pc < block->end && x->current != JR_NONE && status == JR_OK;) {
        struct jr_instr in = jr_decode(&act->function->code[pc]);
        if (++x->step_count > MOST_STEPS)
            return jr_expand_refuse(x, "dsp runs more than %d instructions", MOST_STEPS);
        status = jr_expand_step(x, act, pc, &in);
        pc += in.length;
    }
    if (status == JR_OK && x->current != JR_NONE) { /* falls into the next one */
        status = jr_expand_arrive(x, act, b + 1, (struct jr_edge){ x->current, 0 });
        x->current = JR_NONE;
    }
    return status;
}

/* The paths to the block whose turn it is. */
static enum jr_status run_next(struct jr_expand *x, struct jr_activation *act)
{
    uint32_t count = take_next(act), b = act->arrivals.items[0].block;
    bool done = false;
    enum jr_status status;
    act->round = act->arrivals.items[0].round;
    JR_TRY(jr_loop_arrive(x, act, b, count, &done));
    if (!done) {
        if (act->round > MOST_ROUNDS) {
            status = jr_expand_refuse(x, "%s has a loop of more than %d rounds, or one that ends nobody knows when",
                                      act->function->name, MOST_ROUNDS);
            goto done;
        }
        JR_TRY(jr_block_meet(x, act->arrivals.items, count, act->base, act->function->reg_count,
                             jr_flow_live(act->flow, b)));
        drop_first(act, count);
    }
    if (x->current != JR_NONE)
        status = run_block(x, act, b);
done:
    return status;
}

static enum jr_status run_activation(struct jr_expand *x, struct jr_activation *act)
{
    enum jr_status status = jr_expand_arrive(x, act, 0, (struct jr_edge){ x->current, 0 });
    while (act->arrivals.count > 0 && status == JR_OK) {
        status = run_next(x, act);
        if (jr_loop_may_unroll(x, act, status)) {
            uint32_t block = act->loop.block;
            status = jr_loop_unroll(x, act);
            if (status == JR_OK)
                status = run_block(x, act, block);
        }
    }
    return status;
}

/* Goes on after a call: where its returns meet. */
static enum jr_status go_on(struct jr_expand *x, struct jr_activation *act)
{
    uint32_t results = act->function->result_words;
    enum jr_status status = JR_OK;
    if (act->returns.count == 0) {
        x->current = JR_NONE; /* every path has ended in an error */
        return JR_OK;
    }
    status = jr_block_meet(x, act->returns.items, (uint32_t)act->returns.count, act->base, results, NULL);
    jr_value_clear(x, act->base + results, act->function->reg_count - results);
    return status;
}

enum jr_status jr_expand_call(struct jr_expand *x, struct jr_activation *caller, uint32_t pc,
                              const struct jr_callee *callee, uint32_t base)
{
    struct jr_activation act = { .index = callee->function,
                                 .function = &x->module->functions[callee->function],
                                 .base = base,
                                 .callee = *callee,
                                 .caller = (uint32_t)x->callers.count,
                                 .depth = caller->depth + 1 };
    struct jr_caller record = { caller->index, pc, caller->caller };
    enum jr_status status;
    if (act.depth > MOST_NESTED)
        return jr_expand_refuse(x, "calls nest deeper than %d in %s, or a recursion ends nobody knows when", MOST_NESTED,
                                act.function->name);
    x->deepest = act.depth > x->deepest ? act.depth : x->deepest;
    JR_TRY(get_flow(x, act.index, &act.flow));
    JR_TRY(need_registers(x, base + act.function->reg_count));
    JR_TRY(JR_VEC_PUSH(x->alloc, &x->callers, record));
    jr_value_clear(x, base + act.function->param_words, act.function->reg_count - act.function->param_words);
    JR_TRY(jr_piece_charge(x, act.index, 0, act.caller, act.function->fuel_cost));
    JR_TRY(run_activation(x, &act));
    JR_TRY(go_on(x, &act));
done:
    JR_VEC_FREE(x->alloc, &act.arrivals);
    JR_VEC_FREE(x->alloc, &act.returns);
    return status;
}

enum jr_status jr_expand_dsp(struct jr_expand *x)
{
    struct jr_closure *instance = x->vm->instances[x->module->dsp];
    struct jr_region region = { .closure = instance };
    struct jr_activation act = { .index = x->module->dsp,
                                 .function = &x->module->functions[x->module->dsp],
                                 .callee = { .function = x->module->dsp,
                                             .closure = instance != NULL ? instance : &x->vm->closures[x->module->dsp],
                                             .object = JR_NONE },
                                 .caller = JR_NONE };
    enum jr_status status;
    if (instance != NULL) {
        region.words = act.function->state_words;
        x->state_words = region.words;
        JR_TRY(JR_VEC_PUSH(x->alloc, &x->regions, region));
    }
    JR_TRY(get_flow(x, act.index, &act.flow));
    JR_TRY(need_registers(x, act.function->reg_count));
    JR_TRY(jr_block_begin(x));
    jr_value_set_dynamic(x, 0, act.function->param_words);
    jr_piece_charge_only(x, act.function->fuel_cost);
    JR_TRY(run_activation(x, &act));
done:
    JR_VEC_FREE(x->alloc, &act.arrivals);
    JR_VEC_FREE(x->alloc, &act.returns);
    return status;
}
