/* asm_code.c -- bodies of functions: state sites, jump tables, constants, places, labels and instructions. */
#include <string.h>

#include "ir/asm_internal.h"

enum { TO_JUMP = -2, TO_FALLBACK = -1 };

/* A label that is used: by a jump, or by an entry of a jump table. */
struct use {
    size_t token;
    uint32_t at;  /* pc of the jump, or index of the table */
    int64_t slot; /* TO_JUMP, TO_FALLBACK, or the target's number */
};

/* A function while its body is read. */
struct body {
    struct jr_asm *a;
    uint32_t index;
    struct jr_function *function;
    struct jr_draft_body *draft;
    struct jr_asm_symbols labels, table_symbols;
    JR_VEC(struct use) uses;
    bool own_places;      /* no .place stands there: instructions stand where they are written */
    uint64_t state_end;   /* behind the last site */
    uint32_t site_needed; /* feedback sites that instructions name */
};

static uint32_t here(const struct body *b)
{
    return (uint32_t)b->draft->code.count;
}

static bool append(struct body *b, const struct jr_token *token, union jr_code word)
{
    if (b->draft->code.count >= JR_MOST_CODE_WORDS)
        return jr_asm_ok(b->a, token, JR_ERR_LIMIT);
    return jr_asm_ok(b->a, token, JR_VEC_PUSH(b->a->alloc, &b->draft->code, word));
}

static bool use_label(struct body *b, uint32_t at, int64_t slot)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    struct use use = { b->a->at, at, slot };
    if (token->kind != JR_TOKEN_NAME)
        return jr_asm_error(b->a, token, "a label is missing here");
    b->a->at++;
    return jr_asm_ok(b->a, token, JR_VEC_PUSH(b->a->alloc, &b->uses, use));
}

/* ---- state sites ---- */

static bool read_kind(struct jr_asm *a, enum jr_site_kind *kind)
{
    static const char *const kinds[] = {
        [JR_SITE_SELF] = "self", [JR_SITE_MEM] = "mem", [JR_SITE_DELAY] = "delay", [JR_SITE_CALL] = "call"
    };
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (jr_asm_accept_word(a, kinds[i])) {
            *kind = (enum jr_site_kind)i;
            return true;
        }
    return jr_asm_error(a, jr_asm_peek(a), "a site is self, mem, delay or call");
}

/* The words that a site has by itself. */
static bool default_words(struct body *b, const struct jr_token *token, const struct jr_state_site *site,
                          uint64_t *words)
{
    const struct jr_draft *draft = &b->a->draft;
    *words = 0;
    switch (site->kind) {
    case JR_SITE_SELF:
        if (site->layout == JR_NONE)
            return jr_asm_error(b->a, token, "a self site needs its layout=");
        *words = site->layout < draft->layouts.count ? draft->layouts.items[site->layout].word_count : 0;
        break;
    case JR_SITE_MEM:
        *words = 1;
        break;
    case JR_SITE_DELAY:
        *words = (uint64_t)site->length + 2; /* both positions of the line, then its samples */
        break;
    case JR_SITE_CALL:
        if (site->function == JR_NONE)
            return jr_asm_error(b->a, token, "a call site needs its function=");
        if (site->function >= draft->functions.count)
            break;
        if (site->function >= b->index && !b->a->functions.items[site->function].has_state)
            return jr_asm_error(b->a, token,
                                "the callee's state is not known yet: write state= in its header");
        *words = draft->functions.items[site->function].state_words;
        break;
    }
    return true;
}

static bool read_site_attributes(struct jr_asm *a, struct jr_state_site *site, bool *has_words)
{
    for (;;) {
        bool good;
        if (jr_asm_accept_word(a, "layout")) {
            good = jr_asm_expect(a, '=') && jr_asm_layout(a, &site->layout);
        } else if (jr_asm_accept_word(a, "function")) {
            good = jr_asm_expect(a, '=') && jr_asm_reference(a, JR_DECL_FUNC, &site->function);
        } else if (jr_asm_accept_word(a, "length")) {
            good = jr_asm_expect(a, '=') && jr_asm_unsigned(a, UINT32_MAX, &site->length);
        } else if (jr_asm_accept_word(a, "words")) {
            *has_words = true;
            good = jr_asm_expect(a, '=') && jr_asm_unsigned(a, UINT32_MAX, &site->word_count);
        } else {
            return true;
        }
        if (!good)
            return false;
    }
}

/* site kind [offset] ["name"] [layout=] [function=] [length=] [words=] [at place] */
static bool read_site(struct body *b)
{
    struct jr_asm *a = b->a;
    const struct jr_token *first = jr_asm_peek(a);
    struct jr_state_site site = { .name = "", .layout = JR_NONE, .function = JR_NONE };
    bool has_offset = false, has_words = false;
    uint32_t size;
    if (!read_kind(a, &site.kind))
        return false;
    if (jr_asm_peek(a)->kind == JR_TOKEN_INTEGER) {
        has_offset = true;
        if (!jr_asm_unsigned(a, UINT32_MAX, &site.offset))
            return false;
    }
    if (jr_asm_peek(a)->kind == JR_TOKEN_STRING && !jr_asm_text(a, true, &site.name, &size))
        return false;
    if (!read_site_attributes(a, &site, &has_words))
        return false;
    uint64_t words = site.word_count;
    if (!has_words && !default_words(b, first, &site, &words))
        return false;
    if (!has_offset && b->state_end <= UINT32_MAX)
        site.offset = (uint32_t)b->state_end;
    uint64_t end = (has_offset ? site.offset : b->state_end) + words;
    if (!b->a->functions.items[b->index].has_state && end > JR_MOST_STATE_WORDS)
        return jr_asm_ok(a, first, JR_ERR_LIMIT);
    b->state_end = end;
    site.word_count = words > UINT32_MAX ? UINT32_MAX : (uint32_t)words;
    if (jr_asm_accept_word(a, "at") ? !jr_asm_place(a, &site.place)
                                    : !jr_asm_own_place(a, first, first, &site.place))
        return false;
    return jr_asm_ok(a, first, JR_VEC_PUSH(a->alloc, &b->draft->sites, site));
}

/* ---- jump tables and constants ---- */

/* A label, or a position in code words. */
static bool read_target(struct body *b, int64_t slot, uint32_t *target)
{
    if (jr_asm_peek(b->a)->kind == JR_TOKEN_INTEGER)
        return jr_asm_unsigned(b->a, UINT32_MAX, target);
    return use_label(b, (uint32_t)b->draft->tables.count, slot);
}

/* table symbol [min=n] [ targets ] else target */
static bool read_table(struct body *b)
{
    struct jr_asm *a = b->a;
    const struct jr_token *symbol = jr_asm_next(a);
    struct jr_jump_table table = { 0 };
    JR_VEC(uint32_t) targets = { 0 };
    if (symbol->kind != JR_TOKEN_NAME)
        return jr_asm_error(a, symbol, "a name is missing behind table");
    if (jr_asm_accept_word(a, "min") &&
        !(jr_asm_expect(a, '=') && jr_asm_signed(a, INT64_MIN, INT64_MAX, &table.min)))
        return false;
    bool good = jr_asm_expect(a, '[');
    while (good && !jr_asm_is_mark(a, ']')) {
        uint32_t target = 0;
        good = read_target(b, (int64_t)targets.count, &target) &&
               jr_asm_ok(a, symbol, JR_VEC_PUSH(a->alloc, &targets, target));
    }
    good = good && jr_asm_expect(a, ']');
    if (good && !jr_asm_accept_word(a, "else"))
        good = jr_asm_error(a, jr_asm_peek(a), "the else of a jump table is missing here");
    good = good && read_target(b, TO_FALLBACK, &table.fallback);
    if (good) {
        table.target_count = (uint32_t)targets.count;
        table.targets =
            jr_arena_copy(a->draft.module->arena, targets.items, targets.count * sizeof *targets.items);
        good = jr_asm_ok(a, symbol, table.targets == NULL ? JR_ERR_NO_MEMORY : JR_OK) &&
               jr_asm_ok(a, symbol,
                         jr_asm_symbols_add(a->alloc, &b->table_symbols, a->text + symbol->start, symbol->length,
                                        (uint32_t)b->draft->tables.count)) &&
               jr_asm_ok(a, symbol, JR_VEC_PUSH(a->alloc, &b->draft->tables, table));
    }
    JR_VEC_FREE(a->alloc, &targets);
    return good;
}

/* The whole table in its order, equal words or not. */
static bool read_constants(struct body *b)
{
    struct jr_asm *a = b->a;
    while (!jr_asm_at_line_end(a)) {
        const struct jr_token *token = jr_asm_peek(a);
        uint64_t word;
        uint32_t index;
        size_t count = b->draft->constants.count;
        if (!jr_asm_constant(a, &word))
            return false;
        if (!jr_asm_ok(a, token, jr_draft_constant(&a->draft, b->index, word, &index)))
            return false;
        if (b->draft->constants.count == count &&
            !jr_asm_ok(a, token, JR_VEC_PUSH(a->alloc, &b->draft->constants, word)))
            return false;
    }
    return true;
}

/* ---- operands ---- */

static bool read_register(struct body *b, uint32_t *value)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    if (!jr_asm_numbered(b->a, token, "r", value))
        return jr_asm_error(b->a, token, "a register (r0, r1 ...) is missing here");
    if (*value > UINT16_MAX)
        return jr_asm_error(b->a, token, "register %u is too large, the most is %u", *value, UINT16_MAX);
    b->a->at++;
    return true;
}

/* A name with a number, as k5 or s12. */
static bool read_numbered(struct body *b, const char *prefix, const char *what, uint32_t *value)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    if (!jr_asm_numbered(b->a, token, prefix, value))
        return jr_asm_error(b->a, token, "a %s (%s0, %s1 ...) is missing here", what, prefix, prefix);
    b->a->at++;
    return true;
}

static bool read_float(struct body *b, uint32_t *value)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    uint64_t word;
    int64_t integer;
    double wide;
    if (token->kind == JR_TOKEN_INTEGER) {
        if (!jr_asm_signed(b->a, INT64_MIN, INT64_MAX, &integer))
            return false;
        wide = (double)integer;
    } else {
        if (!jr_asm_constant(b->a, &word))
            return false;
        if (token->kind == JR_TOKEN_HEX) { /* the bits themselves */
            *value = (uint32_t)word;
            return word <= UINT32_MAX || jr_asm_error(b->a, token, "the bits of a binary32 number are 32");
        }
        memcpy(&wide, &word, sizeof wide);
    }
    float narrow = (float)wide;
    if (wide == wide && (double)narrow != wide)
        return jr_asm_error(b->a, token, "%.*s is no binary32 number; use const", JR_ASM_SHOW(b->a, token));
    memcpy(value, &narrow, sizeof *value);
    return true;
}

static bool read_global(struct body *b, uint32_t *value)
{
    struct jr_asm *a = b->a;
    uint32_t index;
    if (jr_asm_numbered(a, jr_asm_peek(a), "g", value)) {
        a->at++;
        return true;
    }
    if (!jr_asm_reference(a, JR_DECL_GLOBAL, &index))
        return false;
    if (index < a->draft.globals.count)
        *value = a->draft.globals.items[index].offset;
    return true;
}

/* A state word by its offset, or the site of that name. */
static bool read_state(struct body *b, uint32_t *value)
{
    struct jr_asm *a = b->a;
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind == JR_TOKEN_NAME && !jr_asm_numbered(a, token, "s", value))
        for (size_t i = 0; i < b->draft->sites.count; i++)
            if (jr_asm_same(a, token, b->draft->sites.items[i].name)) {
                *value = b->draft->sites.items[i].offset;
                a->at++;
                return true;
            }
    return read_numbered(b, "s", "state word", value);
}

static bool read_variant(struct body *b, uint32_t sum, uint32_t *value)
{
    struct jr_asm *a = b->a;
    const struct jr_token *token = jr_asm_peek(a);
    if (token->kind == JR_TOKEN_INTEGER)
        return jr_asm_unsigned(a, UINT32_MAX, value);
    const struct jr_sum *of = sum < a->draft.sums.count ? &a->draft.sums.items[sum] : NULL;
    for (uint32_t i = 0; of != NULL && of->variant_names != NULL && i < of->variant_count; i++)
        if (token->kind == JR_TOKEN_NAME && jr_asm_same(a, token, of->variant_names[i])) {
            *value = i;
            a->at++;
            return true;
        }
    return jr_asm_error(a, token, "the sum has no variant %.*s", JR_ASM_SHOW(a, token));
}

static bool read_error_number(struct body *b, uint32_t *value)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    for (uint32_t i = 0; i < JR_STATUS_COUNT && token->kind == JR_TOKEN_NAME; i++)
        if (jr_asm_same(b->a, token, jr_status_name((enum jr_status)i))) {
            *value = i;
            b->a->at++;
            return true;
        }
    return jr_asm_unsigned(b->a, UINT32_MAX, value);
}

static bool read_constant(struct body *b, uint32_t *value)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    uint64_t word;
    if (jr_asm_numbered(b->a, token, "k", value)) {
        b->a->at++;
        return true;
    }
    return jr_asm_constant(b->a, &word) &&
           jr_asm_ok(b->a, token, jr_draft_constant(&b->a->draft, b->index, word, value));
}

static bool read_jump(struct body *b, uint32_t *value)
{
    int64_t distance;
    if (jr_asm_peek(b->a)->kind != JR_TOKEN_INTEGER)
        return use_label(b, here(b), TO_JUMP);
    if (!jr_asm_signed(b->a, INT32_MIN, INT32_MAX, &distance))
        return false;
    *value = (uint32_t)(int32_t)distance;
    return true;
}

static bool read_i32(struct body *b, uint32_t *value)
{
    int64_t number;
    if (!jr_asm_signed(b->a, INT32_MIN, INT32_MAX, &number))
        return false;
    *value = (uint32_t)(int32_t)number;
    return true;
}

static bool read_table_operand(struct body *b, uint32_t *value)
{
    struct jr_asm *a = b->a;
    const struct jr_token *token = jr_asm_peek(a);
    uint32_t index = JR_NONE;
    if (token->kind == JR_TOKEN_NAME)
        index = jr_asm_symbols_find(&b->table_symbols, a->text + token->start, token->length);
    if (index == JR_NONE)
        return read_numbered(b, "t", "jump table", value);
    *value = index;
    a->at++;
    return true;
}

static bool read_site_operand(struct body *b, uint32_t *value)
{
    if (!read_numbered(b, "fb", "feedback site", value))
        return false;
    if (*value >= b->site_needed && *value != UINT32_MAX)
        b->site_needed = *value + 1;
    return true;
}

/* One operand; `most` is what its field holds, `in` has the operands before it. */
static bool read_operand(struct body *b, const struct jr_instr *in, enum jr_operand operand, uint32_t most,
                         uint32_t *value)
{
    struct jr_asm *a = b->a;
    switch (operand) {
    case JR_OPERAND__:
        return true;
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W:
        return read_register(b, value);
    case JR_OPERAND_N:
    case JR_OPERAND_LEN:
        return jr_asm_unsigned(a, most, value);
    case JR_OPERAND_IDX:
        return in->op == JR_OP_TRAP ? read_error_number(b, value) : jr_asm_unsigned(a, most, value);
    case JR_OPERAND_K:
        return read_constant(b, value);
    case JR_OPERAND_STR:
        return jr_asm_string(a, value);
    case JR_OPERAND_G:
        return read_global(b, value);
    case JR_OPERAND_ST:
        return read_state(b, value);
    case JR_OPERAND_L:
        return jr_asm_layout(a, value);
    case JR_OPERAND_SUM:
        return jr_asm_reference(a, JR_DECL_SUM, value);
    case JR_OPERAND_VAR:
        return read_variant(b, in->x, value);
    case JR_OPERAND_FN:
        return jr_asm_reference(a, JR_DECL_FUNC, value);
    case JR_OPERAND_SIG:
        return jr_asm_signature(a, value);
    case JR_OPERAND_IMP:
        return jr_asm_reference(a, JR_DECL_IMPORT, value);
    case JR_OPERAND_TAB:
        return read_table_operand(b, value);
    case JR_OPERAND_J:
        return read_jump(b, value);
    case JR_OPERAND_I32:
        return read_i32(b, value);
    case JR_OPERAND_F32:
        return read_float(b, value);
    case JR_OPERAND_SITE:
        return read_site_operand(b, value);
    }
    return false;
}

/* ---- instructions ---- */

static bool find_op(const struct jr_asm *a, const struct jr_token *token, enum jr_op *op)
{
    for (unsigned i = 0; i < JR_OP_COUNT; i++)
        if (jr_asm_same(a, token, jr_op_infos[i].mnemonic)) {
            *op = (enum jr_op)i;
            return true;
        }
    return false;
}

static bool append_instr(struct body *b, const struct jr_token *token, const struct jr_instr *in)
{
    uint16_t op = (uint16_t)in->op, a = (uint16_t)in->a;
    if (jr_op_infos[in->op].format == JR_FORMAT_AX)
        return append(b, token, (union jr_code){ .ax = { op, a, in->x } });
    if (!append(b, token, (union jr_code){ .i = { op, a, (uint16_t)in->b, (uint16_t)in->c } }))
        return false;
    return jr_op_infos[in->op].format == JR_FORMAT_ABC ||
           append(b, token, (union jr_code){ .ext = { in->x, in->y } });
}

/* Exactly one entry of the table of places. */
static bool read_span(struct body *b, uint32_t pc)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    struct jr_span_entry entry = { .pc = pc };
    return jr_asm_place(b->a, &entry.place) &&
           jr_asm_ok(b->a, token, JR_VEC_PUSH(b->a->alloc, &b->draft->spans, entry));
}

/* .place [@pc] place */
static bool read_place(struct body *b)
{
    uint32_t pc = here(b);
    if (jr_asm_accept(b->a, '@') && !jr_asm_unsigned(b->a, UINT32_MAX, &pc))
        return false;
    return read_span(b, pc);
}

/* What may follow an instruction: `at place`.  Where no function's line has it, instructions stand where they are written. */
static bool read_place_behind(struct body *b, const struct jr_token *first)
{
    struct jr_asm *a = b->a;
    struct jr_place place;
    if (!b->own_places)
        return !jr_asm_accept_word(a, "at") || read_span(b, here(b));
    return jr_asm_own_place(a, first, &a->tokens.items[a->at - 1], &place) &&
           jr_asm_ok(a, first, jr_draft_span(&a->draft, b->index, here(b), place));
}

static bool read_instr(struct body *b, const struct jr_token *mnemonic)
{
    struct jr_asm *a = b->a;
    struct jr_instr in = { 0 };
    if (mnemonic->kind != JR_TOKEN_NAME || !find_op(a, mnemonic, &in.op))
        return jr_asm_error(a, mnemonic, "%.*s is no instruction", JR_ASM_SHOW(a, mnemonic));
    const struct jr_op_info *info = &jr_op_infos[in.op];
    const struct {
        uint8_t operand;
        uint32_t most;
        uint32_t *value;
    } fields[] = {
        { info->a, UINT16_MAX, &in.a }, { info->b, UINT16_MAX, &in.b }, { info->c, UINT16_MAX, &in.c },
        { info->x, UINT32_MAX, &in.x }, { info->y, UINT32_MAX, &in.y },
    };
    bool first = true;
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].operand == JR_OPERAND__)
            continue;
        if (!first && !jr_asm_expect(a, ','))
            return false;
        first = false;
        if (!read_operand(b, &in, (enum jr_operand)fields[i].operand, fields[i].most, fields[i].value))
            return false;
    }
    return read_place_behind(b, mnemonic) && append_instr(b, mnemonic, &in);
}

static bool read_places(struct body *b)
{
    return jr_asm_accept_word(b->a, "none") ||
           jr_asm_error(b->a, jr_asm_peek(b->a), "only none goes behind .places");
}

static bool read_word(struct body *b)
{
    const struct jr_token *token = jr_asm_peek(b->a);
    union jr_code code;
    return jr_asm_constant(b->a, &code.word) && read_place_behind(b, token) && append(b, token, code);
}

static bool read_label(struct body *b, const struct jr_token *name)
{
    struct jr_asm *a = b->a;
    a->at++; /* the colon */
    if (jr_asm_symbols_find(&b->labels, a->text + name->start, name->length) != JR_NONE)
        return jr_asm_error(a, name, "there is already a label %.*s", JR_ASM_SHOW(a, name));
    return jr_asm_ok(a, name,
                     jr_asm_symbols_add(a->alloc, &b->labels, a->text + name->start, name->length, here(b)));
}

static bool read_line(struct body *b)
{
    struct jr_asm *a = b->a;
    const struct jr_token *first = jr_asm_next(a);
    if (first->kind == JR_TOKEN_NAME && jr_asm_is_mark(a, ':'))
        return read_label(b, first); /* an instruction may follow in the same line */
    bool good = jr_asm_same(a, first, "site")        ? read_site(b)
                : jr_asm_same(a, first, "table")     ? read_table(b)
                : jr_asm_same(a, first, "constants") ? read_constants(b)
                : jr_asm_same(a, first, ".place")    ? read_place(b)
                : jr_asm_same(a, first, ".places")   ? read_places(b)
                : jr_asm_same(a, first, ".word")     ? read_word(b)
                                                     : read_instr(b, first);
    if (good && jr_asm_is_mark(a, '}')) /* the function may end in this line */
        return true;
    return good && jr_asm_line_end(a);
}

/* ---- the end of a body ---- */

static void resolve(struct body *b)
{
    struct jr_asm *a = b->a;
    for (size_t i = 0; i < b->uses.count; i++) {
        const struct use *use = &b->uses.items[i];
        const struct jr_token *token = &a->tokens.items[use->token];
        uint32_t pc = jr_asm_symbols_find(&b->labels, a->text + token->start, token->length);
        if (pc == JR_NONE) {
            jr_asm_error(a, token, "there is no label %.*s", JR_ASM_SHOW(a, token));
        } else if (use->slot == TO_JUMP) {
            if (use->at < b->draft->code.count) /* code is shorter than 2^28 words, so the distance fits */
                b->draft->code.items[use->at].ax.x = (uint32_t)((int32_t)pc - (int32_t)(use->at + 1));
        } else if (use->at < b->draft->tables.count) {
            struct jr_jump_table *table = &b->draft->tables.items[use->at];
            if (use->slot == TO_FALLBACK)
                table->fallback = pc;
            else if (use->slot < table->target_count)
                table->targets[use->slot] = pc;
        }
    }
}

/* True if a line of the body gives places: .place, .places, or an instruction with `at`. */
static bool has_places(const struct jr_asm *a)
{
    bool begins = true, is_site = false;
    for (size_t i = a->at; i < a->tokens.count; i++) {
        const struct jr_token *token = &a->tokens.items[i];
        if (token->kind == JR_TOKEN_MARK && token->mark == '}')
            break;
        if (begins)
            is_site = jr_asm_same(a, token, "site");
        begins = token->kind == JR_TOKEN_NEWLINE;
        bool operand = i != 0 && a->tokens.items[i - 1].mark == ','; /* a function may be called "at" */
        if (token->kind == JR_TOKEN_NAME && !is_site && !operand &&
            (jr_asm_same(a, token, ".place") || jr_asm_same(a, token, ".places") ||
             jr_asm_same(a, token, "at")))
            return true;
    }
    return false;
}

void jr_asm_body(struct jr_asm *a, const struct jr_decl *decl)
{
    struct body b = { .a = a, .index = decl->index };
    b.function = &a->draft.functions.items[decl->index];
    b.draft = &a->draft.bodies.items[decl->index];
    a->at = decl->body;
    b.own_places = !has_places(a);
    while (!jr_asm_is_mark(a, '}') && jr_asm_peek(a)->kind != JR_TOKEN_END && a->status == JR_OK) {
        if (jr_asm_at_line_end(a)) {
            jr_asm_next(a);
        } else if (!read_line(&b)) {
            while (!jr_asm_at_line_end(a) && !jr_asm_is_mark(a, '}'))
                a->at++;
        }
    }
    if (a->status == JR_OK)
        resolve(&b);
    const struct jr_asm_function *given = &a->functions.items[decl->index];
    if (!given->has_state)
        b.function->state_words = (uint32_t)b.state_end;
    if (!given->has_feedback)
        b.function->feedback_count = b.site_needed;
    jr_asm_symbols_fini(a->alloc, &b.labels);
    jr_asm_symbols_fini(a->alloc, &b.table_symbols);
    JR_VEC_FREE(a->alloc, &b.uses);
}
