/* migration.c -- pairs of spots become a list of copies, which the audio thread carries out. */
#include "runtime/migrate/migration.h"

#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "runtime/migrate/pair.h"
#include "runtime/migrate/report.h"
#include "runtime/vm_state.h"

enum move_kind {
    MOVE_WORDS,
    MOVE_DELAY,
    MOVE_ALIGN, /* a line without partner: turned until its write index is 0, like those that were copied */
};

struct move {
    enum move_kind kind;
    uint32_t from_region, from_offset, from_length;
    uint32_t to_region, to_offset, to_length;
    uint32_t words; /* MOVE_WORDS */
};

/* Closures of the global code that are partners; sorted by `from`. */
struct partner {
    const struct jr_closure *from;
    struct jr_closure *to;
};

struct jr_migration {
    const struct jr_alloc *alloc;
    const struct jr_spots *from, *to;
    JR_VEC(struct move) moves;
    JR_VEC(struct partner) partners;
    struct jr_closure **
        functions; /* by function of the old module: what runs in its place, if it needs no closure; NULL: nothing */
    uint32_t function_count;
    size_t task_room; /* in the new schedule */
    struct jr_migration_report report;
    struct jr_sb summary, details;
};

/* ---- the plan ---- */

static const uint64_t *initial_of(const struct jr_spots *spots, const struct jr_spot *spot)
{
    return spots->initials.items + spot->initial;
}

bool jr_migration_goes_on(const struct jr_spots *from, const struct jr_spot *o, const struct jr_spots *to,
                          const struct jr_spot *n)
{
    if (o->words == 0 || n->words == 0)
        return false;
    if (n->kind == JR_SPOT_DELAY)
        return true;
    if (o->words != n->words)
        return false;
    if (n->kind == JR_SPOT_GLOBAL || n->kind == JR_SPOT_CELL)
        return memcmp(initial_of(from, o), initial_of(to, n), n->words * sizeof(uint64_t)) == 0;
    return true;
}

static enum jr_status add_move(struct jr_migration *m, const struct move *move)
{
    struct move *last = m->moves.count ? &m->moves.items[m->moves.count - 1] : NULL;
    if (last && last->kind == MOVE_WORDS && move->kind == MOVE_WORDS &&
        last->from_region == move->from_region && last->to_region == move->to_region &&
        last->from_offset + last->words == move->from_offset &&
        last->to_offset + last->words == move->to_offset) {
        last->words += move->words;
        return JR_OK;
    }
    return JR_VEC_PUSH(m->alloc, &m->moves, *move);
}

static enum jr_status plan_spot(struct jr_migration *m, const struct jr_pairing *pairing, uint32_t index)
{
    const struct jr_spot *n = &m->to->items.items[index];
    uint32_t from = pairing->from_of[index];
    const struct jr_spot *o = from == JR_NONE ? NULL : &m->from->items.items[from];
    struct move move = { .kind = n->kind == JR_SPOT_DELAY ? MOVE_DELAY : MOVE_WORDS,
                         .to_region = n->region,
                         .to_offset = n->offset,
                         .to_length = n->length,
                         .words = n->words };
    if (n->words == 0)
        return JR_OK;
    if (o == NULL || !jr_migration_goes_on(m->from, o, m->to, n)) {
        move.kind = MOVE_ALIGN;
        return n->kind == JR_SPOT_DELAY ? JR_VEC_PUSH(m->alloc, &m->moves, move) : JR_OK;
    }
    move.from_region = o->region, move.from_offset = o->offset, move.from_length = o->length;
    m->report.words += o->words < n->words ? o->words : n->words;
    return add_move(m, &move);
}

static int by_address(const void *a, const void *b)
{
    uintptr_t one = (uintptr_t)((const struct partner *)a)->from,
              other = (uintptr_t)((const struct partner *)b)->from;
    return one < other ? -1 : one > other;
}

static enum jr_status plan_closures(struct jr_migration *m, const struct jr_pairing *pairing)
{
    for (uint32_t i = 0; i < pairing->to_count; i++) {
        const struct jr_spot *n = &m->to->items.items[i];
        const struct jr_spot *o =
            pairing->from_of[i] == JR_NONE ? NULL : &m->from->items.items[pairing->from_of[i]];
        if (o == NULL || n->kind != JR_SPOT_CLOSURE || o->kind != JR_SPOT_CLOSURE)
            continue;
        struct partner partner = {
            (const struct jr_closure *)m->from->regions.items[o->region].object,
            (struct jr_closure *)m->to->regions.items[n->region].object,
        };
        enum jr_status status = JR_VEC_PUSH(m->alloc, &m->partners, partner);
        if (status != JR_OK)
            return status;
    }
    if (m->partners.count > 0)
        qsort(m->partners.items, m->partners.count, sizeof m->partners.items[0], by_address);
    return JR_OK;
}

static bool is_plain_task(const struct jr_function *function)
{
    return function->capture_words == 0 && function->param_words == 0 && function->result_words == 0 &&
           function->state_words == 0;
}

static enum jr_status plan_functions(struct jr_migration *m)
{
    const struct jr_module *from = m->from->vm->module, *to = m->to->vm->module;
    m->function_count = from->function_count;
    if (m->function_count == 0)
        return JR_OK;
    m->functions = jr_alloc_array(m->alloc, m->function_count, sizeof m->functions[0]);
    if (m->functions == NULL)
        return JR_ERR_NO_MEMORY;
    for (uint32_t f = 0; f < from->function_count; f++) {
        if (!is_plain_task(&from->functions[f]) || f == from->init)
            continue;
        for (uint32_t t = 0; t < to->function_count && m->functions[f] == NULL; t++)
            if (t != to->init && is_plain_task(&to->functions[t]) &&
                strcmp(from->functions[f].name, to->functions[t].name) == 0)
                m->functions[f] = &m->to->vm->closures[t];
    }
    return JR_OK;
}

static enum jr_status reserve_tasks(struct jr_migration *m)
{
    struct jr_vm *vm = m->to->vm;
    size_t wanted = vm->schedule.count + JR_MIGRATION_TASKS;
    if (jr_schedule_reserve(&vm->task, &vm->schedule, wanted) == JR_RUN_OK)
        return JR_OK;
    return vm->task.error->code;
}

enum jr_status jr_migration_create(const struct jr_alloc *alloc, const struct jr_spots *from,
                                   const struct jr_spots *to, struct jr_migration **out)
{
    struct jr_migration *m = jr_alloc_new(alloc, sizeof *m);
    struct jr_pairing pairing = { 0 };
    enum jr_status status;
    *out = NULL;
    if (m == NULL)
        return JR_ERR_NO_MEMORY;
    m->alloc = alloc;
    m->from = from, m->to = to;
    jr_sb_init(&m->summary, alloc);
    jr_sb_init(&m->details, alloc);
    JR_TRY(jr_pair_spots(alloc, from, to, &pairing));
    for (uint32_t i = 0; i < pairing.to_count; i++)
        JR_TRY(plan_spot(m, &pairing, i));
    JR_TRY(plan_closures(m, &pairing));
    JR_TRY(plan_functions(m));
    JR_TRY(reserve_tasks(m));
    JR_TRY(jr_migration_tell(alloc, from, to, &pairing, &m->report, &m->summary, &m->details));
    *out = m, m = NULL;
done:
    jr_pairing_fini(&pairing);
    jr_migration_destroy(m);
    return status;
}

void jr_migration_destroy(struct jr_migration *m)
{
    if (m == NULL)
        return;
    JR_VEC_FREE(m->alloc, &m->moves);
    JR_VEC_FREE(m->alloc, &m->partners);
    jr_alloc_free(m->alloc, m->functions, m->function_count * sizeof m->functions[0]);
    jr_sb_fini(&m->summary);
    jr_sb_fini(&m->details);
    jr_alloc_free(m->alloc, m, sizeof *m);
}

/* ---- carrying it out ---- */

static uint64_t *region_words(const struct jr_spots *spots, uint32_t region)
{
    const struct jr_spot_region *place = &spots->regions.items[region];
    switch (place->kind) {
    case JR_REGION_GLOBALS:
        return spots->vm->task.globals;
    case JR_REGION_DSP:
        return jr_vm_dsp_state(spots->vm);
    case JR_REGION_CLOSURE:
        return ((struct jr_closure *)place->object)->state;
    case JR_REGION_CELL:
        return ((struct jr_cell *)place->object)->words;
    case JR_REGION_NONE:
        break;
    }
    return NULL;
}

/* A line is {reserved, write index, samples}, and the sample at the write index is the oldest.  The copy has its write index at 0: lines that a
 * block feeds in step (docs/internals/specialise.md) begin in step, those that were copied and those that are new. */
static void copy_delay(uint64_t *to, uint64_t to_length, const uint64_t *from, uint64_t from_length)
{
    uint64_t count = from_length < to_length ? from_length : to_length;
    uint64_t write = from[1], first, rest;
    to[0] = to[1] = 0;
    memset(to + 2, 0, (to_length - count) * sizeof to[0]);
    if (count == 0)
        return;
    to += 2 + to_length - count;
    /* the newest `count` in two pieces: up to the end of the ring, then from its beginning */
    first = write >= count ? write - count : write + from_length - count;
    rest = from_length - first < count ? from_length - first : count;
    memcpy(to, from + 2 + first, rest * sizeof to[0]);
    memcpy(to + rest, from + 2, (count - rest) * sizeof to[0]);
}

static void reverse(uint64_t *words, uint64_t count)
{
    for (uint64_t i = 0; i < count / 2; i++) {
        uint64_t word = words[i];
        words[i] = words[count - 1 - i];
        words[count - 1 - i] = word;
    }
}

static void align_delay(uint64_t *line, uint64_t length)
{
    uint64_t write = line[1];
    if (write == 0)
        return;
    reverse(line + 2, write);
    reverse(line + 2 + write, length - write);
    reverse(line + 2, length);
    line[1] = 0;
}

static struct jr_closure *successor(const struct jr_migration *m, const struct jr_closure *closure)
{
    size_t low = 0, high = m->partners.count;
    if (closure->head.flags & JR_OBJECT_STATIC)
        return m->functions[closure->function->index];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if ((uintptr_t)m->partners.items[middle].from < (uintptr_t)closure)
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->partners.count && m->partners.items[low].from == closure ? m->partners.items[low].to
                                                                             : NULL;
}

/* The tasks that wait in the new VM come to be relative to now; those that go over take the place of others of their closure. */
static void migrate_tasks(struct jr_migration *m)
{
    struct jr_vm *from = m->from->vm, *to = m->to->vm;
    struct jr_schedule *schedule = &to->schedule;
    size_t own = schedule->count, kept = 0;
    struct jr_migration_report *report = &m->report;
    report->tasks_kept = report->tasks_dropped = report->tasks_new = report->tasks_left_out = 0;
    for (size_t i = 0; i < from->schedule.count; i++) {
        struct jr_scheduled item = from->schedule.items[i];
        struct jr_closure *closure = successor(m, item.closure);
        if (closure == NULL || own + report->tasks_kept >= schedule->capacity) {
            report->tasks_dropped++;
            continue;
        }
        jr_retain((uint64_t)(uintptr_t)closure);
        closure->head.flags |= JR_OBJECT_MARKED;
        item.closure = closure;
        schedule->items[own + report->tasks_kept++] = item;
    }
    for (size_t i = 0; i < own; i++) {
        struct jr_scheduled item = schedule->items[i];
        bool replaced = (item.closure->head.flags & JR_OBJECT_MARKED) != 0;
        bool shared = item.closure->head.count > 1 || (item.closure->head.flags & JR_OBJECT_STATIC);
        report->tasks_left_out += replaced;
        if (replaced && shared) {
            item.closure->head.count--;
            continue;
        }
        /* One that would die is left to wait forever: nothing is freed here. */
        if (replaced || item.time >= UINT64_MAX - from->frames)
            item.time = UINT64_MAX;
        else
            item.time = item.time > to->frames ? item.time - to->frames + from->frames : from->frames;
        report->tasks_new += !replaced;
        item.sequence += from->schedule.sequence;
        schedule->items[kept++] = item;
    }
    for (size_t i = 0; i < report->tasks_kept; i++) {
        schedule->items[own + i].closure->head.flags &= (uint8_t)~JR_OBJECT_MARKED;
        schedule->items[kept + i] = schedule->items[own + i];
    }
    schedule->count = kept + report->tasks_kept;
    schedule->sequence += from->schedule.sequence;
    jr_schedule_order(schedule);
}

void jr_migration_run(struct jr_migration *m)
{
    struct jr_vm *from = m->from->vm, *to = m->to->vm;
    for (size_t i = 0; i < m->moves.count; i++) {
        const struct move *move = &m->moves.items[i];
        uint64_t *target = region_words(m->to, move->to_region) + move->to_offset;
        if (move->kind == MOVE_ALIGN) {
            align_delay(target, move->to_length);
            continue;
        }
        const uint64_t *source = region_words(m->from, move->from_region) + move->from_offset;
        if (move->kind == MOVE_DELAY)
            copy_delay(target, move->to_length, source, move->from_length);
        else
            memcpy(target, source, move->words * sizeof target[0]);
    }
    migrate_tasks(m);
    jr_vm_set_frame(to, from->frames);
}

/* ---- telling ---- */

void jr_migration_get_report(const struct jr_migration *migration, struct jr_migration_report *out)
{
    *out = migration->report;
}

void jr_migration_describe(const struct jr_migration *migration, struct jr_sb *out)
{
    const struct jr_migration_report *report = &migration->report;
    jr_sb_text(out, jr_sb_view(&migration->summary));
    if (report->tasks_kept)
        jr_sb_format(out, "; %u task%s go%s on", report->tasks_kept, report->tasks_kept == 1 ? "" : "s",
                     report->tasks_kept == 1 ? "es" : "");
    if (report->tasks_dropped)
        jr_sb_format(out, "%s %u task%s dropped", report->tasks_kept ? "," : ";", report->tasks_dropped,
                     report->tasks_dropped == 1 ? "" : "s");
}

void jr_migration_details(const struct jr_migration *migration, struct jr_sb *out)
{
    jr_sb_text(out, jr_sb_view(&migration->details));
}
