/* target_assemble.c -- text to a module: what assembles can be listed and assembled again to the same listing, and what
 * verifies can be run. */
#include <string.h>

#include "ir/asm.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "ir/disasm.h"
#include "ir/module.h"
#include "ir/verify.h"
#include "tests/fuzz/fuzz.h"

static struct jr_module *assemble(const char *text, size_t size)
{
    struct jr_module *module = NULL;
    struct jr_asm_errors errors = { 0 };
    (void)jr_assemble(jr_alloc_default(), "input.jas", text, size, &module, &errors);
    JR_VEC_FREE(jr_alloc_default(), &errors);
    return module;
}

static void check_listing(const struct jr_module *module)
{
    struct jr_sb first, second;
    struct jr_module *again;
    jr_sb_init(&first, jr_alloc_default());
    jr_sb_init(&second, jr_alloc_default());
    jr_disassemble(module, JR_NONE, &first);
    again = assemble(jr_sb_view(&first), first.length);
    if (!again)
        fuzz_broken("a listing cannot be assembled:\n%s", jr_sb_view(&first));
    jr_disassemble(again, JR_NONE, &second);
    if (strcmp(jr_sb_view(&first), jr_sb_view(&second)) != 0)
        fuzz_broken("a listing changes:\n%s\n---- to\n%s", jr_sb_view(&first), jr_sb_view(&second));
    jr_module_destroy(again);
    jr_sb_fini(&first);
    jr_sb_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jr_module *module = assemble((const char *)data, size);
    struct jr_verify_report report;
    if (!module)
        return 0;
    check_listing(module);
    if (jr_verify(module, jr_alloc_default(), &report) == JR_OK)
        fuzz_run_module(module, (unsigned)size);
    jr_module_destroy(module);
    return 0;
}
