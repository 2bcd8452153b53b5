/* ast.c -- making nodes. */
#include "frontend/mimium/ast.h"

#include "ir/base/arena.h"

static void start_node(struct jr_mm_ast *ast, struct jr_mm_node *node, struct jr_span span)
{
    node->id = ast->node_count++;
    node->height = 1;
    node->span = span;
}

struct jr_mm_type *jr_mm_type_new(struct jr_mm_ast *ast, enum jr_mm_type_kind kind, struct jr_span span)
{
    struct jr_mm_type *type = JR_ARENA_NEW(ast->arena, struct jr_mm_type);
    if (type != NULL) {
        start_node(ast, &type->node, span);
        type->kind = kind;
    }
    return type;
}

struct jr_mm_pattern *jr_mm_pattern_new(struct jr_mm_ast *ast, enum jr_mm_pattern_kind kind,
                                        struct jr_span span)
{
    struct jr_mm_pattern *pattern = JR_ARENA_NEW(ast->arena, struct jr_mm_pattern);
    if (pattern != NULL) {
        start_node(ast, &pattern->node, span);
        pattern->kind = kind;
    }
    return pattern;
}

struct jr_mm_expr *jr_mm_expr_new(struct jr_mm_ast *ast, enum jr_mm_expr_kind kind, struct jr_span span)
{
    struct jr_mm_expr *expr = JR_ARENA_NEW(ast->arena, struct jr_mm_expr);
    if (expr != NULL) {
        start_node(ast, &expr->node, span);
        expr->kind = kind;
    }
    return expr;
}

struct jr_mm_param *jr_mm_param_new(struct jr_mm_ast *ast, struct jr_mm_name name, struct jr_span span)
{
    struct jr_mm_param *param = JR_ARENA_NEW(ast->arena, struct jr_mm_param);
    if (param != NULL) {
        start_node(ast, &param->node, span);
        param->name = name;
    }
    return param;
}

struct jr_mm_stmt *jr_mm_stmt_new(struct jr_mm_ast *ast, enum jr_mm_stmt_kind kind, struct jr_span span)
{
    struct jr_mm_stmt *stmt = JR_ARENA_NEW(ast->arena, struct jr_mm_stmt);
    if (stmt != NULL) {
        start_node(ast, &stmt->node, span);
        stmt->kind = kind;
    }
    return stmt;
}

const char *jr_mm_binary_op_text(enum jr_mm_binary_op op)
{
    switch (op) {
#define JR_MM_X(name, token, level) \
    case JR_MM_OP_##name:           \
        return token;
        JR_MM_BINARY_OPS(JR_MM_X)
#undef JR_MM_X
    }
    return "?";
}

const struct jr_mm_expr *jr_mm_lambda_of(const struct jr_mm_expr *expr)
{
    for (;;) {
        if (expr->kind == JR_MM_EXPR_EXPANSION) {
            expr = expr->as.expansion;
        } else if (expr->kind == JR_MM_EXPR_BLOCK && expr->as.block.count == 1 &&
                   expr->as.block.items[0]->kind == JR_MM_STMT_EXPR) {
            expr = expr->as.block.items[0]->as.expr;
        } else {
            return expr->kind == JR_MM_EXPR_LAMBDA ? expr : NULL;
        }
    }
}
