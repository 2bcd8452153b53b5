/* swap.c -- from one version of a running program to the next.
 *
 * All that can take time happens in prepare: the new version runs its global code, and what it takes over is planned (runtime/migrate/).
 * Commit carries the plan out. */
#include "host/library/internal.h"
#include "ir/base/sb.h"
#include "runtime/migrate/migration.h"

struct jitrun_swap {
    struct jitrun_instance *instance;
    struct jr_version *fresh, *retired;
    struct jr_migration *migration; /* NULL: the old version was not started, so there is nothing to take over */
    uint64_t generation;
    bool committed;
    size_t control_count;
    double *carried; /* per control of the new version: what was carried over */
    double *planar;  /* what the instance gets, or gave */
    size_t planar_channels;
    struct jitrun_diagnostics diagnostics;
};

/* ---- life ---- */

static enum jr_status prepare(struct jitrun_swap *swap, struct jitrun_program *program, char message[JR_LIBRARY_MESSAGE_BYTES])
{
    struct jitrun_instance *instance = swap->instance;
    const struct jr_alloc *alloc = &instance->counted.alloc;
    struct jr_version *now;
    const struct jr_module *module;
    size_t channels, controls;
    enum jr_status status;
    JR_TRY(jr_version_create(instance, program, &swap->fresh, message));
    module = swap->fresh->session->module;
    channels = module->dsp != JR_NONE ? (size_t)module->input_channels + module->output_channels : 0;
    controls = swap->fresh->session->controls.count;
    if (channels > 0) {
        swap->planar = jr_alloc_array(alloc, channels * JR_PLANAR_FRAMES, sizeof swap->planar[0]);
        JR_TRY(swap->planar != NULL ? JR_OK : JR_ERR_NO_MEMORY);
        swap->planar_channels = channels;
    }
    if (controls > 0) {
        swap->carried = jr_alloc_array(alloc, controls, sizeof swap->carried[0]);
        JR_TRY(swap->carried != NULL ? JR_OK : JR_ERR_NO_MEMORY);
        swap->control_count = controls;
    }
    atomic_fetch_add(&instance->readers, 1); /* until the plan is made, the version that is left stays */
    now = atomic_load(&instance->version);
    swap->generation = atomic_load(&instance->generation);
    jr_controls_carry(&swap->fresh->session->controls, &now->session->controls); /* so that the global code reads them */
    swap->diagnostics = (struct jitrun_diagnostics){ swap->fresh->session->run_diags, swap->fresh->session->sources, alloc };
    status = jr_version_start(swap->fresh);
    if (status == JR_ERR_DIAGNOSED) {
        const struct jr_error *error = jr_vm_error(swap->fresh->session->vm);
        memcpy(message, error->message, sizeof error->message);
        status = error->code;
    } else if (status != JR_OK) {
        strcpy(message, jr_session_failure(swap->fresh->session));
    } else if (jr_session_spots(now->session) != NULL) {
        status = jr_migration_create(alloc, jr_session_spots(now->session), jr_session_spots(swap->fresh->session),
                                     &swap->migration);
    }
    atomic_fetch_sub(&instance->readers, 1);
done:
    return status;
}

enum jitrun_status jitrun_swap_prepare(struct jitrun_instance *instance, struct jitrun_program *program,
                                       struct jitrun_swap **out)
{
    char message[JR_LIBRARY_MESSAGE_BYTES] = "";
    struct jitrun_engine *engine = program != NULL ? program->engine : NULL;
    struct jitrun_swap *swap;
    enum jr_status status;
    if (out != NULL)
        *out = NULL;
    if (engine == NULL)
        return JITRUN_ERR_INVALID;
    if (instance == NULL || out == NULL || !program->whole)
        return jr_engine_fail(engine, JR_ERR_INVALID, "there is no instance or no place for the swap, or the program has errors");
    swap = jr_alloc_new(&instance->counted.alloc, sizeof *swap);
    if (swap == NULL)
        return jr_engine_fail(engine, JR_ERR_NO_MEMORY, NULL);
    swap->instance = instance;
    status = prepare(swap, program, message);
    jr_engine_fail(engine, status, message[0] != '\0' ? message : NULL);
    if (status != JR_OK && jitrun_diagnostics_count(&swap->diagnostics) > 0) {
        jr_library_announce(engine, &swap->diagnostics);
        *out = swap;
        return jr_library_status(status);
    }
    if (status != JR_OK)
        jitrun_swap_collect(swap);
    else
        *out = swap;
    return jr_library_status(status);
}

/* A control that another thread sets while this runs is set in the old version, the new one or both; what came into the old one after
 * it was copied is copied again, unless the new one has been set since. */
static void carry_controls(struct jitrun_swap *swap, struct jr_controls *from, bool again)
{
    struct jr_controls *to = &swap->fresh->session->controls;
    for (size_t i = 0; i < to->count; i++) {
        double value = jr_control_carried(&to->items[i], from), expected = swap->carried[i];
        if (!again)
            atomic_store(&to->items[i].value, value);
        else if (jitrun_word(value) != jitrun_word(expected))
            atomic_compare_exchange_strong(&to->items[i].value, &expected, value);
        swap->carried[i] = value;
    }
}

enum jitrun_status jitrun_swap_commit(struct jitrun_swap *swap)
{
    struct jitrun_instance *instance = swap != NULL ? swap->instance : NULL;
    struct jr_version *before;
    double *planar;
    size_t planar_channels;
    if (instance == NULL || instance->running || swap->committed || !swap->fresh->started ||
        atomic_load(&instance->generation) != swap->generation)
        return JITRUN_ERR_INVALID;
    before = jr_version_of(instance);
    if (swap->migration != NULL)
        jr_migration_run(swap->migration);
    carry_controls(swap, &before->session->controls, false);
    jr_version_exchange(instance, swap->fresh);
    carry_controls(swap, &before->session->controls, true);
    if (atomic_load(&jr_vm_task(before->session->vm)->interrupted))
        jr_vm_interrupt(swap->fresh->session->vm);
    instance->diagnostics = (struct jitrun_diagnostics){ swap->fresh->session->run_diags, swap->fresh->session->sources,
                                                         &instance->counted.alloc };
    planar = instance->planar, planar_channels = instance->planar_channels;
    instance->planar = swap->planar, instance->planar_channels = swap->planar_channels;
    swap->planar = planar, swap->planar_channels = planar_channels;
    swap->retired = before;
    swap->committed = true;
    return JITRUN_OK;
}

void jitrun_swap_collect(struct jitrun_swap *swap)
{
    const struct jr_alloc *alloc;
    if (swap == NULL)
        return;
    alloc = &swap->instance->counted.alloc;
    jr_migration_destroy(swap->migration);
    if (swap->committed) {
        jr_version_wait(swap->instance);
        jr_version_destroy(swap->instance, swap->retired);
    }
    jr_alloc_free(alloc, swap->carried, swap->control_count * sizeof swap->carried[0]);
    jr_alloc_free(alloc, swap->planar, swap->planar_channels * JR_PLANAR_FRAMES * sizeof swap->planar[0]);
    if (!swap->committed)
        jr_version_destroy(swap->instance, swap->fresh);
    jr_alloc_free(alloc, swap, sizeof *swap);
}

/* ---- what it tells ---- */

const struct jitrun_diagnostics *jitrun_swap_diagnostics(const struct jitrun_swap *swap)
{
    return swap != NULL ? &swap->diagnostics : NULL;
}

enum jitrun_status jitrun_swap_get_report(const struct jitrun_swap *swap, struct jitrun_swap_report *out)
{
    struct jitrun_swap_report result = { .size = sizeof result };
    struct jr_migration_report report = { 0 };
    if (swap == NULL)
        return JITRUN_ERR_INVALID;
    if (swap->migration != NULL)
        jr_migration_get_report(swap->migration, &report);
    result.kept = report.kept, result.moved = report.moved, result.resized = report.resized;
    result.dropped = report.dropped, result.reset = report.reset, result.fresh = report.fresh;
    result.words = report.words;
    result.tasks_kept = report.tasks_kept, result.tasks_dropped = report.tasks_dropped;
    result.tasks_new = report.tasks_new, result.tasks_left_out = report.tasks_left_out;
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}

enum jitrun_status jitrun_swap_describe(const struct jitrun_swap *swap, bool details, jitrun_sink *sink, void *user)
{
    struct jr_sb text;
    enum jitrun_status result;
    if (swap == NULL || sink == NULL)
        return JITRUN_ERR_INVALID;
    if (swap->migration == NULL)
        return JITRUN_OK;
    jr_sb_init(&text, &swap->instance->counted.alloc);
    if (details)
        jr_migration_details(swap->migration, &text);
    else
        jr_migration_describe(swap->migration, &text);
    result = jr_library_pour(&text, JR_OK, sink, user);
    jr_sb_fini(&text);
    return result;
}
