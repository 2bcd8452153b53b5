/* test_live_quiet.c -- a hundred edits while a driver asks for blocks: every frame comes, and the audio side asks the system for nothing.
 *
 * This program's own malloc, free, locks and writes stand before the C library's and count what is done between the beginning and the end of a block. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "host/audio.h"
#include "host/live.h"
#include "host/sink.h"

static _Thread_local bool rendering;
static _Atomic unsigned allocations, frees, locks, writes;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

void *malloc(size_t size)
{
    allocations += rendering;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations += rendering;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    allocations += rendering;
    return __libc_realloc(block, size);
}

void free(void *block)
{
    frees += rendering;
    __libc_free(block);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*_Atomic real)(pthread_mutex_t *mutex);
    int (*lock)(pthread_mutex_t *mutex) = atomic_load(&real);
    locks += rendering;
    if (lock == NULL) {
        *(void **)&lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
        atomic_store(&real, lock);
    }
    return lock(mutex);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    static ssize_t (*_Atomic real)(int file, const void *bytes, size_t size);
    ssize_t (*put)(int file, const void *bytes, size_t size) = atomic_load(&real);
    writes += rendering;
    if (put == NULL) {
        *(void **)&put = dlsym(RTLD_NEXT, "write");
        atomic_store(&real, put);
    }
    return put(file, bytes, size);
}

static struct jr_live *live;
static uint64_t expected; /* the value of the next frame */
static unsigned wrong;

static void render(void *user, const double *in, double *out, size_t frames)
{
    (void)user;
    rendering = true;
    jr_live_process(live, in, out, frames);
    rendering = false;
    for (size_t i = 0; i < frames; i++, expected++)
        wrong += out[i] != (double)expected;
}

static void quiet(void *user, const char *line)
{
    (void)user, (void)line;
}

/* A counter that goes on through all edits, with a filter, a delay line, closures and a task around it that change. */
static void edit(unsigned version)
{
    char text[700];
    snprintf(text, sizeof text,
             "fn up(){ self + 1 }\nfn soft%u(x){ self * 0.5 + x * 0.5 }\n"
             "fn make(f){ |x| { soft%u(x) * f + delay(%u.0, x, 20.0) } }\n"
             "let bank = [make(1.0), make(2.0), make(%u.0)]\n"
             "let beats = 0.0\nfn beat(){ beats = beats + 1.0\n beat@(now + 480.0) }\nbeat@1.0\n"
             "fn dsp(){ let x = up()\n (bank[0](x) + bank[1](x) + bank[2](x) + beats) * 0.0 + x - 1.0 }\n",
             version % 5, version % 5, 50 + version % 7 * 100, version);
    ck_assert_int_eq(jr_live_prepare_text(live, JR_LANGUAGE_MIMIUM, "t.mmm", text, strlen(text)), JR_OK);
}

static void play_and_edit(enum jr_jit_mode mode, unsigned edits)
{
    struct jr_live_config config = { .session = { .line = quiet, .jit = { .mode = mode } }, .history = 3 };
    struct jr_audio_config audio_config = {
        .sample_rate = 48000, .output_channels = 1, .block_frames = 128, .render = render
    };
    struct jr_sink_config sink_config = { .channels = 1, .sample_rate = 48000 };
    struct jr_audio_stats stats;
    struct jr_live_event event;
    struct jr_sink sink;
    struct jr_audio *audio;
    char message[200];
    unsigned swaps = 0;
    expected = wrong = 0;
    allocations = frees = locks = writes = 0;
    ck_assert_int_eq(jr_live_create(&config, &live), JR_OK);
    edit(0);
    ck_assert(jr_sink_open(&sink, "null", &sink_config));
    audio = jr_audio_open_sink(&audio_config, &sink, true, UINT64_MAX, message, sizeof message);
    ck_assert_ptr_nonnull(audio);
    ck_assert(jr_audio_start(audio, message, sizeof message));
    for (unsigned i = 1; i <= edits; i++) {
        edit(i);
        for (unsigned seen = swaps; swaps == seen; usleep(1000))
            while (jr_live_collect(live, &event, NULL, NULL)) {
                ck_assert_int_eq(event.kind, JR_LIVE_SWAPPED);
                swaps++;
            }
        if (i % 10 == 0)
            ck_assert_int_eq(jr_live_undo(live), JR_OK);
    }
    jr_audio_stop(audio);
    jr_audio_get_stats(audio, &stats);
    jr_audio_close(audio);
    jr_sink_close(&sink);
    jr_live_destroy(live);
    ck_assert_uint_ge(swaps, edits);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(stats.frames, expected);
    ck_assert_msg(allocations == 0 && frees == 0 && locks == 0 && writes == 0,
                  "%u allocations, %u frees, %u locks, %u writes", allocations, frees, locks, writes);
}

START_TEST(a_hundred_edits_in_the_interpreter)
{
    play_and_edit(JR_JIT_OFF, 100);
}
END_TEST

START_TEST(a_hundred_edits_compiled_before_they_are_heard)
{
    play_and_edit(JR_JIT_EAGER, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live_quiet");
    TCase *cases = tcase_create("quiet");
    tcase_set_timeout(cases, 240);
    tcase_add_test(cases, a_hundred_edits_in_the_interpreter);
    tcase_add_test(cases, a_hundred_edits_compiled_before_they_are_heard);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
