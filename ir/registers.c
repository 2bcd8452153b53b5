/* registers.c -- which registers an instruction reads and writes.
 *
 * Most instructions touch one register per operand; the table below names the ones whose width comes from a layout, a
 * signature or a count. */
#include "ir/module.h"

static void add_read(struct jr_instr_regs *regs, uint32_t first, uint32_t count, bool consumes)
{
    regs->reads[regs->read_count++] = (struct jr_reg_range){first, count, consumes};
}

static void add_write(struct jr_instr_regs *regs, uint32_t first, uint32_t count)
{
    regs->writes[regs->write_count++] = (struct jr_reg_range){first, count, false};
}

static uint32_t layout_words(const struct jr_module *module, uint32_t layout)
{
    return module->layouts[layout].word_count;
}

static uint32_t variant_words(const struct jr_module *module, uint32_t sum, uint32_t variant)
{
    return layout_words(module, module->sums[sum].variant_layouts[variant]);
}

static void add_window(const struct jr_module *module, uint32_t signature, uint32_t window, struct jr_instr_regs *regs)
{
    const struct jr_signature *sig = &module->signatures[signature];
    add_read(regs, window, layout_words(module, sig->param_layout), false);
    add_write(regs, window, layout_words(module, sig->result_layout));
}

/* One operand of one register. */
static void add_single(struct jr_instr_regs *regs, uint8_t operand, uint32_t reg)
{
    switch ((enum jr_operand)operand) {
    case JR_OPERAND_D:
    case JR_OPERAND_RD:
        add_write(regs, reg, 1);
        break;
    case JR_OPERAND_S:
    case JR_OPERAND_RS:
        add_read(regs, reg, 1, false);
        break;
    case JR_OPERAND_RM:
        add_read(regs, reg, 1, true);
        break;
    default:
        break; /* not a register */
    }
}

void jr_instr_registers(const struct jr_module *module, const struct jr_function *function, const struct jr_instr *in,
                        struct jr_instr_regs *out)
{
    *out = (struct jr_instr_regs){.read_count = 0};
    switch (in->op) {
    case JR_OP_MOVE_N:
        add_read(out, in->b, in->c, true);
        add_write(out, in->a, in->c);
        return;
    case JR_OP_BORROW:
        add_read(out, in->b, in->c, false);
        add_write(out, in->a, in->c);
        return;
    case JR_OP_COPY_N:
        add_read(out, in->b, layout_words(module, in->x), false);
        add_write(out, in->a, layout_words(module, in->x));
        return;
    case JR_OP_RELEASE_N:
        add_read(out, in->a, layout_words(module, in->x), true);
        return;
    case JR_OP_GLOBAL_GET_N:
    case JR_OP_STATE_GET_N:
        add_write(out, in->a, layout_words(module, in->y));
        return;
    case JR_OP_GLOBAL_SET_N:
    case JR_OP_STATE_SET_N:
        add_read(out, in->a, layout_words(module, in->y), true);
        return;
    case JR_OP_CALL:
        add_window(module, module->functions[in->x].signature, in->a, out);
        return;
    case JR_OP_CALL_CLOSURE:
        add_window(module, in->x, in->a, out);
        add_read(out, in->b, 1, false);
        return;
    case JR_OP_CALL_HOST:
        add_window(module, module->imports[in->x].signature, in->a, out);
        return;
    case JR_OP_RETURN:
        add_read(out, in->a, function->result_words, true);
        return;
    case JR_OP_CLOSURE_NEW:
        add_read(out, in->b, module->functions[in->x].capture_words, true);
        add_write(out, in->a, 1);
        return;
    case JR_OP_CAPTURE_GET:
        add_write(out, in->a, in->c);
        return;
    case JR_OP_CELL_NEW:
    case JR_OP_BOX_NEW:
        add_read(out, in->b, layout_words(module, in->x), true);
        add_write(out, in->a, 1);
        return;
    case JR_OP_CELL_GET_N:
    case JR_OP_BOX_GET:
        add_read(out, in->b, 1, false);
        add_write(out, in->a, layout_words(module, in->x));
        return;
    case JR_OP_CELL_SET_N:
    case JR_OP_BOX_SET:
    case JR_OP_ARRAY_INIT:
        add_read(out, in->a, 1, false);
        add_read(out, in->b, layout_words(module, in->x), true);
        return;
    case JR_OP_SUM_NEW:
        add_read(out, in->b, variant_words(module, in->x, in->y), true);
        add_write(out, in->a, module->sums[in->x].word_count);
        return;
    case JR_OP_SUM_GET:
        add_read(out, in->b, module->sums[in->x].word_count, false);
        add_write(out, in->a, variant_words(module, in->x, in->y));
        return;
    case JR_OP_ARRAY_NEW:
        add_read(out, in->b, in->c * layout_words(module, in->x), true);
        add_write(out, in->a, 1);
        return;
    case JR_OP_ARRAY_GET_N:
        add_read(out, in->b, 1, false);
        add_read(out, in->c, 1, false);
        add_write(out, in->a, layout_words(module, in->x));
        return;
    case JR_OP_ARRAY_SET:
        add_read(out, in->a, 1, false);
        add_read(out, in->b, 1, false);
        add_read(out, in->c, layout_words(module, in->x), true);
        return;
    case JR_OP_ARRAY_APPEND:
        add_read(out, in->b, 1, false);
        add_read(out, in->c, layout_words(module, in->x), false);
        add_write(out, in->a, 1);
        return;
    case JR_OP_ARRAY_PREPEND:
        add_read(out, in->b, layout_words(module, in->x), false);
        add_read(out, in->c, 1, false);
        add_write(out, in->a, 1);
        return;
    case JR_OP_ARRAY_SPLIT_HEAD:
    case JR_OP_ARRAY_SPLIT_TAIL:
        add_read(out, in->b, 1, false);
        add_write(out, in->a, layout_words(module, in->x) + 1);
        return;
    default: {
        const struct jr_op_info *info = &jr_op_infos[in->op];
        add_single(out, info->a, in->a);
        add_single(out, info->b, in->b);
        add_single(out, info->c, in->c);
        return;
    }
    }
}
