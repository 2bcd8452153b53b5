/* graph.h -- one frame of a specialised dsp as a graph of values.  No LLVM in it.
 *
 * A residual function (runtime/residual.h) only jumps forwards.  Its registers and the words of state that it assigns are renamed, so that every value is
 * one node; where paths meet, values that differ become SELECTs, and both sides are computed in every frame: all nodes are pure
 * and none can fail.  What a node computes is the body of its instruction (runtime/ops.h), to the bit.
 *
 * Operands come before their users: nodes in order of their index are an order of evaluation within a frame, but for what leads from frame to
 * frame, which is not an operand:
 *
 *   BEFORE variable    the value that variables[index].after had in the frame before
 *   READ line          a sample that lines[index].input was in an earlier frame
 *
 * Types.  COMPARE, NOT, AND, OR are truths (i1); every other node is a 64-bit word.  A truth becomes a word by TRUTH (1.0 or 0.0). */
#ifndef JR_JIT_GRAPH_GRAPH_H
#define JR_JIT_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/base/status.h"
#include "ir/opcodes.h"

struct jr_alloc;
struct jr_arena;
struct jr_residual;

enum jr_node_kind {
    JR_NODE_CONST,   /* `word` */
    JR_NODE_INPUT,   /* channel `index` of this frame */
    JR_NODE_NOW,     /* number of this frame, as binary64 */
    JR_NODE_BEFORE,  /* variables[index] when the frame begins */
    JR_NODE_OP,      /* `op` on operands[0], and [1] if it has two: an instruction that gives a word */
    JR_NODE_COMPARE, /* truth of the instruction `op`, EQ_F64 ... GE_F64 or EQ_I64 ... GE_I64, on operands[0], [1] */
    JR_NODE_NOT,     /* of truth operands[0] */
    JR_NODE_AND,
    JR_NODE_OR,
    JR_NODE_TRUTH,   /* 1.0 if truth operands[0], else 0.0 */
    JR_NODE_SELECT,  /* operands[1] if truth operands[0], else operands[2] */
    JR_NODE_ELEMENT, /* of arrays[index] at operands[0], as array.get */
    JR_NODE_READ,    /* lines[index] read operands[0] samples back, as delay */
    JR_NODE_KIND_COUNT,
};

struct jr_node {
    uint8_t kind; /* enum jr_node_kind */
    uint16_t op;  /* enum jr_op; OP and COMPARE */
    uint32_t operands[3]; /* nodes before this one; JR_NONE where there is none */
    uint32_t index;       /* INPUT, BEFORE, ELEMENT, READ: see there; else JR_NONE */
    uint32_t pc;          /* the instruction it stands for, JR_NONE if there is no one */
    uint64_t word;        /* CONST */
    double low, high;     /* of a word as binary64: in [low, high] or NaN.  -INFINITY, INFINITY: nothing is known */
    bool never_nan;
};

/* A raw word that lives on from frame to frame. */
enum jr_variable_place {
    JR_VARIABLE_STATE,  /* word `offset` of the state block */
    JR_VARIABLE_GLOBAL, /* global word `offset`: task->globals[offset] */
    JR_VARIABLE_CELL,   /* at `address`, in a cell that the program keeps alive */
};
struct jr_variable {
    enum jr_variable_place place;
    uint32_t offset;
    uint64_t *address;
    uint32_t before; /* its BEFORE; JR_NONE if no frame reads it */
    uint32_t after;  /* its value when the frame ends; JR_NONE if no frame writes it.  May be `before` of another variable */
};

/* A delay line: state words {reserved, write index, samples ...} from `offset` on.  Each frame reads it once, then feeds it. */
struct jr_line {
    uint32_t offset; /* of the reserved word */
    uint32_t length; /* samples, above 0 */
    uint32_t group;  /* of lines that share their write index while they are in step */
    uint32_t input;  /* node that feeds it */
    uint32_t read;   /* its READ; JR_NONE if nobody uses it */
    uint32_t least, most; /* frames between feeding and reading a sample, in 1 .. length, as far as ranges tell; without a READ `length` */
};

/* Lines of one length and region are fed together in every frame.  Should they not be in step when a block begins, nothing is rendered. */
struct jr_group {
    uint32_t length;
    uint32_t region; /* of residual->regions */
    uint32_t first;  /* a line of it */
};

/* The words of a known array, which nobody writes while dsp runs.  (Elements of several raw words: the index is of a word.) */
struct jr_graph_array {
    const uint64_t *words; /* the program keeps it alive */
    uint64_t length;       /* above 0 */
};

struct jr_graph {
    const struct jr_residual *residual; /* borrowed */
    uint32_t node_count, variable_count, line_count, group_count, array_count;
    struct jr_node *nodes;
    struct jr_variable *variables;
    struct jr_line *lines;
    struct jr_group *groups;
    struct jr_graph_array *arrays;
    uint32_t input_count, output_count; /* channels */
    uint32_t *outputs;                  /* per channel: node.  A NaN becomes the one of C on its way out */
    /* Fuel of a frame: charge_constant, and if it depends on the path taken also the integer (i64) node `charge`; else JR_NONE. */
    uint64_t charge_constant;
    uint32_t charge;
};

enum { JR_PLAN_REASON_BYTES = 160 };

/* Builds the graph of a residual function in `arena`, which owns it.
 *
 * JR_OK               valid as long as the arena and the residual program
 * JR_ERR_UNSUPPORTED  it has something that a graph cannot say; `reason` (JR_PLAN_REASON_BYTES) tells what, for a user
 * JR_ERR_NO_MEMORY */
enum jr_status jr_graph_build(const struct jr_residual *residual, const struct jr_alloc *alloc, struct jr_arena *arena,
                              struct jr_graph *out, char *reason);

/* Whether the node is a truth (i1) rather than a word. */
static inline bool jr_node_is_truth(const struct jr_node *node)
{
    return node->kind >= JR_NODE_COMPARE && node->kind <= JR_NODE_OR;
}

/* How many operands it has. */
uint32_t jr_node_operand_count(const struct jr_node *node);

#endif
