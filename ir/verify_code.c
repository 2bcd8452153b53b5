/* verify_code.c -- one function's code as data: every operand is in range before anything looks through it.
 *
 * After this pass jr_decode and jr_instr_registers are safe on every instruction, jumps land on instructions, and
 * all register ranges lie inside the frame. */
#include "ir/verify_internal.h"

static enum jr_status check_operand(struct jr_verifier *v, uint32_t pc, const struct jr_instr *in, uint8_t operand,
                                    uint32_t value)
{
    const struct jr_module *m = v->module;
    const struct jr_function *f = v->function;
    uint32_t limit = 0;
    const char *what = "";
    switch ((enum jr_operand)operand) {
    case JR_OPERAND__:
        if (value != 0) return jr_verify_fail(v, pc, "an unused field holds %u", value);
        return JR_OK;
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W: /* a window or value of no words may stand at the very end of the frame */
        if (value > f->reg_count) return jr_verify_fail(v, pc, "register %u of %u", value, f->reg_count);
        return JR_OK;
    case JR_OPERAND_N:
    case JR_OPERAND_I32:
    case JR_OPERAND_F32:
    case JR_OPERAND_LEN:
    case JR_OPERAND_IDX: /* by the instruction's own rule, if it has one */
    case JR_OPERAND_J:   /* jump targets are checked once all instruction starts are known */
    case JR_OPERAND_ST:  /* state: by the function's sites */
    case JR_OPERAND_VAR: /* after SUM */
        break;
    case JR_OPERAND_K: what = "constant", limit = f->constant_count; break;
    case JR_OPERAND_STR: what = "string", limit = m->string_count; break;
    case JR_OPERAND_G: what = "global word", limit = m->global_words; break;
    case JR_OPERAND_L: what = "layout", limit = m->layout_count; break;
    case JR_OPERAND_SUM: what = "sum", limit = m->sum_count; break;
    case JR_OPERAND_FN: what = "function", limit = m->function_count; break;
    case JR_OPERAND_SIG: what = "signature", limit = m->signature_count; break;
    case JR_OPERAND_IMP: what = "import", limit = m->import_count; break;
    case JR_OPERAND_TAB: what = "jump table", limit = f->table_count; break;
    case JR_OPERAND_SITE: what = "feedback site", limit = f->feedback_count; break;
    }
    if (limit || what[0]) {
        if (operand == JR_OPERAND_G && (in->op == JR_OP_GLOBAL_GET_N || in->op == JR_OP_GLOBAL_SET_N) && value == limit)
            return JR_OK; /* a value of no words; wider ones are checked against the globals' types */
        if (value >= limit) return jr_verify_fail(v, pc, "%s %u of %u", what, value, limit);
    }
    return JR_OK;
}

static enum jr_status check_ranges(struct jr_verifier *v, uint32_t pc, const struct jr_instr *in)
{
    const struct jr_module *m = v->module;
    const struct jr_function *f = v->function;
    if (jr_op_infos[in->op].y == JR_OPERAND_VAR && in->y >= m->sums[in->x].variant_count)
        return jr_verify_fail(v, pc, "variant %u of %u", in->y, m->sums[in->x].variant_count);
    if (in->op == JR_OP_CAPTURE_GET && (in->x > f->capture_words || in->c > f->capture_words - in->x))
        return jr_verify_fail(v, pc, "captured words %u..%u of %u", in->x, in->x + in->c, f->capture_words);
    if (in->op == JR_OP_ARRAY_NEW && (uint64_t)in->c * m->layouts[in->x].word_count > f->reg_count)
        return jr_verify_fail(v, pc, "%u elements do not fit the frame", in->c);
    if (in->op == JR_OP_TRAP && (in->x == JR_OK || in->x >= JR_STATUS_COUNT))
        return jr_verify_fail(v, pc, "there is no error %u", in->x);
    if (in->op == JR_OP_AGAIN && in->a == 0)
        return jr_verify_fail(v, pc, "it takes nothing, so nobody could end it");
    struct jr_instr_regs regs;
    jr_instr_registers(m, f, in, &regs);
    for (uint32_t i = 0; i < regs.read_count + regs.write_count; i++) {
        const struct jr_reg_range *r = i < regs.read_count ? &regs.reads[i] : &regs.writes[i - regs.read_count];
        if (r->first > f->reg_count || r->count > f->reg_count - r->first)
            return jr_verify_fail(v, pc, "registers %u..%u of %u", r->first, r->first + r->count, f->reg_count);
    }
    return JR_OK;
}

static enum jr_status check_target(struct jr_verifier *v, uint32_t pc, int64_t target)
{
    if (target < 0 || target >= v->function->code_count || !v->starts[target])
        return jr_verify_fail(v, pc, "jump to %lld, where no instruction starts", (long long)target);
    v->starts[target] |= 2;
    return JR_OK;
}

static enum jr_status check_targets(struct jr_verifier *v, uint32_t pc, const struct jr_instr *in)
{
    if (in->op == JR_OP_SWITCH_I64) {
        const struct jr_jump_table *table = &v->function->tables[in->x];
        enum jr_status status = check_target(v, pc, table->fallback);
        for (uint32_t i = 0; i < table->target_count && status == JR_OK; i++)
            status = check_target(v, pc, table->targets[i]);
        return status;
    }
    return check_target(v, pc, (int64_t)pc + in->length + (int32_t)in->x);
}

enum jr_status jr_verify_code(struct jr_verifier *v)
{
    const struct jr_function *f = v->function;
    if (f->code_count == 0) return jr_verify_fail(v, JR_NONE, "has no code");
    v->starts = JR_ARENA_ARRAY(&v->scratch, uint8_t, f->code_count);
    if (!v->starts) return JR_ERR_NO_MEMORY;
    uint32_t instructions = 0, last = 0;
    for (uint32_t pc = 0; pc < f->code_count;) {
        uint16_t op = f->code[pc].i.op;
        if (op >= JR_OP_COUNT) return jr_verify_fail(v, pc, "there is no instruction %u", op);
        const struct jr_op_info *info = &jr_op_infos[op];
        if (jr_op_length((enum jr_op)op) > f->code_count - pc) return jr_verify_fail(v, pc, "its second word is missing");
        struct jr_instr in = jr_decode(&f->code[pc]);
        v->op = in.op;
        const uint8_t kinds[] = {info->a, info->b, info->c, info->x, info->y};
        const uint32_t values[] = {in.a, in.b, in.c, in.x, in.y};
        enum jr_status status = JR_OK;
        for (uint32_t i = 0; i < 5 && status == JR_OK; i++) {
            if (info->format == JR_FORMAT_AX && (i == 1 || i == 2)) continue; /* x stands there */
            status = check_operand(v, pc, &in, kinds[i], values[i]);
        }
        if (status == JR_OK) status = check_ranges(v, pc, &in);
        if (status != JR_OK) return status;
        if (in.op == JR_OP_CALL) v->called[in.x] = 1;
        if (in.op == JR_OP_CLOSURE_SELF) v->names_itself[v->function_index] = 1;
        v->starts[pc] = 1;
        instructions++;
        last = pc;
        pc += in.length;
    }
    if (!(jr_op_infos[f->code[last].i.op].effects & JR_EFFECT_EXITS))
        return jr_verify_fail(v, last, "the code runs off its end");
    for (uint32_t pc = 0; pc < f->code_count;) {
        struct jr_instr in = jr_decode(&f->code[pc]);
        v->op = in.op;
        if (jr_op_infos[in.op].effects & JR_EFFECT_JUMPS) {
            enum jr_status status = check_targets(v, pc, &in);
            if (status != JR_OK) return status;
        }
        pc += in.length;
    }
    v->module->functions[v->function_index].fuel_cost = instructions;
    return JR_OK;
}
