/* step.c -- one instruction of the residual function becomes nodes. */
#include <string.h>

#include "ir/base/hash.h"
#include "jit/graph/internal.h"
#include "runtime/object.h"
#include "runtime/residual.h"

enum { MOST_CHOICES = 16 }; /* arrays that one array.get may choose from */

static enum jr_status refuse_op(struct jr_builder *b, const struct jr_instr *in, const char *why)
{
    return jr_graph_refuse(b->reason, "%s %s", jr_op_infos[in->op].mnemonic, why);
}

static uint32_t get(struct jr_builder *b, uint32_t slot)
{
    return jr_builder_get(b, slot, b->env.items[slot]);
}

static enum jr_status variable_slot(struct jr_builder *b, enum jr_variable_place place, uint32_t offset, uint64_t *address,
                                    uint32_t *slot)
{
    struct jr_variable variable = { .place = place, .offset = offset, .address = address, .before = JR_NONE,
                                    .after = JR_NONE };
    uint64_t hash = jr_hash_word((uint64_t)place << 32 | offset, (uint64_t)(uintptr_t)address);
    size_t probe = 0;
    uint32_t found;
    while ((found = jr_index_map_next(&b->variable_map, hash, &probe)) != UINT32_MAX) {
        const struct jr_variable *item = &b->variables.items[found];
        if (item->place == place && item->offset == offset && item->address == address) {
            *slot = b->variable_slot + found;
            return JR_OK;
        }
    }
    *slot = b->variable_slot + (uint32_t)b->variables.count;
    enum jr_status status = jr_index_map_add(b->alloc, &b->variable_map, hash, (uint32_t)b->variables.count);
    if (status == JR_OK)
        status = JR_VEC_PUSH(b->alloc, &b->variables, variable);
    if (status == JR_OK)
        status = JR_VEC_PUSH(b->alloc, &b->env, JR_NONE);
    return status;
}

/* Words between registers and a place: state words and globals follow each other by offset, words of a cell by address. */
static enum jr_status transfer(struct jr_builder *b, enum jr_variable_place place, uint32_t offset, uint64_t *address,
                               uint32_t reg, uint32_t count, bool reads)
{
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < count && status == JR_OK; i++) {
        uint32_t slot;
        status = place == JR_VARIABLE_CELL ? variable_slot(b, place, 0, address + i, &slot)
                                           : variable_slot(b, place, offset + i, NULL, &slot);
        if (status == JR_OK)
            status = reads ? jr_builder_set(b, reg + i, get(b, slot)) : jr_builder_set(b, slot, get(b, reg + i));
    }
    return status;
}

static enum jr_status transfer_layout(struct jr_builder *b, const struct jr_instr *in, enum jr_variable_place place,
                                      uint32_t layout_index, uint64_t *address, bool reads)
{
    const struct jr_layout *layout = &b->residual->module->layouts[layout_index];
    if (layout->has_refs)
        return refuse_op(b, in, "moves counted references");
    return transfer(b, place, in->x, address, place == JR_VARIABLE_CELL && !reads ? in->b : in->a, layout->word_count, reads);
}

static enum jr_status move(struct jr_builder *b, uint32_t to, uint32_t from, uint32_t count)
{
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < count && status == JR_OK; i++) {
        uint32_t k = to <= from ? i : count - 1 - i;
        status = jr_builder_set(b, to + k, b->env.items[from + k]);
    }
    return status;
}

/* ---- instructions ---- */

/* The object in a register, NULL included; false if it is not the same in every frame. */
static bool known_object(const struct jr_builder *b, uint32_t node, void **object)
{
    const struct jr_node *at = &b->maker.nodes.items[node];
    *object = (void *)(uintptr_t)at->word;
    return at->kind == JR_NODE_CONST;
}

static uint32_t region_of(const struct jr_residual *residual, uint32_t word)
{
    uint32_t low = 0, high = residual->region_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (residual->regions[middle].offset <= word)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static enum jr_status step_delay(struct jr_builder *b, const struct jr_builder_block *block, const struct jr_instr *in)
{
    struct jr_line line = { .offset = in->x, .length = in->y, .group = region_of(b->residual, in->x) };
    uint32_t input = get(b, in->b), time = get(b, in->c);
    if (in->y == 0)
        return jr_builder_set(b, in->a, jr_make_const(&b->maker, 0));
    if (!block->always)
        return refuse_op(b, in, "is not done in every frame");
    for (size_t i = 0; i < b->lines.count; i++)
        if (b->lines.items[i].offset == in->x)
            return refuse_op(b, in, "feeds one line twice a frame");
    line.input = input;
    line.read = jr_make_at(&b->maker, JR_NODE_READ, (uint32_t)b->lines.count, time);
    enum jr_status status = JR_VEC_PUSH(b->alloc, &b->lines, line);
    return status == JR_OK ? jr_builder_set(b, in->a, line.read) : status;
}

/* All words of the array, one after the other. */
static enum jr_status array_index(struct jr_builder *b, const struct jr_array *array, uint32_t *index)
{
    for (size_t i = 0; i < b->arrays.count; i++)
        if (b->arrays.items[i].words == array->words) {
            *index = (uint32_t)i;
            return JR_OK;
        }
    *index = (uint32_t)b->arrays.count;
    return JR_VEC_PUSH(b->alloc, &b->arrays, (struct jr_graph_array){ array->words, array->length * array->elem_words });
}

static uint32_t number(struct jr_builder *b, double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    return jr_make_const(&b->maker, word);
}

/* The first word of an element of several words, as jr_array_index finds it: clamped, truncated, NaN is 0. */
static uint32_t first_word(struct jr_builder *b, const struct jr_array *array, uint32_t at)
{
    struct jr_maker *m = &b->maker;
    uint32_t zero = number(b, 0.0), last = number(b, (double)(array->length - 1));
    at = jr_make_select(m, jr_make_compare(m, JR_OP_GT_F64, at, zero), at, zero);
    at = jr_make_select(m, jr_make_compare(m, JR_OP_LT_F64, at, last), at, last);
    return jr_make_op(m, JR_OP_MUL_F64, jr_make_op(m, JR_OP_TRUNC_F64, at, JR_NONE), number(b, (double)array->elem_words));
}

static enum jr_status step_element(struct jr_builder *b, const struct jr_instr *in)
{
    const struct jr_layout *layout = &b->residual->module->layouts[in->x];
    uint32_t at = get(b, in->c), index = 0;
    enum jr_status status = JR_OK;
    void *object;
    if (layout->has_refs)
        return refuse_op(b, in, "copies counted references");
    if (!known_object(b, get(b, in->b), &object))
        return refuse_op(b, in, "reads an array that is not the same in every frame");
    const struct jr_array *known = object;
    bool empty = known == NULL || known->length == 0 || known->elem_words == 0;
    if (!empty) {
        status = array_index(b, known, &index);
        at = first_word(b, known, at);
    }
    for (uint32_t i = 0; i < layout->word_count && status == JR_OK; i++) {
        uint32_t word = empty ? jr_make_const(&b->maker, 0)
                              : jr_make_at(&b->maker, JR_NODE_ELEMENT, index,
                                           jr_make_op(&b->maker, JR_OP_ADD_F64, at, number(b, (double)i)));
        status = jr_builder_set(b, in->a + i, word);
    }
    return status;
}

/* The element of a known array, or of one chosen among known ones. */
static enum jr_status element(struct jr_builder *b, const struct jr_instr *in, uint32_t array, uint32_t at, uint32_t *choices,
                              uint32_t *out)
{
    const struct jr_node node = b->maker.nodes.items[array];
    void *object;
    uint32_t index, left = 0, right = 0;
    enum jr_status status;
    if (++*choices > MOST_CHOICES)
        return refuse_op(b, in, "chooses among too many arrays");
    if (known_object(b, array, &object)) {
        const struct jr_array *known = object;
        if (known == NULL || known->length == 0) {
            *out = jr_make_const(&b->maker, 0);
            return JR_OK;
        }
        status = array_index(b, known, &index);
        *out = jr_make_at(&b->maker, JR_NODE_ELEMENT, index, at);
        return status;
    }
    if (node.kind != JR_NODE_SELECT)
        return refuse_op(b, in, "reads an array that is not the same in every frame");
    status = element(b, in, node.operands[1], at, choices, &left);
    if (status == JR_OK)
        status = element(b, in, node.operands[2], at, choices, &right);
    *out = jr_make_select(&b->maker, node.operands[0], left, right);
    return status;
}

static enum jr_status step_array(struct jr_builder *b, const struct jr_instr *in)
{
    uint32_t array = get(b, in->b), choices = 0, out = 0;
    void *object;
    if (in->op == JR_OP_ARRAY_GET) {
        enum jr_status status = element(b, in, array, get(b, in->c), &choices, &out);
        return status == JR_OK ? jr_builder_set(b, in->a, out) : status;
    }
    if (!known_object(b, array, &object))
        return refuse_op(b, in, "asks for an array that is not the same in every frame");
    const struct jr_array *known = object;
    union {
        double number;
        uint64_t word;
    } length = { .number = known ? (double)known->length : 0.0 };
    return jr_builder_set(b, in->a, jr_make_const(&b->maker, length.word));
}

static enum jr_status step_cell(struct jr_builder *b, const struct jr_instr *in)
{
    bool reads = in->op == JR_OP_CELL_GET || in->op == JR_OP_CELL_GET_N;
    bool one = in->op == JR_OP_CELL_GET || in->op == JR_OP_CELL_SET;
    void *object;
    if (!known_object(b, get(b, reads ? in->b : in->a), &object) || object == NULL)
        return refuse_op(b, in, "uses a cell that is not the same in every frame");
    struct jr_cell *cell = object;
    if (one)
        return transfer(b, JR_VARIABLE_CELL, 0, cell->words + in->c, reads ? in->a : in->b, 1, reads);
    return transfer_layout(b, in, JR_VARIABLE_CELL, in->x, cell->words, reads);
}

static bool is_raw_sum(const struct jr_module *module, uint32_t index)
{
    const struct jr_sum *sum = &module->sums[index];
    for (uint32_t v = 0; v < sum->variant_count; v++)
        if (module->layouts[sum->variant_layouts[v]].has_refs)
            return false;
    return true;
}

static enum jr_status step_sum(struct jr_builder *b, const struct jr_instr *in)
{
    const struct jr_module *module = b->residual->module;
    const struct jr_sum *sum = &module->sums[in->x];
    uint32_t payload = module->layouts[sum->variant_layouts[in->y]].word_count;
    if (!is_raw_sum(module, in->x))
        return refuse_op(b, in, "has counted references in it");
    enum jr_status status = move(b, in->a + 1, in->b, payload);
    if (status == JR_OK)
        status = jr_builder_set(b, in->a, jr_make_const(&b->maker, in->y));
    for (uint32_t i = payload + 1; i < sum->word_count && status == JR_OK; i++)
        status = jr_builder_set(b, in->a + i, jr_make_const(&b->maker, 0));
    return status;
}

static uint32_t logic(struct jr_builder *b, const struct jr_instr *in)
{
    struct jr_maker *m = &b->maker;
    uint32_t left = get(b, in->b);
    uint32_t zero = jr_make_const(m, 0);
    switch (in->op) {
    case JR_OP_AND_F64:
        return jr_make_and(m, jr_make_is_true(m, left), jr_make_is_true(m, get(b, in->c)));
    case JR_OP_OR_F64:
        return jr_make_or(m, jr_make_is_true(m, left), jr_make_is_true(m, get(b, in->c)));
    case JR_OP_NOT_F64:
        return jr_make_compare(m, JR_OP_EQ_F64, left, zero);
    case JR_OP_BOOL_I64:
        return jr_make_compare(m, JR_OP_NE_I64, left, zero);
    case JR_OP_BOOL_F64:
        return jr_make_is_true(m, left);
    default:
        return jr_make_compare(m, in->op, left, get(b, in->c));
    }
}

static bool is_logic(enum jr_op op)
{
    return (op >= JR_OP_EQ_F64 && op <= JR_OP_BOOL_F64) || (op >= JR_OP_EQ_I64 && op <= JR_OP_GE_I64) ||
           op == JR_OP_BOOL_I64;
}

/* Instructions without effect from one or two words to one. */
static bool is_plain(enum jr_op op)
{
    const struct jr_op_info *info = &jr_op_infos[op];
    return info->effects == JR_EFFECT_NONE && info->a == JR_OPERAND_D && info->b == JR_OPERAND_S &&
           (info->c == JR_OPERAND_S || info->c == JR_OPERAND__) && info->format == JR_FORMAT_ABC;
}

static enum jr_status step_constant(struct jr_builder *b, const struct jr_instr *in)
{
    uint64_t word = in->op == JR_OP_CONST ? b->function->constants[in->x] : (uint64_t)(int64_t)(int32_t)in->x;
    if (in->op == JR_OP_CONST_F32) {
        float narrow;
        double wide;
        memcpy(&narrow, &in->x, sizeof narrow);
        wide = (double)narrow;
        memcpy(&word, &wide, sizeof word);
    }
    return jr_builder_set(b, in->a, jr_make_const(&b->maker, word));
}

uint32_t jr_builder_split_charge(const struct jr_builder *b, uint32_t node, uint64_t *constant)
{
    const struct jr_node *at = &b->maker.nodes.items[node];
    *constant = 0;
    if (at->kind == JR_NODE_CONST) {
        *constant = at->word;
        return JR_NONE;
    }
    if (at->kind != JR_NODE_OP || at->op != JR_OP_ADD_I64 || b->maker.nodes.items[at->operands[1]].kind != JR_NODE_CONST)
        return node;
    *constant = b->maker.nodes.items[at->operands[1]].word;
    return at->operands[0];
}

static enum jr_status step_charge(struct jr_builder *b, const struct jr_instr *in)
{
    uint64_t constant;
    uint32_t sum = jr_builder_split_charge(b, b->env.items[b->charge_slot], &constant);
    uint32_t node = jr_make_const(&b->maker, constant + in->x);
    if (sum != JR_NONE)
        node = jr_make_op(&b->maker, JR_OP_ADD_I64, sum, node);
    return jr_builder_set(b, b->charge_slot, node);
}

enum jr_status jr_builder_step(struct jr_builder *b, const struct jr_builder_block *block, const struct jr_instr *in)
{
    enum jr_status status = JR_OK;
    uint32_t node, slot;
    if (is_logic(in->op))
        return jr_builder_set(b, in->a, jr_make_truth(&b->maker, logic(b, in)));
    switch (in->op) {
    case JR_OP_NOP:
        return JR_OK;
    case JR_OP_MOVE:
    case JR_OP_SUM_TAG:
        return move(b, in->a, in->b, 1);
    case JR_OP_MOVE_N:
    case JR_OP_BORROW:
        return move(b, in->a, in->b, in->c);
    case JR_OP_CONST:
    case JR_OP_CONST_I32:
    case JR_OP_CONST_F32:
        return step_constant(b, in);
    case JR_OP_CHARGE:
        return step_charge(b, in);
    case JR_OP_GLOBAL_GET:
    case JR_OP_GLOBAL_SET:
        return transfer(b, JR_VARIABLE_GLOBAL, in->x, NULL, in->a, 1, in->op == JR_OP_GLOBAL_GET);
    case JR_OP_GLOBAL_GET_N:
    case JR_OP_GLOBAL_SET_N:
        return transfer_layout(b, in, JR_VARIABLE_GLOBAL, in->y, NULL, in->op == JR_OP_GLOBAL_GET_N);
    case JR_OP_STATE_GET:
    case JR_OP_STATE_SET:
        return transfer(b, JR_VARIABLE_STATE, in->x, NULL, in->a, 1, in->op == JR_OP_STATE_GET);
    case JR_OP_STATE_GET_N:
    case JR_OP_STATE_SET_N:
        return transfer_layout(b, in, JR_VARIABLE_STATE, in->y, NULL, in->op == JR_OP_STATE_GET_N);
    case JR_OP_MEM:
        node = get(b, in->b);
        status = transfer(b, JR_VARIABLE_STATE, in->x, NULL, in->a, 1, true);
        if (status == JR_OK)
            status = variable_slot(b, JR_VARIABLE_STATE, in->x, NULL, &slot);
        return status == JR_OK ? jr_builder_set(b, slot, node) : status;
    case JR_OP_DELAY:
        return step_delay(b, block, in);
    case JR_OP_CAPTURE_GET:
        for (uint32_t i = 0; i < in->c && status == JR_OK; i++)
            status = jr_builder_set(b, in->a + i, jr_make_const(&b->maker, b->residual->known[in->x + i]));
        return status;
    case JR_OP_CELL_GET:
    case JR_OP_CELL_SET:
    case JR_OP_CELL_GET_N:
    case JR_OP_CELL_SET_N:
        return step_cell(b, in);
    case JR_OP_SUM_NEW:
        return step_sum(b, in);
    case JR_OP_ARRAY_GET:
    case JR_OP_ARRAY_LEN:
        return step_array(b, in);
    case JR_OP_ARRAY_GET_N:
        return step_element(b, in);
    case JR_OP_NOW:
        return jr_builder_set(b, in->a, jr_make_leaf(&b->maker, JR_NODE_NOW, JR_NONE));
    default:
        if (!is_plain(in->op))
            return refuse_op(b, in, jr_op_infos[in->op].effects & JR_EFFECT_FAILS ? "may fail" : "is not a value of a frame");
        node = jr_make_op(&b->maker, in->op, get(b, in->b), jr_op_infos[in->op].c == JR_OPERAND_S ? get(b, in->c) : JR_NONE);
        return jr_builder_set(b, in->a, node);
    }
}
