/* lower_heap.c -- objects that are made and looked into without leaving compiled code.
 *
 * A block comes from the free list of its size class (jr_heap_take); what that cannot do (an empty list, a heap that grows, a stressed heap)
 * is the runtime's.  Content is moved word by word.  Boxes and sums are read the same way, and what they refer to is counted where the
 * layout says so, for sums after a look at the tag -- unless jit/llvm/counting.h says that nobody needs the count. */
#include "jit/llvm/lower.h"

#include <stddef.h>

#include <llvm-c/Core.h>

#include "runtime/heap.h"
#include "runtime/task.h"

enum { MOST_CONTENT_WORDS = 12 };

static const struct jr_layout *layout_at(const struct jr_lower *lw, uint32_t layout)
{
    return &lw->module->layouts[layout];
}

/* ---- making ---- */

/* What the join of the two ways of making an object needs. */
struct making {
    LLVMValueRef object; /* pointer, on the usual way */
    LLVMBasicBlockRef done;
};

/* The builder goes on where the block has been found in the free list; the other way, with the whole instruction, is finished. */
static struct making begin_making(struct jr_lower *lw, const struct jr_instr *in, enum jr_object_kind kind, size_t bytes,
                                  uint32_t layout)
{
    LLVMBuilderRef builder = lw->shared->builder;
    struct making making;
    uint32_t class = jr_heap_small_class(bytes);
    LLVMValueRef heap = jr_lower_load_field(lw, lw->shared->ptr, lw->task, offsetof(struct jr_task, heap), "heap");
    LLVMValueRef args[] = { heap, jr_lower_i32(lw, class), jr_lower_i64(lw, jr_heap_head(kind, class)),
                            jr_lower_i32(lw, layout) };
    making.object = jr_copier_copy(&lw->shared->copier, lw->shared->library.take, args, 4);
    LLVMBasicBlockRef other = jr_lower_cold_block(lw, "make"), usual = jr_lower_block(lw, "made");
    making.done = jr_lower_block(lw, "");
    LLVMMoveBasicBlockAfter(making.done, usual);
    jr_lower_branch_rare(lw, LLVMBuildIsNull(builder, making.object, ""), other, usual);
    jr_lower_enter(lw, other);
    jr_lower_plain(lw, in);
    LLVMBuildBr(builder, making.done);
    jr_lower_enter(lw, usual);
    return making;
}

static void put_words(struct jr_lower *lw, LLVMValueRef words, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        LLVMBuildStore(lw->shared->builder, jr_lower_load_reg(lw, first + i), jr_lower_word_at(lw, words, i));
}

static void end_making(struct jr_lower *lw, const struct making *making, uint32_t reg)
{
    LLVMBuilderRef builder = lw->shared->builder;
    jr_lower_store_reg(lw, reg, LLVMBuildPtrToInt(builder, making->object, lw->shared->i64, ""));
    LLVMBuildBr(builder, making->done);
    jr_lower_enter(lw, making->done);
}

void jr_lower_BOX_NEW(struct jr_lower *lw, const struct jr_instr *in)
{
    uint32_t words = layout_at(lw, in->x)->word_count;
    if (lw->tier == JR_TIER_QUICK || words > MOST_CONTENT_WORDS) {
        jr_lower_plain(lw, in);
        return;
    }
    struct making making = begin_making(lw, in, JR_OBJECT_BOX, sizeof(struct jr_box) + words * sizeof(uint64_t), in->x);
    put_words(lw, jr_lower_field(lw, making.object, offsetof(struct jr_box, words)), in->b, words);
    end_making(lw, &making, in->a);
}

/* Cells with references are linked with all others, which the runtime does. */
void jr_lower_CELL_NEW(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_at(lw, in->x);
    uint32_t words = layout->word_count;
    LLVMValueRef null = LLVMConstNull(lw->shared->ptr);
    if (lw->tier == JR_TIER_QUICK || words > MOST_CONTENT_WORDS || layout->has_refs) {
        jr_lower_plain(lw, in);
        return;
    }
    struct making making =
        begin_making(lw, in, JR_OBJECT_CELL, sizeof(struct jr_cell) + words * sizeof(uint64_t), in->x);
    jr_lower_store_field(lw, null, making.object, offsetof(struct jr_cell, prev));
    jr_lower_store_field(lw, null, making.object, offsetof(struct jr_cell, next));
    put_words(lw, jr_lower_field(lw, making.object, offsetof(struct jr_cell, words)), in->b, words);
    end_making(lw, &making, in->a);
}

void jr_lower_CLOSURE_NEW(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_function *function = &lw->module->functions[in->x];
    uint64_t words = (uint64_t)function->capture_words + function->state_words;
    if (lw->tier == JR_TIER_QUICK || words > MOST_CONTENT_WORDS) {
        jr_lower_plain(lw, in);
        return;
    }
    struct making making = begin_making(lw, in, JR_OBJECT_CLOSURE, sizeof(struct jr_closure) + words * sizeof(uint64_t),
                                        function->capture_layout);
    LLVMValueRef captures = jr_lower_field(lw, making.object, offsetof(struct jr_closure, words));
    LLVMValueRef state = jr_lower_word_at(lw, captures, function->capture_words);
    jr_lower_store_field(lw, jr_lower_entry_of(lw, in->x), making.object, offsetof(struct jr_closure, function));
    jr_lower_store_field(lw, state, making.object, offsetof(struct jr_closure, state));
    put_words(lw, captures, in->b, function->capture_words);
    for (uint32_t i = 0; i < function->state_words; i++)
        LLVMBuildStore(lw->shared->builder, jr_lower_i64(lw, 0), jr_lower_word_at(lw, state, i));
    end_making(lw, &making, in->a);
}

/* ---- counting values ---- */

static bool has_sum(const struct jr_layout *layout)
{
    for (uint32_t i = 0; i < layout->word_count; i++)
        if (layout->words[i].kind == JR_WORD_SUM)
            return true;
    return false;
}

/* Whether a value is counted in place: a few words, and sums in it have no sums in them. */
static bool is_counted_in_place(const struct jr_lower *lw, const struct jr_layout *layout)
{
    if (lw->tier == JR_TIER_QUICK && has_sum(layout)) /* quick code is small code */
        return false;
    if (layout->word_count > MOST_CONTENT_WORDS)
        return false;
    for (uint32_t i = 0; i < layout->word_count; i++) {
        if (layout->words[i].kind != JR_WORD_SUM)
            continue;
        const struct jr_sum *sum = &lw->module->sums[layout->words[i].arg];
        for (uint32_t v = 0; v < sum->variant_count; v++)
            if (has_sum(layout_at(lw, sum->variant_layouts[v])) || sum->variant_count > MOST_CONTENT_WORDS)
                return false;
    }
    return true;
}

/* `op`, COPY or RELEASE, on each reference of the value at r[first ..). */
static void count_words(struct jr_lower *lw, uint32_t first, const struct jr_layout *layout, enum jr_op op);

static void count_sum(struct jr_lower *lw, uint32_t first, const struct jr_sum *sum, enum jr_op op)
{
    LLVMBuilderRef builder = lw->shared->builder;
    LLVMBasicBlockRef done = jr_lower_block(lw, "counted");
    LLVMValueRef branch = LLVMBuildSwitch(builder, jr_lower_load_reg(lw, first), done, sum->variant_count);
    for (uint32_t v = 0; v < sum->variant_count; v++) {
        const struct jr_layout *payload = layout_at(lw, sum->variant_layouts[v]);
        if (!payload->has_refs)
            continue;
        LLVMBasicBlockRef block = jr_lower_block(lw, "variant");
        LLVMAddCase(branch, jr_lower_i64(lw, v), block);
        jr_lower_enter(lw, block);
        count_words(lw, first + 1, payload, op);
        LLVMBuildBr(builder, done);
        LLVMMoveBasicBlockAfter(done, LLVMGetInsertBlock(builder));
    }
    jr_lower_enter(lw, done);
}

static void count_words(struct jr_lower *lw, uint32_t first, const struct jr_layout *layout, enum jr_op op)
{
    for (uint32_t i = 0; i < layout->word_count; i++) {
        struct jr_instr one = { .op = op, .a = first + i, .b = first + i };
        switch (layout->words[i].kind) {
        case JR_WORD_RAW:
        case JR_WORD_SUM_TAIL:
            break;
        case JR_WORD_SUM:
            count_sum(lw, first + i, &lw->module->sums[layout->words[i].arg], op);
            break;
        case JR_WORD_CLOSURE:
        case JR_WORD_ARRAY:
        case JR_WORD_STRING:
        case JR_WORD_BOX:
        case JR_WORD_CELL:
            jr_lower_body(lw, &one, lw->registers);
            break;
        }
    }
}

/* Counts a value that was just copied to r[first ..), if the one who gives it back later does. */
static void retain(struct jr_lower *lw, uint32_t first, const struct jr_layout *layout)
{
    if (layout->has_refs && !jr_counting_is_borrowed(&lw->counting, lw->pc))
        count_words(lw, first, layout, JR_OP_COPY);
}

/* ---- reading ---- */

static void fail_if(struct jr_lower *lw, LLVMValueRef condition, enum jr_status error)
{
    LLVMBasicBlockRef bad = jr_lower_cold_block(lw, "bad"), good = jr_lower_block(lw, "");
    jr_lower_branch_rare(lw, condition, bad, good);
    jr_lower_enter(lw, bad);
    LLVMValueRef args[] = { lw->task, jr_lower_i32(lw, error) };
    jr_lower_call_runtime(lw, "jr_rt_fail", lw->shared->i32, args, 2);
    jr_lower_leave_with_error(lw, lw->pc);
    jr_lower_enter(lw, good);
}

void jr_lower_BOX_GET(struct jr_lower *lw, const struct jr_instr *in)
{
    LLVMBuilderRef builder = lw->shared->builder;
    const struct jr_layout *layout = layout_at(lw, in->x);
    if (!is_counted_in_place(lw, layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    LLVMValueRef box = LLVMBuildIntToPtr(builder, jr_lower_load_reg(lw, in->b), lw->shared->ptr, "box");
    fail_if(lw, LLVMBuildIsNull(builder, box, ""), JR_ERR_NULL_BOX);
    LLVMValueRef words = jr_lower_field(lw, box, offsetof(struct jr_box, words));
    for (uint32_t i = 0; i < layout->word_count; i++)
        jr_lower_store_reg(lw, in->a + i, LLVMBuildLoad2(builder, lw->shared->i64, jr_lower_word_at(lw, words, i), ""));
    retain(lw, in->a, layout);
}

void jr_lower_SUM_NEW(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_sum *sum = &lw->module->sums[in->x];
    uint32_t used = layout_at(lw, sum->variant_layouts[in->y])->word_count;
    if (sum->word_count > MOST_CONTENT_WORDS) {
        jr_lower_plain(lw, in);
        return;
    }
    jr_lower_MOVE_N(lw, &(struct jr_instr){ .op = JR_OP_MOVE_N, .a = in->a + 1, .b = in->b, .c = (uint16_t)used });
    jr_lower_store_reg(lw, in->a, jr_lower_i64(lw, in->y));
    for (uint32_t i = 1 + used; i < sum->word_count; i++)
        jr_lower_store_reg(lw, in->a + i, jr_lower_i64(lw, 0));
}

void jr_lower_SUM_GET(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_at(lw, lw->module->sums[in->x].variant_layouts[in->y]);
    if (!is_counted_in_place(lw, layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    LLVMValueRef tag = jr_lower_load_reg(lw, in->b);
    fail_if(lw, LLVMBuildICmp(lw->shared->builder, LLVMIntNE, tag, jr_lower_i64(lw, in->y), ""), JR_ERR_BAD_TAG);
    jr_lower_MOVE_N(lw, &(struct jr_instr){ .op = JR_OP_MOVE_N, .a = in->a, .b = in->b + 1, .c = (uint16_t)layout->word_count });
    retain(lw, in->a, layout);
}

void jr_lower_COPY(struct jr_lower *lw, const struct jr_instr *in)
{
    if (jr_counting_is_borrowed(&lw->counting, lw->pc))
        jr_lower_store_reg(lw, in->a, jr_lower_load_reg(lw, in->b));
    else
        jr_lower_body(lw, in, lw->registers);
}

void jr_lower_COPY_N(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_at(lw, in->x);
    if (!is_counted_in_place(lw, layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    jr_lower_MOVE_N(lw, &(struct jr_instr){ .op = JR_OP_MOVE_N, .a = in->a, .b = in->b, .c = (uint16_t)layout->word_count });
    retain(lw, in->a, layout);
}

void jr_lower_RELEASE(struct jr_lower *lw, const struct jr_instr *in)
{
    if (!jr_counting_is_borrowed(&lw->counting, lw->pc))
        jr_lower_body(lw, in, lw->registers);
}

void jr_lower_RELEASE_N(struct jr_lower *lw, const struct jr_instr *in)
{
    const struct jr_layout *layout = layout_at(lw, in->x);
    if (jr_counting_is_borrowed(&lw->counting, lw->pc))
        return;
    if (!is_counted_in_place(lw, layout)) {
        jr_lower_plain(lw, in);
        return;
    }
    if (layout->has_refs)
        count_words(lw, in->a, layout, JR_OP_RELEASE);
}
