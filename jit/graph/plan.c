/* plan.c -- a plan as a whole. */
#include "jit/graph/internal.h"

void jr_plan_destroy(struct jr_plan *plan)
{
    if (plan == NULL)
        return;
    struct jr_arena *arena = plan->arena;
    const struct jr_alloc *alloc = arena->alloc;
    jr_arena_fini(arena); /* the plan is in it */
    jr_alloc_free(alloc, arena, sizeof *arena);
}

enum jr_status jr_plan_make(const struct jr_residual *residual, const struct jr_alloc *alloc, struct jr_plan **out, char *reason)
{
    struct jr_arena *arena = jr_alloc_new(alloc, sizeof *arena);
    struct jr_planner p = { .alloc = alloc, .arena = arena, .reason = reason };
    enum jr_status status = JR_ERR_NO_MEMORY;
    *out = NULL;
    reason[0] = '\0';
    if (arena == NULL)
        return JR_ERR_NO_MEMORY;
    jr_arena_init(arena, alloc);
    jr_arena_init(&p.scratch, alloc);
    p.plan = JR_ARENA_NEW(arena, struct jr_plan);
    if (p.plan == NULL) {
        jr_alloc_free(alloc, arena, sizeof *arena);
        return JR_ERR_NO_MEMORY;
    }
    p.plan->arena = arena;
    p.graph = &p.plan->graph;
    JR_TRY(jr_graph_build(residual, alloc, arena, &p.plan->graph, reason));
    JR_TRY(jr_planner_find_cycles(&p));
    JR_TRY(jr_planner_make_stages(&p));
    *out = p.plan;
done:
    jr_arena_fini(&p.scratch);
    if (status != JR_OK)
        jr_plan_destroy(p.plan);
    return status;
}
