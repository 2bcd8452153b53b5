/* disasm_code.c -- functions as text: header, state sites, jump tables, instructions with places and labels. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/hash.h"
#include "ir/base/index_map.h"
#include "ir/disasm_internal.h"
#include "ir/draft.h"

enum { PLACE_COLUMN = 40, COMMENT_COLUMN = 64 };
enum { STARTS = 1, TARGET = 2 }; /* marks of a code position */

/* ---- instructions ---- */

bool jr_disasm_regular(const struct jr_function *function, uint32_t pc)
{
    const union jr_code *code = &function->code[pc];
    if (code->i.op >= JR_OP_COUNT || jr_op_length((enum jr_op)code->i.op) > function->code_count - pc)
        return false;
    const struct jr_op_info *info = &jr_op_infos[code->i.op];
    struct jr_instr in = jr_decode(code);
    return (info->a != JR_OPERAND__ || in.a == 0) && (info->b != JR_OPERAND__ || in.b == 0) &&
           (info->c != JR_OPERAND__ || in.c == 0) && (info->x != JR_OPERAND__ || in.x == 0) &&
           (info->y != JR_OPERAND__ || in.y == 0);
}

static uint32_t length_at(const struct jr_function *function, uint32_t pc)
{
    return jr_disasm_regular(function, pc) ? jr_op_length((enum jr_op)function->code[pc].i.op) : 1;
}

static void print_float(struct jr_sb *out, uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    if (isnan(value))
        jr_sb_format(out, "0x%08" PRIx32, bits);
    else
        jr_disasm_double(out, (double)value);
}

static void print_error_number(struct jr_sb *out, uint32_t number)
{
    if (number < JR_STATUS_COUNT)
        jr_sb_text(out, jr_status_name((enum jr_status)number));
    else
        jr_sb_format(out, "%u", number);
}

/* Where a jump goes: a label, or for a target that cannot have one the distance. */
static void print_jump(struct jr_disasm *d, const struct jr_listing *listing, uint32_t pc,
                       const struct jr_instr *in)
{
    int64_t target = (int64_t)pc + in->length + (int32_t)in->x;
    if (target >= 0 && target <= listing->function->code_count &&
        (listing->marks == NULL || (listing->marks[target] & STARTS)))
        jr_sb_format(d->out, "L%" PRId64, target);
    else
        jr_sb_format(d->out, "%+" PRId32, (int32_t)in->x);
}

static void print_operand(struct jr_disasm *d, const struct jr_listing *listing, uint32_t pc,
                          const struct jr_instr *in, enum jr_operand operand, uint32_t value)
{
    const struct jr_function *function = listing->function;
    switch (operand) {
    case JR_OPERAND__:
        return;
    case JR_OPERAND_D:
    case JR_OPERAND_S:
    case JR_OPERAND_RD:
    case JR_OPERAND_RS:
    case JR_OPERAND_RM:
    case JR_OPERAND_W:
        jr_sb_format(d->out, "r%u", value);
        return;
    case JR_OPERAND_N:
    case JR_OPERAND_LEN:
        jr_sb_format(d->out, "%u", value);
        return;
    case JR_OPERAND_IDX:
        if (in->op == JR_OP_TRAP)
            print_error_number(d->out, value);
        else
            jr_sb_format(d->out, "%u", value);
        return;
    case JR_OPERAND_I32:
        jr_sb_format(d->out, "%" PRId32, (int32_t)value);
        return;
    case JR_OPERAND_F32:
        print_float(d->out, value);
        return;
    case JR_OPERAND_K:
        if (value < function->constant_count && !listing->constants_listed)
            jr_disasm_word(d->out, function->constants[value]);
        else
            jr_sb_format(d->out, "k%u", value);
        return;
    case JR_OPERAND_STR:
        jr_disasm_string(d, value);
        return;
    case JR_OPERAND_G:
        jr_sb_format(d->out, "g%u", value);
        return;
    case JR_OPERAND_ST:
        jr_sb_format(d->out, "s%u", value);
        return;
    case JR_OPERAND_L:
        jr_disasm_layout(d, value);
        return;
    case JR_OPERAND_SUM:
        jr_disasm_sum(d, value, false);
        return;
    case JR_OPERAND_VAR:
        jr_disasm_variant(d, in->x, value);
        return;
    case JR_OPERAND_FN:
        jr_disasm_function(d, value, false);
        return;
    case JR_OPERAND_SIG:
        jr_disasm_signature(d, value);
        return;
    case JR_OPERAND_IMP:
        jr_disasm_import(d, value, false);
        return;
    case JR_OPERAND_TAB:
        jr_sb_format(d->out, "t%u", value);
        return;
    case JR_OPERAND_J:
        print_jump(d, listing, pc, in);
        return;
    case JR_OPERAND_SITE:
        jr_sb_format(d->out, "fb%u", value);
        return;
    }
}

void jr_disasm_instr(struct jr_disasm *d, const struct jr_listing *listing, uint32_t pc)
{
    const union jr_code *code = &listing->function->code[pc];
    if (!jr_disasm_regular(listing->function, pc)) {
        jr_sb_format(d->out, ".word 0x%016" PRIx64, code->word);
        return;
    }
    struct jr_instr in = jr_decode(code);
    const struct jr_op_info *info = &jr_op_infos[in.op];
    const struct {
        uint8_t operand;
        uint32_t value;
    } fields[] = {
        { info->a, in.a }, { info->b, in.b }, { info->c, in.c }, { info->x, in.x }, { info->y, in.y },
    };
    jr_sb_text(d->out, info->mnemonic);
    const char *between = " ";
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].operand == JR_OPERAND__)
            continue;
        jr_sb_text(d->out, between);
        print_operand(d, listing, pc, &in, (enum jr_operand)fields[i].operand, fields[i].value);
        between = ", ";
    }
}

/* ---- what a reader wants to know besides: the position, and what an offset stands for ---- */

static void print_name(struct jr_disasm *d, const char *name)
{
    jr_sb_text(d->out, "  ");
    if (jr_disasm_is_symbol(name))
        jr_sb_text(d->out, name);
    else
        jr_disasm_quoted(d->out, name, strlen(name));
}

/* The last global that stands at or before a word; there is one. */
static const struct jr_global *global_at(const struct jr_module *module, uint32_t word)
{
    uint32_t low = 0, high = module->global_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (module->globals[middle].offset <= word)
            low = middle;
        else
            high = middle;
    }
    return &module->globals[low];
}

static void print_offset_owner(struct jr_disasm *d, const struct jr_function *function,
                               enum jr_operand operand, uint32_t value)
{
    if (operand == JR_OPERAND_G && d->module->global_count != 0) {
        print_name(d, global_at(d->module, value)->name);
    } else if (operand == JR_OPERAND_ST) {
        for (uint32_t i = function->site_count; i-- > 0;)
            if (function->sites[i].offset <= value) {
                if (function->sites[i].name[0] != '\0')
                    print_name(d, function->sites[i].name);
                return;
            }
    }
}

static void pad(struct jr_disasm *d, size_t line_start, size_t column)
{
    size_t at = d->out->length - line_start;
    jr_sb_repeat(d->out, ' ', at < column ? column - at : 1);
}

static void print_comment(struct jr_disasm *d, const struct jr_listing *listing, uint32_t pc,
                          size_t line_start)
{
    pad(d, line_start, COMMENT_COLUMN);
    jr_sb_format(d->out, "; %u", pc);
    if (!jr_disasm_regular(listing->function, pc))
        return;
    struct jr_instr in = jr_decode(&listing->function->code[pc]);
    const struct jr_op_info *info = &jr_op_infos[in.op];
    print_offset_owner(d, listing->function, (enum jr_operand)info->x, in.x);
    if (in.op == JR_OP_CONST && listing->constants_listed && in.x < listing->function->constant_count) {
        jr_sb_text(d->out, "  ");
        jr_disasm_word(d->out, listing->function->constants[in.x]);
    }
}

/* ---- functions ---- */

static void mark_target(struct jr_listing *listing, int64_t target)
{
    if (target >= 0 && target <= listing->function->code_count && (listing->marks[target] & STARTS))
        listing->marks[target] |= TARGET;
}

static void mark(struct jr_listing *listing)
{
    const struct jr_function *function = listing->function;
    for (uint32_t pc = 0; pc < function->code_count; pc += length_at(function, pc))
        listing->marks[pc] = STARTS;
    listing->marks[function->code_count] = STARTS; /* a jump may go to the end, though no verified one does */
    for (uint32_t pc = 0; pc < function->code_count; pc += length_at(function, pc)) {
        if (!jr_disasm_regular(function, pc))
            continue;
        struct jr_instr in = jr_decode(&function->code[pc]);
        if (jr_op_infos[in.op].x == JR_OPERAND_J)
            mark_target(listing, (int64_t)pc + in.length + (int32_t)in.x);
    }
    for (uint32_t i = 0; i < function->table_count; i++) {
        for (uint32_t t = 0; t < function->tables[i].target_count; t++)
            mark_target(listing, function->tables[i].targets[t]);
        mark_target(listing, function->tables[i].fallback);
    }
}

static bool has_duplicates(const struct jr_alloc *alloc, const struct jr_function *function, bool *out)
{
    struct jr_index_map map = { 0 };
    enum jr_status status = JR_OK;
    *out = false;
    for (uint32_t i = 0; i < function->constant_count && !*out; i++) {
        uint64_t hash = jr_hash_word(0, function->constants[i]);
        size_t probe = 0;
        uint32_t same;
        while ((same = jr_index_map_next(&map, hash, &probe)) != JR_NONE)
            if (function->constants[same] == function->constants[i])
                *out = true;
        JR_TRY(jr_index_map_add(alloc, &map, hash, i));
    }
done:
    jr_index_map_fini(alloc, &map);
    return status == JR_OK;
}

/* Listed unless assembling the operands in their order gives just this table: new constants appear as 0, 1, 2 ..., and the
 * same word does not stand there twice.  False if there is no memory. */
static bool find_constants_listed(const struct jr_alloc *alloc, struct jr_listing *listing)
{
    const struct jr_function *function = listing->function;
    uint32_t seen = 0;
    listing->constants_listed = true;
    for (uint32_t pc = 0; pc < function->code_count; pc += length_at(function, pc)) {
        if (!jr_disasm_regular(function, pc) || function->code[pc].i.op != JR_OP_CONST)
            continue;
        uint32_t index = function->code[pc].ax.x;
        if (index > seen || index >= function->constant_count)
            return true;
        if (index == seen)
            seen++;
    }
    return seen != function->constant_count || has_duplicates(alloc, function, &listing->constants_listed);
}

/* The words that a site of this kind has by itself. */
static uint64_t site_words(const struct jr_module *module, const struct jr_state_site *site)
{
    switch (site->kind) {
    case JR_SITE_SELF:
        return site->layout < module->layout_count ? module->layouts[site->layout].word_count : 0;
    case JR_SITE_MEM:
        return 1;
    case JR_SITE_DELAY:
        return (uint64_t)site->length + 2;
    case JR_SITE_CALL:
        return site->function < module->function_count ? module->functions[site->function].state_words : 0;
    }
    return 0;
}

static void print_site(struct jr_disasm *d, const struct jr_state_site *site)
{
    static const char *const kinds[] = {
        [JR_SITE_SELF] = "self", [JR_SITE_MEM] = "mem", [JR_SITE_DELAY] = "delay", [JR_SITE_CALL] = "call"
    };
    jr_sb_format(d->out, "    site %s %u ", kinds[site->kind], site->offset);
    jr_disasm_quoted(d->out, site->name, strlen(site->name));
    if (site->layout != JR_NONE) {
        jr_sb_text(d->out, " layout=");
        jr_disasm_layout(d, site->layout);
    }
    if (site->function != JR_NONE) {
        jr_sb_text(d->out, " function=");
        jr_disasm_function(d, site->function, false);
    }
    if (site->length != 0)
        jr_sb_format(d->out, " length=%u", site->length);
    if (site->word_count != site_words(d->module, site))
        jr_sb_format(d->out, " words=%u", site->word_count);
    jr_sb_text(d->out, " at ");
    jr_disasm_place(d, site->place);
    jr_sb_char(d->out, '\n');
}

static void print_position(struct jr_disasm *d, const struct jr_listing *listing, uint32_t pc)
{
    if (pc <= listing->function->code_count && (listing->marks[pc] & STARTS))
        jr_sb_format(d->out, "L%u", pc);
    else
        jr_sb_format(d->out, "%u", pc);
}

static void print_table(struct jr_disasm *d, const struct jr_listing *listing, uint32_t index)
{
    const struct jr_jump_table *table = &listing->function->tables[index];
    jr_sb_format(d->out, "    table t%u min=%" PRId64 " [", index, table->min);
    for (uint32_t i = 0; i < table->target_count; i++) {
        if (i != 0)
            jr_sb_char(d->out, ' ');
        print_position(d, listing, table->targets[i]);
    }
    jr_sb_text(d->out, "] else ");
    print_position(d, listing, table->fallback);
    jr_sb_char(d->out, '\n');
}

static void print_header(struct jr_disasm *d, uint32_t index)
{
    const struct jr_function *function = &d->module->functions[index];
    jr_sb_text(d->out, "func ");
    jr_disasm_function(d, index, true);
    jr_sb_text(d->out, " : ");
    jr_disasm_signature(d, function->signature);
    if (function->capture_layout >= d->module->layout_count ||
        d->module->layouts[function->capture_layout].word_count != 0 ||
        !d->layout_inline[function->capture_layout]) {
        jr_sb_text(d->out, " captures=");
        jr_disasm_layout(d, function->capture_layout);
    }
    jr_sb_format(d->out, " regs=%u", function->reg_count);
    if (function->state_words != 0 || function->site_count != 0)
        jr_sb_format(d->out, " state=%u", function->state_words);
    if (function->feedback_count != 0)
        jr_sb_format(d->out, " feedback=%u", function->feedback_count);
    jr_sb_text(d->out, " at ");
    jr_disasm_place(d, function->place);
    jr_sb_text(d->out, " {\n");
}

/* Entries before `pc`, which do not begin with an instruction, and all but the last of several at `pc`. */
static void print_odd_spans(struct jr_disasm *d, const struct jr_listing *listing, uint32_t *next,
                            uint64_t pc)
{
    const struct jr_function *function = listing->function;
    for (; *next < function->span_count && function->spans[*next].pc <= pc; (*next)++) {
        if (function->spans[*next].pc == pc &&
            (*next + 1 == function->span_count || function->spans[*next + 1].pc > pc))
            return;
        jr_sb_format(d->out, "    .place @%u ", function->spans[*next].pc);
        jr_disasm_place(d, function->spans[*next].place);
        jr_sb_char(d->out, '\n');
    }
}

static void print_code(struct jr_disasm *d, const struct jr_listing *listing)
{
    const struct jr_function *function = listing->function;
    uint32_t next_span = 0;
    for (uint32_t pc = 0; pc < function->code_count; pc += length_at(function, pc)) {
        if (listing->marks[pc] & TARGET)
            jr_sb_format(d->out, "L%u:\n", pc);
        print_odd_spans(d, listing, &next_span, pc);
        size_t line_start = d->out->length;
        jr_sb_text(d->out, "    ");
        jr_disasm_instr(d, listing, pc);
        if (next_span < function->span_count && function->spans[next_span].pc == pc) {
            pad(d, line_start, PLACE_COLUMN);
            jr_sb_text(d->out, "at ");
            jr_disasm_place(d, function->spans[next_span++].place);
        }
        print_comment(d, listing, pc, line_start);
        jr_sb_char(d->out, '\n');
    }
    if (listing->marks[function->code_count] & TARGET)
        jr_sb_format(d->out, "L%u:\n", function->code_count);
    print_odd_spans(d, listing, &next_span, UINT64_MAX);
}

void jr_disasm_function_text(struct jr_disasm *d, uint32_t index)
{
    const struct jr_function *function = &d->module->functions[index];
    const struct jr_alloc *alloc = d->out->alloc;
    struct jr_listing listing = { .function = function };
    listing.marks = jr_alloc_new(alloc, (size_t)function->code_count + 1);
    if (listing.marks == NULL || !find_constants_listed(alloc, &listing)) {
        jr_alloc_free(alloc, listing.marks, (size_t)function->code_count + 1);
        d->out->failed = true;
        return;
    }
    mark(&listing);
    print_header(d, index);
    for (uint32_t i = 0; i < function->site_count; i++)
        print_site(d, &function->sites[i]);
    for (uint32_t i = 0; i < function->table_count; i++)
        print_table(d, &listing, i);
    if (listing.constants_listed) {
        jr_sb_text(d->out, "    constants");
        for (uint32_t i = 0; i < function->constant_count; i++) {
            jr_sb_char(d->out, ' ');
            jr_disasm_word(d->out, function->constants[i]);
        }
        jr_sb_char(d->out, '\n');
    }
    if (function->span_count == 0)
        jr_sb_text(d->out, "    .places none\n");
    print_code(d, &listing);
    jr_sb_text(d->out, "}\n");
    jr_alloc_free(alloc, listing.marks, (size_t)function->code_count + 1);
}
