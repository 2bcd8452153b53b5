/* resolve_internal.h -- what the files of resolve share. */
#ifndef JR_FRONTEND_MIMIUM_RESOLVE_INTERNAL_H
#define JR_FRONTEND_MIMIUM_RESOLVE_INTERNAL_H

#include "frontend/mimium/resolve.h"

/* What a name can be in one module, independently: `m::x` may be a function and a type. */
enum jr_mm_space {
    JR_MM_SPACE_VALUE,
    JR_MM_SPACE_TYPE,
    JR_MM_SPACE_CONSTRUCTOR,
    JR_MM_SPACE_MODULE,
    JR_MM_SPACE_COUNT,
};

/* Something defined in a module.  Imports point to it. */
struct jr_mm_item {
    jr_symbol name;             /* interned */
    jr_symbol symbol;           /* fresh; JR_SYMBOL_NONE of a module, and where an error has been reported */
    struct jr_mm_scope *home;   /* the module it is defined in */
    struct jr_mm_scope *module; /* what it is, in the space of modules */
    struct jr_span span;
    bool is_public;
    bool is_variable; /* let, letrec: visible from everywhere */
    bool is_broken;   /* whatever is wrong has been reported: uses are silent */
};

/* `use`: a name of this module for something elsewhere. */
struct jr_mm_import {
    struct jr_mm_item *items[JR_MM_SPACE_COUNT]; /* what it means in each space, NULL if nothing */
    jr_symbol name;
    bool is_public;
    bool is_broken;
};

struct jr_mm_wildcard {
    struct jr_mm_scope *module;
    bool is_public;
};

/* A module, or the program itself: names defined in it and imported into it. */
struct jr_mm_scope {
    uint32_t id;
    const char *path; /* "a::b"; "" for the program */
    struct jr_mm_scope *parent;
    bool is_file;    /* in a file of its own, so imports of the modules around do not reach into it */
    bool is_missing; /* its file is: whatever is asked of it is silent */
    JR_UNIT_LIST(struct jr_mm_item *) items[JR_MM_SPACE_COUNT];
    JR_UNIT_LIST(struct jr_mm_import *) imports;
    JR_UNIT_LIST(struct jr_mm_wildcard) wildcards;
    uint32_t searched; /* the last search that came by, through wildcards: they may lead in circles */
};

/* A name in scope inside a function, block or arm. */
struct jr_mm_local {
    jr_symbol base, symbol;
    struct jr_mm_local *shadowed;
};

/* A let whose value is being resolved; its names are not in scope yet. */
struct jr_mm_letting {
    const struct jr_mm_pattern *pattern;
    const struct jr_mm_letting *outer;
};

/* An open-addressed map from (scope, sort, name) to something in the arena. */
struct jr_mm_map_slot {
    uint64_t key; /* 0: free */
    void *value;
};
struct jr_mm_map {
    struct jr_mm_map_slot *slots;
    uint32_t slot_count, used;
};

struct jr_mm_resolver {
    struct jr_unit *unit;
    struct jr_mm_library *library;
    struct jr_mm_names *names;
    struct jr_mm_map map;
    uint32_t symbol_count;            /* interned ones are below */
    struct jr_mm_local **locals;      /* per interned symbol: what it means inside a function */
    bool *builtins, *macro_builtins;  /* per interned symbol */
    struct jr_mm_item **constructors; /* per interned symbol: the first of the program of that name */
    JR_UNIT_LIST(struct jr_mm_local *) visible;
    JR_UNIT_LIST(struct jr_mm_scope *) scopes; /* all modules; the program first */
    uint32_t search;                           /* number of the current search through wildcards */
    JR_UNIT_LIST(struct jr_mm_stmt *) stmts;   /* the result */
    struct jr_mm_scope *root, *scope;          /* the program; the module being resolved */
    uint8_t stage;                             /* of the code being resolved */
    int self_stage;                            /* of the innermost function around, -1 outside */
    const struct jr_mm_expr *quote;            /* the innermost around */
    jr_symbol dsp;                             /* the text */
    const struct jr_mm_letting *letting;       /* innermost */
    const struct jr_mm_path *called;           /* by the call being resolved; */
    bool calls_macro;                          /* it is a macro call */
    bool misstaged;                            /* a function of the other stage, as it turned out */
    bool incomplete; /* something is missing that may define any name: unknown names are silent */
};

/* resolve_scope.c: modules and what is in them */
struct jr_mm_scope *jr_mm_scope_new(struct jr_mm_resolver *r, struct jr_mm_scope *parent, jr_symbol name);
/* What `name` is in the module itself; NULL if it is nothing there, yet. */
struct jr_mm_item *jr_mm_scope_own(const struct jr_mm_resolver *r, const struct jr_mm_scope *scope,
                                   enum jr_mm_space space, jr_symbol name);
/* A new definition; it takes the place of an earlier one of the same name. */
struct jr_mm_item *jr_mm_scope_add(struct jr_mm_resolver *r, struct jr_mm_scope *scope,
                                   enum jr_mm_space space, struct jr_mm_name name, bool is_public);
/* Where a name will be defined at the level of the module, for notes. */
void jr_mm_scope_announce(struct jr_mm_resolver *r, struct jr_mm_scope *scope, struct jr_mm_name name);
const struct jr_span *jr_mm_scope_announced(const struct jr_mm_resolver *r, const struct jr_mm_scope *scope,
                                            jr_symbol name);
/* Whether this is the first use of a lent name in the module. */
bool jr_mm_scope_note_lent(struct jr_mm_resolver *r, struct jr_mm_scope *scope, jr_symbol name);
void jr_mm_scope_import(struct jr_mm_resolver *r, struct jr_mm_scope *scope, struct jr_mm_import *import);
/* Whether code of the current module may name the item. */
bool jr_mm_can_see(const struct jr_mm_resolver *r, const struct jr_mm_item *item, enum jr_mm_space space);
/* What `name` is for others: its own items and what it re-exports. */
struct jr_mm_item *jr_mm_scope_member(struct jr_mm_resolver *r, struct jr_mm_scope *scope,
                                      enum jr_mm_space space, jr_symbol name);

/* What a name was found to be. */
struct jr_mm_found {
    struct jr_mm_item *item; /* NULL: nothing */
    bool is_broken;          /* nothing, but that has been reported or follows from something reported */
    struct jr_mm_scope
        *lent; /* found only because this module imports or defines it, so not really in scope */
};
/* A name alone, at module level and above: locals and built-ins are the caller's, which asks for JR_MM_NEAR before the
 * built-ins and for JR_MM_FAR behind them. */
enum jr_mm_reach { JR_MM_NEAR, JR_MM_FAR };
struct jr_mm_found jr_mm_find(struct jr_mm_resolver *r, enum jr_mm_space space, jr_symbol name,
                              enum jr_mm_reach reach);
/* A path of several names. */
struct jr_mm_found jr_mm_find_path(struct jr_mm_resolver *r, enum jr_mm_space space,
                                   const struct jr_mm_path *path);
/* The module that names lead to, seen from here, or NULL; one that is missing if its file is, or that of one on the way. */
struct jr_mm_scope *jr_mm_find_module(struct jr_mm_resolver *r, const struct jr_mm_name *names,
                                      uint32_t count);

/* resolve_report.c */
void jr_mm_report_unknown(struct jr_mm_resolver *r, enum jr_mm_space space, const struct jr_mm_path *path);
void jr_mm_report_private(struct jr_mm_resolver *r, enum jr_mm_space space, const struct jr_mm_item *item,
                          struct jr_span span);
void jr_mm_report_stage(struct jr_mm_resolver *r, jr_symbol symbol, struct jr_span span, bool called);
void jr_mm_report_no_member(struct jr_mm_resolver *r, const struct jr_mm_scope *module,
                            struct jr_mm_name name);
/* A name that is found only because another module knows it. */
void jr_mm_warn_lent(struct jr_mm_resolver *r, const struct jr_mm_found *found,
                     const struct jr_mm_path *path);

/* resolve_use.c */
void jr_mm_resolve_use(struct jr_mm_resolver *r, const struct jr_mm_stmt *stmt);

/* resolve_expr.c */
/* A new binder; not in scope yet. */
jr_symbol jr_mm_bind(struct jr_mm_resolver *r, enum jr_mm_def_kind kind, struct jr_mm_name name);
void jr_mm_show(struct jr_mm_resolver *r, jr_symbol base, jr_symbol symbol);
void jr_mm_hide_from(struct jr_mm_resolver *r, uint32_t visible_count);
void jr_mm_resolve_expr(struct jr_mm_resolver *r, struct jr_mm_expr *expr);
void jr_mm_resolve_type(struct jr_mm_resolver *r, struct jr_mm_type *type);
/* Parameters, result and body; defaults see what is around the function, not its parameters. */
void jr_mm_resolve_function(struct jr_mm_resolver *r, const struct jr_mm_params *params,
                            struct jr_mm_type *result, struct jr_mm_expr *body);
/* A let; `global` makes its names members of the module. */
void jr_mm_resolve_let(struct jr_mm_resolver *r, struct jr_mm_stmt *stmt, bool global);

/* resolve.c: a variable of the current module at the current stage */
jr_symbol jr_mm_bind_variable(struct jr_mm_resolver *r, struct jr_mm_name name);

#endif
