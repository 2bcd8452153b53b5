/* meet.c -- where paths meet.
 *
 * Control comes to block M from its immediate dominator D, by way of the blocks between them.  Which value of a slot arrives depends on the branches
 * from D on; so, from the last of these blocks to D:
 *
 *   arrived(X) = what is in the slot at M if control is in X
 *              = condition of X ? arrived(taken) : arrived(next), where going to M itself gives the slot at the end of X
 *
 * A slot on which the ways agree needs no SELECT, a plain if/else gets one with the condition of its branch, and an if in one of the branches one more. */
#include <stdlib.h>
#include <string.h>

#include "jit/graph/internal.h"

static int by_slot(const void *left, const void *right)
{
    const struct jr_region_write *a = left, *b = right;
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    return a->block < b->block ? -1 : a->block > b->block;
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* The blocks between the dominator and `block`, ascending. */
static enum jr_status find_region(struct jr_builder *b, uint32_t block)
{
    const struct jr_builder_block *meeting = &b->blocks[block];
    enum jr_status status = JR_OK;
    b->region.count = 0;
    b->stamp++;
    b->blocks[meeting->idom].stamp = b->stamp;
    for (size_t done = 0, at = block;; at = b->region.items[done++]) {
        for (uint32_t i = 0; i < b->blocks[at].pred_count && status == JR_OK; i++) {
            uint32_t pred = b->preds[b->blocks[at].first_pred + i];
            if (b->blocks[pred].stamp == b->stamp)
                continue;
            b->blocks[pred].stamp = b->stamp;
            status = JR_VEC_PUSH(b->alloc, &b->region, pred);
        }
        if (status != JR_OK || done == b->region.count)
            break;
    }
    if (b->region.count > 1)
        qsort(b->region.items, b->region.count, sizeof b->region.items[0], by_number);
    return status;
}

/* What the slot holds at M if X goes to `target`. */
static uint32_t way(const struct jr_builder *b, uint32_t block, uint32_t meeting, uint32_t target)
{
    if (target == meeting)
        return b->blocks[block].at_end;
    if (target == JR_NONE || b->blocks[target].stamp != b->stamp)
        return JR_NONE; /* does not lead to M */
    return b->blocks[target].arrived;
}

/* What both ways charge is charged without a choice. */
static uint32_t choose_charge(struct jr_builder *b, uint32_t condition, uint32_t a, uint32_t other)
{
    uint64_t constant_a, constant_b;
    uint32_t sum_a = jr_builder_split_charge(b, a, &constant_a), sum_b = jr_builder_split_charge(b, other, &constant_b);
    if (sum_a != sum_b)
        return jr_make_select(&b->maker, condition, a, other);
    uint64_t both = constant_a < constant_b ? constant_a : constant_b;
    uint32_t chosen = jr_make_select(&b->maker, condition, jr_make_const(&b->maker, constant_a - both),
                                     jr_make_const(&b->maker, constant_b - both));
    if (sum_a != JR_NONE)
        chosen = jr_make_op(&b->maker, JR_OP_ADD_I64, sum_a, chosen);
    return jr_make_op(&b->maker, JR_OP_ADD_I64, chosen, jr_make_const(&b->maker, both));
}

/* JR_NONE: such a way does not exist, so whatever the other gives. */
static uint32_t choose(struct jr_builder *b, uint32_t condition, uint32_t a, uint32_t other)
{
    if (a == JR_NONE || a == other)
        return other;
    if (other == JR_NONE)
        return a;
    return b->meets_charge ? choose_charge(b, condition, a, other) : jr_make_select(&b->maker, condition, a, other);
}

static uint32_t arrive_by_switch(struct jr_builder *b, uint32_t block, uint32_t meeting)
{
    const struct jr_builder_block *from = &b->blocks[block];
    const struct jr_jump_table *table = &b->function->tables[from->table];
    uint32_t value = way(b, block, meeting, jr_flow_block_at(&b->flow, table->fallback));
    for (uint32_t i = table->target_count; i-- > 0;) {
        uint32_t target = way(b, block, meeting, jr_flow_block_at(&b->flow, table->targets[i]));
        uint32_t label = jr_make_const(&b->maker, (uint64_t)table->min + i);
        if (target != value && target != JR_NONE && value != JR_NONE)
            value = choose(b, jr_make_compare(&b->maker, JR_OP_EQ_I64, from->value, label), target, value);
        else if (target != JR_NONE)
            value = target;
    }
    return value;
}

static uint32_t arrive(struct jr_builder *b, uint32_t block, uint32_t meeting)
{
    const struct jr_builder_block *from = &b->blocks[block];
    if (from->table != JR_NONE)
        return arrive_by_switch(b, block, meeting);
    uint32_t next = way(b, block, meeting, from->next);
    return from->condition == JR_NONE ? next : choose(b, from->condition, way(b, block, meeting, from->taken), next);
}

static enum jr_status meet_slot(struct jr_builder *b, uint32_t meeting, uint32_t slot, const struct jr_region_write *writes,
                                size_t count)
{
    uint32_t dominator = b->blocks[meeting].idom;
    uint32_t before = jr_builder_get(b, slot, b->env.items[slot]);
    size_t next = 0;
    b->meets_charge = slot == b->charge_slot;
    b->blocks[dominator].at_end = before;
    for (size_t i = 0; i < b->region.count; i++) {
        struct jr_builder_block *block = &b->blocks[b->region.items[i]];
        block->at_end = b->blocks[block->idom].at_end;
        if (next < count && writes[next].block == b->region.items[i])
            block->at_end = jr_builder_get(b, slot, writes[next++].node);
    }
    for (size_t i = b->region.count; i-- > 0;)
        b->blocks[b->region.items[i]].arrived = arrive(b, b->region.items[i], meeting);
    uint32_t value = arrive(b, dominator, meeting);
    return value == before ? JR_OK : jr_builder_set(b, slot, value);
}

static bool is_wanted(const struct jr_builder *b, uint32_t block, uint32_t slot)
{
    if (slot >= b->charge_slot)
        return true;
    if (block == b->exit)
        return slot >= b->output_slot;
    return slot < b->output_slot && jr_set_has(jr_flow_live(&b->flow, block), slot);
}

enum jr_status jr_builder_meet(struct jr_builder *b, uint32_t block)
{
    enum jr_status status = find_region(b, block);
    b->region_writes.count = 0;
    for (size_t i = 0; i < b->region.count && status == JR_OK; i++) {
        const struct jr_builder_block *from = &b->blocks[b->region.items[i]];
        for (uint32_t w = 0; w < from->write_count && status == JR_OK; w++) {
            const struct jr_write *write = &b->writes.items[from->first_write + w];
            struct jr_region_write item = { write->slot, b->region.items[i], write->node };
            if (is_wanted(b, block, write->slot))
                status = JR_VEC_PUSH(b->alloc, &b->region_writes, item);
        }
    }
    if (status != JR_OK)
        return status;
    if (b->region_writes.count > 1)
        qsort(b->region_writes.items, b->region_writes.count, sizeof b->region_writes.items[0], by_slot);
    for (size_t first = 0, end; first < b->region_writes.count && status == JR_OK; first = end) {
        uint32_t slot = b->region_writes.items[first].slot;
        for (end = first; end < b->region_writes.count && b->region_writes.items[end].slot == slot;)
            end++;
        status = meet_slot(b, block, slot, &b->region_writes.items[first], end - first);
    }
    return status;
}
