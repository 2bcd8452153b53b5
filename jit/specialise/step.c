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
        return act->callee.state + value;
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

/* MOVE, MOVE_N, BORROW, COPY, COPY_N. */
static enum jr_status step_move(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    static const struct jr_word_type any = { JR_WORD_CLOSURE, 0 }; /* COPY: a reference */
    uint32_t to = act->base + in->a, from = act->base + in->b;
    switch (in->op) {
    case JR_OP_MOVE:
        return jr_words_move(x, act, pc, JR_OP_MOVE_N, to, from, 1);
    case JR_OP_MOVE_N:
    case JR_OP_BORROW:
        return jr_words_move(x, act, pc, in->op, to, from, in->c);
    case JR_OP_COPY:
        return jr_words_copy(x, act, pc, to, from, &any, 1);
    default:
        break;
    }
    const struct jr_layout *layout = &x->module->layouts[in->x];
    bool apart = to >= from + layout->word_count || from >= to + layout->word_count;
    if (apart && jr_words_are_single(x, from, layout->words, layout->word_count))
        return jr_words_copy(x, act, pc, to, from, layout->words, layout->word_count);
    return keep(x, act, pc, in);
}

/* RELEASE, RELEASE_N: counts that were never taken are not given back. */
static enum jr_status step_release(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    static const struct jr_word_type any = { JR_WORD_CLOSURE, 0 };
    const struct jr_layout *layout = in->op == JR_OP_RELEASE ? NULL : &x->module->layouts[in->x];
    const struct jr_word_type *types = layout != NULL ? layout->words : &any;
    uint32_t count = layout != NULL ? layout->word_count : 1;
    if (!jr_words_are_single(x, act->base + in->a, types, count))
        return keep(x, act, pc, in);
    return jr_words_release(x, act, pc, act->base + in->a, types, count);
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
    set_words(x, act, in->a, act->callee.closure->words + in->x, layout->words + in->x, in->c, false);
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

static enum jr_status step_call(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    struct jr_callee callee = { .function = in->x,
                                .closure = x->task->functions[in->x].closure,
                                .object = JR_NONE,
                                .state = act->callee.state + in->y,
                                .state_at_home = act->callee.state_at_home,
                                .spare = act->callee.spare };
    return jr_expand_call(x, act, pc, &callee, act->base + in->a);
}

static enum jr_status step_call_closure(struct jr_expand *x, struct jr_activation *act, uint32_t pc,
                                        const struct jr_instr *in)
{
    const struct jr_value *value = value_of(x, act, in->b);
    struct jr_callee callee = { .object = JR_NONE };
    enum jr_status status = JR_OK;
    if (value->kind == JR_VALUE_VIRTUAL) {
        jr_object_callee(x, (uint32_t)value->word, &callee);
    } else if (value->kind == JR_VALUE_OBJECT && value->word != 0) {
        struct jr_closure *closure = jr_pointer(value->word);
        callee.closure = closure;
        callee.function = closure->function->index;
        status = region_of(x, closure, &callee.state);
    } else {
        return jr_expand_refuse(x, "%s calls a closure that is not the same in every frame", act->function->name);
    }
    return status == JR_OK ? jr_expand_call(x, act, pc, &callee, act->base + in->a) : status;
}

/* Results move to where the caller wants them; the path waits for the others. */
static enum jr_status step_return(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    uint32_t count = act->function->result_words;
    enum jr_status status;
    if (act->depth == 0) { /* dsp itself */
        status = keep(x, act, pc, in);
        return status == JR_OK ? jr_block_finish(x, JR_END_EXIT, NULL, 0, 0) : status;
    }
    status = jr_words_move(x, act, pc, JR_OP_MOVE_N, act->base, act->base + in->a, count);
    if (status != JR_OK)
        return status;
    struct jr_arrival arrival = { .edge = { x->current, 0 } };
    status = jr_arrival_note(x, act, count, &arrival);
    x->current = JR_NONE;
    if (status == JR_OK)
        status = JR_VEC_PUSH(x->alloc, &act->returns, arrival);
    return status;
}

/* ---- jumps ---- */

/* The path ends here and goes on at `target`, `cost` being what the jump charges if it lies behind or `polls`. */
static enum jr_status go_to(struct jr_expand *x, struct jr_activation *act, uint32_t pc, uint32_t target, uint32_t cost,
                            bool polls)
{
    uint32_t round = act->round, block = jr_flow_block_at(act->flow, target);
    bool back = target <= pc, kept = back && jr_loop_is_kept_at(act, block);
    enum jr_status status = JR_OK;
    if ((back || polls) && !kept)
        status = jr_piece_charge(x, act->index, pc, act->caller, cost);
    act->round += back;
    if (status == JR_OK)
        status = jr_expand_arrive(x, act, block, (struct jr_edge){ x->current, 0 });
    if (status == JR_OK && kept) {
        struct jr_arrival *arrival = &act->arrivals.items[act->arrivals.count - 1];
        arrival->back_pc = pc;
        arrival->back_cost = cost;
    }
    act->round = round;
    x->current = JR_NONE;
    return status;
}

/* A jump of the usual kind. */
static enum jr_status jump_to(struct jr_expand *x, struct jr_activation *act, uint32_t pc, uint32_t next_pc, uint32_t target)
{
    return go_to(x, act, pc, target, target < next_pc ? next_pc - target : 0, false);
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
        return jump_to(x, act, pc, next_pc, jr_fold_taken(x, in->op, condition->word) ? target : next_pc);
    struct jr_instr jump = shifted(act, in);
    uint32_t block = x->current;
    enum jr_status status = jr_block_finish(x, JR_END_BRANCH, &jump, 0, 2);
    if (status == JR_OK)
        status = jr_expand_arrive(x, act, jr_flow_block_at(act->flow, next_pc), (struct jr_edge){ block, 1 });
    if (status != JR_OK)
        return status;
    if (target >= next_pc)
        return jr_expand_arrive(x, act, jr_flow_block_at(act->flow, target), (struct jr_edge){ block, 0 });
    struct jr_arrival way = { .edge = { block, 0 } }; /* where the jump is charged */
    status = jr_block_own(x, &way);
    return status == JR_OK ? jump_to(x, act, pc, next_pc, target) : status;
}

static enum jr_status step_switch(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in)
{
    const struct jr_jump_table *table = &act->function->tables[in->x];
    const struct jr_value *on = value_of(x, act, in->a);
    uint32_t next_pc = pc + in->length;
    if (on->kind == JR_VALUE_CONSTANT) {
        uint64_t index = on->word - (uint64_t)table->min;
        return jump_to(x, act, pc, next_pc, index < table->target_count ? table->targets[index] : table->fallback);
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
    bool done;
    enum jr_status status = jr_object_step(x, act, pc, in, &done);
    if (status != JR_OK || done)
        return status;
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
        jr_piece_charge_only(x, in->x);
        return JR_OK;
    case JR_OP_POLL:
        return jr_piece_charge(x, act->index, pc, act->caller, in->x);
    case JR_OP_FUNCTION:
        set_object(x, act, in->a, (uint64_t)(uintptr_t)x->task->functions[in->x].closure,
                   (struct jr_word_type){ JR_WORD_CLOSURE, x->module->functions[in->x].signature }, false);
        return JR_OK;
    case JR_OP_CLOSURE_SELF:
        set_object(x, act, in->a, (uint64_t)(uintptr_t)act->callee.closure,
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
        return step_call(x, act, pc, in);
    case JR_OP_CALL_CLOSURE:
        return step_call_closure(x, act, pc, in);
    case JR_OP_CALL_HOST:
        if (x->vm->imports != NULL && x->vm->imports[in->x].leaf)
            return keep(x, act, pc, in);
        return jr_expand_refuse(x, "%s calls the host function %s", act->function->name, x->module->imports[in->x].name);
    case JR_OP_RETURN:
        return step_return(x, act, pc, in);
    case JR_OP_JUMP:
        return jump_to(x, act, pc, pc + in->length, jr_flow_target(pc, in));
    case JR_OP_AGAIN:
        return go_to(x, act, pc, jr_flow_target(pc, in), in->a, true);
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
