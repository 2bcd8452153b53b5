/* emit_const.c -- the constants of a loop: made once, before it.
 *
 * A function that calls itself last is a loop, and the numbers its operators take would otherwise be made again at each turn.
 * Only operands of operators count; a constant that becomes a variable or an argument is made where it goes. */
#include "frontend/mimium/emit_internal.h"

#include <string.h>

/* More than these stay where they are. */
enum { CONSTANTS_MAX = 16 };

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

bool jr_emit_find_constant(const struct jr_frame *fr, double value, uint32_t *reg)
{
    for (uint32_t i = 0; i < fr->constants.count; i++)
        if (fr->constants.items[i].bits == bits_of(value)) {
            *reg = fr->constants.items[i].reg;
            return true;
        }
    return false;
}

static void visit(struct jr_frame *fr, const struct jr_core *node);

static void visit_list(struct jr_frame *fr, const struct jr_core_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        visit(fr, list->items[i]);
}

static void visit_op(struct jr_frame *fr, const struct jr_core *node)
{
    bool plain =
        node->as.op.builtin->form == JR_BUILTIN_UNARY || node->as.op.builtin->form == JR_BUILTIN_BINARY;
    for (uint32_t i = 0; i < node->as.op.args.count; i++) {
        const struct jr_core *arg = node->as.op.args.items[i];
        uint32_t reg;
        if (arg->kind != JR_CORE_NUMBER) {
            visit(fr, arg);
        } else if (plain && fr->constants.count < CONSTANTS_MAX &&
                   !jr_emit_find_constant(fr, arg->as.number, &reg)) {
            struct jr_constant constant = { bits_of(arg->as.number), jr_emit_alloc(fr, 1) };
            jr_emit_at(fr, arg->span);
            jr_builder_const_f64(fr->b, fr->f, constant.reg, arg->as.number);
            JR_UNIT_PUSH(fr->em->unit, &fr->constants, constant);
        }
    }
}

static void visit(struct jr_frame *fr, const struct jr_core *node)
{
    switch (node->kind) {
    case JR_CORE_ERROR:
    case JR_CORE_NUMBER:
    case JR_CORE_STRING:
    case JR_CORE_VARIABLE:
    case JR_CORE_SELF:
    case JR_CORE_LAMBDA: /* a function of its own */
        break;
    case JR_CORE_OP:
        visit_op(fr, node);
        break;
    case JR_CORE_CALL:
        visit(fr, node->as.call.callee);
        visit_list(fr, &node->as.call.args);
        break;
    case JR_CORE_INLINE:
        visit_list(fr, &node->as.inline_.args);
        visit(fr, node->as.inline_.fn->body);
        break;
    case JR_CORE_TUPLE:
    case JR_CORE_ARRAY:
        visit_list(fr, &node->as.list);
        break;
    case JR_CORE_RECORD:
        visit_list(fr, &node->as.record.values);
        break;
    case JR_CORE_PROJECT:
        visit(fr, node->as.project.object);
        break;
    case JR_CORE_FIELD:
        visit(fr, node->as.field.object);
        break;
    case JR_CORE_UPDATE:
        visit(fr, node->as.update.base);
        visit_list(fr, &node->as.update.values);
        break;
    case JR_CORE_INDEX:
        visit(fr, node->as.index.array);
        visit(fr, node->as.index.index);
        break;
    case JR_CORE_IF:
        visit(fr, node->as.if_.condition);
        visit(fr, node->as.if_.then_branch);
        if (node->as.if_.else_branch != NULL)
            visit(fr, node->as.if_.else_branch);
        break;
    case JR_CORE_BLOCK:
        visit_list(fr, &node->as.block.items);
        break;
    case JR_CORE_LET:
        visit(fr, node->as.let.value);
        break;
    case JR_CORE_ASSIGN:
        visit(fr, node->as.assign.value);
        break;
    case JR_CORE_COERCE:
        visit(fr, node->as.coerce);
        break;
    case JR_CORE_CONSTRUCT:
        visit_list(fr, &node->as.construct.args);
        break;
    case JR_CORE_MATCH:
        visit(fr, node->as.match.subject);
        visit_list(fr, &node->as.match.bodies);
        break;
    }
}

void jr_emit_loop_constants(struct jr_frame *fr)
{
    visit(fr, fr->fn->body);
}
