/* flow.h -- blocks of a bytecode function, and which registers are live where.
 *
 * Compiled code keeps registers in machine registers and writes to the frame only what somebody can still see: at a
 * side exit the live ones.  A reference that is owned counts as live until it is given up, even on paths that end in
 * an error, because unwinding releases it from the frame. */
#ifndef JR_JIT_FLOW_H
#define JR_JIT_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "ir/module.h"

struct jr_alloc;

struct jr_flow_block {
    uint32_t start, end;           /* code words [start, end) */
    uint32_t last;                 /* pc of the last instruction */
    uint32_t first_edge, edge_count; /* successors: flow.edges[first_edge ..] are block numbers */
    bool reached;                  /* from the entry given to jr_flow_init */
    bool loop_header;              /* a reached jump goes here from itself or from further down */
};

struct jr_flow {
    const struct jr_alloc *alloc;
    const struct jr_module *module;
    const struct jr_function *function;
    struct jr_flow_block *blocks; /* by start; block_count of them */
    uint32_t block_count;
    uint32_t *edges;
    uint32_t edge_count;
    uint32_t *block_of;           /* code_count entries: block that begins at this pc, or JR_NONE */
    uint32_t set_words;           /* 64-bit words of one register set */
    uint64_t *live;               /* block_count sets: live where the block begins */
    size_t edge_capacity;
};

/* Finds blocks, reachability from `entry_pc` and liveness of a verified function.
 * Fails with JR_ERR_NO_MEMORY, or with JR_ERR_LIMIT when blocks x registers would take more than 64 MiB. */
enum jr_status jr_flow_init(struct jr_flow *flow, const struct jr_alloc *alloc, const struct jr_module *module,
                            const struct jr_function *function, uint32_t entry_pc);
void jr_flow_fini(struct jr_flow *flow); /* zeroed is allowed */

/* The block that begins at `pc`, which must be one. */
uint32_t jr_flow_block_at(const struct jr_flow *flow, uint32_t pc);

/* Registers live before the first instruction of `block`; set_words words, valid until fini. */
const uint64_t *jr_flow_live(const struct jr_flow *flow, uint32_t block);

/* Registers live before the instruction at `pc`, which lies in `block`, into set[0 .. set_words).
 * Fails with JR_ERR_NO_MEMORY. */
enum jr_status jr_flow_live_at(const struct jr_flow *flow, uint32_t block, uint32_t pc, uint64_t *set);

/* Where the jump `in` at `pc` goes. */
uint32_t jr_flow_target(uint32_t pc, const struct jr_instr *in);

/* Words that an owned register stands for: all of a sum value, else one. */
uint32_t jr_flow_owned_words(const struct jr_module *module, const struct jr_owned *owned);

static inline bool jr_set_has(const uint64_t *set, uint32_t reg)
{
    return (set[reg / 64] >> (reg % 64)) & 1;
}

#endif
