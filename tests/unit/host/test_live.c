/* test_live.c -- versions of a program taking over from each other. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "host/live.h"
#include "ir/base/alloc.h"
#include "ir/base/sb.h"
#include "runtime/vm.h"

/* Counts live bytes, and refuses one allocation; any thread. */
static _Atomic size_t live_bytes, calls, fail_at;

static void *counted_realloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    if (new_size > 0 && atomic_fetch_add(&calls, 1) + 1 == atomic_load(&fail_at))
        return NULL;
    atomic_fetch_add(&live_bytes, new_size - old_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static const struct jr_alloc counting = { counted_realloc, NULL };

static struct jr_live *live;

static void quiet(void *user, const char *line)
{
    (void)user, (void)line;
}

static void begin(const struct jr_live_config *given)
{
    struct jr_live_config config = *given;
    atomic_store(&live_bytes, 0);
    config.session.alloc = &counting;
    config.session.line = quiet;
    ck_assert_int_eq(jr_live_create(&config, &live), JR_OK);
}

static void end(void)
{
    jr_live_destroy(live);
    ck_assert_uint_eq(atomic_load(&live_bytes), 0);
}

static enum jr_status edit(const char *text)
{
    return jr_live_prepare_text(live, JR_LANGUAGE_MIMIUM, "t.mmm", text, strlen(text));
}

static void must_edit(const char *text)
{
    enum jr_status status = edit(text);
    if (status != JR_OK) {
        struct jr_sb why;
        jr_sb_init(&why, jr_alloc_default());
        jr_session_report(jr_live_edited(live), false, false, &why);
        ck_abort_msg("%s %s", jr_sb_view(&why), jr_session_failure(jr_live_edited(live)));
    }
}

static double next(void)
{
    double sample;
    jr_live_process(live, NULL, &sample, 1);
    return sample;
}

static void skip(size_t frames)
{
    jr_live_process(live, NULL, NULL, frames);
}

/* The line about the next swap. */
static const char *told(void)
{
    static char line[500];
    struct jr_live_event event;
    struct jr_sb text;
    line[0] = '\0';
    jr_sb_init(&text, jr_alloc_default());
    if (jr_live_collect(live, &event, &text, NULL))
        snprintf(line, sizeof line, "%s", jr_sb_view(&text));
    jr_sb_fini(&text);
    return line;
}

static const struct jr_live_config plain = { .history = 4 };

START_TEST(a_counter_goes_on_when_something_else_is_edited)
{
    begin(&plain);
    must_edit("fn up(){ self + 1 }\nfn dsp(){ up() }\n");
    for (int i = 1; i <= 5; i++)
        ck_assert_double_eq(next(), i);
    ck_assert_str_eq(told(), "");
    must_edit("fn up(){ self + 1 }\nfn down(){ self - 1 }\nfn dsp(){ down() * 0.0 + up() * 10.0 }\n");
    ck_assert_double_eq(next(), 60.0);
    ck_assert_str_eq(told(), "1 kept, 1 new (dsp.down)");
    ck_assert_str_eq(told(), "");
    end();
}
END_TEST

START_TEST(a_broken_edit_leaves_the_old_sounding)
{
    begin(&plain);
    ck_assert_double_eq((skip(3), jr_live_channels(live)), 0);
    must_edit("fn up(){ self + 1 }\nfn dsp(){ up() }\n");
    ck_assert_double_eq(next(), 1.0);
    ck_assert_int_eq(edit("fn dsp(){ up( }\n"), JR_ERR_DIAGNOSED);
    ck_assert_uint_gt(jr_session_problem_count(jr_live_edited(live)), 0);
    ck_assert_double_eq(next(), 2.0);
    must_edit("fn up(){ self + 2 }\nfn dsp(){ up() }\n");
    ck_assert_double_eq(next(), 4.0);
    ck_assert_uint_eq(jr_live_frame(live), 6);
    end();
}
END_TEST

START_TEST(the_state_of_closures_and_what_they_assign_goes_on)
{
    static const char old[] = "fn up(){ self + 1 }\n"
                              "fn make(step){ let n = 100.0\n |x| { n = n + step\n up() + n } }\n"
                              "let a = make(10.0)\nlet b = [make(1.0), make(2.0)]\nlet count = 0.0\n"
                              "fn dsp(){ count = count + 0.5\n a(0.0) + b[0](0.0) + b[1](0.0) + count }\n";
    static const char new[] =
        "fn up(){ self + 1 }\n"
        "fn make(step){ let n = 100.0\n |x| { n = n + step\n up() + n } }\n"
        "let more = 1000.0\n"
        "let b = [make(1.0), make(2.0)]\nlet count = 0.0\nlet a = make(10.0)\n"
        "fn dsp(){ count = count + 0.5\n a(0.0) + b[0](0.0) + b[1](0.0) + count + more }\n";
    begin(&plain);
    must_edit(old);
    for (int i = 1; i <= 4; i++)
        ck_assert_double_eq(next(), 300.0 + i * (10 + 1 + 2) + 3 * i + 0.5 * i);
    must_edit(new);
    for (int i = 5; i <= 8; i++)
        ck_assert_double_eq(next(), 1300.0 + i * (10 + 1 + 2) + 3 * i + 0.5 * i);
    skip(0);
    told();
    ck_assert_str_eq(told(), "7 kept");
    end();
}
END_TEST

START_TEST(an_edited_definition_counts)
{
    begin(&plain);
    must_edit("let n = 10.0\nlet m = 1.0\nfn dsp(){ n = n + 1.0\n m = m + 1.0\n n * 1000.0 + m }\n");
    ck_assert_double_eq(next(), 11002.0);
    must_edit("let n = 20.0\nlet m = 1.0\nfn dsp(){ n = n + 1.0\n m = m + 1.0\n n * 1000.0 + m }\n");
    ck_assert_double_eq(next(), 21003.0);
    told();
    ck_assert_str_eq(told(), "1 kept, 1 reset (n)");
    end();
}
END_TEST

/* A line of another length: what came in last is still there. */
START_TEST(a_delay_keeps_its_newest_samples)
{
    static const int lengths[][2] = { { 8, 20 }, { 20, 8 }, { 8, 8 }, { 1, 5 }, { 5, 1 } };
    char text[200];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        for (int before = 1; before < 25; before += 3) {
            int old = lengths[i][0], new = lengths[i][1], least = old < new ? old : new;
            begin(&plain);
            snprintf(text, sizeof text, "fn dsp(){ delay(%d.0, now + 1.0, %d.0) }\n", old, least - 1);
            must_edit(text);
            skip((size_t)before);
            snprintf(text, sizeof text, "fn dsp(){ delay(%d.0, now + 1.0, %d.0) }\n", new, least - 1);
            must_edit(text);
            for (int n = before; n < before + 30; n++) {
                /* a time of 0 is that of the whole line, which is older than what the shorter one had */
                int age = least > 1 ? least - 1 : new;
                double expected = n + 1 - age > 0 ? n + 1 - age : 0.0;
                if (n - age < before - least)
                    expected = 0.0;
                ck_assert_double_eq(next(), expected);
            }
            end();
        }
    }
}
END_TEST

static const char bumping[] =
    "let n = 0.0\nfn bump(){ n = n + 1.0\n bump@(now + 10.0) }\nbump@3.0\nfn dsp(){ n }\n";

START_TEST(waiting_tasks_go_on)
{
    begin(&plain);
    must_edit(bumping);
    for (int i = 0; i < 7; i++)
        ck_assert_double_eq(next(), i < 3 ? 0.0 : 1.0);
    /* the same with something new: the next bump is due at 13, not at 7 + 3 */
    must_edit("let n = 0.0\nlet k = 100.0\nfn bump(){ n = n + 1.0\n bump@(now + 10.0) }\nbump@3.0\nfn dsp(){ "
              "n + k }\n");
    for (int i = 7; i < 30; i++)
        ck_assert_double_eq(next(), 100.0 + (i < 13 ? 1.0 : i < 23 ? 2.0 : 3.0));
    told();
    ck_assert_str_eq(told(), "1 kept; 1 task goes on");
    /* another function: the old task is dropped, the new one is relative to now */
    must_edit("let n = 0.0\nfn fall(){ n = n - 1.0\n fall@(now + 10.0) }\nfall@3.0\nfn dsp(){ n }\n");
    for (int i = 30; i < 50; i++)
        ck_assert_double_eq(next(), i < 33 ? 3.0 : i < 43 ? 2.0 : 1.0);
    ck_assert_str_eq(told(), "1 kept; 1 task dropped");
    end();
}
END_TEST

START_TEST(a_closure_that_waits_goes_on_with_its_state)
{
    static const char text[] =
        "let out = 0.0\nfn up(){ self + 1.0 }\n"
        "fn player(period){ letrec tick = | | { out = up()\n tick@(now + period) }\n tick }\n"
        "let p = player(4.0)\np@1.0\nfn dsp(){ out%s }\n";
    char script[400];
    begin(&plain);
    snprintf(script, sizeof script, text, "");
    must_edit(script);
    for (int i = 0; i < 7; i++)
        ck_assert_double_eq(next(), i < 1 ? 0.0 : i < 5 ? 1.0 : 2.0);
    snprintf(script, sizeof script, text, " * 10.0");
    must_edit(script);
    for (int i = 7; i < 20; i++)
        ck_assert_double_eq(next(), 10.0 * (i < 9 ? 2.0 : i < 13 ? 3.0 : i < 17 ? 4.0 : 5.0));
    end();
}
END_TEST

START_TEST(undo_and_redo_go_back_and_forth_with_the_state)
{
    begin(&plain);
    must_edit("fn up(){ self + 1 }\nfn dsp(){ up() }\n");
    ck_assert_double_eq((skip(9), next()), 10.0);
    ck_assert(!jr_live_can_undo(live));
    /* the counter goes, another comes */
    must_edit(
        "fn up(){ self + 1 }\nfn down(){ self - 1 }\nfn other(){ self - 5 }\nfn dsp(){ down() + other() }\n");
    ck_assert_double_eq((skip(1), next()), -2.0 - 10.0);
    told(), told();
    ck_assert_int_eq(jr_live_undo(live), JR_OK);
    ck_assert_double_eq(next(), 11.0);
    told();
    ck_assert_int_eq(jr_live_undo(live), JR_ERR_NOT_FOUND);
    ck_assert_int_eq(jr_live_redo(live), JR_OK);
    ck_assert_double_eq(next(), -3.0 - 15.0);
    ck_assert_int_eq(jr_live_redo(live), JR_ERR_NOT_FOUND);
    /* an edit that was not heard is undone by not offering it */
    must_edit("fn dsp(){ 77.0 }\n");
    ck_assert_int_eq(jr_live_undo(live), JR_OK);
    ck_assert_double_eq(next(), -4.0 - 20.0);
    end();
}
END_TEST

START_TEST(mono_is_heard_on_both_sides)
{
    double frame[2] = { 0 };
    begin(&(struct jr_live_config){ .least_channels = 2 });
    must_edit("fn dsp(){ 0.5 }\n");
    ck_assert_uint_eq(jr_live_channels(live), 2);
    jr_live_process(live, NULL, frame, 1);
    ck_assert(frame[0] == 0.5 && frame[1] == 0.5);
    must_edit("fn dsp(){ (0.25, 0.75, 1.0) }\n");
    jr_live_process(live, NULL, frame, 1);
    ck_assert(frame[0] == 0.25 && frame[1] == 0.75);
    end();
}
END_TEST

START_TEST(programs_hear_the_inputs_that_they_want)
{
    static const double in[] = { 1.0, 2.0 };
    double out = 0.0;
    begin(&(struct jr_live_config){ .input_channels = 2 });
    must_edit("fn dsp(x:float){ x * 10.0 }\n"); /* the left one */
    jr_live_process(live, in, &out, 1);
    ck_assert_double_eq(out, 10.0);
    must_edit("fn dsp(x:(float, float)){ let (a, b) = x\n a + b * 100.0 }\n");
    jr_live_process(live, in, &out, 1);
    ck_assert_double_eq(out, 201.0);
    jr_live_process(live, NULL, &out, 1);
    ck_assert_double_eq(out, 0.0);
    end();
}
END_TEST

START_TEST(versions_are_faded)
{
    begin(&(struct jr_live_config){ .history = 1, .fade_frames = 3 });
    must_edit("fn dsp(){ 4.0 }\n");
    ck_assert_double_eq(next(), 4.0);
    must_edit("fn dsp(){ (8.0, 8.0) }\n");
    ck_assert_double_eq(next(), 5.0);
    ck_assert_double_eq(next(), 6.0);
    must_edit("fn dsp(){ 0.0 }\n"); /* has to wait */
    ck_assert_double_eq(next(), 7.0);
    ck_assert_double_eq(next(), 6.0);
    ck_assert_double_eq(next(), 4.0);
    ck_assert_double_eq((skip(1), next()), 0.0);
    end();
}
END_TEST

START_TEST(an_error_in_dsp_is_silence_until_the_next_edit)
{
    struct jr_live_event event;
    struct jr_sb text;
    begin(&plain);
    must_edit("fn up(){ self + 1.0 }\nfn dsp(){ let (a, b) = split_head([1.0])\n"
              "let (c, d) = if (now > 4.5) split_head(b) else (0.0, b)\n up() + c }\n");
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq(next(), i + 1);
    ck_assert_double_eq(next(), 0.0);
    ck_assert_double_eq(next(), 0.0);
    told();
    jr_sb_init(&text, jr_alloc_default());
    ck_assert(jr_live_collect(live, &event, &text, NULL));
    ck_assert_int_eq(event.kind, JR_LIVE_FAILED);
    ck_assert_uint_eq(event.frame, 5);
    ck_assert_ptr_nonnull(strstr(jr_sb_view(&text), "empty"));
    ck_assert(!jr_live_collect(live, &event, &text, NULL));
    jr_sb_fini(&text);
    must_edit("fn up(){ self + 1.0 }\nfn dsp(){ up() + now * 100.0 }\n");
    ck_assert_double_eq(next(), 706.0);
    end();
}
END_TEST

START_TEST(controls_that_were_set_stay)
{
    begin(&plain);
    must_edit("fn dsp(){ Control!(\"a\", 1.0) + Control!(\"b\", 10.0) }\n");
    ck_assert_double_eq(next(), 11.0);
    ck_assert_int_eq(jr_live_set_control(live, "a", 5.0), JR_OK);
    ck_assert_int_eq(jr_live_set_control(live, "c", 5.0), JR_ERR_NOT_FOUND);
    ck_assert_double_eq(next(), 15.0);
    must_edit("fn dsp(){ Control!(\"b\", 20.0) + Control!(\"a\", 2.0) }\n");
    ck_assert_double_eq(next(), 25.0);
    end();
}
END_TEST

START_TEST(memory_is_flat)
{
    char text[300];
    size_t after_some = 0;
    begin(&(struct jr_live_config){ .history = 3 });
    for (int i = 0; i < 400; i++) {
        snprintf(text, sizeof text,
                 "fn up(){ self + 1 }\nfn make(k){ |x| { up() + k } }\nlet v = make(%d.0)\nfn bump(){ "
                 "bump@(now + 3.0) }\nbump@1.0\n"
                 "fn dsp(){ v(0.0) - %d.0 + delay(64.0, up(), 3.0) * 0.0 }\n",
                 i % 2, i % 2);
        must_edit(text);
        ck_assert_double_eq(next(), i * 10 + 1);
        skip(9);
        told();
        ck_assert_uint_le(jr_live_version_count(live), 5);
        if (i == 50)
            after_some = atomic_load(&live_bytes);
        if (i % 50 == 0 && i > 50)
            ck_assert_uint_le(atomic_load(&live_bytes), after_some + 4096);
    }
    for (int i = 0; i < 200; i++) { /* and back and forth */
        ck_assert_int_eq(i % 2 ? jr_live_redo(live) : jr_live_undo(live), JR_OK);
        ck_assert_double_eq(next(), 4000 + i * 10 + 1);
        skip(9);
        told();
    }
    ck_assert_uint_le(atomic_load(&live_bytes), after_some + 8192);
    end();
}
END_TEST

/* Wherever memory ends, there is a status, nothing leaks, and what sounded before goes on. */
static bool swap_with_failure(size_t at)
{
    static const char *const texts[] = {
        "fn up(){ self + 1 }\nfn make(k){ let n = 0.0\n |x| { n = n + 1.0\n up() + k } }\nlet v = "
        "make(0.0)\nlet g = 0.0\n"
        "fn bump(){ g = g + 1.0\n bump@(now + 3.0) }\nbump@1.0\nfn dsp(){ v(0.0) + Control!(\"c\", 0.0) + g "
        "* 0.0 }\n",
        "fn up(){ self + 1 }\nfn two(){ up() + up() }\nfn make(k){ let n = 0.0\n |x| { n = n + 1.0\n up() + "
        "k } }\n"
        "let v = make(0.0)\nlet w = [make(1.0)]\nlet g = 0.0\nfn bump(){ g = g + 1.0\n bump@(now + 3.0) "
        "}\nbump@1.0\n"
        "fn dsp(){ v(0.0) + w[0](0.0) * 0.0 + two() * 0.0 + Control!(\"c\", 0.0) + g * 0.0 }\n",
    };
    struct jr_live_config config = { .session = { .alloc = &counting, .line = quiet }, .history = 2 };
    struct jr_live_event event;
    struct jr_sb text, details;
    double before = 0.0;
    atomic_store(&live_bytes, 0);
    atomic_store(&calls, 0);
    atomic_store(&fail_at, at);
    jr_sb_init(&text, &counting);
    jr_sb_init(&details, &counting);
    if (jr_live_create(&config, &live) == JR_OK) {
        for (int step = 0; step < 6; step++) {
            enum jr_status status = step == 3   ? jr_live_undo(live)
                                    : step == 4 ? jr_live_redo(live)
                                                : edit(texts[step % 2]);
            ck_assert_msg(status == JR_OK || status == JR_ERR_NO_MEMORY || status == JR_ERR_DIAGNOSED ||
                              status == JR_ERR_NOT_FOUND,
                          "step %d with allocation %zu failing: %s", step, at, jr_status_name(status));
            for (int i = 0; i < 5 && jr_live_channels(live) == 1; i++) {
                double sample = next();
                ck_assert(sample == before + 1.0);
                before = sample;
            }
            while (jr_live_collect(live, &event, &text, &details)) {
            }
        }
    }
    jr_live_destroy(live);
    jr_sb_fini(&text);
    jr_sb_fini(&details);
    ck_assert_msg(atomic_load(&live_bytes) == 0, "allocation %zu failing leaks %zu bytes", at,
                  atomic_load(&live_bytes));
    return atomic_load(&calls) >= at; /* else nothing failed */
}

START_TEST(memory_may_end_anywhere)
{
    size_t at = 1;
    while (swap_with_failure(at))
        at += at < 50 ? 1 : 3;
    ck_assert_uint_gt(at, 200);
    atomic_store(&fail_at, 0);
}
END_TEST

/* ---- two threads ---- */

static atomic_bool stop;

static void *listen(void *failures)
{
    double block[64], before = 0.0;
    while (!atomic_load(&stop)) {
        jr_live_process(live, NULL, block, 64);
        for (int i = 0; i < 64; i++) {
            if (block[i] != before + 1.0 && before > 0.0)
                ++*(size_t *)failures;
            before = block[i];
        }
    }
    return NULL;
}

START_TEST(an_editor_and_a_listener)
{
    char text[200];
    size_t failures = 0, swaps = 0;
    pthread_t thread;
    begin(&plain);
    atomic_store(&stop, false);
    must_edit("fn up(){ self + 1 }\nfn dsp(){ up() }\n");
    ck_assert_int_eq(pthread_create(&thread, NULL, listen, &failures), 0);
    for (int i = 0; i < 60; i++) {
        struct jr_live_event event;
        snprintf(text, sizeof text,
                 "fn up(){ self + 1 }\nfn f%d(){ self + now }\nfn dsp(){ f%d() * 0.0 + up() }\n", i, i);
        must_edit(text);
        for (size_t before = swaps; i % 2 && swaps == before;
             usleep(100)) /* the others may be withdrawn unheard */
            while (jr_live_collect(live, &event, NULL, NULL))
                swaps += event.kind == JR_LIVE_SWAPPED;
        if (i % 7 == 3)
            jr_live_undo(live);
        if (i % 11 == 5)
            edit("fn dsp( {");
        while (jr_live_collect(live, &event, NULL, NULL))
            swaps += event.kind == JR_LIVE_SWAPPED;
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(failures, 0);
    ck_assert_uint_ge(swaps, 30);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live");
    TCase *cases = tcase_create("live");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_counter_goes_on_when_something_else_is_edited);
    tcase_add_test(cases, a_broken_edit_leaves_the_old_sounding);
    tcase_add_test(cases, the_state_of_closures_and_what_they_assign_goes_on);
    tcase_add_test(cases, an_edited_definition_counts);
    tcase_add_test(cases, a_delay_keeps_its_newest_samples);
    tcase_add_test(cases, waiting_tasks_go_on);
    tcase_add_test(cases, a_closure_that_waits_goes_on_with_its_state);
    tcase_add_test(cases, undo_and_redo_go_back_and_forth_with_the_state);
    tcase_add_test(cases, mono_is_heard_on_both_sides);
    tcase_add_test(cases, programs_hear_the_inputs_that_they_want);
    tcase_add_test(cases, versions_are_faded);
    tcase_add_test(cases, an_error_in_dsp_is_silence_until_the_next_edit);
    tcase_add_test(cases, controls_that_were_set_stay);
    tcase_add_test(cases, memory_is_flat);
    tcase_add_test(cases, memory_may_end_anywhere);
    tcase_add_test(cases, an_editor_and_a_listener);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
