/* facts.c -- what cannot change once global code has run.
 *
 * A global word is constant if no instruction that sets it stands outside the global code.  The elements of an array are constant if
 * no instruction that writes elements of their layout stands outside the global code; writing into an array that the same
 * straight piece of code has just made does not count, since nobody else knows that array yet.  Host functions that are handed
 * arrays may write to them.  If anything else can run the global code, it counts like any other function. */
#include "jit/specialise/internal.h"

#include <string.h>

static bool is_init_reachable(const struct jr_module *module)
{
    for (uint32_t f = 0; f < module->function_count; f++) {
        const struct jr_function *function = &module->functions[f];
        for (uint32_t pc = 0; pc < function->code_count;) {
            struct jr_instr in = jr_decode(&function->code[pc]);
            if (jr_op_infos[in.op].x == JR_OPERAND_FN && in.x == module->init)
                return true;
            pc += in.length;
        }
    }
    return false;
}

static void note_written_by_host(struct jr_expand *x, uint32_t import)
{
    const struct jr_module *module = x->module;
    uint32_t params = module->signatures[module->imports[import].signature].param_layout;
    const struct jr_layout *layout = &module->layouts[params];
    for (uint32_t w = 0; w < layout->word_count; w++)
        if (layout->words[w].kind != JR_WORD_RAW && layout->words[w].kind != JR_WORD_STRING)
            memset(x->array_written, true, module->layout_count * sizeof x->array_written[0]);
}

static bool writes_register(const struct jr_module *module, const struct jr_function *function,
                            const struct jr_instr *in, uint32_t reg)
{
    struct jr_instr_regs regs;
    jr_instr_registers(module, function, in, &regs);
    for (uint32_t i = 0; i < regs.write_count; i++)
        if (reg >= regs.writes[i].first && reg - regs.writes[i].first < regs.writes[i].count)
            return true;
    return false;
}

/* Which code words some jump leads to. */
static bool *find_targets(struct jr_expand *x, const struct jr_function *function)
{
    bool *targets = JR_ARENA_ARRAY(&x->scratch, bool, (size_t)function->code_count + 1);
    for (uint32_t pc = 0; targets != NULL && pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (in.op == JR_OP_SWITCH_I64) {
            const struct jr_jump_table *table = &function->tables[in.x];
            targets[table->fallback] = true;
            for (uint32_t i = 0; i < table->target_count; i++)
                targets[table->targets[i]] = true;
        } else if (jr_op_infos[in.op].effects & JR_EFFECT_JUMPS) {
            targets[jr_flow_target(pc, &in)] = true;
        }
        pc += in.length;
    }
    return targets;
}

static enum jr_status look_at_function(struct jr_expand *x, const struct jr_function *function)
{
    const struct jr_module *module = x->module;
    const bool *targets = find_targets(x, function);
    uint32_t fresh = JR_NONE; /* holds an array made here, not yet seen by anybody */
    if (targets == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (targets[pc])
            fresh = JR_NONE;
        pc += in.length;
        if (in.op == JR_OP_GLOBAL_SET)
            x->global_assigned[in.x] = true;
        else if (in.op == JR_OP_GLOBAL_SET_N)
            memset(x->global_assigned + in.x, true, module->layouts[in.y].word_count * sizeof(bool));
        else if (in.op == JR_OP_ARRAY_SET || (in.op == JR_OP_ARRAY_INIT && in.a != fresh))
            x->array_written[in.x] = true;
        else if (in.op == JR_OP_CALL_HOST)
            note_written_by_host(x, in.x);
        if (in.op == JR_OP_ARRAY_NEW || in.op == JR_OP_ARRAY_ZEROS)
            fresh = in.a;
        else if (in.op != JR_OP_ARRAY_INIT && fresh != JR_NONE) {
            struct jr_instr_regs regs;
            jr_instr_registers(module, function, &in, &regs);
            for (uint32_t i = 0; i < regs.read_count && fresh != JR_NONE; i++)
                if (fresh >= regs.reads[i].first && fresh - regs.reads[i].first < regs.reads[i].count)
                    fresh = JR_NONE; /* moved, copied or handed on */
            if (fresh != JR_NONE && ((jr_op_infos[in.op].effects & (JR_EFFECT_JUMPS | JR_EFFECT_CALLS)) ||
                                     writes_register(module, function, &in, fresh)))
                fresh = JR_NONE;
        }
    }
    return JR_OK;
}

enum jr_status jr_facts_find(struct jr_expand *x)
{
    const struct jr_module *module = x->module;
    bool init_counts = module->init != JR_NONE && is_init_reachable(module);
    x->global_assigned = JR_ARENA_ARRAY(&x->scratch, bool, module->global_words);
    x->array_written = JR_ARENA_ARRAY(&x->scratch, bool, module->layout_count);
    if (x->global_assigned == NULL || x->array_written == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t f = 0; f < module->function_count; f++)
        if ((f != module->init || init_counts) && look_at_function(x, &module->functions[f]) != JR_OK)
            return JR_ERR_NO_MEMORY;
    return JR_OK;
}
