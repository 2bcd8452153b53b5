/* specialise.c -- the pass as a whole. */
#include "jit/specialise/specialise.h"

#include <string.h>

#include "jit/specialise/internal.h"
#include "runtime/fp.h"
#include "runtime/vm_state.h"

static void fini(struct jr_expand *x)
{
    for (size_t b = 0; b < x->blocks.count; b++)
        JR_VEC_FREE(x->alloc, &x->blocks.items[b].pieces);
    JR_VEC_FREE(x->alloc, &x->blocks);
    JR_VEC_FREE(x->alloc, &x->callers);
    JR_VEC_FREE(x->alloc, &x->known);
    JR_VEC_FREE(x->alloc, &x->regions);
    JR_VEC_FREE(x->alloc, &x->objects);
    for (uint32_t f = 0; x->flows != NULL && f < x->module->function_count; f++)
        if (x->flows[f] != NULL)
            jr_flow_fini(x->flows[f]);
    jr_alloc_free(x->alloc, x->values, x->value_capacity * sizeof x->values[0]);
    jr_arena_fini(&x->scratch);
}

static enum jr_status attempt(struct jr_expand *x, struct jr_residual **out)
{
    enum jr_status status;
    jr_arena_init(&x->scratch, x->alloc);
    x->flows = JR_ARENA_ARRAY(&x->scratch, struct jr_flow *, x->module->function_count);
    x->homes = JR_ARENA_ARRAY(&x->scratch, struct jr_value, MOST_HOMES);
    status = x->flows != NULL && x->homes != NULL ? jr_facts_find(x) : JR_ERR_NO_MEMORY;
    if (status == JR_OK)
        status = jr_expand_dsp(x);
    if (status == JR_OK)
        status = jr_residual_tidy(x);
    if (status == JR_OK)
        status = jr_residual_write(x, out);
    fini(x);
    return status;
}

enum jr_status jr_specialise(struct jr_vm *vm, struct jr_residual **out, char *reason)
{
    const struct jr_expand begin = { .vm = vm, .task = &vm->task, .module = vm->module, .alloc = vm->alloc, .reason = reason };
    struct jr_expand x = begin;
    uint64_t fp_before;
    enum jr_status status;
    *out = NULL;
    reason[0] = '\0';
    if (vm->module->dsp == JR_NONE)
        return jr_expand_refuse(&x, "there is none");
    if (vm->heap.stress || vm->config.trace != NULL) /* their reports name the instructions of the original */
        return jr_expand_refuse(&x, "the heap or the instructions are being watched");
    fp_before = jr_fp_enter();
    status = attempt(&x, out);
    for (uint32_t attempts = 1; status == JR_ERR_UNSUPPORTED && x.again; attempts++) {
        struct jr_expand next = begin;
        next.makings = x.makings;
        next.all_made = attempts >= MOST_ATTEMPTS;
        x = next;
        status = attempt(&x, out);
    }
    JR_VEC_FREE(x.alloc, &x.makings);
    jr_fp_leave(fp_before);
    return status;
}
