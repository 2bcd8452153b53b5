/* asm_lex.c -- characters to tokens.  Whatever is no token is reported and skipped. */
#include <string.h>

#include "ir/asm_internal.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Reading position.  Line and column belong to `at`. */
struct lexer {
    struct jr_asm *a;
    uint32_t at;
    uint32_t line, column;
};

/* The character `ahead` of the position; 0 behind the end (a zero byte in the text is no token either). */
static char look(const struct lexer *lx, uint32_t ahead)
{
    return ahead < lx->a->size - lx->at ? lx->a->text[lx->at + ahead] : '\0';
}

static void advance(struct lexer *lx, uint32_t count)
{
    for (; count > 0; count--) {
        char c = lx->a->text[lx->at++];
        if (c == '\n') {
            lx->line++;
            lx->column = 1;
        } else if (((unsigned char)c & 0xc0) != 0x80) { /* not the rest of a UTF-8 character */
            lx->column++;
        }
    }
}

/* A - goes into a name only before a letter: "no-memory", but "l1->l2". */
static uint32_t name_length(const struct lexer *lx, uint32_t from)
{
    uint32_t length = from;
    for (;; length++) {
        char c = look(lx, length), after = look(lx, length + 1);
        if (!is_letter(c) && !is_digit(c) && !(c == '.' && after != '.') && !(c == '-' && is_letter(after)))
            return length;
    }
}

static uint32_t digits(const struct lexer *lx, uint32_t from)
{
    while (is_digit(look(lx, from)))
        from++;
    return from;
}

/* Decimal, with or without a point and an exponent; `from` is behind the sign. */
static uint32_t number_length(const struct lexer *lx, uint32_t from, enum jr_token_kind *kind)
{
    if (look(lx, from) == '0' && (look(lx, from + 1) == 'x' || look(lx, from + 1) == 'X') && from == 0) {
        uint32_t length = 2;
        while (is_hex(look(lx, length)))
            length++;
        *kind = JR_TOKEN_HEX;
        return length;
    }
    uint32_t length = digits(lx, from);
    *kind = JR_TOKEN_INTEGER;
    if (look(lx, length) == '.' && is_digit(look(lx, length + 1))) {
        *kind = JR_TOKEN_FLOAT;
        length = digits(lx, length + 1);
    }
    if (look(lx, length) == 'e' || look(lx, length) == 'E') {
        uint32_t sign = look(lx, length + 1) == '-' || look(lx, length + 1) == '+';
        if (is_digit(look(lx, length + 1 + sign))) {
            *kind = JR_TOKEN_FLOAT;
            length = digits(lx, length + 1 + sign);
        }
    }
    return length;
}

/* To the closing quote or, if there is none in the line, to the end of the line. */
static uint32_t string_length(const struct lexer *lx, bool *closed)
{
    uint32_t length = 1;
    *closed = false;
    while (length < lx->a->size - lx->at && look(lx, length) != '\n') {
        char c = look(lx, length);
        length += c == '\\' && look(lx, length + 1) != '\n' && length + 1 < lx->a->size - lx->at ? 2 : 1;
        if (c == '"') {
            *closed = true;
            break;
        }
    }
    return length;
}

static bool is_infinity_or_nan(const struct lexer *lx)
{
    uint32_t length = name_length(lx, 1);
    return length == 4 && (memcmp(lx->a->text + lx->at + 1, "inf", 3) == 0 ||
                           memcmp(lx->a->text + lx->at + 1, "nan", 3) == 0);
}

/* Fills kind, mark and length of the token at the position.  False if there is none. */
static bool scan(const struct lexer *lx, struct jr_token *token)
{
    char c = look(lx, 0), after = look(lx, 1);
    bool sign = c == '-' || c == '+';
    token->length = 1;
    if (c == '\n') {
        token->kind = JR_TOKEN_NEWLINE;
    } else if (c == '"') {
        bool closed;
        token->kind = JR_TOKEN_STRING;
        token->length = string_length(lx, &closed);
        return closed;
    } else if (is_digit(c) || (sign && is_digit(after))) {
        token->length = number_length(lx, sign, &token->kind);
        if (name_length(lx, token->length) != token->length && look(lx, token->length) != '.') {
            token->length = name_length(lx, token->length); /* a name cannot begin here: "12ab" */
            return false;
        }
    } else if (sign && is_letter(after) && is_infinity_or_nan(lx)) {
        token->kind = JR_TOKEN_FLOAT;
        token->length = 4;
    } else if (is_letter(c) || (c == '.' && is_letter(after))) {
        token->kind = JR_TOKEN_NAME;
        token->length = name_length(lx, 1);
    } else if (c == '-' && after == '>') {
        token->kind = JR_TOKEN_ARROW;
        token->length = 2;
    } else if (c == '.' && after == '.') {
        token->kind = JR_TOKEN_RANGE;
        token->length = 2;
    } else if (c != '\0' && strchr("=:,(){}[]*@#-", c) != NULL) {
        token->kind = JR_TOKEN_MARK;
        token->mark = c;
    } else {
        return false;
    }
    return true;
}

/* Blanks, and comments from ; or // to the end of the line. */
static void skip_blanks(struct lexer *lx)
{
    for (;;) {
        char c = look(lx, 0);
        if (lx->at == lx->a->size)
            return;
        if (c == ';' || (c == '/' && look(lx, 1) == '/')) {
            const char *end = memchr(lx->a->text + lx->at, '\n', lx->a->size - lx->at);
            advance(lx, (end == NULL ? lx->a->size : (uint32_t)(end - lx->a->text)) - lx->at);
        } else if (c == ' ' || c == '\t' || c == '\r') {
            advance(lx, 1);
        } else {
            return;
        }
    }
}

static void report(struct lexer *lx, const struct jr_token *token)
{
    unsigned char c = (unsigned char)look(lx, 0);
    if (c == '"')
        jr_asm_error(lx->a, token, "the text has no closing quote");
    else if (is_digit((char)c) || c == '+' || (c == '-' && token->length > 1))
        jr_asm_error(lx->a, token, "%.*s is not a number", JR_ASM_SHOW(lx->a, token));
    else if (c >= 0x20 && c < 0x7f)
        jr_asm_error(lx->a, token, "the character %c means nothing here", c);
    else
        jr_asm_error(lx->a, token, "the byte 0x%02x means nothing here", c);
}

void jr_asm_lex(struct jr_asm *a)
{
    struct lexer lx = { .a = a, .line = 1, .column = 1 };
    struct jr_token last = { .kind = JR_TOKEN_NEWLINE };
    for (skip_blanks(&lx); lx.at < a->size && a->status == JR_OK; skip_blanks(&lx)) {
        struct jr_token token = { .start = lx.at, .line = lx.line, .column = lx.column };
        bool good = scan(&lx, &token);
        if (!good)
            report(&lx, &token);
        else if (token.kind != JR_TOKEN_NEWLINE ||
                 last.kind != JR_TOKEN_NEWLINE) /* empty lines are nothing */
            jr_asm_ok(a, &token, JR_VEC_PUSH(a->alloc, &a->tokens, token));
        if (good)
            last = token;
        advance(&lx, token.length);
    }
    struct jr_token line_end = {
        .kind = JR_TOKEN_NEWLINE, .start = a->size, .line = lx.line, .column = lx.column
    };
    struct jr_token end = { .kind = JR_TOKEN_END, .start = a->size, .line = lx.line, .column = lx.column };
    jr_asm_ok(a, &line_end, JR_VEC_PUSH(a->alloc, &a->tokens, line_end));
    jr_asm_ok(a, &end, JR_VEC_PUSH(a->alloc, &a->tokens, end));
}

bool jr_asm_same(const struct jr_asm *a, const struct jr_token *token, const char *text)
{
    size_t length = strlen(text);
    return token->length == length && memcmp(a->text + token->start, text, length) == 0;
}

bool jr_asm_numbered(const struct jr_asm *a, const struct jr_token *token, const char *prefix,
                     uint32_t *number)
{
    uint32_t length = (uint32_t)strlen(prefix);
    const char *text = a->text + token->start;
    if (token->kind != JR_TOKEN_NAME || token->length <= length || memcmp(text, prefix, length) != 0)
        return false;
    uint64_t value = 0;
    for (uint32_t i = length; i < token->length; i++) {
        if (!is_digit(text[i]))
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return true;
}
