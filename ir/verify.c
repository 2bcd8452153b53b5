/* verify.c -- proof that both engines may run a module unchecked: the tables, and the order of the work.
 *
 * Tables first (nothing may be indexed before it is known to be in range), then every function's code as data, then the
 * state layouts, then every function's dataflow. */
#include "ir/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "ir/base/alloc.h"
#include "ir/verify_internal.h"

enum { MAX_REGISTERS = 65536, MAX_STATE_WORDS = 1u << 30, MAX_GLOBAL_WORDS = 1u << 28 };

enum jr_status jr_verify_fail(struct jr_verifier *v, uint32_t pc, const char *format, ...)
{
    char text[192];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct jr_verify_report *r = v->report;
    r->function = v->function ? v->function_index : JR_NONE;
    r->pc = pc;
    if (!v->function)
        snprintf(r->message, sizeof r->message, "%s", text);
    else if (pc == JR_NONE)
        snprintf(r->message, sizeof r->message, "%.48s: %s", v->function->name, text);
    else
        snprintf(r->message, sizeof r->message, "%.48s: %u %s: %s", v->function->name, pc, jr_op_infos[v->op].mnemonic, text);
    return JR_ERR_VERIFY;
}

static bool sum_has_refs(const struct jr_module *m, uint32_t sum)
{
    for (uint32_t i = 0; i < m->sums[sum].variant_count; i++)
        if (m->layouts[m->sums[sum].variant_layouts[i]].has_refs) return true;
    return false;
}

static enum jr_status check_arg(struct jr_verifier *v, uint32_t layout, uint32_t word, uint32_t arg, uint32_t limit)
{
    if (arg >= limit) return jr_verify_fail(v, JR_NONE, "layout %u, word %u: index %u of %u", layout, word, arg, limit);
    return JR_OK;
}

static enum jr_status check_word_type(struct jr_verifier *v, uint32_t index, uint32_t word)
{
    const struct jr_module *m = v->module;
    const struct jr_word_type *type = &m->layouts[index].words[word];
    switch (type->kind) {
    case JR_WORD_RAW:
    case JR_WORD_STRING:
        return type->arg ? jr_verify_fail(v, JR_NONE, "layout %u, word %u: needless index", index, word) : JR_OK;
    case JR_WORD_CLOSURE: return check_arg(v, index, word, type->arg, m->signature_count);
    case JR_WORD_ARRAY:
    case JR_WORD_BOX:
    case JR_WORD_CELL: return check_arg(v, index, word, type->arg, m->layout_count);
    case JR_WORD_SUM:
    case JR_WORD_SUM_TAIL: return check_arg(v, index, word, type->arg, m->sum_count);
    }
    return jr_verify_fail(v, JR_NONE, "layout %u, word %u: no class %u", index, word, (unsigned)type->kind);
}

/* Ranges of what layouts, sums and signatures refer to. */
static enum jr_status check_type_ranges(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    for (uint32_t l = 0; l < m->layout_count; l++)
        for (uint32_t w = 0; w < m->layouts[l].word_count; w++) {
            enum jr_status status = check_word_type(v, l, w);
            if (status != JR_OK) return status;
        }
    for (uint32_t s = 0; s < m->sum_count; s++) {
        uint32_t widest = 0;
        if (m->sums[s].variant_count == 0) return jr_verify_fail(v, JR_NONE, "sum %u has no variants", s);
        for (uint32_t i = 0; i < m->sums[s].variant_count; i++) {
            uint32_t layout = m->sums[s].variant_layouts[i];
            if (layout >= m->layout_count) return jr_verify_fail(v, JR_NONE, "sum %u: layout %u of %u", s, layout, m->layout_count);
            if (m->layouts[layout].word_count > widest) widest = m->layouts[layout].word_count;
        }
        if (m->sums[s].word_count != widest + 1) return jr_verify_fail(v, JR_NONE, "sum %u: %u words, not %u", s, m->sums[s].word_count, widest + 1);
    }
    for (uint32_t s = 0; s < m->signature_count; s++)
        if (m->signatures[s].param_layout >= m->layout_count || m->signatures[s].result_layout >= m->layout_count)
            return jr_verify_fail(v, JR_NONE, "signature %u names a layout of %u", s, m->layout_count);
    return JR_OK;
}

/* Sum values stand whole, has_refs tells the truth, and only a sum with references is spelt SUM. */
static enum jr_status check_layout_shape(struct jr_verifier *v, uint32_t index)
{
    const struct jr_module *m = v->module;
    const struct jr_layout *layout = &m->layouts[index];
    uint32_t has_refs = 0;
    for (uint32_t w = 0; w < layout->word_count; w++) {
        const struct jr_word_type *type = &layout->words[w];
        if (type->kind != JR_WORD_RAW) has_refs = 1;
        if (type->kind == JR_WORD_SUM_TAIL) return jr_verify_fail(v, JR_NONE, "layout %u, word %u: a sum's rest without its tag", index, w);
        if (type->kind != JR_WORD_SUM) continue;
        uint32_t words = m->sums[type->arg].word_count;
        if (!sum_has_refs(m, type->arg)) return jr_verify_fail(v, JR_NONE, "layout %u, word %u: sum %u holds no references", index, w, type->arg);
        if (words > layout->word_count - w) return jr_verify_fail(v, JR_NONE, "layout %u, word %u: sum %u is cut off", index, w, type->arg);
        for (uint32_t i = 1; i < words; i++)
            if (layout->words[w + i].kind != JR_WORD_SUM_TAIL || layout->words[w + i].arg != type->arg)
                return jr_verify_fail(v, JR_NONE, "layout %u, word %u: not the rest of sum %u", index, w + i, type->arg);
        w += words - 1;
    }
    if (has_refs != layout->has_refs) return jr_verify_fail(v, JR_NONE, "layout %u: its mark for references is wrong", index);
    return JR_OK;
}

/* Memory that may be all zeros cannot hold cells: a cell is never null. */
static enum jr_status check_no_cells(struct jr_verifier *v, uint32_t index, const char *where)
{
    const struct jr_layout *layout = &v->module->layouts[index];
    for (uint32_t w = 0; w < layout->word_count; w++)
        if (layout->words[w].kind == JR_WORD_CELL) return jr_verify_fail(v, JR_NONE, "%s of layout %u would hold a cell", where, index);
    return JR_OK;
}

static enum jr_status check_layouts(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    enum jr_status status = check_type_ranges(v);
    for (uint32_t l = 0; l < m->layout_count && status == JR_OK; l++) {
        status = check_layout_shape(v, l);
        for (uint32_t w = 0; w < m->layouts[l].word_count && status == JR_OK; w++)
            if (m->layouts[l].words[w].kind == JR_WORD_ARRAY || m->layouts[l].words[w].kind == JR_WORD_BOX)
                status = check_no_cells(v, m->layouts[l].words[w].arg, "an array or box");
    }
    for (uint32_t s = 0; s < m->sum_count && status == JR_OK; s++)
        for (uint32_t i = 0; i < m->sums[s].variant_count && status == JR_OK; i++)
            status = check_no_cells(v, m->sums[s].variant_layouts[i], "a sum");
    return status;
}

static enum jr_status check_globals(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    uint32_t offset = 0;
    if (m->global_words > MAX_GLOBAL_WORDS) return jr_verify_fail(v, JR_NONE, "%u global words", m->global_words);
    v->global_types = JR_ARENA_ARRAY(&v->scratch, struct jr_word_type, m->global_words);
    if (!v->global_types) return JR_ERR_NO_MEMORY;
    for (uint32_t g = 0; g < m->global_count; g++) {
        const struct jr_global *global = &m->globals[g];
        if (global->layout >= m->layout_count) return jr_verify_fail(v, JR_NONE, "global %u: layout %u of %u", g, global->layout, m->layout_count);
        const struct jr_layout *layout = &m->layouts[global->layout];
        enum jr_status status = check_no_cells(v, global->layout, "a global");
        if (status != JR_OK) return status;
        if (global->offset != offset || layout->word_count > m->global_words - offset)
            return jr_verify_fail(v, JR_NONE, "global %u (%s) does not stand at word %u of %u", g, global->name, offset, m->global_words);
        if (layout->word_count) memcpy(&v->global_types[offset], layout->words, layout->word_count * sizeof *layout->words);
        offset += layout->word_count;
    }
    if (offset != m->global_words) return jr_verify_fail(v, JR_NONE, "%u global words belong to nothing", m->global_words - offset);
    for (uint32_t i = 0; i < m->import_count; i++)
        if (m->imports[i].signature >= m->signature_count) return jr_verify_fail(v, JR_NONE, "import %s: signature %u of %u", m->imports[i].name, m->imports[i].signature, m->signature_count);
    return JR_OK;
}

/* Sites in the order of their offsets, side by side, each as wide as its kind says. */
static enum jr_status check_sites(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    const struct jr_function *f = v->function;
    uint32_t end = 0;
    if (f->state_words > MAX_STATE_WORDS) return jr_verify_fail(v, JR_NONE, "%u state words", f->state_words);
    for (uint32_t i = 0; i < f->site_count; i++) {
        const struct jr_state_site *site = &f->sites[i];
        uint64_t words = 0;
        if (site->offset < end) return jr_verify_fail(v, JR_NONE, "state site %u at word %u overlaps the one before", i, site->offset);
        switch (site->kind) {
        case JR_SITE_SELF: {
            if (site->layout >= m->layout_count) return jr_verify_fail(v, JR_NONE, "state site %u: layout %u of %u", i, site->layout, m->layout_count);
            enum jr_status status = check_no_cells(v, site->layout, "state");
            if (status != JR_OK) return status;
            words = m->layouts[site->layout].word_count;
            break;
        }
        case JR_SITE_MEM: words = 1; break;
        case JR_SITE_DELAY: words = (uint64_t)site->length + 2; break;
        case JR_SITE_CALL:
            if (site->function >= m->function_count) return jr_verify_fail(v, JR_NONE, "state site %u: function %u of %u", i, site->function, m->function_count);
            words = m->functions[site->function].state_words;
            if (words == 0) return jr_verify_fail(v, JR_NONE, "state site %u: %s has no state", i, m->functions[site->function].name);
            break;
        default: return jr_verify_fail(v, JR_NONE, "state site %u: no kind %u", i, (unsigned)site->kind);
        }
        if (site->word_count != words) return jr_verify_fail(v, JR_NONE, "state site %u: %u words, not %llu", i, site->word_count, (unsigned long long)words);
        if (site->offset > f->state_words || words > f->state_words - site->offset)
            return jr_verify_fail(v, JR_NONE, "state site %u: words %u..%llu of %u", i, site->offset, site->offset + (unsigned long long)words, f->state_words);
        end = site->offset + site->word_count;
    }
    return JR_OK;
}

static enum jr_status check_function(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    const struct jr_function *f = v->function;
    if (f->signature >= m->signature_count) return jr_verify_fail(v, JR_NONE, "signature %u of %u", f->signature, m->signature_count);
    if (f->capture_layout >= m->layout_count) return jr_verify_fail(v, JR_NONE, "capture layout %u of %u", f->capture_layout, m->layout_count);
    const struct jr_signature *sig = &m->signatures[f->signature];
    if (f->param_words != m->layouts[sig->param_layout].word_count || f->result_words != m->layouts[sig->result_layout].word_count ||
        f->capture_words != m->layouts[f->capture_layout].word_count)
        return jr_verify_fail(v, JR_NONE, "its word counts are not those of its layouts");
    if (f->reg_count > MAX_REGISTERS || f->reg_count < f->param_words || f->reg_count < f->result_words)
        return jr_verify_fail(v, JR_NONE, "a frame of %u registers for %u parameter and %u result words", f->reg_count, f->param_words, f->result_words);
    if (f->feedback_count > f->code_count) return jr_verify_fail(v, JR_NONE, "%u feedback sites", f->feedback_count);
    uint32_t before = 0;
    for (uint32_t i = 0; i < f->span_count; i++) {
        if (f->spans[i].pc < before || (f->spans[i].place.file != JR_NONE && f->spans[i].place.file >= m->file_count))
            return jr_verify_fail(v, JR_NONE, "span %u is out of order or of an unknown file", i);
        before = f->spans[i].pc;
    }
    if (f->place.file != JR_NONE && f->place.file >= m->file_count) return jr_verify_fail(v, JR_NONE, "its file is unknown");
    return check_sites(v);
}

static enum jr_status check_entries(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    v->function = NULL;
    if (m->init != JR_NONE) {
        if (m->init >= m->function_count) return jr_verify_fail(v, JR_NONE, "init is function %u of %u", m->init, m->function_count);
        const struct jr_function *f = &m->functions[m->init];
        if (f->param_words || f->result_words || f->capture_words) return jr_verify_fail(v, JR_NONE, "init takes, gives or captures something");
    }
    if (m->dsp == JR_NONE) return JR_OK;
    if (m->dsp >= m->function_count) return jr_verify_fail(v, JR_NONE, "dsp is function %u of %u", m->dsp, m->function_count);
    const struct jr_function *f = &m->functions[m->dsp];
    const struct jr_signature *sig = &m->signatures[f->signature];
    if (f->capture_words || m->layouts[sig->param_layout].has_refs || m->layouts[sig->result_layout].has_refs ||
        f->param_words != m->input_channels || f->result_words != m->output_channels)
        return jr_verify_fail(v, JR_NONE, "dsp does not take %u and give %u raw words", m->input_channels, m->output_channels);
    return JR_OK;
}

/* A state region lies inside its caller's, so functions that call each other through CALL sites must not go round. */
static enum jr_status check_state_tree(struct jr_verifier *v)
{
    const struct jr_module *m = v->module;
    uint32_t *open = JR_ARENA_ARRAY(&v->scratch, uint32_t, m->function_count); /* callers not yet laid out, per callee */
    uint32_t *ready = JR_ARENA_ARRAY(&v->scratch, uint32_t, m->function_count);
    if (!open || !ready) return JR_ERR_NO_MEMORY;
    uint32_t ready_count = 0, done = 0;
    for (uint32_t i = 0; i < m->function_count; i++)
        for (uint32_t s = 0; s < m->functions[i].site_count; s++)
            if (m->functions[i].sites[s].kind == JR_SITE_CALL) open[m->functions[i].sites[s].function]++;
    for (uint32_t i = 0; i < m->function_count; i++)
        if (open[i] == 0) ready[ready_count++] = i;
    for (; done < ready_count; done++) {
        const struct jr_function *f = &m->functions[ready[done]];
        for (uint32_t s = 0; s < f->site_count; s++)
            if (f->sites[s].kind == JR_SITE_CALL && --open[f->sites[s].function] == 0) ready[ready_count++] = f->sites[s].function;
    }
    v->function = NULL;
    return done == m->function_count ? JR_OK : jr_verify_fail(v, JR_NONE, "functions with state call each other in a circle");
}

static enum jr_status verify_functions(struct jr_verifier *v)
{
    struct jr_module *m = v->module;
    enum jr_status status = JR_OK;
    for (uint32_t i = 0; i < m->function_count && status == JR_OK; i++) {
        v->function = &m->functions[i], v->function_index = i;
        status = check_function(v);
    }
    if (status == JR_OK) status = check_entries(v);
    if (status == JR_OK) status = check_state_tree(v);
    struct jr_arena keep = v->scratch; /* what outlives one function */
    for (uint32_t i = 0; i < m->function_count && status == JR_OK; i++) {
        struct jr_function *f = &m->functions[i];
        struct jr_owned *owned = NULL;
        uint32_t owned_count = 0;
        jr_arena_init(&v->scratch, v->alloc);
        v->function = f, v->function_index = i;
        status = jr_verify_code(v);
        if (status == JR_OK) status = jr_verify_flow(v, &owned, &owned_count);
        if (status == JR_OK) f->owned = owned, f->owned_count = owned_count;
        jr_arena_fini(&v->scratch);
    }
    v->scratch = keep;
    for (uint32_t i = 0; i < m->function_count && status == JR_OK; i++) {
        v->function = &m->functions[i], v->function_index = i;
        if (v->names_itself[i] && v->function->state_words && (v->called[i] || i == m->dsp || i == m->init))
            status = jr_verify_fail(v, JR_NONE, "names its closure, but is called directly and has state");
    }
    return status;
}

enum jr_status jr_verify(struct jr_module *module, const struct jr_alloc *alloc, struct jr_verify_report *report)
{
    struct jr_verifier v = {.module = module, .alloc = alloc, .report = report};
    *report = (struct jr_verify_report){.function = JR_NONE, .pc = JR_NONE};
    module->verified = false;
    jr_arena_init(&v.scratch, alloc);
    v.called = JR_ARENA_ARRAY(&v.scratch, uint8_t, module->function_count);
    v.names_itself = JR_ARENA_ARRAY(&v.scratch, uint8_t, module->function_count);
    enum jr_status status = v.called && v.names_itself ? JR_OK : JR_ERR_NO_MEMORY;
    if (status == JR_OK) status = check_layouts(&v);
    if (status == JR_OK) status = check_globals(&v);
    if (status == JR_OK) status = verify_functions(&v);
    jr_arena_fini(&v.scratch);
    if (status == JR_ERR_NO_MEMORY) snprintf(report->message, sizeof report->message, "%s", jr_status_text(status));
    module->verified = status == JR_OK;
    return status;
}
