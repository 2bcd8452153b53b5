/* builder.c -- the builder's life, its failures, functions and state sites, and the end of the work. */
#include "ir/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/builder_internal.h"

/* ---- failures ---- */

/* "synth.mmm:3:14: osc: ", as much of it as is known. */
static size_t write_prefix(char *text, size_t size, const char *const *files, uint32_t file_count,
                           const char *function, struct jr_place place)
{
    int length = 0;
    if (place.line != 0 && place.file < file_count)
        length = snprintf(text, size, "%s:%u:%u: ", files[place.file], place.line, place.column);
    else if (place.line != 0)
        length = snprintf(text, size, "%u:%u: ", place.line, place.column);
    if (function != NULL && length >= 0 && (size_t)length < size)
        length += snprintf(text + length, size - (size_t)length, "%s: ", function);
    if (length < 0)
        return 0;
    return (size_t)length < size ? (size_t)length : size - 1;
}

/* The prefix gets at most half of the message, so that a long path does not push out the reason. */
static void write_message(struct jr_builder *b, const char *const *files, uint32_t file_count,
                          const char *function, struct jr_place place, const char *format, va_list arguments)
{
    size_t length = write_prefix(b->message, sizeof b->message / 2, files, file_count, function, place);
    vsnprintf(b->message + length, sizeof b->message - length, format, arguments);
}

void jr_builder_fail(struct jr_builder *b, enum jr_status status, uint32_t function, const char *format, ...)
{
    if (b->status != JR_OK)
        return;
    b->status = status;
    const char *name = NULL;
    struct jr_place place = { .file = JR_NONE };
    if (function < b->draft.functions.count) {
        name = b->draft.functions.items[function].name;
        place = b->bodies.items[function].place;
    }
    va_list arguments;
    va_start(arguments, format);
    write_message(b, b->draft.files.items, (uint32_t)b->draft.files.count, name, place, format, arguments);
    va_end(arguments);
}

void jr_builder_fail_at(struct jr_builder *b, enum jr_status status, const struct jr_module *module,
                        const char *function, struct jr_place place, const char *format, ...)
{
    if (b->status != JR_OK)
        return;
    b->status = status;
    va_list arguments;
    va_start(arguments, format);
    write_message(b, module->files, module->file_count, function, place, format, arguments);
    va_end(arguments);
}

void jr_builder_note(struct jr_builder *b, enum jr_status status, uint32_t function, const char *limit)
{
    if (status == JR_ERR_NO_MEMORY)
        jr_builder_fail(b, status, function, "out of memory");
    else if (status != JR_OK)
        jr_builder_fail(b, status, function, "%s", limit);
}

bool jr_builder_ready(struct jr_builder *b, uint32_t function)
{
    if (b->status == JR_OK && function >= b->draft.functions.count)
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "there is no function %u", function);
    return b->status == JR_OK;
}

/* ---- life ---- */

enum jr_status jr_builder_create(const struct jr_alloc *alloc, const char *language, struct jr_builder **out)
{
    *out = NULL;
    struct jr_builder *b = jr_alloc_new(alloc, sizeof *b);
    if (b == NULL)
        return JR_ERR_NO_MEMORY;
    b->alloc = alloc;
    enum jr_status status;
    JR_TRY(jr_draft_init(&b->draft, alloc));
    b->draft.module->language = jr_draft_text(&b->draft, language, strlen(language));
    JR_TRY(b->draft.module->language == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    *out = b;
    b = NULL;
done:
    jr_builder_destroy(b);
    return status;
}

/* Ends what the builder holds besides its own struct. */
static void builder_fini(struct jr_builder *b)
{
    for (size_t i = 0; i < b->bodies.count; i++) {
        JR_VEC_FREE(b->alloc, &b->bodies.items[i].labels);
        JR_VEC_FREE(b->alloc, &b->bodies.items[i].patches);
    }
    JR_VEC_FREE(b->alloc, &b->bodies);
    JR_VEC_FREE(b->alloc, &b->layout_defined);
    JR_VEC_FREE(b->alloc, &b->sum_defined);
    jr_index_map_fini(b->alloc, &b->layout_map);
    jr_index_map_fini(b->alloc, &b->signature_map);
    jr_index_map_fini(b->alloc, &b->string_map);
    jr_index_map_fini(b->alloc, &b->file_map);
    jr_index_map_fini(b->alloc, &b->import_map);
    jr_draft_fini(&b->draft);
}

void jr_builder_destroy(struct jr_builder *b)
{
    if (b == NULL)
        return;
    builder_fini(b);
    jr_alloc_free(b->alloc, b, sizeof *b);
}

/* ---- functions ---- */

uint32_t jr_builder_function(struct jr_builder *b, const char *name, uint32_t signature,
                             uint32_t capture_layout, struct jr_place place)
{
    if (b->status != JR_OK)
        return 0;
    if (signature >= b->draft.signatures.count || capture_layout >= b->draft.layouts.count) {
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "%s: its signature or its capture layout does not exist",
                        name);
        return 0;
    }
    struct jr_function head = { .signature = signature, .capture_layout = capture_layout, .place = place };
    enum jr_status status;
    head.name = jr_draft_text(&b->draft, name, strlen(name));
    JR_TRY(head.name == NULL ? JR_ERR_NO_MEMORY : JR_OK);
    JR_TRY(JR_VEC_RESERVE(b->alloc, &b->bodies, 1));
    JR_TRY(jr_draft_function(&b->draft, &head));
    JR_TRY(JR_VEC_PUSH(b->alloc, &b->bodies, (struct jr_builder_body){ .place = place }));
    return (uint32_t)b->draft.functions.count - 1;
done:
    jr_builder_note(b, status, JR_NONE, "too many functions");
    return 0;
}

uint32_t jr_builder_state_words(const struct jr_builder *b, uint32_t function)
{
    return function < b->draft.functions.count ? b->draft.functions.items[function].state_words : 0;
}

uint32_t jr_builder_site(struct jr_builder *b, uint32_t function, enum jr_site_kind kind, const char *name,
                         uint32_t word_count, uint32_t layout, uint32_t callee, uint32_t length,
                         struct jr_place place)
{
    if (!jr_builder_ready(b, function))
        return 0;
    struct jr_function *owner = &b->draft.functions.items[function];
    struct jr_draft_body *body = &b->draft.bodies.items[function];
    struct jr_state_site site = {
        .kind = kind,
        .offset = owner->state_words,
        .word_count = word_count,
        .layout = layout,
        .function = callee,
        .length = length,
        .place = place,
    };
    enum jr_status status = JR_ERR_LIMIT;
    if (word_count <= JR_MOST_STATE_WORDS - owner->state_words && body->sites.count < JR_MOST_ENTRIES) {
        site.name = jr_draft_text(&b->draft, name, strlen(name));
        status = site.name == NULL ? JR_ERR_NO_MEMORY : JR_VEC_PUSH(b->alloc, &body->sites, site);
    }
    if (status != JR_OK) {
        jr_builder_note(b, status, function, "the state is too large");
        return 0;
    }
    owner->state_words += word_count;
    return site.offset;
}

void jr_builder_need_registers(struct jr_builder *b, uint32_t function, uint32_t reg_count)
{
    if (!jr_builder_ready(b, function))
        return;
    struct jr_function *owner = &b->draft.functions.items[function];
    if (reg_count > JR_MOST_REGISTERS)
        jr_builder_fail(b, JR_ERR_LIMIT, function, "needs more than %d registers", JR_MOST_REGISTERS);
    else if (owner->reg_count < reg_count)
        owner->reg_count = reg_count;
}

void jr_builder_place(struct jr_builder *b, uint32_t function, struct jr_place place)
{
    if (jr_builder_ready(b, function))
        b->bodies.items[function].place = place;
}

uint32_t jr_builder_pc(const struct jr_builder *b, uint32_t function)
{
    return function < b->draft.bodies.count ? (uint32_t)b->draft.bodies.items[function].code.count : 0;
}

uint32_t jr_builder_feedback_site(struct jr_builder *b, uint32_t function)
{
    if (!jr_builder_ready(b, function))
        return 0;
    struct jr_function *owner = &b->draft.functions.items[function];
    if (owner->feedback_count >= JR_MOST_ENTRIES) {
        jr_builder_fail(b, JR_ERR_LIMIT, function, "too many closure calls");
        return 0;
    }
    return owner->feedback_count++;
}

/* ---- the end ---- */

/* Declared types that nobody defined. */
static void check_defined(struct jr_builder *b)
{
    for (size_t i = 0; i < b->layout_defined.count; i++)
        if (!b->layout_defined.items[i])
            jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "layout %zu was declared but not defined", i);
    for (size_t i = 0; i < b->sum_defined.count; i++)
        if (!b->sum_defined.items[i])
            jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "sum %s was declared but not defined",
                            b->draft.sums.items[i].name);
}

/* Checks the indices of every instruction and makes the frame large enough for its registers.  This waits for the end because
 * functions and types may be used before they are complete. */
static void measure(struct jr_builder *b, const struct jr_module *module, struct jr_function *function)
{
    if (function->reg_count < function->param_words)
        function->reg_count = function->param_words;
    if (function->reg_count < function->result_words)
        function->reg_count = function->result_words;
    for (uint32_t pc = 0; pc < function->code_count && b->status == JR_OK;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        enum jr_operand operand;
        uint32_t value;
        if (!jr_instr_indices_ok(module, function, &in, &operand, &value)) {
            jr_builder_fail_at(b, JR_ERR_INVALID, module, function->name, jr_function_place(function, pc),
                               "%s: there is no %s %u", jr_op_infos[in.op].mnemonic, jr_operand_word(operand),
                               value);
            return;
        }
        uint64_t frame = jr_instr_frame(module, function, &in);
        if (frame > JR_MOST_REGISTERS)
            jr_builder_fail_at(b, JR_ERR_LIMIT, module, function->name, jr_function_place(function, pc),
                               "needs more than %d registers", JR_MOST_REGISTERS);
        else if (function->reg_count < frame)
            function->reg_count = (uint32_t)frame;
        pc += in.length;
    }
}

/* Checks what the tables refer to, so that nothing below indexes out of them. */
static void check_tables(struct jr_builder *b, const struct jr_module *module)
{
    for (uint32_t i = 0; i < module->sum_count; i++)
        for (uint32_t v = 0; v < module->sums[i].variant_count; v++)
            if (module->sums[i].variant_layouts[v] >= module->layout_count)
                jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "sum %s: there is no layout %u",
                                module->sums[i].name, module->sums[i].variant_layouts[v]);
    if ((module->init != JR_NONE && module->init >= module->function_count) ||
        (module->dsp != JR_NONE && module->dsp >= module->function_count))
        jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "an entry names a function that does not exist");
}

enum jr_status jr_builder_finish(struct jr_builder *b, struct jr_module **out, char *message,
                                 size_t message_size)
{
    struct jr_module *module = NULL;
    *out = NULL;
    check_defined(b);
    for (uint32_t i = 0; i < b->draft.functions.count && b->status == JR_OK; i++)
        jr_builder_patch(b, i);
    if (b->status == JR_OK)
        jr_builder_note(b, jr_draft_close(&b->draft, &module), JR_NONE, "");
    if (module != NULL) {
        check_tables(b, module);
        for (uint32_t i = 0; i < module->function_count && b->status == JR_OK; i++)
            measure(b, module, &module->functions[i]);
    }
    enum jr_status status = b->status;
    if (message != NULL && message_size != 0)
        snprintf(message, message_size, "%s", b->message);
    if (status == JR_OK) {
        *out = module;
        module = NULL;
    }
    jr_module_destroy(module);
    builder_fini(b);
    b->status = JR_OK; /* whatever it is used for from now on fails with this: */
    jr_builder_fail(b, JR_ERR_INVALID, JR_NONE, "the builder has already given its module away");
    return status;
}
