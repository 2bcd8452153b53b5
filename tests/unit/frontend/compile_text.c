/* compile_text.c -- the front end as a function from text to text, for tests. */
#include "tests/unit/frontend/compile_text.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "frontend/diag.h"
#include "frontend/mimium/mimium.h"
#include "frontend/source.h"
#include "ir/verify.h"

static void write_errors(struct compile_text *result, const struct jr_diags *diags,
                         const struct jr_sources *sources)
{
    result->error_count = jr_diags_error_count(diags);
    for (size_t i = 0; i < jr_diags_count(diags); i++) {
        const struct jr_diag *diag = jr_diags_at(diags, i);
        struct jr_position at = jr_sources_position(sources, diag->span.file, diag->span.start);
        jr_sb_format(&result->errors, "%u:%u %s %s\n", at.line, at.column, jr_category_code(diag->category),
                     diag->message);
    }
}

static enum jr_status compile(struct compile_text *result, const struct jr_alloc *alloc,
                              struct jr_sources *sources, struct jr_diags *diags, uint32_t file)
{
    enum jr_status status = jr_mimium_compile(sources, file, NULL, alloc, diags, &result->module);
    if (status != JR_OK)
        return status;
    struct jr_verify_report report = { 0 };
    status = jr_verify(result->module, alloc, &report);
    if (status == JR_ERR_VERIFY)
        snprintf(result->verify, sizeof result->verify, "%s", report.message);
    return status;
}

void compile_text(struct compile_text *result, const struct jr_alloc *alloc, const char *text)
{
    struct jr_sources *sources = NULL;
    struct jr_diags *diags = NULL, *quiet = NULL;
    enum jr_status status;
    uint32_t file;
    memset(result, 0, sizeof *result);
    jr_sb_init(&result->types, alloc);
    jr_sb_init(&result->errors, alloc);
    JR_TRY(jr_sources_create(alloc, &sources));
    JR_TRY(jr_diags_create(alloc, &diags));
    JR_TRY(jr_diags_create(alloc, &quiet));
    JR_TRY(jr_sources_add(sources, "test.mmm", text, strlen(text), &file));
    status = jr_mimium_dump_types(sources, file, NULL, alloc, quiet, &result->types);
    if (status != JR_OK && status != JR_ERR_DIAGNOSED)
        goto done;
    status = compile(result, alloc, sources, diags, file);
    write_errors(result, diags, sources);
    if (jr_sb_status(&result->errors) != JR_OK)
        status = JR_ERR_NO_MEMORY;
done:
    result->status = status;
    jr_diags_destroy(quiet);
    jr_diags_destroy(diags);
    jr_sources_destroy(sources);
}

void compile_text_fini(struct compile_text *result)
{
    jr_module_destroy(result->module);
    jr_sb_fini(&result->types);
    jr_sb_fini(&result->errors);
}

const struct jr_function *function_named(const struct jr_module *module, const char *name)
{
    for (uint32_t i = 0; i < module->function_count; i++)
        if (strcmp(module->functions[i].name, name) == 0)
            return &module->functions[i];
    ck_abort_msg("there is no function %s", name);
    return NULL;
}

unsigned count_op(const struct jr_function *function, enum jr_op op)
{
    unsigned count = 0;
    for (uint32_t pc = 0; pc < function->code_count;) {
        struct jr_instr in = jr_decode(&function->code[pc]);
        count += in.op == op;
        pc += in.length;
    }
    return count;
}

unsigned count_instructions(const struct jr_function *function)
{
    unsigned count = 0;
    for (uint32_t pc = 0; pc < function->code_count; count++)
        pc += jr_decode(&function->code[pc]).length;
    return count;
}
