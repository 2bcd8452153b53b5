/* operands.c -- which operands index a table of the module or of the function, and whether they may. */
#include "ir/draft.h"

const char *jr_operand_word(enum jr_operand operand)
{
    switch (operand) {
    case JR_OPERAND__:
        return "unused field";
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W:
        return "register";
    case JR_OPERAND_N:
        return "count";
    case JR_OPERAND_K:
        return "constant";
    case JR_OPERAND_STR:
        return "string";
    case JR_OPERAND_G:
        return "global word";
    case JR_OPERAND_ST:
        return "state word";
    case JR_OPERAND_L:
        return "layout";
    case JR_OPERAND_SUM:
        return "sum";
    case JR_OPERAND_VAR:
        return "variant";
    case JR_OPERAND_FN:
        return "function";
    case JR_OPERAND_SIG:
        return "signature";
    case JR_OPERAND_IMP:
        return "import";
    case JR_OPERAND_TAB:
        return "jump table";
    case JR_OPERAND_J:
        return "jump offset";
    case JR_OPERAND_I32:
        return "integer";
    case JR_OPERAND_F32:
        return "number";
    case JR_OPERAND_LEN:
        return "length";
    case JR_OPERAND_IDX:
        return "index";
    case JR_OPERAND_SITE:
        return "feedback site";
    }
    return "operand";
}

static bool signature_ok(const struct jr_module *module, uint32_t signature)
{
    return signature < module->signature_count &&
           module->signatures[signature].param_layout < module->layout_count &&
           module->signatures[signature].result_layout < module->layout_count;
}

static bool function_ok(const struct jr_module *module, uint32_t function)
{
    return function < module->function_count && signature_ok(module, module->functions[function].signature) &&
           module->functions[function].capture_layout < module->layout_count;
}

static bool variant_ok(const struct jr_module *module, uint32_t sum, uint32_t variant)
{
    return sum < module->sum_count && variant < module->sums[sum].variant_count &&
           module->sums[sum].variant_layouts[variant] < module->layout_count;
}

/* One operand; `sum` is the sum that a variant belongs to. */
static bool index_ok(const struct jr_module *module, const struct jr_function *function,
                     enum jr_operand operand, uint32_t value, uint32_t sum)
{
    switch (operand) {
    case JR_OPERAND_K:
        return value < function->constant_count;
    case JR_OPERAND_STR:
        return value < module->string_count;
    case JR_OPERAND_G:
        return value <= module->global_words; /* a value of no words may stand at the end */
    case JR_OPERAND_ST:
        return value <= function->state_words;
    case JR_OPERAND_L:
        return value < module->layout_count;
    case JR_OPERAND_SUM:
        return value < module->sum_count;
    case JR_OPERAND_VAR:
        return variant_ok(module, sum, value);
    case JR_OPERAND_FN:
        return function_ok(module, value);
    case JR_OPERAND_SIG:
        return signature_ok(module, value);
    case JR_OPERAND_IMP:
        return value < module->import_count && signature_ok(module, module->imports[value].signature);
    case JR_OPERAND_TAB:
        return value < function->table_count;
    case JR_OPERAND_SITE:
        return value < function->feedback_count;
    case JR_OPERAND__:
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W:
    case JR_OPERAND_N:
    case JR_OPERAND_J:
    case JR_OPERAND_I32:
    case JR_OPERAND_F32:
    case JR_OPERAND_LEN:
    case JR_OPERAND_IDX:
        return true; /* no index of a table */
    }
    return false;
}

bool jr_instr_indices_ok(const struct jr_module *module, const struct jr_function *function,
                         const struct jr_instr *in, enum jr_operand *operand, uint32_t *value)
{
    const struct jr_op_info *info = &jr_op_infos[in->op];
    const struct {
        uint8_t operand;
        uint32_t value;
    } fields[] = {
        { info->a, in->a }, { info->b, in->b }, { info->c, in->c }, { info->x, in->x }, { info->y, in->y },
    };
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        *operand = (enum jr_operand)fields[i].operand;
        *value = fields[i].value;
        if (!index_ok(module, function, *operand, *value, in->x))
            return false;
    }
    return true;
}

static uint64_t highest(uint64_t so_far, const struct jr_reg_range *ranges, uint32_t range_count)
{
    for (uint32_t i = 0; i < range_count; i++) {
        uint64_t top = (uint64_t)ranges[i].first + ranges[i].count;
        if (so_far < top)
            so_far = top;
    }
    return so_far;
}

uint64_t jr_instr_frame(const struct jr_module *module, const struct jr_function *function,
                        const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    jr_instr_registers(module, function, in, &regs);
    return highest(highest(0, regs.reads, regs.read_count), regs.writes, regs.write_count);
}
