/* schedule.h -- closures that wait for their frame: a heap ordered by time, then by when they were asked for. */
#ifndef JR_RUNTIME_SCHEDULE_H
#define JR_RUNTIME_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/object.h"
#include "runtime/task.h"

struct jr_scheduled {
    uint64_t time, sequence;
    struct jr_closure *closure; /* owns one count */
};

struct jr_schedule {
    struct jr_scheduled *items; /* items[0] is the next one */
    size_t count, capacity;
    uint64_t sequence;
};

/* Takes over one count of `closure`.  Fails, with task->error set, when there is no memory; the count is then still the caller's. */
int jr_schedule_add(struct jr_task *task, struct jr_schedule *schedule, uint64_t time,
                    struct jr_closure *closure);
/* Removes and gives the next one, whose count the caller owns now.  There must be one. */
struct jr_closure *jr_schedule_take(struct jr_schedule *schedule);
/* Room for `capacity` waiting closures.  Fails with task->error set. */
int jr_schedule_reserve(struct jr_task *task, struct jr_schedule *schedule, size_t capacity);
/* Makes a heap of items in any order. */
void jr_schedule_order(struct jr_schedule *schedule);
/* Drops every count; frees the memory. */
void jr_schedule_fini(struct jr_task *task, struct jr_schedule *schedule);

static inline bool jr_schedule_due(const struct jr_schedule *schedule, uint64_t time)
{
    return schedule->count && schedule->items[0].time <= time;
}

#endif
