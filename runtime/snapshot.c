/* snapshot.c -- writing and reading the state of a program.
 *
 * Writing numbers objects as it finds them, so a list of objects is also the work list.  Reading makes all objects first, each with the one count
 * of its maker, then fills them and takes these counts away: at any moment the heap can be given up as a whole. */
#include "runtime/snapshot.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "ir/base/hash.h"
#include "ir/base/index_map.h"
#include "runtime/ops.h"
#include "runtime/value.h"
#include "runtime/vm_state.h"

enum { HEADER_WORDS = 4, VERSION = 1 };
static const uint64_t magic = UINT64_C(0x6a72737461746500) + VERSION; /* "jrstate" */

enum reference { REFERENCE_OBJECT = 1, REFERENCE_CLOSURE, REFERENCE_STRING, REFERENCE_INSTANCE };
enum { REFERENCE_BITS = 3 };

/* Visits the references of a value, where they stand.  False: a tag is none, or `visit` gave false. */
static bool walk(const struct jr_module *module, uint32_t index, uint64_t *words,
                 bool (*visit)(void *context, uint64_t *word, struct jr_word_type type), void *context)
{
    const struct jr_layout *layout = &module->layouts[index];
    if (!layout->has_refs)
        return true;
    for (uint32_t i = 0; i < layout->word_count;) {
        struct jr_word_type type = layout->words[i];
        if (type.kind == JR_WORD_RAW || type.kind == JR_WORD_SUM_TAIL) {
            i++;
        } else if (type.kind == JR_WORD_SUM) { /* nested at most JR_SUM_NEST_MAX deep: jr_vm_create has checked it */
            const struct jr_sum *sum = &module->sums[type.arg];
            if (words[i] >= sum->variant_count ||
                !walk(module, sum->variant_layouts[words[i]], words + i + 1, visit, context))
                return false;
            i += sum->word_count;
        } else if (!visit(context, &words[i++], type)) {
            return false;
        }
    }
    return true;
}

/* The same for the state of a function. */
static bool walk_state(const struct jr_vm *vm, uint32_t function, uint64_t *state,
                       bool (*visit)(void *context, uint64_t *word, struct jr_word_type type), void *context)
{
    const struct jr_state_refs *refs = &vm->state_refs[function];
    for (uint32_t i = 0; i < refs->count; i++)
        if (!walk(vm->module, refs->items[i].layout, state + refs->items[i].offset, visit, context))
            return false;
    return true;
}

/* ---- writing ---- */

struct writer {
    struct jr_vm *vm;
    struct jr_snapshot *out;
    JR_VEC(const struct jr_object *) objects;
    struct jr_index_map known;
    enum jr_status status;
};

static void put(struct writer *w, uint64_t word)
{
    if (w->status == JR_OK)
        w->status = JR_VEC_PUSH(w->vm->alloc, w->out, word);
}

/* Room for `count` words, which the caller fills at once; NULL without memory. */
static uint64_t *put_room(struct writer *w, size_t count)
{
    if (w->status == JR_OK)
        w->status = JR_VEC_RESERVE(w->vm->alloc, w->out, count);
    if (w->status != JR_OK)
        return NULL;
    w->out->count += count;
    return w->out->items + w->out->count - count;
}

/* Strings of the program lie in one block, in their order. */
static uint32_t string_index(const struct jr_vm *vm, const struct jr_object *object)
{
    uint32_t low = 0, high = (uint32_t)vm->module->string_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if ((uintptr_t)vm->strings[middle] <= (uintptr_t)object)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uint64_t static_reference(const struct jr_vm *vm, const struct jr_object *object)
{
    uint64_t index;
    if (object->kind == JR_OBJECT_STRING)
        return (uint64_t)string_index(vm, object) << REFERENCE_BITS | REFERENCE_STRING;
    index = ((const struct jr_closure *)object)->function->index;
    return index << REFERENCE_BITS |
           ((const struct jr_closure *)object == &vm->closures[index] ? REFERENCE_CLOSURE : REFERENCE_INSTANCE);
}

static bool write_reference(void *context, uint64_t *word, struct jr_word_type type)
{
    struct writer *w = context;
    const struct jr_object *object = (const struct jr_object *)(uintptr_t)*word;
    uint64_t hash;
    size_t probe = 0;
    uint32_t index;
    (void)type;
    if (object == NULL)
        return true;
    if (object->flags & JR_OBJECT_STATIC) {
        *word = static_reference(w->vm, object);
        return true;
    }
    hash = jr_hash_word(0, *word);
    while ((index = jr_index_map_next(&w->known, hash, &probe)) != UINT32_MAX)
        if (w->objects.items[index] == object)
            break;
    if (index == UINT32_MAX) {
        index = (uint32_t)w->objects.count;
        w->status = index == UINT32_MAX - 1 ? JR_ERR_LIMIT : JR_VEC_PUSH(w->vm->alloc, &w->objects, object);
        if (w->status == JR_OK)
            w->status = jr_index_map_add(w->vm->alloc, &w->known, hash, index);
        if (w->status != JR_OK)
            return false;
    }
    *word = (uint64_t)index << REFERENCE_BITS | REFERENCE_OBJECT;
    return true;
}

/* A copy of words at a place that may move meanwhile is made first; then its references are numbered, which writes elsewhere. */
static void put_value(struct writer *w, const uint64_t *words, uint32_t layout)
{
    uint32_t count = w->vm->module->layouts[layout].word_count;
    uint64_t *room = put_room(w, count);
    if (room == NULL || count == 0)
        return;
    memcpy(room, words, count * sizeof words[0]);
    (void)walk(w->vm->module, layout, room, write_reference, w);
}

static void put_state(struct writer *w, const uint64_t *state, uint32_t function)
{
    uint32_t count = w->vm->module->functions[function].state_words;
    uint64_t *room = put_room(w, count);
    if (room == NULL || count == 0)
        return;
    memcpy(room, state, count * sizeof state[0]);
    (void)walk_state(w->vm, function, room, write_reference, w);
}

static void put_string(struct writer *w, const struct jr_string *string)
{
    size_t count = ((size_t)string->size + 7) / 8;
    uint64_t *room;
    put(w, string->size);
    room = put_room(w, count);
    if (room == NULL || count == 0)
        return;
    room[count - 1] = 0;
    memcpy(room, string->bytes, string->size);
}

static void put_object(struct writer *w, const struct jr_object *object)
{
    put(w, (uint64_t)object->layout << 8 | object->kind);
    switch ((enum jr_object_kind)object->kind) {
    case JR_OBJECT_CLOSURE: {
        const struct jr_closure *closure = (const struct jr_closure *)object;
        put(w, closure->function->index);
        put_value(w, closure->words, closure->function->code->capture_layout);
        put_state(w, closure->state, closure->function->index);
        break;
    }
    case JR_OBJECT_ARRAY: {
        const struct jr_array *array = (const struct jr_array *)object;
        put(w, array->length);
        for (uint64_t i = 0; i < array->length && w->status == JR_OK; i++)
            put_value(w, array->words + i * array->elem_words, object->layout);
        break;
    }
    case JR_OBJECT_CELL:
        put_value(w, ((const struct jr_cell *)object)->words, object->layout);
        break;
    case JR_OBJECT_BOX:
        put_value(w, ((const struct jr_box *)object)->words, object->layout);
        break;
    case JR_OBJECT_STRING:
        put_string(w, (const struct jr_string *)object);
        break;
    case JR_OBJECT_KIND_COUNT:
        break;
    }
}

static void put_roots(struct writer *w)
{
    const struct jr_vm *vm = w->vm;
    const struct jr_module *module = vm->module;
    uint64_t instances = 0;
    for (uint32_t i = 0; i < module->global_count; i++)
        put_value(w, vm->task.globals + module->globals[i].offset, module->globals[i].layout);
    for (uint32_t i = 0; i < module->function_count; i++)
        instances += vm->instances[i] != NULL;
    put(w, instances);
    for (uint32_t i = 0; i < module->function_count; i++)
        if (vm->instances[i] != NULL) {
            put(w, i);
            put_state(w, vm->instances[i]->state, i);
        }
    put(w, vm->schedule.count);
    for (size_t i = 0; i < vm->schedule.count; i++) {
        uint64_t word = (uint64_t)(uintptr_t)vm->schedule.items[i].closure;
        struct jr_word_type type = { JR_WORD_CLOSURE, 0 };
        put(w, vm->schedule.items[i].time);
        put(w, vm->schedule.items[i].sequence);
        if (write_reference(w, &word, type))
            put(w, word);
    }
}

enum jr_status jr_vm_save(struct jr_vm *vm, uint64_t key, struct jr_snapshot *out)
{
    struct jr_snapshot roots = { 0 };
    struct writer w = { .vm = vm, .out = &roots, .status = JR_OK };
    size_t first = out->count;
    put_roots(&w); /* which finds the first objects */
    w.out = out;
    put_room(&w, HEADER_WORDS);
    put(&w, jr_word(vm->config.sample_rate));
    put(&w, vm->frames);
    put(&w, vm->clock);
    put(&w, vm->schedule.sequence);
    put(&w, 0); /* objects: not known yet */
    for (size_t i = 0; i < w.objects.count && w.status == JR_OK; i++)
        put_object(&w, w.objects.items[i]);
    if (w.status == JR_OK) {
        uint64_t *room = put_room(&w, roots.count);
        if (room != NULL && roots.count > 0)
            memcpy(room, roots.items, roots.count * sizeof roots.items[0]);
    }
    if (w.status == JR_OK) {
        uint64_t *header = out->items + first;
        size_t count = out->count - first;
        header[HEADER_WORDS + 4] = w.objects.count;
        header[0] = magic;
        header[1] = key;
        header[2] = count;
        header[3] = jr_hash_bytes(0, header + HEADER_WORDS, (count - HEADER_WORDS) * sizeof header[0]);
    }
    JR_VEC_FREE(vm->alloc, &roots);
    JR_VEC_FREE(vm->alloc, &w.objects);
    jr_index_map_fini(vm->alloc, &w.known);
    return w.status;
}

/* ---- reading ---- */

struct reader {
    struct jr_vm *vm;
    uint64_t *at, *end;
    struct jr_object **objects;
    uint64_t object_count;
    enum jr_status status;
};

static bool refuse(struct reader *r, enum jr_status status)
{
    if (r->status == JR_OK)
        r->status = status;
    return false;
}

static bool take(struct reader *r, uint64_t *word)
{
    if (r->at == r->end)
        return refuse(r, JR_ERR_INVALID);
    *word = *r->at++;
    return true;
}

/* The next `count` words, or NULL. */
static uint64_t *take_words(struct reader *r, uint64_t count)
{
    uint64_t *words = r->at;
    if (count > (uint64_t)(r->end - r->at)) {
        refuse(r, JR_ERR_INVALID);
        return NULL;
    }
    r->at += count;
    return words;
}

static bool is_of_type(const struct jr_vm *vm, const struct jr_object *object, struct jr_word_type type)
{
    switch (type.kind) {
    case JR_WORD_CLOSURE:
        return object->kind == JR_OBJECT_CLOSURE &&
               ((const struct jr_closure *)object)->function->code->signature == type.arg;
    case JR_WORD_ARRAY:
        return object->kind == JR_OBJECT_ARRAY && object->layout == type.arg;
    case JR_WORD_STRING:
        return object->kind == JR_OBJECT_STRING;
    case JR_WORD_BOX:
        return object->kind == JR_OBJECT_BOX && object->layout == type.arg;
    case JR_WORD_CELL:
        return object->kind == JR_OBJECT_CELL && object->layout == type.arg;
    case JR_WORD_RAW:
    case JR_WORD_SUM:
    case JR_WORD_SUM_TAIL:
        break;
    }
    (void)vm;
    return false;
}

/* The object of a reference; NULL if it is none. */
static struct jr_object *find_object(struct reader *r, uint64_t word)
{
    const struct jr_module *module = r->vm->module;
    uint64_t index = word >> REFERENCE_BITS;
    struct jr_closure *instance;
    switch (word & ((1 << REFERENCE_BITS) - 1)) {
    case REFERENCE_OBJECT:
        return index < r->object_count ? r->objects[index] : NULL;
    case REFERENCE_CLOSURE: /* a closure with captures is never static */
        return index < module->function_count && module->functions[index].capture_words == 0
                   ? &r->vm->closures[index].head
                   : NULL;
    case REFERENCE_STRING:
        return index < module->string_count ? &r->vm->strings[index]->head : NULL;
    case REFERENCE_INSTANCE:
        if (index >= module->function_count || module->functions[index].capture_words > 0 ||
            module->functions[index].state_words == 0)
            return NULL;
        if (jr_vm_instance(r->vm, (uint32_t)index, &instance) != JR_RUN_OK) {
            refuse(r, r->vm->error.code);
            return NULL;
        }
        return &instance->head;
    }
    return NULL;
}

/* The reference becomes a pointer with a count of its own. */
static bool read_reference(void *context, uint64_t *word, struct jr_word_type type)
{
    struct reader *r = context;
    struct jr_object *object;
    if (*word == 0)
        return type.kind != JR_WORD_CELL || refuse(r, JR_ERR_INVALID);
    object = find_object(r, *word);
    if (object == NULL || !is_of_type(r->vm, object, type))
        return refuse(r, JR_ERR_INVALID);
    *word = (uint64_t)(uintptr_t)object;
    jr_retain(*word);
    return true;
}

/* Objects once as they are announced, to be made; then again, to be filled. */

static bool failed_to_make(struct reader *r, int run)
{
    if (run != JR_RUN_OK)
        refuse(r, r->vm->error.code);
    return run != JR_RUN_OK;
}

static struct jr_object *make_closure(struct reader *r, uint64_t layout)
{
    const struct jr_module *module = r->vm->module;
    uint64_t index, object = 0;
    if (!take(r, &index) || index >= module->function_count)
        return NULL;
    const struct jr_function *code = &module->functions[index];
    if (code->capture_layout != layout || code->capture_words + (uint64_t)code->state_words > (uint64_t)(r->end - r->at))
        return NULL;
    uint64_t *captures = take_words(r, code->capture_words);
    take_words(r, code->state_words);
    if (failed_to_make(r, jr_rt_closure_new(&r->vm->task, &object, captures, (uint32_t)index)))
        return NULL;
    struct jr_closure *closure = (struct jr_closure *)(uintptr_t)object;
    if (code->capture_words > 0)
        memset(closure->words, 0, code->capture_words * sizeof closure->words[0]);
    return &closure->head;
}

static struct jr_object *make_array(struct reader *r, uint64_t layout)
{
    uint32_t words = r->vm->module->layouts[layout].word_count;
    uint64_t length, object = 0;
    if (!take(r, &length) || (words > 0 ? length > (uint64_t)(r->end - r->at) / words : length > UINT32_MAX))
        return NULL;
    take_words(r, length * words);
    if (failed_to_make(r, jr_rt_array_zeros(&r->vm->task, &object, (uint32_t)layout, length)))
        return NULL;
    return (struct jr_object *)(uintptr_t)object;
}

static struct jr_object *make_cell_or_box(struct reader *r, uint64_t layout, bool cell)
{
    uint32_t count = r->vm->module->layouts[layout].word_count;
    uint64_t *words = take_words(r, count), object = 0;
    if (words == NULL ||
        failed_to_make(r, cell ? jr_rt_cell_new(&r->vm->task, &object, words, (uint32_t)layout)
                               : jr_rt_box_new(&r->vm->task, &object, words, (uint32_t)layout)))
        return NULL;
    uint64_t *content =
        cell ? ((struct jr_cell *)(uintptr_t)object)->words : ((struct jr_box *)(uintptr_t)object)->words;
    if (count > 0)
        memset(content, 0, count * sizeof content[0]);
    return (struct jr_object *)(uintptr_t)object;
}

static struct jr_object *make_string(struct reader *r)
{
    uint64_t size, object = 0, *bytes;
    if (!take(r, &size) || size / 8 > (uint64_t)(r->end - r->at))
        return NULL;
    bytes = take_words(r, (size + 7) / 8);
    if (bytes == NULL || failed_to_make(r, jr_rt_string_new(&r->vm->task, &object, (const char *)bytes, size)))
        return NULL;
    return (struct jr_object *)(uintptr_t)object;
}

static struct jr_object *make_object(struct reader *r)
{
    uint64_t head, layout;
    if (!take(r, &head))
        return NULL;
    layout = head >> 8;
    if ((head & 0xff) != JR_OBJECT_STRING && layout >= r->vm->module->layout_count)
        return NULL;
    switch (head & 0xff) {
    case JR_OBJECT_CLOSURE:
        return make_closure(r, layout);
    case JR_OBJECT_ARRAY:
        return make_array(r, layout);
    case JR_OBJECT_CELL:
    case JR_OBJECT_BOX:
        return make_cell_or_box(r, layout, (head & 0xff) == JR_OBJECT_CELL);
    case JR_OBJECT_STRING:
        return make_string(r);
    }
    return NULL;
}

/* A value at `to`, from the words.  What cannot be read leaves zeros, which release finds nothing in. */
static bool read_value(struct reader *r, uint64_t *to, uint32_t layout)
{
    uint32_t count = r->vm->module->layouts[layout].word_count;
    uint64_t *words = take_words(r, count);
    if (words == NULL || !walk(r->vm->module, layout, words, read_reference, r))
        return refuse(r, JR_ERR_INVALID);
    if (count > 0)
        memcpy(to, words, count * sizeof to[0]);
    return true;
}

/* A delay line's index says where the next sample goes: it has to lie inside. */
static bool delays_are_sound(const struct jr_module *module, const struct jr_function *code, const uint64_t *state)
{
    for (uint32_t s = 0; s < code->site_count; s++) {
        const struct jr_state_site *site = &code->sites[s];
        if (site->kind == JR_SITE_DELAY && state[site->offset + 1] >= (site->length > 0 ? site->length : 1))
            return false;
        if (site->kind == JR_SITE_CALL && !delays_are_sound(module, &module->functions[site->function], state + site->offset))
            return false;
    }
    return true;
}

static bool read_state(struct reader *r, uint64_t *to, uint32_t function)
{
    const struct jr_function *code = &r->vm->module->functions[function];
    uint64_t *words = take_words(r, code->state_words);
    if (words == NULL || !delays_are_sound(r->vm->module, code, words) ||
        !walk_state(r->vm, function, words, read_reference, r))
        return refuse(r, JR_ERR_INVALID);
    if (code->state_words > 0)
        memcpy(to, words, code->state_words * sizeof to[0]);
    return true;
}

static bool fill_object(struct reader *r, struct jr_object *object)
{
    r->at++; /* kind and layout */
    switch ((enum jr_object_kind)object->kind) {
    case JR_OBJECT_CLOSURE: {
        struct jr_closure *closure = (struct jr_closure *)object;
        r->at++;
        return read_value(r, closure->words, closure->function->code->capture_layout) &&
               read_state(r, closure->state, closure->function->index);
    }
    case JR_OBJECT_ARRAY: {
        struct jr_array *array = (struct jr_array *)object;
        r->at++;
        for (uint64_t i = 0; i < array->length && array->elem_words > 0; i++)
            if (!read_value(r, array->words + i * array->elem_words, object->layout))
                return false;
        return true;
    }
    case JR_OBJECT_CELL:
        return read_value(r, ((struct jr_cell *)object)->words, object->layout);
    case JR_OBJECT_BOX:
        return read_value(r, ((struct jr_box *)object)->words, object->layout);
    case JR_OBJECT_STRING:
        r->at += 1 + (((struct jr_string *)object)->size + 7) / 8;
        return true;
    case JR_OBJECT_KIND_COUNT:
        break;
    }
    return refuse(r, JR_ERR_INVALID);
}

static bool read_objects(struct reader *r)
{
    uint64_t *first = r->at;
    for (uint64_t i = 0; i < r->object_count; i++) {
        r->objects[i] = make_object(r);
        if (r->objects[i] == NULL)
            return refuse(r, JR_ERR_INVALID);
    }
    r->at = first;
    for (uint64_t i = 0; i < r->object_count; i++)
        if (!fill_object(r, r->objects[i]))
            return false;
    return true;
}

static bool read_tasks(struct reader *r)
{
    struct jr_vm *vm = r->vm;
    uint64_t count, time, sequence, word, last = vm->schedule.sequence;
    if (!take(r, &count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!take(r, &time) || !take(r, &sequence) || !take(r, &word))
            return false;
        struct jr_object *object = find_object(r, word);
        if (object == NULL || object->kind != JR_OBJECT_CLOSURE || sequence >= last || time < vm->frames)
            return refuse(r, JR_ERR_INVALID);
        const struct jr_function *code = ((struct jr_closure *)object)->function->code;
        if (code->param_words > 0 || code->result_words > 0)
            return refuse(r, JR_ERR_INVALID);
        vm->schedule.sequence = sequence;
        if (jr_schedule_add(&vm->task, &vm->schedule, time, (struct jr_closure *)object) != JR_RUN_OK)
            return refuse(r, vm->error.code);
        jr_retain((uint64_t)(uintptr_t)object);
    }
    vm->schedule.sequence = last;
    return true;
}

static bool read_roots(struct reader *r)
{
    struct jr_vm *vm = r->vm;
    const struct jr_module *module = vm->module;
    uint64_t instances, function;
    for (uint32_t i = 0; i < module->global_count; i++)
        if (!read_value(r, vm->task.globals + module->globals[i].offset, module->globals[i].layout))
            return false;
    if (!take(r, &instances))
        return false;
    for (uint64_t i = 0; i < instances; i++) {
        struct jr_closure *instance;
        if (!take(r, &function) || function >= module->function_count || module->functions[function].state_words == 0 ||
            module->functions[function].capture_words > 0)
            return refuse(r, JR_ERR_INVALID);
        if (failed_to_make(r, jr_vm_instance(vm, (uint32_t)function, &instance)))
            return false;
        jr_vm_drop_instance(vm, (uint32_t)function); /* should it come twice */
        if (!read_state(r, instance->state, (uint32_t)function))
            return false;
    }
    return read_tasks(r) && (r->at == r->end || refuse(r, JR_ERR_INVALID));
}

enum jr_status jr_vm_load(struct jr_vm *vm, uint64_t key, uint64_t *words, size_t count)
{
    struct reader r = { .vm = vm, .at = words + HEADER_WORDS, .end = words + count, .status = JR_OK };
    if (count < HEADER_WORDS + 5 || words[0] != magic || words[1] != key || words[2] != count ||
        words[3] != jr_hash_bytes(0, r.at, (count - HEADER_WORDS) * sizeof words[0]) ||
        r.at[0] != jr_word(vm->config.sample_rate))
        return JR_ERR_INVALID;
    vm->frames = r.at[1];
    vm->clock = r.at[2];
    vm->task.now = (double)vm->clock;
    vm->schedule.sequence = r.at[3];
    r.object_count = r.at[4];
    r.at += 5;
    if (r.object_count > (uint64_t)(r.end - r.at)) /* each has at least its head */
        return JR_ERR_INVALID;
    if (r.object_count > 0) {
        r.objects = jr_alloc_array(vm->alloc, r.object_count, sizeof r.objects[0]);
        if (r.objects == NULL)
            return JR_ERR_NO_MEMORY;
    }
    if (read_objects(&r) && !read_roots(&r))
        refuse(&r, JR_ERR_INVALID);
    for (uint64_t i = 0; i < r.object_count && r.status == JR_OK; i++)
        jr_release(&vm->task, (uint64_t)(uintptr_t)r.objects[i]);
    jr_alloc_free(vm->alloc, r.objects, r.object_count * sizeof r.objects[0]);
    return r.status;
}
