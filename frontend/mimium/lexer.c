/* lexer.c -- one pass over the text, one function per sort of token. */
#include "frontend/mimium/lexer.h"

#include <stdbool.h>
#include <string.h>

#include "frontend/utf8.h"
#include "ir/base/alloc.h"
#include "ir/base/vec.h"

struct lexer {
    const char *text;
    uint32_t length;
    uint32_t at; /* the next byte to read */
};

struct range {
    uint32_t first, last;
};

static const struct range xid_start[] = {
#define JR_XID_START(first, last) { first, last },
#define JR_XID_ONLY_CONTINUE(first, last)
#include "frontend/mimium/xid.def"
};

static const struct range xid_only_continue[] = {
#define JR_XID_START(first, last)
#define JR_XID_ONLY_CONTINUE(first, last) { first, last },
#include "frontend/mimium/xid.def"
};

struct spelling {
    const char *text;
    uint8_t length;
    uint8_t kind;
};

static const struct spelling marks[] = {
#define JR_MM_MARK(enumerator, spelling) { spelling, sizeof spelling - 1, JR_MM_TOKEN_##enumerator },
#include "frontend/mimium/tokens.def"
};

static const struct spelling words[] = {
#define JR_MM_WORD(enumerator, spelling) { spelling, sizeof spelling - 1, JR_MM_TOKEN_##enumerator },
#include "frontend/mimium/tokens.def"
};

const char *jr_mm_token_text(enum jr_mm_token_kind kind)
{
    switch (kind) {
#define JR_MM_TOKEN(enumerator, description) \
    case JR_MM_TOKEN_##enumerator:           \
        return description;
#define JR_MM_MARK(enumerator, spelling) \
    case JR_MM_TOKEN_##enumerator:       \
        return spelling;
#define JR_MM_WORD(enumerator, spelling) \
    case JR_MM_TOKEN_##enumerator:       \
        return spelling;
#include "frontend/mimium/tokens.def"
    }
    return "token";
}

/* ---- characters ---- */

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code >= ranges[low].first;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_identifier(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == '_';
    return in_ranges(xid_start, sizeof xid_start / sizeof xid_start[0], code);
}

static bool continues_identifier(uint32_t code)
{
    if (code < 0x80)
        return starts_identifier(code) || (code >= '0' && code <= '9');
    return in_ranges(xid_start, sizeof xid_start / sizeof xid_start[0], code) ||
           in_ranges(xid_only_continue, sizeof xid_only_continue / sizeof xid_only_continue[0], code);
}

static bool ends_line(uint32_t code)
{
    return (code >= 0x0a && code <= 0x0d) || code == 0x85 || code == 0x2028 || code == 0x2029;
}

/* Blanks of other scripts and layouts, which are easily typed or pasted by mistake. */
static bool is_odd_blank(uint32_t code)
{
    return code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200b) || code == 0x202f ||
           code == 0x205f || code == 0x3000 || code == 0xfeff;
}

/* The code point at `at`, which is inside the text, and its length in bytes.  Bytes that are not UTF-8 do not get here
 * (the parser refuses such files), but count as single bad characters. */
static uint32_t peek(const struct lexer *lx, uint32_t at, uint32_t *bytes)
{
    uint32_t code;
    size_t count = jr_utf8_decode(lx->text + at, lx->length - at, &code);
    *bytes = count == 0 ? 1 : (uint32_t)count;
    return count == 0 ? 0xfffd : code;
}

static char byte_at(const struct lexer *lx, uint32_t at)
{
    return at < lx->length ? lx->text[at] : '\0';
}

static bool text_at(const struct lexer *lx, const char *text, size_t length)
{
    return lx->length - lx->at >= length && memcmp(lx->text + lx->at, text, length) == 0;
}

static void skip_to_line_end(struct lexer *lx)
{
    uint32_t bytes;
    while (lx->at < lx->length && !ends_line(peek(lx, lx->at, &bytes)))
        lx->at += bytes;
}

/* ---- what is between tokens ---- */

/* Skips a comment; false if there is none, or none that ends. */
static bool skip_comment(struct lexer *lx)
{
    if (text_at(lx, "//", 2)) {
        skip_to_line_end(lx);
        return true;
    }
    if (!text_at(lx, "/*", 2))
        return false;
    for (uint32_t end = lx->at + 2; end + 1 < lx->length; end++) {
        if (lx->text[end] == '*' && lx->text[end + 1] == '/') {
            lx->at = end + 2;
            return true;
        }
    }
    return false;
}

/* Skips to the next token; returns the flags of what it skipped. */
static uint8_t skip_trivia(struct lexer *lx)
{
    uint8_t flags = JR_MM_ADJACENT;
    for (; lx->at < lx->length; flags &= (uint8_t)~JR_MM_ADJACENT) {
        uint32_t bytes, code = peek(lx, lx->at, &bytes);
        if (code == ' ' || code == '\t') {
            lx->at++;
        } else if (code == ';') {
            lx->at++;
            flags |= JR_MM_LINE_BREAK | JR_MM_SEPARATOR;
        } else if (ends_line(code)) {
            lx->at += bytes;
            flags |= JR_MM_LINE_BREAK;
        } else if (!skip_comment(lx)) {
            break;
        }
    }
    return flags;
}

/* ---- tokens: each reads one from `at` on, if it is there, and moves `at` behind it ---- */

static enum jr_mm_token_kind read_number(struct lexer *lx, bool after_dot)
{
    uint32_t end = lx->at + 1;
    if (lx->text[lx->at] != '0')
        while (is_digit(byte_at(lx, end)))
            end++;
    lx->at = end;
    /* t.0.1 is two projections, and 0..1 is no float. */
    if (after_dot || byte_at(lx, end) != '.' || !is_digit(byte_at(lx, end + 1)))
        return JR_MM_TOKEN_INTEGER;
    for (end += 2; is_digit(byte_at(lx, end));)
        end++;
    if (byte_at(lx, end) == '.')
        return JR_MM_TOKEN_INTEGER;
    lx->at = end;
    return JR_MM_TOKEN_FLOATING;
}

static bool read_string(struct lexer *lx, struct jr_mm_token *token)
{
    if (lx->text[lx->at] != '"')
        return false;
    const char *quote = memchr(lx->text + lx->at + 1, '"', lx->length - lx->at - 1);
    if (quote != NULL) {
        lx->at = (uint32_t)(quote - lx->text) + 1;
        token->kind = JR_MM_TOKEN_TEXT;
    } else {
        token->error = JR_MM_LEX_OPEN_STRING;
        token->end = lx->at + 1;
        skip_to_line_end(lx);
    }
    return true;
}

/* 'text', as other languages write it. */
static bool read_apostrophes(struct lexer *lx, struct jr_mm_token *token)
{
    uint32_t end = lx->at + 1;
    if (lx->text[lx->at] != '\'')
        return false;
    while (end < lx->length && lx->text[end] != '\'' && lx->text[end] != '\n' && lx->text[end] != '\r')
        end++;
    if (byte_at(lx, end) != '\'')
        return false;
    token->error = JR_MM_LEX_APOSTROPHES;
    lx->at = end + 1;
    return true;
}

static bool read_word(struct lexer *lx, struct jr_mm_token *token)
{
    uint32_t start = lx->at, bytes;
    if (!starts_identifier(peek(lx, lx->at, &bytes)))
        return false;
    do
        lx->at += bytes;
    while (lx->at < lx->length && continues_identifier(peek(lx, lx->at, &bytes)));
    token->kind = JR_MM_TOKEN_IDENTIFIER;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].length == lx->at - start &&
            memcmp(words[i].text, lx->text + start, words[i].length) == 0)
            token->kind = words[i].kind;
    return true;
}

static bool read_mark(struct lexer *lx, struct jr_mm_token *token)
{
    if (text_at(lx, "/*", 2)) { /* no comment, or it would have been skipped: it does not end */
        token->error = JR_MM_LEX_OPEN_COMMENT;
        token->end = lx->at + 2;
        lx->at = lx->length;
        return true;
    }
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (text_at(lx, marks[i].text, marks[i].length)) {
            token->kind = marks[i].kind;
            lx->at += marks[i].length;
            return true;
        }
    }
    return false;
}

/* `last` is the token before; the first token has an END there. */
static struct jr_mm_token read_token(struct lexer *lx, struct jr_mm_token last)
{
    struct jr_mm_token token = { .kind = JR_MM_TOKEN_ERROR };
    token.flags = skip_trivia(lx);
    token.start = lx->at;
    if (lx->at == lx->length) {
        token.kind = JR_MM_TOKEN_END;
    } else if (is_digit(lx->text[lx->at])) {
        bool after_dot = last.kind == JR_MM_TOKEN_DOT && (token.flags & JR_MM_ADJACENT) != 0;
        token.kind = (uint8_t)read_number(lx, after_dot);
    } else if (!read_string(lx, &token) && !read_apostrophes(lx, &token) && !read_word(lx, &token) && !read_mark(lx, &token)) {
        uint32_t bytes;
        token.error = is_odd_blank(peek(lx, lx->at, &bytes)) ? JR_MM_LEX_BLANK : JR_MM_LEX_CHARACTER;
        lx->at += bytes;
    }
    if (token.end == 0)
        token.end = lx->at;
    return token;
}

enum jr_status jr_mm_lex(const char *text, size_t length, const struct jr_alloc *alloc,
                         struct jr_mm_tokens *out)
{
    struct lexer lx = { text, (uint32_t)length, 0 };
    struct jr_mm_token token = { .kind = JR_MM_TOKEN_END };
    memset(out, 0, sizeof *out);
    if (text_at(&lx, "\xef\xbb\xbf", 3))
        lx.at = 3;
    do {
        struct jr_mm_token *last = out->count == 0 ? NULL : &out->items[out->count - 1];
        token = read_token(&lx, token);
        if (last != NULL && token.error == JR_MM_LEX_CHARACTER && last->error == token.error &&
            (token.flags & JR_MM_ADJACENT) != 0) {
            last->end = token.end; /* one report for the whole run */
        } else if (JR_VEC_PUSH(alloc, out, token) != JR_OK) {
            jr_mm_tokens_free(alloc, out);
            return JR_ERR_NO_MEMORY;
        }
    } while (token.kind != JR_MM_TOKEN_END);
    return JR_OK;
}

void jr_mm_tokens_free(const struct jr_alloc *alloc, struct jr_mm_tokens *tokens)
{
    JR_VEC_FREE(alloc, tokens);
}
