/* pieces.c -- residual code while it is made: blocks of pieces, registers that must hold their values, and paths that meet. */
#include <string.h>

#include "jit/specialise/internal.h"

/* ---- values ---- */

/* Valid until more registers are needed (jr_expand_call). */
struct jr_value *jr_value_at(struct jr_expand *x, uint32_t reg)
{
    return reg >= FIRST_HOME ? &x->homes[reg - FIRST_HOME] : &x->values[reg];
}

void jr_value_set_dynamic(struct jr_expand *x, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        *jr_value_at(x, first + i) = (struct jr_value){ .kind = JR_VALUE_DYNAMIC };
}

void jr_value_clear(struct jr_expand *x, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        *jr_value_at(x, first + i) = (struct jr_value){ .kind = JR_VALUE_EMPTY };
}

static bool is_known(const struct jr_value *value)
{
    return value->kind == JR_VALUE_CONSTANT || value->kind == JR_VALUE_OBJECT;
}

/* ---- pieces ---- */

static struct jr_block_code *current_block(struct jr_expand *x)
{
    return &x->blocks.items[x->current];
}

static enum jr_status push(struct jr_expand *x, uint32_t block, struct jr_piece piece)
{
    if (++x->piece_count > MOST_PIECES)
        return jr_expand_refuse(x, "dsp with everything it calls has more than %d instructions", MOST_PIECES);
    return JR_VEC_PUSH(x->alloc, &x->blocks.items[block].pieces, piece);
}

void jr_piece_charge_only(struct jr_expand *x, uint32_t units)
{
    if (!current_block(x)->exact)
        current_block(x)->fuel += units;
    current_block(x)->fuel_pending += units;
}

static enum jr_status write_charge(struct jr_expand *x, uint32_t block)
{
    struct jr_block_code *code = &x->blocks.items[block];
    struct jr_piece piece = { .in = { .op = JR_OP_CHARGE, .x = code->fuel_pending, .length = 1 },
                              .origin = { .function = JR_NONE } };
    if (code->fuel_pending == 0)
        return JR_OK;
    code->fuel_pending = 0;
    return push(x, block, piece);
}

enum jr_status jr_piece_add(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, struct jr_instr in)
{
    struct jr_piece piece = { .in = in, .origin = { .function = act->index, .at = pc, .caller = act->caller } };
    enum jr_status status = JR_OK;
    if (jr_op_infos[in.op].effects & (JR_EFFECT_FAILS | JR_EFFECT_EXITS)) /* what an error leaves must be exact */
        status = write_charge(x, x->current);
    return status == JR_OK ? push(x, x->current, piece) : status;
}

enum jr_status jr_piece_charge(struct jr_expand *x, uint32_t function, uint32_t pc, uint32_t caller, uint32_t units)
{
    struct jr_piece piece = { .in = { .op = JR_OP_POLL, .x = units, .length = 1 },
                              .origin = { .function = function, .at = pc, .caller = caller } };
    enum jr_status status;
    if (!current_block(x)->exact) {
        jr_piece_charge_only(x, units);
        return JR_OK;
    }
    status = write_charge(x, x->current);
    return status == JR_OK ? push(x, x->current, piece) : status;
}

/* ---- values into registers ---- */

static struct jr_instr constant_instruction(uint32_t reg, uint64_t word)
{
    double value;
    float narrow;
    uint32_t bits;
    memcpy(&value, &word, sizeof value);
    narrow = (float)value;
    memcpy(&bits, &narrow, sizeof bits);
    double back = (double)narrow;
    if (value == value && memcmp(&back, &value, sizeof value) == 0)
        return (struct jr_instr){ .op = JR_OP_CONST_F32, .a = reg, .x = bits, .length = 1 };
    if ((int64_t)word == (int32_t)word)
        return (struct jr_instr){ .op = JR_OP_CONST_I32, .a = reg, .x = (uint32_t)word, .length = 1 };
    return (struct jr_instr){ .op = JR_OP_CONST, .a = reg, .length = 1 }; /* write.c makes an index of the word */
}

static enum jr_status known_index(struct jr_expand *x, const struct jr_value *value, uint32_t *index)
{
    struct jr_known known = { value->word, value->type };
    for (size_t i = 0; i < x->known.count; i++) {
        const struct jr_known *at = &x->known.items[i];
        if (at->word == known.word && at->type.kind == known.type.kind && at->type.arg == known.type.arg) {
            *index = (uint32_t)i;
            return JR_OK;
        }
    }
    *index = (uint32_t)x->known.count;
    return JR_VEC_PUSH(x->alloc, &x->known, known);
}

/* Into block `block`, whose path knows the value. */
static enum jr_status store(struct jr_expand *x, uint32_t block, uint32_t reg, struct jr_value *value, bool consumed)
{
    struct jr_piece piece = { .origin = { .function = JR_NONE } };
    enum jr_status status = JR_OK;
    if (value->kind == JR_VALUE_VIRTUAL)
        return jr_object_escapes(x, (uint32_t)value->word);
    if (!is_known(value))
        return JR_OK;
    if (!value->stored) {
        if (value->kind == JR_VALUE_CONSTANT) {
            piece.in = constant_instruction(reg, value->word);
            piece.constant = value->word;
        } else {
            piece.in = (struct jr_instr){ .op = JR_OP_CAPTURE_GET, .a = reg, .c = 1, .length = 2 };
            status = known_index(x, value, &piece.in.x);
        }
        if (status == JR_OK)
            status = push(x, block, piece);
        value->stored = true;
    }
    if (status == JR_OK && consumed && value->kind == JR_VALUE_OBJECT && value->owned) {
        piece.in = (struct jr_instr){ .op = JR_OP_COPY, .a = reg, .b = reg, .length = 1 };
        status = push(x, block, piece);
        value->kind = JR_VALUE_DYNAMIC;
    }
    return status;
}

enum jr_status jr_piece_store(struct jr_expand *x, uint32_t first, uint32_t count, bool consumed)
{
    enum jr_status status = JR_OK;
    for (uint32_t reg = first; reg < first + count && status == JR_OK; reg++)
        status = store(x, x->current, reg, jr_value_at(x, reg), consumed);
    return status;
}

enum jr_status jr_piece_store_on(struct jr_expand *x, const struct jr_arrival *arrival, uint32_t reg, struct jr_value *value,
                                 bool consumed)
{
    return store(x, arrival->edge.block, reg, value, consumed);
}

/* ---- blocks ---- */

enum jr_status jr_block_begin(struct jr_expand *x)
{
    struct jr_block_code block = { .end = JR_END_OPEN, .target_count = 1 };
    block.targets = JR_ARENA_ARRAY(&x->scratch, uint32_t, 1);
    if (block.targets == NULL)
        return JR_ERR_NO_MEMORY;
    block.targets[0] = JR_NONE;
    x->current = (uint32_t)x->blocks.count;
    return JR_VEC_PUSH(x->alloc, &x->blocks, block);
}

enum jr_status jr_block_finish(struct jr_expand *x, enum jr_block_end end, const struct jr_instr *in, int64_t table_min,
                               uint32_t target_count)
{
    struct jr_block_code *block = current_block(x);
    enum jr_status status = JR_OK;
    if (end != JR_END_EXIT) /* there it stands before the piece that exits */
        status = write_charge(x, x->current);
    block->end = end;
    block->table_min = table_min;
    if (in != NULL)
        block->in = *in;
    if (target_count != block->target_count) {
        block->targets = JR_ARENA_ARRAY(&x->scratch, uint32_t, target_count);
        if (block->targets == NULL)
            return JR_ERR_NO_MEMORY;
        for (uint32_t i = 0; i < target_count; i++)
            block->targets[i] = JR_NONE;
        block->target_count = target_count;
    }
    x->current = JR_NONE;
    return status;
}

static enum jr_status lead_to(struct jr_expand *x, struct jr_edge edge, uint32_t block)
{
    x->blocks.items[edge.block].targets[edge.target] = block;
    x->blocks.items[block].exact |= x->blocks.items[edge.block].exact;
    return x->blocks.items[edge.block].end == JR_END_OPEN ? write_charge(x, edge.block) : JR_OK;
}

/* One path: goes on where it came from, if that block leads nowhere else. */
static enum jr_status follow(struct jr_expand *x, struct jr_edge edge)
{
    enum jr_status status;
    if (x->blocks.items[edge.block].end == JR_END_OPEN) {
        x->current = edge.block;
        return JR_OK;
    }
    status = jr_block_begin(x);
    return status == JR_OK ? lead_to(x, edge, x->current) : status;
}

static bool same_known(const struct jr_value *one, const struct jr_value *other)
{
    if (one->kind != other->kind || one->word != other->word || one->owned != other->owned)
        return false;
    return one->kind == JR_VALUE_CONSTANT || one->kind == JR_VALUE_VIRTUAL || one->kind == JR_VALUE_COUNT ||
           (one->kind == JR_VALUE_OBJECT && one->type.kind == other->type.kind && one->type.arg == other->type.arg);
}

/* A register on one of the paths that meet. */
static struct jr_value *value_of(const struct jr_arrival *arrival, uint32_t base, uint32_t reg)
{
    static struct jr_value empty;
    if (reg < FIRST_HOME)
        return &arrival->values[reg - base];
    return reg - FIRST_HOME < arrival->home_count ? &arrival->homes[reg - FIRST_HOME] : &empty;
}

/* What is known of a register after all paths.  JR_VALUE_DYNAMIC: on each it has to be in the register. */
static struct jr_value value_after(const struct jr_arrival *arrivals, uint32_t arrival_count, uint32_t base, uint32_t reg)
{
    struct jr_value value = *value_of(&arrivals[0], base, reg);
    for (uint32_t i = 1; i < arrival_count; i++) {
        const struct jr_value *other = value_of(&arrivals[i], base, reg);
        if (value.kind == JR_VALUE_EMPTY || other->kind == JR_VALUE_EMPTY)
            return (struct jr_value){ .kind = JR_VALUE_EMPTY };
        if (!same_known(&value, other))
            value = (struct jr_value){ .kind = JR_VALUE_DYNAMIC };
        else
            value.stored &= other->stored;
    }
    return value;
}

static bool is_live(const uint64_t *live, uint32_t reg)
{
    return live == NULL || jr_set_has(live, reg);
}

/* There registers can be filled for one path only. */
enum jr_status jr_block_own(struct jr_expand *x, struct jr_arrival *arrival)
{
    enum jr_status status;
    if (x->blocks.items[arrival->edge.block].end == JR_END_OPEN)
        return JR_OK;
    status = jr_block_begin(x);
    if (status == JR_OK)
        status = lead_to(x, arrival->edge, x->current);
    arrival->edge = (struct jr_edge){ x->current, 0 };
    return status;
}

enum jr_status jr_block_separate(struct jr_expand *x)
{
    struct jr_edge edge = { x->current, 0 };
    enum jr_status status = jr_block_begin(x);
    return status == JR_OK ? lead_to(x, edge, x->current) : status;
}

void jr_block_cut(struct jr_expand *x, uint32_t last)
{
    struct jr_block_code *block = &x->blocks.items[last];
    for (size_t b = last + 1; b < x->blocks.count; b++)
        JR_VEC_FREE(x->alloc, &x->blocks.items[b].pieces);
    x->blocks.count = (size_t)last + 1;
    block->pieces.count = 0;
    block->end = JR_END_OPEN;
    block->fuel = block->fuel_pending = 0;
    block->target_count = 1;
    block->targets[0] = JR_NONE;
    x->current = last;
}

enum jr_status jr_block_again(struct jr_expand *x, const struct jr_activation *act, const struct jr_arrival *arrival, uint32_t head)
{
    struct jr_block_code *block = &x->blocks.items[arrival->edge.block];
    uint32_t most = UINT16_MAX, units = arrival->back_cost < most ? arrival->back_cost : most;
    block->fuel_pending += arrival->back_cost - units; /* the jump polls for both */
    block->in = (struct jr_instr){ .op = JR_OP_AGAIN, .a = units };
    block->end = JR_END_AGAIN;
    block->targets[0] = head;
    block->origin = (struct jr_origin){ .function = act->index, .at = arrival->back_pc, .caller = act->caller };
    return write_charge(x, arrival->edge.block);
}

static enum jr_status meet_in(struct jr_expand *x, struct jr_arrival *arrivals, uint32_t arrival_count, uint32_t base,
                              uint32_t reg)
{
    struct jr_value value = value_after(arrivals, arrival_count, base, reg);
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < arrival_count && value.kind == JR_VALUE_DYNAMIC && status == JR_OK; i++) {
        struct jr_value *here = value_of(&arrivals[i], base, reg);
        if (here->kind == JR_VALUE_DYNAMIC || (is_known(here) && here->stored && !here->owned))
            continue;
        status = jr_block_own(x, &arrivals[i]);
        if (status == JR_OK)
            status = store(x, arrivals[i].edge.block, reg, here, true);
    }
    *jr_value_at(x, reg) = value;
    return status;
}

/* Objects that are there on all paths stay; of the others nobody knows any more. */
static enum jr_status meet_in_homes(struct jr_expand *x, struct jr_arrival *arrivals, uint32_t arrival_count, uint32_t base)
{
    enum jr_status status = JR_OK;
    for (size_t i = 0; i < x->objects.count && status == JR_OK; i++) {
        const struct jr_virtual *object = &x->objects.items[i];
        struct jr_value count = value_after(arrivals, arrival_count, base, object->count);
        jr_value_clear(x, object->count, object->end - object->count);
        for (uint32_t reg = object->count; reg < object->end && count.kind == JR_VALUE_COUNT && status == JR_OK; reg++)
            status = meet_in(x, arrivals, arrival_count, base, reg);
    }
    return status;
}

enum jr_status jr_block_meet(struct jr_expand *x, struct jr_arrival *arrivals, uint32_t arrival_count, uint32_t base,
                             uint32_t count, const uint64_t *live)
{
    enum jr_status status = JR_OK;
    for (uint32_t reg = 0; reg < count && status == JR_OK; reg++) {
        if (is_live(live, reg))
            status = meet_in(x, arrivals, arrival_count, base, base + reg);
        else
            jr_value_clear(x, base + reg, 1);
    }
    if (status == JR_OK)
        status = meet_in_homes(x, arrivals, arrival_count, base);
    if (status != JR_OK)
        return status;
    if (arrival_count == 1)
        return follow(x, arrivals[0].edge);
    status = jr_block_begin(x);
    for (uint32_t i = 0; i < arrival_count && status == JR_OK; i++)
        status = lead_to(x, arrivals[i].edge, x->current);
    return status;
}
