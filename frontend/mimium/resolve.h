/* resolve.h -- names: who means what.
 *
 * A loaded program is a tree of statements with modules, imports, includes and stage switches in it, and a name in it may mean
 * one thing here and another there.  After resolve it is a flat list of definitions and expressions in the order in which they
 * run, and every name says by itself what it means:
 *
 * - every binder (let, letrec, fn, parameter, pattern name, sum type, alias, constructor) has a fresh symbol of its own
 *   (frontend/intern.h), and every use of it is a path of exactly one name with that symbol: NAME expressions, macro calls,
 *   named types, constructor patterns.  The text of the symbol is for display: `x`, `osc::phasor`;
 * - a name that no binder defines keeps its interned symbol: a built-in function, a type parameter (one lower-case letter), or a
 *   capitalised name in a pattern that is no constructor, which is wrong whatever the type (E-CTOR);
 * - names of fields keep their interned symbols.  A parameter's field, where arguments are given by name, is the base of
 *   its symbol;
 * - in an arm, a lower-case name that is no constructor is a NAME pattern, and a NAME pattern that is a constructor is a
 *   CONSTRUCTOR pattern;
 * - what could not be resolved has been reported and is an ERROR node; a definition that was refused (a second type of one name)
 *   has JR_SYMBOL_NONE for a name, as where a name was missing in the source;
 * - no MODULE, USE, INCLUDE or STAGE statement is left; every statement at program level carries its stage.
 *
 * Reports E-NAME, E-PRIVATE-MEMBER, E-PRIVATE-TYPE, E-TYPE-LEAK, E-RESERVED-TYPE, E-DUP-NAME (types, constructors) and E-STAGE
 * (a name used at another stage than its own; `self` inside a quote, `now`, `samplerate` and `@` in stage 0; quotes and
 * splices that would leave the two stages). */
#ifndef JR_FRONTEND_MIMIUM_RESOLVE_H
#define JR_FRONTEND_MIMIUM_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "frontend/mimium/ast.h"
#include "frontend/mimium/unit.h"

struct jr_mm_library;

enum jr_mm_def_kind {
    JR_MM_DEF_NONE,   /* no binder has this symbol: it is interned, or was made by a later pass */
    JR_MM_DEF_GLOBAL, /* fn, let, letrec at program or module level */
    JR_MM_DEF_LOCAL,  /* let, letrec, name in a pattern, inside a block or an arm */
    JR_MM_DEF_PARAM,
    JR_MM_DEF_SUM,
    JR_MM_DEF_ALIAS,
    JR_MM_DEF_CONSTRUCTOR,
};

enum { JR_MM_STAGE_MACRO, JR_MM_STAGE_MAIN, JR_MM_STAGE_COUNT };

/* What a symbol stands for. */
struct jr_mm_def {
    enum jr_mm_def_kind kind;
    struct jr_span span; /* of the name where it is defined */
    uint8_t stage;       /* JR_MM_STAGE_MACRO or _MAIN, of values; types and constructors exist at both */
    bool is_public;
    const char *path; /* as a user writes it from outside: "a::b::f"; of a local the name itself */
    const struct jr_mm_expr
        *quote; /* the innermost QUOTE expression around the binder, NULL if there is none */
};

/* What resolve finds out about a program; lives in the unit's arena. */
struct jr_mm_names {
    JR_UNIT_LIST(struct jr_mm_def) defs; /* by symbol; read with jr_mm_def_of */
    bool staged; /* the program contains a quote, a splice, a macro call or a macro stage */
    bool
        spliced; /* a splice or macro call stands in main code outside of quotes: the macro stage has to run */
    jr_symbol dsp; /* the last `dsp` at the top level of the main file, JR_SYMBOL_NONE without one */
};

/* Resolves a loaded program (load.h), rewriting its tree.  Gives the flat list, which shares the statements.
 *
 * library  for suggestions
 * names    filled in
 * errors   go to the unit's diagnostics, each mistake once; leaves the unit when there is no memory */
struct jr_mm_program *jr_mm_resolve(struct jr_unit *unit, const struct jr_mm_program *program,
                                    struct jr_mm_library *library, struct jr_mm_names *names);

/* The definition of a symbol; of kind NONE, never NULL, if it has none.  Valid until the next jr_mm_define. */
const struct jr_mm_def *jr_mm_def_of(const struct jr_mm_names *names, jr_symbol symbol);

/* Makes a fresh symbol for `base`, shown as `text` (NULL: as its base), with this definition; for passes that copy code. */
jr_symbol jr_mm_define(struct jr_unit *unit, struct jr_mm_names *names, jr_symbol base, const char *text,
                       struct jr_mm_def def);

#endif
