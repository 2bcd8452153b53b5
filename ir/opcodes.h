/* opcodes.h -- instructions as data: numbers, names, operand kinds, effects, and the code word.
 *
 * Everything comes from ir/opcodes.def; nothing else lists instructions.
 *
 *   one code word:         63      48 47      32 31      16 15       0
 *     ABC                 |    c     |    b     |    a     |    op    |
 *     AX                  |          x          |    a     |    op    |
 *     ABCXY, first word   |    c     |    b     |    a     |    op    |
 *            second word  |          y          |          x          |
 *
 * Jump operands count code words from the word after the whole instruction; the verifier rejects a jump
 * into the second word of an instruction. */
#ifndef JR_IR_OPCODES_H
#define JR_IR_OPCODES_H

#include <stdbool.h>
#include <stdint.h>

enum jr_op {
#define JR_OP(name, ...) JR_OP_##name,
#include "ir/opcodes.def"
};
enum { JR_OP_COUNT = 0 /* kept out of the enum, so that -Wswitch knows only real instructions */
#define JR_OP(...) +1
#include "ir/opcodes.def"
};

enum jr_format { JR_FORMAT_ABC, JR_FORMAT_AX, JR_FORMAT_ABCXY };

enum jr_operand {
    JR_OPERAND__, /* unused, zero */
    JR_OPERAND_D,
    JR_OPERAND_S,
    JR_OPERAND_RD,
    JR_OPERAND_RS,
    JR_OPERAND_RM,
    JR_OPERAND_W,
    JR_OPERAND_N,
    JR_OPERAND_K,
    JR_OPERAND_STR,
    JR_OPERAND_G,
    JR_OPERAND_ST,
    JR_OPERAND_L,
    JR_OPERAND_SUM,
    JR_OPERAND_VAR,
    JR_OPERAND_FN,
    JR_OPERAND_SIG,
    JR_OPERAND_IMP,
    JR_OPERAND_TAB,
    JR_OPERAND_J,
    JR_OPERAND_I32,
    JR_OPERAND_F32,
    JR_OPERAND_LEN,
    JR_OPERAND_IDX,
    JR_OPERAND_SITE,
};

enum jr_effect {
    JR_EFFECT_NONE = 0,
    JR_EFFECT_FAILS = 1 << 0,
    JR_EFFECT_ALLOC = 1 << 1,
    JR_EFFECT_RSTATE = 1 << 2,
    JR_EFFECT_WSTATE = 1 << 3,
    JR_EFFECT_HEAP = 1 << 4,
    JR_EFFECT_CALLS = 1 << 5,
    JR_EFFECT_JUMPS = 1 << 6,
    JR_EFFECT_EXITS = 1 << 7,
    JR_EFFECT_FRAME = 1 << 8,
    JR_EFFECT_SUSPENDS = 1 << 9,
};

struct jr_op_info {
    const char *name;     /* "ADD_F64" */
    const char *mnemonic; /* "add.f64" */
    const char *meaning;
    uint8_t format;       /* enum jr_format */
    uint8_t a, b, c, x, y; /* enum jr_operand */
    uint16_t effects;     /* enum jr_effect, or-ed */
};
extern const struct jr_op_info jr_op_infos[];

/* One 64-bit code word; `x`/`y` of a two-word instruction are in the next word. */
union jr_code {
    struct {
        uint16_t op, a, b, c;
    } i;
    struct {
        uint16_t op, a;
        uint32_t x;
    } ax;
    struct {
        uint32_t x, y;
    } ext;
    uint64_t word;
};
_Static_assert(sizeof(union jr_code) == 8, "a code word is 64 bits");

/* An instruction taken apart; fields that its format lacks are 0. */
struct jr_instr {
    enum jr_op op;
    uint32_t a, b, c, x, y;
    uint32_t length; /* code words: 1 or 2 */
};

static inline uint32_t jr_op_length(enum jr_op op)
{
    return jr_op_infos[op].format == JR_FORMAT_ABCXY ? 2 : 1;
}

/* `code` points at a verified instruction (or one whose op is in range and whose second word exists). */
static inline struct jr_instr jr_decode(const union jr_code *code)
{
    struct jr_instr in = {.op = (enum jr_op)code->i.op, .a = code->i.a, .length = 1};
    switch ((enum jr_format)jr_op_infos[in.op].format) {
    case JR_FORMAT_ABC:
        in.b = code->i.b, in.c = code->i.c;
        break;
    case JR_FORMAT_AX:
        in.x = code->ax.x;
        break;
    case JR_FORMAT_ABCXY:
        in.b = code->i.b, in.c = code->i.c;
        in.x = code[1].ext.x, in.y = code[1].ext.y;
        in.length = 2;
        break;
    }
    return in;
}

#endif
