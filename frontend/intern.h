/* intern.h -- names as small numbers: equal texts have equal symbols.
 *
 * A fresh symbol is a name of its own, however it is spelled: two variables `x` that must not be confused have two fresh
 * symbols, and both come from the symbol that the text `x` interns to, their base. */
#ifndef JR_FRONTEND_INTERN_H
#define JR_FRONTEND_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "ir/base/status.h"

struct jr_alloc;
struct jr_symbols; /* opaque; used by one thread at a time */

/* An index: symbols are dense from 1, in the order in which they were made. */
typedef uint32_t jr_symbol;
enum { JR_SYMBOL_NONE = 0 };

enum jr_status jr_symbols_create(const struct jr_alloc *alloc, struct jr_symbols **out);
void jr_symbols_destroy(struct jr_symbols *symbols); /* NULL is allowed */

/* The symbol of a text, which is copied if it is new.  Fails with JR_ERR_NO_MEMORY; *out is then JR_SYMBOL_NONE. */
enum jr_status jr_symbols_intern(struct jr_symbols *symbols, const char *text, size_t length, jr_symbol *out);
/* The symbol of a text that is known already, JR_SYMBOL_NONE otherwise. */
jr_symbol jr_symbols_find(const struct jr_symbols *symbols, const char *text, size_t length);

/* A new symbol that no text interns to.  `base` is the symbol it stands for (that of a fresh one counts as its base);
 * `text`, NUL-terminated and copied, is shown for it, NULL for the text of the base.  Fails with JR_ERR_NO_MEMORY; *out
 * is then JR_SYMBOL_NONE. */
enum jr_status jr_symbols_fresh(struct jr_symbols *symbols, jr_symbol base, const char *text, jr_symbol *out);
/* The interned symbol that a fresh one was made from; any other symbol is its own base. */
jr_symbol jr_symbols_base(const struct jr_symbols *symbols, jr_symbol symbol);

/* The text of a symbol, NUL-terminated; "" for JR_SYMBOL_NONE.  Borrowed, valid until jr_symbols_destroy. */
const char *jr_symbols_text(const struct jr_symbols *symbols, jr_symbol symbol);
size_t jr_symbols_length(const struct jr_symbols *symbols, jr_symbol symbol);
/* Every symbol is < this. */
uint32_t jr_symbols_end(const struct jr_symbols *symbols);

#endif
