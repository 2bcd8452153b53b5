/* fold.c -- instructions on constants, by the bodies that the interpreter runs: same bits by construction.
 *
 * The caller has set the floating-point mode of a run. */
#include "jit/specialise/internal.h"
#include "runtime/ops.h"

typedef int body_function(JR_OP_ARGS);

#define BODY_0(name) NULL
#define BODY_1(name) jr_op_##name
#define BODY(name) BODY_OF(JR_HAS_BODY(name), name)
#define BODY_OF(has, name) BODY_OF_(has, name)
#define BODY_OF_(has, name) BODY_##has(name)
static body_function *const bodies[JR_OP_COUNT] = {
#define JR_OP(name, ...) [JR_OP_##name] = BODY(name),
#include "ir/opcodes.def"
};

bool jr_fold_possible(enum jr_op op)
{
    const struct jr_op_info *info = &jr_op_infos[op];
    return info->format == JR_FORMAT_ABC && info->a == JR_OPERAND_D && info->b == JR_OPERAND_S &&
           (info->c == JR_OPERAND_S || info->c == JR_OPERAND__) &&
           (info->effects == JR_EFFECT_NONE || info->effects == JR_EFFECT_FAILS);
}

/* Their bodies would make an error object, here at the wrong time. */
static bool would_fail(enum jr_op op, uint64_t b, uint64_t c)
{
    switch (op) {
    case JR_OP_DIV_I64:
    case JR_OP_MOD_I64:
        return c == 0;
    case JR_OP_POW_I64:
        return (int64_t)c < 0;
    case JR_OP_LOG2_I64:
        return (int64_t)b <= 0;
    default:
        return (jr_op_infos[op].effects & JR_EFFECT_FAILS) != 0;
    }
}

bool jr_fold(struct jr_expand *x, enum jr_op op, uint64_t b, uint64_t c, uint64_t *result)
{
    uint64_t frame[3] = { 0, b, c };
    if (would_fail(op, b, c) || bodies[op](x->task, frame, NULL, NULL, 0, 1, 2, 0, 0) != JR_RUN_OK)
        return false;
    *result = frame[0];
    return true;
}

bool jr_fold_taken(struct jr_expand *x, enum jr_op op, uint64_t a)
{
    return bodies[op](x->task, &a, NULL, NULL, 0, 0, 0, 0, 0) != 0;
}
