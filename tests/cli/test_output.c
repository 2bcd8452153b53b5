/* test_output.c -- what is written where, and what happens when it cannot be written. */
#include "tests/cli/program.h"

#include <math.h>
#include <sndfile.h>
#include <unistd.h>

static int lines_of(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

START_TEST(csv_has_exact_bytes)
{
    write_file("up.mmm", "fn up(){ self + 0.25 }\nfn dsp(){ (up(), 1) }\n");
    ck_assert_str_eq(run("-n", "3", "up.mmm")->out, "ch0,ch1\n0.25,1.0\n0.5,1.0\n0.75,1.0\n");
    ck_assert_str_eq(run("-n", "3", "-o", "-", "up.mmm")->out, "ch0,ch1\n0.25,1.0\n0.5,1.0\n0.75,1.0\n");
    ck_assert_str_eq(run("-n", "3", "-o", "up.csv", "up.mmm")->out, "");
    ck_assert_str_eq(read_file("up.csv"), "ch0,ch1\n0.25,1.0\n0.5,1.0\n0.75,1.0\n");
    ck_assert_str_eq(run("-n", "0", "up.mmm")->out, "ch0,ch1\n");
}
END_TEST

START_TEST(ten_frames_are_the_default_of_csv)
{
    write_file("a.mmm", "fn dsp(){ now }\n");
    ck_assert_int_eq(lines_of(run("-o", "-", "a.mmm")->out), 11);
    expect_code(run("-o", "ten.csv", "a.mmm"), 0);
    ck_assert_int_eq(lines_of(read_file("ten.csv")), 11);
}
END_TEST

START_TEST(null_discards)
{
    const struct outcome *o;
    write_file("a.mmm", "fn dsp(){ now }\n");
    o = run("--jit=off", "-n", "1000", "-o", "null", "a.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "");
    ck_assert_str_eq(o->err, "");
}
END_TEST

/* Opens a sound file and compares what libsndfile says of it; the samples go to back. */
static void expect_sound(const char *name, int format, int channels, int rate, sf_count_t frames,
                         double *back, sf_count_t back_frames)
{
    SF_INFO info = { 0 };
    SNDFILE *file = sf_open(name, SFM_READ, &info);
    ck_assert_msg(file != NULL, "%s: %s", name, sf_strerror(NULL));
    ck_assert_int_eq(info.format, format);
    ck_assert_int_eq(info.channels, channels);
    ck_assert_int_eq(info.samplerate, rate);
    ck_assert_int_eq(info.frames, frames);
    ck_assert_int_eq(sf_readf_double(file, back, back_frames), back_frames);
    sf_close(file);
}

START_TEST(sound_files_have_the_asked_for_length_and_content)
{
    double back[8];
    write_file("s.mmm", "fn dsp(){ (now / 8, 0.0 - now / 4) }\n");
    expect_code(run("-d", "0.5", "-o", "s.wav", "s.mmm"), 0);
    expect_sound("s.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 2, 48000, 24000, back, 4);
    for (int i = 0; i < 4; i++) {
        ck_assert_double_eq(back[2 * i], i / 8.0);
        ck_assert_double_eq(back[2 * i + 1], -i / 4.0);
    }
    expect_code(run("-n", "5", "-r", "44100", "-o", "s.flac", "s.mmm"), 0);
    expect_sound("s.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 2, 44100, 5, back, 4);
    ck_assert_double_eq_tol(back[3], -0.25, 1e-6);
    expect_code(run("-n", "5", "-o", "s.aiff", "s.mmm"), 0);
    expect_sound("s.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 2, 48000, 5, back, 4);
    expect_code(run("-n", "4800", "-o", "s.ogg", "s.mmm"), 0);
    expect_sound("s.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 2, 48000, 4800, back, 4);
    expect_code(run("-r", "100", "-o", "ten.wav", "s.mmm"), 0);
    expect_sound("ten.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 2, 100, 1000, back, 4);
}
END_TEST

START_TEST(clipping_is_warned_about_once)
{
    const struct outcome *o;
    write_file("loud.mmm", "fn dsp(){ 2 }\n");
    o = run("--jit=off", "-n", "1000", "-o", "loud.flac", "loud.mmm");
    expect_code(o, 0);
    expect_in(o->err, "loud.flac: 1000 samples beyond -1..1 were clipped");
    ck_assert_int_eq(lines_of(o->err), 1);
    o = run("--jit=off", "-n", "1000", "-o", "loud.wav", "loud.mmm");
    ck_assert_str_eq(o->err, "");
}
END_TEST

START_TEST(a_full_disk_gives_3)
{
    static const char *const names[] = { "full.wav", "full.flac", "full.csv" };
    write_file("a.mmm", "fn dsp(){ sin(now) }\n");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct outcome *o;
        ck_assert_int_eq(symlink("/dev/full", names[i]), 0);
        o = run("-n", "100000", "-o", names[i], "a.mmm");
        expect_code(o, 3);
        expect_in(o->err, names[i]);
        expect_in(o->err, "No space left on device");
        expect_code(run("-n", "1", "-o", names[i], "a.mmm"), 3);
    }
    const char *const words[] = { "-n", "5", "a.mmm", NULL };
    const struct outcome *o = run_into("/dev/full", words);
    expect_code(o, 3);
    expect_in(o->err, "standard output: No space left on device");
    const char *const help[] = { "--help", NULL };
    expect_code(run_into("/dev/full", help), 3);
}
END_TEST

START_TEST(a_path_that_cannot_be_written_gives_3)
{
    const struct outcome *o;
    write_file("a.mmm", "fn dsp(){ 1 }\n");
    o = run("-n", "5", "-o", "no/such/folder.wav", "a.mmm");
    expect_code(o, 3);
    expect_in(o->err, "no/such/folder.wav: cannot open for writing: No such file or directory");
    o = run("-n", "5", "-o", "no/such/folder.csv", "a.mmm");
    expect_code(o, 3);
    expect_in(o->err, "no/such/folder.csv: cannot open for writing: No such file or directory");
}
END_TEST

START_TEST(a_reader_that_leaves_is_no_reason_to_complain)
{
    const char *const words[] = { "--jit=off", "-n", "100000", "a.mmm", NULL };
    const struct outcome *o;
    write_file("a.mmm", "fn dsp(){ sin(now) }\n");
    o = run_into(NULL, words);
    expect_code(o, 3);
    ck_assert_str_eq(o->err, "");
}
END_TEST

START_TEST(a_script_without_dsp_runs_its_globals_and_tasks)
{
    const struct outcome *o;
    write_file("tasks.mmm",
               "fn late(){ let x = probeln(now)\n  {} }\nlet x = probeln(5)\nlate@100000000\nlate@7\n");
    o = run("tasks.mmm");
    expect_code(o, 0);
    ck_assert_str_eq(o->out, "5\n7\n100000000\n");
    ck_assert_str_eq(run("-n", "100", "tasks.mmm")->out, "5\n7\n");
    o = run("-o", "x.wav", "tasks.mmm");
    expect_code(o, 1);
    expect_in(o->err, "nothing to write");
    ck_assert_int_ne(access("x.wav", F_OK), 0);
}
END_TEST

START_TEST(what_the_script_prints_stands_before_the_frames_of_its_block)
{
    write_file("p.mmm", "let a = probeln(1)\nfn dsp(){ 2 }\n");
    ck_assert_str_eq(run("-n", "1", "p.mmm")->out, "ch0\n1\n2.0\n");
}
END_TEST

TCase *output_tests(void)
{
    TCase *tc = tcase_create("output");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, csv_has_exact_bytes);
    tcase_add_test(tc, ten_frames_are_the_default_of_csv);
    tcase_add_test(tc, null_discards);
    tcase_add_test(tc, sound_files_have_the_asked_for_length_and_content);
    tcase_add_test(tc, clipping_is_warned_about_once);
    tcase_add_test(tc, a_full_disk_gives_3);
    tcase_add_test(tc, a_path_that_cannot_be_written_gives_3);
    tcase_add_test(tc, a_reader_that_leaves_is_no_reason_to_complain);
    tcase_add_test(tc, a_script_without_dsp_runs_its_globals_and_tasks);
    tcase_add_test(tc, what_the_script_prints_stands_before_the_frames_of_its_block);
    return tc;
}
