/* print.c -- a plan as text.
 *
 *   %7 = add.f64 %3 %5            a node; leaves are written where they are used
 *   ?8 = lt.f64 %7 0.25           a truth
 *   a4                            an array */
#include <string.h>

#include "ir/base/sb.h"
#include "jit/graph/internal.h"

static void put_word(struct jr_sb *out, uint64_t word)
{
    double value;
    memcpy(&value, &word, sizeof value);
    if (word != 0 && word < (uint64_t)1 << 52) /* a small integer rather than a denormal number */
        jr_sb_format(out, "i%llu", (unsigned long long)word);
    else
        jr_sb_format(out, "%.17g", value);
}

static void put_variable(struct jr_sb *out, const struct jr_graph *graph, uint32_t index)
{
    const struct jr_variable *variable = &graph->variables[index];
    if (variable->place == JR_VARIABLE_CELL)
        jr_sb_format(out, "cell.v%u", index);
    else
        jr_sb_format(out, "%s%u", variable->place == JR_VARIABLE_STATE ? "s" : "global", variable->offset);
}

static void put_ref(struct jr_sb *out, const struct jr_graph *graph, uint32_t index)
{
    const struct jr_node *node = &graph->nodes[index];
    if (node->kind == JR_NODE_CONST)
        put_word(out, node->word);
    else if (node->kind == JR_NODE_NOW)
        jr_sb_text(out, "now");
    else
        jr_sb_format(out, "%c%u", jr_node_is_truth(node) ? '?' : '%', index);
}

static void put_node(struct jr_sb *out, const struct jr_graph *graph, uint32_t index)
{
    static const char *const names[JR_NODE_KIND_COUNT] = {
        [JR_NODE_INPUT] = "input", [JR_NODE_BEFORE] = "before", [JR_NODE_NOT] = "not", [JR_NODE_AND] = "and", [JR_NODE_OR] = "or",
        [JR_NODE_TRUTH] = "truth", [JR_NODE_SELECT] = "select", [JR_NODE_ELEMENT] = "element", [JR_NODE_READ] = "read",
    };
    const struct jr_node *node = &graph->nodes[index];
    put_ref(out, graph, index);
    jr_sb_format(out, " = %s", names[node->kind] ? names[node->kind] : jr_op_infos[node->op].mnemonic);
    if (node->kind == JR_NODE_INPUT)
        jr_sb_format(out, " %u", node->index);
    if (node->kind == JR_NODE_BEFORE) {
        jr_sb_char(out, ' ');
        put_variable(out, graph, node->index);
    }
    if (node->kind == JR_NODE_ELEMENT)
        jr_sb_format(out, " table%u[%llu]", node->index, (unsigned long long)graph->arrays[node->index].length);
    if (node->kind == JR_NODE_READ)
        jr_sb_format(out, " line%u", node->index);
    for (uint32_t k = 0; k < jr_node_operand_count(node); k++) {
        jr_sb_char(out, ' ');
        put_ref(out, graph, node->operands[k]);
    }
}

static void put_variables(struct jr_sb *out, const struct jr_plan *plan)
{
    static const char *const forms[] = { "constant", "carried", "delayed", "last" };
    const struct jr_graph *graph = &plan->graph;
    for (uint32_t v = 0; v < graph->variable_count; v++) {
        if (plan->variable_form[v] == JR_FORM_CONSTANT)
            continue;
        jr_sb_text(out, "  ");
        put_variable(out, graph, v);
        jr_sb_format(out, "' = ");
        put_ref(out, graph, graph->variables[v].after);
        jr_sb_format(out, "  ; %s", forms[plan->variable_form[v]]);
        if (plan->variable_array[v] != JR_NONE)
            jr_sb_format(out, " a%u", plan->variable_array[v]);
        if (plan->variable_stage[v] != JR_NONE)
            jr_sb_format(out, " in stage %u", plan->variable_stage[v]);
        jr_sb_char(out, '\n');
    }
}

static void put_lines(struct jr_sb *out, const struct jr_plan *plan)
{
    const struct jr_graph *graph = &plan->graph;
    for (uint32_t i = 0; i < graph->line_count; i++) {
        const struct jr_line *line = &graph->lines[i];
        jr_sb_format(out, "  line%u s%u length %u group %u fed with ", i, line->offset, line->length, line->group);
        put_ref(out, graph, line->input);
        jr_sb_format(out, "  ; %u ... %u frames", line->least, line->most);
        if (plan->line_direct[i])
            jr_sb_text(out, ", direct");
        else
            jr_sb_format(out, ", a%u", plan->line_array[i]);
        if (plan->line_fresh[i])
            jr_sb_text(out, ", fresh");
        jr_sb_char(out, '\n');
    }
}

static void put_stores(struct jr_sb *out, const struct jr_plan *plan, const struct jr_stage *stage)
{
    for (uint32_t i = 0; i < stage->store_count; i++) {
        jr_sb_text(out, "  ");
        put_ref(out, &plan->graph, stage->stores[i].node);
        jr_sb_format(out, " -> %s%u\n", stage->stores[i].is_output ? "output" : "a", stage->stores[i].index);
    }
}

static void put_stage(struct jr_sb *out, const struct jr_plan *plan, uint32_t index)
{
    static const char *const names[] = { "vector", "sequence", "pack", "pipeline", "phase", "random", "rolled" };
    const struct jr_stage *stage = &plan->stages[index];
    const struct jr_lanes *lanes = &stage->lanes;
    jr_sb_format(out, "stage %u %s", index, names[stage->kind]);
    if (lanes->lane_count > 0)
        jr_sb_format(out, ", %u lanes of %u", lanes->lane_count, lanes->position_count);
    jr_sb_char(out, '\n');
    for (uint32_t i = 0; i < stage->node_count; i++) {
        jr_sb_text(out, "  ");
        put_node(out, &plan->graph, stage->nodes[i]);
        jr_sb_char(out, '\n');
    }
    for (uint32_t i = 0; i < lanes->lane_count * lanes->position_count; i++) {
        jr_sb_text(out, i % lanes->position_count == 0 ? "  | " : "    ");
        put_node(out, &plan->graph, lanes->nodes[i]);
        jr_sb_char(out, '\n');
    }
    put_stores(out, plan, stage);
}

void jr_plan_print(const struct jr_plan *plan, struct jr_sb *out)
{
    const struct jr_graph *graph = &plan->graph;
    jr_sb_format(out, "plan: %u nodes, %u stages, %u arrays, chunks of %u frames, charge %llu", graph->node_count,
                 plan->stage_count, plan->array_count, plan->chunk, (unsigned long long)graph->charge_constant);
    if (graph->charge != JR_NONE) {
        jr_sb_text(out, " + ");
        put_ref(out, graph, graph->charge);
    }
    jr_sb_char(out, '\n');
    put_variables(out, plan);
    put_lines(out, plan);
    for (uint32_t s = 0; s < plan->stage_count; s++)
        put_stage(out, plan, s);
}
