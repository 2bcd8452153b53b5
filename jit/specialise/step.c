/* step.c -- one instruction on what is known.
 *
 * Each instruction either is computed here and now, and nothing of it remains, or goes into the residual code, with its registers and state words
 * shifted to where the activation has them.  What it reads is put into registers first. */
#include "jit/specialise/internal.h"
#include "runtime/ops.h"
#include "runtime/vm_state.h"

static struct jr_value *value_of(struct jr_expand *x, const struct jr_activation *act, uint32_t reg)
{
    return jr_value_at(x, act->base + reg);
}

static void set_constant(struct jr_expand *x, const struct jr_activation *act, uint32_t reg, uint64_t word)
{
    *value_of(x, act, reg) = (struct jr_value){ .kind = JR_VALUE_CONSTANT, .word = word };
}

static void set_object(struct jr_expand *x, const struct jr_activation *act, uint32_t reg, uint64_t word,
                       struct jr_word_type type, bool owned)
{
    *value_of(x, act, reg) = (struct jr_value){ .kind = JR_VALUE_OBJECT, .owned = owned, .type = type, .word = word };
}

static bool is_known(const struct jr_value *value)
{
    return value->kind == JR_VALUE_CONSTANT || value->kind == JR_VALUE_OBJECT;
}

static bool are_known(struct jr_expand *x, const struct jr_activation *act, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!is_known(value_of(x, act, first + i)))
            return false;
    return true;
}

static bool has_sums(const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind == JR_WORD_SUM || layout->words[i].kind == JR_WORD_SUM_TAIL)
            return true;
    return false;
}

/* ---- what remains ---- */

static uint32_t shifted_register(const struct jr_activation *act, uint8_t operand, uint32_t value)
{
    switch ((enum jr_operand)operand) {
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W:
        return act->base + value;
    case JR_OPERAND_ST:
        return act->state + value;
    default:
        return value;
    }
}

static struct jr_instr shifted(const struct jr_activation *act, const struct jr_instr *in)
{
    const struct jr_op_info *info = &jr_op_infos[in->op];
    struct jr_instr out = *in;
    out.a = shifted_register(act, info->a, in->a);
    out.b = shifted_register(act, info->b, in->b);
    out.c = shifted_register(act, info->c, in->c);
    out.x = shifted_register(act, info->x, in->x);
    out.y = shifted_register(act, info->y, in->y);
    return out;
}

static enum jr_status keep(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    enum jr_status status = JR_OK;
    jr_instr_registers(x->module, act->function, in, &regs);
    for (uint32_t i = 0; i < regs.read_count && status == JR_OK; i++)
        status = jr_piece_store(x, act->base + regs.reads[i].first, regs.reads[i].count, regs.reads[i].consumes);
    if (status == JR_OK)
        status = jr_piece_add(x, act, pc, shifted(act, in));
    for (uint32_t i = 0; i < regs.write_count; i++)
        jr_value_set_dynamic(x, act->base + regs.writes[i].first, regs.writes[i].count);
    return status;
}

/* ---- moves ---- */

/* r[to ..) = r[from ..), which are all known; `owned` is what references become, and a move leaves nothing behind. */
static void move_known(struct jr_expand *x, const struct jr_activation *act, uint32_t to, uint32_t from, uint32_t count,
                       bool moves, bool owned)
{
    bool upwards = to <= from;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t i = upwards ? k : count - 1 - k;
        struct jr_value value = *value_of(x, act, from + i);
        if (to != from)
            value.stored = false;
        if (value.kind == JR_VALUE_OBJECT && moves && to != from)
            value_of(x, act, from + i)->kind = value.owned ? JR_VALUE_EMPTY : JR_VALUE_OBJECT;
        if (value.kind == JR_VALUE_OBJECT && !moves)
            value.owned = owned;
        *value_of(x, act, to + i) = value;
    }
}

/* MOVE_N or BORROW of words of which some are known: these move here, the others, run by run, in the residual code. */
static enum jr_status move_mixed(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < in->c && status == JR_OK;) {
        uint32_t run = 0;
        while (i + run < in->c && !is_known(value_of(x, act, in->b + i + run)))
            run++;
        if (run == 0) {
            move_known(x, act, in->a + i, in->b + i, 1, in->op == JR_OP_MOVE_N, false);
            i++;
            continue;
        }
        struct jr_instr part = *in;
        part.a += i, part.b += i, part.c = run;
        status = keep(x, act, pc, &part);
        i += run;
    }
    return status;
}

/* MOVE, MOVE_N, BORROW, COPY, COPY_N. */
static enum jr_status step_move(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    jr_instr_registers(x->module, act->function, in, &regs);
    uint32_t count = regs.reads[0].count;
    if (are_known(x, act, in->b, count)) {
        bool moves = in->op == JR_OP_MOVE || in->op == JR_OP_MOVE_N;
        move_known(x, act, in->a, in->b, count, moves, in->op == JR_OP_COPY || in->op == JR_OP_COPY_N);
        return JR_OK;
    }
    bool in_order = in->a <= in->b || in->a >= in->b + count; /* nothing is overwritten before it is read */
    if ((in->op == JR_OP_MOVE_N || in->op == JR_OP_BORROW) && in_order)
        return move_mixed(x, act, pc, in);
    return keep(x, act, pc, in);
}

/* RELEASE, RELEASE_N: counts that were never taken are not given back. */
static enum jr_status step_release(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    uint32_t count = in->op == JR_OP_RELEASE ? 1 : x->module->layouts[in->x].word_count;
    for (uint32_t i = 0; i < count; i++) {
        bool is_raw = in->op == JR_OP_RELEASE_N && x->module->layouts[in->x].words[i].kind == JR_WORD_RAW;
        if (!is_raw && !is_known(value_of(x, act, in->a + i)))
            return keep(x, act, pc, in);
    }
    for (uint32_t i = 0; i < count; i++)
        if (value_of(x, act, in->a + i)->kind == JR_VALUE_OBJECT)
            jr_value_clear(x, act->base + in->a + i, 1);
    return JR_OK;
}

/* ---- words that are constant in memory ---- */

static void set_words(struct jr_expand *x, const struct jr_activation *act, uint32_t reg, const uint64_t *words,
                      const struct jr_word_type *types, uint32_t count, bool owned)
{
    for (uint32_t i = 0; i < count; i++) {
        if (types[i].kind == JR_WORD_RAW)
            set_constant(x, act, reg + i, words[i]);
        else
            set_object(x, act, reg + i, words[i], types[i], owned);
    }
}

static enum jr_status step_capture(struct jr_expand *x, struct jr_activation *act, const struct jr_instr *in)
{
    const struct jr_layout *layout = &x->module->layouts[act->function->capture_layout];
    for (uint32_t i = 0; i < in->c; i++)
        if (layout->words[in->x + i].kind == JR_WORD_SUM || layout->words[in->x + i].kind == JR_WORD_SUM_TAIL)
            return jr_expand_refuse(x, "%s captures a sum with references", act->function->name);
    set_words(x, act, in->a, act->closure->words + in->x, layout->words + in->x, in->c, false);
    return JR_OK;
}

static enum jr_status step_global(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    static const struct jr_word_type raw = { JR_WORD_RAW, 0 };
    if (in->op == JR_OP_GLOBAL_GET) {
        if (x->global_assigned[in->x])
            return keep(x, act, pc, in);
        set_words(x, act, in->a, &x->task->globals[in->x], &raw, 1, false);
        return JR_OK;
    }
    const struct jr_layout *layout = &x->module->layouts[in->y];
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (x->global_assigned[in->x + i])
            return keep(x, act, pc, in);
    if (has_sums(layout))
        return keep(x, act, pc, in);
    set_words(x, act, in->a, &x->task->globals[in->x], layout->words, layout->word_count, true);
    return JR_OK;
}

/* ARRAY_LEN, ARRAY_GET, ARRAY_GET_N.  The length of an array never changes. */
static enum jr_status step_array(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    const struct jr_value *value = value_of(x, act, in->b);
    if (value->kind != JR_VALUE_OBJECT)
        return keep(x, act, pc, in);
    const struct jr_array *array = jr_pointer(value->word);
    const struct jr_layout *layout = &x->module->layouts[value->type.arg];
    uint64_t length = array != NULL ? array->length : 0;
    if (in->op == JR_OP_ARRAY_LEN) {
        set_constant(x, act, in->a, jr_word((double)length));
        return JR_OK;
    }
    const struct jr_value *index = value_of(x, act, in->c);
    if (index->kind != JR_VALUE_CONSTANT || x->array_written[value->type.arg] || has_sums(layout))
        return keep(x, act, pc, in);
    for (uint32_t i = 0; i < layout->word_count && length == 0; i++)
        if (layout->words[i].kind != JR_WORD_RAW)
            return keep(x, act, pc, in); /* zeros of any type */
    uint64_t at = length != 0 ? jr_array_index(jr_f64(index->word), length) : 0;
    for (uint32_t i = 0; i < layout->word_count; i++) {
        uint64_t word = length != 0 ? array->words[at * layout->word_count + i] : 0;
        set_words(x, act, in->a + i, &word, &layout->words[i], 1, in->op == JR_OP_ARRAY_GET_N);
    }
    return JR_OK;
}

/* ---- calls ---- */

static enum jr_status region_of(struct jr_expand *x, struct jr_closure *closure, uint32_t *offset)
{
    struct jr_region region = { .closure = closure,
                                .offset = x->state_words,
                                .words = x->module->functions[closure->function->index].state_words };
    for (size_t i = 0; i < x->regions.count; i++)
        if (x->regions.items[i].closure == closure) {
            *offset = x->regions.items[i].offset;
            return JR_OK;
        }
    *offset = region.offset;
    if (region.words == 0)
        return JR_OK;
    x->state_words += region.words;
    return JR_VEC_PUSH(x->alloc, &x->regions, region);
}

static enum jr_status step_call_closure(struct jr_expand *x, struct jr_activation *act, uint32_t pc,
                                        const struct jr_instr *in)
{
    const struct jr_value *value = value_of(x, act, in->b);
    struct jr_closure *closure = value->kind == JR_VALUE_OBJECT ? jr_pointer(value->word) : NULL;
    uint32_t state;
    if (closure == NULL)
        return jr_expand_refuse(x, "%s calls a closure that is not the same in every frame", act->function->name);
    enum jr_status status = region_of(x, closure, &state);
    return status == JR_OK ? jr_expand_call(x, act, pc, closure, act->base + in->a, state) : status;
}

/* Results move to where the caller wants them; the path waits for the others. */
static enum jr_status step_return(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    uint32_t count = act->function->result_words;
    enum jr_status status = JR_OK;
    if (act->depth == 0) { /* dsp itself */
        status = keep(x, act, pc, in);
        return status == JR_OK ? jr_block_finish(x, JR_END_EXIT, NULL, 0, 0) : status;
    }
    for (uint32_t i = 0; i < count && in->a != 0 && status == JR_OK;) {
        uint32_t run = 0;
        while (i + run < count && !is_known(value_of(x, act, in->a + i + run)))
            run++;
        if (run == 0) {
            move_known(x, act, i, in->a + i, 1, true, true);
            i++;
            continue;
        }
        struct jr_instr move = { .op = run == 1 ? JR_OP_MOVE : JR_OP_MOVE_N, .a = act->base + i,
                                 .b = act->base + in->a + i, .c = run == 1 ? 0 : run, .length = 1 };
        status = jr_piece_add(x, act, pc, move);
        jr_value_set_dynamic(x, act->base + i, run);
        i += run;
    }
    if (status != JR_OK)
        return status;
    struct jr_arrival arrival = { .edge = { x->current, 0 } };
    arrival.values = jr_arena_copy(&x->scratch, value_of(x, act, 0), count * sizeof(struct jr_value));
    x->current = JR_NONE;
    return arrival.values != NULL ? JR_VEC_PUSH(x->alloc, &act->returns, arrival) : JR_ERR_NO_MEMORY;
}

/* ---- jumps ---- */

/* The path ends here and goes on at `target`, which is charged if it lies behind. */
static enum jr_status go_to(struct jr_expand *x, struct jr_activation *act, uint32_t next_pc, uint32_t target)
{
    uint32_t round = act->round;
    if (target < next_pc) {
        jr_piece_charge(x, next_pc - target);
        act->round++;
    }
    enum jr_status status =
        jr_expand_arrive(x, act, jr_flow_block_at(act->flow, target), (struct jr_edge){ x->current, 0 });
    act->round = round;
    x->current = JR_NONE;
    return status;
}

static enum jr_status refuse_loop(struct jr_expand *x, const struct jr_activation *act)
{
    return jr_expand_refuse(x, "%s has a loop whose end depends on what is computed", act->function->name);
}

static enum jr_status step_conditional(struct jr_expand *x, struct jr_activation *act, uint32_t pc,
                                       const struct jr_instr *in)
{
    const struct jr_value *condition = value_of(x, act, in->a);
    uint32_t next_pc = pc + in->length, target = jr_flow_target(pc, in);
    if (condition->kind == JR_VALUE_CONSTANT)
        return go_to(x, act, next_pc, jr_fold_taken(x, in->op, condition->word) ? target : next_pc);
    if (target < next_pc)
        return refuse_loop(x, act);
    struct jr_instr jump = shifted(act, in);
    uint32_t block = x->current;
    enum jr_status status = jr_block_finish(x, JR_END_BRANCH, &jump, 0, 2);
    if (status == JR_OK)
        status = jr_expand_arrive(x, act, jr_flow_block_at(act->flow, target), (struct jr_edge){ block, 0 });
    if (status == JR_OK)
        status = jr_expand_arrive(x, act, jr_flow_block_at(act->flow, next_pc), (struct jr_edge){ block, 1 });
    return status;
}

static enum jr_status step_switch(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    const struct jr_jump_table *table = &act->function->tables[in->x];
    const struct jr_value *on = value_of(x, act, in->a);
    uint32_t next_pc = pc + in->length;
    if (on->kind == JR_VALUE_CONSTANT) {
        uint64_t index = on->word - (uint64_t)table->min;
        return go_to(x, act, next_pc, index < table->target_count ? table->targets[index] : table->fallback);
    }
    for (uint32_t i = 0; i <= table->target_count; i++)
        if ((i == 0 ? table->fallback : table->targets[i - 1]) < next_pc)
            return refuse_loop(x, act);
    struct jr_instr jump = shifted(act, in);
    uint32_t block = x->current;
    enum jr_status status = jr_block_finish(x, JR_END_SWITCH, &jump, table->min, table->target_count + 1);
    for (uint32_t i = 0; i <= table->target_count && status == JR_OK; i++)
        status = jr_expand_arrive(x, act, jr_flow_block_at(act->flow, i == 0 ? table->fallback : table->targets[i - 1]),
                                  (struct jr_edge){ block, i });
    return status;
}

/* ---- the rest ---- */

static enum jr_status step_pure(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    const struct jr_value *b = value_of(x, act, in->b), *c = value_of(x, act, in->c);
    bool binary = jr_op_infos[in->op].c == JR_OPERAND_S;
    uint64_t word;
    if (b->kind != JR_VALUE_CONSTANT || (binary && c->kind != JR_VALUE_CONSTANT) ||
        !jr_fold(x, in->op, b->word, binary ? c->word : 0, &word))
        return keep(x, act, pc, in);
    set_constant(x, act, in->a, word);
    return JR_OK;
}

static uint64_t narrow_constant(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return jr_word((double)value);
}

enum jr_status jr_expand_step(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    enum jr_status status;
    switch (in->op) {
    case JR_OP_NOP:
        return JR_OK;
    case JR_OP_MOVE:
    case JR_OP_MOVE_N:
    case JR_OP_BORROW:
    case JR_OP_COPY:
    case JR_OP_COPY_N:
        return step_move(x, act, pc, in);
    case JR_OP_RELEASE:
    case JR_OP_RELEASE_N:
        return step_release(x, act, pc, in);
    case JR_OP_CONST:
        set_constant(x, act, in->a, act->function->constants[in->x]);
        return JR_OK;
    case JR_OP_CONST_I32:
        set_constant(x, act, in->a, (uint64_t)(int64_t)(int32_t)in->x);
        return JR_OK;
    case JR_OP_CONST_F32:
        set_constant(x, act, in->a, narrow_constant(in->x));
        return JR_OK;
    case JR_OP_SAMPLE_RATE:
        set_constant(x, act, in->a, jr_word(x->task->sample_rate));
        return JR_OK;
    case JR_OP_CHARGE:
        jr_piece_charge(x, in->x);
        return JR_OK;
    case JR_OP_FUNCTION:
        set_object(x, act, in->a, (uint64_t)(uintptr_t)x->task->functions[in->x].closure,
                   (struct jr_word_type){ JR_WORD_CLOSURE, x->module->functions[in->x].signature }, false);
        return JR_OK;
    case JR_OP_CLOSURE_SELF:
        set_object(x, act, in->a, (uint64_t)(uintptr_t)act->closure,
                   (struct jr_word_type){ JR_WORD_CLOSURE, act->function->signature }, false);
        return JR_OK;
    case JR_OP_CAPTURE_GET:
        return step_capture(x, act, in);
    case JR_OP_GLOBAL_GET:
    case JR_OP_GLOBAL_GET_N:
        return step_global(x, act, pc, in);
    case JR_OP_ARRAY_LEN:
    case JR_OP_ARRAY_GET:
    case JR_OP_ARRAY_GET_N:
        return step_array(x, act, pc, in);
    case JR_OP_SUM_TAG:
        if (value_of(x, act, in->b)->kind != JR_VALUE_CONSTANT)
            return keep(x, act, pc, in);
        set_constant(x, act, in->a, value_of(x, act, in->b)->word);
        return JR_OK;
    case JR_OP_CALL:
        return jr_expand_call(x, act, pc, x->task->functions[in->x].closure, act->base + in->a, act->state + in->y);
    case JR_OP_CALL_CLOSURE:
        return step_call_closure(x, act, pc, in);
    case JR_OP_CALL_HOST:
        return jr_expand_refuse(x, "%s calls the host function %s", act->function->name, x->module->imports[in->x].name);
    case JR_OP_RETURN:
        return step_return(x, act, pc, in);
    case JR_OP_JUMP:
        return go_to(x, act, pc + in->length, jr_flow_target(pc, in));
    case JR_OP_JUMP_IF:
    case JR_OP_JUMP_UNLESS:
        return step_conditional(x, act, pc, in);
    case JR_OP_SWITCH_I64:
        return step_switch(x, act, pc, in);
    case JR_OP_TRAP:
        status = keep(x, act, pc, in);
        return status == JR_OK ? jr_block_finish(x, JR_END_EXIT, NULL, 0, 0) : status;
    case JR_OP_SCHEDULE:
        x->schedules = true;
        return keep(x, act, pc, in);
    default:
        return jr_fold_possible(in->op) ? step_pure(x, act, pc, in) : keep(x, act, pc, in);
    }
}
