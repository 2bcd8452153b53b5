/* test_threads.c -- what may come from other threads: instances side by side, interrupt, controls, probes, new versions. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "tests/api/fixture.h"

static const enum jitrun_jit modes[] = { JITRUN_JIT_OFF, JITRUN_JIT_EAGER };
enum { MODE_COUNT = sizeof modes / sizeof modes[0], FRAMES = 4000 };

static const char script[] = "fn osc(f){ let p = (self + f / samplerate) % 1\n p }\nlet g = |x| self * 0.5 + x\n"
                             "fn dsp(){ Probe!(\"p\")(g(osc(440) + [1, 2, 3][1])) * Control!(\"c\", 1) }\n";

struct render {
    struct jitrun_program *program;
    enum jitrun_jit jit;
    double out[FRAMES];
};

static void *render(void *argument)
{
    struct render *r = argument;
    struct jitrun_instance *instance = start(r->program, r->jit);
    for (int f = 0; f < FRAMES; f += 100)
        ck_assert_int_eq(jitrun_process(instance, NULL, r->out + f, 100), JITRUN_OK);
    jitrun_instance_destroy(instance);
    return NULL;
}

START_TEST(two_instances_run_at_once)
{
    static struct render renders[2];
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, script);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        renders[i].program = program;
        renders[i].jit = i == 0 ? modes[_i] : JITRUN_JIT_AUTO;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, render, &renders[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_mem_eq(renders[0].out, renders[1].out, sizeof renders[0].out);
    jitrun_program_destroy(program);
    jitrun_engine_destroy(engine);
}
END_TEST

static void *interrupt_soon(void *argument)
{
    struct timespec pause = { 0, 50 * 1000 * 1000 };
    nanosleep(&pause, NULL);
    jitrun_instance_interrupt(argument);
    return NULL;
}

START_TEST(an_endless_loop_is_interrupted)
{
    struct jitrun_instance *instance =
        run("fn loop(n){ if (n > 0) loop(n + 1) else 0 }\nfn dsp(){ if (now > 2) loop(1) else now }\n", modes[_i]);
    pthread_t thread;
    double out[8];
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, instance), 0);
    ck_assert_int_eq(jitrun_process(instance, NULL, out, 8), JITRUN_ERR_INTERRUPTED);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(jitrun_instance_frame(instance), 3);
    jitrun_instance_interrupt(instance); /* or the next one */
    ck_assert_int_eq(jitrun_process(instance, NULL, out, 1), JITRUN_ERR_INTERRUPTED);
    jitrun_instance_destroy(instance);
}
END_TEST

struct player {
    struct jitrun_instance *instance;
    _Atomic(struct jitrun_swap *) ready, done; /* to the player, and back */
    atomic_bool stop;
    double last;
};

static void *play(void *argument)
{
    struct player *player = argument;
    double out[64];
    while (!atomic_load(&player->stop)) {
        struct jitrun_swap *swap = atomic_exchange(&player->ready, NULL);
        if (swap != NULL) {
            ck_assert_int_eq(jitrun_swap_commit(swap), JITRUN_OK);
            atomic_store(&player->done, swap);
        }
        ck_assert_int_eq(jitrun_process(player->instance, NULL, out, 64), JITRUN_OK);
        player->last = out[63];
    }
    return NULL;
}

/* One thread plays, this one edits, sets and looks. */
START_TEST(versions_change_while_it_plays)
{
    static struct player player;
    struct jitrun_engine *engine = new_engine();
    struct jitrun_program *program = compile(engine, script), *other = compile(engine, "fn dsp(){ Control!(\"c\", 1) }\n");
    pthread_t thread;
    double values[8];
    memset(&player, 0, sizeof player);
    player.instance = start(program, modes[_i]);
    ck_assert_int_eq(pthread_create(&thread, NULL, play, &player), 0);
    for (int i = 0; i < 12; i++) {
        struct jitrun_swap *swap, *done = NULL;
        struct timespec pause = { 0, 1000 * 1000 };
        ck_assert_int_eq(jitrun_swap_prepare(player.instance, i % 2 == 0 ? other : program, &swap), JITRUN_OK);
        atomic_store(&player.ready, swap);
        while ((done = atomic_exchange(&player.done, NULL)) == NULL) {
            ck_assert_int_eq(jitrun_set_control(player.instance, "c", i), JITRUN_OK);
            jitrun_read_probe(player.instance, "p", values, 8, NULL);
            nanosleep(&pause, NULL);
        }
        double value;
        jitrun_swap_collect(done);
        ck_assert_int_eq(jitrun_set_control(player.instance, "c", i), JITRUN_OK);
        ck_assert_int_eq(jitrun_get_control(player.instance, "c", &value), JITRUN_OK);
        ck_assert_double_eq(value, i);
    }
    atomic_store(&player.stop, true);
    pthread_join(thread, NULL);
    jitrun_instance_destroy(player.instance);
    jitrun_program_destroy(program);
    jitrun_program_destroy(other);
    jitrun_engine_destroy(engine);
}
END_TEST

Suite *threads_suite(void)
{
    Suite *suite = suite_create("threads");
    TCase *tc = tcase_create("threads");
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_add_loop_test(tc, two_instances_run_at_once, 0, MODE_COUNT);
    tcase_add_loop_test(tc, an_endless_loop_is_interrupted, 0, MODE_COUNT);
    tcase_add_loop_test(tc, versions_change_while_it_plays, 0, MODE_COUNT);
    suite_add_tcase(suite, tc);
    return suite;
}
