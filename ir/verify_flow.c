/* verify_flow.c -- the dataflow: every instruction applied to the classes of the registers.
 *
 * Works on blocks.  The classes at a block's start are kept (trimmed of empty registers at the end); a block is visited again
 * when a path brought something that met differently.  Meeting only ever empties registers, so this ends. */
#include <string.h>
#include "ir/base/alloc.h"
#include "ir/verify_internal.h"

enum { NOT_REACHED = UINT32_MAX };

/* Classes at the start of the instruction `pc`, which some jump or the fall from another block reaches. */
struct block_state {
    struct jr_class *regs;
    uint32_t top; /* NOT_REACHED before the first visit */
    bool queued;
};

struct flow {
    struct jr_verifier *v;
    struct block_state *states; /* per code word; used at jump targets only */
    uint32_t *queue;
    uint32_t queue_count;
    struct jr_owned *owned;
    uint32_t owned_count, owned_space;
    uint64_t kept; /* classes stored at block starts so far */
};

/* More than this many stored classes (12 bytes each) is a program nobody wrote by hand. */
enum { KEPT_LIMIT = 1 << 26 };

static enum jr_status enqueue(struct flow *flow, uint32_t pc)
{
    if (!flow->states[pc].queued) {
        flow->states[pc].queued = true;
        flow->queue[flow->queue_count++] = pc;
    }
    return JR_OK;
}

static bool same_class(const struct jr_class *a, const struct jr_class *b)
{
    if (a->mode != b->mode) return false;
    if (a->mode < JR_CLASS_OWNED) return true;
    return a->kind == b->kind && a->arg == b->arg &&
           ((a->mode == JR_CLASS_OWNED && a->kind != JR_WORD_SUM_TAIL) || a->source == b->source);
}

/* The current classes flow to the block at `pc`. */
static enum jr_status flow_to(struct flow *flow, uint32_t pc)
{
    struct jr_verifier *v = flow->v;
    struct block_state *state = &flow->states[pc];
    static const struct jr_class empty = {.mode = JR_CLASS_EMPTY};
    if (state->top == NOT_REACHED) {
        flow->kept += v->reg_top;
        if (flow->kept > KEPT_LIMIT) return jr_verify_fail(v, JR_NONE, "too large to verify");
        state->regs = JR_ARENA_ARRAY(&v->scratch, struct jr_class, v->reg_top);
        if (!state->regs) return JR_ERR_NO_MEMORY;
        if (v->reg_top) memcpy(state->regs, v->regs, v->reg_top * sizeof *v->regs);
        state->top = v->reg_top;
        return enqueue(flow, pc);
    }
    bool changed = false;
    uint32_t top = state->top > v->reg_top ? state->top : v->reg_top;
    for (uint32_t r = 0; r < top; r++) {
        const struct jr_class *there = r < state->top ? &state->regs[r] : &empty;
        const struct jr_class *here = r < v->reg_top ? &v->regs[r] : &empty;
        if (same_class(there, here)) continue;
        if (there->mode == JR_CLASS_OWNED || here->mode == JR_CLASS_OWNED)
            return jr_verify_fail(v, v->pc, "register %u owns a reference on one path to %u, but not alike on the other", r, pc);
        if (there->mode != JR_CLASS_EMPTY) {
            state->regs[r] = empty;
            changed = true;
        }
    }
    return changed ? enqueue(flow, pc) : JR_OK;
}

/* Remembers what is owned at an instruction that may end in an error or be left through a side exit. */
static enum jr_status note_owned(struct flow *flow)
{
    struct jr_verifier *v = flow->v;
    for (uint32_t r = 0; r < v->reg_top; r++) {
        const struct jr_class *c = &v->regs[r];
        if (c->mode != JR_CLASS_OWNED || c->kind == JR_WORD_SUM_TAIL) continue;
        if (flow->owned_count == flow->owned_space) {
            uint32_t space = flow->owned_space ? flow->owned_space * 2 : 64;
            struct jr_owned *grown = jr_alloc_resize(v->alloc, flow->owned, flow->owned_space * sizeof *grown, space * sizeof *grown);
            if (!grown) return JR_ERR_NO_MEMORY;
            flow->owned = grown, flow->owned_space = space;
        }
        flow->owned[flow->owned_count++] = (struct jr_owned){v->pc, r, {(enum jr_word_class)c->kind, c->arg}};
    }
    return JR_OK;
}

static const struct jr_layout *layout_of(const struct jr_verifier *v, uint32_t layout)
{
    return &v->module->layouts[layout];
}

/* The global or state words from `offset` have exactly the layout's types. */
static enum jr_status check_types(struct jr_verifier *v, const char *where, const struct jr_word_type *types, uint32_t type_count,
                                  uint32_t offset, const struct jr_layout *layout)
{
    if (offset > type_count || layout->word_count > type_count - offset)
        return jr_verify_fail(v, v->pc, "%s words %u..%u of %u", where, offset, offset + layout->word_count, type_count);
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (types[offset + i].kind != layout->words[i].kind || types[offset + i].arg != layout->words[i].arg)
            return jr_verify_fail(v, v->pc, "%s word %u is %s %u, not %s %u", where, offset + i,
                                  jr_word_class_name(types[offset + i].kind), types[offset + i].arg,
                                  jr_word_class_name(layout->words[i].kind), layout->words[i].arg);
    return JR_OK;
}

static const struct jr_state_site *find_site(const struct jr_function *f, enum jr_site_kind kind, uint32_t offset)
{
    uint32_t low = 0, high = f->site_count; /* sites are sorted by offset and disjoint (verify.c) */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (f->sites[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < f->site_count && f->sites[low].offset == offset; low++) /* empty sites may share the offset */
        if (f->sites[low].kind == kind) return &f->sites[low];
    return NULL;
}

/* The SELF site that holds the words [offset, offset + count). */
static enum jr_status check_self_words(struct jr_verifier *v, uint32_t offset, const struct jr_layout *wanted)
{
    const struct jr_function *f = v->function;
    for (uint32_t i = 0; i < f->site_count; i++) {
        const struct jr_state_site *site = &f->sites[i];
        if (site->kind != JR_SITE_SELF || offset < site->offset || offset - site->offset >= site->word_count) continue;
        const struct jr_layout *has = layout_of(v, site->layout);
        return check_types(v, "self", has->words, has->word_count, offset - site->offset, wanted);
    }
    if (wanted->word_count == 0) return JR_OK;
    return jr_verify_fail(v, v->pc, "state word %u belongs to no self", offset);
}

static enum jr_status check_call_site(struct jr_verifier *v, const struct jr_instr *in)
{
    const struct jr_function *callee = &v->module->functions[in->x];
    if (callee->capture_words) return jr_verify_fail(v, v->pc, "calls %s directly, which has captures", callee->name);
    if (callee->state_words == 0) {
        if (in->y > v->function->state_words) return jr_verify_fail(v, v->pc, "state word %u of %u", in->y, v->function->state_words);
        return JR_OK;
    }
    const struct jr_state_site *site = find_site(v->function, JR_SITE_CALL, in->y);
    if (!site || site->function != in->x)
        return jr_verify_fail(v, v->pc, "state word %u is not the place of a call of %s", in->y, callee->name);
    return JR_OK;
}

static enum jr_status check_line_site(struct jr_verifier *v, const struct jr_instr *in)
{
    const struct jr_state_site *site = find_site(v->function, in->op == JR_OP_MEM ? JR_SITE_MEM : JR_SITE_DELAY, in->x);
    if (!site || (in->op == JR_OP_DELAY && site->length != in->y))
        return jr_verify_fail(v, v->pc, "state word %u is not the place of this %s", in->x, jr_op_infos[in->op].mnemonic);
    return JR_OK;
}

static enum jr_status apply_window(struct jr_verifier *v, uint32_t window, uint32_t signature)
{
    const struct jr_signature *sig = &v->module->signatures[signature];
    const struct jr_layout *params = layout_of(v, sig->param_layout), *results = layout_of(v, sig->result_layout);
    enum jr_status status = jr_class_read_argument(v, window, params->words, params->word_count);
    if (status == JR_OK) status = jr_class_clear_above(v, window);
    if (status == JR_OK) status = jr_class_write(v, window, results->words, results->word_count, JR_CLASS_OWNED, JR_NONE);
    return status;
}

/* Makes one reference in `reg`. */
static enum jr_status make(struct jr_verifier *v, uint32_t reg, enum jr_word_class kind, uint32_t arg, enum jr_class_mode mode)
{
    const struct jr_word_type type = {kind, arg};
    return jr_class_write(v, reg, &type, 1, mode, JR_NONE);
}

static enum jr_status read_ref(struct jr_verifier *v, uint32_t reg, enum jr_word_class kind, uint32_t arg)
{
    const struct jr_word_type type = {kind, arg};
    return jr_class_read(v, reg, &type, 1);
}

#define TRY(call)                                  \
    do {                                           \
        enum jr_status try_status = (call);        \
        if (try_status != JR_OK) return try_status; \
    } while (0)

static enum jr_status apply_copy(struct jr_verifier *v, const struct jr_instr *in)
{
    for (int kind = JR_WORD_CLOSURE; kind <= JR_WORD_CELL; kind++) {
        const struct jr_class *c = in->b < v->reg_top ? &v->regs[in->b] : NULL;
        if (!c || c->mode < JR_CLASS_OWNED || c->kind != kind) continue;
        return make(v, in->a, (enum jr_word_class)kind, c->arg, JR_CLASS_OWNED);
    }
    return jr_verify_fail(v, v->pc, "register %u holds no single reference", in->b);
}

static enum jr_status apply_release(struct jr_verifier *v, uint32_t reg)
{
    const struct jr_class *c = reg < v->reg_top ? &v->regs[reg] : NULL;
    if (!c || c->mode < JR_CLASS_OWNED || c->kind == JR_WORD_SUM || c->kind == JR_WORD_SUM_TAIL)
        return jr_verify_fail(v, v->pc, "register %u holds no single reference", reg);
    const struct jr_word_type type = {(enum jr_word_class)c->kind, c->arg};
    return jr_class_consume(v, reg, &type, 1);
}

static enum jr_status apply_array(struct jr_verifier *v, const struct jr_instr *in)
{
    static const struct jr_word_type raw = {JR_WORD_RAW, 0};
    uint32_t elem = 0;
    if (in->op == JR_OP_ARRAY_LEN || in->op == JR_OP_ARRAY_GET) {
        TRY(jr_class_read_kind(v, in->b, JR_WORD_ARRAY, &elem));
        if (in->op == JR_OP_ARRAY_GET) {
            TRY(jr_class_read_raw(v, in->c));
            if (layout_of(v, elem)->word_count != 1 || layout_of(v, elem)->words[0].kind != JR_WORD_RAW)
                return jr_verify_fail(v, v->pc, "the elements of layout %u are not one raw word", elem);
        }
        return jr_class_write_raw(v, in->a);
    }
    const struct jr_layout *layout = layout_of(v, in->x);
    const struct jr_word_type array = {JR_WORD_ARRAY, in->x};
    switch (in->op) {
    case JR_OP_ARRAY_NEW:
        for (uint32_t i = 0; i < in->c; i++)
            TRY(jr_class_consume(v, in->b + i * layout->word_count, layout->words, layout->word_count));
        return make(v, in->a, JR_WORD_ARRAY, in->x, JR_CLASS_OWNED);
    case JR_OP_ARRAY_ZEROS:
        return make(v, in->a, JR_WORD_ARRAY, in->x, JR_CLASS_OWNED);
    case JR_OP_ARRAY_INIT:
        TRY(read_ref(v, in->a, JR_WORD_ARRAY, in->x));
        return jr_class_consume(v, in->b, layout->words, layout->word_count);
    case JR_OP_ARRAY_GET_N:
        TRY(read_ref(v, in->b, JR_WORD_ARRAY, in->x));
        TRY(jr_class_read_raw(v, in->c));
        return jr_class_write(v, in->a, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE);
    case JR_OP_ARRAY_SET:
        TRY(read_ref(v, in->a, JR_WORD_ARRAY, in->x));
        TRY(jr_class_read(v, in->b, &raw, 1));
        return jr_class_consume(v, in->c, layout->words, layout->word_count);
    case JR_OP_ARRAY_APPEND:
        TRY(read_ref(v, in->b, JR_WORD_ARRAY, in->x));
        TRY(jr_class_read(v, in->c, layout->words, layout->word_count));
        return make(v, in->a, JR_WORD_ARRAY, in->x, JR_CLASS_OWNED);
    case JR_OP_ARRAY_PREPEND:
        TRY(jr_class_read(v, in->b, layout->words, layout->word_count));
        TRY(read_ref(v, in->c, JR_WORD_ARRAY, in->x));
        return make(v, in->a, JR_WORD_ARRAY, in->x, JR_CLASS_OWNED);
    case JR_OP_ARRAY_SPLIT_HEAD:
        TRY(read_ref(v, in->b, JR_WORD_ARRAY, in->x));
        TRY(jr_class_write(v, in->a, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE));
        return jr_class_write(v, in->a + layout->word_count, &array, 1, JR_CLASS_OWNED, JR_NONE);
    default: /* JR_OP_ARRAY_SPLIT_TAIL */
        TRY(read_ref(v, in->b, JR_WORD_ARRAY, in->x));
        TRY(jr_class_write(v, in->a, &array, 1, JR_CLASS_OWNED, JR_NONE));
        return jr_class_write(v, in->a + 1, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE);
    }
}

static enum jr_status apply_sum(struct jr_verifier *v, const struct jr_instr *in)
{
    if (in->op == JR_OP_SUM_TAG) {
        const struct jr_class *c = in->b < v->reg_top ? &v->regs[in->b] : NULL;
        if (!c || c->mode == JR_CLASS_EMPTY || (c->mode != JR_CLASS_RAW && c->kind != JR_WORD_SUM))
            return jr_verify_fail(v, v->pc, "register %u does not begin a sum value", in->b);
        return jr_class_write_raw(v, in->a);
    }
    const struct jr_sum *sum = &v->module->sums[in->x];
    const struct jr_layout *payload = layout_of(v, sum->variant_layouts[in->y]);
    struct jr_word_type *types = JR_ARENA_ARRAY(&v->scratch, struct jr_word_type, sum->word_count);
    if (!types) return JR_ERR_NO_MEMORY;
    bool has_refs = false;
    for (uint32_t i = 0; i < sum->variant_count; i++) has_refs |= layout_of(v, sum->variant_layouts[i])->has_refs != 0;
    for (uint32_t i = 0; i < sum->word_count; i++)
        types[i] = has_refs ? (struct jr_word_type){i ? JR_WORD_SUM_TAIL : JR_WORD_SUM, in->x} : (struct jr_word_type){JR_WORD_RAW, 0};
    if (in->op == JR_OP_SUM_NEW) {
        TRY(jr_class_consume(v, in->b, payload->words, payload->word_count));
        return jr_class_write(v, in->a, types, sum->word_count, JR_CLASS_OWNED, JR_NONE);
    }
    TRY(jr_class_read(v, in->b, types, sum->word_count));
    return jr_class_write(v, in->a, payload->words, payload->word_count, JR_CLASS_OWNED, JR_NONE);
}

/* Cells and boxes. */
static enum jr_status apply_holder(struct jr_verifier *v, const struct jr_instr *in)
{
    uint32_t content = 0;
    switch (in->op) {
    case JR_OP_CELL_GET:
    case JR_OP_CELL_SET: {
        uint32_t cell = in->op == JR_OP_CELL_GET ? in->b : in->a;
        TRY(jr_class_read_kind(v, cell, JR_WORD_CELL, &content));
        const struct jr_layout *layout = layout_of(v, content);
        if (in->c >= layout->word_count || layout->words[in->c].kind != JR_WORD_RAW)
            return jr_verify_fail(v, v->pc, "word %u of layout %u is not a raw word", in->c, content);
        return in->op == JR_OP_CELL_GET ? jr_class_write_raw(v, in->a) : jr_class_read_raw(v, in->b);
    }
    default:
        break;
    }
    const struct jr_layout *layout = layout_of(v, in->x);
    bool is_cell = in->op == JR_OP_CELL_NEW || in->op == JR_OP_CELL_GET_N || in->op == JR_OP_CELL_SET_N;
    enum jr_word_class kind = is_cell ? JR_WORD_CELL : JR_WORD_BOX;
    switch (in->op) {
    case JR_OP_CELL_NEW:
    case JR_OP_BOX_NEW:
        TRY(jr_class_consume(v, in->b, layout->words, layout->word_count));
        return make(v, in->a, kind, in->x, JR_CLASS_OWNED);
    case JR_OP_CELL_GET_N:
    case JR_OP_BOX_GET:
        TRY(read_ref(v, in->b, kind, in->x));
        return jr_class_write(v, in->a, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE);
    default: /* CELL_SET_N, BOX_SET */
        TRY(read_ref(v, in->a, kind, in->x));
        return jr_class_consume(v, in->b, layout->words, layout->word_count);
    }
}

static enum jr_status apply_capture(struct jr_verifier *v, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_of(v, v->function->capture_layout);
    const struct jr_word_type *types = layout->words + in->x;
    if (in->c && types[0].kind == JR_WORD_SUM_TAIL) return jr_verify_fail(v, v->pc, "captured word %u is inside a sum", in->x);
    if (in->x + in->c < layout->word_count && layout->words[in->x + in->c].kind == JR_WORD_SUM_TAIL)
        return jr_verify_fail(v, v->pc, "captured word %u is inside a sum", in->x + in->c);
    return jr_class_write(v, in->a, types, in->c, JR_CLASS_BORROWED, JR_NONE);
}

static enum jr_status apply_return(struct jr_verifier *v, const struct jr_instr *in)
{
    const struct jr_layout *results = layout_of(v, v->module->signatures[v->function->signature].result_layout);
    TRY(jr_class_consume(v, in->a, results->words, results->word_count));
    for (uint32_t r = 0; r < v->reg_top; r++)
        if (v->regs[r].mode == JR_CLASS_OWNED) return jr_verify_fail(v, v->pc, "register %u still owns a reference", r);
    return JR_OK;
}

/* Every instruction's effect on the classes, except for where it jumps. */
static enum jr_status apply(struct jr_verifier *v, const struct jr_instr *in)
{
    const struct jr_module *m = v->module;
    static const struct jr_word_type raw = {JR_WORD_RAW, 0};
    switch (in->op) {
    case JR_OP_MOVE: return jr_class_move(v, in->a, in->b, 1, false);
    case JR_OP_MOVE_N: return jr_class_move(v, in->a, in->b, in->c, false);
    case JR_OP_BORROW: return jr_class_move(v, in->a, in->b, in->c, true);
    case JR_OP_COPY: return apply_copy(v, in);
    case JR_OP_COPY_N: {
        const struct jr_layout *layout = layout_of(v, in->x);
        TRY(jr_class_read(v, in->b, layout->words, layout->word_count));
        return jr_class_write(v, in->a, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE);
    }
    case JR_OP_RELEASE: return apply_release(v, in->a);
    case JR_OP_RELEASE_N: return jr_class_consume(v, in->a, layout_of(v, in->x)->words, layout_of(v, in->x)->word_count);
    case JR_OP_STRING: return make(v, in->a, JR_WORD_STRING, 0, JR_CLASS_BORROWED);
    case JR_OP_GLOBAL_GET:
    case JR_OP_GLOBAL_SET:
        if (v->global_types[in->x].kind != JR_WORD_RAW) return jr_verify_fail(v, v->pc, "global word %u is not raw", in->x);
        return in->op == JR_OP_GLOBAL_GET ? jr_class_write_raw(v, in->a) : jr_class_read_raw(v, in->a);
    case JR_OP_GLOBAL_GET_N:
    case JR_OP_GLOBAL_SET_N: {
        const struct jr_layout *layout = layout_of(v, in->y);
        TRY(check_types(v, "global", v->global_types, m->global_words, in->x, layout));
        return in->op == JR_OP_GLOBAL_GET_N ? jr_class_write(v, in->a, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE)
                                            : jr_class_consume(v, in->a, layout->words, layout->word_count);
    }
    case JR_OP_STATE_GET:
    case JR_OP_STATE_SET: {
        struct jr_word_type word = raw;
        const struct jr_layout one = {.word_count = 1, .words = &word};
        TRY(check_self_words(v, in->x, &one));
        return in->op == JR_OP_STATE_GET ? jr_class_write_raw(v, in->a) : jr_class_read_raw(v, in->a);
    }
    case JR_OP_STATE_GET_N:
    case JR_OP_STATE_SET_N: {
        const struct jr_layout *layout = layout_of(v, in->y);
        TRY(check_self_words(v, in->x, layout));
        return in->op == JR_OP_STATE_GET_N ? jr_class_write(v, in->a, layout->words, layout->word_count, JR_CLASS_OWNED, JR_NONE)
                                           : jr_class_consume(v, in->a, layout->words, layout->word_count);
    }
    case JR_OP_CALL:
        TRY(check_call_site(v, in));
        return apply_window(v, in->a, m->functions[in->x].signature);
    case JR_OP_CALL_CLOSURE:
        if (in->b >= in->a) return jr_verify_fail(v, v->pc, "the closure in register %u is not below the window", in->b);
        TRY(read_ref(v, in->b, JR_WORD_CLOSURE, in->x));
        return apply_window(v, in->a, in->x);
    case JR_OP_CALL_HOST: return apply_window(v, in->a, m->imports[in->x].signature);
    case JR_OP_RETURN: return apply_return(v, in);
    case JR_OP_FUNCTION:
        if (m->functions[in->x].capture_words || m->functions[in->x].state_words)
            return jr_verify_fail(v, v->pc, "%s has captures or state, so it needs closure.new", m->functions[in->x].name);
        return make(v, in->a, JR_WORD_CLOSURE, m->functions[in->x].signature, JR_CLASS_BORROWED);
    case JR_OP_CLOSURE_SELF: return make(v, in->a, JR_WORD_CLOSURE, v->function->signature, JR_CLASS_BORROWED);
    case JR_OP_CLOSURE_NEW: {
        const struct jr_layout *captures = layout_of(v, m->functions[in->x].capture_layout);
        TRY(jr_class_consume(v, in->b, captures->words, captures->word_count));
        return make(v, in->a, JR_WORD_CLOSURE, m->functions[in->x].signature, JR_CLASS_OWNED);
    }
    case JR_OP_CAPTURE_GET: return apply_capture(v, in);
    case JR_OP_CELL_NEW:
    case JR_OP_CELL_GET:
    case JR_OP_CELL_SET:
    case JR_OP_CELL_GET_N:
    case JR_OP_CELL_SET_N:
    case JR_OP_BOX_NEW:
    case JR_OP_BOX_GET:
    case JR_OP_BOX_SET: return apply_holder(v, in);
    case JR_OP_SUM_NEW:
    case JR_OP_SUM_TAG:
    case JR_OP_SUM_GET: return apply_sum(v, in);
    case JR_OP_ARRAY_NEW:
    case JR_OP_ARRAY_ZEROS:
    case JR_OP_ARRAY_INIT:
    case JR_OP_ARRAY_LEN:
    case JR_OP_ARRAY_GET:
    case JR_OP_ARRAY_GET_N:
    case JR_OP_ARRAY_SET:
    case JR_OP_ARRAY_APPEND:
    case JR_OP_ARRAY_PREPEND:
    case JR_OP_ARRAY_SPLIT_HEAD:
    case JR_OP_ARRAY_SPLIT_TAIL: return apply_array(v, in);
    case JR_OP_SCHEDULE: {
        uint32_t signature = 0;
        TRY(jr_class_read_raw(v, in->a));
        TRY(jr_class_read_kind(v, in->b, JR_WORD_CLOSURE, &signature));
        if (layout_of(v, m->signatures[signature].param_layout)->word_count || layout_of(v, m->signatures[signature].result_layout)->word_count)
            return jr_verify_fail(v, v->pc, "a scheduled closure takes and gives nothing; this one is of signature %u", signature);
        return JR_OK;
    }
    case JR_OP_MEM:
    case JR_OP_DELAY:
        TRY(check_line_site(v, in));
        break;
    default:
        break;
    }
    /* the rest: raw registers, each operand for itself */
    const struct jr_op_info *info = &jr_op_infos[in->op];
    const uint8_t kinds[] = {info->a, info->b, info->c};
    const uint32_t regs[] = {in->a, in->b, in->c};
    for (int i = 0; i < 3; i++)
        if (kinds[i] == JR_OPERAND_S) TRY(jr_class_read_raw(v, regs[i]));
    for (int i = 0; i < 3; i++)
        if (kinds[i] == JR_OPERAND_D) TRY(jr_class_write_raw(v, regs[i]));
    return JR_OK;
}

/* Applies the block at `pc` up to its end and hands the result on. */
static enum jr_status run_block(struct flow *flow, uint32_t pc, bool noting)
{
    struct jr_verifier *v = flow->v;
    const struct jr_function *f = v->function;
    const struct block_state *state = &flow->states[pc];
    jr_class_restore(v, state->regs, state->top);
    for (;;) {
        struct jr_instr in = jr_decode(&f->code[pc]);
        uint16_t effects = jr_op_infos[in.op].effects;
        v->pc = pc, v->op = in.op;
        if (noting && (effects & (JR_EFFECT_FAILS | JR_EFFECT_CALLS))) TRY(note_owned(flow));
        TRY(apply(v, &in));
        if (!noting && (effects & JR_EFFECT_JUMPS)) {
            if (in.op == JR_OP_SWITCH_I64) {
                const struct jr_jump_table *table = &f->tables[in.x];
                for (uint32_t i = 0; i < table->target_count; i++) TRY(flow_to(flow, table->targets[i]));
                TRY(flow_to(flow, table->fallback));
            } else {
                TRY(flow_to(flow, (uint32_t)((int64_t)pc + in.length + (int32_t)in.x)));
            }
        }
        if (effects & JR_EFFECT_EXITS) return JR_OK;
        pc += in.length;
        if (v->starts[pc] & 2) return noting ? JR_OK : flow_to(flow, pc);
    }
}

static enum jr_status run(struct flow *flow)
{
    struct jr_verifier *v = flow->v;
    const struct jr_function *f = v->function;
    const struct jr_layout *params = layout_of(v, v->module->signatures[f->signature].param_layout);
    jr_class_restore(v, NULL, 0);
    v->pc = 0, v->op = JR_OP_NOP;
    TRY(jr_class_write(v, 0, params->words, params->word_count, JR_CLASS_BORROWED, JR_NONE));
    TRY(flow_to(flow, 0));
    while (flow->queue_count) {
        uint32_t pc = flow->queue[--flow->queue_count];
        flow->states[pc].queued = false;
        TRY(run_block(flow, pc, false));
    }
    for (uint32_t pc = 0; pc < f->code_count; pc++) /* classes are final: once more in order, to note what is owned where */
        if (flow->states[pc].top != NOT_REACHED) TRY(run_block(flow, pc, true));
    return JR_OK;
}

enum jr_status jr_verify_flow(struct jr_verifier *v, struct jr_owned **owned, uint32_t *owned_count)
{
    const struct jr_function *f = v->function;
    struct flow flow = {.v = v};
    *owned = NULL, *owned_count = 0;
    flow.states = JR_ARENA_ARRAY(&v->scratch, struct block_state, f->code_count);
    flow.queue = JR_ARENA_ARRAY(&v->scratch, uint32_t, f->code_count);
    v->regs = JR_ARENA_ARRAY(&v->scratch, struct jr_class, f->reg_count);
    enum jr_status status = flow.states && flow.queue && v->regs ? JR_OK : JR_ERR_NO_MEMORY;
    if (status == JR_OK) {
        for (uint32_t pc = 0; pc < f->code_count; pc++) flow.states[pc].top = NOT_REACHED;
        status = run(&flow);
    }
    if (status == JR_OK && flow.owned_count) {
        *owned = jr_arena_copy(v->module->arena, flow.owned, flow.owned_count * sizeof *flow.owned);
        if (!*owned) status = JR_ERR_NO_MEMORY;
        *owned_count = flow.owned_count;
    }
    jr_alloc_free(v->alloc, flow.owned, flow.owned_space * sizeof *flow.owned);
    return status;
}
