/* lower_plan.h -- a plan (jit/graph/plan.h) becomes code that renders a block in chunks, stage by stage.
 *
 *   lower_plan.c        the function, the loop over chunks, what lives from chunk to chunk
 *   lower_plan_stage.c  the loop of a stage, arrays between stages
 *   lower_plan_node.c   one node, on a vector of frames or on one frame
 *   lower_plan_line.c   delay lines
 *   lower_plan_lanes.c  PIPELINE, lanes of vectors
 *   lower_plan_phase.c  PHASE and RANDOM, several frames of a recurrence at once */
#ifndef JR_JIT_LLVM_LOWER_PLAN_H
#define JR_JIT_LLVM_LOWER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include <llvm-c/Types.h>

#include "jit/graph/plan.h"
#include "jit/llvm/lower.h"

struct jr_plan_lowering {
    struct jr_lower_context *shared;
    struct jr_lower_target *target;
    const struct jr_residual *residual;
    const struct jr_plan *plan;
    const struct jr_graph *graph;
    struct jr_widener *widener; /* its width is that of the stage being lowered */
    unsigned lanes;             /* width of VECTOR stages */
    LLVMValueRef code, task, state, block;
    LLVMMetadataRef scope; /* of debug locations */

    LLVMValueRef arrays;     /* alloca: those of the plan, then inputs, then outputs */
    uint32_t stride;         /* words of each */
    uint32_t inputs, outputs; /* number of the first of these */
    LLVMValueRef *variables; /* alloca of each that is written; of others the value, loaded when the block begins */
    uint32_t *line_stage;    /* per line: what computes its input */
    LLVMValueRef *words;     /* per variable: scratch */
    LLVMValueRef *groups;    /* alloca per group: write index when the chunk begins */

    LLVMValueRef frames; /* i64: frames of this chunk */
    LLVMValueRef first;  /* i64: number of its first frame */

    uint32_t stage;
    LLVMValueRef frame;   /* i64: of the frame, or the first of the vector, within the chunk */
    LLVMValueRef *previous; /* per variable: phi of the vector of frames before this one; NULL: its BEFORE is in memory */
    LLVMValueRef *values; /* per node: what the stage being lowered has computed, else NULL */
    uint32_t in_place;    /* copies of mathematics made for stages that go frame by frame */
};

/* Adds the code of a residual function to the target under `name`. */
void jr_lower_plan(struct jr_lower_context *shared, struct jr_lower_target *target, const struct jr_residual *residual,
                   const struct jr_plan *plan, const char *name);

/* ---- between the files ---- */

LLVMValueRef jr_plan_i64(const struct jr_plan_lowering *lp, uint64_t value);
LLVMValueRef jr_plan_word_at(const struct jr_plan_lowering *lp, LLVMValueRef base, LLVMValueRef index);
LLVMValueRef jr_plan_bytes_at(const struct jr_plan_lowering *lp, LLVMValueRef base, uint64_t offset);
/* Address of element 0 of an array; of element `index`. */
LLVMValueRef jr_plan_array(const struct jr_plan_lowering *lp, uint32_t array);
LLVMValueRef jr_plan_element(const struct jr_plan_lowering *lp, uint32_t array, LLVMValueRef index);
/* A wide word; memory is aligned to words only. */
LLVMValueRef jr_plan_load(const struct jr_plan_lowering *lp, LLVMTypeRef type, LLVMValueRef address);
void jr_plan_store(const struct jr_plan_lowering *lp, LLVMValueRef value, LLVMValueRef address);
LLVMBasicBlockRef jr_plan_block(const struct jr_plan_lowering *lp, const char *name); /* a new one behind the current one */
void jr_plan_enter(const struct jr_plan_lowering *lp, LLVMBasicBlockRef block);
void jr_plan_branch_rare(const struct jr_plan_lowering *lp, LLVMValueRef condition, LLVMBasicBlockRef rare,
                         LLVMBasicBlockRef usual);

/* for (index = from; index < end; index += step) */
struct jr_plan_loop {
    LLVMBasicBlockRef before, head, exit;
    LLVMValueRef index;
};
/* The builder goes on in the body; `jr_plan_loop_end` ends it.  With `once` the condition is known to hold in the first round. */
void jr_plan_loop_begin(const struct jr_plan_lowering *lp, struct jr_plan_loop *loop, LLVMValueRef from, const char *name);
void jr_plan_loop_end(const struct jr_plan_lowering *lp, struct jr_plan_loop *loop, uint64_t step, LLVMValueRef end);

/* Debug locations: what is built from here on comes from this node; with JR_NONE from none. */
void jr_plan_at(struct jr_plan_lowering *lp, uint32_t node);

/* lower_plan_node.c */
void jr_plan_compute(struct jr_plan_lowering *lp, uint32_t node); /* into values[node] */
LLVMValueRef jr_plan_value(struct jr_plan_lowering *lp, uint32_t node);  /* computed here, or from an array, or at once */
LLVMValueRef jr_plan_number(struct jr_plan_lowering *lp, uint32_t node); /* the same as binary64 */
LLVMValueRef jr_plan_uniform(struct jr_plan_lowering *lp, uint32_t variable); /* i64: the value of a variable now */

/* lower_plan_line.c */
LLVMValueRef jr_plan_read(struct jr_plan_lowering *lp, const struct jr_node *node);
void jr_plan_feed_direct(struct jr_plan_lowering *lp, uint32_t line, LLVMValueRef value); /* the samples of these frames into the ring */
void jr_plan_feed_rings(struct jr_plan_lowering *lp); /* end of a chunk: from arrays into rings, write indices */

/* lower_plan_stage.c */
void jr_plan_stage(struct jr_plan_lowering *lp, uint32_t stage);
void jr_plan_sequence(struct jr_plan_lowering *lp, const struct jr_stage *stage); /* any stage frame by frame */

void jr_plan_fill_up(struct jr_plan_lowering *lp, const struct jr_stage *stage); /* arrays beyond the last frame */

/* lower_plan_phase.c, lower_plan_lanes.c: false: the stage is none that it can do, and nothing was built. */
bool jr_plan_phase_stage(struct jr_plan_lowering *lp, const struct jr_stage *stage);
bool jr_plan_pipeline_stage(struct jr_plan_lowering *lp, const struct jr_stage *stage);

#endif
