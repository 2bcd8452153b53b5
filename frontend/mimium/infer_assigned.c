/* infer_assigned.c -- which names are the target of some assignment.
 *
 * A lambda bound by let is generalised only if its name is none of them.  Going by the name alone is coarse, but it is
 * known before inference reaches the assignment. */
#include "frontend/mimium/infer_internal.h"

static void visit(struct jr_infer *in, const struct jr_mm_expr *expr);

static void visit_list(struct jr_infer *in, const struct jr_mm_exprs *exprs)
{
    for (uint32_t i = 0; i < exprs->count; i++)
        visit(in, exprs->items[i]);
}

static void visit_fields(struct jr_infer *in, const struct jr_mm_fields *fields)
{
    for (uint32_t i = 0; i < fields->count; i++)
        visit(in, fields->items[i].value);
}

static void visit_stmts(struct jr_infer *in, const struct jr_mm_stmts *stmts)
{
    for (uint32_t i = 0; i < stmts->count; i++) {
        const struct jr_mm_stmt *stmt = stmts->items[i];
        switch (stmt->kind) {
        case JR_MM_STMT_FUNCTION:
            visit(in, stmt->as.function.body);
            break;
        case JR_MM_STMT_LET:
            visit(in, stmt->as.let.value);
            break;
        case JR_MM_STMT_LETREC:
            visit(in, stmt->as.letrec.value);
            break;
        case JR_MM_STMT_EXPR:
            visit(in, stmt->as.expr);
            break;
        case JR_MM_STMT_MODULE:
            visit_stmts(in, &stmt->as.module.body);
            break;
        case JR_MM_STMT_INCLUDE:
        case JR_MM_STMT_STAGE:
        case JR_MM_STMT_USE:
        case JR_MM_STMT_SUM:
        case JR_MM_STMT_ALIAS:
            break;
        }
    }
}

static void visit(struct jr_infer *in, const struct jr_mm_expr *expr)
{
    if (expr == NULL)
        return;
    switch (expr->kind) {
    case JR_MM_EXPR_ERROR:
    case JR_MM_EXPR_NUMBER:
    case JR_MM_EXPR_STRING:
    case JR_MM_EXPR_SELF:
    case JR_MM_EXPR_NOW:
    case JR_MM_EXPR_SAMPLERATE:
    case JR_MM_EXPR_PLACEHOLDER:
    case JR_MM_EXPR_NAME:
        break;
    case JR_MM_EXPR_UNARY:
        visit(in, expr->as.unary.operand);
        break;
    case JR_MM_EXPR_BINARY:
        visit(in, expr->as.binary.left);
        visit(in, expr->as.binary.right);
        break;
    case JR_MM_EXPR_PIPE:
    case JR_MM_EXPR_MACRO_PIPE:
        visit(in, expr->as.pipe.value);
        visit(in, expr->as.pipe.function);
        break;
    case JR_MM_EXPR_ASSIGN: {
        const struct jr_mm_expr *target = expr->as.assign.target;
        while (target->kind == JR_MM_EXPR_FIELD || target->kind == JR_MM_EXPR_EXPANSION)
            target = target->kind == JR_MM_EXPR_FIELD ? target->as.field.object : target->as.expansion;
        if (target->kind == JR_MM_EXPR_NAME && target->as.name.count == 1)
            in->assigned_names[target->as.name.names[0].symbol] = true;
        visit(in, target);
        visit(in, expr->as.assign.value);
        break;
    }
    case JR_MM_EXPR_QUOTE:
        visit(in, expr->as.quote);
        break;
    case JR_MM_EXPR_SPLICE:
        visit(in, expr->as.splice);
        break;
    case JR_MM_EXPR_EXPANSION:
        visit(in, expr->as.expansion);
        break;
    case JR_MM_EXPR_CALL:
        visit(in, expr->as.call.callee);
        visit_list(in, &expr->as.call.args);
        break;
    case JR_MM_EXPR_MACRO_CALL:
        visit_list(in, &expr->as.macro_call.args);
        break;
    case JR_MM_EXPR_FIELD:
        visit(in, expr->as.field.object);
        break;
    case JR_MM_EXPR_PROJECT:
        visit(in, expr->as.project.tuple);
        break;
    case JR_MM_EXPR_INDEX:
        visit(in, expr->as.index.array);
        visit(in, expr->as.index.index);
        break;
    case JR_MM_EXPR_LAMBDA:
        visit(in, expr->as.lambda.body);
        break;
    case JR_MM_EXPR_ARRAY:
        visit_list(in, &expr->as.array);
        break;
    case JR_MM_EXPR_TUPLE:
        visit_list(in, &expr->as.tuple);
        break;
    case JR_MM_EXPR_RECORD:
        visit_fields(in, &expr->as.record.fields);
        break;
    case JR_MM_EXPR_UPDATE:
        visit(in, expr->as.update.base);
        visit_fields(in, &expr->as.update.fields);
        break;
    case JR_MM_EXPR_BLOCK:
        visit_stmts(in, &expr->as.block);
        break;
    case JR_MM_EXPR_IF:
        visit(in, expr->as.if_.condition);
        visit(in, expr->as.if_.then_branch);
        visit(in, expr->as.if_.else_branch);
        break;
    case JR_MM_EXPR_MATCH:
        visit(in, expr->as.match.subject);
        for (uint32_t i = 0; i < expr->as.match.arm_count; i++)
            visit(in, expr->as.match.arms[i].body);
        break;
    }
}

void jr_infer_collect_assigned(struct jr_infer *in, const struct jr_mm_program *program)
{
    visit_stmts(in, &program->stmts);
}
