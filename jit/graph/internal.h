/* internal.h -- what the files of jit/graph share.
 *
 *   make.c     nodes: equal ones are one, trivial ones are none
 *   build.c    the residual function, block by block
 *   step.c     one instruction
 *   meet.c     where paths meet
 *   range.c    what a word may be as binary64
 *   cycles.c   recurrences, and how many frames a chunk may have
 *   cost.c     what nodes cost
 *   shapes.c   recurrences of one shape, and those with a form of their own
 *   pipeline.c chains of recurrences of one shape
 *   units.c    which recurrences are computed together
 *   times.c    when each node is computed
 *   rolled.c   many equal pieces of a vector stage
 *   stages.c   the stages, and what passes between them
 *   print.c    the plan as text
 *
 * Slots.  While a function is being built, env[slot] is the node that stands there:
 *
 *   | registers | outputs | charge | variables ... |
 *
 * JR_NONE in the slot of a variable: as it was when the frame began.  Blocks are walked in the order of the dominator tree; what a block does to
 * env is undone when its subtree is done, and kept in writes[block] for the blocks where paths meet. */
#ifndef JR_JIT_GRAPH_INTERNAL_H
#define JR_JIT_GRAPH_INTERNAL_H

#include "ir/base/alloc.h"
#include "ir/base/arena.h"
#include "ir/base/index_map.h"
#include "ir/base/vec.h"
#include "ir/module.h"
#include "jit/flow.h"
#include "jit/graph/plan.h"

enum { MOST_NODES = 60000 };

/* ---- make.c ---- */

struct jr_maker {
    const struct jr_alloc *alloc;
    JR_VEC(struct jr_node) nodes;
    struct jr_index_map map;
    enum jr_status status; /* of the first thing that failed; nodes made afterwards are node 0 */
    uint32_t pc;           /* of nodes that are made */
};

enum jr_status jr_maker_init(struct jr_maker *maker, const struct jr_alloc *alloc);
void jr_maker_fini(struct jr_maker *maker);
uint32_t jr_make_const(struct jr_maker *maker, uint64_t word);
uint32_t jr_make_leaf(struct jr_maker *maker, enum jr_node_kind kind, uint32_t index); /* INPUT, NOW, BEFORE */
uint32_t jr_make_op(struct jr_maker *maker, enum jr_op op, uint32_t a, uint32_t b);    /* b: JR_NONE for one operand */
uint32_t jr_make_at(struct jr_maker *maker, enum jr_node_kind kind, uint32_t index, uint32_t a); /* ELEMENT, READ */
uint32_t jr_make_compare(struct jr_maker *maker, enum jr_op op, uint32_t a, uint32_t b);
uint32_t jr_make_is_true(struct jr_maker *maker, uint32_t word); /* truth: greater than zero */
uint32_t jr_make_not(struct jr_maker *maker, uint32_t a);
uint32_t jr_make_and(struct jr_maker *maker, uint32_t a, uint32_t b);
uint32_t jr_make_or(struct jr_maker *maker, uint32_t a, uint32_t b);
uint32_t jr_make_truth(struct jr_maker *maker, uint32_t a); /* a word of a truth */
uint32_t jr_make_select(struct jr_maker *maker, uint32_t condition, uint32_t a, uint32_t b);

/* ---- build.c, meet.c ---- */

struct jr_write {
    uint32_t slot, node;
};

struct jr_region_write {
    uint32_t slot, block, node;
};

struct jr_builder_block {
    uint32_t idom;
    uint32_t first_child, next_child; /* of the dominator tree, ascending; JR_NONE ends the list */
    uint32_t first_pred, pred_count;  /* in preds */
    uint32_t first_write, write_count;
    uint32_t condition;   /* truth node: goes to `taken`; JR_NONE if there is no choice, or a switch */
    uint32_t taken, next; /* blocks; JR_NONE */
    uint32_t table, value; /* SWITCH: index of the table; node */
    uint32_t stamp;       /* meet.c */
    uint32_t at_end, arrived; /* meet.c */
    bool reached, always; /* always: in every frame */
};

struct jr_builder {
    const struct jr_residual *residual;
    const struct jr_function *function;
    const struct jr_alloc *alloc;
    struct jr_arena *arena; /* of the graph */
    struct jr_arena scratch;
    struct jr_graph *graph;
    char *reason;
    struct jr_flow flow;
    struct jr_maker maker;
    struct jr_builder_block *blocks; /* flow.block_count of them, then the exit */
    uint32_t exit;
    uint32_t *preds;
    uint32_t output_slot, charge_slot, variable_slot;
    JR_VEC(uint32_t) env;
    JR_VEC(struct jr_write) undo;   /* slot, node before */
    JR_VEC(struct jr_write) writes; /* of all blocks done */
    JR_VEC(struct jr_variable) variables;
    struct jr_index_map variable_map;
    JR_VEC(struct jr_line) lines;
    JR_VEC(struct jr_graph_array) arrays;
    /* meet.c */
    uint32_t stamp;
    bool meets_charge;
    JR_VEC(uint32_t) region;
    JR_VEC(struct jr_region_write) region_writes;
};

__attribute__((format(printf, 2, 3))) enum jr_status jr_graph_refuse(char *reason, const char *format, ...);
/* Sets a slot; the end of the block's subtree undoes it. */
enum jr_status jr_builder_set(struct jr_builder *b, uint32_t slot, uint32_t node);
/* The node in the slot; that of a variable is made if it is needed first. */
uint32_t jr_builder_get(struct jr_builder *b, uint32_t slot, uint32_t node);
/* The charge as a node and a constant: the node, or JR_NONE. */
uint32_t jr_builder_split_charge(const struct jr_builder *b, uint32_t node, uint64_t *constant);
/* step.c: one instruction that goes on to the next. */
enum jr_status jr_builder_step(struct jr_builder *b, const struct jr_builder_block *block, const struct jr_instr *in);
/* meet.c: env at the beginning of a block with several ways to it. */
enum jr_status jr_builder_meet(struct jr_builder *b, uint32_t block);

/* ---- range.c ---- */

/* low and high of every node; least and most of every line. */
void jr_graph_find_ranges(struct jr_graph *graph);

/* ---- planning ---- */

/* Time.  Stages alternate: vector stages at even times, stages that go frame by frame at odd ones. */
struct jr_planner {
    struct jr_plan *plan;
    const struct jr_graph *graph;
    const struct jr_alloc *alloc;
    struct jr_arena *arena; /* of the plan */
    struct jr_arena scratch;
    char *reason;
    /* cycles.c: per node its component; a component comes after those it depends on, in earlier frames, too */
    uint32_t *component;
    uint32_t component_count;
    bool *recurrent; /* per component */
    uint32_t *order; /* nodes by component, then by index */
    /* per node */
    uint32_t *unit; /* what is computed frame by frame together; JR_NONE: nothing waits for the frame before */
    uint32_t *time; /* times.c */
    uint32_t unit_count;
    struct jr_unit *units;
    struct jr_rolled_node *rolled; /* rolled.c's, per node */
    uint32_t rolled_stamp;
};

/* What is computed frame by frame together: at first each recurrence is a unit of its own. */
struct jr_unit {
    enum jr_stage_kind kind; /* SEQUENCE unless shapes.c finds something better */
    uint32_t first, count;   /* of a recurrence: its nodes are p->order[first ..) */
    uint64_t shape;          /* hash: recurrences of one shape have the same */
    uint32_t latency;        /* of the longest way through it, in quarters of a cycle */
    uint32_t work;           /* cost.c: quarters of a cycle a frame */
    bool merged;             /* its nodes belong to another unit now */
    struct jr_lanes lanes;   /* PIPELINE */
};

/* The k-th node that this one waits for, of this frame or of an earlier one of the chunk; JR_NONE: there are no more. */
static inline uint32_t jr_planner_dependency(const struct jr_planner *p, uint32_t index, uint32_t k)
{
    const struct jr_node *node = &p->graph->nodes[index];
    if (k > 2)
        return JR_NONE;
    if (node->kind == JR_NODE_BEFORE)
        return k == 0 ? p->graph->variables[node->index].after : JR_NONE;
    if (node->kind == JR_NODE_READ && k == 1) {
        const struct jr_line *line = &p->graph->lines[node->index];
        return line->least < p->plan->chunk ? line->input : JR_NONE;
    }
    return node->operands[k];
}

/* CONST, NOW, and variables that no frame writes: at hand in every stage. */
bool jr_planner_is_leaf(const struct jr_planner *p, uint32_t node);

/* cycles.c: recurrences, and the frames of a chunk. */
enum jr_status jr_planner_find_cycles(struct jr_planner *p);
/* times.c: when each node is computed, from what it waits for and, for nodes of no unit, from who waits for it. */
enum jr_status jr_planner_find_earliest(struct jr_planner *p);
enum jr_status jr_planner_move_late(struct jr_planner *p);
/* units.c: which recurrences are computed together.  Needs the earliest times, finds them anew. */
enum jr_status jr_planner_make_units(struct jr_planner *p);
/* pipeline.c: chains of recurrences of one shape become PIPELINE units. */
enum jr_status jr_planner_find_pipelines(struct jr_planner *p, bool *found);
/* Whether nothing outside waits for the nodes that `chosen` marks and is waited for by them. */
enum jr_status jr_planner_is_convex(struct jr_planner *p, const bool *chosen, bool *convex);
/* shapes.c: fills sources and afters of lanes, whose nodes are given, in the plan's arena. */
enum jr_status jr_lanes_describe(struct jr_planner *p, struct jr_lanes *lanes);
/* Whether the unit is the recurrence x' = (x + step) mod m, or x' = (x * a + c) mod 2^k. */
bool jr_unit_is_phase(const struct jr_planner *p, const struct jr_unit *unit);
bool jr_unit_is_random(const struct jr_planner *p, const struct jr_unit *unit, double *factor, double *addend, double *modulus);
void jr_lanes_random(const struct jr_planner *p, const struct jr_lanes *lanes, double *factor, double *addend, double *modulus);
/* Whether two recurrences have one shape: nodes, operands inside and variables correspond. */
bool jr_unit_same_shape(const struct jr_planner *p, const struct jr_unit *a, const struct jr_unit *b);
/* rolled.c: the nodes of a vector stage, what is waited for first, as one stage or, with ROLLED ones among them, several.  `needs_first`: the first is a
 * VECTOR stage, even an empty one. */
enum jr_status jr_planner_add_vector(struct jr_planner *p, const uint32_t *nodes, uint32_t count, bool needs_first);
/* stages.c: one more stage, which is copied with its `nodes`. */
enum jr_status jr_planner_add_stage(struct jr_planner *p, struct jr_stage stage, const uint32_t *nodes);
/* stages.c: everything else of the plan. */
enum jr_status jr_planner_make_stages(struct jr_planner *p);

/* cost.c: quarters of a cycle: until the result can be used; of a frame alone; of a frame as one of a vector. */
uint32_t jr_cost_latency(const struct jr_node *node);
uint32_t jr_cost_scalar(const struct jr_node *node);
uint32_t jr_cost_vector(const struct jr_node *node);

#endif
