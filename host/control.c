/* control.c -- the table of controls. */
#include "host/control.h"

#include <string.h>

#include "ir/base/alloc.h"
#include "runtime/ops.h"

struct jr_control *jr_controls_find(const struct jr_controls *controls, const char *name)
{
    for (size_t i = 0; i < controls->count; i++)
        if (strcmp(controls->items[i].name, name) == 0)
            return &controls->items[i];
    return NULL;
}

enum jr_status jr_controls_add(struct jr_controls *controls, const struct jr_alloc *alloc, const char *name,
                               double initial, uint32_t *index)
{
    struct jr_control *known = jr_controls_find(controls, name);
    if (known == NULL) {
        size_t size = strlen(name) + 1;
        if (controls->count == controls->capacity) {
            size_t capacity = controls->capacity == 0 ? 8 : controls->capacity * 2;
            struct jr_control *items = jr_alloc_array(alloc, capacity, sizeof *items);
            if (items == NULL)
                return JR_ERR_NO_MEMORY;
            for (size_t i = 0; i < controls->count; i++) {
                items[i].name = controls->items[i].name;
                items[i].initial = controls->items[i].initial;
                atomic_init(&items[i].value, atomic_load(&controls->items[i].value));
            }
            jr_alloc_free(alloc, controls->items, controls->capacity * sizeof *items);
            controls->items = items;
            controls->capacity = capacity;
        }
        known = &controls->items[controls->count];
        known->name = jr_alloc_new(alloc, size);
        if (known->name == NULL)
            return JR_ERR_NO_MEMORY;
        memcpy(known->name, name, size);
        known->initial = initial;
        atomic_init(&known->value, initial);
        controls->count++;
    }
    *index = (uint32_t)(known - controls->items);
    return JR_OK;
}

enum jr_status jr_controls_copy(struct jr_controls *to, const struct jr_controls *from,
                                const struct jr_alloc *alloc)
{
    enum jr_status status = JR_OK;
    uint32_t index;
    for (size_t i = 0; status == JR_OK && i < from->count; i++)
        status = jr_controls_add(to, alloc, from->items[i].name, from->items[i].initial, &index);
    return status;
}

void jr_controls_fini(struct jr_controls *controls, const struct jr_alloc *alloc)
{
    for (size_t i = 0; i < controls->count; i++)
        jr_alloc_free(alloc, controls->items[i].name, strlen(controls->items[i].name) + 1);
    jr_alloc_free(alloc, controls->items, controls->capacity * sizeof controls->items[0]);
    *controls = (struct jr_controls){ 0 };
}

static int get(struct jr_task *task, void *user, uint64_t *words)
{
    const struct jr_controls *controls = user;
    double index = jr_f64(words[0]);
    (void)task;
    words[0] = controls != NULL && index >= 0.0 && index < (double)controls->count
                   ? jr_word(atomic_load_explicit(&controls->items[(size_t)index].value, memory_order_relaxed))
                   : words[1];
    return JR_RUN_OK;
}

struct jr_host_function jr_control_function(struct jr_controls *controls)
{
    return (struct jr_host_function){ "control.get", "ww", "w", get, controls, true };
}
