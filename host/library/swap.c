/* swap.c -- from one version of a running program to the next.
 *
 * All that can take time happens in prepare: the new version runs its global code, and a list of moves is made from the state layouts of
 * both, which never change.  Commit walks the list with memcpy. */
#include <stdlib.h>

#include "host/library/internal.h"
#include "ir/base/arena.h"
#include "ir/base/sb.h"
#include "ir/state_tree.h"
#include "runtime/vm_state.h"

/* A stateful place of dsp. */
struct leaf {
    const char *path;
    enum jr_site_kind kind;
    uint32_t offset, words, length;
    bool raw;       /* no references in it */
    uint32_t order; /* in textual order */
};
JR_VEC_OF(leaves, struct leaf);

struct move {
    uint32_t from, to, words;
};

struct entry {
    enum jitrun_fate fate;
    const struct leaf *leaf;
};

struct jitrun_swap {
    struct jitrun_instance *instance;
    struct jr_version *fresh, *retired;
    uint64_t generation;
    bool committed;
    struct jr_arena arena; /* paths */
    struct leaves old_leaves, new_leaves;
    JR_VEC(struct move) moves;
    JR_VEC(struct entry) entries;
    size_t control_count;
    double *carried; /* per control of the new version: what was carried over */
    double *planar;  /* what the instance gets, or gave */
    size_t planar_channels;
    struct jitrun_diagnostics diagnostics;
};

/* ---- the plan ---- */

static const char *path_of(struct jitrun_swap *swap, const struct jr_state_walk *walk, const struct jr_state_node *node,
                           struct jr_sb *text)
{
    jr_sb_clear(text);
    jr_sb_text(text, "dsp");
    for (uint32_t level = 0; level < node->depth; level++)
        jr_sb_format(text, "/%s", jr_state_walk_call(walk, level)->name);
    jr_sb_format(text, "/%s", node->site->name[0] != '\0' ? node->site->name : jr_site_kind_name(node->site->kind));
    return jr_sb_status(text) == JR_OK ? jr_arena_text(&swap->arena, text->text, text->length) : NULL;
}

static int by_name(const void *one, const void *other)
{
    const struct leaf *a = one, *b = other;
    int order = strcmp(a->path, b->path);
    if (order == 0)
        order = (int)a->kind - (int)b->kind;
    return order != 0 ? order : a->order < b->order ? -1 : a->order > b->order;
}

/* The places of a module's dsp, sorted by path, kind and order. */
static enum jr_status list_leaves(struct jitrun_swap *swap, const struct jr_module *module, struct leaves *out)
{
    const struct jr_alloc *alloc = &swap->instance->counted.alloc;
    struct jr_state_walk walk;
    struct jr_state_node node;
    struct jr_sb text;
    bool found = true;
    enum jr_status status;
    if (module->dsp == JR_NONE)
        return JR_OK;
    jr_sb_init(&text, alloc);
    JR_TRY(jr_state_walk_init(&walk, alloc, module, module->dsp));
    for (;;) {
        JR_TRY(jr_state_walk_leaf(&walk, &node, &found));
        if (!found)
            break;
        struct leaf leaf = { .path = path_of(swap, &walk, &node, &text),
                             .kind = node.site->kind,
                             .offset = node.offset,
                             .words = node.site->word_count,
                             .length = node.site->kind == JR_SITE_DELAY ? node.site->length : 0,
                             .raw = node.site->layout == JR_NONE || !module->layouts[node.site->layout].has_refs,
                             .order = (uint32_t)out->count };
        JR_TRY(leaf.path != NULL ? JR_OK : JR_ERR_NO_MEMORY);
        JR_TRY(JR_VEC_PUSH(alloc, out, leaf));
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof out->items[0], by_name);
done:
    jr_state_walk_fini(&walk);
    jr_sb_fini(&text);
    return status;
}

static enum jr_status note(struct jitrun_swap *swap, enum jitrun_fate fate, const struct leaf *leaf)
{
    return JR_VEC_PUSH(&swap->instance->counted.alloc, &swap->entries, (struct entry){ fate, leaf });
}

static int compare_names(const struct leaf *old, const struct leaf *new_leaf)
{
    int order = strcmp(old->path, new_leaf->path);
    return order != 0 ? order : (int)old->kind - (int)new_leaf->kind;
}

/* Both lists are sorted, so that the first of a name meets the first. */
static enum jr_status plan(struct jitrun_swap *swap)
{
    const struct leaf *old = swap->old_leaves.items, *old_end = old + swap->old_leaves.count;
    const struct leaf *fresh = swap->new_leaves.items, *fresh_end = fresh + swap->new_leaves.count;
    enum jr_status status = JR_OK;
    while (old < old_end || fresh < fresh_end) {
        int order = old == old_end ? 1 : fresh == fresh_end ? -1 : compare_names(old, fresh);
        if (order < 0) {
            JR_TRY(note(swap, JITRUN_DROPPED, old++));
        } else if (order > 0) {
            JR_TRY(note(swap, JITRUN_NEW, fresh++));
        } else {
            bool same = old->words == fresh->words && old->length == fresh->length && old->raw && fresh->raw;
            JR_TRY(note(swap, same ? JITRUN_KEPT : JITRUN_NEW, fresh));
            if (same)
                JR_TRY(JR_VEC_PUSH(&swap->instance->counted.alloc, &swap->moves,
                                   (struct move){ old->offset, fresh->offset, fresh->words }));
            else
                JR_TRY(note(swap, JITRUN_DROPPED, old));
            old++, fresh++;
        }
    }
done:
    return status;
}

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
    atomic_fetch_add(&instance->readers, 1);
    now = atomic_load(&instance->version);
    swap->generation = atomic_load(&instance->generation);
    jr_controls_carry(&swap->fresh->session->controls, &now->session->controls); /* so that the global code reads them */
    status = list_leaves(swap, now->session->module, &swap->old_leaves);
    atomic_fetch_sub(&instance->readers, 1);
    JR_TRY(status);
    JR_TRY(list_leaves(swap, module, &swap->new_leaves));
    JR_TRY(plan(swap));
    swap->diagnostics = (struct jitrun_diagnostics){ swap->fresh->session->run_diags, swap->fresh->session->sources, alloc };
    status = jr_version_start(swap->fresh);
    if (status == JR_ERR_DIAGNOSED) {
        const struct jr_error *error = jr_vm_error(swap->fresh->session->vm);
        memcpy(message, error->message, sizeof error->message);
        status = error->code;
    } else if (status != JR_OK) {
        strcpy(message, jr_session_failure(swap->fresh->session));
    }
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
    jr_arena_init(&swap->arena, &instance->counted.alloc);
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
        struct jr_control *old = jr_controls_find(from, to->items[i].name);
        if (old == NULL)
            continue;
        double value = atomic_load(&old->value), expected = swap->carried[i];
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
    uint64_t *to = jr_vm_dsp_state(swap->fresh->session->vm);
    const uint64_t *from = before->started ? jr_vm_dsp_state(before->session->vm) : NULL;
    for (size_t i = 0; i < swap->moves.count && from != NULL; i++) {
        const struct move *move = &swap->moves.items[i];
        memcpy(to + move->to, from + move->from, move->words * sizeof to[0]);
    }
    jr_vm_set_frame(swap->fresh->session->vm, jr_vm_frame(before->session->vm));
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
    if (swap->committed) {
        jr_version_wait(swap->instance);
        jr_version_destroy(swap->instance, swap->retired);
    }
    jr_alloc_free(alloc, swap->carried, swap->control_count * sizeof swap->carried[0]);
    jr_alloc_free(alloc, swap->planar, swap->planar_channels * JR_PLANAR_FRAMES * sizeof swap->planar[0]);
    if (!swap->committed)
        jr_version_destroy(swap->instance, swap->fresh);
    JR_VEC_FREE(alloc, &swap->moves);
    JR_VEC_FREE(alloc, &swap->entries);
    JR_VEC_FREE(alloc, &swap->old_leaves);
    JR_VEC_FREE(alloc, &swap->new_leaves);
    jr_arena_fini(&swap->arena);
    jr_alloc_free(alloc, swap, sizeof *swap);
}

/* ---- what it tells ---- */

const struct jitrun_diagnostics *jitrun_swap_diagnostics(const struct jitrun_swap *swap)
{
    return swap != NULL ? &swap->diagnostics : NULL;
}

enum jitrun_status jitrun_swap_get_entry(const struct jitrun_swap *swap, size_t index, struct jitrun_swap_entry *out)
{
    struct jitrun_swap_entry result = { .size = sizeof result };
    if (swap == NULL)
        return JITRUN_ERR_INVALID;
    if (index >= swap->entries.count)
        return JITRUN_ERR_NOT_FOUND;
    const struct entry *entry = &swap->entries.items[index];
    result.fate = entry->fate;
    result.path = entry->leaf->path;
    result.kind = jr_site_kind_name(entry->leaf->kind);
    result.words = entry->leaf->words;
    return jr_library_give(out, &result, sizeof result) ? JITRUN_OK : JITRUN_ERR_INVALID;
}
