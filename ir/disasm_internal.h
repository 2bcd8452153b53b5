/* disasm_internal.h -- what the files of the disassembler share.
 *
 *   disasm.c        the module's tables
 *   disasm_code.c   functions and instructions
 *   disasm_names.c  symbols, quoted texts, numbers, types, places */
#ifndef JR_IR_DISASM_INTERNAL_H
#define JR_IR_DISASM_INTERNAL_H

#include "ir/base/sb.h"
#include "ir/module.h"

struct jr_disasm {
    const struct jr_module *module;
    struct jr_sb *out;
    /* Per entry: 1 if its name is its symbol; NULL (all 0) while only an instruction is printed. */
    uint8_t *function_plain, *sum_plain, *global_plain, *import_plain;
    uint8_t *layout_inline, *signature_inline, *string_inline; /* 1 if the content may stand for the index */
};

enum jr_status jr_disasm_init(struct jr_disasm *d, const struct jr_module *module, struct jr_sb *out);
void jr_disasm_fini(struct jr_disasm *d);

/* Symbols.  `declare`: followed by the quoted name if the symbol is not the name. */
void jr_disasm_function(struct jr_disasm *d, uint32_t function, bool declare);
void jr_disasm_sum(struct jr_disasm *d, uint32_t sum, bool declare);
void jr_disasm_global(struct jr_disasm *d, uint32_t global, bool declare);
void jr_disasm_import(struct jr_disasm *d, uint32_t import, bool declare);
void jr_disasm_variant(struct jr_disasm *d, uint32_t sum, uint32_t variant);

void jr_disasm_quoted(struct jr_sb *out, const char *bytes, size_t size);
bool jr_disasm_is_symbol(const char *name);
void jr_disasm_word(struct jr_sb *out, uint64_t word);  /* a constant */
void jr_disasm_double(struct jr_sb *out, double value); /* finite or infinite */
void jr_disasm_words(struct jr_disasm *d, const struct jr_layout *layout);
void jr_disasm_layout(struct jr_disasm *d, uint32_t layout); /* a reference */
void jr_disasm_inner(struct jr_disasm *d, uint32_t layout);  /* the same between round brackets */
void jr_disasm_signature(struct jr_disasm *d, uint32_t signature);
void jr_disasm_string(struct jr_disasm *d, uint32_t string);
void jr_disasm_place(struct jr_disasm *d, struct jr_place place);

/* A function's code while it is printed. */
struct jr_listing {
    const struct jr_function *function;
    uint8_t *
        marks; /* per code position: an instruction starts here, a jump goes here; NULL: every jump has a label */
    bool
        constants_listed; /* operands name constants by index, since the table is not simply that of first use */
};

void jr_disasm_function_text(struct jr_disasm *d, uint32_t function);
void jr_disasm_instr(struct jr_disasm *d, const struct jr_listing *listing, uint32_t pc);

/* True if the code words at `pc` are what the assembler would write for the printed instruction: a known opcode, whole, unused
 * fields zero.  Anything else is printed as .word. */
bool jr_disasm_regular(const struct jr_function *function, uint32_t pc);

#endif
