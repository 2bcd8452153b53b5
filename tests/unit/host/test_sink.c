/* test_sink.c -- CSV bytes, sound files read back, and every way in which writing can fail. */
#include <check.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/sink.h"

/* libsndfile does not give back what its Vorbis encoder holds when closing the file fails, as it does on a full disk.
 * Read by the address sanitizer. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libvorbis\nleak:libogg\n";
}

static char folder[] = "/tmp/jitrun-sink-XXXXXX";
static char path[256];

/* The path of `name` in the test's own folder; valid until the next call. */
static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool write_all(struct jr_sink *sink, const char *name, uint32_t channels, const double *frames,
                      size_t count)
{
    struct jr_sink_config config = { .channels = channels, .sample_rate = 44100, .frame_count = count };
    if (!jr_sink_open(sink, name, &config))
        return false;
    jr_sink_write(sink, frames, count);
    return jr_sink_close(sink);
}

static void read_text(const char *name, char *text, size_t size)
{
    FILE *file = fopen(name, "r");
    ck_assert_ptr_nonnull(file);
    size_t count = fread(text, 1, size - 1, file);
    text[count] = '\0';
    fclose(file);
}

START_TEST(csv_has_a_header_and_shortest_numbers)
{
    const double frames[] = { 0.25, 1.0, -0.0, 1e16, NAN, -INFINITY };
    struct jr_sink sink;
    char text[256];
    ck_assert(write_all(&sink, in_folder("a.csv"), 2, frames, 3));
    read_text(path, text, sizeof text);
    ck_assert_str_eq(text, "ch0,ch1\n0.25,1.0\n-0.0,1e16\nNaN,-inf\n");
}
END_TEST

START_TEST(csv_without_channels_is_empty)
{
    struct jr_sink sink;
    char text[16];
    ck_assert(write_all(&sink, in_folder("empty.csv"), 0, NULL, 5));
    read_text(path, text, sizeof text);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(wav_holds_the_floats_that_were_written)
{
    const double frames[] = { 0.5, -2.0, 1.5, NAN, 0.1, 0.0 };
    double back[6];
    struct jr_sink sink;
    SF_INFO info = { 0 };
    ck_assert(write_all(&sink, in_folder("a.WAV"), 3, frames, 2));
    ck_assert_str_eq(sink.warning, "");
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(info.channels, 3);
    ck_assert_int_eq(info.samplerate, 44100);
    ck_assert_int_eq(info.format, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    ck_assert_int_eq(sf_readf_double(file, back, 9), 2);
    sf_close(file);
    for (int i = 0; i < 6; i++)
        ck_assert(i == 3 ? isnan(back[i]) : back[i] == (double)(float)frames[i]);
}
END_TEST

START_TEST(the_same_frames_give_the_same_bytes)
{
    static const char *const names[] = { "s.wav", "s.flac", "s.aiff" };
    static double frames[6000];
    static char first[65536], second[65536];
    struct jr_sink sink;
    for (int i = 0; i < 6000; i++)
        frames[i] = sin(i * 0.01);
    frames[17] = -(double)NAN;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert(write_all(&sink, in_folder(names[i]), 2, frames, 3000));
        read_text(path, first, sizeof first);
        frames[17] = (double)NAN;
        ck_assert(write_all(&sink, in_folder(names[i]), 2, frames, 3000));
        read_text(path, second, sizeof second);
        ck_assert_mem_eq(first, second, sizeof first);
    }
}
END_TEST

START_TEST(integer_formats_clip_and_say_so)
{
    static const char *const names[] = { "c.flac", "c.aiff", "c.aif", "c.ogg" };
    const double frames[] = { 0.5, 1.5, -7.0, NAN, INFINITY, 1.0 };
    struct jr_sink sink;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        SF_INFO info = { 0 };
        double back[6] = { 0 };
        ck_assert(write_all(&sink, in_folder(names[i]), 1, frames, 6));
        ck_assert_ptr_nonnull(
            strstr(sink.warning, "3 samples beyond -1..1 were clipped, 1 that are not numbers"));
        SNDFILE *file = sf_open(path, SFM_READ, &info);
        ck_assert_ptr_nonnull(file);
        ck_assert_int_eq(sf_readf_double(file, back, 6), 6);
        sf_close(file);
        if (strcmp(names[i], "c.ogg") == 0)
            continue; /* lossy */
        ck_assert_double_eq_tol(back[0], 0.5, 1e-6);
        ck_assert_double_eq_tol(back[1], 1.0, 1e-6);
        ck_assert_double_eq_tol(back[2], -1.0, 1e-6);
        ck_assert_double_eq(back[3], 0.0);
    }
}
END_TEST

START_TEST(null_takes_everything)
{
    const double frames[] = { 1.0, 2.0 };
    struct jr_sink sink;
    ck_assert(write_all(&sink, "null", 1, frames, 2));
}
END_TEST

START_TEST(names_choose_the_kind)
{
    static const struct {
        const char *name;
        bool known;
        enum jr_sink_kind kind;
    } cases[] = {
        { "null", true, JR_SINK_NULL },   { "-", true, JR_SINK_CSV },        { "a.b.CSV", true, JR_SINK_CSV },
        { "x.wav", true, JR_SINK_SOUND }, { "x.Aiff", true, JR_SINK_SOUND }, { "x.ogg", true, JR_SINK_SOUND },
        { "x.mmm", false, JR_SINK_NULL }, { "wav", false, JR_SINK_NULL },    { "", false, JR_SINK_NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum jr_sink_kind kind;
        ck_assert_int_eq(jr_sink_kind_of(cases[i].name, &kind), cases[i].known);
        if (cases[i].known)
            ck_assert_int_eq(kind, cases[i].kind);
    }
}
END_TEST

START_TEST(a_path_that_cannot_be_opened_is_named)
{
    struct jr_sink sink;
    double frame = 0.0;
    ck_assert(!write_all(&sink, in_folder("none/x.wav"), 1, &frame, 1));
    ck_assert_ptr_nonnull(strstr(sink.message, "none/x.wav: cannot open for writing: No such file"));
    ck_assert(!write_all(&sink, in_folder("none/x.csv"), 1, &frame, 1));
    ck_assert_ptr_nonnull(strstr(sink.message, "none/x.csv: cannot open for writing: No such file"));
    ck_assert(!write_all(&sink, "x.mmm", 1, &frame, 1));
    ck_assert_ptr_nonnull(strstr(sink.message, "x.mmm: no such output format"));
}
END_TEST

START_TEST(a_full_disk_is_found)
{
    static const char *const names[] = { "full.wav", "full.flac", "full.aiff", "full.ogg", "full.csv" };
    static double frames[200000];
    struct jr_sink sink;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(symlink("/dev/full", in_folder(names[i])), 0);
        /* one frame is found at close, many while writing */
        ck_assert(!write_all(&sink, path, 1, frames, 1));
        ck_assert_ptr_nonnull(strstr(sink.message, "No space left on device"));
        ck_assert(!write_all(&sink, path, 2, frames, 100000));
        ck_assert_ptr_nonnull(strstr(sink.message, "No space left on device"));
        ck_assert(!sink.reader_gone);
    }
}
END_TEST

START_TEST(what_a_format_cannot_hold_is_refused)
{
    struct jr_sink sink;
    struct jr_sink_config many = { .channels = 9, .sample_rate = 48000, .frame_count = 1 };
    struct jr_sink_config none = { .channels = 0, .sample_rate = 48000, .frame_count = 1 };
    struct jr_sink_config huge = { .channels = 2, .sample_rate = 48000, .frame_count = 1ULL << 31 };
    ck_assert(!jr_sink_open(&sink, in_folder("x.flac"), &many));
    ck_assert_ptr_nonnull(strstr(sink.message, "FLAC cannot hold 9 channels"));
    ck_assert(!jr_sink_open(&sink, in_folder("x.wav"), &none));
    ck_assert_ptr_nonnull(strstr(sink.message, "no channels"));
    ck_assert(!jr_sink_open(&sink, in_folder("x.aiff"), &huge));
    ck_assert_ptr_nonnull(strstr(sink.message, "more than AIFF can hold"));
    ck_assert(jr_sink_open(&sink, in_folder("x.wav"), &huge)); /* RF64 */
    ck_assert(jr_sink_close(&sink));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        csv_has_a_header_and_shortest_numbers,
        csv_without_channels_is_empty,
        wav_holds_the_floats_that_were_written,
        the_same_frames_give_the_same_bytes,
        integer_formats_clip_and_say_so,
        null_takes_everything,
        names_choose_the_kind,
        a_path_that_cannot_be_opened_is_named,
        a_full_disk_is_found,
        what_a_format_cannot_hold_is_refused,
    };
    char command[64];
    Suite *suite = suite_create("sink");
    TCase *tc = tcase_create("sink");
    if (!mkdtemp(folder))
        return 1;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) != 0 || failed ? 1 : 0;
}
