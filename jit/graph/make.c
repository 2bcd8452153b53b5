/* make.c -- nodes: equal ones are one, trivial ones are none.
 *
 * Only shapes that give the same bits whatever the operands are: most come from if-conversion, where 1.0 and 0.0 stand for truths. */
#include "ir/base/hash.h"
#include "jit/graph/internal.h"

static const uint64_t ONE = (uint64_t)0x3ff << 52;

enum jr_status jr_maker_init(struct jr_maker *maker, const struct jr_alloc *alloc)
{
    *maker = (struct jr_maker){ .alloc = alloc, .pc = JR_NONE };
    jr_make_const(maker, 0);
    return maker->status;
}

void jr_maker_fini(struct jr_maker *maker)
{
    if (maker->alloc == NULL)
        return;
    JR_VEC_FREE(maker->alloc, &maker->nodes);
    jr_index_map_fini(maker->alloc, &maker->map);
}

static bool is_same(const struct jr_node *a, const struct jr_node *b)
{
    return a->kind == b->kind && a->op == b->op && a->operands[0] == b->operands[0] && a->operands[1] == b->operands[1] &&
           a->operands[2] == b->operands[2] && a->index == b->index && a->word == b->word;
}

static uint32_t make(struct jr_maker *maker, struct jr_node node)
{
    uint64_t hash = jr_hash_word((uint64_t)node.kind << 16 | node.op, node.word);
    size_t probe = 0;
    uint32_t found;
    for (int i = 0; i < 3; i++)
        hash = jr_hash_word(hash, node.operands[i]);
    hash = jr_hash_word(hash, node.index);
    while ((found = jr_index_map_next(&maker->map, hash, &probe)) != UINT32_MAX)
        if (is_same(&maker->nodes.items[found], &node))
            return found;
    if (maker->status == JR_OK && maker->nodes.count >= MOST_NODES)
        maker->status = JR_ERR_LIMIT;
    if (maker->status == JR_OK)
        maker->status = jr_index_map_add(maker->alloc, &maker->map, hash, (uint32_t)maker->nodes.count);
    node.pc = maker->pc;
    if (maker->status == JR_OK)
        maker->status = JR_VEC_PUSH(maker->alloc, &maker->nodes, node);
    return maker->status == JR_OK ? (uint32_t)maker->nodes.count - 1 : 0;
}

static struct jr_node blank(enum jr_node_kind kind)
{
    return (struct jr_node){ .kind = (uint8_t)kind, .operands = { JR_NONE, JR_NONE, JR_NONE }, .index = JR_NONE };
}

static const struct jr_node *at(const struct jr_maker *maker, uint32_t node)
{
    return &maker->nodes.items[node];
}

static bool is_word(const struct jr_maker *maker, uint32_t node, uint64_t word)
{
    return at(maker, node)->kind == JR_NODE_CONST && at(maker, node)->word == word;
}

uint32_t jr_make_const(struct jr_maker *maker, uint64_t word)
{
    struct jr_node node = blank(JR_NODE_CONST);
    node.word = word;
    return make(maker, node);
}

uint32_t jr_make_leaf(struct jr_maker *maker, enum jr_node_kind kind, uint32_t index)
{
    struct jr_node node = blank(kind);
    node.index = index;
    return make(maker, node);
}

uint32_t jr_make_op(struct jr_maker *maker, enum jr_op op, uint32_t a, uint32_t b)
{
    struct jr_node node = blank(JR_NODE_OP);
    node.op = (uint16_t)op;
    node.operands[0] = a;
    node.operands[1] = b;
    return make(maker, node);
}

uint32_t jr_make_at(struct jr_maker *maker, enum jr_node_kind kind, uint32_t index, uint32_t a)
{
    struct jr_node node = blank(kind);
    node.index = index;
    node.operands[0] = a;
    return make(maker, node);
}

uint32_t jr_make_compare(struct jr_maker *maker, enum jr_op op, uint32_t a, uint32_t b)
{
    struct jr_node node = blank(JR_NODE_COMPARE);
    if (at(maker, a)->kind == JR_NODE_TRUTH && is_word(maker, b, 0)) {
        if (op == JR_OP_GT_F64 || op == JR_OP_NE_F64)
            return at(maker, a)->operands[0];
        if (op == JR_OP_EQ_F64 || op == JR_OP_LE_F64)
            return jr_make_not(maker, at(maker, a)->operands[0]);
    }
    node.op = (uint16_t)op;
    node.operands[0] = a;
    node.operands[1] = b;
    return make(maker, node);
}

uint32_t jr_make_is_true(struct jr_maker *maker, uint32_t word)
{
    return jr_make_compare(maker, JR_OP_GT_F64, word, jr_make_const(maker, 0));
}

uint32_t jr_make_not(struct jr_maker *maker, uint32_t a)
{
    struct jr_node node = blank(JR_NODE_NOT);
    if (at(maker, a)->kind == JR_NODE_NOT)
        return at(maker, a)->operands[0];
    node.operands[0] = a;
    return make(maker, node);
}

static uint32_t make_pair(struct jr_maker *maker, enum jr_node_kind kind, uint32_t a, uint32_t b)
{
    struct jr_node node = blank(kind);
    if (a == b)
        return a;
    node.operands[0] = a < b ? a : b;
    node.operands[1] = a < b ? b : a;
    return make(maker, node);
}

uint32_t jr_make_and(struct jr_maker *maker, uint32_t a, uint32_t b)
{
    return make_pair(maker, JR_NODE_AND, a, b);
}

uint32_t jr_make_or(struct jr_maker *maker, uint32_t a, uint32_t b)
{
    return make_pair(maker, JR_NODE_OR, a, b);
}

uint32_t jr_make_truth(struct jr_maker *maker, uint32_t a)
{
    struct jr_node node = blank(JR_NODE_TRUTH);
    node.operands[0] = a;
    return make(maker, node);
}

/* What a word is if it can only be 1.0 or 0.0: a truth, or known. */
enum { NO_TRUTH, FALSE_TRUTH, TRUE_TRUTH, SOME_TRUTH };

static int truth_of(const struct jr_maker *maker, uint32_t word, uint32_t *truth)
{
    *truth = JR_NONE;
    if (is_word(maker, word, 0))
        return FALSE_TRUTH;
    if (is_word(maker, word, ONE))
        return TRUE_TRUTH;
    if (at(maker, word)->kind != JR_NODE_TRUTH)
        return NO_TRUTH;
    *truth = at(maker, word)->operands[0];
    return SOME_TRUTH;
}

/* Both words are 1.0 or 0.0, and at least one of them is known. */
static uint32_t select_truth(struct jr_maker *maker, uint32_t condition, int kind_a, uint32_t a, int kind_b, uint32_t b)
{
    if (kind_a == TRUE_TRUTH)
        return kind_b == FALSE_TRUTH ? condition : jr_make_or(maker, condition, b);
    if (kind_a == FALSE_TRUTH) {
        uint32_t other = jr_make_not(maker, condition);
        return kind_b == TRUE_TRUTH ? other : jr_make_and(maker, other, b);
    }
    return kind_b == TRUE_TRUTH ? jr_make_or(maker, jr_make_not(maker, condition), a) : jr_make_and(maker, condition, a);
}

uint32_t jr_make_select(struct jr_maker *maker, uint32_t condition, uint32_t a, uint32_t b)
{
    struct jr_node node = blank(JR_NODE_SELECT);
    uint32_t truth_a, truth_b;
    if (at(maker, condition)->kind == JR_NODE_NOT) {
        uint32_t other = a;
        condition = at(maker, condition)->operands[0];
        a = b;
        b = other;
    }
    if (at(maker, a)->kind == JR_NODE_SELECT && at(maker, a)->operands[0] == condition)
        a = at(maker, a)->operands[1];
    if (at(maker, b)->kind == JR_NODE_SELECT && at(maker, b)->operands[0] == condition)
        b = at(maker, b)->operands[2];
    if (a == b)
        return a;
    int kind_a = truth_of(maker, a, &truth_a), kind_b = truth_of(maker, b, &truth_b);
    if (kind_a != NO_TRUTH && kind_b != NO_TRUTH && (kind_a != SOME_TRUTH || kind_b != SOME_TRUTH))
        return jr_make_truth(maker, select_truth(maker, condition, kind_a, truth_a, kind_b, truth_b));
    node.operands[0] = condition;
    node.operands[1] = a;
    node.operands[2] = b;
    return make(maker, node);
}

uint32_t jr_node_operand_count(const struct jr_node *node)
{
    uint32_t count = 0;
    while (count < 3 && node->operands[count] != JR_NONE)
        count++;
    return count;
}
