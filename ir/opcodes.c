/* opcodes.c -- the instruction list as a table. */
#include "ir/opcodes.h"

/* The words of the effects column, as opcodes.def spells them. */
enum {
    NONE = JR_EFFECT_NONE,
    FAILS = JR_EFFECT_FAILS,
    ALLOC = JR_EFFECT_ALLOC,
    RSTATE = JR_EFFECT_RSTATE,
    WSTATE = JR_EFFECT_WSTATE,
    HEAP = JR_EFFECT_HEAP,
    CALLS = JR_EFFECT_CALLS,
    JUMPS = JR_EFFECT_JUMPS,
    EXITS = JR_EFFECT_EXITS,
    FRAME = JR_EFFECT_FRAME,
};

const struct jr_op_info jr_op_infos[JR_OP_COUNT] = {
#define JR_OP(op, mnemonic_, format_, a_, b_, c_, x_, y_, effects_, meaning_) \
    [JR_OP_##op] = {                                                          \
        .name = #op,                                                          \
        .mnemonic = mnemonic_,                                                \
        .meaning = meaning_,                                                  \
        .format = JR_FORMAT_##format_,                                        \
        .a = JR_OPERAND_##a_,                                                 \
        .b = JR_OPERAND_##b_,                                                 \
        .c = JR_OPERAND_##c_,                                                 \
        .x = JR_OPERAND_##x_,                                                 \
        .y = JR_OPERAND_##y_,                                                 \
        .effects = effects_,                                                  \
    },
#include "ir/opcodes.def"
};
