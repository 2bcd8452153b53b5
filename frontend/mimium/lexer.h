/* lexer.h -- the text of a mimium file to its tokens.
 *
 * Lexing never fails on text: what starts no token becomes an ERROR token with a cause, and the parser reports it when
 * it gets there.  Blanks and comments are dropped; what the parser must know about them stays in the flags. */
#ifndef JR_FRONTEND_MIMIUM_LEXER_H
#define JR_FRONTEND_MIMIUM_LEXER_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;

enum jr_mm_token_kind {
#define JR_MM_TOKEN(enumerator, description) JR_MM_TOKEN_##enumerator,
#define JR_MM_MARK(enumerator, spelling) JR_MM_TOKEN_##enumerator,
#define JR_MM_WORD(enumerator, spelling) JR_MM_TOKEN_##enumerator,
#include "frontend/mimium/tokens.def"
};

/* What lies between a token and the one before. */
enum {
    JR_MM_ADJACENT = 1,   /* nothing */
    JR_MM_LINE_BREAK = 2, /* a line break or `;`, outside comments */
    JR_MM_SEPARATOR = 4,  /* a `;` (LINE_BREAK is then set too) */
};

/* Why a token is an ERROR. */
enum jr_mm_lex_error {
    JR_MM_LEX_OK,
    JR_MM_LEX_CHARACTER,    /* no token starts like this; a run of such characters is one token */
    JR_MM_LEX_BLANK,        /* a blank that is not space or tab, for example U+00A0 */
    JR_MM_LEX_OPEN_STRING,  /* the opening quote; the rest of its line is skipped */
    JR_MM_LEX_APOSTROPHES,  /* a text between two ' on one line */
    JR_MM_LEX_OPEN_COMMENT, /* the opening mark; everything after it is skipped */
};

struct jr_mm_token {
    uint8_t kind;  /* enum jr_mm_token_kind */
    uint8_t flags; /* of JR_MM_ADJACENT ... */
    uint8_t error; /* enum jr_mm_lex_error */
    uint32_t start, end;
};

struct jr_mm_tokens {
    struct jr_mm_token *items; /* the last one is END, and only it */
    size_t count, capacity;
};

/* The tokens of UTF-8 text of less than 4 GiB.  A byte-order mark at the start is skipped.  Owner: the caller, who ends
 * the list with jr_mm_tokens_free.  Fails with JR_ERR_NO_MEMORY; the list is then empty. */
enum jr_status jr_mm_lex(const char *text, size_t length, const struct jr_alloc *alloc,
                         struct jr_mm_tokens *out);
void jr_mm_tokens_free(const struct jr_alloc *alloc, struct jr_mm_tokens *tokens);

/* How messages call a kind: the spelling, or "name", "number" ...  Static. */
const char *jr_mm_token_text(enum jr_mm_token_kind kind);

#endif
