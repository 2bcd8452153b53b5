/* verify_class.c -- the class of a register: what it holds and who owns the count. */
#include <string.h>
#include "ir/verify_internal.h"

const char *jr_word_class_name(enum jr_word_class kind)
{
    switch (kind) {
    case JR_WORD_RAW: return "raw";
    case JR_WORD_CLOSURE: return "closure";
    case JR_WORD_ARRAY: return "array";
    case JR_WORD_STRING: return "string";
    case JR_WORD_BOX: return "box";
    case JR_WORD_CELL: return "cell";
    case JR_WORD_SUM: return "sum";
    case JR_WORD_SUM_TAIL: return "rest of a sum";
    }
    return "?";
}

static const char *class_name(const struct jr_class *c)
{
    switch ((enum jr_class_mode)c->mode) {
    case JR_CLASS_EMPTY: return "empty";
    case JR_CLASS_RAW: return "a raw word";
    default: return jr_word_class_name((enum jr_word_class)c->kind);
    }
}

/* Registers above reg_top are not stored: they are empty. */
static const struct jr_class empty_class = {.mode = JR_CLASS_EMPTY};

static const struct jr_class *at(const struct jr_verifier *v, uint32_t reg)
{
    return reg < v->reg_top ? &v->regs[reg] : &empty_class;
}

static struct jr_class *touch(struct jr_verifier *v, uint32_t reg)
{
    while (v->reg_top <= reg) v->regs[v->reg_top++] = empty_class;
    return &v->regs[reg];
}

static void trim(struct jr_verifier *v)
{
    while (v->reg_top && v->regs[v->reg_top - 1].mode == JR_CLASS_EMPTY) v->reg_top--;
}

/* Whether it ends with another register: only few do, so that mostly none has to be looked for. */
static bool borrows(const struct jr_class *c)
{
    return c->mode == JR_CLASS_BORROWED && c->kind != JR_WORD_SUM_TAIL && c->source != JR_NONE;
}

static void put(struct jr_verifier *v, uint32_t reg, struct jr_class c)
{
    v->borrowers += borrows(&c);
    v->borrowers -= borrows(&v->regs[reg]);
    v->regs[reg] = c;
}

void jr_class_restore(struct jr_verifier *v, const struct jr_class *regs, uint32_t top)
{
    v->reg_top = top;
    v->borrowers = 0;
    for (uint32_t r = 0; r < top; r++) {
        v->regs[r] = regs[r];
        v->borrowers += borrows(&regs[r]);
    }
}

/* Makes the whole sum value that `reg` is part of empty, or just the register. */
static void drop(struct jr_verifier *v, uint32_t reg)
{
    struct jr_class *c = &v->regs[reg];
    uint32_t head = reg;
    if (c->mode >= JR_CLASS_OWNED && c->kind == JR_WORD_SUM_TAIL) head = c->source;
    put(v, reg, empty_class);
    if (head != reg && v->regs[head].mode >= JR_CLASS_OWNED && v->regs[head].kind == JR_WORD_SUM)
        put(v, head, empty_class);
    for (uint32_t r = head + 1; r < v->reg_top; r++) {
        struct jr_class *tail = &v->regs[r];
        if (tail->mode < JR_CLASS_OWNED || tail->kind != JR_WORD_SUM_TAIL || tail->source != head) break;
        *tail = empty_class;
    }
}

/* The owner in `reg` is going: what was borrowed from it is no longer valid. */
static void end_borrows(struct jr_verifier *v, uint32_t reg)
{
    for (uint32_t r = 0; r < v->reg_top && v->borrowers > 0; r++)
        if (borrows(&v->regs[r]) && v->regs[r].source == reg) drop(v, r);
}

static enum jr_status check_words(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct jr_class *c = at(v, reg + i);
        if (c->mode == JR_CLASS_EMPTY) return jr_verify_fail(v, v->pc, "register %u is empty", reg + i);
        if (types[i].kind == JR_WORD_RAW) {
            if (c->mode != JR_CLASS_RAW)
                return jr_verify_fail(v, v->pc, "register %u holds %s where a raw word is wanted", reg + i, class_name(c));
            continue;
        }
        if (c->mode == JR_CLASS_RAW || c->kind != types[i].kind || c->arg != types[i].arg)
            return jr_verify_fail(v, v->pc, "register %u holds %s %u where %s %u is wanted", reg + i, class_name(c),
                                  c->mode == JR_CLASS_RAW ? 0 : c->arg, jr_word_class_name(types[i].kind), types[i].arg);
        /* a tail must belong to the head that stands before it in this very value */
        if (types[i].kind == JR_WORD_SUM_TAIL) {
            uint32_t head = i;
            while (head > 0 && types[head].kind == JR_WORD_SUM_TAIL) head--;
            if (c->source != reg + head)
                return jr_verify_fail(v, v->pc, "register %u belongs to another sum value", reg + i);
        }
    }
    return JR_OK;
}

enum jr_status jr_class_read(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count)
{
    return check_words(v, reg, types, count);
}

enum jr_status jr_class_read_raw(struct jr_verifier *v, uint32_t reg)
{
    const struct jr_word_type raw = {JR_WORD_RAW, 0};
    return check_words(v, reg, &raw, 1);
}

enum jr_status jr_class_read_argument(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count)
{
    enum jr_status status = check_words(v, reg, types, count);
    for (uint32_t i = 0; i < count && status == JR_OK; i++)
        if (at(v, reg + i)->mode == JR_CLASS_OWNED)
            status = jr_verify_fail(v, v->pc, "register %u owns its reference, but a call window only borrows", reg + i);
    return status;
}

enum jr_status jr_class_consume(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count)
{
    enum jr_status status = check_words(v, reg, types, count);
    if (status != JR_OK) return status;
    for (uint32_t i = 0; i < count; i++)
        if (at(v, reg + i)->mode == JR_CLASS_BORROWED)
            return jr_verify_fail(v, v->pc, "register %u borrows its reference, which cannot be moved; copy it first", reg + i);
    for (uint32_t i = 0; i < count; i++) {
        if (at(v, reg + i)->mode != JR_CLASS_OWNED) continue;
        end_borrows(v, reg + i);
        drop(v, reg + i);
    }
    trim(v);
    return JR_OK;
}

enum jr_status jr_class_read_kind(struct jr_verifier *v, uint32_t reg, enum jr_word_class kind, uint32_t *arg)
{
    const struct jr_class *c = at(v, reg);
    if (c->mode == JR_CLASS_EMPTY) return jr_verify_fail(v, v->pc, "register %u is empty", reg);
    if (c->mode == JR_CLASS_RAW || c->kind != kind)
        return jr_verify_fail(v, v->pc, "register %u holds %s where %s is wanted", reg, class_name(c), jr_word_class_name(kind));
    *arg = c->arg;
    return JR_OK;
}

static enum jr_status check_overwrite(struct jr_verifier *v, uint32_t reg, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (at(v, reg + i)->mode == JR_CLASS_OWNED)
            return jr_verify_fail(v, v->pc, "register %u owns a reference and would be overwritten", reg + i);
    return JR_OK;
}

enum jr_status jr_class_write(struct jr_verifier *v, uint32_t reg, const struct jr_word_type *types, uint32_t count,
                              enum jr_class_mode mode, uint32_t source)
{
    enum jr_status status = check_overwrite(v, reg, count);
    if (status != JR_OK) return status;
    if (count) touch(v, reg + count - 1);
    for (uint32_t i = 0; i < count; i++)
        if (v->regs[reg + i].mode != JR_CLASS_EMPTY) drop(v, reg + i);
    uint32_t head = reg;
    for (uint32_t i = 0; i < count; i++) {
        if (types[i].kind == JR_WORD_RAW) {
            put(v, reg + i, (struct jr_class){.mode = JR_CLASS_RAW});
            continue;
        }
        if (types[i].kind == JR_WORD_SUM) head = reg + i;
        put(v, reg + i, (struct jr_class){.mode = (uint8_t)mode, .kind = (uint8_t)types[i].kind, .arg = types[i].arg,
                                          .source = types[i].kind == JR_WORD_SUM_TAIL ? head : source});
    }
    return JR_OK;
}

enum jr_status jr_class_write_raw(struct jr_verifier *v, uint32_t reg)
{
    const struct jr_word_type raw = {JR_WORD_RAW, 0};
    return jr_class_write(v, reg, &raw, 1, JR_CLASS_RAW, JR_NONE);
}

enum jr_status jr_class_clear_above(struct jr_verifier *v, uint32_t reg)
{
    if (v->reg_top <= reg) return JR_OK;
    enum jr_status status = check_overwrite(v, reg, v->reg_top - reg);
    if (status != JR_OK) return status;
    for (uint32_t r = v->reg_top; r-- > reg;)
        if (v->regs[r].mode != JR_CLASS_EMPTY) drop(v, r);
    v->reg_top = reg;
    trim(v);
    return JR_OK;
}

enum jr_status jr_class_move(struct jr_verifier *v, uint32_t to, uint32_t from, uint32_t count, bool borrow)
{
    if (count == 0) return JR_OK;
    enum jr_status status = JR_OK;
    struct jr_class few[16], *moved = few;
    if (count > 16) moved = JR_ARENA_ARRAY(&v->scratch, struct jr_class, count);
    if (!moved) return JR_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        moved[i] = *at(v, from + i);
        if (moved[i].mode == JR_CLASS_EMPTY) return jr_verify_fail(v, v->pc, "register %u is empty", from + i);
        if (moved[i].mode < JR_CLASS_OWNED) continue;
        if (moved[i].kind == JR_WORD_SUM_TAIL) { /* sums go as a whole; a tail's head is found relative to the source */
            if (moved[i].source < from)
                return jr_verify_fail(v, v->pc, "register %u is the rest of a sum that begins outside", from + i);
        } else if (borrow && moved[i].mode == JR_CLASS_OWNED) {
            moved[i].source = from + i;
        }
        if (borrow) moved[i].mode = JR_CLASS_BORROWED;
    }
    const struct jr_class *next = at(v, from + count);
    if (next->mode >= JR_CLASS_OWNED && next->kind == JR_WORD_SUM_TAIL)
        return jr_verify_fail(v, v->pc, "register %u is part of a sum that would be torn", from + count);
    if (!borrow) /* owners leave the source; borrowed and raw words stay readable there */
        for (uint32_t i = 0; i < count; i++)
            if (at(v, from + i)->mode == JR_CLASS_OWNED) {
                end_borrows(v, from + i);
                drop(v, from + i);
            }
    status = check_overwrite(v, to, count);
    if (status != JR_OK) return status;
    touch(v, to + count - 1);
    for (uint32_t i = 0; i < count; i++)
        if (v->regs[to + i].mode != JR_CLASS_EMPTY) drop(v, to + i);
    for (uint32_t i = 0; i < count; i++) {
        if (moved[i].mode >= JR_CLASS_OWNED && moved[i].kind == JR_WORD_SUM_TAIL)
            moved[i].source = moved[i].source - from + to;
        put(v, to + i, moved[i]);
    }
    return JR_OK;
}
