/* state_tree.h -- the state of a function as a tree of names, and its leaves with their absolute places.
 *
 * A function's region consists of its sites (ir/module.h); a CALL site is the callee's whole tree, shifted.  Nothing here
 * allocates per node: the walk keeps one small record per level, so trees of any size can be listed.  The module is verified. */
#ifndef JR_IR_STATE_TREE_H
#define JR_IR_STATE_TREE_H

#include "ir/base/sb.h"
#include "ir/base/vec.h"
#include "ir/module.h"

/* One level of the walk: the site `next - 1` of `function` is being looked at. */
struct jr_state_level {
    const struct jr_function *function;
    uint32_t base; /* absolute first word of the function's region */
    uint32_t next;
};

struct jr_state_walk {
    const struct jr_module *module;
    const struct jr_alloc *alloc;
    JR_VEC(struct jr_state_level) levels; /* outermost first; its count is the depth */
};

/* A node as the walk finds it: parents before their children, in textual order. */
struct jr_state_node {
    const struct jr_state_site *site;
    const struct jr_function *owner; /* whose site it is */
    uint32_t offset;                 /* absolute: from the state base of the function where the walk began */
    uint32_t depth;                  /* 0: a site of that function */
    uint32_t index;                  /* among the owner's sites */
};

/* JR_OK or JR_ERR_NO_MEMORY; jr_state_walk_fini ends it in either case. */
enum jr_status jr_state_walk_init(struct jr_state_walk *walk, const struct jr_alloc *alloc,
                                  const struct jr_module *module, uint32_t function);
void jr_state_walk_fini(struct jr_state_walk *walk);

/* The next node; *found is false at the end.  JR_OK or JR_ERR_NO_MEMORY. */
enum jr_status jr_state_walk_next(struct jr_state_walk *walk, struct jr_state_node *node, bool *found);
/* The same without the CALL nodes: SELF, MEM and DELAY, which own words themselves. */
enum jr_status jr_state_walk_leaf(struct jr_state_walk *walk, struct jr_state_node *node, bool *found);

/* The calls that lead to the node found last, outermost first: site of level 0, 1 ...  NULL for levels that the walk is not in.
 * Together with the node this is its path: names and textual positions. */
const struct jr_state_site *jr_state_walk_call(const struct jr_state_walk *walk, uint32_t level);

/* "self", "mem", "delay", "call". */
const char *jr_site_kind_name(enum jr_site_kind kind);

/* Appends the tree of one function, or with JR_NONE of dsp and of every other function with state that no CALL leads to:
 *
 *     dsp: 104 words
 *            0  delay echo  102 words (100 samples)       song.mmm:3:14
 *          102  call osc  2 words                         song.mmm:4:1
 *          102    self phase  1 word                      song.mmm:1:9
 *          103    mem last  1 word                        song.mmm:1:20 */
enum jr_status jr_state_print(const struct jr_module *module, uint32_t function, struct jr_sb *out);

#endif
