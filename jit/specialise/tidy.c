/* tidy.c -- moves and constants that nobody needs go, which the interpreter notices most.
 *
 * Forwards, block by block: an operand that is a raw word is read where the word was before it was moved, and from the register that holds the same
 * constant already.  Only operands that must be raw are treated so: a reference in a register has an owner, and whoever moves it takes it along.
 * Then backwards, over all blocks: what writes only registers that nobody reads any more, and does nothing else, is left out.  An owned reference is read
 * at the latest by what gives it up. */
#include <string.h>

#include "jit/specialise/internal.h"

enum { CONSTANTS = 32, MOST_SET_WORDS = 4 << 20 };

struct same {
    uint32_t block;   /* where it was noted, plus one; it holds there only */
    uint32_t source;  /* the register with the same word */
    uint32_t version; /* of the source, then */
};

struct constant {
    uint64_t word;
    uint32_t block, reg, version;
};

struct tidy {
    struct jr_expand *x;
    const struct jr_function *dsp;
    uint32_t reg_count, block; /* the block at hand, plus one */
    uint32_t *versions;        /* per register: how often it was written */
    struct same *same;         /* per register */
    struct constant constants[CONSTANTS];
    uint32_t next_constant;
    uint32_t set_words;
    uint64_t *live_in; /* per block: a set of registers */
    uint64_t *live;
};

static uint32_t index_of(const struct tidy *t, uint32_t reg)
{
    return reg >= FIRST_HOME ? reg - FIRST_HOME + t->x->reg_count : reg;
}

/* ---- forwards ---- */

/* The register to read instead. */
static uint32_t source_of(const struct tidy *t, uint32_t reg)
{
    const struct same *same = &t->same[index_of(t, reg)];
    bool holds = same->block == t->block && t->versions[index_of(t, same->source)] == same->version;
    return holds ? same->source : reg;
}

static void note_same(struct tidy *t, uint32_t reg, uint32_t source)
{
    if (reg != source)
        t->same[index_of(t, reg)] = (struct same){ t->block, source, t->versions[index_of(t, source)] };
}

static void note_constant(struct tidy *t, uint32_t reg, uint64_t word)
{
    for (uint32_t i = 0; i < CONSTANTS; i++) {
        const struct constant *at = &t->constants[i];
        if (at->block == t->block && at->word == word && t->versions[index_of(t, at->reg)] == at->version) {
            note_same(t, reg, at->reg);
            return;
        }
    }
    t->constants[t->next_constant++ % CONSTANTS] =
        (struct constant){ word, t->block, reg, t->versions[index_of(t, reg)] };
}

static void note_writes(struct tidy *t, const struct jr_instr *in)
{
    struct jr_instr_regs regs;
    jr_instr_registers(t->x->module, t->dsp, in, &regs);
    for (uint32_t i = 0; i < regs.write_count; i++)
        for (uint32_t k = 0; k < regs.writes[i].count; k++) {
            uint32_t at = index_of(t, regs.writes[i].first + k);
            t->versions[at]++;
            t->same[at].block = 0;
        }
}

static void read_sources(struct tidy *t, struct jr_instr *in)
{
    const struct jr_op_info *info = &jr_op_infos[in->op];
    in->a = info->a == JR_OPERAND_S ? source_of(t, in->a) : in->a;
    in->b = info->b == JR_OPERAND_S ? source_of(t, in->b) : in->b;
    in->c = info->c == JR_OPERAND_S ? source_of(t, in->c) : in->c;
}

static void go_forwards(struct tidy *t, struct jr_block_code *block)
{
    for (size_t i = 0; i < block->pieces.count; i++) {
        struct jr_piece *piece = &block->pieces.items[i];
        struct jr_instr *in = &piece->in;
        bool moves = in->op == JR_OP_MOVE || ((in->op == JR_OP_MOVE_N || in->op == JR_OP_BORROW) && in->c == 1);
        bool constant = in->op == JR_OP_CONST || in->op == JR_OP_CONST_I32 || in->op == JR_OP_CONST_F32;
        uint32_t source = moves ? source_of(t, in->b) : 0;
        read_sources(t, in);
        note_writes(t, in);
        if (moves && source != in->a)
            note_same(t, in->a, source);
        else if (constant)
            note_constant(t, in->a, piece->constant);
    }
    if (block->end == JR_END_BRANCH || block->end == JR_END_SWITCH)
        block->in.a = source_of(t, block->in.a);
}

/* ---- backwards ---- */

static void set_range(const struct tidy *t, const struct jr_reg_range *range, bool live)
{
    for (uint32_t k = 0; k < range->count; k++) {
        uint32_t at = index_of(t, range->first + k);
        uint64_t bit = (uint64_t)1 << (at % 64);
        t->live[at / 64] = live ? t->live[at / 64] | bit : t->live[at / 64] & ~bit;
    }
}

static bool only_writes(enum jr_op op)
{
    switch (op) {
    case JR_OP_MOVE:
    case JR_OP_MOVE_N:
    case JR_OP_BORROW:
    case JR_OP_CONST:
    case JR_OP_CONST_I32:
    case JR_OP_CONST_F32:
    case JR_OP_CAPTURE_GET:
    case JR_OP_STATE_GET:
    case JR_OP_GLOBAL_GET:
    case JR_OP_CELL_GET:
    case JR_OP_ARRAY_GET:
    case JR_OP_ARRAY_LEN:
    case JR_OP_NOW:
        return true;
    default:
        return jr_fold_possible(op) && jr_op_infos[op].effects == JR_EFFECT_NONE;
    }
}

static bool is_needed(const struct tidy *t, const struct jr_instr *in, const struct jr_instr_regs *regs)
{
    if (!only_writes(in->op))
        return true;
    for (uint32_t i = 0; i < regs->write_count; i++)
        for (uint32_t k = 0; k < regs->writes[i].count; k++)
            if (jr_set_has(t->live, index_of(t, regs->writes[i].first + k)))
                return true;
    return false;
}

/* From the end of the block to its beginning; leaves in t->live what is read from there on.  `removing`: what is not needed goes. */
static void go_backwards(struct tidy *t, struct jr_block_code *block, bool removing)
{
    memset(t->live, 0, t->set_words * sizeof t->live[0]);
    for (uint32_t i = 0; i < block->target_count && block->end != JR_END_EXIT; i++)
        for (uint32_t w = 0; w < t->set_words; w++)
            t->live[w] |= t->live_in[(size_t)block->targets[i] * t->set_words + w];
    if (block->end == JR_END_BRANCH || block->end == JR_END_SWITCH)
        set_range(t, &(struct jr_reg_range){ .first = block->in.a, .count = 1 }, true);
    size_t kept = block->pieces.count;
    for (size_t i = block->pieces.count; i-- > 0;) {
        struct jr_piece piece = block->pieces.items[i];
        struct jr_instr_regs regs;
        jr_instr_registers(t->x->module, t->dsp, &piece.in, &regs);
        if (!is_needed(t, &piece.in, &regs))
            continue;
        for (uint32_t k = 0; k < regs.write_count; k++)
            set_range(t, &regs.writes[k], false);
        for (uint32_t k = 0; k < regs.read_count; k++)
            set_range(t, &regs.reads[k], true);
        if (removing)
            block->pieces.items[--kept] = piece;
    }
    if (!removing || kept == 0)
        return;
    block->pieces.count -= kept;
    memmove(block->pieces.items, block->pieces.items + kept, block->pieces.count * sizeof block->pieces.items[0]);
}

static void remove_unneeded(struct tidy *t)
{
    struct jr_expand *x = t->x;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t b = x->blocks.count; b-- > 0;) {
            uint64_t *in = &t->live_in[b * t->set_words];
            go_backwards(t, &x->blocks.items[b], false);
            changed |= memcmp(in, t->live, t->set_words * sizeof in[0]) != 0;
            memcpy(in, t->live, t->set_words * sizeof in[0]);
        }
    }
    for (size_t b = 0; b < x->blocks.count; b++)
        go_backwards(t, &x->blocks.items[b], true);
}

enum jr_status jr_residual_tidy(struct jr_expand *x)
{
    struct tidy tidy = { .x = x, .dsp = &x->module->functions[x->module->dsp], .reg_count = x->reg_count + x->home_count };
    struct tidy *t = &tidy;
    t->set_words = t->reg_count / 64 + 1;
    if (x->blocks.count * t->set_words > MOST_SET_WORDS)
        return JR_OK; /* as it is, it is right, too */
    t->versions = JR_ARENA_ARRAY(&x->scratch, uint32_t, t->reg_count);
    t->same = JR_ARENA_ARRAY(&x->scratch, struct same, t->reg_count);
    t->live = JR_ARENA_ARRAY(&x->scratch, uint64_t, t->set_words);
    t->live_in = JR_ARENA_ARRAY(&x->scratch, uint64_t, x->blocks.count * t->set_words);
    if (t->versions == NULL || t->same == NULL || t->live == NULL || t->live_in == NULL)
        return JR_ERR_NO_MEMORY;
    for (size_t b = 0; b < x->blocks.count; b++) {
        t->block = (uint32_t)b + 1;
        go_forwards(t, &x->blocks.items[b]);
    }
    remove_unneeded(t);
    return JR_OK;
}
