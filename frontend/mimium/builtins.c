/* builtins.c -- looking up built-in functions, and their types. */
#include "frontend/mimium/builtins.h"

#include <string.h>

static uint32_t param_count(enum jr_builtin_type type)
{
    switch (type) {
    case JR_BUILTIN_U_F:
        return 0;
    case JR_BUILTIN_F_F:
    case JR_BUILTIN_I_F:
    case JR_BUILTIN_A_F:
    case JR_BUILTIN_A_PTA:
    case JR_BUILTIN_A_PAT:
    case JR_BUILTIN_T_KT:
    case JR_BUILTIN_F_KF:
    case JR_BUILTIN_AF_KAF:
    case JR_BUILTIN_AKT_KAT:
    case JR_BUILTIN_S_F:
    case JR_BUILTIN_F_S:
    case JR_BUILTIN_S_KCTT:
    case JR_BUILTIN_S_KR:
        return 1;
    case JR_BUILTIN_FF_F:
    case JR_BUILTIN_AT_A:
    case JR_BUILTIN_TA_A:
    case JR_BUILTIN_FC_U:
    case JR_BUILTIN_SF_S:
    case JR_BUILTIN_SS_S:
    case JR_BUILTIN_SS_F:
    case JR_BUILTIN_ST_KT:
    case JR_BUILTIN_ST_KCTT:
        return 2;
    case JR_BUILTIN_SFF_S:
    case JR_BUILTIN_FFF_F:
        return 3;
    case JR_BUILTIN_LETTERS: /* by its letters */
        break;
    }
    return 0;
}

static const struct jr_builtin builtins[JR_BUILTIN_COUNT] = {
#define JR_BUILTIN(enumerator, name_, type_, form_, opcode)                                         \
    [JR_BUILTIN_INDEX_##enumerator] = {                                                             \
        .name = name_, .type = JR_BUILTIN_##type_, .form = JR_BUILTIN_##form_, .op = JR_OP_##opcode \
    },
#include "frontend/mimium/builtins.def"
};

const struct jr_builtin *jr_builtin_at(enum jr_builtin_index index)
{
    return &builtins[index];
}

static const struct jr_builtin *find_in(const struct jr_builtin *list, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

const struct jr_builtin *jr_builtin_find(const struct jr_unit *unit, const char *name)
{
    const struct jr_builtin *builtin = find_in(builtins, JR_BUILTIN_COUNT, name);
    return builtin != NULL ? builtin : find_in(unit->hosts, unit->host_count, name);
}

bool jr_builtin_letters_are_valid(const char *letters)
{
    return letters[strspn(letters, "nsft")] == '\0';
}

bool jr_builtin_runs_in_macros(const struct jr_builtin *builtin)
{
    return builtin->form == JR_BUILTIN_LIFT || builtin->form == JR_BUILTIN_TEXT ||
           builtin->form == JR_BUILTIN_STAGE;
}

bool jr_builtin_is_macro(const char *name)
{
    const struct jr_builtin *builtin = find_in(builtins, JR_BUILTIN_COUNT, name);
    return builtin != NULL && jr_builtin_runs_in_macros(builtin);
}

uint32_t jr_builtin_param_count(const struct jr_builtin *builtin)
{
    return builtin->type == JR_BUILTIN_LETTERS ? (uint32_t)strlen(builtin->params) : param_count(builtin->type);
}

static struct jr_ty *letter_ty(struct jr_types *types, char letter)
{
    switch (letter) {
    case 's':
        return &types->string;
    case 'f':
        return jr_ty_function(types, &types->float_, &types->float_);
    case 't':
        return jr_ty_function(types, &types->unit_type, &types->float_);
    }
    return &types->float_;
}

/* One type, a tuple of several, or unit. */
static struct jr_ty *letters_ty(struct jr_types *types, const char *letters)
{
    uint32_t count = (uint32_t)strlen(letters);
    if (count == 0)
        return &types->unit_type;
    if (count == 1)
        return letter_ty(types, letters[0]);
    struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, count);
    for (uint32_t i = 0; i < count; i++)
        items[i] = letter_ty(types, letters[i]);
    return jr_ty_tuple(types, items, count);
}

static struct jr_ty *pair(struct jr_types *types, struct jr_ty *first, struct jr_ty *second)
{
    struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, 2);
    items[0] = first;
    items[1] = second;
    return jr_ty_tuple(types, items, 2);
}

static struct jr_ty *triple(struct jr_types *types, struct jr_ty *first, struct jr_ty *second,
                            struct jr_ty *third)
{
    struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, 3);
    items[0] = first;
    items[1] = second;
    items[2] = third;
    return jr_ty_tuple(types, items, 3);
}

/* {length: float, player: (float) -> float} */
static struct jr_ty *sample_record(struct jr_types *types)
{
    struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, 2);
    jr_symbol *keys = JR_UNIT_ARRAY(types->unit, jr_symbol, 2);
    keys[0] = jr_unit_symbol(types->unit, "length");
    items[0] = &types->float_;
    keys[1] = jr_unit_symbol(types->unit, "player");
    items[1] = jr_ty_function(types, &types->float_, &types->float_);
    return jr_ty_record(types, keys, items, 2);
}

struct jr_ty *jr_builtin_ty(struct jr_types *types, const struct jr_builtin *builtin, struct jr_ty **element)
{
    struct jr_ty *number = &types->float_, *string = &types->string, *param = number, *result = number;
    struct jr_ty *any = NULL, *array = NULL;
    switch (builtin->type) {
    case JR_BUILTIN_F_F:
        break;
    case JR_BUILTIN_FF_F:
        param = pair(types, number, number);
        break;
    case JR_BUILTIN_FFF_F:
        param = triple(types, number, number, number);
        break;
    case JR_BUILTIN_I_F:
        param = &types->int_;
        break;
    case JR_BUILTIN_U_F:
        param = &types->unit_type;
        break;
    case JR_BUILTIN_A_F:
    case JR_BUILTIN_AT_A:
    case JR_BUILTIN_TA_A:
    case JR_BUILTIN_A_PTA:
    case JR_BUILTIN_A_PAT:
        any = jr_ty_variable(types);
        array = jr_ty_array(types, any);
        param = array;
        if (builtin->type == JR_BUILTIN_AT_A)
            param = pair(types, array, any), result = array;
        else if (builtin->type == JR_BUILTIN_TA_A)
            param = pair(types, any, array), result = array;
        else if (builtin->type == JR_BUILTIN_A_PTA)
            result = pair(types, any, array);
        else if (builtin->type == JR_BUILTIN_A_PAT)
            result = pair(types, array, any);
        break;
    case JR_BUILTIN_FC_U:
        any = jr_ty_variable(types); /* what the task gives is ignored */
        param = pair(types, number, jr_ty_function(types, &types->unit_type, any));
        result = &types->unit_type;
        break;
    case JR_BUILTIN_T_KT:
        param = any = jr_ty_variable(types);
        result = jr_ty_code(types, any);
        break;
    case JR_BUILTIN_F_KF:
        result = jr_ty_code(types, number);
        break;
    case JR_BUILTIN_AF_KAF:
        param = jr_ty_array(types, number);
        result = jr_ty_code(types, param);
        break;
    case JR_BUILTIN_AKT_KAT:
        any = jr_ty_variable(types);
        param = jr_ty_array(types, jr_ty_code(types, any));
        result = jr_ty_code(types, jr_ty_array(types, any));
        break;
    case JR_BUILTIN_S_F:
        param = string;
        break;
    case JR_BUILTIN_F_S:
        result = string;
        break;
    case JR_BUILTIN_SF_S:
        param = pair(types, string, number), result = string;
        break;
    case JR_BUILTIN_SFF_S:
        param = triple(types, string, number, number), result = string;
        break;
    case JR_BUILTIN_SS_S:
        param = pair(types, string, string), result = string;
        break;
    case JR_BUILTIN_SS_F:
        param = pair(types, string, string);
        break;
    case JR_BUILTIN_ST_KT:
        any = jr_ty_variable(types);
        param = pair(types, string, any);
        result = jr_ty_code(types, any);
        break;
    case JR_BUILTIN_S_KCTT:
    case JR_BUILTIN_ST_KCTT:
        any = jr_ty_variable(types);
        param = builtin->type == JR_BUILTIN_S_KCTT ? string : pair(types, string, any);
        result = jr_ty_code(types, jr_ty_function(types, any, any));
        break;
    case JR_BUILTIN_S_KR:
        param = string;
        result = jr_ty_code(types, sample_record(types));
        break;
    case JR_BUILTIN_LETTERS:
        param = letters_ty(types, builtin->params);
        result = letters_ty(types, builtin->results);
        break;
    }
    if (element != NULL)
        *element = any;
    return jr_ty_function(types, param, result);
}
