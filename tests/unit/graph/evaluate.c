/* evaluate.c -- a plan, run by the bodies of the instructions. */
#include "evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/module.h"
#include "runtime/ops.h"

enum { WIDTH = JR_PLAN_VECTOR_FRAMES, WORDS = JR_PLAN_MARGIN + JR_PLAN_MOST_FRAMES };

typedef int body_function(JR_OP_ARGS);

#define BODY_0(name) NULL
#define BODY_1(name) jr_op_##name
#define BODY(name) BODY_OF(JR_HAS_BODY(name), name)
#define BODY_OF(has, name) BODY_OF_(has, name)
#define BODY_OF_(has, name) BODY_##has(name)
static body_function *const bodies[JR_OP_COUNT] = {
#define JR_OP(name, ...) [JR_OP_##name] = BODY(name),
#include "ir/opcodes.def"
};

static struct {
    const struct jr_plan *plan;
    const struct jr_graph *graph;
    uint64_t (*arrays)[WORDS];
    uint64_t *values;    /* WIDTH per node: what its stage has computed, one per frame of a vector; stages by frame use the first */
    uint64_t *variables; /* when the chunk begins; CARRIED and LAST ones of a stage by frame: now */
    uint64_t chunks;
    /* of the chunk */
    struct jr_task *task;
    uint64_t *state;
    const struct jr_block *block;
    uint64_t first; /* frame of the block */
    uint32_t n;
    uint32_t stage;
} run;

static void expect(bool condition, const char *what, uint32_t node)
{
    if (condition)
        return;
    fprintf(stderr, "plan: %s, node %u, stage %u\n", what, node, run.stage);
    abort();
}

void evaluate_begin(const struct jr_plan *plan)
{
    run.plan = plan;
    run.graph = &plan->graph;
    run.arrays = calloc(plan->array_count + 1, sizeof run.arrays[0]);
    run.values = calloc(plan->graph.node_count + 1, WIDTH * sizeof run.values[0]);
    run.variables = calloc(plan->graph.variable_count + 1, sizeof run.variables[0]);
    run.chunks = 0;
    if (!run.arrays || !run.values || !run.variables)
        abort();
}

void evaluate_end(void)
{
    free(run.arrays);
    free(run.values);
    free(run.variables);
}

uint64_t evaluate_chunks(void)
{
    return run.chunks;
}

static uint64_t *element_of(uint32_t array, int64_t i)
{
    expect(array < run.plan->array_count && i >= -1 && i < run.plan->chunk, "no such element", array);
    return &run.arrays[array][JR_PLAN_MARGIN + i];
}

static uint64_t *variable_place(uint32_t index)
{
    const struct jr_variable *variable = &run.graph->variables[index];
    switch (variable->place) {
    case JR_VARIABLE_STATE:
        return run.state + variable->offset;
    case JR_VARIABLE_GLOBAL:
        return run.task->globals + variable->offset;
    case JR_VARIABLE_CELL:
        return variable->address;
    }
    return NULL;
}

/* ---- nodes ---- */

static uint64_t evaluate(uint32_t index, uint32_t frame, uint32_t lane);

static uint64_t operand(uint32_t user, uint32_t k, uint32_t frame, uint32_t lane)
{
    uint32_t index = run.graph->nodes[user].operands[k];
    expect(index < user, "operands come first", user);
    if (run.plan->node_stage[index] == run.stage)
        return run.values[index * WIDTH + lane];
    if (run.plan->node_stage[index] == JR_NONE)
        return evaluate(index, frame, lane);
    expect(run.plan->node_stage[index] < run.stage && run.plan->node_array[index] != JR_NONE, "operand of a later stage", user);
    return *element_of(run.plan->node_array[index], frame);
}

static uint64_t read_line(uint32_t user, uint32_t frame, uint64_t time)
{
    uint32_t index = run.graph->nodes[user].index;
    const struct jr_line *line = &run.graph->lines[index];
    const uint64_t *words = run.state + line->offset;
    uint64_t distance = jr_array_index(jr_f64(time), line->length);
    distance = distance == 0 ? line->length : distance;
    expect(distance >= line->least && distance <= line->most, "sample outside the range of the line", user);
    if (run.plan->line_fresh[index] && distance <= frame)
        return *element_of(run.plan->line_array[index], (int64_t)frame - (int64_t)distance);
    expect(distance > frame, "sample that the chunk has fed", user);
    uint64_t at = words[1] + frame + line->length - distance;
    at = at >= line->length ? at - line->length : at;
    expect(at < line->length, "sample outside the line", user);
    return words[2 + at];
}

static uint64_t before(uint32_t index, uint32_t frame)
{
    if (run.plan->variable_form[index] == JR_FORM_DELAYED)
        return *element_of(run.plan->variable_array[index], (int64_t)frame - 1);
    return run.variables[index];
}

static void check_range(const struct jr_node *node, uint32_t index, uint64_t word)
{
    double value = jr_f64(word);
    expect(!(value < node->low) && !(value > node->high), "outside its range", index);
    expect(value == value || !node->never_nan, "NaN", index);
}

static uint64_t evaluate(uint32_t index, uint32_t frame, uint32_t lane)
{
    const struct jr_node *node = &run.graph->nodes[index];
    uint64_t r[3] = { 0 };
    for (uint32_t k = 0; k < jr_node_operand_count(node); k++)
        r[k] = operand(index, k, frame, lane);
    switch ((enum jr_node_kind)node->kind) {
    case JR_NODE_CONST:
        return node->word;
    case JR_NODE_INPUT:
        if (frame >= run.n)
            return 0;
        return jr_word(run.block->in[(run.first + frame) * run.block->in_step + node->index]);
    case JR_NODE_NOW:
        return jr_word((double)(run.block->first + run.first + frame));
    case JR_NODE_BEFORE:
        return before(node->index, frame);
    case JR_NODE_OP:
        expect(bodies[node->op](run.task, r, NULL, NULL, 0, 0, 1, 0, 0) == JR_RUN_OK, "failed", index);
        break;
    case JR_NODE_COMPARE:
        expect(bodies[node->op](run.task, r, NULL, NULL, 0, 0, 1, 0, 0) == JR_RUN_OK, "failed", index);
        return r[0] != 0;
    case JR_NODE_NOT:
        return !r[0];
    case JR_NODE_AND:
        return r[0] & r[1];
    case JR_NODE_OR:
        return r[0] | r[1];
    case JR_NODE_TRUTH:
        r[0] = jr_truth((int)r[0]);
        break;
    case JR_NODE_SELECT:
        r[0] = r[0] ? r[1] : r[2];
        break;
    case JR_NODE_ELEMENT:
        r[0] = jr_element(run.graph->arrays[node->index].words, run.graph->arrays[node->index].length, jr_f64(r[0]));
        break;
    case JR_NODE_READ:
        r[0] = read_line(index, frame, r[0]);
        break;
    case JR_NODE_KIND_COUNT:
        abort();
    }
    check_range(node, index, r[0]);
    return r[0];
}

static void compute(uint32_t node, uint32_t frame, uint32_t lane)
{
    run.values[node * WIDTH + lane] = evaluate(node, frame, lane);
}

/* ---- what leaves a stage ---- */

static uint64_t value_of(uint32_t node, uint32_t frame, uint32_t lane)
{
    return run.plan->node_stage[node] == JR_NONE ? evaluate(node, frame, lane) : run.values[node * WIDTH + lane];
}

static void store(const struct jr_store *store, uint32_t frame, uint32_t lane)
{
    uint64_t word = value_of(store->node, frame, lane);
    if (!store->is_output) {
        *element_of(store->index, frame) = word;
    } else if (frame < run.n) {
        double value = jr_f64(word);
        if (value != value)
            word = 0x7ff8000000000000;
        run.block->out[(run.first + frame) * run.block->out_step + store->index] = jr_f64(word);
    }
}

static void store_node(const struct jr_stage *stage, uint32_t node, uint32_t frame, uint32_t lane)
{
    for (uint32_t i = 0; i < stage->store_count; i++)
        if (stage->stores[i].node == node && !stage->stores[i].is_output)
            store(&stage->stores[i], frame, lane);
}

static void store_leaves(const struct jr_stage *stage, uint32_t frame, uint32_t lane)
{
    for (uint32_t i = 0; i < stage->store_count; i++)
        if (!stage->stores[i].is_output && run.plan->node_stage[stage->stores[i].node] == JR_NONE)
            store(&stage->stores[i], frame, lane);
}

static void store_outputs(const struct jr_stage *stage, uint32_t frame, uint32_t lane)
{
    for (uint32_t i = 0; i < stage->store_count; i++)
        if (stage->stores[i].is_output)
            store(&stage->stores[i], frame, lane);
}

/* Lines that the stage may write itself. */
static void feed_direct(uint32_t frame, uint32_t lane)
{
    for (uint32_t i = 0; frame < run.n && i < run.graph->line_count; i++) {
        const struct jr_line *line = &run.graph->lines[i];
        uint64_t *words = run.state + line->offset;
        if (run.plan->line_direct[i] && run.plan->node_stage[line->input] == run.stage)
            words[2 + (words[1] + frame) % line->length] = run.values[line->input * WIDTH + lane];
    }
}

/* Variables that stay in this stage, when a frame is done. */
static void carry(uint32_t after_row)
{
    for (uint32_t v = 0; v < run.graph->variable_count; v++)
        if (run.plan->variable_stage[v] == run.stage && (after_row == JR_NONE || run.graph->variables[v].after == after_row))
            run.variables[v] = run.values[run.graph->variables[v].after * WIDTH];
}

static void fill_up(const struct jr_stage *stage)
{
    for (uint32_t i = 0; i < stage->store_count; i++)
        for (uint32_t frame = run.n; frame % WIDTH != 0 && !stage->stores[i].is_output; frame++)
            *element_of(stage->stores[i].index, frame) = *element_of(stage->stores[i].index, (int64_t)run.n - 1);
}

/* ---- stages ---- */

static void run_vectors(const struct jr_stage *stage)
{
    const struct jr_lanes *lanes = &stage->lanes;
    uint32_t count = stage->node_count + lanes->lane_count * lanes->position_count;
    for (uint32_t first = 0; first < run.n; first += WIDTH) {
        for (uint32_t lane = 0; lane < WIDTH; lane++)
            store_leaves(stage, first + lane, lane);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t node = i < stage->node_count ? stage->nodes[i] : lanes->nodes[i - stage->node_count];
            for (uint32_t lane = 0; lane < WIDTH; lane++)
                compute(node, first + lane, lane);
            for (uint32_t lane = 0; lane < WIDTH; lane++)
                store_node(stage, node, first + lane, lane);
        }
        for (uint32_t lane = 0; lane < WIDTH; lane++) {
            store_outputs(stage, first + lane, lane);
            feed_direct(first + lane, lane);
        }
    }
}

static void run_frames(const struct jr_stage *stage)
{
    const struct jr_lanes *lanes = &stage->lanes;
    uint32_t count = stage->node_count + lanes->lane_count * lanes->position_count;
    for (uint32_t frame = 0; frame < run.n; frame++) {
        for (uint32_t i = 0; i < count; i++) {
            uint32_t node = i < stage->node_count ? stage->nodes[i] : lanes->nodes[i - stage->node_count];
            compute(node, frame, 0);
            store_node(stage, node, frame, 0);
        }
        carry(JR_NONE);
        store_outputs(stage, frame, 0);
        feed_direct(frame, 0);
    }
    fill_up(stage);
}

/* Lane j does frame t - j in round t; the lane before has done that frame in the round before. */
static void run_pipeline(const struct jr_stage *stage)
{
    const struct jr_lanes *lanes = &stage->lanes;
    for (uint32_t round = 0; round < run.n + lanes->lane_count - 1; round++)
        for (uint32_t lane = lanes->lane_count; lane-- > 0;) {
            const uint32_t *row = lanes->nodes + (size_t)lane * lanes->position_count;
            if (round < lane || round - lane >= run.n)
                continue;
            for (uint32_t i = 0; i < lanes->position_count; i++) {
                compute(row[i], round - lane, 0);
                store_node(stage, row[i], round - lane, 0);
                for (uint32_t s = 0; s < stage->store_count; s++)
                    if (stage->stores[s].node == row[i] && stage->stores[s].is_output)
                        store(&stage->stores[s], round - lane, 0);
            }
            for (uint32_t i = 0; i < lanes->position_count; i++)
                carry(row[i]);
        }
    fill_up(stage);
}

/* ---- lanes have one shape ---- */

static uint32_t position_of(const struct jr_lanes *lanes, uint32_t lane, uint32_t node)
{
    for (uint32_t i = 0; i < lanes->position_count; i++)
        if (lanes->nodes[(size_t)lane * lanes->position_count + i] == node)
            return i;
    return JR_NONE;
}

static void check_source(const struct jr_lanes *lanes, uint32_t lane, uint32_t position, uint32_t k)
{
    const uint32_t *row = lanes->nodes + (size_t)lane * lanes->position_count;
    const struct jr_source *source = &lanes->sources[position][k];
    uint32_t operand = run.graph->nodes[row[position]].operands[k];
    switch (source->kind) {
    case JR_SOURCE_NONE:
        expect(operand == JR_NONE, "a source is missing", row[position]);
        break;
    case JR_SOURCE_INSIDE:
        expect(source->position < position && row[source->position] == operand, "not inside", row[position]);
        break;
    case JR_SOURCE_PREVIOUS:
        expect(lane == 0 || lanes->nodes[(size_t)(lane - 1) * lanes->position_count + source->position] == operand,
               "not of the lane before", row[position]);
        break;
    case JR_SOURCE_UNIFORM:
        expect(operand == run.graph->nodes[lanes->nodes[position]].operands[k], "not the same for all lanes", row[position]);
        break;
    case JR_SOURCE_CONSTANT:
        expect(run.graph->nodes[operand].kind == JR_NODE_CONST, "not constant", row[position]);
        break;
    case JR_SOURCE_OUTSIDE:
        expect(run.plan->node_stage[operand] != run.stage || run.plan->node_stage[operand] == JR_NONE, "not outside", row[position]);
        break;
    }
}

static void check_lanes(const struct jr_stage *stage)
{
    const struct jr_lanes *lanes = &stage->lanes;
    for (uint32_t lane = 0; lane < lanes->lane_count; lane++)
        for (uint32_t i = 0; i < lanes->position_count; i++) {
            uint32_t index = lanes->nodes[(size_t)lane * lanes->position_count + i];
            const struct jr_node *node = &run.graph->nodes[index], *model = &run.graph->nodes[lanes->nodes[i]];
            expect(node->kind == model->kind && node->op == model->op, "another shape", index);
            for (uint32_t k = 0; k < 3; k++)
                check_source(lanes, lane, i, k);
            if (node->kind == JR_NODE_BEFORE && lanes->afters[i] != JR_NONE)
                expect(position_of(lanes, lane, run.graph->variables[node->index].after) == lanes->afters[i],
                       "another variable", index);
        }
}

/* ---- chunks ---- */

static void run_chunk(void)
{
    const struct jr_plan *plan = run.plan;
    memset(run.arrays, 0xfe, plan->array_count * sizeof run.arrays[0]);
    for (uint32_t v = 0; v < run.graph->variable_count; v++) {
        run.variables[v] = *variable_place(v);
        if (plan->variable_form[v] == JR_FORM_DELAYED)
            *element_of(plan->variable_array[v], -1) = run.variables[v];
    }
    for (run.stage = 0; run.stage < plan->stage_count; run.stage++) {
        const struct jr_stage *stage = &plan->stages[run.stage];
        if (stage->kind == JR_STAGE_VECTOR || stage->kind == JR_STAGE_ROLLED)
            run_vectors(stage);
        else if (stage->kind == JR_STAGE_PIPELINE)
            run_pipeline(stage);
        else
            run_frames(stage);
    }
    for (uint32_t v = 0; v < run.graph->variable_count; v++)
        if (plan->variable_array[v] != JR_NONE)
            *variable_place(v) = *element_of(plan->variable_array[v], (int64_t)run.n - 1);
        else if (plan->variable_form[v] != JR_FORM_CONSTANT)
            *variable_place(v) = run.variables[v];
    for (uint32_t i = 0; i < run.graph->line_count; i++) {
        const struct jr_line *line = &run.graph->lines[i];
        uint64_t *words = run.state + line->offset;
        uint32_t count = run.n < line->length ? run.n : line->length;
        for (uint32_t frame = run.n - count; frame < run.n && !plan->line_direct[i]; frame++)
            words[2 + (words[1] + frame) % line->length] = *element_of(plan->line_array[i], frame);
        words[1] = (words[1] + run.n) % line->length;
    }
    run.task->budget -= (int64_t)(run.n * run.graph->charge_constant);
    for (uint32_t i = 0; run.graph->charge != JR_NONE && i < run.n; i++)
        run.task->budget -= (int64_t)*element_of(plan->node_array[run.graph->charge], i);
    run.chunks++;
}

int evaluate_block(struct jr_task *task, uint64_t *frame, uint64_t *state, struct jr_closure *closure, struct jr_block *block)
{
    uint64_t fuel = run.graph->residual->fuel_at_most;
    (void)frame, (void)closure;
    run.task = task;
    run.state = state;
    run.block = block;
    block->done = 0;
    for (uint32_t i = 0; i < run.graph->line_count; i++) {
        const struct jr_line *line = &run.graph->lines[i], *first = &run.graph->lines[run.graph->groups[line->group].first];
        if (state[line->offset + 1] != state[first->offset + 1])
            return JR_RUN_OK;
    }
    for (run.stage = 0; run.stage < run.plan->stage_count; run.stage++)
        check_lanes(&run.plan->stages[run.stage]);
    while (block->done < block->frame_count && task->budget >= (int64_t)fuel) {
        uint64_t n = block->frame_count - block->done;
        n = n < run.plan->chunk ? n : run.plan->chunk;
        n = fuel == 0 || n < (uint64_t)task->budget / fuel ? n : (uint64_t)task->budget / fuel;
        run.first = block->done;
        run.n = (uint32_t)n;
        run_chunk();
        block->done += n;
    }
    return JR_RUN_OK;
}
