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
        return 1;
    case JR_BUILTIN_FF_F:
    case JR_BUILTIN_AT_A:
    case JR_BUILTIN_TA_A:
    case JR_BUILTIN_FC_U:
        return 2;
    case JR_BUILTIN_FFF_F:
        return 3;
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

/* Functions that only run while a program is compiled. */
static const char *const macro_names[] = {
    "lift",       "lift_f", "lift_arrayf", "lift_array_code", "str_length",    "str_take",      "str_drop",
    "str_concat", "str_eq", "str_slice",   "str_char_at",     "str_to_number", "number_to_str",
};

const struct jr_builtin *jr_builtin_at(enum jr_builtin_index index)
{
    return &builtins[index];
}

const struct jr_builtin *jr_builtin_find(const char *name)
{
    for (uint32_t i = 0; i < JR_BUILTIN_COUNT; i++)
        if (strcmp(builtins[i].name, name) == 0)
            return &builtins[i];
    return NULL;
}

bool jr_builtin_is_macro(const char *name)
{
    for (size_t i = 0; i < sizeof macro_names / sizeof *macro_names; i++)
        if (strcmp(macro_names[i], name) == 0)
            return true;
    return false;
}

uint32_t jr_builtin_param_count(const struct jr_builtin *builtin)
{
    return param_count(builtin->type);
}

static struct jr_ty *pair(struct jr_types *types, struct jr_ty *first, struct jr_ty *second)
{
    struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, 2);
    items[0] = first;
    items[1] = second;
    return jr_ty_tuple(types, items, 2);
}

struct jr_ty *jr_builtin_ty(struct jr_types *types, const struct jr_builtin *builtin, struct jr_ty **element)
{
    struct jr_ty *number = &types->float_, *param = number, *result = number, *any = NULL, *array = NULL;
    switch (builtin->type) {
    case JR_BUILTIN_F_F:
        break;
    case JR_BUILTIN_FF_F:
        param = pair(types, number, number);
        break;
    case JR_BUILTIN_FFF_F: {
        struct jr_ty **items = JR_UNIT_ARRAY(types->unit, struct jr_ty *, 3);
        items[0] = items[1] = items[2] = number;
        param = jr_ty_tuple(types, items, 3);
        break;
    }
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
    }
    if (element != NULL)
        *element = any;
    return jr_ty_function(types, param, result);
}
