/* object.c -- objects that need not be made.
 *
 * An object that is made in dsp, and of which nobody but dsp ever hears, is a shape known to this pass: its words live in registers of their own
 * (homes), and what the instructions of the original do to it is done to these.  Reading and writing becomes moving; taking and giving back counts becomes
 * counting here; when the last count goes, the content is released.  A call of such a closure is expanded like any other; its state
 * is homes that begin as zeros.
 *
 * Whether nobody hears of it is found out by trying.  Where a reference is needed in a register (it goes into a global, state, an array, a
 * made object, to a host function; paths meet that have different ones), the attempt ends; the next one makes the objects of that
 * instruction where the original makes them.  So objects that are made have the places, errors and order of the original. */
#include "ir/state_tree.h"
#include "jit/specialise/internal.h"
#include "runtime/ops.h"

static struct jr_virtual *object_at(struct jr_expand *x, uint32_t object)
{
    return &x->objects.items[object];
}

void jr_object_retain(struct jr_expand *x, uint32_t object)
{
    jr_value_at(x, object_at(x, object)->count)->word++;
}

static uint32_t words_of(const struct jr_expand *x, const struct jr_virtual *object)
{
    return x->module->layouts[object->layout].word_count;
}

static enum jr_status release_content(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t first,
                                      uint32_t layout)
{
    const struct jr_layout *types = &x->module->layouts[layout];
    if (jr_words_are_single(x, first, types->words, types->word_count))
        return jr_words_release(x, act, pc, first, types->words, types->word_count);
    enum jr_status status = jr_piece_store(x, first, types->word_count, true);
    if (status == JR_OK)
        status = jr_piece_add(x, act, pc, (struct jr_instr){ .op = JR_OP_RELEASE_N, .a = first, .x = layout, .length = 1 });
    jr_value_clear(x, first, types->word_count);
    return status;
}

static enum jr_status copy_content(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t to, uint32_t from,
                                   uint32_t layout)
{
    const struct jr_layout *types = &x->module->layouts[layout];
    if (jr_words_are_single(x, from, types->words, types->word_count))
        return jr_words_copy(x, act, pc, to, from, types->words, types->word_count);
    struct jr_instr in = { .op = JR_OP_COPY_N, .a = to, .b = from, .x = layout, .length = 2 };
    enum jr_status status = jr_piece_store(x, from, types->word_count, false);
    if (status == JR_OK)
        status = jr_piece_add(x, act, pc, in);
    jr_value_set_dynamic(x, to, types->word_count);
    return status;
}

enum jr_status jr_object_release(struct jr_expand *x, const struct jr_activation *act, uint32_t pc, uint32_t object)
{
    const struct jr_virtual it = *object_at(x, object);
    enum jr_status status = JR_OK;
    if (--jr_value_at(x, it.count)->word > 0)
        return JR_OK;
    for (uint32_t i = 0; i < it.length && status == JR_OK; i++)
        status = release_content(x, act, pc, it.content + i * words_of(x, &it), it.layout);
    jr_value_clear(x, it.count, it.end - it.count);
    return status;
}

uint32_t jr_object_of_count(const struct jr_expand *x, uint32_t home)
{
    uint32_t object = 0;
    while (x->objects.items[object].count != home)
        object++;
    return object;
}

/* ---- which are made ---- */

static bool is_made(const struct jr_expand *x, uint32_t function, uint32_t pc)
{
    for (size_t i = 0; i < x->makings.count; i++)
        if (x->makings.items[i].function == function && x->makings.items[i].pc == pc)
            return true;
    return x->all_made;
}

static enum jr_status note_making(struct jr_expand *x, uint32_t function, uint32_t pc)
{
    x->again = true;
    return is_made(x, function, pc) ? JR_OK : JR_VEC_PUSH(x->alloc, &x->makings, (struct jr_making){ function, pc });
}

enum jr_status jr_object_escapes(struct jr_expand *x, uint32_t object)
{
    const struct jr_virtual *it = object_at(x, object);
    enum jr_status status = is_made(x, it->made_in, it->made_at) ? JR_OK : note_making(x, it->made_in, it->made_at);
    for (uint32_t home = it->content; home < it->state && status == JR_OK; home++) {
        struct jr_value *value = jr_value_at(x, home);
        if (value->kind != JR_VALUE_VIRTUAL)
            continue;
        value->kind = JR_VALUE_EMPTY; /* objects may hold each other */
        status = jr_object_escapes(x, (uint32_t)value->word);
        if (status == JR_ERR_UNSUPPORTED)
            status = JR_OK;
    }
    return status == JR_OK ? jr_expand_refuse(x, "%s makes an object that others see", x->module->functions[it->made_in].name)
                           : status;
}

/* State without references and delay lines can be homes. */
static enum jr_status has_plain_state(struct jr_expand *x, uint32_t function, bool *plain)
{
    struct jr_state_walk walk;
    struct jr_state_node node;
    bool found = true;
    enum jr_status status = jr_state_walk_init(&walk, x->alloc, x->module, function);
    *plain = true;
    while (status == JR_OK) {
        status = jr_state_walk_leaf(&walk, &node, &found);
        if (status != JR_OK || !found)
            break;
        if (node.site->kind == JR_SITE_DELAY ||
            (node.site->kind == JR_SITE_SELF && x->module->layouts[node.site->layout].has_refs))
            *plain = false;
    }
    jr_state_walk_fini(&walk);
    return status;
}

/* ---- making them ---- */

static enum jr_status create(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in,
                             struct jr_virtual object, uint32_t state_words)
{
    uint32_t words = words_of(x, &object) * object.length, number = (uint32_t)x->objects.count;
    if (words + state_words + 2 > MOST_HOMES - x->home_count)
        return note_making(x, act->index, pc) == JR_OK ? jr_expand_refuse(x, "dsp makes too many objects") : JR_ERR_NO_MEMORY;
    object.made_in = act->index;
    object.made_at = pc;
    object.count = FIRST_HOME + x->home_count;
    object.content = object.count + 1;
    object.state = object.content + words;
    object.end = object.state + (state_words != 0 ? state_words + 1 : 0);
    x->home_count = object.end - FIRST_HOME;
    enum jr_status status = JR_VEC_PUSH(x->alloc, &x->objects, object);
    if (status == JR_OK)
        status = jr_words_move(x, act, pc, JR_OP_MOVE_N, object.content, act->base + in->b, words);
    for (uint32_t i = 0; i < state_words; i++)
        *jr_value_at(x, object.state + i) = (struct jr_value){ .kind = JR_VALUE_CONSTANT };
    *jr_value_at(x, object.count) = (struct jr_value){ .kind = JR_VALUE_COUNT, .word = 1 };
    *jr_value_at(x, act->base + in->a) = (struct jr_value){ .kind = JR_VALUE_VIRTUAL, .owned = true, .word = number };
    return status;
}

static enum jr_status step_new(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in,
                               bool *done)
{
    struct jr_virtual object = { .function = JR_NONE, .layout = in->x, .length = 1 };
    uint32_t state_words = 0;
    enum jr_status status = JR_OK;
    *done = !is_made(x, act->index, pc);
    switch (in->op) {
    case JR_OP_CLOSURE_NEW:
        object.kind = JR_OBJECT_CLOSURE;
        object.function = in->x;
        object.layout = x->module->functions[in->x].capture_layout;
        state_words = x->module->functions[in->x].state_words;
        if (*done && state_words != 0)
            status = has_plain_state(x, in->x, done);
        break;
    case JR_OP_CELL_NEW:
        object.kind = JR_OBJECT_CELL;
        break;
    case JR_OP_ARRAY_NEW:
        object.kind = JR_OBJECT_ARRAY;
        object.length = in->c;
        *done = *done && in->c > 0 && in->c <= MOST_ELEMENTS;
        break;
    default:
        *done = false;
        break;
    }
    return status == JR_OK && *done ? create(x, act, pc, in, object, state_words) : status;
}

/* ---- using them ---- */

void jr_object_callee(struct jr_expand *x, uint32_t object, struct jr_callee *out)
{
    const struct jr_virtual *it = object_at(x, object);
    *out = (struct jr_callee){ .function = it->function, .object = object };
    if (it->end != it->state) {
        out->state = it->state;
        out->state_at_home = true;
        out->spare = it->end - 1;
    }
}

static enum jr_status step_cell(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in,
                                uint32_t object)
{
    const struct jr_virtual it = *object_at(x, object);
    enum jr_status status;
    switch (in->op) {
    case JR_OP_CELL_GET:
        return jr_words_move(x, act, pc, JR_OP_BORROW, act->base + in->a, it.content + in->c, 1);
    case JR_OP_CELL_SET:
        return jr_words_move(x, act, pc, JR_OP_BORROW, it.content + in->c, act->base + in->b, 1);
    case JR_OP_CELL_GET_N:
        return copy_content(x, act, pc, act->base + in->a, it.content, it.layout);
    default: /* CELL_SET_N: what it held may have been what kept it alive */
        jr_object_retain(x, object);
        status = release_content(x, act, pc, it.content, it.layout);
        if (status == JR_OK)
            status = jr_words_move(x, act, pc, JR_OP_MOVE_N, it.content, act->base + in->b, words_of(x, &it));
        return status == JR_OK ? jr_object_release(x, act, pc, object) : status;
    }
}

/* ARRAY_LEN, and elements at a constant index.  *done is false for others. */
static enum jr_status step_array(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in,
                                 uint32_t object, bool *done)
{
    const struct jr_virtual it = *object_at(x, object);
    uint32_t words = words_of(x, &it);
    if (in->op == JR_OP_ARRAY_LEN) {
        *jr_value_at(x, act->base + in->a) =
            (struct jr_value){ .kind = JR_VALUE_CONSTANT, .word = jr_word((double)it.length) };
        return JR_OK;
    }
    const struct jr_value *index = jr_value_at(x, act->base + (in->op == JR_OP_ARRAY_SET ? in->b : in->c));
    *done = index->kind == JR_VALUE_CONSTANT;
    if (!*done)
        return JR_OK;
    uint32_t element = it.content + words * (uint32_t)jr_array_index(jr_f64(index->word), it.length);
    if (in->op != JR_OP_ARRAY_SET)
        return copy_content(x, act, pc, act->base + in->a, element, it.layout);
    jr_object_retain(x, object);
    enum jr_status status = release_content(x, act, pc, element, it.layout);
    if (status == JR_OK)
        status = jr_words_move(x, act, pc, JR_OP_MOVE_N, element, act->base + in->c, words);
    return status == JR_OK ? jr_object_release(x, act, pc, object) : status;
}

/* The register that names the object the instruction works on. */
static const struct jr_value *object_of(struct jr_expand *x, const struct jr_activation *act, const struct jr_instr *in)
{
    switch (in->op) {
    case JR_OP_CELL_GET:
    case JR_OP_CELL_GET_N:
    case JR_OP_ARRAY_LEN:
    case JR_OP_ARRAY_GET:
    case JR_OP_ARRAY_GET_N:
        return jr_value_at(x, act->base + in->b);
    case JR_OP_CELL_SET:
    case JR_OP_CELL_SET_N:
    case JR_OP_ARRAY_SET:
        return jr_value_at(x, act->base + in->a);
    default:
        return NULL;
    }
}

/* State of a closure that is not made. */
static enum jr_status step_state(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in,
                                 bool *done)
{
    uint32_t home = act->callee.state + in->x, spare = act->callee.spare, a = act->base + in->a;
    enum jr_status status;
    *done = true;
    switch (in->op) {
    case JR_OP_STATE_GET:
        return jr_words_move(x, act, pc, JR_OP_BORROW, a, home, 1);
    case JR_OP_STATE_SET:
        return jr_words_move(x, act, pc, JR_OP_BORROW, home, a, 1);
    case JR_OP_STATE_GET_N:
        return jr_words_move(x, act, pc, JR_OP_BORROW, a, home, x->module->layouts[in->y].word_count);
    case JR_OP_STATE_SET_N:
        return jr_words_move(x, act, pc, JR_OP_BORROW, home, a, x->module->layouts[in->y].word_count);
    case JR_OP_MEM:
        status = jr_words_move(x, act, pc, JR_OP_BORROW, spare, home, 1);
        if (status == JR_OK)
            status = jr_words_move(x, act, pc, JR_OP_BORROW, home, act->base + in->b, 1);
        return status == JR_OK ? jr_words_move(x, act, pc, JR_OP_BORROW, a, spare, 1) : status;
    default:
        *done = false;
        return JR_OK;
    }
}

enum jr_status jr_object_step(struct jr_expand *x, struct jr_activation *act, uint32_t pc, const struct jr_instr *in,
                              bool *done)
{
    const struct jr_value *value;
    *done = false;
    if (jr_op_infos[in->op].x == JR_OPERAND_ST && act->callee.state_at_home)
        return step_state(x, act, pc, in, done);
    if (jr_op_infos[in->op].effects & JR_EFFECT_ALLOC)
        return step_new(x, act, pc, in, done);
    if (in->op == JR_OP_CLOSURE_SELF && act->callee.closure == NULL) {
        *done = true;
        *jr_value_at(x, act->base + in->a) = (struct jr_value){ .kind = JR_VALUE_VIRTUAL, .word = act->callee.object };
        return JR_OK;
    }
    if (in->op == JR_OP_CAPTURE_GET && act->callee.closure == NULL) {
        *done = true;
        return jr_words_move(x, act, pc, JR_OP_BORROW, act->base + in->a,
                             object_at(x, act->callee.object)->content + in->x, in->c);
    }
    value = object_of(x, act, in);
    if (value == NULL || value->kind != JR_VALUE_VIRTUAL)
        return JR_OK;
    *done = true;
    if (object_at(x, (uint32_t)value->word)->kind == JR_OBJECT_ARRAY)
        return step_array(x, act, pc, in, (uint32_t)value->word, done);
    return step_cell(x, act, pc, in, (uint32_t)value->word);
}
