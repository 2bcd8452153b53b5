/* test_samples.c -- sound files in scripts: Sampler_mono!. */
#include "tests/cli/program.h"

#include <sys/stat.h>

/* ramp.wav: 0.125, 0.25 ... 0.75 */
static void write_ramp(const char *path)
{
    write_file("ramp.mmm", "fn dsp(){ self + 0.125 }\n");
    expect_code(run("-n", "6", "-o", path, "ramp.mmm"), 0);
}

START_TEST(a_sound_file_is_played_in_every_engine)
{
    static const char *const modes[] = { "--jit=off", "--jit=eager" };
    write_ramp("ramp.wav");
    write_file("play.mmm", "let s = Sampler_mono!(\"ramp.wav\")\n"
                           "let play = s.player\n"
                           "fn dsp(){ (s.length, play(now * 0.5), play(0 - 1 - now)) }\n");
    for (int i = 0; i < 2; i++) {
        const struct outcome *o = run(modes[i], "-n", "13", "-o", "-", "play.mmm");
        expect_code(o, 0);
        expect_in(o->out, "\n6.0,0.125,0.0\n6.0,0.1875,0.0\n6.0,0.25,0.0\n");
        expect_in(o->out, "\n6.0,0.75,0.0\n6.0,0.75,0.0\n6.0,0.0,0.0\n"); /* the last one does not fade */
    }
    if (JR_HAS_COMPILER)
        expect_code(run("--verify", "-n", "100", "play.mmm"), 0);
}
END_TEST

START_TEST(positions_that_are_no_numbers_give_silence)
{
    write_ramp("ramp.wav");
    write_file("odd.mmm", "let s = Sampler_mono!(\"ramp.wav\")\n"
                          "let play = s.player\n"
                          "fn dsp(){ (play(0 / 0), play(1 / 0), play(0 - 1 / 0), play(5.999), play(6)) }\n");
    const struct outcome *o = run("-n", "1", "-o", "-", "odd.mmm");
    expect_code(o, 0);
    expect_in(o->out, "\n0.0,0.0,0.0,0.75,0.0\n");
}
END_TEST

START_TEST(the_folder_of_the_script_comes_first)
{
    mkdir("sounds", 0777);
    write_ramp("sounds/a.wav");
    write_file("sounds/play.mmm", "let s = Sampler_mono!(\"a.wav\")\nfn dsp(){ s.length }\n");
    expect_in(run("-n", "1", "-o", "-", "sounds/play.mmm")->out, "\n6.0\n");
    write_ramp("b.wav");
    write_file("sounds/play.mmm", "let s = Sampler_mono!(\"b.wav\")\nfn dsp(){ s.length }\n");
    expect_in(run("-n", "1", "-o", "-", "sounds/play.mmm")->out, "\n6.0\n");
}
END_TEST

START_TEST(what_cannot_be_played_is_an_error_at_the_macro_call)
{
    write_file("unheard.mmm", "let s = Sampler_mono!(\"none.wav\")\nfn dsp(){ s.length }\n");
    const struct outcome *o = run("check", "unheard.mmm");
    expect_code(o, 1);
    expect_in(o->err, "unheard.mmm:1:9: error[E-MACRO]: the sound file \"none.wav\" cannot be found");
    write_file("none.wav", "this is no sound");
    o = run("check", "unheard.mmm");
    expect_code(o, 1);
    expect_in(o->err, "cannot be read");
    write_file("stereo.mmm", "fn dsp(){ (1, 0) }\n");
    expect_code(run("-n", "3", "-o", "none.wav", "stereo.mmm"), 0);
    o = run("check", "unheard.mmm");
    expect_code(o, 1);
    expect_in(o->err, "has 2 channels");
}
END_TEST

START_TEST(files_are_brought_to_the_frame_rate_on_request)
{
    write_file("tone.mmm", "fn dsp(){ sin(now * 0.01) }\n");
    expect_code(run("-n", "4800", "-o", "tone.wav", "tone.mmm"), 0);
    write_file("play.mmm", "let s = Sampler_mono!(\"tone.wav\")\n"
                           "let play = s.player\n"
                           "let worst = 0\n"
                           "fn dsp(){\n"
                           "    let wrong = abs(play(now) - sin(now * 0.005))\n"
                           "    if (now > 1000 && now < 8000) { worst = max(worst, wrong) }\n"
                           "    (s.length, if (worst < 0.0001) 1 else 0)\n"
                           "}\n");
    const struct outcome *o = run("--resample", "-r", "96000", "-n", "9000", "-o", "-", "play.mmm");
    expect_code(o, 0);
    expect_in(o->out, "ch0,ch1\n9600.0,1.0\n");
    expect_not_in(o->out, ",0.0\n");
    expect_in(run("-r", "96000", "-n", "1", "-o", "-", "play.mmm")->out, "\n4800.0,");
}
END_TEST

START_TEST(a_program_with_sound_files_is_not_saved)
{
    write_ramp("ramp.wav");
    write_file("play.mmm", "let s = Sampler_mono!(\"ramp.wav\")\nfn dsp(){ s.length }\n");
    const struct outcome *o = run("-o", "play.jri", "play.mmm");
    expect_code(o, 3);
    expect_in(o->err, "cannot be saved");
}
END_TEST

TCase *sample_tests(void)
{
    TCase *tc = tcase_create("samples");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_sound_file_is_played_in_every_engine);
    tcase_add_test(tc, positions_that_are_no_numbers_give_silence);
    tcase_add_test(tc, the_folder_of_the_script_comes_first);
    tcase_add_test(tc, what_cannot_be_played_is_an_error_at_the_macro_call);
    tcase_add_test(tc, files_are_brought_to_the_frame_rate_on_request);
    tcase_add_test(tc, a_program_with_sound_files_is_not_saved);
    return tc;
}
