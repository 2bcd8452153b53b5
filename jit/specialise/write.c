/* write.c -- the blocks become a function, and the function a module.
 *
 * Blocks are written in the order in which they were made, so every jump but AGAIN goes forwards.  The module has the tables and functions of the
 * original one, so that indices mean the same, and behind them the residual function. */
#include <stdio.h>
#include <string.h>

#include "ir/draft.h"
#include "ir/state_tree.h"
#include "ir/verify.h"
#include "jit/specialise/internal.h"

struct writer {
    struct jr_expand *x;
    struct jr_module *module;
    struct jr_function *function;
    uint32_t *starts; /* per block: its pc */
    uint64_t fuel_at_most;
    JR_VEC(union jr_code) code;
    JR_VEC(uint64_t) constants;
    JR_VEC(struct jr_jump_table) tables;
    JR_VEC(struct jr_span_entry) spans;
    JR_VEC(struct jr_origin) origins;
};

/* ---- code ---- */

/* Homes come behind the other registers.  No other operand of these fields is as large as FIRST_HOME. */
static uint16_t operand(const struct writer *w, uint32_t value)
{
    return (uint16_t)(value >= FIRST_HOME ? value - FIRST_HOME + w->x->reg_count : value);
}

static enum jr_status put_code(struct writer *w, const struct jr_instr *in)
{
    const struct jr_op_info *info = &jr_op_infos[in->op];
    union jr_code first = { .word = 0 }, second = { .word = 0 };
    if (info->format == JR_FORMAT_AX) {
        first.ax.op = (uint16_t)in->op, first.ax.a = operand(w, in->a), first.ax.x = in->x;
    } else {
        first.i.op = (uint16_t)in->op, first.i.a = operand(w, in->a), first.i.b = operand(w, in->b);
        first.i.c = operand(w, in->c);
        second.ext.x = in->x, second.ext.y = in->y;
    }
    enum jr_status status = JR_VEC_PUSH(w->x->alloc, &w->code, first);
    if (status == JR_OK && info->format == JR_FORMAT_ABCXY)
        status = JR_VEC_PUSH(w->x->alloc, &w->code, second);
    return status;
}

static enum jr_status constant_index(struct writer *w, uint64_t word, uint32_t *index)
{
    for (size_t i = w->constants.count; i-- > 0;)
        if (w->constants.items[i] == word) {
            *index = (uint32_t)i;
            return JR_OK;
        }
    *index = (uint32_t)w->constants.count;
    return JR_VEC_PUSH(w->x->alloc, &w->constants, word);
}

static enum jr_status put_origin(struct writer *w, struct jr_origin origin)
{
    struct jr_span_entry span = { .pc = origin.pc };
    enum jr_status status = JR_OK;
    if (origin.function == JR_NONE)
        return JR_OK; /* stands where what follows stands */
    span.place = jr_function_place(&w->x->module->functions[origin.function], origin.at);
    if (w->spans.count == 0)
        span.pc = 0;
    if (w->spans.count == 0 || memcmp(&w->spans.items[w->spans.count - 1].place, &span.place, sizeof span.place) != 0)
        status = JR_VEC_PUSH(w->x->alloc, &w->spans, span);
    if (status == JR_OK)
        status = JR_VEC_PUSH(w->x->alloc, &w->origins, origin);
    return status;
}

static enum jr_status put_piece(struct writer *w, const struct jr_piece *piece)
{
    struct jr_instr in = piece->in;
    struct jr_origin origin = piece->origin;
    enum jr_status status = JR_OK;
    origin.pc = (uint32_t)w->code.count;
    if (in.op == JR_OP_CONST)
        status = constant_index(w, piece->constant, &in.x);
    if (status == JR_OK)
        status = put_origin(w, origin);
    return status == JR_OK ? put_code(w, &in) : status;
}

/* Jumps are made with the target block in the place of the offset; resolve() puts that right. */
static enum jr_status put_jump(struct writer *w, enum jr_op op, uint32_t a, uint32_t block)
{
    return put_code(w, &(struct jr_instr){ .op = op, .a = a, .x = block });
}

static enum jr_status put_switch(struct writer *w, const struct jr_block_code *block)
{
    struct jr_jump_table table = { .min = block->table_min, .target_count = block->target_count - 1,
                                   .targets = block->targets + 1, .fallback = block->targets[0] };
    struct jr_instr in = { .op = JR_OP_SWITCH_I64, .a = block->in.a, .x = (uint32_t)w->tables.count };
    enum jr_status status = JR_VEC_PUSH(w->x->alloc, &w->tables, table);
    return status == JR_OK ? put_code(w, &in) : status;
}

static enum jr_status put_end(struct writer *w, const struct jr_block_code *block, uint32_t next)
{
    enum jr_status status = JR_OK;
    switch (block->end) {
    case JR_END_OPEN:
        return block->targets[0] != next ? put_jump(w, JR_OP_JUMP, 0, block->targets[0]) : JR_OK;
    case JR_END_BRANCH:
        status = put_jump(w, block->in.op, block->in.a, block->targets[0]);
        if (status == JR_OK && block->targets[1] != next)
            status = put_jump(w, JR_OP_JUMP, 0, block->targets[1]);
        return status;
    case JR_END_SWITCH:
        return put_switch(w, block);
    case JR_END_EXIT:
        return JR_OK;
    case JR_END_AGAIN: {
        struct jr_origin origin = block->origin;
        origin.pc = (uint32_t)w->code.count;
        status = put_origin(w, origin);
        return status == JR_OK ? put_jump(w, JR_OP_AGAIN, block->in.a, block->targets[0]) : status;
    }
    }
    return status;
}

static enum jr_status put_blocks(struct writer *w)
{
    struct jr_expand *x = w->x;
    enum jr_status status = JR_OK;
    for (uint32_t b = 0; b < x->blocks.count && status == JR_OK; b++) {
        const struct jr_block_code *block = &x->blocks.items[b];
        w->starts[b] = (uint32_t)w->code.count;
        for (size_t i = 0; i < block->pieces.count && status == JR_OK; i++)
            status = put_piece(w, &block->pieces.items[i]);
        if (status == JR_OK)
            status = put_end(w, block, b + 1);
    }
    return status;
}

static void resolve(struct writer *w)
{
    for (uint32_t pc = 0; pc < w->code.count;) {
        union jr_code *code = &w->code.items[pc];
        struct jr_instr in = jr_decode(code);
        pc += in.length;
        if (in.op != JR_OP_SWITCH_I64 && (jr_op_infos[in.op].effects & JR_EFFECT_JUMPS))
            code->ax.x = w->starts[in.x] - pc;
    }
    for (size_t t = 0; t < w->tables.count; t++) {
        struct jr_jump_table *table = &w->tables.items[t];
        for (uint32_t i = 0; i < table->target_count; i++)
            table->targets[i] = w->starts[table->targets[i]];
        table->fallback = w->starts[table->fallback];
    }
}

/* The most that any path charges before it polls. */
static uint64_t fuel_at_most(struct jr_expand *x)
{
    uint64_t most = 0;
    for (size_t b = 0; b < x->blocks.count; b++) {
        const struct jr_block_code *block = &x->blocks.items[b];
        uint64_t after = block->fuel_before + block->fuel;
        most = after > most ? after : most;
        for (uint32_t i = 0; i < block->target_count && block->end != JR_END_EXIT && block->end != JR_END_AGAIN; i++)
            if (x->blocks.items[block->targets[i]].fuel_before < after)
                x->blocks.items[block->targets[i]].fuel_before = after;
    }
    return most;
}

/* ---- the function ---- */

static enum jr_status put_region_sites(struct writer *w, const struct jr_region *region, uint32_t function, uint32_t *capacity)
{
    struct jr_state_walk walk;
    struct jr_state_node node;
    bool found = true;
    enum jr_status status = jr_state_walk_init(&walk, w->x->alloc, w->x->module, function);
    while (status == JR_OK) {
        status = jr_state_walk_leaf(&walk, &node, &found);
        if (status != JR_OK || !found)
            break;
        if (w->function->site_count == *capacity) {
            uint32_t more = *capacity ? *capacity * 2 : 32;
            struct jr_state_site *sites = JR_ARENA_ARRAY(w->module->arena, struct jr_state_site, more);
            if (sites == NULL) {
                status = JR_ERR_NO_MEMORY;
                break;
            }
            if (*capacity)
                memcpy(sites, w->function->sites, *capacity * sizeof sites[0]);
            w->function->sites = sites;
            *capacity = more;
        }
        struct jr_state_site *site = &w->function->sites[w->function->site_count++];
        *site = *node.site;
        site->offset = region->offset + node.offset;
    }
    jr_state_walk_fini(&walk);
    return status;
}

static enum jr_status put_sites(struct writer *w)
{
    uint32_t capacity = 0;
    enum jr_status status = JR_OK;
    for (size_t i = 0; i < w->x->regions.count && status == JR_OK; i++) {
        const struct jr_region *region = &w->x->regions.items[i];
        status = put_region_sites(w, region, region->closure->function->index, &capacity);
    }
    return status;
}

#define KEEP(vec) jr_arena_copy(w->module->arena, (vec).items, (vec).count * sizeof *(vec).items)

static enum jr_status fill_function(struct writer *w)
{
    struct jr_expand *x = w->x;
    struct jr_function *f = w->function;
    const struct jr_function *dsp = &x->module->functions[x->module->dsp];
    f->name = dsp->name;
    f->signature = dsp->signature;
    f->param_words = dsp->param_words;
    f->result_words = dsp->result_words;
    f->capture_layout = w->module->layout_count - 1;
    f->capture_words = (uint32_t)x->known.count;
    f->reg_count = x->reg_count + x->home_count;
    f->state_words = x->state_words;
    f->place = dsp->place;
    f->code_count = (uint32_t)w->code.count;
    f->code = KEEP(w->code);
    f->constant_count = (uint32_t)w->constants.count;
    f->constants = KEEP(w->constants);
    f->table_count = (uint32_t)w->tables.count;
    f->tables = KEEP(w->tables);
    f->span_count = (uint32_t)w->spans.count;
    f->spans = KEEP(w->spans);
    f->origin_count = (uint32_t)w->origins.count;
    f->origins = KEEP(w->origins);
    f->caller_count = (uint32_t)x->callers.count;
    f->callers = KEEP(x->callers);
    if (!f->code || !f->constants || !f->tables || !f->spans || !f->origins || !f->callers)
        return JR_ERR_NO_MEMORY;
    for (uint32_t t = 0; t < f->table_count; t++) { /* so far in the scratch arena */
        struct jr_jump_table *table = &f->tables[t];
        table->targets = jr_arena_copy(w->module->arena, table->targets, table->target_count * sizeof table->targets[0]);
        if (table->targets == NULL)
            return JR_ERR_NO_MEMORY;
    }
    return put_sites(w);
}

/* ---- the module ---- */

/* The known objects, as the captured words of the residual function. */
static enum jr_status add_known_layout(struct writer *w)
{
    struct jr_arena *arena = w->module->arena;
    const struct jr_module *original = w->x->module;
    uint32_t count = (uint32_t)w->x->known.count;
    struct jr_layout *layouts = JR_ARENA_ARRAY(arena, struct jr_layout, (size_t)original->layout_count + 1);
    struct jr_word_type *types = JR_ARENA_ARRAY(arena, struct jr_word_type, count);
    if (layouts == NULL || types == NULL)
        return JR_ERR_NO_MEMORY;
    memcpy(layouts, original->layouts, original->layout_count * sizeof layouts[0]);
    for (uint32_t i = 0; i < count; i++)
        types[i] = w->x->known.items[i].type;
    layouts[original->layout_count] = (struct jr_layout){ .word_count = count, .has_refs = count != 0, .words = types };
    w->module->layouts = layouts;
    w->module->layout_count = original->layout_count + 1;
    return JR_OK;
}

static enum jr_status begin_module(struct writer *w)
{
    const struct jr_module *original = w->x->module;
    struct jr_arena *arena;
    struct jr_function *functions;
    w->module = jr_module_new(w->x->alloc);
    if (w->module == NULL)
        return JR_ERR_NO_MEMORY;
    arena = w->module->arena;
    *w->module = *original;
    w->module->arena = arena;
    w->module->verified = false;
    functions = JR_ARENA_ARRAY(arena, struct jr_function, (size_t)original->function_count + 1);
    if (functions == NULL)
        return JR_ERR_NO_MEMORY;
    memcpy(functions, original->functions, original->function_count * sizeof functions[0]);
    w->module->functions = functions;
    w->module->function_count = original->function_count + 1;
    w->function = &functions[original->function_count];
    return add_known_layout(w);
}

static enum jr_status make_residual(struct writer *w, struct jr_residual **out)
{
    struct jr_expand *x = w->x;
    struct jr_arena *arena = w->module->arena;
    struct jr_residual *residual = JR_ARENA_NEW(arena, struct jr_residual);
    uint64_t *known = JR_ARENA_ARRAY(arena, uint64_t, x->known.count);
    if (residual == NULL || known == NULL)
        return JR_ERR_NO_MEMORY;
    for (size_t i = 0; i < x->known.count; i++)
        known[i] = x->known.items[i].word;
    *residual = (struct jr_residual){
        .module = w->module,
        .function = w->module->function_count - 1,
        .region_count = (uint32_t)x->regions.count,
        .regions = jr_arena_copy(arena, x->regions.items, x->regions.count * sizeof x->regions.items[0]),
        .known = known,
        .fuel_at_most = w->fuel_at_most,
        .depth = x->deepest,
        .stack_words = x->reg_count,
        .schedules = x->schedules,
    };
    *out = residual;
    return residual->regions != NULL ? JR_OK : JR_ERR_NO_MEMORY;
}

enum jr_status jr_residual_write(struct jr_expand *x, struct jr_residual **out)
{
    struct writer writer = { .x = x }, *w = &writer;
    struct jr_verify_report report = { .message = "" };
    enum jr_status status = JR_ERR_NO_MEMORY;
    w->starts = JR_ARENA_ARRAY(&x->scratch, uint32_t, x->blocks.count + 1);
    if (w->starts == NULL)
        goto done;
    JR_TRY(begin_module(w));
    JR_TRY(put_blocks(w));
    w->fuel_at_most = fuel_at_most(x);
    resolve(w);
    JR_TRY(fill_function(w));
    JR_TRY(make_residual(w, out));
    status = jr_verify(w->module, x->alloc, &report);
    if (status == JR_ERR_VERIFY)
        status = jr_expand_refuse(x, "what was made does not verify: %s", report.message);
    if (status == JR_OK)
        w->module = NULL; /* the residual's */
done:
    JR_VEC_FREE(x->alloc, &w->code);
    JR_VEC_FREE(x->alloc, &w->constants);
    JR_VEC_FREE(x->alloc, &w->tables);
    JR_VEC_FREE(x->alloc, &w->spans);
    JR_VEC_FREE(x->alloc, &w->origins);
    jr_module_destroy(w->module);
    if (status != JR_OK)
        *out = NULL;
    return status;
}
