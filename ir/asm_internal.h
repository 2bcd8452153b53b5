/* asm_internal.h -- what the files of the assembler share.
 *
 *   asm_lex.c     characters to tokens
 *   asm.c         life, errors, reading tokens, the order of work
 *   asm_decls.c   declarations: files, types, strings, globals, imports, entries, the headers of functions
 *   asm_types.c   layouts, signatures, places, numbers, symbols: what declarations and code both use
 *   asm_code.c    bodies of functions
 *
 * All declarations are found first, so that names may be used before they stand.  Functions that parse return false after they
 * have reported an error; the line is then given up. */
#ifndef JR_IR_ASM_INTERNAL_H
#define JR_IR_ASM_INTERNAL_H

#include "ir/asm.h"
#include "ir/draft.h"

enum jr_token_kind {
    JR_TOKEN_END,
    JR_TOKEN_NEWLINE,
    JR_TOKEN_NAME,    /* letters, digits, _ and . */
    JR_TOKEN_STRING,  /* with its quotes */
    JR_TOKEN_INTEGER, /* decimal, with its sign */
    JR_TOKEN_HEX,
    JR_TOKEN_FLOAT,
    JR_TOKEN_ARROW, /* -> */
    JR_TOKEN_RANGE, /* .. */
    JR_TOKEN_MARK,  /* one character: = : , ( ) { } [ ] * @ # - */
};

struct jr_token {
    enum jr_token_kind kind;
    char mark; /* JR_TOKEN_MARK */
    uint32_t start, length;
    uint32_t line, column;
};

/* Names of one kind of thing. */
struct jr_asm_symbol {
    const char *text; /* in the source, not terminated */
    uint32_t length;
    uint32_t index;
};
struct jr_asm_symbols {
    struct jr_index_map map;
    JR_VEC(struct jr_asm_symbol) items;
};

enum jr_decl_kind {
    JR_DECL_MODULE,
    JR_DECL_FILE,
    JR_DECL_LAYOUT,
    JR_DECL_SUM,
    JR_DECL_SIG,
    JR_DECL_STRING,
    JR_DECL_GLOBAL,
    JR_DECL_IMPORT,
    JR_DECL_ENTRY,
    JR_DECL_FUNC,
    JR_DECL_KIND_COUNT
};

/* One declaration, and where its tokens are. */
struct jr_decl {
    enum jr_decl_kind kind;
    size_t keyword; /* the token before its first */
    size_t body;    /* FUNC: the token behind { */
    uint32_t index; /* in its table */
    bool done;
};

/* What the header of a function left out, to be found from the body. */
struct jr_asm_function {
    bool has_regs, has_state, has_feedback;
};

struct jr_asm {
    const struct jr_alloc *alloc;
    const char *name;
    const char *text;
    uint32_t size;
    struct jr_asm_errors *errors;
    enum jr_status status; /* no memory or a limit: everything stops */
    JR_VEC(struct jr_token) tokens;
    size_t at; /* the next token */
    JR_VEC(struct jr_decl) decls;
    struct jr_asm_symbols symbols[JR_DECL_KIND_COUNT];
    struct jr_index_map layout_map, signature_map, string_map;
    JR_VEC(struct jr_asm_function) functions;
    struct jr_draft draft;
    uint32_t own_file; /* index of `name` among the files, JR_NONE while no place needed it */
    uint32_t depth;    /* of nested types */
};

/* ---- asm_lex.c ---- */
void jr_asm_lex(struct jr_asm *a);
bool jr_asm_same(const struct jr_asm *a, const struct jr_token *token, const char *text);
/* The number behind a prefix, as 12 in "r12"; false if the token is not such a name or the number does not fit. */
bool jr_asm_numbered(const struct jr_asm *a, const struct jr_token *token, const char *prefix,
                     uint32_t *number);

/* ---- asm.c ---- */
bool jr_asm_error(struct jr_asm *a, const struct jr_token *token, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* always false */
/* False if the status is a failure, which ends the work (or, a limit, is reported at the token). */
bool jr_asm_ok(struct jr_asm *a, const struct jr_token *token, enum jr_status status);
const struct jr_token *jr_asm_peek(const struct jr_asm *a);
const struct jr_token *jr_asm_next(struct jr_asm *a); /* stays at the end */
bool jr_asm_is_mark(const struct jr_asm *a, char mark);
bool jr_asm_accept(struct jr_asm *a, char mark);
bool jr_asm_expect(struct jr_asm *a, char mark);
bool jr_asm_accept_word(struct jr_asm *a, const char *word);
bool jr_asm_at_line_end(const struct jr_asm *a);
bool jr_asm_line_end(struct jr_asm *a); /* the rest of a line must be empty */
void jr_asm_skip_line(struct jr_asm *a);
/* "12..": a short piece of the source for messages. */
#define JR_ASM_SHOW(a, token) (int)((token)->length < 40 ? (token)->length : 40), (a)->text + (token)->start

/* ---- asm_types.c ---- */
enum jr_status jr_asm_symbols_add(const struct jr_alloc *alloc, struct jr_asm_symbols *symbols, const char *text,
                              uint32_t length, uint32_t index);
uint32_t jr_asm_symbols_find(const struct jr_asm_symbols *symbols, const char *text, uint32_t length); /* JR_NONE */
void jr_asm_symbols_fini(const struct jr_alloc *alloc, struct jr_asm_symbols *symbols);

bool jr_asm_unsigned(struct jr_asm *a, uint32_t most, uint32_t *out);
bool jr_asm_signed(struct jr_asm *a, int64_t least, int64_t most, int64_t *out);
bool jr_asm_constant(struct jr_asm *a,
                     uint64_t *word); /* any number: an integer, binary64, or the bits themselves */
/* A quoted text, copied into the module with a NUL behind; `names` may not hold a zero byte. */
bool jr_asm_text(struct jr_asm *a, bool names, const char **out, uint32_t *size);
/* A symbol of a kind, or #index. */
bool jr_asm_reference(struct jr_asm *a, enum jr_decl_kind kind, uint32_t *index);
bool jr_asm_words(struct jr_asm *a, bool simple, struct jr_layout *out, bool *gave_up);
bool jr_asm_layout(struct jr_asm *a, uint32_t *index);
bool jr_asm_inner(struct jr_asm *a, uint32_t *index); /* between round brackets, which are the caller's */
bool jr_asm_signature(struct jr_asm *a, uint32_t *index);
bool jr_asm_signature_add(struct jr_asm *a, uint32_t index); /* makes a declared one findable by content */
/* The layout with this content; it is made if there is none. */
bool jr_asm_layout_of(struct jr_asm *a, const struct jr_layout *content, uint32_t *index);
bool jr_asm_layout_add(struct jr_asm *a, uint32_t index);
bool jr_asm_string(struct jr_asm *a, uint32_t *index);
bool jr_asm_string_add(struct jr_asm *a, uint32_t index);
bool jr_asm_place(struct jr_asm *a, struct jr_place *place);
/* Where a token stands in the text itself. */
bool jr_asm_own_place(struct jr_asm *a, const struct jr_token *first, const struct jr_token *last,
                      struct jr_place *place);

/* ---- asm_decls.c ---- */
void jr_asm_find_decls(struct jr_asm *a);
void jr_asm_read_decls(struct jr_asm *a);

/* ---- asm_code.c ---- */
void jr_asm_body(struct jr_asm *a, const struct jr_decl *decl);

#endif
