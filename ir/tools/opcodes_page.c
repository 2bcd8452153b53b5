/* opcodes_page.c -- prints docs/internals/opcodes.md from the instruction list; a test compares the page with this. */
#include <stdio.h>

#include "ir/draft.h"
#include "ir/opcodes.h"

/* The headings stand before the first instruction of each group. */
static const struct heading {
    enum jr_op before;
    const char *text;
} headings[] = {
    { JR_OP_NOP, "Moves and constants" },
    { JR_OP_ADD_F64, "binary64 arithmetic" },
    { JR_OP_EQ_F64, "Comparisons and logic on binary64" },
    { JR_OP_ADD_I64, "64-bit integers" },
    { JR_OP_F64_TO_I64, "Conversions" },
    { JR_OP_JUMP, "Control flow" },
    { JR_OP_GLOBAL_GET, "Globals" },
    { JR_OP_STATE_GET, "State" },
    { JR_OP_CALL, "Functions and closures" },
    { JR_OP_CELL_NEW, "Cells" },
    { JR_OP_BOX_NEW, "Boxes and sum values" },
    { JR_OP_ARRAY_NEW, "Arrays" },
    { JR_OP_NOW, "Time" },
};

static void print_introduction(void)
{
    printf("# The instructions\n"
           "\n"
           "This page is made from `ir/opcodes.def` by `ir/tools/opcodes_page.c`; a test fails when it is "
           "out of date. To renew "
           "it:\n"
           "\n"
           "    build/release/bin/opcodes_page > docs/internals/opcodes.md\n"
           "\n"
           "There are %d instructions of one or two 64-bit code words (`ir/opcodes.h` draws them). `r[i]` is "
           "word i of the frame,\n"
           "`f(i)` the same as binary64, `s[i]` word i from the function's state base, `k[i]` constant i. "
           "Capital letters are\n"
           "fields: A, B and C have 16 bits, X and Y 32. Truth is \"greater than zero\"; a NaN is false. An "
           "operand in *italics*\n"
           "is consumed: a reference in it is moved out.\n"
           "\n"
           "| effect | meaning |\n"
           "| --- | --- |\n"
           "| fails | may end in an error or a side exit, and has then consumed and written nothing |\n"
           "| alloc | may allocate |\n"
           "| rstate, wstate | reads, writes state words |\n"
           "| heap | reads or writes heap objects or globals |\n"
           "| calls | runs other functions |\n"
           "| jumps | may go on elsewhere |\n"
           "| exits | does not fall through |\n"
           "| frame | wants its registers in memory: compiled code writes operands back before and reloads "
           "results after |\n",
           JR_OP_COUNT);
}

static void print_operand(enum jr_operand operand, char field, const char **between)
{
    switch (operand) {
    case JR_OPERAND__:
        return;
    case JR_OPERAND_RM:
        printf("%s*r%c*", *between, field);
        break;
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
        printf("%sr%c", *between, field);
        break;
    case JR_OPERAND_W:
        printf("%swindow r%c", *between, field);
        break;
    default:
        printf("%s%s %c", *between, jr_operand_word(operand), field);
        break;
    }
    *between = ", ";
}

static void print_effects(unsigned effects)
{
    static const struct {
        enum jr_effect effect;
        const char *name;
    } names[] = {
        { JR_EFFECT_FAILS, "fails" },   { JR_EFFECT_ALLOC, "alloc" }, { JR_EFFECT_RSTATE, "rstate" },
        { JR_EFFECT_WSTATE, "wstate" }, { JR_EFFECT_HEAP, "heap" },   { JR_EFFECT_CALLS, "calls" },
        { JR_EFFECT_JUMPS, "jumps" },   { JR_EFFECT_EXITS, "exits" }, { JR_EFFECT_FRAME, "frame" },
    };
    const char *between = "";
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (effects & (unsigned)names[i].effect) {
            printf("%s%s", between, names[i].name);
            between = " ";
        }
}

/* A bar would end the cell of the table. */
static void print_cell(const char *text)
{
    for (; *text != '\0'; text++)
        printf(*text == '|' ? "\\%c" : "%c", *text);
}

static void print_op(const struct jr_op_info *info)
{
    const char *between = "";
    printf("| `%s` | ", info->mnemonic);
    print_operand((enum jr_operand)info->a, 'A', &between);
    print_operand((enum jr_operand)info->b, 'B', &between);
    print_operand((enum jr_operand)info->c, 'C', &between);
    print_operand((enum jr_operand)info->x, 'X', &between);
    print_operand((enum jr_operand)info->y, 'Y', &between);
    printf(" | ");
    print_effects(info->effects);
    printf(" | ");
    print_cell(info->meaning);
    printf(" |\n");
}

int main(void)
{
    print_introduction();
    for (unsigned op = 0; op < JR_OP_COUNT; op++) {
        for (unsigned h = 0; h < sizeof headings / sizeof headings[0]; h++)
            if (headings[h].before == (enum jr_op)op)
                printf(
                    "\n## %s\n\n| instruction | operands | effects | meaning |\n| --- | --- | --- | --- |\n",
                    headings[h].text);
        print_op(&jr_op_infos[op]);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
