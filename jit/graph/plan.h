/* plan.h -- how a chunk of frames of a specialised dsp is rendered in stages.  No LLVM in it.
 *
 * A block is rendered chunk by chunk, n = min(chunk, frames left, budget / fuel_at_most) frames at a time.  A chunk runs the stages in order,
 * each of them for all n frames before the next begins:
 *
 *   VECTOR     its nodes for VECTOR_FRAMES frames at a time: nothing in it waits for the frame before
 *   SEQUENCE   its nodes frame by frame: recurrences, side by side
 *   PACK       several recurrences of one shape frame by frame, as lanes of vectors
 *   PIPELINE   a chain of recurrences of one shape as lanes of vectors: lane j does frame t - j in round t, of n + lanes - 1 rounds
 *   PHASE      recurrences x' = (x + step) mod m, one per lane
 *   RANDOM     recurrences x' = (x * a + c) mod 2^k over integers, one per lane
 *   ROLLED     many equal pieces of a VECTOR stage, one per lane: the same code with other constants, variables and arrays
 *
 * What passes between stages lies in arrays of `chunk` words, element i of frame i, with JR_PLAN_MARGIN words before element 0.  A stage reads operands
 *
 *   from itself      nodes that it computes, this frame's
 *   from arrays      node_array[node]: nodes of earlier stages
 *   at once          leaves: CONST, NOW, and BEFORE of CONSTANT variables; they belong to no stage.  (INPUT belongs to stage 0.)
 *
 * BEFORE of a DELAYED variable is element i - 1 of variable_array, where element -1 is put when the chunk begins: the variable's own value.  The stage of its AFTER
 * stores it there, in the same stage before the BEFORE or in an earlier one.
 *
 * READ in frame i with distance d (in 1 .. length; d of time 0 is length) is element i - d of line_array if the line is `fresh` and d <= i; else sample
 * (w + i - d) mod length of the line, w being the write index when the chunk begins.  So the samples that the chunk feeds must not be in the ring
 * before the chunk's READs have been done: at the end of the chunk the last min(n, length) elements of line_array go there, and w becomes (w + n) mod length.
 * Where `direct` is set, no READ of the line comes after the VECTOR or SEQUENCE that computes its input, and none is fresh: that stage may write the samples into the ring itself, once it has
 * read those of the same frames (a sample that a frame overwrites is read by no later frame).
 *
 * Order within a frame, or the frames of one vector: leaves are stored first; nodes in the order of the list; each is stored into its arrays as soon as it is
 * known; outputs when all nodes are done, so that a caller may have input and output in one place.
 *
 * Frames beyond n.  VECTOR and ROLLED stages compute whole vectors, so arrays hold values also of frames that do not exist, up to the next multiple of
 * VECTOR_FRAMES.  Ranges of nodes (graph.h) hold for them, too: stages that go frame by frame fill up what they store with their last value.
 * Only arrays may be written for such frames.
 *
 * The end of a chunk gives each variable its value of frame n - 1. */
#ifndef JR_JIT_GRAPH_PLAN_H
#define JR_JIT_GRAPH_PLAN_H

#include <stdint.h>

#include "jit/graph/graph.h"

struct jr_sb;

enum { JR_PLAN_VECTOR_FRAMES = 8, JR_PLAN_MARGIN = 8, JR_PLAN_MOST_FRAMES = 64 };

enum jr_stage_kind {
    JR_STAGE_VECTOR,
    JR_STAGE_SEQUENCE,
    JR_STAGE_PACK,
    JR_STAGE_PIPELINE,
    JR_STAGE_PHASE,
    JR_STAGE_RANDOM,
    JR_STAGE_ROLLED,
};

/* The node goes into an array, or to an output channel. */
struct jr_store {
    uint32_t node;
    bool is_output;
    uint32_t index; /* array or channel */
};

/* Where an operand of a position of lanes comes from. */
enum jr_source_kind {
    JR_SOURCE_NONE,
    JR_SOURCE_INSIDE,   /* `position` of the same lane, earlier in the row; frame by frame also this frame's */
    JR_SOURCE_PREVIOUS, /* `position` of the lane before, of the same frame; lane 0: a node from outside */
    JR_SOURCE_UNIFORM,  /* one node from outside for all lanes */
    JR_SOURCE_CONSTANT, /* a CONST, which may differ from lane to lane */
    JR_SOURCE_OUTSIDE,  /* nodes from outside, which differ from lane to lane */
};
struct jr_source {
    enum jr_source_kind kind;
    uint32_t position; /* INSIDE, PREVIOUS */
};

/* Nodes of one shape.  Row `lane`, column `position`: nodes[lane * position_count + position].  Columns have one kind and op and are in order of
 * evaluation; `index` of BEFORE, READ and ELEMENT differs from lane to lane.  The AFTER of a BEFORE in a row is in the same row, in the
 * column afters[position] (else, and for other nodes, JR_NONE). */
struct jr_lanes {
    uint32_t lane_count, position_count;
    uint32_t *nodes;
    struct jr_source (*sources)[3]; /* per position and operand */
    uint32_t *afters;               /* per position */
};

struct jr_stage {
    enum jr_stage_kind kind;
    /* VECTOR, SEQUENCE: the nodes in order of evaluation.  Others: none */
    uint32_t node_count;
    uint32_t *nodes;
    struct jr_lanes lanes; /* the other kinds; lane_count 0 otherwise */
    /* What leaves it, in no order; a leaf is stored by a VECTOR stage. */
    uint32_t store_count;
    struct jr_store *stores;
    /* PHASE, in the row {BEFORE, the sum, MOD}: which operand of the sum is the step; the other is BEFORE.
     * RANDOM, in the row {BEFORE, product, sum, MOD} or {BEFORE, product, MOD}, all lanes with these constants: integers, and if x is an integer in
     * [0, modulus), but not -0.0, then all its successors are, too, and products and sums are exact, below 2^53. */
    uint32_t step_operand;
    double factor, addend, modulus;
};

/* All nodes that it computes, in order. */
static inline uint32_t jr_stage_node_count(const struct jr_stage *stage)
{
    return stage->node_count + stage->lanes.lane_count * stage->lanes.position_count;
}
static inline uint32_t jr_stage_node(const struct jr_stage *stage, uint32_t i)
{
    return i < stage->node_count ? stage->nodes[i] : stage->lanes.nodes[i - stage->node_count];
}

enum jr_variable_form {
    JR_FORM_CONSTANT, /* no frame writes it */
    JR_FORM_CARRIED,  /* BEFORE and AFTER are in one stage that goes frame by frame, variable_stage */
    JR_FORM_DELAYED,  /* read in the frame after: variable_array */
    JR_FORM_LAST,     /* no frame reads it: AFTER of the last frame is its value.  In variable_array; or, if that is JR_NONE, whatever
                         variable_stage (frame by frame) computed last */
};

struct jr_plan {
    struct jr_graph graph;
    uint32_t chunk; /* frames of a whole chunk: a multiple of VECTOR_FRAMES, at most MOST_FRAMES */
    uint32_t stage_count;
    struct jr_stage *stages;
    uint32_t array_count; /* arrays are used again by later stages once all their readers are done */
    uint32_t *node_stage; /* per node; JR_NONE: a leaf, or not needed */
    uint32_t *node_array; /* per node; JR_NONE: stays inside its stage */
    enum jr_variable_form *variable_form;
    uint32_t *variable_array; /* DELAYED, LAST; else JR_NONE */
    uint32_t *variable_stage; /* CARRIED, LAST; else JR_NONE */
    uint32_t *line_array;     /* holds the line's input until the end of the chunk; JR_NONE if `direct` */
    bool *line_fresh, *line_direct;
    struct jr_arena *arena; /* owns all of it */
};

/* Plans a residual program.  Whatever thread; a plan is constant once made.
 *
 * JR_OK               *out is the caller's, who ends it with jr_plan_destroy before the residual program
 * JR_ERR_UNSUPPORTED  frame by frame is the better way, or the only one; `reason` (JR_PLAN_REASON_BYTES) tells why, for a user
 * JR_ERR_NO_MEMORY */
enum jr_status jr_plan_make(const struct jr_residual *residual, const struct jr_alloc *alloc, struct jr_plan **out, char *reason);
void jr_plan_destroy(struct jr_plan *plan); /* NULL is allowed */

/* Readable text: graph, recurrences, delay times, stages. */
void jr_plan_print(const struct jr_plan *plan, struct jr_sb *out);

#endif
