/* build.c -- the residual function becomes a graph, block by block in the order of the dominator tree. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "jit/graph/internal.h"
#include "runtime/residual.h"

enum jr_status jr_graph_refuse(char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, JR_PLAN_REASON_BYTES, format, arguments);
    va_end(arguments);
    return JR_ERR_UNSUPPORTED;
}

/* ---- slots ---- */

enum jr_status jr_builder_set(struct jr_builder *b, uint32_t slot, uint32_t node)
{
    struct jr_write old = { slot, b->env.items[slot] };
    b->env.items[slot] = node;
    return JR_VEC_PUSH(b->alloc, &b->undo, old);
}

uint32_t jr_builder_get(struct jr_builder *b, uint32_t slot, uint32_t node)
{
    if (node != JR_NONE || slot < b->variable_slot)
        return node;
    struct jr_variable *variable = &b->variables.items[slot - b->variable_slot];
    variable->before = jr_make_leaf(&b->maker, JR_NODE_BEFORE, slot - b->variable_slot);
    return variable->before;
}

/* ---- blocks ---- */

static enum jr_status end_block(struct jr_builder *b, struct jr_builder_block *block, const struct jr_instr *in)
{
    enum jr_status status = JR_OK;
    switch (in->op) {
    case JR_OP_JUMP_IF:
    case JR_OP_JUMP_UNLESS:
        block->condition = jr_make_is_true(&b->maker, b->env.items[in->a]);
        if (in->op == JR_OP_JUMP_UNLESS)
            block->condition = jr_make_not(&b->maker, block->condition);
        break;
    case JR_OP_SWITCH_I64:
        block->table = in->x;
        block->value = b->env.items[in->a];
        break;
    case JR_OP_RETURN:
        for (uint32_t i = 0; i < b->function->result_words && status == JR_OK; i++)
            status = jr_builder_set(b, b->output_slot + i, b->env.items[in->a + i]);
        break;
    case JR_OP_JUMP:
        break;
    default:
        return jr_builder_step(b, block, in);
    }
    return status;
}

static enum jr_status run_block(struct jr_builder *b, uint32_t index)
{
    struct jr_builder_block *block = &b->blocks[index];
    const struct jr_flow_block *flow = &b->flow.blocks[index];
    enum jr_status status = JR_OK;
    for (uint32_t pc = flow->start; pc < flow->end && status == JR_OK;) {
        struct jr_instr in = jr_decode(&b->function->code[pc]);
        b->maker.pc = pc;
        status = pc == flow->last ? end_block(b, block, &in) : jr_builder_step(b, block, &in);
        if (status == JR_OK)
            status = b->maker.status;
        pc += in.length;
    }
    return status;
}

/* What the block has written, each slot once. */
static enum jr_status keep_writes(struct jr_builder *b, struct jr_builder_block *block, size_t mark)
{
    enum jr_status status = JR_OK;
    block->first_write = (uint32_t)b->writes.count;
    for (size_t i = mark; i < b->undo.count && status == JR_OK; i++) {
        uint32_t slot = b->undo.items[i].slot;
        uint32_t node = b->env.items[slot];
        if (node == (JR_NONE - 1)) /* kept already */
            continue;
        status = JR_VEC_PUSH(b->alloc, &b->writes, (struct jr_write){ slot, node });
        b->env.items[slot] = JR_NONE - 1;
    }
    block->write_count = (uint32_t)(b->writes.count - block->first_write);
    for (uint32_t i = 0; i < block->write_count; i++) {
        const struct jr_write *write = &b->writes.items[block->first_write + i];
        b->env.items[write->slot] = write->node;
    }
    return status;
}

static enum jr_status enter_block(struct jr_builder *b, uint32_t index)
{
    struct jr_builder_block *block = &b->blocks[index];
    size_t mark = b->undo.count;
    enum jr_status status = block->pred_count > 1 ? jr_builder_meet(b, index) : JR_OK;
    if (status == JR_OK && index != b->exit)
        status = run_block(b, index);
    return status == JR_OK ? keep_writes(b, block, mark) : status;
}

static void undo_to(struct jr_builder *b, size_t mark)
{
    while (b->undo.count > mark) {
        struct jr_write write = JR_VEC_POP(&b->undo);
        b->env.items[write.slot] = write.node;
    }
}

/* Ways from block to block, the last ones to the exit. */
static enum jr_status find_edges(struct jr_builder *b)
{
    const struct jr_flow *flow = &b->flow;
    uint32_t count = flow->edge_count;
    for (uint32_t i = 0; i < flow->block_count; i++) {
        struct jr_builder_block *block = &b->blocks[i];
        struct jr_instr in = jr_decode(&b->function->code[flow->blocks[i].last]);
        *block = (struct jr_builder_block){ .condition = JR_NONE, .taken = JR_NONE, .next = JR_NONE, .table = JR_NONE,
                                            .reached = flow->blocks[i].reached };
        if (!block->reached)
            continue;
        for (uint32_t e = 0; e < flow->blocks[i].edge_count; e++)
            if (flow->edges[flow->blocks[i].first_edge + e] <= i)
                return jr_graph_refuse(b->reason, "it has a loop");
        if (in.op == JR_OP_RETURN)
            block->next = b->exit, count++;
        else if (in.op == JR_OP_JUMP || in.op == JR_OP_JUMP_IF || in.op == JR_OP_JUMP_UNLESS)
            block->taken = jr_flow_block_at(flow, jr_flow_target(flow->blocks[i].last, &in));
        if (in.op == JR_OP_JUMP)
            block->next = block->taken, block->taken = JR_NONE;
        else if (!(jr_op_infos[in.op].effects & JR_EFFECT_EXITS))
            block->next = i + 1;
    }
    b->blocks[b->exit] = (struct jr_builder_block){ .condition = JR_NONE, .taken = JR_NONE, .next = JR_NONE,
                                                    .table = JR_NONE, .reached = true };
    b->preds = JR_ARENA_ARRAY(&b->scratch, uint32_t, count);
    return b->preds != NULL ? JR_OK : JR_ERR_NO_MEMORY;
}

/* Calls `visit` for each way; a block that has two ways to another counts once. */
static void each_edge(struct jr_builder *b, void (*visit)(struct jr_builder *b, uint32_t from, uint32_t to))
{
    const struct jr_flow *flow = &b->flow;
    for (uint32_t i = 0; i < flow->block_count; i++) {
        const struct jr_flow_block *block = &flow->blocks[i];
        if (!block->reached)
            continue;
        for (uint32_t e = 0; e < block->edge_count; e++) {
            bool again = false;
            for (uint32_t k = 0; k < e && !again; k++)
                again = flow->edges[block->first_edge + k] == flow->edges[block->first_edge + e];
            if (!again)
                visit(b, i, flow->edges[block->first_edge + e]);
        }
        if (b->blocks[i].next == b->exit)
            visit(b, i, b->exit);
    }
}

static void count_pred(struct jr_builder *b, uint32_t from, uint32_t to)
{
    (void)from;
    b->blocks[to].pred_count++;
}

static void put_pred(struct jr_builder *b, uint32_t from, uint32_t to)
{
    b->preds[b->blocks[to].first_pred + b->blocks[to].pred_count++] = from;
}

/* All ways lead to later blocks, so one pass finds dominators. */
static void find_dominators(struct jr_builder *b)
{
    for (uint32_t i = 0; i <= b->exit; i++) {
        struct jr_builder_block *block = &b->blocks[i];
        block->idom = JR_NONE;
        block->first_child = block->next_child = JR_NONE;
        for (uint32_t p = 0; p < block->pred_count; p++) {
            uint32_t other = b->preds[block->first_pred + p];
            while (block->idom != JR_NONE && block->idom != other) {
                if (block->idom > other)
                    block->idom = b->blocks[block->idom].idom;
                else
                    other = b->blocks[other].idom;
            }
            block->idom = other;
        }
    }
    for (uint32_t i = b->exit; i > 0; i--) {
        struct jr_builder_block *block = &b->blocks[i];
        if (block->idom == JR_NONE)
            continue;
        block->next_child = b->blocks[block->idom].first_child;
        b->blocks[block->idom].first_child = i;
    }
    for (uint32_t i = b->blocks[b->exit].idom; i != JR_NONE; i = b->blocks[i].idom)
        b->blocks[i].always = true;
}

static enum jr_status find_flow(struct jr_builder *b)
{
    uint32_t first = 0;
    enum jr_status status = jr_flow_init(&b->flow, b->alloc, b->residual->module, b->function, 0);
    if (status == JR_ERR_LIMIT)
        return jr_graph_refuse(b->reason, "it has too many blocks and registers");
    if (status != JR_OK)
        return status;
    b->exit = b->flow.block_count;
    b->blocks = JR_ARENA_ARRAY(&b->scratch, struct jr_builder_block, (size_t)b->exit + 1);
    if (b->blocks == NULL)
        return JR_ERR_NO_MEMORY;
    status = find_edges(b);
    if (status != JR_OK)
        return status;
    each_edge(b, count_pred);
    for (uint32_t i = 0; i <= b->exit; i++) {
        b->blocks[i].first_pred = first;
        first += b->blocks[i].pred_count;
        b->blocks[i].pred_count = 0;
    }
    each_edge(b, put_pred);
    find_dominators(b);
    return b->blocks[b->exit].idom != JR_NONE ? JR_OK : jr_graph_refuse(b->reason, "it never returns");
}

static enum jr_status begin_env(struct jr_builder *b)
{
    enum jr_status status;
    b->output_slot = b->function->reg_count;
    b->charge_slot = b->output_slot + b->function->result_words;
    b->variable_slot = b->charge_slot + 1;
    status = JR_VEC_RESERVE(b->alloc, &b->env, b->variable_slot);
    if (status != JR_OK)
        return status;
    b->env.count = b->variable_slot;
    for (uint32_t i = 0; i < b->variable_slot; i++)
        b->env.items[i] = JR_NONE;
    for (uint32_t i = 0; i < b->function->param_words; i++)
        b->env.items[i] = jr_make_leaf(&b->maker, JR_NODE_INPUT, i);
    b->env.items[b->charge_slot] = jr_make_const(&b->maker, 0);
    return b->maker.status;
}

/* Depth first, children in ascending order: whatever leads to a block has been done before. */
static enum jr_status walk(struct jr_builder *b)
{
    size_t *marks = JR_ARENA_ARRAY(&b->scratch, size_t, (size_t)b->exit + 1);
    enum jr_status status = marks != NULL ? JR_OK : JR_ERR_NO_MEMORY;
    for (uint32_t at = 0; status == JR_OK;) {
        marks[at] = b->undo.count;
        status = enter_block(b, at);
        if (status != JR_OK || at == b->exit) /* the exit comes last, and env is its */
            return status;
        uint32_t next = b->blocks[at].first_child;
        while (next == JR_NONE) {
            undo_to(b, marks[at]);
            next = b->blocks[at].next_child;
            at = b->blocks[at].idom;
        }
        at = next;
    }
    return status;
}

/* ---- the graph ---- */

static void want(bool *wanted, uint32_t root)
{
    if (root != JR_NONE)
        wanted[root] = true;
}

static uint32_t renumber(const uint32_t *numbers, uint32_t node)
{
    return node == JR_NONE ? JR_NONE : numbers[node];
}

/* Nodes that nothing needs go; the others keep their order. */
static enum jr_status keep_wanted(struct jr_builder *b)
{
    struct jr_graph *graph = b->graph;
    uint32_t count = (uint32_t)b->maker.nodes.count, kept = 0;
    bool *wanted = JR_ARENA_ARRAY(&b->scratch, bool, count);
    uint32_t *numbers = JR_ARENA_ARRAY(&b->scratch, uint32_t, count);
    if (wanted == NULL || numbers == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < graph->output_count; i++)
        want(wanted, graph->outputs[i]);
    for (uint32_t i = 0; i < graph->variable_count; i++)
        want(wanted, graph->variables[i].after);
    for (uint32_t i = 0; i < graph->line_count; i++)
        want(wanted, graph->lines[i].input);
    want(wanted, graph->charge);
    for (uint32_t i = count; i-- > 0;) {
        const struct jr_node *node = &b->maker.nodes.items[i];
        for (uint32_t k = 0; wanted[i] && k < jr_node_operand_count(node); k++)
            wanted[node->operands[k]] = true;
        kept += wanted[i];
    }
    graph->nodes = JR_ARENA_ARRAY(b->arena, struct jr_node, kept);
    if (graph->nodes == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = JR_NONE;
        if (!wanted[i])
            continue;
        numbers[i] = graph->node_count;
        struct jr_node *node = &graph->nodes[graph->node_count++];
        *node = b->maker.nodes.items[i];
        for (uint32_t k = 0; k < 3; k++)
            node->operands[k] = renumber(numbers, node->operands[k]);
    }
    for (uint32_t i = 0; i < graph->output_count; i++)
        graph->outputs[i] = numbers[graph->outputs[i]];
    for (uint32_t i = 0; i < graph->variable_count; i++) {
        graph->variables[i].before = renumber(numbers, graph->variables[i].before);
        graph->variables[i].after = renumber(numbers, graph->variables[i].after);
    }
    for (uint32_t i = 0; i < graph->line_count; i++) {
        graph->lines[i].input = numbers[graph->lines[i].input];
        graph->lines[i].read = numbers[graph->lines[i].read];
    }
    graph->charge = renumber(numbers, graph->charge);
    return JR_OK;
}

/* So far a line's group is its region. */
static enum jr_status find_groups(struct jr_builder *b)
{
    struct jr_graph *graph = b->graph;
    graph->groups = JR_ARENA_ARRAY(b->arena, struct jr_group, graph->line_count);
    if (graph->groups == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < graph->line_count; i++) {
        struct jr_line *line = &graph->lines[i];
        uint32_t g = 0;
        while (g < graph->group_count &&
               (graph->groups[g].length != line->length || graph->groups[g].region != line->group))
            g++;
        if (g == graph->group_count)
            graph->groups[graph->group_count++] =
                (struct jr_group){ .length = line->length, .region = line->group, .first = i };
        line->group = g;
    }
    return JR_OK;
}

#define KEEP(vec) jr_arena_copy(b->arena, (vec).items, (vec).count * sizeof *(vec).items)

static enum jr_status finish(struct jr_builder *b)
{
    struct jr_graph *graph = b->graph;
    uint64_t constant;
    for (size_t v = 0; v < b->variables.count; v++) {
        struct jr_variable *variable = &b->variables.items[v];
        variable->after = b->env.items[b->variable_slot + v];
        if (variable->after == variable->before)
            variable->after = JR_NONE;
    }
    *graph = (struct jr_graph){ .residual = b->residual,
                                .variable_count = (uint32_t)b->variables.count,
                                .variables = KEEP(b->variables),
                                .line_count = (uint32_t)b->lines.count,
                                .lines = KEEP(b->lines),
                                .array_count = (uint32_t)b->arrays.count,
                                .arrays = KEEP(b->arrays),
                                .input_count = b->function->param_words,
                                .output_count = b->function->result_words,
                                .outputs = jr_arena_copy(b->arena, b->env.items + b->output_slot,
                                                         b->function->result_words * sizeof(uint32_t)) };
    graph->charge = jr_builder_split_charge(b, b->env.items[b->charge_slot], &constant);
    graph->charge_constant = constant;
    if (!graph->variables || !graph->lines || !graph->arrays || !graph->outputs)
        return JR_ERR_NO_MEMORY;
    enum jr_status status = keep_wanted(b);
    if (status == JR_OK)
        status = find_groups(b);
    if (status == JR_OK)
        jr_graph_find_ranges(graph);
    return status;
}

static void fini(struct jr_builder *b)
{
    jr_flow_fini(&b->flow);
    jr_maker_fini(&b->maker);
    JR_VEC_FREE(b->alloc, &b->env);
    JR_VEC_FREE(b->alloc, &b->undo);
    JR_VEC_FREE(b->alloc, &b->writes);
    JR_VEC_FREE(b->alloc, &b->variables);
    JR_VEC_FREE(b->alloc, &b->lines);
    JR_VEC_FREE(b->alloc, &b->arrays);
    JR_VEC_FREE(b->alloc, &b->region);
    JR_VEC_FREE(b->alloc, &b->region_writes);
    jr_index_map_fini(b->alloc, &b->variable_map);
    jr_arena_fini(&b->scratch);
}

enum jr_status jr_graph_build(const struct jr_residual *residual, const struct jr_alloc *alloc, struct jr_arena *arena,
                              struct jr_graph *out, char *reason)
{
    struct jr_builder b = { .residual = residual, .function = &residual->module->functions[residual->function],
                            .alloc = alloc, .arena = arena, .graph = out, .reason = reason };
    reason[0] = '\0';
    jr_arena_init(&b.scratch, alloc);
    enum jr_status status = jr_maker_init(&b.maker, alloc);
    if (status == JR_OK)
        status = find_flow(&b);
    if (status == JR_OK)
        status = begin_env(&b);
    if (status == JR_OK)
        status = walk(&b);
    if (status == JR_OK)
        status = finish(&b);
    if (status == JR_ERR_LIMIT)
        status = jr_graph_refuse(reason, "more than %d values in a frame", MOST_NODES);
    fini(&b);
    return status;
}
