/* loop.c -- loops that stay loops.
 *
 * The rounds of a loop are expanded one after the other as long as they are few.  When they become many, or when each may be the last and nobody knows which,
 * everything since the loop's entry is cut away, and the loop is expanded once, from what holds at its beginning in every round.  What that is, is
 * found by trying: first everything that was known at the entry; what another round has otherwise is left to run time, and the loop is begun again.
 *
 * A frame's fuel can then not be known before it begins.  So what is charged in a loop and behind it is charged where the original does, and
 * polled there.
 *
 * Only the one loop of a function that has no other is kept so, and only if nothing else waits when it begins: that is what self tail calls become.
 * Should something not be possible in a kept loop (a closure that depends on the round is called), its rounds are expanded after all. */
#include <string.h>

#include "jit/specialise/internal.h"

bool jr_loop_is_kept_at(const struct jr_activation *act, uint32_t block)
{
    return act->loop.mode == JR_LOOP_KEPT && act->loop.block == block;
}

static bool is_known(const struct jr_value *value)
{
    return value->kind == JR_VALUE_CONSTANT || value->kind == JR_VALUE_OBJECT || value->kind == JR_VALUE_VIRTUAL;
}

static bool is_only_loop(const struct jr_flow *flow, uint32_t block)
{
    uint32_t headers = 0;
    for (uint32_t b = 0; b < flow->block_count; b++)
        headers += flow->blocks[b].loop_header;
    return headers == 1 && flow->blocks[block].loop_header;
}

/* ---- the entry, and back to it ---- */

static enum jr_status begin(struct jr_expand *x, struct jr_activation *act, uint32_t block)
{
    struct jr_loop *loop = &act->loop;
    uint32_t reg_count = act->function->reg_count;
    enum jr_status status;
    loop->mode = JR_LOOP_TRIED;
    loop->block = block;
    loop->general = JR_ARENA_ARRAY(&x->scratch, bool, reg_count);
    loop->general_homes = JR_ARENA_ARRAY(&x->scratch, bool, x->home_count);
    if (loop->general == NULL || loop->general_homes == NULL)
        return JR_ERR_NO_MEMORY;
    status = jr_block_separate(x);
    loop->entry = x->current;
    loop->piece_count = x->piece_count;
    loop->reg_count = x->reg_count;
    loop->deepest = x->deepest;
    loop->kept_loops = x->kept_loops;
    loop->callers = x->callers.count;
    loop->objects = x->objects.count;
    return status == JR_OK ? jr_arrival_note(x, act, reg_count, &loop->at_entry) : status;
}

static void go_back(struct jr_expand *x, struct jr_activation *act)
{
    const struct jr_loop *loop = &act->loop;
    jr_block_cut(x, loop->entry);
    act->arrivals.count = 0;
    act->returns.count = 0;
    act->round = 0;
    memset(x->homes, 0, x->home_count * sizeof x->homes[0]);
    if (loop->at_entry.home_count != 0)
        memcpy(x->homes, loop->at_entry.homes, loop->at_entry.home_count * sizeof x->homes[0]);
    memcpy(x->values + act->base, loop->at_entry.values, act->function->reg_count * sizeof x->values[0]);
    x->home_count = loop->at_entry.home_count;
    x->objects.count = loop->objects;
    x->callers.count = loop->callers;
    x->piece_count = loop->piece_count;
    x->reg_count = loop->reg_count;
    x->deepest = loop->deepest;
    x->kept_loops = loop->kept_loops;
}

/* What is left to run time goes into its register; and so do constants, since each round would have to load them. */
static enum jr_status fill_register(struct jr_expand *x, uint32_t reg, bool general)
{
    const struct jr_value *value = jr_value_at(x, reg);
    enum jr_status status = JR_OK;
    if (general && value->kind == JR_VALUE_COUNT) /* rounds keep it, or give it up */
        return jr_object_escapes(x, jr_object_of_count(x, reg));
    if (general || ((value->kind == JR_VALUE_CONSTANT || value->kind == JR_VALUE_OBJECT) && reg < FIRST_HOME))
        status = jr_piece_store(x, reg, 1, general);
    if (general)
        jr_value_set_dynamic(x, reg, 1);
    return status;
}

static enum jr_status begin_kept(struct jr_expand *x, struct jr_activation *act)
{
    struct jr_loop *loop = &act->loop;
    enum jr_status status = JR_OK;
    go_back(x, act);
    for (uint32_t r = 0; r < act->function->reg_count && status == JR_OK; r++)
        status = fill_register(x, act->base + r, loop->general[r]);
    for (uint32_t h = 0; h < x->home_count && status == JR_OK; h++)
        status = fill_register(x, FIRST_HOME + h, loop->general_homes[h]);
    if (status == JR_OK)
        status = jr_block_separate(x);
    if (status != JR_OK)
        return status;
    x->kept_loops++;
    loop->head = x->current;
    x->blocks.items[loop->head].exact = true;
    return jr_arrival_note(x, act, act->function->reg_count, &loop->at_head);
}

/* ---- a round has ended ---- */

/* Whether the value holds at the beginning; else what is known of it there is less. */
static bool holds(const struct jr_value *head, const struct jr_value *value, bool *general)
{
    if (head->kind == JR_VALUE_EMPTY || head->kind == JR_VALUE_DYNAMIC)
        return true;
    if (head->kind == value->kind && head->word == value->word && head->owned == value->owned)
        return true;
    *general = true;
    return false;
}

static struct jr_value *home_of(const struct jr_arrival *arrival, uint32_t home)
{
    return &arrival->homes[home];
}

static bool all_hold(struct jr_activation *act, const struct jr_arrival *arrival)
{
    struct jr_loop *loop = &act->loop;
    bool hold = true;
    for (uint32_t r = 0; r < act->function->reg_count; r++)
        hold &= holds(&loop->at_head.values[r], &arrival->values[r], &loop->general[r]);
    for (uint32_t h = 0; h < loop->at_head.home_count; h++)
        hold &= holds(&loop->at_head.homes[h], home_of(arrival, h), &loop->general_homes[h]);
    return hold;
}

static enum jr_status put_right(struct jr_expand *x, const struct jr_arrival *arrival, uint32_t reg, const struct jr_value *head,
                                struct jr_value *value)
{
    if (head->kind == JR_VALUE_DYNAMIC && is_known(value))
        return jr_piece_store_on(x, arrival, reg, value, true);
    if (is_known(head) && head->stored && !value->stored)
        return jr_piece_store_on(x, arrival, reg, value, false);
    return JR_OK;
}

/* The path goes back to the beginning, where its registers are as they have to be. */
static enum jr_status go_round(struct jr_expand *x, struct jr_activation *act, struct jr_arrival *arrival)
{
    const struct jr_loop *loop = &act->loop;
    enum jr_status status = jr_block_own(x, arrival);
    for (uint32_t r = 0; r < act->function->reg_count && status == JR_OK; r++)
        status = put_right(x, arrival, act->base + r, &loop->at_head.values[r], &arrival->values[r]);
    for (uint32_t h = 0; h < loop->at_head.home_count && status == JR_OK; h++)
        status = put_right(x, arrival, FIRST_HOME + h, &loop->at_head.homes[h], home_of(arrival, h));
    return status == JR_OK ? jr_block_again(x, act, arrival, loop->head) : status;
}

static enum jr_status end_round(struct jr_expand *x, struct jr_activation *act, uint32_t count, bool *again)
{
    enum jr_status status = JR_OK;
    *again = false;
    for (uint32_t i = 0; i < count; i++)
        *again |= !all_hold(act, &act->arrivals.items[i]);
    for (uint32_t i = 0; i < count && !*again && status == JR_OK; i++)
        status = go_round(x, act, &act->arrivals.items[i]);
    return status;
}

/* ---- */

static bool has_too_many_rounds(const struct jr_expand *x, const struct jr_activation *act)
{
    const struct jr_loop *loop = &act->loop;
    uint32_t rounds = act->round;
    return rounds >= MOST_ROUNDS || x->piece_count - loop->piece_count > PIECES_OF_ROUNDS ||
           (act->returns.count > 0 && rounds >= ROUNDS_WITH_EXITS) ||
           (x->kept_loops > loop->kept_loops && rounds >= ROUNDS_WITH_LOOPS);
}

enum jr_status jr_loop_arrive(struct jr_expand *x, struct jr_activation *act, uint32_t block, uint32_t count, bool *done)
{
    struct jr_loop *loop = &act->loop;
    bool again = false;
    enum jr_status status;
    *done = false;
    if (loop->mode == JR_LOOP_NONE) {
        if (act->arrivals.count > count || act->returns.count > 0 || !is_only_loop(act->flow, block))
            return JR_OK;
        *done = true;
        status = jr_block_meet(x, act->arrivals.items, count, act->base, act->function->reg_count,
                               jr_flow_live(act->flow, block));
        act->arrivals.count = 0;
        return status == JR_OK ? begin(x, act, block) : status;
    }
    if (loop->block != block || loop->mode == JR_LOOP_UNROLLED ||
        (loop->mode == JR_LOOP_TRIED && !has_too_many_rounds(x, act)))
        return JR_OK;
    *done = true;
    if (loop->mode == JR_LOOP_KEPT) {
        status = end_round(x, act, count, &again);
        if (status != JR_OK || !again) {
            act->arrivals.count -= count;
            memmove(act->arrivals.items, act->arrivals.items + count, act->arrivals.count * sizeof act->arrivals.items[0]);
            x->current = JR_NONE;
            return status;
        }
    }
    loop->mode = JR_LOOP_KEPT;
    return begin_kept(x, act);
}

bool jr_loop_may_unroll(const struct jr_expand *x, const struct jr_activation *act, enum jr_status status)
{
    return status == JR_ERR_UNSUPPORTED && !x->again && act->loop.mode == JR_LOOP_KEPT;
}

enum jr_status jr_loop_unroll(struct jr_expand *x, struct jr_activation *act)
{
    act->loop.mode = JR_LOOP_UNROLLED;
    go_back(x, act);
    return JR_OK;
}
