/* asm.c -- the assembler's life, its errors, how tokens are read, and the order of the work. */
#include "ir/asm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/asm_internal.h"

/* ---- errors ---- */

bool jr_asm_error(struct jr_asm *a, const struct jr_token *token, const char *format, ...)
{
    if (a->status != JR_OK || a->errors->count >= JR_ASM_MOST_ERRORS)
        return false;
    struct jr_asm_error error = { .line = token->line, .column = token->column };
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.message, sizeof error.message, format, arguments);
    va_end(arguments);
    a->status = JR_VEC_PUSH(a->alloc, a->errors, error);
    return false;
}

bool jr_asm_ok(struct jr_asm *a, const struct jr_token *token, enum jr_status status)
{
    if (status == JR_OK)
        return true;
    if (a->status == JR_OK && status == JR_ERR_LIMIT)
        jr_asm_error(a, token, "this table of the module is too large");
    if (a->status == JR_OK)
        a->status = status;
    return false;
}

/* ---- tokens ---- */

const struct jr_token *jr_asm_peek(const struct jr_asm *a)
{
    return &a->tokens.items[a->at];
}

const struct jr_token *jr_asm_next(struct jr_asm *a)
{
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_END)
        a->at++;
    return token;
}

bool jr_asm_is_mark(const struct jr_asm *a, char mark)
{
    const struct jr_token *token = jr_asm_peek(a);
    return token->kind == JR_TOKEN_MARK && token->mark == mark;
}

bool jr_asm_accept(struct jr_asm *a, char mark)
{
    if (!jr_asm_is_mark(a, mark))
        return false;
    a->at++;
    return true;
}

bool jr_asm_expect(struct jr_asm *a, char mark)
{
    return jr_asm_accept(a, mark) || jr_asm_error(a, jr_asm_peek(a), "a %c is missing here", mark);
}

bool jr_asm_accept_word(struct jr_asm *a, const char *word)
{
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind != JR_TOKEN_NAME || !jr_asm_same(a, token, word))
        return false;
    a->at++;
    return true;
}

bool jr_asm_at_line_end(const struct jr_asm *a)
{
    enum jr_token_kind kind = jr_asm_peek(a)->kind;
    return kind == JR_TOKEN_NEWLINE || kind == JR_TOKEN_END;
}

bool jr_asm_line_end(struct jr_asm *a)
{
    if (!jr_asm_at_line_end(a)) {
        const struct jr_token *token = jr_asm_peek(a);
        return jr_asm_error(a, token, "the line should end before %.*s", JR_ASM_SHOW(a, token));
    }
    jr_asm_next(a);
    return true;
}

void jr_asm_skip_line(struct jr_asm *a)
{
    while (!jr_asm_at_line_end(a))
        a->at++;
    jr_asm_next(a);
}

/* ---- the end ---- */

/* Fills the frame sizes that the headers left open. */
static void measure(struct jr_asm *a, struct jr_module *module)
{
    for (uint32_t i = 0; i < module->function_count; i++) {
        struct jr_function *function = &module->functions[i];
        if (a->functions.items[i].has_regs)
            continue;
        uint64_t frame =
            function->param_words > function->result_words ? function->param_words : function->result_words;
        for (uint32_t pc = 0; pc < function->code_count;) {
            uint16_t op = function->code[pc].i.op;
            enum jr_operand operand;
            uint32_t value;
            if (op >= JR_OP_COUNT || jr_op_length((enum jr_op)op) > function->code_count - pc)
                break; /* .word: the verifier will say so */
            struct jr_instr in = jr_decode(&function->code[pc]);
            uint64_t needed = 0;
            if (jr_instr_indices_ok(module, function, &in, &operand, &value))
                needed = jr_instr_frame(module, function, &in);
            if (frame < needed)
                frame = needed;
            pc += in.length;
        }
        function->reg_count = frame < JR_NONE ? (uint32_t)frame : JR_NONE;
    }
}

static void asm_fini(struct jr_asm *a)
{
    for (unsigned i = 0; i < JR_DECL_KIND_COUNT; i++)
        jr_asm_symbols_fini(a->alloc, &a->symbols[i]);
    jr_index_map_fini(a->alloc, &a->layout_map);
    jr_index_map_fini(a->alloc, &a->signature_map);
    jr_index_map_fini(a->alloc, &a->string_map);
    JR_VEC_FREE(a->alloc, &a->functions);
    JR_VEC_FREE(a->alloc, &a->decls);
    JR_VEC_FREE(a->alloc, &a->tokens);
    jr_draft_fini(&a->draft);
}

static void assemble(struct jr_asm *a)
{
    a->draft.module->language = "jas";
    jr_asm_lex(a);
    if (a->status == JR_OK)
        jr_asm_find_decls(a);
    if (a->status == JR_OK)
        jr_asm_read_decls(a);
    for (size_t i = 0; i < a->decls.count && a->status == JR_OK; i++)
        if (a->decls.items[i].kind == JR_DECL_FUNC && a->decls.items[i].done)
            jr_asm_body(a, &a->decls.items[i]);
}

enum jr_status jr_assemble(const struct jr_alloc *alloc, const char *name, const char *text, size_t size,
                           struct jr_module **out, struct jr_asm_errors *errors)
{
    struct jr_asm a = { .alloc = alloc, .name = name, .text = text, .errors = errors, .own_file = JR_NONE };
    *out = NULL;
    errors->count = 0;
    if (size >= UINT32_MAX)
        return JR_ERR_LIMIT;
    a.size = (uint32_t)size;
    a.status = jr_draft_init(&a.draft, alloc);
    if (a.status == JR_OK)
        assemble(&a);
    if (a.status == JR_OK && errors->count != 0)
        a.status = JR_ERR_DIAGNOSED;
    if (a.status == JR_OK)
        a.status = jr_draft_close(&a.draft, out);
    if (a.status == JR_OK)
        measure(&a, *out);
    asm_fini(&a);
    return a.status;
}
