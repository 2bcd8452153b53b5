/* schedule.c -- a binary heap; equal times keep the order of asking through the sequence number. */
#include "runtime/schedule.h"

#include "ir/base/alloc.h"
#include "ir/base/assert.h"
#include "runtime/heap.h"
#include "runtime/rt.h"
#include "runtime/vm_state.h"

static bool earlier(const struct jr_scheduled *one, const struct jr_scheduled *other)
{
    return one->time != other->time ? one->time < other->time : one->sequence < other->sequence;
}

int jr_schedule_reserve(struct jr_task *task, struct jr_schedule *schedule, size_t capacity)
{
    const struct jr_alloc *alloc = task->heap->alloc;
    struct jr_scheduled *items;
    if (capacity <= schedule->capacity)
        return JR_RUN_OK;
    if (jr_heap_charge(task, (capacity - schedule->capacity) * sizeof items[0]) != JR_RUN_OK)
        return JR_RUN_ERROR;
    items = jr_alloc_resize(alloc, schedule->items, schedule->capacity * sizeof items[0],
                            capacity * sizeof items[0]);
    if (items == NULL) {
        jr_heap_discharge(task->heap, (capacity - schedule->capacity) * sizeof items[0]);
        return jr_rt_fail(task, JR_ERR_NO_MEMORY);
    }
    schedule->items = items, schedule->capacity = capacity;
    return JR_RUN_OK;
}

int jr_schedule_add(struct jr_task *task, struct jr_schedule *schedule, uint64_t time,
                    struct jr_closure *closure)
{
    struct jr_scheduled item = { time, schedule->sequence, closure };
    size_t hole = schedule->count;
    if (schedule->count == schedule->capacity &&
        jr_schedule_reserve(task, schedule, schedule->capacity ? 2 * schedule->capacity : 16) != JR_RUN_OK)
        return JR_RUN_ERROR;
    schedule->sequence++;
    schedule->count++;
    while (hole > 0 && earlier(&item, &schedule->items[(hole - 1) / 2])) {
        schedule->items[hole] = schedule->items[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    schedule->items[hole] = item;
    return JR_RUN_OK;
}

/* Puts `item` into the hole, or below it: what is earlier comes up. */
static void sift_down(struct jr_schedule *schedule, size_t hole, struct jr_scheduled item)
{
    for (;;) {
        size_t child = 2 * hole + 1;
        if (child >= schedule->count)
            break;
        if (child + 1 < schedule->count && earlier(&schedule->items[child + 1], &schedule->items[child]))
            child++;
        if (!earlier(&schedule->items[child], &item))
            break;
        schedule->items[hole] = schedule->items[child];
        hole = child;
    }
    schedule->items[hole] = item;
}

void jr_schedule_order(struct jr_schedule *schedule)
{
    for (size_t i = schedule->count / 2; i-- > 0;)
        sift_down(schedule, i, schedule->items[i]);
}

struct jr_closure *jr_schedule_take(struct jr_schedule *schedule)
{
    struct jr_closure *first;
    JR_ASSERT(schedule->count > 0, "something is scheduled");
    first = schedule->items[0].closure;
    if (--schedule->count > 0)
        sift_down(schedule, 0, schedule->items[schedule->count]);
    return first;
}

void jr_schedule_fini(struct jr_task *task, struct jr_schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        jr_heap_drop(task->heap, (uint64_t)(uintptr_t)schedule->items[i].closure);
    jr_heap_release_dead(task->heap);
    jr_heap_discharge(task->heap, schedule->capacity * sizeof schedule->items[0]);
    jr_alloc_free(task->heap->alloc, schedule->items, schedule->capacity * sizeof schedule->items[0]);
    *schedule = (struct jr_schedule){ 0 };
}

/* A time as an absolute frame: truncated; negative and NaN are frame 0. */
static uint64_t frame_of(double time)
{
    if (!(time >= 1.0))
        return 0;
    return time >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)time;
}

int jr_rt_schedule(struct jr_task *task, double time, uint64_t closure)
{
    struct jr_vm *vm = task->vm;
    struct jr_closure *object = (struct jr_closure *)(uintptr_t)closure;
    uint64_t frame = frame_of(time);
    if (object == NULL)
        return jr_rt_fail(task, JR_ERR_NULL_CLOSURE);
    if (frame <= vm->clock)
        return jr_error_raise(task, JR_ERR_SCHEDULE_PAST,
                              "a task is scheduled for frame %llu, which is not after the current frame %llu",
                              (unsigned long long)frame, (unsigned long long)vm->clock);
    if (jr_schedule_add(task, &vm->schedule, frame, object) != JR_RUN_OK)
        return JR_RUN_ERROR;
    jr_retain(closure);
    return JR_RUN_OK;
}
