/* builtins.h -- the functions that every program knows.  The list is builtins.def. */
#ifndef JR_FRONTEND_MIMIUM_BUILTINS_H
#define JR_FRONTEND_MIMIUM_BUILTINS_H

#include <stdbool.h>
#include <stdint.h>

#include "frontend/mimium/types.h"
#include "ir/opcodes.h"

enum jr_builtin_type {
    JR_BUILTIN_F_F,
    JR_BUILTIN_FF_F,
    JR_BUILTIN_FFF_F,
    JR_BUILTIN_I_F,
    JR_BUILTIN_U_F,
    JR_BUILTIN_A_F,
    JR_BUILTIN_AT_A,
    JR_BUILTIN_TA_A,
    JR_BUILTIN_A_PTA,
    JR_BUILTIN_A_PAT,
    JR_BUILTIN_FC_U,
    JR_BUILTIN_T_KT,
    JR_BUILTIN_F_KF,
    JR_BUILTIN_AF_KAF,
    JR_BUILTIN_AKT_KAT,
    JR_BUILTIN_S_F,
    JR_BUILTIN_F_S,
    JR_BUILTIN_SF_S,
    JR_BUILTIN_SFF_S,
    JR_BUILTIN_SS_S,
    JR_BUILTIN_SS_F,
    JR_BUILTIN_ST_KT,
    JR_BUILTIN_S_KCTT,
    JR_BUILTIN_ST_KCTT,
    JR_BUILTIN_S_KR,
    JR_BUILTIN_LETTERS, /* of a function of the host: its own letters say it */
};

enum jr_builtin_form {
    JR_BUILTIN_UNARY,
    JR_BUILTIN_BINARY,
    JR_BUILTIN_LEN,
    JR_BUILTIN_APPEND,
    JR_BUILTIN_PREPEND,
    JR_BUILTIN_SPLIT,
    JR_BUILTIN_HOST,
    JR_BUILTIN_MEM,
    JR_BUILTIN_DELAY,
    JR_BUILTIN_SCHEDULE,
    JR_BUILTIN_TIME,
    JR_BUILTIN_LIFT,  /* of the macro stage, as are the next two */
    JR_BUILTIN_TEXT,  /* a function of the host, "text." and the name */
    JR_BUILTIN_STAGE, /* answered by stage.h */
};

enum jr_builtin_index {
#define JR_BUILTIN(enumerator, name, type, form, opcode) JR_BUILTIN_INDEX_##enumerator,
#include "frontend/mimium/builtins.def"
    JR_BUILTIN_COUNT /* not a built-in */
};

struct jr_builtin {
    const char *name;
    enum jr_builtin_type type;
    enum jr_builtin_form form;
    enum jr_op op;
    const char *params, *results; /* LETTERS: struct jr_mimium_host */
};

/* Static. */
const struct jr_builtin *jr_builtin_at(enum jr_builtin_index index);
/* NULL if there is none of this name, neither in the list nor among the functions of the unit's host. */
const struct jr_builtin *jr_builtin_find(const struct jr_unit *unit, const char *name);
/* Whether it (the name: of one) is a function of the macro stage only. */
bool jr_builtin_is_macro(const char *name);
bool jr_builtin_runs_in_macros(const struct jr_builtin *builtin);

/* Whether these are letters of struct jr_mimium_host. */
bool jr_builtin_letters_are_valid(const char *letters);

uint32_t jr_builtin_param_count(const struct jr_builtin *builtin);

/* A fresh copy of its type.  If it speaks of an element type, *element is that (a variable), else NULL. */
struct jr_ty *jr_builtin_ty(struct jr_types *types, const struct jr_builtin *builtin, struct jr_ty **element);

#endif
