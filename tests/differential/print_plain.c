/* print_plain.c -- macros as what they stand for.
 *
 * A quote is evaluated once and may be used any number of times, or never: so its text is made once, in the order in which the arguments
 * stand, and then written where it belongs.  A function of the macro stage is evaluated at each call, with its parameters as names for texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "tests/differential/print.h"

/* "($c1)" and "($(lift(k1)))" are uses of c1 and k1. */
const char *print_plain_name(const struct printer *p, const char *name)
{
    size_t skip = strncmp(name, "($(lift(", 8) == 0 ? 8 : strncmp(name, "($", 2) == 0 ? 2 : 0;
    size_t length = strcspn(name + skip, ")");
    for (size_t i = p->plain->name_count; skip > 0 && i-- > 0;) {
        const char *known = p->plain->names[i].name;
        if (strlen(known) == length && memcmp(known, name + skip, length) == 0)
            return p->plain->names[i].text;
    }
    return name;
}

static void bind(struct printer *p, const struct node *parameter, const char *text)
{
    struct print_plain *plain = p->plain;
    if (plain->name_count == PRINT_NAMES_MAX) {
        fputs("differential: macros are nested too deep\n", stderr);
        exit(3);
    }
    plain->names[plain->name_count].name = parameter->text;
    plain->names[plain->name_count++].text = text;
}

/* The text of a quote, in brackets or braces.  The caller ends it with free. */
static char *text_of(const struct printer *p, const struct node *quote)
{
    struct jr_sb text;
    struct printer inner = { &text, p->indent, p->plain };
    const struct node *inside = quote->child[0];
    char *copy;
    jr_sb_init(&text, jr_alloc_default());
    if (inside->kind != NODE_BLOCK)
        jr_sb_char(&text, '(');
    print_expression(&inner, inside);
    if (inside->kind != NODE_BLOCK)
        jr_sb_char(&text, ')');
    copy = strdup(jr_sb_view(&text));
    if (!copy)
        exit(3);
    jr_sb_fini(&text);
    return copy;
}

/* The text of the function's quote for these arguments; NULL for those that it does not have. */
static char *call_text(struct printer *p, const struct node *maker, const char *count, const char *code)
{
    size_t outer = p->plain->name_count, at = 0;
    char *text;
    if (count)
        bind(p, maker->child[at++], count);
    if (code)
        bind(p, maker->child[at], code);
    text = text_of(p, maker->child[maker->count - 1]);
    p->plain->name_count = outer;
    return text;
}

static void print_both(struct printer *p, const char *x)
{
    size_t v = ++p->plain->variables;
    jr_sb_format(p->out, "({\nlet plain%zu = %s\nlet both%zu = (%s, plain%zu)\nboth%zu\n})", v, x, v, x, v,
                 v);
}

static void print_with(struct printer *p, const char *x, const struct node *maker)
{
    size_t v = ++p->plain->variables;
    char name[32], *text;
    snprintf(name, sizeof name, "plain%zu", v);
    text = call_text(p, maker, NULL, name);
    jr_sb_format(p->out, "({\nlet %s = %s\n%s = %s\n%s\n})", name, x, name, text, name);
    free(text);
}

/* e for k = n .. 1, with something between two */
static void print_rounds(struct printer *p, unsigned long n, const struct node *maker, const char *between)
{
    for (unsigned long k = n; k > 0; k--) {
        char count[32], *text;
        snprintf(count, sizeof count, "%lu", k);
        text = call_text(p, maker, count, NULL);
        jr_sb_format(p->out, "%s%s", text, k > 1 ? between : "");
        free(text);
    }
}

static void print_grow(struct printer *p, unsigned long n, const char *x, const struct node *maker)
{
    char *code = strdup(x), *text, count[32];
    jr_sb_text(p->out, "({");
    for (unsigned long k = n; code && k > 0; k--) {
        size_t v = ++p->plain->variables;
        snprintf(count, sizeof count, "%lu", k);
        text = call_text(p, maker, count, code);
        jr_sb_format(p->out, "\nlet plain%zu = %s", v, text);
        free(text);
        free(code);
        snprintf(count, sizeof count, "plain%zu", v);
        code = strdup(count);
    }
    jr_sb_format(p->out, "\n%s\n})", code ? code : "");
    free(code);
}

void print_plain_macro(struct printer *p, const struct node *macro)
{
    struct node *const *child = macro->child;
    unsigned long n =
        macro->count > 0 && child[0]->kind == NODE_NUMBER ? strtoul(child[0]->text, NULL, 10) : 0;
    char *first = NULL, *second = NULL;
    for (size_t i = 0; i < macro->count; i++) {
        if (child[i]->kind == NODE_QUOTE) {
            char *text = text_of(p, child[i]);
            if (first) {
                second = text;
            } else {
                first = text;
            }
        }
    }
    switch ((enum macro)macro->index) {
    case MACRO_SAME:
        jr_sb_format(p->out, "(%s)", first);
        break;
    case MACRO_PICK:
        jr_sb_format(p->out, "(%s)", n > 0 ? first : second);
        break;
    case MACRO_BOUND: {
        size_t v = ++p->plain->variables;
        jr_sb_format(p->out, "({\nlet plain%zu = %s\nplain%zu\n})", v, first, v);
        break;
    }
    case MACRO_BOTH:
        print_both(p, first);
        break;
    case MACRO_CHAIN:
        for (unsigned long k = 0; k < n; k++)
            jr_sb_char(p->out, '(');
        jr_sb_text(p->out, first);
        for (unsigned long k = 0; k < n; k++)
            jr_sb_text(p->out, " * 0.5 + 0.25)");
        break;
    case MACRO_WITH:
        print_with(p, first, child[1]);
        break;
    case MACRO_UNROLL:
        jr_sb_char(p->out, '(');
        print_rounds(p, n, child[1], " + (");
        jr_sb_text(p->out, " + 0.5");
        for (unsigned long k = 0; k < n; k++)
            jr_sb_char(p->out, ')');
        break;
    case MACRO_GROW:
        print_grow(p, n, first, child[2]);
        break;
    case MACRO_BANK:
        jr_sb_char(p->out, '[');
        print_rounds(p, n, child[1], ", ");
        jr_sb_char(p->out, ']');
        break;
    case MACRO_SCALER:
        jr_sb_text(p->out, "(|x:float| x * ");
        print_operand(p, child[0]);
        jr_sb_text(p->out, " + self * 0.25)");
        break;
    case MACRO_NEXT:
        jr_sb_format(p->out, "%zu", ++p->plain->ticks);
        break;
    case MACRO_AGAIN:
        jr_sb_format(p->out, "({\nlet _ = 0\n(%s)\n(%s)\n})", first, first);
        break;
    case MACRO_COUNT:
        break;
    }
    free(first);
    free(second);
}
