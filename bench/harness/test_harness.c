/* test_harness.c -- answers, samples and the running of programs, without any kernel. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/harness/answer.h"
#include "bench/harness/process.h"
#include "bench/harness/sample.h"

enum { FRAMES = 200 };
static double values[FRAMES];

static void fill(void)
{
    for (int i = 0; i < FRAMES; i++)
        values[i] = sin(0.1 * i);
}

START_TEST(an_answer_agrees_with_itself_after_saving)
{
    char path[] = "/tmp/jitrun-answer-XXXXXX", message[200];
    struct answer made, loaded;
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    fill();
    answer_from_values(values, FRAMES, &made);
    ck_assert_int_eq(answer_save(path, &made), 0);
    ck_assert_int_eq(answer_load(path, &loaded), 0);
    ck_assert_uint_eq(loaded.checked, FRAMES);
    ck_assert_int_eq(answer_compare(&loaded, values, FRAMES, message, sizeof message), 0);
    unlink(path);
}
END_TEST

START_TEST(a_wrong_frame_a_wrong_sum_and_missing_frames_are_told)
{
    char message[200];
    struct answer answer;
    fill();
    answer_from_values(values, FRAMES, &answer);
    values[3] += 1e-7; /* one of the frames that are stored */
    ck_assert_int_eq(answer_compare(&answer, values, FRAMES, message, sizeof message), -1);
    ck_assert_ptr_nonnull(strstr(message, "frame 3"));
    fill();
    values[120] += 1e-5; /* not stored: only the sum shows it */
    ck_assert_int_eq(answer_compare(&answer, values, FRAMES, message, sizeof message), -1);
    ck_assert_ptr_nonnull(strstr(message, "sum"));
    fill();
    values[3] = NAN;
    ck_assert_int_eq(answer_compare(&answer, values, FRAMES, message, sizeof message), -1);
    ck_assert_int_eq(answer_compare(&answer, values, FRAMES - 1, message, sizeof message), -1);
    fill();
    values[3] += 1e-12; /* within the tolerance */
    ck_assert_int_eq(answer_compare(&answer, values, FRAMES, message, sizeof message), 0);
}
END_TEST

START_TEST(a_file_that_is_no_answer_is_refused)
{
    struct answer answer;
    ck_assert_int_eq(answer_load("/dev/null", &answer), -1);
    ck_assert_int_eq(answer_load("/nonexistent/answer.csv", &answer), -1);
}
END_TEST

START_TEST(csv_text_is_read_without_its_header)
{
    size_t count;
    double *read = values_from_csv("ch0,ch1\n0.5,1.0\n-2.0,3.0\n1e-5,0.0\n", &count);
    ck_assert_uint_eq(count, 3);
    ck_assert(read[0] == 0.5 && read[1] == -2.0 && read[2] == 1e-5);
    free(read);
}
END_TEST

START_TEST(quartiles_lie_between_the_values)
{
    struct sample sample = { 0 };
    struct spread s = sample_spread(&sample);
    ck_assert(isnan(s.median));
    for (int i = 5; i >= 1; i--)
        sample_add(&sample, i);
    s = sample_spread(&sample);
    ck_assert(s.best == 1.0 && s.low == 2.0 && s.median == 3.0 && s.high == 4.0);
    for (int i = 0; i < 2 * SAMPLE_MAX; i++)
        sample_add(&sample, 1.0);
    ck_assert_uint_eq(sample.count, SAMPLE_MAX);
}
END_TEST

START_TEST(programs_are_run_and_their_ends_are_told)
{
    char *good[] = { "sh", "-c", "echo out; echo err >&2; exit 5", NULL },
         *missing[] = { "/nonexistent/program", NULL };
    char *slow[] = { "sleep", "20", NULL };
    struct process_result result;
    ck_assert_int_eq(process_run(good, 10.0, &result), 0);
    ck_assert_int_eq(result.exit_code, 5);
    ck_assert_str_eq(result.out, "out\n");
    ck_assert_str_eq(result.err, "err\n");
    process_result_fini(&result);
    ck_assert_int_eq(process_run(missing, 10.0, &result), 0);
    ck_assert_int_eq(result.exit_code, 127);
    process_result_fini(&result);
    ck_assert_int_eq(process_run(slow, 0.05, &result), 0);
    ck_assert_int_eq(result.timed_out, 1);
    process_result_fini(&result);
}
END_TEST

START_TEST(numbers_are_found_in_json)
{
    double value = 0.0;
    const char *text = "{\"frames\":480,\"dsp_seconds\": 1.5e-3,\"tier\":\"frames\",\"x\":-2}";
    ck_assert(json_number(text, "frames", &value) && value == 480.0);
    ck_assert(json_number(text, "dsp_seconds", &value) && value == 1.5e-3);
    ck_assert(json_number(text, "x", &value) && value == -2.0);
    ck_assert(!json_number(text, "tier", &value));
    ck_assert(!json_number(text, "frame", &value));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("harness");
    TCase *tc = tcase_create("harness");
    SRunner *runner;
    int failed;
    tcase_add_test(tc, an_answer_agrees_with_itself_after_saving);
    tcase_add_test(tc, a_wrong_frame_a_wrong_sum_and_missing_frames_are_told);
    tcase_add_test(tc, a_file_that_is_no_answer_is_refused);
    tcase_add_test(tc, csv_text_is_read_without_its_header);
    tcase_add_test(tc, quartiles_lie_between_the_values);
    tcase_add_test(tc, programs_are_run_and_their_ends_are_told);
    tcase_add_test(tc, numbers_are_found_in_json);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
