/* disasm.c -- the tables of a module as text. */
#include "ir/disasm.h"

#include <string.h>

#include "ir/disasm_internal.h"

static void print_types(struct jr_disasm *d)
{
    const struct jr_module *m = d->module;
    for (uint32_t i = 0; i < m->layout_count; i++) {
        jr_sb_format(d->out, "layout l%u =", i);
        if (m->layouts[i].word_count != 0)
            jr_sb_char(d->out, ' ');
        jr_disasm_words(d, &m->layouts[i]);
        jr_sb_char(d->out, '\n');
    }
    for (uint32_t i = 0; i < m->sum_count; i++) {
        jr_sb_text(d->out, "sum ");
        jr_disasm_sum(d, i, true);
        jr_sb_text(d->out, " =");
        for (uint32_t v = 0; v < m->sums[i].variant_count; v++) {
            jr_sb_char(d->out, ' ');
            if (m->sums[i].variant_names != NULL) {
                const char *name = m->sums[i].variant_names[v];
                if (jr_disasm_is_symbol(name))
                    jr_sb_text(d->out, name);
                else
                    jr_disasm_quoted(d->out, name, strlen(name));
            }
            jr_sb_char(d->out, '(');
            jr_disasm_inner(d, m->sums[i].variant_layouts[v]);
            jr_sb_char(d->out, ')');
        }
        jr_sb_char(d->out, '\n');
    }
    for (uint32_t i = 0; i < m->signature_count; i++) {
        jr_sb_format(d->out, "sig sig%u = ", i);
        jr_disasm_layout(d, m->signatures[i].param_layout);
        jr_sb_text(d->out, " -> ");
        jr_disasm_layout(d, m->signatures[i].result_layout);
        jr_sb_char(d->out, '\n');
    }
}

static void print_values(struct jr_disasm *d)
{
    const struct jr_module *m = d->module;
    for (uint32_t i = 0; i < m->string_count; i++) {
        jr_sb_format(d->out, "string str%u = ", i);
        jr_disasm_quoted(d->out, m->strings[i], m->string_sizes[i]);
        jr_sb_char(d->out, '\n');
    }
    for (uint32_t i = 0; i < m->global_count; i++) {
        jr_sb_text(d->out, "global ");
        jr_disasm_global(d, i, true);
        jr_sb_text(d->out, " : ");
        jr_disasm_layout(d, m->globals[i].layout);
        jr_sb_text(d->out, m->globals[i].assigned ? " assigned at " : " at ");
        jr_disasm_place(d, m->globals[i].place);
        jr_sb_format(d->out, " ; g%u\n", m->globals[i].offset);
    }
    for (uint32_t i = 0; i < m->import_count; i++) {
        jr_sb_text(d->out, "import ");
        jr_disasm_import(d, i, true);
        jr_sb_text(d->out, " : ");
        jr_disasm_signature(d, m->imports[i].signature);
        jr_sb_char(d->out, '\n');
    }
    if (m->init != JR_NONE || m->dsp != JR_NONE) {
        jr_sb_text(d->out, "entry");
        if (m->init != JR_NONE) {
            jr_sb_text(d->out, " init=");
            jr_disasm_function(d, m->init, false);
        }
        if (m->dsp != JR_NONE) {
            jr_sb_text(d->out, " dsp=");
            jr_disasm_function(d, m->dsp, false);
        }
        jr_sb_char(d->out, '\n');
    }
}

static void print_module(struct jr_disasm *d)
{
    const struct jr_module *m = d->module;
    jr_sb_text(d->out, "module ");
    jr_disasm_quoted(d->out, m->language, strlen(m->language));
    jr_sb_char(d->out, '\n');
    for (uint32_t i = 0; i < m->file_count; i++) {
        jr_sb_text(d->out, "file ");
        jr_disasm_quoted(d->out, m->files[i], strlen(m->files[i]));
        jr_sb_char(d->out, '\n');
    }
    print_types(d);
    print_values(d);
    for (uint32_t i = 0; i < m->function_count; i++) {
        jr_sb_char(d->out, '\n');
        jr_disasm_function_text(d, i);
    }
}

enum jr_status jr_disassemble(const struct jr_module *module, uint32_t function, struct jr_sb *out)
{
    struct jr_disasm d;
    enum jr_status status;
    JR_TRY(jr_disasm_init(&d, module, out));
    if (function == JR_NONE)
        print_module(&d);
    else
        jr_disasm_function_text(&d, function);
    status = jr_sb_status(out);
done:
    jr_disasm_fini(&d);
    return status;
}

enum jr_status jr_disassemble_at(const struct jr_module *module, const struct jr_function *function,
                                 uint32_t pc, struct jr_sb *out)
{
    struct jr_disasm d = { .module = module, .out = out };
    struct jr_listing listing = { .function = function };
    jr_disasm_instr(&d, &listing, pc);
    return jr_sb_status(out);
}
