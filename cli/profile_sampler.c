/* profile_sampler.c -- a timer, its signal's handler, and what that keeps.
 *
 * The handler walks the C stack with the compiler's unwinder; compiled code has unwind tables while it is profiled.  Where the interpreter's
 * loop is on it, the handler notes the words among which the loop's variables are, registers and its frame: the instruction pointer is
 * known by pointing into bytecode (host/profile.c finds it later), the newest frame record by pointing into the array of them.  It allocates nothing. */
#include "cli/profile_sampler.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

enum {
    MOST_WORDS = 1 << 23, /* of all samples: 64 MiB of address space, touched as it fills */
    MOST_OF_ONE = 4096,   /* words of one sample */
    MOST_FRAMES = 256,    /* of the C stack */
    MOST_CALLERS = 256,   /* of one activation of the interpreter */
    STACK_WORDS = 104,    /* of the loop's frame: all of it, as gcc 12 lays it out */
};

/* What the handler reads and writes; the thread that it interrupts does neither meanwhile. */
static struct {
    struct jr_profile_view view;
    uint64_t *words;
    size_t count;
    unsigned long lost;
    timer_t timer;
    int64_t ran; /* processor time of the thread at the last signal, ns */
    volatile sig_atomic_t on;
} sampler;

struct walk {
    uint64_t interrupted; /* the address of the instruction */
    bool inside;          /* past the handler's own frames */
    bool full;
    unsigned frames;
    size_t end;           /* of the sample so far */
};

static void put(struct walk *walk, uint64_t word)
{
    if (walk->end - sampler.count >= MOST_OF_ONE || walk->end == MOST_WORDS) {
        walk->full = true;
        return;
    }
    sampler.words[walk->end++] = word;
}

#if defined __x86_64__
static uint64_t interrupted_at(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

/* Registers that calls keep: in them the loop has its variables. */
static const int kept[] = { 3, 6, 12, 13, 14, 15 }; /* rbx, rbp, r12 to r15 */
#elif defined __aarch64__
static uint64_t interrupted_at(const ucontext_t *context)
{
    return context->uc_mcontext.pc;
}

static const int kept[] = { 19, 20, 21, 22, 23, 24, 25, 26, 27, 28 };
#else
#error "which registers calls keep has to be said for this processor"
#endif
enum { KEPT_COUNT = sizeof kept / sizeof kept[0] };

/* Another frame's memory, with whatever a sanitizer has put between its variables. */
__attribute__((no_sanitize("address"))) static void copy_frame(uint64_t *words, const volatile uint64_t *frame)
{
    for (int i = 0; i < STACK_WORDS; i++)
        words[i] = frame[i];
}

static void note_interpreter(struct walk *walk, struct _Unwind_Context *frame)
{
    const struct jr_profile_view *view = &sampler.view;
    uint64_t words[JR_PROFILE_CANDIDATES], newest = view->records_end, oldest = 0;
    unsigned count = 0;
    for (; count < KEPT_COUNT; count++)
        words[count] = _Unwind_GetGR(frame, kept[count]);
    const uint64_t *stack = (const uint64_t *)_Unwind_GetCFA(frame);
    copy_frame(words + count, stack);
    count += STACK_WORDS;
    put(walk, JR_PROFILE_INTERPRETED);
    put(walk, count);
    for (unsigned i = 0; i < count; i++) {
        put(walk, words[i]);
        if (words[i] <= view->records || words[i] >= view->records_end || (words[i] - view->records) % view->record_bytes != 0)
            continue;
        newest = words[i] < newest ? words[i] : newest;
        oldest = words[i] > oldest ? words[i] : oldest;
    }
    uint64_t callers = newest < oldest ? (oldest - newest) / view->record_bytes : 0;
    callers = callers < MOST_CALLERS ? callers : MOST_CALLERS;
    put(walk, newest);
    put(walk, callers);
    for (uint64_t i = 0; i < callers; i++)
        put(walk, *(const uint64_t *)(uintptr_t)(newest + i * view->record_bytes));
}

static _Unwind_Reason_Code step(struct _Unwind_Context *frame, void *argument)
{
    struct walk *walk = argument;
    uint64_t address = _Unwind_GetIP(frame);
    walk->inside = walk->inside || address == walk->interrupted;
    if (!walk->inside)
        return _URC_NO_REASON;
    if ((uint64_t)(uintptr_t)_Unwind_FindEnclosingFunction((void *)(uintptr_t)(address - (walk->frames > 0))) ==
        sampler.view.interpreter) {
        note_interpreter(walk, frame);
    } else {
        put(walk, JR_PROFILE_CODE);
        put(walk, address);
    }
    walk->frames++;
    return walk->full || walk->frames == MOST_FRAMES ? _URC_END_OF_STACK : _URC_NO_REASON;
}

/* Whether the thread has run since the last time, rather than waited for something. */
static bool has_run(void)
{
    enum { LEAST_NANOSECONDS = 1000000000 / JR_SAMPLES_PER_SECOND / 10 };
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    int64_t now = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec, ran = now - sampler.ran;
    sampler.ran = now;
    return ran >= LEAST_NANOSECONDS;
}

static void on_time(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    struct walk walk = { .interrupted = interrupted_at(context), .end = sampler.count + 1 };
    (void)number;
    (void)info;
    if (!sampler.on || !has_run())
        return;
    if (sampler.count + MOST_OF_ONE >= MOST_WORDS) {
        sampler.lost++;
    } else {
        _Unwind_Backtrace(step, &walk);
        if (walk.full) {
            sampler.lost++;
        } else {
            sampler.words[sampler.count] = walk.end - sampler.count - 1;
            sampler.count = walk.end;
        }
    }
    errno = saved;
}

static _Unwind_Reason_Code no_step(struct _Unwind_Context *frame, void *argument)
{
    (void)frame;
    (void)argument;
    return _URC_END_OF_STACK;
}

bool jr_sampler_start(const struct jr_profile_view *view)
{
    struct sigaction action = { .sa_sigaction = on_time, .sa_flags = SA_SIGINFO | SA_RESTART };
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF };
    struct itimerspec interval = { .it_interval.tv_nsec = 1000000000 / JR_SAMPLES_PER_SECOND };
    interval.it_value = interval.it_interval;
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    sampler.view = *view;
    sampler.count = 0;
    sampler.lost = 0;
    sampler.words = mmap(NULL, MOST_WORDS * sizeof sampler.words[0], PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (sampler.words == MAP_FAILED)
        return false;
    _Unwind_Backtrace(no_step, NULL); /* its first call may load and allocate */
    sampler.on = 1;
    if (sigaction(SIGPROF, &action, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &event, &sampler.timer) == 0) {
        if (timer_settime(sampler.timer, 0, &interval, NULL) == 0)
            return true;
        timer_delete(sampler.timer);
    }
    sampler.on = 0;
    munmap(sampler.words, MOST_WORDS * sizeof sampler.words[0]);
    return false;
}

void jr_sampler_stop(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    timer_delete(sampler.timer);
    sampler.on = 0;
    sigaction(SIGPROF, &ignore, NULL); /* one may be under way */
}

enum jr_status jr_sampler_give(struct jr_profile *profile, unsigned long *lost)
{
    enum jr_status status = JR_OK;
    for (size_t i = 0; status == JR_OK && i < sampler.count; i += sampler.words[i] + 1)
        status = jr_profile_add_sample(profile, sampler.words + i + 1, (size_t)sampler.words[i]);
    munmap(sampler.words, MOST_WORDS * sizeof sampler.words[0]);
    sampler.words = NULL;
    *lost = sampler.lost;
    return status;
}
