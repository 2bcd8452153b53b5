/* spots.c -- making the tree of spots: level by level, so that siblings lie side by side and no depth needs the C stack. */
#include "runtime/migrate/spots.h"

#include <stdlib.h>
#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/hash.h"
#include "ir/base/index_map.h"
#include "ir/base/sb.h"
#include "runtime/value.h"
#include "runtime/vm_state.h"

/* What a spot's children come from; one for each spot while the tree is made. */
struct source {
    uint32_t function;              /* CALL, CLOSURE: whose sites these are; else JR_NONE */
    const struct jr_object *object; /* CLOSURE, ARRAY, CELL, BOX */
    const uint64_t *words;          /* GLOBAL, ELEMENT: a value ... */
    uint32_t layout;                /* ... of this layout */
};

struct making {
    struct jr_spots *spots;
    const struct jr_module *module;
    const struct jr_alloc *alloc;
    jr_place_text *text;
    void *user;
    JR_VEC(struct source) sources; /* by spot */
    struct jr_index_map seen;      /* objects, by address: index of the spot */
    bool *leads_on;                /* by layout: a value of it may lead to a closure or a cell */
    bool *assigned;                /* by word of the global vector */
    uint32_t parent;               /* the spot that gets children */
    enum jr_status status;
};

const char *jr_spot_kind_name(enum jr_spot_kind kind)
{
    static const char *const names[] = {
        [JR_SPOT_PROGRAM] = "program", [JR_SPOT_CALL] = "call",       [JR_SPOT_SELF] = "self",
        [JR_SPOT_MEM] = "mem",         [JR_SPOT_DELAY] = "delay",     [JR_SPOT_GLOBAL] = "global",
        [JR_SPOT_CELL] = "variable",   [JR_SPOT_CLOSURE] = "closure", [JR_SPOT_ARRAY] = "array",
        [JR_SPOT_ELEMENT] = "element", [JR_SPOT_BOX] = "box",         [JR_SPOT_TASK] = "task",
    };
    return names[kind];
}

/* ---- names ---- */

/* "lambda at 7:2" is any lambda: lines move when the script is edited. */
static const char *lasting_name(struct making *m, const char *name)
{
    const char *at = strstr(name, " at ");
    if (strncmp(name, "lambda", 6) == 0 && (name[6] == '\0' || at == name + 6))
        return "";
    if (at == NULL || at[4] < '0' || at[4] > '9')
        return name;
    const char *copy = jr_arena_text(&m->spots->arena, name, (size_t)(at - name));
    if (copy == NULL)
        m->status = JR_ERR_NO_MEMORY;
    return copy ? copy : "";
}

static uint64_t name_hash(const char *name)
{
    return jr_hash_bytes(0, name, strlen(name));
}

/* The text of a place without its blanks: laying out anew is no change. */
static uint64_t text_hash(const struct making *m, struct jr_place place)
{
    size_t length = 0;
    const char *text = m->text ? m->text(m->user, place, &length) : NULL;
    uint64_t hash = 0;
    for (size_t i = 0; text && i < length; i++)
        if (strchr(" \t\r\n", text[i]) == NULL)
            hash = jr_hash_word(hash, (unsigned char)text[i]);
    return hash;
}

static int compare_words(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

bool jr_spots_know(const struct jr_spots *spots, const char *name)
{
    uint64_t hash = name_hash(name);
    return spots->known.count > 0 &&
           bsearch(&hash, spots->known.items, spots->known.count, sizeof hash, compare_words) != NULL;
}

static void add_known(struct making *m, const char *name)
{
    if (m->status == JR_OK && name[0] != '\0')
        m->status = JR_VEC_PUSH(m->alloc, &m->spots->known, name_hash(name));
}

/* ---- spots ---- */

enum jr_status jr_spots_begin(const struct jr_alloc *alloc, struct jr_spots **out)
{
    struct jr_spots *spots = jr_alloc_new(alloc, sizeof *spots);
    enum jr_status status;
    *out = NULL;
    if (spots == NULL)
        return JR_ERR_NO_MEMORY;
    spots->alloc = alloc;
    jr_arena_init(&spots->arena, alloc);
    JR_TRY(JR_VEC_PUSH(alloc, &spots->regions, (struct jr_spot_region){ JR_REGION_NONE, NULL }));
    JR_TRY(JR_VEC_PUSH(alloc, &spots->items,
                       (struct jr_spot){ .kind = JR_SPOT_PROGRAM, .name = "", .parent = JR_NONE }));
    *out = spots, spots = NULL;
done:
    jr_spots_destroy(spots);
    return status;
}

void jr_spots_destroy(struct jr_spots *spots)
{
    if (spots == NULL)
        return;
    for (size_t i = 0; i < spots->regions.count; i++)
        if (spots->regions.items[i].object)
            jr_release(&spots->vm->task, (uint64_t)(uintptr_t)spots->regions.items[i].object);
    JR_VEC_FREE(spots->alloc, &spots->items);
    JR_VEC_FREE(spots->alloc, &spots->regions);
    JR_VEC_FREE(spots->alloc, &spots->initials);
    JR_VEC_FREE(spots->alloc, &spots->known);
    jr_arena_fini(&spots->arena);
    jr_alloc_free(spots->alloc, spots, sizeof *spots);
}

enum jr_status jr_spots_add(struct jr_spots *spots, uint32_t parent, const struct jr_spot *spot)
{
    uint32_t index = (uint32_t)spots->items.count;
    struct jr_spot added = *spot;
    added.parent = parent;
    enum jr_status status = JR_VEC_PUSH(spots->alloc, &spots->items, added);
    if (status != JR_OK)
        return status;
    struct jr_spot *owner = &spots->items.items[parent];
    if (owner->child_count++ == 0)
        owner->first_child = index;
    return JR_OK;
}

enum jr_status jr_spots_end(struct jr_spots *spots)
{
    for (size_t i = spots->items.count; i-- > 0;) {
        struct jr_spot *spot = &spots->items.items[i];
        uint64_t base = jr_hash_word(spot->kind, spot->kind == JR_SPOT_DELAY ? 0 : spot->words);
        spot->loose = base;
        spot->shape = jr_hash_word(base, spot->length);
        /* a function that was called and is now a value, or the other way round, has the same state */
        spot->identity = jr_hash_word(spot->kind == JR_SPOT_CLOSURE ? JR_SPOT_CALL : spot->kind, spot->words);
        spot->identity = jr_hash_word(jr_hash_word(spot->identity, spot->length), name_hash(spot->name));
        spot->holding = spot->words > 0;
        for (uint32_t c = 0; c < spot->child_count; c++) {
            const struct jr_spot *child = &spots->items.items[spot->first_child + c];
            spot->shape = jr_hash_word(spot->shape, child->shape);
            spot->loose = jr_hash_word(spot->loose, child->loose);
            spot->identity = jr_hash_word(spot->identity, child->identity);
            spot->holding += child->holding;
        }
        if (spot->name[0] != '\0' && spots->vm == NULL) {
            enum jr_status status = JR_VEC_PUSH(spots->alloc, &spots->known, name_hash(spot->name));
            if (status != JR_OK)
                return status;
        }
    }
    if (spots->known.count > 0)
        qsort(spots->known.items, spots->known.count, sizeof spots->known.items[0], compare_words);
    return JR_OK;
}

static void add(struct making *m, const struct jr_spot *spot, struct source source)
{
    if (m->status != JR_OK || m->spots->items.count >= JR_SPOTS_MAX)
        return;
    m->status = jr_spots_add(m->spots, m->parent, spot);
    if (m->status == JR_OK)
        m->status = JR_VEC_PUSH(m->alloc, &m->sources, source);
}

static uint32_t add_region(struct making *m, enum jr_spot_region_kind kind, struct jr_object *object)
{
    struct jr_spot_region region = { kind, object };
    if (m->status == JR_OK)
        m->status = JR_VEC_PUSH(m->alloc, &m->spots->regions, region);
    if (m->status == JR_OK && object)
        jr_retain((uint64_t)(uintptr_t)object);
    return (uint32_t)m->spots->regions.count - 1;
}

/* What the global code left in the words that the spot holds. */
static uint32_t add_initial(struct making *m, const uint64_t *words, uint32_t count)
{
    uint32_t first = (uint32_t)m->spots->initials.count;
    for (uint32_t i = 0; i < count && m->status == JR_OK; i++)
        m->status = JR_VEC_PUSH(m->alloc, &m->spots->initials, words[i]);
    return first;
}

/* ---- children ---- */

static const struct source nothing = { .function = JR_NONE, .layout = JR_NONE };

/* The state layout of a function, whose region begins at `base` of `region`. */
static void add_sites(struct making *m, uint32_t function, uint32_t region, uint32_t base)
{
    const struct jr_function *code = &m->module->functions[function];
    for (uint32_t s = 0; s < code->site_count; s++) {
        const struct jr_state_site *site = &code->sites[s];
        struct source source = nothing;
        struct jr_spot spot = { .name = lasting_name(m, site->name),
                                .region = region,
                                .offset = base + site->offset };
        switch (site->kind) {
        case JR_SITE_CALL:
            spot.kind = JR_SPOT_CALL;
            spot.text = text_hash(m, site->place);
            source.function = site->function;
            break;
        case JR_SITE_SELF:
            spot.kind = JR_SPOT_SELF;
            spot.counted = m->module->layouts[site->layout].has_refs != 0;
            spot.words = spot.counted ? 0 : site->word_count;
            break;
        case JR_SITE_MEM:
            spot.kind = JR_SPOT_MEM;
            spot.text = text_hash(m, site->place);
            spot.words = site->word_count;
            break;
        case JR_SITE_DELAY:
            spot.kind = JR_SPOT_DELAY;
            spot.text = text_hash(m, site->place);
            spot.words = site->word_count;
            spot.length = site->length;
            break;
        }
        add(m, &spot, source);
    }
}

static bool is_new(struct making *m, const struct jr_object *object)
{
    uint64_t hash = jr_hash_word(0, (uint64_t)(uintptr_t)object);
    size_t probe = 0;
    uint32_t index;
    while ((index = jr_index_map_next(&m->seen, hash, &probe)) != UINT32_MAX)
        if (m->sources.items[index].object == object)
            return false;
    if (m->status == JR_OK)
        m->status = jr_index_map_add(m->alloc, &m->seen, hash, (uint32_t)m->sources.count);
    return true;
}

static void add_closure(struct making *m, struct jr_closure *closure)
{
    const struct jr_function *code = closure->function->code;
    struct jr_spot spot = { .kind = JR_SPOT_CLOSURE,
                            .name = lasting_name(m, code->name),
                            .text = text_hash(m, code->place),
                            .region = add_region(m, JR_REGION_CLOSURE, &closure->head) };
    add(m, &spot, (struct source){ .function = closure->function->index, .object = &closure->head });
}

static void add_cell(struct making *m, struct jr_cell *cell)
{
    const struct jr_layout *layout = &m->module->layouts[cell->head.layout];
    struct jr_spot spot = { .kind = JR_SPOT_CELL, .name = "", .counted = layout->has_refs != 0 };
    struct source source = { JR_NONE, &cell->head, cell->words, cell->head.layout };
    if (!spot.counted) {
        spot.region = add_region(m, JR_REGION_CELL, &cell->head);
        spot.words = layout->word_count;
        spot.initial = add_initial(m, cell->words, spot.words);
    }
    add(m, &spot, source);
}

/* A reference in a value that a spot holds. */
static void add_reference(void *context, uint64_t word)
{
    struct making *m = context;
    struct jr_object *object = (struct jr_object *)(uintptr_t)word;
    if (object == NULL || (object->flags & JR_OBJECT_STATIC) || m->status != JR_OK)
        return;
    switch ((enum jr_object_kind)object->kind) {
    case JR_OBJECT_CLOSURE:
        if (is_new(m, object))
            add_closure(m, (struct jr_closure *)object);
        break;
    case JR_OBJECT_CELL:
        if (is_new(m, object))
            add_cell(m, (struct jr_cell *)object);
        break;
    case JR_OBJECT_ARRAY:
    case JR_OBJECT_BOX:
        if (m->leads_on[object->layout] && is_new(m, object)) {
            struct jr_spot spot = { .kind = object->kind == JR_OBJECT_ARRAY ? JR_SPOT_ARRAY : JR_SPOT_BOX,
                                    .name = "" };
            add(m, &spot, (struct source){ .function = JR_NONE, .object = object });
        }
        break;
    case JR_OBJECT_STRING:
    case JR_OBJECT_KIND_COUNT:
        break;
    }
}

static void add_value(struct making *m, const uint64_t *words, uint32_t layout)
{
    jr_value_each(m->module, &m->module->layouts[layout], words, add_reference, m);
}

static void add_elements(struct making *m, const struct jr_array *array)
{
    for (uint64_t i = 0; i < array->length && i < JR_SPOTS_MAX && m->status == JR_OK; i++) {
        struct jr_sb name;
        jr_sb_init(&name, m->alloc);
        jr_sb_format(&name, "[%llu]", (unsigned long long)i);
        const char *kept = jr_arena_text(&m->spots->arena, jr_sb_view(&name), name.length);
        if (kept == NULL || jr_sb_status(&name) != JR_OK)
            m->status = JR_ERR_NO_MEMORY;
        jr_sb_fini(&name);
        struct jr_spot spot = { .kind = JR_SPOT_ELEMENT, .name = kept ? kept : "" };
        add(m, &spot,
            (struct source){ JR_NONE, NULL, array->words + i * array->elem_words, array->head.layout });
    }
}

/* ---- the program ---- */

/* Only what code outside the global code sets is anything but what the global code made it. */
static void find_assigned(struct making *m)
{
    for (uint32_t f = 0; f < m->module->function_count; f++) {
        const struct jr_function *code = &m->module->functions[f];
        for (uint32_t pc = 0; f != m->module->init && pc < code->code_count;) {
            struct jr_instr in = jr_decode(&code->code[pc]);
            if (in.op == JR_OP_GLOBAL_SET)
                m->assigned[in.x] = true;
            else if (in.op == JR_OP_GLOBAL_SET_N)
                memset(m->assigned + in.x, true, m->module->layouts[in.y].word_count * sizeof(bool));
            pc += in.length;
        }
    }
}

static bool word_leads_on(const struct making *m, struct jr_word_type type)
{
    switch (type.kind) {
    case JR_WORD_CLOSURE:
    case JR_WORD_CELL:
        return true;
    case JR_WORD_ARRAY:
    case JR_WORD_BOX:
        return m->leads_on[type.arg];
    case JR_WORD_SUM: {
        const struct jr_sum *sum = &m->module->sums[type.arg];
        for (uint32_t v = 0; v < sum->variant_count; v++)
            if (m->leads_on[sum->variant_layouts[v]])
                return true;
        return false;
    }
    case JR_WORD_RAW:
    case JR_WORD_STRING:
    case JR_WORD_SUM_TAIL:
        break;
    }
    return false;
}

/* Types may be recursive: what leads on is found in rounds, until a round finds nothing more. */
static void find_leading(struct making *m)
{
    bool more = true;
    while (more) {
        more = false;
        for (uint32_t i = 0; i < m->module->layout_count; i++) {
            const struct jr_layout *layout = &m->module->layouts[i];
            for (uint32_t w = 0; w < layout->word_count && !m->leads_on[i]; w++)
                if (word_leads_on(m, layout->words[w]))
                    m->leads_on[i] = more = true;
        }
    }
}

static void add_globals(struct making *m)
{
    const struct jr_vm *vm = m->spots->vm;
    uint32_t region = add_region(m, JR_REGION_GLOBALS, NULL);
    for (uint32_t i = 0; i < m->module->global_count; i++) {
        const struct jr_global *global = &m->module->globals[i];
        const struct jr_layout *layout = &m->module->layouts[global->layout];
        const uint64_t *words = vm->task.globals + global->offset;
        struct jr_spot spot = { .kind = JR_SPOT_GLOBAL, .name = lasting_name(m, global->name) };
        bool assigned = false;
        for (uint32_t w = 0; w < layout->word_count; w++)
            assigned = assigned || m->assigned[global->offset + w];
        if (assigned && layout->has_refs)
            spot.counted = true;
        if (assigned && !layout->has_refs) {
            spot.region = region, spot.offset = global->offset, spot.words = layout->word_count;
            spot.initial = add_initial(m, words, spot.words);
        }
        if (spot.words > 0 || spot.counted || m->leads_on[global->layout])
            add(m, &spot, (struct source){ JR_NONE, NULL, words, global->layout });
    }
}

/* The closures that the global code has asked for; functions without a closure of their own hold nothing. */
static void add_tasks(struct making *m)
{
    const struct jr_schedule *schedule = &m->spots->vm->schedule;
    for (size_t i = 0; i < schedule->count; i++) {
        struct jr_closure *closure = schedule->items[i].closure;
        if (closure->head.flags & JR_OBJECT_STATIC)
            continue;
        struct jr_spot spot = { .kind = JR_SPOT_TASK,
                                .name = lasting_name(m, closure->function->code->name) };
        add(m, &spot, (struct source){ .function = JR_NONE, .object = &closure->head });
    }
}

static void add_program(struct making *m)
{
    uint32_t dsp = m->module->dsp;
    if (dsp != JR_NONE) {
        struct jr_spot spot = { .kind = JR_SPOT_CALL,
                                .name = "dsp",
                                .region = add_region(m, JR_REGION_DSP, NULL) };
        add(m, &spot, (struct source){ .function = dsp });
    }
    add_globals(m);
    add_tasks(m);
    for (uint32_t f = 0; f < m->module->function_count; f++) {
        add_known(m, lasting_name(m, m->module->functions[f].name));
        for (uint32_t s = 0; s < m->module->functions[f].site_count; s++)
            add_known(m, lasting_name(m, m->module->functions[f].sites[s].name));
    }
    for (uint32_t g = 0; g < m->module->global_count; g++)
        add_known(m, m->module->globals[g].name);
}

static void expand(struct making *m, uint32_t index)
{
    struct source source = m->sources.items[index];
    const struct jr_spot spot = m->spots->items.items[index];
    m->parent = index;
    switch (spot.kind) {
    case JR_SPOT_PROGRAM:
        add_program(m);
        break;
    case JR_SPOT_CALL:
        add_sites(m, source.function, spot.region, spot.offset);
        break;
    case JR_SPOT_CLOSURE: {
        const struct jr_closure *closure = (const struct jr_closure *)source.object;
        add_sites(m, source.function, spot.region, 0);
        add_value(m, closure->words, closure->head.layout);
        break;
    }
    case JR_SPOT_TASK:
        add_reference(m, (uint64_t)(uintptr_t)source.object);
        break;
    case JR_SPOT_ARRAY:
        add_elements(m, (const struct jr_array *)source.object);
        break;
    case JR_SPOT_BOX:
        add_value(m, ((const struct jr_box *)source.object)->words, source.object->layout);
        break;
    case JR_SPOT_GLOBAL:
    case JR_SPOT_CELL:
    case JR_SPOT_ELEMENT:
        add_value(m, source.words, source.layout);
        break;
    case JR_SPOT_SELF:
    case JR_SPOT_MEM:
    case JR_SPOT_DELAY:
        break;
    }
}

enum jr_status jr_spots_create(struct jr_vm *vm, jr_place_text *text, void *user, struct jr_spots **out)
{
    const struct jr_module *module = vm->module;
    struct making m = { .module = module, .alloc = vm->alloc, .text = text, .user = user };
    enum jr_status status;
    *out = NULL;
    JR_TRY(jr_spots_begin(vm->alloc, &m.spots));
    m.spots->vm = vm;
    m.leads_on = jr_alloc_new(vm->alloc, module->layout_count + 1);
    m.assigned = jr_alloc_new(vm->alloc, (size_t)module->global_words + 1);
    JR_TRY(m.leads_on && m.assigned ? JR_OK : JR_ERR_NO_MEMORY);
    find_leading(&m);
    find_assigned(&m);
    JR_TRY(JR_VEC_PUSH(vm->alloc, &m.sources, nothing));
    for (uint32_t i = 0; i < m.spots->items.count && m.status == JR_OK; i++)
        expand(&m, i);
    JR_TRY(m.status);
    JR_TRY(jr_spots_end(m.spots));
    *out = m.spots, m.spots = NULL;
done:
    jr_spots_destroy(m.spots);
    JR_VEC_FREE(vm->alloc, &m.sources);
    jr_index_map_fini(vm->alloc, &m.seen);
    jr_alloc_free(vm->alloc, m.leads_on, module->layout_count + 1);
    jr_alloc_free(vm->alloc, m.assigned, (size_t)module->global_words + 1);
    return status;
}

/* ---- paths ---- */

static void put_label(const struct jr_spots *spots, uint32_t index, struct jr_sb *out)
{
    const struct jr_spot *spot = &spots->items.items[index], *parent = &spots->items.items[spot->parent];
    uint32_t before = 0;
    for (uint32_t i = parent->first_child; i < index; i++)
        before +=
            spots->items.items[i].kind == spot->kind && strcmp(spots->items.items[i].name, spot->name) == 0;
    bool leaf = spot->kind == JR_SPOT_SELF || spot->kind == JR_SPOT_MEM || spot->kind == JR_SPOT_DELAY;
    if (spot->kind == JR_SPOT_ELEMENT) {
        jr_sb_text(out, spot->name);
        return;
    }
    if (out->length > 0)
        jr_sb_char(out, '.');
    if (spot->kind == JR_SPOT_SELF)
        jr_sb_text(out, "self"); /* its name is the function's, which is there already */
    else if (leaf && spot->name[0] != '\0')
        jr_sb_format(out, "%s(%s)", jr_spot_kind_name(spot->kind), spot->name);
    else
        jr_sb_text(out, spot->name[0] ? spot->name : jr_spot_kind_name(spot->kind));
    if (before > 0)
        jr_sb_format(out, "#%u", before + 1);
}

void jr_spots_path(const struct jr_spots *spots, uint32_t spot, struct jr_sb *out)
{
    struct jr_sb path;
    uint32_t chain[64];
    uint32_t depth = 0, at = spot;
    for (; at != 0 && depth < 64; at = spots->items.items[at].parent) {
        enum jr_spot_kind kind = spots->items.items[at].kind;
        /* arrays and boxes are seen by their elements; a closure without a name by what holds it */
        if (at == spot || !(kind == JR_SPOT_ARRAY || kind == JR_SPOT_BOX ||
                            (kind == JR_SPOT_CLOSURE && spots->items.items[at].name[0] == '\0')))
            chain[depth++] = at;
    }
    jr_sb_init(&path, out->alloc);
    if (at != 0)
        jr_sb_text(&path, "..");
    while (depth-- > 0)
        put_label(spots, chain[depth], &path);
    jr_sb_text(out, spot == 0 ? "program" : jr_sb_view(&path));
    jr_sb_fini(&path);
}
